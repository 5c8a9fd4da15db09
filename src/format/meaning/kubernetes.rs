//! Kubernetes manifests: Secrets, their sealed relatives, environments of containers, JSON in annotations.

use std::borrow::Cow;

use super::super::keys::KeyPath;
use super::super::tree::{Node, Scalar, Text, Value};
use super::super::walk::Out;
use super::super::{Piece, Pieces};
use super::super::{json, yaml};

const MAX_INNER: usize = 3;

/// A document of the Kubernetes API.
pub(super) fn is(document: &Node) -> bool {
    document.has("apiVersion") && document.has("kind")
}

pub(super) fn read(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    let kind = document.text_of("kind", text.bytes).unwrap_or_default();
    let whose = whose(text, document, &kind);
    match kind.as_ref() {
        "List" | "SecretList" => {
            for item in document.get("items").map(Node::items).unwrap_or_default() {
                read(text, item, out);
            }
        }
        "Secret" => secret(text, document, &whose, out),
        "SealedSecret" => {
            if let Some(data) = document.at(&["spec", "encryptedData"]) {
                out.no_secret(text, &data.place, "ciphertext of a SealedSecret");
            }
        }
        "ExternalSecret" | "ClusterExternalSecret" | "SecretProviderClass" | "VaultStaticSecret" => {
            if let Some(spec) = document.get("spec") {
                out.no_secret(text, &spec.place, "it names secrets of a store");
            }
        }
        "ConfigMap" => {
            for (key, value) in document.pairs().iter().map(|pair| (&pair.key, &pair.value)) {
                if key == "data" || key == "binaryData" {
                    out.means(
                        text,
                        &value.place,
                        format_args!("Kubernetes {whose}: {key}, readable by everyone who may read the namespace"),
                    );
                }
            }
        }
        "Kustomization" => kustomization(text, document, out),
        "Config" => kubeconfig(text, document, out),
        _ => {
            out.means(text, &document.place, format_args!("Kubernetes {whose}"));
            environments(text, document, &whose, out, 0);
        }
    }
    annotations(text, document, out);
}

