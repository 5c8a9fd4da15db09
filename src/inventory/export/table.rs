//! Lists in CSV: the credential report, leavers, tickets, suppliers; every other one is a register.

use super::index::Mark;
use super::{Columns, Entries, Entry, Leavers, aws, ledger, time};
use crate::inventory::kind::Field;

/// Columns by which lists name a person.
const MAIL: &[&str] = &["email", "mail", "e-mail", "email_address", "work_email", "user_email"];
const PERSON: &[&str] = &["name", "full_name", "display_name"];
const HANDLE: &[&str] = &["login", "username", "user", "handle", "github"];
/// Columns by which lists of leavers name the day.
const LEFT: &[&str] = &[
    "left",
    "left_on",
    "leaving_date",
    "leave_date",
    "last_day",
    "last_working_day",
    "termination_date",
    "end_date",
    "date",
];
const TICKET: &[&str] = &["ticket", "key", "issue_key", "issue", "id"];
const SUPPLIER: &[&str] = &["vendor", "supplier", "third_party"];
const UNTIL: &[&str] = &["contract_end", "end_date", "until", "valid_until", "ends"];
/// Columns that would hold a value.
const VALUES: &[&str] = &["value", "secret", "secret_value", "password", "token", "private_key", "secret_access_key"];

/// A line, its cells by the heading.
pub(super) struct Row<'r> {
    pub(super) heading: &'r [String],
    pub(super) cells: &'r csv::StringRecord,
}

impl<'r> Row<'r> {
    /// The cell of a column; `None` where it is empty or not there.
    pub(super) fn get(&self, column: &str) -> Option<&'r str> {
        let at = self.heading.iter().position(|name| name == column)?;
        self.cells.get(at).map(str::trim).filter(|cell| !cell.is_empty())
    }

    /// The cell of the first of several columns that is filled.
    pub(super) fn any(&self, columns: &[&str]) -> Option<&'r str> {
        columns.iter().find_map(|column| self.get(column))
    }
}

/// A column's name in one form: `Contract end` is `contract_end`.
pub(super) fn heading(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '.'], "_")
}

/// Reads a list; leavers go into `leavers`. `None` where the heading is that of no list.
pub(super) fn read(
    name: &str,
    text: &[u8],
    columns: &Columns,
    leavers: &mut Leavers,
) -> Result<Option<Entries>, String> {
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let semicolons = memchr::memchr_iter(b';', first).count();
    let delimiter = if semicolons > memchr::memchr_iter(b',', first).count() { b';' } else { b',' };
    let mut table = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text);
    let broken = |error: csv::Error| format!("{name} is no CSV: {error}");
    let heading: Vec<String> = table.headers().map_err(broken)?.iter().map(heading).collect();
    let records: Vec<csv::StringRecord> = table.records().collect::<Result<_, _>>().map_err(broken)?;
    let rows = || (2..).zip(&records).map(|(at, cells): (usize, _)| (at, Row { heading: &heading, cells }));
    if let Some((at, column)) =
        rows().find_map(|(at, row)| VALUES.iter().find(|v| row.get(v).is_some()).map(|v| (at, v)))
    {
        return Err(format!(
            "{name} holds a value in column `{column}`, line {at}; credlint joins lists without values: leave the column out"
        ));
    }
    let has = |names: &[&str]| names.iter().any(|known| heading.iter().any(|name| name == known));
    let list = if has(&["access_key_1_active"]) {
        Some((aws::REPORT, rows().filter_map(|(at, row)| aws::report(at, &row)).collect()))
    } else if has(SUPPLIER) && !has(&["owner", "name", "id"]) {
        Some(("suppliers", rows().filter_map(|(at, row)| supplier(at, &row)).collect()))
    } else if has(&["status"]) && has(TICKET) && !has(&["kind", "owner", "fingerprint"]) {
        Some(("tickets", rows().filter_map(|(at, row)| ticket(at, &row)).collect()))
    } else if has(MAIL) && (has(LEFT) || heading.len() <= 2) && !has(&["kind", "owner", "id"]) {
        for (_, row) in rows() {
            for name in [row.any(MAIL), row.any(PERSON), row.any(HANDLE)].into_iter().flatten() {
                leavers.add(name, row.any(LEFT).and_then(time));
            }
        }
        Some(("leavers", Vec::new()))
    } else {
        let columns = columns.of(&heading)?;
        columns.map(|columns| (ledger::WHAT, rows().filter_map(|(at, row)| columns.entry(at, &row)).collect()))
    };
    Ok(list)
}

/// A supplier, by what it issued (`provider`) or the account it was given (`principal`).
fn supplier(at: usize, row: &Row<'_>) -> Option<Entry> {
    let vendor = row.any(SUPPLIER)?;
    let mut entry = Entry::new(at);
    if let Some(principal) = row.any(&["principal", "account", "email", "service_account"]) {
        entry = entry.mark(Mark::Principal(principal.to_owned()));
    }
    let provider = row.get("provider").unwrap_or(vendor);
    entry = entry.mark(Mark::Provider(provider.to_ascii_lowercase()));
    let entry = entry
        .says(Field::Vendor, Some(vendor))
        .says(Field::State, Some("third-party"))
        .tag("contract_until", row.any(UNTIL).and_then(time).as_deref());
    Some(entry)
}

/// The status of a ticket that commits name.
fn ticket(at: usize, row: &Row<'_>) -> Option<Entry> {
    let id = row.any(TICKET)?;
    let status = row.get("status")?;
    let mut entry = Entry::new(at).mark(Mark::Ticket(id.to_owned()));
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        entry = entry.mark(Mark::Ticket(format!("#{id}")));
    }
    Some(entry.says(Field::Ticket, Some(format!("{id} ({status})"))))
}
