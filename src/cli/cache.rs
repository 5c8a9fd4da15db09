//! `--cache FILE`: the file that carries what is clean from one run to the next.
//!
//! A cache can make a run faster and nothing else: one that cannot be used is said, and replaced.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::scan::tell;
use super::tree;
use crate::judge::identity::Key;
use crate::scan::Scanner;
use crate::scan::cache::{Cache, MAX_BYTES};
use crate::source::tracked::WorkTree;

/// The cache of a file; an empty one where there is none, or none of use. The scanner's rules and options are final.
pub(crate) fn open(path: &Path, scanner: &Scanner, key: Option<&Key>) -> Cache {
    let read = || {
        match fs::metadata(path) {
            Ok(data) if data.len() > MAX_BYTES => return Err("it is too large to be one".to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Cache::new(scanner)),
            Err(error) => return Err(error.to_string()),
        }
        if is_tracked(path) {
            return Err("git tracks it: whoever can push could say what is clean".to_owned());
        }
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        Cache::read(scanner, &bytes, key).map_err(str::to_owned)
    };
    read().unwrap_or_else(|why| {
        tell(&format!("the scan cache {} is not used: {why}", path.display()));
        Cache::new(scanner)
    })
}

/// Writes what a run has learned, whole or not at all.
pub(crate) fn save(path: &Path, cache: &Cache, key: Option<&Key>) {
    if let Some(bytes) = cache.write(key)
        && let Err(failure) = tree::write(path, &bytes)
    {
        tell(&format!("{}; the next run begins without it", failure.message()));
    }
}

fn is_tracked(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let Ok(Some(tree)) = WorkTree::around(&path) else { return false };
    let Ok(below) = path.strip_prefix(&tree.root) else { return false };
    let mut tracked = false;
    // An index that cannot be read may track anything.
    tree.tracked(|name| tracked |= name == below.as_os_str().as_bytes()).is_err() || tracked
}
