//! Azure keys that carry a mark, a date and a checksum.
//!
//! Formats, marks and seeds: `IdentifiableSecrets.cs`, `IdentifiableMetadata.cs` and `LegacyCommonAnnotatedSecurityKey.cs`
//! of microsoft/security-utilities (MIT). The arithmetic was confirmed by computing on published keys: annotated ones of
//! five services, marked ones of three, Entra client secrets.

use super::super::jwt::{decode64, sextet};
use super::{Proved, Told};

/// Seed of the checksum of annotated keys: the text `Default0`.
const ANNOTATED_SEED: u64 = u64::from_be_bytes(*b"Default0");

/// Provider marks of annotated keys (`LegacyCaskProviderSignatures.cs`, and marks seen on published keys).
const PROVIDERS: &[(&str, &str)] = &[
    ("ACOG", "Azure AI services"),
    ("APIM", "Azure API Management"),
    ("AZAC", "Azure App Configuration"),
    ("AZBS", "Azure Bot Service"),
    ("AZCR", "Azure Container Registry"),
    ("AZCS", "Azure Communication Services"),
    ("AZDO", "Azure DevOps"),
    ("AZEG", "Azure Event Grid"),
    ("AZFR", "Azure Fluid Relay"),
    ("AZMP", "Azure Maps"),
    ("AZMR", "Azure Mixed Reality"),
    ("MSQL", "Azure SQL (internal)"),
    ("WPSP", "Azure Web PubSub"),
];

/// A family of identifiable keys: where the mark stands, how long the key is.
struct Marked {
    mark: &'static [u8; 4],
    at: usize,
    length: usize,
    service: &'static str,
    /// Names of the kinds of key and the texts that seed their checksums.
    seeds: &'static [(&'static str, &'static [u8; 8])],
}

const MESSAGING: &[(&str, &[u8; 8])] =
    &[("send key", b"Send0000"), ("listen key", b"Listen00"), ("manage key", b"Manage00")];

/// The seed of the checksum of registry passwords.
const REGISTRY_SEED: &[u8; 8] = b"ACRDflt0";

const MARKED: &[Marked] = &[
    Marked { mark: b"+ASt", at: 76, length: 88, service: "Azure Storage", seeds: &[("account key", b"Default0")] },
    Marked { mark: b"+ABa", at: 76, length: 88, service: "Azure Batch", seeds: &[("account key", b"AbAcct00")] },
    Marked {
        mark: b"+AMC",
        at: 76,
        length: 88,
        service: "Azure Machine Learning (classic)",
        seeds: &[("web service key", b"Classic0")],
    },
    Marked {
        mark: b"ACDb",
        at: 76,
        length: 88,
        service: "Azure Cosmos DB",
        seeds: &[
            ("read-only key", b"MastRO00"),
            ("read-write key", b"MastRW00"),
            ("system key", b"SysAll00"),
            ("system read-only key", b"SystRO00"),
            ("system read-write key", b"SystRW00"),
            ("resource key", b"Resour00"),
            ("data encryption key", b"Encryp00"),
        ],
    },
    Marked {
        mark: b"APIM",
        at: 76,
        length: 88,
        service: "Azure API Management",
        seeds: &[
            ("direct management key", b"Tenant00"),
            ("subscription key", b"IoTHub00"),
            ("gateway key", b"Gateway0"),
            ("repository key", b"GitKey00"),
        ],
    },
    Marked { mark: b"+ASb", at: 33, length: 44, service: "Azure Service Bus", seeds: MESSAGING },
    Marked { mark: b"+AEh", at: 33, length: 44, service: "Azure Event Hubs", seeds: MESSAGING },
    Marked { mark: b"+ARm", at: 33, length: 44, service: "Azure Relay", seeds: MESSAGING },
    Marked {
        mark: b"AIoT",
        at: 33,
        length: 44,
        service: "Azure IoT",
        seeds: &[("IoT Hub key", b"IoTHub00"), ("device provisioning key", b"DpsKey00"), ("device key", b"Device00")],
    },
    Marked {
        mark: b"AzCa",
        at: 33,
        length: 44,
        service: "Azure Cache for Redis",
        seeds: &[("access key", b"Access00")],
    },
    Marked { mark: b"AZEG", at: 33, length: 44, service: "Azure Event Grid", seeds: &[] },
    Marked {
        mark: b"AzSe",
        at: 42,
        length: 52,
        service: "Azure AI Search",
        seeds: &[("admin key", b"PAdmin00"), ("query key", b"Query000")],
    },
    Marked {
        mark: b"+ACR",
        at: 42,
        length: 52,
        service: "Azure Container Registry",
        seeds: &[("password", REGISTRY_SEED)],
    },
    Marked {
        mark: b"AzFu",
        at: 44,
        length: 56,
        service: "Azure Functions",
        seeds: &[("master key", b"Master00"), ("system key", b"System00"), ("function key", b"Functi00")],
    },
];

