//! The SARIF log, read back through the crate's types and as plain JSON.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::policy::{Exit, Outcome, Policy, Verdict};
use crate::report::{Format, Report};
use crate::rule::{Confidence, Proof, Severity};
use crate::source::git::Scope;
use crate::source::git::remote::Checkout;
use crate::source::{FilePath, Origin};

use super::sample::{Sample, file, finding, rule, sample, written};

fn log(report: &Report<'_>, format: Format) -> Value {
    let text = written(report, format);
    let typed: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    serde_json::to_value(typed).unwrap()
}

fn github() -> Value {
    log(&sample().report(), Format::Sarif)
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

fn uri(origin: &Origin, prefix: &str) -> (String, Option<String>) {
    let any = rule("acme-token", Severity::High, Confidence::Certain, None);
    let finding = finding(any, origin, b"abcd", b"abcd");
    let verdicts = vec![Verdict::plain(finding, Outcome::Blocks, 1)];
    let sample = Sample { verdicts, values: Vec::new(), gaps: Vec::new(), policy: Policy::default() };
    let log = log(&Report { prefix: prefix.to_owned(), ..sample.report() }, Format::Sarif);
    let place = &results(&log)[0]["locations"][0]["physicalLocation"]["artifactLocation"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    (text(&place["uri"]).unwrap(), text(&place["uriBaseId"]))
}

#[test]
fn the_first_finding_is_placed_in_utf16_columns() {
    let log = github();
    let place = &results(&log)[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "app/config%20one.env");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    assert_eq!(place["region"].to_string(), r#"{"endColumn":43,"endLine":3,"startColumn":15,"startLine":3}"#);
    assert_eq!(log["runs"][0]["columnKind"], "utf16CodeUnits");
}

#[test]
fn results_name_rules_that_exist_once_and_sorted() {
    for log in [github(), log(&sample().report(), Format::SarifFull)] {
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["acme-api-token", "generic-password", "weak-hint"]);
        for result in results(&log) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], ids[index]);
            assert_eq!(result["kind"], "fail");
        }
    }
}

#[test]
fn rules_say_what_code_scanning_reads() {
    let log = github();
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["name"], "AcmeApiToken");
    assert_eq!(rule["shortDescription"]["text"], "Title of acme-api-token.");
    assert_eq!(rule["defaultConfiguration"]["level"], "error");
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert_eq!(rule["properties"]["precision"], "very-high");
    assert_eq!(rule["properties"]["tags"].to_string(), r#"["security","external/cwe/cwe-798","acme","api-key"]"#);
    assert_eq!(rule["helpUri"], "https://docs.example.com/tokens");
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("Revoke it, then rotate"));
    assert_eq!(rule["relationships"][0]["target"]["id"], "CWE-798");
    let taxonomy = &log["runs"][0]["taxonomies"][0];
    assert_eq!(taxonomy["taxa"][0]["id"], "CWE-798");
    assert_eq!(taxonomy["guid"], rule["relationships"][0]["target"]["toolComponent"]["guid"]);
}

#[test]
fn precision_follows_proof_and_confidence() {
    let rules = [
        rule("a-proved", Severity::Low, Confidence::Likely, Some(Proof::Pem)),
        rule("b-pattern", Severity::Low, Confidence::Likely, None),
        rule("c-weak", Severity::Low, Confidence::Possible, None),
        rule("generic-d", Severity::Low, Confidence::Likely, Some(Proof::Url)),
    ];
    let verdict = |(index, rule)| Verdict::plain(finding(rule, &file("a"), b"abcd", b"abcd"), Outcome::Blocks, index);
    let verdicts = rules.into_iter().enumerate().map(verdict).collect();
    let log = log(
        &Sample { verdicts, values: Vec::new(), gaps: Vec::new(), policy: Policy::default() }.report(),
        Format::Sarif,
    );
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let precisions: Vec<_> = rules.iter().map(|rule| rule["properties"]["precision"].as_str().unwrap()).collect();
    assert_eq!(precisions, ["very-high", "high", "low", "medium"]);
    assert_eq!(rules[0]["properties"]["security-severity"], "2.0");
    assert_eq!(rules[0]["defaultConfiguration"]["level"], "note");
}

