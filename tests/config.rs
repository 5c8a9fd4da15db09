//! `credlint.yaml`: every mistake is an error with file, line and column; settings add to the defaults and hold where
//! they say.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::fs;
use std::path::Path;

use common::tokens::{GITHUB, github};
use common::{credlint, places, scan, write};
use credlint::rule::raw::joined;
use tempfile::TempDir;

const CLEAN: i32 = 0;
const BLOCKED: i32 = 1;
const ERROR: i32 = 2;
const INCOMPLETE: i32 = 3;

/// A folder with a token in `src/a.txt` and another in `vendor/b.txt`.
fn leaky() -> TempDir {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "src/a.txt", format!("a = {}\n", github(1)));
    write(folder.path(), "vendor/b.txt", format!("b = {}\n", github(2)));
    folder
}

/// A scan of [`leaky`] with a configuration.
fn with(config: &str) -> (i32, serde_json::Value) {
    let folder = leaky();
    write(folder.path(), "credlint.yaml", config);
    scan(folder.path(), &[], b"")
}

/// The configuration is refused with these words on standard error, and nothing is scanned.
fn refused(config: &str, words: &[&str]) {
    let folder = leaky();
    write(folder.path(), "credlint.yaml", config);
    let run = credlint(folder.path(), &["scan"], b"");
    assert_eq!((run.code, run.out.as_str()), (ERROR, ""), "{config}: {}", run.err);
    for word in words {
        assert!(run.err.contains(word), "{config}: no {word:?} in: {}", run.err);
    }
}

/// A token whose holder can do less than [`github`]'s: severity high.
fn installation(seed: u64) -> String {
    format!("{}{}", joined("gh<~>s_"), &github(seed)[4..])
}

