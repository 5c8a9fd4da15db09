//! Notations of references that may stand in any text: one pass over the file finds the words they begin with.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{File, Out, aws, azure, gcp, managers, vaults};
use crate::format::FileKind;

/// A word and what reads the notation that it begins. The reader is told where the word stands.
pub(super) struct Literal {
    pub(super) word: &'static str,
    pub(super) read: fn(&File<'_>, usize, &mut Out),
}

/// Every notation.
static LITERALS: LazyLock<Vec<&'static Literal>> = LazyLock::new(|| {
    [vaults::LITERALS, aws::LITERALS, azure::LITERALS, gcp::LITERALS, managers::LITERALS]
        .into_iter()
        .flatten()
        .collect()
});

/// Finds the words. `None` would be a fault of the tables; a test rules it out.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = LITERALS.iter().map(|literal| literal.word);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words).ok()
});

/// A file with a zero among its first bytes is no text.
const HEAD: usize = 8192;

/// Prose shows examples; lock files and translations hold no references.
pub(super) fn wants(path: &str) -> bool {
    !matches!(FileKind::of(path), FileKind::Prose | FileKind::Digest | FileKind::Translation)
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let head = file.bytes.get(..HEAD).unwrap_or(file.bytes);
    if memchr::memchr(0, head).is_some() {
        return;
    }
    let Some(words) = WORDS.as_ref() else { return };
    for hit in words.find_iter(file.bytes) {
        if let Some(literal) = LITERALS.get(hit.pattern().as_usize()) {
            (literal.read)(file, hit.start(), out);
        }
    }
}

/// The text of a command line from `at` on: to the end of its line, lines that a backslash goes on with included.
pub(super) fn command_line<'a>(file: &'a File<'_>, at: usize) -> std::borrow::Cow<'a, str> {
    const LONGEST: usize = 2048;
    let rest = file.bytes.get(at..).unwrap_or_default();
    let rest = &rest[..rest.len().min(LONGEST)];
    let mut end = 0;
    for newline in memchr::memchr_iter(b'\n', rest).chain([rest.len()]) {
        end = newline;
        if !rest[..newline].trim_ascii_end().ends_with(b"\\") {
            break;
        }
    }
    String::from_utf8_lossy(&rest[..end])
}

/// The words of a command line up to what ends it, quotes taken off.
pub(super) fn arguments(line: &str) -> Vec<&str> {
    let end = line.find(['|', ';', '&', ')', '`', '#', '>']).unwrap_or(line.len());
    let words = line[..end].split(|c: char| c.is_whitespace() || c == '\\' || c == ',');
    words.map(|word| word.trim_matches(['"', '\'', '[', ']'])).filter(|word| !word.is_empty()).collect()
}

/// The value of a flag among a command's words: `--name value` or `--name=value`.
pub(super) fn flag<'w>(words: &[&'w str], name: &str) -> Option<&'w str> {
    let at = words
        .iter()
        .position(|word| word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))?;
    let word = words.get(at)?;
    match word.split_once('=') {
        Some((_, value)) => Some(value.trim_matches(['"', '\''])),
        None => words.get(at + 1).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_found() {
        assert!(WORDS.is_some());
    }

    #[test]
    fn command_lines_go_on_and_lose_their_quotes() {
        let text = b"x\nvault kv get \\\n  -field=a \"p/q\" | jq\nmore";
        let file = File::new("r", "a.sh", text);
        let line = command_line(&file, 2);
        assert_eq!(arguments(&line), ["vault", "kv", "get", "-field=a", "p/q"]);
        assert_eq!(flag(&arguments(&line), "-field"), Some("a"));
        assert_eq!(flag(&["--a", "b"], "--a"), Some("b"));
        assert_eq!(flag(&["--ab", "b"], "--a"), None);
    }
}
