//! What decoded bytes are, told from the first few: text, a compressed stream, or nothing to look at.

use super::base64::opening;
use super::encoding::Encoding;
use super::escape::Escape;
use super::inflate::Packing;
use std::ops::Range;

/// How a stretch of a text is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    /// Base64 of any kind.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// Single characters are.
    Escapes(Escape),
}

/// A stretch of a text that is worth decoding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encoded {
    /// How it is encoded.
    pub coding: Coding,
    /// Where it stands.
    pub range: Range<usize>,
}

impl Coding {
    /// For the chain of a finding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Escapes(escape) => escape.name(),
        }
    }
}

/// What decoded bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// Text of ASCII or UTF-8.
    Text,
    /// Text in UTF-16, as PowerShell's encoded commands are.
    Wide,
    /// A compressed stream.
    Packed(Packing),
}

/// Bytes of the head that are looked at.
const HEAD: usize = 256;

impl Content {
    /// From the beginning of the bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if let Some(packing) = Packing::of(bytes) {
            return Some(Self::Packed(packing));
        }
        let head = &bytes[..bytes.len().min(HEAD)];
        if head.len() >= 8 && is_wide(head) {
            return Some(Self::Wide);
        }
        let odd = head.iter().filter(|&&byte| !is_text(byte) && byte < 0x80).count();
        let readable = head.iter().filter(|&&byte| is_text(byte)).count();
        let text = odd * 32 <= head.len() && readable * 4 >= head.len() * 3;
        (text && !head.is_empty() && !head.contains(&0)).then_some(Self::Text)
    }

    /// True when nine bytes may be the first of any of these.
    fn begins(bytes: &[u8; 9]) -> bool {
        let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        rest.iter().all(|&byte| is_text(byte)) || Packing::of(bytes).is_some() || is_wide(&bytes[..8])
    }
}

/// True when what stands at `at` in base64 begins like text or a compressed stream.
pub fn opens(text: &[u8], at: usize) -> bool {
    opening(text, at).is_some_and(|bytes| Content::begins(&bytes))
}

/// True when hexadecimal digits at `at` begin like text or a compressed stream.
pub fn opens_hex(text: &[u8], at: usize) -> bool {
    let Some(encoded) = text.get(at..at + 18) else { return false };
    let mut bytes = [0; 9];
    data_encoding::HEXLOWER_PERMISSIVE.decode_mut(encoded, &mut bytes).is_ok() && Content::begins(&bytes)
}

fn is_text(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) || matches!(byte, b'\t' | b'\n' | b'\r')
}

fn is_wide(head: &[u8]) -> bool {
    head[1] == 0 && Encoding::detect(head) == Encoding::Utf16Le
        || head.len() >= 8 && head.starts_with(b"\xff\xfe") && head[3] == 0
}
