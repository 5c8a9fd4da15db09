//! Makes repositories with git.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::write;

/// Runs git in a folder, knowing nothing of the caller's settings; returns what it prints.
fn run(folder: &Path, who: &str, mail: &str, seconds: u64, arguments: &[&str]) -> String {
    let date = format!("{seconds} +0000");
    let output = Command::new("git")
        .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", who), ("GIT_COMMITTER_NAME", who)])
        .envs([("GIT_AUTHOR_EMAIL", mail), ("GIT_COMMITTER_EMAIL", mail)])
        .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs git as `who`, at `time` seconds after the start of 2026.
pub(crate) fn git_as(folder: &Path, who: &str, time: u64, arguments: &[&str]) -> String {
    run(folder, who, &format!("{who}@example.org"), 1_767_225_600 + time, arguments)
}

/// Runs git as Ann, at `time` seconds after 14 November 2023, 22:13:20.
pub(crate) fn git_at(folder: &Path, time: u32, arguments: &[&str]) -> String {
    run(folder, "Ann", "ann@example.com", 1_700_000_000 + u64::from(time), arguments)
}

/// Runs git as somebody, at the start of 2026.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    git_as(folder, "somebody", 0, arguments)
}

/// Commits everything and returns the commit.
pub(crate) fn commit_as(folder: &Path, who: &str, time: u64, message: &str) -> String {
    git(folder, &["add", "--all"]);
    git_as(folder, who, time, &["commit", "--quiet", "--allow-empty", "--message", message]);
    git(folder, &["rev-parse", "HEAD"])
}

/// The same as Ann.
pub(crate) fn commit(folder: &Path, time: u32, message: &str) -> String {
    git(folder, &["add", "--all"]);
    git_at(folder, time, &["commit", "--quiet", "--allow-empty", "--message", message]);
    git(folder, &["rev-parse", "HEAD"])
}

/// A repository with one commit.
pub(crate) fn repository() -> TempDir {
    let folder = TempDir::new().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    write(folder.path(), "readme.txt", "hello\n");
    commit(folder.path(), 0, "first");
    folder
}
