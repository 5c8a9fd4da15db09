//! What git holds: a repository made for each case, and exactly what is found where.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

mod common;

use common::git::{commit, git, git_at, repository};
use common::tokens::github;
use common::{command, scan, write};

/// `(path, state, commit)` of each finding, sorted.
fn found(report: &Value) -> Vec<(String, String, String)> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or("-").to_owned();
    let entries = report["findings"].as_array().unwrap();
    let mut out: Vec<_> =
        entries.iter().map(|entry| (text(entry, "path"), text(entry, "state"), text(entry, "commit"))).collect();
    out.sort();
    out
}

fn is(path: &str, state: &str, commit: &str) -> (String, String, String) {
    (path.to_owned(), state.to_owned(), commit.to_owned())
}

fn gaps(report: &Value) -> Vec<String> {
    let entries = report["gaps"].as_array().unwrap();
    let mut out: Vec<String> = entries.iter().map(|gap| gap["reason"].as_str().unwrap().to_owned()).collect();
    out.dedup();
    out
}

fn line(seed: u64) -> String {
    format!("t = {}\n", github(seed))
}

#[test]
fn staged_reads_the_index_not_the_work_tree() {
    let folder = repository();
    let at = folder.path();
    assert_eq!(scan(at, &["--staged"], b"").0, 0, "nothing staged is clean");
    // Partially staged: the index has the token, the work tree has not, and the other way round.
    write(at, "in.txt", line(1));
    git(at, &["add", "in.txt"]);
    write(at, "in.txt", "gone\n");
    write(at, "out.txt", "nothing\n");
    git(at, &["add", "out.txt"]);
    write(at, "out.txt", line(2));
    write(at, "intent.txt", line(3));
    git(at, &["add", "--intent-to-add", "intent.txt"]);
    let (code, report) = scan(at, &["--staged"], b"");
    assert_eq!((code, found(&report)), (1, vec![is("in.txt", "-", "-")]));
    assert_eq!(common::places(&report), [common::github_at("in.txt", 1, 5)]);
    assert_eq!(report["stats"]["files"], 2);
    let (code, report) = scan(at, &["--staged", "out.txt"], b"");
    assert_eq!((code, found(&report)), (0, vec![]));
    let (code, report) = scan(at, &["--staged", "nowhere.txt"], b"");
    assert_eq!((code, gaps(&report)), (3, vec!["missing".to_owned()]));
    git(at, &["rm", "--quiet", "--cached", "-f", "in.txt"]);
    assert_eq!(scan(at, &["--staged"], b"").0, 0);
}

#[test]
fn staged_names_scan_files_that_do_not_differ() {
    let folder = repository();
    write(folder.path(), "deep/er/a.txt", line(1));
    write(folder.path(), "deep/b.txt", "x\n");
    commit(folder.path(), 1, "second");
    assert_eq!(scan(folder.path(), &["--staged"], b"").0, 0);
    assert_eq!(scan(folder.path(), &["--staged", "deep"], b"").0, 0, "a folder narrows what differs");
    let (code, report) = scan(folder.path(), &["--staged", "deep/er/a.txt", "deep/b.txt"], b"");
    assert_eq!((code, found(&report)), (1, vec![is("deep/er/a.txt", "-", "-")]));
    // From a folder below, names are its own; what is reported begins at the root.
    let (code, report) = scan(&folder.path().join("deep"), &["--staged", "er/a.txt"], b"");
    assert_eq!((code, found(&report)), (1, vec![is("deep/er/a.txt", "-", "-")]));
}

