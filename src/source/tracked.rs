//! The git work tree around a root: where it begins, and which files its index tracks.
//!
//! Only the index file is read, through `gix` with an isolated configuration: no hook, filter, alias or config of the
//! repository or the user takes effect.

use std::path::{Path, PathBuf};

/// A git work tree.
pub struct WorkTree {
    /// Its top folder.
    pub root: PathBuf,
    repository: gix::Repository,
}

impl WorkTree {
    /// The work tree that holds `path`; `None` where there is none.
    ///
    /// # Errors
    /// There is a repository and it cannot be opened.
    pub fn around(path: &Path) -> Result<Option<Self>, String> {
        let Some(start) = (if path.is_dir() { Some(path) } else { path.parent() }) else { return Ok(None) };
        let Ok((found, _trust)) = gix::discover::upwards(start) else { return Ok(None) };
        let (git, _work_tree) = found.into_repository_and_work_tree_directories();
        let repository = gix::open_opts(git, gix::open::Options::isolated()).map_err(|error| error.to_string())?;
        let Some(root) = repository.workdir().and_then(|root| root.canonicalize().ok()) else { return Ok(None) };
        Ok(Some(Self { root, repository }))
    }

    /// Calls `found` with each tracked regular file's path relative to the root, in the index's order.
    ///
    /// # Errors
    /// The index is there and cannot be read.
    pub fn tracked(&self, mut found: impl FnMut(&[u8])) -> Result<(), String> {
        let path = self.repository.index_path();
        if !path.exists() {
            return Ok(());
        }
        let index = self.repository.open_index().map_err(|error| error.to_string())?;
        for entry in index.entries() {
            if matches!(entry.mode, gix::index::entry::Mode::FILE | gix::index::entry::Mode::FILE_EXECUTABLE) {
                found(entry.path(&index));
            }
        }
        Ok(())
    }
}
