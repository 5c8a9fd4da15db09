//! The register as Markdown, for a wiki or a review's minutes: the shares, the rows, who has no owner and why.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::change::markdown;
use super::row::{COLUMNS, first_location};
use crate::inventory::diff::{described, label};
use crate::inventory::record::Identity;
use crate::inventory::register::Register;

/// Columns of the table; the rest is in the CSV.
const SHOWN: &[&str] = &[
    "kind",
    "provider",
    "principal",
    "name",
    "technical_owner",
    "storage_state",
    "age_days",
    "due",
    "tier",
    "score",
    "states",
    "recommended",
];

/// Writes the whole register.
pub(super) fn write(register: &Register, out: &mut dyn Write) -> io::Result<()> {
    let count = register.identities.len();
    writeln!(out, "# Non-human identities, {}\n", register.snapshot_at)?;
    writeln!(out, "{count} identities in {} repositories and images.\n", register.coverage.len())?;
    let mut rows: Vec<&Identity> = register.identities.values().collect();
    rows.sort_by(|a, b| b.resolved.score.cmp(&a.resolved.score).then_with(|| a.id.cmp(&b.id)));
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *kept.entry(row.resolved.storage.map_or("unknown", |storage| storage.name())).or_default() += 1;
    }
    writeln!(out, "| kept | identities | share |\n|---|--:|--:|")?;
    for (storage, number) in kept {
        writeln!(out, "| {storage} | {number} | {:.1} % |", 100.0 * number as f64 / count as f64)?;
    }
    writeln!(out, "\n## Register\n\n| {} | where |\n|{}---|", SHOWN.join(" | "), "---|".repeat(SHOWN.len()))?;
    for row in &rows {
        let shown = COLUMNS.iter().filter(|(name, _)| SHOWN.contains(name));
        let mut cells: Vec<String> = shown.map(|(_, text)| markdown(&text(row))).collect();
        cells.push(markdown(&first_location(row)));
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    let unowned: Vec<&&Identity> = rows.iter().filter(|row| !row.resolved.unowned_because.is_empty()).collect();
    if !unowned.is_empty() {
        writeln!(out, "\n## Without owner: {}\n", unowned.len())?;
        for row in unowned {
            let why = row.resolved.unowned_because.join("; ");
            writeln!(out, "- {}: {} ({})", markdown(&label(row)), markdown(&why), markdown(&described(row)))?;
        }
    }
    if !register.gaps.is_empty() {
        writeln!(out, "\n## Not read: {}\n", register.gaps.len())?;
        for gap in &register.gaps {
            let text = format!("{}: {}: {} ({})", gap.place, gap.what, gap.reason, gap.detail);
            writeln!(out, "- {}", markdown(&text))?;
        }
    }
    Ok(())
}
