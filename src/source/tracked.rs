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

    /// The folder of the repository's own hooks.
    pub fn hooks(&self) -> PathBuf {
        self.repository.common_dir().join("hooks")
    }

    /// A file as it is in a commit; `None` where the commit has none.
    ///
    /// # Errors
    /// There is no such commit, or it cannot be read.
    pub fn file_at(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>, String> {
        let tree = self.commit_tree(revision)?;
        let entry = tree.lookup_entry_by_path(path).map_err(|error| error.to_string())?;
        let Some(entry) = entry.filter(|entry| entry.mode().is_blob()) else { return Ok(None) };
        Ok(Some(entry.object().map_err(|error| error.to_string())?.data.clone()))
    }

    /// The names of the files that lie in a folder of a commit; empty where it has no such folder.
    ///
    /// # Errors
    /// There is no such commit, or it cannot be read.
    pub fn folder_at(&self, revision: &str, path: &str) -> Result<Vec<String>, String> {
        let tree = self.commit_tree(revision)?;
        let entry = tree.lookup_entry_by_path(path).map_err(|error| error.to_string())?;
        let Some(entry) = entry.filter(|entry| entry.mode().is_tree()) else { return Ok(Vec::new()) };
        let folder = entry.object().map_err(|error| error.to_string())?.into_tree();
        let mut names = Vec::new();
        for entry in folder.iter() {
            let entry = entry.map_err(|error| error.to_string())?;
            if entry.mode().is_blob() {
                names.push(entry.filename().to_string());
            }
        }
        names.sort();
        Ok(names)
    }

    fn commit_tree(&self, revision: &str) -> Result<gix::Tree<'_>, String> {
        let commit = self.repository.rev_parse_single(revision).map_err(|error| error.to_string())?;
        let object = commit.object().map_err(|error| error.to_string())?;
        object.peel_to_tree().map_err(|error| error.to_string())
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
