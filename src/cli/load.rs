//! The policy of a run: finds `credlint.yaml` and the baseline, reads them, and joins them with what was typed.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;
use jiff::civil::Date;

use super::args::{HistoryOnly, ScanArgs};
use super::{Failure, here, variable};
use crate::config::{self, Config, ConfigError, Parsed};
use crate::judge::identity::{Key, LEAST_KEY};
use crate::policy::{Baseline, Fixed, Forgiven, Policy, Tree, own_folder};
use crate::rule::{RuleSet, load};
use crate::source::GapReason;
use crate::source::tracked::WorkTree;
use crate::source::walk::shown;

/// Files that say what a run is to do.
#[derive(ClapArgs, Clone, Default)]
pub(crate) struct FileArgs {
    /// Rules of your own: a folder of rule files or one file. Repeatable
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
    /// The configuration; without it `credlint.yaml` or `.credlint.yaml` at the root
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    pub(crate) no_config: bool,
    /// The baseline; without it the configured one, or `.credlint-baseline` at the root
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub(crate) baseline: Option<PathBuf>,
    /// Use no baseline
    #[arg(long)]
    pub(crate) no_baseline: bool,
    /// Take configuration, baseline and rules from this commit (a full id or a reference), not from the work tree; what the
    /// work tree changes in them is a finding of its own
    #[arg(long, value_name = "COMMIT", conflicts_with_all = ["config", "baseline"])]
    pub(crate) policy_from: Option<String>,
    /// A file whose bytes are the organisation's key (or set `CREDLINT_KEY`)
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// What the files say.
pub(crate) struct Loaded {
    /// Built-in rules, and the user's own.
    pub(crate) set: RuleSet,
    /// The folder that policy paths begin at.
    pub(crate) root: PathBuf,
    /// The folder that reports' paths begin at.
    pub(crate) base: PathBuf,
    /// Where the configuration stands, or would.
    pub(crate) config_path: PathBuf,
    /// The configuration, where there is one.
    pub(crate) config: Option<Arc<Config>>,
    /// Where the baseline stands, or would.
    pub(crate) baseline_path: PathBuf,
    /// The baseline, where there is one.
    pub(crate) baseline: Option<Arc<Baseline>>,
    /// The organisation's key: its bytes, as they make fingerprints too.
    pub(crate) key: Option<Vec<u8>>,
}

/// Reads what holds for a scan of these paths.
pub(crate) fn load(args: &FileArgs, paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let base = here()?;
    let root = root(paths, &base);
    let store_root = root.clone();
    let store = Store::new(args, &store_root)?;
    let key = key(args)?;
    let config_path = config_path(args, &store, &root)?;
    let parsed = match &config_path {
        Some(path) if args.config.is_some() || store.has(path)? => Some(read_config(path, &store, &base)?),
        _ => None,
    };
    let folder = config_path.as_deref().map_or_else(|| root.clone(), own_folder);
    let set = rules(args, parsed.as_ref(), &store, &folder)?;
    let config = match parsed {
        Some(parsed) => Some(Arc::new(parsed.check(&set).map_err(|errors| config_errors(&errors))?)),
        None => None,
    };
    let mut loaded = Loaded {
        config_path: config_path.unwrap_or_else(|| root.join(config::NAMES[0])),
        baseline_path: baseline_path(args, config.as_deref(), &root, &folder),
        set,
        root,
        base,
        config,
        baseline: None,
        key,
    };
    loaded.baseline = loaded.read_baseline(args, &store)?;
    loaded.check_keys()?;
    Ok(loaded)
}

/// Where the files of the policy are read: the work tree, or a commit.
struct Store<'a> {
    root: &'a Path,
    commit: Option<(WorkTree, &'a str)>,
}

impl<'a> Store<'a> {
    fn new(args: &'a FileArgs, root: &'a Path) -> Result<Self, Failure> {
        let Some(revision) = args.policy_from.as_deref() else { return Ok(Self { root, commit: None }) };
        let tree = WorkTree::around(root).ok().flatten();
        let tree = tree.ok_or_else(|| Failure::new("--policy-from needs a git work tree"))?;
        let store = Self { root, commit: Some((tree, revision)) };
        // An unknown commit is an error, not a policy without wishes.
        store.has(&root.join(config::NAMES[0]))?;
        Ok(store)
    }

