//! One credential, one finding: which of several hits at a place stands.

use std::collections::BTreeMap;

use super::derived;
use super::examine::Hit;
use crate::judge::{Drop, Finding, Stage};
use crate::rule::{Confidence, Matcher, RuleId, RuleSet, Sensitivity};
use crate::source::Span;

/// One credential, one finding: where hits overlap the most telling stays, the others become overlaps.
pub(super) fn settle(set: &RuleSet, hits: &mut [Hit]) {
    hits.sort_by_key(|hit| (hit.stream(), hit.at(), hit.rule, hit.derived, hit.changed));
    for text in hits.chunk_by_mut(|a, b| a.stream() == b.stream()) {
        settle_text(set, text);
    }
    // A guess about a compressed text as a whole is nothing beside what is in it.
    let (plain, packed) = hits.split_at_mut(hits.partition_point(|hit| hit.within.is_none()));
    let mut streams: Vec<Span> = packed.iter().filter(|hit| hit.result.is_ok()).map(|hit| hit.span).collect();
    streams.dedup();
    for hit in plain.iter_mut().filter(|hit| {
        let rule = set.rule(hit.rule);
        hit.result.is_ok() && (rule.is_generic() || rule.is_named())
    }) {
        let before = streams.partition_point(|stream| stream.start < hit.span.end);
        if before.checked_sub(1).is_some_and(|at| streams[at].overlaps(hit.span)) {
            let reason = "what is found inside says more".to_owned();
            hit.result = Err(Drop { stage: Stage::Overlap, reason });
        }
    }
    hits.sort_by_key(|hit| hit.span);
}

/// The same for the hits of one text.
fn settle_text(set: &RuleSet, hits: &mut [Hit]) {
    derived::agree(hits);
    reject_decoded(set, hits);
    reject_known(set, hits);
    reject_farther(set, hits);
    reject_shared_prefix(set, hits);
    let mut order: Vec<usize> = (0..hits.len()).filter(|&index| hits[index].result.is_ok()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(standing(set, &hits[index])));
    // Kept findings do not overlap, so only the last one that begins before another's end can overlap it.
    let mut kept: BTreeMap<u64, usize> = BTreeMap::new();
    for index in order {
        let span = hits[index].at();
        let last = kept.range(..span.end).next_back().map(|(_, &winner)| winner);
        match last.filter(|&winner| hits[winner].at().overlaps(span)) {
            Some(winner) => merge(set, hits, winner, index),
            None => {
                kept.insert(span.start, index);
            }
        }
    }
}

/// What a pattern finds in the text as it stands, it need not find in a decoded form of it: the rule knows the encoding.
fn reject_decoded(set: &RuleSet, hits: &mut [Hit]) {
    let pattern = |hit: &Hit| hit.result.is_ok() && matches!(set.rule(hit.rule).matcher, Matcher::Pattern { .. });
    let (decoded, plain): (Vec<usize>, Vec<usize>) =
        (0..hits.len()).filter(|&index| pattern(&hits[index])).partition(|&index| hits[index].changed);
    let mut known: Vec<(RuleId, Span)> = plain.into_iter().map(|at| (hits[at].rule, hits[at].at())).collect();
    known.sort_unstable();
    for index in decoded {
        let (rule, span) = (hits[index].rule, hits[index].at());
        let before = known.partition_point(|&(other, place)| (other, place.start) < (rule, span.end));
        let near = before.checked_sub(1).and_then(|at| known.get(at));
        if near.is_some_and(|(other, place)| *other == rule && place.overlaps(span)) {
            hits[index].result = Err(Drop { stage: Stage::Overlap, reason: "it stands there as it is".to_owned() });
        }
    }
}

/// What a provider's rule knows and rejects, no general rule may report.
fn reject_known(set: &RuleSet, hits: &mut [Hit]) {
    // Sorted by start; the greatest end so far tells whether any of the earlier ones reaches a place.
    let mut known: Vec<(u64, u64, RuleId)> = Vec::new();
    for hit in hits.iter().filter(|hit| rejects_for_all(set, hit)) {
        let (end, by) = known.last().map_or((0, hit.rule), |&(_, end, by)| (end, by));
        let (end, by) = if hit.at().end > end { (hit.at().end, hit.rule) } else { (end, by) };
        known.push((hit.at().start, end, by));
    }
    for hit in hits.iter_mut().filter(|hit| hit.result.is_ok()) {
        let rule = set.rule(hit.rule);
        let general = rule.is_generic() || matches!(rule.matcher, Matcher::Context { .. } | Matcher::Named { .. });
        let before = known.partition_point(|&(start, _, _)| start < hit.at().end);
        let reached = before.checked_sub(1).and_then(|at| known.get(at)).filter(|(_, end, _)| *end > hit.at().start);
        if general && let Some((_, _, by)) = reached {
            let reason = format!("{} knows it and rejects it", set.rule(*by).id);
            hit.result = Err(Drop { stage: Stage::Overlap, reason });
        }
    }
}

pub(super) fn rejects_for_all(set: &RuleSet, hit: &Hit) -> bool {
    let rule = set.rule(hit.rule);
    let telling = !rule.is_generic() && matches!(rule.matcher, Matcher::Pattern { .. });
    telling
        && matches!(&hit.result, Err(drop) if matches!(drop.stage, Stage::Placeholder | Stage::Proof | Stage::Publishable))
}

