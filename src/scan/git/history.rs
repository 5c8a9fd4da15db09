//! Scans every object of a repository.
//!
//! Three passes: over the trees for the names of blobs (a name decides how a file is read) and for what each tree holds,
//! over blobs, commits and tags for what is in them, and over the few blobs that are told (`story`). Of the second pass
//! only keyed hashes of what was found are kept: a value stands in hundreds of versions and is told once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::{CommitRef, Kind, TagRefIter};

use super::past::{Past, Read, save_findings, save_objects};
use super::story::{Scans, Story};
use super::{Job, Outcome, Progress, Scanner, message};
use crate::format::class;
use crate::judge::Finding;
use crate::scan::archive::Room;
use crate::scan::{Blob, guarded, interrupted};
use crate::source::git::graph::Graph;
use crate::source::git::store::{self, Store, Visit, Wanted};
use crate::source::git::{Repository, commits};
use crate::source::{Gap, GapReason, Origin};

/// A commit of the graph, by numbers of the store.
pub(super) struct Node {
    pub(super) number: u32,
    pub(super) tree: Option<u32>,
    pub(super) parents: Vec<u32>,
    pub(super) time: i64,
    /// A parent is not in the repository.
    pub(super) cut: bool,
    /// Candidates dropped in its message; `None` where there is more to say of it.
    pub(super) dropped: Option<u64>,
}

/// An annotated tag, by numbers of the store.
pub(super) struct Tag {
    pub(super) number: u32,
    /// What it names.
    pub(super) target: u32,
    /// As for [`Node`].
    pub(super) dropped: Option<u64>,
}

/// A blob in which something was found, read in one of the ways its paths call for.
pub(super) struct Hit {
    pub(super) blob: u32,
    /// The paths that call for this way; an empty one where none is known.
    pub(super) paths: Vec<Box<[u8]>>,
    /// What was found, as [`Keys`] has it; sorted.
    pub(super) keys: Box<[u128]>,
}

/// Hashes of rule and value with keys of this run: equal findings have equal ones, and they tell nothing.
#[derive(Default)]
pub(super) struct Keys {
    states: [RandomState; 2],
    /// Those that have a number from an earlier run.
    learned: HashMap<u128, u128>,
}

impl Keys {
    pub(super) fn of(&self, finding: &Finding) -> u128 {
        let [high, low] = &self.states;
        let value = (finding.rule.id.as_ref(), finding.secret.expose());
        self.known(u128::from(high.hash_one(value)) << 64 | u128::from(low.hash_one(value)))
    }

    /// A key made before they were learned, as it is now.
    pub(super) fn known(&self, key: u128) -> u128 {
        self.learned.get(&key).copied().unwrap_or(key)
    }

    pub(super) fn all(&self, findings: &[Finding]) -> Box<[u128]> {
        let mut keys: Vec<u128> = findings.iter().map(|finding| self.of(finding)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_boxed_slice()
    }
}

/// What the pass over blobs, commits and tags found.
#[derive(Default)]
pub(super) struct Seen {
    /// Sorted by blob and paths.
    pub(super) hits: Vec<Hit>,
    /// Findings in messages.
    messages: Outcome,
    /// Sorted by number.
    pub(super) nodes: Vec<Node>,
    /// Sorted by number.
    pub(super) tags: Vec<Tag>,
    /// Blobs that left nothing out; sorted by number.
    pub(super) reads: Vec<Read>,
    /// What was told before, scanned as it was.
    pub(super) told: Scans,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) dropped: u64,
    gaps: Vec<Gap>,
}

impl Seen {
    /// How many objects all is known of, trees left out.
    pub(super) fn facts(&self) -> usize {
        let nodes = self.nodes.iter().filter(|node| node.dropped.is_some()).count();
        nodes + self.tags.iter().filter(|tag| tag.dropped.is_some()).count() + self.reads.len()
    }

