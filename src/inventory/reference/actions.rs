//! Actions that log in: with a static key, or by the job's own token; and actions that read vaults.
//!
//! Inputs as their `action.yml` names them: aws-actions/configure-aws-credentials, azure/login, google-github-actions/auth,
//! hashicorp/vault-action, aws-actions/aws-secretsmanager-get-secrets, Azure/get-keyvault-secrets,
//! google-github-actions/get-secretmanager-secrets, dopplerhq/secrets-fetch-action, pypa/gh-action-pypi-publish.

use super::github::Place;
use super::spot::{Spot, is_name, name_of, texts};
use super::{Out, aws, azure, gcp, managers, vaults};
use crate::format::tree::Node;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

/// What an action's input takes.
pub(super) struct Hint {
    action: &'static str,
    input: &'static str,
    pub(super) kind: Kind,
    /// Empty where the input does not tell.
    pub(super) provider: &'static str,
    /// The input names a role or an account, and the job logs in by its own token.
    pub(super) federated: bool,
    /// Why the way to log in is weak.
    pub(super) weak: Option<&'static str>,
}

const OIDC: Option<&str> = Some("a static key where the action takes the job's own token");

const fn secret(action: &'static str, input: &'static str, kind: Kind, provider: &'static str) -> Hint {
    Hint { action, input, kind, provider, federated: false, weak: None }
}

const fn weak(action: &'static str, input: &'static str, kind: Kind, provider: &'static str) -> Hint {
    Hint { action, input, kind, provider, federated: false, weak: OIDC }
}

const fn role(action: &'static str, input: &'static str, provider: &'static str) -> Hint {
    Hint { action, input, kind: Kind::WorkloadIdentity, provider, federated: true, weak: None }
}

/// By the action's name without its version, in lower case.
const HINTS: &[Hint] = &[
    weak("aws-actions/configure-aws-credentials", "aws-access-key-id", Kind::ApiKey, "aws"),
    weak("aws-actions/configure-aws-credentials", "aws-secret-access-key", Kind::ApiKey, "aws"),
    role("aws-actions/configure-aws-credentials", "role-to-assume", "aws"),
    weak("azure/login", "creds", Kind::ServiceAccount, "azure"),
    role("azure/login", "client-id", "azure"),
    weak("google-github-actions/auth", "credentials_json", Kind::ServiceAccount, "google"),
    role("google-github-actions/auth", "service_account", "google"),
    role("google-github-actions/auth", "workload_identity_provider", "google"),
    weak("google-github-actions/setup-gcloud", "service_account_key", Kind::ServiceAccount, "google"),
    weak("hashicorp/vault-action", "token", Kind::Token, "vault"),
    weak("hashicorp/vault-action", "secretid", Kind::Token, "vault"),
    weak("pypa/gh-action-pypi-publish", "password", Kind::Token, "pypi"),
    secret("docker/login-action", "password", Kind::Password, ""),
    secret("actions/create-github-app-token", "private-key", Kind::PrivateKey, "github"),
    secret("tibdex/github-app-token", "private_key", Kind::PrivateKey, "github"),
    secret("actions/checkout", "token", Kind::Token, "github"),
    secret("actions/checkout", "ssh-key", Kind::PrivateKey, "github"),
    secret("webfactory/ssh-agent", "ssh-private-key", Kind::PrivateKey, ""),
    secret("crazy-max/ghaction-import-gpg", "gpg_private_key", Kind::SigningKey, ""),
    secret("crazy-max/ghaction-import-gpg", "passphrase", Kind::Password, ""),
    secret("codecov/codecov-action", "token", Kind::Token, "codecov"),
    secret("slackapi/slack-github-action", "webhook", Kind::Webhook, "slack"),
    secret("slackapi/slack-github-action", "token", Kind::Token, "slack"),
    secret("azure/k8s-set-context", "kubeconfig", Kind::ServiceAccount, "kubernetes"),
    secret("azure/webapps-deploy", "publish-profile", Kind::Password, "azure"),
    secret("azure/functions-action", "publish-profile", Kind::Password, "azure"),
    secret("azure/static-web-apps-deploy", "azure_static_web_apps_api_token", Kind::Token, "azure"),
    secret("dopplerhq/secrets-fetch-action", "doppler-token", Kind::Token, "doppler"),
    secret("peter-evans/create-pull-request", "token", Kind::Token, "github"),
];

