//! Base64 in both alphabets, padded or not, wrapped over lines; hexadecimal digits.

use std::ops::Range;
use std::sync::LazyLock;

use data_encoding::{Encoding, HEXLOWER_PERMISSIVE, Specification};

use super::map::Builder;

/// Both alphabets at once, no padding, any trailing bits.
static BASE64: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut wanted = Specification::new();
    wanted.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    wanted.translate.from.push_str("-_");
    wanted.translate.to.push_str("+/");
    wanted.check_trailing_bits = false;
    wanted.encoding().ok()
});

/// A line this long may go on in the next one.
const SHORTEST_WRAPPED: usize = 32;
/// Blanks before a line that goes on.
const MAX_INDENT: usize = 256;
/// The first line stands behind a key: the next ones may be longer by so much.
const KEY_ROOM: usize = 128;

/// A character of base64, in either alphabet.
#[inline]
pub fn is_base64(byte: u8) -> bool {
    CHARACTERS[usize::from(byte)]
}

static CHARACTERS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// The first bytes of what stands at `at` in base64: nine of them, or `None` where there are fewer characters.
pub(super) fn opening(text: &[u8], at: usize) -> Option<[u8; 9]> {
    let encoded = text.get(at..at + 12)?;
    let mut out = [0; 9];
    BASE64.as_ref()?.decode_mut(encoded, &mut out).ok()?;
    Some(out)
}

/// The end of the base64 text that begins at `start`: its own line, and the following ones where it is wrapped.
pub fn extent(text: &[u8], start: usize) -> usize {
    let mut end = line_end(text, start);
    let (mut longest, mut first) = (end - start, true);
    loop {
        let length = end - start_of_piece(text, start, end);
        if longest < SHORTEST_WRAPPED || length < longest && !first || text.get(end) == Some(&b'=') {
            return end;
        }
        let Some(next) = next_line(text, end) else { return end };
        let to = line_end(text, next);
        let most = if first { longest + KEY_ROOM } else { longest };
        let closed = match text.get(to) {
            None => true,
            Some(byte) => matches!(byte, b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'\\' | b'<' | b')' | b',' | b';'),
        };
        if to == next || to - next > most || !closed {
            return end;
        }
        longest = if first { to - next } else { longest };
        (end, first) = (to, false);
    }
}

fn start_of_piece(text: &[u8], start: usize, end: usize) -> usize {
    let mut at = end;
    while at > start && is_base64(text[at - 1]) {
        at -= 1;
    }
    at
}

fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|&byte| !is_base64(byte)).map_or(text.len(), |length| at + length)
}

/// Where the text goes on behind a line's end: a line feed, one escaped (`\n` as two characters), or one behind `\`.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let rest = &text[end..];
    let escaped = [&b"\\r\\n"[..], b"\\n"].into_iter().find(|mark| rest.starts_with(mark));
    if let Some(mark) = escaped {
        return Some(end + mark.len());
    }
    let skip = usize::from(rest.starts_with(b"\\"));
    let feed = [&b"\r\n"[..], b"\n"].into_iter().find(|feed| rest[skip..].starts_with(feed))?;
    let from = end + skip + feed.len();
    let blanks = text[from..].iter().take(MAX_INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some(from + blanks)
}

/// Decodes base64 of either alphabet. Line ends and blanks inside are passed over, padding ends it; a single character
/// left over is dropped. False, and possibly a part of the text, when something else stands in the range.
pub fn base64(text: &[u8], range: Range<usize>, out: &mut Builder) -> bool {
    let Some(encoding) = BASE64.as_ref() else { return false };
    let end = range.end.min(text.len());
    let mut carry: Vec<(u8, usize)> = Vec::with_capacity(4);
    let mut buffer = Vec::new();
    let mut at = range.start;
    let mut good = true;
    while at < end {
        let to = line_end(&text[..end], at);
        while at < to && !carry.is_empty() && carry.len() < 4 {
            carry.push((text[at], at));
            at += 1;
        }
        if carry.len() == 4 {
            group(encoding, &carry, out);
            carry.clear();
        }
        let whole = (to - at) / 4 * 4;
        buffer.resize(whole / 4 * 3, 0);
        if whole > 0 && encoding.decode_mut(&text[at..at + whole], &mut buffer).is_ok() {
            out.steps(&buffer, at, (3, 4));
        }
        carry.extend((at + whole..to).map(|at| (text[at], at)));
        let gap = gap(&text[..end], to);
        if gap == to {
            good = to == end || text[to] == b'=';
            break;
        }
        at = gap;
    }
    if carry.len() > 1 {
        group(encoding, &carry, out);
    }
    good
}

/// The end of what may stand between two lines of base64.
fn gap(text: &[u8], mut at: usize) -> usize {
    loop {
        let step = match text[at..] {
            [b'\r' | b'\n' | b' ' | b'\t', ..] | [b'\\', b'\r' | b'\n', ..] => 1,
            [b'\\', b'n' | b'r', ..] => 2,
            _ => return at,
        };
        at += step;
    }
}

/// Two to four characters that belong together, perhaps not on one line.
fn group(encoding: &Encoding, characters: &[(u8, usize)], out: &mut Builder) {
    let encoded: Vec<u8> = characters.iter().map(|&(byte, _)| byte).collect();
    let (Ok(bytes), Some(first), Some(last)) = (encoding.decode(&encoded), characters.first(), characters.last())
    else {
        return;
    };
    if last.1 - first.1 + 1 == characters.len() {
        out.steps(&bytes, first.1, (3, 4));
    } else {
        out.whole(&bytes, &(first.1..last.1 + 1));
    }
}

/// Decodes hexadecimal digits of either case; a last digit alone is dropped. False when something else stands there.
pub fn hex(text: &[u8], range: Range<usize>, out: &mut Builder) -> bool {
    let length = range.len() & !1;
    let Some(encoded) = text.get(range.start..range.start + length) else { return false };
    let Ok(bytes) = HEXLOWER_PERMISSIVE.decode(encoded) else { return false };
    out.steps(&bytes, range.start, (1, 2));
    true
}
