//! The literal pass: the few words that introduce short or spaced secrets, found by Teddy over the whole text.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind, packed};

use super::ProbeRef;
use super::names::NameTable;
use crate::rule::derive::ANCHOR_BYTES;

/// What the literal pass looks for, and what each literal calls for.
pub(super) struct Anchors {
    pub(super) finder: Finder,
    pub(super) actions: Vec<Action>,
}

pub(super) enum Finder {
    Teddy(packed::Searcher),
    /// More literals than Teddy takes: a user's own rules without a run in them.
    Automaton(AhoCorasick),
    None,
}

#[derive(Default)]
pub(super) struct Action {
    pub(super) literal: Vec<u8>,
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

impl Anchors {
    pub(super) fn new(names: &NameTable, urls: bool, loose: Vec<(Box<[u8]>, ProbeRef)>) -> Self {
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
    pub(super) fn next(&self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
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
