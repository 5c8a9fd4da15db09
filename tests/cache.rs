//! The scan cache: it makes a run faster and changes nothing else.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

mod common;

use common::git::{commit, git, repository};
use common::tokens::github;
use common::{Run, command, credlint, write};

/// A scan with a cache in `cache`, on some threads.
fn cached(at: &Path, scope: &[&str], cache: &Path, more: &[&str]) -> Run {
    let cache = cache.to_str().unwrap();
    credlint(at, &[&["scan", "--report", "json", "--cache", cache], scope, more].concat(), b"")
}

fn plain(at: &Path, scope: &[&str]) -> Run {
    credlint(at, &[&["scan", "--report", "json"], scope].concat(), b"")
}

/// A history with findings, dropped candidates, a file under two names and an archive.
fn history() -> TempDir {
    let folder = repository();
    let at = folder.path();
    for number in 0..30u32 {
        write(at, "app.py", format!("password = \"changeme\"\nversion = {number}\n"));
        write(at, &format!("docs/{number}.md"), format!("text {number}\n"));
        write(at, "k8s/run.sh", "echo one\n");
        write(at, "bin/run.sh", "echo one\n");
        if number % 10 == 3 {
            write(at, "deploy.sh", format!("T={}\n", github(number.into())));
        }
        commit(at, number, &format!("commit {number}"));
    }
    folder
}

#[test]
fn reports_are_the_same_with_and_without_it() {
    let folder = history();
    let at = folder.path();
    let away = TempDir::new().unwrap();
    for (number, scope) in
        [&["--history"][..], &["--since", "HEAD~20"], &["--range", "HEAD~25..HEAD~2"]].iter().enumerate()
    {
        let cache = away.path().join(number.to_string());
        let expected = plain(at, scope);
        assert_eq!(expected.code, 1);
        for jobs in ["1", "4"] {
            let run = cached(at, scope, &cache, &["--jobs", jobs]);
            assert_eq!((run.code, &run.out, run.err.as_str()), (expected.code, &expected.out, ""), "{scope:?}");
        }
        // A new commit is found all the same.
        write(at, &format!("new{number}.txt"), format!("t = {}\n", github(77 + number as u64)));
        commit(at, 100 + u32::try_from(number).unwrap(), "new");
        assert_eq!(cached(at, scope, &cache, &[]).out, plain(at, scope).out, "{scope:?}");
    }
    write(at, "staged.txt", "x\n");
    git(at, &["add", "staged.txt"]);
    let cache = away.path().join("staged");
    for _ in 0..2 {
        assert_eq!(
            cached(at, &["--staged", "app.py", "staged.txt"], &cache, &[]).out,
            plain(at, &["--staged", "app.py", "staged.txt"]).out
        );
    }
}

