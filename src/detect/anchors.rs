//! The literal pass: the few words that introduce short or spaced secrets, found over the whole text.
//!
//! The vector pass marks places at which one may begin ([`super::simd::Needles`]); here they are compared. Literals are
//! found in any case: names are written in several, and what a rule demands exactly is compared exactly.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::ProbeRef;
use super::names::NameTable;
use super::runs::Masks;
use super::simd::{LEAST_NEEDLE, Needles, folded};
use crate::rule::derive::ANCHOR_BYTES;

/// More literals than this would let too many places by.
const MOST_NEEDLES: usize = 64;

/// What the literal pass looks for, and what each literal calls for.
pub(super) struct Anchors {
    pub(super) actions: Vec<Action>,
    /// The first bytes of each action's literal, for the vector pass; none where the automaton finds them.
    pub(super) needles: Needles,
    /// For each hash of the first bytes: the actions whose literal may begin so, a bit each; the last for all beyond.
    slots: [u64; 64],
    /// More literals than the vector pass takes: a user's own rules without a run in them.
    automaton: Option<AhoCorasick>,
}

/// A literal and what it calls for.
#[derive(Default)]
pub(super) struct Action {
    /// In lower case.
    literal: Vec<u8>,
    /// Its first bytes, folded.
    key: [u8; LEAST_NEEDLE],
    pub(super) name: bool,
    pub(super) url: bool,
    /// Literals of rules that hold this one, `before` bytes after their start.
    pub(super) probes: Vec<AnchorProbe>,
}

pub(super) struct AnchorProbe {
    pub(super) literal: Box<[u8]>,
    pub(super) before: usize,
    pub(super) target: ProbeRef,
}

impl Action {
    fn new(literal: &[u8]) -> Self {
        let literal = literal.to_ascii_lowercase();
        let mut key = [0; LEAST_NEEDLE];
        for (slot, &byte) in key.iter_mut().zip(&literal) {
            *slot = folded(byte);
        }
        Self { literal, key, ..Self::default() }
    }
}

/// A hash of the first bytes, below 64.
#[inline]
fn slot([a, b, c]: [u8; LEAST_NEEDLE]) -> usize {
    (u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9e37_79b1) >> 26) as usize
}

impl Anchors {
    pub(super) fn new(names: &NameTable, urls: bool, loose: Vec<(Box<[u8]>, ProbeRef)>) -> Self {
        let mut actions: Vec<Action> = Vec::new();
        if !names.is_empty() {
            let introducing = |word: String| Action { name: true, ..Action::new(word.as_bytes()) };
            actions.extend(names.fingerprints().into_iter().map(introducing));
        }
        if urls {
            actions.push(Action { url: true, ..Action::new(b"://") });
        }
        for (literal, target) in loose {
            let lower = literal.to_ascii_lowercase();
            let holder = actions
                .iter_mut()
                .find_map(|action| memchr::memmem::find(&lower, &action.literal).map(|before| (before, action)));
            if let Some((before, action)) = holder {
                action.probes.push(AnchorProbe { literal, before, target });
            } else {
                let mut action = Action::new(&literal[..literal.len().min(ANCHOR_BYTES)]);
                action.probes.push(AnchorProbe { literal, before: 0, target });
                actions.push(action);
            }
        }
        let mut slots = [0; 64];
        for (index, action) in actions.iter().enumerate() {
            slots[slot(action.key)] |= 1 << index.min(63);
        }
        let mut anchors = Self { actions, needles: Needles::default(), slots, automaton: None };
        let literals = anchors.actions.iter().map(|action| action.literal.as_slice());
        if anchors.actions.len() <= MOST_NEEDLES {
            anchors.needles = Needles::new(literals);
        } else {
            anchors.automaton = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .kind(Some(AhoCorasickKind::DFA))
                .ascii_case_insensitive(true)
                .build(literals)
                .ok();
        }
        anchors
    }

    /// The next place of `from..bytes.len()` at which a literal may stand.
    #[inline]
    pub(super) fn next(&self, masks: &Masks, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.automaton {
            None => masks.hot(from, bytes.len()),
            Some(automaton) => automaton.find(aho_corasick::Input::new(bytes).range(from..)).map(|hit| hit.start()),
        }
    }

    /// The actions whose literal stands at `at`.
    #[inline]
    pub(super) fn at(&self, bytes: &[u8], at: usize) -> impl Iterator<Item = &Action> {
        let rest = &bytes[at..];
        let key = rest.first_chunk().map_or([0; LEAST_NEEDLE], |first: &[u8; LEAST_NEEDLE]| first.map(folded));
        let mut bits = self.slots[slot(key)];
        let stands = move |action: &&Action| {
            action.key == key
                && rest.get(..action.literal.len()).is_some_and(|text| text.eq_ignore_ascii_case(&action.literal))
        };
        std::iter::from_fn(move || {
            let index = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
            let end = if index == 63 { self.actions.len() } else { index + 1 };
            self.actions.get(index..end)
        })
        .flatten()
        .filter(stands)
    }
}
