//! `credlint adopt`: the newcomer's path. Shows what was found, then writes configuration, baseline, hook and workflow.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::baseline::{fresh, union_advice};
use super::load::FileArgs;
use super::tree::{self, Scanned, scan_tree};
use super::{Failure, clean};
use crate::policy::{Exit, Verdict};
use crate::rule::Confidence;
use crate::source::tracked::WorkTree;
use crate::source::walk::shown;

/// Rules named in the overview; more are counted.
const RULES: usize = 12;

const CONFIG: &str = "\
# What this repository wishes of credlint (https://github.com/credlint/credlint, docs/configuration.md).
# Everything here adds to the defaults.

# The least confidence that blocks: certain, likely (default), possible, none.
block: likely

# What is not scanned, in the form of .gitignore.
# paths:
#   exclude: [third_party/]

# Who answers for which paths.
# owners:
#   - paths: [services/billing/]
#     owner: team-billing
";

const HOOK: &str = "\
#!/bin/sh
# Scans what the commit would record (written by `credlint adopt`). A hook can be skipped: the check in the pull request counts.
command -v credlint >/dev/null || { echo 'credlint is not installed: this commit was not scanned' >&2; exit 0; }
exec credlint scan --staged --quiet
";

const WORKFLOW: &str = "\
name: credentials

on:
  pull_request:
  push:
    branches: [main, master]

permissions: {}

jobs:
  credlint:
    name: credlint
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1
        with:
          persist-credentials: false
          fetch-depth: 0 # the range of a pull request needs its base
      - name: Build credlint
        run: cargo install --locked --git https://github.com/credlint/credlint credlint
      - name: Scan
        run: credlint scan --ci
";

/// Options of `adopt`.
#[derive(ClapArgs)]
pub(crate) struct AdoptArgs {
    /// A path in the tree; without it the present folder
    path: Option<PathBuf>,
    /// Write without asking
    #[arg(long, short)]
    yes: bool,
    /// Write no workflow
    #[arg(long)]
    no_workflow: bool,
    /// Write no hook
    #[arg(long)]
    no_hook: bool,
    #[command(flatten)]
    files: FileArgs,
}

/// A file to be written: its path, its text, whether it is run, and why.
struct Plan {
    path: PathBuf,
    text: String,
    run: bool,
    why: &'static str,
}

pub(crate) fn run(args: &AdoptArgs) -> Result<Exit, Failure> {
    let mut scanned = scan_tree(&args.files, args.path.as_deref())?;
    let fresh = fresh(&mut scanned, false)?;
    let mut out = overview(&fresh.new, fresh.baseline.len());
    out.push_str(&tree::gaps(&scanned.outcome.gaps));
    let mut plans = Vec::new();
    let config = &scanned.loaded.config_path;
    if scanned.loaded.config.is_none() {
        plans.push(Plan { path: config.clone(), text: CONFIG.to_owned(), run: false, why: "the configuration" });
    }
    let why = "what is there today, so that only new findings block";
    plans.push(Plan { path: scanned.loaded.baseline_path.clone(), text: fresh.baseline.text(), run: false, why });
    if let Some(line) = union_advice(&scanned.loaded) {
        let path = scanned.loaded.root.join(".gitattributes");
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        let end = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
        plans.push(Plan {
            path,
            text: format!("{old}{end}{line}\n"),
            run: false,
            why: "branches merge the baseline by union",
        });
    }
    let mut left = Vec::new();
    hook(args, &scanned, &mut plans, &mut left);
    workflow(args, &scanned, &mut plans, &mut left);
    out.push_str("\nto be written:\n");
    for plan in &plans {
        let _ = writeln!(out, "  {} ({})", clean(&shown(&scanned.loaded.base, &plan.path)), plan.why);
    }
    for line in &left {
        let _ = writeln!(out, "  {}", clean(line));
    }
    io::stdout().write_all(out.as_bytes())?;
    let incomplete = !scanned.outcome.gaps.is_empty();
    if incomplete {
        let text =
            "\nnothing was written: a baseline of a part would let the rest block later; see what was not scanned\n";
        io::stdout().write_all(text.as_bytes())?;
        return Ok(Exit::Incomplete);
    }
    if !args.yes && !agreed()? {
        io::stdout().write_all(b"\nnothing was written; --yes writes\n")?;
        return Ok(Exit::Clean);
    }
    for plan in &plans {
        write(plan)?;
    }
    let next = "\nwritten; commit these files. What the baseline holds is leaked still: revoke it, take it out, `credlint baseline prune`\n";
    io::stdout().write_all(next.as_bytes())?;
    Ok(Exit::Clean)
}

