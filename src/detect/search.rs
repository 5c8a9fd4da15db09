//! One view under search: the run pass, the literal pass, and each pattern tried at its place.

use std::ops::Range;

use super::assign::{self, MAX_VALUE};
use super::boundary::{bounded, escape_before, value_starts};
use super::encoded::Noticed;
use super::runs::Masks;
use super::sweep::Sweep;
use super::{Candidate, Counts, Engine, Names, Scratch};
use crate::format::FileKind;
use crate::rule::derive::{MAX_BACK, MAX_LEAD, MAX_WIDE, MIN_RUN, is_wide};
use crate::rule::meter::{Part, timed, timed_rule};
use crate::rule::{Matched, Matcher, RuleId, RuleSet};
use crate::source::read::LOOKAHEAD;

/// One view under search.
pub(super) struct Search<'s, 'v> {
    pub(super) engine: &'s Engine,
    pub(super) set: &'s RuleSet,
    pub(super) bytes: &'v [u8],
    pub(super) core: Range<usize>,
    pub(super) kind: FileKind,
    pub(super) names: Names,
    pub(super) scratch: &'s mut Scratch,
    pub(super) counts: &'s mut Counts,
    pub(super) found: &'s mut dyn FnMut(Candidate),
    pub(super) masks: Masks,
    /// Inner literals were probed for up to here.
    pub(super) inner_done: usize,
    /// Services' words were looked for up to here.
    pub(super) words_done: usize,
    /// The last two ends of lines before the place that was asked for last, the last one first.
    pub(super) line_ends: (usize, [Option<usize>; 2]),
    /// The words found of late.
    pub(super) near: Vec<(Range<usize>, RuleId)>,
    pub(super) noticed: Noticed,
}

impl Search<'_, '_> {
    pub(super) fn run_pass(&mut self) {
        let mut masks = std::mem::take(&mut self.masks);
        let engine = self.engine;
        timed(self.set.meter.as_ref(), Part::Classify, || {
            masks.fill(engine.classifier, &engine.anchors.needles, self.bytes);
        });
        let (least, most) = (self.core.start.saturating_sub(LEAD_ROOM), self.core.end + MAX_WIDE);
        let (mut sweep, mut step) = (Sweep::default(), std::mem::take(&mut self.scratch.step));
        while masks.sweep(engine.classifier, &mut sweep, &mut step, most) {
            self.counts.runs += step.runs;
            for start in step.leads() {
                self.probe_lead(&masks, start);
            }
            for at in step.boundaries(self.bytes, |text, at| engine.prefixes.may_begin(text, at)) {
                self.probe_at(at);
            }
            for &(start, end) in step.random(engine.classifier, self.bytes, &masks) {
                if start <= most && end >= least {
                    self.inner(&masks, start, end);
                    self.context(&masks, start, end);
                    self.encoded(&masks, start, end);
                }
            }
        }
        self.scratch.step = step;
        self.masks = masks;
    }

    /// Literals of token rules at the boundaries of what leads to a run.
    fn probe_lead(&mut self, masks: &Masks, start: usize) {
        let bytes = self.bytes;
        let least = start.saturating_sub(MAX_LEAD);
        let Some(bits) = masks.bits(least, start) else { return };
        let others = bits.within & !(bits.word | bits.sign);
        let mut lead = least + 64 - others.leading_zeros() as usize;
        // Of the signs the backslash leads to nothing.
        let mut signs = bits.sign;
        while let Some(place) = signs.checked_ilog2() {
            let at = least + place as usize;
            if at < lead {
                break;
            }
            if bytes[at] == b'\\' {
                lead = at + 1;
                break;
            }
            signs ^= 1 << place;
        }
        let before = lead.checked_sub(1).map_or(b' ', |at| bytes[at]);
        if matches!(before, b'\\' | b'%')
            && let Some(skip) = escape_before(bytes, lead)
        {
            self.probe_at(lead + skip);
        }
        if lead == start {
            return;
        }
        let first = lead - least;
        let mut places = (bits.within & !(bits.alnum & bits.alnum << 1) | 1 << first) & u64::MAX << first;
        while places != 0 {
            self.probe_at(least + places.trailing_zeros() as usize);
            places &= places - 1;
        }
    }

