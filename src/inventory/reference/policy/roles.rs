//! Roles that clouds, clusters and forges define, by their names.

use super::Grant;
use crate::format::tree::Node;
use crate::format::{Data, documents};
use crate::inventory::kind::ScopeLevel;
use ScopeLevel::{Admin, Read, Write};

/// A role of Google Cloud (`roles/editor`), given on `on`; `wide` where that is a project, folder or organisation. Levels
/// are those of the IAM documentation's "Basic roles" and of the suffixes that predefined roles share.
pub(in super::super) fn google(role: &str, on: &str, wide: bool) -> Option<Grant> {
    let name = role.strip_prefix("roles/").unwrap_or(role);
    let last = name.rsplit('.').next().unwrap_or(name);
    let level = match name {
        "owner" | "editor" if wide => Some(Admin),
        "iam.securityAdmin"
        | "iam.serviceAccountTokenCreator"
        | "iam.serviceAccountKeyAdmin"
        | "iam.serviceAccountAdmin"
        | "iam.organizationRoleAdmin"
        | "resourcemanager.projectIamAdmin"
        | "resourcemanager.folderIamAdmin"
        | "resourcemanager.organizationAdmin"
            if wide =>
        {
            Some(Admin)
        }
        "owner" | "editor" => Some(Write),
        "viewer" | "browser" | "secretmanager.secretAccessor" => Some(Read),
        _ if ends(last, &["viewer", "reader", "metadataviewer", "puller"]) => Some(Read),
        _ if ends(
            last,
            &[
                "admin",
                "editor",
                "writer",
                "owner",
                "creator",
                "publisher",
                "developer",
                "manager",
                "deleter",
                "actor",
                "user",
                "subscriber",
                "pusher",
            ],
        ) && !ends(last, &["accountuser", "networkuser"]) =>
        {
            // `bigquery.user` runs jobs, `pubsub.subscriber` acknowledges; `cloudkms.…User` is too little to tell.
            (!last.to_ascii_lowercase().ends_with("user") || last == "user").then_some(Write)
        }
        _ => None,
    };
    role.starts_with("roles/").then(|| Grant::new(level, &format!("{role} on {on}")))
}

