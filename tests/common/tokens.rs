//! Credentials that look real and are not, made anew in each run: nothing token-shaped stands in the tree.

use credlint::rule::raw::joined;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Random characters, the same for the same seed, with digits among them.
pub(crate) fn letters(seed: u64, length: usize) -> String {
    // SplitMix64.
    let mut state = seed;
    let text: String = (0..length)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let index = usize::try_from((mixed ^ (mixed >> 31)) % 62).unwrap_or(0);
            char::from(ALPHABET[index])
        })
        .collect();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if length >= 12 && digits < 2 { letters(seed.wrapping_add(1 << 40), length) } else { text }
}

/// A classic GitHub token: thirty characters and their CRC-32 in base 62. Always 40 bytes.
pub(crate) fn github(seed: u64) -> String {
    let body = letters(seed, 30);
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut check = [b'0'; 6];
    for place in check.iter_mut().rev() {
        *place = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    format!("{}{body}{}", joined("gh<~>p_"), String::from_utf8_lossy(&check))
}

/// The rule that finds [`github`]'s tokens, and proves them.
pub(crate) const GITHUB: &str = "github-personal-access-token";
