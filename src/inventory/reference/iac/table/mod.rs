//! What each type of resource is: its kind, which attributes say something of the identity, what it has to do with others.

mod azure;
mod native;
mod terraform;

use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

/// How an attribute gives rights.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Right {
    /// A policy document of AWS: in place, as text, or by reference.
    Document,
    /// Who may take on a role of AWS.
    Trust,
    /// A document that may be either.
    Either,
    /// Documents that this one takes over.
    Merged,
    /// Policies by ARN or reference.
    Policies,
    /// A role of Google Cloud; `wide` where it is given on a project, folder or organisation.
    Google { wide: bool },
    /// A role of Azure, given on the attribute `scope`.
    Azure { scope: &'static str },
    /// A policy of Vault as text.
    Vault,
    /// A `ClusterRole` by its name.
    Kubernetes { cluster: bool },
    /// Scopes of a token.
    Token,
    /// Policies of a SAM function.
    Sam,
}

/// A type of resource. Attributes are paths of keys with dots between them.
pub(super) struct Type {
    /// As its dialect writes it.
    pub(super) name: &'static str,
    /// What the identity is; `None` for what only says something of others.
    pub(super) kind: Option<Kind>,
    /// Who issues it.
    pub(super) provider: &'static str,
    /// Where the credential is kept.
    pub(super) storage: StorageState,
    /// How long it holds.
    pub(super) mode: Option<Mode>,
    /// What identifies it for whoever refers to it, as readers of references write it; the first whose attributes are
    /// literals counts, `{@}` is the repository. Without one it is known by its address.
    pub(super) known: &'static [(FingerprintKind, &'static str)],
    /// Said of its place.
    pub(super) note: &'static str,
    /// Fields with the attribute that tells; `{…}` fills attributes into a pattern, `=` begins a text that always holds.
    /// The first that is there counts.
    pub(super) fields: &'static [(Field, &'static str)],
    /// Names under which others speak of it.
    pub(super) aliases: &'static [&'static str],
    /// Attributes that name what it takes facts from, with the prefix of its alias.
    pub(super) of: &'static [(&'static str, &'static str)],
    /// Attributes that name what takes facts from it.
    pub(super) about: &'static [(&'static str, &'static str)],
    /// Attributes that hold rights; the empty one is the resource itself.
    pub(super) rights: &'static [(Right, &'static str)],
}

impl Type {
    const fn new(name: &'static str, kind: Option<Kind>, provider: &'static str) -> Self {
        Self {
            name,
            kind,
            provider,
            storage: StorageState::Unknown,
            mode: None,
            known: &[],
            note: "",
            fields: &[],
            aliases: &[],
            of: &[],
            about: &[],
            rights: &[],
        }
    }

    /// An identity whose credential holds until it is changed, kept nobody knows where.
    const fn stored(name: &'static str, kind: Kind, provider: &'static str) -> Self {
        let mut out = Self::new(name, Some(kind), provider);
        out.mode = Some(Mode::Static);
        out
    }

    /// A workload's identity without a stored credential.
    const fn workload(name: &'static str, provider: &'static str) -> Self {
        let mut out = Self::new(name, Some(Kind::WorkloadIdentity), provider);
        out.storage = StorageState::Federated;
        out
    }

    /// Something that speaks of other resources alone.
    const fn about(name: &'static str, provider: &'static str, about: &'static [(&'static str, &'static str)]) -> Self {
        let mut out = Self::new(name, None, provider);
        out.about = about;
        out
    }

    const fn kept(mut self, storage: StorageState) -> Self {
        self.storage = storage;
        self
    }

    const fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    const fn known(mut self, known: &'static [(FingerprintKind, &'static str)]) -> Self {
        self.known = known;
        self
    }

    const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    const fn fields(mut self, fields: &'static [(Field, &'static str)]) -> Self {
        self.fields = fields;
        self
    }

    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn of(mut self, of: &'static [(&'static str, &'static str)]) -> Self {
        self.of = of;
        self
    }

    const fn rights(mut self, rights: &'static [(Right, &'static str)]) -> Self {
        self.rights = rights;
        self
    }
}

/// The type of a name, whatever its case.
pub(super) fn find(name: &str) -> Option<&'static Type> {
    [terraform::TYPES, azure::TYPES, native::TYPES]
        .into_iter()
        .flatten()
        .find(|known| known.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_stands_once_and_every_identity_can_be_named() {
        let mut names: Vec<&str> =
            [terraform::TYPES, azure::TYPES, native::TYPES].into_iter().flatten().map(|known| known.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(count > 120, "{count}");
        for known in [terraform::TYPES, azure::TYPES, native::TYPES].into_iter().flatten() {
            let speaks = !known.about.is_empty() || !known.rights.is_empty() || !known.aliases.is_empty();
            assert!(known.kind.is_some() || speaks || !known.fields.is_empty(), "{} says nothing", known.name);
        }
    }
}
