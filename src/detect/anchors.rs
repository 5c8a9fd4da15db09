//! The literal pass: the few words that introduce short or spaced secrets, found over the whole text.
//!
//! The vector pass marks places at which one may begin ([`super::simd::Needles`]); here they are compared. Literals are
//! found in any case: names are written in several, and what a rule demands exactly is compared exactly.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::ProbeRef;
use super::boundary::eight;
use super::names::NameTable;
use super::runs::Masks;
use super::simd::{LEAST_NEEDLE, Needles, folded};
use crate::rule::ByteSet;
use crate::rule::derive::ANCHOR_BYTES;

/// More literals than this would let too many places by.
const MOST_NEEDLES: usize = 64;

/// A rule's literal that no run leads to, and what may stand behind it.
pub(super) type Loose = (Box<[u8]>, ByteSet, ProbeRef);

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
    head: Head,
    pub(super) name: bool,
    pub(super) url: bool,
    /// Literals of rules that hold this one, `before` bytes after their start.
    pub(super) probes: Vec<AnchorProbe>,
}

pub(super) struct AnchorProbe {
    literal: Box<[u8]>,
    head: Head,
    pub(super) before: usize,
    next: ByteSet,
    pub(super) target: ProbeRef,
}

/// The first eight bytes of a literal, compared at once.
#[derive(Clone, Copy, Default)]
struct Head {
    bytes: u64,
    /// The bits that count.
    mask: u64,
    /// Set in letters when any case will do.
    fold: u64,
}

impl Head {
    /// Of a literal that must stand there as it is or, in lower case and with `fold`, in any case.
    fn new(literal: &[u8], fold: bool) -> Self {
        let bits = |bits: fn(u8) -> u8| {
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(literal).for_each(|(slot, &byte)| *slot = bits(byte));
            u64::from_le_bytes(bytes)
        };
        let letters = bits(|byte| u8::from(byte.is_ascii_lowercase()) << 5);
        Self { bytes: bits(|byte| byte), mask: bits(|_| u8::MAX), fold: if fold { letters } else { 0 } }
    }

    #[inline]
    fn stands(self, eight: u64) -> bool {
        (eight | self.fold) & self.mask == self.bytes
    }
}

impl AnchorProbe {
    fn new((literal, next, target): Loose, before: usize) -> Self {
        Self { head: Head::new(&literal, false), literal, before, next, target }
    }

    /// True where the literal begins.
    #[inline]
    pub(super) fn stands(&self, rest: &[u8]) -> bool {
        self.head.stands(eight(rest)) && rest.starts_with(&self.literal)
    }

    /// True where a match may stand around the literal, which begins there.
    pub(super) fn goes_on(&self, rest: &[u8]) -> bool {
        self.next.admits(rest.get(self.literal.len()).copied())
    }
}

impl Action {
    fn new(literal: &[u8]) -> Self {
        let literal = literal.to_ascii_lowercase();
        Self { head: Head::new(&literal, true), literal, ..Self::default() }
    }

    /// The first bytes of the literal, folded.
    fn key(&self) -> [u8; LEAST_NEEDLE] {
        self.literal.first_chunk().map_or([0; LEAST_NEEDLE], |first: &[u8; LEAST_NEEDLE]| first.map(folded))
    }

    /// True where the literal begins, in any case.
    #[inline]
    fn stands(&self, rest: &[u8], eight: u64) -> bool {
        self.head.stands(eight)
            && rest
                .get(..self.literal.len())
                .is_some_and(|text| text.len() <= 8 || text.eq_ignore_ascii_case(&self.literal))
    }
}

/// A hash of the first bytes, below 64.
#[inline]
fn slot([a, b, c]: [u8; LEAST_NEEDLE]) -> usize {
    (u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9e37_79b1) >> 26) as usize
}

impl Anchors {
    pub(super) fn new(names: &NameTable, urls: bool, loose: Vec<Loose>) -> Self {
        let mut actions: Vec<Action> = Vec::new();
        if !names.is_empty() {
            let introducing = |word: String| Action { name: true, ..Action::new(word.as_bytes()) };
            actions.extend(names.fingerprints().into_iter().map(introducing));
        }
        if urls {
            actions.push(Action { url: true, ..Action::new(b"://") });
        }
        for loose in loose {
            let lower = loose.0.to_ascii_lowercase();
            let holder = actions
                .iter_mut()
                .find_map(|action| memchr::memmem::find(&lower, &action.literal).map(|before| (before, action)));
            if let Some((before, action)) = holder {
                action.probes.push(AnchorProbe::new(loose, before));
            } else {
                let mut action = Action::new(&lower[..lower.len().min(ANCHOR_BYTES)]);
                action.probes.push(AnchorProbe::new(loose, 0));
                actions.push(action);
            }
        }
        let mut slots = [0; 64];
        for (index, action) in actions.iter().enumerate() {
            slots[slot(action.key())] |= 1 << index.min(63);
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
        let eight = eight(rest);
        let [a, b, c, ..] = eight.to_le_bytes();
        let mut bits = self.slots[slot([a, b, c].map(folded))];
        std::iter::from_fn(move || {
            let index = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
            let end = if index == 63 { self.actions.len() } else { index + 1 };
            self.actions.get(index..end)
        })
        .flatten()
        .filter(move |action| action.stands(rest, eight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_stands_in_any_case_and_whole() {
        for (literal, text, stands) in [
            ("-----beg", "-----BEGIN", true),
            ("-----beg", "----\rBEG", false),
            ("-----beg", "-----BE", false),
            ("credential", "Credentials", true),
            ("credential", "CREDENTIA", false),
            ("credential", "credentiel", false),
            ("://", "://", true),
            ("://", ":/", false),
            ("_k@", "\x7fk@", false),
        ] {
            let action = Action::new(literal.as_bytes());
            assert_eq!(action.stands(text.as_bytes(), eight(text.as_bytes())), stands, "{literal} {text}");
        }
    }

    #[test]
    fn a_rules_literal_stands_as_it_is() {
        let probe = AnchorProbe::new((b"Key-literal"[..].into(), ByteSet::ALL, (crate::rule::RuleId(0), 0)), 0);
        assert!(probe.stands(b"Key-literal") && probe.stands(b"Key-literal+") && probe.goes_on(b"Key-literal"));
        assert!(!probe.stands(b"key-literal") && !probe.stands(b"Key-litera") && !probe.stands(b"Key-Literal"));
    }
}
