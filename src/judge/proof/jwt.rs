//! JSON web tokens (RFC 7519), and the base64 and date arithmetic that other proofs share.

use serde_json::{Map, Value};

use super::{Proved, Told};

/// The name in the payload of the sample token on jwt.io, with subject 1234567890.
const SAMPLE_NAME: &str = "John Doe";

/// Checks `header.payload[.signature]`.
pub(super) fn jwt(value: &[u8]) -> Proved {
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'.').collect();
    let Some(header) = parts.first().and_then(|part| object(part)).filter(is_header) else {
        return Proved::Refuted("its header is no JSON object that names an algorithm".into());
    };
    let algorithm = text(&header, "alg").unwrap_or_default();
    let told = |reason: &str| match text(&header, "alg") {
        Some(algorithm) => Told::reason(reason).fact("algorithm", algorithm),
        None => Told::reason(reason),
    };
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    if parts.len() == 5 {
        return Proved::Open(
            told("an encrypted token (JWE): only its header can be read").fact("kind", "encrypted token"),
        );
    }
    let Some(payload) = object(part(1)) else {
        return unreadable(part(1), parts.len() > 2, told("its header is right, but the payload is cut off"));
    };
    let facts = |reason: &str| claims(told(reason), &header, &payload);
    if is_sample(&payload) {
        return Proved::Weak(facts("the documented sample token of jwt.io"));
    }
    if algorithm.eq_ignore_ascii_case("none") || (parts.len() > 2 && part(2).is_empty()) {
        return Proved::Weak(facts("the token is not signed: whoever accepts it accepts any"));
    }
    if is_public(&payload) {
        return Proved::Weak(facts("a Supabase anon key: public by design, its rights come from row-level security"));
    }
    match decode64(part(2)).map_or(0, |signature| signature.len()) {
        0 if parts.len() < 3 => Proved::Open(facts("header and payload are right, the signature is missing")),
        length if length >= least_signature(algorithm) => {
            Proved::Certain(facts("header and payload are right and a signature follows"))
        }
        // `….signature`: made up for a text.
        _ if (4..16).contains(&part(2).len()) && part(2).iter().all(u8::is_ascii_lowercase) => {
            Proved::Weak(facts("header and payload are right, a word stands for the signature"))
        }
        _ => Proved::Open(facts("header and payload are right, the signature is cut off")),
    }
}

/// A header names an algorithm, or says at least that it is one.
fn is_header(header: &Map<String, Value>) -> bool {
    ["alg", "typ", "enc"].iter().any(|name| header.get(*name).is_some_and(Value::is_string))
}

/// The verdict on a payload that is no JSON object: cut off, or never one.
fn unreadable(payload: &[u8], goes_on: bool, cut: Told) -> Proved {
    let mut length = payload.len();
    if length % 4 == 1 {
        length -= 1;
    }
    let starts =
        payload.get(..length).and_then(decode64).is_some_and(|bytes| bytes.trim_ascii_start().starts_with(b"{"));
    if starts && !goes_on {
        return Proved::Open(cut);
    }
    if payload.is_empty() && !goes_on {
        return Proved::Open(cut);
    }
    Proved::Refuted("its payload is no base64 of a JSON object".into())
}

/// Bytes of the shortest signature of an algorithm (RFC 7518, section 3.1).
fn least_signature(algorithm: &str) -> usize {
    match algorithm {
        "HS384" => 48,
        "HS512" | "ES256" | "EdDSA" => 64,
        "ES384" => 96,
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => 128,
        "ES512" => 130,
        _ => 32,
    }
}

