//! Azure: accounts, policies and rights of keys, connection strings and shared access signatures.

use super::Seen;
use crate::inventory::kind::Field;

/// How far the kinds of keys reach that a key's checksum or a policy's name tells (learn.microsoft.com: "Azure Service Bus
/// access control with SAS", "Cosmos DB secure access to data", "Connect to Azure AI Search using keys", "Work with access
/// keys in Azure Functions").
const LEVELS: &[(&str, &str)] = &[
    ("account key", "admin"),
    ("manage key", "admin"),
    ("read-write key", "admin"),
    ("admin key", "admin"),
    ("master key", "admin"),
    ("direct management key", "admin"),
    ("send key", "write"),
    ("device key", "write"),
    ("listen key", "read"),
    ("read-only key", "read"),
    ("query key", "read"),
    ("RootManageSharedAccessKey", "admin"),
    ("iothubowner", "admin"),
    ("registryReadWrite", "write"),
    ("registryRead", "read"),
];

/// The account of the storage emulator, whose key is documented.
const EMULATOR: &str = "devstoreaccount1";

pub(super) fn claim(seen: &mut Seen<'_>) {
    if let Some(month) = seen.told("created") {
        seen.says(Field::CreatedAt, format!("{month}-01T00:00:00Z"), "year and month in the Azure key");
    }
    if let Some(service) = seen.told("service") {
        seen.tag("service", service, "mark in the Azure key");
    }
    if let Some(kind) = seen.told("kind") {
        seen.says(Field::Scope, kind, "checksum of the Azure key");
        reaches(seen, kind, &format!("checksum of the Azure key: {kind}"));
    }
    if seen.finding.rule.id.contains("-sas-") || seen.finding.rule.id.contains("signature") {
        signature(seen);
    } else {
        connection(seen);
    }
}

fn reaches(seen: &mut Seen<'_>, what: &str, basis: &str) {
    if let Some((_, level)) = LEVELS.iter().find(|(known, _)| *known == what) {
        seen.says(Field::ScopeLevel, *level, basis);
    }
}

/// The fields of a connection string.
fn connection(seen: &mut Seen<'_>) {
    const BASIS: &str = "connection string";
    if let Some(account) = seen.told("account") {
        seen.says(Field::ProviderAccount, account, BASIS);
        seen.says(Field::Scope, "account key", BASIS);
        reaches(seen, "account key", "an account key gives full access to the account");
        if account == EMULATOR {
            seen.says(Field::State, "default-credential", "the documented key of the storage emulator");
        }
    }
    let host = seen.told("endpoint").or_else(|| seen.told("host")).map(host_of);
    if let Some(host) = host.filter(|host| host.contains('.')) {
        seen.says(Field::ProviderAccount, host, BASIS);
    }
    seen.says_told(Field::KeyId, "key id", BASIS);
    if let Some(policy) = seen.told("policy") {
        seen.says(Field::Principal, policy, "SharedAccessKeyName");
        seen.says(Field::Scope, format!("policy {policy}"), BASIS);
        reaches(seen, policy, &format!("policy {policy}"));
    }
    if let Some(device) = seen.told("device") {
        seen.says(Field::Principal, device, "DeviceId");
        seen.says(Field::Kind, "device-credential", "DeviceId");
    }
    if let Some(entity) = seen.told("entity") {
        seen.says(Field::Scope, format!("entity {entity}"), "EntityPath");
    }
}

/// The host of an endpoint: `sb://acme.servicebus.windows.net/`.
fn host_of(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}

/// A shared access signature (learn.microsoft.com, "Create a service SAS").
fn signature(seen: &mut Seen<'_>) {
    if let Some(host) = seen.told("host") {
        seen.says(Field::ProviderAccount, host, "host of the SAS URL");
    }
    seen.says_told(Field::Principal, "policy", "SAS si or skn");
    // A user delegation SAS names the object and the tenant that signed it.
    seen.says_told(Field::Principal, "object", "SAS skoid");
    if let Some(tenant) = seen.told("tenant") {
        seen.tag("tenant", tenant, "SAS sktid");
    }
    if let Some(end) = seen.told("expires").and_then(time) {
        seen.says(Field::ExpiresAt, end, "SAS se");
    }
    if let Some(permissions) = seen.told("permissions").filter(|p| p.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        let services = seen.told("services").map(|services| format!(" of services {services}")).unwrap_or_default();
        seen.says(Field::Scope, format!("{permissions}{services}"), "SAS sp");
        // Everything but read, list, filter and the versions' listing changes something.
        let level =
            if permissions.bytes().all(|letter| matches!(letter, b'r' | b'l' | b'f')) { "read" } else { "write" };
        seen.says(Field::ScopeLevel, level, &format!("SAS sp={permissions}"));
    }
    if seen.told("permissions").is_some() && seen.told("protocol") != Some("https") {
        seen.says(Field::State, "weak-auth-scheme", "SAS without spr=https: it may be sent in clear");
    }
}

/// An SAS time, ISO 8601 to the day, the minute or the second, or Unix seconds (Service Bus), as RFC 3339.
fn time(text: &str) -> Option<String> {
    if let Ok(seconds) = text.parse::<i64>() {
        return jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string());
    }
    let padded = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        17 => format!("{}:00Z", text.strip_suffix('Z')?),
        _ => text.to_owned(),
    };
    padded.parse::<jiff::Timestamp>().ok().map(|time| time.to_string())
}
