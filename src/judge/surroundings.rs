//! What the text around a value, and its own form, say: a sentence, a pattern, ciphertext, a piece of something longer.

use std::ops::Range;

use super::randomness::Shape;
use crate::detect::{Assignment, Candidate};

/// The place lies below `encryptedData` of a `SealedSecret`: of the same YAML document, or of the same JSON object.
pub(super) fn sealed(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(16 << 10)..at];
    // From the front: the search backwards is many times slower.
    let Some(found) = memchr::memmem::find_iter(before, b"encryptedData").last() else { return false };
    let rest = &before[found + b"encryptedData".len()..];
    match rest.first() {
        Some(b':') => memchr::memmem::find(rest, b"\n---").is_none(),
        Some(b'"') => memchr::memchr(b'}', rest).is_none(),
        _ => false,
    }
}

/// Text that goes on behind the closing quote: `"…" + x`, `"…" . $x`.
pub(super) fn joined_on(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at.min(bytes.len())..bytes.len().min(at + 16)];
    let rest = rest.trim_ascii_start();
    match rest {
        [b'+', next, ..] => *next != b'=',
        [b'.', b' ' | b'$', ..] => true,
        _ => false,
    }
}

/// The operator is `:` and nothing else.
pub(super) fn colon(bytes: &[u8], assignment: &Assignment, candidate: &Candidate) -> bool {
    bytes[assignment.name.end..candidate.secret.start].trim_ascii() == b":"
}

/// `…;Password=value;…` or `…?token=value&…` inside a string: the value is text, whatever the code around it is.
pub(super) fn in_connection_string(bytes: &[u8], assignment: &Assignment) -> bool {
    let setting = |text: &[u8]| {
        let line = &text[memchr::memrchr2(b'\n', b'"', text).map_or(0, |at| at + 1)..];
        !line.starts_with(b" ") && memchr::memchr(b'=', line).is_some()
    };
    let end = bytes.get(assignment.value.end);
    match bytes[..assignment.name.start].split_last() {
        Some((b';', before)) => matches!(end, Some(b';' | b'"' | b'\'')) && setting(before),
        Some((b'?' | b'&', _)) => matches!(end, Some(b'&' | b'"' | b'\'')),
        _ => false,
    }
}

/// JSON in a string, with a string in it that is drawn at random.
pub(super) fn holds_drawn(value: &[u8]) -> bool {
    let drawn = |part: &[u8]| {
        let shape = Shape::of(part);
        part.len() >= 16 && shape.random >= 20.0 && shape.digits >= 3 && shape.letters() >= 3 && shape.symbols == 0
    };
    let is_json = value.first() == Some(&b'{') && value.last() == Some(&b'}') && value.contains(&b':');
    is_json && value.split(|byte| matches!(byte, b'"' | b'\\' | b'\'')).any(drawn)
}

/// `update_password`, `show_password`: what is done with a password, told in words.
pub(super) fn is_setting(words: &[&str]) -> bool {
    const DONE: &[&str] = &[
        "update", "show", "hide", "forgot", "require", "requires", "required", "enable", "disable", "allow",
        "validate", "check", "has", "toggle", "remember", "prompt", "ask", "generate", "send",
    ];
    words.windows(2).any(|pair| {
        DONE.contains(&pair[0]) && matches!(pair[1], "password" | "passwords" | "passwd" | "pass" | "passphrase")
    })
}

/// `-H "Name: value"`: a command's header.
pub(super) fn is_header(bytes: &[u8], name: usize) -> bool {
    let before = &bytes[name.saturating_sub(16)..name];
    let Some((b'"' | b'\'', before)) = before.split_last() else { return false };
    let before = before.trim_ascii_end();
    before.ends_with(b"-H") || before.ends_with(b"--header")
}

/// `x ? "PASS" : "FAIL"`.
pub(super) fn is_choice(bytes: &[u8], name: usize) -> bool {
    let before = &bytes[name.saturating_sub(24)..name];
    matches!(before.split_last(), Some((b'"' | b'\'', before)) if before.trim_ascii_end().ends_with(b"?"))
}

/// `SOME_NAME;`: words in upper case joined by `_`, as programs name constants, and no digit.
pub(super) fn is_constant(value: &[u8]) -> bool {
    let value = value.strip_suffix(b";").unwrap_or(value);
    value.contains(&b'_')
        && value.first().is_some_and(u8::is_ascii_uppercase)
        && value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
}

