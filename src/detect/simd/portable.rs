//! The path for every processor.

use super::{ALNUM, BLOCK, Block, Classes, DIGIT, HIGH, LEAST_NEEDLE, LOW, NEEDLE, Needles, SIGN, WORD, folded};

pub(super) fn classify(needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
    for (block, masks) in bytes.windows(BLOCK + NEEDLE - 1).step_by(BLOCK).zip(out.each()) {
        let mut found = Block::default();
        for (at, &byte) in block[..BLOCK].iter().enumerate() {
            let class = LOW[usize::from(byte & 15)] & HIGH[usize::from(byte >> 4)];
            found.word |= u64::from(class & WORD != 0) << at;
            found.alnum |= u64::from(class & ALNUM != 0) << at;
            found.digit |= u64::from(class & DIGIT != 0) << at;
            found.sign |= u64::from(class & SIGN != 0 && class & WORD == 0) << at;
            let buckets =
                (0..NEEDLE).fold(u8::MAX, |buckets, place| buckets & begins(needles, place, block[at + place]));
            found.hot |= u64::from(buckets != 0) << at;
        }
        masks.write(found);
    }
}

/// The buckets of which a literal has this byte at this place.
fn begins(needles: &Needles, place: usize, byte: u8) -> u8 {
    let byte = folded(byte);
    // The vector paths' table look-up gives nothing for what is not ASCII.
    let low = if byte < 0x80 || place >= LEAST_NEEDLE { needles.low[place][usize::from(byte & 15)] } else { 0 };
    low & needles.high[place][usize::from(byte >> 4)]
}
