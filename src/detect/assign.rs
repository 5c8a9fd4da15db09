//! Names and the values given to them: `password = "…"`, `"token": "…"`, `--api-key …`, `<secret>…</secret>`.
//!
//! Called where the literal pass met a piece of a name. Finds the whole name, the operator and the value in many notations
//! by looking at the bytes around, in time linear in what it looks at. Whether the value is a credential is the judge's
//! question, not asked here.

use std::ops::Range;

use super::unquoted::unquoted;
use super::wrapped::{behind_scheme, is_wrapper, unbraced};
use crate::format::FileKind;

/// A name is looked at up to this many bytes.
const MAX_NAME: usize = 96;
/// A value is looked at up to this many bytes.
pub(super) const MAX_VALUE: usize = 2048;
/// Blanks between name, operator and value.
const MAX_BLANKS: usize = 64;

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `=`, `:=`, `=>`, `->`, `:`.
    Assign,
    /// `==`, `!=`, `===`: a comparison with a constant.
    Compare,
    /// `,`: the next argument or element after the name as a string.
    Comma,
    /// `(`: a call whose name says what its argument is.
    Call,
    /// `>`: an XML element's text.
    Element,
    /// `value=`, `"value":` after a name that was itself a value.
    Pair,
    /// A blank: a command-line flag or a line of `.netrc`.
    Flag,
    /// `is`, `is:` in prose.
    Prose,
    /// No sign: the value's place in its format says what it is (the last field of `.pgpass`).
    Given,
}

/// How a value is delimited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quote {
    /// By blanks and punctuation.
    None,
    /// By `'`, `"` or a backtick, possibly escaped.
    Quoted(u8),
}

/// A name with its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// The name as written, dots and dashes included.
    pub name: Range<usize>,
    /// What stands between.
    pub operator: Operator,
    /// How the value is delimited.
    pub quote: Quote,
    /// The value, without quotes; not empty.
    pub value: Range<usize>,
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The whole name around `at`.
pub(crate) fn name_around(bytes: &[u8], at: usize) -> Range<usize> {
    let least = at.saturating_sub(MAX_NAME);
    let mut start = at;
    while start > least && is_name(bytes[start - 1]) {
        start -= 1;
    }
    // `\npassword`: the letter belongs to the escape.
    if start > 0 && bytes[start - 1] == b'\\' && start < at && matches!(bytes[start], b'n' | b't' | b'r') {
        start += 1;
    }
    let most = bytes.len().min(at + MAX_NAME);
    let mut end = at;
    while end < most && is_name(bytes[end]) {
        end += 1;
    }
    while end > at && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    start..end
}

/// The value given to the name at `name`, if any.
pub(crate) fn value_of(bytes: &[u8], name: &Range<usize>, kind: FileKind) -> Option<Assignment> {
    let mut at = name.end;
    let quoted = close_name(bytes, &mut at);
    let (operator, after) = operator(bytes, name, at, quoted, kind)?;
    let start = skip_blanks(bytes, after, matches!(operator, Operator::Assign | Operator::Comma | Operator::Call));
    let (quote, value) = value(bytes, start, operator, kind)?;
    // What stands unquoted on the next line is a key of its own, not the value.
    if quote == Quote::None && bytes[after.min(value.start)..value.start].contains(&b'\n') {
        return None;
    }
    let value = behind_scheme(bytes, name, value, quote == Quote::None);
    (!value.is_empty()).then(|| Assignment { name: name.clone(), operator, quote, value })
}

/// Skips what closes a name: quotes (escaped ones too), brackets, a type note. True when a quote was among it.
fn close_name(bytes: &[u8], at: &mut usize) -> bool {
    let mut quoted = false;
    for _ in 0..6 {
        match bytes.get(*at) {
            Some(b'\\') if bytes.get(*at + 1).is_some_and(|&next| is_quote(next) || next == b'\\') => *at += 1,
            Some(&byte) if is_quote(byte) => {
                quoted = true;
                *at += 1;
            }
            Some(b']' | b'}' | b'*') => *at += 1,
            Some(b')') if quoted => *at += 1,
            _ => break,
        }
    }
    quoted
}

fn skip_blanks(bytes: &[u8], mut at: usize, lines: bool) -> usize {
    let most = bytes.len().min(at + MAX_BLANKS);
    let mut newlines = 0;
    while at < most {
        match bytes[at] {
            b' ' | b'\t' => {}
            b'\r' | b'\n' if lines && newlines < 2 => newlines += usize::from(bytes[at] == b'\n'),
            // A line continued by a backslash.
            b'\\' if matches!(bytes.get(at + 1), Some(b'\n')) => {}
            _ => break,
        }
        at += 1;
    }
    at
}

