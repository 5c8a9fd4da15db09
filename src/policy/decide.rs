//! What becomes of one finding. The nearest wish counts: the rule's switch, the code's comment, an entry for the value, an
//! allowed form, the baseline, and only then what blocks.

use std::sync::Arc;

use super::verdict::{By, Outcome, Suppression, Verdict};
use super::{Policy, baseline};
use crate::config::{AllowedPattern, Config, Entry, Place, matching};
use crate::judge::Finding;
use crate::judge::identity::{Key, KeyedHash};
use crate::source::git::State;

impl Policy {
    pub(super) fn verdict(&self, finding: Finding, group: usize) -> Verdict {
        let mut verdict = Verdict::plain(finding, Outcome::Reported, group);
        let known = self.config.is_some() || self.baseline.is_some();
        let path = if known { self.tree.path(&verdict.finding.origin) } else { String::new() };
        if let Some(config) = &self.config {
            verdict.owner = config.owner(&path).map(str::to_owned);
        }
        if let Some(suppression) = self.suppression(&mut verdict, &path) {
            let baselined = suppression.by == By::Baseline;
            verdict.outcome = if baselined { Outcome::Baselined } else { Outcome::Suppressed };
            verdict.suppression = Some(suppression);
            return verdict;
        }
        // A promise that was not kept blocks, however sure the finding is.
        let expired = self.expired_entry(&verdict.finding, &path).is_some();
        if expired || self.blocks(&verdict.finding, &path) {
            verdict.outcome = Outcome::Blocks;
        }
        verdict
    }

    fn suppression(&self, verdict: &mut Verdict, path: &str) -> Option<Suppression> {
        let finding = &verdict.finding;
        let config = self.config.as_deref();
        if let Some(off) = config.and_then(|config| rule_off(config, finding, path)) {
            return Some(off);
        }
        if let Some(out) = config.and_then(|config| excluded(config, finding, path)) {
            return Some(out);
        }
        match comment(config, finding) {
            Some(Ok(suppression)) => return Some(suppression),
            Some(Err(note)) => verdict.note = Some(note),
            None => {}
        }
        if let Some(config) = config {
            let (keys, ours) = (self.keys(config), |entry: &&Entry| entry.until >= self.today);
            let fits = |entry: &&Entry| Self::fits(entry, finding, path, &keys);
            if let Some(entry) = config.suppressions.iter().filter(ours).find(fits) {
                return Some(entry_suppression(config, entry));
            }
            if let Some(found) = allowed(config, finding, path, &keys) {
                return Some(found);
            }
        }
        if let Some(entry) = self.expired_entry(finding, path)
            && let Some(config) = config
        {
            let owner = entry.owner.as_ref().map_or_else(String::new, |owner| format!(", owner {owner}"));
            let file = &config.file;
            verdict.note = Some(format!("its suppression ended on {} ({file}:{}{owner})", entry.until, entry.place.0));
            return None;
        }
        let baseline = self.baseline.as_ref()?;
        let line = baseline.line_of(&verdict.finding, path, self.key.as_ref())?;
        Some(Suppression {
            by: By::Baseline,
            reason: Some("known when credlint was adopted".to_owned()),
            owner: verdict.owner.clone(),
            ticket: None,
            until: None,
            file: Some(Arc::clone(&baseline.file)),
            line: line as u64,
        })
    }

    /// The keys that hashes of the configuration may be made with.
    pub(super) fn keys<'a>(&'a self, config: &'a Config) -> Vec<&'a Key> {
        config.salt.iter().chain(&self.key).collect()
    }

    pub(super) fn fits(entry: &Entry, finding: &Finding, path: &str, keys: &[&Key]) -> bool {
        entry.rule.as_ref().is_none_or(|rule| rule.is_match(&finding.rule.id))
            && entry.path.as_ref().is_none_or(|pattern| pattern.is_match(path))
            && entry.hash.is_none_or(|hash| is_value(hash, finding, keys))
    }

    fn expired_entry(&self, finding: &Finding, path: &str) -> Option<&Entry> {
        let config = self.config.as_deref()?;
        let keys = self.keys(config);
        let over = |entry: &&Entry| entry.until < self.today && Self::fits(entry, finding, path, &keys);
        config.suppressions.iter().find(over)
    }

    /// Confidence and severity reach the bounds that hold there.
    fn blocks(&self, finding: &Finding, path: &str) -> bool {
        match finding.origin.history().map(|history| history.state) {
            // The base holds it: whoever changes something else cannot act on it.
            Some(State::Inherited) => return false,
            Some(State::HistoryOnly | State::Unreachable) if self.forgive_history => return false,
            _ => {}
        }
        let (mut block, mut severity) = (self.block, self.min_severity);
        if let Some(config) = &self.config {
            let rule = finding.rule.id.as_ref();
            if let Some(set) = config.overrides(rule, path).find_map(|entry| entry.block).filter(|_| !self.fixed.block)
            {
                block = set;
            }
            let set = config.overrides(rule, path).find_map(|entry| entry.min_severity);
            if let Some(set) = set.filter(|_| !self.fixed.min_severity) {
                severity = set;
            }
        }
        block.is_some_and(|least| finding.confidence >= least) && finding.rule.severity >= severity
    }

