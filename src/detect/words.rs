//! The words before a value: which services are named near it.

use std::ops::Range;

/// Services' words, asked for all that begin in a stretch of text.
pub(super) struct WordTable<T> {
    /// `(first four letters or fewer, word, what it stands for)`, sorted.
    entries: Vec<Entry<T>>,
    /// For each hash of the first letters: may a word begin so?
    bitmap: Box<[u64; 1024]>,
}

struct Entry<T> {
    key: u32,
    word: Box<str>,
    value: T,
}

/// Words in a name's part between separators, at most.
const MAX_WORDS: usize = 5;

/// A name's part between separators is at most so long.
const MAX_STRETCH: usize = 40;

fn slot(key: u32) -> (usize, u32) {
    let hash = key.wrapping_mul(0x9e37_79b1) >> 16;
    ((hash >> 6) as usize & 1023, hash & 63)
}

impl<T: Copy + Ord> WordTable<T> {
    /// Words are lower case, without separators, of three or more characters.
    pub(super) fn new(words: impl Iterator<Item = (Box<str>, T)>) -> Self {
        let mut table = Self { entries: Vec::new(), bitmap: Box::new([0; 1024]) };
        for (word, value) in words {
            let bytes = word.as_bytes();
            let Some(&[a, b, c]) = bytes.get(..3) else { continue };
            // Keyed by three letters: the fourth may stand behind a separator.
            let key = u32::from_le_bytes([a, b, c, 0]);
            let (index, bit) = slot(key);
            table.bitmap[index] |= 1 << bit;
            table.entries.push(Entry { key, word, value });
        }
        table.entries.sort_by(|a, b| (a.key, &a.word, a.value).cmp(&(b.key, &b.word, b.value)));
        table
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Calls `found(word's range, value)` for each word that begins in the stretch of letters and digits at `start`: at its
    /// first letter, and where upper case follows lower case.
    pub(super) fn from(&self, bytes: &[u8], start: usize, end: usize, mut found: impl FnMut(Range<usize>, T)) {
        let (mut before, mut words) = (b' ', 0);
        // Longer stretches are values, not names.
        for at in start..end.min(start + MAX_STRETCH) {
            let byte = bytes[at];
            if !byte.is_ascii_alphanumeric() {
                return;
            }
            let begins = at == start
                || byte.is_ascii_uppercase() && before.is_ascii_lowercase()
                || byte.is_ascii_alphabetic() && before.is_ascii_digit();
            before = byte;
            words += usize::from(begins);
            // So many humps are noise, not a name.
            if words > MAX_WORDS {
                return;
            }
            if begins && let Some(key) = key_at(bytes, at) {
                let (index, bit) = slot(key);
                if self.bitmap[index] >> bit & 1 == 1 {
                    self.bucket(bytes, at, key, &mut found);
                }
            }
        }
    }

    fn bucket(&self, bytes: &[u8], at: usize, key: u32, found: &mut impl FnMut(Range<usize>, T)) {
        let first = self.entries.partition_point(|entry| entry.key < key);
        for entry in self.entries[first..].iter().take_while(|entry| entry.key == key) {
            if let Some(end) = spelled(bytes, at, entry.word.as_bytes()) {
                found(at..end, entry.value);
            }
        }
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b' ')
}

/// The first three letters from `at`, single separators skipped, lower case.
fn key_at(bytes: &[u8], at: usize) -> Option<u32> {
    let (mut key, mut count, mut at) = (0u32, 0, at);
    while count < 3 {
        let byte = *bytes.get(at)?;
        if byte.is_ascii_alphanumeric() {
            key |= u32::from(byte.to_ascii_lowercase()) << (8 * count);
            count += 1;
        } else if count == 0 || !is_separator(byte) || is_separator(bytes[at - 1]) {
            return None;
        }
        at += 1;
    }
    Some(key)
}

/// The end of `word` spelled from `at` on in any case, with single separators between letters.
fn spelled(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let mut at = at;
    for (index, &letter) in word.iter().enumerate() {
        let byte = *bytes.get(at)?;
        if byte.to_ascii_lowercase() == letter {
            at += 1;
        } else if index > 0 && is_separator(byte) && bytes.get(at + 1).map(u8::to_ascii_lowercase) == Some(letter) {
            at += 2;
        } else {
            return None;
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::runs::Masks;
    use crate::detect::simd::{Classifier, Needles};

    #[test]
    fn words_are_found_in_every_spelling() {
        let table = WordTable::new([("newrelic".into(), 1), ("okta".into(), 2)].into_iter());
        let words = |text: &str| {
            let mut got = Vec::new();
            let mut masks = Masks::default();
            masks.fill(Classifier::detect(), &Needles::default(), text.as_bytes());
            masks.starts(0, text.len(), |at| {
                table.from(text.as_bytes(), at, text.len(), |range, value| got.push((text[range].to_owned(), value)));
            });
            got
        };
        for text in ["NEW_RELIC_KEY", "newRelicKey", "my-new-relic", "the New Relic key", "x.newrelic.com"] {
            assert_eq!(words(text).len(), 1, "{text}");
        }
        assert_eq!(words("oktaToken"), [("okta".to_owned(), 2)]);
        assert_eq!(words("sockota brokta"), []);
    }
}
