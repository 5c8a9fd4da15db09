//! From other scanners: what their configurations and baselines say, in credlint's own form, and what could not be
//! carried over. Files are read; no other program is run.

use crate::rule::RuleSet;

pub mod custom;
mod detect_secrets;
mod gitleaks;
pub mod known;
mod names;
mod others;
mod yaml;

pub use known::Known;

/// Tools whose files are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tool {
    /// gitleaks and betterleaks.
    Gitleaks,
    /// Yelp's detect-secrets.
    DetectSecrets,
    /// `TruffleHog`.
    Trufflehog,
    /// Kingfisher.
    Kingfisher,
    /// `GitGuardian`'s ggshield.
    Ggshield,
    /// secretlint.
    Secretlint,
}

impl Tool {
    /// The name as typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gitleaks => "gitleaks",
            Self::DetectSecrets => "detect-secrets",
            Self::Trufflehog => "trufflehog",
            Self::Kingfisher => "kingfisher",
            Self::Ggshield => "ggshield",
            Self::Secretlint => "secretlint",
        }
    }
}

/// What becomes of one wish of the other tool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It means the same here.
    Carried,
    /// It means nearly the same; how it differs.
    Nearly(String),
    /// It needs nothing here; why.
    Covered(String),
    /// It could not be carried over; why.
    Left(String),
}

/// A line of the equivalence report.
pub struct Entry {
    /// The file it comes from.
    pub file: String,
    /// What it is.
    pub what: String,
    /// What became of it.
    pub fate: Fate,
}

/// An entry for `allow.patterns`.
#[derive(Clone, Default)]
pub struct NewPattern {
    /// Why.
    pub reason: String,
    /// Rules it holds for.
    pub rules: Vec<String>,
    /// Expressions for the path.
    pub path_regex: Vec<String>,
    /// Expressions for the value.
    pub secret_regex: Vec<String>,
    /// Expressions for the line.
    pub line_regex: Vec<String>,
    /// Words in the value.
    pub words: Vec<String>,
}

/// A rule of the other tool.
pub struct NewRule {
    /// Its id there.
    pub id: String,
    /// What it finds.
    pub title: String,
    /// Its expression.
    pub pattern: String,
    /// The group that is the secret; 0 where the tool does not say.
    pub group: usize,
    /// Least entropy.
    pub entropy: Option<f32>,
    /// What of it is dropped; empty for nothing.
    pub dropped: Vec<String>,
    /// The file it comes from.
    pub file: String,
}

/// What files of another tool come to.
#[derive(Default)]
pub struct Import {
    /// For `allow.patterns`.
    pub patterns: Vec<NewPattern>,
    /// For `rules.disable`.
    pub disable: Vec<String>,
    /// For `paths.exclude`.
    pub exclude: Vec<String>,
    /// Rules of its own.
    pub rules: Vec<NewRule>,
    /// Findings that the tool was told to accept.
    pub known: Vec<Known>,
    /// What became of everything.
    pub report: Vec<Entry>,
}

impl Import {
    /// Notes what became of something.
    pub fn note(&mut self, file: &str, what: impl Into<String>, fate: Fate) {
        self.report.push(Entry { file: file.to_owned(), what: what.into(), fate });
    }

    /// Takes an entry for `allow.patterns` in, without the expressions that cannot be run; those are named.
    fn allow(&mut self, file: &str, what: &str, mut pattern: NewPattern, fate: &Fate) {
        use crate::config::regex::{Target, compile};
        let all = [
            (&mut pattern.path_regex, Target::Path),
            (&mut pattern.secret_regex, Target::Value),
            (&mut pattern.line_regex, Target::Value),
        ];
        let mut refused = Vec::new();
        let mut some = false;
        for (list, target) in all {
            let before = list.len();
            list.retain(|text| compile(text, target).map_err(|why| refused.push(why)).is_ok());
            // An empty list would fit everything.
            some |= before > 0 && list.is_empty();
        }
        let before = pattern.words.len();
        pattern.words.retain(|word| word.trim().len() >= 3);
        if pattern.words.len() < before {
            refused.push(format!("{} words of fewer than three characters", before - pattern.words.len()));
            some |= pattern.words.is_empty();
        }
        for why in refused {
            self.note(file, what, Fate::Left(why));
        }
        let lists = [&pattern.path_regex, &pattern.secret_regex, &pattern.line_regex, &pattern.words];
        let count: usize = lists.iter().map(|list| list.len()).sum();
        if !some && count > 0 {
            self.note(file, format!("{what} ({count} expressions or words)"), fate.clone());
            self.patterns.push(pattern);
        }
    }
}

/// Reads one file of a tool into `import`.
///
/// # Errors
/// Why the file is none of that tool's, for the person who named it.
pub fn read(tool: Tool, file: &str, bytes: &[u8], set: &RuleSet, import: &mut Import) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{file}: is no UTF-8 text"))?;
    let text = text.trim_start_matches('\u{feff}');
    let read = match tool {
        Tool::Gitleaks => gitleaks::read(file, text, set, import),
        Tool::DetectSecrets => detect_secrets::read(file, text, import),
        Tool::Trufflehog => others::trufflehog(file, text, import),
        Tool::Kingfisher => others::kingfisher(file, text, set, import),
        Tool::Ggshield => others::ggshield(file, text, import),
        Tool::Secretlint => others::secretlint(file, text, import),
    };
    read.map_err(|why| format!("{file}: {why}"))
}
