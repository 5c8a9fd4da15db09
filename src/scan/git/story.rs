//! Where findings of the history stand: which commit brought them, which took them away, who holds them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use gix::objs::Kind;

use super::history::{Hit, Keys, Seen};
use super::{Job, Progress, Scanner};
use crate::format::{FileKind, is_deployed};
use crate::judge::Finding;
use crate::scan::archive::Room;
use crate::source::git::lineage::{Item, Lineage};
use crate::source::git::packs::Store;
use crate::source::git::refs::{self, Tip};
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
    tips: Vec<(String, u32)>,
    /// Place in `seen.nodes` by number.
    places: HashMap<u32, usize>,
    reachable: HashSet<u32>,
    threads: usize,
    told: HashMap<u32, Option<Commit>>,
    pub(super) gaps: Vec<Gap>,
}

/// One value by one rule at one path, over all its versions.
#[derive(Default)]
struct Entry {
    path: u32,
    key: u128,
    versions: u64,
    first: Option<(bool, i64, u32)>,
    removed: Option<(i64, u32)>,
    reachable: bool,
    in_head: bool,
    branches: BTreeSet<String>,
    tags: BTreeSet<String>,
    others: BTreeSet<String>,
}

/// The entries, and which of them each blob at a path holds.
#[derive(Default)]
struct Groups {
    entries: Vec<Entry>,
    numbers: HashMap<(u32, u128), u32>,
    holders: BTreeMap<Item, Vec<u32>>,
}

impl Groups {
    fn add(&mut self, item: Item, keys: &[u128]) {
        for &key in keys {
            let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            let number = *self.numbers.entry((item.0, key)).or_insert_with(|| {
                self.entries.push(Entry { path: item.0, key, ..Entry::default() });
                next
            });
            self.entries[number as usize].versions += 1;
            self.holders.entry(item).or_default().push(number);
        }
    }
}

/// What is in `left` and not in `right`; both sorted.
fn minus<'l>(left: &'l [u32], right: &'l [u32]) -> impl Iterator<Item = u32> + 'l {
    let mut rest = right.iter().peekable();
    left.iter().copied().filter(move |value| {
        while rest.next_if(|other| *other < value).is_some() {}
        rest.peek() != Some(&value)
    })
}

impl<'a> Story<'a> {
    #[expect(clippy::too_many_arguments, reason = "what the passes before have found")]
    pub(super) fn new(
        scanner: &'a Scanner,
        repository: &'a Repository,
        store: &'a Store,
        seen: &'a Seen,
        keys: &'a Keys,
        threads: usize,
        progress: &'a Progress,
    ) -> Self {
        let (tips, mut gaps) = refs::tips(repository);
        let mut lineage = if seen.hits.is_empty() {
            Lineage::none()
        } else {
            let mut blobs: Vec<u32> = seen.hits.iter().map(|hit| hit.blob).collect();
            blobs.dedup();
            Lineage::new(repository, store, &blobs, threads, &progress.stop)
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
            objects: repository.objects(),
            store,
            seen,
            keys,
            lineage,
            tips: peeled,
            places,
            reachable,
            threads,
            told: HashMap::new(),
            gaps,
        }
    }

