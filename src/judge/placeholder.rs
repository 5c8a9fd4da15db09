//! Fill, samples and words that stand where a credential would.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::randomness::Shape;
use crate::rule::raw::SPLICE_MARK;

/// Example tokens of rule files are stored so.
const SPLICED: &str = "a spliced example, as rule files store them";

const WORD: &str = "holds a placeholder word";
const SEQUENCE: &str = "a sequence of neighbouring characters";

/// Pieces of text that only placeholders have; compared in lower case.
const PIECES: &[&str] = &[
    "example",
    "xxxx",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "changethis",
    "change_this",
    "your_",
    "your-",
    "yourpass",
    "yoursecret",
    "yourkey",
    "yourtoken",
    "your ",
    "my_super",
    "dummy",
    "redacted",
    "insert",
    "replace",
    "please_",
    "please-",
    "if_you_",
    "removed",
    "fill_in",
    "todo",
    "fixme",
    "****",
    "....",
    "<your",
    "enter_",
    "enter-",
    "enter your",
    "goes_here",
    "goes-here",
    "goes here",
    "_here",
    "-here",
    "not_a_real",
    "notreal",
    "not-real",
    "fakekey",
    "fake_",
    "fake-",
    "fakesecret",
    "faketoken",
    "sample",
    "dontuse",
    "secret_key_here",
    "some_secret",
    "some-secret",
    "somesecret",
    "deadbeef",
    "cafebabe",
    "testtest",
    "masked",
    "hidden",
    "•••",
    "●●●",
    "deleted",
    "obfuscated",
    "supersecret",
    "super_secret",
    "super-secret",
    "topsecret",
    "top_secret",
    "top-secret",
    "mysecret",
    "my_secret",
    "my-secret",
    "mypassword",
    "my_password",
    "my-password",
    "notasecret",
    "not_a_secret",
    "not-a-secret",
    "foobar",
    "foo_bar",
    "thisisa",
    "this_is_a",
    "this-is-a",
    "this is a",
    "abc123",
    "blahblah",
    "lorem",
    "whatever",
    "unknown",
    "undefined",
    "ignored",
];

/// Pieces that a random part of a token has only where it is a placeholder.
const TOKEN_PIECES: &[&str] = &[
    "example",
    "xxxx",
    "placeholder",
    "changeme",
    "redacted",
    "your_",
    "your-",
    "yourkey",
    "yourtoken",
    "dummy",
    "insert_",
    "insert-",
    "fakefake",
    "testtest",
    "sampl",
    "notreal",
];

/// Rows of keys and alphabets that people run a finger along.
const ROWS: [&[u8]; 8] = [
    b"abcdefghijklmnopqrstuvwxyz",
    b"zyxwvutsrqponmlkjihgfedcba",
    b"01234567890123456789",
    b"98765432109876543210",
    b"qwertyuiopasdfghjklzxcvbnm",
    b"1q2w3e4r5t6y7u8i9o0p",
    b"qazwsxedcrfvtgbyhnujm",
    b"0123456789abcdef0123456789abcdef",
];

/// Why a token's random part is fill, if it is: `value` without the rule's literal.
pub(super) fn token_fill(value: &[u8]) -> Option<&'static str> {
    if contains(value, SPLICE_MARK.as_bytes()) {
        return Some(SPLICED);
    }
    if let Some(reason) = fill(value) {
        return Some(reason);
    }
    holds(&TOKEN_FINDER, TOKEN_PIECES, value).then_some("holds a placeholder word")
}

/// Finds [`PIECES`].
static FINDER: Finder = OnceLock::new();
/// Finds [`TOKEN_PIECES`].
static TOKEN_FINDER: Finder = OnceLock::new();

/// Made when it is first asked; `None` where it cannot be made.
type Finder = OnceLock<Option<AhoCorasick>>;

/// True when the text holds one of the pieces, in any case.
fn holds(finder: &Finder, pieces: &[&str], text: &[u8]) -> bool {
    let build = || {
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(pieces).ok()
    };
    match finder.get_or_init(build) {
        Some(finder) => finder.is_match(text),
        None => pieces.iter().any(|piece| contains(&text.to_ascii_lowercase(), piece.as_bytes())),
    }
}

