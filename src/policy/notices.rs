//! What is to be said of the policy's own entries: suppressions nobody needs any more, lines of the baseline likewise.

use std::collections::BTreeSet;

use super::verdict::{By, Notice, NoticeKind, Verdict};
use super::{Policy, baseline};

impl Policy {
    /// What the entries of the policy came to. Only a scan of the `whole` tree can tell that one is unused.
    pub fn notices(&self, verdicts: &[Verdict], whole: bool) -> Vec<Notice> {
        let mut notices = self.of_suppressions(verdicts, whole);
        if whole {
            notices.extend(self.stale(verdicts));
        }
        notices.sort();
        notices
    }

    fn of_suppressions(&self, verdicts: &[Verdict], whole: bool) -> Vec<Notice> {
        let Some(config) = &self.config else { return Vec::new() };
        let keys = self.keys(config);
        let mut notices = Vec::new();
        for entry in &config.suppressions {
            let line = entry.place.0 as u64;
            let who = entry
                .owner
                .as_ref()
                .map_or_else(|| "nobody is named for it".to_owned(), |owner| format!("owner {owner}"));
            let needed = verdicts.iter().any(|verdict| {
                let own = |by: &super::Suppression| by.by == By::Entry && by.line == line;
                verdict.suppression.as_ref().is_some_and(own)
                    || Self::fits(entry, &verdict.finding, &self.tree.path(&verdict.finding.origin), &keys)
            });
            let mut add = |kind, blocks, message| {
                notices.push(Notice { file: config.file.to_string(), line, kind, message, blocks });
            };
            if entry.until < self.today && needed {
                let message = format!("this suppression ended on {} ({who}); its finding blocks", entry.until);
                add(NoticeKind::ExpiredSuppression, false, message);
            } else if whole && !needed {
                let over =
                    if entry.until < self.today { format!(" and ended on {}", entry.until) } else { String::new() };
                let message = format!("this suppression matches no finding{over} ({who}); take it away");
                add(NoticeKind::UnusedSuppression, self.block_unused, message);
            }
        }
        notices
    }

    /// The lines of the baseline that no finding of the run has.
    pub fn stale_lines(&self, verdicts: &[Verdict]) -> BTreeSet<baseline::Line> {
        let Some(known) = &self.baseline else { return BTreeSet::new() };
        let seen: BTreeSet<usize> = verdicts
            .iter()
            .flat_map(|verdict| {
                let path = self.tree.path(&verdict.finding.origin);
                known.lines_of(&verdict.finding, &path, self.key.as_ref())
            })
            .collect();
        known.lines().filter(|(_, number)| !seen.contains(number)).map(|(line, _)| line.clone()).collect()
    }

    fn stale(&self, verdicts: &[Verdict]) -> Option<Notice> {
        let known = self.baseline.as_ref()?;
        let count = self.stale_lines(verdicts).len();
        let message = match count {
            0 => return None,
            1 => "1 line stands for nothing that is found; `credlint baseline prune` takes it away".to_owned(),
            count => {
                format!("{count} lines stand for nothing that is found; `credlint baseline prune` takes them away")
            }
        };
        Some(Notice { file: known.file.to_string(), line: 0, kind: NoticeKind::StaleBaseline, message, blocks: false })
    }
}
