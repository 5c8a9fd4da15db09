//! The files of a repository: a commit's tree, or a folder as it lies on disk.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;
use rayon::prelude::*;

use crate::source::git::tree::Differ;
use crate::source::git::{Objects, Repository, Shared, commits};
use crate::source::lossless;
use crate::source::member::INSIDE;
use crate::source::walk::{Found, WalkPlan, walk};
use crate::source::{Gap, GapReason};

/// Larger files hold data, not references.
const MAX_BYTES: u64 = 4 << 20;

/// Where a file's bytes are.
enum Stored {
    Blob(ObjectId),
    Disk(PathBuf),
}

/// The files of a repository, sorted by path.
pub struct Files {
    list: Vec<(String, Stored)>,
    shared: Option<Shared>,
    /// What could not be listed.
    pub gaps: Vec<Gap>,
}

impl Files {
    /// Those of a commit's tree; none before the first commit.
    pub fn at(repository: &Repository, commit: Option<ObjectId>) -> Self {
        let objects = repository.objects();
        let (mut list, mut gaps) = (Vec::new(), Vec::new());
        if let Some(id) = commit {
            match commits::read(&objects, id, &mut Vec::new()) {
                Ok(commit) => {
                    let mut differ = Differ::new(&objects);
                    differ
                        .added(commit.tree, &[], &mut |leaf| list.push((lossless(&leaf.path), Stored::Blob(leaf.id))));
                    gaps = differ.gaps;
                }
                Err(trouble) => gaps.push(trouble.gap("commit".to_owned(), id)),
            }
        }
        list.sort_by(|a, b| a.0.cmp(&b.0));
        Self { list, shared: Some(repository.shared()), gaps }
    }

    /// Those of a folder that are in scope of a scan; paths begin at the folder.
    pub fn on_disk(folder: &Path, threads: usize) -> Self {
        let found = std::sync::Mutex::new((Vec::new(), Vec::new()));
        let plan =
            WalkPlan { roots: vec![folder.to_owned()], include_ignored: false, jobs: threads, base: folder.to_owned() };
        walk(&plan, &|| {
            Box::new(|one| {
                let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                match one {
                    Found::File(file) => found.0.push((file.shown.clone(), Stored::Disk(file.path.clone()))),
                    Found::Gap(gap) => found.1.push(gap),
                }
                true
            })
        });
        let (mut list, mut gaps) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        list.sort_by(|a, b| a.0.cmp(&b.0));
        gaps.sort();
        Self { list, shared: None, gaps }
    }

    /// Their paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(path, _)| path.as_str())
    }

    /// True where there is a file at a path.
    pub fn has(&self, path: &str) -> bool {
        self.list.binary_search_by(|(known, _)| known.as_str().cmp(path)).is_ok()
    }

    /// The file on disk of a path that may lead into an archive (`outer.jar!conf/a.properties`).
    pub fn outermost<'p>(&self, path: &'p str) -> &'p str {
        path.split_once(INSIDE).filter(|_| !self.has(path)).map_or(path, |(file, _)| file)
    }

    /// The bytes of one; `None` where there is none or it cannot be read.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let at = self.list.binary_search_by(|(known, _)| known.as_str().cmp(path)).ok()?;
        read(&self.list.get(at)?.1, self.shared.as_ref().map(Shared::objects).as_ref()).ok()
    }

    /// Looks at every file whose path is wanted, on all threads of rayon's pool; results are in the order of paths. What cannot
    /// be read is a gap.
    pub fn look<T: Send>(
        &self,
        wants: impl Fn(&str) -> bool + Sync,
        see: impl Fn(&str, &[u8]) -> T + Sync,
    ) -> (Vec<T>, Vec<Gap>) {
        let wanted: Vec<&(String, Stored)> = self.list.iter().filter(|(path, _)| wants(path)).collect();
        let seen: Vec<Result<T, Gap>> = wanted
            .into_par_iter()
            .map_init(
                || self.shared.as_ref().map(Shared::objects),
                |objects, (path, stored)| match read(stored, objects.as_ref()) {
                    Ok(bytes) => Ok(see(path, &bytes)),
                    Err(detail) => Err(Gap { what: path.clone(), reason: GapReason::Unreadable, detail }),
                },
            )
            .collect();
        let (mut out, mut gaps) = (Vec::new(), Vec::new());
        for one in seen {
            match one {
                Ok(one) => out.push(one),
                Err(gap) => gaps.push(gap),
            }
        }
        (out, gaps)
    }
}

/// Reads a file; one that is too large to hold references counts as empty.
fn read(stored: &Stored, objects: Option<&Objects>) -> Result<Vec<u8>, String> {
    let bytes = match stored {
        Stored::Blob(id) => {
            let mut buffer = Vec::new();
            let objects = objects.ok_or_else(|| "the repository is closed".to_owned())?;
            objects
                .read(id, Kind::Blob, &mut buffer)
                .map_err(|trouble| trouble.gap(String::new(), *id).detail)?
                .to_vec()
        }
        Stored::Disk(path) => {
            let size = path.metadata().map_err(|error| error.to_string())?.len();
            if size > MAX_BYTES {
                return Ok(Vec::new());
            }
            std::fs::read(path).map_err(|error| error.to_string())?
        }
    };
    Ok(if bytes.len() as u64 > MAX_BYTES { Vec::new() } else { bytes })
}
