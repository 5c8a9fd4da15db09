//! What to look for: rules, how they are read, checked and packed.
//!
//! A [`Rule`] is constant data. The built-in ones are tables made by `build.rs` from `rules/*.yml`; a user's own come from
//! [`load`] in the same form. Regular expressions are compiled when a candidate place first needs them ([`RuleSet`]).

use std::borrow::Cow;

pub mod derive;
pub mod follow;
pub mod load;
pub mod meter;
pub mod page;
pub mod raw;
pub mod sample;
pub mod service;
mod set;
pub mod splice;

pub use derive::Via;
pub use follow::ByteSet;
pub use set::{CompiledRule, Matched, RuleId, RuleSet};

/// Text that is constant for built-in rules and owned for a user's.
pub type Text = Cow<'static, str>;

/// One rule: what a credential looks like and what to say about it.
#[derive(Clone)]
pub struct Rule {
    /// `<provider>-<kind>`; stable for ever.
    pub id: Text,
    /// File name of the provider.
    pub provider: Text,
    /// The provider's name as people write it.
    pub provider_name: Text,
    /// Sentence case, no full stop.
    pub title: Text,
    /// What the holder can do.
    pub severity: Severity,
    /// Confidence of a hit that nothing proves.
    pub confidence: Confidence,
    /// Whether the matched thing gives access.
    pub sensitivity: Sensitivity,
    /// What the holder can do, in words.
    pub description: Text,
    /// Where to revoke and how to rotate.
    pub fix: Text,
    /// Documentation of the format; may be empty.
    pub docs: Text,
    /// Kind of identity, in the inventory's terms.
    pub evidence: Text,
    /// How candidates are found.
    pub matcher: Matcher,
    /// Least entropy of the secret in bits per character; 0 for none.
    pub entropy: f32,
    /// Offline proof, where the format has one.
    pub proof: Option<Proof>,
    /// What else belongs to the credential.
    pub partners: Cow<'static, [Partner]>,
}

impl Rule {
    /// True for rules that know no provider.
    pub fn is_generic(&self) -> bool {
        self.id.starts_with("generic-")
    }

    /// True for rules of forms that anybody issues: they name no provider.
    pub fn is_form(&self) -> bool {
        matches!(self.provider.as_ref(), "age" | "jwt" | "passwordhash" | "privatekey")
    }

    /// True for rules that only name the service of what a general rule finds.
    pub fn is_named(&self) -> bool {
        matches!(self.matcher, Matcher::Named { .. })
    }
}

/// How a rule's candidates are found.
#[derive(Clone)]
pub enum Matcher {
    /// A regular expression, tried where one of its literals stands.
    Pattern {
        /// The expression.
        pattern: Text,
        /// Its literals.
        probes: Cow<'static, [Probe]>,
    },
    /// A shape that counts only with a word before it.
    Context {
        /// The shape; matches the whole token.
        pattern: Text,
        /// The words, lower case, without separators.
        words: Cow<'static, [Text]>,
        /// Bytes between the word's end and the value's start, at most.
        distance: u16,
    },
    /// The value of a name.
    Assignment {
        /// Names, lower case; words separated by blanks.
        names: Cow<'static, [Text]>,
    },
    /// What a general rule finds under a name, or beside a host, that tells the service.
    Named {
        /// The service's words, lower case, without separators.
        words: Cow<'static, [Text]>,
    },
}

/// A literal that introduces a match of a pattern.
#[derive(Clone)]
pub struct Probe {
    /// The literal's bytes.
    pub literal: Cow<'static, [u8]>,
    /// A match begins at most this many bytes before the literal.
    pub back: u16,
    /// How the engine reaches it.
    pub via: Via,
    /// The bytes that may stand behind it in a match.
    pub next: ByteSet,
}

