//! Types of `CloudFormation` and SAM (AWS `CloudFormation` template reference), modules of Ansible (`amazon.aws`,
//! `community.aws` and the like) and kinds of Crossplane's AWS, Google Cloud and Azure providers.

use super::{Right, Type};
use crate::inventory::kind::{Field as F, Kind as K, Mode as M, StorageState as S};

/// Types of all of them.
pub(super) const TYPES: &[Type] = &[
    // CloudFormation
    Type::stored("AWS::IAM::User", K::ServiceAccount, "aws")
        .fields(&[(F::Name, "UserName"), (F::Principal, "UserName")])
        .aliases(&["user:{UserName}"])
        .of(&[("Groups", "group:")])
        .rights(&[(Right::Document, "Policies.PolicyDocument"), (Right::Policies, "ManagedPolicyArns")]),
    Type::stored("AWS::IAM::AccessKey", K::ApiKey, "aws")
        .fields(&[(F::Principal, "UserName"), (F::Active, "Status")])
        .of(&[("UserName", "user:")]),
    Type::workload("AWS::IAM::Role", "aws")
        .fields(&[(F::Name, "RoleName"), (F::Principal, "RoleName"), (F::Purpose, "Description")])
        .aliases(&["role:{RoleName}"])
        .rights(&[
            (Right::Trust, "AssumeRolePolicyDocument"),
            (Right::Document, "Policies.PolicyDocument"),
            (Right::Policies, "ManagedPolicyArns"),
        ]),
    Type::about("AWS::IAM::Group", "aws", &[])
        .aliases(&["group:{GroupName}"])
        .rights(&[(Right::Document, "Policies.PolicyDocument"), (Right::Policies, "ManagedPolicyArns")]),
    Type::about("AWS::IAM::Policy", "aws", &[("Users", "user:"), ("Roles", "role:"), ("Groups", "group:")])
        .rights(&[(Right::Document, "PolicyDocument")]),
    Type::about("AWS::IAM::ManagedPolicy", "aws", &[("Users", "user:"), ("Roles", "role:"), ("Groups", "group:")])
        .rights(&[(Right::Document, "PolicyDocument")]),
    Type::about("AWS::IAM::RolePolicy", "aws", &[("RoleName", "role:")]).rights(&[(Right::Document, "PolicyDocument")]),
    Type::about("AWS::IAM::UserPolicy", "aws", &[("UserName", "user:")]).rights(&[(Right::Document, "PolicyDocument")]),
    Type::about("AWS::IAM::UserToGroupAddition", "aws", &[("Users", "user:")]).of(&[("GroupName", "group:")]),
    Type::workload("AWS::IAM::OIDCProvider", "aws")
        .mode(M::Federated)
        .note("an issuer that the account trusts")
        .fields(&[(F::Name, "Url"), (F::Principal, "Url")]),
    Type::stored("AWS::SecretsManager::Secret", K::CiSecret, "aws").kept(S::Vault).fields(&[
        (F::Name, "Name"),
        (F::Vault, "=AWS Secrets Manager"),
        (F::VaultPath, "Name"),
        (F::Purpose, "Description"),
    ]),
    Type::about("AWS::SecretsManager::RotationSchedule", "aws", &[("SecretId", "")]).fields(&[
        (F::RotationDays, "RotationRules.AutomaticallyAfterDays"),
        (F::RotationDays, "RotationRules.ScheduleExpression"),
    ]),
    Type::stored("AWS::RDS::DBInstance", K::Password, "aws").note("the database's master user").fields(&[
        (F::Principal, "{MasterUsername}@{DBInstanceIdentifier}"),
        (F::Principal, "MasterUsername"),
        (F::Name, "DBInstanceIdentifier"),
    ]),
    Type::stored("AWS::RDS::DBCluster", K::Password, "aws").note("the database's master user").fields(&[
        (F::Principal, "{MasterUsername}@{DBClusterIdentifier}"),
        (F::Principal, "MasterUsername"),
        (F::Name, "DBClusterIdentifier"),
    ]),
    Type::stored("AWS::ApiGateway::ApiKey", K::ApiKey, "aws").fields(&[
        (F::Name, "Name"),
        (F::Active, "Enabled"),
        (F::Purpose, "Description"),
    ]),
    Type::stored("AWS::Cognito::UserPoolClient", K::OauthClient, "aws")
        .fields(&[(F::Name, "ClientName")])
        .rights(&[(Right::Token, "AllowedOAuthScopes")]),
    Type::stored("AWS::EC2::KeyPair", K::PrivateKey, "aws").fields(&[(F::Name, "KeyName")]),
    Type::workload("AWS::Serverless::Function", "aws")
        .mode(M::ShortLived)
        .note("the role that SAM makes for the function")
        .fields(&[(F::Name, "FunctionName")])
        .rights(&[(Right::Sam, "Policies")]),
    // Ansible
    Type::stored("ansible:iam_user", K::ServiceAccount, "aws")
        .fields(&[(F::Name, "name"), (F::Principal, "name")])
        .rights(&[(Right::Policies, "managed_policies"), (Right::Policies, "managed_policy")]),
    Type::workload("ansible:iam_role", "aws")
        .fields(&[(F::Name, "name"), (F::Principal, "name"), (F::Purpose, "description")])
        .rights(&[
            (Right::Trust, "assume_role_policy_document"),
            (Right::Policies, "managed_policies"),
            (Right::Policies, "managed_policy"),
        ]),
    Type::stored("ansible:iam_access_key", K::ApiKey, "aws").fields(&[(F::Principal, "user_name")]),
    Type::stored("ansible:gcp_iam_service_account", K::ServiceAccount, "google").fields(&[
        (F::Name, "display_name"),
        (F::Principal, "name"),
        (F::ProviderAccount, "project"),
    ]),
    Type::stored("ansible:gcp_iam_service_account_key", K::ServiceAccount, "google")
        .fields(&[(F::ProviderAccount, "project")]),
    Type::stored("ansible:azure_rm_adserviceprincipal", K::ServiceAccount, "azure")
        .fields(&[(F::Principal, "app_id"), (F::ProviderAccount, "tenant")]),
    Type::stored("ansible:azure_rm_adapplication", K::OauthClient, "azure").fields(&[
        (F::Name, "display_name"),
        (F::Principal, "app_id"),
        (F::ProviderAccount, "tenant"),
    ]),
    Type::stored("ansible:postgresql_user", K::Password, "postgres").fields(&[
        (F::Name, "name"),
        (F::Name, "user"),
        (F::Principal, "{name}@{login_host}/{login_db}"),
        (F::Principal, "{name}@{login_host}/{db}"),
        (F::Principal, "name"),
        (F::Principal, "user"),
        (F::ExpiresAt, "expires"),
    ]),
    Type::stored("ansible:mysql_user", K::Password, "mysql").fields(&[
        (F::Name, "name"),
        (F::Principal, "{name}@{host}"),
        (F::Principal, "name"),
    ]),
    Type::stored("ansible:mongodb_user", K::Password, "mongodb").fields(&[(F::Name, "name"), (F::Principal, "name")]),
    Type::stored("ansible:rabbitmq_user", K::Password, "rabbitmq").fields(&[(F::Name, "user"), (F::Principal, "user")]),
    // Crossplane
    Type::stored("User.iam.aws", K::ServiceAccount, "aws")
        .fields(&[(F::Name, "metadata.name"), (F::Principal, "metadata.name")])
        .aliases(&["user:{metadata.name}"]),
    Type::stored("AccessKey.iam.aws", K::ApiKey, "aws")
        .fields(&[
            (F::Name, "metadata.name"),
            (F::Principal, "spec.forProvider.userNameRef.name"),
            (F::Principal, "spec.forProvider.userRef.name"),
            (F::Principal, "spec.forProvider.user"),
            (F::Active, "spec.forProvider.status"),
        ])
        .of(&[("spec.forProvider.userNameRef.name", "user:"), ("spec.forProvider.userRef.name", "user:")]),
    Type::workload("Role.iam.aws", "aws")
        .fields(&[(F::Name, "metadata.name"), (F::Principal, "metadata.name")])
        .aliases(&["role:{metadata.name}"])
        .rights(&[
            (Right::Trust, "spec.forProvider.assumeRolePolicyDocument"),
            (Right::Trust, "spec.forProvider.assumeRolePolicy"),
        ]),
    Type::about(
        "RolePolicyAttachment.iam.aws",
        "aws",
        &[("spec.forProvider.roleNameRef.name", "role:"), ("spec.forProvider.roleRef.name", "role:")],
    )
    .rights(&[(Right::Policies, "spec.forProvider.policyArn")]),
    Type::about(
        "UserPolicyAttachment.iam.aws",
        "aws",
        &[("spec.forProvider.userNameRef.name", "user:"), ("spec.forProvider.userRef.name", "user:")],
    )
    .rights(&[(Right::Policies, "spec.forProvider.policyArn")]),
    Type::stored("ServiceAccount.cloudplatform.gcp", K::ServiceAccount, "google")
        .fields(&[(F::Name, "metadata.name"), (F::Principal, "metadata.name")])
        .aliases(&["serviceAccount:{metadata.name}"]),
    Type::stored("ServiceAccountKey.cloudplatform.gcp", K::ServiceAccount, "google")
        .fields(&[(F::Name, "metadata.name"), (F::Principal, "spec.forProvider.serviceAccountIdRef.name")])
        .of(&[("spec.forProvider.serviceAccountIdRef.name", "serviceAccount:")]),
    Type::workload("UserAssignedIdentity.managedidentity.azure", "azure")
        .fields(&[(F::Name, "metadata.name"), (F::Principal, "metadata.name")]),
];
