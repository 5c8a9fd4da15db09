//! Which names announce a credential.

use std::collections::BTreeMap;

use crate::rule::{Matcher, RuleId, RuleSet};

/// Words that may follow the telling word of a name without changing what it holds.
const TAILS: &[&str] = &[
    "value",
    "val",
    "string",
    "str",
    "text",
    "plain",
    "plaintext",
    "base64",
    "b64",
    "encoded",
    "raw",
    "default",
    "dev",
    "development",
    "prod",
    "production",
    "test",
    "testing",
    "staging",
    "stage",
    "qa",
    "uat",
    "local",
    "live",
    "sandbox",
    "old",
    "new",
    "current",
    "previous",
    "prev",
    "next",
    "root",
    "admin",
    "user",
    "primary",
    "secondary",
    "main",
    "backup",
    "again",
    "confirm",
    "confirmation",
    "repeat",
    "verify",
    "verification",
    "hex",
    "v1",
    "v2",
    "v3",
    "a",
    "b",
    "s",
    "1",
    "2",
    "3",
    "0",
    "ro",
    "rw",
    "read",
    "write",
    "ios",
    "android",
    "web",
    "server",
    "client",
    "db",
    "hash",
    "here",
    "const",
    "var",
    "env",
    "data",
    "literal",
    "secret",
    "password",
    "bytes",
    "bits",
    "master",
    "eu",
    "us",
    "md5",
    "sha256",
    "sha1",
    "encrypted",
    "valid",
    "invalid",
    "wrong",
    "correct",
    "expected",
    "actual",
    "incorrect",
    "good",
    "bad",
    "first",
    "last",
    "initial",
    "temp",
    "tmp",
    "x",
    "y",
    "fallback",
    "override",
    "example",
    "sample",
    "mock",
    "fake",
    "dummy",
    "stub",
    "fixture",
];

/// The names of all assignment rules.
pub(crate) struct NameTable {
    /// Word sequences, blanks between the words, and the rule they announce.
    sequences: BTreeMap<String, RuleId>,
    /// The same without blanks, of six or more letters: found at the end of run-together names.
    squeezed: Vec<(String, RuleId)>,
}

impl NameTable {
    pub(crate) fn new(set: &RuleSet) -> Self {
        let mut table = Self { sequences: BTreeMap::new(), squeezed: Vec::new() };
        for (id, rule) in set.iter() {
            let Matcher::Assignment { names } = &rule.matcher else { continue };
            for name in names.iter() {
                table.sequences.insert(name.to_string(), id);
                let squeezed: String = name.split(' ').collect();
                if squeezed.len() >= 6 {
                    table.squeezed.push((squeezed, id));
                }
            }
        }
        // The longest ending decides.
        table.squeezed.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        table
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// The literals, in lower case, of which one stands in every spelling of every name, for the literal pass. Of a name's
    /// words the one that other names have too is taken.
    pub(super) fn fingerprints(&self) -> Vec<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for word in self.sequences.keys().flat_map(|name| name.split(' ')) {
            *counts.entry(word).or_default() += 1;
        }
        let mut kept: Vec<String> = Vec::new();
        let mut names: Vec<&String> = self.sequences.keys().collect();
        names.sort_by_key(|name| (name.len(), *name));
        for name in names {
            let covered = |word: &str| kept.iter().any(|have| word.contains(have.as_str()));
            if name.split(' ').any(covered) {
                continue;
            }
            if let Some(word) = name.split(' ').max_by_key(|word| (counts.get(word).copied().unwrap_or(0), word.len()))
            {
                kept.push(word.to_owned());
            }
        }
        kept
    }

    /// The rule a name announces. `buffer` is scratch space.
    pub(crate) fn rule(&self, name: &[u8], buffer: &mut String) -> Option<RuleId> {
        let words = words(name, buffer);
        let mut end = words.len();
        loop {
            if end == 0 {
                return None;
            }
            // The longest sequence that ends here.
            for start in end.saturating_sub(3)..end {
                let (from, to) = (words[start].0, words[end - 1].1);
                if let Some(&id) = self.sequences.get(&buffer[from..to]) {
                    return Some(id);
                }
            }
            let last = &buffer[words[end - 1].0..words[end - 1].1];
            if let Some((_, id)) = self.squeezed.iter().find(|(ending, _)| last.ends_with(ending.as_str())) {
                return Some(*id);
            }
            if !TAILS.contains(&last) && !last.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            end -= 1;
        }
    }
}

/// What names announce, of those looked at of late: most come again and again. For one table.
#[derive(Default)]
pub(super) struct Known {
    slots: Vec<(Box<[u8]>, Option<RuleId>)>,
    buffer: String,
}

impl Known {
    /// As [`NameTable::rule`].
    pub(super) fn rule(&mut self, table: &NameTable, name: &[u8]) -> Option<RuleId> {
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, (Box::default(), None));
        }
        let hash = name.iter().fold(name.len(), |hash, byte| (hash ^ usize::from(*byte)).wrapping_mul(0x0100_0193));
        let slot = &mut self.slots[hash % SLOTS];
        // The empty name announces nothing, as the slots say from the beginning.
        if *slot.0 != *name {
            *slot = (name.into(), table.rule(name, &mut self.buffer));
        }
        slot.1
    }
}

/// Names remembered.
const SLOTS: usize = 1024;

/// A name's words, lower case, joined by blanks in `buffer`; the ranges of the last sixteen in it.
pub(crate) fn words(name: &[u8], buffer: &mut String) -> Vec<(usize, usize)> {
    buffer.clear();
    let mut ranges: Vec<(usize, usize)> = Vec::with_capacity(8);
    let mut open = false;
    for (at, &byte) in name.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            open = false;
            continue;
        }
        let before = at.checked_sub(1).map_or(b' ', |at| name[at]);
        let after = name.get(at + 1).copied().unwrap_or(b' ');
        let hump = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase());
        let digits = byte.is_ascii_digit() && before.is_ascii_alphabetic() && name[at..].iter().all(u8::is_ascii_digit);
        if !open || hump || digits {
            if !buffer.is_empty() {
                buffer.push(' ');
            }
            ranges.push((buffer.len(), buffer.len()));
        }
        open = true;
        buffer.push(char::from(byte.to_ascii_lowercase()));
        if let Some(last) = ranges.last_mut() {
            last.1 = buffer.len();
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_separators_humps_and_final_digits() {
        let mut buffer = String::new();
        for (name, split) in [
            ("DB_PASSWORD", "db password"),
            ("awsSecretAccessKey", "aws secret access key"),
            ("APIKey", "api key"),
            ("spring.datasource.password", "spring datasource password"),
            ("password2", "password 2"),
            ("--api-key", "api key"),
            ("md5key", "md5key"),
        ] {
            words(name.as_bytes(), &mut buffer);
            assert_eq!(buffer, split);
        }
    }
}
