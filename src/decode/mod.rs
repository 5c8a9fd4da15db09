//! Views: decoded bytes with a way back to the blob.
//!
//! Undecoded text is the identity view, so there is one code path. UTF-16 (a whole blob, or wide strings inside a binary)
//! becomes UTF-8 here; encodings inside values have their own issue.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::Span;
use crate::source::read::Window;

mod encoding;
mod utf16;

pub use encoding::Encoding;

/// Bytes to scan and the map back to the blob's offsets.
pub struct View<'a> {
    /// What rules look at.
    pub bytes: Cow<'a, [u8]>,
    map: Map,
    /// How the bytes were obtained: empty for undecoded text.
    pub chain: &'static [&'static str],
    /// The range of `bytes` in which a candidate of this window may begin.
    pub core: Range<usize>,
}

enum Map {
    /// Byte `i` of the view is byte `offset + i` of the blob.
    Identity { offset: u64 },
    /// `(view offset, blob offset)` where a stretch begins; within a stretch one view byte is `ratio` blob bytes.
    Stretches { offset: u64, marks: Vec<Mark> },
}

/// Where a stretch of equally mapped bytes begins.
#[derive(Clone, Copy)]
struct Mark {
    view: u32,
    blob: u32,
    /// Blob bytes for one view byte: 2 for ASCII in UTF-16; 0 inside one character, whose start is what counts.
    ratio: u32,
}

impl<'a> View<'a> {
    /// The window's own bytes.
    pub fn identity(window: &Window<'a>) -> Self {
        Self {
            bytes: Cow::Borrowed(window.bytes),
            map: Map::Identity { offset: window.offset },
            chain: &[],
            core: window.core_start..window.core_end,
        }
    }

    /// The views of a window: the text itself, and wide strings where it is binary.
    pub fn of(window: &Window<'a>, encoding: Encoding) -> Vec<Self> {
        match encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => vec![utf16::text(window, encoding == Encoding::Utf16Be)],
            Encoding::Bytes | Encoding::Utf8Bom => {
                let mut views = vec![Self::identity(window)];
                if memchr::memchr(0, window.bytes).is_some() {
                    views.extend(utf16::wide_strings(window));
                }
                views
            }
        }
    }

    /// The place in the blob of a non-empty range of the view.
    pub fn to_blob(&self, range: &Range<usize>) -> Span {
        Span { start: self.blob_offset(range.start), end: self.blob_end(range.end) }
    }

    fn blob_offset(&self, at: usize) -> u64 {
        match &self.map {
            Map::Identity { offset } => offset + at as u64,
            Map::Stretches { offset, marks } => {
                let index = marks.partition_point(|mark| mark.view as usize <= at).saturating_sub(1);
                let Some(mark) = marks.get(index) else { return *offset };
                let within = (at - mark.view as usize) as u64 * u64::from(mark.ratio);
                offset + u64::from(mark.blob) + within
            }
        }
    }

    /// End of the character that ends at view offset `at`.
    fn blob_end(&self, at: usize) -> u64 {
        match &self.map {
            Map::Identity { offset } => offset + at as u64,
            Map::Stretches { offset, marks } => {
                let index = marks.partition_point(|mark| (mark.view as usize) < at).saturating_sub(1);
                let Some(mark) = marks.get(index) else { return *offset };
                if mark.ratio == 0 {
                    return marks.get(index + 1).map_or(self.blob_offset(at), |next| offset + u64::from(next.blob));
                }
                offset + u64::from(mark.blob) + (at - mark.view as usize) as u64 * u64::from(mark.ratio)
            }
        }
    }
}
