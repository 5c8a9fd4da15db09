//! Findings stand at their line and column in every encoding and across window borders; comments allow what they should.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use common::tokens::{github, letters};
use common::{command, github_at, places, scan, write};
use serde_json::Value;
use tempfile::TempDir;

/// Bytes of core in one window of the scan.
const WINDOW: usize = 1 << 20;

fn wide(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// The only finding of a file: line, column, column in UTF-16 units, end column, offset.
fn only(content: &[u8]) -> (u64, u64, u64, u64, u64) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "file.txt", content);
    let (code, report) = scan(folder.path(), &["file.txt"], b"");
    assert_eq!(code, 1, "{report}");
    let [entry] = report["findings"].as_array().unwrap().as_slice() else { unreachable!("{report}") };
    let number = |key: &str| entry[key].as_u64().unwrap();
    assert_eq!(number("end_line"), number("line"));
    (number("line"), number("column"), number("column_utf16"), number("end_column"), number("offset"))
}

#[test]
fn tabs_crlf_and_characters_outside_the_plane_count_as_one_column() {
    let token = github(1);
    let text = format!("first\r\n\tü€😀 {token}\r\nlast");
    assert_eq!(only(text.as_bytes()), (2, 6, 7, 46, 7 + 1 + 2 + 3 + 4 + 1));
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let text = format!("\u{feff}{} x", github(2));
    assert_eq!(only(text.as_bytes()), (1, 1, 1, 41, 3));
}

#[test]
fn a_token_at_the_very_end_without_a_line_feed_is_found() {
    let text = format!("x\n\n{}", github(3));
    assert_eq!(only(text.as_bytes()), (3, 1, 1, 41, 3));
}

#[test]
fn utf16_is_read_with_and_without_a_mark_in_both_orders() {
    let text = format!("first line of text\r\nname 😀\tü = {}\r\n", github(4));
    for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
        let marked = if mark { format!("\u{feff}{text}") } else { text.clone() };
        let before = wide(
            if mark {
                "\u{feff}first line of text\r\nname 😀\tü = "
            } else {
                "first line of text\r\nname 😀\tü = "
            },
            big,
        );
        let wanted = (2, 12, 13, 52, before.len() as u64);
        assert_eq!(only(&wide(&marked, big)), wanted, "big end first: {big}, mark: {mark}");
    }
}

#[test]
fn wide_strings_of_a_binary_are_found_at_even_and_odd_offsets() {
    for padding in [64, 65] {
        let mut bytes: Vec<u8> = b"\x7fELF\x02\x01\x01".iter().copied().cycle().take(padding).collect();
        bytes.extend(wide(&github(5), false));
        bytes.extend([0xff, 0xfe, 0x01, 0x90, 0x00, 0x00]);
        let (_, _, _, _, offset) = only(&bytes);
        assert_eq!(offset, padding as u64);
    }
}

#[test]
fn plain_strings_of_a_binary_are_found() {
    let mut bytes = vec![0u8, 1, 2, 0xff, 0, 0];
    bytes.extend(github(6).bytes());
    bytes.extend([0, 0xfe, 0]);
    let (line, _, _, _, offset) = only(&bytes);
    assert_eq!((line, offset), (1, 6));
}

#[test]
fn each_byte_of_latin1_is_one_column() {
    let mut bytes = b"gr\xfc\xdfe\n\xe4\xf6\xfc \xa7 ".to_vec();
    bytes.extend(github(7).bytes());
    bytes.extend(b" caf\xe9\n");
    assert_eq!(only(&bytes), (2, 7, 7, 47, 12));
}

#[test]
fn a_nul_between_text_does_not_end_the_scan() {
    let text = format!("a\0b\nkey {}\n", github(8));
    assert_eq!(only(text.as_bytes()), (2, 5, 5, 45, 8));
}

/// Lines of filler, and tokens so that each begins at the offset wanted; the tokens' lines and columns.
fn planted(offsets: &[usize], length: usize) -> (Vec<u8>, Vec<(u64, u64)>) {
    let (mut bytes, mut places) = (Vec::with_capacity(length), Vec::new());
    let (mut line, mut column) = (1, 1);
    for (seed, &offset) in (100..).zip(offsets.iter().chain([&length])) {
        while bytes.len() < offset {
            let left = offset - bytes.len();
            // Two bytes, one column; then what is needed to hit the offset.
            if column < 60 && left > 3 {
                bytes.extend("ü".bytes());
                column += 1;
            } else if left >= 3 {
                bytes.push(b'\n');
                (line, column) = (line + 1, 1);
            } else {
                bytes.push(b' ');
                column += 1;
            }
        }
        if offset < length {
            places.push((line, column));
            bytes.extend(github(seed).bytes());
            column += 40;
        }
    }
    (bytes, places)
}

/// Just before, across, and just behind the borders between windows.
fn offsets() -> Vec<usize> {
    vec![10, WINDOW - 41, WINDOW + 3, 2 * WINDOW - 39, 2 * WINDOW + 60, 3 * WINDOW - 1, 4 * WINDOW, 4 * WINDOW + 8000]
}

