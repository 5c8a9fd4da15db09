//! Suppressions, comments and the baseline: what they hide is counted, what ended blocks, what is unused is said.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::fs;
use std::path::Path;

use common::git::git;
use common::tokens::{GITHUB, github};
use common::{Run, credlint, scan, write};
use tempfile::TempDir;

const CLEAN: i32 = 0;
const BLOCKED: i32 = 1;
const ERROR: i32 = 2;
const INCOMPLETE: i32 = 3;
const BASELINE: &str = ".credlint-baseline";

fn leaky() -> TempDir {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "src/a.txt", format!("first line\na = {}\n", github(1)));
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    credlint(folder, arguments, b"")
}

fn ok(folder: &Path, arguments: &[&str]) -> String {
    let run = run(folder, arguments);
    assert_eq!(run.code, CLEAN, "{arguments:?}: {}{}", run.out, run.err);
    run.out
}

fn suppress(folder: &Path, place: &str) -> String {
    ok(folder, &["suppress", place, "--reason", "rotated: \"yes\"", "--until", "2999-12-31", "--ticket", "SEC-1"])
}

fn edit(folder: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(folder.join(name), text.replace(from, to)).unwrap();
}

fn outcomes(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["outcome"].as_str().unwrap().to_owned()).collect()
}

fn notices(report: &serde_json::Value) -> Vec<String> {
    let notices = report["notices"].as_array().unwrap();
    notices.iter().map(|notice| notice["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_suppression_holds_for_its_value_wherever_it_moves() {
    let folder = leaky();
    let root = folder.path();
    write(root, "credlint.yaml", "# ours\nblock: likely # as agreed\n");
    suppress(root, "src/a.txt:2");
    let config = fs::read_to_string(root.join("credlint.yaml")).unwrap();
    assert!(config.contains("# ours\nblock: likely # as agreed\n") && !config.contains(&github(1)), "{config}");
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, outcomes(&report)), (CLEAN, vec!["suppressed".to_owned()]));
    let suppression = &report["findings"][0]["suppression"];
    assert_eq!(suppression["by"], "suppression");
    assert_eq!(suppression["reason"], "rotated: \"yes\"");
    assert_eq!((suppression["ticket"].as_str(), suppression["until"].as_str()), (Some("SEC-1"), Some("2999-12-31")));
    write(root, "src/a.txt", format!("\n\n\nmoved = '{}'\n", github(1)));
    assert_eq!(scan(root, &[], b"").0, CLEAN);
    // Another value in the same place is another finding.
    write(root, "src/a.txt", format!("first line\na = {}\n", github(2)));
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, outcomes(&report)), (BLOCKED, vec!["blocks".to_owned()]));
    assert_eq!(notices(&report), ["unused-suppression"]);
}

#[test]
fn suppress_asks_which_and_refuses_nothing_and_the_past() {
    let folder = leaky();
    let root = folder.path();
    let with = |place, until| run(root, &["suppress", place, "--reason", "x", "--until", until]);
    let refused = |run: Run, word: &str| assert!(run.code == ERROR && run.err.contains(word), "{}", run.err);
    refused(with("src/a.txt:1", "90d"), "nothing is found");
    refused(with("src/a.txt:2", "2020-01-01"), "is over");
    refused(with("src/a.txt:2", "2026-02-31"), "is no day");
    write(root, "src/b.txt", format!("{} {}\n", github(1), github(2)));
    refused(with("src/b.txt:1", "90d"), "FILE:LINE:COLUMN");
    assert_eq!(with("src/b.txt:1:42", "90d").code, CLEAN);
    let (_, report) = scan(root, &[], b"");
    assert_eq!(outcomes(&report), ["blocks", "blocks", "suppressed"]);
    write(root, "credlint.yaml", "suppressions: [{rule: x}]\n");
    assert_eq!(with("src/a.txt:2", "90d").code, ERROR);
}

#[test]
fn an_expired_suppression_blocks_and_says_so() {
    let folder = leaky();
    let root = folder.path();
    suppress(root, "src/a.txt:2");
    edit(root, "credlint.yaml", "2999-12-31", "2020-01-01");
    edit(root, "credlint.yaml", "suppressions:", "block: none\nsuppressions:");
    let (code, report) = scan(root, &[], b"");
    assert_eq!(
        (code, outcomes(&report), notices(&report)),
        (BLOCKED, vec!["blocks".to_owned()], vec!["expired-suppression".to_owned()])
    );
    assert!(report["findings"][0]["note"].as_str().unwrap().contains("ended on 2020-01-01"));
    let text = run(root, &["scan"]).out;
    assert!(text.contains("ended on 2020-01-01") && text.contains("nobody is named for it"), "{text}");
}

