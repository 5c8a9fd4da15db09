//! The register of identities: what repositories made here show, field by field.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

mod common;

use common::git::{commit_as, git, git_as};
use common::tokens::github;
use common::{command, write};

const KEY: &str = "an organisation's key for tests";

/// A run of `credlint inventory`: its exit code and the register.
fn inventory(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = command(folder)
        .arg("inventory")
        .args(arguments)
        .args(["--report", "json", "--date", "2026-11-22"])
        .env("CREDLINT_KEY", KEY)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!error.contains("internal error") && !error.contains("panicked"), "{error}");
    let register = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| unreachable!("{error}"));
    (output.status.code().unwrap(), register)
}

fn rows(register: &Value) -> &[Value] {
    register["identities"].as_array().unwrap()
}

/// The rows that stand at a path.
fn at<'r>(register: &'r Value, path: &str) -> Vec<&'r Value> {
    let stands = |row: &&Value| row["facts"]["locations"].as_array().unwrap().iter().any(|place| place["path"] == path);
    rows(register).iter().filter(stands).collect()
}

fn repository(root: &Path, name: &str) -> std::path::PathBuf {
    let folder = root.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    git(&folder, &["init", "--quiet"]);
    folder
}

fn token_file(seed: u64) -> String {
    format!("DEPLOY_TOKEN = '{}'\n", github(seed))
}

#[test]
fn a_value_that_takes_the_place_of_another_is_a_rotation() {
    let root = TempDir::new().unwrap();
    let folder = repository(root.path(), "web");
    write(&folder, "deploy.py", token_file(1));
    let first = commit_as(&folder, "ann", 0, "Deploy (#7)");
    write(&folder, "deploy.py", token_file(2));
    let second = commit_as(&folder, "ben", 86_400, "OPS-12: new token");
    let (code, register) = inventory(root.path(), &["web"]);
    let found = at(&register, "deploy.py");
    assert_eq!((code, found.len()), (0, 2));
    let (old, new): (Vec<&&Value>, Vec<&&Value>) =
        found.iter().partition(|row| row["facts"]["locations"][0]["present"] == false);
    let (old, new) = (&old[0]["facts"], &new[0]["facts"]);
    let place = &old["locations"][0];
    assert_eq!(place["storage"], "history-only");
    assert_eq!(place["introduced"]["commit"], *first);
    assert_eq!(place["introduced"]["author"], "ann <ann@example.org>");
    assert_eq!(place["introduced"]["date"], "2026-01-01T00:00:00+00:00");
    assert_eq!(place["introduced"]["ticket"], "#7");
    assert_eq!(place["removed"]["commit"], *second);
    assert_eq!(new["locations"][0]["storage"], "embedded");
    assert_eq!(new["locations"][0]["introduced"]["ticket"], "OPS-12");
    assert_eq!(old["rotations"], new["rotations"]);
    let rotation = &old["rotations"][0];
    assert_eq!(rotation["change"]["commit"], *second);
    assert_eq!(rotation["place"], "web:deploy.py:DEPLOY_TOKEN");
    let ids: Vec<&Value> = vec![&rotation["from"], &rotation["to"]];
    let gone = found.iter().find(|row| row["facts"]["locations"][0]["present"] == false).unwrap();
    let present = found.iter().find(|row| row["facts"]["locations"][0]["present"] == true).unwrap();
    assert_eq!(ids, [&gone["id"], &present["id"]]);
}

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/inventory.schema.json");
    let advice = "`cargo run -- inventory schema > docs/schema/inventory.schema.json` writes it anew";
    let printed = command(Path::new(".")).args(["inventory", "schema"]).output().unwrap().stdout;
    assert!(printed == std::fs::read(path).unwrap(), "{advice}");
}

