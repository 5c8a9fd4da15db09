//! Names and places at which a value is something else than a credential: a lookup's key, a test's result, a list of names.

use super::assignment::Kind;
use super::randomness::Shape;
use super::surroundings::{is_choice, is_constant, is_pattern, is_setting, is_uuid};
use super::{Drop, Stage, Text, drop_for};
use crate::detect::{Assignment, Candidate, Operator, Quote, Words};
use crate::format::{FileKind, LOOKED_UP};

/// Words before `key` and `token` that make it a name of something else.
const OTHER_KEYS: &[&str] = &[
    "public",
    "pub",
    "primary",
    "foreign",
    "cache",
    "sort",
    "partition",
    "hot",
    "shortcut",
    "translation",
    "map",
    "dict",
    "index",
    "row",
    "column",
    "group",
    "object",
    "routing",
    "registry",
    "lookup",
    "i18n",
    "label",
    "config",
    "unique",
    "natural",
    "composite",
    "parent",
    "child",
    "join",
    "range",
    "storage",
    "event",
    "metric",
    "tag",
    "meta",
    "query",
    "json",
    "yaml",
    "field",
    "attr",
    "attribute",
    "property",
    "prop",
    "option",
    "setting",
    "message",
    "translate",
    "item",
    "node",
    "left",
    "right",
    "up",
    "down",
    "arrow",
    "enter",
    "escape",
    "tab",
    "function",
    "modifier",
    "press",
    "keyboard",
    "param",
    "parameter",
    "header",
    "id",
    "site",
    "publishable",
    "page",
    "continuation",
    "cancellation",
    "cursor",
    "pad",
    "eos",
    "bos",
    "unk",
    "mask",
    "sep",
    "cls",
    "special",
    "stop",
    "lex",
    "syntax",
    "next",
    "previous",
    "prev",
    "sync",
    "resume",
    "design",
    "color",
    "theme",
    "icon",
    "css",
    "s3",
    "bucket",
    "file",
    "path",
    "dedup",
    "deduplication",
    "idempotency",
    "hash",
    "sharding",
    "shard",
    "memo",
    "change",
    "resource",
    "record",
    "verification",
    "kms",
    "host",
    "context",
    "activation",
    "ssh",
    "authorized",
    "known",
    "subject",
    "issuer",
    "peer",
    "remote",
    "wrapped",
    "encrypted",
    "forward",
    "backward",
    "pagination",
    "socket",
    "hashed",
    "checksum",
    "delta",
    "alternate",
    "csrf",
    "xsrf",
];

/// Names and files in which the value is something else.
///
/// # Errors
/// The [`Drop`] with what it is.
pub(super) fn elsewhere(
    kind: Kind,
    words: &[&str],
    candidate: &Candidate,
    assignment: &Assignment,
    text: Text<'_>,
    shape: &Shape,
) -> Result<(), Drop> {
    let no = |reason: &str| Err(drop_for(Stage::Context, reason));
    match text.kind {
        FileKind::Translation => return no("a translation: the word for it, not the thing"),
        FileKind::Digest => return no("lock files and checksum lists hold digests"),
        _ => {}
    }
    let bytes = text.bytes();
    let value = &bytes[candidate.secret.clone()];
    if kind == Kind::Password {
        if shape.digits == 0 && shape.random < 8.0 && is_setting(words) {
            return no("a setting of what is done with passwords");
        }
        if is_test_result(bytes, assignment, value) {
            return no("the result of a test");
        }
    } else {
        if let Some((before, word)) = other_key(words) {
            return Err(drop_for(Stage::Context, format!("a `{before} {word}` is no secret")));
        }
        if bytes[..assignment.name.start].ends_with(b"checksum/") {
            return no("a checksum: the pods of a chart start anew when it changes");
        }
        let once = [["request", "token"], ["client", "token"], ["action", "token"]];
        if once.iter().any(|end| words.ends_with(end))
            && (words.contains(&"client") && words.contains(&"request") || is_uuid(value))
        {
            return no("a request's token keeps it from being done twice");
        }
        if words.last().is_some_and(|word| matches!(*word, "hash" | "digest" | "checksum" | "fingerprint")) {
            return no("a digest of it, not the thing");
        }
        if is_openpgp_id(words, value) {
            return no("the id of an OpenPGP key");
        }
    }
    if kind == Kind::Weak && words == ["key"] && is_lookup(bytes, candidate.secret.end) {
        return no("a key by which something is looked up");
    }
    if in_arn(bytes, assignment.name.start) {
        return no("a part of an ARN");
    }
    let setter =
        |word: &&str| matches!(*word, "set" | "with" | "add" | "put" | "update" | "new" | "using" | "use" | "change");
    if assignment.operator == Operator::Call && words.len() > 1 && !words.iter().any(setter) {
        return no("the call takes something else than the value");
    }
    Ok(())
}

/// `public key`, `cache token`: the two words that say so.
fn other_key<'w>(words: &[&'w str]) -> Option<(&'w str, &'w str)> {
    let is_key = |word: &&str| matches!(*word, "key" | "token" | "secret" | "auth" | "keys" | "tokens" | "secrets");
    let at = words.iter().rposition(is_key)?;
    let before = words.get(at.checked_sub(1)?)?;
    OTHER_KEYS.contains(before).then_some((*before, words[at]))
}

/// `--- PASS: TestName (0.00s)` of Go, `PASS: suite/case` of Automake.
fn is_test_result(bytes: &[u8], assignment: &Assignment, value: &[u8]) -> bool {
    bytes[assignment.name.clone()] == *b"PASS"
        && assignment.quote == Quote::None
        && (bytes[..assignment.name.start].ends_with(b"--- ")
            || value.starts_with(b"Test")
            || value.starts_with(b"test")
            || memchr::memchr(b'/', value).is_some())
}

