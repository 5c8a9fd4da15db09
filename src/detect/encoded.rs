//! Stretches that are worth decoding: noticed beside the runs and names that the passes find anyway.
//!
//! A random-looking run is looked at once: its first characters, decoded, are text or the magic of a compressed stream, or
//! they are not; right before or behind it stands an escape, or none. So trees without encoded text pay a few
//! instructions a run.

use std::ops::Range;

use memchr::memmem;

use super::runs::Masks;
use super::search::Search;
use crate::decode::{Coding, ESCAPES, Encoded, Escape, extent, is_base64, opens, opens_hex};

/// The shortest base64 text that is decoded, in characters.
const MIN_BASE64: usize = 24;
/// The same for hexadecimal digits.
const MIN_HEX: usize = 32;
/// Base64 is followed to the left of a run by at most this many characters to find where it begins.
const MAX_LEFT: usize = 128;
/// Bytes on either side of a run or name with an escape that are decoded with it, within its line.
const REACH: usize = 512;
/// Soft line ends stand at the end of lines of this many characters (RFC 2045 allows 76, mailers use most of them).
const SOFT_LINE: usize = 68;
/// The longest escape: `\u{10ffff}`.
const MAX_ESCAPE: usize = 10;

/// What is known of a view's encoded stretches while it is searched.
#[derive(Default)]
pub(super) struct Noticed {
    /// Base64 and hexadecimal digits were looked at up to here.
    wide_done: usize,
    /// Escapes of each kind were noted up to here.
    escapes_done: [usize; ESCAPES],
    /// The text says that it is quoted-printable; unknown until it matters.
    quoted: Option<bool>,
}

impl Search<'_, '_> {
    /// Notes what is encoded at a random-looking run.
    pub(super) fn encoded(&mut self, masks: &Masks, start: usize, end: usize) {
        if start >= self.noticed.wide_done {
            self.wide(masks, start, end);
        }
        self.escaped(start, end);
    }

    /// Base64 or hexadecimal digits that the run is a part of.
    fn wide(&mut self, masks: &Masks, start: usize, end: usize) {
        let bytes = self.bytes;
        let least = start.saturating_sub(MAX_LEFT).max(self.noticed.wide_done);
        let mut from = start;
        while from > least && is_base64(bytes[from - 1]) {
            from -= 1;
        }
        let to = masks.stretch_end(bytes, end, bytes.len(), is_base64);
        self.noticed.wide_done = to;
        if to - from < MIN_BASE64 {
            return;
        }
        let skip = super::boundary::escape_before(bytes, from).unwrap_or(0);
        if let Some(range) = hex_at(bytes, masks, start, end) {
            self.note(Coding::Hex, range);
            return;
        }
        // Where the text was cut, or goes on for long, any of four characters may begin a group.
        let unknown = from == 0 || is_base64(bytes[from - 1]);
        let shifts = if unknown { 0..4 } else { 0..1 };
        let begins = shifts.map(|shift| from + skip + shift).chain([from, start]);
        let found = begins.into_iter().find(|&at| to.saturating_sub(at) >= MIN_BASE64 && opens(bytes, at));
        if let Some(at) = found {
            let to = extent(bytes, at);
            self.noticed.wide_done = to;
            self.note(Coding::Base64, at..to);
        }
    }

    /// Escapes right before or behind a run.
    fn escaped(&mut self, start: usize, end: usize) {
        let bytes = self.bytes;
        let before = start.checked_sub(1).map_or(b' ', |at| bytes[at]);
        let behind = bytes.get(end).copied().unwrap_or(b' ');
        let mut signal = |at: usize, escape: Escape| {
            if escape.tells(&bytes[at..]) {
                self.region(escape, at);
            }
        };
        match before {
            b'%' => signal(start - 1, Escape::Percent),
            b'\\' => signal(start - 1, Escape::Backslash),
            b';' => {
                let least = start.saturating_sub(MAX_ESCAPE);
                if let Some(at) = memchr::memrchr(b'&', &bytes[least..start]) {
                    signal(least + at, Escape::Entity);
                }
            }
            b'=' => self.quoted(start - 1),
            _ => {}
        }
        match behind {
            b'=' => self.quoted(end),
            _ => self.escape_at(end),
        }
    }

    /// Notes the surroundings of an escape that stands at `at`, if one does.
    pub(super) fn escape_at(&mut self, at: usize) {
        let escape = match self.bytes.get(at) {
            Some(b'%') => Escape::Percent,
            Some(b'\\') => Escape::Backslash,
            Some(b'&') => Escape::Entity,
            _ => return,
        };
        if escape.tells(&self.bytes[at..]) {
            self.region(escape, at);
        }
    }

