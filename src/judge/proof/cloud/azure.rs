//! Azure keys that carry a mark, a date and a checksum.
//!
//! Formats, marks and seeds: `IdentifiableSecrets.cs`, `IdentifiableMetadata.cs` and `LegacyCommonAnnotatedSecurityKey.cs`
//! of microsoft/security-utilities (MIT). The checksum of annotated keys was confirmed on published keys of five services.

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

const MESSAGING: &[(&str, &[u8; 8])] = &[("send key", b"Send0000"), ("listen key", b"Listen00"), ("manage key", b"Manage00")];

const MARKED: &[Marked] = &[
    Marked { mark: b"+ASt", at: 76, length: 88, service: "Azure Storage", seeds: &[("account key", b"Default0")] },
    Marked { mark: b"+ABa", at: 76, length: 88, service: "Azure Batch", seeds: &[("account key", b"AbAcct00")] },
    Marked { mark: b"+AMC", at: 76, length: 88, service: "Azure Machine Learning (classic)", seeds: &[("web service key", b"Classic0")] },
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
        seeds: &[("direct management key", b"Tenant00"), ("subscription key", b"IoTHub00"), ("gateway key", b"Gateway0"), ("repository key", b"GitKey00")],
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
    Marked { mark: b"AzCa", at: 33, length: 44, service: "Azure Cache for Redis", seeds: &[("access key", b"Access00")] },
    Marked { mark: b"AZEG", at: 33, length: 44, service: "Azure Event Grid", seeds: &[] },
    Marked { mark: b"AzSe", at: 42, length: 52, service: "Azure AI Search", seeds: &[("admin key", b"PAdmin00"), ("query key", b"Query000")] },
    Marked { mark: b"+ACR", at: 42, length: 52, service: "Azure Container Registry", seeds: &[("password", b"ACRDflt0")] },
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
        None if value.len() == 84 && value.get(76..80) == Some(b"AZDO") => {
            Proved::Open(Told::reason("the mark of Azure DevOps is at its place; its checksum is not public").fact("service", "Azure DevOps"))
        }
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
    let mark = value.get(76..80).map(<[u8]>::to_ascii_uppercase).and_then(|mark| String::from_utf8(mark).ok()).unwrap_or_default();
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
    matches!(check.len(), 4 | 6) && (base62(u32::from_be_bytes(sum)).starts_with(check) || base64.as_bytes().starts_with(check))
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
        Some((kind, _)) => Proved::Certain(told("the service's mark is at its place and the Marvin32 checksum is right").fact("kind", *kind)),
        None => Proved::Open(told("the service's mark is at its place, but no known checksum fits")),
    }
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
