//! Verdicts to bytes. One file a format; all are fed the same [`Report`].

use std::io::{self, Write};

use crate::policy::{Exit, Notice, Outcome, Policy, Verdict};
use crate::source::Gap;
use crate::source::git::Scope;
use crate::source::git::remote::Checkout;

pub mod escape;
pub mod fingerprint;
pub mod human;
pub mod json;
pub mod line_hash;
pub mod redact;
pub mod sarif;
#[cfg(test)]
mod tests;
mod text;

/// Everything a report says.
pub struct Report<'a> {
    /// Sorted by origin, place and rule.
    pub verdicts: &'a [Verdict],
    /// Sorted. A run with a gap is incomplete.
    pub gaps: &'a [Gap],
    /// What the policy's own entries came to.
    pub notices: &'a [Notice],
    /// What decided over the findings.
    pub policy: &'a Policy,
    /// How the run ends.
    pub exit: Exit,
    /// What was scanned.
    pub stats: Stats,
    /// Version of the rule set.
    pub rules_version: &'a str,
    /// How many rules were loaded.
    pub rules_loaded: usize,
    /// Values are shown in the clear: asked for by `--show-secrets`.
    pub show_secrets: bool,
    /// Key of value fingerprints; without one there are none.
    pub key: Option<&'a [u8]>,
    /// Where relative paths of the report begin, seen from the root of the work tree, `/` at the end; empty at the root.
    pub prefix: String,
    /// What of a git repository was looked at; `None` for files.
    pub scope: Option<&'a Scope>,
    /// The repository around what was scanned.
    pub checkout: Option<&'a Checkout>,
}

/// What was scanned.
#[derive(Clone, Copy, Default, serde::Serialize)]
pub struct Stats {
    /// Blobs scanned to their end.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Candidates that the judge dropped.
    pub dropped: u64,
    /// Files left out by policy.
    pub excluded: u64,
}

/// A report's format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people, in rustc's form.
    Human,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0 as GitHub takes it: suppressed findings left out.
    Sarif,
    /// SARIF 2.1.0 with everything, suppressions included.
    SarifFull,
}

impl Format {
    /// Names used on the command line.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("human", Self::Human),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("sarif", Self::Sarif),
        ("sarif-full", Self::SarifFull),
    ];
}

/// Writes a report.
///
/// # Errors
/// What the writer says.
pub fn write(format: Format, report: &Report<'_>, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, colour, out),
        Format::Json => json::write(report, out),
        Format::Jsonl => json::write_lines(report, out),
        Format::Sarif => sarif::write(report, sarif::Profile::Github, out),
        Format::SarifFull => sarif::write(report, sarif::Profile::Full, out),
    }
}

impl Report<'_> {
    /// How many findings have an outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count()
    }
}