#[test]
fn an_unused_suppression_is_said_by_a_whole_scan_and_can_block() {
    let folder = leaky();
    let root = folder.path();
    suppress(root, "src/a.txt:2");
    fs::remove_file(root.join("src/a.txt")).unwrap();
    write(root, "src/b.txt", "nothing\n");
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, notices(&report)), (CLEAN, vec!["unused-suppression".to_owned()]));
    let (code, report) = scan(root, &["--block-unused"], b"");
    assert_eq!((code, report["notices"][0]["blocks"].as_bool()), (BLOCKED, Some(true)));
    assert_eq!(scan(root, &["--block-unused", "--exit-zero"], b"").0, CLEAN);
    edit(root, "credlint.yaml", "suppressions:", "block-unused: true\nsuppressions:");
    let text = run(root, &["scan"]);
    assert!(text.code == BLOCKED && text.out.contains("1 entry of the policy to act on"), "{}", text.out);
    // A part of the tree cannot tell.
    assert_eq!(scan(root, &["src"], b"").0, CLEAN);
}

#[test]
fn a_suppression_of_a_path_holds_for_its_rule_there() {
    let folder = leaky();
    let root = folder.path();
    write(root, "src/b.txt", format!("b = {}\n", github(2)));
    let entry =
        format!("suppressions:\n  - rule: {GITHUB}\n    path: /src/a.txt\n    reason: x\n    until: 2999-01-01\n");
    write(root, "credlint.yaml", entry);
    let (_, report) = scan(root, &[], b"");
    assert_eq!(outcomes(&report), ["suppressed", "blocks"]);
}

#[test]
fn comments_can_be_switched_off_or_asked_for_a_reason() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    write(root, "a.txt", format!("{} # credlint:allow\n\n{} # credlint:allow a sample\n", github(1), github(2)));
    assert_eq!(outcomes(&scan(root, &[], b"").1), ["suppressed", "suppressed"]);
    write(root, "credlint.yaml", "inline-comments:\n  require-reason: true\n");
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, outcomes(&report)), (BLOCKED, vec!["blocks".to_owned(), "suppressed".to_owned()]));
    assert!(report["findings"][0]["note"].as_str().unwrap().contains("gives no reason"));
    write(root, "credlint.yaml", "inline-comments:\n  allowed: false\n");
    assert_eq!(outcomes(&scan(root, &[], b"").1), ["blocks", "blocks"]);
}

#[test]
fn values_can_be_allowed_by_their_hash() {
    let folder = leaky();
    let root = folder.path();
    suppress(root, "src/a.txt:2");
    let config = fs::read_to_string(root.join("credlint.yaml")).unwrap();
    let pick = |key: &str| config.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap().to_owned();
    let (salt, value) = (pick("salt: "), pick("value: "));
    write(
        root,
        "credlint.yaml",
        format!("salt: {salt}\nallow:\n  values:\n    - value: {value}\n      reason: sample\n"),
    );
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, outcomes(&report)), (CLEAN, vec!["suppressed".to_owned()]));
    // Without its key a hash would silently match nothing.
    write(root, "credlint.yaml", format!("allow:\n  values:\n    - value: {value}\n      reason: sample\n"));
    let run = run(root, &["scan"]);
    assert!(run.code == ERROR && run.err.contains("credlint.yaml:3: the hash was made with key"), "{}", run.err);
}

#[test]
fn full_reports_hold_what_is_hidden_and_github_gets_none_of_it() {
    let folder = leaky();
    let root = folder.path();
    suppress(root, "src/a.txt:2");
    write(root, "src/b.txt", format!("b = {}\n", github(2)));
    ok(root, &["baseline", "write"]);
    let report = |name: &str| -> serde_json::Value {
        serde_json::from_str(&run(root, &["scan", "--report", name]).out).unwrap()
    };
    assert_eq!(report("sarif")["runs"][0]["results"].as_array().unwrap().len(), 0);
    let full = report("sarif-full");
    let results = full["runs"][0]["results"].as_array().unwrap().clone();
    let of = |path: &str| {
        let at =
            |result: &&serde_json::Value| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path;
        results.iter().find(at).unwrap().clone()
    };
    let (a, b) = (of("src/a.txt"), of("src/b.txt"));
    assert_eq!((a["suppressions"][0]["kind"].as_str(), a["baselineState"].as_str()), (Some("external"), Some("new")));
    let words = a["suppressions"][0]["justification"].as_str().unwrap();
    assert!(words.contains("ticket SEC-1") && words.contains("until 2999-12-31"), "{words}");
    assert_eq!(b["baselineState"], "unchanged");
    assert_eq!(report("json")["counts"]["baselined"], 1);
}

