//! Kubernetes: service accounts, the roles bound to them, long-lived tokens, and the users of a kubeconfig.
//!
//! A manifest often leaves out the namespace and names a chart's accounts by a template: such names hold within their folder.

use super::iac::tags;
use super::policy::{self, Grant, roles, texts};
use super::{File, Out};
use crate::format::tree::{Node, Value};
use crate::format::{Data, data_format, documents};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, ScopeLevel, Source, StorageState};
use crate::inventory::record::Facts;
use crate::inventory::register::Subject;

/// The annotation that names a token's account, and the type of such a Secret.
const TOKEN_OF: &str = "kubernetes.io/service-account.name";
const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";

/// True where a manifest may lie.
pub(super) fn wants(path: &str) -> bool {
    matches!(data_format(path), Some(Data::Yaml | Data::Json)) || is_kubeconfig(path)
}

/// True for a kubeconfig whose name does not say that it is YAML.
fn is_kubeconfig(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.ends_with(".kube/config") || name == "kubeconfig" || name.ends_with(".kubeconfig")
}

/// Reads manifests.
pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let own = if is_kubeconfig(file.path) { documents(Data::Yaml, file.bytes) } else { Vec::new() };
    for tree in file.trees().map_or(own.as_slice(), |(_, trees)| trees) {
        object(file, tree, out);
        // `kind: List`
        if tree.has("apiVersion") {
            tree.get("items").map(Node::items).unwrap_or_default().iter().for_each(|item| object(file, item, out));
        }
    }
}

fn object(file: &File<'_>, node: &Node, out: &mut Out) {
    let (Some(kind), true) = (node.get("kind").and_then(|kind| kind.text(file.bytes)), node.has("apiVersion")) else {
        return;
    };
    match kind.as_ref() {
        "ServiceAccount" => account(file, node, out),
        "Role" | "ClusterRole" => role(file, node, &kind, out),
        "RoleBinding" => binding(file, node, false, out),
        "ClusterRoleBinding" => binding(file, node, true, out),
        "Secret" => token(file, node, out),
        "Config" => kubeconfig(file, node, out),
        _ => {}
    }
}

/// A name as it is written, and whether it is one already.
struct Name {
    text: String,
    literal: bool,
}

impl Name {
    /// What people call it: of a chart's helper its stem, `x-web-token` for `{{ include "x-web.name" . }}-token`; what
    /// another template comes to no file tells.
    fn called(&self) -> String {
        let template = || {
            let (code, rest) = self.text.strip_prefix("{{")?.split_once("}}")?;
            let (helper, _) = code.split_once('"')?.1.split_once('"')?;
            let (stem, _) = helper.rsplit_once('.')?;
            (!rest.contains("{{")).then(|| format!("{stem}{rest}"))
        };
        if self.literal { self.text.clone() } else { template().unwrap_or_default() }
    }
}

fn name(file: &File<'_>, node: Option<&Node>) -> Option<Name> {
    let text = match node?.text(file.bytes) {
        Some(text) => text.into_owned(),
        None => file.text(&node?.place).trim().to_owned(),
    };
    let literal = !["{{", "${", "$("].iter().any(|part| text.contains(part)) && !text.contains(char::is_whitespace);
    (!text.is_empty()).then(|| Name { text: policy::brief(&text), literal })
}

/// An address that holds within the folder.
fn here(file: &File<'_>, kind: &str, name: &str) -> String {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("kubernetes:{}:{folder}:{kind}:{name}", file.repository)
}

/// The address of a service account: it holds within the repository where its namespace is known.
fn account_address(file: &File<'_>, namespace: Option<&Name>, name: &Name) -> String {
    match namespace.filter(|namespace| namespace.literal && name.literal) {
        Some(namespace) => {
            format!("kubernetes-service-account:{}:{}/{}", file.repository, namespace.text, name.text)
        }
        None => here(file, "ServiceAccount", &name.text),
    }
}

