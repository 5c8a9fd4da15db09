//! Scans what git holds: the index, a range of commits, the whole history.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use gix::objs::Kind;
use gix::{ObjectId, oid};
use rayon::prelude::*;

use super::archive::Room;
use super::{Blob, Outcome, Progress, Scanner, gap_only, guarded, interrupted};
use crate::judge::Finding;
use crate::source::Origin;
use crate::source::archive::Content;
use crate::source::git::tree::Leaf;
use crate::source::git::{Object, ObjectKind, Objects, Repository, Shared};
use crate::source::lossless;

mod history;
mod past;
mod range;
mod staged;
mod story;

/// Fewer objects than this are not worth a second thread.
const PARALLEL: usize = 16;

/// An object to read and scan.
#[derive(Clone)]
struct Job {
    id: ObjectId,
    kind: Kind,
    /// As reports name it.
    shown: String,
}

impl Job {
    fn blob(leaf: &Leaf) -> Self {
        Self { id: leaf.id, kind: Kind::Blob, shown: lossless(&leaf.path) }
    }

    fn message(commit: ObjectId) -> Self {
        Self { id: commit, kind: Kind::Commit, shown: format!("commit {commit}") }
    }

    fn origin(&self) -> Origin {
        let kind = match self.kind {
            Kind::Commit => ObjectKind::Commit,
            Kind::Tag => ObjectKind::Tag,
            Kind::Blob | Kind::Tree => ObjectKind::Blob,
        };
        Origin::Git(Arc::new(Object { shown: self.shown.clone(), kind, id: self.id.to_string(), history: None }))
    }
}

/// The message of a commit or tag: what follows the first empty line.
pub(super) fn message(object: &[u8]) -> &[u8] {
    memchr::memmem::find(object, b"\n\n").map_or(&[], |at| &object[at + 2..])
}

/// One thread's means.
struct Reader {
    objects: Objects,
    buffer: Vec<u8>,
    room: Room,
}

impl Reader {
    fn new(shared: &Shared) -> Self {
        Self { objects: shared.objects(), buffer: Vec::new(), room: Room::default() }
    }
}

impl Scanner {
    /// Reads and scans one object. An object that is not there or is broken is a gap.
    fn object(&self, job: &Job, reader: &mut Reader, progress: &Progress) -> Outcome {
        if progress.stop.load(Ordering::Relaxed) {
            return Outcome::default();
        }
        let known = self.cache.as_ref().and_then(|cache| cache.known(&job.id, job.kind, &job.shown));
        if let Some(known) = known.filter(|_| reader.objects.has(&job.id)) {
            progress.files.fetch_add(1, Ordering::Relaxed);
            progress.bytes.fetch_add(known.bytes, Ordering::Relaxed);
            return known;
        }
        let bytes = match reader.objects.read(&job.id, job.kind, &mut reader.buffer) {
            Ok(bytes) if job.kind == Kind::Blob => bytes,
            Ok(bytes) => message(bytes),
            Err(trouble) => return gap_only(trouble.gap(job.shown.clone(), job.id)),
        };
        self.content(job, bytes, &mut reader.room, progress)
    }

    /// Scans an object's text.
    fn content(&self, job: &Job, bytes: &[u8], room: &mut Room, progress: &Progress) -> Outcome {
        let origin = job.origin();
        let mut outcome = Outcome::default();
        let archive = self.archive_kind(bytes).filter(|_| job.kind == Kind::Blob);
        let content = archive.map(|kind| (kind, Content::Bytes(bytes)));
        if !content.is_some_and(|content| self.archive(&origin, content, room, &mut outcome, progress)) {
            let (blob, scratch) = (Blob::new(&origin, bytes), &mut room.scratch);
            outcome.add(guarded(&job.shown, || self.in_memory(&blob, bytes, scratch)));
            progress.files.fetch_add(1, Ordering::Relaxed);
            progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        if let Some(cache) = self.cache.as_ref().filter(|_| !progress.stop.load(Ordering::Relaxed)) {
            cache.add(&job.id, job.kind, &job.shown, &outcome);
        }
        outcome
    }

    /// What is in a blob under a path, without lines and columns. Of an archive, what its members hold.
    fn glance(&self, id: &oid, path: &str, bytes: &[u8], room: &mut Room, progress: &Progress) -> Outcome {
        if let Some(known) = self.cache.as_ref().and_then(|cache| cache.known(id, Kind::Blob, path)) {
            return known;
        }
        let shown = if path.is_empty() { format!("blob {id}") } else { path.to_owned() };
        let origin = Origin::Synthetic(Arc::from(shown));
        let mut outcome = Outcome::default();
        let content = self.archive_kind(bytes).map(|kind| (kind, Content::Bytes(bytes)));
        if !content.is_some_and(|content| self.archive(&origin, content, room, &mut outcome, progress)) {
            let (blob, scratch) = (Blob::named(&origin, path, bytes), &mut room.scratch);
            outcome.add(guarded(origin.shown(), || self.found(&blob, bytes, scratch)));
            outcome.files += 1;
            outcome.bytes += bytes.len() as u64;
        }
        if let Some(cache) = self.cache.as_ref().filter(|_| !progress.stop.load(Ordering::Relaxed)) {
            cache.add(id, Kind::Blob, path, &outcome);
        }
        outcome
    }

    /// Reads and scans objects on several threads.
    fn objects(&self, repository: &Repository, jobs: &[Job], threads: usize, progress: &Progress) -> Outcome {
        let shared = repository.shared();
        let pool = (threads > 1 && jobs.len() >= PARALLEL)
            .then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok())
            .flatten();
        let mut total = Outcome::default();
        if let Some(pool) = pool {
            let parts: Vec<Outcome> = pool.install(|| {
                let read = |reader: &mut Reader, job: &Job| self.object(job, reader, progress);
                jobs.par_iter().with_min_len(PARALLEL / 2).map_init(|| Reader::new(&shared), read).collect()
            });
            for part in parts {
                total.add(part);
            }
        } else {
            let mut reader = Reader::new(&shared);
            for job in jobs {
                total.add(self.object(job, &mut reader, progress));
            }
        }
        if progress.stop.load(Ordering::Relaxed) {
            total.gaps.push(interrupted());
        }
        total
    }
}

/// Findings of one value by one rule in one place, over all the versions it stands in.
type Stands<'f> = BTreeMap<(&'f str, &'f str, &'f [u8]), Vec<usize>>;

/// Groups findings by path, rule and value.
fn stands(findings: &[Finding]) -> Stands<'_> {
    let mut out = Stands::new();
    for (index, finding) in findings.iter().enumerate() {
        let key = (finding.origin.shown(), finding.rule.id.as_ref(), finding.secret.expose());
        out.entry(key).or_default().push(index);
    }
    out
}

impl<'a> Blob<'a> {
    /// A blob that begins with `head`, read as its origin's name says; a message of a commit or tag is prose.
    pub fn new(origin: &'a Origin, head: &[u8]) -> Self {
        Self::named(origin, origin.judged_as(), head)
    }
}
