//! From a tree of values to entries: every value under its key path, pairs of name and value under the name.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::keys::KeyPath;
use super::tree::{Node, Pair, Scalar, Text, Value};
use super::{Piece, Says, Structure, json, shell, yaml};

/// Texts inside texts are read this deep.
const MAX_INNER: usize = 4;
/// A key path is shown by its end of so many bytes.
const MAX_PATH: usize = 200;
const ALIAS: &str = "an alias: the value is written elsewhere in the file";
/// Values of fewer bytes are no credentials.
const LEAST: usize = 3;

/// Where readers write.
pub(super) struct Out<'s> {
    file: &'s [u8],
    pub(super) structure: &'s mut Structure,
    /// Where values begin whose decoded text has its own entry.
    decoded: HashSet<usize>,
}

impl<'s> Out<'s> {
    pub(super) fn new(file: &'s [u8], structure: &'s mut Structure) -> Self {
        Self { file, structure, decoded: HashSet::new() }
    }

    pub(super) fn no_secret(&mut self, text: &Text<'_>, place: &Range<usize>, why: impl Into<Cow<'static, str>>) {
        self.structure.no_secret(text.place(place), why);
    }

    pub(super) fn means(&mut self, text: &Text<'_>, place: &Range<usize>, what: fmt::Arguments<'_>) {
        self.structure.means(text.place(place), what);
    }

    /// Says that a value is encoded and that an entry holds what it decodes to.
    pub(super) fn encoded(&mut self, text: &Text<'_>, place: &Range<usize>, step: &'static str) {
        let place = text.place(place);
        self.decoded.insert(place.start);
        self.structure.encoded(place, step);
    }

    /// Entries of the shell text that a value is. `path` is the value's.
    pub(super) fn shell(&mut self, text: &Text<'_>, node: &Node, path: &mut KeyPath) {
        if let Some(scalar) = node.scalar() {
            self.shell_text(text, scalar, &scalar.text(text.bytes), path);
        }
    }

    fn shell_text(&mut self, text: &Text<'_>, scalar: &Scalar, own: &[u8], path: &mut KeyPath) {
        let mut read = Structure::default();
        shell::read(own, &mut read);
        let inner = Text::inside(text, own, &scalar.pieces);
        let (flat, entries, notes) = read.finish("shell");
        for entry in entries {
            let place = flat.below(&entry.value);
            let value = &flat.bytes[entry.value];
            let piece = if own.get(place.clone()) == Some(value) {
                Piece::Plain(place)
            } else {
                Piece::Decoded(Cow::Owned(value.to_vec()), place)
            };
            path.push(&String::from_utf8_lossy(&flat.bytes[entry.name]));
            self.push(&inner, path, &[piece], entry.given);
            path.pop();
        }
        for (place, says) in notes.iter() {
            if let Says::NoSecret(why) = says {
                self.no_secret(&inner, place, why);
            }
        }
    }