/// The fingerprint of a service account, as readers of references write it; a chart's template holds within its folder.
fn subject(file: &File<'_>, namespace: Option<&Name>, name: &Name) -> Subject {
    let fingerprint = match namespace.filter(|namespace| namespace.literal) {
        _ if !name.literal => here(file, "ServiceAccount", &name.text),
        Some(namespace) => format!("kubernetes-serviceaccount:{}:{}/{}", file.repository, namespace.text, name.text),
        None => format!("kubernetes-serviceaccount:{}:{}", file.repository, name.text),
    };
    Subject { kind: FingerprintKind::Reference, fingerprint }
}

/// An account under its own name is noted by the reader of references.
fn account(file: &File<'_>, node: &Node, out: &mut Out) {
    let Some(name) = name(file, node.at(&["metadata", "name"])) else { return };
    let namespace = self::name(file, node.at(&["metadata", "namespace"]));
    let subject = subject(file, namespace.as_ref(), &name);
    if !name.literal {
        noted(file, &name, None, &subject.fingerprint, node.place.start, out);
    }
    let address = account_address(file, namespace.as_ref(), &name);
    out.links.declare(address.clone(), &subject);
    out.links.tell(address, labels(file, node));
}

/// Notes a service account; its tokens are made for each pod and end with it.
fn noted<'o>(
    file: &File<'_>,
    name: &Name,
    namespace: Option<&Name>,
    fingerprint: &str,
    at: usize,
    out: &'o mut Out,
) -> &'o mut Facts {
    let meaning = Some(format!("ServiceAccount {}", name.text));
    let facts = out.note(file, FingerprintKind::Reference, fingerprint, StorageState::Federated, at, meaning);
    let basis = file.basis(at);
    let claim = |facts: &mut Facts, field, value: &str| facts.claim(field, Source::Infrastructure, value, &basis);
    claim(facts, Field::Kind, Kind::ServiceAccount.name());
    claim(facts, Field::Provider, "kubernetes");
    claim(facts, Field::Mode, Mode::ShortLived.name());
    claim(facts, Field::Name, &name.called());
    if let Some(namespace) = namespace.filter(|namespace| namespace.literal && name.literal) {
        claim(facts, Field::Principal, &format!("system:serviceaccount:{}:{}", namespace.text, name.text));
    }
    facts
}

/// Labels and annotations that say whose it is.
fn labels(file: &File<'_>, node: &Node) -> Facts {
    let mut facts = Facts::default();
    for key in ["labels", "annotations"] {
        for pair in node.at(&["metadata", key]).map(Node::pairs).unwrap_or_default() {
            let value = name(file, Some(&pair.value)).filter(|value| value.literal || !value.text.contains("{{"));
            if let Some(value) = value {
                tags::tag(&pair.key, &value.text, &file.basis(pair.value.place.start), &mut facts);
            }
        }
    }
    facts
}

/// What a role allows, where it is bound for the cluster and where for a namespace.
fn role(file: &File<'_>, node: &Node, kind: &str, out: &mut Out) {
    let Some(name) = name(file, node.at(&["metadata", "name"])) else { return };
    for (cluster, aspect) in [(true, "cluster"), (false, "namespace")] {
        let mut facts = Facts::default();
        let rules = node.get("rules").map(Node::items).unwrap_or_default();
        let grants = rules.iter().map(|rule| (file.basis(rule.place.start), granted(file, rule, cluster)));
        policy::claim(&mut facts, Source::Infrastructure, &grants.collect::<Vec<_>>());
        out.links.tell(format!("{}#{aspect}", here(file, kind, &name.text)), facts);
    }
}