fn found(report: &serde_json::Value, outcome: &str) -> usize {
    report["findings"].as_array().unwrap().iter().filter(|finding| finding["outcome"] == outcome).count()
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one() {
    refused("paths:\n  exclud: [a]\n", &["credlint.yaml:2:3: there is no key `exclud`", "did you mean `exclude`?"]);
    refused("bloc: likely\n", &["credlint.yaml:1:1:", "did you mean `block`?"]);
    refused("overrides:\n  - paths: [src/]\n    blok: none\n", &["credlint.yaml:3:5:", "did you mean `block`?"]);
    refused("allow:\n  patterns:\n    - regex: x\n", &["credlint.yaml:3:7: there is no key `regex`"]);
}

#[test]
fn unknown_values_and_wrong_kinds_are_refused_with_their_place() {
    refused("block: likley\n", &["credlint.yaml:1:8: `likley`", "did you mean `likely`?"]);
    refused("paths:\n  exclude: vendor\n", &["credlint.yaml:2:", "expected a sequence"]);
    refused("paths: [a]\n", &["credlint.yaml:1:8:", "expected keys and their values"]);
    refused("block: none: x\n", &["credlint.yaml:1:"]);
    refused("block: none\nblock: none\n", &["duplicate"]);
    refused("salt: abc\n", &["credlint.yaml:1:7: is no salt"]);
    refused("limits:\n  max-file-bytes: 0\n", &["credlint.yaml:2:19: leaves nothing to scan"]);
    refused("allow-incomplete: [limits]\n", &["credlint.yaml:1:20:", "did you mean `limit`?"]);
}

#[test]
fn unknown_rules_are_refused_with_the_nearest_one() {
    let near = format!("did you mean `{GITHUB}`?");
    refused("rules:\n  disable: [github-personal-acess-token]\n", &["credlint.yaml:2:13: there is no rule", &near]);
    refused(
        "overrides:\n  - paths: [src/]\n    disable: [nothing-*]\n",
        &["credlint.yaml:3:15: there is no rule `nothing-*`"],
    );
    refused("rules:\n  disable: ['*']\n", &["credlint.yaml:2:13: `*` names every rule"]);
    refused(&format!("rules:\n  enable: [{GITHUB}]\n"), &["credlint.yaml:2:12:", "is on already"]);
}

/// The allow-list-only configuration of other tools, which there ends in "no leaks".
#[test]
fn patterns_that_match_everything_or_nothing_are_refused() {
    refused("paths:\n  exclude: ['**']\n", &["credlint.yaml:2:13: the pattern `**` matches every path"]);
    refused("paths:\n  exclude: ['*.*', Makefile]\n", &["credlint.yaml:2:12:", "leave no path to scan"]);
    refused("paths:\n  exclude: ['']\n", &["credlint.yaml:2:13:", "is empty and matches nothing"]);
    refused("paths:\n  include: [vendor/]\n", &["credlint.yaml:2:12:", "`exclude` names"]);
    refused("allow:\n  patterns:\n    - reason: x\n", &["credlint.yaml:3:7: would allow every finding"]);
    refused(
        "allow:\n  patterns:\n    - {reason: x, secret-regex: ['.*']}\n",
        &["credlint.yaml:3:34:", "matches everything"],
    );
    refused("allow:\n  patterns:\n    - {reason: x, path-regex: ['.+']}\n", &["matches everything"]);
    refused("allow:\n  patterns:\n    - {reason: x, line-regex: ['a(?=b)']}\n", &["look-ahead", "linear time"]);
    refused("allow:\n  patterns:\n    - {reason: x, words: [ab]}\n", &["three or more characters"]);
    refused("allow:\n  patterns:\n    - {words: [sample]}\n", &["has no `reason`"]);
    refused("overrides:\n  - block: none\n", &["credlint.yaml:2:5: an override needs `paths` or `rules`"]);
}

#[test]
fn no_rule_left_is_refused() {
    let ids: Vec<String> = ('a'..='z').chain('0'..='9').map(|c| format!("'{c}*'")).collect();
    let folder = TempDir::new().unwrap();
    let run = credlint(folder.path(), &["rules", "list"], b"");
    let used = |c: char| run.out.lines().any(|line| line.starts_with(c));
    let ids: Vec<&String> = ids.iter().filter(|id| used(id.chars().nth(1).unwrap())).collect();
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    refused(&format!("rules:\n  disable: [{}]\n", ids.join(", ")), &["credlint.yaml:2:12: no rule is left"]);
}

#[test]
fn wrong_days_and_suppressions_without_an_end_are_refused() {
    let entry = |rest: &str| format!("suppressions:\n  - rule: {GITHUB}\n    path: src/\n{rest}");
    refused(&entry("    reason: x\n    until: 2026-02-30\n"), &["credlint.yaml:5:12: `2026-02-30` is no day"]);
    refused(&entry("    reason: x\n    until: soon\n"), &["credlint.yaml:5:12:", "YYYY-MM-DD"]);
    refused(&entry("    reason: x\n"), &["missing field `until`"]);
    refused(&entry("    until: 2999-01-01\n"), &["missing field `reason`"]);
    refused("suppressions:\n  - {path: src/, reason: x, until: 2999-01-01}\n", &["needs a `rule`"]);
    refused(
        &format!("suppressions:\n  - {{rule: {GITHUB}, reason: x, until: 2999-01-01}}\n"),
        &["needs `value` or `path`"],
    );
}

#[test]
fn every_problem_is_named_at_once() {
    refused(
        "paths:\n  exclude: ['**']\nrules:\n  disable: [nothing]\n",
        &["credlint.yaml:2:13:", "credlint.yaml:4:13:"],
    );
}

#[test]
fn an_empty_file_changes_nothing() {
    for config in ["", "# nothing yet\n", "{}\n"] {
        let (code, report) = with(config);
        assert_eq!((code, found(&report, "blocks")), (BLOCKED, 2), "{config:?}");
    }
}

#[test]
fn excluded_files_are_counted_and_included_ones_come_back() {
    let (code, report) = with("paths:\n  exclude: [vendor/]\n");
    assert_eq!((code, found(&report, "blocks")), (BLOCKED, 1));
    assert_eq!(report["stats"]["excluded"], 1);
    let (_, report) = with("paths:\n  exclude: [vendor/]\n  include: [vendor/b.txt]\n");
    assert_eq!((found(&report, "blocks"), report["stats"]["excluded"].as_u64()), (2, Some(0)));
}

#[test]
fn a_scan_whose_files_are_all_excluded_is_not_clean_but_named_files_are() {
    let folder = leaky();
    write(folder.path(), "credlint.yaml", "paths:\n  exclude: [vendor/]\n");
    assert_eq!(scan(folder.path(), &["vendor"], b"").0, INCOMPLETE);
    let (code, report) = scan(folder.path(), &["vendor/b.txt"], b"");
    assert_eq!((code, report["stats"]["excluded"].as_u64()), (CLEAN, Some(1)));
}

#[test]
fn rules_that_are_off_are_counted() {
    let (code, report) = with(&format!("rules:\n  disable: [{GITHUB}]\n"));
    assert_eq!((code, found(&report, "suppressed")), (CLEAN, 2));
    let suppression = &report["findings"][0]["suppression"];
    assert_eq!((suppression["by"].as_str(), suppression["line"].as_u64()), (Some("rule-off"), Some(2)));
    let (code, _) = with(&format!("rules:\n  disable: [github-*]\n  enable: [{GITHUB}]\n"));
    assert_eq!(code, BLOCKED);
}

#[test]
fn overrides_hold_for_their_paths_and_the_last_one_counts() {
    let (code, report) = with("overrides:\n  - paths: [vendor/]\n    block: none\n");
    assert_eq!((code, found(&report, "blocks"), found(&report, "reported")), (BLOCKED, 1, 1));
    let (code, _) = with("block: none\n");
    assert_eq!(code, CLEAN);
    let (_, report) =
        with("block: none\noverrides:\n  - paths: [src/]\n    block: certain\n  - paths: [src/]\n    block: none\n");
    assert_eq!(found(&report, "blocks"), 0);
    let (_, report) =
        with(&format!("overrides:\n  - rules: [{GITHUB}]\n    paths: [vendor/]\n    disable: [github-*]\n"));
    assert_eq!((found(&report, "blocks"), found(&report, "suppressed")), (1, 1));
}

#[test]
fn the_command_line_outranks_the_file() {
    let folder = leaky();
    write(folder.path(), "credlint.yaml", "block: none\noverrides:\n  - paths: [src/]\n    block: none\n");
    assert_eq!(scan(folder.path(), &["--block", "certain"], b"").0, BLOCKED);
    assert_eq!(scan(folder.path(), &["--no-config"], b"").0, BLOCKED);
    write(folder.path(), "other.yml", "block: certain\n");
    assert_eq!(scan(folder.path(), &["--config", "other.yml"], b"").0, BLOCKED);
    let run = credlint(folder.path(), &["scan", "--config", "missing.yml"], b"");
    assert!(run.code == ERROR && run.err.contains("missing.yml cannot be read"), "{}", run.err);
}

#[test]
fn severities_below_the_bound_do_not_block() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.txt", format!("{}\n", installation(1)));
    assert_eq!(scan(folder.path(), &[], b"").0, BLOCKED);
    write(folder.path(), "credlint.yaml", "min-severity: critical\n");
    assert_eq!(scan(folder.path(), &[], b"").0, CLEAN);
    assert_eq!(scan(folder.path(), &["--min-severity", "high"], b"").0, BLOCKED);
}

