//! RPM packages: two headers, of which the second is scanned, and a compressed cpio archive.

use std::io::{self, Cursor, Read};

use super::fail::corrupt;
use super::tar::Entry;
use super::{Done, Kind, Walk, compress, cpio};
use crate::source::read::fill;

const LEAD: u64 = 96;
const MAGIC: [u8; 4] = [0x8e, 0xad, 0xe8, 1];

pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> Done {
    skip(input, LEAD)?;
    let signature = header(input)?;
    skip(input, signature)?;
    skip(input, signature.wrapping_neg() % 8)?;
    // The package's scripts stand in its header.
    let mut entry = Entry { left: header(input)?, inner: input };
    walk.member(b"(header)", &mut entry)?;
    io::copy(&mut entry, &mut io::sink())?;
    let mut head = [0; 16];
    let filled = fill(&mut &mut *input, &mut head)?;
    let mut payload = Cursor::new(&head[..filled]).chain(input);
    match Kind::of(&head[..filled]) {
        Some(kind @ (Kind::Gzip | Kind::Xz | Kind::Zstd | Kind::Bzip2)) => {
            compress::read(walk, kind, Box::new(&mut payload))
        }
        Some(Kind::Cpio) => cpio::read(walk, &mut payload),
        _ => Err(corrupt("the package's payload is compressed by a method that credlint does not read")),
    }
}

/// The length of a header, read up to where its content begins.
fn header(input: &mut dyn Read) -> io::Result<u64> {
    let mut start = [0; 16];
    if fill(&mut &mut *input, &mut start)? < start.len() || !start.starts_with(&MAGIC) {
        return Err(corrupt("a header of the package is wrong"));
    }
    let number = |at: usize| start[at..at + 4].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    Ok(16 * number(8) + number(12))
}

fn skip(input: &mut dyn Read, length: u64) -> Done {
    io::copy(&mut Entry { inner: input, left: length }, &mut io::sink()).map(|_| ())
}
