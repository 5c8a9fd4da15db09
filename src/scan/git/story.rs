//! Where findings of the history stand: which commit brought them, which took them away, who holds them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::Kind;

use super::history::{Hit, Keys, Seen};
use super::past::{Past, Telling};
use super::{Job, Outcome, Progress, Scanner};
use crate::format::class;
use crate::judge::Finding;
use crate::scan::archive::Room;
use crate::source::git::graph::{Graph, Spreading, minus};
use crate::source::git::lineage::{Item, Lineage, NOTHING, ROOT};
use crate::source::git::refs::{self, Tip};
use crate::source::git::store::{self, Store, Visit, Wanted};
use crate::source::git::{Commit, History, ObjectKind, Objects, Repository, State, commits};
use crate::source::{Gap, Origin};

/// Tells of each finding where it stood.
pub(super) struct Story<'a> {
    scanner: &'a Scanner,
    repository: &'a Repository,
    objects: Objects,
    store: &'a Store,
    seen: &'a Seen,
    keys: &'a Keys,
    lineage: Lineage,
    /// It left nothing out.
    followed: bool,
    /// Refs and the commits they lead to, in the order of their times: neighbours hold nearly the same.
    tips: Vec<(String, u32)>,
    /// The place of HEAD among them.
    head: Option<u32>,
    /// Place in `seen.nodes` by number.
    places: HashMap<u32, usize, Spreading>,
    /// By number.
    reachable: Vec<bool>,
    threads: usize,
    told: HashMap<u32, Option<Commit>>,
    /// What was told.
    pub(super) telling: Telling,
    pub(super) gaps: Vec<Gap>,
}

/// Blobs scanned under a path: the keys of what was found, in order, and all that was found.
pub(super) type Scans = BTreeMap<(u32, String), (Vec<u128>, Outcome)>;

/// One value by one rule at one path, over all its versions.
#[derive(Default)]
struct Entry {
    path: u32,
    key: u128,
    versions: u64,
    first: Option<(bool, i64, u32)>,
    removed: Option<(i64, u32)>,
    reachable: bool,
    /// Of the blobs that hold it, the one of the least number.
    blob: u32,
    /// The places of tips that hold it: from, and before.
    tips: Vec<(u32, u32)>,
}

/// The entries, and which of them each blob at a path holds.
#[derive(Default)]
struct Groups {
    entries: Vec<Entry>,
    numbers: HashMap<(u32, u128), u32, Spreading>,
    held: HashMap<Item, Vec<u32>, Spreading>,
}

impl Groups {
    fn add(&mut self, (path, blob): Item, keys: &[u128]) {
        let mut held = Vec::with_capacity(keys.len());
        for &key in keys {
            let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            let number = *self.numbers.entry((path, key)).or_insert_with(|| {
                self.entries.push(Entry { path, key, blob, ..Entry::default() });
                next
            });
            let entry = &mut self.entries[number as usize];
            entry.versions += 1;
            entry.blob = entry.blob.min(blob);
            held.push(number);
        }
        held.sort_unstable();
        self.held.insert((path, blob), held);
    }

    /// What a blob at a path holds, sorted.
    fn of(&self, path: u32, blob: Option<u32>) -> &[u32] {
        blob.and_then(|blob| self.held.get(&(path, blob))).map_or(&[], Vec::as_slice)
    }
}

/// Branches and tags.
type Names = (Arc<[String]>, Arc<[String]>);

