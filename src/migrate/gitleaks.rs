//! gitleaks and betterleaks: configurations of any age, `.gitleaksignore`, JSON reports used as baselines.

use serde::Deserialize;
use serde_json::Value;

use super::known::Known;
use super::{Fate, Import, NewPattern, NewRule, names};
use crate::rule::RuleSet;

pub(super) fn read(file: &str, text: &str, set: &RuleSet, import: &mut Import) -> Result<(), String> {
    let start = text.trim_start();
    if start.starts_with(['[', '{']) && serde_json::from_str::<Value>(text).is_ok() {
        return report(file, text, import);
    }
    let table = text.parse::<toml::Table>();
    match table {
        Ok(table) if is_config(&table) => config(file, table, set, import),
        // An ignore file's lines are no TOML, except where there are none.
        _ if text.lines().all(is_ignore_line) => {
            ignore(file, text, import);
            Ok(())
        }
        Ok(_) => Err("is neither a gitleaks configuration, nor a report, nor a .gitleaksignore".to_owned()),
        Err(error) => Err(error.message().to_owned()),
    }
}

const KEYS: [&str; 10] = [
    "title",
    "description",
    "extend",
    "allowlist",
    "allowlists",
    "whitelist",
    "rules",
    "rule",
    "minversion",
    "betterleaksminversion",
];

fn is_config(table: &toml::Table) -> bool {
    !table.is_empty() && table.keys().any(|key| KEYS.contains(&key.to_lowercase().as_str()))
}

/// An allow-list of any age; keys come in lower case.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Allowlist {
    description: String,
    paths: Vec<String>,
    files: Vec<String>,
    regexes: Vec<String>,
    regextarget: String,
    stopwords: Vec<String>,
    commits: Vec<String>,
    repos: Vec<String>,
    condition: String,
    targetrules: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Rule {
    id: String,
    description: String,
    regex: String,
    secretgroup: usize,
    entropy: Option<f64>,
    path: String,
    required: Vec<toml::Table>,
    allowlist: Option<toml::Value>,
    allowlists: Option<toml::Value>,
    whitelist: Option<toml::Value>,
}

fn config(file: &str, table: toml::Table, set: &RuleSet, import: &mut Import) -> Result<(), String> {
    let table = lower(toml::Value::Table(table));
    let get = |key: &str| table.get(key);
    for list in ["allowlist", "allowlists", "whitelist"].iter().filter_map(|key| get(key)) {
        for allowlist in each::<Allowlist>(list)? {
            let rules: Vec<String> = allowlist.targetrules.iter().filter_map(|id| names::ours(id, set)).collect();
            for id in allowlist.targetrules.iter().filter(|id| names::ours(id, set).is_none()) {
                import.note(
                    file,
                    format!("allow-list for rule {id}"),
                    Fate::Covered("credlint has no such rule".to_owned()),
                );
            }
            if allowlist.targetrules.is_empty() || !rules.is_empty() {
                allow(file, "global allow-list", &allowlist, &rules, import);
            }
        }
    }
    for rule in get("rules").or_else(|| get("rule")).map(each::<Rule>).transpose()?.unwrap_or_default() {
        one_rule(file, rule, set, import)?;
    }
    if let Some(extend) = get("extend").and_then(toml::Value::as_table) {
        extended(file, extend, set, import);
    }
    Ok(())
}

fn extended(file: &str, extend: &toml::Table, set: &RuleSet, import: &mut Import) {
    if extend.get("usedefault").and_then(toml::Value::as_bool) == Some(true) {
        let why = "credlint's own rules always hold; gitleaks' built-in list of skipped paths is not taken over";
        import.note(file, "extend.useDefault", Fate::Covered(why.to_owned()));
    }
    for key in ["path", "url"] {
        if let Some(target) = extend.get(key).and_then(toml::Value::as_str) {
            import.note(file, format!("extend.{key} {target}"), Fate::Left("import that file too".to_owned()));
        }
    }
    let disabled = extend.get("disabledrules").and_then(toml::Value::as_array);
    for id in disabled.into_iter().flatten().filter_map(toml::Value::as_str) {
        match names::ours(id, set) {
            Some(ours) => {
                let fate = if ours == id { Fate::Carried } else { Fate::Nearly(format!("as rules.disable: {ours}")) };
                import.note(file, format!("disabled rule {id}"), fate);
                import.disable.push(ours);
            }
            None => {
                import.note(file, format!("disabled rule {id}"), Fate::Covered("credlint has no such rule".to_owned()));
            }
        }
    }
}

