//! The words before a value: which services are named near it.

use std::ops::Range;

use super::boundary::{case_bits, range};
use super::runs::Masks;

/// Services' words, asked for all that begin in a stretch of text.
pub(super) struct WordTable<T> {
    /// Sorted by the upper bits of the hash of their first letters.
    entries: Vec<Entry<T>>,
    /// For each hash of the first letters: may a word begin so?
    bitmap: Box<[u64; 1024]>,
    /// For the upper bits of each hash where its entries begin; one more for the end.
    firsts: Vec<u16>,
}

struct Entry<T> {
    /// The first three letters.
    key: u32,
    word: Box<str>,
    value: T,
}

/// Words in a name's part between separators, at most.
const MAX_WORDS: usize = 5;

/// A name's part between separators is at most so long.
const MAX_STRETCH: usize = 40;

/// Bits of a hash that say where its entries are.
const UPPER: u32 = 12;

fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9e37_79b1)
}

fn slot(hash: u32) -> (usize, u32) {
    ((hash >> 22) as usize, hash >> 16 & 63)
}

fn upper(hash: u32) -> usize {
    (hash >> (32 - UPPER)) as usize
}

impl<T: Copy + Ord> WordTable<T> {
    /// Words are lower case, without separators, of three or more characters.
    pub(super) fn new(words: impl Iterator<Item = (Box<str>, T)>) -> Self {
        let mut table = Self { entries: Vec::new(), bitmap: Box::new([0; 1024]), firsts: Vec::new() };
        for (word, value) in words {
            let bytes = word.as_bytes();
            let Some(&[a, b, c]) = bytes.get(..3) else { continue };
            // Keyed by three letters: the fourth may stand behind a separator.
            let key = u32::from_le_bytes([a, b, c, 0]);
            let (index, bit) = slot(hash(key));
            table.bitmap[index] |= 1 << bit;
            table.entries.push(Entry { key, word, value });
        }
        let place = |entry: &Entry<T>| upper(hash(entry.key));
        table.entries.sort_by(|a, b| (place(a), a.key, &a.word, a.value).cmp(&(place(b), b.key, &b.word, b.value)));
        let first = |upper| table.entries.partition_point(|entry| place(entry) < upper);
        table.firsts = (0..=1 << UPPER).map(|upper| u16::try_from(first(upper)).unwrap_or(u16::MAX)).collect();
        table
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Calls `found(word's range, value)` for each word that begins in the stretch of letters and digits at `start`: at its
    /// first letter, where upper case follows lower case, and behind a digit.
    pub(super) fn from(&self, bytes: &[u8], masks: &Masks, start: usize, mut found: impl FnMut(Range<usize>, T)) {
        // Longer stretches are values, not names.
        let Some((alnum, digit)) = masks.letters_and_digits(start) else { return };
        let length = (alnum.trailing_ones() as usize).min(MAX_STRETCH);
        // Always of as many bytes: no branch depends on the length.
        let (letter, lower) = (alnum & !digit, case_bits(bytes, start, MAX_STRETCH));
        let mut begins = (1 | letter & (digit | letter & lower & !(lower >> 1)) << 1) & range(0, length);
        // So many humps are noise, not a name.
        for _ in 0..MAX_WORDS {
            if begins == 0 {
                return;
            }
            let offset = begins.trailing_zeros();
            let at = start + offset as usize;
            begins &= begins - 1;
            let together = alnum >> offset & 7 == 7;
            if let Some(key) = if together { key_at(bytes, at) } else { key_apart(bytes, at) } {
                let hash = hash(key);
                let (index, bit) = slot(hash);
                if self.bitmap[index] >> bit & 1 == 1 {
                    self.entries_of(bytes, at, key, hash, &mut found);
                }
            }
        }
    }

    fn entries_of(&self, bytes: &[u8], at: usize, key: u32, hash: u32, found: &mut impl FnMut(Range<usize>, T)) {
        let first = |upper: usize| self.firsts.get(upper).map_or(0, |&first| usize::from(first));
        let entries = self.entries.get(first(upper(hash))..first(upper(hash) + 1)).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.key == key) {
            if let Some(end) = spelled(bytes, at, entry.word.as_bytes()) {
                found(at..end, entry.value);
            }
        }
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b' ')
}

/// The three letters or digits from `at`, lower case.
#[inline]
fn key_at(bytes: &[u8], at: usize) -> Option<u32> {
    let &[a, b, c] = bytes.get(at..)?.first_chunk()?;
    // Digits have the bit that makes letters lower case.
    Some(u32::from_le_bytes([a | 0x20, b | 0x20, c | 0x20, 0]))
}

/// The first three letters from `at`, single separators skipped, lower case.
fn key_apart(bytes: &[u8], at: usize) -> Option<u32> {
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
    use crate::detect::simd::{Classifier, Needles};

    #[test]
    fn words_are_found_in_every_spelling() {
        let table = WordTable::new([("newrelic".into(), 1), ("okta".into(), 2)].into_iter());
        let words = |text: &str| {
            let mut got = Vec::new();
            let mut masks = Masks::default();
            masks.fill(Classifier::detect(), &Needles::default(), text.as_bytes());
            masks.starts(0, text.len(), |at| {
                table.from(text.as_bytes(), &masks, at, |range, value| got.push((text[range].to_owned(), value)));
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
