//! Azure Key Vault, and identities of Entra ID that workloads take on.
//!
//! References of App Service: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>. Names of
//! vaults and secrets know no case.

use std::collections::BTreeMap;

use super::literal::{Literal, arguments, command_line, flag};
use super::spot::{Spot, Told, finds, is_name, maps, name_of, word};
use super::{File, Out};
use crate::format::Data;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

const KEY_VAULT: &str = "Azure Key Vault";

/// Notations and commands that begin a reference.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "@Microsoft.KeyVault(VaultName=", read: pair },
    Literal { word: ".vault.azure.net/secrets/", read: uri },
    Literal { word: ".vault.azure.cn/secrets/", read: uri },
    Literal { word: ".vault.usgovcloudapi.net/secrets/", read: uri },
    Literal { word: "az keyvault secret show", read: show },
    Literal { word: "Get-AzKeyVaultSecret", read: cmdlet },
];

/// Notes a secret of a vault.
pub(super) fn secret<'o>(spot: &Spot<'_>, out: &'o mut Out, vault: &str, name: &str) -> Option<Told<'o>> {
    if !is_name(vault) || !is_name(name) {
        return None;
    }
    let fingerprint = format!("azure-keyvault:{vault}/{name}").to_ascii_lowercase();
    let told = spot.named(out, fingerprint, StorageState::Vault, name, None);
    Some(told.kept(KEY_VAULT, &format!("{vault}/{name}")).mode(Mode::Static))
}

/// Notes a secret whose vault is not known.
pub(super) fn secret_somewhere<'o>(spot: &Spot<'_>, out: &'o mut Out, name: &str) -> Option<Told<'o>> {
    if !is_name(name) {
        return None;
    }
    let fingerprint = format!("azure-keyvault:{}:{}", spot.file.repository, name.to_ascii_lowercase());
    let told = spot.named(out, fingerprint, StorageState::Vault, name, None);
    Some(told.kept(KEY_VAULT, name).mode(Mode::Static))
}

/// Notes an application or managed identity that a workload takes on by its own token.
pub(super) fn identity<'o>(spot: &Spot<'_>, out: &'o mut Out, client: &str, tenant: Option<&str>) -> Option<Told<'o>> {
    if !is_guid(client) {
        return None;
    }
    let client = client.to_ascii_lowercase();
    let told = spot.note(out, FingerprintKind::ProviderId, format!("azure:{client}"), StorageState::Federated);
    let told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Provider, "azure");
    let told = told.says(Field::Principal, client).mode(Mode::Federated);
    Some(match tenant.filter(|tenant| is_guid(tenant)) {
        Some(tenant) => told.says(Field::ProviderAccount, tenant.to_ascii_lowercase()),
        None => told,
    })
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// `@Microsoft.KeyVault(VaultName=v;SecretName=s)`.
fn pair(file: &File<'_>, at: usize, out: &mut Out) {
    let start = at + "@Microsoft.KeyVault(VaultName=".len();
    let vault = word(file.bytes, start, is_part);
    let rest = file.bytes.get(start + vault.len()..).unwrap_or_default();
    if let Some(rest) = rest.strip_prefix(b";SecretName=") {
        let name = word(rest, 0, is_part);
        secret(&Spot::new(file, at).means("reference of App Service"), out, vault, name);
    }
}

/// `https://v.vault.azure.net/secrets/s[/version]`, in `@Microsoft.KeyVault(SecretUri=…)` or alone.
fn uri(file: &File<'_>, at: usize, out: &mut Out) {
    let before = file.bytes.get(..at).unwrap_or_default();
    let length = before.iter().rev().take(64).take_while(|byte| is_part(**byte)).count();
    let vault = word(file.bytes, at - length.min(at), is_part);
    let rest = file.bytes.get(at..).unwrap_or_default();
    let start = at + memchr::memmem::find(rest, b"/secrets/").map_or(rest.len(), |slash| slash + "/secrets/".len());
    let name = word(file.bytes, start, is_part);
    let goes_on = matches!(file.bytes.get(start + name.len()), Some(b'$' | b'{' | b'<'));
    let computed = matches!(before.get(..at - length.min(at)).and_then(<[u8]>::last), Some(b'$' | b'}' | b'>' | b'_'));
    if !goes_on && !computed && !name.is_empty() {
        secret(&Spot::new(file, at - length.min(at)).means("address of the secret"), out, vault, name);
    }
}

/// `az keyvault secret show --vault-name v --name s`.
fn show(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    let name = flag(&words, "--name").or_else(|| flag(&words, "-n"));
    if let (Some(vault), Some(name)) = (flag(&words, "--vault-name"), name) {
        secret(&Spot::new(file, at).means("read with the az command"), out, vault, name);
    }
}

/// `Get-AzKeyVaultSecret -VaultName v -Name s`.
fn cmdlet(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    if let (Some(vault), Some(name)) = (flag(&words, "-VaultName"), flag(&words, "-Name")) {
        secret(&Spot::new(file, at).means("read with PowerShell"), out, vault, name);
    }
}

/// Bicep, its parameters, and those of templates.
pub(super) fn wants(path: &str) -> bool {
    crate::format::data_format(path) == Some(Data::Json) || is_bicep(path)
}

