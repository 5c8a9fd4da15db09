//! The text around a key: markers, header lines, and a body that may stand in a string, a comment or a log.

use memchr::memmem;

use super::decode64;

/// Longest label between `BEGIN ` and the dashes.
const LABEL: usize = 48;

/// Longest body that is read; the largest RSA keys in use take a fifth of it.
const BODY: usize = 64 * 1024;

/// A key's markers.
pub(super) struct Armor<'v> {
    /// `RSA PRIVATE KEY`, without spaces around it.
    pub(super) label: &'v [u8],
    /// Offset of the first byte behind the BEGIN marker.
    start: usize,
    /// The text between the markers, or all that follows when there is no END.
    text: &'v [u8],
    /// Offset of the first byte behind the END marker, where there is one.
    pub(super) end: Option<usize>,
}

impl<'v> Armor<'v> {
    /// Finds the markers. `value` begins with the first one: five dashes, or four and a space (RFC 4716, ssh.com).
    pub(super) fn find(value: &'v [u8]) -> Option<Self> {
        let behind = value.strip_prefix(b"-----BEGIN ").or_else(|| value.strip_prefix(b"---- BEGIN "))?;
        let head = behind.get(..LABEL).unwrap_or(behind);
        let close = memmem::find(head, b"----")?;
        let label = head.get(..close)?.trim_ascii();
        memmem::find(label, b"PRIVATE KEY")?;
        let dashes = behind.get(close..)?.iter().take(5).take_while(|&&byte| byte == b'-').count();
        let start = value.len() - behind.len() + close + dashes;
        let rest = value.get(start..)?;
        let next = memmem::find(rest, b"-- BEGIN ").into_iter().chain(memmem::find(rest, b"--BEGIN ")).min().unwrap_or(rest.len());
        let rest = rest.get(..next)?;
        let marker = memmem::find(rest, b"--END ").into_iter().chain(memmem::find(rest, b"-- END ")).min();
        let text = rest.get(..marker.unwrap_or(rest.len()))?;
        let end = marker.and_then(|marker| Some(start + marker + end_marker(rest.get(marker..)?)));
        Some(Self { label, start, text, end })
    }

    pub(super) fn is_pgp(&self) -> bool {
        self.label.starts_with(b"PGP ")
    }
}

/// Length of an END marker, its dashes included; `text` begins at the dashes before END.
fn end_marker(text: &[u8]) -> usize {
    let line = text.iter().position(|&byte| matches!(byte, b'\n' | b'\r' | b'\\' | b'"' | b'\'')).unwrap_or(text.len());
    let line = text.get(..line.min(LABEL + 16)).unwrap_or(text);
    let label = line.iter().skip(2).position(|&byte| byte == b'-').map_or(line.len(), |at| at + 2);
    let label = if line.get(..3) == Some(b"-- ") { line.iter().skip(3).position(|&byte| byte == b'-').map_or(line.len(), |at| at + 3) } else { label };
    let dashes = line.get(label..).unwrap_or_default().iter().take(5).take_while(|&&byte| byte == b'-').count();
    label + dashes
}

/// A key's body.
#[derive(Default)]
pub(super) struct Body {
    /// Base64, without padding.
    pub(super) text: Vec<u8>,
    /// Offset in the value of each character of `text`.
    places: Vec<usize>,
    /// The checksum of `OpenPGP` armor (`=` and 4 characters), without the `=`.
    pub(super) crc: Option<[u8; 4]>,
    /// A header says the body is encrypted.
    pub(super) encrypted: bool,
    /// The text is a template or leaves something out.
    pub(super) elided: bool,
}

/// A run of base64 characters on a line, with the offset of each.
type Run = Vec<(u8, usize)>;

