//! Where bytes come from: the walk over a tree, named files, standard input, members of archives.
//!
//! Knows nothing of rules. A source hands out windows of a blob; what could not be handed out is a [`Gap`].

use std::cmp::Ordering;
use std::path::PathBuf;
use std::sync::Arc;

use image::ImagePlace;
use member::Member;

pub mod archive;
pub mod git;
pub mod image;
pub mod member;
pub mod open;
pub mod read;
pub mod tracked;
pub mod walk;

/// Where a blob's bytes came from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file of the tree or one that was named.
    File(Arc<FilePath>),
    /// Standard input, with the name given for it.
    Stdin(Arc<str>),
    /// An object of a git repository.
    Git(Arc<git::Object>),
    /// Made by credlint itself (the canary, rule examples).
    Synthetic(Arc<str>),
    /// A member of an archive.
    Member(Arc<Member>),
    /// A part of a container image.
    Image(Arc<ImagePlace>),
}

/// A file: where to open it and what to call it in reports.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct FilePath {
    /// As the operating system knows it.
    pub path: PathBuf,
    /// As reports show it: relative to the root of the scan, `/` between parts, lossless in UTF-8 where the name is.
    pub shown: String,
}

impl PartialOrd for FilePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FilePath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.shown.cmp(&other.shown).then_with(|| self.path.cmp(&other.path))
    }
}

impl Origin {
    /// The name reports use.
    pub fn shown(&self) -> &str {
        match self {
            Self::File(file) => &file.shown,
            Self::Git(object) => &object.shown,
            Self::Stdin(name) | Self::Synthetic(name) => name,
            Self::Member(member) => member.shown(),
            Self::Image(place) => place.shown(),
        }
    }

    /// What stands outside of all archives.
    pub fn outermost(&self) -> &Self {
        match self {
            Self::Member(member) => member.outer.outermost(),
            Self::Image(place) => place.outer.outermost(),
            _ => self,
        }
    }

    /// The object of a repository that it is, or lies in.
    pub fn object(&self) -> Option<&git::Object> {
        match self.outermost() {
            Self::Git(object) => Some(object),
            _ => None,
        }
    }

    /// The same place, of an object whose history is known now.
    #[must_use]
    pub fn with_history(&self, history: git::History) -> Self {
        match self {
            Self::Git(object) => {
                Self::Git(Arc::new(git::Object { history: Some(Box::new(history)), ..git::Object::clone(object) }))
            }
            Self::Member(member) => Self::Member(Arc::new(member.of(member.outer.with_history(history)))),
            _ => self.clone(),
        }
    }

    /// The way from there: members' paths with `!` between archives.
    pub fn member(&self) -> Option<&str> {
        match self {
            Self::Member(member) => Some(member.path()),
            Self::Image(place) => Some(place.path()),
            _ => None,
        }
    }

    /// The place in a container image.
    pub fn image(&self) -> Option<&ImagePlace> {
        match self {
            Self::Image(place) => Some(place),
            _ => None,
        }
    }

    /// The name that says what the bytes are: messages of commits and tags are prose, a member of an archive goes by its
    /// own path in the innermost one.
    pub fn judged_as(&self) -> &str {
        match self {
            Self::Member(member) => member.name(),
            Self::Image(place) => place.name(),
            Self::Git(object) if object.kind != git::ObjectKind::Blob => "message.txt",
            _ => self.shown(),
        }
    }

    /// Where it stands in a repository's history.
    pub fn history(&self) -> Option<&git::History> {
        self.object().and_then(|object| object.history.as_deref())
    }
}

/// A name of the system or of git as text: bytes that are no UTF-8 as `\xNN`.
pub fn lossless(name: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// A byte range of a blob, `start < end`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Span {
    /// True when the two have a byte in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// True when `other` lies inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Something in scope that was not scanned. A run with a gap is incomplete, never clean.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The file or the thing that was not scanned.
    pub what: String,
    /// Why.
    pub reason: GapReason,
    /// Details for a person: the system's message, what to do.
    pub detail: String,
}

/// Why something was not scanned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The system refused to open or read it.
    Unreadable,
    /// It changed or ended while it was read.
    Truncated,
    /// A named path does not exist.
    Missing,
    /// The scope held nothing to scan.
    Empty,
    /// The run was stopped by the user.
    Interrupted,
    /// credlint failed on it: a bug, please report it.
    Internal,
    /// A limit was reached: more findings in one blob than are kept.
    Limit,
    /// The git index could not be read, so tracked files that are ignored may be missing.
    Index,
    /// An archive that is corrupt, or made by a method that cannot be read.
    Undecodable,
    /// Encrypted, and there is no key.
    Encrypted,
    /// History was cut: a shallow clone.
    Shallow,
    /// An object is not in the repository: a partial clone, or a broken one.
    MissingObject,
    /// An object or a pack is broken.
    Corrupt,
    /// The range holds no commit: base and head are the same.
    Range,
}

impl GapReason {
    /// All reasons.
    pub const ALL: &'static [Self] = &[
        Self::Unreadable,
        Self::Truncated,
        Self::Missing,
        Self::Empty,
        Self::Interrupted,
        Self::Internal,
        Self::Limit,
        Self::Index,
        Self::Undecodable,
        Self::Encrypted,
        Self::Shallow,
        Self::MissingObject,
        Self::Corrupt,
        Self::Range,
    ];

    /// The reason of a word used in reports.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name)
    }

    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Truncated => "truncated",
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
            Self::Limit => "limit",
            Self::Index => "index",
            Self::Undecodable => "undecodable",
            Self::Encrypted => "encrypted",
            Self::Shallow => "shallow",
            Self::MissingObject => "missing-object",
            Self::Corrupt => "corrupt",
            Self::Range => "range",
        }
    }
}
