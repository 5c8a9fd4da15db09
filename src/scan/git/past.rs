//! What an earlier run has learned of the history, as the scan cache keeps it.
//!
//! Of each object that was read without a gap: of a tree what it is a change of, of a commit or tag what it leads to, of a
//! blob where it stood when it was read, and what the scan counted. Of findings: which blobs hold which values. A value is
//! a number, given in the order of the blobs that are told; these are scanned in each run, and say which value it is. So
//! the file has nothing that is made of a value.

use std::collections::{BTreeMap, HashMap, HashSet};

use gix::objs::Kind;

use super::Job;
use super::history::{Hit, Node, Seen, Tag};
use super::story::Scans;
use crate::source::git::graph::{Graph, Places};
use crate::source::git::saved::{Numbers, put, put_bytes, take, take_bytes, take_count, take_short};
use crate::source::git::store::Store;

/// What the scan of a blob counted that left nothing out.
#[derive(Clone, Copy)]
pub(super) struct Read {
    pub(super) number: u32,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) dropped: u64,
}

/// A blob as it is told under a path, and the values found in it, in order.
pub(super) struct Told {
    pub(super) blob: u32,
    pub(super) shown: String,
    pub(super) values: Vec<u128>,
}

/// The values that are told, in order, by blob and path.
pub(super) type Telling = BTreeMap<(u32, String), Vec<u128>>;

/// What is known before a run. By default, nothing.
#[derive(Default)]
pub(super) struct Past<'c> {
    /// The trees.
    pub(super) graph: Graph,
    /// Commits, tags, blobs and their findings, whose keys are the numbers of `told`.
    pub(super) seen: Seen,
    /// Sorted by blob and path.
    pub(super) told: Vec<Told>,
    /// The objects of which nothing is known, sorted; all where there is none.
    pub(super) unknown: Option<Vec<u32>>,
    /// Places of folders.
    folders: Vec<(u32, u32)>,
    /// Where blobs stood, folder and name, one after another, and where those of each blob end.
    stood: (Vec<(u32, u32)>, Vec<usize>),
    /// What the file says of objects, where all of it holds for this run.
    objects: Option<&'c [u8]>,
    /// How many objects something is known of, trees left out.
    facts: usize,
    /// Blobs that hold something, and the shapes of what leads to them.
    blobs: Vec<u32>,
    shapes: &'c [u8],
}

impl<'c> Past<'c> {
    /// Reads what was saved. What does not hold for the objects of this run is left out; `None` where all is of no use.
    pub(super) fn load(bytes: &'c [u8], store: &Store) -> Option<Self> {
        let rest = &mut { bytes };
        let numbers = Numbers::load(rest, store)?;
        let loaded = Graph::load(rest, &numbers, &store.bases())?;
        let mut past = Self { graph: loaded.graph, folders: Places::load(rest)?, ..Self::default() };
        let mut known = vec![false; store.len()];
        for (tree, ..) in past.graph.changes() {
            first(&mut known, tree)?;
        }
        past.seen.nodes = nodes(rest, &numbers)?;
        for node in &past.seen.nodes {
            first(&mut known, node.number)?;
        }
        for _ in 0..take_count(rest, 3)? {
            if let (Some(number), Some(target), dropped) = (numbers.take(rest)?, numbers.take(rest)?, take(rest)?) {
                first(&mut known, number)?;
                past.seen.tags.push(Tag { number, target, dropped: Some(dropped) });
            }
        }
        for _ in 0..take_count(rest, 5)? {
            let (number, files, bytes, dropped) = (numbers.take(rest)?, take(rest)?, take(rest)?, take(rest)?);
            let (places, ends) = &mut past.stood;
            let before = places.len();
            for _ in 0..take_count(rest, 2)? {
                places.push((take_short(rest)?, take_short(rest)?));
            }
            if let Some(number) = number {
                first(&mut known, number)?;
                ends.push(places.len());
                past.seen.reads.push(Read { number, files, bytes, dropped });
            } else {
                places.truncate(before);
            }
        }
        let length = bytes.len() - rest.len();
        past.objects = bytes.get(..length).filter(|_| numbers.are_same() && loaded.whole);
        past.findings(rest, &numbers)?;
        let unknown = (0..).zip(&known).filter(|(_, known)| !**known);
        past.unknown = Some(unknown.map(|(number, _)| number).collect());
        Some(past)
    }

