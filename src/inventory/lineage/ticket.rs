//! The pull request or ticket that a commit's message names.

/// Words before a hyphen and a number that name no ticket.
const NO_PROJECT: &[&str] =
    &["CVE", "CWE", "GHSA", "HTTP", "IEEE", "ISO", "MD", "PEP", "PR", "RFC", "SHA", "TLS", "UTF", "X"];

/// What a message names, as `#123`, `!45` (a merge request) or `ABC-12`: what the subject names first, then the rest of the
/// message; `None` where it names nothing.
pub(super) fn ticket(message: &str) -> Option<String> {
    let (subject, body) = message.split_once('\n').unwrap_or((message, ""));
    numbered(subject).or_else(|| project(subject)).or_else(|| numbered(body)).or_else(|| project(body))
}

/// The last `#123` or `!45` of a line that has one: squashed requests stand at the subject's end.
fn numbered(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let mut found = line.match_indices(['#', '!']).filter_map(|(at, sign)| {
            let digits: String = line[at + 1..].chars().take_while(char::is_ascii_digit).collect();
            let before = line[..at].chars().next_back();
            let after = line[at + 1 + digits.len()..].chars().next();
            // A colour (`#123456`, `#333333`) and an entity (`&#39;`) are none; `owner/name#12` is one.
            let starts = before.is_none_or(|c| {
                c != '&' && c != '#' && (sign == "#" || !c.is_alphanumeric() || line.contains("merge request"))
            });
            let ends = after.is_none_or(|c| !c.is_alphanumeric());
            (starts && ends && (1..=7).contains(&digits.len()) && !digits.starts_with('0') && digits.len() != 6)
                .then(|| format!("{sign}{digits}"))
        });
        found.next_back()
    })
}

/// The first `ABC-12`.
fn project(text: &str) -> Option<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).find_map(|word| {
        let (name, number) = word.split_once('-')?;
        let named = (2..=10).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && !NO_PROJECT.contains(&name);
        let numbered = (1..=7).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        (named && numbered).then(|| word.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_their_request_or_ticket() {
        for (message, expected) in [
            ("Merge pull request #812 from acme/rotate-key", Some("#812")),
            ("Fix the deploy (#99)", Some("#99")),
            ("Fix #12 and the rest (#99)", Some("#99")),
            ("Deploy\n\nSee merge request acme/web!45", Some("!45")),
            ("OPS-77: new key", Some("OPS-77")),
            ("new key\n\nCloses OPS-77", Some("OPS-77")),
            ("use SHA-256 and UTF-8, see CVE-2024-1", None),
            ("colour #336699 and &#39;", None),
            ("it works!1", None),
            ("", None),
        ] {
            assert_eq!(ticket(message).as_deref(), expected, "{message}");
        }
    }
}
