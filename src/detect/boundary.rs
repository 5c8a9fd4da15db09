//! Where a value begins and ends, and whether a run looks drawn at random.
#![expect(clippy::inline_always, reason = "asked for by `Work`")]

use std::ops::Range;

use super::runs::{Bits, Masks};
use super::simd::BLOCK;
use crate::rule::derive::MAX_WIDE;

/// Where a value that holds the run from `start` to `end` may begin: at the run, where base64 and its like began, behind
/// `=` or `:`, behind the words a run begins with (`acme-access-key-…`).
pub(crate) fn value_starts(bytes: &[u8], start: usize, end: usize) -> [Option<usize>; 4] {
    let least = start.saturating_sub(96);
    let mut wide = start;
    let mut assigned = None;
    while wide > least
        && (bytes[wide - 1].is_ascii_alphanumeric()
            || matches!(
                bytes[wide - 1],
                b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b':' | b'%' | b'!' | b'$' | b'@' | b'#'
            ))
    {
        wide -= 1;
        if assigned.is_none() && matches!(bytes[wide], b'=' | b':') {
            assigned = Some(wide + 1);
        }
    }
    let wide = (wide != start).then_some(wide);
    [Some(start), wide, assigned.filter(|&at| at != start), behind_words(bytes, start, end)]
}

/// The end of the words at a run's beginning: the first part between `-` or `_` that holds a digit.
pub(super) fn behind_words(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut part = start;
    for (at, byte) in (start..end).zip(&bytes[start..end]) {
        if matches!(byte, b'-' | b'_') {
            part = at + 1;
        } else if byte.is_ascii_digit() {
            return (part > start).then_some(part);
        }
    }
    None
}

/// True for runs that may be a generated value: a stretch of [`SEGMENT`] letters and digits in which they change, or a
/// UUID. Names of things have underscores, or their digits last.
#[inline(always)]
pub(crate) fn looks_random(bytes: &[u8], masks: &Masks, start: usize, end: usize) -> bool {
    match masks.bits(start, end) {
        // Nearly all names fall here: there are no digits in them.
        Some(bits) if bits.digit == 0 => false,
        Some(bits) => short_looks_random(bytes, start, bits),
        None => long_looks_random(bytes, masks, start, end),
    }
}

/// The same for a run of at most 64 bytes, all of it in the machine's words.
#[inline(always)]
fn short_looks_random(bytes: &[u8], start: usize, bits: Bits) -> bool {
    let Bits { alnum, digit, within, length, .. } = bits;
    let letter = alnum & !digit;
    let joints = within & !alnum;
    let uuid = || length >= 36 && joints >> (length - 36) == UUID_JOINTS && digit >> (length - 36) != 0;
    if digit & letter >> 1 == 0 {
        return digit == within || length == 36 && uuid();
    }
    if uuid() {
        return true;
    }
    // Bit i: byte i and the one before it are a digit and something else.
    let turns = (digit ^ digit << 1) & within & !1;
    let (mut from, mut mixed, mut ends) = (0, 0, joints);
    loop {
        let to = if ends == 0 { length } else { ends.trailing_zeros() as usize };
        // From behind the first byte of the segment: an empty one has none.
        let inner = range(from + 1, to);
        let (segment, changes) = (to - from, (turns & inner).count_ones());
        if segment >= SEGMENT && (changes >= 2 || digit & range(from, to) == range(from, to)) {
            return true;
        }
        mixed += usize::from(segment >= GROUP && changes >= 2);
        if ends == 0 {
            break;
        }
        ends &= ends - 1;
        from = to + 1;
    }
    mixed >= 2 || class_turns(bytes, start, bits) >= least_turns(length)
}

/// Changes between lower case, upper case and digits with nothing between, in a stretch of at most 64 bytes.
#[inline(always)]
fn class_turns(bytes: &[u8], start: usize, Bits { alnum, digit, length, .. }: Bits) -> usize {
    let (letter, pairs) = (alnum & !digit, alnum & alnum << 1);
    let lower = case_bits(bytes, start, length);
    let kinds = pairs & (digit ^ digit << 1);
    let cases = letter & letter << 1 & (lower ^ lower << 1);
    (kinds | cases).count_ones() as usize
}