impl<'a> Story<'a> {
    #[expect(clippy::too_many_arguments, reason = "what the passes before have found")]
    pub(super) fn new(
        scanner: &'a Scanner,
        repository: &'a Repository,
        store: &'a Store,
        mut graph: Graph,
        (seen, past): (&'a Seen, &Past<'_>),
        keys: &'a Keys,
        threads: usize,
    ) -> Self {
        let (tips, mut gaps) = refs::tips(repository);
        let mut blobs: Vec<u32> = seen.hits.iter().map(|hit| hit.blob).collect();
        blobs.dedup();
        let saved = past.shapes(&blobs).and_then(|saved| Lineage::load(saved, &mut graph, store.len()));
        let mut lineage = saved.unwrap_or_else(|| Lineage::new(graph, &blobs, store.len()));
        let followed = lineage.gaps.is_empty();
        gaps.append(&mut lineage.gaps);
        let tags: HashMap<u32, u32, Spreading> = seen.tags.iter().map(|tag| (tag.number, tag.target)).collect();
        let places: HashMap<u32, usize, Spreading> =
            seen.nodes.iter().enumerate().map(|(place, node)| (node.number, place)).collect();
        let mut reachable = vec![false; store.len()];
        let mut peeled = Vec::new();
        for Tip { name, id } in tips {
            let Some(mut at) = store.number(&id) else { continue };
            reachable[at as usize] = true;
            while let Some(&next) = tags.get(&at).filter(|next| **next != at) {
                reachable[next as usize] = true;
                at = next;
            }
            peeled.push((name, at));
        }
        let time = |commit: u32| places.get(&commit).map(|&place| seen.nodes[place].time);
        peeled.sort_by_cached_key(|(name, commit)| (time(*commit), *commit, name.clone()));
        let mut stack: Vec<u32> = peeled.iter().map(|(_, tip)| *tip).collect();
        let mut entered = vec![false; seen.nodes.len()];
        while let Some(commit) = stack.pop() {
            reachable[commit as usize] = true;
            if let Some(&place) = places.get(&commit)
                && !std::mem::replace(&mut entered[place], true)
            {
                stack.extend(&seen.nodes[place].parents);
            }
        }
        let head = peeled.iter().position(|(name, _)| name == "HEAD").and_then(|at| u32::try_from(at).ok());
        let (objects, told) = (repository.objects(), HashMap::new());
        Self {
            scanner,
            repository,
            objects,
            store,
            seen,
            keys,
            lineage,
            followed,
            tips: peeled,
            head,
            places,
            reachable,
            threads,
            told,
            telling: Telling::new(),
            gaps,
        }
    }

    /// The findings of blobs, one for each value, rule and path: as HEAD has it, else as it came. `told` are blobs that
    /// were scanned as it takes.
    pub(super) fn findings(&mut self, told: Scans, stop: &AtomicBool) -> Vec<Finding> {
        let mut groups = self.groups();
        self.walk(&mut groups);
        self.hold(&mut groups);
        let mut chosen: HashMap<(String, String), Item> = HashMap::new();
        let mut jobs: BTreeMap<u32, Vec<Job>> = BTreeMap::new();
        let mut add = |shown: String, item: Item, store: &Store| {
            let id = store.id(item.1);
            if chosen.insert((shown.clone(), id.to_string()), item).is_none() {
                jobs.entry(item.1).or_default().push(Job { id, kind: Kind::Blob, shown });
            }
        };
        let sources: Vec<u32> = groups.entries.iter().map(|entry| self.source(&groups, entry)).collect();
        for (entry, &blob) in groups.entries.iter().zip(&sources) {
            add(self.lineage.path(entry.path).0, (entry.path, blob), self.store);
        }
        // A blob in no commit's tree: dropped from the index, or its commits are gone.
        let placed: HashSet<u32> = groups.held.keys().map(|(_, blob)| *blob).collect();
        for hit in self.seen.hits.iter().filter(|hit| !hit.keys.is_empty() && !placed.contains(&hit.blob)) {
            let id = self.store.id(hit.blob);
            add(format!("blob {id}"), (ROOT, hit.blob), self.store);
        }
        let outcome = self.scan(jobs, told, stop);
        self.gaps.extend(outcome.gaps);
        let mut paths: HashMap<u128, BTreeSet<String>> = HashMap::new();
        for entry in &groups.entries {
            paths.entry(entry.key).or_default().insert(self.lineage.path(entry.path).0);
        }
        let paths: HashMap<u128, Arc<[String]>> =
            paths.into_iter().map(|(key, paths)| (key, paths.into_iter().collect())).collect();
        let (mut names, mut histories) = (HashMap::new(), HashMap::<u32, History>::new());
        let mut out = Vec::new();
        for mut finding in outcome.findings {
            let Some(&(path, blob)) = chosen.get(&place(&finding)) else { continue };
            let key = self.keys.of(&finding);
            let history = match groups.numbers.get(&(path, key)) {
                Some(&number) if sources[number as usize] == blob => {
                    let entry = &groups.entries[number as usize];
                    let all = paths.get(&key).cloned().unwrap_or_default();
                    histories.entry(number).or_insert_with(|| self.history(entry, all, &mut names)).clone()
                }
                None if path == ROOT => {
                    self.history(&Entry { versions: 1, ..Entry::default() }, Arc::default(), &mut names)
                }
                _ => continue,
            };
            with(&mut finding, history);
            out.push(finding);
        }
        out
    }

