//! Finding states: which hold and why, and which nothing allows to judge.

mod age;
mod people;
mod place;
mod reach;

use super::Row;
use crate::inventory::kind::{Field, Mode};

impl Row<'_> {
    pub(super) fn states(&mut self) {
        self.places();
        self.ages();
        self.people();
        self.reach();
        self.claims();
    }

    fn holds(&mut self, state: &str, reason: impl Into<String>) {
        self.out.unknown.remove(state);
        self.out.states.entry(state.to_owned()).or_insert_with(|| reason.into());
    }

    fn unknown(&mut self, state: &str, missing: impl Into<String>) {
        if !self.out.states.contains_key(state) {
            self.out.unknown.entry(state.to_owned()).or_insert_with(|| missing.into());
        }
    }

    /// States that a source speaks for itself (`weak-crypto`, `no-expiry` …): its claim is the reason.
    fn claims(&mut self) {
        let known = |word: &str| super::controls::STATES.iter().any(|(state, _)| *state == word);
        let said: Vec<(String, String)> = self
            .facts
            .all(Field::State)
            .filter(|claim| known(&claim.value))
            .map(|claim| (claim.value.clone(), claim.basis.clone()))
            .collect();
        for (state, reason) in said {
            self.holds(&state, reason);
        }
    }

    /// Made for each run, or not stored at all: there is nothing to rotate.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.out.mode, Some(Mode::ShortLived | Mode::Federated | Mode::Dynamic))
    }
}