#[test]
fn staged_before_the_first_commit_and_in_a_merge() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    git(at, &["init", "--quiet"]);
    assert_eq!(scan(at, &["--staged"], b"").0, 0);
    write(at, "a.txt", line(1));
    git(at, &["add", "a.txt"]);
    assert_eq!(found(&scan(at, &["--staged"], b"").1), [is("a.txt", "-", "-")]);
    write(at, "a.txt", "one\n");
    commit(at, 0, "first");
    git(at, &["checkout", "--quiet", "-b", "side"]);
    write(at, "a.txt", line(2));
    commit(at, 1, "theirs");
    git(at, &["checkout", "--quiet", "main"]);
    write(at, "a.txt", "ours\n");
    commit(at, 2, "ours");
    let merge = Command::new("git")
        .current_dir(at)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "merge", "side"])
        .env("HOME", at)
        .output()
        .unwrap();
    assert!(!merge.status.success(), "the merge was to conflict");
    assert_eq!(found(&scan(at, &["--staged"], b"").1), [is("a.txt", "-", "-")]);
}

#[test]
fn a_range_holds_what_its_head_adds() {
    let folder = repository();
    let at = folder.path();
    write(at, "old.txt", line(1));
    let base = commit(at, 1, "base");
    // An old secret in an edited, a moved and a copied file is not new.
    git(at, &["mv", "old.txt", "moved.txt"]);
    write(at, "copy.txt", line(1));
    commit(at, 2, "moved");
    write(at, "passing.txt", line(2));
    let passing = commit(at, 3, "in");
    git(at, &["rm", "--quiet", "passing.txt"]);
    write(at, "stays.txt", line(3));
    let stays = commit(at, 4, "out");
    write(at, "stays.txt", format!("more\n{}", line(3)));
    let last = commit(at, 5, &format!("message {}", github(4)));
    let range = format!("{base}..HEAD");
    let (code, report) = scan(at, &["--range", &range], b"");
    let expected = [
        is(&format!("commit {last}"), "in-head", &last),
        is("copy.txt", "inherited", &git(at, &["rev-parse", "HEAD~3"])),
        is("moved.txt", "inherited", &git(at, &["rev-parse", "HEAD~3"])),
        is("passing.txt", "history-only", &passing),
        is("stays.txt", "in-head", &stays),
    ];
    assert_eq!((code, found(&report)), (1, expected.to_vec()));
    let stays = report["findings"].as_array().unwrap().iter().find(|entry| entry["path"] == "stays.txt").unwrap();
    assert_eq!((&stays["line"], &stays["versions"]), (&Value::from(2), &Value::from(2)), "the place is that of HEAD");
    assert_eq!(stays["author"], "Ann <ann@example.com>");
    assert_eq!(stays["date"], "2023-11-14T22:13:24+00:00");
    let outcomes: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|entry| entry["outcome"].clone()).collect();
    assert_eq!(outcomes, ["blocks", "reported", "reported", "blocks", "blocks"]);
    let (_, report) = scan(at, &["--since", &base, "--history-only", "report"], b"");
    let outcomes: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|entry| entry["outcome"].clone()).collect();
    assert_eq!(outcomes, ["blocks", "reported", "reported", "reported", "blocks"]);
    // Merely inherited: clean.
    let (code, _) = scan(at, &["--range", &format!("{base}..HEAD~3")], b"");
    assert_eq!(code, 0);
}

