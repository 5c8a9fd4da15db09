//! Joins source to judge, for one blob and for many threads.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::decode::Encoding;
use crate::detect::{Counts, Engine, Scratch};
use crate::judge::{Excerpt, Finding, Position};
use crate::rule::RuleSet;
use crate::rule::meter::{Part as Stage, timed};
use crate::source::archive::{Content, Limits, gap_of};
use crate::source::open::Opener;
use crate::source::read::{Sizes, Window, fill, fill_at};
use crate::source::walk::{self, Found, WalkPlan};
use crate::source::{FilePath, Gap, GapReason, Origin};

mod archive;
pub mod cache;
pub mod canary;
mod decoded;
mod derived;
pub mod examine;
pub mod examples;
mod filter;
mod git;
mod image;
mod locate;
pub mod parts;
mod place;
pub mod reference;
mod settle;

pub use filter::{Excluded, Filter};

use archive::Room;
use cache::Cache;
use examine::{Blob, Examined, Hit, examine};
use locate::Locator;

/// No excerpt shows text further from its secret.
const EXCERPT_REACH: u64 = 4096;
/// Findings kept of one blob; more are a gap.
pub const MAX_FINDINGS: usize = 10_000;

/// Rules and tables, ready to scan. Immutable, shared by all threads.
pub struct Scanner {
    /// The rules.
    pub set: RuleSet,
    /// Their tables.
    pub engine: Engine,
    /// Window sizes.
    pub sizes: Sizes,
    /// GitHub's line hashes are wanted.
    pub line_hashes: bool,
    /// What the policy leaves out.
    pub filter: Filter,
    /// Archives are read, within these bounds; without, their bytes are scanned as they are.
    pub archives: Option<Limits>,
    /// Structure and decoded values are looked at too; the engine's oracle does without.
    pub derive: bool,
    /// Git objects that need no scan.
    pub cache: Option<Cache>,
}

/// What a run may be told and asked while it goes on.
#[derive(Default)]
pub struct Progress {
    /// Blobs done.
    pub files: AtomicU64,
    /// Bytes done.
    pub bytes: AtomicU64,
    /// Set to stop the run early.
    pub stop: AtomicBool,
}

/// What a scan found.
#[derive(Default)]
pub struct Outcome {
    /// Sorted by origin, place and rule.
    pub findings: Vec<Finding>,
    /// Sorted.
    pub gaps: Vec<Gap>,
    /// Blobs scanned.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Candidates dropped.
    pub dropped: u64,
    /// Files left out by policy.
    pub excluded: u64,
    /// The prefilter's counters.
    pub counts: Counts,
}

impl Outcome {
    /// Adds what another scan found.
    pub fn merge(&mut self, other: Self) {
        self.add(other);
    }

    fn add(&mut self, mut other: Self) {
        self.findings.append(&mut other.findings);
        self.gaps.append(&mut other.gaps);
        self.files += other.files;
        self.bytes += other.bytes;
        self.dropped += other.dropped;
        self.excluded += other.excluded;
        self.counts.add(other.counts);
    }

    /// Leaves out the findings that `keep` says no to. Their values stay redacted in the lines of the others.
    pub fn retain(&mut self, keep: impl Fn(&Finding) -> bool) {
        let (mut kept, hidden): (Vec<Finding>, Vec<Finding>) =
            std::mem::take(&mut self.findings).into_iter().partition(keep);
        for finding in &mut kept {
            let near = |other: &&Finding| {
                other.origin == finding.origin && other.span.start.abs_diff(finding.span.start) < EXCERPT_REACH
            };
            for other in hidden.iter().filter(near) {
                for value in [Some(&other.secret), other.written.as_ref()].into_iter().flatten() {
                    finding.excerpt.hide(value.expose());
                }
            }
        }
        self.findings = kept;
    }

    /// Puts findings and gaps into report order.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| (&a.origin, a.span, &a.rule.id).cmp(&(&b.origin, b.span, &b.rule.id)));
        self.gaps.sort();
        self.gaps.dedup();
    }
}

impl Scanner {
    /// Builds the tables of a rule set.
    pub fn new(set: RuleSet) -> Self {
        let engine = Engine::new(&set);
        Self {
            set,
            engine,
            sizes: Sizes::default(),
            line_hashes: false,
            filter: Filter::default(),
            derive: true,
            cache: None,
            archives: Some(Limits::default()),
        }
    }