fn is_bicep(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "bicep" | "bicepparam"))
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    if is_bicep(file.path) { bicep(file, out) } else { parameters(file, out) }
}

/// `kv.getSecret('name')`, where `kv` is a vault that the file names, and `getSecret('subscription', 'group', 'vault',
/// 'name')` of files of parameters
/// (<https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-resource#getsecret>).
fn bicep(file: &File<'_>, out: &mut Out) {
    const CALL: &[u8] = b"getSecret";
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut vaults = None;
    for at in finds(file.bytes, &(0..file.bytes.len()), CALL) {
        let call = super::literal::call(file.bytes, at + CALL.len());
        let spot = Spot::new(file, at).means("getSecret of Bicep");
        if let (Some(vault), Some(name)) = (call.text(2), call.text(3)) {
            secret(&spot, out, vault, name);
        } else if let (Some(name), Some(b'.')) = (call.text(0), at.checked_sub(1).and_then(|at| file.bytes.get(at))) {
            let before = file.bytes.get(..at - 1).unwrap_or_default();
            let length = before.iter().rev().take(64).take_while(|byte| part(**byte)).count();
            match vaults.get_or_insert_with(|| named(file)).get(word(file.bytes, at - 1 - length, part)) {
                Some(vault) => secret(&spot, out, vault, name),
                None => secret_somewhere(&spot, out, name),
            };
        }
    }
}

/// Vaults of a Bicep file by their symbols: `resource kv 'Microsoft.KeyVault/vaults@…' … { name: 'x' }`.
fn named<'a>(file: &File<'a>) -> BTreeMap<&'a str, &'a str> {
    /// The name stands near the beginning.
    const LINES: usize = 12;
    let text = std::str::from_utf8(file.bytes).unwrap_or_default();
    let blocks = text.split("resource ").skip(1);
    let vault = |block: &'a str| {
        let (symbol, rest) = block.split_once(" 'Microsoft.KeyVault/vaults@")?;
        let name = rest.lines().take(LINES).find_map(|line| line.trim().strip_prefix("name:"))?;
        let name = name.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        (is_name(symbol) && is_name(name)).then_some((symbol, name))
    };
    blocks.filter_map(vault).collect()
}

/// `reference: {keyVault: {id}, secretName}` of a template's parameters
/// (<https://learn.microsoft.com/azure/azure-resource-manager/templates/key-vault-parameter>).
fn parameters(file: &File<'_>, out: &mut Out) {
    if memchr::memmem::find(file.bytes, b"secretName").is_none()
        || memchr::memmem::find(file.bytes, b"keyVault").is_none()
    {
        return;
    }
    for document in file.trees().map(|(_, documents)| documents).unwrap_or_default() {
        maps(document, &mut |map| {
            let id = map.at(&["keyVault", "id"]).and_then(|id| id.text(file.bytes));
            if let (Some(id), Some(name)) = (id, name_of(map.get("secretName"), file.bytes)) {
                let spot = Spot::new(file, map.place.start).means("reference of a template's parameters");
                match id.rsplit_once("/vaults/").filter(|(_, vault)| is_name(vault) && !id.starts_with('[')) {
                    Some((_, vault)) => secret(&spot, out, vault, &name),
                    None => secret_somewhere(&spot, out, &name),
                };
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;

    #[test]
    fn one_secret_in_every_notation() {
        for text in [
            "@Microsoft.KeyVault(SecretUri=https://Shop-kv.vault.azure.net/secrets/db-password/0123)",
            "@Microsoft.KeyVault(VaultName=shop-kv;SecretName=db-password)",
            "az keyvault secret show --vault-name shop-kv -n DB-password --query value",
            "Get-AzKeyVaultSecret -VaultName 'shop-kv' -Name 'db-password' -AsPlainText",
        ] {
            assert_eq!(seen("a.json5x", text), ["reference azure-keyvault:shop-kv/db-password vault"], "{text}");
        }
        let text = "https://kv.vault.usgovcloudapi.net/secrets/db";
        assert_eq!(seen("a.sh", text), ["reference azure-keyvault:kv/db vault"]);
        for text in ["https://$V.vault.azure.net/secrets/x", "https://v.vault.azure.net/secrets/${N}"] {
            assert_eq!(seen("a.sh", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn templates_take_secrets_by_reference() {
        let text = "resource kv 'Microsoft.KeyVault/vaults@2023-07-01' existing = {\n  name: 'Shop-kv'\n}\n\
                    module sql './sql.bicep' = {\n  params: {\n    p: kv.getSecret('db-password')\n    q: other.getSecret('x')\n  }\n}\n";
        assert_eq!(
            seen("main.bicep", text),
            ["reference azure-keyvault:o/r:x vault", "reference azure-keyvault:shop-kv/db-password vault"]
        );
        let text = "param p = az.getSecret('sub', 'group', 'shop-kv', 'db-password')\n";
        assert_eq!(seen("main.bicepparam", text), ["reference azure-keyvault:shop-kv/db-password vault"]);
        let text = r#"{"parameters": {"p": {"reference": {"keyVault": {"id":
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/shop-kv"}, "secretName": "db"}}}}"#;
        assert_eq!(seen("a.parameters.json", text), ["reference azure-keyvault:shop-kv/db vault"]);
        assert_eq!(seen("a.ts", "await client.getSecret('x')"), [""; 0]);
    }
}