#[test]
fn the_baseline_is_used_without_a_flag_and_survives_moved_code() {
    let folder = leaky();
    let root = folder.path();
    let out = ok(root, &["baseline", "write"]);
    assert!(out.contains("1 lines (1 new findings, 0 lines gone)") && out.contains("merge=union"), "{out}");
    let text = fs::read_to_string(root.join(BASELINE)).unwrap();
    assert!(!text.contains(&github(1)) && text.contains(&format!("\n{GITHUB} src/a.txt ")), "{text}");
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, outcomes(&report)), (CLEAN, vec!["baselined".to_owned()]));
    assert_eq!(scan(root, &["--no-baseline"], b"").0, BLOCKED);
    // Moved, and a second time in the same file: the same line.
    write(root, "src/a.txt", format!("\n\n\n{0}\n\nagain {0}\n", github(1)));
    assert_eq!(scan(root, &[], b"").0, CLEAN);
    ok(root, &["baseline", "write"]);
    assert_eq!(fs::read_to_string(root.join(BASELINE)).unwrap(), text);
    // A new secret in the old place, and the old one in a new place.
    write(root, "src/a.txt", format!("first line\na = {}\n", github(2)));
    assert_eq!(scan(root, &[], b"").0, BLOCKED);
    write(root, "src/a.txt", format!("first line\na = {}\n", github(1)));
    write(root, "src/c.txt", format!("a = {}\n", github(1)));
    let (_, report) = scan(root, &[], b"");
    assert_eq!(outcomes(&report), ["baselined", "blocks"]);
    // From a folder below, the paths are the same.
    git(root, &["init", "-q"]);
    ok(&root.join("src"), &["scan", "a.txt"]);
}

#[test]
fn prune_takes_away_what_is_gone_and_diff_shows_both() {
    let folder = leaky();
    let root = folder.path();
    write(root, "src/b.txt", format!("b = {}\n", github(2)));
    ok(root, &["baseline", "write"]);
    assert_eq!(run(root, &["baseline", "diff"]).code, CLEAN);
    write(root, "src/b.txt", "gone\n");
    write(root, "src/c.txt", format!("c = {}\n", github(3)));
    let diff = run(root, &["baseline", "diff"]);
    assert_eq!(diff.code, BLOCKED);
    assert_eq!(diff.out, format!("+ {GITHUB} src/c.txt:1:5\n- {GITHUB} src/b.txt\n1 new, 1 gone, 1 known\n"));
    let (_, report) = scan(root, &[], b"");
    assert_eq!(notices(&report), ["stale-baseline"]);
    ok(root, &["baseline", "prune"]);
    let text = fs::read_to_string(root.join(BASELINE)).unwrap();
    assert!(text.contains("src/a.txt") && !text.contains("src/b.txt") && !text.contains("src/c.txt"), "{text}");
}

#[test]
fn an_incomplete_scan_takes_nothing_out_of_the_baseline() {
    let folder = leaky();
    let root = folder.path();
    write(root, "src/b.txt", "x\n");
    ok(root, &["baseline", "write"]);
    let text = fs::read_to_string(root.join(BASELINE)).unwrap();
    write(root, "credlint.yaml", "limits:\n  max-file-bytes: 8\n");
    assert_eq!(run(root, &["baseline", "prune"]).code, INCOMPLETE);
    assert_eq!(fs::read_to_string(root.join(BASELINE)).unwrap(), text);
}

#[test]
fn a_broken_or_foreign_baseline_is_refused() {
    let folder = leaky();
    let root = folder.path();
    ok(root, &["baseline", "write"]);
    let text = fs::read_to_string(root.join(BASELINE)).unwrap();
    let refused = |text: &str, word: &str| {
        fs::write(root.join(BASELINE), text).unwrap();
        let run = run(root, &["scan"]);
        assert!(run.code == ERROR && run.err.contains(word), "{}", run.err);
    };
    refused("", ".credlint-baseline:1: is no credlint baseline");
    refused(&text.replace("# salt", "<<<<<<< HEAD\n# salt"), "is a merge conflict");
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("# salt")).collect();
    let without = without.join("\n") + "\n";
    refused(&without, "was written with key");
    let missing = run(root, &["scan", "--baseline", "nowhere"]);
    assert!(missing.code == ERROR && missing.err.contains("there is none"), "{}", missing.err);
}

