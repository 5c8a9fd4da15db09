//! What changed between two registers, and what a person is tied to, for people and for tools.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::str::FromStr;

use serde_json::json;

use super::row::first_location;
use crate::inventory::diff::{Change, Event, described, label};
use crate::inventory::offboard::Tie;
use crate::inventory::record::Identity;
use crate::report::escape::escaped;

/// A form of lists about a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiffFormat {
    /// Lines for a terminal.
    Human,
    /// One JSON document.
    Json,
    /// A comment on a pull request.
    Markdown,
}

impl FromStr for DiffFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            "markdown" => Ok(Self::Markdown),
            _ => Err("the formats are human, json, markdown".to_owned()),
        }
    }
}

/// Writes what changed. `objections` are what the policy does not allow.
///
/// # Errors
/// `out` cannot be written.
pub fn changes(format: DiffFormat, changes: &[Change], objections: &[String], out: &mut dyn Write) -> io::Result<()> {
    match format {
        DiffFormat::Json => {
            let document =
                json!({ "schema_version": "credlint-inventory-diff/1", "changes": changes, "objections": objections });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)
        }
        DiffFormat::Human => {
            for change in changes {
                writeln!(out, "{}", line(change))?;
            }
            for objection in objections {
                writeln!(out, "not allowed: {}", escaped(objection))?;
            }
            writeln!(out, "{} changes, {} not allowed by policy", changes.len(), objections.len())
        }
        DiffFormat::Markdown => {
            writeln!(out, "### Non-human identities\n")?;
            for objection in objections {
                writeln!(out, "- **not allowed**: {}", markdown(objection))?;
            }
            for change in changes {
                writeln!(out, "- {}", markdown(&line(change)))?;
            }
            if changes.is_empty() {
                writeln!(out, "Nothing changed.")?;
            }
            Ok(())
        }
    }
}

fn line(change: &Change) -> String {
    let Change { event, id, label, of, from, to } = change;
    let text = match event {
        Event::Discovered => format!("adds {label}: {to}"),
        Event::Gone => format!("{label} is gone: {from}"),
        Event::Exposed => format!("{label} is exposed: {from} → {to}"),
        Event::RemovedFromHead => format!("{label} left HEAD and is still in history: rotate it"),
        Event::Rotated => format!("{label} got a new value ({of})"),
        Event::OwnerChanged => format!("{label}: {of} {from} → {to}; review it: rotate or revoke"),
        Event::ScopeExpanded => format!("{label} reaches further: {of} {from} → {to}; review it: reduce or rotate"),
        Event::ReferenceAdded => format!("{label} is used in {to}"),
        Event::ReferenceRemoved => format!("{label} is no longer used in {from}"),
        Event::StateEntered => format!("{label} is {of}: {to}"),
        Event::StateLeft => format!("{label} is no longer {of}"),
        Event::PermissionChanged | Event::Changed => format!("{label}: {of} {from} → {to}"),
    };
    escaped(&format!("{text} [{id}]")).into_owned()
}

/// Text that Markdown leaves as it is.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escaped(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '@' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Writes what a person is tied to.
///
/// # Errors
/// `out` cannot be written.
pub fn offboard(
    format: DiffFormat,
    person: &str,
    found: &[(&Identity, BTreeSet<Tie>)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let words = |ties: &BTreeSet<Tie>| ties.iter().map(|tie| tie.name()).collect::<Vec<_>>().join(", ");
    match format {
        DiffFormat::Json => {
            let rows: Vec<_> = found
                .iter()
                .map(|(row, ties)| {
                    let ties: Vec<_> = ties.iter().map(|tie| tie.name()).collect();
                    json!({ "id": row.id, "label": label(row), "what": described(row), "ties": ties, "first_location": first_location(row) })
                })
                .collect();
            let document =
                json!({ "schema_version": "credlint-inventory-offboard/1", "person": person, "identities": rows });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)
        }
        DiffFormat::Human => {
            for (row, ties) in found {
                let place = first_location(row);
                let line = format!("{}: {} — {}; {place} [{}]", words(ties), label(row), described(row), row.id);
                writeln!(out, "{}", escaped(&line))?;
            }
            writeln!(out, "{} identities are tied to {}", found.len(), escaped(person))
        }
        DiffFormat::Markdown => {
            writeln!(out, "### What {} is tied to\n", markdown(person))?;
            writeln!(out, "| tie | identity | what | where | id |\n|---|---|---|---|---|")?;
            for (row, ties) in found {
                let cells = [words(ties), label(row), described(row), first_location(row), row.id.clone()];
                writeln!(out, "| {} |", cells.map(|cell| markdown(&cell)).join(" | "))?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(markdown("a|b <img src=x> [l](u)\n@team"), "a\\|b \\<img src=x\\> \\[l\\](u)\\\\n\\@team");
    }
}
