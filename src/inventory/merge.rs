//! Registers as files: read, checked and joined.

use std::collections::BTreeSet;

use super::register::{Register, SCHEMA, Subject};

impl Register {
    /// The register as it is kept: JSON, sorted, the same bytes for the same content; ends with a newline.
    ///
    /// # Errors
    /// Never in practice: every key is text.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads what [`Register::text`] wrote. What follows from the facts is not taken over: `resolve` makes it anew.
    ///
    /// # Errors
    /// It is no register, or one of another version, or a row's id does not belong to its fingerprint.
    pub fn from_text(text: &[u8]) -> Result<Self, String> {
        // Once for the whole file, and not for each of its strings.
        let text = std::str::from_utf8(text).map_err(|error| format!("it is no register of identities: {error}"))?;
        let register: Self =
            serde_json::from_str(text).map_err(|error| format!("it is no register of identities: {error}"))?;
        if register.schema_version != SCHEMA {
            return Err(format!("its form is `{}`; this credlint reads `{SCHEMA}`", register.schema_version));
        }
        for row in register.identities.values() {
            let subject = Subject { kind: row.fingerprint_kind, fingerprint: row.fingerprint.clone() };
            if subject.id() != row.id {
                return Err(format!(
                    "the id of row {} does not belong to its fingerprint: the file was edited",
                    row.id
                ));
            }
        }
        Ok(register)
    }

    /// Joins another register: rows of the same identity become one. The day is the later one; the tool's and the rules'
    /// versions stay named, both where they differ.
    pub fn join(&mut self, other: Self) {
        self.snapshot_at = std::mem::take(&mut self.snapshot_at).max(other.snapshot_at);
        for (own, others) in [
            (&mut self.tool_version, other.tool_version),
            (&mut self.rule_pack, other.rule_pack),
            (&mut self.key_id, other.key_id),
        ] {
            let mut all: BTreeSet<&str> = own.split(", ").collect();
            all.extend(others.split(", "));
            *own = all.into_iter().collect::<Vec<_>>().join(", ");
        }
        self.coverage.extend(other.coverage);
        self.gaps.extend(other.gaps);
        for row in other.identities.into_values() {
            self.add(Subject { kind: row.fingerprint_kind, fingerprint: row.fingerprint }, row.facts);
        }
    }

    /// True where values were fingerprinted with different keys: rows of one credential stay apart.
    pub fn has_several_keys(&self) -> bool {
        self.key_id.contains(", ")
    }
}
