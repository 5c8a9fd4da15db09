//! Whose credential a general rule has found: the service named by its name, its line, its parent key or its host.

use std::ops::Range;

use super::{Text, surroundings};
use crate::detect::Candidate;
use crate::rule::service::Services;
use crate::rule::{Rule, RuleId};

/// Bytes of a line before a value in which its service is looked for.
const NEAR: usize = 80;
/// Bytes around a value in which the host it is sent to is looked for, and its parent keys.
const REACH: usize = 600;
/// Lines of one command, and lines up to a parent key.
const LINES: usize = 12;
/// Bytes of a URL's scheme.
const SCHEME: usize = 24;
/// Bytes of a parent line that may name it.
const KEY: usize = 64;

/// A service and how far before the value it is named.
pub struct Named {
    /// The rule that names it.
    pub rule: RuleId,
    /// Bytes from the word to the value.
    pub distance: usize,
}

/// The service of a general rule's finding; `None` when nothing near tells.
pub fn service(services: &Services, rule: &Rule, candidate: &Candidate, text: Text<'_>) -> Option<Named> {
    // A JWT says itself what it is for; only its name tells more.
    let jwt = rule.provider == "jwt";
    if services.is_empty() || !(rule.is_generic() || jwt) {
        return None;
    }
    let bytes = text.bytes();
    let start = candidate.secret.start;
    let named = |range: Range<usize>| {
        let (rule, word) = services.last_in(&bytes[range.clone()])?;
        Some(Named { rule, distance: start.saturating_sub(range.start + word.end) })
    };
    // Of a URL the scheme and the host say it, and nothing that its user is called.
    let is_url = bytes[candidate.whole.start..].starts_with(b"://");
    if is_url {
        let scheme = whole_word(bytes, candidate.whole.start.saturating_sub(SCHEME), candidate.whole.start);
        let found =
            named(scheme..candidate.whole.start).or_else(|| host(bytes, candidate.secret.clone()).and_then(named));
        if found.is_some() {
            return found;
        }
    }
    let name = candidate.assignment.as_ref().map(|assignment| assignment.name.clone());
    let line = line_start(bytes, start);
    let near = whole_word(bytes, start.saturating_sub(NEAR).max(line), start);
    if let Some(found) = name.clone().and_then(named).or_else(|| named(near..start)) {
        return Some(found);
    }
    if jwt {
        return None;
    }
    let found = match &name {
        // A URL's host was asked first.
        None if is_url => None,
        None => host(bytes, candidate.secret.clone()).and_then(named),
        Some(name) => parents(bytes, line_start(bytes, name.start), named),
    };
    found.or_else(|| heading(bytes, name.map_or(line, |name| line_start(bytes, name.start))).and_then(named))
}

/// The line above, where it is a comment, a heading or a message: nothing is given a value on it.
fn heading(bytes: &[u8], line: usize) -> Option<Range<usize>> {
    let end = line.checked_sub(1)?;
    let start = line_start(bytes, end);
    (end - start <= 2 * NEAR && !surroundings::has_value(&bytes[start..end])).then_some(start..end)
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let least = at.saturating_sub(REACH);
    memchr::memrchr(b'\n', &bytes[least..at]).map_or(least, |found| least + found + 1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let most = bytes.len().min(at + REACH);
    memchr::memchr(b'\n', &bytes[at..most]).map_or(most, |found| at + found)
}

/// The next place that is not inside a word.
fn whole_word(bytes: &[u8], from: usize, to: usize) -> usize {
    if from == 0 || !bytes[from - 1].is_ascii_alphanumeric() {
        return from;
    }
    (from..to).find(|&at| !bytes[at].is_ascii_alphanumeric()).unwrap_or(to)
}

/// The host of the address that stands in the same command: its lines joined by a backslash.
fn host(bytes: &[u8], secret: Range<usize>) -> Option<Range<usize>> {
    let (mut from, mut to) = (line_start(bytes, secret.start), line_end(bytes, secret.end));
    let goes_on = |line: &[u8]| line.trim_ascii_end().ends_with(b"\\");
    for _ in 0..LINES {
        let Some(end) = from.checked_sub(1).filter(|&end| secret.start - end < REACH) else { break };
        let above = line_start(bytes, end);
        if !goes_on(&bytes[above..end]) {
            break;
        }
        from = above;
    }
    for _ in 0..LINES {
        let last = line_start(bytes, to);
        if to >= bytes.len() || to - secret.end > REACH || !goes_on(&bytes[last..to]) {
            break;
        }
        to = line_end(bytes, to + 1);
    }
    let at = memchr::memmem::rfind(&bytes[from..to], b"://")? + from + 3;
    let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#') || byte.is_ascii_whitespace() || byte.is_ascii_control();
    let length = bytes[at..to].iter().position(|byte| ends(byte) || matches!(byte, b'"' | b'\'' | b'`' | b'<'));
    let end = length.map_or(to, |length| at + length);
    let user = memchr::memrchr(b'@', &bytes[at..end]).map_or(0, |found| found + 1);
    Some(at + user..end)
}

/// The keys a value stands below: the lines above with less indentation, two at most.
fn parents(bytes: &[u8], line: usize, named: impl Fn(Range<usize>) -> Option<Named>) -> Option<Named> {
    let indentation =
        |from: usize, to: usize| bytes[from..to].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let mut depth = indentation(line, line_end(bytes, line));
    let (mut start, mut seen) = (line, 0);
    for _ in 0..LINES {
        let end = start.checked_sub(1).filter(|&end| depth > 0 && line - end < REACH)?;
        start = line_start(bytes, end);
        let indent = indentation(start, end);
        if start + indent >= end || indent >= depth {
            continue;
        }
        if let Some(found) = named(start..end.min(start + indent + KEY)) {
            return Some(found);
        }
        (depth, seen) = (indent, seen + 1);
        if seen == 2 {
            break;
        }
    }
    None
}
