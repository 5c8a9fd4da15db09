//! References to credentials that are kept elsewhere, identities declared in infrastructure as code, and names consumed by
//! code: what a repository shows of the identities whose values it does not hold.
//!
//! A family of systems is a module with `wants(path)` and `read(file, out)`. A reader notes each identity with
//! [`Out::note`] and makes its claims on the [`Facts`] that this returns. A file that does not parse gives what was understood.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::kind::{FingerprintKind, StorageState};
use super::record::{Consumer, Facts, Location};
use super::register::Subject;
use crate::format::tree::Node;
use crate::format::{Data, data_format, documents};

/// A file of a repository.
pub struct File<'a> {
    /// The repository's name.
    pub repository: &'a str,
    /// Path in it.
    pub path: &'a str,
    /// Its text.
    pub bytes: &'a [u8],
    /// Its tree of values, where its name says that it is one.
    trees: OnceCell<Option<(Data, Vec<Node>)>>,
    /// Where its lines begin.
    lines: OnceCell<Vec<usize>>,
}

impl<'a> File<'a> {
    /// A file's text.
    pub fn new(repository: &'a str, path: &'a str, bytes: &'a [u8]) -> Self {
        Self { repository, path, bytes, trees: OnceCell::new(), lines: OnceCell::new() }
    }

    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Its documents as trees of values (YAML, JSON, TOML, HCL by its name), parsed once.
    pub fn trees(&self) -> Option<(Data, &[Node])> {
        let trees = self.trees.get_or_init(|| data_format(self.path).map(|data| (data, documents(data, self.bytes))));
        trees.as_ref().map(|(data, trees)| (*data, trees.as_slice()))
    }

    /// The 1-based line of an offset.
    pub fn line(&self, at: usize) -> u64 {
        let lines = self.lines.get_or_init(|| {
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', self.bytes).map(|end| end + 1)).collect()
        });
        lines.partition_point(|&start| start <= at) as u64
    }

    /// `path:line` of an offset, as claims give their basis.
    pub fn basis(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.line(at))
    }

    /// A piece of its text.
    pub fn text(&self, place: &Range<usize>) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.bytes.get(place.clone()).unwrap_or_default())
    }
}

/// What readers found in one file.
#[derive(Default)]
pub struct Out {
    found: BTreeMap<Subject, Facts>,
}

impl Out {
    /// Notes an identity that `file` refers to or declares at the offset `at`, kept as `storage` says. `fingerprint` names it
    /// among all of its kind: `github-actions:OWNER/REPO:NAME` for what belongs to one repository, `vault:PATH#FIELD`,
    /// `aws-secretsmanager:ARN` for what does not. `meaning` says what the place is. Returns its facts, for claims.
    #[expect(clippy::too_many_arguments, reason = "what names a reference and where it stands")]
    pub fn note(
        &mut self,
        file: &File<'_>,
        kind: FingerprintKind,
        fingerprint: impl Into<String>,
        storage: StorageState,
        at: usize,
        meaning: Option<String>,
    ) -> &mut Facts {
        let facts = self.found.entry(Subject { kind, fingerprint: fingerprint.into() }).or_default();
        facts.locations.insert(Location {
            line: Some(file.line(at)),
            meaning,
            ..Location::new(file.repository, file.path, storage)
        });
        facts
    }

    /// What was found.
    pub fn into_found(self) -> BTreeMap<Subject, Facts> {
        self.found
    }
}

impl Facts {
    /// Notes that something of `file` uses the identity: `what` is the job, the workload or the file itself.
    pub fn consumed(&mut self, file: &File<'_>, at: usize, what: impl Into<String>) {
        self.consumers.insert(Consumer {
            repository: file.repository.to_owned(),
            what: what.into(),
            path: file.path.to_owned(),
            line: Some(file.line(at)),
        });
    }
}

/// A family of systems: which paths may speak of it, and its reader.
struct Family {
    wants: fn(&str) -> bool,
    read: fn(&File<'_>, &mut Out),
}

/// Every family.
const FAMILIES: &[Family] = &[];

/// True where some reader wants the file.
pub fn wants(path: &str) -> bool {
    FAMILIES.iter().any(|family| (family.wants)(path))
}

/// What a file refers to and declares.
pub fn read(file: &File<'_>) -> BTreeMap<Subject, Facts> {
    let mut out = Out::default();
    for family in FAMILIES.iter().filter(|family| (family.wants)(file.path)) {
        (family.read)(file, &mut out);
    }
    out.into_found()
}
