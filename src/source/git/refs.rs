//! Where the walk over the history begins: refs, HEAD, stash, notes, reflogs.

use std::path::Path;

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use super::Repository;
use crate::source::lossless;
use crate::source::{Gap, GapReason};

/// Bytes of one reflog that are read.
const MAX_LOG: u64 = 64 << 20;
/// Folders of reflogs that are entered.
const MAX_FOLDERS: usize = 100_000;

/// A name and the object it leads to; a tag's own object, not what it names.
pub struct Tip {
    /// The ref's full name; `reflog` for what only a reflog holds.
    pub name: String,
    /// The object.
    pub id: ObjectId,
}

/// All tips.
pub fn tips(repository: &Repository) -> (Vec<Tip>, Vec<Gap>) {
    let (mut tips, mut gaps) = (Vec::new(), Vec::new());
    let broken = |error: String| Gap { what: "refs".to_owned(), reason: GapReason::Corrupt, detail: error };
    if let Some(id) = repository.head() {
        tips.push(Tip { name: "HEAD".to_owned(), id });
    }
    match repository.inner.references() {
        Ok(platform) => match platform.all() {
            Ok(all) => {
                for reference in all {
                    match reference {
                        Ok(reference) => {
                            if let Some(id) = reference.target().try_id() {
                                let name = lossless(reference.name().as_bstr().as_bytes());
                                tips.push(Tip { name, id: id.to_owned() });
                            }
                        }
                        Err(error) => gaps.push(broken(error.to_string())),
                    }
                }
            }
            Err(error) => gaps.push(broken(error.to_string())),
        },
        Err(error) => gaps.push(broken(error.to_string())),
    }
    let mut folders = vec![repository.inner.common_dir().join("logs"), repository.inner.git_dir().join("logs")];
    folders.dedup();
    let mut entered = 0;
    while let Some(folder) = folders.pop() {
        entered += 1;
        let Ok(files) = folder.read_dir() else { continue };
        for file in files.filter_map(Result::ok) {
            match file.file_type() {
                Ok(kind) if kind.is_dir() && entered < MAX_FOLDERS => folders.push(file.path()),
                Ok(kind) if kind.is_file() => reflog(&file.path(), &mut tips),
                _ => {}
            }
        }
    }
    (tips, gaps)
}

/// Both ids of each line.
fn reflog(path: &Path, tips: &mut Vec<Tip>) {
    if path.metadata().map_or(true, |data| data.len() > MAX_LOG) {
        return;
    }
    let Ok(text) = std::fs::read(path) else { return };
    for line in text.lines() {
        for id in line.splitn(3, |byte| *byte == b' ').take(2) {
            if let Ok(id) = ObjectId::from_hex(id)
                && !id.is_null()
            {
                tips.push(Tip { name: "reflog".to_owned(), id });
            }
        }
    }
}
