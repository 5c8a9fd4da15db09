//! Service accounts and secrets of a cluster (`kubectl get serviceaccounts,secrets -A -o json`, data stripped).

use serde_json::Value;

use super::index::Mark;
use super::{Entries, Entry, moment, text, time};
use crate::inventory::kind::{Field, FingerprintKind, StorageState};

/// When a legacy token was last used, to the day (kubernetes.io, "Well-known labels").
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";
/// The type of a secret that holds a token without an end.
const LEGACY_TOKEN: &str = "kubernetes.io/service-account-token";

pub(super) fn read(list: &Value) -> Option<Entries> {
    list.get("apiVersion")?;
    let one = std::slice::from_ref(list);
    let items = list.get("items").and_then(Value::as_array).map_or(one, Vec::as_slice);
    let known = |item: &&Value| matches!(text(item, "kind"), Some("Secret" | "ServiceAccount"));
    if !items.iter().any(|item| known(&item)) {
        return None;
    }
    let entries = (1..).zip(items).filter(|(_, item)| known(item)).filter_map(|(at, item)| entry(at, item)).collect();
    Some(("Kubernetes objects", entries))
}

fn entry(at: usize, item: &Value) -> Option<Entry> {
    let metadata = item.get("metadata")?;
    let name = text(metadata, "name")?;
    let namespace = text(metadata, "namespace").unwrap_or("default");
    let path = format!("{namespace}/{name}");
    let created = metadata.get("creationTimestamp").and_then(moment);
    let entry = Entry::new(at);
    let mut entry = if text(item, "kind") == Some("ServiceAccount") {
        let principal = format!("system:serviceaccount:{namespace}:{name}");
        entry
            .own(FingerprintKind::Reference, format!("kubernetes-serviceaccount:{path}"), StorageState::Unknown)
            .mark(Mark::Reference("kubernetes-serviceaccount".to_owned(), path))
            .mark(Mark::Principal(principal.clone()))
            .says(Field::Kind, Some("service-account"))
            .says(Field::Provider, Some("kubernetes"))
            .says(Field::Principal, Some(principal))
    } else {
        let labels = metadata.get("labels");
        let used = labels.and_then(|labels| text(labels, LAST_USED)).and_then(time);
        let kind = text(item, "type").unwrap_or("Opaque");
        let account = metadata.pointer("/annotations/kubernetes.io~1service-account.name").and_then(Value::as_str);
        let principal = account.map(|account| format!("system:serviceaccount:{namespace}:{account}"));
        entry
            .own(FingerprintKind::Reference, format!("kubernetes-secret:{path}"), StorageState::Vault)
            .mark(Mark::Reference("kubernetes-secret".to_owned(), path.clone()))
            .says(Field::Kind, (kind == LEGACY_TOKEN).then_some("service-account"))
            .says(Field::Mode, (kind == LEGACY_TOKEN).then_some("static"))
            .says(Field::Principal, principal)
            .says(Field::Vault, Some("Kubernetes Secret"))
            .says(Field::VaultPath, Some(path))
            .says(Field::LastUsedAt, used)
            .tag("type", Some(kind))
    };
    entry = entry.says(Field::Name, Some(name)).says(Field::CreatedAt, created);
    for (key, value) in metadata.get("labels").and_then(Value::as_object).into_iter().flatten() {
        entry = entry.tag(key, value.as_str());
    }
    Some(entry)
}
