//! Declarations of every dialect, as rows.

use super::*;
use crate::inventory::kind::Field;
use crate::inventory::record::Facts;
use crate::inventory::reference::{File, Out, read};

/// The facts of all files of a repository, by fingerprint without its beginning.
fn rows(files: &[(&str, &str)]) -> Vec<(String, Facts)> {
    let mut all = Out::default();
    for (path, text) in files {
        all.join(read(&File::new("r", path, text.as_bytes())));
    }
    let short = |fingerprint: &str| fingerprint.split_once(":r:").map_or(fingerprint, |(_, rest)| rest).to_owned();
    all.into_found().into_iter().map(|(subject, facts)| (short(&subject.fingerprint), facts)).collect()
}

/// Some fields of every row: `NAME value …`.
fn shown(files: &[(&str, &str)], fields: &[Field]) -> Vec<String> {
    let row = |(name, facts): (String, Facts)| {
        let values = fields.iter().flat_map(|field| facts.all(*field)).map(|claim| format!(" {}", claim.value));
        format!("{name}{}", values.collect::<String>())
    };
    rows(files).into_iter().map(row).collect()
}

const SCOPE: &[Field] = &[Field::Principal, Field::ScopeLevel, Field::Mode];

#[test]
fn dates_and_spans() {
    for (text, expected) in [
        ("2026-01-31", Some("2026-01-31T00:00:00Z")),
        ("2026-01-31T10:00:00+02:00", Some("2026-01-31T08:00:00Z")),
        ("2026-1-3", None),
        ("tomorrow", None),
        ("éééééééééé", None),
    ] {
        assert_eq!(date(text).as_deref(), expected, "{text}");
    }
    for (text, expected) in [
        ("90", Some("90")),
        ("7776000s", Some("90")),
        ("2160h", Some("90")),
        ("P30D", Some("30")),
        ("rate(10 days)", Some("10")),
        ("1h", None),
        ("0", None),
        ("x", None),
    ] {
        assert_eq!(days(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn a_user_its_key_and_its_policy_in_three_files() {
    let files = [
        (
            "iam/user.tf",
            r#"resource "aws_iam_user" "ci" {
  name = "ci"
  tags = merge(local.tags, { Team = "core" })
}"#,
        ),
        (
            "iam/key.tf",
            r#"resource "aws_iam_access_key" "ci" {
  user   = aws_iam_user.ci.name
  status = "Inactive"
}
resource "aws_iam_user_policy_attachment" "x" {
  user       = "ci"
  policy_arn = aws_iam_policy.all.arn
}
locals {
  tags = { Owner = "ops@example.com" }
}
provider "aws" {
  allowed_account_ids = ["111122223333"]
}"#,
        ),
        (
            "iam/policy.tf",
            r#"resource "aws_iam_policy" "all" {
  policy = data.aws_iam_policy_document.all.json
}
data "aws_iam_policy_document" "all" {
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}"#,
        ),
        ("other/user.tf", "resource \"aws_iam_user\" \"ci\" {\n  name = \"ci\"\n}\n"),
    ];
    let fields = [Field::Principal, Field::ScopeLevel, Field::Active, Field::Team, Field::ProviderAccount];
    assert_eq!(
        shown(&files, &fields),
        [
            "iam:aws_iam_access_key.ci ci admin no core 111122223333",
            "iam:aws_iam_user.ci ci admin core 111122223333",
            "other:aws_iam_user.ci ci",
        ]
    );
    let rows = rows(&files);
    let owners: Vec<&str> =
        rows.iter().flat_map(|(_, facts)| &facts.owners).map(|owner| owner.owner.as_str()).collect();
    assert_eq!(owners, ["core", "ops@example.com", "core", "ops@example.com"]);
    let evidence = rows[0].1.first(Field::ScopeLevel).map(|claim| claim.basis.as_str());
    assert_eq!(evidence, Some("iam/policy.tf:4: * on *"));
}

#[test]
fn roles_with_documents_in_blocks_and_files() {
    let files = [
        (
            "m/main.tf",
            r#"resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.deploy.id
  policy = file("${path.module}/../p/x.json")
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
    }
  }
}"#,
        ),
        ("p/x.json", r#"{"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}"#),
        (
            "n/main.tf",
            r#"resource "aws_iam_role" "x" {
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/Other"]
}"#,
        ),
    ];
    assert_eq!(shown(&files, SCOPE), ["m:aws_iam_role.deploy deploy read federated", "n:aws_iam_role.x unknown"]);
    let role = &rows(&files)[0].1;
    assert_eq!(role.first(Field::State).map(|claim| claim.value.as_str()), Some("weak-auth-scheme"));
    assert_eq!(role.consumers.len(), 1);
}

