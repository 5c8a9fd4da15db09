//! Dates and ages.

use jiff::civil::Date;

use super::{Row, day};
use crate::config::nhi::Tier;
use crate::inventory::kind::{Field, Source};

impl Row<'_> {
    pub(super) fn time(&mut self) {
        let window = self.context.policy.window(self.level());
        let mut time = std::mem::take(&mut self.out.time);
        let created = self.facts.all(Field::CreatedAt).find(|claim| day::of(&claim.value).is_some());
        if let Some(claim) = created {
            time.created_at = Some(claim.value.clone());
            time.created_basis = Some(format!("{}: {}", claim.source.name(), claim.basis));
            let exact = claim.source != Source::History;
            if exact { "exact" } else { "lower bound" }.clone_into(&mut time.age_basis);
        } else if let Some(change) = self.first_change().filter(|change| day::of(&change.date).is_some()) {
            time.created_at = Some(change.date.clone());
            time.created_basis = Some(format!("first commit {}", change.commit));
            "lower bound".clone_into(&mut time.age_basis);
        } else {
            "unknown".clone_into(&mut time.age_basis);
        }
        let made = time.created_at.as_deref().and_then(day::of);
        time.age_days = self.context.day.zip(made).map(|(today, made)| day::between(made, today));
        time.expires_at = self.dated(Field::ExpiresAt);
        time.last_used_at = self.dated(Field::LastUsedAt);
        let declared = self.dated(Field::LastRotatedAt);
        let seen = self.facts.rotations.iter().filter(|rotation| rotation.to == self.id);
        time.last_rotated_at = declared
            .into_iter()
            .chain(seen.map(|rotation| rotation.change.date.clone()))
            .max_by_key(|text| day::of(text));
        time.rotation_window_days = Some(i64::from(window));
        let since = time.last_rotated_at.as_deref().and_then(day::of).or(made);
        time.rotation_due = since.and_then(|since| day::later(since, window)).map(|due| due.to_string());
        let places = self.facts.locations.iter().flat_map(|place| [&place.introduced, &place.removed]).flatten();
        let changes = places.chain(self.facts.rotations.iter().map(|rotation| &rotation.change));
        time.last_referenced_at = changes.map(|change| &change.date).max_by_key(|text| (day::of(text), *text)).cloned();
        self.out.time = time;
    }

    /// What counts for a date.
    fn dated(&self, field: Field) -> Option<String> {
        self.facts.all(field).find(|claim| day::of(&claim.value).is_some()).map(|claim| claim.value.clone())
    }

    /// Days from a date to the register's day.
    pub(super) fn days_since(&self, text: Option<&str>) -> Option<i64> {
        Some(day::between(text.and_then(day::of)?, self.context.day?))
    }

    /// A date, and the register's day.
    pub(super) fn with_today(&self, text: Option<&str>) -> Option<(Date, Date)> {
        text.and_then(day::of).zip(self.context.day)
    }

    /// The tier that was found.
    fn level(&self) -> Tier {
        [Tier::High, Tier::Low].into_iter().find(|tier| tier.name() == self.out.tier).unwrap_or(Tier::Medium)
    }
}
