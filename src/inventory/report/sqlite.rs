//! The register as a `SQLite` database, for teams that want to query it. A run replaces what the file held of a register.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use super::row::COLUMNS;
use crate::inventory::record::Identity;
use crate::inventory::register::Register;

/// The tables besides `identities`, whose columns are those of the CSV.
const TABLES: &str = "
CREATE TABLE register (schema_version TEXT, snapshot_at TEXT, tool_version TEXT, rule_pack TEXT, key_id TEXT);
CREATE TABLE coverage (name TEXT, mode TEXT, head TEXT, head_date TEXT, commits INTEGER, files INTEGER, shallow INTEGER);
CREATE TABLE gaps (place TEXT, what TEXT, reason TEXT, detail TEXT);
CREATE TABLE claims (id TEXT REFERENCES identities, field TEXT, source TEXT, value TEXT, basis TEXT);
CREATE TABLE locations (id TEXT REFERENCES identities, repository TEXT, path TEXT, line INTEGER, storage TEXT, present INTEGER,
  meaning TEXT, introduced_at TEXT, introduced_commit TEXT, author TEXT, committer TEXT, ticket TEXT, removed_at TEXT,
  removed_commit TEXT, layer TEXT, rule TEXT);
CREATE TABLE consumers (id TEXT REFERENCES identities, repository TEXT, what TEXT, path TEXT, line INTEGER);
CREATE TABLE rotations (id TEXT REFERENCES identities, at TEXT, commit_id TEXT, author TEXT, from_id TEXT, to_id TEXT, place TEXT);
CREATE TABLE owners (id TEXT REFERENCES identities, rank INTEGER, role TEXT, owner TEXT, source TEXT, basis TEXT, confidence TEXT);
CREATE TABLE states (id TEXT REFERENCES identities, state TEXT, known INTEGER, reason TEXT);
";

/// Writes the register into a database, in one transaction: a reader sees the old register or the new one.
///
/// # Errors
/// The file is no database, cannot be written, or is locked.
pub fn write(register: &Register, path: &Path) -> Result<(), String> {
    fill(register, path).map_err(|error| error.to_string())
}

fn fill(register: &Register, path: &Path) -> rusqlite::Result<()> {
    let mut database = Connection::open(path)?;
    let all = database.transaction()?;
    for table in [
        "states",
        "owners",
        "rotations",
        "consumers",
        "locations",
        "claims",
        "gaps",
        "coverage",
        "register",
        "identities",
    ] {
        all.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    }
    let columns: Vec<String> = COLUMNS.iter().map(|(name, _)| format!("\"{name}\" {}", sort(name))).collect();
    all.execute_batch(&format!("CREATE TABLE identities ({})", columns.join(", ")))?;
    all.execute_batch(TABLES)?;
    all.execute(
        "INSERT INTO register VALUES (?, ?, ?, ?, ?)",
        params![
            register.schema_version,
            register.snapshot_at,
            register.tool_version,
            register.rule_pack,
            register.key_id
        ],
    )?;
    for one in &register.coverage {
        let (commits, files) = (one.commits.map(whole), whole(one.files));
        let row = params![one.name, one.mode, one.head, one.head_date, commits, files, one.shallow];
        all.prepare_cached("INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?)")?.execute(row)?;
    }
    for gap in &register.gaps {
        let row = params![gap.place, gap.what, gap.reason, gap.detail];
        all.prepare_cached("INSERT INTO gaps VALUES (?, ?, ?, ?)")?.execute(row)?;
    }
    for row in register.identities.values() {
        identity(row, &all)?;
    }
    all.commit()
}

/// The type of a column.
fn sort(name: &str) -> &'static str {
    match name {
        "id" => "TEXT PRIMARY KEY",
        "age_days" | "score" | "consumers" | "locations" => "INTEGER",
        _ => "TEXT",
    }
}

fn identity(row: &Identity, all: &Transaction<'_>) -> rusqlite::Result<()> {
    let marks = vec!["nullif(?, '')"; COLUMNS.len()].join(", ");
    let cells = COLUMNS.iter().map(|(_, text)| text(row));
    all.prepare_cached(&format!("INSERT INTO identities VALUES ({marks})"))?
        .execute(rusqlite::params_from_iter(cells))?;
    let id = &row.id;
    for claim in &row.facts.claims {
        let row = params![id, claim.field.name(), claim.source.name(), claim.value, claim.basis];
        all.prepare_cached("INSERT INTO claims VALUES (?, ?, ?, ?, ?)")?.execute(row)?;
    }
    for place in &row.facts.locations {
        let (came, went) = (place.introduced.as_ref(), place.removed.as_ref());
        let row = params![
            id,
            place.repository,
            place.path,
            place.line.map(whole),
            place.storage.name(),
            place.present,
            place.meaning,
            came.map(|change| &change.date),
            came.map(|change| &change.commit),
            came.map(|change| &change.author),
            came.map(|change| &change.committer),
            came.and_then(|change| change.ticket.as_ref()),
            went.map(|change| &change.date),
            went.map(|change| &change.commit),
            place.layer,
            place.rule
        ];
        let insert = "INSERT INTO locations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        all.prepare_cached(insert)?.execute(row)?;
    }
    for consumer in &row.facts.consumers {
        let row = params![id, consumer.repository, consumer.what, consumer.path, consumer.line.map(whole)];
        all.prepare_cached("INSERT INTO consumers VALUES (?, ?, ?, ?, ?)")?.execute(row)?;
    }
    for rotation in &row.facts.rotations {
        let change = &rotation.change;
        let row = params![id, change.date, change.commit, change.author, rotation.from, rotation.to, rotation.place];
        all.prepare_cached("INSERT INTO rotations VALUES (?, ?, ?, ?, ?, ?, ?)")?.execute(row)?;
    }
    for owner in &row.facts.owners {
        let row = params![id, owner.rank, owner.role.name(), owner.owner, owner.source, owner.basis, owner.confidence];
        all.prepare_cached("INSERT INTO owners VALUES (?, ?, ?, ?, ?, ?, ?)")?.execute(row)?;
    }
    for (known, states) in [(true, &row.resolved.states), (false, &row.resolved.unknown)] {
        for (state, reason) in states {
            all.prepare_cached("INSERT INTO states VALUES (?, ?, ?, ?)")?.execute(params![id, state, known, reason])?;
        }
    }
    Ok(())
}

/// `SQLite`'s integers are signed.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
