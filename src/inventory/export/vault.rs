//! Metadata of `HashiCorp` Vault's key-value secrets (`vault kv metadata get -format=json PATH`,
//! <https://developer.hashicorp.com/vault/docs/commands/kv/metadata>): one answer, whose path the file's path ends with, or a
//! map from paths to answers.

use serde_json::Value;

use super::index::Mark;
use super::{Entries, Entry, moment};
use crate::inventory::kind::{Field, FingerprintKind, StorageState};

pub(super) fn read(name: &str, list: &Value) -> Option<Entries> {
    const WHAT: &str = "Vault metadata";
    if let Some(data) = metadata(list) {
        let path = name.strip_suffix(".json").unwrap_or(name).trim_start_matches('/');
        return Some((WHAT, vec![entry(1, path, data)]));
    }
    let answers = list.as_object().filter(|answers| !answers.is_empty())?;
    let entries: Option<Vec<Entry>> =
        (1..).zip(answers).map(|(at, (path, answer))| Some(entry(at, path, metadata(answer)?))).collect();
    Some((WHAT, entries?))
}

/// The metadata of an answer: a secret's times and versions.
fn metadata(answer: &Value) -> Option<&Value> {
    let data = answer.get("data").unwrap_or(answer);
    (data.get("created_time").is_some() && data.get("current_version").is_some()).then_some(data)
}

fn entry(at: usize, path: &str, data: &Value) -> Entry {
    // The API's path names `metadata` or `data` behind the mount.
    let plain = path.replacen("/metadata/", "/", 1).replacen("/data/", "/", 1);
    let last = data.get("versions").and_then(Value::as_object).into_iter().flat_map(|versions| versions.values());
    let last = last.filter_map(|version| moment(version.get("created_time")?)).max();
    let mut entry = Entry::new(at).own(FingerprintKind::Reference, format!("vault:{plain}"), StorageState::Vault);
    // The folders above the mount are the file's own.
    for (at, _) in std::iter::once((0, "")).chain(plain.match_indices('/').map(|(at, slash)| (at + 1, slash))) {
        let known = plain.get(at..).filter(|known| known.contains('/')).unwrap_or_default().to_owned();
        if !known.is_empty() {
            entry = entry.mark(Mark::Reference("vault".to_owned(), known.clone())).mark(Mark::VaultPath(known));
        }
    }
    entry = entry
        .says(Field::Vault, Some("HashiCorp Vault"))
        .says(Field::VaultPath, Some(plain))
        .says(Field::CreatedAt, data.get("created_time").and_then(moment))
        .says(Field::LastRotatedAt, last.or_else(|| data.get("updated_time").and_then(moment)));
    for (key, value) in data.get("custom_metadata").and_then(Value::as_object).into_iter().flatten() {
        entry = entry.tag(key, value.as_str());
    }
    entry
}
