//! Terraform and `OpenTofu`: resources, policy documents, local values and provider settings of a module's folder.

use super::super::Out;
use super::super::policy::{self, aws, items, trust};
use super::declare::{Declared, declare};
use super::{Dialect, Reader, arm, table, tags};
use crate::format::tree::{Node, Pair};
use crate::inventory::kind::Source;
use crate::inventory::record::Facts;
use crate::inventory::reference::File;

/// Reads a file's blocks.
pub(super) fn read(file: &File<'_>, tree: &Node, out: &mut Out) {
    let reader = Reader::new(file, Dialect::Terraform);
    for Pair { key, value } in tree.pairs() {
        match key.as_str() {
            "resource" => blocks(&reader, value, "", out),
            "data" => blocks(&reader, value, "data.", out),
            "provider" => provider(&reader, value, out),
            "locals" => items(value).for_each(|body| locals(&reader, body, out)),
            _ => {}
        }
    }
}

/// `resource "TYPE" "NAME" { … }`.
fn blocks(reader: &Reader<'_>, node: &Node, prefix: &str, out: &mut Out) {
    for types in items(node).flat_map(Node::pairs) {
        let full = format!("{prefix}{}", types.key);
        if full.starts_with("azurerm_") {
            for name in items(&types.value).flat_map(Node::pairs) {
                let address = format!("{full}.{}", name.key);
                for body in items(&name.value) {
                    arm::assigned(reader, &address, std::slice::from_ref(&address), body, out);
                }
            }
        }
        let Some(kind) = table::find(&full) else { continue };
        for name in items(&types.value).flat_map(Node::pairs) {
            for body in items(&name.value) {
                if !holds(kind.name, body, reader) {
                    continue;
                }
                let declared = Declared::new(kind, format!("{full}.{}", name.key), body);
                if declare(reader, &declared, out).is_some() {
                    let settings = body.get("provider").map(|node| reader.file.text(&node.place).trim().to_owned());
                    let settings = settings.unwrap_or_else(|| full.split('_').next().unwrap_or_default().to_owned());
                    let settings = settings.trim_matches(['"', '$', '{', '}']);
                    out.links.take(reader.address(&declared.name), reader.address(&format!("provider.{settings}")));
                }
            }
        }
    }
}

/// Types that are a credential only in one form.
fn holds(kind: &str, body: &Node, reader: &Reader<'_>) -> bool {
    match kind {
        "aws_ssm_parameter" => {
            body.get("type").and_then(|node| reader.literal(node)).as_deref() == Some("SecureString")
        }
        "gitlab_project_variable" | "gitlab_group_variable" => {
            let is_set = |key: &str| body.get(key).is_some_and(|node| reader.file.text(&node.place).trim() == "true");
            is_set("masked") || is_set("protected")
        }
        _ => true,
    }
}

/// Settings of a provider hold for its resources; with an alias, for those that name it.
fn provider(reader: &Reader<'_>, node: &Node, out: &mut Out) {
    for named in items(node).flat_map(Node::pairs) {
        let Some(kind) = table::find(&format!("provider.{}", named.key)) else { continue };
        for body in items(&named.value) {
            let alias = body.get("alias").and_then(|node| reader.literal(node));
            let name = alias.map_or_else(|| named.key.clone(), |alias| format!("{}.{alias}", named.key));
            let declared = Declared::new(kind, format!("provider.{name}"), body);
            declare(reader, &declared, out);
        }
    }
}

/// Local values: maps of tags and policy documents that resources use.
fn locals(reader: &Reader<'_>, body: &Node, out: &mut Out) {
    for Pair { key, value } in body.pairs() {
        let address = reader.address(&format!("local.{key}"));
        let mut facts = Facts::default();
        tags::map(reader, value, &mut facts);
        out.links.tell(format!("{address}#tags"), facts);
        for name in reader.references(value).into_iter().filter(|name| name.starts_with("local.")) {
            out.links.take(format!("{address}#tags"), reader.address(&format!("{name}#tags")));
        }
        let basis = reader.file.basis(value.place.start);
        let mut facts = Facts::default();
        let grants = aws::rights(value, reader.file.bytes).into_iter().map(|grant| (basis.clone(), grant));
        policy::claim(&mut facts, Source::Infrastructure, &grants.collect::<Vec<_>>());
        out.links.tell(address.clone(), facts);
        let mut facts = Facts::default();
        super::declare::trusted(reader.file, &trust::trust(value, reader.file.bytes), value.place.start, &mut facts);
        out.links.tell(format!("{address}#trust"), facts);
    }
}

/// The addresses that an expression names: `aws_iam_user.ci` of `aws_iam_user.ci[0].name`, `data.…`, `local.…`, `provider.…`.
pub(super) fn references(text: &str, out: &mut Vec<String>) {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    for word in text.split(|c| !is_word(c)) {
        let mut parts = word.split('.');
        let (Some(first), Some(second)) = (parts.next(), parts.next()) else { continue };
        if second.is_empty() {
            continue;
        }
        match first {
            "data" => {
                if let Some(name) = parts.next().filter(|name| !name.is_empty()) {
                    out.push(format!("data.{second}.{name}"));
                }
            }
            "local" => out.push(format!("local.{second}")),
            // Every resource of Azure may have an identity of its own.
            _ if first.starts_with("azurerm_") && parts.next() == Some("identity") => {
                out.push(format!("{first}.{second}"));
            }
            _ if first.contains('_') && table::find(first).is_some() => out.push(format!("{first}.{second}")),
            _ => {}
        }
    }
    out.sort_unstable();
    out.dedup();
}
