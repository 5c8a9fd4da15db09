//! `CircleCI`, Bitbucket, Buildkite, Drone and Woodpecker, Travis, AWS `CodeBuild` and Google Cloud Build: the systems whose
//! references are few.
//!
//! Forms: <https://circleci.com/docs/contexts/>, <https://support.atlassian.com/bitbucket-cloud/docs/step-options/> (`oidc`),
//! <https://buildkite.com/docs/pipelines/security/secrets/buildkite-secrets>, <https://woodpecker-ci.org/docs/usage/secrets>,
//! <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>,
//! <https://cloud.google.com/build/docs/securing-builds/use-secrets>.

use std::collections::BTreeSet;

use super::spot::{Spot, is_name, is_true, maps, name_of, texts};
use super::variables::{self, Settings};
use super::{File, Out, aws, gcp, vaults};
use crate::format::tree::Node;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

const CONTEXTS: Settings = Settings { id: "circleci-context", store: "CircleCI contexts" };
const CIRCLE: Settings = Settings { id: "circleci", store: "CircleCI environment variables" };
const BITBUCKET: Settings = Settings { id: "bitbucket", store: "Bitbucket Pipelines variables" };
const BUILDKITE: Settings = Settings { id: "buildkite", store: "Buildkite secrets" };
const DRONE: Settings = Settings { id: "drone", store: "Drone secrets" };
const TRAVIS: Settings = Settings { id: "travis", store: "Travis CI settings" };

pub(super) fn wants(path: &str) -> bool {
    reader(path).is_some()
}

fn reader(path: &str) -> Option<fn(&Pipeline<'_>, &Node, &mut Out)> {
    Some(match super::system(path)? {
        "CircleCI" => circle,
        "Bitbucket Pipelines" => bitbucket,
        "Buildkite" => buildkite,
        "Drone" => drone,
        "Travis CI" => travis,
        "AWS CodeBuild" => code_build,
        "Cloud Build" => cloud_build,
        _ => return None,
    })
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let (Some((_, documents)), Some(read)) = (file.trees(), reader(file.path)) else { return };
    let spot = Spot::new(file, 0).used_by(format!("pipeline {}", file.path));
    let pipeline = Pipeline { spot, defined: variables::defined(file, documents) };
    for document in documents {
        read(&pipeline, document, out);
    }
}

struct Pipeline<'a> {
    spot: Spot<'a>,
    /// Variables that the file gives values to.
    defined: BTreeSet<String>,
}

impl<'a> Pipeline<'a> {
    fn bytes(&self) -> &'a [u8] {
        self.spot.file.bytes
    }

    /// A part of the pipeline that has a name.
    fn part(&self, kind: &str, name: &str) -> Spot<'a> {
        self.spot.used_by(format!("pipeline {}, {kind} {name}", self.spot.file.path))
    }
}

/// An identity token that a job may ask for.
fn token(spot: &Spot<'_>, system: &str, name: &str, out: &mut Out) {
    let fingerprint = format!("{system}-oidc:{}:{name}", spot.file.repository);
    let told = spot.note(out, FingerprintKind::Reference, fingerprint, StorageState::Federated);
    let told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Provider, system);
    told.says(Field::Name, name).mode(Mode::Federated);
}

/// `workflows.W.jobs[].J.context`, variables of the project, `$CIRCLE_OIDC_TOKEN`.
fn circle(pipeline: &Pipeline<'_>, document: &Node, out: &mut Out) {
    let bytes = pipeline.bytes();
    for workflow in document.get("workflows").map(Node::pairs).unwrap_or_default() {
        for job in workflow.value.get("jobs").map(Node::items).unwrap_or_default().iter().flat_map(Node::pairs) {
            for (context, at) in texts(job.value.get("context"), bytes).into_iter().filter(|(name, _)| is_name(name)) {
                let spot = pipeline.part("job", &job.key).at(at).means(format!("workflow {}: context", workflow.key));
                let spot = spot.for_environment(super::environment::of_name(&context));
                variables::stored(&spot, &CONTEXTS, &context, Kind::CiSecret, out);
            }
        }
    }
    let groups = ["jobs", "commands", "executors"].iter().filter_map(|group| document.get(group));
    for pair in groups.flat_map(Node::pairs) {
        let spot = pipeline.part("job", &pair.key);
        variables::note(&spot, &CIRCLE, &pair.value, &with_own(&pipeline.defined), out);
        for (name, at) in variables::used(bytes, &pair.value) {
            if name.starts_with("CIRCLE_OIDC_TOKEN") {
                token(&spot.at(at), "circleci", name, out);
            }
        }
    }
}

