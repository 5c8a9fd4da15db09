//! Private keys in DER (ITU-T X.690): PKCS #1 (RFC 8017), PKCS #8 (RFC 5958), SEC 1 (RFC 5915) and OpenSSL's DSA form.

use super::{Opened, Told, fingerprint, spki};

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
const OCTETS: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// Object identifiers of key algorithms.
const ALGORITHMS: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], "rsa"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a], "rsa-pss"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "ec"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01], "dsa"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01], "dh"),
    (&[0x2b, 0x65, 0x6e], "x25519"),
    (&[0x2b, 0x65, 0x6f], "x448"),
    (&[0x2b, 0x65, 0x70], "ed25519"),
    (&[0x2b, 0x65, 0x71], "ed448"),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11], "ml-dsa-44"),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12], "ml-dsa-65"),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13], "ml-dsa-87"),
];

/// Object identifiers of elliptic curves.
pub(super) const CURVES: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], "P-256"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "P-384"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x0a], "secp256k1"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x21], "P-224"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01], "P-192"),
];

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'v> {
    pub(super) tag: u8,
    pub(super) content: &'v [u8],
}

/// Reads a private key from the front of `bytes`.
pub(super) fn open(bytes: &[u8]) -> Option<Opened> {
    let (outer, rest) = element(bytes)?;
    let used = bytes.len() - rest.len();
    if outer.tag != SEQUENCE {
        return None;
    }
    let parts = elements(outer.content)?;
    let tags: Vec<u8> = parts.iter().map(|part| part.tag).collect();
    match tags.as_slice() {
        [SEQUENCE, OCTETS] => encrypted(&parts).map(|told| Opened::Encrypted(told, used)),
        [INTEGER, SEQUENCE, OCTETS, ..] => pkcs8(&parts, used),
        [INTEGER, OCTETS, ..] => ec(&parts, None).map(|told| Opened::Clear(told, used)),
        [INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER] => dsa(&parts).map(|told| Opened::Clear(told, used)),
        [INTEGER, INTEGER, ..] if parts.len() >= 9 => rsa(&parts, used),
        _ => None,
    }
}

/// The outermost length fits the bytes and a version begins the content: a key's frame, whatever is in it.
pub(super) fn is_framed(bytes: &[u8]) -> bool {
    let framed = element(bytes).filter(|(outer, rest)| outer.tag == SEQUENCE && rest.is_empty());
    framed.is_some_and(|(outer, _)| matches!(outer.content, [INTEGER, 1, 0 | 1, INTEGER | SEQUENCE | OCTETS, ..]))
}

