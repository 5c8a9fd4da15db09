//! Literals by their first bytes: one bitmap test tells that nothing begins at a place, which is nearly always so.

use std::ops::Range;

use crate::rule::ByteSet;

/// A set of byte strings of three or more bytes, asked "which begin here?".
pub(super) struct PrefixTable<T> {
    /// For each hash of three bytes: may something begin so?
    begins: Bitmap,
    /// For each hash of four bytes, or of three where a literal has no more.
    four: Bitmap,
    /// For each two bytes: are they the first of a literal, or its second and third?
    pairs: Box<[u64; 1024]>,
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

/// Pairs of bytes looked at together.
const PAIRS: usize = 8;

/// The place of two bytes in a bitmap of all such: word and bit.
#[inline]
fn pair(two: [u8; 2]) -> (usize, u32) {
    let two = u16::from_le_bytes(two);
    (usize::from(two >> 6), u32::from(two & 63))
}

impl<T: Copy + Ord> PrefixTable<T> {
    pub(super) fn new(literals: impl Iterator<Item = (Box<[u8]>, ByteSet, T)>) -> Self {
        let (begins, four) = (Bitmap::new(), Bitmap::new());
        let mut table = Self { begins, four, pairs: Box::new([0; 1024]), entries: Vec::new() };
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
            for two in literal[..3].windows(2) {
                let (word, bit) = pair([two[0], two[1]]);
                table.pairs[word] |= 1 << bit;
            }
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
        let mut from = range.start;
        // A literal's first two bytes stand at every other place, or its second and third do.
        while let Some(text) = bytes.get(from..from + 2 * PAIRS).filter(|_| from <= range.end) {
            let may_hold = |two: &[u8]| {
                let (word, bit) = pair([two[0], two[1]]);
                u16::from(self.pairs[word] >> bit & 1 == 1)
            };
            let pairs = (0..).zip(text.chunks_exact(2));
            // Several at a time, without a branch at each.
            let mut pairs = pairs.fold(0u16, |all, (bit, two)| all | may_hold(two) << bit);
            while pairs != 0 {
                let at = from + 2 * pairs.trailing_zeros() as usize;
                pairs &= pairs - 1;
                for place in at.saturating_sub(1).max(range.start)..(at + 1).min(range.end) {
                    self.at(bytes, place, |value| found(place, value));
                }
            }
            from += 2 * PAIRS;
        }
        for place in from.saturating_sub(1).max(range.start)..range.end {
            self.at(bytes, place, |value| found(place, value));
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
        let text = b"abcd-abx_____ab-abcabcde-abx____abcd-abx-";
        let within = |from, to| {
            let mut got = Vec::new();
            table.within(text, from..to, |at, value| got.push((at, value)));
            got.sort_unstable();
            got
        };
        let all =
            [(0, 1), (0, 2), (0, 5), (5, 4), (16, 1), (19, 1), (19, 2), (19, 5), (25, 4), (32, 1), (32, 2), (32, 5)];
        for (from, to) in (0..text.len()).flat_map(|from| (from..=text.len()).map(move |to| (from, to))) {
            let own: Vec<_> = all.into_iter().chain([(37, 4)]).filter(|(at, _)| (from..to).contains(at)).collect();
            assert_eq!(within(from, to), own, "{from}..{to}");
        }
    }
}