fn ends(name: &str, endings: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// Ids of Azure's built-in roles (Microsoft Learn, "Azure built-in roles").
const AZURE_IDS: &[(&str, &str)] = &[
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner"),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor"),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader"),
    ("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator"),
    ("f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator"),
    ("00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator"),
    ("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader"),
    ("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer"),
    ("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User"),
    ("7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull"),
    ("8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush"),
    ("b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Storage Blob Data Owner"),
    ("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor"),
    ("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader"),
    ("974c5e8b-45b9-4653-ba55-5f855dd0fb88", "Storage Queue Data Contributor"),
    ("19e7f393-937e-4f77-808e-94535e297925", "Storage Queue Data Reader"),
    ("c6a89b2d-59bc-44d0-9896-0f6e12d7b80a", "Storage Queue Data Message Sender"),
    ("0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "Storage Table Data Contributor"),
    ("76199698-9eea-4c19-bc75-cec21354c6b6", "Storage Table Data Reader"),
    ("0c867c2a-1d8c-454a-a3db-ab2ea1bdc8bb", "Storage File Data SMB Share Contributor"),
    ("516239f1-63e1-4d78-a4de-a74fb236a071", "App Configuration Data Reader"),
    ("5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b", "App Configuration Data Owner"),
    ("090c5cfd-751d-490a-894a-3ce6f1109419", "Azure Service Bus Data Owner"),
    ("4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", "Azure Service Bus Data Receiver"),
    ("69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", "Azure Service Bus Data Sender"),
    ("92aaf0da-9dab-42b6-94a3-d43ce8d16293", "Log Analytics Contributor"),
    ("749f88d5-cbae-40b8-bcfc-e573ddc772fa", "Monitoring Contributor"),
    ("5e467623-bb1f-42f4-a55d-6e525e11384b", "Backup Contributor"),
    ("f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator"),
    ("b12aa53e-6015-4669-85d0-8515ebb3ae7f", "Private DNS Zone Contributor"),
    ("9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "Virtual Machine Contributor"),
    ("de139f84-1756-47ae-9be6-808fbbe84772", "Website Contributor"),
    ("c2f4ef07-c644-48eb-af81-4b1b4947fb11", "AcrDelete"),
];

/// Where a role of Azure is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum AzureScope {
    /// A subscription, a management group or the tenant.
    Wide,
    /// A resource group or a resource, or nothing tells.
    Other,
}

impl AzureScope {
    /// From a scope as it is written: an id, or an expression that ends in one.
    pub(in super::super) fn of(scope: &str) -> Self {
        let text = scope.trim().trim_matches('"');
        let subscription = |text: &str| {
            let lower = text.to_ascii_lowercase();
            let rest = lower.trim_start_matches("/subscriptions/");
            rest.len() < lower.len() && !rest.trim_end_matches('/').contains('/')
        };
        let is_id_of = |kind: &str| text.strip_prefix(kind).is_some_and(|rest| rest.strip_suffix(".id").is_some());
        let wide = text == "/"
            || subscription(text)
            || text.starts_with("/providers/Microsoft.Management/managementGroups/")
            || is_id_of("data.azurerm_subscription.")
            || is_id_of("azurerm_management_group.")
            || is_id_of("data.azurerm_management_group.")
            || text.starts_with("subscription()");
        if wide { Self::Wide } else { Self::Other }
    }
}

/// A role of Azure by its name, or by a text that holds its id; given on `on`.
pub(in super::super) fn azure(role: &str, scope: AzureScope, on: &str) -> Option<Grant> {
    let lower = role.to_ascii_lowercase();
    let name = AZURE_IDS.iter().find(|(id, _)| lower.contains(id)).map_or(role, |(_, name)| name);
    if name.is_empty() || name.contains(['$', '/', '[', '(']) {
        return None;
    }
    let level = match (name, scope) {
        (
            "Owner" | "Contributor" | "User Access Administrator" | "Role Based Access Control Administrator",
            AzureScope::Wide,
        ) => Some(Admin),
        ("Key Vault Secrets User" | "AcrPull", _) => Some(Read),
        ("AcrPush" | "AcrDelete", _) => Some(Write),
        _ if ends(name, &["reader", "viewer", "monitoring reader"]) => Some(Read),
        _ if ends(name, &["contributor", "owner", "administrator", "admin", "officer", "sender", "writer"]) => {
            Some(Write)
        }
        _ => None,
    };
    Some(Grant::new(level, &format!("{name} on {on}")))
}

/// A role that every Kubernetes cluster has, or that a `ClusterRole` of the name would be; `cluster` where it is bound for
/// all namespaces (Kubernetes documentation, "User-facing roles").
pub(in super::super) fn kubernetes(name: &str, cluster: bool) -> Option<Grant> {
    let level = match (name, cluster) {
        ("cluster-admin", true) => Admin,
        ("cluster-admin" | "admin" | "edit", _) => Write,
        ("view", _) => Read,
        _ => return None,
    };
    let on = if cluster { "the cluster" } else { "a namespace" };
    Some(Grant::new(Some(level), &format!("ClusterRole {name} on {on}")))
}

/// Scopes of tokens of forges and OAuth providers, by what their words say (`read_api`, `repo:read`, `contents: write`).
pub(in super::super) fn token(scope: &str) -> Grant {
    let lower = scope.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    // Cognito calls a user's right to change their own attributes so: it says nothing of the client.
    let level = if lower == "aws.cognito.signin.user.admin" {
        None
    } else if has(&["admin", "owner", "sudo"]) {
        Some(Admin)
    } else if has(&["write", "manage", "create", "delete", "push", "maintain"]) || lower == "api" {
        Some(Write)
    } else if has(&["read", "readonly", "pull", "view"]) {
        Some(Read)
    } else {
        None
    };
    Grant::new(level, scope)
}

/// A Vault policy: paths with their capabilities (Vault documentation, "Policies").
pub(in super::super) fn vault(text: &[u8]) -> Vec<Grant> {
    let mut out = Vec::new();
    for (path, rule) in documents(Data::Hcl, text).iter().flat_map(paths) {
        let (capabilities, unread) = rule.get("capabilities").map(|node| super::texts(node, text)).unwrap_or_default();
        let has = |known: &[&str]| capabilities.iter().any(|capability| known.contains(&capability.as_str()));
        let changes = has(&["create", "update", "delete", "patch"]);
        let level = if has(&["sudo"]) || path == "*" && changes {
            Some(Admin)
        } else if changes {
            Some(Write)
        } else if has(&["read", "list", "subscribe"]) && !unread {
            Some(Read)
        } else {
            None
        };
        if !capabilities.is_empty() && !has(&["deny"]) {
            out.push(Grant::new(level, &format!("{} on {path}", capabilities.join(", "))));
        }
    }
    out
}

/// `path "x" { … }` blocks, each with its path.
fn paths(document: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let blocks = document.pairs().iter().filter(|pair| pair.key == "path");
    blocks.flat_map(|pair| pair.value.pairs()).map(|pair| (pair.key.as_str(), &pair.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word of a level; `-` where nothing tells, `none` where the role is no known one.
    fn level(grant: Option<Grant>) -> &'static str {
        grant.map_or("none", |grant| grant.level.map_or("-", ScopeLevel::name))
    }

    #[test]
    fn google_roles() {
        for (role, wide, expected) in [
            ("roles/owner", true, "admin"),
            ("roles/editor", true, "admin"),
            ("roles/editor", false, "write"),
            ("roles/storage.objectViewer", true, "read"),
            ("roles/storage.admin", true, "write"),
            ("roles/logging.logWriter", true, "write"),
            ("roles/iam.serviceAccountTokenCreator", true, "admin"),
            ("roles/iam.serviceAccountUser", true, "-"),
            ("roles/run.invoker", true, "-"),
            ("projects/x/roles/y", true, "none"),
        ] {
            assert_eq!(level(google(role, "project x", wide)), expected, "{role}");
        }
    }

    #[test]
    fn azure_roles_at_their_scopes() {
        let id = "/subscriptions/11111111-2222-3333-4444-555555555555";
        for (role, scope, expected) in [
            ("Contributor", id, "admin"),
            ("Contributor", "/subscriptions/x/resourceGroups/y", "write"),
            ("Owner", "data.azurerm_subscription.primary.id", "admin"),
            ("Owner", "azurerm_resource_group.x.id", "write"),
            ("Reader", id, "read"),
            ("subscriptionResourceId('x', 'b24988ac-6180-42a0-ab88-20f7382dd24c')", "subscription().id", "admin"),
            ("Monitoring Metrics Publisher", id, "-"),
            ("${var.role}", id, "none"),
        ] {
            assert_eq!(level(azure(role, AzureScope::of(scope), scope)), expected, "{role} {scope}");
        }
    }

    #[test]
    fn cluster_roles_tokens_and_vault_policies() {
        assert_eq!(level(kubernetes("cluster-admin", true)), "admin");
        assert_eq!(level(kubernetes("cluster-admin", false)), "write");
        assert_eq!(level(kubernetes("view", true)), "read");
        assert_eq!(level(kubernetes("mine", true)), "none");
        let tokens = ["api", "read_api", "write_repository", "admin_mode", "openid"].map(|scope| token(scope).level);
        assert_eq!(tokens, [Some(Write), Some(Read), Some(Write), Some(Admin), None]);
        let text =
            b"path \"secret/data/x\" {\n capabilities = [\"read\"]\n}\npath \"*\" { capabilities = [\"update\"] }\n\
                     path \"a\" { capabilities = [\"deny\"] }\n";
        let found: Vec<_> = vault(text).into_iter().map(|grant| (grant.level, grant.scope)).collect();
        assert_eq!(found, [(Some(Read), "read on secret/data/x".to_owned()), (Some(Admin), "update on *".to_owned())]);
    }
}
