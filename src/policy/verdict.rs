//! What becomes of findings, and of the policy's own entries.

use std::sync::Arc;

use jiff::civil::Date;

use crate::judge::Finding;

/// What becomes of a finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Fails the run.
    Blocks,
    /// Shown, and fails nothing.
    Reported,
    /// Known before credlint was adopted; counted, and shown in full reports.
    Baselined,
    /// Allowed by a comment or by policy; counted, and shown in full reports.
    Suppressed,
}

impl Outcome {
    /// True for what short reports only count.
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::Baselined | Self::Suppressed)
    }
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
    /// What keeps it from blocking, for suppressed and baselined findings.
    pub suppression: Option<Suppression>,
    /// What the policy has to say besides, such as an allow comment that does not hold.
    pub note: Option<String>,
    /// Who answers for it, where the policy says so.
    pub owner: Option<String>,
}

impl Verdict {
    /// A verdict without more to say.
    pub fn plain(finding: Finding, outcome: Outcome, group: usize) -> Self {
        Self { finding, outcome, group, suppression: None, note: None, owner: None }
    }
}

/// What keeps a finding from blocking.
#[derive(Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Of what kind.
    pub by: By,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where the work on it is followed.
    pub ticket: Option<String>,
    /// Last day it holds.
    pub until: Option<Date>,
    /// The file it stands in; `None` for the finding's own.
    pub file: Option<Arc<str>>,
    /// Its line there.
    pub line: u64,
}

/// Kinds of [`Suppression`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum By {
    /// A comment in the code, in the spelling of this tool.
    Comment(&'static str),
    /// An entry of `suppressions`.
    Entry,
    /// An entry of `allow`.
    Allow,
    /// A rule that is off.
    Rule,
    /// A path that is left out, of what git holds; files are not even read.
    Excluded,
    /// The baseline.
    Baseline,
}

impl By {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comment(_) => "comment",
            Self::Entry => "suppression",
            Self::Allow => "allow",
            Self::Rule => "rule-off",
            Self::Excluded => "excluded",
            Self::Baseline => "baseline",
        }
    }
}

/// Something about the policy's own entries.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file it is about.
    pub file: String,
    /// The line there; 0 for the file as a whole.
    pub line: u64,
    /// Of what kind.
    pub kind: NoticeKind,
    /// What it is, and what to do.
    pub message: String,
    /// It fails the run.
    pub blocks: bool,
}

/// Kinds of [`Notice`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A suppression whose last day is over.
    ExpiredSuppression,
    /// A suppression that no finding needs.
    UnusedSuppression,
    /// Lines of the baseline that no finding needs.
    StaleBaseline,
}

impl NoticeKind {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ExpiredSuppression => "expired-suppression",
            Self::UnusedSuppression => "unused-suppression",
            Self::StaleBaseline => "stale-baseline",
        }
    }
}
