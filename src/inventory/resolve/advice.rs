//! What a reviewer is advised to decide, and what stands against approving an identity.

use super::Row;
use crate::config::NhiPolicy;
use crate::config::nhi::RawRequired;
use crate::inventory::kind::{Field, StorageState};
use crate::inventory::owner::rank;
use crate::inventory::record::{Identity, Recommendation};

impl Row<'_> {
    /// What cannot be tied to a current need is revoked; what was seen, or answers to nobody any more, is rotated; what
    /// reaches too far is reduced.
    pub(super) fn advise(&mut self) {
        let (action, reason) = self.advice();
        self.out.recommended = Recommendation { action: action.to_owned(), reason };
    }

    fn advice(&self) -> (&'static str, String) {
        let because = |state: &str| self.out.states.get(state).map(|reason| format!("{state}: {reason}"));
        let first = |states: &[&str]| states.iter().find_map(|state| because(state));
        if self.claimed("canary").is_some() {
            return ("keep", "a canary: it is there to be found".to_owned());
        }
        if self.field(Field::Active) == Some("no") {
            return ("revoke", "not active any more: take away what is left of it".to_owned());
        }
        if self.out.lifecycle == "rotated" {
            return (
                "revoke",
                self.replaced().map_or_else(String::new, |how| format!("{how}: see that the old value is revoked")),
            );
        }
        let clear = first(&["embedded", "plaintext-in-ci", "in-image-layer", "in-history"]);
        if let Some(reason) = first(&["expired"]) {
            return ("revoke", reason);
        }
        if let Some(reason) = first(&["stale"]) {
            return ("revoke", clear.into_iter().chain([reason]).collect::<Vec<_>>().join("; "));
        }
        if self.is_over() {
            return ("revoke", because("orphaned").unwrap_or_default());
        }
        if !self.is_needed() {
            return ("revoke", "nothing that was read ties it to a current need".to_owned());
        }
        if let Some(reason) = clear {
            return ("rotate", reason);
        }
        if let Some(reason) = first(&["overprivileged"]) {
            return ("reduce", reason);
        }
        if let Some(reason) = first(&[
            "orphaned",
            "default-credential",
            "weak-secret",
            "unrotated",
            "aged",
            "expiring",
            "cross-environment",
            "shared",
        ]) {
            return ("rotate", reason);
        }
        if let Some(reason) = first(&["admin-scope"]) {
            return ("reduce", reason);
        }
        if self.field(Field::Purpose).is_none() && self.facts.consumers.is_empty() {
            return ("rotate", "what it is for is not known".to_owned());
        }
        ("keep", "in use, and nothing speaks against it".to_owned())
    }

    /// Its application is not kept any more.
    fn is_over(&self) -> bool {
        self.out.states.get("orphaned").is_some_and(|reason| reason.starts_with("its application"))
    }

    /// Something tells what uses it or what it is for.
    fn is_needed(&self) -> bool {
        let referenced =
            |storage| matches!(storage, StorageState::CiStore | StorageState::Vault | StorageState::Federated);
        !self.facts.consumers.is_empty()
            || self.field(Field::Purpose).is_some()
            || self.field(Field::Application).is_some()
            || self.out.time.last_used_at.is_some()
            || self.facts.locations.iter().any(|place| place.present && referenced(place.storage))
    }
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
