//! Private keys in PEM and its relatives, and password hashes.

use super::jwt::{decode64, time};
use super::{Proved, Told};

mod armor;
mod der;
mod hash;
mod lines;
mod openssh;
mod pgp;
mod putty;
mod spki;
mod store;
#[cfg(test)]
mod tests;

pub(super) use hash::password_hash;
pub(super) use store::store;

use armor::{Armor, Body};

const NO_BODY: &str = "there is no key body behind the marker";
const ENCRYPTED: &str = "the private key is encrypted with a passphrase";
const ALTERED: &str = "the key's lengths do not fit its body: cut off or altered";

/// What a key's bytes turned out to be.
enum Opened {
    /// In clear. Facts, and how many bytes of the body it takes.
    Clear(Told, usize),
    /// Encrypted with a passphrase. The same.
    Encrypted(Told, usize),
    /// The structure is right, but the numbers in it contradict each other.
    Contradicts,
}

/// A private key: `-----BEGIN … PRIVATE KEY-----` (RFC 7468, RFC 1421, RFC 9580, OpenSSH, ssh.com), or a `PuTTY` key file.
/// `value` may go on behind the key; [`Told::length`] says where the key ends.
pub(super) fn pem(value: &[u8]) -> Proved {
    if value.starts_with(b"PuTTY-User-Key-File-") {
        return putty::prove(value);
    }
    let Some(armor) = Armor::find(value) else {
        return Proved::Refuted(NO_BODY.into());
    };
    let body = Body::read(&armor);
    let mut proved = if armor.is_pgp() { pgp::prove(&armor, &body) } else { judge(&armor, &body) };
    if let Proved::Certain(told) | Proved::Open(told) | Proved::Weak(told) = &mut proved {
        let end = armor.end.or(told.length.and_then(|used| body.source(used))).or(body.last());
        told.length = end.map(|end| {
            let padding = value.get(end..).unwrap_or_default().iter().take(2).take_while(|&&byte| byte == b'=').count();
            (end + padding).clamp(1, value.len())
        });
    }
    proved
}

/// The verdict on the body of a key that is DER, OpenSSH's or ssh.com's. `length` is left in bytes of the body's base64.
fn judge(armor: &Armor<'_>, body: &Body) -> Proved {
    if body.text.len() < 40 {
        return Proved::Refuted(NO_BODY.into());
    }
    let bytes = body.bytes();
    let opened = if body.encrypted {
        Some(Opened::Encrypted(Told::default(), bytes.len()))
    } else {
        openssh::open(&bytes).or_else(|| openssh::open_ssh2(&bytes)).or_else(|| der::open(&bytes))
    };
    let fits = |used: &usize| armor.end.is_none() || *used + 3 > bytes.len();
    match opened {
        Some(Opened::Clear(told, used)) if fits(&used) => {
            Proved::Certain(finish(told, "the key's structure is right and it is not encrypted", "no", used))
        }
        Some(Opened::Encrypted(told, used)) if fits(&used) && !body.elided => {
            Proved::Weak(finish(told, ENCRYPTED, "yes", used))
        }
        Some(Opened::Contradicts) => {
            Proved::Open(Told::reason("the key's structure is right, but its numbers do not fit each other: altered"))
        }
        _ if body.elided => Proved::Refuted(NO_BODY.into()),
        _ if bytes.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
            Proved::Refuted("the body is the base64 of a text, not of a key".into())
        }
        _ if body.text.len() >= 256 && armor.label.starts_with(b"ENCRYPTED") => {
            Proved::Weak(finish(Told::default(), ENCRYPTED, "yes", bytes.len()))
        }
        _ if body.text.len() >= 256 || der::is_framed(&bytes) => Proved::Open(Told::reason(ALTERED)),
        _ => Proved::Refuted(ALTERED.into()),
    }
}

/// Reason, encryption and the number of base64 characters that `used` bytes take.
fn finish(mut told: Told, reason: &str, encrypted: &str, used: usize) -> Told {
    told.reason = reason.into();
    told.length = Some(used.div_ceil(3) * 4);
    told.fact("encrypted", encrypted)
}

/// With the fingerprints of a public key that is written as SSH writes it, and its size where that says how strong it is.
fn public_key(told: Told, public: &[u8]) -> Told {
    let told = told.fact("fingerprint", fingerprint(public));
    let told = match openssh::rsa_bits(public) {
        Some(bits) => told.fact("bits", bits.to_string()),
        None => told,
    };
    match spki::ssh(public) {
        Some(fingerprint) => told.fact("spki fingerprint", fingerprint),
        None => told,
    }
}

/// The fingerprint that OpenSSH prints for a public key.
fn fingerprint(public: &[u8]) -> String {
    use sha2::Digest;
    format!("SHA256:{}", data_encoding::BASE64_NOPAD.encode(&sha2::Sha256::digest(public)))
}
