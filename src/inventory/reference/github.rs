//! GitHub Actions, and Gitea's and Forgejo's, which read the same: secrets, the job's own token, and what a job may do.
//!
//! Contexts: <https://docs.github.com/actions/reference/workflows-and-actions/contexts>. Whether a secret is the
//! repository's, an environment's or the organisation's is not written in a workflow, so all are the repository's here.

use std::ops::Range;

use super::spot::{Spot, Told, begins, finds, name_of, scalars, word};
use super::{File, Out, actions, names};
use crate::format::Data;
use crate::format::tree::{Node, Pair};
use crate::inventory::kind::{Field, Kind, Mode, ScopeLevel, StorageState};

/// Folders whose workflows run.
const FOLDERS: &[&str] = &[".github/workflows/", ".gitea/workflows/", ".forgejo/workflows/"];
const STORE: &str = "GitHub Actions secrets";

pub(super) fn wants(path: &str) -> bool {
    crate::format::data_format(path) == Some(Data::Yaml)
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let Some((_, documents)) = file.trees() else { return };
    for document in documents {
        if document.at(&["runs", "using"]).is_some() {
            let what = format!("action {}", file.path);
            let place = Place { spot: Spot::new(file, 0).used_by(&what), what: String::new(), federates: true };
            place.steps(document.at(&["runs", "steps"]), out);
        } else if document.get("jobs").is_some_and(|jobs| !jobs.pairs().is_empty())
            && (document.has("on") || document.has("true") || document.has("permissions"))
        {
            workflow(file, document, out);
        }
    }
}

/// A job, or the part of a workflow that belongs to none.
pub(super) struct Place<'a> {
    /// Who uses what stands here.
    pub(super) spot: Spot<'a>,
    /// `job build`.
    pub(super) what: String,
    /// The job may ask for a token of its own (`id-token: write`).
    pub(super) federates: bool,
}

fn workflow(file: &File<'_>, document: &Node, out: &mut Out) {
    let runs = FOLDERS.iter().any(|folder| file.path.starts_with(folder) || file.path.contains(&format!("/{folder}")));
    let kind = if runs { "workflow" } else { "workflow template" };
    let title = format!("{kind} {}", file.name());
    let permissions = document.get("permissions");
    if let Some(called) = document.at(&["on", "workflow_call", "secrets"]) {
        for pair in called.pairs() {
            let spot = Spot::new(file, pair.value.place.start)
                .used_by(&title)
                .means(format!("{kind}: secret its callers give"));
            secret(&spot, out, &pair.key, "").says(Field::Vault, STORE);
        }
    }
    let whole = Place { spot: Spot::new(file, 0).used_by(&title), what: kind.to_owned(), federates: false };
    whole.permissions(permissions, out);
    whole.expressions(document.get("env"), "", "env", out);
    for Pair { key, value: job } in document.get("jobs").map(Node::pairs).unwrap_or_default() {
        let environment = job.get("environment");
        let environment =
            environment.and_then(|node| node.text(file.bytes).or_else(|| node.get("name")?.text(file.bytes)));
        let own = job.get("permissions").or(permissions);
        let place = Place {
            spot: Spot::new(file, job.place.start)
                .used_by(format!("{title}, job {key}"))
                .for_environment(environment.as_deref()),
            what: format!("job {key}"),
            federates: own.is_some_and(|own| may(own, "id-token", file.bytes)),
        };
        place.permissions(job.get("permissions"), out);
        place.calls(job, out);
        for pair in job.pairs().iter().filter(|pair| !matches!(pair.key.as_str(), "steps" | "permissions")) {
            place.expressions(Some(&pair.value), "", &pair.key, out);
        }
        place.steps(job.get("steps"), out);
    }
}

/// True where permissions give write access to something, `write-all` included.
fn may(permissions: &Node, what: &str, bytes: &[u8]) -> bool {
    let is = |node: Option<&Node>, word: &str| node.and_then(|node| node.text(bytes)).is_some_and(|text| text == word);
    is(Some(permissions), "write-all") || is(permissions.get(what), "write")
}

