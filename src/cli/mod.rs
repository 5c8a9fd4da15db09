//! The command line: the only place that reads arguments, environment and terminal, and that prints.

use std::io::{self, IsTerminal as _, Write as _};

use clap::Parser as _;

use crate::policy::Exit;

mod adopt;
mod args;
mod baseline;
mod cache;
mod config;
mod explain;
mod fix;
mod git;
mod import;
mod inventory;
mod load;
mod output;
mod progress;
mod rules;
mod scan;
mod stream;
mod suppress;
mod tree;

use args::{Args, Command};

/// Runs the command line of this process.
pub fn main() -> Exit {
    quiet_panics();
    let args = match Args::try_parse_from(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let result = match args.command {
        Command::Scan(args) => scan::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rules(args) => rules::run(args),
        Command::Config(args) => config::run(&args),
        Command::Baseline(args) => baseline::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Inventory(args) => inventory::run(&args),
        Command::Fix(args) => fix::run(&args),
        Command::Adopt(args) => adopt::run(&args),
        Command::Suppress(args) => suppress::run(&args),
    };
    match result {
        Ok(exit) => exit,
        Err(error) => {
            complain(&error);
            Exit::Error
        }
    }
}

/// What went wrong before anything could be scanned, for a person, with the next step.
pub(crate) struct Failure {
    message: String,
    help: Option<String>,
    /// The reader of our output went away: nothing to say, nothing failed.
    broken_pipe: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, broken_pipe: false }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self {
            broken_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            ..Self::new(format!("the output cannot be written: {error}"))
        }
    }
}

/// Text of several lines, safe for a terminal.
pub(crate) fn clean(text: &str) -> String {
    text.lines().map(crate::report::escape::escaped).collect::<Vec<_>>().join("\n")
}

fn complain(failure: &Failure) {
    if failure.broken_pipe {
        return;
    }
    let mut text = format!("error: {}\n", clean(&failure.message));
    if let Some(help) = &failure.help {
        text.push_str("  help: ");
        text.push_str(&clean(help));
        text.push('\n');
    }
    // Nothing is left to do when standard error is gone.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// clap's own message; help and version are no errors.
fn usage(error: &clap::Error) -> Exit {
    let _ = error.print();
    if error.use_stderr() { Exit::Error } else { Exit::Clean }
}

/// A panic's message may hold input. It is a gap in the report; here only its place is told.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place =
            info.location().map_or_else(String::new, |location| format!(" at {}:{}", location.file(), location.line()));
        let text = format!("credlint: internal error{place}; the report names the file. Please report it.\n");
        let _ = io::stderr().write_all(text.as_bytes());
    }));
}

/// The environment, read here and nowhere else.
#[expect(clippy::disallowed_methods, reason = "cli/ is the one place that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// True where a person watches standard error.
pub(crate) fn watched() -> bool {
    io::stderr().is_terminal() && variable("CI").is_none()
}

/// The present folder.
#[expect(clippy::disallowed_methods, reason = "cli/ is the one place that reads the present folder")]
pub(crate) fn here() -> Result<std::path::PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::new(format!("the present folder cannot be read: {error}")))
}
