//! Opens a repository for reading and reads its objects.

use std::path::{Path, PathBuf};

use gix::objs::{Exists as _, Find as _, Kind};
use gix::{ObjectId, hash, oid};

use super::Trouble;

/// Objects larger than this are a gap: they are read into memory whole.
pub const MAX_OBJECT: u64 = 1 << 30;
/// Bytes of decoded delta bases kept for each thread.
const CACHE: usize = 32 << 20;

/// A repository, opened for reading.
pub struct Repository {
    pub(super) inner: gix::Repository,
    shared: gix::ThreadSafeRepository,
    /// The top of the work tree; the git folder of a bare repository.
    pub root: PathBuf,
    /// There is no work tree.
    pub bare: bool,
    /// The git folder belongs to somebody else. Git would refuse; nothing is executed here, so it is only said.
    pub foreign: bool,
}

impl Repository {
    /// The repository that holds `path`.
    ///
    /// # Errors
    /// There is none, or it cannot be opened.
    pub fn around(path: &Path) -> Result<Self, String> {
        let git = Self::find(path).ok_or_else(|| format!("{} is in no git repository", path.display()))?;
        Self::open(&git)
    }

    /// The git folder of the repository that holds `path`; `None` where there is none.
    pub fn find(path: &Path) -> Option<PathBuf> {
        let (found, _) = gix::discover::upwards(path).ok()?;
        Some(found.into_repository_and_work_tree_directories().0)
    }

    /// The repository of a git folder.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(git: &Path) -> Result<Self, String> {
        // Replacements hide objects and could be set by whoever wants to hide something; so could a commit graph.
        let limit = format!("gitoxide.objects.allocLimit={MAX_OBJECT}");
        let settings = ["core.useReplaceRefs=false", "core.commitGraph=false", limit.as_str()];
        let options = gix::open::Options::isolated().config_overrides(settings);
        let inner = gix::open_opts(git, options)
            .map_err(|error| format!("the git repository {} cannot be opened: {error}", git.display()))?;
        let foreign = inner.git_dir_trust() == gix::sec::Trust::Reduced;
        let root = inner.workdir().unwrap_or_else(|| inner.git_dir());
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Ok(Self { root, bare: inner.workdir().is_none(), foreign, shared: inner.clone().into_sync(), inner })
    }

    /// Objects for one thread.
    pub fn objects(&self) -> Objects {
        self.shared().objects()
    }

    /// What threads get their objects from.
    pub fn shared(&self) -> Shared {
        Shared(self.shared.clone())
    }

    /// The commit that HEAD leads to; `None` before the first commit.
    pub fn head(&self) -> Option<ObjectId> {
        self.inner.head_id().ok().map(gix::Id::detach)
    }

    /// The commit a revision names.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn commit(&self, revision: &str) -> Result<ObjectId, String> {
        let id = self.inner.rev_parse_single(revision).map_err(|error| error.to_string())?;
        let object = self.inner.find_object(id).map_err(|error| error.to_string())?;
        let commit = object.peel_to_kind(Kind::Commit).map_err(|error| error.to_string())?;
        Ok(commit.id)
    }

    /// Where the repository was cloned from, as `host/owner/name`: of the remote `origin`, or else of the first one that has an
    /// address. Scheme, user and password are not part of it.
    pub fn remote(&self) -> Option<String> {
        let names = self.inner.remote_names();
        let names = std::iter::once("origin".into()).chain(names.iter().map(ToString::to_string));
        names.filter_map(|name: String| self.inner.find_remote(name.as_str()).ok()).find_map(|remote| {
            let address = remote.url(gix::remote::Direction::Fetch)?;
            let host = address.host()?;
            let path = address.path.to_string();
            let path = path.trim_matches('/').trim_end_matches(".git");
            (!path.is_empty()).then(|| format!("{host}/{path}"))
        })
    }

    /// A full id, where `text` is one.
    pub fn full_id(&self, text: &str) -> Option<ObjectId> {
        ObjectId::from_hex(text.as_bytes()).ok().filter(|id| id.kind() == self.inner.object_hash())
    }

    /// True where history was cut on purpose.
    pub fn is_shallow(&self) -> bool {
        self.inner.is_shallow().unwrap_or(true)
    }

    /// The folders objects are kept in, the repository's own first.
    ///
    /// # Errors
    /// The own folder, and why the others could not be told.
    pub fn object_folders(&self) -> Result<Vec<PathBuf>, (PathBuf, String)> {
        let store = self.inner.objects.store_ref();
        let own = store.path().to_owned();
        match store.alternate_db_paths() {
            Ok(others) => Ok(std::iter::once(own).chain(others).collect()),
            Err(error) => Err((own, error.to_string())),
        }
    }

    /// How ids are made.
    pub fn hash(&self) -> hash::Kind {
        self.inner.object_hash()
    }
}

/// Gives each thread its way to the objects.
pub struct Shared(gix::ThreadSafeRepository);

impl Shared {
    /// Objects for one thread.
    pub fn objects(&self) -> Objects {
        let repository = self.0.to_thread_local();
        let hash = repository.object_hash();
        let mut store = repository.objects;
        store.set_pack_cache(|| Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(CACHE)));
        Objects { store, hash }
    }
}

/// A way to objects for one thread.
pub struct Objects {
    store: gix::OdbHandle,
    /// How ids are made.
    pub hash: hash::Kind,
}

impl Objects {
    /// Reads an object of a kind.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn read<'b>(&self, id: &oid, kind: Kind, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Trouble> {
        let data = self.store.try_find(id, buffer).map_err(|error| trouble(&error))?.ok_or(Trouble::Missing)?;
        if data.kind != kind {
            return Err(Trouble::Corrupt(format!("it is a {}, not a {kind}", data.kind)));
        }
        Ok(data.data)
    }

    /// Reads an object of whatever kind.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn any<'b>(&self, id: &oid, buffer: &'b mut Vec<u8>) -> Result<(Kind, &'b [u8]), Trouble> {
        let data = self.store.try_find(id, buffer).map_err(|error| trouble(&error))?.ok_or(Trouble::Missing)?;
        Ok((data.kind, data.data))
    }

    /// True when the object is there.
    pub fn has(&self, id: &oid) -> bool {
        self.store.exists(id)
    }
}

fn trouble(error: &gix::Error) -> Trouble {
    if error.is_resource_exhausted() { Trouble::Large } else { Trouble::Corrupt(error.to_string()) }
}
