//! Broken and hostile repositories: what cannot be scanned is named, the run is incomplete, and nothing is written.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

mod common;

use common::git::{commit, git, repository};
use common::tokens::github;
use common::{scan, write};

/// Every file below a folder with its bytes; of links, where they lead.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            out.insert(path.clone(), path.read_link().unwrap().into_os_string().into_encoded_bytes());
        } else if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    out
}

/// Scans without a trace: exit code, paths of findings, `(what, reason)` of gaps.
fn traceless(at: &Path, arguments: &[&str]) -> (i32, Vec<String>, Vec<(String, String)>) {
    let before = files(at);
    let (code, report) = scan(at, arguments, b"");
    assert!(before == files(at), "something was written");
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter().map(|entry| {
        let member = entry["member"].as_str().map(|member| format!("!{member}")).unwrap_or_default();
        text(entry, "path") + &member
    });
    let gaps = report["gaps"].as_array().unwrap().iter().map(|gap| (text(gap, "what"), text(gap, "reason")));
    (code, findings.collect(), gaps.collect())
}

fn gap(what: &str, reason: &str) -> (String, String) {
    (what.to_owned(), reason.to_owned())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A tar of one file, whatever its name.
fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut out = header.as_bytes().to_vec();
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(512) + 1024, 0);
    out
}

fn token(seed: u64) -> Vec<u8> {
    format!("t = {}\n", github(seed)).into_bytes()
}

#[test]
fn archives_in_objects_are_opened() {
    let folder = repository();
    let at = folder.path();
    let old = commit(at, 1, "empty");
    write(at, "lib.tar.gz", gzip(&tar("conf/.env", &token(1))));
    let first = commit(at, 2, "in");
    let members = ["lib.tar.gz!conf/.env".to_owned()];
    for scope in [&["--history"][..], &["--since", &old]] {
        assert_eq!(traceless(at, scope), (1, members.to_vec(), vec![]), "{scope:?}");
        let (_, report) = scan(at, scope, b"");
        let entry = &report["findings"][0];
        assert_eq!((&entry["state"], &entry["commit"]), (&Value::from("in-head"), &Value::from(first.clone())));
        assert_eq!((&entry["paths"][0], &entry["line"]), (&Value::from("lib.tar.gz"), &Value::from(1)));
    }
    write(at, "new.tgz", gzip(&tar("a.txt", &token(2))));
    git(at, &["add", "new.tgz"]);
    assert_eq!(traceless(at, &["--staged"]), (1, vec!["new.tgz!a.txt".to_owned()], vec![]));
    assert_eq!(traceless(at, &["--staged", "--no-archives"]), (0, vec![], vec![]));
    // Taken away and known to the base: as with any file.
    git(at, &["rm", "--quiet", "--cached", "-f", "lib.tar.gz", "new.tgz"]);
    fs::remove_file(at.join("lib.tar.gz")).unwrap();
    fs::remove_file(at.join("new.tgz")).unwrap();
    commit(at, 3, "out");
    let state = |scope: &[&str], path: &str| {
        let (_, report) = scan(at, scope, b"");
        report["findings"].as_array().unwrap().iter().find(|entry| entry["path"] == path).unwrap()["state"].clone()
    };
    assert_eq!(state(&["--history"], "lib.tar.gz"), "history-only");
    assert_eq!(state(&["--since", &old], "lib.tar.gz"), "history-only");
    write(at, "moved.tar.gz", gzip(&tar("conf/.env", &token(1))));
    commit(at, 4, "back");
    git(at, &["mv", "moved.tar.gz", "again.tar.gz"]);
    commit(at, 5, "moved");
    assert_eq!(state(&["--since", "HEAD~1"], "again.tar.gz"), "inherited");
}

