//! Ansible: plays, tasks and variables.

use super::super::keys::KeyPath;
use super::super::kind;
use super::super::tree::{Node, Text};
use super::super::walk::Out;

/// Keys of a task that are no module.
const TASK: &[&str] =
    &["tasks", "hosts", "roles", "block", "ansible.builtin.include_tasks", "become", "register", "no_log"];
/// Folders of variables.
const FOLDERS: &[&str] = &["group_vars/", "host_vars/", "vars/", "defaults/"];

/// A playbook, a file of tasks, or a file of variables by its folder.
pub(super) fn is(path: &str, document: &Node) -> bool {
    variables(path) || document.items().iter().any(|item| TASK.iter().any(|key| item.has(key)))
}

fn variables(path: &str) -> bool {
    FOLDERS.iter().any(|folder| kind::has_folder(path, folder))
}

pub(super) fn read(path: &str, text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    // Defaults of a role are meant to be overridden.
    out.structure.deployed |= !path.contains("defaults/");
    if variables(path) {
        for pair in document.pairs() {
            out.means(text, &pair.value.place, format_args!("Ansible: variable \"{}\"", pair.key));
        }
    }
    tasks(text, document, out, 0);
}

fn tasks(text: &Text<'_>, list: &Node, out: &mut Out<'_>, depth: usize) {
    if depth > 8 {
        return;
    }
    for task in list.items() {
        let name = task.text_of("name", text.bytes).unwrap_or_default();
        let of = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
        let what = if task.has("hosts") { "play" } else { "task" };
        for pair in task.pairs() {
            match pair.key.as_str() {
                "tasks" | "pre_tasks" | "post_tasks" | "handlers" | "block" | "rescue" | "always" => {
                    tasks(text, &pair.value, out, depth + 1);
                }
                "vars" => {
                    out.means(text, &pair.value.place, format_args!("Ansible: variable of {what}{of}"));
                }
                "shell" | "command" | "ansible.builtin.shell" | "ansible.builtin.command" | "raw" => {
                    out.means(text, &pair.value.place, format_args!("Ansible: command of task{of}"));
                    out.shell(text, &pair.value, &mut KeyPath::from_iter([&*pair.key]));
                }
                _ => {
                    out.means(text, &pair.value.place, format_args!("Ansible: {} of {what}{of}", pair.key));
                }
            }
        }
    }
}