/// Azure keys: annotated (`JQQJ9` and a kind at 52), or with the 4-character mark of a service before the checksum.
pub(in crate::judge::proof) fn azure_cask(value: &[u8]) -> Proved {
    if value.get(52..57) == Some(b"JQQJ9") && matches!(value.get(57), Some(b'9' | b'D' | b'H')) {
        return annotated(value);
    }
    let at = |family: &&Marked| value.get(family.at..family.at + 4) == Some(family.mark.as_slice());
    match MARKED.iter().filter(|family| value.len() == family.length).find(at) {
        Some(family) => marked(family, value),
        None if value.get(3..6) == Some(b"8Q~") => entra(value),
        None if value.len() == 84 && value.get(76..80) == Some(b"AZDO") => Proved::Open(
            Told::reason("the mark of Azure DevOps is at its place; its checksum is not checked")
                .fact("service", "Azure DevOps"),
        ),
        None => Proved::Open(Told::reason("no mark of an Azure service is at a known place")),
    }
}

/// An annotated key: 52 random characters, `JQQJ9` and the kind, year, month, 12 characters of the platform, 4 and a mark
/// of 4 of the provider, then the checksum.
fn annotated(value: &[u8]) -> Proved {
    let (Some(signed), Some(check)) = (value.get(..80), value.get(80..)) else {
        return Proved::Refuted("an annotated Azure key that is cut off".into());
    };
    let (Some(bytes), 4 | 8) = (decode64(signed), check.len()) else {
        return Proved::Refuted("an annotated Azure key of the wrong length or alphabet".into());
    };
    if !annotated_checksum_holds(&bytes, check) {
        return Proved::Refuted("its Marvin32 checksum is wrong: altered or made up".into());
    }
    let mut told = Told::reason("the mark of annotated Azure keys is at its place and the Marvin32 checksum is right");
    let mark = value
        .get(76..80)
        .map(<[u8]>::to_ascii_uppercase)
        .and_then(|mark| String::from_utf8(mark).ok())
        .unwrap_or_default();
    let service = PROVIDERS.iter().find(|(known, _)| *known == mark).map(|(_, name)| *name);
    told = match service {
        Some(name) => told.fact("service", name),
        None => told.fact("service", format!("Azure ({mark})")),
    };
    if let Some(month) = created(value.get(58..60).unwrap_or_default()) {
        told = told.fact("created", month);
    }
    Proved::Certain(match value.get(57) {
        Some(b'D') => told.fact("kind", "derived key"),
        Some(b'H') => told.fact("kind", "hashed key"),
        _ => told,
    })
}

/// Year and month of two characters: years since 2024, months since January, as base64 digits.
fn created(text: &[u8]) -> Option<String> {
    let [year, month] = text else { return None };
    let (year, month) = (u32::from(sextet(*year)?), u32::from(sextet(*month)?));
    (month < 12).then(|| format!("{}-{:02}", 2024 + year, month + 1))
}

/// The checksum text is the start of the checksum in base 62 (its bytes read as one number) or, in keys of the first
/// months, in base64.
fn annotated_checksum_holds(signed: &[u8], check: &[u8]) -> bool {
    let sum = marvin32(signed, ANNOTATED_SEED).to_le_bytes();
    let check = check.strip_suffix(b"==").unwrap_or(check);
    let base64 = data_encoding::BASE64_NOPAD.encode(&sum);
    matches!(check.len(), 4 | 6)
        && (base62(u32::from_be_bytes(sum)).starts_with(check) || base64.as_bytes().starts_with(check))
}