/// The text goes on with a word behind a blank, and that word is no assignment, flag, operator or comment.
pub(super) fn sentence(bytes: &[u8], end: usize) -> bool {
    let rest = &bytes[end..bytes.len().min(end + 48)];
    let (Some(b' '), Some(next)) = (rest.first(), rest.get(1)) else { return false };
    if !next.is_ascii_alphabetic() {
        return false;
    }
    let word =
        rest[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')).count();
    !matches!(rest.get(1 + word), Some(b'=' | b':' | b'('))
}

/// True when something gives the value to a name: a quote, `=`, `:`, a flag, `Bearer`, an element's end before it.
pub(super) fn introduced(bytes: &[u8], secret: Range<usize>) -> bool {
    let before = &bytes[secret.start.saturating_sub(24)..secret.start];
    let trimmed = before.trim_ascii_end();
    let near = before.len() - trimmed.len() <= 4;
    match trimmed.last() {
        Some(b'"' | b'\'' | b'`' | b'=' | b':' | b'>' | b'(' | b'[' | b'|') => near,
        Some(_) if near => {
            let lower = trimmed.to_ascii_lowercase();
            [
                &b"bearer"[..],
                b"token",
                b"basic",
                b"key",
                b"apikey",
                b"secret",
                b"is",
                b"password",
                b"apitoken",
                b"access_token",
            ]
            .iter()
            .any(|word| lower.ends_with(word))
        }
        _ => false,
    }
}

/// True when a word for a credential stands in `between`, the text from a service's word to the value.
pub(super) fn names_a_credential(between: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"key",
        b"token",
        b"secret",
        b"passw",
        b"pwd",
        b"auth",
        b"bearer",
        b"access",
        b"private",
        b"credential",
        b"pat",
        b"dsn",
    ];
    let lower = between.to_ascii_lowercase();
    WORDS.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
}

/// The value stands in an element whose name says credential: `<secret>…</secret>`, `<apiToken>{…}</apiToken>`.
pub(super) fn in_secret_element(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(48)..at];
    let Some(close) = memchr::memrchr(b'>', before) else { return false };
    if before[close..].contains(&b'\n') {
        return false;
    }
    let Some(open) = memchr::memrchr(b'<', &before[..close]) else { return false };
    let tag = &before[open + 1..close];
    tag.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.'))
        && names_a_credential(tag)
}

/// Something is given a value on the line: an operator with text behind it that opens no block.
pub(super) fn has_value(line: &[u8]) -> bool {
    let Some(operator) = memchr::memchr2(b'=', b':', line) else { return false };
    line[operator + 1..]
        .iter()
        .any(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'{' | b'[' | b'(' | b'|' | b'>'))
}

