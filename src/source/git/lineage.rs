//! In which commits blobs stand: what trees hold of the blobs that matter, made once for all trees that hold the same.
//!
//! What a tree holds of them is its **shape**: names with blobs, and names with the shapes of folders. Tens of thousands
//! of versions of a root folder have a few thousand shapes, and two shapes are compared by going into what differs.

use std::collections::HashMap;

use super::graph::{DEEPEST, Entry, Graph, Spreading};
use super::saved::{put, take, take_count, take_short};
use crate::source::lossless;
use crate::source::{Gap, GapReason};

/// Blobs by path that one tree is followed for. More are made to hurt.
const MAX_HELD: u32 = 100_000;
/// No path: the root.
pub const ROOT: u32 = u32::MAX;
/// The shape of a tree that holds nothing that matters.
pub const NOTHING: u32 = 0;
/// A tree whose shape is not known yet.
const OPEN: u32 = u32::MAX;
/// A bit of a name: it is a folder's.
const FOLDER: u32 = 1 << 31;

/// A blob at a path: `(path, blob)`.
pub type Item = (u32, u32);

/// What trees hold of the blobs that matter.
pub struct Lineage {
    /// Where the entries of each shape begin, and the end.
    starts: Vec<u32>,
    /// Names, and blobs or shapes; sorted by name in each shape.
    entries: Vec<Entry>,
    /// Blobs below each shape.
    sizes: Vec<u32>,
    /// The shape of each tree that holds any; by object.
    shapes: Vec<u32>,
    /// Paths: the folder's, and the name.
    paths: Vec<(u32, u32)>,
    numbers: HashMap<(u32, u32), u32, Spreading>,
    graph: Graph,
    /// What could not be followed.
    pub gaps: Vec<Gap>,
}

/// What each tree holds that leads to a blob that matters.
struct Lists {
    /// By object: 1 for the blobs that matter, more for folders above them, 0 for all others.
    heights: Vec<u16>,
    /// By tree: where its entries begin and end.
    ranges: Vec<(u32, u32)>,
    entries: Vec<Entry>,
}

impl Lists {
    fn of(&self, tree: u32) -> &[Entry] {
        let range = self.ranges.get(tree as usize).map(|(from, to)| *from as usize..*to as usize);
        range.and_then(|range| self.entries.get(range)).unwrap_or(&[])
    }

    /// Entries that lead to one of `blobs`, of `count` objects.
    fn new(graph: &Graph, blobs: &[u32], count: usize) -> Self {
        let mut lists =
            Self { heights: heights(graph, blobs, count), ranges: vec![(0, 0); count], entries: Vec::new() };
        let mut own: Vec<Entry> = Vec::new();
        for (tree, base, removed, added) in graph.changes() {
            own.clear();
            own.extend_from_slice(base.map_or(&[], |base| lists.of(base)));
            let is_lead = |entry: &&Entry| lists.heights[entry.child as usize] > 0;
            for entry in removed.iter().filter(is_lead) {
                if let Ok(at) = own.binary_search(entry) {
                    own.remove(at);
                }
            }
            if own.is_empty() {
                own.extend(added.iter().filter(is_lead));
                own.sort_unstable();
            } else {
                for entry in added.iter().filter(is_lead) {
                    let at = own.binary_search(entry).unwrap_or_else(|at| at);
                    own.insert(at, *entry);
                }
            }
            if !own.is_empty() {
                let from = u32::try_from(lists.entries.len()).unwrap_or(u32::MAX);
                lists.entries.extend_from_slice(&own);
                let to = u32::try_from(lists.entries.len()).unwrap_or(u32::MAX);
                lists.ranges[tree as usize] = (from, to);
            }
        }
        lists
    }
}

/// Which of `count` objects lead to one of `blobs`, as [`Lists`] has it.
fn heights(graph: &Graph, blobs: &[u32], count: usize) -> Vec<u16> {
    let (mut heights, mut held) = (vec![0u16; count], vec![0u32; count]);
    for &blob in blobs {
        heights[blob as usize] = 1;
    }
    let order = graph.inside_out(count);
    // What a folder holds is mostly known before it; a second round tells that nothing was missed.
    let mut more = true;
    while std::mem::take(&mut more) {
        for (tree, base, removed, added) in order.iter().filter_map(|&place| graph.change(place)) {
            let of = |entries: &[Entry]| entries.iter().filter(|entry| heights[entry.child as usize] > 0).count();
            let before = base.map_or(0, |base| held[base as usize] as usize);
            let now = (before + of(added)).saturating_sub(of(removed));
            held[tree as usize] = u32::try_from(now).unwrap_or(u32::MAX);
            if now > 0 && heights[tree as usize] == 0 {
                let above = added.iter().map(|entry| heights[entry.child as usize]).max().unwrap_or(0).max(1) + 1;
                let height = above.max(base.map_or(0, |base| heights[base as usize]));
                if usize::from(height) <= DEEPEST {
                    heights[tree as usize] = height;
                    more = true;
                }
            }
        }
    }
    heights
}

