//! gzip, xz, Zstandard, bzip2: one stream, often a tar.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::fail::{corrupt, truncated};
use super::meter::{Metered, Spent, Taken};
use super::{Done, Kind, Walk, cpio, tar};
use crate::source::read::fill;

/// Bytes read at a time of what is compressed.
const CHUNK: usize = 1 << 16;
/// KiB of memory that an xz block may ask for; `xz -9` takes 65 MiB.
const MAX_MEMORY: u32 = 256 << 10;
/// The most memory that a Zstandard frame may ask for; `zstd` itself refuses more without `--long`.
const MAX_WINDOW: u64 = 128 << 20;

pub(super) fn read(walk: &mut Walk<'_>, kind: Kind, input: Box<dyn Read + '_>) -> Done {
    let mut content = decoder(&walk.spent, kind, input);
    let mut head = vec![0; 1024];
    let filled = fill(&mut content, &mut head)?;
    head.truncate(filled);
    let inner = Kind::of(&head);
    let mut content = Cursor::new(head).chain(content);
    match inner {
        Some(Kind::Tar) => {
            walk.whole = true;
            tar::read(walk, &mut content)
        }
        Some(Kind::Cpio) => cpio::read(walk, &mut content),
        _ => {
            let name = content_name(walk.base_name());
            walk.member(name.as_bytes(), &mut content)
        }
    }
}

/// The decompressed bytes, counted.
pub(super) fn decoder<'r>(spent: &Rc<Spent>, kind: Kind, input: Box<dyn Read + 'r>) -> Metered<Box<dyn Read + 'r>> {
    let taken = Rc::new(Cell::new(0));
    let input = BufReader::with_capacity(CHUNK, Taken { inner: input, count: Rc::clone(&taken) });
    let inner: Box<dyn Read + 'r> = match kind {
        Kind::Xz => Box::new(XzReader::new_mem_limit(input, true, MAX_MEMORY)),
        Kind::Zstd => Box::new(Zstd::new(input)),
        Kind::Bzip2 => Box::new(MultiBzDecoder::new(input)),
        _ => Box::new(Gzip { decoder: None, next: Some(input) }),
    };
    Metered { inner, spent: Rc::clone(spent), method: kind.name(), taken, out: 0 }
}

/// What the content of a compressed file is called: the file's name without the ending that says it is compressed.
fn content_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    for (ending, instead) in [
        (".gz", ""),
        (".xz", ""),
        (".zst", ""),
        (".bz2", ""),
        (".gzip", ""),
        (".zstd", ""),
        (".tgz", ".tar"),
        (".txz", ".tar"),
        (".tbz2", ".tar"),
        (".svgz", ".svg"),
        (".emz", ".emf"),
    ] {
        if let Some(stem) = lower.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            return format!("{}{instead}", name.get(..stem.len()).unwrap_or(name));
        }
    }
    name.to_owned()
}

/// All members of a gzip file, and nothing of the padding behind them.
struct Gzip<R> {
    decoder: Option<GzDecoder<R>>,
    next: Option<R>,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(decoder) = &mut self.decoder {
                let length = decoder.read(buffer)?;
                if length > 0 || buffer.is_empty() {
                    return Ok(length);
                }
                let Some(decoder) = self.decoder.take() else { return Ok(0) };
                let mut input = decoder.into_inner();
                if !has_more(&mut input)? {
                    return Ok(0);
                }
                self.next = Some(input);
            }
            let Some(input) = self.next.take() else { return Ok(0) };
            self.decoder = Some(GzDecoder::new(input));
        }
    }
}

/// True when another member follows; zeros are padding, anything else would go unseen.
fn has_more(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = input.fill_buf()?;
        match bytes.iter().position(|byte| *byte != 0) {
            None if bytes.is_empty() => return Ok(false),
            None => {
                let length = bytes.len();
                input.consume(length);
            }
            Some(0) if bytes[0] == 0x1f => return Ok(true),
            Some(_) => return Err(corrupt("other bytes follow the gzip data; they were not scanned")),
        }
    }
}

/// All frames of a Zstandard file.
struct Zstd<R> {
    input: R,
    decoder: FrameDecoder,
    open: bool,
}

impl<R: BufRead> Zstd<R> {
    fn new(input: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        Self { input, decoder, open: false }
    }

    /// Begins the next frame; false at the end.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            if self.input.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.input).take(length), &mut io::sink())? < length {
                        return Err(truncated("the zstd data ends too early"));
                    }
                }
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string())),
            }
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBytes;
        loop {
            if !self.open {
                if !self.next_frame()? {
                    return Ok(0);
                }
                self.open = true;
            }
            while self.decoder.can_collect() < buffer.len() && !self.decoder.is_finished() {
                let wanted = buffer.len() - self.decoder.can_collect();
                self.decoder.decode_blocks(&mut self.input, UptoBytes(wanted)).map_err(|error| zstd_error(&error))?;
            }
            let length = self.decoder.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let told = self.decoder.get_checksum_from_data();
            if told.is_some() && told != self.decoder.get_calculated_checksum() {
                return Err(corrupt("the zstd data is corrupt: its checksum is wrong"));
            }
            self.open = false;
        }
    }
}

fn zstd_error(error: &FrameDecoderError) -> io::Error {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = source {
        if inner.downcast_ref::<io::Error>().is_some_and(|inner| inner.kind() == io::ErrorKind::UnexpectedEof) {
            return truncated("the zstd data ends too early");
        }
        source = inner.source();
    }
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
