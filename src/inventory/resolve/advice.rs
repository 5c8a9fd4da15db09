//! What a reviewer is advised to decide, and what stands against approving an identity.

use super::Row;
use crate::config::NhiPolicy;
use crate::config::nhi::RawRequired;
use crate::inventory::kind::{Field, Kind, Source, StorageState};
use crate::inventory::owner::rank;
use crate::inventory::record::{Identity, Recommendation};

/// States that ask for another value, in the order in which they count, and what else is to be done then.
const ROTATE: &[(&str, &str)] = &[
    ("orphaned", "name who answers for it now"),
    ("default-credential", "everybody knows it"),
    ("weak-secret", "let its next value be generated"),
    ("weak-auth-scheme", "go over to what ends by itself"),
    ("unrotated", ""),
    ("aged", ""),
    ("expiring", ""),
    ("cross-environment", "give each environment its own"),
    ("shared", "give each its own"),
];

/// The same of what is made for each run, or not stored at all: there is no value to rotate.
const REDUCE: &[(&str, &str)] =
    &[("cross-environment", "give each environment its own"), ("shared", "give each its own")];

impl Row<'_> {
    /// What cannot be tied to a current need is revoked; what was seen, or answers to nobody any more, is rotated; what
    /// reaches too far is reduced.
    pub(super) fn advise(&mut self) {
        let (action, reason) = self.advice();
        self.out.recommended = Recommendation { action: action.to_owned(), reason };
    }

    fn advice(&self) -> (&'static str, String) {
        if self.claimed("canary").is_some() {
            return ("keep", "a canary: it is there to be found".to_owned());
        }
        if let Some(reason) = self.superfluous() {
            return ("revoke", reason);
        }
        if let Some(reason) = self.seen() {
            return ("rotate", reason);
        }
        if let Some(reason) = self.because(&[("overprivileged", "take away what it does not need")]) {
            return ("reduce", reason);
        }
        let passing = self.is_passing();
        if let Some(reason) = self.because(if passing { REDUCE } else { ROTATE }) {
            return (if passing { "reduce" } else { "rotate" }, reason);
        }
        if let Some(reason) = self.because(&[("admin-scope", "see whether it needs all of that")]) {
            return ("reduce", reason);
        }
        if let Some(reason) = self.because(&[("orphaned", "name who answers for it now")]) {
            return ("keep", reason);
        }
        if self.field(Field::Purpose).is_none() && self.facts.consumers.is_empty() && !passing {
            return ("rotate", "what it is for is not known".to_owned());
        }
        let mut open = Vec::new();
        for (missing, what) in [
            (self.out.states.contains_key("unowned"), "name who answers for it"),
            (self.out.unknown.contains_key("unrotated"), "find out when its value last changed"),
        ] {
            if missing {
                open.push(what);
            }
        }
        let tied = if self.facts.consumers.is_empty() { "declared" } else { "in use" };
        let fine = format!("{tied}, and nothing speaks against it");
        ("keep", std::iter::once(fine.as_str()).chain(open).collect::<Vec<_>>().join("; "))
    }

    /// The first of these states that holds, with its reason and what is to be done.
    fn because(&self, states: &[(&str, &str)]) -> Option<String> {
        states.iter().find_map(|(state, then)| {
            let reason = format!("{state}: {}", self.out.states.get(*state)?);
            Some(if then.is_empty() { reason } else { format!("{reason}; {then}") })
        })
    }

    /// Why nothing needs it any more.
    fn superfluous(&self) -> Option<String> {
        if self.field(Field::Active) == Some("no") {
            return Some("not active any more: take away what is left of it".to_owned());
        }
        if self.out.lifecycle == "rotated" {
            return self.replaced().map(|how| format!("{how}: see that the old value is revoked"));
        }
        let ended = self.because(&[("expired", "")]);
        if ended.is_some() || self.is_over() {
            return ended.or_else(|| self.because(&[("orphaned", "")]));
        }
        if self.is_needed() && !self.out.states.contains_key("stale") {
            return None;
        }
        let clear =
            self.because(&[("embedded", ""), ("plaintext-in-ci", ""), ("in-image-layer", ""), ("in-history", "")]);
        let why = match (&clear, self.because(&[("stale", "")])) {
            (_, Some(stale)) => stale,
            (Some(_), None) if self.clear().any(|place| place.present) => {
                "it stands in documentation, examples or tests alone".to_owned()
            }
            _ => "nothing that was read ties it to a current need".to_owned(),
        };
        Some(clear.into_iter().chain([why]).collect::<Vec<_>>().join("; "))
    }

    /// Why its value counts as known to others.
    fn seen(&self) -> Option<String> {
        self.because(&[
            ("plaintext-in-ci", "keep its next value among the pipeline's secrets"),
            ("embedded", "keep its next value in a vault"),
            ("in-image-layer", "give its next value to the container when it starts"),
            ("in-history", "the value is known to whoever has a clone"),
        ])
    }

    /// Its application is not kept any more.
    fn is_over(&self) -> bool {
        self.out.states.get("orphaned").is_some_and(|reason| reason.starts_with("its application"))
    }

    /// Something tells what uses it or what it is for: a consumer, a purpose, its declaration, a reference to it, or a file
    /// that holds it for a program.
    pub(super) fn is_needed(&self) -> bool {
        let certificate = || self.out.kind == Some(Kind::Certificate);
        let declared = || self.facts.claims.iter().any(|claim| claim.source == Source::Infrastructure);
        !self.facts.consumers.is_empty()
            || self.field(Field::Purpose).is_some()
            || self.field(Field::Application).is_some()
            || self.out.time.last_used_at.is_some()
            || self.facts.locations.iter().filter(|place| place.present).any(|place| match place.storage {
                StorageState::CiStore | StorageState::Vault | StorageState::Federated => true,
                StorageState::Unknown | StorageState::EncryptedFile => {
                    declared() || certificate() && !is_example(&place.path)
                }
                _ => !is_example(&place.path),
            })
    }
}

