//! Scans what a commit would record.

use super::{Job, Outcome, Progress, Scanner};
use crate::source::git::Repository;
use crate::source::git::staged::{self, Plan};
use crate::source::lossless;
use crate::source::{Gap, GapReason};

impl Scanner {
    /// Scans the index's blobs that differ from HEAD. Nothing staged is clean.
    pub fn scan_staged(&self, repository: &Repository, plan: &Plan, threads: usize, progress: &Progress) -> Outcome {
        let staged = staged::staged(repository, plan);
        let jobs: Vec<Job> = staged.blobs.iter().map(Job::blob).collect();
        let mut outcome = self.objects(repository, &jobs, threads, progress);
        outcome.gaps.extend(staged.gaps);
        for path in staged.unknown.iter().filter(|path| !on_disk(repository, path)) {
            let detail = "neither in the index nor in HEAD nor in the work tree".to_owned();
            outcome.gaps.push(Gap { what: lossless(path), reason: GapReason::Missing, detail });
        }
        outcome.sort();
        outcome
    }
}

/// True where the work tree has something there: an untracked file is in no commit, and no mistake.
fn on_disk(repository: &Repository, path: &[u8]) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    repository.root.join(std::ffi::OsStr::from_bytes(path)).symlink_metadata().is_ok()
}
