//! The text around a key: markers, header lines, and a body that may stand in a string, a comment or a log.

use memchr::memmem;

use super::decode64;
use super::lines::{Line, Run, lines_of};

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
        let next = memmem::find(rest, b"-- BEGIN ")
            .into_iter()
            .chain(memmem::find(rest, b"--BEGIN "))
            .min()
            .unwrap_or(rest.len());
        let rest = rest.get(..next)?;
        let marker = memmem::find(rest, b"--END ").into_iter().chain(memmem::find(rest, b"-- END ")).min();
        let mut text = rest.get(..marker.unwrap_or(rest.len()))?;
        for _ in 0..3 {
            text = text.strip_suffix(b"-").unwrap_or(text);
        }
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
    let label = if line.get(..3) == Some(b"-- ") {
        line.iter().skip(3).position(|&byte| byte == b'-').map_or(line.len(), |at| at + 3)
    } else {
        label
    };
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
    /// The body ended in padding.
    padded: bool,
    /// A header says the body is encrypted.
    pub(super) encrypted: bool,
    /// The text is a template or leaves something out.
    pub(super) elided: bool,
}

impl Body {
    /// Gathers the base64 characters between the markers.
    pub(super) fn read(armor: &Armor<'_>) -> Self {
        let text = armor.text.get(..BODY).unwrap_or(armor.text);
        let closed = armor.end.is_some();
        let mut lines = lines_of(text, armor.start);
        let marks = if closed { end_prefix(&mut lines) } else { 0 };
        let mut body = Self::default();
        let mut runs = Vec::new();
        for line in lines {
            let (headers, line) = strip_headers(&line);
            body.encrypted |= headers.encrypted;
            if !pick(line, &mut runs, closed) {
                break;
            }
        }
        body.gather(&runs, marks.max(shared_prefix(&runs)), armor);
        let read = body.last().map_or(text.len(), |last| (last - armor.start).saturating_add(64));
        let around = if closed { text } else { text.get(..read).unwrap_or(text) };
        body.elided = elided(around) || body.is_prose(&runs);
        body
    }

    /// Joins the runs, each without its first `marks` characters. Where no END marker says so, the body ends with the first
    /// run that is shorter than those before it.
    fn gather(&mut self, runs: &[Run], marks: usize, armor: &Armor<'_>) {
        let mut width = 0;
        for run in runs {
            let mut run = run.get(marks..).unwrap_or_default();
            if let Some((body, crc)) = armor.is_pgp().then(|| split_crc(run)).flatten() {
                self.crc = Some(crc);
                run = body;
            }
            let open = armor.end.is_none();
            if self.padded && self.crc.is_some() || open && width > 0 && run.len() > width {
                break;
            }
            self.take(run);
            if self.padded && !armor.is_pgp() || open && run.len() < width && !armor.is_pgp() {
                break;
            }
            width = width.max(run.len());
        }
    }

    /// Takes over a run up to its padding.
    fn take(&mut self, run: Line<'_>) {
        for &(byte, place) in run {
            self.padded |= byte == b'=';
            if !self.padded {
                self.text.push(byte);
                self.places.push(place);
            }
        }
    }

