//! gzip and zlib, with a bound on what comes out.

use std::io::Read;

use flate2::bufread::{GzDecoder, ZlibDecoder};

/// A compressed stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Zlib,
}

/// How the stream ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Where it should.
    Complete,
    /// The bytes ended first, or are damaged from there on.
    Broken,
    /// At the limit of what may come out.
    Limit,
    /// It grows beyond any text.
    Bomb,
}

/// Up to here a stream may grow as it likes.
const FREE: usize = 1 << 20;
/// Beyond that a text that is this many times as long as its stream is no text.
const MAX_RATIO: usize = 200;
/// Bytes unpacked at a time.
const CHUNK: usize = 32 << 10;

impl Packing {
    /// From the first bytes of a stream.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            // The third byte is the method, the fourth holds flags of which three bits are never set.
            [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Some(Self::Gzip),
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(Self::Zlib),
            _ => None,
        }
    }

    /// For the chain of a finding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
        }
    }

    /// Unpacks at most `most` bytes.
    pub fn unpack(self, packed: &[u8], most: usize) -> (Vec<u8>, Ending) {
        let mut reader: Box<dyn Read + '_> = match self {
            Self::Gzip => Box::new(GzDecoder::new(packed)),
            Self::Zlib => Box::new(ZlibDecoder::new(packed)),
        };
        let mut out = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            if out.len() > FREE.max(packed.len().saturating_mul(MAX_RATIO)) {
                return (out, Ending::Bomb);
            }
            if out.len() >= most {
                return (out, Ending::Limit);
            }
            let room = chunk.len().min(most - out.len());
            match reader.read(&mut chunk[..room]) {
                Ok(0) => return (out, Ending::Complete),
                Ok(count) => out.extend_from_slice(&chunk[..count]),
                Err(_) => return (out, Ending::Broken),
            }
        }
    }
}
