//! Lists of AWS: access keys (`aws iam list-access-keys`, `list-service-specific-credentials`), secrets (`aws secretsmanager
//! list-secrets`), parameters (`aws ssm describe-parameters`), events of `CloudTrail` (its log files, `aws cloudtrail
//! lookup-events`), and the credential report (`aws iam get-credential-report`, or the CSV in it). Shapes: AWS CLI Command
//! Reference; IAM user guide, "Getting credential reports".

use std::collections::BTreeMap;

use serde_json::Value;

use super::index::Mark;
use super::table::Row;
use super::{Entries, Entry, moment, text, time, yes};
use crate::inventory::kind::{Field, FingerprintKind, StorageState};

const ACCESS_KEYS: &str = "AWS access key list";
const CREDENTIALS: &str = "AWS service-specific credential list";
const SECRETS: &str = "AWS Secrets Manager list";
const PARAMETERS: &str = "AWS parameter list";
const EVENTS: &str = "AWS CloudTrail events";
pub(super) const REPORT: &str = "AWS credential report";

pub(super) fn read(list: &Value) -> Option<Entries> {
    let items = |name: &str| list.get(name).and_then(Value::as_array);
    if let Some(keys) = items("AccessKeyMetadata") {
        Some((ACCESS_KEYS, (1..).zip(keys).filter_map(|(at, key)| access_key(at, key)).collect()))
    } else if let Some(secrets) = items("SecretList") {
        Some((SECRETS, (1..).zip(secrets).filter_map(|(at, one)| secret(at, one)).collect()))
    } else if let Some(credentials) = items("ServiceSpecificCredentials") {
        Some((CREDENTIALS, (1..).zip(credentials).filter_map(|(at, one)| service_credential(at, one)).collect()))
    } else if let Some(parameters) = items("Parameters") {
        Some((PARAMETERS, (1..).zip(parameters).filter_map(|(at, one)| parameter(at, one)).collect()))
    } else if let Some(events) = items("Events") {
        // What was looked up has each event as text.
        let event = |event: &Value| serde_json::from_str(event.get("CloudTrailEvent")?.as_str()?).ok();
        let events: Option<Vec<Value>> = events.iter().map(event).collect();
        Some((EVENTS, trail(&events?)))
    } else {
        let events = items("Records").or_else(|| list.as_array().filter(|events| !events.is_empty()))?;
        events.iter().all(|event| event.get("eventName").is_some()).then(|| (EVENTS, trail(events)))
    }
}

/// The CSV in the answer of `aws iam get-credential-report`; `None` where the list is none.
pub(super) fn report_text(list: &Value) -> Result<Option<Vec<u8>>, String> {
    if text(list, "ReportFormat") != Some("text/csv") {
        return Ok(None);
    }
    let content = text(list, "Content").ok_or("the credential report has no content")?;
    let decoded = data_encoding::BASE64.decode(content.as_bytes());
    decoded.map(Some).map_err(|error| format!("the credential report's content is no base64: {error}"))
}

/// A login that a user has for one service (`CodeCommit`, Keyspaces, Bedrock).
fn service_credential(at: usize, item: &Value) -> Option<Entry> {
    let id = text(item, "ServiceSpecificCredentialId")?;
    let entry = Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("aws-service-credential:{id}"), StorageState::Unknown)
        .mark(Mark::KeyId(id.to_owned()))
        .says(Field::KeyId, Some(id))
        .says(Field::Provider, Some("aws"))
        .says(Field::Kind, Some("password"))
        .says(Field::Principal, text(item, "UserName"))
        .says(Field::Scope, text(item, "ServiceName"))
        .says(Field::Active, yes(text(item, "Status").map(|status| status == "Active")))
        .says(Field::CreatedAt, item.get("CreateDate").and_then(moment))
        .says(Field::ExpiresAt, item.get("ExpirationDate").and_then(moment));
    Some(entry)
}

/// Marks by which references know what a store holds: with its account and region where the ARN tells them, and by name.
fn stored(entry: Entry, system: &str, account: Option<&str>, name: &str) -> Entry {
    let entry = match account {
        Some(account) => entry.mark(Mark::Reference(system.to_owned(), format!("{account}:{name}"))),
        None => entry,
    };
    let named = |system: &str| Mark::Reference(system.to_owned(), name.to_owned());
    entry.mark(named(system)).mark(named("external-secret"))
}

