//! Deltas of packs: copies from a base and bytes of their own, gitformat-pack(5).

use super::open::MAX_OBJECT;

/// Writes what a delta makes of its base to `out`.
///
/// # Errors
/// The delta is broken, or not of this base.
pub(super) fn apply(base: &[u8], delta: &[u8], out: &mut Vec<u8>) -> Result<(), ()> {
    let mut rest = delta;
    let from = size(&mut rest)?;
    let to = size(&mut rest)?;
    if from != base.len() as u64 || to > MAX_OBJECT {
        return Err(());
    }
    let to = usize::try_from(to).map_err(drop)?;
    out.clear();
    while let Some((&command, arguments)) = rest.split_first() {
        rest = arguments;
        let piece = if command & 0x80 != 0 {
            let offset = argument(&mut rest, command, 4)?;
            let length = argument(&mut rest, command >> 4, 3)?;
            let length = if length == 0 { 0x1_0000 } else { length };
            base.get(offset..offset + length).ok_or(())?
        } else {
            let (piece, after) = rest.split_at_checked(usize::from(command)).filter(|_| command != 0).ok_or(())?;
            rest = after;
            piece
        };
        if out.len() + piece.len() > to {
            return Err(());
        }
        if out.is_empty() {
            // Not before something is to be written: the size is only promised.
            out.reserve(to.min(base.len() + delta.len()));
        }
        out.extend_from_slice(piece);
    }
    if out.len() == to { Ok(()) } else { Err(()) }
}

/// A number in groups of seven bits, the lowest first.
fn size(rest: &mut &[u8]) -> Result<u64, ()> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(())?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(())
}

/// A number of which only the bytes that `present` names are written, the lowest first.
fn argument(rest: &mut &[u8], present: u8, bytes: u32) -> Result<usize, ()> {
    let mut value = 0;
    for at in (0..bytes).filter(|at| present >> at & 1 != 0) {
        let (&byte, after) = rest.split_first().ok_or(())?;
        *rest = after;
        value |= usize::from(byte) << (8 * at);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_own_bytes_make_the_object() {
        let base = b"0123456789abcdef";
        let made = |delta: &[u8]| {
            let mut out = b"old".to_vec();
            apply(base, delta, &mut out).map(|()| out)
        };
        // Copy 4 bytes from 10, then two of its own, then the first byte.
        assert_eq!(made(&[16, 7, 0x91, 10, 4, 2, b'x', b'y', 0x90, 1]), Ok(b"abcdxy0".to_vec()));
        assert_eq!(made(&[16, 0]), Ok(Vec::new()));
        // Another base, a copy from behind its end, too much, too little, the reserved command, cut short.
        for broken in [
            &[15, 1, 0x90, 1][..],
            &[16, 4, 0x91, 14, 4],
            &[16, 1, 0x90, 2],
            &[16, 3, 0x90, 2],
            &[16, 1, 0, 1],
            &[16, 2, 2, b'x'],
            &[16, 2, 0x91],
            &[0x80],
            &[],
        ] {
            assert_eq!(made(broken), Err(()), "{broken:?}");
        }
    }
}
