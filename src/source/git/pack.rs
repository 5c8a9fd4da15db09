//! One pack: its entries, the tree of their deltas, and the way through it on several threads.
//!
//! Each object is decoded once, right after the one it is a delta of. The pack is read, not mapped: a mapped file counts
//! as memory, and ends the process when somebody cuts it short.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use flate2::{Decompress, FlushDecompress, Status};
use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::{self, data, index};

use super::delta;
use super::open::MAX_OBJECT;
use super::table::Table;
use crate::source::read::fill_at;

/// No entry.
const NONE: u32 = u32::MAX;
/// Bytes read at a time where entries are looked at one after another.
const AHEAD: usize = 1 << 20;
/// Bytes read at once when an entry is decoded: its neighbours are often next.
const READ: usize = 4 << 10;
/// The most an entry's header takes: sizes and distances of ten bytes each, or an id.
const HEADER: usize = 64;
/// The most that a byte can be inflated to, <https://www.zlib.net/zlib_tech.html>.
const RATIO: u64 = 1032;
/// Buffers a thread keeps for the next objects.
const SPARE: usize = 8;

/// An object, decoded.
pub struct Object<'o> {
    /// Its number in the store.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub bytes: &'o [u8],
    /// It is not asked for: it was handed out before, from an earlier pack, or others are deltas of it.
    pub passing: bool,
}

/// What is done with objects; each thread has its own.
pub trait Visit: Send {
    /// What is kept of an object as long as there are deltas of it to come.
    type Kept: Send + Sync;

    /// One object, and the one it is a delta of.
    fn object(&mut self, object: &Object<'_>, base: Option<(&[u8], &Self::Kept)>) -> Self::Kept;
}

/// Which objects are asked for.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// Of these kinds.
    pub kinds: &'w [Kind],
    /// Of these numbers, sorted; all where there is none.
    pub only: Option<&'w [u32]>,
}

impl Wanted<'_> {
    /// True for an object to hand out.
    pub fn has(&self, number: u32, kind: Kind) -> bool {
        self.kinds.contains(&kind) && self.asks_for(number)
    }

    pub(super) fn asks_for(&self, number: u32) -> bool {
        self.only.is_none_or(|only| only.binary_search(&number).is_ok())
    }
}

/// A pack.
pub(super) struct Pack {
    file: File,
    pub(super) path: PathBuf,
    hash: gix::hash::Kind,
    /// Where entries begin, sorted, and where the last one ends.
    offsets: Vec<u64>,
    /// The object of each entry.
    numbers: Vec<u32>,
    /// Entries whose object an earlier pack has.
    repeated: Vec<bool>,
    /// Its own kind, or that of what its chain of deltas ends at; `None` where that is not there.
    kinds: Vec<Option<Kind>>,
    /// What each entry is a delta of.
    bases: Vec<u32>,
    /// The deltas of each entry.
    deltas: Table<u32>,
}

/// An entry to decode.
struct Task<K> {
    place: u32,
    base: Option<Arc<Base<K>>>,
}

struct Base<K> {
    bytes: Vec<u8>,
    kept: K,
}

/// One thread's means.
struct Decoder {
    inflate: Decompress,
    packed: Vec<u8>,
    packed_from: u64,
    inflated: Vec<u8>,
    spare: Vec<Vec<u8>>,
}

/// Tasks that one thread leaves to others.
struct Queue<K> {
    tasks: Mutex<VecDeque<Task<K>>>,
    waiting: AtomicUsize,
    ready: Condvar,
    threads: usize,
}

