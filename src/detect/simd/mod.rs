//! Which bytes are word characters, letters and digits, and where one of a few literals may begin, 64 bytes at a time: the
//! only `unsafe` of the crate.
//!
//! A word character is a letter, a digit, `_` or `-`. [`Classifier::classify`] writes one bit a byte and class. The
//! vector paths look each byte's two nibbles up in 16-entry tables whose entries share a bit exactly for word characters;
//! which bit it is tells digits, letters and the two signs apart.
//!
//! Literals are found the way Teddy does (Hyperscan; `aho-corasick` has a description): four bytes from a place on are
//! looked up nibble by nibble in tables in which each of eight buckets of literals has a bit; where one bit is left, a
//! literal of that bucket may begin. Text is folded to lower case for it, so one literal stands for all its spellings.

use std::ops::Range;

#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "vector intrinsics")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    clippy::cast_ptr_alignment,
    clippy::unused_self,
    reason = "vector intrinsics, unaligned loads; self is the proof of the feature"
)]
mod x86;

/// Bytes that one mask describes.
pub const BLOCK: usize = 64;

/// One thing for each class that bytes are told apart by.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Classes<T> {
    /// Letters, digits, `_`, `-`.
    pub word: T,
    /// Letters and digits.
    pub alnum: T,
    /// Digits.
    pub digit: T,
    /// Signs that may lead to a token (`crate::rule::derive::is_lead`, word characters aside), and `\\`.
    pub sign: T,
    /// A literal may begin here: its first bytes in any case look so, nibble by nibble.
    pub hot: T,
}

/// What 64 bytes are: bit `i` is byte `i`.
pub type Block = Classes<u64>;

/// What the blocks of a text are, class by class, so that a class of several blocks can be worked on at once.
pub type Blocks = Classes<Vec<u64>>;

impl Blocks {
    /// Makes room for so many blocks at least; new ones are all zero.
    pub fn grow(&mut self, count: usize) {
        if count <= self.len() {
            return;
        }
        for class in [&mut self.word, &mut self.alnum, &mut self.digit, &mut self.sign, &mut self.hot] {
            class.resize(count, 0);
        }
    }

    /// How many blocks there is room for.
    pub fn len(&self) -> usize {
        self.word.len()
    }

    /// True without room for a block.
    pub fn is_empty(&self) -> bool {
        self.word.is_empty()
    }

    /// The block at `index`.
    pub fn get(&self, index: usize) -> Option<Block> {
        let mask = |class: &[u64]| class.get(index).copied();
        Some(Block {
            word: mask(&self.word)?,
            alnum: mask(&self.alnum)?,
            digit: mask(&self.digit)?,
            sign: mask(&self.sign)?,
            hot: mask(&self.hot)?,
        })
    }

    /// The blocks of a range, to be written; none where they are not all there.
    fn range(&mut self, range: &Range<usize>) -> Classes<&mut [u64]> {
        fn part<'c>(class: &'c mut [u64], range: &Range<usize>) -> &'c mut [u64] {
            class.get_mut(range.clone()).unwrap_or_default()
        }
        Classes {
            word: part(&mut self.word, range),
            alnum: part(&mut self.alnum, range),
            digit: part(&mut self.digit, range),
            sign: part(&mut self.sign, range),
            hot: part(&mut self.hot, range),
        }
    }
}

impl<'m> Classes<&'m mut [u64]> {
    /// One block after the other.
    #[inline]
    fn each(self) -> impl Iterator<Item = Classes<&'m mut u64>> {
        let Self { word, alnum, digit, sign, hot } = self;
        let masks = word.iter_mut().zip(alnum).zip(digit).zip(sign).zip(hot);
        masks.map(|((((word, alnum), digit), sign), hot)| Classes { word, alnum, digit, sign, hot })
    }
}

impl Classes<&mut u64> {
    #[inline]
    fn write(self, block: Block) {
        *self.word = block.word;
        *self.alnum = block.alnum;
        *self.digit = block.digit;
        *self.sign = block.sign;
        *self.hot = block.hot;
    }
}

