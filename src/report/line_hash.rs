//! The value GitHub code scanning names `primaryLocationLineHash`: a rolling hash over the hundred characters from a
//! line's start on, by which an alert is followed when lines move.
//!
//! It is unkeyed and covers the line with the secret, so it goes only into reports whose reader has the source.

use std::collections::HashMap;

/// Characters covered.
const WINDOW: usize = 100;
const BASE: u64 = 37;
/// Fed once after the last character.
const END: u16 = 0xffff;

/// What a character that leaves the window is worth.
const OLDEST: u64 = {
    let mut power = 1_u64;
    let mut left = WINDOW;
    while left > 0 {
        power = power.wrapping_mul(BASE);
        left -= 1;
    }
    power
};

/// Hashes lines of a text that comes in chunks.
///
/// Lines end at CR, LF or CRLF here, as GitHub counts them. Memory grows with the number of distinct lines of the text:
/// equal hashes are numbered.
pub struct LineHasher {
    wanted: Vec<u64>,
    found: Vec<(u64, String)>,
    seen: HashMap<u64, u64>,
    slots: Box<[Slot; WINDOW]>,
    at: usize,
    hash: u64,
    line: u64,
    at_line_start: bool,
    after_cr: bool,
    partial: Partial,
}

/// One character of the window.
#[derive(Clone, Copy, Default)]
struct Slot {
    unit: u16,
    /// The line that begins here; 0 for none.
    line: u64,
}

/// A UTF-8 character of which the next chunk holds the rest.
#[derive(Clone, Copy, Default)]
struct Partial {
    bytes: [u8; 4],
    length: usize,
}

impl LineHasher {
    /// A hasher that gives the hashes of these lines, 1-based, in any order.
    pub fn new(lines: &[u64]) -> Self {
        let mut wanted = lines.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        Self {
            wanted,
            found: Vec::new(),
            seen: HashMap::new(),
            slots: Box::new([Slot::default(); WINDOW]),
            at: 0,
            hash: 0,
            line: 0,
            at_line_start: true,
            after_cr: false,
            partial: Partial::default(),
        }
    }

    /// Takes the next bytes of the text. What is no UTF-8 counts as U+FFFD, as in a lossy decode of the whole.
    pub fn push(&mut self, chunk: &[u8]) {
        if self.found.len() == self.wanted.len() {
            return;
        }
        let mut rest = chunk;
        while self.partial.length > 0 {
            let Some((first, others)) = rest.split_first() else { return };
            if self.complete(*first) {
                rest = others;
            }
        }
        self.decode(rest);
    }

    /// Ends the text. The hashes of the wanted lines that exist, by line, as `hash:count`.
    pub fn finish(mut self) -> Vec<(u64, String)> {
        if self.partial.length > 0 {
            self.character('\u{fffd}');
        }
        self.unit(END);
        for _ in 0..WINDOW {
            self.emit();
            self.roll(0);
        }
        self.found
    }

    /// Tries a byte after the kept ones. False when it does not belong to them and is still to be taken.
    fn complete(&mut self, byte: u8) -> bool {
        let Partial { mut bytes, length } = self.partial;
        bytes[length] = byte;
        match std::str::from_utf8(&bytes[..=length]) {
            Ok(text) => {
                self.partial.length = 0;
                text.chars().for_each(|c| self.character(c));
                true
            }
            Err(error) if error.error_len().is_none() => {
                self.partial = Partial { bytes, length: length + 1 };
                true
            }
            Err(_) => {
                self.partial.length = 0;
                self.character('\u{fffd}');
                false
            }
        }
    }

    fn decode(&mut self, bytes: &[u8]) {
        let mut left = bytes.len();
        for piece in bytes.utf8_chunks() {
            piece.valid().chars().for_each(|c| self.character(c));
            let invalid = piece.invalid();
            left -= piece.valid().len() + invalid.len();
            let ends_early = left == 0 && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if ends_early {
                self.partial.length = invalid.len();
                self.partial.bytes[..invalid.len()].copy_from_slice(invalid);
            } else if !invalid.is_empty() {
                self.character('\u{fffd}');
            }
        }
    }

    fn character(&mut self, c: char) {
        for unit in c.encode_utf16(&mut [0; 2]) {
            self.unit(*unit);
        }
    }

    /// Takes a UTF-16 code unit: blanks are dropped, and every line end counts as one LF.
    fn unit(&mut self, unit: u16) {
        const TAB: u16 = 9;
        const LF: u16 = 10;
        const CR: u16 = 13;
        const BLANK: u16 = 32;
        let after_cr = std::mem::replace(&mut self.after_cr, unit == CR);
        if matches!(unit, TAB | BLANK) || (unit == LF && after_cr) {
            return;
        }
        self.emit();
        if self.at_line_start {
            self.line += 1;
            self.slots[self.at].line = self.line;
        }
        self.at_line_start = matches!(unit, CR | LF);
        self.roll(if unit == CR { LF } else { unit });
    }

    /// Puts a unit in the place of the oldest one.
    fn roll(&mut self, unit: u16) {
        let oldest = std::mem::replace(&mut self.slots[self.at].unit, unit);
        self.hash = self
            .hash
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(OLDEST.wrapping_mul(u64::from(oldest)));
        self.at = (self.at + 1) % WINDOW;
    }

    /// Gives out the line that begins at the oldest place of the window, if one does.
    fn emit(&mut self) {
        let line = std::mem::take(&mut self.slots[self.at].line);
        if line == 0 {
            return;
        }
        let count = self.seen.entry(self.hash).or_insert(0);
        *count += 1;
        if self.wanted.binary_search(&line).is_ok() {
            self.found.push((line, format!("{:x}:{count}", self.hash)));
        }
    }
}
