//! Where blobs stand: each with the names it is given and the folder it was first met in.
//!
//! A name decides how a file is read, so blobs are scanned under theirs. Each tree is looked at once; an entry (name and
//! object) that was met before is passed over, which leaves what changed from one version of a folder to the next.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;

use super::packs::{Store, Visit};

/// Folders above a file that are followed; a longer way up is a broken repository.
const DEEPEST: usize = 256;
/// No object.
const NONE: u32 = u32::MAX;

/// An entry of a tree: the child under a name in a parent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sight {
    child: u32,
    name: u32,
    parent: u32,
}

/// Names, each once.
#[derive(Default)]
pub(super) struct Interner {
    pub(super) names: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Interner {
    pub(super) fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(NONE);
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }
}

/// The names of blobs and folders.
#[derive(Default)]
pub struct Names {
    /// Sorted by child and name: one folder for each name a child has.
    sights: Vec<Sight>,
    /// Where the sights of each object begin.
    starts: Vec<u32>,
    interner: Interner,
    /// Entries whose object is not there.
    pub missing: u64,
}

/// A part of an id is random already; a number is spread.
#[derive(Default)]
pub struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = (u64::from(value) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// An entry of a tree's bytes.
pub struct RawEntry<'t> {
    /// It is a folder.
    pub folder: bool,
    /// It is a file or a link.
    pub file: bool,
    /// Its name.
    pub name: &'t [u8],
    /// Its id's bytes.
    pub id: &'t [u8],
}

/// The entries of a tree, as far as it can be read.
pub fn entries(mut bytes: &[u8], hash: gix::hash::Kind) -> impl Iterator<Item = RawEntry<'_>> {
    let length = hash.len_in_bytes();
    std::iter::from_fn(move || {
        let blank = memchr::memchr(b' ', bytes)?;
        let (mode, rest) = (&bytes[..blank], &bytes[blank + 1..]);
        let end = memchr::memchr(0, rest)?;
        let id = rest.get(end + 1..end + 1 + length)?;
        bytes = &rest[end + 1 + length..];
        let folder = matches!(mode, b"40000" | b"040000");
        Some(RawEntry { folder, file: !folder && !mode.starts_with(b"16"), name: &rest[..end], id })
    })
}

/// Where the entries of each number begin in a list sorted by it.
pub(super) fn starts(count: usize, numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0u32; count + 1];
    for number in numbers {
        if let Some(start) = starts.get_mut(number as usize + 1) {
            *start += 1;
        }
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    starts
}

/// The entries of one number.
pub(super) fn of<'l, T>(list: &'l [T], starts: &[u32], number: u32) -> &'l [T] {
    let at = number as usize;
    match (starts.get(at), starts.get(at + 1)) {
        (Some(&from), Some(&to)) => list.get(from as usize..to as usize).unwrap_or(&[]),
        _ => &[],
    }
}

struct Looker<'s> {
    store: &'s Store,
    missing: u64,
    seen: HashSet<u64, BuildHasherDefault<Plain>>,
    sights: Vec<Sight>,
    interner: Interner,
    total: &'s Mutex<Names>,
}

impl Visit for Looker<'_> {
    fn object(&mut self, number: u32, _: Kind, bytes: &[u8]) {
        for entry in entries(bytes, self.store.hash).filter(|entry| entry.folder || entry.file) {
            if !self.seen.insert(key(&entry)) {
                continue;
            }
            let child = gix::oid::try_from_bytes(entry.id).ok().and_then(|id| self.store.number(id));
            let Some(child) = child else {
                self.missing += 1;
                continue;
            };
            let name = self.interner.number(entry.name);
            self.sights.push(Sight { child, name, parent: number });
        }
    }
}

/// The id's first bytes mixed with the name: two entries with one key are one in 2^64, unless made so on purpose, and
/// then a blob keeps the name it was met under first.
fn key(entry: &RawEntry<'_>) -> u64 {
    let mut hash = entry.id.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    for chunk in entry.name.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    hash ^ (hash >> 32)
}

impl Drop for Looker<'_> {
    fn drop(&mut self) {
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<u32> = self.interner.names.iter().map(|name| total.interner.number(name)).collect();
        for sight in &mut self.sights {
            sight.name = numbers.get(sight.name as usize).copied().unwrap_or(NONE);
        }
        total.sights.append(&mut self.sights);
        total.missing += self.missing;
    }
}

impl Names {
    /// Looks at every tree.
    pub fn new(
        repository: &super::Repository,
        store: &Store,
        threads: usize,
        stop: &std::sync::atomic::AtomicBool,
    ) -> (Self, Vec<crate::source::Gap>) {
        let total = Mutex::new(Self::default());
        let gaps = store.visit(repository, &[Kind::Tree], threads, stop, &|| Looker {
            store,
            missing: 0,
            seen: HashSet::default(),
            sights: Vec::new(),
            interner: Interner::default(),
            total: &total,
        });
        let mut names = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        names.interner.numbers = HashMap::new();
        // Threads differ in what they meet first: the least parent makes the choice the same each time.
        names.sights.sort_unstable();
        names.sights.dedup_by_key(|sight| (sight.child, sight.name));
        names.sights.shrink_to_fit();
        names.starts = starts(store.ids.len(), names.sights.iter().map(|sight| sight.child));
        (names, gaps)
    }

    fn of(&self, child: u32) -> &[Sight] {
        of(&self.sights, &self.starts, child)
    }

    /// Calls `found` with a path for each name of an object. False when it stands in no tree.
    pub fn paths(&self, child: u32, path: &mut Vec<u8>, mut found: impl FnMut(&[u8])) -> bool {
        let sights = self.of(child);
        for sight in sights {
            path.clear();
            self.write(sight, path);
            found(path);
        }
        !sights.is_empty()
    }

    /// Writes the path of an entry: its own name last.
    fn write(&self, sight: &Sight, path: &mut Vec<u8>) {
        let mut names = [0u32; DEEPEST];
        let (mut count, mut at) = (0, *sight);
        loop {
            names[count] = at.name;
            count += 1;
            match self.of(at.parent).first() {
                Some(&above) if count < DEEPEST => at = above,
                _ => break,
            }
        }
        for &name in names[..count].iter().rev() {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(self.interner.names.get(name as usize).map_or(&[], |name| name));
        }
    }
}
