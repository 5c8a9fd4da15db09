//! AWS Secrets Manager and Parameter Store, and roles that workloads take on.
//!
//! ARNs: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html>: six characters follow the name
//! behind a hyphen. Dynamic references:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>.

use super::literal::{Literal, arguments, command_line, flag};
use super::spot::{Spot, Told, is_name, maps, name_of, word};
use super::{File, Out};
use crate::format::Data;
use crate::format::tree::Node;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

/// How the register calls the stores.
pub(super) const SECRETS_MANAGER: &str = "AWS Secrets Manager";
const PARAMETER_STORE: &str = "AWS Parameter Store";

/// Notations and commands that begin a reference.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "arn:aws:secretsmanager:", read: arn },
    Literal { word: "arn:aws-cn:secretsmanager:", read: arn },
    Literal { word: "arn:aws-us-gov:secretsmanager:", read: arn },
    Literal { word: "{{resolve:secretsmanager:", read: resolve },
    Literal { word: "{{resolve:ssm-secure:", read: resolve },
    Literal { word: "get-secret-value", read: get_secret },
    Literal { word: "get-parameter", read: get_parameter },
    Literal { word: "ref+awssecrets://", read: vals },
    Literal { word: "aws-secretsmanager:", read: spring },
    Literal { word: "aws-parameterstore:", read: spring },
    Literal { word: "${ssm:", read: serverless },
];

/// What an ARN is made of.
pub(super) struct Arn<'t> {
    pub(super) service: &'t str,
    pub(super) region: &'t str,
    pub(super) account: &'t str,
    /// `secret:name-AbCdEf`, `role/name`.
    pub(super) resource: &'t str,
}

/// Takes an ARN apart.
pub(super) fn parse(text: &str) -> Option<Arn<'_>> {
    let mut parts = text.splitn(6, ':');
    let (first, _partition) = (parts.next()?, parts.next()?);
    let (service, region, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (first == "arn" && !resource.is_empty()).then_some(Arn { service, region, account, resource })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A secret's name from its ARN's resource, without the six characters that Secrets Manager adds. Names of one's own that
/// end so are all lower case; that six random characters are has a chance of one in two hundred.
fn bare(name: &str) -> &str {
    let name = name.trim_end_matches('*').trim_end_matches('?').trim_end_matches('-');
    match name.rsplit_once('-') {
        Some((stem, end))
            if end.len() == 6
                && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && end.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) =>
        {
            stem
        }
        _ => name,
    }
}

/// Notes a secret by its name or ARN (with a key of its JSON behind: `ARN:key`). A name alone belongs to the repository:
/// nothing tells the account.
pub(super) fn secret<'o>(spot: &Spot<'_>, out: &'o mut Out, id: &str, key: Option<&str>) -> Option<Told<'o>> {
    if let Some(arn) = parse(id).filter(|arn| arn.service == "secretsmanager") {
        let resource = arn.resource.strip_prefix("secret:")?;
        let (name, own) =
            resource.split_once(':').map_or((resource, None), |(name, rest)| (name, rest.split(':').next()));
        let name = bare(name);
        if !is_name(name) || !is_account(arn.account) || !is_name(arn.region) {
            return None;
        }
        let key = key.or(own).filter(|key| is_name(key));
        let fingerprint = with_key(format!("aws-secretsmanager:{}:{}:{name}", arn.account, arn.region), key);
        let told = spot.named(out, fingerprint, StorageState::Vault, key.unwrap_or(name), None);
        let told = told.says(Field::ProviderAccount, arn.account).kept(SECRETS_MANAGER, name);
        return Some(told.mode(Mode::Static));
    }
    // What an expression is put together with is no name.
    let begins = id.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.'));
    if !is_name(id) || !begins || id.starts_with("arn:") {
        return None;
    }
    let key = key.filter(|key| is_name(key));
    let fingerprint = with_key(format!("aws-secretsmanager:{}:{id}", spot.file.repository), key);
    let told = spot.named(out, fingerprint, StorageState::Vault, key.unwrap_or(id), None);
    Some(told.kept(SECRETS_MANAGER, id).mode(Mode::Static))
}

fn with_key(fingerprint: String, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("{fingerprint}#{key}"),
        None => fingerprint,
    }
}

/// Notes an encrypted parameter by its name or ARN.
pub(super) fn parameter<'o>(spot: &Spot<'_>, out: &'o mut Out, id: &str) -> Option<Told<'o>> {
    let arn = parse(id).filter(|arn| arn.service == "ssm");
    let name = match &arn {
        Some(arn) => arn.resource.strip_prefix("parameter")?,
        None => id,
    };
    if !is_name(name) || id.starts_with("arn:") && arn.is_none() {
        return None;
    }
    let owner = arn.as_ref().filter(|arn| is_account(arn.account)).map(|arn| format!("{}:{}", arn.account, arn.region));
    let fingerprint = format!("aws-ssm:{}:{name}", owner.as_deref().unwrap_or(spot.file.repository));
    let told = spot.named(out, fingerprint, StorageState::Vault, name, None);
    let told = match &arn {
        Some(arn) if is_account(arn.account) => told.says(Field::ProviderAccount, arn.account),
        _ => told,
    };
    Some(told.kept(PARAMETER_STORE, name).mode(Mode::Static))
}

