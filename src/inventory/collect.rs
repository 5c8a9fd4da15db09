//! Looks at repositories and images and notes what they show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use gix::ObjectId;

use super::claims::{self, Companions, certificate};
use super::files::Files;
use super::kind::{Field, Source, StorageState};
use super::lineage;
use super::owner::{self, History};
use super::record::{Change, Facts, Location};
use super::reference::{self, File};
use super::register::{Covered, Missing, Register, Subject};
use crate::config::{self, Config};
use crate::judge::Finding;
use crate::judge::identity::Key;
use crate::rule::Confidence;
use crate::scan::{Outcome, Progress, Scanner};
use crate::source::git::{self, Repository, State, commits, versions};
use crate::source::walk::WalkPlan;
use crate::source::{FilePath, Gap, GapReason, Origin};

/// What is seen of one repository, by subject.
pub type Sightings = BTreeMap<Subject, Facts>;

/// A repository or folder to look at.
pub struct Place {
    /// Its name in the register.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// What a run looks with.
pub struct Collector<'a> {
    /// Rules and tables.
    pub scanner: &'a Scanner,
    /// Fingerprints values.
    pub key: &'a Key,
    /// The least confidence of a finding that becomes a row.
    pub least: Confidence,
    /// The policy of repositories without a `credlint.yaml` of their own.
    pub config: Option<&'a Config>,
    /// Threads.
    pub threads: usize,
    /// Told and asked while it goes on.
    pub progress: &'a Progress,
}

impl Collector<'_> {
    /// Looks at a repository with its whole history; references are those of HEAD.
    pub fn repository(&self, name: &str, repository: &Repository, register: &mut Register) {
        let (outcome, count) = self.scanner.scan_history(repository, self.threads, self.progress);
        let head = repository.head();
        let files = Files::at(repository, head);
        let objects = repository.objects();
        let told = head.and_then(|id| commits::told(&objects, id, &mut Vec::new()));
        let covered = Covered {
            name: name.to_owned(),
            mode: "history".to_owned(),
            head: head.map(|id| id.to_string()),
            head_date: told.map(|commit| commit.committed),
            commits: Some(count),
            files: outcome.files,
            shallow: repository.is_shallow(),
        };
        register.coverage.insert(covered);
        self.seen(name, &outcome, &files, Some(repository), register);
    }

    /// Looks at the tree of one commit, without its history.
    pub fn revision(&self, name: &str, repository: &Repository, commit: ObjectId, register: &mut Register) {
        let outcome = self.scanner.scan_tree(repository, commit, self.threads, self.progress);
        let files = Files::at(repository, Some(commit));
        let covered = Covered { head: Some(commit.to_string()), ..Covered::new(name, "revision", outcome.files) };
        register.coverage.insert(covered);
        self.seen(name, &outcome, &files, None, register);
    }

    /// Looks at a folder as it lies on disk.
    pub fn folder(&self, place: &Place, register: &mut Register) {
        let plan = WalkPlan {
            roots: vec![place.path.clone()],
            include_ignored: false,
            jobs: self.threads,
            base: place.path.clone(),
        };
        let outcome = self.scanner.scan(&plan, self.progress);
        let files = Files::on_disk(&place.path, self.threads);
        register.coverage.insert(Covered::new(&place.name, "files", outcome.files));
        self.seen(&place.name, &outcome, &files, None, register);
    }

    /// Looks at an image: what `docker save` writes, or an OCI layout.
    ///
    /// # Errors
    /// The file is no image.
    pub fn image(&self, place: &Place, register: &mut Register) -> Result<(), String> {
        let file = Arc::new(FilePath { path: place.path.clone(), shown: place.name.clone() });
        let (outcome, labels) = self.scanner.scan_image(&file, self.threads, self.progress)?;
        register.coverage.insert(Covered::new(&place.name, "image", outcome.files));
        let mut sightings = self.findings(&place.name, &outcome);
        owner::attribute_image(&place.name, &labels, &mut sightings);
        note(&place.name, sightings, &outcome, register);
        Ok(())
    }

    fn seen(
        &self,
        name: &str,
        outcome: &Outcome,
        files: &Files,
        repository: Option<&Repository>,
        register: &mut Register,
    ) {
        let mut sightings = self.findings(name, outcome);
        let (found, gaps) = files.look(wants, |path, bytes| look(&File::new(name, path, bytes)));
        let mut references = reference::Out::default();
        for one in found {
            references.join(one);
        }
        let stores = std::mem::take(&mut references.stores);
        for (subject, facts) in references.into_found() {
            if !reference::is_identifier(&subject, &facts) {
                sightings.entry(subject).or_default().join(facts);
            }
        }
        certificate::pair(&mut sightings);
        let versions = repository.map(|repository| {
            let paths: BTreeSet<&str> = sightings
                .values()
                .flat_map(|facts| &facts.locations)
                .map(|place| files.outermost(&place.path))
                .collect();
            versions::versions(repository, paths.into_iter().map(str::as_bytes))
        });
        let history = repository.zip(versions.as_ref()).map(|(repository, versions)| History { repository, versions });
        if let Some(History { repository, versions }) = history {
            lineage::trace(name, repository, versions, &mut sightings);
            register.gaps.extend(versions.gaps.iter().map(|gap| Missing::of(name, gap)));
        }
        let own = self.own_config(name, files, register);
        owner::attribute(files, name, own.as_ref().or(self.config), history, &mut sightings);
        stores.settle(&mut sightings);
        register.gaps.extend(files.gaps.iter().chain(&gaps).map(|gap| Missing::of(name, gap)));
        note(name, sightings, outcome, register);
    }

    /// The repository's own `credlint.yaml`; one that cannot be used is a gap, and counts as empty.
    fn own_config(&self, place: &str, files: &Files, register: &mut Register) -> Option<Config> {
        let (name, bytes) = config::NAMES.iter().find_map(|name| Some((*name, files.get(name)?)))?;
        let config = config::load_from(&bytes, name, &self.scanner.set).unwrap_or_else(|errors| {
            let detail = errors.first().map_or_else(String::new, ToString::to_string);
            let gap = Gap { what: name.to_owned(), reason: GapReason::Unreadable, detail };
            register.gaps.insert(Missing::of(place, &gap));
            Config::empty()
        });
        Some(config)
    }

    /// Findings by the identity they show.
    fn findings(&self, repository: &str, outcome: &Outcome) -> Sightings {
        let mut out = Sightings::new();
        let companions = Companions::of(&outcome.findings);
        for finding in outcome.findings.iter().filter(|finding| finding.confidence >= self.least) {
            let subject = claims::subject(finding, &companions, self.key);
            out.entry(subject).or_default().join(facts(repository, finding));
        }
        out
    }
}

