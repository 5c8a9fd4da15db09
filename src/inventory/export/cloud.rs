//! Lists of Azure (`az keyvault secret list`, `az ad app credential list`) and Google Cloud (`gcloud iam service-accounts keys
//! list --format=json`).

use serde_json::Value;

use super::index::Mark;
use super::{Entries, Entry, moment, text, yes};
use crate::inventory::kind::{Field, FingerprintKind, NEVER, StorageState};

/// Google's word for a key without an end.
const NO_END: &str = "9999-12-31";

pub(super) fn read(list: &Value) -> Option<Entries> {
    let items = list.as_array().or_else(|| list.get("value")?.as_array()).filter(|items| !items.is_empty())?;
    let all = |is: fn(&Value) -> bool| items.iter().all(is);
    let entries =
        |read: fn(usize, &Value) -> Option<Entry>| (1..).zip(items).filter_map(|(at, item)| read(at, item)).collect();
    if all(|item| text(item, "id").is_some_and(|id| id.contains(".vault.")) && item.get("attributes").is_some()) {
        Some(("Azure Key Vault list", entries(vault_secret)))
    } else if all(|item| text(item, "keyId").is_some() && item.get("endDateTime").is_some()) {
        Some(("Azure app credential list", entries(app_credential)))
    } else if all(|item| text(item, "name").is_some_and(|name| name.contains("/serviceAccounts/"))) {
        Some(("Google service account key list", entries(google_key)))
    } else {
        None
    }
}

/// A secret, key or certificate of a vault.
fn vault_secret(at: usize, item: &Value) -> Option<Entry> {
    let id = text(item, "id")?;
    let mut parts = id.strip_prefix("https://")?.split('/');
    let (host, _kind, name) = (parts.next()?, parts.next()?, parts.next()?);
    let vault = host.split('.').next()?;
    let attribute = |name: &str| item.pointer(&format!("/attributes/{name}"));
    let date = |name: &str| attribute(name).and_then(moment);
    let path = format!("{vault}/{name}");
    let mut entry = Entry::new(at)
        .own(FingerprintKind::Reference, format!("azure-keyvault:{path}"), StorageState::Vault)
        .mark(Mark::Reference("azure-keyvault".to_owned(), path))
        .says(Field::Name, Some(name))
        .says(Field::Provider, Some("Azure"))
        .says(Field::Vault, Some(vault))
        .says(Field::VaultPath, Some(name))
        .says(Field::CreatedAt, date("created"))
        .says(Field::LastRotatedAt, date("updated"))
        .says(Field::ExpiresAt, date("expires").or_else(|| date("exp")))
        .says(Field::Active, yes(attribute("enabled").and_then(Value::as_bool)));
    for (key, value) in item.get("tags").and_then(Value::as_object).into_iter().flatten() {
        entry = entry.tag(key, value.as_str());
    }
    Some(entry)
}

/// A credential of an application.
fn app_credential(at: usize, item: &Value) -> Option<Entry> {
    let id = text(item, "keyId")?;
    let entry = Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("azure-app-credential:{id}"), StorageState::Unknown)
        .mark(Mark::KeyId(id.to_owned()))
        .says(Field::KeyId, Some(id))
        .says(Field::Kind, Some("oauth-client"))
        .says(Field::Provider, Some("Microsoft Entra"))
        .says(Field::Name, text(item, "displayName"))
        .says(Field::CreatedAt, item.get("startDateTime").and_then(moment))
        .says(Field::ExpiresAt, item.get("endDateTime").and_then(moment));
    Some(entry)
}

/// A key that somebody made; those that Google makes and rotates are left out.
fn google_key(at: usize, item: &Value) -> Option<Entry> {
    if text(item, "keyType") == Some("SYSTEM_MANAGED") {
        return None;
    }
    let parts: Vec<&str> = text(item, "name")?.split('/').collect();
    let ["projects", project, "serviceAccounts", account, "keys", id] = parts.as_slice() else { return None };
    let entry = Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("gcp-key:{id}"), StorageState::Unknown)
        .mark(Mark::KeyId((*id).to_owned()))
        .says(Field::KeyId, Some(*id))
        .says(Field::Kind, Some("service-account"))
        .says(Field::Provider, Some("Google Cloud"))
        .says(Field::ProviderAccount, Some(*project))
        .says(Field::Principal, Some(*account))
        .says(Field::CreatedAt, item.get("validAfterTime").and_then(moment))
        .says(
            Field::ExpiresAt,
            item.get("validBeforeTime")
                .and_then(moment)
                .map(|end| if end.starts_with(NO_END) { NEVER.to_owned() } else { end }),
        )
        .says(Field::Active, yes(item.get("disabled").and_then(Value::as_bool).map(|disabled| !disabled)));
    Some(entry)
}
