//! Lists that hold secrets are refused.

use serde_json::Value;

/// Fields in which providers' interfaces and command lines give a secret out.
const FIELDS: &[&str] = &[
    "SecretString",
    "SecretBinary",
    "SecretAccessKey",
    "SessionToken",
    "secretAccessKey",
    "sessionToken",
    "secretText",
    "privateKeyData",
    "private_key",
    "client_secret",
    "password",
    "token",
    "value",
    "plaintext_value",
];

/// Where a list holds a secret: the path to it, never the value.
pub(super) fn held(list: &Value) -> Option<String> {
    find(list, "$", 0)
}

fn find(value: &Value, path: &str, depth: usize) -> Option<String> {
    if depth > 32 {
        return None;
    }
    match value {
        Value::Object(fields) => {
            let sealed = value.get("kind").and_then(Value::as_str) == Some("Secret");
            fields.iter().find_map(|(name, inner)| {
                let path = format!("{path}.{name}");
                if FIELDS.contains(&name.as_str()) && filled(inner) {
                    return Some(path);
                }
                if sealed && matches!(name.as_str(), "data" | "stringData") {
                    let data = inner.as_object()?;
                    return data.iter().find(|(_, value)| filled(value)).map(|(key, _)| format!("{path}.{key}"));
                }
                find(inner, &path, depth + 1)
            })
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, inner)| find(inner, &format!("{path}[{at}]"), depth + 1))
        }
        _ => None,
    }
}

/// A text that is no mask.
fn filled(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        !text.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '•' | '-' | '=')) && !text.contains("HIDDEN")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_and_masks_are_none() {
        assert_eq!(held(&json!([{"key": "A", "value": "x1"}])).as_deref(), Some("$[0].value"));
        let secret = json!({"kind": "List", "items": [{"kind": "Secret", "data": {"a": null, "b": "eA=="}}]});
        assert_eq!(held(&secret).as_deref(), Some("$.items[0].data.b"));
        for harmless in [
            json!([{"key": "A", "value": null}]),
            json!({"value": [{"name": "a"}]}),
            json!({"kind": "Secret", "data": {"a": "", "b": null}}),
            json!({"kind": "ConfigMap", "data": {"a": "b"}}),
            json!([{"password": "********"}]),
        ] {
            assert_eq!(held(&harmless), None, "{harmless}");
        }
    }
}
