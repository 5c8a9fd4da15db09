//! Source code, as far as a lexer sees it: string literals that are joined, `define` of PHP.
//!
//! Only joined literals are looked for: single ones stand in the text as they are, and the byte scan has them. The sign that
//! joins is searched for by itself, so that a file without one costs one fast pass.

use std::borrow::Cow;
use std::ops::Range;

use super::{Piece, Structure, kind};

/// What joins literals in a language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Joiner {
    /// `+`.
    Plus,
    /// `+`, and nothing: Python.
    PlusOrNothing,
    /// `.`: PHP, Perl.
    Dot,
    /// `..`: Lua.
    Dots,
    /// `&`: Visual Basic, Nim.
    Ampersand,
    /// `<>`: Elixir.
    Diamond,
    /// `++`: Haskell, Erlang, Zig.
    Pluses,
    /// `^`: ML.
    Caret,
    /// `*`: Julia.
    Star,
    /// Nothing: C and its relatives.
    Nothing,
}

/// Joined text is no longer, and no shorter.
const LENGTH: Range<usize> = 8..64 << 10;
/// Blanks and line ends between a literal and what joins it.
const MAX_GAP: usize = 256;
/// A literal whose end is known is searched for its beginning this far.
const MAX_LITERAL: usize = 4096;

/// What joins literals in a file, by its name in lower case.
pub(super) fn joiner(name: &str) -> Option<Joiner> {
    let extension = kind::extension(name);
    Some(match extension {
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "vue" | "svelte" | "java" | "kt" | "kts" | "scala"
        | "gradle" | "go" | "cs" | "swift" | "dart" | "rb" | "coffee" | "fs" | "cr" | "hx" | "as" | "sol" | "ipynb" => {
            Joiner::Plus
        }
        "py" | "pyw" | "pyx" => Joiner::PlusOrNothing,
        "php" | "phtml" | "inc" | "pl" | "pm" => Joiner::Dot,
        "lua" => Joiner::Dots,
        "vb" | "vbs" | "bas" | "cls" | "frm" | "nim" => Joiner::Ampersand,
        "ex" | "exs" => Joiner::Diamond,
        "hs" | "erl" | "elm" | "zig" => Joiner::Pluses,
        "ml" | "mli" => Joiner::Caret,
        "jl" => Joiner::Star,
        "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "ino" => Joiner::Nothing,
        _ => return None,
    })
}

impl Joiner {
    fn sign(self) -> &'static [u8] {
        match self {
            Self::Plus | Self::PlusOrNothing => b"+",
            Self::Dot => b".",
            Self::Dots => b"..",
            Self::Ampersand => b"&",
            Self::Diamond => b"<>",
            Self::Pluses => b"++",
            Self::Caret => b"^",
            Self::Star => b"*",
            Self::Nothing => b"",
        }
    }
}

/// Reads source code. `named`: the byte scan saw a value given to a credential's name.
pub(super) fn read(text: &[u8], joiner: Joiner, named: bool, structure: &mut Structure) {
    let mut done = 0;
    let sign = joiner.sign();
    match sign {
        [] => {}
        [one] => {
            for at in memchr::memchr_iter(*one, text) {
                join(text, at, sign, &mut done, structure);
            }
        }
        _ => {
            for at in memchr::memmem::find_iter(text, sign) {
                join(text, at, sign, &mut done, structure);
            }
        }
    }
    if named && matches!(joiner, Joiner::Nothing | Joiner::PlusOrNothing) {
        let mut done = 0;
        for at in memchr::memchr_iter(b'"', text) {
            // A literal ends here: the quotes of its line come in pairs.
            if at >= done && goes_on(text, at + 1) && closes(text, at) {
                chain(text, at, b"", &mut done, structure);
            }
        }
    }
    if joiner == Joiner::Dot && named {
        defines(text, structure);
    }
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Past blanks, line ends and the backslash of a continued line.
fn skip(text: &[u8], at: usize) -> usize {
    let window = &text[at.min(text.len())..text.len().min(at + MAX_GAP)];
    let length = window.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\')).count();
    at + length
}

/// The sign at `at` stands between two literals: joins them.
fn join(text: &[u8], at: usize, sign: &[u8], done: &mut usize, structure: &mut Structure) {
    if at < *done {
        return;
    }
    let before = &text[at.saturating_sub(MAX_GAP)..at];
    let trimmed = before.trim_ascii_end();
    let quote = trimmed.last().is_some_and(|&byte| is_quote(byte));
    if quote && opening(text, skip(text, at + sign.len())).is_some() {
        chain(text, at - (before.len() - trimmed.len()) - 1, sign, done, structure);
    }
}

/// Another literal follows, with nothing but blanks between.
fn goes_on(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) && text.get(skip(text, at)) == Some(&b'"')
}