impl Lineage {
    /// Follows `blobs` (sorted) through every tree; `count` is that of all objects.
    pub fn new(graph: Graph, blobs: &[u32], count: usize) -> Self {
        let mut lineage = Self::empty();
        if !blobs.is_empty() {
            let lists = Lists::new(&graph, blobs, count);
            lineage.shape_all(&lists);
        }
        lineage.graph = graph.into_names();
        lineage
    }

    /// Writes the shapes of some trees, for a run that finds the same objects and follows the same blobs.
    pub fn save(&self, mut trees: Vec<u32>, out: &mut Vec<u8>) {
        put(out, self.sizes.len() as u64 - 1);
        for shape in 1..u32::try_from(self.sizes.len()).unwrap_or(NOTHING) {
            let entries = self.entries_of(shape);
            put(out, entries.len() as u64);
            for entry in entries {
                put(out, u64::from(entry.name & !FOLDER) << 1 | u64::from(entry.name & FOLDER != 0));
                put(out, u64::from(entry.child));
            }
        }
        trees.retain(|tree| self.shape(*tree) != NOTHING);
        trees.sort_unstable();
        trees.dedup();
        put(out, trees.len() as u64);
        for tree in trees {
            put(out, u64::from(tree));
            put(out, u64::from(self.shape(tree)));
        }
    }

    /// Reads what [`Self::save`] wrote; `None` where it is none of this. `graph` has the names, `count` objects are there.
    pub fn load(mut bytes: &[u8], graph: &mut Graph, count: usize) -> Option<Self> {
        let rest = &mut bytes;
        let mut lineage = Self { shapes: vec![OPEN; count], ..Self::empty() };
        for shape in 1..=take_count(rest, 3)? {
            let mut size = 0u32;
            for _ in 0..take_count(rest, 2)? {
                let (name, child) = (take(rest)?, take_short(rest)?);
                let (is_folder, name) =
                    (name & 1 != 0, u32::try_from(name >> 1).ok().filter(|name| name & FOLDER == 0)?);
                // Folders stand before what holds them.
                (child as usize).lt(&if is_folder { shape } else { count }).then_some(())?;
                size = size.saturating_add(if is_folder { *lineage.sizes.get(child as usize)? } else { 1 });
                lineage.entries.push(Entry { name: if is_folder { name | FOLDER } else { name }, child });
            }
            (size <= MAX_HELD).then_some(())?;
            lineage.starts.push(u32::try_from(lineage.entries.len()).ok()?);
            lineage.sizes.push(size);
        }
        for _ in 0..take_count(rest, 2)? {
            let (tree, shape) = (take_short(rest)?, take_short(rest)?);
            *lineage.shapes.get_mut(tree as usize)? =
                Some(shape).filter(|shape| (*shape as usize) < lineage.sizes.len())?;
        }
        rest.is_empty().then_some(())?;
        lineage.graph = std::mem::take(graph).into_names();
        Some(lineage)
    }

    fn empty() -> Self {
        Self {
            starts: vec![0, 0],
            entries: Vec::new(),
            sizes: vec![0],
            shapes: Vec::new(),
            paths: Vec::new(),
            numbers: HashMap::default(),
            graph: Graph::default(),
            gaps: Vec::new(),
        }
    }

    /// Gives each tree its shape, folders before what holds them.
    fn shape_all(&mut self, lists: &Lists) {
        let mut known: HashMap<u64, u32, Spreading> = HashMap::default();
        let mut own: Vec<Entry> = Vec::new();
        self.shapes = vec![OPEN; lists.ranges.len()];
        let trees = (0..).zip(&lists.ranges).filter(|(_, (from, to))| from < to).map(|(tree, _)| tree);
        for tree in trees {
            let mut stack: Vec<u32> = vec![tree];
            while let Some(&tree) = stack.last() {
                let entries = lists.of(tree);
                let is_blob = |entry: &&Entry| lists.heights[entry.child as usize] == 1;
                // Begun, and not done: what leads into itself ends here, with nothing.
                let begun = std::mem::replace(&mut self.shapes[tree as usize], NOTHING) != OPEN;
                let before = stack.len();
                if !begun {
                    let open = |entry: &&Entry| !is_blob(entry) && self.shapes[entry.child as usize] == OPEN;
                    stack.extend(entries.iter().filter(open).map(|entry| entry.child));
                }
                if stack.len() > before {
                    continue;
                }
                stack.pop();
                own.clear();
                own.extend(entries.iter().filter(is_blob));
                own.extend(entries.iter().filter(|entry| !is_blob(entry)).filter_map(|entry| {
                    let child = self.shape(entry.child);
                    (child != NOTHING).then_some(Entry { name: entry.name | FOLDER, child })
                }));
                let shape = self.keep(&own, &mut known);
                self.shapes[tree as usize] = shape;
            }
        }
    }

