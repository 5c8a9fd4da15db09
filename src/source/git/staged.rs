//! What a commit would record: the index's blobs that differ from HEAD's tree.
//!
//! Folders whose tree the index remembers (its TREE extension) and HEAD has too are passed over whole, so the work follows
//! the change, not the repository.

use std::ops::Range;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::index::entry::{Flags, Mode};
use gix::index::extension::Tree as Cached;
use gix::index::{Entry, State};
use gix::objs::{Kind, TreeRefIter, tree::EntryKind};

use super::commits;
use super::tree::{Differ, Leaf};
use super::{Objects, Repository, Trouble};
use crate::source::lossless;
use crate::source::{Gap, GapReason};

/// What to look at.
pub struct Plan {
    /// The index file, where it is not the usual one (`git commit FILE` makes one of its own for the hooks).
    pub index: Option<PathBuf>,
    /// Paths from the repository's root; empty for everything. A file named is scanned whether it differs or not, as
    /// hooks that run over all files name them all; a folder narrows what is looked at.
    pub paths: Vec<Vec<u8>>,
}

/// What the index holds of it.
#[derive(Default)]
pub struct Staged {
    /// Sorted by path.
    pub blobs: Vec<Leaf>,
    /// Paths that are neither in the index nor in HEAD.
    pub unknown: Vec<Vec<u8>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Compares the index with HEAD.
pub fn staged(repository: &Repository, plan: &Plan) -> Staged {
    let mut out = Staged::default();
    let path = plan.index.clone().unwrap_or_else(|| repository.inner.index_path());
    if !path.exists() {
        out.unknown.clone_from(&plan.paths);
        return out;
    }
    let index = match open(&path, repository) {
        Ok(index) => index,
        Err(error) => {
            out.gaps.push(Gap { what: path.display().to_string(), reason: GapReason::Index, detail: error });
            return out;
        }
    };
    let objects = repository.objects();
    let mut buffer = Vec::new();
    let head = match repository.head().map(|id| commits::read(&objects, id, &mut buffer).map_err(|error| (id, error))) {
        None => None,
        Some(Ok(node)) => Some(node.tree),
        Some(Err((id, trouble))) => {
            out.gaps.push(trouble.gap("HEAD".to_owned(), id));
            None
        }
    };
    let mut search = Search { index: &index, objects: &objects, buffer, plan, out };
    search.folder(0, 0..index.entries().len(), head, index.tree());
    search.named(head);
    let mut out = search.out;
    out.blobs.sort();
    out.blobs.dedup();
    out
}

/// Opens the index without its checksum: a broken entry shows, and hashing a large index costs more than reading it.
fn open(path: &Path, repository: &Repository) -> Result<gix::index::File, String> {
    let options = gix::index::decode::Options { alloc_limit_bytes: Some(1 << 30), ..Default::default() };
    gix::index::File::at(path, repository.hash(), true, options).map_err(|error| error.to_string())
}

struct Search<'a> {
    index: &'a State,
    objects: &'a Objects,
    buffer: Vec<u8>,
    plan: &'a Plan,
    out: Staged,
}

/// An entry of HEAD's tree.
struct Known {
    name: Vec<u8>,
    id: ObjectId,
    folder: bool,
}

