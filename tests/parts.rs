//! Credentials of several parts are one finding, in every report; parts are shown only where they give no access.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use common::tokens::letters;
use common::{command, credlint, scan, write};
use serde_json::Value;
use tempfile::TempDir;

const PAIR: [&str; 2] = ["aws-access-key-id", "aws-secret-access-key"];

/// An id of the right shape and a secret: both made here.
fn aws(seed: u64) -> (String, String) {
    let upper: String = letters(seed, 64).to_uppercase().chars().filter(|c| !"0189".contains(*c)).collect();
    (format!("{}{}", ["AK", "IA"].concat(), &format!("Z{upper}")[..16]), letters(seed + 1, 40))
}

fn environment(seed: u64) -> String {
    let (id, secret) = aws(seed);
    format!("{}={id}\n{}={secret}\n", ["AWS_ACC", "ESS_KEY_ID"].concat(), ["AWS_SEC", "RET_ACCESS_KEY"].concat())
}

fn found(name: &str, text: &str, more: &[&str]) -> (TempDir, Vec<Value>) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), name, text);
    let (_, report) = scan(folder.path(), &[more, &["."]].concat(), b"");
    let findings = report["findings"].as_array().unwrap().clone();
    (folder, findings)
}

/// `role=value@line:column` of each part.
fn parts(finding: &Value) -> Vec<String> {
    let Some(parts) = finding["parts"].as_array() else { return Vec::new() };
    let text = |part: &Value, key: &str| part[key].as_str().unwrap().to_owned();
    let told =
        |part: &Value| format!("{}={}@{}:{}", text(part, "role"), text(part, "value"), part["line"], part["column"]);
    parts.iter().map(told).collect()
}

#[test]
fn a_key_and_its_id_are_one_finding_and_the_id_stays_hidden() {
    let text = environment(1);
    let (folder, findings) = found("a.env", &text, &[]);
    let [finding] = findings.as_slice() else { unreachable!("{findings:?}") };
    assert_eq!(finding["rule"], PAIR[1]);
    assert_eq!(parts(finding), ["id=[REDACTED]@1:19"]);
    assert_eq!(finding["parts"][0]["rule"], PAIR[0]);
    assert_eq!((&finding["parts"][0]["offset"], &finding["parts"][0]["end_offset"]), (&18.into(), &38.into()));
    let (id, secret) = aws(1);
    for format in ["human", "json", "jsonl", "sarif", "sarif-full"] {
        let run = credlint(folder.path(), &["scan", "--report", format, "."], b"");
        assert!(!run.out.contains(&id) && !run.out.contains(&secret), "{}", run.out);
    }
    let sarif = credlint(folder.path(), &["scan", "--report", "sarif", "."], b"").out;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let related = &result["relatedLocations"][0];
    assert_eq!(related["physicalLocation"]["region"]["startColumn"], 19);
    assert_eq!(related["message"]["text"], format!("The credential's id: [REDACTED] ({}).", PAIR[0]));
    assert_eq!(result["properties"]["parts"][0]["role"], "id");
    let human = credlint(folder.path(), &["scan", "."], b"").out;
    assert!(human.contains(&format!("= id: [REDACTED] ({}) at 1:19", PAIR[0])), "{human}");
}

#[test]
fn an_id_alone_and_one_that_is_asked_for_alone_are_findings() {
    let (id, _) = aws(2);
    let (_folder, findings) = found("a.txt", &format!("the id is {id} here\n"), &[]);
    assert_eq!(findings.iter().map(|one| &one["rule"]).collect::<Vec<_>>(), [PAIR[0]]);
    for (only, other) in [(["--only", PAIR[0]], PAIR[0]), (["--skip", PAIR[1]], PAIR[0])] {
        let (_folder, findings) = found("a.env", &environment(3), &only);
        assert_eq!(findings.iter().map(|one| &one["rule"]).collect::<Vec<_>>(), [other]);
    }
}

#[test]
fn each_secret_has_the_id_of_its_own_pair_in_either_order() {
    let pairs = format!("{}{}", environment(4), environment(5));
    let (_folder, findings) = found("a.env", &pairs, &[]);
    let ids: Vec<_> = findings.iter().flat_map(parts).collect();
    assert_eq!(ids, ["id=[REDACTED]@1:19", "id=[REDACTED]@3:19"]);
    let lines: Vec<&str> = pairs.lines().collect();
    let turned: Vec<&str> = lines.chunks(2).flat_map(|pair| [pair[1], "\n", pair[0], "\n"]).collect();
    let turned = turned.concat();
    let (_folder, findings) = found("a.env", &turned, &[]);
    let ids: Vec<_> = findings.iter().flat_map(parts).collect();
    assert_eq!(ids, ["id=[REDACTED]@2:19", "id=[REDACTED]@4:19"]);
}

