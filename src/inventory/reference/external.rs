//! Custom resources that fetch secrets into a cluster: External Secrets, the Secrets Store driver, Vault's, 1Password's,
//! Doppler's and Infisical's operators, SPIRE's identities.
//!
//! Forms: <https://external-secrets.io/latest/api/spec/>, <https://secrets-store-csi-driver.sigs.k8s.io/>,
//! <https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference>,
//! <https://github.com/spiffe/spire-controller-manager>.

use super::kubernetes::{self, Object};
use super::spot::{Told, is_name, maps, name_of, texts};
use super::{Out, aws, azure, gcp, managers, vaults};
use crate::format::Data;
use crate::format::tree::Node;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

/// Reads an object of one of these kinds; false where it is none.
pub(super) fn read(object: &Object<'_>, node: &Node, out: &mut Out) -> bool {
    let Some(spec) = node.get("spec") else { return false };
    let bytes = object.spot.file.bytes;
    let group = name_of(node.get("apiVersion"), bytes).unwrap_or_default();
    let group = group.split('/').next().unwrap_or_default();
    match (group, object.kind) {
        ("external-secrets.io", "ExternalSecret") => fetched(object, spec, out),
        ("external-secrets.io", "ClusterExternalSecret") => {
            fetched(object, spec.get("externalSecretSpec").unwrap_or(spec), out);
        }
        ("external-secrets.io", "PushSecret") => pushed(object, spec, out),
        ("external-secrets.io", "SecretStore" | "ClusterSecretStore") => store(object, spec, out),
        ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => class(object, spec, out),
        ("secrets.hashicorp.com" | "generators.external-secrets.io", _) if object.kind.starts_with("Vault") => {
            operator(object, spec, out);
        }
        ("onepassword.com", "OnePasswordItem") => {
            if let Some(path) = spec.get("itemPath").and_then(|path| path.text(bytes)) {
                managers::one_password_item(&object.at(spec, "itemPath"), out, &path);
            }
        }
        ("secrets.doppler.com", "DopplerSecret") => {
            let text = |key| name_of(spec.get(key), bytes);
            if let (Some(project), Some(config)) = (text("project"), text("config")) {
                managers::doppler(&object.at(spec, "spec"), out, &project, &config);
            }
            referenced(object, spec, out);
        }
        ("secrets.infisical.com", "InfisicalSecret") => referenced(object, spec, out),
        ("spire.spiffe.io", "ClusterSPIFFEID") => spiffe(object, spec, "spiffeIDTemplate", out),
        ("spire.spiffe.io", "ClusterStaticEntry") => spiffe(object, spec, "spiffeID", out),
        _ => return false,
    }
    true
}

/// `data[].remoteRef{key,property}` and `dataFrom[].extract`: the store is another object, so its kind is told by the key's
/// form alone.
fn fetched(object: &Object<'_>, spec: &Node, out: &mut Out) {
    let bytes = object.spot.file.bytes;
    let store = name_of(spec.at(&["secretStoreRef", "name"]), bytes);
    let target = name_of(spec.at(&["target", "name"]), bytes);
    let target = target.as_deref().or(object.name).unwrap_or_default();
    let refresh = name_of(spec.get("refreshInterval"), bytes);
    for item in spec.get("data").map(Node::items).unwrap_or_default() {
        let own = name_of(item.at(&["sourceRef", "storeRef", "name"]), bytes);
        let own = own.as_deref().or(store.as_deref());
        let key = name_of(item.get("secretKey"), bytes);
        if let Some(reference) = item.get("remoteRef") {
            let told = remote(object, reference, own, key.as_deref(), out);
            synced(told, target, refresh.as_deref());
        }
    }
    for item in spec.get("dataFrom").map(Node::items).unwrap_or_default() {
        let own = name_of(item.at(&["sourceRef", "storeRef", "name"]), bytes);
        if let Some(reference) = item.get("extract").or_else(|| item.has("key").then_some(item)) {
            let told = remote(object, reference, own.as_deref().or(store.as_deref()), None, out);
            synced(told, target, refresh.as_deref());
        }
    }
}

