//! `CloudFormation` and SAM templates in YAML and JSON, and the resources of a Serverless Framework file.

use super::super::Out;
use super::super::policy::{self, aws};
use super::declare::{Declared, declare};
use super::{Dialect, Reader, has, table};
use crate::format::tree::{Node, Value};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, Source, StorageState};
use crate::inventory::reference::File;

/// Reads a template's resources.
pub(super) fn read(file: &File<'_>, tree: &Node, out: &mut Out) {
    let reader = Reader::new(file, Dialect::CloudFormation);
    let own = tree.get("Resources");
    let nested = tree.at(&["resources", "Resources"]);
    for resource in own.into_iter().chain(nested).flat_map(Node::pairs) {
        let Some(word) = resource.value.get("Type").and_then(|node| reader.literal(node)) else { continue };
        let Some(kind) = table::find(&word).filter(|_| word.contains("::")) else { continue };
        // A function with a role of its own gets none made.
        if word == "AWS::Serverless::Function" && resource.value.at(&["Properties", "Role"]).is_some() {
            continue;
        }
        let empty = Node::default();
        let body = resource.value.get("Properties").unwrap_or(&empty);
        let declared = Declared { at: resource.value.place.start, ..Declared::new(kind, resource.key.clone(), body) };
        declare(&reader, &declared, out);
    }
    if tree.has("service") && tree.has("functions") {
        serverless(&reader, tree, out);
    }
}

/// The role that the Serverless Framework makes for a service's functions (`provider.iam.role.statements`).
fn serverless(reader: &Reader<'_>, tree: &Node, out: &mut Out) {
    let file = reader.file;
    let statements =
        tree.at(&["provider", "iam", "role", "statements"]).or_else(|| tree.at(&["provider", "iamRoleStatements"]));
    let Some(statements) = statements.filter(|node| policy::items(node).any(|item| has(item, "Effect"))) else {
        return;
    };
    let at = statements.place.start;
    let fingerprint = reader.address("provider.iam.role");
    let meaning = Some("provider.iam.role, the role of the service's functions".to_owned());
    let facts = out.note(file, FingerprintKind::Reference, fingerprint, StorageState::Federated, at, meaning);
    let basis = file.basis(at);
    for (field, value) in [
        (Field::Kind, Kind::WorkloadIdentity.name()),
        (Field::Provider, "aws"),
        (Field::Mode, Mode::ShortLived.name()),
        (Field::Name, "provider.iam.role"),
    ] {
        facts.claim(field, Source::Infrastructure, value, &basis);
    }
    if let Some(service) = tree.get("service").and_then(|node| reader.literal(node)) {
        facts.claim(Field::Application, Source::Infrastructure, service, &basis);
    }
    let grants = aws::statements(statements, file.bytes).into_iter().map(|grant| (basis.clone(), grant));
    policy::claim(facts, Source::Infrastructure, &grants.collect::<Vec<_>>());
}

/// Logical ids that a value names: `!Ref X`, `!GetAtt X.Arn`, `!Sub "${X}"`, and the same as JSON.
pub(super) fn references(node: &Node, file: &File<'_>, out: &mut Vec<String>) {
    let first = |text: &str| text.split('.').next().unwrap_or(text).trim().to_owned();
    match &node.value {
        Value::Scalar(_) => {
            let Some(text) = node.text(file.bytes) else { return };
            match file.text(&node.tag).as_ref() {
                "!Ref" | "!GetAtt" => out.push(first(&text)),
                "!Sub" => substituted(&text, out),
                _ => {}
            }
        }
        Value::List(items) => match (file.text(&node.tag).as_ref(), items.first()) {
            ("!GetAtt", Some(name)) => out.extend(name.text(file.bytes).map(|text| first(&text))),
            ("!Sub", Some(text)) => {
                if let Some(text) = text.text(file.bytes) {
                    substituted(&text, out);
                }
            }
            _ => items.iter().for_each(|item| references(item, file, out)),
        },
        Value::Map(pairs) => {
            for pair in pairs {
                let named = policy::items(&pair.value).next().and_then(|name| name.text(file.bytes));
                match (pair.key.as_str(), named) {
                    ("Ref" | "Fn::GetAtt", Some(name)) => out.push(first(&name)),
                    ("Fn::Sub", Some(text)) => substituted(&text, out),
                    _ => references(&pair.value, file, out),
                }
            }
        }
        Value::Empty => {}
    }
}

/// `${X}` and `${X.Arn}` of a text; `${AWS::…}` and `${!…}` are no resources.
fn substituted(text: &str, out: &mut Vec<String>) {
    for part in text.split("${").skip(1) {
        let name = part.split(['}', '.']).next().unwrap_or_default().trim();
        if !name.is_empty() && !name.starts_with("AWS::") && !name.starts_with('!') {
            out.push(name.to_owned());
        }
    }
}
