//! cpio in the new ASCII form: the payload of RPM packages, initial RAM disks.
//!
//! A hundred and ten bytes of header a member, read here: the crate for it takes names of any length into memory.

use std::io::{self, Read};

use super::fail::{corrupt, truncated};
use super::tar::Entry;
use super::{Done, Walk};
use crate::source::read::fill;

const HEADER: usize = 110;
const MAX_NAME: u64 = 1 << 16;
const END: &[u8] = b"TRAILER!!!";
/// The bits of a mode that tell a regular file.
const KIND: u64 = 0o170_000;
const REGULAR: u64 = 0o100_000;

pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> Done {
    let mut header = [0; HEADER];
    loop {
        if fill(&mut &mut *input, &mut header)? < HEADER {
            return Err(truncated("the cpio archive ends without its end mark"));
        }
        if header.starts_with(b"07070X") {
            return Err(corrupt("members of an RPM package over 4 GiB, which credlint does not read"));
        }
        let (Some(mode), Some(size), Some(length)) = (field(&header, 14), field(&header, 54), field(&header, 94))
        else {
            return Err(corrupt("a cpio header is wrong"));
        };
        if !header.starts_with(b"07070") || length == 0 || length > MAX_NAME {
            return Err(corrupt("a cpio header is wrong"));
        }
        let mut name = Vec::new();
        Entry { inner: input, left: length }.read_to_end(&mut name)?;
        skip(input, padding(HEADER as u64 + length))?;
        name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
        if name == END {
            return walk.rest(input);
        }
        let mut entry = Entry { inner: input, left: size };
        if size > 0 && mode & KIND == REGULAR {
            walk.member(&name, &mut entry)?;
        }
        io::copy(&mut entry, &mut io::sink())?;
        skip(input, padding(size))?;
    }
}

/// Eight hexadecimal digits.
fn field(header: &[u8; HEADER], at: usize) -> Option<u64> {
    let digits = std::str::from_utf8(header.get(at..at + 8)?).ok()?;
    u64::from_str_radix(digits, 16).ok()
}

fn padding(length: u64) -> u64 {
    length.wrapping_neg() % 4
}

fn skip(input: &mut dyn Read, length: u64) -> Done {
    io::copy(&mut Entry { inner: input, left: length }, &mut io::sink()).map(|_| ())
}
