//! Which commits a CI event is about: base and head from what the service says in its environment.
//!
//! Pure: the command line hands in variables and GitHub's event file. Several bases are given where the first may not be
//! in the clone (a force push leaves its old head behind); the first that is there is taken.

use serde_json::Value;

/// What to scan, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The service.
    pub service: &'static str,
    /// The event, in the service's own word.
    pub event: String,
    /// Revisions that may be the base, the best first. Without any, the head's whole tree is scanned.
    pub bases: Vec<String>,
    /// Revisions that may be the head, the best first.
    pub heads: Vec<String>,
    /// A base that holds the head already is no mistake (a new branch without commits of its own): the tree is scanned.
    pub may_be_empty: bool,
    /// Why, in a sentence.
    pub why: String,
}

/// What a service says.
pub struct Environment<'a> {
    /// A variable that is set and not empty.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The content of `GITHUB_EVENT_PATH`.
    pub payload: Option<&'a Value>,
}

/// The choice for the service at work; `None` where none is known.
pub fn choose(environment: &Environment<'_>) -> Option<Choice> {
    let is = |name: &str| environment.get(name).is_some();
    // Buildkite and others can run inside of one another's images; each sets a variable that is its own.
    if is("GITHUB_ACTIONS") {
        Some(github(environment))
    } else if is("GITLAB_CI") {
        Some(gitlab(environment))
    } else if is("TF_BUILD") {
        Some(azure(environment))
    } else if is("BITBUCKET_BUILD_NUMBER") {
        Some(bitbucket(environment))
    } else if is("CIRCLECI") {
        Some(circle(environment))
    } else if is("BUILDKITE") {
        Some(buildkite(environment))
    } else if is("JENKINS_URL") {
        Some(jenkins(environment))
    } else {
        None
    }
}