/// Notes a role that a workload takes on by its own token.
pub(super) fn role<'o>(spot: &Spot<'_>, out: &'o mut Out, arn: &str) -> Option<Told<'o>> {
    let parts = parse(arn).filter(|parts| parts.service == "iam" && is_account(parts.account) && is_name(arn))?;
    let name = parts.resource.strip_prefix("role/")?;
    let told = spot.note(out, FingerprintKind::ProviderId, arn, StorageState::Federated);
    let told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Provider, "aws");
    let told = told.says(Field::ProviderAccount, parts.account).says(Field::Principal, arn);
    Some(told.says(Field::Name, name.rsplit('/').next().unwrap_or(name)).mode(Mode::Federated))
}

const fn is_arn(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'_' | b'+' | b'=' | b'.' | b'@' | b'-' | b'*' | b'?')
}

fn arn(file: &File<'_>, at: usize, out: &mut Out) {
    let text = word(file.bytes, at, is_arn);
    // An expression goes on behind it.
    if !matches!(file.bytes.get(at + text.len()), Some(b'$' | b'{' | b'<')) {
        secret(&Spot::new(file, at).means("ARN of the secret"), out, text.trim_end_matches(['.', ':']), None);
    }
}

/// `{{resolve:secretsmanager:ID:SecretString:KEY:…}}`, `{{resolve:ssm-secure:NAME:VERSION}}`.
fn resolve(file: &File<'_>, at: usize, out: &mut Out) {
    let text = word(file.bytes, at + 2, |byte| byte != b'}' && byte.is_ascii_graphic());
    let spot = Spot::new(file, at).means("dynamic reference of CloudFormation");
    if let Some(name) = text.strip_prefix("resolve:ssm-secure:") {
        parameter(&spot, out, name.split(':').next().unwrap_or(name));
    } else if let Some(rest) = text.strip_prefix("resolve:secretsmanager:") {
        let (id, key) = match rest.split_once(":SecretString") {
            Some((id, keys)) => (id, keys.split(':').nth(1).filter(|key| !key.is_empty())),
            // Of an ARN, seven parts are its own.
            None if rest.starts_with("arn:") => (rest, None),
            None => (rest.split(':').next().unwrap_or(rest), None),
        };
        secret(&spot, out, id, key);
    }
}

/// `aws secretsmanager get-secret-value --secret-id ID`.
fn get_secret(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    if let Some(id) = flag(&arguments(&line), "--secret-id") {
        secret(&Spot::new(file, at).means("read with the aws command"), out, id, None);
    }
}

/// `aws ssm get-parameter --name N --with-decryption`: without that flag it is no secret.
fn get_parameter(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    if words.contains(&"--with-decryption")
        && let Some(name) = flag(&words, "--name").or_else(|| flag(&words, "--names"))
    {
        parameter(&Spot::new(file, at).means("read with the aws command"), out, name);
    }
}

/// `ref+awssecrets://name/key` of vals.
fn vals(file: &File<'_>, at: usize, out: &mut Out) {
    let text = word(file.bytes, at + "ref+awssecrets://".len(), |byte| is_arn(byte) || byte == b'#');
    let (id, key) = text.split_once("#/").map_or((text, None), |(id, key)| (id, Some(key)));
    secret(&Spot::new(file, at).means("reference of vals"), out, id, key);
}

/// `${ssm:/path}` of the Serverless Framework; `/aws/reference/secretsmanager/` leads to Secrets Manager.
fn serverless(file: &File<'_>, at: usize, out: &mut Out) {
    let text = word(file.bytes, at + "${ssm:".len(), is_arn);
    let ends = matches!(file.bytes.get(at + "${ssm:".len() + text.len()), Some(b'}' | b',' | b'~'));
    let spot = Spot::new(file, at).means("variable of the Serverless Framework");
    match text.strip_prefix("/aws/reference/secretsmanager/") {
        _ if !ends => {}
        Some(name) => drop(secret(&spot, out, name, None)),
        None => drop(parameter(&spot, out, text)),
    }
}

/// `spring.config.import: aws-secretsmanager:a;b`, `aws-parameterstore:/config/x/` of Spring Cloud AWS
/// (<https://docs.awspring.io/spring-cloud-aws/docs/3.0.0/reference/html/index.html>); a query may give a prefix.
fn spring(file: &File<'_>, at: usize, out: &mut Out) {
    if !super::spring::wants(file.path) {
        return;
    }
    // Both words are of one length.
    let start = at + "aws-secretsmanager:".len();
    let names = word(file.bytes, start, |byte| is_arn(byte) || byte == b';');
    let manager = file.bytes.get(at..).is_some_and(|rest| rest.starts_with(b"aws-secretsmanager:"));
    let spot = Spot::new(file, at).means("imported by Spring");
    for name in names.split(['?', ';']).filter(|name| !name.is_empty() && !name.contains('=')) {
        if manager {
            secret(&spot, out, name, None);
        } else {
            parameter(&spot, out, name);
        }
    }
}