/// `Secret default/db`.
fn whose(text: &Text<'_>, document: &Node, kind: &str) -> String {
    let of = |key: &str| document.at(&["metadata", key]).and_then(|node| node.text(text.bytes));
    let name = of("name").or_else(|| of("generateName")).unwrap_or(Cow::Borrowed("?"));
    match of("namespace") {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

fn secret(text: &Text<'_>, document: &Node, whose: &str, out: &mut Out<'_>) {
    for part in ["data", "stringData"] {
        for pair in document.get(part).map(Node::pairs).unwrap_or_default() {
            let encoded = if part == "data" { ", base64 only" } else { "" };
            out.means(text, &pair.value.place, format_args!("Kubernetes {whose}: {part}.{}{encoded}", pair.key));
            let Some(scalar) = pair.value.scalar() else { continue };
            let mut path = KeyPath::from_iter([part, &pair.key]);
            if part == "data" {
                decoded(text, &pair.value, scalar, &mut path, out);
            } else {
                value(text, scalar, &mut path, out);
            }
        }
    }
}

/// A value of a Secret in base64: what it decodes to is an entry, its bytes mapped back.
fn decoded(text: &Text<'_>, node: &Node, scalar: &Scalar, path: &mut KeyPath, out: &mut Out<'_>) {
    let own = scalar.text(text.bytes);
    let Some(pieces) = base64(&own, scalar) else { return };
    out.encoded(text, &node.place, "base64");
    value(text, &Scalar { pieces, quoted: true }, path, out);
}

/// The pieces of a base64 text, decoded. Bytes that are no text stay as they are.
fn base64(own: &[u8], scalar: &Scalar) -> Option<Pieces> {
    let packed: Vec<u8> = own.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let end = packed.iter().rposition(|byte| *byte != b'=')? + 1;
    let bytes = data_encoding::BASE64_NOPAD.decode(&packed[..end]).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    if text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()) {
        return None;
    }
    let start = scalar.pieces.first()?.place().start;
    let stop = scalar.pieces.last()?.place().end;
    if let ([Piece::Plain(place)], true) = (scalar.pieces.as_slice(), packed.len() == own.len()) {
        return Some(quanta(&bytes, place.start, end));
    }
    Some([Piece::Decoded(Cow::Owned(bytes), start..stop)].into())
}

/// Three bytes for four characters: each piece with its own place.
fn quanta(bytes: &[u8], start: usize, end: usize) -> Pieces {
    let piece = |(index, part): (usize, &[u8])| {
        let from = start + index * 4;
        Piece::Decoded(Cow::Owned(part.to_vec()), from..(from + 4).min(start + end))
    };
    bytes.chunks(3).enumerate().map(piece).collect()
}

/// Keys of a Secret that hold no credential.
fn is_open(key: &str) -> bool {
    // CHAP of iSCSI says the direction last: `node.session.auth.username_in`.
    let key = key.strip_suffix("_in").or_else(|| key.strip_suffix("_out")).unwrap_or(key);
    let last = key.rsplit(['.', '-', '_']).next().unwrap_or(key);
    let humps =
        last.as_bytes().windows(2).rposition(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let (lower, last) = (key.to_ascii_lowercase(), last[humps.map_or(0, |at| at + 1)..].to_ascii_lowercase());
    matches!(
        last.as_str(),
        "user"
            | "username"
            | "name"
            | "host"
            | "hostname"
            | "port"
            | "url"
            | "uri"
            | "endpoint"
            | "region"
            | "email"
            | "database"
            | "db"
            | "dbname"
            | "namespace"
            | "bucket"
            | "issuer"
            | "id"
            | "address"
            | "server"
            | "type"
            | "crt"
            | "cert"
            | "ca"
            | "pub"
            | "domain"
            | "scheme"
            | "driver"
            | "path"
            | "version"
            | "enabled"
    ) || lower.ends_with("username")
        || lower.ends_with("accountname")
        || lower.ends_with("host")
        || lower.ends_with("user")
}

/// A value that stands in a Secret: a file, JSON of a registry, or the secret itself.
fn value(text: &Text<'_>, scalar: &Scalar, path: &mut KeyPath, out: &mut Out<'_>) {
    let own = scalar.text(text.bytes);
    let key = path.last().to_owned();
    let documents = if json::looks_like(&own) {
        json::parse(&own)
    } else if matches!(key.rsplit_once('.'), Some((_, "yaml" | "yml"))) && text.depth() < MAX_INNER {
        yaml::parse(&own)
    } else {
        Vec::new()
    };
    let inner = Text::inside(text, &own, &scalar.pieces);
    for document in &documents {
        registries(&inner, document, path, out);
        out.walk(&inner, document, path);
    }
    if !documents.is_empty() {
        return;
    }
    let lines = memchr::memchr_iter(b'\n', own.trim_ascii()).count();
    if is_open(&key) || lines > 0 || own.len() > 512 {
        out.entry(text, path, &scalar.pieces);
    } else {
        let length = own.trim_ascii_end().len();
        let pieces = inner.pieces_of(0..length);
        out.given(text, path, &pieces);
    }
}

/// `.dockerconfigjson`: registries with user and password, and both in base64.
pub(super) fn registries(text: &Text<'_>, document: &Node, path: &mut KeyPath, out: &mut Out<'_>) {
    let registries = document.get("auths").map_or(document.pairs(), Node::pairs);
    for pair in registries {
        let Some(auth) = pair.value.get("auth") else { continue };
        let Some(scalar) = auth.scalar() else { continue };
        let own = scalar.text(text.bytes);
        let Some(pieces) = base64(&own, scalar) else { continue };
        let decoded: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes(text.bytes).iter().copied()).collect();
        let Some(colon) = memchr::memchr(b':', &decoded) else { continue };
        let inner = Text::inside(text, &decoded, &pieces);
        out.encoded(text, &auth.place, "base64");
        out.means(text, &auth.place, format_args!("registry {}: user and password, base64 only", pair.key));
        for key in ["auths", &pair.key, "password"] {
            path.push(key);
        }
        out.given(&inner, path, &[Piece::Plain(colon + 1..decoded.len())]);
        for _ in 0..3 {
            path.pop();
        }
    }
}

/// `env` of containers, wherever the kind keeps them.
fn environments(text: &Text<'_>, node: &Node, whose: &str, out: &mut Out<'_>, depth: usize) {
    if depth > 24 {
        return;
    }
    match &node.value {
        Value::Map(pairs) => {
            for pair in pairs {
                if pair.key == "env" {
                    let container = node.text_of("name", text.bytes).unwrap_or_default();
                    let of = if container.is_empty() { String::new() } else { format!(", container {container}") };
                    out.means(text, &pair.value.place, format_args!("Kubernetes {whose}: environment{of}"));
                } else {
                    environments(text, &pair.value, whose, out, depth + 1);
                }
            }
        }
        Value::List(items) => {
            for item in items {
                environments(text, item, whose, out, depth + 1);
            }
        }
        _ => {}
    }
}

/// `kubectl.kubernetes.io/last-applied-configuration`: the whole object again, as JSON.
fn annotations(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    if text.depth() >= MAX_INNER {
        return;
    }
    for pair in document.at(&["metadata", "annotations"]).map(Node::pairs).unwrap_or_default() {
        let Some(scalar) = pair.value.scalar() else { continue };
        let own = scalar.text(text.bytes);
        if !json::looks_like(&own) {
            continue;
        }
        let inner = Text::inside(text, &own, &scalar.pieces);
        for object in json::parse(&own).iter().filter(|object| is(object)) {
            read(&inner, object, out);
        }
    }
}

fn kustomization(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    for generator in document.get("secretGenerator").map(Node::items).unwrap_or_default() {
        let name = generator.text_of("name", text.bytes).unwrap_or_default();
        for literal in generator.get("literals").map(Node::items).unwrap_or_default() {
            out.means(text, &literal.place, format_args!("Kustomize: literal of the generated Secret {name}"));
            let Some(scalar) = literal.scalar() else { continue };
            let own = scalar.text(text.bytes);
            let Some(equals) = memchr::memchr(b'=', &own) else { continue };
            let key = String::from_utf8_lossy(&own[..equals]);
            if !is_open(&key) {
                let inner = Text::inside(text, &own, &scalar.pieces);
                out.given(&inner, &KeyPath::from_iter([&*key]), &[Piece::Plain(equals + 1..own.len())]);
            }
        }
    }
}

fn kubeconfig(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    for user in document.get("users").map(Node::items).unwrap_or_default() {
        let name = user.text_of("name", text.bytes).unwrap_or_default();
        for pair in user.get("user").map(Node::pairs).unwrap_or_default() {
            out.means(text, &pair.value.place, format_args!("kubeconfig: {} of user \"{name}\"", pair.key));
            let Some(scalar) = pair.value.scalar() else { continue };
            let path = KeyPath::from_iter(["users", &name, &pair.key]);
            match pair.key.as_str() {
                "token" | "password" => out.given(text, &path, &scalar.pieces),
                "client-key-data" => {
                    let own = scalar.text(text.bytes);
                    if let Some(pieces) = base64(&own, scalar) {
                        out.encoded(text, &pair.value.place, "base64");
                        out.entry(text, &path, &pieces);
                    }
                }
                "client-certificate-data" => out.no_secret(text, &pair.value.place, "a certificate"),
                _ => {}
            }
        }
    }
    for cluster in document.get("clusters").map(Node::items).unwrap_or_default() {
        if let Some(data) = cluster.at(&["cluster", "certificate-authority-data"]) {
            out.no_secret(text, &data.place, "a certificate");
        }
    }
}
