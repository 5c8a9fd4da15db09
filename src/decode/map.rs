//! The way back: which bytes below each byte of a view came from.

use std::ops::Range;
use std::sync::Arc;

use crate::source::Span;

/// From offsets of a view to offsets of what lies below it.
#[derive(Clone)]
pub(super) enum Map {
    /// Byte `i` of the view is byte `offset + i` of the blob.
    Identity { offset: u64 },
    /// Decoded stretch by stretch from the blob's bytes at `offset`.
    Stretches { offset: u64, marks: Marks },
    /// Decoded from another view.
    Over { marks: Marks, below: Arc<Map> },
}

/// Where stretches begin; the last mark is the end of it all.
pub(super) type Marks = Arc<[Mark]>;

/// Where a stretch of equally mapped bytes begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    /// Offset in the view.
    pub(super) view: u32,
    /// Offset below.
    pub(super) below: u32,
    /// So many bytes of the view …
    pub(super) each: u8,
    /// … are so many below; 0: every byte of the stretch stands for all of it.
    pub(super) takes: u8,
}

impl Map {
    /// The place in the blob of a non-empty range of the view.
    pub(super) fn to_blob(&self, range: &Range<usize>) -> Span {
        match self {
            Self::Identity { offset } => Span { start: offset + range.start as u64, end: offset + range.end as u64 },
            Self::Stretches { offset, marks } => {
                let below = below(marks, range);
                Span { start: offset + below.start as u64, end: offset + below.end as u64 }
            }
            Self::Over { marks, below: map } => map.to_blob(&below(marks, range)),
        }
    }
}

/// The range below of a non-empty range.
pub(super) fn below(marks: &[Mark], range: &Range<usize>) -> Range<usize> {
    let start = start_below(marks, range.start);
    start..end_below(marks, range.end).max(start + 1)
}

fn start_below(marks: &[Mark], at: usize) -> usize {
    let index = marks.partition_point(|mark| mark.view as usize <= at).saturating_sub(1);
    let Some(mark) = marks.get(index) else { return 0 };
    let within = at - (mark.view as usize).min(at);
    mark.below as usize + within * usize::from(mark.takes) / usize::from(mark.each.max(1))
}

/// The end of what the byte before `at` stands for.
fn end_below(marks: &[Mark], at: usize) -> usize {
    let index = marks.partition_point(|mark| (mark.view as usize) < at).saturating_sub(1);
    let Some(mark) = marks.get(index) else { return 0 };
    if mark.takes == 0 {
        return marks.get(index + 1).map_or(mark.below, |next| next.below) as usize;
    }
    let within = at - (mark.view as usize).min(at);
    mark.below as usize + (within * usize::from(mark.takes)).div_ceil(usize::from(mark.each.max(1)))
}

/// Puts a decoded text together and notes where its bytes came from.
#[derive(Default)]
pub struct Builder {
    /// The text so far.
    pub(super) bytes: Vec<u8>,
    pub(super) marks: Vec<Mark>,
    end: u32,
}

fn short(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

impl Builder {
    /// Bytes of the text so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True before the first byte.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The text so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes that stand below as they are, from `from` on.
    pub fn copy(&mut self, bytes: &[u8], from: usize) {
        self.steps(bytes, from, (1, 1));
    }

    /// Bytes of which each `each` are `takes` bytes below, from `from` on (base64: 3 and 4, hex: 1 and 2).
    pub fn steps(&mut self, bytes: &[u8], from: usize, (each, takes): (u8, u8)) {
        if bytes.is_empty() {
            return;
        }
        let takes_all = (bytes.len() * usize::from(takes)).div_ceil(usize::from(each.max(1)));
        self.mark(from, each, takes);
        self.bytes.extend_from_slice(bytes);
        self.end = short(from + takes_all);
    }

    /// Bytes each of which stands for the whole range below: an escape, a character, a compressed stream.
    pub fn whole(&mut self, bytes: &[u8], from: &Range<usize>) {
        if bytes.is_empty() {
            return;
        }
        self.mark(from.start, 1, 0);
        self.bytes.extend_from_slice(bytes);
        self.end = short(from.end);
    }

    /// Bytes that stand nowhere below, such as the name made of a key path: they map to what follows them.
    pub fn made(&mut self, bytes: &[u8], at: usize) {
        self.whole(bytes, &(at..at));
    }

    fn mark(&mut self, from: usize, each: u8, takes: u8) {
        let (view, below) = (short(self.bytes.len()), short(from));
        let goes_on = self.marks.last().is_some_and(|last| {
            let within = view - last.view;
            takes != 0
                && (last.each, last.takes) == (each, takes)
                && within % u32::from(each.max(1)) == 0
                && last.below + within / u32::from(each.max(1)) * u32::from(takes) == below
        });
        if goes_on {
            return;
        }
        // A stretch whose end is not the next one's beginning is closed: what follows `takes: 0` tells its end.
        if self.marks.last().is_some_and(|last| last.takes == 0) && self.end != below {
            self.marks.push(Mark { view, below: self.end, each: 1, takes: 1 });
        }
        self.marks.push(Mark { view, below, each, takes });
    }

    /// Text and map.
    pub(super) fn finish(mut self) -> (Vec<u8>, Marks) {
        self.marks.push(Mark { view: short(self.bytes.len()), below: self.end, each: 1, takes: 0 });
        (self.bytes, self.marks.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_bytes_of_base64_are_four_characters() {
        let mut builder = Builder::default();
        builder.steps(b"abcdef", 10, (3, 4));
        let (_, marks) = builder.finish();
        let got: Vec<_> = (0..6).map(|at| below(&marks, &(at..at + 1))).collect();
        assert_eq!(got, [10..12, 11..13, 12..14, 14..16, 15..17, 16..18]);
        assert_eq!(below(&marks, &(0..6)), 10..18);
    }

    #[test]
    fn escapes_and_made_up_text_map_to_whole_places() {
        // `a\u0041b` at 5, named by text of our own.
        let mut builder = Builder::default();
        builder.made(b"key=", 5);
        builder.copy(b"a", 5);
        builder.whole(b"A", &(6..12));
        builder.copy(b"b", 12);
        builder.made(b"\nnext=", 40);
        builder.copy(b"c", 40);
        let (text, marks) = builder.finish();
        assert_eq!(text, b"key=aAb\nnext=c");
        assert_eq!(below(&marks, &(4..7)), 5..13);
        assert_eq!(below(&marks, &(5..6)), 6..12);
        assert_eq!(below(&marks, &(6..7)), 12..13);
        assert_eq!(below(&marks, &(13..14)), 40..41);
    }
}
