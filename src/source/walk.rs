//! The walk over a tree: what git tracks or would add, in parallel.
//!
//! In a git work tree ignore rules hold, except for files the index tracks: those are added after the walk, for the work
//! tree itself and for repositories nested in it. Outside of one, everything is in scope. Hidden files are, `.git` is not.
//! Symbolic links are not followed.

use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::tracked::WorkTree;
use super::{FilePath, Gap, GapReason, lossless};

/// What to walk and how.
pub struct WalkPlan {
    /// Existing paths, folders and files, as the user named them.
    pub roots: Vec<PathBuf>,
    /// Ignore rules do not hold.
    pub include_ignored: bool,
    /// Threads.
    pub jobs: usize,
    /// The folder that relative paths in reports begin at.
    pub base: PathBuf,
}

/// What the walk hands out.
pub enum Found {
    /// A file in scope.
    File(Arc<FilePath>),
    /// Something that could not be looked into.
    Gap(Gap),
}

/// One thread's end of the walk. Returns false to stop the walk.
pub type Visitor<'a> = Box<dyn FnMut(Found) -> bool + Send + 'a>;

/// Walks all roots; `visitor` is called once for each thread.
pub fn walk<'a>(plan: &WalkPlan, visitor: &(dyn Fn() -> Visitor<'a> + Sync)) {
    let (folders, files) = disjoint(&plan.roots);
    if !files.is_empty() {
        let mut visit = visitor();
        for file in &files {
            if !visit(Found::File(named(plan, file))) {
                return;
            }
        }
    }
    for folder in &folders {
        walk_folder(plan, folder, &files, visitor);
    }
}

/// Folders none of which lies in another, and files, each once.
fn disjoint(roots: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let (mut folders, mut files): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
    for root in roots {
        let list = if root.is_dir() { &mut folders } else { &mut files };
        if list.iter().all(|other| real(other) != real(root)) {
            list.push(root.clone());
        }
    }
    let all = folders.clone();
    folders.retain(|folder| {
        let own = real(folder);
        !all.iter().any(|other| {
            let other = real(other);
            own != other && own.starts_with(&other)
        })
    });
    (folders, files)
}

fn named(plan: &WalkPlan, path: &Path) -> Arc<FilePath> {
    Arc::new(FilePath { path: path.to_owned(), shown: shown(&plan.base, path) })
}

/// A path as reports show it: relative to `base` where it lies below, without `./`.
pub fn shown(base: &Path, path: &Path) -> String {
    let path = path.strip_prefix(base).unwrap_or(path);
    let path = path.strip_prefix(".").unwrap_or(path);
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => lossless(path.as_os_str().as_bytes()),
    }
}

/// What the threads of one folder's walk share.
struct Shared<'p> {
    plan: &'p WalkPlan,
    root: Root<'p>,
    /// Named files, scanned already.
    named: Vec<PathBuf>,
    hasher: RandomState,
    /// Hashes of the paths handed out, where a work tree's index is to be compared with them.
    seen: Option<Mutex<Vec<u64>>>,
}

/// A folder that is walked, and what its files' paths have in common.
struct Root<'p> {
    folder: &'p Path,
    /// As reports show it, ready for what lies below.
    shown: String,
}

impl<'p> Root<'p> {
    fn new(base: &Path, folder: &'p Path) -> Self {
        let mut shown = shown(base, folder);
        if !shown.is_empty() && !shown.ends_with('/') {
            shown.push('/');
        }
        Self { folder, shown }
    }

    /// Writes what [`shown`] gives for a path below the folder.
    fn show(&self, base: &Path, path: &Path, out: &mut String) {
        let below = path.as_os_str().as_bytes().strip_prefix(self.folder.as_os_str().as_bytes());
        out.clear();
        match below.and_then(|below| std::str::from_utf8(below).ok()) {
            Some(below) => {
                out.push_str(&self.shown);
                out.push_str(below.trim_start_matches('/'));
            }
            None => out.push_str(&shown(base, path)),
        }
    }
}

fn walk_folder<'a>(plan: &WalkPlan, folder: &Path, files: &[PathBuf], visitor: &(dyn Fn() -> Visitor<'a> + Sync)) {
    let tree = if plan.include_ignored { Ok(None) } else { WorkTree::around(folder) };
    let shared = Shared {
        plan,
        root: Root::new(&plan.base, folder),
        named: files.iter().filter_map(|file| file.canonicalize().ok()).collect(),
        hasher: RandomState::new(),
        seen: (!plan.include_ignored).then(Mutex::default),
    };
    let repositories = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&repositories);
    let mut builder = WalkBuilder::new(folder);
    builder
        .standard_filters(!plan.include_ignored)
        .hidden(false)
        .ignore(false)
        .require_git(true)
        .follow_links(false)
        .threads(plan.jobs)
        .filter_entry(move |entry| {
            let git = entry.depth() > 0 && entry.file_name() == ".git";
            if git && let Some(parent) = entry.path().parent() {
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(parent.to_owned());
            }
            !git
        });
    if plan.include_ignored {
        builder.git_ignore(false).git_global(false).git_exclude(false).parents(false);
    }
    builder.build_parallel().run(|| {
        let mut worker = Worker { shared: &shared, visit: visitor(), file: Arc::default(), seen: Vec::new() };
        Box::new(move |entry| worker.entry(entry))
    });
    if plan.include_ignored {
        return;
    }
    let mut visit = visitor();
    let mut repositories = std::mem::take(&mut *repositories.lock().unwrap_or_else(PoisonError::into_inner));
    repositories.retain(|path| path != folder);
    repositories.sort();
    let seen = shared.finish();
    let nested = repositories.iter().map(|path| WorkTree::around(path));
    for tree in std::iter::once(tree).chain(nested) {
        let go_on = match tree {
            Ok(None) => true,
            Ok(Some(tree)) => add_tracked(&shared, folder, &tree, &seen, &mut visit),
            Err(error) => visit(Found::Gap(no_index(plan, folder, &error))),
        };
        if !go_on {
            return;
        }
    }
}

