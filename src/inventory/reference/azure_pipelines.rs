//! Azure Pipelines: variable groups, service connections, secret variables, secure files and vaults.
//!
//! Tasks: <https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/>; a connection may be federated or hold a key:
//! the pipeline does not tell.

use std::collections::BTreeSet;

use super::spot::{Spot, finds, is_name, is_true, maps, name_of, texts, word};
use super::variables::{self, Settings};
use super::{File, Out, azure, names};
use crate::format::tree::Node;
use crate::inventory::kind::{Field, Kind, Mode};

const SETTINGS: Settings = Settings { id: "azure-pipelines", store: "Azure Pipelines variables" };
const GROUPS: Settings = Settings { id: "azure-pipelines-group", store: "Azure Pipelines variable groups" };
const CONNECTIONS: Settings =
    Settings { id: "azure-pipelines-connection", store: "Azure Pipelines service connections" };
const FILES: Settings = Settings { id: "azure-pipelines-file", store: "Azure Pipelines secure files" };

/// Inputs that name a service connection.
const INPUTS: &[&str] = &[
    "azureSubscription",
    "connectedServiceName",
    "connectedServiceNameARM",
    "ConnectedServiceName",
    "ConnectedServiceNameARM",
    "azureResourceManagerConnection",
    "containerRegistry",
    "dockerRegistryEndpoint",
    "dockerRegistryServiceConnection",
    "kubernetesServiceConnection",
    "kubernetesServiceEndpoint",
    "externalEndpoint",
    "externalEndpoints",
    "publishEndpoint",
    "customEndpoint",
    "nuGetServiceConnections",
    "sshEndpoint",
    "serviceConnection",
    "awsCredentials",
    "SonarQube",
    "SonarCloud",
    "gitHubConnection",
    "endpoint",
];

pub(super) fn wants(path: &str) -> bool {
    super::system(path) == Some("Azure Pipelines")
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let Some((_, documents)) = file.trees() else { return };
    let mut given: BTreeSet<String> = variables::defined(file, documents);
    for document in documents {
        maps(document, &mut |map| given.extend(name_of(map.get("name"), file.bytes).map(std::borrow::Cow::into_owned)));
    }
    let whole = Spot::new(file, 0).used_by(format!("pipeline {}", file.path));
    for document in documents {
        below(&whole, document, &given, out);
    }
}

/// What stands below a node; stages and jobs that have a name are its consumer.
fn below(spot: &Spot<'_>, node: &Node, given: &BTreeSet<String>, out: &mut Out) {
    let bytes = spot.file.bytes;
    for item in node.items() {
        below(spot, item, given, out);
    }
    let named = ["deployment", "job", "stage"].iter().find_map(|kind| Some((*kind, name_of(node.get(kind), bytes)?)));
    let own = named.map(|(kind, name)| {
        let environment = node.get("environment");
        let environment = environment.and_then(|node| node.text(bytes).or_else(|| node.get("name")?.text(bytes)));
        let what = format!("pipeline {}, {kind} {name}", spot.file.path);
        spot.used_by(what).for_environment(environment.as_deref())
    });
    let spot = own.as_ref().unwrap_or(spot);
    if let Some(group) = name_of(node.get("group"), bytes).filter(|_| node.pairs().len() == 1) {
        let spot = spot.at(node.place.start).means("variable group");
        let spot = spot.for_environment(super::environment::of_name(&group));
        variables::stored(&spot, &GROUPS, &group, Kind::CiSecret, out);
    }
    if let Some(task) = name_of(node.get("task"), bytes) {
        let inputs = node.get("inputs").unwrap_or(node);
        self::task(spot, &task, inputs, out);
    }
    for pair in node.pairs() {
        below(spot, &pair.value, given, out);
        if pair.value.scalar().is_some() {
            secrets(spot, &pair.value, given, out);
        }
    }
    for item in node.items().iter().filter(|item| item.scalar().is_some()) {
        secrets(spot, item, given, out);
    }
}

