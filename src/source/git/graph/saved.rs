//! Trees as a scan cache keeps them: names in order, then the changes.

use super::super::saved::{Numbers, put, put_bytes, take_bytes, take_count, take_short};
use super::{Change, Entry, Graph, NONE};

/// What [`Graph::load`] gives: the trees that are still as they were.
pub struct Loaded {
    /// The graph of these trees.
    pub graph: Graph,
    /// No tree was left out.
    pub whole: bool,
}

impl Graph {
    /// Writes all trees.
    pub fn save(&self, out: &mut Vec<u8>) {
        let names = u32::try_from(self.names.ends.len()).unwrap_or(NONE);
        put(out, u64::from(names));
        for number in 0..names {
            put_bytes(out, self.names.name(number));
        }
        put(out, self.changes.len() as u64);
        for (tree, base, removed, added) in self.changes() {
            put(out, u64::from(tree));
            put(out, base.map_or(0, |base| u64::from(base) + 1));
            put(out, removed.len() as u64);
            put(out, added.len() as u64);
            for entry in removed.iter().chain(added) {
                put(out, u64::from(entry.name));
                put(out, u64::from(entry.child));
            }
        }
    }

    /// Reads what [`Self::save`] wrote. A tree is left out when it, or an object it names, is not there any more, or when
    /// the pack has it as a delta of another one: `bases` has what each object is a delta of. So what is read is what a
    /// look at the tree would give. `None` where it is none of this.
    pub fn load(rest: &mut &[u8], numbers: &Numbers, bases: &[u32]) -> Option<Loaded> {
        let mut graph = Self { count: bases.len(), ..Self::default() };
        let names = u32::try_from(take_count(rest, 1)?).ok()?;
        for number in 0..names {
            (graph.names.number(take_bytes(rest)?) == number).then_some(())?;
        }
        let mut whole = true;
        for _ in 0..take_count(rest, 4)? {
            let from = graph.entries.len();
            let tree = numbers.take(rest)?;
            // Of what is not there any more, nothing is a delta.
            let base = match take_short(rest)?.checked_sub(1) {
                None => Some(NONE),
                Some(base) => numbers.of(base)?,
            };
            let (removed, added) = (take_short(rest)?, take_short(rest)?);
            let mut all = true;
            for _ in 0..u64::from(removed) + u64::from(added) {
                let name = take_short(rest).filter(|name| *name < names)?;
                match numbers.take(rest)? {
                    Some(child) => graph.entries.push(Entry { name, child }),
                    None => all = false,
                }
            }
            let same = |tree: &u32| all && base.is_some() && base == bases.get(*tree as usize).copied();
            if let (Some(tree), Some(base)) = (tree.filter(same), base) {
                let from = u32::try_from(from).ok()?;
                graph.changes.push(Change { tree, base, from, removed, added });
            } else {
                graph.entries.truncate(from);
                whole = false;
            }
        }
        Some(Loaded { graph, whole })
    }
}
