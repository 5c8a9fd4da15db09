//! Git without git: index, objects and history of a repository, read through `gix`.
//!
//! Nothing of the repository is executed or obeyed: no hook, filter, textconv, pager, alias, include or replacement.
//! What cannot be read is a [`Gap`]. Sources here hand out which objects are in scope and where they stand; `scan::git`
//! reads and scans them.

use std::sync::Arc;

use gix::ObjectId;

use super::{Gap, GapReason};

pub mod commits;
mod delta;
pub mod event;
pub mod graph;
pub mod lineage;
pub mod open;
mod pack;
pub mod range;
pub mod refs;
pub mod remote;
pub mod saved;
pub mod staged;
pub mod store;
mod table;
pub mod tree;
pub mod versions;

pub use open::{Objects, Repository, Shared};

/// An object of a repository, as reports name it. What is said of its history is not what tells it from others: two
/// values on one line may have come at different times.
#[derive(Clone)]
pub struct Object {
    /// Its path from the repository's root, or what stands in for one (`commit 1a2b…`).
    pub shown: String,
    /// What it is.
    pub kind: ObjectKind,
    /// Its id in hex.
    pub id: String,
    /// Where it stands in the history; `None` for what the index holds.
    pub history: Option<Box<History>>,
}

impl Object {
    fn identity(&self) -> (&str, ObjectKind, &str) {
        (&self.shown, self.kind, &self.id)
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Object {}

impl PartialOrd for Object {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Object {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl std::hash::Hash for Object {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A file's content.
    Blob,
    /// A commit's message.
    Commit,
    /// An annotated tag's message.
    Tag,
}

/// Where a credential stands in the history.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History {
    /// The commit that brought it in; the earliest where several did.
    pub commit: Option<Commit>,
    /// The commit that took it away, where it is gone.
    pub removed: Option<Commit>,
    /// Every path it stood at.
    pub paths: Arc<[String]>,
    /// Whether it can still be seen.
    pub state: State,
    /// Branches and other refs that hold it (their full names without `refs/heads/`).
    pub branches: Arc<[String]>,
    /// Tags that hold it.
    pub tags: Arc<[String]>,
    /// How many versions of the file hold it.
    pub versions: u64,
}

/// Where a credential of the history can still be seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// HEAD's tree holds it.
    InHead,
    /// Only earlier commits hold it: it has to be rotated, removing it again helps nobody.
    HistoryOnly,
    /// The base of the range holds it already: not this change's doing.
    Inherited,
    /// No ref leads to it; it is still in the object store.
    Unreachable,
}

impl State {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::InHead => "in-head",
            Self::HistoryOnly => "history-only",
            Self::Inherited => "inherited",
            Self::Unreachable => "unreachable",
        }
    }
}

/// A commit, for people.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Commit {
    /// Its id in hex.
    pub id: String,
    /// Who wrote it: `Name <mail>`.
    pub author: String,
    /// Who committed it.
    pub committer: String,
    /// The author's date, RFC 3339.
    pub date: String,
    /// The committer's date, RFC 3339.
    pub committed: String,
}

/// What a run over git objects looked at, for reports.
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Scope {
    /// `staged`, `range`, `tree`, `history`.
    pub mode: &'static str,
    /// The base as it was asked for and the commit it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The head's commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// How many commits were in scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits: Option<u64>,
    /// The service that `--ci` found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<&'static str>,
    /// Its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Why base and head were chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Why an object could not be read.
pub enum Trouble {
    /// It is not there.
    Missing,
    /// It is there and broken.
    Corrupt(String),
    /// It is larger than what is read into memory.
    Large,
}

impl Trouble {
    /// The gap it leaves.
    pub fn gap(&self, what: String, id: ObjectId) -> Gap {
        let (reason, detail) = match self {
            Self::Missing => (GapReason::MissingObject, format!("object {id} is not in the repository")),
            Self::Corrupt(error) => (GapReason::Corrupt, format!("object {id} cannot be read: {error}")),
            Self::Large => (GapReason::Limit, format!("object {id} has more than {} bytes", open::MAX_OBJECT)),
        };
        Gap { what, reason, detail }
    }
}
