//! `PuTTY` key files (`PuTTY` manual, appendix C, "PPK file format"): lines of name and value.

use super::{ENCRYPTED, NO_BODY, Proved, Told, decode64, public_key};

/// Judges a `PuTTY-User-Key-File-…`.
pub(super) fn prove(value: &[u8]) -> Proved {
    let mut lines = Lines { value, at: 0 };
    let algorithm = lines.next().and_then(|line| Some(text(line.split(|&byte| byte == b':').nth(1)?)));
    let mut file = File::default();
    while let Some(line) = lines.next() {
        if !file.take(line, &mut lines) {
            break;
        }
    }
    let (Some(algorithm), true) = (algorithm, file.private.len() >= 16) else {
        return Proved::Refuted(NO_BODY.into());
    };
    let mut told = Told::default().fact("algorithm", algorithm);
    if file.public.len() >= 16 {
        told = public_key(told, &file.public);
    }
    if !file.comment.is_empty() && file.comment.len() <= 100 {
        told = told.fact("comment", file.comment);
    }
    told.length = Some(file.end.clamp(1, value.len()));
    match (file.encrypted, file.complete) {
        (Some(false), true) => Proved::Certain(
            Told { reason: "the key file is complete and not encrypted".into(), ..told }.fact("encrypted", "no"),
        ),
        (Some(true), _) => Proved::Weak(Told { reason: ENCRYPTED.into(), ..told }.fact("encrypted", "yes")),
        _ => Proved::Open(Told { reason: "the key file is cut off".into(), ..told }),
    }
}

/// What is read of a file.
#[derive(Default)]
struct File {
    encrypted: Option<bool>,
    comment: String,
    public: Vec<u8>,
    private: Vec<u8>,
    /// The line of the checksum was seen, and all lines announced before it.
    complete: bool,
    end: usize,
}

impl File {
    /// Takes a line, with the lines that it announces; false behind the last one.
    fn take(&mut self, line: &[u8], lines: &mut Lines<'_>) -> bool {
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (name, content) = line.split_at(colon);
        let content = content.get(1..).unwrap_or_default().trim_ascii();
        match name {
            b"Encryption" => self.encrypted = Some(content != b"none"),
            b"Comment" => self.comment = text(content),
            b"Public-Lines" => self.public = lines.block(content).unwrap_or_default(),
            b"Private-Lines" => self.private = lines.block(content).unwrap_or_default(),
            b"Private-MAC" | b"Private-Hash" => {
                self.complete = matches!(content.len(), 40 | 64) && !self.private.is_empty();
            }
            b"" => {}
            _ if name.starts_with(b"Key-Derivation") || name.starts_with(b"Argon2-") => {}
            _ => return false,
        }
        self.end = lines.at_line_end();
        !self.complete
    }
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.trim_ascii());
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// Lines, ended by LF, CRLF or an escaped `\n`.
struct Lines<'v> {
    value: &'v [u8],
    at: usize,
}

impl<'v> Lines<'v> {
    fn next(&mut self) -> Option<&'v [u8]> {
        let rest = self.value.get(self.at..).filter(|rest| !rest.is_empty())?;
        let real = memchr::memchr(b'\n', rest).map(|end| (end, end + 1));
        let escaped = memchr::memmem::find(rest, b"\\n").map(|end| (end, end + 2));
        let (end, next) = real.into_iter().chain(escaped).min().unwrap_or((rest.len(), rest.len()));
        self.at += next;
        let line = rest.get(..end)?;
        Some(line.strip_suffix(b"\\r").unwrap_or(line).trim_ascii())
    }

    /// The base64 of as many lines as `count` says, decoded.
    fn block(&mut self, count: &[u8]) -> Option<Vec<u8>> {
        let count: usize = std::str::from_utf8(count).ok()?.parse().ok()?;
        let mut body = Vec::new();
        for _ in 0..count.min(1000) {
            body.extend(self.next()?);
        }
        decode64(&body)
    }

    /// Where the line last read ends, without its line end.
    fn at_line_end(&self) -> usize {
        let read = self.value.get(..self.at).unwrap_or(self.value);
        let read = read.strip_suffix(b"\n").or_else(|| read.strip_suffix(b"\\n")).unwrap_or(read);
        read.strip_suffix(b"\r").or_else(|| read.strip_suffix(b"\\r")).unwrap_or(read).len()
    }
}
