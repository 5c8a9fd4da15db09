//! The owners that count, why there is none, and who brought the identity in.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, day};
use crate::config::nhi::RawIdentity;
use crate::inventory::kind::{Field, Source};
use crate::inventory::owner::{rank, role_of_tag};
use crate::inventory::record::{Attribution, Change, Role};

/// The owners that `nhi.identities` names.
pub(super) fn of_policy(raw: &RawIdentity, basis: &str) -> Vec<Attribution> {
    let named = [(Role::Business, &raw.business_owner), (Role::Technical, &raw.technical_owner)];
    let owner = |(role, owner): (Role, &Option<String>)| {
        Some(Attribution {
            rank: rank::POLICY,
            role,
            owner: owner.clone()?,
            source: "credlint.yaml".to_owned(),
            basis: basis.to_owned(),
            confidence: "high".to_owned(),
        })
    };
    named.into_iter().filter_map(owner).collect()
}

impl Row<'_> {
    pub(super) fn owners(&mut self) {
        let tags: Vec<Attribution> = self
            .facts
            .all(Field::Tag)
            .filter(|claim| matches!(claim.source, Source::Tag | Source::Infrastructure | Source::Export))
            .filter_map(|claim| {
                let (key, value) = claim.value.split_once('=')?;
                Some(Attribution {
                    rank: rank::INFRASTRUCTURE,
                    role: role_of_tag(key)?,
                    owner: Some(value.trim()).filter(|value| !value.is_empty())?.to_owned(),
                    source: format!("tag {key}"),
                    basis: claim.basis.clone(),
                    confidence: "high".to_owned(),
                })
            })
            .collect();
        self.facts.owners.extend(tags);
        self.out.business_owner = self.owner(Role::Business);
        self.out.technical_owner = self.owner(Role::Technical);
        self.owner_conflicts(Role::Business, "business_owner");
        self.owner_conflicts(Role::Technical, "technical_owner");
        if self.out.business_owner.is_none() && self.out.technical_owner.is_none() {
            self.out.unowned_because = self.facts.unattributed.iter().cloned().collect();
            if self.out.unowned_because.is_empty() {
                self.out.unowned_because.push("nothing that was read names owners of its places".to_owned());
            }
        }
        self.out.creator = self.first_change().map(|change| {
            if change.committer == change.author || change.committer.is_empty() {
                change.author.clone()
            } else {
                format!("{}, committed by {}", change.author, change.committer)
            }
        });
    }

    /// Those whom the best source names, at the first of its places.
    fn owner(&self, role: Role) -> Option<Attribution> {
        let (_, group) = self.groups(role).into_iter().next()?;
        let first = group.first()?;
        let owners: BTreeSet<&str> = group.iter().map(|one| one.owner.as_str()).collect();
        Some(Attribution { owner: owners.into_iter().collect::<Vec<_>>().join(", "), ..(*first).clone() })
    }

    /// The owners by source and place, best first: several names of one rule stand together.
    fn groups(&self, role: Role) -> BTreeMap<(u8, &str, &str), Vec<&Attribution>> {
        let mut groups: BTreeMap<_, Vec<&Attribution>> = BTreeMap::new();
        for one in self.facts.owners.iter().filter(|one| one.role == role) {
            groups.entry((one.rank, one.source.as_str(), one.basis.as_str())).or_default().push(one);
        }
        groups
    }

    /// Sources that name different people. Who wrote the commits contradicts nobody.
    fn owner_conflicts(&mut self, role: Role, name: &str) {
        let groups = self.groups(role);
        let named: BTreeMap<BTreeSet<&str>, String> = groups
            .iter()
            .filter(|((rank, ..), _)| *rank < rank::PACKAGE)
            .map(|((_, source, basis), group)| {
                let owners: BTreeSet<&str> = group.iter().map(|one| one.owner.as_str()).collect();
                let shown = owners.iter().copied().collect::<Vec<_>>().join(", ");
                (owners, format!("{shown} ({source}: {basis})"))
            })
            .collect();
        if named.len() > 1 {
            let said = named.into_values().collect();
            self.out.conflicts.insert(name.to_owned(), said);
        }
    }

    /// The commit that first brought it anywhere.
    pub(super) fn first_change(&self) -> Option<&Change> {
        let introduced = self.facts.locations.iter().filter_map(|place| place.introduced.as_ref());
        introduced.min_by_key(|change| (day::of(&change.date), &change.date, &change.commit))
    }
}
