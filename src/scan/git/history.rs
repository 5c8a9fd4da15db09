//! Scans every object of a repository and says in which commits the findings stand.
//!
//! Three passes: over the trees for the names of blobs (a name decides how a file is read), over blobs, commits and tags for
//! what is in them, and, for findings only, over the trees again for where they stood from when to when. Findings are made
//! anew under every path their blob really has.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::{CommitRef, Kind, TagRefIter};

use super::{Job, Outcome, Progress, Scanner, message, stands};
use crate::detect::Scratch;
use crate::judge::Finding;
use crate::scan::{Blob, guarded, interrupted};
use crate::source::git::lineage::Lineage;
use crate::source::git::names::Names;
use crate::source::git::packs::{Store, Visit};
use crate::source::git::refs::{self, Tip};
use crate::source::git::{Commit, History, Object, ObjectKind, Repository, State, commits};
use crate::source::{Gap, GapReason, Origin};

/// A commit of the graph, by numbers of the store.
struct Node {
    number: u32,
    tree: Option<u32>,
    parents: Vec<u32>,
    time: i64,
    /// A parent is not in the repository.
    cut: bool,
}

/// What the pass over blobs, commits and tags found.
#[derive(Default)]
struct Seen {
    /// Blobs with a finding under one of their names.
    hits: Vec<u32>,
    /// Findings in messages.
    messages: Outcome,
    nodes: Vec<Node>,
    /// Tags and what they name.
    tags: Vec<(u32, u32)>,
    files: u64,
    bytes: u64,
    dropped: u64,
    gaps: Vec<Gap>,
}

impl Scanner {
    /// Scans every object, reachable or not.
    pub fn scan_history(&self, repository: &Repository, threads: usize, progress: &Progress) -> (Outcome, u64) {
        let store = Store::new(repository);
        let (names, mut gaps) = Names::new(repository, &store, threads, &progress.stop);
        let seen = Mutex::new(Seen::default());
        let kinds = [Kind::Blob, Kind::Commit, Kind::Tag];
        let origin = Origin::Synthetic(Arc::from("blob"));
        gaps.extend(store.visit(repository, &kinds, threads, &progress.stop, &|| Worker {
            scanner: self,
            store: &store,
            names: &names,
            progress,
            origin: &origin,
            scratch: Scratch::default(),
            path: Vec::new(),
            own: Seen::default(),
            total: &seen,
        }));
        let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let missing = names.missing;
        drop(names);
        seen.hits.sort_unstable();
        seen.hits.dedup();
        seen.nodes.sort_by_key(|node| node.number);
        gaps.append(&mut seen.gaps);
        gaps.extend_from_slice(&store.gaps);
        gaps.extend(absent(repository, &store, &seen, missing));
        let count = seen.nodes.len() as u64;
        let mut outcome = Outcome { files: seen.files, bytes: seen.bytes, dropped: seen.dropped, ..Outcome::default() };
        let messages = std::mem::take(&mut seen.messages);
        gaps.extend(messages.gaps);
        let mut story = Story::new(self, repository, &store, &seen, threads, progress);
        outcome.findings = story.findings();
        outcome.findings.append(&mut story.messages(messages.findings));
        gaps.append(&mut story.gaps);
        if store.ids.is_empty() && gaps.is_empty() {
            let detail = "the repository holds no object".to_owned();
            gaps.push(Gap { what: "history".to_owned(), reason: GapReason::Empty, detail });
        }
        if progress.stop.load(Ordering::Relaxed) {
            gaps.push(interrupted());
        }
        outcome.gaps = gaps;
        outcome.sort();
        (outcome, count)
    }
}

/// What the objects that are there name, and is not.
fn absent(repository: &Repository, store: &Store, seen: &Seen, missing: u64) -> Vec<Gap> {
    let mut out = Vec::new();
    let advice = "fetch with full depth and without a filter";
    let cut: Vec<String> =
        seen.nodes.iter().filter(|node| node.cut).map(|node| store.ids[node.number as usize].to_string()).collect();
    if let Some(first) = cut.first() {
        let more = if cut.len() > 1 { format!(" and {} more", cut.len() - 1) } else { String::new() };
        let reason = if repository.is_shallow() { GapReason::Shallow } else { GapReason::MissingObject };
        let detail = format!("parents of commit {first}{more} are not in the repository; {advice}");
        out.push(Gap { what: "history".to_owned(), reason, detail });
    }
    let trees = seen.nodes.iter().filter(|node| node.tree.is_none()).count() as u64;
    if missing + trees > 0 {
        let detail = format!(
            "{} files or folders that trees and commits name are not in the repository; {advice}",
            missing + trees
        );
        out.push(Gap { what: "objects".to_owned(), reason: GapReason::MissingObject, detail });
    }
    out
}

