//! The record of one identity.
//!
//! [`Facts`] are what was seen and who says so; joining two is a union, in any order, so that registers of separate runs
//! join to what one run would have given. Everything else in [`Identity`] follows from the facts and the day of the
//! register (`resolve`).

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::kind::{Field, FingerprintKind, Kind, Mode, ScopeLevel, Source, StorageState};

/// What a source says of an identity. Never holds a credential's value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Of what.
    pub field: Field,
    /// Who says so.
    pub source: Source,
    /// What.
    pub value: String,
    /// Where it says so, or how it follows: `main.tf:12`, `JWT claim iss`.
    pub basis: String,
}

/// A commit that did something to a credential.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The committer's date, RFC 3339.
    pub date: String,
    /// Its id in hex.
    pub commit: String,
    /// `Name <mail>` of who wrote it.
    pub author: String,
    /// `Name <mail>` of who committed it.
    pub committer: String,
    /// Pull request or ticket that its message names (`#123`, `ABC-45`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// A place where an identity stands or is referred to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The repository, or the image's file.
    pub repository: String,
    /// Path in it; members of archives behind `!`.
    pub path: String,
    /// Line, 1-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column in characters, 1-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// How it is kept here.
    pub storage: StorageState,
    /// What the place is (`build argument`, `job deploy, step 2`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// True where HEAD, the work tree or the final image still shows it.
    pub present: bool,
    /// Branches and tags that hold it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refs: BTreeSet<String>,
    /// The commit that brought it; `None` where history was not read or is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced: Option<Change>,
    /// The commit that took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Change>,
    /// The blob's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
    /// Digest of the image's layer, and the instruction that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The rule that found it here; references have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Confidence of the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
    /// The name it has here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Location {
    /// A place that shows the identity now.
    pub fn new(repository: &str, path: &str, storage: StorageState) -> Self {
        Self {
            repository: repository.to_owned(),
            path: path.to_owned(),
            line: None,
            column: None,
            storage,
            meaning: None,
            present: true,
            refs: BTreeSet::new(),
            introduced: None,
            removed: None,
            blob: None,
            layer: None,
            rule: None,
            confidence: None,
            name: None,
        }
    }
}

/// Something that uses an identity.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Consumer {
    /// The repository.
    pub repository: String,
    /// What uses it: a file, `workflow deploy.yml, job build`, `Deployment web/api`.
    pub what: String,
    /// Where that is said.
    pub path: String,
    /// Line, 1-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// A new value under the same name in the same file: a rotation as far as a repository shows one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rotation {
    /// When and by whom.
    pub change: Change,
    /// Id of the identity whose value stood there before.
    pub from: String,
    /// Id of the one that took its place.
    pub to: String,
    /// Repository and path.
    pub place: String,
}

/// Who answers for an identity, by one source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// The rank of the source among all, 0 first: see [`super::owner::rank`].
    pub rank: u8,
    /// `business` or `technical`.
    pub role: Role,
    /// The team or person, as the source writes it.
    pub owner: String,
    /// The source: `CODEOWNERS`, `catalog-info.yaml`, `git majority` …
    pub source: String,
    /// Where the source says so: file and line.
    pub basis: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
}

/// What an owner answers for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Why it is there.
    Business,
    /// That it works and is rotated.
    Technical,
}

impl Role {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Technical => "technical",
        }
    }
}

/// What was seen of an identity, and who says so.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// What sources say of its fields.
    pub claims: BTreeSet<Claim>,
    /// Every place.
    pub locations: BTreeSet<Location>,
    /// What uses it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub consumers: BTreeSet<Consumer>,
    /// New values seen.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rotations: BTreeSet<Rotation>,
    /// Who answers for it, by every source that tells.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub owners: BTreeSet<Attribution>,
    /// Why a source of owners told nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unattributed: BTreeSet<String>,
}