#[test]
fn messages_begin_with_a_sentence_that_stands_alone() {
    let log = github();
    let text = results(&log)[0]["message"]["text"].as_str().unwrap();
    assert_eq!(
        text,
        "Title of acme-api-token (certain): the checksum fits. Also: the name says token. \
         Known: account: 123456789012, user: like [REDACTED]. Revoke it, then rotate."
    );
}

#[test]
fn untrusted_words_make_no_link() {
    let mut sample = sample();
    sample.verdicts[0].finding.facts = vec![("user", "[click](https://evil.example)".to_owned())];
    let log = log(&sample.report(), Format::Sarif);
    assert!(results(&log)[0]["message"]["text"].as_str().unwrap().contains("[click] (https"));
}

#[test]
fn levels_follow_severity_and_guesses_are_notes() {
    let log = github();
    let level = |id: &str| {
        let result = results(&log).iter().find(|result| result["ruleId"] == id).unwrap();
        result["level"].as_str().unwrap().to_owned()
    };
    assert_eq!(level("acme-api-token"), "error");
    assert_eq!(level("generic-password"), "warning");
    assert_eq!(level("weak-hint"), "note");
}

#[test]
fn github_gets_no_suppressed_results_and_line_hashes() {
    let sample = sample();
    let log = log(&sample.report(), Format::Sarif);
    assert_eq!(results(&log).len(), sample.verdicts.len() - 1);
    assert!(results(&log).iter().all(|result| result.get("suppressions").is_none()));
    assert_eq!(results(&log)[0]["partialFingerprints"]["primaryLocationLineHash"], "c129715d7a2bc9a3:1");
    assert_eq!(log["runs"][0]["properties"]["suppressed"], 1);
}

#[test]
fn the_full_profile_gets_suppressions_and_no_unkeyed_hashes() {
    let sample = sample();
    let log = log(&sample.report(), Format::SarifFull);
    assert_eq!(results(&log).len(), sample.verdicts.len());
    assert!(results(&log).iter().all(|result| result.get("partialFingerprints").is_none()));
    let suppressed: Vec<_> =
        results(&log).iter().filter(|result| !result["suppressions"].as_array().unwrap().is_empty()).collect();
    assert_eq!(suppressed.len(), 1);
    let suppression = &suppressed[0]["suppressions"][0];
    assert_eq!(suppression["kind"], "inSource");
    assert_eq!(suppression["status"], "accepted");
    assert_eq!(suppression["justification"], "sample [REDACTED] (comment for gitleaks)");
    assert_eq!(suppression["location"]["physicalLocation"]["region"]["startLine"], 3);
}

#[test]
fn values_have_a_keyed_identity_or_none() {
    let sample = sample();
    assert!(results(&github())[0].get("fingerprints").is_none());
    let log = log(&Report { key: Some(b"key"), ..sample.report() }, Format::Sarif);
    let print = |index: usize| &results(&log)[index]["fingerprints"]["credlint/secret-hmac/v1"];
    assert_eq!(print(0), print(2));
    assert_ne!(print(0), print(1));
}

