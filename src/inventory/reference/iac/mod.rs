//! Identities declared in infrastructure as code: Terraform and its state, `CloudFormation`, ARM and Bicep, Ansible, Crossplane.
//!
//! A dialect's reader finds the declarations of a file; [`table`] tells what each type of resource is, which of its attributes
//! say something of the identity, and which give rights to another one.

mod ansible;
mod arm;
mod bicep;
mod cloudformation;
mod crossplane;
mod declare;
mod state;
mod table;
pub(super) mod tags;
mod terraform;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{File, Out};
use crate::format::tree::{Node, Value};
use crate::format::{Data, data_format};

/// True where a file's name says that it may declare something.
pub(super) fn wants(path: &str) -> bool {
    data_format(path).is_some_and(|data| data != Data::Toml) || is(path, "bicep") || is(path, "template")
}

/// Reads a file by what it is.
pub(super) fn read(file: &File<'_>, out: &mut Out) {
    if is(file.path, "bicep") {
        return arm::bicep(file, out);
    }
    let Some((data, trees)) = file.trees() else { return };
    for tree in trees {
        match data {
            Data::Hcl => terraform::read(file, tree, out),
            Data::Json if is(file.path, "tfstate") => state::read(file, tree, out),
            Data::Json if file.path.ends_with(".tf.json") => terraform::read(file, tree, out),
            Data::Json | Data::Yaml => {
                declare::document_file(file, tree, out);
                cloudformation::read(file, tree, out);
                arm::read(file, tree, out);
                if data == Data::Yaml {
                    ansible::read(file, tree, out);
                    crossplane::read(file, tree, out);
                }
            }
            Data::Toml => {}
        }
    }
}

fn is(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
}

/// How a file writes references between its parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dialect {
    Terraform,
    CloudFormation,
    /// ARM templates: expressions in `[…]`; resources are known by the words of their names.
    Arm,
    Bicep,
    /// Names as they are: Ansible, Crossplane.
    Plain,
}

/// A file with its dialect, and what its addresses begin with.
struct Reader<'a> {
    file: &'a File<'a>,
    dialect: Dialect,
    scope: String,
    /// It is deployed to a subscription or what holds several.
    wide: bool,
    /// Names of roles, with the texts they stand for.
    roles: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    /// Addresses hold within the file, or for Terraform within its folder, as its modules do.
    fn new(file: &'a File<'a>, dialect: Dialect) -> Self {
        let (word, place) = match dialect {
            Dialect::Terraform => ("terraform", file.path.rsplit_once('/').map_or("", |(folder, _)| folder)),
            Dialect::CloudFormation => ("cloudformation", file.path),
            Dialect::Arm => ("arm", file.path),
            Dialect::Bicep => ("bicep", file.path),
            Dialect::Plain => ("declared", file.path),
        };
        Self {
            file,
            dialect,
            scope: format!("{word}:{}:{place}", file.repository),
            wide: false,
            roles: BTreeMap::new(),
        }
    }

    /// The full form of an address of this file.
    fn address(&self, name: &str) -> String {
        format!("{}:{name}", self.scope)
    }

    /// A text that stands there as it will be; `None` for what is computed.
    fn literal(&self, node: &Node) -> Option<String> {
        let text = node.text(self.file.bytes)?;
        let text = text.trim();
        let tag = self.file.text(&node.tag);
        let computed = ["${", "%{", "{{", "<%", "$(", "<"].iter().any(|part| text.contains(part))
            || text.starts_with('[') && self.dialect == Dialect::Arm
            || !tag.is_empty() && tag != "!Sub" && !tag.starts_with("!!");
        (!text.is_empty() && !computed && text != "null" && text != "~").then(|| text.to_owned())
    }

    /// A literal, or how the value is written.
    fn shown(&self, node: &Node) -> String {
        self.literal(node).unwrap_or_else(|| super::policy::brief(self.file.text(&node.place).trim_matches('"')))
    }

    /// The literal of a path of keys; of a list the first.
    fn literal_at(&self, body: &Node, path: &str) -> Option<String> {
        super::policy::values(body, path).into_iter().flat_map(super::policy::items).find_map(|node| self.literal(node))
    }

    /// The places that an expression refers to, as names of this file's addresses.
    fn references(&self, node: &Node) -> Vec<String> {
        let mut out = Vec::new();
        match self.dialect {
            Dialect::Terraform => terraform::references(&self.file.text(&node.place), &mut out),
            Dialect::CloudFormation => cloudformation::references(node, self.file, &mut out),
            Dialect::Arm => quoted(&self.file.text(&node.place), &mut out),
            Dialect::Bicep => bicep::names(&self.file.text(&node.place), &mut out),
            Dialect::Plain => out.extend(self.literal(node)),
        }
        out
    }

    /// The text of a scalar, computed or not.
    fn text<'n>(&self, node: &'n Node) -> Option<Cow<'n, str>>
    where
        'a: 'n,
    {
        node.text(self.file.bytes)
    }
}

/// Words in single quotes: names in ARM's expressions.
fn quoted(text: &str, out: &mut Vec<String>) {
    out.extend(text.split('\'').skip(1).step_by(2).filter(|word| !word.is_empty()).map(str::to_owned));
}

/// `2026-01-31`, with a time or without, as RFC 3339; `None` for anything else.
fn date(text: &str) -> Option<String> {
    let digits = |range: std::ops::Range<usize>| text.get(range).is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if !(digits(0..4) && digits(5..7) && digits(8..10) && dashes) {
        return None;
    }
    if text.len() == 10 {
        return Some(format!("{text}T00:00:00Z"));
    }
    let timestamp: jiff::Timestamp = text.parse().ok()?;
    Some(timestamp.to_string())
}

/// Days of a number of days, or of a span with its unit: `90`, `90d`, `7776000s`, `2160h`, `P90D`, `rate(30 days)`.
fn days(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(&text);
    let text = text.strip_prefix('p').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: u64 = number.parse().ok()?;
    let days = match unit.trim() {
        "" | "d" | "day" | "days" => number,
        "h" | "hour" | "hours" if number.is_multiple_of(24) => number / 24,
        "s" if number.is_multiple_of(86_400) => number / 86_400,
        _ => return None,
    };
    (days > 0).then(|| days.to_string())
}

/// True for a map with a key, or a list of such.
fn has(node: &Node, key: &str) -> bool {
    matches!(node.value, Value::Map(_)) && node.has(key)
}