fn write(plan: &Plan) -> Result<(), Failure> {
    let fail = |error: io::Error| Failure::new(format!("{} cannot be written: {error}", plan.path.display()));
    if let Some(folder) = plan.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    tree::write(&plan.path, &plan.text)?;
    if plan.run {
        std::fs::set_permissions(&plan.path, std::fs::Permissions::from_mode(0o755)).map_err(fail)?;
    }
    Ok(())
}

/// Asks on a terminal; elsewhere nobody agrees.
fn agreed() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(false);
    }
    io::stdout().write_all(b"\nwrite these files? [y/N] ")?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What was found, by rule and confidence.
fn overview(found: &[Verdict], lines: usize) -> String {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    let mut levels: BTreeMap<std::cmp::Reverse<Confidence>, usize> = BTreeMap::new();
    for verdict in found {
        *rules.entry(verdict.finding.rule.id.as_ref()).or_default() += 1;
        *levels.entry(std::cmp::Reverse(verdict.finding.confidence)).or_default() += 1;
    }
    let mut out = String::new();
    let levels: Vec<String> = levels.iter().map(|(level, count)| format!("{count} {}", level.0.name())).collect();
    let _ = writeln!(out, "{} new findings ({}), {lines} lines of a baseline", found.len(), levels.join(", "));
    let mut order: Vec<(&str, usize)> = rules.into_iter().collect();
    order.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
    for (rule, count) in order.iter().take(RULES) {
        let _ = writeln!(out, "  {count:6} {rule}");
    }
    if order.len() > RULES {
        let _ = writeln!(out, "         and {} more rules", order.len() - RULES);
    }
    out
}

fn hook(args: &AdoptArgs, scanned: &Scanned, plans: &mut Vec<Plan>, left: &mut Vec<String>) {
    let root = &scanned.loaded.root;
    if args.no_hook {
        return;
    }
    if root.join(".pre-commit-config.yaml").exists() {
        left.push("add the hook `credlint` to .pre-commit-config.yaml (docs/ci.md)".to_owned());
        return;
    }
    let Ok(Some(tree)) = WorkTree::around(root) else { return };
    let path = tree.hooks().join("pre-commit");
    if path.exists() {
        left.push(format!("{} exists; add `credlint scan --staged` to it", shown(&scanned.loaded.base, &path)));
    } else {
        plans.push(Plan { path, text: HOOK.to_owned(), run: true, why: "scans the files of each commit" });
    }
}

fn workflow(args: &AdoptArgs, scanned: &Scanned, plans: &mut Vec<Plan>, left: &mut Vec<String>) {
    let root = &scanned.loaded.root;
    if args.no_workflow {
        return;
    }
    if root.join(".gitlab-ci.yml").exists() {
        left.push("add a job with `script: credlint scan --ci` and `GIT_DEPTH: 0` to .gitlab-ci.yml".to_owned());
        return;
    }
    let path = root.join(Path::new(".github/workflows/credlint.yml"));
    if path.exists() {
        left.push(".github/workflows/credlint.yml exists; it is left as it is".to_owned());
    } else {
        let why = "scans each pull request (docs/ci.md has one with SARIF)";
        plans.push(Plan { path, text: WORKFLOW.to_owned(), run: false, why });
    }
}
