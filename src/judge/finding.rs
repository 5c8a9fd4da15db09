//! What a judged candidate becomes.

use std::fmt;

use crate::decode::Chain;
use crate::rule::{Confidence, Role, Rule};
use crate::source::{Origin, Span};

/// A secret's value. Prints redacted; [`Secret::expose`] is the one way to the bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Wraps a value.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The value itself: for keyed fingerprints, for redacting it elsewhere, and for `--show-secrets`.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a secret is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// What stands in reports instead of a secret.
pub const REDACTED: &str = "[REDACTED]";

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// One end of a range in a text, 1-based.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, serde::Serialize)]
pub struct Position {
    /// Line; lines end at LF.
    pub line: u64,
    /// Column in characters (Unicode scalar values; a byte that is no UTF-8 counts as one).
    pub column: u64,
    /// Column in UTF-16 code units, as SARIF and editors count.
    pub utf16: u64,
}

/// Lines of a blob around a finding, as they stand in it. Never printed as such: [`crate::report`] redacts it.
#[derive(Clone, Default)]
pub struct Excerpt {
    /// The bytes of the finding's first line, before what is decoded in it, cut to a few hundred around the secret.
    pub(crate) text: Vec<u8>,
    /// Where the secret's part on that line lies in `text`.
    pub(crate) secret: std::ops::Range<usize>,
    /// Offset of `text` in the view, relative to which other findings' spans are redacted.
    pub(crate) cut_before: bool,
    /// The line goes on behind the cut.
    pub(crate) cut_after: bool,
    /// The bytes are the blob's own (not those of UTF-16 text).
    pub(crate) plain: bool,
}

impl Excerpt {
    /// Takes a value out that no finding of the report stands for.
    pub(crate) fn hide(&mut self, value: &[u8]) {
        let mut at = 0;
        while let Some(found) = memchr::memmem::find(&self.text[at..], value) {
            let start = at + found;
            let end = start + value.len();
            at = end;
            if start < self.secret.end && self.secret.start < end {
                continue;
            }
            self.text.splice(start..end, REDACTED.bytes());
            at = start + REDACTED.len();
            if start < self.secret.start {
                let shift = |place: usize| place + REDACTED.len() - value.len();
                self.secret = shift(self.secret.start)..shift(self.secret.end);
            }
        }
    }
}

/// Something else that belongs to a credential and stands near its secret.
#[derive(Clone)]
pub struct Part {
    /// What it is to the credential.
    pub role: Role,
    /// The rule that finds it, where it has one of its own.
    pub rule: Option<&'static Rule>,
    /// The name it was given.
    pub name: Option<String>,
    /// The value.
    pub value: Secret,
    /// What stands in the text instead, where the value was decoded.
    pub written: Option<Secret>,
    /// It gives no access, so it may be shown.
    pub shown: bool,
    /// Its place in the blob.
    pub span: Span,
    /// Its first character; set once, when the blob is done.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
}

/// A credential, where it stands and how sure that is.
#[derive(Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Where the bytes came from.
    pub origin: Origin,
    /// The secret's place in the blob.
    pub span: Span,
    /// The value.
    pub secret: Secret,
    /// What stands in the text instead, where the value was decoded; not for the longest ones.
    pub written: Option<Secret>,
    /// How sure.
    pub confidence: Confidence,
    /// Why, in words for people; the strongest first. Never holds the value.
    pub reasons: Vec<String>,
    /// What the credential says itself (`account`, `expires`, `user`, `host` …). Never holds the value.
    pub facts: Vec<(&'static str, String)>,
    /// What else belongs to the credential, sorted by role and place.
    pub parts: Vec<Part>,
    /// How the bytes were decoded, outermost first; empty for plain text.
    pub chain: Chain,
    /// The name the value was given, for assignment rules (`DB_PASSWORD`).
    pub name: Option<String>,
    /// What its format says of the place (`build argument, in the image's history`).
    pub meaning: Option<String>,
    /// First character of the secret; set once, when the blob is done.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
    /// Its line.
    pub excerpt: Excerpt,
    /// The comment that allows it.
    pub allowed: Option<Allowed>,
    /// GitHub's `primaryLocationLineHash`, where it was asked for.
    pub line_hash: Option<String>,
}

/// An allow comment that covers a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowed {
    /// The tool whose spelling it is (`credlint`, `gitleaks`, `detect-secrets` …).
    pub tool: &'static str,
    /// The reason given in the comment.
    pub reason: Option<String>,
    /// Line of the comment.
    pub line: u64,
}
