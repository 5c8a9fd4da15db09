//! The run pass block by block: every boundary in a run of at least [`MIN_RUN`] word characters, found from the
//! classifier's masks with hardly a branch. Only runs that may look drawn are handed over one by one.

use super::runs::Masks;
use super::simd::{BLOCK, Classifier, Work};
use crate::rule::derive::MIN_RUN;

/// Blocks of one step.
const STEP: usize = 64;
/// Bytes of one step.
const BYTES: usize = STEP * BLOCK;
/// Places written at a time.
const GROUP: usize = 4;

/// How far a sweep over a text has come.
#[derive(Default)]
pub(super) struct Sweep {
    /// The next block.
    block: usize,
    /// Where in the block before [`MIN_RUN`] word characters begin.
    low: u64,
    /// The word characters of runs in the block before.
    run: u64,
    /// Where the last run began.
    begin: usize,
    /// Runs were handed over up to here.
    done: usize,
}

/// What one step of a sweep found.
#[derive(Default)]
pub(super) struct Step {
    /// The first byte of the step.
    base: usize,
    boundaries: Places,
    leads: Places,
    /// Start and end of the runs in which a letter follows a digit, 16 digits stand in a row or the joints of a UUID do.
    pub(super) telling: Vec<(usize, usize)>,
    /// How many runs began.
    pub(super) runs: u64,
}

/// Places in a step, ascending.
#[derive(Default)]
struct Places {
    /// Room for a place at every byte, and for the group that is written last.
    places: Vec<u16>,
    count: usize,
}

impl Places {
    fn clear(&mut self) {
        self.places.resize(BYTES + GROUP, 0);
        self.count = 0;
    }

    /// Adds the places of a block's bits. Some are written at a time, whether there are so many or not.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "asked for by `Work`")]
    #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
    fn add(&mut self, mut bits: u64, first: u16) {
        let count = bits.count_ones() as usize;
        let Some(room) = self.places.get_mut(self.count..) else { return };
        for group in room.chunks_exact_mut(GROUP) {
            for slot in group {
                // All of them are below the step's end but the ones that do not count.
                *slot = first.wrapping_add(bits.trailing_zeros() as u16);
                bits &= bits.wrapping_sub(1);
            }
            if bits == 0 {
                break;
            }
        }
        self.count += count;
    }

    /// Keeps the places that `keep` says yes to; it is asked of each, and nothing branches on the answer.
    #[inline(never)]
    fn retain(&mut self, keep: impl Fn(u16) -> bool) {
        let Some(places) = self.places.get_mut(..self.count) else { return };
        let mut kept = 0;
        for index in 0..places.len() {
            let place = places[index];
            places[kept.min(index)] = place;
            kept += usize::from(keep(place));
        }
        self.count = kept;
    }
}

impl Step {
    /// Boundaries in the step's runs, [`MIN_RUN`] bytes before the end or more, and the signs behind runs, at which `keep` says yes, ascending. It is
    /// asked with the text from the step's first byte on.
    pub(super) fn boundaries(
        &mut self,
        text: &[u8],
        keep: impl Fn(&[u8], usize) -> bool,
    ) -> impl Iterator<Item = usize> {
        let base = self.base;
        let rest = text.get(base..).unwrap_or_default();
        self.boundaries.retain(|place| keep(rest, usize::from(place)));
        self.boundaries.places.iter().take(self.boundaries.count).map(move |&place| base + usize::from(place))
    }

    /// Where the step's runs begin that have a sign before them, ascending.
    pub(super) fn leads(&self) -> impl Iterator<Item = usize> {
        self.leads.places.iter().take(self.leads.count).map(|&place| self.base + usize::from(place))
    }
}

/// One step, to be compiled for the processor.
struct Next<'m> {
    masks: &'m Masks,
    sweep: &'m mut Sweep,
    step: &'m mut Step,
    most: usize,
}

impl Work for Next<'_> {
    type Output = bool;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "asked for by `Work`")]
    fn run(self) -> bool {
        self.masks.next(self.sweep, self.step, self.most)
    }
}