/// `$(name)`: a secret variable of the settings where its name is a credential's and the file does not define it.
fn secrets(spot: &Spot<'_>, scalar: &Node, given: &BTreeSet<String>, out: &mut Out) {
    let bytes = spot.file.bytes;
    for at in finds(bytes, &scalar.place, b"$(") {
        let name = word(bytes, at + 2, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        if bytes.get(at + 2 + name.len()) != Some(&b')') {
            continue;
        }
        if name.eq_ignore_ascii_case("System.AccessToken") {
            let told = variables::stored(
                &spot.at(at).means("token of the job"),
                &SETTINGS,
                "System.AccessToken",
                Kind::Token,
                out,
            );
            told.says(Field::Provider, "azuredevops").mode(Mode::ShortLived);
        } else if names::is_credential(name) && !given.contains(name) {
            variables::variable(&spot.at(at).means("variable of the settings"), &SETTINGS, name, out);
        }
    }
}

fn task(spot: &Spot<'_>, task: &str, inputs: &Node, out: &mut Out) {
    let bytes = spot.file.bytes;
    let name = task.split('@').next().unwrap_or(task);
    let of = |key: &str| name_of(inputs.get(key), bytes);
    for pair in inputs.pairs().iter().filter(|pair| INPUTS.contains(&pair.key.as_str())) {
        for (connection, at) in texts(Some(&pair.value), bytes) {
            // Names of connections may hold blanks.
            if connection.is_empty() || connection.contains(['$', '{', '<']) {
                continue;
            }
            let spot = spot.at(at).means(format!("{task}: {}", pair.key));
            let told = variables::stored(&spot, &CONNECTIONS, &connection, Kind::ServiceAccount, out);
            if pair.key.starts_with("azure") || pair.key.to_ascii_lowercase().starts_with("connectedservicename") {
                told.because(Field::Provider, "azure", &pair.key);
            }
        }
    }
    match name {
        "AzureKeyVault" => {
            let Some(vault) = of("KeyVaultName").or_else(|| of("keyVaultName")) else { return };
            let filter = inputs.get("SecretsFilter").or_else(|| inputs.get("secretsFilter"));
            for (list, at) in texts(filter, bytes) {
                for secret in list.split(',').map(str::trim).filter(|secret| is_name(secret)) {
                    azure::secret(&spot.at(at).means(format!("{task}: SecretsFilter")), out, &vault, secret);
                }
            }
        }
        "DownloadSecureFile" | "InstallSSHKey" | "InstallAppleCertificate" => {
            let key = ["secureFile", "sshKeySecureFile", "certSecureFile"].iter().find_map(|key| inputs.get(key));
            for (name, at) in texts(key, bytes).into_iter().filter(|(name, _)| is_name(name)) {
                let kind = match task.split('@').next() {
                    Some("InstallSSHKey") => Kind::PrivateKey,
                    Some("InstallAppleCertificate") => Kind::Certificate,
                    _ => Kind::CiSecret,
                };
                variables::stored(&spot.at(at).means(task), &FILES, &name, kind, out).mode(Mode::Static);
            }
        }
        _ => {}
    }
    // `addSpnToEnvironment` hands the connection's own key to a script.
    if let Some(connection) = of("azureSubscription").filter(|_| is_true(inputs.get("addSpnToEnvironment"), bytes)) {
        let spot = spot.means(format!("{task}: addSpnToEnvironment"));
        let told = variables::stored(&spot, &CONNECTIONS, &connection, Kind::ServiceAccount, out);
        told.because(Field::State, "overprivileged", "addSpnToEnvironment: the script is given the connection's key");
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, consumers, seen};

    #[test]
    fn groups_connections_variables_and_vaults() {
        let text = "variables:\n  - group: shop-prod\n  - name: OWN_TOKEN\n    value: x\nstages:\n  - stage: D\n    jobs:\n      - deployment: up\n        \
            environment: prod\n        steps:\n          - task: AzureKeyVault@2\n            inputs:\n              azureSubscription: my conn\n              \
            KeyVaultName: kv\n              SecretsFilter: 'a,b'\n          - script: x $(API_TOKEN) $(OWN_TOKEN) $(Build.Id) $(System.AccessToken)\n          \
            - task: DownloadSecureFile@1\n            inputs: {secureFile: k.p12}\n";
        let path = "azure-pipelines.yml";
        assert_eq!(
            seen(path, text),
            [
                "reference azure-keyvault:kv/a vault",
                "reference azure-keyvault:kv/b vault",
                "reference azure-pipelines-connection:o/r:my conn ci-store",
                "reference azure-pipelines-file:o/r:k.p12 ci-store",
                "reference azure-pipelines-group:o/r:shop-prod ci-store",
                "reference azure-pipelines:o/r:API_TOKEN ci-store",
                "reference azure-pipelines:o/r:System.AccessToken ci-store",
            ]
        );
        let users = consumers(path, text);
        assert_eq!(users[0], "azure-keyvault:kv/a: pipeline azure-pipelines.yml, deployment up");
        let told = claims(path, text);
        assert!(told.contains(&"environment=production @azure-pipelines.yml:2".to_owned()), "{told:#?}");
        assert!(told.contains(&"environment=production @azure-pipelines.yml:16".to_owned()));
    }
}