#[test]
fn tokens_at_window_borders_are_found_once_at_their_place_in_a_stream_and_in_a_file() {
    let (bytes, wanted) = planted(&offsets(), 4 * WINDOW + 10_000);
    let folder = TempDir::new().unwrap();
    let wanted: Vec<_> = wanted.into_iter().map(|(line, column)| github_at("big.txt", line, column)).collect();
    let (code, streamed) = scan(folder.path(), &["-", "--stdin-name", "big.txt"], &bytes);
    assert_eq!(code, 1);
    assert_eq!(places(&streamed), wanted, "standard input");
    write(folder.path(), "big.txt", &bytes);
    let (_, read) = scan(folder.path(), &[], b"");
    assert_eq!(places(&read), wanted, "file");
    assert_eq!(read["findings"], streamed["findings"]);
    assert_eq!(read["stats"]["bytes"], bytes.len());
    assert_eq!(streamed["stats"]["bytes"], bytes.len());
}

#[test]
fn a_stream_of_utf16_keeps_its_places_across_windows() {
    let mut text = String::from("\u{feff}");
    while text.len() < WINDOW {
        text.push_str("zwölf 😀 ");
        if text.len() % 7 == 0 {
            text.push('\n');
        }
    }
    let line = text.matches('\n').count() as u64 + 1;
    let column = text.rsplit('\n').next().unwrap().chars().count() as u64 + 1;
    let bytes = wide(&format!("{text}{}\n", github(9)), false);
    assert!(bytes.len() > WINDOW + (64 << 10));
    let folder = TempDir::new().unwrap();
    let (_, report) = scan(folder.path(), &["-"], &bytes);
    assert_eq!(places(&report), [github_at("stdin", line, column)]);
    write(folder.path(), "file.txt", &bytes);
    let (_, report) = scan(folder.path(), &[], b"");
    assert_eq!(places(&report), [github_at("file.txt", line, column)]);
}

/// Scans the same bytes as a file and as a stream, with what each reports.
fn both(bytes: &[u8]) -> [Value; 2] {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "same.txt", bytes);
    let (_, read) = scan(folder.path(), &["same.txt"], b"");
    let (_, streamed) = scan(folder.path(), &["-", "--stdin-name", "same.txt"], bytes);
    [read, streamed]
}

#[test]
fn a_character_cut_by_a_window_border_is_one_column() {
    let token = github(12);
    // Two windows and more of ASCII, and a character of several bytes across the first border.
    for (character, before) in [("ü", 1), ("€", 1), ("€", 2), ("😀", 1), ("😀", 3)] {
        let text = format!("{}{character} {token}\n{}", "a".repeat(WINDOW - before), "b ".repeat(WINDOW));
        for report in both(text.as_bytes()) {
            let column = (WINDOW - before) as u64 + 3;
            assert_eq!(
                places(&report),
                [github_at("same.txt", 1, column)],
                "{character}, {before} bytes before the border"
            );
        }
    }
}

#[test]
fn a_surrogate_pair_cut_by_a_window_border_is_one_column() {
    let token = github(13);
    let units = WINDOW / 2 - 2;
    let bytes = wide(&format!("\u{feff}{}😀 {token}\n{}", "a".repeat(units), "b ".repeat(WINDOW / 2)), false);
    for report in both(&bytes) {
        assert_eq!(places(&report), [github_at("same.txt", 1, units as u64 + 3)]);
    }
}

#[test]
fn one_credential_across_a_window_border_is_one_finding() {
    let token = github(14);
    // The name begins in the first window, the token in the second: two rules find it there.
    for before in [1, 6, 9] {
        let text = format!("{} token = \"{token}\"\n{}", "a ".repeat(WINDOW / 2 - 8), "b ".repeat(WINDOW));
        let text = format!("{}{text}", " ".repeat(16 - before));
        let [read, streamed] = both(text.as_bytes());
        assert_eq!(places(&read).len(), 1);
        assert_eq!(places(&streamed), places(&read), "the name begins {before} bytes before the border");
    }
}

#[test]
fn the_limit_of_findings_is_the_same_for_a_file_and_a_stream() {
    let line = |seed| format!("{} {}\n", github(seed), "filler ".repeat(15));
    let text: String = (0..10_300).map(line).collect();
    assert!(text.len() > WINDOW + (64 << 10));
    let [read, streamed] = both(text.as_bytes());
    assert_eq!((places(&read).len(), &read["gaps"][0]["reason"]), (10_000, &Value::from("limit")));
    assert_eq!(places(&streamed).len(), 10_000);
    assert_eq!(streamed["gaps"][0]["reason"], read["gaps"][0]["reason"]);
}

#[test]
#[ignore = "writes and scans 200 MB"]
fn one_line_of_two_hundred_megabytes_is_scanned_to_its_end() {
    let mut bytes = vec![b'x'; 200 << 20];
    for index in (0..bytes.len()).step_by(64) {
        bytes[index] = b' ';
    }
    let column = bytes.len() as u64 + 2;
    bytes.push(b' ');
    bytes.extend(github(10).bytes());
    let folder = TempDir::new().unwrap();
    write(folder.path(), "long.js", &bytes);
    let (_, report) = scan(folder.path(), &[], b"");
    assert_eq!(places(&report), [github_at("long.js", 1, column)]);
}

