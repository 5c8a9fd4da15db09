//! 7z: LZMA, LZMA2 and stored content, solid or not.

use std::cell::Cell;
use std::io::{self, Read, Seek};
use std::rc::Rc;

use sevenz_rust2::{ArchiveReader, Error, Password};

use super::fail::{corrupt, encrypted, truncated};
use super::meter::Metered;
use super::{Done, Walk};

pub(super) fn read(walk: &mut Walk<'_>, source: impl Read + Seek, length: u64) -> Done {
    let mut archive = ArchiveReader::new(source, Password::empty()).map_err(failure)?;
    archive.set_thread_count(1);
    let taken = Rc::new(Cell::new(length));
    let mut ended = Ok(());
    let read = archive.for_each_entries(|entry, content| {
        if ended.is_err() || entry.is_directory || !entry.has_stream {
            return Ok(ended.is_ok());
        }
        let (spent, taken) = (Rc::clone(&walk.spent), Rc::clone(&taken));
        let mut content = Metered { inner: content, spent, method: "7z", taken, out: 0 };
        ended = walk.member(entry.name.as_bytes(), &mut content);
        if ended.is_ok() {
            // What follows in the same block can only be reached through this.
            ended = io::copy(&mut content, &mut io::sink()).map(|_| ());
        }
        Ok(ended.is_ok())
    });
    ended?;
    read.map_err(failure)
}

fn failure(error: Error) -> io::Error {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => encrypted("encrypted"),
        // The methods that encrypt are not compiled in: they are told by name or number.
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") || method.starts_with("[6, 241, 7") => {
            encrypted("encrypted")
        }
        Error::UnsupportedCompressionMethod(method) => {
            corrupt(format!("compressed by the method {method}, which credlint does not read"))
        }
        Error::Io(inner, _) if inner.kind() == io::ErrorKind::UnexpectedEof => {
            truncated("the 7z archive ends too early")
        }
        Error::Io(inner, _) if inner.get_ref().is_some() || inner.raw_os_error().is_some() => inner,
        Error::Other(detail) => corrupt(format!("the 7z archive is corrupt: {detail}")),
        other => corrupt(format!("the 7z archive is corrupt: {other}")),
    }
}
