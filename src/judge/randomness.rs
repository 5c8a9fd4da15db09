//! How much a value looks drawn at random rather than written by a person.
//!
//! Letters are weighed by a log-likelihood ratio, in bits: the cost of spelling them as a word (letter trigrams of an
//! English and programmer's vocabulary, `trigrams.py`) less the cost of drawing them evenly (4.7 bits each). Positive
//! means: rather random. Changes between letters and digits, and between cases, speak for randomness too.

static TRIGRAMS: &[u8; 27 * 27 * 27] = include_bytes!("trigrams.bin");

/// What a value is made of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Characters (bytes; other scripts count by byte).
    pub length: usize,
    /// Lower-case letters.
    pub lower: usize,
    /// Upper-case letters.
    pub upper: usize,
    /// Digits.
    pub digits: usize,
    /// Everything else.
    pub symbols: usize,
    /// Distinct bytes.
    pub distinct: usize,
    /// Only 0-9, a-f of one case.
    pub hex: bool,
    /// Log-likelihood ratio, bits: above 0 rather random, below rather words.
    pub random: f32,
}

impl Shape {
    /// Measures a value.
    pub(super) fn of(value: &[u8]) -> Self {
        let (mut counts, mut seen) = ([0usize; 8], [0u64; 4]);
        let mut hex = LOWER_HEX | UPPER_HEX;
        for &byte in value {
            let kind = KINDS[usize::from(byte)];
            counts[usize::from(kind & CLASS)] += 1;
            seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
            hex &= kind;
        }
        let [_, lower, upper, digits, symbols, ..] = counts;
        Self {
            length: value.len(),
            lower,
            upper,
            digits,
            symbols,
            distinct: seen.iter().map(|bits| bits.count_ones() as usize).sum(),
            hex: !value.is_empty() && hex != 0,
            random: random(value),
        }
    }

    /// Letters of both cases together.
    pub(super) fn letters(&self) -> usize {
        self.lower + self.upper
    }

    /// How many of lower, upper, digits and symbols occur.
    pub(super) fn classes(&self) -> usize {
        [self.lower, self.upper, self.digits, self.symbols].into_iter().filter(|&count| count > 0).count()
    }
}

/// A byte's class, 1 to 4: lower case, upper case, digit, anything else.
const CLASS: u8 = 7;
/// A digit of hexadecimal numbers in lower case, in upper case.
const LOWER_HEX: u8 = 8;
const UPPER_HEX: u8 = 16;

/// What each byte is.
static KINDS: [u8; 256] = {
    let mut table = [4; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'a'..=b'f' => 1 | LOWER_HEX,
            b'g'..=b'z' => 1,
            b'A'..=b'F' => 2 | UPPER_HEX,
            b'G'..=b'Z' => 2,
            b'0'..=b'9' => 3 | LOWER_HEX | UPPER_HEX,
            _ => 4,
        };
        byte += 1;
    }
    table
};

/// Shannon entropy of a value's bytes, bits a byte.
pub(super) fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f32;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| count as f32 / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// The log-likelihood ratio of a whole value: [`Shape::random`] alone.
pub(super) fn random(value: &[u8]) -> f32 {
    let mut total = 0.0;
    let mut pieces = 0usize;
    // Changes between letters and digits with nothing between.
    let (mut turns, mut before) = (0usize, Class::Separator);
    let mut at = 0;
    while at < value.len() {
        let start = at;
        let class = CLASSES[usize::from(value[at])];
        at += value[at..].iter().take_while(|&&byte| CLASSES[usize::from(byte)] == class).count();
        turns +=
            usize::from(matches!((before, class), (Class::Letters, Class::Digits) | (Class::Digits, Class::Letters)));
        before = class;
        let piece = &value[start..at];
        match class {
            Class::Letters => {
                total += letters(piece);
                pieces += 1;
            }
            Class::Digits => {
                total += digits(piece);
                pieces += 1;
            }
            Class::Separator => {}
            Class::Symbol => total += 1.5 * piece.len().min(3) as f32,
        }
    }
    // Pieces that follow one another without a separator: `a7Kd92` has many, `summer2024` has two.
    total + 2.0 * turns.saturating_sub(1) as f32 + if pieces == 0 { -4.0 } else { 0.0 }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letters,
    Digits,
    Separator,
    Symbol,
}

static CLASSES: [Class; 256] = {
    let mut table = [Class::Symbol; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letters,
            b'0'..=b'9' => Class::Digits,
            b'_' | b'-' | b'.' | b' ' | b'/' | b':' => Class::Separator,
            _ => Class::Symbol,
        };
        byte += 1;
    }
    table
};

fn digits(piece: &[u8]) -> f32 {
    let steps = piece.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    match piece.len() {
        0..=2 => 0.0,
        3 => {
            if steps == 2 {
                -2.0
            } else {
                0.5
            }
        }
        length if steps * 10 >= (length - 1) * 7 => -(length as f32) / 2.0,
        4 if piece.starts_with(b"19") || piece.starts_with(b"20") => 0.0,
        length => 0.5 * length as f32 - 1.0,
    }
}

/// Letters as words: split where case says so, `camelCaseWords`.
fn letters(piece: &[u8]) -> f32 {
    let humps = piece.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    let mut best = word(piece);
    if humps > 0 {
        let mut split = 1.0 * humps as f32;
        let mut start = 0;
        for at in 1..=piece.len() {
            let cut = at == piece.len() || piece[at - 1].is_ascii_lowercase() && piece[at].is_ascii_uppercase();
            if cut {
                split += word(&piece[start..at]);
                start = at;
            }
        }
        best = best.min(split);
    }
    let drops = piece.windows(2).filter(|pair| pair[0].is_ascii_uppercase() && pair[1].is_ascii_lowercase()).count();
    // Words of two letters, over and over, are no words.
    if humps >= 2 && piece.len() < 4 * (humps + 1) { best.max(1.0) + 1.5 * (humps + drops) as f32 } else { best }
}

fn word(piece: &[u8]) -> f32 {
    let index = |byte: u8| usize::from(byte.to_ascii_lowercase() - b'a' + 1);
    let (mut first, mut second, mut cost) = (0usize, 0usize, 0.0);
    for &byte in piece {
        let next = index(byte);
        cost += f32::from(TRIGRAMS[(first * 27 + second) * 27 + next]) / 16.0;
        (first, second) = (second, next);
    }
    cost += f32::from(TRIGRAMS[(first * 27 + second) * 27]) / 16.0;
    let even = 4.7 * piece.len() as f32 + 2.0;
    match piece.len() {
        1 => 0.0,
        2 => (cost - even).clamp(-1.0, 1.0),
        _ => cost - even,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_score_low_and_noise_scores_high() {
        for text in
            ["password", "changeme", "my_secret", "AuthenticationHelper", "summer2024", "letmein123", "Administrator"]
        {
            assert!(Shape::of(text.as_bytes()).random < 4.0, "{text} {}", Shape::of(text.as_bytes()).random);
        }
        for text in ["kvajltpx", "xk7dq2m", "okoctnynrx", "aB3dK9sLm2", "gtvknz"] {
            assert!(Shape::of(text.as_bytes()).random > 7.0, "{text} {}", Shape::of(text.as_bytes()).random);
        }
    }

    #[test]
    fn entropy_is_in_bits_a_byte() {
        assert!(entropy(b"aaaa").abs() < 1e-6);
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-6);
    }
}
