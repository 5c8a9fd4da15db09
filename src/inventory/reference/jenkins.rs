//! Jenkins: credentials that pipelines name by their id, and the configuration as code that declares them.
//!
//! Steps: <https://www.jenkins.io/doc/pipeline/steps/credentials-binding/>, ssh-agent, azure-keyvault, hashicorp-vault-plugin,
//! pipeline-aws. Groovy is not parsed: calls and named arguments are found by their words.

use super::spot::{Spot, begins, finds, is_name, name_of, scalars, word};
use super::variables::{self, Settings};
use super::{File, Out, aws, azure, vaults};
use crate::format::tree::Node;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

const SETTINGS: Settings = Settings { id: "jenkins", store: "Jenkins credentials" };
/// A binding's name stands at most so far before its credential's id.
const NEAR: usize = 256;

/// Words before a credential's id that tell its kind: bindings and steps.
const BINDINGS: &[(&str, Kind)] = &[
    ("usernamePassword(", Kind::Password),
    ("usernameColonPassword(", Kind::Password),
    ("gitUsernamePassword(", Kind::Password),
    ("UsernamePasswordMultiBinding", Kind::Password),
    ("sshUserPrivateKey(", Kind::PrivateKey),
    ("SSHUserPrivateKeyBinding", Kind::PrivateKey),
    ("certificate(", Kind::Certificate),
    ("AmazonWebServicesCredentialsBinding", Kind::ApiKey),
    ("azureServicePrincipal(", Kind::ServiceAccount),
    ("kubeconfigFile(", Kind::ServiceAccount),
    ("withKubeConfig(", Kind::ServiceAccount),
    ("withRegistry(", Kind::Password),
    ("sshagent(", Kind::PrivateKey),
    ("sshagent (", Kind::PrivateKey),
    ("string(", Kind::CiSecret),
    ("StringBinding", Kind::CiSecret),
    ("file(", Kind::CiSecret),
];

pub(super) fn wants(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    name.starts_with("jenkinsfile")
        || name.ends_with(".jenkinsfile")
        || name.ends_with(".groovy")
        || is_configuration(&lower)
}

fn is_configuration(path: &str) -> bool {
    super::system(path) == Some("Jenkins configuration")
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    if let Some((_, documents)) = file.trees() {
        for document in documents {
            configuration(file, document, out);
        }
        return;
    }
    let bytes = file.bytes;
    let whole = 0..bytes.len();
    // `credentialsId: 'id'`, and `credentialsId('id')` of job definitions.
    for at in finds(bytes, &whole, b"credentialsId") {
        for (id, at) in literals(bytes, at + "credentialsId".len(), false) {
            credential(file, &id, at, binding(bytes, at), out);
        }
    }
    // `X = credentials('id')`; `credentials: 'id'`, `credentials: ['id']` of other steps.
    for at in finds(bytes, &whole, b"credentials").filter(|&at| begins(bytes, at)) {
        for (id, at) in literals(bytes, at + "credentials".len(), true) {
            credential(file, &id, at, binding(bytes, at), out);
        }
    }
    for at in finds(bytes, &whole, b"sshagent").filter(|&at| begins(bytes, at)) {
        for (id, at) in literals(bytes, at + "sshagent".len(), true) {
            credential(file, &id, at, Some(Kind::PrivateKey), out);
        }
    }
    for (key, binding) in [("vaultCredentialId", Kind::Token), ("credentialID", Kind::ServiceAccount)] {
        for at in finds(bytes, &whole, key.as_bytes()).filter(|&at| begins(bytes, at)) {
            for (id, at) in literals(bytes, at + key.len(), false) {
                credential(file, &id, at, Some(binding), out);
            }
        }
    }
    registries(file, out);
    vault(file, out);
    key_vault(file, out);
    roles(file, out);
}

/// Notes a credential of Jenkins' store.
fn credential(file: &File<'_>, id: &str, at: usize, kind: Option<Kind>, out: &mut Out) {
    if !is_name(id) {
        return;
    }
    let spot = Spot::new(file, at).used_by(consumer(file, at)).means("credential by its id");
    variables::stored(&spot, &SETTINGS, id, kind.unwrap_or(Kind::CiSecret), out).mode(Mode::Static);
}