    /// Whether the lines are code or prose between two markers rather than a body.
    fn is_prose(&self, runs: &[Run]) -> bool {
        let short = runs.iter().filter(|run| run.len() < 16).count();
        let mut seen = [false; 256];
        self.text.iter().for_each(|&byte| seen[usize::from(byte)] = true);
        short > 2 + runs.len() / 4 || seen.iter().filter(|seen| **seen).count() < 8
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

    /// Offset in the value behind the whole body, without padding.
    pub(super) fn last(&self) -> Option<usize> {
        self.source(usize::MAX)
    }
}

/// What stands where something was left out, and in templates.
fn elided(text: &[u8]) -> bool {
    let marks: [&[u8]; 10] =
        [b"...", b"EXAMPLE", "…".as_bytes(), b"${", b"{{", b"<%", b"xxxxxxxx", b"XXXXXXXX", b"****", b"$("];
    marks.iter().any(|mark| memmem::find(text, mark).is_some())
}

#[derive(Default)]
struct Headers {
    encrypted: bool,
}

/// Names of header lines (RFC 1421, RFC 9580, RFC 4716).
const HEADERS: &[&[u8]] = &[
    b"Proc-Type:",
    b"DEK-Info:",
    b"Comment:",
    b"Version:",
    b"Hash:",
    b"Charset:",
    b"MessageID:",
    b"Subject:",
    b"X-",
    b"friendlyName:",
    b"localKeyID:",
    b"Key-Type:",
];

/// Takes header lines off the front of a line. Where all stands on one line, a header's value ends at the next space.
fn strip_headers(line: Line<'_>) -> (Headers, Line<'_>) {
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
        rest = if after.len() < 80 && first_header(after).is_none() && runs_of(after).iter().all(|run| run.len() < 40) {
            &[]
        } else {
            after
        };
    }
    (headers, rest)
}

/// Where a header begins near the front of a line, and the length of its name.
fn first_header(line: Line<'_>) -> Option<(usize, usize)> {
    let text: Vec<u8> = line.iter().take(64).map(|(byte, _)| *byte).collect();
    HEADERS.iter().filter_map(|name| Some((memmem::find(&text, name)?, name.len()))).min()
}

/// The runs of base64 characters on a line that hold a letter or digit.
fn runs_of(line: Line<'_>) -> Vec<Run> {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let runs = line.split(|(byte, _)| !base64(*byte));
    runs.filter(|run| run.iter().any(|(byte, _)| byte.is_ascii_alphanumeric())).map(<[_]>::to_vec).collect()
}

/// Picks the runs of a line that belong to the body; false when the body cannot go on behind this line.
fn pick(line: Line<'_>, picked: &mut Vec<Run>, closed: bool) -> bool {
    let runs = runs_of(line);
    let longest = runs.iter().map(Vec::len).max().unwrap_or(0);
    if runs.first().is_some_and(|run| run.len() >= 40) {
        picked.extend(runs);
    } else if longest >= 32 {
        picked.extend(runs.into_iter().max_by_key(Vec::len));
    } else if longest >= 16 || !picked.is_empty() && (closed || runs.len() <= 1) {
        picked.extend(runs.into_iter().last());
    } else if !runs.is_empty() && !closed {
        return false;
    }
    true
}

/// Splits the armor checksum of `OpenPGP` off a run: `=` and 4 characters at its end.
fn split_crc(run: Line<'_>) -> Option<(Line<'_>, [u8; 4])> {
    let (rest, crc) = run.split_last_chunk::<4>()?;
    let (equals, rest) = rest.split_last()?;
    let crc = crc.map(|(byte, _)| byte);
    (equals.0 == b'=' && !crc.contains(&b'=')).then_some((rest, crc))
}

/// Drops what stands before the END marker on its line, unless the body ends there. How many `+` or `/` it is made of:
/// marks of a patch or a comment.
fn end_prefix(lines: &mut Vec<Run>) -> usize {
    let Some(last) = lines.last().filter(|_| lines.len() > 1) else { return 0 };
    if last.last().is_some_and(|(byte, _)| byte.is_ascii_alphanumeric() || *byte == b'=') {
        return 0;
    }
    let signs: Vec<u8> = last.iter().map(|(byte, _)| *byte).filter(|byte| !byte.is_ascii_whitespace()).collect();
    let glued = last.last().is_some_and(|(byte, _)| matches!(byte, b'+' | b'/'))
        && signs.iter().all(|byte| matches!(byte, b'+' | b'/'));
    lines.pop();
    if glued { signs.len() } else { 0 }
}

/// How many characters `+` or `/` all lines begin with: marks as above, where there is no END.
fn shared_prefix(runs: &[Run]) -> usize {
    let marks = |run: &Run| run.iter().take_while(|(byte, _)| matches!(byte, b'+' | b'/')).count();
    if runs.len() < 3 { 0 } else { runs.iter().map(marks).min().unwrap_or(0) }
}
