//! AWS ids: the account number is in them.

use super::{Proved, Told};

/// Account numbers of canary tokens: whoever tries such a key sets off an alarm. From trufflehog's lists
/// (`pkg/detectors/aws/access_keys/canary.go` of trufflesecurity/trufflehog).
const CANARIES: &[(&str, &[u64])] = &[
    (
        "Thinkst Canarytokens",
        &[
            52_310_077_262,
            171_436_882_533,
            534_261_010_715,
            595_918_472_158,
            717_712_589_309,
            819_147_034_852,
            992_382_622_183,
            730_335_385_048,
            266_735_846_894,
            893_192_397_702,
        ],
    ),
    (
        "another canary token service",
        &[
            44_858_866_125,
            251_535_659_677,
            344_043_088_457,
            351_906_852_752,
            390_477_818_340,
            426_127_672_474,
            427_150_556_519,
            439_872_796_651,
            445_142_720_921,
            465_867_158_099,
            637_958_123_769,
            693_412_236_332,
            732_624_840_810,
            735_421_457_923,
            959_235_150_393,
            982_842_642_351,
        ],
    ),
];

/// Prefixes of unique ids and what they name (IAM user guide, "IAM identifiers").
const KINDS: &[(&[u8], &str)] = &[
    (b"AKIA", "access key"),
    (b"ASIA", "temporary access key"),
    (b"AIDA", "user"),
    (b"AROA", "role"),
    (b"AGPA", "user group"),
    (b"AIPA", "instance profile"),
    (b"ANPA", "managed policy"),
    (b"ANVA", "version of a managed policy"),
    (b"APKA", "public key"),
    (b"ASCA", "certificate"),
    (b"ABIA", "service bearer token"),
    (b"ACCA", "context-specific credential"),
];

/// An AWS unique id: 4 letters for the kind, then base 32 with the account number in bits 1 to 40 (found by Tal Be'ery,
/// "A short note on AWS key id"; trufflehog decodes it likewise). Ids older than 2019 lack the marker in the first bit
/// (`AKIAI…`, `AKIAJ…`) and carry no account. There is no checksum: nearly any base 32 text decodes.
pub(in crate::judge::proof) fn aws_key_id(value: &[u8]) -> Proved {
    let Some((prefix, body)) = value.split_first_chunk::<4>() else {
        return Proved::Refuted("it is shorter than an AWS id".into());
    };
    let Some(bits) = body.iter().try_fold((0_u64, 0_usize), |(bits, count), &byte| {
        let bits = if count < 10 { bits << 5 | u64::from(quintet(byte)?) } else { quintet(byte).map(|_| bits)? };
        Some((bits, count + 1))
    }) else {
        return Proved::Refuted("it holds characters that AWS ids do not have".into());
    };
    let kind = KINDS.iter().find(|(known, _)| *known == prefix).map(|(_, kind)| *kind);
    let told = |reason: &str| match kind {
        Some(kind) => Told::reason(reason).fact("kind", kind),
        None => Told::reason(reason),
    };
    let (Some(_), (bits, 16 | 17)) = (kind, bits) else {
        return Proved::Open(told("an AWS id of a kind or length whose structure is not known"));
    };
    // The first 10 characters are 50 bits; the formula wants the upper 48.
    let number = bits >> 2;
    if number >> 47 == 0 {
        return Proved::Open(told("an id of the older form, which carries no account number"));
    }
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    if account > 999_999_999_999 {
        return Proved::Refuted("the account number in it has more than 12 digits: made up".into());
    }
    let number = format!("{account:012}");
    match CANARIES.iter().find(|(_, accounts)| accounts.contains(&account)) {
        Some((service, _)) => Proved::Certain(
            told("a canary token: its account belongs to a service that raises an alarm when the key is tried")
                .fact("account", number)
                .fact("canary", *service),
        ),
        None => {
            Proved::Open(told("an account number can be read from it; there is no checksum").fact("account", number))
        }
    }
}

/// The 5 bits of a character of base 32 (RFC 4648).
fn quintet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An id of an account, for tests.
    fn id(prefix: &str, account: u64) -> Vec<u8> {
        let bits = ((1_u64 << 47) | account << 7) << 2;
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let body = (0..10).rev().map(|place| digits[(bits >> (5 * place) & 31) as usize]);
        prefix.bytes().chain(body).chain(*b"QK5W7Z").collect()
    }

    fn fact(proved: &Proved, name: &str) -> Option<String> {
        match proved {
            Proved::Certain(told) | Proved::Open(told) | Proved::Weak(told) => {
                told.facts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone())
            }
            Proved::Refuted(_) => None,
        }
    }

    #[test]
    fn the_account_is_read_and_proves_nothing() {
        let proved = aws_key_id(&id("AKIA", 609_629_065_308));
        assert!(matches!(proved, Proved::Open(_)), "{proved:?}");
        assert_eq!(fact(&proved, "account").as_deref(), Some("609629065308"));
        assert_eq!(fact(&aws_key_id(&id("ASIA", 1_234)), "account").as_deref(), Some("000000001234"));
    }

    #[test]
    fn canaries_are_told_by_their_account() {
        for (service, accounts) in CANARIES {
            for account in *accounts {
                let proved = aws_key_id(&id("AKIA", *account));
                assert!(matches!(proved, Proved::Certain(_)));
                assert_eq!(fact(&proved, "canary").as_deref(), Some(*service));
            }
        }
    }

    #[test]
    fn old_ids_carry_no_account() {
        let mut old = id("AKIA", 1);
        old[4] = b'I';
        let proved = aws_key_id(&old);
        assert!(matches!(proved, Proved::Open(_)));
        assert_eq!(fact(&proved, "account"), None);
    }

    #[test]
    fn impossible_ids_are_refuted() {
        assert!(matches!(aws_key_id(&id("AKIA", 1_000_000_000_000)), Proved::Refuted(_)));
        let mut odd = id("AKIA", 5);
        odd[19] = b'1';
        assert!(matches!(aws_key_id(&odd), Proved::Refuted(_)));
        assert!(matches!(aws_key_id(b""), Proved::Refuted(_)));
        assert!(matches!(aws_key_id(b"AKIA"), Proved::Open(_)));
        assert!(matches!(aws_key_id(&[0xff; 20]), Proved::Refuted(_)));
        assert!(matches!(aws_key_id(&vec![b'A'; 1 << 20]), Proved::Open(_)));
    }
}
