//! Azure Key Vault, and identities of Entra ID that workloads take on.
//!
//! References of App Service: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>. Names of
//! vaults and secrets know no case.

use super::literal::{Literal, arguments, command_line, flag};
use super::spot::{Spot, Told, is_name, word};
use super::{File, Out};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

const KEY_VAULT: &str = "Azure Key Vault";

/// Notations and commands that begin a reference.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "@Microsoft.KeyVault(VaultName=", read: pair },
    Literal { word: ".vault.azure.net/secrets/", read: uri },
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
    let name = word(file.bytes, at + ".vault.azure.net/secrets/".len(), is_part);
    let goes_on =
        matches!(file.bytes.get(at + ".vault.azure.net/secrets/".len() + name.len()), Some(b'$' | b'{' | b'<'));
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
        for text in ["https://$V.vault.azure.net/secrets/x", "https://v.vault.azure.net/secrets/${N}"] {
            assert_eq!(seen("a.sh", text), [""; 0], "{text}");
        }
    }
}
