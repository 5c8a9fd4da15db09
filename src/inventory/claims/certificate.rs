//! X.509 certificates in the files of a repository (RFC 5280): no secrets, but identities with an end.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::name::Name;

use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, Source, StorageState};
use crate::inventory::record::{Facts, Location};
use crate::inventory::reference::File;
use crate::inventory::register::Subject;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// [`BEGIN`] in base64, as kubeconfigs and Kubernetes secrets hold it.
const BEGIN_BASE64: &[u8] = b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t";
/// A file with more certificates, all of authorities, says whom others trust: a bundle of roots.
const BUNDLE: usize = 16;
/// Certificates read of one file.
const MOST: usize = 1000;

/// Endings of files that may hold certificates; source code holds those of its tests.
const ENDINGS: &[&str] = &[
    "pem",
    "crt",
    "cer",
    "cert",
    "ca",
    "bundle",
    "chain",
    "key",
    "pub",
    "yaml",
    "yml",
    "json",
    "toml",
    "conf",
    "cfg",
    "cnf",
    "config",
    "ini",
    "env",
    "properties",
    "tf",
    "tfvars",
    "tfstate",
    "hcl",
    "xml",
    "txt",
    "tpl",
    "j2",
    "sh",
];

/// Names of algorithms of signatures and keys (RFC 8017, RFC 5758, RFC 8410).
const ALGORITHMS: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.1", "rsa"),
    ("1.2.840.113549.1.1.4", "md5-rsa"),
    ("1.2.840.113549.1.1.5", "sha1-rsa"),
    ("1.2.840.113549.1.1.10", "rsa-pss"),
    ("1.2.840.10040.4.1", "dsa"),
    ("1.2.840.10040.4.3", "sha1-dsa"),
    ("1.2.840.10045.2.1", "ec"),
    ("1.2.840.10045.4.1", "sha1-ecdsa"),
    ("1.3.101.112", "ed25519"),
    ("1.3.101.113", "ed448"),
];

/// Purposes of extended key usage (RFC 5280, section 4.2.1.12).
const PURPOSES: &[(&str, &str)] = &[
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
];

type Certificate = CertificateInner<Raw>;

/// True where a file may hold certificates in PEM.
pub fn wants(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_none_or(|(_, ending)| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
        || name.starts_with("kubeconfig")
}

/// The certificates of a file, by identity.
pub fn read(file: &File<'_>) -> BTreeMap<Subject, Facts> {
    let found: Vec<(usize, Vec<u8>, Certificate)> = blocks(file.bytes)
        .into_iter()
        .filter_map(|(at, bytes)| Certificate::from_der(&bytes).ok().map(|certificate| (at, bytes, certificate)))
        .collect();
    let mut out: BTreeMap<Subject, Facts> = BTreeMap::new();
    if found.len() > BUNDLE && found.iter().all(|(_, _, certificate)| is_authority(certificate)) {
        return out;
    }
    for (at, bytes, certificate) in found {
        let fingerprint = format!("x509:{}", data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)));
        let subject = Subject { kind: FingerprintKind::ProviderId, fingerprint };
        let facts = out.entry(subject).or_default();
        facts.locations.insert(Location {
            line: Some(file.line(at)),
            meaning: Some("certificate".to_owned()),
            // The certificate is public; where its key is kept, the key's own row says.
            ..Location::new(file.repository, file.path, StorageState::Unknown)
        });
        claim(&certificate, facts);
    }
    out
}

/// Offset and DER of the PEM blocks of a text, plain or in base64.
fn blocks(text: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let plain = memchr::memmem::find_iter(text, BEGIN).take(MOST).filter_map(|at| Some((at, block(text.get(at..)?)?)));
    let wrapped = memchr::memmem::find_iter(text, BEGIN_BASE64).take(MOST).flat_map(|at| {
        let run = text.get(at..).unwrap_or_default();
        let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let run = run.get(..run.iter().take_while(|byte| base64(byte)).count() / 4 * 4).unwrap_or_default();
        let decoded = data_encoding::BASE64.decode(run).unwrap_or_default();
        let inner: Vec<Vec<u8>> =
            memchr::memmem::find_iter(&decoded, BEGIN).filter_map(|inner| block(decoded.get(inner..)?)).collect();
        inner.into_iter().map(move |der| (at, der))
    });
    plain.chain(wrapped).collect()
}