/// Bits `from..to`, none when that is empty.
#[inline(always)]
pub(super) fn range(from: usize, to: usize) -> u64 {
    if from >= to {
        return 0;
    }
    u64::MAX >> (64 - (to - from)) << from
}

/// The first eight bytes, zeros behind the end.
#[inline(always)]
pub(super) fn eight(rest: &[u8]) -> u64 {
    u64::from_le_bytes(rest.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight[..rest.len()].copy_from_slice(rest);
        eight
    }))
}

/// Bit 5 of each byte from `start` on: of letters it tells lower case. At most 64 bytes; the last bits may be of bytes
/// behind them.
#[inline(always)]
pub(super) fn case_bits(bytes: &[u8], start: usize, length: usize) -> u64 {
    let mut bits = 0;
    for from in (0..length).step_by(8) {
        // The eight bits, one in each byte, gathered into the top byte.
        let spread = eight(bytes.get(start + from..).unwrap_or_default()) >> 5 & 0x0101_0101_0101_0101;
        bits |= (spread.wrapping_mul(0x0102_0408_1020_4080) >> 56) << from;
    }
    bits
}

#[inline(always)]
fn long_looks_random(bytes: &[u8], masks: &Masks, start: usize, end: usize) -> bool {
    if masks.digit_then_letter(start, end) == 0 {
        return masks.digits(start, end) as usize == end - start;
    }
    if is_uuid_form(masks, start, end) {
        return true;
    }
    let (mut from, mut random, mut mixed) = (start, false, 0);
    loop {
        let to = masks.joint(from, end);
        let turns = masks.digit_turns(from, to);
        random |= to - from >= SEGMENT && (turns >= 2 || masks.digits(from, to) as usize == to - from);
        mixed += usize::from(to - from >= GROUP && turns >= 2);
        if to == end {
            break;
        }
        from = to + 1;
    }
    let (most, mut at, mut turns) = (end.min(start + MAX_WIDE), start, 0);
    // Each stretch begins with the last byte of the one before.
    while let Some(bits) = masks.bits(at, most.min(at + BLOCK)).filter(|bits| bits.length > 1) {
        turns += class_turns(bytes, at, bits);
        at += BLOCK - 1;
    }
    random || mixed >= 2 || turns >= least_turns(most - start)
}

/// Four dashes, each part of a UUID's length, at the end of the run.
#[inline(always)]
fn is_uuid_form(masks: &Masks, start: usize, end: usize) -> bool {
    let Some(from) = end.checked_sub(36).filter(|&from| from >= start) else { return false };
    let uuid = |bits: Bits| bits.within & !bits.alnum == UUID_JOINTS && bits.digit != 0;
    masks.bits(from, end).is_some_and(uuid)
}

/// Where a UUID has its dashes.
const UUID_JOINTS: u64 = 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23;
/// The shortest stretch of letters and digits that a generated value holds.
const SEGMENT: usize = 12;
/// Values written in groups (`a1b2c3d4-…`) hold two of these.
const GROUP: usize = 4;
/// So many changes of class make a run random-looking; names in camel case and with numbers have fewer.
const TURNS: usize = 6;
/// Or one for so many bytes, where that is more: drawn text has one for two, long names have one for ten
/// (`DWC_E12MP_PHY_X4_NS_X4_0_RAWLANE1_DIG_AON_RX_ADAPT_DONE`).
const TURN_BYTES: usize = 6;

/// The changes of class that make a run of so many bytes random-looking.
#[inline(always)]
fn least_turns(length: usize) -> usize {
    TURNS.max(length / TURN_BYTES)
}

/// True at the boundaries of a token: no letter or digit before it, no word character after the secret.
pub(crate) fn bounded(bytes: &[u8], whole: &Range<usize>, end: usize) -> bool {
    let first = bytes[whole.start];
    let before = whole.start.checked_sub(1).map(|at| bytes[at]);
    let starts = !first.is_ascii_alphanumeric()
        || !before.is_some_and(|byte| byte.is_ascii_alphanumeric())
        || after_escape(bytes, whole.start);
    let last = bytes[end - 1];
    let next = bytes.get(end).copied().unwrap_or(b' ');
    let ends = !(last.is_ascii_alphanumeric() || last == b'_') || !(next.is_ascii_alphanumeric() || next == b'_');
    starts && ends
}

