//! One window through decode, detect and judge.

use std::ops::Range;

use super::decoded::Decoding;
use super::{Scanner, derived, settle};
use crate::decode::{Derived, Encoding, View};
use crate::detect::{Candidate, Counts, Names, Operator, Quote, Scratch};
use crate::format::{Cause, FileKind, Reader, announced};
use crate::judge::{self, Allowed, Drop, Excerpt, Finding, Judged, Part, Piece, Position, Secret, Text, allow};
use crate::rule::meter::{Part as Stage, timed, timed_rule};
use crate::rule::{Proof, Rule, RuleId, RuleSet};
use crate::source::read::Window;
use crate::source::{Gap, Origin, Span};

/// Bytes of a line kept on either side of a secret.
const EXCERPT_SIDE: usize = 120;
/// Bytes of the shortest header of a private key.
const KEY_HEADER: usize = 27;
/// Bytes of a secret kept in its excerpt.
const EXCERPT_SECRET: usize = 160;

/// A judged candidate with its places in the blob.
#[expect(clippy::struct_excessive_bools, reason = "independent properties, each asked alone")]
pub struct Hit {
    /// The rule.
    pub rule: RuleId,
    /// The secret's place.
    pub span: Span,
    /// The finding, or why there is none.
    pub result: Result<Finding, Drop>,
    /// Bytes between a context rule's word and the value.
    pub(super) distance: usize,
    /// It is an entry of a structure that a format's reader laid out.
    pub(super) derived: bool,
    /// It was decoded, and does not stand in the blob as it is.
    pub(super) changed: bool,
    /// It, its name or what is between them does not stand in the blob as it is.
    pub(super) respelled: bool,
    /// Its place in a compressed text: in the blob all of its values have the same.
    pub(super) within: Option<Within>,
    /// A name with its value: an assignment rule found it.
    pub(super) named: bool,
    /// The same, and the value stands in quotes.
    pub(super) quoted: bool,
    /// Its format says that it is a credential.
    pub(super) given: bool,
}

/// A place in a compressed text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Within {
    /// Where the stream stands in the blob, and which one of that place it is.
    id: (u64, u32),
    span: Span,
}

impl Hit {
    /// The compressed text it stands in.
    pub(super) fn stream(&self) -> Option<(u64, u32)> {
        self.within.map(|within| within.id)
    }

    /// The place by which it is told from others: in the blob, or in the compressed text.
    pub(super) fn at(&self) -> Span {
        self.within.map_or(self.span, |within| within.span)
    }
}

/// What one window gave.
#[derive(Default)]
pub struct Examined {
    /// Every candidate, judged and settled.
    pub hits: Vec<Hit>,
    /// What was not looked at.
    pub gaps: Vec<Gap>,
}

/// What is known of a blob before its windows are examined.
pub struct Blob<'a> {
    /// Where it came from.
    pub origin: &'a Origin,
    /// The path that says what it is.
    pub name: &'a str,
    /// How its bytes are to be read.
    pub encoding: Encoding,
    /// What its name says it is.
    pub kind: FileKind,
    /// A machine uses it as it is.
    pub deployed: bool,
    /// Who reads its structure.
    pub reader: Option<Reader>,
}

impl<'a> Blob<'a> {
    /// A blob that begins with `head`, read as `name` says.
    pub(super) fn named(origin: &'a Origin, name: &'a str, head: &[u8]) -> Self {
        let (kind, deployed, reader) = announced(name, head);
        Self { origin, name, encoding: Encoding::detect(head), kind, deployed, reader }
    }
}