    fn relative(&self, path: &Path) -> Result<String, Failure> {
        let below = path.strip_prefix(self.root).ok().and_then(Path::to_str);
        let outside = || Failure::new(format!("{} lies outside of the repository", path.display()));
        below.map(|path| path.trim_start_matches("./").to_owned()).ok_or_else(outside)
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Failure> {
        let Some((tree, revision)) = &self.commit else {
            return match std::fs::read(path) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Failure::new(format!("{} cannot be read: {error}", path.display()))),
            };
        };
        let unknown = |error: String| Failure::new(format!("the policy cannot be read from `{revision}`: {error}"));
        tree.file_at(revision, &self.relative(path)?).map_err(unknown)
    }

    fn has(&self, path: &Path) -> Result<bool, Failure> {
        if self.commit.is_none() {
            return Ok(path.symlink_metadata().is_ok());
        }
        Ok(self.read(path)?.is_some())
    }

    /// The rule files that a path of the configuration names.
    fn rule_files(&self, path: &Path) -> Result<Vec<load::LoadedFile>, Failure> {
        let Some((tree, revision)) = &self.commit else {
            return load::load(path).map_err(|errors| rule_errors(&errors));
        };
        let unknown = |error: String| Failure::new(format!("the policy cannot be read from `{revision}`: {error}"));
        let names = tree.folder_at(revision, &self.relative(path)?).map_err(unknown)?;
        let is_rule = |name: &&String| Path::new(name).extension().is_some_and(|end| end == "yml" || end == "yaml");
        let mut paths: Vec<PathBuf> = names.iter().filter(is_rule).map(|name| path.join(name)).collect();
        if paths.is_empty() {
            paths.push(path.to_owned());
        }
        let mut files = Vec::new();
        for path in paths {
            let bytes = self.read(&path)?.ok_or_else(|| unknown(format!("it has no {}", path.display())))?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.push(load::load_text(&path, text).map_err(|errors| rule_errors(&errors))?);
        }
        Ok(files)
    }
}

/// The root of the work tree around the first path; without one, the present folder where the path lies in it, else the
/// folder that is scanned.
fn root(paths: &[PathBuf], base: &Path) -> PathBuf {
    let first = paths.iter().find(|path| path.as_os_str() != "-").map_or(base, PathBuf::as_path);
    // A repository that cannot be opened is a gap of the scan.
    match WorkTree::around(first) {
        Ok(Some(tree)) => tree.root,
        _ if lies_in(first, base) => base.to_owned(),
        _ => own_folder(first),
    }
}

fn lies_in(path: &Path, base: &Path) -> bool {
    let plain = |path: &Path| path.components().all(|part| !matches!(part, Component::ParentDir | Component::RootDir));
    plain(path) || path.canonicalize().is_ok_and(|path| base.canonicalize().is_ok_and(|base| path.starts_with(base)))
}

fn config_path(args: &FileArgs, store: &Store<'_>, root: &Path) -> Result<Option<PathBuf>, Failure> {
    if args.no_config {
        return Ok(None);
    }
    if let Some(path) = &args.config {
        return Ok(Some(path.clone()));
    }
    let mut found = Vec::new();
    for path in config::NAMES.iter().map(|name| root.join(name)) {
        if store.has(&path)? {
            found.push(path);
        }
    }
    match found.as_slice() {
        [] => Ok(Some(root.join(config::NAMES[0]))),
        [one] => Ok(Some(one.clone())),
        _ => Err(Failure::new(format!("there are both {} and {}", config::NAMES[0], config::NAMES[1]))
            .help("keep one of them, or name one with --config")),
    }
}

fn read_config(path: &Path, store: &Store<'_>, base: &Path) -> Result<Parsed, Failure> {
    let name = shown(base, path);
    let bytes = store
        .read(path)?
        .ok_or_else(|| Failure::new(format!("the configuration {name} cannot be read: there is none")))?;
    config::read(&bytes, &name).map_err(|errors| config_errors(&errors))
}

