//! What a credential says of itself: whose it is, where it belongs, when it was made, when it ends, what it may do.
//!
//! Proofs and what stands around a value told most of it when it was judged ([`Finding::facts`]); here that becomes claims. A
//! value is looked at again by [`Seen::value`] alone, for the parts of it that are names and no secret: an id, a prefix.

use super::kind::{Field, FingerprintKind, Mode, Source};
use super::record::Facts;
use super::register::Subject;
use crate::judge::Finding;
use crate::judge::identity::Key;

mod aws;
mod azure;
pub mod certificate;
mod companion;
mod google;
mod jwt;
mod keys;
mod named;
mod network;
mod services;
mod words;

pub use companion::Companions;

/// Characters of a password at least: PCI DSS 4.0.1, requirement 8.3.6.
const LEAST_CHARACTERS: usize = 12;

/// A finding, and where its claims go.
struct Seen<'a> {
    finding: &'a Finding,
    facts: &'a mut Facts,
}

impl<'a> Seen<'a> {
    /// A fact that its proof or its surroundings told.
    fn told(&self, name: &str) -> Option<&'a str> {
        let finding = self.finding;
        finding.facts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    }

    /// All facts of a name.
    fn all_told(&self, name: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
        let finding = self.finding;
        finding.facts.iter().filter(move |(known, _)| *known == name).map(|(_, text)| text.as_str())
    }

    /// Claims what the credential itself says; `basis` says how.
    fn says(&mut self, field: Field, value: impl Into<String>, basis: &str) {
        self.facts.claim(field, Source::Credential, value, basis);
    }

    /// Claims a fact, where it was told.
    fn says_told(&mut self, field: Field, name: &str, basis: &str) {
        if let Some(value) = self.told(name) {
            self.says(field, value, basis);
        }
    }

    /// Notes `key=value`.
    fn tag(&mut self, key: &str, value: &str, basis: &str) {
        self.says(Field::Tag, format!("{key}={value}"), basis);
    }

    /// The value as text: parts of it are names (an access key id, a bot's number) and are claimed; the secret part never is.
    fn value(&self) -> &'a str {
        std::str::from_utf8(self.finding.secret.expose()).unwrap_or_default()
    }
}

/// Claims what a finding's credential says of itself.
pub fn claim(finding: &Finding, facts: &mut Facts) {
    let mut seen = Seen { finding, facts };
    named::claim(&mut seen);
    words::claim(&mut seen);
    match finding.rule.provider.as_ref() {
        "aws" => aws::claim(&mut seen),
        "azure" | "azuredevops" => azure::claim(&mut seen),
        "google" => google::claim(&mut seen),
        "privatekey" => keys::claim(&mut seen),
        _ => services::claim(&mut seen),
    }
    if seen.told("algorithm").is_some() && finding.rule.provider == "jwt" {
        jwt::claim(&mut seen);
    }
    network::claim(&mut seen);
    published(&mut seen);
    weak(&mut seen);
    mode(&mut seen);
}

/// A value that documentation or a package publishes is known to everybody.
fn published(seen: &mut Seen<'_>) {
    if let Some(place) = seen.told("published in") {
        seen.says(Field::State, "default-credential", &format!("published: {place}"));
    }
}

/// A password with fewer characters than PCI DSS 8.3.6 asks for.
fn weak(seen: &mut Seen<'_>) {
    let length = seen.value().chars().count();
    if seen.finding.rule.evidence == "password" && (1..LEAST_CHARACTERS).contains(&length) {
        seen.says(Field::State, "weak-secret", &format!("fewer than {LEAST_CHARACTERS} characters"));
    }
}

/// Where nothing says that it is short-lived, a value that stands in a file holds until it is changed; of tokens whose issuer
/// may make them for an hour nothing is said.
fn mode(seen: &mut Seen<'_>) {
    let evidence = seen.finding.rule.evidence.as_ref();
    if seen.facts.first(Field::Mode).is_none() && !matches!(evidence, "token" | "ci-secret") {
        seen.facts.claim(Field::Mode, Source::Rule, Mode::Static.name(), "a stored value holds until it is changed");
    }
}

/// What makes two findings the same identity: the public key where there is one, so that PEM, OpenSSH form and certificate
/// meet; the id its provider gave the key; else the value.
pub fn subject(finding: &Finding, companions: &Companions, key: &Key) -> Subject {
    let told = |name: &str| finding.facts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone());
    if let Some(fingerprint) = told("spki fingerprint").or_else(|| told("fingerprint")) {
        return Subject { kind: FingerprintKind::PublicKey, fingerprint };
    }
    if let Some(id) = companions.access_key_id(finding) {
        return Subject { kind: FingerprintKind::ProviderId, fingerprint: format!("aws-access-key:{id}") };
    }
    Subject { kind: FingerprintKind::Value, fingerprint: key.value(&finding.secret).to_string() }
}