    /// Walks and scans.
    pub fn scan(&self, plan: &WalkPlan, progress: &Progress) -> Outcome {
        let total = Mutex::new(Outcome::default());
        let large: Mutex<Vec<Arc<FilePath>>> = Mutex::default();
        walk::walk(plan, &|| {
            let mut worker = Worker {
                scanner: self,
                progress,
                total: &total,
                large: &large,
                room: Room::default(),
                opener: Opener::default(),
                buffer: Vec::new(),
                own: Outcome::default(),
            };
            Box::new(move |found| worker.found(found))
        });
        let mut outcome = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut large = large.into_inner().unwrap_or_else(PoisonError::into_inner);
        large.sort();
        self.scan_large(&large, plan.jobs, progress, &mut outcome);
        if progress.stop.load(Ordering::Relaxed) {
            outcome.gaps.push(interrupted());
        }
        outcome.sort();
        outcome
    }

    /// Files of more than one window, one after another, each by all threads.
    fn scan_large(&self, files: &[Arc<FilePath>], jobs: usize, progress: &Progress, outcome: &mut Outcome) {
        if files.is_empty() {
            return;
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
        for file in files {
            if progress.stop.load(Ordering::Relaxed) {
                return;
            }
            let scan = || self.large_file(file, progress);
            let part = guarded(&file.shown, || match &pool {
                Ok(pool) => pool.install(scan),
                Err(_) => scan(),
            });
            outcome.add(part);
        }
    }

    fn large_file(&self, file: &Arc<FilePath>, progress: &Progress) -> Outcome {
        let origin = Origin::File(Arc::clone(file));
        match self.large_windows(&origin, file, progress) {
            Ok(outcome) => outcome,
            Err(error) => gap_only(gap_of(file.shown.clone(), &error)),
        }
    }

    fn large_windows(&self, origin: &Origin, path: &Arc<FilePath>, progress: &Progress) -> io::Result<Outcome> {
        let file = File::open(&path.path)?;
        let length = file.metadata()?.len();
        let mut head = [0; 4096];
        let filled = fill_at(&file, &mut head, 0)?;
        let blob = Blob::new(origin, &head[..filled]);
        let count = length.div_ceil(self.sizes.core as u64);
        let parts: Vec<io::Result<Part>> = (0..count)
            .into_par_iter()
            .map_init(
                || (Vec::new(), Scratch::default()),
                |(buffer, scratch), index| self.window_at(&file, &blob, index, length, buffer, scratch, progress),
            )
            .collect();
        let mut all = Part::default();
        for part in parts {
            all.add(part?);
        }
        let mut outcome = self.finish(all, &blob, |push| place::stream(&file, push))?;
        outcome.files = 1;
        outcome.bytes = length;
        progress.files.fetch_add(1, Ordering::Relaxed);
        Ok(outcome)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one window; a struct would only name them twice")]
    fn window_at(
        &self,
        file: &File,
        blob: &Blob<'_>,
        index: u64,
        length: u64,
        buffer: &mut Vec<u8>,
        scratch: &mut Scratch,
        progress: &Progress,
    ) -> io::Result<Part> {
        let Some(bounds) = self.sizes.window(index, length).filter(|_| !progress.stop.load(Ordering::Relaxed)) else {
            return Ok(Part::default());
        };
        buffer.resize(usize::try_from(bounds.end - bounds.start).unwrap_or(0), 0);
        let filled = fill_at(file, buffer, bounds.start)?;
        if filled < buffer.len() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"));
        }
        let part = self.window(blob, &bounds.over(buffer), scratch);
        progress.bytes.fetch_add(bounds.core_end - bounds.core_start, Ordering::Relaxed);
        Ok(part)
    }

    fn window(&self, blob: &Blob<'_>, window: &Window<'_>, scratch: &mut Scratch) -> Part {
        let mut counts = Counts::default();
        let Examined { hits, gaps } =
            timed(self.set.meter.as_ref(), Stage::Examine, || examine(self, blob, window, scratch, &mut counts));
        let dropped = hits.iter().filter(|hit| hit.result.is_err()).count() as u64;
        // What is rejected for all near the window's border may belong to a name of the window before.
        let border = window.offset + window.core_start as u64 + EXCERPT_REACH;
        let kept = |hit: &Hit| hit.result.is_ok() || hit.span.start < border && settle::rejects_for_all(&self.set, hit);
        let mut hits: Vec<Hit> = hits.into_iter().filter(kept).take(MAX_FINDINGS + 1).collect();
        // Collected in the place of all of them: the windows of a large file are held until the last one is done.
        hits.shrink_to_fit();
        Part { hits, gaps, dropped, counts }
    }

    /// Settles overlaps across windows, finds lines and columns.
    fn finish(
        &self,
        part: Part,
        blob: &Blob<'_>,
        bytes: impl Fn(&mut dyn FnMut(&[u8]) -> bool) -> io::Result<()>,
    ) -> io::Result<Outcome> {
        let mut outcome = self.settled(part, blob);
        if !outcome.findings.is_empty() {
            timed(self.set.meter.as_ref(), Stage::Place, || {
                place::place(&mut outcome.findings, blob.encoding, self.line_hashes, bytes)
            })?;
        }
        Ok(outcome)
    }

    /// Settles overlaps across windows and keeps to the limit of findings.
    fn settled(&self, mut part: Part, blob: &Blob<'_>) -> Outcome {
        settle::settle(&self.set, &mut part.hits);
        let mut findings: Vec<Finding> = part.hits.into_iter().filter_map(|hit| hit.result.ok()).collect();
        part.gaps.dedup();
        let (dropped, counts, gaps) = (part.dropped, part.counts, part.gaps);
        let mut outcome = Outcome { gaps, dropped, counts, ..Outcome::default() };
        if findings.len() > MAX_FINDINGS {
            // The lines of the last ones kept may show the values of the first ones left out.
            let seen = findings[MAX_FINDINGS].span.start.saturating_sub(EXCERPT_REACH);
            findings.truncate(MAX_FINDINGS);
            for finding in findings.iter_mut().filter(|finding| finding.span.end >= seen) {
                finding.excerpt = Excerpt::default();
            }
            let detail =
                format!("more than {MAX_FINDINGS} findings in one file; the first {MAX_FINDINGS} are reported");
            outcome.gaps.push(Gap { what: blob.origin.shown().to_owned(), reason: GapReason::Limit, detail });
        }
        outcome.findings = findings;
        outcome
    }

    /// Scans bytes that are in memory.
    pub fn scan_bytes(&self, origin: &Origin, bytes: &[u8]) -> Outcome {
        let blob = Blob::new(origin, bytes);
        guarded(origin.shown(), || self.in_memory(&blob, bytes, &mut Scratch::default()))
    }

    fn in_memory(&self, blob: &Blob<'_>, bytes: &[u8], scratch: &mut Scratch) -> Outcome {
        let part = self.windows(blob, bytes, scratch);
        let finished = self.finish(part, blob, |push| {
            push(bytes);
            Ok(())
        });
        let mut outcome = finished.unwrap_or_default();
        outcome.files = 1;
        outcome.bytes = bytes.len() as u64;
        outcome.sort();
        outcome
    }

    /// What is in bytes, without lines and columns: enough to know that there is something.
    fn found(&self, blob: &Blob<'_>, bytes: &[u8], scratch: &mut Scratch) -> Outcome {
        self.settled(self.windows(blob, bytes, scratch), blob)
    }

    fn windows(&self, blob: &Blob<'_>, bytes: &[u8], scratch: &mut Scratch) -> Part {
        let mut part = Part::default();
        if bytes.len() <= self.sizes.whole() {
            part = self.window(blob, &Window::whole(bytes), scratch);
        } else {
            let length = bytes.len() as u64;
            for index in 0.. {
                let Some(bounds) = self.sizes.window(index, length) else { break };
                let range =
                    usize::try_from(bounds.start).unwrap_or(0)..usize::try_from(bounds.end).unwrap_or(bytes.len());
                part.add(self.window(blob, &bounds.over(&bytes[range]), scratch));
            }
        }
        part
    }

    /// Every hit of a text, dropped ones included: for `explain` and for the rules' examples.
    pub fn hits(&self, origin: &Origin, bytes: &[u8]) -> Vec<Hit> {
        let blob = Blob::new(origin, bytes);
        let (mut scratch, mut counts) = (Scratch::default(), Counts::default());
        examine(self, &blob, &Window::whole(bytes), &mut scratch, &mut counts).hits
    }

    /// The positions of ascending offsets in a text.
    pub fn positions(&self, bytes: &[u8], offsets: &[u64]) -> Vec<Position> {
        let mut locator = Locator::new(Encoding::detect(bytes), bytes, offsets);
        locator.push(bytes);
        locator.finish()
    }

    /// Scans a stream that can be read once, such as standard input, window by window.
    pub fn scan_stream(&self, origin: &Origin, reader: &mut dyn Read, progress: &Progress) -> Outcome {
        let mut outcome = guarded(origin.shown(), || {
            place::scan_stream(self, origin, reader, progress).unwrap_or_else(|error| {
                gap_only(Gap {
                    what: origin.shown().to_owned(),
                    reason: GapReason::Unreadable,
                    detail: error.to_string(),
                })
            })
        });
        if progress.stop.load(Ordering::Relaxed) {
            outcome.gaps.push(interrupted());
        }
        outcome.sort();
        outcome
    }
}

fn interrupted() -> Gap {
    Gap {
        what: "run".to_owned(),
        reason: GapReason::Interrupted,
        detail: "stopped before everything was scanned; the report is partial".to_owned(),
    }
}

fn gap_only(gap: Gap) -> Outcome {
    Outcome { gaps: vec![gap], ..Outcome::default() }
}

/// Runs the scan of one blob; a panic in it is a gap, not the end of the run.
fn guarded(what: &str, scan: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(scan)).unwrap_or_else(|_| {
        let detail =
            "credlint failed on this file; please report it (the file's name and size are enough to begin with)"
                .to_owned();
        gap_only(Gap { what: what.to_owned(), reason: GapReason::Internal, detail })
    })
}

