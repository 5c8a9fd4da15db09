//! `credlint.yaml` as it is written: unknown keys refused, nothing interpreted yet. The JSON Schema is made from these types.

use schemars::JsonSchema;
use serde::Deserialize;

use super::nhi::RawNhi;

/// What a repository wishes of credlint. Every key adds to the defaults; none replaces them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "credlint.yaml")]
pub struct RawConfig {
    /// Key of the hashes in this file, made by credlint; `credlint suppress` adds it where it is missing.
    pub salt: Option<String>,
    /// What is scanned.
    pub paths: RawPaths,
    /// Which rules hold.
    pub rules: RawRules,
    /// Settings for some paths or rules; of several that fit, the last one counts.
    pub overrides: Vec<RawOverride>,
    /// What is no secret.
    pub allow: RawAllow,
    /// The least confidence that blocks.
    pub block: Option<RawBlock>,
    /// Findings below this severity are reported and do not block.
    pub min_severity: Option<RawSeverity>,
    /// Bounds of a run. What is beyond one is a gap, never left out in silence.
    pub limits: RawLimits,
    /// Who answers for which paths; of several that fit, the last one counts.
    pub owners: Vec<RawOwner>,
    /// Where secrets belong.
    pub vault: RawVault,
    /// Whether comments in the code may allow a finding.
    pub inline_comments: RawComments,
    /// Path of the baseline, from this file's folder; `.credlint-baseline` without it.
    pub baseline: Option<String>,
    /// Findings that are accepted for a time.
    pub suppressions: Vec<RawSuppression>,
    /// A suppression that nothing matches blocks.
    pub block_unused: bool,
    /// Reasons of gaps that do not make a run incomplete; they are named all the same.
    pub allow_incomplete: Vec<String>,
    /// Settings of the register of identities.
    pub nhi: RawNhi,
}

/// What is scanned. Patterns are those of `.gitignore`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawPaths {
    /// Not scanned.
    pub exclude: Vec<String>,
    /// Scanned although `exclude` names them.
    pub include: Vec<String>,
}

/// Which rules hold. `*` in an id stands for any text.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawRules {
    /// Findings of these rules are counted as suppressed.
    pub disable: Vec<String>,
    /// Hold although `disable` names them.
    pub enable: Vec<String>,
    /// Rule files or folders of your own, from this file's folder.
    pub files: Vec<String>,
}

/// Settings for some paths or rules.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawOverride {
    /// Files it holds for; without any, all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Rules it holds for; without any, all.
    #[serde(default)]
    pub rules: Vec<String>,
    /// The least confidence that blocks there.
    pub block: Option<RawBlock>,
    /// The least severity that blocks there.
    pub min_severity: Option<RawSeverity>,
    /// Rules that are off there.
    #[serde(default)]
    pub disable: Vec<String>,
}

/// What is no secret.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawAllow {
    /// Values, by their keyed hash.
    pub values: Vec<RawValue>,
    /// Findings of a certain form. Everything an entry states must fit.
    pub patterns: Vec<RawPattern>,
}

/// A value that is no secret.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawValue {
    /// Its keyed hash, as `credlint suppress` and reports write it.
    pub value: String,
    /// Why it is none.
    pub reason: String,
}

/// A form of findings that are no secrets. Everything it states must fit; of a list, one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawPattern {
    /// Why such findings are no secrets.
    pub reason: String,
    /// Rules it holds for; without any, all.
    pub rules: Vec<String>,
    /// Patterns of `.gitignore` for the file.
    pub paths: Vec<String>,
    /// Regular expressions for the file's path.
    pub path_regex: Vec<String>,
    /// Regular expressions for the value.
    pub secret_regex: Vec<String>,
    /// Regular expressions for the line around the value.
    pub line_regex: Vec<String>,
    /// Words in the value, whatever their case.
    pub words: Vec<String>,
}

/// Bounds of a run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawLimits {
    /// Files of more bytes are not scanned, which makes the run incomplete.
    pub max_file_bytes: Option<u64>,
}

/// Who answers for some paths.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawOwner {
    /// Files.
    pub paths: Vec<String>,
    /// A person or a team.
    pub owner: String,
}

/// Where secrets belong.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawVault {
    /// Vaults that may be used; named in what to do about a finding.
    pub approved: Vec<RawVaultKind>,
    /// A page for people: how to get a secret into the vault.
    pub docs: Option<String>,
}

/// Kinds of vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawVaultKind {
    /// `HashiCorp` Vault or `OpenBao`.
    HashicorpVault,
    /// AWS Secrets Manager.
    AwsSecretsManager,
    /// AWS Systems Manager Parameter Store.
    AwsParameterStore,
    /// Google Cloud Secret Manager.
    GcpSecretManager,
    /// Azure Key Vault.
    AzureKeyVault,
    /// Kubernetes secrets, by an operator or sealed.
    Kubernetes,
    /// 1Password.
    Onepassword,
    /// Doppler.
    Doppler,
    /// Infisical.
    Infisical,
    /// Secrets of the CI system.
    Ci,
}

/// Whether comments in the code may allow a finding.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawComments {
    /// They may.
    pub allowed: bool,
    /// Only with a reason.
    pub require_reason: bool,
}

impl Default for RawComments {
    fn default() -> Self {
        Self { allowed: true, require_reason: false }
    }
}

/// A finding that is accepted for a time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawSuppression {
    /// The rule's id; `*` stands for any text.
    pub rule: Option<String>,
    /// Keyed hash of the value.
    pub value: Option<String>,
    /// Patterns of `.gitignore` for the file.
    pub path: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where the work on it is followed.
    pub ticket: Option<String>,
    /// Last day it holds, as YYYY-MM-DD.
    pub until: String,
}

/// The least confidence that blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawBlock {
    /// Checksum or structure proves it.
    Certain,
    /// The shape and its surroundings say so.
    Likely,
    /// Worth a look.
    Possible,
    /// Nothing blocks.
    None,
}

/// The least severity that blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawSeverity {
    /// Quota or public data.
    Low,
    /// Limited data or one function.
    Medium,
    /// Read or write data.
    High,
    /// Control of an account.
    Critical,
}

/// The JSON Schema of `credlint.yaml`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(RawConfig);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
