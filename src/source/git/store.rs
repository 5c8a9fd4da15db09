//! Every object of a repository, numbered: those of packs and loose ones, alternates included.
//!
//! A number is an object's place among all ids in order, so that an id is found by its first bits and a number takes four
//! bytes wherever objects are told apart.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::pack::{self, index};

pub use super::pack::{Object, Visit, Wanted};

use super::Repository;
use super::pack::Pack;
use crate::source::{Gap, GapReason};

/// Broken objects of one pack that are named; more are counted.
const NAMED: usize = 20;

/// All objects.
pub struct Store {
    packs: Vec<Pack>,
    loose: Vec<u32>,
    /// All ids, sorted, one after another.
    ids: Vec<u8>,
    /// Where the ids begin that begin with a number of `bits` bits, and the end.
    starts: Vec<u32>,
    bits: u32,
    /// How ids are made.
    pub hash: gix::hash::Kind,
    /// Packs and folders that could not be read.
    pub gaps: Vec<Gap>,
}

impl Store {
    /// Lists every object.
    pub fn new(repository: &Repository) -> Self {
        let hash = repository.hash();
        let mut gaps = Vec::new();
        let folders = repository.object_folders().unwrap_or_else(|(own, error)| {
            gaps.push(gap("objects/info/alternates", GapReason::Corrupt, &error));
            vec![own]
        });
        let (mut ids, mut loose, mut indices) = (Vec::new(), Vec::new(), Vec::new());
        for path in folders.iter().flat_map(|folder| index_files(&folder.join("pack"))) {
            match index::File::at(&path, hash) {
                Ok(index) => {
                    ids.extend((0..index.num_objects()).map(|at| index.oid_at_index(at).to_owned()));
                    indices.push((path.with_extension("pack"), index));
                }
                Err(error) => gaps.push(gap(&shown(&path.with_extension("pack")), GapReason::Corrupt, &error)),
            }
        }
        for folder in &folders {
            for id in gix::odb::loose::Store::at(folder, hash).iter() {
                match id {
                    Ok(id) => loose.push(id),
                    Err(error) => gaps.push(gap(&shown(folder), GapReason::Unreadable, &error)),
                }
            }
        }
        ids.extend_from_slice(&loose);
        let mut store =
            Self { packs: Vec::new(), loose: Vec::new(), ids: Vec::new(), starts: Vec::new(), bits: 0, hash, gaps };
        store.number_all(ids);
        let mut given = vec![false; store.len()];
        for (path, index) in indices {
            store.add_pack(&path, &index, &mut given);
        }
        let loose = loose.iter().filter_map(|id| store.number(id));
        store.loose = loose.filter(|number| !std::mem::replace(&mut given[*number as usize], true)).collect();
        store
    }