/// True where a file may show identities.
fn wants(path: &str) -> bool {
    reference::wants(path) || certificate::wants(path)
}

/// What a file shows besides findings.
fn look(file: &File<'_>) -> reference::Out {
    let mut out = if reference::wants(file.path) { reference::read(file) } else { reference::Out::default() };
    if certificate::wants(file.path) {
        out.add(certificate::read(file));
    }
    out
}

fn note(name: &str, sightings: Sightings, outcome: &Outcome, register: &mut Register) {
    register.gaps.extend(outcome.gaps.iter().map(|gap| Missing::of(name, gap)));
    for (subject, facts) in sightings {
        register.add(subject, facts);
    }
}

/// What a finding says of the identity behind it.
fn facts(repository: &str, finding: &Finding) -> Facts {
    let mut facts = Facts::default();
    let rule = finding.rule;
    facts.claim(Field::Kind, Source::Rule, rule.evidence.as_ref(), rule.id.as_ref());
    if !rule.is_generic() && !rule.is_form() {
        facts.claim(Field::Provider, Source::Rule, rule.provider.as_ref(), rule.id.as_ref());
    }
    facts.locations.insert(location(repository, finding));
    claims::claim(finding, &mut facts);
    facts
}

/// The finding's place.
fn location(repository: &str, finding: &Finding) -> Location {
    let origin = &finding.origin;
    let history = origin.history();
    let present = history.is_none_or(|history| matches!(history.state, State::InHead | State::Inherited));
    let path = match origin {
        Origin::Image(image) => image.path(),
        _ => origin.shown(),
    };
    let storage = match origin {
        Origin::Image(_) => StorageState::Image,
        _ if !present => StorageState::HistoryOnly,
        _ if reference::is_pipeline(path) => StorageState::CiLiteral,
        _ => StorageState::Embedded,
    };
    let layer = origin.image().map(|image| {
        image.layer.as_ref().map_or_else(
            || "configuration".to_owned(),
            |layer| format!("{} {}", layer.digest, layer.instruction).trim_end().to_owned(),
        )
    });
    Location {
        line: Some(finding.start.line),
        column: Some(finding.start.column),
        meaning: finding.meaning.clone(),
        present: present && origin.image().is_none_or(|image| image.visible),
        refs: history
            .into_iter()
            .flat_map(|history| history.branches.iter().chain(history.tags.iter()))
            .cloned()
            .collect(),
        introduced: history.and_then(|history| history.commit.as_ref()).map(change),
        removed: history.and_then(|history| history.removed.as_ref()).map(change),
        blob: match origin.outermost() {
            Origin::Git(object) => Some(object.id.clone()),
            _ => None,
        },
        layer,
        rule: Some(finding.rule.id.to_string()),
        confidence: Some(finding.confidence.name().to_owned()),
        name: finding.name.clone(),
        ..Location::new(repository, path, storage)
    }
}

/// A commit as the record has it.
pub(super) fn change(commit: &git::Commit) -> Change {
    Change {
        date: commit.committed.clone(),
        commit: commit.id.clone(),
        author: commit.author.clone(),
        committer: commit.committer.clone(),
        ticket: None,
    }
}