    /// An entry for a value of `text`.
    pub(super) fn entry(&mut self, text: &Text<'_>, path: &KeyPath, pieces: &[Piece<'static>]) {
        self.push(text, path, pieces, false);
    }

    /// An entry for a value that the format itself says is a secret.
    pub(super) fn given(&mut self, text: &Text<'_>, path: &KeyPath, pieces: &[Piece<'static>]) {
        self.push(text, path, pieces, true);
    }

    fn push(&mut self, text: &Text<'_>, path: &KeyPath, pieces: &[Piece<'static>], given: bool) {
        if pieces.iter().map(|piece| piece.bytes(text.bytes).len()).sum::<usize>() < LEAST {
            return;
        }
        // Long paths over many values: the key alone, so that the entries are not many times the file.
        let crowded = self.structure.size() > 4 * self.file.len() + (64 << 10);
        let most = if crowded { MAX_PATH / 8 } else { MAX_PATH };
        self.structure.add(self.file, &[path.shown(most)], &text.pieces(pieces), given);
    }

    /// Entries for everything below a node.
    pub(super) fn walk(&mut self, text: &Text<'_>, node: &Node, path: &mut KeyPath) {
        match &node.value {
            // `*name`: what it stands for is read where it is written.
            Value::Empty if is_alias(text, node) => self.no_secret(text, &node.place, ALIAS),
            Value::Empty => {}
            Value::Scalar(scalar) => self.scalar(text, node, scalar, path),
            Value::Map(pairs) => self.map(text, pairs, path),
            Value::List(items) => self.list(text, items, path),
        }
    }

    fn map(&mut self, text: &Text<'_>, pairs: &[Pair], path: &mut KeyPath) {
        let named = named(text, pairs);
        for (index, Pair { key, value }) in pairs.iter().enumerate() {
            let name = named.as_ref().filter(|named| named.value == index).map(|named| &named.name);
            if name.is_none() && key == "secure" && value.scalar().is_some() {
                self.no_secret(text, &value.place, "ciphertext: the system's own key opens it");
                continue;
            }
            if name.is_none() && is_reference(key) {
                self.no_secret(text, &value.place, "it names where the secret is kept");
                continue;
            }
            // No entry: under this name the value says nothing. A token of a known shape is found in the file itself.
            if key == "key" && value.scalar().is_some() && pairs.iter().any(|pair| LOOKED_UP.contains(&&*pair.key)) {
                continue;
            }
            path.push(name.unwrap_or(key));
            self.walk(text, value, path);
            path.pop();
        }
    }

    fn list(&mut self, text: &Text<'_>, items: &[Node], path: &mut KeyPath) {
        let mut flag: Option<String> = None;
        for (index, item) in items.iter().enumerate() {
            let Some(scalar) = item.scalar() else {
                flag = None;
                path.push_index(index);
                self.walk(text, item, path);
                path.pop();
                continue;
            };
            let own = scalar.text(text.bytes);
            if let Some((name, from)) = setting(&own) {
                // `NAME=value`: of environment lists, arguments and options.
                path.push(name);
                let inner = Text::inside(text, &own, &scalar.pieces);
                let place = unquoted(&own, from);
                let node = Node { place: place.clone(), tag: 0..0, value: Value::Scalar(Scalar::plain(place, true)) };
                self.walk(&inner, &node, path);
                path.pop();
                flag = None;
                continue;
            }
            match flag.take().filter(|_| !own.starts_with(b"-")) {
                Some(name) => path.push(&name),
                None => path.push_index(index),
            }
            self.scalar(text, item, scalar, path);
            path.pop();
            flag = own
                .strip_prefix(b"--")
                .filter(|name| name.len() < 64 && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'))
                .map(|name| String::from_utf8_lossy(name).into_owned());
        }
    }

    fn scalar(&mut self, text: &Text<'_>, node: &Node, scalar: &Scalar, path: &mut KeyPath) {
        if is_alias(text, node) {
            self.no_secret(text, &node.place, ALIAS);
        }
        let own = scalar.text(text.bytes);
        if !self.decoded.is_empty() && self.decoded.contains(&text.place(&node.place).start) {
            return;
        }
        if let Some(why) = sealed(node.tag(text.bytes), &own) {
            self.no_secret(text, &node.place, why);
            return;
        }
        if own.len() > 8 && text.depth() < MAX_INNER && scalar.quoted && self.inside(text, scalar, &own, path) {
            return;
        }
        self.entry(text, path, &scalar.pieces);
    }

    /// A text inside the text: JSON in a string, a file in a block.
    fn inside(&mut self, text: &Text<'_>, scalar: &Scalar, own: &[u8], path: &mut KeyPath) -> bool {
        if own.trim_ascii_start().starts_with(b"#!") && own[..own.len().min(64)].windows(2).any(|pair| pair == b"sh") {
            // A script: what starts a machine, a step's text.
            self.shell_text(text, scalar, own, path);
            return false;
        }
        let key = path.last();
        let file = Path::new(key).extension().and_then(|extension| extension.to_str()).unwrap_or("");
        let documents = if json::looks_like(own) {
            json::parse(own)
        } else if matches!(file, "yaml" | "yml") && memchr::memchr(b'\n', own).is_some() {
            yaml::parse(own)
        } else {
            return false;
        };
        let inner = Text::inside(text, own, &scalar.pieces);
        for document in &documents {
            self.walk(&inner, document, path);
        }
        !documents.is_empty()
    }
}

/// A map that gives a value to a name: `name: DB_PASSWORD`, `value: x`.
struct Named {
    name: String,
    /// Index of the pair that holds the value.
    value: usize,
}

/// The first of those seen with the lowest rank.
#[derive(Default)]
struct Best(Option<(u8, usize)>);

impl Best {
    fn see(&mut self, rank: u8, index: usize) {
        if self.0.is_none_or(|(least, _)| rank < least) {
            self.0 = Some((rank, index));
        }
    }

    fn index(&self) -> Option<usize> {
        self.0.map(|(_, index)| index)
    }
}

fn named(text: &Text<'_>, pairs: &[Pair]) -> Option<Named> {
    if pairs.len() < 2 {
        return None;
    }
    // Of the words that stand there the first of each list.
    let (mut names, mut values) = (Best::default(), Best::default());
    for (index, pair) in pairs.iter().enumerate() {
        match pair.key.as_str() {
            "name" => names.see(0, index),
            "key" => names.see(1, index),
            "Name" => names.see(2, index),
            "Key" => names.see(3, index),
            "ParameterKey" => names.see(4, index),
            "variable" => names.see(5, index),
            "OptionName" => names.see(6, index),
            "header" => names.see(7, index),
            "value" => values.see(0, index),
            "Value" => values.see(1, index),
            "ParameterValue" => values.see(2, index),
            "val" => values.see(3, index),
            "default" => values.see(4, index),
            "defaultValue" => values.see(5, index),
            "Default" => values.see(6, index),
            _ => {}
        }
    }
    let value = values.index().filter(|&index| pairs[index].value.scalar().is_some())?;
    let name = pairs[names.index()?].value.text(text.bytes)?;
    (!name.is_empty() && name.len() <= 128).then(|| Named { name: name.into_owned(), value })
}

