//! Azure Resource Manager: JSON templates and Bicep files.

use super::super::Out;
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
    if let Some(resources) = tree.get("resources") {
        nested(&reader, resources, "", 0, out);
    }
}

/// Resources of a list, or of a map by symbolic names; those within them have its type before theirs.
fn nested(reader: &Reader<'_>, resources: &Node, within: &str, depth: usize, out: &mut Out) {
    for resource in resources.items().iter().chain(resources.pairs().iter().map(|pair| &pair.value)) {
        let Some(word) = resource.get("type").and_then(|node| reader.literal(node)) else { continue };
        let word = if within.is_empty() || word.contains('.') { word } else { format!("{within}/{word}") };
        if let Some(kind) = table::find(&word) {
            // The words of the name's expression are what other expressions know it by.
            let mut known_as = Vec::new();
            if let Some(name) = resource.get("name") {
                match reader.literal(name) {
                    Some(literal) => known_as.push(literal),
                    None => known_as.extend(reader.references(name)),
                }
            }
            let named = if known_as.is_empty() { String::new() } else { format!(" {}", known_as.join(" ")) };
            let declared = Declared::new(kind, format!("{word}{named}"), resource);
            if let Some(subject) = declare(reader, &declared, out) {
                for name in known_as {
                    out.links.declare(reader.address(&name), &subject);
                }
            }
        }
        if let Some(inner) = resource.get("resources").filter(|_| depth < MAX_NESTED) {
            nested(reader, inner, &word, depth + 1, out);
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
        let Some(kind) = table::find(&resource.kind) else { continue };
        let declared = Declared { at: resource.at, ..Declared::new(kind, resource.name, &resource.body) };
        declare(&reader, &declared, out);
    }
}
