//! In which commits blobs stand: one look at every tree, then arithmetic over what they hold.
//!
//! Only blobs that matter are followed. What a tree holds of them, by path, is a list made once, so that the tens
//! of thousands of versions of a root folder that hold the same cost nothing.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;

use super::Repository;
use super::names::{Interner, Plain, entries, of, starts};
use super::packs::{Store, Visit};
use crate::source::lossless;
use crate::source::{Gap, GapReason};

/// Blobs by path that one tree is followed for. More are made to hurt.
const MAX_HELD: usize = 100_000;
/// No path: the end of one.
const END: u32 = u32::MAX;

/// A folder's entry that leads somewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    child: u32,
    parent: u32,
    name: u32,
}

/// A blob at a path: `(path, blob)`.
pub type Item = (u32, u32);

/// What trees hold of the blobs that matter.
pub struct Lineage {
    /// Lists of items, each once; the first is empty.
    pub lists: Vec<Box<[Item]>>,
    /// The list of each tree that holds any.
    held: HashMap<u32, u32, BuildHasherDefault<Plain>>,
    /// Paths from their first part on: the part, and the rest.
    paths: Vec<(u32, u32)>,
    names: Vec<Box<[u8]>>,
    /// What could not be read or followed.
    pub gaps: Vec<Gap>,
}

struct Looker<'s> {
    store: &'s Store,
    wanted: &'s HashMap<u64, Vec<u32>, BuildHasherDefault<Plain>>,
    folders: Vec<Edge>,
    files: Vec<Edge>,
    interner: Interner,
    total: &'s Mutex<Total>,
}

#[derive(Default)]
struct Total {
    folders: Vec<Edge>,
    files: Vec<Edge>,
    interner: Interner,
}

/// What was made before.
#[derive(Default)]
struct Maker {
    paths: HashMap<(u32, u32), u32>,
    singles: HashMap<Item, u32>,
    unions: HashMap<Box<[u32]>, u32>,
    below: HashMap<(u32, u32), u32>,
}

fn prefix(id: &[u8]) -> u64 {
    id.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

impl Visit for Looker<'_> {
    fn object(&mut self, parent: u32, _: Kind, bytes: &[u8]) {
        for entry in entries(bytes, self.store.hash) {
            if !entry.folder && !self.wanted.contains_key(&prefix(entry.id)) {
                continue;
            }
            let number = gix::oid::try_from_bytes(entry.id).ok().and_then(|id| self.store.number(id));
            let Some(child) = number else { continue };
            let edge = |interner: &mut Interner| Edge { child, parent, name: interner.number(entry.name) };
            if entry.folder {
                self.folders.push(edge(&mut self.interner));
            } else if self.wanted.get(&prefix(entry.id)).is_some_and(|blobs| blobs.contains(&child)) {
                self.files.push(edge(&mut self.interner));
            }
        }
    }
}

impl Drop for Looker<'_> {
    fn drop(&mut self) {
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<u32> = self.interner.names.iter().map(|name| total.interner.number(name)).collect();
        for edge in self.folders.iter_mut().chain(&mut self.files) {
            edge.name = numbers.get(edge.name as usize).copied().unwrap_or(END);
        }
        if total.folders.is_empty() {
            total.folders = std::mem::take(&mut self.folders);
        } else {
            total.folders.append(&mut self.folders);
        }
        total.files.append(&mut self.files);
    }
}

