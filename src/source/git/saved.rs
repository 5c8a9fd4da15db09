//! Numbers as a scan cache keeps them, and what the objects that it numbered are called now.

use super::store::Store;

/// No number.
const NONE: u32 = u32::MAX;

/// Writes a number in groups of seven bits, the lowest first: small ones take one byte.
pub fn put(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Writes bytes and before them how many.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what [`put`] wrote; `None` where there is no such thing.
pub fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The same for a number of 32 bits.
pub fn take_short(rest: &mut &[u8]) -> Option<u32> {
    take(rest).and_then(|value| u32::try_from(value).ok())
}

/// A count of things of which each takes at least `least` bytes of what is left.
pub fn take_count(rest: &mut &[u8], least: usize) -> Option<usize> {
    let count = usize::try_from(take(rest)?).ok()?;
    (count <= rest.len() / least.max(1)).then_some(count)
}

/// Reads what [`put_bytes`] wrote.
pub fn take_bytes<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let count = take_count(rest, 1)?;
    let (bytes, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(bytes)
}

/// The numbers that the objects of an earlier run have in this one.
pub struct Numbers {
    /// By the number of then. `None` where they are those of now.
    now: Option<Vec<u32>>,
    count: usize,
}

impl Numbers {
    /// Writes what is needed to find the objects of a store again.
    pub fn save(store: &Store, out: &mut Vec<u8>) {
        out.push(u8::try_from(store.hash.len_in_bytes()).unwrap_or(0));
        put_bytes(out, store.ids());
    }

    /// Finds them in the store of this run.
    pub fn load(rest: &mut &[u8], store: &Store) -> Option<Self> {
        let (&length, after) = rest.split_first()?;
        *rest = after;
        let ids = take_bytes(rest)?;
        let length = usize::from(length);
        if length != store.hash.len_in_bytes() || ids.len() % length != 0 {
            return None;
        }
        let count = ids.len() / length;
        if ids == store.ids() {
            return Some(Self { now: None, count });
        }
        let mut present = (0..).zip(store.ids().chunks_exact(length)).peekable();
        let number = |id: &[u8]| {
            while present.next_if(|(_, other)| *other < id).is_some() {}
            present.peek().filter(|(_, other)| *other == id).map_or(NONE, |(number, _)| *number)
        };
        Some(Self { now: Some(ids.chunks_exact(length).map(number).collect()), count })
    }

    /// True where this run has the same objects as the earlier one.
    pub fn are_same(&self) -> bool {
        self.now.is_none()
    }

    /// Reads the number of an object. Within: `None` for one that is not there any more. Without: there never was one.
    pub fn take(&self, rest: &mut &[u8]) -> Option<Option<u32>> {
        self.of(take_short(rest)?)
    }

    /// The number of the object that had the number `then`; `None` as for [`Self::take`].
    pub fn of(&self, then: u32) -> Option<Option<u32>> {
        if then as usize >= self.count {
            return None;
        }
        Some(match &self.now {
            None => Some(then),
            Some(now) => now.get(then as usize).copied().filter(|now| *now != NONE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_bytes_come_back() {
        let mut out = Vec::new();
        for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::from(u32::MAX), u64::MAX] {
            out.clear();
            put(&mut out, value);
            put_bytes(&mut out, b"name");
            let mut rest = out.as_slice();
            assert_eq!(take(&mut rest), Some(value));
            assert_eq!(take_bytes(&mut rest), Some(&b"name"[..]));
            assert!(rest.is_empty());
            assert_eq!(take_short(&mut out.as_slice()), u32::try_from(value).ok());
        }
        // Cut short, longer than what is left, without an end.
        for broken in [&[][..], &[0x80], &[5, 1, 2], &[0xff; 12]] {
            assert_eq!(take_bytes(&mut { broken }), None, "{broken:?}");
        }
    }
}
