//! Secrets that Terraform and `OpenTofu` read: `data` and `ephemeral` blocks of the stores' providers (Terraform Registry).

use std::collections::BTreeMap;

use super::policy::items;
use super::spot::{Spot, name_of};
use super::{File, Out, aws, azure, gcp, kubernetes, managers, names, vaults as vault};
use crate::format::Data;
use crate::format::tree::{Node, Pair};

/// True for Terraform's files.
pub(super) fn wants(path: &str) -> bool {
    crate::format::data_format(path) == Some(Data::Hcl) || path.ends_with(".tf.json")
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let trees = file.trees().map(|(_, trees)| trees).unwrap_or_default();
    for tree in trees {
        let vaults = vaults(file, tree);
        for Pair { key, value } in tree.pairs().iter().filter(|pair| matches!(pair.key.as_str(), "data" | "ephemeral"))
        {
            for kind in items(value).flat_map(Node::pairs) {
                for block in items(&kind.value).flat_map(Node::pairs) {
                    for body in items(&block.value) {
                        let spot = Spot::new(file, body.place.start).means(format!("{key}.{}.{}", kind.key, block.key));
                        one(&spot, &kind.key, body, &vaults, out);
                    }
                }
            }
        }
    }
}

/// One block of a type.
fn one(spot: &Spot<'_>, kind: &str, body: &Node, vaults: &BTreeMap<&str, String>, out: &mut Out) {
    let of = |key: &str| name_of(body.get(key), spot.file.bytes);
    match kind {
        "aws_secretsmanager_secret" | "aws_secretsmanager_secret_version" => {
            if let Some(id) = of("arn").or_else(|| of("name")).or_else(|| of("secret_id")) {
                aws::secret(spot, out, &id, None);
            }
        }
        // Parameters hold settings too; that the value is decrypted is the default and says nothing.
        "aws_ssm_parameter" => {
            if let Some(name) = of("name").or_else(|| of("arn")).filter(|name| names::is_credential(name)) {
                aws::parameter(spot, out, &name);
            }
        }
        "vault_generic_secret" | "vault_kv_secret" => {
            if let Some(path) = of("path") {
                vault::secret(spot, out, &path, None);
            }
        }
        "vault_kv_secret_v2" => {
            if let (Some(mount), Some(name)) = (of("mount"), of("name")) {
                vault::secret(spot, out, &format!("{mount}/{name}"), None);
            }
        }
        "vault_aws_access_credentials" | "vault_azure_access_credentials" => {
            if let (Some(backend), Some(role)) = (of("backend"), of("role")) {
                vault::secret(spot, out, &format!("{backend}/creds/{role}"), None);
            }
        }
        "vault_database_secret" => {
            if let (Some(mount), Some(name)) = (of("mount"), of("name")) {
                vault::secret(spot, out, &format!("{mount}/creds/{name}"), None);
            }
        }
        _ => other(spot, kind, body, vaults, out),
    }
}

/// One block of another store's type.
fn other(spot: &Spot<'_>, kind: &str, body: &Node, vaults: &BTreeMap<&str, String>, out: &mut Out) {
    let of = |key: &str| name_of(body.get(key), spot.file.bytes);
    match kind {
        "azurerm_key_vault_secret" => {
            let Some(name) = of("name") else { return };
            match vault_of(spot.file, body, vaults) {
                Some(vault) => azure::secret(spot, out, &vault, &name),
                None => azure::secret_somewhere(spot, out, &name),
            };
        }
        "google_secret_manager_secret_version" | "google_secret_manager_secret_version_access" => {
            let Some(secret) = of("secret") else { return };
            match gcp::parts(&secret) {
                Some((project, name)) => gcp::secret(spot, out, Some(project), name),
                None => gcp::secret(spot, out, of("project").as_deref(), &secret),
            };
        }
        "kubernetes_secret" | "kubernetes_secret_v1" => {
            for metadata in body.get("metadata").into_iter().flat_map(items) {
                let of = |key: &str| name_of(metadata.get(key), spot.file.bytes);
                if let Some(name) = of("name") {
                    kubernetes::secret(spot, out, of("namespace").as_deref(), &name, None);
                }
            }
        }
        "onepassword_item" => {
            if let (Some(vault), Some(title)) =
                (of("vault"), body.get("title").and_then(|node| node.text(spot.file.bytes)))
            {
                managers::one_password(spot, out, &format!("{vault}/{title}"));
            }
        }
        "doppler_secrets" => {
            if let (Some(project), Some(config)) = (of("project"), of("config")) {
                managers::doppler(spot, out, &project, &config);
            }
        }
        "infisical_secrets" | "infisical_secret" => {
            if let Some(project) = of("workspace_id") {
                managers::infisical(spot, out, &project, of("env_slug").as_deref(), of("name").as_deref());
            }
        }
        "akeyless_secret" | "akeyless_static_secret" => {
            if let Some(path) = of("path") {
                managers::akeyless(spot, out, &path, crate::inventory::kind::Mode::Static);
            }
        }
        _ => {}
    }
}

