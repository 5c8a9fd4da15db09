//! `credlint config`.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::{Args as ClapArgs, Subcommand};

use super::load::{FileArgs, Loaded, load, today};
use super::{Failure, clean};
use crate::config::{Config, Pattern, Place, raw};
use crate::policy::{Exit, Policy};
use crate::rule::{Confidence, Rule};
use crate::source::walk::{self, Found, WalkPlan, shown};

/// Options of `config`.
#[derive(ClapArgs)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check the configuration, and whether each of its patterns matches a file of the tree
    Check {
        #[command(flatten)]
        files: FileArgs,
    },
    /// Show which settings hold for a file, and where each comes from
    Explain {
        /// The file; it need not exist
        path: PathBuf,
        #[command(flatten)]
        files: FileArgs,
    },
    /// Print the JSON Schema of credlint.yaml
    Schema,
}

pub(crate) fn run(args: &ConfigArgs) -> Result<Exit, Failure> {
    let (out, exit) = match &args.command {
        ConfigCommand::Check { files } => check(files)?,
        ConfigCommand::Explain { path, files } => (explain(path, files)?, Exit::Clean),
        ConfigCommand::Schema => (raw::schema(), Exit::Clean),
    };
    io::stdout().write_all(out.as_bytes())?;
    Ok(exit)
}

fn check(files: &FileArgs) -> Result<(String, Exit), Failure> {
    let loaded = match load(files, &[PathBuf::from(".")]) {
        Ok(loaded) => loaded,
        Err(failure) => {
            let count = failure.message.lines().count();
            return Ok((format!("{}\n{count} problems\n", clean(&failure.message)), Exit::Blocked));
        }
    };
    let Some(config) = loaded.config.clone() else {
        let name = shown(&loaded.base, &loaded.config_path);
        return Err(Failure::new(format!("there is no configuration {name}"))
            .help("`credlint adopt` writes one; without one the defaults hold"));
    };
    let mut problems = idle(&loaded, &config);
    for entry in config.suppressions.iter().filter(|entry| entry.until < today()) {
        problems.push((entry.place, format!("this suppression ended on {}", entry.until)));
    }
    problems.sort();
    let mut out = String::new();
    for ((line, column), message) in &problems {
        let _ = writeln!(out, "{}:{line}:{column}: {}", clean(&config.file), clean(message));
    }
    let active = loaded.set.iter().filter(|(_, rule)| config.disabled(rule).is_none()).count();
    let _ = writeln!(
        out,
        "{}: {active} of {} rules are on, {} problems",
        clean(&config.file),
        loaded.set.len(),
        problems.len()
    );
    Ok((out, if problems.is_empty() { Exit::Clean } else { Exit::Blocked }))
}

/// The patterns that match no file of the tree.
fn idle(loaded: &Loaded, config: &Config) -> Vec<(Place, String)> {
    let files: Mutex<Vec<String>> = Mutex::default();
    let plan =
        WalkPlan { roots: vec![loaded.root.clone()], include_ignored: false, jobs: 1, base: loaded.base.clone() };
    walk::walk(&plan, &|| {
        Box::new(|found| {
            if let Found::File(file) = found {
                files.lock().unwrap_or_else(PoisonError::into_inner).push(file.shown.clone());
            }
            true
        })
    });
    let tree = loaded.tree();
    let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
    let files: Vec<String> = files.iter().map(|file| tree.of_shown(file)).collect();
    let lists = [&config.exclude, &config.include].into_iter();
    let lists = lists.chain(config.overrides.iter().map(|entry| &entry.paths));
    let lists = lists.chain(config.owners.iter().map(|owner| &owner.paths));
    let lists = lists.chain(config.patterns.iter().map(|pattern| &pattern.paths));
    let own = config.suppressions.iter().filter_map(|entry| entry.path.as_ref());
    let all: Vec<&Pattern> = lists.flat_map(crate::config::Globs::iter).chain(own).collect();
    let unused = all.into_iter().filter(|pattern| !files.iter().any(|file| pattern.is_match(file)));
    unused
        .map(|pattern| (pattern.place, format!("the pattern `{}` matches no file of the tree", pattern.text)))
        .collect()
}

