//! Allow comments: credlint's own and the spellings of other tools.

use super::Allowed;

/// What a spelling covers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The comment's line, and the next one when the comment stands alone on its line.
    LineOrBelow,
    /// The comment's line.
    Line,
    /// The line after the comment's.
    Next,
}

/// `(spelling, tool, reach)`; compared without regard to case, the longer spelling first where one begins like another.
const SPELLINGS: &[(&str, &str, Reach)] = &[
    ("credlint:allow", "credlint", Reach::LineOrBelow),
    ("gitleaks:allow", "gitleaks", Reach::Line),
    ("betterleaks:allow", "betterleaks", Reach::Line),
    ("pragma: allowlist nextline secret", "detect-secrets", Reach::Next),
    ("pragma: whitelist nextline secret", "detect-secrets", Reach::Next),
    ("pragma: allowlist secret", "detect-secrets", Reach::Line),
    ("pragma: whitelist secret", "detect-secrets", Reach::Line),
    ("trufflehog:ignore", "trufflehog", Reach::Line),
    ("kingfisher:ignore", "kingfisher", Reach::LineOrBelow),
    ("ggignore", "ggshield", Reach::LineOrBelow),
    ("pragma: ggignore", "ggshield", Reach::LineOrBelow),
    ("secretlint-disable-next-line", "secretlint", Reach::Next),
    ("secretlint-disable-line", "secretlint", Reach::Line),
];

/// The comment that allows a secret on `line`, if there is one: on the line itself or on the one above.
///
/// `line` and `above` are the texts of the lines, `number` the 1-based number of `line`, `secret` the secret's place in
/// it. A spelling inside the secret does not count.
pub fn allowed(line: &[u8], above: &[u8], number: u64, secret: &std::ops::Range<usize>) -> Option<Allowed> {
    let (here, before) = (mentions(line), mentions(above));
    if !here && !before {
        return None;
    }
    for &(spelling, tool, reach) in SPELLINGS {
        if here
            && reach != Reach::Next
            && let Some(end) = find(line, spelling, Some(secret))
        {
            return Some(Allowed { tool, reason: reason(&line[end..]), line: number });
        }
        if before
            && reach != Reach::Line
            && number > 1
            && let Some(end) = find(above, spelling, None)
            && (reach == Reach::Next || alone(above, end - spelling.len()))
        {
            return Some(Allowed { tool, reason: reason(&above[end..]), line: number - 1 });
        }
    }
    None
}

/// A line may hold a spelling: a quick look, since lines may be long.
fn mentions(line: &[u8]) -> bool {
    const PARTS: [&[u8]; 4] = [b"allow", b"whitelist", b"ignore", b"secretlint-disable"];
    let lower = line.to_ascii_lowercase();
    PARTS.iter().any(|part| memchr::memmem::find(&lower, part).is_some())
}

/// The end of a spelling in a line.
fn find(line: &[u8], spelling: &str, secret: Option<&std::ops::Range<usize>>) -> Option<usize> {
    let spelling = spelling.as_bytes();
    let mut starts = line.windows(spelling.len()).enumerate();
    starts
        .find(|(at, window)| {
            window.eq_ignore_ascii_case(spelling)
                && at.checked_sub(1).is_none_or(|before| !line[before].is_ascii_alphanumeric())
                && line.get(at + spelling.len()).is_none_or(|after| !after.is_ascii_alphanumeric())
                && secret.is_none_or(|secret| *at >= secret.end || at + spelling.len() <= secret.start)
        })
        .map(|(at, _)| at + spelling.len())
}

/// The comment is all there is on its line: only a comment's opening stands before it.
fn alone(line: &[u8], start: usize) -> bool {
    line[..start].iter().all(|&byte| !byte.is_ascii_alphanumeric())
        || line[..start].trim_ascii().eq_ignore_ascii_case(b"rem")
}

/// The words behind the spelling, without the comment's end.
fn reason(rest: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(rest);
    let text = text.trim_start_matches([':', '-', ' ', '\t', '(', '=']);
    let text =
        ["*/", "-->", "#}", "--}}", "}}", "%>"].iter().fold(text, |text, end| text.split(end).next().unwrap_or(text));
    let text = text.trim().trim_end_matches(')').trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(line: &str, above: &str) -> Option<(&'static str, Option<String>)> {
        allowed(line.as_bytes(), above.as_bytes(), 2, &(0..1)).map(|found| (found.tool, found.reason))
    }

    #[test]
    fn every_spelling_is_honoured_in_any_comment_syntax() {
        for (spelling, name, reach) in SPELLINGS {
            for (open, close) in [("# ", ""), ("// ", ""), ("/* ", " */"), ("<!-- ", " -->"), ("-- ", ""), ("; ", "")] {
                let comment = format!("{open}{spelling}{close}");
                let line = format!("x = 1 {comment}");
                assert_eq!(tool(&line, "").is_some(), *reach != Reach::Next, "{line}");
                assert_eq!(tool("x = 1", &comment).is_some(), *reach != Reach::Line, "{comment} {name}");
            }
        }
    }

    #[test]
    fn the_quick_look_passes_over_no_spelling() {
        assert!(SPELLINGS.iter().all(|(spelling, ..)| mentions(spelling.to_uppercase().as_bytes())));
    }

    #[test]
    fn the_reason_is_what_follows() {
        assert_eq!(
            tool("x /* credlint:allow test vector of RFC 1 */", ""),
            Some(("credlint", Some("test vector of RFC 1".to_owned())))
        );
        assert_eq!(tool("x # credlint:allow", ""), Some(("credlint", None)));
    }

    #[test]
    fn the_comment_of_another_line_does_not_reach_here() {
        assert_eq!(tool("x = 1", "y = 2 # credlint:allow for y"), None);
        assert_eq!(tool("x = 1 # discredlint:allowed", ""), None);
    }
}