#[test]
fn accounts_of_google_and_azure() {
    let files = [
        (
            "g/main.tf",
            r#"resource "google_service_account" "ci" {
  account_id = "ci"
  project    = "acme-prod"
}
resource "google_project_iam_member" "x" {
  project = "acme-prod"
  role    = "roles/editor"
  member  = "serviceAccount:${google_service_account.ci.email}"
}"#,
        ),
        (
            "z/main.tf",
            r#"resource "azurerm_user_assigned_identity" "id" {
  name = "app"
}
resource "azurerm_role_assignment" "x" {
  scope                = data.azurerm_subscription.primary.id
  role_definition_name = "Contributor"
  principal_id         = azurerm_user_assigned_identity.id.principal_id
}
resource "azuread_application_password" "p" {
  end_date            = "2027-01-01T00:00:00Z"
  rotate_when_changed = { rotation = time_rotating.t.id }
}
resource "time_rotating" "t" {
  rotation_days = 90
}"#,
        ),
    ];
    let fields = [Field::Principal, Field::ScopeLevel, Field::ExpiresAt, Field::RotationDays];
    let mail = "ci@acme-prod.iam.gserviceaccount.com";
    assert_eq!(
        shown(&files, &fields),
        [
            &format!("{mail} {mail} admin"),
            "z:azuread_application_password.p 2027-01-01T00:00:00Z 90",
            "z:azurerm_user_assigned_identity.id app admin",
        ]
    );
}

#[test]
fn the_state_tells_dates_and_ids_but_never_a_value() {
    let secret = ["not", "a", "value"].concat();
    let state = format!(
        r#"{{"version": 4, "resources": [{{"mode": "managed", "type": "aws_iam_access_key", "name": "ci", "instances": [
           {{"attributes": {{"id": "KEYID", "user": "ci", "status": "Active", "create_date": "2024-02-01T00:00:00Z",
           "secret": "{secret}"}}}}]}}]}}"#
    );
    let files = [("terraform.tfstate", state.as_str())];
    let fields = [Field::Principal, Field::KeyId, Field::CreatedAt, Field::Active];
    assert_eq!(shown(&files, &fields), ["aws-access-key:KEYID ci KEYID 2024-02-01T00:00:00Z yes"]);
    let all = rows(&files);
    let storages: Vec<&str> = all[0].1.locations.iter().map(|place| place.storage.name()).collect();
    assert_eq!(storages, ["embedded"]);
    assert!(!format!("{all:?}").contains(&secret));
}

#[test]
fn templates_of_cloudformation_sam_and_serverless() {
    let template = r"Resources:
  User:
    Type: AWS::IAM::User
    Properties:
      UserName: ci
      Tags:
        - {Key: team, Value: core}
  Key:
    Type: AWS::IAM::AccessKey
    Properties:
      UserName: !Ref User
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      Users: [!Ref User]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: iam:*
            Resource: '*'
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - DynamoDBReadPolicy: {TableName: x}
";
    let json = r#"{"Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument":
          {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}]}}},
        "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument":
          {"Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}}}}}"#;
    let serverless = r"service: shop
functions: {a: {handler: b}}
provider:
  iam:
    role:
      statements:
        - Effect: Allow
          Action: ['dynamodb:Query']
          Resource: '*'
";
    let files = [("t.yaml", template), ("t.json", json), ("serverless.yml", serverless)];
    assert_eq!(
        shown(&files, SCOPE),
        [
            "serverless.yml:provider.iam.role read short-lived",
            "t.json:Role write short-lived",
            "t.yaml:Fn read short-lived",
            "t.yaml:Key ci admin static",
            "t.yaml:User ci admin static",
        ]
    );
}

#[test]
fn azure_templates_in_both_notations() {
    let bicep = r"targetScope = 'subscription'
// comment
param name string
resource id 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'app'
  tags: {
    team: 'core'
  }
}
resource old 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: 'old'
}
resource ra 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (x) {
  name: guid(id.id)
  properties: {
    principalId: id.properties.principalId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b24988ac-6180-42a0-ab88-20f7382dd24c')
  }
}
";
    let named = r"resource id 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'web'
}
resource pull 'Microsoft.Authorization/roleDefinitions@2022-04-01' existing = {
  name: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
}
resource ra 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  properties: { principalId: id.properties.principalId, roleDefinitionId: pull.id }
}
";
    let arm = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": [
        {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "name": "[parameters('idName')]"},
        {"type": "Microsoft.Authorization/roleAssignments", "name": "x", "properties": {
          "principalId": "[reference(resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', parameters('idName'))).principalId]",
          "roleDefinitionId": "[resourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')]"}}]}"#;
    let fields = [Field::Principal, Field::ScopeLevel, Field::Team];
    assert_eq!(
        shown(&[("a.bicep", bicep), ("a.json", arm), ("b.bicep", named)], &fields),
        [
            "a.json:Microsoft.ManagedIdentity/userAssignedIdentities idName read",
            "a.bicep:id app admin core",
            "b.bicep:id web read"
        ]
    );
}

