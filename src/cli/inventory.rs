//! `credlint inventory`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::Failure;
use super::load::{FileArgs, Loaded, load, new_salt, today};
use super::progress::Bar;
use super::scan::{missed, stop_on_interrupt, tell};
use crate::inventory::collect::{Collector, Place};
use crate::inventory::register::{Missing, Register};
use crate::inventory::report::{self, Format};
use crate::judge::identity::Key;
use crate::policy::Exit;
use crate::rule::Confidence;
use crate::scan::{Progress, Scanner, canary};
use crate::source::git::Repository;
use crate::source::{Gap, GapReason};

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
    /// Join registers of separate runs: a credential that several hold becomes one row
    Merge(MergeArgs),
}

/// What is looked at, and how.
#[derive(ClapArgs)]
struct TakeArgs {
    /// Checkouts, bare repositories, folders of checkouts, or plain folders. Without any: the present folder
    paths: Vec<PathBuf>,
    /// A file with one such path a line; relative ones begin at its folder
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// A container image: a `docker save` archive, or an OCI layout as archive or folder. Repeatable
    #[arg(long, value_name = "FILE")]
    image: Vec<PathBuf>,
    /// Look at files as they lie on disk, not at git's history
    #[arg(long)]
    no_history: bool,
    /// The least confidence of a finding that becomes a row
    #[arg(long, value_enum, value_name = "CONFIDENCE", default_value_t = Least::Likely)]
    least: Least,
    #[command(flatten)]
    files: FileArgs,
    #[command(flatten)]
    out: OutArgs,
    /// Threads; without it one for each core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
}

/// Where the register goes and for which day it holds.
#[derive(ClapArgs)]
struct OutArgs {
    /// Report as FORMAT, or FORMAT=PATH into a file: table, json, csv. Repeatable
    #[arg(long, value_name = "FORMAT[=PATH]")]
    report: Vec<String>,
    /// The day that ages are counted to, YYYY-MM-DD; without it today
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
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
    out: OutArgs,
}

/// A confidence as typed.
#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Certain,
    Likely,
    Possible,
}

pub(crate) fn run(args: &InventoryArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => {
            let targets = targets(&args.take.out.report)?;
            let register = take(&args.take)?;
            finish(register, &args.take.out, &targets)
        }
        Some(InventoryCommand::Merge(merge)) => {
            let targets = targets(&merge.out.report)?;
            let register = joined(&merge.registers)?;
            finish(register, &merge.out, &targets)
        }
    }
}

/// Looks at everything that was named.
fn take(args: &TakeArgs) -> Result<Register, Failure> {
    let paths = paths(args)?;
    let loaded = load(&args.files, &paths)?;
    let key = key(&loaded)?;
    let date = args.out.date.unwrap_or_else(today);
    let Loaded { set, config, .. } = loaded;
    let scanner = Scanner::new(set);
    canary::full(&scanner).map_err(|rule| missed(&rule))?;
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    let threads = args.jobs.filter(|&jobs| jobs > 0);
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).min(256);
    let least = match args.least {
        Least::Certain => Confidence::Certain,
        Least::Likely => Confidence::Likely,
        Least::Possible => Confidence::Possible,
    };
    let collector =
        Collector { scanner: &scanner, key: &key, least, config: config.as_deref(), threads, progress: &progress };
    let mut register = Register::new(&date.to_string(), scanner.set.version(), &key.id());
    let bar = Bar::start(&progress, false);
    for (place, repository) in places(&paths, args.no_history) {
        match repository {
            Ok(Some(repository)) => collector.repository(&place.name, &repository, &mut register),
            Ok(None) => collector.folder(&place, &mut register),
            Err(detail) => {
                let gap = Gap { what: place.path.display().to_string(), reason: GapReason::Unreadable, detail };
                register.gaps.insert(Missing::of(&place.name, &gap));
            }
        }
    }
    for path in &args.image {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let place = Place { name, path: path.clone() };
        collector.image(&place, &mut register).map_err(|error| {
            Failure::new(format!("{} is no image: {error}", path.display()))
                .help("--image takes what `docker save` writes, or an OCI layout as folder or tar")
        })?;
    }
    bar.finish();
    Ok(register)
}