    /// Writes where what was found stood, where all of that was followed.
    pub(super) fn save(&self, out: &mut Vec<u8>) {
        if self.followed {
            self.lineage.save(self.seen.nodes.iter().filter_map(|node| node.tree).collect(), out);
        }
    }

    /// Scans blobs once more, as what they are called, but for those that were `told` before.
    fn scan(&mut self, mut jobs: BTreeMap<u32, Vec<Job>>, mut told: Scans, stop: &AtomicBool) -> Outcome {
        let mut scans = Scans::new();
        for (&blob, jobs) in &mut jobs {
            jobs.retain(|job| match told.remove_entry(&(blob, job.shown.clone())) {
                Some((place, scan)) => scans.insert(place, scan).is_some(),
                None => true,
            });
        }
        jobs.retain(|_, jobs| !jobs.is_empty());
        let only: Vec<u32> = jobs.keys().copied().collect();
        let (wanted, total) = (Wanted { kinds: &[Kind::Blob], only: Some(&only) }, Mutex::new(scans));
        let gaps = self.store.visit(self.repository, wanted, self.threads, stop, &|| Teller {
            scanner: self.scanner,
            keys: self.keys,
            jobs: &jobs,
            room: Room::default(),
            total: &total,
        });
        let mut outcome = Outcome { gaps, ..Outcome::default() };
        for (place, (values, scan)) in total.into_inner().unwrap_or_else(PoisonError::into_inner) {
            outcome.add(scan);
            self.telling.insert(place, values.into_iter().map(|key| self.keys.known(key)).collect());
        }
        outcome.sort();
        outcome
    }

    /// What each blob that matters holds under each path it stands at in a commit.
    fn groups(&mut self) -> Groups {
        // What a tree holds and its first parent's does not: over all commits, that is all there is.
        let mut items: BTreeSet<Item> = BTreeSet::new();
        for node in &self.seen.nodes {
            let (own, before) = (self.shape(node.number), node.parents.first().map_or(NOTHING, |one| self.shape(*one)));
            self.lineage.differences(own, before, &mut |path, blob, _| items.extend(blob.map(|blob| (path, blob))));
        }
        let mut groups = Groups::default();
        let (mut buffer, mut room) = (Vec::new(), Room::default());
        for item in items {
            let (_, path) = self.lineage.path(item.0);
            let hits = &self.seen.hits;
            let from = hits.partition_point(|hit| hit.blob < item.1);
            let own = hits[from..].iter().take_while(|hit| hit.blob == item.1);
            let exact = |hit: &&Hit| hit.paths.iter().any(|own| **own == *path);
            if let Some(hit) = own.clone().find(exact).or_else(|| own.clone().find(|hit| alike(hit, &path))) {
                groups.add(item, &hit.keys);
                continue;
            }
            // Under this path it was not read yet.
            let (id, name) = (self.store.id(item.1), String::from_utf8_lossy(&path));
            let cache = self.scanner.cache.as_ref();
            if cache.is_some_and(|cache| cache.known(&id, Kind::Blob, &name).is_some()) {
                groups.add(item, &[]);
            } else if let Ok(bytes) = self.objects.read(&id, Kind::Blob, &mut buffer) {
                let outcome = self.scanner.glance(&id, &name, bytes, &mut room, &Progress::default());
                groups.add(item, &self.keys.all(&outcome.findings));
            }
        }
        groups
    }

