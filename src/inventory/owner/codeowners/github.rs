//! GitHub's `CODEOWNERS`: the last pattern that matches counts, and one without owners leaves its files to nobody.
//!
//! The rules are those of "About code owners" (docs.github.com): the patterns of `.gitignore` without `!`, `[ ]` and an
//! escaped `#` at the start, and `docs/*` is the folder's own files alone. A line that breaks them is skipped.

use super::super::glob;
use super::{Said, is_email, pattern_end};

/// Larger files are not loaded.
pub(in super::super) const MAX_BYTES: usize = 3 << 20;

/// The rules of one file, in its order.
pub(in super::super) struct Rules(Vec<Rule>);

struct Rule {
    /// Segments of the pattern; `**` for any number of folders.
    parts: Vec<Vec<u8>>,
    reach: Reach,
    owners: Vec<String>,
    line: usize,
}

/// What a match of the pattern stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The file, or everything below the folder.
    Both,
    /// Everything below the folder (`docs/`).
    Below,
    /// The file alone (`docs/*`).
    File,
}

impl Rules {
    pub(super) fn read(text: &str) -> Self {
        let lines = text.lines().enumerate();
        Self(lines.filter_map(|(index, line)| rule(line.trim(), index + 1)).collect())
    }

    pub(super) fn of(&self, path: &str) -> Said {
        let parts: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
        let Some(rule) = self.0.iter().rev().find(|rule| rule.is_match(&parts)) else { return Said::Nothing };
        if rule.owners.is_empty() {
            return Said::Nobody(rule.line);
        }
        Said::Owners(rule.owners.iter().map(|owner| (owner.clone(), rule.line, None)).collect())
    }
}

impl Rule {
    fn is_match(&self, path: &[&[u8]]) -> bool {
        let reach = glob::reach(&self.parts, path);
        let file = reach.last() == Some(&true);
        let below = || reach.get(1..path.len()).is_some_and(|folders| folders.contains(&true));
        match self.reach {
            Reach::File => file,
            Reach::Below => below(),
            Reach::Both => file || below(),
        }
    }
}

/// The rule of a line; `None` for comments and for what GitHub calls invalid.
fn rule(line: &str, number: usize) -> Option<Rule> {
    if line.is_empty() || line.starts_with(['#', '!']) || line.starts_with("\\#") {
        return None;
    }
    let (pattern, rest) = line.split_at(pattern_end(line));
    if pattern.contains(['[', ']']) {
        return None;
    }
    let mut owners = Vec::new();
    for word in rest.split_whitespace().take_while(|word| !word.starts_with('#')) {
        let name = word.strip_prefix('@').is_some_and(|name| !name.is_empty() && !name.contains('@'));
        if !name && !is_email(word) {
            return None;
        }
        owners.push(word.to_owned());
    }
    let (pattern, mut reach) = match pattern.strip_suffix('/') {
        Some(folder) => (folder, Reach::Below),
        None => (pattern, Reach::Both),
    };
    let anchored = pattern.contains('/');
    let mut parts: Vec<Vec<u8>> =
        pattern.strip_prefix('/').unwrap_or(pattern).split('/').map(|part| part.as_bytes().to_vec()).collect();
    if anchored && reach == Reach::Both && parts.last().is_some_and(|last| last == b"*") {
        reach = Reach::File;
    }
    if !anchored {
        parts.insert(0, b"**".to_vec());
    }
    Some(Rule { parts, reach, owners, line: number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(text: &str, path: &str) -> String {
        match Rules::read(text).of(path) {
            Said::Owners(owners) => owners.iter().map(|(owner, ..)| owner.as_str()).collect::<Vec<_>>().join(" "),
            Said::Nobody(line) => format!("nobody by line {line}"),
            Said::Nothing => "nothing".to_owned(),
        }
    }

    /// The cases of GitHub's page, in its order.
    #[test]
    fn the_documented_cases() {
        let text = "# comment\n*       @global-owner1 @global-owner2\n*.js    @js-owner #This is an inline comment.\n\
                    *.go docs@example.com\n*.txt @octo-org/octocats\n/build/logs/ @doctocat\ndocs/* docs@example.com\n\
                    apps/ @octocat\n/scripts/ @doctocat @octocat\n**/logs @octocat\n/own/ @octocat\n/own/github\n\
                    /own/gitlab @doctocat\n";
        for (path, expected) in [
            ("README", "@global-owner1 @global-owner2"),
            ("a/b.js", "@js-owner"),
            ("main.go", "docs@example.com"),
            ("x/y.txt", "@octo-org/octocats"),
            ("build/logs/a/b", "@octocat"),
            ("docs/getting-started.md", "docs@example.com"),
            ("docs/build-app/troubleshooting.md", "@global-owner1 @global-owner2"),
            ("x/apps/y", "@octocat"),
            ("scripts/a", "@doctocat @octocat"),
            ("deeply/nested/logs/file", "@octocat"),
            ("build/log/a", "@global-owner1 @global-owner2"),
            ("own/a", "@octocat"),
            ("own/github/a", "nobody by line 12"),
            ("own/gitlab/a", "@doctocat"),
        ] {
            assert_eq!(owners(text, path), expected, "{path}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("/*", "a", true),
            ("/*", "a/b", false),
            ("*", "a/b/.c", true),
            ("a/b", "a/b", true),
            ("a/b", "x/a/b", false),
            ("b", "a/b/c", true),
            ("b/", "b", false),
            ("b/", "a/b/c", true),
            ("/a/**", "a/b/c", true),
            ("/a/**/z", "a/z", true),
            ("a/*.md", "a/b/c.md", false),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("A", "a", false),
            ("with\\ blank/", "with blank/x", true),
            ("\\#a", "#a", false),
            ("!a", "!a", false),
            ("[ab]", "a", false),
        ] {
            let said = owners(&format!("{pattern} @x"), path);
            assert_eq!(said, if expected { "@x" } else { "nothing" }, "{pattern} {path}");
        }
    }

    #[test]
    fn invalid_lines_are_skipped() {
        assert_eq!(owners("* @a\n*.md @b someone\n", "x.md"), "@a");
        assert_eq!(owners("* @a\n*.md # @b\n", "x.md"), "nobody by line 2");
        assert_eq!(owners("* @a\r\n", "x.md"), "@a");
    }
}
