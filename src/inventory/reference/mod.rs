//! References to credentials that are kept elsewhere, identities declared in infrastructure as code, and names consumed by
//! code: what a repository shows of the identities whose values it does not hold.
//!
//! A family of systems is a module with `wants(path)` and `read(file, out)`. A reader notes each identity with
//! [`Out::note`] and makes its claims on the [`Facts`] that this returns. A file that does not parse gives what was understood.
//! What holds for an identity of another file goes into [`Out::links`] and is settled when all files are read.

mod actions;
mod aws;
mod azure;
mod azure_pipelines;
mod calls;
mod chezmoi;
mod consumers;
mod data_sources;
mod docker;
mod encrypted;
pub(super) mod environment;
mod external;
mod gcp;
mod github;
mod gitlab;
mod iac;
mod jenkins;
mod kubernetes;
mod links;
mod literal;
mod managers;
pub(super) mod names;
mod pipelines;
mod policy;
mod rbac;
mod spot;
mod spring;
mod stores;
mod templates;
mod variables;
mod vaults;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

pub use self::links::Links;
pub use self::stores::Stores;
use super::kind::{Field, FingerprintKind, Kind, StorageState};
use super::record::{Claim, Consumer, Facts, Location};
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

/// What readers found in one file, or in all of a repository.
#[derive(Default)]
pub struct Out {
    found: BTreeMap<Subject, Facts>,
    /// What is said of identities that other files declare.
    pub links: Links,
    /// What the stores of External Secrets are.
    pub stores: Stores,
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

    /// Adds what was found in another file of the same repository.
    pub fn join(&mut self, other: Self) {
        self.add(other.found);
        self.links.join(other.links);
        self.stores.join(other.stores);
    }

    /// Adds identities with what is known of them.
    pub fn add(&mut self, found: impl IntoIterator<Item = (Subject, Facts)>) {
        for (subject, facts) in found {
            self.found.entry(subject).or_default().join(facts);
        }
    }

    /// The identities, each with what any file says of it.
    pub fn into_found(mut self) -> BTreeMap<Subject, Facts> {
        self.links.settle(&mut self.found);
        self.found
    }
}

/// True for an id, an account or a user's name that is kept beside credentials, by all that any file says of it: an entry of
/// a store that holds one value, with such a name. An entry that may hold several values may hold a password, too.
pub fn is_identifier(subject: &Subject, facts: &Facts) -> bool {
    let one = ["github-actions:", "aws-ssm:", "1password:"].iter().any(|start| subject.fingerprint.starts_with(start));
    let unknown = |claim: &Claim| claim.value == Kind::CiSecret.name();
    let mut names = facts.all(Field::Name).peekable();
    (one || subject.fingerprint.contains('#'))
        && names.peek().is_some()
        && names.all(|claim| names::is_identifier(&claim.value))
        && facts.all(Field::Kind).all(unknown)
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

/// References to what is kept elsewhere.
const REFERENCES: &[Family] = &[
    Family { wants: literal::wants, read: literal::read },
    Family { wants: managers::wants, read: managers::read },
    Family { wants: data_sources::wants, read: data_sources::read },
    Family { wants: azure::wants, read: azure::read },
    Family { wants: aws::wants, read: aws::read },
    Family { wants: spring::wants, read: spring::read },
    Family { wants: chezmoi::wants, read: chezmoi::read },
    Family { wants: github::wants, read: github::read },
    Family { wants: gitlab::wants, read: gitlab::read },
    Family { wants: jenkins::wants, read: jenkins::read },
    Family { wants: azure_pipelines::wants, read: azure_pipelines::read },
    Family { wants: pipelines::wants, read: pipelines::read },
    Family { wants: docker::wants, read: docker::read },
    Family { wants: encrypted::wants, read: encrypted::read },
    Family { wants: encrypted::wants_rules, read: encrypted::read_rules },
    Family { wants: kubernetes::wants, read: kubernetes::read },
];

/// Declarations, and names that code consumes.
const DECLARATIONS: &[Family] = &[
    Family { wants: iac::wants, read: iac::read },
    Family { wants: rbac::wants, read: rbac::read },
    Family { wants: consumers::wants, read: consumers::read },
];

/// The system whose pipeline definition a file is, by its path.
fn system(path: &str) -> Option<&'static str> {
    crate::format::pipeline(&path.to_ascii_lowercase())
}

