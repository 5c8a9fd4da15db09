//! What is scanned and what is not: git's ignore rules, its index, nested repositories, links.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use common::git::git;
use common::tokens::github;
use common::{github_at, places, scan, write};
use tempfile::TempDir;

fn line(seed: u64) -> String {
    format!("token {}\n", github(seed))
}

/// A repository whose ignore rules leave out `*.log` and `build/`.
fn repository() -> TempDir {
    let folder = TempDir::new().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    write(folder.path(), ".gitignore", "*.log\nbuild/\n");
    folder
}

/// The paths with findings; everything in these tests stands at 1:7.
fn found(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let (_, report) = scan(folder, arguments, b"");
    assert_eq!(report["gaps"].as_array().unwrap().len(), 0, "{}", report["gaps"]);
    let places = places(&report);
    for place in &places {
        assert_eq!(*place, github_at(&place.0, 1, 7));
    }
    places.into_iter().map(|place| place.0).collect()
}

#[test]
fn ignored_files_are_scanned_when_tracked_and_not_otherwise() {
    let tree = repository();
    for (seed, name) in (1..).zip(["kept.log", "loose.log", "build/kept.txt", "build/loose.txt", "plain.txt"]) {
        write(tree.path(), name, line(seed));
    }
    git(tree.path(), &["add", "--force", "kept.log", "build/kept.txt"]);
    assert_eq!(found(tree.path(), &[]), ["build/kept.txt", "kept.log", "plain.txt"]);
}

#[test]
fn include_ignored_scans_everything_but_the_git_folder() {
    let tree = repository();
    for (seed, name) in (1..).zip(["a.log", "build/b.txt", "c.txt", ".git/hooks/d", ".git/info/e"]) {
        write(tree.path(), name, line(seed));
    }
    assert_eq!(found(tree.path(), &["--include-ignored"]), ["a.log", "build/b.txt", "c.txt"]);
}

#[test]
fn the_git_folder_is_not_scanned() {
    let tree = repository();
    write(tree.path(), ".git/hooks/pre-commit", line(1));
    write(tree.path(), ".git/description", line(2));
    write(tree.path(), ".github/workflows/ci.yml", line(3));
    assert_eq!(found(tree.path(), &[]), [".github/workflows/ci.yml"]);
}

#[test]
fn rules_of_the_exclude_file_and_exceptions_hold_as_in_git() {
    let tree = repository();
    write(tree.path(), ".git/info/exclude", "private.txt\n");
    write(tree.path(), "sub/.gitignore", "!kept.log\nlost.txt\n");
    for (seed, name) in (1..).zip(["private.txt", "sub/kept.log", "sub/other.log", "sub/lost.txt", "lost.txt"]) {
        write(tree.path(), name, line(seed));
    }
    assert_eq!(found(tree.path(), &[]), ["lost.txt", "sub/kept.log"]);
}

#[test]
fn ignore_files_of_other_tools_hide_nothing() {
    let tree = repository();
    write(tree.path(), ".ignore", "*.txt\n");
    write(tree.path(), ".rgignore", "*.txt\n");
    write(tree.path(), "a.txt", line(1));
    assert_eq!(found(tree.path(), &[]), ["a.txt"]);
}

#[test]
fn outside_of_a_work_tree_ignore_rules_do_not_hold() {
    let tree = TempDir::new().unwrap();
    write(tree.path(), ".gitignore", "*.log\n");
    write(tree.path(), "a.log", line(1));
    assert_eq!(found(tree.path(), &[]), ["a.log"]);
}

#[test]
fn rules_above_the_scanned_folder_hold_in_it() {
    let tree = repository();
    for (seed, name) in (1..).zip(["sub/loose.log", "sub/kept.log", "sub/a.txt", "other.txt"]) {
        write(tree.path(), name, line(seed));
    }
    git(tree.path(), &["add", "--force", "sub/kept.log"]);
    assert_eq!(found(tree.path(), &["sub"]), ["sub/a.txt", "sub/kept.log"]);
    assert_eq!(found(&tree.path().join("sub"), &[]), ["a.txt", "kept.log"]);
    assert_eq!(found(&tree.path().join("sub"), &[".."]), ["../other.txt", "../sub/a.txt", "../sub/kept.log"]);
}

