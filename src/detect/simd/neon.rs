//! NEON, which every 64-bit ARM processor has.
//!
//! Safety: a value of [`Neon`] exists only after the processor was asked for the feature, so calling the functions compiled
//! for it is sound. Loads need no alignment and stay inside the slices: `windows` gives the 64 bytes of a block and the
//! `NEEDLE` - 1 behind it.

use std::arch::aarch64::{
    uint8x16_t, vandq_u8, vdupq_n_u8, vgetq_lane_u64, vld1q_u8, vorrq_u8, vpaddq_u8, vqtbl1q_u8, vreinterpretq_u64_u8,
    vshrq_n_u8, vtstq_u8,
};

use super::{ALNUM, BLOCK, Block, Classes, DIGIT, HIGH, LEAST_NEEDLE, LOW, NEEDLE, Needles, SIGN, WORD};

/// Proof that the processor has NEON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Neon(());

impl Neon {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }

    pub(super) fn classify(self, needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
        // SAFETY: `self` proves that NEON is there.
        unsafe { neon(needles, bytes, out) }
    }
}

#[target_feature(enable = "neon")]
fn neon(needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
    let table = |entries: &[u8; 16]| {
        // SAFETY: a table is 16 bytes long; the load needs no alignment.
        unsafe { vld1q_u8(entries.as_ptr()) }
    };
    let (low, high) = (table(&LOW), table(&HIGH));
    let (needle_low, needle_high) = (needles.low.each_ref().map(table), needles.high.each_ref().map(table));
    let weights = table(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
    let (nibble, ascii, fold) = (vdupq_n_u8(0x0f), vdupq_n_u8(0x8f), vdupq_n_u8(0x20));
    let kinds = [WORD, ALNUM, DIGIT, SIGN].map(|bits| vdupq_n_u8(bits));
    // The low nibble, and for what is no ASCII a place behind the table, where the look-up gives nothing.
    let lower = |bytes: uint8x16_t| vandq_u8(bytes, ascii);
    let upper = |bytes: uint8x16_t| vshrq_n_u8::<4>(bytes);
    // 64 bytes that are all ones or all zero, a bit each.
    let bits = |parts: [uint8x16_t; 4]| -> u64 {
        let [a, b, c, d] = parts.map(|part| vandq_u8(part, weights));
        let joined = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
        vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(joined, joined)))
    };
    for (block, masks) in bytes.windows(BLOCK + NEEDLE - 1).step_by(BLOCK).zip(out.each()) {
        let Some(text) = block.first_chunk::<{ BLOCK + NEEDLE - 1 }>() else { return };
        // SAFETY: `part` is at most 3 and `at` at most NEEDLE - 1, so 16 bytes from there on lie inside `text`.
        let load = |part: usize, at: usize| unsafe { vld1q_u8(text.as_ptr().add(16 * part + at)) };
        let classes = [0, 1, 2, 3].map(|part| {
            let bytes = load(part, 0);
            vandq_u8(vqtbl1q_u8(low, lower(bytes)), vqtbl1q_u8(high, upper(bytes)))
        });
        let hot = [0, 1, 2, 3].map(|part| {
            let begins = |place: usize| {
                let bytes = vorrq_u8(load(part, place), fold);
                // Behind a shorter literal anything may stand, no ASCII as well.
                let index = if place < LEAST_NEEDLE { lower(bytes) } else { vandq_u8(bytes, nibble) };
                vandq_u8(vqtbl1q_u8(needle_low[place], index), vqtbl1q_u8(needle_high[place], upper(bytes)))
            };
            let all = vandq_u8(vandq_u8(begins(0), begins(1)), vandq_u8(begins(2), begins(3)));
            vtstq_u8(all, all)
        });
        let [word, alnum, digit, sign] = kinds.map(|kind| bits(classes.map(|class| vtstq_u8(class, kind))));
        masks.write(Block { word, alnum, digit, sign: sign & !word, hot: bits(hot) });
    }
}
