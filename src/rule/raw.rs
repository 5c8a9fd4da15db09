//! The rule file as it is written: YAML with unknown keys refused, nothing interpreted yet.
//!
//! `build.rs` compiles this module too (by path), so it may use `serde` and `std` only.

use serde::Deserialize;

/// The mark that splices example tokens in rule files; removed on load (docs/rules.md).
pub const SPLICE_MARK: &str = "<~>";

/// Text of an example without its splice marks.
pub fn joined(text: &str) -> String {
    text.replace(SPLICE_MARK, "")
}

/// Distance of a context rule that states none, in bytes.
pub const DEFAULT_DISTANCE: u16 = 40;

/// A context word as it is compared: lower case, without separators.
pub fn squeezed(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, ' ' | '-' | '_' | '.')).flat_map(char::to_lowercase).collect()
}

/// One provider's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFile {
    /// Equals the file name without its extension.
    pub provider: String,
    /// The provider's name as people write it.
    pub name: String,
    /// Where the provider documents its credentials.
    #[serde(default)]
    pub homepage: String,
    /// Sorted by id.
    pub rules: Vec<RawRule>,
}

/// One rule of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// `<provider>-<kind>`.
    pub id: String,
    /// Sentence case, no full stop.
    pub title: String,
    /// How candidates are found.
    #[serde(default)]
    pub kind: RawKind,
    /// Whether the matched thing gives access at all.
    #[serde(default)]
    pub sensitivity: RawSensitivity,
    /// What the holder can do.
    pub severity: RawSeverity,
    /// Confidence of a hit that nothing proves.
    #[serde(default)]
    pub confidence: RawConfidence,
    /// What the holder of the credential can do, in words.
    pub description: String,
    /// Where to revoke and how to rotate.
    pub fix: String,
    /// The page that documents this format, where it is not the homepage.
    #[serde(default)]
    pub docs: String,
    /// Kind of identity the credential is evidence of.
    #[serde(default)]
    pub evidence: RawEvidence,
    /// Regular expression of kinds `pattern` and `context`.
    #[serde(default)]
    pub pattern: String,
    /// Words of kinds `context` and `named`, lower case.
    #[serde(default)]
    pub words: Vec<String>,
    /// Bytes between word and value in kind `context`.
    #[serde(default)]
    pub distance: Option<u16>,
    /// Names of kind `assignment`.
    #[serde(default)]
    pub names: Vec<String>,
    /// Least entropy of the secret, bits per character.
    #[serde(default)]
    pub entropy: Option<f32>,
    /// Offline proof by name.
    #[serde(default)]
    pub proof: Option<String>,
    /// What else belongs to the credential and stands near it.
    #[serde(default)]
    pub parts: Vec<RawPart>,
    /// Texts that give exactly one finding of this rule.
    #[serde(rename = "match")]
    pub matches: Vec<RawMatch>,
    /// Texts that give none.
    pub no_match: Vec<RawNoMatch>,
}

/// Bytes between a secret and its parts where a rule states no distance.
pub const PART_DISTANCE: u16 = 400;

/// What else belongs to a credential: found by rules of its own, or under names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPart {
    /// What it is to the credential.
    pub role: RawRole,
    /// Rules whose findings are it.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Names whose values are it, words separated by blanks.
    #[serde(default)]
    pub names: Vec<String>,
    /// Bytes between it and the secret, at most.
    #[serde(default)]
    pub distance: Option<u16>,
}

/// What a part is to its credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawRole {
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

/// How candidates are found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawKind {
    /// A regular expression with a literal in it.
    #[default]
    Pattern,
    /// A shape with a service's word before it.
    Context,
    /// The value of a name.
    Assignment,
    /// A general rule's finding whose name tells the service.
    Named,
}

/// Whether the matched thing gives access at all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawSensitivity {
    /// It does.
    #[default]
    Secret,
    /// No access by itself: half of a pair, an account number.
    Identifier,
    /// Meant to be public.
    Publishable,
}

/// What the holder can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawSeverity {
    /// Control of an account, money or production.
    Critical,
    /// Read or write data, send in the owner's name.
    High,
    /// Limited data or one function.
    Medium,
    /// Quota or public data.
    Low,
}

/// Confidence of a hit that nothing proves.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawConfidence {
    /// More often right than not, by far.
    #[default]
    Likely,
    /// Worth a look.
    Possible,
}

/// Kind of non-human identity (nhi/FACTS.md 3.2).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawEvidence {
    /// A key for an interface.
    #[default]
    ApiKey,
    /// A bearer token.
    Token,
    /// A password.
    Password,
    /// The private half of a pair.
    PrivateKey,
    /// A certificate.
    Certificate,
    /// Id or secret of an OAuth client.
    OauthClient,
    /// A service account's key.
    ServiceAccount,
    /// A federated workload.
    WorkloadIdentity,
    /// Host, user and password in one.
    ConnectionString,
    /// A URL that accepts whatever is sent to it.
    Webhook,
    /// A key that signs.
    SigningKey,
    /// A secret of a pipeline.
    CiSecret,
    /// A credential of an AI agent or model service.
    AiAgentCredential,
    /// A credential of a device.
    DeviceCredential,
}

impl RawEvidence {
    /// The term used in the inventory.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "api-key",
            Self::Token => "token",
            Self::Password => "password",
            Self::PrivateKey => "private-key",
            Self::Certificate => "certificate",
            Self::OauthClient => "oauth-client",
            Self::ServiceAccount => "service-account",
            Self::WorkloadIdentity => "workload-identity",
            Self::ConnectionString => "connection-string",
            Self::Webhook => "webhook",
            Self::SigningKey => "signing-key",
            Self::CiSecret => "ci-secret",
            Self::AiAgentCredential => "ai-agent-credential",
            Self::DeviceCredential => "device-credential",
        }
    }
}

/// A `match` example: the text alone, or with the secret it holds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum RawMatch {
    /// Text only.
    Text(String),
    /// Text and the secret to be found in it.
    Full(RawMatchFull),
}

/// The long form of a `match` example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMatchFull {
    /// The text to scan.
    pub text: String,
    /// The secret that must be found.
    #[serde(default)]
    pub secret: Option<String>,
}

impl RawMatch {
    /// The text with its marks removed.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => joined(text),
            Self::Full(full) => joined(&full.text),
        }
    }

    /// The stated secret with its marks removed.
    pub fn secret(&self) -> Option<String> {
        match self {
            Self::Text(_) => None,
            Self::Full(full) => full.secret.as_deref().map(joined),
        }
    }
}

/// A `no_match` example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNoMatch {
    /// The text to scan.
    pub text: String,
    /// The stage that must reject it.
    pub by: RawStage,
}

/// The stage that rejects a `no_match` example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawStage {
    /// The pattern does not match.
    Pattern,
    /// Fill, a sample word, a sequence.
    Placeholder,
    /// Too little entropy, a word.
    Entropy,
    /// Checksum or structure is wrong.
    Proof,
    /// The value names another place that holds the secret.
    Reference,
    /// The word is missing or too far away.
    Context,
    /// Meant to be public.
    Publishable,
    /// A documented sample.
    Example,
}
