//! Findings another tool was told to accept, and which of ours they are.
//!
//! Their files name a finding by its value, by a hash of it, or by a place. Where there is a value or a hash, the value
//! decides, so that a secret that came to the same place later is not taken for it.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::judge::{Finding, Secret};

/// One of their findings.
#[derive(Clone)]
pub struct Known {
    /// The file that says so.
    pub file: String,
    /// The file it is in; `None` for anywhere.
    pub path: Option<String>,
    /// The line there, at the time.
    pub line: Option<u64>,
    /// The commit it was found in.
    pub commit: Option<String>,
    /// Their name of the rule.
    pub rule: Option<String>,
    /// The value.
    pub value: Option<Secret>,
    /// A hash of the value.
    pub digest: Option<Digest>,
}

/// Hashes as the tools make them.
#[derive(Clone)]
pub enum Digest {
    /// detect-secrets: SHA-1 of the value.
    Sha1(Vec<u8>),
    /// ggshield: SHA-256 of value, comma and the value's type.
    Ggshield(Vec<u8>),
}

/// How ours was told to be theirs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// By the value.
    Value,
    /// By the place, which is all that their file says.
    Place,
}

/// The types that ggshield gives a value that stands alone.
const TYPES: [&str; 8] = ["apikey", "token", "password", "client_secret", "secret", "key", "private_key", "url"];

impl Known {
    /// A finding in a file.
    pub fn at(file: &str, path: &str) -> Self {
        Self { path: Some(path.trim_start_matches("./").to_owned()), ..Self::anywhere(file) }
    }

    /// A finding anywhere.
    pub fn anywhere(file: &str) -> Self {
        Self { file: file.to_owned(), path: None, line: None, commit: None, rule: None, value: None, digest: None }
    }

    /// Whether one of ours is it.
    pub fn is(&self, finding: &Finding, path: &str, hashes: &Hashes) -> Option<Evidence> {
        if self.path.as_ref().is_some_and(|own| own != path) {
            return None;
        }
        if let Some(value) = &self.value {
            return overlap(value.expose(), finding.secret.expose()).then_some(Evidence::Value);
        }
        if let Some(digest) = &self.digest {
            return hashes.has(digest, finding).then_some(Evidence::Value);
        }
        // A line of an old commit says nothing of today's file.
        let here = self.commit.is_none() && self.path.is_some();
        let lines = finding.start.line..=finding.end.line;
        (here && self.line.is_some_and(|line| lines.contains(&line))).then_some(Evidence::Place)
    }
}

/// The tools draw a value's borders differently.
fn overlap(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    // A short text stands in many values.
    short == long || (short.len() >= 8 && memchr::memmem::find(long, short).is_some())
}

/// Hashes of all that another tool may have taken for the value of one finding; made when first needed.
#[derive(Default)]
pub struct Hashes {
    sha1: OnceCell<BTreeSet<Vec<u8>>>,
    ggshield: OnceCell<BTreeSet<Vec<u8>>>,
}

impl Hashes {
    fn has(&self, digest: &Digest, finding: &Finding) -> bool {
        match digest {
            Digest::Sha1(hash) => {
                self.sha1.get_or_init(|| texts(finding).iter().filter_map(|text| sha1(text)).collect()).contains(hash)
            }
            Digest::Ggshield(hash) => self.ggshield.get_or_init(|| of_ggshield(finding)).contains(hash),
        }
    }
}

fn of_ggshield(finding: &Finding) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    for text in texts(finding) {
        all.insert(Sha256::digest(&text).to_vec());
        let typed = |kind: &str| Sha256::digest([text.as_slice(), b",", kind.as_bytes()].concat()).to_vec();
        all.extend(TYPES.iter().map(|kind| typed(kind)));
    }
    all
}

/// What another tool may have taken for the value: ours, and the words of its line that overlap it.
fn texts(finding: &Finding) -> Vec<Vec<u8>> {
    let value = finding.secret.expose();
    let mut all = vec![value.to_vec()];
    let (line, own) = (&finding.excerpt.text, &finding.excerpt.secret);
    for cuts in [&b"\"'`"[..], b"\"'` \t=:,;()[]{}<>", b"\"'` \t,;()[]{}<>", b"\"'` \t", b"\"'` \t=:,;()[]{}<>@/"] {
        let mut start = 0;
        for end in (0..=line.len()).filter(|&at| at == line.len() || cuts.contains(&line[at])) {
            if start < own.end && own.start < end && end > start {
                all.push(line[start..end].to_vec());
            }
            start = end + 1;
        }
    }
    // detect-secrets names private keys by their header's words.
    if let Some(begin) = memchr::memmem::find(value, b"BEGIN") {
        let rest = &value[begin..];
        let end = memchr::memmem::find(rest, b"-----").unwrap_or(rest.len());
        all.push(rest[..end].to_vec());
    }
    all.sort();
    all.dedup();
    all
}

fn sha1(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(bytes);
    hasher.try_finalize().ok().map(|id| id.as_slice().to_vec())
}