    /// Literals inside a random-looking run and the base64 text around it, each byte once.
    fn inner(&mut self, masks: &Masks, start: usize, end: usize) {
        let engine = self.engine;
        if engine.inner.is_empty() {
            return;
        }
        let bytes = self.bytes;
        // What was probed already was wide up to there: the way goes on behind it, so each byte is looked at once.
        let mut from = start;
        let least = start.saturating_sub(MAX_WIDE).max(self.inner_done.min(start));
        while from > least && is_wide(bytes[from - 1]) {
            from -= 1;
        }
        let most = bytes.len().min(end + MAX_WIDE);
        let to = masks.stretch_end(bytes, end.max(self.inner_done.min(most)), most, is_wide);
        engine.inner.within(bytes, from.max(self.inner_done)..to, |at, (rule, back)| {
            self.pattern(rule, at, usize::from(back));
        });
        self.inner_done = self.inner_done.max(to);
    }

    #[inline]
    fn probe_at(&mut self, at: usize) {
        let engine = self.engine;
        engine.prefixes.at(self.bytes, at, |(rule, back)| self.pattern(rule, at, usize::from(back)));
    }

    /// Context rules whose word stands before the run.
    fn context(&mut self, masks: &Masks, start: usize, end: usize) {
        let engine = self.engine;
        if engine.words.is_empty() {
            return;
        }
        let bytes = self.bytes;
        let least = start.saturating_sub(engine.distance + 48);
        // The line of the value and the one above.
        let lines = self.line_above(least, start, end);
        self.look_for_words(masks, lines, end);
        // Mostly no service is named: the rest is for the few places where one is. The words stand in order of place.
        if self.near.last().is_none_or(|(word, _)| word.start < lines) {
            return;
        }
        let starts = value_starts(bytes, start, end);
        let near = std::mem::take(&mut self.near);
        // Of several words the nearest tells most, and one value is handed over once for a rule.
        for (word, rule) in near.iter().rev().filter(|(word, _)| word.start >= lines) {
            let Matcher::Context { distance, .. } = &self.set.rule(*rule).matcher else { continue };
            for &from in starts.iter().flatten() {
                if word.end <= from && from - word.end <= usize::from(*distance) {
                    self.shape(*rule, from, end, word);
                }
            }
        }
        self.near = near;
    }

    /// The beginning of the line above the one that holds a run, or `least` where that is before it. What stands between
    /// runs is looked at once, and in a run no line ends.
    fn line_above(&mut self, least: usize, start: usize, end: usize) -> usize {
        let (done, ends) = self.line_ends;
        let from = done.clamp(least, start);
        let new = memchr::memrchr_iter(b'\n', &self.bytes[from..start]).map(|end| Some(from + end));
        let mut all = new.chain(ends);
        let ends = [all.next().flatten(), all.next().flatten()];
        self.line_ends = (end, ends);
        ends[1].map_or(least, |end| least.max(end + 1))
    }

    /// Notes the words that begin in `from..to`. Runs of one line share what stands before them: each place is looked at
    /// once.
    fn look_for_words(&mut self, masks: &Masks, from: usize, to: usize) {
        let (engine, bytes) = (self.engine, self.bytes);
        if from >= self.words_done {
            self.near.clear();
        } else if self.near.len() > MAX_NEAR {
            self.near.retain(|(word, _)| word.start >= from);
        }
        let near = &mut self.near;
        masks.starts(from.max(self.words_done), to, |at| {
            engine.words.from(bytes, masks, at, |range, rule| near.push((range, rule)));
        });
        self.words_done = self.words_done.max(to);
    }

    /// A context rule's pattern from `from` on; it must end at a boundary at or after the run's end.
    fn shape(&mut self, rule: RuleId, from: usize, end: usize, word: &Range<usize>) {
        self.counts.tried += 1;
        let most = self.bytes.len().min(from + MAX_CONTEXT);
        let find = || self.set.compiled(rule).find(self.bytes, from..most, true);
        let Some(matched) = timed_rule(self.set.meter.as_ref(), Part::Patterns, rule, find) else { return };
        let next = self.bytes.get(matched.whole.end).copied().unwrap_or(b' ');
        let inner =
            next.is_ascii_alphanumeric() || matches!(next, b'_' | b'+') || next == b'-' && matched.whole.end < end;
        if inner || matched.whole.end < end.min(from + MIN_RUN) {
            return;
        }
        self.emit(Candidate {
            rule,
            whole: matched.whole,
            secret: matched.secret,
            assignment: None,
            word: Some(word.clone()),
        });
    }

