//! Archives, read in memory member by member.
//!
//! What an archive is, its first bytes say. Members are handed out as streams, archives in archives are opened in turn;
//! nothing is written anywhere and a member's path is text, never a file name. All readers work within [`Limits`]: what
//! they cut off, and what cannot be decoded, becomes a gap.

use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

mod ar;
mod compress;
mod cpio;
mod fail;
mod kind;
mod meter;
mod rpm;
mod tar;
mod walk;
mod zip;

pub use fail::{Failure, gap_of};
pub use kind::Kind;
pub use walk::{Content, Visit, Walk};

/// Bounds on what one archive may cost.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Archives in archives: how many may be open at a time. A compressed archive (`.tar.gz`) counts once.
    pub depth: usize,
    /// Bytes that the members of one outermost archive may have together, decompressed.
    pub total: u64,
    /// Members of one outermost archive, those of inner archives included.
    pub members: u64,
    /// How much larger than its compressed form something may be, beyond [`Limits::free`].
    pub ratio: u64,
    /// Bytes that may be decompressed whatever the ratio is.
    pub free: u64,
    /// Bytes of inner archives that are held in memory at a time because they must be read out of order.
    pub held: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 8, total: 32 << 30, members: 2_000_000, ratio: 250, free: 32 << 20, held: 256 << 20 }
    }
}

/// A member of a tar, as its header tells it.
pub struct Member {
    /// Its path as text.
    pub path: String,
    /// Where its content begins in the archive.
    pub offset: u64,
    /// Bytes of content.
    pub size: u64,
    /// A regular file.
    pub is_file: bool,
    /// Where a symbolic link leads.
    pub link: Option<String>,
}

/// Calls `each` with every member of a tar.
///
/// # Errors
/// What `each` says; the archive is corrupt or cannot be read.
pub fn each_member(
    input: &mut dyn Read,
    mut each: impl FnMut(Member, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    tar::each(input, |header, content| {
        let link = header.link.as_deref().filter(|_| header.is_symlink()).map(text);
        let member = Member {
            path: text(&header.path),
            offset: header.offset,
            size: header.size,
            is_file: header.is_file(),
            link,
        };
        each(member, content)
    })
    .map(|_| ())
}

/// A compressed file's content, within bounds.
///
/// # Errors
/// The file cannot be read.
pub fn decompressed(kind: Kind, file: &File, limits: Limits) -> io::Result<Box<dyn Read + '_>> {
    let spent = Rc::new(meter::Spent::new(limits, Some(file.metadata()?.len())));
    let input = Content::File(file).reader();
    Ok(Box::new(compress::decoder(&spent, kind, input)))
}

/// How a reader of a format ends.
type Done = io::Result<()>;

/// The longest member path that is kept.
const MAX_PATH: usize = 4096;

/// A member's path as text: `/` between parts, without `./` before it; bytes that are no UTF-8 as `\xNN`.
fn text(path: &[u8]) -> String {
    let path = &path[..path.len().min(MAX_PATH)];
    let path = path.strip_prefix(b"./").filter(|rest| !rest.is_empty()).unwrap_or(path);
    super::lossless(path)
}
