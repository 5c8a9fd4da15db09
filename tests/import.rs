//! Files of other scanners in credlint's own form: what carries over hides the same findings, what does not is named.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::fs;
use std::path::Path;

use common::tokens::{GITHUB, github, letters};
use common::{credlint, scan, write};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

const CLEAN: i32 = 0;
const BLOCKED: i32 = 1;
const ERROR: i32 = 2;

/// Tokens 1 to 3 in `a.txt`, `b.txt` and `lib/c.txt`.
fn leaky() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (seed, name) in [(1, "a.txt"), (2, "b.txt"), (3, "lib/c.txt")] {
        write(folder.path(), name, format!("first line\nx = \"{}\" # end\n", github(seed)));
    }
    folder
}

/// Imports one file and gives the report.
fn import(folder: &Path, tool: &str, name: &str, text: &str) -> String {
    write(folder, name, text);
    let run = credlint(folder, &["import", tool, name], b"");
    fs::remove_file(folder.join(name)).unwrap();
    assert_eq!(run.code, CLEAN, "{}{}", run.out, run.err);
    run.out
}

/// The paths of the findings that still block.
fn blocking(folder: &Path) -> Vec<String> {
    let (code, report) = scan(folder, &[], b"");
    let findings = report["findings"].as_array().unwrap();
    let blocks = findings.iter().filter(|finding| finding["outcome"] == "blocks");
    let paths: Vec<String> = blocks.map(|finding| finding["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(code, if paths.is_empty() { CLEAN } else { BLOCKED });
    paths
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

fn sha1(text: &str) -> String {
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(text.as_bytes());
    hasher.try_finalize().unwrap().to_string()
}

#[test]
fn allow_lists_of_gitleaks_hide_the_same_findings() {
    for (config, left) in [
        ("[allowlist]\npaths = ['''lib/.*\\.txt$''']\n".to_owned(), vec!["a.txt", "b.txt"]),
        (format!("[allowlist]\nregexes = ['''{}''']\n", &github(1)[..20]), vec!["b.txt", "lib/c.txt"]),
        ("[[allowlists]]\nregexTarget = \"line\"\nregexes = ['''^x = .* # end$''']\n".to_owned(), vec![]),
        (format!("[Allowlist]\nStopWords = ['{}']\n", github(2)[8..16].to_lowercase()), vec!["a.txt", "lib/c.txt"]),
        (
            format!("[[allowlists]]\ncondition = \"AND\"\npaths = ['a']\nregexes = ['''{}''']\n", &github(2)[..20]),
            vec!["a.txt", "b.txt", "lib/c.txt"],
        ),
        ("[extend]\nuseDefault = true\ndisabledRules = [\"github-pat\"]\n".to_owned(), vec![]),
        (
            "[[rules]]\nid = \"github-pat\"\n[[rules.allowlists]]\npaths = ['''^b\\.txt$''']\n".to_owned(),
            vec!["a.txt", "lib/c.txt"],
        ),
        ("title = \"old\"\n[whitelist]\nfiles = ['''(.*?)(c)\\.txt$''']\n".to_owned(), vec!["a.txt", "b.txt"]),
    ] {
        let folder = leaky();
        let report = import(folder.path(), "gitleaks", ".gitleaks.toml", &config);
        assert_eq!(blocking(folder.path()), left, "{config}\n{report}");
        assert_eq!(credlint(folder.path(), &["config", "check"], b"").code, CLEAN);
    }
}

#[test]
fn what_gitleaks_has_and_credlint_cannot_is_named() {
    let folder = leaky();
    let config = r#"
[allowlist]
commits = ["0123456789abcdef0123456789abcdef01234567"]
paths = ['''.*''', '''a(?!b)''']
stopwords = ["ab"]
[[rules]]
id = "look"
regex = '''foo_(?=bar)[a-z]{20}'''
[[rules]]
id = "by-name"
path = '''\.pem$'''
[[rules]]
id = "everywhere"
regex = '''[0-9a-f]{32}'''
"#;
    let report = import(folder.path(), "gitleaks", "gitleaks.toml", config);
    has(
        &report,
        &[
            "not carried over  gitleaks.toml global allow-list: 1 commits",
            "`.*` matches everything",
            "negative look-ahead `(?!`",
            "1 words of fewer than three characters",
            "not carried over  gitleaks.toml rule look: its pattern has look-ahead `(?=`",
            "rule by-name: finds files by their name",
            "rule everywhere: no literal of 3 or more bytes",
        ],
    );
    assert_eq!(blocking(folder.path()).len(), 3);
}

#[test]
fn rules_of_gitleaks_find_what_they_were_made_for() {
    let folder = leaky();
    let config = "[[rules]]\nid = \"corp-token\"\ndescription = \"Corp token\"\nregex = '''\\b(zzcorp_[0-9A-Za-z]{32})\\b'''\nentropy = 3\n";
    let report = import(folder.path(), "gitleaks", ".gitleaks.toml", config);
    has(&report, &["carried over      .gitleaks.toml rule corp-token", "wrote .credlint/rules/imported-gitleaks.yml"]);
    write(folder.path(), "d.txt", format!("t: {}{}\n", "zzcorp_", letters(9, 32)));
    assert_eq!(blocking(folder.path()), ["a.txt", "b.txt", "d.txt", "lib/c.txt"]);
    let check = credlint(folder.path(), &["rules", "check", ".credlint/rules/imported-gitleaks.yml"], b"");
    assert_eq!(check.code, CLEAN, "{}", check.out);
}

#[test]
fn a_gitleaksignore_and_a_report_become_a_baseline() {
    let folder = leaky();
    let ignore = format!("# ours\na.txt:github-pat:2\nb.txt:github-pat:1\n{}:lib/c.txt:github-pat:2\n", "0".repeat(40));
    let report = import(folder.path(), "gitleaks", ".gitleaksignore", &ignore);
    has(
        &report,
        &[
            "accepted findings: 3 in all; 0 are found here by their value, 1 by their place",
            "1 of them name an old commit",
        ],
    );
    assert_eq!(blocking(folder.path()), ["b.txt", "lib/c.txt"]);
    let found = serde_json::json!([{"RuleID": "github-pat", "File": "lib/c.txt", "StartLine": 99, "Secret": github(3), "Commit": ""}]);
    let report = import(folder.path(), "betterleaks", "report.json", &found.to_string());
    has(&report, &["1 are found here by their value"]);
    assert!(!report.contains(&github(3)));
    assert_eq!(blocking(folder.path()), ["b.txt"]);
}

#[test]
fn a_secrets_baseline_is_matched_by_its_hash_not_by_its_line() {
    let folder = leaky();
    let baseline = serde_json::json!({
        "version": "1.5.0",
        "plugins_used": [{"name": "Own", "path": "file://own.py"}],
        "filters_used": [{"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^lib/"]}],
        "results": {
            "a.txt": [{"type": "GitHub Token", "hashed_secret": sha1(&github(1)), "line_number": 77}],
            "b.txt": [{"type": "GitHub Token", "hashed_secret": sha1(&github(9)), "line_number": 2}],
        },
    });
    let report = import(folder.path(), "detect-secrets", ".secrets.baseline", &baseline.to_string());
    has(&report, &["2 in all; 1 are found here by their value, 0 by their place", "plugin Own: is code of your own"]);
    assert_eq!(blocking(folder.path()), ["b.txt"]);
}

#[test]
fn output_and_exclude_files_of_trufflehog_are_read() {
    let folder = leaky();
    let line = |path: &str, raw: &str| serde_json::json!({"SourceMetadata": {"Data": {"Filesystem": {"file": path, "line": 2}}}, "DetectorName": "Github", "Raw": raw});
    let text = format!("{}\n{{\"level\":\"info\"}}\n{}\n", line("a.txt", &github(1)), line("b.txt", &github(8)));
    import(folder.path(), "trufflehog", "out.json", &text);
    assert_eq!(blocking(folder.path()), ["b.txt", "lib/c.txt"]);
    import(folder.path(), "trufflehog", "exclude.txt", "# ours\n^lib/\n");
    assert_eq!(blocking(folder.path()), ["b.txt"]);
}

#[test]
fn rules_and_the_baseline_of_kingfisher_are_read() {
    let folder = leaky();
    import(
        folder.path(),
        "kingfisher",
        "baseline-file.yml",
        "ExactFindings:\n  matches:\n    - filepath: a.txt\n      fingerprint: 0123456789abcdef\n      linenum: 2\n",
    );
    assert_eq!(blocking(folder.path()), ["b.txt", "lib/c.txt"]);
    let rules = "rules:\n  - name: Zzcorp\n    id: kingfisher.zzcorp.1\n    pattern: '(?x) \\b ( zzcorp_ [0-9a-z]{24} ) \\b'\n    min_entropy: 3.0\n  - name: Look\n    id: own.look.1\n    pattern: 'a(?<=b)'\n";
    let report = import(folder.path(), "kingfisher", "own.yml", rules);
    has(&report, &["carried over      own.yml rule zzcorp.1", "look-behind `(?<=`"]);
    write(folder.path(), "d.txt", format!("t: zzcorp_{}\n", letters(5, 24).to_lowercase()));
    assert_eq!(blocking(folder.path()), ["b.txt", "d.txt", "lib/c.txt"]);
}

#[test]
fn the_cache_and_configuration_of_ggshield_are_read() {
    let folder = leaky();
    let hash = HEXLOWER.encode(&Sha256::digest(format!("{},apikey", github(1))));
    let cache = serde_json::json!({"last_found_secrets": [{"name": "GitHub Token", "match": hash}]});
    import(folder.path(), "ggshield", ".cache_ggshield", &cache.to_string());
    assert_eq!(blocking(folder.path()), ["b.txt", "lib/c.txt"]);
    let config = format!(
        "version: 2\nsecret:\n  ignored_paths:\n    - 'lib/**'\n  ignored_matches:\n    - name: t\n      match: {}\n",
        github(2)
    );
    import(folder.path(), "ggshield", ".gitguardian.yaml", &config);
    assert_eq!(blocking(folder.path()), Vec::<String>::new());
}

#[test]
fn a_secretlintrc_is_read_and_a_program_is_not_run() {
    let folder = leaky();
    let config = serde_json::json!({"rules": [{"id": "@secretlint/secretlint-rule-preset-recommend", "rules": [
        {"id": "@secretlint/secretlint-rule-github", "options": {"allows": [format!("/{}/i", github(1)[..20].to_lowercase())]}, "allowMessageIds": ["x"]},
    ]}]});
    let report = import(folder.path(), "secretlint", ".secretlintrc.json", &config.to_string());
    has(&report, &["allows of github", "not carried over  .secretlintrc.json allowMessageIds of github"]);
    import(folder.path(), "secretlint", ".secretlintignore", "/lib/\n");
    assert_eq!(blocking(folder.path()), ["b.txt"]);
    write(folder.path(), ".secretlintrc.js", "module.exports = {}\n");
    let run = credlint(folder.path(), &["import", "secretlint", ".secretlintrc.js"], b"");
    assert!(run.code == ERROR && run.err.contains("is a program, and none is run"), "{}", run.err);
}

#[test]
fn a_file_of_another_tool_is_refused_and_a_dry_run_writes_nothing() {
    let folder = leaky();
    write(folder.path(), "x.json", "{\"a\": 1}");
    for tool in ["gitleaks", "detect-secrets", "kingfisher", "ggshield", "secretlint"] {
        let run = credlint(folder.path(), &["import", tool, "x.json"], b"");
        assert!(run.code == ERROR && run.err.contains("x.json: "), "{tool}: {}{}", run.out, run.err);
    }
    let empty = import(folder.path(), "detect-secrets", ".secrets.baseline", "{\"results\": {}}");
    has(&empty, &["nothing to carry over"]);
    write(folder.path(), ".gitleaks.toml", "[allowlist]\npaths = ['lib/']\n");
    let run = credlint(folder.path(), &["import", "gitleaks", ".gitleaks.toml", "--dry-run"], b"");
    has(&run.out, &["would write credlint.yaml:", "path-regex:"]);
    assert!(!folder.path().join("credlint.yaml").exists());
}

#[test]
fn importing_twice_keeps_what_was_written_by_hand() {
    let folder = leaky();
    write(
        folder.path(),
        "credlint.yaml",
        "# ours\nallow:\n  patterns:\n    - reason: by hand # kept\n      paths: [/b.txt]\nblock: likely\n",
    );
    import(folder.path(), "gitleaks", ".gitleaks.toml", "[allowlist]\npaths = ['lib/']\n");
    let text = fs::read_to_string(folder.path().join("credlint.yaml")).unwrap();
    has(&text, &["# ours\n", "by hand # kept", "block: likely\n"]);
    assert_eq!(blocking(folder.path()), ["a.txt"]);
    assert_eq!(GITHUB, scan(folder.path(), &[], b"").1["findings"][0]["rule"]);
}
