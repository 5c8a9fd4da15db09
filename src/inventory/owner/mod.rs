//! Who answers for an identity, by every source that a repository holds; never who brought it in.
//!
//! A source is a module that reads its files once and answers for a path with [`Answer`]: the owners it names, or why it
//! names none. `resolve` takes the best of them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::collect::Sightings;
use super::files::Files;
use super::kind::{Field, Source};
use super::record::{Attribution, Claim, Facts, Role};
use super::reference::File;
use crate::config::Config;
use crate::source::git::Repository;
use crate::source::git::versions::Versions;

mod catalog;
mod codeowners;
mod git;
mod glob;
mod label;
mod mailmap;
mod package;
mod prow;

pub use label::role_of_tag;

use codeowners::{Host, Rules, Said};

/// How sources of owners are ordered, the best first.
pub mod rank {
    /// The team's own register.
    pub const REGISTER: u8 = 0;
    /// Tags of infrastructure as code, labels of Kubernetes.
    pub const INFRASTRUCTURE: u8 = 1;
    /// Catalogues of services.
    pub const CATALOG: u8 = 2;
    /// `CODEOWNERS`, `OWNERS`.
    pub const CODEOWNERS: u8 = 3;
    /// `owners` of `credlint.yaml`.
    pub const POLICY: u8 = 4;
    /// What packages and `MAINTAINERS` say.
    pub const PACKAGE: u8 = 5;
    /// Who wrote most of the file's commits.
    pub const GIT: u8 = 6;
}

/// Reasons kept for one identity; of more places it is said how many.
const MAX_REASONS: usize = 20;

/// A repository and the versions of the files that hold identities.
#[derive(Clone, Copy)]
pub struct History<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The versions.
    pub versions: &'a Versions,
}

/// Who names an owner.
#[derive(Clone, Copy)]
struct Voice<'a> {
    rank: u8,
    source: &'a str,
    confidence: &'a str,
}

/// What the sources say of a path.
#[derive(Default)]
struct Answer {
    owners: Vec<Attribution>,
    claims: Vec<Claim>,
    silent: Vec<String>,
}

impl Answer {
    fn owner(&mut self, role: Role, owner: &str, voice: Voice<'_>, basis: String) {
        let Voice { rank, source, confidence } = voice;
        let (owner, source, confidence) = (owner.to_owned(), source.to_owned(), confidence.to_owned());
        self.owners.push(Attribution { rank, role, owner, source, basis, confidence });
    }

    fn claim(&mut self, field: Field, source: Source, value: &str, basis: String) {
        self.claims.push(Claim { field, source, value: value.to_owned(), basis });
    }

    fn silent(&mut self, reason: impl Into<String>) {
        self.silent.push(reason.into());
    }

    fn give(&self, facts: &mut Facts) {
        facts.owners.extend(self.owners.iter().cloned());
        for claim in &self.claims {
            facts.claim(claim.field, claim.source, claim.value.as_str(), claim.basis.as_str());
        }
    }
}

/// Notes who answers for what was seen in a repository, by the files of HEAD and, where `history` is given, by the authors
/// of its commits; and why a source named nobody.
pub fn attribute(
    files: &Files,
    repository: &str,
    config: Option<&Config>,
    history: Option<History<'_>>,
    sightings: &mut Sightings,
) {
    let own = sightings.values().flat_map(|facts| &facts.locations).filter(|place| place.repository == repository);
    let paths: BTreeSet<String> = own.map(|place| files.outermost(&place.path).to_owned()).collect();
    if paths.is_empty() {
        return;
    }
    let known = Known::read(files, repository, &paths, config, history);
    let answers: BTreeMap<&str, Answer> =
        paths.par_iter().map(|path| (path.as_str(), known.answer(path))).collect::<Vec<_>>().into_iter().collect();
    for facts in sightings.values_mut() {
        let places: Vec<(String, Option<u64>)> = facts
            .locations
            .iter()
            .filter(|place| place.repository == repository)
            .map(|place| (files.outermost(&place.path).to_owned(), place.line.filter(|_| place.present)))
            .collect();
        let mut silent = BTreeSet::new();
        for (path, line) in &places {
            if let Some(answer) = answers.get(path.as_str()) {
                answer.give(facts);
                silent.extend(answer.silent.iter());
            }
            if let Some(line) = line {
                let mut answer = Answer::default();
                known.labels.of(path, *line, &mut answer);
                answer.give(facts);
            }
        }
        let more = silent.len().saturating_sub(MAX_REASONS);
        facts.unattributed.extend(silent.into_iter().take(MAX_REASONS).cloned());
        if more > 0 {
            facts.unattributed.insert(format!("{repository}: {more} more places for which a source names nobody"));
        }
    }
}