/// `ACCOUNT:REGION` of an ARN.
fn account_of(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, _, region, account, _] = parts.as_slice() else { return None };
    Some(format!("{account}:{region}"))
}

/// An encrypted parameter; others hold settings.
fn parameter(at: usize, item: &Value) -> Option<Entry> {
    let name = text(item, "Name").filter(|_| text(item, "Type") == Some("SecureString"))?;
    let account = text(item, "ARN").and_then(account_of);
    let known = account.as_ref().map_or_else(|| name.to_owned(), |account| format!("{account}:{name}"));
    let entry = Entry::new(at).own(FingerprintKind::Reference, format!("aws-ssm:{known}"), StorageState::Vault);
    let mut policies = item.get("Policies").and_then(Value::as_array).into_iter().flatten();
    let expiry = |policy: &Value| {
        let policy: Value = serde_json::from_str(text(policy, "PolicyText")?).ok()?;
        let ends = text(&policy, "Type") == Some("Expiration");
        policy.pointer("/Attributes/Timestamp").filter(|_| ends).and_then(moment)
    };
    let entry = stored(entry, "aws-ssm", account.as_deref(), name)
        .says(Field::Name, Some(name))
        .says(Field::ProviderAccount, account.as_deref().and_then(|account| account.split(':').next()))
        .says(Field::Vault, Some("AWS Parameter Store"))
        .says(Field::VaultPath, Some(name))
        .says(Field::Purpose, text(item, "Description"))
        .says(Field::LastRotatedAt, item.get("LastModifiedDate").and_then(moment))
        .says(Field::ExpiresAt, policies.find_map(expiry));
    Some(entry)
}

fn access_key(at: usize, key: &Value) -> Option<Entry> {
    let id = text(key, "AccessKeyId")?;
    Some(
        key_entry(at, id)
            .says(Field::Principal, text(key, "UserName"))
            .says(Field::Active, yes(text(key, "Status").map(|status| status == "Active")))
            .says(Field::CreatedAt, key.get("CreateDate").and_then(moment)),
    )
}

fn key_entry(at: usize, id: &str) -> Entry {
    Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("aws-access-key:{id}"), StorageState::Unknown)
        .mark(Mark::KeyId(id.to_owned()))
        .says(Field::KeyId, Some(id))
        .says(Field::Provider, Some("aws"))
        .says(Field::Kind, Some("api-key"))
}

fn secret(at: usize, secret: &Value) -> Option<Entry> {
    let arn = text(secret, "ARN")?;
    let name = text(secret, "Name").unwrap_or(arn);
    let account = account_of(arn)?;
    let date = |field: &str| secret.get(field).and_then(moment);
    let days = secret.pointer("/RotationRules/AutomaticallyAfterDays").and_then(Value::as_u64);
    let rotates = secret.get("RotationEnabled").and_then(Value::as_bool).unwrap_or(false);
    let own = format!("aws-secretsmanager:{account}:{name}");
    let entry = Entry::new(at).own(FingerprintKind::Reference, own, StorageState::Vault);
    let mut entry = stored(entry, "aws-secretsmanager", Some(&account), name);
    entry = entry
        .says(Field::Name, Some(name))
        .says(Field::ProviderAccount, arn.split(':').nth(4))
        .says(Field::Vault, Some("AWS Secrets Manager"))
        .says(Field::VaultPath, Some(name))
        .says(Field::CreatedAt, date("CreatedDate"))
        .says(Field::LastRotatedAt, date("LastRotatedDate").or_else(|| date("LastChangedDate")))
        .says(Field::LastUsedAt, date("LastAccessedDate"))
        .says(Field::RotationDays, days.filter(|_| rotates).map(|days| days.to_string()))
        .says(Field::Active, date("DeletedDate").map(|_| "no"));
    for tag in secret.get("Tags").and_then(Value::as_array).into_iter().flatten() {
        if let Some(key) = text(tag, "Key") {
            entry = entry.tag(key, text(tag, "Value"));
        }
    }
    Some(entry)
}

/// What events say of one key.
#[derive(Default)]
struct Trail {
    number: usize,
    user: Option<String>,
    created: Option<String>,
    used: Option<String>,
    /// When it was switched, and whether it then was active.
    active: Option<(String, bool)>,
}