/// What one window gave.
#[derive(Default)]
struct Part {
    hits: Vec<Hit>,
    gaps: Vec<Gap>,
    dropped: u64,
    counts: Counts,
}

impl Part {
    fn add(&mut self, mut other: Self) {
        if self.hits.len() <= MAX_FINDINGS {
            self.hits.append(&mut other.hits);
        }
        self.gaps.append(&mut other.gaps);
        self.dropped += other.dropped;
        self.counts.add(other.counts);
    }
}

/// One thread of the walk.
struct Worker<'s> {
    scanner: &'s Scanner,
    progress: &'s Progress,
    total: &'s Mutex<Outcome>,
    large: &'s Mutex<Vec<Arc<FilePath>>>,
    room: Room,
    opener: Opener,
    buffer: Vec<u8>,
    own: Outcome,
}

impl Worker<'_> {
    fn found(&mut self, found: Found) -> bool {
        match found {
            Found::Gap(gap) => self.own.gaps.push(gap),
            Found::File(file) => self.file(file),
        }
        !self.progress.stop.load(Ordering::Relaxed)
    }

    fn file(&mut self, file: Arc<FilePath>) {
        let filter = &self.scanner.filter;
        if filter.excludes(&file.shown) {
            self.own.excluded += 1;
            return;
        }
        if let Some(gap) = filter.too_large(&file.shown, || file.path.metadata().ok().map(|data| data.len())) {
            self.own.gaps.push(gap);
            return;
        }
        if self.buffer.is_empty() {
            self.buffer.resize(self.scanner.sizes.whole() + 1, 0);
        }
        let read = || {
            let mut open = self.opener.open(&file.path)?;
            Ok::<_, io::Error>((fill(&mut open, &mut self.buffer)?, open))
        };
        let (filled, open) = match timed(self.scanner.set.meter.as_ref(), Stage::Read, read) {
            Ok(opened) => opened,
            Err(error) => {
                let detail = error.to_string();
                self.own.gaps.push(Gap { what: file.shown.clone(), reason: GapReason::Unreadable, detail });
                return;
            }
        };
        let bytes = &self.buffer[..filled];
        let (large, origin) = (filled == self.buffer.len(), Origin::File(Arc::clone(&file)));
        if let Some(kind) = self.scanner.archive_kind(bytes) {
            let content = if large { Content::File(&open) } else { Content::Bytes(bytes) };
            if self.scanner.archive(&origin, (kind, content), &mut self.room, &mut self.own, self.progress) {
                return;
            }
        }
        if large {
            self.large.lock().unwrap_or_else(PoisonError::into_inner).push(file);
            return;
        }
        let blob = Blob::new(&origin, bytes);
        let (scanner, scratch) = (self.scanner, &mut self.room.scratch);
        let part = guarded(&file.shown, || scanner.in_memory(&blob, bytes, scratch));
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(filled as u64, Ordering::Relaxed);
        self.own.add(part);
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        self.total.lock().unwrap_or_else(PoisonError::into_inner).add(own);
    }
}