/// Nothing but the value, blanks and quotes on its line.
pub(super) fn is_alone(bytes: &[u8], secret: Range<usize>) -> bool {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`');
    let before = bytes[..secret.start].iter().rev().find(|byte| !blank(byte));
    let after = bytes[secret.end..].iter().find(|byte| !blank(byte));
    matches!(before, None | Some(b'\n')) && matches!(after, None | Some(b'\n'))
}

/// Names between a service's word and the value that say it is something else: a hash, a commit, a digest, an id.
pub(super) fn names_other_thing(bytes: &[u8], secret: Range<usize>, word: &Range<usize>) -> Option<&'static str> {
    const OTHERS: &[&[u8]] = &[
        b"sha1",
        b"sha256",
        b"sha512",
        b"sha-256",
        b"checksum",
        b"digest",
        b"md5",
        b"commit",
        b"integrity",
        b"hash",
        b"etag",
        b"revision",
        b"fingerprint",
        b"guid",
        b"uuid",
        b"blob",
        b"tree",
        b"object id",
        b"objectid",
        b"sha",
        b"rev",
        b"nonce",
        b"crc",
        b"public",
        b"version",
        b"image",
    ];
    let start = word.start.saturating_sub(24);
    let start = memchr::memrchr(b'\n', &bytes[start..word.start]).map_or(start, |line| start + line + 1);
    let between = &bytes[start..secret.start];
    let own = word.start - start..word.end.min(secret.start) - start;
    let letter = |at: Option<usize>| at.and_then(|at| between.get(at)).is_some_and(u8::is_ascii_alphabetic);
    for at in (0..between.len()).filter(|&at| !own.contains(&at) && !letter(at.checked_sub(1)) && letter(Some(at))) {
        let rest = &between[at..];
        let first = rest[0].to_ascii_lowercase();
        let stands = |other: &&&[u8]| {
            other[0] == first
                && rest.get(..other.len()).is_some_and(|text| text.eq_ignore_ascii_case(other))
                && !letter(Some(at + other.len()))
        };
        if OTHERS.iter().any(|other| stands(&other)) {
            return Some("its name says digest, commit or version");
        }
    }
    let after = &bytes[secret.end..bytes.len().min(secret.end + 2)];
    (after == b"..").then_some("cut short")
}

/// Character classes and counts of regular expressions.
pub(super) fn is_pattern(value: &[u8]) -> bool {
    // Most values hold none of these.
    if !value.iter().any(|byte| matches!(byte, b'[' | b']' | b'(' | b'\\' | b'*')) {
        return false;
    }
    let has = |piece: &[u8]| memchr::memmem::find(value, piece).is_some();
    has(b"[^")
        || has(b"(?")
        || has(b"\\s")
        || has(b"\\d")
        || has(b"\\w")
        || has(b"]{")
        || has(b"]+")
        || has(b"]*")
        || has(b".*") && has(b"(")
}

/// Shapes that are no credential: paths, e-mail addresses, types, versions, dates, colours.
pub(super) fn other_shape(value: &[u8]) -> Option<&'static str> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let slashes = memchr::memchr_iter(b'/', value).count();
    if (value[0] == b'/' || slashes >= 2)
        && value.iter().all(|byte| plain(byte) || matches!(byte, b'/' | b'*' | b':'))
        && Shape::of(value).random < 12.0
    {
        return Some("a path");
    }
    if let Some(at) = memchr::memchr(b'@', value)
        && at > 0
        && value[at..].contains(&b'.')
        && value.iter().all(|byte| plain(byte) || matches!(byte, b'@' | b'+'))
        && value.last().is_some_and(u8::is_ascii_lowercase)
    {
        return Some("an e-mail address");
    }
    if value.len() > 2
        && value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'/' | b'T' | b'Z'))
        && value.iter().any(|byte| !byte.is_ascii_digit())
    {
        return Some("a number, date or version");
    }
    if value.starts_with(b"sha1-")
        || value.starts_with(b"sha256-")
        || value.starts_with(b"sha384-")
        || value.starts_with(b"sha512-")
        || value.starts_with(b"sha256:")
        || value.starts_with(b"urn:")
    {
        return Some("a digest or name");
    }
    None
}

/// Text that says what it is, and it is no token: an armoured key, which a rule of its own judges, a public key as SSH
/// writes it (RFC 4253), the name of a key's algorithm, the header of a JWT alone (RFC 7519).
pub(super) fn another_kind(value: &[u8]) -> Option<&'static str> {
    const ALGORITHMS: &[&[u8]] = &[b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-sha2-", b"rsa-sha2-"];
    let is_algorithm = |text: &[u8]| ALGORITHMS.iter().any(|name| text.starts_with(name));
    if value.starts_with(b"-----BEGIN") {
        return Some("a key of its own kind");
    }
    let mut words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let public = |word: &[u8]| {
        let start = word.get(..24).and_then(|start| data_encoding::BASE64.decode(start).ok());
        start.is_some_and(|start| start.starts_with(&[0, 0, 0]) && is_algorithm(&start[4..]))
    };
    if words.clone().any(public) {
        return Some("a public key of SSH");
    }
    if words.next().is_some_and(is_algorithm) && words.next().is_none() && value.len() <= 48 {
        return Some("the name of an algorithm");
    }
    let is_header = |value: &[u8]| {
        let decoded = data_encoding::BASE64URL_NOPAD.decode(value).unwrap_or_default();
        decoded.starts_with(b"{\"") && decoded.ends_with(b"}") && memchr::memmem::find(&decoded, b"\"alg\"").is_some()
    };
    (value.starts_with(b"eyJ") && is_header(value)).then_some("the header of a JWT and nothing more")
}

pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}
