//! One credential, one finding: a secret's finding takes in those of its id, account or session token near it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::Outcome;
use crate::judge::{Finding, Part};
use crate::rule::{Confidence, Matcher, Partner, Role, Sensitivity, Text};

impl Outcome {
    /// Joins the parts of each credential into the finding of its secret. To be called once, on sorted findings, after those
    /// of rules that are not wanted are taken away: a part that is asked for alone stays a finding.
    pub fn join_parts(&mut self) {
        self.findings = joined(std::mem::take(&mut self.findings));
    }
}

/// Findings, sorted by origin and place, with the parts of each credential joined into the finding of its secret.
pub fn joined(mut findings: Vec<Finding>) -> Vec<Finding> {
    let ties = ties(&findings);
    let mut taken = vec![false; findings.len()];
    for tie in &ties {
        taken[tie.part] = true;
        let part = findings[tie.part].clone();
        take_in(&mut findings[tie.whole], tie.role, part);
    }
    for finding in &mut findings {
        finding.parts.sort_by_key(|part| (part.role, part.span));
    }
    findings.into_iter().zip(taken).filter(|(_, taken)| !taken).map(|(finding, _)| finding).collect()
}

/// A secret and a part of its credential, by their places among the findings.
struct Tie {
    whole: usize,
    part: usize,
    role: Role,
}

fn ties(findings: &[Finding]) -> Vec<Tie> {
    let mut out: Vec<Tie> = Vec::new();
    let mut wholes = HashSet::new();
    let mut parts: HashMap<usize, Vec<&Text>> = HashMap::new();
    let mut start = 0;
    for text in findings.chunk_by(|a, b| a.origin == b.origin) {
        let range = start..start + text.len();
        start = range.end;
        for whole in range.clone() {
            let rule = findings[whole].rule;
            for partner in rule.partners.iter().filter(|partner| !partner.rules.is_empty()) {
                let has = |part: &usize| parts.get(part).is_some_and(|rules| rules.contains(&&rule.id));
                let Some(part) = nearest(findings, range.clone(), whole, partner, has) else { continue };
                // What has parts is none, and the other way round: nothing may vanish in a circle.
                if !wholes.contains(&part) && !parts.contains_key(&whole) {
                    wholes.insert(whole);
                    parts.entry(part).or_default().push(&rule.id);
                    out.push(Tie { whole, part, role: partner.role });
                }
            }
        }
    }
    out
}

/// The partner of a secret: the one before it, or else the one behind, unless another secret of the rule stands between.
/// One that an earlier secret of the rule has is taken where there is no other.
fn nearest(
    findings: &[Finding],
    text: Range<usize>,
    whole: usize,
    partner: &Partner,
    has: impl Fn(&usize) -> bool,
) -> Option<usize> {
    let own = &findings[whole];
    let search = |order: &mut dyn Iterator<Item = usize>| {
        for index in order {
            let other = &findings[index];
            let gap = other.span.start.max(own.span.start).saturating_sub(other.span.end.min(own.span.end));
            if gap > u64::from(partner.distance) || other.rule.id == own.rule.id {
                return None;
            }
            if partner.rules.contains(&other.rule.id) && !other.span.overlaps(own.span) {
                return Some(index);
            }
        }
        None
    };
    let before = search(&mut (text.start..whole).rev());
    let behind = search(&mut (whole + 1..text.end));
    before.filter(|index| !has(index)).or(behind.filter(|index| !has(index))).or(before).or(behind)
}

/// The finding of a part becomes one of the whole's, and what is sure of it makes the whole surer.
fn take_in(whole: &mut Finding, role: Role, part: Finding) {
    let shaped = matches!(part.rule.matcher, Matcher::Pattern { .. });
    let lifted = match (whole.confidence, part.confidence) {
        (Confidence::Likely, Confidence::Certain) => Confidence::Certain,
        (Confidence::Possible, Confidence::Likely | Confidence::Certain) => Confidence::Likely,
        (Confidence::Possible, Confidence::Possible) if shaped => Confidence::Likely,
        (own, _) => own,
    };
    if lifted > whole.confidence {
        whole.confidence = lifted;
        whole.reasons.push(format!("its {} stands near it ({})", role.name(), part.rule.id));
    }
    // A rule knows better than a name.
    whole.parts.retain(|known| known.rule.is_some() || known.role != role && !known.span.overlaps(part.span));
    whole.parts.push(Part {
        role,
        rule: Some(part.rule),
        name: part.name,
        shown: part.rule.sensitivity == Sensitivity::Identifier,
        value: part.secret,
        written: part.written,
        span: part.span,
        start: part.start,
        end: part.end,
    });
}
