//! What a range of commits adds: blobs that stand in no parent at their path, and messages.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use super::commits::{self, Side};
use super::tree::{Differ, Leaf};
use super::{Objects, Repository};
use crate::source::{Gap, GapReason};

/// Missing commits that are named; more are counted.
const NAMED: usize = 5;

/// A range to look at.
pub struct Range {
    /// The commit it begins behind; `None` where nothing is known of it.
    pub base: Option<ObjectId>,
    /// The commit it ends with.
    pub head: ObjectId,
}

/// What a range adds.
#[derive(Default)]
pub struct Added {
    /// Each blob at each of its paths once, with the oldest commit that brings it.
    pub blobs: Vec<(Leaf, ObjectId)>,
    /// The commits, newest first.
    pub commits: Vec<ObjectId>,
    /// Trees of what the base side holds where the two meet, the base's own first.
    pub before: Vec<ObjectId>,
    /// The head's tree.
    pub after: Option<ObjectId>,
    /// What was cut off or could not be read.
    pub gaps: Vec<Gap>,
}

/// The objects that the head's side adds.
pub fn added(repository: &Repository, range: &Range) -> Added {
    let objects = repository.objects();
    let mut buffer = Vec::new();
    let side = commits::side(&objects, range.head, range.base);
    let mut tree = |id: ObjectId| commits::read(&objects, id, &mut buffer).ok().map(|node| node.tree);
    let base_tree = range.base.and_then(&mut tree);
    let mut out = Added { after: tree(range.head), ..Added::default() };
    out.before.extend(base_tree);
    out.before.extend(side.borders.iter().filter_map(|&id| tree(id)));
    out.before = each_once(std::mem::take(&mut out.before));
    out.gaps.extend(cut(repository, range, &side));
    let mut differ = Differ::new(&objects);
    let mut blobs: BTreeMap<Leaf, ObjectId> = BTreeMap::new();
    // Oldest first, so that the commit named is the one that brought the blob.
    for node in side.commits.iter().rev() {
        let mut others: Vec<ObjectId> = Vec::new();
        for &parent in &node.parents {
            // Where a parent is cut off, the base's tree stands in for it: tree against tree.
            others.extend(tree(parent).or(base_tree));
        }
        if node.parents.is_empty() && side.unsure {
            others.extend(base_tree);
        }
        differ.added(node.tree, &others, &mut |leaf| {
            blobs.entry(leaf).or_insert(node.id);
        });
    }
    out.gaps.append(&mut differ.gaps);
    out.gaps.extend(side.gaps);
    out.commits = side.commits.iter().map(|node| node.id).collect();
    out.blobs = blobs.into_iter().collect();
    out
}

/// The blobs of a commit's whole tree.
pub fn whole(repository: &Repository, head: ObjectId) -> Added {
    let objects = repository.objects();
    let mut out = Added { commits: vec![head], ..Added::default() };
    match commits::read(&objects, head, &mut Vec::new()) {
        Ok(node) => {
            out.after = Some(node.tree);
            let mut differ = Differ::new(&objects);
            differ.added(node.tree, &[], &mut |leaf| out.blobs.push((leaf, head)));
            out.gaps.append(&mut differ.gaps);
        }
        Err(trouble) => out.gaps.push(trouble.gap(format!("commit {head}"), head)),
    }
    out.blobs.sort();
    out
}

/// The first paths of blobs that stand in `tree`, of those asked for.
pub fn holds(objects: &Objects, tree: ObjectId, wanted: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let mut out = BTreeSet::new();
    Differ::new(objects).added(tree, &[], &mut |leaf| {
        if wanted.contains(&leaf.id) {
            out.insert(leaf.id);
        }
    });
    out
}

fn each_once(ids: Vec<ObjectId>) -> Vec<ObjectId> {
    let mut seen = BTreeSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// Says where history was cut.
fn cut(repository: &Repository, range: &Range, side: &Side) -> Option<Gap> {
    let shallow = repository.is_shallow();
    let advice = if shallow {
        "the clone is shallow: fetch with full depth (fetch-depth: 0, GIT_DEPTH: 0, git fetch --unshallow)"
    } else {
        "fetch the missing commits"
    };
    if !side.missing.is_empty() {
        let names: Vec<String> = side.missing.iter().take(NAMED).map(ToString::to_string).collect();
        let more = side.missing.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let compared = if range.base.is_some() { "; the trees of base and head were compared instead" } else { "" };
        let detail = format!(
            "commits {}{more} and what leads to them are not in the repository{compared}; {advice}",
            names.join(", ")
        );
        return Some(Gap { what: "history".to_owned(), reason: cut_reason(shallow), detail });
    }
    side.unsure.then(|| {
        let detail =
            format!("the base's history is cut before it meets the head's; the trees were compared instead; {advice}");
        Gap { what: "history".to_owned(), reason: cut_reason(shallow), detail }
    })
}

fn cut_reason(shallow: bool) -> GapReason {
    if shallow { GapReason::Shallow } else { GapReason::MissingObject }
}