impl Pack {
    /// Reads the headers of a pack's entries. `numbers` are those of the index's objects; `given` says which of them an
    /// earlier pack has, and is told of these.
    pub(super) fn new(
        path: &Path,
        index: &index::File<pack::MMap>,
        numbers: &[u32],
        given: &mut [bool],
    ) -> Result<Self, String> {
        let hash = index.object_hash();
        let opened = data::File::at(path, hash).map_err(|error| error.to_string())?;
        let end = opened.pack_end() as u64;
        drop(opened);
        let file = File::open(path).map_err(|error| error.to_string())?;
        let mut order: Vec<(u64, u32)> =
            (0..index.num_objects()).map(|at| (index.pack_offset_at_index(at), at)).collect();
        order.sort_unstable();
        let mut offsets: Vec<u64> = order.iter().map(|(offset, _)| *offset).collect();
        offsets.push(end.max(offsets.last().copied().unwrap_or(0)));
        let numbers: Vec<u32> =
            order.iter().map(|(_, at)| numbers.get(*at as usize).copied().unwrap_or(NONE)).collect();
        drop(order);
        let mut first =
            |number: &u32| given.get_mut(*number as usize).is_some_and(|given| !std::mem::replace(given, true));
        let repeated = numbers.iter().map(|number| !first(number)).collect();
        let mut pack = Self {
            file,
            path: path.to_owned(),
            hash,
            kinds: vec![None; numbers.len()],
            bases: vec![NONE; numbers.len()],
            deltas: Table::default(),
            offsets,
            numbers,
            repeated,
        };
        pack.read_headers(index).map_err(|error| error.to_string())?;
        Ok(pack)
    }

    fn read_headers(&mut self, index: &index::File<pack::MMap>) -> io::Result<()> {
        let (mut buffer, mut from, mut filled) = (vec![0; AHEAD], 0, 0);
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let mut roots = Vec::new();
        for place in 0..u32::try_from(self.numbers.len()).unwrap_or(NONE) {
            let offset = self.offsets[place as usize];
            if offset < from || offset + HEADER as u64 > from + filled as u64 {
                (from, filled) = (offset, fill_at(&self.file, &mut buffer, offset)?);
            }
            let at = usize::try_from(offset - from).unwrap_or(filled);
            let head = &buffer[at.min(filled)..filled];
            let Ok(entry) = data::Entry::from_bytes(head, offset, self.hash) else { continue };
            let base = match entry.header {
                Header::OfsDelta { base_distance } => entry.checked_base_pack_offset(base_distance),
                Header::RefDelta { base_id } => index.lookup(base_id).map(|at| index.pack_offset_at_index(at)),
                header => {
                    self.kinds[place as usize] = header.as_kind();
                    roots.push(place);
                    None
                }
            };
            // An id that stands twice in the index has one place.
            if let Some(base) = base.and_then(|base| self.offsets.binary_search(&base).ok())
                && base < self.numbers.len()
            {
                self.bases[place as usize] = u32::try_from(base).unwrap_or(NONE);
                pairs.push((self.bases[place as usize], place));
            }
        }
        self.deltas = Table::new(self.numbers.len(), pairs);
        while let Some(place) = roots.pop() {
            let kind = self.kinds[place as usize];
            for &delta in self.deltas.of(place) {
                self.kinds[delta as usize] = kind;
                roots.push(delta);
            }
        }
        Ok(())
    }

