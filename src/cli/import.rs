//! `credlint import TOOL FILE…`: other scanners' configurations and baselines in credlint's own form, with a report of
//! what carried over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};

use super::load::{FileArgs, Loaded, config_errors, new_salt};
use super::tree::{self, Scanned, scan_tree};
use super::{Failure, clean};
use crate::config::edit::{quoted, with_nested as nested};
use crate::config::{self};
use crate::migrate::known::{Evidence, Hashes};
use crate::migrate::{Fate, Import, Known, NewPattern, Tool, custom, read};
use crate::policy::{Baseline, Exit, Outcome, Verdict};
use crate::source::walk::shown;

/// The folder of rule files that are taken over, from the root.
const RULES: &str = ".credlint/rules";

/// Options of `import`.
#[derive(ClapArgs)]
pub(crate) struct ImportArgs {
    /// The scanner whose files these are
    #[arg(value_enum)]
    tool: ToolArg,
    /// Its configurations, ignore files, baselines and reports
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only say what would be written
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    files: FileArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum ToolArg {
    Gitleaks,
    Betterleaks,
    DetectSecrets,
    Trufflehog,
    Kingfisher,
    Ggshield,
    Secretlint,
}

impl ToolArg {
    fn tool(self) -> Tool {
        match self {
            Self::Gitleaks | Self::Betterleaks => Tool::Gitleaks,
            Self::DetectSecrets => Tool::DetectSecrets,
            Self::Trufflehog => Tool::Trufflehog,
            Self::Kingfisher => Tool::Kingfisher,
            Self::Ggshield => Tool::Ggshield,
            Self::Secretlint => Tool::Secretlint,
        }
    }
}

/// What is written: path, and text.
type Files = Vec<(PathBuf, String)>;

pub(crate) fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let tool = args.tool.tool();
    let mut scanned = scan_tree(&args.files, None)?;
    let mut import = Import::default();
    for path in &args.paths {
        let name = shown(&scanned.loaded.base, path);
        let bytes = std::fs::read(path).map_err(|error| Failure::new(format!("{name} cannot be read: {error}")))?;
        read(tool, &name, &bytes, &scanned.loaded.set, &mut import).map_err(Failure::new)?;
    }
    let mut files = Files::new();
    let rules = custom::rule_file(tool, &mut import, &scanned.loaded.set);
    if let Some(text) = &rules {
        files.push((scanned.loaded.root.join(RULES).join(custom::file_name(tool)), text.clone()));
    }
    let ids = import.patterns.iter_mut().flat_map(|pattern| pattern.rules.iter()).cloned().collect::<BTreeSet<_>>();
    let text = configured(tool, &mut import, rules.as_deref(), &ids, &scanned.loaded)?;
    files.extend(text.map(|text| (scanned.loaded.config_path.clone(), text)));
    let verdicts = scanned.verdicts(true);
    let matched = Matched::new(&scanned, &verdicts, &import.known);
    let mut out = report(&import);
    matched.tell(&import.known, &mut out);
    if let Some(text) = matched.baseline(&scanned, &verdicts)? {
        files.push((scanned.loaded.baseline_path.clone(), text));
    }
    for (path, text) in &files {
        let name = shown(&scanned.loaded.base, path);
        if args.dry_run {
            let _ = writeln!(out, "\nwould write {}:\n{}", clean(&name), clean(text));
        } else {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)
                    .map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
            }
            tree::write(path, text)?;
            let _ = writeln!(out, "wrote {}", clean(&name));
        }
    }
    if out.is_empty() {
        out.push_str("nothing to carry over: the files state no wish and no accepted finding\n");
    }
    let gaps = tree::gaps(&scanned.outcome.gaps);
    io::stdout().write_all(format!("{out}{gaps}").as_bytes())?;
    Ok(if gaps.is_empty() { Exit::Clean } else { Exit::Incomplete })
}