/// What a rule allows (Kubernetes documentation, "Using RBAC Authorization").
fn granted(file: &File<'_>, rule: &Node, cluster: bool) -> Grant {
    let of = |key: &str| rule.get(key).map(|node| texts(node, file.bytes)).unwrap_or_default();
    let ((verbs, unread), (resources, _), (groups, _), (urls, _)) =
        (of("verbs"), of("resources"), of("apiGroups"), of("nonResourceURLs"));
    let all = |list: &[String]| list.iter().any(|item| item == "*");
    let has = |known: &[&str]| verbs.iter().any(|verb| known.contains(&verb.as_str()));
    let level = if cluster && all(&verbs) && all(&resources) && all(&groups)
        || cluster && has(&["escalate", "bind", "impersonate"])
    {
        Some(ScopeLevel::Admin)
    } else if verbs.iter().any(|verb| !matches!(verb.as_str(), "get" | "list" | "watch") && !verb.contains("{{")) {
        Some(ScopeLevel::Write)
    } else if !verbs.is_empty() && !unread && !verbs.iter().any(|verb| verb.contains("{{")) {
        Some(ScopeLevel::Read)
    } else {
        None
    };
    let what = if resources.is_empty() { urls } else { resources };
    let place = if cluster { "in the cluster" } else { "in a namespace" };
    Grant::new(level, &format!("{} on {} {place}", verbs.join(", "), what.join(", ")))
}

/// Subjects take what their role allows.
fn binding(file: &File<'_>, node: &Node, cluster: bool, out: &mut Out) {
    let Some(role) = name(file, node.at(&["roleRef", "name"])) else { return };
    let kind = node.at(&["roleRef", "kind"]).and_then(|kind| kind.text(file.bytes)).unwrap_or_default();
    let at = node.place.start;
    let own = here(file, if cluster { "ClusterRoleBinding" } else { "RoleBinding" }, &at.to_string());
    let own = format!("{own}:{}", file.path);
    let mut facts = Facts::default();
    let aspect = if cluster { "cluster" } else { "namespace" };
    match roles::kubernetes(&role.text, cluster).filter(|_| kind == "ClusterRole") {
        Some(grant) => policy::claim(&mut facts, Source::Infrastructure, &[(file.basis(at), grant)]),
        None => out.links.take(own.clone(), format!("{}#{aspect}", here(file, &kind, &role.text))),
    }
    out.links.tell(own.clone(), facts);
    for subject in node.get("subjects").map(Node::items).unwrap_or_default() {
        let is_account =
            subject.get("kind").and_then(|kind| kind.text(file.bytes)).as_deref() == Some("ServiceAccount");
        let Some(name) = name(file, subject.get("name")).filter(|_| is_account) else { continue };
        let namespace = self::name(file, subject.get("namespace"));
        let address = account_address(file, namespace.as_ref(), &name);
        out.links.take(here(file, "ServiceAccount", &name.text), own.clone());
        out.links.take(address.clone(), own.clone());
        // No manifest declares the account that every namespace has.
        if name.text == "default" {
            let own = self::subject(file, namespace.as_ref(), &name);
            let at = subject.place.start;
            noted(file, &name, namespace.as_ref(), &own.fingerprint, at, out);
            out.links.declare(address, &own);
        }
    }
}

/// A Secret that holds an account's token until it is deleted.
fn token(file: &File<'_>, node: &Node, out: &mut Out) {
    if node.get("type").and_then(|kind| kind.text(file.bytes)).as_deref() != Some(TOKEN_TYPE) {
        return;
    }
    let Some(name) = name(file, node.at(&["metadata", "name"])) else { return };
    let at = node.place.start;
    let namespace = self::name(file, node.at(&["metadata", "namespace"]));
    let own = match namespace.as_ref().filter(|namespace| namespace.literal && name.literal) {
        Some(namespace) => format!("kubernetes-token:{}:{}/{}", file.repository, namespace.text, name.text),
        None => here(file, "Secret", &name.text),
    };
    let meaning = Some(format!("Secret {} of type {TOKEN_TYPE}", name.text));
    let facts = out.note(file, FingerprintKind::Reference, &own, StorageState::Unknown, at, meaning);
    let basis = file.basis(at);
    for (field, value) in [
        (Field::Kind, Kind::Token.name()),
        (Field::Provider, "kubernetes"),
        (Field::Mode, Mode::Static.name()),
        (Field::Name, &name.called()),
    ] {
        facts.claim(field, Source::Infrastructure, value, &basis);
    }
    let reason = format!("{basis}: a token of a service account that never ends");
    facts.claim(Field::State, Source::Infrastructure, "weak-auth-scheme", reason);
    facts.join(labels(file, node));
    let of = node.at(&["metadata", "annotations", TOKEN_OF]);
    if let Some(account) = self::name(file, of) {
        if let Some(namespace) = namespace.as_ref().filter(|namespace| namespace.literal && account.literal) {
            let principal = format!("system:serviceaccount:{}:{}", namespace.text, account.text);
            facts.claim(Field::Principal, Source::Infrastructure, principal, &basis);
        }
        out.links.take(own.clone(), account_address(file, namespace.as_ref(), &account));
    }
    out.links.declare(own.clone(), &Subject { kind: FingerprintKind::Reference, fingerprint: own });
}