/// `NAME=value`: the name, and where the value begins.
pub(super) fn setting(text: &[u8]) -> Option<(&str, usize)> {
    let head = &text[..text.len().min(128)];
    let equals = memchr::memchr(b'=', head)?;
    let name = text[..equals].strip_prefix(b"--").unwrap_or(&text[..equals]);
    let word = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if !word || text.get(equals + 1) == Some(&b'=') {
        return None;
    }
    Some((std::str::from_utf8(name).ok()?, equals + 1))
}

/// The value is written elsewhere, and repeated here by its name.
fn is_alias(text: &Text<'_>, node: &Node) -> bool {
    let written = text.bytes.get(node.place.clone()).unwrap_or_default();
    let elsewhere =
        |scalar: &Scalar| scalar.pieces.first().is_none_or(|piece| !node.place.contains(&piece.place().start));
    written.starts_with(b"*") && node.scalar().is_none_or(elsewhere)
}

/// The value behind `NAME=`, without the quotes that a shell would take off.
fn unquoted(text: &[u8], from: usize) -> Range<usize> {
    match text.get(from..) {
        Some([first @ (b'"' | b'\''), .., last]) if first == last => from + 1..text.len() - 1,
        _ => from..text.len(),
    }
}

/// What stands beside a `key` by which something is looked up: a Kubernetes selector's `operator`, a toleration's
/// `effect`, a projected item's `path`, a pair's `value`.
pub const LOOKED_UP: &[&str] = &["operator", "effect", "path", "values", "value"];

/// Keys whose value names the place of a secret.
fn is_reference(key: &str) -> bool {
    // Every key of every map is asked, so nothing is allocated for it. Of a long one the ends are enough.
    const MOST: usize = 32;
    const SHORTEST: usize = "fieldRef".len();
    if key.len() < SHORTEST {
        return false;
    }
    let letters = || key.bytes().filter(u8::is_ascii_alphanumeric);
    let (mut first, mut last, mut count) = ([0; MOST], [0; MOST], 0);
    for (slot, byte) in first.iter_mut().zip(letters()) {
        *slot = byte.to_ascii_lowercase();
        count += 1;
    }
    for (slot, byte) in last.iter_mut().rev().zip(letters().rev()) {
        *slot = byte.to_ascii_lowercase();
    }
    let whole = if letters().nth(MOST).is_none() { &first[..count] } else { &[] };
    matches!(
        whole,
        b"secretname"
            | b"secretref"
            | b"secretkeyref"
            | b"configmapkeyref"
            | b"configmapref"
            | b"fieldref"
            | b"resourcefieldref"
            | b"valuefrom"
            | b"fromsecret"
            | b"credentialsid"
            | b"existingsecret"
            | b"existingsecretname"
            | b"existingsecretkey"
            | b"imagepullsecret"
            | b"imagepullsecrets"
            | b"secretkeyname"
            | b"passwordsecret"
            | b"passwordsecretref"
            | b"tokensecretref"
            | b"authsecretref"
            | b"tlssecret"
            | b"secretstoreref"
            | b"remoteref"
            | b"connectionsecretref"
            | b"writeconnectionsecrettoref"
    ) || first.starts_with(b"existingsecret")
        || last.ends_with(b"secretname")
        || last.ends_with(b"secretkeyref")
        || last.ends_with(b"secretref")
}

/// Why a value is ciphertext or a reference by its own notation.
fn sealed(tag: &[u8], text: &[u8]) -> Option<&'static str> {
    match tag {
        b"!vault" | b"!vault-encrypted" => return Some("sealed by ansible-vault"),
        b"!Ref" | b"!GetAtt" | b"!ImportValue" | b"!FindInMap" => return Some("a reference of CloudFormation"),
        b"!reference" => return Some("a reference to another part of the pipeline"),
        b"!env" | b"!ENV" | b"!secret" | b"!env_var" => return Some("it names a variable or a secret"),
        b"!encrypted/pkcs1-oaep" => return Some("ciphertext"),
        _ => {}
    }
    let text = text.trim_ascii_start();
    if text.starts_with(b"$ANSIBLE_VAULT;") {
        Some("sealed by ansible-vault")
    } else if text.starts_with(b"ENC[AES256_GCM,") {
        Some("sealed by SOPS")
    } else if text.starts_with(b"ENC[") {
        Some("sealed by eyaml")
    } else if text.starts_with(b"{cipher}") {
        Some("sealed by Spring Cloud Config")
    } else if text.starts_with(b"-----BEGIN PGP MESSAGE") || text.starts_with(b"-----BEGIN AGE ENCRYPTED") {
        Some("ciphertext")
    } else if text.starts_with(b"{{resolve:") {
        Some("CloudFormation resolves it from a store")
    } else if text.starts_with(b"{AQAAA") && text.ends_with(b"}") {
        Some("encrypted with Jenkins' master key")
    } else {
        None
    }
}
