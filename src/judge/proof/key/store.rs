//! Key stores: PKCS #12 (RFC 7292), Java's JKS and JCEKS, Kerberos keytabs (MIT's format, version 2).
//!
//! A store whose password is empty, or one that everybody tries first, is as good as open. That is seen without decrypting
//! anything: the store carries a check sum made with its password.

use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::der::{self, Element, INTEGER, OID, SEQUENCE};
use super::{Proved, Told, time};

/// Passwords of stores that are none: empty, Java's own default, and what tutorials use.
const OPEN_PASSWORDS: &[&str] = &["", "changeit", "changeme", "password", "secret", "test", "123456"];
/// Rounds of a store's check sum that are tried; 10,000 are usual.
const MAX_ROUNDS: u32 = 100_000;
const OPENS: &str = "the key store opens with an empty password or one that everybody tries first";
const LOCKED: &str = "the key store is locked with a password";
const CERTIFICATES: &str = "a store of certificates: no private key in it";

/// A store in base64, which may be broken into lines, by real line ends or by `\\n`.
pub(in super::super) fn store(value: &[u8]) -> Proved {
    let mut packed = Vec::with_capacity(value.len());
    let mut escaped = false;
    for &byte in value.iter().take_while(|byte| **byte != b'=') {
        if !escaped && (byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')) {
            packed.push(byte);
        }
        escaped = byte == b'\\';
    }
    // Bits past the last whole byte are no matter here.
    let whole = packed.len() / 4 * 4;
    let mut bytes = data_encoding::BASE64.decode(&packed[..whole]).unwrap_or_default();
    bytes.extend(data_encoding::BASE64_NOPAD.decode(&packed[whole..]).unwrap_or_default());
    let proved = match bytes.first() {
        Some(0x30) => pkcs12(&bytes),
        Some(0xfe | 0xce) => java(&bytes),
        Some(0x05) => keytab(&bytes),
        _ => None,
    };
    proved.unwrap_or_else(|| Proved::Refuted("its structure is not that of a key store, or it is cut off".into()))
}

/// `PFX` of RFC 7292, section 4: version 3, the safe's content, the check sum.
fn pkcs12(bytes: &[u8]) -> Option<Proved> {
    /// `pkcs-12PbeIds` and bags: 1.2.840.113549.1.12.10.1.
    const BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
    /// `encryptedData` of RFC 5652: 1.2.840.113549.1.7.6.
    const ENCRYPTED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
    if !matches!(bytes, [SEQUENCE, 0x82, _, _, INTEGER, 1, 3, SEQUENCE, ..]) {
        return None;
    }
    let bag = |last: u8| memchr::memmem::find_iter(bytes, BAG).any(|at| bytes.get(at + BAG.len()) == Some(&last));
    let (clear, shrouded, hidden) = (bag(1), bag(2), memchr::memmem::find(bytes, ENCRYPTED).is_some());
    let told = |reason: &str| Told::reason(reason).fact("format", "PKCS #12");
    if clear {
        return Some(Proved::Certain(told("the key store holds a private key in clear")));
    }
    if !shrouded && !hidden {
        return Some(Proved::Refuted(CERTIFICATES.into()));
    }
    let opens = opens_pkcs12(bytes).unwrap_or(false);
    Some(match (opens, shrouded) {
        (true, true) => Proved::Certain(told(OPENS)),
        // Programs put keys beside what they encrypt as a whole, which are certificates as a rule.
        (_, false) => Proved::Weak(told("no key is seen in the key store, whose content is encrypted")),
        (false, true) => Proved::Weak(told(LOCKED).fact("encrypted", "yes")),
    })
}