/// `\n`, `\t`, `\r`, `%3D`, `\x22`, `\u0022` end right before `at`.
pub(super) fn after_escape(bytes: &[u8], at: usize) -> bool {
    let hex = |count: usize| bytes[at - count..at].iter().all(u8::is_ascii_hexdigit);
    at >= 2 && bytes[at - 2] == b'\\' && matches!(bytes[at - 1], b'n' | b't' | b'r' | b'b' | b'f' | b'0')
        || at >= 3 && bytes[at - 3] == b'%' && hex(2)
        || at >= 4 && bytes[at - 4..at - 2] == *b"\\x" && hex(2)
        || at >= 6 && bytes[at - 6..at - 4] == *b"\\u" && hex(4)
}

/// How many of a run's first bytes belong to an escape that begins before it.
pub(super) fn escape_before(bytes: &[u8], lead: usize) -> Option<usize> {
    let before = *bytes.get(lead.checked_sub(1)?)?;
    let first = *bytes.get(lead)?;
    let skip = match (before, first) {
        (b'\\', b'n' | b't' | b'r' | b'b' | b'f' | b'0') => 1,
        (b'%', _) => 2,
        (b'\\', b'x') => 3,
        (b'\\', b'u') => 5,
        _ => return None,
    };
    (lead + skip < bytes.len() && after_escape(bytes, lead + skip)).then_some(skip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::simd::{Classifier, Needles};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_runs_are_judged_as_long_ones(
            before in "[ ]{0,70}",
            run in "([a-zA-Z0-9]{1,14}|[_-]|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9]{3}){1,8}",
        ) {
            let length = run.len().clamp(1, 64);
            let text = format!("{before}{} ", &run[..length]);
            let mut masks = Masks::default();
            masks.fill(Classifier::detect(), &Needles::default(), text.as_bytes());
            let (start, end) = (before.len(), before.len() + length);
            let exact = masks.digit_then_letter(start, end) == 0 && length == 36 && is_uuid_form(&masks, start, end);
            let long = exact || long_looks_random(text.as_bytes(), &masks, start, end);
            prop_assert_eq!(looks_random(text.as_bytes(), &masks, start, end), long, "{}", text);
        }

        #[test]
        fn long_runs_are_judged_as_a_plain_loop_does(
            before in "[ ]{0,70}",
            run in "([a-zA-Z0-9]{1,14}|[A-Z]{2,9}|[_-]|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9]{12}){5,40}",
        ) {
            prop_assume!(run.len() > 64);
            let text = format!("{before}{run} ");
            let mut masks = Masks::default();
            masks.fill(Classifier::detect(), &Needles::default(), text.as_bytes());
            let (start, end) = (before.len(), before.len() + run.len());
            prop_assert_eq!(looks_random(text.as_bytes(), &masks, start, end), plainly(run.as_bytes()), "{}", text);
        }
    }

    /// What [`looks_random`] says, byte by byte.
    fn plainly(run: &[u8]) -> bool {
        let class = |byte: u8| match byte {
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            b'0'..=b'9' => 3,
            _ => 0,
        };
        let joint = |byte: &u8| class(*byte) == 0;
        if !run.windows(2).any(|pair| class(pair[0]) == 3 && matches!(class(pair[1]), 1 | 2)) {
            return run.iter().all(u8::is_ascii_digit);
        }
        let tail = &run[run.len() - 36..];
        let uuid = (0..36).all(|at| joint(&tail[at]) == matches!(at, 8 | 13 | 18 | 23));
        let turns = |part: &[u8]| part.windows(2).filter(|pair| (class(pair[0]) == 3) != (class(pair[1]) == 3)).count();
        let drawn = |part: &[u8]| part.len() >= 12 && (turns(part) >= 2 || part.iter().all(u8::is_ascii_digit));
        let parts = || run.split(joint);
        let begin = &run[..run.len().min(MAX_WIDE)];
        let changes = |pair: &&[u8]| class(pair[0]) != class(pair[1]) && !joint(&pair[0]) && !joint(&pair[1]);
        uuid && tail.iter().any(u8::is_ascii_digit)
            || parts().any(drawn)
            || parts().filter(|part| part.len() >= 4 && turns(part) >= 2).count() >= 2
            || begin.windows(2).filter(changes).count() >= 6.max(begin.len() / 6)
    }
}
