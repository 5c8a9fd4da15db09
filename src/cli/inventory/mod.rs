//! `credlint inventory`.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Component, Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use jiff::civil::Date;

use super::Failure;
use super::load::{FileArgs, load};
use super::output::formats;
use super::scan::tell;
use crate::config::NhiPolicy;
use crate::inventory::export::{self, Columns, Export};
use crate::inventory::pseudonym;
use crate::inventory::register::{Register, schema};
use crate::inventory::report::{self, Format};
use crate::inventory::resolve::resolve;
use crate::policy::Exit;

mod diff;
mod offboard;
mod take;

use diff::DiffArgs;
use offboard::OffboardArgs;
use take::{TakeArgs, lasting_key, take};

/// Options of `inventory`.
#[derive(ClapArgs)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct InventoryArgs {
    #[command(subcommand)]
    command: Option<InventoryCommand>,
    #[command(flatten)]
    take: TakeArgs,
}

#[derive(Subcommand)]
enum InventoryCommand {
    /// Write the register as `merge` and `diff` read it: JSON, sorted, on standard output where no report is named
    Snapshot(Box<TakeArgs>),
    /// Join registers of separate runs: a credential that several hold becomes one row
    Merge(MergeArgs),
    /// Show what changed between two registers, or between two commits of a repository
    Diff(DiffArgs),
    /// List what a person who leaves brought in, committed to, or answers for
    Offboard(OffboardArgs),
    /// Print the JSON Schema of the register
    Schema,
}

/// Where the register goes and for which day it holds.
#[derive(ClapArgs)]
struct OutArgs {
    /// Report as FORMAT, or FORMAT=PATH into a file: table, json, csv, cyclonedx, html, markdown. Repeatable
    #[arg(long, value_name = "FORMAT[=PATH]")]
    report: Vec<String>,
    /// Write the register into this `SQLite` database, too
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// A list that a provider exported, leavers, tickets, suppliers, or the team's own register; its form is told by its
    /// content, and one that holds values is refused. Repeatable
    #[arg(long, value_name = "FILE")]
    join: Vec<PathBuf>,
    /// What a column of the team's own register holds, where its heading is not the usual one, as Verantwortlich=owner.
    /// Repeatable
    #[arg(long, value_name = "HEADING=FIELD")]
    column: Vec<String>,
    /// The day that ages are counted to, YYYY-MM-DD; without it today
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Write a word made with the organisation's key in place of each person's name and address
    #[arg(long)]
    pseudonyms: bool,
    /// Exit 0 although something was not looked at; the register names it all the same
    #[arg(long)]
    allow_incomplete: bool,
}

#[derive(ClapArgs)]
struct MergeArgs {
    /// Registers that `--report json=FILE` wrote
    #[arg(required = true)]
    registers: Vec<PathBuf>,
    #[command(flatten)]
    files: FileArgs,
    #[command(flatten)]
    out: OutArgs,
}

pub(crate) fn run(args: &InventoryArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => taken(&args.take, &args.take.out.report),
        Some(InventoryCommand::Snapshot(args)) if args.out.report.is_empty() => taken(args, &["json".to_owned()]),
        Some(InventoryCommand::Snapshot(args)) => taken(args, &args.out.report),
        Some(InventoryCommand::Merge(merge)) => {
            let targets = targets(&merge.out.report)?;
            let register = joined(&merge.registers)?;
            finish(register, &merge.files, &merge.out, &targets)
        }
        Some(InventoryCommand::Diff(args)) => diff::run(args),
        Some(InventoryCommand::Offboard(args)) => offboard::run(args),
        Some(InventoryCommand::Schema) => {
            io::stdout().lock().write_all(schema().as_bytes())?;
            Ok(Exit::Clean)
        }
    }
}

/// Looks, and reports in these formats.
fn taken(args: &TakeArgs, reports: &[String]) -> Result<Exit, Failure> {
    let targets = targets(reports)?;
    let register = take(args)?;
    finish(register, &args.files, &args.out, &targets)
}

/// The registers of files, joined.
fn joined(paths: &[PathBuf]) -> Result<Register, Failure> {
    let mut all: Option<Register> = None;
    for path in paths {
        let register = read(path)?;
        match &mut all {
            None => all = Some(register),
            Some(all) => all.join(register),
        }
    }
    let register = all.ok_or_else(|| Failure::new("no register is named"))?;
    if register.has_several_keys() {
        tell(&format!("the registers were made with different keys ({}): equal values stay apart", register.key_id));
    }
    Ok(register)
}