/// 16 or 40 hexadecimal digits in upper case under a name of `OpenPGP`: key ids and fingerprints are written so (RFC 9580).
fn is_openpgp_id(words: &[&str], value: &[u8]) -> bool {
    let upper = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F');
    matches!(value.len(), 16 | 40)
        && value.iter().all(upper)
        && words.iter().any(|word| matches!(*word, "gpg" | "pgp" | "openpgp" | "signature" | "signing" | "repokey"))
}

/// `key: x` of a mapping that goes on with what is looked up by it.
fn is_lookup(bytes: &[u8], end: usize) -> bool {
    let rest = &bytes[end..bytes.len().min(end + 96)];
    let gap = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',');
    let rest = &rest[rest.iter().position(|byte| !gap(byte)).unwrap_or(rest.len())..];
    LOOKED_UP.iter().any(|sibling| {
        let Some(rest) = rest.strip_prefix(sibling.as_bytes()) else { return false };
        let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
        rest.trim_ascii_start().starts_with(b":")
    })
}

/// `arn:aws:secretsmanager:eu-west-1:1:secret:` ends in a word that is no name.
fn in_arn(bytes: &[u8], name: usize) -> bool {
    let before = &bytes[name.saturating_sub(96)..name];
    before.ends_with(b":")
        && memchr::memmem::rfind(before, b"arn:").is_some_and(|at| {
            !before[at..].iter().any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\''))
        })
}

/// Text of a program that is no value: a regular expression, a choice, a constant, the name of a variable.
///
/// # Errors
/// The [`Drop`] with what it is.
pub(super) fn other_text(bytes: &[u8], value: &[u8], assignment: &Assignment, file: FileKind) -> Result<(), Drop> {
    let context = |reason| Err(drop_for(Stage::Context, reason));
    let reference = |reason| Err(drop_for(Stage::Reference, reason));
    if is_pattern(value) {
        return context("a regular expression");
    }
    if is_choice(bytes, assignment.name.start) {
        return context("one of two texts to choose from");
    }
    if assignment.quote == Quote::None && (is_constant(value) || value.starts_with(b"[")) {
        return reference("the value names a constant or a list");
    }
    if names_a_variable(value) {
        return reference("the value is the name of a variable");
    }
    if assignment.operator == Operator::Comma {
        let spans = file == FileKind::Prose && assignment.quote == Quote::Quoted(b'`');
        if spans || !is_pair(bytes, assignment.name.start) {
            return context("the text before it is no name it belongs to");
        }
        let apart = bytes[assignment.name.end..assignment.value.start].contains(&b'\n');
        if is_constant(value) || is_member_name(value) || apart && Shape::of(value).random < 20.0 {
            return context("a list of names");
        }
    }
    if file == FileKind::Prose && assignment.quote == Quote::Quoted(b'`') && value.contains(&b'\n') {
        return context("a block of text");
    }
    if memchr::memmem::find_iter(value, b"\\x").count() >= 3 {
        return context("bytes written as escapes: test data of a program");
    }
    if is_binary(bytes, value, assignment) {
        return context("bytes that are no text");
    }
    Ok(())
}

/// `ARGOCD_ADMIN_PASSWORD`: upper case joined by `_`, and the last word says what the variable holds.
fn names_a_variable(value: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    value.iter().all(plain)
        && memchr::memrchr(b'_', value).is_some_and(|at| {
            matches!(
                &value[at + 1..],
                b"PASSWORD" | b"PASSWD" | b"PASS" | b"SECRET" | b"TOKEN" | b"KEY" | b"CREDENTIALS"
            )
        })
}

/// Control characters in the value, or no UTF-8 next to them: a word that came about by chance.
fn is_binary(bytes: &[u8], value: &[u8], assignment: &Assignment) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let around = &bytes[assignment.name.start.saturating_sub(64)..bytes.len().min(assignment.value.end + 64)];
    value.iter().any(control) || std::str::from_utf8(value).is_err() && around.iter().any(control)
}

/// An identifier whose last word says credential: `oidcToken`, `dlqKmsKey`. Code hands one on so.
pub(super) fn is_member_name(value: &[u8]) -> bool {
    let words = Words::of(value);
    value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && words.len() > 1
        && words
            .iter()
            .last()
            .is_some_and(|word| matches!(word, "token" | "key" | "secret" | "password" | "passwd" | "credential"))
}

/// `"name", "value"`: the name begins its string, is no value itself, and the call around them, if any, gives values to
/// names.
fn is_pair(bytes: &[u8], name: usize) -> bool {
    let before = &bytes[name.saturating_sub(48)..name];
    let Some((b'"' | b'\'' | b'`', before)) = before.split_last() else { return false };
    let before = before.trim_ascii_end();
    if before.ends_with(b":") {
        return false;
    }
    let Some((b'(', callee)) = before.split_last() else { return true };
    let start = callee.iter().rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').map_or(0, |at| at + 1);
    let callee = callee[start..].to_ascii_lowercase();
    let others = [
        &b"replace"[..],
        b"sub",
        b"assert",
        b"expect",
        b"contain",
        b"translate",
        b"print",
        b"log",
        b"warn",
        b"error",
        b"equal",
        b"split",
        b"match",
        b"test",
        b"trans",
        b"label",
    ];
    !others.iter().any(|other| memchr::memmem::find(&callee, other).is_some())
}