/// Why a value is mechanical fill: one character, few characters, a repeated unit, a sequence.
pub(super) fn fill(value: &[u8]) -> Option<&'static str> {
    let core: Vec<u8> =
        value.iter().copied().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect();
    if value.len() >= 3 && core.is_empty() {
        return Some("holds no letter or digit");
    }
    if core.len() < 6 {
        return (core.len() >= 3 && core.iter().all(|byte| *byte == core[0])).then_some("one character repeated");
    }
    let shape = Shape::of(&core);
    if shape.distinct <= 2 || core.len() >= 16 && shape.distinct <= 4 {
        return Some("few characters repeated");
    }
    let (longest, repeated) = repeats(&core);
    if longest * 5 >= core.len() * 2 && longest >= 5 || repeated * 10 >= core.len() * 6 && core.len() >= 16 {
        return Some("one character repeated");
    }
    if period(&core).is_some_and(|period| period * 2 <= core.len()) && core.len() >= 8 {
        return Some("one piece repeated");
    }
    let run = longest_row(&core);
    // A long sequence in twice as much other text is a piece of a key.
    if run * 10 >= core.len() * 6 || run >= 10 && along_rows(&core) * 3 > core.len() {
        return Some(SEQUENCE);
    }
    None
}

/// A sequence and nothing else wrong with it: weak as a password, fill as a token.
pub(super) fn is_sequence(value: &[u8]) -> bool {
    value.len() >= 6 && !value.contains(&b' ') && written_fill(value) == Some(SEQUENCE)
}

/// Words that ask for a value, in lower case.
const ASKING: &[&str] = &[
    "example",
    "xxxx",
    "placeholder",
    "change",
    "your",
    "redacted",
    "insert",
    "replace",
    "please",
    "if_you_",
    "removed",
    "fill",
    "todo",
    "fixme",
    "****",
    "....",
    "enter",
    "here",
    "not_a",
    "not-a",
    "dummy",
    "masked",
    "hidden",
    "deleted",
    "undefined",
    "obfuscated",
];

/// Why a value that is known to be in use is still none: it asks for one. Weak words and repeated digits are values then.
pub(super) fn to_be_filled_in(value: &[u8]) -> Option<&'static str> {
    let reason = written_fill(value)?;
    let lower = value.to_ascii_lowercase();
    let weak = match reason {
        WORD => !ASKING.iter().any(|word| contains(&lower, word.as_bytes())),
        SEQUENCE => true,
        _ if fill(lower.trim_ascii()) == Some(reason) => value.iter().any(u8::is_ascii_digit),
        _ => false,
    };
    (!weak).then_some(reason)
}

/// Why a password or key is a placeholder, if it is.
pub(super) fn written_fill(value: &[u8]) -> Option<&'static str> {
    if contains(value, SPLICE_MARK.as_bytes()) {
        return Some(SPLICED);
    }
    let lower = value.to_ascii_lowercase();
    let text = lower.trim_ascii();
    let bracketed = |open: &[u8], close: &[u8]| text.starts_with(open) && text.ends_with(close) && text.len() > 2;
    if bracketed(b"<", b">")
        || bracketed(b"[", b"]")
        || bracketed(b"{", b"}")
        || bracketed(b"%", b"%")
        || bracketed(b"__", b"__")
        || bracketed(b"@", b"@")
        || bracketed(b"(", b")")
        || names_a_value(text)
    {
        return Some("in brackets, to be filled in");
    }
    if holds(&FINDER, PIECES, text) {
        return Some(WORD);
    }
    if text.starts_with(b"your") || text.starts_with(b"my") && text.len() <= 12 && Shape::of(text).random < 2.0 {
        return Some("begins like a placeholder");
    }
    if filled_tail(text) {
        return Some("one character repeated");
    }
    if text.ends_with(b"...") || text.ends_with("…".as_bytes()) {
        return Some("cut short");
    }
    if matches!(
        text,
        b"null"
            | b"none"
            | b"nil"
            | b"undefined"
            | b"true"
            | b"false"
            | b"yes"
            | b"no"
            | b"on"
            | b"off"
            | b"empty"
            | b"n/a"
            | b"na"
            | b"todo"
            | b"tbd"
            | b"unset"
            | b"void"
            | b"optional"
            | b"required"
            | b"string"
    ) {
        return Some("a word for no value");
    }
    // Numbers in order are weak passwords, which the judge names as such; letters in order are fill.
    if text.iter().all(u8::is_ascii_digit) { None } else { fill(text) }
}

/// `glpat-<TOKEN>`, `{ApiKey`: what is to be put there, in brackets that a prefix stands before or that were cut.
fn names_a_value(text: &[u8]) -> bool {
    let word = |text: &[u8]| {
        text.len() >= 3 && text.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b' '))
    };
    if let Some(rest) = text.strip_prefix(b"{") {
        return word(rest);
    }
    let Some(open) = memchr::memchr(b'<', text) else { return false };
    memchr::memchr(b'>', &text[open..]).is_some_and(|close| word(&text[open + 1..open + close]))
}