/// `pipeline Jenkinsfile, stage Deploy`: the stage that opened last.
fn consumer(file: &File<'_>, at: usize) -> String {
    const BACK: usize = 8192;
    let before = file.bytes.get(at.saturating_sub(BACK)..at).unwrap_or_default();
    let stage = memchr::memmem::rfind(before, b"stage(").and_then(|open| {
        let quote = before.get(open + 6).filter(|byte| matches!(byte, b'\'' | b'"'))?;
        let name = &before[open + 7..];
        Some(String::from_utf8_lossy(&name[..memchr::memchr(*quote, name)?]).into_owned())
    });
    match stage {
        Some(stage) => format!("pipeline {}, stage {stage}", file.path),
        None => format!("pipeline {}", file.path),
    }
}

/// The binding whose arguments stand before `at`, on the call that is still open.
fn binding(bytes: &[u8], at: usize) -> Option<Kind> {
    let before = bytes.get(at.saturating_sub(NEAR)..at)?;
    let found =
        BINDINGS.iter().filter_map(|(word, kind)| Some((memchr::memmem::rfind(before, word.as_bytes())?, *kind)));
    let (open, kind) = found.max_by_key(|(open, _)| *open)?;
    // A call that ended before `at` has nothing to do with it; a list of bindings has one call behind the other.
    let between = &before[open..];
    let opened = memchr::memchr_iter(b'(', between).count();
    let closed = memchr::memchr_iter(b')', between).count();
    let class = between.starts_with(b"U") || between.starts_with(b"A") || between.starts_with(b"S");
    (opened > closed || class && !between.contains(&b']')).then_some(kind)
}

/// The literals behind `:`, `=`, `(` and their brackets: one, or the items of a list. `call`: the parenthesis may be left out.
fn literals(bytes: &[u8], at: usize, call: bool) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut at = at;
    let mut open = false;
    let mut begun = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' => {}
            b'\n' | b',' if open => {}
            b':' | b'(' if !begun || byte == b'(' && !open => begun = true,
            b'=' if !begun && !call => begun = true,
            b'[' if begun && !open => open = true,
            b'\'' | b'"' if begun || call => {
                let rest = bytes.get(at + 1..).unwrap_or_default();
                let rest = &rest[..rest.len().min(NEAR)];
                let Some(end) = memchr::memchr(byte, rest) else { return found };
                found.push((String::from_utf8_lossy(&rest[..end]).into_owned(), at + 1));
                if !open {
                    return found;
                }
                at += end + 1;
            }
            // `sshagent(credentials: [`: the inner name leads on by itself.
            _ => return found,
        }
        at += 1;
    }
    found
}

/// The literal of a named argument (`name: 'x'`) in a part of the text.
fn argument<'b>(bytes: &'b [u8], place: &std::ops::Range<usize>, name: &str) -> Option<(&'b str, usize)> {
    finds(bytes, place, name.as_bytes()).filter(|&at| begins(bytes, at)).find_map(|at| {
        let mut start = at + name.len();
        while matches!(bytes.get(start), Some(b' ' | b':')) {
            start += 1;
        }
        let quote = *bytes.get(start).filter(|byte| matches!(byte, b'\'' | b'"'))?;
        let text = word(bytes, start + 1, |byte| byte != quote && byte != b'\n');
        (bytes.get(start + 1 + text.len()) == Some(&quote)).then_some((text, start + 1))
    })
}

/// `docker.withRegistry('url', 'id')`.
fn registries(file: &File<'_>, out: &mut Out) {
    for at in finds(file.bytes, &(0..file.bytes.len()), b"withRegistry(") {
        let line = super::literal::command_line(file, at);
        let parts: Vec<&str> = line.split(['\'', '"']).collect();
        if let Some(id) = parts.get(3).filter(|_| parts.get(2).is_some_and(|between| between.trim() == ",")) {
            credential(file, id, at, Some(Kind::Password), out);
        }
    }
}