impl Environment<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// A text of the event file, by its JSON pointer.
    fn told(&self, pointer: &str) -> Option<String> {
        self.payload?.pointer(pointer)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

/// An id of zeros stands for "there was none".
fn is_none(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

/// The remote's branch, and the local one where there is no remote's.
fn branch(name: &str) -> [String; 2] {
    let name = name.strip_prefix("refs/heads/").unwrap_or(name);
    [format!("refs/remotes/origin/{name}"), format!("refs/heads/{name}")]
}

/// The branch that others begin at: named by the service, or what the clone knows of it.
fn default_branch(named: Option<String>) -> Vec<String> {
    match named {
        Some(name) => branch(&name).to_vec(),
        None => ["HEAD", "main", "master"].map(|name| format!("refs/remotes/origin/{name}")).to_vec(),
    }
}

/// The parts of a choice that differ.
struct Parts {
    event: String,
    bases: Vec<String>,
    heads: Vec<String>,
    may_be_empty: bool,
    why: String,
}

impl Parts {
    fn of(self, service: &'static str) -> Choice {
        let mut heads = self.heads;
        heads.push("HEAD".to_owned());
        heads.dedup();
        Choice { service, event: self.event, bases: self.bases, heads, may_be_empty: self.may_be_empty, why: self.why }
    }
}

/// Base and head are both told.
fn between(event: &str, bases: impl Into<Vec<String>>, head: Option<String>, why: &str) -> Parts {
    Parts {
        event: event.to_owned(),
        bases: bases.into(),
        heads: head.into_iter().collect(),
        may_be_empty: false,
        why: why.to_owned(),
    }
}

/// Nothing is compared.
fn tree(event: &str, head: Option<String>, why: &str) -> Parts {
    between(event, [], head, &format!("{why}: the whole tree is scanned"))
}

/// What a push adds: behind the old head, else behind the default branch.
fn push(event: &str, before: Option<String>, head: Option<String>, default: Vec<String>) -> Parts {
    match before {
        Some(before) if !is_none(&before) => {
            let mut bases = vec![before];
            bases.extend(default);
            let why =
                "a push: from the branch's old head; where a force push left that behind, from the default branch";
            between(event, bases, head, why)
        }
        before => {
            let why = if before.is_some() {
                "a new branch: from the default branch"
            } else {
                "the service does not say where the branch was before: from the default branch"
            };
            Parts { may_be_empty: true, ..between(event, default, head, why) }
        }
    }
}

fn github(environment: &Environment<'_>) -> Choice {
    let event = environment.get("GITHUB_EVENT_NAME").unwrap_or_default();
    let sha = environment.get("GITHUB_SHA");
    let default = || default_branch(environment.told("/repository/default_branch"));
    let is_tag = environment.get("GITHUB_REF").is_some_and(|name| name.starts_with("refs/tags/"));
    let parts = match event.as_str() {
        "pull_request" | "pull_request_target" | "pull_request_review" => {
            let mut bases: Vec<String> = environment.told("/pull_request/base/sha").into_iter().collect();
            bases.extend(environment.get("GITHUB_BASE_REF").iter().flat_map(|name| branch(name)));
            let head = environment.told("/pull_request/head/sha");
            let why = if event == "pull_request_target" {
                "a pull request: from its base to its head, which this event does not check out by itself"
            } else {
                "a pull request: from its base to its head"
            };
            between(&event, bases, head, why)
        }
        "merge_group" => {
            let base = environment.told("/merge_group/base_sha").into_iter().collect::<Vec<_>>();
            let head = environment.told("/merge_group/head_sha").or(sha);
            between(&event, base, head, "a merge queue: what the group adds to its base")
        }
        "push" if is_tag => tree(&event, sha, "a tag"),
        "push" => push(&event, environment.told("/before"), environment.told("/after").or(sha), default()),
        _ => tree(&event, sha, "an event that is about no change"),
    };
    parts.of("github")
}

fn gitlab(environment: &Environment<'_>) -> Choice {
    let source = environment.get("CI_PIPELINE_SOURCE").unwrap_or_default();
    let sha = environment.get("CI_COMMIT_SHA");
    let parts = if environment.get("CI_COMMIT_TAG").is_some() {
        tree(&source, sha, "a tag")
    } else if environment.get("CI_MERGE_REQUEST_IID").is_some() {
        let mut bases: Vec<String> = environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA").into_iter().collect();
        bases.extend(environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").iter().flat_map(|name| branch(name)));
        // In pipelines of merged results the commit is the merge; its source is what the request adds.
        let head = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or(sha);
        between(&source, bases, head, "a merge request: from its base to its head")
    } else if source == "push" {
        let default = default_branch(environment.get("CI_DEFAULT_BRANCH"));
        push(&source, environment.get("CI_COMMIT_BEFORE_SHA"), sha, default)
    } else {
        tree(&source, sha, "a pipeline that is about no change")
    };
    parts.of("gitlab")
}

fn azure(environment: &Environment<'_>) -> Choice {
    let reason = environment.get("BUILD_REASON").unwrap_or_default();
    let sha = environment.get("BUILD_SOURCEVERSION");
    let is_tag = environment.get("BUILD_SOURCEBRANCH").is_some_and(|name| name.starts_with("refs/tags/"));
    let parts = match reason.as_str() {
        "PullRequest" => {
            let target = environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH");
            let bases: Vec<String> = target.iter().flat_map(|name| branch(name)).collect();
            let head = environment.get("SYSTEM_PULLREQUEST_SOURCECOMMITID").or(sha);
            between(&reason, bases, head, "a pull request: from its target branch to its head")
        }
        _ if is_tag => tree(&reason, sha, "a tag"),
        "IndividualCI" | "BatchedCI" => push(&reason, None, sha, default_branch(None)),
        _ => tree(&reason, sha, "a build that is about no change"),
    };
    parts.of("azure")
}

fn bitbucket(environment: &Environment<'_>) -> Choice {
    let sha = environment.get("BITBUCKET_COMMIT");
    let parts = if environment.get("BITBUCKET_PR_ID").is_some() {
        let mut bases: Vec<String> = environment.get("BITBUCKET_PR_DESTINATION_COMMIT").into_iter().collect();
        bases.extend(environment.get("BITBUCKET_PR_DESTINATION_BRANCH").iter().flat_map(|name| branch(name)));
        between("pull-request", bases, sha, "a pull request: from its destination to its head")
    } else if environment.get("BITBUCKET_TAG").is_some() {
        tree("tag", sha, "a tag")
    } else if environment.get("BITBUCKET_BRANCH").is_some() {
        push("push", None, sha, default_branch(None))
    } else {
        tree("custom", sha, "a pipeline that is about no change")
    };
    parts.of("bitbucket")
}

fn jenkins(environment: &Environment<'_>) -> Choice {
    let sha = environment.get("GIT_COMMIT");
    let parts = if let Some(target) = environment.get("CHANGE_TARGET") {
        between("change", branch(&target), sha, "a change request: from its target branch to its head")
    } else if environment.get("TAG_NAME").is_some() {
        tree("tag", sha, "a tag")
    } else {
        // Since the last good build: what a failed one found stays found.
        let before =
            environment.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT").or_else(|| environment.get("GIT_PREVIOUS_COMMIT"));
        let same = before.is_some() && before == sha;
        Parts { may_be_empty: true, ..push("build", before.filter(|_| !same), sha, default_branch(None)) }
    };
    parts.of("jenkins")
}

fn circle(environment: &Environment<'_>) -> Choice {
    let sha = environment.get("CIRCLE_SHA1");
    let parts = if environment.get("CIRCLE_TAG").is_some() {
        tree("tag", sha, "a tag")
    } else {
        push("push", None, sha, default_branch(None))
    };
    parts.of("circleci")
}

fn buildkite(environment: &Environment<'_>) -> Choice {
    let sha = environment.get("BUILDKITE_COMMIT");
    let source = environment.get("BUILDKITE_SOURCE").unwrap_or_default();
    let request = environment.get("BUILDKITE_PULL_REQUEST").filter(|number| number != "false");
    let parts = match (request, environment.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH")) {
        (Some(_), Some(target)) => {
            between("pull_request", branch(&target), sha, "a pull request: from its base branch to its head")
        }
        _ if environment.get("BUILDKITE_TAG").is_some() => tree("tag", sha, "a tag"),
        _ if source == "schedule" => tree(&source, sha, "a schedule"),
        _ => push(&source, None, sha, default_branch(environment.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH"))),
    };
    parts.of("buildkite")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "1111111111111111111111111111111111111111";
    const NEW: &str = "2222222222222222222222222222222222222222";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    /// Base candidates, the first head, whether nothing new is fine.
    fn chosen(variables: &[(&str, &str)], payload: &Value) -> (Vec<String>, String, bool) {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let choice = choose(&Environment { variable: &variable, payload: Some(payload) }).unwrap();
        (choice.bases, choice.heads[0].clone(), choice.may_be_empty)
    }

    fn expect(variables: &[(&str, &str)], payload: &Value, bases: &[&str], head: &str, may_be_empty: bool) {
        let bases = bases.iter().map(|base| (*base).to_owned()).collect();
        assert_eq!(chosen(variables, payload), (bases, head.to_owned(), may_be_empty), "{variables:?}");
    }

    #[test]
    fn github() {
        let with = |event| {
            [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", event), ("GITHUB_SHA", NEW), ("GITHUB_BASE_REF", "main")]
        };
        let request = serde_json::json!({"pull_request": {"base": {"sha": OLD}, "head": {"sha": NEW}}});
        for event in ["pull_request", "pull_request_target"] {
            expect(&with(event), &request, &[OLD, "refs/remotes/origin/main", "refs/heads/main"], NEW, false);
        }
        let group = serde_json::json!({"merge_group": {"base_sha": OLD, "head_sha": NEW}});
        expect(&with("merge_group"), &group, &[OLD], NEW, false);
        let push =
            |before| serde_json::json!({"before": before, "after": NEW, "repository": {"default_branch": "trunk"}});
        let trunk = ["refs/remotes/origin/trunk", "refs/heads/trunk"];
        expect(&with("push"), &push(OLD), &[OLD, trunk[0], trunk[1]], NEW, false);
        expect(&with("push"), &push(ZERO), &trunk, NEW, true);
        let tag = [&with("push")[..], &[("GITHUB_REF", "refs/tags/v1")]].concat();
        expect(&tag, &push(ZERO), &[], NEW, false);
        for event in ["schedule", "workflow_dispatch"] {
            expect(&with(event), &Value::Null, &[], NEW, false);
        }
        expect(&[("GITHUB_ACTIONS", "true")], &Value::Null, &[], "HEAD", false);
    }

    #[test]
    fn gitlab() {
        let none = Value::Null;
        let with = |source| {
            [
                ("GITLAB_CI", "true"),
                ("CI_PIPELINE_SOURCE", source),
                ("CI_COMMIT_SHA", NEW),
                ("CI_DEFAULT_BRANCH", "main"),
            ]
        };
        let main = ["refs/remotes/origin/main", "refs/heads/main"];
        let also = |source, more: &[(&'static str, &'static str)]| [&with(source)[..], more].concat();
        let request = [("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", OLD)];
        expect(&also("merge_request_event", &request), &none, &[OLD], NEW, false);
        let merged = [&request[..], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", OLD)]].concat();
        expect(&also("merge_request_event", &merged), &none, &[OLD], OLD, false);
        expect(&also("push", &[("CI_COMMIT_BEFORE_SHA", OLD)]), &none, &[OLD, main[0], main[1]], NEW, false);
        expect(&also("push", &[("CI_COMMIT_BEFORE_SHA", ZERO)]), &none, &main, NEW, true);
        expect(&also("push", &[("CI_COMMIT_TAG", "v1")]), &none, &[], NEW, false);
        expect(&with("schedule"), &none, &[], NEW, false);
    }

    #[test]
    fn others() {
        let none = Value::Null;
        let main = ["refs/remotes/origin/main", "refs/heads/main"];
        let guessed = ["refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"];
        let azure = |reason| [("TF_BUILD", "True"), ("BUILD_REASON", reason), ("BUILD_SOURCEVERSION", NEW)];
        let request = [
            &azure("PullRequest")[..],
            &[("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"), ("SYSTEM_PULLREQUEST_SOURCECOMMITID", OLD)],
        ]
        .concat();
        expect(&request, &none, &main, OLD, false);
        expect(&azure("IndividualCI"), &none, &guessed, NEW, true);
        expect(&azure("Schedule"), &none, &[], NEW, false);
        let bitbucket = [("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_COMMIT", NEW)];
        let request = [&bitbucket[..], &[("BITBUCKET_PR_ID", "3"), ("BITBUCKET_PR_DESTINATION_COMMIT", OLD)]].concat();
        expect(&request, &none, &[OLD], NEW, false);
        expect(&[&bitbucket[..], &[("BITBUCKET_TAG", "v1")]].concat(), &none, &[], NEW, false);
        expect(&[&bitbucket[..], &[("BITBUCKET_BRANCH", "x")]].concat(), &none, &guessed, NEW, true);
        let jenkins = [("JENKINS_URL", "http://j"), ("GIT_COMMIT", NEW)];
        expect(&[&jenkins[..], &[("CHANGE_TARGET", "main")]].concat(), &none, &main, NEW, false);
        let since = [&jenkins[..], &[("GIT_PREVIOUS_SUCCESSFUL_COMMIT", OLD)]].concat();
        expect(&since, &none, &[OLD, guessed[0], guessed[1], guessed[2]], NEW, true);
        let again = [&jenkins[..], &[("GIT_PREVIOUS_SUCCESSFUL_COMMIT", NEW)]].concat();
        expect(&again, &none, &guessed, NEW, true);
        let circle = [("CIRCLECI", "true"), ("CIRCLE_SHA1", NEW)];
        expect(&circle, &none, &guessed, NEW, true);
        let kite = [("BUILDKITE", "true"), ("BUILDKITE_COMMIT", NEW), ("BUILDKITE_PULL_REQUEST", "false")];
        expect(&[&kite[..], &[("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main")]].concat(), &none, &main, NEW, true);
        expect(&[&kite[..], &[("BUILDKITE_SOURCE", "schedule")]].concat(), &none, &[], NEW, false);
        let request = [
            ("BUILDKITE", "true"),
            ("BUILDKITE_COMMIT", NEW),
            ("BUILDKITE_PULL_REQUEST", "9"),
            ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
        ];
        expect(&request, &none, &main, NEW, false);
        let nobody = |_: &str| None;
        assert_eq!(choose(&Environment { variable: &nobody, payload: None }), None);
    }
}
