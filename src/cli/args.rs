//! Arguments as they are typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::adopt::AdoptArgs;
use super::baseline::BaselineArgs;
use super::config::ConfigArgs;
use super::fix::FixArgs;
use super::import::ImportArgs;
use super::inventory::InventoryArgs;
use super::load::FileArgs;
use super::suppress::SuppressArgs;
use crate::rule::{Confidence, Severity};

/// Finds credentials in source trees, proves them offline, reports them redacted.
///
/// Exit codes: 0 clean, 1 blocked by a finding, 2 could not start, 3 incomplete (something in scope was not scanned).
#[derive(Parser)]
#[command(name = "credlint", version, propagate_version = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Scan a work tree, files, or standard input
    Scan(Box<ScanArgs>),
    /// Say why a place is reported, or why not
    Explain(ExplainArgs),
    /// List, show and check rules
    Rules(RulesArgs),
    /// Show what is found, then write configuration, baseline, hook and workflow
    Adopt(AdoptArgs),
    /// Check and explain credlint.yaml
    Config(ConfigArgs),
    /// Write, prune and compare the baseline
    Baseline(BaselineArgs),
    /// Take over configurations and baselines of other scanners
    Import(ImportArgs),
    /// The register of non-human identities: credentials, references to vaults, declared service accounts
    Inventory(Box<InventoryArgs>),
    /// Show what replaces each blocking finding in its file, and how to revoke it
    Fix(FixArgs),
    /// Write a suppression for a finding into credlint.yaml
    Suppress(SuppressArgs),
}

/// Options of `scan`.
#[derive(ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ScanArgs {
    /// Folders and files; `-` is standard input. Without any: the present folder. With --range, --since, --ci and
    /// --history: a folder in the repository
    pub(crate) paths: Vec<PathBuf>,
    /// Scan what the commit would record: the index's blobs that differ from HEAD, and the files named
    #[arg(long, group = "scope")]
    pub(crate) staged: bool,
    /// Scan the objects that HEAD adds to BASE, and their commits' messages
    #[arg(long, value_name = "BASE..HEAD", group = "scope")]
    pub(crate) range: Option<String>,
    /// The same as --range REV..HEAD
    #[arg(long, value_name = "REV", group = "scope")]
    pub(crate) since: Option<String>,
    /// Take the range from the environment of the CI service
    #[arg(long, group = "scope")]
    pub(crate) ci: bool,
    /// With --ci: let a request bring the policy that judges it; without, it is read from the base
    #[arg(long, requires = "ci")]
    pub(crate) trust_head_policy: bool,
    /// Scan every object of the repository, reachable or not
    #[arg(long, group = "scope")]
    pub(crate) history: bool,
    /// Remember in FILE which objects are clean, and do not scan them again
    #[arg(long, value_name = "FILE", requires = "scope")]
    pub(crate) cache: Option<PathBuf>,
    /// What becomes of findings that only earlier commits hold
    #[arg(long, value_enum, default_value_t = HistoryOnly::Block, value_name = "OUTCOME")]
    pub(crate) history_only: HistoryOnly,
    /// Report as FORMAT, or FORMAT=PATH into a file: human, json, jsonl, sarif, sarif-full. Repeatable
    #[arg(long, value_name = "FORMAT[=PATH]")]
    pub(crate) report: Vec<String>,
    /// The confidence from which findings block; without it the configured one, or likely
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub(crate) block: Option<Block>,
    /// Findings below this severity are reported and do not block; without it the configured one, or low
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<SeverityArg>,
    /// Only these rules. Repeatable
    #[arg(long, value_name = "RULE")]
    pub(crate) only: Vec<String>,
    /// All rules but these. Repeatable
    #[arg(long, value_name = "RULE")]
    pub(crate) skip: Vec<String>,
    #[command(flatten)]
    pub(crate) files: FileArgs,
    /// Scan what ignore rules leave out, too
    #[arg(long)]
    pub(crate) include_ignored: bool,
    /// A container image: a `docker save` archive, or an OCI layout as archive or folder. Repeatable
    #[arg(long, value_name = "FILE", conflicts_with_all = ["staged", "range", "since", "ci", "history"])]
    pub(crate) image: Vec<PathBuf>,
    /// Do not open archives: scan their bytes as they are
    #[arg(long)]
    pub(crate) no_archives: bool,
    /// Bytes that one archive's members may have together (`500M`, `32G`); more is a gap
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "32G")]
    pub(crate) max_archive_size: u64,
    /// Archives in archives are opened this deep; deeper ones are a gap
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) max_archive_depth: usize,
    /// The name to report for standard input
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) stdin_name: String,
    /// Exit 0 whatever is found; errors and gaps keep their codes
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Exit 0 although something was not scanned, for these reasons or for any; the report still names it
    #[arg(long, value_name = "REASON,…", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "all")]
    pub(crate) allow_incomplete: Option<Vec<String>>,
    /// A suppression that nothing matches blocks
    #[arg(long)]
    pub(crate) block_unused: bool,
    /// Threads; without it one for each core
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Show values in the clear: on a terminal, or in files named by --report
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// Print nothing when the run is clean
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Tell on standard error what is scanned with what
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Print counters and times on standard error
    #[arg(long)]
    pub(crate) diagnostics: bool,
}

/// Options of `explain`.
#[derive(ClapArgs)]
pub(crate) struct ExplainArgs {
    /// <FILE:LINE>, with an optional :COLUMN
    #[arg(value_name = "FILE:LINE")]
    pub(crate) place: String,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

/// Options of `rules`.
#[derive(ClapArgs)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

#[derive(Subcommand)]
pub(crate) enum RulesCommand {
    /// One line a rule: id, severity, title
    List {
        /// Only rules whose id or title holds this text
        filter: Option<String>,
    },
    /// All about one rule
    Show {
        /// The rule's id
        id: String,
    },
    /// Check rule files and run their examples through the production path
    Check {
        /// Files and folders; without any, ./rules
        paths: Vec<PathBuf>,
    },
    /// Put splice marks into text from standard input
    Splice,
    /// Write a page a provider: what the holder can do, where to revoke
    Docs {
        /// The folder to write to
        #[arg(default_value = "docs/rules")]
        folder: PathBuf,
    },
}

/// What becomes of findings that HEAD's tree does not hold.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryOnly {
    Block,
    Report,
}

/// From which confidence findings block.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Block {
    Certain,
    Likely,
    Possible,
    None,
}

impl Block {
    pub(crate) fn least(self) -> Option<Confidence> {
        match self {
            Self::Certain => Some(Confidence::Certain),
            Self::Likely => Some(Confidence::Likely),
            Self::Possible => Some(Confidence::Possible),
            Self::None => None,
        }
    }
}

/// A severity as typed.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SeverityArg {
    Low,
    Medium,
    High,
    Critical,
}

impl SeverityArg {
    pub(crate) fn least(self) -> Severity {
        match self {
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

/// A number of bytes: `4096`, `64K`, `500M`, `32G`; units are powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("write a number of bytes, or one with K, M, G or T behind it".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "that is no number of bytes".to_owned())?;
    number.checked_mul(1 << unit).ok_or_else(|| "that is too much".to_owned())
}
