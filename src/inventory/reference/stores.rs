//! What the stores of External Secrets are: by the provider that another object names, a key in a store is the entry of that
//! provider which Terraform, pipelines and code speak of too.
//!
//! Form: <https://external-secrets.io/latest/api/spec/> (`SecretStoreProvider`).

use std::collections::{BTreeMap, BTreeSet};

use super::File;
use super::spot::name_of;
use crate::format::tree::Node;
use crate::inventory::kind::{FingerprintKind, Source};
use crate::inventory::record::Facts;
use crate::inventory::register::Subject;

/// The fingerprints of an external secret begin so.
const EXTERNAL: &str = "external-secret:";

/// By the beginning of fingerprints in a store: how those of its provider begin.
#[derive(Default)]
pub struct Stores(BTreeMap<String, BTreeSet<String>>);

impl Stores {
    /// Notes the provider of a store.
    pub(super) fn note(&mut self, file: &File<'_>, store: &str, provider: &Node) {
        let text = |path: &[&str]| name_of(provider.at(path), file.bytes);
        let prefix = if let Some(service) = text(&["aws", "service"]) {
            let id = if service == "ParameterStore" { "aws-ssm" } else { "aws-secretsmanager" };
            Some(format!("{id}:{}:", file.repository))
        } else if let Some(project) = text(&["gcpsm", "projectID"]) {
            Some(format!("gcp-secretmanager:{project}/"))
        } else {
            let vault = text(&["azurekv", "vaultUrl"]);
            let vault = vault.as_deref().and_then(|url| url.strip_prefix("https://")?.split_once(".vault.azure.net"));
            vault.map(|(vault, _)| format!("azure-keyvault:{}/", vault.to_ascii_lowercase()))
        };
        let own = format!("{EXTERNAL}{}:{store}:", file.repository);
        self.0.entry(own).or_default().extend(prefix);
    }

    /// Adds those of another file.
    pub(super) fn join(&mut self, other: Self) {
        for (own, prefixes) in other.0 {
            self.0.entry(own).or_default().extend(prefixes);
        }
    }

    /// Gives keys in stores the fingerprints of their providers, where each store of the name has the same. The one field
    /// that is read of a declared entry is that entry.
    pub fn settle(&self, found: &mut BTreeMap<Subject, Facts>) {
        let of = |subject: &Subject| {
            let (own, prefixes) = self.0.iter().find(|(own, _)| subject.fingerprint.starts_with(own.as_str()))?;
            let (Some(prefix), 1) = (prefixes.first(), prefixes.len()) else { return None };
            Some(Subject { fingerprint: format!("{prefix}{}", &subject.fingerprint[own.len()..]), ..subject.clone() })
        };
        let external = |subject: &&Subject| {
            subject.kind == FingerprintKind::Reference && subject.fingerprint.starts_with(EXTERNAL)
        };
        let known: Vec<(Subject, Subject)> =
            found.keys().filter(external).filter_map(|own| Some((own.clone(), of(own)?))).collect();
        let mut fields: BTreeMap<Subject, BTreeSet<Subject>> = BTreeMap::new();
        for (own, provider) in known {
            if let Some(facts) = found.remove(&own) {
                found.entry(provider.clone()).or_default().join(facts);
            }
            if let Some((entry, _)) = provider.fingerprint.split_once('#') {
                let entry = Subject { fingerprint: entry.to_owned(), ..provider.clone() };
                fields.entry(entry).or_default().insert(provider);
            }
        }
        for (entry, fields) in fields {
            let declared = |facts: &Facts| facts.claims.iter().any(|claim| claim.source == Source::Infrastructure);
            let one = fields.first().filter(|_| fields.len() == 1 && found.get(&entry).is_some_and(declared));
            if let Some(facts) = one.and_then(|field| found.remove(field)) {
                found.entry(entry).or_default().join(facts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Out, read};
    use super::*;

    const STORE: &str =
        "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {name: s}\nspec:\n  provider:\n";

    /// The fingerprints of what these files show, settled.
    fn rows(files: &[(&str, &str)]) -> Vec<String> {
        let mut all = Out::default();
        for (path, text) in files {
            all.join(read(&File::new("o/r", path, text.as_bytes())));
        }
        let stores = std::mem::take(&mut all.stores);
        let mut found = all.into_found();
        stores.settle(&mut found);
        found.into_keys().map(|subject| subject.fingerprint).collect()
    }

    fn external(items: &str) -> String {
        let head = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e}\n";
        format!("{head}spec:\n  secretStoreRef: {{name: s}}\n  data:\n{items}")
    }

    #[test]
    fn terraform_and_manifest_name_one_secret() {
        let aws = format!("{STORE}    aws: {{service: SecretsManager, region: eu-west-1}}\n");
        let terraform = "resource \"aws_secretsmanager_secret\" \"db\" {\n  name = \"prod/db\"\n}\n";
        let whole = external("  - {secretKey: a, remoteRef: {key: prod/db}}\n");
        let one = external("  - {secretKey: a, remoteRef: {key: prod/db, property: password}}\n");
        let two = format!("{one}  - {{secretKey: b, remoteRef: {{key: prod/db, property: token}}}}\n");
        let declared = "aws-secretsmanager:o/r:prod/db";
        for manifest in [&whole, &one] {
            let files = [("e.yaml", manifest.as_str()), ("main.tf", terraform), ("s.yaml", aws.as_str())];
            assert_eq!(rows(&files), [declared]);
        }
        let files = [("e.yaml", two.as_str()), ("main.tf", terraform), ("s.yaml", aws.as_str())];
        assert_eq!(rows(&files), [declared, &format!("{declared}#password"), &format!("{declared}#token")]);
        assert_eq!(rows(&[("e.yaml", &whole)]), ["external-secret:o/r:s:prod/db"]);
    }

    #[test]
    fn a_store_tells_its_provider() {
        let manifest = external("  - {secretKey: a, remoteRef: {key: web-db}}\n");
        for (provider, wanted) in [
            ("    aws: {service: ParameterStore}\n", "aws-ssm:o/r:web-db"),
            ("    gcpsm: {projectID: shop}\n", "gcp-secretmanager:shop/web-db"),
            ("    azurekv: {vaultUrl: 'https://Shop.vault.azure.net'}\n", "azure-keyvault:shop/web-db"),
            ("    doppler: {}\n", "external-secret:o/r:s:web-db"),
        ] {
            let store = format!("{STORE}{provider}");
            assert_eq!(rows(&[("e.yaml", &manifest), ("s.yaml", &store)]), [wanted]);
        }
        // Two stores of one name: nothing tells which is meant.
        let one = format!("{STORE}    gcpsm: {{projectID: a}}\n");
        let other = format!("{STORE}    gcpsm: {{projectID: b}}\n");
        let files = [("e.yaml", manifest.as_str()), ("a.yaml", one.as_str()), ("b.yaml", other.as_str())];
        assert_eq!(rows(&files), ["external-secret:o/r:s:web-db"]);
    }
}