/// Tries the passwords on `MacData`: algorithm and value of the check sum, salt, rounds. `None` where there is none, or
/// the store is cut off.
fn opens_pkcs12(bytes: &[u8]) -> Option<bool> {
    let [_version, safe, check] = <[Element<'_>; 3]>::try_from(der::elements(der::element(bytes)?.0.content)?).ok()?;
    let [kind, content] = <[Element<'_>; 2]>::try_from(der::elements(safe.content)?).ok()?;
    let content = der::whole(content.content).filter(|_| kind.tag == OID)?.content;
    let parts = der::elements(check.content)?;
    let [digest, salt, rest @ ..] = parts.as_slice() else { return None };
    let rounds =
        rest.first().map_or(1, |rounds| rounds.content.iter().fold(0u32, |all, &byte| all << 8 | u32::from(byte)));
    let [scheme, value] = <[Element<'_>; 2]>::try_from(der::elements(digest.content)?).ok()?;
    let oid = der::elements(scheme.content)?.first()?.content;
    if !(1..=MAX_ROUNDS).contains(&rounds) {
        return None;
    }
    // An empty password is written as nothing at all, or as its terminator alone.
    let passwords = OPEN_PASSWORDS.iter().map(|password| utf16(&format!("{password}\0"))).chain([Vec::new()]);
    let fits = |password: Vec<u8>| match oid {
        [0x2b, 0x0e, 0x03, 0x02, 0x1a] => mac::<Sha1>(&password, salt.content, rounds, content) == value.content,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01] => {
            mac::<Sha256>(&password, salt.content, rounds, content) == value.content
        }
        _ => false,
    };
    Some(passwords.into_iter().any(fits))
}

/// The check sum with a key made as RFC 7292, appendix B.2, says (its purpose 3; a key as long as the hash needs no second
/// block).
fn mac<D: Digest + hmac::digest::block_api::BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    content: &[u8],
) -> Vec<u8> {
    /// Block of SHA-1 and SHA-256, in bytes.
    const BLOCK: usize = 64;
    let filled = |text: &[u8]| -> Vec<u8> {
        text.iter()
            .copied()
            .cycle()
            .take(if text.is_empty() { 0 } else { text.len().div_ceil(BLOCK) * BLOCK })
            .collect()
    };
    let mut key = D::digest([vec![3; BLOCK], filled(salt), filled(password)].concat());
    for _ in 1..rounds {
        key = D::digest(&key);
    }
    let Ok(mut mac) = SimpleHmac::<D>::new_from_slice(&key) else { return Vec::new() };
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

/// UTF-16, big end first.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Reads numbers, big end first, and what they count.
struct Fields<'v>(&'v [u8]);

impl<'v> Fields<'v> {
    fn take(&mut self, length: usize) -> Option<&'v [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<u64> {
        Some(self.take(bytes)?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// A text behind its length in so many bytes.
    fn counted(&mut self, bytes: usize) -> Option<&'v [u8]> {
        let length = usize::try_from(self.number(bytes)?).ok()?;
        self.take(length)
    }
}

/// JKS and JCEKS (`sun.security.provider.JavaKeyStore`): magic, version, entries, SHA-1 over password and store.
fn java(bytes: &[u8]) -> Option<Proved> {
    let mut fields = Fields(bytes);
    let format = match fields.number(4)? {
        0xfeed_feed => "JKS",
        0xcece_cece => "JCEKS",
        _ => return None,
    };
    let (version, count) = (fields.number(4)?, fields.number(4)?);
    if !(1..=2).contains(&version) || count == 0 || count > 100_000 {
        return None;
    }
    let (mut keys, mut secret, mut created) = (0, false, None);
    for _ in 0..count {
        let tag = fields.number(4)?;
        fields.counted(2)?;
        let date = i64::try_from(fields.number(8)? / 1000).ok()?;
        match tag {
            1 => {
                fields.counted(4)?;
                for _ in 0..fields.number(4)? {
                    certificate(&mut fields, version)?;
                }
            }
            2 => certificate(&mut fields, version)?,
            // A secret key is a Java object, whose length nothing says: what follows it is not read.
            3 => {
                (keys, secret, created) = (keys + 1, true, created.max(time(date)));
                break;
            }
            _ => return None,
        }
        if tag == 1 {
            (keys, created) = (keys + 1, created.max(time(date)));
        }
    }
    if keys == 0 {
        return Some(Proved::Refuted(CERTIFICATES.into()));
    }
    // Behind the entries; more may have been taken for base64.
    let sum = if secret { bytes.len().checked_sub(20)? } else { bytes.len() - fields.0.len() };
    let (store, sum) = (&bytes[..sum], bytes.get(sum..sum + 20)?);
    let opens = OPEN_PASSWORDS.iter().any(|password| {
        let hash = Sha1::new().chain_update(utf16(password)).chain_update(b"Mighty Aphrodite").chain_update(store);
        hash.finalize().as_slice() == sum
    });
    let mut told = Told::reason(if opens { OPENS } else { LOCKED }).fact("format", format);
    if let Some(created) = created {
        told = told.fact("created", created);
    }
    Some(if opens { Proved::Certain(told) } else { Proved::Weak(told.fact("encrypted", "yes")) })
}

fn certificate(fields: &mut Fields<'_>, version: u64) -> Option<()> {
    if version == 2 {
        fields.counted(2)?;
    }
    fields.counted(4).map(|_| ())
}

/// A keytab: `05 02`, then entries behind their length; a negative length is a hole. Keys stand in it in clear.
fn keytab(bytes: &[u8]) -> Option<Proved> {
    let mut file = Fields(bytes.strip_prefix(&[5, 2])?);
    while !file.0.is_empty() {
        let length = i32::from_be_bytes(file.take(4)?.try_into().ok()?);
        let entry = file.take(usize::try_from(length.unsigned_abs()).ok()?)?;
        if length <= 0 {
            continue;
        }
        let mut entry = Fields(entry);
        let components = entry.number(2)?;
        let realm = entry.counted(2)?;
        let names: Vec<&[u8]> = (0..components.min(8)).map(|_| entry.counted(2)).collect::<Option<_>>()?;
        let _name_type = entry.number(4)?;
        let written = time(i64::try_from(entry.number(4)?).ok()?);
        let _version = entry.number(1)?;
        let _kind = entry.number(2)?;
        let key = entry.counted(2)?;
        let plain = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
        if key.len() < 8 || !plain(realm) || !names.iter().all(|name| plain(name)) {
            return None;
        }
        let principal = format!("{}@{}", String::from_utf8_lossy(&names.join(&b'/')), String::from_utf8_lossy(realm));
        let told = Told::reason("a keytab holds keys in clear").fact("format", "keytab").fact("principal", principal);
        return Some(Proved::Certain(match written {
            Some(written) => told.fact("created", written),
            None => told,
        }));
    }
    None
}
