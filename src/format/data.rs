//! Files that are a tree of values: which file is one, and its reading.

use super::tree::{Node, Text};
use super::walk::Out;
use super::{FileKind, Structure, hcl, json, kind, meaning, toml, yaml};

/// The notation of a tree of values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Data {
    /// YAML.
    Yaml,
    /// JSON, with comments or without.
    Json,
    /// TOML.
    Toml,
    /// HCL: Terraform, Packer, Nomad.
    Hcl,
}

impl Data {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Hcl => "hcl",
        }
    }
}

/// Endings that say a file is a model of another one: what stands before them is its format.
const MODELS: &[&str] = &[
    "j2", "tpl", "tmpl", "gotmpl", "template", "erb", "example", "sample", "dist", "default", "bak", "orig", "old",
    "backup",
];

/// The notation of a file, from its shown path.
pub fn format(path: &str) -> Option<Data> {
    let lower = path.to_ascii_lowercase();
    format_lower(&lower, FileKind::of_lower(&lower))
}

/// The same from the path in lower case, and what kind of file that says it is.
pub(super) fn format_lower(lower: &str, kind: FileKind) -> Option<Data> {
    if matches!(kind, FileKind::Digest | FileKind::Translation) {
        return None;
    }
    let mut name = kind::last_part(lower);
    while let Some((stem, _)) = name.rsplit_once('.').filter(|(stem, end)| !stem.is_empty() && MODELS.contains(end)) {
        name = stem;
    }
    let extension = kind::extension(name);
    match extension {
        "yml" | "yaml" | "eyaml" | "sls" | "kubeconfig" => Some(Data::Yaml),
        "json" | "jsonc" | "json5" | "jsonl" | "ndjson" | "tfstate" | "ipynb" | "har" | "webmanifest"
        | "code-workspace" | "dockerconfigjson" | "dockercfg" | "arm" => Some(Data::Json),
        "toml" => Some(Data::Toml),
        "tf" | "tfvars" | "hcl" | "tofu" | "nomad" => Some(Data::Hcl),
        "" if name == "pipfile" => Some(Data::Toml),
        _ => None,
    }
}

/// What a file whose name says nothing begins with.
pub(super) fn by_head(path: &str, head: &[u8]) -> Option<Data> {
    let name = kind::last_part(path);
    if name.contains('.') && !name.starts_with('.') {
        return None;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"{") && text[1..].trim_ascii_start().starts_with(b"\"") {
        return Some(Data::Json);
    }
    (text.starts_with(b"---\n") || text.starts_with(b"apiVersion:")).then_some(Data::Yaml)
}

/// The trees of values of a text, one for each document. A text that breaks off or is a template gives what was understood.
pub fn documents(data: Data, text: &[u8]) -> Vec<Node> {
    match data {
        Data::Yaml => yaml::parse(text),
        Data::Json => json::parse(text),
        Data::Toml => toml::parse(text),
        Data::Hcl => hcl::parse(text),
    }
}

/// Reads a file's text.
pub(super) fn read(data: Data, path: &str, text: &[u8], structure: &mut Structure) {
    let documents = documents(data, text);
    meaning::documents(data, path, &Text::file(text), &documents, &mut Out::new(text, structure));
}
