//! Repositories made for a test.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::write;

/// Runs git, knowing nothing of the caller's settings, at a time of its own.
pub(crate) fn git_at(folder: &Path, time: u32, arguments: &[&str]) -> String {
    let date = format!("{} +0000", 1_700_000_000 + time);
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "init.defaultBranch=main", "-c", "user.name=Ann", "-c", "user.email=ann@example.com"])
        .args(["-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false"])
        .args(arguments)
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The same, at the first second.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    git_at(folder, 0, arguments)
}

/// Commits everything and returns the commit.
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
