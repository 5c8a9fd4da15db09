//! Tokens that carry their own checksum: GitHub, npm, GitLab, Atlassian, Grafana, Confluent and age.

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::{Proved, Told};

const RIGHT: &str = "its CRC-32 checksum is right";
const WRONG: &str = "its CRC-32 checksum is wrong: altered or made up";
const NONE: &str = "this variant of the format has no checksum that can be checked";

/// GitHub: CRC-32 of the 30 characters behind the prefix, in base 62, is the last 6 (github.blog, "Behind GitHub's new
/// authentication token formats", 2021-04-05). Fine-grained and stateless tokens are built otherwise.
pub(super) fn github(value: &[u8]) -> Proved {
    let kind = match value.get(..4) {
        Some(b"ghp_") => "personal access token (classic)",
        Some(b"gho_") => "OAuth access token",
        Some(b"ghu_") => "user-to-server token",
        Some(b"ghs_") => "server-to-server token",
        Some(b"ghr_") => "refresh token",
        _ if value.starts_with(b"github_pat_") => "personal access token (fine-grained)",
        _ => return Proved::Open(Told::reason(NONE)),
    };
    let body = value.get(4..).unwrap_or_default();
    match (body.len(), base62_crc_holds(body)) {
        (36, Some(false)) => Proved::Refuted(WRONG.into()),
        (36 | 76, Some(true)) => Proved::Certain(Told::reason(RIGHT).fact("kind", kind)),
        _ => Proved::Open(Told::reason(NONE).fact("kind", kind)),
    }
}

/// npm: as GitHub, behind `npm_` (github.blog, "Announcing npm's new access token format", 2021-09-23).
pub(super) fn npm(value: &[u8]) -> Proved {
    let body = value.strip_prefix(b"npm_").unwrap_or_default();
    match (body.len(), base62_crc_holds(body)) {
        (36, Some(true)) => Proved::Certain(Told::reason(RIGHT)),
        (36, Some(false)) => Proved::Refuted(WRONG.into()),
        _ => Proved::Open(Told::reason(NONE)),
    }
}

/// Whether the last 6 characters are the CRC-32 of those before in base 62; `None` when it is no base 62 text.
fn base62_crc_holds(body: &[u8]) -> Option<bool> {
    let (entropy, check) = body.split_last_chunk::<6>()?;
    let plain = body.iter().all(u8::is_ascii_alphanumeric);
    plain.then(|| *check == base62(crc32fast::hash(entropy)))
}

/// A number in base 62 (`0-9A-Za-z`), 6 digits.
fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; 6];
    for place in text.iter_mut().rev() {
        *place = DIGITS.get((number % 62) as usize).copied().unwrap_or(b'0');
        number /= 62;
    }
    text
}

/// Prefixes of GitLab's tokens and what they are (docs.gitlab.com, "GitLab token overview").
const GITLAB_KINDS: &[(&[u8], &str)] = &[
    (b"glpat-", "personal, project or group access token"),
    (b"glrt-", "runner authentication token"),
    (b"glrtr-", "runner registration token"),
    (b"gldt-", "deploy token"),
    (b"glcbt-", "CI/CD job token"),
    (b"glptt-", "trigger token"),
    (b"glft-", "feed token"),
    (b"glimt-", "incoming mail token"),
    (b"glagent-", "agent for Kubernetes token"),
    (b"gloas-", "OAuth application secret"),
    (b"glsoat-", "SCIM token"),
    (b"glffct-", "feature flags client token"),
    (b"glwt-", "workspace token"),
    (b"GR1348941", "runner registration token"),
];

/// GitLab's routable tokens: `<prefix><payload>.01.<length of payload><CRC-32 of all before>`, numbers in base 36
/// (`lib/authn/token_field/generator/routable_token.rb` of gitlab-org/gitlab). The payload holds 16 random bytes, then
/// lines `o:<organization>` and so on. The classic form has no checksum.
pub(super) fn gitlab(value: &[u8]) -> Proved {
    let kind = GITLAB_KINDS.iter().find(|(prefix, _)| value.starts_with(prefix)).map(|(_, kind)| *kind);
    let told = |reason: &str| match kind {
        Some(kind) => Told::reason(reason).fact("kind", kind),
        None => Told::reason(reason),
    };
    let Some((before, crc)) = value.split_last_chunk::<7>() else {
        return Proved::Open(told(NONE));
    };
    let Some((signed, length)) = before.split_last_chunk::<2>() else {
        return Proved::Open(told(NONE));
    };
    let Some(head) = signed.strip_suffix(b".") else {
        return Proved::Open(told(NONE));
    };
    if base36(crc) != Some(u64::from(crc32fast::hash(before))) {
        return match head.strip_suffix(b".01") {
            Some(_) => Proved::Refuted(WRONG.into()),
            None => Proved::Open(told(NONE)),
        };
    }
    let payload = head.strip_suffix(b".01").and_then(|head| {
        let length = usize::try_from(base36(length)?).ok()?;
        head.get(head.len().checked_sub(length)?..)
    });
    let routes = payload.and_then(gitlab_routes).unwrap_or_default();
    let told = routes.into_iter().fold(told(RIGHT), |told, (name, id)| told.fact(name, id.to_string()));
    Proved::Certain(told)
}

