//! `TruffleHog`, Kingfisher, ggshield, secretlint.

use serde_json::Value;

use super::known::{Digest, Known};
use super::yaml::{parse, strings};
use super::{Fate, Import, NewPattern, NewRule, names};
use crate::judge::Secret;
use crate::rule::RuleSet;

/// Its JSON output, one object a line, or a file of `--exclude-paths`.
pub(super) fn trufflehog(file: &str, text: &str, import: &mut Import) -> Result<(), String> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    if !lines().next().is_some_and(|first| first.starts_with('{')) {
        let list: Vec<String> = lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        if list.is_empty() {
            return Err("holds neither findings nor expressions".to_owned());
        }
        let reason = format!("excluded paths of {file}");
        let pattern = NewPattern { reason, path_regex: list, ..NewPattern::default() };
        import.allow(file, "excluded paths", pattern, &Fate::Carried);
        return Ok(());
    }
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))?;
        // Lines of its log stand between its findings.
        let Some(data) = value.pointer("/SourceMetadata/Data").and_then(Value::as_object) else { continue };
        let Some(data) = data.values().next() else { continue };
        let text = |key: &str| data.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(path) = text("file") else { continue };
        let raw = value.get("Raw").and_then(Value::as_str).filter(|raw| !raw.is_empty());
        import.known.push(Known {
            line: data.get("line").and_then(Value::as_u64),
            commit: text("commit").map(str::to_owned),
            rule: value.get("DetectorName").and_then(Value::as_str).map(str::to_owned),
            value: raw.map(|raw| Secret::new(raw.as_bytes())),
            ..Known::at(file, path)
        });
    }
    Ok(())
}

/// Rule files, and the baseline file.
pub(super) fn kingfisher(file: &str, text: &str, set: &RuleSet, import: &mut Import) -> Result<(), String> {
    let value = parse(text)?;
    if let Some(matches) = value.pointer("/ExactFindings/matches").and_then(Value::as_array) {
        for found in matches {
            let Some(path) = found.get("filepath").and_then(Value::as_str) else { continue };
            import.known.push(Known { line: found.get("linenum").and_then(Value::as_u64), ..Known::at(file, path) });
        }
        return Ok(());
    }
    let rules = value.get("rules").and_then(Value::as_array);
    let rules = rules.ok_or("is neither a rule file (`rules:`) nor a baseline (`ExactFindings:`) of Kingfisher")?;
    for rule in rules {
        let text = |key: &str| rule.get(key).and_then(Value::as_str).unwrap_or("");
        let id = text("id").trim_start_matches("kingfisher.");
        if let Some(ours) = names::ours(id.split('.').next().unwrap_or(id), set) {
            import.note(
                file,
                format!("rule {id}"),
                Fate::Covered(format!("credlint has rules of its own for it: {ours}")),
            );
            continue;
        }
        let asks = ["validation", "revocation", "depends_on_rule"].into_iter();
        let asks = asks.filter(|key| rule.get(*key).is_some_and(|value| !value.is_null()));
        let dropped = asks.map(|key| format!("its {key} is dropped: nobody is asked over the network")).collect();
        #[expect(clippy::cast_possible_truncation, reason = "a bound of a few bits")]
        let entropy = rule.get("min_entropy").and_then(Value::as_f64).map(|entropy| entropy as f32);
        import.rules.push(NewRule {
            id: id.to_owned(),
            title: text("name").to_owned(),
            pattern: text("pattern").to_owned(),
            group: 0,
            entropy,
            dropped,
            file: file.to_owned(),
        });
    }
    Ok(())
}

/// `.gitguardian.yaml` of either version, and `.cache_ggshield`.
pub(super) fn ggshield(file: &str, text: &str, import: &mut Import) -> Result<(), String> {
    let value = parse(text)?;
    if !value.is_object() {
        return Err("is neither a configuration nor a cache of ggshield".to_owned());
    }
    let secret = value.get("secret").unwrap_or(&value);
    let get = |names: [&str; 2]| names.iter().find_map(|name| secret.get(*name).or_else(|| value.get(*name)));
    let lists = [
        get(["ignored_matches", "ignored-matches"]),
        get(["matches-ignore", "matches_ignore"]),
        value.get("last_found_secrets"),
    ];
    let mut seen = false;
    for entry in lists.into_iter().flatten().filter_map(Value::as_array).flatten() {
        seen = true;
        let text = entry.as_str().or_else(|| entry.get("match")?.as_str());
        let Some(text) = text else { continue };
        let rule = entry.get("name").and_then(Value::as_str).map(str::to_owned);
        let digest = Some(text.len()).filter(|length| *length == 64);
        let digest = digest.and_then(|_| data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok());
        let value = if digest.is_none() { Some(Secret::new(text.as_bytes())) } else { None };
        import.known.push(Known { rule, digest: digest.map(Digest::Ggshield), value, ..Known::anywhere(file) });
    }
    for (index, list) in
        [get(["ignored_paths", "ignored-paths"]), get(["paths-ignore", "paths_ignore"])].into_iter().enumerate()
    {
        let globs = strings(list);
        seen |= !globs.is_empty();
        let what = if index == 0 { "ignored path" } else { "ignored path (version 1)" };
        exclude(file, what, globs, import);
    }
    for detector in strings(get(["ignored_detectors", "ignored-detectors"])) {
        seen = true;
        import.note(
            file,
            format!("ignored detector {detector}"),
            Fate::Left("name credlint's rule under rules.disable".to_owned()),
        );
    }
    if seen || value.get("version").is_some() || value.get("last_found_secrets").is_some() {
        Ok(())
    } else {
        Err("is neither a configuration nor a cache of ggshield".to_owned())
    }
}

