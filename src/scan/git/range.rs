//! Scans what a range of commits adds, and says what is still there and what was there before.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use gix::ObjectId;

use super::{Job, Outcome, Progress, Reader, Scanner, stands};
use crate::judge::Finding;
use crate::source::git::range::{self, Added, Range};
use crate::source::git::tree::{self, Differ, Leaf};
use crate::source::git::{Commit, History, ObjectKind, Repository, State, commits};
use crate::source::lossless;
use crate::source::{Gap, GapReason};

/// Files of the base that are searched for a value that may have moved.
const MOVED: usize = 5_000;

impl Scanner {
    /// Scans the objects that the range's head adds. A range without commits is a gap.
    pub fn scan_range(
        &self,
        repository: &Repository,
        range: &Range,
        threads: usize,
        progress: &Progress,
    ) -> (Outcome, u64) {
        let added = range::added(repository, range);
        if added.commits.is_empty() && added.gaps.is_empty() {
            let detail = "no commit is in the range: base and head are the same, or the base holds the head".to_owned();
            let gap = Gap { what: "range".to_owned(), reason: GapReason::Range, detail };
            return (Outcome { gaps: vec![gap], ..Outcome::default() }, 0);
        }
        let count = added.commits.len() as u64;
        (self.added(repository, added, threads, progress), count)
    }

    /// Scans the whole tree of a commit.
    pub fn scan_tree(&self, repository: &Repository, head: ObjectId, threads: usize, progress: &Progress) -> Outcome {
        self.added(repository, range::whole(repository, head), threads, progress)
    }

    fn added(&self, repository: &Repository, mut added: Added, threads: usize, progress: &Progress) -> Outcome {
        let mut jobs: Vec<Job> = added.blobs.iter().map(|(leaf, _)| Job::blob(leaf)).collect();
        jobs.extend(added.commits.iter().copied().map(Job::message));
        let mut outcome = self.objects(repository, &jobs, threads, progress);
        // A commit's message is no file.
        outcome.files = added.blobs.len() as u64;
        outcome.gaps.append(&mut added.gaps);
        if !outcome.findings.is_empty() {
            let findings = std::mem::take(&mut outcome.findings);
            let mut review = Review::new(self, repository, &added);
            outcome.findings = review.findings(findings);
            outcome.gaps.append(&mut review.gaps);
        }
        outcome.sort();
        outcome
    }
}

/// Finds out where a range's findings stand.
struct Review<'a> {
    scanner: &'a Scanner,
    added: &'a Added,
    reader: Reader,
    /// Place of each commit, the oldest first.
    age: HashMap<ObjectId, usize>,
    brought: HashMap<(String, String), ObjectId>,
    raw: HashMap<String, Vec<u8>>,
    told: HashMap<ObjectId, Option<Commit>>,
    gaps: Vec<Gap>,
}

impl<'a> Review<'a> {
    fn new(scanner: &'a Scanner, repository: &Repository, added: &'a Added) -> Self {
        let brought = added.blobs.iter().map(|(leaf, commit)| ((lossless(&leaf.path), leaf.id.to_string()), *commit));
        Self {
            scanner,
            added,
            reader: Reader::new(&repository.shared()),
            age: added.commits.iter().rev().enumerate().map(|(age, id)| (*id, age)).collect(),
            brought: brought.collect(),
            raw: added.blobs.iter().map(|(leaf, _)| (lossless(&leaf.path), leaf.path.clone())).collect(),
            told: HashMap::new(),
            gaps: Vec::new(),
        }
    }

    /// One finding for each value, rule and path: that of HEAD where HEAD has it, else the earliest.
    fn findings(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
        let groups: Vec<Vec<usize>> = stands(&findings).into_values().collect();
        let inherited = self.inherited(&findings);
        let mut findings: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
        let mut out = Vec::with_capacity(groups.len());
        for group in groups {
            let mut versions: Vec<Finding> = group.into_iter().filter_map(|index| findings[index].take()).collect();
            versions.sort_by_cached_key(|finding| (self.age(finding), finding.span));
            let Some(first) = versions.first() else { continue };
            let commit = self.commit(first);
            let held = self.held(first);
            let blobs: BTreeSet<String> = versions.iter().map(|finding| id(finding).to_owned()).collect();
            // The same value twice in one file is two findings.
            let chosen = versions
                .iter()
                .find(|finding| held.as_deref() == Some(id(finding)))
                .map(|finding| id(finding).to_owned());
            let state = match &chosen {
                _ if inherited.contains(&key(first)) => State::Inherited,
                Some(_) => State::InHead,
                None if is_message(first) => State::InHead,
                None => State::HistoryOnly,
            };
            let chosen = chosen.unwrap_or_else(|| id(first).to_owned());
            let told = commit.and_then(|commit| self.told(commit));
            for mut finding in versions.into_iter().filter(|finding| id(finding) == chosen) {
                let Some(object) = finding.origin.object() else { continue };
                let history = History {
                    commit: told.clone(),
                    removed: None,
                    paths: if is_message(&finding) { Arc::default() } else { Arc::from([object.shown.clone()]) },
                    state,
                    branches: Arc::default(),
                    tags: Arc::default(),
                    versions: blobs.len() as u64,
                };
                finding.origin = finding.origin.with_history(history);
                out.push(finding);
            }
        }
        out
    }

