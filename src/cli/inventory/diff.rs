//! `credlint inventory diff`.

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use jiff::civil::Date;

use super::take::{Least, Looker};
use super::{policy, read};
use crate::cli::Failure;
use crate::cli::load::FileArgs;
use crate::inventory::diff::{diff, objected};
use crate::inventory::register::Register;
use crate::inventory::report::{DiffFormat, changes};
use crate::inventory::resolve::resolve;
use crate::policy::Exit;
use crate::source::git::Repository;

/// Options of `inventory diff`.
#[derive(ClapArgs)]
pub(super) struct DiffArgs {
    /// The register before, or a commit
    old: String,
    /// The register after, or a commit
    new: String,
    /// The repository of the commits; without it the one around the present folder
    #[arg(long, value_name = "PATH", default_value = ".")]
    repository: PathBuf,
    /// Exit 1 where an identity that is new, or is kept or reaches otherwise than before, is against the `nhi` section of the
    /// policy
    #[arg(long)]
    gate: bool,
    /// human, json or markdown
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    report: DiffFormat,
    /// The day that ages are counted to, YYYY-MM-DD; without it that of each register, or today
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// The least confidence of a finding that becomes a row
    #[arg(long, value_enum, value_name = "CONFIDENCE", default_value_t = Least::Likely)]
    least: Least,
    #[command(flatten)]
    files: FileArgs,
}

pub(super) fn run(args: &DiffArgs) -> Result<Exit, Failure> {
    let [old, new] = [&args.old, &args.new].map(|name| (name, Path::new(name)));
    let (old, new) = match (old.1.is_file(), new.1.is_file()) {
        (true, true) => (read(old.1)?, read(new.1)?),
        (false, false) => of_commits(args)?,
        _ => {
            return Err(Failure::new("a register and a commit cannot be compared")
                .help("name two files that `--report json=FILE` wrote, or two commits"));
        }
    };
    let policy = policy(&args.files)?;
    let [old, new] = [old, new].map(|mut register| {
        if let Some(date) = args.date {
            register.snapshot_at = date.to_string();
        }
        resolve(&mut register, &policy, None);
        register
    });
    let found = diff(&old, &new);
    let objections = objected(&found, &new, &policy);
    let mut out = BufWriter::new(io::stdout().lock());
    changes(args.report, &found, &objections, &mut out)?;
    out.flush()?;
    Ok(match (args.gate && !objections.is_empty(), old.gaps.is_empty() && new.gaps.is_empty()) {
        (true, _) => Exit::Blocked,
        (false, true) => Exit::Clean,
        (false, false) => Exit::Incomplete,
    })
}

/// The registers of two commits of a repository.
fn of_commits(args: &DiffArgs) -> Result<(Register, Register), Failure> {
    let repository = Repository::around(&args.repository)
        .map_err(|error| Failure::new(error).help("name registers, or a repository with --repository"))?;
    let commit = |name: &str| {
        repository.commit(name).map_err(|error| {
            Failure::new(format!("`{name}` is neither a file nor a commit: {error}"))
                .help("fetch it first (git fetch origin NAME); in CI check out with full depth")
        })
    };
    let (old, new) = (commit(&args.old)?, commit(&args.new)?);
    let looker = Looker::new(&args.files, std::slice::from_ref(&args.repository), args.least, None)?;
    let name = repository.remote().unwrap_or_else(|| super::take::own_name(&repository.root));
    let at = |commit| {
        let mut register = looker.register(args.date);
        looker.collector().revision(&name, &repository, commit, &mut register);
        register
    };
    Ok((at(old), at(new)))
}