impl Lineage {
    /// Of nothing.
    pub fn none() -> Self {
        Self {
            lists: vec![Box::default()],
            held: HashMap::default(),
            paths: Vec::new(),
            names: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Follows `blobs` through every tree.
    pub fn new(repository: &Repository, store: &Store, blobs: &[u32], threads: usize, stop: &AtomicBool) -> Self {
        let mut wanted: HashMap<u64, Vec<u32>, BuildHasherDefault<Plain>> = HashMap::default();
        for &blob in blobs {
            wanted.entry(prefix(store.ids[blob as usize].as_slice())).or_default().push(blob);
        }
        let total = Mutex::new(Total::default());
        let gaps = store.visit(repository, &[Kind::Tree], threads, stop, &|| Looker {
            store,
            wanted: &wanted,
            folders: Vec::new(),
            files: Vec::new(),
            interner: Interner::default(),
            total: &total,
        });
        let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut lineage = Self { gaps, ..Self::none() };
        lineage.build(store.ids.len(), total.folders, &total.files);
        lineage.names = total.interner.names;
        lineage
    }

    /// The list of what a tree holds.
    pub fn list(&self, tree: u32) -> u32 {
        self.held.get(&tree).copied().unwrap_or(0)
    }

    /// A path as reports show it, and its bytes.
    pub fn path(&self, path: u32) -> (String, Vec<u8>) {
        let (mut bytes, mut at) = (Vec::new(), path);
        while let Some(&(name, rest)) = self.paths.get(at as usize) {
            if !bytes.is_empty() {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(self.names.get(name as usize).map_or(&[], |name| name));
            at = rest;
        }
        (lossless(&bytes), bytes)
    }

    fn build(&mut self, count: usize, mut folders: Vec<Edge>, files: &[Edge]) {
        // Which trees lead to a blob that matters: from the files up.
        folders.sort_unstable();
        folders.dedup();
        let up = starts(count, folders.iter().map(|edge| edge.child));
        let mut leads: HashSet<u32, BuildHasherDefault<Plain>> = HashSet::default();
        let mut stack: Vec<u32> = files.iter().map(|edge| edge.parent).collect();
        while let Some(tree) = stack.pop() {
            if leads.insert(tree) {
                stack.extend(of(&folders, &up, tree).iter().map(|edge| edge.parent));
            }
        }
        // A tree is done when all it leads to is.
        let mut waits: HashMap<u32, u32, BuildHasherDefault<Plain>> = HashMap::default();
        for edge in folders.iter().filter(|edge| leads.contains(&edge.child)) {
            *waits.entry(edge.parent).or_default() += 1;
        }
        let mut own: HashMap<u32, Vec<u32>, BuildHasherDefault<Plain>> = HashMap::default();
        let mut maker = Maker::default();
        for file in files {
            let path = self.joined(&mut maker, file.name, END);
            let item = (path, file.child);
            let list = *maker.singles.entry(item).or_insert_with(|| self.keep(vec![item]));
            own.entry(file.parent).or_default().push(list);
        }
        let mut ready: Vec<u32> = own.keys().filter(|tree| !waits.contains_key(tree)).copied().collect();
        ready.sort_unstable();
        while let Some(tree) = ready.pop() {
            let list = own.remove(&tree).map_or(0, |parts| self.union(&mut maker, parts));
            self.held.insert(tree, list);
            for edge in of(&folders, &up, tree) {
                let below = self.below(&mut maker, edge.name, list);
                own.entry(edge.parent).or_default().push(below);
                if let Some(left) = waits.get_mut(&edge.parent) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push(edge.parent);
                    }
                }
            }
        }
    }

    /// The list of all that some lists hold.
    fn union(&mut self, maker: &mut Maker, mut parts: Vec<u32>) -> u32 {
        parts.sort_unstable();
        parts.dedup();
        if let [one] = parts.as_slice() {
            return *one;
        }
        if let Some(&known) = maker.unions.get(parts.as_slice()) {
            return known;
        }
        let items = parts.iter().flat_map(|&part| self.lists[part as usize].iter().copied()).collect();
        let list = self.keep(items);
        maker.unions.insert(parts.into_boxed_slice(), list);
        list
    }

    /// A list as it is seen from a folder above.
    fn below(&mut self, maker: &mut Maker, name: u32, list: u32) -> u32 {
        if let Some(&known) = maker.below.get(&(name, list)) {
            return known;
        }
        let items = self.lists[list as usize].to_vec();
        let items = items.into_iter().map(|(path, blob)| (self.joined(maker, name, path), blob)).collect();
        let below = self.keep(items);
        maker.below.insert((name, list), below);
        below
    }

    /// Keeps a list. Lists made of the same parts are one already; what is left to be equal by accident is rare.
    fn keep(&mut self, mut items: Vec<Item>) -> u32 {
        items.sort_unstable();
        items.dedup();
        if items.len() > MAX_HELD {
            items.truncate(MAX_HELD);
            let detail = format!("a tree holds findings at more than {MAX_HELD} paths; the rest was not followed");
            self.gaps.push(Gap { what: "history".to_owned(), reason: GapReason::Limit, detail });
        }
        self.lists.push(items.into_boxed_slice());
        u32::try_from(self.lists.len() - 1).unwrap_or(0)
    }

    fn joined(&mut self, maker: &mut Maker, name: u32, rest: u32) -> u32 {
        *maker.paths.entry((name, rest)).or_insert_with(|| {
            self.paths.push((name, rest));
            u32::try_from(self.paths.len() - 1).unwrap_or(END)
        })
    }
}