/// `glpat-XXX`: three or more of the signs people fill in with behind the last joint.
fn filled_tail(text: &[u8]) -> bool {
    let Some(at) = text.iter().rposition(|byte| matches!(byte, b'-' | b'_')) else { return false };
    let tail = &text[at + 1..];
    tail.len() >= 3 && matches!(tail[0], b'x' | b'0' | b'*' | b'#' | b'?') && tail.iter().all(|byte| *byte == tail[0])
}

fn contains(text: &[u8], piece: &[u8]) -> bool {
    memchr::memmem::find(text, piece).is_some()
}

/// The longest stretch of one character, and how many characters are in one of four or more.
fn repeats(bytes: &[u8]) -> (usize, usize) {
    let (mut longest, mut repeated) = (1, 0);
    for stretch in bytes.chunk_by(|a, b| a == b) {
        longest = longest.max(stretch.len());
        repeated += if stretch.len() >= ROW { stretch.len() } else { 0 };
    }
    (longest, repeated)
}

/// The shortest length after which the bytes repeat.
fn period(bytes: &[u8]) -> Option<usize> {
    (1..=bytes.len() / 2).find(|&period| bytes[period..].iter().zip(bytes).all(|(a, b)| a == b))
}

/// The longest stretch along one of the rows. The bytes are lower-case letters and digits.
fn longest_row(bytes: &[u8]) -> usize {
    let (mut longest, mut runs) = (1u32, [1u32; ROWS.len()]);
    for pair in bytes.windows(2) {
        let rows = NEIGHBOURS[key(pair[0])][key(pair[1])];
        for (row, run) in runs.iter_mut().enumerate() {
            *run = if rows >> row & 1 == 1 { *run + 1 } else { 1 };
            longest = longest.max(*run);
        }
    }
    longest as usize
}

/// For each two characters the rows in which the second follows the first, a bit each.
static NEIGHBOURS: [[u8; 37]; 37] = {
    let mut table = [[0; 37]; 37];
    let mut row = 0;
    while row < ROWS.len() {
        let mut at = 1;
        while at < ROWS[row].len() {
            table[key(ROWS[row][at - 1])][key(ROWS[row][at])] |= 1 << row;
            at += 1;
        }
        row += 1;
    }
    table
};

/// A place in the table: letters, digits, and the rest, which no row has.
const fn key(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        b'0'..=b'9' => (byte - b'0') as usize + 26,
        _ => 36,
    }
}

/// How many characters stand in stretches of four or more along one of the rows.
fn along_rows(bytes: &[u8]) -> usize {
    let (mut covered, mut runs) = (vec![false; bytes.len()], [1usize; ROWS.len()]);
    for (at, pair) in bytes.windows(2).enumerate() {
        let rows = NEIGHBOURS[key(pair[0])][key(pair[1])];
        for (row, run) in runs.iter_mut().enumerate() {
            *run = if rows >> row & 1 == 1 { *run + 1 } else { 1 };
            if *run >= ROW {
                covered[at + 2 - *run..at + 2].fill(true);
            }
        }
    }
    covered.iter().filter(|covered| **covered).count()
}

/// A stretch of so many neighbours or equals is no chance.
const ROW: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_is_told_from_random_text() {
        for text in [
            "xxxxxxxxxxxxxxxx",
            "aaaaaaaabbbbbbbb",
            "1234567890abcdef",
            "abcabcabcabcabc",
            "qwertyuiop",
            "00000000000000001",
            "d1e2c3b4a5f6078901234567890abcdef",
            "5555555dAAAAA7777777CcccCFaaaaaaaaaaaaaa",
        ] {
            assert!(fill(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["k7Gd92hLpQw8Zx1v", "c0ffee17a9d3b842", "00QCjAl4MlV-WPXM-ABCDEFGHIJKL-0HmjFx-vbGua"] {
            assert_eq!(fill(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn placeholders_are_told_from_passwords() {
        for text in ["<password>", "changeme", "your_password_here", "XXXX", "${x}", "null", "********", "EXAMPLE"] {
            assert!(written_fill(text.as_bytes()).is_some() || text.starts_with('$'), "{text}");
        }
        assert_eq!(written_fill(b"gtvknz7"), None);
    }
}