    pub(super) fn anchor_pass(&mut self) {
        let engine = self.engine;
        let end = self.bytes.len().min(self.core.end + MAX_BACK);
        let bytes = &self.bytes[..end];
        let masks = std::mem::take(&mut self.masks);
        // A name that holds several literals is looked at once, and inside a value only so many names are.
        let (mut done, mut inside) = (0, Inside::default());
        let mut from = self.core.start;
        while let Some(place) = engine.anchors.next(&masks, bytes, from) {
            from = place + 1;
            for action in engine.anchors.at(bytes, place) {
                self.counts.anchors += 1;
                if action.name && self.names == Names::InText && place >= done && inside.admits(place) {
                    done = self.assignment(place, &mut inside);
                }
                let schema = action.url && is_schema(bytes, place);
                let mut announces = action.name || action.url && !schema;
                if action.url {
                    self.url(place);
                }
                for probe in &action.probes {
                    let Some(start) = place.checked_sub(probe.before) else { continue };
                    let rest = &self.bytes[start..];
                    if probe.stands(rest) {
                        announces |= !schema;
                        if probe.goes_on(rest) {
                            self.pattern(probe.target.0, start, usize::from(probe.target.1));
                        }
                    }
                }
                self.counts.announcing += u64::from(announces);
            }
        }
        self.masks = masks;
    }

    /// A name at `place`; returns the end of what needs no second look.
    fn assignment(&mut self, place: usize, inside: &mut Inside) -> usize {
        let bytes = self.bytes;
        let name = assign::name_around(bytes, place);
        let assignment = assign::value_of(bytes, &name, self.kind);
        if assignment.is_none() {
            self.escape_at(name.end);
        }
        if let Some(assignment) = assignment
            && let Some(rule) = self.scratch.names.rule(&self.engine.names, &bytes[name.clone()])
        {
            let (whole, secret) = (assignment.name.start..assignment.value.end, assignment.value.clone());
            inside.value(&secret);
            self.escapes_in(whole.start, &secret);
            self.emit(Candidate { rule, whole, secret, assignment: Some(assignment), word: None });
        }
        name.end
    }

    /// Hosts of webhook rules behind `://`.
    fn url(&mut self, place: usize) {
        let engine = self.engine;
        let bytes = self.bytes;
        let most = bytes.len().min(place + 3 + MAX_HOST);
        let mut before = b'/';
        for at in place + 3..most {
            let byte = bytes[at];
            if !(byte.is_ascii_graphic()) || matches!(byte, b'"' | b'\'' | b'<' | b'>') {
                break;
            }
            if !before.is_ascii_alphanumeric() || !byte.is_ascii_alphanumeric() {
                engine.hosts.at(bytes, at, |(rule, back)| self.pattern(rule, at, usize::from(back)));
            }
            before = byte;
        }
    }

    /// Tries a pattern whose literal stands at `at`.
    fn pattern(&mut self, rule: RuleId, at: usize, back: usize) {
        self.counts.tried += 1;
        let most = self.bytes.len().min(at + LOOKAHEAD);
        let find = || self.match_of(rule, at, back, most);
        let matched = timed_rule(self.set.meter.as_ref(), Part::Patterns, rule, find);
        let Some(matched) = matched else { return };
        if bounded(self.bytes, &matched.whole, matched.secret.end) {
            self.emit(Candidate { rule, whole: matched.whole, secret: matched.secret, assignment: None, word: None });
        }
    }

    /// The match of a pattern whose literal stands at `at`, up to `back` bytes behind its beginning.
    fn match_of(&self, rule: RuleId, at: usize, back: usize, most: usize) -> Option<Matched> {
        let compiled = self.set.compiled(rule);
        if back == 0 {
            return compiled.find(self.bytes, at..most, true);
        }
        let mut from = at.saturating_sub(back);
        for _ in 0..MAX_RETRIES {
            match compiled.find(self.bytes, from..most, false) {
                Some(matched) if matched.whole.start > at => break,
                Some(matched) if matched.whole.end <= at => from = matched.whole.end,
                other => return other,
            }
        }
        None
    }

