//! Secrets that code reads by name with a provider's library, and identities that it declares with AWS' CDK or Pulumi.
//!
//! Calls: AWS SDK `GetSecretValue`, `GetParameter`; `aws-cdk-lib/aws-secretsmanager`, `aws-iam`; hvac and Vault's Go client;
//! Pulumi's `Config.requireSecret` (<https://www.pulumi.com/docs/iac/concepts/secrets/>). Computed names give nothing.

use super::literal::{Call, Literal, call};
use super::policy::{self, aws as policies};
use super::spot::{Spot, begins, is_name};
use super::{File, Out, aws, vaults};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, Source, StorageState};

/// What calls begin with, their bracket included.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "get_secret_value(", read: secret_value },
    Literal { word: "getSecretValue(", read: secret_value },
    Literal { word: "GetSecretValueCommand(", read: secret_value },
    Literal { word: "GetSecretValueInput{", read: secret_value },
    Literal { word: ".secretId(", read: builder },
    Literal { word: "get_parameter(", read: parameter },
    Literal { word: "getParameter(", read: parameter },
    Literal { word: "GetParameterCommand(", read: parameter },
    Literal { word: "GetParameterInput{", read: parameter },
    Literal { word: "fromSecretNameV2(", read: imported },
    Literal { word: "from_secret_name_v2(", read: imported },
    Literal { word: "SecretValue.secretsManager(", read: value },
    Literal { word: "SecretValue.secrets_manager(", read: value },
    Literal { word: "SecretValue.ssmSecure(", read: secure },
    Literal { word: "SecretValue.ssm_secure(", read: secure },
    Literal { word: "fromSecureStringParameterAttributes(", read: attributes },
    Literal { word: "from_secure_string_parameter_attributes(", read: attributes },
    Literal { word: "read_secret_version(", read: hvac },
    Literal { word: ".Logical().Read(", read: logical },
    Literal { word: "requireSecret(", read: required },
    Literal { word: "require_secret(", read: required },
    Literal { word: "RequireSecret(", read: required },
    Literal { word: "iam.Role(", read: role },
    Literal { word: "iam.User(", read: user },
    Literal { word: "iam.AccessKey(", read: access_key },
];

/// The call or object whose word stands at `at`; the word ends with its bracket.
fn called<'t>(file: &File<'t>, at: usize) -> Call<'t> {
    let rest = file.bytes.get(at..).unwrap_or_default();
    call(file.bytes, at + memchr::memchr2(b'(', b'{', rest).unwrap_or(rest.len()))
}

/// `get_secret_value(SecretId="x")`, `new GetSecretValueCommand({ SecretId: "x" })`, `GetSecretValueInput{SecretId: …}`.
fn secret_value(file: &File<'_>, at: usize, out: &mut Out) {
    if let Some(id) = called(file, at).named_text("SecretId") {
        aws::secret(&Spot::new(file, at).means("read by the SDK"), out, id, None);
    }
}

/// `.secretId("x")` of Java's and Kotlin's builders.
fn builder(file: &File<'_>, at: usize, out: &mut Out) {
    if let Some(id) = called(file, at).text(0) {
        aws::secret(&Spot::new(file, at).means("read by the SDK"), out, id, None);
    }
}

/// `get_parameter(Name="x", WithDecryption=True)`: without decryption it is no secret.
fn parameter(file: &File<'_>, at: usize, out: &mut Out) {
    let call = called(file, at);
    let decrypts = call.named("WithDecryption").is_some_and(|text| {
        let text = text.to_ascii_lowercase();
        matches!(text.as_str(), "true" | "aws.bool(true)")
    });
    if let Some(name) = call.named_text("Name").filter(|_| decrypts) {
        aws::parameter(&Spot::new(file, at).means("read by the SDK"), out, name);
    }
}

/// `Secret.fromSecretNameV2(this, "Id", "name")` of the CDK.
fn imported(file: &File<'_>, at: usize, out: &mut Out) {
    let call = called(file, at);
    if let Some(name) = call.text(2).or_else(|| call.named_text("secret_name")) {
        aws::secret(&Spot::new(file, at).means("imported by the CDK"), out, name, None);
    }
}

/// `SecretValue.secretsManager("name", { jsonField: "key" })` of the CDK.
fn value(file: &File<'_>, at: usize, out: &mut Out) {
    let call = called(file, at);
    let key = call.named_text("jsonField").or_else(|| call.named_text("json_field"));
    if let Some(id) = call.text(0) {
        aws::secret(&Spot::new(file, at).means("value taken by the CDK"), out, id, key);
    }
}

/// `SecretValue.ssmSecure("name")` of the CDK.
fn secure(file: &File<'_>, at: usize, out: &mut Out) {
    if let Some(name) = called(file, at).text(0) {
        aws::parameter(&Spot::new(file, at).means("value taken by the CDK"), out, name);
    }
}

