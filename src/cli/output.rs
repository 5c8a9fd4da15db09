//! Where reports go.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::report::{self, Format, Report};

/// A report's format and place.
pub(crate) struct Target {
    pub(crate) format: Format,
    /// `None` is standard output.
    pub(crate) path: Option<PathBuf>,
}

/// Takes `FORMAT` and `FORMAT=PATH` apart. `none` begins what is said of a format that is not known.
pub(crate) fn formats<F: Copy>(
    asked: &[String],
    known: &[(&str, F)],
    none: &str,
) -> Result<Vec<(F, Option<PathBuf>)>, Failure> {
    let mut found = Vec::new();
    for text in asked {
        let (name, path) =
            text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(PathBuf::from(path))));
        let Some((_, format)) = known.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            return Err(Failure::new(format!("{none} no report format `{name}`"))
                .help(format!("the formats are {}", names.join(", "))));
        };
        found.push((*format, path));
    }
    Ok(found)
}

/// The reports asked for; without any, `human` on standard output.
pub(crate) fn targets(asked: &[String], show_secrets: bool) -> Result<Vec<Target>, Failure> {
    let asked = formats(asked, Format::NAMES, "there is")?;
    let mut targets: Vec<Target> = asked.into_iter().map(|(format, path)| Target { format, path }).collect();
    if targets.is_empty() {
        targets.push(Target { format: Format::Human, path: None });
    }
    let to_stdout = targets.iter().filter(|target| target.path.is_none()).count();
    if to_stdout > 1 {
        return Err(Failure::new("two reports would go to standard output")
            .help("give all but one a file: --report sarif=out.sarif"));
    }
    if show_secrets && to_stdout > 0 && !io::stdout().is_terminal() {
        return Err(Failure::new("--show-secrets would write values into a pipe or log")
            .help("name a file for it: --report json=PATH"));
    }
    Ok(targets)
}

impl Target {
    /// Writes the report. `silent` leaves standard output alone.
    pub(crate) fn write(&self, report: &Report<'_>, silent: bool) -> Result<(), Failure> {
        match &self.path {
            None if silent => Ok(()),
            None => {
                let colour = self.format == Format::Human && colour();
                let mut out = BufWriter::new(io::stdout().lock());
                report::write(self.format, report, colour, &mut out)?;
                Ok(out.flush()?)
            }
            Some(path) => {
                let fail = |error: io::Error| {
                    Failure::new(format!("the report {} cannot be written: {error}", path.display()))
                };
                let mut out = BufWriter::new(create(path, report.show_secrets).map_err(fail)?);
                report::write(self.format, report, false, &mut out).map_err(fail)?;
                out.flush().map_err(fail)
            }
        }
    }
}

/// Creates a report file; one with values in it is for its owner only.
fn create(path: &Path, private: bool) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    if private {
        options.mode(0o600);
    }
    let file = options.open(path)?;
    if private {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Colours where a person looks and has not asked for none.
fn colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}
