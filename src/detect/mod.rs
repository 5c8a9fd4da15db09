//! Finds candidates, judges none.
//!
//! Two passes over a view: the run pass finds long stretches of word characters and probes only those for literals of
//! token rules and for services' words before them; the literal pass finds the few words that introduce the rest. Each
//! pattern is then tried at that place only. docs/engine.md has the design and its numbers.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind, packed};

use crate::decode::View;
use crate::format::FileKind;
use crate::rule::derive::{ANCHOR_BYTES, MAX_LEAD, MAX_WIDE, MIN_RUN, is_lead, is_wide};
use crate::rule::{Matcher, RuleId, RuleSet, Via};
use crate::source::read::LOOKAHEAD;

pub mod assign;
mod names;
mod runs;
pub mod simd;
mod table;
mod words;

pub use assign::{Assignment, Operator, Quote};
pub(crate) use names::words as name_words;

use names::NameTable;
use runs::Masks;
use simd::Classifier;
use table::PrefixTable;
use words::WordTable;

/// A place where a rule matched. Cannot be printed: what it holds may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The rule.
    pub rule: RuleId,
    /// The whole match, in the view.
    pub whole: Range<usize>,
    /// The secret, in the view.
    pub secret: Range<usize>,
    /// Name, operator and quotes, for assignment rules.
    pub assignment: Option<Assignment>,
    /// The service's word, for context rules.
    pub word: Option<Range<usize>>,
}

/// A literal's rule and how far before it a match may begin.
type ProbeRef = (RuleId, u16);

/// What the literal pass looks for, and what each literal calls for.
struct Anchors {
    finder: Finder,
    actions: Vec<Action>,
}

enum Finder {
    Teddy(packed::Searcher),
    /// More literals than Teddy takes: a user's own rules without a run in them.
    Automaton(AhoCorasick),
    None,
}

#[derive(Default)]
struct Action {
    literal: Vec<u8>,
    name: bool,
    url: bool,
    /// Literals of rules that hold this one, `before` bytes after their start.
    probes: Vec<AnchorProbe>,
}

struct AnchorProbe {
    literal: Box<[u8]>,
    before: usize,
    target: ProbeRef,
}

/// The rules' tables. Immutable, shared by all threads.
pub struct Engine {
    classifier: Classifier,
    prefixes: PrefixTable<ProbeRef>,
    inner: PrefixTable<ProbeRef>,
    hosts: PrefixTable<ProbeRef>,
    words: WordTable<RuleId>,
    names: NameTable,
    anchors: Anchors,
    /// The largest distance of any context rule.
    distance: usize,
}

/// Scratch space of one thread.
#[derive(Default)]
pub struct Scratch {
    name: String,
    masks: Masks,
    seen: Vec<(RuleId, usize, usize)>,
}

/// Counters of the prefilter, for `--diagnostics`.
#[derive(Default, Clone, Copy)]
pub struct Counts {
    /// Runs the run pass reported.
    pub runs: u64,
    /// Hits of the literal pass.
    pub anchors: u64,
    /// Patterns tried at a place.
    pub tried: u64,
    /// Candidates handed on.
    pub candidates: u64,
}

impl Engine {
    /// Builds the tables of a rule set.
    pub fn new(set: &RuleSet) -> Self {
        let names = NameTable::new(set);
        let (mut runs, mut inner, mut hosts, mut loose) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut words: Vec<(Box<str>, RuleId)> = Vec::new();
        let mut distance = 0;
        for (id, rule) in set.iter() {
            match &rule.matcher {
                Matcher::Pattern { probes, .. } => {
                    for probe in probes.iter() {
                        let entry = (Box::from(probe.literal.as_ref()), (id, probe.back));
                        match probe.via {
                            Via::Run => runs.push(entry),
                            Via::Inner => inner.push(entry),
                            Via::Url => hosts.push(entry),
                            Via::Anchor => loose.push(entry),
                        }
                    }
                }
                Matcher::Context { words: own, distance: own_distance, .. } => {
                    words.extend(own.iter().map(|word| (Box::from(word.as_ref()), id)));
                    distance = distance.max(usize::from(*own_distance));
                }
                Matcher::Assignment { .. } => {}
            }
        }
        let anchors = Anchors::new(&names, !hosts.is_empty(), loose);
        Self {
            classifier: Classifier::detect(),
            prefixes: PrefixTable::new(runs.into_iter()),
            inner: PrefixTable::new(inner.into_iter()),
            hosts: PrefixTable::new(hosts.into_iter()),
            words: WordTable::new(words.into_iter()),
            names,
            anchors,
            distance,
        }
    }