#[test]
fn the_file_is_found_at_the_root_from_anywhere_in_the_tree() {
    let folder = leaky();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert!(
        std::process::Command::new("git").arg("init").arg("-q").current_dir(folder.path()).status().unwrap().success()
    );
    write(folder.path(), ".credlint.yaml", "overrides:\n  - paths: [/vendor/]\n    block: none\n");
    let below = folder.path().join("vendor");
    assert_eq!(scan(&below, &[], b"").0, CLEAN);
    assert_eq!(scan(&below, &["../src"], b"").0, BLOCKED);
    assert_eq!(scan(Path::new("/"), &[below.to_str().unwrap()], b"").0, CLEAN);
    write(folder.path(), "credlint.yaml", "");
    let run = credlint(&below, &["scan"], b"");
    assert!(run.code == ERROR && run.err.contains("there are both"), "{}", run.err);
}

#[test]
fn files_over_the_limit_are_a_gap() {
    let (code, report) = with("limits:\n  max-file-bytes: 10\nallow-incomplete: [empty]\n");
    assert_eq!(code, INCOMPLETE);
    assert_eq!(report["gaps"].as_array().unwrap().iter().filter(|gap| gap["reason"] == "limit").count(), 3);
    assert_eq!(with("limits:\n  max-file-bytes: 10\nallow-incomplete: [limit]\n").0, CLEAN);
}

#[test]
fn what_is_forgiven_is_named() {
    let folder = TempDir::new().unwrap();
    assert_eq!(scan(folder.path(), &[], b"").0, INCOMPLETE);
    for flag in ["--allow-incomplete", "--allow-incomplete=empty", "--allow-incomplete=limit,empty"] {
        let (code, report) = scan(folder.path(), &[flag], b"");
        assert_eq!((code, report["gaps"][0]["forgiven"].as_bool()), (CLEAN, Some(true)), "{flag}");
        let text = credlint(folder.path(), &["scan", flag], b"").out;
        assert!(text.contains("1 gap allowed (empty)"), "{text}");
    }
    let (code, report) = scan(folder.path(), &["--allow-incomplete=limit"], b"");
    assert_eq!((code, report["gaps"][0]["forgiven"].as_bool()), (INCOMPLETE, None));
    let run = credlint(folder.path(), &["scan", "--allow-incomplete=emty"], b"");
    assert!(run.code == ERROR && run.err.contains("did you mean `empty`?"), "{}", run.err);
}