/// What a routable token's payload says: 16 random bytes, lines of `<key>:<id in base 36>`, their length in one byte.
fn gitlab_routes(payload: &[u8]) -> Option<Vec<(&'static str, u64)>> {
    let bytes = BASE64URL_NOPAD.decode(payload).ok()?;
    let (&length, body) = bytes.split_last()?;
    let lines = body.get(16..)?;
    if lines.len() != usize::from(length) {
        return None;
    }
    let route = |line: &[u8]| {
        let (key, id) = line.split_first_chunk::<2>()?;
        let name = match key {
            b"c:" => "cell",
            b"o:" => "organization",
            b"g:" => "group",
            b"p:" => "project",
            b"u:" => "user",
            _ => return None,
        };
        Some((name, base36(id)?))
    };
    Some(lines.split(|&byte| byte == b'\n').filter_map(route).collect())
}

/// A number in base 36, lower case.
fn base36(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            _ => return None,
        };
        number.checked_mul(36)?.checked_add(u64::from(digit))
    })
}

/// Atlassian: the last 8 characters are the CRC-32 of all before them, the `=` included, in upper-case hex. Found by
/// computing; one published token fits exactly, altered ones do not.
pub(super) fn atlassian(value: &[u8]) -> Proved {
    let kind = match value.get(..7) {
        Some(b"ATATT3x") => "API token",
        Some(b"ATCTT3x") => "access token of an organization, workspace or repository",
        _ if value.starts_with(b"ATBB") => "app password",
        _ => return Proved::Open(Told::reason(NONE)),
    };
    let known = !value.starts_with(b"ATBB");
    let Some((signed, check)) = value.split_last_chunk::<8>() else {
        return Proved::Open(Told::reason(NONE).fact("kind", kind));
    };
    if format!("{:08X}", crc32fast::hash(signed)).as_bytes() == check {
        return Proved::Certain(Told::reason(RIGHT).fact("kind", kind));
    }
    let hex = check.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    if known && hex && signed.ends_with(b"=") {
        return Proved::Refuted(WRONG.into());
    }
    Proved::Open(Told::reason(NONE).fact("kind", kind))
}

/// Grafana: `glsa_<secret>_<CRC-32>`, the checksum over `glsa_<secret>`, its bytes in little-endian order, in hex
/// (`pkg/components/satokengen` of grafana/grafana).
pub(super) fn grafana(value: &[u8]) -> Proved {
    let parts = value.split_last_chunk::<8>().and_then(|(head, check)| Some((head.strip_suffix(b"_")?, check)));
    let Some((signed, check)) = parts.filter(|(signed, _)| signed.starts_with(b"glsa_")) else {
        return Proved::Open(Told::reason(NONE));
    };
    let sum = crc32fast::hash(signed).swap_bytes();
    if format!("{sum:08x}").as_bytes() == check.to_ascii_lowercase() {
        return Proved::Certain(Told::reason(RIGHT).fact("kind", "service account token"));
    }
    Proved::Refuted(WRONG.into())
}

/// Confluent: `cflt`, 54 characters, then the first 6 characters of the base64 of their CRC-32 (little-endian), since
/// July 2025. Found by computing on a published example.
pub(super) fn confluent(value: &[u8]) -> Proved {
    let body = value.strip_prefix(b"cflt").unwrap_or_default();
    let (Some(signed), Some(check), 60) = (body.get(..54), body.get(54..), body.len()) else {
        return Proved::Open(Told::reason(NONE));
    };
    let sum = BASE64.encode(&crc32fast::hash(signed).to_le_bytes());
    if sum.as_bytes().starts_with(check) {
        return Proved::Certain(Told::reason(RIGHT));
    }
    Proved::Refuted(WRONG.into())
}