/// One thread of the pass over blobs, commits and tags.
struct Worker<'s> {
    scanner: &'s Scanner,
    store: &'s Store,
    names: &'s Names,
    progress: &'s Progress,
    /// Findings of this pass are only counted.
    origin: &'s Origin,
    scratch: Scratch,
    path: Vec<u8>,
    own: Seen,
    total: &'s Mutex<Seen>,
}

impl Visit for Worker<'_> {
    fn object(&mut self, number: u32, kind: Kind, bytes: &[u8]) {
        match kind {
            Kind::Blob => self.blob(number, bytes),
            Kind::Commit => self.commit(number, bytes),
            Kind::Tag => self.tag(number, bytes),
            Kind::Tree => {}
        }
    }
}

impl Worker<'_> {
    fn blob(&mut self, number: u32, bytes: &[u8]) {
        let (scanner, origin, scratch) = (self.scanner, self.origin, &mut self.scratch);
        let (mut found, mut dropped, mut gaps) = (false, 0, Vec::new());
        let mut scan = |path: &[u8]| {
            let name = String::from_utf8_lossy(path);
            let blob = Blob::named(origin, &name, bytes);
            let outcome = guarded(&name, || scanner.found(&blob, bytes, scratch));
            found |= !outcome.findings.is_empty();
            dropped += outcome.dropped;
            gaps.extend(outcome.gaps);
        };
        if !self.names.paths(number, &mut self.path, &mut scan) {
            scan(b"");
        }
        if found {
            self.own.hits.push(number);
        }
        self.own.files += 1;
        self.own.bytes += bytes.len() as u64;
        self.own.dropped += dropped;
        self.own.gaps.append(&mut gaps);
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }

    fn commit(&mut self, number: u32, bytes: &[u8]) {
        self.message(number, Kind::Commit, bytes);
        let id = self.store.ids[number as usize];
        match CommitRef::from_bytes(bytes, self.store.hash) {
            Ok(commit) => {
                let node = commits::node(id, &commit);
                let parents: Vec<u32> = node.parents.iter().filter_map(|id| self.store.number(id)).collect();
                let cut = parents.len() < node.parents.len();
                self.own.nodes.push(Node {
                    number,
                    tree: self.store.number(&node.tree),
                    parents,
                    time: node.time,
                    cut,
                });
            }
            Err(error) => {
                let what = format!("commit {id}");
                self.own.gaps.push(Gap { what, reason: GapReason::Corrupt, detail: error.to_string() });
            }
        }
    }

    fn tag(&mut self, number: u32, bytes: &[u8]) {
        self.message(number, Kind::Tag, bytes);
        let target = TagRefIter::from_bytes(bytes, self.store.hash).target_id().ok();
        self.own.tags.extend(target.and_then(|id| self.store.number(&id)).map(|target| (number, target)));
    }

    fn message(&mut self, number: u32, kind: Kind, bytes: &[u8]) {
        let text = message(bytes);
        let blob = Blob::named(self.origin, "message.txt", text);
        let (scanner, scratch) = (self.scanner, &mut self.scratch);
        let outcome = guarded("message", || scanner.found(&blob, text, scratch));
        self.own.dropped += outcome.dropped;
        if outcome.findings.is_empty() {
            self.own.messages.gaps.extend(outcome.gaps);
            return;
        }
        // Once more, with its name.
        let id = self.store.ids[number as usize];
        let job = Job { id, kind, shown: format!("{kind} {id}") };
        let origin = job.origin();
        let mut named = guarded(&job.shown, || scanner.in_memory(&Blob::new(&origin, text), text, scratch));
        self.own.messages.findings.append(&mut named.findings);
        self.own.messages.gaps.append(&mut named.gaps);
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.hits.extend(own.hits);
        total.messages.findings.extend(own.messages.findings);
        total.messages.gaps.extend(own.messages.gaps);
        total.nodes.extend(own.nodes);
        total.tags.extend(own.tags);
        total.files += own.files;
        total.bytes += own.bytes;
        total.dropped += own.dropped;
        total.gaps.extend(own.gaps);
    }
}

