//! Who wrote most of a file's commits: a hint, the last of all sources.
//!
//! One walk over the commits that lead to HEAD, comparing only the folders on the way to paths that matter. Merges and bots
//! count for nobody.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::{CommitRef, Kind, TreeRefIter};

use super::mailmap::Mailmap;
use super::{Answer, Voice, rank};
use crate::inventory::record::Role;
use crate::source::git::{Objects, Repository};

/// Commits that are looked at; in longer histories the newest by way of first parents.
const MAX_COMMITS: usize = 200_000;
/// Entries of trees that are remembered from one comparison to the next.
const MAX_KEPT: usize = 1 << 20;

/// Commits of each path by author.
#[derive(Default)]
pub(super) struct Majority {
    paths: BTreeMap<String, BTreeMap<String, u32>>,
    /// Why nothing can be said.
    silent: Option<&'static str>,
}

impl Majority {
    /// Counts the commits of `paths`.
    pub(super) fn count(history: Option<&Repository>, paths: &BTreeSet<String>, mailmap: &Mailmap) -> Self {
        let silent = |why| Self { silent: Some(why), ..Self::default() };
        let Some(repository) = history else { return silent("the history was not read") };
        if repository.is_shallow() {
            return silent("the history is shallow");
        }
        let Some(head) = repository.head() else { return silent("there is no commit") };
        let objects = repository.objects();
        let names: Vec<&String> = paths.iter().collect();
        let mut walk = Walk::new(&objects, &names);
        walk.from(head);
        let mut paths: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for ((file, author), count) in walk.counts {
            let (Some(path), Some(author)) = (names.get(file), walk.authors.get(author)) else { continue };
            let author = mailmap.proper(author);
            if !author.contains("[bot]") {
                *paths.entry((*path).clone()).or_default().entry(author).or_default() += count;
            }
        }
        Self { paths, silent: None }
    }

    /// The author of more than half of a path's commits.
    pub(super) fn of(&self, path: &str, answer: &mut Answer) {
        if let Some(why) = self.silent {
            return answer.silent(format!("git: {why}"));
        }
        let Some(authors) = self.paths.get(path) else {
            return answer.silent(format!("git: no person's commit touches {path}"));
        };
        let total: u32 = authors.values().sum();
        match authors.iter().max_by_key(|(_, count)| **count) {
            Some((author, count)) if count * 2 > total => {
                let basis = format!("{count} of {total} commits of {path}");
                let voice = Voice { rank: rank::GIT, source: "git majority", confidence: "low" };
                answer.owner(Role::Technical, author, voice, basis);
            }
            _ => answer.silent(format!("git: nobody wrote more than half of the {total} commits of {path}")),
        }
    }
}

/// A folder on the way to paths that matter: what its names lead to.
type Folder = HashMap<Vec<u8>, Slot>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Folder(usize),
    File(usize),
}

/// The entries of a tree that matter.
type Held = Rc<[(Slot, ObjectId)]>;

/// What the walk keeps of a commit.
struct Node {
    tree: ObjectId,
    parents: Vec<ObjectId>,
    author: usize,
}

struct Walk<'o> {
    objects: &'o Objects,
    buffer: Vec<u8>,
    /// The root first.
    folders: Vec<Folder>,
    held: HashMap<(usize, ObjectId), Held>,
    kept: usize,
    authors: Vec<String>,
    known: HashMap<String, usize>,
    /// Commits of each file by author.
    counts: BTreeMap<(usize, usize), u32>,
}

