//! One look at every tree: what each has more and less than the one it is a delta of.

use std::hash::Hasher as _;
use std::sync::{Mutex, PoisonError};

use super::super::store::{Object, Store, Visit};
use super::{Change, Entry, Graph, NONE, Spread, minus};

/// One thread's look at trees.
pub(super) struct Looker<'s> {
    store: &'s Store,
    own: Graph,
    total: &'s Mutex<Graph>,
}

/// What is kept of a tree for those that are deltas of it.
pub(super) struct Kept {
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
        if object.passing {
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

impl<'s> Looker<'s> {
    /// A thread that puts what it saw into `total`.
    pub(super) fn new(store: &'s Store, total: &'s Mutex<Graph>) -> Self {
        Self { store, own: Graph::default(), total }
    }

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
        if total.names.ends.is_empty() {
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
