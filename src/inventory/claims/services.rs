//! Services whose tokens name their account, their owner or their key.

use super::{Seen, keys};
use crate::inventory::kind::{Field, ScopeLevel};

pub(super) fn claim(seen: &mut Seen<'_>) {
    match seen.finding.rule.provider.as_ref() {
        "gitlab" => gitlab(seen),
        "pypi" => pypi(seen),
        "slack" => slack(seen),
        "discord" => discord(seen),
        "microsoftteams" => teams(seen),
        "telegram" => {
            // Digits before the colon are the bot's id (core.telegram.org/bots/api, "Authorizing your bot").
            let bot = seen.value().split_once(':').map(|(bot, _)| bot).filter(|bot| is_number(bot));
            if let Some(bot) = bot {
                seen.says(Field::Principal, format!("bot {bot}"), "digits before the colon");
            }
        }
        "sendgrid" => {
            // `SG.<api_key_id>.<secret>` (SendGrid's API reference, "Create API keys").
            let id = seen.value().strip_prefix("SG.").and_then(|rest| rest.split_once('.')).map(|(id, _)| id);
            if let Some(id) = id {
                seen.says(Field::KeyId, id, "middle part of the SendGrid key");
            }
        }
        "twilio" => match seen.finding.rule.id.as_ref() {
            "twilio-account-sid" => seen.says(Field::ProviderAccount, seen.value(), "Twilio account SID"),
            "twilio-api-key-sid" => seen.says(Field::KeyId, seen.value(), "Twilio API key SID"),
            _ => {}
        },
        "npm" => {
            if let Some(host) = seen.told("host") {
                seen.tag("registry", host, ".npmrc");
            }
        }
        "docker" => {
            if let Some(host) = seen.told("host") {
                seen.tag("registry", host, "auths");
            }
        }
        "passwordhash" => keys::password_hash(seen),
        _ => {}
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A routable token names organization, group, project and user.
fn gitlab(seen: &mut Seen<'_>) {
    const BASIS: &str = "payload of the GitLab token";
    let account = ["group", "organization"].into_iter().find_map(|name| Some((name, seen.told(name)?)));
    if let Some((name, id)) = account {
        seen.says(Field::ProviderAccount, format!("{name} {id}"), BASIS);
    }
    let principal = ["user", "project"].into_iter().find_map(|name| Some((name, seen.told(name)?)));
    if let Some((name, id)) = principal {
        seen.says(Field::Principal, format!("{name} {id}"), BASIS);
    }
    if let Some(project) = seen.told("project") {
        seen.says(Field::Scope, format!("project {project}"), BASIS);
    }
}

/// The restrictions of an upload token.
fn pypi(seen: &mut Seen<'_>) {
    const BASIS: &str = "restrictions in the PyPI token";
    seen.says_told(Field::KeyId, "token id", "identifier in the PyPI token");
    seen.says_told(Field::Principal, "user", BASIS);
    seen.says_told(Field::ExpiresAt, "expires", BASIS);
    if let Some(scope) = seen.told("scope") {
        seen.says(Field::Scope, scope, BASIS);
        let level = if scope.starts_with("all ") { "admin" } else { "write" };
        seen.says(Field::ScopeLevel, level, &format!("{BASIS}: {scope}"));
    }
}

/// Ids in the token: what they mean is not documented by Slack, their place says whose they are.
fn slack(seen: &mut Seen<'_>) {
    const BASIS: &str = "ids in the Slack token";
    seen.says_told(Field::ProviderAccount, "workspace", BASIS);
    if let Some((name, id)) = ["bot", "user", "app"].into_iter().find_map(|name| Some((name, seen.told(name)?))) {
        seen.says(Field::Principal, format!("{name} {id}"), BASIS);
    }
    let mut parts = seen.value().split("/services/").nth(1).unwrap_or_default().split('/').skip(1);
    if let Some(id) = parts.next() {
        seen.says(Field::KeyId, id, "configuration id in the webhook's address");
    }
}

/// A bot's token names the bot and when it was made; a webhook's address names the webhook
/// (docs.discord.com/developers/resources/webhook).
fn discord(seen: &mut Seen<'_>) {
    if let Some(bot) = seen.told("bot id") {
        seen.says(Field::Principal, format!("bot {bot}"), "first part of the Discord token");
    }
    seen.says_told(Field::CreatedAt, "issued", "second part of the Discord token");
    let id = seen.value().split("/webhooks/").nth(1).and_then(|rest| rest.split('/').next());
    if let Some(id) = id.filter(|id| is_number(id)) {
        seen.says(Field::KeyId, id, "id in the webhook's address");
    }
}

/// `…/webhookb2/<group>@<tenant>/IncomingWebhook/…` (learn.microsoft.com, "Create an incoming webhook").
fn teams(seen: &mut Seen<'_>) {
    let path = seen.value().split("/webhookb2/").nth(1).or_else(|| seen.value().split("/webhook/").nth(1));
    let ids = path.and_then(|path| path.split('/').next()).and_then(|ids| ids.split_once('@'));
    if let Some((group, tenant)) = ids {
        seen.says(Field::ProviderAccount, tenant, "tenant in the webhook's address");
        seen.says(Field::Principal, format!("group {group}"), "group in the webhook's address");
    }
}

/// How far a scope reaches by its words; `None` where they do not tell.
pub(super) fn level(scope: &str) -> Option<ScopeLevel> {
    let lower = scope.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '*').collect();
    // `Directory.ReadWrite.All`: one word for two.
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    if has(&["admin", "owner", "root", "*", "superuser"]) {
        Some(ScopeLevel::Admin)
    } else if has(&["write", "readwrite", "manage", "delete", "create", "update", "edit", "publish", "push", "send"]) {
        Some(ScopeLevel::Write)
    } else if has(&["read", "readonly", "view", "list", "get"]) {
        Some(ScopeLevel::Read)
    } else {
        None
    }
}
