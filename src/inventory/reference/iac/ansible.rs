//! Ansible: tasks whose module makes an account or a key.

use super::super::{Out, policy};
use super::declare::{Declared, declare};
use super::{Dialect, Reader, table};
use crate::format::tree::{Node, Pair};
use crate::inventory::reference::File;

/// Where lists of tasks stand, in plays and in blocks.
const TASKS: &[&str] = &["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"];
/// Blocks in blocks are followed this deep.
const MAX_NESTED: usize = 8;

/// Reads a playbook or a list of tasks.
pub(super) fn read(file: &File<'_>, tree: &Node, out: &mut Out) {
    tasks(&Reader::new(file, Dialect::Plain), tree, 0, out);
}

fn tasks(reader: &Reader<'_>, list: &Node, depth: usize, out: &mut Out) {
    for task in list.items() {
        for Pair { key, value } in task.pairs() {
            if TASKS.contains(&key.as_str()) && depth < MAX_NESTED {
                tasks(reader, value, depth + 1, out);
                continue;
            }
            // `amazon.aws.iam_user`, or the module's name alone.
            let module = key.rsplit('.').next().unwrap_or(key);
            let Some(kind) = table::find(&format!("ansible:{module}")) else { continue };
            let state = value.get("state").and_then(|node| reader.literal(node));
            if value.pairs().is_empty() || state.as_deref() == Some("absent") {
                continue;
            }
            // A computed name tells which tasks mean the same account.
            let shown = |path: &str| policy::values(value, path).first().map(|node| reader.shown(node));
            let named = kind.fields.iter().find_map(|(_, path)| reader.literal_at(value, path));
            let named = named.or_else(|| kind.fields.iter().find_map(|(_, path)| shown(path)));
            let at = value.place.start;
            let name = format!("{key} {}", named.unwrap_or_else(|| format!("line {}", reader.file.line(at))));
            declare(reader, &Declared::new(kind, name, value), out);
        }
    }
}
