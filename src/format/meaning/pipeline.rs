//! Pipelines: which system's a file is, whose environment a value is part of, and the scripts in it.

use super::super::keys::KeyPath;
use super::super::kind;
use super::super::tree::{Node, Pair, Text, Value};
use super::super::walk::Out;

/// A system that runs pipelines.
pub(super) struct System {
    name: &'static str,
    /// Parts of a path that say a file is the system's: a name, or a folder with `/` behind it.
    paths: &'static [&'static str],
    /// Keys whose values are variables of what runs.
    variables: &'static [&'static str],
    /// Keys whose values are handed to a step.
    inputs: &'static [&'static str],
    /// Keys whose values are shell text.
    scripts: &'static [&'static str],
}

const SYSTEMS: &[System] = &[
    System {
        name: "GitHub Actions",
        paths: &[".github/workflows/", ".gitea/workflows/", ".forgejo/workflows/", "action.yml", "action.yaml"],
        variables: &["env"],
        inputs: &["with", "inputs", "secrets", "credentials"],
        scripts: &["run"],
    },
    System {
        name: "GitLab CI",
        paths: &[".gitlab-ci.yml", ".gitlab-ci.yaml", ".gitlab/ci/", "gitlab-ci/", ".gitlab-ci/"],
        variables: &["variables"],
        inputs: &["inputs"],
        scripts: &["script", "before_script", "after_script"],
    },
    System {
        name: "Azure Pipelines",
        paths: &["azure-pipelines", ".azuredevops/", ".azure-pipelines/", ".vsts-ci.yml"],
        variables: &["variables", "env"],
        inputs: &["inputs", "parameters"],
        scripts: &["script", "bash", "inlineScript", "inline", "pwsh", "powershell"],
    },
    System {
        name: "CircleCI",
        paths: &[".circleci/", "circle.yml"],
        variables: &["environment"],
        inputs: &["parameters", "auth", "aws_auth"],
        scripts: &["run", "command"],
    },
    System {
        name: "Bitbucket Pipelines",
        paths: &["bitbucket-pipelines.yml"],
        variables: &["variables", "environment"],
        inputs: &[],
        scripts: &["script", "after-script"],
    },
    System {
        name: "Drone",
        paths: &[".drone.yml", ".drone.yaml", ".woodpecker.yml", ".woodpecker/", ".woodpecker.yaml"],
        variables: &["environment"],
        inputs: &["settings"],
        scripts: &["commands"],
    },
    System {
        name: "Travis CI",
        paths: &[".travis.yml"],
        variables: &["env", "global", "jobs", "matrix"],
        inputs: &["deploy", "addons", "notifications"],
        scripts: &[
            "script",
            "before_script",
            "after_script",
            "install",
            "before_install",
            "after_success",
            "before_deploy",
        ],
    },
    System {
        name: "Buildkite",
        paths: &[".buildkite/", "buildkite.yml", "pipeline.buildkite.yml"],
        variables: &["env", "environment"],
        inputs: &["plugins"],
        scripts: &["command", "commands"],
    },
    System {
        name: "AppVeyor",
        paths: &["appveyor.yml", ".appveyor.yml"],
        variables: &["environment", "global"],
        inputs: &["deploy", "notifications"],
        scripts: &["build_script", "test_script", "install", "before_build", "after_build", "deploy_script", "sh"],
    },
    System {
        name: "Cloud Build",
        paths: &["cloudbuild.yaml", "cloudbuild.yml", "cloudbuild.json"],
        variables: &["env", "substitutions"],
        inputs: &["args"],
        scripts: &["script"],
    },
    System {
        name: "AWS CodeBuild",
        paths: &["buildspec.yml", "buildspec.yaml"],
        variables: &["variables"],
        inputs: &[],
        scripts: &["commands"],
    },
    System {
        name: "Semaphore",
        paths: &[".semaphore/"],
        variables: &["env_vars"],
        inputs: &[],
        scripts: &["commands"],
    },
    System {
        name: "Concourse",
        paths: &["concourse/", "ci/pipeline.yml"],
        variables: &["params"],
        inputs: &["source"],
        scripts: &[],
    },
    System {
        name: "Jenkins configuration",
        paths: &["jenkins.yaml", "jenkins.yml", "casc/", "jcasc/", "casc_configs/"],
        variables: &["credentials"],
        inputs: &["securityRealm", "unclassified"],
        scripts: &["script"],
    },
];

/// Keys below which every key is a name of something that runs.
const GROUPS: &[&str] =
    &["jobs", "stages", "tasks", "steps", "executors", "templates", "services", "workflows", "commands"];
/// Keys whose text names what they stand in.
const NAMES: &[&str] = &["name", "id", "job", "stage", "task", "displayName", "label", "uses", "key"];
const MAX_DEPTH: usize = 24;

/// The system whose file it is, by its path in lower case.
fn by_path(path: &str) -> Option<&'static System> {
    let name = kind::last_part(path);
    let fits = |part: &&'static str| match part.strip_suffix('/') {
        Some(_) => kind::has_folder(path, part),
        None => name == *part || name.starts_with(*part) && name[part.len()..].starts_with(['.', '-', '_']),
    };
    SYSTEMS.iter().find(|system| system.paths.iter().any(&fits))
}

