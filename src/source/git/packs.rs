//! Every object of a repository: packs by their delta trees, on several threads, and loose ones; alternates included.
//!
//! A pack's objects are handed out kind by kind, each decoded once. What a later pack or the loose store has too is handed
//! out once.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use gix::ObjectId;
use gix::hashtable::HashMap;
use gix::objs::Kind;
use gix::odb::pack::cache::delta::Tree;
use gix::odb::pack::cache::delta::traverse::{Context, Options};
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::{self, data, index};

use super::{Repository, open};
use crate::source::{Gap, GapReason};

/// Broken objects of one pack that are named; more are counted.
const NAMED: usize = 20;

/// A pack and where its objects stand.
struct Pack {
    data: data::File<pack::MMap>,
    index: index::File<pack::MMap>,
    /// Sorted by offset.
    entries: Vec<Entry>,
}

/// An object of a pack.
#[derive(Clone, Copy)]
struct Entry {
    offset: u64,
    /// Number in the store; `None` for one that an earlier pack has.
    number: Option<u32>,
    kind: Option<Kind>,
}

/// All objects, numbered.
pub struct Store {
    packs: Vec<Pack>,
    loose: Vec<u32>,
    /// The ids by number.
    pub ids: Vec<ObjectId>,
    numbers: HashMap<ObjectId, u32>,
    /// How ids are made.
    pub hash: gix::hash::Kind,
    /// Packs and folders that could not be read.
    pub gaps: Vec<Gap>,
}

/// What is done with objects; each thread has its own.
pub trait Visit: Send {
    /// One object, decoded.
    fn object(&mut self, number: u32, kind: Kind, bytes: &[u8]);
}

/// Makes a visitor for each thread: `gix` clones its callback.
struct Maker<'m, V> {
    visitor: V,
    kinds: &'m [Kind],
    make: &'m (dyn Fn() -> V + Sync),
}

impl<V> Clone for Maker<'_, V> {
    fn clone(&self) -> Self {
        Self { visitor: (self.make)(), kinds: self.kinds, make: self.make }
    }
}

impl Store {
    /// Lists every object.
    pub fn new(repository: &Repository) -> Self {
        let mut store = Self {
            packs: Vec::new(),
            loose: Vec::new(),
            ids: Vec::new(),
            numbers: HashMap::default(),
            hash: repository.hash(),
            gaps: Vec::new(),
        };
        let folders = repository.object_folders().unwrap_or_else(|(own, error)| {
            store.gaps.push(gap("objects/info/alternates", GapReason::Corrupt, &error));
            vec![own]
        });
        for folder in &folders {
            store.add_packs(&folder.join("pack"));
        }
        for folder in &folders {
            store.add_loose(folder);
        }
        store
    }

    /// The number of an object.
    pub fn number(&self, id: &gix::oid) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    fn add(&mut self, id: ObjectId) -> Option<u32> {
        let number = u32::try_from(self.ids.len()).ok()?;
        if self.numbers.contains_key(&id) {
            return None;
        }
        self.numbers.insert(id, number);
        self.ids.push(id);
        Some(number)
    }

    fn add_packs(&mut self, folder: &Path) {
        let Ok(files) = folder.read_dir() else { return };
        let mut files: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        files.sort();
        for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "idx")) {
            let opened = index::File::at(path, self.hash)
                .and_then(|index| Ok((index, data::File::at(path.with_extension("pack"), self.hash)?)));
            match opened {
                Ok((index, data)) => self.add_pack(index, data),
                Err(error) => {
                    self.gaps.push(gap(&path.with_extension("pack").display().to_string(), GapReason::Corrupt, &error));
                }
            }
        }
    }

    fn add_pack(&mut self, index: index::File<pack::MMap>, data: data::File<pack::MMap>) {
        self.ids.reserve(index.num_objects() as usize);
        self.numbers.reserve(index.num_objects() as usize);
        let mut entries: Vec<Entry> = Vec::with_capacity(index.num_objects() as usize);
        for at in 0..index.num_objects() {
            let number = self.add(index.oid_at_index(at).to_owned());
            entries.push(Entry { offset: index.pack_offset_at_index(at), number, kind: None });
        }
        entries.sort_unstable_by_key(|entry| entry.offset);
        let mut pack = Pack { data, index, entries };
        pack.find_kinds();
        self.packs.push(pack);
    }

    fn add_loose(&mut self, folder: &Path) {
        let loose = gix::odb::loose::Store::at(folder, self.hash);
        for id in loose.iter() {
            match id {
                Ok(id) => {
                    let number = self.add(id);
                    self.loose.extend(number);
                }
                Err(error) => self.gaps.push(gap(&folder.display().to_string(), GapReason::Unreadable, &error)),
            }
        }
    }

    /// Hands out every object of the kinds asked for. What cannot be read is a gap.
    pub fn visit<V: Visit>(
        &self,
        repository: &Repository,
        kinds: &[Kind],
        threads: usize,
        stop: &AtomicBool,
        make: &(dyn Fn() -> V + Sync),
    ) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for pack in &self.packs {
            if let Err(error) = pack.visit(kinds, threads, stop, make) {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    return gaps;
                }
                self.one_by_one(repository, pack, kinds, &error, make, &mut gaps);
            }
        }
        let objects = repository.objects();
        let (mut visitor, mut buffer) = (make(), Vec::new());
        for &number in &self.loose {
            let id = self.ids[number as usize];
            match objects.any(&id, &mut buffer) {
                Ok((kind, bytes)) if kinds.contains(&kind) => visitor.object(number, kind, bytes),
                // A broken one is said once, in the pass over blobs.
                Err(trouble) if kinds.contains(&Kind::Blob) => gaps.push(trouble.gap(format!("object {id}"), id)),
                Ok(_) | Err(_) => {}
            }
        }
        gaps
    }

    /// The way through a broken pack: what can be read is, the rest is named. An object may have been handed out before.
    #[expect(clippy::too_many_arguments, reason = "those of `visit`, and where it stopped")]
    fn one_by_one<V: Visit>(
        &self,
        repository: &Repository,
        pack: &Pack,
        kinds: &[Kind],
        error: &gix::Error,
        make: &(dyn Fn() -> V + Sync),
        gaps: &mut Vec<Gap>,
    ) {
        let objects = repository.objects();
        let (mut visitor, mut buffer, mut broken) = (make(), Vec::new(), 0usize);
        for entry in &pack.entries {
            let Some(number) = entry.number.filter(|_| entry.kind.is_none_or(|kind| kinds.contains(&kind))) else {
                continue;
            };
            let id = self.ids[number as usize];
            match objects.any(&id, &mut buffer) {
                Ok((kind, bytes)) if kinds.contains(&kind) => visitor.object(number, kind, bytes),
                Ok(_) => {}
                Err(trouble) => {
                    broken += 1;
                    if broken <= NAMED {
                        gaps.push(trouble.gap(format!("object {id}"), id));
                    }
                }
            }
        }
        let detail = format!("{error}; read object by object, {broken} could not be read");
        gaps.push(Gap { what: pack.data.path().display().to_string(), reason: GapReason::Corrupt, detail });
    }
}

