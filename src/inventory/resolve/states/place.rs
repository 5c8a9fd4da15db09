//! What the places show: in clear, in history, in images, and how the value is protected.

use super::super::Row;
use crate::inventory::kind::{Field, Kind, StorageState};
use crate::inventory::record::Location;

impl Row<'_> {
    pub(super) fn places(&mut self) {
        for (state, storage, what) in [
            ("embedded", StorageState::Embedded, "in clear in"),
            ("plaintext-in-ci", StorageState::CiLiteral, "in clear in the pipeline"),
            ("in-image-layer", StorageState::Image, "in the image"),
        ] {
            let held =
                |place: &&Location| place.storage == storage && (place.present || storage == StorageState::Image);
            if let Some(reason) = self.facts.locations.iter().find(held).map(|place| format!("{what} {}", shown(place)))
            {
                self.holds(state, reason);
            }
        }
        let gone = self.clear().find(|place| !place.present && place.storage != StorageState::Image);
        if let Some(reason) = gone.map(|place| {
            let removed =
                place.removed.as_ref().map_or_else(String::new, |change| format!(", removed by {}", change.commit));
            format!("in the history of {}{removed}", shown(place))
        }) {
            self.holds("in-history", reason);
        }
        self.key();
        // Strength is judged while the value is at hand; it is not kept.
        if self.out.kind == Some(Kind::Password) && self.claimed("weak-secret").is_none() {
            self.unknown("weak-secret", "how strong the password is was not judged");
        }
    }

    fn key(&mut self) {
        let is_key = matches!(self.out.kind, Some(Kind::PrivateKey | Kind::SigningKey));
        let Some(place) = self.clear().next().map(shown).filter(|_| is_key) else { return };
        match self.field(Field::Encrypted) {
            Some("yes") => {}
            Some(_) => self.holds("unencrypted-key", format!("not encrypted in {place}")),
            None => self.unknown("unencrypted-key", format!("the form of the key in {place} does not tell")),
        }
    }
}

/// A place for people: `repository path:line`.
pub(super) fn shown(place: &Location) -> String {
    let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
    format!("{} {}{line}", place.repository, place.path)
}
