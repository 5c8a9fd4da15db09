//! The `credlint` command: parse, run, return the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(credlint::cli::main().code())
}