impl Place<'_> {
    fn bytes(&self) -> &[u8] {
        self.spot.file.bytes
    }

    /// `permissions:` are those of the job's own token.
    fn permissions(&self, node: Option<&Node>, out: &mut Out) {
        let Some(node) = node else { return };
        let spot = self.spot.at(node.place.start).means(format!("{}: permissions", self.what));
        let mut told = own_token(&spot, out);
        let all = node.text(self.bytes());
        if let Some(all) = all.filter(|all| matches!(all.as_ref(), "write-all" | "read-all")) {
            let level = if all == "write-all" { ScopeLevel::Write } else { ScopeLevel::Read };
            told = told.says(Field::Scope, all.as_ref()).because(
                Field::ScopeLevel,
                level.name(),
                &format!("permissions: {all}"),
            );
            if level == ScopeLevel::Write {
                told.because(Field::State, "overprivileged", "permissions: write-all");
            }
            return;
        }
        let mut level = None;
        for pair in node.pairs() {
            let Some(access) = pair.value.text(self.bytes()) else { continue };
            let is = match access.as_ref() {
                "write" if pair.key == "id-token" => ScopeLevel::Read,
                "write" => ScopeLevel::Write,
                "read" => ScopeLevel::Read,
                _ => continue,
            };
            level = Some(level.map_or(is, |before: ScopeLevel| before.min(is)));
            told = told.says(Field::Scope, format!("{}: {access}", pair.key));
        }
        if let Some(level) = level {
            told.because(Field::ScopeLevel, level.name(), "permissions");
        }
    }

    /// A job that calls a workflow with `secrets: inherit` hands over every secret there is.
    fn calls(&self, job: &Node, out: &mut Out) {
        let Some(node) = job.get("secrets") else { return };
        if node.text(self.bytes()).is_some_and(|text| text == "inherit") {
            let called = name_of(job.get("uses"), self.bytes()).unwrap_or_default();
            let why = format!("secrets: inherit to {called}");
            every_secret(&self.spot.at(node.place.start).means(format!("{}: {why}", self.what)), out, &why);
        }
    }

    fn steps(&self, steps: Option<&Node>, out: &mut Out) {
        for (index, step) in steps.map(Node::items).unwrap_or_default().iter().enumerate() {
            let name = ["name", "id", "uses"].iter().find_map(|key| step.get(key)?.text(self.bytes()));
            let name = name.map_or_else(|| format!("step {}", index + 1), |name| format!("step \"{name}\""));
            let what = if self.what.is_empty() { name } else { format!("{}, {name}", self.what) };
            let place = Place { spot: self.spot.at(step.place.start), what, federates: self.federates };
            let action = step.get("uses").and_then(|uses| uses.text(self.bytes())).unwrap_or_default();
            for pair in step.pairs() {
                place.expressions(Some(&pair.value), &action, &pair.key, out);
            }
            if let Some(with) = step.get("with") {
                actions::step(&place, &action, with, out);
            }
        }
    }

    /// What the expressions below a node name. `part` is the key of the step or job it stands under.
    fn expressions(&self, node: Option<&Node>, action: &str, part: &str, out: &mut Out) {
        let Some(node) = node else { return };
        scalars(node, part, &mut |key, scalar| {
            let given = if key == part { part.to_owned() } else { format!("{part}.{key}") };
            let bare = key == "if";
            for place in expressions(self.bytes(), &scalar.place, bare) {
                self.expression(&place, action, &given, key, out);
            }
        });
    }

    /// What one expression names.
    fn expression(&self, place: &Range<usize>, action: &str, given: &str, key: &str, out: &mut Out) {
        let bytes = self.bytes();
        let spot = |at| self.spot.at(at).means(format!("{}: {given}", self.what));
        for at in finds(bytes, place, b"secrets").filter(|&at| begins(bytes, at)) {
            match member(bytes, at + "secrets".len()) {
                Member::Name(name) if name.eq_ignore_ascii_case("GITHUB_TOKEN") => drop(own_token(&spot(at), out)),
                Member::Name(name) => secret_for(&spot(at), name, action, key, out),
                Member::Computed => every_secret(&spot(at), out, "a secret whose name is computed"),
                Member::None if bytes.get(..at).is_some_and(calls_json) => {
                    every_secret(&spot(at), out, "toJSON(secrets)");
                }
                Member::None => {}
            }
        }
        for at in finds(bytes, place, b"github.token").filter(|&at| begins(bytes, at)) {
            own_token(&spot(at), out);
        }
        for at in finds(bytes, place, b"vars").filter(|&at| begins(bytes, at)) {
            if let Member::Name(name) = member(bytes, at + "vars".len())
                && names::is_credential(name)
            {
                let spot = spot(at).means(format!("{}: {given}, from a variable that is not masked", self.what));
                let name = name.to_ascii_uppercase();
                let fingerprint = format!("github-actions-variable:{}:{name}", spot.file.repository);
                let told = spot.named(out, fingerprint, StorageState::CiLiteral, &name, Some(Kind::CiSecret));
                told.says(Field::Vault, "GitHub Actions variables").mode(Mode::Static);
            }
        }
    }
}

