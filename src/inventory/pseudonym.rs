//! Pseudonyms for people: a register that names nobody, for those who may see what is kept where but not who did what.
//!
//! A person is always the same word under one key, in registers of separate runs too: they still join, and `offboard` finds
//! the word. Teams, accounts of machines and the names of commits' branches stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};

use super::kind::Field;
use super::owner::rank;
use super::record::{Attribution, Change, Claim, Facts, Identity, Resolved};
use super::register::Register;
use crate::judge::identity::Key;

/// The address by which GitHub hides that of an account: `1234+ann@users.noreply.github.com`.
const HIDDEN: &str = "@users.noreply.github.com";

/// People's names in a register, and their words.
struct People {
    finder: AhoCorasick,
    /// In the order of the finder's patterns: how the person is written, and the word.
    known: Vec<(String, String)>,
}

/// Puts a word made with the key in the place of each person: authors, committers, owners, reviewers.
///
/// # Errors
/// There are more names than can be searched for.
pub fn apply(register: &mut Register, key: &Key) -> Result<(), String> {
    let people = People::of(register, key)?;
    for row in register.identities.values_mut() {
        people.facts(&mut row.facts);
        people.resolved(&mut row.resolved);
    }
    Ok(())
}

impl People {
    fn of(register: &Register, key: &Key) -> Result<Self, String> {
        let mut words: BTreeMap<String, String> = BTreeMap::new();
        let mut note = |text: &str| {
            let word = format!("person-{}", key.person(&called(text)));
            let (name, mail) = parts(text);
            for written in [Some(text.trim()), name, mail].into_iter().flatten() {
                words.entry(written.to_owned()).or_insert_with(|| word.clone());
            }
        };
        for row in register.identities.values() {
            for change in changes(row) {
                note(&change.author);
                note(&change.committer);
            }
            let resolved = [&row.resolved.business_owner, &row.resolved.technical_owner];
            for owner in row.facts.owners.iter().chain(resolved.into_iter().flatten()) {
                owner.owner.split(", ").filter(|one| is_person(owner, one)).for_each(&mut note);
            }
            row.facts.all(Field::Reviewer).for_each(|claim| note(&claim.value));
        }
        words.remove("");
        let known: Vec<(String, String)> = words.into_iter().collect();
        let patterns = known.iter().map(|(written, _)| written);
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        Ok(Self { finder: finder.map_err(|error| format!("the people cannot be searched for: {error}"))?, known })
    }

    /// A text with people's words in place of their names; `mails` looks for addresses and handles alone.
    fn text(&self, text: &str, mails: bool) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        for found in self.finder.find_iter(text) {
            let (before, after) = (&text[..found.start()], &text[found.end()..]);
            // The end of a sentence ends a name.
            let goes_on = after.trim_start_matches('.').starts_with(part) || after.starts_with('@');
            let Some((written, word)) = self.known.get(found.pattern().as_usize()) else { continue };
            if before.ends_with(part) || goes_on || mails && !written.contains('@') {
                continue;
            }
            out.push_str(&text[done..found.start()]);
            out.push_str(word);
            done = found.end();
        }
        out.push_str(&text[done..]);
        out
    }

    fn change(&self, change: &mut Change) {
        for person in [&mut change.author, &mut change.committer] {
            *person = self.text(person, false);
        }
    }

    fn owner(&self, owner: &mut Attribution) {
        owner.owner = self.text(&owner.owner, !names_people(owner));
    }

    fn facts(&self, facts: &mut Facts) {
        let claim = |mut claim: Claim| {
            match claim.field {
                Field::Reviewer | Field::Exception => claim.value = self.text(&claim.value, false),
                Field::Principal | Field::Tag | Field::Vendor => claim.value = self.text(&claim.value, true),
                _ => {}
            }
            claim
        };
        facts.claims = each(&mut facts.claims, claim);
        facts.locations = each(&mut facts.locations, |mut place| {
            place.introduced.iter_mut().chain(&mut place.removed).for_each(|change| self.change(change));
            place
        });
        facts.rotations = each(&mut facts.rotations, |mut rotation| {
            self.change(&mut rotation.change);
            rotation
        });
        facts.owners = each(&mut facts.owners, |mut owner| {
            self.owner(&mut owner);
            owner
        });
    }

    fn resolved(&self, resolved: &mut Resolved) {
        resolved.business_owner.iter_mut().chain(&mut resolved.technical_owner).for_each(|owner| self.owner(owner));
        resolved.creator.iter_mut().for_each(|creator| *creator = self.text(creator, false));
        for (field, said) in &mut resolved.conflicts {
            let mails = !field.ends_with("_owner");
            *said = said.iter().map(|text| self.text(text, mails)).collect();
        }
        for (name, value) in &mut resolved.fields {
            let person = [Field::Reviewer, Field::Exception].iter().any(|field| field.name() == name);
            *value = self.text(value, !person);
        }
        for values in resolved.lists.values_mut() {
            *values = values.iter().map(|text| self.text(text, true)).collect();
        }
        let reasons = resolved.states.values_mut().chain(resolved.unknown.values_mut());
        for reason in reasons.chain([&mut resolved.recommended.reason]) {
            let named = reason.contains(" is gone since ");
            *reason = self.text(reason, !named);
        }
    }
}

