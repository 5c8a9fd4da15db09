//! Texts derived from a view: the entries its format's reader lays out, and what is decoded inside it.

use super::Scanner;
use super::examine::{Blob, Hit, Place, hit};
use crate::decode::View;
use crate::detect::{Counts, Names, Scratch};
use crate::format::{FileKind, Note, Reader, Says};
use crate::judge::{Drop, Stage, Text};
use crate::rule::{Matcher, RuleSet};

/// Reads the structure of the text at a place: adds the hits among its entries, rejects those that hold no secret by the format's own rules,
/// and says what their places mean.
#[expect(clippy::too_many_arguments, reason = "one call a file; a struct would only name them twice")]
pub(super) fn structure(
    scanner: &Scanner,
    blob: &Blob<'_>,
    place: Place<'_>,
    reader: Reader,
    scratch: &mut Scratch,
    counts: &mut Counts,
    hits: &mut Vec<Hit>,
) {
    let (set, engine) = (&scanner.set, &scanner.engine);
    let view = place.text.view;
    let (flat, entries, notes) = reader.read(&view.bytes).finish(reader.name());
    let over = flat.view(view);
    let layers = [place.layers, &[&flat]].concat();
    let text = Text { view: &over, kind: FileKind::Config, deployed: blob.deployed };
    let place = Place { text, layers: &layers, flat: true, ..place };
    engine.candidates(set, &over, FileKind::Config, Names::Known, scratch, counts, &mut |candidate| {
        hits.push(hit(set, blob, place, &candidate));
    });
    engine.named(&over, &entries, scratch, &mut |candidate| hits.push(hit(set, blob, place, &candidate)));
    for note in &notes {
        apply(set, view, note, hits);
    }
}

fn apply(set: &RuleSet, view: &View<'_>, note: &Note, hits: &mut [Hit]) {
    if note.place.is_empty() {
        return;
    }
    let place = view.to_blob(&note.place);
    for hit in hits.iter_mut().filter(|hit| place.contains(hit.span)) {
        match (&note.says, &mut hit.result) {
            (Says::NoSecret(why), Ok(_)) => {
                let rule = set.rule(hit.rule);
                // A provider's token is one wherever it stands.
                if rule.is_generic() || !matches!(rule.matcher, Matcher::Pattern { .. }) {
                    hit.result = Err(Drop { stage: Stage::Reference, reason: why.clone().into_owned() });
                }
            }
            (Says::Means(what), Ok(finding)) => finding.meaning = Some(what.clone()),
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
                // Ok or not: the text's verdict stands.
                if hits[text].result.is_err() && hits[entry].result.is_ok() {
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
