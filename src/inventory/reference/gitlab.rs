//! GitLab CI: variables of the settings, tokens of jobs, and secrets of vaults.
//!
//! Keywords: <https://docs.gitlab.com/ci/yaml/#secrets>, <https://docs.gitlab.com/ci/yaml/#id_tokens>; job tokens:
//! <https://docs.gitlab.com/ci/jobs/ci_job_token/>.

use super::spot::{Spot, is_name, name_of, texts};
use super::variables::{self, Settings};
use super::{File, Out, aws, azure, gcp, vaults};
use crate::format::tree::Node;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

const SETTINGS: Settings = Settings { id: "gitlab-ci", store: "GitLab CI/CD variables" };

/// Variables that GitLab makes for each job, and the credential behind them
/// (<https://docs.gitlab.com/ci/variables/predefined_variables/>).
const OWN: &[&str] =
    &["CI_JOB_TOKEN", "CI_REGISTRY_PASSWORD", "CI_DEPENDENCY_PROXY_PASSWORD", "CI_JOB_JWT", "CI_JOB_JWT_V2"];

pub(super) fn wants(path: &str) -> bool {
    super::system(path) == Some("GitLab CI")
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let Some((_, documents)) = file.trees() else { return };
    let defined = variables::defined(file, documents);
    for pair in documents.iter().flat_map(Node::pairs) {
        let environment = pair.value.get("environment");
        let environment =
            environment.and_then(|node| node.text(file.bytes).or_else(|| node.get("name")?.text(file.bytes)));
        let spot = Spot::new(file, pair.value.place.start).for_environment(environment.as_deref());
        let job = Job { spot: spot.used_by(format!("pipeline {}, job {}", file.path, pair.key)), name: &pair.key };
        job.tokens(pair.value.get("id_tokens"), out);
        job.secrets(pair.value.get("secrets"), out);
        for (name, at) in variables::used(file.bytes, &pair.value) {
            if OWN.contains(&name) {
                let told = variables::stored(&job.at(at, name), &SETTINGS, name, Kind::Token, out);
                told.says(Field::Provider, "gitlab").mode(Mode::ShortLived);
            }
        }
        let mut known = defined.clone();
        known.extend(OWN.iter().map(|name| (*name).to_owned()));
        variables::note(&job.spot, &SETTINGS, &pair.value, &known, out);
    }
}

struct Job<'a> {
    spot: Spot<'a>,
    name: &'a str,
}

impl Job<'_> {
    fn at(&self, at: usize, what: &str) -> Spot<'_> {
        self.spot.at(at).means(format!("job {}: {what}", self.name))
    }

    /// `id_tokens: NAME: aud: …`: the job proves who it is.
    fn tokens(&self, node: Option<&Node>, out: &mut Out) {
        for pair in node.map(Node::pairs).unwrap_or_default() {
            let spot = self.at(pair.value.place.start, &format!("id_tokens.{}", pair.key));
            let fingerprint = format!("gitlab-oidc:{}:{}", spot.file.repository, pair.key);
            let mut told = spot.note(out, FingerprintKind::Reference, fingerprint, StorageState::Federated);
            told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Provider, "gitlab");
            told = told.says(Field::Name, pair.key.as_str()).mode(Mode::Federated);
            for (audience, _) in texts(pair.value.get("aud"), spot.file.bytes) {
                told = told.says(Field::Tag, format!("audience={audience}"));
            }
        }
    }

    /// `secrets: NAME: vault: …` and the other stores.
    fn secrets(&self, node: Option<&Node>, out: &mut Out) {
        let bytes = self.spot.file.bytes;
        for pair in node.map(Node::pairs).unwrap_or_default() {
            let spot = self.at(pair.value.place.start, &format!("secrets.{}", pair.key));
            for store in pair.value.pairs() {
                let of = |key: &str| name_of(store.value.get(key), bytes);
                let text = name_of(Some(&store.value), bytes);
                match (store.key.as_str(), text) {
                    ("vault", Some(text)) => short(&spot, &text, out),
                    ("vault", None) => {
                        let engine = name_of(store.value.at(&["engine", "path"]), bytes);
                        if let (Some(path), field) = (of("path"), of("field")) {
                            let mount = engine.as_deref().unwrap_or("kv-v2");
                            vaults::secret(&spot, out, &format!("{mount}/{path}"), field.as_deref());
                        }
                    }
                    // The vault's address is a variable of the settings.
                    ("azure_key_vault", _) => {
                        drop(of("name").and_then(|name| azure::secret_somewhere(&spot, out, &name)));
                    }
                    ("gcp_secret_manager", _) => drop(of("name").and_then(|name| gcp::secret(&spot, out, None, &name))),
                    ("aws_secrets_manager", Some(text)) => {
                        let (id, field) =
                            text.split_once('#').map_or((text.as_ref(), None), |(id, field)| (id, Some(field)));
                        aws::secret(&spot, out, id, field);
                    }
                    ("aws_secrets_manager", None) => {
                        drop(of("secret_id").and_then(|id| aws::secret(&spot, out, &id, of("field").as_deref())));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// `production/db/password@ops`: path, field, and the engine's path; without it the engine is `kv-v2`.
fn short(spot: &Spot<'_>, text: &str, out: &mut Out) {
    let (rest, engine) = text.split_once('@').unwrap_or((text, "kv-v2"));
    if let Some((path, field)) = rest.rsplit_once('/')
        && is_name(engine)
    {
        vaults::secret(spot, out, &format!("{engine}/{path}"), Some(field));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, consumers, seen};

    const PATH: &str = ".gitlab-ci.yml";

    #[test]
    fn vaults_in_every_form() {
        let text = "deploy:\n  id_tokens:\n    T:\n      aud: https://v\n  secrets:\n    A:\n      vault: production/db/password@ops\n    \
            B:\n      vault:\n        engine: {name: kv-v2, path: ops}\n        path: production/db\n        field: password\n    C:\n      \
            token: $T\n      azure_key_vault: {name: c}\n    D:\n      gcp_secret_manager: {name: d, version: 1}\n    E:\n      \
            aws_secrets_manager: 'e#password'\n  script: [x]\n";
        assert_eq!(
            seen(PATH, text),
            [
                "reference aws-secretsmanager:o/r:e#password vault",
                "reference azure-keyvault:o/r:c vault",
                "reference gcp-secretmanager:o/r:d vault",
                "reference gitlab-oidc:o/r:T federated",
                "reference vault:ops/production/db#password vault",
            ]
        );
        assert!(claims(PATH, text).contains(&"tag=audience=https://v @.gitlab-ci.yml:4".to_owned()));
    }

    #[test]
    fn variables_of_the_settings() {
        let text = "variables:\n  MY_TOKEN: x\ndeploy:\n  environment:\n    name: staging\n  script:\n    - PASSWORD=$(make)\n    \
            - use $DEPLOY_TOKEN ${MY_TOKEN} $PASSWORD $CI_JOB_TOKEN $HOME\n";
        assert_eq!(
            seen(PATH, text),
            ["reference gitlab-ci:o/r:CI_JOB_TOKEN ci-store", "reference gitlab-ci:o/r:DEPLOY_TOKEN ci-store"]
        );
        assert_eq!(consumers(PATH, text)[1], "gitlab-ci:o/r:DEPLOY_TOKEN: pipeline .gitlab-ci.yml, job deploy");
        let told = claims(PATH, text);
        assert!(told.contains(&"environment=staging @.gitlab-ci.yml:8".to_owned()), "{told:?}");
        assert!(told.contains(&"credential_mode=short-lived @.gitlab-ci.yml:8".to_owned()));
    }
}