#[test]
fn tasks_of_ansible_and_resources_of_crossplane() {
    let play = r"- hosts: all
  tasks:
    - name: user
      amazon.aws.iam_user:
        name: ci
        managed_policies: ['arn:aws:iam::aws:policy/AdministratorAccess']
    - block:
        - iam_user: {name: gone, state: absent}
        - community.postgresql.postgresql_user: {name: app, login_host: db, db: shop}
";
    let crossplane = "apiVersion: iam.aws.upbound.io/v1beta1\nkind: AccessKey\nmetadata: {name: k}\n\
                      spec: {forProvider: {userRef: {name: ci}}}\n";
    assert_eq!(
        shown(&[("play.yml", play), ("x.yaml", crossplane)], SCOPE),
        [
            "play.yml:amazon.aws.iam_user ci ci admin static",
            "play.yml:community.postgresql.postgresql_user app app@db/shop static",
            "x.yaml:AccessKey k ci static",
        ]
    );
}

#[test]
fn broken_files_do_no_harm() {
    let bicep =
        "resource a 'T@1' = {\n b: 'c${d}'\n e: [\n  '''x'''\n  f(g, { h: 'i' })\n ]\n}\ntargetScope = 'tenant'\n";
    for end in 0..=bicep.len() {
        rows(&[("a.bicep", &bicep[..end])]);
    }
    for text in ["{", "resource a 'b' = {", "[", "'", "a: [", "resource a 'b@c' = {\n x: {\n"] {
        let text = text.repeat(50_000);
        let start = std::time::Instant::now();
        rows(&[("a.bicep", &text)]);
        assert!(start.elapsed().as_secs() < 3, "{:?}", &text[..1]);
    }
}

#[test]
fn identities_that_azure_makes_for_resources() {
    let fields = [Field::Principal, Field::ScopeLevel];
    let arm = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/subscriptionDeploymentTemplate.json#",
        "variables": {"rbacContributor": "b24988ac-6180-42a0-ab88-20f7382dd24c"}, "resources": [
        {"type": "Microsoft.Resources/deployments", "name": "x", "properties": {"template": {"resources": [
            {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "name": "id-ama"},
            {"type": "Microsoft.Authorization/policyAssignments", "name": "ama", "identity": {"type": "SystemAssigned"}},
            {"type": "Microsoft.Authorization/roleAssignments", "name": "r", "properties": {
                "principalId": "[reference(resourceId('Microsoft.Authorization/policyAssignments', 'ama')).identity.principalId]",
                "roleDefinitionId": "[concat('/providers/Microsoft.Authorization/roleDefinitions/', variables('rbacContributor'))]"}}]}}}]}"#;
    assert_eq!(
        shown(&[("a.json", arm)], &fields),
        [
            "a.json:Microsoft.Authorization/policyAssignments ama identity ama admin",
            "a.json:Microsoft.ManagedIdentity/userAssignedIdentities id-ama id-ama",
        ]
    );
    let bicep = "resource app 'Microsoft.Web/sites@2023-12-01' = {\n  name: 'shop'\n  identity: {\n    type: 'SystemAssigned'\n  }\n}\n\
                 resource r 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: 'x'\n  properties: {\n    \
                 principalId: app.identity.principalId\n    roleDefinitionId: 'acdd72a7-3385-48ef-bd42-f606fba81ae7'\n  }\n}\n";
    assert_eq!(shown(&[("a.bicep", bicep)], &fields), ["a.bicep:app identity shop read"]);
    let terraform = "resource \"azurerm_linux_web_app\" \"app\" {\n  name = \"shop\"\n  identity {\n    type = \"SystemAssigned\"\n  }\n}\n\
                     resource \"azurerm_role_assignment\" \"r\" {\n  scope = azurerm_resource_group.x.id\n  role_definition_name = \"Contributor\"\n  \
                     principal_id = azurerm_linux_web_app.app.identity[0].principal_id\n}\n";
    assert_eq!(shown(&[("a/main.tf", terraform)], &fields), ["a:azurerm_linux_web_app.app identity shop write"]);
}

#[test]
fn what_a_store_holds_is_told_by_its_name() {
    let text = "resource \"aws_secretsmanager_secret\" \"x\" {\n  name = \"pagerduty_token\"\n}\n\
                resource \"aws_ssm_parameter\" \"db_password\" {\n  name = var.name\n  type = \"SecureString\"\n}\n\
                resource \"aws_secretsmanager_secret\" \"y\" {\n  name = \"settings\"\n}\n";
    assert_eq!(
        shown(&[("a.tf", text)], &[Field::Kind, Field::Provider, Field::Vault]),
        [
            "pagerduty_token token pagerduty AWS Secrets Manager",
            "settings AWS Secrets Manager",
            ":aws_ssm_parameter.db_password password AWS Parameter Store",
        ]
    );
}