fn each<T: Ord>(set: &mut BTreeSet<T>, change: impl FnMut(T) -> T) -> BTreeSet<T> {
    std::mem::take(set).into_iter().map(change).collect()
}

/// Every commit of a row.
fn changes(row: &Identity) -> impl Iterator<Item = &Change> {
    let places = row.facts.locations.iter().flat_map(|place| [&place.introduced, &place.removed]).flatten();
    places.chain(row.facts.rotations.iter().map(|rotation| &rotation.change))
}

/// A source that names people without an address.
fn names_people(owner: &Attribution) -> bool {
    owner.source == "OWNERS" || owner.rank == rank::PACKAGE || owner.owner.contains("user:")
}

/// A person rather than a team: an address, a handle without an organisation, what `OWNERS` and packages name.
fn is_person(owner: &Attribution, text: &str) -> bool {
    match text.strip_prefix('@') {
        Some(handle) => !handle.contains('/') && !handle.starts_with('@'),
        None if text.contains('@') => true,
        None => names_people(owner) && !text.starts_with("group:"),
    }
}

/// Name and address of `Name <address>`; of an address alone the address.
fn parts(text: &str) -> (Option<&str>, Option<&str>) {
    match text.split_once('<') {
        Some((name, mail)) => (Some(name.trim()), Some(mail.trim_end_matches('>').trim())),
        None => (None, Some(text.trim()).filter(|text| text.contains('@'))),
    }
}

/// What a person's word is made of: the address, of a hidden one and of `@ann` the handle, else the name.
fn called(text: &str) -> String {
    let (_, mail) = parts(text);
    let called = mail.filter(|mail| !mail.is_empty()).unwrap_or_else(|| text.trim()).to_lowercase();
    match called.strip_suffix(HIDDEN) {
        Some(hidden) => hidden.rsplit('+').next().unwrap_or(hidden).to_owned(),
        None => called.trim_start_matches('@').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_one_whoever_writes_the_name() {
        for (text, wanted) in [
            ("Ann Lee <Ann@Acme.test>", "ann@acme.test"),
            ("Ann <12+ann@users.noreply.github.com>", "ann"),
            ("@Ann", "ann"),
            ("Ann Lee", "ann lee"),
        ] {
            assert_eq!(called(text), wanted);
        }
    }

    #[test]
    fn names_are_replaced_as_whole_words() {
        let known =
            vec![("ann".to_owned(), "person-1".to_owned()), ("ann@acme.test".to_owned(), "person-2".to_owned())];
        let patterns = known.iter().map(|(written, _)| written);
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).unwrap();
        let people = People { finder, known };
        for (text, mails, wanted) in [
            ("its owner ann is gone", false, "its owner person-1 is gone"),
            ("ann, joann, src/ann/x, ann.", false, "person-1, joann, src/ann/x, person-1."),
            ("ann <ann@acme.test>", true, "ann <person-2>"),
            ("ann@acme.test.example", true, "ann@acme.test.example"),
        ] {
            assert_eq!(people.text(text, mails), wanted);
        }
    }
}
