//! Terraform: defaults of variables, arguments of resources, values of variables, state.

use super::super::keys::KeyPath;
use super::super::tree::{Node, Pair, Text};
use super::super::walk::Out;

/// Arguments that hold a secret whatever their name says.
const SECRETS: &[(&str, &str)] = &[
    ("aws_secretsmanager_secret_version", "secret_string"),
    ("azurerm_key_vault_secret", "value"),
    ("google_secret_manager_secret_version", "secret_data"),
    ("github_actions_secret", "plaintext_value"),
    ("github_actions_organization_secret", "plaintext_value"),
    ("github_dependabot_secret", "plaintext_value"),
    ("cloudflare_workers_secret", "secret_text"),
    ("heroku_config", "sensitive_vars"),
];

pub(super) fn read(path: &str, text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    out.structure.deployed = true;
    let values = path.contains(".tfvars");
    for pair in document.pairs() {
        match pair.key.as_str() {
            "variable" => labels(&pair.value, |name, body| variable(text, name, body, out)),
            "resource" | "data" | "ephemeral" => labels(&pair.value, |kind, named| {
                labels(named, |name, body| resource(text, kind, name, body, out));
            }),
            "locals" => labels(&pair.value, |name, body| {
                out.means(text, &body.place, format_args!("Terraform: local value \"{name}\""));
            }),
            "provider" | "module" | "output" | "backend" | "terraform" => labels(&pair.value, |name, body| {
                out.means(text, &body.place, format_args!("Terraform: {} \"{name}\"", pair.key));
            }),
            name if values => {
                out.means(text, &pair.value.place, format_args!("Terraform: value of variable \"{name}\""));
            }
            _ => {}
        }
    }
}

fn labels(node: &Node, mut each: impl FnMut(&str, &Node)) {
    for Pair { key, value } in node.pairs() {
        each(key, value);
    }
}

fn variable(text: &Text<'_>, name: &str, body: &Node, out: &mut Out<'_>) {
    let Some(default) = body.get("default") else { return };
    let word = body.get("sensitive").and_then(|node| text.bytes.get(node.place.clone()));
    let sensitive = word.is_some_and(|word| word == b"true");
    let what = if sensitive { ", which is marked sensitive" } else { "" };
    out.means(text, &default.place, format_args!("Terraform: default of variable \"{name}\"{what}"));
    if let (true, Some(scalar)) = (sensitive, default.scalar()) {
        out.given(text, &KeyPath::from_iter(["variable", name, "default"]), &scalar.pieces);
    }
}

fn resource(text: &Text<'_>, kind: &str, name: &str, body: &Node, out: &mut Out<'_>) {
    for Pair { key, value } in body.pairs() {
        out.means(text, &value.place, format_args!("Terraform: {key} of {kind}.{name}"));
        let parameter = kind == "aws_ssm_parameter"
            && key == "value"
            && body.text_of("type", text.bytes).is_some_and(|kind| kind == "SecureString");
        if !parameter && !SECRETS.contains(&(kind, key)) {
            continue;
        }
        if let Some(scalar) = value.scalar().filter(|scalar| scalar.quoted) {
            out.given(text, &KeyPath::from_iter(["resource", kind, name, key]), &scalar.pieces);
        }
    }
}

pub(super) fn is_state(document: &Node) -> bool {
    document.has("terraform_version") && (document.has("resources") || document.has("modules"))
}

/// State: what was made, passwords among it, in clear.
pub(super) fn state(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    out.structure.deployed = true;
    for output in document.get("outputs").map(Node::pairs).unwrap_or_default() {
        let name = &output.key;
        out.means(text, &output.value.place, format_args!("Terraform state: output \"{name}\""));
        let word = output.value.get("sensitive").and_then(|node| text.bytes.get(node.place.clone()));
        let value = output.value.get("value").and_then(Node::scalar);
        if let (true, Some(scalar)) = (word == Some(b"true".as_slice()), value) {
            out.given(text, &KeyPath::from_iter(["outputs", name]), &scalar.pieces);
        }
    }
    for resource in document.get("resources").map(Node::items).unwrap_or_default() {
        let kind = resource.text_of("type", text.bytes).unwrap_or_default();
        let name = resource.text_of("name", text.bytes).unwrap_or_default();
        out.means(text, &resource.place, format_args!("Terraform state: attribute of {kind}.{name}"));
        // `"type": "random_password", "name": "db"`: names, whatever they sound like.
        if let (Some(kind), Some(name)) = (resource.get("type"), resource.get("name")) {
            let place = kind.place.start.min(name.place.start)..kind.place.end.max(name.place.end);
            if place.len() < 256 {
                out.no_secret(text, &place, "names of a resource");
            }
        }
        if kind != "random_password" {
            continue;
        }
        for instance in resource.get("instances").map(Node::items).unwrap_or_default() {
            if let Some(scalar) = instance.at(&["attributes", "result"]).and_then(Node::scalar) {
                let path = KeyPath::from_iter([&*kind, &*name, "result"]);
                out.given(text, &path, &scalar.pieces);
            }
        }
    }
}