/// The operator that begins at or after `at`, and where it ends.
fn operator(bytes: &[u8], name: &Range<usize>, at: usize, quoted: bool, kind: FileKind) -> Option<(Operator, usize)> {
    let blank = skip_blanks(bytes, at, false);
    let rest = &bytes[blank..bytes.len().min(blank + 48)];
    let found = |operator, length: usize| Some((operator, blank + length));
    match rest {
        [b'=' | b'!', b'=', b'=', ..] => found(Operator::Compare, 3),
        [b'=' | b'!', b'=', ..] => found(Operator::Compare, 2),
        [b'=', b'>' | b'~', ..] | [b':' | b'?' | b'+', b'=', ..] | [b':', b':', ..] => {
            if rest.starts_with(b"::") && rest.get(2) != Some(&b'=') { None } else { found(Operator::Assign, 2) }
        }
        [b'=', ..] => found(Operator::Assign, 1),
        [b'-', b'>', ..] if quoted => found(Operator::Assign, 2),
        [b'-', b' ', quote, ..] if blank > at && is_quote(*quote) => found(Operator::Prose, 2),
        [b'|', b'|', b'=', ..] => found(Operator::Assign, 3),
        [b':', ..] => Some(after_colon(bytes, blank + 1)),
        [b',', ..] if quoted => Some(comma(bytes, blank + 1)),
        [b'(', ..] if blank == at && !quoted => found(Operator::Call, 1),
        [b'>', ..] if is_element(bytes, name) => found(Operator::Element, 1),
        _ if quoted => pair(bytes, blank),
        _ if blank > at => flag_or_prose(bytes, name, blank, kind),
        _ => None,
    }
}

/// `:` alone, or `: Type =` as in Rust, TypeScript, Kotlin, Python, Swift.
fn after_colon(bytes: &[u8], at: usize) -> (Operator, usize) {
    let blank = skip_blanks(bytes, at, false);
    let rest = &bytes[blank..bytes.len().min(blank + 48)];
    let length = rest
        .iter()
        .take_while(|&&byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'&' | b'<' | b'>' | b'?' | b'.' | b'[' | b']')
        })
        .count();
    let is_type = length > 0 && length < 40 && (rest[0].is_ascii_alphabetic() || rest[0] == b'&');
    let mut end = length;
    while rest.get(end) == Some(&b' ') || (rest.get(end) == Some(&b'\'') && rest[..end].ends_with(b"&")) {
        end += 1;
    }
    if is_type && rest.get(end) == Some(&b'=') && !matches!(rest.get(end + 1), Some(b'=' | b'>')) && end > length {
        return (Operator::Assign, blank + end + 1);
    }
    // `&'static str =`
    if rest.starts_with(b"&'static str =") {
        return (Operator::Assign, blank + 14);
    }
    (Operator::Assign, at)
}

/// After `"name",`: the next string, or the `value` that belongs to the name.
fn comma(bytes: &[u8], at: usize) -> (Operator, usize) {
    let next = skip_blanks(bytes, at, true);
    if let Some(found) = value_key(bytes, next) {
        return (Operator::Pair, found);
    }
    (Operator::Comma, at)
}

/// `key="name" value="…"` in XML.
fn pair(bytes: &[u8], at: usize) -> Option<(Operator, usize)> {
    value_key(bytes, skip_blanks(bytes, at, true)).map(|end| (Operator::Pair, end))
}

/// The end of `value=`, `"value":`, `default =`, `content=`, `- value:` at `at`.
fn value_key(bytes: &[u8], at: usize) -> Option<usize> {
    let mut start = at;
    while matches!(bytes.get(start), Some(b'"' | b'\'' | b'-' | b' ' | b'\\')) && start < at + 4 {
        start += 1;
    }
    let rest = &bytes[start..bytes.len().min(start + 24)];
    let key = [&b"value"[..], b"Value", b"VALUE", b"default", b"content", b"val"]
        .into_iter()
        .find(|key| rest.starts_with(key))?;
    let mut end = start + key.len();
    while matches!(bytes.get(end), Some(b'"' | b'\'' | b' ' | b'\\')) && end < start + key.len() + 4 {
        end += 1;
    }
    matches!(bytes.get(end), Some(b'=' | b':')).then(|| end + 1 + usize::from(bytes.get(end..end + 2) == Some(b"=>")))
}

/// The name begins a tag: `<password>`, `<ns:password>`, `<db.password attr="x">`.
fn is_element(bytes: &[u8], name: &Range<usize>) -> bool {
    let mut start = name.start;
    if start > 0 && bytes[start - 1] == b':' {
        start -= 1;
        while start > 0 && is_name(bytes[start - 1]) {
            start -= 1;
        }
    }
    start > 0 && bytes[start - 1] == b'<'
}