/// The vaults of Azure that a file names, by their labels.
fn vaults<'n>(file: &File<'_>, tree: &'n Node) -> BTreeMap<&'n str, String> {
    let blocks = ["data", "resource"].iter().filter_map(|key| tree.get(key)).flat_map(items);
    let labels = blocks.filter_map(|block| block.get("azurerm_key_vault")).flat_map(items).flat_map(Node::pairs);
    let name = |body| name_of(Node::get(body, "name"), file.bytes).map(std::borrow::Cow::into_owned);
    labels.filter_map(|pair| Some((pair.key.as_str(), items(&pair.value).find_map(name)?))).collect()
}

/// The name of the vault that `key_vault_id` leads to: an id, or a reference to one of `vaults`.
fn vault_of(file: &File<'_>, body: &Node, vaults: &BTreeMap<&str, String>) -> Option<String> {
    let id = file.text(&body.get("key_vault_id")?.place).into_owned();
    if let Some((_, name)) = id.trim_matches('"').rsplit_once("/vaults/") {
        return Some(name.to_owned());
    }
    let label = id.split("azurerm_key_vault.").nth(1)?.split(['.', '[']).next()?;
    vaults.get(label).cloned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;

    #[test]
    fn blocks_of_every_store() {
        for (kind, body, wanted) in [
            ("aws_secretsmanager_secret", "name = \"prod/db\"", "aws-secretsmanager:o/r:prod/db"),
            ("aws_secretsmanager_secret_version", "secret_id = \"prod/db\"", "aws-secretsmanager:o/r:prod/db"),
            ("aws_ssm_parameter", "name = \"/p/db_password\"", "aws-ssm:o/r:/p/db_password"),
            ("vault_generic_secret", "path = \"secret/app/db\"", "vault:secret/app/db"),
            ("vault_kv_secret_v2", "mount = \"kv\"\n  name = \"app/db\"", "vault:kv/app/db"),
            ("vault_aws_access_credentials", "backend = \"aws\"\n  role = \"ci\"", "vault:aws/creds/ci"),
            (
                "google_secret_manager_secret_version",
                "secret = \"db\"\n  project = \"shop\"",
                "gcp-secretmanager:shop/db",
            ),
            (
                "kubernetes_secret",
                "metadata {\n    name = \"db\"\n    namespace = \"n\"\n  }",
                "kubernetes-secret:o/r:n/db",
            ),
            ("onepassword_item", "vault = \"infra\"\n  title = \"DNS token\"", "1password:infra/DNS token"),
            ("doppler_secrets", "project = \"p\"\n  config = \"prd\"", "doppler:p/prd"),
            ("akeyless_static_secret", "path = \"/app/db\"", "akeyless:/app/db"),
            ("azurerm_key_vault_secret", "name = \"db\"\n  key_vault_id = var.id", "azure-keyvault:o/r:db"),
        ] {
            for block in ["data", "ephemeral"] {
                let text = format!("{block} \"{kind}\" \"x\" {{\n  {body}\n}}\n");
                assert_eq!(seen("main.tf", &text), [format!("reference {wanted} vault")], "{text}");
            }
        }
        for body in
            ["name = var.x", "name = \"/aws/service/ami-amazon-linux-latest/x\"", "name = \"${var.p}/password\""]
        {
            let text = format!("data \"aws_ssm_parameter\" \"x\" {{\n  {body}\n}}\n");
            assert_eq!(seen("main.tf", &text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_vault_of_azure_is_found_in_the_file() {
        let text = "data \"azurerm_key_vault\" \"kv\" {\n  name = \"Shop-kv\"\n}\ndata \"azurerm_key_vault_secret\" \"x\" {\n  \
                    name = \"db\"\n  key_vault_id = data.azurerm_key_vault.kv.id\n}\n";
        assert_eq!(seen("main.tf", text), ["reference azure-keyvault:shop-kv/db vault"]);
    }
}