/// `StringParameter.fromSecureStringParameterAttributes(this, "Id", { parameterName: "name" })` of the CDK.
fn attributes(file: &File<'_>, at: usize, out: &mut Out) {
    let call = called(file, at);
    if let Some(name) = call.named_text("parameterName").or_else(|| call.named_text("parameter_name")) {
        aws::parameter(&Spot::new(file, at).means("imported by the CDK"), out, name);
    }
}

/// `read_secret_version(path="app/db", mount_point="kv")` of hvac; the engine is mounted at `secret` unless it says so.
fn hvac(file: &File<'_>, at: usize, out: &mut Out) {
    let call = called(file, at);
    let mount = call.named("mount_point").map_or(Some("secret"), |_| call.named_text("mount_point"));
    if let (Some(mount), Some(path)) = (mount, call.named_text("path")) {
        let path = format!("{mount}/{}", path.trim_start_matches('/'));
        vaults::secret(&Spot::new(file, at).means("read by hvac"), out, &path, None);
    }
}

/// `client.Logical().Read("secret/data/app/db")` of Vault's Go client.
fn logical(file: &File<'_>, at: usize, out: &mut Out) {
    let path = call(file.bytes, at + ".Logical().Read".len()).text(0);
    if let Some(path) = path.filter(|path| !path.starts_with("sys/") && !path.starts_with("auth/")) {
        vaults::secret(&Spot::new(file, at).means("read by Vault's client"), out, path, None);
    }
}

/// `config.requireSecret("dbPassword")` of Pulumi: the stack's settings hold it encrypted.
fn required(file: &File<'_>, at: usize, out: &mut Out) {
    let Some(name) = called(file, at).text(0).filter(|name| is_name(name)) else { return };
    let spot = Spot::new(file, at).means("required of the stack's settings");
    let fingerprint = format!("pulumi-config:{}:{name}", file.repository);
    let told = spot.named(out, fingerprint, StorageState::EncryptedFile, name, Some(Kind::CiSecret));
    told.says(Field::Vault, "Pulumi").says(Field::Encrypted, "yes").mode(Mode::Static);
}

/// A role: `new iam.Role(this, "Id", { assumedBy: new iam.ServicePrincipal("x") })`, Pulumi's `new aws.iam.Role("id", …)`.
fn role(file: &File<'_>, at: usize, out: &mut Out) {
    let names = ["roleName", "role_name"];
    declared(file, at, &names, (Kind::WorkloadIdentity, StorageState::Federated, Mode::ShortLived), out);
}

/// A user, whose keys hold until they are deleted.
fn user(file: &File<'_>, at: usize, out: &mut Out) {
    let names = ["userName", "user_name"];
    declared(file, at, &names, (Kind::ServiceAccount, StorageState::Unknown, Mode::Static), out);
}

/// A key of a user.
fn access_key(file: &File<'_>, at: usize, out: &mut Out) {
    declared(file, at, &[], (Kind::ApiKey, StorageState::Unknown, Mode::Static), out);
}

/// Notes an identity that is made: by its id in the stack, with its name, who may take it on, and its managed policies.
fn declared(file: &File<'_>, at: usize, names: &[&str], how: (Kind, StorageState, Mode), out: &mut Out) {
    if !begins(file.bytes, at) && !is_part_of_aws(file.bytes, at) {
        return;
    }
    let call = called(file, at);
    // Pulumi's first argument is the name; the CDK's first is the scope.
    let Some(id) = call.text(0).or_else(|| call.text(1)).filter(|id| is_name(id)) else { return };
    let (kind, storage, mode) = how;
    let fingerprint = format!("declared:{}:{}:{id}", file.repository, file.path);
    let meaning = Some(format!("{id}, declared in code"));
    let facts = out.note(file, FingerprintKind::Reference, fingerprint, storage, at, meaning);
    let basis = file.basis(at);
    let given = names.iter().chain(&["name"]).find_map(|name| call.named_text(name)).unwrap_or(id);
    for (field, value) in [
        (Field::Kind, kind.name()),
        (Field::Provider, "aws"),
        (Field::Mode, mode.name()),
        (Field::Name, given),
        (Field::Principal, given),
    ] {
        facts.claim(field, Source::Infrastructure, value, &basis);
    }
    let trusted = ["assumedBy", "assumed_by"].iter().find_map(|name| call.named(name)).unwrap_or_default();
    // Pulumi has the document, in which services are told by their names.
    let document =
        ["assumeRolePolicy", "assume_role_policy"].iter().find_map(|name| call.named(name)).unwrap_or_default();
    let services = quoted(document).filter(|text| text.ends_with(".amazonaws.com"));
    for who in quoted(trusted).chain(services) {
        facts.claim(Field::Scope, Source::Infrastructure, format!("assumed by {who}"), &basis);
    }
    let attached = ["managedPolicies", "managed_policies", "managedPolicyArns", "managed_policy_arns"];
    let attached = attached.iter().find_map(|name| call.named(name)).unwrap_or_default();
    let grants = quoted(attached).filter_map(|name| {
        let arn = if name.starts_with("arn:") { name.to_owned() } else { format!("arn:aws:iam::aws:policy/{name}") };
        Some((basis.clone(), policies::managed(&arn)?))
    });
    policy::claim(facts, Source::Infrastructure, &grants.collect::<Vec<_>>());
}

