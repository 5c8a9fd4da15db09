//! What an excerpt shows, and what it must not.

use proptest::prelude::{Strategy, prop, proptest};

use crate::judge::{Finding, Secret};
use crate::policy::{Outcome, Verdict};
use crate::report::redact::{Line, Redactor};
use crate::rule::{Confidence, Rule, Severity};
use crate::source::Span;

use super::sample::{file, finding, rule};

fn any_rule() -> &'static Rule {
    rule("acme-token", Severity::High, Confidence::Certain, None)
}

fn found(line: &str, value: &str) -> Finding {
    finding(any_rule(), &file("a"), line.as_bytes(), value.as_bytes())
}

fn verdicts(findings: Vec<Finding>) -> Vec<Verdict> {
    let verdict = |(index, finding)| Verdict::plain(finding, Outcome::Blocks, index + 1);
    findings.into_iter().enumerate().map(verdict).collect()
}

/// The first finding's line.
fn line(findings: Vec<Finding>) -> Line {
    let verdicts = verdicts(findings);
    Redactor::new(&verdicts, false).line(&verdicts[0].finding)
}

#[test]
fn the_value_is_replaced_and_its_place_known() {
    let line = line(vec![found("a = 'one-two-three';", "one-two-three")]);
    assert_eq!(line.text, "a = '[REDACTED]';");
    assert_eq!(&line.text[line.mark], "[REDACTED]");
}

#[test]
fn neighbours_and_repeats_are_replaced_too() {
    let text = "one-two three-four one-two";
    let line = line(vec![found(text, "three-four"), found(text, "one-two")]);
    assert_eq!(line.text, "[REDACTED] [REDACTED] [REDACTED]");
    assert_eq!(line.mark, 11..21);
}

#[test]
fn overlapping_values_leave_no_rest() {
    let text = "x abcdefghijkl y";
    let line = line(vec![found(text, "abcdef"), found(text, "defghijkl"), found(text, "efg")]);
    assert_eq!(line.text, "x [REDACTED] y");
    assert_eq!(line.mark, 2..12);
}

#[test]
fn short_values_go_at_their_own_place_only() {
    let text = "ab=ab, cde=cde!";
    let mut first = found(text, "ab");
    (first.span, first.excerpt.secret) = (Span { start: 103, end: 105 }, 3..5);
    let mut second = found(text, "cde");
    second.span = Span { start: 111, end: 114 };
    assert_eq!(line(vec![first, second]).text, "ab=[REDACTED], cde=[REDACTED]!");
}

#[test]
fn long_values_are_replaced_in_other_files_and_short_ones_are_not() {
    let other = file("b");
    let mut long = found("0123456789abcdef", "0123456789abcdef");
    let mut short = found("0123456789", "0123456789");
    (long.origin, short.origin) = (other.clone(), other);
    let text = "v = mine; # 0123456789abcdef 0123456789";
    assert_eq!(line(vec![found(text, "mine"), long, short]).text, "v = [REDACTED]; # [REDACTED] 0123456789");
}

#[test]
fn a_value_that_the_cut_went_through_is_replaced() {
    let mut first = found("three-four and mine and one-t", "mine");
    (first.excerpt.cut_before, first.excerpt.cut_after) = (true, true);
    // Decoded: the places say nothing about the text, the values must.
    first.chain = vec!["utf-16".into()];
    first.excerpt.plain = false;
    let neighbours = [found("one-two-three-four", "one-two-three-four")];
    let line = line([first].into_iter().chain(neighbours).collect());
    assert_eq!(line.text, "…[REDACTED] and [REDACTED] and [REDACTED]…");
    assert_eq!(&line.text[line.mark.clone()], "[REDACTED]");
    assert_eq!(line.mark.start, "…[REDACTED] and ".len());
}