impl Masks {
    /// Goes on with a sweep; false at the end, which is the text's, or behind the last run that begins at or before
    /// `most`.
    pub(super) fn sweep(&self, path: Classifier, sweep: &mut Sweep, step: &mut Step, most: usize) -> bool {
        step.boundaries.clear();
        step.leads.clear();
        step.telling.clear();
        step.runs = 0;
        path.with_bits(Next { masks: self, sweep, step, most })
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "asked for by `Work`")]
    fn next(&self, sweep: &mut Sweep, step: &mut Step, most: usize) -> bool {
        step.base = sweep.block * BLOCK;
        let Some(blocks) = self.blocks.get(sweep.block..(sweep.block + STEP + 1).min(self.blocks.len())) else {
            return false;
        };
        if blocks.len() < 2 || step.base > most && sweep.run >> 63 == 0 {
            return false;
        }
        let (mut alnum_before, mut sign_before) =
            sweep.block.checked_sub(1).map_or((0, 0), |at| (self.blocks[at].alnum >> 63, self.blocks[at].sign >> 63));
        for (first, pair) in (0u16..).step_by(BLOCK).zip(blocks.windows(2)) {
            let (block, next) = (&pair[0], &pair[1]);
            let low = sixteen(block.word, next.word);
            if low | sweep.low == 0 {
                sweep.run = 0;
            } else {
                // Every byte of 16 in a row, those that begin in the block before included.
                let (mut run, mut before) = (low, sweep.low);
                for by in [1, 2, 4, 8] {
                    run |= run << by | before >> (64 - by);
                    before |= before << by;
                }
                let behind = run << 1 | sweep.run >> 63;
                let starts = run & !behind;
                let alone = block.alnum & !(block.alnum << 1 | alnum_before);
                // A literal with less of its run to go needs another run behind a sign, which finds it as a lead.
                step.boundaries.add(low & alone | behind & block.sign & !run, first);
                let leads = starts & (block.sign << 1 | sign_before);
                if leads != 0 {
                    step.leads.add(leads, first);
                }
                step.runs += u64::from(starts.count_ones());
                let base = step.base + usize::from(first);
                let letters = (block.alnum & !block.digit) >> 1 | (next.alnum & !next.digit) << 63;
                let (joints, more) = (block.word & !block.alnum, next.word & !next.alnum);
                let mut telling = run & block.digit & letters | low & uuid_joints(joints, more);
                if block.digit & run != 0 {
                    telling |= sixteen(block.digit, next.digit);
                }
                telling &= from_bit(sweep.done.saturating_sub(base));
                while telling != 0 {
                    let at = telling.trailing_zeros();
                    let own = starts & u64::MAX >> (63 - at);
                    let start = if own == 0 { sweep.begin } else { base + 63 - own.leading_zeros() as usize };
                    sweep.done = self.run_end(base + at as usize);
                    step.telling.push((start, sweep.done));
                    telling &= from_bit(sweep.done - base);
                }
                if starts != 0 {
                    sweep.begin = base + 63 - starts.leading_zeros() as usize;
                }
                sweep.run = run;
            }
            sweep.low = low;
            (alnum_before, sign_before) = (block.alnum >> 63, block.sign >> 63);
        }
        sweep.block += blocks.len() - 1;
        true
    }

    /// The end of the run that holds `at`.
    fn run_end(&self, at: usize) -> usize {
        let mut others = self.blocks.get(at / BLOCK).map_or(0, |block| !block.word >> (at % BLOCK));
        let mut from = at;
        while others == 0 {
            from = (from / BLOCK + 1) * BLOCK;
            let Some(block) = self.blocks.get(from / BLOCK) else { break };
            others = !block.word;
        }
        (from + others.trailing_zeros() as usize).min(self.length)
    }
}

/// Bit i is set when the 16 bits from i on are; the next block lends its first 15.
#[inline(always)]
#[expect(clippy::inline_always, reason = "asked for by `Work`")]
fn sixteen(mut low: u64, mut high: u64) -> u64 {
    const { assert!(MIN_RUN == 16, "the four shifts make sixteen") };
    for by in [1, 2, 4, 8] {
        low &= low >> by | high << (64 - by);
        high &= high >> by;
    }
    low
}

/// Bit i is set where the first of a UUID's four joints may be.
#[inline(always)]
#[expect(clippy::inline_always, reason = "asked for by `Work`")]
fn uuid_joints(joints: u64, next: u64) -> u64 {
    let pairs = joints & (joints >> 5 | next << 59);
    let more = next & next >> 5;
    pairs & (pairs >> 10 | more << 54)
}

