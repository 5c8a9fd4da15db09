//! Which bytes may stand right behind a literal in a match: what `AKIA` or `-----BEGIN ` is followed by in most texts is
//! none of them, and the pattern need not be tried there.
//!
//! `build.rs` compiles this module too (by path), so it may use `regex-syntax` and `std` only.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// A set of byte values: bit `b % 64` of word `b / 64` is byte `b`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ByteSet(pub [u64; 4]);

impl ByteSet {
    /// No byte.
    pub const NONE: Self = Self([0; 4]);
    /// Every byte.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// True for a byte of the set. The text's end (`None`) is as good as any byte, so only [`ByteSet::ALL`] has it.
    #[inline]
    pub fn admits(&self, byte: Option<u8>) -> bool {
        byte.map_or(*self == Self::ALL, |byte| self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1)
    }

    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
}

/// The bytes that may follow `literal` in a match of `hir` that begins with it; [`ByteSet::ALL`] where the match may end
/// there. Exact but for look-around, which is taken as fulfilled.
pub fn follow(hir: &Hir, literal: &[u8]) -> ByteSet {
    if literal.len() >= MOST {
        return ByteSet::ALL;
    }
    let mut walk = Walk { literal, next: ByteSet::NONE };
    // What a part's end reaches, the whole pattern's does.
    if walk.through(hir, 1) == 0 { walk.next } else { ByteSet::ALL }
}

/// A place in the literal is a bit of 64.
const MOST: usize = 64;

/// A pattern gone through along a literal. A set of places has bit `i` when the literal's first `i` bytes were matched.
struct Walk<'l> {
    literal: &'l [u8],
    next: ByteSet,
}

impl Walk<'_> {
    /// The places reached by a part from some places.
    fn through(&mut self, hir: &Hir, from: u64) -> u64 {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => from,
            HirKind::Literal(literal) => literal.0.iter().fold(from, |from, byte| self.byte(from, &[(*byte, *byte)])),
            HirKind::Class(class) => self.class(class, from),
            HirKind::Repetition(repetition) => self.repeated(repetition, from),
            HirKind::Capture(capture) => self.through(&capture.sub, from),
            HirKind::Concat(subs) => subs.iter().fold(from, |from, sub| self.through(sub, from)),
            HirKind::Alternation(subs) => subs.iter().fold(0, |to, sub| to | self.through(sub, from)),
        }
    }

    fn class(&mut self, class: &Class, from: u64) -> u64 {
        if let Some(ranges) = ranges(class) {
            return self.byte(from, &ranges);
        }
        self.next = ByteSet::ALL;
        0
    }

    /// One byte of some ranges.
    fn byte(&mut self, from: u64, ranges: &[(u8, u8)]) -> u64 {
        if from >> self.literal.len() & 1 == 1 {
            ranges.iter().flat_map(|&(first, last)| first..=last).for_each(|byte| self.next.insert(byte));
        }
        let holds = |byte: u8| ranges.iter().any(|&(first, last)| (first..=last).contains(&byte));
        let along = (0..).zip(self.literal).filter(|&(at, &byte)| from >> at & 1 == 1 && holds(byte));
        along.fold(0, |to, (at, _): (u32, _)| to | 2 << at)
    }

    fn repeated(&mut self, repetition: &Repetition, from: u64) -> u64 {
        let (mut at, mut to) = (from, if repetition.min == 0 { from } else { 0 });
        for count in 1..=repetition.max.unwrap_or(u32::MAX) {
            let next = self.through(&repetition.sub, at);
            let settled = next == at;
            at = next;
            if settled || count >= repetition.min {
                to |= at;
            }
            if settled {
                break;
            }
        }
        to
    }
}

/// A class's ranges; `None` beyond ASCII, where a character is several bytes.
fn ranges(class: &Class) -> Option<Vec<(u8, u8)>> {
    match class {
        Class::Bytes(bytes) => Some(bytes.ranges().iter().map(|range| (range.start(), range.end())).collect()),
        Class::Unicode(unicode) => {
            let ascii = |c: char| u8::try_from(c).ok().filter(u8::is_ascii);
            unicode.ranges().iter().map(|range| Some((ascii(range.start())?, ascii(range.end())?))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::derive::{Via, parse, probes};

    fn set(bytes: impl IntoIterator<Item = u8>) -> ByteSet {
        let mut set = ByteSet::NONE;
        bytes.into_iter().for_each(|byte| set.insert(byte));
        set
    }

    #[test]
    fn what_follows_a_literal_is_read_off_the_pattern() {
        let upper = || b'A'..=b'Z';
        for (pattern, literal, next) in [
            ("-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY-----", "-----BEGIN ", set(upper().chain(b'0'..=b'9'))),
            ("abc[A-Z]{4}", "abc", set(upper())),
            ("abc(?P<secret>x|[A-Z]y)", "abc", set(upper().chain([b'x']))),
            // Only what goes on from this literal, not from the other one.
            ("(?:abc-|abd_)[0-9]", "abc-", set(b'0'..=b'9')),
            ("(?:abc|abcd[x-z])-1", "abc", set([b'-', b'd'])),
            ("[a-c]{3}[x-z]", "abc", set(b'x'..=b'z')),
            ("[a-c]{2,4}[x-z]", "abc", set((b'a'..=b'c').chain(b'x'..=b'z'))),
            ("(?:ab?)*[x-z]", "aba", set([b'a', b'b', b'x', b'y', b'z'])),
            ("(?:a?){9}b", "aaa", set([b'a', b'b'])),
            ("(?i)key=", "kEy", set([b'='])),
            ("abc\\b[A-Z]?-", "abc", set(upper().chain([b'-']))),
            // The match may end behind the literal, or before its end.
            ("abcd*", "abc", ByteSet::ALL),
            ("ab", "abc", ByteSet::ALL),
            ("(?u)ab(?:c|\u{e9})d", "abc", ByteSet::ALL),
        ] {
            assert_eq!(follow(&parse(pattern).unwrap(), literal.as_bytes()), next, "{pattern}");
        }
    }

    #[test]
    fn each_route_has_its_literals_with_what_follows_them() {
        let hex = || set((b'0'..=b'9').chain(b'a'..=b'f'));
        for (pattern, via, literal, next) in [
            ("acme_[0-9a-f]{32}", Via::Run, "acme_", hex()),
            ("[a-z]{4}-acme-[0-9a-f]{32}", Via::Inner, "-acme-", hex()),
            ("[A-Za-z0-9+/]{52}JQQJ99[A-Z][A-Za-z0-9+/]{25}", Via::Inner, "JQQJ99", set(b'A'..=b'Z')),
            ("https://hooks\\.acme\\.com/[0-9a-f]+", Via::Url, "hooks.acme.com/", hex()),
            ("acme: [0-9a-f]{8}", Via::Anchor, "acme: ", hex()),
        ] {
            let probes = probes(pattern).unwrap();
            let [probe] = &probes[..] else { panic!("{pattern}: {} probes", probes.len()) };
            assert_eq!((probe.via, &probe.literal[..], probe.next), (via, literal.as_bytes(), next), "{pattern}");
        }
    }

    #[test]
    fn the_texts_end_is_no_byte() {
        assert!(ByteSet::ALL.admits(None) && !set([b'a']).admits(None));
        assert!(set([b'a']).admits(Some(b'a')) && !set([b'a']).admits(Some(b'b')) && set([0xff]).admits(Some(0xff)));
    }
}