/// The Kubernetes Secret it becomes, and how often it is read anew.
fn synced(told: Option<Told<'_>>, target: &str, refresh: Option<&str>) {
    let Some(told) = told else { return };
    let told = if target.is_empty() { told } else { told.says(Field::Tag, format!("kubernetes-secret={target}")) };
    if let Some(refresh) = refresh {
        told.says(Field::Tag, format!("refresh={refresh}"));
    }
}

/// A key in a store that has a name of its own in the cluster.
fn remote<'o>(
    object: &Object<'_>,
    reference: &Node,
    store: Option<&str>,
    given: Option<&str>,
    out: &'o mut Out,
) -> Option<Told<'o>> {
    let bytes = object.spot.file.bytes;
    let key = name_of(reference.get("key"), bytes)?;
    let property = name_of(reference.get("property"), bytes);
    let spot = object.at(reference, "remoteRef");
    if key.starts_with("arn:") {
        return aws::secret(&spot, out, &key, property.as_deref());
    }
    if let Some((project, name)) = gcp::parts(&key) {
        return gcp::secret(&spot, out, Some(project), name);
    }
    let store = store?;
    let path = match &property {
        Some(property) => format!("{key}#{property}"),
        None => key.clone().into_owned(),
    };
    let fingerprint = format!("external-secret:{}:{store}:{path}", spot.file.repository);
    let name = property.as_deref().or(given).unwrap_or(&key);
    let told = spot.named(out, fingerprint, StorageState::Vault, name, None);
    Some(told.kept(&format!("SecretStore {store}"), &key).mode(Mode::Static))
}

/// A Secret of the cluster that is written to stores.
fn pushed(object: &Object<'_>, spec: &Node, out: &mut Out) {
    let bytes = object.spot.file.bytes;
    if let Some(name) = name_of(spec.at(&["selector", "secret", "name"]), bytes) {
        kubernetes::secret(&object.at(spec, "pushed to a store"), out, object.namespace, &name, None);
    }
}

/// How a store is opened: by a role or account of its own, or with keys in a Kubernetes Secret.
fn store(object: &Object<'_>, spec: &Node, out: &mut Out) {
    let bytes = object.spot.file.bytes;
    let Some(provider) = spec.get("provider") else { return };
    if let Some(name) = object.name {
        out.stores.note(object.spot.file, name, provider);
    }
    if let Some(role) = provider.at(&["aws", "role"])
        && let Some(arn) = name_of(Some(role), bytes)
    {
        aws::role(&object.at(role, "role"), out, &arn);
    }
    for method in ["kubernetes", "jwt"] {
        let login = provider.at(&["vault", "auth", method]);
        if let Some(role) = login.and_then(|login| name_of(login.get("role"), bytes)) {
            let path = login.and_then(|login| name_of(login.get("mountPath").or(login.get("path")), bytes));
            let told = vaults::role(&object.at(provider, "role"), out, path.as_deref().unwrap_or(method), &role);
            if let (Some(told), Some(server)) = (told, name_of(provider.at(&["vault", "server"]), bytes)) {
                told.says(Field::ProviderAccount, server);
            }
        }
    }
    if let Some(client) = name_of(provider.at(&["azurekv", "identityId"]), bytes) {
        let tenant = name_of(provider.at(&["azurekv", "tenantId"]), bytes);
        azure::identity(&object.at(provider, "identityId"), out, &client, tenant.as_deref());
    }
    referenced(object, provider, out);
}

/// Why keys in a Secret are a weak way to a cloud's store.
const STATIC: &str = "a static cloud key where the workload's own identity is possible";

