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

use super::{BLOCK, HIGH, LOW};

/// Proof that the processor has AVX2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    pub(super) fn classify(self, bytes: &[u8], out: &mut [u64]) {
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

    pub(super) fn classify(self, bytes: &[u8], out: &mut [u64]) {
        // SAFETY: `self` proves that SSSE3 is there.
        unsafe { ssse3(bytes, out) }
    }
}

#[target_feature(enable = "avx2")]
fn avx2(bytes: &[u8], out: &mut [u64]) {
    // SAFETY: both tables are 16 bytes long; loads need no alignment.
    let (low, high) = unsafe {
        (
            _mm256_broadcastsi128_si256(_mm_loadu_si128(LOW.as_ptr().cast::<__m128i>())),
            _mm256_broadcastsi128_si256(_mm_loadu_si128(HIGH.as_ptr().cast::<__m128i>())),
        )
    };
    let nibble = _mm256_set1_epi8(0x0f);
    let zero = _mm256_setzero_si256();
    let half = |pointer: *const u8| -> u64 {
        // SAFETY: the caller passes a pointer to 32 readable bytes.
        let bytes = unsafe { _mm256_loadu_si256(pointer.cast::<__m256i>()) };
        let lows = _mm256_shuffle_epi8(low, bytes);
        let highs = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
        let others = _mm256_cmpeq_epi8(_mm256_and_si256(lows, highs), zero);
        u64::from(!_mm256_movemask_epi8(others).cast_unsigned())
    };
    for (block, mask) in bytes.chunks_exact(BLOCK).zip(out) {
        *mask = half(block.as_ptr()) | half(block[32..].as_ptr()) << 32;
    }
}

#[target_feature(enable = "ssse3")]
fn ssse3(bytes: &[u8], out: &mut [u64]) {
    // SAFETY: both tables are 16 bytes long; loads need no alignment.
    let (low, high) = unsafe {
        (_mm_loadu_si128(LOW.as_ptr().cast::<__m128i>()), _mm_loadu_si128(HIGH.as_ptr().cast::<__m128i>()))
    };
    let nibble = _mm_set1_epi8(0x0f);
    let zero = _mm_setzero_si128();
    let quarter = |pointer: *const u8| -> u64 {
        // SAFETY: the caller passes a pointer to 16 readable bytes.
        let bytes = unsafe { _mm_loadu_si128(pointer.cast::<__m128i>()) };
        let lows = _mm_shuffle_epi8(low, bytes);
        let highs = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16::<4>(bytes), nibble));
        let others = _mm_cmpeq_epi8(_mm_and_si128(lows, highs), zero);
        u64::from(!_mm_movemask_epi8(others).cast_unsigned() & 0xffff)
    };
    for (block, mask) in bytes.chunks_exact(BLOCK).zip(out) {
        *mask = (0..4).map(|part| quarter(block[16 * part..].as_ptr()) << (16 * part)).fold(0, |all, bits| all | bits);
    }
}
