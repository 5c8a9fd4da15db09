//! `CODEOWNERS`, by the rules of the host that reads it.

pub(super) mod github;
pub(super) mod gitlab;

/// Whose rules hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Host {
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
}

/// What a file says of one path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Said {
    /// These answer for it: owner, 1-based line, and the section's name where sections are used.
    Owners(Vec<(String, usize, Option<String>)>),
    /// The rule of this line matches and takes the owners away, or names none.
    Nobody(usize),
    /// No rule matches.
    Nothing,
}

impl Host {
    /// Where the host looks, in its order; the first file counts alone.
    /// GitHub: "About code owners"; GitLab: "Code Owners", `CODEOWNERS` file.
    pub(super) fn places(self) -> &'static [&'static str] {
        match self {
            Self::GitHub => &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
            Self::GitLab => &["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"],
        }
    }
}

/// The rules of one file.
pub(super) enum Rules {
    /// Read as GitHub does.
    GitHub(github::Rules),
    /// Read as GitLab does.
    GitLab(gitlab::Rules),
}

impl Rules {
    /// Reads a file.
    pub(super) fn read(host: Host, text: &str) -> Self {
        match host {
            Host::GitHub => Self::GitHub(github::Rules::read(text)),
            Host::GitLab => Self::GitLab(gitlab::Rules::read(text)),
        }
    }

    /// What it says of a path from the repository's root.
    pub(super) fn of(&self, path: &str) -> Said {
        match self {
            Self::GitHub(rules) => rules.of(path),
            Self::GitLab(rules) => rules.of(path),
        }
    }
}

/// Where the pattern of a line ends: at the first blank that no backslash stands before.
fn pattern_end(line: &str) -> usize {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !escaped {
            return at;
        }
        escaped = c == '\\' && !escaped;
    }
    line.len()
}

/// True for `name@host.tld`.
fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}