/// Judges every candidate that begins in the window's core.
pub fn examine(
    scanner: &Scanner,
    blob: &Blob<'_>,
    window: &Window<'_>,
    scratch: &mut Scratch,
    counts: &mut Counts,
) -> Examined {
    let (set, engine) = (&scanner.set, &scanner.engine);
    let Examined { mut hits, mut gaps } = Examined::default();
    for view in View::of(window, blob.encoding) {
        let (announcing, before) = (counts.announcing, hits.len());
        let text = Text { view: &view, kind: blob.kind, deployed: blob.deployed };
        let place = Place { text, base: &view, layers: &[], flat: false, packed: None };
        engine.candidates(set, &view, blob.kind, Names::InText, scratch, counts, &mut |candidate| {
            hits.push(hit(set, blob, place, &candidate));
        });
        if !scanner.derive {
            continue;
        }
        let whole = window.offset == 0 && view.core == (0..view.bytes.len());
        let seen = |is: fn(&Hit) -> bool| hits[before..].iter().any(is);
        let (named, quoted) = (seen(|hit| hit.named), seen(|hit| hit.quoted));
        let cause = |reader: &Reader| match reader.cause() {
            _ if !whole => false,
            Cause::None => true,
            // What was found has a meaning by its format too.
            Cause::Word => counts.announcing > announcing || hits.len() > before,
            Cause::Name => quoted,
        };
        let reader = blob.reader.filter(cause);
        let encoded = scratch.take_encoded();
        if !encoded.is_empty() {
            let (hits, gaps) = (&mut hits, &mut gaps);
            let mut decoding = Decoding { scanner, blob, scratch, counts, hits, gaps, unpacked: 0, streams: 0 };
            timed(set.meter.as_ref(), Stage::Decode, || decoding.decode(place, encoded, 0));
        }
        if let Some(reader) = reader {
            timed(set.meter.as_ref(), Stage::Format, || {
                let read = reader.read(blob.name, &view.bytes, named);
                derived::structure(scanner, blob, place, (reader.name(), read), scratch, counts, &mut hits);
            });
        }
    }
    settle::settle(set, &mut hits);
    Examined { hits, gaps }
}

/// Where a text that is judged lies: over which undecoded text, through which layers, the outermost first.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// What is judged.
    pub(super) text: Text<'a>,
    pub(super) base: &'a View<'a>,
    pub(super) layers: &'a [&'a Derived],
    /// The last layer is a structure's entries.
    pub(super) flat: bool,
    /// The last compressed layer.
    pub(super) packed: Option<Packed>,
}

/// A compressed layer.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    pub(super) id: (u64, u32),
    /// Its place among the layers.
    pub(super) layer: usize,
}

impl Place<'_> {
    /// The range of the undecoded text.
    pub(super) fn below(&self, range: &Range<usize>) -> Range<usize> {
        self.layers.iter().rev().fold(range.clone(), |range, layer| layer.below(&range))
    }

    /// The place in the compressed text, inside one.
    fn within(&self, range: &Range<usize>) -> Option<Within> {
        let Packed { id, layer } = self.packed?;
        let above = self.layers.get(layer + 1..).unwrap_or_default();
        let range = above.iter().rev().fold(range.clone(), |range, layer| layer.below(&range));
        Some(Within { id, span: Span { start: range.start as u64, end: range.end as u64 } })
    }

    /// True when a range does not stand in the undecoded text as it is.
    fn changes(&self, range: &Range<usize>) -> bool {
        !self.layers.is_empty() && self.base.bytes.get(self.below(range)) != self.text.view.bytes.get(range.clone())
    }
}

pub(super) fn hit(set: &RuleSet, blob: &Blob<'_>, place: Place<'_>, candidate: &Candidate) -> Hit {
    let text = place.text;
    let rule = set.rule(candidate.rule);
    let distance = candidate.word.as_ref().map_or(0, |word| candidate.secret.start.saturating_sub(word.end));
    let (mut id, mut distance) = (candidate.rule, distance);
    let judged = timed_rule(set.meter.as_ref(), Stage::Judge, candidate.rule, || judge::judge(rule, candidate, text));
    let (range, result) = match judged {
        Ok(mut judged) => {
            // A general rule's finding is reported under the service that is named with it.
            if let Some(service) = judge::service::service(set.services(), rule, candidate, text) {
                (id, distance) = (service.rule, service.distance);
                judged.reasons.push(format!("{} is named with it", set.rule(id).provider_name));
            }
            let length = judged.length.unwrap_or(usize::MAX).min(candidate.secret.len()).max(1);
            let secret = candidate.secret.start..candidate.secret.start + length;
            let finding = finding(set.rule(id), blob, place, candidate, &secret, judged);
            (secret, Ok(finding))
        }
        Err(drop) => {
            // A header without a key takes in what follows it: the header alone is rejected.
            let most = if rule.proof == Some(Proof::Pem) { KEY_HEADER } else { usize::MAX };
            let start = candidate.secret.start;
            let rejected = start..candidate.secret.end.min(start.saturating_add(most));
            (rejected, Err(drop))
        }
    };
    let quote = candidate.assignment.as_ref().map(|assignment| assignment.quote);
    let (named, quoted) = (quote.is_some(), quote.is_some_and(|quote| quote != Quote::None));
    let given = candidate.assignment.as_ref().is_some_and(|assignment| assignment.operator == Operator::Given);
    let respelled = place.changes(&candidate.whole);
    let (span, within, changed) = (text.view.to_blob(&range), place.within(&range), place.changes(&range));
    Hit { rule: id, span, result, distance, derived: place.flat, changed, respelled, within, named, quoted, given }
}

