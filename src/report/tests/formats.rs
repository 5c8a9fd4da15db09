//! What holds for every format.

use serde_json::Value;

use crate::policy::{Exit, Outcome, Policy};
use crate::report::escape::is_unsafe;
use crate::report::{Format, Report};

use super::sample::{Sample, sample, written};

fn formats() -> impl Iterator<Item = Format> {
    Format::NAMES.iter().map(|(_, format)| *format)
}

fn json(report: &Report<'_>) -> Value {
    serde_json::from_str(&written(report, Format::Json)).unwrap()
}

#[test]
fn no_value_and_no_half_of_one_is_shown() {
    let sample = sample();
    let key = b"key".as_slice();
    for format in formats() {
        let text = written(&Report { key: Some(key), ..sample.report() }, format);
        for value in &sample.values {
            let middle = value.len() / 2;
            for half in [&value[..middle], &value[middle..]] {
                assert!(!text.contains(half), "{} shows part of a value", text.len());
            }
        }
        assert!(text.contains("[REDACTED]"));
    }
}

#[test]
fn values_are_shown_on_demand_and_never_in_sarif() {
    let sample = sample();
    let report = Report { show_secrets: true, ..sample.report() };
    for format in formats() {
        let text = written(&report, format);
        let sarif = matches!(format, Format::Sarif | Format::SarifFull);
        assert_eq!(text.contains(&sample.values[0]), !sarif);
        assert_eq!(text.contains(&sample.values[5]), !sarif && format != Format::Human);
    }
    assert_eq!(json(&report)["findings"][0]["secret"], Value::from(sample.values[0].as_str()));
}

#[test]
fn hostile_text_is_escaped() {
    let sample = sample();
    for format in formats() {
        let text = written(&sample.report(), format);
        let bad = text.chars().filter(|c| *c != '\n' && is_unsafe(*c)).count();
        assert_eq!(bad, 0);
        assert!(!text.contains("\n::error"));
        assert!(!text.contains("##vso[x]"));
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in formats() {
        assert_eq!(written(&sample().report(), format), written(&sample().report(), format));
    }
}

#[test]
fn every_gap_is_named_and_every_finding_counted() {
    let sample = sample();
    for format in formats() {
        let text = written(&sample.report(), format);
        for gap in &sample.gaps {
            assert!(text.contains(gap.reason.name()) && text.contains(&gap.detail));
        }
    }
    let counts = &json(&sample.report())["counts"];
    assert_eq!(counts.to_string(), r#"{"baselined":0,"blocks":16,"gaps":3,"reported":2,"suppressed":1}"#);
}

#[test]
fn an_empty_report_is_a_whole_one() {
    let sample = Sample { verdicts: Vec::new(), values: Vec::new(), gaps: Vec::new(), policy: Policy::default() };
    let report = Report { exit: Exit::Clean, ..sample.report() };
    for format in formats() {
        assert!(written(&report, format).contains("clean"));
    }
}

#[test]
fn json_holds_every_finding_with_its_place() {
    let sample = sample();
    let report = Report { key: Some(b"key"), ..sample.report() };
    let document = json(&report);
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), sample.verdicts.len());
    let first = &findings[0];
    assert_eq!(first["column"], 14);
    assert_eq!(first["column_utf16"], 15);
    assert_eq!(first["excerpt"], " key = \"😀\", \"[REDACTED]\", pw = \"[REDACTED]\"; ü");
    assert_eq!(first["facts"]["user"], "like [REDACTED]");
    assert_eq!(first["fingerprint"].as_str().unwrap().len(), 64);
    assert!(first.get("secret").is_none());
    assert_eq!(findings[1]["name"], "pw_[REDACTED]");
    let suppressed = sample.verdicts.iter().position(|verdict| verdict.outcome == Outcome::Suppressed).unwrap();
    assert_eq!(findings[suppressed]["suppression"]["tool"], "gitleaks");
    assert_eq!(findings[suppressed]["suppression"]["reason"], "sample [REDACTED]");
    assert_eq!(document["verdict"], "blocked");
    assert!(json(&sample.report())["findings"][0].get("fingerprint").is_none());
}

#[test]
fn json_keys_come_in_their_order() {
    let text = written(&sample().report(), Format::Json);
    let places = ["schema_version", "tool", "verdict", "exit_code", "counts", "stats", "findings", "gaps"];
    let places: Vec<_> = places.iter().map(|key| text.find(&format!("\n \"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted());
}

#[test]
fn json_lines_hold_what_the_document_holds() {
    let sample = sample();
    let document = json(&sample.report());
    let text = written(&sample.report(), Format::Jsonl);
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter_mut().map(|line| line.as_object_mut().unwrap().remove("type").unwrap()).collect();
    let (findings, gaps) = (sample.verdicts.len(), sample.gaps.len());
    assert!(kinds[..findings].iter().all(|kind| kind == "finding"));
    assert!(kinds[findings..findings + gaps].iter().all(|kind| kind == "gap"));
    assert_eq!(kinds[findings + gaps..], ["summary"]);
    assert_eq!(lines[..findings], document["findings"].as_array().unwrap()[..]);
    assert_eq!(lines[findings..findings + gaps], document["gaps"].as_array().unwrap()[..]);
    assert_eq!(lines[findings + gaps]["counts"], document["counts"]);
}
