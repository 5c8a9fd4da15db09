//! Offline proof: what a credential's own checksum or structure says.
//!
//! Implemented once, named by rules. Nothing here touches the network, and no fact holds the secret's value.

use crate::rule::Proof;

mod checksum;
mod cloud;
mod jwt;
mod key;

/// What a proof found.
#[derive(Clone, PartialEq, Debug)]
pub enum Proved {
    /// Checksum or structure holds: a real token of this format.
    Certain(Told),
    /// Nothing to check in this variant of the format; the rule's own confidence stands.
    Open(Told),
    /// Real, and of little use to a thief as it stands (encrypted, expired, public by design, known sample account).
    Weak(Told),
    /// Checksum or structure is wrong: not a valid token as written. The reason, in words for people.
    Refuted(String),
}

/// What a proof tells.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Told {
    /// Why, in words for people: `its CRC-32 checksum is right`. Never holds the value.
    pub reason: String,
    /// What the credential says itself: `account`, `expires`, `issuer` …
    pub facts: Vec<(&'static str, String)>,
    /// Length of the part of the value that is the credential, where the pattern took in more behind it.
    pub length: Option<usize>,
}

impl Told {
    /// A reason alone.
    pub fn reason(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }

    /// With one fact more.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.facts.push((name, value.into()));
        self
    }
}

/// Checks a value by a named proof. `None` for proofs that need the text around the value (`url`, `basic-auth`), which the
/// judge does itself.
pub fn prove(proof: Proof, value: &[u8]) -> Option<Proved> {
    Some(match proof {
        Proof::GithubCrc32 => checksum::github(value),
        Proof::NpmCrc32 => checksum::npm(value),
        Proof::GitlabRoutable => checksum::gitlab(value),
        Proof::AtlassianCrc32 => checksum::atlassian(value),
        Proof::GrafanaCrc32 => checksum::grafana(value),
        Proof::ConfluentCrc32 => checksum::confluent(value),
        Proof::Bech32 => checksum::bech32(value),
        Proof::AwsKeyId => cloud::aws_key_id(value),
        Proof::AzureCask => cloud::azure_cask(value),
        Proof::PypiMacaroon => cloud::pypi(value),
        Proof::DiscordBot => cloud::discord(value),
        Proof::SlackShape => cloud::slack(value),
        Proof::GcpServiceAccount => cloud::gcp_service_account(value),
        Proof::Jwt => jwt::jwt(value),
        Proof::Pem => key::pem(value),
        Proof::KeyStore => key::store(value),
        Proof::PasswordHash => key::password_hash(value),
        Proof::BasicAuth | Proof::Url => return None,
    })
}
