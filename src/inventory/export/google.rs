//! Lists of Google Cloud, each with `--format=json`: `gcloud iam service-accounts list`, `gcloud iam service-accounts keys
//! list`, `gcloud secrets list` (IAM and Secret Manager REST references).

use serde_json::Value;

use super::index::Mark;
use super::{Entries, Entry, moment, text, yes};
use crate::inventory::kind::{Field, FingerprintKind, NEVER, StorageState};

/// Google's word for a key without an end.
const NO_END: &str = "9999-12-31";

pub(super) fn read(list: &Value) -> Option<Entries> {
    let under = ["keys", "accounts", "secrets"].iter().find_map(|name| list.get(name)?.as_array());
    let items = list.as_array().or(under).filter(|items| !items.is_empty())?;
    let all = |part: &str| items.iter().all(|item| text(item, "name").is_some_and(|name| name.contains(part)));
    let entries =
        |read: fn(usize, &Value) -> Option<Entry>| (1..).zip(items).filter_map(|(at, item)| read(at, item)).collect();
    if all("/keys/") {
        Some(("Google service account key list", entries(key)))
    } else if all("/serviceAccounts/") {
        Some(("Google service account list", entries(account)))
    } else if all("/secrets/") {
        Some(("Google Secret Manager list", entries(secret)))
    } else {
        None
    }
}

/// A service account.
fn account(at: usize, item: &Value) -> Option<Entry> {
    let mail = text(item, "email")?;
    let entry = Entry::new(at)
        .own(FingerprintKind::ProviderId, mail, StorageState::Unknown)
        .mark(Mark::Principal(mail.to_owned()))
        .says(Field::Kind, Some("service-account"))
        .says(Field::Provider, Some("google"))
        .says(Field::ProviderAccount, text(item, "projectId"))
        .says(Field::Principal, Some(mail))
        .says(Field::Purpose, text(item, "description").or_else(|| text(item, "displayName")))
        .says(Field::Active, yes(Some(item.get("disabled").and_then(Value::as_bool) != Some(true))));
    Some(entry)
}

/// A secret. Its name has the project's number, where references mostly have its id.
fn secret(at: usize, item: &Value) -> Option<Entry> {
    let parts: Vec<&str> = text(item, "name")?.split('/').collect();
    let ["projects", project, "secrets", name] = parts.as_slice() else { return None };
    let rotation = text(item.get("rotation").unwrap_or(item), "rotationPeriod").and_then(|period| {
        let seconds: u64 = period.strip_suffix('s')?.parse().ok()?;
        Some((seconds / 86_400).to_string())
    });
    let mut entry = Entry::new(at)
        .own(FingerprintKind::Reference, format!("gcp-secretmanager:{project}/{name}"), StorageState::Vault)
        .mark(Mark::Reference("gcp-secretmanager".to_owned(), (*name).to_owned()))
        .mark(Mark::Reference("external-secret".to_owned(), (*name).to_owned()))
        .mark(Mark::Name((*name).to_owned()))
        .says(Field::Name, Some(*name))
        .says(Field::ProviderAccount, Some(*project).filter(|project| project.parse::<u64>().is_err()))
        .says(Field::Vault, Some("Google Secret Manager"))
        .says(Field::CreatedAt, item.get("createTime").and_then(moment))
        .says(Field::ExpiresAt, item.get("expireTime").and_then(moment))
        .says(Field::RotationDays, rotation);
    for (key, value) in item.get("labels").and_then(Value::as_object).into_iter().flatten() {
        entry = entry.tag(key, value.as_str());
    }
    Some(entry)
}

/// A key that somebody made; those that Google makes and rotates are left out.
fn key(at: usize, item: &Value) -> Option<Entry> {
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
        .says(Field::Provider, Some("google"))
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
