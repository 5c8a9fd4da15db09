//! Debian packages: an `ar` archive of a few tars.
//!
//! Sixty bytes of header a member, read here: the crate for it takes names of any length into memory.

use std::io::{self, Read};

use super::fail::{corrupt, truncated};
use super::tar::Entry;
use super::{Done, Walk};
use crate::source::read::fill;

const MAGIC: usize = 8;
const HEADER: usize = 60;

pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> Done {
    io::copy(&mut Entry { inner: input, left: MAGIC as u64 }, &mut io::sink())?;
    let mut header = [0; HEADER];
    loop {
        match fill(&mut &mut *input, &mut header)? {
            0 => return Ok(()),
            HEADER => {}
            _ => return Err(truncated("the package ends inside of a header")),
        }
        let size = std::str::from_utf8(&header[48..58]).ok().and_then(|size| size.trim_end().parse::<u64>().ok());
        let Some(size) = size.filter(|_| header.ends_with(b"`\n")) else {
            return Err(corrupt("a header of the package is wrong"));
        };
        let name = header[..16].trim_ascii_end();
        let name = name.strip_suffix(b"/").unwrap_or(name).to_vec();
        let mut entry = Entry { inner: input, left: size };
        walk.member(&name, &mut entry)?;
        io::copy(&mut entry, &mut io::sink())?;
        if size % 2 == 1 {
            // The last member may go without its padding.
            fill(&mut &mut *input, &mut [0])?;
        }
    }
}
