//! Terraform's types of AWS, Google Cloud, Vault, forges, Kubernetes and databases, from the providers' pages in the
//! Terraform Registry. Attributes that only the state has (`create_date`, `email`) stand after those of the files.

use super::{Right, Type};
use crate::inventory::kind::FingerprintKind::{ProviderId, Reference};
use crate::inventory::kind::{Field as F, Kind as K, Mode as M, StorageState as S};

const IN_STATE: &str = "its value lands in Terraform's state";

/// Types of resources, and of `data` blocks with `data.` before them.
pub(super) const TYPES: &[Type] = &[
    // AWS
    Type::stored("aws_iam_user", K::ServiceAccount, "aws")
        .fields(&[(F::Name, "name"), (F::Principal, "name"), (F::ProviderAccount, "arn")])
        .aliases(&["user:{name}"])
        .of(&[("provider", "provider.")]),
    Type::stored("aws_iam_access_key", K::ApiKey, "aws")
        .known(&[(ProviderId, "aws-access-key:{id}")])
        .note(IN_STATE)
        .fields(&[(F::Principal, "user"), (F::Active, "status"), (F::CreatedAt, "create_date"), (F::KeyId, "id")])
        .of(&[("user", "user:")]),
    Type::stored("aws_iam_service_specific_credential", K::Password, "aws")
        .note(IN_STATE)
        .fields(&[
            (F::Principal, "user_name"),
            (F::Active, "status"),
            (F::KeyId, "service_specific_credential_id"),
            (F::CreatedAt, "create_date"),
        ])
        .of(&[("user_name", "user:")]),
    Type::stored("aws_iam_user_login_profile", K::Password, "aws")
        .note(IN_STATE)
        .fields(&[(F::Principal, "user"), (F::Interactive, "=yes")])
        .of(&[("user", "user:")]),
    Type::stored("aws_iam_user_ssh_key", K::PrivateKey, "aws")
        .fields(&[(F::Principal, "username"), (F::Active, "status"), (F::KeyId, "ssh_public_key_id")])
        .of(&[("username", "user:")]),
    Type::stored("aws_iam_signing_certificate", K::Certificate, "aws")
        .fields(&[(F::Principal, "user_name"), (F::Active, "status"), (F::KeyId, "certificate_id")])
        .of(&[("user_name", "user:")]),
    Type::workload("aws_iam_role", "aws")
        .known(&[(ProviderId, "arn")])
        .fields(&[
            (F::Name, "name"),
            (F::Principal, "name"),
            (F::ProviderAccount, "arn"),
            (F::Purpose, "description"),
            (F::CreatedAt, "create_date"),
        ])
        .aliases(&["role:{name}"])
        .rights(&[
            (Right::Trust, "assume_role_policy"),
            (Right::Policies, "managed_policy_arns"),
            (Right::Document, "inline_policy.policy"),
        ]),
    Type::about("aws_iam_policy", "aws", &[]).aliases(&["policy:{name}"]).rights(&[(Right::Document, "policy")]),
    Type::about("aws_iam_user_policy", "aws", &[("user", "user:")]).rights(&[(Right::Document, "policy")]),
    Type::about("aws_iam_role_policy", "aws", &[("role", "role:")]).rights(&[(Right::Document, "policy")]),
    Type::about("aws_iam_group_policy", "aws", &[("group", "group:")]).rights(&[(Right::Document, "policy")]),
    Type::about("aws_iam_user_policy_attachment", "aws", &[("user", "user:")])
        .rights(&[(Right::Policies, "policy_arn")]),
    Type::about("aws_iam_role_policy_attachment", "aws", &[("role", "role:")])
        .rights(&[(Right::Policies, "policy_arn")]),
    Type::about("aws_iam_group_policy_attachment", "aws", &[("group", "group:")])
        .rights(&[(Right::Policies, "policy_arn")]),
    Type::about("aws_iam_role_policy_attachments_exclusive", "aws", &[("role_name", "role:")])
        .rights(&[(Right::Policies, "policy_arns")]),
    Type::about("aws_iam_policy_attachment", "aws", &[("users", "user:"), ("roles", "role:"), ("groups", "group:")])
        .rights(&[(Right::Policies, "policy_arn")]),
    Type::about("aws_iam_group", "aws", &[]).aliases(&["group:{name}"]),
    Type::about("aws_iam_user_group_membership", "aws", &[("user", "user:")]).of(&[("groups", "group:")]),
    Type::about("aws_iam_group_membership", "aws", &[("users", "user:")]).of(&[("group", "group:")]),
    Type::about("data.aws_iam_policy", "aws", &[]).rights(&[(Right::Policies, "arn"), (Right::Sam, "name")]),
    Type::about("data.aws_iam_policy_document", "aws", &[]).rights(&[
        (Right::Either, ""),
        (Right::Merged, "source_policy_documents"),
        (Right::Merged, "override_policy_documents"),
        (Right::Merged, "source_json"),
        (Right::Merged, "override_json"),
    ]),
    Type::stored("aws_secretsmanager_secret", K::CiSecret, "aws")
        .known(&[(Reference, "aws-secretsmanager:{@}:{name}")])
        .kept(S::Vault)
        .fields(&[
            (F::Name, "name"),
            (F::Vault, "=AWS Secrets Manager"),
            (F::VaultPath, "name"),
            (F::Purpose, "description"),
            (F::ProviderAccount, "arn"),
            (F::RotationDays, "rotation_rules.automatically_after_days"),
        ])
        .aliases(&["secret:{name}"]),
    Type::about("aws_secretsmanager_secret_rotation", "aws", &[("secret_id", "secret:")]).fields(&[
        (F::RotationDays, "rotation_rules.automatically_after_days"),
        (F::RotationDays, "rotation_rules.schedule_expression"),
    ]),
    Type::stored("aws_ssm_parameter", K::CiSecret, "aws")
        .known(&[(Reference, "aws-ssm:{@}:{name}")])
        .kept(S::Vault)
        .fields(&[
            (F::Name, "name"),
            (F::Vault, "=AWS Parameter Store"),
            (F::VaultPath, "name"),
            (F::Purpose, "description"),
            (F::ProviderAccount, "arn"),
        ]),
    Type::stored("aws_db_instance", K::Password, "aws").note("the database's master user").fields(&[
        (F::Principal, "{username}@{identifier}"),
        (F::Principal, "username"),
        (F::Name, "identifier"),
    ]),
    Type::stored("aws_rds_cluster", K::Password, "aws").note("the database's master user").fields(&[
        (F::Principal, "{master_username}@{cluster_identifier}"),
        (F::Principal, "master_username"),
        (F::Name, "cluster_identifier"),
    ]),
    Type::workload("aws_iam_openid_connect_provider", "aws")
        .mode(M::Federated)
        .note("an issuer that the account trusts")
        .fields(&[(F::Name, "url"), (F::Principal, "url"), (F::ProviderAccount, "arn")]),
    Type::stored("aws_key_pair", K::PrivateKey, "aws").fields(&[(F::Name, "key_name"), (F::KeyId, "key_pair_id")]),
    Type::stored("aws_acm_certificate", K::Certificate, "aws").fields(&[
        (F::Name, "domain_name"),
        (F::ExpiresAt, "not_after"),
        (F::ProviderAccount, "arn"),
    ]),
    Type::stored("aws_api_gateway_api_key", K::ApiKey, "aws").note(IN_STATE).fields(&[
        (F::Name, "name"),
        (F::Active, "enabled"),
        (F::Purpose, "description"),
    ]),
    Type::stored("aws_cognito_user_pool_client", K::OauthClient, "aws")
        .fields(&[(F::Name, "name"), (F::KeyId, "id")])
        .rights(&[(Right::Token, "allowed_oauth_scopes")]),
    Type::about("provider.aws", "aws", &[])
        .fields(&[(F::ProviderAccount, "allowed_account_ids"), (F::ProviderAccount, "assume_role.role_arn")]),
    // Google Cloud
    Type::new("google_service_account", Some(K::ServiceAccount), "google")
        .kept(S::Federated)
        .known(&[(ProviderId, "{account_id}@{project}.iam.gserviceaccount.com")])
        .fields(&[
            (F::Principal, "email"),
            (F::Principal, "{account_id}@{project}.iam.gserviceaccount.com"),
            (F::Name, "account_id"),
            (F::ProviderAccount, "project"),
            (F::Purpose, "description"),
            (F::KeyId, "unique_id"),
        ])
        .aliases(&["serviceAccount:{account_id}@{project}.iam.gserviceaccount.com"]),
    Type::stored("google_service_account_key", K::ServiceAccount, "google")
        .note(IN_STATE)
        .fields(&[(F::CreatedAt, "valid_after"), (F::ExpiresAt, "valid_before")])
        .of(&[("service_account_id", "serviceAccount:"), ("keepers", "")]),
    Type::about("google_project_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: true }, "role")]),
    Type::about("google_project_iam_binding", "google", &[("members", "")])
        .rights(&[(Right::Google { wide: true }, "role")]),
    Type::about("google_folder_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: true }, "role")]),
    Type::about("google_folder_iam_binding", "google", &[("members", "")])
        .rights(&[(Right::Google { wide: true }, "role")]),
    Type::about("google_organization_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: true }, "role")]),
    Type::about("google_organization_iam_binding", "google", &[("members", "")])
        .rights(&[(Right::Google { wide: true }, "role")]),
    Type::about("google_storage_bucket_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::about("google_storage_bucket_iam_binding", "google", &[("members", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::about("google_secret_manager_secret_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::about("google_pubsub_topic_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::about("google_bigquery_dataset_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::about("google_kms_crypto_key_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::about("google_artifact_registry_repository_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::about("google_cloud_run_service_iam_member", "google", &[("member", "")])
        .rights(&[(Right::Google { wide: false }, "role")]),
    Type::stored("google_secret_manager_secret", K::CiSecret, "google")
        .known(&[
            (Reference, "gcp-secretmanager:{project}/{secret_id}"),
            (Reference, "gcp-secretmanager:{@}:{secret_id}"),
        ])
        .kept(S::Vault)
        .fields(&[
            (F::Name, "secret_id"),
            (F::Vault, "=Google Secret Manager"),
            (F::VaultPath, "projects/{project}/secrets/{secret_id}"),
            (F::VaultPath, "secret_id"),
            (F::ProviderAccount, "project"),
            (F::RotationDays, "rotation.rotation_period"),
            (F::ExpiresAt, "expire_time"),
            (F::CreatedAt, "create_time"),
        ]),
    Type::workload("google_iam_workload_identity_pool_provider", "google")
        .mode(M::Federated)
        .note("an issuer that the project trusts")
        .fields(&[
            (F::Name, "workload_identity_pool_provider_id"),
            (F::Principal, "oidc.issuer_uri"),
            (F::ProviderAccount, "project"),
            (F::Scope, "attribute_condition"),
        ]),
    Type::stored("google_apikeys_key", K::ApiKey, "google").note(IN_STATE).fields(&[
        (F::Name, "name"),
        (F::ProviderAccount, "project"),
        (F::KeyId, "uid"),
    ]),
    Type::stored("google_sql_user", K::Password, "google").fields(&[
        (F::Name, "name"),
        (F::Principal, "{name}@{instance}"),
        (F::Principal, "name"),
    ]),
    Type::stored("google_storage_hmac_key", K::ApiKey, "google")
        .note(IN_STATE)
        .fields(&[(F::Principal, "service_account_email"), (F::KeyId, "access_id"), (F::CreatedAt, "time_created")])
        .of(&[("service_account_email", "serviceAccount:")]),
    Type::about("provider.google", "google", &[]).fields(&[(F::ProviderAccount, "project")]),
    // Vault
    Type::new("vault_approle_auth_backend_role", Some(K::ServiceAccount), "vault")
        .fields(&[(F::Name, "role_name"), (F::Principal, "role_name"), (F::KeyId, "role_id")])
        .of(&[("token_policies", "vault-policy:")]),
    Type::workload("vault_jwt_auth_backend_role", "vault")
        .mode(M::Federated)
        .fields(&[(F::Name, "role_name"), (F::Principal, "role_name")])
        .of(&[("token_policies", "vault-policy:")]),
    Type::workload("vault_kubernetes_auth_backend_role", "vault")
        .mode(M::Federated)
        .fields(&[(F::Name, "role_name"), (F::Principal, "role_name")])
        .of(&[("token_policies", "vault-policy:")]),
    Type::workload("vault_aws_auth_backend_role", "vault")
        .mode(M::Federated)
        .fields(&[(F::Name, "role"), (F::Principal, "role")])
        .of(&[("token_policies", "vault-policy:")]),
    Type::stored("vault_token", K::Token, "vault")
        .note(IN_STATE)
        .fields(&[(F::Name, "display_name")])
        .of(&[("policies", "vault-policy:")]),
    Type::about("vault_policy", "vault", &[]).aliases(&["vault-policy:{name}"]).rights(&[(Right::Vault, "policy")]),
    Type::stored("vault_kv_secret_v2", K::CiSecret, "vault")
        .known(&[(Reference, "vault:{mount}/{name}")])
        .kept(S::Vault)
        .note(IN_STATE)
        .fields(&[(F::Name, "name"), (F::Vault, "=HashiCorp Vault"), (F::VaultPath, "{mount}/{name}")]),
    Type::stored("vault_generic_secret", K::CiSecret, "vault")
        .known(&[(Reference, "vault:{path}")])
        .kept(S::Vault)
        .note(IN_STATE)
        .fields(&[(F::Name, "path"), (F::Vault, "=HashiCorp Vault"), (F::VaultPath, "path")]),
    Type::new("vault_database_secret_backend_role", Some(K::ServiceAccount), "vault")
        .known(&[(Reference, "vault:{backend}/creds/{name}")])
        .kept(S::Vault)
        .mode(M::Dynamic)
        .fields(&[(F::Name, "name"), (F::Vault, "=HashiCorp Vault"), (F::VaultPath, "{backend}/creds/{name}")]),
    Type::new("vault_database_secret_backend_static_role", Some(K::ServiceAccount), "vault")
        .kept(S::Vault)
        .mode(M::Static)
        .fields(&[(F::Name, "name"), (F::Principal, "username"), (F::VaultPath, "{backend}/static-creds/{name}")]),
    Type::new("vault_aws_secret_backend_role", Some(K::ServiceAccount), "vault")
        .known(&[(Reference, "vault:{backend}/creds/{name}")])
        .kept(S::Vault)
        .mode(M::Dynamic)
        .fields(&[(F::Name, "name"), (F::Vault, "=HashiCorp Vault"), (F::VaultPath, "{backend}/creds/{name}")])
        .rights(&[(Right::Document, "policy_document"), (Right::Policies, "policy_arns")]),
    // Forges
    Type::stored("github_actions_secret", K::CiSecret, "github").kept(S::CiStore).fields(&[
        (F::Name, "secret_name"),
        (F::Vault, "=GitHub Actions secrets"),
        (F::VaultPath, "{repository}/{secret_name}"),
        (F::CreatedAt, "created_at"),
        (F::LastRotatedAt, "updated_at"),
    ]),
    Type::stored("github_actions_environment_secret", K::CiSecret, "github").kept(S::CiStore).fields(&[
        (F::Name, "secret_name"),
        (F::Vault, "=GitHub Actions secrets"),
        (F::VaultPath, "{repository}/{environment}/{secret_name}"),
        (F::Environment, "environment"),
        (F::CreatedAt, "created_at"),
        (F::LastRotatedAt, "updated_at"),
    ]),
    Type::stored("github_actions_organization_secret", K::CiSecret, "github").kept(S::CiStore).fields(&[
        (F::Name, "secret_name"),
        (F::Vault, "=GitHub Actions secrets"),
        (F::VaultPath, "secret_name"),
        (F::Scope, "visibility"),
        (F::CreatedAt, "created_at"),
        (F::LastRotatedAt, "updated_at"),
    ]),
    Type::stored("github_dependabot_secret", K::CiSecret, "github")
        .kept(S::CiStore)
        .fields(&[(F::Name, "secret_name"), (F::Vault, "=GitHub Dependabot")]),
    Type::stored("github_codespaces_secret", K::CiSecret, "github")
        .kept(S::CiStore)
        .fields(&[(F::Name, "secret_name"), (F::Vault, "=GitHub Codespaces")]),
    Type::stored("github_repository_deploy_key", K::PrivateKey, "github")
        .fields(&[(F::Name, "title"), (F::ProviderAccount, "repository")]),
    Type::new("github_app_installation_repository", Some(K::OauthClient), "github").fields(&[
        (F::Name, "installation_id"),
        (F::Principal, "installation_id"),
        (F::Scope, "repository"),
    ]),
    Type::stored("github_repository_webhook", K::Webhook, "github")
        .fields(&[(F::ProviderAccount, "repository"), (F::Scope, "events")]),
    Type::stored("gitlab_personal_access_token", K::Token, "gitlab")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "name"),
            (F::ExpiresAt, "expires_at"),
            (F::Principal, "user_id"),
            (F::CreatedAt, "created_at"),
        ])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("gitlab_project_access_token", K::Token, "gitlab")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "name"),
            (F::ExpiresAt, "expires_at"),
            (F::ProviderAccount, "project"),
            (F::CreatedAt, "created_at"),
            (F::RotationDays, "rotation_configuration.expiration_days"),
        ])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("gitlab_group_access_token", K::Token, "gitlab")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "name"),
            (F::ExpiresAt, "expires_at"),
            (F::ProviderAccount, "group"),
            (F::CreatedAt, "created_at"),
            (F::RotationDays, "rotation_configuration.expiration_days"),
        ])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("gitlab_deploy_token", K::Token, "gitlab")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "name"),
            (F::ExpiresAt, "expires_at"),
            (F::Principal, "username"),
            (F::ProviderAccount, "project"),
            (F::ProviderAccount, "group"),
        ])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("gitlab_project_deploy_token", K::Token, "gitlab")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "name"),
            (F::ExpiresAt, "expires_at"),
            (F::Principal, "username"),
            (F::ProviderAccount, "project"),
        ])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("gitlab_group_deploy_token", K::Token, "gitlab")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "name"),
            (F::ExpiresAt, "expires_at"),
            (F::Principal, "username"),
            (F::ProviderAccount, "group"),
        ])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("gitlab_group_service_account_access_token", K::Token, "gitlab")
        .note(IN_STATE)
        .fields(&[
            (F::Name, "name"),
            (F::ExpiresAt, "expires_at"),
            (F::Principal, "user_id"),
            (F::ProviderAccount, "group"),
            (F::CreatedAt, "created_at"),
            (F::RotationDays, "rotation_configuration.expiration_days"),
        ])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("gitlab_deploy_key", K::PrivateKey, "gitlab").fields(&[
        (F::Name, "title"),
        (F::ProviderAccount, "project"),
        (F::ExpiresAt, "expires_at"),
    ]),
    Type::stored("gitlab_project_variable", K::CiSecret, "gitlab").kept(S::CiStore).fields(&[
        (F::Name, "key"),
        (F::Vault, "=GitLab CI/CD variables"),
        (F::VaultPath, "{project}/{key}"),
    ]),
    Type::stored("gitlab_group_variable", K::CiSecret, "gitlab").kept(S::CiStore).fields(&[
        (F::Name, "key"),
        (F::Vault, "=GitLab CI/CD variables"),
        (F::VaultPath, "{group}/{key}"),
    ]),
    // Kubernetes
    Type::new("kubernetes_service_account", Some(K::ServiceAccount), "kubernetes")
        .kept(S::Federated)
        .known(&[(Reference, "kubernetes-serviceaccount:{@}:{metadata.namespace}/{metadata.name}")])
        .fields(&[
            (F::Name, "metadata.name"),
            (F::Principal, "system:serviceaccount:{metadata.namespace}:{metadata.name}"),
        ])
        .aliases(&["sa:{metadata.name}"]),
    Type::new("kubernetes_service_account_v1", Some(K::ServiceAccount), "kubernetes")
        .kept(S::Federated)
        .known(&[(Reference, "kubernetes-serviceaccount:{@}:{metadata.namespace}/{metadata.name}")])
        .fields(&[
            (F::Name, "metadata.name"),
            (F::Principal, "system:serviceaccount:{metadata.namespace}:{metadata.name}"),
        ])
        .aliases(&["sa:{metadata.name}"]),
    Type::about("kubernetes_cluster_role_binding", "kubernetes", &[("subject.name", "sa:")])
        .rights(&[(Right::Kubernetes { cluster: true }, "role_ref.name")]),
    Type::about("kubernetes_role_binding", "kubernetes", &[("subject.name", "sa:")])
        .rights(&[(Right::Kubernetes { cluster: false }, "role_ref.name")]),
    Type::stored("kubernetes_secret", K::CiSecret, "kubernetes")
        .known(&[(Reference, "kubernetes-secret:{@}:{metadata.namespace}/{metadata.name}")])
        .note(IN_STATE)
        .fields(&[(F::Name, "metadata.name"), (F::VaultPath, "{metadata.namespace}/{metadata.name}")]),
    Type::stored("kubernetes_secret_v1", K::CiSecret, "kubernetes")
        .known(&[(Reference, "kubernetes-secret:{@}:{metadata.namespace}/{metadata.name}")])
        .note(IN_STATE)
        .fields(&[(F::Name, "metadata.name"), (F::VaultPath, "{metadata.namespace}/{metadata.name}")]),
    // Keys and passwords that Terraform makes
    Type::stored("tls_private_key", K::PrivateKey, "terraform").note(IN_STATE),
    Type::stored("tls_self_signed_cert", K::Certificate, "terraform").fields(&[
        (F::Name, "subject.common_name"),
        (F::Principal, "subject.common_name"),
        (F::ExpiresAt, "validity_end_time"),
        (F::CreatedAt, "validity_start_time"),
    ]),
    Type::stored("tls_locally_signed_cert", K::Certificate, "terraform")
        .fields(&[(F::ExpiresAt, "validity_end_time"), (F::CreatedAt, "validity_start_time")]),
    Type::stored("random_password", K::Password, "terraform").note(IN_STATE).of(&[("keepers", "")]),
    Type::about("time_rotating", "terraform", &[]).fields(&[(F::RotationDays, "rotation_days")]),
    // Databases and services
    Type::stored("postgresql_role", K::Password, "postgres").fields(&[
        (F::Name, "name"),
        (F::Principal, "name"),
        (F::ExpiresAt, "valid_until"),
    ]),
    Type::stored("mysql_user", K::Password, "mysql").fields(&[
        (F::Name, "user"),
        (F::Principal, "{user}@{host}"),
        (F::Principal, "user"),
    ]),
    Type::stored("mongodbatlas_database_user", K::Password, "mongodb").fields(&[
        (F::Name, "username"),
        (F::Principal, "username"),
        (F::ProviderAccount, "project_id"),
    ]),
    Type::stored("mongodbatlas_project_api_key", K::ApiKey, "mongodb")
        .note(IN_STATE)
        .fields(&[(F::Purpose, "description"), (F::KeyId, "api_key_id")]),
    Type::stored("snowflake_user", K::ServiceAccount, "snowflake").fields(&[
        (F::Name, "name"),
        (F::Principal, "login_name"),
        (F::Principal, "name"),
        (F::Purpose, "comment"),
    ]),
    Type::stored("snowflake_service_user", K::ServiceAccount, "snowflake").fields(&[
        (F::Name, "name"),
        (F::Principal, "login_name"),
        (F::Principal, "name"),
        (F::Purpose, "comment"),
    ]),
    Type::stored("datadog_api_key", K::ApiKey, "datadog").note(IN_STATE).fields(&[(F::Name, "name"), (F::KeyId, "id")]),
    Type::stored("datadog_application_key", K::ApiKey, "datadog")
        .note(IN_STATE)
        .fields(&[(F::Name, "name"), (F::KeyId, "id")])
        .rights(&[(Right::Token, "scopes")]),
    Type::stored("datadog_service_account", K::ServiceAccount, "datadog")
        .fields(&[(F::Name, "name"), (F::Principal, "email")]),
    Type::stored("okta_app_oauth", K::OauthClient, "okta")
        .note(IN_STATE)
        .fields(&[(F::Name, "label"), (F::Principal, "client_id")]),
    Type::stored("auth0_client", K::OauthClient, "auth0").fields(&[
        (F::Name, "name"),
        (F::Principal, "client_id"),
        (F::Purpose, "description"),
    ]),
    Type::stored("cloudflare_api_token", K::Token, "cloudflare").note(IN_STATE).fields(&[
        (F::Name, "name"),
        (F::ExpiresAt, "expires_on"),
        (F::KeyId, "id"),
        (F::CreatedAt, "issued_on"),
    ]),
    Type::stored("tfe_team_token", K::Token, "terraform").note(IN_STATE).fields(&[(F::ExpiresAt, "expired_at")]),
    Type::stored("grafana_service_account", K::ServiceAccount, "grafana")
        .fields(&[(F::Name, "name"), (F::Principal, "name")])
        .rights(&[(Right::Token, "role")]),
    Type::stored("grafana_service_account_token", K::Token, "grafana")
        .note(IN_STATE)
        .fields(&[(F::Name, "name"), (F::ExpiresAt, "expiration")])
        .of(&[("service_account_id", "")]),
];
