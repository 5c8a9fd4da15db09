//! `OpenPGP` private keys (RFC 9580): ASCII armor and the first packet.

use super::armor::{Armor, Body};
use super::{NO_BODY, Proved, Told, decode64, time};

/// Judges a `PGP PRIVATE KEY BLOCK`.
pub(super) fn prove(armor: &Armor<'_>, body: &Body) -> Proved {
    if body.text.len() < 40 {
        return Proved::Refuted(NO_BODY.into());
    }
    let bytes = body.bytes();
    let right = body
        .crc
        .and_then(|crc| decode64(&crc))
        .is_some_and(|crc| crc == crc24(&bytes).to_be_bytes().get(1..).unwrap_or_default());
    let (mut told, encrypted) = packets(&bytes);
    if right {
        told.reason = "the armor's CRC-24 checksum is right".into();
        return match encrypted {
            Some(true) => Proved::Weak(Told { reason: super::ENCRYPTED.into(), ..told }.fact("encrypted", "yes")),
            Some(false) => Proved::Certain(told.fact("encrypted", "no")),
            None => Proved::Certain(told),
        };
    }
    if body.elided && body.text.len() < 256 {
        return Proved::Refuted(NO_BODY.into());
    }
    if body.text.len() <= 200 {
        return Proved::Refuted("the armor's checksum is missing or wrong: cut off or altered".into());
    }
    told.reason = match (body.crc, armor.end) {
        (Some(_), _) => "the armor's CRC-24 checksum is wrong: altered",
        (None, Some(_)) => "the armor has no checksum",
        (None, None) => "the key is cut off",
    }
    .into();
    Proved::Open(told)
}

/// CRC-24 of RFC 9580, section 6.1.
pub(super) fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |crc, &byte| {
        let mut crc = crc ^ u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
        crc
    }) & 0x00ff_ffff
}

/// Facts of the secret key packet at the front, of the user id and its signature behind it, and whether the key is
/// encrypted where that can be read.
fn packets(bytes: &[u8]) -> (Told, Option<bool>) {
    let Some((5, key, mut rest)) = packet(bytes) else { return (Told::default(), None) };
    let (mut told, encrypted) = secret_key(key).unwrap_or_default();
    let made = key.get(1..5).and_then(|time| time.first_chunk::<4>()).map_or(0, |time| u32::from_be_bytes(*time));
    let mut named = false;
    for _ in 0..4 {
        let Some((tag, content, after)) = packet(rest) else { break };
        if tag == 13 && !named && content.len() <= 200 && !content.iter().any(u8::is_ascii_control) {
            told = told.fact("user id", String::from_utf8_lossy(content));
            named = true;
        } else if tag == 2 && named {
            if let Some(end) = lifetime(content).and_then(|seconds| time(i64::from(made) + i64::from(seconds))) {
                told = told.fact("expires", end);
            }
            break;
        }
        rest = after;
    }
    (told, encrypted)
}

/// Seconds that a key holds from its making on: subpacket 9 of the version 4 signature that binds its user id (RFC 9580,
/// sections 5.2.3.7 and 5.2.3.13). `None` where none is stated.
fn lifetime(signature: &[u8]) -> Option<u32> {
    let [4, 0x10..=0x13, _, _, high, low, rest @ ..] = signature else { return None };
    let mut hashed = rest.get(..usize::from(u16::from_be_bytes([*high, *low])))?;
    while let Some((&first, after)) = hashed.split_first() {
        let (length, after) = match first {
            0..=191 => (usize::from(first), after),
            192..=254 => {
                let (&second, after) = after.split_first()?;
                ((usize::from(first) - 192) * 256 + usize::from(second) + 192, after)
            }
            255 => {
                let (length, after) = after.split_first_chunk::<4>()?;
                (usize::try_from(u32::from_be_bytes(*length)).ok()?, after)
            }
        };
        let (subpacket, after) = after.split_at_checked(length)?;
        hashed = after;
        if let [9 | 0x89, seconds @ ..] = subpacket {
            return seconds
                .first_chunk::<4>()
                .map(|seconds| u32::from_be_bytes(*seconds))
                .filter(|&seconds| seconds > 0);
        }
    }
    None
}

