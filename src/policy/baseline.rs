//! The baseline: findings that were there when a repository adopted credlint. One sorted line each, without line
//! numbers, times or values, so that moving code does not change it and two branches merge by union.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use crate::judge::Finding;
use crate::judge::identity::{Key, KeyedHash};

const TITLE: &str =
    "# credlint baseline 1: rule, path, keyed hash of rule, path and value. Written by `credlint baseline write`.";
const TITLE_START: &str = "# credlint baseline ";
const SALT: &str = "# salt ";
const KEY: &str = "# key ";

/// A baseline file.
#[derive(Default)]
pub struct Baseline {
    /// As the user knows it.
    pub file: Arc<str>,
    /// Salts of the file; one, or one of each branch that began a baseline of its own.
    salts: Vec<Key>,
    /// Short names of other keys that its hashes were made with.
    foreign: BTreeSet<String>,
    /// The lines, with their numbers in the file.
    lines: BTreeMap<Line, usize>,
}

/// One known finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The rule's id.
    pub rule: String,
    /// The file, from the root.
    pub path: String,
    /// Names rule, path and value.
    pub hash: KeyedHash,
}

impl Baseline {
    /// An empty baseline whose hashes are made with `salt`.
    pub fn new(file: &str, salt: Key) -> Self {
        Self { file: Arc::from(file), salts: vec![salt], ..Self::default() }
    }

    /// Reads a file's bytes; `name` is what the user calls it.
    ///
    /// # Errors
    /// The line and what is wrong with it.
    pub fn load_from(bytes: &[u8], name: &str) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| format!("{name}: is no UTF-8 text"))?;
        let mut baseline = Self { file: Arc::from(name), ..Self::default() };
        let mut titled = false;
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let wrong = |what: &str| format!("{name}:{number}: {what}; `credlint baseline write` makes a new one");
            if line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>") || line == "=======" {
                return Err(format!(
                    "{name}:{number}: is a merge conflict; keep the lines of both sides, and put `{name} merge=union` into .gitattributes"
                ));
            }
            if let Some(version) = line.strip_prefix(TITLE_START) {
                titled = true;
                if !version.starts_with("1:") {
                    return Err(wrong("is of a version this credlint does not know"));
                }
            } else if let Some(salt) = line.strip_prefix(SALT) {
                let salt = Key::from_salt(salt.trim()).ok_or_else(|| wrong("is no salt"))?;
                if !baseline.salts.contains(&salt) {
                    baseline.salts.push(salt);
                }
            } else if let Some(id) = line.strip_prefix(KEY) {
                baseline.foreign.insert(id.trim().to_owned());
            } else if !line.is_empty() && !line.starts_with('#') {
                let parsed = Line::parse(line).ok_or_else(|| wrong("is no `rule path hash`"))?;
                baseline.lines.entry(parsed).or_insert(number);
            }
        }
        if !titled {
            return Err(format!("{name}:1: is no credlint baseline: its first line is missing"));
        }
        let known: BTreeSet<String> = baseline.salts.iter().map(Key::id).collect();
        let others = baseline.lines.keys().map(|line| line.hash.key_id()).filter(|id| !known.contains(id));
        baseline.foreign.extend(others);
        Ok(baseline)
    }

    /// Short names of the keys that are needed and do not stand in the file.
    pub fn foreign_keys(&self) -> impl Iterator<Item = &str> {
        self.foreign.iter().map(String::as_str)
    }

    /// The number of the line that knows a finding. `own` is the organisation's key.
    pub fn line_of(&self, finding: &Finding, path: &str, own: Option<&Key>) -> Option<usize> {
        self.lines_of(finding, path, own).first().copied()
    }

    /// The numbers of all lines that know a finding: branches that each began a baseline have one each.
    pub fn lines_of(&self, finding: &Finding, path: &str, own: Option<&Key>) -> Vec<usize> {
        let keys = self.salts.iter().chain(own);
        keys.filter_map(|key| self.lines.get(&Line::of(key, finding, path)).copied()).collect()
    }

    /// The lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (&Line, usize)> {
        self.lines.iter().map(|(line, number)| (line, *number))
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The key that new lines are made with: the first salt.
    pub fn salt(&self) -> Option<&Key> {
        self.salts.first()
    }

    /// Names a key that does not stand in the file.
    pub fn add_key(&mut self, key: &Key) {
        self.foreign.insert(key.id());
    }

    /// Takes lines in.
    pub fn add(&mut self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            let number = self.lines.len() + 1;
            self.lines.entry(line).or_insert(number);
        }
    }

    /// Keeps the lines that `keep` says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&Line) -> bool) {
        self.lines.retain(|line, _| keep(line));
    }

    /// The file's text. Keys that no line needs are left out, but the first salt stays.
    pub fn text(&self) -> String {
        let mut out = format!("{TITLE}\n");
        let used: BTreeSet<String> = self.lines.keys().map(|line| line.hash.key_id()).collect();
        for (index, salt) in self.salts.iter().enumerate() {
            if index == 0 || used.contains(&salt.id()) {
                let _ = writeln!(out, "{SALT}{}", salt.salt());
            }
        }
        for id in self.foreign.iter().filter(|id| used.contains(*id)) {
            let _ = writeln!(out, "{KEY}{id}");
        }
        for line in self.lines.keys() {
            let _ = writeln!(out, "{} {} {}", line.rule, escaped(&line.path), line.hash);
        }
        out
    }
}