/// The paths named, on the command line and in a list.
fn paths(args: &TakeArgs) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = args.paths.clone();
    if let Some(list) = &args.list {
        let text = std::fs::read_to_string(list)
            .map_err(|error| Failure::new(format!("the list {} cannot be read: {error}", list.display())))?;
        let folder = list.parent().unwrap_or(Path::new(""));
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        paths.extend(lines.map(|line| folder.join(line)));
    }
    if paths.is_empty() && args.image.is_empty() && args.list.is_none() {
        paths.push(PathBuf::from("."));
    }
    let missing: Vec<String> =
        paths.iter().chain(&args.image).filter(|path| !path.exists()).map(|path| path.display().to_string()).collect();
    if !missing.is_empty() {
        return Err(Failure::new(format!("no such file or folder: {}", missing.join(", "))));
    }
    if paths.is_empty() && args.image.is_empty() {
        return Err(Failure::new("the list names nothing to look at"));
    }
    Ok(paths)
}

type Opened = Result<Option<Repository>, String>;

/// What is behind the paths: repositories, each folder's own ones, and plain folders; each under its name, which is that of
/// the remote, or the folder's.
fn places(paths: &[PathBuf], no_history: bool) -> Vec<(Place, Opened)> {
    let mut found: Vec<(PathBuf, Opened)> = Vec::new();
    for path in paths {
        let inside = if is_repository(path) { Vec::new() } else { below(path) };
        for path in if inside.is_empty() { vec![path.clone()] } else { inside } {
            let opened = if is_repository(&path) && !(no_history && path.join(".git").exists()) {
                Repository::around(&path).map(Some)
            } else {
                Ok(None)
            };
            found.push((path, opened));
        }
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    found
        .into_iter()
        .map(|(path, opened)| {
            let remote = match &opened {
                Ok(Some(repository)) => repository.remote(),
                _ => Repository::around(&path).ok().filter(|_| is_repository(&path)).and_then(|found| found.remote()),
            };
            let mut name = remote.unwrap_or_else(|| own_name(&path));
            let count = taken.entry(name.clone()).or_default();
            *count += 1;
            if *count > 1 {
                name = format!("{name} ({count})");
            }
            (Place { name, path }, opened)
        })
        .collect()
}

/// A work tree's top folder, or a git folder.
fn is_repository(path: &Path) -> bool {
    path.join(".git").exists() || path.join("HEAD").is_file() && path.join("objects").is_dir()
}

/// The repositories directly in a folder, sorted.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_repository(path)).collect();
    paths.sort();
    paths
}

/// The folder's own name.
fn own_name(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The key that fingerprints values: the organisation's, or the repository's salt, or one of this run.
fn key(loaded: &Loaded) -> Result<Key, Failure> {
    let salt = || loaded.config.as_ref().and_then(|config| config.salt.clone());
    if let Some(key) = loaded.own_key().or_else(salt) {
        return Ok(key);
    }
    tell(
        "no key is set: ids of embedded credentials hold for this run alone (CREDLINT_KEY or --key-file makes them last)",
    );
    new_salt()
}

fn joined(paths: &[PathBuf]) -> Result<Register, Failure> {
    let mut all: Option<Register> = None;
    for path in paths {
        let read = std::fs::read(path).map_err(|error| error.to_string()).and_then(|text| Register::from_text(&text));
        let register = read.map_err(|error| Failure::new(format!("{} cannot be used: {error}", path.display())))?;
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

/// Writes the register.
fn finish(register: Register, args: &OutArgs, targets: &[Target]) -> Result<Exit, Failure> {
    for target in targets {
        target.write(&register)?;
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
    let mut targets = Vec::new();
    for text in asked {
        let (name, path) =
            text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(PathBuf::from(path))));
        let Some(format) = Format::from_name(name) else {
            let known: Vec<&str> = Format::NAMES.iter().map(|(name, _)| *name).collect();
            return Err(Failure::new(format!("the inventory has no report format `{name}`"))
                .help(format!("the formats are {}", known.join(", "))));
        };
        targets.push(Target { format, path });
    }
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
