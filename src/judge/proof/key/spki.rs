//! Fingerprints of public keys that do not depend on the form the key is kept in: SHA-256 of the `SubjectPublicKeyInfo`
//! (RFC 5280; algorithms by RFC 3279, RFC 5480 and RFC 8410), as certificates hold it and GitHub shows it for app keys.

use super::der::{BIT_STRING, CURVES, INTEGER, NULL, OID, SEQUENCE, algorithm, write};
use super::openssh::Reader;

/// Of an RSA key: the contents of its two integers.
pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<String> {
    let scheme = [write(OID, algorithm("rsa")?), write(NULL, &[])].concat();
    Some(hash(&scheme, &write(SEQUENCE, &[write(INTEGER, modulus), write(INTEGER, exponent)].concat())))
}

/// Of a DSA key: p, q, g and y.
pub(super) fn dsa(numbers: [&[u8]; 4]) -> Option<String> {
    let [p, q, g, y] = numbers.map(|number| write(INTEGER, number));
    let scheme = [write(OID, algorithm("dsa")?), write(SEQUENCE, &[p, q, g].concat())].concat();
    Some(hash(&scheme, &y))
}

/// Of a point on a named curve.
pub(super) fn ec(curve: &[u8], point: &[u8]) -> Option<String> {
    Some(hash(&[write(OID, algorithm("ec")?), write(OID, curve)].concat(), point))
}

/// Of a key whose algorithm has no parameters: `ed25519`, `x25519`.
pub(super) fn plain(name: &str, public: &[u8]) -> Option<String> {
    Some(hash(&write(OID, algorithm(name)?), public))
}

/// Of a public key as SSH writes it (RFC 4253, RFC 5656, RFC 8709).
pub(super) fn ssh(public: &[u8]) -> Option<String> {
    let mut reader = Reader(public);
    match reader.string()? {
        b"ssh-rsa" => {
            let (exponent, modulus) = (reader.string()?, reader.string()?);
            rsa(modulus, exponent)
        }
        b"ssh-dss" => dsa([reader.string()?, reader.string()?, reader.string()?, reader.string()?]),
        b"ssh-ed25519" => plain("ed25519", reader.string()?),
        kind if kind.starts_with(b"ecdsa-sha2-nistp") => {
            let name = match reader.string()? {
                b"nistp256" => "P-256",
                b"nistp384" => "P-384",
                b"nistp521" => "P-521",
                _ => return None,
            };
            ec(CURVES.iter().find(|(_, known)| *known == name)?.0, reader.string()?)
        }
        _ => None,
    }
}

fn hash(scheme: &[u8], key: &[u8]) -> String {
    use sha2::Digest;
    let key = [&[0], key].concat();
    let info = write(SEQUENCE, &[write(SEQUENCE, scheme), write(BIT_STRING, &key)].concat());
    format!("SHA256:{}", data_encoding::BASE64.encode(&sha2::Sha256::digest(&info)))
}