/// Facts of a secret key packet, and whether it is encrypted.
fn secret_key(content: &[u8]) -> Option<(Told, Option<bool>)> {
    let (&version, rest) = content.split_first()?;
    if !(3..=6).contains(&version) {
        return None;
    }
    let (made, rest) = rest.split_first_chunk::<4>()?;
    let mut told = Told::default();
    if let Some(moment) = time(u32::from_be_bytes(*made).into()) {
        told = told.fact("created", moment);
    }
    if version != 4 {
        return Some((told, None));
    }
    let (&algorithm, rest) = rest.split_first()?;
    let name = match algorithm {
        1..=3 => "rsa",
        16 => "elgamal",
        17 => "dsa",
        18 => "ecdh",
        19 => "ecdsa",
        22 | 27 => "ed25519",
        25 => "x25519",
        28 => "ed448",
        _ => return Some((told, None)),
    };
    if name == "rsa"
        && let Some(bits) = rest.first_chunk::<2>()
    {
        told = told.fact("bits", u16::from_be_bytes(*bits).to_string());
    }
    told = told.fact("algorithm", name);
    let Some(secret) = skip_public(algorithm, rest) else { return Some((told, None)) };
    if let Some(id) = content.get(..content.len() - secret.len()).and_then(fingerprint) {
        told = told.fact("fingerprint", id);
    }
    Some((told, secret.first().map(|usage| *usage != 0)))
}

/// The fingerprint of a version 4 key: SHA-1 of its public part (RFC 9580, section 5.5.4.2), in hex.
fn fingerprint(public: &[u8]) -> Option<String> {
    let length = u16::try_from(public.len()).ok()?;
    // gix brings SHA-1 for object ids.
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(&[0x99]);
    hasher.update(&length.to_be_bytes());
    hasher.update(public);
    Some(hasher.try_finalize().ok()?.to_hex().to_string().to_uppercase())
}

/// What follows the public part of a version 4 key (RFC 9580, section 5.5.5).
fn skip_public(algorithm: u8, bytes: &[u8]) -> Option<&[u8]> {
    let numbers = |count: usize, bytes| (0..count).try_fold(bytes, |bytes, _| number(bytes));
    let short = |bytes: &'_ [u8]| {
        bytes.split_first().and_then(|(&length, rest)| Some(rest.split_at_checked(length.into())?.1.len()))
    };
    match algorithm {
        1..=3 => numbers(2, bytes),
        16 => numbers(3, bytes),
        17 => numbers(4, bytes),
        18 => {
            let rest = number(bytes.get(bytes.len() - short(bytes)?..)?)?;
            rest.get(rest.len() - short(rest)?..)
        }
        19 | 22 => number(bytes.get(bytes.len() - short(bytes)?..)?),
        25 | 27 => bytes.get(32..),
        _ => None,
    }
}

/// Skips a number: 2 bytes of length in bits, content.
fn number(bytes: &[u8]) -> Option<&[u8]> {
    let (bits, rest) = bytes.split_first_chunk::<2>()?;
    rest.get(usize::from(u16::from_be_bytes(*bits)).div_ceil(8)..)
}

/// Tag and content of the first packet, and what follows it (RFC 9580, section 4.2).
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&head, rest) = bytes.split_first()?;
    let (tag, digits, rest) = match (head >> 6, head & 3) {
        (3, _) => {
            let (tag, first) = (head & 0x3f, *rest.first()?);
            match first {
                192..=223 => {
                    let length = (usize::from(first) - 192) * 256 + usize::from(*rest.get(1)?) + 192;
                    let (content, after) = rest.get(2..)?.split_at_checked(length)?;
                    return Some((tag, content, after));
                }
                255 => (tag, 4, rest.get(1..)?),
                0..=191 => (tag, 1, rest),
                _ => return None,
            }
        }
        (2, kind @ 0..=2) => (head >> 2 & 15, 1 << kind, rest),
        _ => return None,
    };
    let (length, rest) = rest.split_at_checked(digits)?;
    let length = length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}
