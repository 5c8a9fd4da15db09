//! `credlint.yaml`: raw → validated. Everything that can be wrong with the file is found here and said with line and column.
//!
//! A configuration is read from bytes, so that a gate can take it from another commit. It adds to the defaults and never
//! replaces them: there is no key that takes the built-in rules away as a whole.

use std::sync::Arc;

use jiff::civil::Date;
use regex_automata::meta::Regex;

use crate::judge::identity::{Key, KeyedHash};
use crate::rule::{Confidence, Rule, Severity};
use crate::source::GapReason;

pub mod edit;
pub mod error;
pub mod globs;
pub mod nhi;
mod parse;
mod places;
pub mod raw;
pub mod regex;
mod validate;

pub use error::ConfigError;
pub use globs::{Globs, Pattern};
pub use nhi::NhiPolicy;
pub use parse::{Parsed, load_from, read};
pub use places::Place;
pub use raw::RawVaultKind;
pub use validate::leads_out;

/// Names of the file, in the order they are looked for.
pub const NAMES: [&str; 2] = ["credlint.yaml", ".credlint.yaml"];
/// The baseline's name where none is configured.
pub const BASELINE: &str = ".credlint-baseline";

/// A validated `credlint.yaml`.
#[derive(Default)]
pub struct Config {
    /// As the user knows it.
    pub file: Arc<str>,
    /// Key of the hashes in it.
    pub salt: Option<Key>,
    /// Not scanned.
    pub exclude: Globs,
    /// Scanned although `exclude` names them.
    pub include: Globs,
    /// Rules that are off.
    pub disable: Vec<RulePattern>,
    /// Rules that are on although `disable` names them.
    pub enable: Vec<RulePattern>,
    /// Settings for some paths or rules.
    pub overrides: Vec<Override>,
    /// Values that are no secrets.
    pub values: Vec<AllowedValue>,
    /// Forms of findings that are no secrets.
    pub patterns: Vec<AllowedPattern>,
    /// The least confidence that blocks; the inner `None` blocks nothing.
    pub block: Option<Option<Confidence>>,
    /// The least severity that blocks.
    pub min_severity: Option<Severity>,
    /// Larger files are a gap.
    pub max_file_bytes: Option<u64>,
    /// Who answers for which paths.
    pub owners: Vec<Owner>,
    /// Vaults that may be used.
    pub vaults: Vec<RawVaultKind>,
    /// How to get a secret into one.
    pub vault_docs: Option<String>,
    /// Comments in the code may allow a finding.
    pub comments: bool,
    /// And only with a reason.
    pub comment_reasons: bool,
    /// Path of the baseline, where one is configured, and where that is said.
    pub baseline: Option<(String, Place)>,
    /// Findings that are accepted for a time.
    pub suppressions: Vec<Entry>,
    /// A suppression that nothing matches blocks.
    pub block_unused: bool,
    /// Gaps that do not make a run incomplete.
    pub forgiven: Vec<GapReason>,
    /// What is asked of identities.
    pub nhi: NhiPolicy,
}

