//! Crossplane: managed resources that make accounts and keys, by their API group.

use super::super::Out;
use super::declare::{Declared, declare};
use super::{Dialect, Reader, table};
use crate::format::tree::Node;
use crate::inventory::reference::File;

/// Reads a manifest.
pub(super) fn read(file: &File<'_>, tree: &Node, out: &mut Out) {
    let reader = Reader::new(file, Dialect::Plain);
    let text = |path: &str| reader.literal_at(tree, path);
    let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else { return };
    // `iam.aws.crossplane.io`, `iam.aws.upbound.io`, `iam.aws.m.upbound.io`.
    let group = version.split('/').next().unwrap_or_default();
    let Some(group) = group.strip_suffix(".crossplane.io").or_else(|| group.strip_suffix(".upbound.io")) else {
        return;
    };
    let group = group.strip_suffix(".m").unwrap_or(group);
    let Some(known) = table::find(&format!("{kind}.{group}")) else { return };
    let name = text("metadata.name").unwrap_or_default();
    let declared = Declared::new(known, format!("{kind} {name}").trim_end().to_owned(), tree);
    declare(&reader, &declared, out);
}