    fn sort(&mut self) {
        self.hits.sort_by(|a, b| (a.blob, &a.paths).cmp(&(b.blob, &b.paths)));
        self.nodes.sort_by_key(|node| node.number);
        self.tags.sort_by_key(|tag| tag.number);
        self.reads.sort_by_key(|read| read.number);
    }
}

impl Scanner {
    /// Scans every object, reachable or not. Of those that the cache knows, only the blobs that are told.
    pub fn scan_history(&self, repository: &Repository, threads: usize, progress: &Progress) -> (Outcome, u64) {
        let store = Store::new(repository);
        let past = self.cache.as_ref().and_then(|cache| Past::load(cache.history(), &store));
        let with = |past| self.history(repository, &store, past, threads, progress);
        let done = past.and_then(with).or_else(|| with(Past::default()));
        let (mut outcome, count, gaps) = done.unwrap_or_default();
        outcome.gaps = gaps;
        if store.is_empty() && outcome.gaps.is_empty() {
            let detail = "the repository holds no object".to_owned();
            outcome.gaps.push(Gap { what: "history".to_owned(), reason: GapReason::Empty, detail });
        }
        if progress.stop.load(Ordering::Relaxed) {
            outcome.gaps.push(interrupted());
        }
        outcome.sort();
        (outcome, count)
    }

    /// Scans a blob as it is told.
    pub(super) fn told(&self, job: &Job, bytes: &[u8], keys: &Keys, room: &mut Room) -> (Vec<u128>, Outcome) {
        let outcome = self.content(job, bytes, room, &Progress::default());
        (outcome.findings.iter().map(|finding| keys.of(finding)).collect(), outcome)
    }

    /// What is found, the number of commits, and gaps. `None` where what is known does not agree with what is there.
    fn history(
        &self,
        repository: &Repository,
        store: &Store,
        mut past: Past<'_>,
        threads: usize,
        progress: &Progress,
    ) -> Option<(Outcome, u64, Vec<Gap>)> {
        let (known, stop) = (std::mem::take(&mut past.graph), &progress.stop);
        let (graph, mut gaps) = Graph::new(repository, store, known, past.unknown.as_deref(), threads, stop);
        past.settle(&graph);
        let seen = Mutex::new(std::mem::take(&mut past.seen));
        let (origin, mut keys, jobs) = (Origin::Synthetic(Arc::from("blob")), Keys::default(), past.jobs(store));
        let asked = past.unknown.as_ref().map(|unknown| {
            let mut asked: Vec<u32> = unknown.iter().chain(jobs.keys()).copied().collect();
            asked.sort_unstable();
            asked.dedup();
            asked
        });
        let wanted = Wanted { kinds: &[Kind::Blob, Kind::Commit, Kind::Tag], only: asked.as_deref() };
        gaps.extend(store.visit(repository, wanted, threads, stop, &|| Worker {
            scanner: self,
            store,
            graph: &graph,
            keys: &keys,
            progress,
            origin: &origin,
            jobs: &jobs,
            unknown: past.unknown.as_deref(),
            room: Room::default(),
            path: Vec::new(),
            own: Seen::default(),
            total: &seen,
        }));
        let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !stop.load(Ordering::Relaxed) {
            keys.learned = past.learned(&seen.told)?;
        }
        for hit in &mut seen.hits {
            hit.keys.iter_mut().for_each(|key| *key = keys.known(*key));
            hit.keys.sort_unstable();
        }
        seen.sort();
        gaps.extend_from_slice(&store.gaps);
        gaps.extend(absent(repository, store, &seen, graph.missing()));
        let cache = self.cache.as_ref().filter(|_| gaps.is_empty() && !stop.load(Ordering::Relaxed));
        let same = past.same_objects(seen.facts());
        let saved = || same.map_or_else(|| Cow::Owned(save_objects(&seen, &graph, store)), Cow::Borrowed);
        let objects = cache.map(|cache| (cache, saved()));
        gaps.append(&mut seen.gaps);
        let count = seen.nodes.len() as u64;
        let mut outcome = Outcome { files: seen.files, bytes: seen.bytes, dropped: seen.dropped, ..Outcome::default() };
        let (messages, told) = (std::mem::take(&mut seen.messages), std::mem::take(&mut seen.told));
        gaps.extend(messages.gaps);
        let mut tale = Story::new(self, repository, store, graph, (&seen, &past), &keys, threads);
        outcome.findings = tale.findings(told, stop);
        outcome.findings.append(&mut tale.messages(messages.findings));
        if let Some((cache, bytes)) = objects.filter(|_| same.is_none() || !past.has_told(&tale.telling)) {
            let mut bytes = bytes.into_owned();
            if save_findings(&seen, &tale.telling, &mut bytes) && !stop.load(Ordering::Relaxed) {
                tale.save(&mut bytes);
                cache.keep(bytes);
            }
        }
        gaps.append(&mut tale.gaps);
        Some((outcome, count, gaps))
    }
}

