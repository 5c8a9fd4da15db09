//! What the facts of a register come to on its day: kind, owners, dates, states, risk, controls.
//!
//! Nothing here is kept: a register that is read again, or joined, is resolved anew. What cannot be judged is `unknown` with
//! what is missing, and never counts as good.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::kind::{Field, Kind, Mode, ScopeLevel, Source, StorageState};
use super::record::{Claim, Facts, Identity, Location, Resolved};
use super::register::Register;
use crate::config::NhiPolicy;

mod advice;
pub mod controls;
mod day;
mod owners;
mod risk;
mod states;
mod time;

pub use advice::objections;

/// Since when somebody is gone, by name, address or handle; `None` for those who are not known to be.
pub type Left<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What all rows are resolved with.
struct Context<'a> {
    /// The register's day; without a valid one no age is known.
    day: Option<Date>,
    policy: &'a NhiPolicy,
    /// `None` where no list of leavers was given.
    left: Option<&'a Left<'a>>,
    /// The team's own register was given.
    registered: bool,
}

/// One row while it is resolved.
struct Row<'a> {
    context: &'a Context<'a>,
    id: &'a str,
    /// The facts, and what the policy says of this identity.
    facts: Facts,
    out: Resolved,
}

/// Fills what follows from the facts, for every row. `left` tells who is gone, where a list of leavers was given.
pub fn resolve<'a>(register: &mut Register, policy: &'a NhiPolicy, left: Option<&'a Left<'a>>) {
    let registered = register.identities.values().any(|row| said_by(&row.facts, Source::Register));
    let context = Context { day: day::of(&register.snapshot_at), policy, left, registered };
    for row in register.identities.values_mut() {
        row.resolved = context.row(row);
    }
}

fn said_by(facts: &Facts, source: Source) -> bool {
    facts.claims.iter().any(|claim| claim.source == source)
}

impl Context<'_> {
    fn row(&self, identity: &Identity) -> Resolved {
        let mut row = Row { context: self, id: &identity.id, facts: identity.facts.clone(), out: Resolved::default() };
        row.policy();
        row.fields();
        row.owners();
        row.tier();
        row.time();
        row.lifecycle();
        row.states();
        row.score();
        row.advise();
        row.controls();
        row.out
    }
}

