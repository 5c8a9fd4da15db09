//! The words of the register: kinds, where a credential is kept, how far it reaches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word used in reports.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// From the word used in reports.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
            }
        }
    };
}

words! {
    /// What a non-human identity authenticates with. The order is that of preference where sources differ: what says more
    /// stands first.
    Kind {
        /// A cloud identity that a workload takes on without a stored secret.
        WorkloadIdentity = "workload-identity",
        /// An account of a machine: its key, or the account itself.
        ServiceAccount = "service-account",
        /// A client of an OAuth or `OpenID` provider.
        OauthClient = "oauth-client",
        /// A key of a model provider, an agent or a tool server.
        AiAgentCredential = "ai-agent-credential",
        /// A key that signs: releases, tokens, packages.
        SigningKey = "signing-key",
        /// An X.509 or OpenSSH certificate.
        Certificate = "certificate",
        /// A private key.
        PrivateKey = "private-key",
        /// An address that can be posted to by whoever knows it.
        Webhook = "webhook",
        /// Address, user and password in one.
        ConnectionString = "connection-string",
        /// A credential of a device.
        DeviceCredential = "device-credential",
        /// A key of a service's interface.
        ApiKey = "api-key",
        /// A token.
        Token = "token",
        /// A password of an account that is no person's.
        Password = "password",
        /// A secret known by the name it has in a pipeline's store alone.
        CiSecret = "ci-secret",
    }
}

words! {
    /// Where a credential is kept. The worst stands first: a row is as its worst location is.
    StorageState {
        /// In clear in a file at HEAD.
        Embedded = "embedded",
        /// In clear in the definition of a pipeline.
        CiLiteral = "ci-literal",
        /// In a layer or the configuration of an image.
        Image = "image",
        /// In clear, in history alone.
        HistoryOnly = "history-only",
        /// Nothing tells.
        Unknown = "unknown",
        /// In a file, encrypted.
        EncryptedFile = "encrypted-file",
        /// In the secret store of a CI service.
        CiStore = "ci-store",
        /// In a vault.
        Vault = "vault",
        /// Nowhere: the workload proves who it is.
        Federated = "federated",
    }
}

words! {
    /// How long a credential holds, by its kind.
    Mode {
        /// Until it is changed.
        Static = "static",
        /// Hours, made for each run.
        ShortLived = "short-lived",
        /// By trust in another issuer's token.
        Federated = "federated",
        /// Made on demand by a vault.
        Dynamic = "dynamic",
    }
}

words! {
    /// How far a credential reaches. The widest stands first.
    ScopeLevel {
        /// Everything of an account, a cluster, an organisation.
        Admin = "admin",
        /// Changes data.
        Write = "write",
        /// Reads data.
        Read = "read",
        /// Nothing tells.
        Unknown = "unknown",
    }
}

words! {
    /// What an identity's fingerprint is made of.
    FingerprintKind {
        /// The value, with the organisation's key.
        Value = "value",
        /// The public key.
        PublicKey = "public-key",
        /// The id that its provider gave it.
        ProviderId = "provider-id",
        /// The name by which it is referred to.
        Reference = "reference",
    }
}

words! {
    /// Who says something of an identity. Where two differ, the one that stands first counts.
    Source {
        /// The team's own register.
        Register = "register",
        /// A list that the provider exported.
        Export = "export",
        /// The credential itself.
        Credential = "credential",
        /// Infrastructure as code.
        Infrastructure = "infrastructure",
        /// A tag or label on the resource.
        Tag = "tag",
        /// A catalogue of services (Backstage and the like).
        Catalog = "catalog",
        /// The file it stands in.
        File = "file",
        /// The reference to it.
        Reference = "reference",
        /// The git history.
        History = "history",
        /// `credlint.yaml`.
        Policy = "policy",
        /// The rule that found it.
        Rule = "rule",
    }
}

words! {
    /// A field of the record that sources make claims about.
    Field {
        /// What it authenticates with, a [`Kind`].
        Kind = "kind",
        /// Who issued it.
        Provider = "provider",
        /// The provider's account, project, tenant or workspace.
        ProviderAccount = "provider_account",
        /// The account it stands for: service account, IAM user, client id, `user@host/database`.
        Principal = "principal",
        /// The id that its provider gave the key.
        KeyId = "key_id",
        /// The name it is given: a variable, a secret's name.
        Name = "name",
        /// How long it holds, a [`Mode`].
        Mode = "credential_mode",
        /// Team.
        Team = "team",
        /// Application or service.
        Application = "application",
        /// Where the application stands in its life, as its catalogue says it: `production`, `deprecated` …
        Lifecycle = "application_lifecycle",
        /// What it is for.
        Purpose = "purpose",
        /// Business function.
        BusinessFunction = "business_function",
        /// How much depends on it.
        Criticality = "criticality",
        /// Class of the data it reaches.
        DataClass = "data_class",
        /// `production`, `staging`, `test`, `development`; several may hold.
        Environment = "environment",
        /// The supplier it belongs to or was given to.
        Vendor = "vendor",
        /// What it may do, as its source writes it; several may hold.
        Scope = "scope",
        /// How far that reaches, a [`ScopeLevel`]; the claim's basis is the evidence.
        ScopeLevel = "scope_level",
        /// What it may do at most, by policy.
        Ceiling = "ceiling",
        /// `yes` where a person can log in with it.
        Interactive = "interactive_capable",
        /// The vault or store that holds it.
        Vault = "vault",
        /// Its path there.
        VaultPath = "vault_path",
        /// `private`, `internal` or `public`: who can read the place it stands in.
        Exposure = "exposure",
        /// When it was made, RFC 3339.
        CreatedAt = "created_at",
        /// When it ends, RFC 3339, or `never`.
        ExpiresAt = "expires_at",
        /// When it last got a new value, RFC 3339.
        LastRotatedAt = "last_rotated_at",
        /// When it was last used, RFC 3339; exports alone tell.
        LastUsedAt = "last_used_at",
        /// `yes` or `no`, by its provider.
        Active = "active",
        /// `live` or `test`.
        Stage = "stage",
        /// `yes` where the key is encrypted.
        Encrypted = "encrypted",
        /// Days between rotations that its store promises.
        RotationDays = "rotation_days",
        /// Something that speaks for a state which the rest of the record does not show (`default-credential`,
        /// `weak-auth-scheme`, `human-use`, `weak-crypto` …).
        State = "state",
        /// `key=value` of a resource.
        Tag = "tag",
        /// Ticket or pull request.
        Ticket = "ticket",
        /// When it was last reviewed.
        ReviewedAt = "last_review_at",
        /// Who reviewed it.
        Reviewer = "reviewer",
        /// What was decided: keep, reduce, rotate, revoke.
        Decision = "decision",
        /// Why.
        DecisionReason = "decision_reason",
        /// When the next review is due.
        NextReviewDue = "next_review_due",
        /// Why a rule does not hold for it, who approved, until when.
        Exception = "exception",
    }
}

/// The value of [`Field::ExpiresAt`] for what was made without an end.
pub const NEVER: &str = "never";

impl Field {
    /// Several values can hold at once: none of them is a conflict.
    pub fn is_many(self) -> bool {
        matches!(self, Self::Environment | Self::Scope | Self::State | Self::Tag | Self::Ticket)
    }
}