    /// The findings of blobs, one for each value, rule and path: as HEAD has it, else as it came.
    pub(super) fn findings(&mut self) -> Vec<Finding> {
        let mut groups = self.groups();
        self.walk(&mut groups);
        let mut chosen: HashMap<(String, String), Item> = HashMap::new();
        let mut jobs = Vec::new();
        let mut add = |shown: String, item: Item, store: &Store| {
            let id = store.ids[item.1 as usize];
            if chosen.insert((shown.clone(), id.to_string()), item).is_none() {
                jobs.push(Job { id, kind: Kind::Blob, shown });
            }
        };
        let mut sources: Vec<Option<u32>> = Vec::with_capacity(groups.entries.len());
        for number in 0..groups.entries.len() {
            let source = self.source(&groups, number);
            if let Some(blob) = source {
                let path = groups.entries[number].path;
                add(self.lineage.path(path).0, (path, blob), self.store);
            }
            sources.push(source);
        }
        // A blob in no commit's tree: dropped from the index, or its commits are gone.
        let placed: HashSet<u32> = groups.holders.keys().map(|(_, blob)| *blob).collect();
        for hit in self.seen.hits.iter().filter(|hit| !placed.contains(&hit.blob)) {
            let id = self.store.ids[hit.blob as usize];
            add(format!("blob {id}"), (u32::MAX, hit.blob), self.store);
        }
        let outcome = self.scanner.objects(self.repository, &jobs, self.threads, &Progress::default());
        self.gaps.extend(outcome.gaps);
        let mut paths: HashMap<u128, BTreeSet<String>> = HashMap::new();
        for entry in &groups.entries {
            paths.entry(entry.key).or_default().insert(self.lineage.path(entry.path).0);
        }
        let mut histories: HashMap<u32, History> = HashMap::new();
        let mut out = Vec::new();
        for mut finding in outcome.findings {
            let Some(&(path, blob)) = chosen.get(&place(&finding)) else { continue };
            let key = self.keys.of(&finding);
            let history = match groups.numbers.get(&(path, key)) {
                Some(&number) if sources[number as usize] == Some(blob) => {
                    let all = paths.get(&key).into_iter().flatten().cloned().collect();
                    let entry = &mut groups.entries[number as usize];
                    histories.entry(number).or_insert_with(|| self.history(std::mem::take(entry), all)).clone()
                }
                None if path == u32::MAX => self.history(Entry { versions: 1, ..Entry::default() }, Vec::new()),
                _ => continue,
            };
            with(&mut finding, history);
            out.push(finding);
        }
        out
    }

    /// What each blob that matters holds under each path it stands at in a commit.
    fn groups(&self) -> Groups {
        let trees = self.seen.nodes.iter().filter_map(|node| node.tree);
        let roots: BTreeSet<u32> = trees.map(|tree| self.lineage.list(tree)).collect();
        let items: BTreeSet<Item> =
            roots.iter().flat_map(|root| self.lineage.lists[*root as usize].iter().copied()).collect();
        let mut groups = Groups::default();
        let (mut buffer, mut room) = (Vec::new(), Room::default());
        for item in items {
            let (_, path) = self.lineage.path(item.0);
            let hits = &self.seen.hits;
            let from = hits.partition_point(|hit| hit.blob < item.1);
            let own = hits[from..].iter().take_while(|hit| hit.blob == item.1);
            if let Some(hit) =
                own.clone().find(|hit| *hit.path == *path).or_else(|| own.clone().find(|hit| alike(hit, &path)))
            {
                groups.add(item, &hit.keys);
                continue;
            }
            // Under this path it was not read yet, or nothing was found.
            let id = self.store.ids[item.1 as usize];
            if let Ok(bytes) = self.objects.read(&id, Kind::Blob, &mut buffer) {
                let name = String::from_utf8_lossy(&path);
                let outcome = self.scanner.glance(&id, &name, bytes, &mut room, &Progress::default());
                groups.add(item, &self.keys.all(&outcome.findings));
            }
        }
        groups
    }

    /// Walks the commits: where each group comes and goes.
    fn walk(&self, groups: &mut Groups) {
        let mut sets: HashMap<u32, Rc<[u32]>> = HashMap::new();
        let holders = &groups.holders;
        let mut set = |list: u32| -> Rc<[u32]> {
            let make = || {
                let items = self.lineage.lists[list as usize].iter();
                let mut own: Vec<u32> = items.filter_map(|item| holders.get(item)).flatten().copied().collect();
                own.sort_unstable();
                own.dedup();
                Rc::from(own)
            };
            Rc::clone(sets.entry(list).or_insert_with(make))
        };
        let entries = &mut groups.entries;
        let mut reached: BTreeSet<u32> = BTreeSet::new();
        for node in &self.seen.nodes {
            let own = self.list(node.number);
            let reachable = self.reachable.contains(&node.number);
            if reachable {
                reached.insert(own);
            }
            let parents: Vec<u32> = node.parents.iter().map(|&parent| self.list(parent)).collect();
            if parents.contains(&own) || own == 0 && parents.is_empty() {
                continue;
            }
            let here = set(own);
            let before: Vec<Rc<[u32]>> = parents.into_iter().map(&mut set).collect();
            let (one, others): (&[u32], &[Rc<[u32]>]) = match before.split_first() {
                Some((one, others)) => (one, others),
                None => (&[], &[]),
            };
            let held = |group: &u32| others.iter().any(|other| other.binary_search(group).is_ok());
            for group in minus(&here, one).filter(|group| !held(group)) {
                let this = (!reachable, node.time, node.number);
                let first = &mut entries[group as usize].first;
                *first = Some(first.map_or(this, |known| known.min(this)));
            }
            let by_all = |group: &u32| others.iter().all(|other| other.binary_search(group).is_ok());
            for group in minus(one, &here).filter(|group| reachable && by_all(group)) {
                let this = (node.time, node.number);
                let removed = &mut entries[group as usize].removed;
                *removed = Some(removed.map_or(this, |known| known.max(this)));
            }
        }
        for list in reached {
            for &group in &*set(list) {
                entries[group as usize].reachable = true;
            }
        }
        for (name, tip) in &self.tips {
            for &group in &*set(self.list(*tip)) {
                entries[group as usize].held_by(name);
            }
        }
    }