/// A number in base 62, left-aligned in 6 characters and filled with zeros.
fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; 6];
    let mut length = 0;
    while number > 0 {
        text.rotate_right(1);
        if let (Some(first), Some(digit)) = (text.first_mut(), DIGITS.get((number % 62) as usize)) {
            *first = *digit;
        }
        number /= 62;
        length += 1;
    }
    debug_assert!(length <= 6, "a u32 has at most 6 digits");
    text
}

/// A key with a service's mark: its last 4 bytes are the checksum of the others, seeded by the kind of key.
fn marked(family: &Marked, value: &[u8]) -> Proved {
    let told = |reason: &str| Told::reason(reason).fact("service", family.service);
    let bytes = decode64(value).unwrap_or_default();
    let Some((signed, check)) = bytes.split_last_chunk::<4>() else {
        return Proved::Open(told("the service's mark is at its place, but the key is no base64"));
    };
    let right = |(_, seed): &&(&str, &[u8; 8])| marvin32(signed, u64::from_be_bytes(**seed)).to_le_bytes() == *check;
    match family.seeds.iter().find(right) {
        Some((kind, _)) => Proved::Certain(
            told("the service's mark is at its place and the Marvin32 checksum is right").fact("kind", *kind),
        ),
        None => Proved::Open(told("the service's mark is at its place, but no known checksum fits")),
    }
}

/// An Entra client secret: `8Q~` at 3, and at the end the first 3 of the 6 characters of the checksum, in the alphabet of
/// such secrets. Older ones (`7Q~`) have none.
fn entra(value: &[u8]) -> Proved {
    let told = |reason: &str| Told::reason(reason).fact("service", "Microsoft Entra");
    match value.split_last_chunk::<3>() {
        Some((signed, check))
            if signed.len() == 37 && entra_check(marvin32(signed, u64::from_be_bytes(*b"AadPwd00"))) == *check =>
        {
            Proved::Certain(told("the mark of client secrets is at its place and the Marvin32 checksum is right"))
        }
        _ => Proved::Open(told("the mark of client secrets is at its place, but the checksum does not fit")),
    }
}

/// The upper 3 digits of 6 of a number in base 66.
fn entra_check(number: u32) -> [u8; 3] {
    const DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
    let digit = |number: u32| DIGITS.get((number % 66) as usize).copied().unwrap_or(b'a');
    let upper = number / (66 * 66 * 66);
    [digit(upper / (66 * 66)), digit(upper / 66), digit(upper)]
}

/// Marvin32, the hash of .NET's strings (`Marvin.cs` of dotnet/runtime; patent US 2013/0262421).
fn marvin32(data: &[u8], seed: u64) -> u32 {
    let [high, low] = [seed >> 32, seed & 0xffff_ffff].map(|half| u32::try_from(half).unwrap_or(0));
    let mut state = (low, high);
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        state = block(state.0.wrapping_add(u32::from_le_bytes(*word)), state.1);
    }
    let end = tail.iter().rev().fold(0x80_u32, |end, &byte| end << 8 | u32::from(byte));
    state = block(state.0.wrapping_add(end), state.1);
    state = block(state.0, state.1);
    state.0 ^ state.1
}

