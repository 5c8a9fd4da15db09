//! Archives in a tree: what is found in each format, and that hostile ones cost little and are never passed over.
#![expect(clippy::unwrap_used, reason = "test code")]

#[path = "../common/mod.rs"]
mod common;
mod formats;
mod image;

use std::fs;
use std::os::unix::fs::symlink;

use common::tokens::{github, letters};
use common::{credlint, github_at, places, scan, write};
use formats::{Zipped, bzip2, cpio, deb, gzip, jar, rpm, tar, tar_entry, xz, zip, zstd};
use serde_json::Value;
use tempfile::TempDir;

fn line(seed: u64) -> Vec<u8> {
    format!("\ntoken {}\n", github(seed)).into_bytes()
}

/// `path!member` of each finding; all stand at 2:7.
fn members(report: &Value) -> Vec<String> {
    let entries = report["findings"].as_array().unwrap();
    let member = |entry: &Value| entry["member"].as_str().unwrap_or_default().to_owned();
    let check = |(place, entry): (common::Place, &Value)| {
        assert_eq!(place, github_at(&place.0, 2, 7), "{entry}");
        format!("{}!{}", place.0, member(entry))
    };
    places(report).into_iter().zip(entries).map(check).collect()
}

/// `(what, reason)` of each gap.
fn gaps(report: &Value) -> Vec<(String, String)> {
    let entries = report["gaps"].as_array().unwrap();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    entries.iter().map(|entry| (text(entry, "what"), text(entry, "reason"))).collect()
}

/// Scans one archive: the code, the members with findings, the gaps.
fn scanned(name: &str, bytes: &[u8]) -> (i32, Vec<String>, Vec<(String, String)>) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), name, bytes);
    let (code, report) = scan(folder.path(), &["."], b"");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was written");
    (code, members(&report), gaps(&report))
}

/// Finds exactly these members and leaves no gap.
fn finds(name: &str, bytes: &[u8], expected: &[&str]) {
    let (code, found, gaps) = scanned(name, bytes);
    assert_eq!(gaps, [], "{name}");
    assert_eq!(found, expected, "{name}");
    assert_eq!(code, 1, "{name}");
}

/// Leaves exactly this gap, and says so by the exit code.
fn leaves(name: &str, bytes: &[u8], what: &str, reason: &str) {
    let (code, found, gaps) = scanned(name, bytes);
    assert_eq!(gaps, [(what.to_owned(), reason.to_owned())], "{name}");
    assert_eq!(code, if found.is_empty() { 3 } else { 1 }, "{name}");
}

#[test]
fn every_format_is_read() {
    let one = line(1);
    let both: &[(&str, &[u8])] = &[("etc/a.conf", &one), ("b", &line(2))];
    let expected = |name: &str| [format!("{name}!b"), format!("{name}!etc/a.conf")];
    let all = [
        ("x.tar", tar(both)),
        ("x.tar.gz", gzip(&tar(both))),
        ("x.tgz", gzip(&tar(both))),
        ("x.tar.xz", xz(&tar(both))),
        ("x.tar.zst", zstd(&tar(both))),
        ("x.tar.bz2", bzip2(&tar(both))),
        ("x.cpio", cpio(both)),
        ("x.cpio.gz", gzip(&cpio(both))),
        ("x.zip", zip(&both.iter().map(|(name, content)| Zipped::deflated(name, content)).collect::<Vec<_>>())),
        ("x.whl", zip(&both.iter().map(|(name, content)| Zipped::stored(name, content)).collect::<Vec<_>>())),
        // By content, whatever the name says.
        ("x.png", gzip(&tar(both))),
        ("y.rpm", rpm(b"none", &gzip(&cpio(both)))),
        ("z.rpm", rpm(b"none", &zstd(&cpio(both)))),
    ];
    for (name, bytes) in all {
        let mut expected = expected(name);
        expected.sort();
        finds(name, &bytes, &expected.each_ref().map(String::as_str));
    }
    finds("d/data.sql.gz", &gzip(&one), &["d/data.sql.gz!data.sql"]);
    finds("data.xz", &xz(&one), &["data.xz!data"]);
    finds("data.zst", &zstd(&one), &["data.zst!data"]);
    finds("data.bz2", &bzip2(&one), &["data.bz2!data"]);
    let package = deb(&[("control.tar.gz", &gzip(&tar(&[("./postinst", &one)]))), ("data.tar.xz", &xz(&tar(both)))]);
    finds("x.deb", &package, &["x.deb!control.tar.gz!postinst", "x.deb!data.tar.xz!b", "x.deb!data.tar.xz!etc/a.conf"]);
    finds("x.rpm", &rpm(&one, &gzip(&cpio(&[]))), &["x.rpm!(header)"]);
    // Methods that zip knows beside deflate.
    let methods = [(12, bzip2(&one)), (93, zstd(&one)), (95, xz(&one))];
    let zipped: Vec<_> =
        methods.iter().map(|(method, data)| Zipped::new(&method.to_string(), *method, &one, data.clone())).collect();
    finds("methods.zip", &zip(&zipped), &["methods.zip!12", "methods.zip!93", "methods.zip!95"]);
}

