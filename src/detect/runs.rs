//! The run pass: every stretch of at least [`MIN_RUN`] word characters, found from the classifier's masks.

use super::simd::{BLOCK, Classifier};
use crate::rule::derive::{MIN_RUN, is_word};

/// Masks made at a time: 4 KiB of text, so they stay in the nearest cache.
const BATCH: usize = 64;

/// Calls `found(start, end)` for each run of at least [`MIN_RUN`] word characters, in order.
pub(super) fn runs(classifier: Classifier, bytes: &[u8], mut found: impl FnMut(usize, usize)) {
    let mut masks = [0u64; BATCH + 1];
    let mut state = State { open: None, done: 0 };
    let whole = bytes.len() / BLOCK;
    let mut block = 0;
    while block < whole {
        let count = BATCH.min(whole - block);
        // One mask more than the batch: a run's first 16 characters may reach into the next block.
        let ahead = (count + 1).min(whole - block);
        classifier.classify(&bytes[block * BLOCK..(block + ahead) * BLOCK], &mut masks);
        if ahead == count {
            masks[count] = tail_mask(&bytes[whole * BLOCK..]);
        }
        for index in 0..count {
            state.block((block + index) * BLOCK, masks[index], masks[index + 1], &mut found);
        }
        block += count;
    }
    let tail = tail_mask(&bytes[whole * BLOCK..]);
    state.block(whole * BLOCK, tail, 0, &mut found);
    if let Some(start) = state.open {
        found(start, bytes.len());
    }
}

fn tail_mask(bytes: &[u8]) -> u64 {
    bytes.iter().enumerate().fold(0, |mask, (at, &byte)| mask | u64::from(is_word(byte)) << at)
}

struct State {
    /// Start of a run that reached the end of the last block.
    open: Option<usize>,
    /// Bits of the present block that a run already used.
    done: u32,
}

impl State {
    #[inline]
    fn block(&mut self, base: usize, mask: u64, next: u64, found: &mut impl FnMut(usize, usize)) {
        self.done = 0;
        if let Some(start) = self.open {
            if mask == u64::MAX {
                return;
            }
            let end = (!mask).trailing_zeros();
            self.open = None;
            self.done = end;
            found(start, base + end as usize);
        }
        // Bit i stays when the 16 bits from i on are set; the next block lends its first 15.
        let shifted = |low: u64, high: u64, by: u32| low >> by | high << (64 - by);
        let (mut low, mut high) = (mask, next);
        for by in [1, 2, 4, 8] {
            low &= shifted(low, high, by);
            high &= high >> by;
        }
        debug_assert_eq!(MIN_RUN, 16, "the four shifts make sixteen");
        let mut starts = low & u64::MAX.checked_shl(self.done).unwrap_or(0);
        while starts != 0 {
            let start = starts.trailing_zeros();
            let length = (!(mask >> start)).trailing_zeros();
            if start + length >= 64 {
                self.open = Some(base + start as usize);
                return;
            }
            found(base + start as usize, base + (start + length) as usize);
            starts &= u64::MAX << (start + length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(bytes: &[u8]) -> Vec<(usize, usize)> {
        let (mut out, mut start) = (Vec::new(), None);
        for at in 0..=bytes.len() {
            let word = bytes.get(at).is_some_and(|&byte| is_word(byte));
            match (start, word) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    if at - from >= MIN_RUN {
                        out.push((from, at));
                    }
                    start = None;
                }
                _ => {}
            }
        }
        out
    }

    proptest! {
        #[test]
        fn all_paths_find_the_runs_a_plain_loop_finds(
            pieces in proptest::collection::vec((0usize..90, 0usize..3), 0..60)
        ) {
            let mut bytes = Vec::new();
            for (word, gap) in pieces {
                bytes.extend(std::iter::repeat_n(b'x', word));
                bytes.extend(std::iter::repeat_n(b' ', gap));
            }
            for classifier in Classifier::available() {
                let mut got = Vec::new();
                runs(classifier, &bytes, |start, end| got.push((start, end)));
                prop_assert_eq!(&got, &naive(&bytes), "{}", classifier.name());
            }
        }
    }
}
