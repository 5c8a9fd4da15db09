//! Identifiers and keys whose structure tells where they belong: AWS, Azure, Google Cloud, `PyPI`, Discord and Slack.

use memchr::memmem;

use super::jwt::{decode64, time};
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
    let Some((id, snowflake)) =
        digits.and_then(|id| Some((id.parse::<u64>().ok()?, id))).map(|(number, id)| (id, number))
    else {
        return Proved::Refuted("its first part is no base64 of a Discord user id".into());
    };
    let mut told = Told::reason("its first part is the base64 of a Discord user id").fact("bot id", id);
    let created = i64::try_from((snowflake >> 22).saturating_add(DISCORD_EPOCH_MS) / 1000).ok().and_then(time);
    if let Some(moment) = created {
        told = told.fact("bot created", moment);
    }
    if let Some(moment) = parts.next().and_then(decode64).and_then(|bytes| discord_time(&bytes)) {
        told = told.fact("issued", moment);
    }
    Proved::Certain(told)
}

/// The time in a token's second part: seconds, of Unix or (older) since 2011. `None` when it gives a year before Discord
/// or far ahead.
fn discord_time(bytes: &[u8]) -> Option<String> {
    let seconds = i64::from(u32::from_be_bytes(*bytes.first_chunk::<4>()?));
    let unix = if seconds < DISCORD_TOKEN_EPOCH { seconds + DISCORD_TOKEN_EPOCH } else { seconds };
    (1_420_070_400..4_102_444_800).contains(&unix).then(|| time(unix)).flatten()
}

/// A Google Cloud service account file or a part of it: `client_email` names the account, the key is a PEM in a JSON string
/// (cloud.google.com/iam/docs/keys-create-delete).
pub(super) fn gcp_service_account(value: &[u8]) -> Proved {
    let email = json_field(value, b"client_email").filter(|email| email.contains('@'));
    let named = email.is_some_and(|email| email.ends_with(".iam.gserviceaccount.com"));
    let mut told = Told::default();
    for (field, name) in [
        ("project_id", "project"),
        ("client_email", "service account"),
        ("private_key_id", "key id"),
        ("client_id", "client id"),
    ] {
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
        (true, false) => {
            Proved::Open(with("it names a service account, and its private key is cut off or altered", told))
        }
        (false, _) => Proved::Open(with("it holds a private key, but names no service account of Google Cloud", told)),
    }
}

/// The text of a JSON string field, also where the JSON itself stands in a string (`\"client_email\": \"…\"`).
fn json_field<'v>(text: &'v [u8], name: &[u8]) -> Option<&'v str> {
    const MARKS: &[u8] = b"\\\"' \t\r\n";
    memmem::find_iter(text, name).find_map(|found| {
        let quoted =
            found.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| matches!(byte, b'"' | b'\''));
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

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64URL_NOPAD};

    use super::*;
    use crate::rule::raw::joined;

    fn facts(proved: Proved) -> Vec<(&'static str, String)> {
        match proved {
            Proved::Certain(told) | Proved::Open(told) | Proved::Weak(told) => told.facts,
            Proved::Refuted(reason) => panic!("refuted: {reason}"),
        }
    }

    #[test]
    fn discord_ids_are_read() {
        let token = |id: &str, time: u32| {
            format!(
                "{}.{}.{}",
                BASE64.encode(id.as_bytes()).trim_end_matches('='),
                BASE64URL_NOPAD.encode(&time.to_be_bytes()),
                "a".repeat(38)
            )
        };
        let id = (1_600_000_000_000_u64 - DISCORD_EPOCH_MS) << 22;
        for time in [1_650_000_000, 1_650_000_000 - 1_293_840_000] {
            let proved = discord(token(&id.to_string(), time).as_bytes());
            assert!(matches!(proved, Proved::Certain(_)));
            assert_eq!(
                facts(proved),
                [
                    ("bot id", id.to_string()),
                    ("bot created", "2020-09-13T12:26:40Z".to_owned()),
                    ("issued", "2022-04-15T05:20:00Z".to_owned())
                ]
            );
        }
        for odd in [
            token("12345", 5),
            token("12345678901234567a", 5),
            token("99999999999999999999", 5),
            String::new(),
            "..".to_owned(),
            ".".repeat(70_000),
        ] {
            assert!(matches!(discord(odd.as_bytes()), Proved::Refuted(_)), "{odd:.40}");
        }
        assert!(matches!(discord(&[0xff; 72]), Proved::Refuted(_)));
    }

    /// A service account file whose key has `body`.
    fn account(body: &str) -> String {
        joined(&format!(
            r#"{{"type": "service_account", "project_id": "acme-1", "private_key_id": "{}", "private_key": "-----BEG<~>IN PRI<~>VATE KEY-----\n{body}\n-----E<~>ND PRI<~>VATE KEY-----\n", "client_email": "ci@acme-1.iam.gserviceaccount.com", "client_id": "1"}}"#,
            "0a".repeat(20)
        ))
    }

    #[test]
    fn service_accounts_are_named() {
        let key =
            [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20], [7; 32].as_slice()].concat();
        let file = account(&BASE64.encode(&key));
        for text in [file.clone(), file.replace('\\', "\\\\").replace('"', "\\\"")] {
            let proved = gcp_service_account(text.as_bytes());
            assert!(matches!(proved, Proved::Certain(_)), "{proved:?}");
            let facts = facts(proved);
            assert_eq!(
                facts[..2],
                [("project", "acme-1".to_owned()), ("service account", "ci@acme-1.iam.gserviceaccount.com".to_owned())]
            );
        }
        assert!(matches!(gcp_service_account(file.replace(".iam.g", ".x.g").as_bytes()), Proved::Open(_)));
        assert!(matches!(
            gcp_service_account(account(&BASE64.encode(&(0..=255).collect::<Vec<u8>>())).as_bytes()),
            Proved::Open(_)
        ));
        assert!(matches!(gcp_service_account(account("...").as_bytes()), Proved::Refuted(_)));
        for odd in [
            b"".as_slice(),
            b"{}",
            b"\"client_email\":",
            b"\"client_email\": \"a@b.iam.gserviceaccount.com\"",
            &[0xff; 500],
        ] {
            assert!(matches!(gcp_service_account(odd), Proved::Open(_)));
        }
    }
}
