//! `credlint fix`: the shape that replaces each finding in its file, as a patch, and how to revoke what was found.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::load::FileArgs;
use super::tree::{self, scan_tree};
use super::{Failure, clean};
use crate::config::RawVaultKind;
use crate::fix::{Edit, suggest};
use crate::judge::REDACTED;
use crate::policy::{Exit, Outcome, Verdict};
use crate::source::Origin;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// Options of `fix`.
#[derive(ClapArgs)]
pub(crate) struct FixArgs {
    /// Only findings of this file or below this folder
    path: Option<PathBuf>,
    /// Print what would be done; the default
    #[arg(long, conflicts_with = "apply")]
    dry_run: bool,
    /// Change the files
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    files: FileArgs,
}

pub(crate) fn run(args: &FixArgs) -> Result<Exit, Failure> {
    let mut scanned = scan_tree(&args.files, args.path.as_deref())?;
    let verdicts = scanned.verdicts(false);
    let within = args.path.as_ref().and_then(|path| path.canonicalize().ok());
    let mut files: BTreeMap<PathBuf, Vec<&Verdict>> = BTreeMap::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Blocks) {
        if let Origin::File(file) = &verdict.finding.origin
            && within.as_ref().is_none_or(|within| file.path.canonicalize().is_ok_and(|path| path.starts_with(within)))
        {
            files.entry(file.path.clone()).or_default().push(verdict);
        }
    }
    let (mut out, mut edits) = (String::new(), 0);
    for (path, found) in &files {
        edits += one_file(path, found, args.apply, &mut out)?;
    }
    let count: usize = files.values().map(Vec::len).sum();
    let done = if args.apply { "changed" } else { "would change" };
    let _ = writeln!(
        out,
        "{count} findings, {done} {edits} of their lines; the values are still leaked: revoke them first"
    );
    if let Some(config) = &scanned.loaded.config {
        vault(&config.vaults, config.vault_docs.as_deref(), &mut out);
    }
    let gaps = tree::gaps(&scanned.outcome.gaps);
    io::stdout().write_all(format!("{out}{gaps}").as_bytes())?;
    Ok(if gaps.is_empty() { Exit::Clean } else { Exit::Incomplete })
}

fn vault(kinds: &[RawVaultKind], docs: Option<&str>, out: &mut String) {
    let names: Vec<String> =
        kinds.iter().filter_map(|kind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned)).collect();
    if !names.is_empty() {
        let _ = writeln!(out, "vaults that may be used: {}", names.join(", "));
    }
    if let Some(docs) = docs {
        let _ = writeln!(out, "how to: {}", clean(docs));
    }
}

/// Suggests for one file; returns how many lines change.
fn one_file(path: &Path, found: &[&Verdict], apply: bool, out: &mut String) -> Result<usize, Failure> {
    let Some(first) = found.first() else { return Ok(0) };
    let shown = first.finding.origin.shown().to_owned();
    let bytes = std::fs::read(path).map_err(|error| Failure::new(format!("{shown} cannot be read: {error}")))?;
    // Text in another encoding is not written back.
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let mut edits: BTreeMap<usize, Edit> = BTreeMap::new();
    for verdict in found {
        let finding = &verdict.finding;
        let suggestion = suggest(finding, &shown, text);
        let _ = writeln!(
            out,
            "{}:{}:{}: {} as {}",
            clean(&shown),
            finding.start.line,
            finding.start.column,
            finding.rule.id,
            clean(&suggestion.name)
        );
        let _ = writeln!(out, "  do: {}\n  revoke: {}", clean(&suggestion.advice), clean(finding.rule.fix.trim()));
        match suggestion.edit {
            // Of two values in one line, the second is left for the next run.
            Some(edit) if !edits.contains_key(&edit.line) => {
                edits.insert(edit.line, edit);
            }
            Some(_) => out.push_str("  the line changes for another finding first; run again afterwards\n"),
            None => out.push_str("  no sure replacement is known for this line\n"),
        }
    }
    if !edits.is_empty() && apply {
        std::fs::write(path, applied(text, &edits))
            .map_err(|error| Failure::new(format!("{shown} cannot be written: {error}")))?;
    } else if !edits.is_empty() {
        patch(&shown, text, &edits, found, out);
    }
    Ok(edits.len())
}

fn applied(text: &str, edits: &BTreeMap<usize, Edit>) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let Some(edit) = edits.get(&number) else {
            out.push_str(line);
            continue;
        };
        out.push_str(&edit.new.join(newline));
        if line.ends_with('\n') {
            out.push_str(newline);
        }
    }
    out
}

/// A unified patch in which values are redacted: it is to be read, `--apply` makes the change.
fn patch(shown: &str, text: &str, edits: &BTreeMap<usize, Edit>, found: &[&Verdict], out: &mut String) {
    let lines: Vec<&str> = text.lines().collect();
    let hide = |line: &str| {
        let mut values: Vec<String> =
            found.iter().map(|verdict| String::from_utf8_lossy(verdict.finding.secret.expose()).into_owned()).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        clean(&values.iter().fold(line.to_owned(), |line, value| line.replace(value.as_str(), REDACTED)))
    };
    let _ = writeln!(out, "--- a/{0}\n+++ b/{0}", clean(shown));
    let mut shift: isize = 0;
    let numbers: Vec<usize> = edits.keys().copied().collect();
    let mut at = 0;
    while let Some(&first) = numbers.get(at) {
        let mut last = first;
        while let Some(&next) = numbers.get(at + 1).filter(|next| **next <= last + 2 * CONTEXT) {
            last = next;
            at += 1;
        }
        at += 1;
        let (from, to) = (first.saturating_sub(CONTEXT), (last + CONTEXT + 1).min(lines.len()));
        let mut body = String::new();
        let mut new = 0;
        for (number, line) in lines.iter().enumerate().take(to).skip(from) {
            let Some(edit) = edits.get(&number) else {
                new += 1;
                let _ = writeln!(body, " {}", hide(line));
                continue;
            };
            new += edit.new.len();
            let _ = writeln!(body, "-{}", hide(line));
            for line in &edit.new {
                let _ = writeln!(body, "+{}", hide(line));
            }
        }
        let start = from.saturating_add_signed(shift) + 1;
        let _ = writeln!(out, "@@ -{},{} +{start},{new} @@", from + 1, to - from);
        out.push_str(&body);
        shift += new.cast_signed() - (to - from).cast_signed();
    }
}