#[test]
fn user_host_and_database_of_the_same_name_and_block_are_shown() {
    let (word, secret) = (["PASS", "WORD"].concat(), letters(6, 12));
    let text = format!("DB_HOST=db.example\nDB_USER=app\nDB_NAME=orders\nDB_{word}={secret}\nMAIL_USER=post\n");
    let (_folder, findings) = found("a.env", &text, &[]);
    assert_eq!(parts(&findings[0]), ["user=app@2:9", "host=db.example@1:9", "database=orders@3:9"]);
    let word = word.to_lowercase();
    let yaml = format!(
        "- user: first\n  {word}: {secret}\n- user: second\n  {word}: {secret}x\n  other:\n    host: elsewhere\n"
    );
    let (_folder, findings) = found("a.yml", &yaml, &[]);
    assert_eq!(findings.iter().flat_map(parts).collect::<Vec<_>>(), ["user=first@1:9", "user=second@3:9"]);
    let code = format!("x = \"Server=sq1;Initial Catalog=shop;User Id=sa;{word}={secret};\"\n");
    let (_folder, findings) = found("a.py", &code, &[]);
    assert_eq!(
        findings.iter().flat_map(parts).collect::<Vec<_>>(),
        ["user=sa@1:46", "host=sq1@1:13", "database=shop@1:33"]
    );
}

#[test]
fn references_and_urls_with_passwords_are_no_parts() {
    let (word, secret) = (["pass", "word"].concat(), letters(7, 12));
    let text = format!("user: ${{DB_USER}}\nhost: https://a:{secret}y@h/\n{word}: {secret}\n");
    let (_folder, findings) = found("a.yml", &text, &[]);
    let own = findings.iter().find(|one| one["name"] == word.as_str()).unwrap();
    assert_eq!(parts(own), Vec::<String>::new());
}

#[test]
fn a_url_has_its_user_host_and_database_as_parts_and_a_token_for_a_user_stays_hidden() {
    let secret = letters(8, 14);
    let (_folder, findings) = found("a.txt", &format!("postgres://bob:{secret}@pg.example:5432/orders\n"), &[]);
    assert_eq!(parts(&findings[0]), ["user=bob@1:12", "host=pg.example:5432@1:31", "database=orders@1:47"]);
    let token = letters(9, 32);
    let (folder, findings) = found("a.txt", &format!("https://{token}:{secret}@git.example/x\n"), &[]);
    assert!(findings.iter().flat_map(parts).any(|part| part == "user=[REDACTED]@1:9"), "{findings:?}");
    let human = credlint(folder.path(), &["scan", "."], b"").out;
    assert!(!human.contains(&token), "{human}");
}

#[test]
fn explain_says_what_belongs_together() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.env", environment(10));
    let explain = |place: &str| {
        let output = command(folder.path()).args(["explain", place]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let id = explain("a.env:1");
    assert!(id.contains(&format!("reported as the id of {} at 2:23", PAIR[1])), "{id}");
    let secret = explain("a.env:2");
    assert!(secret.contains(&format!("its id stands at 1:19 ({})", PAIR[0])), "{secret}");
}

#[test]
fn a_stream_tells_the_same_parts_as_a_file() {
    let text = environment(11);
    let (_, file) = found("a.env", &text, &[]);
    let folder = TempDir::new().unwrap();
    let (_, report) = scan(folder.path(), &["-"], text.as_bytes());
    assert_eq!(parts(&report["findings"][0]), parts(&file[0]));
}

#[test]
fn parts_of_unknown_rules_and_parts_that_nothing_finds_are_refused() {
    let folder = TempDir::new().unwrap();
    let rule = |parts: &str| {
        format!(
            "provider: acme\nname: Acme\nrules:\n  - id: acme-key\n    title: Acme key\n    severity: high\n    description: d\n    \
             fix: f\n    pattern: 'acme_[0-9a-z]{{20}}'\n    parts:\n      - role: id\n{parts}    match: ['acm<~>e_k3vq<~>9tlx0w<~>b7rmyc<~>5hd1']\n    \
             no_match: [{{text: acme_, by: pattern}}]\n"
        )
    };
    for (parts, wrong) in [
        (
            "        rules: [acme-id]\n",
            "acme.yml:4: rule acme-key: there is no rule `acme-id` that could find its part",
        ),
        ("", "acme.yml:4: rule acme-key: a part is told either by `rules` or by `names`; give one of them"),
    ] {
        write(folder.path(), "acme.yml", rule(parts));
        let run = credlint(folder.path(), &["rules", "check", "acme.yml"], b"");
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        assert!(format!("{}{}", run.out, run.err).contains(wrong), "{}{}", run.out, run.err);
    }
}