/// The quotes of the line up to and with this one come in pairs.
fn closes(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(MAX_LITERAL)..=at];
    let start = memchr::memrchr(b'\n', before).map_or(0, |found| found + 1);
    let line = &before[start..];
    memchr::memchr_iter(b'"', line).filter(|&at| at == 0 || line[at - 1] != b'\\').count() % 2 == 0
}

/// The quote of a literal that begins at `at`, behind a prefix such as `r`, `b`, `@`.
fn opening(text: &[u8], at: usize) -> Option<usize> {
    let window = text.get(at..text.len().min(at + 3))?;
    let prefix =
        window.iter().take_while(|&&byte| matches!(byte, b'r' | b'b' | b'u' | b'L' | b'@' | b'R' | b'B')).count();
    window.get(prefix).filter(|&&byte| is_quote(byte)).map(|_| at + prefix)
}

/// The chain of literals whose first one ends with the quote at `close`.
fn chain(text: &[u8], close: usize, sign: &[u8], done: &mut usize, structure: &mut Structure) {
    *done = close + 1;
    let quote = text[close];
    let least = close.saturating_sub(MAX_LITERAL);
    let window = &text[least..close];
    let line = memchr::memrchr(b'\n', window).map_or(0, |at| at + 1);
    let escaped = |at: usize| window[line..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1;
    let Some(open) = memchr::memrchr_iter(quote, &window[line..]).map(|at| line + at).find(|&at| !escaped(at)) else {
        return;
    };
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let (mut at, mut count) = (least + open, 0);
    while let Some(end) = literal(text, at, &mut pieces) {
        count += 1;
        *done = end;
        let next = skip(text, end);
        if !text[next.min(text.len())..].starts_with(sign) {
            break;
        }
        let Some(start) = opening(text, skip(text, next + sign.len())) else { break };
        at = start;
    }
    let mut length = 0;
    let mut blank = false;
    for piece in &pieces {
        let bytes = piece.bytes(text);
        length += bytes.len();
        blank |= bytes.contains(&b' ');
    }
    let armoured = pieces.first().is_some_and(|piece| piece.bytes(text).starts_with(b"-----BEGIN"));
    if count > 1 && LENGTH.contains(&length) && (!blank || armoured) {
        let name = name_before(text, least + open);
        // Bytes written as escapes are a program's test data.
        let bytes =
            |piece: &&Piece<'_>| matches!(piece, Piece::Decoded(_, place) if text.get(place.start + 1) == Some(&b'x'));
        if pieces.iter().filter(bytes).count() < MOST_BYTES {
            structure.entry(text, &[&name], &pieces);
        }
    }
}

/// So many `\\x` escapes make a value bytes, not text; the judge has the same bound for a single literal.
const MOST_BYTES: usize = 3;

/// The literal whose quote stands at `open`: its pieces are added; where it ends.
fn literal(text: &[u8], open: usize, pieces: &mut Vec<Piece<'_>>) -> Option<usize> {
    let quote = *text.get(open)?;
    let window = &text[..text.len().min(open + LENGTH.end)];
    let (mut at, mut plain) = (open + 1, open + 1);
    loop {
        at += memchr::memchr3(quote, b'\\', b'\n', window.get(at..)?)?;
        match window[at] {
            b'\n' if quote != b'`' => return None,
            b'\n' => at += 1,
            b'\\' => {
                pieces.push(Piece::Plain(plain..at));
                let (sign, length) = escape(&window[at + 1..]);
                pieces.push(Piece::Decoded(Cow::Owned(sign), at..at + 1 + length));
                at += 1 + length;
                plain = at;
            }
            _ => {
                pieces.push(Piece::Plain(plain..at));
                return Some(at + 1);
            }
        }
    }
}

/// What an escape stands for, and its length behind the backslash.
fn escape(rest: &[u8]) -> (Vec<u8>, usize) {
    let hex = |length: usize| {
        let digits = std::str::from_utf8(rest.get(1..=length)?).ok()?;
        char::from_u32(u32::from_str_radix(digits, 16).ok()?).map(|sign| (sign, 1 + length))
    };
    let sign = match rest.first() {
        Some(b'x') => hex(2),
        Some(b'u') => hex(4),
        Some(b'n') => Some(('\n', 1)),
        Some(b't') => Some(('\t', 1)),
        Some(b'r') => Some(('\r', 1)),
        Some(b'0') => Some(('\0', 1)),
        _ => None,
    };
    match (sign, rest.first()) {
        (Some((sign, length)), _) => (sign.to_string().into_bytes(), length),
        (None, Some(&other)) => (vec![other], 1),
        (None, None) => (Vec::new(), 0),
    }
}

/// The name that is given what begins at `at`: before `=`, `:`, `=>`, `:=`.
fn name_before(text: &[u8], at: usize) -> String {
    let window = &text[at.saturating_sub(MAX_GAP)..at];
    let mut rest = window.trim_ascii_end();
    // Prefixes of the literal, an opening bracket, a continued line.
    while let [before @ .., b'(' | b'[' | b'\\' | b'@' | b'$'] = rest {
        rest = before.trim_ascii_end();
    }
    if let [before @ .., b'r' | b'b' | b'u' | b'L'] = rest
        && before.last().is_some_and(|byte| matches!(byte, b' ' | b'=' | b':' | b'('))
    {
        rest = before.trim_ascii_end();
    }
    let Some((b'=' | b':' | b'>', _)) = rest.split_last() else { return String::new() };
    let operators =
        rest.iter().rev().take_while(|byte| matches!(byte, b'=' | b':' | b'>' | b'+' | b'?' | b'.')).count();
    // A comparison gives nothing.
    if rest[rest.len() - operators..].starts_with(b"==") {
        return String::new();
    }
    rest = rest[..rest.len() - operators].trim_ascii_end();
    loop {
        while let [before @ .., b'"' | b'\'' | b'`' | b']' | b')' | b'>'] = rest {
            rest = before;
        }
        let length =
            rest.iter().rev().take_while(|&&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
        let name = &rest[rest.len() - length..];
        let before = rest[..rest.len() - length].trim_ascii_end();
        // `name: str =`, `var name string =`.
        if matches!(name, b"str" | b"string" | b"String" | b"NSString" | b"char") && !before.is_empty() {
            rest = before.strip_suffix(b":").unwrap_or(before).trim_ascii_end();
            if rest.len() < before.len() || name == b"string" {
                continue;
            }
        }
        return String::from_utf8_lossy(name).into_owned();
    }
}

/// The keys of `WordPress` and salts, which sign its sessions.
const WORDPRESS: &[&str] = &[
    "AUTH_KEY",
    "SECURE_AUTH_KEY",
    "LOGGED_IN_KEY",
    "NONCE_KEY",
    "AUTH_SALT",
    "SECURE_AUTH_SALT",
    "LOGGED_IN_SALT",
    "NONCE_SALT",
];

/// `define('NAME', 'value')`.
fn defines(text: &[u8], structure: &mut Structure) {
    for at in memchr::memmem::find_iter(text, b"define") {
        let mut next = skip(text, at + b"define".len());
        if text.get(next) != Some(&b'(') {
            continue;
        }
        let mut words: Vec<Vec<Piece<'_>>> = Vec::new();
        for sign in [b',', b')'] {
            next = skip(text, next + 1);
            let mut pieces = Vec::new();
            let Some(end) = opening(text, next).and_then(|open| literal(text, open, &mut pieces)) else { break };
            next = skip(text, end);
            if text.get(next) != Some(&sign) {
                break;
            }
            words.push(pieces);
        }
        let [name, value] = words.as_slice() else { continue };
        let [Piece::Plain(name)] = name.as_slice() else { continue };
        let Ok(name) = std::str::from_utf8(&text[name.clone()]) else { continue };
        if WORDPRESS.contains(&name) {
            structure.given(text, &[name, "wordpress key"], value);
        } else if matches!(name, "DB_PASSWORD" | "FTP_PASS" | "DB_PASS") {
            structure.given(text, &[name], value);
        } else {
            structure.entry(text, &[name], value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::collected;
    use super::*;

    fn pairs(text: &str, name: &str) -> Vec<(String, String)> {
        let joiner = joiner(name).unwrap();
        collected(text.as_bytes(), &|text: &[u8], out: &mut Structure| read(text, joiner, true, out))
    }

    #[test]
    fn joined_literals_are_one_value_in_every_language() {
        for (file, text, name, value) in [
            ("a.js", "const token = 'abcd_' +\n  'efgh' + `ij`;", "token", "abcd_efghij"),
            ("a.java", "String label = \"ab\\u0063d\" + \"ef\\\"gh\";", "label", "abcdef\"gh"),
            ("a.go", "var key string = \"abcd\" + \"efgh\"", "key", "abcdefgh"),
            ("a.ts", "secret: string = \"abcd\" + \"efgh\"", "secret", "abcdefgh"),
            ("a.cs", "x = y + \"abcd\" + @\"efgh\";", "", "abcdefgh"),
            ("a.py", "token = (\"abcd\"\n  \"efgh\")", "token", "abcdefgh"),
            ("a.py", "d = {'key': b'abcd' + b'efgh'}", "key", "abcdefgh"),
            ("a.php", "$token = 'abcd' . \"efgh\";", "token", "abcdefgh"),
            ("a.lua", "token = \"abcd\" .. \"efgh\"", "token", "abcdefgh"),
            ("a.vb", "token = \"abcd\" & _\n", "", ""),
            ("a.vb", "token = \"abcd\" & \"efgh\"", "token", "abcdefgh"),
            ("a.exs", "token: \"abcd\" <> \"efgh\"", "token", "abcdefgh"),
            ("a.hs", "token = \"abcd\" ++ \"efgh\"", "token", "abcdefgh"),
            ("a.c", "char *token = \"abcd\" \\\n \"efgh\";", "token", "abcdefgh"),
            ("a.php", "define( 'AUTH_KEY',  'a b' );", "AUTH_KEY.wordpress key", "a b"),
        ] {
            let all = pairs(text, file);
            if value.is_empty() {
                assert_eq!(all, [], "{text}");
            } else {
                assert_eq!(all, [(name.to_owned(), value.to_owned())], "{text}");
            }
        }
    }

    #[test]
    fn other_signs_join_nothing() {
        for (file, text) in [
            ("a.js", "x = \"abcdefgh\" + y + \"abcdefgh\"; f(\"a\", \"+\", \"b\")"),
            ("a.js", "log(\"a long \" + \"message\")"),
            ("a.c", "f(\"abcdefg\", \"   \", \"abcdefg\");"),
            ("a.php", "$x = 'abcdefgh' . $y . 'abcdefgh';"),
        ] {
            assert_eq!(pairs(text, file), [], "{text}");
        }
    }

    #[test]
    fn every_beginning_of_a_file_ends() {
        let text = "define('a', 'b\\x4' . \"c\\u00\" . `d\n` + 'e' + \"f\\\n\" \"g\" \"h\" define(";
        for end in 0..=text.len() {
            for file in ["a.js", "a.py", "a.php", "a.lua", "a.c"] {
                let _ = pairs(&text[..end], file);
            }
        }
    }
}
