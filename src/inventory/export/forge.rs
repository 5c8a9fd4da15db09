//! Lists of GitHub and GitLab: secrets of actions (`GET /repos/{owner}/{repo}/actions/secrets`, `/orgs/{org}/actions/secrets`),
//! personal access tokens of an organisation (`GET /orgs/{org}/personal-access-tokens`), GitLab's tokens
//! (`GET /projects/:id/access_tokens`) and variables without their values (`GET /projects/:id/variables`).

use serde_json::Value;

use super::index::Mark;
use super::{Entries, Entry, moment, text, yes};
use crate::inventory::kind::{Field, FingerprintKind, NEVER, StorageState};

/// Lists of GitHub. `name` is the file's: what belongs to one repository is matched where the file is named after it
/// (`acme/web.json`).
pub(super) fn github(name: &str, list: &Value) -> Option<Entries> {
    if let Some(secrets) = list.get("secrets").and_then(Value::as_array) {
        let entries = (1..).zip(secrets).filter_map(|(at, one)| secret(name, at, one)).collect();
        return Some(("GitHub secrets list", entries));
    }
    let items = list.as_array().filter(|items| !items.is_empty())?;
    let tokens = items.iter().all(|item| item.get("token_id").is_some() && item.get("owner").is_some());
    tokens.then(|| ("GitHub token list", (1..).zip(items).filter_map(|(at, one)| token(at, one)).collect()))
}

fn secret(list: &str, at: usize, item: &Value) -> Option<Entry> {
    let name = text(item, "name")?;
    let place = place(list);
    let shared = item.get("visibility").is_some();
    let entry =
        Entry::new(at).own(FingerprintKind::Reference, format!("github-actions:{place}:{name}"), StorageState::CiStore);
    let reference = if shared { name.to_owned() } else { format!("{place}:{name}") };
    let scope = text(item, "visibility").map(|visibility| format!("organisation, {visibility} repositories"));
    let entry = entry
        .mark(Mark::Reference("github-actions".to_owned(), reference))
        .says(Field::Kind, Some("ci-secret"))
        .says(Field::Name, Some(name))
        .says(Field::Vault, Some("GitHub Actions secrets"))
        .says(Field::CreatedAt, item.get("created_at").and_then(moment))
        .says(Field::LastRotatedAt, item.get("updated_at").and_then(moment))
        .says(Field::Scope, scope);
    Some(entry)
}

/// `OWNER/REPO` of a file's name: its last two parts, without the ending.
fn place(list: &str) -> &str {
    let stem = list.strip_suffix(".json").unwrap_or(list);
    let start = stem.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
    stem.get(start..).unwrap_or(stem)
}

fn token(at: usize, item: &Value) -> Option<Entry> {
    let id = item.get("token_id").and_then(Value::as_u64)?.to_string();
    let login = item.get("owner").and_then(|owner| text(owner, "login"));
    let mut entry = Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("github-token:{id}"), StorageState::Unknown)
        .mark(Mark::KeyId(id.clone()))
        .says(Field::KeyId, Some(id))
        .says(Field::Kind, Some("token"))
        .says(Field::Provider, Some("github"))
        .says(Field::Principal, login)
        .says(Field::Name, text(item, "token_name"))
        .says(Field::State, Some("human-use"))
        .says(Field::CreatedAt, item.get("access_granted_at").and_then(moment))
        .says(Field::ExpiresAt, item.get("token_expires_at").and_then(moment))
        .says(Field::LastUsedAt, item.get("token_last_used_at").and_then(moment))
        .says(Field::Active, yes(item.get("token_expired").and_then(Value::as_bool).map(|expired| !expired)));
    let groups = item.get("permissions").and_then(Value::as_object).into_iter().flat_map(|groups| groups.values());
    for (what, level) in groups.filter_map(Value::as_object).flatten() {
        entry = entry.says(Field::Scope, level.as_str().map(|level| format!("{what}:{level}")));
    }
    Some(entry)
}

/// Lists of GitLab.
pub(super) fn gitlab(list: &Value) -> Option<Entries> {
    let items = list.as_array().filter(|items| !items.is_empty())?;
    if items.iter().all(|item| item.get("scopes").is_some() && item.get("id").is_some()) {
        return Some(("GitLab token list", (1..).zip(items).filter_map(|(at, one)| gitlab_token(at, one)).collect()));
    }
    let variables = items.iter().all(|item| item.get("key").is_some() && item.get("variable_type").is_some());
    variables.then(|| ("GitLab variables list", (1..).zip(items).filter_map(|(at, one)| variable(at, one)).collect()))
}

fn gitlab_token(at: usize, item: &Value) -> Option<Entry> {
    let id = item.get("id").and_then(Value::as_u64)?.to_string();
    let name = text(item, "name")?;
    let scopes: Vec<&str> = item.get("scopes")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let level = match scopes.as_slice() {
        [] => None,
        scopes if scopes.iter().any(|scope| matches!(*scope, "api" | "sudo" | "admin_mode")) => Some("admin"),
        scopes if scopes.iter().all(|scope| scope.starts_with("read_")) => Some("read"),
        _ => Some("write"),
    };
    let mut entry = Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("gitlab-token:{id}"), StorageState::Unknown)
        .mark(Mark::KeyId(id.clone()))
        .says(Field::KeyId, Some(id))
        .says(Field::Kind, Some("token"))
        .says(Field::Provider, Some("gitlab"))
        .says(Field::Name, Some(name))
        .says(Field::CreatedAt, item.get("created_at").and_then(moment))
        .says(Field::ExpiresAt, item.get("expires_at").and_then(end))
        .says(Field::LastUsedAt, item.get("last_used_at").and_then(moment))
        .says(Field::Active, yes(item.get("active").and_then(Value::as_bool)))
        .says(Field::ScopeLevel, level);
    for scope in scopes {
        entry = entry.says(Field::Scope, Some(scope));
    }
    Some(entry)
}

/// The end of a token; GitLab writes null for one that has none.
fn end(value: &Value) -> Option<String> {
    if value.is_null() { Some(NEVER.to_owned()) } else { moment(value) }
}

fn variable(at: usize, item: &Value) -> Option<Entry> {
    let key = text(item, "key")?;
    let environment = text(item, "environment_scope").filter(|scope| *scope != "*");
    let entry = Entry::new(at)
        .own(FingerprintKind::Reference, format!("gitlab-variable:{key}"), StorageState::CiStore)
        .mark(Mark::Reference("gitlab-ci".to_owned(), key.to_owned()))
        .says(Field::Kind, Some("ci-secret"))
        .says(Field::Name, Some(key))
        .says(Field::Vault, Some("GitLab CI/CD variables"))
        .says(Field::Scope, environment.map(|scope| format!("environment {scope}")));
    Some(entry)
}
