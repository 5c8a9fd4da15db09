//! Terraform's state, format 4: what was made, with dates, ids and accounts; never a value.

use super::super::Out;
use super::declare::{Declared, declare};
use super::{Dialect, Reader, table};
use crate::format::tree::{Node, Value};
use crate::inventory::reference::File;

/// Attributes that hold a credential in clear.
const VALUES: &[&str] = &[
    "secret",
    "ses_smtp_password_v4",
    "password",
    "master_password",
    "result",
    "private_key",
    "private_key_pem",
    "private_key_openssh",
    "secret_string",
    "value",
    "secret_data",
    "token",
    "client_secret",
    "key",
    "service_password",
    "plaintext_value",
    "data_json",
    "administrator_login_password",
];

/// Reads `resources[].instances[].attributes`.
pub(super) fn read(file: &File<'_>, tree: &Node, out: &mut Out) {
    let reader = Reader::new(file, Dialect::Terraform);
    for resource in tree.get("resources").map(Node::items).unwrap_or_default() {
        let text = |key: &str| resource.get(key).and_then(|node| reader.literal(node));
        if text("mode").as_deref() != Some("managed") {
            continue;
        }
        let (Some(word), Some(label)) = (text("type"), text("name")) else { continue };
        let Some(kind) = table::find(&word).filter(|kind| kind.kind.is_some()) else { continue };
        let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
        for instance in resource.get("instances").map(Node::items).unwrap_or_default() {
            let Some(body) = instance.get("attributes") else { continue };
            let index = instance.get("index_key").map(|node| format!("[{}]", file.text(&node.place)));
            let name = format!("{module}{word}.{label}{}", index.unwrap_or_default());
            let in_clear = VALUES.iter().any(|name| body.get(name).is_some_and(is_filled));
            declare(&reader, &Declared { in_clear, ..Declared::new(kind, name, body) }, out);
        }
    }
}

fn is_filled(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.quoted && !scalar.pieces.is_empty(),
        _ => false,
    }
}