impl Search<'_> {
    /// Compares the entries of `range`, whose paths share `prefix` bytes, with a folder of HEAD.
    fn folder(&mut self, prefix: usize, range: Range<usize>, tree: Option<ObjectId>, cached: Option<&Cached>) {
        let same = |cached: &Cached| cached.num_entries.is_some() && Some(cached.id) == tree;
        if range.is_empty() || cached.is_some_and(same) || !self.wanted(prefix, range.start) {
            return;
        }
        let known = self.known(tree, prefix, range.start);
        let index = self.index;
        let entries = index.entries();
        let mut at = range.start;
        while at < range.end {
            let entry = &entries[at];
            let path = entry.path(index).as_bytes();
            let rest = path.get(prefix..).unwrap_or(&[]);
            if let Some(length) = rest.find_byte(b'/').filter(|_| entry.mode != Mode::DIR) {
                let folder = prefix + length + 1;
                let cached = cached.and_then(|cached| child(cached, &rest[..length]));
                // The extension's count cannot be trusted: the paths decide where the folder ends.
                let inside = |other: &Entry| other.path(index).as_bytes().starts_with(&path[..folder]);
                let end = at + entries[at..range.end].partition_point(inside).max(1);
                let tree = find(&known, &rest[..length], true);
                self.folder(folder, at..end, tree, cached);
                at = end;
            } else {
                self.entry(entry, path, rest, &known);
                at += 1;
            }
        }
    }

    /// True where a path asked for lies in the folder, or the folder in it.
    fn wanted(&self, prefix: usize, first: usize) -> bool {
        let folder = &self.index.entries()[first].path(self.index).as_bytes()[..prefix];
        let folder = folder.strip_suffix(b"/").unwrap_or(folder);
        let paths = &self.plan.paths;
        paths.is_empty() || paths.iter().any(|path| below(folder, path) || below(path, folder))
    }

    fn entry(&mut self, entry: &Entry, path: &[u8], rest: &[u8], known: &[Known]) {
        if entry.flags.contains(Flags::INTENT_TO_ADD) || entry.mode == Mode::COMMIT {
            return;
        }
        if entry.mode == Mode::DIR {
            let name = rest.strip_suffix(b"/").unwrap_or(rest);
            let others: Vec<ObjectId> = find(known, name, true).into_iter().collect();
            let mut differ = Differ::new(self.objects);
            let folder = path.strip_suffix(b"/").unwrap_or(path);
            let mut found = Vec::new();
            differ.added(entry.id, &others, &mut |leaf| found.push(leaf));
            self.out.gaps.append(&mut differ.gaps);
            for leaf in found {
                let path = [folder, b"/", &leaf.path].concat();
                if self.asked(&path) {
                    self.out.blobs.push(Leaf { path, id: leaf.id });
                }
            }
        } else if find(known, rest, false) != Some(entry.id) && self.asked(path) {
            // Stages of a conflict are entries of their own: what HEAD has is passed over, the other sides are not.
            self.out.blobs.push(Leaf { path: path.to_vec(), id: entry.id });
        }
    }

    fn asked(&self, path: &[u8]) -> bool {
        self.plan.paths.is_empty() || self.plan.paths.iter().any(|asked| below(path, asked))
    }

    /// HEAD's folder.
    fn known(&mut self, tree: Option<ObjectId>, prefix: usize, first: usize) -> Vec<Known> {
        let Some(id) = tree else { return Vec::new() };
        let read = |buffer: &mut Vec<u8>| {
            let data = self.objects.read(&id, Kind::Tree, buffer)?;
            TreeRefIter::from_bytes(data, self.objects.hash)
                .map(|entry| {
                    let entry = entry.map_err(|error| Trouble::Corrupt(error.to_string()))?;
                    let folder = entry.mode.kind() == EntryKind::Tree;
                    Ok(Known { name: entry.filename.to_vec(), id: entry.oid.to_owned(), folder })
                })
                .collect::<Result<Vec<Known>, Trouble>>()
        };
        read(&mut self.buffer).unwrap_or_else(|trouble| {
            // Without HEAD's folder everything in the index's counts as new: scanned, and said.
            let path = &self.index.entries()[first].path(self.index).as_bytes()[..prefix];
            self.out.gaps.push(trouble.gap(format!("HEAD's folder /{}", lossless(path)), id));
            Vec::new()
        })
    }

    /// Files named, which are scanned though they do not differ, and paths that nothing is known of.
    fn named(&mut self, head: Option<ObjectId>) {
        let index = self.index;
        let entries = index.entries();
        for path in &self.plan.paths {
            let from = entries.partition_point(|entry| entry.path(index).as_bytes() < path.as_slice());
            let own = entries[from..].iter().take_while(|entry| entry.path(index).as_bytes() == path.as_slice());
            let mut there = false;
            for entry in own {
                there = true;
                let file = entry.mode != Mode::COMMIT && !entry.flags.contains(Flags::INTENT_TO_ADD);
                if file {
                    self.out.blobs.push(Leaf { path: path.clone(), id: entry.id });
                }
            }
            let folder = || entries[from..].iter().any(|entry| below(entry.path(index).as_bytes(), path));
            let removed = |buffer: &mut Vec<u8>| {
                head.is_some_and(|head| super::tree::at(self.objects, head, path, buffer).is_some())
            };
            if !there && !path.is_empty() && !folder() && !removed(&mut self.buffer) {
                self.out.unknown.push(path.clone());
            }
        }
    }
}

/// True for `folder` itself and what lies below; everything lies below the root, whose path is empty.
fn below(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// The tree remembered for a folder in a folder.
fn child<'c>(cached: &'c Cached, name: &[u8]) -> Option<&'c Cached> {
    cached.children.iter().find(|child| child.name.as_slice() == name)
}

fn find(known: &[Known], name: &[u8], folder: bool) -> Option<ObjectId> {
    fn key(name: &[u8], folder: bool) -> impl Iterator<Item = &u8> {
        name.iter().chain(folder.then_some(&b'/'))
    }
    let at = known.partition_point(|entry| key(&entry.name, entry.folder).lt(key(name, folder)));
    known.get(at).filter(|entry| entry.name == name && entry.folder == folder).map(|entry| entry.id)
}
