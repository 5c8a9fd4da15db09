//! `credlint scan --staged`, `--range`, `--since`, `--ci`, `--history`.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::args::ScanArgs;
use super::progress::Bar;
use super::scan::tell;
use super::{Failure, variable};
use crate::scan::{Outcome, Progress, Scanner};
use crate::source::git::event::{self, Environment};
use crate::source::git::range::Range;
use crate::source::git::{Repository, Scope, staged};
use crate::source::{Gap, GapReason};

/// True where git objects are asked for instead of files.
pub(crate) fn wanted(args: &ScanArgs) -> bool {
    args.staged || args.range.is_some() || args.since.is_some() || args.ci || args.history
}

pub(crate) fn scan(
    args: &ScanArgs,
    scanner: &Scanner,
    progress: &Arc<Progress>,
    base: &Path,
    threads: usize,
) -> Result<(Outcome, Scope), Failure> {
    let place = place(args, base)?;
    let git = Repository::find(&place).ok_or_else(|| {
        let message = format!("{} is in no git repository", place.display());
        Failure::new(message).help("run it inside the repository, or name a folder in it")
    })?;
    let repository = match Repository::open(&git) {
        Ok(repository) => repository,
        Err(error) => return Ok(closed(args, &git, error)),
    };
    if repository.foreign {
        tell("the repository belongs to another user; nothing in it is executed, so it is read all the same");
    }
    let run = Run { args, scanner, progress, threads, repository };
    let bar = Bar::start(progress, args.quiet);
    let done = if args.staged {
        run.staged(base)
    } else if let Some(range) = &args.range {
        run.range(range)
    } else if let Some(since) = &args.since {
        run.between(since, "HEAD")
    } else if args.ci {
        run.ci()
    } else {
        Ok(run.history())
    };
    bar.finish();
    done
}

/// The base of the request that a CI run is about, as a commit's id; `None` for other events.
pub(crate) fn request_base(args: &ScanArgs) -> Result<Option<String>, Failure> {
    let payload = payload();
    let environment = Environment { variable: &variable, payload: payload.as_ref() };
    let Some(choice) = event::choose(&environment) else { return Ok(None) };
    // A push to the base has been reviewed: its policy is the one that holds from now on.
    if !["request", "merge"].iter().any(|word| choice.event.contains(word)) {
        return Ok(None);
    }
    let git = Repository::find(&place(args, &super::here()?)?);
    let Some(repository) = git.and_then(|git| Repository::open(&git).ok()) else { return Ok(None) };
    let base = choice.bases.iter().find_map(|name| repository.commit(name).ok());
    if let Some(id) = &base {
        tell(&format!("the policy is that of the base, {id}"));
    }
    Ok(base.map(|id| id.to_string()))
}

/// A repository that is broken: nothing of it is scanned.
fn closed(args: &ScanArgs, git: &Path, error: String) -> (Outcome, Scope) {
    let mode = match args {
        _ if args.staged => "staged",
        _ if args.history => "history",
        _ => "range",
    };
    let gap = Gap { what: git.display().to_string(), reason: GapReason::Corrupt, detail: error };
    (Outcome { gaps: vec![gap], ..Outcome::default() }, Scope { mode, ..Scope::default() })
}

/// A folder in the repository.
fn place(args: &ScanArgs, base: &Path) -> Result<PathBuf, Failure> {
    match args.paths.as_slice() {
        _ if args.staged => Ok(base.to_owned()),
        [] => Ok(base.to_owned()),
        [folder] if folder.is_dir() => Ok(base.join(folder)),
        [folder] => Err(Failure::new(format!("{} is no folder", folder.display()))),
        _ => Err(Failure::new("one repository at a time").help("name one folder, or none for the present one")),
    }
}

struct Run<'a> {
    args: &'a ScanArgs,
    scanner: &'a Scanner,
    progress: &'a Progress,
    threads: usize,
    repository: Repository,
}

