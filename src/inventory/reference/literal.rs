//! Notations of references that may stand in any text: one pass over the file finds the words they begin with.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{File, Out, aws, azure, calls, gcp, managers, templates, vaults};
use crate::format::FileKind;

/// A word and what reads the notation that it begins. The reader is told where the word stands.
pub(super) struct Literal {
    pub(super) word: &'static str,
    pub(super) read: fn(&File<'_>, usize, &mut Out),
}

/// Every notation.
static LITERALS: LazyLock<Vec<&'static Literal>> = LazyLock::new(|| {
    let families = [vaults::LITERALS, aws::LITERALS, azure::LITERALS, gcp::LITERALS, managers::LITERALS];
    families.into_iter().chain([calls::LITERALS, templates::LITERALS]).flatten().collect()
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

/// The arguments of a call, or the fields of an object in code.
pub(super) struct Call<'t>(Vec<&'t str>);

/// What stands in the first pair of brackets from `at` on, parted at the commas that no other brackets or quotes hold.
/// Empty where no bracket opens there, or where it does not close in time.
pub(super) fn call(bytes: &[u8], at: usize) -> Call<'_> {
    const LONGEST: usize = 2048;
    let rest = bytes.get(at..).unwrap_or_default();
    let rest = &rest[..rest.len().min(LONGEST)];
    let text = match std::str::from_utf8(rest) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default(),
    };
    let open = text.find(['(', '{']).filter(|open| text[..*open].bytes().all(|byte| byte.is_ascii_whitespace()));
    open.map_or(Call(Vec::new()), |open| Call(split(&text[open + 1..]).unwrap_or_default()))
}

/// Parts at the commas of one level, up to the bracket that closes it.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') if depth == 0 => {
                parts.push(text[start..at].trim());
                return Some(parts);
            }
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

impl<'t> Call<'t> {
    /// An argument by its position, as it is written.
    pub(super) fn at(&self, index: usize) -> Option<&'t str> {
        self.0.get(index).copied()
    }

    /// A text by its position.
    pub(super) fn text(&self, index: usize) -> Option<&'t str> {
        self.at(index).and_then(in_quotes)
    }

    /// An argument or a field by its name (`name=…`, `name: …`), also of an object that is an argument.
    pub(super) fn named(&self, name: &str) -> Option<&'t str> {
        self.0.iter().find_map(|argument| {
            if let Some(object) = argument.strip_prefix('{') {
                return Call(split(object)?).named(name);
            }
            let rest = argument.trim_start_matches(['"', '\'']).strip_prefix(name)?;
            let rest = rest.trim_start_matches(['"', '\'']).trim_start();
            let value = rest.strip_prefix(':').or_else(|| rest.strip_prefix('='))?;
            (!value.starts_with(['=', '>'])).then(|| value.trim())
        })
    }

    /// A text by its name.
    pub(super) fn named_text(&self, name: &str) -> Option<&'t str> {
        self.named(name).and_then(in_quotes)
    }
}

/// The text of a literal; a pointer to one (`aws.String("x")`) too. `None` for what is computed.
fn in_quotes(written: &str) -> Option<&str> {
    let text = written.strip_suffix(')').and_then(|text| text.split_once(".String(")).map_or(written, |(_, text)| text);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.is_empty() && !inner.contains([quote, '\\', '$'])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_found() {
        assert!(WORDS.is_some());
    }

    #[test]
    fn calls_give_their_arguments() {
        let text = br#"(this, 'a,b', { SecretId: aws.String("x"), "n": f(1, 2), z: `${y}` }, k = "v") more"#;
        let call = call(text, 0);
        assert_eq!((call.at(0), call.text(0), call.text(1)), (Some("this"), None, Some("a,b")));
        assert_eq!((call.named_text("SecretId"), call.named("n")), (Some("x"), Some("f(1, 2)")));
        assert_eq!((call.named_text("z"), call.named_text("k"), call.named("q")), (None, Some("v"), None));
        assert_eq!(super::call(b"x(1)", 0).at(0), None);
        assert_eq!(super::call(b"(1, 2", 0).at(0), None);
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
