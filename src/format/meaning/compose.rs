//! Compose files: environments of services, build arguments, secrets by reference.

use super::super::keys::KeyPath;
use super::super::kind;
use super::super::tree::{Node, Text};
use super::super::walk::Out;

/// By its name, or by services that are built or pulled.
pub(super) fn is(path: &str, document: &Node) -> bool {
    let name = kind::last_part(path);
    let services = document.get("services").map(Node::pairs).unwrap_or_default();
    !services.is_empty()
        && (name.contains("compose")
            || services.iter().any(|service| service.value.has("image") || service.value.has("build")))
}

pub(super) fn read(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    for service in document.get("services").map(Node::pairs).unwrap_or_default() {
        let name = &service.key;
        for part in service.value.pairs() {
            let what = match part.key.as_str() {
                key @ ("environment" | "command" | "entrypoint") => key,
                "labels" => "label",
                "secrets" | "env_file" | "image" | "configs" => {
                    out.no_secret(text, &part.value.place, "it names files or secrets");
                    continue;
                }
                _ => continue,
            };
            out.means(text, &part.value.place, format_args!("Compose: {what} of service \"{name}\""));
            if matches!(what, "command" | "entrypoint") {
                commands(text, &part.value, &KeyPath::from_iter(["services", name, what]), out);
            }
        }
        if let Some(test) = service.value.at(&["healthcheck", "test"]) {
            out.means(text, &test.place, format_args!("Compose: health check of service \"{name}\""));
            commands(text, test, &KeyPath::from_iter(["services", name, "healthcheck"]), out);
        }
        if let Some(arguments) = service.value.at(&["build", "args"]) {
            let what = format_args!("Compose: build argument of service \"{name}\", in the image's history");
            out.means(text, &arguments.place, what);
        }
    }
}

/// Shell text: a command as one string, or the words of a list that are whole commands (`sh -c "…"`).
fn commands(text: &Text<'_>, node: &Node, path: &KeyPath, out: &mut Out<'_>) {
    for command in std::iter::once(node).chain(node.items()) {
        if command.text(text.bytes).is_some_and(|command| command.contains(' ')) {
            out.shell(text, command, &mut path.clone());
        }
    }
}
