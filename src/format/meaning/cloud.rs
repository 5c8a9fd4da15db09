//! Templates of clouds: `CloudFormation`, Azure Resource Manager, Pulumi.

use super::super::keys::KeyPath;
use super::super::tree::{Node, Scalar, Text, Value};
use super::super::walk::Out;

/// True where the document was one of them.
pub(super) fn read(text: &Text<'_>, document: &Node, out: &mut Out<'_>) -> bool {
    if is_cloudformation(text, document) {
        cloudformation(text, document, out);
        return true;
    }
    let schema = document.text_of("$schema", text.bytes).unwrap_or_default();
    if schema.contains("deploymentTemplate") || schema.contains("deploymentParameters") {
        azure(text, document, out);
        return true;
    }
    if is_pulumi(document) {
        pulumi(text, document, out);
        return true;
    }
    false
}

fn is_cloudformation(text: &Text<'_>, document: &Node) -> bool {
    let resource = |node: &Node| node.text_of("Type", text.bytes).is_some_and(|kind| kind.starts_with("AWS::"));
    document.has("AWSTemplateFormatVersion")
        || document.get("Resources").is_some_and(|all| all.pairs().iter().any(|pair| resource(&pair.value)))
}

fn cloudformation(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    out.structure.deployed = true;
    for parameter in document.get("Parameters").map(Node::pairs).unwrap_or_default() {
        let name = &parameter.key;
        let Some(default) = parameter.value.get("Default") else { continue };
        let hidden = parameter.value.get("NoEcho").is_some_and(|echo| {
            let word = text.bytes.get(echo.place.clone()).unwrap_or_default();
            !matches!(word.trim_ascii(), b"false" | b"\"false\"" | b"'false'" | b"no")
        });
        let what = if hidden { ", which NoEcho hides in the console only" } else { "" };
        out.means(text, &default.place, format_args!("CloudFormation: default of parameter \"{name}\"{what}"));
        if let (true, Some(scalar)) = (hidden, default.scalar()) {
            out.given(text, &KeyPath::from_iter(["Parameters", name, "Default"]), &scalar.pieces);
        }
    }
    for resource in document.get("Resources").map(Node::pairs).unwrap_or_default() {
        let kind = resource.value.text_of("Type", text.bytes).unwrap_or_default();
        let what = format_args!("CloudFormation: property of {kind} \"{}\"", resource.key);
        out.means(text, &resource.value.place, what);
        references(text, &resource.value, out, 0);
    }
}

/// `{"Ref": "X"}`, `Fn::GetAtt`, `Fn::ImportValue`.
fn references(text: &Text<'_>, node: &Node, out: &mut Out<'_>, depth: usize) {
    if depth > 32 {
        return;
    }
    match &node.value {
        Value::Map(pairs) => {
            for pair in pairs {
                if matches!(pair.key.as_str(), "Ref" | "Fn::GetAtt" | "Fn::ImportValue" | "Fn::FindInMap") {
                    out.no_secret(text, &pair.value.place, "a reference of CloudFormation");
                } else {
                    references(text, &pair.value, out, depth + 1);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| references(text, item, out, depth + 1)),
        _ => {}
    }
}

fn azure(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    out.structure.deployed = true;
    for parameter in document.get("parameters").map(Node::pairs).unwrap_or_default() {
        let name = &parameter.key;
        let kind = parameter.value.text_of("type", text.bytes).unwrap_or_default().to_ascii_lowercase();
        for (key, what) in [("defaultValue", "default of parameter"), ("value", "value of parameter")] {
            let Some(value) = parameter.value.get(key) else { continue };
            out.means(text, &value.place, format_args!("Azure Resource Manager: {what} \"{name}\""));
            let path = KeyPath::from_iter(["parameters", name, key]);
            // `[newGuid()]` is made when the template runs.
            let made = |scalar: &&Scalar| scalar.text(text.bytes).starts_with(b"[");
            if let Some(scalar) = value.scalar().filter(|scalar| kind.starts_with("secure") && !made(scalar)) {
                out.given(text, &path, &scalar.pieces);
            }
        }
        if let Some(reference) = parameter.value.get("reference") {
            out.no_secret(text, &reference.place, "a reference to a key vault");
        }
    }
    for resource in document.get("resources").map(Node::items).unwrap_or_default() {
        let kind = resource.text_of("type", text.bytes).unwrap_or_default();
        out.means(text, &resource.place, format_args!("Azure Resource Manager: property of {kind}"));
        expressions(text, resource, out, 0);
    }
}

/// `[parameters('adminPassword')]`.
fn expressions(text: &Text<'_>, node: &Node, out: &mut Out<'_>, depth: usize) {
    match &node.value {
        Value::Scalar(scalar) => {
            let own = scalar.text(text.bytes);
            if own.starts_with(b"[") && own.ends_with(b"]") {
                out.no_secret(text, &node.place, "an expression of the template");
            }
        }
        Value::Map(pairs) if depth < 32 => {
            for pair in pairs {
                expressions(text, &pair.value, out, depth + 1);
            }
        }
        Value::List(items) if depth < 32 => items.iter().for_each(|item| expressions(text, item, out, depth + 1)),
        _ => {}
    }
}

/// `Pulumi.dev.yaml`: a `config` whose keys are `project:name`.
fn is_pulumi(document: &Node) -> bool {
    let config = document.get("config").map(Node::pairs).unwrap_or_default();
    !config.is_empty() && config.iter().all(|pair| pair.key.contains(':')) || document.has("encryptionsalt")
}

fn pulumi(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    out.structure.deployed = true;
    for key in ["encryptionsalt", "encryptedkey"] {
        if let Some(node) = document.get(key) {
            out.no_secret(text, &node.place, "ciphertext: it opens with the stack's passphrase or key");
        }
    }
    for pair in document.get("config").map(Node::pairs).unwrap_or_default() {
        if let Some(sealed) = pair.value.get("secure") {
            out.no_secret(text, &sealed.place, "sealed by Pulumi");
        } else {
            out.means(text, &pair.value.place, format_args!("Pulumi: plain value of \"{}\"", pair.key));
        }
    }
}