/// A rule's id, in which `*` stands for any text.
#[derive(Clone)]
pub struct RulePattern {
    /// As written.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// Settings for some paths or rules.
pub struct Override {
    /// Where it stands.
    pub place: Place,
    /// Files it holds for; empty for all.
    pub paths: Globs,
    /// Rules it holds for; empty for all.
    pub rules: Vec<RulePattern>,
    /// The least confidence that blocks.
    pub block: Option<Option<Confidence>>,
    /// The least severity that blocks.
    pub min_severity: Option<Severity>,
    /// Rules that are off.
    pub disable: Vec<RulePattern>,
}

/// A value that is no secret.
pub struct AllowedValue {
    /// Where it stands.
    pub place: Place,
    /// The value's keyed hash.
    pub hash: KeyedHash,
    /// Why it is none.
    pub reason: String,
}

/// A form of findings that are no secrets. Everything stated must fit.
pub struct AllowedPattern {
    /// Where it stands.
    pub place: Place,
    /// Why.
    pub reason: String,
    /// Rules it holds for; empty for all.
    pub rules: Vec<RulePattern>,
    /// Files; empty for all.
    pub paths: Globs,
    /// Expressions for the path.
    pub path_regex: Vec<Regex>,
    /// Expressions for the value.
    pub secret_regex: Vec<Regex>,
    /// Expressions for the line.
    pub line_regex: Vec<Regex>,
    /// Words in the value, lower case.
    pub words: Vec<String>,
}

/// Who answers for some paths.
pub struct Owner {
    /// Files.
    pub paths: Globs,
    /// A person or a team.
    pub owner: String,
}

/// A finding that is accepted for a time.
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// The rule; `None` for any.
    pub rule: Option<RulePattern>,
    /// The value's keyed hash; `None` for any.
    pub hash: Option<KeyedHash>,
    /// The file; `None` for any.
    pub path: Option<Pattern>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where the work on it is followed.
    pub ticket: Option<String>,
    /// Last day it holds.
    pub until: Date,
}

impl RulePattern {
    /// True when the id fits.
    pub fn is_match(&self, id: &str) -> bool {
        let mut parts = self.text.split('*');
        let Some(rest) = parts.next().and_then(|first| id.strip_prefix(first)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        let mut rest = rest;
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

/// The first pattern that fits a rule.
pub fn matching<'a>(patterns: &'a [RulePattern], id: &str) -> Option<&'a RulePattern> {
    patterns.iter().find(|pattern| pattern.is_match(id))
}

impl Config {
    /// What an empty file says.
    pub fn empty() -> Self {
        Self { comments: true, ..Self::default() }
    }

    /// The pattern that leaves a path out of the scan.
    pub fn excluded(&self, path: &str) -> Option<&Pattern> {
        let by = self.exclude.matched(path)?;
        if self.include.matched(path).is_some() { None } else { Some(by) }
    }

    /// The entry that turns a rule off for all paths.
    pub fn disabled(&self, rule: &Rule) -> Option<&RulePattern> {
        let by = matching(&self.disable, &rule.id)?;
        if matching(&self.enable, &rule.id).is_some() { None } else { Some(by) }
    }

    /// The overrides that hold for a finding's rule and path, the last one first.
    pub fn overrides<'a>(&'a self, rule: &'a str, path: &'a str) -> impl Iterator<Item = &'a Override> {
        self.overrides.iter().rev().filter(move |entry| entry.holds(rule, path))
    }

    /// Who answers for a path.
    pub fn owner(&self, path: &str) -> Option<&str> {
        let entry = self.owners.iter().rev().find(|entry| entry.paths.matched(path).is_some())?;
        Some(&entry.owner)
    }

    /// All hashes of the file, with their places.
    pub fn hashes(&self) -> impl Iterator<Item = (KeyedHash, Place)> + '_ {
        let entries = self.suppressions.iter().filter_map(|entry| Some((entry.hash?, entry.place)));
        self.values.iter().map(|value| (value.hash, value.place)).chain(entries)
    }
}

impl Override {
    /// True when it holds for a finding of this rule in this file.
    pub fn holds(&self, rule: &str, path: &str) -> bool {
        (self.paths.is_empty() || self.paths.matched(path).is_some())
            && (self.rules.is_empty() || matching(&self.rules, rule).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let is_match = |text: &str, id| RulePattern { text: text.to_owned(), place: (1, 1) }.is_match(id);
        assert!(
            is_match("a-b", "a-b") && is_match("a-*", "a-b") && is_match("*-b", "a-b") && is_match("a*c*e", "abcde")
        );
        assert!(!is_match("a-b", "a-bc") && !is_match("a-*", "b-a") && !is_match("a*a", "a"));
    }
}