#[test]
fn forms_of_findings_can_be_allowed() {
    for entry in [
        "{reason: x, paths: [src/]}",
        "{reason: x, path-regex: ['^src/.*[.]txt$']}",
        "{reason: x, line-regex: ['^a = ']}",
        &format!("{{reason: x, secret-regex: ['^{}']}}", &github(1)[..12]),
        &format!("{{reason: x, words: ['{}']}}", github(1)[10..20].to_uppercase()),
        &format!("{{reason: x, rules: [{GITHUB}], paths: [src/]}}"),
    ] {
        let (_, report) = with(&format!("allow:\n  patterns:\n    - {entry}\n"));
        assert_eq!((found(&report, "blocks"), found(&report, "suppressed")), (1, 1), "{entry}");
        let suppression = &report["findings"][0]["suppression"];
        assert_eq!((suppression["by"].as_str(), suppression["line"].as_u64()), (Some("allow"), Some(3)));
    }
    let (_, report) = with("allow:\n  patterns:\n    - {reason: x, paths: [src/], line-regex: ['^b']}\n");
    assert_eq!(found(&report, "blocks"), 2);
}

#[test]
fn rules_of_the_file_are_loaded_from_its_folder_only() {
    let folder = leaky();
    for (file, word) in [("../x.yml", "leads out"), ("/etc", "leads out"), ("no.yml", "cannot be read")] {
        write(folder.path(), "credlint.yaml", format!("rules:\n  files: ['{file}']\n"));
        let run = credlint(folder.path(), &["scan"], b"");
        assert!(run.code == ERROR && run.err.contains("credlint.yaml:2:11") && run.err.contains(word), "{}", run.err);
    }
    std::os::unix::fs::symlink("/etc", folder.path().join("link")).unwrap();
    write(folder.path(), "credlint.yaml", "rules:\n  files: [link]\n");
    assert!(credlint(folder.path(), &["scan"], b"").err.contains("leads out"));
}

#[test]
fn check_names_patterns_that_match_no_file() {
    let folder = leaky();
    write(folder.path(), "credlint.yaml", "paths:\n  exclude: [vendor/, nothing/]\n");
    let run = credlint(folder.path(), &["config", "check"], b"");
    assert_eq!(run.code, BLOCKED);
    assert!(run.out.starts_with("credlint.yaml:2:22: the pattern `nothing/` matches no file"), "{}", run.out);
    write(folder.path(), "credlint.yaml", "paths:\n  exclude: [vendor/]\n");
    assert_eq!(credlint(folder.path(), &["config", "check"], b"").code, CLEAN);
    write(folder.path(), "credlint.yaml", "bloc: x\n");
    let run = credlint(folder.path(), &["config", "check"], b"");
    assert!(run.code == BLOCKED && run.out.contains("credlint.yaml:1:1:"), "{}", run.out);
}

#[test]
fn explain_says_which_settings_hold_and_where_they_stand() {
    let folder = leaky();
    let config = "block: certain\npaths:\n  exclude: [vendor/]\noverrides:\n  - paths: [src/]\n    block: none\n    disable: [github-*]\nowners:\n  - paths: [src/]\n    owner: team-a\ninline-comments: {allowed: false}\n";
    write(folder.path(), "credlint.yaml", config);
    let text = |path| credlint(folder.path(), &["config", "explain", path], b"").out;
    let own = text("src/a.txt");
    for part in [
        "block: certain (credlint.yaml)",
        "block: none (credlint.yaml:5)",
        "off: github-* (credlint.yaml:7",
        "owner: team-a",
        "allow comments do not hold",
    ] {
        assert!(own.contains(part), "no {part:?} in {own}");
    }
    assert!(text("vendor/x").contains("not scanned: paths.exclude `vendor/` (credlint.yaml:3)"));
}

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let folder = TempDir::new().unwrap();
    let run = credlint(folder.path(), &["config", "schema"], b"");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/credlint.schema.json");
    let advice = "`cargo run -- config schema > docs/schema/credlint.schema.json` writes it anew";
    assert!(fs::read_to_string(path).unwrap() == run.out, "{advice}");
}

#[test]
fn standard_input_with_a_name_has_the_settings_of_its_path() {
    let folder = leaky();
    write(folder.path(), "credlint.yaml", "overrides:\n  - paths: [src/]\n    block: none\n");
    let token = format!("x = {}\n", github(3));
    assert_eq!(scan(folder.path(), &["-", "--stdin-name", "src/x.txt"], token.as_bytes()).0, CLEAN);
    let (code, report) = scan(folder.path(), &["-"], token.as_bytes());
    assert_eq!((code, places(&report).len()), (BLOCKED, 1));
}
