//! Where a scan's time goes: by stage and by rule, for `--diagnostics`. Costs nothing where it is not asked for.

use std::sync::atomic::{AtomicU64, Ordering};

use super::RuleId;

/// Parts of a scan that are timed. What contains another contains its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Opening and reading files.
    Read,
    /// Everything done with a window once it is read.
    Examine,
    /// The vector pass: what each byte is, where a literal may begin.
    Classify,
    /// Runs probed for literals and services' words; with the patterns tried and the judging of what they found.
    Runs,
    /// Literals compared, names and their values taken; with patterns and judging.
    Literals,
    /// Patterns tried at a place.
    Patterns,
    /// Candidates judged.
    Judge,
    /// Formats' readers, and the search of what they lay out.
    Format,
    /// Decoding, and the search of what was decoded.
    Decode,
    /// Lines and columns of findings.
    Place,
}

/// All parts, in the order in which they are shown, with their depth below each other.
pub const PARTS: [(Part, &str, usize); 10] = [
    (Part::Read, "read", 0),
    (Part::Examine, "examine", 0),
    (Part::Classify, "classify", 1),
    (Part::Runs, "runs", 1),
    (Part::Literals, "literals", 1),
    (Part::Patterns, "patterns", 2),
    (Part::Judge, "judge", 2),
    (Part::Format, "format", 1),
    (Part::Decode, "decode", 1),
    (Part::Place, "lines and columns", 0),
];

/// Adds up times of all threads.
pub struct Meter {
    clock: fn() -> u64,
    parts: [AtomicU64; PARTS.len()],
    rules: Vec<RuleMeter>,
}

#[derive(Default)]
struct RuleMeter {
    tried: AtomicU64,
    nanoseconds: AtomicU64,
}

/// What one rule cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleCost {
    /// The rule.
    pub rule: RuleId,
    /// Times its pattern was tried or a value of it judged.
    pub tried: u64,
    /// Time of it all, in nanoseconds.
    pub nanoseconds: u64,
}

impl Meter {
    /// For so many rules; `clock` tells nanoseconds since some moment.
    pub fn new(rules: usize, clock: fn() -> u64) -> Self {
        let mut meters = Vec::new();
        meters.resize_with(rules, RuleMeter::default);
        Self { clock, parts: Default::default(), rules: meters }
    }

    /// Nanoseconds spent in a part, all threads together.
    pub fn spent(&self, part: Part) -> u64 {
        self.parts[part as usize].load(Ordering::Relaxed)
    }

    /// The rules that cost most, the dearest first.
    pub fn dearest(&self, most: usize) -> Vec<RuleCost> {
        let cost = |(rule, meter): (RuleId, &RuleMeter)| RuleCost {
            rule,
            tried: meter.tried.load(Ordering::Relaxed),
            nanoseconds: meter.nanoseconds.load(Ordering::Relaxed),
        };
        let mut costs: Vec<RuleCost> =
            (0..).map(RuleId).zip(&self.rules).map(cost).filter(|cost| cost.tried > 0).collect();
        costs.sort_by_key(|cost| (std::cmp::Reverse(cost.nanoseconds), cost.rule));
        costs.truncate(most);
        costs
    }
}

/// Times `work` as a part, where there is a meter.
#[inline]
pub(crate) fn timed<T>(meter: Option<&Meter>, part: Part, work: impl FnOnce() -> T) -> T {
    let Some(meter) = meter else { return work() };
    let start = (meter.clock)();
    let out = work();
    meter.parts[part as usize].fetch_add((meter.clock)().saturating_sub(start), Ordering::Relaxed);
    out
}

/// Times `work` as a part and for a rule.
#[inline]
pub(crate) fn timed_rule<T>(meter: Option<&Meter>, part: Part, rule: RuleId, work: impl FnOnce() -> T) -> T {
    let Some(meter) = meter else { return work() };
    let start = (meter.clock)();
    let out = work();
    let spent = (meter.clock)().saturating_sub(start);
    meter.parts[part as usize].fetch_add(spent, Ordering::Relaxed);
    if let Some(own) = meter.rules.get(rule.0 as usize) {
        own.tried.fetch_add(1, Ordering::Relaxed);
        own.nanoseconds.fetch_add(spent, Ordering::Relaxed);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> u64 {
        static NOW: AtomicU64 = AtomicU64::new(0);
        NOW.fetch_add(5, Ordering::Relaxed)
    }

    #[test]
    fn times_add_up_by_part_and_by_rule() {
        let meter = Meter::new(3, clock);
        assert_eq!(timed(Some(&meter), Part::Read, || 7), 7);
        for rule in [1, 2, 1] {
            timed_rule(Some(&meter), Part::Judge, RuleId(rule), || ());
        }
        assert_eq!((meter.spent(Part::Read), meter.spent(Part::Judge), meter.spent(Part::Format)), (5, 15, 0));
        let dearest = meter.dearest(1);
        assert_eq!(dearest, [RuleCost { rule: RuleId(1), tried: 2, nanoseconds: 10 }]);
    }

    #[test]
    fn every_part_is_shown_under_its_place() {
        assert!(PARTS.iter().enumerate().all(|(index, (part, ..))| *part as usize == index));
    }
}