impl Line {
    /// The line of a finding.
    pub fn of(key: &Key, finding: &Finding, path: &str) -> Self {
        let rule = finding.rule.id.to_string();
        Self { hash: key.finding(&rule, path, &finding.secret), rule, path: path.to_owned() }
    }

    fn parse(line: &str) -> Option<Self> {
        let (rule, rest) = line.trim_end().split_once(' ')?;
        let (path, hash) = rest.rsplit_once(' ')?;
        Some(Self { rule: rule.to_owned(), path: unescaped(path), hash: hash.parse().ok()? })
    }
}

/// A path in one line: control characters and backslashes as `\xNN`.
fn escaped(path: &str) -> String {
    path.chars().fold(String::new(), |mut out, c| {
        if c.is_ascii_control() || c == '\\' {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}

fn unescaped(path: &str) -> String {
    let mut parts = path.split("\\x");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if byte.is_ascii() => {
                out.push(char::from(byte));
                out.push_str(part.get(2..).unwrap_or(""));
            }
            _ => {
                out.push_str("\\x");
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back_and_unions_merge() {
        let (one, two) = (Key::new(&[1; 16]).unwrap(), Key::new(&[2; 16]).unwrap());
        let line = |key: &Key, path: &str| Line {
            rule: "r-a".to_owned(),
            path: path.to_owned(),
            hash: key.value(&crate::judge::Secret::new(path.as_bytes())),
        };
        let mut a = Baseline::new("f", one.clone());
        a.add([line(&one, "b c\n\\d"), line(&one, "a")]);
        let mut b = Baseline::new("f", two.clone());
        b.add([line(&two, "z")]);
        let union = format!("{}{}", b.text(), a.text());
        let read = Baseline::load_from(union.as_bytes(), "f").unwrap();
        assert_eq!(read.len(), 3);
        assert_eq!(read.foreign_keys().count(), 0);
        assert!(read.lines().any(|(line, _)| line.path == "b c\n\\d"));
        assert_eq!(Baseline::load_from(a.text().as_bytes(), "f").unwrap().text(), a.text());
    }

    #[test]
    fn what_is_no_baseline_is_said() {
        for (text, part) in [
            ("", "f:1: is no credlint baseline"),
            ("# credlint baseline 2: x\n", "f:1: is of a version"),
            ("# credlint baseline 1: x\n# salt 12\n", "f:2: is no salt"),
            ("# credlint baseline 1: x\n<<<<<<< HEAD\n", "f:2: is a merge conflict"),
            ("# credlint baseline 1: x\nrule path\n", "f:2: is no `rule path hash`"),
        ] {
            let error = Baseline::load_from(text.as_bytes(), "f").err().unwrap();
            assert!(error.contains(part), "{error}");
        }
    }
}
