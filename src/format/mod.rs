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
use std::fmt::{self, Write as _};
use std::ops::Range;

use smallvec::SmallVec;

use crate::decode::{Builder, Derived};

mod choose;
mod class;
mod code;
mod data;
mod dockerfile;
mod dotfile;
mod escape;
mod groovy;
mod hcl;
mod json;
mod keys;
mod keystore;
mod kind;
mod meaning;
mod settings;
mod shell;
mod toml;
pub mod tree;
mod walk;
mod xml;
mod yaml;

pub use class::class;
pub use code::Joiner;
pub use data::{Data, documents, format as data_format};
pub use dotfile::Dotfile;
pub use kind::{FileKind, is_deployed};
pub use meaning::pipeline_system as pipeline;
pub use settings::Flavor;
pub use walk::LOOKED_UP;

/// What a place means is told in so many bytes.
const MAX_MEANING: usize = 1000;

/// Who reads a file's structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// Source code.
    Code(Joiner),
    /// Text that is a tree of values, and what it is used for.
    Data(Data),
    /// Dockerfile, Containerfile.
    Dockerfile,
    /// Files whose lines are credentials by their place.
    Dotfile(Dotfile),
    /// Jenkinsfile.
    Jenkinsfile,
    /// Key stores: PKCS #12, Java's, keytabs.
    KeyStore,
    /// Settings line by line.
    Settings(Flavor),
    /// Scripts and histories of shells.
    Shell,
    /// XML.
    Xml,
}

/// What is asked of the byte scan before a file's structure is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Nothing: no word announces the format's credentials (`.pgpass`).
    None,
    /// A piece of a credential's name stands somewhere in it, an address, a rule's literal; or something was found.
    Word,
    /// A value is given to a credential's name.
    Name,
}

/// What the shown path of a file, `/` between its parts, and its first bytes announce: what kind of file it is, whether a
/// machine uses it as it is, who reads its structure.
pub fn announced(path: &str, head: &[u8]) -> (FileKind, bool, Option<Reader>) {
    let lower = if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(path.to_ascii_lowercase())
    } else {
        Cow::Borrowed(path)
    };
    let kind = FileKind::of_lower(&lower);
    let reader = data::format_lower(&lower, kind)
        .map(Reader::Data)
        .or_else(|| choose::reader(&lower, head))
        .or_else(|| data::by_head(&lower, head).map(Reader::Data));
    (kind, kind::is_deployed_lower(&lower), reader)
}

impl Reader {
    /// From the shown path of a file, `/` between its parts, and its first bytes.
    pub fn of(path: &str, head: &[u8]) -> Option<Self> {
        announced(path, head).2
    }

    /// What the byte scan must have seen for the file to be read.
    pub fn cause(self) -> Cause {
        match self {
            Self::Dotfile(file) if dotfile::always(file) => Cause::None,
            Self::Code(Joiner::Nothing) => Cause::Name,
            // Looks for its signs itself, and is done where there are none.
            Self::Code(_) | Self::KeyStore => Cause::None,
            _ => Cause::Word,
        }
    }

    /// The format's name (`yaml`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Data(data) => data.name(),
            Self::Dockerfile => "dockerfile",
            Self::Dotfile(_) => "dot file",
            Self::Jenkinsfile => "jenkinsfile",
            Self::KeyStore => "key store",
            Self::Settings(_) => "settings",
            Self::Shell => "shell",
            Self::Xml => "xml",
        }
    }

    /// Reads a text. A text that breaks off or is a template gives what was understood. `named`: the byte scan saw a value
    /// given to a credential's name.
    pub fn read(self, path: &str, text: &[u8], named: bool) -> Structure {
        let mut structure = Structure::default();
        match self {
            Self::Code(joiner) => code::read(text, joiner, named, &mut structure),
            Self::Data(data) => data::read(data, path, text, &mut structure),
            Self::Dockerfile => dockerfile::read(text, &mut structure),
            Self::Dotfile(file) => dotfile::read(text, file, &mut structure),
            Self::Jenkinsfile => groovy::read(text, &mut structure),
            Self::KeyStore => keystore::read(text, &mut structure),
            Self::Settings(flavor) => settings::read(text, flavor, &mut structure),
            Self::Shell => shell::read(text, &mut structure),
            Self::Xml => xml::read(text, &mut structure),
        }
        structure
    }
}

