//! Scans what archives hold.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Outcome, Progress, Scanner, guarded, place};
use crate::detect::Scratch;
use crate::source::archive::{Content, Kind, Visit, Walk};
use crate::source::member::Member;
use crate::source::{Gap, GapReason, Origin};

/// Findings kept of one archive; more are a gap.
const MAX_FOUND: usize = 50_000;

/// Counts the findings of one archive.
#[derive(Default)]
pub(super) struct Found(usize);

impl Found {
    /// Adds what a member gave. What is too much is a gap at `what`.
    pub(super) fn add(&mut self, part: Outcome, outcome: &mut Outcome, what: &str) {
        let before = self.0;
        self.0 += part.findings.len();
        outcome.add(part);
        if self.is_full() && before < MAX_FOUND {
            let detail = format!("more than {MAX_FOUND} findings in one archive; what follows was not scanned");
            outcome.gaps.push(Gap { what: what.to_owned(), reason: GapReason::Limit, detail });
        }
    }

    /// No more are taken.
    pub(super) fn is_full(&self) -> bool {
        self.0 >= MAX_FOUND
    }
}

/// What is kept from one archive to the next.
#[derive(Default)]
pub(super) struct Room {
    pub(super) scratch: Scratch,
    pub(super) buffers: Vec<Vec<u8>>,
}

/// Scans members as they come.
pub(super) struct Members<'s> {
    pub(super) scanner: &'s Scanner,
    pub(super) progress: &'s Progress,
    pub(super) outer: &'s Origin,
    pub(super) scratch: &'s mut Scratch,
    pub(super) outcome: &'s mut Outcome,
    pub(super) found: Found,
}

impl Visit for Members<'_> {
    fn file(&mut self, path: &str, name: usize, head: &[u8], rest: Option<&mut dyn Read>) {
        let origin = Origin::Member(Arc::new(Member::new(self.outer, path, name)));
        let part = place::scan_member(self.scanner, &origin, head, rest, self.progress, self.scratch);
        self.found.add(part, self.outcome, self.outer.shown());
    }

    fn gap(&mut self, gap: Gap) {
        self.outcome.gaps.push(gap);
    }

    fn go_on(&self) -> bool {
        !self.progress.stop.load(Ordering::Relaxed) && !self.found.is_full()
    }
}

impl Scanner {
    /// The kind of archive that bytes begin, where archives are read.
    pub(super) fn archive_kind(&self, head: &[u8]) -> Option<Kind> {
        self.archives.and_then(|_| Kind::of(head))
    }

    /// Scans an archive's members. False when not one could be read: its own bytes are then worth a look.
    pub(super) fn archive(
        &self,
        outer: &Origin,
        (kind, content): (Kind, Content<'_>),
        room: &mut Room,
        outcome: &mut Outcome,
        progress: &Progress,
    ) -> bool {
        let length = match &content {
            Content::Bytes(bytes) => Some(bytes.len() as u64),
            Content::File(file) => length(file),
            Content::Stream(..) => None,
        };
        let window = self.sizes.stream();
        let mut read = false;
        let failed = guarded(outer.shown(), || {
            let Room { scratch, buffers } = room;
            let mut members = Members { scanner: self, progress, outer, scratch, outcome, found: Found::default() };
            let limits = self.archives.unwrap_or_default();
            let mut walk = Walk::new(&mut members, buffers, window, limits, outer.shown(), length);
            read = walk.read(kind, content);
            Outcome::default()
        });
        outcome.add(failed);
        outcome.files += u64::from(read);
        read
    }
}

fn length(file: &File) -> Option<u64> {
    file.metadata().ok().map(|data| data.len())
}