/// Keys that end in `SecretRef` or `tokenSecret` name a Secret, its key and perhaps its namespace.
fn referenced(object: &Object<'_>, node: &Node, out: &mut Out) {
    let bytes = object.spot.file.bytes;
    let clouds = [("aws", "aws"), ("gcpsm", "google"), ("azurekv", "azure")];
    let cloud = clouds.iter().find(|(key, _)| node.has(key)).map(|(_, provider)| *provider);
    let is_key = |key: &str| matches!(key, "accessKeyIDSecretRef" | "secretAccessKeySecretRef" | "clientSecret");
    maps(node, &mut |map| {
        for pair in map.pairs() {
            let value = &pair.value;
            let ends = ["SecretRef", "secretRef", "tokenSecret", "secretKeyRef", "serviceToken", "clientSecret"];
            if !ends.iter().any(|end| pair.key.ends_with(end)) {
                continue;
            }
            let name = name_of(value.get("name").or(value.get("secretName")), bytes);
            if let Some(name) = name {
                let namespace = name_of(value.get("namespace").or(value.get("secretNamespace")), bytes);
                let namespace = namespace.as_deref().or(object.namespace);
                let key = name_of(value.get("key"), bytes);
                let told = kubernetes::secret(&object.at(value, &pair.key), out, namespace, &name, key.as_deref());
                if let (Some(told), Some(cloud)) = (told, cloud.filter(|_| is_key(&pair.key))) {
                    told.says(Field::Provider, cloud).because(Field::State, "weak-auth-scheme", STATIC);
                }
            }
        }
    });
}

/// `parameters` of the Secrets Store driver; `objects` is YAML in a text.
fn class(object: &Object<'_>, spec: &Node, out: &mut Out) {
    let bytes = object.spot.file.bytes;
    let Some(parameters) = spec.get("parameters") else { return };
    let provider = name_of(spec.get("provider"), bytes).unwrap_or_default();
    if let Some(role) = name_of(parameters.get("roleName"), bytes).filter(|_| provider == "vault") {
        vaults::role(&object.at(parameters, "roleName"), out, "kubernetes", &role);
    }
    let vault = name_of(parameters.get("keyvaultName"), bytes);
    if let Some(client) = name_of(parameters.get("clientID").or(parameters.get("userAssignedIdentityID")), bytes) {
        azure::identity(
            &object.at(parameters, "clientID"),
            out,
            &client,
            name_of(parameters.get("tenantId"), bytes).as_deref(),
        );
    }
    let key = if parameters.has("objects") { "objects" } else { "secrets" };
    let Some(written) = parameters.get(key) else { return };
    let Some(text) = written.text(bytes) else { return };
    let spot = object.at(written, key);
    for document in crate::format::documents(Data::Yaml, text.as_bytes()) {
        let mut see = |item: &Node| {
            let of = |key: &str| name_of(item.get(key), text.as_bytes());
            match (provider.as_ref(), of("objectName")) {
                ("azure", Some(name)) if of("objectType").is_none_or(|kind| kind == "secret") => {
                    if let Some(vault) = &vault {
                        azure::secret(&spot, out, vault, &name);
                    }
                }
                ("aws", Some(name)) if of("objectType").as_deref() == Some("ssmparameter") => {
                    aws::parameter(&spot, out, &name);
                }
                ("aws", Some(name)) => drop(aws::secret(&spot, out, &name, None)),
                ("vault", Some(_)) => {
                    if let Some(path) = of("secretPath") {
                        vaults::secret(&spot, out, &path, of("secretKey").as_deref());
                    }
                }
                ("gcp", None) => {
                    if let Some((project, name)) = of("resourceName").as_deref().and_then(gcp::parts) {
                        gcp::secret(&spot, out, Some(project), name);
                    }
                }
                _ => {}
            }
        };
        maps(&document, &mut see);
        // `array:` holds texts that are YAML again.
        for (inner, _) in texts(document.get("array"), text.as_bytes()) {
            for item in crate::format::documents(Data::Yaml, inner.as_bytes()) {
                let name = name_of(item.get("objectName"), inner.as_bytes());
                let secret = name_of(item.get("objectType"), inner.as_bytes()).is_none_or(|kind| kind == "secret");
                if let (Some(name), Some(vault), true, "azure") = (name, &vault, secret, provider.as_ref()) {
                    azure::secret(&spot, out, vault, &name);
                }
            }
        }
    }
}