/// Tells of each finding where it stood.
struct Story<'a> {
    scanner: &'a Scanner,
    repository: &'a Repository,
    store: &'a Store,
    seen: &'a Seen,
    lineage: Lineage,
    tips: Vec<(String, u32)>,
    /// Place in `seen.nodes` by number.
    places: HashMap<u32, usize>,
    reachable: HashSet<u32>,
    threads: usize,
    progress: &'a Progress,
    told: HashMap<u32, Option<Commit>>,
    gaps: Vec<Gap>,
}

/// One value by one rule at one path.
#[derive(Default)]
struct Entry {
    first: Option<(bool, i64, u32)>,
    removed: Option<(i64, u32)>,
    reachable: bool,
    in_head: bool,
    branches: BTreeSet<String>,
    tags: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl<'a> Story<'a> {
    fn new(
        scanner: &'a Scanner,
        repository: &'a Repository,
        store: &'a Store,
        seen: &'a Seen,
        threads: usize,
        progress: &'a Progress,
    ) -> Self {
        let (tips, mut gaps) = refs::tips(repository);
        let mut lineage = if seen.hits.is_empty() {
            Lineage::none()
        } else {
            Lineage::new(repository, store, &seen.hits, threads, &progress.stop)
        };
        gaps.append(&mut lineage.gaps);
        let tags: HashMap<u32, u32> = seen.tags.iter().copied().collect();
        let places: HashMap<u32, usize> =
            seen.nodes.iter().enumerate().map(|(place, node)| (node.number, place)).collect();
        let mut reachable: HashSet<u32> = HashSet::new();
        let mut peeled = Vec::new();
        for Tip { name, id } in tips {
            let Some(mut at) = store.number(&id) else { continue };
            reachable.insert(at);
            while let Some(&next) = tags.get(&at) {
                if !reachable.insert(next) && next == at {
                    break;
                }
                at = next;
            }
            peeled.push((name, at));
        }
        let mut stack: Vec<u32> = peeled.iter().map(|(_, tip)| *tip).collect();
        let mut entered: HashSet<u32> = HashSet::new();
        while let Some(commit) = stack.pop() {
            if entered.insert(commit)
                && let Some(&place) = places.get(&commit)
            {
                stack.extend(&seen.nodes[place].parents);
            }
        }
        reachable.extend(entered);
        Self {
            scanner,
            repository,
            store,
            seen,
            lineage,
            tips: peeled,
            places,
            reachable,
            threads,
            progress,
            told: HashMap::new(),
            gaps,
        }
    }

    /// The findings of blobs, one for each value, rule and path.
    fn findings(&mut self) -> Vec<Finding> {
        let roots: BTreeSet<u32> =
            self.seen.nodes.iter().filter_map(|node| node.tree).map(|tree| self.lineage.list(tree)).collect();
        let mut real: BTreeSet<(u32, u32)> = BTreeSet::new();
        for root in &roots {
            real.extend(self.lineage.lists[*root as usize].iter());
        }
        let (mut jobs, mut of): (Vec<Job>, HashMap<(String, String), (u32, u32)>) = (Vec::new(), HashMap::new());
        let mut placed: HashSet<u32> = HashSet::new();
        for &(path, blob) in &real {
            placed.insert(blob);
            let id = self.store.ids[blob as usize];
            let (shown, _) = self.lineage.path(path);
            of.insert((shown.clone(), id.to_string()), (path, blob));
            jobs.push(Job { id, kind: Kind::Blob, shown });
        }
        // A blob in no commit's tree: dropped from the index, or its commits are gone.
        for &blob in self.seen.hits.iter().filter(|blob| !placed.contains(blob)) {
            let id = self.store.ids[blob as usize];
            jobs.push(Job { id, kind: Kind::Blob, shown: format!("blob {id}") });
        }
        let outcome = self.scanner.objects(self.repository, &jobs, self.threads, &Progress::default());
        self.gaps.extend(outcome.gaps);
        let findings = outcome.findings;
        let groups: Vec<Vec<usize>> = stands(&findings).into_values().collect();
        let mut holders: HashMap<(u32, u32), Vec<usize>> = HashMap::new();
        for (group, members) in groups.iter().enumerate() {
            for &member in members {
                if let Some(&item) = of.get(&key(&findings[member])) {
                    let list = holders.entry(item).or_default();
                    if list.last() != Some(&group) {
                        list.push(group);
                    }
                }
            }
        }
        let entries = self.entries(groups.len(), &holders);
        self.tell(findings, groups, entries)
    }

    /// Walks the commits: where each group comes and goes.
    fn entries(&self, count: usize, holders: &HashMap<(u32, u32), Vec<usize>>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = (0..count).map(|_| Entry::default()).collect();
        let mut held: HashMap<u32, BTreeSet<usize>> = HashMap::new();
        let mut groups = |list: u32| -> BTreeSet<usize> {
            held.entry(list)
                .or_insert_with(|| {
                    let items = self.lineage.lists[list as usize].iter();
                    items.filter_map(|item| holders.get(item)).flatten().copied().collect()
                })
                .clone()
        };
        let list = |commit: u32| {
            let tree = self.places.get(&commit).and_then(|&place| self.seen.nodes[place].tree);
            tree.map_or(0, |tree| self.lineage.list(tree))
        };
        let mut reached: BTreeSet<u32> = BTreeSet::new();
        for node in &self.seen.nodes {
            let own = list(node.number);
            let reachable = self.reachable.contains(&node.number);
            if reachable {
                reached.insert(own);
            }
            let parents: Vec<u32> = node.parents.iter().map(|&parent| list(parent)).collect();
            if parents.contains(&own) || own == 0 && parents.is_empty() {
                continue;
            }
            let here = groups(own);
            let before: Vec<BTreeSet<usize>> = parents.into_iter().map(&mut groups).collect();
            for &group in here.iter().filter(|group| before.iter().all(|parent| !parent.contains(group))) {
                let this = (!reachable, node.time, node.number);
                let first = &mut entries[group].first;
                *first = Some(first.map_or(this, |known| known.min(this)));
            }
            let Some((one, others)) = before.split_first() else { continue };
            let gone =
                one.iter().filter(|group| !here.contains(group) && others.iter().all(|other| other.contains(group)));
            for &group in gone.filter(|_| reachable) {
                let this = (node.time, node.number);
                let removed = &mut entries[group].removed;
                *removed = Some(removed.map_or(this, |known| known.max(this)));
            }
        }
        for list in reached {
            for group in groups(list) {
                entries[group].reachable = true;
            }
        }
        for (name, tip) in &self.tips {
            for group in groups(list(*tip)) {
                let entry = &mut entries[group];
                let branch = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/"));
                match (branch, name.strip_prefix("refs/tags/")) {
                    (Some(branch), _) => entry.branches.insert(branch.to_owned()),
                    (None, Some(tag)) => entry.tags.insert(tag.to_owned()),
                    (None, None) if name == "HEAD" => {
                        entry.in_head = true;
                        true
                    }
                    (None, None) => entry.others.insert(name.clone()),
                };
            }
        }
        entries
    }

    /// One finding for each group: where HEAD has it as HEAD has it, else as it came.
    fn tell(&mut self, findings: Vec<Finding>, groups: Vec<Vec<usize>>, entries: Vec<Entry>) -> Vec<Finding> {
        let mut paths: BTreeMap<Vec<u8>, BTreeSet<String>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| !finding.origin.shown().starts_with("blob ")) {
            paths.entry(finding.secret.expose().to_vec()).or_default().insert(finding.origin.shown().to_owned());
        }
        let head = self.tips.iter().find(|(name, _)| name == "HEAD").map(|(_, tip)| *tip);
        let mut findings: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
        let mut out = Vec::new();
        for (group, entry) in groups.into_iter().zip(entries) {
            let members: Vec<Finding> = group.into_iter().filter_map(|member| findings[member].take()).collect();
            let blobs: BTreeSet<String> = members.iter().map(|finding| key(finding).1).collect();
            let source = if entry.in_head { head } else { entry.first.map(|(_, _, commit)| commit) };
            let chosen = source
                .and_then(|commit| self.blob_at(commit, members.first()?, &blobs))
                .or_else(|| blobs.first().cloned());
            let state = match (entry.in_head, entry.reachable) {
                (true, _) => State::InHead,
                (false, true) => State::HistoryOnly,
                (false, false) => State::Unreachable,
            };
            let mut branches = entry.branches;
            if branches.is_empty() && entry.tags.is_empty() {
                branches = entry.others;
            }
            let history = History {
                commit: entry.first.and_then(|(_, _, commit)| self.told(commit)),
                removed: entry.removed.filter(|_| !entry.in_head).and_then(|(_, commit)| self.told(commit)),
                paths: Vec::new(),
                state,
                branches: branches.into_iter().collect(),
                tags: entry.tags.into_iter().collect(),
                versions: blobs.len() as u64,
            };
            for mut finding in members.into_iter().filter(|finding| Some(&key(finding).1) == chosen.as_ref()) {
                let all = paths.get(finding.secret.expose());
                let history = History { paths: all.into_iter().flatten().cloned().collect(), ..history.clone() };
                with(&mut finding, history);
                out.push(finding);
            }
        }
        out
    }