fn no_index(plan: &WalkPlan, root: &Path, error: &str) -> Gap {
    let detail =
        format!("git's data cannot be read ({error}); tracked files that an ignore rule names were not scanned");
    Gap { what: shown(&plan.base, root), reason: GapReason::Index, detail }
}

struct Worker<'s, 'a> {
    shared: &'s Shared<'s>,
    visit: Visitor<'a>,
    /// The last file handed out: its room is used again where nobody kept it, as nobody does without a finding.
    file: Arc<FilePath>,
    seen: Vec<u64>,
}

impl Worker<'_, '_> {
    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return self.hand(Found::Gap(unreadable(&self.shared.plan.base, &error))),
        };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            return WalkState::Continue;
        }
        let path = entry.into_path();
        if self.shared.seen.is_some() {
            self.seen.push(self.shared.hasher.hash_one(path.as_os_str().as_bytes()));
        }
        if !self.shared.named.is_empty() && path.canonicalize().is_ok_and(|path| self.shared.named.contains(&path)) {
            return WalkState::Continue;
        }
        if Arc::get_mut(&mut self.file).is_none() {
            self.file = Arc::default();
        }
        if let Some(file) = Arc::get_mut(&mut self.file) {
            self.shared.root.show(&self.shared.plan.base, &path, &mut file.shown);
            file.path = path;
        }
        self.hand(Found::File(Arc::clone(&self.file)))
    }

    fn hand(&mut self, found: Found) -> WalkState {
        if (self.visit)(found) { WalkState::Continue } else { WalkState::Quit }
    }
}

impl Drop for Worker<'_, '_> {
    fn drop(&mut self) {
        if let Some(seen) = &self.shared.seen {
            seen.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.seen);
        }
    }
}

impl Shared<'_> {
    fn finish(&self) -> Vec<u64> {
        let mut seen = self
            .seen
            .as_ref()
            .map(|seen| std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default();
        seen.sort_unstable();
        seen
    }
}

/// Hands out the tracked files below `folder` that the walk passed over because an ignore rule names them.
fn add_tracked(shared: &Shared<'_>, folder: &Path, tree: &WorkTree, seen: &[u64], visit: &mut Visitor<'_>) -> bool {
    let Ok(real) = folder.canonicalize() else { return true };
    let mut go_on = true;
    let result = tree.tracked(|relative| {
        if !go_on {
            return;
        }
        // The tracked file as the walk would have named it.
        let full = tree.root.join(OsStr::from_bytes(relative));
        let Ok(below) = full.strip_prefix(&real) else { return };
        let full = if below.as_os_str().is_empty() { folder.to_owned() } else { folder.join(below) };
        if seen.binary_search(&shared.hasher.hash_one(full.as_os_str().as_bytes())).is_ok() {
            return;
        }
        if full.symlink_metadata().is_ok_and(|data| data.is_file()) {
            let shown = shown(&shared.plan.base, &full);
            go_on = visit(Found::File(Arc::new(FilePath { path: full, shown })));
        }
    });
    if let Err(error) = result {
        return visit(Found::Gap(no_index(shared.plan, &tree.root, &error)));
    }
    go_on
}

fn unreadable(base: &Path, error: &ignore::Error) -> Gap {
    let what = path_of(error).map_or_else(|| "walk".to_owned(), |path| shown(base, path));
    Gap { what, reason: GapReason::Unreadable, detail: reason_of(error) }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

fn reason_of(error: &ignore::Error) -> String {
    error.io_error().map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_folder_are_shown_as_their_paths_are() {
        let cases = [
            ("/w", "/w", "a/b"),
            ("/w", "/w/x", "a"),
            ("/w", "/w/x/", "a/b"),
            ("/w", "/w//x", "a"),
            ("/w", "/other", "a"),
            ("/w", ".", "a/b"),
            ("/w", "./x", "a"),
            ("/w", "x/../y", "a"),
            ("/w", "/", "a"),
            ("", "x", "a"),
        ];
        for (base, folder, name) in cases.map(|(base, folder, name)| (Path::new(base), Path::new(folder), name)) {
            let path = folder.join(name);
            let mut out = String::from("what was there before");
            Root::new(base, folder).show(base, &path, &mut out);
            assert_eq!(out, shown(base, &path), "{} below {}", path.display(), base.display());
        }
        let mut out = String::new();
        let path = Path::new("x").join(OsStr::from_bytes(b"\xff%a"));
        Root::new(Path::new("/w"), Path::new("x")).show(Path::new("/w"), &path, &mut out);
        assert_eq!(out, shown(Path::new("/w"), &path));
    }
}