    /// Reads which blobs hold what, and what was told.
    fn findings(&mut self, rest: &mut &'c [u8], numbers: &Numbers) -> Option<()> {
        let values = |rest: &mut &[u8]| -> Option<Vec<u128>> {
            (0..take_count(rest, 1)?).map(|_| take_short(rest).map(u128::from)).collect()
        };
        for _ in 0..take_count(rest, 3)? {
            let blob = numbers.take(rest)?;
            let paths = (0..take_count(rest, 1)?).map(|_| take_bytes(rest).map(Into::into)).collect::<Option<_>>()?;
            let keys = values(rest)?.into_boxed_slice();
            self.blobs.extend(blob);
            self.seen.hits.extend(blob.map(|blob| Hit { blob, paths, keys }));
        }
        for _ in 0..take_count(rest, 3)? {
            let (blob, shown, values) = (numbers.take(rest)?, take_bytes(rest)?, values(rest)?);
            let shown = String::from_utf8(shown.to_vec()).ok()?;
            self.told.extend(blob.map(|blob| Told { blob, shown, values }));
        }
        self.blobs.dedup();
        self.shapes = rest;
        Some(())
    }

    /// What the file says of where these blobs stand, where it is the same now.
    pub(super) fn shapes(&self, blobs: &[u32]) -> Option<&'c [u8]> {
        self.objects.filter(|_| self.blobs == blobs).map(|_| self.shapes)
    }

    /// Forgets the blobs that stand where they were not read, and those with a value that none of the told has any more:
    /// they are read anew. Counts what is left.
    pub(super) fn settle(&mut self, graph: &Graph) {
        let told: HashSet<u128> = self.told.iter().flat_map(|told| told.values.iter().copied()).collect();
        let lost = self.seen.hits.iter().filter(|hit| hit.keys.iter().any(|key| !told.contains(key)));
        let mut anew: HashSet<u32> = lost.map(|hit| hit.blob).collect();
        let (places, ends) = std::mem::take(&mut self.stood);
        if graph.has_grown() || self.objects.is_none() {
            let now = Places::new(graph, &self.folders);
            let mut from = 0;
            for (read, &end) in self.seen.reads.iter().zip(&ends) {
                let then = places.get(from..end).unwrap_or(&[]).iter();
                let then = then.map(|(folder, name)| (Some(*folder), graph.renamed(*name)));
                if !then.eq(now.of(graph, read.number).map(|(folder, name)| (folder, Some(name)))) {
                    anew.insert(read.number);
                }
                from = end;
            }
        }
        if !anew.is_empty() || graph.has_grown() {
            self.objects = None;
        }
        self.seen.reads.retain(|read| !anew.contains(&read.number));
        // One that holds something and was not counted is read anew already.
        let reads = &self.seen.reads;
        self.seen.hits.retain(|hit| reads.binary_search_by_key(&hit.blob, |read| read.number).is_ok());
        if let Some(unknown) = &mut self.unknown {
            unknown.extend(anew);
            unknown.sort_unstable();
        }
        for read in &self.seen.reads {
            self.seen.files += read.files;
            self.seen.bytes += read.bytes;
        }
        let blobs = self.seen.reads.iter().map(|read| read.dropped);
        let messages =
            self.seen.nodes.iter().map(|node| node.dropped).chain(self.seen.tags.iter().map(|tag| tag.dropped));
        self.facts = self.seen.facts();
        self.seen.dropped = blobs.chain(messages.flatten()).sum();
    }

    /// The blobs to tell again, as what they were told.
    pub(super) fn jobs(&self, store: &Store) -> BTreeMap<u32, Vec<Job>> {
        let mut jobs = BTreeMap::<u32, Vec<Job>>::new();
        for Told { blob, shown, .. } in &self.told {
            let job = Job { id: store.id(*blob), kind: Kind::Blob, shown: shown.clone() };
            jobs.entry(*blob).or_default().push(job);
        }
        jobs
    }

    /// What the file says of objects, where all of it holds and no more than these `facts` is known.
    pub(super) fn same_objects(&self, facts: usize) -> Option<&'c [u8]> {
        self.objects.filter(|_| self.facts == facts)
    }

    /// True where this is what was told.
    pub(super) fn has_told(&self, told: &Telling) -> bool {
        let then = self.told.iter().map(|told| (told.blob, told.shown.as_str()));
        then.eq(told.keys().map(|(blob, shown)| (*blob, shown.as_str())))
    }

    /// Which number each key of this run has. `None` where what was told then is not what was told now.
    pub(super) fn learned(&self, told: &Scans) -> Option<HashMap<u128, u128>> {
        let mut learned = HashMap::new();
        for Told { blob, shown, values } in &self.told {
            let (keys, _) = told.get(&(*blob, shown.clone())).filter(|(keys, _)| keys.len() == values.len())?;
            for (key, value) in keys.iter().zip(values) {
                (*learned.entry(*key).or_insert(*value) == *value).then_some(())?;
            }
        }
        Some(learned)
    }
}

