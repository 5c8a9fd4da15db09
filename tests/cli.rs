//! The command line: wrong usage and broken rule files are said with what to do, gaps end with 3, `explain` explains.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use common::tokens::{GITHUB, github, letters};
use common::{credlint, github_at, places, scan, write};
use credlint::rule::raw::joined;
use tempfile::TempDir;

const CLEAN: i32 = 0;
const BLOCKED: i32 = 1;
const ERROR: i32 = 2;
const INCOMPLETE: i32 = 3;

/// A folder with one clean file.
fn clean() -> TempDir {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "main.c", "int main(void) { return 0; }\n");
    folder
}

/// Fails to start: nothing on standard output, and these words on standard error.
fn refuses(arguments: &[&str], words: &[&str]) {
    let run = credlint(clean().path(), arguments, b"");
    assert_eq!((run.code, run.out.as_str()), (ERROR, ""), "{arguments:?}: {}", run.err);
    for word in words {
        assert!(run.err.contains(word), "{arguments:?}: no {word:?} in: {}", run.err);
    }
}

#[test]
fn an_unknown_rule_is_refused_with_the_nearest_one() {
    for flag in ["--only", "--skip"] {
        refuses(
            &["scan", flag, "github-personal-acess-token"],
            &["there is no rule `github-personal-acess-token`", &format!("did you mean {GITHUB}?")],
        );
        refuses(&["scan", flag, "qqq"], &["there is no rule `qqq`", "credlint rules list"]);
    }
}

#[test]
fn an_unknown_report_format_is_refused_with_the_known_ones() {
    refuses(
        &["scan", "--report", "xml"],
        &["there is no report format `xml`", "human, json, jsonl, sarif, sarif-full"],
    );
    refuses(&["scan", "--report", "xml=out.xml"], &["there is no report format `xml`"]);
}

#[test]
fn two_reports_on_standard_output_are_refused() {
    refuses(
        &["scan", "--report", "json", "--report", "human"],
        &["two reports would go to standard output", "--report sarif=out.sarif"],
    );
}

#[test]
fn values_in_the_clear_are_refused_where_anyone_may_read_them() {
    refuses(&["scan", "--show-secrets"], &["--show-secrets", "--report json=PATH"]);
}

#[test]
fn a_short_or_missing_key_file_is_refused() {
    let folder = clean();
    write(folder.path(), "key", "short");
    let run = credlint(folder.path(), &["scan", "--key-file", "key", "main.c"], b"");
    assert_eq!(run.code, ERROR);
    assert!(run.err.contains("16 are the least"), "{}", run.err);
}

#[test]
fn no_rule_left_is_refused() {
    refuses(&["scan", "--only", GITHUB, "--skip", GITHUB], &["no rule is left to scan with"]);
}

#[test]
fn explain_wants_a_place() {
    refuses(&["explain", "main.c"], &["`main.c` is no place in a file", "FILE:LINE"]);
    refuses(&["explain", "main.c:x"], &["is no place in a file"]);
    refuses(&["explain", "main.c:9"], &["main.c has no line 9", "2 lines"]);
    refuses(&["explain", "main.c:0"], &["main.c has no line 0"]);
    refuses(&["explain", "gone.c:1"], &["gone.c cannot be read"]);
}

/// A rule file without a fault. The line numbers of the tests below count in it.
const RULES: &str = "provider: acme
name: Acme
rules:
  - id: acme-api-key
    title: Acme API key
    severity: high
    description: Full access to one Acme account.
    fix: Revoke it under Settings.
    pattern: 'acme_[0-9a-z]{32}'
    match: ['acm<~>e_q7w2k<~>z9x4v1<~>m8b3t6<~>h5r0pd<~>2s7j4n<~>9c1']
    no_match:
      - text: 'acm<~>e_0123'
        by: pattern
  - id: acme-token
    title: Acme token
    severity: low
    description: Reads one Acme account.
    fix: Revoke it under Settings.
    kind: context
    words: [acme]
    pattern: '[0-9a-f]{32}'
    match: ['acm<~>e_toke<~>n = 9f3<~>a1c77d0<~>e84b2f<~>56a8c0<~>d1e2b7<~>3c5d']
    no_match:
      - text: 'acme'
        by: pattern
";

