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
    /// The last words of the sequences.
    lasts: Forms,
    /// [`TAILS`].
    tails: Forms,
}

/// Which lengths the words that end in a letter have: most words are told from all of a list by that alone.
#[derive(Default)]
struct Forms([u32; 32]);

impl Forms {
    fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut forms = Self::default();
        for word in words {
            let (letter, length) = Self::form(word.as_bytes());
            forms.0[letter] |= length;
        }
        forms
    }

    /// Upper case is like lower case.
    fn form(word: &[u8]) -> (usize, u32) {
        (word.last().map_or(0, |byte| usize::from(byte & 31)), 1 << word.len().min(31))
    }

    /// False for words that are not in the list.
    fn may_hold(&self, word: &[u8]) -> bool {
        let (letter, length) = Self::form(word);
        self.0[letter] & length != 0
    }
}

/// A name taken apart: its words, lower case. Reused from name to name.
#[derive(Default)]
pub(crate) struct Words {
    /// Joined by blanks.
    text: String,
    places: Vec<(usize, usize)>,
}

impl NameTable {
    pub(crate) fn new(set: &RuleSet) -> Self {
        let (lasts, tails) = (Forms::default(), Forms::of(TAILS.iter().copied()));
        let mut table = Self { sequences: BTreeMap::new(), squeezed: Vec::new(), lasts, tails };
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
        table.lasts = Forms::of(table.sequences.keys().filter_map(|name| name.rsplit(' ').next()));
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

    /// The rule a name announces. `words` is scratch space.
    pub(crate) fn rule(&self, name: &[u8], words: &mut Words) -> Option<RuleId> {
        if !self.may_announce(name) {
            return None;
        }
        words.split(name);
        for end in (1..=words.len()).rev() {
            let last = words.joined(end - 1, end);
            // The longest sequence that ends here.
            if self.lasts.may_hold(last.as_bytes()) {
                let mut sequences = (end.saturating_sub(3)..end).map(|start| words.joined(start, end));
                if let Some(&id) = sequences.find_map(|sequence| self.sequences.get(sequence)) {
                    return Some(id);
                }
            }
            let letter = last.bytes().next_back();
            let ends = |ending: &str| ending.bytes().next_back() == letter && last.ends_with(ending);
            if let Some((_, id)) = self.squeezed.iter().find(|(ending, _)| ends(ending)) {
                return Some(*id);
            }
            let tail = self.tails.may_hold(last.as_bytes()) && TAILS.contains(&last);
            if !tail && !last.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
        }
        None
    }
}

/// What names announce, of those looked at of late: most come again and again. For one table.
#[derive(Default)]
pub(super) struct Known {
    slots: Vec<(Box<[u8]>, Option<RuleId>)>,
    words: Words,
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
            *slot = (name.into(), table.rule(name, &mut self.words));
        }
        slot.1
    }
}

/// Names remembered.
const SLOTS: usize = 4096;

impl NameTable {
    /// False for most names that announce nothing: their last word is in no list.
    fn may_announce(&self, name: &[u8]) -> bool {
        let end = name.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at + 1);
        let mut start = end;
        while start > 0 && name[start - 1].is_ascii_alphanumeric() && (start == end || !begins_word(name, start)) {
            start -= 1;
        }
        let last = &name[start..end];
        let ends = |ending: &[u8]| {
            ending.last().is_some_and(|letter| last.last().is_some_and(|last| last.eq_ignore_ascii_case(letter)))
                && last.len() >= ending.len()
                && last[last.len() - ending.len()..].eq_ignore_ascii_case(ending)
        };
        self.lasts.may_hold(last)
            || self.tails.may_hold(last)
            || last.iter().all(u8::is_ascii_digit)
            || self.squeezed.iter().any(|(ending, _)| ends(ending.as_bytes()))
    }
}

/// True where a word of a name begins behind another one with nothing between: at a hump, at the digits a name ends with.
fn begins_word(name: &[u8], at: usize) -> bool {
    let (byte, before) = (name[at], name[at - 1]);
    let after = name.get(at + 1).copied().unwrap_or(b' ');
    byte.is_ascii_uppercase()
        && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase())
        || byte.is_ascii_digit() && before.is_ascii_alphabetic() && name[at..].iter().all(u8::is_ascii_digit)
}

impl Words {
    /// Takes a name apart.
    pub(crate) fn of(name: &[u8]) -> Self {
        let mut words = Self::default();
        words.split(name);
        words
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The words, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|&(start, end)| &self.text[start..end])
    }

    /// Some of the words, joined by blanks.
    fn joined(&self, first: usize, end: usize) -> &str {
        let place = |index: usize| self.places.get(index).copied().unwrap_or_default();
        self.text.get(place(first).0..place(end.saturating_sub(1)).1).unwrap_or_default()
    }

    fn split(&mut self, name: &[u8]) {
        let Self { text, places } = self;
        text.clear();
        places.clear();
        let mut open = false;
        for (at, &byte) in name.iter().enumerate() {
            if !byte.is_ascii_alphanumeric() {
                open = false;
                continue;
            }
            if !open || begins_word(name, at) {
                if !text.is_empty() {
                    text.push(' ');
                }
                places.push((text.len(), text.len()));
            }
            open = true;
            text.push(char::from(byte.to_ascii_lowercase()));
            if let Some(last) = places.last_mut() {
                last.1 = text.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_separators_humps_and_final_digits() {
        for (name, split) in [
            ("DB_PASSWORD", "db password"),
            ("awsSecretAccessKey", "aws secret access key"),
            ("APIKey", "api key"),
            ("spring.datasource.password", "spring datasource password"),
            ("password2", "password 2"),
            ("--api-key", "api key"),
            ("md5key", "md5key"),
        ] {
            assert_eq!(Words::of(name.as_bytes()).text, split);
        }
    }
}