    /// Hands out objects. Returns the numbers of those that cannot be read here.
    pub(super) fn visit<V: Visit>(
        &self,
        wanted: Wanted<'_>,
        threads: usize,
        stop: &AtomicBool,
        make: &(dyn Fn() -> V + Sync),
    ) -> Vec<u32> {
        if wanted.only.is_some_and(<[u32]>::is_empty) {
            return Vec::new();
        }
        let needed = wanted.only.map(|only| self.needed(only));
        let is_root = |place: &u32| {
            let at = *place as usize;
            self.bases[at] == NONE
                && self.kinds[at].is_some_and(|kind| wanted.kinds.contains(&kind))
                && needed.as_ref().is_none_or(|needed| needed[at])
        };
        let roots: Vec<u32> = (0..u32::try_from(self.numbers.len()).unwrap_or(NONE)).filter(is_root).collect();
        let (next, threads) = (AtomicUsize::new(0), threads.min(roots.len()).max(1));
        let (queue, broken) = (Queue::new(threads), Mutex::default());
        let way = Way { pack: self, wanted, roots, needed, next, stop, queue, broken };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| way.go(make()));
            }
            way.go(make());
        });
        let mut broken = way.broken.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut out = Vec::new();
        while let Some(place) = broken.pop() {
            broken.extend(self.deltas.of(place));
            out.push(self.numbers[place as usize]);
        }
        // Of what has no kind there is none to begin with; said once, in the pass over blobs.
        if wanted.kinds.contains(&Kind::Blob) {
            let unknown = self.kinds.iter().zip(&self.numbers).filter(|(kind, _)| kind.is_none());
            out.extend(unknown.map(|(_, number)| *number).filter(|number| wanted.asks_for(*number)));
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The entries of some objects and all that they are deltas of.
    fn needed(&self, only: &[u32]) -> Vec<bool> {
        let mut needed = vec![false; self.numbers.len()];
        for (place, number) in self.numbers.iter().enumerate() {
            if only.binary_search(number).is_err() || self.repeated[place] {
                continue;
            }
            let mut at = place;
            while let Some(slot) = needed.get_mut(at).filter(|slot| !**slot) {
                *slot = true;
                at = self.bases[at] as usize;
            }
        }
        needed
    }

    /// Tells what each object is a delta of, for those that are handed out from here.
    pub(super) fn tell_bases(&self, bases: &mut [u32]) {
        for ((number, base), _) in
            self.numbers.iter().zip(&self.bases).zip(&self.repeated).filter(|(_, given)| !**given)
        {
            if let (Some(slot), Some(base)) = (bases.get_mut(*number as usize), self.numbers.get(*base as usize)) {
                *slot = *base;
            }
        }
    }

    /// The object of an entry.
    fn decode(&self, place: u32, base: Option<&[u8]>, decoder: &mut Decoder) -> Result<Vec<u8>, ()> {
        let at = place as usize;
        let (offset, end) = (self.offsets[at], self.offsets[at + 1]);
        let range = decoder.read(&self.file, offset, end)?;
        let packed = decoder.packed.get(range).ok_or(())?;
        let entry = data::Entry::from_bytes(packed, offset, self.hash).map_err(drop)?;
        let packed = packed.get(entry.header_size()..).ok_or(())?;
        let most = (packed.len() as u64).saturating_mul(RATIO).min(MAX_OBJECT);
        let size = usize::try_from(entry.decompressed_size).ok().filter(|size| *size as u64 <= most).ok_or(())?;
        let mut out = decoder.spare.pop().unwrap_or_default();
        out.clear();
        if base.is_some() != entry.header.is_delta() {
            return Err(());
        }
        let into = if base.is_some() { &mut decoder.inflated } else { &mut out };
        if into.len() < size {
            into.resize(size, 0);
        }
        decoder.inflate.reset(true);
        let status = decoder.inflate.decompress(packed, &mut into[..size], FlushDecompress::Finish).map_err(drop)?;
        if status != Status::StreamEnd || decoder.inflate.total_out() != size as u64 {
            return Err(());
        }
        match base {
            Some(base) => delta::apply(base, &decoder.inflated[..size], &mut out)?,
            None => out.truncate(size),
        }
        Ok(out)
    }
}

/// The way through a pack, shared by threads.
struct Way<'p, K> {
    pack: &'p Pack,
    wanted: Wanted<'p>,
    roots: Vec<u32>,
    /// Entries that are gone to; all where there is none.
    needed: Option<Vec<bool>>,
    /// The next of the roots.
    next: AtomicUsize,
    stop: &'p AtomicBool,
    queue: Queue<K>,
    broken: Mutex<Vec<u32>>,
}