/// `withVault(… vaultSecrets: [[path: 'p', secretValues: [[envVar: 'E', vaultKey: 'k']]]])`.
fn vault(file: &File<'_>, out: &mut Out) {
    let bytes = file.bytes;
    if memchr::memmem::find(bytes, b"secretValues").is_none() {
        return;
    }
    let paths: Vec<usize> = finds(bytes, &(0..bytes.len()), b"path:").filter(|&at| begins(bytes, at)).collect();
    for (index, &at) in paths.iter().enumerate() {
        let end = paths.get(index + 1).copied().unwrap_or(bytes.len()).min(at + 4096);
        let Some((path, start)) = argument(bytes, &(at..end), "path") else { continue };
        let spot = Spot::new(file, start).used_by(consumer(file, start)).means("withVault");
        let mut named = false;
        for key in finds(bytes, &(at..end), b"vaultKey") {
            if let Some((field, _)) = argument(bytes, &(key..end), "vaultKey") {
                vaults::secret(&spot, out, path, Some(field));
                named = true;
            }
        }
        if !named && memchr::memmem::find(&bytes[at..end], b"secretValues").is_some() {
            vaults::secret(&spot, out, path, None);
        }
    }
}

/// `[secretType: 'Secret', name: 'n', …]` below `keyVaultURL: 'https://v.vault.azure.net'`.
fn key_vault(file: &File<'_>, out: &mut Out) {
    let bytes = file.bytes;
    let whole = 0..bytes.len();
    let vault = argument(bytes, &whole, "keyVaultURL").or_else(|| argument(bytes, &whole, "keyVaultURLOverride"));
    let vault = vault.and_then(|(url, _)| url.trim_start_matches("https://").split('.').next());
    for at in finds(bytes, &whole, b"secretType") {
        let end = at + memchr::memchr(b']', &bytes[at..]).unwrap_or(bytes.len() - at).min(1024);
        let Some((name, start)) = argument(bytes, &(at..end), "name") else { continue };
        let spot = Spot::new(file, start).used_by(consumer(file, start)).means("azureKeyVault");
        match vault {
            Some(vault) => azure::secret(&spot, out, vault, name),
            None => azure::secret_somewhere(&spot, out, name),
        };
    }
}

/// `withAWS(role: 'r', roleAccount: '123456789012')`: the agent's own identity takes the role on.
fn roles(file: &File<'_>, out: &mut Out) {
    let bytes = file.bytes;
    for at in finds(bytes, &(0..bytes.len()), b"withAWS(") {
        let end = at + memchr::memchr(b')', &bytes[at..]).unwrap_or(bytes.len() - at).min(1024);
        let account = argument(bytes, &(at..end), "roleAccount");
        if let Some((role, start)) = argument(bytes, &(at..end), "role") {
            let arn = match account {
                Some((account, _)) if !role.starts_with("arn:") => format!("arn:aws:iam::{account}:role/{role}"),
                _ => role.to_owned(),
            };
            let spot = Spot::new(file, start).used_by(consumer(file, start)).means("withAWS");
            aws::role(&spot, out, &arn);
        }
    }
}

