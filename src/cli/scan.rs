//! `credlint scan`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::args::ScanArgs;
use super::load::{FileArgs, Loaded, load};
use super::output::{Target, targets};
use super::progress::Bar;
use super::stream::Interruptible;
use super::{Failure, cache, git};
use crate::judge::identity::Key;
use crate::policy::change;
use crate::policy::{Exit, Outcome as Decision, Policy};
use crate::report::{Format, Report, Stats};
use crate::rule::meter::{Meter, PARTS};
use crate::rule::{Rule, RuleSet};
use crate::scan::{Excluded, Filter, Outcome, Progress, Scanner, canary};
use crate::source::archive::Limits;
use crate::source::git::remote::Checkout;
use crate::source::git::{Repository, Scope as GitScope};
use crate::source::tracked::WorkTree;
use crate::source::walk::{WalkPlan, shown};
use crate::source::{FilePath, Gap, GapReason, Origin};

/// Rules that `--diagnostics` names.
const DEAREST: usize = 10;
/// Bytes of a run for each rule that the canary tries besides the handful of every run: a hundredth or two of the time.
const CANARY_SHARE: u64 = 4 << 20;

pub(crate) fn run(args: &ScanArgs) -> Result<Exit, Failure> {
    let targets = targets(&args.report, args.show_secrets)?;
    let started = Instant::now();
    let none = args.paths.is_empty() && args.image.is_empty();
    let paths = if none { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let named: Vec<PathBuf> = paths.iter().chain(&args.image).cloned().collect();
    let files = gate(args)?;
    let loaded = load(&files, &named)?;
    let policy = loaded.with(args)?;
    let head = head(args, &files, &named)?;
    check_rules(args, &loaded.set)?;
    let whole = covers(&loaded, &paths) && args.only.is_empty() && args.skip.is_empty();
    let Loaded { set, base, key, .. } = loaded;
    let mut scanner = Scanner::new(set);
    scanner.filter = filter(&policy);
    scanner.line_hashes = targets.iter().any(|target| target.format == Format::Sarif);
    scanner.archives = (!args.no_archives).then(|| Limits {
        total: args.max_archive_size,
        depth: args.max_archive_depth.max(1),
        ..Limits::default()
    });
    let own = key.as_deref().and_then(Key::new);
    scanner.cache = args.cache.as_ref().map(|path| cache::open(path, &scanner, own.as_ref()));
    scanner.set.meter = args.diagnostics.then(|| Meter::new(scanner.set.len(), nanoseconds));
    let built = started.elapsed();
    canary::quick(&scanner).map_err(|rule| missed(&rule))?;
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    if args.verbose {
        let (count, version, engine) = (scanner.set.len(), scanner.set.version(), scanner.engine.path());
        tell(&format!("{count} rules ({version}), {engine} engine, scanning {}", list(&named)));
    }
    let (mut outcome, scope) = if git::wanted(args) {
        let (mut outcome, scope) = git::scan(args, &scanner, &progress, &base, jobs(args))?;
        left(args, &mut outcome);
        (outcome, Some(scope))
    } else {
        (scan(args, &scanner, &progress, &base, &paths)?, None)
    };
    let more = usize::try_from(outcome.bytes / CANARY_SHARE).unwrap_or(usize::MAX);
    canary::some(&scanner, outcome.bytes, more).map_err(|rule| missed(&rule))?;
    if let (Some(path), Some(cache)) = (&args.cache, &scanner.cache) {
        cache::save(path, cache, own.as_ref());
    }
    if args.diagnostics {
        diagnose(&outcome, &scanner, built, started);
    }
    if let Some(head) = &head {
        let open = |name: &str| std::fs::read(base.join(name)).ok();
        let changes = change::changes(&policy, head, &outcome.findings, open);
        outcome.findings.extend(changes);
        outcome.sort();
    }
    let whole = whole && scope.is_none() && outcome.gaps.is_empty();
    // Paths of a repository begin at its root.
    let prefix = if scope.is_some() { String::new() } else { prefix(&base, &named) };
    // SARIF alone says where the tree came from.
    let wanted = targets.iter().any(|target| matches!(target.format, Format::Sarif | Format::SarifFull));
    let checkout = if wanted { checkout(&paths) } else { None };
    let run = Run { args, policy, whole, key, prefix, scope, checkout };
    run.report(&targets, &scanner, outcome)
}

/// What is checked out around the first path.
fn checkout(paths: &[PathBuf]) -> Option<Checkout> {
    let first = paths.first().filter(|path| path.as_os_str() != "-")?;
    let folder = if first.is_dir() { first.as_path() } else { first.parent()? };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    Repository::open(&Repository::find(folder)?).ok()?.checkout()
}

/// What a run was told, for its report.
struct Run<'a> {
    args: &'a ScanArgs,
    policy: Policy,
    /// The whole tree was scanned.
    whole: bool,
    key: Option<Vec<u8>>,
    prefix: String,
    scope: Option<GitScope>,
    checkout: Option<Checkout>,
}

