//! Looks at repositories, folders and images for a register.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};
use jiff::civil::Date;

use super::OutArgs;
use crate::cli::Failure;
use crate::cli::load::{FileArgs, Loaded, load, new_salt, today};
use crate::cli::progress::Bar;
use crate::cli::scan::{missed, stop_on_interrupt, tell};
use crate::config::Config;
use crate::inventory::collect::{Collector, Place};
use crate::inventory::register::{Missing, Register};
use crate::judge::identity::Key;
use crate::rule::Confidence;
use crate::scan::{Progress, Scanner, canary};
use crate::source::git::Repository;
use crate::source::{Gap, GapReason};

/// What is looked at, and how.
#[derive(ClapArgs)]
pub(super) struct TakeArgs {
    /// Checkouts, bare repositories, folders of checkouts, or plain folders. Without any: the present folder
    pub(super) paths: Vec<PathBuf>,
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
    pub(super) files: FileArgs,
    #[command(flatten)]
    pub(super) out: OutArgs,
    /// Threads; without it one for each core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
}

/// A confidence as typed.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Least {
    Certain,
    Likely,
    Possible,
}

/// What a run looks with.
pub(super) struct Looker {
    scanner: Scanner,
    key: Key,
    config: Option<Arc<Config>>,
    least: Confidence,
    threads: usize,
    progress: Arc<Progress>,
}

impl Looker {
    /// With the rules and the key that hold for `paths`.
    pub(super) fn new(
        files: &FileArgs,
        paths: &[PathBuf],
        least: Least,
        threads: Option<usize>,
    ) -> Result<Self, Failure> {
        let loaded = load(files, paths)?;
        let key = key(&loaded)?;
        let Loaded { set, config, .. } = loaded;
        let scanner = Scanner::new(set);
        canary::full(&scanner).map_err(|rule| missed(&rule))?;
        let progress = Arc::new(Progress::default());
        stop_on_interrupt(&progress);
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.filter(|&threads| threads > 0).unwrap_or_else(cores).min(256);
        let least = match least {
            Least::Certain => Confidence::Certain,
            Least::Likely => Confidence::Likely,
            Least::Possible => Confidence::Possible,
        };
        Ok(Self { scanner, key, config, least, threads, progress })
    }

    /// An empty register for a day.
    pub(super) fn register(&self, date: Option<Date>) -> Register {
        let date = date.unwrap_or_else(today);
        Register::new(&date.to_string(), self.scanner.set.version(), &self.key.id())
    }

    pub(super) fn collector(&self) -> Collector<'_> {
        let Self { scanner, key, config, least, threads, progress } = self;
        Collector { scanner, key, least: *least, config: config.as_deref(), threads: *threads, progress }
    }
}

/// Looks at everything that was named.
pub(super) fn take(args: &TakeArgs) -> Result<Register, Failure> {
    let paths = paths(args)?;
    let looker = Looker::new(&args.files, &paths, args.least, args.jobs)?;
    let collector = looker.collector();
    let mut register = looker.register(args.out.date);
    let bar = Bar::start(&looker.progress, false);
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

/// What is behind the paths, each once: repositories, each folder's own ones, and plain folders; each under its name, which is
/// that of the remote, or the folder's. Two copies of one remote are one repository.
fn places(paths: &[PathBuf], no_history: bool) -> Vec<(Place, Opened)> {
    let mut seen = BTreeSet::new();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let inside = |path: &PathBuf| {
        let inside = if is_repository(path) { Vec::new() } else { below(path) };
        if inside.is_empty() { vec![path.clone()] } else { inside }
    };
    let mut found = Vec::new();
    for path in paths.iter().flat_map(inside) {
        if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            continue;
        }
        let opened = if is_repository(&path) && !(no_history && path.join(".git").exists()) {
            Repository::around(&path).map(Some)
        } else {
            Ok(None)
        };
        let remote = match &opened {
            Ok(Some(repository)) => repository.remote(),
            _ => Repository::around(&path).ok().filter(|_| is_repository(&path)).and_then(|found| found.remote()),
        };
        let name = remote.unwrap_or_else(|| {
            let name = own_name(&path);
            let count = taken.entry(name.clone()).or_default();
            *count += 1;
            if *count > 1 { format!("{name} ({count})") } else { name }
        });
        found.push((Place { name, path }, opened));
    }
    found
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

/// The folder's own name, without `.git`; of a bare repository with the folder it lies in: mirrors are often all called alike.
pub(super) fn own_name(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name =
        |path: &Path| path.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned());
    let (own, parent) = (name(&real), real.parent().map(name));
    let bare = is_repository(&real) && !real.join(".git").exists();
    let stem = own.strip_suffix(".git").unwrap_or(&own);
    match parent.filter(|_| bare) {
        Some(parent) if stem.is_empty() => parent,
        Some(parent) => format!("{parent}/{stem}"),
        None => own,
    }
}

/// The organisation's key, or one of the repository's salt.
pub(super) fn lasting_key(loaded: &Loaded) -> Option<Key> {
    loaded.own_key().or_else(|| loaded.config.as_ref().and_then(|config| config.salt.clone()))
}

/// The key that fingerprints values: a lasting one, or one of this run.
fn key(loaded: &Loaded) -> Result<Key, Failure> {
    if let Some(key) = lasting_key(loaded) {
        return Ok(key);
    }
    tell(
        "no key is set: ids of embedded credentials hold for this run alone (CREDLINT_KEY or --key-file makes them last)",
    );
    new_salt()
}