#[test]
fn nested_archives_are_opened_and_named() {
    let inner = jar("conf/app.properties", &line(1));
    let outer = zip(&[Zipped::deflated("lib/inner.jar", &inner), Zipped::stored("lib/same.jar", &inner)]);
    finds(
        "outer.jar",
        &outer,
        &["outer.jar!lib/inner.jar!conf/app.properties", "outer.jar!lib/same.jar!conf/app.properties"],
    );
    finds(
        "a.tar.gz",
        &gzip(&tar(&[("outer.jar", &outer)])),
        &[
            "a.tar.gz!outer.jar!lib/inner.jar!conf/app.properties",
            "a.tar.gz!outer.jar!lib/same.jar!conf/app.properties",
        ],
    );
    // A jar of more than one window is held as a whole.
    let padding: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    let large = zip(&[Zipped::stored("noise", &padding), Zipped::deflated("a", &line(2))]);
    finds("large.tar.gz", &gzip(&tar(&[("large.jar", &large)])), &["large.tar.gz!large.jar!a"]);
    finds("large.jar", &large, &["large.jar!a"]);
}

#[test]
fn members_of_many_windows_have_exact_places() {
    let mut text = b"x\n".repeat(2_000_000);
    text.truncate(3_999_998);
    let mut report = Vec::new();
    for content in [&text, &text] {
        let mut content = content.clone();
        content.extend(line(3));
        report.push(content);
    }
    let folder = TempDir::new().unwrap();
    write(folder.path(), "big.tar.gz", gzip(&tar(&[("big.txt", &report[0])])));
    write(folder.path(), "big.txt", &report[1]);
    let (code, report) = scan(folder.path(), &["."], b"");
    assert_eq!(code, 1);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2);
    for key in ["line", "column", "offset", "end_offset", "end_line", "excerpt"] {
        assert_eq!(findings[0][key], findings[1][key], "{key}");
    }
    assert_eq!(findings[0]["line"], 2_000_001);
}

#[test]
fn the_raw_bytes_of_an_archive_are_not_scanned_too() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.zip", zip(&[Zipped::stored("a", &line(1))]));
    let (_, report) = scan(folder.path(), &["."], b"");
    assert_eq!(members(&report), ["a.zip!a"]);
    let (_, report) = scan(folder.path(), &[".", "--no-archives"], b"");
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0]["path"].as_str(), findings[0].get("member")), (Some("a.zip"), None));
}

#[test]
fn what_a_member_is_its_own_name_says() {
    // An unquoted value in an environment file is a value; in a file without a name it is none.
    let password = format!("DB_PASSWORD={}\n", letters(1, 14));
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.zip", zip(&[Zipped::deflated("deploy/.env", password.as_bytes())]));
    write(folder.path(), "deploy/.env", &password);
    let (_, report) = scan(folder.path(), &["."], b"");
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{report}");
    assert_eq!(findings[0]["confidence"], findings[1]["confidence"]);
}