/// The DER of the block at the front of a text; its lines may be indented or written as `\n`.
fn block(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.get(BEGIN.len()..)?;
    let body = body.get(..memchr::memmem::find(body.get(..32 * 1024).unwrap_or(body), b"-----END")?)?;
    let mut base64 = Vec::with_capacity(body.len());
    let mut escaped = false;
    for &byte in body {
        // The letter behind a backslash is no part of the body.
        if !escaped && (byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')) {
            base64.push(byte);
        }
        escaped = byte == b'\\';
    }
    data_encoding::BASE64.decode(&base64).ok()
}

fn is_authority(certificate: &Certificate) -> bool {
    certificate.tbs_certificate().get_extension::<BasicConstraints>().ok().flatten().is_some_and(|(_, basic)| basic.ca)
}

fn claim(certificate: &Certificate, facts: &mut Facts) {
    let body = certificate.tbs_certificate();
    let mut says = |field: Field, value: String, basis: &str| facts.claim(field, Source::Credential, value, basis);
    says(Field::Kind, Kind::Certificate.name().to_owned(), "certificate");
    says(Field::Mode, Mode::Static.name().to_owned(), "certificate");
    let (subject, issuer) = (body.subject().to_string(), body.issuer().to_string());
    let alternatives = alternatives(certificate);
    let common = common_name(body.subject());
    says(Field::Principal, common.or(alternatives.first().cloned()).unwrap_or_else(|| subject.clone()), "subject");
    says(Field::Provider, if subject == issuer { "self-signed".to_owned() } else { issuer.clone() }, "issuer");
    says(Field::KeyId, data_encoding::HEXLOWER.encode(body.serial_number().as_bytes()), "serial number");
    let time = |time: &x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
        jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
    };
    says(Field::CreatedAt, time(&body.validity().not_before).unwrap_or_default(), "notBefore");
    says(Field::ExpiresAt, time(&body.validity().not_after).unwrap_or_default(), "notAfter");
    let mut tag = |key: &str, value: &str| says(Field::Tag, format!("{key}={value}"), "certificate");
    tag("subject", &subject);
    for name in &alternatives {
        tag("san", name);
    }
    if is_authority(certificate) {
        tag("ca", "yes");
    }
    for purpose in purposes(certificate) {
        tag("eku", &purpose);
    }
    if let Some(fingerprint) = public_key(certificate) {
        tag("public_key", &fingerprint);
    }
    strength(certificate, facts);
    // Kubernetes takes organisations for groups; this one is bound to cluster-admin.
    if body.subject().iter().any(|part| part.value.value() == b"system:masters") {
        facts.claim(Field::Scope, Source::Credential, "group system:masters", "subject O");
        facts.claim(Field::ScopeLevel, Source::Credential, "admin", "subject O=system:masters");
    }
}

fn strength(certificate: &Certificate, facts: &mut Facts) {
    let named = |oid: ObjectIdentifier| {
        let oid = oid.to_string();
        ALGORITHMS.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name)
    };
    let key = certificate.tbs_certificate().subject_public_key_info();
    let mut says = |field: Field, value: String, basis: &str| facts.claim(field, Source::Credential, value, basis);
    let algorithm = named(key.algorithm.oid).unwrap_or("other");
    says(Field::Tag, format!("algorithm={algorithm}"), "certificate");
    let bits = key.subject_public_key.as_bytes().filter(|_| algorithm.starts_with("rsa")).and_then(rsa_bits);
    if let Some(bits) = bits {
        says(Field::Tag, format!("bits={bits}"), "certificate");
    }
    if let Some(bits) = bits.filter(|bits| *bits < 2048) {
        says(Field::State, "weak-crypto".to_owned(), &format!("RSA of {bits} bits"));
    } else if algorithm == "dsa" {
        says(Field::State, "weak-crypto".to_owned(), "DSA");
    }
    let signature = named(certificate.signature_algorithm().oid).unwrap_or_default();
    if signature.starts_with("md5") || signature.starts_with("sha1") {
        says(Field::State, "weak-crypto".to_owned(), &format!("signed with {signature}"));
    }
}

