//! JSON web tokens: issuer, subject, scopes, times.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Seen;
use crate::inventory::kind::{Field, NEVER};

/// A token that holds no longer than this is made for a run.
const SHORT_LIVED_HOURS: i64 = 24;

/// Keys that documentation signs its sample tokens with (jwt.io, the readmes of jsonwebtoken, `PyJWT` and ruby-jwt).
const SAMPLE_KEYS: &[&str] =
    &["your-256-bit-secret", "a-string-secret-at-least-256-bits-long", "secret", "shhhhh", "my$ecretK3y"];

/// Kinds that a token's claims tell, and whose they are.
const ISSUERS: &[(&str, &str)] = &[
    ("Kubernetes service account token", "Kubernetes"),
    ("Supabase", "Supabase"),
    ("Google", "Google Cloud"),
    ("GitHub", "GitHub"),
    ("Microsoft Entra", "Microsoft Entra"),
    ("Amazon Cognito", "AWS"),
    ("Auth0", "Auth0"),
];

pub(super) fn claim(seen: &mut Seen<'_>) {
    let kind = seen.told("kind").unwrap_or_default();
    if let Some((_, provider)) = ISSUERS.iter().find(|(prefix, _)| kind.starts_with(prefix)) {
        seen.says(Field::Provider, *provider, "JWT claim iss");
    }
    match seen.told("tenant") {
        Some(tenant) => seen.says(Field::ProviderAccount, tenant, "JWT claim tid"),
        None => seen.says_told(Field::ProviderAccount, "issuer", "JWT claim iss"),
    }
    principal(seen);
    if let Some(audience) = seen.told("audience") {
        seen.tag("audience", audience, "JWT claim aud");
    }
    seen.says_told(Field::KeyId, "key id", "JWT header kid");
    for scope in seen.all_told("scope") {
        seen.says(Field::Scope, scope, "JWT claim scope");
    }
    reach(seen, kind);
    times(seen);
    if seen.told("algorithm").is_some_and(|algorithm| algorithm.eq_ignore_ascii_case("none")) {
        seen.says(Field::State, "weak-crypto", "JWT header alg none");
    } else if let Some(key) = sample_key(seen.value()) {
        seen.says(Field::State, "weak-crypto", &format!("signed with the documented sample key `{key}`"));
    }
}

/// Whom the token stands for: the service account, else the client, else the subject.
fn principal(seen: &mut Seen<'_>) {
    if let (Some(namespace), Some(account)) = (seen.told("namespace"), seen.told("service account")) {
        let name = format!("system:serviceaccount:{namespace}:{account}");
        seen.says(Field::Principal, name, "JWT claim kubernetes.io");
        seen.says(Field::Kind, "service-account", "JWT claim kubernetes.io");
    } else if let Some(client) = seen.told("client") {
        seen.says(Field::Principal, client, "JWT claim azp, client_id or appid");
    } else if let Some(subject) = seen.told("subject") {
        seen.says(Field::Principal, subject, "JWT claim sub");
        if subject.starts_with("system:serviceaccount:") {
            seen.says(Field::Kind, "service-account", "JWT claim sub");
        }
    }
    if let Some(mail) = seen.told("e-mail") {
        seen.tag("email", mail, "JWT claim email");
        if !mail.ends_with(".gserviceaccount.com") {
            seen.says(Field::State, "human-use", "JWT claim email: the token of a person");
        }
    }
}

/// How far the scopes reach, where their words say it.
fn reach(seen: &mut Seen<'_>, kind: &str) {
    if kind == "Supabase service_role key" {
        seen.says(Field::ScopeLevel, "admin", "Supabase: service_role passes row-level security");
        return;
    }
    let widest = seen.all_told("scope").filter_map(|scope| Some((super::services::level(scope)?, scope))).min();
    if let Some((level, scope)) = widest {
        seen.says(Field::ScopeLevel, level.name(), &format!("JWT claim scope: {scope}"));
    }
}

fn times(seen: &mut Seen<'_>) {
    let time = |name: &str| seen.told(name).and_then(|time| time.parse::<jiff::Timestamp>().ok());
    let (issued, expires) = (time("issued"), time("expires"));
    seen.says_told(Field::CreatedAt, "issued", "JWT claim iat");
    seen.says_told(Field::ExpiresAt, "expires", "JWT claim exp");
    let short =
        issued.zip(expires).map(|(issued, expires)| expires.duration_since(issued).as_hours() < SHORT_LIVED_HOURS);
    match (short, expires) {
        (Some(true), _) => seen.says(Field::Mode, "short-lived", "JWT claims iat and exp"),
        (Some(false), _) => seen.says(Field::Mode, "static", "JWT claims iat and exp"),
        // A token whose claims can be read and name no end has none (RFC 7519, section 4.1.4).
        (None, None) if seen.told("issuer").or_else(|| seen.told("subject")).is_some() => {
            seen.says(Field::Mode, "static", "JWT without exp");
            seen.says(Field::ExpiresAt, NEVER, "JWT without exp");
        }
        _ => {}
    }
}

/// The sample key that an HS256 token is signed with.
fn sample_key(token: &str) -> Option<&'static str> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = data_encoding::BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    SAMPLE_KEYS.iter().copied().find(|key| {
        Hmac::<Sha256>::new_from_slice(key.as_bytes())
            .is_ok_and(|mac| mac.chain_update(signed).verify_slice(&signature).is_ok())
    })
}
