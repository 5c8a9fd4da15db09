//! Literals by their first bytes: one bitmap test tells that nothing begins at a place, which is nearly always so.

use std::ops::Range;

use crate::rule::ByteSet;

/// A set of byte strings of three or more bytes, asked "which begin here?".
pub(super) struct PrefixTable<T> {
    /// For each hash of three bytes: may something begin so?
    begins: Bitmap,
    /// For each hash of four bytes, or of three where a literal has no more.
    four: Bitmap,
    /// `(first bytes, literal, what it stands for)`, sorted.
    entries: Vec<Entry<T>>,
}

struct Entry<T> {
    key: u32,
    literal: Box<[u8]>,
    /// What must stand behind it.
    next: ByteSet,
    value: T,
}

struct Bitmap(Box<[u64; 1024]>);

impl Bitmap {
    fn new() -> Self {
        Self(Box::new([0; 1024]))
    }

    #[inline]
    fn slot(key: u32) -> (usize, u32) {
        let hash = key.wrapping_mul(0x9e37_79b1) >> 16;
        ((hash >> 6) as usize & 1023, hash & 63)
    }

    fn insert(&mut self, key: u32) {
        let (word, bit) = Self::slot(key);
        self.0[word] |= 1 << bit;
    }

    #[inline]
    fn contains(&self, key: u32) -> bool {
        let (word, bit) = Self::slot(key);
        self.0[word] & 1 << bit != 0
    }
}

impl<T: Copy + Ord> PrefixTable<T> {
    pub(super) fn new(literals: impl Iterator<Item = (Box<[u8]>, ByteSet, T)>) -> Self {
        let mut table = Self { begins: Bitmap::new(), four: Bitmap::new(), entries: Vec::new() };
        for (literal, next, value) in literals {
            let key = match literal[..] {
                [a, b, c] => {
                    let key = u32::from_le_bytes([a, b, c, 0]);
                    table.begins.insert(key);
                    key
                }
                [a, b, c, d, ..] => {
                    let key = u32::from_le_bytes([a, b, c, d]);
                    table.begins.insert(u32::from_le_bytes([a, b, c, 0]));
                    key
                }
                // Shorter ones are refused by `derive` and by the loader.
                _ => continue,
            };
            table.four.insert(key);
            table.entries.push(Entry { key, literal, next, value });
        }
        table.entries.sort_by(|a, b| (a.key, &a.literal, a.value).cmp(&(b.key, &b.literal, b.value)));
        table
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// False where no literal begins, which is nearly everywhere.
    #[inline]
    pub(super) fn may_begin(&self, bytes: &[u8], at: usize) -> bool {
        let four = bytes.get(at..at + 4).and_then(<[u8]>::first_chunk);
        four.is_none_or(|&four| self.begins.contains(u32::from_le_bytes(four) & 0x00ff_ffff))
    }

    /// Calls `found(value)` for every literal that begins at `at` and is followed by a byte that it may have behind it.
    #[inline]
    pub(super) fn at(&self, bytes: &[u8], at: usize, found: impl FnMut(T)) {
        if self.may_begin(bytes, at) {
            self.lookup(bytes.get(at..).unwrap_or_default(), found);
        }
    }

    /// Calls `found(place, value)` for every such literal that begins in a range.
    pub(super) fn within(&self, bytes: &[u8], range: Range<usize>, mut found: impl FnMut(usize, T)) {
        let mut at = range.start;
        while at < range.end {
            let rest = bytes.get(at..).unwrap_or_default();
            let fours = rest.windows(4).take(range.end - at).filter_map(<[u8]>::first_chunk);
            let passed = fours.map(|&four| self.begins.contains(u32::from_le_bytes(four) & 0x00ff_ffff));
            let count = passed.take_while(|begins| !begins).count();
            at += count;
            if at < range.end {
                self.lookup(&rest[count.min(rest.len())..], |value| found(at, value));
                at += 1;
            }
        }
    }

    #[inline(never)]
    fn lookup(&self, rest: &[u8], mut found: impl FnMut(T)) {
        match *rest {
            [a, b, c, d, ..] => {
                for key in [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([a, b, c, 0])] {
                    if self.four.contains(key) {
                        self.bucket(key, rest, &mut found);
                    }
                }
            }
            [a, b, c] => self.bucket(u32::from_le_bytes([a, b, c, 0]), rest, &mut found),
            _ => {}
        }
    }

    fn bucket(&self, key: u32, rest: &[u8], found: &mut impl FnMut(T)) {
        let first = self.entries.partition_point(|entry| entry.key < key);
        for entry in self.entries[first..].iter().take_while(|entry| entry.key == key) {
            if rest.starts_with(&entry.literal) && entry.next.admits(rest.get(entry.literal.len()).copied()) {
                found(entry.value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_literal_that_begins_at_a_place() {
        let d = crate::rule::follow::follow(&crate::rule::derive::parse("abcd").unwrap(), b"abc");
        let literals = [("abc", ByteSet::ALL, 1), ("abcd", ByteSet::ALL, 2), ("abcdef", ByteSet::ALL, 3)];
        let literals = literals.into_iter().chain([("abx", ByteSet::ALL, 4), ("abc", d, 5)]);
        let table = PrefixTable::new(literals.map(|(literal, next, value)| (literal.as_bytes().into(), next, value)));
        let at = |text: &[u8], at| {
            let mut got = Vec::new();
            table.at(text, at, |value| got.push(value));
            got.sort_unstable();
            got
        };
        assert_eq!(at(b"-abcdef", 1), [1, 2, 3, 5]);
        assert_eq!(at(b"-abcdef", 0), [] as [u32; 0]);
        assert_eq!(at(b"abc", 0), [1]);
        assert_eq!(at(b"abce", 0), [1]);
        assert_eq!(at(b"abxy", 0), [4]);
    }
}