/// Folders of what shows or tries a program, and is no part of it.
const EXAMPLES: &[&str] = &[
    "__tests__",
    "_testdata",
    "cassettes",
    "doc",
    "docs",
    "documentation",
    "e2e",
    "example",
    "examples",
    "fixtures",
    "mock",
    "mocks",
    "sample",
    "samples",
    "snippets",
    "spec",
    "specs",
    "test",
    "testdata",
    "testing",
    "tests",
];

/// Documentation, examples and tests, by the path.
fn is_example(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    folders.split('/').any(|folder| EXAMPLES.contains(&folder))
        || matches!(ending, "md" | "rst" | "adoc" | "example" | "sample" | "dist")
        || name.starts_with("readme")
        || name.starts_with("test_")
        || ["_test.", ".test.", ".spec.", "_spec."].iter().any(|part| name.contains(part))
}

/// Why an identity is not approved by the policy: what is required and not known, and vault paths that may not be used. The
/// row must be resolved.
pub fn objections(row: &Identity, policy: &NhiPolicy) -> Vec<String> {
    let resolved = &row.resolved;
    let has = |field: Field| resolved.fields.contains_key(field.name());
    let owners = [&resolved.business_owner, &resolved.technical_owner];
    let mut out: Vec<String> = policy
        .required
        .iter()
        .filter(|required| match required {
            RawRequired::Owner => !owners.iter().any(|one| one.as_ref().is_some_and(|owner| owner.rank < rank::GIT)),
            RawRequired::Purpose => !has(Field::Purpose),
            RawRequired::Ceiling => !has(Field::Ceiling),
        })
        .map(|required| format!("no {}", required.name()))
        .collect();
    let paths = row.facts.all(Field::VaultPath).filter(|claim| !policy.allows(&claim.value));
    out.extend(paths.map(|claim| format!("the vault path {} may not be used ({})", claim.value, claim.basis)));
    out.dedup();
    out
}