/// Events by access key, and rotations by secret. Event names as in the IAM and Secrets Manager API references.
fn trail(events: &[Value]) -> Vec<Entry> {
    let (mut keys, mut entries) = (BTreeMap::<&str, Trail>::new(), Vec::new());
    for (number, event) in (1..).zip(events) {
        let Some(at) = event.get("eventTime").and_then(moment) else { continue };
        let asked = |name: &str| event.pointer(&format!("/requestParameters/{name}")).and_then(Value::as_str);
        let name = text(event, "eventName").unwrap_or_default();
        let made = event.pointer("/responseElements/accessKey/accessKeyId").and_then(Value::as_str);
        if let Some(id) = event.pointer("/userIdentity/accessKeyId").and_then(Value::as_str) {
            let trail = keys.entry(id).or_insert_with(|| Trail { number, ..Trail::default() });
            trail.used = trail.used.take().max(Some(at.clone()));
        }
        match (name, made.or_else(|| asked("accessKeyId"))) {
            ("CreateAccessKey", Some(id)) => {
                let trail = keys.entry(id).or_insert_with(|| Trail { number, ..Trail::default() });
                trail.created = Some(at);
                trail.user = asked("userName").map(str::to_owned);
            }
            ("UpdateAccessKey" | "DeleteAccessKey", Some(id)) => {
                let active = name == "UpdateAccessKey" && asked("status") == Some("Active");
                let trail = keys.entry(id).or_insert_with(|| Trail { number, ..Trail::default() });
                trail.active = trail.active.take().max(Some((at, active)));
            }
            ("RotateSecret" | "PutSecretValue", _) => entries.extend(asked("secretId").map(|id| {
                // A name, or an ARN that ends with a hyphen and six characters.
                let named = id.split_once(":secret:").map(|(_, name)| name);
                let name = named.map_or(id, |name| name.rsplit_once('-').map_or(name, |(name, _)| name));
                let account = account_of(id)
                    .or_else(|| Some(format!("{}:{}", text(event, "recipientAccountId")?, text(event, "awsRegion")?)));
                stored(Entry::new(number), "aws-secretsmanager", account.as_deref(), name)
                    .says(Field::LastRotatedAt, Some(at))
            })),
            _ => {}
        }
    }
    entries.extend(keys.into_iter().map(|(id, trail)| {
        let entry = if trail.created.is_some() {
            key_entry(trail.number, id)
        } else {
            Entry::new(trail.number).mark(Mark::KeyId(id.to_owned()))
        };
        entry
            .says(Field::Principal, trail.user)
            .says(Field::CreatedAt, trail.created)
            .says(Field::LastUsedAt, trail.used)
            .says(Field::Active, yes(trail.active.map(|(_, active)| active)))
    }));
    entries
}

/// A user of the credential report, where it has access keys. The report names no key: of two the older counts for rotation
/// and the last use of either.
pub(super) fn report(at: usize, row: &Row<'_>) -> Option<Entry> {
    let (user, arn) = (row.get("user")?, row.get("arn")?);
    let active = |key: u8| row.get(&format!("access_key_{key}_active")) == Some("true");
    let keys: Vec<u8> = [1, 2].into_iter().filter(|key| active(*key)).collect();
    if keys.is_empty() {
        return None;
    }
    let dates = |field: &str| {
        keys.iter().filter_map(|key| time(row.get(&format!("access_key_{key}_{field}"))?)).collect::<Vec<_>>()
    };
    let root = user == "<root_account>";
    let password = row.get("password_enabled") == Some("true");
    let entry = Entry::new(at)
        .own(FingerprintKind::ProviderId, format!("aws-iam-user:{arn}"), StorageState::Unknown)
        .mark(Mark::Reference("aws-iam-user".to_owned(), user.to_owned()))
        .mark(Mark::Principal(arn.to_owned()))
        .mark(Mark::Principal(user.to_owned()))
        .says(Field::Kind, Some("service-account"))
        .says(Field::Provider, Some("aws"))
        .says(Field::ProviderAccount, arn.split(':').nth(4))
        .says(Field::Principal, Some(user))
        .says(Field::CreatedAt, row.get("user_creation_time").and_then(time))
        .says(Field::LastRotatedAt, dates("last_rotated").into_iter().min())
        .says(Field::LastUsedAt, dates("last_used_date").into_iter().max())
        .says(Field::Active, Some("yes"))
        .says(Field::Interactive, Some(if password { "yes" } else { "no" }))
        .says(Field::ScopeLevel, root.then_some("admin"));
    Some(entry.says(Field::State, password.then_some("human-use")))
}
