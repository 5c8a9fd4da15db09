//! Reads rule files at run time: a user's own (`--rules`) and those under `credlint rules check`.
//!
//! Everything that can be wrong with a file is found here and said with file, line and next step; what the examples
//! show is tried by `scan::examples`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::raw::{
    DEFAULT_DISTANCE, PART_DISTANCE, RawConfidence, RawFile, RawKind, RawPart, RawRole, RawRule, RawSensitivity,
    RawSeverity, squeezed,
};
use super::{Confidence, Matcher, Partner, Probe, Proof, Role, Rule, Sensitivity, Severity, Text, derive};

/// A rule file as written and the rules made of it, in the same order.
pub struct LoadedFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// As written, examples included.
    pub raw: RawFile,
    /// Ready to run. They live as long as the process.
    pub rules: Vec<&'static Rule>,
    text: String,
}

/// Names what rule files say: the first half of the SHA-256 of their texts, each with its length before it, hex.
pub fn digest(files: &[LoadedFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update((file.text.len() as u64).to_le_bytes());
        hash.update(&file.text);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..16])
}

/// What is wrong with a rule file, where, and what to do.
#[derive(Clone)]
pub struct RuleError {
    /// The file.
    pub path: PathBuf,
    /// 1-based; 0 when the file could not be read.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

/// Reads the `*.yml` and `*.yaml` files of a folder, or one file.
///
/// # Errors
/// Every problem of every file, in order of file and line.
pub fn load(path: &Path) -> Result<Vec<LoadedFile>, Vec<RuleError>> {
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    let paths = rule_files(path).map_err(|error| vec![error])?;
    for path in paths {
        match load_file(&path) {
            Ok(file) => files.push(file),
            Err(found) => errors.extend(found),
        }
    }
    errors.extend(duplicates(&files));
    errors.extend(unknown_partners(&files));
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

fn rule_files(path: &Path) -> Result<Vec<PathBuf>, RuleError> {
    let fail = |message: String| RuleError { path: path.to_owned(), line: 0, message };
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| fail(format!("cannot be read: {error}")))? {
        let entry = entry.map_err(|error| fail(format!("cannot be read: {error}")))?.path();
        if entry.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
            paths.push(entry);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(fail("holds no rule file (*.yml); name a folder with rule files or a rule file".to_owned()));
    }
    Ok(paths)
}

/// Reads one file.
///
/// # Errors
/// Every problem of the file.
pub fn load_file(path: &Path) -> Result<LoadedFile, Vec<RuleError>> {
    let fail = |line, message: String| vec![RuleError { path: path.to_owned(), line, message }];
    let text = std::fs::read_to_string(path).map_err(|error| fail(0, format!("cannot be read: {error}")))?;
    load_text(path, text)
}

/// Reads a file's text.
///
/// # Errors
/// Every problem of the file.
pub fn load_text(path: &Path, text: String) -> Result<LoadedFile, Vec<RuleError>> {
    let fail = |line, message: String| vec![RuleError { path: path.to_owned(), line, message }];
    let raw: RawFile = serde_yaml::from_str(&text).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        fail(line, format!("{error}; the keys of a rule are listed in docs/rules.md"))
    })?;
    let mut errors = Vec::new();
    file_errors(path, &raw, &text, &mut errors);
    let mut rules = Vec::new();
    for rule in &raw.rules {
        match build(&raw, rule) {
            Ok(rule) => rules.push(&*Box::leak(Box::new(rule))),
            Err(found) => {
                let line = line_of(&text, &rule.id);
                errors.extend(found.into_iter().map(|message| RuleError {
                    path: path.to_owned(),
                    line,
                    message: format!("rule {}: {message}", rule.id),
                }));
            }
        }
    }
    if errors.is_empty() { Ok(LoadedFile { path: path.to_owned(), raw, rules, text }) } else { Err(errors) }
}

impl LoadedFile {
    /// The line of a rule's id in the file, 1-based.
    pub fn line_of(&self, id: &str) -> usize {
        line_of(&self.text, id)
    }
}

fn line_of(text: &str, id: &str) -> usize {
    nth_line_of(text, id, 0)
}

/// The line of the id's use number `nth`, counted from 0.
fn nth_line_of(text: &str, id: &str, nth: usize) -> usize {
    let is_id = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ").trim_start();
        line.strip_prefix("id:").is_some_and(|rest| rest.trim().trim_matches(['"', '\'']).split(' ').next() == Some(id))
    };
    text.lines().enumerate().filter(|(_, line)| is_id(line)).nth(nth).map_or(1, |(index, _)| index + 1)
}