/// Notes that something is known of an object; `None` where that was so before.
fn first(known: &mut [bool], number: u32) -> Option<()> {
    (!std::mem::replace(known.get_mut(number as usize)?, true)).then_some(())
}

/// Reads the commits; of one, or of what one names, that is not there any more nothing is known.
fn nodes(rest: &mut &[u8], numbers: &Numbers) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    for _ in 0..take_count(rest, 5)? {
        let (number, tree) = (numbers.take(rest)?, numbers.take(rest)?);
        let parents = (0..take_count(rest, 1)?).map(|_| numbers.take(rest)).collect::<Option<Vec<_>>>()?;
        let (time, dropped) = (take(rest)?.cast_signed(), Some(take(rest)?));
        let all = number.zip(parents.into_iter().collect::<Option<Vec<_>>>()).filter(|_| tree.is_some());
        nodes.extend(all.map(|(number, parents)| Node { number, tree, parents, time, cut: false, dropped }));
    }
    Some(nodes)
}

/// Writes what is known of objects.
pub(super) fn save_objects(seen: &Seen, graph: &Graph, store: &Store) -> Vec<u8> {
    let mut out = Vec::new();
    let places = Places::new(graph, &[]);
    Numbers::save(store, &mut out);
    graph.save(&mut out);
    places.save(&mut out);
    let nodes = seen.nodes.iter().filter_map(|node| Some((node, node.tree?, node.dropped?)));
    put(&mut out, nodes.clone().count() as u64);
    for (node, tree, dropped) in nodes {
        put(&mut out, u64::from(node.number));
        put(&mut out, u64::from(tree));
        put(&mut out, node.parents.len() as u64);
        for parent in &node.parents {
            put(&mut out, u64::from(*parent));
        }
        put(&mut out, node.time.cast_unsigned());
        put(&mut out, dropped);
    }
    let tags = seen.tags.iter().filter_map(|tag| Some((tag, tag.dropped?)));
    put(&mut out, tags.clone().count() as u64);
    for (tag, dropped) in tags {
        put(&mut out, u64::from(tag.number));
        put(&mut out, u64::from(tag.target));
        put(&mut out, dropped);
    }
    let reads = seen.reads.iter().filter(|read| places.of(graph, read.number).all(|(folder, _)| folder.is_some()));
    put(&mut out, reads.clone().count() as u64);
    for read in reads {
        put(&mut out, u64::from(read.number));
        put(&mut out, read.files);
        put(&mut out, read.bytes);
        put(&mut out, read.dropped);
        let stands = places.of(graph, read.number);
        put(&mut out, stands.len() as u64);
        for (folder, name) in stands {
            put(&mut out, u64::from(folder.unwrap_or(0)));
            put(&mut out, u64::from(name));
        }
    }
    out
}

/// Writes which blobs hold what, and what was told, behind what is known of objects. False where a value was found that
/// none of the told holds.
pub(super) fn save_findings(seen: &Seen, told: &Telling, out: &mut Vec<u8>) -> bool {
    let mut numbers: HashMap<u128, u64> = HashMap::new();
    for key in told.values().flatten() {
        let next = numbers.len() as u64;
        numbers.entry(*key).or_insert(next);
    }
    put(out, seen.hits.len() as u64);
    for hit in &seen.hits {
        put(out, u64::from(hit.blob));
        put(out, hit.paths.len() as u64);
        for path in &hit.paths {
            put_bytes(out, path);
        }
        let values: Option<Vec<u64>> = hit.keys.iter().map(|key| numbers.get(key).copied()).collect();
        let Some(mut values) = values else { return false };
        values.sort_unstable();
        put(out, values.len() as u64);
        for value in values {
            put(out, value);
        }
    }
    put(out, told.len() as u64);
    for ((blob, shown), keys) in told {
        put(out, u64::from(*blob));
        put_bytes(out, shown.as_bytes());
        put(out, keys.len() as u64);
        for key in keys {
            put(out, numbers.get(key).copied().unwrap_or(0));
        }
    }
    true
}
