//! Keys in OpenSSH's form (`PROTOCOL.key` of OpenSSH) and in ssh.com's (RFC 4716 markers).

use super::der::{bits, is_product};
use super::{Opened, Told, public_key};

/// What OpenSSH's form begins with.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What ssh.com's form begins with.
const SSH2_MAGIC: [u8; 4] = 0x3f6f_f9eb_u32.to_be_bytes();

/// Reads strings of SSH: 4 bytes of length, content.
pub(super) struct Reader<'v>(pub(super) &'v [u8]);

impl<'v> Reader<'v> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    pub(super) fn string(&mut self) -> Option<&'v [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}

/// Magic, cipher, derivation of its key, number of keys, public keys, private keys.
pub(super) fn open(bytes: &[u8]) -> Option<Opened> {
    let mut reader = Reader(bytes.strip_prefix(MAGIC)?);
    let cipher = reader.string()?;
    let _derivation = reader.string()?;
    let _options = reader.string()?;
    let keys = reader.number()?;
    let public = reader.string()?;
    for _ in 1..keys.min(16) {
        reader.string()?;
    }
    let private = reader.string()?;
    let mut used = bytes.len() - reader.0.len();
    let kind = Reader(public).string().filter(|kind| !kind.is_empty() && kind.iter().all(u8::is_ascii_graphic))?;
    let kind = String::from_utf8_lossy(kind);
    let told = public_key(Told::default().fact("algorithm", kind.clone()), public);
    if cipher != b"none" {
        // Ciphers with authentication (AES-GCM, ChaCha20) put a tag of 16 bytes behind.
        used = if (1..=16).contains(&reader.0.len()) { bytes.len() } else { used };
        return Some(Opened::Encrypted(told, used));
    }
    let Some(comment) = clear(private, &kind) else {
        return Some(Opened::Contradicts);
    };
    Some(Opened::Clear(if comment.is_empty() { told } else { told.fact("comment", comment) }, used))
}

/// Bits of the modulus of an RSA key.
pub(super) fn rsa_bits(public: &[u8]) -> Option<usize> {
    let mut reader = Reader(public);
    if reader.string()? != b"ssh-rsa" {
        return None;
    }
    reader.string()?;
    reader.string().map(bits)
}

/// The comment of the first key of an unencrypted private part; `None` when the part contradicts itself: the two check
/// numbers differ, an Ed25519 key does not end with its public half, or a modulus is not the product of its primes.
fn clear(private: &[u8], kind: &str) -> Option<String> {
    let mut reader = Reader(private);
    if reader.number()? != reader.number()? || reader.string()? != kind.as_bytes() {
        return None;
    }
    let fields = match kind {
        "ssh-ed25519" => {
            let (public, secret) = (reader.string()?, reader.string()?);
            if secret.len() != 64 || !secret.ends_with(public) {
                return None;
            }
            0
        }
        "ssh-rsa" => {
            let (modulus, _, _, _) = (reader.string()?, reader.string()?, reader.string()?, reader.string()?);
            if !is_product(modulus, reader.string()?, reader.string()?) {
                return None;
            }
            0
        }
        "ssh-dss" => 5,
        _ if kind.starts_with("ecdsa-sha2-") => 3,
        _ => return Some(String::new()),
    };
    for _ in 0..fields {
        reader.string()?;
    }
    let comment = reader.string()?;
    let plain = comment.len() <= 100 && !comment.iter().any(u8::is_ascii_control);
    Some(if plain { String::from_utf8_lossy(comment).into_owned() } else { String::new() })
}

/// ssh.com's form: magic, length, type, cipher, data.
pub(super) fn open_ssh2(bytes: &[u8]) -> Option<Opened> {
    let mut reader = Reader(bytes.strip_prefix(&SSH2_MAGIC)?);
    let length = usize::try_from(reader.number()?).ok().filter(|length| *length <= bytes.len())?;
    let kind = String::from_utf8_lossy(reader.string()?);
    let told = if kind.starts_with("if-modn") || kind.contains("rsa") {
        Told::default().fact("algorithm", "rsa")
    } else {
        Told::default()
    };
    Some(if reader.string()? == b"none" { Opened::Clear(told, length) } else { Opened::Encrypted(told, length) })
}