/// Definitions of tasks and functions.
pub(super) fn wants(path: &str) -> bool {
    matches!(crate::format::data_format(path), Some(Data::Json | Data::Yaml))
}

/// `containerDefinitions[].secrets[]{name, valueFrom}` of ECS, as `CloudFormation` and task definitions write it
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html>): an ARN, or a parameter's name.
pub(super) fn read(file: &File<'_>, out: &mut Out) {
    if memchr::memmem::find(file.bytes, b"ontainerDefinitions").is_none() {
        return;
    }
    let bytes = file.bytes;
    let either = |node: &Node, one: &str, other: &str| name_of(node.get(one).or_else(|| node.get(other)), bytes);
    for document in file.trees().map(|(_, documents)| documents).unwrap_or_default() {
        maps(document, &mut |map| {
            let containers = map.get("containerDefinitions").or_else(|| map.get("ContainerDefinitions"));
            for container in containers.map(Node::items).unwrap_or_default() {
                let title =
                    either(container, "name", "Name").map_or_else(String::new, |name| format!("container {name}"));
                let secrets = container.get("secrets").or_else(|| container.get("Secrets"));
                for item in secrets.map(Node::items).unwrap_or_default() {
                    let Some(from) = either(item, "valueFrom", "ValueFrom") else { continue };
                    let spot =
                        Spot::new(file, item.place.start).means("secret of an ECS container").used_by(title.as_str());
                    if from.contains(":secretsmanager:") {
                        secret(&spot, out, &from, None);
                    } else {
                        parameter(&spot, out, &from);
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, consumers, seen};

    #[test]
    fn an_arn_is_one_secret_with_and_without_its_suffix() {
        let wanted = ["reference aws-secretsmanager:123456789012:eu-west-1:prod/db vault"];
        for text in [
            "x: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3",
            "x: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db",
            "\"arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-??????\"",
            "{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3}}",
            "aws secretsmanager get-secret-value --secret-id arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db",
        ] {
            assert_eq!(seen("a.yaml", text), wanted, "{text}");
        }
    }

    #[test]
    fn names_and_keys() {
        for (text, wanted) in [
            ("'{{resolve:secretsmanager:Db:SecretString:password}}'", "aws-secretsmanager:o/r:Db#password"),
            (
                "aws secretsmanager get-secret-value \\\n --secret-id 'prod/db' --query x",
                "aws-secretsmanager:o/r:prod/db",
            ),
            ("{{resolve:ssm-secure:/p/db:2}}", "aws-ssm:o/r:/p/db"),
            ("aws ssm get-parameter --with-decryption --name /p/db", "aws-ssm:o/r:/p/db"),
            ("k: ${ssm:/p/db}", "aws-ssm:o/r:/p/db"),
        ] {
            assert_eq!(seen("a.sh", text), [format!("reference {wanted} vault")], "{text}");
        }
        let told =
            claims("a.yaml", "x: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3:password::");
        assert!(told.contains(&"provider_account=123456789012 @a.yaml:1".to_owned()), "{told:?}");
        assert!(told.contains(&"kind=password @a.yaml:1 (by its name)".to_owned()), "{told:?}");
    }

    #[test]
    fn containers_and_imports() {
        let text = r#"{"containerDefinitions": [{"name": "web", "secrets": [
            {"name": "DB", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1B2c3:password::"},
            {"name": "T", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/p/token"},
            {"name": "K", "valueFrom": "/p/key"}]}]}"#;
        assert_eq!(
            seen("task.json", text),
            [
                "reference aws-secretsmanager:123456789012:eu-west-1:db#password vault",
                "reference aws-ssm:123456789012:eu-west-1:/p/token vault",
                "reference aws-ssm:o/r:/p/key vault",
            ]
        );
        assert!(consumers("task.json", text).contains(&"aws-ssm:o/r:/p/key: container web".to_owned()));
        let text = "spring.config.import=optional:aws-secretsmanager:/secrets/shop;/secrets/mail,aws-parameterstore:/config/shop/\n";
        assert_eq!(
            seen("application.properties", text),
            [
                "reference aws-secretsmanager:o/r:/secrets/mail vault",
                "reference aws-secretsmanager:o/r:/secrets/shop vault",
                "reference aws-ssm:o/r:/config/shop/ vault",
            ]
        );
    }

    #[test]
    fn patterns_and_expressions_are_left() {
        for text in [
            "arn:aws:secretsmanager:*:*:secret:*",
            "arn:aws:secretsmanager:eu-west-1:${AWS::AccountId}:secret:x",
            "get-secret-value --secret-id $ID",
            "value: 'aws secretsmanager get-secret-value --secret-id '+ db.secret.arn",
            "aws ssm get-parameter --name /plain",
        ] {
            assert_eq!(seen("a.sh", text), [""; 0], "{text}");
        }
    }
}