#[test]
fn hostile_archives_in_objects_are_gaps() {
    let folder = repository();
    let at = folder.path();
    write(at, "bomb.gz", gzip(&vec![b'a'; 64 << 20]));
    let mut deep = token(1);
    for _ in 0..10 {
        deep = gzip(&tar("in.tgz", &deep));
    }
    write(at, "deep.tgz", deep);
    // These names lead nowhere: they are text.
    write(at, "up.tar", tar("../../up.txt", &token(2)));
    write(at, "root.tar", tar("/tmp/credlint-test-root.txt", &token(3)));
    write(at, "seven.7z", b"7z\xbc\xaf\x27\x1c\0\x04rest");
    commit(at, 1, "hostile");
    let found = vec!["root.tar!/tmp/credlint-test-root.txt".to_owned(), "up.tar!../../up.txt".to_owned()];
    let deepest = ["deep.tgz", &["in.tgz"; 8].join("!")].join("!");
    let gaps = vec![gap("bomb.gz!bomb", "limit"), gap(&deepest, "limit"), gap("seven.7z", "undecodable")];
    for scope in [&["--history"][..], &["--since", "HEAD~1"], &["."]] {
        assert_eq!(traceless(at, scope), (1, found.clone(), gaps.clone()), "{scope:?}");
    }
    assert!(!Path::new("/tmp/credlint-test-root.txt").exists());
    assert!(!at.join("../../up.txt").exists());
}

#[test]
fn a_delta_without_its_base_is_a_gap() {
    let folder = repository();
    let at = folder.path();
    for number in 0..20u64 {
        write(at, "a.txt", format!("{}\n{number}\n", common::tokens::letters(1, 3000)));
        commit(at, u32::try_from(number).unwrap(), "more");
    }
    git(at, &["-c", "repack.useDeltaBaseOffset=false", "repack", "--quiet", "-a", "-d"]);
    let mut packs = fs::read_dir(at.join(".git/objects/pack")).unwrap().map(|file| file.unwrap().path());
    let pack = packs.find(|path| path.extension().is_some_and(|extension| extension == "pack")).unwrap();
    let listed = git(at, &["verify-pack", "-v", pack.with_extension("idx").to_str().unwrap()]);
    // Lines of deltas end with depth and base.
    let base =
        listed.lines().filter(|line| line.contains(" blob ")).find_map(|line| line.split_whitespace().nth(6)).unwrap();
    let raw: Vec<u8> = (0..40).step_by(2).map(|at| u8::from_str_radix(&base[at..at + 2], 16).unwrap()).collect();
    let mut bytes = fs::read(&pack).unwrap();
    let place = memchr::memmem::find(&bytes, &raw).unwrap();
    bytes[place] ^= 0xff;
    fs::remove_file(&pack).unwrap();
    fs::write(&pack, bytes).unwrap();
    let (code, found, gaps) = traceless(at, &["--history"]);
    assert_eq!((code, found), (3, vec![]));
    assert!(gaps.iter().all(|(_, reason)| reason == "corrupt" || reason == "missing-object"), "{gaps:?}");
    assert!(gaps.iter().any(|(what, _)| what.contains("/pack-")), "{gaps:?}");
    assert!(gaps.iter().any(|(what, _)| what.starts_with("object ")), "{gaps:?}");
}

#[test]
fn stores_in_a_circle_are_a_gap() {
    let folder = repository();
    let at = folder.path();
    let objects = at.join(".git/objects");
    write(&objects, "info/alternates", format!("{}\n", objects.display()));
    for scope in ["--history", "--staged", "--since=HEAD"] {
        let (code, found, gaps) = traceless(at, &[scope]);
        assert_eq!((code, found, gaps.len()), (3, vec![], 1), "{scope}");
        let (what, reason) = &gaps[0];
        assert!(what.contains("/.git") && reason == "corrupt", "{scope}: {what} {reason}");
    }
}

#[test]
fn links_out_of_the_tree_lead_nowhere() {
    let (folder, outside) = (repository(), tempfile::TempDir::new().unwrap());
    let at = folder.path();
    write(outside.path(), "secret.txt", token(1));
    std::os::unix::fs::symlink(outside.path().join("secret.txt"), at.join("file")).unwrap();
    std::os::unix::fs::symlink(outside.path(), at.join("folder")).unwrap();
    git(at, &["add", "--all"]);
    for scope in [&["--staged"][..], &["."]] {
        assert_eq!(traceless(at, scope), (0, vec![], vec![]), "{scope:?}");
    }
    commit(at, 1, "links");
    for scope in [&["--history"][..], &["--since", "HEAD~1"]] {
        assert_eq!(traceless(at, scope), (0, vec![], vec![]), "{scope:?}");
    }
}
