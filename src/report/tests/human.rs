//! The report for people.

use crate::policy::{Exit, Outcome, Policy};
use crate::report::{Format, Report, Stats, write};
use crate::rule::{Confidence, Severity};

use super::sample::{Sample, file, finding, rule, sample, written};

/// The report without its colours.
fn stripped(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |out, part| out + part.split_once('m').unwrap().1)
}

#[test]
fn a_credential_is_shown_with_its_place_reasons_and_cure() {
    let text = written(&sample().report(), Format::Human);
    let expected = "\
error[acme-api-token]: Title of acme-api-token
 --> app/config one.env:3:14
  |
3 |  key = \"😀\", \"[REDACTED]\", pw = \"[REDACTED]\"; ü
  |               ^^^^^^^^^^ certain
  |
  = note: the checksum fits; the name says token
  = account: 123456789012
  = user: like [REDACTED]
  = help: Revoke it, then rotate
  = also in copy/00.env:3:14
";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn further_places_of_a_value_are_named_up_to_ten() {
    let text = written(&sample().report(), Format::Human);
    assert!(text.contains("  = also in copy/09.env:3:14\n  = and 2 more\n\n"));
    assert!(!text.contains("copy/10.env"));
    assert_eq!(text.matches("error[acme-api-token]").count(), 2);
}

#[test]
fn a_place_that_blocks_leads_its_group() {
    let mut sample = sample();
    sample.verdicts[0].outcome = Outcome::Reported;
    let text = written(&sample.report(), Format::Human);
    let start = "error[acme-api-token]: Title of acme-api-token\n --> copy/00.env:3:14\n";
    assert!(text.starts_with(start));
    assert!(text.contains("  = also in app/config one.env:3:14\n  = also in copy/01.env:3:14\n"));
}

#[test]
fn a_decoded_value_says_how() {
    let text = written(&sample().report(), Format::Human);
    assert!(text.contains("warning[generic-password]: Title of generic-password\n --> k8s/secret.yml:3:1\n"));
    assert!(text.contains("  = decoded: base64 → gzip\n"));
}

#[test]
fn suppressed_findings_are_only_counted() {
    let text = written(&sample().report(), Format::Human);
    assert!(!text.contains("docs/readme.md"));
    assert!(text.contains("16 blocking, 2 reported, 1 suppressed; 120 files (4.5 MB) scanned with 345 rules\n"));
}

#[test]
fn gaps_come_after_the_findings_one_a_line() {
    let text = written(&sample().report(), Format::Human);
    let expected = "\n\ngap[unreadable]: locked/file: Permission denied (os error 13)\ngap[truncated]: a\\u{1b}[2J";
    assert!(text.contains(expected));
    assert!(text.contains("\ngap[interrupted]: stopped by Ctrl-C\n\n"));
}

#[test]
fn the_verdict_is_the_last_line() {
    let mut sample = sample();
    let last = |sample: &Sample, exit| {
        let text = written(&Report { exit, ..sample.report() }, Format::Human);
        text.lines().last().unwrap().to_owned()
    };
    assert_eq!(
        last(&sample, Exit::Blocked),
        "blocked: 16 findings of 4 values to act on, and 3 gaps in the scan (exit 1)"
    );
    sample.gaps.clear();
    assert_eq!(last(&sample, Exit::Blocked), "blocked: 16 findings of 4 values to act on (exit 1)");
    assert_eq!(
        last(&sample, Exit::Clean),
        "clean: 16 findings of 4 values to act on; the exit code was asked to stay 0 (exit 0)"
    );
    sample.verdicts.truncate(1);
    assert_eq!(last(&sample, Exit::Blocked), "blocked: 1 finding to act on (exit 1)");
    sample.verdicts.clear();
    assert_eq!(last(&sample, Exit::Clean), "clean: nothing blocks (exit 0)");
    assert_eq!(last(&sample, Exit::Error), "error: the run could not start (exit 2)");
}

#[test]
fn long_lines_keep_their_number_and_column() {
    let token = "0123456789";
    let line = format!("{}{token}{}", "x".repeat(300), "y".repeat(300));
    let rule = rule("acme-token", Severity::High, Confidence::Certain, None);
    let mut sample = Sample { verdicts: Vec::new(), ..sample() };
    let mut found = finding(rule, &file("a.js"), line.as_bytes(), token.as_bytes());
    (found.excerpt.cut_before, found.excerpt.cut_after) = (true, true);
    (found.start.line, found.start.column) = (123_456, 9_999);
    sample.verdicts.push(crate::policy::Verdict::plain(found, Outcome::Blocks, 1));
    let text = written(&sample.report(), Format::Human);
    assert!(text.contains("\n      --> a.js:123456:9999\n       |\n123456 | ...xxx"), "{text}");
    assert!(text.contains("xx[REDACTED]yy"));
}

#[test]
fn colours_add_nothing_but_colours() {
    let sample = sample();
    let mut coloured = Vec::new();
    write(Format::Human, &sample.report(), true, &mut coloured).unwrap();
    let coloured = String::from_utf8(coloured).unwrap();
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(stripped(&coloured), written(&sample.report(), Format::Human));
}

#[test]
fn sizes_are_rounded_down_to_what_people_say() {
    let sample = Sample { verdicts: Vec::new(), values: Vec::new(), gaps: Vec::new(), policy: Policy::default() };
    let cases = [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (12_345, "12 kB"),
        (999_999, "999 kB"),
        (3_450_000_000, "3.4 GB"),
    ];
    for (bytes, expected) in cases {
        let stats = Stats { files: 1, bytes, dropped: 0, excluded: 0 };
        let text = written(&Report { stats, ..sample.report() }, Format::Human);
        assert!(text.contains(&format!("1 file ({expected}) scanned")), "{text}");
    }
}
