//! AVX-512, AVX2 and SSSE3.
//!
//! Safety: a value of [`Avx512`], [`Avx2`] or [`Ssse3`] exists only after the processor was asked for the feature, so calling the
//! functions compiled for it is sound. Loads are unaligned and stay inside the slices: `windows` gives the 64 bytes of a
//! block and the `NEEDLE` - 1 behind it.

use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128,
    _mm_set1_epi8, _mm_setzero_si128, _mm_shuffle_epi8, _mm_srli_epi16, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm512_add_epi16, _mm512_and_si512,
    _mm512_broadcast_i32x4, _mm512_castsi512_si256, _mm512_cvtepu8_epi16, _mm512_extracti64x4_epi64,
    _mm512_loadu_si512, _mm512_maskz_compress_epi8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_set1_epi16, _mm512_shuffle_epi8, _mm512_srli_epi16, _mm512_storeu_si512, _mm512_test_epi8_mask,
};

use super::{
    ALNUM, BLOCK, Block, Classes, HIGH, LEAST_NEEDLE, LOW, NEEDLE, Needles, OneByOne, SIGN, WORD, Work, Writer,
};

/// Proof that the processor has AVX-512 with operations on bytes (VBMI2, of 2019), and what [`Avx2`] proves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        let wide = std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512vbmi2");
        Avx2::detect().filter(|_| wide).map(|_| Self(()))
    }

    #[inline]
    pub(super) fn with_bits<W: Work>(self, work: W) -> W::Output {
        // SAFETY: `self` proves that the instructions are there.
        unsafe { with_wide_bits(work, self) }
    }

    pub(super) fn classify(self, needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
        // SAFETY: `self` proves that AVX-512 is there.
        unsafe { avx512(needles, bytes, out) }
    }
}

impl Writer for Avx512 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "asked for by `Work`")]
    fn write(self, bits: u64, first: u16, room: &mut [u16; BLOCK]) {
        // SAFETY: `self` proves that the instructions are there.
        unsafe { places(bits, first, room) }
    }
}

/// Proof that the processor has AVX2, and the bit instructions that every processor with AVX2 has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        let bits = std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("bmi2")
            && std::arch::is_x86_feature_detected!("lzcnt")
            && std::arch::is_x86_feature_detected!("popcnt");
        (bits && std::arch::is_x86_feature_detected!("avx2")).then_some(Self(()))
    }

    #[inline]
    pub(super) fn with_bits<W: Work>(self, work: W) -> W::Output {
        // SAFETY: `self` proves that the instructions are there.
        unsafe { with_bits(work) }
    }

    pub(super) fn classify(self, needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
        // SAFETY: `self` proves that AVX2 is there.
        unsafe { avx2(needles, bytes, out) }
    }
}

/// Proof that the processor has SSSE3.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Ssse3(());