fn block(low: u32, high: u32) -> (u32, u32) {
    let high = high ^ low;
    let low = low.rotate_left(20).wrapping_add(high);
    let high = high.rotate_left(9) ^ low;
    let low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::raw::joined;
    use data_encoding::BASE64;

    fn told(proved: Proved) -> Told {
        match proved {
            Proved::Certain(told) | Proved::Open(told) | Proved::Weak(told) => told,
            Proved::Refuted(reason) => panic!("refuted: {reason}"),
        }
    }

    fn signed(kind: char, mark: &str) -> String {
        joined(&format!("{}JQ<~>QJ9{kind}BBACYeBjFXJ3w3AAAB{mark}", "w7Qd".repeat(13)))
    }

    #[test]
    fn annotated_keys_tell_service_and_month() {
        for kind in ['9', 'D', 'H'] {
            let signed = signed(kind, "ACOG");
            let sum = marvin32(&decode64(signed.as_bytes()).expect("it is base64"), ANNOTATED_SEED);
            let base62 = base62(sum.swap_bytes());
            let base62 = std::str::from_utf8(&base62).expect("digits are ASCII");
            let base64 = BASE64.encode(&sum.to_le_bytes());
            for check in [&base62[..4], &base64[..4], &format!("{base62}=="), &base64] {
                let proved = azure_cask(format!("{signed}{check}").as_bytes());
                assert!(matches!(proved, Proved::Certain(_)), "{check}: {proved:?}");
                let facts = told(proved).facts;
                assert_eq!(
                    facts[..2],
                    [("service", "Azure AI services".to_owned()), ("created", "2025-02".to_owned())]
                );
            }
            for wrong in ["", "0000", "00000000", "é"] {
                assert!(matches!(azure_cask(format!("{signed}{wrong}").as_bytes()), Proved::Refuted(_)), "{wrong}");
            }
        }
    }

    #[test]
    fn marked_keys_are_proved_by_their_checksum() {
        for family in MARKED {
            for (kind, seed) in family.seeds {
                let mark = std::str::from_utf8(family.mark).expect("marks are ASCII");
                let text = format!("{}{mark}", "w7Qd".repeat(20).get(..family.at).expect("it is long enough"));
                // Bits of the byte that mark and checksum share come from a first letter of zeros.
                let filled = format!("{text}{}", "A".repeat(family.length))
                    .chars()
                    .take(family.length / 4 * 4)
                    .collect::<String>();
                let length = family.length / 4 * 3
                    - match family.length {
                        88 | 56 => 2,
                        44 => 1,
                        _ => 0,
                    };
                let mut bytes = decode64(filled.as_bytes()).expect("it is base64")[..length].to_vec();
                let end = bytes.len() - 4;
                let sum = marvin32(&bytes[..end], u64::from_be_bytes(**seed)).to_le_bytes();
                bytes[end..].copy_from_slice(&sum);
                let key = BASE64.encode(&bytes);
                assert_eq!((key.len(), &key[family.at..family.at + 4]), (family.length, mark));
                let proved = azure_cask(key.as_bytes());
                assert!(matches!(proved, Proved::Certain(_)), "{mark} {kind}: {proved:?}");
                assert_eq!(told(proved).facts, [("service", family.service.to_owned()), ("kind", (*kind).to_owned())]);
                let altered = key.replacen('w', "x", 1);
                assert!(matches!(azure_cask(altered.as_bytes()), Proved::Open(_)), "{mark}");
            }
        }
    }

    #[test]
    fn entra_secrets_end_in_a_checksum() {
        // The sample of SEC101/156 in microsoft/security-utilities.
        let sample = joined(&format!("zzz8<~>Q~{}blP", "z".repeat(31)));
        assert!(matches!(azure_cask(sample.as_bytes()), Proved::Certain(_)));
        assert!(matches!(azure_cask(sample.replace("blP", "blQ").as_bytes()), Proved::Open(_)));
    }

    #[test]
    fn odd_input_stays_open() {
        for odd in ["", "JQQJ99", "AzSe", &"A".repeat(84), &"é".repeat(42), &"+ASt".repeat(30_000)] {
            assert!(matches!(azure_cask(odd.as_bytes()), Proved::Open(_)), "{odd:.20}");
        }
        for length in [40, 44, 52, 56, 84, 88] {
            assert!(matches!(azure_cask(&vec![0xff; length]), Proved::Open(_)));
        }
    }

    #[test]
    fn marvin32_of_symcrypt() {
        // `lib/marvin32.c` of microsoft/SymCrypt, the two halves of its 64 bits joined as .NET does.
        assert_eq!(marvin32(b"abc", 0xd53c_d9ce_cd08_93b7), 0x22c7_4339 ^ 0x4927_69bf);
        assert_eq!(marvin32(b"abcdefghijklmnopqrstuvwxyz", 0x0ddd_deee_efff_f000), 0xa128_eb7e ^ 0x7260_aca2);
    }
}