    fn emit(&mut self, candidate: Candidate) {
        if !self.core.contains(&candidate.whole.start) {
            return;
        }
        let key = (candidate.rule, candidate.secret.start, candidate.secret.end);
        // Only the last few can be the same: hits come in order of place.
        if self.scratch.seen.iter().rev().take(64).any(|seen| *seen == key) {
            return;
        }
        self.scratch.seen.push(key);
        self.counts.candidates += 1;
        (self.found)(candidate);
    }
}

/// The address at `place` is the value of a keyword of JSON Schema, which stands for a schema and is no place to call.
fn is_schema(bytes: &[u8], place: usize) -> bool {
    let before = &bytes[place.saturating_sub(MAX_KEYWORD)..place];
    let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
    let Some(at) = memchr::memchr(b'$', line) else { return false };
    let (head, word) = (&line[..at], &line[at + 1..]);
    let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    head.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'{' | b'-' | b'"' | b'\''))
        && matches!(&word[..letters], b"schema" | b"id" | b"ref")
        && matches!(&word[letters..], [b':', ..] | [b'"' | b'\'', b':', ..])
}

/// Names inside the value of a name: text in text. More than a few are noise, and looking at each value anew would make
/// the work grow with the square of a value's length.
#[derive(Default)]
struct Inside {
    end: usize,
    count: usize,
    /// Bytes of the values of names looked at inside.
    bytes: usize,
}

impl Inside {
    fn admits(&mut self, place: usize) -> bool {
        if place >= self.end {
            *self = Self::default();
            return true;
        }
        self.count += 1;
        self.count <= MAX_INSIDE && self.bytes < MAX_VALUE
    }

    fn value(&mut self, value: &Range<usize>) {
        if value.end > self.end {
            self.end = value.end;
        }
        if self.count > 0 {
            self.bytes += value.len();
        }
    }
}

/// Words kept before the far ones are let go.
const MAX_NEAR: usize = 64;
/// Names looked at inside one value.
const MAX_INSIDE: usize = 8;
/// Bytes before the core in which a run that reaches into it is looked for.
const LEAD_ROOM: usize = 4096;
/// A context rule's value is at most this long.
pub(crate) const MAX_CONTEXT: usize = 1024;
/// A schema's keyword is looked for so many bytes before `://`.
const MAX_KEYWORD: usize = 64;
/// A host and path are probed up to this many bytes behind `://`.
const MAX_HOST: usize = 96;
/// An unanchored pattern is tried again behind a match that ends before the literal, at most so often.
const MAX_RETRIES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_inside_of_a_value_are_looked_at_while_their_values_are_short() {
        // How many names inside of a value of 4,096 bytes are admitted when each has a value of so many bytes.
        let admitted = |length: usize| {
            let mut inside = Inside::default();
            assert!(inside.admits(0));
            inside.value(&(1..4096));
            (2..40)
                .filter(|&at| {
                    inside.admits(at) && {
                        inside.value(&(at..at + length));
                        true
                    }
                })
                .count()
        };
        assert_eq!([10, 500, 2048].map(admitted), [MAX_INSIDE, 5, 1]);
    }

    #[test]
    fn addresses_of_schemas_announce_nothing() {
        let told = |text: &str| is_schema(text.as_bytes(), text.find("://").unwrap());
        for text in [
            "$id: http://devicetree.org/schemas/x.yaml#",
            "a: 1\n$schema: \"https://json-schema.org/schema#\"",
            "{ \"$schema\": \"https://json-schema.org/schema#\" }",
            "  - $ref: 'http://x.test/y'",
        ] {
            assert!(told(text), "{text}");
        }
        for text in [
            "curl $id https://x.test",
            "$ids: http://x.test",
            "url: http://x.test",
            "$ref -u a https://x.test",
            "a: $id: http://x",
        ] {
            assert!(!told(text), "{text}");
        }
    }
}
