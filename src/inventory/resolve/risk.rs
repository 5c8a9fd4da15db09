//! Tier and score, with everything they are made of.

use super::Row;
use crate::config::nhi::Tier;
use crate::inventory::kind::{Field, Kind, ScopeLevel, StorageState};
use crate::inventory::record::Factor;

/// Points of states: the more harm they allow or hide, the more.
const STATES: &[(&str, i32)] = &[
    ("admin-scope", 5),
    ("overprivileged", 5),
    ("default-credential", 15),
    ("weak-secret", 8),
    ("weak-crypto", 5),
    ("weak-auth-scheme", 4),
    ("unencrypted-key", 5),
    ("cross-environment", 6),
    ("shared", 5),
    ("aged", 5),
    ("unrotated", 6),
    ("no-expiry", 4),
    ("unowned", 8),
    ("orphaned", 8),
    ("stale", 3),
    ("third-party", 4),
    ("human-use", 4),
    ("unregistered", 3),
    ("expired", -10),
];
/// Points of what is not known: less than the state itself, and never none.
const UNKNOWN: &[(&str, i32)] = &[("aged", 2), ("unowned", 4), ("no-expiry", 2), ("unencrypted-key", 2)];

impl Row<'_> {
    /// The first rule of the policy that fits; without one: high is what may change something in production, or everything
    /// anywhere, or what nothing tells the scope of in production; low what only reads outside of it, or is for tests.
    pub(super) fn tier(&mut self) {
        let rule = self.context.policy.tiers.iter().find(|rule| {
            let kind = self.out.kind.map_or("", Kind::name);
            let level = self.level_of_scope().name();
            (rule.kinds.is_empty() || rule.kinds.iter().any(|known| known == kind))
                && (rule.scope_levels.is_empty() || rule.scope_levels.contains(&level))
                && (rule.environments.is_empty()
                    || self.list(Field::Environment).any(|name| rule.environments.iter().any(|known| known == name)))
                && (rule.paths.is_empty()
                    || self.facts.locations.iter().any(|place| rule.paths.matched(&place.path).is_some()))
        });
        let tier = rule.map_or_else(|| self.own_tier(), |rule| rule.tier);
        tier.name().clone_into(&mut self.out.tier);
    }

    fn own_tier(&self) -> Tier {
        let (production, other) = self.environments();
        match self.level_of_scope() {
            ScopeLevel::Admin => Tier::High,
            ScopeLevel::Write | ScopeLevel::Unknown if production => Tier::High,
            ScopeLevel::Read if other && !production => Tier::Low,
            _ if self.field(Field::Stage) == Some("test") && !production => Tier::Low,
            _ => Tier::Medium,
        }
    }

    fn level_of_scope(&self) -> ScopeLevel {
        self.out.scope_level.unwrap_or(ScopeLevel::Unknown)
    }

    pub(super) fn score(&mut self) {
        let mut factors: Vec<Factor> = Vec::new();
        let mut add = |points: i32, what: String| {
            if points != 0 {
                factors.push(Factor { points, what });
            }
        };
        let kind = self.out.kind;
        add(impact(kind), format!("kind {}", kind.map_or("unknown", Kind::name)));
        let storage = self.out.storage.unwrap_or(StorageState::Unknown);
        add(kept(storage), format!("kept {}", storage.name()));
        let level = self.level_of_scope();
        add(reach(level), format!("scope {}", level.name()));
        let (production, other) = self.environments();
        match (production, other) {
            (true, _) => add(10, "production".to_owned()),
            (false, false) => add(4, "environment unknown".to_owned()),
            (false, true) => {}
        }
        if self.clear().next().is_some() {
            match self.field(Field::Exposure) {
                Some("public") => add(15, "anybody can read its place".to_owned()),
                Some("internal") => add(5, "the whole organisation can read its place".to_owned()),
                Some(_) => {}
                None => add(4, "who can read its place is unknown".to_owned()),
            }
        }
        if self.clear().any(|place| place.confidence.as_deref() == Some("certain")) {
            add(5, "checksum or structure proves it".to_owned());
        }
        if self.clear().any(|place| place.refs.iter().any(|name| name.starts_with("refs/tags/"))) {
            add(2, "in a tag".to_owned());
        }
        if self.field(Field::Interactive) == Some("yes") {
            add(3, "a person can log in with it".to_owned());
        }
        if self.field(Field::DataClass).is_some_and(|class| !matches!(class, "public" | "none")) {
            add(5, format!("reaches data of class {}", self.field(Field::DataClass).unwrap_or_default()));
        }
        if self.field(Field::Encrypted) == Some("yes") {
            add(-15, "the key is encrypted".to_owned());
        }
        if self.field(Field::Stage) == Some("test") {
            add(-15, "test mode".to_owned());
        }
        if self.field(Field::Active) == Some("no") {
            add(-30, "not active any more".to_owned());
        }
        if self.claimed("canary").is_some() {
            add(-100, "canary: not to be touched".to_owned());
        }
        for (state, points) in STATES.iter().filter(|(state, _)| self.out.states.contains_key(*state)) {
            add(*points, (*state).to_owned());
        }
        for (state, points) in UNKNOWN.iter().filter(|(state, _)| self.out.unknown.contains_key(*state)) {
            add(*points, format!("{state}: unknown"));
        }
        let sum: i32 = factors.iter().map(|factor| factor.points).sum();
        self.out.score = u8::try_from(sum.clamp(0, 100)).unwrap_or(100);
        self.out.factors = factors;
    }
}

/// What a holder of the kind can do, where nothing else is known.
fn impact(kind: Option<Kind>) -> i32 {
    match kind {
        Some(Kind::ServiceAccount | Kind::PrivateKey | Kind::SigningKey) => 14,
        Some(Kind::Password | Kind::ConnectionString) => 12,
        Some(Kind::CiSecret) => 8,
        Some(Kind::Webhook | Kind::Certificate | Kind::DeviceCredential) => 6,
        Some(Kind::WorkloadIdentity) => 3,
        Some(Kind::ApiKey | Kind::Token | Kind::OauthClient | Kind::AiAgentCredential) | None => 10,
    }
}

fn kept(storage: StorageState) -> i32 {
    match storage {
        StorageState::Embedded | StorageState::CiLiteral | StorageState::Image => 25,
        StorageState::HistoryOnly => 18,
        StorageState::Unknown => 8,
        StorageState::EncryptedFile => 3,
        StorageState::CiStore => 2,
        StorageState::Vault | StorageState::Federated => 0,
    }
}

fn reach(level: ScopeLevel) -> i32 {
    match level {
        ScopeLevel::Admin => 20,
        ScopeLevel::Write => 12,
        ScopeLevel::Read => 4,
        ScopeLevel::Unknown => 8,
    }
}
