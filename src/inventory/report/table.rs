//! The register for a terminal: the share of each way of keeping, the worst rows first, and what was not looked at.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::row::{first_location, one};
use crate::inventory::diff::label;
use crate::inventory::kind::{Field, StorageState};
use crate::inventory::record::Identity;
use crate::inventory::register::Register;
use crate::report::escape::escaped;

/// Longest text of a cell.
const WIDTH: usize = 44;
/// Words of the headings.
const HEADINGS: [&str; 9] = ["tier", "score", "kind", "name", "provider", "kept", "age", "owner", "where"];

/// Writes the whole register.
pub(super) fn write(register: &Register, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<&Identity> = register.identities.values().collect();
    rows.sort_by(|a, b| b.resolved.score.cmp(&a.resolved.score).then_with(|| a.id.cmp(&b.id)));
    let cells: Vec<[String; 9]> = rows.iter().map(|row| cells(row)).collect();
    if !cells.is_empty() {
        let mut widths = HEADINGS.map(str::len);
        for row in &cells {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        line(&HEADINGS.map(str::to_owned), &widths, out)?;
        for row in &cells {
            line(row, &widths, out)?;
        }
        writeln!(out)?;
    }
    summary(register, out)
}

fn cells(row: &Identity) -> [String; 9] {
    let resolved = &row.resolved;
    let owner = resolved.technical_owner.as_ref().or(resolved.business_owner.as_ref());
    let age = match (resolved.time.age_days, resolved.time.age_basis.as_str()) {
        (None, _) => "?".to_owned(),
        (Some(days), "exact") => format!("{days} d"),
        (Some(days), _) => format!("≥ {days} d"),
    };
    [
        resolved.tier.clone(),
        resolved.score.to_string(),
        resolved.kind.map_or_else(String::new, |kind| kind.name().to_owned()),
        label(row),
        one(row, Field::Provider),
        resolved.storage.map_or_else(String::new, |storage| storage.name().to_owned()),
        age,
        owner.map_or_else(|| "-".to_owned(), |owner| owner.owner.clone()),
        first_location(row),
    ]
    .map(|text| short(&escaped(&text)))
}

fn short(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}

fn line(cells: &[String; 9], widths: &[usize; 9], out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        text.push_str(cell);
        text.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
    }
    writeln!(out, "{}", text.trim_end())
}

fn summary(register: &Register, out: &mut dyn Write) -> io::Result<()> {
    let count = register.identities.len();
    let places = register.coverage.len();
    writeln!(out, "{count} identities in {places} repositories and images, {}", register.snapshot_at)?;
    let mut kept: BTreeMap<StorageState, usize> = BTreeMap::new();
    for row in register.identities.values() {
        *kept.entry(row.resolved.storage.unwrap_or(StorageState::Unknown)).or_default() += 1;
    }
    for (storage, number) in &kept {
        writeln!(out, "  {:<14} {number:>6}  {:>5.1} %", storage.name(), 100.0 * *number as f64 / count as f64)?;
    }
    let unowned = register.identities.values().filter(|row| !row.resolved.unowned_because.is_empty()).count();
    writeln!(out, "  without owner  {unowned:>6}")?;
    for gap in &register.gaps {
        let what = escaped(&gap.what);
        writeln!(out, "not read: {}: {what}: {} ({})", escaped(&gap.place), gap.reason, escaped(&gap.detail))?;
    }
    Ok(())
}
