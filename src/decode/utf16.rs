//! UTF-16 to UTF-8 with the way back.

use std::borrow::Cow;

use super::View;
use super::map::{Builder, Map};
use crate::source::read::Window;

/// The shortest wide string of a binary that is looked at, in characters.
const MIN_WIDE: usize = 8;

/// A window of a UTF-16 blob. Windows begin at even offsets. Unpaired surrogates become U+FFFD.
pub(super) fn text<'a>(window: &Window<'a>, big: bool) -> View<'a> {
    let mut builder = Builder::default();
    let units: Vec<u16> = window
        .bytes
        .chunks_exact(2)
        .map(|pair| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) })
        .collect();
    let (mut at, mut core) = (0usize, (None, None));
    for decoded in char::decode_utf16(units) {
        let c = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        if at >= window.core_start && core.0.is_none() {
            core.0 = Some(builder.len());
        }
        if at >= window.core_end && core.1.is_none() {
            core.1 = Some(builder.len());
        }
        push(&mut builder, c, at);
        at += 2 * c.len_utf16();
    }
    let length = builder.len();
    view(builder, window, core.0.unwrap_or(length)..core.1.unwrap_or(length), "utf-16")
}

/// A decoded text in UTF-16, little end first.
pub(super) fn narrow(bytes: &[u8]) -> Builder {
    let mut builder = Builder::default();
    let mut at = 0;
    for decoded in char::decode_utf16(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))) {
        let c = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        push(&mut builder, c, at);
        at += 2 * c.len_utf16();
    }
    builder
}

/// The runs of wide ASCII in a binary window, a line each. `None` when there are none.
pub(super) fn wide_strings<'a>(window: &Window<'a>) -> Option<View<'a>> {
    let mut builder = Builder::default();
    let bytes = window.bytes;
    let wide =
        |at: usize| matches!(bytes.get(at..at + 2), Some(&[byte, 0]) if (0x20..0x7f).contains(&byte) || byte == b'\t');
    let (mut at, mut core) = (0usize, (None, None));
    while let Some(found) = memchr::memchr(0, &bytes[at..]) {
        let start = (at + found).saturating_sub(1).max(at);
        let mut end = start;
        while wide(end) {
            end += 2;
        }
        if end - start < 2 * MIN_WIDE {
            at = (end).max(at + found + 1);
            continue;
        }
        if start >= window.core_start && core.0.is_none() {
            core.0 = Some(builder.len());
        }
        if start >= window.core_end && core.1.is_none() {
            core.1 = Some(builder.len());
        }
        for (index, pair) in bytes[start..end].chunks_exact(2).enumerate() {
            builder.steps(&pair[..1], start + 2 * index, (1, 2));
        }
        builder.made(b"\n", end);
        at = end;
    }
    let length = builder.len();
    let core = core.0.unwrap_or(length)..core.1.unwrap_or(length);
    (length > 0).then(|| view(builder, window, core, "utf-16 strings"))
}

fn push(builder: &mut Builder, c: char, at: usize) {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).as_bytes();
    if c.is_ascii() {
        builder.steps(bytes, at, (1, 2));
    } else {
        builder.whole(bytes, &(at..at + 2 * c.len_utf16()));
    }
}

fn view<'a>(builder: Builder, window: &Window<'a>, core: std::ops::Range<usize>, step: &'static str) -> View<'a> {
    let (bytes, marks) = builder.finish();
    let map = Map::Stretches { offset: window.offset, marks };
    View { bytes: Cow::Owned(bytes), map, chain: vec![Cow::Borrowed(step)], core }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn every_character_maps_back_to_its_units() {
        let source = "aß€😀z";
        let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let view = text(&Window::whole(&bytes), false);
        assert_eq!(view.bytes.as_ref(), source.as_bytes());
        let mut blob = 0;
        for (at, c) in source.char_indices() {
            let span = view.to_blob(&(at..at + c.len_utf8()));
            let length = 2 * c.len_utf16() as u64;
            assert_eq!(span, Span { start: blob, end: blob + length });
            blob += length;
        }
    }

    #[test]
    fn wide_strings_of_a_binary_are_found_at_odd_offsets_too() {
        let mut bytes = vec![0x7f, 0, 0, 1, 2, 3, 0xff];
        let start = bytes.len() as u64;
        bytes.extend("wide-string-here".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend([9, 9, 9]);
        let view = wide_strings(&Window::whole(&bytes)).unwrap();
        let at = memchr::memmem::find(&view.bytes, b"wide").unwrap();
        assert_eq!(view.to_blob(&(at..at + 4)), Span { start, end: start + 8 });
    }
}