fn finding(
    rule: &'static Rule,
    blob: &Blob<'_>,
    place: Place<'_>,
    candidate: &Candidate,
    secret: &Range<usize>,
    judged: Judged,
) -> Finding {
    let view = place.text.view;
    let bytes = &view.bytes;
    let name = candidate
        .assignment
        .as_ref()
        .map(|assignment| String::from_utf8_lossy(&bytes[assignment.name.clone()]).into_owned());
    let (base, below) = (&place.base.bytes, place.below(secret));
    // What stands in the text as it is was not decoded.
    let changed = place.changes(secret);
    let written = base.get(below.clone()).filter(|written| changed && written.len() <= MAX_LINE).map(Secret::new);
    let plain = place.base.is_identity();
    let parts = judged.parts.into_iter().map(|piece| part(view, place, piece)).collect();
    Finding {
        rule,
        origin: blob.origin.clone(),
        span: view.to_blob(secret),
        secret: Secret::new(&bytes[secret.clone()]),
        confidence: judged.confidence,
        reasons: judged.reasons,
        facts: judged.facts,
        parts,
        written,
        chain: if changed { view.chain.clone() } else { place.base.chain.clone() },
        name,
        meaning: None,
        start: Position::default(),
        end: Position::default(),
        excerpt: excerpt(base, &below, plain),
        allowed: allowed(base, &below),
        line_hash: None,
    }
}

fn part(view: &View<'_>, place: Place<'_>, piece: Piece) -> Part {
    let written = place.base.bytes.get(place.below(&piece.place)).filter(|_| place.changes(&piece.place));
    Part {
        role: piece.role,
        rule: None,
        name: piece.name,
        value: piece.value,
        written: written.map(Secret::new),
        shown: piece.shown,
        span: view.to_blob(&piece.place),
        start: Position::default(),
        end: Position::default(),
    }
}

/// The line that holds `at`, as a range without its end.
fn line_around(bytes: &[u8], at: usize) -> Range<usize> {
    let least = at.saturating_sub(MAX_LINE);
    let start = memchr::memrchr(b'\n', &bytes[least..at]).map_or(least, |found| least + found + 1);
    let most = bytes.len().min(at + MAX_LINE);
    let end = memchr::memchr(b'\n', &bytes[at..most]).map_or(most, |found| at + found);
    start..end
}

/// Allow comments are looked for this far to either side of a secret.
const MAX_LINE: usize = 4096;

fn allowed(bytes: &[u8], secret: &Range<usize>) -> Option<Allowed> {
    let line = line_around(bytes, secret.start);
    let above = line.start.checked_sub(1).map_or(0..0, |end| line_around(bytes, end).start..end);
    let place = secret.start - line.start..secret.end.min(line.end).max(secret.start) - line.start;
    // Line 2 stands for "has a line above"; the true number is set when the blob's lines are counted.
    let number = if line.start == 0 { 1 } else { 2 };
    allow::allowed(&bytes[line], &bytes[above], number, &place)
}

fn excerpt(bytes: &[u8], secret: &Range<usize>, plain: bool) -> Excerpt {
    let line = line_around(bytes, secret.start);
    let end = secret.end.min(line.end);
    let start = line.start.max(secret.start.saturating_sub(EXCERPT_SIDE));
    let stop = line.end.min((end + EXCERPT_SIDE).min(secret.start + EXCERPT_SECRET + EXCERPT_SIDE));
    let text = &bytes[start..stop.max(secret.start)];
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    Excerpt {
        secret: secret.start - start..(end - start).min(text.len()),
        text: text.to_vec(),
        cut_before: start > line.start,
        cut_after: stop < line.end,
        plain,
    }
}
