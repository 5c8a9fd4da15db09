//! Makes repositories with git.

use std::path::Path;
use std::process::Command;

/// Runs git in a folder as `who`, at `time` seconds after the start of 2026; returns what it prints.
pub(crate) fn git_as(folder: &Path, who: &str, time: u64, arguments: &[&str]) -> String {
    let date = format!("{} +0000", 1_767_225_600 + time);
    let mail = format!("{who}@example.org");
    let output = Command::new("git")
        .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", who), ("GIT_COMMITTER_NAME", who)])
        .envs([("GIT_AUTHOR_EMAIL", &mail), ("GIT_COMMITTER_EMAIL", &mail)])
        .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs git in a folder as somebody, at the start of 2026.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    git_as(folder, "somebody", 0, arguments)
}

/// Commits everything and returns the commit.
pub(crate) fn commit_as(folder: &Path, who: &str, time: u64, message: &str) -> String {
    git(folder, &["add", "--all"]);
    git_as(folder, who, time, &["commit", "--quiet", "--allow-empty", "--message", message]);
    git(folder, &["rev-parse", "HEAD"])
}
