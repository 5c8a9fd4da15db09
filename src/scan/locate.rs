//! Lines and columns of places in a blob, in one pass over its bytes, chunk by chunk.

use crate::decode::Encoding;
use crate::judge::Position;

/// Finds the positions of sorted offsets while a blob's bytes go by.
pub(super) struct Locator<'m> {
    encoding: Encoding,
    /// Offsets not yet reached, ascending.
    marks: &'m [u64],
    /// Offset of the next byte.
    at: u64,
    here: Position,
    /// Bytes of a character cut by the end of a chunk.
    held: Vec<u8>,
    /// Bytes of a byte-order mark still to be passed over.
    skip: usize,
    found: Vec<Position>,
}

impl<'m> Locator<'m> {
    /// For a blob that begins with `head`.
    pub(super) fn new(encoding: Encoding, head: &[u8], marks: &'m [u64]) -> Self {
        Self {
            encoding,
            marks,
            at: 0,
            here: Position { line: 1, column: 1, utf16: 1 },
            held: Vec::new(),
            skip: encoding.mark_length(head),
            found: Vec::with_capacity(marks.len()),
        }
    }

    /// True when every mark is placed: the rest of the blob need not be read.
    pub(super) fn done(&self) -> bool {
        self.found.len() == self.marks.len()
    }

    /// The next bytes of the blob.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        if self.held.is_empty() {
            self.consume(chunk, false);
        } else {
            let mut joined = std::mem::take(&mut self.held);
            joined.extend_from_slice(chunk);
            self.consume(&joined, false);
        }
    }

    /// The positions of all marks; those past the blob's end get its end.
    pub(super) fn finish(mut self) -> Vec<Position> {
        let held = std::mem::take(&mut self.held);
        self.consume(&held, true);
        self.found.resize(self.marks.len(), self.here);
        self.found
    }

    fn consume(&mut self, mut bytes: &[u8], last: bool) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        while self.found.len() < self.marks.len() && self.marks[self.found.len()] <= self.at && skipped > 0 {
            self.found.push(self.here);
        }
        self.at += skipped as u64;
        bytes = &bytes[skipped..];
        if !last {
            let keep = self.whole_length(bytes);
            self.held = bytes[keep..].to_vec();
            bytes = &bytes[..keep];
        }
        let end = self.at + bytes.len() as u64;
        while let Some(&mark) = self.marks.get(self.found.len()).filter(|&&mark| mark <= end) {
            let length = usize::try_from(mark.saturating_sub(self.at)).unwrap_or(0);
            let (head, tail) = bytes.split_at(length);
            self.advance(head);
            self.found.push(self.here);
            bytes = tail;
        }
        self.advance(bytes);
    }

    /// Length of the part of `bytes` that ends at a character's end.
    fn whole_length(&self, bytes: &[u8]) -> usize {
        if self.is_utf16() {
            return bytes.len() & !1;
        }
        // At most three bytes of a character can be waiting for their fourth.
        for back in 1..=bytes.len().min(3) {
            let byte = bytes[bytes.len() - back];
            let needs = match byte {
                0xf0..=0xf4 => 4,
                0xe0..=0xef => 3,
                0xc2..=0xdf => 2,
                0x80..=0xbf => continue,
                _ => 1,
            };
            return if needs > back { bytes.len() - back } else { bytes.len() };
        }
        bytes.len()
    }

    fn is_utf16(&self) -> bool {
        matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be)
    }

    fn advance(&mut self, bytes: &[u8]) {
        self.at += bytes.len() as u64;
        if self.is_utf16() {
            self.advance_units(bytes);
            return;
        }
        let tail = match memchr::memrchr(b'\n', bytes) {
            Some(newline) => {
                self.here.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
                (self.here.column, self.here.utf16) = (1, 1);
                &bytes[newline + 1..]
            }
            None => bytes,
        };
        let (characters, units) = count(tail);
        self.here.column += characters;
        self.here.utf16 += units;
    }

    fn advance_units(&mut self, bytes: &[u8]) {
        let big = self.encoding == Encoding::Utf16Be;
        for pair in bytes.chunks_exact(2) {
            let unit =
                if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) };
            if unit == 0x0a {
                self.here = Position { line: self.here.line + 1, column: 1, utf16: 1 };
            } else {
                self.here.utf16 += 1;
                // The second half of a pair is no character of its own.
                self.here.column += u64::from(!(0xdc00..0xe000).contains(&unit));
            }
        }
    }
}

