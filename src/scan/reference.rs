//! The engine's oracle: finds candidates the slow and plain way. Never used in a scan.
//!
//! Every pattern is searched through the whole text by the regex engine, every context rule is tried behind every spelling
//! of its words, every name is looked up: no prefix table, no run pass, no literal pass, no bitmap, no windows. What a
//! candidate *is* is shared with the engine: boundaries, which runs look random, where a value may begin, names and their
//! values. Where candidates *are* is found independently. Two things look like speed and are semantics, so they are said
//! here a second time: a match that is reached through a [`Via::Inner`] literal needs a random-looking run in or beside
//! it, and so does a context rule's value.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::examine::{Blob, Hit, Place, hit};
use super::settle::settle;
use crate::decode::View;
use crate::detect::assign::{name_around, value_of};
use crate::detect::simd::{Classifier, Needles};
use crate::detect::{Candidate, MAX_CONTEXT, Masks, NameTable, Words, bounded, looks_random, value_starts};
use crate::format::FileKind;
use crate::judge::Text;
use crate::rule::derive::{MAX_WIDE, MIN_RUN, is_wide, is_word};
use crate::rule::{Matcher, Probe, RuleId, RuleSet, Via};
use crate::source::Origin;
use crate::source::read::{LOOKAHEAD, Window};

/// A plain search for what a rule set looks for.
pub struct Reference<'s> {
    set: &'s RuleSet,
    names: NameTable,
    /// Context rules' words by their first letter: word, rule, distance.
    words: BTreeMap<u8, Vec<(&'s str, RuleId, usize)>>,
}

impl<'s> Reference<'s> {
    /// For a rule set.
    pub fn new(set: &'s RuleSet) -> Self {
        let mut words: BTreeMap<u8, Vec<_>> = BTreeMap::new();
        for (id, rule) in set.iter() {
            let Matcher::Context { words: own, distance, .. } = &rule.matcher else { continue };
            for word in own.iter().filter(|word| !word.is_empty()) {
                words.entry(word.as_bytes()[0]).or_default().push((word.as_ref(), id, usize::from(*distance)));
            }
        }
        Self { set, names: NameTable::new(set), words }
    }

    /// Every hit of a text, dropped ones included: what [`super::Scanner::hits`] is to find without derived texts.
    pub fn hits(&self, origin: &Origin, bytes: &[u8]) -> Vec<Hit> {
        let blob = Blob::new(origin, bytes);
        let mut out = Vec::new();
        for view in View::of(&Window::whole(bytes), blob.encoding) {
            let text = Text { view: &view, kind: blob.kind, deployed: blob.deployed };
            let place = Place { text, base: &view, layers: &[], flat: false, packed: None };
            let found = self.candidates(&view.bytes, blob.kind);
            out.extend(found.iter().map(|candidate| hit(self.set, &blob, place, candidate)));
        }
        settle(self.set, &mut out);
        out
    }

    /// Every candidate of a text, each once.
    pub fn candidates(&self, bytes: &[u8], kind: FileKind) -> Vec<Candidate> {
        let mut all = Vec::new();
        let runs = random_runs(bytes);
        for (id, rule) in self.set.iter() {
            if let Matcher::Pattern { probes, .. } = &rule.matcher {
                patterns(self.set, id, probes, bytes, &runs, &mut all);
            }
        }
        for run in &runs {
            self.contexts(bytes, run, &mut all);
        }
        self.assignments(bytes, kind, &mut all);
        let mut seen = HashSet::new();
        all.retain(|candidate| seen.insert((candidate.rule, candidate.secret.clone())));
        all
    }

    /// Context rules behind every spelling of their words. Of several words before one value the nearest is told.
    fn contexts(&self, bytes: &[u8], run: &Range<usize>, out: &mut Vec<Candidate>) {
        let farthest = self.words.values().flatten().map(|(_, _, distance)| *distance).max().unwrap_or(0);
        let mut lines = bytes[..run.start].iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
        let above = lines.nth(1).map_or(0, |(at, _)| at + 1);
        let mut found: Vec<Candidate> = Vec::new();
        for from in value_starts(bytes, run.start, run.end).into_iter().flatten() {
            // A word may be spelled with a sign behind each letter.
            for at in above.max(from.saturating_sub(farthest + 2 * LONGEST_WORD))..from {
                let first = self.words.get(&bytes[at].to_ascii_lowercase()).filter(|_| word_begins(bytes, at));
                for &(word, id, distance) in first.into_iter().flatten() {
                    let end = spelled(bytes, at, word.as_bytes()).filter(|&end| end <= from && from - end <= distance);
                    found.extend(end.and_then(|end| shape(self.set, id, bytes, from, run, at..end)));
                }
            }
        }
        found.sort_by_key(|candidate| candidate.word.as_ref().map(|word| Reverse((word.start, word.end))));
        out.append(&mut found);
    }

    /// Every name and its value. A name is a stretch of letters, digits, `_`, `-`, `.`.
    fn assignments(&self, bytes: &[u8], kind: FileKind, out: &mut Vec<Candidate>) {
        let mut buffer = Words::default();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        for at in 0..bytes.len() {
            let last = bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_';
            let mut behind = bytes[at + 1..].iter().take_while(|&&byte| is_name(byte));
            if !last || behind.any(|byte| !matches!(byte, b'.' | b'-')) {
                continue;
            }
            let name = name_around(bytes, at);
            let Some(rule) = self.names.rule(&bytes[name.clone()], &mut buffer) else { continue };
            let Some(assignment) = value_of(bytes, &name, kind) else { continue };
            let (whole, secret) = (name.start..assignment.value.end, assignment.value.clone());
            out.push(Candidate { rule, whole, secret, assignment: Some(assignment), word: None });
        }
    }
}

