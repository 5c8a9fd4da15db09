//! Lists that providers export, joined with what repositories show: last use, last rotation, rights, owners.
//!
//! The form is told by the content alone. A list that holds values is refused. What an entry says is claimed of every row
//! that its strongest mark matches; an identity that matches none becomes a row of its own, so that what is in the vault and
//! nowhere in code shows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::kind::{Field, FingerprintKind, Source, StorageState};
use super::record::{Attribution, Facts, Location, Role};
use super::register::{Covered, Register, Subject};

mod aws;
mod azure;
mod forge;
mod google;
mod index;
mod kubernetes;
mod leavers;
mod ledger;
mod table;
mod values;
mod vault;

pub use leavers::Leavers;
pub use ledger::Columns;

use index::{Index, Mark};

/// A list that was read.
pub struct Export {
    /// Its name, as claims give their basis.
    pub name: String,
    /// What it is: `AWS credential report`.
    pub what: &'static str,
    entries: Vec<Entry>,
    leavers: Leavers,
}

/// What a list says of one identity.
#[derive(Default)]
struct Entry {
    /// Where in the list: `7` for its seventh line or item.
    number: u64,
    /// What it is matched by, the strongest first.
    marks: Vec<Mark>,
    /// What it says.
    says: Vec<(Field, String)>,
    /// Who answers for it.
    owners: Vec<(Role, String)>,
    /// True for the team's own register.
    registered: bool,
    /// The row it becomes where it matches none.
    own: Option<(Subject, StorageState)>,
}

impl Entry {
    /// An entry of a list of a provider.
    fn new(number: usize) -> Self {
        Self { number: number as u64, ..Self::default() }
    }

    fn mark(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }

    /// Notes what the list says; nothing where it says nothing.
    fn says(mut self, field: Field, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value.map(Into::into).filter(|value: &String| !value.is_empty()) {
            self.says.push((field, value));
        }
        self
    }

    fn tag(self, key: &str, value: Option<&str>) -> Self {
        let tag = value.map(|value| format!("{key}={value}"));
        self.says(Field::Tag, tag)
    }

    /// The row that it is, where no other is.
    fn own(mut self, kind: FingerprintKind, fingerprint: impl Into<String>, storage: StorageState) -> Self {
        let subject = Subject { kind, fingerprint: fingerprint.into() };
        self.marks.insert(0, Mark::Row(subject.id()));
        self.own = Some((subject, storage));
        self
    }

    /// Claims it all of a row.
    fn tell(&self, export: &Export, facts: &mut Facts) {
        let basis = format!("{}:{}", export.name, self.number);
        let source = if self.registered { Source::Register } else { Source::Export };
        for (field, value) in &self.says {
            facts.claim(*field, source, value.as_str(), basis.as_str());
        }
        facts.owners.extend(self.owners.iter().map(|(role, owner)| Attribution {
            rank: 0,
            role: *role,
            owner: owner.clone(),
            source: "register".to_owned(),
            basis: basis.clone(),
            confidence: "high".to_owned(),
        }));
    }

    /// The place that the list is.
    fn location(&self, export: &Export, storage: StorageState) -> Location {
        Location {
            line: Some(self.number),
            meaning: Some(export.what.to_owned()),
            ..Location::new(&export.name, &export.name, storage)
        }
    }
}

/// Reads a list; `path` is its file's, with slashes: what belongs to one repository or one path of a vault is told by it.
/// Claims give their basis under it, or under its last part where it is absolute. Columns of a register go by their usual names.
///
/// # Errors
/// It is no list that is known, or it holds values.
pub fn read(path: &str, bytes: &[u8]) -> Result<Export, String> {
    read_with(path, bytes, &Columns::default())
}

/// Like [`read`], with the names that a register's columns have.
///
/// # Errors
/// As [`read`].
pub fn read_with(path: &str, bytes: &[u8], columns: &Columns) -> Result<Export, String> {
    let name = if path.starts_with('/') { path.rsplit('/').next().unwrap_or(path) } else { path };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut leavers = Leavers::default();
    let (what, entries) = if matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
        let list: Value = serde_json::from_slice(text).map_err(|error| format!("{name} is no JSON: {error}"))?;
        if let Some(place) = values::held(&list) {
            return Err(format!(
                "{name} holds a value at {place}; credlint joins lists without values: export it without, or strip it"
            ));
        }
        match aws::report_text(&list)? {
            Some(report) => table::read(name, &report, columns, &mut leavers)?,
            None => json(path, &list),
        }
    } else {
        table::read(name, text, columns, &mut leavers)?
    }
    .ok_or_else(|| format!("{name} is no export that is known (docs/inventory.md lists them)"))?;
    Ok(Export { name: name.to_owned(), what, entries, leavers })
}

/// What a list is, and its entries.
type Entries = (&'static str, Vec<Entry>);

fn json(path: &str, list: &Value) -> Option<Entries> {
    let readers = [aws::read, azure::read, google::read, kubernetes::read, forge::gitlab];
    readers.iter().find_map(|read| read(list)).or_else(|| forge::github(path, list)).or_else(|| vault::read(path, list))
}

/// Joins lists with a register. The order of lists does not matter.
pub fn join(register: &mut Register, exports: &[Export]) {
    let index = Index::of(register);
    let entries = || exports.iter().flat_map(|export| export.entries.iter().map(move |entry| (export, entry)));
    for (export, entry) in entries() {
        let Some((subject, storage)) = entry.own.clone().filter(|_| index.rows(&entry.marks).is_empty()) else {
            continue;
        };
        let mut facts = Facts::default();
        facts.locations.insert(entry.location(export, storage));
        entry.tell(export, &mut facts);
        register.add(subject, facts);
    }
    let index = Index::of(register);
    for (export, entry) in entries() {
        let rows: BTreeSet<String> = index.rows(&entry.marks);
        for row in rows {
            if let Some(identity) = register.identities.get_mut(&row) {
                entry.tell(export, &mut identity.facts);
            }
        }
    }
    for export in exports {
        register.coverage.insert(Covered::new(&export.name, "export", export.entries.len() as u64));
    }
}

/// Who left, by all lists.
pub fn leavers(exports: &[Export]) -> Leavers {
    let mut all = Leavers::default();
    for export in exports {
        all.extend(&export.leavers);
    }
    all
}

/// A moment as lists write it (RFC 3339, a date, seconds since 1970) as RFC 3339 in UTC; `None` for `N/A` and the like.
fn moment(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => time(text),
        Value::Number(number) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "`as` saturates, and jiff refuses what is out of range"
            )]
            let seconds = number.as_f64()? as i64;
            jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
        }
        _ => None,
    }
}

/// [`moment`] of a text.
fn time(text: &str) -> Option<String> {
    let text = text.trim();
    let whole =
        |time: jiff::Timestamp| jiff::Timestamp::from_second(time.as_second()).ok().map(|time| time.to_string());
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return whole(time);
    }
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(|day| day.at(0, 0, 0, 0)));
    whole(civil.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// A text field of an object.
fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// `yes` or `no`.
fn yes(active: Option<bool>) -> Option<&'static str> {
    active.map(|active| if active { "yes" } else { "no" })
}