/// Bytes of a literal that the vector pass looks at.
pub const NEEDLE: usize = 4;
/// Bytes of the shortest literal.
pub const LEAST_NEEDLE: usize = 3;
/// Buckets of literals, one bit of a table entry each.
const BUCKETS: usize = 8;

/// The first bytes of some literals, ready to be looked for.
#[derive(Clone, Default)]
pub struct Needles {
    /// For each of the first bytes: buckets by low nibble.
    low: [[u8; 16]; NEEDLE],
    /// The same by high nibble.
    high: [[u8; 16]; NEEDLE],
}

/// A byte as literals are compared: letters in lower case (a few signs fall together, which costs a second look only).
pub const fn folded(byte: u8) -> u8 {
    byte | 0x20
}

/// For each of the first bytes of some literals: their low and high nibbles, a bit each.
type Bucket = [(u16, u16); NEEDLE];

/// How often a literal's bucket is chosen.
const ROUNDS: usize = 2;

/// A literal's own bucket. Behind a shorter one anything may stand.
fn key(literal: &[u8]) -> Bucket {
    std::array::from_fn(|place| {
        let bits = |&byte: &u8| (1 << (folded(byte) & 15), 1 << (folded(byte) >> 4));
        literal.get(place).map_or((u16::MAX, u16::MAX), bits)
    })
}

/// What passes one of some buckets passes this one.
fn joined(buckets: &[Bucket]) -> Bucket {
    let mut all = Bucket::default();
    for bucket in buckets {
        for (slot, (low, high)) in all.iter_mut().zip(bucket) {
            slot.0 |= low;
            slot.1 |= high;
        }
    }
    all
}

/// How much of a text passes a bucket, up to a constant factor: letters are most of it, and some are frequent.
fn passing(bucket: &Bucket) -> f32 {
    let weight = |byte: u8| match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 6.0,
        b'l' | b'd' | b'c' | b'u' | b'm' | b'p' | b'f' | b' ' => 3.0,
        b'a'..=b'z' => 1.0,
        _ => 0.5,
    };
    let share = |&(low, high): &(u16, u16)| -> f32 {
        let passes = |byte: &u8| folded(*byte) == *byte && low >> (byte & 15) & high >> (byte >> 4) & 1 == 1;
        (0x20..0x80).filter(passes).map(weight).sum()
    };
    bucket.iter().map(share).product()
}

impl Needles {
    /// For literals of three or more bytes; those with like beginnings share a bucket, which lets the fewest others by.
    pub fn new<'l>(literals: impl Iterator<Item = &'l [u8]>) -> Self {
        let keys: Vec<Bucket> = literals.filter(|literal| literal.len() >= LEAST_NEEDLE).map(key).collect();
        let mut members: [Vec<Bucket>; BUCKETS] = Default::default();
        // Each goes where it costs least, and once more when the others have their places.
        for round in 0..ROUNDS {
            for key in &keys {
                if round > 0
                    && let Some(own) = members.iter_mut().find(|bucket| bucket.contains(key))
                {
                    own.retain(|other| other != key);
                }
                let cost = |bucket: &Vec<Bucket>| {
                    let without = joined(bucket);
                    passing(&joined(&[without, *key])) - passing(&without)
                };
                if let Some(best) = members.iter_mut().min_by(|a, b| cost(a).total_cmp(&cost(b))) {
                    best.push(*key);
                }
            }
        }
        let buckets = members.map(|members| joined(&members));
        let mut needles = Self::default();
        for (bit, bucket) in buckets.iter().enumerate() {
            for (place, (low, high)) in bucket.iter().enumerate() {
                for nibble in 0..16 {
                    needles.low[place][nibble] |= u8::from(low >> nibble & 1 == 1) << bit;
                    needles.high[place][nibble] |= u8::from(high >> nibble & 1 == 1) << bit;
                }
            }
        }
        needles
    }
}

/// Work on masks. A trait and no closure: what is not inlined is compiled without the processor's instructions.
pub(super) trait Work {
    /// What comes of it.
    type Output;
    /// Does it. To be `#[inline(always)]`, and so all that it calls.
    fn run(self, places: impl Writer) -> Self::Output;
}