    /// The processor's path, for `--diagnostics`.
    pub fn path(&self) -> &'static str {
        self.classifier.name()
    }

    /// How many literals the literal pass looks for: up to 32 are fast, up to 64 fair.
    pub fn literals(&self) -> usize {
        self.anchors.actions.len()
    }

    /// All candidates that begin in the view's core, in no particular order, each once.
    #[expect(clippy::too_many_arguments, reason = "one call a window; a struct would only name them twice")]
    pub fn candidates(
        &self,
        set: &RuleSet,
        view: &View<'_>,
        kind: FileKind,
        scratch: &mut Scratch,
        counts: &mut Counts,
        found: &mut dyn FnMut(Candidate),
    ) {
        scratch.seen.clear();
        let masks = std::mem::take(&mut scratch.masks);
        let mut search = Search {
            engine: self,
            set,
            bytes: &view.bytes,
            core: view.core.clone(),
            kind,
            scratch,
            counts,
            found,
            masks,
            inner_done: 0,
            words_done: 0,
            near: Vec::new(),
        };
        search.run_pass();
        search.anchor_pass();
        search.scratch.masks = std::mem::take(&mut search.masks);
    }
}

impl Anchors {
    fn new(names: &NameTable, urls: bool, loose: Vec<(Box<[u8]>, ProbeRef)>) -> Self {
        let mut actions: Vec<Action> = Vec::new();
        if !names.is_empty() {
            for literal in names.fingerprints() {
                actions.push(Action { literal: literal.into_bytes(), name: true, ..Action::default() });
            }
        }
        if urls {
            actions.push(Action { literal: b"://".to_vec(), url: true, ..Action::default() });
        }
        for (literal, target) in loose {
            let holder = actions
                .iter_mut()
                .find_map(|action| memchr::memmem::find(&literal, &action.literal).map(|before| (before, action)));
            if let Some((before, action)) = holder {
                action.probes.push(AnchorProbe { literal, before, target });
            } else {
                let probe = AnchorProbe { literal: literal.clone(), before: 0, target };
                let short = literal[..literal.len().min(ANCHOR_BYTES)].to_vec();
                actions.push(Action { literal: short, probes: vec![probe], ..Action::default() });
            }
        }
        let literals: Vec<&[u8]> = actions.iter().map(|action| action.literal.as_slice()).collect();
        let finder = if literals.is_empty() { Finder::None } else { Finder::new(&literals) };
        Self { finder, actions }
    }
}

impl Finder {
    fn new(literals: &[&[u8]]) -> Self {
        let teddy = packed::Config::new().builder().extend(literals).build();
        if let Some(searcher) = teddy.filter(|_| literals.len() <= 64) {
            return Self::Teddy(searcher);
        }
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .kind(Some(AhoCorasickKind::DFA))
            .build(literals)
            .map_or(Self::None, Self::Automaton)
    }

    /// The next hit at or after `at`: which literal and where.
    fn next(&self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        match self {
            Self::Teddy(searcher) => searcher
                .find_in(bytes, aho_corasick::Span { start: at, end: bytes.len() })
                .map(|hit| (hit.pattern().as_usize(), hit.start())),
            Self::Automaton(automaton) => automaton
                .find(aho_corasick::Input::new(bytes).range(at..))
                .map(|hit| (hit.pattern().as_usize(), hit.start())),
            Self::None => None,
        }
    }
}

/// One view under search.
struct Search<'s, 'v> {
    engine: &'s Engine,
    set: &'s RuleSet,
    bytes: &'v [u8],
    core: Range<usize>,
    kind: FileKind,
    scratch: &'s mut Scratch,
    counts: &'s mut Counts,
    found: &'s mut dyn FnMut(Candidate),
    masks: Masks,
    /// Inner literals were probed for up to here.
    inner_done: usize,
    /// Services' words were looked for up to here.
    words_done: usize,
    /// The words found of late.
    near: Vec<(Range<usize>, RuleId)>,
}

