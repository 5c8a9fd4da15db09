//! What changed between two registers, as lifecycle events.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::kind::{Field, ScopeLevel, StorageState};
use super::record::{Attribution, Identity};
use super::register::Register;
use super::resolve::objections;
use crate::config::NhiPolicy;

/// What happened to an identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub enum Event {
    /// It was not known before.
    #[serde(rename = "nhi.discovered")]
    Discovered,
    /// No place shows it any more, and its history is gone too.
    #[serde(rename = "nhi.gone")]
    Gone,
    /// Its value stands in clear where it did not before.
    #[serde(rename = "nhi.exposed")]
    Exposed,
    /// HEAD shows it no more.
    #[serde(rename = "nhi.removed_from_head")]
    RemovedFromHead,
    /// Another value took its place, or a source tells of a newer rotation.
    #[serde(rename = "nhi.rotated")]
    Rotated,
    /// Somebody else answers for it.
    #[serde(rename = "nhi.owner_changed")]
    OwnerChanged,
    /// It reaches further than before.
    #[serde(rename = "nhi.scope_expanded")]
    ScopeExpanded,
    /// What it may do changed otherwise.
    #[serde(rename = "nhi.permission_changed")]
    PermissionChanged,
    /// Another place or consumer refers to it.
    #[serde(rename = "nhi.reference_added")]
    ReferenceAdded,
    /// A place or consumer refers to it no more.
    #[serde(rename = "nhi.reference_removed")]
    ReferenceRemoved,
    /// A state came up: `aged`, `expired`, `unowned` …
    #[serde(rename = "nhi.state_entered")]
    StateEntered,
    /// A state is over.
    #[serde(rename = "nhi.state_left")]
    StateLeft,
    /// Another field changed.
    #[serde(rename = "nhi.changed")]
    Changed,
}

impl Event {
    /// Whoever decides on the identity should look again: rotate it or let it go.
    pub fn asks_for_review(self) -> bool {
        matches!(self, Self::Exposed | Self::OwnerChanged | Self::ScopeExpanded)
    }
}

/// One thing that changed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// What happened.
    pub event: Event,
    /// The row.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The field, state or place it is about.
    pub of: String,
    /// Before; empty where there was nothing.
    pub from: String,
    /// After; empty where there is nothing.
    pub to: String,
}

/// What changed from `old` to `new`, both resolved; sorted by event, then by row.
pub fn diff(old: &Register, new: &Register) -> Vec<Change> {
    let mut out = BTreeSet::new();
    for (id, row) in &new.identities {
        match old.identities.get(id) {
            None => {
                out.insert(change(Event::Discovered, row, "identity", "", &described(row)));
            }
            Some(before) => compare(before, row, &mut out),
        }
    }
    for (id, row) in &old.identities {
        if !new.identities.contains_key(id) {
            out.insert(change(Event::Gone, row, "identity", &described(row), ""));
        }
    }
    out.into_iter().collect()
}

/// What the policy does not allow of what is new in `changes`: identities that were added, and those that are kept or reach
/// otherwise than before. One sentence each.
pub fn objected(changes: &[Change], new: &Register, policy: &NhiPolicy) -> Vec<String> {
    let opened = |event: Event| matches!(event, Event::Discovered | Event::Exposed | Event::ScopeExpanded);
    let mut ids: BTreeMap<&str, Event> = BTreeMap::new();
    for change in changes.iter().filter(|change| opened(change.event)) {
        ids.entry(&change.id).or_insert(change.event);
    }
    let sentences = ids.into_iter().filter_map(|(id, event)| {
        let row = new.identities.get(id)?;
        let mut against = objections(row, policy);
        if is_clear(row.resolved.storage) {
            against.insert(0, "its value stands in clear".to_owned());
        }
        let verb = if event == Event::Discovered { "adds" } else { "changes" };
        (!against.is_empty()).then(|| format!("{verb} {}: {}: {}", label(row), described(row), against.join("; ")))
    });
    sentences.collect()
}

/// The value itself can be read.
fn is_clear(storage: Option<StorageState>) -> bool {
    storage.is_some_and(|storage| storage <= StorageState::Image)
}

/// One line on an identity: `static api-key (stripe), embedded, no owner, production`.
pub fn described(row: &Identity) -> String {
    let resolved = &row.resolved;
    let kind = resolved.kind.map_or("identity", |kind| kind.name());
    let mode = resolved.mode.map_or(String::new(), |mode| format!("{} ", mode.name()));
    let provider = row.facts.first(Field::Provider).map_or(String::new(), |claim| format!(" ({})", claim.value));
    let mut parts = vec![format!("{mode}{kind}{provider}")];
    parts.extend(resolved.storage.map(|storage| storage.name().to_owned()));
    let owned = resolved.technical_owner.is_some() || resolved.business_owner.is_some();
    parts.push(if owned { "owned" } else { "no owner" }.to_owned());
    if let Some(level) = resolved.scope_level.filter(|level| *level != ScopeLevel::Unknown) {
        parts.push(format!("{} scope", level.name()));
    }
    parts.extend(resolved.lists.get(Field::Environment.name()).into_iter().flatten().cloned());
    parts.join(", ")
}