/// Turns masks into lists, as the processor does it best.
pub(super) trait Writer: Copy {
    /// Writes the places of the bits, `first` added to each, ascending, to the beginning of `room`; what follows them in it
    /// is anything.
    fn write(self, bits: u64, first: u16, room: &mut [u16; BLOCK]);
}

/// Writer one by one, by plain bit instructions.
#[derive(Clone, Copy)]
struct OneByOne;

/// Writer written at a time.
const GROUP: usize = 4;

impl Writer for OneByOne {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "asked for by `Work`")]
    #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
    fn write(self, mut bits: u64, first: u16, room: &mut [u16; BLOCK]) {
        // Some at a time, whether there are so many or not.
        for group in room.chunks_exact_mut(GROUP) {
            if bits == 0 {
                break;
            }
            for slot in group {
                *slot = first.wrapping_add(bits.trailing_zeros() as u16);
                bits &= bits.wrapping_sub(1);
            }
        }
    }
}

/// The path chosen for this processor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Classifier(Path);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Path {
    #[cfg(target_arch = "x86_64")]
    Avx512(x86::Avx512),
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Ssse3(x86::Ssse3),
    #[cfg(target_arch = "aarch64")]
    Neon(neon::Neon),
    Portable,
}

impl Classifier {
    /// The fastest path this processor has.
    pub fn detect() -> Self {
        Self::available()[0]
    }

    /// Every path this processor has, the fastest first. Tests show that all give the same masks.
    pub fn available() -> Vec<Self> {
        let mut paths = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            paths.extend(x86::Avx512::detect().map(|path| Self(Path::Avx512(path))));
            paths.extend(x86::Avx2::detect().map(|path| Self(Path::Avx2(path))));
            paths.extend(x86::Ssse3::detect().map(|path| Self(Path::Ssse3(path))));
        }
        #[cfg(target_arch = "aarch64")]
        paths.extend(neon::Neon::detect().map(|path| Self(Path::Neon(path))));
        paths.push(Self(Path::Portable));
        paths
    }

    /// Does some work with the bit instructions that come with the path.
    #[inline]
    pub(super) fn with_bits<W: Work>(self, work: W) -> W::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Path::Avx512(path) => path.with_bits(work),
            #[cfg(target_arch = "x86_64")]
            Path::Avx2(path) => path.with_bits(work),
            _ => work.run(OneByOne),
        }
    }

    /// The name shown by `--diagnostics`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Path::Avx512(_) => "avx512",
            #[cfg(target_arch = "x86_64")]
            Path::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Path::Ssse3(_) => "ssse3",
            #[cfg(target_arch = "aarch64")]
            Path::Neon(_) => "neon",
            Path::Portable => "portable",
        }
    }

    /// Writes the masks of each block of `bytes` from block `first` of `out` on, as many as there is room for. A block is
    /// whole when [`NEEDLE`] - 1 bytes stand behind it; what comes after the last whole one is not looked at. Returns how
    /// many blocks were written.
    pub fn classify(self, needles: &Needles, bytes: &[u8], out: &mut Blocks, first: usize) -> usize {
        let room = out.len().saturating_sub(first);
        let blocks = (bytes.len().saturating_sub(NEEDLE - 1) / BLOCK).min(room);
        let out = out.range(&(first..first + blocks));
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Path::Avx512(path) => path.classify(needles, bytes, out),
            #[cfg(target_arch = "x86_64")]
            Path::Avx2(path) => path.classify(needles, bytes, out),
            #[cfg(target_arch = "x86_64")]
            Path::Ssse3(path) => path.classify(needles, bytes, out),
            #[cfg(target_arch = "aarch64")]
            Path::Neon(path) => path.classify(needles, bytes, out),
            Path::Portable => portable::classify(needles, bytes, out),
        }
        blocks
    }
}

/// Bits of a table entry that mean a digit, a letter or digit, a word character, a sign.
const DIGIT: u8 = 128;
const ALNUM: u8 = DIGIT | 2 | 4;
const WORD: u8 = ALNUM | 8 | 16;
const SIGN: u8 = 1 | 32 | 64;

