//! Kubernetes manifests: Secrets and service accounts that workloads use, by their names. Tekton's and Argo's kinds keep
//! containers in the same form.
//!
//! Which cluster a manifest goes to is not written in it: its Secrets and accounts belong to the repository.

use super::spot::{Spot, Told, is_name, maps, name_of};
use super::{File, Out, aws, azure, environment, external, gcp, vaults};
use crate::format::Data;
use crate::format::tree::Node;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

const STORE: &str = "Kubernetes Secret";
/// Lists within lists are followed this deep.
const MAX_LISTS: usize = 4;

pub(super) fn wants(path: &str) -> bool {
    matches!(crate::format::data_format(path), Some(Data::Yaml | Data::Json))
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let Some((_, documents)) = file.trees() else { return };
    for document in documents {
        object(file, document, out, 0);
    }
}

/// An object of the API, or a list of them.
fn object(file: &File<'_>, node: &Node, out: &mut Out, depth: usize) {
    if !(node.has("apiVersion") && node.has("kind")) {
        return values(file, node, out);
    }
    let kind = name_of(node.get("kind"), file.bytes).unwrap_or_default();
    if kind.ends_with("List") && depth < MAX_LISTS {
        for item in node.get("items").map(Node::items).unwrap_or_default() {
            object(file, item, out, depth + 1);
        }
        return;
    }
    let namespace = name_of(node.at(&["metadata", "namespace"]), file.bytes);
    let own = name_of(node.at(&["metadata", "name"]), file.bytes);
    let title = match (&namespace, &own) {
        (Some(namespace), Some(own)) => format!("{kind} {namespace}/{own}"),
        (None, Some(own)) => format!("{kind} {own}"),
        (_, None) => format!("{kind} of {}", file.name()),
    };
    let of_namespace = namespace.as_deref().and_then(environment::of_name);
    let spot = Spot::new(file, node.place.start).used_by(&title).for_environment(of_namespace);
    let object = Object { spot, kind: &kind, title: &title, namespace: namespace.as_deref(), name: own.as_deref() };
    if external::read(&object, node, out) {
        return;
    }
    match kind.as_ref() {
        "ServiceAccount" => object.account(node, out),
        "Secret" => object.repository(node, out),
        _ => {}
    }
    object.references(node, out);
    maps(node, &mut |map| {
        if let Some(annotations) = map.at(&["metadata", "annotations"]) {
            object.injected(annotations, out);
        }
    });
}

/// An object's name and place, and what its references have in common.
pub(super) struct Object<'a> {
    pub(super) spot: Spot<'a>,
    pub(super) kind: &'a str,
    /// `Deployment shop/web`.
    pub(super) title: &'a str,
    pub(super) namespace: Option<&'a str>,
    pub(super) name: Option<&'a str>,
}

/// Notes a Kubernetes Secret, or one key of it.
pub(super) fn secret<'o>(
    spot: &Spot<'_>,
    out: &'o mut Out,
    namespace: Option<&str>,
    name: &str,
    key: Option<&str>,
) -> Option<Told<'o>> {
    let key = key.filter(|key| is_name(key));
    let path = match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    if !is_name(name) {
        return None;
    }
    let fingerprint = match key {
        Some(key) => format!("kubernetes-secret:{}:{path}#{key}", spot.file.repository),
        None => format!("kubernetes-secret:{}:{path}", spot.file.repository),
    };
    let told = spot.named(out, fingerprint, StorageState::Vault, key.unwrap_or(name), None);
    Some(told.kept(STORE, &path).mode(Mode::Static))
}

/// Notes a service account: its pods are given tokens that hold an hour.
fn account<'o>(spot: &Spot<'_>, out: &'o mut Out, namespace: Option<&str>, name: &str) -> Told<'o> {
    let path = match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    let fingerprint = format!("kubernetes-serviceaccount:{}:{path}", spot.file.repository);
    let told = spot.note(out, FingerprintKind::Reference, fingerprint, StorageState::Federated);
    let told = told.says(Field::Kind, Kind::ServiceAccount.name()).says(Field::Provider, "kubernetes");
    let told = told.says(Field::Name, name).mode(Mode::ShortLived);
    match namespace {
        Some(namespace) => told.says(Field::Principal, format!("system:serviceaccount:{namespace}:{name}")),
        None => told,
    }
}