impl Ssse3 {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("ssse3").then_some(Self(()))
    }

    pub(super) fn classify(self, needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
        // SAFETY: `self` proves that SSSE3 is there.
        unsafe { ssse3(needles, bytes, out) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi1,bmi2,lzcnt,popcnt")]
fn with_wide_bits<W: Work>(work: W, places: Avx512) -> W::Output {
    work.run(places)
}

/// The numbers of the bits that are set, all at once.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi1,bmi2,lzcnt,popcnt")]
fn places(bits: u64, first: u16, room: &mut [u16; BLOCK]) {
    const NUMBERS: [u8; BLOCK] = {
        let mut numbers = [0; BLOCK];
        let mut at = 0u8;
        while (at as usize) < BLOCK {
            numbers[at as usize] = at;
            at += 1;
        }
        numbers
    };
    // SAFETY: 64 bytes; the load needs no alignment.
    let numbers = unsafe { _mm512_loadu_si512(NUMBERS.as_ptr().cast::<__m512i>()) };
    let set = _mm512_maskz_compress_epi8(bits, numbers);
    let first = _mm512_set1_epi16(first.cast_signed());
    let (few, rest) = room.split_at_mut(BLOCK / 2);
    let write = |half: &mut [u16], numbers: __m256i| {
        let places = _mm512_add_epi16(_mm512_cvtepu8_epi16(numbers), first);
        // SAFETY: a half of the room is 64 bytes long; the store needs no alignment.
        unsafe { _mm512_storeu_si512(half.as_mut_ptr().cast::<__m512i>(), places) }
    };
    write(few, _mm512_castsi512_si256(set));
    if bits.count_ones() > 32 {
        write(rest, _mm512_extracti64x4_epi64::<1>(set));
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn with_bits<W: Work>(work: W) -> W::Output {
    work.run(OneByOne)
}

#[target_feature(enable = "avx512f,avx512bw")]
fn avx512(needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
    let table = |entries: &[u8; 16]| {
        // SAFETY: a table is 16 bytes long; the load needs no alignment.
        unsafe { _mm512_broadcast_i32x4(_mm_loadu_si128(entries.as_ptr().cast::<__m128i>())) }
    };
    let (low, high) = (table(&LOW), table(&HIGH));
    let (needle_low, needle_high) = (needles.low.each_ref().map(table), needles.high.each_ref().map(table));
    let nibble = _mm512_set1_epi8(0x0f);
    let fold = _mm512_set1_epi8(0x20);
    let [alnum, word, sign] = [ALNUM, WORD, SIGN].map(|bits| _mm512_set1_epi8(bits.cast_signed()));
    let upper = |bytes: __m512i| _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), nibble);
    for (text, masks) in bytes.windows(BLOCK + NEEDLE - 1).step_by(BLOCK).zip(out.each()) {
        let Some(text) = text.first_chunk::<{ BLOCK + NEEDLE - 1 }>() else { return };
        // SAFETY: `at` is at most NEEDLE - 1, so 64 bytes from it on lie inside `text`.
        let load = |at: usize| unsafe { _mm512_loadu_si512(text.as_ptr().add(at).cast::<__m512i>()) };
        let bytes = load(0);
        let class = _mm512_and_si512(_mm512_shuffle_epi8(low, bytes), _mm512_shuffle_epi8(high, upper(bytes)));
        let begins = |place: usize, bytes: __m512i| {
            let bytes = _mm512_or_si512(bytes, fold);
            // The look-up gives nothing for bytes above ASCII, which may well stand behind a shorter literal.
            let index = if place < LEAST_NEEDLE { bytes } else { _mm512_and_si512(bytes, nibble) };
            let lows = _mm512_shuffle_epi8(needle_low[place], index);
            _mm512_and_si512(lows, _mm512_shuffle_epi8(needle_high[place], upper(bytes)))
        };
        let first = _mm512_and_si512(begins(0, bytes), begins(1, load(1)));
        let hot = _mm512_and_si512(begins(2, load(2)), begins(3, load(3)));
        masks.write(block_of([
            _mm512_test_epi8_mask(class, word),
            _mm512_test_epi8_mask(class, alnum),
            // A digit's bit is the uppermost.
            _mm512_movepi8_mask(class),
            _mm512_test_epi8_mask(class, sign),
            _mm512_test_epi8_mask(first, hot),
        ]));
    }
}

#[target_feature(enable = "avx2")]
fn avx2(needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
    let table = |entries: &[u8; 16]| {
        // SAFETY: a table is 16 bytes long; the load needs no alignment.
        unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(entries.as_ptr().cast::<__m128i>())) }
    };
    let (low, high) = (table(&LOW), table(&HIGH));
    let (needle_low, needle_high) = (needles.low.each_ref().map(table), needles.high.each_ref().map(table));
    let nibble = _mm256_set1_epi8(0x0f);
    let zero = _mm256_setzero_si256();
    let fold = _mm256_set1_epi8(0x20);
    let [alnum, word, sign] = [ALNUM, WORD, SIGN].map(|bits| _mm256_set1_epi8(bits.cast_signed()));
    let upper = |bytes: __m256i| _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
    let bits = |others: __m256i| u64::from(!_mm256_movemask_epi8(_mm256_cmpeq_epi8(others, zero)).cast_unsigned());
    // The 32 bytes and the three behind them.
    let half = |text: &[u8; 32 + NEEDLE - 1]| -> [u64; 5] {
        // SAFETY: `at` is at most NEEDLE - 1, so 32 bytes from it on lie inside `text`.
        let load = |at: usize| unsafe { _mm256_loadu_si256(text.as_ptr().add(at).cast::<__m256i>()) };
        let bytes = load(0);
        let class = _mm256_and_si256(_mm256_shuffle_epi8(low, bytes), _mm256_shuffle_epi8(high, upper(bytes)));
        let begins = |place: usize, bytes: __m256i| {
            let bytes = _mm256_or_si256(bytes, fold);
            // The look-up gives nothing for bytes above ASCII, which may well stand behind a shorter literal.
            let index = if place < LEAST_NEEDLE { bytes } else { _mm256_and_si256(bytes, nibble) };
            let lows = _mm256_shuffle_epi8(needle_low[place], index);
            _mm256_and_si256(lows, _mm256_shuffle_epi8(needle_high[place], upper(bytes)))
        };
        let first = _mm256_and_si256(begins(0, bytes), begins(1, load(1)));
        let hot = _mm256_and_si256(first, _mm256_and_si256(begins(2, load(2)), begins(3, load(3))));
        let of = |kinds: __m256i| bits(_mm256_and_si256(class, kinds));
        // A digit's bit is the uppermost.
        let digits = _mm256_movemask_epi8(class).cast_unsigned();
        [of(word), of(alnum), u64::from(digits), of(sign), bits(hot)]
    };
    for (block, masks) in bytes.windows(BLOCK + NEEDLE - 1).step_by(BLOCK).zip(out.each()) {
        let (Some(first), Some(second)) = (block.first_chunk(), block.last_chunk()) else { return };
        let (low, high) = (half(first), half(second));
        let joined = |at: usize| low[at] | high[at] << 32;
        masks.write(block_of([joined(0), joined(1), joined(2), joined(3), joined(4)]));
    }
}

