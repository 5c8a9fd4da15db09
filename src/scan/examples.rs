//! Runs the examples of rule files through the whole production path.

use std::sync::Arc;

use super::Scanner;
use crate::rule::load::{LoadedFile, RuleError};
use crate::rule::raw::{RawKind, RawRule, RawStage, joined};
use crate::rule::{Matcher, RuleId, Via};
use crate::source::Origin;

/// Tries every example of a file under the scanner's full rule set; returns how many were tried and what failed.
pub fn check(scanner: &Scanner, file: &LoadedFile) -> (usize, Vec<RuleError>) {
    let (mut tried, mut errors) = (0, Vec::new());
    for rule in &file.raw.rules {
        let mut fail = |message: String| {
            errors.push(RuleError {
                path: file.path.clone(),
                line: file.line_of(&rule.id),
                message: format!("rule {}: {message}", rule.id),
            });
        };
        for (index, example) in rule.matches.iter().enumerate() {
            tried += 1;
            if let Err(message) = matches(scanner, rule, &example.text(), example.secret().as_deref()) {
                fail(format!("match[{index}] {message}"));
            }
        }
        for (index, example) in rule.no_match.iter().enumerate() {
            tried += 1;
            if let Err(message) = rejects(scanner, rule, &joined(&example.text), example.by) {
                fail(format!("no_match[{index}] {message}"));
            }
        }
    }
    (tried, errors)
}

fn origin() -> Origin {
    Origin::Synthetic(Arc::from("example"))
}

/// Exactly one finding, of this rule, with this secret.
fn matches(scanner: &Scanner, rule: &RawRule, text: &str, secret: Option<&str>) -> Result<(), String> {
    let hits = scanner.hits(&origin(), text.as_bytes());
    // Publishable keys and the like are recognised by being rejected as such.
    if rule.sensitivity == crate::rule::raw::RawSensitivity::Publishable {
        let seen = hits.iter().any(|hit| scanner.set.rule(hit.rule).id == rule.id);
        let reported = hits.iter().any(|hit| hit.result.is_ok());
        return if seen && !reported {
            Ok(())
        } else {
            Err("is not recognised as publishable, or another rule reports it".to_owned())
        };
    }
    let found: Vec<_> = hits.iter().filter_map(|hit| hit.result.as_ref().ok()).collect();
    match found.as_slice() {
        [] => {
            let own = hits.iter().find(|hit| scanner.set.rule(hit.rule).id == rule.id);
            let why = own
                .and_then(|hit| hit.result.as_ref().err())
                .map_or_else(|| "the pattern matches nowhere in it".to_owned(), ToString::to_string);
            Err(format!("gives no finding: {why}"))
        }
        [one] if one.rule.id != rule.id => Err(format!("is claimed by {}", one.rule.id)),
        [one] => match secret {
            Some(secret) if one.secret.expose() != secret.as_bytes() => Err(format!(
                "finds another text than the stated secret ({} bytes, stated are {})",
                one.secret.len(),
                secret.len()
            )),
            _ => Ok(()),
        },
        many => {
            let ids: Vec<&str> = many.iter().map(|finding| finding.rule.id.as_ref()).collect();
            Err(format!("gives {} findings ({}); one is wanted", many.len(), ids.join(", ")))
        }
    }
}

/// No finding of this rule, rejected by the stage named.
fn rejects(scanner: &Scanner, rule: &RawRule, text: &str, by: RawStage) -> Result<(), String> {
    let hits = scanner.hits(&origin(), text.as_bytes());
    // What a named rule would have named, a general rule has dropped.
    let is_own = |id: RuleId| {
        let of = scanner.set.rule(id);
        of.id == rule.id || rule.kind == RawKind::Named && of.is_generic()
    };
    let own: Vec<_> = hits.iter().filter(|hit| is_own(hit.rule)).collect();
    if own
        .iter()
        .any(|hit| hit.result.is_ok() && (rule.kind != RawKind::Named || scanner.set.rule(hit.rule).id == rule.id))
    {
        return Err("is found".to_owned());
    }
    let stages: Vec<&'static str> =
        own.iter().filter_map(|hit| hit.result.as_ref().err()).map(|drop| drop.stage.name()).collect();
    let right = match by {
        // The word is missing, so the rule never came to look; or it looked and the surroundings said no.
        RawStage::Context => {
            own.is_empty() || own.iter().any(|hit| hit.result.as_ref().is_err_and(|drop| drop.stage.is(by)))
        }
        RawStage::Pattern => own.is_empty(),
        // Fill does not look random, so rules that are reached through random-looking runs never come to judge it.
        RawStage::Placeholder | RawStage::Entropy if own.is_empty() => needs_random_run(scanner, &rule.id),
        _ => own.iter().any(|hit| hit.result.as_ref().is_err_and(|drop| drop.stage.is(by))),
    };
    if right {
        Ok(())
    } else if stages.is_empty() {
        Err("is rejected by the pattern already".to_owned())
    } else {
        Err(format!("is rejected by {}", stages.join(", ")))
    }
}

fn needs_random_run(scanner: &Scanner, id: &str) -> bool {
    match scanner.set.by_name(id).map(|(_, rule)| &rule.matcher) {
        Some(Matcher::Context { .. }) => true,
        Some(Matcher::Pattern { probes, .. }) => probes.iter().any(|probe| probe.via == Via::Inner),
        _ => false,
    }
}