fn file_errors(path: &Path, raw: &RawFile, text: &str, errors: &mut Vec<RuleError>) {
    let mut fail = |line, message: String| errors.push(RuleError { path: path.to_owned(), line, message });
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if raw.provider != stem {
        fail(1, format!("provider is `{}` but the file is called `{stem}`; they must be the same", raw.provider));
    }
    if raw.rules.is_empty() {
        fail(1, "holds no rule; add one under `rules:` (docs/rules.md shows the form)".to_owned());
    }
    for pair in raw.rules.windows(2) {
        if pair[0].id > pair[1].id {
            fail(
                line_of(text, &pair[1].id),
                format!("rule {} stands after {}; sort the rules by id", pair[1].id, pair[0].id),
            );
        }
    }
}

/// Ids used twice over all files, each with both places.
pub fn duplicates(files: &[LoadedFile]) -> Vec<RuleError> {
    // Where each id was seen first: the file, and the line in it.
    let mut seen: BTreeMap<&str, (&LoadedFile, usize)> = BTreeMap::new();
    let mut errors = Vec::new();
    for file in files {
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for rule in &file.raw.rules {
            let count = uses.entry(&rule.id).or_default();
            let line = nth_line_of(&file.text, &rule.id, *count);
            *count += 1;
            let (first, first_line) = *seen.entry(&rule.id).or_insert((file, line));
            if first.path != file.path || first_line != line {
                let place = format!("{}:{first_line}", first.path.display());
                let message = format!("rule id {} is used already in {place}; ids are unique, choose another", rule.id);
                errors.push(RuleError { path: file.path.clone(), line, message });
            }
        }
    }
    errors
}

/// Parts are found by rules that exist: in these files or built in.
fn unknown_partners(files: &[LoadedFile]) -> Vec<RuleError> {
    let known = |id: &str| is_builtin(id) || files.iter().any(|file| file.raw.rules.iter().any(|rule| rule.id == id));
    let mut errors = Vec::new();
    for file in files {
        for rule in &file.raw.rules {
            for id in rule.parts.iter().flat_map(|part| &part.rules).filter(|id| !known(id)) {
                errors.push(RuleError {
                    path: file.path.clone(),
                    line: file.line_of(&rule.id),
                    message: format!("rule {}: there is no rule `{id}` that could find its part", rule.id),
                });
            }
        }
    }
    errors
}

fn is_builtin(id: &str) -> bool {
    super::builtin().binary_search_by(|rule| rule.id.as_ref().cmp(id)).is_ok()
}

/// A user's own rules may not reuse the id of a built-in one.
pub fn clashes(files: &[LoadedFile]) -> Vec<RuleError> {
    let mut errors = Vec::new();
    for file in files {
        for rule in file.raw.rules.iter().filter(|rule| is_builtin(&rule.id)) {
            errors.push(RuleError {
                path: file.path.clone(),
                line: file.line_of(&rule.id),
                message: format!("rule id {} belongs to a built-in rule; choose another", rule.id),
            });
        }
    }
    errors
}

fn build(file: &RawFile, raw: &RawRule) -> Result<Rule, Vec<String>> {
    let mut errors = Vec::new();
    check_texts(file, raw, &mut errors);
    let matcher = matcher(raw).map_err(|error| errors.push(error)).ok();
    let proof = match raw.proof.as_deref().map(|name| (name, Proof::from_name(name))) {
        None => None,
        Some((_, Some(proof))) => Some(proof),
        Some((name, None)) => {
            let known: Vec<&str> = Proof::NAMES.iter().map(|(name, _)| *name).collect();
            errors.push(format!("there is no proof `{name}`; known are {}", known.join(", ")));
            None
        }
    };
    let Some(matcher) = matcher.filter(|_| errors.is_empty()) else { return Err(errors) };
    let owned = |text: &str| Text::Owned(text.to_owned());
    Ok(Rule {
        id: owned(&raw.id),
        provider: owned(&file.provider),
        provider_name: owned(&file.name),
        title: owned(&raw.title),
        severity: severity(raw.severity),
        confidence: match raw.confidence {
            RawConfidence::Likely => Confidence::Likely,
            RawConfidence::Possible => Confidence::Possible,
        },
        sensitivity: match raw.sensitivity {
            RawSensitivity::Secret => Sensitivity::Secret,
            RawSensitivity::Identifier => Sensitivity::Identifier,
            RawSensitivity::Publishable => Sensitivity::Publishable,
        },
        description: owned(&raw.description),
        fix: owned(&raw.fix),
        docs: owned(if raw.docs.is_empty() { &file.homepage } else { &raw.docs }),
        evidence: owned(raw.evidence.name()),
        matcher,
        entropy: raw.entropy.unwrap_or(0.0),
        proof,
        partners: raw.parts.iter().map(partner).collect(),
    })
}