/// The name of the system whose pipelines a file defines, by its path in lower case.
pub fn system(path: &str) -> Option<&'static str> {
    by_path(path).map(|system| system.name)
}

pub(super) fn of(path: &str, document: &Node) -> Option<&'static System> {
    let by_name = |name: &str| SYSTEMS.iter().find(|system| system.name == name);
    by_path(path).or_else(|| {
        // A workflow under another path: a template, a test's folder.
        let workflow = document.has("jobs") && (document.has("on") || document.has("permissions"));
        if workflow || document.at(&["runs", "using"]).is_some() {
            by_name("GitHub Actions")
        } else if document.has("jenkins") && (document.has("credentials") || document.has("unclassified")) {
            by_name("Jenkins configuration")
        } else {
            None
        }
    })
}

pub(super) fn read(system: &'static System, text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    if system.name == "Drone" {
        drone(text, document, out);
    }
    if system.name == "Cloud Build" {
        for secret in document.get("secrets").map(Node::items).unwrap_or_default() {
            if let Some(sealed) = secret.get("secretEnv") {
                out.no_secret(text, &sealed.place, "ciphertext of Cloud KMS");
            }
        }
        if let Some(stored) = document.get("availableSecrets") {
            out.no_secret(text, &stored.place, "it names secrets of Secret Manager");
        }
    }
    let walk = Walk { system, gitlab: system.name == "GitLab CI" };
    walk.node(text, document, "", &mut KeyPath::default(), out);
}

/// Drone's own secrets and signatures: ciphertext and a checksum.
fn drone(text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    match document.text_of("kind", text.bytes).as_deref() {
        Some("secret") => {
            for key in ["data", "get"] {
                if let Some(node) = document.get(key) {
                    out.no_secret(text, &node.place, "ciphertext of a Drone secret, or where it is kept");
                }
            }
        }
        Some("signature") => {
            if let Some(node) = document.get("hmac") {
                out.no_secret(text, &node.place, "a signature of the pipeline");
            }
        }
        _ => {}
    }
}

struct Walk {
    system: &'static System,
    gitlab: bool,
}

impl Walk {
    fn node(&self, text: &Text<'_>, node: &Node, owner: &str, path: &mut KeyPath, out: &mut Out<'_>) {
        if path.depth() > MAX_DEPTH {
            return;
        }
        match &node.value {
            Value::Map(pairs) => {
                for pair in pairs {
                    self.pair(text, pair, owner, path, out);
                }
            }
            Value::List(items) => {
                let group = path.last().to_owned();
                for item in items {
                    let named = NAMES.iter().find_map(|key| item.text_of(key, text.bytes));
                    let own = named.map(|name| format!("{} \"{name}\"", singular(&group)));
                    path.push("");
                    self.node(text, item, own.as_deref().unwrap_or(owner), path, out);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn pair(&self, text: &Text<'_>, pair: &Pair, owner: &str, path: &mut KeyPath, out: &mut Out<'_>) {
        let (system, key) = (self.system, pair.key.as_str());
        let of = if owner.is_empty() { String::new() } else { format!(" of {owner}") };
        let group = path.last();
        let own = if GROUPS.contains(&group) && !key.is_empty() {
            Some(format!("{} \"{key}\"", singular(group)))
        } else if self.gitlab && path.depth() == 0 && pair.value.has("script") {
            Some(format!("job \"{key}\""))
        } else {
            None
        };
        if matches!(key, "permissions" | "uses" | "image" | "cache") {
            out.no_secret(text, &pair.value.place, "it holds no values");
            return;
        }
        if own.is_none() && (system.variables.contains(&key) || system.inputs.contains(&key)) {
            out.means(text, &pair.value.place, format_args!("{}: {key}{of}", system.name));
        }
        if system.scripts.contains(&key) && self.script(text, pair, &of, path, out) {
            return;
        }
        path.push(&pair.key);
        self.node(text, &pair.value, own.as_deref().unwrap_or(owner), path, out);
        path.pop();
    }

    /// Text for a shell. False where a map stands in its place.
    fn script(&self, text: &Text<'_>, pair: &Pair, of: &str, path: &mut KeyPath, out: &mut Out<'_>) -> bool {
        let lines: Vec<&Node> = match &pair.value.value {
            Value::Scalar(_) => vec![&pair.value],
            // Of a list with references or nested lists in it, what is text.
            Value::List(items) if items.iter().any(|item| item.scalar().is_some()) => items.iter().collect(),
            _ => return false,
        };
        for line in lines {
            out.means(text, &line.place, format_args!("{}: {}{of}", self.system.name, pair.key));
            path.push(&pair.key);
            out.shell(text, line, path);
            path.pop();
        }
        true
    }
}

/// `job` of `jobs`.
fn singular(group: &str) -> &str {
    match group {
        "" => "step",
        "commands" => "command",
        _ => group.strip_suffix('s').unwrap_or(group),
    }
}