/// The bits from one on; none beyond the last.
#[inline]
fn from_bit(bit: usize) -> u64 {
    u32::try_from(bit).ok().and_then(|bit| u64::MAX.checked_shl(bit)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::simd::{Classifier, Needles};
    use super::*;
    use crate::rule::derive::{is_lead, is_word};
    use proptest::prelude::*;

    fn runs(bytes: &[u8]) -> Vec<(usize, usize)> {
        let (mut out, mut start) = (Vec::new(), None);
        for at in 0..=bytes.len() {
            let word = bytes.get(at).is_some_and(|&byte| is_word(byte));
            match (start, word) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    if at - from >= MIN_RUN {
                        out.push((from, at));
                    }
                    start = None;
                }
                _ => {}
            }
        }
        out
    }

    fn boundaries(bytes: &[u8], start: usize, end: usize) -> Vec<usize> {
        let alnum = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        let mut places: Vec<usize> =
            (start..end - 15).filter(|&at| alnum(at) && (at == start || !alnum(at - 1))).collect();
        places.extend(bytes.get(end).filter(|&&byte| is_lead(byte) || byte == b'\\').map(|_| end));
        places
    }

    /// Runs of which the engine says that they may look drawn, by other means than the sweep.
    fn is_telling(run: &[u8]) -> bool {
        let letter_behind = |pair: &[u8]| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic();
        let joint = |at: usize| matches!(run.get(at), Some(b'_' | b'-'));
        run.windows(2).any(letter_behind)
            || run.windows(16).any(|digits| digits.iter().all(u8::is_ascii_digit))
            || (0..run.len()).any(|at| [0, 5, 10, 15].into_iter().all(|by| joint(at + by)))
    }

    proptest! {
        #[test]
        fn a_sweep_finds_what_a_plain_loop_finds(
            pieces in prop::collection::vec(
                (prop_oneof!["[a-z]{0,70}", "[a-z_-]{14,18}", "[a-z0-9]{14,70}", "[0-9]{14,20}", "([0-9]{4}-){3,6}", "[a-z1]{4000,4200}"],
                 prop::sample::select(vec![" ", ".", "\\", "  ", ":/", "="])),
                0..60,
            )
        ) {
            let text: String = pieces.into_iter().flat_map(|(run, gap)| [run, gap.to_owned()]).collect();
            let bytes = text.as_bytes();
            let (mut masks, mut step) = (Masks::default(), Step::default());
            let all = runs(bytes);
            let places: Vec<usize> = all.iter().flat_map(|&(start, end)| boundaries(bytes, start, end)).collect();
            let led = |at: usize| at.checked_sub(1).is_some_and(|before| is_lead(bytes[before]) || bytes[before] == b'\\');
            let leads: Vec<usize> = all.iter().map(|&(start, _)| start).filter(|&start| led(start)).collect();
            let telling: Vec<(usize, usize)> =
                all.iter().copied().filter(|&(start, end)| is_telling(&bytes[start..end])).collect();
            for classifier in Classifier::available() {
                masks.fill(classifier, &Needles::default(), bytes);
                let mut sweep = Sweep::default();
                let (mut count, mut got) = (0, (Vec::new(), Vec::new(), Vec::new()));
                while masks.sweep(classifier, &mut sweep, &mut step, bytes.len()) {
                    count += step.runs;
                    got.0.extend(step.leads());
                    got.1.extend_from_slice(&step.telling);
                    got.2.extend(step.boundaries(bytes, |text, at| !(bytes.len() - text.len() + at).is_multiple_of(3)));
                }
                prop_assert_eq!(count, all.len() as u64, "{}", classifier.name());
                prop_assert_eq!(&got.0, &leads);
                prop_assert_eq!(&got.1, &telling);
                prop_assert_eq!(got.2, places.iter().copied().filter(|at| !at.is_multiple_of(3)).collect::<Vec<_>>());
            }
        }

        #[test]
        fn runs_beyond_the_last_place_are_left_out(before in 0usize..200, length in 16usize..300) {
            let text = format!("{}{} abcdefghijklmnopqrst", " ".repeat(before), "a1".repeat(length));
            let mut masks = Masks::default();
            masks.fill(Classifier::detect(), &Needles::default(), text.as_bytes());
            let (mut sweep, mut step, mut telling) = (Sweep::default(), Step::default(), Vec::new());
            while masks.sweep(Classifier::detect(), &mut sweep, &mut step, before) {
                telling.extend_from_slice(&step.telling);
            }
            prop_assert_eq!(telling, [(before, before + 2 * length)]);
        }
    }
}
