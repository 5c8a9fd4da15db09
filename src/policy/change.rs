//! What a change of the policy would hide: the gate belongs to the base, so a request that brings its own suppression is
//! told what it does.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Policy;
use super::verdict::Outcome;
use crate::judge::{Excerpt, Finding, Position, Secret};
use crate::rule::{Confidence, Matcher, Rule, Sensitivity, Severity};
use crate::source::{FilePath, Origin, Span};

/// Findings named in one change; more are counted.
const NAMED: usize = 5;

/// The rule of a change that hides findings.
static RULE: Rule = Rule {
    id: Cow::Borrowed("credlint-policy-change"),
    provider: Cow::Borrowed("credlint"),
    provider_name: Cow::Borrowed("credlint"),
    title: Cow::Borrowed("Change of the policy that hides findings"),
    severity: Severity::High,
    confidence: Confidence::Certain,
    sensitivity: Sensitivity::Secret,
    description: Cow::Borrowed(
        "The policy is read from the base. What is changed in it here would hide findings once it is merged.",
    ),
    fix: Cow::Borrowed(
        "Take the secret out instead, or have the change of the policy reviewed and merged on its own first.",
    ),
    docs: Cow::Borrowed(""),
    evidence: Cow::Borrowed(""),
    matcher: Matcher::Assignment { names: Cow::Borrowed(&[]) },
    entropy: 0.0,
    proof: None,
    partners: Cow::Borrowed(&[]),
};

/// A place in a file of the policy.
type Place = (String, u64);

/// The findings that are hidden by what `head` says and `base` does not, as findings of their own: one for each line of the
/// policy's files that hides any. `open` gives a file of the policy as it is at the head.
pub fn changes(
    base: &Policy,
    head: &Policy,
    found: &[Finding],
    open: impl Fn(&str) -> Option<Vec<u8>>,
) -> Vec<Finding> {
    let mut hidden: BTreeMap<Place, Vec<String>> = BTreeMap::new();
    for finding in found {
        let before = base.verdict(finding.clone(), 0).outcome;
        if before.is_hidden() {
            continue;
        }
        if let Some(place) = place_of(head, finding, before) {
            let name = format!("{} in {}:{}", finding.rule.id, finding.origin.shown(), finding.start.line);
            hidden.entry(place).or_default().push(name);
        }
    }
    hidden.into_iter().map(|((file, line), names)| change(&file, line, &names, open(&file).as_deref())).collect()
}

/// What at the head hides a finding that is not hidden at the base.
fn place_of(head: &Policy, finding: &Finding, before: Outcome) -> Option<Place> {
    let path = head.tree.path(&finding.origin);
    if let Some(config) = &head.config
        && let Some(pattern) = config.excluded(&path)
    {
        return Some((config.file.to_string(), pattern.place.0 as u64));
    }
    let after = head.verdict(finding.clone(), 0);
    if let Some(by) = &after.suppression {
        // A comment stands in the code, where the reviewer sees it; whether comments hold is the base's word.
        return by.file.as_ref().map(|file| (file.to_string(), by.line));
    }
    let lowered = before == Outcome::Blocks && after.outcome != Outcome::Blocks;
    let config = head.config.as_ref().filter(|_| lowered)?;
    let line = config.overrides(&finding.rule.id, &path).next().map_or(1, |entry| entry.place.0 as u64);
    Some((config.file.to_string(), line))
}

fn change(file: &str, line: u64, names: &[String], text: Option<&[u8]>) -> Finding {
    let count = names.len();
    let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
    let what = if count == 1 { "finding" } else { "findings" };
    let list = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let (start, length) = line_in(text.unwrap_or_default(), line);
    let position = |column: u64| Position { line: line.max(1), column, utf16: column };
    Finding {
        rule: &RULE,
        origin: Origin::File(std::sync::Arc::new(FilePath { path: file.into(), shown: file.to_owned() })),
        span: Span { start, end: start + length.max(1) },
        // Not a value: it stands in no text, so nothing is redacted for it.
        secret: Secret::new(format!("\0{file}:{line}\0").as_bytes()),
        confidence: Confidence::Certain,
        reasons: vec![format!("would hide {count} {what}: {list}{more}")],
        facts: Vec::new(),
        parts: Vec::new(),
        chain: Vec::new(),
        meaning: None,
        written: None,
        name: None,
        start: position(1),
        end: position(length.max(1) + 1),
        excerpt: Excerpt::default(),
        allowed: None,
        line_hash: None,
    }
}

/// Offset and length of a line.
fn line_in(text: &[u8], line: u64) -> (u64, u64) {
    let mut start = 0;
    for (number, part) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        if number == line.max(1) {
            return (start, part.len() as u64);
        }
        start += part.len() as u64 + 1;
    }
    (0, 1)
}
