//! Settings line by line: `.env`, properties, INI with its sections.

use std::borrow::Cow;
use std::ops::Range;

use super::{Piece, Structure, kind};

/// How lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavor {
    /// `export A="b c" # comment`, quotes over several lines.
    Env,
    /// Java's: `a.b: c`, lines that go on behind a backslash, `\u0041`.
    Properties,
    /// `[section]`, `key = value`, comments behind `;` and `#`.
    Ini,
}

/// How lines of a file are written, by its name in lower case.
pub(super) fn flavor(name: &str) -> Option<Flavor> {
    let extension = kind::extension(name);
    if name == ".env" || name.starts_with(".env.") || matches!(extension, "env" | "envrc") {
        return Some(Flavor::Env);
    }
    match extension {
        "properties" => return Some(Flavor::Properties),
        "ini" | "cfg" | "cnf" | "conf" | "prefs" | "toml.ini" | "rdp" | "desktop" | "service" => {
            return Some(Flavor::Ini);
        }
        _ => {}
    }
    let known = matches!(
        name,
        ".npmrc"
            | ".pypirc"
            | ".s3cfg"
            | ".boto"
            | ".my.cnf"
            | ".mylogin.cnf"
            | ".gitconfig"
            | ".credentials"
            | "credentials"
            | ".smbcredentials"
            | ".passwd-s3fs"
            | ".offlineimaprc"
            | ".getmailrc"
            | ".muttrc"
            | ".mutt"
            | ".odbc.ini"
            | ".tarsnaprc"
            | ".ncftp"
            | ".hgrc"
            | "hgrc"
            | ".trc"
    );
    known.then_some(Flavor::Ini)
}

/// Reads lines of a flavour.
pub(super) fn read(text: &[u8], flavor: Flavor, structure: &mut Structure) {
    let mut section = String::new();
    let mut at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        let start = at + blanks(&text[at..end]);
        at = end + 1;
        match text[start..end] {
            [] | [b'#' | b'!' | b';', ..] => {}
            [b'[', ..] if flavor == Flavor::Ini => {
                let line = text[start + 1..end].split(|&byte| byte == b']').next().unwrap_or_default();
                section = String::from_utf8_lossy(&line[..line.len().min(128)]).replace(['"', '\''], "");
            }
            _ => at = line(text, start..end, flavor, &section, structure),
        }
    }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\x0c')).count()
}

/// Reads a line that gives a value to a name; where the next one begins.
fn line(text: &[u8], place: Range<usize>, flavor: Flavor, section: &str, structure: &mut Structure) -> usize {
    let next = place.end + 1;
    let mut start = place.start;
    if flavor == Flavor::Env && text[start..place.end].starts_with(b"export ") {
        start += 7;
    }
    let rest = &text[start..place.end];
    let separator = match flavor {
        // The name of a setting may hold `:` (`//host/:_authToken=`).
        Flavor::Env | Flavor::Ini => memchr::memchr(b'=', rest).or_else(|| memchr::memmem::find(rest, b": ")),
        Flavor::Properties => separator(rest),
    };
    let Some(separator) = separator.filter(|&at| at > 0 && at <= 256) else { return next };
    let Ok(name) = std::str::from_utf8(rest[..separator].trim_ascii()) else { return next };
    let unescaped;
    let mut name = name;
    if flavor == Flavor::Properties && name.contains('\\') {
        let (pieces, _) = continued(name.as_bytes(), 0);
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes(name.as_bytes())).copied().collect();
        unescaped = String::from_utf8_lossy(&bytes).into_owned();
        name = &unescaped;
    }
    let value = start + separator + 1;
    let value = value + blanks(&text[value..place.end]);
    if let Some(default) = default(text, value..place.end) {
        structure.entry(text, &[name], &[Piece::Plain(default)]);
        return next;
    }
    if flavor == Flavor::Properties {
        let (pieces, next) = continued(text, value);
        structure.entry(text, &[name], &pieces);
        return next;
    }
    let (range, next) = unquoted(text, value..place.end, flavor);
    if name.ends_with("_auth") || name.ends_with(":_password") {
        encoded(text, range, name, structure);
        return next;
    }
    let path: &[&str] = if section.is_empty() { &[name] } else { &[section, name] };
    structure.entry(text, path, &[Piece::Plain(range)]);
    next
}