#[test]
fn a_nested_repository_is_scanned_with_its_own_index() {
    let tree = repository();
    let inner = tree.path().join("inner");
    fs::create_dir(&inner).unwrap();
    git(&inner, &["init", "--quiet"]);
    write(&inner, ".gitignore", "*.tmp\n");
    for (seed, name) in (1..).zip(["a.txt", "kept.tmp", "loose.tmp", ".git/description"]) {
        write(&inner, name, line(seed));
    }
    git(&inner, &["add", "--force", "kept.tmp"]);
    assert_eq!(found(tree.path(), &[]), ["inner/a.txt", "inner/kept.tmp"]);
}

#[test]
fn a_linked_work_tree_knows_its_index() {
    let tree = repository();
    write(tree.path(), "kept.log", line(1));
    git(tree.path(), &["add", "--force", "."]);
    git(tree.path(), &["commit", "--quiet", "--message", "first"]);
    let linked = TempDir::new().unwrap();
    let place = linked.path().join("linked");
    git(tree.path(), &["worktree", "add", "--quiet", place.to_str().unwrap(), "HEAD"]);
    write(&place, "loose.log", line(2));
    assert_eq!(found(&place, &[]), ["kept.log"]);
}

#[test]
fn a_submodule_is_scanned_with_its_index() {
    let (module, tree) = (repository(), repository());
    write(module.path(), "kept.log", line(1));
    git(module.path(), &["add", "--force", "."]);
    git(module.path(), &["commit", "--quiet", "--message", "first"]);
    git(tree.path(), &["submodule", "--quiet", "add", module.path().to_str().unwrap(), "module"]);
    write(tree.path(), "module/loose.log", line(2));
    assert_eq!(found(tree.path(), &[]), ["module/kept.log"]);
}

#[test]
fn tracked_files_that_are_gone_or_links_are_no_gap() {
    let tree = repository();
    write(tree.path(), "gone.log", line(1));
    write(tree.path(), "a.txt", line(2));
    symlink("/etc/hostname", tree.path().join("link.log")).unwrap();
    git(tree.path(), &["add", "--force", "."]);
    fs::remove_file(tree.path().join("gone.log")).unwrap();
    assert_eq!(found(tree.path(), &[]), ["a.txt"]);
}

#[test]
fn links_below_a_folder_are_not_followed() {
    let (tree, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    write(outside.path(), "secret.txt", line(1));
    write(tree.path(), "a.txt", line(2));
    symlink(outside.path(), tree.path().join("folder")).unwrap();
    symlink(outside.path().join("secret.txt"), tree.path().join("file.txt")).unwrap();
    symlink(tree.path(), tree.path().join("loop")).unwrap();
    assert_eq!(found(tree.path(), &[]), ["a.txt"]);
    assert_eq!(found(tree.path(), &["--include-ignored"]), ["a.txt"]);
}

#[test]
fn a_link_that_is_named_is_followed() {
    let (tree, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    write(outside.path(), "secret.txt", line(1));
    symlink(outside.path().join("secret.txt"), tree.path().join("file.txt")).unwrap();
    assert_eq!(found(tree.path(), &["file.txt"]), ["file.txt"]);
}

#[test]
fn a_file_that_is_named_twice_or_lies_in_a_named_folder_is_scanned_once() {
    let tree = TempDir::new().unwrap();
    write(tree.path(), "sub/a.txt", line(1));
    write(tree.path(), "sub/b.txt", line(2));
    let both = ["sub/a.txt", "sub/b.txt"];
    for arguments in [
        &["sub", "sub/a.txt"][..],
        &["sub/a.txt", "sub"],
        &["sub", ".", "./sub"],
        &["sub/a.txt", "./sub/a.txt", "sub/b.txt"],
    ] {
        let mut found = found(tree.path(), arguments);
        found.sort();
        assert_eq!(found, both, "{arguments:?}");
    }
}

#[test]
fn a_name_that_is_no_utf8_is_shown_without_loss() {
    let tree = TempDir::new().unwrap();
    fs::write(tree.path().join(OsStr::from_bytes(b"caf\xe9.txt")), line(1)).unwrap();
    assert_eq!(found(tree.path(), &[]), ["caf\\xe9.txt"]);
}
