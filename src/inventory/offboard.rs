//! What a person who leaves is tied to: rows they brought in, committed to, or answer for.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::record::{Change, Identity};
use super::register::Register;

/// How a person is tied to an identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// Answers for it by some source.
    Owns,
    /// Brought the first of its places in, and so knew its value.
    Created,
    /// Brought, moved or took away one of its places, and so may know its value.
    Committed,
}

impl Tie {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owns => "owns",
            Self::Created => "created",
            Self::Committed => "committed",
        }
    }
}

/// The rows that a person is tied to, by id. A person is a name, a mail address or a handle (`@ann`), in any case.
pub fn ties<'r>(register: &'r Register, person: &str) -> Vec<(&'r Identity, BTreeSet<Tie>)> {
    let person = Person::new(person);
    let tied = register.identities.values().filter_map(|row| {
        let mut ties = BTreeSet::new();
        if row
            .facts
            .owners
            .iter()
            .any(|owner| owner.owner.split([',', ' ']).any(|one| person.is(one)) || person.is(&owner.owner))
        {
            ties.insert(Tie::Owns);
        }
        let places = row.facts.locations.iter();
        let changes = places.flat_map(|place| [&place.introduced, &place.removed]).flatten();
        let changes = changes.chain(row.facts.rotations.iter().map(|rotation| &rotation.change));
        if changes.clone().any(|change| person.did(change)) {
            ties.insert(Tie::Committed);
        }
        let introduced = row.facts.locations.iter().filter_map(|place| place.introduced.as_ref());
        if introduced.min().is_some_and(|change| person.did(change)) {
            ties.insert(Tie::Created);
        }
        (!ties.is_empty()).then_some((row, ties))
    });
    tied.collect()
}

/// A person, as typed.
struct Person(String);

impl Person {
    fn new(typed: &str) -> Self {
        Self(typed.trim().trim_start_matches('@').to_lowercase())
    }

    /// True for the same name, address or handle, and for `Name <address>` that holds it.
    fn is(&self, text: &str) -> bool {
        let text = text.trim().trim_start_matches('@').to_lowercase();
        let (name, address) =
            text.split_once('<').map_or((text.as_str(), ""), |(name, rest)| (name.trim(), rest.trim_end_matches('>')));
        !self.0.is_empty() && (text == self.0 || name == self.0 || address == self.0)
    }

    fn did(&self, change: &Change) -> bool {
        self.is(&change.author) || self.is(&change.committer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_known_by_name_address_or_handle() {
        for (typed, text, expected) in [
            ("ann@example.org", "Ann Lee <ann@example.org>", true),
            ("Ann Lee", "ann lee <ann@example.org>", true),
            ("@ann", "@Ann", true),
            ("ann", "Ann Lee <ann@example.org>", false),
            ("", "Ann", false),
            ("joann@example.org", "Ann <ann@example.org>", false),
        ] {
            assert_eq!(Person::new(typed).is(text), expected, "{typed} {text}");
        }
    }
}
