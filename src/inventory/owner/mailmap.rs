//! `.mailmap`: people who commit under several names (git's "gitmailmap").

use std::collections::HashMap;

/// The file, in the root.
pub(super) const NAME: &str = ".mailmap";

/// Name and address, where they are given.
type Person = (Option<String>, Option<String>);

/// Proper names and addresses.
#[derive(Default)]
pub(super) struct Mailmap {
    /// By address and, where one is given, by name, both lower case: the proper name and address.
    known: HashMap<(String, Option<String>), Person>,
}

impl Mailmap {
    /// Reads a file; later lines count.
    pub(super) fn read(text: &str) -> Self {
        let mut known: HashMap<_, Person> = HashMap::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or("").trim();
            let Some((name, mail, rest)) = pair(line) else { continue };
            let (key, proper) = match pair(rest) {
                // `Proper Name <proper@mail> Commit Name <commit@mail>`
                Some((commit_name, commit_mail, _)) => {
                    let named = Some(commit_name.to_lowercase()).filter(|name| !name.is_empty());
                    ((commit_mail.to_lowercase(), named), (name, Some(mail.to_owned())))
                }
                // `Proper Name <commit@mail>`
                None => ((mail.to_lowercase(), None), (name, None)),
            };
            let entry = known.entry(key).or_default();
            if !proper.0.is_empty() {
                entry.0 = Some(proper.0.to_owned());
            }
            entry.1 = proper.1.or_else(|| entry.1.take());
        }
        Self { known }
    }

    /// The proper `Name <mail>` of a commit's `Name <mail>`.
    pub(super) fn proper(&self, person: &str) -> String {
        let Some((name, mail, _)) = pair(person) else { return person.to_owned() };
        let by_name = (mail.to_lowercase(), Some(name.to_lowercase()));
        let found = self.known.get(&by_name).or_else(|| self.known.get(&(by_name.0, None)));
        let Some((proper_name, proper_mail)) = found else { return person.to_owned() };
        format!("{} <{}>", proper_name.as_deref().unwrap_or(name), proper_mail.as_deref().unwrap_or(mail))
    }
}

/// A name, the address in angle brackets behind it, and what follows.
fn pair(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('<')?;
    let (mail, rest) = rest.split_once('>')?;
    Some((name.trim(), mail.trim(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_line() {
        let map = Mailmap::read(
            "# people\nJane Doe <jane@old.example>\n<proper@example> <commit@example>\n\
             Joe R. <joe@example> <bugs@example>\nOther <other@example> nick <bugs@example>\n",
        );
        for (person, expected) in [
            ("jd <Jane@old.example>", "Jane Doe <Jane@old.example>"),
            ("X <commit@example>", "X <proper@example>"),
            ("who <bugs@example>", "Joe R. <joe@example>"),
            ("Nick <bugs@example>", "Other <other@example>"),
            ("Z <z@example>", "Z <z@example>"),
        ] {
            assert_eq!(map.proper(person), expected);
        }
    }
}