/// A service named farther away says nothing where another one is named with the value itself.
fn reject_farther(set: &RuleSet, hits: &mut [Hit]) {
    let named: Vec<(Span, usize, RuleId)> = hits
        .iter()
        .filter(|hit| hit.result.is_ok() && set.rule(hit.rule).is_named())
        .map(|hit| (hit.at(), hit.distance, hit.rule))
        .collect();
    for (span, distance, by) in named {
        let provider = &set.rule(by).provider;
        let first = hits.partition_point(|hit| hit.at().start < span.start);
        for hit in hits[first..].iter_mut().take_while(|hit| hit.at().start == span.start) {
            let rule = set.rule(hit.rule);
            let farther = matches!(rule.matcher, Matcher::Context { .. }) && hit.distance > distance;
            if farther && hit.result.is_ok() && rule.provider != *provider {
                let reason = format!("{} is named nearer", set.rule(by).provider_name);
                hit.result = Err(Drop { stage: Stage::Overlap, reason });
            }
        }
    }
}

/// A prefix that several services share (`sk_live_`, `sk-`) says less than a service's own shape behind its name.
fn reject_shared_prefix(set: &RuleSet, hits: &mut [Hit]) {
    let known: Vec<(Span, RuleId)> = hits
        .iter()
        .filter(|hit| {
            let knows = |pattern: &str| pattern.starts_with(|first: char| first.is_ascii_alphanumeric());
            let shape = matches!(&set.rule(hit.rule).matcher, Matcher::Context { pattern, .. } if knows(pattern));
            shape && hit.distance <= NAME && hit.result.is_ok()
        })
        .map(|hit| (hit.at(), hit.rule))
        .collect();
    for (span, by) in known {
        let provider = &set.rule(by).provider;
        let first = hits.partition_point(|hit| hit.at() < span);
        for hit in hits[first..].iter_mut().take_while(|hit| hit.at() == span) {
            let rule = set.rule(hit.rule);
            let unproven = hit.result.as_ref().is_ok_and(|finding| finding.confidence < Confidence::Certain);
            if unproven && matches!(rule.matcher, Matcher::Pattern { .. }) && rule.provider != *provider {
                hit.result = Err(Drop { stage: Stage::Overlap, reason: format!("{} reports it", set.rule(by).id) });
            }
        }
    }
}

/// A word so near to its value stands in its name.
const NAME: usize = 24;

/// Greater is more telling: a provider's rule, a proof, a service rather than the form of what it issues, decoded rather than encoded (by its format first), a pattern, a longer secret, a nearer word.
fn standing(
    set: &RuleSet,
    hit: &Hit,
) -> (u8, Confidence, bool, u8, u8, bool, u64, std::cmp::Reverse<usize>, std::cmp::Reverse<RuleId>) {
    let rule = set.rule(hit.rule);
    let finding = hit.result.as_ref().ok();
    let identifier = rule.sensitivity == Sensitivity::Identifier;
    // A pattern that begins with its provider's prefix beats a word nearby, sure or not; a shape says more than a name,
    // but what is named a token is no identifier.
    let (rank, kind) = match rule.matcher {
        Matcher::Pattern { .. } => (4, 2),
        Matcher::Context { .. } => (if identifier { 2 } else { 4 }, 1),
        Matcher::Named { .. } => (if finding.is_some_and(is_named_secret) { 3 } else { 1 }, 0),
        Matcher::Assignment { .. } => (0, 0),
    };
    let rank = if rule.is_generic() { 0 } else { rank };
    let confidence = finding.map_or(Confidence::Possible, |finding| finding.confidence);
    let confidence = if rank > 0 && kind == 2 { Confidence::Certain } else { confidence };
    let length = hit.at().end - hit.at().start;
    (
        rank,
        confidence,
        !rule.is_form(),
        u8::from(hit.changed) + u8::from(hit.changed && hit.derived),
        kind,
        hit.given,
        length,
        std::cmp::Reverse(hit.distance),
        std::cmp::Reverse(hit.rule),
    )
}

/// `lookerToken`, `TWITTER_SECRET`, `asana_password`.
fn is_named_secret(finding: &Finding) -> bool {
    let name = finding.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    ["token", "secret", "password"].iter().any(|ending| name.ends_with(ending))
}

/// The loser of an overlap lends its confidence: a service's word and a telling name together say more than either.
fn merge(set: &RuleSet, hits: &mut [Hit], winner: usize, loser: usize) {
    let (name, reason) = (set.rule(hits[winner].rule).id.clone(), set.rule(hits[loser].rule).id.clone());
    let lent = hits[loser].result.as_mut().ok().map(|finding| {
        let parts = std::mem::take(&mut finding.parts);
        (finding.confidence, finding.name.clone(), finding.rule.is_generic() || finding.rule.is_named(), parts)
    });
    let given = hits[loser].given;
    hits[loser].result = Err(Drop { stage: Stage::Overlap, reason: format!("{name} reports it") });
    let (Some((confidence, named, generic, parts)), Ok(finding)) = (lent, &mut hits[winner].result) else { return };
    if finding.name.is_none() || given {
        finding.name = named;
    }
    if finding.parts.is_empty() {
        finding.parts = parts;
    }
    let lifts = given && finding.rule.sensitivity == Sensitivity::Secret
        || generic
            && finding.rule.sensitivity == Sensitivity::Secret
            && finding.rule.proof.is_none()
            && matches!(finding.rule.matcher, Matcher::Context { .. });
    if lifts && confidence > finding.confidence {
        finding.confidence = confidence;
        finding.reasons.insert(0, format!("{reason} finds it too"));
    }
}