/// Notes who answers for what was seen in an image, by the labels of its configuration.
pub fn attribute_image(image: &str, labels: &BTreeSet<(String, String)>, sightings: &mut Sightings) {
    // A label that holds a credential names nobody.
    let held = |key: &str| {
        let path = format!("config:Labels:{key}");
        sightings.values().flat_map(|facts| &facts.locations).any(|place| place.path == path)
    };
    let answer = label::of_image(image, labels.iter().filter(|(key, _)| !held(key)));
    for facts in sightings.values_mut() {
        answer.give(facts);
        facts.unattributed.extend(answer.silent.iter().cloned());
    }
}

/// The folders of a path, the innermost first; the root is empty.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        if path.is_empty() { None } else { Some(path.rsplit_once('/').map_or("", |(folder, _)| folder)) }
    })
    .skip(1)
}

/// The path of a name in a folder.
fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// What the files of a repository say of owners.
struct Known<'a> {
    config: Option<&'a Config>,
    host: Host,
    code: Option<(&'static str, Result<Rules, &'static str>)>,
    catalogs: catalog::Catalogs,
    prow: prow::Owners,
    packages: package::Packages,
    labels: label::Labels,
    git: git::Majority,
}

/// A file that was read.
enum Told {
    Code(&'static str, Result<Rules, &'static str>),
    Catalog(catalog::Entry),
    Prow(prow::Told),
    Package(package::Entry),
    Labels(label::Entry),
    Mailmap(mailmap::Mailmap),
}