const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Bech32 (BIP 173), as age writes its keys: upper case for secret keys, lower case for recipients.
pub(super) fn bech32(value: &[u8]) -> Proved {
    let kind = match value {
        [b'A', b'G', b'E', b'-', b'S', ..] => "age secret key",
        [b'A', b'G', b'E', b'-', b'P', ..] => "age plugin identity",
        [b'a', b'g', b'e', b'1', ..] => "age recipient (public key)",
        _ => "Bech32 text",
    };
    let lower = value.iter().any(u8::is_ascii_lowercase);
    if lower && value.iter().any(u8::is_ascii_uppercase) {
        return Proved::Refuted("it mixes upper and lower case, which Bech32 forbids".into());
    }
    match bech32_checksum(&value.to_ascii_lowercase()) {
        Some(1) => Proved::Certain(Told::reason("its Bech32 checksum is right").fact("kind", kind)),
        _ => Proved::Refuted("its Bech32 checksum is wrong: altered or made up".into()),
    }
}

/// The checksum of a Bech32 text in lower case: 1 when right. `None` when it is no such text.
fn bech32_checksum(text: &[u8]) -> Option<u32> {
    let separator = memchr::memrchr(b'1', text)?;
    let (human, data) = (text.get(..separator)?, text.get(separator + 1..)?);
    if human.is_empty() || data.len() < 6 || !human.is_ascii() {
        return None;
    }
    let high = human.iter().map(|byte| byte >> 5);
    let low = human.iter().map(|byte| byte & 31);
    let state = high.chain([0]).chain(low).fold(1, |state, value| bech32_step(state, value.into()));
    data.iter().try_fold(state, |state, &byte| {
        let place = memchr::memchr(byte, BECH32)?;
        Some(bech32_step(state, u32::try_from(place).ok()?))
    })
}

