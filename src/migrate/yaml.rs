//! YAML of other tools as JSON values: their forms change, so nothing is promised about unknown keys.

use serde_json::Value;

/// Reads the first document.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let first = serde_yaml::Deserializer::from_str(text).next().ok_or("is empty")?;
    <Value as serde::Deserialize>::deserialize(first).map_err(|error| error.to_string())
}

/// The strings of a list, or one string.
pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