impl<'a> Known<'a> {
    fn read(
        files: &Files,
        repository: &str,
        paths: &BTreeSet<String>,
        config: Option<&'a Config>,
        history: Option<History<'_>>,
    ) -> Self {
        let host = host(files, history);
        let code = host.places().iter().copied().find(|place| files.has(place));
        let above: BTreeSet<&str> = paths.iter().flat_map(|path| folders(path)).collect();
        let wants = |path: &str| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            Some(path) == code
                || path == mailmap::NAME
                || (above.contains(folder) && (catalog::wants(name) || prow::wants(path) || package::wants(name)))
                || (paths.contains(path) && label::wants(name))
        };
        let (told, _) = files.look(wants, |path, bytes| {
            let file = File::new(repository, path, bytes);
            let mut told = Vec::new();
            if let Some(place) = code.filter(|place| *place == path) {
                told.push(Told::Code(place, rules(host, bytes)));
            }
            if path == mailmap::NAME {
                told.push(Told::Mailmap(mailmap::Mailmap::read(&String::from_utf8_lossy(bytes))));
            }
            told.extend(catalog::read(&file).map(Told::Catalog));
            told.extend(prow::read(&file).map(Told::Prow));
            told.extend(package::read(&file).map(Told::Package));
            if paths.contains(path) {
                told.extend(label::read(&file).map(Told::Labels));
            }
            told
        });
        let mut known = Self {
            config,
            host,
            code: None,
            catalogs: catalog::Catalogs::default(),
            prow: prow::Owners::default(),
            packages: package::Packages::default(),
            labels: label::Labels::default(),
            git: git::Majority::default(),
        };
        let mut mailmap = mailmap::Mailmap::default();
        for told in told.into_iter().flatten() {
            match told {
                Told::Code(place, rules) => known.code = Some((place, rules)),
                Told::Catalog(entry) => known.catalogs.add(entry),
                Told::Prow(told) => known.prow.add(told),
                Told::Package(entry) => known.packages.add(entry),
                Told::Labels(entry) => known.labels.add(entry),
                Told::Mailmap(map) => mailmap = map,
            }
        }
        known.git = git::Majority::count(history, paths, &mailmap);
        known
    }

    /// What every source says of a path.
    fn answer(&self, path: &str) -> Answer {
        let mut answer = Answer::default();
        self.catalogs.of(path, &mut answer);
        self.code_owners(path, &mut answer);
        self.prow.of(path, &mut answer);
        self.policy(path, &mut answer);
        self.packages.of(path, &mut answer);
        self.git.of(path, &mut answer);
        answer
    }

    fn code_owners(&self, path: &str, answer: &mut Answer) {
        let Some((place, rules)) = &self.code else {
            let places = self.host.places().join(", ");
            return answer.silent(format!("CODEOWNERS: there is none ({places})"));
        };
        let rules = match rules {
            Ok(rules) => rules,
            Err(why) => return answer.silent(format!("CODEOWNERS: {place} {why}")),
        };
        match rules.of(path) {
            Said::Owners(owners) => {
                let mut lines: Vec<String> = Vec::new();
                for (_, line, section) in &owners {
                    let section = section.as_ref().map_or_else(String::new, |section| format!(" [{section}]"));
                    lines.push(format!("{line}{section}"));
                }
                lines.dedup();
                // Several sections own a path side by side: one basis, so that none contradicts another.
                let basis = format!("{place}:{}", lines.join(", "));
                for (owner, ..) in owners {
                    let voice = Voice { rank: rank::CODEOWNERS, source: "CODEOWNERS", confidence: "high" };
                    answer.owner(Role::Technical, &owner, voice, basis.clone());
                }
            }
            Said::Nobody(line) => {
                answer.silent(format!("CODEOWNERS: {place}:{line} matches {path} and gives it to nobody"));
            }
            Said::Nothing => answer.silent(format!("CODEOWNERS: no pattern of {place} matches {path}")),
        }
    }

    fn policy(&self, path: &str, answer: &mut Answer) {
        let Some(config) = self.config.filter(|config| !config.owners.is_empty()) else {
            return answer.silent("policy: credlint.yaml has no `owners`");
        };
        match config.owner(path) {
            Some(owner) => {
                let basis = format!("{} owners", config.file);
                let voice = Voice { rank: rank::POLICY, source: "credlint.yaml", confidence: "high" };
                answer.owner(Role::Technical, owner, voice, basis);
            }
            None => answer.silent(format!("policy: no entry of `owners` in {} matches {path}", config.file)),
        }
    }
}

/// Whose rules hold for `CODEOWNERS`: those of the host that the remote names, else of the one whose files are there.
fn host(files: &Files, history: Option<History<'_>>) -> Host {
    let remote = history.and_then(|history| history.repository.remote()).unwrap_or_default();
    let remote = remote.split('/').next().unwrap_or("");
    if remote.contains("gitlab") {
        return Host::GitLab;
    }
    let has = |start: &str| files.paths().any(|path| path.starts_with(start));
    if !remote.contains("github") && (files.has(".gitlab-ci.yml") || has(".gitlab/")) {
        Host::GitLab
    } else {
        Host::GitHub
    }
}

fn rules(host: Host, bytes: &[u8]) -> Result<Rules, &'static str> {
    if host == Host::GitHub && bytes.len() >= codeowners::github::MAX_BYTES {
        return Err("is larger than the 3 MB that GitHub reads");
    }
    if bytes.is_empty() {
        return Err("is empty or too large to be read");
    }
    Ok(Rules::read(host, &String::from_utf8_lossy(bytes)))
}

#[cfg(test)]
mod tests;