/// The configuration with what was taken over; `None` when nothing is added.
fn configured(
    tool: Tool,
    import: &mut Import,
    rules: Option<&str>,
    ids: &BTreeSet<String>,
    loaded: &Loaded,
) -> Result<Option<String>, Failure> {
    let name = shown(&loaded.base, &loaded.config_path);
    let old = match std::fs::read_to_string(&loaded.config_path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::new(format!("{name} cannot be read: {error}"))),
    };
    let made = |id: &str| rules.is_some_and(|text| text.contains(&format!("id: {id}\n")));
    let known = |id: &str| made(id) || loaded.set.iter().any(|(_, rule)| fits(id, &rule.id));
    let mut text = old.clone();
    let refused = |why: &str| Failure::new(format!("{name}: {why}"));
    for pattern in std::mem::take(&mut import.patterns) {
        if pattern.rules.iter().all(|id| known(id)) {
            text = nested(&text, "allow", "patterns", &lines(&pattern)).map_err(refused)?;
        } else {
            let why = "its rule was not carried over".to_owned();
            import.note(tool.name(), format!("allow-list: {}", pattern.reason), Fate::Left(why));
        }
    }
    let file = format!("{RULES}/{}", custom::file_name(tool));
    let wanted = rules.map(|_| file.as_str());
    let present =
        |item: &str| old.lines().any(|line| line.trim_start_matches([' ', '-']).trim_matches(['"', '\'']) == item);
    for (section, key, items) in [
        ("rules", "files", wanted.into_iter().map(str::to_owned).collect::<Vec<_>>()),
        ("rules", "disable", import.disable.clone()),
        ("paths", "exclude", import.exclude.clone()),
    ] {
        let unique: BTreeSet<String> = items.into_iter().filter(|item| !present(item)).collect();
        for item in unique {
            text = nested(&text, section, key, &[quoted(&item)]).map_err(refused)?;
        }
    }
    if text == old {
        return Ok(None);
    }
    // The rules it names are checked when it is read again: those just made are not on disk yet.
    let parsed = config::read(text.as_bytes(), &name).map_err(|errors| config_errors(&errors))?;
    if rules.is_none() || ids.iter().all(|id| !made(id)) {
        parsed.check(&loaded.set).map_err(|errors| config_errors(&errors))?;
    }
    Ok(Some(text))
}

/// `*` stands for any text at the end.
fn fits(pattern: &str, id: &str) -> bool {
    pattern.strip_suffix('*').map_or_else(|| pattern == id, |prefix| id.starts_with(prefix))
}

fn lines(pattern: &NewPattern) -> Vec<String> {
    let mut out = vec![format!("reason: {}", quoted(&pattern.reason))];
    for (key, list) in [
        ("rules", &pattern.rules),
        ("path-regex", &pattern.path_regex),
        ("secret-regex", &pattern.secret_regex),
        ("line-regex", &pattern.line_regex),
        ("words", &pattern.words),
    ] {
        if !list.is_empty() {
            out.push(format!("{key}:"));
            out.extend(list.iter().map(|item| format!("  - {}", quoted(item))));
        }
    }
    out
}

/// What became of everything, by kind.
fn report(import: &Import) -> String {
    let mut out = String::new();
    let mut counts = BTreeMap::new();
    for entry in &import.report {
        let (kind, why) = match &entry.fate {
            Fate::Carried => ("carried over", ""),
            Fate::Nearly(why) => ("nearly", why.as_str()),
            Fate::Covered(why) => ("needs nothing", why.as_str()),
            Fate::Left(why) => ("not carried over", why.as_str()),
        };
        *counts.entry(kind).or_insert(0_usize) += 1;
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let _ = writeln!(out, "{kind:17} {} {}{}", clean(&entry.file), clean(&entry.what), clean(&why));
    }
    let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if !counts.is_empty() {
        let _ = writeln!(out, "settings: {}", counts.join(", "));
    }
    out
}

