//! AWS: account and id of access keys, the user of Bedrock keys, what presigned URLs were made for.

use super::Seen;
use crate::inventory::kind::Field;

pub(super) fn claim(seen: &mut Seen<'_>) {
    let rule = seen.finding.rule.id.as_ref();
    seen.says_told(Field::ProviderAccount, "account", "AWS access key id");
    if let Some(service) = seen.told("canary") {
        seen.says(Field::State, "canary", service);
    }
    match rule {
        "aws-access-key-id" | "aws-temporary-access-key-id" => {
            // An access key id is no secret: AWS writes it into logs and lists, which it joins to.
            seen.says(Field::KeyId, seen.value(), "AWS access key id");
            presigned(seen);
        }
        "aws-bedrock-api-key" => bedrock(seen),
        _ => {}
    }
}

/// A presigned URL: `<id>/<date>/<region>/<service>/aws4_request`, the time it was signed and how many seconds it holds.
fn presigned(seen: &mut Seen<'_>) {
    let Some(scope) = seen.told("credential scope") else { return };
    let parts: Vec<&str> = scope.split('/').collect();
    if let [_date, region, service, "aws4_request"] = parts.as_slice() {
        seen.tag("presigned_for", &format!("{service} in {region}"), "X-Amz-Credential of a presigned URL");
    }
    let signed = seen.told("signed").and_then(|time| jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", time).ok());
    let seconds = seen.told("seconds").and_then(|seconds| seconds.parse::<i64>().ok());
    let span = seconds.filter(|seconds| (0..=604_800).contains(seconds)).map(|s| jiff::Span::new().seconds(s));
    if let Some(end) = signed.zip(span).and_then(|(signed, span)| signed.checked_add(span).ok()) {
        seen.tag("presigned_until", &format!("{}Z", end.strftime("%Y-%m-%dT%H:%M:%S")), "X-Amz-Date and X-Amz-Expires");
    }
}

/// A long-term Bedrock key: `ABSK` and the base64 of `<IAM user>-at-<account>:<secret>`, the user being made for the key
/// (`BeyondTrust/bedrock-keys-security`).
fn bedrock(seen: &mut Seen<'_>) {
    const BASIS: &str = "name in the Bedrock key";
    let body = seen.value().strip_prefix("ABSK").unwrap_or_default();
    // The last group may be cut; the name stands in front.
    let whole = body.trim_end_matches('=').len() / 4 * 4;
    let decoded =
        body.get(..whole).and_then(|body| data_encoding::BASE64.decode(body.as_bytes()).ok()).unwrap_or_default();
    let name = decoded.split(|&byte| byte == b':').next().filter(|name| name.len() < decoded.len());
    let Some(name) = name.and_then(|name| std::str::from_utf8(name).ok()) else { return };
    let account = name.rsplit_once("-at-").map(|(_, account)| account);
    if let Some(account) = account.filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())) {
        seen.says(Field::Principal, name, BASIS);
        seen.says(Field::ProviderAccount, account, BASIS);
    }
}