impl Row<'_> {
    /// What the policy says of this identity, as claims like any other.
    fn policy(&mut self) {
        let names: BTreeSet<String> = self
            .facts
            .all(Field::Name)
            .map(|claim| claim.value.clone())
            .chain(self.facts.locations.iter().filter_map(|place| place.name.clone()))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for known in self.context.policy.identities.iter().filter(|known| known.is(self.id, &names)) {
            let basis = format!("credlint.yaml:{} nhi.identities", known.line);
            for (field, value) in [(Field::Purpose, &known.raw.purpose), (Field::Ceiling, &known.raw.ceiling)] {
                self.facts.claim(field, Source::Policy, value.clone().unwrap_or_default(), basis.clone());
            }
            self.facts.owners.extend(owners::of_policy(&known.raw, &basis));
        }
        for environment in &self.context.policy.environments {
            let path = self.facts.locations.iter().find(|place| environment.paths.matched(&place.path).is_some());
            let name = names.iter().find(|name| crate::config::matching(&environment.names, name).is_some());
            let why = path.map(|place| place.path.as_str()).or(name.copied());
            if let Some(why) = why {
                let basis = format!("credlint.yaml nhi.environments: {why}");
                self.facts.claim(Field::Environment, Source::Policy, environment.name.as_str(), basis);
            }
        }
    }

    /// Kind, mode, scope, storage, the fields and where sources differ.
    fn fields(&mut self) {
        let out = &mut self.out;
        out.kind = best(&self.facts, Field::Kind, Kind::from_name);
        out.mode = best(&self.facts, Field::Mode, Mode::from_name);
        out.scope_level = scope_level(&self.facts);
        out.storage = self.facts.locations.iter().map(|place| place.storage).min();
        if out.mode.is_none() {
            out.mode = mode(out.kind, out.storage);
        }
        let mut by_field: BTreeMap<Field, Vec<&Claim>> = BTreeMap::new();
        for claim in &self.facts.claims {
            by_field.entry(claim.field).or_default().push(claim);
        }
        for (field, claims) in by_field {
            let name = field.name().to_owned();
            if field.is_many() {
                out.lists.insert(name, claims.iter().map(|claim| claim.value.clone()).collect());
                continue;
            }
            if let Some(claim) = claims.first() {
                out.fields.insert(name.clone(), claim.value.clone());
            }
            if differ(field, &claims) {
                let said = |claim: &&Claim| format!("{} ({}: {})", claim.value, claim.source.name(), claim.basis);
                out.conflicts.insert(name, claims.iter().map(said).collect());
            }
        }
        for (field, word) in [
            (Field::Kind, out.kind.map(Kind::name)),
            (Field::Mode, out.mode.map(Mode::name)),
            (Field::ScopeLevel, out.scope_level.map(ScopeLevel::name)),
        ] {
            if let Some(word) = word {
                out.fields.insert(field.name().to_owned(), word.to_owned());
            }
        }
    }

    /// The value that counts for a field.
    fn field(&self, field: Field) -> Option<&str> {
        self.out.fields.get(field.name()).map(String::as_str)
    }

    /// The values of a field that holds several.
    fn list(&self, field: Field) -> impl Iterator<Item = &str> {
        self.out.lists.get(field.name()).into_iter().flatten().map(String::as_str)
    }

    /// The first claim of a state that a source speaks for.
    fn claimed(&self, state: &str) -> Option<&Claim> {
        self.facts.all(Field::State).find(|claim| claim.value == state)
    }

    /// Places where the value stands, or stood, in clear.
    fn clear(&self) -> impl Iterator<Item = &Location> {
        self.facts.locations.iter().filter(|place| {
            matches!(
                place.storage,
                StorageState::Embedded | StorageState::CiLiteral | StorageState::Image | StorageState::HistoryOnly
            )
        })
    }

    /// True where it is used in production, and where in something else.
    fn environments(&self) -> (bool, bool) {
        let is_production = |name: &str| matches!(name.to_ascii_lowercase().as_str(), "production" | "prod" | "live");
        (
            self.list(Field::Environment).any(is_production),
            self.list(Field::Environment).any(|name| !is_production(name)),
        )
    }

    /// Another value took its place, or its provider or its register says that it does not hold any more.
    fn replaced(&self) -> Option<String> {
        if let Some(rotation) = self.facts.rotations.iter().find(|rotation| rotation.from == self.id) {
            return Some(format!("another value took its place in {} on {}", rotation.place, rotation.change.date));
        }
        let inactive = self.facts.first(Field::Active).filter(|claim| claim.value == "no");
        inactive.map(|claim| format!("not active any more ({})", claim.basis))
    }

    /// `introduced`, `active`, `exposed`, `rotated` or `removed`; exposed stays until a rotation is shown or declared.
    fn lifecycle(&mut self) {
        let in_clear = self.clear().next().is_some();
        let still = self.clear().any(|place| place.present);
        let present = self.facts.locations.iter().any(|place| place.present);
        let replaced = self.replaced().is_some();
        let word = match (in_clear, replaced) {
            (true, false) => "exposed",
            (true, true) if still && self.field(Field::Active) != Some("no") => "exposed",
            (_, true) => "rotated",
            (false, false) if present || !self.facts.consumers.is_empty() => "active",
            (false, false) if self.facts.locations.is_empty() => "introduced",
            (false, false) => "removed",
        };
        word.clone_into(&mut self.out.lifecycle);
    }

    fn controls(&mut self) {
        let against = self.out.states.keys().map(String::as_str);
        let login = self.is_login();
        self.out.controls_against = controls::against(against, login);
        self.out.controls_for = controls::supporting(&self.evidence());
    }

    /// A password, or a key of a log-in: what PCI DSS 8.6.2 is about.
    fn is_login(&self) -> bool {
        let ssh = || {
            let rules = self.facts.locations.iter().filter_map(|place| place.rule.as_deref());
            rules.chain(self.field(Field::Provider)).any(|text| text.to_ascii_lowercase().contains("ssh"))
        };
        match self.out.kind {
            Some(Kind::Password | Kind::ConnectionString) => true,
            Some(Kind::PrivateKey) => ssh() || self.field(Field::Interactive) == Some("yes"),
            _ => self.field(Field::Interactive) == Some("yes"),
        }
    }

    /// What speaks for it, in the words of the control map.
    fn evidence(&self) -> Vec<&'static str> {
        let clear = self.clear().any(|place| place.present);
        let kept = |states: &[StorageState]| {
            !clear && self.facts.locations.iter().any(|place| place.present && states.contains(&place.storage))
        };
        let owned = self.out.technical_owner.is_some() || self.out.business_owner.is_some();
        let known = self.field(Field::Purpose).is_some() && self.field(Field::Application).is_some();
        let scoped = self.out.scope_level.is_some_and(|level| level != ScopeLevel::Unknown);
        let dated = self.out.time.created_at.is_some();
        let mut out = Vec::new();
        for (word, holds) in [
            ("inventory-record", owned && known && scoped && dated && !self.out.unknown.contains_key("unowned")),
            ("vaulted-reference", kept(&[StorageState::Vault, StorageState::CiStore])),
            ("federated", kept(&[StorageState::Federated])),
            ("encrypted-at-rest", kept(&[StorageState::EncryptedFile])),
            ("rotation-event", self.out.time.last_rotated_at.is_some()),
            ("review-decision", self.field(Field::Decision).is_some()),
        ] {
            if holds {
                out.push(word);
            }
        }
        out
    }
}