    /// The list of what a commit's tree holds.
    fn list(&self, commit: u32) -> u32 {
        let tree = self.places.get(&commit).and_then(|&place| self.seen.nodes[place].tree);
        tree.map_or(0, |tree| self.lineage.list(tree))
    }

    /// The blob that a group is shown from: HEAD's, else that of the commit that brought it.
    fn source(&self, groups: &Groups, number: usize) -> Option<u32> {
        let entry = &groups.entries[number];
        let head = self.tips.iter().find(|(name, _)| name == "HEAD").map(|(_, tip)| *tip);
        let commit = if entry.in_head { head } else { entry.first.map(|(_, _, commit)| commit) };
        let number = u32::try_from(number).ok()?;
        let holds = |item: &&Item| groups.holders.get(item).is_some_and(|held| held.contains(&number));
        let from = commit.and_then(|commit| {
            let items = &self.lineage.lists[self.list(commit) as usize];
            let at = items.partition_point(|(path, _)| *path < entry.path);
            items[at..].iter().take_while(|(path, _)| *path == entry.path).find(holds)
        });
        let any = || groups.holders.range((entry.path, 0)..=(entry.path, u32::MAX)).map(|(item, _)| item).find(holds);
        from.or_else(any).map(|(_, blob)| *blob)
    }

    fn history(&mut self, entry: Entry, paths: Vec<String>) -> History {
        let state = match (entry.in_head, entry.reachable) {
            (true, _) => State::InHead,
            (false, true) => State::HistoryOnly,
            (false, false) => State::Unreachable,
        };
        let named = !entry.branches.is_empty() || !entry.tags.is_empty();
        let branches = if named { entry.branches } else { entry.others };
        History {
            commit: entry.first.and_then(|(_, _, commit)| self.told(commit)),
            removed: entry.removed.filter(|_| !entry.in_head).and_then(|(_, commit)| self.told(commit)),
            paths,
            state,
            branches: branches.into_iter().collect(),
            tags: entry.tags.into_iter().collect(),
            versions: entry.versions,
        }
    }

    fn told(&mut self, commit: u32) -> Option<Commit> {
        let (store, objects) = (self.store, &self.objects);
        let tell = || commits::told(objects, store.ids[commit as usize], &mut Vec::new());
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

impl Entry {
    fn held_by(&mut self, name: &str) {
        let branch = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/"));
        match (branch, name.strip_prefix("refs/tags/")) {
            (Some(branch), _) => self.branches.insert(branch.to_owned()),
            (None, Some(tag)) => self.tags.insert(tag.to_owned()),
            (None, None) if name == "HEAD" => {
                self.in_head = true;
                true
            }
            (None, None) => self.others.insert(name.to_owned()),
        };
    }
}

/// True when a path is read as the hit's was: the same name, in a folder that says the same.
fn alike(hit: &Hit, path: &[u8]) -> bool {
    let name = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
    let class = |path: &[u8]| {
        let text = String::from_utf8_lossy(path);
        (FileKind::of(&text), is_deployed(&text))
    };
    name(&hit.path) == name(path) && class(&hit.path) == class(path)
}

/// `(path, object)` of a finding.
fn place(finding: &Finding) -> (String, String) {
    let id = finding.origin.object().map_or_else(String::new, |object| object.id.clone());
    (finding.origin.outermost().shown().to_owned(), id)
}

fn with(finding: &mut Finding, history: History) {
    finding.origin = finding.origin.with_history(history);
}