/// A pattern's matches between boundaries, wherever they begin. Where a match may begin before its literal, overlapping
/// matches are the same credential: the first one counts.
fn patterns(
    set: &RuleSet,
    id: RuleId,
    probes: &[Probe],
    bytes: &[u8],
    runs: &[Range<usize>],
    out: &mut Vec<Candidate>,
) {
    let compiled = set.compiled(id);
    let (mut from, mut free) = (0, 0);
    while let Some(leftmost) = compiled.find(bytes, from..bytes.len(), false) {
        let start = leftmost.whole.start;
        from = start + 1;
        let most = bytes.len().min(start + LOOKAHEAD);
        let Some(matched) = compiled.find(bytes, start..most, true) else { continue };
        let fixed = probes.iter().all(|probe| probe.back == 0);
        if !bounded(bytes, &matched.whole, matched.secret.end)
            || !fixed && start < free
            || !reached(probes, bytes, &matched.whole, runs)
        {
            continue;
        }
        free = matched.whole.end;
        out.push(Candidate { rule: id, whole: matched.whole, secret: matched.secret, assignment: None, word: None });
    }
}

/// A literal of a long token counts only in or beside a run that looks random.
fn reached(probes: &[Probe], bytes: &[u8], whole: &Range<usize>, runs: &[Range<usize>]) -> bool {
    probes.iter().any(|probe| {
        let places = whole.start..=whole.start + usize::from(probe.back);
        let mut stands = places.filter(|&at| bytes[at..whole.end.max(at)].starts_with(&probe.literal));
        probe.via != Via::Inner || stands.any(|at| runs.iter().any(|run| beside(bytes, run, at)))
    })
}

/// Nothing but base64 and its like between a run and `at`, which is not far.
fn beside(bytes: &[u8], run: &Range<usize>, at: usize) -> bool {
    let wide = |range: Range<usize>| bytes[range].iter().all(|&byte| is_wide(byte));
    if at < run.start {
        run.start - at <= MAX_WIDE && wide(at..run.start)
    } else {
        at < run.end || at - run.end < MAX_WIDE && wide(run.end..at + 1)
    }
}

/// Stretches of [`MIN_RUN`] or more word characters that look generated.
fn random_runs(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut masks = Masks::default();
    masks.fill(Classifier::detect(), &Needles::default(), bytes);
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 0..=bytes.len() {
        if bytes.get(at).is_some_and(|&byte| is_word(byte)) {
            continue;
        }
        if at - start >= MIN_RUN && looks_random(bytes, &masks, start, at) {
            runs.push(start..at);
        }
        start = at + 1;
    }
    runs
}

/// Words of rules are shorter.
const LONGEST_WORD: usize = 40;

/// At the first letter of a stretch of letters and digits, at a hump, behind a digit; not far inside of a long stretch, and
/// not where so many words have begun that it is no name.
fn word_begins(bytes: &[u8], at: usize) -> bool {
    let stretch = at - bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let begins = |at: usize| {
        let before = if at == stretch { b' ' } else { bytes[at - 1] };
        at == stretch
            || bytes[at].is_ascii_uppercase() && before.is_ascii_lowercase()
            || bytes[at].is_ascii_alphabetic() && before.is_ascii_digit()
    };
    bytes[at].is_ascii_alphanumeric()
        && at - stretch < MAX_STRETCH
        && begins(at)
        && (stretch..=at).filter(|&at| begins(at)).count() <= MAX_WORDS
}

/// A word begins in the first bytes of a stretch (`detect::words`).
const MAX_STRETCH: usize = 40;
/// A stretch with more words is no name (`detect::words`).
const MAX_WORDS: usize = 5;

/// The end of a word spelled at `at` in any case, with at most one sign between two letters.
fn spelled(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let mut rest = bytes[at..].iter().enumerate().peekable();
    for (index, &letter) in word.iter().enumerate() {
        if index > 0 && rest.peek().is_some_and(|(_, byte)| matches!(byte, b'_' | b'-' | b'.' | b' ')) {
            rest.next();
        }
        rest.next().filter(|(_, byte)| byte.to_ascii_lowercase() == letter)?;
    }
    Some(rest.peek().map_or(bytes.len(), |(index, _)| at + index))
}

fn shape(
    set: &RuleSet,
    rule: RuleId,
    bytes: &[u8],
    from: usize,
    run: &Range<usize>,
    word: Range<usize>,
) -> Option<Candidate> {
    let matched = set.compiled(rule).find(bytes, from..bytes.len().min(from + MAX_CONTEXT), true)?;
    let next = bytes.get(matched.whole.end).copied().unwrap_or(b' ');
    let goes_on =
        next.is_ascii_alphanumeric() || matches!(next, b'_' | b'+') || next == b'-' && matched.whole.end < run.end;
    let reaches = matched.whole.end >= run.end.min(from + MIN_RUN);
    (!goes_on && reaches).then_some(Candidate {
        rule,
        whole: matched.whole,
        secret: matched.secret,
        assignment: None,
        word: Some(word),
    })
}
