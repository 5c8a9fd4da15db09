//! The `nhi` section: what is asked of non-human identities. Raw form and validated policy.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::error::suggestion;
use super::globs::Globs;
use super::validate::Check;
use super::{RulePattern, matching};

/// Kinds of identities, as the register names them.
pub const KINDS: [&str; 14] = [
    "workload-identity",
    "service-account",
    "oauth-client",
    "ai-agent-credential",
    "signing-key",
    "certificate",
    "private-key",
    "webhook",
    "connection-string",
    "device-credential",
    "api-key",
    "token",
    "password",
    "ci-secret",
];

/// Settings of the register of identities.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawNhi {
    /// Days between rotations by tier; 30, 90 and 365 where nothing is said.
    pub rotation_days: RawWindows,
    /// Which identities are of which tier; the first entry that fits counts.
    pub tiers: Vec<RawTierRule>,
    /// Days before its end from which on a credential counts as expiring; 30 where nothing is said.
    pub expiring_days: Option<u32>,
    /// Days without a commit or a use after which an identity counts as stale; 90 where nothing is said.
    pub stale_days: Option<u32>,
    /// Days for which a review holds; 90 where nothing is said.
    pub review_days: Option<u32>,
    /// Which paths and names belong to which environment.
    pub environments: Vec<RawEnvironment>,
    /// Paths in vaults that may be used; `*` stands for any text. Without any, all may.
    pub vault_paths: Vec<String>,
    /// What must be known of an identity before it is approved.
    pub required: Vec<RawRequired>,
    /// What is known of single identities.
    pub identities: Vec<RawIdentity>,
    /// Why the windows are as they are.
    pub rationale: Option<String>,
    /// Who approved this section.
    pub approved_by: Option<String>,
    /// When it was last reviewed, as YYYY-MM-DD.
    pub reviewed_on: Option<String>,
}

/// Days by tier.
#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawWindows {
    /// Write access to production.
    pub high: Option<u32>,
    /// Everything else.
    pub medium: Option<u32>,
    /// Little harm.
    pub low: Option<u32>,
}

/// A tier and what belongs to it. Everything stated must fit; of a list, one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawTierRule {
    /// The tier.
    pub tier: Tier,
    /// Kinds of identities (`password`, `api-key` …).
    #[serde(default)]
    pub kinds: Vec<String>,
    /// How far they reach.
    #[serde(default)]
    pub scope_levels: Vec<RawScope>,
    /// Environments.
    #[serde(default)]
    pub environments: Vec<String>,
    /// Patterns of `.gitignore` for a file that holds or names one.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// How much harm an identity can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Rotated most often.
    High,
    /// In between.
    Medium,
    /// Rotated seldom.
    Low,
}

impl Tier {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// How far an identity reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawScope {
    /// Everything.
    Admin,
    /// Changes data.
    Write,
    /// Reads data.
    Read,
    /// Nothing tells.
    Unknown,
}

impl RawScope {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Write => "write",
            Self::Read => "read",
            Self::Unknown => "unknown",
        }
    }
}

/// What belongs to an environment.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawEnvironment {
    /// `production`, `staging`, `test` …
    pub environment: String,
    /// Patterns of `.gitignore` for files.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Names of identities; `*` stands for any text.
    #[serde(default)]
    pub names: Vec<String>,
}

/// What must be known of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawRequired {
    /// Somebody answers for it.
    Owner,
    /// What it is for.
    Purpose,
    /// What it may do at most.
    Ceiling,
}

impl RawRequired {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Purpose => "purpose",
            Self::Ceiling => "ceiling",
        }
    }
}

/// What is known of one identity.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawIdentity {
    /// Its id in the register (`nhi-…`).
    pub id: Option<String>,
    /// Its name; `*` stands for any text.
    pub name: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// What it may do at most: `read`, `write`, `admin`, or a list of scopes in words.
    pub ceiling: Option<String>,
    /// Who answers for its purpose.
    pub business_owner: Option<String>,
    /// Who answers for its working.
    pub technical_owner: Option<String>,
}

