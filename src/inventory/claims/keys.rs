//! Private keys: algorithm, size, fingerprint, comment, whether a passphrase guards them; and the hashes of passwords.

use super::Seen;
use crate::inventory::kind::Field;

/// Fewest bits of an RSA key that is not weak (NIST SP 800-131A, revision 2).
const LEAST_RSA: u32 = 2048;

pub(super) fn claim(seen: &mut Seen<'_>) {
    seen.says(
        Field::Kind,
        if seen.told("user id").is_some() { "signing-key" } else { "private-key" },
        "form of the key",
    );
    if let Some(id) = seen.told("spki fingerprint") {
        seen.says(Field::KeyId, id, "SHA-256 of the public key");
        if let Some(fingerprint) = seen.told("fingerprint") {
            seen.tag("ssh_fingerprint", fingerprint, "public key as ssh-keygen -l shows it");
        }
    } else {
        seen.says_told(Field::KeyId, "fingerprint", "fingerprint of the public key");
    }
    seen.says_told(Field::Principal, "user id", "user id of the OpenPGP key");
    seen.says_told(Field::Principal, "comment", "comment of the key");
    seen.says_told(Field::CreatedAt, "created", "creation time of the OpenPGP key");
    seen.says_told(Field::ExpiresAt, "expires", "expiration time of the OpenPGP key");
    seen.says_told(Field::Encrypted, "encrypted", "form of the key");
    strength(seen);
}

/// Algorithm and size.
pub(super) fn strength(seen: &mut Seen<'_>) {
    let Some(algorithm) = seen.told("algorithm") else { return };
    seen.tag("algorithm", algorithm, "form of the key");
    let bits = seen.told("bits").and_then(|bits| bits.parse::<u32>().ok());
    if let Some(bits) = bits {
        seen.tag("bits", &bits.to_string(), "form of the key");
    }
    if matches!(algorithm, "dsa" | "ssh-dss") {
        seen.says(Field::State, "weak-crypto", "DSA");
    } else if let Some(bits) = bits.filter(|bits| *bits < LEAST_RSA && algorithm.contains("rsa")) {
        seen.says(Field::State, "weak-crypto", &format!("RSA of {bits} bits"));
    }
}

/// The hash of a password: by which algorithm.
pub(super) fn password_hash(seen: &mut Seen<'_>) {
    let Some(algorithm) = seen.told("algorithm") else { return };
    seen.tag("algorithm", algorithm, "form of the hash");
    if algorithm.contains("md5") || algorithm.ends_with("sha1") {
        seen.says(Field::State, "weak-crypto", &format!("password hash: {algorithm}"));
    }
}
