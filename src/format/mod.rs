//! What a file means: its entries (key path, decoded value, place), and what its format says of them.
//!
//! A reader of a format looks at a whole text and fills a [`Structure`]: entries, the places that hold no secret by the
//! format's own rules (a reference, ciphertext, a digest), and what a place means ("in the final image"). The entries are
//! laid out as one flat text of `name = value` lines that maps back to the file, so rules see them as they see any text.
//! The byte scan of the file runs as well: a reader only adds, and what it cannot read costs only its entries.
//!
//! A new format: a file of its own here with `pub(super) fn read(text: &[u8], structure: &mut Structure)`, a variant of
//! [`Reader`], and its folder in `testdata/formats/`.

use std::borrow::Cow;
use std::ops::Range;

use crate::decode::{Builder, Derived};

mod kind;

pub use kind::{FileKind, is_deployed};

/// Who reads a file's structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {}

impl Reader {
    /// From the shown path of a file, `/` between its parts, and its first bytes.
    pub fn of(path: &str, head: &[u8]) -> Option<Self> {
        let (_, _) = (path, head);
        None
    }

    /// True for formats whose credentials no word announces (`.pgpass`): read without a cause given by the byte scan.
    pub fn always(self) -> bool {
        match self {}
    }

    /// The format's name (`yaml`).
    pub fn name(self) -> &'static str {
        match self {}
    }

    /// Reads a text. A text that breaks off or is a template gives what was understood.
    pub fn read(self, text: &[u8]) -> Structure {
        let _ = text;
        match self {}
    }
}

/// An entry of the flat text: `name = value`.
pub struct Entry {
    /// The key path, in the flat text.
    pub name: Range<usize>,
    /// The value, in the flat text; not empty.
    pub value: Range<usize>,
}

/// What a place of the text is by its format.
pub struct Note {
    /// The place, in the text that was read.
    pub place: Range<usize>,
    /// What is said of it.
    pub says: Says,
}

/// What a format says of a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Says {
    /// No secret stands here: a reference to one, ciphertext, a digest. Why, in words for people.
    NoSecret(Cow<'static, str>),
    /// What the place means (`build argument of stage "build": in the image's history`), shown with a finding.
    Means(String),
}

/// A part of a value and where it stands.
pub enum Piece<'t> {
    /// Stands in the text as it is.
    Plain(Range<usize>),
    /// Stands in the text in other words: an escape, a character reference.
    Decoded(Cow<'t, [u8]>, Range<usize>),
}

/// What a reader found in a text.
#[derive(Default)]
pub struct Structure {
    flat: Builder,
    /// The entries, ascending in the flat text.
    pub entries: Vec<Entry>,
    /// What is said of places.
    pub notes: Vec<Note>,
}

impl Structure {
    /// Notes an entry: the parts of its key path, and its value. Parts of the path are joined by dots.
    pub fn entry(&mut self, text: &[u8], path: &[&str], value: &[Piece<'_>]) {
        let first = value.iter().map(|piece| piece.place().start).min();
        let Some(at) = first.filter(|_| value.iter().any(|piece| !piece.bytes(text).is_empty())) else { return };
        let start = self.flat.len();
        self.flat.made(path.join(".").as_bytes(), at);
        let name = start..self.flat.len();
        self.flat.made(b" = \"", at);
        let start = self.flat.len();
        for piece in value {
            match piece {
                Piece::Plain(place) => self.flat.copy(text.get(place.clone()).unwrap_or_default(), place.start),
                Piece::Decoded(bytes, place) => self.flat.whole(bytes, place),
            }
        }
        let value = start..self.flat.len();
        self.flat.made(b"\"\n", at);
        self.entries.push(Entry { name, value });
    }

    /// Says that a place holds no secret, and why.
    pub fn no_secret(&mut self, place: Range<usize>, why: impl Into<Cow<'static, str>>) {
        self.notes.push(Note { place, says: Says::NoSecret(why.into()) });
    }

    /// Says what a place means.
    pub fn means(&mut self, place: Range<usize>, what: impl Into<String>) {
        self.notes.push(Note { place, says: Says::Means(what.into()) });
    }

    /// The flat text over the text that was read, its entries and the notes. `step` is the format's name, for the chain.
    pub fn finish(self, step: &'static str) -> (Derived, Vec<Entry>, Vec<Note>) {
        (Derived::new(self.flat, step), self.entries, self.notes)
    }
}

impl Piece<'_> {
    fn place(&self) -> &Range<usize> {
        match self {
            Self::Plain(place) | Self::Decoded(_, place) => place,
        }
    }

    fn bytes<'p>(&'p self, text: &'p [u8]) -> &'p [u8] {
        match self {
            Self::Plain(place) => text.get(place.clone()).unwrap_or_default(),
            Self::Decoded(bytes, _) => bytes,
        }
    }
}