/// What an action's input takes, where that is known. `input` may be any key of the step.
pub(super) fn hint(action: &str, input: &str) -> Option<&'static Hint> {
    let (action, input) = (bare(action), input.to_ascii_lowercase());
    HINTS.iter().find(|hint| hint.action == action && hint.input == input)
}

/// `owner/name` of `Owner/Name@v1`.
fn bare(action: &str) -> String {
    action.split('@').next().unwrap_or(action).to_ascii_lowercase()
}

/// True for names of the keys of an AWS user.
pub(super) fn is_static_key(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.ends_with("AWS_SECRET_ACCESS_KEY") || name.ends_with("AWS_ACCESS_KEY_ID")
}

/// What the inputs of a step name besides secrets of the repository.
pub(super) fn step(place: &Place<'_>, action: &str, with: &Node, out: &mut Out) {
    let bytes = place.spot.file.bytes;
    let spot = |key: &str| {
        let at = with.get(key).map_or(with.place.start, |node| node.place.start);
        place.spot.at(at).means(format!("{}: {key}", place.what))
    };
    let input = |key: &str| name_of(with.get(key), bytes);
    match bare(action).as_str() {
        "aws-actions/configure-aws-credentials" if !with.has("aws-access-key-id") => {
            if let Some(told) = input("role-to-assume").and_then(|arn| aws::role(&spot("role-to-assume"), out, &arn)) {
                let audience = input("audience").unwrap_or("sts.amazonaws.com".into());
                told.says(Field::Tag, format!("audience={audience}"));
            }
        }
        "azure/login" if !with.has("creds") => {
            if let Some(client) = input("client-id") {
                azure::identity(&spot("client-id"), out, &client, input("tenant-id").as_deref());
            }
        }
        "google-github-actions/auth" if !with.has("credentials_json") => google(&spot, with, bytes, out),
        "hashicorp/vault-action" => vault(place, &spot, with, out),
        "aws-actions/aws-secretsmanager-get-secrets"
        | "azure/get-keyvault-secrets"
        | "google-github-actions/get-secretmanager-secrets" => cloud_secrets(&spot, &bare(action), with, bytes, out),
        "dopplerhq/secrets-fetch-action" => {
            if let (Some(project), Some(config)) = (input("doppler-project"), input("doppler-config")) {
                managers::doppler(&spot("doppler-project"), out, &project, &config);
            }
        }
        "pypa/gh-action-pypi-publish" if place.federates && !with.has("password") => {
            publisher(&spot("repository-url"), out, "pypi");
        }
        "rust-lang/crates-io-auth-action" if place.federates => publisher(&spot("url"), out, "crates"),
        _ => {}
    }
}

/// A service account of Google, or a pool that is trusted itself.
fn google<'s>(spot: &dyn Fn(&str) -> Spot<'s>, with: &Node, bytes: &[u8], out: &mut Out) {
    let input = |key: &str| name_of(with.get(key), bytes);
    let account = input("service_account");
    let pool = input("workload_identity_provider");
    match (account, pool) {
        (Some(account), pool) => {
            if let (Some(told), Some(pool)) = (gcp::account(&spot("service_account"), out, &account), pool) {
                told.says(Field::Tag, format!("audience={pool}"));
            }
        }
        (None, Some(pool)) if pool.starts_with("projects/") => {
            let pool = pool.as_ref();
            let told = spot("workload_identity_provider").note(
                out,
                FingerprintKind::ProviderId,
                pool,
                StorageState::Federated,
            );
            let told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Provider, "google");
            let account = pool.split('/').nth(1).unwrap_or_default();
            told.says(Field::ProviderAccount, account).says(Field::Principal, pool).mode(Mode::Federated);
        }
        _ => {}
    }
}

