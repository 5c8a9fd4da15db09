//! Commits, and which of them one side has and the other has not.

use std::collections::{BTreeSet, BinaryHeap, HashMap};

use gix::ObjectId;
use gix::objs::{CommitRef, Kind};

use super::{Commit, Objects, Trouble};
use crate::source::Gap;

/// What the walk needs of a commit.
pub struct Node {
    /// Its id.
    pub id: ObjectId,
    /// Its tree.
    pub tree: ObjectId,
    /// Its parents, present or not.
    pub parents: Vec<ObjectId>,
    /// The committer's seconds.
    pub time: i64,
}

/// Reads a commit.
///
/// # Errors
/// Why it could not be read.
pub fn read(objects: &Objects, id: ObjectId, buffer: &mut Vec<u8>) -> Result<Node, Trouble> {
    let data = objects.read(&id, Kind::Commit, buffer)?;
    let commit = CommitRef::from_bytes(data, objects.hash).map_err(|error| Trouble::Corrupt(error.to_string()))?;
    Ok(node(id, &commit))
}

/// The node of a parsed commit.
pub fn node(id: ObjectId, commit: &CommitRef<'_>) -> Node {
    let time = commit.time().map_or(0, |time| time.seconds);
    Node { id, tree: commit.tree(), parents: commit.parents().collect(), time }
}

/// What people want to know of a commit.
pub fn told(objects: &Objects, id: ObjectId, buffer: &mut Vec<u8>) -> Option<Commit> {
    let bytes = objects.read(&id, Kind::Commit, buffer).ok()?;
    let commit = CommitRef::from_bytes(bytes, objects.hash).ok()?;
    let person = |signature: Result<gix::actor::SignatureRef<'_>, gix::Error>| {
        signature.map_or_else(|_| String::new(), |person| format!("{} <{}>", person.name, person.email))
    };
    let date = |signature: Result<gix::actor::SignatureRef<'_>, gix::Error>| {
        let time = signature.ok().and_then(|person| person.time().ok());
        time.map_or_else(String::new, |time| time.format_or_unix(gix::date::time::format::ISO8601_STRICT))
    };
    Some(Commit {
        id: id.to_string(),
        author: person(commit.author()),
        committer: person(commit.committer()),
        date: date(commit.author()),
        committed: date(commit.committer()),
    })
}

/// The commits of one side.
#[derive(Default)]
pub struct Side {
    /// Newest first.
    pub commits: Vec<Node>,
    /// Parents that belong to the other side: where the two meet.
    pub borders: BTreeSet<ObjectId>,
    /// Parents that are not in the repository.
    pub missing: BTreeSet<ObjectId>,
    /// Commits that could not be read.
    pub gaps: Vec<Gap>,
    /// The other side was cut before it met this one, so some of `commits` may belong to it.
    pub unsure: bool,
}

/// Order of the walk: newest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    time: i64,
    id: ObjectId,
}

struct Walk<'o> {
    objects: &'o Objects,
    buffer: Vec<u8>,
    queue: BinaryHeap<Next>,
    nodes: HashMap<ObjectId, Node>,
    /// True for those that the other side has.
    hidden: HashMap<ObjectId, bool>,
    open: usize,
    side: Side,
    cut: bool,
}

/// The commits that lead to `head` and not to `base`.
pub fn side(objects: &Objects, head: ObjectId, base: Option<ObjectId>) -> Side {
    let mut walk = Walk {
        objects,
        buffer: Vec::new(),
        queue: BinaryHeap::new(),
        nodes: HashMap::new(),
        hidden: HashMap::new(),
        open: 0,
        side: Side::default(),
        cut: false,
    };
    if let Some(base) = base {
        walk.reach(base, true, None);
    }
    walk.reach(head, false, None);
    walk.run();
    walk.finish()
}

impl Walk<'_> {
    /// Puts a commit on the queue, or moves it and all that it leads to over to the other side.
    fn reach(&mut self, id: ObjectId, hidden: bool, child: Option<ObjectId>) {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            match self.hidden.get(&id) {
                Some(true) => continue,
                Some(false) if !hidden => continue,
                Some(false) => {
                    self.hidden.insert(id, true);
                    if let Some(node) = self.nodes.get(&id) {
                        stack.extend(&node.parents);
                    } else {
                        // Still in the queue.
                        self.open -= 1;
                    }
                    continue;
                }
                None => {}
            }
            match read(self.objects, id, &mut self.buffer) {
                Ok(node) => {
                    self.queue.push(Next { time: node.time, id });
                    self.hidden.insert(id, hidden);
                    self.open += usize::from(!hidden);
                }
                Err(Trouble::Missing) if hidden => self.cut = true,
                Err(Trouble::Missing) => {
                    self.side.missing.insert(id);
                }
                Err(trouble) => {
                    let what =
                        child.map_or_else(|| format!("commit {id}"), |child| format!("parent of commit {child}"));
                    self.side.gaps.push(trouble.gap(what, id));
                }
            }
        }
    }

    fn run(&mut self) {
        let mut oldest = i64::MAX;
        // Clocks differ: as long as the other side is not behind the oldest commit of this one, it may still reach it.
        while self.open > 0 || self.queue.peek().is_some_and(|next| next.time >= oldest) {
            let Some(Next { id, .. }) = self.queue.pop() else { break };
            let hidden = self.hidden.get(&id).copied().unwrap_or(true);
            if !hidden {
                self.open -= 1;
            }
            let Ok(node) = read(self.objects, id, &mut self.buffer) else { continue };
            if !hidden {
                oldest = oldest.min(node.time);
            }
            for &parent in &node.parents {
                self.reach(parent, hidden, Some(id));
            }
            self.nodes.insert(id, node);
        }
    }

    fn finish(mut self) -> Side {
        let hidden = &self.hidden;
        let is_hidden = |id: &ObjectId| hidden.get(id).copied();
        let mut commits: Vec<Node> =
            self.nodes.into_values().filter(|node| is_hidden(&node.id) == Some(false)).collect();
        commits.sort_by_key(|node| std::cmp::Reverse((node.time, node.id)));
        let parents = commits.iter().flat_map(|node| &node.parents).copied();
        self.side.borders = parents.filter(|parent| is_hidden(parent) == Some(true)).collect();
        let own: BTreeSet<ObjectId> = commits.iter().flat_map(|node| node.parents.iter().copied()).collect();
        let tip_missing = commits.is_empty();
        self.side.missing.retain(|id| tip_missing || own.contains(id));
        let rootless = commits.iter().any(|node| node.parents.is_empty());
        self.side.unsure = self.cut && (rootless || !self.side.missing.is_empty());
        self.side.commits = commits;
        self.side
    }
}
