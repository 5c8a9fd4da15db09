//! Which files of a layer are still there in the image: what later layers delete, hide and replace.
//!
//! Paths are kept as hashes: a large image names a million of them.

use std::hash::{BuildHasher, RandomState};

/// Deletes one path of the layers below.
const WHITEOUT: &str = ".wh.";
/// Hides everything that the layers below have in its folder.
const OPAQUE: &str = ".wh..wh..opq";

/// What one layer does to those below.
#[derive(Default)]
pub struct Changes {
    /// Paths it deletes.
    deleted: Vec<u64>,
    /// Folders it begins anew.
    opaque: Vec<u64>,
    /// All it has.
    paths: Vec<u64>,
    /// Those that are no folders.
    files: Vec<u64>,
}

/// Makes hashes of paths; one for all layers of an image.
#[derive(Clone, Default)]
pub struct Paths(RandomState);

impl Paths {
    fn hash(&self, path: &str) -> u64 {
        self.0.hash_one(clean(path))
    }
}

/// Without what may stand before and behind a path.
fn clean(path: &str) -> &str {
    path.trim_start_matches("./").trim_matches('/')
}

impl Changes {
    /// Takes in a path that the layer names.
    pub fn add(&mut self, paths: &Paths, path: &str, is_folder: bool) {
        let path = clean(path);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if name == OPAQUE {
            self.opaque.push(paths.hash(folder));
        } else if let Some(name) = name.strip_prefix(WHITEOUT) {
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            self.deleted.push(paths.hash(&path));
        } else {
            let hash = paths.hash(path);
            self.paths.push(hash);
            if !is_folder {
                self.files.push(hash);
            }
        }
    }

    /// Makes it ready to be asked.
    pub fn sort(&mut self) {
        for list in [&mut self.deleted, &mut self.opaque, &mut self.paths, &mut self.files] {
            list.sort_unstable();
            list.dedup();
        }
    }

    /// True when a file of a layer below is no longer seen above this one.
    pub fn hides(&self, paths: &Paths, path: &str) -> bool {
        let path = clean(path);
        let has = |list: &[u64], path: &str| list.binary_search(&paths.hash(path)).is_ok();
        if has(&self.paths, path) || has(&self.deleted, path) {
            return true;
        }
        let above = path.match_indices('/').map(|(at, _)| &path[..at]).chain([""]);
        let mut above = above;
        above.any(|folder| {
            has(&self.opaque, folder) || !folder.is_empty() && (has(&self.deleted, folder) || has(&self.files, folder))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_layers_hide_what_they_delete_and_replace() {
        let paths = Paths::default();
        let mut layer = Changes::default();
        for (path, is_folder) in [
            ("etc/.wh.secret", false),
            ("var/.wh..wh..opq", false),
            ("./app/config", false),
            ("/srv/", true),
            ("opt/tool", false),
            (".wh.root", false),
        ] {
            layer.add(&paths, path, is_folder);
        }
        layer.sort();
        for (path, hidden) in [
            ("etc/secret", true),
            ("etc/secret/inside", true),
            ("etc/secrets", false),
            ("var/a/b", true),
            ("var", false),
            ("app/config", true),
            ("app/config2", false),
            ("srv/data", false),
            ("opt/tool/was/folder", true),
            ("root/.ssh/id", true),
        ] {
            assert_eq!(layer.hides(&paths, path), hidden, "{path}");
        }
    }
}