    fn number_all(&mut self, mut ids: Vec<ObjectId>) {
        if !ids.is_sorted() {
            ids.sort_unstable();
        }
        ids.dedup();
        ids.truncate(u32::MAX as usize);
        // Two to four ids for each start.
        self.bits = ids.len().max(1).ilog2().clamp(9, 23) - 1;
        self.starts = vec![0; (1 << self.bits) + 1];
        self.ids.reserve_exact(ids.len() * self.hash.len_in_bytes());
        for id in &ids {
            self.ids.extend_from_slice(id.as_slice());
            self.starts[first_bits(id.as_slice(), self.bits) + 1] += 1;
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
    }

    fn add_pack(&mut self, path: &Path, index: &index::File<pack::MMap>, given: &mut [bool]) {
        let id = |at| self.number(index.oid_at_index(at)).unwrap_or(u32::MAX);
        let numbers: Vec<u32> = (0..index.num_objects()).map(id).collect();
        match Pack::new(path, index, &numbers, given) {
            Ok(pack) => self.packs.push(pack),
            Err(error) => self.gaps.push(gap(&shown(path), GapReason::Corrupt, &error)),
        }
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.ids.len() / self.hash.len_in_bytes()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The number of an object.
    pub fn number(&self, id: &gix::oid) -> Option<u32> {
        let length = self.hash.len_in_bytes();
        let first = first_bits(id.as_bytes(), self.bits);
        let (mut from, mut to) = (*self.starts.get(first)?, *self.starts.get(first + 1)?);
        while from < to {
            let middle = from + (to - from) / 2;
            let at = middle as usize * length;
            match self.ids.get(at..at + length)?.cmp(id.as_bytes()) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The id of a number.
    pub fn id(&self, number: u32) -> ObjectId {
        let length = self.hash.len_in_bytes();
        let id = self.ids.get(number as usize * length..).and_then(|rest| rest.get(..length));
        id.and_then(|id| ObjectId::try_from(id).ok()).unwrap_or_else(|| self.hash.null())
    }

    /// All ids, sorted, one after another.
    pub fn ids(&self) -> &[u8] {
        &self.ids
    }

    /// For each object the one it is a delta of; `u32::MAX` for those that stand by themselves.
    pub fn bases(&self) -> Vec<u32> {
        let mut bases = vec![u32::MAX; self.len()];
        for pack in &self.packs {
            pack.tell_bases(&mut bases);
        }
        bases
    }

    /// Hands out every object that is asked for. What cannot be read is a gap.
    pub fn visit<V: Visit>(
        &self,
        repository: &Repository,
        wanted: Wanted<'_>,
        threads: usize,
        stop: &AtomicBool,
        make: &(dyn Fn() -> V + Sync),
    ) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for pack in &self.packs {
            let broken = pack.visit(wanted, threads, stop, make);
            if !broken.is_empty() && !stop.load(Ordering::Relaxed) {
                self.elsewhere(repository, pack, &broken, wanted, make, &mut gaps);
            }
        }
        let objects = repository.objects();
        let (mut visitor, mut buffer) = (make(), Vec::new());
        for &number in self.loose.iter().filter(|number| wanted.asks_for(**number)) {
            let id = self.id(number);
            match objects.any(&id, &mut buffer) {
                Ok((kind, bytes)) if wanted.has(number, kind) => {
                    visitor.object(&Object { number, kind, bytes, passing: false }, None);
                }
                // A broken one is said once, in the pass over blobs.
                Err(trouble) if wanted.kinds.contains(&Kind::Blob) => {
                    gaps.push(trouble.gap(format!("object {id}"), id));
                }
                Ok(_) | Err(_) => {}
            }
        }
        gaps
    }

    /// Objects that a pack has and cannot give: another may have them too.
    #[expect(clippy::too_many_arguments, reason = "those of `visit`, and what is broken where")]
    fn elsewhere<V: Visit>(
        &self,
        repository: &Repository,
        pack: &Pack,
        broken: &[u32],
        wanted: Wanted<'_>,
        make: &(dyn Fn() -> V + Sync),
        gaps: &mut Vec<Gap>,
    ) {
        let objects = repository.objects();
        let (mut visitor, mut buffer, mut lost) = (make(), Vec::new(), 0usize);
        for &number in broken {
            let id = self.id(number);
            match objects.any(&id, &mut buffer) {
                Ok((kind, bytes)) if wanted.has(number, kind) => {
                    visitor.object(&Object { number, kind, bytes, passing: false }, None);
                }
                Ok(_) => {}
                Err(trouble) => {
                    lost += 1;
                    if lost <= NAMED {
                        gaps.push(trouble.gap(format!("object {id}"), id));
                    }
                }
            }
        }
        // What was read object by object is whole.
        if lost > 0 {
            let detail = format!("{} objects of it are broken, and {lost} of them are nowhere else", broken.len());
            gaps.push(Gap { what: shown(&pack.path), reason: GapReason::Corrupt, detail });
        }
    }
}

/// The first bits of an id, as a number.
fn first_bits(id: &[u8], bits: u32) -> usize {
    id.first_chunk().map_or(0, |first| (u32::from_be_bytes(*first) >> (32 - bits)) as usize)
}

/// The indices of a folder's packs, sorted.
fn index_files(folder: &Path) -> Vec<PathBuf> {
    let files = folder.read_dir().into_iter().flatten().filter_map(|file| Some(file.ok()?.path()));
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "idx")).collect();
    files.sort();
    files
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn gap(what: &str, reason: GapReason, detail: &dyn std::fmt::Display) -> Gap {
    Gap { what: what.to_owned(), reason, detail: detail.to_string() }
}
