//! Proof on each run that the engine sees: texts made from the loaded rules go through the same pipeline.
//!
//! Every run tries a handful that reach every part of the engine once. A longer one tries more rules besides, as many as take
//! a small part of its time: to try all of them takes a tenth of a second and 40 MB for their expressions.

use std::sync::Arc;

use super::Scanner;
use crate::rule::{Matcher, Rule, RuleId, Sensitivity, Via, sample};
use crate::source::Origin;

/// Rules tried on every run, per part of the engine.
const PER_PART: usize = 1;
/// A sample that fails its rule's own judgement (too little randomness by bad luck) is made anew this often.
const SEEDS: u64 = 8;

/// Tries the canary on a few rules of each part of the engine.
///
/// # Errors
/// The id of a rule whose sample was missed.
pub fn quick(scanner: &Scanner) -> Result<(), String> {
    let mut left = [PER_PART; 7];
    for (id, rule) in scanner.set.iter() {
        let part = part(rule);
        if left[part] > 0 && tried(scanner, id, rule)? {
            left[part] -= 1;
        }
    }
    Ok(())
}

/// Tries it on `most` rules, from one on that `turn` decides, so that runs of different trees try different ones; returns
/// how many of them a sample can be made for.
///
/// # Errors
/// The id of a rule whose sample was missed.
pub fn some(scanner: &Scanner, turn: u64, most: usize) -> Result<usize, String> {
    let length = scanner.set.len();
    let first = usize::try_from(turn % length.max(1) as u64).unwrap_or(0);
    let rules = scanner.set.iter().skip(first).chain(scanner.set.iter().take(first));
    let mut count = 0;
    for (id, rule) in rules.take(most) {
        count += usize::from(tried(scanner, id, rule)?);
    }
    Ok(count)
}

/// Tries it on every rule; returns for how many of them a sample can be made.
///
/// # Errors
/// The id of a rule whose sample was missed.
pub fn full(scanner: &Scanner) -> Result<usize, String> {
    some(scanner, 0, usize::MAX)
}

fn part(rule: &Rule) -> usize {
    match &rule.matcher {
        Matcher::Pattern { probes, .. } => match probes.first().map(|probe| probe.via) {
            Some(Via::Run) | None => 0,
            Some(Via::Url) => 1,
            Some(Via::Anchor) => 2,
            Some(Via::Inner) => 5,
        },
        Matcher::Context { .. } => 3,
        Matcher::Assignment { .. } => 4,
        Matcher::Named { .. } => 6,
    }
}

/// False when no sample can be made.
fn tried(scanner: &Scanner, id: RuleId, rule: &'static Rule) -> Result<bool, String> {
    if rule.sensitivity == Sensitivity::Publishable {
        return Ok(false);
    }
    // Such a rule names what this one finds.
    if rule.is_named() && scanner.set.by_name("generic-secret").is_none() {
        return Ok(false);
    }
    let origin = Origin::Synthetic(Arc::from("canary"));
    let mut made = false;
    for seed in 1..=SEEDS {
        let Some(text) = sample::sample(rule, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(id.0)) else {
            continue;
        };
        made = true;
        // Seen is what counts: found by the rule, or by a rule that claims the same text.
        let hits = scanner.hits(&origin, text.as_bytes());
        if hits.iter().any(|hit| hit.rule == id || hit.result.is_ok()) {
            return Ok(true);
        }
    }
    if made { Err(rule.id.to_string()) } else { Ok(false) }
}