#[test]
fn encoded_neighbours_are_replaced_by_their_place() {
    let text = "plain-one b64b64b64b64";
    let mut encoded = found(text, "b64b64b64b64");
    encoded.secret = Secret::new(b"decoded");
    encoded.chain = vec!["base64".into()];
    assert_eq!(line(vec![found(text, "plain-one"), encoded]).text, "[REDACTED] [REDACTED]");
}

#[test]
fn lines_of_a_long_value_are_replaced_each() {
    let mut key = found("first-line", "first-line");
    key.secret = Secret::new(b"first-line\r\nsecond-line\r\n");
    key.span = Span { start: 500, end: 525 };
    let text = "mine # second-line";
    assert_eq!(line(vec![found(text, "mine"), key]).text, "[REDACTED] # [REDACTED]");
}

#[test]
fn line_ends_are_no_part_of_the_line() {
    assert_eq!(line(vec![found("x=one-two\r\n", "one-two")]).text, "x=[REDACTED]");
    assert_eq!(
        line(vec![Finding { excerpt: crate::judge::Excerpt::default(), ..found("abcd", "abcd") }]),
        Line::default()
    );
}

#[test]
fn bytes_that_are_no_text_and_hidden_characters_are_shown_safely() {
    let text = b"\xff\x1b[1m\t=secret-one\xc3";
    let line = line(vec![finding(any_rule(), &file("a"), text, b"secret-one")]);
    assert_eq!(line.text, "\u{fffd}\\u{1b}[1m =[REDACTED]\u{fffd}");
}

#[test]
fn shown_values_are_escaped() {
    let verdicts = verdicts(vec![found("x='one\u{202e}two'", "one\u{202e}two")]);
    let line = Redactor::new(&verdicts, true).line(&verdicts[0].finding);
    assert_eq!(line.text, "x='one\\u{202e}two'");
    assert_eq!(&line.text[line.mark], "one\\u{202e}two");
}

#[test]
fn other_texts_are_redacted_with_the_same_values() {
    let verdicts = verdicts(vec![found("x=one-two", "one-two")]);
    let redactor = Redactor::new(&verdicts, false);
    assert_eq!(redactor.text(&file("a"), "see one-two here"), "see [REDACTED] here");
    assert_eq!(redactor.text(&file("b"), "see one-two here"), "see one-two here");
}

proptest! {
    /// Against the plain way: mark every byte that some occurrence of some value covers.
    #[test]
    fn no_byte_of_a_value_is_left(
        text in "[ab]{0,40}",
        values in prop::collection::vec("[ab]{4,9}", 1..8),
    ) {
        let mut covered = vec![false; text.len()];
        for value in &values {
            for at in (0..text.len()).filter(|at| text[*at..].starts_with(value.as_str())) {
                covered[at..at + value.len()].fill(true);
            }
        }
        let left: String = text.chars().zip(&covered).filter(|(_, covered)| !**covered).map(|(c, _)| c).collect();
        let verdicts = verdicts(values.iter().map(|value| found(value, value)).collect());
        let shown = Redactor::new(&verdicts, false).text(&file("a"), &text);
        assert_eq!(shown.replace("[REDACTED]", ""), left);
    }

    /// Any excerpt with any range is shown without a panic, and the mark is in the text.
    #[test]
    fn any_excerpt_is_shown(
        text in prop::collection::vec(proptest::prelude::any::<u8>(), 1..60),
        (start, length) in (0_usize..60, 1_usize..60),
        cut in (0_u8..4).prop_map(|bits| (bits & 1 > 0, bits & 2 > 0)),
    ) {
        let mut finding = found("abcd", "abcd");
        let start = start.min(text.len() - 1);
        finding.excerpt.secret = start..(start + length).min(text.len());
        finding.secret = Secret::new(&text[finding.excerpt.secret.clone()]);
        finding.excerpt.text = text;
        (finding.excerpt.cut_before, finding.excerpt.cut_after) = cut;
        let line = line(vec![finding]);
        assert!(line.mark.is_empty() || &line.text[line.mark] == "[REDACTED]");
    }
}