/// `VaultStaticSecret{mount,path}`, `VaultDynamicSecret{mount,path}`, `VaultPKISecret{mount,role}`, `VaultAuth`.
fn operator(object: &Object<'_>, spec: &Node, out: &mut Out) {
    let bytes = object.spot.file.bytes;
    let of = |key: &str| name_of(spec.get(key), bytes);
    let spot = object.at(spec, "spec");
    match object.kind {
        "VaultStaticSecret" | "VaultDynamicSecret" => {
            let Some(path) = of("path") else { return };
            let path = of("mount").map_or_else(|| path.to_string(), |mount| format!("{mount}/{path}"));
            let told = vaults::secret(&spot, out, &path, None);
            synced(
                told,
                &name_of(spec.at(&["destination", "name"]), bytes).unwrap_or_default(),
                of("refreshAfter").as_deref(),
            );
        }
        "VaultPKISecret" => {
            if let (Some(mount), Some(role)) = (of("mount"), of("role")) {
                vaults::secret(&spot, out, &format!("{mount}/issue/{role}"), None);
            }
        }
        "VaultAuth" => {
            for method in ["kubernetes", "jwt", "aws", "gcp"] {
                if let Some(role) = name_of(spec.at(&[method, "role"]), bytes) {
                    vaults::role(&spot, out, of("mount").as_deref().unwrap_or(method), &role);
                }
            }
            if let Some(name) = name_of(spec.at(&["appRole", "secretRef"]), bytes) {
                kubernetes::secret(&object.at(spec, "appRole.secretRef"), out, object.namespace, &name, None);
            }
        }
        _ => {}
    }
}

