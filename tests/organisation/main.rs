//! An organisation made here, through the binary: every state and field of the register, exact rows, the same register
//! whether it is taken at once or in parts, and no value anywhere.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use credlint::inventory::kind::{Field, StorageState};
use credlint::inventory::resolve::controls;
use serde_json::Value;

#[path = "../common/mod.rs"]
mod common;
mod expected;
mod firm;
#[expect(dead_code, reason = "the tests of archives use the rest")]
#[path = "../archive/formats.rs"]
mod formats;

use firm::{Firm, IMAGES, LISTS, REPOSITORIES};

/// A run of `credlint inventory`: its exit code and what it prints.
fn inventory(folder: &Path, arguments: &[&str]) -> (i32, Vec<u8>) {
    let mut command = common::command(folder);
    command.arg("inventory").args(arguments).env("CREDLINT_KEY", "an organisation's key for tests");
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!error.contains("internal error") && !error.contains("panicked"), "{error}");
    (output.status.code().unwrap(), output.stdout)
}

/// Arguments that name every list, the day, and one report on standard output.
fn joined(report: &'static str) -> Vec<&'static str> {
    let lists = LISTS.iter().flat_map(|list| ["--join", *list]);
    lists.chain(["--date", "2026-11-22", "--report", report]).collect()
}

/// Arguments for everything at once.
fn whole(report: &'static str) -> Vec<&'static str> {
    let images = IMAGES.iter().flat_map(|image| ["--image", *image]);
    REPOSITORIES.into_iter().chain(images).chain(joined(report)).collect()
}

fn rows(register: &Value) -> &[Value] {
    register["identities"].as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// What people call a row.
fn label(row: &Value) -> &str {
    let fields = &row["resolved"]["fields"];
    ["principal", "name", "key_id"].iter().find_map(|field| fields[field].as_str()).unwrap_or_default()
}

/// Commits' ids as `COMMIT`: they follow from the version of git.
fn plain(text: &str) -> String {
    let id = |word: &str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split(' ').map(|word| if id(word) { "COMMIT" } else { word }).collect::<Vec<_>>().join(" ")
}

fn owner(row: &Value, role: &str) -> String {
    let owner = &row["resolved"][role];
    format!("{} ({}: {})", text(&owner["owner"]), text(&owner["source"]), text(&owner["basis"]))
}

/// The state that a reader sees first of a row, on a few lines.
fn shown(row: &Value) -> String {
    let (resolved, time) = (&row["resolved"], &row["resolved"]["time"]);
    let field = |name: &str| text(&resolved["fields"][name]).to_owned();
    let keys = |name: &str| resolved[name].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let factors = resolved["factors"].as_array().unwrap();
    let factors: Vec<String> =
        factors.iter().map(|factor| format!("{} {}", factor["points"], text(&factor["what"]))).collect();
    let consumers: Vec<&str> =
        row["facts"]["consumers"].as_array().into_iter().flatten().map(|one| text(&one["what"])).collect();
    let lines = [
        format!(
            "{} {} {} {}",
            field("kind"),
            field("credential_mode"),
            text(&resolved["storage"]),
            text(&resolved["lifecycle"])
        ),
        format!("technical {}, business {}", owner(row, "technical_owner"), owner(row, "business_owner")),
        format!("creator {}", text(&resolved["creator"])),
        format!("age {} {}: {}", time["age_days"], text(&time["age_basis"]), plain(text(&time["created_basis"]))),
        format!(
            "rotated {}, due {}, expires {}, used {}",
            text(&time["last_rotated_at"]),
            text(&time["rotation_due"]),
            text(&time["expires_at"]),
            text(&time["last_used_at"])
        ),
        format!(
            "scope {}, consumers [{}], conflicts [{}]",
            field("scope_level"),
            consumers.join("; "),
            keys("conflicts")
        ),
        format!("states {}", keys("states")),
        format!("unknown {}", keys("unknown")),
        format!("tier {} score {}: {}", text(&resolved["tier"]), resolved["score"], factors.join(", ")),
        format!("{}: {}", text(&resolved["recommended"]["action"]), plain(text(&resolved["recommended"]["reason"]))),
    ];
    lines.join("\n")
}

#[test]
fn one_run_shows_everything_and_no_value() {
    let firm = Firm::new();
    let (code, out) = inventory(firm.root(), &whole("json"));
    common::write(firm.root(), "register.json", &out);
    let register: Value = serde_json::from_slice(&out).unwrap();
    // A shallow clone is a gap.
    assert_eq!(code, 3);
    let gaps: Vec<(&str, &str)> =
        register["gaps"].as_array().unwrap().iter().map(|gap| (text(&gap["place"]), text(&gap["reason"]))).collect();
    assert_eq!(gaps, [("cut", "shallow")]);
    every_state_field_and_storage_occurs(&register);
    rows_are_exact(&register);
    a_leaver_is_followed(firm.root());
    no_report_holds_a_value_or_a_formula(&firm, rows(&register).len());
}

fn every_state_field_and_storage_occurs(register: &Value) {
    let mut states: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut fields, mut storage) = (BTreeSet::new(), BTreeSet::new());
    for row in rows(register) {
        for (state, reason) in row["resolved"]["states"].as_object().unwrap() {
            states.entry(state.clone()).or_default().insert(format!("{}: {}", label(row), plain(text(reason))));
        }
        fields.extend(row["facts"]["claims"].as_array().into_iter().flatten().map(|claim| text(&claim["field"])));
        storage.insert(text(&row["resolved"]["storage"]));
    }
    let known: BTreeSet<&str> = controls::STATES.iter().map(|(state, _)| *state).collect();
    assert_eq!(states.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    assert_eq!(fields, Field::ALL.iter().map(|field| field.name()).collect());
    assert_eq!(storage, StorageState::ALL.iter().map(|state| state.name()).collect());
    for (state, reason) in expected::REASONS {
        assert!(states[*state].contains(*reason), "{state}: {:#?}", states[*state]);
    }
    let told: BTreeSet<&str> = expected::REASONS.iter().map(|(state, _)| *state).collect();
    assert_eq!(told, known);
}

fn rows_are_exact(register: &Value) {
    let found =
        |name: &str| rows(register).iter().filter(|row| label(row) == name).map(shown).collect::<Vec<_>>().join("\n\n");
    let wrong: Vec<(&str, String)> = expected::ROWS
        .iter()
        .map(|(name, lines)| (*name, found(name), lines.trim()))
        .filter(|(_, found, expected)| found != expected)
        .map(|(name, found, _)| (name, found))
        .collect();
    assert_eq!(wrong, [], "rows that differ");
    let unattributed: BTreeMap<&str, Vec<&str>> = rows(register)
        .iter()
        .filter(|row| row["resolved"]["states"].get("unowned").is_some())
        .map(|row| (label(row), row["resolved"]["unowned_because"].as_array().unwrap().iter().map(text).collect()))
        .collect();
    let listed: BTreeMap<&str, Vec<&str>> =
        expected::UNATTRIBUTED.iter().map(|(name, why)| (*name, why.to_vec())).collect();
    assert_eq!(unattributed, listed);
}

#[test]
fn registers_of_separate_runs_join_to_the_same_bytes() {
    let firm = Firm::new();
    let (_, once) = inventory(firm.root(), &whole("json"));
    let mut parts: Vec<String> = Vec::new();
    let targets = REPOSITORIES.into_iter().map(|name| vec![name]).chain(IMAGES.map(|name| vec!["--image", name]));
    for (index, target) in targets.enumerate() {
        let part = format!("{index}.json");
        let report = format!("json={part}");
        inventory(firm.root(), &[&target[..], &["--date", "2026-11-22", "--report", &report]].concat());
        parts.push(part);
    }
    for _ in 0..2 {
        parts.reverse();
        let arguments: Vec<&str> =
            ["merge"].into_iter().chain(parts.iter().map(String::as_str)).chain(joined("json")).collect();
        let (code, merged) = inventory(firm.root(), &arguments);
        assert!(code == 3 && merged == once, "{}", parts.join(" "));
    }
}

#[test]
fn a_new_key_is_stopped() {
    let firm = Firm::new();
    let [before, after] = firm.tools.each_ref().map(String::as_str);
    let date = ["--date", "2026-11-22"];
    let (code, out) =
        inventory(firm.root(), &[&["diff", before, after, "--repository", "tools", "--gate"], &date[..]].concat());
    let out = String::from_utf8(out).unwrap();
    let sentence = "not allowed: adds TOOL_TOKEN: token (github), embedded, no owner, production: its value stands in clear; no owner; no purpose";
    assert!(code == 1 && out.lines().any(|line| line == sentence), "{code} {out}");
    assert_eq!(inventory(firm.root(), &["diff", before, before, "--repository", "tools", "--gate"]).0, 0);
}

fn a_leaver_is_followed(root: &Path) {
    let (code, out) = inventory(root, &["offboard", "dan@example.org", "register.json", "--report", "json"]);
    let found: Value = serde_json::from_slice(&out).unwrap();
    let mut ties: Vec<String> = rows(&found)
        .iter()
        .map(|row| {
            let ties: Vec<&str> = row["ties"].as_array().unwrap().iter().map(text).collect();
            format!("{} at {}: {}", text(&row["label"]), text(&row["first_location"]), ties.join(", "))
        })
        .collect();
    ties.sort();
    assert_eq!((code, ties), (1, expected::TIES.map(str::to_owned).to_vec()));
    assert_eq!(inventory(root, &["offboard", "nobody@example.org", "register.json"]).0, 0);
}

fn no_report_holds_a_value_or_a_formula(firm: &Firm, count: usize) {
    let formats = ["json", "csv", "markdown", "cyclonedx", "html", "table"];
    let reports: Vec<String> = formats.iter().map(|format| format!("{format}=out.{format}")).collect();
    let reports = reports.iter().flat_map(|report| ["--report", report]);
    let arguments = ["merge", "register.json", "--db", "out.db"].into_iter().chain(reports);
    assert_eq!(inventory(firm.root(), &arguments.collect::<Vec<_>>()).0, 3);
    assert!(firm.secrets.len() > 15);
    for ending in formats.into_iter().chain(["db"]) {
        let report = std::fs::read(firm.root().join(format!("out.{ending}"))).unwrap();
        assert!(report.len() > 1000, "{ending}");
        for secret in &firm.secrets {
            assert!(memchr::memmem::find(&report, secret.as_bytes()).is_none(), "{ending}");
        }
    }
    let mut csv = csv::Reader::from_path(firm.root().join("out.csv")).unwrap();
    let records: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(records.len(), count);
    assert!(records.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    let database = rusqlite::Connection::open(firm.root().join("out.db")).unwrap();
    let held: usize = database.query_row("SELECT count(*) FROM identities", [], |row| row.get(0)).unwrap();
    assert_eq!(held, count);
}
