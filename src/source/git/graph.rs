//! What trees hold: each tree as what it has more and less than the one it is a delta of.
//!
//! Every tree is looked at once. A folder of a thousand files that changes a thousand times is a list of a thousand and
//! a thousand changes: so the whole graph stays in memory, for the names of blobs first, and later for where findings
//! stood ([`super::lineage`]).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;

use super::Repository;
use super::store::{Object, Store, Visit, Wanted};
use super::table::Table;
use crate::source::Gap;

/// Folders above a file that are followed; a longer way up is a broken repository.
pub const DEEPEST: usize = 256;
/// No tree.
const NONE: u32 = u32::MAX;

/// A number is spread, so that a table of a power of two takes it.
#[derive(Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0.rotate_left(23) ^ value).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}

/// How [`Spread`] is asked for.
pub type Spreading = BuildHasherDefault<Spread>;

/// An entry of a tree: what stands under a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The number of the name.
    pub name: u32,
    /// The number of the blob or tree.
    pub child: u32,
}

/// A tree, as a change of another one.
struct Change {
    tree: u32,
    /// The tree it is a delta of.
    base: u32,
    /// Where its entries begin: those removed, then those added.
    from: u32,
    removed: u32,
    added: u32,
}

/// Names, each once.
#[derive(Default)]
struct Interner {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    numbers: HashMap<u64, u32, Spreading>,
}

impl Interner {
    fn name(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let from = at.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before));
        match (from, self.ends.get(at)) {
            (Some(&from), Some(&to)) => &self.bytes[from as usize..to as usize],
            _ => &[],
        }
    }

    fn number(&mut self, name: &[u8]) -> u32 {
        let mut hasher = Spread(name.len() as u64);
        hasher.write(name);
        let mut hash = hasher.finish();
        // Names made to have one hash are told apart by the next free one.
        while let Some(&number) = self.numbers.get(&hash) {
            if self.name(number) == name {
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(NONE);
        self.numbers.insert(hash, number);
        self.bytes.extend_from_slice(name);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(NONE));
        number
    }
}

/// All trees.
#[derive(Default)]
pub struct Graph {
    /// Each after the one it is a change of.
    changes: Vec<Change>,
    entries: Vec<Entry>,
    names: Interner,
    /// For each object: the names it has and a tree in which it has each.
    sights: Table<(u32, u32)>,
    missing: HashSet<u64, Spreading>,
}

impl Graph {
    /// Looks at every tree.
    pub fn new(repository: &Repository, store: &Store, threads: usize, stop: &AtomicBool) -> (Self, Vec<Gap>) {
        let total = Mutex::new(Self::default());
        let wanted = Wanted { kinds: &[Kind::Tree], only: None };
        let gaps =
            store.visit(repository, wanted, threads, stop, &|| Looker { store, own: Self::default(), total: &total });
        let mut graph = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        graph.names.numbers = HashMap::default();
        graph.sort_names();
        graph.sort_changes(store.len());
        let sights = graph.changes.iter().flat_map(|change| {
            let added = graph.parts(change).1;
            added.iter().map(|entry| (entry.child, (entry.name, change.tree)))
        });
        let mut sights: Vec<(u32, (u32, u32))> = sights.collect();
        sights.sort_unstable();
        // One folder for each name a child has; which one is the same however threads met them.
        sights.dedup_by_key(|(child, (name, _))| (*child, *name));
        graph.sights = Table::new(store.len(), sights);
        (graph, gaps)
    }

    /// How many entries of trees name an object that is not there.
    pub fn missing(&self) -> u64 {
        self.missing.len() as u64
    }

    /// A name of a number.
    pub fn name(&self, number: u32) -> &[u8] {
        self.names.name(number)
    }