/// A secret that the input `key` of an action, or a key of a step, is given.
fn secret_for(spot: &Spot<'_>, name: &str, action: &str, key: &str, out: &mut Out) {
    let Some(hint) = actions::hint(action, key) else {
        let told = secret(spot, out, name, key);
        if actions::is_static_key(name) || actions::is_static_key(key) {
            told.because(Field::State, "weak-auth-scheme", "a static cloud key where OIDC is possible");
        }
        return;
    };
    let name = name.to_ascii_uppercase();
    let fingerprint = fingerprint(spot, &name);
    if hint.federated {
        // The secret holds the name of a role: nobody logs in with that alone.
        let told = spot.named(out, fingerprint, StorageState::Federated, &name, Some(Kind::WorkloadIdentity));
        told.says(Field::Provider, hint.provider).says(Field::Vault, STORE).mode(Mode::Federated);
        return;
    }
    let told = spot.named(out, fingerprint, StorageState::CiStore, &name, Some(hint.kind));
    let told = told.says(Field::Vault, STORE).mode(Mode::Static);
    let told = if hint.provider.is_empty() || names::provider(&name).is_some() {
        told
    } else {
        told.because(Field::Provider, hint.provider, action)
    };
    if let Some(why) = hint.weak {
        told.because(Field::State, "weak-auth-scheme", why);
    }
}

/// Names of secrets know no case.
fn fingerprint(spot: &Spot<'_>, name: &str) -> String {
    format!("github-actions:{}:{name}", spot.file.repository)
}

/// A secret of the repository; where its name tells no kind, that of what it is given to may.
fn secret<'o>(spot: &Spot<'_>, out: &'o mut Out, name: &str, given: &str) -> Told<'o> {
    let name = name.to_ascii_uppercase();
    let otherwise = names::kind(given).unwrap_or(Kind::CiSecret);
    let told = spot.named(out, fingerprint(spot, &name), StorageState::CiStore, &name, Some(otherwise));
    let told = told.says(Field::Vault, STORE);
    if names::is_credential(&name) || otherwise != Kind::CiSecret { told.mode(Mode::Static) } else { told }
}

/// The token that each job is given: it holds until the job ends.
fn own_token<'o>(spot: &Spot<'_>, out: &'o mut Out) -> Told<'o> {
    let told = spot.named(out, fingerprint(spot, "GITHUB_TOKEN"), StorageState::CiStore, "GITHUB_TOKEN", None);
    told.says(Field::Vault, STORE).mode(Mode::ShortLived)
}

/// All secrets at once: a row of its own, for which of them there are no file tells.
fn every_secret(spot: &Spot<'_>, out: &mut Out, why: &str) {
    let told = spot.named(out, fingerprint(spot, "*"), StorageState::CiStore, "every secret", Some(Kind::CiSecret));
    told.says(Field::Vault, STORE).because(Field::State, "overprivileged", why);
}

/// The places of `${{ … }}` in a scalar; of a bare condition, the whole.
fn expressions(bytes: &[u8], place: &Range<usize>, bare: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut done = place.start;
    for open in finds(bytes, place, b"${{") {
        if open < done {
            continue;
        }
        let rest = bytes.get(open..place.end).unwrap_or_default();
        done = memchr::memmem::find(rest, b"}}").map_or(place.end, |length| open + length);
        found.push(open + 3..done.max(open + 3));
    }
    if found.is_empty() && bare { vec![place.clone()] } else { found }
}

/// True behind `toJSON(`.
fn calls_json(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let tail = &before[before.len().saturating_sub(7)..];
    tail.eq_ignore_ascii_case(b"tojson(")
}

enum Member<'b> {
    Name(&'b str),
    Computed,
    None,
}