pub(crate) fn config_errors(errors: &[ConfigError]) -> Failure {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Failure::new(lines.join("\n")).help("docs/configuration.md explains every key")
}

/// The built-in rules, those typed and those of the configuration.
fn rules(args: &FileArgs, parsed: Option<&Parsed>, store: &Store<'_>, folder: &Path) -> Result<RuleSet, Failure> {
    let mut files = Vec::new();
    for path in &args.rules {
        files.extend(load::load(path).map_err(|errors| rule_errors(&errors))?);
    }
    for (file, place) in parsed.map(Parsed::rule_files).unwrap_or_default() {
        let Some(parsed) = parsed else { continue };
        let fail = |message: String| config_errors(&[parsed.error(place, message)]);
        if let Some(message) = config::leads_out(file) {
            return Err(fail(message.to_owned()));
        }
        let path = folder.join(file);
        if store.commit.is_none() {
            let real = path.canonicalize().map_err(|error| fail(format!("`{file}` cannot be read: {error}")))?;
            // A symbolic link may not lead where a path may not.
            if !folder.canonicalize().is_ok_and(|folder| real.starts_with(folder)) {
                return Err(fail(format!("`{file}` leads out of the folder of credlint.yaml")));
            }
        }
        files.extend(store.rule_files(&path)?);
    }
    if files.is_empty() {
        return Ok(RuleSet::builtin());
    }
    let clashes: Vec<_> = load::duplicates(&files).into_iter().chain(load::clashes(&files)).collect();
    if !clashes.is_empty() {
        return Err(rule_errors(&clashes));
    }
    Ok(RuleSet::with(&files))
}

fn rule_errors(errors: &[load::RuleError]) -> Failure {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Failure::new(lines.join("\n")).help("docs/rules.md shows the form; `credlint rules check FILE` tries the examples")
}

/// The organisation's key.
fn key(args: &FileArgs) -> Result<Option<Vec<u8>>, Failure> {
    let (key, place) = match (&args.key_file, variable("CREDLINT_KEY")) {
        (Some(path), _) => {
            let fail = |error| Failure::new(format!("the key file {} cannot be read: {error}", path.display()));
            (std::fs::read(path).map_err(fail)?, format!("the key file {}", path.display()))
        }
        (None, Some(key)) => (key.into_bytes(), "CREDLINT_KEY".to_owned()),
        (None, None) => return Ok(None),
    };
    if key.len() < LEAST_KEY {
        let message = format!("{place} holds {} bytes; {LEAST_KEY} are the least", key.len());
        return Err(Failure::new(message).help("`head -c 32 /dev/urandom | base64` makes one"));
    }
    Ok(Some(key))
}

fn baseline_path(args: &FileArgs, config: Option<&Config>, root: &Path, folder: &Path) -> PathBuf {
    let configured = config.and_then(|config| config.baseline.as_ref()).map(|(path, _)| folder.join(path));
    args.baseline.clone().or(configured).unwrap_or_else(|| root.join(config::BASELINE))
}

impl Loaded {
    fn read_baseline(&self, args: &FileArgs, store: &Store<'_>) -> Result<Option<Arc<Baseline>>, Failure> {
        if args.no_baseline {
            return Ok(None);
        }
        let name = shown(&self.base, &self.baseline_path);
        let configured = self.config.as_ref().is_some_and(|config| config.baseline.is_some());
        match store.read(&self.baseline_path)? {
            Some(bytes) => Baseline::load_from(&bytes, &name).map(|read| Some(Arc::new(read))).map_err(Failure::new),
            None if args.baseline.is_none() && !configured => Ok(None),
            None => Err(Failure::new(format!("the baseline {name} cannot be read: there is none"))
                .help("`credlint baseline write --baseline FILE` makes one")),
        }
    }