#[test]
fn reports_name_the_archive_and_the_member() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "lib/a.jar", jar("conf/x y.properties", &line(1)));
    let human = credlint(folder.path(), &["scan", "--report", "human"], b"").out;
    assert!(human.contains("lib/a.jar!conf/x y.properties:2:7"), "{human}");
    let sarif = credlint(folder.path(), &["scan", "--report", "sarif"], b"").out;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let location = &result["locations"][0];
    assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "lib/a.jar");
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "lib/a.jar!conf/x y.properties");
    assert_eq!(result["properties"]["member"], "conf/x y.properties");
}

#[test]
fn a_gap_in_an_archive_is_located_at_its_file() {
    let folder = TempDir::new().unwrap();
    let mut locked = Zipped::stored("a", b"0123456789");
    locked.flags = 1;
    write(folder.path(), "lib/a.jar", zip(&[locked]));
    let run = credlint(folder.path(), &["scan", "--report", "sarif"], b"");
    assert_eq!(run.code, 3);
    let sarif: Value = serde_json::from_str(&run.out).unwrap();
    let notification = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["descriptor"]["id"], "encrypted");
    assert_eq!(notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "lib/a.jar");
    assert!(notification["message"]["text"].as_str().unwrap().contains("lib/a.jar!a"));
}

#[test]
fn an_encrypted_member_is_a_gap_and_the_others_are_read() {
    let mut locked = Zipped::stored("locked", &line(1));
    locked.flags = 1;
    let (code, found, gaps) = scanned("a.zip", &zip(&[locked, Zipped::deflated("open", &line(2))]));
    assert_eq!((code, found), (1, vec!["a.zip!open".to_owned()]));
    assert_eq!(gaps, [("a.zip!locked".to_owned(), "encrypted".to_owned())]);
}

#[test]
fn an_archive_names_no_more_than_a_thousand_gaps() {
    let mut locked = Zipped::stored("locked", b"0123456789");
    locked.flags = 1;
    let (code, _, gaps) = scanned("a.zip", &zip(&vec![locked; 1200]));
    // Gaps of the same name are one.
    assert_eq!((code, gaps.len()), (3, 2));
    assert_eq!(gaps[0], ("a.zip".to_owned(), "limit".to_owned()));
}

#[test]
fn a_method_that_is_not_read_is_a_gap() {
    leaves("a.zip", &zip(&[Zipped::new("a", 9, b"text", b"text".to_vec())]), "a.zip!a", "undecodable");
    leaves("a.rpm", &rpm(b"none", b"]\0\0\0\x04payload"), "a.rpm", "undecodable");
    leaves("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04", "a.7z", "undecodable");
}

#[test]
fn truncated_archives_are_a_gap_and_what_is_there_is_scanned() {
    let content = tar(&[("a", &line(1)), ("b", &[b'x'; 5000])]);
    let (code, found, left) = scanned("a.tar", &content[..3000]);
    assert_eq!((code, found), (1, vec!["a.tar!a".to_owned()]));
    assert_eq!(left[0], ("a.tar".to_owned(), "truncated".to_owned()));
    assert_eq!(left[1], ("a.tar!b".to_owned(), "truncated".to_owned()));
    for (name, whole) in [
        ("a.tar.gz", gzip(&content)),
        ("a.tar.xz", xz(&content)),
        ("a.tar.zst", zstd(&content)),
        ("a.tar.bz2", bzip2(&content)),
        ("a.rpm", rpm(b"none", &gzip(&cpio(&[("a", &line(1))])))),
        ("a.deb", deb(&[("data.tar", &content)])),
        ("a.zip", jar("a", &line(1))),
        ("a.cpio", cpio(&[("a", &line(1))])),
    ] {
        for length in [whole.len() - 1, whole.len() / 2, 40] {
            let (code, _, left) = scanned(name, &whole[..length]);
            assert!(code == 3 || code == 1, "{name} cut at {length}: {code}");
            assert!(!left.is_empty(), "{name} cut at {length} of {}", whole.len());
        }
    }
    // A zip without its directory is scanned as it is.
    let stored = zip(&[Zipped::stored("a", &line(1))]);
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.zip", &stored[..stored.len() - 30]);
    let (code, report) = scan(folder.path(), &["."], b"");
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (1, 1));
    assert_eq!(gaps(&report)[0].1, "truncated");
}

