//! Runs the binary in a folder and reads its report.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

pub(crate) mod git;
pub(crate) mod tokens;

/// No test needs every helper.
const _: fn() = || {
    write(Path::new(""), "", "");
    let _ = (credlint, scan, places, github_at, tokens::letters, tokens::github, tokens::GITHUB);
    let _ = (git::git, git::git_as, git::git_at, git::commit, git::commit_as, git::repository);
};

/// How a run of the binary ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// `(path, line, column, rule)` of a finding.
pub(crate) type Place = (String, u64, u64, String);

/// The binary in a folder, knowing nothing of the caller's settings.
pub(crate) fn command(folder: &Path) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("credlint"));
    command.current_dir(folder).timeout(Duration::from_secs(120));
    command
        .env_remove("CREDLINT_KEY")
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// Runs the binary in a folder. It must end by itself and must not panic.
pub(crate) fn credlint(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Run {
    let output = command(folder).args(arguments).write_stdin(stdin).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let run = Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!(!run.err.contains("internal error") && !run.err.contains("panicked"), "{}", run.err);
    run
}

/// Scans and reads the JSON report.
pub(crate) fn scan(folder: &Path, arguments: &[&str], stdin: &[u8]) -> (i32, Value) {
    let run = credlint(folder, &[&["scan", "--report", "json"], arguments].concat(), stdin);
    let report =
        serde_json::from_str(&run.out).unwrap_or_else(|error| unreachable!("{error}: {} {}", run.out, run.err));
    (run.code, report)
}

/// The findings' places in the order of the report.
pub(crate) fn places(report: &Value) -> Vec<Place> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let entries = report["findings"].as_array().unwrap();
    let number = |entry: &Value, key: &str| entry[key].as_u64().unwrap();
    entries
        .iter()
        .map(|entry| (text(entry, "path"), number(entry, "line"), number(entry, "column"), text(entry, "rule")))
        .collect()
}

/// A GitHub token's place.
pub(crate) fn github_at(path: &str, line: u64, column: u64) -> Place {
    (path.to_owned(), line, column, tokens::GITHUB.to_owned())
}

/// Writes a file and the folders above it.
pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
