//! Catalogues of services: Backstage, Datadog, `OpsLevel`, Cortex. The nearest file at or above a path counts, for each of them.
//!
//! Written from backstage.io "Descriptor Format of Catalog Entities", docs.datadoghq.com "Entity Model" (v2 to v3.0),
//! docs.opslevel.com "Config as Code (opslevel.yml)" and docs.cortex.io "Defining ownership".

use std::collections::BTreeMap;

use super::{Answer, Voice, folders, joined, rank};
use crate::format::tree::Node;
use crate::inventory::kind::{Field, Source};
use crate::inventory::record::Role;
use crate::inventory::reference::File;

/// A catalogue: its name and those of its files.
struct Dialect {
    name: &'static str,
    files: &'static [&'static str],
    read: fn(&File<'_>, &[Node], &mut Entry),
}

const DIALECTS: &[Dialect] = &[
    Dialect { name: "Backstage", files: &["catalog-info.yaml", "catalog-info.yml"], read: backstage },
    Dialect {
        name: "Datadog",
        files: &["service.datadog.yaml", "service.datadog.yml", "entity.datadog.yaml", "entity.datadog.yml"],
        read: datadog,
    },
    Dialect { name: "OpsLevel", files: &["opslevel.yml"], read: opslevel },
    Dialect { name: "Cortex", files: &["cortex.yaml", "cortex.yml"], read: cortex },
];

/// What one file says.
pub(super) struct Entry {
    path: String,
    owners: Vec<(Role, String, String)>,
    claims: Vec<(Field, String, String)>,
    /// What it leaves out.
    lacks: &'static str,
}

/// The files of a repository.
#[derive(Default)]
pub(super) struct Catalogs(BTreeMap<String, Entry>);

/// True for names of catalogue files.
pub(super) fn wants(name: &str) -> bool {
    DIALECTS.iter().any(|dialect| dialect.files.contains(&name))
}

/// Reads a file; `None` where it is no catalogue.
pub(super) fn read(file: &File<'_>) -> Option<Entry> {
    let dialect = DIALECTS.iter().find(|dialect| dialect.files.contains(&file.name()))?;
    let (_, trees) = file.trees()?;
    let mut entry = Entry { path: file.path.to_owned(), owners: Vec::new(), claims: Vec::new(), lacks: "" };
    (dialect.read)(file, trees, &mut entry);
    Some(entry)
}

impl Catalogs {
    /// Adds a file.
    pub(super) fn add(&mut self, entry: Entry) {
        self.0.insert(entry.path.clone(), entry);
    }

    /// What the nearest file of each catalogue says of a path.
    pub(super) fn of(&self, path: &str, answer: &mut Answer) {
        let mut any = false;
        for dialect in DIALECTS {
            let nearest = folders(path).find_map(|folder| {
                let found: Vec<&Entry> =
                    dialect.files.iter().filter_map(|name| self.0.get(&joined(folder, name))).collect();
                (!found.is_empty()).then_some(found)
            });
            for entry in nearest.into_iter().flatten() {
                any = true;
                for (role, owner, basis) in &entry.owners {
                    let voice = Voice { rank: rank::CATALOG, source: dialect.name, confidence: "high" };
                    answer.owner(*role, owner, voice, basis.clone());
                }
                for (field, value, basis) in &entry.claims {
                    answer.claim(*field, Source::Catalog, value, basis.clone());
                }
                if entry.owners.is_empty() {
                    answer.silent(format!("{}: {} has no {}", dialect.name, entry.path, entry.lacks));
                }
            }
        }
        if !any {
            let place = folders(path).next().filter(|folder| !folder.is_empty()).unwrap_or("the root");
            answer.silent(format!(
                "catalogue: no catalog-info.yaml, service.datadog.yaml, opslevel.yml or cortex.yaml in {place} or above"
            ));
        }
    }
}

impl Entry {
    /// The text under a path of keys, and where it stands. What a template leaves open says nothing.
    fn text(file: &File<'_>, node: &Node, path: &[&str]) -> Option<(String, String)> {
        let value = node.at(path)?;
        let text = value.text(file.bytes)?.trim().to_owned();
        let open = text.is_empty() || text.contains("{{") || text.contains("${") || text == "null" || text == "~";
        (!open).then(|| (text, file.basis(value.place.start)))
    }

    /// An owner; a team is claimed as such.
    fn owner(&mut self, file: &File<'_>, node: &Node, path: &[&str], role: Role) -> bool {
        let Some((owner, basis)) = Self::text(file, node, path) else { return false };
        let team = owner.rsplit('/').next().unwrap_or(&owner);
        let team = team.split_once(':').map_or(team, |(_, name)| name);
        if role == Role::Technical && !owner.starts_with("user:") && !owner.contains('@') {
            self.claims.push((Field::Team, team.to_owned(), basis.clone()));
        }
        self.owners.push((role, owner, basis));
        true
    }