/// Configuration as code: declared credentials, their values given by variables
/// (<https://github.com/jenkinsci/configuration-as-code-plugin/blob/master/docs/features/secrets.adoc>).
fn configuration(file: &File<'_>, document: &Node, out: &mut Out) {
    let Some(credentials) = document.get("credentials") else { return };
    super::spot::maps(credentials, &mut |map| {
        for pair in map.pairs() {
            let Some(id) = name_of(pair.value.get("id"), file.bytes) else { continue };
            let kind = match pair.key.as_str() {
                "usernamePassword" => Kind::Password,
                "basicSSHUserPrivateKey" => Kind::PrivateKey,
                "certificate" => Kind::Certificate,
                "aws" => Kind::ApiKey,
                "gitHubApp" | "azure" => Kind::ServiceAccount,
                "string" | "file" => Kind::CiSecret,
                _ => continue,
            };
            let spot = Spot::new(file, pair.value.place.start).means(format!("{} declared by configuration", pair.key));
            let told = variables::stored(&spot, &SETTINGS, &id, kind, out).mode(Mode::Static);
            let told = match name_of(pair.value.get("username"), file.bytes) {
                Some(user) => told.says(Field::Principal, user),
                None => told,
            };
            if let Some(scope) = name_of(pair.value.get("scope"), file.bytes) {
                told.says(Field::Scope, format!("jenkins: {scope}"));
            }
        }
    });
    // `${NAME}`: from the controller's environment or a mounted file.
    scalars(credentials, "", &mut |key, scalar| {
        let text = scalar.text(file.bytes).unwrap_or_default();
        if let Some(name) = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).filter(|name| is_name(name))
            && super::names::is_credential(if super::names::is_credential(name) { name } else { key })
        {
            let spot = Spot::new(file, scalar.place.start).means(format!("{key} of a declared credential"));
            let fingerprint = format!("jenkins-variable:{}:{name}", file.repository);
            let told = spot.note(out, FingerprintKind::Reference, fingerprint, StorageState::Unknown);
            let kind = super::names::kind(name).or_else(|| super::names::kind(key)).unwrap_or(Kind::CiSecret);
            told.says(Field::Name, name).says(Field::Kind, kind.name());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, consumers, seen};

    fn ids(text: &str) -> Vec<String> {
        seen("Jenkinsfile", text)
    }

    #[test]
    fn ids_in_every_step() {
        for (text, id) in [
            ("environment { T = credentials('a-id') }", "a-id"),
            ("withCredentials([string(credentialsId: 'a-id', variable: 'T')]) {}", "a-id"),
            ("sshagent(['a-id']) {}", "a-id"),
            ("sshagent(credentials: ['a-id']) {}", "a-id"),
            ("sshagent (credentials : [\"a-id\"])", "a-id"),
            ("git credentialsId: 'a-id', url: 'x'", "a-id"),
            ("docker.withRegistry('https://r', 'a-id') {}", "a-id"),
            ("withAWS(credentials: 'a-id', region: 'x') {}", "a-id"),
            ("scm { git { remote { credentials('a-id') } } }", "a-id"),
        ] {
            assert_eq!(ids(text), [format!("reference jenkins:o/r:{id} ci-store")], "{text}");
        }
        assert_eq!(ids("x = credentials(id); credentialsId: \"${id}\""), [""; 0]);
        assert_eq!(ids("sshagent(['a', 'b']) {}").len(), 2);
    }

    #[test]
    fn bindings_tell_kinds_and_stages_are_consumers() {
        let text = "stage('Deploy') { withCredentials([sshUserPrivateKey(credentialsId: 'k', keyFileVariable: 'F'),\n \
            usernamePassword(credentialsId: 'u', usernameVariable: 'A'), string(credentialsId: 's')]) {} }";
        let told = claims("Jenkinsfile", text);
        for wanted in
            ["kind=private-key @Jenkinsfile:1", "kind=password @Jenkinsfile:2", "kind=ci-secret @Jenkinsfile:2"]
        {
            assert!(told.contains(&wanted.to_owned()), "{wanted}: {told:?}");
        }
        assert_eq!(consumers("Jenkinsfile", text)[0], "jenkins:o/r:k: pipeline Jenkinsfile, stage Deploy");
    }

    #[test]
    fn vaults_and_roles() {
        let text = "withVault([configuration: [vaultCredentialId: 'v'], vaultSecrets: [[path: 'secret/db', secretValues: [[envVar: 'P', vaultKey: 'password']]]]]) {}";
        assert_eq!(ids(text), ["reference jenkins:o/r:v ci-store", "reference vault:secret/db#password vault"]);
        let text = "withAzureKeyvault(azureKeyVaultSecrets: [[secretType: 'Secret', name: 'db', envVariable: 'P']], keyVaultURLOverride: 'https://kv.vault.azure.net')";
        assert_eq!(ids(text), ["reference azure-keyvault:kv/db vault"]);
        let text = "withAWS(role:'deploy', roleAccount:'123456789012') {}";
        assert_eq!(ids(text), ["provider-id arn:aws:iam::123456789012:role/deploy federated"]);
    }

    #[test]
    fn configuration_as_code() {
        let text = "jenkins: {}\ncredentials:\n  system:\n    domainCredentials:\n      - credentials:\n          - usernamePassword:\n              \
            id: nexus\n              scope: GLOBAL\n              username: ci\n              password: ${NEXUS_PASSWORD}\n";
        assert_eq!(
            seen("jenkins.yaml", text),
            ["reference jenkins-variable:o/r:NEXUS_PASSWORD unknown", "reference jenkins:o/r:nexus ci-store"]
        );
        let told = claims("jenkins.yaml", text);
        assert!(told.contains(&"principal=ci @jenkins.yaml:7".to_owned()), "{told:?}");
    }

    #[test]
    fn broken_text_ends() {
        let text = "sshagent(credentials: ['a', withVault([vaultSecrets: [[path: 'p', secretValues: [[vaultKey: 'k' docker.withRegistry('x','";
        for end in 0..=text.len() {
            ids(&text[..end]);
        }
    }
}
