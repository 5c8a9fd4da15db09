//! detect-secrets: `.secrets.baseline`, whose findings are named by the SHA-1 of their value.

use serde_json::Value;

use super::known::{Digest, Known};
use super::{Fate, Import, NewPattern};

pub(super) fn read(file: &str, text: &str, import: &mut Import) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let results = value.get("results").and_then(Value::as_object);
    let results = results.ok_or("is no .secrets.baseline: there is no `results`")?;
    for (path, findings) in results {
        for finding in findings.as_array().into_iter().flatten() {
            let hash = finding.get("hashed_secret").and_then(Value::as_str);
            let digest = hash.and_then(|hash| data_encoding::HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok());
            import.known.push(Known {
                line: finding.get("line_number").and_then(Value::as_u64),
                rule: finding.get("type").and_then(Value::as_str).map(str::to_owned),
                digest: digest.map(Digest::Sha1),
                ..Known::at(file, path)
            });
        }
    }
    filters(file, &value, import);
    plugins(file, &value, import);
    Ok(())
}

fn filters(file: &str, value: &Value, import: &mut Import) {
    // Before version 1: one expression each.
    let exclude = |key: &str| value.get("exclude")?.get(key)?.as_str().map(|text| vec![text.to_owned()]);
    let old = [("files", exclude("files")), ("lines", exclude("lines"))];
    for (key, list) in old {
        if let Some(list) = list {
            take(file, key, list, import);
        }
    }
    for filter in value.get("filters_used").and_then(Value::as_array).into_iter().flatten() {
        let path = filter.get("path").and_then(Value::as_str).unwrap_or("");
        let name = path.rsplit('.').next().unwrap_or(path);
        let pattern = filter.get("pattern");
        let list: Vec<String> = match pattern {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        match name {
            "should_exclude_file" => take(file, "files", list, import),
            "should_exclude_line" => take(file, "lines", list, import),
            "should_exclude_secret" => take(file, "secrets", list, import),
            _ if path.starts_with("detect_secrets.filters") => {}
            _ => import.note(file, format!("filter {path}"), Fate::Left("is code of your own".to_owned())),
        }
    }
    if value.get("word_list").and_then(|list| list.get("file")).is_some_and(|file| !file.is_null()) {
        import.note(
            file,
            "word list",
            Fate::Left("is a file of its own; write its words as allow.patterns".to_owned()),
        );
    }
}

fn take(file: &str, kind: &str, list: Vec<String>, import: &mut Import) {
    if list.iter().all(String::is_empty) {
        return;
    }
    let base = NewPattern { reason: format!("excluded {kind} of {file}"), ..NewPattern::default() };
    let pattern = match kind {
        "files" => NewPattern { path_regex: list, ..base },
        "lines" => NewPattern { line_regex: list, ..base },
        _ => NewPattern { secret_regex: list, ..base },
    };
    import.allow(file, &format!("excluded {kind}"), pattern, &Fate::Carried);
}

/// Plugins are detectors; those of its own are known here too.
fn plugins(file: &str, value: &Value, import: &mut Import) {
    for plugin in value.get("plugins_used").and_then(Value::as_array).into_iter().flatten() {
        let name = plugin.get("name").and_then(Value::as_str).unwrap_or("");
        if plugin.get("path").is_some() {
            let why = "is code of your own; write a rule file for it (docs/rules.md)";
            import.note(file, format!("plugin {name}"), Fate::Left(why.to_owned()));
        }
    }
}
