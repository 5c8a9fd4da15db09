//! The versions of some files: every commit of HEAD's history that gave one of them another content than all its parents have.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::{Kind, TreeRefIter};

use super::commits::{self, Node};
use super::{Objects, Repository, Trouble};
use crate::source::{Gap, lossless};

/// A content of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version {
    /// Place of the commit in [`Versions::commits`].
    pub commit: usize,
    /// The blob; `None` where the commit took the file away.
    pub blob: Option<ObjectId>,
}

/// The history of some files.
pub struct Versions {
    /// Every commit that HEAD leads to, newest first.
    pub commits: Vec<Node>,
    /// The versions of each path, newest first.
    pub files: BTreeMap<Vec<u8>, Vec<Version>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A part of the wanted paths.
#[derive(Default)]
struct Part {
    children: BTreeMap<Vec<u8>, usize>,
    /// A wanted path ends here.
    ends: bool,
}

/// What a tree holds of the wanted parts: the part, and what stands there.
type Held = Rc<[(usize, ObjectId)]>;

struct Search<'o> {
    objects: &'o Objects,
    parts: Vec<Part>,
    held: HashMap<(ObjectId, usize), Held>,
    buffer: Vec<u8>,
    files: BTreeMap<Vec<u8>, Vec<Version>>,
    gaps: Vec<Gap>,
}

/// Follows `paths` through the commits that HEAD leads to; all commits and no file before the first commit.
pub fn versions<'p>(repository: &Repository, paths: impl Iterator<Item = &'p [u8]>) -> Versions {
    let objects = repository.objects();
    let Some(head) = repository.head() else {
        return Versions { commits: Vec::new(), files: BTreeMap::new(), gaps: Vec::new() };
    };
    let side = commits::side(&objects, head, None);
    let mut search = Search {
        objects: &objects,
        parts: vec![Part::default()],
        held: HashMap::new(),
        buffer: Vec::new(),
        files: BTreeMap::new(),
        gaps: side.gaps,
    };
    for path in paths {
        search.want(path);
    }
    if search.parts.len() > 1 {
        let trees: HashMap<ObjectId, ObjectId> = side.commits.iter().map(|node| (node.id, node.tree)).collect();
        for (place, node) in side.commits.iter().enumerate() {
            let parents: Vec<Option<ObjectId>> =
                node.parents.iter().filter_map(|id| trees.get(id)).map(|tree| Some(*tree)).collect();
            search.compare(place, 0, Some(node.tree), &parents, &mut Vec::new());
        }
    }
    Versions { commits: side.commits, files: search.files, gaps: search.gaps }
}

impl Search<'_> {
    fn want(&mut self, path: &[u8]) {
        let mut at = 0;
        for part in path.split(|byte| *byte == b'/') {
            let next = self.parts.len();
            let child = *self.parts[at].children.entry(part.to_vec()).or_insert(next);
            if child == next {
                self.parts.push(Part::default());
            }
            at = child;
        }
        self.parts[at].ends = true;
    }

    /// Notes what a commit's tree holds at `part` and none of its parents does. Wanted paths are no deeper than their text is
    /// long, and so is this.
    fn compare(
        &mut self,
        commit: usize,
        part: usize,
        own: Option<ObjectId>,
        parents: &[Option<ObjectId>],
        path: &mut Vec<u8>,
    ) {
        if parents.contains(&own) {
            return;
        }
        if self.parts[part].ends {
            self.files.entry(path.clone()).or_default().push(Version { commit, blob: own });
        }
        if self.parts[part].children.is_empty() {
            return;
        }
        let here = self.held(own, part, path);
        let before: Vec<Held> = parents.iter().map(|parent| self.held(*parent, part, path)).collect();
        let at = |held: &Held, child: usize| held.iter().find(|(part, _)| *part == child).map(|(_, id)| *id);
        let children: Vec<(Vec<u8>, usize)> =
            self.parts[part].children.iter().map(|(name, child)| (name.clone(), *child)).collect();
        for (name, child) in children {
            let (own, parents) = (at(&here, child), before.iter().map(|held| at(held, child)).collect::<Vec<_>>());
            if own.is_none() && parents.iter().all(Option::is_none) {
                continue;
            }
            let length = path.len();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&name);
            self.compare(commit, child, own, &parents, path);
            path.truncate(length);
        }
    }

    fn held(&mut self, tree: Option<ObjectId>, part: usize, path: &[u8]) -> Held {
        let Some(tree) = tree else { return Rc::from([]) };
        if let Some(held) = self.held.get(&(tree, part)) {
            return Rc::clone(held);
        }
        let held: Held = match self.entries(tree, part) {
            Ok(held) => held.into(),
            // A file may stand where a folder stood.
            Err(Trouble::Corrupt(_)) if !path.is_empty() => Rc::from([]),
            Err(trouble) => {
                self.gaps.push(trouble.gap(format!("folder /{}", lossless(path)), tree));
                Rc::from([])
            }
        };
        self.held.insert((tree, part), Rc::clone(&held));
        held
    }

    fn entries(&mut self, tree: ObjectId, part: usize) -> Result<Vec<(usize, ObjectId)>, Trouble> {
        let data = self.objects.read(&tree, Kind::Tree, &mut self.buffer)?;
        let wanted = &self.parts[part].children;
        let mut out = Vec::new();
        for entry in TreeRefIter::from_bytes(data, self.objects.hash) {
            let entry = entry.map_err(|error| Trouble::Corrupt(error.to_string()))?;
            if let Some(&child) = wanted.get(entry.filename.as_ref() as &[u8]).filter(|_| !entry.mode.is_commit()) {
                out.push((child, entry.oid.to_owned()));
            }
        }
        Ok(out)
    }
}
