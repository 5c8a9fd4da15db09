//! The scan cache: it makes a run faster and changes nothing else.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

mod common;

use common::git::{commit, git, repository};
use common::tokens::{github, letters};
use common::{Run, command, credlint, write};
use credlint::judge::identity::Key;

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

/// What the cache of an earlier run makes of a repository is what a run without it does, twice.
fn same_as_cold(at: &Path, cache: &Path, what: &str) {
    let expected = plain(at, &["--history"]);
    for jobs in ["4", "1"] {
        let run = cached(at, &["--history"], cache, &["--jobs", jobs]);
        assert_eq!((run.code, run.err.as_str()), (expected.code, expected.err.as_str()), "{what}");
        assert!(run.out == expected.out, "{what}: {}\n\n{}", expected.out, run.out);
    }
}

type Step = fn(&Path);

fn token(number: u64) -> String {
    format!("T={}\n", github(number))
}

/// Puts a blob into the repository and nowhere else; returns its id.
fn dangling(at: &Path, text: &str) -> String {
    write(at, "dangling", text);
    let id = git(at, &["hash-object", "-w", "dangling"]);
    fs::remove_file(at.join("dangling")).unwrap();
    id
}

/// What commits bring.
const COMMITS: &[(&str, Step)] = &[
    ("nothing new", |_| {}),
    ("a clean commit on top", |at| {
        write(at, "docs/new.md", "new\n");
        commit(at, 50, "clean");
    }),
    ("a value that is known, elsewhere", |at| {
        write(at, "other/copy.sh", format!("# again\n{}", token(13)));
        commit(at, 51, "copy");
    }),
    ("a new value, and a known one taken away", |at| {
        write(at, "deploy.sh", token(99));
        commit(at, 52, "rotate");
    }),
    ("a known blob where it is read otherwise", |at| {
        let text = format!("password={}\n", letters(1, 12));
        write(at, "strings.properties", &text);
        commit(at, 53, "properties");
        write(at, "locale/strings.properties", &text);
        write(at, "application.properties", &text);
        commit(at, 54, "and elsewhere");
    }),
    ("everything moved", |at| {
        git(at, &["mv", "docs", "manual"]);
        git(at, &["mv", "k8s", "cluster"]);
        commit(at, 55, "moved");
    }),
];

/// What refs and messages bring.
const REFS: &[(&str, Step)] = &[
    ("a message and a tag that hold something", |at| {
        commit(at, 56, &format!("use {}", github(5)));
        git(at, &["tag", "--annotate", "v1", "--message", &format!("with {}", github(6))]);
        git(at, &["tag", "--annotate", "v2", "--message", "nothing"]);
    }),
    ("a branch that is pushed by force", |at| {
        git(at, &["checkout", "--quiet", "-b", "topic"]);
        write(at, "topic.env", token(70));
        commit(at, 57, "topic");
        git(at, &["reset", "--quiet", "--hard", "HEAD~4"]);
        write(at, "topic.env", token(71));
        commit(at, 58, "another topic");
    }),
    ("only a ref moved", |at| {
        git(at, &["branch", "here", "HEAD~1"]);
        git(at, &["tag", "light", "HEAD~2"]);
    }),
    ("a branch deleted with its reflog", |at| {
        git(at, &["checkout", "--quiet", "main"]);
        git(at, &["branch", "--quiet", "-D", "topic"]);
        git(at, &["reflog", "expire", "--expire=now", "--all"]);
    }),
];

/// What becomes of objects.
const OBJECTS: &[(&str, Step)] = &[
    ("dangling blobs and trees", |at| {
        dangling(at, &token(80));
        let blob = dangling(at, &token(81));
        git(at, &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},k8s/tree.env")]);
        let tree = git(at, &["write-tree"]);
        git(at, &["reset", "--quiet"]);
        assert_eq!(tree.len(), 40);
    }),
    ("repacked", |at| drop(git(at, &["repack", "-adfq", "--window=50", "--depth=50"]))),
    ("repacked without deltas", |at| drop(git(at, &["repack", "-adfq", "--window=0"]))),
    ("an archive", |at| {
        write(at, "packed.env", token(90));
        git(at, &["add", "packed.env"]);
        commit(at, 60, "packed");
        let tar = git(at, &["archive", "--format=tar", "--output=all.tar", "HEAD", "packed.env"]);
        assert_eq!(tar, "");
        commit(at, 61, "archive");
    }),
    ("an archive that is broken", |at| {
        write(at, "cut.zip", b"PK\x03\x04\x14\0\0\0\0\0");
        commit(at, 62, "broken");
    }),
    ("collected", |at| {
        git(at, &["tag", "-d", "light"]);
        git(at, &["gc", "--quiet", "--prune=now"]);
    }),
    ("a new start", |at| {
        git(at, &["checkout", "--quiet", "--orphan", "fresh"]);
        write(at, "deploy.sh", token(3));
        commit(at, 63, "orphan");
    }),
];

