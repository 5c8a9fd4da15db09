//! What each byte of a text is: the classifier's masks, and what is asked of them about a range.
#![expect(clippy::inline_always, reason = "asked for by `Work`")]

use super::simd::{BLOCK, Blocks, Classifier, NEEDLE, Needles};

/// What each byte of a text is. Reused from text to text.
#[derive(Default)]
pub(crate) struct Masks {
    /// One block more than the text has at least, all zero.
    pub(super) blocks: Blocks,
    pub(super) length: usize,
}

impl Masks {
    /// Classifies a text and looks for needles in it.
    pub(crate) fn fill(&mut self, classifier: Classifier, needles: &Needles, bytes: &[u8]) {
        self.length = bytes.len();
        // What is left of the text before is written over.
        self.blocks.grow(self.count() + 1);
        let whole = classifier.classify(needles, bytes, &mut self.blocks, 0);
        // The rest is less than a block and what must stand behind one: two blocks of it and nothing.
        let rest = &bytes[whole * BLOCK..];
        let mut tail = [0; 3 * BLOCK + NEEDLE];
        tail[..rest.len()].copy_from_slice(rest);
        classifier.classify(needles, &tail, &mut self.blocks, whole);
    }

    /// How many blocks the text has, one behind it among them; those beyond are of texts before.
    pub(super) fn count(&self) -> usize {
        self.length / BLOCK + 2
    }

    /// The first place of `from..to` at which a needle may stand.
    #[inline]
    pub(super) fn hot(&self, from: usize, to: usize) -> Option<usize> {
        let mut at = from / BLOCK;
        let mut bits = self.blocks.hot.get(at)? & (u64::MAX << (from % BLOCK));
        while bits == 0 {
            at += 1;
            if at * BLOCK >= to {
                return None;
            }
            bits = *self.blocks.hot.get(at)?;
        }
        Some(at * BLOCK + bits.trailing_zeros() as usize).filter(|&found| found < to)
    }

    /// The bits of a stretch, bit 0 the first; `None` when it is longer than a word of the machine.
    #[inline(always)]
    pub(super) fn bits(&self, start: usize, end: usize) -> Option<Bits> {
        let length = end.checked_sub(start).filter(|length| (1..=BLOCK).contains(length))?;
        let within = u64::MAX >> (BLOCK - length);
        let Blocks { word, alnum, digit, sign, .. } = &self.blocks;
        Some(Bits {
            word: joined(word, start)? & within,
            alnum: joined(alnum, start)? & within,
            digit: joined(digit, start)? & within,
            sign: joined(sign, start)? & within,
            within,
            length,
        })
    }

    /// Letters and digits, and digits alone, of the 64 bytes from a place on.
    #[inline]
    pub(super) fn letters_and_digits(&self, start: usize) -> Option<(u64, u64)> {
        Some((joined(&self.blocks.alnum, start)?, joined(&self.blocks.digit, start)?))
    }

    /// The end of the word characters and bytes that `also` says yes to from `from` on, at `most` at the latest.
    #[inline]
    pub(super) fn stretch_end(&self, bytes: &[u8], from: usize, most: usize, also: impl Fn(u8) -> bool) -> usize {
        let mut block = from / BLOCK;
        let mut others = self.blocks.word.get(block).map_or(0, |word| !word & u64::MAX << (from % BLOCK));
        while block * BLOCK < most {
            while others != 0 {
                let at = block * BLOCK + others.trailing_zeros() as usize;
                if at >= most || !bytes.get(at).is_some_and(|&byte| also(byte)) {
                    return at.min(most);
                }
                others &= others - 1;
            }
            block += 1;
            others = self.blocks.word.get(block).map_or(0, |word| !word);
        }
        most
    }

    /// How many digits there are in a range.
    #[inline(always)]
    pub(super) fn digits(&self, start: usize, end: usize) -> u32 {
        self.sum(start, end, |blocks, at| blocks.digit[at])
    }

    /// How often a digit follows something else in a range, or something else a digit.
    #[inline(always)]
    pub(super) fn digit_turns(&self, start: usize, end: usize) -> u32 {
        self.sum(start + 1, end, |blocks, at| {
            let digit = &blocks.digit;
            digit[at] ^ (digit[at] << 1 | at.checked_sub(1).map_or(0, |before| digit[before] >> 63))
        })
    }

    /// How often a letter follows a digit at once in a range.
    #[inline(always)]
    pub(super) fn digit_then_letter(&self, start: usize, end: usize) -> u32 {
        self.sum(start, end.saturating_sub(1), |blocks, at| {
            let letters = |at: usize| blocks.alnum[at] & !blocks.digit[at];
            // Behind the text's last block there is one more.
            blocks.digit[at] & (letters(at) >> 1 | letters(at + 1) << 63)
        })
    }

