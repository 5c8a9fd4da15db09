//! When and by whom identities came into a repository: commits, requests, new values, first references.
//!
//! Where findings stood from when to when is known already (`scan::git`). Here their commits get the request or ticket that
//! brought them, values that follow each other at one place become rotations, and references get the commit that brought
//! them. A commit whose parents are not in the repository brought nothing as far as anybody can tell: that stays unknown.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gix::ObjectId;
use gix::objs::{CommitRef, Kind};

use super::collect::{Sightings, change};
use super::record::{Change, Facts, Location, Rotation};
use super::reference::{self, File};
use super::register::Subject;
use crate::source::git::versions::Versions;
use crate::source::git::{Objects, Repository, commits};
use crate::source::lossless;

mod ticket;

/// Versions of one file that are read for the references in it.
const MAX_VERSIONS: usize = 500;

/// Adds what history tells: the versions of the files that hold the identities.
pub fn trace(name: &str, repository: &Repository, history: &Versions, sightings: &mut Sightings) {
    let objects = repository.objects();
    let mut tracer = Tracer { name, objects: &objects, told: HashMap::new() };
    tracer.first_references(history, sightings);
    let requests = tracer.requests(history, sightings);
    for facts in sightings.values_mut() {
        facts.locations = std::mem::take(&mut facts.locations)
            .into_iter()
            .map(|place| Location {
                introduced: place.introduced.and_then(|change| tracer.known(change, &requests)),
                removed: place.removed.map(|change| tracer.with_ticket(change, &requests)),
                ..place
            })
            .collect();
    }
    rotations(name, sightings);
}

/// The ticket of each commit that a request brought to the main line.
type Requests = HashMap<ObjectId, String>;

/// What is told of a commit: itself, its message, and whether all its parents are there.
#[derive(Clone)]
struct Told {
    change: Change,
    whole: bool,
}

struct Tracer<'a> {
    name: &'a str,
    objects: &'a Objects,
    told: HashMap<ObjectId, Option<Told>>,
}

impl Tracer<'_> {
    fn told(&mut self, id: ObjectId) -> Option<Told> {
        if let Some(told) = self.told.get(&id) {
            return told.clone();
        }
        let mut buffer = Vec::new();
        let told = commits::told(self.objects, id, &mut buffer).and_then(|commit| {
            let parsed = CommitRef::from_bytes(&buffer, self.objects.hash).ok()?;
            let ticket = ticket::ticket(&String::from_utf8_lossy(parsed.message));
            let whole = parsed.parents().all(|parent| self.objects.has(&parent));
            Some(Told { change: Change { ticket, ..change(&commit) }, whole })
        });
        self.told.insert(id, told.clone());
        told
    }

    fn with_ticket(&mut self, change: Change, requests: &Requests) -> Change {
        let Ok(id) = ObjectId::from_hex(change.commit.as_bytes()) else { return change };
        let own = self.told(id).and_then(|told| told.change.ticket);
        Change { ticket: own.or_else(|| requests.get(&id).cloned()), ..change }
    }

    /// The change with its ticket; `None` where the commit's own past is not there.
    fn known(&mut self, change: Change, requests: &Requests) -> Option<Change> {
        let id = ObjectId::from_hex(change.commit.as_bytes()).ok()?;
        self.told(id).filter(|told| told.whole)?;
        Some(self.with_ticket(change, requests))
    }

    /// Gives references the commit from which on their file has held them without a break.
    fn first_references(&mut self, history: &Versions, sightings: &mut Sightings) {
        let mut wanted: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
        for (subject, facts) in sightings.iter() {
            for place in facts.locations.iter().filter(|place| place.rule.is_none()) {
                wanted.entry(place.path.clone()).or_default().push(subject.clone());
            }
        }
        for (path, mut open) in wanted {
            let Some(versions) = history.files.get(path.as_bytes()) else { continue };
            open.dedup();
            let mut first: BTreeMap<Subject, ObjectId> = BTreeMap::new();
            let mut cut = true;
            for version in versions.iter().take(MAX_VERSIONS) {
                let held = version.blob.map(|blob| self.references(&path, blob)).unwrap_or_default();
                open.retain(|subject| held.contains(subject));
                let Some(commit) = history.commits.get(version.commit) else { break };
                first.extend(open.iter().map(|subject| (subject.clone(), commit.id)));
                if open.is_empty() {
                    break;
                }
                cut = versions.len() > MAX_VERSIONS;
            }
            if cut {
                // Older versions were not read: what all of those held came in before.
                first.retain(|subject, _| !open.contains(subject));
            }
            for (subject, commit) in first {
                let change = self.told(commit).map(|told| told.change);
                if let Some(facts) = sightings.get_mut(&subject) {
                    introduce(facts, &path, change.as_ref());
                }
            }
        }
    }

    fn references(&self, path: &str, blob: ObjectId) -> BTreeSet<Subject> {
        let mut buffer = Vec::new();
        match self.objects.read(&blob, Kind::Blob, &mut buffer) {
            Ok(bytes) => reference::read(&File::new(self.name, path, bytes)).into_found().into_keys().collect(),
            Err(_) => BTreeSet::new(),
        }
    }

    /// For the commits that sightings name and whose message names nothing: the request whose merge brought them to HEAD's
    /// line of first parents.
    fn requests(&mut self, history: &Versions, sightings: &Sightings) -> Requests {
        let changes =
            sightings.values().flat_map(|facts| &facts.locations).flat_map(|place| [&place.introduced, &place.removed]);
        let ids: BTreeSet<ObjectId> =
            changes.flatten().filter_map(|change| ObjectId::from_hex(change.commit.as_bytes()).ok()).collect();
        let mut open: BTreeSet<ObjectId> = BTreeSet::new();
        for id in ids {
            if self.told(id).is_some_and(|told| told.change.ticket.is_none()) {
                open.insert(id);
            }
        }
        let places: HashMap<ObjectId, usize> =
            history.commits.iter().enumerate().map(|(place, node)| (node.id, place)).collect();
        let mut line = Vec::new();
        let mut at = history.commits.first();
        while let Some(node) = at {
            line.push(node);
            at = node.parents.first().and_then(|id| places.get(id)).and_then(|place| history.commits.get(*place));
        }
        let mut seen = vec![false; history.commits.len()];
        let mut found = Requests::new();
        for merge in line.into_iter().rev() {
            let mut stack: Vec<ObjectId> = merge.parents.iter().skip(1).copied().collect();
            let mut brought = Vec::new();
            if let Some(&place) = places.get(&merge.id) {
                seen[place] = true;
            }
            while let Some(id) = stack.pop() {
                let Some(&place) = places.get(&id) else { continue };
                if std::mem::replace(&mut seen[place], true) {
                    continue;
                }
                brought.extend(open.contains(&id).then_some(id));
                stack.extend(history.commits.get(place).into_iter().flat_map(|node| &node.parents));
            }
            if brought.is_empty() {
                continue;
            }
            if let Some(ticket) = self.told(merge.id).and_then(|told| told.change.ticket) {
                found.extend(brought.into_iter().map(|id| (id, ticket.clone())));
            }
        }
        found
    }
}

