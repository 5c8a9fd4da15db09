//! Where folders stand, as numbers: a path is its folder's number and a name, so that paths of two runs are compared
//! without being written.

use std::collections::HashMap;

use super::super::saved::{put, take_count, take_short};
use super::{DEEPEST, Graph, NONE, Spreading};

/// The root folder.
const ROOT: u32 = 0;

/// The places of folders.
pub struct Places {
    /// The folder above and the name; the root has neither.
    folders: Vec<(u32, u32)>,
    numbers: HashMap<(u32, u32), u32, Spreading>,
    /// By object.
    of: Vec<u32>,
}

impl Places {
    /// The places of a graph's folders, beginning with those of an earlier run, as [`Self::load`] gives them.
    pub fn new(graph: &Graph, known: &[(u32, u32)]) -> Self {
        let mut places = Self { folders: vec![(NONE, NONE)], numbers: HashMap::default(), of: vec![NONE; graph.count] };
        for &(above, name) in known {
            let name = graph.renamed(name).unwrap_or(NONE);
            // A number each, even for one that is there twice.
            places.numbers.entry((above, name)).or_insert(u32::try_from(places.folders.len()).unwrap_or(NONE));
            places.folders.push((above, name));
        }
        for (tree, ..) in graph.changes() {
            places.find(graph, tree);
        }
        places
    }

    /// Finds the place of a tree and of those above it. One that is too deep, or in itself, has none.
    fn find(&mut self, graph: &Graph, tree: u32) {
        let (mut way, mut at) = (Vec::new(), tree);
        let mut place = loop {
            if let Some(&known) = self.of.get(at as usize).filter(|known| **known != NONE) {
                break known;
            }
            match graph.sights().of(at).first() {
                None => {
                    self.of[at as usize] = ROOT;
                    break ROOT;
                }
                Some(&(name, above)) => {
                    way.push((at, name));
                    at = above;
                }
            }
            if way.len() > DEEPEST {
                return;
            }
        };
        for (tree, name) in way.into_iter().rev() {
            let next = u32::try_from(self.folders.len()).unwrap_or(NONE);
            let folders = &mut self.folders;
            place = *self.numbers.entry((place, name)).or_insert_with(|| {
                folders.push((place, name));
                next
            });
            self.of[tree as usize] = place;
        }
    }

    /// The places of an object that is no tree: the folder and its name there, `None` where a folder has no place.
    pub fn of<'p>(&'p self, graph: &'p Graph, child: u32) -> impl ExactSizeIterator<Item = (Option<u32>, u32)> + 'p {
        graph.sights().of(child).iter().map(|(name, tree)| {
            let folder = self.of.get(*tree as usize).copied().filter(|folder| *folder != NONE);
            (folder, *name)
        })
    }

    /// Writes the places of folders.
    pub fn save(&self, out: &mut Vec<u8>) {
        put(out, self.folders.len() as u64 - 1);
        for &(above, name) in self.folders.iter().skip(1) {
            put(out, u64::from(above));
            put(out, u64::from(name));
        }
    }

    /// Reads what [`Self::save`] wrote.
    pub fn load(rest: &mut &[u8]) -> Option<Vec<(u32, u32)>> {
        (0..take_count(rest, 2)?).map(|_| Some((take_short(rest)?, take_short(rest)?))).collect()
    }
}