/// The identity that SPIRE gives to workloads.
fn spiffe(object: &Object<'_>, spec: &Node, key: &str, out: &mut Out) {
    let Some(id) = spec.get(key).and_then(|id| id.text(object.spot.file.bytes)) else { return };
    let spot = object.at(spec, key);
    let fingerprint = match object.name {
        // A template stands for many.
        Some(name) if !is_name(&id) => format!("spiffe:{}:{name}", spot.file.repository),
        _ if is_name(&id) => id.clone().into_owned(),
        _ => return,
    };
    let told = spot.note(out, FingerprintKind::Reference, fingerprint, StorageState::Federated);
    let told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Provider, "spiffe");
    told.says(Field::Principal, id.as_ref()).mode(Mode::ShortLived);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, seen};

    fn object(group: &str, kind: &str, spec: &str) -> String {
        format!("apiVersion: {group}\nkind: {kind}\nmetadata:\n  name: x\n  namespace: n\nspec:\n{spec}")
    }

    #[test]
    fn external_secrets() {
        let spec = "  refreshInterval: 1h\n  secretStoreRef:\n    name: vault\n  target:\n    name: db\n  data:\n    - secretKey: P\n      \
            remoteRef:\n        key: app/db\n        property: password\n    - secretKey: A\n      remoteRef:\n        \
            key: arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-a1B2c3\n  dataFrom:\n    - extract:\n        key: app/all\n";
        let text = object("external-secrets.io/v1", "ExternalSecret", spec);
        assert_eq!(
            seen("a.yaml", &text),
            [
                "reference aws-secretsmanager:123456789012:eu-west-1:api vault",
                "reference external-secret:o/r:vault:app/all vault",
                "reference external-secret:o/r:vault:app/db#password vault",
            ]
        );
        let told = claims("a.yaml", &text);
        for wanted in ["vault=SecretStore vault", "vault_path=app/db", "tag=kubernetes-secret=db", "tag=refresh=1h"] {
            assert!(told.contains(&format!("{wanted} @a.yaml:15")), "{wanted}: {told:#?}");
        }
    }

    #[test]
    fn stores_open_with_roles_or_keys() {
        let spec = "  provider:\n    aws:\n      role: arn:aws:iam::123456789012:role/eso\n      auth:\n        secretRef:\n          \
            secretAccessKeySecretRef:\n            name: aws\n            key: secret\n            namespace: m\n";
        let text = object("external-secrets.io/v1beta1", "ClusterSecretStore", spec);
        assert_eq!(
            seen("a.yaml", &text),
            [
                "provider-id arn:aws:iam::123456789012:role/eso federated",
                "reference kubernetes-secret:o/r:m/aws#secret vault"
            ]
        );
        assert!(claims("a.yaml", &text).iter().any(|claim| claim.starts_with("state=weak-auth-scheme")));
        let spec = "  provider:\n    vault:\n      server: https://v\n      auth:\n        kubernetes:\n          mountPath: k8s\n          role: eso\n";
        let text = object("external-secrets.io/v1", "SecretStore", spec);
        assert_eq!(seen("a.yaml", &text), ["reference vault:auth/k8s/role/eso federated"]);
    }

    #[test]
    fn classes_of_the_secrets_store_driver() {
        let of = |spec: &str| seen("a.yaml", &object("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", spec));
        let azure = "  provider: azure\n  parameters:\n    keyvaultName: kv\n    objects: |\n      array:\n        - |\n          \
            objectName: db\n          objectType: secret\n";
        assert_eq!(of(azure), ["reference azure-keyvault:kv/db vault"]);
        let aws = "  provider: aws\n  parameters:\n    objects: |\n      - objectName: prod/db\n        objectType: secretsmanager\n";
        assert_eq!(of(aws), ["reference aws-secretsmanager:o/r:prod/db vault"]);
        let vault = "  provider: vault\n  parameters:\n    roleName: app\n    objects: |\n      - objectName: p\n        secretPath: secret/data/db\n        secretKey: pw\n";
        assert_eq!(
            of(vault),
            ["reference vault:auth/kubernetes/role/app federated", "reference vault:secret/db#pw vault"]
        );
        let gcp = "  provider: gcp\n  parameters:\n    secrets: |\n      - resourceName: projects/p/secrets/s/versions/1\n        path: x\n";
        assert_eq!(of(gcp), ["reference gcp-secretmanager:p/s vault"]);
    }

    #[test]
    fn operators() {
        for (group, kind, spec, wanted) in [
            (
                "secrets.hashicorp.com/v1beta1",
                "VaultStaticSecret",
                "  mount: kv\n  path: app/db\n",
                "vault:kv/app/db vault",
            ),
            (
                "secrets.hashicorp.com/v1beta1",
                "VaultDynamicSecret",
                "  mount: db\n  path: creds/ro\n",
                "vault:db/creds/ro vault",
            ),
            (
                "secrets.hashicorp.com/v1beta1",
                "VaultAuth",
                "  mount: k8s\n  kubernetes:\n    role: app\n",
                "vault:auth/k8s/role/app federated",
            ),
            ("onepassword.com/v1", "OnePasswordItem", "  itemPath: vaults/v/items/i\n", "1password:v/i vault"),
            ("secrets.doppler.com/v1alpha1", "DopplerSecret", "  project: p\n  config: prd\n", "doppler:p/prd vault"),
            (
                "spire.spiffe.io/v1alpha1",
                "ClusterSPIFFEID",
                "  spiffeIDTemplate: spiffe://t/x\n",
                "spiffe://t/x federated",
            ),
        ] {
            assert_eq!(seen("a.yaml", &object(group, kind, spec)), [format!("reference {wanted}")], "{kind}");
        }
    }
}
