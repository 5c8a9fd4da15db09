//! Trees: what one holds that others do not, and what stands at a path.

use gix::ObjectId;
use gix::objs::{Kind, TreeRefIter, tree::EntryKind};

use super::{Objects, Trouble};
use crate::source::lossless;
use crate::source::{Gap, GapReason};

/// Trees entered and blobs found by one comparison, at most: folders that hold each other many times over are small on
/// disk and have no end.
const MAX_STEPS: u64 = 1 << 22;

/// A blob at a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leaf {
    /// From the repository's root.
    pub path: Vec<u8>,
    /// The blob.
    pub id: ObjectId,
}

/// An entry of one tree.
struct Entry {
    name: Vec<u8>,
    id: ObjectId,
    folder: bool,
}

/// The entries of a tree that are blobs or trees (a submodule's commit is neither).
fn entries(objects: &Objects, id: ObjectId, buffer: &mut Vec<u8>) -> Result<Vec<Entry>, Trouble> {
    let data = objects.read(&id, Kind::Tree, buffer)?;
    let mut out = Vec::new();
    for entry in TreeRefIter::from_bytes(data, objects.hash) {
        let entry = entry.map_err(|error| Trouble::Corrupt(error.to_string()))?;
        let folder = match entry.mode.kind() {
            EntryKind::Commit => continue,
            kind => kind == EntryKind::Tree,
        };
        out.push(Entry { name: entry.filename.to_vec(), id: entry.oid.to_owned(), folder });
    }
    Ok(out)
}

/// Compares trees.
pub struct Differ<'o> {
    objects: &'o Objects,
    buffer: Vec<u8>,
    steps: u64,
    /// Trees that could not be read.
    pub gaps: Vec<Gap>,
}

impl<'o> Differ<'o> {
    /// A comparison of trees of one repository.
    pub fn new(objects: &'o Objects) -> Self {
        Self { objects, buffer: Vec::new(), steps: 0, gaps: Vec::new() }
    }

    /// The blobs of `tree` that stand at their path in none of `others`.
    pub fn added(&mut self, tree: ObjectId, others: &[ObjectId], found: &mut dyn FnMut(Leaf)) {
        let mut stack = vec![(Vec::new(), tree, others.to_vec())];
        while let Some((prefix, tree, mut others)) = stack.pop() {
            others.sort_unstable();
            others.dedup();
            if others.contains(&tree) {
                continue;
            }
            if self.steps > MAX_STEPS {
                let detail = format!("more than {MAX_STEPS} folders and files to compare; the rest was left out");
                self.gaps.push(Gap { what: "trees".to_owned(), reason: GapReason::Limit, detail });
                return;
            }
            let own = self.entries(tree, &prefix);
            self.steps += 1 + own.len() as u64;
            let others: Vec<Vec<Entry>> = others.into_iter().map(|other| self.entries(other, &prefix)).collect();
            for entry in own {
                let there: Vec<&Entry> = others.iter().filter_map(|other| named(other, &entry)).collect();
                if there.iter().any(|other| other.id == entry.id) {
                    continue;
                }
                let mut path = prefix.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(&entry.name);
                if entry.folder {
                    stack.push((path, entry.id, there.into_iter().map(|other| other.id).collect()));
                } else {
                    found(Leaf { path, id: entry.id });
                }
            }
        }
    }

    fn entries(&mut self, id: ObjectId, prefix: &[u8]) -> Vec<Entry> {
        entries(self.objects, id, &mut self.buffer).unwrap_or_else(|trouble| {
            let folder = if prefix.is_empty() { "the root folder".to_owned() } else { lossless(prefix) };
            self.gaps.push(trouble.gap(folder, id));
            Vec::new()
        })
    }
}

/// The entry of the same name and sort. Git sorts folders as if their names ended with `/`.
fn named<'e>(entries: &'e [Entry], wanted: &Entry) -> Option<&'e Entry> {
    fn key(entry: &Entry) -> impl Iterator<Item = &u8> {
        entry.name.iter().chain(entry.folder.then_some(&b'/'))
    }
    let at = entries.partition_point(|entry| key(entry).lt(key(wanted)));
    entries.get(at).filter(|entry| entry.name == wanted.name && entry.folder == wanted.folder)
}

/// The blob at a path of a tree; `None` where there is none, or where a tree on the way cannot be read.
pub fn at(objects: &Objects, tree: ObjectId, path: &[u8], buffer: &mut Vec<u8>) -> Option<ObjectId> {
    let mut id = tree;
    let mut parts = path.split(|byte| *byte == b'/').peekable();
    while let Some(part) = parts.next() {
        let entry = entries(objects, id, buffer).ok()?.into_iter().find(|entry| entry.name == part)?;
        match (entry.folder, parts.peek().is_some()) {
            (true, true) => id = entry.id,
            (false, false) => return Some(entry.id),
            _ => return None,
        }
    }
    None
}