fn explain(path: &Path, files: &FileArgs) -> Result<String, Failure> {
    let loaded = load(files, &[path.to_owned()])?;
    let policy = loaded.policy();
    let name = loaded.tree().of_shown(&shown(&loaded.base, path));
    let mut out = format!("{}\n", clean(&name));
    let config = loaded.config.clone();
    let from = |place: Place| {
        config.as_ref().map_or_else(String::new, |config| format!("{}:{}", clean(&config.file), place.0))
    };
    let Some(config) = &config else {
        let _ = writeln!(
            out,
            "  no configuration ({}); the defaults hold",
            clean(&shown(&loaded.base, &loaded.config_path))
        );
        bounds(&policy, None, &name, &mut out);
        known(&loaded, &name, &mut out);
        return Ok(out);
    };
    match (config.excluded(&name), config.exclude.matched(&name)) {
        (Some(by), _) => {
            let _ = writeln!(out, "  not scanned: paths.exclude `{}` ({})", clean(&by.text), from(by.place));
        }
        (None, Some(by)) => {
            let _ = writeln!(
                out,
                "  scanned: paths.include takes back paths.exclude `{}` ({})",
                clean(&by.text),
                from(by.place)
            );
        }
        (None, None) => out.push_str("  scanned\n"),
    }
    bounds(&policy, Some(config), &name, &mut out);
    for (pattern, what) in rules_off(config, &name) {
        let off: Vec<&Rule> =
            loaded.set.iter().map(|(_, rule)| rule).filter(|rule| pattern.is_match(&rule.id)).collect();
        let _ = writeln!(out, "  off: {} ({}, {what}, {} rules)", clean(&pattern.text), from(pattern.place), off.len());
    }
    if !config.comments {
        let _ = writeln!(out, "  allow comments do not hold ({})", clean(&config.file));
    } else if config.comment_reasons {
        let _ = writeln!(out, "  allow comments hold with a reason only ({})", clean(&config.file));
    }
    if let Some(owner) = config.owner(&name) {
        let _ = writeln!(out, "  owner: {}", clean(owner));
    }
    for entry in config.suppressions.iter().filter(|entry| entry.path.as_ref().is_some_and(|path| path.is_match(&name)))
    {
        let rule = entry.rule.as_ref().map_or("any rule", |rule| &rule.text);
        let _ = writeln!(out, "  suppressed until {}: {} ({})", entry.until, clean(rule), from(entry.place));
    }
    for pattern in config.patterns.iter().filter(|pattern| of_path(pattern, &name)) {
        let _ = writeln!(out, "  allowed: {} ({})", clean(&pattern.reason), from(pattern.place));
    }
    known(&loaded, &name, &mut out);
    Ok(out)
}

fn of_path(pattern: &crate::config::AllowedPattern, path: &str) -> bool {
    let globs = !pattern.paths.is_empty() && pattern.paths.matched(path).is_some();
    globs || pattern.path_regex.iter().any(|regex| regex.is_match(path))
}

fn rules_off<'a>(config: &'a Config, path: &str) -> Vec<(&'a crate::config::RulePattern, &'static str)> {
    let everywhere = config.disable.iter().map(|pattern| (pattern, "everywhere"));
    let here = config.overrides.iter().filter(|entry| entry.paths.is_empty() || entry.paths.matched(path).is_some());
    everywhere.chain(here.flat_map(|entry| entry.disable.iter().map(|pattern| (pattern, "for this path")))).collect()
}

/// What blocks there, and where that is set.
fn bounds(policy: &Policy, config: Option<&Config>, path: &str, out: &mut String) {
    let name = |block: Option<Confidence>| block.map_or("none", Confidence::name);
    let source = |set: bool| if set { config.map_or("default", |config| config.file.as_ref()) } else { "default" };
    let _ = writeln!(
        out,
        "  block: {} ({})\n  min-severity: {} ({})",
        name(policy.block),
        clean(source(config.is_some_and(|config| config.block.is_some()))),
        policy.min_severity.name(),
        clean(source(config.is_some_and(|config| config.min_severity.is_some())))
    );
    let Some(config) = config else { return };
    for entry in config.overrides.iter().filter(|entry| entry.paths.is_empty() || entry.paths.matched(path).is_some()) {
        let rules: Vec<&str> = entry.rules.iter().map(|rule| rule.text.as_str()).collect();
        let whom = if rules.is_empty() { String::new() } else { format!(" for {}", rules.join(", ")) };
        let place = format!("{}:{}", config.file, entry.place.0);
        if let Some(block) = entry.block {
            let _ = writeln!(out, "  block: {}{} ({})", name(block), clean(&whom), clean(&place));
        }
        if let Some(severity) = entry.min_severity {
            let _ = writeln!(out, "  min-severity: {}{} ({})", severity.name(), clean(&whom), clean(&place));
        }
    }
}

fn known(loaded: &Loaded, path: &str, out: &mut String) {
    let Some(baseline) = &loaded.baseline else { return };
    let lines = baseline.lines().filter(|(line, _)| line.path == path).count();
    let _ = writeln!(out, "  {lines} lines of {}", clean(&baseline.file));
}
