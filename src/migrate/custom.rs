//! Rules of another tool as a rule file of credlint, with examples made from the pattern and tried before anything is
//! written.

use std::fmt::Write as _;
use std::path::Path;

use super::{Fate, Import, NewRule, Tool};
use crate::config::edit::quoted;
use crate::config::regex::look_around;
use crate::rule::load::{LoadedFile, load_text};
use crate::rule::sample::sample;
use crate::rule::splice::splice;
use crate::rule::{Rule, RuleSet};
use crate::scan::{Scanner, examples};

/// Seeds tried for an example; a random text may look like a placeholder.
const SEEDS: u64 = 8;

/// The id that a rule of a tool gets: `imported-<tool>-<id>`.
pub fn id_of(tool: &str, id: &str) -> String {
    let kind: String = id.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = kind.split('-').filter(|word| !word.is_empty()).collect();
    format!("{}-{}", provider(tool), words.join("-"))
}

fn provider(tool: &str) -> String {
    format!("imported-{tool}")
}

/// The name of the rule file.
pub fn file_name(tool: Tool) -> String {
    format!("{}.yml", provider(tool.name()))
}

/// A rule and its examples, as text.
struct Draft {
    id: String,
    title: String,
    pattern: String,
    entropy: Option<f32>,
    file: String,
    found: String,
    cut: String,
}

/// The rule file; `None` when no rule could be carried over. What became of each goes into the report.
pub fn rule_file(tool: Tool, import: &mut Import, set: &RuleSet) -> Option<String> {
    let mut drafts: Vec<Draft> = Vec::new();
    for rule in std::mem::take(&mut import.rules) {
        let id = id_of(tool.name(), &rule.id);
        let taken = drafts.iter().any(|draft| draft.id == id);
        let made = if taken { Err("its id is used twice".to_owned()) } else { tried(tool, &rule, id, set) };
        let what = format!("rule {}", rule.id);
        match made {
            Ok(draft) => {
                let nearly = || Fate::Nearly(rule.dropped.join("; "));
                import.note(&rule.file, what, if rule.dropped.is_empty() { Fate::Carried } else { nearly() });
                drafts.push(draft);
            }
            Err(why) => import.note(&rule.file, what, Fate::Left(why)),
        }
    }
    drafts.sort_by(|a, b| a.id.cmp(&b.id));
    (!drafts.is_empty()).then(|| text(tool, &drafts))
}

/// The rule, when the engine can run it and finds what it was made for.
fn tried(tool: Tool, rule: &NewRule, id: String, set: &RuleSet) -> Result<Draft, String> {
    if rule.pattern.is_empty() {
        return Err("has no pattern".to_owned());
    }
    if let Some(named) = look_around(&rule.pattern) {
        return Err(format!("its pattern has {named}, which cannot be run in linear time"));
    }
    let pattern = named(&rule.pattern, rule.group);
    let none = String::new;
    let (title, file) = (rule.title.clone(), rule.file.clone());
    let mut draft = Draft { id, title, pattern, entropy: rule.entropy, file, found: none(), cut: none() };
    "x".clone_into(&mut draft.found);
    let first = load(tool, &draft)?;
    let Some(made) = first.rules.first().copied() else { return Err("makes no rule".to_owned()) };
    let others = set.iter().map(|(_, rule)| rule).filter(|other| other.id != made.id);
    let all: Vec<&'static Rule> = others.chain(std::iter::once(made)).collect();
    let scanner = Scanner::new(RuleSet::new(all, "import".to_owned()));
    let mut why = "no example can be made from its pattern".to_owned();
    for seed in 1..=SEEDS {
        let Some(example) = sample(made, seed) else { continue };
        // The whole match may be longer than a token; what is cut has no end.
        let words = example.trim_end().to_owned();
        let half = words.char_indices().nth(words.chars().count() * 2 / 3).map_or(0, |(at, _)| at);
        for cut in [&words[..half], "nothing of the kind"] {
            draft.found.clone_from(&words);
            cut.trim_end().clone_into(&mut draft.cut);
            let (_, errors) = examples::check(&scanner, &load(tool, &draft)?);
            match errors.first() {
                None => return Ok(draft),
                Some(error) => error.message.clone_into(&mut why),
            }
        }
    }
    let start = format!("rule {}: ", draft.id);
    Err(format!("an example made from its pattern fails: {}", why.strip_prefix(&start).unwrap_or(&why)))
}

fn load(tool: Tool, draft: &Draft) -> Result<LoadedFile, String> {
    let name = file_name(tool);
    let start = format!("rule {}: ", draft.id);
    load_text(Path::new(&name), text(tool, std::slice::from_ref(draft))).map_err(|errors| {
        let first = errors.first().map_or("", |error| error.message.as_str());
        first.strip_prefix(&start).unwrap_or(first).lines().last().unwrap_or("").trim().to_owned()
    })
}

fn text(tool: Tool, drafts: &[Draft]) -> String {
    let provider = provider(tool.name());
    let mut out = format!("provider: {provider}\nname: Rules taken over from {}\nrules:\n", tool.name());
    for draft in drafts {
        let title = if draft.title.trim().is_empty() { &draft.id } else { draft.title.trim() };
        let _ = writeln!(out, "  - id: {}\n    title: {}", draft.id, quoted(title.trim_end_matches('.')));
        let _ = writeln!(
            out,
            "    severity: high\n    description: {}",
            quoted(&format!("Found by a rule of {}.", draft.file))
        );
        out.push_str("    fix: Revoke it where it was made, then make a new one.\n");
        let _ = writeln!(out, "    pattern: {}", quoted(&draft.pattern));
        if let Some(entropy) = draft.entropy.filter(|entropy| *entropy > 0.0) {
            let _ = writeln!(out, "    entropy: {entropy:.1}");
        }
        let cut = if draft.cut.is_empty() { "x" } else { &draft.cut };
        let _ = writeln!(out, "    match:\n      - {}", quoted(&splice(&draft.found)));
        let _ = writeln!(out, "    no_match:\n      - text: {}\n        by: pattern", quoted(&splice(cut)));
    }
    out
}

/// The pattern with the group that is the secret named so. Without a word from the tool that is the first group.
fn named(pattern: &str, group: usize) -> String {
    let wanted = group.max(1);
    let bytes = pattern.as_bytes();
    let (mut at, mut seen, mut in_class) = (0, 0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => {
                let rest = &pattern[at + 1..];
                let has_name = rest.starts_with("?P<") || rest.starts_with("?<");
                if !rest.starts_with('?') || has_name {
                    seen += 1;
                }
                if seen == wanted && (!rest.starts_with('?') || has_name) {
                    let rest = if has_name { rest.split_once('>').map_or("", |(_, rest)| rest) } else { rest };
                    return format!("{}(?P<secret>{rest}", &pattern[..at]);
                }
            }
            _ => {}
        }
        at += 1;
    }
    pattern.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_group_is_named() {
        assert_eq!(named(r"(?i)a(?:b)\((c)(d)", 0), r"(?i)a(?:b)\((?P<secret>c)(d)");
        assert_eq!(named("[(](a)(?P<x>b)", 2), "[(](a)(?P<secret>b)");
        assert_eq!(named("abc", 1), "abc");
    }

    #[test]
    fn ids_are_of_the_tools_file() {
        assert_eq!(id_of("gitleaks", "My Rule_1."), "imported-gitleaks-my-rule-1");
    }
}