fn one_rule(file: &str, rule: Rule, set: &RuleSet, import: &mut Import) -> Result<(), String> {
    let id = if rule.id.is_empty() { rule.description.clone() } else { rule.id.clone() };
    let ours = names::ours(&id, set);
    let lists = [&rule.allowlist, &rule.allowlists, &rule.whitelist];
    let whom = match (&ours, rule.regex.is_empty()) {
        (Some(ours), _) => vec![ours.clone()],
        (None, _) => vec![super::custom::id_of("gitleaks", &id)],
    };
    for list in lists.into_iter().flatten() {
        for allowlist in each::<Allowlist>(list)? {
            allow(file, &format!("allow-list of rule {id}"), &allowlist, &whom, import);
        }
    }
    if let Some(ours) = ours {
        if !rule.regex.is_empty() {
            import.note(
                file,
                format!("rule {id}"),
                Fate::Covered(format!("credlint has rules of its own for it: {ours}")),
            );
        }
        return Ok(());
    }
    if rule.regex.is_empty() {
        let why = "finds files by their name; credlint judges what stands in them";
        import.note(file, format!("rule {id}"), Fate::Left(why.to_owned()));
        return Ok(());
    }
    let mut dropped = Vec::new();
    if !rule.path.is_empty() {
        dropped.push(format!("its bound to the path `{}` is dropped: it holds everywhere", rule.path));
    }
    if !rule.required.is_empty() {
        dropped.push("that another rule must match nearby is dropped".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "a bound of a few bits")]
    let entropy = rule.entropy.map(|entropy| entropy as f32);
    let title = if rule.description.is_empty() { id.clone() } else { rule.description };
    import.rules.push(NewRule {
        id,
        title,
        pattern: rule.regex,
        group: rule.secretgroup,
        entropy,
        dropped,
        file: file.to_owned(),
    });
    Ok(())
}

fn allow(file: &str, what: &str, list: &Allowlist, rules: &[String], import: &mut Import) {
    let reason = if list.description.trim().is_empty() {
        format!("{what} of {file}")
    } else {
        format!("{} ({file})", list.description.trim())
    };
    let base = NewPattern { reason, rules: rules.to_vec(), ..NewPattern::default() };
    let paths: Vec<String> = list.paths.iter().chain(&list.files).cloned().collect();
    let in_line = matches!(list.regextarget.as_str(), "line" | "match");
    let with_regexes = |mut pattern: NewPattern| {
        let target = if in_line { &mut pattern.line_regex } else { &mut pattern.secret_regex };
        target.clone_from(&list.regexes);
        pattern
    };
    let fate = if list.regextarget == "match" && !list.regexes.is_empty() {
        Fate::Nearly("tried on the whole line, not on the match of gitleaks' rule".to_owned())
    } else {
        Fate::Carried
    };
    if list.condition.eq_ignore_ascii_case("and") {
        let all = with_regexes(NewPattern { path_regex: paths, words: list.stopwords.clone(), ..base });
        if list.commits.is_empty() {
            import.allow(file, what, all, &fate);
        } else {
            import.note(file, what, Fate::Left("holds for certain commits only".to_owned()));
        }
        return;
    }
    import.allow(file, &format!("{what}: paths"), NewPattern { path_regex: paths, ..base.clone() }, &Fate::Carried);
    import.allow(file, &format!("{what}: regexes"), with_regexes(base.clone()), &fate);
    let words = NewPattern { words: list.stopwords.clone(), ..base };
    import.allow(file, &format!("{what}: stop-words"), words, &Fate::Carried);
    for (list, name) in [(&list.commits, "commits"), (&list.repos, "repositories")] {
        if !list.is_empty() {
            let why = "credlint accepts values, not places in history; write a baseline";
            import.note(file, format!("{what}: {} {name}", list.len()), Fate::Left(why.to_owned()));
        }
    }
}

/// One table or a list of them.
fn each<T: serde::de::DeserializeOwned>(value: &toml::Value) -> Result<Vec<T>, String> {
    let all = match value {
        toml::Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    all.into_iter().map(|value| value.try_into().map_err(|error: toml::de::Error| error.message().to_owned())).collect()
}

/// gitleaks reads keys without regard to case.
fn lower(value: toml::Value) -> toml::Value {
    match value {
        toml::Value::Table(table) => {
            toml::Value::Table(table.into_iter().map(|(key, value)| (key.to_lowercase(), lower(value))).collect())
        }
        toml::Value::Array(all) => toml::Value::Array(all.into_iter().map(lower).collect()),
        other => other,
    }
}

fn is_ignore_line(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line.rsplit(':').next().is_some_and(|end| end.parse::<u64>().is_ok())
}

/// `[commit:]path:rule:line` a line.
fn ignore(file: &str, text: &str, import: &mut Import) {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut parts = line.rsplitn(3, ':');
        let (Some(number), Some(rule), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            import.note(file, line, Fate::Left("is no fingerprint of gitleaks".to_owned()));
            continue;
        };
        let is_commit =
            |text: &str| (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (commit, path) = match rest.split_once(':') {
            Some((commit, path)) if is_commit(commit) => (Some(commit.to_owned()), path),
            _ => (None, rest),
        };
        import.known.push(Known {
            line: number.parse().ok(),
            commit,
            rule: Some(rule.to_owned()),
            ..Known::at(file, path)
        });
    }
}

/// A JSON report, which both tools take as a baseline.
fn report(file: &str, text: &str, import: &mut Import) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let findings = value.as_array().or_else(|| value.get("findings")?.as_array());
    let findings = findings.ok_or("is no report: a list of findings is expected")?;
    for finding in findings {
        let text = |key: &str| finding.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(path) = text("File") else {
            return Err("is no report of gitleaks: a finding has no `File`".to_owned());
        };
        let secret = text("Secret").filter(|secret| !secret.starts_with("REDACTED") && !secret.ends_with("..."));
        import.known.push(Known {
            line: finding.get("StartLine").and_then(Value::as_u64),
            commit: text("Commit").map(str::to_owned),
            rule: text("RuleID").map(str::to_owned),
            value: secret.map(|secret| crate::judge::Secret::new(secret.as_bytes())),
            ..Known::at(file, path)
        });
    }
    Ok(())
}