impl Search<'_, '_> {
    fn run_pass(&mut self) {
        let engine = self.engine;
        if engine.prefixes.is_empty() && engine.words.is_empty() {
            return;
        }
        let mut masks = std::mem::take(&mut self.masks);
        masks.fill(engine.classifier, self.bytes);
        masks.runs(|start, end| self.run(&masks, start, end));
        self.masks = masks;
    }

    fn run(&mut self, masks: &Masks, start: usize, end: usize) {
        if start > self.core.end + MAX_WIDE || end + LEAD_ROOM < self.core.start {
            return;
        }
        self.counts.runs += 1;
        self.probe_run(masks, start, end);
        if looks_random(self.bytes, masks, start, end) {
            self.inner(start, end);
            self.context(masks, start, end);
        }
    }

    /// Literals of token rules at the boundaries of a run, just before it and right behind it.
    fn probe_run(&mut self, masks: &Masks, start: usize, end: usize) {
        let bytes = self.bytes;
        let least = start.saturating_sub(MAX_LEAD);
        let mut lead = start;
        while lead > least && is_lead(bytes[lead - 1]) {
            lead -= 1;
        }
        let before = lead.checked_sub(1).map_or(b' ', |at| bytes[at]);
        if matches!(before, b'\\' | b'%')
            && let Some(skip) = escape_before(bytes, lead)
        {
            self.probe_at(lead + skip);
        }
        for at in lead..start {
            if !bytes[at].is_ascii_alphanumeric() || at == lead || !bytes[at - 1].is_ascii_alphanumeric() {
                self.probe_at(at);
            }
        }
        masks.starts(start, end, |at| self.probe_at(at));
        if bytes.get(end).copied().is_some_and(is_lead) {
            self.probe_at(end);
        }
    }