/// With the tokens that are no variables of the settings.
fn with_own(defined: &BTreeSet<String>) -> BTreeSet<String> {
    let own = ["CIRCLE_OIDC_TOKEN", "CIRCLE_OIDC_TOKEN_V2", "BITBUCKET_STEP_OIDC_TOKEN"];
    defined.iter().cloned().chain(own.map(str::to_owned)).collect()
}

/// `step: {name, deployment, oidc, script}` wherever it stands.
fn bitbucket(pipeline: &Pipeline<'_>, document: &Node, out: &mut Out) {
    let bytes = pipeline.bytes();
    let defined = with_own(&pipeline.defined);
    let mut index = 0;
    maps(document, &mut |map| {
        let Some(step) = map.get("step") else { return };
        index += 1;
        let name = step.get("name").and_then(|name| name.text(bytes));
        let name = name.map_or_else(|| index.to_string(), std::borrow::Cow::into_owned);
        let deployment = name_of(step.get("deployment"), bytes);
        let spot = pipeline.part("step", &name).for_environment(deployment.as_deref());
        if is_true(step.get("oidc"), bytes) {
            token(&spot.at(step.place.start).means("oidc: true"), "bitbucket", "BITBUCKET_STEP_OIDC_TOKEN", out);
        }
        variables::note(&spot, &BITBUCKET, step, &defined, out);
    });
}

/// `secrets: [NAME]` or `secrets: {ENV: name}`, and the plugins that read stores.
fn buildkite(pipeline: &Pipeline<'_>, document: &Node, out: &mut Out) {
    let bytes = pipeline.bytes();
    let secret = |spot: &Spot<'_>, name: &str, out: &mut Out| {
        if is_name(name) {
            variables::stored(spot, &BUILDKITE, name, Kind::CiSecret, out).mode(Mode::Static);
        }
    };
    maps(document, &mut |map| {
        let label = ["label", "key", "name"].iter().find_map(|key| map.get(key)?.text(bytes));
        let spot = label.map_or_else(|| pipeline.spot.clone(), |label| pipeline.part("step", &label));
        if let Some(secrets) =
            map.get("secrets").filter(|_| map.has("steps") || map.has("command") || map.has("commands"))
        {
            for (name, at) in texts(Some(secrets), bytes) {
                secret(&spot.at(at).means("secrets"), &name, out);
            }
            for pair in secrets.pairs() {
                if let Some(name) = name_of(Some(&pair.value), bytes) {
                    secret(&spot.at(pair.value.place.start).means(format!("secrets.{}", pair.key)), &name, out);
                }
            }
        }
        let plugins = map.get("plugins");
        let listed = plugins.map(Node::items).unwrap_or_default().iter().flat_map(Node::pairs);
        for plugin in listed.chain(plugins.map(Node::pairs).unwrap_or_default()) {
            let name = plugin.key.split('#').next().unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or(name).trim_end_matches("-buildkite-plugin");
            let spot = spot.at(plugin.value.place.start).means(format!("plugin {name}"));
            match name {
                "secrets" if plugin.value.get("provider").is_none() => {
                    for pair in plugin.value.get("variables").map(Node::pairs).unwrap_or_default() {
                        if let Some(name) = name_of(Some(&pair.value), bytes) {
                            secret(&spot, &name, out);
                        }
                    }
                    if let Some(name) = name_of(plugin.value.get("env"), bytes) {
                        secret(&spot, &name, out);
                    }
                }
                "vault-secrets" => {
                    for (path, at) in texts(plugin.value.get("path"), bytes) {
                        vaults::secret(&spot.at(at), out, &path, None);
                    }
                }
                "aws-assume-role-with-web-identity" => {
                    if let Some(arn) = name_of(plugin.value.get("role-arn"), bytes) {
                        aws::role(&spot, out, &arn);
                    }
                }
                _ => {}
            }
        }
    });
}