/// The claims that tell who the token is for.
fn claims(told: Told, header: &Map<String, Value>, payload: &Map<String, Value>) -> Told {
    let mut told = told;
    if let Some(kind) = kind(header, payload) {
        told = told.fact("kind", kind);
    }
    let named = [
        ("iss", "issuer"),
        ("sub", "subject"),
        ("azp", "client"),
        ("client_id", "client"),
        ("tid", "tenant"),
        ("appid", "client"),
        ("oid", "object"),
        ("email", "e-mail"),
    ];
    if let Some(id) = text(header, "kid").filter(|id| short(id)) {
        told = told.fact("key id", id);
    }
    for (claim, name) in named {
        if let Some(value) = text(payload, claim).filter(|value| short(value)) {
            told = told.fact(name, value);
        }
    }
    if let Some(audience) = audience(payload.get("aud")) {
        told = told.fact("audience", audience);
    }
    for (claim, name) in [("iat", "issued"), ("exp", "expires")] {
        if let Some(moment) = payload.get(claim).and_then(seconds).and_then(time) {
            told = told.fact(name, moment);
        }
    }
    for name in ["scope", "scp", "roles", "permissions"] {
        for scope in scopes(payload.get(name)) {
            told = told.fact("scope", scope);
        }
    }
    kubernetes(told, payload)
}

/// Namespace and account of a Kubernetes service account token, in its old (flat) and new (nested) form.
fn kubernetes(told: Told, payload: &Map<String, Value>) -> Told {
    let nested = payload.get("kubernetes.io");
    let namespace =
        text(payload, "kubernetes.io/serviceaccount/namespace").or_else(|| nested?.get("namespace")?.as_str());
    let account = text(payload, "kubernetes.io/serviceaccount/service-account.name")
        .or_else(|| nested?.pointer("/serviceaccount/name")?.as_str());
    let told = namespace.filter(|name| short(name)).map_or(told.clone(), |name| told.fact("namespace", name));
    account.filter(|name| short(name)).map_or(told.clone(), |name| told.fact("service account", name))
}

/// What the token is, where its claims say it.
fn kind(header: &Map<String, Value>, payload: &Map<String, Value>) -> Option<&'static str> {
    let issuer = text(payload, "iss").unwrap_or_default();
    let role = text(payload, "role").unwrap_or_default();
    let subject = text(payload, "sub").unwrap_or_default();
    let kubernetes = payload.keys().any(|key| key.starts_with("kubernetes.io"));
    Some(match issuer {
        "kubernetes/serviceaccount" => "Kubernetes service account token without expiry",
        _ if kubernetes || subject.starts_with("system:serviceaccount:") => "Kubernetes service account token",
        "supabase" | "supabase-demo" if role == "service_role" => "Supabase service_role key",
        "supabase" | "supabase-demo" if role == "anon" => "Supabase anon key",
        "https://accounts.google.com" | "accounts.google.com" => "Google id token",
        "https://token.actions.githubusercontent.com" => "GitHub Actions id token",
        _ if issuer.starts_with("https://sts.windows.net/")
            || issuer.starts_with("https://login.microsoftonline.com/") =>
        {
            "Microsoft Entra token"
        }
        _ if issuer.starts_with("https://cognito-idp.") => "Amazon Cognito token",
        _ if issuer.ends_with(".auth0.com/") => "Auth0 token",
        _ if issuer.ends_with(".iam.gserviceaccount.com") => "Google service account token",
        _ if is_github_app(header, payload, issuer) => "GitHub app token",
        _ => return None,
    })
}

/// A GitHub app signs a token of three claims, with its number as issuer, for ten minutes (docs.github.com, "Generating a
/// JSON web token for a GitHub app").
fn is_github_app(header: &Map<String, Value>, payload: &Map<String, Value>, issuer: &str) -> bool {
    let number = payload.get("iss").is_some_and(Value::is_u64)
        || (!issuer.is_empty() && issuer.bytes().all(|b| b.is_ascii_digit()));
    let times = payload.get("iat").and_then(seconds).zip(payload.get("exp").and_then(seconds));
    number
        && payload.len() == 3
        && text(header, "alg") == Some("RS256")
        && times.is_some_and(|(iat, exp)| (0..=720).contains(&exp.saturating_sub(iat)))
}

/// A Supabase key with role anon: meant for browsers (supabase.com/docs/guides/api/api-keys).
fn is_public(payload: &Map<String, Value>) -> bool {
    text(payload, "role") == Some("anon") && text(payload, "iss").is_some_and(|issuer| issuer.starts_with("supabase"))
}

