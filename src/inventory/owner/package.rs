//! What packages say of their people: `package.json`, Helm's `Chart.yaml`, `MAINTAINERS`. Weak: written for users, seldom kept.
//!
//! Written from docs.npmjs.com "package.json" (people fields), helm.sh "Charts" (`maintainers`) and the Linux kernel's
//! `MAINTAINERS` (its own first section: `M:` people, `F:` and `X:` files with and without).

use std::collections::BTreeMap;

use super::{Answer, Voice, folders, glob, joined, rank};
use crate::format::tree::Node;
use crate::inventory::record::Role;
use crate::inventory::reference::File;

/// The files, each for its own folder and those below.
const NAMES: [&str; 5] = ["package.json", "Chart.yaml", "MAINTAINERS", "MAINTAINERS.md", "MAINTAINERS.txt"];

/// What one file says.
pub(super) struct Entry {
    path: String,
    people: Vec<Person>,
    sections: Vec<Section>,
}

struct Person {
    name: String,
    line: u64,
}

/// A section of the kernel's form.
#[derive(Default)]
struct Section {
    people: Vec<Person>,
    files: Vec<String>,
    except: Vec<String>,
}

/// The files of a repository.
#[derive(Default)]
pub(super) struct Packages(BTreeMap<String, Entry>);

/// True for names of such files.
pub(super) fn wants(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Reads a file; `None` where it names nobody.
pub(super) fn read(file: &File<'_>) -> Option<Entry> {
    if !wants(file.name()) {
        return None;
    }
    let mut entry = Entry { path: file.path.to_owned(), people: Vec::new(), sections: Vec::new() };
    if file.name().starts_with("MAINTAINERS") {
        maintainers(&String::from_utf8_lossy(file.bytes), &mut entry);
    } else {
        let root = file.trees()?.1.first()?;
        let author = root.get("author").filter(|_| file.name() == "package.json");
        let list = root.get("maintainers").map(Node::items).unwrap_or_default();
        entry.people = author.into_iter().chain(list).filter_map(|node| person(file, node)).collect();
    }
    (!entry.people.is_empty() || !entry.sections.is_empty()).then_some(entry)
}

/// `Name <mail>`, or a map of both.
fn person(file: &File<'_>, node: &Node) -> Option<Person> {
    let text = |key: &str| Some(node.get(key)?.text(file.bytes)?.trim().to_owned()).filter(|text| !text.is_empty());
    let name = match (node.text(file.bytes), text("name"), text("email")) {
        (Some(whole), ..) => whole.split('(').next().unwrap_or("").trim().to_owned(),
        (None, Some(name), Some(mail)) => format!("{name} <{mail}>"),
        (None, Some(one), None) | (None, None, Some(one)) => one,
        (None, None, None) => String::new(),
    };
    (!name.is_empty()).then(|| Person { name, line: file.line(node.place.start) })
}

/// The kernel's form where `M:` and `F:` stand in it, else every `Name <mail>` that stands alone in its line.
fn maintainers(text: &str, entry: &mut Entry) {
    let mut section = Section::default();
    let mut sections = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        match text.split_once(':').map(|(key, value)| (key, value.trim())) {
            Some(("M", value)) => section.people.push(Person { name: value.to_owned(), line }),
            Some(("F", value)) => section.files.push(value.to_owned()),
            Some(("X", value)) => section.except.push(value.to_owned()),
            _ if text.trim().is_empty() => sections.push(std::mem::take(&mut section)),
            _ => entry.people.extend(alone(text).map(|name| Person { name, line })),
        }
    }
    sections.push(section);
    entry.sections = sections.into_iter().filter(|one| !one.people.is_empty() && !one.files.is_empty()).collect();
    if !entry.sections.is_empty() {
        entry.people.clear();
    }
}

/// The person of a line like `- Jane Doe <jane@example.com> (@jane)`.
fn alone(line: &str) -> Option<String> {
    let line = line.trim_start_matches([' ', '\t', '*', '-', '+']);
    let (name, rest) = line.split_once('<')?;
    let (mail, _) = rest.split_once('>')?;
    let name = name.trim();
    let fits = !name.is_empty() && name.len() < 80 && mail.contains('@') && !mail.contains(char::is_whitespace);
    fits.then(|| format!("{name} <{mail}>"))
}

impl Section {
    fn holds(&self, path: &str) -> bool {
        self.files.iter().any(|pattern| is_match(pattern, path))
            && !self.except.iter().any(|pattern| is_match(pattern, path))
    }
}

/// `dir/` is everything below, `dir/*` the folder's own files, anything else a file or a folder with all it holds.
fn is_match(pattern: &str, path: &str) -> bool {
    let folder = pattern.ends_with('/');
    let pattern: Vec<&[u8]> = pattern.trim_end_matches('/').split('/').map(str::as_bytes).collect();
    let path: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
    let reach = glob::reach(&pattern, &path);
    let below = || reach.get(1..path.len()).is_some_and(|folders| folders.contains(&true));
    match pattern.last() {
        Some(last) if !folder && last.contains(&b'*') => reach.last() == Some(&true),
        _ => (!folder && reach.last() == Some(&true)) || below(),
    }
}

impl Packages {
    /// Adds a file.
    pub(super) fn add(&mut self, entry: Entry) {
        self.0.insert(entry.path.clone(), entry);
    }

    /// The people of the nearest file of each name.
    pub(super) fn of(&self, path: &str, answer: &mut Answer) {
        for name in NAMES {
            let nearest = folders(path).find_map(|folder| Some((folder, self.0.get(&joined(folder, name))?)));
            let Some((folder, entry)) = nearest else { continue };
            let inner = path.get(folder.len()..).unwrap_or(path).trim_start_matches('/');
            let sections = entry.sections.iter().filter(|section| section.holds(inner));
            for person in entry.people.iter().chain(sections.flat_map(|section| &section.people)) {
                let basis = format!("{}:{}", entry.path, person.line);
                let voice = Voice { rank: rank::PACKAGE, source: name, confidence: "low" };
                answer.owner(Role::Technical, &person.name, voice, basis);
            }
        }
    }
}
