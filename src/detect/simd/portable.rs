//! The path for every processor.

use super::{BLOCK, HIGH, LOW};

pub(super) fn classify(bytes: &[u8], out: &mut [u64]) {
    for (block, mask) in bytes.chunks_exact(BLOCK).zip(out) {
        let mut bits = 0u64;
        for (at, &byte) in block.iter().enumerate() {
            let word = LOW[usize::from(byte & 15)] & HIGH[usize::from(byte >> 4)] != 0;
            bits |= u64::from(word) << at;
        }
        *mask = bits;
    }
}