/// What people call an identity: the principal, its name, its key id, or else the row's id.
pub fn label(row: &Identity) -> String {
    let known = [Field::Principal, Field::Name, Field::KeyId].into_iter().find_map(|field| row.facts.first(field));
    known.map_or_else(|| row.id.clone(), |claim| claim.value.clone())
}

fn change(event: Event, row: &Identity, of: &str, from: &str, to: &str) -> Change {
    let [of, from, to] = [of, from, to].map(str::to_owned);
    Change { event, id: row.id.clone(), label: label(row), of, from, to }
}

/// Compares two looks at one identity.
fn compare(old: &Identity, new: &Identity, out: &mut BTreeSet<Change>) {
    let mut note = |event: Event, of: &str, from: &str, to: &str| {
        out.insert(change(event, new, of, from, to));
    };
    reach(old, new, &mut note);
    care(old, new, &mut note);
    let (was, is) = (references(old), references(new));
    for place in is.difference(&was) {
        note(Event::ReferenceAdded, "reference", "", place);
    }
    for place in was.difference(&is) {
        note(Event::ReferenceRemoved, "reference", place, "");
    }
    let (before, after) = (&old.resolved, &new.resolved);
    for (state, why) in after.states.iter().filter(|(state, _)| !before.states.contains_key(*state)) {
        note(Event::StateEntered, state, "", why);
    }
    for (state, why) in before.states.iter().filter(|(state, _)| !after.states.contains_key(*state)) {
        note(Event::StateLeft, state, why, "");
    }
    // These have events of their own, or say only that a provider was asked again.
    let told = [Field::LastRotatedAt, Field::LastUsedAt, Field::ScopeLevel].map(Field::name);
    let fields: BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
    for field in fields.into_iter().filter(|field| !told.contains(&field.as_str())) {
        let (was, is) = (before.fields.get(field), after.fields.get(field));
        if was != is {
            note(Event::Changed, field, was.map_or("", String::as_str), is.map_or("", String::as_str));
        }
    }
}

/// Takes what happened: the event, what it is about, before, after.
type Note<'n> = dyn FnMut(Event, &str, &str, &str) + 'n;

/// How it is kept, and how far it reaches.
fn reach(old: &Identity, new: &Identity, note: &mut Note<'_>) {
    let (before, after) = (&old.resolved, &new.resolved);
    let word = |storage: Option<StorageState>| storage.map_or("", StorageState::name);
    if before.storage != after.storage {
        let event = if is_clear(after.storage) && !is_clear(before.storage) {
            Event::Exposed
        } else if after.storage == Some(StorageState::HistoryOnly) {
            Event::RemovedFromHead
        } else {
            Event::Changed
        };
        note(event, "storage_state", word(before.storage), word(after.storage));
    }
    let level = |level: Option<ScopeLevel>| level.map_or("", ScopeLevel::name);
    if before.scope_level != after.scope_level {
        // The widest stands first; unknown is no width.
        let known = |level: &ScopeLevel| *level != ScopeLevel::Unknown;
        let (was, is) = (before.scope_level.filter(known), after.scope_level.filter(known));
        let wider = is.is_some_and(|is| was.is_none_or(|was| is < was));
        let event = if wider { Event::ScopeExpanded } else { Event::PermissionChanged };
        note(event, "scope_level", level(before.scope_level), level(after.scope_level));
    }
    let empty = BTreeSet::new();
    for field in [Field::Scope, Field::Environment] {
        let was = before.lists.get(field.name()).unwrap_or(&empty);
        let is = after.lists.get(field.name()).unwrap_or(&empty);
        if was != is {
            let text = |values: &BTreeSet<String>| values.iter().cloned().collect::<Vec<_>>().join(" ");
            let wider = was.is_subset(is) && !was.is_empty();
            let event = match field {
                Field::Scope if wider => Event::ScopeExpanded,
                Field::Scope => Event::PermissionChanged,
                _ => Event::Changed,
            };
            note(event, field.name(), &text(was), &text(is));
        }
    }
}

/// Who answers for it, and its rotations.
fn care(old: &Identity, new: &Identity, note: &mut Note<'_>) {
    let (before, after) = (&old.resolved, &new.resolved);
    let name = |owner: &Option<Attribution>| owner.as_ref().map_or(String::new(), |owner| owner.owner.clone());
    for (role, was, is) in [
        ("business owner", &before.business_owner, &after.business_owner),
        ("technical owner", &before.technical_owner, &after.technical_owner),
    ] {
        if name(was) != name(is) {
            note(Event::OwnerChanged, role, &name(was), &name(is));
        }
    }
    for rotation in new.facts.rotations.difference(&old.facts.rotations) {
        note(Event::Rotated, &rotation.place, &rotation.from, &rotation.to);
    }
    if before.time.last_rotated_at < after.time.last_rotated_at {
        let text = |date: &Option<String>| date.clone().unwrap_or_default();
        let (was, is) = (text(&before.time.last_rotated_at), text(&after.time.last_rotated_at));
        note(Event::Rotated, "last_rotated_at", &was, &is);
    }
}

/// Where it stands and what uses it, without lines: those move.
fn references(row: &Identity) -> BTreeSet<String> {
    let places = row.facts.locations.iter().filter(|place| place.present);
    let places = places.map(|place| format!("{}:{}", place.repository, place.path));
    let consumers = row.facts.consumers.iter().map(|consumer| format!("{}:{}", consumer.repository, consumer.what));
    places.chain(consumers).collect()
}
