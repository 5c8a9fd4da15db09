//! What readers of structured text build: values with their exact places, and texts inside texts.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::smallvec;

use super::{Piece, Pieces};

/// Maps and lists are followed this deep; what lies deeper is the byte scan's alone.
pub(super) const MAX_DEPTH: usize = 64;

/// A value and its place, quotes and brackets included.
#[derive(Clone, Default)]
pub struct Node {
    /// Where it stands in its text.
    pub place: Range<usize>,
    /// `!vault`, `!Ref`; empty where none is written.
    pub tag: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Default)]
pub enum Value {
    /// Nothing, or nothing that is a literal: `null`, a call, an expression.
    #[default]
    Empty,
    /// A text.
    Scalar(Scalar),
    /// Keys with their values, in the order they are written.
    Map(Vec<Pair>),
    /// Values in their order.
    List(Vec<Node>),
}

/// A key with its value.
#[derive(Clone)]
pub struct Pair {
    /// The key's text.
    pub key: String,
    /// The value.
    pub value: Node,
}

/// Text of a value.
#[derive(Clone, Default)]
pub struct Scalar {
    /// What it is made of.
    pub pieces: Pieces,
    /// Written in quotes or as a block: text whatever it looks like.
    pub quoted: bool,
}

impl Scalar {
    pub(super) fn plain(place: Range<usize>, quoted: bool) -> Self {
        let pieces = if place.is_empty() { Pieces::new() } else { smallvec![Piece::Plain(place)] };
        Self { pieces, quoted }
    }

    /// The text itself.
    pub fn text<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        match self.pieces.as_slice() {
            [] => Cow::Borrowed(b""),
            [Piece::Plain(place)] => Cow::Borrowed(bytes.get(place.clone()).unwrap_or_default()),
            pieces => Cow::Owned(pieces.iter().flat_map(|piece| piece.bytes(bytes).iter().copied()).collect()),
        }
    }
}

impl Node {
    /// The text, where it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The pairs of a map; none of anything else.
    pub fn pairs(&self) -> &[Pair] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.pairs().iter().find(|pair| pair.key == key).map(|pair| &pair.value)
    }

    /// The value under a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// True where a map has the key.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The text of a scalar, for people and comparisons.
    pub fn text<'t>(&self, bytes: &'t [u8]) -> Option<Cow<'t, str>> {
        let text = self.scalar()?.text(bytes);
        Some(match text {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        })
    }

    /// The text under a key.
    pub(super) fn text_of<'t>(&self, key: &str, bytes: &'t [u8]) -> Option<Cow<'t, str>> {
        self.get(key)?.text(bytes)
    }

    /// The tag as written.
    pub(super) fn tag<'t>(&self, bytes: &'t [u8]) -> &'t [u8] {
        bytes.get(self.tag.clone()).unwrap_or_default()
    }
}

/// A text to read: a file, or the text of a value inside another text.
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    outer: Option<Outer<'a>>,
}

struct Outer<'a> {
    text: &'a Text<'a>,
    pieces: &'a [Piece<'static>],
    /// Where each piece begins in `bytes`.
    starts: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn file(bytes: &'a [u8]) -> Self {
        Self { bytes, outer: None }
    }

    /// The text of a value of `text`: `bytes` are its pieces', one after the other.
    pub(super) fn inside(text: &'a Self, bytes: &'a [u8], pieces: &'a [Piece<'static>]) -> Self {
        let mut at = 0;
        let starts = pieces.iter().map(|piece| {
            let start = at;
            at += piece.bytes(text.bytes).len();
            start
        });
        Self { bytes, outer: Some(Outer { text, pieces, starts: starts.collect() }) }
    }

    /// How many texts lie around this one.
    pub(super) fn depth(&self) -> usize {
        self.outer.as_ref().map_or(0, |outer| outer.text.depth() + 1)
    }

    /// The place in the file.
    pub(super) fn place(&self, place: &Range<usize>) -> Range<usize> {
        let Some(outer) = &self.outer else { return place.clone() };
        let mut pieces = Pieces::new();
        outer.cut(place, &mut pieces);
        let start = pieces.iter().map(|piece| piece.place().start).min();
        let end = pieces.iter().map(|piece| piece.place().end).max();
        match (start, end) {
            (Some(start), Some(end)) => outer.text.place(&(start..end)),
            _ => 0..0,
        }
    }

    /// The pieces of a range of this text, in the text around it.
    pub(super) fn pieces_of(&self, range: Range<usize>) -> Pieces {
        let Some(outer) = &self.outer else { return smallvec![Piece::Plain(range)] };
        let mut out = Pieces::new();
        outer.cut(&range, &mut out);
        out
    }

    /// The same pieces, with their places in the file.
    pub(super) fn pieces<'p>(&self, pieces: &'p [Piece<'static>]) -> Cow<'p, [Piece<'static>]> {
        let Some(outer) = &self.outer else { return Cow::Borrowed(pieces) };
        let mut out = Pieces::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Plain(place) => outer.cut(place, &mut out),
                Piece::Decoded(bytes, place) => {
                    let mut cut = Pieces::new();
                    outer.cut(place, &mut cut);
                    let start = cut.iter().map(|piece| piece.place().start).min().unwrap_or(0);
                    let end = cut.iter().map(|piece| piece.place().end).max().unwrap_or(start);
                    out.push(Piece::Decoded(bytes.clone(), start..end));
                }
            }
        }
        Cow::Owned(outer.text.pieces(&out).into_owned())
    }
}

impl Outer<'_> {
    /// The pieces that a range of the inner text is made of, in the outer text.
    fn cut(&self, range: &Range<usize>, out: &mut Pieces) {
        let first = self.starts.partition_point(|&start| start <= range.start).saturating_sub(1);
        for (piece, &start) in self.pieces[first.min(self.pieces.len())..].iter().zip(&self.starts[first..]) {
            if start >= range.end {
                break;
            }
            let length = piece.bytes(self.text.bytes).len();
            let from = range.start.max(start) - start;
            let to = range.end.min(start + length).saturating_sub(start);
            if from >= to {
                continue;
            }
            out.push(match piece {
                Piece::Plain(place) => Piece::Plain(place.start + from..place.start + to),
                Piece::Decoded(bytes, place) => Piece::Decoded(Cow::Owned(bytes[from..to].to_vec()), place.clone()),
            });
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A tree in one line.
    pub(in crate::format) fn shown(node: &Node, text: &[u8]) -> String {
        let tag = String::from_utf8_lossy(node.tag(text));
        let value = match &node.value {
            Value::Empty => "-".to_owned(),
            Value::Scalar(scalar) => format!("{:?}", String::from_utf8_lossy(&scalar.text(text))),
            Value::Map(pairs) => {
                let pairs: Vec<String> =
                    pairs.iter().map(|pair| format!("{}={}", pair.key, shown(&pair.value, text))).collect();
                format!("{{{}}}", pairs.join(" "))
            }
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| shown(item, text)).collect();
                format!("[{}]", items.join(" "))
            }
        };
        format!("{tag}{value}")
    }
}
