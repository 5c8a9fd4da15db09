//! Files of applications: agents' servers, notebooks, request collections, recorded traffic, registries, scripts of packages.

use super::super::keys::KeyPath;
use super::super::kind;
use super::super::tree::{Node, Text};
use super::super::walk::Out;
use super::kubernetes;

pub(super) fn read(path: &str, text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    let name = kind::last_part(path);
    for servers in ["mcpServers", "mcp_servers"].iter().filter_map(|key| document.get(key)) {
        agents(text, servers, out);
    }
    if let Some(servers) = document.at(&["mcp", "servers"]) {
        agents(text, servers, out);
    }
    if let Some(cells) = document.get("cells").filter(|_| document.has("nbformat")) {
        notebook(text, cells, out);
    }
    if document.at(&["log", "entries"]).is_some() {
        traffic(text, document, out);
    }
    if document.at(&["info", "_postman_id"]).is_some()
        || document
            .at(&["info", "schema"])
            .and_then(|schema| schema.text(text.bytes))
            .is_some_and(|schema| schema.contains("getpostman"))
    {
        collection(text, document, out, 0);
    }
    if document.has("_postman_variable_scope") {
        for value in document.get("values").map(Node::items).unwrap_or_default() {
            out.means(text, &value.place, format_args!("Postman: variable of an environment"));
        }
    }
    if document.has("auths") || name == ".dockercfg" {
        out.structure.deployed = true;
        kubernetes::registries(text, document, &mut KeyPath::default(), out);
    }
    match name {
        "package.json" => scripts(text, document, out),
        "auth.json" => composer(text, document, out),
        "logins.json" => logins(text, document, out),
        _ => {}
    }
    if path.rsplit_once('.').is_some_and(|(_, end)| end == "eyaml") || document.has("sops") {
        out.structure.deployed = true;
        for pair in document.pairs() {
            if pair.value.scalar().is_some_and(|scalar| !scalar.text(text.bytes).starts_with(b"ENC[")) {
                out.means(text, &pair.value.place, format_args!("a plain value beside sealed ones"));
            }
        }
    }
    if let Some(strings) = document.get("ConnectionStrings") {
        for pair in strings.pairs() {
            out.means(text, &pair.value.place, format_args!("connection string \"{}\"", pair.key));
        }
    }
    if name.starts_with("values") || path.contains("/charts/") {
        out.means(text, &document.place, format_args!("Helm: value of a chart"));
    }
}

/// `.mcp.json`, `claude_desktop_config.json`: programs that run with credentials.
fn agents(text: &Text<'_>, servers: &Node, out: &mut Out<'_>) {
    out.structure.deployed = true;
    for server in servers.pairs() {
        for part in server.value.pairs() {
            let what = match part.key.as_str() {
                "env" => "environment",
                "headers" => "header",
                "args" => "argument",
                "url" | "serverUrl" => "address",
                _ => continue,
            };
            out.means(text, &part.value.place, format_args!("MCP server \"{}\": {what}", server.key));
        }
    }
}

fn notebook(text: &Text<'_>, cells: &Node, out: &mut Out<'_>) {
    for (number, cell) in (1..).zip(cells.items()) {
        for (key, what) in [("source", "source"), ("outputs", "output")] {
            if let Some(part) = cell.get(key) {
                out.means(text, &part.place, format_args!("notebook: cell {number}, {what}"));
            }
        }
    }
}

fn traffic(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    for entry in document.at(&["log", "entries"]).map(Node::items).unwrap_or_default() {
        for side in ["request", "response"] {
            for part in entry.get(side).map(Node::pairs).unwrap_or_default() {
                let what = match part.key.as_str() {
                    "headers" => "header",
                    "cookies" => "cookie",
                    "postData" | "content" => "body",
                    "queryString" => "query",
                    _ => continue,
                };
                out.means(text, &part.value.place, format_args!("HAR: {what} of a recorded {side}"));
            }
        }
    }
}

fn collection(text: &Text<'_>, node: &Node, out: &mut Out<'_>, depth: usize) {
    if depth > 16 {
        return;
    }
    let name = node.text_of("name", text.bytes).unwrap_or_default();
    for (place, node) in [("", Some(node)), ("request ", node.get("request"))] {
        let Some(auth) = node.and_then(|node| node.get("auth")) else { continue };
        let kind = auth.text_of("type", text.bytes).unwrap_or_default();
        out.means(text, &auth.place, format_args!("Postman: {kind} authorization of {place}\"{name}\""));
    }
    for variable in node.get("variable").map(Node::items).unwrap_or_default() {
        out.means(text, &variable.place, format_args!("Postman: variable of a collection"));
    }
    for item in node.get("item").map(Node::items).unwrap_or_default() {
        collection(text, item, out, depth + 1);
    }
}

fn scripts(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    for script in document.get("scripts").map(Node::pairs).unwrap_or_default() {
        out.means(text, &script.value.place, format_args!("package.json: script \"{}\"", script.key));
        out.shell(text, &script.value, &mut KeyPath::from_iter(["scripts", &script.key]));
    }
}

/// Composer's `auth.json`: tokens by host.
fn composer(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    out.structure.deployed = true;
    for kind in ["github-oauth", "gitlab-oauth", "gitlab-token", "bearer", "bitbucket-oauth", "http-basic"] {
        for host in document.get(kind).map(Node::pairs).unwrap_or_default() {
            out.means(text, &host.value.place, format_args!("Composer: {kind} of {}", host.key));
            if let Some(scalar) = host.value.scalar() {
                out.given(text, &KeyPath::from_iter([kind, &host.key, "token"]), &scalar.pieces);
            }
        }
    }
}

/// Firefox's saved logins: encrypted with a key that lies in the same folder.
fn logins(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    for login in document.get("logins").map(Node::items).unwrap_or_default() {
        for key in ["encryptedUsername", "encryptedPassword"] {
            let Some(node) = login.get(key) else { continue };
            out.means(text, &node.place, format_args!("Firefox: saved login; its key lies in key4.db beside it"));
            if let Some(scalar) = node.scalar() {
                out.given(text, &KeyPath::from_iter(["logins", key]), &scalar.pieces);
            }
        }
    }
}