/// Bits of the modulus of `RSAPublicKey` (RFC 8017).
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let mut bits = None;
    let mut reader = SliceReader::new(key).ok()?;
    let _: Result<(), x509_cert::der::Error> = reader.sequence(|inner| {
        let modulus = UintRef::decode(inner)?;
        let first = modulus.as_bytes().first().map_or(0, |first| first.leading_zeros() as usize);
        bits = Some(modulus.as_bytes().len() * 8 - first);
        UintRef::decode(inner).map(|_| ())
    });
    bits
}

fn common_name(name: &Name) -> Option<String> {
    name.common_name().ok().flatten().map(|name| name.value().into_owned()).filter(|name| !name.is_empty())
}

/// Names under which the subject goes too.
fn alternatives(certificate: &Certificate) -> Vec<String> {
    let names = certificate.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten();
    let names = names.map(|(_, names)| names.0).unwrap_or_default();
    let shown = |name: &GeneralName| match name {
        GeneralName::DnsName(name) | GeneralName::Rfc822Name(name) | GeneralName::UniformResourceIdentifier(name) => {
            Some(name.to_string())
        }
        GeneralName::IpAddress(address) => address_of(address.as_bytes()),
        _ => None,
    };
    names.iter().take(64).filter_map(shown).collect()
}

fn address_of(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
    four.ok().or_else(|| <[u8; 16]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string()).ok())
}

fn purposes(certificate: &Certificate) -> Vec<String> {
    let usage = certificate.tbs_certificate().get_extension::<ExtendedKeyUsage>().ok().flatten();
    let oids: BTreeSet<String> = usage.into_iter().flat_map(|(_, usage)| usage.0).map(|oid| oid.to_string()).collect();
    let name = |oid: String| {
        PURPOSES.iter().find(|(known, _)| *known == oid).map_or(oid.clone(), |(_, name)| (*name).to_owned())
    };
    oids.into_iter().map(name).collect()
}

/// The fingerprint of its public key, as private keys have it.
fn public_key(certificate: &Certificate) -> Option<String> {
    let info = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
    Some(format!("SHA256:{}", data_encoding::BASE64.encode(&Sha256::digest(&info))))
}

/// Ties certificates to private keys of the same look: the key takes over whom the certificate names and how far that
/// reaches, the certificate says which key is its own.
pub fn pair(sightings: &mut BTreeMap<Subject, Facts>) {
    let mut pairs = Vec::new();
    for (subject, facts) in sightings.iter() {
        let keys = facts.all(Field::Tag).filter_map(|claim| claim.value.strip_prefix("public_key="));
        for fingerprint in keys {
            pairs.push((
                subject.clone(),
                Subject { kind: FingerprintKind::PublicKey, fingerprint: fingerprint.to_owned() },
            ));
        }
    }
    for (certificate, key) in pairs {
        let Some(facts) = sightings.get(&certificate).filter(|_| sightings.contains_key(&key)) else { continue };
        let passed = [Field::Principal, Field::Scope, Field::ScopeLevel];
        let claims: Vec<_> = facts.claims.iter().filter(|claim| passed.contains(&claim.field)).cloned().collect();
        let own = key.id();
        if let Some(facts) = sightings.get_mut(&key) {
            for claim in claims {
                facts.claim(claim.field, Source::File, claim.value, format!("certificate {}", certificate.id()));
            }
            facts.claim(Field::Tag, Source::File, format!("certificate={}", certificate.id()), "same public key");
        }
        if let Some(facts) = sightings.get_mut(&certificate) {
            facts.claim(Field::Tag, Source::File, format!("private_key={own}"), "same public key");
        }
    }
}