/// The validated section.
#[derive(Clone, Default)]
pub struct NhiPolicy {
    /// Days between rotations: high, medium, low.
    windows: RawWindows,
    /// Which identities are of which tier, the first that fits.
    pub tiers: Vec<TierRule>,
    /// Days before its end.
    expiring: Option<u32>,
    /// Days without a touch.
    stale: Option<u32>,
    /// Days a review holds.
    review: Option<u32>,
    /// Environments by path and name.
    pub environments: Vec<Environment>,
    /// Vault paths that may be used; empty for all.
    pub vault_paths: Vec<RulePattern>,
    /// What must be known.
    pub required: Vec<RawRequired>,
    /// Single identities.
    pub identities: Vec<Known>,
    /// Why the windows are as they are.
    pub rationale: Option<String>,
    /// Who approved the section.
    pub approved_by: Option<String>,
    /// When it was last reviewed.
    pub reviewed_on: Option<Date>,
}

/// A tier and what belongs to it.
#[derive(Clone)]
pub struct TierRule {
    /// The tier.
    pub tier: Tier,
    /// Words of kinds; empty for all.
    pub kinds: Vec<String>,
    /// Words of scope levels; empty for all.
    pub scope_levels: Vec<&'static str>,
    /// Environments; empty for all.
    pub environments: Vec<String>,
    /// Files; empty for all.
    pub paths: Globs,
}

/// What belongs to an environment.
#[derive(Clone)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Files.
    pub paths: Globs,
    /// Names of identities.
    pub names: Vec<RulePattern>,
}

/// What is known of an identity, and which one.
#[derive(Clone)]
pub struct Known {
    /// What is said.
    pub raw: RawIdentity,
    name: Option<RulePattern>,
    /// The line it stands in.
    pub line: usize,
}

impl NhiPolicy {
    /// Days between rotations of a tier.
    pub fn window(&self, tier: Tier) -> u32 {
        match tier {
            Tier::High => self.windows.high.unwrap_or(30),
            Tier::Medium => self.windows.medium.unwrap_or(90),
            Tier::Low => self.windows.low.unwrap_or(365),
        }
    }

    /// Days before its end from which on a credential is expiring.
    pub fn expiring_days(&self) -> u32 {
        self.expiring.unwrap_or(30)
    }

    /// Days without a touch after which an identity is stale.
    pub fn stale_days(&self) -> u32 {
        self.stale.unwrap_or(90)
    }

    /// Days for which a review holds.
    pub fn review_days(&self) -> u32 {
        self.review.unwrap_or(90)
    }

    /// True where a vault's path may be used.
    pub fn allows(&self, vault_path: &str) -> bool {
        self.vault_paths.is_empty() || matching(&self.vault_paths, vault_path).is_some()
    }
}

impl Known {
    /// True for the identity of this id, or of one of these names.
    pub fn is(&self, id: &str, names: &[&str]) -> bool {
        self.raw.id.as_deref() == Some(id)
            || self.name.as_ref().is_some_and(|pattern| names.iter().any(|name| pattern.is_match(name)))
    }
}