/// Table entries share a bit for a word character: digits 128, letters by column 2 and 4, `_` 8, `-` 16. Those of signs share
/// others: `!#$%&+./` 1, `\\^|~` 32, `:@` 64 (as `0` and `J` do, which are no signs for all that).
const LOW: [u8; 16] = {
    let mut table = [0u8; 16];
    let mut low = 0;
    while low < 16 {
        let digit = if low <= 9 { DIGIT } else { 0 };
        let first = if low >= 1 { 2 } else { 0 };
        let second = if low <= 10 { 4 } else { 0 };
        let score = if low == 15 { 8 } else { 0 };
        let dash = if low == 13 { 16 } else { 0 };
        let second_row = if matches!(low, 1 | 3..=6 | 11 | 14 | 15) { 1 } else { 0 };
        let last_columns = if matches!(low, 12 | 14) { 32 } else { 0 };
        let middle_rows = if matches!(low, 0 | 10) { 64 } else { 0 };
        table[low] = digit | first | second | score | dash | second_row | last_columns | middle_rows;
        low += 1;
    }
    table
};
/// The same for the high nibble: 3 digits, 4 and 6 `A`–`O` and `a`–`o`, 5 and 7 `P`–`Z` and `p`–`z`, 5 also `_`, 2 `-`.
const HIGH: [u8; 16] = [0, 0, 16 | 1, DIGIT | 64, 2 | 64, 4 | 8 | 32, 2, 4 | 32, 0, 0, 0, 0, 0, 0, 0, 0];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::derive::{is_lead, is_word};
    use proptest::prelude::*;

    #[test]
    fn every_path_knows_every_byte() {
        let bytes: Vec<u8> = (0..=255).cycle().take(4096 + 13).collect();
        for path in Classifier::available() {
            let mut masks = Blocks::default();
            masks.grow(bytes.len() / BLOCK);
            assert_eq!(path.classify(&Needles::default(), &bytes, &mut masks, 0), masks.len());
            for (at, &byte) in bytes[..masks.len() * BLOCK].iter().enumerate() {
                let block = masks.get(at / BLOCK).unwrap();
                let bit = |mask: u64| mask >> (at % BLOCK) & 1 == 1;
                assert_eq!(bit(block.word), is_word(byte), "{} byte {byte}", path.name());
                assert_eq!(bit(block.alnum), byte.is_ascii_alphanumeric(), "{} byte {byte}", path.name());
                assert_eq!(bit(block.digit), byte.is_ascii_digit(), "{} byte {byte}", path.name());
                let sign = is_lead(byte) && !is_word(byte) || byte == b'\\';
                assert_eq!(bit(block.sign), sign, "{} byte {byte}", path.name());
                assert!(!bit(block.hot));
            }
        }
    }

    proptest! {
        #[test]
        fn every_path_finds_every_literal_in_every_case(
            text in "([a-cA-C:/ _-]|key|Key|pass|\u{e9}){0,120}",
            literals in prop::collection::vec("[a-c:/-]{3,5}|key|pass", 0..20),
        ) {
            let mut bytes = text.clone().into_bytes();
            bytes.resize((text.len() / BLOCK + 1) * BLOCK + NEEDLE - 1, 0);
            let needles = Needles::new(literals.iter().map(String::as_bytes));
            let mut first: Option<Blocks> = None;
            for path in Classifier::available() {
                let mut masks = Blocks::default();
                masks.grow(bytes.len() / BLOCK);
                // In two goes, as a text and its end are.
                let head = path.classify(&needles, &bytes[..bytes.len() - BLOCK], &mut masks, 0);
                prop_assert_eq!(head + path.classify(&needles, &bytes[head * BLOCK..], &mut masks, head), masks.len());
                for literal in &literals {
                    let fits = |at: &usize| bytes[*at..].get(..literal.len()).is_some_and(|part| part.eq_ignore_ascii_case(literal.as_bytes()));
                    for at in (0..masks.len() * BLOCK).filter(fits) {
                        prop_assert!(masks.hot[at / BLOCK] >> (at % BLOCK) & 1 == 1, "{} {literal} at {at}", path.name());
                    }
                }
                // Which places are looked at in vain is the same too.
                prop_assert_eq!(first.get_or_insert_with(|| masks.clone()), &masks, "{}", path.name());
            }
        }
    }
}