    /// Notes a name and its value, where the value holds escapes.
    pub(super) fn escapes_in(&mut self, name: usize, value: &Range<usize>) {
        let bytes = self.bytes;
        let inner = &bytes[value.clone()];
        if value.end - name > REACH {
            return;
        }
        for escape in [Escape::Percent, Escape::Backslash, Escape::Entity] {
            let found = memchr::memchr_iter(escape.mark(), inner).take(16).any(|at| escape.tells(&inner[at..]));
            if found {
                let end = bytes.len().min(value.end + 1);
                self.note(Coding::Escapes(escape), name..end);
            }
        }
    }

    /// Quoted-printable: an escape or a soft line end at `=`, in a text that is so encoded or looks it.
    fn quoted(&mut self, at: usize) {
        let bytes = self.bytes;
        if !Escape::Quoted.tells(&bytes[at..]) {
            return;
        }
        let least = at.saturating_sub(REACH);
        let begin = memchr::memrchr(b'\n', &bytes[least..at]).map_or(least, |found| least + found + 1);
        let line = at - begin;
        let soft = matches!(bytes.get(at + 1), Some(b'\r' | b'\n')) && (SOFT_LINE..=76).contains(&line);
        if soft || self.is_quoted() {
            self.region(Escape::Quoted, at);
        }
    }

    fn is_quoted(&mut self) -> bool {
        let bytes = self.bytes;
        *self.noticed.quoted.get_or_insert_with(|| {
            [&b"quoted-printable"[..], b"QUOTED-PRINTABLE", b"Quoted-Printable"]
                .into_iter()
                .any(|name| memmem::find(bytes, name).is_some())
        })
    }

    /// Notes the text around an escape: its line, as far as it may matter. Each byte is noted once a kind.
    fn region(&mut self, escape: Escape, at: usize) {
        let bytes = self.bytes;
        let done = &mut self.noticed.escapes_done[escape as usize];
        if at < *done {
            return;
        }
        let least = at.saturating_sub(REACH).max(*done);
        let most = bytes.len().min(at + REACH);
        let (mut from, mut to) = (least, most);
        if escape == Escape::Quoted {
            // Whole lines: a soft end may be in the middle of a value.
            from = memchr::memchr(b'\n', &bytes[least..at]).map_or(least, |found| least + found + 1);
            to = memchr::memrchr(b'\n', &bytes[at..most]).map_or(most, |found| (at + found + 1).max(at + 3)).min(most);
        } else {
            let stop = |byte: &u8| closes(escape, *byte);
            if let Some(found) = bytes[least..at].iter().rposition(stop) {
                from = least + found + 1;
            } else if from > *done {
                from = boundary(bytes, from, at);
            }
            if let Some(found) = bytes[at..most].iter().position(stop) {
                to = at + found;
            } else if to < bytes.len() {
                to = boundary_before(bytes, at, to);
            }
        }
        *done = to.max(at + 1);
        self.note(Coding::Escapes(escape), from..to);
    }

    fn note(&mut self, coding: Coding, range: Range<usize>) {
        if range.start < self.core.end && range.end > self.core.start {
            self.scratch.encoded.push(Encoded { coding, range });
        }
    }
}

/// The run's hexadecimal digits, if it is nothing else and begins like a text.
fn hex_at(bytes: &[u8], masks: &Masks, start: usize, end: usize) -> Option<Range<usize>> {
    if end - start < MIN_HEX {
        return None;
    }
    let from = if bytes[start..].starts_with(b"0x") { start + 2 } else { start };
    // ASCII in hexadecimal digits begins with 2 to 7, and has a digit in every other place at least.
    let digits = masks.digits(from, end) as usize;
    let hex = matches!(bytes[from], b'0'..=b'7')
        && digits * 2 >= end - from
        && bytes[from..end].iter().all(u8::is_ascii_hexdigit)
        && opens_hex(bytes, from);
    hex.then_some(from..end)
}

/// What stands around text with such escapes and never in it: the end of the line, the quotes of an attribute.
fn closes(escape: Escape, byte: u8) -> bool {
    match escape {
        Escape::Percent => matches!(byte, b'\n' | b'\r' | b'\t' | b' ' | b'"' | b'<' | b'>' | b'`'),
        Escape::Entity => matches!(byte, b'\n' | b'\r' | b'"' | b'<' | b'>'),
        Escape::Backslash | Escape::Quoted => byte == b'\n',
    }
}

/// The first place at or after `from` where no token goes on.
fn boundary(bytes: &[u8], from: usize, most: usize) -> usize {
    (from..most).find(|&at| is_end(bytes[at])).map_or(most, |at| at + 1)
}

/// The last place before `to` where no token goes on.
fn boundary_before(bytes: &[u8], least: usize, to: usize) -> usize {
    (least + MAX_ESCAPE..to).rev().find(|&at| is_end(bytes[at])).unwrap_or(to)
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b',' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}')
}