/// `(what is wrong, text, its replacement, line, words of the message)`.
const FAULTS: &[(&str, &str, &str, usize, &str)] = &[
    ("an unknown key", "    title: Acme token", "    colour: red\n    title: Acme token", 15, "unknown field `colour`"),
    ("a missing key", "    severity: low\n", "", 14, "severity"),
    ("an unknown severity", "severity: low", "severity: lethal", 16, "lethal"),
    ("an unknown stage", "'acm<~>e_0123'\n        by: pattern", "'acm<~>e_0123'\n        by: magic", 13, "magic"),
    (
        "no YAML",
        "    fix: Revoke it under Settings.\n    pattern",
        "    fix: \"Revoke\" it\n    pattern",
        8,
        "rules.md",
    ),
    (
        "another type",
        "    fix: Revoke it under Settings.\n    pattern",
        "    fix: [Revoke]\n    pattern",
        8,
        "expected a string",
    ),
    ("another provider", "provider: acme", "provider: acne", 1, "provider is `acne` but the file is called `acme`"),
    ("an id of another provider", "id: acme-token", "id: zzz-token", 14, "an id is `acme-<kind>`"),
    ("an id in upper case", "id: acme-token", "id: acme-Token", 14, "lower case"),
    ("ids out of order", "id: acme-token", "id: acme-aaa", 14, "stands after acme-api-key"),
    ("an empty title", "title: Acme token", "title: ''", 14, "`title` is empty"),
    ("an empty fix", "fix: Revoke it under Settings.\n    kind", "fix: ' '\n    kind", 14, "`fix` is empty"),
    (
        "a pattern that does not compile",
        "{32}'\n    match: ['acm<~>e_q7",
        "{32}('\n    match: ['acm<~>e_q7",
        4,
        "does not compile",
    ),
    ("a pattern with look-around", "'acme_[0-9a-z]{32}'", "'acme_(?=x)[0-9a-z]{32}'", 4, "look-around"),
    ("a pattern that matches nothing at all", "'[0-9a-f]{32}'", "'[0-9a-f]*'", 14, "matches the empty text"),
    ("a pattern without a literal", "'acme_[0-9a-z]{32}'", "'[0-9a-z]{32}'", 4, "no literal of 3 or more bytes"),
    ("no pattern", "    pattern: '[0-9a-f]{32}'\n", "", 14, "needs `pattern`"),
    ("no words", "    words: [acme]\n", "", 14, "needs `words`"),
    ("a short word", "words: [acme]", "words: [ac]", 14, "`ac` is too short"),
    ("no names", "kind: context", "kind: assignment", 14, "needs `names`"),
    (
        "an unknown proof",
        "    kind: context",
        "    proof: crystal-ball\n    kind: context",
        14,
        "there is no proof `crystal-ball`",
    ),
    (
        "no match example",
        "['acm<~>e_toke<~>n = 9f3<~>a1c77d0<~>e84b2f<~>56a8c0<~>d1e2b7<~>3c5d']",
        "[]",
        14,
        "has no `match` example",
    ),
    ("no no_match example", "\n      - text: 'acme'\n        by: pattern", " []", 14, "has no `no_match` example"),
];