/// What the objects that are there name, and is not.
fn absent(repository: &Repository, store: &Store, seen: &Seen, missing: u64) -> Vec<Gap> {
    let mut out = Vec::new();
    let advice = "fetch with full depth and without a filter";
    let cut: Vec<String> =
        seen.nodes.iter().filter(|node| node.cut).map(|node| store.id(node.number).to_string()).collect();
    if let Some(first) = cut.first() {
        let more = if cut.len() > 1 { format!(" and {} more", cut.len() - 1) } else { String::new() };
        let reason = if repository.is_shallow() { GapReason::Shallow } else { GapReason::MissingObject };
        let detail = format!("parents of commit {first}{more} are not in the repository; {advice}");
        out.push(Gap { what: "history".to_owned(), reason, detail });
    }
    let trees = seen.nodes.iter().filter(|node| node.tree.is_none()).count() as u64;
    if missing + trees > 0 {
        let detail = format!(
            "{} files or folders that trees and commits name are not in the repository; {advice}",
            missing + trees
        );
        out.push(Gap { what: "objects".to_owned(), reason: GapReason::MissingObject, detail });
    }
    out
}

/// One thread of the pass over blobs, commits and tags.
struct Worker<'s> {
    scanner: &'s Scanner,
    store: &'s Store,
    graph: &'s Graph,
    keys: &'s Keys,
    progress: &'s Progress,
    /// Findings of this pass are only counted.
    origin: &'s Origin,
    /// What is scanned as it was told before.
    jobs: &'s BTreeMap<u32, Vec<Job>>,
    /// Objects to look at, sorted; all where there is none.
    unknown: Option<&'s [u32]>,
    room: Room,
    path: Vec<u8>,
    own: Seen,
    total: &'s Mutex<Seen>,
}

impl Visit for Worker<'_> {
    type Kept = ();

    fn object(&mut self, object: &store::Object<'_>, _: Option<(&[u8], &())>) {
        if object.passing {
            return;
        }
        for job in self.jobs.get(&object.number).into_iter().flatten() {
            let scan = self.scanner.told(job, object.bytes, self.keys, &mut self.room);
            self.own.told.insert((object.number, job.shown.clone()), scan);
        }
        match object.kind {
            _ if self.unknown.is_some_and(|unknown| unknown.binary_search(&object.number).is_err()) => {}
            Kind::Blob => self.blob(object.number, object.bytes),
            Kind::Commit => self.commit(object.number, object.bytes),
            Kind::Tag => self.tag(object.number, object.bytes),
            Kind::Tree => {}
        }
    }
}

