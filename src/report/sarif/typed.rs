//! The closed word lists of SARIF that the `serde-sarif` crate leaves as free JSON values, where a typing error would
//! compile and give an invalid file.

use serde_json::Value;

use crate::rule::Severity;

/// `version`.
pub(super) struct Version;

impl From<Version> for Value {
    fn from(_: Version) -> Self {
        Self::from("2.1.0")
    }
}

/// Makes an enum whose variants are words of SARIF.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum $name { $($variant),+ }

        impl From<$name> for Value {
            fn from(word: $name) -> Self {
                Self::from(match word { $($name::$variant => $word),+ })
            }
        }
    };
}

words! {
    /// `run.columnKind`.
    ColumnKind { Utf16 = "utf16CodeUnits" }
}
words! {
    /// `level` of rules and notifications.
    Level { Note = "note", Warning = "warning", Error = "error" }
}
words! {
    /// `suppression.kind`.
    SuppressionKind { InSource = "inSource", External = "external" }
}
words! {
    /// `suppression.status`.
    SuppressionStatus { Accepted = "accepted" }
}
words! {
    /// `result.baselineState`.
    BaselineState { New = "new", Unchanged = "unchanged" }
}
words! {
    /// `threadFlowLocation.importance`.
    Importance { Important = "important", Essential = "essential" }
}
words! {
    /// `toolComponent.contents`.
    Contents { Localized = "localizedData", NonLocalized = "nonLocalizedData" }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Low => Self::Note,
            Severity::Medium => Self::Warning,
            Severity::High | Severity::Critical => Self::Error,
        }
    }
}

impl From<Level> for serde_sarif::sarif::ResultLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}
