//! What the readers of formats see: every folder of `testdata/formats/` has a tree of files and the findings in it, all of
//! them, and nothing else.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::tokens;
use credlint::judge::Finding;
use credlint::rule::RuleSet;
use credlint::rule::raw::joined;
use credlint::scan::Scanner;
use credlint::source::Origin;
use serde::Deserialize;

/// A finding, as `cases.yml` of a folder lists them: sorted by file, line and column.
#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    line: u64,
    column: u64,
    rule: String,
    /// The key path.
    #[serde(default)]
    name: Option<String>,
    /// What stands at the finding's place in the file, as it is written there.
    at: String,
    /// A piece of what is said of the place.
    #[serde(default)]
    means: Option<String>,
}

struct Format {
    folder: PathBuf,
    cases: Vec<Case>,
    /// Path below `tree/` and content.
    files: Vec<(String, String)>,
}

fn formats() -> Vec<Format> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/formats");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 6, "only {} formats", folders.len());
    folders.into_iter().map(format).collect()
}

fn format(folder: PathBuf) -> Format {
    let text = fs::read_to_string(folder.join("cases.yml")).unwrap();
    let cases = serde_yaml::from_str(&joined(&text)).unwrap_or_else(|error| unreachable!("{folder:?}: {error}"));
    let (mut files, tree) = (Vec::new(), folder.join("tree"));
    let mut open = vec![tree.clone()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&tree).unwrap().to_str().unwrap().to_owned();
                files.push((name, joined(&fs::read_to_string(path).unwrap())));
            }
        }
    }
    files.sort();
    Format { folder, cases, files }
}

fn scanner() -> Scanner {
    Scanner::new(RuleSet::builtin())
}

fn findings(scanner: &Scanner, name: &str, text: &str) -> Vec<Finding> {
    let outcome = scanner.scan_bytes(&Origin::Stdin(Arc::from(name)), text.as_bytes());
    let gaps: Vec<_> = outcome.gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.detail)).collect();
    assert!(gaps.is_empty(), "{name}: {gaps:?}");
    outcome.findings
}

/// A finding in the form of a case.
fn case(file: &str, text: &str, finding: &Finding) -> Case {
    let (start, end) = (usize::try_from(finding.span.start).unwrap(), usize::try_from(finding.span.end).unwrap());
    Case {
        file: file.to_owned(),
        line: finding.start.line,
        column: finding.start.column,
        rule: finding.rule.id.to_string(),
        name: finding.name.clone(),
        at: text[start..end].to_owned(),
        means: finding.meaning.clone(),
    }
}

#[test]
fn every_format_s_files_give_their_findings_and_no_other() {
    let scanner = scanner();
    let mut wrong = Vec::new();
    for format in formats() {
        let mut wanted = format.cases.iter().collect::<Vec<_>>();
        for (file, text) in &format.files {
            for found in findings(&scanner, file, text).iter().map(|finding| case(file, text, finding)) {
                let told = found.means.as_deref().unwrap_or_default();
                let matches = |case: &Case| {
                    let means = case.means.as_deref().is_none_or(|piece| told.contains(piece));
                    let place = (&case.file, case.line, case.column) == (&found.file, found.line, found.column);
                    let name = case.name.is_none() || case.name == found.name;
                    means && place && name && case.rule == found.rule && case.at == found.at
                };
                match wanted.iter().position(|case| matches(case)) {
                    Some(index) => drop(wanted.remove(index)),
                    None => wrong.push(format!("{}: not listed: {found:?}", format.folder.display())),
                }
            }
        }
        wrong.extend(wanted.iter().map(|case| format!("{}: not found: {case:?}", format.folder.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Beginnings of a text at character borders: all of a short one, some of a long one.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    let step = (text.len() / 150).max(1);
    (0..=text.len()).step_by(step).filter_map(|end| text.get(..end))
}

#[test]
fn a_token_behind_a_broken_file_is_found() {
    let scanner = scanner();
    let token = tokens::github(9);
    for format in formats() {
        for (file, text) in &format.files {
            for beginning in beginnings(text) {
                let broken = format!("{beginning}\n# {token}\n");
                let found = findings(&scanner, file, &broken);
                let seen = found.iter().any(|finding| finding.rule.id == tokens::GITHUB);
                assert!(seen, "{file}, cut at {}", beginning.len());
            }
        }
    }
}

#[test]
fn a_token_in_a_template_is_found() {
    let scanner = scanner();
    let token = tokens::github(10);
    for format in formats() {
        for (file, text) in &format.files {
            let lines: Vec<&str> = text.lines().collect();
            for at in (0..=lines.len()).step_by((lines.len() / 20).max(1)) {
                let (before, after) = lines.split_at(at);
                let template =
                    ["{{- if .Values.x }}", "{% for y in z %}", &token, "{{ x | default(\"y\") }}"].join("\n");
                let text = [before.join("\n"), template, after.join("\n")].join("\n");
                let found = findings(&scanner, file, &text);
                let seen = found.iter().any(|finding| finding.rule.id == tokens::GITHUB);
                assert!(seen, "{file}, template before line {}", at + 1);
            }
        }
    }
}
