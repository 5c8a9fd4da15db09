//! The run pass block by block: every boundary in a run of at least [`MIN_RUN`] word characters, found from the
//! classifier's masks with hardly a branch. Only runs that may look drawn are handed over one by one.
#![expect(clippy::inline_always, reason = "asked for by `Work`")]

use std::ops::Range;

use super::boundary::looks_random;
use super::runs::Masks;
use super::simd::{BLOCK, Blocks, Classifier, Work, Writer};
use crate::rule::derive::MIN_RUN;

/// Blocks of one step.
const STEP: usize = 64;
/// Bytes of one step.
const BYTES: usize = STEP * BLOCK;

/// How far a sweep over a text has come.
#[derive(Default)]
pub(super) struct Sweep {
    /// The next block.
    block: usize,
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
    /// Room for the masks.
    marks: Option<Box<Marks>>,
}

/// Places in a step, ascending.
#[derive(Default)]
struct Places {
    /// Room for a place at every byte, and for those of one block more.
    places: Vec<u16>,
    count: usize,
}

impl Places {
    /// Takes the bits of blocks, each with the place of its first.
    #[inline(always)]
    fn fill(&mut self, writer: impl Writer, blocks: impl Iterator<Item = (u16, u64)>) {
        self.places.resize(BYTES + BLOCK, 0);
        let (mut count, places) = (0, self.places.as_mut_slice());
        for (first, bits) in blocks {
            let Some(room) = places.get_mut(count..).and_then(<[u16]>::first_chunk_mut) else { break };
            writer.write(bits, first, room);
            count += bits.count_ones() as usize;
        }
        self.count = count;
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

    /// The telling runs that look random: `text` and `masks` are what was swept.
    pub(super) fn random(&mut self, path: Classifier, text: &[u8], masks: &Masks) -> &[(usize, usize)] {
        if !self.telling.is_empty() {
            path.with_bits(Random { masks, text, runs: &mut self.telling });
        }
        &self.telling
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
    fn run(self, places: impl Writer) -> bool {
        self.masks.next(places, self.sweep, self.step, self.most)
    }
}

/// The runs of a step that look random, told with the processor's bit instructions.
struct Random<'m> {
    masks: &'m Masks,
    text: &'m [u8],
    runs: &'m mut Vec<(usize, usize)>,
}

impl Work for Random<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: impl Writer) {
        // Not `retain`: its closure would be compiled without them.
        let mut kept = 0;
        for index in 0..self.runs.len() {
            let (start, end) = self.runs[index];
            if looks_random(self.text, self.masks, start, end) {
                self.runs[kept] = (start, end);
                kept += 1;
            }
        }
        self.runs.truncate(kept);
    }
}

impl Masks {
    /// Goes on with a sweep; false at the end, which is the text's, or behind the last run that begins at or before
    /// `most`.
    pub(super) fn sweep(&self, path: Classifier, sweep: &mut Sweep, step: &mut Step, most: usize) -> bool {
        step.telling.clear();
        step.runs = 0;
        path.with_bits(Next { masks: self, sweep, step, most })
    }

    #[inline(always)]
    fn next(&self, writer: impl Writer, sweep: &mut Sweep, step: &mut Step, most: usize) -> bool {
        step.base = sweep.block * BLOCK;
        if sweep.block + 1 >= self.count() || step.base > most && sweep.run >> 63 == 0 {
            return false;
        }
        let Step { base, boundaries, leads, telling, runs, marks } = step;
        let marks = marks.get_or_insert_default();
        marks.fill(&self.blocks, sweep.block..self.count(), sweep.run);
        let count = (self.count() - sweep.block).min(STEP);
        let firsts = (0u16..).step_by(BLOCK);
        boundaries.fill(writer, firsts.clone().zip(marks.boundaries.iter().copied()).take(count));
        // Most blocks have none.
        leads.fill(writer, firsts.zip(marks.leads.iter().copied()).take(count).filter(|&(_, bits)| bits != 0));
        for (index, &tells) in marks.telling[..count].iter().enumerate() {
            if tells == 0 {
                continue;
            }
            let block = *base + index * BLOCK;
            let mut tells = tells & from_bit(sweep.done.saturating_sub(block));
            while tells != 0 {
                let at = tells.trailing_zeros();
                let own = marks.starts[index] & u64::MAX >> (63 - at);
                let start = if own == 0 {
                    last_bit(&marks.starts[..index]).map_or(sweep.begin, |at| *base + at)
                } else {
                    block + 63 - own.leading_zeros() as usize
                };
                sweep.done = self.run_end(block + at as usize);
                telling.push((start, sweep.done));
                tells &= from_bit(sweep.done - block);
            }
        }
        *runs = marks.starts[..count].iter().map(|starts| u64::from(starts.count_ones())).sum();
        sweep.begin = last_bit(&marks.starts[..count]).map_or(sweep.begin, |at| *base + at);
        sweep.run = marks.run[count];
        sweep.block += count;
        true
    }