#[test]
fn a_baseline_by_the_organisations_key_needs_that_key() {
    let folder = leaky();
    let root = folder.path();
    let key = TempDir::new().unwrap();
    write(key.path(), "key", "sixteen bytes or more");
    write(key.path(), "other", "sixteen bytes or less");
    let (own, other) = (key.path().join("key"), key.path().join("other"));
    let (own, other) = (own.to_str().unwrap(), other.to_str().unwrap());
    ok(root, &["baseline", "write", "--keyed", "--key-file", own]);
    assert!(!fs::read_to_string(root.join(BASELINE)).unwrap().contains("# salt"));
    assert_eq!(run(root, &["scan", "--key-file", own]).code, CLEAN);
    for arguments in [&["scan"][..], &["scan", "--key-file", other]] {
        let run = run(root, arguments);
        assert!(run.code == ERROR && run.err.contains("CREDLINT_KEY"), "{}", run.err);
    }
}

#[test]
fn two_branches_merge_their_baselines_by_union_and_the_verdict_is_right() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    for (name, seed) in [("a.txt", 1), ("b.txt", 2), ("c.txt", 3)] {
        write(root, name, format!("x = {}\n", github(seed)));
    }
    ok(root, &["baseline", "write"]);
    write(root, ".gitattributes", format!("{BASELINE} merge=union\n"));
    let again = ok(root, &["baseline", "write"]);
    assert!(!again.contains("merge=union"), "{again}");
    let commit = |message| {
        git(root, &["add", "-A"]);
        git(root, &["commit", "-q", "-m", message]);
    };
    commit("one");
    // One branch fixes `a` and takes in `d`, the other fixes `b` and takes in `e`.
    git(root, &["checkout", "-q", "-b", "left"]);
    write(root, "a.txt", "fixed\n");
    write(root, "d.txt", format!("x = {}\n", github(4)));
    ok(root, &["baseline", "write"]);
    commit("left");
    git(root, &["checkout", "-q", "-b", "right", "main"]);
    write(root, "b.txt", "fixed\n");
    write(root, "e.txt", format!("x = {}\n", github(5)));
    ok(root, &["baseline", "write"]);
    commit("right");
    git(root, &["merge", "-q", "--no-edit", "left"]);
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, outcomes(&report)), (CLEAN, vec!["baselined".to_owned(); 3]));
    ok(root, &["baseline", "prune"]);
    write(root, "f.txt", format!("x = {}\n", github(6)));
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, notices(&report)), (BLOCKED, vec![]));
}

#[test]
fn two_branches_that_each_began_a_baseline_merge_too() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    write(root, ".gitattributes", format!("{BASELINE} merge=union\n"));
    write(root, "a.txt", format!("x = {}\n", github(1)));
    let commit = |message| {
        git(root, &["add", "-A"]);
        git(root, &["commit", "-q", "-m", message]);
    };
    commit("one");
    for branch in ["left", "right"] {
        git(root, &["checkout", "-q", "-b", branch, "main"]);
        ok(root, &["baseline", "write"]);
        commit(branch);
    }
    git(root, &["merge", "-q", "--no-edit", "left"]);
    let text = fs::read_to_string(root.join(BASELINE)).unwrap();
    assert_eq!(text.matches("# salt ").count(), 2, "{text}");
    let (code, report) = scan(root, &[], b"");
    assert_eq!((code, outcomes(&report), notices(&report)), (CLEAN, vec!["baselined".to_owned()], vec![]));
    ok(root, &["baseline", "write"]);
    assert_eq!(fs::read_to_string(root.join(BASELINE)).unwrap().matches("# salt ").count(), 1);
}

#[test]
fn policy_files_scan_clean_themselves() {
    let folder = leaky();
    let root = folder.path();
    for seed in 2..40 {
        write(root, &format!("token/secret{seed}.env"), format!("API_TOKEN={}\n", github(seed)));
    }
    suppress(root, "src/a.txt:2");
    ok(root, &["baseline", "write"]);
    let (code, report) = scan(root, &[BASELINE, "credlint.yaml"], b"");
    assert_eq!((code, outcomes(&report)), (CLEAN, vec![]));
}
