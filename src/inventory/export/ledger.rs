//! The team's own register as CSV: columns by their usual names, or as the team names them.

use std::collections::BTreeMap;

use super::index::Mark;
use super::table::{Row, heading};
use super::{Entry, time};
use crate::inventory::kind::{Field, FingerprintKind, Kind, NEVER, ScopeLevel, StorageState};
use crate::inventory::record::Role;

pub(super) const WHAT: &str = "register";

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    Id,
    Fingerprint,
    Owner(Role),
    Field(Field),
}

/// Usual names of columns, besides those of the fields themselves.
const USUAL: &[(&str, Column)] = &[
    ("id", Column::Id),
    ("nhi_id", Column::Id),
    ("fingerprint", Column::Fingerprint),
    ("owner", Column::Owner(Role::Technical)),
    ("technical_owner", Column::Owner(Role::Technical)),
    ("owner_technical", Column::Owner(Role::Technical)),
    ("business_owner", Column::Owner(Role::Business)),
    ("owner_business", Column::Owner(Role::Business)),
    ("department_owner", Column::Owner(Role::Business)),
    ("account", Column::Field(Field::Principal)),
    ("service_account", Column::Field(Field::Principal)),
    ("app", Column::Field(Field::Application)),
    ("service", Column::Field(Field::Application)),
    ("system", Column::Field(Field::Application)),
    ("description", Column::Field(Field::Purpose)),
    ("created", Column::Field(Field::CreatedAt)),
    ("expires", Column::Field(Field::ExpiresAt)),
    ("expiry", Column::Field(Field::ExpiresAt)),
    ("last_rotated", Column::Field(Field::LastRotatedAt)),
    ("last_used", Column::Field(Field::LastUsedAt)),
    ("last_review", Column::Field(Field::ReviewedAt)),
    ("review_date", Column::Field(Field::ReviewedAt)),
    ("next_review", Column::Field(Field::NextReviewDue)),
    ("path", Column::Field(Field::VaultPath)),
];

/// Which column of a register holds what, where its name is not the usual one: from the team's name to the usual one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Columns(BTreeMap<String, String>);

impl Columns {
    /// From pairs of the team's name and the usual one (`Verantwortlich`, `owner`).
    ///
    /// # Errors
    /// The usual name is not known.
    pub fn new<'n>(pairs: impl IntoIterator<Item = (&'n str, &'n str)>) -> Result<Self, String> {
        let pairs = pairs.into_iter().map(|(own, usual)| match column(&heading(usual)) {
            Some(_) => Ok((heading(own), heading(usual))),
            None => Err(format!("a register has no column `{usual}`")),
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// What the columns of a heading hold; `None` where none of them names an identity.
    ///
    /// # Errors
    /// A mapped column is not there.
    pub(super) fn of(&self, names: &[String]) -> Result<Option<Layout>, String> {
        if let Some(missing) = self.0.keys().find(|own| !names.contains(own)) {
            return Err(format!("the register has no column `{missing}`"));
        }
        let usual = |name: &String| column(self.0.get(name).unwrap_or(name));
        let layout = Layout(names.iter().map(usual).collect());
        let names_one = |column: &Option<Column>| {
            matches!(
                column,
                Some(
                    Column::Id
                        | Column::Fingerprint
                        | Column::Field(Field::KeyId | Field::Principal | Field::Name | Field::VaultPath)
                )
            )
        };
        Ok(layout.0.iter().any(names_one).then_some(layout))
    }
}

fn column(name: &str) -> Option<Column> {
    let usual = USUAL.iter().find(|(known, _)| *known == name).map(|(_, column)| *column);
    usual.or_else(|| Field::from_name(name).map(Column::Field))
}

/// What each column holds.
pub(super) struct Layout(Vec<Option<Column>>);

impl Layout {
    /// One line.
    pub(super) fn entry(&self, at: usize, row: &Row<'_>) -> Option<Entry> {
        let mut entry = Entry { registered: true, ..Entry::new(at) };
        let mut named: Vec<(u8, Mark)> = Vec::new();
        for (column, cell) in self.0.iter().zip(row.cells).filter_map(|(column, cell)| Some(((*column)?, cell.trim())))
        {
            // Spreadsheets keep a cell from being a formula by a quote.
            let cell = cell.strip_prefix('\'').unwrap_or(cell);
            if cell.is_empty() {
                continue;
            }
            let text = cell.to_owned();
            match column {
                Column::Id => named.push((0, Mark::Row(text))),
                Column::Fingerprint => named.push((1, Mark::Fingerprint(text))),
                Column::Owner(role) => entry.owners.push((role, text)),
                Column::Field(field) => {
                    named.extend(match field {
                        Field::KeyId => Some((2, Mark::KeyId(text.clone()))),
                        Field::VaultPath => Some((3, Mark::VaultPath(text.clone()))),
                        Field::Principal => Some((4, Mark::Principal(text.clone()))),
                        Field::Name => Some((5, Mark::Name(text.clone()))),
                        _ => None,
                    });
                    entry = entry.says(field, written(field, text));
                }
            }
        }
        named.sort();
        let (_, strongest) = named.first()?;
        let fingerprint = match strongest {
            Mark::Row(name)
            | Mark::Fingerprint(name)
            | Mark::KeyId(name)
            | Mark::VaultPath(name)
            | Mark::Principal(name)
            | Mark::Name(name) => format!("register:{name}"),
            Mark::Reference(..) | Mark::Provider(_) | Mark::Ticket(_) => return None,
        };
        let mut entry = entry.own(FingerprintKind::Reference, fingerprint, StorageState::Unknown);
        entry.marks.extend(named.into_iter().map(|(_, mark)| mark));
        Some(entry)
    }
}

/// A cell as the register has it: moments in RFC 3339, words only where they are known.
fn written(field: Field, text: String) -> Option<String> {
    match field {
        Field::ExpiresAt if text.eq_ignore_ascii_case(NEVER) => Some(NEVER.to_owned()),
        Field::CreatedAt
        | Field::ExpiresAt
        | Field::LastRotatedAt
        | Field::LastUsedAt
        | Field::ReviewedAt
        | Field::NextReviewDue => time(&text),
        Field::Kind => Kind::from_name(&text.to_lowercase()).map(|_| text.to_lowercase()),
        Field::ScopeLevel => ScopeLevel::from_name(&text.to_lowercase()).map(|_| text.to_lowercase()),
        _ => Some(text),
    }
}
