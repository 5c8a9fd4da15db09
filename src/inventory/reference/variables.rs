//! Variables that a pipeline uses and does not define: its system's settings hold them.

use std::collections::BTreeSet;

use super::spot::{Spot, Told, finds, maps, scalars, word};
use super::{File, Out, names};
use crate::format::tree::Node;
use crate::inventory::kind::{Field, Kind, Mode, StorageState};

/// A system whose settings hold variables.
pub(super) struct Settings {
    /// Begins fingerprints: `gitlab-ci`.
    pub(super) id: &'static str,
    /// How the register calls its store.
    pub(super) store: &'static str,
}

/// Names that a file gives values to: keys of its maps, and what its scripts assign.
pub(super) fn defined(file: &File<'_>, documents: &[Node]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for document in documents {
        maps(document, &mut |map| {
            names.extend(map.pairs().iter().map(|pair| pair.key.clone()).filter(|key| is_variable(key)));
        });
    }
    for at in memchr::memchr_iter(b'=', file.bytes) {
        let before = file.bytes.get(..at).unwrap_or_default();
        let length = before.iter().rev().take(128).take_while(|byte| is_part(**byte)).count();
        let name = String::from_utf8_lossy(&before[at - length..]);
        // `${X:=y}` and `[ $X = y ]` do not assign; `X=y` does.
        if is_variable(&name) && !matches!(before.get(..at - length).and_then(<[u8]>::last), Some(b'$' | b'{')) {
            names.insert(name.into_owned());
        }
    }
    names
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') && name.bytes().all(is_part)
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `$NAME` and `${NAME}` below a node: `(name, offset)`.
pub(super) fn used<'b>(bytes: &'b [u8], node: &Node) -> Vec<(&'b str, usize)> {
    let mut found = Vec::new();
    scalars(node, "", &mut |_, scalar| {
        for at in finds(bytes, &scalar.place, b"$") {
            let start = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'{'));
            let name = word(bytes, start, is_part);
            if is_variable(name) {
                found.push((name, at));
            }
        }
    });
    found
}

/// Notes the credentials among the variables that a node uses and nothing defines.
pub(super) fn note(spot: &Spot<'_>, settings: &Settings, node: &Node, defined: &BTreeSet<String>, out: &mut Out) {
    for (name, at) in used(spot.file.bytes, node) {
        if names::is_credential(name) && !defined.contains(name) {
            variable(&spot.at(at).means(format!("variable of {}", settings.store)), settings, name, out);
        }
    }
}

/// Notes a variable of the settings.
pub(super) fn variable(spot: &Spot<'_>, settings: &Settings, name: &str, out: &mut Out) {
    let fingerprint = format!("{}:{}:{name}", settings.id, spot.file.repository);
    let told = spot.named(out, fingerprint, StorageState::CiStore, name, Some(Kind::CiSecret));
    let told = told.says(Field::Vault, settings.store).mode(Mode::Static);
    if super::actions::is_static_key(name) {
        told.because(Field::State, "weak-auth-scheme", "a static cloud key where OIDC is possible");
    }
}

/// Notes a name in a system's store, whatever it is called.
pub(super) fn stored<'o>(spot: &Spot<'_>, settings: &Settings, name: &str, kind: Kind, out: &'o mut Out) -> Told<'o> {
    let fingerprint = format!("{}:{}:{name}", settings.id, spot.file.repository);
    let told = spot.named(out, fingerprint, StorageState::CiStore, name, Some(kind));
    told.says(Field::Vault, settings.store)
}