/// Actions that read the clouds' stores, each with a list of its own form.
fn cloud_secrets<'s>(spot: &dyn Fn(&str) -> Spot<'s>, action: &str, with: &Node, bytes: &[u8], out: &mut Out) {
    match action {
        "aws-actions/aws-secretsmanager-get-secrets" => {
            for (line, at) in split(with.get("secret-ids"), bytes, '\n') {
                // `NAME, id`: the name it is given to stands first. `prefix*` takes all that begin so.
                let id = line.rsplit(',').next().unwrap_or(&line).trim();
                aws::secret(&spot("secret-ids").at(at), out, id, None);
            }
        }
        "azure/get-keyvault-secrets" => {
            if let Some(vault) = name_of(with.get("keyvault"), bytes) {
                for (name, at) in split(with.get("secrets"), bytes, ',') {
                    azure::secret(&spot("secrets").at(at), out, &vault, &name);
                }
            }
        }
        _ => {
            for (line, at) in split(with.get("secrets"), bytes, '\n') {
                // `output:project/secret[/version]`, or the full name.
                let id = line.split_once(':').map_or(line.as_str(), |(_, id)| id).trim();
                let spot = spot("secrets").at(at);
                match gcp::parts(id) {
                    Some((project, name)) => gcp::secret(&spot, out, Some(project), name),
                    None => id.split_once('/').and_then(|(project, rest)| {
                        gcp::secret(&spot, out, Some(project), rest.split('/').next().unwrap_or(rest))
                    }),
                };
            }
        }
    }
}

/// A registry that trusts the workflow itself.
fn publisher(spot: &Spot<'_>, out: &mut Out, provider: &str) {
    let repository = spot.file.repository;
    let principal = format!("{repository}/{}", spot.file.path);
    let fingerprint = format!("trusted-publisher:{provider}:{principal}");
    let told = spot.note(out, FingerprintKind::Reference, fingerprint, StorageState::Federated);
    let told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Provider, provider);
    told.says(Field::Principal, principal).mode(Mode::Federated);
}

/// `secrets: path key | NAME ;` and how the action logs in.
fn vault<'s>(place: &Place<'_>, spot: &dyn Fn(&str) -> Spot<'s>, with: &Node, out: &mut Out) {
    let bytes = place.spot.file.bytes;
    let method = name_of(with.get("method"), bytes);
    if let (Some(method @ ("jwt" | "kubernetes")), Some(name)) = (method.as_deref(), name_of(with.get("role"), bytes)) {
        let path = name_of(with.get("path"), bytes);
        if let Some(told) = vaults::role(&spot("role"), out, path.as_deref().unwrap_or(method), &name)
            && let Some(url) = name_of(with.get("url"), bytes)
        {
            told.says(Field::ProviderAccount, url);
        }
    }
    for (line, at) in split(with.get("secrets"), bytes, ';') {
        let reference = line.split('|').next().unwrap_or(&line);
        let mut words = reference.split_whitespace();
        if let Some(path) = words.next() {
            vaults::secret(&spot("secrets").at(at), out, path, words.next().filter(|field| *field != "*"));
        }
    }
}