#[target_feature(enable = "ssse3")]
fn ssse3(needles: &Needles, bytes: &[u8], out: Classes<&mut [u64]>) {
    let table = |entries: &[u8; 16]| {
        // SAFETY: a table is 16 bytes long; the load needs no alignment.
        unsafe { _mm_loadu_si128(entries.as_ptr().cast::<__m128i>()) }
    };
    let (low, high) = (table(&LOW), table(&HIGH));
    let (needle_low, needle_high) = (needles.low.each_ref().map(table), needles.high.each_ref().map(table));
    let nibble = _mm_set1_epi8(0x0f);
    let zero = _mm_setzero_si128();
    let fold = _mm_set1_epi8(0x20);
    let [alnum, word, sign] = [ALNUM, WORD, SIGN].map(|bits| _mm_set1_epi8(bits.cast_signed()));
    let upper = |bytes: __m128i| _mm_and_si128(_mm_srli_epi16::<4>(bytes), nibble);
    let bits = |others: __m128i| u64::from(!_mm_movemask_epi8(_mm_cmpeq_epi8(others, zero)).cast_unsigned() & 0xffff);
    // The 16 bytes and the three behind them.
    let quarter = |text: &[u8; 16 + NEEDLE - 1]| -> [u64; 5] {
        // SAFETY: `at` is at most NEEDLE - 1, so 16 bytes from it on lie inside `text`.
        let load = |at: usize| unsafe { _mm_loadu_si128(text.as_ptr().add(at).cast::<__m128i>()) };
        let bytes = load(0);
        let class = _mm_and_si128(_mm_shuffle_epi8(low, bytes), _mm_shuffle_epi8(high, upper(bytes)));
        let begins = |place: usize, bytes: __m128i| {
            let bytes = _mm_or_si128(bytes, fold);
            // The look-up gives nothing for bytes above ASCII, which may well stand behind a shorter literal.
            let index = if place < LEAST_NEEDLE { bytes } else { _mm_and_si128(bytes, nibble) };
            let lows = _mm_shuffle_epi8(needle_low[place], index);
            _mm_and_si128(lows, _mm_shuffle_epi8(needle_high[place], upper(bytes)))
        };
        let first = _mm_and_si128(begins(0, bytes), begins(1, load(1)));
        let hot = _mm_and_si128(first, _mm_and_si128(begins(2, load(2)), begins(3, load(3))));
        let of = |kinds: __m128i| bits(_mm_and_si128(class, kinds));
        // A digit's bit is the uppermost.
        let digits = _mm_movemask_epi8(class).cast_unsigned();
        [of(word), of(alnum), u64::from(digits), of(sign), bits(hot)]
    };
    for (block, masks) in bytes.windows(BLOCK + NEEDLE - 1).step_by(BLOCK).zip(out.each()) {
        let mut found = [0u64; 5];
        for part in 0..4 {
            let Some(text) = block.get(16 * part..).and_then(<[u8]>::first_chunk) else { return };
            for (mask, bits) in found.iter_mut().zip(quarter(text)) {
                *mask |= bits << (16 * part);
            }
        }
        masks.write(block_of(found));
    }
}

/// From the masks of word characters, letters and digits, digits, signs (those of word characters are none), literals.
#[inline]
fn block_of([word, alnum, digit, sign, hot]: [u64; 5]) -> Block {
    Block { word, alnum, digit, sign: sign & !word, hot }
}