impl Run<'_> {
    fn staged(&self, base: &Path) -> Result<(Outcome, Scope), Failure> {
        let root = &self.repository.root;
        let paths = self.args.paths.iter().map(|path| below(root, base, path)).collect::<Result<Vec<_>, _>>()?;
        // Hooks of `git commit FILE` look at an index of their own.
        let index = variable("GIT_INDEX_FILE").map(|path| base.join(path));
        let plan = staged::Plan { index, paths };
        let outcome = self.scanner.scan_staged(&self.repository, &plan, self.threads, self.progress);
        let head = self.repository.head().map(|id| id.to_string());
        Ok((outcome, Scope { mode: "staged", head, ..Scope::default() }))
    }

    fn range(&self, range: &str) -> Result<(Outcome, Scope), Failure> {
        let Some((base, head)) = range.split_once("..").map(|(base, head)| (base, head.trim_start_matches('.'))) else {
            return Err(Failure::new(format!("`{range}` is no range")).help("write BASE..HEAD, as in main..HEAD"));
        };
        let or_head = |text: &str| if text.is_empty() { "HEAD" } else { text }.to_owned();
        self.between(&or_head(base), &or_head(head))
    }

    fn between(&self, base: &str, head: &str) -> Result<(Outcome, Scope), Failure> {
        let repository = &self.repository;
        let unknown = |name: &str, error: String| {
            Failure::new(format!("the revision `{name}` is not known: {error}"))
                .help("fetch it first (git fetch origin NAME); in CI check out with full depth")
        };
        let end = repository.commit(head).map_err(|error| unknown(head, error))?;
        let mut scope = Scope { mode: "range", head: Some(end.to_string()), ..Scope::default() };
        let begin = match (repository.commit(base), repository.full_id(base)) {
            (Ok(begin), _) => begin,
            // A full id is no typing error: the commit was not fetched.
            (Err(_), Some(id)) => {
                scope.base = Some(id.to_string());
                return Ok(self.without_base(&id.to_string(), end, scope));
            }
            (Err(error), None) => return Err(unknown(base, error)),
        };
        scope.base = Some(begin.to_string());
        let range = Range { base: Some(begin), head: end };
        let (outcome, commits) = self.scanner.scan_range(repository, &range, self.threads, self.progress);
        Ok((outcome, Scope { commits: Some(commits), ..scope }))
    }

    fn history(&self) -> (Outcome, Scope) {
        let (outcome, commits) = self.scanner.scan_history(&self.repository, self.threads, self.progress);
        let head = self.repository.head().map(|id| id.to_string());
        (outcome, Scope { mode: "history", head, commits: Some(commits), ..Scope::default() })
    }

    /// The range that the CI service's event is about.
    fn ci(&self) -> Result<(Outcome, Scope), Failure> {
        let repository = &self.repository;
        let payload = payload();
        let environment = Environment { variable: &variable, payload: payload.as_ref() };
        let Some(choice) = event::choose(&environment) else {
            return Err(Failure::new("no CI service is known here: none of the variables they set is set")
                .help("name the range: credlint scan --range BASE..HEAD"));
        };
        let first =
            |names: &[String]| names.iter().find_map(|name| repository.commit(name).ok().map(|id| (name.clone(), id)));
        let Some((head_name, head)) = first(&choice.heads) else {
            return Err(Failure::new("the repository has no commit").help("check the commit out before the scan"));
        };
        let base = first(&choice.bases);
        let from = base.as_ref().map_or_else(String::new, |(name, id)| format!(", base {name} ({id})"));
        tell(&format!("{} {}: {}; head {head_name} ({head}){from}", choice.service, choice.event, choice.why));
        let mut scope = Scope {
            mode: "range",
            base: base.as_ref().map(|(_, id)| id.to_string()),
            head: Some(head.to_string()),
            commits: None,
            service: Some(choice.service),
            event: Some(choice.event),
            why: Some(choice.why),
        };
        let (mut outcome, mut scope) = match (base, choice.bases.first()) {
            (Some((_, base)), _) => {
                let range = Range { base: Some(base), head };
                let (outcome, commits) = self.scanner.scan_range(repository, &range, self.threads, self.progress);
                if commits == 0 && choice.may_be_empty {
                    tell("no commit of its own: the whole tree is scanned");
                    (self.tree(head), Scope { mode: "tree", ..scope })
                } else {
                    scope.commits = Some(commits);
                    (outcome, scope)
                }
            }
            (None, Some(wanted)) => self.without_base(wanted, head, scope),
            (None, None) => (self.tree(head), Scope { mode: "tree", ..scope }),
        };
        if choice.heads.first() != Some(&head_name) {
            let wanted = choice.heads.first().map_or("", String::as_str);
            let detail = format!("the head {wanted} is not in the repository; {head_name} was scanned in its place");
            outcome.gaps.push(Gap { what: "head".to_owned(), reason: GapReason::MissingObject, detail });
            outcome.sort();
        }
        scope.head = Some(head.to_string());
        Ok((outcome, scope))
    }

    fn tree(&self, head: gix::ObjectId) -> Outcome {
        self.scanner.scan_tree(&self.repository, head, self.threads, self.progress)
    }

    /// The base is not there: what is there is scanned, and the run is incomplete.
    fn without_base(&self, base: &str, head: gix::ObjectId, scope: Scope) -> (Outcome, Scope) {
        let repository = &self.repository;
        let shallow = repository.is_shallow();
        let (mut outcome, commits) = if shallow {
            let range = Range { base: None, head };
            self.scanner.scan_range(repository, &range, self.threads, self.progress)
        } else {
            (self.tree(head), 1)
        };
        let scanned = if shallow { "every commit that is there was scanned" } else { "the head's tree was scanned" };
        let detail =
            format!("the base {base} is not in the repository: what it holds already cannot be told; {scanned}");
        let reason = if shallow { GapReason::Shallow } else { GapReason::MissingObject };
        outcome.gaps.push(Gap { what: "base".to_owned(), reason, detail });
        outcome.sort();
        (outcome, Scope { commits: Some(commits), ..scope })
    }
}

/// GitHub's event file. Without it the variables have to do.
fn payload() -> Option<serde_json::Value> {
    let text = std::fs::read(variable("GITHUB_EVENT_PATH")?).ok()?;
    serde_json::from_slice(&text).ok()
}

/// A path as the repository knows it: from its root, `/` between parts, links in its folders followed.
fn below(root: &Path, base: &Path, path: &Path) -> Result<Vec<u8>, Failure> {
    let outside = || Failure::new(format!("{} lies outside of the work tree {}", path.display(), root.display()));
    let mut whole = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            part => whole.push(part),
        }
    }
    // The file itself may be gone, or be a link that git keeps as such: its folder is what has one name.
    let (folder, name) = match (whole.parent(), whole.file_name()) {
        (Some(folder), Some(name)) if whole != *root => (folder.to_owned(), Some(name.to_owned())),
        _ => (whole.clone(), None),
    };
    let mut real = real(&folder);
    real.extend(name);
    let below = real.strip_prefix(root).map_err(|_| outside())?;
    Ok(below.as_os_str().as_bytes().to_vec())
}

/// The real name of a folder, of which the end may not exist.
fn real(folder: &Path) -> PathBuf {
    if let Ok(real) = folder.canonicalize() {
        return real;
    }
    match (folder.parent(), folder.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => folder.to_owned(),
    }
}