impl<K> Way<'_, K> {
    /// One thread: a root and all that is a delta of it, then the next one.
    fn go<V: Visit<Kept = K>>(&self, mut visitor: V) {
        let (pack, mut decoder) = (self.pack, Decoder::new());
        let mut own: Vec<Task<K>> = Vec::new();
        let root = || {
            let place = *self.roots.get(self.next.fetch_add(1, Ordering::Relaxed))?;
            Some(Task { place, base: None })
        };
        while let Some(Task { place, base }) = own.pop().or_else(root).or_else(|| self.queue.take()) {
            if self.stop.load(Ordering::Relaxed) {
                own.clear();
                self.next.store(self.roots.len(), Ordering::Relaxed);
                continue;
            }
            let at = place as usize;
            let bytes = pack.decode(place, base.as_deref().map(|base| base.bytes.as_slice()), &mut decoder);
            if let (Ok(bytes), Some(kind)) = (bytes, pack.kinds[at]) {
                let number = pack.numbers[at];
                let passing = pack.repeated[at] || !self.wanted.has(number, kind);
                let object = Object { number, kind, bytes: &bytes, passing };
                let before = base.as_deref().map(|base| (base.bytes.as_slice(), &base.kept));
                let kept = visitor.object(&object, before);
                let gone_to = |place: &&u32| self.needed.as_ref().is_none_or(|needed| needed[**place as usize]);
                let mut deltas = pack.deltas.of(place).iter().filter(gone_to).peekable();
                if deltas.peek().is_some() {
                    let base = Arc::new(Base { bytes, kept });
                    own.extend(deltas.map(|&place| Task { place, base: Some(Arc::clone(&base)) }));
                } else {
                    decoder.give_back(bytes);
                }
            } else {
                self.broken.lock().unwrap_or_else(PoisonError::into_inner).push(place);
            }
            if let Some(base) = base.and_then(Arc::into_inner) {
                decoder.give_back(base.bytes);
            }
            self.queue.share(&mut own);
        }
    }
}

impl Decoder {
    fn new() -> Self {
        Self {
            inflate: Decompress::new(true),
            packed: Vec::new(),
            packed_from: 0,
            inflated: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Reads the bytes from `offset` to `end` of a pack; returns where they stand in `packed`.
    fn read(&mut self, file: &File, offset: u64, end: u64) -> Result<Range<usize>, ()> {
        let have = self.packed_from..self.packed_from + self.packed.len() as u64;
        if offset < have.start || end > have.end {
            let length = usize::try_from(end - offset).map_err(drop)?;
            self.packed.resize(length.max(READ), 0);
            let filled = fill_at(file, &mut self.packed, offset).map_err(drop)?;
            self.packed.truncate(filled);
            self.packed_from = offset;
        }
        let from = usize::try_from(offset - self.packed_from).map_err(drop)?;
        let to = usize::try_from(end - self.packed_from).map_err(drop)?;
        Ok(from..to)
    }

    fn give_back(&mut self, buffer: Vec<u8>) {
        if self.spare.len() < SPARE {
            self.spare.push(buffer);
        }
    }
}

impl<K> Queue<K> {
    fn new(threads: usize) -> Self {
        Self { tasks: Mutex::default(), waiting: AtomicUsize::new(0), ready: Condvar::new(), threads }
    }

    /// A task that another thread left, as soon as there is one. `None` when all threads wait.
    fn take(&self) -> Option<Task<K>> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        loop {
            if let Some(task) = tasks.pop_front() {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                return Some(task);
            }
            if self.waiting.load(Ordering::Relaxed) == self.threads {
                self.ready.notify_all();
                return None;
            }
            tasks = self.ready.wait(tasks).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Leaves half of what is to do to threads that wait.
    fn share(&self, own: &mut Vec<Task<K>>) {
        if own.len() > 1 && self.waiting.load(Ordering::Relaxed) > 0 {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.extend(own.drain(..own.len() / 2));
            self.ready.notify_all();
        }
    }
}
