//! `credlint baseline`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};

use super::Failure;
use super::load::{FileArgs, Loaded, new_salt};
use super::tree::{self, Scanned, scan_tree};
use crate::policy::baseline::Line;
use crate::policy::{Baseline, Exit, Outcome, Verdict};
use crate::source::walk::shown;

/// Options of `baseline`.
#[derive(ClapArgs)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    command: BaselineCommand,
}

#[derive(Subcommand)]
enum BaselineCommand {
    /// Write what is found now; the next scan uses it without a flag
    Write {
        #[command(flatten)]
        scope: Scope,
        /// Make the hashes with the organisation's key instead of a salt in the file
        #[arg(long)]
        keyed: bool,
    },
    /// Take away the lines that stand for nothing any more
    Prune(Scope),
    /// Show what is new and what is gone; exit 1 when anything is
    Diff(Scope),
}

/// What is scanned, with which files.
#[derive(ClapArgs)]
struct Scope {
    /// A path in the tree; without it the present folder
    path: Option<PathBuf>,
    #[command(flatten)]
    files: FileArgs,
}

pub(crate) fn run(args: &BaselineArgs) -> Result<Exit, Failure> {
    match &args.command {
        BaselineCommand::Write { scope, keyed } => write(scope, *keyed),
        BaselineCommand::Prune(scope) => prune(scope),
        BaselineCommand::Diff(scope) => diff(scope),
    }
}

/// What a tree's baseline would be, and what is new and gone in it.
pub(crate) struct Fresh {
    /// The file's new content.
    pub(crate) baseline: Baseline,
    /// Findings that the old one did not know.
    pub(crate) new: Vec<Verdict>,
    /// Lines of the old one that stand for nothing.
    pub(crate) gone: BTreeSet<Line>,
}

/// The baseline of what was found.
pub(crate) fn fresh(scanned: &mut Scanned, keyed: bool) -> Result<Fresh, Failure> {
    let old = scanned.loaded.baseline.clone();
    let own = scanned.policy.key.clone();
    let name = shown(&scanned.loaded.base, &scanned.loaded.baseline_path);
    let verdicts = scanned.verdicts(true);
    let key = match (keyed, old.as_ref().and_then(|old| old.salt())) {
        (true, _) => own.clone().ok_or_else(|| {
            Failure::new("--keyed needs the organisation's key").help("set CREDLINT_KEY or --key-file")
        })?,
        (false, Some(salt)) => salt.clone(),
        (false, None) => new_salt()?,
    };
    let mut baseline = if keyed { Baseline::default() } else { Baseline::new(&name, key.clone()) };
    let kept: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Suppressed).collect();
    baseline.add(kept.iter().map(|verdict| scanned.policy.baseline_line(&key, &verdict.finding)));
    if keyed {
        baseline.add_key(&key);
    }
    scanned.policy.baseline.clone_from(&old);
    let gone = scanned.policy.stale_lines(&verdicts);
    let known = |verdict: &&Verdict| {
        let path = scanned.policy.tree.path(&verdict.finding.origin);
        old.as_ref().is_some_and(|old| old.line_of(&verdict.finding, &path, own.as_ref()).is_some())
    };
    let new = kept.into_iter().filter(|verdict| !known(verdict)).cloned().collect();
    Ok(Fresh { baseline, new, gone })
}

fn write(scope: &Scope, keyed: bool) -> Result<Exit, Failure> {
    let mut scanned = scan_tree(&scope.files, scope.path.as_deref())?;
    let fresh = fresh(&mut scanned, keyed)?;
    let path = scanned.loaded.baseline_path.clone();
    tree::write(&path, fresh.baseline.text())?;
    let name = shown(&scanned.loaded.base, &path);
    let mut out = format!(
        "{}: {} lines ({} new findings, {} lines gone)\n",
        super::clean(&name),
        fresh.baseline.len(),
        fresh.new.len(),
        fresh.gone.len()
    );
    if let Some(advice) = union_advice(&scanned.loaded) {
        let _ =
            writeln!(out, "put this line into .gitattributes, so that branches merge it without conflict:\n  {advice}");
    }
    if !fresh.baseline.is_empty() {
        out.push_str("what stands in it is still leaked: revoke it, then take it out of the code\n");
    }
    finish(&out, &scanned)
}