/// The parts of a block's text that are no comments, each with the offset of the line it begins on.
fn split(node: Option<&Node>, bytes: &[u8], by: char) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (text, at) in texts(node, bytes) {
        for part in text.split([by, '\n']).map(str::trim).filter(|part| !part.is_empty() && !part.starts_with('#')) {
            // The text of a block has lost its indentation: the part is looked for where it is written.
            let place = bytes.get(at..).and_then(|rest| memchr::memmem::find(rest, part.as_bytes()));
            if is_name(part.split_whitespace().next().unwrap_or_default()) || part.contains(',') {
                found.push((part.to_owned(), at + place.unwrap_or(0)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, seen};

    const PATH: &str = ".github/workflows/deploy.yml";

    fn job(step: &str) -> String {
        let step = step.replace('\n', "\n        ");
        format!("on: push\npermissions:\n  id-token: write\njobs:\n  a:\n    steps:\n      - {step}\n")
    }

    fn rows(step: &str) -> Vec<String> {
        seen(PATH, &job(step)).into_iter().filter(|row| !row.contains("GITHUB_TOKEN")).collect()
    }

    #[test]
    fn logins_by_the_job_s_own_token() {
        let role = "arn:aws:iam::123456789012:role/ci/deploy";
        let step = format!("uses: aws-actions/configure-aws-credentials@v4\nwith:\n  role-to-assume: {role}");
        assert_eq!(rows(&step), [format!("provider-id {role} federated")]);
        let told = claims(PATH, &job(&step));
        for wanted in [
            "kind=workload-identity",
            "provider=aws",
            "provider_account=123456789012",
            "name=deploy",
            "credential_mode=federated",
            "tag=audience=sts.amazonaws.com",
        ] {
            assert!(told.contains(&format!("{wanted} @{PATH}:9")), "{wanted}: {told:#?}");
        }
        let client = "00000000-1111-2222-3333-444444444444";
        let step = format!("uses: Azure/login@v2\nwith:\n  client-id: {client}\n  tenant-id: {client}");
        assert_eq!(rows(&step), [format!("provider-id azure:{client} federated")]);
        let step = "uses: google-github-actions/auth@v2\nwith:\n  workload_identity_provider: projects/1/locations/global/workloadIdentityPools/p/providers/g\n  service_account: ci@shop.iam.gserviceaccount.com";
        assert_eq!(rows(step), ["provider-id ci@shop.iam.gserviceaccount.com federated"]);
        let step = "uses: aws-actions/configure-aws-credentials@v4\nwith:\n  role-to-assume: ${{ secrets.ROLE }}";
        assert_eq!(rows(step), ["reference github-actions:o/r:ROLE federated"]);
        let step = "uses: pypa/gh-action-pypi-publish@release/v1\nwith:\n  verbose: true";
        assert_eq!(rows(step), [format!("reference trusted-publisher:pypi:o/r/{PATH} federated")]);
    }

    #[test]
    fn static_keys_are_a_weak_way() {
        for step in [
            "uses: aws-actions/configure-aws-credentials@v1\nwith:\n  aws-secret-access-key: ${{ secrets.X }}",
            "uses: azure/login@v1\nwith:\n  creds: ${{ secrets.X }}",
            "uses: google-github-actions/auth@v2\nwith:\n  credentials_json: '${{ secrets.X }}'",
            "run: x\nenv:\n  AWS_ACCESS_KEY_ID: ${{ secrets.X }}",
        ] {
            assert_eq!(rows(step), ["reference github-actions:o/r:X ci-store"], "{step}");
            assert!(claims(PATH, &job(step)).iter().any(|claim| claim.starts_with("state=weak-auth-scheme")), "{step}");
        }
    }

    #[test]
    fn actions_that_read_vaults() {
        let step = "uses: hashicorp/vault-action@v3\nwith:\n  method: jwt\n  role: ci\n  secrets: |\n    secret/data/ci/aws accessKey | KEY ;\n    secret/data/ci token";
        assert_eq!(
            rows(step),
            [
                "reference vault:auth/jwt/role/ci federated",
                "reference vault:secret/ci#token vault",
                "reference vault:secret/ci/aws#accessKey vault",
            ]
        );
        let step = "uses: aws-actions/aws-secretsmanager-get-secrets@v2\nwith:\n  secret-ids: |\n    DB, prod/db\n    prod/api";
        let rows_of = |name: &str| format!("reference aws-secretsmanager:o/r:{name} vault");
        assert_eq!(rows(step), [rows_of("prod/api"), rows_of("prod/db")]);
        let step = "uses: Azure/get-keyvault-secrets@v1\nwith:\n  keyvault: kv\n  secrets: 'a, b'";
        assert_eq!(rows(step), ["reference azure-keyvault:kv/a vault", "reference azure-keyvault:kv/b vault"]);
        let step = "uses: google-github-actions/get-secretmanager-secrets@v2\nwith:\n  secrets: |-\n    tok:shop/tok";
        assert_eq!(rows(step), ["reference gcp-secretmanager:shop/tok vault"]);
    }
}
