//! Quoted strings and their escapes, each with its place.

use std::borrow::Cow;
use std::ops::Range;

use super::{Piece, Pieces};

/// Whose escapes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// `\n`, `\u0041`, surrogate pairs; single quotes as double ones (JSON5).
    Json,
    /// `\n`, `\u0041`, `\U0001F600` (TOML, HCL).
    Toml,
}

/// A string in quotes that begins at `at`: its pieces, and its place with the quotes. A string that is never closed ends
/// at its line.
pub(super) fn quoted(text: &[u8], at: usize, escapes: Escapes) -> (Pieces, Range<usize>) {
    let quote = text[at];
    let mut pieces = Pieces::new();
    let (mut from, mut here) = (at + 1, at + 1);
    while let Some(found) = memchr::memchr3(quote, b'\\', b'\n', &text[here..]).map(|found| here + found) {
        let byte = text[found];
        if byte == b'\\' && found + 1 < text.len() {
            let (bytes, end) = escape(text, found, escapes);
            plain(&mut pieces, from..found);
            pieces.push(Piece::Decoded(bytes, found..end));
            (from, here) = (end, end);
            continue;
        }
        if byte == b'\\' {
            break;
        }
        plain(&mut pieces, from..found);
        return (pieces, at..found + usize::from(byte == quote));
    }
    plain(&mut pieces, from..text.len());
    (pieces, at..text.len())
}

pub(super) fn plain(pieces: &mut Pieces, place: Range<usize>) {
    if !place.is_empty() {
        pieces.push(Piece::Plain(place));
    }
}

/// What the escape at `at` stands for, and where it ends.
pub(super) fn escape(text: &[u8], at: usize, escapes: Escapes) -> (Cow<'static, [u8]>, usize) {
    let letter = text.get(at + 1).copied().unwrap_or(b'\\');
    let end = at + 2;
    let short: &'static [u8] = match letter {
        b'n' => b"\n",
        b't' => b"\t",
        b'r' => b"\r",
        b'b' => b"\x08",
        b'f' => b"\x0c",
        b'v' => b"\x0b",
        b'0' => b"\0",
        b'a' => b"\x07",
        b'e' => b"\x1b",
        b'_' => b"\xc2\xa0",
        b'N' => b"\xc2\x85",
        b'"' => b"\"",
        b'\'' => b"'",
        b'\\' => b"\\",
        b'/' => b"/",
        b' ' => b" ",
        b'x' => return point(text, at, 2, escapes),
        b'u' => return point(text, at, 4, escapes),
        b'U' => return point(text, at, 8, escapes),
        // Nobody's escape: the text as it stands.
        other => return (Cow::Owned(vec![b'\\', other]), end),
    };
    (Cow::Borrowed(short), end)
}

fn hex(text: &[u8], from: usize, digits: usize) -> Option<u32> {
    let digits = std::str::from_utf8(text.get(from..from + digits)?).ok()?;
    if digits.starts_with('+') { None } else { u32::from_str_radix(digits, 16).ok() }
}

fn point(text: &[u8], at: usize, digits: usize, escapes: Escapes) -> (Cow<'static, [u8]>, usize) {
    let as_it_stands = || (Cow::Owned(text[at..at + 2].to_vec()), at + 2);
    let Some(mut code) = hex(text, at + 2, digits) else { return as_it_stands() };
    let mut end = at + 2 + digits;
    let high = (0xd800..0xdc00).contains(&code);
    if escapes == Escapes::Json
        && high
        && text.get(end..end + 2) == Some(b"\\u")
        && let Some(low @ 0xdc00..0xe000) = hex(text, end + 2, 4)
    {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        end += 6;
    }
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    let mut buffer = [0; 4];
    (Cow::Owned(character.encode_utf8(&mut buffer).as_bytes().to_vec()), end)
}
