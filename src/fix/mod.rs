//! What stands in a secret's place once it is out of the code: the reference of that language or format.
//!
//! A suggestion is made from the file's name and the line alone; it changes that line and nothing else. Where no sure
//! replacement is known, there is advice and no edit.

use crate::judge::Finding;

mod shape;

use shape::Shape;

/// What to do about one finding.
pub struct Suggestion {
    /// The name that the value gets in the environment, the vault or the pipeline.
    pub name: String,
    /// The new lines in place of the old ones; `None` where there is advice only.
    pub edit: Option<Edit>,
    /// What else is to be done, for a person.
    pub advice: String,
}

/// Lines and what replaces them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The line, counted from 0.
    pub line: usize,
    /// What stands there afterwards; empty to take it away.
    pub new: Vec<String>,
}

/// Suggests for a finding in a file of this path and text.
pub fn suggest(finding: &Finding, path: &str, text: &str) -> Suggestion {
    let shape = Shape::of(path);
    let name = name(finding);
    let advice = shape.advice(&name);
    let edit =
        if finding.chain.is_empty() { place(finding, text).and_then(|place| shape.edit(&place, &name)) } else { None };
    Suggestion { name, edit, advice }
}

/// A value in its line.
struct Place<'a> {
    number: usize,
    line: &'a str,
    /// Byte range of the value in the line.
    start: usize,
    end: usize,
}

/// The value's line, when it lies in one line of text that is read as it stands.
fn place<'a>(finding: &Finding, text: &'a str) -> Option<Place<'a>> {
    let (from, to) = (usize::try_from(finding.span.start).ok()?, usize::try_from(finding.span.end).ok()?);
    let value = text.get(from..to)?;
    if value.contains('\n') || value.as_bytes() != finding.secret.expose() {
        return None;
    }
    let begin = text[..from].rfind('\n').map_or(0, |at| at + 1);
    let end = text[to..].find('\n').map_or(text.len(), |at| to + at);
    let line = text.get(begin..end)?;
    let number = text[..begin].matches('\n').count();
    Some(Place { number, line: line.strip_suffix('\r').unwrap_or(line), start: from - begin, end: to - begin })
}

/// `DB_PASSWORD`: the name the value was given, or the rule's.
fn name(finding: &Finding) -> String {
    let given = finding.name.as_deref().filter(|name| name.chars().any(|c| c.is_ascii_alphabetic()));
    let text = given.map_or_else(
        || finding.rule.id.to_string(),
        |name| name.rsplit(['.', '[', '>']).next().unwrap_or(name).to_owned(),
    );
    let mut out = String::new();
    let mut lower = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && lower {
                out.push('_');
            }
            out.push(c.to_ascii_uppercase());
            lower = c.is_ascii_lowercase();
        } else {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            lower = false;
        }
    }
    let out = out.trim_matches('_');
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        format!("SECRET_{out}")
    } else {
        out.to_owned()
    }
}
