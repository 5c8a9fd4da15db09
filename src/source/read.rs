//! Reading a blob in windows, so that memory does not grow with the file.
//!
//! A window is a core and, around it, context: `LOOKBACK` bytes before (evidence near a value) and `LOOKAHEAD` bytes
//! after (the rest of a value that begins in the core). A candidate belongs to the window whose core it begins in, so
//! windows share no finding and lose none that is shorter than `LOOKAHEAD`.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

/// Bytes of core in one window.
pub const CORE: usize = 1 << 20;
/// Context before the core.
pub const LOOKBACK: usize = 8 << 10;
/// Context after the core.
pub const LOOKAHEAD: usize = 64 << 10;

/// One window of a blob.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    /// The bytes, context included.
    pub bytes: &'a [u8],
    /// Offset of `bytes` in the blob.
    pub offset: u64,
    /// Where the core begins in `bytes`.
    pub core_start: usize,
    /// Where the core ends in `bytes`.
    pub core_end: usize,
}

impl<'a> Window<'a> {
    /// A blob that fits one window.
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0, core_start: 0, core_end: bytes.len() }
    }

    /// True when a candidate that begins at `at` belongs to this window.
    pub fn owns(&self, at: usize) -> bool {
        (self.core_start..self.core_end).contains(&at)
    }
}

/// Sizes of a window; tests use small ones to show that they do not change what is found.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Bytes of core.
    pub core: usize,
    /// Context before it.
    pub back: usize,
    /// Context after it.
    pub ahead: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { core: CORE, back: LOOKBACK, ahead: LOOKAHEAD }
    }
}

impl Sizes {
    /// The longest blob that is scanned as one window.
    pub fn whole(self) -> usize {
        self.core + self.ahead
    }

    /// Bytes that a stream's window takes with its context.
    pub fn stream(self) -> usize {
        (self.back & !1) + (self.core & !1) + self.ahead
    }

    /// The core of window `index` of a blob of `length` bytes: offset of its bytes, core range in the blob, bytes' end.
    /// Cores begin at even offsets, so UTF-16 text can be decoded window by window.
    pub fn window(self, index: u64, length: u64) -> Option<Bounds> {
        let core = self.core as u64 & !1;
        let start = index.checked_mul(core)?;
        if start >= length {
            return None;
        }
        let end = (start + core).min(length);
        Some(Bounds {
            start: start.saturating_sub(self.back as u64 & !1),
            core_start: start,
            core_end: end,
            end: (end + self.ahead as u64).min(length),
        })
    }
}

/// Offsets of a window in its blob.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// First byte.
    pub start: u64,
    /// First byte of the core.
    pub core_start: u64,
    /// One past the core.
    pub core_end: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Bounds {
    /// The window, once its bytes are read.
    pub fn over(self, bytes: &[u8]) -> Window<'_> {
        let at = |offset: u64| usize::try_from(offset - self.start).unwrap_or(usize::MAX).min(bytes.len());
        Window { bytes, offset: self.start, core_start: at(self.core_start), core_end: at(self.core_end) }
    }
}

/// Reads until `buffer` is full or the reader ends; returns how many bytes there were.
pub fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads `buffer.len()` bytes at `offset`, or fewer where the file ends.
pub fn fill_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
