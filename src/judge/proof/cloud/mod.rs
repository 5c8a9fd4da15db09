//! Identifiers and keys whose structure tells where they belong: AWS, Azure, Google Cloud, `PyPI`, Discord and Slack.

use memchr::memmem;

use super::jwt::{date, decode64};
use super::{Proved, Told, key};

mod aws;
mod azure;
mod pypi;
mod slack;

pub(super) use aws::aws_key_id;
pub(super) use azure::azure_cask;
pub(super) use pypi::pypi;
pub(super) use slack::slack;

/// Milliseconds of Discord's epoch, the first second of 2015 (docs.discord.com/developers/reference, "Snowflakes").
const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;

/// Seconds that older Discord tokens count from (the first second of 2011).
const DISCORD_TOKEN_EPOCH: i64 = 1_293_840_000;

/// Discord bot tokens: base64 of the bot's user id, a time, an HMAC, joined by dots. The id is a snowflake, its high bits
/// the time of its creation. No checksum.
pub(super) fn discord(value: &[u8]) -> Proved {
    if value.starts_with(b"mfa.") {
        return Proved::Open(Told::reason("a user token of the older form, which carries no id"));
    }
    let mut parts = value.split(|&byte| byte == b'.');
    let id = parts.next().and_then(decode64).and_then(|bytes| String::from_utf8(bytes).ok());
    let digits = id.filter(|id| (17..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()));
    let Some((id, snowflake)) = digits.and_then(|id| Some((id.parse::<u64>().ok()?, id))).map(|(number, id)| (id, number)) else {
        return Proved::Refuted("its first part is no base64 of a Discord user id".into());
    };
    let mut told = Told::reason("its first part is the base64 of a Discord user id").fact("bot id", id);
    let created = i64::try_from((snowflake >> 22).saturating_add(DISCORD_EPOCH_MS) / 1000).ok().and_then(date);
    if let Some(day) = created {
        told = told.fact("bot created", day);
    }
    if let Some(day) = parts.next().and_then(decode64).and_then(|bytes| discord_time(&bytes)) {
        told = told.fact("issued", day);
    }
    Proved::Certain(told)
}

/// The time in a token's second part: seconds, of Unix or (older) since 2011. `None` when it gives a year before Discord
/// or far ahead.
fn discord_time(bytes: &[u8]) -> Option<String> {
    let seconds = i64::from(u32::from_be_bytes(*bytes.first_chunk::<4>()?));
    let unix = if seconds < DISCORD_TOKEN_EPOCH { seconds + DISCORD_TOKEN_EPOCH } else { seconds };
    (1_420_070_400..4_102_444_800).contains(&unix).then(|| date(unix)).flatten()
}

/// A Google Cloud service account file or a part of it: `client_email` names the account, the key is a PEM in a JSON string
/// (cloud.google.com/iam/docs/keys-create-delete).
pub(super) fn gcp_service_account(value: &[u8]) -> Proved {
    let email = json_field(value, b"client_email").filter(|email| email.contains('@'));
    let named = email.is_some_and(|email| email.ends_with(".iam.gserviceaccount.com"));
    let mut told = Told::default();
    for (field, name) in [("project_id", "project"), ("client_email", "service account"), ("private_key_id", "key id"), ("client_id", "client id")] {
        if let Some(text) = json_field(value, field.as_bytes()) {
            told = told.fact(name, text);
        }
    }
    let with = |reason: &str, mut told: Told| {
        told.reason = reason.into();
        told
    };
    let pem = memmem::find(value, b"-----BEGIN ").and_then(|start| value.get(start..));
    let Some(pem) = pem.filter(|pem| memmem::find(pem.get(..64).unwrap_or(pem), b"PRIVATE KEY").is_some()) else {
        return Proved::Open(with("it names a service account, but holds no private key", told));
    };
    let (facts, right) = match key::pem(pem) {
        Proved::Refuted(reason) => return Proved::Refuted(reason),
        Proved::Certain(key) => (key.facts, true),
        Proved::Open(key) | Proved::Weak(key) => (key.facts, false),
    };
    told.facts.extend(facts);
    match (named, right) {
        (true, true) => Proved::Certain(with("it names a service account and holds its private key", told)),
        (true, false) => Proved::Open(with("it names a service account, and its private key is cut off or altered", told)),
        (false, _) => Proved::Open(with("it holds a private key, but names no service account of Google Cloud", told)),
    }
}

/// The text of a JSON string field, also where the JSON itself stands in a string (`\"client_email\": \"…\"`).
fn json_field<'v>(text: &'v [u8], name: &[u8]) -> Option<&'v str> {
    const MARKS: &[u8] = b"\\\"' \t\r\n";
    memmem::find_iter(text, name).find_map(|found| {
        let quoted = found.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| matches!(byte, b'"' | b'\''));
        let rest = skip(text.get(found + name.len()..)?, MARKS);
        let rest = skip(rest.strip_prefix(b":")?, MARKS);
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'\\' | b'\n'))?;
        let field = std::str::from_utf8(rest.get(..end)?).ok()?;
        (quoted && !field.is_empty() && field.len() <= 200 && !field.contains(char::is_control)).then_some(field)
    })
}

fn skip<'v>(text: &'v [u8], marks: &[u8]) -> &'v [u8] {
    let start = text.iter().position(|byte| !marks.contains(byte)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}