    /// The line a finding would have in a baseline.
    pub fn baseline_line(&self, key: &Key, finding: &Finding) -> baseline::Line {
        baseline::Line::of(key, finding, &self.tree.path(&finding.origin))
    }
}

fn placed(config: &Config, by: By, place: Place, reason: Option<String>) -> Suppression {
    let (file, line) = (Some(Arc::clone(&config.file)), place.0 as u64);
    Suppression { by, reason, owner: None, ticket: None, until: None, file, line }
}

fn rule_off(config: &Config, finding: &Finding, path: &str) -> Option<Suppression> {
    let id = finding.rule.id.as_ref();
    let everywhere = config.disabled(finding.rule);
    let there = || config.overrides(id, path).find_map(|entry| matching(&entry.disable, id));
    let by = everywhere.or_else(there)?;
    let reason = if everywhere.is_some() { "the rule is off" } else { "the rule is off for this path" };
    Some(placed(config, By::Rule, by.place, Some(reason.to_owned())))
}

/// Every path that the object stood at is left out.
fn excluded(config: &Config, finding: &Finding, path: &str) -> Option<Suppression> {
    // Of a member, the archive's path decides, as it does in a tree.
    let path = finding.origin.member().map_or(path, |_| finding.origin.outermost().shown());
    finding.origin.object()?;
    let by = config.excluded(path)?;
    let others = finding.origin.history().map(|history| &*history.paths).unwrap_or_default();
    let all = others.iter().all(|path| config.excluded(path).is_some());
    all.then(|| placed(config, By::Excluded, by.place, Some("the path is left out".to_owned())))
}

/// The comment that allows a finding, or why it does not.
fn comment(config: Option<&Config>, finding: &Finding) -> Option<Result<Suppression, String>> {
    let allowed = finding.allowed.as_ref()?;
    let refused = |why: &str| {
        let file = config.map_or("", |config| &config.file);
        Some(Err(format!("the {} comment on line {} does not hold: {why} ({file})", allowed.tool, allowed.line)))
    };
    if config.is_some_and(|config| !config.comments) {
        return refused("comments may allow nothing here");
    }
    if config.is_some_and(|config| config.comment_reasons) && allowed.reason.is_none() {
        return refused("it gives no reason");
    }
    Some(Ok(Suppression {
        by: By::Comment(allowed.tool),
        reason: allowed.reason.clone(),
        owner: None,
        ticket: None,
        until: None,
        file: None,
        line: allowed.line,
    }))
}

fn entry_suppression(config: &Config, entry: &Entry) -> Suppression {
    Suppression {
        owner: entry.owner.clone(),
        ticket: entry.ticket.clone(),
        until: Some(entry.until),
        ..placed(config, By::Entry, entry.place, Some(entry.reason.clone()))
    }
}

fn is_value(hash: KeyedHash, finding: &Finding, keys: &[&Key]) -> bool {
    keys.iter().any(|key| hash.is_of(key) && key.value(&finding.secret) == hash)
}

fn allowed(config: &Config, finding: &Finding, path: &str, keys: &[&Key]) -> Option<Suppression> {
    if let Some(value) = config.values.iter().find(|value| is_value(value.hash, finding, keys)) {
        return Some(placed(config, By::Allow, value.place, Some(value.reason.clone())));
    }
    let pattern = config.patterns.iter().find(|pattern| fits_pattern(pattern, finding, path))?;
    Some(placed(config, By::Allow, pattern.place, Some(pattern.reason.clone())))
}

fn fits_pattern(pattern: &AllowedPattern, finding: &Finding, path: &str) -> bool {
    let value = finding.secret.expose();
    let line = &finding.excerpt.text;
    let any = |list: &[regex_automata::meta::Regex], text: &[u8]| {
        list.is_empty() || list.iter().any(|regex| regex.is_match(text))
    };
    let has_word = || {
        let text = String::from_utf8_lossy(value).to_lowercase();
        pattern.words.iter().any(|word| text.contains(word.as_str()))
    };
    (pattern.rules.is_empty() || matching(&pattern.rules, &finding.rule.id).is_some())
        && (pattern.paths.is_empty() || pattern.paths.matched(path).is_some())
        && any(&pattern.path_regex, path.as_bytes())
        && any(&pattern.secret_regex, value)
        && any(&pattern.line_regex, line)
        && (pattern.words.is_empty() || has_word())
}