#[test]
fn a_merge_names_the_request_of_what_it_brought() {
    let root = TempDir::new().unwrap();
    let folder = repository(root.path(), "web");
    write(&folder, "readme.txt", "hello\n");
    commit_as(&folder, "ann", 0, "first");
    git(&folder, &["checkout", "--quiet", "-b", "topic"]);
    write(&folder, "deploy.py", token_file(1));
    let brought = commit_as(&folder, "ben", 60, "token");
    git(&folder, &["checkout", "--quiet", "main"]);
    write(&folder, "other.txt", "more\n");
    commit_as(&folder, "ann", 90, "more (#3)");
    git_as(
        &folder,
        "ann",
        120,
        &["merge", "--quiet", "--no-ff", "-m", "Merge pull request #8 from ben/topic", "topic"],
    );
    let (_, register) = inventory(root.path(), &["web"]);
    let introduced = &at(&register, "deploy.py")[0]["facts"]["locations"][0]["introduced"];
    assert_eq!(introduced["commit"], *brought);
    assert_eq!(introduced["ticket"], "#8");
}

#[test]
fn a_cut_history_tells_no_first_commit() {
    let root = TempDir::new().unwrap();
    let folder = repository(root.path(), "web");
    write(&folder, "deploy.py", token_file(1));
    commit_as(&folder, "ann", 0, "first");
    write(&folder, "later.py", token_file(2));
    commit_as(&folder, "ann", 60, "second");
    let from = format!("file://{}", folder.display());
    git(root.path(), &["clone", "--quiet", "--depth", "1", &from, "cut"]);
    let (code, register) = inventory(root.path(), &["cut"]);
    assert_eq!(code, 3);
    for path in ["deploy.py", "later.py"] {
        assert_eq!(at(&register, path)[0]["facts"]["locations"][0]["introduced"], Value::Null, "{path}");
    }
    assert_eq!(register["coverage"][0]["shallow"], true);
    assert_eq!(register["gaps"][0]["reason"], "shallow");
}

#[test]
fn registers_of_separate_runs_join_to_that_of_one() {
    let root = TempDir::new().unwrap();
    for (name, seeds) in [("api", [1, 2]), ("web", [2, 3])] {
        let folder = repository(root.path(), name);
        for seed in seeds {
            write(&folder, &format!("{seed}.py"), token_file(seed));
        }
        commit_as(&folder, "ann", 0, "first");
    }
    let (_, whole) = inventory(root.path(), &["api", "web"]);
    for name in ["api", "web"] {
        let (_, part) = inventory(root.path(), &[name]);
        write(root.path(), &format!("{name}.json"), part.to_string());
    }
    for order in [["api.json", "web.json"], ["web.json", "api.json"]] {
        let (code, joined) = inventory(root.path(), &[&["merge"], &order[..]].concat());
        assert_eq!((code, &joined), (0, &whole), "{order:?}");
    }
    assert_eq!(rows(&whole).len(), 3);
    assert_eq!(at(&whole, "2.py")[0]["facts"]["locations"].as_array().unwrap().len(), 2);
}

#[test]
fn a_repository_has_one_name() {
    let root = TempDir::new().unwrap();
    let folder = repository(root.path(), "team/web");
    write(&folder, "deploy.py", token_file(1));
    commit_as(&folder, "ann", 0, "first");
    git(root.path(), &["clone", "--quiet", "--mirror", "team/web", "mirrors/web/repo"]);
    git(&root.path().join("mirrors/web/repo"), &["remote", "remove", "origin"]);
    git(root.path(), &["clone", "--quiet", "--mirror", "team/web", "mirrors/api.git"]);
    for remote in ["one", "two"] {
        git(root.path(), &["clone", "--quiet", "team/web", remote]);
        git(&root.path().join(remote), &["remote", "set-url", "origin", "https://git.acme.test/shop/web.git"]);
    }
    let names = |arguments: &[&str]| {
        let (_, register) = inventory(root.path(), arguments);
        let covered = register["coverage"].as_array().unwrap().iter();
        covered.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["team", "team/web", "team/web/."]), ["web"]);
    assert_eq!(names(&["mirrors/web/repo", "mirrors/api.git", "team/web/.git"]), ["mirrors/api", "web", "web/repo"]);
    assert_eq!(names(&["one", "two"]), ["git.acme.test/shop/web"]);
}