fn flag_or_prose(bytes: &[u8], name: &Range<usize>, blank: usize, kind: FileKind) -> Option<(Operator, usize)> {
    let rest = &bytes[blank..bytes.len().min(blank + 8)];
    for word in [&b"is: "[..], b"is "] {
        if rest.starts_with(word) {
            return Some((Operator::Prose, blank + word.len()));
        }
    }
    let text = &bytes[name.clone()];
    let at_line_start = || {
        bytes[..name.start].iter().rev().find(|&&byte| byte != b' ' && byte != b'\t').is_none_or(|&byte| byte == b'\n')
    };
    let flag =
        text.starts_with(b"-") && name.start.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_alphanumeric());
    let behind_login = || {
        let line = &bytes[name.start.saturating_sub(160)..name.start];
        let line = line.rsplit(|&byte| byte == b'\n').next().unwrap_or(line);
        [&b"login "[..], b"machine ", b"user "].iter().any(|word| memchr::memmem::find(line, word).is_some())
    };
    let below_login = || {
        let before = bytes[name.start.saturating_sub(160)..name.start].trim_ascii_end();
        let above = before.rsplit(|&byte| byte == b'\n').next().unwrap_or(before);
        above.trim_ascii_start().starts_with(b"login ") && at_line_start()
    };
    let netrc = matches!(text, b"password" | b"passwd")
        && (below_login() || kind == FileKind::Config && at_line_start() || behind_login());
    let sql = || {
        rest.first() == Some(&b'\'') && text.eq_ignore_ascii_case(b"password") && {
            let line = &bytes[name.start.saturating_sub(160)..name.start];
            let line = line.rsplit(|&byte| byte == b'\n').next().unwrap_or(line).to_ascii_lowercase();
            [&b" role "[..], b" user ", b" login "].iter().any(|word| memchr::memmem::find(&line, word).is_some())
        }
    };
    (flag || netrc || sql()).then_some((Operator::Flag, blank))
}

fn value(bytes: &[u8], at: usize, operator: Operator, kind: FileKind) -> Option<(Quote, Range<usize>)> {
    if operator == Operator::Element {
        let rest = &bytes[at..bytes.len().min(at + MAX_VALUE)];
        let rest = rest.strip_prefix(b"<![CDATA[").unwrap_or(rest);
        let start = bytes.len().min(at + MAX_VALUE) - rest.len();
        let length = memchr::memchr2(b'<', b'\n', rest)?;
        let length = if rest[length] == b'<' { length } else { return None };
        let length = rest[..length].strip_suffix(b"]]>").map_or(length, <[u8]>::len);
        return Some((Quote::None, unbraced(bytes, start..start + length)));
    }
    let start = unwrapped(bytes, at);
    let mut open = start;
    while bytes.get(open) == Some(&b'\\') && open - start < 3 {
        open += 1;
    }
    match bytes.get(open) {
        Some(&quote) if is_quote(quote) && closes_text(bytes, open, quote) => None,
        Some(&quote) if is_quote(quote) => quoted(bytes, open, open - start, quote),
        _ if matches!(operator, Operator::Comma | Operator::Call | Operator::Compare) => None,
        _ => unquoted(bytes, at, operator, kind),
    }
}

/// Skips what wraps a literal: `Some(`, `new Secret(`, `aws.String(`, `[]byte(`, `[`, a prefix such as `b`, `r#`, `@`, `f`.
fn unwrapped(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..bytes.len().min(at + 64)];
    let string_prefix =
        rest.iter().take_while(|&&byte| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'#' | b'$')).count();
    if string_prefix <= 3 && rest.get(string_prefix).is_some_and(|&byte| is_quote(byte)) {
        return at + string_prefix;
    }
    if rest.first() == Some(&b'[') && rest.get(1).is_some_and(|&byte| is_quote(byte)) {
        return at + 1;
    }
    let callee = rest.strip_prefix(b"new ").unwrap_or(rest);
    let skipped = rest.len() - callee.len();
    let Some(open) = callee.iter().position(|&byte| byte == b'(') else { return at };
    if !is_wrapper(&callee[..open]) {
        return at;
    }
    let mut end = at + skipped + open + 1;
    while matches!(bytes.get(end), Some(b' ' | b'&')) {
        end += 1;
    }
    let inner = bytes[end..bytes.len().min(end + 3)]
        .iter()
        .take_while(|&&byte| matches!(byte, b'b' | b'r' | b'u' | b'@' | b'#'))
        .count();
    if bytes.get(end + inner).is_some_and(|&byte| is_quote(byte)) { end + inner } else { at }
}

