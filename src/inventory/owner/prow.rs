//! `OWNERS` of Kubernetes and `OpenShift`: the approvers of the nearest file that has any for the path.
//!
//! Written from kubernetes.dev "OWNERS Files": `approvers`, `reviewers`, `filters` (regular expressions over the path from
//! the file's folder), `options.no_parent_owners`, `OWNERS_ALIASES`.

use std::collections::BTreeMap;

use regex_automata::meta::Regex;

use super::{Answer, Voice, folders, joined, rank};
use crate::format::tree::Node;
use crate::format::{Data, documents};
use crate::inventory::kind::{Field, Source};
use crate::inventory::record::Role;
use crate::inventory::reference::File;

/// The file in each folder.
const NAME: &str = "OWNERS";
/// The file in the root that names groups.
const ALIASES: &str = "OWNERS_ALIASES";
/// Bytes that a filter's compiled form may take.
const MAX_REGEX: usize = 1 << 20;

/// What one file says.
pub(super) enum Told {
    Owners(String, Entry),
    Aliases(BTreeMap<String, Vec<String>>),
}

/// An `OWNERS` file.
pub(super) struct Entry {
    filters: Vec<Filter>,
    no_parents: bool,
}

/// The people for the paths that fit.
struct Filter {
    /// `None` fits all.
    pattern: Option<Regex>,
    approvers: Vec<(String, u64)>,
    reviewers: Vec<(String, u64)>,
}

/// The files of a repository.
#[derive(Default)]
pub(super) struct Owners {
    files: BTreeMap<String, Entry>,
    aliases: BTreeMap<String, Vec<String>>,
}

/// True for paths of such files.
pub(super) fn wants(path: &str) -> bool {
    path == ALIASES || path.rsplit('/').next() == Some(NAME)
}

/// Reads a file. One that is not in this form (Chromium's, prose) says nothing.
pub(super) fn read(file: &File<'_>) -> Option<Told> {
    if !wants(file.path) {
        return None;
    }
    let trees = documents(Data::Yaml, file.bytes);
    let root = trees.first()?;
    if file.path == ALIASES {
        let groups = root.get("aliases").map(Node::pairs).unwrap_or_default();
        let names = |node: &Node| people(file, Some(node)).into_iter().map(|(name, _)| name).collect();
        return Some(Told::Aliases(groups.iter().map(|pair| (pair.key.to_lowercase(), names(&pair.value))).collect()));
    }
    // `true` is no text: what stands at its place is looked at.
    let stop = root.at(&["options", "no_parent_owners"]);
    let no_parents = stop.is_some_and(|node| file.text(&node.place).trim().eq_ignore_ascii_case("true"));
    let mut entry = Entry { filters: Vec::new(), no_parents };
    let filter = |pattern: Option<Regex>, node: &Node| Filter {
        pattern,
        approvers: people(file, node.get("approvers")),
        reviewers: people(file, node.get("reviewers")),
    };
    if let Some(filters) = root.get("filters") {
        for pair in filters.pairs() {
            // Keys are as they are written: in double quotes `\\` is one backslash.
            let config = Regex::config().nfa_size_limit(Some(MAX_REGEX)).hybrid(true);
            if let Ok(pattern) = Regex::builder().configure(config).build(&pair.key.replace(r"\\", r"\")) {
                entry.filters.push(filter(Some(pattern), &pair.value));
            }
        }
    } else {
        entry.filters.push(filter(None, root));
    }
    let known =
        entry.no_parents || entry.filters.iter().any(|one| !one.approvers.is_empty() || !one.reviewers.is_empty());
    known.then(|| Told::Owners(file.path.to_owned(), entry))
}

fn people(file: &File<'_>, node: Option<&Node>) -> Vec<(String, u64)> {
    let items = node.map(Node::items).unwrap_or_default();
    let name = |item: &Node| Some((item.text(file.bytes)?.trim().to_owned(), file.line(item.place.start)));
    items.iter().filter_map(name).filter(|(name, _)| !name.is_empty()).collect()
}

impl Owners {
    /// Adds a file.
    pub(super) fn add(&mut self, told: Told) {
        match told {
            Told::Owners(path, entry) => {
                self.files.insert(path, entry);
            }
            Told::Aliases(aliases) => self.aliases = aliases,
        }
    }

    /// Who approves changes of a path; those who only review them where nobody does.
    pub(super) fn of(&self, path: &str, answer: &mut Answer) {
        if self.files.is_empty() {
            return;
        }
        let approve = |filter: &Filter| filter.approvers.clone();
        let review = |filter: &Filter| filter.reviewers.clone();
        let found = self.people(path, &approve).map(|found| (found, "approvers", "high"));
        let found = found.or_else(|| self.people(path, &review).map(|found| (found, "reviewers", "medium")));
        let Some(((place, people), what, confidence)) = found else {
            return answer.silent(format!("OWNERS: no file above {path} names approvers or reviewers for it"));
        };
        for (name, line) in people {
            let basis = format!("{place}:{line} {what}");
            let Some(members) = self.aliases.get(&name.to_lowercase()) else {
                let voice = Voice { rank: rank::CODEOWNERS, source: NAME, confidence };
                answer.owner(Role::Technical, &name, voice, basis);
                continue;
            };
            answer.claim(Field::Team, Source::File, &name, basis.clone());
            for member in members {
                let basis = format!("{basis}, alias {name}");
                let voice = Voice { rank: rank::CODEOWNERS, source: NAME, confidence };
                answer.owner(Role::Technical, member, voice, basis);
            }
        }
    }

    /// The people of the nearest file that names any for the path, and that file.
    fn people(&self, path: &str, of: &dyn Fn(&Filter) -> Vec<(String, u64)>) -> Option<(String, Vec<(String, u64)>)> {
        for folder in folders(path) {
            let place = joined(folder, NAME);
            let Some(entry) = self.files.get(&place) else { continue };
            let inner = path.get(folder.len()..).unwrap_or(path).trim_start_matches('/');
            let fits = |filter: &&Filter| filter.pattern.as_ref().is_none_or(|pattern| pattern.is_match(inner));
            let people: Vec<_> = entry.filters.iter().filter(fits).flat_map(of).collect();
            if !people.is_empty() {
                return Some((place, people));
            }
            if entry.no_parents {
                break;
            }
        }
        None
    }
}
