//! Slack tokens and webhook addresses: ids in clear, no checksum.

use super::{Proved, Told};

/// What the prefixes mean (docs.slack.dev/authentication/tokens).
const KINDS: &[(&[u8], &str)] = &[
    (b"xoxb", "bot token"),
    (b"xoxp", "user token"),
    (b"xoxa", "workspace access token"),
    (b"xoxr", "workspace refresh token"),
    (b"xoxo", "legacy token"),
    (b"xoxs", "session token (legacy)"),
    (b"xoxc", "token of a browser session"),
    (b"xoxd", "cookie of a browser session"),
    (b"xoxe.xoxb", "rotating bot token"),
    (b"xoxe.xoxp", "rotating user token"),
    (b"xoxe", "refresh token"),
    (b"xapp", "app-level token"),
];

/// Slack: `<kind>-<ids>-<secret>`, or an address under hooks.slack.com.
pub(in crate::judge::proof) fn slack(value: &[u8]) -> Proved {
    if let Some(at) = memchr::memmem::find(value, b"hooks.slack.com/") {
        return webhook(value.get(at..).unwrap_or_default());
    }
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'-').collect();
    let [prefix, parts @ ..] = parts.as_slice() else {
        return Proved::Open(Told::reason("no Slack token"));
    };
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| known == prefix) else {
        return Proved::Open(Told::reason("a form of Slack token that is not known"));
    };
    if parts.is_empty() || parts.iter().any(|part| part.is_empty()) && *prefix != b"xoxd" {
        return Proved::Refuted("a part of it is empty: no Slack token".into());
    }
    let told = Told::reason("its parts are those of a Slack token; there is no checksum").fact("kind", *kind);
    match *prefix {
        b"xoxb" | b"xoxp" | b"xoxc" => numbered(told, parts),
        b"xapp" => app(told, parts),
        b"xoxe" | b"xoxe.xoxb" | b"xoxe.xoxp" if !digits(parts.first().copied().unwrap_or_default()) => {
            Proved::Refuted("it lacks the version number of rotating Slack tokens".into())
        }
        _ => Proved::Open(told),
    }
}

/// Ids in front, the secret last: two ids in a bot's token, three in a user's; one or none in old ones.
fn numbered(told: Told, parts: &[&[u8]]) -> Proved {
    let Some((secret, ids)) = parts.split_last() else {
        return Proved::Open(told);
    };
    if secret.len() < 16 || ids.iter().any(|id| digits(id) && (id.starts_with(b"0") || id.len() < 8)) {
        return Proved::Refuted("its ids or its secret are too short: no Slack token".into());
    }
    let mut told = told;
    for (id, name) in ids.iter().zip(["workspace", "user"]) {
        if digits(id)
            && let Ok(id) = std::str::from_utf8(id)
        {
            told = told.fact(if name == "user" && ids.len() == 2 { "bot" } else { name }, id);
        }
    }
    Proved::Open(told)
}

/// `xapp-<version>-<app id>-<number>-<hex>`.
fn app(told: Told, parts: &[&[u8]]) -> Proved {
    let [version, app, number, secret] = parts else {
        return Proved::Open(told);
    };
    let plain = app.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !digits(version) || !digits(number) || !plain || !secret.iter().all(u8::is_ascii_hexdigit) {
        return Proved::Refuted("its parts are not those of an app-level token".into());
    }
    Proved::Open(told.fact("app", String::from_utf8_lossy(app)))
}

/// `hooks.slack.com/services/T…/B…/…`, `/workflows/T…/A…/…`, `/triggers/T…/…`.
fn webhook(address: &[u8]) -> Proved {
    let mut parts = address.split(|&byte| byte == b'/').skip(1);
    let told = Told::reason("its parts are those of a Slack webhook; there is no checksum");
    let kind = match parts.next() {
        Some(b"services") => "incoming webhook",
        Some(b"workflows" | b"triggers") => "workflow webhook",
        _ => return Proved::Open(told),
    };
    let told = told.fact("kind", kind);
    match parts.next().filter(|id| matches!(id.first(), Some(b'T' | b'E'))).and_then(|id| std::str::from_utf8(id).ok())
    {
        Some(id) if id.len() > 5 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Proved::Open(told.fact("workspace", id))
        }
        _ => Proved::Open(told),
    }
}

fn digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::raw::joined;

    const SECRET: &str = "Qw7<~>LrB2nY<~>c5TfG8<~>hJm1Ds<~>aZk";

    fn verdict(value: &str) -> (&'static str, Vec<(&'static str, String)>) {
        match slack(joined(value).as_bytes()) {
            Proved::Certain(told) => ("certain", told.facts),
            Proved::Open(told) => ("open", told.facts),
            Proved::Weak(told) => ("weak", told.facts),
            Proved::Refuted(_) => ("refuted", Vec::new()),
        }
    }

    fn facts(pairs: &[(&'static str, &str)]) -> (&'static str, Vec<(&'static str, String)>) {
        ("open", pairs.iter().map(|(name, text)| (*name, (*text).to_owned())).collect())
    }

    #[test]
    fn ids_are_read() {
        assert_eq!(
            verdict(&format!("xo<~>xb-123456789012-234567890123-{SECRET}")),
            facts(&[("kind", "bot token"), ("workspace", "123456789012"), ("bot", "234567890123")])
        );
        assert_eq!(
            verdict(&format!("xo<~>xp-123456789012-234567890123-345678901234-{SECRET}")),
            facts(&[("kind", "user token"), ("workspace", "123456789012"), ("user", "234567890123")])
        );
        assert_eq!(verdict(&format!("xo<~>xe.xo<~>xp-1-{SECRET}")), facts(&[("kind", "rotating user token")]));
        assert_eq!(
            verdict("xa<~>pp-1-A0123ABCD-1234567890-00ff00ff"),
            facts(&[("kind", "app-level token"), ("app", "A0123ABCD")])
        );
        let address = format!("https://ho<~>oks.slack.com/serv<~>ices/T0123ABCD/B0123ABCD/{SECRET}");
        assert_eq!(verdict(&address), facts(&[("kind", "incoming webhook"), ("workspace", "T0123ABCD")]));
    }

    #[test]
    fn impossible_parts_are_refuted() {
        for odd in [
            "xo<~>xb-",
            "xo<~>xb-123456789012--x",
            "xo<~>xb-123456789012-234567890123-short",
            "xo<~>xb-012345678901-234567890123-Qw7LrB2nYc5TfG8hJm1DsaZk",
            "xo<~>xe-a-b",
            "xa<~>pp-1-A0-x-y",
        ] {
            assert_eq!(verdict(odd).0, "refuted", "{odd}");
        }
        for odd in ["", "-", "x-y", "https://hooks.slack.com/", &"-".repeat(80_000)] {
            assert_eq!(verdict(odd).0, "open", "{odd:.20}");
        }
        assert!(matches!(slack(&[0xff; 90]), Proved::Open(_)));
    }
}