impl Worker<'_> {
    /// Scans a blob, once for each way its paths call for.
    fn blob(&mut self, number: u32, bytes: &[u8]) {
        let (scanner, keys, id) = (self.scanner, self.keys, self.store.id(number));
        let (room, progress, own) = (&mut self.room, self.progress, &mut self.own);
        let (mut counted, mut ways, mut hits) = (None, Vec::new(), Vec::<Hit>::new());
        let (mut dropped, gaps) = (0, own.gaps.len());
        let mut scan = |path: &[u8]| {
            let name = String::from_utf8_lossy(path);
            let way = class(&name);
            if let Some(known) = ways.iter().position(|other| *other == way) {
                hits[known].paths.push(path.into());
                return;
            }
            ways.push(way);
            let outcome = scanner.glance(&id, &name, bytes, room, progress);
            counted.get_or_insert((outcome.files, outcome.bytes));
            hits.push(Hit { blob: number, paths: vec![path.into()], keys: keys.all(&outcome.findings) });
            dropped += outcome.dropped;
            own.gaps.extend(outcome.gaps);
        };
        if !self.graph.paths(number, &mut self.path, &mut scan) {
            scan(b"");
        }
        // A way in which nothing was found matters beside one in which something was.
        if hits.iter().any(|hit| !hit.keys.is_empty()) {
            own.hits.append(&mut hits);
        }
        let (files, bytes) = counted.unwrap_or_default();
        own.files += files;
        own.bytes += bytes;
        own.dropped += dropped;
        if own.gaps.len() == gaps && scanner.cache.is_some() {
            own.reads.push(Read { number, files, bytes, dropped });
        }
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn commit(&mut self, number: u32, bytes: &[u8]) {
        let dropped = self.message(number, Kind::Commit, bytes);
        let id = self.store.id(number);
        match CommitRef::from_bytes(bytes, self.store.hash) {
            Ok(commit) => {
                let node = commits::node(id, &commit);
                let parents: Vec<u32> = node.parents.iter().filter_map(|id| self.store.number(id)).collect();
                let cut = parents.len() < node.parents.len();
                self.own.nodes.push(Node {
                    number,
                    tree: self.store.number(&node.tree),
                    parents,
                    time: node.time,
                    cut,
                    dropped,
                });
            }
            Err(error) => {
                let what = format!("commit {id}");
                self.own.gaps.push(Gap { what, reason: GapReason::Corrupt, detail: error.to_string() });
            }
        }
    }

    fn tag(&mut self, number: u32, bytes: &[u8]) {
        let dropped = self.message(number, Kind::Tag, bytes);
        let target = TagRefIter::from_bytes(bytes, self.store.hash).target_id().ok();
        let target = target.and_then(|id| self.store.number(&id));
        self.own.tags.extend(target.map(|target| Tag { number, target, dropped }));
    }

    /// Scans a message. Returns how many candidates were dropped, where that is all there is to say.
    fn message(&mut self, number: u32, kind: Kind, bytes: &[u8]) -> Option<u64> {
        let text = message(bytes);
        let blob = Blob::named(self.origin, "message.txt", text);
        let (scanner, scratch) = (self.scanner, &mut self.room.scratch);
        let outcome = guarded("message", || scanner.found(&blob, text, scratch));
        self.own.dropped += outcome.dropped;
        if outcome.findings.is_empty() {
            let clean = outcome.gaps.is_empty().then_some(outcome.dropped);
            self.own.messages.gaps.extend(outcome.gaps);
            return clean;
        }
        // Once more, with its name.
        let id = self.store.id(number);
        let job = Job { id, kind, shown: format!("{kind} {id}") };
        let origin = job.origin();
        let mut named = guarded(&job.shown, || scanner.in_memory(&Blob::new(&origin, text), text, scratch));
        self.own.messages.findings.append(&mut named.findings);
        self.own.messages.gaps.append(&mut named.gaps);
        None
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.hits.extend(own.hits);
        total.messages.findings.extend(own.messages.findings);
        total.messages.gaps.extend(own.messages.gaps);
        total.nodes.extend(own.nodes);
        total.tags.extend(own.tags);
        total.reads.extend(own.reads);
        total.told.extend(own.told);
        total.files += own.files;
        total.bytes += own.bytes;
        total.dropped += own.dropped;
        total.gaps.extend(own.gaps);
    }
}
