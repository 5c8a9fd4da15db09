//! Who wrote most of a file's commits: a hint, the last of all sources. Merges and bots count for nobody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::mailmap::Mailmap;
use super::{Answer, History, Voice, rank};
use crate::inventory::record::Role;
use crate::source::git::commits;

/// Commits of each path by author.
#[derive(Default)]
pub(super) struct Majority {
    paths: BTreeMap<String, BTreeMap<String, u32>>,
    /// Why nothing can be said.
    silent: Option<&'static str>,
}

impl Majority {
    /// Counts the commits of `paths`.
    pub(super) fn count(history: Option<History<'_>>, paths: &BTreeSet<String>, mailmap: &Mailmap) -> Self {
        let silent = |why| Self { silent: Some(why), ..Self::default() };
        let Some(History { repository, versions }) = history else { return silent("the history was not read") };
        if repository.is_shallow() {
            return silent("the history is shallow");
        }
        let (objects, mut buffer) = (repository.objects(), Vec::new());
        let mut authors: HashMap<usize, Option<String>> = HashMap::new();
        let mut author = |place: usize| {
            let found = authors.entry(place).or_insert_with(|| {
                let node = versions.commits.get(place).filter(|node| node.parents.len() < 2)?;
                let author = mailmap.proper(&commits::told(&objects, node.id, &mut buffer)?.author);
                (!author.contains("[bot]")).then_some(author)
            });
            found.clone()
        };
        let mut counts: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for path in paths {
            let versions = versions.files.get(path.as_bytes()).map(Vec::as_slice).unwrap_or_default();
            for author in versions.iter().filter(|version| version.blob.is_some()).filter_map(|one| author(one.commit))
            {
                *counts.entry(path.clone()).or_default().entry(author).or_default() += 1;
            }
        }
        Self { paths: counts, silent: None }
    }

    /// The author of more than half of a path's commits.
    pub(super) fn of(&self, path: &str, answer: &mut Answer) {
        if let Some(why) = self.silent {
            return answer.silent(format!("git: {why}"));
        }
        let Some(authors) = self.paths.get(path) else {
            return answer.silent(format!("git: no person's commit touches {path}"));
        };
        let total: u32 = authors.values().sum();
        match authors.iter().max_by_key(|(_, count)| **count) {
            Some((author, count)) if count * 2 > total => {
                let basis = format!("{count} of {total} commits of {path}");
                let voice = Voice { rank: rank::GIT, source: "git majority", confidence: "low" };
                answer.owner(Role::Technical, author, voice, basis);
            }
            _ => answer.silent(format!("git: nobody wrote more than half of the {total} commits of {path}")),
        }
    }
}