/// Users of a kubeconfig (<https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>): those who get their token from a
/// program, for whom nothing is stored, and those whose token or key is a file elsewhere. What stands in the file itself is a
/// finding of the scan.
fn kubeconfig(file: &File<'_>, node: &Node, out: &mut Out) {
    for user in node.get("users").map(Node::items).unwrap_or_default() {
        let (Some(name), Some(settings)) = (name(file, user.get("name")), user.get("user")) else { continue };
        let program = settings.get("exec").or_else(|| settings.get("auth-provider"));
        let kept =
            ["tokenFile", "client-key"].iter().find_map(|key| Some((*key, self::name(file, settings.get(key))?)));
        let (kind, storage, mode, meaning) = match (program, &kept) {
            (Some(program), _) if matches!(program.value, Value::Map(_)) => {
                (Kind::WorkloadIdentity, StorageState::Federated, Mode::Federated, "with a token made on demand")
            }
            (_, Some(("tokenFile", _))) => {
                (Kind::Token, StorageState::Unknown, Mode::Static, "with a token from a file")
            }
            (_, Some(_)) => (Kind::PrivateKey, StorageState::Unknown, Mode::Static, "with a key from a file"),
            _ => continue,
        };
        let at = user.place.start;
        let own = format!("kubeconfig:{}:{}:{}", file.repository, file.path, name.text);
        let meaning = Some(format!("user of a kubeconfig, {meaning}"));
        let facts = out.note(file, FingerprintKind::Reference, own, storage, at, meaning);
        let basis = file.basis(at);
        let command =
            program.and_then(|program| self::name(file, program.get("command").or_else(|| program.get("name"))));
        let command = command.map(|command| format!("login={}", command.text));
        for (field, value) in [
            (Field::Kind, kind.name()),
            (Field::Provider, "kubernetes"),
            (Field::Mode, mode.name()),
            (Field::Name, &name.text),
            (Field::Principal, &name.text),
            (Field::VaultPath, kept.as_ref().map_or("", |(_, path)| &path.text)),
            (Field::Tag, command.as_deref().unwrap_or_default()),
        ] {
            facts.claim(field, Source::Infrastructure, value, &basis);
        }
        for server in servers(file, node, &name.text) {
            facts.claim(Field::ProviderAccount, Source::Infrastructure, server, &basis);
        }
    }
}