/// `EncryptedPrivateKeyInfo` of PKCS #8: an algorithm of encryption and the data.
fn encrypted(parts: &[Element<'_>]) -> Option<Told> {
    let [scheme, data] = parts else { return None };
    let oid = elements(scheme.content)?.first().copied()?;
    (oid.tag == OID && data.content.len() >= 16).then(Told::default)
}

/// `OneAsymmetricKey` of PKCS #8: version, algorithm, the key in a string.
fn pkcs8(parts: &[Element<'_>], used: usize) -> Option<Opened> {
    let [version, scheme, key, ..] = parts else { return None };
    if version.content.len() != 1 || version.content.first()? > &1 {
        return None;
    }
    let scheme = elements(scheme.content)?;
    let oid = scheme.first().filter(|oid| oid.tag == OID)?.content;
    let parameter = scheme.get(1).map(|parameter| parameter.content);
    let name = ALGORITHMS.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name);
    match name {
        Some("rsa" | "rsa-pss") => {
            let inner = whole(key.content)?;
            rsa(&elements(inner.content)?, used)
        }
        Some("ec") => {
            let inner = whole(key.content)?;
            ec(&elements(inner.content)?, parameter).map(|told| Opened::Clear(told, used))
        }
        Some(name @ ("ed25519" | "x25519")) => {
            whole(key.content).filter(|inner| inner.tag == OCTETS && inner.content.len() == 32)?;
            // `[1] IMPLICIT BIT STRING`, in version 2 alone.
            let public = parts.iter().find(|part| part.tag == 0x81).and_then(|part| part.content.strip_prefix(&[0]));
            let told = Told::default().fact("algorithm", name);
            Some(Opened::Clear(with_spki(told, public.and_then(|public| spki::plain(name, public))), used))
        }
        Some(name) => Some(Opened::Clear(Told::default().fact("algorithm", name), used)),
        None => (key.content.len() >= 16).then(|| Opened::Clear(Told::default().fact("algorithm", "other"), used)),
    }
}

/// `RSAPrivateKey` of PKCS #1: version, modulus, two exponents, two primes and three numbers derived from them.
fn rsa(parts: &[Element<'_>], used: usize) -> Option<Opened> {
    let [version, modulus, exponent, _, first, second, ..] = parts else { return None };
    if parts.len() < 9 || parts.iter().take(9).any(|part| part.tag != INTEGER) || version.content.len() != 1 {
        return None;
    }
    let size = bits(modulus.content);
    if size < 256 {
        return None;
    }
    if version.content == [0] && !is_product(modulus.content, first.content, second.content) {
        return Some(Opened::Contradicts);
    }
    let ssh = [ssh_string(b"ssh-rsa"), ssh_string(exponent.content), ssh_string(modulus.content)].concat();
    let told =
        Told::default().fact("algorithm", "rsa").fact("bits", size.to_string()).fact("fingerprint", fingerprint(&ssh));
    Some(Opened::Clear(with_spki(told, spki::rsa(modulus.content, exponent.content)), used))
}

/// `ECPrivateKey` of SEC 1: version 1, the number in a string, the curve.
fn ec(parts: &[Element<'_>], curve: Option<&[u8]>) -> Option<Told> {
    let [version, key, rest @ ..] = parts else { return None };
    if version.content != [1] || key.tag != OCTETS || !(16..=80).contains(&key.content.len()) {
        return None;
    }
    let stated = rest.iter().find(|part| part.tag == 0xa0).and_then(|part| whole(part.content)).map(|oid| oid.content);
    let curve = stated.or(curve);
    let name = CURVES.iter().find(|(oid, _)| Some(*oid) == curve).map(|(_, name)| *name);
    let told = Told::default().fact("algorithm", "ec");
    let told = match name {
        Some(name) => told.fact("curve", name),
        None => told,
    };
    let public = rest.iter().find(|part| part.tag == 0xa1).and_then(|part| whole(part.content));
    let point = public.and_then(|public| public.content.strip_prefix(&[0]));
    Some(with_spki(told, curve.zip(point).and_then(|(curve, point)| spki::ec(curve, point))))
}

/// OpenSSL's form of DSA keys: version, p, q, g, and the two keys.
fn dsa(parts: &[Element<'_>]) -> Option<Told> {
    let [_, p, q, g, y, _] = parts else { return None };
    let size = bits(p.content);
    (size >= 256).then(|| {
        let told = Told::default().fact("algorithm", "dsa").fact("bits", size.to_string());
        with_spki(told, spki::dsa([p.content, q.content, g.content, y.content]))
    })
}

/// The object identifier of an algorithm.
pub(super) fn algorithm(name: &str) -> Option<&'static [u8]> {
    ALGORITHMS.iter().find(|(_, known)| *known == name).map(|(oid, _)| *oid)
}

/// With the fingerprint of the public key, where it can be made.
fn with_spki(told: Told, fingerprint: Option<String>) -> Told {
    match fingerprint {
        Some(fingerprint) => told.fact("spki fingerprint", fingerprint),
        None => told,
    }
}

/// Whether a product is that of two factors: their residues by a Mersenne prime
/// agree.
pub(super) fn is_product(product: &[u8], left: &[u8], right: &[u8]) -> bool {
    const PRIME: u128 = (1 << 61) - 1;
    let residue =
        |number: &[u8]| number.iter().fold(0_u128, |residue, &byte| (residue << 8 | u128::from(byte)) % PRIME);
    residue(left) > 1 && residue(right) > 1 && residue(left) * residue(right) % PRIME == residue(product)
}

/// Bits of a number.
pub(super) fn bits(number: &[u8]) -> usize {
    let number = number.iter().position(|&byte| byte != 0).and_then(|start| number.get(start..)).unwrap_or_default();
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// The first element and what follows it. Definite lengths of up to 4 bytes.
pub(super) fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

/// The one element that takes all of `bytes`.
pub(super) fn whole(bytes: &[u8]) -> Option<Element<'_>> {
    element(bytes).filter(|(_, rest)| rest.is_empty()).map(|(element, _)| element)
}

/// All elements in a row; `None` when they do not fill `bytes`.
pub(super) fn elements(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    while !bytes.is_empty() {
        let (next, rest) = element(bytes)?;
        elements.push(next);
        bytes = rest;
    }
    Some(elements)
}

/// Writes an element.
pub(super) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits = length.iter().position(|&byte| byte != 0).and_then(|start| length.get(start..)).unwrap_or_default();
    let mut bytes = vec![tag];
    if content.len() > 0x7f {
        bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
    }
    bytes.extend(if content.is_empty() { &[0] } else { digits });
    bytes.extend(content);
    bytes
}

/// A string as SSH writes it: length in 4 bytes, content (RFC 4251, section 5).
fn ssh_string(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), content].concat()
}
