//! Who left.

use std::collections::BTreeMap;

/// People who left, by mail address, name or handle in lower case, with the day they left where the list has one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leavers(BTreeMap<String, Option<String>>);

impl Leavers {
    /// Notes a person under one of their names; of two days the first counts.
    pub(super) fn add(&mut self, name: &str, day: Option<String>) {
        let known = self.0.entry(name.trim().trim_start_matches('@').to_lowercase()).or_default();
        *known = match (known.take(), day) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for (name, day) in &other.0 {
            self.add(name, day.clone());
        }
    }

    /// True where nobody is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Since when a person is gone: a day up to `today` (RFC 3339), or `an unknown day` where the list has none. `person` is
    /// a mail address, a name, a handle or `Name <mail>`, after `.mailmap`.
    pub fn since(&self, person: &str, today: &str) -> Option<String> {
        let (name, mail) = person.split_once('<').map_or((person, None), |(name, mail)| (name, Some(mail)));
        let mail = mail.map(|mail| mail.trim_end().trim_end_matches('>'));
        let day = |text: &str| text.get(..10).unwrap_or(text).to_owned();
        let known = |name: &str| self.0.get(&name.trim().trim_start_matches('@').to_lowercase());
        let left = mail.into_iter().chain([name]).find_map(known)?;
        match left {
            None => Some("an unknown day".to_owned()),
            Some(left) => Some(day(left)).filter(|left| *left <= day(today)),
        }
    }
}
