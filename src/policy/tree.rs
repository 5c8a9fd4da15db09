//! Paths as policy files name them: from the root of the tree, `/` between parts, whatever folder the run began in.

use std::path::{Path, PathBuf};

use crate::source::Origin;

/// The root that policy paths begin at, and the folder that reports' paths begin at.
#[derive(Clone, Default)]
pub struct Tree {
    /// Absolute, without symbolic links; empty when reports' paths begin at the root.
    base: String,
    /// The same for the root.
    root: String,
}

impl Tree {
    /// Both folders must exist, or paths are taken as reports show them.
    pub fn new(root: &Path, base: &Path) -> Self {
        let real = |path: &Path| path.canonicalize().ok().and_then(|path| path.to_str().map(str::to_owned));
        match (real(root), real(base)) {
            (Some(root), Some(base)) if root != base => Self { base, root },
            _ => Self::default(),
        }
    }

    /// The path of an origin from the root. One outside of the root stays absolute.
    pub fn path(&self, origin: &Origin) -> String {
        // Paths of a repository begin at its root.
        if origin.object().is_some() { normal(origin.shown()) } else { self.of_shown(origin.shown()) }
    }

    /// The path from the root of a path as reports show it.
    pub fn of_shown(&self, shown: &str) -> String {
        if !shown.starts_with('/') && self.root.is_empty() {
            return normal(shown);
        }
        let full = if shown.starts_with('/') { normal(shown) } else { normal(&format!("{}/{shown}", self.base)) };
        match full.strip_prefix(&self.root).and_then(|rest| rest.strip_prefix('/')) {
            Some(below) if !self.root.is_empty() => below.to_owned(),
            _ => full,
        }
    }
}

/// Without `.` and `..`.
fn normal(path: &str) -> String {
    if !path.contains("./") && !path.contains("//") && !path.ends_with('.') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{}{}", if path.starts_with('/') { "/" } else { "" }, parts.join("/"))
}

/// The folder whose policy holds for a scan of `path`, when it lies in no work tree.
pub fn own_folder(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_root() {
        let tree = Tree { base: "/r/sub".to_owned(), root: "/r".to_owned() };
        assert_eq!(tree.of_shown("a/b"), "sub/a/b");
        assert_eq!(tree.of_shown("../x/./y"), "x/y");
        assert_eq!(tree.of_shown("/r/z"), "z");
        assert_eq!(tree.of_shown("../../out"), "/out");
        assert_eq!(Tree::default().of_shown("./a/../b"), "b");
    }
}