    /// The changes that make the trees, each behind the one it builds on: the tree, its base, what it has less and more.
    pub fn changes(&self) -> impl Iterator<Item = (u32, Option<u32>, &[Entry], &[Entry])> {
        self.changes.iter().map(|change| {
            let (removed, added) = self.parts(change);
            (change.tree, Some(change.base).filter(|base| *base != NONE), removed, added)
        })
    }

    /// Calls `found` with a path for each name of an object. False when it stands in no tree.
    pub fn paths(&self, child: u32, path: &mut Vec<u8>, mut found: impl FnMut(&[u8])) -> bool {
        let sights = self.sights.of(child);
        for &sight in sights {
            path.clear();
            self.write(sight, path);
            found(path);
        }
        !sights.is_empty()
    }

    /// The numbers of names, all else forgotten.
    #[must_use]
    pub fn into_names(self) -> Self {
        Self { names: self.names, ..Self::default() }
    }

    /// Writes the path of an entry: its own name last.
    fn write(&self, sight: (u32, u32), path: &mut Vec<u8>) {
        let mut names = [0u32; DEEPEST];
        let (mut count, mut at) = (0, sight);
        loop {
            names[count] = at.0;
            count += 1;
            match self.sights.of(at.1).first() {
                Some(&above) if count < DEEPEST => at = above,
                _ => break,
            }
        }
        for &name in names[..count].iter().rev() {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(self.name(name));
        }
    }

    fn parts(&self, change: &Change) -> (&[Entry], &[Entry]) {
        let from = change.from as usize;
        let middle = from + change.removed as usize;
        let removed = self.entries.get(from..middle).unwrap_or(&[]);
        (removed, self.entries.get(middle..middle + change.added as usize).unwrap_or(&[]))
    }

    /// Gives names their numbers in order: threads meet them in another one each time.
    fn sort_names(&mut self) {
        let mut order: Vec<u32> = (0..u32::try_from(self.names.ends.len()).unwrap_or(NONE)).collect();
        order.sort_unstable_by(|a, b| self.names.name(*a).cmp(self.names.name(*b)));
        let (mut sorted, mut numbers) = (Interner::default(), vec![0; order.len()]);
        for (number, old) in (0..).zip(order) {
            sorted.bytes.extend_from_slice(self.names.name(old));
            sorted.ends.push(u32::try_from(sorted.bytes.len()).unwrap_or(NONE));
            numbers[old as usize] = number;
        }
        self.names = sorted;
        for entry in &mut self.entries {
            entry.name = numbers.get(entry.name as usize).copied().unwrap_or(NONE);
        }
    }

    /// Puts each tree behind the one it is a change of; by number where that leaves a choice.
    fn sort_changes(&mut self, count: usize) {
        let mut depths = vec![0u32; count];
        let mut places = vec![NONE; count];
        for (place, change) in (0..).zip(&self.changes) {
            places[change.tree as usize] = place;
        }
        for change in &self.changes {
            let (mut chain, mut at) = (Vec::new(), change.tree);
            // Depth 0 is not known yet; a chain that leads into itself ends where it is met again.
            while depths[at as usize] == 0 {
                depths[at as usize] = 1;
                chain.push(at);
                let place = places[at as usize] as usize;
                match self.changes.get(place).filter(|change| change.base != NONE) {
                    Some(change) => at = change.base,
                    None => break,
                }
            }
            let mut depth = if chain.last() == Some(&at) { 0 } else { depths[at as usize] };
            for tree in chain.into_iter().rev() {
                depth += 1;
                depths[tree as usize] = depth;
            }
        }
        self.changes.sort_unstable_by_key(|change| (depths[change.tree as usize], change.tree));
        // In the order they are gone through.
        let mut entries = Vec::with_capacity(self.entries.len());
        for change in &mut self.changes {
            let (from, length) = (change.from as usize, (change.removed + change.added) as usize);
            change.from = u32::try_from(entries.len()).unwrap_or(NONE);
            entries.extend_from_slice(self.entries.get(from..from + length).unwrap_or(&[]));
        }
        self.entries = entries;
    }
}