/// Gives the places at `path` that have none the commit that brought them.
fn introduce(facts: &mut Facts, path: &str, change: Option<&Change>) {
    facts.locations = std::mem::take(&mut facts.locations)
        .into_iter()
        .map(|place| {
            let fits = place.path == path && place.rule.is_none() && place.introduced.is_none();
            if fits { Location { introduced: change.cloned(), ..place } } else { place }
        })
        .collect();
}

/// One value under a name in a file, followed by another in the same commit.
#[derive(Default)]
struct Turn {
    gone: BTreeSet<Subject>,
    come: BTreeMap<Subject, Change>,
}

/// Values that took each other's place: the commit that took one away from a name in a file brought another to the same name
/// in the same file. Where several did at once, nobody can tell which followed which.
fn rotations(name: &str, sightings: &mut Sightings) {
    let mut turns: BTreeMap<(String, String, String), Turn> = BTreeMap::new();
    for (subject, facts) in sightings.iter() {
        for place in &facts.locations {
            let Some(called) = place.name.clone().or_else(|| place.rule.clone()) else { continue };
            let key = |change: &Change| (place.path.clone(), called.clone(), change.commit.clone());
            if let Some(change) = &place.removed {
                turns.entry(key(change)).or_default().gone.insert(subject.clone());
            }
            if let Some(change) = &place.introduced {
                turns.entry(key(change)).or_default().come.insert(subject.clone(), change.clone());
            }
        }
    }
    for ((path, called, _), Turn { gone, come }) in turns {
        let (Some(from), Some((to, change)), 1, 1) = (gone.first(), come.first_key_value(), gone.len(), come.len())
        else {
            continue;
        };
        if from == to {
            continue;
        }
        let place = format!("{name}:{}:{called}", lossless(path.as_bytes()));
        let rotation = Rotation { change: change.clone(), from: from.id(), to: to.id(), place };
        for subject in [from, to] {
            if let Some(facts) = sightings.get_mut(subject) {
                facts.rotations.insert(rotation.clone());
            }
        }
    }
}