/// `from_secret: name`; `secrets: [a, {source: b, target: C}]` of steps; `kind: secret` with where it is read.
fn drone(pipeline: &Pipeline<'_>, document: &Node, out: &mut Out) {
    let bytes = pipeline.bytes();
    let secret = |spot: &Spot<'_>, name: &str, out: &mut Out| {
        // Names know no case.
        let name = name.to_ascii_lowercase();
        if is_name(&name) {
            variables::stored(spot, &DRONE, &name, Kind::CiSecret, out).mode(Mode::Static);
        }
    };
    if name_of(document.get("kind"), bytes).as_deref() == Some("secret") {
        let name = name_of(document.get("name"), bytes).unwrap_or_default();
        let spot = pipeline.spot.at(document.place.start).means(format!("secret {name}"));
        if let Some(path) = name_of(document.at(&["get", "path"]), bytes) {
            vaults::secret(&spot, out, &path, name_of(document.at(&["get", "name"]), bytes).as_deref());
        } else if document.has("data") {
            let fingerprint = format!("{}:{}:{name}", DRONE.id, spot.file.repository);
            let told = spot.named(out, fingerprint, StorageState::EncryptedFile, &name, Some(Kind::CiSecret));
            told.says(Field::Encrypted, "yes").mode(Mode::Static);
        }
        return;
    }
    maps(document, &mut |map| {
        for pair in map.pairs() {
            if let Some(name) = name_of(pair.value.get("from_secret"), bytes) {
                let spot = pipeline.spot.at(pair.value.place.start).means(format!("{}: from_secret", pair.key));
                secret(&spot, &name, out);
            }
        }
        let spot =
            name_of(map.get("name"), bytes).map_or_else(|| pipeline.spot.clone(), |name| pipeline.part("step", &name));
        let Some(secrets) = map.get("secrets").filter(|_| map.has("image")) else { return };
        for item in secrets.items() {
            let name = name_of(Some(item), bytes).or_else(|| name_of(item.get("source"), bytes));
            if let Some(name) = name {
                secret(&spot.at(item.place.start).means("secrets"), &name, out);
            }
        }
    });
}

/// `secure: "…"`: a value that Travis' key of the repository opens; and variables of the settings.
fn travis(pipeline: &Pipeline<'_>, document: &Node, out: &mut Out) {
    for top in document.pairs() {
        let mut index = 0;
        let mut see = |name: &str, at: usize| {
            index += 1;
            let spot = pipeline.spot.at(at).means(format!("{name}: encrypted"));
            let fingerprint = format!("travis-secure:{}:{}:{name}:{index}", spot.file.repository, spot.file.path);
            let told = spot.named(out, fingerprint, StorageState::EncryptedFile, name, Some(Kind::CiSecret));
            told.says(Field::Encrypted, "yes").says(Field::Vault, "Travis CI repository key").mode(Mode::Static);
        };
        sealed(&top.value, &top.key, &mut see);
        variables::note(&pipeline.spot, &TRAVIS, &top.value, &pipeline.defined, out);
    }
}

/// Every `secure:` below a node with the key it is the value of.
fn sealed(node: &Node, key: &str, see: &mut dyn FnMut(&str, usize)) {
    if let Some(value) = node.get("secure").filter(|value| value.scalar().is_some()) {
        see(key, value.place.start);
    }
    for item in node.items() {
        sealed(item, key, see);
    }
    for pair in node.pairs() {
        sealed(&pair.value, &pair.key, see);
    }
}

/// `env: secrets-manager: NAME: id:key`, `env: parameter-store: NAME: name`.
fn code_build(pipeline: &Pipeline<'_>, document: &Node, out: &mut Out) {
    let bytes = pipeline.bytes();
    for (group, manager) in [("secrets-manager", true), ("parameter-store", false)] {
        for pair in document.at(&["env", group]).map(Node::pairs).unwrap_or_default() {
            let Some(text) = name_of(Some(&pair.value), bytes) else { continue };
            let spot = pipeline.spot.at(pair.value.place.start).means(format!("env.{group}.{}", pair.key));
            if !manager {
                aws::parameter(&spot, out, &text);
            } else if text.starts_with("arn:") {
                aws::secret(&spot, out, &text, None);
            } else {
                let mut parts = text.split(':');
                let id = parts.next().unwrap_or_default();
                aws::secret(&spot, out, id, parts.next().filter(|key| !key.is_empty()));
            }
        }
    }
}

