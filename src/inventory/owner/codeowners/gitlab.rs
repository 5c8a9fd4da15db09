//! GitLab's `CODEOWNERS`: every section has its own owners of a path.
//!
//! The rules are those of "Syntax of `CODEOWNERS` file" and "Advanced `CODEOWNERS` configuration" (docs.gitlab.com):
//! `[Section]`, `^[Optional]`, `[Section][2] @default`, equal names in any case are one section, the last entry of a
//! section that matches counts, `!path` takes a path out of its section for good, `@@role`, no comments behind an entry;
//! patterns are those of Ruby's `File.fnmatch` with `FNM_PATHNAME` and `FNM_DOTMATCH`, from the root where they begin with
//! `/`, else anywhere.

use std::collections::HashMap;

use super::super::glob;
use super::{Said, is_email, pattern_end};

/// The roles that can own (`@@developers` is `@@developer`).
const ROLES: [&str; 3] = ["developer", "maintainer", "owner"];

/// The rules of one file, by section.
pub(in super::super) struct Rules(Vec<Section>);

#[derive(Default)]
struct Section {
    /// Empty for what stands before the first heading.
    name: String,
    entries: Vec<Entry>,
    /// Where the entry of a pattern stands: two entries with the same pattern are one.
    known: HashMap<String, usize>,
}

struct Entry {
    /// Segments as they are matched.
    parts: Vec<Vec<u8>>,
    owners: Vec<String>,
    excluded: bool,
    line: usize,
}

impl Rules {
    pub(super) fn read(text: &str) -> Self {
        let mut sections = vec![Section::default()];
        let (mut current, mut defaults) = (0, String::new());
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some((name, owners)) = heading(line) {
                let known = sections.iter().skip(1).position(|section| section.name.eq_ignore_ascii_case(name));
                current = known.map_or(sections.len(), |at| at + 1);
                if known.is_none() {
                    sections.push(Section { name: name.to_owned(), ..Section::default() });
                }
                owners.clone_into(&mut defaults);
            } else if let Some(section) = sections.get_mut(current) {
                section.add(line, &defaults, index + 1);
            }
        }
        Self(sections)
    }

    pub(super) fn of(&self, path: &str) -> Said {
        let parts: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
        let (mut owners, mut nobody) = (Vec::new(), None);
        for section in &self.0 {
            let matching = || section.entries.iter().rev().filter(|entry| glob::is_match(&entry.parts, &parts));
            let Some(last) = matching().next() else { continue };
            if let Some(line) = matching().find(|entry| entry.excluded).map(|entry| entry.line) {
                nobody = Some(line);
                continue;
            }
            if last.owners.is_empty() {
                nobody = Some(last.line);
            }
            let name = Some(&section.name).filter(|name| !name.is_empty());
            owners.extend(last.owners.iter().map(|owner| (owner.clone(), last.line, name.cloned())));
        }
        match nobody {
            _ if !owners.is_empty() => Said::Owners(owners),
            Some(line) => Said::Nobody(line),
            None => Said::Nothing,
        }
    }
}

impl Section {
    /// Adds the entry of a line. A pattern that is there already gets its new meaning where it stands.
    fn add(&mut self, line: &str, defaults: &str, number: usize) {
        let (pattern, own) = line.split_at(pattern_end(line));
        let (pattern, excluded) = pattern.strip_prefix('!').map_or((pattern, false), |pattern| (pattern, true));
        let owners = if own.trim().is_empty() { defaults } else { own };
        let owners = owners.split_whitespace().filter(|word| is_owner(word)).map(str::to_owned).collect();
        let pattern = from_root(pattern);
        let mut parts: Vec<Vec<u8>> = pattern.split('/').map(|part| part.as_bytes().to_vec()).collect();
        // `**` reaches across folders only where a `/` follows it; at the end it is `*`.
        if let Some(last) = parts.last_mut().filter(|last| *last == b"**") {
            last.truncate(1);
        }
        let entry = Entry { parts, owners, excluded, line: number };
        let at = *self.known.entry(pattern).or_insert(self.entries.len());
        match self.entries.get_mut(at) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }
}

/// A pattern as it is matched from the root, without the `/` at its start.
fn from_root(pattern: &str) -> String {
    if pattern == "*" {
        return "**/*".to_owned();
    }
    let pattern = pattern.strip_prefix('\\').filter(|rest| rest.starts_with('#')).unwrap_or(pattern);
    let from = pattern.strip_prefix('/').map_or_else(|| format!("**/{pattern}"), str::to_owned);
    if from.ends_with('/') { from + "**/*" } else { from }
}

/// The name and the default owners of a heading; a line that does not close its bracket is an entry.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (name, rest) = rest.split_once(']')?;
    let count = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let rest =
        count.filter(|(count, _)| count.bytes().all(|byte| byte.is_ascii_digit())).map_or(rest, |(_, rest)| rest);
    let owners = if rest.starts_with(char::is_whitespace) { rest } else { "" };
    Some((name, owners))
}