/// `aws.iam.Role`, `aws_iam.Role`.
fn is_part_of_aws(bytes: &[u8], at: usize) -> bool {
    bytes.get(..at).is_some_and(|before| before.ends_with(b"aws.") || before.ends_with(b"aws_"))
}

/// The texts in quotes of a piece of code.
fn quoted(code: &str) -> impl Iterator<Item = &str> {
    code.split(['"', '\'']).skip(1).step_by(2).filter(|text| is_name(text))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, seen};

    #[test]
    fn secrets_read_with_a_library() {
        for (path, text, wanted) in [
            ("a.py", "c.get_secret_value(SecretId = \"prod/db\")", "aws-secretsmanager:o/r:prod/db"),
            (
                "a.ts",
                "await c.send(new GetSecretValueCommand({\n  SecretId: 'prod/db',\n}))",
                "aws-secretsmanager:o/r:prod/db",
            ),
            (
                "a.go",
                "&secretsmanager.GetSecretValueInput{SecretId: aws.String(\"prod/db\")}",
                "aws-secretsmanager:o/r:prod/db",
            ),
            (
                "A.java",
                "GetSecretValueRequest.builder().secretId(\"prod/db\").build()",
                "aws-secretsmanager:o/r:prod/db",
            ),
            ("a.py", "ssm.get_parameter(Name='/p/db', WithDecryption=True)", "aws-ssm:o/r:/p/db"),
            (
                "a.go",
                "&ssm.GetParameterInput{Name: aws.String(\"/p/db\"), WithDecryption: aws.Bool(true)}",
                "aws-ssm:o/r:/p/db",
            ),
            ("a.ts", "Secret.fromSecretNameV2(this, 'Db',\n  'prod/db')", "aws-secretsmanager:o/r:prod/db"),
            ("a.py", "sm.Secret.from_secret_name_v2(self, \"Db\", \"prod/db\")", "aws-secretsmanager:o/r:prod/db"),
            (
                "a.ts",
                "SecretValue.secretsManager('prod/db', { jsonField: 'password' })",
                "aws-secretsmanager:o/r:prod/db#password",
            ),
            ("a.ts", "cdk.SecretValue.ssmSecure('/p/db')", "aws-ssm:o/r:/p/db"),
            ("a.py", "c.secrets.kv.v2.read_secret_version(path='app/db', mount_point='kv')", "vault:kv/app/db"),
            ("a.go", "client.Logical().Read(\"secret/data/app/db\")", "vault:secret/app/db"),
        ] {
            assert_eq!(seen(path, text), [format!("reference {wanted} vault")], "{text}");
        }
        for text in [
            "c.get_secret_value(SecretId=name)",
            "new GetSecretValueCommand({ SecretId: `${stage}/db` })",
            "ssm.get_parameter(Name='/p/db')",
            "Secret.fromSecretNameV2(this, 'Db', props.name)",
            "self.get_parameter('x')",
            "client.Logical().Read(\"sys/health\")",
        ] {
            assert_eq!(seen("a.py", text), [""; 0], "{text}");
        }
        let wanted = ["reference pulumi-config:o/r:dbPassword encrypted-file"];
        for text in [
            "config.requireSecret(\"dbPassword\")",
            "config.require_secret('dbPassword')",
            "cfg.RequireSecret(\"dbPassword\")",
        ] {
            assert_eq!(seen("index.ts", text), wanted, "{text}");
        }
    }

    #[test]
    fn identities_declared_in_code() {
        let text = "new iam.Role(this, 'Ci', {\n  assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),\n  \
                    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')],\n});\n";
        assert_eq!(seen("lib/a.ts", text), ["reference declared:o/r:lib/a.ts:Ci federated"]);
        let told = claims("lib/a.ts", text);
        for wanted in [
            "scope=assumed by ecs-tasks.amazonaws.com @lib/a.ts:1",
            "scope_level=admin @lib/a.ts:1: AWS managed policy AdministratorAccess",
            "kind=workload-identity @lib/a.ts:1",
        ] {
            assert!(told.contains(&wanted.to_owned()), "{wanted}: {told:#?}");
        }
        let text = "new aws.iam.Role(\"fn\", {\n  assumeRolePolicy: {Statement: [{Principal: {Service: \"lambda.amazonaws.com\"}}]},\n})\n";
        assert!(claims("a.ts", text).contains(&"scope=assumed by lambda.amazonaws.com @a.ts:1".to_owned()));
        for (text, name) in [
            ("iam.User(self, \"Deploy\", user_name=\"deployer\")", "deployer"),
            ("new aws.iam.User(\"deployer\", {})", "deployer"),
        ] {
            assert!(claims("a.py", text).contains(&format!("name={name} @a.py:1")), "{text}");
        }
        assert_eq!(seen("a.ts", "grant(x: iam.Role, y: iam.User) {}"), [""; 0]);
    }
}
