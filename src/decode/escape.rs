//! Characters written in other words: percent, backslash, HTML and quoted-printable escapes.

use std::ops::Range;

use super::map::Builder;

/// How single characters are written in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Escape {
    /// `%5F`
    Percent,
    /// `\u005f`, `\x5f`, `\137`, `\n`
    Backslash,
    /// `&#95;`, `&#x5f;`, `&quot;`
    Entity,
    /// `=5F`, and `=` at the end of a line that goes on in the next
    Quoted,
}

/// How many ways there are.
pub const ESCAPES: usize = 4;

/// One escape: the bytes it stands for and its length in the text.
pub struct Unit {
    bytes: [u8; 4],
    count: usize,
    /// Bytes of the text.
    pub length: usize,
}

impl Unit {
    fn byte(byte: u8, length: usize) -> Self {
        Self { bytes: [byte, 0, 0, 0], count: 1, length }
    }

    fn none(length: usize) -> Self {
        Self { bytes: [0; 4], count: 0, length }
    }

    fn code(code: u32, length: usize) -> Option<Self> {
        let mut bytes = [0; 4];
        let count = char::from_u32(code)?.encode_utf8(&mut bytes).len();
        Some(Self { bytes, count, length })
    }
}

impl Escape {
    /// For the chain of a finding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Backslash => "escapes",
            Self::Entity => "html",
            Self::Quoted => "quoted-printable",
        }
    }

    /// The byte every escape begins with.
    pub fn mark(self) -> u8 {
        match self {
            Self::Percent => b'%',
            Self::Backslash => b'\\',
            Self::Entity => b'&',
            Self::Quoted => b'=',
        }
    }

    /// The escape that `rest` begins with.
    pub fn unit(self, rest: &[u8]) -> Option<Unit> {
        if rest.first() != Some(&self.mark()) {
            return None;
        }
        match self {
            Self::Percent => Some(Unit::byte(u8::try_from(number(rest, 1..3, 16)?).ok()?, 3)),
            Self::Backslash => backslash(rest),
            Self::Entity => entity(rest),
            Self::Quoted => quoted(rest),
        }
    }

    /// True for escapes that hide a readable character: `\n` and `\\` stand in every source file, `\x5f` does not, and
    /// `\x00` belongs to a binary value. Soft line ends too.
    pub fn tells(self, rest: &[u8]) -> bool {
        let telling = self != Self::Backslash || matches!(rest.get(1), Some(b'u' | b'x' | b'U' | b'0'..=b'3'));
        let readable = |unit: &Unit| match unit.count {
            0 => true,
            1 => (0x20..0x7f).contains(&unit.bytes[0]) && (self != Self::Backslash || unit.length >= 4),
            _ => false,
        };
        telling && self.unit(rest).is_some_and(|unit| readable(&unit))
    }

    /// Decodes a range. False when there was nothing to decode, and then nothing is written.
    pub fn decode(self, text: &[u8], range: Range<usize>, out: &mut Builder) -> bool {
        let Some(part) = text.get(range.clone()) else { return false };
        let (mut done, mut at, mut any) = (0, 0, false);
        while let Some(found) = memchr::memchr(self.mark(), &part[at..]) {
            at += found;
            let Some(unit) = self.unit(&part[at..]) else {
                at += 1;
                continue;
            };
            out.copy(&part[done..at], range.start + done);
            out.whole(&unit.bytes[..unit.count], &(range.start + at..range.start + at + unit.length));
            at += unit.length;
            (done, any) = (at, true);
        }
        if any {
            out.copy(&part[done..], range.start + done);
        }
        any
    }
}

/// A number of exactly the digits in a range.
fn number(text: &[u8], range: Range<usize>, radix: u32) -> Option<u32> {
    let digits = text.get(range).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0u32, |sum, &digit| sum.checked_mul(radix)?.checked_add(char::from(digit).to_digit(radix)?))
}

fn backslash(rest: &[u8]) -> Option<Unit> {
    let plain = |byte| Some(Unit::byte(byte, 2));
    match rest.get(1)? {
        b'u' if rest.get(2) == Some(&b'{') => {
            let end = rest.iter().take(10).position(|&byte| byte == b'}')?;
            Unit::code(number(rest, 3..end, 16)?, end + 1)
        }
        b'u' => {
            let first = number(rest, 2..6, 16)?;
            if let 0xd800..0xdc00 = first
                && rest.get(6..8) == Some(b"\\u")
                && let Some(second @ 0xdc00..0xe000) = number(rest, 8..12, 16)
            {
                return Unit::code(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12);
            }
            Unit::code(first, 6)
        }
        b'U' => Unit::code(number(rest, 2..10, 16)?, 10),
        b'x' => Some(Unit::byte(u8::try_from(number(rest, 2..4, 16)?).ok()?, 4)),
        b'0'..=b'3' if number(rest, 1..4, 8).is_some() => {
            Some(Unit::byte(u8::try_from(number(rest, 1..4, 8)?).ok()?, 4))
        }
        b'n' => plain(b'\n'),
        b't' => plain(b'\t'),
        b'r' => plain(b'\r'),
        b'0' => plain(0),
        &byte @ (b'\\' | b'"' | b'\'' | b'/') => plain(byte),
        _ => None,
    }
}

/// Named characters that stand in or around values.
const NAMED: [(&[u8], u8); 19] = [
    (b"quot;", b'"'),
    (b"amp;", b'&'),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"apos;", b'\''),
    (b"nbsp;", b' '),
    (b"lowbar;", b'_'),
    (b"equals;", b'='),
    (b"colon;", b':'),
    (b"sol;", b'/'),
    (b"period;", b'.'),
    (b"num;", b'#'),
    (b"plus;", b'+'),
    (b"commat;", b'@'),
    (b"dollar;", b'$'),
    (b"percnt;", b'%'),
    (b"excl;", b'!'),
    (b"hyphen;", b'-'),
    (b"NewLine;", b'\n'),
];
/// The longest character reference that is read.
const MAX_ENTITY: usize = 10;

fn entity(rest: &[u8]) -> Option<Unit> {
    if rest.get(1) != Some(&b'#') {
        let (name, byte) = NAMED.iter().find(|(name, _)| rest[1..].starts_with(name))?;
        return Some(Unit::byte(*byte, 1 + name.len()));
    }
    let end = rest.iter().take(MAX_ENTITY).position(|&byte| byte == b';')?;
    let code =
        if matches!(rest.get(2), Some(b'x' | b'X')) { number(rest, 3..end, 16)? } else { number(rest, 2..end, 10)? };
    Unit::code(code, end + 1)
}

fn quoted(rest: &[u8]) -> Option<Unit> {
    let blanks = rest[1..].iter().take(8).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match rest[1 + blanks..] {
        [b'\n', ..] => return Some(Unit::none(2 + blanks)),
        [b'\r', b'\n', ..] => return Some(Unit::none(3 + blanks)),
        _ => {}
    }
    Some(Unit::byte(u8::try_from(number(rest, 1..3, 16)?).ok()?, 3))
}