/// Which of our findings the tool was told to accept.
struct Matched {
    /// By index of the verdict.
    verdicts: BTreeMap<usize, Evidence>,
    /// How many of theirs are found here, by the evidence.
    by_value: usize,
    by_place: usize,
    /// Theirs that are none of ours.
    others: Vec<usize>,
    /// Ours that they do not know.
    unknown: usize,
}

impl Matched {
    fn new(scanned: &Scanned, verdicts: &[Verdict], known: &[Known]) -> Self {
        let mut matched = Self { verdicts: BTreeMap::new(), by_value: 0, by_place: 0, others: Vec::new(), unknown: 0 };
        let path = |verdict: &Verdict| scanned.policy.tree.path(&verdict.finding.origin);
        let mut by_path: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, verdict) in verdicts.iter().enumerate() {
            by_path.entry(path(verdict)).or_default().push(index);
        }
        let everywhere: Vec<usize> = (0..verdicts.len()).collect();
        let hashes: Vec<Hashes> = verdicts.iter().map(|_| Hashes::default()).collect();
        for (index, theirs) in known.iter().enumerate() {
            let candidates = theirs.path.as_ref().map_or(Some(&everywhere), |path| by_path.get(path));
            let mut evidence = None;
            for &ours in candidates.into_iter().flatten() {
                let (Some(verdict), Some(hashes)) = (verdicts.get(ours), hashes.get(ours)) else { continue };
                if let Some(found) = theirs.is(&verdict.finding, &path(verdict), hashes) {
                    evidence = Some(found);
                    matched.verdicts.insert(ours, found);
                }
            }
            match evidence {
                Some(Evidence::Value) => matched.by_value += 1,
                Some(Evidence::Place) => matched.by_place += 1,
                None => matched.others.push(index),
            }
        }
        let ours = verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Suppressed).count();
        matched.unknown = ours.saturating_sub(matched.verdicts.len());
        matched
    }

    fn tell(&self, known: &[Known], out: &mut String) {
        if known.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            "accepted findings: {} in all; {} are found here by their value, {} by their place",
            known.len(),
            self.by_value,
            self.by_place
        );
        let old =
            self.others.iter().filter(|&&index| known.get(index).is_some_and(|known| known.commit.is_some())).count();
        let gone = self.others.iter().filter(|&&index| known.get(index).is_some_and(|known| !exists(known))).count();
        let _ = writeln!(
            out,
            "  {} name nothing that credlint reports, so they need nothing ({old} of them name an old commit, {gone} a file that is gone)",
            self.others.len(),
        );
        let _ = writeln!(out, "  {} findings of credlint are not among them: they stay findings", self.unknown);
    }

    /// The baseline with the matched findings in it; `None` when there is none.
    fn baseline(&self, scanned: &Scanned, verdicts: &[Verdict]) -> Result<Option<String>, Failure> {
        if self.verdicts.is_empty() {
            return Ok(None);
        }
        let path = &scanned.loaded.baseline_path;
        let name = shown(&scanned.loaded.base, path);
        let mut baseline = match std::fs::read(path) {
            Ok(bytes) => Baseline::load_from(&bytes, &name).map_err(Failure::new)?,
            Err(_) => Baseline::new(&name, new_salt()?),
        };
        let key = match (baseline.salt(), &scanned.policy.key) {
            (Some(salt), _) => salt.clone(),
            (None, Some(own)) => own.clone(),
            (None, None) => new_salt()?,
        };
        let ours = self.verdicts.keys().filter_map(|&index| verdicts.get(index));
        baseline.add(ours.map(|verdict| scanned.policy.baseline_line(&key, &verdict.finding)));
        Ok(Some(baseline.text()))
    }
}

fn exists(known: &Known) -> bool {
    known.path.as_ref().is_none_or(|path| Path::new(path).exists())
}