/// The register of a file.
fn read(path: &Path) -> Result<Register, Failure> {
    let register = std::fs::read(path).map_err(|error| error.to_string()).and_then(|text| Register::from_text(&text));
    register.map_err(|error| Failure::new(format!("{} cannot be used: {error}", path.display())))
}

/// What `credlint.yaml` asks of identities.
fn policy(files: &FileArgs) -> Result<NhiPolicy, Failure> {
    let loaded = load(files, &[PathBuf::from(".")])?;
    Ok(loaded.config.map(|config| config.nhi.clone()).unwrap_or_default())
}

/// Reads the lists to join.
fn exports(args: &OutArgs) -> Result<Vec<Export>, Failure> {
    let wrong = |text: &str| {
        Failure::new(format!("`{text}` names no column")).help("write HEADING=FIELD, as Verantwortlich=owner")
    };
    let mut pairs = Vec::new();
    for text in &args.column {
        pairs.push(text.split_once('=').ok_or_else(|| wrong(text))?);
    }
    let columns = Columns::new(pairs).map_err(Failure::new)?;
    let read = |path: &PathBuf| {
        let parts = path.components().filter(|part| matches!(part, Component::Normal(_)));
        let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
        let name = format!("{}{}", if path.is_absolute() { "/" } else { "" }, parts.join("/"));
        let bytes = std::fs::read(path).map_err(|error| error.to_string());
        bytes
            .and_then(|bytes| export::read_with(&name, &bytes, &columns))
            .map_err(|error| Failure::new(format!("{} cannot be joined: {error}", path.display())))
    };
    args.join.iter().map(read).collect()
}

/// Joins lists, resolves the register and writes it.
fn finish(mut register: Register, files: &FileArgs, args: &OutArgs, targets: &[Target]) -> Result<Exit, Failure> {
    if let Some(date) = args.date {
        register.snapshot_at = date.to_string();
    }
    let exports = exports(args)?;
    export::join(&mut register, &exports);
    let leavers = export::leavers(&exports);
    let day = register.snapshot_at.clone();
    let left = |person: &str| leavers.since(person, &day);
    resolve(&mut register, &policy(files)?, if leavers.is_empty() { None } else { Some(&left) });
    if args.pseudonyms {
        let key = lasting_key(&load(files, &[PathBuf::from(".")])?).ok_or_else(|| {
            Failure::new("--pseudonyms needs a key: people would have other names in each register")
                .help("set CREDLINT_KEY, or name a file with --key-file")
        })?;
        pseudonym::apply(&mut register, &key).map_err(Failure::new)?;
    }
    for target in targets {
        target.write(&register)?;
    }
    if let Some(path) = &args.db {
        report::sqlite::write(&register, path)
            .map_err(|error| Failure::new(format!("the database {} cannot be written: {error}", path.display())))?;
    }
    let incomplete = !register.gaps.is_empty() && !args.allow_incomplete;
    Ok(if incomplete { Exit::Incomplete } else { Exit::Clean })
}

/// A report's format and place; `None` is standard output.
struct Target {
    format: Format,
    path: Option<PathBuf>,
}

fn targets(asked: &[String]) -> Result<Vec<Target>, Failure> {
    let asked = formats(asked, Format::NAMES, "the inventory has")?;
    let mut targets: Vec<Target> = asked.into_iter().map(|(format, path)| Target { format, path }).collect();
    if targets.is_empty() {
        targets.push(Target { format: Format::Table, path: None });
    }
    if targets.iter().filter(|target| target.path.is_none()).count() > 1 {
        return Err(Failure::new("two reports would go to standard output")
            .help("give all but one a file: --report json=register.json"));
    }
    Ok(targets)
}

impl Target {
    fn write(&self, register: &Register) -> Result<(), Failure> {
        let Some(path) = &self.path else {
            let mut out = BufWriter::new(io::stdout().lock());
            report::write(self.format, register, &mut out)?;
            return Ok(out.flush()?);
        };
        let fail = |error: io::Error| Failure::new(format!("the report {} cannot be written: {error}", path.display()));
        let mut out = BufWriter::new(File::create(path).map_err(fail)?);
        report::write(self.format, register, &mut out).map_err(fail)?;
        out.flush().map_err(fail)
    }
}
