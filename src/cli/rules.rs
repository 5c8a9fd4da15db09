//! `credlint rules`.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::Failure;
use super::args::{RulesArgs, RulesCommand};
use crate::policy::Exit;
use crate::rule::load::{self, LoadedFile};
use crate::rule::{Matcher, Rule, RuleSet, page, splice};
use crate::scan::{Scanner, examples};

pub(crate) fn run(args: RulesArgs) -> Result<Exit, Failure> {
    match args.command {
        RulesCommand::List { filter } => list(filter.as_deref()),
        RulesCommand::Show { id } => show(&id),
        RulesCommand::Check { paths } => check(paths),
        RulesCommand::Splice => splice_stdin(),
        RulesCommand::Docs { folder } => docs(&folder),
    }
}

fn list(filter: Option<&str>) -> Result<Exit, Failure> {
    let mut out = String::new();
    let filter = filter.map(str::to_lowercase);
    let wanted = |rule: &Rule| {
        filter
            .as_ref()
            .is_none_or(|text| rule.id.contains(text.as_str()) || rule.title.to_lowercase().contains(text.as_str()))
    };
    for rule in crate::rule::builtin().iter().filter(|rule| wanted(rule)) {
        let _ = writeln!(out, "{:44} {:9} {}", rule.id, rule.severity.name(), rule.title);
    }
    io::stdout().write_all(out.as_bytes())?;
    Ok(Exit::Clean)
}

fn show(id: &str) -> Result<Exit, Failure> {
    let set = RuleSet::builtin();
    let Some((_, rule)) = set.by_name(id) else {
        return Err(Failure::new(format!("there is no rule `{id}`"))
            .help("`credlint rules list TEXT` finds rules by their words"));
    };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}\n  {} ({})\n  severity {}, confidence {} unless proven\n",
        rule.id,
        rule.title,
        rule.provider_name,
        rule.severity.name(),
        rule.confidence.name()
    );
    let _ = writeln!(out, "  {}\n  Fix: {}", rule.description, rule.fix);
    if !rule.docs.is_empty() {
        let _ = writeln!(out, "  Documentation: {}", rule.docs);
    }
    match &rule.matcher {
        Matcher::Pattern { pattern, .. } => {
            let _ = writeln!(out, "\n  pattern: {pattern}");
        }
        Matcher::Context { pattern, words, distance } => {
            let _ = writeln!(
                out,
                "\n  pattern: {pattern}\n  behind one of: {} (at most {distance} bytes)",
                words.join(", ")
            );
        }
        Matcher::Named { words } => {
            let _ = writeln!(out, "\n  what a general rule finds, named by one of: {}", words.join(", "));
        }
        Matcher::Assignment { names } => {
            let _ = writeln!(out, "\n  values of: {}", names.join(", "));
        }
    }
    io::stdout().write_all(out.as_bytes())?;
    Ok(Exit::Clean)
}

fn check(paths: Vec<PathBuf>) -> Result<Exit, Failure> {
    let paths = if paths.is_empty() { vec![PathBuf::from("rules")] } else { paths };
    let (mut files, mut errors): (Vec<LoadedFile>, Vec<load::RuleError>) = (Vec::new(), Vec::new());
    for path in &paths {
        match load::load(path) {
            Ok(found) => files.extend(found),
            Err(found) => errors.extend(found),
        }
    }
    let scanner = Scanner::new(checked_set(&files));
    let mut tried = 0;
    for file in &files {
        let (count, found) = examples::check(&scanner, file);
        tried += count;
        errors.extend(found);
    }
    let mut out = String::new();
    for error in &errors {
        let _ = writeln!(out, "{}", super::clean(&error.to_string()));
    }
    let rules: usize = files.iter().map(|file| file.rules.len()).sum();
    let _ = writeln!(out, "{} files, {rules} rules, {tried} examples: {} problems", files.len(), errors.len());
    io::stdout().write_all(out.as_bytes())?;
    Ok(if errors.is_empty() { Exit::Clean } else { Exit::Blocked })
}

/// The rules under check, and the built-in ones of other providers: examples must hold under the full set.
fn checked_set(files: &[LoadedFile]) -> RuleSet {
    let own: Vec<&'static Rule> = files.iter().flat_map(|file| file.rules.iter().copied()).collect();
    let providers: Vec<&str> = files.iter().map(|file| file.raw.provider.as_str()).collect();
    let others = crate::rule::builtin().iter().filter(|rule| !providers.contains(&rule.provider.as_ref()));
    RuleSet::new(others.chain(own).collect(), "check".to_owned())
}

fn docs(folder: &Path) -> Result<Exit, Failure> {
    let fail = |path: &Path, error: &io::Error| Failure::new(format!("{} cannot be written: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| fail(folder, &error))?;
    for (name, text) in page::pages(crate::rule::builtin()) {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| fail(&path, &error))?;
    }
    Ok(Exit::Clean)
}

fn splice_stdin() -> Result<Exit, Failure> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(format!("standard input cannot be read as text: {error}")))?;
    io::stdout().write_all(splice::splice(&text).as_bytes())?;
    Ok(Exit::Clean)
}