    #[inline(always)]
    fn sum(&self, start: usize, end: usize, mask: impl Fn(&Blocks, usize) -> u64) -> u32 {
        if start >= end {
            return 0;
        }
        (start / BLOCK..=(end - 1) / BLOCK)
            .map(|at| (mask(&self.blocks, at) & within(at, start, end)).count_ones())
            .sum()
    }

    /// Calls `found(at)` for each letter or digit of a range with neither before it.
    #[inline]
    pub(super) fn starts(&self, start: usize, end: usize, mut found: impl FnMut(usize)) {
        if start >= end {
            return;
        }
        for at in start / BLOCK..=(end - 1) / BLOCK {
            let carry = at.checked_sub(1).map_or(0, |before| self.blocks.alnum[before] >> 63);
            let alnum = self.blocks.alnum[at];
            let mut bits = alnum & !(alnum << 1 | carry) & within(at, start, end);
            while bits != 0 {
                found(at * BLOCK + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }

    /// The first `_` or `-` of a range, or its end.
    #[inline(always)]
    pub(super) fn joint(&self, start: usize, end: usize) -> usize {
        let mut at = start / BLOCK;
        let mut bits = self.joints_of(at) & u64::MAX << (start % BLOCK);
        while bits == 0 && (at + 1) * BLOCK < end {
            at += 1;
            bits = self.joints_of(at);
        }
        if bits == 0 { end } else { end.min(at * BLOCK + bits.trailing_zeros() as usize) }
    }

    /// A block's `_` and `-`.
    #[inline(always)]
    fn joints_of(&self, block: usize) -> u64 {
        self.blocks.word.get(block).zip(self.blocks.alnum.get(block)).map_or(0, |(word, alnum)| word & !alnum)
    }
}

/// A stretch of at most 64 bytes, a bit each; the masks are those of [`Block`].
#[derive(Clone, Copy)]
pub(super) struct Bits {
    pub(super) word: u64,
    pub(super) alnum: u64,
    pub(super) digit: u64,
    pub(super) sign: u64,
    /// All bits of the stretch.
    pub(super) within: u64,
    pub(super) length: usize,
}

/// A class's bits of the 64 bytes from a place on.
#[inline]
fn joined(class: &[u64], start: usize) -> Option<u64> {
    let &[low, high] = class.get(start / BLOCK..)?.first_chunk()?;
    let shift = start % BLOCK;
    // Two shifts: one by 64 - 0 would be none.
    Some(low >> shift | high << 1 << (BLOCK - 1 - shift))
}

/// The bits of block `at` that lie in `start..end`.
#[inline]
fn within(at: usize, start: usize, end: usize) -> u64 {
    let base = at * BLOCK;
    let low = if start > base { u64::MAX << (start - base) } else { u64::MAX };
    let high = if end < base + BLOCK { (1 << (end - base)) - 1 } else { u64::MAX };
    low & high
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_starts_and_joints_are_counted_in_ranges(text in "[a1_ -]{0,200}", from in 0usize..200, length in 0usize..200) {
            let bytes = text.as_bytes();
            let (start, end) = (from.min(bytes.len()), (from + length).min(bytes.len()));
            let mut masks = Masks::default();
            masks.fill(Classifier::detect(), &Needles::default(), bytes);
            let digit = |at: usize| bytes[at].is_ascii_digit();
            let alnum = |at: usize| bytes[at].is_ascii_alphanumeric();
            prop_assert_eq!(masks.digits(start, end) as usize, (start..end).filter(|&at| digit(at)).count());
            let turns = (start + 1..end.max(start + 1)).filter(|&at| at < end && digit(at) != digit(at - 1)).count();
            prop_assert_eq!(masks.digit_turns(start, end) as usize, turns);
            let letter = |at: usize| alnum(at) && !digit(at);
            let pairs = (start..end).filter(|&at| at + 1 < end && digit(at) && letter(at + 1)).count();
            prop_assert_eq!(masks.digit_then_letter(start, end) as usize, pairs);
            let stretch = bytes[start..end].iter().take_while(|&&byte| byte != b' ').count();
            prop_assert_eq!(masks.stretch_end(bytes, start, end, |_| false), start + stretch);
            prop_assert_eq!(masks.stretch_end(bytes, start, end, |byte| byte == b' '), end);
            let (mut starts, mut joints) = (Vec::new(), Vec::new());
            masks.starts(start, end, |at| starts.push(at));
            let mut from = start;
            while from < end {
                let at = masks.joint(from, end);
                joints.extend(Some(at).filter(|&at| at < end));
                from = at + 1;
            }
            prop_assert_eq!(starts, (start..end).filter(|&at| alnum(at) && (at == 0 || !alnum(at - 1))).collect::<Vec<_>>());
            prop_assert_eq!(joints, (start..end).filter(|&at| matches!(bytes[at], b'_' | b'-')).collect::<Vec<_>>());
        }
    }
}
