//! `credlint inventory offboard`.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{joined, policy};
use crate::cli::Failure;
use crate::cli::load::FileArgs;
use crate::inventory::offboard::ties;
use crate::inventory::report::{DiffFormat, offboard};
use crate::inventory::resolve::resolve;
use crate::policy::Exit;

/// Options of `inventory offboard`.
#[derive(ClapArgs)]
pub(super) struct OffboardArgs {
    /// A name, a mail address, or a handle
    person: String,
    /// Registers that `--report json=FILE` wrote
    #[arg(required = true)]
    registers: Vec<PathBuf>,
    /// human, json or markdown
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    report: DiffFormat,
    #[command(flatten)]
    files: FileArgs,
}

/// Exit 1 where the person is tied to anything.
pub(super) fn run(args: &OffboardArgs) -> Result<Exit, Failure> {
    let mut register = joined(&args.registers)?;
    resolve(&mut register, &policy(&args.files)?, None);
    let found = ties(&register, &args.person);
    let mut out = BufWriter::new(io::stdout().lock());
    offboard(args.report, &args.person, &found, &mut out)?;
    out.flush()?;
    Ok(if found.is_empty() { Exit::Clean } else { Exit::Blocked })
}