    fn commit(&self, finding: &Finding) -> Option<ObjectId> {
        if is_message(finding) {
            return ObjectId::from_hex(id(finding).as_bytes()).ok();
        }
        self.brought.get(&(path(finding).to_owned(), id(finding).to_owned())).copied()
    }

    fn age(&self, finding: &Finding) -> usize {
        self.commit(finding).and_then(|commit| self.age.get(&commit)).copied().unwrap_or(usize::MAX)
    }

    /// The blob that HEAD holds at the finding's path.
    fn held(&mut self, finding: &Finding) -> Option<String> {
        let path = self.raw.get(path(finding))?;
        tree::at(&self.reader.objects, self.added.after?, path, &mut self.reader.buffer).map(|id| id.to_string())
    }

    fn told(&mut self, commit: ObjectId) -> Option<Commit> {
        let reader = &mut self.reader;
        self.told.entry(commit).or_insert_with(|| commits::told(&reader.objects, commit, &mut reader.buffer)).clone()
    }

    /// `(path, value)` of what the base side holds already: the same object, the same path, or a file that was moved.
    fn inherited(&mut self, findings: &[Finding]) -> HashSet<(String, Vec<u8>)> {
        let mut out = HashSet::new();
        let mut open: BTreeMap<(String, Vec<u8>), BTreeSet<ObjectId>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| !is_message(finding)) {
            open.entry(key(finding)).or_default().extend(ObjectId::from_hex(id(finding).as_bytes()).ok());
        }
        for &before in &self.added.before {
            let mut values: HashMap<String, HashSet<Vec<u8>>> = HashMap::new();
            for path in open.keys().map(|(path, _)| path.clone()).collect::<BTreeSet<_>>() {
                let Some(raw) = self.raw.get(&path) else { continue };
                let there = tree::at(&self.reader.objects, before, raw, &mut self.reader.buffer);
                if let Some(there) = there {
                    let leaf = Leaf { path: raw.clone(), id: there };
                    values.insert(path, self.values(&leaf));
                }
            }
            self.settle(&mut open, &mut out, |(path, value), _| {
                values.get(path).is_some_and(|held| held.contains(value))
            });
            if open.is_empty() {
                return out;
            }
            let wanted: BTreeSet<ObjectId> = open.values().flatten().copied().collect();
            let same = range::holds(&self.reader.objects, before, &wanted);
            self.settle(&mut open, &mut out, |_, ids| ids.iter().any(|id| same.contains(id)));
            if open.is_empty() {
                return out;
            }
            let moved = self.moved(before);
            self.settle(&mut open, &mut out, |(_, value), _| moved.contains(value));
        }
        out
    }

    /// Moves what `is` says yes to from the open ones to the inherited ones.
    #[expect(clippy::unused_self, reason = "a step of the review, beside the others")]
    fn settle(
        &self,
        open: &mut BTreeMap<(String, Vec<u8>), BTreeSet<ObjectId>>,
        out: &mut HashSet<(String, Vec<u8>)>,
        is: impl Fn(&(String, Vec<u8>), &BTreeSet<ObjectId>) -> bool,
    ) {
        open.retain(|key, ids| {
            let inherited = is(key, ids);
            if inherited {
                out.insert(key.clone());
            }
            !inherited
        });
    }

    /// The values found in a blob.
    fn values(&mut self, leaf: &Leaf) -> HashSet<Vec<u8>> {
        let outcome = self.scanner.object(&Job::blob(leaf), &mut self.reader, &Progress::default());
        self.gaps.extend(outcome.gaps);
        outcome.findings.into_iter().map(|finding| finding.secret.expose().to_vec()).collect()
    }

    /// The values in files of the base that the head changed or took away.
    fn moved(&mut self, before: ObjectId) -> HashSet<Vec<u8>> {
        let others: Vec<ObjectId> = self.added.after.into_iter().collect();
        let mut leaves = Vec::new();
        Differ::new(&self.reader.objects).added(before, &others, &mut |leaf| leaves.push(leaf));
        leaves.truncate(MOVED);
        leaves.iter().flat_map(|leaf| self.values(leaf)).collect()
    }
}

fn is_message(finding: &Finding) -> bool {
    finding.origin.object().is_some_and(|object| object.kind != ObjectKind::Blob)
}

/// The id of the object a finding stands in.
fn id(finding: &Finding) -> &str {
    finding.origin.object().map_or("", |object| &object.id)
}

/// The path of the object a finding stands in; of a member, its archive's.
fn path(finding: &Finding) -> &str {
    finding.origin.outermost().shown()
}

/// `(path, value)` of a finding.
fn key(finding: &Finding) -> (String, Vec<u8>) {
    (path(finding).to_owned(), finding.secret.expose().to_vec())
}