/// An entry of the flat text: `name = value`.
pub struct Entry {
    /// The key path, in the flat text.
    pub name: Range<usize>,
    /// The value, in the flat text; not empty.
    pub value: Range<usize>,
    /// The format itself says that the value is a credential, whatever it looks like: the last field of `.pgpass`, the
    /// values of a Kubernetes Secret.
    pub given: bool,
}

/// What a format says of a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Says<'n> {
    /// No secret stands here: a reference to one, ciphertext, a digest. Why, in words for people.
    NoSecret(Cow<'static, str>),
    /// What the place means (`build argument of stage "build": in the image's history`), shown with a finding.
    Means(&'n str),
    /// The text here is encoded and its entry holds what it decodes to: that is judged, the text is not.
    Encoded(&'static str),
}

/// What a format says of places.
#[derive(Default)]
pub struct Notes {
    notes: Vec<(Range<usize>, Said)>,
    /// What places mean: hardly one of them is ever shown.
    words: String,
}

enum Said {
    NoSecret(Cow<'static, str>),
    /// A range of the words.
    Means(Range<usize>),
    Encoded(&'static str),
}

/// Writes so many bytes and no more: a long name may be part of what many places mean.
struct Short<'w> {
    words: &'w mut String,
    left: usize,
}

impl fmt::Write for Short<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = (0..=text.len().min(self.left)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        self.words.push_str(&text[..end]);
        self.left -= end;
        if end == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

impl Notes {
    /// True where nothing is said.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// The places, in the text that was read, and what is said of each.
    pub fn iter(&self) -> impl Iterator<Item = (&Range<usize>, Says<'_>)> {
        self.notes.iter().map(|(place, said)| {
            let says = match said {
                Said::NoSecret(why) => Says::NoSecret(why.clone()),
                Said::Means(words) => Says::Means(self.words.get(words.clone()).unwrap_or_default()),
                Said::Encoded(step) => Says::Encoded(step),
            };
            (place, says)
        })
    }
}

/// A part of a value and where it stands.
#[derive(Clone)]
pub enum Piece<'t> {
    /// Stands in the text as it is.
    Plain(Range<usize>),
    /// Stands in the text in other words: an escape, a character reference.
    Decoded(Cow<'t, [u8]>, Range<usize>),
}

/// What a value is made of: nearly always one piece.
pub type Pieces = SmallVec<[Piece<'static>; 1]>;

/// What a reader found in a text.
#[derive(Default)]
pub struct Structure {
    flat: Builder,
    /// A line's beginning while it is made.
    line: Vec<u8>,
    /// The entries, ascending in the flat text.
    pub entries: Vec<Entry>,
    /// What is said of places.
    pub notes: Notes,
    /// A machine uses the text as it is, so a weak password in it is one.
    pub deployed: bool,
}

impl Structure {
    /// Notes an entry: the parts of its key path, and its value. Parts of the path are joined by dots.
    pub fn entry(&mut self, text: &[u8], path: &[&str], value: &[Piece<'_>]) {
        self.add(text, path, value, false);
    }

    /// Notes an entry whose value is a credential by its place in the format, however much it looks like a word.
    pub fn given(&mut self, text: &[u8], path: &[&str], value: &[Piece<'_>]) {
        self.add(text, path, value, true);
    }

    fn add(&mut self, text: &[u8], path: &[&str], value: &[Piece<'_>], given: bool) {
        let first = value.iter().map(|piece| piece.place().start).min();
        let Some(at) = first.filter(|_| value.iter().any(|piece| !piece.bytes(text).is_empty())) else { return };
        self.line.clear();
        for (index, part) in path.iter().enumerate() {
            self.line.extend_from_slice(if index == 0 { b"" } else { b"." });
            self.line.extend_from_slice(part.as_bytes());
        }
        let name = self.flat.len()..self.flat.len() + self.line.len();
        self.line.extend_from_slice(b" = \"");
        self.flat.made(&self.line, at);
        let start = self.flat.len();
        for piece in value {
            match piece {
                Piece::Plain(place) => self.flat.copy(text.get(place.clone()).unwrap_or_default(), place.start),
                Piece::Decoded(bytes, place) => self.flat.whole(bytes, place),
            }
        }
        let value = start..self.flat.len();
        self.flat.made(b"\"\n", at);
        self.entries.push(Entry { name, value, given });
    }

    /// Bytes of the flat text so far.
    pub fn size(&self) -> usize {
        self.flat.len()
    }

    /// Says that a place is encoded text whose entry is decoded.
    pub fn encoded(&mut self, place: Range<usize>, step: &'static str) {
        self.notes.notes.push((place, Said::Encoded(step)));
    }

    /// Says that a place holds no secret, and why.
    pub fn no_secret(&mut self, place: Range<usize>, why: impl Into<Cow<'static, str>>) {
        self.notes.notes.push((place, Said::NoSecret(why.into())));
    }

    /// Says what a place means.
    pub fn means(&mut self, place: Range<usize>, what: fmt::Arguments<'_>) {
        let from = self.notes.words.len();
        // It fails where the words end early.
        let _ = Short { words: &mut self.notes.words, left: MAX_MEANING }.write_fmt(what);
        self.notes.notes.push((place, Said::Means(from..self.notes.words.len())));
    }

    /// The flat text over the text that was read, its entries and the notes. `step` is the format's name, for the chain.
    pub fn finish(self, step: &'static str) -> (Derived, Vec<Entry>, Notes) {
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    type Read = fn(&[u8], &mut Structure);

    #[test]
    fn a_meaning_is_cut_between_characters() {
        let mut structure = Structure::default();
        let long = "ä".repeat(MAX_MEANING);
        structure.means(0..1, format_args!("name {long} of {long}"));
        structure.means(1..2, format_args!("short"));
        let (_, _, notes) = structure.finish("test");
        let said: Vec<_> = notes.iter().map(|(_, says)| says).collect();
        let cut = format!("name {}", "ä".repeat((MAX_MEANING - 5) / 2));
        assert_eq!(said, [Says::Means(&cut), Says::Means("short")]);
    }

    /// A reader's entries, by key path and value.
    pub(crate) fn entries(text: &[u8], read: Read) -> Vec<(String, String)> {
        collected(text, &read)
    }

    /// The same of a reader that knows more than the text.
    pub(crate) fn collected(text: &[u8], read: &dyn Fn(&[u8], &mut Structure)) -> Vec<(String, String)> {
        let mut structure = Structure::default();
        read(text, &mut structure);
        let (flat, entries, _) = structure.finish("test");
        let piece = |range: &Range<usize>| String::from_utf8_lossy(&flat.bytes[range.clone()]).into_owned();
        entries.iter().map(|entry| (piece(&entry.name), piece(&entry.value))).collect()
    }

    /// What a reader says of places.
    pub(crate) fn said(text: &[u8], read: Read) -> Vec<(Range<usize>, String)> {
        let mut structure = Structure::default();
        read(text, &mut structure);
        let (_, _, notes) = structure.finish("test");
        let words = |says: Says<'_>| match says {
            Says::NoSecret(why) => why.into_owned(),
            Says::Means(words) | Says::Encoded(words) => words.to_owned(),
        };
        notes.iter().map(|(place, says)| (place.clone(), words(says))).collect()
    }
}