/// What is no owner's name is left out, as GitLab does.
fn is_owner(word: &str) -> bool {
    match word.strip_prefix('@') {
        Some(rest) => match rest.strip_prefix('@') {
            Some(role) => {
                let role = role.to_ascii_lowercase();
                ROLES.contains(&role.strip_suffix('s').unwrap_or(&role))
            }
            None => rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        },
        None => is_email(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(text: &str, path: &str) -> String {
        match Rules::read(text).of(path) {
            Said::Owners(owners) => {
                let shown = |(owner, _, section): &(String, usize, Option<String>)| {
                    section.as_ref().map_or_else(|| owner.clone(), |section| format!("{section}:{owner}"))
                };
                owners.iter().map(shown).collect::<Vec<_>>().join(" ")
            }
            Said::Nobody(line) => format!("nobody by line {line}"),
            Said::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn every_section_has_its_owners() {
        let text = "* @admin\n[README Owners]\nREADME.md @user1 @user2\ninternal/README.md @user4\n\
                    [README other owners]\nREADME.md @user3\n";
        assert_eq!(
            owners(text, "README.md"),
            "@admin README Owners:@user1 README Owners:@user2 README other owners:@user3"
        );
        assert_eq!(owners(text, "internal/README.md"), "@admin README Owners:@user4 README other owners:@user3");
    }

    #[test]
    fn sections_have_default_owners_and_equal_names_are_one() {
        let text = "[Documentation][2] @docs-team\ndocs/\n^[Database] @database-team @agarcia\nmodel/db/\n\
                    config/db/setup.md @docs-team\n[DOCUMENTATION]\nREADME.md @docs\n";
        assert_eq!(owners(text, "docs/a/b.md"), "Documentation:@docs-team");
        assert_eq!(owners(text, "model/db/x"), "Database:@database-team Database:@agarcia");
        assert_eq!(owners(text, "config/db/setup.md"), "Database:@docs-team");
        assert_eq!(owners(text, "README.md"), "Documentation:@docs");
        assert_eq!(owners(text, "src/a.c"), "nothing");
    }

    #[test]
    fn exclusions_hold_for_good_in_their_section() {
        let text = "* @default\n!*.rb\n/special/*.rb @ruby\n[Ruby]\n*.rb @ruby-team\n!/config/**/*.rb\n/config/routes.rb @ops\n";
        assert_eq!(owners(text, "special/a.rb"), "Ruby:@ruby-team");
        assert_eq!(owners(text, "config/routes.rb"), "nobody by line 6");
        assert_eq!(owners(text, "a.py"), "@default");
    }

    #[test]
    fn patterns_are_those_of_fnmatch() {
        for (pattern, path, expected) in [
            ("*", "a/.b/c", true),
            ("README.md", "a/b/README.md", true),
            ("/README.md", "a/README.md", false),
            ("internal/README.md", "docs/internal/README.md", true),
            ("/docs/", "docs/a/b", true),
            ("/docs", "docs/a", false),
            ("docs", "docs/a", false),
            ("lib/", "a/lib/b", true),
            ("/docs/**", "docs/a", true),
            ("/docs/**", "docs/a/b", false),
            ("/docs/**/*.md", "docs/a.md", true),
            ("/docs/*spec*", "docs/qa_specs.rb", true),
            ("/docs/*/README.md", "docs/README.md", false),
            ("[ab].md", "a.md", false),
            ("/[ab].md", "a.md", true),
            ("\\#file.rb", "#file.rb", true),
            ("path\\ with\\ spaces/", "path with spaces/x", true),
        ] {
            let said = owners(&format!("{pattern} @x"), path);
            assert_eq!(said, if expected { "@x" } else { "nothing" }, "{pattern} {path}");
        }
    }

    #[test]
    fn owners_that_are_none_are_left_out() {
        let text =
            "/path/* @group user_without_at_symbol @user a@b.io @@Maintainers @@guest # @also\n/none nobody\n/bare\n";
        assert_eq!(owners(text, "path/x"), "@group @user a@b.io @@Maintainers @also");
        assert_eq!(owners(text, "none"), "nobody by line 2");
        assert_eq!(owners(text, "bare"), "nobody by line 3");
    }

    #[test]
    fn a_heading_that_does_not_close_is_an_entry() {
        assert_eq!(owners("* @group\n[Section name\ndocs/ @docs_group\n", "docs/a"), "@docs_group");
    }

    #[test]
    fn the_last_of_equal_patterns_counts() {
        assert_eq!(owners("a.md @a\n*.md @all\na.md @b\n", "a.md"), "@all");
        assert_eq!(owners("a.md @a\na.md @b\n", "a.md"), "@b");
    }
}
