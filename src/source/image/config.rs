//! An image's configuration, taken apart into texts that can be scanned.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What is read of a configuration.
pub struct Config {
    /// Environment, labels, commands, what made the layers, and everything else.
    pub texts: Vec<Text>,
    /// Digests of the uncompressed layers.
    pub diff_ids: Vec<String>,
    /// What made each layer, from the bottom up.
    pub instructions: Vec<String>,
    /// Labels of the image, sorted.
    pub labels: BTreeMap<String, String>,
}

/// A part of a configuration.
pub struct Text {
    /// Where it stands: `config:Env:PATH`.
    pub part: String,
    /// The name of a file that would hold such text.
    pub means: &'static str,
    /// The text.
    pub text: String,
}

/// Settings with a name.
const SETTINGS: &str = ".env";
/// Commands and build instructions.
const COMMANDS: &str = "Dockerfile";
/// The rest, as JSON.
const REST: &str = "config.json";

impl Config {
    /// Parses the JSON.
    ///
    /// # Errors
    /// It is none, or no object.
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let mut whole: Map<String, Value> = serde_json::from_slice(bytes)?;
        let mut texts = Vec::new();
        let labels = whole.get("config").and_then(|config| config.get("Labels")).and_then(Value::as_object);
        let labels = labels.into_iter().flatten();
        let labels = labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        for place in ["config", "container_config"] {
            if let Some(Value::Object(config)) = whole.get_mut(place) {
                settings(place, config, &mut texts);
            }
        }
        let history = match whole.get_mut("history") {
            Some(Value::Array(history)) => std::mem::take(history),
            _ => Vec::new(),
        };
        let mut instructions = Vec::new();
        for (index, mut entry) in history.into_iter().enumerate() {
            let created_by = entry.as_object_mut().and_then(|entry| match entry.remove("created_by") {
                Some(Value::String(text)) => Some(text),
                _ => None,
            });
            let created_by = created_by.unwrap_or_default();
            if entry.get("empty_layer").and_then(Value::as_bool) != Some(true) {
                instructions.push(created_by.clone());
            }
            push(&mut texts, format!("history[{index}]:created_by"), COMMANDS, created_by);
            if let Some(Value::String(comment)) = entry.as_object_mut().and_then(|entry| entry.remove("comment")) {
                push(&mut texts, format!("history[{index}]:comment"), COMMANDS, comment);
            }
        }
        let diff_ids = whole.get("rootfs").and_then(|rootfs| rootfs.get("diff_ids")).and_then(Value::as_array);
        let diff_ids = diff_ids.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        // Digests look random and are none of anybody's secrets.
        whole.remove("rootfs");
        push(&mut texts, "config".to_owned(), REST, serde_json::to_string_pretty(&whole)?);
        Ok(Self { texts, diff_ids, instructions, labels })
    }
}

/// Takes environment, labels and commands out of a configuration.
fn settings(place: &str, config: &mut Map<String, Value>, texts: &mut Vec<Text>) {
    if let Some(Value::Array(entries)) = config.remove("Env") {
        for entry in entries.iter().filter_map(Value::as_str) {
            let name = entry.split('=').next().unwrap_or_default();
            push(texts, format!("{place}:Env:{name}"), SETTINGS, format!("{entry}\n"));
        }
    }
    if let Some(Value::Object(labels)) = config.remove("Labels") {
        for (name, value) in &labels {
            let value = value.as_str().unwrap_or_default();
            push(texts, format!("{place}:Labels:{name}"), SETTINGS, format!("{name}={value}\n"));
        }
    }
    for (key, prefix) in [("Entrypoint", "ENTRYPOINT "), ("Cmd", "CMD "), ("Shell", "SHELL "), ("OnBuild", "")] {
        let Some(Value::Array(words)) = config.get(key) else { continue };
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let text = words.join(if key == "OnBuild" { "\n" } else { " " });
        push(texts, format!("{place}:{key}"), COMMANDS, format!("{prefix}{text}\n"));
        config.remove(key);
    }
    if let Some(Value::Object(check)) = config.get_mut("Healthcheck")
        && let Some(Value::Array(words)) = check.remove("Test")
    {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        push(texts, format!("{place}:Healthcheck"), COMMANDS, format!("HEALTHCHECK {}\n", words.join(" ")));
    }
}

fn push(texts: &mut Vec<Text>, part: String, means: &'static str, text: String) {
    if !text.trim().is_empty() {
        texts.push(Text { part, means, text });
    }
}