fn is_sample(payload: &Map<String, Value>) -> bool {
    text(payload, "name") == Some(SAMPLE_NAME) && text(payload, "sub") == Some("1234567890")
}

/// The audience: one name or several.
fn audience(claim: Option<&Value>) -> Option<String> {
    let names: Vec<&str> = match claim? {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).take(4).collect(),
        _ => return None,
    };
    let joined = names.join(", ");
    (!joined.is_empty() && short(&joined)).then_some(joined)
}

/// What a claim of scopes grants: words of a text (RFC 8693, section 4.2) or of a list.
fn scopes(claim: Option<&Value>) -> Vec<&str> {
    let words: Vec<&str> = match claim {
        Some(Value::String(words)) => words.split_ascii_whitespace().collect(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    words.into_iter().filter(|word| short(word)).take(32).collect()
}

fn short(value: &str) -> bool {
    !value.is_empty() && value.len() <= 200 && !value.contains(char::is_control)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// A number of seconds, also where it is written with a fraction or as text.
fn seconds(claim: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and time() refuses what is out of range")]
    claim.as_i64().or_else(|| claim.as_f64().map(|number| number as i64)).or_else(|| claim.as_str()?.parse().ok())
}

/// A JSON object in base64url.
fn object(part: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode64(part)?).ok()
}

/// Base64 in either alphabet, with or without padding; spare bits at the end may be set. `None` for anything else.
pub(super) fn decode64(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let text = text.get(..text.len() - padding)?;
    if padding > 2 || text.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let mut bits = 0_u32;
        for &byte in group {
            bits = bits << 6 | u32::from(sextet(byte)?);
        }
        bits <<= 6 * (4 - group.len());
        let [_, triple @ ..] = bits.to_be_bytes();
        bytes.extend(triple.iter().take(group.len() - 1));
    }
    Some(bytes)
}

/// The 6 bits of one character of base64 or base64url.
pub(super) fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// A Unix time as `2025-02-28T12:30:00Z` (RFC 3339); `None` outside the years 1970 to 9999. Days to date as in Howard
/// Hinnant's "chrono-Compatible Low-Level Date Algorithms".
pub(super) fn time(unix: i64) -> Option<String> {
    const LAST: i64 = 253_402_300_799;
    if !(0..=LAST).contains(&unix) {
        return None;
    }
    let days = unix / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let second = unix % 86_400;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use serde_json::json;

    use super::*;

    fn token(header: &Value, payload: &Value, signature: usize) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        format!("{}.{}.{}", part(header), part(payload), BASE64URL_NOPAD.encode(&vec![0xa7; signature]))
    }

    fn hs256(payload: &Value) -> Proved {
        jwt(token(&json!({"alg": "HS256", "typ": "JWT"}), payload, 32).as_bytes())
    }

    fn told(proved: Proved) -> Told {
        match proved {
            Proved::Certain(told) | Proved::Open(told) | Proved::Weak(told) => told,
            Proved::Refuted(reason) => panic!("refuted: {reason}"),
        }
    }

    fn fact(proved: Proved, name: &str) -> Option<String> {
        told(proved).facts.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    #[test]
    fn claims_become_facts() {
        let proved = hs256(
            &json!({"iss": "https://id.acme.test", "sub": "svc-17", "aud": ["a", "b"], "iat": 1_700_000_000, "exp": 1_709_164_800.5}),
        );
        assert!(matches!(proved, Proved::Certain(_)));
        let expected = [
            ("algorithm", "HS256"),
            ("issuer", "https://id.acme.test"),
            ("subject", "svc-17"),
            ("audience", "a, b"),
            ("issued", "2023-11-14T22:13:20Z"),
            ("expires", "2024-02-29T00:00:00Z"),
        ];
        assert_eq!(told(proved).facts, expected.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn kinds_are_told_by_their_claims() {
        let kinds = [
            (
                json!({"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "ci", "kubernetes.io/serviceaccount/service-account.name": "bot"}),
                "Kubernetes service account token without expiry",
            ),
            (
                json!({"iss": "https://k.test", "exp": 1_900_000_000, "kubernetes.io": {"namespace": "ci", "serviceaccount": {"name": "bot"}}}),
                "Kubernetes service account token",
            ),
            (json!({"iss": "supabase", "role": "service_role"}), "Supabase service_role key"),
            (json!({"iss": "https://accounts.google.com"}), "Google id token"),
        ];
        for (payload, kind) in kinds {
            assert_eq!(fact(hs256(&payload), "kind").as_deref(), Some(kind));
        }
        let kubernetes = json!({"kubernetes.io": {"namespace": "ci", "serviceaccount": {"name": "bot"}}});
        assert_eq!(fact(hs256(&kubernetes), "namespace").as_deref(), Some("ci"));
        assert_eq!(fact(hs256(&kubernetes), "service account").as_deref(), Some("bot"));
        let app =
            token(&json!({"alg": "RS256"}), &json!({"iat": 1_700_000_000, "exp": 1_700_000_600, "iss": "12345"}), 256);
        assert_eq!(fact(jwt(app.as_bytes()), "kind").as_deref(), Some("GitHub app token"));
    }

    #[test]
    fn tokens_of_little_use_are_weak() {
        assert!(matches!(hs256(&json!({"iss": "supabase", "role": "anon", "ref": "abc"})), Proved::Weak(_)));
        assert!(matches!(hs256(&json!({"sub": "1234567890", "name": "John Doe", "admin": true})), Proved::Weak(_)));
        assert!(matches!(jwt(token(&json!({"alg": "none"}), &json!({"sub": "a"}), 0).as_bytes()), Proved::Weak(_)));
        assert!(matches!(jwt(token(&json!({"alg": "HS256"}), &json!({"sub": "a"}), 0).as_bytes()), Proved::Weak(_)));
    }

    #[test]
    fn cut_tokens_stay_open() {
        let whole = token(
            &json!({"alg": "RS256", "typ": "JWT"}),
            &json!({"sub": "svc-17", "iss": "https://id.acme.test"}),
            256,
        );
        let dots: Vec<usize> = whole.match_indices('.').map(|(at, _)| at).collect();
        for end in dots[0] + 8..dots[1] + 60 {
            let proved = jwt(&whole.as_bytes()[..end]);
            let unsigned = end == dots[1] + 1;
            assert!(matches!(proved, Proved::Open(_)) != unsigned, "{end}: {proved:?}");
        }
        assert!(matches!(jwt(format!("{}.a.b.c.d", &whole[..dots[0]]).as_bytes()), Proved::Open(_)));
    }

    #[test]
    fn what_is_no_token_is_refuted() {
        let header = BASE64URL_NOPAD.encode(json!({"alg": "HS256"}).to_string().as_bytes());
        let list = BASE64URL_NOPAD.encode(b"[1]");
        for odd in [
            "",
            ".",
            "..",
            "abc.def.ghi",
            &format!("{list}.{header}.x"),
            &format!("{header}.%%%.x"),
            &format!("{header}.{list}.x"),
            &"a.".repeat(40_000),
        ] {
            assert!(matches!(jwt(odd.as_bytes()), Proved::Refuted(_)), "{odd:.40}");
        }
        assert!(matches!(jwt(&[0xff; 64]), Proved::Refuted(_)));
        let deep = BASE64URL_NOPAD.encode("[".repeat(100_000).as_bytes());
        assert!(matches!(jwt(format!("{header}.{deep}.x").as_bytes()), Proved::Refuted(_)));
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (unix, day) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(time(unix).as_deref(), Some(day));
        }
        assert_eq!((time(-1), time(i64::MAX), time(i64::MIN)), (None, None, None));
    }

    #[test]
    fn base64_of_either_alphabet() {
        for length in 0..40_u8 {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(199)).collect();
            assert_eq!(decode64(BASE64URL_NOPAD.encode(&bytes).as_bytes()), Some(bytes.clone()));
            assert_eq!(decode64(data_encoding::BASE64.encode(&bytes).as_bytes()), Some(bytes));
        }
        for odd in ["A", "AA===", "A=A=", "é", "AB CD"] {
            assert_eq!(decode64(odd.as_bytes()), None, "{odd}");
        }
    }
}
