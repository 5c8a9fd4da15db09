//! Owners that a resource carries itself: labels and annotations of Kubernetes objects.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{Answer, Voice, rank};
use crate::format::tree::{Node, Pair};
use crate::format::{Data, data_format};
use crate::inventory::kind::{Field, Source};
use crate::inventory::record::Role;
use crate::inventory::reference::File;

/// Keys of tags and labels that name who answers for a resource, without the domain before `/`, case and signs.
const TECHNICAL: &[&str] = &["owner", "ownedby", "technicalowner", "serviceowner", "team", "squad", "maintainer"];
/// Those that name who answers for its purpose.
const BUSINESS: &[&str] = &["businessowner", "productowner", "dataowner"];
/// The label of the application a resource belongs to (kubernetes.io, "Recommended Labels").
const PART_OF: &str = "app.kubernetes.io/part-of";

/// The label for who is responsible for an image (OCI image specification, "Pre-Defined Annotation Keys").
const AUTHORS: &str = "org.opencontainers.image.authors";
/// The label for an image's title, by the same specification.
const TITLE: &str = "org.opencontainers.image.title";

/// What the owner of a tag or label answers for; `None` where the key names no owner.
pub fn role_of_tag(key: &str) -> Option<Role> {
    let plain = plain(key);
    if TECHNICAL.contains(&plain.as_str()) {
        Some(Role::Technical)
    } else if BUSINESS.contains(&plain.as_str()) {
        Some(Role::Business)
    } else {
        None
    }
}

fn plain(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What the labels of an image say. Those for maintainers come down from the image it was built on: they count for little.
pub(super) fn of_image<'l>(image: &str, labels: impl Iterator<Item = &'l (String, String)>) -> Answer {
    let mut answer = Answer::default();
    for (key, value) in labels.filter(|(_, value)| !value.trim().is_empty()) {
        let basis = format!("{image} config:Labels:{key}");
        let source = format!("image label {key}");
        let inherited = key == AUTHORS || plain(key) == "maintainer";
        let (rank, confidence) = if inherited { (rank::PACKAGE, "low") } else { (rank::INFRASTRUCTURE, "high") };
        if let Some(role) = role_of_tag(key).or(inherited.then_some(Role::Technical)) {
            answer.owner(role, value.trim(), Voice { rank, source: &source, confidence }, basis);
        } else if key == TITLE {
            answer.claim(Field::Application, Source::Tag, value.trim(), basis);
        }
    }
    if answer.owners.is_empty() {
        answer.silent(format!("image: no label of {image} names an owner, a team or authors"));
    }
    answer
}

/// The objects of one file.
pub(super) struct Entry {
    path: String,
    objects: Vec<Object>,
}

struct Object {
    lines: RangeInclusive<u64>,
    /// Key, value and place of each label and annotation that says something of owners.
    labels: Vec<(String, String, String)>,
}

/// The objects of the files that hold identities.
#[derive(Default)]
pub(super) struct Labels(BTreeMap<String, Vec<Object>>);

/// True for names of files that may hold objects.
pub(super) fn wants(name: &str) -> bool {
    matches!(data_format(name), Some(Data::Yaml | Data::Json))
}

/// The objects of a file that carry such labels.
pub(super) fn read(file: &File<'_>) -> Option<Entry> {
    let (_, trees) = file.trees()?;
    let mut objects = Vec::new();
    for tree in trees {
        let items = tree.get("items").map(Node::items).unwrap_or_default();
        objects.extend(std::iter::once(tree).chain(items).filter_map(|node| object(file, node)));
    }
    (!objects.is_empty()).then(|| Entry { path: file.path.to_owned(), objects })
}

fn object(file: &File<'_>, node: &Node) -> Option<Object> {
    let metadata = node.get("metadata").filter(|_| node.has("apiVersion") && node.has("kind"))?;
    let pairs = ["labels", "annotations"].into_iter().filter_map(|key| metadata.get(key)).flat_map(Node::pairs);
    let label = |pair: &Pair| {
        let value = pair.value.text(file.bytes)?.trim().to_owned();
        let told = role_of_tag(&pair.key).is_some() || pair.key == PART_OF;
        (told && !value.is_empty() && !value.contains("{{"))
            .then(|| (pair.key.clone(), value, file.basis(pair.value.place.start)))
    };
    let labels: Vec<_> = pairs.filter_map(label).collect();
    let lines = file.line(node.place.start)..=file.line(node.place.end);
    (!labels.is_empty()).then_some(Object { lines, labels })
}

impl Labels {
    /// Adds a file.
    pub(super) fn add(&mut self, entry: Entry) {
        self.0.insert(entry.path, entry.objects);
    }

    /// What the object that holds a line says.
    pub(super) fn of(&self, path: &str, line: u64, answer: &mut Answer) {
        let objects = self.0.get(path).map(Vec::as_slice).unwrap_or_default();
        // The innermost of objects that hold the line: an item of a list stands behind the list.
        let Some(object) = objects.iter().rev().find(|object| object.lines.contains(&line)) else { return };
        for (key, value, basis) in &object.labels {
            if let Some(role) = role_of_tag(key) {
                let voice = Voice { rank: rank::INFRASTRUCTURE, source: &format!("label {key}"), confidence: "high" };
                answer.owner(role, value, voice, basis.clone());
                if matches!(plain(key).as_str(), "team" | "squad") {
                    answer.claim(Field::Team, Source::Tag, value, basis.clone());
                }
            } else {
                answer.claim(Field::Application, Source::Tag, value, basis.clone());
            }
        }
    }
}
