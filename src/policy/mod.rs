//! Findings against the user's wishes: what blocks, what is only reported, what is suppressed. Nothing is thrown away.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::config::Config;
use crate::judge::Finding;
use crate::judge::identity::Key;
use crate::rule::{Confidence, Severity};
use crate::source::{Gap, GapReason};

pub mod baseline;
pub mod change;
mod decide;
mod notices;
mod tree;
mod verdict;

pub use baseline::Baseline;
pub use tree::{Tree, own_folder};
pub use verdict::{By, Notice, NoticeKind, Outcome, Suppression, Verdict};

/// What the user asked for.
#[derive(Clone)]
pub struct Policy {
    /// Findings of this confidence and above block; `None` blocks nothing.
    pub block: Option<Confidence>,
    /// Findings below this severity are reported and do not block.
    pub min_severity: Severity,
    /// The two above were given on the command line, so no override changes them.
    pub fixed: Fixed,
    /// Gaps that do not make a run incomplete.
    pub forgiven: Forgiven,
    /// What only earlier commits hold is reported and does not block.
    pub forgive_history: bool,
    /// Findings do not change the exit code.
    pub exit_zero: bool,
    /// A suppression that nothing matches blocks.
    pub block_unused: bool,
    /// `credlint.yaml`.
    pub config: Option<Arc<Config>>,
    /// Findings that are known.
    pub baseline: Option<Arc<Baseline>>,
    /// The organisation's key.
    pub key: Option<Key>,
    /// How reports' paths become those of the policy.
    pub tree: Tree,
    /// The day of the run.
    pub today: Date,
}

/// Settings that the command line takes out of the file's hands.
#[derive(Clone, Copy, Default)]
pub struct Fixed {
    /// What confidence blocks.
    pub block: bool,
    /// From which severity.
    pub min_severity: bool,
}

/// Gaps that do not make a run incomplete.
#[derive(Clone, PartialEq, Eq)]
pub enum Forgiven {
    /// These.
    Some(Vec<GapReason>),
    /// All of them.
    All,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            block: Some(Confidence::Likely),
            min_severity: Severity::Low,
            fixed: Fixed::default(),
            forgiven: Forgiven::Some(Vec::new()),
            forgive_history: false,
            exit_zero: false,
            block_unused: false,
            config: None,
            baseline: None,
            key: None,
            tree: Tree::default(),
            today: Date::MIN,
        }
    }
}

/// How a run ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Everything in scope was scanned and nothing blocks.
    Clean,
    /// A finding blocks.
    Blocked,
    /// The run could not start.
    Error,
    /// Something in scope was not scanned, and nothing blocks.
    Incomplete,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Blocked => 1,
            Self::Error => 2,
            Self::Incomplete => 3,
        }
    }

    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Blocked => "blocked",
            Self::Error => "error",
            Self::Incomplete => "incomplete",
        }
    }
}

impl Policy {
    /// Decides over findings, which come sorted.
    pub fn verdicts(&self, findings: Vec<Finding>) -> Vec<Verdict> {
        let mut groups = HashMap::new();
        findings
            .into_iter()
            .map(|finding| {
                let next = groups.len() + 1;
                let group = *groups.entry(finding.secret.clone()).or_insert(next);
                self.verdict(finding, group)
            })
            .collect()
    }

    /// True when a gap does not make the run incomplete.
    pub fn forgives(&self, gap: &Gap) -> bool {
        match &self.forgiven {
            Forgiven::All => true,
            Forgiven::Some(reasons) => reasons.contains(&gap.reason),
        }
    }

    /// How the run ends. What blocks outranks a gap: both are red, and it is the one to act on.
    pub fn exit(&self, verdicts: &[Verdict], notices: &[Notice], gaps: &[Gap]) -> Exit {
        let blocks = verdicts.iter().any(|verdict| verdict.outcome == Outcome::Blocks)
            || notices.iter().any(|notice| notice.blocks);
        if !self.exit_zero && blocks {
            Exit::Blocked
        } else if gaps.iter().any(|gap| !self.forgives(gap)) {
            Exit::Incomplete
        } else {
            Exit::Clean
        }
    }
}
