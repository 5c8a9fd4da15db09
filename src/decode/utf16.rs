//! UTF-16 to UTF-8 with the way back.

use std::borrow::Cow;

use super::{Map, Mark, View};
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
            core.0 = Some(builder.bytes.len());
        }
        if at >= window.core_end && core.1.is_none() {
            core.1 = Some(builder.bytes.len());
        }
        builder.push(c, at);
        at += 2 * c.len_utf16();
    }
    let length = builder.bytes.len();
    builder.view(window, core.0.unwrap_or(length)..core.1.unwrap_or(length), &["utf-16"])
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
            core.0 = Some(builder.bytes.len());
        }
        if start >= window.core_end && core.1.is_none() {
            core.1 = Some(builder.bytes.len());
        }
        for (index, pair) in bytes[start..end].chunks_exact(2).enumerate() {
            builder.push(char::from(pair[0]), start + 2 * index);
        }
        builder.push('\n', end);
        at = end;
    }
    let length = builder.bytes.len();
    let core = core.0.unwrap_or(length)..core.1.unwrap_or(length);
    (length > 0).then(|| builder.view(window, core, &["utf-16 strings"]))
}

#[derive(Default)]
struct Builder {
    bytes: Vec<u8>,
    marks: Vec<Mark>,
}

impl Builder {
    fn push(&mut self, c: char, blob: usize) {
        let ratio = if c.is_ascii() { 2 } else { 0 };
        let follows = self.marks.last().is_some_and(|mark| {
            mark.ratio == 2 && ratio == 2 && mark.blob as usize + 2 * (self.bytes.len() - mark.view as usize) == blob
        });
        if !follows {
            let at = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
            self.marks.push(Mark { view: at(self.bytes.len()), blob: at(blob), ratio });
        }
        self.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn view<'a>(
        mut self,
        window: &Window<'a>,
        core: std::ops::Range<usize>,
        chain: &'static [&'static str],
    ) -> View<'a> {
        let at = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        self.marks.push(Mark { view: at(self.bytes.len()), blob: at(window.bytes.len()), ratio: 0 });
        let map = Map::Stretches { offset: window.offset, marks: self.marks };
        View { bytes: Cow::Owned(self.bytes), map, chain, core }
    }
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
