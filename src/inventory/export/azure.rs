//! Lists of Azure: `az keyvault secret list`, `az ad app credential list`, `az ad app list` and `az ad sp list` (Azure CLI
//! reference, Key Vault and Microsoft Graph REST references).

use serde_json::Value;

use super::index::Mark;
use super::{Entries, Entry, moment, text, yes};
use crate::inventory::kind::{Field, FingerprintKind, StorageState};

pub(super) fn read(list: &Value) -> Option<Entries> {
    let items = list.as_array().or_else(|| list.get("value")?.as_array()).filter(|items| !items.is_empty())?;
    let all = |is: fn(&Value) -> bool| items.iter().all(is);
    let entries =
        |read: fn(usize, &Value) -> Option<Entry>| (1..).zip(items).filter_map(|(at, item)| read(at, item)).collect();
    if all(|item| text(item, "id").is_some_and(|id| id.contains(".vault.")) && item.get("attributes").is_some()) {
        Some(("Azure Key Vault list", entries(vault_secret)))
    } else if all(|item| text(item, "keyId").is_some() && item.get("endDateTime").is_some()) {
        Some(("Azure app credential list", entries(app_credential)))
    } else if all(|item| text(item, "appId").is_some() && item.get("passwordCredentials").is_some()) {
        Some(("Azure app list", (1..).zip(items).flat_map(|(at, item)| application(at, item)).collect()))
    } else {
        None
    }
}

/// An application or service principal, and each of its credentials.
fn application(at: usize, item: &Value) -> Vec<Entry> {
    let client = text(item, "appId").unwrap_or_default().to_ascii_lowercase();
    let name = text(item, "displayName").or_else(|| text(item, "appDisplayName"));
    let own = Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("azure:{client}"), StorageState::Unknown)
        .mark(Mark::Principal(client.clone()))
        .says(Field::Kind, Some("oauth-client"))
        .says(Field::Provider, Some("azure"))
        .says(Field::Principal, Some(client.as_str()))
        .says(Field::Name, name)
        .says(Field::CreatedAt, item.get("createdDateTime").and_then(moment))
        .says(Field::Active, yes(item.get("accountEnabled").and_then(Value::as_bool)));
    let lists = ["passwordCredentials", "keyCredentials"].iter().filter_map(|list| item.get(list)?.as_array());
    let credentials = lists.flatten().filter_map(|credential| app_credential(at, credential));
    let credentials = credentials.map(|entry| entry.says(Field::Principal, Some(client.as_str())));
    std::iter::once(own).chain(credentials).collect()
}

/// A secret, key or certificate of a vault.
fn vault_secret(at: usize, item: &Value) -> Option<Entry> {
    let id = text(item, "id")?;
    let mut parts = id.strip_prefix("https://")?.split('/');
    let (host, _kind, name) = (parts.next()?, parts.next()?, parts.next()?);
    let vault = host.split('.').next()?;
    let attribute = |name: &str| item.pointer(&format!("/attributes/{name}"));
    let date = |name: &str| attribute(name).and_then(moment);
    // Names know no case.
    let path = format!("{vault}/{name}").to_ascii_lowercase();
    let mut entry = Entry::new(at)
        .own(FingerprintKind::Reference, format!("azure-keyvault:{path}"), StorageState::Vault)
        .mark(Mark::Reference("azure-keyvault".to_owned(), path))
        .mark(Mark::Reference("azure-keyvault".to_owned(), name.to_ascii_lowercase()))
        .mark(Mark::Reference("external-secret".to_owned(), name.to_owned()))
        .says(Field::Name, Some(name))
        .says(Field::Vault, Some("Azure Key Vault"))
        .says(Field::VaultPath, Some(format!("{vault}/{name}")))
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
        .says(Field::Provider, Some("azure"))
        .says(Field::Name, text(item, "displayName"))
        .says(Field::CreatedAt, item.get("startDateTime").and_then(moment))
        .says(Field::ExpiresAt, item.get("endDateTime").and_then(moment));
    Some(entry)
}