    /// Walks the commits: where each group comes and goes.
    fn walk(&mut self, groups: &mut Groups) {
        let mut changed = Vec::new();
        for node in &self.seen.nodes {
            let own = self.shape(node.number);
            let parents: Vec<u32> = node.parents.iter().map(|&parent| self.shape(parent)).collect();
            if parents.contains(&own) || own == NOTHING && parents.is_empty() {
                continue;
            }
            let reachable = self.reachable[node.number as usize];
            let (one, others) = parents.split_first().map_or((NOTHING, &[][..]), |(one, others)| (*one, others));
            changed.clear();
            self.lineage.differences(own, one, &mut |path, here, before| changed.push((path, here, before)));
            for &(path, here, before) in &changed {
                let (here, before) = (groups.of(path, here).to_vec(), groups.of(path, before).to_vec());
                let others: Vec<Vec<u32>> =
                    others.iter().map(|&other| groups.of(path, self.lineage.at(other, path)).to_vec()).collect();
                let entries = &mut groups.entries;
                if reachable {
                    for &group in &here {
                        entries[group as usize].reachable = true;
                    }
                }
                let held = |group: &&u32| others.iter().any(|other| other.binary_search(group).is_ok());
                for &group in minus(&here, &before).filter(|group| !held(group)) {
                    let this = (!reachable, node.time, node.number);
                    let first = &mut entries[group as usize].first;
                    *first = Some(first.map_or(this, |known| known.min(this)));
                }
                let by_all = |group: &&u32| others.iter().all(|other| other.binary_search(group).is_ok());
                for &group in minus(&before, &here).filter(|group| reachable && by_all(group)) {
                    let this = (node.time, node.number);
                    let removed = &mut entries[group as usize].removed;
                    *removed = Some(removed.map_or(this, |known| known.max(this)));
                }
            }
        }
    }

    /// Which tips hold each group.
    fn hold(&mut self, groups: &mut Groups) {
        let (mut last, mut changed) = (NOTHING, Vec::new());
        for (at, (_, tip)) in (0..).zip(&self.tips) {
            let own = self.shape(*tip);
            changed.clear();
            self.lineage.differences(own, last, &mut |path, here, before| changed.push((path, here, before)));
            last = own;
            for &(path, here, before) in &changed {
                let (here, before) = (groups.of(path, here).to_vec(), groups.of(path, before).to_vec());
                for &group in minus(&here, &before) {
                    groups.entries[group as usize].tips.push((at, u32::MAX));
                }
                for &group in minus(&before, &here) {
                    if let Some((_, to)) = groups.entries[group as usize].tips.last_mut() {
                        *to = at;
                    }
                }
            }
        }
    }

    /// The shape of a commit's tree.
    fn shape(&self, commit: u32) -> u32 {
        let tree = self.places.get(&commit).and_then(|&place| self.seen.nodes[place].tree);
        tree.map_or(NOTHING, |tree| self.lineage.shape(tree))
    }

    fn in_head(&self, entry: &Entry) -> bool {
        self.head.is_some_and(|head| entry.tips.iter().any(|(from, to)| (*from..*to).contains(&head)))
    }

    /// The blob that a group is shown from: HEAD's, else that of the commit that brought it.
    fn source(&self, groups: &Groups, entry: &Entry) -> u32 {
        let head = self.head.and_then(|head| self.tips.get(head as usize)).map(|(_, tip)| *tip);
        let commit = if self.in_head(entry) { head } else { entry.first.map(|(_, _, commit)| commit) };
        let blob = commit.and_then(|commit| self.lineage.at(self.shape(commit), entry.path));
        let number = groups.numbers.get(&(entry.path, entry.key));
        let holds = number.is_some_and(|number| groups.of(entry.path, blob).contains(number));
        blob.filter(|_| holds).unwrap_or(entry.blob)
    }