    /// Literals inside a random-looking run and the base64 text around it, each byte once.
    fn inner(&mut self, start: usize, end: usize) {
        let engine = self.engine;
        // Text behind a run was probed with it.
        if engine.inner.is_empty() || end <= self.inner_done {
            return;
        }
        let bytes = self.bytes;
        let (mut from, mut to) = (start, end);
        let least = start.saturating_sub(MAX_WIDE).max(self.inner_done.min(start));
        while from > least && is_wide(bytes[from - 1]) {
            from -= 1;
        }
        let most = bytes.len().min(end + MAX_WIDE);
        while to < most && is_wide(bytes[to]) {
            to += 1;
        }
        for at in from.max(self.inner_done)..to {
            engine.inner.at(bytes, at, |(rule, back)| self.pattern(rule, at, usize::from(back)));
        }
        self.inner_done = to;
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
        let lines = memchr::memrchr_iter(b'\n', &bytes[least..start]).nth(1).map_or(least, |at| least + at + 1);
        let starts = value_starts(bytes, start, end);
        let limit = starts.iter().flatten().copied().max().unwrap_or(start);
        self.look_for_words(masks, lines.max(least), limit);
        let near = std::mem::take(&mut self.near);
        for (word, rule) in near.iter().filter(|(word, _)| word.start >= lines) {
            let Matcher::Context { distance, .. } = &self.set.rule(*rule).matcher else { continue };
            for &from in starts.iter().flatten() {
                if word.end <= from && from - word.end <= usize::from(*distance) {
                    self.shape(*rule, from, end, word);
                }
            }
        }
        self.near = near;
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
            engine.words.from(bytes, at, bytes.len(), |range, rule| near.push((range, rule)));
        });
        self.words_done = self.words_done.max(to);
    }

    /// A context rule's pattern from `from` on; it must end at a boundary at or after the run's end.
    fn shape(&mut self, rule: RuleId, from: usize, end: usize, word: &Range<usize>) {
        self.counts.tried += 1;
        let most = self.bytes.len().min(from + MAX_CONTEXT);
        let Some(matched) = self.set.compiled(rule).find(self.bytes, from..most, true) else { return };
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

    fn anchor_pass(&mut self) {
        let engine = self.engine;
        let end = self.bytes.len().min(self.core.end + crate::rule::derive::MAX_BACK);
        let bytes = &self.bytes[..end];
        let mut at = self.core.start;
        // A name that holds several literals is looked at once, and inside a value only so many names are.
        let (mut done, mut inside) = (0, Inside::default());
        while let Some((which, place)) = engine.anchors.finder.next(bytes, at) {
            self.counts.anchors += 1;
            let action = &engine.anchors.actions[which];
            if action.name && place >= done && inside.admits(place) {
                done = self.assignment(place, &mut inside);
            }
            if action.url {
                self.url(place);
            }
            for probe in &action.probes {
                let Some(start) = place.checked_sub(probe.before) else { continue };
                if self.bytes[start..].starts_with(&probe.literal) {
                    self.pattern(probe.target.0, start, usize::from(probe.target.1));
                }
            }
            at = place + 1;
        }
    }

    /// A name at `place`; returns the end of what needs no second look.
    fn assignment(&mut self, place: usize, inside: &mut Inside) -> usize {
        let bytes = self.bytes;
        let name = assign::name_around(bytes, place);
        if let Some(assignment) = assign::value_of(bytes, &name, self.kind)
            && let Some(rule) = self.engine.names.rule(&bytes[name.clone()], &mut self.scratch.name)
        {
            let (whole, secret) = (assignment.name.start..assignment.value.end, assignment.value.clone());
            inside.value(secret.end);
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
        let compiled = self.set.compiled(rule);
        let matched = if back == 0 {
            compiled.find(self.bytes, at..most, true)
        } else {
            let mut from = at.saturating_sub(back);
            let mut found = None;
            for _ in 0..MAX_RETRIES {
                match compiled.find(self.bytes, from..most, false) {
                    Some(matched) if matched.whole.start > at => break,
                    Some(matched) if matched.whole.end <= at => from = matched.whole.end,
                    other => {
                        found = other;
                        break;
                    }
                }
            }
            found
        };
        let Some(matched) = matched else { return };
        if bounded(self.bytes, &matched.whole, matched.secret.end) {
            self.emit(Candidate { rule, whole: matched.whole, secret: matched.secret, assignment: None, word: None });
        }
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

/// Names inside the value of a name: text in text. More than a few are noise, and looking at each value anew would make
/// the work grow with the square of a value's length.
#[derive(Default)]
struct Inside {
    end: usize,
    count: usize,
}

impl Inside {
    fn admits(&mut self, place: usize) -> bool {
        if place >= self.end {
            self.count = 0;
            return true;
        }
        self.count += 1;
        self.count <= MAX_INSIDE
    }

    fn value(&mut self, end: usize) {
        if end > self.end {
            if self.count > MAX_INSIDE {
                return;
            }
            self.end = end;
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
const MAX_CONTEXT: usize = 1024;
/// A host and path are probed up to this many bytes behind `://`.
const MAX_HOST: usize = 96;
/// An unanchored pattern is tried again behind a match that ends before the literal, at most so often.
const MAX_RETRIES: usize = 8;

/// Where a value that holds the run from `start` to `end` may begin: at the run, where base64 and its like began, behind
/// `=` or `:`, behind the words a run begins with (`acme-access-key-…`).
fn value_starts(bytes: &[u8], start: usize, end: usize) -> [Option<usize>; 4] {
    let least = start.saturating_sub(96);
    let mut wide = start;
    let mut assigned = None;
    while wide > least
        && (bytes[wide - 1].is_ascii_alphanumeric()
            || matches!(
                bytes[wide - 1],
                b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b':' | b'%' | b'!' | b'$' | b'@' | b'#'
            ))
    {
        wide -= 1;
        if assigned.is_none() && matches!(bytes[wide], b'=' | b':') {
            assigned = Some(wide + 1);
        }
    }
    let wide = (wide != start).then_some(wide);
    [Some(start), wide, assigned.filter(|&at| at != start), behind_words(bytes, start, end)]
}

/// The end of the words at a run's beginning: the first part between `-` or `_` that holds a digit.
fn behind_words(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut part = start;
    for (at, byte) in (start..end).zip(&bytes[start..end]) {
        if matches!(byte, b'-' | b'_') {
            part = at + 1;
        } else if byte.is_ascii_digit() {
            return (part > start).then_some(part);
        }
    }
    None
}

/// True for runs that may be a generated value: a stretch of [`SEGMENT`] letters and digits with a digit that something
/// follows, or a UUID. Names of things have underscores, or their digits last.
fn looks_random(bytes: &[u8], masks: &Masks, start: usize, end: usize) -> bool {
    // Nearly all names fall here: their digits stand last, or there are none.
    if masks.digit_then_letter(start, end) == 0 {
        return masks.digits(start, end) as usize == end - start
            || end - start == 36 && is_uuid_form(masks, start, end);
    }
    if end - start >= 36 && is_uuid_form(masks, start, end) {
        return true;
    }
    let mut from = start;
    let mut random = false;
    let mut mixed = 0;
    let mut segment = |from: usize, to: usize| {
        let turns = masks.digit_turns(from, to);
        random |= to - from >= SEGMENT && (turns >= 2 || masks.digits(from, to) as usize == to - from);
        mixed += usize::from(to - from >= GROUP && turns >= 2);
    };
    masks.joints(start, end, |at| {
        segment(from, at);
        from = at + 1;
    });
    segment(from, end);
    random || mixed >= 2 || class_turns(&bytes[start..end.min(start + MAX_WIDE)]) >= TURNS
}

/// Changes between lower case, upper case and digits with nothing between.
fn class_turns(run: &[u8]) -> usize {
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0u8,
    };
    run.windows(2).filter(|pair| class(pair[0]) != class(pair[1]) && class(pair[0]) != 0 && class(pair[1]) != 0).count()
}

/// Four dashes, each part of a UUID's length, at the end of the run.
fn is_uuid_form(masks: &Masks, start: usize, end: usize) -> bool {
    let from = (end - 36).max(start);
    let mut dashes = 0;
    let mut right = true;
    masks.joints(from, end, |at| {
        dashes += 1;
        right &= matches!(at - from, 8 | 13 | 18 | 23);
    });
    dashes == 4 && right && masks.digits(from, end) > 0
}

/// The shortest stretch of letters and digits that a generated value holds.
const SEGMENT: usize = 12;
/// Values written in groups (`a1b2c3d4-…`) hold two of these.
const GROUP: usize = 4;
/// So many changes of class make a run random-looking; names in camel case and with numbers have fewer.
const TURNS: usize = 6;

/// True at the boundaries of a token: no letter or digit before it, no word character after the secret.
fn bounded(bytes: &[u8], whole: &Range<usize>, end: usize) -> bool {
    let first = bytes[whole.start];
    let before = whole.start.checked_sub(1).map(|at| bytes[at]);
    let starts = !first.is_ascii_alphanumeric()
        || !before.is_some_and(|byte| byte.is_ascii_alphanumeric())
        || after_escape(bytes, whole.start);
    let last = bytes[end - 1];
    let next = bytes.get(end).copied().unwrap_or(b' ');
    let ends = !(last.is_ascii_alphanumeric() || last == b'_') || !(next.is_ascii_alphanumeric() || next == b'_');
    starts && ends
}

/// `\n`, `\t`, `\r`, `%3D`, `\x22`, `\u0022` end right before `at`.
fn after_escape(bytes: &[u8], at: usize) -> bool {
    let hex = |count: usize| bytes[at - count..at].iter().all(u8::is_ascii_hexdigit);
    at >= 2 && bytes[at - 2] == b'\\' && matches!(bytes[at - 1], b'n' | b't' | b'r' | b'b' | b'f' | b'0')
        || at >= 3 && bytes[at - 3] == b'%' && hex(2)
        || at >= 4 && bytes[at - 4..at - 2] == *b"\\x" && hex(2)
        || at >= 6 && bytes[at - 6..at - 4] == *b"\\u" && hex(4)
}

/// How many of a run's first bytes belong to an escape that begins before it.
fn escape_before(bytes: &[u8], lead: usize) -> Option<usize> {
    let before = *bytes.get(lead.checked_sub(1)?)?;
    let first = *bytes.get(lead)?;
    let skip = match (before, first) {
        (b'\\', b'n' | b't' | b'r' | b'b' | b'f' | b'0') => 1,
        (b'%', _) => 2,
        (b'\\', b'x') => 3,
        (b'\\', b'u') => 5,
        _ => return None,
    };
    (lead + skip < bytes.len() && after_escape(bytes, lead + skip)).then_some(skip)
}

impl Counts {
    /// Adds another thread's counters.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.anchors += other.anchors;
        self.tried += other.tried;
        self.candidates += other.candidates;
    }
}