#[test]
fn the_report_is_the_same_for_any_number_of_jobs() {
    let folder = TempDir::new().unwrap();
    let (bytes, _) = planted(&offsets(), 4 * WINDOW + 10_000);
    write(folder.path(), "big.txt", &bytes);
    for number in 0..60u64 {
        let text = format!("one {}\ntwo {}\n", github(number), github(number / 3));
        write(folder.path(), &format!("{}/{number}.txt", number % 7), text);
    }
    let report = |jobs: &str| {
        let output = command(folder.path()).args(["scan", "--report", "json", "--jobs", jobs]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        output.stdout
    };
    let one = report("1");
    assert!(one.len() > 50_000, "hardly a report");
    for jobs in ["2", "8", "64"] {
        assert!(one == report(jobs), "1 and {jobs} jobs differ");
    }
}

/// `(comment, tool, stands on the line above)`: docs/allow-comments.md.
const SPELLINGS: &[(&str, &str, bool)] = &[
    ("# credlint:allow made for the test", "credlint", false),
    ("// credlint:allow made for the test", "credlint", true),
    ("/* CredLint:Allow */", "credlint", false),
    ("# gitleaks:allow", "gitleaks", false),
    ("# betterleaks:allow", "betterleaks", false),
    ("# pragma: allowlist secret", "detect-secrets", false),
    ("<!-- pragma: whitelist secret -->", "detect-secrets", false),
    ("# pragma: allowlist nextline secret", "detect-secrets", true),
    ("# pragma: whitelist nextline secret", "detect-secrets", true),
    ("# trufflehog:ignore", "trufflehog", false),
    ("# kingfisher:ignore", "kingfisher", false),
    ("-- kingfisher:ignore", "kingfisher", true),
    ("# ggignore", "ggshield", false),
    ("# pragma: ggignore", "ggshield", false),
    ("# pragma: ggignore", "ggshield", true),
    ("// secretlint-disable-line", "secretlint", false),
    ("// secretlint-disable-next-line", "secretlint", true),
];

fn suppressions(report: &Value) -> Vec<(String, String, u64)> {
    let entries = report["findings"].as_array().unwrap().iter().filter(|entry| entry["outcome"] == "suppressed");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    entries
        .map(|entry| {
            (text(&entry["path"]), text(&entry["suppression"]["tool"]), entry["suppression"]["line"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn every_spelling_of_an_allow_comment_suppresses_and_is_counted() {
    for wide_file in [false, true] {
        let folder = TempDir::new().unwrap();
        let mut wanted = Vec::new();
        for (number, &(comment, tool, above)) in SPELLINGS.iter().enumerate() {
            let name = format!("{number:02}.txt");
            let secret = format!("key {}", github(number as u64));
            let text =
                if above { format!("first\n{comment}\n{secret}\n") } else { format!("first\n{secret} {comment}\n") };
            write(
                folder.path(),
                &name,
                if wide_file { wide(&format!("\u{feff}{text}"), false) } else { text.into_bytes() },
            );
            wanted.push((name, tool.to_owned(), 2));
        }
        let (code, report) = scan(folder.path(), &[], b"");
        assert_eq!(suppressions(&report), wanted);
        assert_eq!(report["counts"]["suppressed"], SPELLINGS.len());
        assert_eq!((code, &report["counts"]["blocks"]), (0, &Value::from(0)));
    }
}

#[test]
fn a_comment_that_is_no_allow_comment_for_the_line_suppresses_nothing() {
    let token = github(11);
    for text in [
        format!("# credlint:allow for something else\n\nkey {token}\n"),
        format!("other = 1 # credlint:allow of the line above\nkey {token}\n"),
        format!("# gitleaks:allow\nkey {token}\n"),
        format!("# secretlint-disable-line\nkey {token}\n"),
        format!("key {token} # secretlint-disable-next-line\n"),
        format!("key {token} # pragma: allowlist nextline secret\n"),
        format!("key {token} # notcredlint:allow\n"),
        format!("key {token} # credlint:allowed\n"),
        format!("key {token}\n# credlint:allow below\n"),
    ] {
        let folder = TempDir::new().unwrap();
        write(folder.path(), "a.txt", &text);
        let (code, report) = scan(folder.path(), &[], b"");
        assert_eq!((code, &report["counts"]["suppressed"]), (1, &Value::from(0)), "{}", text.replace(&token, "TOKEN"));
    }
}

#[test]
fn a_spelling_inside_the_value_allows_nothing() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), ".env", format!("DB_PASSWORD='{}-ggignore-{}'\n", letters(1, 8), letters(2, 8)));
    let (code, report) = scan(folder.path(), &[], b"");
    assert_eq!((code, places(&report).len(), suppressions(&report).len()), (1, 1, 0), "{report}");
}
