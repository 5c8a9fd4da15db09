//! The register: identities by id, and what was looked at to make it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::kind::FingerprintKind;
use super::record::{Facts, Identity, Resolved};
use crate::source::Gap;

/// Version of the file's form.
pub const SCHEMA: &str = "credlint-inventory/1";

/// What was looked at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Covered {
    /// The repository's or image's name.
    pub name: String,
    /// `history`, `revision`, `files`, `image`, `export`.
    pub mode: String,
    /// HEAD's commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The date of HEAD's commit, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_date: Option<String>,
    /// Commits read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commits: Option<u64>,
    /// Files or blobs read.
    pub files: u64,
    /// Part of the history is not there: ages are unknown.
    pub shallow: bool,
}

impl Covered {
    /// Something without a history.
    pub fn new(name: &str, mode: &str, files: u64) -> Self {
        let (head, head_date, commits) = (None, None, None);
        Self { name: name.to_owned(), mode: mode.to_owned(), head, head_date, commits, files, shallow: false }
    }
}

/// Something in scope that was not read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Missing {
    /// The repository or file of the run it belongs to.
    pub place: String,
    /// What.
    pub what: String,
    /// The reason's word.
    pub reason: String,
    /// In words.
    pub detail: String,
}

impl Missing {
    /// A gap of a place.
    pub fn of(place: &str, gap: &Gap) -> Self {
        Self {
            place: place.to_owned(),
            what: gap.what.clone(),
            reason: gap.reason.name().to_owned(),
            detail: gap.detail.clone(),
        }
    }
}

/// The register of non-human identities.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Register {
    /// [`SCHEMA`].
    pub schema_version: String,
    /// The day it holds for, `YYYY-MM-DD`; ages are counted to it.
    pub snapshot_at: String,
    /// Version of credlint.
    pub tool_version: String,
    /// Version of the rules.
    pub rule_pack: String,
    /// Short name of the key that fingerprints values; registers of different keys do not join by value.
    pub key_id: String,
    /// What was looked at.
    pub coverage: BTreeSet<Covered>,
    /// What was not.
    pub gaps: BTreeSet<Missing>,
    /// The identities, by id.
    #[serde(with = "rows")]
    #[schemars(with = "Vec<Identity>")]
    pub identities: BTreeMap<String, Identity>,
}

/// What makes two sightings the same identity.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subject {
    /// What the fingerprint is made of.
    pub kind: FingerprintKind,
    /// The fingerprint.
    pub fingerprint: String,
}

impl Subject {
    /// The row's id: `nhi-` and 16 hex digits in groups of four, of SHA-256 over kind and fingerprint.
    pub fn id(&self) -> String {
        let digest = Sha256::new().chain_update(self.kind.name()).chain_update([0]).chain_update(&self.fingerprint);
        let hex = data_encoding::HEXLOWER.encode(&digest.finalize()[..8]);
        format!("nhi-{}-{}-{}-{}", &hex[..4], &hex[4..8], &hex[8..12], &hex[12..])
    }
}

impl Register {
    /// An empty one.
    pub fn new(snapshot_at: &str, rule_pack: &str, key_id: &str) -> Self {
        Self {
            schema_version: SCHEMA.to_owned(),
            snapshot_at: snapshot_at.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            rule_pack: rule_pack.to_owned(),
            key_id: key_id.to_owned(),
            coverage: BTreeSet::new(),
            gaps: BTreeSet::new(),
            identities: BTreeMap::new(),
        }
    }

    /// Adds what was seen of an identity.
    pub fn add(&mut self, subject: Subject, facts: Facts) {
        let id = subject.id();
        match self.identities.entry(id) {
            std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().facts.join(facts),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let id = entry.key().clone();
                let Subject { kind, fingerprint } = subject;
                let resolved = Resolved::default();
                entry.insert(Identity { id, fingerprint, fingerprint_kind: kind, facts, resolved });
            }
        }
    }
}

/// The JSON Schema of the register, as `docs/schema/inventory.schema.json` has it.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Register);
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// Identities are written as a list: each holds its id.
mod rows {
    use std::collections::BTreeMap;

    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::Identity;

    pub(super) fn serialize<S: Serializer>(rows: &BTreeMap<String, Identity>, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(rows.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, Identity>, D::Error> {
        let rows = Vec::<Identity>::deserialize(input)?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
}
