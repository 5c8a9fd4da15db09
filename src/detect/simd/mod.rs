//! Which bytes are word characters, letters and digits, 64 at a time: the only `unsafe` of the crate.
//!
//! A word character is a letter, a digit, `_` or `-`. [`Classifier::classify`] writes one bit a byte and class. The
//! vector paths look each byte's two nibbles up in 16-entry tables whose entries share a bit exactly for word characters;
//! which bit it is tells digits, letters and the two signs apart.

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

/// What 64 bytes are: bit `i` is byte `i`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Block {
    /// Letters, digits, `_`, `-`.
    pub word: u64,
    /// Letters and digits.
    pub alnum: u64,
    /// Digits.
    pub digit: u64,
}

/// The path chosen for this processor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Classifier(Path);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Path {
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Ssse3(x86::Ssse3),
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
            paths.extend(x86::Avx2::detect().map(|path| Self(Path::Avx2(path))));
            paths.extend(x86::Ssse3::detect().map(|path| Self(Path::Ssse3(path))));
        }
        paths.push(Self(Path::Portable));
        paths
    }

    /// The name shown by `--diagnostics`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Path::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Path::Ssse3(_) => "ssse3",
            Path::Portable => "portable",
        }
    }

    /// Writes the masks of each whole block of `bytes`, as many as `out` has room for; bytes after the last whole block
    /// are not looked at.
    pub fn classify(self, bytes: &[u8], out: &mut [Block]) {
        let blocks = (bytes.len() / BLOCK).min(out.len());
        let (bytes, out) = (&bytes[..blocks * BLOCK], &mut out[..blocks]);
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Path::Avx2(path) => path.classify(bytes, out),
            #[cfg(target_arch = "x86_64")]
            Path::Ssse3(path) => path.classify(bytes, out),
            Path::Portable => portable::classify(bytes, out),
        }
    }
}

/// Bits of a table entry that mean a digit, and a letter or digit.
const DIGIT: u8 = 1;
const ALNUM: u8 = 1 | 2 | 4;

/// Table entries share a bit for a word character: digits 1, letters by column 2 and 4, `_` 8, `-` 16.
const LOW: [u8; 16] = {
    let mut table = [0u8; 16];
    let mut low = 0;
    while low < 16 {
        let digit = if low <= 9 { 1 } else { 0 };
        let first = if low >= 1 { 2 } else { 0 };
        let second = if low <= 10 { 4 } else { 0 };
        let score = if low == 15 { 8 } else { 0 };
        let dash = if low == 13 { 16 } else { 0 };
        table[low] = digit | first | second | score | dash;
        low += 1;
    }
    table
};
/// The same for the high nibble: 3 digits, 4 and 6 `A`–`O` and `a`–`o`, 5 and 7 `P`–`Z` and `p`–`z`, 5 also `_`, 2 `-`.
const HIGH: [u8; 16] = [0, 0, 16, 1, 2, 4 | 8, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::derive::is_word;

    #[test]
    fn every_path_knows_every_byte() {
        let bytes: Vec<u8> = (0..=255).cycle().take(4096 + 13).collect();
        for path in Classifier::available() {
            let mut masks = vec![Block::default(); bytes.len() / BLOCK];
            path.classify(&bytes, &mut masks);
            for (at, &byte) in bytes[..masks.len() * BLOCK].iter().enumerate() {
                let block = masks[at / BLOCK];
                let bit = |mask: u64| mask >> (at % BLOCK) & 1 == 1;
                assert_eq!(bit(block.word), is_word(byte), "{} byte {byte}", path.name());
                assert_eq!(bit(block.alnum), byte.is_ascii_alphanumeric(), "{} byte {byte}", path.name());
                assert_eq!(bit(block.digit), byte.is_ascii_digit(), "{} byte {byte}", path.name());
            }
        }
    }
}