/// The addresses of the clusters that contexts give a user.
fn servers(file: &File<'_>, node: &Node, user: &str) -> Vec<String> {
    let text = |node: Option<&Node>| name(file, node).map(|name| name.text);
    let listed = |key: &str| node.get(key).map(Node::items).unwrap_or_default();
    let contexts = listed("contexts").iter().filter_map(|context| context.get("context"));
    let named: Vec<String> = contexts
        .filter(|context| text(context.get("user")).as_deref() == Some(user))
        .filter_map(|context| text(context.get("cluster")))
        .collect();
    let clusters =
        listed("clusters").iter().filter(|cluster| text(cluster.get("name")).is_some_and(|name| named.contains(&name)));
    clusters.filter_map(|cluster| text(cluster.at(&["cluster", "server"]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(files: &[(&str, &str)]) -> Vec<String> {
        let mut all = Out::default();
        for (path, text) in files {
            all.join(super::super::read(&File::new("r", path, text.as_bytes())));
        }
        let row = |(subject, facts): (Subject, Facts)| {
            let fields =
                [Field::Name, Field::ProviderAccount, Field::Principal, Field::ScopeLevel, Field::Mode, Field::Team];
            let claims = fields.iter().flat_map(|field| facts.all(*field)).map(|claim| format!(" {}", claim.value));
            format!("{}{}", subject.fingerprint, claims.collect::<String>())
        };
        all.into_found().into_iter().map(row).collect()
    }

    #[test]
    fn accounts_take_what_their_roles_allow() {
        let account =
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: op, namespace: sys, labels: {team: core}}\n";
        let bare = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n";
        let binding = |kind: &str, role: &str, name: &str| {
            format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: b}}\n\
                 roleRef: {{kind: ClusterRole, name: {role}}}\n\
                 subjects:\n- {{kind: ServiceAccount, name: {name}, namespace: sys}}\n- {{kind: User, name: x}}\n"
            )
        };
        let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: own}\nrules:\n\
                    - {apiGroups: ['*'], resources: ['*'], verbs: ['*']}\n- {resources: [pods], verbs: [get]}\n";
        assert_eq!(
            shown(&[
                ("a/sa.yaml", account),
                ("b/web.yaml", bare),
                ("c/b.yaml", &binding("ClusterRoleBinding", "cluster-admin", "op")),
                ("b/b.yaml", &binding("RoleBinding", "own", "web")),
                ("b/role.yaml", role),
                ("d/b.yaml", &binding("ClusterRoleBinding", "view", "default")),
            ]),
            [
                "kubernetes-serviceaccount:r:sys/default default system:serviceaccount:sys:default read short-lived",
                "kubernetes-serviceaccount:r:sys/op op system:serviceaccount:sys:op admin short-lived core",
                "kubernetes-serviceaccount:r:web web write short-lived",
            ]
        );
    }

    #[test]
    fn names_of_a_chart_join_by_their_template() {
        let text = r#"apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "x.name" . }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: b
roleRef:
  kind: ClusterRole
  name: edit
subjects:
- kind: ServiceAccount
  name: {{ include "x.name" . }}
  namespace: {{ .Release.Namespace }}
"#;
        let rows = shown(&[("t/sa.yaml", text)]);
        assert_eq!(rows, [r#"kubernetes:r:t:ServiceAccount:{{ include "x.name" . }} x write short-lived"#]);
        let unknown = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {{ account }}\n";
        let rows = shown(&[("t/sa.yaml.j2", unknown)]);
        assert_eq!(rows, ["kubernetes:r:t:ServiceAccount:{{ account }} short-lived"]);
    }

    #[test]
    fn tokens_without_end_and_users_of_a_kubeconfig() {
        let token = "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\nmetadata:\n  name: t\n  \
                     namespace: sys\n  annotations:\n    kubernetes.io/service-account.name: op\n";
        let config = "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {server: 'https://k8s.acme.test'}\ncontexts:\n\
                      - name: x\n  context: {cluster: c, user: dev}\nusers:\n- name: dev\n  user:\n    exec: {command: aws}\n\
                      - name: old\n  user: {token: x}\n- name: admin\n  user: {client-key: pki/admin.key}\n";
        assert_eq!(
            shown(&[("t.yaml", token), ("kubeconfig", config)]),
            [
                "kubeconfig:r:kubeconfig:admin admin admin static",
                "kubeconfig:r:kubeconfig:dev dev https://k8s.acme.test dev federated",
                "kubernetes-token:r:sys/t t system:serviceaccount:sys:op static",
            ]
        );
    }
}
