//! What trees hold: each tree as what it has more and less than the one it is a delta of.
//!
//! Every tree is looked at once. A folder of a thousand files that changes a thousand times is a list of a thousand and
//! a thousand changes: so the whole graph stays in memory, for the names of blobs first, and later for where findings
//! stood ([`super::lineage`]).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock, PoisonError};

use gix::objs::Kind;

use look::Looker;

use super::Repository;
use super::store::{Store, Wanted};
use super::table::Table;
use crate::source::Gap;

mod look;
mod places;
mod saved;

pub use places::Places;

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

/// A tree, its base, and what it has less and more than that.
pub type Changed<'g> = (u32, Option<u32>, &'g [Entry], &'g [Entry]);

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
    /// For each object: the names it has and a tree in which it has each. Made when first asked for.
    sights: OnceLock<Table<(u32, u32)>>,
    missing: HashSet<u64, Spreading>,
    /// How many objects there are.
    count: usize,
    /// The numbers that the names of a saved graph have now, where more trees were looked at.
    renamed: Option<Vec<u32>>,
}

impl Graph {
    /// Looks at every tree that `known`, saved by an earlier run, does not hold. `unknown`: the objects of which nothing is
    /// known, sorted; all where there are none such.
    pub fn new(
        repository: &Repository,
        store: &Store,
        known: Self,
        unknown: Option<&[u32]>,
        threads: usize,
        stop: &AtomicBool,
    ) -> (Self, Vec<Gap>) {
        let before = known.changes.len();
        let total = Mutex::new(known);
        let wanted = Wanted { kinds: &[Kind::Tree], only: unknown };
        let gaps = store.visit(repository, wanted, threads, stop, &|| Looker::new(store, &total));
        let mut graph = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        graph.count = store.len();
        graph.names.numbers = HashMap::default();
        if graph.changes.len() > before {
            graph.renamed = Some(graph.sort_names());
            graph.sort_changes(store.len());
        }
        (graph, gaps)
    }

    /// True where it is more than what an earlier run saved.
    pub fn has_grown(&self) -> bool {
        self.renamed.is_some()
    }

    fn sights(&self) -> &Table<(u32, u32)> {
        self.sights.get_or_init(|| {
            let sights = self.changes.iter().flat_map(|change| {
                let added = self.parts(change).1;
                added.iter().map(|entry| (entry.child, (entry.name, change.tree)))
            });
            let mut sights: Vec<(u32, (u32, u32))> = sights.collect();
            sights.sort_unstable();
            // One folder for each name a child has; which one is the same however threads met them.
            sights.dedup_by_key(|(child, (name, _))| (*child, *name));
            Table::new(self.count, sights)
        })
    }

    /// How many entries of trees name an object that is not there.
    pub fn missing(&self) -> u64 {
        self.missing.len() as u64
    }

    /// The number that a name of a saved graph has now.
    pub fn renamed(&self, name: u32) -> Option<u32> {
        self.renamed.as_ref().map_or(Some(name), |now| now.get(name as usize).copied())
    }

    /// A name of a number.
    pub fn name(&self, number: u32) -> &[u8] {
        self.names.name(number)
    }

    /// The changes that make the trees, each behind the one it builds on.
    pub fn changes(&self) -> impl Iterator<Item = Changed<'_>> {
        self.changes.iter().map(|change| self.changed(change))
    }

    /// The change at a place of [`Self::inside_out`].
    pub fn change(&self, place: u32) -> Option<Changed<'_>> {
        self.changes.get(place as usize).map(|change| self.changed(change))
    }

    fn changed(&self, change: &Change) -> Changed<'_> {
        let (removed, added) = self.parts(change);
        (change.tree, Some(change.base).filter(|base| *base != NONE), removed, added)
    }

    /// The places of changes: each behind the one it builds on and those of the folders it adds, as far as these do not
    /// lead back to it. `count` is that of all objects.
    pub fn inside_out(&self, count: usize) -> Vec<u32> {
        let (mut places, mut order) = (vec![NONE; count], Vec::with_capacity(self.changes.len()));
        for (place, change) in (0..).zip(&self.changes) {
            places[change.tree as usize] = place;
        }
        let mut entered = vec![false; self.changes.len()];
        let mut stack: Vec<(u32, usize)> = Vec::new();
        for place in 0..u32::try_from(self.changes.len()).unwrap_or(NONE) {
            stack.push((place, 0));
            while let Some((place, next)) = stack.last_mut() {
                let (at, change) = (*place as usize, &self.changes[*place as usize]);
                if *next == 0 && std::mem::replace(&mut entered[at], true) {
                    stack.pop();
                    continue;
                }
                let added = self.parts(change).1;
                let before = |tree: u32| {
                    let place = places.get(tree as usize).copied().filter(|place| *place != NONE)?;
                    (!entered[place as usize]).then_some(place)
                };
                let base = if *next == 0 { before(change.base) } else { None };
                let from = next.saturating_sub(1);
                let found = base.map(|base| (0, base)).or_else(|| {
                    let mut rest = added.get(from..)?.iter().enumerate();
                    rest.find_map(|(at, entry)| Some((from + at + 1, before(entry.child)?)))
                });
                if let Some((at, inner)) = found {
                    *next = at + 1;
                    stack.push((inner, 0));
                } else {
                    order.push(*place);
                    stack.pop();
                }
            }
        }
        order
    }

    /// Calls `found` with a path for each name of an object. False when it stands in no tree.
    pub fn paths(&self, child: u32, path: &mut Vec<u8>, mut found: impl FnMut(&[u8])) -> bool {
        let sights = self.sights().of(child);
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
            match self.sights().of(at.1).first() {
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

    /// Gives names their numbers in order: threads meet them in another one each time. Returns the new ones.
    fn sort_names(&mut self) -> Vec<u32> {
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
        numbers
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

/// What is in `left` and not in `right`; both sorted.
pub fn minus<'l, T: Ord>(left: &'l [T], right: &'l [T]) -> impl Iterator<Item = &'l T> {
    let mut rest = right.iter().peekable();
    left.iter().filter(move |value| {
        while rest.next_if(|other| other < value).is_some() {}
        rest.peek() != Some(value)
    })
}
