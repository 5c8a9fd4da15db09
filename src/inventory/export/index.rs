//! Finds the rows that an entry of a list means.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::kind::{Field, FingerprintKind};
use crate::inventory::record::Identity;
use crate::inventory::register::Register;

/// What a row is known by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Mark {
    /// Its id in the register.
    Row(String),
    /// The id its provider gave the key.
    KeyId(String),
    /// Its fingerprint, as reports show it.
    Fingerprint(String),
    /// System and name of what a reference refers to: `github-actions`, `DEPLOY_KEY`.
    Reference(String, String),
    /// The path in its vault.
    VaultPath(String),
    /// The account it stands for.
    Principal(String),
    /// The name it has.
    Name(String),
    /// Who issued it; any case.
    Provider(String),
    /// A ticket that its history names.
    Ticket(String),
}

/// Rows by their marks.
pub(super) struct Index(BTreeMap<Mark, BTreeSet<String>>);

impl Index {
    pub(super) fn of(register: &Register) -> Self {
        let mut rows: BTreeMap<Mark, BTreeSet<String>> = BTreeMap::new();
        for row in register.identities.values() {
            for mark in marks(row) {
                rows.entry(mark).or_default().insert(row.id.clone());
            }
        }
        Self(rows)
    }

    /// The rows of the first mark that has any. Names are given twice without thought: one that several rows have means none.
    pub(super) fn rows(&self, marks: &[Mark]) -> BTreeSet<String> {
        let found = marks
            .iter()
            .find_map(|mark| self.0.get(mark).filter(|rows| rows.len() == 1 || !matches!(mark, Mark::Name(_))));
        found.cloned().unwrap_or_default()
    }
}

fn marks(row: &Identity) -> Vec<Mark> {
    let mut marks = vec![Mark::Row(row.id.clone()), Mark::Fingerprint(row.fingerprint.clone())];
    for claim in &row.facts.claims {
        let value = claim.value.clone();
        marks.push(match claim.field {
            Field::KeyId => Mark::KeyId(value),
            Field::Principal => Mark::Principal(value),
            Field::Name => Mark::Name(value),
            Field::VaultPath => Mark::VaultPath(value),
            Field::Provider => Mark::Provider(value.to_ascii_lowercase()),
            Field::Ticket => Mark::Ticket(value),
            _ => continue,
        });
    }
    let changes = row.facts.locations.iter().flat_map(|place| [&place.introduced, &place.removed]).flatten();
    let changes = changes.chain(row.facts.rotations.iter().map(|rotation| &rotation.change));
    marks.extend(changes.filter_map(|change| change.ticket.clone()).map(Mark::Ticket));
    if matches!(row.fingerprint_kind, FingerprintKind::Reference | FingerprintKind::ProviderId) {
        references(&row.fingerprint, &mut marks);
    }
    marks
}

/// `system:PLACE:NAME#FIELD`: the name, and the name with what stands before it, from every colon on. A repository's last two
/// parts stand for it too (`acme/web` for `github.com/acme/web`). What an account of AWS is named with is known by that alone:
/// another account has secrets of the same name.
fn references(fingerprint: &str, marks: &mut Vec<Mark>) {
    let Some((system, name)) = fingerprint.split_once(':') else { return };
    let name = name.split('#').next().unwrap_or(name);
    let mut mark = |part: &str| marks.push(Mark::Reference(system.to_owned(), part.to_owned()));
    let place = name.split(':').next().unwrap_or(name);
    mark(name);
    if system.starts_with("aws-") && place.len() == 12 && place.bytes().all(|byte| byte.is_ascii_digit()) {
        return;
    }
    if let Some((at, _)) = place.rmatch_indices('/').nth(1).filter(|_| place.len() < name.len()) {
        mark(name.get(at + 1..).unwrap_or_default());
    }
    for (at, _) in name.match_indices(':') {
        if let Some(part) = name.get(at + 1..).filter(|part| !part.is_empty()) {
            mark(part);
        }
    }
}