fn partner(raw: &RawPart) -> Partner {
    Partner {
        role: match raw.role {
            RawRole::Id => Role::Id,
            RawRole::Account => Role::Account,
            RawRole::User => Role::User,
            RawRole::Host => Role::Host,
            RawRole::Database => Role::Database,
            RawRole::SessionToken => Role::SessionToken,
        },
        rules: raw.rules.iter().map(|id| Text::Owned(id.clone())).collect(),
        names: raw.names.iter().map(|name| Text::Owned(squeezed(name))).collect(),
        distance: raw.distance.unwrap_or(PART_DISTANCE),
    }
}

fn severity(raw: RawSeverity) -> Severity {
    match raw {
        RawSeverity::Critical => Severity::Critical,
        RawSeverity::High => Severity::High,
        RawSeverity::Medium => Severity::Medium,
        RawSeverity::Low => Severity::Low,
    }
}

fn check_texts(file: &RawFile, raw: &RawRule, errors: &mut Vec<String>) {
    let form = raw.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !form || !raw.id.starts_with(&format!("{}-", file.provider)) {
        errors.push(format!("an id is `{}-<kind>` in lower case, digits and dashes", file.provider));
    }
    for (key, value) in [("title", &raw.title), ("description", &raw.description), ("fix", &raw.fix)] {
        if value.trim().is_empty() {
            errors.push(format!("`{key}` is empty; say it for the person who reads the finding"));
        }
    }
    if raw.parts.iter().any(|part| part.rules.is_empty() == part.names.is_empty()) {
        errors.push("a part is told either by `rules` or by `names`; give one of them".to_owned());
    }
    if raw.matches.is_empty() {
        errors.push("has no `match` example; add a text that must be found, spliced (docs/rules.md)".to_owned());
    }
    if raw.no_match.is_empty() {
        errors.push("has no `no_match` example; add a text that must not be found, and the stage in `by`".to_owned());
    }
}

fn matcher(raw: &RawRule) -> Result<Matcher, String> {
    let needs = |given: bool, key: &str| {
        if given { Ok(()) } else { Err(format!("a rule of this kind needs `{key}`")) }
    };
    match raw.kind {
        RawKind::Pattern => {
            needs(!raw.pattern.is_empty(), "pattern")?;
            super::set::check_pattern(&raw.pattern)
                .map_err(|error| format!("the pattern does not compile: {error}"))?;
            let probes = derive::probes(&raw.pattern)?
                .into_iter()
                .map(|derive::Probe { literal, back, via, next }| Probe {
                    literal: Cow::Owned(literal),
                    back,
                    via,
                    next,
                })
                .collect();
            Ok(Matcher::Pattern { pattern: Cow::Owned(raw.pattern.clone()), probes: Cow::Owned(probes) })
        }
        RawKind::Context => {
            needs(!raw.pattern.is_empty(), "pattern")?;
            let words = words(raw)?;
            super::set::check_pattern(&raw.pattern)
                .map_err(|error| format!("the pattern does not compile: {error}"))?;
            Ok(Matcher::Context {
                pattern: Cow::Owned(raw.pattern.clone()),
                words: Cow::Owned(words),
                distance: raw.distance.unwrap_or(DEFAULT_DISTANCE),
            })
        }
        RawKind::Assignment => {
            needs(!raw.names.is_empty(), "names")?;
            let names: Vec<Text> = raw.names.iter().map(|name| Cow::Owned(name.to_lowercase())).collect();
            Ok(Matcher::Assignment { names: Cow::Owned(names) })
        }
        RawKind::Named => Ok(Matcher::Named { words: Cow::Owned(words(raw)?) }),
    }
}

/// The words of a rule, as they are compared.
fn words(raw: &RawRule) -> Result<Vec<Text>, String> {
    if raw.words.is_empty() {
        return Err("a rule of this kind needs `words`".to_owned());
    }
    let words: Vec<Text> = raw.words.iter().map(|word| Cow::Owned(squeezed(word))).collect();
    match words.iter().find(|word| word.len() < 3) {
        Some(short) => {
            Err(format!("the word `{short}` is too short to be told from other text; use three or more characters"))
        }
        None => Ok(words),
    }
}
