//! A row's fields as text, the same in every flat format.

use crate::inventory::kind::Field;
use crate::inventory::record::{Attribution, Identity};

/// A column: its heading and its text.
pub(super) type Column = (&'static str, fn(&Identity) -> String);

/// Every column, in order: the worksheet's of the review.
pub(super) const COLUMNS: &[Column] = &[
    ("id", |row| row.id.clone()),
    ("kind", |row| row.resolved.kind.map_or_else(String::new, |kind| kind.name().to_owned())),
    ("provider", |row| one(row, Field::Provider)),
    ("provider_account", |row| one(row, Field::ProviderAccount)),
    ("principal", |row| one(row, Field::Principal)),
    ("key_id", |row| one(row, Field::KeyId)),
    ("name", |row| one(row, Field::Name)),
    ("application", |row| one(row, Field::Application)),
    ("business_owner", |row| owner(row.resolved.business_owner.as_ref())),
    ("technical_owner", |row| owner(row.resolved.technical_owner.as_ref())),
    ("owner_source", |row| {
        let owner = row.resolved.technical_owner.as_ref().or(row.resolved.business_owner.as_ref());
        owner.map_or_else(String::new, |owner| owner.source.clone())
    }),
    ("unowned_because", |row| row.resolved.unowned_because.join("; ")),
    ("creator", |row| row.resolved.creator.clone().unwrap_or_default()),
    ("purpose", |row| one(row, Field::Purpose)),
    ("environment", |row| many(row, Field::Environment)),
    ("scope_level", |row| row.resolved.scope_level.map_or_else(String::new, |level| level.name().to_owned())),
    ("storage_state", |row| row.resolved.storage.map_or_else(String::new, |storage| storage.name().to_owned())),
    ("lifecycle", |row| row.resolved.lifecycle.clone()),
    ("created_at", |row| row.resolved.time.created_at.clone().unwrap_or_default()),
    ("age_days", |row| row.resolved.time.age_days.map_or_else(String::new, |days| days.to_string())),
    ("age_basis", |row| row.resolved.time.age_basis.clone()),
    ("last_rotated", |row| row.resolved.time.last_rotated_at.clone().unwrap_or_default()),
    ("due", |row| row.resolved.time.rotation_due.clone().unwrap_or_default()),
    ("expires", |row| row.resolved.time.expires_at.clone().unwrap_or_default()),
    ("last_referenced", |row| row.resolved.time.last_referenced_at.clone().unwrap_or_default()),
    ("last_used", |row| row.resolved.time.last_used_at.clone().unwrap_or_default()),
    ("consumers", |row| row.facts.consumers.len().to_string()),
    ("locations", |row| row.facts.locations.len().to_string()),
    ("first_location", first_location),
    ("tier", |row| row.resolved.tier.clone()),
    ("score", |row| row.resolved.score.to_string()),
    ("states", |row| row.resolved.states.keys().cloned().collect::<Vec<_>>().join(" ")),
    ("unknown", |row| row.resolved.unknown.keys().cloned().collect::<Vec<_>>().join(" ")),
    ("controls_against", |row| row.resolved.controls_against.iter().cloned().collect::<Vec<_>>().join("; ")),
    ("controls_for", |row| row.resolved.controls_for.iter().cloned().collect::<Vec<_>>().join("; ")),
    ("recommended", |row| row.resolved.recommended.action.clone()),
    ("reason", |row| row.resolved.recommended.reason.clone()),
    ("decision", |row| one(row, Field::Decision)),
    ("reviewer", |row| one(row, Field::Reviewer)),
    ("last_review", |row| one(row, Field::ReviewedAt)),
];

/// A single-valued field.
pub(super) fn one(row: &Identity, field: Field) -> String {
    row.facts.first(field).map_or_else(String::new, |claim| claim.value.clone())
}

fn many(row: &Identity, field: Field) -> String {
    let mut values: Vec<&str> = row.facts.all(field).map(|claim| claim.value.as_str()).collect();
    values.sort_unstable();
    values.dedup();
    values.join(" ")
}

fn owner(owner: Option<&Attribution>) -> String {
    owner.map_or_else(String::new, |owner| owner.owner.clone())
}

/// The first place that still shows it, or else the first one: `repository:path:line`.
pub(super) fn first_location(row: &Identity) -> String {
    let places = &row.facts.locations;
    let place = places.iter().find(|place| place.present).or_else(|| places.first());
    place.map_or_else(String::new, |place| {
        let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
        format!("{}:{}{line}", place.repository, place.path)
    })
}