/// The line for `.gitattributes`, where it is missing.
pub(crate) fn union_advice(loaded: &Loaded) -> Option<String> {
    let path = relative(loaded)?;
    let text = std::fs::read_to_string(loaded.root.join(".gitattributes")).unwrap_or_default();
    let is_set = |line: &str| {
        let mut words = line.split_whitespace();
        let pattern = words.next().unwrap_or("");
        let names = pattern.trim_start_matches('/') == path || (!path.contains('/') && pattern == path);
        names && words.any(|word| word == "merge=union")
    };
    if text.lines().any(is_set) { None } else { Some(format!("{path} merge=union")) }
}

/// The baseline's path from the root.
fn relative(loaded: &Loaded) -> Option<String> {
    let path = &loaded.baseline_path;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    let below = folder.strip_prefix(loaded.root.canonicalize().ok()?).ok()?.join(path.file_name()?);
    below.to_str().map(str::to_owned)
}

fn prune(scope: &Scope) -> Result<Exit, Failure> {
    let mut scanned = scan_tree(&scope.files, scope.path.as_deref())?;
    let Some(old) = scanned.loaded.baseline.clone() else { return Err(none(&scanned)) };
    if !scanned.outcome.gaps.is_empty() {
        // What was not scanned may be what a line stands for.
        return finish("nothing was taken away: the scan is incomplete\n", &scanned);
    }
    let verdicts = scanned.verdicts(false);
    let stale = scanned.policy.stale_lines(&verdicts);
    let bytes = std::fs::read(&scanned.loaded.baseline_path)?;
    let mut kept = Baseline::load_from(&bytes, &old.file).map_err(Failure::new)?;
    kept.retain(|line| !stale.contains(line));
    if !stale.is_empty() {
        tree::write(&scanned.loaded.baseline_path, kept.text())?;
    }
    let mut out = String::new();
    for line in &stale {
        let _ = writeln!(out, "- {} {}", line.rule, super::clean(&line.path));
    }
    let _ = writeln!(out, "{}: {} lines taken away, {} left", super::clean(&old.file), stale.len(), kept.len());
    finish(&out, &scanned)
}

fn diff(scope: &Scope) -> Result<Exit, Failure> {
    let mut scanned = scan_tree(&scope.files, scope.path.as_deref())?;
    if scanned.loaded.baseline.is_none() {
        return Err(none(&scanned));
    }
    let fresh = fresh(&mut scanned, false)?;
    let mut out = String::new();
    for verdict in &fresh.new {
        let finding = &verdict.finding;
        let place = format!("{}:{}:{}", finding.origin.shown(), finding.start.line, finding.start.column);
        let _ = writeln!(out, "+ {} {}", finding.rule.id, super::clean(&place));
    }
    for line in &fresh.gone {
        let _ = writeln!(out, "- {} {}", line.rule, super::clean(&line.path));
    }
    let _ = writeln!(
        out,
        "{} new, {} gone, {} known",
        fresh.new.len(),
        fresh.gone.len(),
        fresh.baseline.len() - lines(&fresh)
    );
    let exit = finish(&out, &scanned)?;
    Ok(if fresh.new.is_empty() && fresh.gone.is_empty() { exit } else { Exit::Blocked })
}

/// How many lines the new findings make: places of one value in one file are one line.
fn lines(fresh: &Fresh) -> usize {
    let Some(salt) = fresh.baseline.salt() else { return fresh.new.len().min(fresh.baseline.len()) };
    let all: BTreeSet<_> = fresh
        .new
        .iter()
        .map(|verdict| (&verdict.finding.rule.id, verdict.finding.origin.shown(), salt.value(&verdict.finding.secret)))
        .collect();
    all.len().min(fresh.baseline.len())
}

fn none(scanned: &Scanned) -> Failure {
    Failure::new(format!("there is no baseline {}", shown(&scanned.loaded.base, &scanned.loaded.baseline_path)))
        .help("`credlint baseline write` makes one")
}

fn finish(out: &str, scanned: &Scanned) -> Result<Exit, Failure> {
    let gaps = tree::gaps(&scanned.outcome.gaps);
    io::stdout().write_all(format!("{out}{gaps}").as_bytes())?;
    Ok(if gaps.is_empty() { Exit::Clean } else { Exit::Incomplete })
}