impl Run<'_> {
    fn report(self, targets: &[Target], scanner: &Scanner, mut outcome: Outcome) -> Result<Exit, Failure> {
        outcome.join_parts();
        let verdicts = self.policy.verdicts(outcome.findings);
        let notices = self.policy.notices(&verdicts, self.whole);
        let exit = self.policy.exit(&verdicts, &notices, &outcome.gaps);
        let report = Report {
            verdicts: &verdicts,
            gaps: &outcome.gaps,
            notices: &notices,
            policy: &self.policy,
            exit,
            stats: Stats {
                files: outcome.files,
                bytes: outcome.bytes,
                dropped: outcome.dropped,
                excluded: outcome.excluded,
            },
            rules_version: scanner.set.version(),
            rules_loaded: scanner.set.len(),
            show_secrets: self.args.show_secrets,
            key: self.key.as_deref(),
            prefix: self.prefix,
            scope: self.scope.as_ref(),
            checkout: self.checkout.as_ref(),
        };
        let blocks = verdicts.iter().any(|verdict| verdict.outcome == Decision::Blocks);
        let silent = self.args.quiet && exit == Exit::Clean && !blocks;
        for target in targets {
            target.write(&report, silent)?;
        }
        Ok(exit)
    }
}

/// Takes away the findings of rules that are not wanted.
fn left(args: &ScanArgs, outcome: &mut Outcome) {
    if !args.only.is_empty() || !args.skip.is_empty() {
        outcome.retain(|finding| wanted(args, finding.rule));
    }
}

/// Where the policy is read: of a request, from its base, so that it cannot edit its own gate.
fn gate(args: &ScanArgs) -> Result<FileArgs, Failure> {
    let mut files = args.files.clone();
    let own = files.policy_from.is_some() || files.config.is_some() || files.baseline.is_some();
    if args.ci && !args.trust_head_policy && !own {
        files.policy_from = git::request_base(args)?;
    }
    Ok(files)
}

/// The policy of the work tree, where the one that holds is read from a commit.
fn head(args: &ScanArgs, files: &FileArgs, paths: &[PathBuf]) -> Result<Option<Policy>, Failure> {
    if files.policy_from.is_none() {
        return Ok(None);
    }
    let files = FileArgs { policy_from: None, ..files.clone() };
    Ok(Some(load(&files, paths)?.with(args)?))
}

/// The scan takes in the whole tree of the policy, so what is not found is not there.
pub(crate) fn covers(loaded: &Loaded, paths: &[PathBuf]) -> bool {
    let root = loaded.root.canonicalize().ok();
    root.is_some_and(|root| paths.iter().any(|path| path.canonicalize().is_ok_and(|path| path == root)))
}

/// What the configuration leaves out.
pub(crate) fn filter(policy: &Policy) -> Filter {
    let Some(config) = &policy.config else { return Filter::default() };
    let (own, tree) = (Arc::clone(config), policy.tree.clone());
    let excluded: Excluded = Box::new(move |shown| own.excluded(&tree.of_shown(shown)).is_some());
    Filter { excluded: (!config.exclude.is_empty()).then_some(excluded), max_file_bytes: config.max_file_bytes }
}