/// What follows a context's name: `.NAME`, `['NAME']`, `[expression]`.
fn member(bytes: &[u8], at: usize) -> Member<'_> {
    let name = |at| word(bytes, at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match bytes.get(at) {
        Some(b'.') if !name(at + 1).is_empty() => Member::Name(name(at + 1)),
        Some(b'.') if bytes.get(at + 1) == Some(&b'*') => Member::Computed,
        Some(b'[') => match bytes.get(at + 1) {
            Some(b'\'' | b'"') if !name(at + 2).is_empty() => Member::Name(name(at + 2)),
            _ => Member::Computed,
        },
        _ => Member::None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, consumers, seen};

    const PATH: &str = ".github/workflows/deploy.yml";

    #[test]
    fn secrets_of_jobs_and_steps() {
        let text = "on: push\nenv:\n  A: ${{ secrets.NPM_TOKEN }}\njobs:\n  build:\n    environment: prod\n    if: secrets.GATE != ''\n    \
            steps:\n      - name: Up\n        run: echo ${{ secrets['db-pass'] || secrets.other_TOKEN }} ${{ mysecrets.no }}\n";
        assert_eq!(
            seen(PATH, text),
            ["DB-PASS", "GATE", "NPM_TOKEN", "OTHER_TOKEN"]
                .map(|name| format!("reference github-actions:o/r:{name} ci-store"))
        );
        assert_eq!(
            consumers(PATH, text),
            [
                "github-actions:o/r:DB-PASS: workflow deploy.yml, job build",
                "github-actions:o/r:GATE: workflow deploy.yml, job build",
                "github-actions:o/r:NPM_TOKEN: workflow deploy.yml",
                "github-actions:o/r:OTHER_TOKEN: workflow deploy.yml, job build",
            ]
        );
        let told = claims(PATH, text);
        assert!(told.contains(&"environment=production @.github/workflows/deploy.yml:10".to_owned()), "{told:?}");
        assert!(told.contains(&"kind=token @.github/workflows/deploy.yml:3 (by its name)".to_owned()));
        assert!(told.contains(&"kind=ci-secret @.github/workflows/deploy.yml:7".to_owned()));
    }

    #[test]
    fn the_own_token_has_the_permissions_of_its_job() {
        let text = "on: push\npermissions: write-all\njobs:\n  a:\n    permissions:\n      contents: read\n      id-token: write\n    \
            steps:\n      - run: x\n        env:\n          T: ${{ github.token }}\n";
        assert_eq!(seen(PATH, text), ["reference github-actions:o/r:GITHUB_TOKEN ci-store"]);
        let told = claims(PATH, text);
        for wanted in [
            "credential_mode=short-lived @.github/workflows/deploy.yml:11",
            "scope=contents: read @.github/workflows/deploy.yml:6",
            "scope=write-all @.github/workflows/deploy.yml:2",
            "scope_level=write @.github/workflows/deploy.yml:2 (permissions: write-all)",
            "scope_level=read @.github/workflows/deploy.yml:6 (permissions)",
            "state=overprivileged @.github/workflows/deploy.yml:2 (permissions: write-all)",
        ] {
            assert!(told.contains(&wanted.to_owned()), "{wanted}: {told:#?}");
        }
    }

    #[test]
    fn all_secrets_at_once_are_a_row() {
        for line in
            ["uses: a/b/.github/workflows/c.yml@v1\n    secrets: inherit", "env:\n      X: ${{ toJSON(secrets) }}"]
        {
            let text = format!("on: push\njobs:\n  a:\n    {line}\n");
            assert_eq!(seen(PATH, &text), ["reference github-actions:o/r:* ci-store"], "{line}");
            assert!(claims(PATH, &text).iter().any(|claim| claim.starts_with("state=overprivileged")), "{line}");
        }
    }

    #[test]
    fn variables_that_should_be_secrets_and_other_yaml() {
        let text = "on: push\njobs:\n  a:\n    steps:\n      - run: x ${{ vars.API_TOKEN }} ${{ vars.REGION }}\n";
        assert_eq!(seen(PATH, text), ["reference github-actions-variable:o/r:API_TOKEN ci-literal"]);
        assert_eq!(seen("a.yml", "jobs: [a]\nx: ${{ secrets.A }}\n"), [""; 0]);
    }
}
