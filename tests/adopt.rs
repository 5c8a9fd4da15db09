//! The newcomer's path, fixes, `explain` with a policy, and the policy of the base.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::fs;

use common::git::git;
use common::tokens::{GITHUB, github};
use common::{credlint, scan, write};
use tempfile::TempDir;

const CLEAN: i32 = 0;
const BLOCKED: i32 = 1;
const ERROR: i32 = 2;

fn repository(files: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    for seed in 1..=files {
        write(folder.path(), &format!("src/{seed}.py"), format!("TOKEN = '{}'\n", github(seed as u64)));
    }
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    folder
}

#[test]
fn an_old_repository_is_adopted_and_only_new_secrets_block() {
    let folder = repository(120);
    let root = folder.path();
    let shown = credlint(root, &["adopt"], b"");
    assert!(shown.code == CLEAN && shown.out.contains("nothing was written; --yes writes"), "{}", shown.out);
    assert!(shown.out.contains("120 new findings (120 certain)") && shown.out.contains(&format!("120 {GITHUB}")));
    assert!(!root.join("credlint.yaml").exists());
    assert_eq!(credlint(root, &["adopt", "--yes"], b"").code, CLEAN);
    for name in [
        "credlint.yaml",
        ".credlint-baseline",
        ".gitattributes",
        ".github/workflows/credlint.yml",
        ".git/hooks/pre-commit",
    ] {
        assert!(root.join(name).exists(), "{name}");
    }
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "adopt", "--no-verify"]);
    assert_eq!(scan(root, &[], b"").0, CLEAN);
    assert_eq!(credlint(root, &["config", "check"], b"").code, CLEAN);
    write(root, "src/new.py", format!("TOKEN = '{}'\n", github(500)));
    let (code, report) = scan(root, &[], b"");
    assert_eq!(
        (code, report["counts"]["blocks"].as_u64(), report["counts"]["baselined"].as_u64()),
        (BLOCKED, Some(1), Some(120))
    );
    // Once more changes nothing that is there.
    fs::remove_file(root.join("src/new.py")).unwrap();
    let baseline = fs::read(root.join(".credlint-baseline")).unwrap();
    let again = credlint(root, &["adopt", "--yes"], b"");
    assert!(again.out.contains("0 new findings") && again.out.contains("it is left as it is"), "{}", again.out);
    assert_eq!(fs::read(root.join(".credlint-baseline")).unwrap(), baseline);
}

#[test]
fn a_fix_is_a_redacted_patch_and_applies_when_asked() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    write(root, "a.py", format!("import os\n\nAPI_TOKEN = '{}'\nprint(1)\n", github(1)));
    write(root, ".github/workflows/ci.yml", format!("env:\n  GH_TOKEN: {}\n", github(2)));
    write(root, "Dockerfile", format!("FROM a\nRUN curl -H 'x' -u a:{} b\n", github(3)));
    write(root, "data.json", format!("{{\"token\": \"{}\"}}\n", github(4)));
    let run = credlint(root, &["fix", "--dry-run"], b"");
    for part in [
        "-API_TOKEN = '[REDACTED]'\n+API_TOKEN = os.environ[\"API_TOKEN\"]\n",
        "+  GH_TOKEN: ${{ secrets.GH_TOKEN }}\n",
        "+RUN --mount=type=secret,id=",
        "--- a/a.py\n+++ b/a.py\n@@ -1,4 +1,4 @@\n",
        "no sure replacement is known for this line",
        "revoke: ",
        "4 findings, would change 3 of their lines",
    ] {
        assert!(run.out.contains(part), "no {part:?} in {}", run.out);
    }
    for seed in 1..=4 {
        assert!(!run.out.contains(&github(seed)));
    }
    assert_eq!(credlint(root, &["fix", "--apply", "a.py"], b"").code, CLEAN);
    let text = fs::read_to_string(root.join("a.py")).unwrap();
    assert_eq!(text, "import os\n\nAPI_TOKEN = os.environ[\"API_TOKEN\"]\nprint(1)\n");
    assert_eq!(scan(root, &[], b"").1["counts"]["blocks"], 3);
}