    /// Which of some blobs stands at the finding's path in a commit.
    fn blob_at(&self, commit: u32, finding: &Finding, blobs: &BTreeSet<String>) -> Option<String> {
        let tree = self.seen.nodes[*self.places.get(&commit)?].tree?;
        let items = &self.lineage.lists[self.lineage.list(tree) as usize];
        let own = items.iter().filter(|(path, _)| self.lineage.path(*path).0 == finding.origin.shown());
        own.map(|(_, blob)| self.store.ids[*blob as usize].to_string()).find(|id| blobs.contains(id))
    }

    fn told(&mut self, commit: u32) -> Option<Commit> {
        let (store, repository) = (self.store, self.repository);
        let tell = || commits::told(&repository.objects(), store.ids[commit as usize], &mut Vec::new());
        self.told.entry(commit).or_insert_with(tell).clone()
    }

    /// Findings in messages of commits and tags.
    fn messages(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
        let mut out = Vec::with_capacity(findings.len());
        let head = self.tips.iter().find(|(name, _)| name == "HEAD").map(|(_, tip)| *tip);
        let mut in_head: HashSet<u32> = HashSet::new();
        let mut stack: Vec<u32> = if findings.is_empty() { Vec::new() } else { head.into_iter().collect() };
        while let Some(commit) = stack.pop() {
            if in_head.insert(commit)
                && let Some(&place) = self.places.get(&commit)
            {
                stack.extend(&self.seen.nodes[place].parents);
            }
        }
        for mut finding in findings {
            let Origin::Git(object) = &finding.origin else { continue };
            let number = gix::ObjectId::from_hex(object.id.as_bytes()).ok().and_then(|id| self.store.number(&id));
            let Some(number) = number else { continue };
            let named = if object.kind == ObjectKind::Tag {
                self.seen.tags.iter().find(|(tag, _)| *tag == number)
            } else {
                None
            };
            let commit = named.map_or(number, |(_, target)| *target);
            let state = if in_head.contains(&number)
                || named.is_some_and(|_| in_head.contains(&commit) && self.reachable.contains(&number))
            {
                State::InHead
            } else if self.reachable.contains(&number) {
                State::HistoryOnly
            } else {
                State::Unreachable
            };
            let tags = self
                .tips
                .iter()
                .filter(|(name, tip)| named.is_some() && *tip == commit && name.starts_with("refs/tags/"));
            let tags = tags.map(|(name, _)| name.trim_start_matches("refs/tags/").to_owned()).collect();
            let commit = self.told(commit);
            let history =
                History { commit, removed: None, paths: Vec::new(), state, branches: Vec::new(), tags, versions: 1 };
            with(&mut finding, history);
            out.push(finding);
        }
        out
    }
}

/// `(path, object)` of a finding.
fn key(finding: &Finding) -> (String, String) {
    match &finding.origin {
        Origin::Git(object) => (object.shown.clone(), object.id.clone()),
        other => (other.shown().to_owned(), String::new()),
    }
}

fn with(finding: &mut Finding, history: History) {
    if let Origin::Git(object) = &finding.origin {
        finding.origin = Origin::Git(Arc::new(Object { history: Some(Box::new(history)), ..Object::clone(object) }));
    }
}
