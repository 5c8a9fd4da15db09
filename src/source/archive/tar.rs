//! tar: ustar, GNU and pax, read from front to end.
//!
//! The `tar` crate reads the headers' fields; the loop is our own because its iterator takes names of any length into
//! memory.

use std::borrow::Cow;
use std::io::{self, Read};

use tar::{EntryType, Header as Raw, PaxExtensions};

use super::fail::{corrupt, truncated};
use super::{Done, Walk};
use crate::source::read::fill;

const BLOCK: usize = 512;
/// The longest extended header (long names, pax) that is read.
const MAX_EXTENDED: u64 = 1 << 20;
/// In an old GNU header of a sparse file: more of its map follows.
const SPARSE_GOES_ON: usize = 482;
/// The same in the blocks that follow.
const SPARSE_GOES_ON_HERE: usize = 504;

/// True when bytes begin with a tar header.
pub(super) fn begins(head: &[u8]) -> bool {
    // The checksum's field: octal digits, NUL and blank behind them. Text fails here.
    let Some([digits @ .., last, end]) = head.get(148..156) else { return false };
    let blank = |byte: u8| matches!(byte, 0 | b' ');
    blank(*end)
        && (*last == 0 || *end == 0)
        && digits.iter().all(|byte| matches!(byte, b'0'..=b'7' | b' '))
        && head.first_chunk::<BLOCK>().is_some_and(is_sound)
}

/// The checksum is right, and it is not that of an empty block.
fn is_sound(block: &[u8; BLOCK]) -> bool {
    let sum: u32 =
        (0..).zip(block).map(|(at, byte)| u32::from(if (148..156).contains(&at) { b' ' } else { *byte })).sum();
    block[0] != 0 && Raw::from_byte_slice(block).cksum().is_ok_and(|told| told == sum)
}

/// What extended headers say of the entry that follows.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    pax: bool,
}

/// A member as its header tells it.
pub(super) struct Header {
    pub(super) path: Vec<u8>,
    kind: EntryType,
    /// Bytes of content.
    pub(super) size: u64,
    /// Where they begin in the archive.
    pub(super) offset: u64,
    /// Where a link leads.
    pub(super) link: Option<Vec<u8>>,
}

impl Header {
    pub(super) fn is_symlink(&self) -> bool {
        self.kind == EntryType::Symlink
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self.kind, EntryType::Regular | EntryType::Continuous)
    }
}

pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> Done {
    let ended = each(input, |header, entry| {
        walk.named(&header.path, header.kind == EntryType::Directory);
        if header.size > 0 { walk.member(&header.path, entry) } else { Ok(()) }
    })?;
    if ended { walk.rest(input) } else { walk.ends_early() }
}

/// Calls `member` with each member up to the end mark; false when there is none.
pub(super) fn each(input: &mut dyn Read, mut member: impl FnMut(&Header, &mut Entry<'_>) -> Done) -> io::Result<bool> {
    let mut block = [0; BLOCK];
    let mut extended = Extended::default();
    let mut offset = 0;
    loop {
        let filled = fill(&mut &mut *input, &mut block)?;
        offset += BLOCK as u64;
        if filled == 0 {
            return Ok(false);
        }
        if filled < BLOCK {
            return Err(truncated("the tar archive ends inside of a header"));
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok(true);
        }
        if !is_sound(&block) {
            return Err(corrupt("the checksum of a tar header is wrong"));
        }
        let raw = Raw::from_byte_slice(&block);
        let size = raw.entry_size().map_err(|error| corrupt(error.to_string()))?;
        let kind = raw.entry_type();
        let header = if is_extension(kind) {
            take(input, size, kind, &mut extended)?;
            offset += size;
            Header { path: Vec::new(), kind, size, offset, link: None }
        } else {
            let extended = std::mem::take(&mut extended);
            if kind == EntryType::GNUSparse && block[SPARSE_GOES_ON] != 0 {
                offset += pass_map(input)?;
            }
            let header = header(raw, extended, kind, size, offset);
            let mut entry = Entry { inner: input, left: header.size };
            member(&header, &mut entry)?;
            io::copy(&mut entry, &mut io::sink())?;
            offset += header.size;
            header
        };
        // The last one's padding may be left out like the end mark.
        fill(&mut &mut *input, &mut block[..padding(header.size)])?;
        offset += padding(header.size) as u64;
    }
}

fn is_extension(kind: EntryType) -> bool {
    matches!(kind, EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader)
}

fn header(raw: &Raw, extended: Extended, kind: EntryType, size: u64, offset: u64) -> Header {
    let Extended { path, link, size: told, pax } = extended;
    let size = match kind {
        EntryType::Symlink | EntryType::Directory | EntryType::Char | EntryType::Block | EntryType::Fifo => 0,
        // Old archives give the size of the file that is linked to; only pax stores its bytes again.
        EntryType::Link if !pax => 0,
        _ => told.unwrap_or(size),
    };
    let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
    Header {
        path: path.unwrap_or_else(|| raw.path_bytes().into_owned()),
        kind,
        size,
        offset,
        link: link.or_else(|| raw.link_name_bytes().map(Cow::into_owned)).filter(|_| is_link),
    }
}

/// Reads an extended header.
fn take(input: &mut dyn Read, size: u64, kind: EntryType, extended: &mut Extended) -> Done {
    if size > MAX_EXTENDED {
        return Err(corrupt(format!("an extended tar header of {size} bytes")));
    }
    let mut data = Vec::new();
    Entry { inner: input, left: size }.read_to_end(&mut data)?;
    match kind {
        EntryType::GNULongName | EntryType::GNULongLink => {
            data.truncate(data.iter().position(|byte| *byte == 0).unwrap_or(data.len()));
            let place = if kind == EntryType::GNULongName { &mut extended.path } else { &mut extended.link };
            *place = Some(data);
        }
        EntryType::XHeader => {
            extended.pax = true;
            for pair in PaxExtensions::new(&data).flatten() {
                match pair.key_bytes() {
                    b"path" | b"GNU.sparse.name" => extended.path = Some(pair.value_bytes().to_vec()),
                    b"linkpath" => extended.link = Some(pair.value_bytes().to_vec()),
                    b"size" => extended.size = pair.value().ok().and_then(|size| size.parse().ok()),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Passes over the rest of a sparse file's map and returns its length.
fn pass_map(input: &mut dyn Read) -> io::Result<u64> {
    let (mut block, mut length) = ([0; BLOCK], 0);
    loop {
        if fill(&mut &mut *input, &mut block)? < BLOCK {
            return Err(truncated("the tar archive ends inside of a header"));
        }
        length += BLOCK as u64;
        if block[SPARSE_GOES_ON_HERE] == 0 {
            return Ok(length);
        }
    }
}

fn padding(size: u64) -> usize {
    usize::try_from(size.wrapping_neg() % BLOCK as u64).unwrap_or(0)
}

/// That many bytes of an archive.
pub(super) struct Entry<'r> {
    pub(super) inner: &'r mut dyn Read,
    pub(super) left: u64,
}

impl Read for Entry<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let length = self.inner.read(&mut buffer[..most])?;
        if length == 0 {
            return Err(truncated("the archive ends inside of a member"));
        }
        self.left -= length as u64;
        Ok(length)
    }
}