/// One thread's look at trees.
struct Looker<'s> {
    store: &'s Store,
    own: Graph,
    total: &'s Mutex<Graph>,
}

/// What is kept of a tree for those that are deltas of it.
struct Kept {
    tree: u32,
    /// Where its entries begin, and where the last one ends.
    bounds: Vec<u32>,
}

impl Visit for Looker<'_> {
    type Kept = Kept;

    fn object(&mut self, object: &Object<'_>, base: Option<(&[u8], &Kept)>) -> Kept {
        let length = self.store.hash.len_in_bytes();
        let from = u32::try_from(self.own.entries.len()).unwrap_or(NONE);
        let mut change = Change { tree: object.number, base: NONE, from, removed: 0, added: 0 };
        let bytes = object.bytes;
        let (first, rest) = match base {
            None => (0, Vec::new()),
            Some((before, kept)) => {
                change.base = kept.tree;
                let same = Same::of(before, &kept.bounds, bytes);
                (same.first, same.rest)
            }
        };
        let mut bounds: Vec<u32> = base.map_or_else(Vec::new, |(_, kept)| kept.bounds[..first].to_vec());
        let start = base.map_or(0, |(_, kept)| kept.bounds.get(first).copied().unwrap_or(0)) as usize;
        let (mut at, mut next) = (start, 0);
        // Up to where the rest is that of the base.
        loop {
            next += rest[next..].iter().take_while(|bound| (**bound as usize) < at).count();
            if rest.get(next).is_some_and(|bound| *bound as usize == at) {
                break;
            }
            let Some(entry) = raw_entry(&bytes[at..], length) else {
                next = rest.len();
                break;
            };
            bounds.push(u32::try_from(at).unwrap_or(NONE));
            at += entry.length;
        }
        let (own, rest) = (&bytes[start..at], &rest[next..]);
        if rest.is_empty() {
            bounds.push(u32::try_from(at).unwrap_or(NONE));
        }
        bounds.extend_from_slice(rest);
        if object.repeated {
            return Kept { tree: object.number, bounds };
        }
        let theirs = base.map_or(&[][..], |(before, kept)| {
            let to = kept.bounds.len().checked_sub(rest.len().max(1)).and_then(|at| kept.bounds.get(at)).copied();
            before.get(start..to.unwrap_or(0) as usize).unwrap_or(&[])
        });
        let (removed, added) = differences(theirs, own, length);
        for entry in removed {
            change.removed += u32::from(self.add(&entry, false));
        }
        for entry in added {
            change.added += u32::from(self.add(&entry, true));
        }
        self.own.changes.push(change);
        Kept { tree: object.number, bounds }
    }
}

impl Looker<'_> {
    /// Adds an entry to those of the tree; false for one that leads nowhere.
    fn add(&mut self, entry: &RawEntry<'_>, is_new: bool) -> bool {
        if entry.submodule {
            return false;
        }
        let Some(child) = gix::oid::try_from_bytes(entry.id).ok().and_then(|id| self.store.number(id)) else {
            if is_new {
                self.own.missing.insert(key(entry));
            }
            return false;
        };
        let name = self.own.names.number(entry.name);
        self.own.entries.push(Entry { name, child });
        true
    }
}

impl Drop for Looker<'_> {
    fn drop(&mut self) {
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own = std::mem::take(&mut self.own);
        if total.changes.is_empty() {
            own.missing.extend(total.missing.drain());
            *total = own;
            return;
        }
        let count = u32::try_from(own.names.ends.len()).unwrap_or(NONE);
        let numbers: Vec<u32> = (0..count).map(|number| total.names.number(own.names.name(number))).collect();
        let from = u32::try_from(total.entries.len()).unwrap_or(NONE);
        let renamed = own.entries.iter().map(|entry| Entry { name: numbers[entry.name as usize], ..*entry });
        total.entries.extend(renamed);
        total.changes.extend(own.changes.into_iter().map(|change| Change { from: change.from + from, ..change }));
        total.missing.extend(own.missing);
    }
}

