//! The register as a `CycloneDX` 1.6 bill of materials: each identity a cryptographic asset. `value` is never filled.
//!
//! Source: the `CycloneDX` 1.6 JSON schema, `cryptoProperties`.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::row::{COLUMNS, one};
use crate::inventory::diff::label;
use crate::inventory::kind::{Field, Kind, StorageState};
use crate::inventory::record::{Identity, Location};
use crate::inventory::register::Register;

/// Writes the document. Its serial number follows from its content.
pub(super) fn write(register: &Register, out: &mut dyn Write) -> io::Result<()> {
    let components: Vec<Value> = register.identities.values().map(component).collect();
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": format!("{}T00:00:00Z", register.snapshot_at),
            "tools": { "components": [{ "type": "application", "name": "credlint", "version": register.tool_version }] },
        },
        "components": components,
    });
    document["serialNumber"] = json!(serial(&serde_json::to_vec(&document)?));
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// A UUID of version 8 (RFC 9562: made of whatever its maker likes) from SHA-256 of the content.
fn serial(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn component(row: &Identity) -> Value {
    let properties: Vec<Value> = COLUMNS
        .iter()
        .filter(|(name, _)| *name != "id")
        .map(|(name, text)| (name, text(row)))
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| json!({ "name": format!("credlint:{name}"), "value": text }))
        .collect();
    let occurrences: Vec<Value> = row.facts.locations.iter().map(occurrence).collect();
    json!({
        "type": "cryptographic-asset",
        "bom-ref": row.id,
        "name": label(row),
        "cryptoProperties": crypto(row),
        "evidence": { "occurrences": occurrences },
        "properties": properties,
    })
}

fn occurrence(place: &Location) -> Value {
    let mut out = Map::new();
    out.insert("location".to_owned(), json!(format!("{}:{}", place.repository, place.path)));
    if let Some(line) = place.line {
        out.insert("line".to_owned(), json!(line));
    }
    let context = [Some(place.storage.name()), place.meaning.as_deref(), place.layer.as_deref()];
    let context: Vec<&str> = context.into_iter().flatten().collect();
    out.insert("additionalContext".to_owned(), json!(context.join("; ")));
    Value::Object(out)
}

fn crypto(row: &Identity) -> Value {
    let time = &row.resolved.time;
    if row.resolved.kind == Some(Kind::Certificate) {
        let mut certificate = Map::new();
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                certificate.insert(key.to_owned(), json!(value));
            }
        };
        add("subjectName", Some(one(row, Field::Principal)));
        add("issuerName", Some(one(row, Field::Provider)));
        add("notValidBefore", time.created_at.as_deref().map(date_time));
        add("notValidAfter", time.expires_at.as_deref().map(date_time));
        return json!({ "assetType": "certificate", "certificateProperties": certificate });
    }
    let mut material = Map::new();
    let mut add = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            material.insert(key.to_owned(), json!(value));
        }
    };
    add("type", Some(material_type(row.resolved.kind).to_owned()));
    add("id", Some(one(row, Field::KeyId)));
    add("state", Some(state(row).to_owned()));
    add("creationDate", time.created_at.as_deref().map(date_time));
    add("updateDate", time.last_rotated_at.as_deref().map(date_time));
    add("expirationDate", time.expires_at.as_deref().map(date_time));
    if let Some(mechanism) = secured_by(row.resolved.storage) {
        material.insert("securedBy".to_owned(), json!({ "mechanism": mechanism }));
    }
    json!({ "assetType": "related-crypto-material", "relatedCryptoMaterialProperties": material })
}

/// A date without a time begins at midnight.
fn date_time(date: &str) -> String {
    if date.contains('T') { date.to_owned() } else { format!("{date}T00:00:00Z") }
}

/// The schema's word for a kind.
fn material_type(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::PrivateKey | Kind::SigningKey) => "private-key",
        Some(Kind::Password) => "password",
        Some(Kind::Token | Kind::ApiKey | Kind::AiAgentCredential) => "token",
        Some(_) => "credential",
        None => "unknown",
    }
}

/// The state of NIST SP 800-57 that the facts come to.
fn state(row: &Identity) -> &'static str {
    let has = |state: &str| row.resolved.states.contains_key(state);
    if has("embedded") || has("in-history") || has("in-image-layer") || has("plaintext-in-ci") {
        "compromised"
    } else if has("expired") || one(row, Field::Active) == "no" {
        "deactivated"
    } else {
        "active"
    }
}

fn secured_by(storage: Option<StorageState>) -> Option<&'static str> {
    match storage? {
        StorageState::Embedded | StorageState::CiLiteral | StorageState::Image | StorageState::HistoryOnly => {
            Some("None")
        }
        StorageState::EncryptedFile => Some("encrypted file"),
        StorageState::CiStore => Some("CI secret store"),
        StorageState::Vault => Some("vault"),
        StorageState::Federated => Some("workload identity federation"),
        StorageState::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_follows_from_the_content() {
        let one = serial(b"a");
        assert_eq!(one, serial(b"a"));
        assert_ne!(one, serial(b"b"));
        assert_eq!((one.len(), &one[..9], &one[23..24]), (45, "urn:uuid:", "8"));
    }
}