/// `availableSecrets.secretManager[]{versionName, env}` and the service account that builds.
fn cloud_build(pipeline: &Pipeline<'_>, document: &Node, out: &mut Out) {
    let bytes = pipeline.bytes();
    for item in document.at(&["availableSecrets", "secretManager"]).map(Node::items).unwrap_or_default() {
        let name = item.get("versionName").and_then(|name| name.text(bytes)).unwrap_or_default();
        // `projects/$PROJECT_ID/secrets/NAME/versions/latest`: the project is the build's own.
        let Some((project, secret)) = gcp::parts(&name) else { continue };
        let spot = pipeline.spot.at(item.place.start).means("availableSecrets");
        gcp::secret(&spot, out, is_name(project).then_some(project), secret);
    }
    if let Some(account) = name_of(document.get("serviceAccount"), bytes) {
        let mail = account.rsplit('/').next().unwrap_or(&account);
        let at = document.get("serviceAccount").map_or(0, |node| node.place.start);
        gcp::account(&pipeline.spot.at(at).means("serviceAccount"), out, mail);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{consumers, seen};

    #[test]
    fn every_system() {
        for (path, text, wanted) in [
            (
                ".circleci/config.yml",
                "jobs:\n  build:\n    steps:\n      - run: x $NPM_TOKEN $CIRCLE_OIDC_TOKEN\nworkflows:\n  w:\n    jobs:\n      - build:\n          context: [org, prod]\n",
                &[
                    "circleci-context:o/r:org ci-store",
                    "circleci-context:o/r:prod ci-store",
                    "circleci-oidc:o/r:CIRCLE_OIDC_TOKEN federated",
                    "circleci:o/r:NPM_TOKEN ci-store",
                ][..],
            ),
            (
                "bitbucket-pipelines.yml",
                "pipelines:\n  default:\n    - step:\n        name: Up\n        oidc: true\n        script: [x $DB_PASSWORD]\n",
                &["bitbucket-oidc:o/r:BITBUCKET_STEP_OIDC_TOKEN federated", "bitbucket:o/r:DB_PASSWORD ci-store"],
            ),
            (
                ".buildkite/pipeline.yml",
                "steps:\n  - label: a\n    command: x\n    secrets: [API_KEY]\n    plugins:\n      - vault-secrets#v2:\n          path: secret/data/a\n      - secrets#v1:\n          variables:\n            ANY: other\n",
                &["buildkite:o/r:API_KEY ci-store", "buildkite:o/r:other ci-store", "vault:secret/a vault"],
            ),
            (
                ".drone.yml",
                "kind: pipeline\nsteps:\n  - name: a\n    image: x\n    secrets: [ONE]\n    settings:\n      token:\n        from_secret: Two\n---\nkind: secret\nname: t\nget:\n  path: secret/data/d\n  name: token\n",
                &["drone:o/r:one ci-store", "drone:o/r:two ci-store", "vault:secret/d#token vault"],
            ),
            (
                ".travis.yml",
                "env:\n  global:\n    - secure: \"abc=\"\ndeploy:\n  api_key:\n    secure: def\n  token: $NPM_TOKEN\n",
                &[
                    "travis-secure:o/r:.travis.yml:api_key:1 encrypted-file",
                    "travis-secure:o/r:.travis.yml:global:1 encrypted-file",
                    "travis:o/r:NPM_TOKEN ci-store",
                ],
            ),
            (
                "buildspec.yml",
                "env:\n  secrets-manager:\n    P: prod/db:password\n  parameter-store:\n    Q: /p/q\n",
                &["aws-secretsmanager:o/r:prod/db#password vault", "aws-ssm:o/r:/p/q vault"],
            ),
            (
                "cloudbuild.yaml",
                "availableSecrets:\n  secretManager:\n    - versionName: projects/$PROJECT_ID/secrets/db/versions/latest\n      env: P\n",
                &["gcp-secretmanager:o/r:db vault"],
            ),
        ] {
            let mut wanted: Vec<String> = wanted.iter().map(|row| format!("reference {row}")).collect();
            wanted.sort();
            assert_eq!(seen(path, text), wanted, "{path}");
        }
        let text = "pipelines:\n  default:\n    - step:\n        name: Up\n        script: [x $DB_PASSWORD]\n";
        assert_eq!(
            consumers("bitbucket-pipelines.yml", text),
            ["bitbucket:o/r:DB_PASSWORD: pipeline bitbucket-pipelines.yml, step Up"]
        );
    }
}