/// Characters and UTF-16 units of UTF-8 text; a byte that is no UTF-8 counts as one of each.
fn count(bytes: &[u8]) -> (u64, u64) {
    if bytes.is_ascii() {
        return (bytes.len() as u64, bytes.len() as u64);
    }
    // Nearly always all of it is UTF-8, which is checked many times faster than taken apart.
    if std::str::from_utf8(bytes).is_ok() {
        return count_valid(bytes);
    }
    let (mut characters, mut units) = (0u64, 0u64);
    for chunk in bytes.utf8_chunks() {
        let (valid, wide) = count_valid(chunk.valid().as_bytes());
        let invalid = chunk.invalid().len() as u64;
        characters += valid + invalid;
        units += wide + invalid;
    }
    (characters, units)
}

/// The same where every byte is UTF-8.
fn count_valid(bytes: &[u8]) -> (u64, u64) {
    let (mut starts, mut fours) = (0u64, 0u64);
    // As many as a byte can count, so that a register counts in all its bytes at once.
    for chunk in bytes.chunks(255) {
        starts += u64::from(chunk.iter().map(|&byte| u8::from(byte & 0xc0 != 0x80)).sum::<u8>());
        fours += u64::from(chunk.iter().map(|&byte| u8::from(byte >= 0xf0)).sum::<u8>());
    }
    (starts, starts + fours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn locate(encoding: Encoding, bytes: &[u8], marks: &[u64], chunk: usize) -> Vec<Position> {
        let mut locator = Locator::new(encoding, bytes, marks);
        for piece in bytes.chunks(chunk.max(1)) {
            locator.push(piece);
        }
        locator.finish()
    }

    fn at(line: u64, column: u64, utf16: u64) -> Position {
        Position { line, column, utf16 }
    }

    #[test]
    fn columns_are_true_after_tabs_crlf_emoji_and_a_byte_order_mark() {
        let text = "\u{feff}a\tb\r\n😀é=x\n";
        let bytes = text.as_bytes();
        let mark = |needle: &str| text.find(needle).unwrap() as u64;
        let marks = [3, mark("b"), mark("x")];
        assert_eq!(locate(Encoding::Utf8Bom, bytes, &marks, 1), [at(1, 1, 1), at(1, 3, 3), at(2, 4, 5)]);
    }

    #[test]
    fn latin1_bytes_are_one_column_each() {
        assert_eq!(locate(Encoding::Bytes, b"\xe9\xe8=x", &[3], 2), [at(1, 4, 4)]);
    }

    #[test]
    fn utf16_counts_units() {
        let bytes: Vec<u8> = [0xfeff].into_iter().chain("😀\r\nab".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(locate(Encoding::Utf16Le, &bytes, &[2, 6, 12], 3), [at(1, 1, 1), at(1, 2, 3), at(2, 2, 2)]);
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(text in "[a\t\r\n😀é=]{0,40}", chunk in 1usize..9) {
            let bytes = text.as_bytes();
            let marks: Vec<u64> = text.char_indices().map(|(at, _)| at as u64).collect();
            let expected: Vec<Position> = text.char_indices().map(|(end, _)| {
                let before = &text[..end];
                let line = before.rsplit('\n').next().unwrap();
                at(before.matches('\n').count() as u64 + 1, line.chars().count() as u64 + 1, line.encode_utf16().count() as u64 + 1)
            }).collect();
            prop_assert_eq!(locate(Encoding::Bytes, bytes, &marks, chunk), expected);
        }
    }
}
