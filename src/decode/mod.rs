//! Views: decoded bytes with a way back to the blob.
//!
//! Undecoded text is the identity view, so there is one code path. UTF-16 (a whole blob, or wide strings inside a binary)
//! becomes UTF-8 here. What is decoded inside a view, or made of its structure, is a [`Derived`] text over it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::source::Span;
use crate::source::read::Window;

mod base64;
mod content;
mod encoding;
mod escape;
mod inflate;
mod map;
#[cfg(test)]
mod tests;
mod utf16;

pub use base64::{base64, extent, hex, is_base64};
pub use content::{Coding, Content, Encoded, opens, opens_hex};
pub use encoding::Encoding;
pub use escape::{ESCAPES, Escape};
pub use inflate::{Ending, Packing};
pub use map::Builder;

use map::{Map, Marks, below};

/// How bytes were obtained, outermost first (`base64`, `gzip`); empty for plain text.
pub type Chain = Vec<Cow<'static, str>>;

/// Bytes to scan and the map back to the blob's offsets.
pub struct View<'a> {
    /// What rules look at.
    pub bytes: Cow<'a, [u8]>,
    map: Map,
    /// How the bytes were obtained: empty for undecoded text.
    pub chain: Chain,
    /// The range of `bytes` in which a candidate of this window may begin.
    pub core: Range<usize>,
}

/// A text made of another view's bytes: decoded from a stretch of them, or laid out by their structure.
pub struct Derived {
    /// The text.
    pub bytes: Vec<u8>,
    marks: Marks,
    /// What was done to the view's bytes.
    pub step: Cow<'static, str>,
}

impl Derived {
    /// What a builder has put together; `step` says what was done (`base64`).
    pub fn new(builder: Builder, step: impl Into<Cow<'static, str>>) -> Self {
        let (bytes, marks) = builder.finish();
        Self { bytes, marks, step: step.into() }
    }

    /// The range below of a non-empty range of the text.
    pub fn below(&self, range: &Range<usize>) -> Range<usize> {
        below(&self.marks, range)
    }

    /// A text unpacked or translated as a whole: every byte of it stands for all of `length` bytes below.
    pub fn whole(bytes: Vec<u8>, length: usize, step: impl Into<Cow<'static, str>>) -> Self {
        let mut builder = Builder::default();
        builder.whole(&bytes, &(0..length));
        Self { bytes, marks: builder.finish().1, step: step.into() }
    }

    /// The text of UTF-16, little end first.
    pub fn wide(bytes: &[u8]) -> Self {
        Self::new(utf16::narrow(bytes), "utf-16")
    }

    /// The text as a view over the one it was made of. All of it is core.
    pub fn view<'d>(&'d self, over: &View<'_>) -> View<'d> {
        let mut chain = over.chain.clone();
        chain.push(self.step.clone());
        View {
            bytes: Cow::Borrowed(&self.bytes),
            map: Map::Over { marks: Arc::clone(&self.marks), below: Arc::new(over.map.clone()) },
            chain,
            core: 0..self.bytes.len(),
        }
    }
}

impl<'a> View<'a> {
    /// The window's own bytes.
    pub fn identity(window: &Window<'a>) -> Self {
        Self {
            bytes: Cow::Borrowed(window.bytes),
            map: Map::Identity { offset: window.offset },
            chain: Chain::new(),
            core: window.core_start..window.core_end,
        }
    }

    /// The views of a window: the text itself, and wide strings where it is binary.
    pub fn of(window: &Window<'a>, encoding: Encoding) -> impl Iterator<Item = Self> {
        let (first, second) = match encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => (utf16::text(window, encoding == Encoding::Utf16Be), None),
            Encoding::Bytes | Encoding::Utf8Bom => {
                let binary = memchr::memchr(0, window.bytes).is_some();
                (Self::identity(window), binary.then(|| utf16::wide_strings(window)).flatten())
            }
        };
        std::iter::once(first).chain(second)
    }

    /// True when the bytes are the blob's own.
    pub fn is_identity(&self) -> bool {
        matches!(self.map, Map::Identity { .. })
    }

    /// The place in the blob of a non-empty range of the view.
    pub fn to_blob(&self, range: &Range<usize>) -> Span {
        self.map.to_blob(range)
    }
}
