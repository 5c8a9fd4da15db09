//! The raw form against the rules of the run: what is meant, or what is wrong with it.

use std::path::{Component, Path};
use std::sync::Arc;

use jiff::civil::Date;
use regex_automata::meta::Regex;

use super::error::{ConfigError, suggestion};
use super::globs::{Globs, Pattern};
use super::parse::Parsed;
use super::places::Place;
use super::raw::{RawBlock, RawOverride, RawPattern, RawSeverity, RawSuppression, RawValue};
use super::regex::{Target, compile};
use super::{AllowedPattern, AllowedValue, Config, Entry, Override, Owner, RulePattern};
use crate::judge::identity::{Key, KeyedHash};
use crate::rule::{Confidence, RuleSet, Severity};
use crate::source::GapReason;

/// Everything wrong with a file, gathered while it is read.
pub(super) struct Check<'a> {
    parsed: &'a Parsed,
    set: &'a RuleSet,
    errors: Vec<ConfigError>,
}

pub(super) fn validate(parsed: &Parsed, set: &RuleSet) -> Result<Config, Vec<ConfigError>> {
    let raw = &parsed.raw;
    let mut check = Check { parsed, set, errors: Vec::new() };
    let config = Config {
        file: Arc::from(parsed.file.as_str()),
        salt: raw.salt.as_ref().and_then(|salt| check.salt(salt)),
        exclude: check.globs("paths.exclude", &raw.paths.exclude),
        include: check.globs("paths.include", &raw.paths.include),
        disable: check.rules("rules.disable", &raw.rules.disable),
        enable: check.rules("rules.enable", &raw.rules.enable),
        overrides: check.each(&raw.overrides, "overrides", |check, raw, path| Some(check.overriding(raw, path))),
        values: check.each(&raw.allow.values, "allow.values", Check::value),
        patterns: check.each(&raw.allow.patterns, "allow.patterns", Check::pattern),
        block: raw.block.map(confidence),
        min_severity: raw.min_severity.map(severity),
        max_file_bytes: raw.limits.max_file_bytes,
        owners: Vec::new(),
        vaults: raw.vault.approved.clone(),
        vault_docs: raw.vault.docs.clone(),
        comments: raw.inline_comments.allowed,
        comment_reasons: raw.inline_comments.require_reason,
        baseline: raw.baseline.as_ref().and_then(|path| check.inside("baseline", path)),
        suppressions: check.each(&raw.suppressions, "suppressions", Check::entry),
        block_unused: raw.block_unused,
        forgiven: check.forgiven(&raw.allow_incomplete),
        nhi: check.nhi(&raw.nhi),
    };
    let owners = check.owners();
    let config = Config { owners, ..config };
    check.whole(&config);
    let mut errors = check.errors;
    errors.sort_by_key(|error| (error.line, error.column));
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

pub(super) fn confidence(raw: RawBlock) -> Option<Confidence> {
    match raw {
        RawBlock::Certain => Some(Confidence::Certain),
        RawBlock::Likely => Some(Confidence::Likely),
        RawBlock::Possible => Some(Confidence::Possible),
        RawBlock::None => None,
    }
}

fn severity(raw: RawSeverity) -> Severity {
    match raw {
        RawSeverity::Low => Severity::Low,
        RawSeverity::Medium => Severity::Medium,
        RawSeverity::High => Severity::High,
        RawSeverity::Critical => Severity::Critical,
    }
}

impl Check<'_> {
    pub(super) fn at(&self, path: &str) -> Place {
        self.parsed.places.value_at(path)
    }

    pub(super) fn fail(&mut self, path: &str, message: impl Into<String>) {
        let error = self.parsed.error(self.at(path), message);
        self.errors.push(error);
    }

    /// Every entry of a list with its path.
    pub(super) fn each<R, T>(
        &mut self,
        list: &[R],
        name: &str,
        read: impl Fn(&mut Self, &R, &str) -> Option<T>,
    ) -> Vec<T> {
        let entries = list.iter().enumerate();
        entries.filter_map(|(index, raw)| read(self, raw, &format!("{name}[{index}]"))).collect()
    }

    fn salt(&mut self, salt: &str) -> Option<Key> {
        let key = Key::from_salt(salt);
        if key.is_none() {
            self.fail("salt", "is no salt: four groups of eight hex digits, parted by dots; take the line away and `credlint suppress` makes one");
        }
        key
    }

    pub(super) fn globs(&mut self, name: &str, list: &[String]) -> Globs {
        let patterns = self.each(&list.iter().collect::<Vec<_>>(), name, |check, text, path| check.glob(text, path));
        Globs::new(patterns)
    }

    fn glob(&mut self, text: &str, path: &str) -> Option<Pattern> {
        Pattern::new(text, self.at(path)).map_err(|message| self.fail(path, message)).ok()
    }

    fn rules(&mut self, name: &str, list: &[String]) -> Vec<RulePattern> {
        self.each(&list.iter().collect::<Vec<_>>(), name, |check, text, path| check.rule(text, path))
    }

    fn rule(&mut self, text: &str, path: &str) -> Option<RulePattern> {
        let pattern = RulePattern { text: text.to_owned(), place: self.at(path) };
        if text.chars().all(|c| c == '*') && !text.is_empty() {
            self.fail(path, format!("`{text}` names every rule; name those that are meant"));
            return None;
        }
        if self.set.iter().any(|(_, rule)| pattern.is_match(&rule.id)) {
            return Some(pattern);
        }
        let ids: Vec<&str> = self.set.iter().map(|(_, rule)| rule.id.as_ref()).collect();
        let near = suggestion(text, ids);
        self.fail(path, format!("there is no rule `{text}`{near} (`credlint rules list` shows all)"));
        None
    }

    fn overriding(&mut self, raw: &RawOverride, path: &str) -> Override {
        if raw.paths.is_empty() && raw.rules.is_empty() {
            self.fail(path, "an override needs `paths` or `rules`; what holds for all is set at the top of the file");
        }
        if raw.block.is_none() && raw.min_severity.is_none() && raw.disable.is_empty() {
            self.fail(path, "an override without `block`, `min-severity` or `disable` changes nothing");
        }
        Override {
            place: self.at(path),
            paths: self.globs(&format!("{path}.paths"), &raw.paths),
            rules: self.rules(&format!("{path}.rules"), &raw.rules),
            block: raw.block.map(confidence),
            min_severity: raw.min_severity.map(severity),
            disable: self.rules(&format!("{path}.disable"), &raw.disable),
        }
    }

    fn value(&mut self, raw: &RawValue, path: &str) -> Option<AllowedValue> {
        self.reason(&raw.reason, path);
        let hash = self.hash(&raw.value, &format!("{path}.value"))?;
        Some(AllowedValue { place: self.at(path), hash, reason: raw.reason.clone() })
    }

    fn hash(&mut self, text: &str, path: &str) -> Option<KeyedHash> {
        text.parse().map_err(|message: String| self.fail(path, message)).ok()
    }

    fn reason(&mut self, reason: &str, path: &str) {
        if reason.trim().is_empty() {
            self.fail(path, "has no `reason`; say why for whoever reads it in a year");
        }
    }

    fn pattern(&mut self, raw: &RawPattern, path: &str) -> Option<AllowedPattern> {
        self.reason(&raw.reason, path);
        let lists = [&raw.paths, &raw.path_regex, &raw.secret_regex, &raw.line_regex, &raw.words];
        if lists.iter().all(|list| list.is_empty()) {
            let message =
                "would allow every finding; state `paths`, `path-regex`, `secret-regex`, `line-regex` or `words`";
            self.fail(path, message);
            return None;
        }
        for (index, word) in raw.words.iter().enumerate() {
            if word.trim().len() < 3 {
                let message = format!("the word `{word}` stands in too many values; use three or more characters");
                self.fail(&format!("{path}.words[{index}]"), message);
            }
        }
        Some(AllowedPattern {
            place: self.at(path),
            reason: raw.reason.clone(),
            rules: self.rules(&format!("{path}.rules"), &raw.rules),
            paths: self.globs(&format!("{path}.paths"), &raw.paths),
            path_regex: self.regexes(&raw.path_regex, &format!("{path}.path-regex"), Target::Path),
            secret_regex: self.regexes(&raw.secret_regex, &format!("{path}.secret-regex"), Target::Value),
            line_regex: self.regexes(&raw.line_regex, &format!("{path}.line-regex"), Target::Value),
            words: raw.words.iter().map(|word| word.to_lowercase()).collect(),
        })
    }

    fn regexes(&mut self, list: &[String], name: &str, target: Target) -> Vec<Regex> {
        let texts: Vec<&String> = list.iter().collect();
        self.each(&texts, name, |check, text, path| {
            compile(text, target).map_err(|message| check.fail(path, message)).ok()
        })
    }

    fn entry(&mut self, raw: &RawSuppression, path: &str) -> Option<Entry> {
        self.reason(&raw.reason, path);
        if raw.value.is_none() && raw.path.is_none() {
            self.fail(path, "a suppression needs `value` or `path`; `credlint suppress FILE:LINE` writes one");
        }
        if raw.value.is_none() && raw.rule.is_none() {
            self.fail(
                path,
                "a suppression of a whole path needs a `rule`: without one it hides every secret put there",
            );
        }
        let until = raw.until.parse::<Date>();
        if until.is_err() {
            let message = format!("`{}` is no day; write YYYY-MM-DD", raw.until);
            self.fail(&format!("{path}.until"), message);
        }
        Some(Entry {
            place: self.at(path),
            rule: raw.rule.as_ref().and_then(|rule| self.rule(rule, &format!("{path}.rule"))),
            hash: raw.value.as_ref().and_then(|value| self.hash(value, &format!("{path}.value"))),
            path: raw.path.as_ref().and_then(|text| self.glob(text, &format!("{path}.path"))),
            reason: raw.reason.clone(),
            owner: raw.owner.clone(),
            ticket: raw.ticket.clone(),
            until: until.ok()?,
        })
    }

    fn owners(&mut self) -> Vec<Owner> {
        let parsed = self.parsed;
        self.each(&parsed.raw.owners, "owners", |check, raw, path| {
            if raw.owner.trim().is_empty() || raw.paths.is_empty() {
                check.fail(path, "needs an `owner` and `paths`");
            }
            Some(Owner { paths: check.globs(&format!("{path}.paths"), &raw.paths), owner: raw.owner.clone() })
        })
    }

    /// A path that stays in the folder of the file.
    fn inside(&mut self, name: &str, path: &str) -> Option<(String, Place)> {
        if let Some(message) = leads_out(path) {
            self.fail(name, message);
            return None;
        }
        Some((path.to_owned(), self.at(name)))
    }

    fn forgiven(&mut self, list: &[String]) -> Vec<GapReason> {
        let texts: Vec<&String> = list.iter().collect();
        self.each(&texts, "allow-incomplete", |check, text, path| {
            let found = GapReason::from_name(text);
            if found.is_none() {
                let near = suggestion(text, GapReason::ALL.iter().map(|reason| reason.name()));
                check.fail(path, format!("there is no reason `{text}` of a gap{near} (docs/exit-codes.md lists them)"));
            }
            found
        })
    }

    /// What only the whole file shows.
    fn whole(&mut self, config: &Config) {
        if config.exclude.matches_everything() && config.include.is_empty() {
            self.fail("paths.exclude", "the patterns together leave no path to scan");
        }
        if !config.include.is_empty() && config.exclude.is_empty() {
            self.fail(
                "paths.include",
                "takes back what `exclude` names, and that names nothing; everything is scanned without it",
            );
        }
        for pattern in &config.enable {
            let needed = self
                .set
                .iter()
                .any(|(_, rule)| pattern.is_match(&rule.id) && super::matching(&config.disable, &rule.id).is_some());
            if !needed {
                let message = format!("`{}` is on already: no entry of `disable` names it", pattern.text);
                let error = self.parsed.error(pattern.place, message);
                self.errors.push(error);
            }
        }
        if self.set.iter().all(|(_, rule)| config.disabled(rule).is_some()) {
            self.fail("rules.disable", "no rule is left to scan with");
        }
        if config.max_file_bytes == Some(0) {
            self.fail("limits.max-file-bytes", "leaves nothing to scan");
        }
    }
}

/// Why a path of a policy file is refused: it may name files of its own repository only.
pub fn leads_out(path: &str) -> Option<&'static str> {
    if path.trim().is_empty() {
        return Some("is empty; name a file");
    }
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside { None } else { Some("leads out of the folder of credlint.yaml; name a file inside") }
}