    /// The end of the run that holds `at`.
    fn run_end(&self, at: usize) -> usize {
        let mut others = self.blocks.word.get(at / BLOCK).map_or(0, |word| !word >> (at % BLOCK));
        let mut from = at;
        while others == 0 {
            from = (from / BLOCK + 1) * BLOCK;
            let Some(word) = self.blocks.word.get(from / BLOCK) else { break };
            others = !word;
        }
        (from + others.trailing_zeros() as usize).min(self.length)
    }
}

/// What a step's blocks hold, a mask each. Where there is one more, the first is of the block before them; where there are
/// two, the last is of the block behind.
struct Marks {
    word: [u64; STEP + 2],
    alnum: [u64; STEP + 2],
    digit: [u64; STEP + 2],
    sign: [u64; STEP + 2],
    /// Where [`MIN_RUN`] word characters begin.
    low: [u64; STEP + 1],
    /// The word characters of runs.
    run: [u64; STEP + 1],
    /// Where runs begin.
    starts: [u64; STEP],
    /// Places at which literals are looked up.
    boundaries: [u64; STEP],
    /// Where runs begin that have a sign before them.
    leads: [u64; STEP],
    /// Bytes that tell that a run may look drawn.
    telling: [u64; STEP],
}

impl Default for Marks {
    fn default() -> Self {
        let (own, before, around) = ([0; STEP], [0; STEP + 1], [0; STEP + 2]);
        Self {
            word: around,
            alnum: around,
            digit: around,
            sign: around,
            low: before,
            run: before,
            starts: own,
            boundaries: own,
            leads: own,
            telling: own,
        }
    }
}

impl Marks {
    /// Takes the first blocks of a range in; `run`: the word characters of runs in the block before. The loops go over arrays
    /// of a fixed length and do not branch: the compiler makes vector instructions of them.
    #[inline(always)]
    fn fill(&mut self, blocks: &Blocks, range: Range<usize>, run: u64) {
        copy(&mut self.word, &blocks.word, &range);
        copy(&mut self.alnum, &blocks.alnum, &range);
        copy(&mut self.digit, &blocks.digit, &range);
        copy(&mut self.sign, &blocks.sign, &range);
        let Self { word, alnum, digit, sign, low, .. } = self;
        for at in 0..low.len() {
            low[at] = sixteen(word[at], word[at + 1]);
        }
        self.run[0] = run;
        for at in 0..STEP {
            self.run[at + 1] = covered(low[at + 1], low[at]);
        }
        for at in 0..STEP {
            let (run, own) = (self.run[at + 1], alnum[at + 1]);
            let behind = run << 1 | self.run[at] >> 63;
            let alone = own & !(own << 1 | alnum[at] >> 63);
            self.starts[at] = run & !behind;
            // A literal with less of its run to go needs another run behind a sign, which finds it as a lead.
            self.boundaries[at] = low[at + 1] & alone | behind & sign[at + 1] & !run;
            self.leads[at] = run & !behind & (sign[at + 1] << 1 | sign[at] >> 63);
        }
        for at in 0..STEP {
            let letters = |at: usize| alnum[at] & !digit[at];
            let joints = |at: usize| word[at] & !alnum[at];
            let (own, next) = (at + 1, at + 2);
            let behind_digit = self.run[own] & digit[own] & (letters(own) >> 1 | letters(next) << 63);
            let uuid = low[own] & uuid_joints(joints(own), joints(next));
            self.telling[at] = behind_digit | uuid | sixteen(digit[own], digit[next]);
        }
    }
}

/// Copies the masks of the block before `range` and of its first ones; beyond the ends they are zero.
#[inline(always)]
fn copy(masks: &mut [u64; STEP + 2], class: &[u64], range: &Range<usize>) {
    let (from, to) = (range.start.saturating_sub(1), range.end.min(range.start + STEP + 1));
    let (own, skipped) = (class.get(from..to).unwrap_or_default(), usize::from(range.start == 0));
    masks[0] = 0;
    for (slot, mask) in masks.iter_mut().skip(skipped).zip(own) {
        *slot = *mask;
    }
    masks.get_mut(skipped + own.len()..).unwrap_or_default().fill(0);
}

/// The last bit that is set in some blocks, counted from the first block's beginning.
fn last_bit(blocks: &[u64]) -> Option<usize> {
    let (index, mask) = blocks.iter().enumerate().rfind(|(_, mask)| **mask != 0)?;
    Some(index * BLOCK + 63 - mask.leading_zeros() as usize)
}

/// Every byte of 16 in a row, from the places at which such begin in a block and in the one before.
#[inline(always)]
fn covered(mut low: u64, mut before: u64) -> u64 {
    for by in [1, 2, 4, 8] {
        low |= low << by | before >> (64 - by);
        before |= before << by;
    }
    low
}

/// Bit i is set when the 16 bits from i on are; the next block lends its first 15.
#[inline(always)]
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