impl Facts {
    /// Notes what a source says; an empty value says nothing.
    pub fn claim(&mut self, field: Field, source: Source, value: impl Into<String>, basis: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.claims.insert(Claim { field, source, value, basis: basis.into() });
        }
    }

    /// Adds what another look saw.
    pub fn join(&mut self, other: Self) {
        self.claims.extend(other.claims);
        self.locations.extend(other.locations);
        self.consumers.extend(other.consumers);
        self.rotations.extend(other.rotations);
        self.owners.extend(other.owners);
        self.unattributed.extend(other.unattributed);
    }

    /// What counts for a field: the claim of the source that stands first, and among its claims the least.
    pub fn first(&self, field: Field) -> Option<&Claim> {
        // Claims are sorted by field, then source, then value.
        self.claims.iter().find(|claim| claim.field == field)
    }

    /// Every claim about a field, best source first.
    pub fn all(&self, field: Field) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |claim| claim.field == field)
    }
}

/// One non-human identity: one row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// Stable: from the keyed fingerprint, the provider's id or the reference.
    pub id: String,
    /// The keyed hash (`KEYID/…`), the hash of the public key, the provider's id or the reference.
    pub fingerprint: String,
    /// What the fingerprint is made of.
    pub fingerprint_kind: FingerprintKind,
    /// What was seen.
    pub facts: Facts,
    /// What follows from that on the register's day. Made anew whenever a register is read.
    #[serde(deserialize_with = "passed_over")]
    pub resolved: Resolved,
}

/// Reads over what is made anew: it is most of a register's text.
fn passed_over<'de, D: Deserializer<'de>>(input: D) -> Result<Resolved, D::Error> {
    IgnoredAny::deserialize(input).map(|_| Resolved::default())
}

/// What the facts come to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resolved {
    /// What it authenticates with.
    pub kind: Option<Kind>,
    /// The single-valued fields, by name.
    pub fields: BTreeMap<String, String>,
    /// The fields that hold several values.
    pub lists: BTreeMap<String, BTreeSet<String>>,
    /// How long it holds.
    pub mode: Option<Mode>,
    /// How far it reaches.
    pub scope_level: Option<ScopeLevel>,
    /// How it is kept: as its worst location is.
    pub storage: Option<StorageState>,
    /// Sources that differ: field, then every value with its source.
    pub conflicts: BTreeMap<String, BTreeSet<String>>,
    /// Who answers for its purpose.
    pub business_owner: Option<Attribution>,
    /// Who answers for its working.
    pub technical_owner: Option<Attribution>,
    /// Why nobody does, where nobody does.
    pub unowned_because: Vec<String>,
    /// Who brought it in; not its owner.
    pub creator: Option<String>,
    /// Dates and ages.
    pub time: Time,
    /// `introduced`, `active`, `exposed`, `rotated`, `removed` …
    pub lifecycle: String,
    /// Finding states (`embedded`, `aged`, `unowned` …), each with its reason.
    pub states: BTreeMap<String, String>,
    /// States that nothing allows to judge, each with what is missing. Never counts as good.
    pub unknown: BTreeMap<String, String>,
    /// `high`, `medium`, `low`.
    pub tier: String,
    /// 0 to 100.
    pub score: u8,
    /// What the score is made of.
    pub factors: Vec<Factor>,
    /// What to do: keep, rotate, reduce, revoke; and why.
    pub recommended: Recommendation,
    /// Controls that it is evidence against.
    pub controls_against: BTreeSet<String>,
    /// Controls that it is evidence for.
    pub controls_for: BTreeSet<String>,
}

/// Dates, all RFC 3339; ages in days on the register's day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Time {
    /// When it was made, as far as known.
    pub created_at: Option<String>,
    /// Who says so.
    pub created_basis: Option<String>,
    /// Days since.
    pub age_days: Option<i64>,
    /// `exact`, `lower bound` or `unknown`.
    pub age_basis: String,
    /// When it ends.
    pub expires_at: Option<String>,
    /// When it last got a new value.
    pub last_rotated_at: Option<String>,
    /// Days that its tier allows between rotations.
    pub rotation_window_days: Option<i64>,
    /// When the next one is due.
    pub rotation_due: Option<String>,
    /// When it was last used; exports alone tell.
    pub last_used_at: Option<String>,
    /// The newest commit that touched it or a reference to it.
    pub last_referenced_at: Option<String>,
}

/// A part of the score.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Factor {
    /// Points it adds.
    pub points: i32,
    /// What it is.
    pub what: String,
}

/// What a reviewer is advised to decide.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Recommendation {
    /// keep, rotate, reduce, revoke.
    pub action: String,
    /// Why.
    pub reason: String,
}
