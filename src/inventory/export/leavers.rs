//! Who left.

use std::collections::BTreeMap;

/// People who left, by mail address in lower case, with the day they left where the list has one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leavers(BTreeMap<String, Option<String>>);

impl Leavers {
    /// Notes a person; of two days the first counts.
    pub(super) fn add(&mut self, mail: &str, day: Option<String>) {
        let known = self.0.entry(mail.trim().to_ascii_lowercase()).or_default();
        *known = match (known.take(), day) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for (mail, day) in &other.0 {
            self.add(mail, day.clone());
        }
    }

    /// True where nobody is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their mail addresses.
    pub fn mails(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether the person has left by a day (RFC 3339): one without a date has. `person` is a mail address or
    /// `Name <mail>`, after `.mailmap`.
    pub fn has_left(&self, person: &str, by: &str) -> bool {
        let mail = person.rsplit_once('<').map_or(person, |(_, mail)| mail.trim_end_matches('>'));
        let day = |text: &str| text.get(..10).unwrap_or(text).to_owned();
        self.0
            .get(&mail.trim().to_ascii_lowercase())
            .is_some_and(|left| left.as_ref().is_none_or(|left| day(left) <= day(by)))
    }
}