/// Every archive of the test kinds with single bytes changed: no panic, no lost time, and a report each time.
#[test]
fn corrupt_archives_end_in_a_report() {
    let content: &[(&str, &[u8])] = &[("a", &line(1)), ("b.txt", &[b'x'; 600])];
    let folder = TempDir::new().unwrap();
    for (name, whole) in [
        ("a.tar", tar(content)),
        ("a.tar.gz", gzip(&tar(content))),
        ("a.tar.xz", xz(&tar(content))),
        ("a.tar.zst", zstd(&tar(content))),
        ("a.tar.bz2", bzip2(&tar(content))),
        ("a.rpm", rpm(b"none", &gzip(&cpio(content)))),
        ("a.deb", deb(&[("data.tar.gz", &gzip(&tar(content)))])),
        ("a.zip", zip(&[Zipped::deflated("a", &line(1)), Zipped::stored("b", &line(2))])),
        ("a.cpio", cpio(content)),
    ] {
        for at in (0..whole.len()).step_by(whole.len() / 60 + 1) {
            for change in [0xff, 0x01, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                write(folder.path(), &format!("{name}/{at}.{change}"), bytes);
            }
        }
    }
    let (code, report) = scan(folder.path(), &["."], b"");
    assert!(code == 1 || code == 3);
    for (what, reason) in gaps(&report) {
        assert!(["truncated", "undecodable", "encrypted", "limit"].contains(&reason.as_str()), "{what}: {reason}");
    }
}

#[test]
fn bombs_are_cut_off() {
    let bomb = gzip(&vec![0; 80 << 20]);
    leaves("bomb.gz", &bomb, "bomb.gz!bomb", "limit");
    // The same member named over and over.
    let one = Zipped::deflated("zeros", &vec![0; 4 << 20]);
    let (code, _, gaps) = scanned("many.zip", &zip(&vec![one; 12]));
    assert_eq!((code, gaps.len(), gaps[0].1.as_str()), (3, 1, "limit"));
}

#[test]
fn depth_is_bounded() {
    let mut bytes = line(1);
    for depth in 0..10 {
        bytes = zip(&[Zipped::deflated(&format!("{depth}.zip"), &bytes)]);
    }
    let (code, found, gaps) = scanned("a.zip", &bytes);
    assert_eq!((code, found.len()), (3, 0));
    assert_eq!(gaps, [("a.zip!9.zip!8.zip!7.zip!6.zip!5.zip!4.zip!3.zip!2.zip".to_owned(), "limit".to_owned())]);
    // As deep as allowed.
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.zip", &bytes);
    let (code, report) = scan(folder.path(), &[".", "--max-archive-depth", "10"], b"");
    assert_eq!((code, report["gaps"].as_array().unwrap().len()), (1, 0));
}

#[test]
fn size_is_bounded() {
    let folder = TempDir::new().unwrap();
    let noise: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    write(folder.path(), "a.tar.gz", gzip(&tar(&[("noise", &noise), ("a", &line(1))])));
    let (code, report) = scan(folder.path(), &[".", "--max-archive-size", "100K"], b"");
    assert_eq!(code, 3);
    assert_eq!(gaps(&report), [("a.tar.gz!noise".to_owned(), "limit".to_owned())]);
}

