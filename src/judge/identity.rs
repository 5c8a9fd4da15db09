//! Keyed hashes of values: how files of a repository name a secret without holding it.
//!
//! A bare hash of a weak password can be looked up, so every hash is an HMAC with a key: an organisation's, or the random
//! salt that stands in the file with the hashes. A salt in the repository keeps the value from being found by its hash
//! alone; whoever has the repository at the commit has the value anyway.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Secret;

/// Bytes of a key, at least.
pub const LEAST_KEY: usize = 16;
/// Put before what is hashed, so that each use of a key gives other results.
const VALUE: &[u8] = b"credlint/value/v1";
const FINDING: &[u8] = b"credlint/finding/v1";
const KEY_ID: &[u8] = b"credlint/key-id/v1";
const CACHE: &[u8] = b"credlint/cache/v1";
const PERSON: &[u8] = b"credlint/person/v1";

/// A key and the short name by which hashes say that it made them.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    bytes: Box<[u8]>,
    id: [u8; 4],
}

/// A hash and which key made it. Written `KEYID/G.G.G.G` in groups of eight hex digits: no scanner takes that for a token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyedHash {
    key: [u8; 4],
    mac: [u8; 16],
}

impl Key {
    /// A key of at least [`LEAST_KEY`] bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < LEAST_KEY {
            return None;
        }
        let [a, b, c, d, ..] = hash(bytes, KEY_ID, &[]);
        Some(Self { bytes: bytes.into(), id: [a, b, c, d] })
    }

    /// Reads a salt as [`Key::salt`] writes it.
    pub fn from_salt(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = ungrouped(text)?;
        Self::new(&bytes)
    }

    /// The key as text, for the file it belongs to. Only salts are written.
    pub fn salt(&self) -> String {
        grouped(&self.bytes)
    }

    /// The key's short name.
    pub fn id(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.id)
    }

    /// Names a value wherever it stands.
    pub fn value(&self, secret: &Secret) -> KeyedHash {
        self.hashed(VALUE, &[&unix_lines(secret.expose())])
    }

    /// Names a value as one rule finds it in one file.
    pub fn finding(&self, rule: &str, path: &str, secret: &Secret) -> KeyedHash {
        self.hashed(FINDING, &[rule.as_bytes(), path.as_bytes(), &unix_lines(secret.expose())])
    }

    /// A pseudonym for a person: eight hex digits.
    pub fn person(&self, name: &str) -> String {
        data_encoding::HEXLOWER.encode(&hash(&self.bytes, PERSON, &[name.as_bytes()])[..4])
    }

    /// Proves that whoever has the key wrote `bytes`: a scan cache's.
    pub fn seal(&self, bytes: &[u8]) -> [u8; 32] {
        hash(&self.bytes, CACHE, &[bytes])
    }

    fn hashed(&self, domain: &[u8], parts: &[&[u8]]) -> KeyedHash {
        let full = hash(&self.bytes, domain, parts);
        let mut mac = [0; 16];
        mac.copy_from_slice(&full[..16]);
        KeyedHash { key: self.id, mac }
    }
}

impl KeyedHash {
    /// The short name of the key that made it.
    pub fn key_id(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.key)
    }

    /// True when `key` made it.
    pub fn is_of(&self, key: &Key) -> bool {
        self.key == key.id
    }
}

impl fmt::Display for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.key_id(), grouped(&self.mac))
    }
}

impl FromStr for KeyedHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(key, mac)| {
            let key = data_encoding::HEXLOWER.decode(key.as_bytes()).ok()?.try_into().ok()?;
            Some(Self { key, mac: ungrouped(mac)? })
        });
        parsed.ok_or_else(|| "is no keyed hash; `credlint suppress FILE:LINE` and reports give them".to_owned())
    }
}

/// A key pair's file has the same key with either line ending.
fn unix_lines(value: &[u8]) -> Vec<u8> {
    let mut out = value.to_vec();
    if memchr::memchr(b'\r', value).is_some() {
        out.retain(|&byte| byte != b'\r');
    }
    out
}

/// HMAC-SHA256 over the domain and the parts, each with its length before it.
fn hash(key: &[u8], domain: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length.
        return [0; 32];
    };
    for part in std::iter::once(&domain).chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn grouped(bytes: &[u8]) -> String {
    bytes.chunks(4).map(|group| data_encoding::HEXLOWER.encode(group)).collect::<Vec<_>>().join(".")
}

fn ungrouped<const N: usize>(text: &str) -> Option<[u8; N]> {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.iter().any(|group| group.len() != 8) {
        return None;
    }
    data_encoding::HEXLOWER.decode(groups.concat().as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> Key {
        Key::new(&[seed; 16]).unwrap()
    }

    // Made with Python: hmac.new(b"\1"*16, len-prefixed b"credlint/value/v1" and b"abc", sha256).
    #[test]
    fn equals_the_value_of_another_implementation() {
        assert_eq!(key(1).value(&Secret::new(b"abc")).to_string(), "1b9b7fa6/f381dc72.15288c5f.419e7ca1.128386bc");
    }

    #[test]
    fn depends_on_key_rule_path_and_value() {
        let secret = Secret::new(b"abc");
        let all = [
            key(1).finding("r", "p", &secret),
            key(2).finding("r", "p", &secret),
            key(1).finding("rp", "", &secret),
            key(1).finding("r", "q", &secret),
            key(1).finding("r", "p", &Secret::new(b"abd")),
            key(1).value(&secret),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{index}");
        }
        assert_eq!(key(1).value(&Secret::new(b"a\r\nb")), key(1).value(&Secret::new(b"a\nb")));
    }

    #[test]
    fn texts_read_back() {
        let hash = key(3).value(&Secret::new(b"abc"));
        assert!(hash.to_string().parse::<KeyedHash>().is_ok_and(|read| read == hash));
        assert!(hash.is_of(&key(3)) && !hash.is_of(&key(4)));
        assert!(Key::from_salt(&key(3).salt()).is_some_and(|read| read == key(3)));
        for wrong in ["", "abc", "00000000/00000000", "00000000/0000000g.00000000.00000000.00000000"] {
            assert!(wrong.parse::<KeyedHash>().is_err(), "{wrong}");
        }
        assert!(Key::new(b"short").is_none());
    }
}
