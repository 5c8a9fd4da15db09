//! Path patterns as in `.gitignore`: `vendor/`, `*.lock`, `/docs/**/*.md`.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::places::Place;

/// Paths that no useful pattern matches all of: with and without folder, ending and dot.
const PROBES: [&str; 6] =
    ["Makefile", "src/main.rs", ".github/workflows/ci.yml", "a/b/c/d.json", "docs/read me.txt", ".env"];

/// Patterns with their places in the file that set them.
#[derive(Clone, Default)]
pub struct Globs {
    patterns: Vec<Pattern>,
}

/// One pattern.
#[derive(Clone)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// Where.
    pub place: Place,
    matcher: Gitignore,
}

impl Pattern {
    /// Checks and compiles a pattern; the error is for the person who wrote it.
    pub fn new(text: &str, place: Place) -> Result<Self, String> {
        let wrong = if text.trim().is_empty() {
            Some("is empty and matches nothing")
        } else if text.trim() != text {
            Some("begins or ends with a blank, so it matches nothing; take the blank away")
        } else if text.starts_with('!') {
            Some("begins with `!`; what is to be scanned nevertheless belongs under `include`")
        } else if text.starts_with('#') {
            Some("is a comment of .gitignore and matches nothing; write `\\#` for a name that begins so")
        } else if text.contains('\\') && !text.contains("\\#") && !text.contains("\\ ") {
            Some("holds a backslash; folders are parted by `/`")
        } else if text.split('/').any(|part| part == "..") {
            Some("leads out of the tree; paths begin at the folder of credlint.yaml")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return Err(format!("the pattern `{text}` {wrong}"));
        }
        let text = text.strip_prefix("./").unwrap_or(text);
        let mut builder = GitignoreBuilder::new("");
        let added = builder.add_line(None, text).map(drop);
        let matcher = added.and_then(|()| builder.build());
        let matcher = matcher.map_err(|error| format!("the pattern `{text}` cannot be read: {error}"))?;
        let pattern = Self { text: text.to_owned(), place, matcher };
        if PROBES.iter().all(|probe| pattern.is_match(probe)) {
            return Err(format!("the pattern `{text}` matches every path; name folders or endings"));
        }
        Ok(pattern)
    }

    /// True when the path, relative to the root and with `/` between parts, or a folder above it matches.
    pub fn is_match(&self, path: &str) -> bool {
        // The matcher refuses absolute paths and panics on them; such a path lies outside the root.
        !path.starts_with('/') && self.matcher.matched_path_or_any_parents(Path::new(path), false).is_ignore()
    }
}

impl Globs {
    /// The patterns given.
    pub fn new(patterns: Vec<Pattern>) -> Self {
        Self { patterns }
    }

    /// The first pattern that matches.
    pub fn matched(&self, path: &str) -> Option<&Pattern> {
        self.patterns.iter().find(|pattern| pattern.is_match(path))
    }

    /// The patterns.
    pub fn iter(&self) -> impl Iterator<Item = &Pattern> {
        self.patterns.iter()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Together they leave no path.
    pub fn matches_everything(&self) -> bool {
        !self.is_empty() && PROBES.iter().all(|probe| self.matched(probe).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern, (1, 1)).unwrap().is_match(path)
    }

    #[test]
    fn patterns_mean_what_they_mean_in_gitignore() {
        assert!(is_match("vendor/", "vendor/x/y.go") && is_match("vendor/", "a/vendor/y.go"));
        assert!(!is_match("/vendor/", "a/vendor/y.go") && !is_match("vendor/", "vendor"));
        assert!(is_match("*.lock", "a/b/Cargo.lock") && is_match("docs/**/*.md", "docs/a/b.md"));
        assert!(!is_match("*.md", "/outside/a.md"));
    }

    #[test]
    fn useless_patterns_are_refused() {
        for pattern in ["", " ", "*", "**", "**/*", "a ", "!a", "#a", "../a", "a\\b", "/**"] {
            assert!(Pattern::new(pattern, (1, 1)).is_err(), "{pattern}");
        }
        let all: Vec<_> =
            ["*.*", "Makefile"].iter().map(|text| Pattern::new(text, (1, 1))).collect::<Result<_, _>>().unwrap();
        assert!(Globs::new(all).matches_everything());
    }
}
