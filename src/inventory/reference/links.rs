//! What one file says of an identity that another one declares: the policy of a role, tags that a module shares.
//!
//! Readers name places by an address (`terraform:REPOSITORY:FOLDER:aws_iam_role.ci`), say what holds there, and which address
//! takes over what holds at another. When every file is read, each identity takes what can be reached from its address.

use std::collections::{BTreeMap, BTreeSet};

use super::super::record::Facts;
use super::super::register::Subject;

/// An identity takes from this many addresses at most: what a hostile file spins out further is left.
const MAX_REACHED: usize = 64;

/// Addresses, what holds there, and who takes it over.
#[derive(Default)]
pub struct Links {
    subjects: BTreeMap<String, BTreeSet<Subject>>,
    takes: BTreeMap<String, BTreeSet<String>>,
    told: BTreeMap<String, Facts>,
}

impl Links {
    /// An identity is declared at an address; several addresses may lead to one.
    pub fn declare(&mut self, address: String, subject: &Subject) {
        self.subjects.entry(address).or_default().insert(subject.clone());
    }

    /// What holds at `from` holds at `address` too.
    pub fn take(&mut self, address: String, from: String) {
        self.takes.entry(address).or_default().insert(from);
    }

    /// Facts that hold at an address.
    pub fn tell(&mut self, address: String, facts: Facts) {
        if facts != Facts::default() {
            self.told.entry(address).or_default().join(facts);
        }
    }

    /// Adds those of another file.
    pub fn join(&mut self, other: Self) {
        for (address, subjects) in other.subjects {
            self.subjects.entry(address).or_default().extend(subjects);
        }
        for (address, from) in other.takes {
            self.takes.entry(address).or_default().extend(from);
        }
        for (address, facts) in other.told {
            self.told.entry(address).or_default().join(facts);
        }
    }

    /// Gives each identity of `found` what holds at its addresses.
    pub fn settle(&self, found: &mut BTreeMap<Subject, Facts>) {
        for (address, subjects) in &self.subjects {
            let mut reached = vec![address];
            let mut next = 0;
            while let Some(&here) = reached.get(next) {
                next += 1;
                if let Some(facts) = self.told.get(here) {
                    for subject in subjects {
                        if let Some(known) = found.get_mut(subject) {
                            known.join(facts.clone());
                        }
                    }
                }
                for from in self.takes.get(here).into_iter().flatten() {
                    if reached.len() < MAX_REACHED && !reached.contains(&from) {
                        reached.push(from);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::kind::{Field, FingerprintKind, Source};

    fn fact(value: &str) -> Facts {
        let mut facts = Facts::default();
        facts.claim(Field::Scope, Source::Infrastructure, value, "x.tf:1");
        facts
    }

    fn subject(name: &str) -> Subject {
        Subject { kind: FingerprintKind::Reference, fingerprint: name.to_owned() }
    }

    #[test]
    fn facts_flow_along_the_addresses_whatever_file_comes_first() {
        let mut one = Links::default();
        one.declare("key".to_owned(), &subject("key"));
        one.take("key".to_owned(), "user".to_owned());
        one.take("user".to_owned(), "key".to_owned());
        let mut two = Links::default();
        two.take("user".to_owned(), "policy".to_owned());
        two.tell("policy".to_owned(), fact("a"));
        two.tell("other".to_owned(), fact("b"));
        two.tell("user".to_owned(), fact("c"));
        for swapped in [false, true] {
            let mut all = Links::default();
            let mut found = BTreeMap::from([(subject("key"), Facts::default())]);
            let pair = |links: &Links| Links {
                subjects: links.subjects.clone(),
                takes: links.takes.clone(),
                told: links.told.clone(),
            };
            let (first, second) = if swapped { (&two, &one) } else { (&one, &two) };
            all.join(pair(first));
            all.join(pair(second));
            all.settle(&mut found);
            let values: Vec<&str> = found[&subject("key")].claims.iter().map(|claim| claim.value.as_str()).collect();
            assert_eq!((found.len(), values), (1, vec!["a", "c"]));
        }
    }

    #[test]
    fn what_is_reached_is_bounded() {
        let mut links = Links::default();
        links.declare("0".to_owned(), &subject("0"));
        for at in 0..1000 {
            links.take(at.to_string(), (at + 1).to_string());
            links.tell(at.to_string(), fact(&at.to_string()));
        }
        let mut found = BTreeMap::from([(subject("0"), Facts::default())]);
        links.settle(&mut found);
        assert_eq!(found[&subject("0")].claims.len(), MAX_REACHED);
    }
}
