//! Texts derived from a view: the entries its format's reader lays out, and what is decoded inside it.

use std::borrow::Cow;
use std::ops::Range;

use super::Scanner;
use super::examine::{Blob, Hit, Place, hit};
use crate::decode::View;
use crate::detect::{Counts, Names, Scratch};
use crate::format::{FileKind, Says, Structure};
use crate::judge::{Drop, EXPRESSION, Stage, Text};
use crate::rule::{Matcher, RuleSet};

/// Takes the structure of the text at a place in: adds the hits among its entries, rejects those that hold no secret by the
/// format's own rules, and says what their places mean.
#[expect(clippy::too_many_arguments, reason = "one call a file; a struct would only name them twice")]
pub(super) fn structure(
    scanner: &Scanner,
    blob: &Blob<'_>,
    place: Place<'_>,
    (step, read): (&'static str, Structure),
    scratch: &mut Scratch,
    counts: &mut Counts,
    hits: &mut Vec<Hit>,
) {
    let (set, engine) = (&scanner.set, &scanner.engine);
    let view = place.text.view;
    if read.entries.is_empty() && read.notes.is_empty() {
        return;
    }
    let deployed = read.deployed;
    let (flat, entries, notes) = read.finish(step);
    let over = flat.view(view);
    let layers = [place.layers, &[&flat]].concat();
    // Entries are settings, except where the whole file is something else.
    let kind = match blob.kind {
        FileKind::Translation | FileKind::Digest => blob.kind,
        _ => FileKind::Config,
    };
    let text = Text { view: &over, kind, deployed: blob.deployed || deployed };
    let place = Place { text, layers: &layers, flat: true, ..place };
    engine.candidates(set, &over, kind, Names::Known, scratch, counts, &mut |candidate| {
        hits.push(hit(set, blob, place, &candidate));
    });
    engine.named(&over, &entries, scratch, &mut |candidate| hits.push(hit(set, blob, place, &candidate)));
    // The hits stay where they are: who decoded the text knows them by their place in the list.
    let mut order: Vec<(u64, usize)> = hits.iter().map(|hit| hit.span.start).zip(0..).collect();
    order.sort_unstable();
    for (place, says) in notes.iter() {
        apply(set, view, (place, &says), hits, &order);
    }
}

/// `order`: where the hits begin and which they are, ascending.
fn apply(
    set: &RuleSet,
    view: &View<'_>,
    (place, says): (&Range<usize>, &Says<'_>),
    hits: &mut [Hit],
    order: &[(u64, usize)],
) {
    if place.is_empty() {
        return;
    }
    let place = view.to_blob(place);
    let first = order.partition_point(|&(start, _)| start < place.start);
    let inside = order[first..].iter().take_while(|&&(start, _)| start < place.end);
    for &(_, index) in inside {
        let hit = &mut hits[index];
        if !place.contains(hit.span) {
            continue;
        }
        let rule = set.rule(hit.rule);
        // A provider's token is one wherever it stands.
        let general = rule.is_generic() || !matches!(rule.matcher, Matcher::Pattern { .. });
        match (says, &mut hit.result) {
            (Says::NoSecret(why), Ok(_)) if general => {
                hit.result = Err(Drop { stage: Stage::Reference, reason: why.clone().into_owned() });
            }
            (Says::Encoded(_), _) if general && !hit.derived && !hit.changed => {
                // The text has no say in what it decodes to.
                hit.named = false;
                let reason = "encoded text: what it decodes to is judged".to_owned();
                hit.result = Err(Drop { stage: Stage::Overlap, reason });
            }
            (Says::Encoded(step), Ok(finding)) if hit.derived && !finding.chain.iter().any(|have| have == step) => {
                finding.chain.push(Cow::Borrowed(step));
            }
            (Says::Means(what), Ok(finding)) => finding.meaning = Some((*what).to_owned()),
            _ => {}
        }
    }
}

/// Where text and structure both see a named value: the same value is judged by the text, which has the comments and
/// lines around it; of different values the one that the format delimits stands. `hits` are sorted by place.
pub(super) fn agree(hits: &mut [Hit]) {
    if hits.iter().all(|hit| !hit.derived) {
        return;
    }
    let named: Vec<usize> = (0..hits.len()).filter(|&index| hits[index].named).collect();
    let mut rejected: Vec<(usize, &'static str)> = Vec::new();
    for (position, &one) in named.iter().enumerate() {
        // Sorted by start: what overlaps `one` begins before its end.
        for &other in named[position + 1..].iter().take_while(|&&other| hits[other].at().start < hits[one].at().end) {
            let (text, entry) = match (hits[one].derived, hits[other].derived) {
                (false, true) => (one, other),
                (true, false) => (other, one),
                _ => continue,
            };
            if hits[text].at() == hits[entry].at() {
                // Ok or not: the text's verdict stands, unless the format says what the value is, or knows better what
                // stands around it.
                let unsure = |drop: &Drop| drop.stage == Stage::Context || drop.reason.ends_with(EXPRESSION);
                let stands = matches!(&hits[text].result, Err(drop) if !unsure(drop));
                if stands && hits[entry].result.is_ok() && !hits[entry].given {
                    rejected.push((entry, "the text around it decides"));
                }
            } else if hits[text].result.is_ok() {
                rejected.push((text, "the format delimits the value otherwise"));
            }
        }
    }
    for (index, reason) in rejected {
        hits[index].result = Err(Drop { stage: Stage::Overlap, reason: reason.to_owned() });
    }
}
