//! AVX2 and SSSE3.
//!
//! Safety: a value of [`Avx2`] or [`Ssse3`] exists only after the processor was asked for the feature, so calling the
//! functions compiled for it is sound. Loads are unaligned and stay inside the slices: `chunks_exact` gives 64 bytes each.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
    _mm_setzero_si128, _mm_shuffle_epi8, _mm_srli_epi16, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_srli_epi16,
};

use super::{ALNUM, BLOCK, Block, DIGIT, HIGH, LOW};

/// Proof that the processor has AVX2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    pub(super) fn classify(self, bytes: &[u8], out: &mut [Block]) {
        // SAFETY: `self` proves that AVX2 is there.
        unsafe { avx2(bytes, out) }
    }
}

/// Proof that the processor has SSSE3.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Ssse3(());

impl Ssse3 {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("ssse3").then_some(Self(()))
    }

    pub(super) fn classify(self, bytes: &[u8], out: &mut [Block]) {
        // SAFETY: `self` proves that SSSE3 is there.
        unsafe { ssse3(bytes, out) }
    }
}

#[target_feature(enable = "avx2")]
fn avx2(bytes: &[u8], out: &mut [Block]) {
    // SAFETY: both tables are 16 bytes long; loads need no alignment.
    let (low, high) = unsafe {
        (
            _mm256_broadcastsi128_si256(_mm_loadu_si128(LOW.as_ptr().cast::<__m128i>())),
            _mm256_broadcastsi128_si256(_mm_loadu_si128(HIGH.as_ptr().cast::<__m128i>())),
        )
    };
    let nibble = _mm256_set1_epi8(0x0f);
    let zero = _mm256_setzero_si256();
    let (alnum, digit) = (_mm256_set1_epi8(ALNUM.cast_signed()), _mm256_set1_epi8(DIGIT.cast_signed()));
    let half = |pointer: *const u8| -> [u64; 3] {
        // SAFETY: the caller passes a pointer to 32 readable bytes.
        let bytes = unsafe { _mm256_loadu_si256(pointer.cast::<__m256i>()) };
        let lows = _mm256_shuffle_epi8(low, bytes);
        let highs = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
        let class = _mm256_and_si256(lows, highs);
        let bits = |others: __m256i| u64::from(!_mm256_movemask_epi8(others).cast_unsigned());
        [
            bits(_mm256_cmpeq_epi8(class, zero)),
            bits(_mm256_cmpeq_epi8(_mm256_and_si256(class, alnum), zero)),
            bits(_mm256_cmpeq_epi8(_mm256_and_si256(class, digit), zero)),
        ]
    };
    for (block, masks) in bytes.chunks_exact(BLOCK).zip(out) {
        let (low, high) = (half(block.as_ptr()), half(block[32..].as_ptr()));
        *masks = Block { word: low[0] | high[0] << 32, alnum: low[1] | high[1] << 32, digit: low[2] | high[2] << 32 };
    }
}

#[target_feature(enable = "ssse3")]
fn ssse3(bytes: &[u8], out: &mut [Block]) {
    // SAFETY: both tables are 16 bytes long; loads need no alignment.
    let (low, high) =
        unsafe { (_mm_loadu_si128(LOW.as_ptr().cast::<__m128i>()), _mm_loadu_si128(HIGH.as_ptr().cast::<__m128i>())) };
    let nibble = _mm_set1_epi8(0x0f);
    let zero = _mm_setzero_si128();
    let (alnum, digit) = (_mm_set1_epi8(ALNUM.cast_signed()), _mm_set1_epi8(DIGIT.cast_signed()));
    let quarter = |pointer: *const u8| -> [u64; 3] {
        // SAFETY: the caller passes a pointer to 16 readable bytes.
        let bytes = unsafe { _mm_loadu_si128(pointer.cast::<__m128i>()) };
        let lows = _mm_shuffle_epi8(low, bytes);
        let highs = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16::<4>(bytes), nibble));
        let class = _mm_and_si128(lows, highs);
        let bits = |others: __m128i| u64::from(!_mm_movemask_epi8(others).cast_unsigned() & 0xffff);
        [
            bits(_mm_cmpeq_epi8(class, zero)),
            bits(_mm_cmpeq_epi8(_mm_and_si128(class, alnum), zero)),
            bits(_mm_cmpeq_epi8(_mm_and_si128(class, digit), zero)),
        ]
    };
    for (block, masks) in bytes.chunks_exact(BLOCK).zip(out) {
        let mut found = Block::default();
        for part in 0..4 {
            let [word, alnum, digit] = quarter(block[16 * part..].as_ptr());
            found.word |= word << (16 * part);
            found.alnum |= alnum << (16 * part);
            found.digit |= digit << (16 * part);
        }
        *masks = found;
    }
}