    fn claim(&mut self, file: &File<'_>, node: &Node, path: &[&str], field: Field) {
        if let Some((value, basis)) = Self::text(file, node, path) {
            self.claims.push((field, value, basis));
        }
    }

    /// A `key=value` tag.
    fn tag(&mut self, file: &File<'_>, node: &Node, path: &[&str], key: &str) {
        if let Some((value, basis)) = Self::text(file, node, path) {
            self.claims.push((Field::Tag, format!("{key}={value}"), basis));
        }
    }
}

fn is_kind(file: &File<'_>, node: &Node, kinds: &[&str]) -> bool {
    let kind = node.get("kind").and_then(|kind| kind.text(file.bytes));
    kind.is_some_and(|kind| kinds.iter().any(|known| kind.eq_ignore_ascii_case(known)))
}

/// Components are what has an owner here; a system's owner answers for the business that it serves.
fn backstage(file: &File<'_>, trees: &[Node], entry: &mut Entry) {
    entry.lacks = "spec.owner";
    let of = |kinds: &[&str]| trees.iter().filter(|node| is_kind(file, node, kinds)).collect::<Vec<_>>();
    let mut parts = of(&["Component"]);
    if parts.is_empty() {
        parts = of(&["Resource", "API"]);
    }
    for node in &parts {
        entry.owner(file, node, &["spec", "owner"], Role::Technical);
        entry.claim(file, node, &["spec", "lifecycle"], Field::Lifecycle);
        entry.tag(file, node, &["spec", "system"], "system");
        entry.tag(file, node, &["spec", "type"], "type");
        // The id names a service of PagerDuty; its integration key is a credential and is not read.
        let id = ["metadata", "annotations", "pagerduty.com/service-id"];
        entry.tag(file, node, &id, "pagerduty.com/service-id");
    }
    if let [node] = parts.as_slice() {
        entry.claim(file, node, &["metadata", "name"], Field::Application);
    }
    for node in of(&["System", "Domain"]) {
        entry.owner(file, node, &["spec", "owner"], Role::Business);
    }
}

fn datadog(file: &File<'_>, trees: &[Node], entry: &mut Entry) {
    entry.lacks = "team";
    for node in trees {
        if node.has("dd-service") {
            if !entry.owner(file, node, &["team"], Role::Technical) {
                entry.owner(file, node, &["dd-team"], Role::Technical);
            }
            entry.claim(file, node, &["dd-service"], Field::Application);
            entry.claim(file, node, &["tier"], Field::Criticality);
            entry.claim(file, node, &["lifecycle"], Field::Lifecycle);
            entry.tag(file, node, &["application"], "system");
        } else if node.has("apiVersion") {
            let system = is_kind(file, node, &["system"]);
            let role = if system { Role::Business } else { Role::Technical };
            entry.owner(file, node, &["metadata", "owner"], role);
            for other in node.at(&["metadata", "additionalOwners"]).map(Node::items).unwrap_or_default() {
                entry.owner(file, other, &["name"], role);
            }
            if !system {
                entry.claim(file, node, &["metadata", "name"], Field::Application);
                entry.claim(file, node, &["spec", "tier"], Field::Criticality);
                entry.claim(file, node, &["spec", "lifecycle"], Field::Lifecycle);
            }
        }
    }
}

fn opslevel(file: &File<'_>, trees: &[Node], entry: &mut Entry) {
    entry.lacks = "owner";
    for part in trees.iter().flat_map(|node| ["component", "service", "repository"].map(|key| node.get(key))) {
        let Some(node) = part else { continue };
        entry.owner(file, node, &["owner"], Role::Technical);
        entry.claim(file, node, &["name"], Field::Application);
        entry.claim(file, node, &["tier"], Field::Criticality);
        entry.claim(file, node, &["lifecycle"], Field::Lifecycle);
        entry.tag(file, node, &["product"], "system");
    }
}

fn cortex(file: &File<'_>, trees: &[Node], entry: &mut Entry) {
    entry.lacks = "x-cortex-owners";
    for info in trees.iter().filter_map(|node| node.get("info")) {
        entry.claim(file, info, &["x-cortex-tag"], Field::Application);
        for owner in info.get("x-cortex-owners").map(Node::items).unwrap_or_default() {
            // A Slack channel answers for nothing.
            match Entry::text(file, owner, &["type"]).as_ref().map(|(text, _)| text.as_str()) {
                Some("group") => entry.owner(file, owner, &["name"], Role::Technical),
                Some("email") => entry.owner(file, owner, &["email"], Role::Technical),
                _ => false,
            };
        }
    }
}