impl<'o> Walk<'o> {
    fn new(objects: &'o Objects, paths: &[&String]) -> Self {
        let mut folders = vec![Folder::new()];
        for (file, path) in paths.iter().enumerate() {
            let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
            let mut at = 0;
            for part in above.split('/').filter(|part| !part.is_empty()) {
                let next = folders.len();
                let slot = folders[at].entry(part.as_bytes().to_vec()).or_insert(Slot::Folder(next));
                // A file of one commit may be a folder of another.
                if let Slot::File(_) = slot {
                    *slot = Slot::Folder(next);
                }
                let Slot::Folder(found) = *slot else { break };
                if found == next {
                    folders.push(Folder::new());
                }
                at = found;
            }
            folders[at].entry(name.as_bytes().to_vec()).or_insert(Slot::File(file));
        }
        Self {
            objects,
            buffer: Vec::new(),
            folders,
            held: HashMap::new(),
            kept: 0,
            authors: Vec::new(),
            known: HashMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Counts every commit that leads to `head`.
    fn from(&mut self, head: ObjectId) {
        let mut nodes: HashMap<ObjectId, Node> = HashMap::new();
        let mut seen = HashSet::from([head]);
        let mut stack = vec![head];
        while let Some(id) = stack.pop() {
            if seen.len() > MAX_COMMITS {
                break;
            }
            let Some((tree, parents, author)) = self.cached(&mut nodes, id) else { continue };
            match parents.as_slice() {
                [] => self.compare(Some(tree), None, author),
                [parent] => {
                    if let Some((before, ..)) = self.cached(&mut nodes, *parent) {
                        self.compare(Some(tree), Some(before), author);
                    }
                }
                _ => {}
            }
            // The first parent is next.
            stack.extend(parents.iter().rev().filter(|parent| seen.insert(**parent)));
        }
    }

    fn cached(
        &mut self,
        nodes: &mut HashMap<ObjectId, Node>,
        id: ObjectId,
    ) -> Option<(ObjectId, Vec<ObjectId>, usize)> {
        let node = match nodes.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.node(id)?),
        };
        Some((node.tree, node.parents.clone(), node.author))
    }

    fn node(&mut self, id: ObjectId) -> Option<Node> {
        let bytes = self.objects.read(&id, Kind::Commit, &mut self.buffer).ok()?;
        let commit = CommitRef::from_bytes(bytes, self.objects.hash).ok()?;
        let author = commit.author().map_or_else(|_| String::new(), |one| format!("{} <{}>", one.name, one.email));
        let (tree, parents) = (commit.tree(), commit.parents().collect());
        let next = self.authors.len();
        let author = *self.known.entry(author).or_insert_with_key(|author| {
            self.authors.push(author.clone());
            next
        });
        Some(Node { tree, parents, author })
    }

    /// Counts for an author the files that `after` has otherwise than `before`.
    fn compare(&mut self, after: Option<ObjectId>, before: Option<ObjectId>, author: usize) {
        let mut stack = vec![(0, after, before)];
        while let Some((folder, after, before)) = stack.pop() {
            let (Some(tree), true) = (after, after != before) else { continue };
            let new = self.held(folder, tree);
            let old = before.map(|tree| self.held(folder, tree));
            for (slot, id) in new.iter() {
                let was = old.iter().flat_map(|old| old.iter()).find(|(other, _)| other == slot).map(|(_, id)| *id);
                match *slot {
                    _ if was == Some(*id) => {}
                    Slot::Folder(inner) => stack.push((inner, Some(*id), was)),
                    Slot::File(file) => *self.counts.entry((file, author)).or_default() += 1,
                }
            }
        }
    }

    /// What a tree holds of a folder; nothing where it cannot be read.
    fn held(&mut self, folder: usize, tree: ObjectId) -> Held {
        if let Some(held) = self.held.get(&(folder, tree)) {
            return Rc::clone(held);
        }
        let mut found = Vec::new();
        if let Ok(bytes) = self.objects.read(&tree, Kind::Tree, &mut self.buffer) {
            for entry in TreeRefIter::from_bytes(bytes, self.objects.hash).filter_map(Result::ok) {
                let slot = self.folders[folder].get(<&[u8]>::from(entry.filename)).copied();
                match slot {
                    Some(slot @ Slot::Folder(_)) if entry.mode.is_tree() => found.push((slot, entry.oid.to_owned())),
                    Some(slot @ Slot::File(_)) if !entry.mode.is_tree() => found.push((slot, entry.oid.to_owned())),
                    _ => {}
                }
            }
        }
        if self.kept > MAX_KEPT {
            self.held.clear();
            self.kept = 0;
        }
        self.kept += 1 + found.len();
        let held: Held = found.into();
        self.held.insert((folder, tree), Rc::clone(&held));
        held
    }
}
