//! Which services a piece of text names: the words of `kind: named` rules, looked up in names, lines and hosts.
//!
//! Asked only about findings that stand, so it is a plain table and no part of the engine's passes.

use std::collections::HashMap;
use std::ops::Range;

use super::{Matcher, Rule, RuleId};

/// Words of one service name written apart (`new_relic`, `Have I Been Pwned`).
const MOST_WORDS: usize = 4;

/// What follows a service's word in a name that is written in one piece (`supabasetoken`, `COINAPI`), longest first.
const TAILS: &[&str] = &[
    "accesstoken",
    "credential",
    "privatekey",
    "secretkey",
    "accesskey",
    "apitoken",
    "password",
    "apikey",
    "secret",
    "access",
    "token",
    "creds",
    "auth",
    "pass",
    "api",
    "app",
    "key",
    "pat",
    "pwd",
    "id",
];

/// The words of all `named` rules.
pub struct Services {
    words: HashMap<&'static str, RuleId>,
}

impl Services {
    /// Of rules with their ids.
    pub fn new(rules: impl Iterator<Item = (RuleId, &'static Rule)>) -> Self {
        let mut words = HashMap::new();
        for (id, rule) in rules {
            if let Matcher::Named { words: own } = &rule.matcher {
                words.extend(own.iter().map(|word| (word.as_ref(), id)));
            }
        }
        Self { words }
    }

    /// True without any word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The rule of the service that is named last in a short text, and where.
    pub fn last_in(&self, text: &[u8]) -> Option<(RuleId, Range<usize>)> {
        let words = words(text);
        let mut squeezed = String::new();
        let mut last: Option<(RuleId, Range<usize>)> = None;
        for (index, first) in words.iter().enumerate() {
            squeezed.clear();
            let mut end = first.start;
            for (count, word) in words[index..].iter().take(MOST_WORDS).enumerate() {
                let apart = word.start - end;
                // `basic.1.password`: a place in a list is no part of a name.
                let listed = || text[end] == b'.' && text[first.clone()].iter().all(u8::is_ascii_digit);
                if count > 0 && (apart > 1 || apart == 1 && (!is_separator(text[end]) || listed())) {
                    break;
                }
                squeezed.extend(text[word.clone()].iter().map(|byte| char::from(byte.to_ascii_lowercase())));
                end = word.end;
                // Of names with the same end the one that begins first is the longest.
                if last.as_ref().is_none_or(|(_, range)| range.end < end)
                    && let Some(id) = self.word(&squeezed)
                {
                    last = Some((id, first.start..end));
                }
            }
        }
        last
    }

    fn word(&self, word: &str) -> Option<RuleId> {
        self.words.get(word).copied().or_else(|| {
            let cut = TAILS.iter().find_map(|tail| word.strip_suffix(tail))?;
            self.words.get(cut).copied()
        })
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b' ')
}

/// Stretches of letters and digits, cut at humps.
fn words(text: &[u8]) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, byte) in text.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric()) {
        let before = at.checked_sub(1).map_or(b' ', |at| text[at]);
        let next = text.get(at + 1).copied().unwrap_or(b' ');
        let hump = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && next.is_ascii_lowercase());
        match words.last_mut().filter(|word| word.end == at && !hump) {
            Some(word) => word.end = at + 1,
            None => words.push(at..at + 1),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> Services {
        let words = [
            ("asana", 1),
            ("newrelic", 2),
            ("particleio", 3),
            ("coin", 4),
            ("github", 5),
            ("azureopenai", 6),
            ("openai", 7),
        ];
        Services { words: words.into_iter().map(|(word, id)| (word, RuleId(id))).collect() }
    }

    #[test]
    fn names_are_found_in_every_spelling() {
        for (text, id) in [
            ("ASANA_TOKEN", 1),
            ("myAsanaToken", 1),
            ("asanatoken", 1),
            ("ASANAAPIKEY", 1),
            ("NEW_RELIC_LICENSE_KEY", 2),
            ("the New Relic key is ", 2),
            ("https://api.particle.io/v1", 3),
            ("asana and GitHub", 5),
            ("GitHub, for Asana: ", 1),
            ("AZURE_OPENAI_KEY", 6),
            ("OPENAI_KEY", 7),
        ] {
            assert_eq!(services().last_in(text.as_bytes()).map(|(id, _)| id.0), Some(id), "{text}");
        }
    }

    #[test]
    fn parts_of_words_are_no_names() {
        for text in ["coincidence", "asanas", "new, relic", "bitcoin", "new  relic", "particle"] {
            assert!(services().last_in(text.as_bytes()).is_none(), "{text}");
        }
    }
}
