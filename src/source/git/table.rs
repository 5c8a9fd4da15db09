//! What belongs to each of many numbers, in one list: a few bytes for each in place of a vector.

/// Values by number.
#[derive(Default)]
pub(super) struct Table<T> {
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy + Ord> Table<T> {
    /// The values of the numbers below `count`: those of each sorted. Pairs of other numbers are left out.
    pub(super) fn new(count: usize, mut pairs: Vec<(u32, T)>) -> Self {
        pairs.retain(|(number, _)| (*number as usize) < count);
        pairs.sort_unstable();
        let mut starts = vec![0u32; count + 1];
        for (number, _) in &pairs {
            starts[*number as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { starts, values: pairs.into_iter().map(|(_, value)| value).collect() }
    }

    /// The values of a number.
    pub(super) fn of(&self, number: u32) -> &[T] {
        let at = number as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => self.values.get(from as usize..to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}
