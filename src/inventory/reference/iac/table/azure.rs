//! Azure: Terraform's `azuread` and `azurerm` types, and the resource types of ARM and Bicep (Azure resource reference).

use super::{Right, Type};
use crate::inventory::kind::{Field as F, Kind as K, Mode as M, StorageState as S};

const IN_STATE: &str = "its value lands in Terraform's state";

/// Types of both notations.
pub(super) const TYPES: &[Type] = &[
    Type::new("azuread_application", Some(K::OauthClient), "azure").fields(&[
        (F::Name, "display_name"),
        (F::Principal, "client_id"),
        (F::Principal, "application_id"),
        (F::Principal, "display_name"),
        (F::Purpose, "description"),
    ]),
    Type::new("azuread_application_registration", Some(K::OauthClient), "azure").fields(&[
        (F::Name, "display_name"),
        (F::Principal, "client_id"),
        (F::Principal, "display_name"),
        (F::Purpose, "description"),
    ]),
    Type::new("azuread_service_principal", Some(K::ServiceAccount), "azure")
        .fields(&[
            (F::Name, "display_name"),
            (F::Principal, "client_id"),
            (F::Principal, "application_id"),
            (F::ProviderAccount, "application_tenant_id"),
            (F::Purpose, "description"),
        ])
        .of(&[("client_id", ""), ("application_id", "")]),
    Type::stored("azuread_application_password", K::Password, "azure")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "display_name"),
            (F::ExpiresAt, "end_date"),
            (F::CreatedAt, "start_date"),
            (F::KeyId, "key_id"),
        ])
        .of(&[("application_id", ""), ("application_object_id", ""), ("rotate_when_changed", "")]),
    Type::stored("azuread_service_principal_password", K::Password, "azure")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "display_name"),
            (F::ExpiresAt, "end_date"),
            (F::CreatedAt, "start_date"),
            (F::KeyId, "key_id"),
        ])
        .of(&[("service_principal_id", ""), ("rotate_when_changed", "")]),
    Type::stored("azuread_application_certificate", K::Certificate, "azure")
        .fields(&[(F::ExpiresAt, "end_date"), (F::CreatedAt, "start_date"), (F::KeyId, "key_id")])
        .of(&[("application_id", ""), ("application_object_id", "")]),
    Type::stored("azuread_service_principal_certificate", K::Certificate, "azure")
        .fields(&[(F::ExpiresAt, "end_date"), (F::CreatedAt, "start_date"), (F::KeyId, "key_id")])
        .of(&[("service_principal_id", "")]),
    Type::workload("azuread_application_federated_identity_credential", "azure")
        .mode(M::Federated)
        .fields(&[(F::Name, "display_name"), (F::Principal, "subject"), (F::Purpose, "description")])
        .of(&[("application_id", ""), ("application_object_id", "")]),
    Type::workload("azurerm_user_assigned_identity", "azure").fields(&[
        (F::Principal, "client_id"),
        (F::Principal, "name"),
        (F::Name, "name"),
    ]),
    Type::workload("azurerm_federated_identity_credential", "azure")
        .mode(M::Federated)
        .fields(&[(F::Name, "name"), (F::Principal, "subject")])
        .of(&[("user_assigned_identity_id", ""), ("parent_id", "")]),
    Type::about("azurerm_role_assignment", "azure", &[("principal_id", "")]).rights(&[
        (Right::Azure { scope: "scope" }, "role_definition_name"),
        (Right::Azure { scope: "scope" }, "role_definition_id"),
    ]),
    Type::stored("azurerm_key_vault_secret", K::CiSecret, "azure").kept(S::Vault).note(IN_STATE).fields(&[
        (F::Name, "name"),
        (F::Vault, "=Azure Key Vault"),
        (F::VaultPath, "name"),
        (F::ExpiresAt, "expiration_date"),
        (F::CreatedAt, "not_before_date"),
    ]),
    Type::stored("azurerm_key_vault_certificate", K::Certificate, "azure").kept(S::Vault).fields(&[
        (F::Name, "name"),
        (F::Vault, "=Azure Key Vault"),
        (F::VaultPath, "name"),
        (F::ExpiresAt, "certificate_attribute.expires"),
    ]),
    Type::stored("azurerm_key_vault_key", K::SigningKey, "azure").kept(S::Vault).fields(&[
        (F::Name, "name"),
        (F::Vault, "=Azure Key Vault"),
        (F::VaultPath, "name"),
        (F::ExpiresAt, "expiration_date"),
    ]),
    Type::stored("azurerm_container_registry_token", K::Token, "azure").fields(&[(F::Name, "name")]),
    Type::stored("azurerm_eventhub_authorization_rule", K::ConnectionString, "azure")
        .fields(&[(F::Name, "name"), (F::Principal, "{name}@{namespace_name}")]),
    Type::stored("azurerm_servicebus_namespace_authorization_rule", K::ConnectionString, "azure")
        .fields(&[(F::Name, "name")]),
    Type::stored("azurerm_mssql_server", K::Password, "azure").note("the server's administrator").fields(&[
        (F::Principal, "{administrator_login}@{name}"),
        (F::Principal, "administrator_login"),
        (F::Name, "name"),
    ]),
    Type::stored("azurerm_postgresql_flexible_server", K::Password, "azure").note("the server's administrator").fields(
        &[(F::Principal, "{administrator_login}@{name}"), (F::Principal, "administrator_login"), (F::Name, "name")],
    ),
    Type::about("provider.azurerm", "azure", &[]).fields(&[(F::ProviderAccount, "subscription_id")]),
    Type::about("provider.azuread", "azure", &[]).fields(&[(F::ProviderAccount, "tenant_id")]),
    // Of any resource, in all notations
    Type::workload("systemAssignedIdentity", "azure")
        .mode(M::Federated)
        .note("the identity that Azure makes for the resource")
        .fields(&[(F::Name, "name"), (F::Principal, "name")]),
    // ARM and Bicep
    Type::workload("Microsoft.ManagedIdentity/userAssignedIdentities", "azure")
        .fields(&[(F::Principal, "name"), (F::Name, "name")]),
    Type::workload("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials", "azure")
        .mode(M::Federated)
        .fields(&[(F::Name, "name"), (F::Principal, "properties.subject")])
        .of(&[("parent", "")]),
    Type::about("Microsoft.Authorization/roleAssignments", "azure", &[("properties.principalId", "")])
        .rights(&[(Right::Azure { scope: "scope" }, "properties.roleDefinitionId")]),
    Type::stored("Microsoft.KeyVault/vaults/secrets", K::CiSecret, "azure").kept(S::Vault).fields(&[
        (F::Name, "name"),
        (F::Vault, "=Azure Key Vault"),
        (F::VaultPath, "name"),
    ]),
    Type::new("Microsoft.Graph/applications", Some(K::OauthClient), "azure")
        .fields(&[(F::Name, "displayName"), (F::Principal, "displayName")]),
    Type::new("Microsoft.Graph/servicePrincipals", Some(K::ServiceAccount), "azure")
        .fields(&[(F::Name, "displayName")])
        .of(&[("appId", "")]),
    Type::stored("Microsoft.DBforPostgreSQL/flexibleServers", K::Password, "azure")
        .note("the server's administrator")
        .fields(&[(F::Principal, "properties.administratorLogin"), (F::Name, "name")]),
    Type::stored("Microsoft.Sql/servers", K::Password, "azure")
        .note("the server's administrator")
        .fields(&[(F::Principal, "properties.administratorLogin"), (F::Name, "name")]),
];