impl Pack {
    /// The kind of each entry: its own, or that of the base its chain of deltas ends at.
    fn find_kinds(&mut self) {
        let mut later: Vec<(usize, u64)> = Vec::new();
        for place in 0..self.entries.len() {
            let Ok(entry) = self.data.entry(self.entries[place].offset) else { continue };
            match entry.header {
                Header::OfsDelta { base_distance } => {
                    let base = entry.pack_offset().checked_sub(base_distance);
                    self.entries[place].kind = base.and_then(|base| self.kind_at(base));
                }
                Header::RefDelta { base_id } => {
                    if let Some(base) = self.index.lookup(base_id) {
                        later.push((place, self.index.pack_offset_at_index(base)));
                    }
                }
                header => self.entries[place].kind = header.as_kind(),
            }
        }
        // Bases named by id may stand anywhere, and be deltas of that sort themselves.
        while !later.is_empty() {
            let before = later.len();
            later.retain(|&(place, base)| {
                let kind = self.kind_at(base);
                self.entries[place].kind = kind;
                kind.is_none()
            });
            if later.len() == before {
                break;
            }
        }
    }

    fn kind_at(&self, offset: u64) -> Option<Kind> {
        let place = self.entries.binary_search_by_key(&offset, |entry| entry.offset).ok()?;
        self.entries[place].kind
    }

    fn visit<V: Visit>(
        &self,
        kinds: &[Kind],
        threads: usize,
        stop: &AtomicBool,
        make: &(dyn Fn() -> V + Sync),
    ) -> gix::Result<()> {
        // An entry of unknown kind has no base here: the tree cannot be built, and the way object by object says so.
        let wanted = |entry: &Entry| entry.kind.is_none_or(|kind| kinds.contains(&kind));
        if !self.entries.iter().any(wanted) {
            return Ok(());
        }
        // `gix` takes the first entry for the pack's first: it is always among them.
        let (first, rest) = self.entries.split_at(1);
        let rest = rest.iter().filter(|entry| wanted(entry));
        let entries: Vec<Entry> = first.iter().chain(rest).copied().collect();
        let tree = Tree::from_offsets_in_pack(
            self.data.path(),
            entries.into_iter(),
            &|entry: &Entry| entry.offset,
            &|id| Ok(self.index.lookup(id).map(|at| self.index.pack_offset_at_index(at))),
            &mut gix::progress::Discard,
            stop,
            self.data.object_hash(),
        )?;
        let mut maker = Maker { visitor: make(), kinds, make };
        let inspect = move |entry: &mut Entry, _: &dyn gix::Progress, context: Context<'_>| {
            // The whole of it is captured, not its visitor alone: the clone makes a new one.
            let maker = &mut maker;
            if let (Some(number), Some(kind)) = (entry.number, context.entry.header.as_kind())
                && maker.kinds.contains(&kind)
            {
                maker.visitor.object(number, kind, context.decompressed);
            }
            Ok(())
        };
        tree.traverse(
            |range, data: &data::File<pack::MMap>| data.entry_slice(range),
            &self.data,
            self.data.pack_end() as u64,
            inspect,
            Options {
                object_progress: Box::new(gix::progress::Discard),
                size_progress: &mut gix::progress::Discard,
                thread_limit: Some(threads),
                should_interrupt: stop,
                object_hash: self.data.object_hash(),
                alloc_limit_bytes: usize::try_from(open::MAX_OBJECT).ok(),
            },
        )?;
        Ok(())
    }
}

fn gap(what: &str, reason: GapReason, detail: &dyn std::fmt::Display) -> Gap {
    Gap { what: what.to_owned(), reason, detail: detail.to_string() }
}
