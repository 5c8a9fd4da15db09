//! Password hashes by their form.

use super::{Proved, Told, decode64};

/// A form: the name of the algorithm, and its cost where the text states it.
type Form = (&'static str, Option<String>);

/// Judges a password hash by prefix and lengths (crypt(5), the `passlib` manual, RFC 2307, and the sources named below).
pub(in crate::judge::proof) fn password_hash(value: &[u8]) -> Proved {
    let form = std::str::from_utf8(value)
        .ok()
        .and_then(|text| modular(text).or_else(|| scheme(text)).or_else(|| framework(text)));
    let Some((algorithm, cost)) = form else {
        return Proved::Refuted("its lengths or characters are not those of a password hash".into());
    };
    let told =
        Told::reason("a password hash: not the password, and open to guessing offline").fact("algorithm", algorithm);
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
            ((4..=31).contains(&number) && cost.len() == 2 && crypt64(hash, 53))
                .then(|| ("bcrypt", Some(number.to_string())))
        }
        ("1", [salt, hash]) => (salt.len() <= 8 && crypt64(hash, 22)).then_some(("md5-crypt", None)),
        ("apr1", [salt, hash]) => (salt.len() <= 8 && crypt64(hash, 22)).then_some(("md5-crypt (Apache)", None)),
        ("5", parts) => sha_crypt("sha256-crypt", parts, 43),
        ("6", parts) => sha_crypt("sha512-crypt", parts, 86),
        ("y" | "gy", [_, salt, hash]) => (!salt.is_empty() && crypt64(hash, 43)).then_some(("yescrypt", None)),
        ("7", [salt, hash]) => (!salt.is_empty() && crypt64(hash, 43)).then_some(("scrypt", None)),
        ("argon2id" | "argon2i" | "argon2d", parts) => argon2(id, parts),
        ("scrypt", [cost, salt, hash]) => (cost.starts_with("ln=") && base64(salt, 4) && base64(hash, 16))
            .then(|| ("scrypt", Some((*cost).to_owned()))),
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
        "PBKDF2" | "PBKDF2-SHA256" | "PBKDF2-SHA512" => {
            (rest.split('$').count() == 3 && rest.len() >= 40).then_some(("pbkdf2", None))
        }
        _ => None,
    }
}

/// Django (`django/contrib/auth/hashers.py`) and Werkzeug (`werkzeug/security.py`).
fn framework(text: &str) -> Option<Form> {
    let (id, rest) = text.split_once('$')?;
    let parts: Vec<&str> = rest.split('$').collect();
    let (family, cost) = id.split_once(':').map_or((id, None), |(family, cost)| (family, Some(cost.to_owned())));
    match (family, parts.as_slice()) {
        ("pbkdf2_sha256", [rounds, salt, hash]) => {
            (digits(rounds) && !salt.is_empty() && exact64(hash, 32)).then(|| ("pbkdf2", Some((*rounds).to_owned())))
        }
        ("pbkdf2_sha1", [rounds, salt, hash]) => {
            (digits(rounds) && !salt.is_empty() && exact64(hash, 20)).then(|| ("pbkdf2", Some((*rounds).to_owned())))
        }
        ("argon2" | "bcrypt" | "bcrypt_sha256", _) => modular(rest).or_else(|| modular(&format!("${rest}"))),
        ("scrypt", [salt, hash]) if cost.is_some() => (!salt.is_empty() && hex(hash, 128)).then_some(("scrypt", cost)),
        ("pbkdf2", [salt, hash]) => {
            (!salt.is_empty() && (hex(hash, 40) || hex(hash, 64) || hex(hash, 128))).then_some(("pbkdf2", cost))
        }
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
    text.len() >= least
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'+' | b'=' | b'-' | b'_'))
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

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    fn fact(value: &str, name: &str) -> Option<String> {
        match password_hash(value.as_bytes()) {
            Proved::Weak(told) => told.facts.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text),
            _ => None,
        }
    }

    #[test]
    fn forms_are_told_by_prefix_and_lengths() {
        let a = |length: usize| "a".repeat(length);
        let b64 = |length: usize| BASE64.encode(&vec![0x5a; length]);
        let forms = [
            (format!("$2b$12${}", a(53)), "bcrypt"),
            (format!("$1$salt${}", a(22)), "md5-crypt"),
            (format!("$5$salt${}", a(43)), "sha256-crypt"),
            (format!("$6$rounds=9000$salt${}", a(86)), "sha512-crypt"),
            (format!("$y$j9T$salt${}", a(43)), "yescrypt"),
            (format!("$argon2id$v=19$m=65536,t=3,p=4${}${}", a(22), a(43)), "argon2id"),
            (format!("$pbkdf2-sha256$29000${}${}", a(22), a(43)), "pbkdf2"),
            (format!("$P$B{}", a(30)), "phpass"),
            (format!("$S$D{}", a(51)), "sha512 (Drupal)"),
            (format!("{{SSHA}}{}", b64(28)), "salted sha1"),
            (format!("{{CRYPT}}$2y$10${}", a(53)), "bcrypt"),
            (format!("pbkdf2_sha256$260000$salt${}", b64(32)), "pbkdf2"),
            (format!("bcrypt_sha256$$2b$12${}", a(53)), "bcrypt"),
            (format!("argon2$argon2id$v=19$m=102400,t=2,p=8${}${}", a(22), a(43)), "argon2id"),
            (format!("scrypt:32768:8:1$salt${}", a(128)), "scrypt"),
        ];
        for (value, algorithm) in forms {
            assert_eq!(fact(&value, "algorithm").as_deref(), Some(algorithm), "{value}");
            let exact = value.ends_with('a') && !value.contains("argon2") && !value.contains("pbkdf2");
            assert!(
                !exact || fact(&value[1..], "algorithm").is_none() && fact(&format!("{value}a"), "algorithm").is_none(),
                "{value}"
            );
        }
        assert_eq!(fact(&format!("$2a$10${}", a(53)), "cost").as_deref(), Some("10"));
    }

    #[test]
    fn what_is_no_hash_is_refuted() {
        for odd in [
            "",
            "$",
            "$$",
            "$2b$",
            "$2b$99$aaaa",
            "{",
            "{SSHA}",
            "{SSHA}x",
            "$6$",
            "a$b$c",
            "bcrypt$",
            &"$".repeat(70_000),
            &"{a}".repeat(30_000),
        ] {
            assert!(matches!(password_hash(odd.as_bytes()), Proved::Refuted(_)), "{odd:.20}");
        }
        assert!(matches!(password_hash(&[0xff; 60]), Proved::Refuted(_)));
    }
}