#[test]
fn every_fault_of_a_rule_file_is_said_with_file_and_line() {
    let mut wrong = Vec::new();
    for &(what, text, replacement, line, words) in FAULTS {
        assert!(RULES.contains(text), "{what}: nothing to replace");
        let folder = clean();
        write(folder.path(), "own/acme.yml", RULES.replacen(text, replacement, 1));
        for arguments in [&["scan", "--rules", "own", "main.c"][..], &["scan", "--rules", "own/acme.yml", "main.c"]] {
            let run = credlint(folder.path(), arguments, b"");
            if run.code != ERROR || !run.err.contains(&format!("own/acme.yml:{line}: ")) || !run.err.contains(words) {
                wrong.push(format!("{what}: line {line} and {words:?} wanted; exit {}: {}", run.code, run.err.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_rule_file_without_a_fault_is_taken() {
    let folder = clean();
    write(folder.path(), "own/acme.yml", RULES);
    write(folder.path(), "a.txt", joined("key acm<~>e_q7w2k<~>z9x4v1<~>m8b3t6<~>h5r0pd<~>2s7j4n<~>9c1\n"));
    let (code, report) = scan(folder.path(), &["--rules", "own", "a.txt"], b"");
    assert_eq!(code, BLOCKED);
    assert_eq!(places(&report), [("a.txt".to_owned(), 1, 5, "acme-api-key".to_owned())]);
    let run = credlint(folder.path(), &["rules", "check", "own"], b"");
    assert_eq!(run.code, CLEAN, "{}", run.out);
}

#[test]
fn ids_used_twice_are_said_with_both_places() {
    let folder = clean();
    write(folder.path(), "own/acme.yml", RULES);
    write(folder.path(), "other/acme.yml", RULES);
    write(
        folder.path(),
        "github.yml",
        RULES
            .replace("acme-api-key", GITHUB)
            .replace("acme-token", "github-zzz")
            .replace("provider: acme", "provider: github"),
    );
    let run = credlint(folder.path(), &["scan", "--rules", "github.yml", "main.c"], b"");
    assert_eq!(run.code, ERROR, "{}", run.err);
    assert!(run.err.contains(&format!("github.yml:4: rule id {GITHUB} belongs to a built-in rule")), "{}", run.err);
    let run = credlint(folder.path(), &["scan", "--rules", "own", "--rules", "other", "main.c"], b"");
    assert_eq!(run.code, ERROR, "two folders with the same ids: {}", run.err);
    assert!(run.err.contains("acme-api-key"), "{}", run.err);
}

#[test]
fn an_id_used_twice_in_one_file_is_said_with_the_second_line() {
    let folder = clean();
    write(folder.path(), "acme.yml", RULES.replace("id: acme-token", "id: acme-api-key"));
    let run = credlint(folder.path(), &["scan", "--rules", "acme.yml", "main.c"], b"");
    assert_eq!(run.code, ERROR);
    assert!(run.err.contains("acme.yml:14: rule id acme-api-key is used already in acme.yml:4"), "{}", run.err);
}

#[test]
fn a_folder_without_rule_files_and_a_file_that_is_no_text_are_refused() {
    let folder = clean();
    fs::create_dir(folder.path().join("empty")).unwrap();
    write(folder.path(), "acme.yml", b"provider: \xff\xfe\n");
    for (path, words) in [("empty", "holds no rule file"), ("acme.yml", "acme.yml:"), ("gone.yml", "cannot be read")] {
        let run = credlint(folder.path(), &["scan", "--rules", path, "main.c"], b"");
        assert_eq!(run.code, ERROR, "{path}");
        assert!(run.err.contains(words), "{path}: {}", run.err);
    }
}

#[test]
fn one_rule_alone_finds_what_it_finds_among_all() {
    // One rule for each way the engine reaches a pattern, and one of each kind.
    let ids = [
        GITHUB,
        "slack-webhook-url",
        "telegram-bot-token",
        "azure-function-key",
        "generic-password",
        "datadog-api-key",
        "privatekey-pem",
    ];
    for rule in credlint::rule::builtin().iter().filter(|rule| ids.contains(&rule.id.as_ref())) {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = credlint::rule::load::load(&root.join(format!("rules/{}.yml", rule.provider)))
            .map_err(|errors| errors.len())
            .unwrap();
        let raw = files[0].raw.rules.iter().find(|raw| raw.id == rule.id).unwrap();
        let text = raw.matches[0].text();
        let (code, report) = scan(clean().path(), &["--only", &rule.id, "--block", "possible", "-"], text.as_bytes());
        assert_eq!((code, places(&report).len()), (BLOCKED, 1), "{}", rule.id);
    }
}

#[test]
fn a_missing_path_beside_an_existing_one_is_a_gap() {
    let folder = clean();
    let (code, report) = scan(folder.path(), &["main.c", "gone.c"], b"");
    assert_eq!(code, INCOMPLETE);
    assert_eq!(
        report["gaps"],
        serde_json::json!([{"what": "gone.c", "reason": "missing", "detail": "no such file or folder"}])
    );
    assert_eq!(report["stats"]["files"], 1);
}

#[test]
fn a_file_the_system_refuses_to_read_is_a_gap() {
    let folder = clean();
    // Opens for everyone and reads for nobody, root included.
    #[cfg(target_os = "linux")]
    {
        let (code, report) = scan(folder.path(), &["main.c", "/proc/self/mem"], b"");
        assert_eq!(code, INCOMPLETE, "{report}");
        assert_eq!(
            (&report["gaps"][0]["what"], &report["gaps"][0]["reason"]),
            (&"/proc/self/mem".into(), &"unreadable".into())
        );
    }
    write(folder.path(), "locked.txt", "x");
    write(folder.path(), "closed/a.txt", "x");
    for name in ["locked.txt", "closed"] {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let refused = fs::read(folder.path().join("locked.txt")).is_err();
    let (code, report) = scan(folder.path(), &[], b"");
    fs::set_permissions(folder.path().join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
    // Permissions do not stop root, who then reads both.
    let wanted = if refused { (INCOMPLETE, 2, 1) } else { (CLEAN, 0, 3) };
    let gaps = report["gaps"].as_array().unwrap().len();
    assert_eq!((code, gaps, report["stats"]["files"].as_u64().unwrap()), wanted, "{report}");
}

#[test]
fn a_named_pipe_is_read_once_to_its_end() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn(move || fs::write(pipe, format!("one\n  {}\n", github(1))));
    let (code, report) = scan(folder.path(), &["pipe"], b"");
    writer.join().unwrap().unwrap();
    assert_eq!((code, places(&report)), (BLOCKED, vec![github_at("pipe", 2, 3)]));
}

#[test]
fn a_pipe_below_a_scanned_folder_does_not_hang_the_run() {
    let folder = clean();
    assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    let (code, report) = scan(folder.path(), &[], b"");
    assert_eq!((code, &report["stats"]["files"]), (CLEAN, &1.into()));
}

#[test]
fn the_name_given_for_standard_input_is_shown_and_decides_how_it_is_read() {
    let text = format!("password = {}\n", letters(3, 12));
    let folder = TempDir::new().unwrap();
    let (code, report) = scan(folder.path(), &["-", "--stdin-name", "deploy/app.env"], text.as_bytes());
    assert_eq!(
        (code, places(&report)),
        (BLOCKED, vec![("deploy/app.env".to_owned(), 1, 12, "generic-password".to_owned())])
    );
    let (code, report) = scan(folder.path(), &["-", "--stdin-name", "app.rs"], text.as_bytes());
    assert_eq!((code, places(&report)), (CLEAN, vec![]), "an unquoted value in code is an expression");
}

#[test]
fn standard_input_and_files_are_scanned_together() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.txt", format!("x {}\n", github(1)));
    let (code, report) = scan(folder.path(), &["a.txt", "-"], format!("yy {}\n", github(2)).as_bytes());
    assert_eq!((code, places(&report)), (BLOCKED, vec![github_at("a.txt", 1, 3), github_at("stdin", 1, 4)]));
}

#[test]
fn the_same_value_in_two_files_is_two_places_of_one_group() {
    let folder = TempDir::new().unwrap();
    for (name, seed) in [("a.txt", 1), ("b.txt", 2), ("c.txt", 1)] {
        write(folder.path(), name, format!("x {}\n", github(seed)));
    }
    let (_, report) = scan(folder.path(), &[], b"");
    let groups: Vec<u64> =
        report["findings"].as_array().unwrap().iter().map(|entry| entry["group"].as_u64().unwrap()).collect();
    assert_eq!(groups, [1, 2, 1]);
}

#[test]
fn a_key_header_without_a_key_hides_nothing_behind_it() {
    let folder = TempDir::new().unwrap();
    let header = joined("-----BEG<~>IN PRI<~>VATE KEY-----");
    let password = letters(4, 14);
    let text = format!("# paste the key below {header}\nname: shop\npassword: \"{password}\"\n");
    write(folder.path(), "app.yml", text);
    let (code, report) = scan(folder.path(), &["app.yml"], b"");
    assert_eq!(places(&report), [("app.yml".to_owned(), 3, 12, "generic-password".to_owned())]);
    assert_eq!(code, BLOCKED);
}

#[test]
fn explain_says_why_a_line_is_reported_dropped_or_neither() {
    let folder = TempDir::new().unwrap();
    let fill = format!("{}{}", joined("gh<~>p_"), "x".repeat(36));
    write(
        folder.path(),
        "a.txt",
        format!("ü key {}\nkey {fill}\nnothing at all\nkey {} # gitleaks:allow\n", github(1), github(2)),
    );
    let explain = |place: &str| {
        let run = credlint(folder.path(), &["explain", place], b"");
        assert_eq!(run.code, CLEAN, "{}", run.err);
        run.out
    };
    let has = |place: &str, words: &[&str]| {
        let out = explain(place);
        for word in words {
            assert!(out.contains(word), "{place}: no {word:?} in {out}");
        }
        assert!(
            !out.contains(&github(1)) && !out.contains(&github(2)) && !out.contains(&fill),
            "{place} shows a value"
        );
    };
    let reported = format!("{GITHUB} at column 7, 40 bytes: certain");
    has("a.txt:1", &["a.txt:1: reported", &reported, "because"]);
    has("a.txt:1:7", &["a.txt:1: reported", &reported]);
    has("a.txt:2", &["a.txt:2: not reported", GITHUB, "dropped by placeholder"]);
    has("a.txt:3", &["a.txt:3: not reported", "no rule's pattern, name or word matches there"]);
    has("a.txt:4", &[GITHUB, "allowed by a comment (gitleaks)"]);
}

#[test]
fn explain_counts_lines_and_columns_of_utf16_as_the_scan_does() {
    let folder = TempDir::new().unwrap();
    // The second character's code units hold the byte of a line feed.
    let text = format!("\u{feff}\u{0a0a}\u{0a05} one\r\nkey 😀 {}\r\n", github(1));
    write(folder.path(), "a.txt", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let (_, report) = scan(folder.path(), &["a.txt"], b"");
    assert_eq!(places(&report), [github_at("a.txt", 2, 7)]);
    let run = credlint(folder.path(), &["explain", "a.txt:2"], b"");
    assert!(run.out.contains(&format!("{GITHUB} at column 7")), "{}", run.out);
}
