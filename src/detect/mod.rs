//! Finds candidates, judges none.
//!
//! Two passes over a view: the run pass finds long stretches of word characters and probes only those for literals of
//! token rules and for services' words before them; the literal pass finds the few words that introduce the rest. Each
//! pattern is then tried at that place only. docs/engine.md has the design and its numbers.

use std::ops::Range;

use crate::decode::{Encoded, View};
use crate::format::{Entry, FileKind};
use crate::rule::meter::{Part, timed};
use crate::rule::{Matcher, RuleId, RuleSet, Via};

mod anchors;
pub mod assign;
mod boundary;
mod encoded;
mod names;
mod runs;
mod search;
pub mod simd;
mod sweep;
mod table;
mod unquoted;
mod words;
mod wrapped;

pub use assign::{Assignment, Operator, Quote};
// What `scan::reference` shares with the engine: for the oracle.
pub(crate) use boundary::bounded;
pub(crate) use boundary::looks_random;
pub(crate) use boundary::value_starts;
pub(crate) use names::{NameTable, Words};
pub(crate) use runs::Masks;
pub(crate) use search::MAX_CONTEXT;

use anchors::Anchors;
use encoded::Noticed;
use names::Known;
use search::Search;
use simd::Classifier;
use sweep::Step;
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
    names: Known,
    masks: Masks,
    step: Step,
    seen: Vec<(RuleId, usize, usize)>,
    /// What the last search saw that is worth decoding.
    encoded: Vec<Encoded>,
}

impl Scratch {
    /// The encoded stretches that the last search saw, in no particular order.
    pub fn take_encoded(&mut self) -> Vec<Encoded> {
        std::mem::take(&mut self.encoded)
    }
}

/// Whether names are looked for in a text, with the values given to them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As in any text.
    InText,
    /// Not here: the text is laid out of entries, which [`Engine::named`] takes.
    Known,
}

/// Counters of the prefilter, for `--diagnostics`.
#[derive(Default, Clone, Copy)]
pub struct Counts {
    /// Runs the run pass reported.
    pub runs: u64,
    /// Hits of the literal pass.
    pub anchors: u64,
    /// Those of them that may announce a credential: pieces of names, addresses that are no schema's, rules' literals.
    pub announcing: u64,
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
                        let entry = (Box::from(probe.literal.as_ref()), probe.next, (id, probe.back));
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
                Matcher::Assignment { .. } | Matcher::Named { .. } => {}
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

    /// The same on another of the processor's paths.
    #[must_use]
    pub fn with_path(self, classifier: Classifier) -> Self {
        Self { classifier, ..self }
    }

    /// The processor's path, for `--diagnostics`.
    pub fn path(&self) -> &'static str {
        self.classifier.name()
    }

    /// How many literals the literal pass looks for: up to 64 are found by the vector pass, more by a slower automaton.
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
        names: Names,
        scratch: &mut Scratch,
        counts: &mut Counts,
        found: &mut dyn FnMut(Candidate),
    ) {
        scratch.seen.clear();
        scratch.encoded.clear();
        let masks = std::mem::take(&mut scratch.masks);
        let mut search = Search {
            engine: self,
            set,
            bytes: &view.bytes,
            core: view.core.clone(),
            kind,
            names,
            scratch,
            counts,
            found,
            masks,
            inner_done: 0,
            words_done: 0,
            line_ends: (0, [None; 2]),
            near: Vec::new(),
            noticed: Noticed::default(),
        };
        let meter = set.meter.as_ref();
        timed(meter, Part::Runs, || search.run_pass());
        timed(meter, Part::Literals, || search.anchor_pass());
        search.scratch.masks = std::mem::take(&mut search.masks);
    }
}

impl Engine {
    /// The candidates among a structure's entries: those whose key path announces a credential. `view` is the one that
    /// [`Engine::candidates`] was called for last.
    pub fn named(&self, view: &View<'_>, entries: &[Entry], scratch: &mut Scratch, found: &mut dyn FnMut(Candidate)) {
        for entry in entries {
            let name = &view.bytes[entry.name.clone()];
            // Each name that announces something holds a literal of the literal pass.
            let text = &view.bytes[..entry.name.end];
            if !entry.given && self.anchors.next(&scratch.masks, text, entry.name.start).is_none() {
                continue;
            }
            // What the format says is a credential is a password where its name says nothing else.
            let given = || entry.given.then(|| self.names.rule(b"password", &mut Words::default())).flatten();
            let Some(rule) = scratch.names.rule(&self.names, name).or_else(given) else { continue };
            let assignment = Assignment {
                name: entry.name.clone(),
                operator: if entry.given { Operator::Given } else { Operator::Assign },
                quote: Quote::Quoted(b'"'),
                value: entry.value.clone(),
            };
            let (whole, secret) = (entry.name.start..entry.value.end, entry.value.clone());
            found(Candidate { rule, whole, secret, assignment: Some(assignment), word: None });
        }
    }
}

impl Counts {
    /// Adds another thread's counters.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.anchors += other.anchors;
        self.announcing += other.announcing;
        self.tried += other.tried;
        self.candidates += other.candidates;
    }
}