/// `${NAME:default}` of Spring, `${NAME:-default}`: the value where nothing else is set.
fn default(text: &[u8], place: Range<usize>) -> Option<Range<usize>> {
    let value = text[place.clone()].trim_ascii_end();
    let inner = value.strip_prefix(b"${")?.strip_suffix(b"}")?;
    let name = inner.iter().take_while(|&&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
    let rest = inner[name..].strip_prefix(b":").filter(|_| name > 0)?;
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let end = place.start + value.len() - 1;
    (!rest.is_empty() && !rest.contains(&b'$')).then(|| end - rest.len()..end)
}

/// Where `=`, `:` or a blank stands behind the key of a property.
fn separator(line: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b'\\' => at += 1,
            b'=' | b':' => return Some(at),
            b' ' | b'\t' => {
                let next = at + blanks(&line[at..]);
                return Some(if matches!(line.get(next), Some(b'=' | b':')) { next } else { at });
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// A property's value: over lines that end in a backslash, escapes decoded; and where the next line begins.
fn continued(text: &[u8], start: usize) -> (Vec<Piece<'_>>, usize) {
    let (mut pieces, mut at, mut plain) = (Vec::new(), start, start);
    while at < text.len() && text[at] != b'\n' {
        if text[at] != b'\\' {
            at += 1;
            continue;
        }
        pieces.push(Piece::Plain(plain..at));
        let rest = &text[at + 1..];
        let hex = || std::str::from_utf8(rest.get(1..5)?).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match rest.first() {
            Some(b'\r' | b'\n') => {
                at += 2 + usize::from(rest.starts_with(b"\r\n"));
                at += blanks(text.get(at..).unwrap_or_default());
            }
            Some(b'u') if let Some(sign) = hex().and_then(char::from_u32) => {
                pieces.push(Piece::Decoded(Cow::Owned(sign.to_string().into_bytes()), at..at + 6));
                at += 6;
            }
            Some(&next) => {
                let byte = match next {
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'r' => b'\r',
                    other => other,
                };
                pieces.push(Piece::Decoded(Cow::Owned(vec![byte]), at..at + 2));
                at += 2;
            }
            None => at += 1,
        }
        plain = at;
    }
    let end = at.min(text.len());
    let last = plain.min(end)..end;
    let trimmed = last.start + text[last.clone()].trim_ascii_end().len();
    pieces.push(Piece::Plain(last.start..trimmed));
    (pieces, at + 1)
}

/// A value without its quotes and the comment behind it; and where the next line begins.
fn unquoted(text: &[u8], place: Range<usize>, flavor: Flavor) -> (Range<usize>, usize) {
    let next = place.end + 1;
    let line = &text[place.clone()];
    if let Some(quote @ (b'"' | b'\'')) = line.first().copied() {
        // Only a value of `.env` may go on over lines.
        let within = if flavor == Flavor::Env { &text[place.start + 1..] } else { &line[1..] };
        let within = &within[..within.len().min(64 << 10)];
        let close = memchr::memchr_iter(quote, within).find(|&at| at == 0 || within[at - 1] != b'\\');
        if let Some(close) = close {
            let range = place.start + 1..place.start + 1 + close;
            if range.end <= place.end {
                return (range, next);
            }
            let rest = memchr::memchr(b'\n', &text[range.end..]).map_or(text.len(), |length| range.end + length);
            return (range, rest + 1);
        }
    }
    let comment = [&b" #"[..], b"\t#", b" ;"].iter().filter_map(|sign| memchr::memmem::find(line, sign)).min();
    let value = line[..comment.unwrap_or(line.len())].trim_ascii_end();
    (place.start..place.start + value.len(), next)
}

/// npm's `_auth` (user and password) and `_password`, in base64.
fn encoded(text: &[u8], place: Range<usize>, name: &str, structure: &mut Structure) {
    let Ok(decoded) = data_encoding::BASE64.decode(&text[place.clone()]) else { return };
    let password = if name.ends_with("_auth") {
        match memchr::memchr(b':', &decoded) {
            Some(at) => &decoded[at + 1..],
            None => return,
        }
    } else {
        &decoded
    };
    structure.given(text, &[name, "password"], &[Piece::Decoded(Cow::Borrowed(password), place)]);
}

#[cfg(test)]
mod tests {
    use super::super::tests::entries;
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn environment_files() {
        let text = "# c\nexport A=\"b c\" # d\nB=e#f # g\nC='h\ni'\nD=\nE: j\n";
        let wanted = [("A", "b c"), ("B", "e#f"), ("C", "h\ni"), ("E", "j")].map(|(a, b)| pair(a, b));
        assert_eq!(entries(text.as_bytes(), |text, out| read(text, Flavor::Env, out)), wanted);
    }

    #[test]
    fn properties_go_on_and_have_escapes() {
        let text = "! c\na.b : c \\\n   d\nh=${X:y}\npass\\u005fword=\\u0041\\:z\ne f\r\ng=\\";
        let wanted = [("a.b", "c d"), ("h", "y"), ("pass_word", "A:z"), ("e", "f")].map(|(a, b)| pair(a, b));
        assert_eq!(entries(text.as_bytes(), |text, out| read(text, Flavor::Properties, out)), wanted);
    }

    #[test]
    fn sections_are_parts_of_the_path() {
        let text = "[client \"x\"]\npassword = \"a;b\" ; c\nuser=d\n//h/:_authToken=e\n_auth=bWU6aHVudGVy\n";
        let wanted = [
            ("client x.password", "a;b"),
            ("client x.user", "d"),
            ("client x.//h/:_authToken", "e"),
            ("_auth.password", "hunter"),
        ];
        assert_eq!(entries(text.as_bytes(), |text, out| read(text, Flavor::Ini, out)), wanted.map(|(a, b)| pair(a, b)));
    }

    #[test]
    fn every_beginning_of_a_file_ends() {
        let text = "\u{feff}[a\nA='x\nB=\"\\\nC=\\u00\\u0041\\\r\n=\n:";
        for flavor in [Flavor::Env, Flavor::Properties, Flavor::Ini] {
            for end in 0..=text.len() {
                read(&text.as_bytes()[..end], flavor, &mut Structure::default());
            }
        }
    }
}
