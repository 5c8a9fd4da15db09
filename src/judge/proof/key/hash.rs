//! Password hashes by their form.

use super::{Proved, Told, decode64};

/// A form: the name of the algorithm, and its cost where the text states it.
type Form = (&'static str, Option<String>);

/// Judges a password hash by prefix and lengths (crypt(5), the `passlib` manual, RFC 2307, and the sources named below).
pub(in crate::judge::proof) fn password_hash(value: &[u8]) -> Proved {
    let form = std::str::from_utf8(value).ok().and_then(|text| modular(text).or_else(|| scheme(text)).or_else(|| framework(text)));
    let Some((algorithm, cost)) = form else {
        return Proved::Refuted("its lengths or characters are not those of a password hash".into());
    };
    let told = Told::reason("a password hash: not the password, and open to guessing offline").fact("algorithm", algorithm);
    Proved::Weak(match cost {
        Some(cost) => told.fact("cost", cost),
        None => told,
    })
}

/// `$<id>$…` of crypt(3) and its relatives.
fn modular(text: &str) -> Option<Form> {
    let rest = text.strip_prefix('$')?;
    let (id, rest) = rest.split_once('$')?;
    let parts: Vec<&str> = rest.split('$').collect();
    match (id, parts.as_slice()) {
        ("2" | "2a" | "2b" | "2x" | "2y", [cost, hash]) => {
            let number: u8 = cost.parse().ok()?;
            ((4..=31).contains(&number) && cost.len() == 2 && crypt64(hash, 53)).then(|| ("bcrypt", Some(number.to_string())))
        }
        ("1", [salt, hash]) => (salt.len() <= 8 && crypt64(hash, 22)).then_some(("md5-crypt", None)),
        ("apr1", [salt, hash]) => (salt.len() <= 8 && crypt64(hash, 22)).then_some(("md5-crypt (Apache)", None)),
        ("5", parts) => sha_crypt("sha256-crypt", parts, 43),
        ("6", parts) => sha_crypt("sha512-crypt", parts, 86),
        ("y" | "gy", [_, salt, hash]) => (!salt.is_empty() && crypt64(hash, 43)).then_some(("yescrypt", None)),
        ("7", [salt, hash]) => (!salt.is_empty() && crypt64(hash, 43)).then_some(("scrypt", None)),
        ("argon2id" | "argon2i" | "argon2d", parts) => argon2(id, parts),
        ("scrypt", [cost, salt, hash]) => (cost.starts_with("ln=") && base64(salt, 4) && base64(hash, 16)).then(|| ("scrypt", Some((*cost).to_owned()))),
        ("pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512", [rounds, salt, hash]) => {
            (digits(rounds) && base64(salt, 4) && base64(hash, 16)).then(|| ("pbkdf2", Some((*rounds).to_owned())))
        }
        ("P" | "H", [hash]) => crypt64(hash, 31).then_some(("phpass", None)),
        ("S", [hash]) => crypt64(hash, 52).then_some(("sha512 (Drupal)", None)),
        _ => None,
    }
}

/// `[rounds=<n>$]<salt>$<hash>`.
fn sha_crypt(name: &'static str, parts: &[&str], length: usize) -> Option<Form> {
    let (rounds, salt, hash) = match parts {
        [salt, hash] => (None, salt, hash),
        [rounds, salt, hash] => (Some(rounds.strip_prefix("rounds=").filter(|rounds| digits(rounds))?), salt, hash),
        _ => return None,
    };
    (salt.len() <= 16 && crypt64(hash, length)).then(|| (name, rounds.map(str::to_owned)))
}

/// `v=19$m=65536,t=3,p=4$<salt>$<hash>`; the version is missing in old ones.
fn argon2(id: &str, parts: &[&str]) -> Option<Form> {
    let (cost, salt, hash) = match parts {
        [version, cost, salt, hash] if version.starts_with("v=") => (cost, salt, hash),
        [cost, salt, hash] => (cost, salt, hash),
        _ => return None,
    };
    let name = match id {
        "argon2id" => "argon2id",
        "argon2i" => "argon2i",
        _ => "argon2d",
    };
    (cost.starts_with("m=") && base64(salt, 8) && base64(hash, 12)).then(|| (name, Some((*cost).to_owned())))
}

/// `{SCHEME}<base64>` of LDAP (RFC 2307).
fn scheme(text: &str) -> Option<Form> {
    let (scheme, rest) = text.strip_prefix('{')?.split_once('}')?;
    let length = || decode64(rest.as_bytes()).map_or(0, |bytes| bytes.len());
    match scheme.to_ascii_uppercase().as_str() {
        "CRYPT" => modular(rest),
        "SHA" => (length() == 20).then_some(("sha1", None)),
        "SSHA" => (22..=52).contains(&length()).then_some(("salted sha1", None)),
        "MD5" => (length() == 16).then_some(("md5", None)),
        "SMD5" => (18..=48).contains(&length()).then_some(("salted md5", None)),
        "SHA256" | "SSHA256" => (32..=64).contains(&length()).then_some(("salted sha256", None)),
        "SHA512" | "SSHA512" => (64..=96).contains(&length()).then_some(("salted sha512", None)),
        "PBKDF2" | "PBKDF2-SHA256" | "PBKDF2-SHA512" => (rest.split('$').count() == 3 && rest.len() >= 40).then_some(("pbkdf2", None)),
        _ => None,
    }
}

/// Django (`django/contrib/auth/hashers.py`) and Werkzeug (`werkzeug/security.py`).
fn framework(text: &str) -> Option<Form> {
    let (id, rest) = text.split_once('$')?;
    let parts: Vec<&str> = rest.split('$').collect();
    let (family, cost) = id.split_once(':').map_or((id, None), |(family, cost)| (family, Some(cost.to_owned())));
    match (family, parts.as_slice()) {
        ("pbkdf2_sha256", [rounds, salt, hash]) => (digits(rounds) && !salt.is_empty() && exact64(hash, 32)).then(|| ("pbkdf2", Some((*rounds).to_owned()))),
        ("pbkdf2_sha1", [rounds, salt, hash]) => (digits(rounds) && !salt.is_empty() && exact64(hash, 20)).then(|| ("pbkdf2", Some((*rounds).to_owned()))),
        ("argon2" | "bcrypt" | "bcrypt_sha256", _) => modular(rest).or_else(|| modular(&format!("${rest}"))),
        ("scrypt", [salt, hash]) if cost.is_some() => (!salt.is_empty() && hex(hash, 128)).then_some(("scrypt", cost)),
        ("pbkdf2", [salt, hash]) => (!salt.is_empty() && (hex(hash, 40) || hex(hash, 64) || hex(hash, 128))).then_some(("pbkdf2", cost)),
        ("scrypt", [salt, _, _, _, hash]) => (!salt.is_empty() && exact64(hash, 64)).then_some(("scrypt", None)),
        ("sha1", [salt, hash]) => (!salt.is_empty() && hex(hash, 40)).then_some(("salted sha1", None)),
        ("md5", [salt, hash]) => (!salt.is_empty() && hex(hash, 32)).then_some(("salted md5", None)),
        _ => None,
    }
}

fn crypt64(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'))
}

/// Base64 of any alphabet (passlib writes `.` for `+`), at least so long.
fn base64(text: &str, least: usize) -> bool {
    text.len() >= least && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'+' | b'=' | b'-' | b'_'))
}

fn exact64(text: &str, bytes: usize) -> bool {
    decode64(text.as_bytes()).is_some_and(|decoded| decoded.len() == bytes)
}

fn hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