/// True for the definitions of pipelines: what stands in them in clear is shown to everyone who may read the pipeline.
pub fn is_pipeline(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let jenkins = name.starts_with("jenkinsfile") || name.ends_with(".jenkinsfile");
    jenkins || crate::format::pipeline(&lower).is_some()
}

/// True where some reader wants the file.
pub fn wants(path: &str) -> bool {
    REFERENCES.iter().chain(DECLARATIONS).any(|family| (family.wants)(path))
}

/// What a file refers to and declares. Those of a repository's files are joined before [`Out::into_found`].
pub fn read(file: &File<'_>) -> Out {
    let mut out = Out::default();
    for family in REFERENCES.iter().chain(DECLARATIONS).filter(|family| (family.wants)(file.path)) {
        (family.read)(file, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The references of a file.
    fn read(file: &File<'_>) -> BTreeMap<Subject, Facts> {
        let mut out = Out::default();
        for family in REFERENCES.iter().filter(|family| (family.wants)(file.path)) {
            (family.read)(file, &mut out);
        }
        out.into_found()
    }

    /// What a file of the repository `o/r` gives: `kind fingerprint storage` of each identity.
    pub(super) fn seen(path: &str, text: &str) -> Vec<String> {
        let found = read(&File::new("o/r", path, text.as_bytes()));
        let line = |(subject, facts): (&Subject, &Facts)| {
            let storage = facts.locations.iter().map(|location| location.storage).min();
            let storage = storage.map_or("", StorageState::name);
            format!("{} {} {storage}", subject.kind.name(), subject.fingerprint)
        };
        found.iter().map(line).collect()
    }

    /// Every claim of a file: `field=value @basis`.
    pub(super) fn claims(path: &str, text: &str) -> Vec<String> {
        let found = read(&File::new("o/r", path, text.as_bytes()));
        let all = found.values().flat_map(|facts| &facts.claims);
        all.map(|claim| format!("{}={} @{}", claim.field.name(), claim.value, claim.basis)).collect()
    }

    /// Who uses what: `fingerprint: consumer`.
    pub(super) fn consumers(path: &str, text: &str) -> Vec<String> {
        let found = read(&File::new("o/r", path, text.as_bytes()));
        let line = |(subject, facts): (&Subject, &Facts)| {
            let fingerprint = subject.fingerprint.clone();
            let line = |consumer: &Consumer| format!("{fingerprint}: {}", consumer.what);
            facts.consumers.iter().map(line).collect::<Vec<_>>()
        };
        found.iter().flat_map(line).collect()
    }

    #[test]
    fn what_is_kept_beside_credentials_is_none() {
        let workflow = "on: push\njobs:\n  a:\n    steps:\n    - run: x\n      env:\n        A: ${{ secrets.AWS_ACCOUNT_ID }}\n        \
                        B: ${{ secrets.DEPLOY_URL }}\n    - uses: aws-actions/configure-aws-credentials@v4\n      \
                        with:\n        role-to-assume: ${{ secrets.AWS_ROLE_ARN }}\n";
        let external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e}\nspec:\n  \
                        secretStoreRef: {name: s}\n  data:\n  - {secretKey: username, remoteRef: {key: db, property: username}}\n  \
                        - {secretKey: db-user, remoteRef: {key: db-user}}\n";
        let kept = |path: &str, text: &str| {
            let found = read(&File::new("o/r", path, text.as_bytes()));
            let kept = found.iter().filter(|(subject, facts)| !is_identifier(subject, facts));
            kept.map(|(subject, _)| subject.fingerprint.clone()).collect::<Vec<_>>()
        };
        let secrets = ["github-actions:o/r:AWS_ROLE_ARN", "github-actions:o/r:DEPLOY_URL"];
        assert_eq!(kept(".github/workflows/a.yml", workflow), secrets);
        assert_eq!(kept("e.yaml", external), ["external-secret:o/r:s:db-user"]);
    }

    #[test]
    fn pipelines_are_known_by_their_paths() {
        for path in [
            ".github/workflows/a.yml",
            "x/Jenkinsfile.deploy",
            "ci/.gitlab-ci.yml",
            "azure-pipelines.yml",
            ".circleci/config.yml",
        ] {
            assert!(is_pipeline(path), "{path}");
        }
        for path in ["src/main.rs", "deploy/values.yaml", "docs/github/workflows.md"] {
            assert!(!is_pipeline(path), "{path}");
        }
    }
}