/// Patterns for `paths.exclude`.
fn exclude(file: &str, what: &str, globs: Vec<String>, import: &mut Import) {
    for glob in globs {
        match crate::config::Pattern::new(&glob, (1, 1)) {
            Ok(pattern) => {
                import.note(file, format!("{what} {glob}"), Fate::Carried);
                import.exclude.push(pattern.text);
            }
            Err(why) => import.note(file, format!("{what} {glob}"), Fate::Left(why)),
        }
    }
}

/// `.secretlintrc` as JSON or YAML, and `.secretlintignore`.
pub(super) fn secretlint(file: &str, text: &str, import: &mut Import) -> Result<(), String> {
    if file.ends_with("ignore") {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        exclude(file, "ignored path", lines.map(str::to_owned).collect(), import);
        return Ok(());
    }
    if [".js", ".cjs", ".mjs", ".ts"].iter().any(|end| file.ends_with(end)) {
        return Err("is a program, and none is run; write it as JSON or YAML first".to_owned());
    }
    let value = parse(text)?;
    let rules = value.get("rules").and_then(Value::as_array).ok_or("is no .secretlintrc: there is no `rules`")?;
    for rule in rules {
        secretlint_rule(file, rule, import);
        for inner in rule.get("rules").and_then(Value::as_array).into_iter().flatten() {
            secretlint_rule(file, inner, import);
        }
    }
    Ok(())
}

fn secretlint_rule(file: &str, rule: &Value, import: &mut Import) {
    let id = rule.get("id").and_then(Value::as_str).unwrap_or("");
    let short = id.rsplit('/').next().unwrap_or(id).trim_start_matches("secretlint-rule-");
    if rule.get("disabled").and_then(Value::as_bool) == Some(true) {
        import.note(
            file,
            format!("disabled rule {short}"),
            Fate::Left("name credlint's rule under rules.disable".to_owned()),
        );
    }
    if !strings(rule.get("allowMessageIds")).is_empty() {
        let why = "its messages have no equal here";
        import.note(file, format!("allowMessageIds of {short}"), Fate::Left(why.to_owned()));
    }
    let options = rule.get("options");
    let allows = strings(options.and_then(|options| options.get("allows")));
    if !allows.is_empty() {
        let secret_regex = allows.iter().map(|text| of_javascript(text)).collect();
        let reason = format!("allowed by {short} of {file}");
        let pattern = NewPattern { reason, secret_regex, ..NewPattern::default() };
        import.allow(file, &format!("allows of {short}"), pattern, &Fate::Carried);
    }
    let patterns = options.and_then(|options| options.get("patterns")).and_then(Value::as_array);
    for pattern in patterns.into_iter().flatten() {
        let text = |key: &str| pattern.get(key).and_then(Value::as_str).unwrap_or("");
        for regex in strings(pattern.get("pattern")).into_iter().chain(strings(pattern.get("patterns"))) {
            import.rules.push(NewRule {
                id: text("name").to_owned(),
                title: text("name").to_owned(),
                pattern: of_javascript(&regex),
                group: 0,
                entropy: None,
                dropped: Vec::new(),
                file: file.to_owned(),
            });
        }
    }
}

/// `/pattern/flags`, or a text that stands for itself.
fn of_javascript(text: &str) -> String {
    let parts = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    match parts {
        Some((pattern, flags)) if flags.chars().all(|c| "dgimsuvy".contains(c)) => {
            let flags: String = flags.chars().filter(|c| "ims".contains(*c)).collect();
            if flags.is_empty() { pattern.to_owned() } else { format!("(?{flags}){pattern}") }
        }
        _ => regex_syntax::escape(text),
    }
}
