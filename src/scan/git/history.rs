//! Scans every object of a repository.
//!
//! Three passes: over the trees for the names of blobs (a name decides how a file is read) and for what each tree holds,
//! over blobs, commits and tags for what is in them, and over the few blobs that are told (`story`). Of the second pass
//! only keyed hashes of what was found are kept: a value stands in hundreds of versions and is told once.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::{CommitRef, Kind, TagRefIter};

use super::story::Story;
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
    cut: bool,
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
pub(super) struct Keys([RandomState; 2]);

impl Keys {
    pub(super) fn of(&self, finding: &Finding) -> u128 {
        let [high, low] = &self.0;
        let value = (finding.rule.id.as_ref(), finding.secret.expose());
        u128::from(high.hash_one(value)) << 64 | u128::from(low.hash_one(value))
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
    /// Tags and what they name.
    pub(super) tags: Vec<(u32, u32)>,
    files: u64,
    bytes: u64,
    dropped: u64,
    gaps: Vec<Gap>,
}

impl Scanner {
    /// Scans every object, reachable or not.
    pub fn scan_history(&self, repository: &Repository, threads: usize, progress: &Progress) -> (Outcome, u64) {
        let store = Store::new(repository);
        let (graph, mut gaps) = Graph::new(repository, &store, threads, &progress.stop);
        let seen = Mutex::new(Seen::default());
        let wanted = Wanted { kinds: &[Kind::Blob, Kind::Commit, Kind::Tag], only: None };
        let (origin, keys) = (Origin::Synthetic(Arc::from("blob")), Keys::default());
        gaps.extend(store.visit(repository, wanted, threads, &progress.stop, &|| Worker {
            scanner: self,
            store: &store,
            graph: &graph,
            keys: &keys,
            progress,
            origin: &origin,
            room: Room::default(),
            path: Vec::new(),
            own: Seen::default(),
            total: &seen,
        }));
        let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        seen.hits.sort_by(|a, b| (a.blob, &a.paths).cmp(&(b.blob, &b.paths)));
        seen.nodes.sort_by_key(|node| node.number);
        seen.tags.sort_unstable();
        gaps.append(&mut seen.gaps);
        gaps.extend_from_slice(&store.gaps);
        gaps.extend(absent(repository, &store, &seen, graph.missing()));
        let count = seen.nodes.len() as u64;
        let mut outcome = Outcome { files: seen.files, bytes: seen.bytes, dropped: seen.dropped, ..Outcome::default() };
        let messages = std::mem::take(&mut seen.messages);
        gaps.extend(messages.gaps);
        let mut tale = Story::new(self, repository, &store, graph, &seen, &keys, threads);
        outcome.findings = tale.findings(&progress.stop);
        outcome.findings.append(&mut tale.messages(messages.findings));
        gaps.append(&mut tale.gaps);
        if store.is_empty() && gaps.is_empty() {
            let detail = "the repository holds no object".to_owned();
            gaps.push(Gap { what: "history".to_owned(), reason: GapReason::Empty, detail });
        }
        if progress.stop.load(Ordering::Relaxed) {
            gaps.push(interrupted());
        }
        outcome.gaps = gaps;
        outcome.sort();
        (outcome, count)
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
    room: Room,
    path: Vec<u8>,
    own: Seen,
    total: &'s Mutex<Seen>,
}

impl Visit for Worker<'_> {
    type Kept = ();

    fn object(&mut self, object: &store::Object<'_>, _: Option<(&[u8], &())>) {
        match object.kind {
            _ if object.repeated => {}
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
            own.dropped += outcome.dropped;
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
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn commit(&mut self, number: u32, bytes: &[u8]) {
        self.message(number, Kind::Commit, bytes);
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
                });
            }
            Err(error) => {
                let what = format!("commit {id}");
                self.own.gaps.push(Gap { what, reason: GapReason::Corrupt, detail: error.to_string() });
            }
        }
    }

    fn tag(&mut self, number: u32, bytes: &[u8]) {
        self.message(number, Kind::Tag, bytes);
        let target = TagRefIter::from_bytes(bytes, self.store.hash).target_id().ok();
        self.own.tags.extend(target.and_then(|id| self.store.number(&id)).map(|target| (number, target)));
    }

    fn message(&mut self, number: u32, kind: Kind, bytes: &[u8]) {
        let text = message(bytes);
        let blob = Blob::named(self.origin, "message.txt", text);
        let (scanner, scratch) = (self.scanner, &mut self.room.scratch);
        let outcome = guarded("message", || scanner.found(&blob, text, scratch));
        self.own.dropped += outcome.dropped;
        if outcome.findings.is_empty() {
            self.own.messages.gaps.extend(outcome.gaps);
            return;
        }
        // Once more, with its name.
        let id = self.store.id(number);
        let job = Job { id, kind, shown: format!("{kind} {id}") };
        let origin = job.origin();
        let mut named = guarded(&job.shown, || scanner.in_memory(&Blob::new(&origin, text), text, scratch));
        self.own.messages.findings.append(&mut named.findings);
        self.own.messages.gaps.append(&mut named.gaps);
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
        total.files += own.files;
        total.bytes += own.bytes;
        total.dropped += own.dropped;
        total.gaps.extend(own.gaps);
    }
}