pub(crate) fn missed(rule: &str) -> Failure {
    Failure::new(format!("the canary of rule {rule} was not found: this run cannot be trusted"))
        .help("this is a bug of credlint or of a rule of your own; `credlint rules check` tells more")
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// A line on standard error.
pub(crate) fn tell(text: &str) {
    use io::Write as _;
    let _ = writeln!(io::stderr(), "credlint: {}", super::clean(text));
}

pub(crate) fn stop_on_interrupt(progress: &Arc<Progress>) {
    let progress = Arc::clone(progress);
    // A handler that cannot be set leaves Ctrl-C with its usual effect.
    let _ = ctrlc::set_handler(move || progress.stop.store(true, Ordering::Relaxed));
}

/// The rules named exist. All are run even when only some are wanted: what the others know decides overlaps and is redacted.
fn check_rules(args: &ScanArgs, set: &RuleSet) -> Result<(), Failure> {
    for name in args.only.iter().chain(&args.skip) {
        if set.by_name(name).is_none() {
            let near = nearest(set, name);
            let all = "`credlint rules list` shows all";
            let help = near.map_or_else(|| all.to_owned(), |near| format!("did you mean {near}? {all}"));
            return Err(Failure::new(format!("there is no rule `{name}`")).help(help));
        }
    }
    if !set.iter().any(|(_, rule)| wanted(args, rule)) {
        return Err(Failure::new("no rule is left to scan with").help("take away some of --skip"));
    }
    Ok(())
}

fn wanted(args: &ScanArgs, rule: &Rule) -> bool {
    let named = |names: &[String]| names.iter().any(|name| *name == rule.id);
    (args.only.is_empty() || named(&args.only)) && !named(&args.skip)
}

fn nearest(set: &RuleSet, name: &str) -> Option<String> {
    let score = |id: &str| id.split('-').filter(|word| name.contains(word)).map(str::len).sum::<usize>();
    set.iter()
        .map(|(_, rule)| (score(&rule.id), rule.id.to_string()))
        .filter(|(score, _)| *score > 2)
        .max()
        .map(|(_, id)| id)
}

fn jobs(args: &ScanArgs) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    args.jobs.filter(|&jobs| jobs > 0).unwrap_or_else(cores).min(256)
}

fn scan(
    args: &ScanArgs,
    scanner: &Scanner,
    progress: &Arc<Progress>,
    base: &Path,
    paths: &[PathBuf],
) -> Result<Outcome, Failure> {
    let (mut gaps, mut roots, mut stdin) = (Vec::new(), Vec::new(), false);
    for path in paths {
        if path.as_os_str() == "-" {
            stdin = true;
        } else if path.exists() {
            roots.push(path.clone());
        } else {
            let detail =
                path.symlink_metadata().map_or("no such file or folder", |_| "a symbolic link that leads nowhere");
            gaps.push(Gap { what: shown(base, path), reason: GapReason::Missing, detail: detail.to_owned() });
        }
    }
    if roots.is_empty() && !stdin && args.image.is_empty() {
        let names: Vec<&str> = gaps.iter().map(|gap| gap.what.as_str()).collect();
        return Err(Failure::new(format!("nothing to scan: {}: no such file or folder", names.join(", ")))
            .help("name a folder or file that exists"));
    }
    let bar = Bar::start(progress, args.quiet);
    let mut outcome = Outcome::default();
    if !roots.is_empty() {
        let (streams, roots): (Vec<_>, Vec<_>) = roots.into_iter().partition(|path| is_stream(path));
        let plan = WalkPlan { roots, include_ignored: args.include_ignored, jobs: jobs(args), base: base.to_owned() };
        outcome = scanner.scan(&plan, progress);
        for path in streams {
            outcome.merge(stream(scanner, &path, base, progress));
        }
    }
    if stdin {
        let origin = Origin::Stdin(Arc::from(args.stdin_name.as_str()));
        outcome.merge(scanner.scan_stream(&origin, &mut Interruptible::new(io::stdin(), progress), progress));
    }
    for image in &args.image {
        outcome.merge(images(args, scanner, image, base, progress)?);
    }
    bar.finish();
    left(args, &mut outcome);
    outcome.gaps.append(&mut gaps);
    // Named files that the policy leaves out are no gap: a hook names what was changed, whatever it is.
    let all_named = outcome.excluded > 0 && paths.iter().all(|path| !path.is_dir());
    if outcome.files == 0 && outcome.gaps.is_empty() && !all_named {
        let detail = match outcome.excluded {
            0 => {
                "nothing in scope to scan: the folder is empty, or ignore rules leave all of it out (--include-ignored scans that too)"
            }
            _ => "nothing in scope to scan: `paths.exclude` of the configuration leaves all of it out",
        };
        outcome.gaps.push(Gap { what: list(paths), reason: GapReason::Empty, detail: detail.to_owned() });
    }
    outcome.sort();
    Ok(outcome)
}

