//! How far it reaches: scope, environments, teams, suppliers.

use std::collections::BTreeSet;

use super::super::Row;
use crate::inventory::kind::{Field, Kind, ScopeLevel};

impl Row<'_> {
    pub(super) fn reach(&mut self) {
        self.shared();
        self.environment();
        self.scope();
        if let Some(vendor) = self.field(Field::Vendor).map(str::to_owned) {
            self.holds("third-party", format!("of {vendor}"));
        }
        self.unknown("human-use", "whether people use it is in its provider's logs");
        let stored = matches!(self.out.kind, Some(Kind::ConnectionString | Kind::Webhook));
        if stored && self.claimed("weak-auth-scheme").is_none() {
            self.unknown("weak-auth-scheme", "nothing tells whether a stronger scheme is offered");
        }
    }

    fn shared(&mut self) {
        let places = self.facts.locations.iter().map(|place| place.repository.as_str());
        let consumers = self.facts.consumers.iter().map(|consumer| consumer.repository.as_str());
        let repositories: BTreeSet<&str> = places.chain(consumers).collect();
        let values = |field| self.facts.all(field).map(|claim| claim.value.as_str()).collect::<BTreeSet<_>>();
        let found = [
            ("repositories", repositories),
            ("teams", values(Field::Team)),
            ("applications", values(Field::Application)),
        ]
        .into_iter()
        .find(|(_, names)| names.len() > 1);
        if let Some((what, names)) = found {
            let reason = format!("in {} {what}: {}", names.len(), names.into_iter().collect::<Vec<_>>().join(", "));
            self.holds("shared", reason);
        }
    }

    fn environment(&mut self) {
        let names = self.list(Field::Environment).collect::<Vec<_>>().join(", ");
        match self.environments() {
            (true, true) => self.holds("cross-environment", format!("used in {names}")),
            (false, false) => self.unknown("cross-environment", "nothing tells its environments"),
            _ => {}
        }
        match (self.field(Field::Stage), self.environments()) {
            (Some("test"), (true, _)) => self.holds("test-credential", format!("made for tests, used in {names}")),
            (Some("live"), (false, true)) => self.holds("test-credential", format!("live, used in {names}")),
            (Some(_), (false, false)) => self.unknown("test-credential", "nothing tells its environments"),
            _ => {}
        }
    }

    fn scope(&mut self) {
        let level = self.out.scope_level.unwrap_or(ScopeLevel::Unknown);
        if level == ScopeLevel::Unknown {
            self.unknown("admin-scope", "nothing tells its scope");
        }
        if level == ScopeLevel::Admin {
            let basis = self.facts.all(Field::ScopeLevel).find(|claim| claim.value == level.name());
            let reason = basis.map_or_else(String::new, |claim| claim.basis.clone());
            self.holds("admin-scope", reason);
        }
        let ceiling = self.field(Field::Ceiling).map(|text| (text.to_owned(), ScopeLevel::from_name(text)));
        match ceiling {
            // Levels are ordered from the widest.
            Some((text, Some(most))) if level != ScopeLevel::Unknown => {
                if level < most {
                    self.holds("overprivileged", format!("reaches {}, its ceiling is {text}", level.name()));
                }
            }
            Some(_) => self.unknown("overprivileged", "its scope cannot be compared with its ceiling"),
            None => self.unknown("overprivileged", "neither a ceiling nor what is used of its scope is known"),
        }
    }
}