#[test]
fn whatever_happens_to_a_history_it_is_scanned_as_it_is() {
    let folder = history();
    let at = folder.path();
    let away = TempDir::new().unwrap();
    let cache = away.path().join("cache");
    // One that this file holds at each step, and one of the first run.
    let first = away.path().join("first");
    same_as_cold(at, &cache, "at first");
    fs::copy(&cache, &first).unwrap();
    for (what, step) in [COMMITS, REFS, OBJECTS].concat() {
        step(at);
        same_as_cold(at, &cache, what);
        // The objects may be gone that it knows.
        let old = away.path().join("old");
        fs::copy(&first, &old).unwrap();
        same_as_cold(at, &old, &format!("{what}, seen from the first run"));
    }
    // Elsewhere: all in other packs, some of it only, nothing of it.
    let clone = |name: &str, more: &[&str]| {
        let to = away.path().join(name);
        let from = format!("file://{}", at.display());
        git(away.path(), &[&["clone", "--quiet", "--bare"], more, &[&from, name]].concat());
        to
    };
    let last = away.path().join("last");
    fs::copy(&cache, &last).unwrap();
    let others = [clone("whole", &[]), clone("one", &["--single-branch"]), clone("shallow", &["--depth=2"])];
    let stranger = history();
    for other in others.iter().map(PathBuf::as_path).chain([stranger.path(), at]) {
        for from in [&first, &last] {
            fs::copy(from, &cache).unwrap();
            same_as_cold(other, &cache, &other.display().to_string());
        }
    }
}

#[test]
fn what_is_cut_off_or_gone_is_said_each_time() {
    let folder = history();
    let at = folder.path();
    let away = TempDir::new().unwrap();
    let cache = away.path().join("cache");
    git(at, &["config", "gc.auto", "0"]);
    same_as_cold(at, &cache, "whole");
    // Objects that the cache knows, and that it does not say anything of.
    for what in ["HEAD:docs/7.md", "HEAD~9:deploy.sh", "HEAD~3^{tree}", "HEAD~20:docs", "HEAD~12"] {
        let id = git(at, &["rev-parse", what]);
        let file = at.join(".git/objects").join(&id[..2]).join(&id[2..]);
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let good = fs::read(&cache).unwrap();
        let run = plain(at, &["--history"]);
        assert!(run.out.contains("missing-object"), "{what}: {}", run.out);
        same_as_cold(at, &cache, what);
        write(&at.join(".git/objects"), &format!("{}/{}", &id[..2], &id[2..]), bytes);
        same_as_cold(at, &cache, &format!("{what} again"));
        fs::write(&cache, good).unwrap();
    }
    let id = git(at, &["rev-parse", "HEAD:deploy.sh"]);
    let file = at.join(".git/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(&file).unwrap();
    write(&at.join(".git/objects"), &format!("{}/{}", &id[..2], &id[2..]), "no object");
    // Its findings were to be told.
    let run = cached(at, &["--history"], &cache, &[]);
    assert_eq!(run.out, plain(at, &["--history"]).out);
    assert!(run.out.contains("corrupt"), "{}", run.out);
}

#[test]
fn what_is_known_is_not_read() {
    let folder = history();
    let at = folder.path();
    let away = TempDir::new().unwrap();
    let cache = away.path().join("cache");
    let expected = cached(at, &["--history"], &cache, &[]);
    // A clean blob, a commit, a root folder.
    let ids = ["HEAD:docs/7.md", "HEAD~2", "HEAD~5^{tree}"].map(|what| git(at, &["rev-parse", what]));
    for id in ids {
        let file = at.join(".git/objects").join(&id[..2]).join(&id[2..]);
        fs::remove_file(&file).unwrap();
        fs::write(&file, "no object").unwrap();
    }
    assert_eq!(plain(at, &["--history"]).code, 1);
    assert!(plain(at, &["--history"]).out.contains("corrupt"));
    assert_eq!(cached(at, &["--history"], &cache, &[]).out, expected.out);
}

#[test]
fn nonsense_with_a_seal_does_no_harm() {
    let folder = history();
    let at = folder.path();
    let away = TempDir::new().unwrap();
    let cache = away.path().join("cache");
    cached(at, &["--history"], &cache, &[]);
    let good = fs::read(&cache).unwrap();
    let form = good.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let seal = |mut bytes: Vec<u8>| {
        let seal = Key::new(&good[..form]).unwrap().seal(&bytes);
        bytes.extend_from_slice(&seal);
        bytes
    };
    let body = &good[..good.len() - 32];
    assert!(seal(body.to_vec()) == good);
    let count = u64::from_le_bytes(good[form + 32..form + 40].try_into().unwrap());
    let history = form + 40 + 28 * usize::try_from(count).unwrap();
    assert!(history + 1000 < body.len());
    for step in 0..20 {
        let at_byte = history + (body.len() - history) * step / 20;
        let (cut, mut other, mut large) = (body[..at_byte].to_vec(), body.to_vec(), body.to_vec());
        other[at_byte] ^= 1;
        large[at_byte] = 0xff;
        for bytes in [cut, other, large] {
            fs::write(&cache, seal(bytes)).unwrap();
            let run = cached(at, &["--history"], &cache, &[]);
            assert!(matches!(run.code, 0 | 1 | 3) && run.err.is_empty(), "{at_byte}: {} {}", run.code, run.err);
            assert!(!run.out.contains("credlint failed"), "{at_byte}: {}", run.out);
        }
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
    // Ids and names of files are in it; no values, found or dropped.
    for text in [b"changeme".as_slice(), b"password", &github(3).as_bytes()[..8], &github(3).as_bytes()[8..20]] {
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