/// One round of BIP 173's polymod.
fn bech32_step(state: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = state >> 25;
    let next = ((state & 0x01ff_ffff) << 5) ^ value;
    GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(next, |next, (_, mask)| next ^ mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::raw::joined;

    const ENTROPY: &str = "Zk3v9Q0pXw7LrB2nYc5TfG8hJm1Dsa";

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("digits are ASCII")
    }

    fn kind(proved: &Proved) -> Option<&str> {
        match proved {
            Proved::Certain(told) | Proved::Open(told) => {
                told.facts.iter().find(|(name, _)| *name == "kind").map(|(_, kind)| kind.as_str())
            }
            _ => None,
        }
    }

    #[test]
    fn github_and_npm() {
        let body = format!("{ENTROPY}{}", text(&base62(crc32fast::hash(ENTROPY.as_bytes()))));
        for (letter, expected) in
            [("p", "personal access token (classic)"), ("o", "OAuth access token"), ("s", "server-to-server token")]
        {
            let proved = github(format!("gh{letter}_{body}").as_bytes());
            assert!(matches!(proved, Proved::Certain(_)));
            assert_eq!(kind(&proved), Some(expected));
        }
        let altered = body.replace('Q', "R");
        assert!(matches!(github(format!("ghu_{altered}").as_bytes()), Proved::Refuted(_)));
        assert!(matches!(npm(format!("npm_{body}").as_bytes()), Proved::Certain(_)));
        assert!(matches!(npm(format!("npm_{altered}").as_bytes()), Proved::Refuted(_)));
        let long = joined(&format!("ghs<~>_1234_ey<~>Jh.{ENTROPY}.x"));
        for other in [
            long.as_str(),
            &joined(&format!("github<~>_pat_{ENTROPY}")),
            "ghp_",
            "gh",
            "",
            "ghp_é",
            &format!("ghr_{}", "a".repeat(76)),
        ] {
            assert!(matches!(github(other.as_bytes()), Proved::Open(_)), "{other}");
            assert!(matches!(npm(other.as_bytes()), Proved::Open(_)), "{other}");
        }
    }

    #[test]
    fn base_62_is_padded() {
        assert_eq!(text(&base62(0)), "000000");
        assert_eq!(text(&base62(61)), "00000z");
        assert_eq!(text(&base62(62)), "000010");
        assert_eq!(text(&base62(u32::MAX)), "4gfFC3");
    }

    /// A number in base 36 of a width.
    fn base36_text(mut number: usize, width: usize) -> String {
        let digits = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut text = String::new();
        for _ in 0..width {
            text.insert(0, char::from(digits[number % 36]));
            number /= 36;
        }
        text
    }

    fn routable(prefix: &str, routes: &str) -> String {
        let mut payload = [0x5b; 16].to_vec();
        payload.extend(routes.bytes());
        payload.push(u8::try_from(routes.len()).expect("it is short"));
        let payload = BASE64URL_NOPAD.encode(&payload);
        let before = format!("{prefix}{payload}.01.{}", base36_text(payload.len(), 2));
        let crc = crc32fast::hash(before.as_bytes()) as usize;
        format!("{before}{}", base36_text(crc, 7))
    }

    #[test]
    fn gitlab_routes_are_read() {
        let token = routable("glpat-", "c:1\no:a\np:10\nu:zz");
        let Proved::Certain(told) = gitlab(token.as_bytes()) else { panic!("its checksum is right") };
        let expected = [
            ("kind", "personal, project or group access token"),
            ("cell", "1"),
            ("organization", "10"),
            ("project", "36"),
            ("user", "1295"),
        ];
        assert_eq!(told.facts, expected.map(|(name, id)| (name, id.to_owned())));
        assert!(matches!(gitlab(routable("glrt-t1_", "o:1").as_bytes()), Proved::Certain(_)));
        assert!(matches!(gitlab(routable("acme-glpat-", "o:1").as_bytes()), Proved::Certain(_)));
        assert!(matches!(gitlab(token.replacen("W1tb", "W1tc", 1).as_bytes()), Proved::Refuted(_)));
        let classic = gitlab(format!("glpat-{}", &ENTROPY[..20]).as_bytes());
        assert!(matches!(classic, Proved::Open(_)));
        assert_eq!(kind(&classic), Some("personal, project or group access token"));
        for odd in ["", "glpat-", "...........", "é.01.0000000", &"glpat-".repeat(50_000)] {
            assert!(matches!(gitlab(odd.as_bytes()), Proved::Open(_)));
        }
    }

    #[test]
    fn atlassian_counts_all_before_the_checksum() {
        for prefix in ["ATATT3xFfGF0", "ATCTT3xFfGN0"] {
            let signed = format!("{prefix}{ENTROPY}{ENTROPY}{ENTROPY}=");
            let token = format!("{signed}{:08X}", crc32fast::hash(signed.as_bytes()));
            assert!(matches!(atlassian(token.as_bytes()), Proved::Certain(_)));
            assert!(matches!(atlassian(token.replace("Zk3", "Zk4").as_bytes()), Proved::Refuted(_)));
            assert!(matches!(atlassian(signed.as_bytes()), Proved::Open(_)));
        }
        for odd in ["", "ATATT3x", "ATBB0123456789ABCDEF"] {
            assert!(matches!(atlassian(odd.as_bytes()), Proved::Open(_)));
        }
    }

    #[test]
    fn grafana_and_confluent() {
        let signed = format!("glsa_{ENTROPY}Qw");
        let sum = crc32fast::hash(signed.as_bytes());
        assert!(matches!(grafana(format!("{signed}_{:08x}", sum.swap_bytes()).as_bytes()), Proved::Certain(_)));
        assert!(matches!(grafana(format!("{signed}_{:08x}", sum ^ 1).as_bytes()), Proved::Refuted(_)));
        let body = format!("{ENTROPY}{}", &ENTROPY[..24]);
        let sum = BASE64.encode(&crc32fast::hash(body.as_bytes()).to_le_bytes());
        assert!(matches!(confluent(format!("cflt{body}{}", &sum[..6]).as_bytes()), Proved::Certain(_)));
        assert!(matches!(confluent(format!("cflt{body}AAAAAA").as_bytes()), Proved::Refuted(_)));
        for odd in [b"".as_slice(), b"glsa_", b"cflt", &[0xff; 64]] {
            assert!(matches!(grafana(odd), Proved::Open(_)));
            assert!(matches!(confluent(odd), Proved::Open(_)));
        }
    }

    #[test]
    fn bech32_of_bip_173() {
        for right in [
            "A12UEL5L",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
        ] {
            assert!(matches!(bech32(right.as_bytes()), Proved::Certain(_)), "{right}");
        }
        let wrong = ["A12UEL5M", "a12UEL5L", "1nwldj5", "x1b4n0q5v", "li1dgmt3", "", "1", &"1".repeat(70_000)];
        for wrong in wrong {
            assert!(matches!(bech32(wrong.as_bytes()), Proved::Refuted(_)), "{wrong:.20}");
        }
        assert!(matches!(bech32(&[0xff; 74]), Proved::Refuted(_)));
    }
}