impl Check<'_> {
    /// The `nhi` section.
    pub(super) fn nhi(&mut self, raw: &RawNhi) -> NhiPolicy {
        let windows = raw.rotation_days;
        for (key, days) in [
            ("rotation-days.high", windows.high),
            ("rotation-days.medium", windows.medium),
            ("rotation-days.low", windows.low),
            ("stale-days", raw.stale_days),
            ("review-days", raw.review_days),
        ] {
            if days == Some(0) {
                self.fail(&format!("nhi.{key}"), "0 days leave no time; use 1 or more");
            }
        }
        let reviewed_on = raw.reviewed_on.as_ref().and_then(|text| {
            let wrong = |_| self.fail("nhi.reviewed-on", format!("`{text}` is no day; write YYYY-MM-DD"));
            text.parse().map_err(wrong).ok()
        });
        NhiPolicy {
            windows,
            tiers: self.each(&raw.tiers, "nhi.tiers", |check, raw, path| Some(check.tier(raw, path))),
            expiring: raw.expiring_days,
            stale: raw.stale_days,
            review: raw.review_days,
            environments: self
                .each(&raw.environments, "nhi.environments", |check, raw, path| Some(check.environment(raw, path))),
            vault_paths: self.names("nhi.vault-paths", &raw.vault_paths),
            required: raw.required.clone(),
            identities: self
                .each(&raw.identities, "nhi.identities", |check, raw, path| Some(check.identity(raw, path))),
            rationale: raw.rationale.clone(),
            approved_by: raw.approved_by.clone(),
            reviewed_on,
        }
    }

    fn tier(&mut self, raw: &RawTierRule, path: &str) -> TierRule {
        if raw.kinds.is_empty() && raw.scope_levels.is_empty() && raw.environments.is_empty() && raw.paths.is_empty() {
            self.fail(path, "fits every identity; state `kinds`, `scope-levels`, `environments` or `paths`");
        }
        for (index, kind) in raw.kinds.iter().enumerate().filter(|(_, kind)| !KINDS.contains(&kind.as_str())) {
            let message =
                format!("there is no kind `{kind}`{} (there are: {})", suggestion(kind, KINDS), KINDS.join(", "));
            self.fail(&format!("{path}.kinds[{index}]"), message);
        }
        TierRule {
            tier: raw.tier,
            kinds: raw.kinds.clone(),
            scope_levels: raw.scope_levels.iter().map(|level| level.name()).collect(),
            environments: raw.environments.clone(),
            paths: self.globs(&format!("{path}.paths"), &raw.paths),
        }
    }

    fn environment(&mut self, raw: &RawEnvironment, path: &str) -> Environment {
        if raw.environment.trim().is_empty() || (raw.paths.is_empty() && raw.names.is_empty()) {
            self.fail(path, "needs an `environment`, and `paths` or `names` that belong to it");
        }
        Environment {
            name: raw.environment.clone(),
            paths: self.globs(&format!("{path}.paths"), &raw.paths),
            names: self.names(&format!("{path}.names"), &raw.names),
        }
    }

    fn identity(&mut self, raw: &RawIdentity, path: &str) -> Known {
        if raw.id.is_none() == raw.name.is_none() {
            self.fail(path, "needs an `id` or a `name`, one of the two");
        }
        if raw.purpose.is_none()
            && raw.ceiling.is_none()
            && raw.business_owner.is_none()
            && raw.technical_owner.is_none()
        {
            self.fail(path, "says nothing; state `purpose`, `ceiling`, `business-owner` or `technical-owner`");
        }
        let place = self.at(path);
        let name =
            raw.name.as_ref().and_then(|name| self.names(&format!("{path}.name"), std::slice::from_ref(name)).pop());
        Known { raw: raw.clone(), name, line: place.0 }
    }

    /// Texts in which `*` stands for any text.
    fn names(&mut self, path: &str, list: &[String]) -> Vec<RulePattern> {
        let texts: Vec<&String> = list.iter().collect();
        self.each(&texts, path, |check, text, path| {
            if text.trim().is_empty() || text.chars().all(|c| c == '*') {
                check.fail(path, format!("`{text}` says nothing of what is meant; write a name or a part of one"));
            }
            Some(RulePattern { text: (*text).clone(), place: check.at(path) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    fn wrong(text: &str) -> Vec<String> {
        let errors = super::super::load_from(text.as_bytes(), "c.yaml", &RuleSet::builtin()).err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, expected) in [
            ("nhi:\n  stale-days: 0\n", "c.yaml:2:15: 0 days leave no time; use 1 or more"),
            ("nhi:\n  reviewed-on: soon\n", "c.yaml:2:16: `soon` is no day; write YYYY-MM-DD"),
            (
                "nhi:\n  vault-paths: ['*']\n",
                "c.yaml:2:17: `*` says nothing of what is meant; write a name or a part of one",
            ),
            ("nhi:\n  identities:\n    - purpose: x\n", "c.yaml:3:7: needs an `id` or a `name`, one of the two"),
        ] {
            assert_eq!(wrong(text), [expected], "{text}");
        }
        let kind = wrong("nhi:\n  tiers:\n    - {tier: high, kinds: [pasword]}\n");
        assert!(kind[0].starts_with("c.yaml:3:28: there is no kind `pasword`; did you mean `password`?"), "{kind:?}");
        let key = wrong("nhi:\n  stale: 3\n");
        assert!(key[0].starts_with("c.yaml:2:3: there is no key `stale` here; did you mean `stale-days`?"), "{key:?}");
    }

    #[test]
    fn a_whole_section() {
        let text = "nhi:\n  rotation-days: {high: 7}\n  required: [owner, ceiling]\n  vault-paths: [secret/data/*]\n  \
                    identities:\n    - {name: DEPLOY_*, purpose: deploys}\n";
        let config = super::super::load_from(text.as_bytes(), "c.yaml", &RuleSet::builtin()).ok().unwrap();
        let policy = config.nhi;
        assert_eq!([Tier::High, Tier::Medium, Tier::Low].map(|tier| policy.window(tier)), [7, 90, 365]);
        assert!(policy.allows("secret/data/a") && !policy.allows("other/a"));
        assert!(policy.identities[0].is("nhi-1", &["DEPLOY_KEY"]) && !policy.identities[0].is("nhi-1", &["KEY"]));
    }
}
