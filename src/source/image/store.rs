//! Where an image's blobs are: a folder, a tar, a compressed tar.
//!
//! Names inside are text: they are looked up in the list of what is there, never opened as paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::source::archive::{Kind, Limits, Member, decompressed, each_member};
use crate::source::read::{fill, fill_at};

/// Documents (manifests, configurations) are read up to this size.
const MAX_DOCUMENT: u64 = 8 << 20;
/// All documents of a compressed tar together.
const MAX_DOCUMENTS: u64 = 256 << 20;
/// Folders below an OCI layout's own are few.
const MAX_FOLDERS: usize = 8;
/// Symbolic links to a layer lead there at once, or nearly.
const MAX_LINKS: usize = 4;

/// The files of an image, by the names they have in it.
pub struct Store {
    place: Place,
    names: BTreeMap<String, Entry>,
    /// Documents of a compressed tar, which cannot be read out of order.
    documents: BTreeMap<String, Vec<u8>>,
}

enum Place {
    Folder(PathBuf),
    Tar(File),
    Compressed(Kind, File, Limits),
}

enum Entry {
    /// Offset in the tar, if it can be gone to, and length.
    File(u64, u64),
    /// The name that it stands for: `docker save` stores the same layer once.
    Link(String),
}

impl Store {
    /// Opens a folder or file.
    ///
    /// # Errors
    /// It cannot be read, or it is neither a folder nor a tar.
    pub fn open(path: &Path, limits: Limits) -> io::Result<Self> {
        if path.is_dir() {
            let mut names = BTreeMap::new();
            list(path, "", 0, &mut names)?;
            return Ok(Self { place: Place::Folder(path.to_owned()), names, documents: BTreeMap::new() });
        }
        let file = File::open(path)?;
        let mut head = [0; 512];
        let filled = fill_at(&file, &mut head, 0)?;
        match Kind::of(&head[..filled]) {
            Some(Kind::Tar) => {
                let mut names = BTreeMap::new();
                each_member(&mut BufReader::with_capacity(1 << 16, &file), |member, _| {
                    enter(&mut names, member);
                    Ok(())
                })?;
                Ok(Self { place: Place::Tar(file), names, documents: BTreeMap::new() })
            }
            Some(kind @ (Kind::Gzip | Kind::Xz | Kind::Zstd | Kind::Bzip2)) => Self::compressed(kind, file, limits),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it is no tar archive")),
        }
    }

    fn compressed(kind: Kind, file: File, limits: Limits) -> io::Result<Self> {
        let (mut names, mut documents, mut total) = (BTreeMap::new(), BTreeMap::new(), 0);
        let mut reader = decompressed(kind, &file, limits)?;
        each_member(&mut reader, |member, content| {
            let name = member.path.clone();
            let size = member.size;
            enter(&mut names, member);
            if size <= MAX_DOCUMENT && total + size <= MAX_DOCUMENTS {
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes)?;
                if matches!(bytes.first(), Some(b'{' | b'[')) {
                    total += size;
                    documents.insert(name, bytes);
                }
            }
            Ok(())
        })?;
        drop(reader);
        Ok(Self { place: Place::Compressed(kind, file, limits), names, documents })
    }

    /// All names of files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let files = self.names.iter().filter(|(_, entry)| matches!(entry, Entry::File(..)));
        files.map(|(name, _)| name.as_str())
    }

    /// The file that a name stands for.
    pub fn resolve<'n>(&'n self, name: &'n str) -> Option<&'n str> {
        let mut name = name.strip_prefix("./").unwrap_or(name);
        for _ in 0..MAX_LINKS {
            match self.names.get(name)? {
                Entry::File(..) => return Some(name),
                Entry::Link(to) => name = to,
            }
        }
        None
    }

    /// A document as a whole; `None` where there is none of that name.
    ///
    /// # Errors
    /// It cannot be read or is too large to be one.
    pub fn document(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(name) = self.resolve(name) else { return Ok(None) };
        if let Some(bytes) = self.documents.get(name) {
            return Ok(Some(bytes.clone()));
        }
        let Some(mut reader) = self.reader(name)? else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no JSON document"));
        };
        let mut bytes = Vec::new();
        reader.by_ref().take(MAX_DOCUMENT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_DOCUMENT {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large for a JSON document"));
        }
        Ok(Some(bytes))
    }

    /// Bytes of a file.
    pub fn length(&self, name: &str) -> Option<u64> {
        match self.names.get(name)? {
            Entry::File(_, length) => Some(*length),
            Entry::Link(_) => None,
        }
    }

    /// A reader of one file, where files can be read in any order.
    fn reader(&self, name: &str) -> io::Result<Option<Box<dyn Read + '_>>> {
        Ok(match (&self.place, self.names.get(name)) {
            (Place::Folder(root), Some(Entry::File(..))) => Some(Box::new(File::open(root.join(name))?)),
            (Place::Tar(file), Some(Entry::File(offset, length))) => {
                Some(Box::new(Range { file, at: *offset, left: *length }))
            }
            _ => None,
        })
    }

    /// Calls `read` with each of these files: on many threads where they can be read in any order.
    pub fn each<T: Send>(
        &self,
        names: &BTreeSet<String>,
        read: impl Fn(&str, io::Result<&mut dyn Read>) -> T + Sync,
    ) -> Vec<T> {
        if let Place::Compressed(kind, file, limits) = &self.place {
            let mut out = Vec::new();
            let result = decompressed(*kind, file, *limits).and_then(|mut reader| {
                each_member(&mut reader, |member, content| {
                    if names.contains(&member.path) {
                        out.push(read(&member.path, Ok(content)));
                    }
                    Ok(())
                })
            });
            if let Err(error) = result {
                out.push(read("", Err(error)));
            }
            return out;
        }
        let names: Vec<&String> = names.iter().collect();
        names
            .into_par_iter()
            .map(|name| match self.reader(name) {
                Ok(Some(mut reader)) => read(name, Ok(&mut *reader)),
                Ok(None) => read(name, Err(io::Error::from(io::ErrorKind::NotFound))),
                Err(error) => read(name, Err(error)),
            })
            .collect()
    }
}

/// Files below a folder; links and what is no file are left out.
fn list(root: &Path, below: &str, depth: usize, names: &mut BTreeMap<String, Entry>) -> io::Result<()> {
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < MAX_FOLDERS {
            list(root, &name, depth + 1, names)?;
        } else if kind.is_file() {
            names.insert(name, Entry::File(0, entry.metadata()?.len()));
        }
    }
    Ok(())
}

fn enter(names: &mut BTreeMap<String, Entry>, member: Member) {
    let entry = match member.link {
        None if member.is_file => Entry::File(member.offset, member.size),
        None => return,
        Some(to) => Entry::Link(beside(&member.path, &to)),
    };
    names.insert(member.path, entry);
}

/// The path that a symbolic link beside `path` leads to, within the archive.
fn beside(path: &str, to: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A part of a file.
struct Range<'f> {
    file: &'f File,
    at: u64,
    left: u64,
}

impl Read for Range<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let length = fill_at(self.file, &mut buffer[..most], self.at)?;
        if length < most {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        self.at += length as u64;
        self.left -= length as u64;
        Ok(length)
    }
}

/// The first bytes of a reader.
pub(crate) fn head(reader: &mut dyn Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let filled = fill(&mut &mut *reader, &mut bytes)?;
    bytes.truncate(filled);
    Ok(bytes)
}
