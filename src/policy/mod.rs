//! Findings against the user's wishes: what blocks, what is only reported, what is suppressed. Nothing is thrown away.

use crate::judge::Finding;
use crate::rule::{Confidence, Severity};
use crate::source::Gap;
use crate::source::git::State;

/// What the user asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Findings of this confidence and above block; `None` blocks nothing.
    pub block: Option<Confidence>,
    /// Findings below this severity are reported and do not block.
    pub min_severity: Severity,
    /// What only earlier commits hold is reported and does not block.
    pub forgive_history: bool,
    /// Gaps are forgiven: an incomplete run may be clean.
    pub allow_incomplete: bool,
    /// Findings do not change the exit code.
    pub exit_zero: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            block: Some(Confidence::Likely),
            min_severity: Severity::Low,
            forgive_history: false,
            allow_incomplete: false,
            exit_zero: false,
        }
    }
}

/// What becomes of a finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Fails the run.
    Blocks,
    /// Shown, and fails nothing.
    Reported,
    /// Allowed by a comment; counted, and shown in full reports.
    Suppressed,
}

/// A finding and what becomes of it.
#[derive(Clone)]
pub struct Verdict {
    /// The finding.
    pub finding: Finding,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Findings of one run with the same value share a group; groups are numbered from 1 in report order.
    pub group: usize,
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
        let mut groups = std::collections::HashMap::new();
        findings
            .into_iter()
            .map(|finding| {
                let next = groups.len() + 1;
                let group = *groups.entry(finding.secret.clone()).or_insert(next);
                Verdict { outcome: self.outcome(&finding), finding, group }
            })
            .collect()
    }

    fn outcome(self, finding: &Finding) -> Outcome {
        if finding.allowed.is_some() {
            return Outcome::Suppressed;
        }
        match finding.origin.history().map(|history| history.state) {
            // The base holds it: whoever changes something else cannot act on it.
            Some(State::Inherited) => return Outcome::Reported,
            Some(State::HistoryOnly | State::Unreachable) if self.forgive_history => return Outcome::Reported,
            _ => {}
        }
        let blocks = self.block.is_some_and(|least| finding.confidence >= least);
        if blocks && finding.rule.severity >= self.min_severity { Outcome::Blocks } else { Outcome::Reported }
    }

    /// How the run ends. A finding that blocks outranks a gap: both are red, and it is the one to act on.
    pub fn exit(&self, verdicts: &[Verdict], gaps: &[Gap]) -> Exit {
        if !self.exit_zero && verdicts.iter().any(|verdict| verdict.outcome == Outcome::Blocks) {
            Exit::Blocked
        } else if !self.allow_incomplete && !gaps.is_empty() {
            Exit::Incomplete
        } else {
            Exit::Clean
        }
    }
}