#[test]
fn decoding_steps_are_a_code_flow() {
    let log = github();
    let decoded: Vec<_> = results(&log).iter().filter(|result| result.get("codeFlows").is_some()).collect();
    assert_eq!(decoded.len(), 1);
    let steps = decoded[0]["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let kinds: Vec<_> = steps.iter().map(|step| step["kinds"][0].as_str().unwrap()).collect();
    assert_eq!(kinds, ["base64", "gzip", "value"]);
    assert_eq!(decoded[0]["properties"]["decoded"].to_string(), r#"["base64","gzip"]"#);
}

#[test]
fn the_invocation_says_how_the_run_ended_and_names_gaps() {
    let sample = sample();
    let invocation =
        |exit| log(&Report { exit, ..sample.report() }, Format::Sarif)["runs"][0]["invocations"][0].clone();
    for (exit, successful, code) in
        [(Exit::Clean, true, 0), (Exit::Blocked, true, 1), (Exit::Error, false, 2), (Exit::Incomplete, false, 3)]
    {
        let invocation = invocation(exit);
        assert_eq!(invocation["executionSuccessful"], successful);
        assert_eq!(invocation["exitCode"], code);
    }
    let invocation = invocation(Exit::Incomplete);
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notifications.len(), sample.gaps.len());
    assert_eq!(notifications[0]["descriptor"]["id"], "unreadable");
    assert_eq!(notifications[0]["level"], "error");
    assert_eq!(notifications[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "locked/file");
    assert!(notifications[2].get("locations").is_none());
}

#[test]
fn paths_become_uris() {
    let root = Some("%SRCROOT%".to_owned());
    assert_eq!(uri(&file("a b/ü#?%:x.txt"), ""), ("a%20b/%C3%BC%23%3F%25%3Ax.txt".to_owned(), root.clone()));
    assert_eq!(uri(&file("a.txt"), "sub dir/"), ("sub%20dir/a.txt".to_owned(), root.clone()));
    assert_eq!(uri(&file("/etc/x y"), "sub/"), ("file:///etc/x%20y".to_owned(), None));
    assert_eq!(uri(&Origin::Stdin("<stdin>".into()), "sub/"), ("%3Cstdin%3E".to_owned(), root));
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_keep_their_bytes() {
    use std::os::unix::ffi::OsStringExt as _;
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"/src/d\xff/a\xfe.txt".to_vec()));
    let shown = "d\u{fffd}/a\u{fffd}.txt".to_owned();
    let origin = Origin::File(Arc::new(FilePath { path, shown }));
    assert_eq!(uri(&origin, "").0, "d%FF/a%FE.txt");
}

#[test]
fn the_category_and_the_redaction_token_are_fixed() {
    let log = github();
    let run = &log["runs"][0];
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(run["automationDetails"]["id"], "credlint/");
    assert_eq!(run["redactionTokens"][0], "[REDACTED]");
    assert!(run["originalUriBaseIds"]["%SRCROOT%"].get("uri").is_none());
    assert!(run["tool"]["driver"]["fullName"].as_str().unwrap().starts_with("credlint "));
}

#[test]
fn the_repository_is_named_without_what_was_found() {
    let sample = sample();
    let details = |address: &str, branch: &str, head: Option<&str>| {
        let text = |text: &str| Some(text.to_owned());
        let checkout = Checkout { address: address.to_owned(), revision: text("11"), branch: text(branch) };
        let scope = Scope { head: head.map(str::to_owned), ..Scope::default() };
        let report = Report { checkout: Some(&checkout), scope: Some(&scope), ..sample.report() };
        log(&report, Format::Sarif)["runs"][0]["versionControlProvenance"].clone()
    };
    let root = serde_json::json!({"uriBaseId": "%SRCROOT%"});
    let address = "https://host.example/a.git";
    let expected = serde_json::json!([
        {"repositoryUri": address, "revisionId": "11", "branch": "main", "mappedTo": root}
    ]);
    assert_eq!(details(address, "main", None), expected);
    assert_eq!(details(address, "main", Some("11")), expected);
    let other = serde_json::json!([{"repositoryUri": address, "revisionId": "22", "mappedTo": root}]);
    assert_eq!(details(address, "main", Some("22")), other, "another commit is on no branch that is known");
    let value = String::from_utf8(sample.verdicts[0].finding.secret.expose().to_vec()).unwrap();
    assert_eq!(details(address, &value, None)[0]["branch"], Value::Null);
    assert_eq!(details(&format!("https://host.example/{value}"), "main", None), Value::Null);
    assert_eq!(github()["runs"][0]["versionControlProvenance"], Value::Null);
}