#[test]
fn the_file_is_the_same_each_time_and_left_alone_when_nothing_is_new() {
    let folder = history();
    let away = TempDir::new().unwrap();
    let [one, two] = ["one", "two"].map(|name| away.path().join(name));
    cached(folder.path(), &["--history"], &one, &["--jobs", "1"]);
    cached(folder.path(), &["--history"], &two, &["--jobs", "4"]);
    let bytes = fs::read(&one).unwrap();
    assert!(bytes == fs::read(&two).unwrap());
    let before = one.metadata().unwrap().modified().unwrap();
    cached(folder.path(), &["--history"], &one, &[]);
    assert_eq!(one.metadata().unwrap().modified().unwrap(), before);
    assert_eq!(fs::read_dir(away.path()).unwrap().count(), 2, "nothing else is left behind");
    // What is in it: a mark, two hashes, a count, 28 bytes an object; neither values nor names nor ids.
    let count = u64::from_le_bytes(bytes[54..62].try_into().unwrap());
    assert_eq!(bytes.len() as u64, 22 + 32 + 8 + 28 * count + 32);
    let id = git(folder.path(), &["rev-parse", "HEAD:docs/1.md"]);
    let raw: Vec<u8> = (0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect();
    for text in [b"changeme".as_slice(), b"docs", &raw, github(3).as_bytes()] {
        assert!(!bytes.windows(text.len()).any(|window| window == text));
    }
}

#[test]
fn a_cache_that_cannot_be_trusted_is_said_and_replaced() {
    let folder = history();
    let at = folder.path();
    let away = TempDir::new().unwrap();
    let cache = away.path().join("cache");
    let expected = plain(at, &["--history"]);
    cached(at, &["--history"], &cache, &[]);
    let good = fs::read(&cache).unwrap();
    let mut poisoned = good.clone();
    poisoned[80] ^= 1;
    let cases: [(&str, Vec<u8>); 6] = [
        ("seal is wrong", poisoned),
        ("seal is wrong", good[..good.len() - 28].to_vec()),
        ("seal is wrong", good[..40].to_vec()),
        ("cut short", good[..30].to_vec()),
        ("no scan cache", b"something else".to_vec()),
        ("no scan cache", Vec::new()),
    ];
    for (why, bytes) in cases {
        fs::write(&cache, bytes).unwrap();
        let run = cached(at, &["--history"], &cache, &[]);
        assert_eq!((run.code, &run.out), (expected.code, &expected.out), "{why}");
        assert!(run.err.contains("is not used") && run.err.contains(why), "{why}: {}", run.err);
        assert!(fs::read(&cache).unwrap() == good, "{why}: it is rewritten");
    }
    // Other options, other rules.
    let run = cached(at, &["--history"], &cache, &["--no-archives"]);
    assert!(run.err.contains("other rules or options"), "{}", run.err);
    // One that stands in the repository was brought by whoever pushed it.
    fs::write(at.join("cache"), &good).unwrap();
    git(at, &["add", "cache"]);
    let run = cached(at, &["--history"], &at.join("cache"), &[]);
    assert!(run.err.contains("git tracks it"), "{}", run.err);
    // With the organisation's key nobody else can write one.
    fs::write(&cache, &good).unwrap();
    let output = command(at)
        .args(["scan", "--report", "json", "--history", "--cache", cache.to_str().unwrap()])
        .env("CREDLINT_KEY", "a key of the organisation")
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("another key"));
    // A place that cannot be written costs nothing but the cache.
    let run = cached(at, &["--history"], &away.path().join("no/such/folder"), &[]);
    assert_eq!(run.out, plain(at, &["--history"]).out);
    assert!(run.err.contains("cannot be written"), "{}", run.err);
}

#[test]
fn a_gap_is_never_remembered() {
    let folder = repository();
    let at = folder.path();
    // A zip that breaks off behind its first header.
    write(at, "cut.zip", b"PK\x03\x04\x14\0\0\0\0\0");
    commit(at, 1, "cut");
    let away = TempDir::new().unwrap();
    let cache = away.path().join("cache");
    for scope in [&["--history"][..], &["--since", "HEAD~1"]] {
        for _ in 0..2 {
            let run = cached(at, scope, &cache, &[]);
            assert_eq!(run.code, 3, "{}", run.out);
            assert!(run.out.contains("cut.zip"), "{}", run.out);
        }
    }
    // Nor is an object that is gone taken for one that is clean.
    write(at, "a.txt", "x\n");
    commit(at, 2, "a");
    cached(at, &["--since", "HEAD~1"], &cache, &[]);
    let id = git(at, &["rev-parse", "HEAD:a.txt"]);
    fs::remove_file(at.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let run = cached(at, &["--since", "HEAD~1"], &cache, &[]);
    assert_eq!(run.code, 3);
    assert!(run.out.contains("missing-object"), "{}", run.out);
}

#[test]
fn it_needs_git_objects() {
    let folder = repository();
    assert_eq!(credlint(folder.path(), &["scan", "--cache", "x", "."], b"").code, 2);
}