/// Of the best source that says anything, the word that stands first in its order.
fn best<T: Ord>(facts: &Facts, field: Field, read: fn(&str) -> Option<T>) -> Option<T> {
    let mut claims = facts.all(field).filter_map(|claim| Some((claim.source, read(&claim.value)?))).peekable();
    let source = claims.peek()?.0;
    claims.take_while(|(other, _)| *other == source).map(|(_, word)| word).min()
}

/// The widest level that the best source tells; where that reads alone and it does not know of other rights, nothing.
fn scope_level(facts: &Facts) -> Option<ScopeLevel> {
    let widest = best(facts, Field::ScopeLevel, ScopeLevel::from_name)?;
    let source = facts.first(Field::ScopeLevel)?.source;
    let unknown =
        facts.all(Field::ScopeLevel).any(|claim| claim.source == source && claim.value == ScopeLevel::Unknown.name());
    Some(if widest == ScopeLevel::Read && unknown { ScopeLevel::Unknown } else { widest })
}

/// How long it holds by its kind, where no source says.
fn mode(kind: Option<Kind>, storage: Option<StorageState>) -> Option<Mode> {
    if storage == Some(StorageState::Federated) {
        return Some(Mode::Federated);
    }
    match kind? {
        Kind::WorkloadIdentity => Some(Mode::Federated),
        Kind::Password
        | Kind::ApiKey
        | Kind::PrivateKey
        | Kind::SigningKey
        | Kind::ConnectionString
        | Kind::Webhook
        | Kind::DeviceCredential => Some(Mode::Static),
        _ => None,
    }
}

/// Sources that say different things. Of kinds and scope levels a source may say several: there its best word counts. An
/// identity has a name for each of its places.
fn differ(field: Field, claims: &[&Claim]) -> bool {
    let mut by_source: BTreeMap<Source, BTreeSet<&str>> = BTreeMap::new();
    for claim in claims {
        by_source.entry(claim.source).or_default().insert(&claim.value);
    }
    let rank = |value: &str| match field {
        Field::Kind => Kind::from_name(value).map(|kind| kind as usize),
        _ => ScopeLevel::from_name(value).map(|level| level as usize),
    };
    match field {
        Field::Name => false,
        Field::Kind | Field::ScopeLevel => {
            let words: BTreeSet<Option<usize>> =
                by_source.values().map(|values| values.iter().filter_map(|value| rank(value)).min()).collect();
            words.len() > 1
        }
        _ => claims.iter().map(|claim| &claim.value).collect::<BTreeSet<_>>().len() > 1,
    }
}

#[cfg(test)]
mod tests;