#[test]
fn paths_inside_are_text() {
    let folder = TempDir::new().unwrap();
    let inside = folder.path().join("inside");
    write(folder.path(), "outside.txt", line(9));
    fs::create_dir(&inside).unwrap();
    let mut bytes = Vec::new();
    for (name, seed) in [("../../outside.txt", 1), ("/etc/absolute", 2), ("a/../../b", 3)] {
        let content = line(seed);
        bytes.extend(tar_entry(name, b'0', content.len() as u64, b""));
        bytes.extend_from_slice(&content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.extend(tar_entry("link", b'2', 0, b"../outside.txt"));
    bytes.extend(tar_entry("hard", b'1', 0, b"../outside.txt"));
    bytes.extend(tar_entry("device", b'3', 0, b""));
    bytes.resize(bytes.len() + 1024, 0);
    fs::write(inside.join("a.tar"), bytes).unwrap();
    symlink("../outside.txt", inside.join("link.txt")).unwrap();
    let (code, report) = scan(&inside, &["."], b"");
    assert_eq!((code, gaps(&report)), (1, vec![]));
    assert_eq!(members(&report), ["a.tar!../../outside.txt", "a.tar!/etc/absolute", "a.tar!a/../../b"]);
    assert_eq!(fs::read_dir(&inside).unwrap().count(), 2);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn what_follows_the_end_of_an_archive_is_scanned() {
    let mut bytes = tar(&[("a", b"text")]);
    bytes.extend(line(1));
    finds("a.tar", &bytes, &["a.tar!(behind its end)"]);
    let mut two = gzip(&line(1));
    two.extend(gzip(b"more"));
    two.extend([0; 512]);
    finds("two.gz", &two, &["two.gz!two"]);
}

#[test]
fn a_tar_whose_end_is_known_otherwise_needs_no_end_mark() {
    // umoci writes such layers: neither padding nor end mark.
    let cut = &tar(&[("a", &line(1))])[..512 + 48];
    finds("a.tar.gz", &gzip(cut), &["a.tar.gz!a"]);
    finds("b.tar", &tar(&[("a.tar", cut)]), &["b.tar!a.tar!a"]);
    leaves("a.tar", cut, "a.tar", "truncated");
}

#[test]
fn memory_that_a_decoder_asks_for_is_bounded() {
    // The same with a dictionary of 4 GiB, and a window of 2 GiB.
    let mut large = xz(&line(1));
    large[16] = 40;
    let sum = crc32fast::hash(&large[12..20]).to_le_bytes();
    large[20..24].copy_from_slice(&sum);
    leaves("a.xz", &large, "a.xz", "limit");
    leaves("a.zst", b"\x28\xb5\x2f\xfd\0\xa8\x01\0\0", "a.zst", "undecodable");
}

#[test]
fn an_archive_without_members_is_no_gap() {
    for (name, bytes) in [("a.zip", zip(&[])), ("a.tar", tar(&[("empty", b"")])), ("a.gz", gzip(b""))] {
        let (code, found, gaps) = scanned(name, &bytes);
        assert_eq!((code, found.len(), gaps.len()), (0, 0, 0), "{name}");
    }
}

#[test]
fn archives_come_through_standard_input_too() {
    let folder = TempDir::new().unwrap();
    let noise: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    let small = gzip(&tar(&[("a", &line(1))]));
    let large = gzip(&tar(&[("noise", &noise), ("a", &line(1))]));
    let zipped = zip(&[Zipped::stored("noise", &noise), Zipped::deflated("a", &line(1))]);
    for bytes in [small, large, zipped] {
        let (code, report) = scan(folder.path(), &["-", "--stdin-name", "in"], &bytes);
        assert_eq!((code, gaps(&report)), (1, vec![]));
        assert_eq!(members(&report), ["in!a"]);
    }
}

#[test]
fn the_same_report_with_any_number_of_threads() {
    let folder = TempDir::new().unwrap();
    for seed in 0..30 {
        write(folder.path(), &format!("{seed}.jar"), jar("a", &line(seed)));
        write(folder.path(), &format!("{seed}.tgz"), gzip(&tar(&[("b", &line(seed + 100))])));
    }
    let run = |jobs: &str| credlint(folder.path(), &["scan", "--report", "json", "--jobs", jobs], b"").out;
    let one = run("1");
    assert_eq!(serde_json::from_str::<Value>(&one).unwrap()["findings"].as_array().unwrap().len(), 60);
    assert_eq!(one, run("7"));
}