fn images(
    args: &ScanArgs,
    scanner: &Scanner,
    path: &Path,
    base: &Path,
    progress: &Arc<Progress>,
) -> Result<Outcome, Failure> {
    let file = Arc::new(FilePath { path: path.to_owned(), shown: shown(base, path) });
    let found = scanner.scan_image(&file, jobs(args), progress).map(|(outcome, _)| outcome);
    found.map_err(|error| {
        Failure::new(format!("{} is no image: {error}", path.display()))
            .help("--image takes what `docker save` writes, or an OCI layout as folder or tar")
    })
}

/// Named pipes and devices can be read once and have no length.
fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| !data.is_file() && !data.is_dir())
}

fn stream(scanner: &Scanner, path: &Path, base: &Path, progress: &Arc<Progress>) -> Outcome {
    let name = shown(base, path);
    match std::fs::File::open(path) {
        Ok(file) => {
            let mut reader = Interruptible::new(file, progress);
            scanner.scan_stream(&Origin::Stdin(Arc::from(name.as_str())), &mut reader, progress)
        }
        Err(error) => Outcome {
            gaps: vec![Gap { what: name, reason: GapReason::Unreadable, detail: error.to_string() }],
            ..Outcome::default()
        },
    }
}

/// The present folder as seen from the root of its work tree.
fn prefix(base: &Path, paths: &[PathBuf]) -> String {
    if paths.iter().all(|path| path.as_os_str() == "-") {
        return String::new();
    }
    let real = base.canonicalize().unwrap_or_else(|_| base.to_owned());
    let below =
        WorkTree::around(base).ok().flatten().and_then(|tree| real.strip_prefix(&tree.root).ok().map(Path::to_owned));
    match below {
        Some(below) if !below.as_os_str().is_empty() => format!("{}/", below.display()),
        _ => String::new(),
    }
}

/// Nanoseconds since the first call.
fn nanoseconds() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn diagnose(outcome: &Outcome, scanner: &Scanner, built: std::time::Duration, started: Instant) {
    let counts = outcome.counts;
    let per = |count: u64| if outcome.bytes == 0 { 0.0 } else { count as f64 * 1e6 / outcome.bytes as f64 };
    tell(&format!(
        "engine {}, {} rules, {} literals in the literal pass, tables built in {:.1} ms",
        scanner.engine.path(),
        scanner.set.len(),
        scanner.engine.literals(),
        built.as_secs_f64() * 1e3
    ));
    tell(&format!("{} files, {} bytes, {:.3} s", outcome.files, outcome.bytes, started.elapsed().as_secs_f64()));
    tell(&format!(
        "per million bytes: {:.1} runs, {:.1} words of the literal pass, {:.1} patterns tried, {:.2} candidates; {} dropped, {} findings",
        per(counts.runs),
        per(counts.anchors),
        per(counts.tried),
        per(counts.candidates),
        outcome.dropped,
        outcome.findings.len()
    ));
    if let Some(meter) = &scanner.set.meter {
        tell("seconds of all threads together (what is indented is part of what stands above it):");
        for (part, name, depth) in PARTS {
            tell(&format!("{:>10.3}  {:indent$}{name}", meter.spent(part) as f64 / 1e9, "", indent = 2 * depth));
        }
        tell(&format!("the {DEAREST} most expensive rules (milliseconds, times tried or judged):"));
        for cost in meter.dearest(DEAREST) {
            let id = &scanner.set.rule(cost.rule).id;
            tell(&format!("{:>10.3}  {:>9}  {id}", cost.nanoseconds as f64 / 1e6, cost.tried));
        }
    }
}
