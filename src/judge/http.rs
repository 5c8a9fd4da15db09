//! User and password in URLs and in Basic authorization.

use std::ops::Range;

use percent_encoding::percent_decode;

use super::{Drop, Judged, Piece, Rule, Stage, Text, assignment, drop_for, placeholder, reference};
use crate::detect::Candidate;
use crate::rule::Role;

/// `scheme://user:password@host`: the candidate's match begins at `://`.
pub(super) fn url(rule: &Rule, candidate: &Candidate, text: Text<'_>) -> Result<Judged, Drop> {
    let bytes = text.bytes();
    let value = &bytes[candidate.secret.clone()];
    let decoded: Vec<u8> = percent_decode(value).collect();
    if let Some(reason) = reference::reference(&decoded, None, text.kind) {
        return Err(drop_for(Stage::Reference, format!("the password {reason}")));
    }
    if let Some(reason) = placeholder::written_fill(&decoded) {
        return Err(drop_for(Stage::Placeholder, reason));
    }
    let scheme_start = (0..candidate.whole.start)
        .rev()
        .take(32)
        .take_while(|&at| bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'+' | b'-' | b'.'))
        .last()
        .unwrap_or(candidate.whole.start);
    let user = candidate.whole.start + 3..candidate.secret.start.saturating_sub(1);
    let host = host_after(bytes, candidate.secret.end);
    let strip = |place: &Range<usize>| String::from_utf8_lossy(&bytes[place.clone()]).into_owned();
    let mut judged = assignment::weigh_password(&decoded, Some(&bytes[user.clone()]), text.deployed)?;
    let scheme = scheme_start..candidate.whole.start;
    let named = if is_database(&bytes[scheme.clone()]) { database(&bytes[host.end..]) } else { 0..0 };
    let database = host.end + named.start..host.end + named.end;
    judged.facts.push(("scheme", strip(&scheme)));
    for (role, place) in [(Role::User, user), (Role::Host, host), (Role::Database, database)] {
        if !place.is_empty() {
            judged.facts.push((role.name(), strip(&place)));
        }
        judged.parts.extend(Piece::of(role, place.clone(), &bytes[place]));
    }
    judged.reasons.insert(0, "a URL carries a user's password".to_owned());
    judged.confidence = judged.confidence.min(rule.confidence);
    Ok(judged)
}

fn host_after(bytes: &[u8], secret_end: usize) -> Range<usize> {
    let start = (secret_end + 1).min(bytes.len());
    let length = bytes[start..]
        .iter()
        .take(128)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
        .count();
    start..start + length
}

/// Schemes of URLs whose path names a database or a virtual host. A path of others may hold anything.
fn is_database(scheme: &[u8]) -> bool {
    const SCHEMES: &[&[u8]] = &[
        b"postgres",
        b"postgresql",
        b"mysql",
        b"mariadb",
        b"mongodb",
        b"redis",
        b"rediss",
        b"amqp",
        b"amqps",
        b"mssql",
        b"sqlserver",
        b"oracle",
        b"clickhouse",
        b"cockroachdb",
        b"snowflake",
    ];
    SCHEMES.contains(&scheme.split(|&byte| byte == b'+').next().unwrap_or_default())
}

/// The place of the name behind `/`.
fn database(rest: &[u8]) -> Range<usize> {
    let Some(path) = rest.strip_prefix(b"/") else { return 0..0 };
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    1..1 + path.iter().take(64).take_while(plain).count()
}

/// `Basic <base64 of user:password>`.
pub(super) fn basic(rule: &Rule, candidate: &Candidate, text: Text<'_>) -> Result<Judged, Drop> {
    let value = &text.bytes()[candidate.secret.clone()];
    let trimmed = value.iter().rposition(|&byte| byte != b'=').map_or(&value[..0], |last| &value[..=last]);
    let spec = data_encoding::BASE64_NOPAD;
    let Ok(decoded) = spec.decode(trimmed) else {
        return Err(drop_for(Stage::Proof, "it is no base64 text"));
    };
    let Some(colon) = memchr::memchr(b':', &decoded) else {
        return Err(drop_for(Stage::Proof, "it decodes to no `user:password`"));
    };
    if std::str::from_utf8(&decoded).is_err() || decoded.iter().any(u8::is_ascii_control) {
        return Err(drop_for(Stage::Proof, "it decodes to no text"));
    }
    let (user, password) = (&decoded[..colon], &decoded[colon + 1..]);
    if password.is_empty() && user.is_empty() {
        return Err(drop_for(Stage::Placeholder, "user and password are empty"));
    }
    let secret = if password.is_empty() { user } else { password };
    if let Some(reason) = reference::reference(secret, None, text.kind) {
        return Err(drop_for(Stage::Reference, format!("the password {reason}")));
    }
    if let Some(reason) = placeholder::written_fill(secret) {
        return Err(drop_for(Stage::Placeholder, reason));
    }
    let mut judged = assignment::weigh_password(secret, Some(user), text.deployed)?;
    judged.facts.push(("user", String::from_utf8_lossy(user).into_owned()));
    judged.parts.extend(Piece::of(Role::User, candidate.secret.clone(), user));
    judged.reasons.insert(0, "decodes to a user and a password".to_owned());
    judged.confidence = judged.confidence.min(rule.confidence);
    Ok(judged)
}