#[test]
fn pseudonyms_name_nobody_and_still_join() {
    let root = TempDir::new().unwrap();
    for (name, seeds) in [("api", [1, 2]), ("web", [2, 3])] {
        let folder = repository(root.path(), name);
        write(&folder, "CODEOWNERS", "1.py @cleo @acme/web\n");
        for seed in seeds {
            write(&folder, &format!("{seed}.py"), token_file(seed));
        }
        commit_as(&folder, "ann", 0, "first (#1)");
    }
    write(root.path(), "leavers.csv", "email,date\nann@example.org,2026-02-01\n");
    let (code, whole) = inventory(root.path(), &["api", "web", "--join", "leavers.csv", "--pseudonyms"]);
    assert_eq!(code, 0);
    let author = whole["identities"][0]["facts"]["locations"][0]["introduced"]["author"].as_str().unwrap();
    assert!(author.strip_prefix("person-").is_some_and(|digits| digits.len() == 8), "{author}");
    let row = at(&whole, "1.py")[0];
    let owner = row["resolved"]["technical_owner"]["owner"].as_str().unwrap();
    assert!(owner.starts_with("@acme/web, person-") && !owner.ends_with(author), "{owner}");
    let gone = at(&whole, "3.py")[0]["resolved"]["states"]["orphaned"].as_str().unwrap().to_owned();
    assert_eq!(gone, format!("its owner {author} is gone since 2026-02-01"));
    for name in ["api", "web"] {
        let (_, part) = inventory(root.path(), &[name, "--pseudonyms"]);
        write(root.path(), &format!("{name}.json"), part.to_string());
    }
    let (_, plain) = inventory(root.path(), &["api", "web", "--pseudonyms"]);
    assert_eq!(inventory(root.path(), &["merge", "web.json", "api.json"]).1, plain);
    for report in ["table", "json", "csv", "html", "markdown", "cyclonedx"] {
        let arguments = ["inventory", "api", "web", "--join", "leavers.csv", "--pseudonyms", "--report", report];
        let output = command(root.path()).args(arguments).env("CREDLINT_KEY", KEY).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty() && !["ann@", "ann <", "cleo"].iter().any(|name| text.contains(name)), "{report}");
    }
    let offboard = command(root.path()).args(["inventory", "offboard", author, "web.json"]).output().unwrap();
    assert_eq!(offboard.status.code(), Some(1));
    let keyless = command(root.path()).args(["inventory", "api", "--pseudonyms"]).env_remove("CREDLINT_KEY").output();
    assert_eq!(keyless.unwrap().status.code(), Some(2));
}

#[test]
fn a_snapshot_is_the_register_as_json() {
    let root = TempDir::new().unwrap();
    let folder = repository(root.path(), "web");
    write(&folder, "deploy.py", token_file(3));
    commit_as(&folder, "ann", 0, "Deploy");
    let run = |arguments: &[&str]| {
        let arguments = [&["inventory"], arguments, &["--date", "2026-11-22"]].concat();
        command(root.path()).args(arguments).env("CREDLINT_KEY", KEY).output().unwrap()
    };
    let (snapshot, report) = (run(&["snapshot", "web"]), run(&["web", "--report", "json"]));
    assert_eq!((snapshot.status.code(), report.status.code()), (Some(0), Some(0)));
    assert_eq!(snapshot.stdout, report.stdout);
    std::fs::write(root.path().join("a.json"), &snapshot.stdout).unwrap();
    assert_eq!(run(&["merge", "a.json", "a.json", "--report", "json"]).stdout, snapshot.stdout);
}