impl Body {
    /// Gathers the base64 characters between the markers.
    pub(super) fn read(armor: &Armor<'_>) -> Self {
        let text = armor.text.get(..BODY).unwrap_or(armor.text);
        let mut body = Self { elided: elided(text), ..Self::default() };
        let mut lines = Vec::new();
        for line in lines_of(text, armor.start) {
            body.read_line(&line, &mut lines, armor.end.is_some());
        }
        let prefix = shared_prefix(&lines);
        let mut width = 0;
        for run in lines {
            let run = run.get(prefix..).unwrap_or_default();
            if armor.end.is_none() && (width > 0 && run.len() > width) {
                break;
            }
            if !body.take(run) {
                break;
            }
            if armor.end.is_none() && run.len() < width {
                break;
            }
            width = width.max(run.len());
        }
        body
    }

    /// Reads one line: a header, or runs of the body.
    fn read_line(&mut self, line: &[(u8, usize)], lines: &mut Vec<Run>, closed: bool) {
        let (headers, line) = strip_headers(line);
        self.encrypted |= headers.encrypted;
        let runs = runs_of(line);
        let whole = runs.first().is_some_and(|run| run.len() >= 40);
        if let Some(crc) = line_crc(line) {
            self.crc = Some(crc);
        }
        if whole {
            lines.extend(runs);
        } else if runs.len() <= 1 || closed {
            let longest = runs.iter().map(Vec::len).max().unwrap_or(0);
            let pick = if longest >= 32 { runs.into_iter().max_by_key(Vec::len) } else { runs.into_iter().last() };
            lines.extend(pick);
        }
    }

    /// Takes over a run; false when it ended in padding.
    fn take(&mut self, run: &[(u8, usize)]) -> bool {
        for &(byte, place) in run {
            if byte == b'=' {
                return false;
            }
            self.text.push(byte);
            self.places.push(place);
        }
        true
    }

    /// The body decoded; a character too many at the end is left out.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let length = if self.text.len() % 4 == 1 { self.text.len() - 1 } else { self.text.len() };
        self.text.get(..length).and_then(decode64).unwrap_or_default()
    }

    /// Offset in the value behind the first `used` characters of the body.
    pub(super) fn source(&self, used: usize) -> Option<usize> {
        let last = used.min(self.places.len()).checked_sub(1)?;
        self.places.get(last).map(|place| place + 1)
    }

    /// Offset in the value behind the whole body.
    pub(super) fn last(&self) -> Option<usize> {
        self.places.last().map(|place| place + 1)
    }
}

/// What stands where something was left out, and in templates.
fn elided(text: &[u8]) -> bool {
    let marks: [&[u8]; 9] = [b"...", "…".as_bytes(), b"${", b"{{", b"<%", b"xxxx", b"XXXX", b"****", b"$("];
    marks.iter().any(|mark| memmem::find(text, mark).is_some())
}

/// Splits into lines, with escapes as strings have them undone; each character with its offset in the value.
fn lines_of(text: &[u8], start: usize) -> Vec<Run> {
    let mut lines = vec![Run::new()];
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let (found, length) = character(text.get(at..).unwrap_or_default());
        match found.unwrap_or(byte) {
            b'\n' | b'\r' => lines.push(Run::new()),
            byte => {
                if let Some(line) = lines.last_mut() {
                    line.push((byte, start + at + length - 1));
                }
            }
        }
        at += length;
    }
    lines
}

/// The first character of a text and how many bytes write it: itself, or an escape of JSON, C, URLs or XML.
fn character(text: &[u8]) -> (Option<u8>, usize) {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    let rest = text.get(slashes..).unwrap_or_default();
    let hex = |digits: Option<&[u8]>| u8::from_str_radix(std::str::from_utf8(digits?).ok()?, 16).ok();
    match (slashes, rest) {
        (1.., [b'n' | b'r', ..]) => (Some(b'\n'), slashes + 1),
        (1.., [b't', ..]) => (Some(b' '), slashes + 1),
        (1.., [b'u', b'0', b'0', ..]) => (hex(rest.get(3..5)), slashes + if rest.len() >= 5 { 5 } else { 1 }),
        (1.., [b'x', ..]) => (hex(rest.get(1..3)), slashes + if rest.len() >= 3 { 3 } else { 1 }),
        (1.., [b'/' | b'+' | b'=' | b'\n', ..]) => (rest.first().copied(), slashes + 1),
        (1.., _) => (Some(b' '), slashes),
        (0, [b'%', ..]) => match hex(rest.get(1..3)) {
            Some(byte) => (Some(byte), 3),
            None => (None, 1),
        },
        (0, [b'&', b'#', ..]) => match rest.iter().take(8).position(|&byte| byte == b';') {
            Some(end) => (Some(b'\n'), end + 1),
            None => (None, 1),
        },
        (0, [b'<', ..]) => match rest.iter().take(8).position(|&byte| byte == b'>') {
            Some(end) => (Some(b'\n'), end + 1),
            None => (None, 1),
        },
        _ => (None, 1),
    }
}