impl Object<'_> {
    fn bytes(&self) -> &[u8] {
        self.spot.file.bytes
    }

    pub(super) fn at(&self, node: &Node, what: &str) -> Spot<'_> {
        self.spot.at(node.place.start).means(format!("{}: {what}", self.title))
    }

    /// Every key below the object that names a Secret or a service account.
    fn references(&self, node: &Node, out: &mut Out) {
        let bytes = self.bytes();
        maps(node, &mut |map| {
            let container = name_of(map.get("name"), bytes);
            for pair in map.pairs() {
                let value = &pair.value;
                match pair.key.as_str() {
                    "secretKeyRef" => {
                        if let Some(name) = name_of(value.get("name"), bytes) {
                            let key = name_of(value.get("key"), bytes);
                            self.note(value, "secretKeyRef", &name, key.as_deref(), out);
                        }
                    }
                    "secretRef" => self.named(value, "secretRef", "name", out),
                    "imagePullSecrets" => {
                        for item in value.items() {
                            if let Some(name) = name_of(item.get("name"), bytes)
                                && let Some(told) =
                                    secret(&self.at(item, "imagePullSecrets"), out, self.namespace, &name, None)
                            {
                                told.because(Field::Kind, Kind::Password.name(), "a registry's login");
                            }
                        }
                    }
                    "secret" if value.has("secretName") => self.volume(value, "secretName", out),
                    // A source of a projected volume.
                    "secret" if value.has("name") && map.pairs().len() == 1 => self.volume(value, "name", out),
                    "nodePublishSecretRef" | "nodeStageSecretRef" | "basicAuthSecretRef" => {
                        self.named(value, &pair.key, "name", out);
                    }
                    // An Ingress' or Gateway's certificate.
                    "tls" if self.kind == "Ingress" => {
                        for item in value.items() {
                            if let Some(name) = name_of(item.get("secretName"), bytes)
                                && let Some(told) = secret(&self.at(item, "tls"), out, self.namespace, &name, None)
                            {
                                told.because(Field::Kind, Kind::Certificate.name(), "TLS of an Ingress");
                            }
                        }
                    }
                    // Flux opens files that SOPS encrypted.
                    "decryption" if value.has("provider") => {
                        if let Some(name) = name_of(value.at(&["secretRef", "name"]), bytes)
                            && let Some(told) = secret(&self.at(value, "decryption"), out, self.namespace, &name, None)
                        {
                            let told = told.because(Field::Kind, Kind::PrivateKey.name(), "decryption of Flux");
                            told.says(Field::Purpose, "opens files encrypted by SOPS");
                        }
                    }
                    "serviceAccountName" => {
                        if let Some(name) = name_of(Some(value), bytes) {
                            account(&self.at(value, "serviceAccountName"), out, self.namespace, &name);
                        }
                    }
                    "serviceAccountToken" if value.has("path") => self.projected(value, container.as_deref(), out),
                    "csi" => self.csi(value, out),
                    _ => {}
                }
            }
        });
    }

    fn note(&self, node: &Node, what: &str, name: &str, key: Option<&str>, out: &mut Out) {
        secret(&self.at(node, what), out, self.namespace, name, key);
    }

    fn named(&self, node: &Node, what: &str, field: &str, out: &mut Out) {
        if let Some(name) = name_of(node.get(field), self.bytes()) {
            self.note(node, what, &name, None, out);
        }
    }

    /// A volume from a Secret: the whole, or the keys it lists.
    fn volume(&self, node: &Node, field: &str, out: &mut Out) {
        let Some(name) = name_of(node.get(field), self.bytes()) else { return };
        let items = node.get("items").map(Node::items).unwrap_or_default();
        if items.is_empty() {
            return self.note(node, "volume", &name, None, out);
        }
        for item in items {
            let key = name_of(item.get("key"), self.bytes());
            self.note(item, "volume", &name, key.as_deref(), out);
        }
    }

    /// A token for an audience of its own, that holds as long as it says.
    fn projected(&self, node: &Node, volume: Option<&str>, out: &mut Out) {
        let bytes = self.bytes();
        let audience = name_of(node.get("audience"), bytes);
        let fingerprint = format!(
            "kubernetes-token:{}:{}#{}",
            self.spot.file.repository,
            self.title,
            audience.as_deref().or(volume).unwrap_or("token")
        );
        let told = self.at(node, "projected token").note(
            out,
            FingerprintKind::Reference,
            fingerprint,
            StorageState::Federated,
        );
        let told =
            told.says(Field::Kind, Kind::Token.name()).says(Field::Provider, "kubernetes").mode(Mode::ShortLived);
        if let Some(audience) = audience {
            told.says(Field::Tag, format!("audience={audience}"));
        }
    }

    /// A volume of the Secrets Store driver names a class; SPIFFE's gives the workload its identity.
    fn csi(&self, node: &Node, out: &mut Out) {
        if name_of(node.get("driver"), self.bytes()).as_deref() == Some("csi.spiffe.io") {
            let fingerprint = format!("spiffe:{}:{}", self.spot.file.repository, self.title);
            let told = self.at(node, "csi.spiffe.io").note(
                out,
                FingerprintKind::Reference,
                fingerprint,
                StorageState::Federated,
            );
            told.says(Field::Kind, Kind::WorkloadIdentity.name())
                .says(Field::Provider, "spiffe")
                .mode(Mode::ShortLived);
        }
    }

    /// A service account and the cloud identity that its annotations tie it to.
    fn account(&self, node: &Node, out: &mut Out) {
        let bytes = self.bytes();
        let Some(name) = self.name else { return };
        account(&self.at(node, "declared"), out, self.namespace, name);
        for item in node.get("secrets").map(Node::items).unwrap_or_default() {
            self.named(item, "secrets of the account", "name", out);
        }
        for pair in node.at(&["metadata", "annotations"]).map(Node::pairs).unwrap_or_default() {
            let Some(value) = name_of(Some(&pair.value), bytes) else { continue };
            let spot = self.at(&pair.value, &pair.key);
            match pair.key.as_str() {
                "eks.amazonaws.com/role-arn" => drop(aws::role(&spot, out, &value)),
                "iam.gke.io/gcp-service-account" => drop(gcp::account(&spot, out, &value)),
                "azure.workload.identity/client-id" => {
                    let tenant = node.at(&["metadata", "annotations", "azure.workload.identity/tenant-id"]);
                    azure::identity(&spot, out, &value, name_of(tenant, bytes).as_deref());
                }
                _ => {}
            }
        }
    }

    /// A Secret with which Argo CD reads a repository or reaches a cluster, told by its label
    /// (<https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/>).
    fn repository(&self, node: &Node, out: &mut Out) {
        let bytes = self.bytes();
        let label = name_of(node.at(&["metadata", "labels", "argocd.argoproj.io/secret-type"]), bytes);
        let (Some(kind), Some(name)) = (label, self.name) else { return };
        if let Some(told) = secret(&self.at(node, "login of Argo CD"), out, self.namespace, name, None) {
            let data = node.get("stringData");
            let reached = data.and_then(|data| name_of(data.get("url").or_else(|| data.get("server")), bytes));
            let told = told.says(Field::Purpose, format!("Argo CD {kind}")).says(Field::Kind, Kind::CiSecret.name());
            told.says(Field::ProviderAccount, reached.unwrap_or_default());
        }
    }

    /// Vault's agent is put beside the container that has its annotations
    /// (<https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations>).
    fn injected(&self, annotations: &Node, out: &mut Out) {
        let bytes = self.bytes();
        for pair in annotations.pairs() {
            let Some(key) = pair.key.strip_prefix("vault.hashicorp.com/") else { continue };
            let Some(value) = name_of(Some(&pair.value), bytes) else { continue };
            let spot = self.at(&pair.value, &pair.key);
            if key.starts_with("agent-inject-secret-") {
                vaults::secret(&spot, out, &value, None);
            } else if key == "role" {
                let path = name_of(annotations.get("vault.hashicorp.com/auth-path"), bytes);
                let path = path.as_deref().map_or("kubernetes", |path| path.trim_start_matches("auth/"));
                vaults::role(&spot, out, path, &value);
            }
        }
    }
}

