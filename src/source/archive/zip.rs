//! zip, read by its central directory.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::rc::Rc;

use bzip2::bufread::BzDecoder;
use flate2::bufread::DeflateDecoder;
use rawzip::{
    CompressionMethod, ErrorKind, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder,
    ZipFileHeaderRecord, ZipLocator,
};

use super::fail::{corrupt, encrypted, truncated};
use super::meter::{Metered, Taken};
use super::{Done, Kind, Walk, compress};

/// Bytes read at a time of a compressed member.
const CHUNK: usize = 1 << 15;

/// A file, read at places.
pub(super) struct At<'f>(pub(super) &'f File);

impl ReaderAt for At<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }
}

pub(super) fn read(walk: &mut Walk<'_>, bytes: impl ReaderAt, length: u64) -> Done {
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let archive =
        ZipLocator::new().locate_in_reader(bytes, &mut buffer, length).map_err(|(_, error)| failure(&error))?;
    let mut entries = archive.entries(&mut buffer);
    let mut count = 0;
    while let Some(entry) = entries.next_entry().map_err(|error| failure(&error))? {
        count += 1;
        if !entry.is_dir() {
            member(walk, &archive, &entry)?;
        }
    }
    if count < archive.entries_hint() {
        return Err(truncated(format!("the zip's directory holds {count} of {} members", archive.entries_hint())));
    }
    Ok(())
}

fn member<R: ReaderAt>(walk: &mut Walk<'_>, archive: &ZipArchive<R>, entry: &ZipFileHeaderRecord<'_>) -> Done {
    let path = entry.file_path();
    let path: &[u8] = path.as_ref();
    if entry.flags().is_encrypted() {
        return walk.lost(path, &encrypted("encrypted"));
    }
    match content(walk, archive, entry.wayfinder(), entry.compression_method()) {
        Ok(mut content) => walk.member(path, &mut content),
        Err(error) => walk.lost(path, &error),
    }
}

/// A member's decoded bytes, counted and compared with its size and checksum.
fn content<'a, R: ReaderAt>(
    walk: &Walk<'_>,
    archive: &'a ZipArchive<R>,
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
) -> io::Result<impl Read + use<'a, R>> {
    let entry = archive.get_entry(place).map_err(|error| failure(&error))?;
    let taken = Rc::new(Cell::new(0));
    let raw = Taken { inner: entry.reader(), count: Rc::clone(&taken) };
    let inner: Box<dyn Read + 'a> = match method {
        CompressionMethod::STORE => Box::new(raw),
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(BufReader::with_capacity(CHUNK, raw))),
        CompressionMethod::BZIP2 => Box::new(BzDecoder::new(BufReader::with_capacity(CHUNK, raw))),
        CompressionMethod::ZSTD => Box::new(compress::decoder(&walk.spent, Kind::Zstd, Box::new(raw))),
        CompressionMethod::XZ => Box::new(compress::decoder(&walk.spent, Kind::Xz, Box::new(raw))),
        other => {
            let name = other.name().map_or_else(|| other.as_u16().to_string(), str::to_owned);
            return Err(corrupt(format!("compressed by the method {name}, which credlint does not read")));
        }
    };
    let checked = entry.verifying_reader(inner);
    Ok(Metered { inner: checked, spent: Rc::clone(&walk.spent), method: "zip", taken, out: 0 })
}

fn failure(error: &rawzip::Error) -> io::Error {
    match error.kind() {
        ErrorKind::IO(inner) if inner.kind() == io::ErrorKind::UnexpectedEof => truncated("the zip ends too early"),
        ErrorKind::IO(inner) => io::Error::new(inner.kind(), inner.to_string()),
        ErrorKind::Eof => truncated("the zip ends too early"),
        ErrorKind::MissingEndOfCentralDirectory => {
            truncated("the zip's directory, which stands at its end, is missing")
        }
        _ => corrupt(format!("the zip is corrupt: {error}")),
    }
}
