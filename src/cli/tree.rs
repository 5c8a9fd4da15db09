//! A scan of the whole tree for the commands that write policy files.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::{FileArgs, Loaded, load};
use super::{Failure, scan};
use crate::policy::{Policy, Verdict};
use crate::scan::{Outcome, Progress, Scanner, canary};
use crate::source::Gap;
use crate::source::walk::WalkPlan;

/// A tree, scanned.
pub(crate) struct Scanned {
    /// The policy's files; its rules went into the scanner.
    pub(crate) loaded: Loaded,
    /// The policy.
    pub(crate) policy: Policy,
    /// What was found.
    pub(crate) outcome: Outcome,
}

/// Scans the whole tree around a path.
pub(crate) fn scan_tree(args: &FileArgs, path: Option<&Path>) -> Result<Scanned, Failure> {
    let path = path.map_or_else(|| PathBuf::from("."), Path::to_owned);
    if !path.exists() {
        return Err(Failure::new(format!("{}: no such file or folder", path.display())));
    }
    let mut loaded = load(args, &[path])?;
    let policy = loaded.policy();
    let mut scanner =
        Scanner::new(std::mem::replace(&mut loaded.set, crate::rule::RuleSet::new(Vec::new(), String::new())));
    scanner.filter = scan::filter(&policy);
    canary::quick(&scanner).map_err(|rule| scan::missed(&rule))?;
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let here = loaded.base.canonicalize().ok();
    let root = if loaded.root.canonicalize().ok() == here { PathBuf::from(".") } else { loaded.root.clone() };
    let plan = WalkPlan { roots: vec![root], include_ignored: false, jobs, base: loaded.base.clone() };
    let progress = Arc::new(Progress::default());
    scan::stop_on_interrupt(&progress);
    let outcome = scanner.scan(&plan, &progress);
    loaded.set = scanner.set;
    Ok(Scanned { loaded, policy, outcome })
}

impl Scanned {
    /// The verdicts, without a baseline where `fresh` is asked for.
    pub(crate) fn verdicts(&mut self, fresh: bool) -> Vec<Verdict> {
        if fresh {
            self.policy.baseline = None;
        }
        self.outcome.join_parts();
        self.policy.verdicts(std::mem::take(&mut self.outcome.findings))
    }
}

/// The gaps, one a line.
pub(crate) fn gaps(gaps: &[Gap]) -> String {
    let mut out = String::new();
    for gap in gaps {
        let _ = writeln!(
            out,
            "not scanned: {}: {} ({})",
            super::clean(&gap.what),
            super::clean(&gap.detail),
            gap.reason.name()
        );
    }
    out
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    let fail = |error: std::io::Error| Failure::new(format!("{} cannot be written: {error}", path.display()));
    let mut new = path.as_os_str().to_owned();
    new.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(new);
    // A link of that name may lead anywhere: it is not followed.
    let _ = std::fs::remove_file(&new);
    let written = File::options()
        .write(true)
        .create_new(true)
        .open(&new)
        .and_then(|mut file| file.write_all(content.as_ref()))
        .and_then(|()| std::fs::rename(&new, path));
    written.inspect_err(|_| drop(std::fs::remove_file(&new))).map_err(fail)
}