    fn history(&mut self, entry: &Entry, paths: Arc<[String]>, names: &mut HashMap<Vec<(u32, u32)>, Names>) -> History {
        let in_head = self.in_head(entry);
        let state = match (in_head, entry.reachable) {
            (true, _) => State::InHead,
            (false, true) => State::HistoryOnly,
            (false, false) => State::Unreachable,
        };
        let (branches, tags) = names.entry(entry.tips.clone()).or_insert_with(|| self.names(&entry.tips)).clone();
        History {
            commit: entry.first.and_then(|(_, _, commit)| self.told(commit)),
            removed: entry.removed.filter(|_| !in_head).and_then(|(_, commit)| self.told(commit)),
            paths,
            state,
            branches,
            tags,
            versions: entry.versions,
        }
    }

    /// The branches and tags among some tips; where there is neither, the other refs in place of branches.
    fn names(&self, tips: &[(u32, u32)]) -> Names {
        let (mut branches, mut tags, mut others) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let ranges = tips.iter().map(|(from, to)| *from as usize..(*to as usize).min(self.tips.len()));
        for (name, _) in ranges.filter_map(|range| self.tips.get(range)).flatten() {
            let branch = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/"));
            match (branch, name.strip_prefix("refs/tags/")) {
                (Some(branch), _) => branches.insert(branch.to_owned()),
                (None, Some(tag)) => tags.insert(tag.to_owned()),
                (None, None) if name == "HEAD" => true,
                (None, None) => others.insert(name.clone()),
            };
        }
        let named = !branches.is_empty() || !tags.is_empty();
        (if named { branches } else { others }.into_iter().collect(), tags.into_iter().collect())
    }

    fn told(&mut self, commit: u32) -> Option<Commit> {
        let (store, objects) = (self.store, &self.objects);
        let tell = || commits::told(objects, store.id(commit), &mut Vec::new());
        self.told.entry(commit).or_insert_with(tell).clone()
    }

    /// Findings in messages of commits and tags.
    pub(super) fn messages(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
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
                self.seen.tags.iter().find(|tag| tag.number == number)
            } else {
                None
            };
            let commit = named.map_or(number, |tag| tag.target);
            let reachable = self.reachable[number as usize];
            let state = if in_head.contains(&number) || named.is_some_and(|_| in_head.contains(&commit) && reachable) {
                State::InHead
            } else if reachable {
                State::HistoryOnly
            } else {
                State::Unreachable
            };
            let tags = self
                .tips
                .iter()
                .filter(|(name, tip)| named.is_some() && *tip == commit && name.starts_with("refs/tags/"));
            let tags = tags.map(|(name, _)| name.trim_start_matches("refs/tags/").to_owned()).collect();
            let (commit, none) = (self.told(commit), Arc::from([]));
            let history =
                History { commit, removed: None, paths: Arc::clone(&none), state, branches: none, tags, versions: 1 };
            with(&mut finding, history);
            out.push(finding);
        }
        out
    }
}

/// True when a path is read as one of the hit's was.
fn alike(hit: &Hit, path: &[u8]) -> bool {
    let class = |path: &[u8]| class(&String::from_utf8_lossy(path));
    let wanted = class(path);
    hit.paths.iter().any(|own| class(own) == wanted)
}

/// `(path, object)` of a finding.
fn place(finding: &Finding) -> (String, String) {
    let id = finding.origin.object().map_or_else(String::new, |object| object.id.clone());
    (finding.origin.outermost().shown().to_owned(), id)
}

fn with(finding: &mut Finding, history: History) {
    finding.origin = finding.origin.with_history(history);
}

/// One thread of the last pass: scans blobs as what they are called.
struct Teller<'s> {
    scanner: &'s Scanner,
    keys: &'s Keys,
    jobs: &'s BTreeMap<u32, Vec<Job>>,
    room: Room,
    total: &'s Mutex<Scans>,
}

impl Visit for Teller<'_> {
    type Kept = ();

    fn object(&mut self, object: &store::Object<'_>, _: Option<(&[u8], &())>) {
        for job in self.jobs.get(&object.number).filter(|_| !object.passing).into_iter().flatten() {
            let scan = self.scanner.told(job, object.bytes, self.keys, &mut self.room);
            let place = (object.number, job.shown.clone());
            self.total.lock().unwrap_or_else(PoisonError::into_inner).insert(place, scan);
        }
    }
}
