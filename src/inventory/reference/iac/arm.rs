//! Azure Resource Manager: JSON templates and Bicep files.

use super::super::{Out, policy};
use super::declare::{Declared, declare};
use super::{Dialect, Reader, bicep, table};
use crate::format::tree::Node;
use crate::inventory::reference::File;

/// Resources within resources are followed this deep.
const MAX_NESTED: usize = 8;

/// Reads a template's resources.
pub(super) fn read(file: &File<'_>, tree: &Node, out: &mut Out) {
    let Some(schema) = tree.get("$schema").and_then(|node| node.text(file.bytes)) else { return };
    let schema = schema.to_ascii_lowercase();
    if !schema.contains("deploymenttemplate.json") {
        return;
    }
    let mut reader = Reader::new(file, Dialect::Arm);
    reader.wide = ["subscription", "managementgroup", "tenant"].iter().any(|scope| schema.contains(scope));
    for pair in tree.get("variables").map(Node::pairs).unwrap_or_default() {
        reader.roles.extend(reader.literal(&pair.value).map(|text| (pair.key.clone(), text)));
    }
    if let Some(resources) = tree.get("resources") {
        nested(&reader, resources, "", 0, out);
    }
}

/// Resources of a list, or of a map by symbolic names; those within them have its type before theirs.
fn nested(reader: &Reader<'_>, resources: &Node, within: &str, depth: usize, out: &mut Out) {
    for resource in resources.items().iter().chain(resources.pairs().iter().map(|pair| &pair.value)) {
        let Some(word) = resource.get("type").and_then(|node| reader.literal(node)) else { continue };
        let word = if within.is_empty() || word.contains('.') { word } else { format!("{within}/{word}") };
        let known_as = names(reader, resource);
        let named = if known_as.is_empty() { String::new() } else { format!(" {}", known_as.join(" ")) };
        assigned(reader, &format!("{word}{named}"), &known_as, resource, out);
        if let Some(kind) = table::find(&word) {
            let declared = Declared::new(kind, format!("{word}{named}"), resource);
            if let Some(subject) = declare(reader, &declared, out) {
                for name in known_as {
                    out.links.declare(reader.address(&name), &subject);
                }
            }
        }
        let own = resource.get("resources").map(|inner| (inner, word.as_str()));
        // A deployment holds a template of its own.
        let template = resource.at(&["properties", "template", "resources"]).map(|inner| (inner, ""));
        for (inner, within) in own.into_iter().chain(template).filter(|_| depth < MAX_NESTED) {
            nested(reader, inner, within, depth + 1, out);
        }
    }
}

/// Words by which other expressions know a resource: its name, or the words of the expression that makes it.
fn names(reader: &Reader<'_>, resource: &Node) -> Vec<String> {
    let Some(name) = resource.get("name") else { return Vec::new() };
    reader.literal(name).map_or_else(|| reader.references(name), |literal| vec![literal])
}

/// The identity that Azure makes for a resource and deletes with it (`identity: {type: 'SystemAssigned'}`). Others speak of it
/// by the resource's name.
pub(super) fn assigned(reader: &Reader<'_>, name: &str, known_as: &[String], body: &Node, out: &mut Out) {
    let identity = policy::values(body, "identity.type").into_iter().find_map(|kind| reader.literal(kind));
    let Some(kind) = identity.filter(|kind| kind.contains("SystemAssigned")).and(table::find("systemAssignedIdentity"))
    else {
        return;
    };
    if let Some(subject) = declare(reader, &Declared::new(kind, format!("{name} identity"), body), out) {
        for name in known_as {
            out.links.declare(reader.address(name), &subject);
        }
    }
}

/// Reads a Bicep file's resources.
pub(super) fn bicep(file: &File<'_>, out: &mut Out) {
    let mut reader = Reader::new(file, Dialect::Bicep);
    let parsed = bicep::parse(file.bytes);
    reader.wide = matches!(parsed.target.as_str(), "subscription" | "managementGroup" | "tenant");
    reader.roles = parsed.roles;
    for resource in parsed.resources {
        assigned(&reader, &resource.name, std::slice::from_ref(&resource.name), &resource.body, out);
        let Some(kind) = table::find(&resource.kind) else { continue };
        let declared = Declared { at: resource.at, ..Declared::new(kind, resource.name, &resource.body) };
        declare(&reader, &declared, out);
    }
}