#[derive(Default)]
struct Headers {
    encrypted: bool,
}

/// Names of header lines (RFC 1421, RFC 9580, RFC 4716).
const HEADERS: &[&[u8]] = &[
    b"Proc-Type:", b"DEK-Info:", b"Comment:", b"Version:", b"Hash:", b"Charset:", b"MessageID:", b"Subject:", b"X-", b"friendlyName:", b"localKeyID:",
    b"Key-Type:",
];

/// Takes header lines off the front of a line. Where all stands on one line, a header's value ends at the next space.
fn strip_headers(line: &[(u8, usize)]) -> (Headers, &[(u8, usize)]) {
    let mut headers = Headers::default();
    let mut rest = line;
    while let Some((at, name)) = first_header(rest) {
        let value = rest.get(at + name..).unwrap_or_default();
        let blank = value.iter().take_while(|(byte, _)| *byte == b' ').count();
        let value = value.get(blank..).unwrap_or_default();
        let word = value.iter().position(|(byte, _)| matches!(byte, b' ' | b'"' | b'\'')).unwrap_or(value.len());
        let text: Vec<u8> = value.get(..word).unwrap_or_default().iter().map(|(byte, _)| *byte).collect();
        headers.encrypted |= memmem::find(&text, b"ENCRYPTED").is_some();
        let after = value.get(word..).unwrap_or_default();
        rest = if after.len() < 80 && first_header(after).is_none() && runs_of(after).iter().all(|run| run.len() < 40) { &[] } else { after };
    }
    (headers, rest)
}

/// Where a header begins near the front of a line, and the length of its name.
fn first_header(line: &[(u8, usize)]) -> Option<(usize, usize)> {
    let text: Vec<u8> = line.iter().take(64).map(|(byte, _)| *byte).collect();
    HEADERS.iter().filter_map(|name| Some((memmem::find(&text, name)?, name.len()))).min()
}

/// The runs of base64 characters on a line that hold a letter or digit.
fn runs_of(line: &[(u8, usize)]) -> Vec<Run> {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let runs = line.split(|(byte, _)| !base64(*byte));
    runs.filter(|run| run.iter().any(|(byte, _)| byte.is_ascii_alphanumeric())).map(<[_]>::to_vec).collect()
}

/// The armor checksum of `OpenPGP` on a line: `=` and 4 characters, alone.
fn line_crc(line: &[(u8, usize)]) -> Option<[u8; 4]> {
    let runs = runs_of(line);
    let run: Vec<u8> = runs.last()?.iter().map(|(byte, _)| *byte).collect();
    run.strip_prefix(b"=").and_then(|crc| <[u8; 4]>::try_from(crc).ok())
}

/// How many characters `+` or `/` all lines begin with: marks of a patch or a comment, and no part of the body.
fn shared_prefix(lines: &[Run]) -> usize {
    let lines: Vec<&Run> = lines.iter().filter(|run| run.first().is_some_and(|(byte, _)| *byte != b'=')).collect();
    if lines.len() < 3 {
        return 0;
    }
    let marks = |run: &&Run| run.iter().take_while(|(byte, _)| matches!(byte, b'+' | b'/')).count();
    lines.iter().map(marks).min().unwrap_or(0)
}