/// The quote at `at` ends a text that began on its line (`"password=" + x`, a name in a code span): no value begins there.
/// Apostrophes are no sure sign.
fn closes_text(bytes: &[u8], at: usize, quote: u8) -> bool {
    if quote == b'\'' {
        return false;
    }
    let line = &bytes[at.saturating_sub(MAX_NAME * 4)..at];
    let start = memchr::memrchr(b'\n', line).map_or(0, |found| found + 1);
    let line = &line[start..];
    let count = memchr::memchr_iter(quote, line).filter(|&at| at == 0 || line[at - 1] != b'\\').count();
    let escapes = bytes[at.saturating_sub(1)..at].first() == Some(&b'\\');
    !escapes && count % 2 == 1 && (start > 0 || at < MAX_NAME * 4)
}

/// A quoted value: ends at the same quote with the same number of backslashes before it, on the same line unless the quote
/// is a backtick or tripled.
fn quoted(bytes: &[u8], open: usize, escapes: usize, quote: u8) -> Option<(Quote, Range<usize>)> {
    let triple = bytes.get(open..open + 3) == Some(&[quote; 3]);
    let start = if triple { open + 3 } else { open + 1 };
    let most = bytes.len().min(start + MAX_VALUE);
    let lines = triple || quote == b'`';
    let mut at = start;
    while at < most {
        let found = memchr::memchr2(quote, b'\n', &bytes[at..most])? + at;
        if bytes[found] == b'\n' {
            if !lines {
                return None;
            }
            at = found + 1;
            continue;
        }
        let slashes = bytes[start..found].iter().rev().take_while(|&&byte| byte == b'\\').count();
        let closes = if escapes == 0 { slashes % 2 == 0 || quote == b'`' } else { slashes <= escapes };
        if closes {
            let end = if escapes == 0 { found } else { found - slashes };
            return Some((Quote::Quoted(quote), start..end));
        }
        at = found + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str, name: &str, kind: FileKind) -> Option<(String, String)> {
        let bytes = text.as_bytes();
        let at = text.find(name).unwrap();
        let name = name_around(bytes, at);
        let found = value_of(bytes, &name, kind)?;
        Some((text[found.name].to_owned(), text[found.value].to_owned()))
    }

    #[test]
    fn values_are_found_in_many_notations() {
        for (text, name, value) in [
            ("DB_PASSWORD=hunter", "DB_PASSWORD", "hunter"),
            ("\"password\" : \"hun ter\",", "password", "hun ter"),
            ("$DB['PASSWORD'] = 'hunter';", "PASSWORD", "hunter"),
            ("let password: &str = \"hunter\";", "password", "hunter"),
            ("const token: string = 'hunter'", "token", "hunter"),
            ("password := `hunter`", "password", "hunter"),
            (":password => 'hunter'", "password", "hunter"),
            ("define('AUTH_KEY', 'hunter');", "AUTH_KEY", "hunter"),
            ("{\\\"token\\\": \\\"hunter\\\"}", "token", "hunter"),
            ("<password>hunter</password>", "password", "hunter"),
            ("<add key=\"Password\" value=\"hunter\"/>", "Password", "hunter"),
            ("password = Some(\"hunter\")", "password", "hunter"),
            ("Password: aws.String(\"hunter\"),", "Password", "hunter"),
            ("mysql --password hunter -h db", "--password", "hunter"),
            ("The password is hunter.", "password", "hunter"),
            ("{\"name\": \"password\", \"value\": \"hunter\"}", "password", "hunter"),
            ("setPassword(\"hunter\")", "setPassword", "hunter"),
            ("password=b'hunter'", "password", "hunter"),
            ("<secret>{hunter}</secret>", "secret", "hunter"),
            ("password - 'hunter'", "password", "hunter"),
            ("Authorization: Token hunterhunterhunter", "Authorization", "hunterhunterhunter"),
            ("{\"Authorization\": \"ApiKey hunterhunterhunter\"}", "Authorization", "hunterhunterhunter"),
            ("if (password == \"hunter\") {", "password", "hunter"),
            ("x = \"a\", password=\"hunter\"", "password", "hunter"),
            ("- name: DB_PASSWORD\n", "nothing", ""),
        ] {
            if name == "nothing" {
                assert_eq!(pairs(text, "DB_PASSWORD", FileKind::Other), None);
                continue;
            }
            assert_eq!(pairs(text, name, FileKind::Other), Some((name.to_owned(), value.to_owned())), "{text}");
        }
    }

    #[test]
    fn names_without_a_value_give_none() {
        for text in [
            "password.length()",
            "def password(self):",
            "the password, please",
            "password::<T>()",
            "<password/>",
            "\"password=\" + x + \"&y=\"",
            "`password=` is `x`",
            "password:\n  secure: x",
        ] {
            assert_eq!(pairs(text, "password", FileKind::Code), None, "{text}");
        }
    }
}