/// `existingSecret: name` of charts' values.
fn values(file: &File<'_>, node: &Node, out: &mut Out) {
    if !file.name().to_ascii_lowercase().contains("values") {
        return;
    }
    maps(node, &mut |map| {
        for pair in map.pairs().iter().filter(|pair| pair.key == "existingSecret" || pair.key == "existingSecretName") {
            if let Some(name) = name_of(Some(&pair.value), file.bytes) {
                let spot = Spot::new(file, pair.value.place.start).means(format!("{} of a chart's values", pair.key));
                secret(&spot, out, None, &name, None);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, consumers, seen};

    const HEAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop-prod\n";

    #[test]
    fn secrets_and_accounts_of_workloads() {
        let text = format!(
            "{HEAD}spec:\n  template:\n    spec:\n      serviceAccountName: web\n      imagePullSecrets:\n        - name: reg\n      \
            containers:\n        - name: c\n          env:\n            - name: P\n              valueFrom:\n                \
            secretKeyRef:\n                  name: db\n                  key: password\n          envFrom:\n            \
            - secretRef:\n                name: all\n      volumes:\n        - name: v\n          secret:\n            \
            secretName: tls\n            items:\n              - key: tls.key\n        - name: t\n          projected:\n            \
            sources:\n              - serviceAccountToken:\n                  path: t\n                  audience: vault\n"
        );
        assert_eq!(
            seen("k8s/web.yaml", &text),
            [
                "reference kubernetes-secret:o/r:shop-prod/all vault",
                "reference kubernetes-secret:o/r:shop-prod/db#password vault",
                "reference kubernetes-secret:o/r:shop-prod/reg vault",
                "reference kubernetes-secret:o/r:shop-prod/tls#tls.key vault",
                "reference kubernetes-serviceaccount:o/r:shop-prod/web federated",
                "reference kubernetes-token:o/r:Deployment shop-prod/web#vault federated",
            ]
        );
        assert!(consumers("k8s/web.yaml", &text).iter().all(|line| line.ends_with(": Deployment shop-prod/web")));
        let told = claims("k8s/web.yaml", &text);
        for wanted in [
            "environment=production @k8s/web.yaml:18",
            "kind=password @k8s/web.yaml:18 (by its name)",
            "kind=password @k8s/web.yaml:11 (a registry's login)",
            "principal=system:serviceaccount:shop-prod:web @k8s/web.yaml:9",
            "tag=audience=vault @k8s/web.yaml:33",
        ] {
            assert!(told.contains(&wanted.to_owned()), "{wanted}: {told:#?}");
        }
    }

    #[test]
    fn accounts_are_tied_to_clouds() {
        let account = |annotation: &str| {
            format!("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: s\n  annotations:\n    {annotation}\n")
        };
        for (annotation, wanted) in [
            ("eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/s", "arn:aws:iam::123456789012:role/s"),
            ("iam.gke.io/gcp-service-account: s@p.iam.gserviceaccount.com", "s@p.iam.gserviceaccount.com"),
            (
                "azure.workload.identity/client-id: 00000000-1111-2222-3333-444444444444",
                "azure:00000000-1111-2222-3333-444444444444",
            ),
        ] {
            let wanted = [
                format!("provider-id {wanted} federated"),
                "reference kubernetes-serviceaccount:o/r:s federated".to_owned(),
            ];
            assert_eq!(seen("sa.yaml", &account(annotation)), wanted, "{annotation}");
        }
    }

    #[test]
    fn the_vault_agent_and_values_of_charts() {
        let text = format!(
            "{HEAD}spec:\n  template:\n    metadata:\n      annotations:\n        vault.hashicorp.com/role: web\n        \
            vault.hashicorp.com/agent-inject-secret-db: secret/data/shop/db\n"
        );
        let wanted = ["reference vault:auth/kubernetes/role/web federated", "reference vault:secret/shop/db vault"];
        assert_eq!(seen("a.yaml", &text), wanted);
        assert_eq!(
            seen("chart/values.yaml", "auth:\n  existingSecret: db\nother:\n  existingSecret: \"\"\n"),
            ["reference kubernetes-secret:o/r:db vault"]
        );
        assert_eq!(
            seen("chart/x.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  serviceAccountName: {{ .Values.x }}\n"),
            [""; 0]
        );
    }

    #[test]
    fn logins_of_argo_cd_and_flux() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\n  namespace: argocd\n  labels:\n    \
                    argocd.argoproj.io/secret-type: repository\nstringData:\n  url: https://git.acme.test/shop\n";
        assert_eq!(seen("r.yaml", text), ["reference kubernetes-secret:o/r:argocd/shop vault"]);
        let told = claims("r.yaml", text);
        for wanted in ["purpose=Argo CD repository @r.yaml:1", "provider_account=https://git.acme.test/shop @r.yaml:1"]
        {
            assert!(told.contains(&wanted.to_owned()), "{wanted}: {told:?}");
        }
        let text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\n\
                    spec:\n  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n";
        assert_eq!(seen("k.yaml", text), ["reference kubernetes-secret:o/r:flux-system/sops-age vault"]);
        assert!(claims("k.yaml", text).contains(&"kind=private-key @k.yaml:8 (decryption of Flux)".to_owned()));
    }
}