    /// Hashes that no key of this run made would silently match nothing.
    fn check_keys(&self) -> Result<(), Failure> {
        let own = self.own_key().map(|key| key.id());
        let missing =
            |id: &str, salt: Option<&Key>| own.as_deref() != Some(id) && salt.is_none_or(|salt| salt.id() != id);
        let help = "set CREDLINT_KEY or --key-file to the key it was written with";
        if let Some(baseline) = &self.baseline
            && let Some(id) = baseline.foreign_keys().find(|id| missing(id, None))
        {
            let message = format!("{}: was written with key {id}, which this run has not got", baseline.file);
            return Err(Failure::new(message).help(help));
        }
        if let Some(config) = &self.config
            && let Some((hash, place)) = config.hashes().find(|(hash, _)| missing(&hash.key_id(), config.salt.as_ref()))
        {
            let message = format!(
                "{}:{}: the hash was made with key {}, which is neither the `salt` of this file nor the run's key",
                config.file,
                place.0,
                hash.key_id()
            );
            return Err(Failure::new(message).help(help));
        }
        Ok(())
    }

    /// The organisation's key.
    pub(crate) fn own_key(&self) -> Option<Key> {
        self.key.as_deref().and_then(Key::new)
    }

    /// How reports' paths become those of the policy.
    pub(crate) fn tree(&self) -> Tree {
        Tree::new(&self.root, &self.base)
    }

    /// The policy of the files alone.
    pub(crate) fn policy(&self) -> Policy {
        let default = Policy::default();
        let config = self.config.as_deref();
        let set = |block: Option<Option<_>>| block.unwrap_or(default.block);
        Policy {
            block: set(config.and_then(|config| config.block)),
            min_severity: config.and_then(|config| config.min_severity).unwrap_or(default.min_severity),
            forgiven: Forgiven::Some(config.map(|config| config.forgiven.clone()).unwrap_or_default()),
            block_unused: config.is_some_and(|config| config.block_unused),
            config: self.config.clone(),
            baseline: self.baseline.clone(),
            key: self.own_key(),
            tree: self.tree(),
            today: today(),
            ..default
        }
    }

    /// The policy of the files with what was typed.
    pub(crate) fn with(&self, args: &ScanArgs) -> Result<Policy, Failure> {
        let mut policy = self.policy();
        policy.fixed = Fixed { block: args.block.is_some(), min_severity: args.min_severity.is_some() };
        if let Some(block) = args.block {
            policy.block = block.least();
        }
        if let Some(severity) = args.min_severity {
            policy.min_severity = severity.least();
        }
        policy.exit_zero = args.exit_zero;
        policy.forgive_history = args.history_only == HistoryOnly::Report;
        policy.block_unused |= args.block_unused;
        if let Some(reasons) = &args.allow_incomplete {
            policy.forgiven = forgiven(reasons, policy.forgiven)?;
        }
        Ok(policy)
    }
}

/// The reasons typed with `--allow-incomplete`; without any, all.
fn forgiven(typed: &[String], before: Forgiven) -> Result<Forgiven, Failure> {
    let mut reasons = if let Forgiven::Some(reasons) = before { reasons } else { Vec::new() };
    for name in typed {
        if name == "all" {
            return Ok(Forgiven::All);
        }
        let known: Vec<&str> = GapReason::ALL.iter().map(|reason| reason.name()).collect();
        let Some(reason) = GapReason::from_name(name) else {
            let near = config::error::suggestion(name, known.iter().copied());
            return Err(Failure::new(format!("there is no reason `{name}` of a gap{near}"))
                .help(format!("the reasons are {}", known.join(", "))));
        };
        reasons.push(reason);
    }
    Ok(Forgiven::Some(reasons))
}

/// The day of the run, in UTC. The clock is read here and nowhere else.
pub(crate) fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// A new random salt.
pub(crate) fn new_salt() -> Result<Key, Failure> {
    let mut bytes = [0; LEAST_KEY];
    getrandom::fill(&mut bytes).map_err(|error| Failure::new(format!("the system gives no random bytes: {error}")))?;
    Key::new(&bytes).ok_or_else(|| Failure::new("the salt is too short"))
}