    /// The shape of these entries.
    fn keep(&mut self, entries: &[Entry], known: &mut HashMap<u64, u32, Spreading>) -> u32 {
        use std::hash::BuildHasher as _;
        if entries.is_empty() {
            return NOTHING;
        }
        let mut hash = Spreading::default().hash_one(entries);
        while let Some(&shape) = known.get(&hash) {
            if self.entries_of(shape) == entries {
                return shape;
            }
            hash = hash.wrapping_add(1);
        }
        let size = |entry: &Entry| {
            if entry.name & FOLDER == 0 { 1 } else { self.sizes.get(entry.child as usize).copied().unwrap_or(0) }
        };
        let size = entries.iter().map(size).fold(0u32, u32::saturating_add);
        if size > MAX_HELD {
            let detail = format!("a tree holds findings at more than {MAX_HELD} paths; it was not followed");
            self.gaps.push(Gap { what: "history".to_owned(), reason: GapReason::Limit, detail });
            return NOTHING;
        }
        let shape = u32::try_from(self.sizes.len()).unwrap_or(NOTHING);
        self.entries.extend_from_slice(entries);
        self.starts.push(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.sizes.push(size);
        known.insert(hash, shape);
        shape
    }

    /// The shape of a tree.
    pub fn shape(&self, tree: u32) -> u32 {
        self.shapes.get(tree as usize).copied().filter(|shape| *shape != OPEN).unwrap_or(NOTHING)
    }

    fn entries_of(&self, shape: u32) -> &[Entry] {
        let at = shape as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => self.entries.get(from as usize..to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// What `one` holds and `other` does not, and the other way round, path by path.
    pub fn differences(&mut self, one: u32, other: u32, found: &mut dyn FnMut(u32, Option<u32>, Option<u32>)) {
        let mut stack = vec![(ROOT, one, other)];
        while let Some((folder, one, other)) = stack.pop() {
            if one == other {
                continue;
            }
            let (mut left, mut right) = (self.range(one), self.range(other));
            while !left.is_empty() || !right.is_empty() {
                let (a, b) = (self.entries.get(left.start), self.entries.get(right.start));
                let (a, b) = (a.filter(|_| !left.is_empty()).copied(), b.filter(|_| !right.is_empty()).copied());
                // Blobs first, then folders, each by name.
                let name = match (a, b) {
                    (Some(a), Some(b)) => a.name.min(b.name),
                    (Some(one), None) | (None, Some(one)) => one.name,
                    (None, None) => break,
                };
                let (a, b) = (a.filter(|a| a.name == name), b.filter(|b| b.name == name));
                left.start += usize::from(a.is_some());
                right.start += usize::from(b.is_some());
                let (a, b) = (a.map(|a| a.child), b.map(|b| b.child));
                if a == b {
                    continue;
                }
                let path = self.joined(folder, name & !FOLDER);
                if name & FOLDER == 0 {
                    found(path, a, b);
                } else {
                    stack.push((path, a.unwrap_or(NOTHING), b.unwrap_or(NOTHING)));
                }
            }
        }
    }

    fn range(&self, shape: u32) -> std::ops::Range<usize> {
        let at = shape as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// The blob at a path of a shape.
    pub fn at(&self, shape: u32, path: u32) -> Option<u32> {
        let mut names = Vec::new();
        let mut up = path;
        while let Some(&(folder, name)) = self.paths.get(up as usize) {
            names.push(if names.is_empty() { name } else { name | FOLDER });
            up = folder;
        }
        let mut child = shape;
        for name in names.into_iter().rev() {
            let entries = self.entries_of(child);
            let at = entries.partition_point(|entry| entry.name < name);
            child = entries.get(at).filter(|entry| entry.name == name)?.child;
        }
        Some(child)
    }

    fn joined(&mut self, folder: u32, name: u32) -> u32 {
        *self.numbers.entry((folder, name)).or_insert_with(|| {
            self.paths.push((folder, name));
            u32::try_from(self.paths.len() - 1).unwrap_or(ROOT)
        })
    }

    /// A path as reports show it, and its bytes.
    pub fn path(&self, path: u32) -> (String, Vec<u8>) {
        let (mut names, mut at) = (Vec::new(), path);
        while let Some(&(folder, name)) = self.paths.get(at as usize) {
            names.push(self.graph.name(name));
            at = folder;
        }
        names.reverse();
        let bytes = names.join(&b'/');
        (lossless(&bytes), bytes)
    }
}
