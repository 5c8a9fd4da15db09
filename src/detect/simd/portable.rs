//! The path for every processor.

use super::{ALNUM, BLOCK, Block, DIGIT, HIGH, LOW};

pub(super) fn classify(bytes: &[u8], out: &mut [Block]) {
    for (block, masks) in bytes.chunks_exact(BLOCK).zip(out) {
        let mut found = Block::default();
        for (at, &byte) in block.iter().enumerate() {
            let class = LOW[usize::from(byte & 15)] & HIGH[usize::from(byte >> 4)];
            found.word |= u64::from(class != 0) << at;
            found.alnum |= u64::from(class & ALNUM != 0) << at;
            found.digit |= u64::from(class & DIGIT != 0) << at;
        }
        *masks = found;
    }
}