/// What else belongs to a credential, and how it is told.
#[derive(Clone)]
pub struct Partner {
    /// What it is to the credential.
    pub role: Role,
    /// Ids of rules whose findings are it.
    pub rules: Cow<'static, [Text]>,
    /// Names whose values are it, lower case, without separators.
    pub names: Cow<'static, [Text]>,
    /// Bytes between it and the secret, at most.
    pub distance: u16,
}

/// What a part is to its credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Names the key, the client or the application.
    Id,
    /// The tenant, organisation or account it is valid in.
    Account,
    /// Who signs in.
    User,
    /// Where.
    Host,
    /// The database there.
    Database,
    /// The third part of temporary credentials.
    SessionToken,
}

impl Role {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Account => "account",
            Self::User => "user",
            Self::Host => "host",
            Self::Database => "database",
            Self::SessionToken => "session-token",
        }
    }
}

/// What the holder of a credential can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Quota or public data.
    Low,
    /// Limited data or one function.
    Medium,
    /// Read or write data, send in the owner's name.
    High,
    /// Control of an account, money or production.
    Critical,
}

impl Severity {
    /// The word used in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Worth a look: weak words, identifiers, samples, shapes that much else has too.
    Possible,
    /// The shape, its name and its surroundings say it is a credential.
    Likely,
    /// Checksum or structure proves it.
    Certain,
}

impl Confidence {
    /// The word used in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// Whether the matched thing gives access.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// It does.
    Secret,
    /// Half of a pair, an account number: `possible` at most.
    Identifier,
    /// Meant to be public: recognised, not reported.
    Publishable,
}

/// Offline proofs a rule can name (`judge::proof` implements them).
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described where it is implemented")]
pub enum Proof {
    GithubCrc32,
    NpmCrc32,
    GitlabRoutable,
    AwsKeyId,
    AtlassianCrc32,
    GrafanaCrc32,
    ConfluentCrc32,
    AzureCask,
    PypiMacaroon,
    Jwt,
    DiscordBot,
    SlackShape,
    GcpServiceAccount,
    Bech32,
    Pem,
    KeyStore,
    BasicAuth,
    PasswordHash,
    Url,
}

impl Proof {
    /// The name used in rule files; `None` when there is no such proof.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, proof)| *proof)
    }

    /// Names and proofs.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("github-crc32", Self::GithubCrc32),
        ("npm-crc32", Self::NpmCrc32),
        ("gitlab-routable", Self::GitlabRoutable),
        ("aws-key-id", Self::AwsKeyId),
        ("atlassian-crc32", Self::AtlassianCrc32),
        ("grafana-crc32", Self::GrafanaCrc32),
        ("confluent-crc32", Self::ConfluentCrc32),
        ("azure-cask", Self::AzureCask),
        ("pypi-macaroon", Self::PypiMacaroon),
        ("jwt", Self::Jwt),
        ("discord-bot", Self::DiscordBot),
        ("slack-shape", Self::SlackShape),
        ("gcp-service-account", Self::GcpServiceAccount),
        ("bech32", Self::Bech32),
        ("pem", Self::Pem),
        ("key-store", Self::KeyStore),
        ("basic-auth", Self::BasicAuth),
        ("password-hash", Self::PasswordHash),
        ("url", Self::Url),
    ];
}

#[expect(clippy::unreadable_literal, reason = "sets of bytes, written by build.rs")]
mod builtin {
    //! The rules of `rules/`, as constant tables.
    use super::{ByteSet, Confidence, Cow, Matcher, Partner, Probe, Proof, Role, Rule, Sensitivity, Severity, Via};

    include!(concat!(env!("OUT_DIR"), "/builtin.rs"));
}

/// The rules packed into the binary, sorted by id.
pub fn builtin() -> &'static [Rule] {
    builtin::RULES
}

/// FNV-1a hash over the built-in rule files in order of name, hex: which rules this binary carries.
pub fn builtin_version() -> &'static str {
    builtin::VERSION
}