#[test]
fn a_range_without_commits_is_incomplete_and_one_without_content_clean() {
    let folder = repository();
    let at = folder.path();
    let (code, report) = scan(at, &["--range", "HEAD..HEAD"], b"");
    assert_eq!((code, gaps(&report)), (3, vec!["range".to_owned()]));
    commit(at, 1, "empty");
    assert_eq!(scan(at, &["--range", "HEAD~1..HEAD"], b"").0, 0);
    let wrong = command(at).args(["scan", "--since", "no-such-branch"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn what_only_a_merge_holds_is_found() {
    let folder = repository();
    let at = folder.path();
    let base = git(at, &["rev-parse", "HEAD"]);
    for (number, name) in [(1, "one"), (2, "two"), (3, "three")] {
        git(at, &["checkout", "--quiet", "-b", name, &base]);
        write(at, &format!("{name}.txt"), "x\n");
        commit(at, number, name);
    }
    git(at, &["checkout", "--quiet", "main"]);
    // An octopus whose own tree differs from all its parents.
    git(at, &["merge", "--quiet", "--no-commit", "--no-ff", "one", "two", "three"]);
    write(at, "merge.txt", line(1));
    let merge = commit(at, 4, "octopus");
    assert_eq!(git(at, &["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 5);
    let expected = vec![is("merge.txt", "in-head", &merge)];
    assert_eq!(found(&scan(at, &["--since", &base], b"").1), expected);
    assert_eq!(found(&scan(at, &["--history"], b"").1), expected);
}

#[test]
fn a_cut_history_is_incomplete_and_what_is_there_is_scanned() {
    let folder = repository();
    let at = folder.path();
    let base = git(at, &["rev-parse", "HEAD"]);
    write(at, "gone.txt", line(1));
    commit(at, 1, "in");
    git(at, &["rm", "--quiet", "gone.txt"]);
    write(at, "here.txt", line(2));
    let head = commit(at, 2, "out");
    let other = TempDir::new().unwrap();
    let url = format!("file://{}", at.display());
    git(other.path(), &["clone", "--quiet", "--depth", "1", &url, "cut"]);
    let cut = other.path().join("cut");
    let (code, report) = scan(&cut, &["--history"], b"");
    assert_eq!(
        (code, found(&report), gaps(&report)),
        (1, vec![is("here.txt", "in-head", &head)], vec!["shallow".to_owned()])
    );
    let (code, report) = scan(&cut, &["--since", &base], b"");
    assert_eq!(
        (code, found(&report), gaps(&report)),
        (1, vec![is("here.txt", "in-head", &head)], vec!["shallow".to_owned()])
    );
    // With both trees there the trees are compared, and the gap names what is missing.
    git(&cut, &["fetch", "--quiet", "--depth", "1", "origin", &base]);
    let (_, report) = scan(&cut, &["--since", &base], b"");
    assert_eq!((found(&report), gaps(&report)), (vec![is("here.txt", "in-head", &head)], vec!["shallow".to_owned()]));
    let detail = report["gaps"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(&git(at, &["rev-parse", "HEAD~1"])) && detail.contains("trees"), "{detail}");
    assert_eq!(report["stats"]["files"], 1);
    git(at, &["config", "uploadpack.allowFilter", "true"]);
    git(other.path(), &["clone", "--quiet", "--no-checkout", "--filter=blob:none", &url, "partial"]);
    let (code, report) = scan(&other.path().join("partial"), &["--history"], b"");
    assert_eq!((code, gaps(&report)), (3, vec!["missing-object".to_owned()]));
}

#[test]
fn history_is_every_object() {
    let folder = repository();
    let at = folder.path();
    write(at, "first.txt", line(1));
    let first = commit(at, 1, "in");
    git(at, &["mv", "first.txt", "second.txt"]);
    let moved = commit(at, 2, "moved");
    git(at, &["rm", "--quiet", "second.txt"]);
    let removed = commit(at, 3, "out");
    git_at(at, 4, &["tag", "--annotate", "--message", &format!("tag {}", github(2)), "v1"]);
    git_at(at, 5, &["notes", "add", "--message", &line(3), "HEAD"]);
    let notes = git(at, &["rev-parse", "refs/notes/commits"]);
    write(at, "readme.txt", line(4));
    git_at(at, 6, &["stash", "push", "--quiet"]);
    let stash = git(at, &["rev-parse", "refs/stash"]);
    let wide: Vec<u8> = format!("\u{feff}{}", line(5)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    write(at, "wide.txt", wide);
    let wide = commit(at, 7, "wide");
    // No ref and no reflog leads to these.
    write(at, "loose", line(6));
    let blob = git(at, &["hash-object", "-w", "loose"]);
    fs::remove_file(at.join("loose")).unwrap();
    let tree = {
        write(at, "dangling.txt", line(7));
        git(at, &["add", "dangling.txt"]);
        git(at, &["write-tree"])
    };
    git(at, &["rm", "--quiet", "-f", "dangling.txt"]);
    let dangling = git_at(at, 8, &["commit-tree", "-m", "dangling", &tree]);
    let mut expected = vec![
        is("first.txt", "history-only", &first),
        is("second.txt", "history-only", &moved),
        is(&format!("tag {}", git(at, &["rev-parse", "v1"])), "in-head", &removed),
        is(&removed, "history-only", &notes),
        is("readme.txt", "history-only", &stash),
        is("wide.txt", "in-head", &wide),
        is(&format!("blob {blob}"), "unreachable", "-"),
        is("dangling.txt", "unreachable", &dangling),
    ];
    expected.sort();
    let (code, loose) = scan(at, &["--history"], b"");
    // The stash's commits hold the file twice: in the work tree's commit, and not in the index's.
    assert_eq!((code, found(&loose), gaps(&loose)), (1, expected.clone(), vec![]));
    let entry =
        |path: &str| loose["findings"].as_array().unwrap().iter().find(|entry| entry["path"] == path).unwrap().clone();
    assert_eq!(entry("first.txt")["removed"]["id"], moved);
    assert_eq!(entry("second.txt")["removed"]["id"], removed);
    assert_eq!(entry("first.txt")["paths"], serde_json::json!(["first.txt", "second.txt"]));
    assert_eq!(entry("wide.txt")["branches"], serde_json::json!(["main"]));
    // The same, packed, with deltas, in several packs, through alternates, in a bare clone of the objects.
    git(at, &["repack", "--quiet", "-d", "-k", "--keep-unreachable"]);
    let (_, packed) = scan(at, &["--history"], b"");
    assert_eq!((found(&packed), gaps(&packed)), (expected.clone(), vec![]));
    assert_eq!(packed["stats"], loose["stats"]);
    let bare = at.join(".git");
    let elsewhere = TempDir::new().unwrap();
    let out = command(elsewhere.path()).args(["scan", "--history", "--report", "json"]).arg(&bare).output().unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(found(&report), expected);
    git(elsewhere.path(), &["clone", "--quiet", "--shared", "--no-checkout", at.to_str().unwrap(), "shared"]);
    let (_, shared) = scan(&elsewhere.path().join("shared"), &["--history"], b"");
    assert_eq!((&shared["stats"]["files"], gaps(&shared)), (&packed["stats"]["files"], vec![]));
}

#[test]
fn what_deltas_hold_is_told_as_loose_objects_tell_it() {
    let folder = repository();
    let at = folder.path();
    for version in 0..30u32 {
        for file in (0..15u32).filter(|file| (version + file) % 4 == 0) {
            let secret = if (version + file) % 7 < 4 { line(u64::from(file)) } else { String::new() };
            let text = format!("{}\n{secret}\n{version}\n", common::tokens::letters(u64::from(file), 1500));
            write(at, &format!("dir{}/sub/{file}.txt", file % 3), text);
        }
        if version % 10 == 9 {
            git(at, &["mv", "dir1/sub", &format!("dir1/moved{version}")]);
        }
        commit(at, version, "more");
        if version % 8 == 0 {
            git(at, &["tag", &format!("v{version}")]);
        }
    }
    let (_, loose) = scan(at, &["--history"], b"");
    assert!(loose["findings"].as_array().unwrap().len() > 15, "{loose}");
    git(at, &["repack", "--quiet", "-a", "-d", "-f", "--depth=50", "--window=50"]);
    let (_, packed) = scan(at, &["--history"], b"");
    assert_eq!(packed["findings"], loose["findings"]);
    assert_eq!((&packed["stats"], gaps(&packed)), (&loose["stats"], vec![]));
    // Deltas that name their base by its id.
    git(at, &["-c", "repack.useDeltaBaseOffset=false", "repack", "--quiet", "-a", "-d", "-f"]);
    let (_, by_id) = scan(at, &["--history"], b"");
    assert_eq!((&by_id["findings"], &by_id["stats"]), (&loose["findings"], &loose["stats"]));
    assert_eq!(gaps(&by_id), Vec::<String>::new());
}

#[test]
fn neighbours_of_another_history_stay_hidden() {
    let folder = repository();
    let at = folder.path();
    let [one, two] = [1, 2].map(|seed| common::tokens::letters(seed, 12));
    let assigned = |name: &str, value: &str| format!("{name}_password = \"{value}\"");
    write(at, "a.py", assigned("first", &one));
    commit(at, 1, "one");
    write(at, "a.py", format!("{}; {}", assigned("first", &one), assigned("second", &two)));
    commit(at, 2, "two");
    let (_, report) = scan(at, &["--history"], b"");
    let commits: Vec<&Value> = report["findings"].as_array().unwrap().iter().map(|entry| &entry["commit"]).collect();
    assert_eq!(commits.len(), 2, "{report}");
    assert_ne!(commits[0], commits[1]);
    let text = report.to_string();
    assert!(!text.contains(&one) && !text.contains(&two), "{report}");
}

#[test]
fn a_name_decides_in_history_as_it_does_in_a_tree() {
    let folder = repository();
    let at = folder.path();
    // Only the name says that the value stands unquoted, and that a translation's is none.
    let value = common::tokens::letters(9, 20);
    for name in ["conf/.env", "conf/app.py", "locale/de/messages.json", "notes.md"] {
        write(at, name, format!("DB_PASSWORD={value}\n\"password\": \"{value}\"\n"));
        commit(at, 1, name);
    }
    let tree = scan(at, &["."], b"").1;
    let history = scan(at, &["--history"], b"").1;
    assert!(!common::places(&tree).is_empty());
    assert_eq!(common::places(&tree), common::places(&history));
}

#[test]
fn other_repositories() {
    let empty = TempDir::new().unwrap();
    git(empty.path(), &["init", "--quiet"]);
    let (code, report) = scan(empty.path(), &["--history"], b"");
    assert_eq!((code, gaps(&report)), (3, vec!["empty".to_owned()]));
    let none = TempDir::new().unwrap();
    for flag in ["--history", "--staged", "--ci"] {
        let code = command(none.path()).args(["scan", flag]).output().unwrap().status.code();
        assert_eq!(code, Some(2), "{flag} outside of a repository");
    }
    let long = TempDir::new().unwrap();
    git(long.path(), &["init", "--quiet", "--object-format=sha256"]);
    write(long.path(), "a.txt", line(1));
    let first = commit(long.path(), 0, "first");
    git(long.path(), &["rm", "--quiet", "a.txt"]);
    commit(long.path(), 1, "second");
    git(long.path(), &["gc", "--quiet"]);
    let (_, report) = scan(long.path(), &["--history"], b"");
    assert_eq!((found(&report), gaps(&report)), (vec![is("a.txt", "history-only", &first)], vec![]));
    // A worktree has an index of its own; a submodule a repository of its own.
    let main = repository();
    git(main.path(), &["worktree", "add", "--quiet", "-b", "side", "../side-of-main"]);
    let side = main.path().join("../side-of-main").canonicalize().unwrap();
    write(&side, "b.txt", line(2));
    git(&side, &["add", "b.txt"]);
    assert_eq!(found(&scan(&side, &["--staged"], b"").1), [is("b.txt", "-", "-")]);
    assert_eq!(found(&scan(main.path(), &["--staged"], b"").1), []);
    fs::remove_dir_all(&side).unwrap();
    git(main.path(), &["submodule", "add", "--quiet", &format!("file://{}", long_copy(&none)), "sub"]);
    commit(main.path(), 3, "sub");
    let (code, report) = scan(main.path(), &["--history"], b"");
    assert_eq!((code, gaps(&report)), (1, vec![]), "{report}");
    assert_eq!(found(&scan(&main.path().join("sub"), &["--history"], b"").1).len(), 1);
}

/// A repository with a token in its only commit.
fn long_copy(folder: &TempDir) -> String {
    let at = folder.path().join("source");
    fs::create_dir(&at).unwrap();
    git(&at, &["init", "--quiet"]);
    write(&at, "c.txt", line(3));
    commit(&at, 0, "first");
    at.display().to_string()
}

#[test]
fn nothing_of_the_repository_is_obeyed() {
    let folder = repository();
    let at = folder.path();
    write(at, "a.txt", line(1));
    let first = commit(at, 1, "in");
    let other = git(at, &["rev-parse", "HEAD~1"]);
    git(at, &["replace", &first, &other]);
    for (key, value) in [("core.fsmonitor", "touch hit"), ("core.pager", "touch hit"), ("filter.x.smudge", "touch hit")]
    {
        git(at, &["config", key, value]);
    }
    write(at, ".gitattributes", "* filter=x diff=x\n");
    assert_eq!(found(&scan(at, &["--history"], b"").1), [is("a.txt", "in-head", &first)]);
    assert!(!at.join("hit").exists());
}

#[test]
fn broken_repositories_are_gaps() {
    let broken = |name: &str, harm: &dyn Fn(&Path)| {
        let folder = repository();
        let at = folder.path();
        for number in 0..40u64 {
            write(at, "a.txt", format!("{}\n{number}\n", common::tokens::letters(1, 3000)));
            write(at, &format!("b{number}.txt"), common::tokens::letters(100 + number, 500));
            commit(at, u32::try_from(number).unwrap(), "more");
        }
        git(at, &["repack", "--quiet", "-a", "-d"]);
        harm(at);
        let (code, report) = scan(at, &["--history"], b"");
        assert_eq!(code, 3, "{name}: {report}");
        assert!(!gaps(&report).is_empty(), "{name}");
        gaps(&report)
    };
    let pack = |at: &Path| {
        let mut files = fs::read_dir(at.join(".git/objects/pack")).unwrap().map(|file| file.unwrap().path());
        let path = files.find(|path| path.extension().is_some_and(|extension| extension == "pack")).unwrap();
        let mut permissions = path.metadata().unwrap().permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "a file of the test's own")]
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).unwrap();
        path
    };
    let cut = broken("truncated pack", &|at| {
        let path = pack(at);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    });
    assert!(cut.contains(&"corrupt".to_owned()), "{cut:?}");
    let harmed = broken("corrupt object", &|at| {
        let path = pack(at);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        for byte in &mut bytes[middle..middle + 64] {
            *byte ^= 0x5a;
        }
        fs::write(&path, bytes).unwrap();
    });
    assert!(harmed.contains(&"corrupt".to_owned()), "{harmed:?}");
    broken("loose object cut short", &|at| {
        write(at, "z.txt", line(1));
        let id = git(at, &["hash-object", "-w", "z.txt"]);
        let path = at.join(".git/objects").join(&id[..2]).join(&id[2..]);
        fs::remove_file(&path).unwrap();
        fs::write(&path, [0x78, 0x01, 0x4b]).unwrap();
    });
}

#[test]
fn a_lost_folder() {
    // A folder that a commit names and that is gone.
    let folder = repository();
    let at = folder.path();
    write(at, "a.txt", line(1));
    commit(at, 1, "in");
    let tree = git(at, &["rev-parse", "HEAD^{tree}"]);
    fs::remove_file(at.join(".git/objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    let (code, report) = scan(at, &["--since", "HEAD~1"], b"");
    assert_eq!((code, gaps(&report)), (3, vec!["missing-object".to_owned()]));
}

#[test]
fn a_ci_run_says_what_it_chose() {
    let folder = repository();
    let at = folder.path();
    let base = git(at, &["rev-parse", "HEAD"]);
    write(at, "a.txt", line(1));
    let head = commit(at, 1, "in");
    let event = serde_json::json!({"pull_request": {"base": {"sha": base}, "head": {"sha": head}}});
    let payload = TempDir::new().unwrap();
    write(payload.path(), "event.json", event.to_string());
    let output = command(at)
        .args(["scan", "--ci", "--report", "json"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_NAME", "pull_request")
        .env("GITHUB_EVENT_PATH", payload.path().join("event.json"))
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), found(&report)), (Some(1), vec![is("a.txt", "in-head", &head)]));
    assert_eq!(
        (&report["scope"]["base"], &report["scope"]["service"]),
        (&Value::from(base.clone()), &Value::from("github"))
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("pull request") && said.contains(&base), "{said}");
}