/// The id's first bytes mixed with the name: two entries with one key are one in 2^64.
fn key(entry: &RawEntry<'_>) -> u64 {
    let mut hasher = Spread(0);
    hasher.write(entry.id);
    hasher.write(entry.name);
    hasher.finish()
}

/// What a tree shares with its base.
struct Same {
    /// Entries at the beginning.
    first: usize,
    /// Where, in the tree, entries at the end begin that may be those of the base, and the end.
    rest: Vec<u32>,
}

impl Same {
    fn of(before: &[u8], bounds: &[u32], bytes: &[u8]) -> Self {
        let start = common(before.chunks(64).zip(bytes.chunks(64)), before.iter().zip(bytes));
        let first = bounds.partition_point(|bound| *bound as usize <= start).saturating_sub(1);
        let at = bounds.get(first).copied().unwrap_or(0) as usize;
        let (left, right) = (&before[at..], &bytes[at..]);
        let end = common(left.rchunks(64).zip(right.rchunks(64)), left.iter().rev().zip(right.iter().rev()));
        let from = before.len() - end;
        let next = bounds.partition_point(|bound| (*bound as usize) < from).max(first);
        // As far behind the end of both.
        let moved = |bound: &u32| u32::try_from(*bound as usize + bytes.len() - before.len()).ok();
        let rest = bounds[next..].iter().map_while(moved).collect();
        Self { first, rest }
    }
}

/// How many bytes are equal, looked at in pieces of 64 first.
fn common<'b>(
    chunks: impl Iterator<Item = (&'b [u8], &'b [u8])>,
    bytes: impl Iterator<Item = (&'b u8, &'b u8)>,
) -> usize {
    let whole = chunks.take_while(|(a, b)| a.len() == 64 && a == b).count() * 64;
    whole + bytes.skip(whole).take_while(|(a, b)| a == b).count()
}

/// An entry of a tree's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RawEntry<'t> {
    /// A commit of another repository.
    submodule: bool,
    name: &'t [u8],
    id: &'t [u8],
    /// All of its bytes.
    length: usize,
}

/// The entry that a tree's bytes begin with.
fn raw_entry(bytes: &[u8], hash: usize) -> Option<RawEntry<'_>> {
    let blank = memchr::memchr(b' ', bytes)?;
    let (mode, rest) = (&bytes[..blank], &bytes[blank + 1..]);
    let end = memchr::memchr(0, rest)?;
    let id = rest.get(end + 1..end + 1 + hash)?;
    let length = blank + end + 2 + hash;
    Some(RawEntry { submodule: mode.starts_with(b"16"), name: &rest[..end], id, length })
}

/// What only one of two lists of entries holds.
fn differences<'t>(left: &'t [u8], right: &'t [u8], hash: usize) -> (Vec<RawEntry<'t>>, Vec<RawEntry<'t>>) {
    let all = |mut bytes: &'t [u8]| -> Vec<RawEntry<'t>> {
        let next = || {
            let entry = raw_entry(bytes, hash)?;
            bytes = &bytes[entry.length..];
            Some(entry)
        };
        let mut all: Vec<_> = std::iter::from_fn(next).collect();
        all.sort_unstable();
        all
    };
    let (left, right) = (all(left), all(right));
    (minus(&left, &right).copied().collect(), minus(&right, &left).copied().collect())
}

/// What is in `left` and not in `right`; both sorted.
pub fn minus<'l, T: Ord>(left: &'l [T], right: &'l [T]) -> impl Iterator<Item = &'l T> {
    let mut rest = right.iter().peekable();
    left.iter().filter(move |value| {
        while rest.next_if(|other| other < value).is_some() {}
        rest.peek() != Some(value)
    })
}