#[test]
fn explain_names_the_line_that_hides_a_finding() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    write(root, "src/a.txt", format!("x = {}\n", github(1)));
    let explained = || credlint(root, &["explain", "src/a.txt:1"], b"").out;
    assert!(explained().contains("blocks (block: likely, min-severity: low)"), "{}", explained());
    write(
        root,
        "credlint.yaml",
        "paths:\n  exclude: [/src/]\nallow:\n  patterns:\n    - reason: samples\n      paths: [src/]\n",
    );
    for part in ["paths.exclude `/src/` (credlint.yaml:2)", "is suppressed (allow, credlint.yaml:5: samples)"] {
        assert!(explained().contains(part), "{}", explained());
    }
    write(root, "credlint.yaml", format!("rules:\n  disable: [{GITHUB}]\n"));
    assert!(explained().contains("is suppressed (rule-off, credlint.yaml:2"), "{}", explained());
    write(root, "near.txt", format!("x = {}\n", &github(1)[..20]));
    let near = credlint(root, &["explain", "near.txt:1"], b"").out;
    assert!(near.contains("near: github-") && near.contains("stands at column 5"), "{near}");
}

/// `rule path:line` of each finding that blocks.
fn blocking_rules(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let blocks = findings.iter().filter(|finding| finding["outcome"] == "blocks");
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    blocks.map(|finding| format!("{} {}:{}", text(finding, "rule"), text(finding, "path"), finding["line"])).collect()
}

#[test]
fn a_request_that_brings_its_own_suppression_is_blocked_naming_both() {
    let folder = repository(1);
    let root = folder.path();
    assert_eq!(credlint(root, &["baseline", "write"], b"").code, CLEAN);
    write(root, "credlint.yaml", "block: likely\n");
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "base"]);
    let base = git(root, &["rev-parse", "HEAD"]);
    let policy = ["--policy-from", base.as_str()];
    assert_eq!(scan(root, &policy, b"").0, CLEAN);
    write(root, "src/new.py", format!("TOKEN = '{}'\n", github(50)));
    let rules = blocking_rules;
    let own = format!("{GITHUB} src/new.py:1");
    let day = ["--until", "2999-01-01", "--reason", "x"];
    assert_eq!(credlint(root, &[&["suppress", "src/new.py:1"][..], &day].concat(), b"").code, CLEAN);
    assert_eq!(scan(root, &[], b"").0, CLEAN);
    let (code, report) = scan(root, &policy, b"");
    assert_eq!(code, BLOCKED);
    let blocking = rules(&report);
    assert!(
        blocking.contains(&own)
            && blocking.iter().any(|entry| entry.starts_with("credlint-policy-change credlint.yaml:")),
        "{blocking:?}"
    );
    let change = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "credlint-policy-change")
        .unwrap();
    assert!(change["reasons"][0].as_str().unwrap().starts_with("would hide 1 finding: "), "{change}");
    // The same by the baseline, by an excluded path, by a rule that is off, and by a lowered bound.
    for (config, line) in [
        ("paths:\n  exclude: [/src/]\n".to_owned(), "credlint-policy-change credlint.yaml:2".to_owned()),
        (format!("rules:\n  disable: [{GITHUB}]\n"), "credlint-policy-change credlint.yaml:2".to_owned()),
        ("block: none\n".to_owned(), "credlint-policy-change credlint.yaml:1".to_owned()),
        (
            "overrides:\n  - paths: [src/]\n    block: none\n".to_owned(),
            "credlint-policy-change credlint.yaml:2".to_owned(),
        ),
    ] {
        write(root, "credlint.yaml", config);
        let blocking = rules(&scan(root, &policy, b"").1);
        assert_eq!(blocking, [line, own.clone()]);
    }
    write(root, "credlint.yaml", "block: likely\n");
    assert_eq!(credlint(root, &["baseline", "write"], b"").code, CLEAN);
    assert_eq!(scan(root, &[], b"").0, CLEAN);
    let blocking = rules(&scan(root, &policy, b"").1);
    assert!(
        blocking.len() == 2 && blocking[0].starts_with("credlint-policy-change .credlint-baseline:"),
        "{blocking:?}"
    );
    let unknown = credlint(root, &["scan", "--policy-from", &"1".repeat(40)], b"");
    assert!(unknown.code == ERROR && unknown.err.contains("the policy cannot be read from"), "{}", unknown.err);
}
