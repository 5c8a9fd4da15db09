//! Where a reference stands and who uses it, said once for all readers.

use std::borrow::Cow;
use std::ops::Range;

use super::{File, Out, environment, names};
use crate::format::tree::{Node, Value};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, Source, StorageState};
use crate::inventory::record::Facts;

/// Longer texts are no names.
const MAX_NAME: usize = 512;

/// A place that refers to an identity.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    pub(super) file: &'a File<'a>,
    /// Offset of the reference.
    pub(super) at: usize,
    meaning: Option<String>,
    consumer: Option<String>,
    environment: Option<String>,
}

impl<'a> Spot<'a> {
    /// A place that the file itself uses.
    pub(super) fn new(file: &'a File<'a>, at: usize) -> Self {
        Self { file, at, meaning: None, consumer: None, environment: None }
    }

    /// Another offset in the same surroundings.
    pub(super) fn at(&self, at: usize) -> Self {
        Self { at, ..self.clone() }
    }

    /// What the place is.
    pub(super) fn means(&self, meaning: impl Into<String>) -> Self {
        Self { meaning: Some(meaning.into()), ..self.clone() }
    }

    /// The job or workload that uses it.
    pub(super) fn used_by(&self, consumer: impl Into<String>) -> Self {
        Self { consumer: Some(consumer.into()), ..self.clone() }
    }

    /// The environment it is used in, as the file names it; an expression says nothing.
    pub(super) fn for_environment(&self, name: Option<&str>) -> Self {
        let named = name.filter(|name| is_name(name)).map(environment::canonical);
        Self { environment: named.or_else(|| self.environment.clone()), ..self.clone() }
    }

    /// Notes an identity with its place, its consumer and its environment.
    pub(super) fn note<'o>(
        &self,
        out: &'o mut Out,
        kind: FingerprintKind,
        fingerprint: impl Into<String>,
        storage: StorageState,
    ) -> Told<'o> {
        let facts = out.note(self.file, kind, fingerprint, storage, self.at, self.meaning.clone());
        facts.consumed(self.file, self.at, self.consumer.as_deref().unwrap_or(self.file.path));
        let told = Told { facts, basis: self.file.basis(self.at) };
        if let Some(name) = &self.environment {
            return told.says(Field::Environment, name.as_str());
        }
        match environment::of_path(self.file.path) {
            Some(name) => told.because(Field::Environment, name, "by its folder or file name"),
            None => told,
        }
    }

    /// Notes a secret that is known by its name: kind and provider as the name tells, `otherwise` where it tells nothing.
    pub(super) fn named<'o>(
        &self,
        out: &'o mut Out,
        fingerprint: impl Into<String>,
        storage: StorageState,
        name: &str,
        otherwise: Option<Kind>,
    ) -> Told<'o> {
        let told = self.note(out, FingerprintKind::Reference, fingerprint, storage).says(Field::Name, name);
        let told = match names::provider(name) {
            Some(provider) => told.because(Field::Provider, provider, "by its name"),
            None => told,
        };
        match (names::kind(name), otherwise) {
            (Some(kind), _) => told.because(Field::Kind, kind.name(), "by its name"),
            (None, Some(kind)) => told.says(Field::Kind, kind.name()),
            (None, None) => told,
        }
    }
}

/// The facts of an identity, and where they are said.
pub(super) struct Told<'o> {
    pub(super) facts: &'o mut Facts,
    basis: String,
}

impl Told<'_> {
    /// A claim of the reference.
    pub(super) fn says(self, field: Field, value: impl Into<String>) -> Self {
        self.facts.claim(field, Source::Reference, value, self.basis.as_str());
        self
    }

    /// A claim that follows from something besides the place.
    pub(super) fn because(self, field: Field, value: impl Into<String>, why: &str) -> Self {
        self.facts.claim(field, Source::Reference, value, format!("{} ({why})", self.basis));
        self
    }

    /// How long it holds.
    pub(super) fn mode(self, mode: Mode) -> Self {
        self.says(Field::Mode, mode.name())
    }

    /// Where it is kept: the store's name and the path in it.
    pub(super) fn kept(self, vault: &str, path: &str) -> Self {
        self.says(Field::Vault, vault).says(Field::VaultPath, path)
    }
}

/// True for text that is a name: no expression, no template, no pattern, no placeholder.
pub(super) fn is_name(text: &str) -> bool {
    let strange = |c: char| c.is_whitespace() || c.is_control() || "${}<>%*`|\"'\\".contains(c);
    !text.is_empty() && text.len() <= MAX_NAME && !text.contains(strange)
}

/// The text of a scalar that is a name.
pub(super) fn name_of<'t>(node: Option<&Node>, bytes: &'t [u8]) -> Option<Cow<'t, str>> {
    node?.text(bytes).filter(|text| is_name(text))
}

/// The texts of a scalar, or of the scalars in a list, with their offsets.
pub(super) fn texts<'t>(node: Option<&Node>, bytes: &'t [u8]) -> Vec<(Cow<'t, str>, usize)> {
    let Some(node) = node else { return Vec::new() };
    let one = |node: &Node| node.text(bytes).map(|text| (text, node.place.start));
    match &node.value {
        Value::List(items) => items.iter().filter_map(one).collect(),
        _ => one(node).into_iter().collect(),
    }
}

/// True where `true` is written: words of YAML's own are no texts.
pub(super) fn is_true(node: Option<&Node>, bytes: &[u8]) -> bool {
    node.and_then(|node| bytes.get(node.place.clone())).is_some_and(|text| text.trim_ascii() == b"true")
}

/// Every scalar below a node with the key it stands under; items of a list stand under the list's key.
pub(super) fn scalars(node: &Node, key: &str, see: &mut dyn FnMut(&str, &Node)) {
    match &node.value {
        Value::Scalar(_) => see(key, node),
        Value::Map(pairs) => {
            for pair in pairs {
                scalars(&pair.value, &pair.key, see);
            }
        }
        Value::List(items) => {
            for item in items {
                scalars(item, key, see);
            }
        }
        Value::Empty => {}
    }
}

/// Every map below a node, itself included, outer ones first.
pub(super) fn maps(node: &Node, see: &mut dyn FnMut(&Node)) {
    match &node.value {
        Value::Map(pairs) => {
            see(node);
            for pair in pairs {
                maps(&pair.value, see);
            }
        }
        Value::List(items) => {
            for item in items {
                maps(item, see);
            }
        }
        _ => {}
    }
}

/// The bytes from `at` on that `belongs` holds for, as text.
pub(super) fn word(bytes: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> &str {
    let rest = bytes.get(at..).unwrap_or_default();
    let rest = &rest[..rest.len().min(MAX_NAME)];
    let length = rest.iter().take_while(|&&byte| byte.is_ascii() && belongs(byte)).count();
    std::str::from_utf8(&rest[..length]).unwrap_or_default()
}

/// True where the byte before `at` does not go on a name.
pub(super) fn begins(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| bytes.get(before))
        .is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'.'))
}

/// Offsets of a word in a part of a text.
pub(super) fn finds<'b>(bytes: &'b [u8], place: &Range<usize>, word: &'b [u8]) -> impl Iterator<Item = usize> + 'b {
    let start = place.start;
    memchr::memmem::find_iter(bytes.get(place.clone()).unwrap_or_default(), word).map(move |at| start + at)
}
