//! `credlint explain FILE:LINE`: every candidate that touches a line, and what became of it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use super::args::ExplainArgs;
use super::load::load;
use crate::judge::Position;
use crate::policy::Exit;
use crate::scan::Scanner;
use crate::scan::examine::Hit;
use crate::source::walk::shown;
use crate::source::{FilePath, Origin};

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let PlaceIn { path, line, .. } = place(&args.place)?;
    let loaded = load(&args.files, std::slice::from_ref(&path))?;
    let base = loaded.base.clone();
    let scanner = Scanner::new(loaded.set);
    let bytes =
        std::fs::read(&path).map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    let end = [bytes.len() as u64];
    let lines = scanner.positions(&bytes, &end).first().map_or(1, |position| position.line);
    if line == 0 || line > lines {
        return Err(
            Failure::new(format!("{} has no line {line}", path.display())).help(format!("it has {lines} lines"))
        );
    }
    let name = shown(&base, &path);
    let origin = Origin::File(Arc::new(FilePath { path: path.clone(), shown: name.clone() }));
    let hits = scanner.hits(&origin, &bytes);
    let mut offsets: Vec<u64> = hits.iter().flat_map(|hit| [hit.span.start, hit.span.end - 1]).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let positions = scanner.positions(&bytes, &offsets);
    let at = |offset: u64| offsets.binary_search(&offset).map_or(Position::default(), |index| positions[index]);
    let touches = |hit: &&Hit| (at(hit.span.start).line..=at(hit.span.end - 1).line).contains(&line);
    let own: Vec<&Hit> = hits.iter().filter(touches).collect();
    let mut out = String::new();
    let _ = writeln!(out, "{}:{line}: {}", super::clean(&name), verdict(&own));
    for hit in &own {
        describe(&scanner, at(hit.span.start).column, hit, &mut out);
    }
    if own.is_empty() {
        let _ =
            writeln!(out, "  no rule's pattern, name or word matches there ({} rules were loaded)", scanner.set.len());
    }
    io::stdout().write_all(out.as_bytes())?;
    Ok(Exit::Clean)
}

/// A place as typed.
pub(crate) struct PlaceIn {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    pub(crate) column: Option<u64>,
}

/// `FILE:LINE` or `FILE:LINE:COLUMN`.
pub(crate) fn place(text: &str) -> Result<PlaceIn, Failure> {
    let wrong = || {
        Failure::new(format!("`{text}` is no place in a file"))
            .help("write FILE:LINE, as the report does: src/config.py:12")
    };
    let number = |text: &str| text.parse::<u64>().ok();
    let (head, last) = text.rsplit_once(':').ok_or_else(wrong)?;
    let last = number(last).ok_or_else(wrong)?;
    if let Some((path, line)) = head.rsplit_once(':')
        && let Some(line) = number(line)
        && !Path::new(head).exists()
    {
        return Ok(PlaceIn { path: PathBuf::from(path), line, column: Some(last) });
    }
    Ok(PlaceIn { path: PathBuf::from(head), line: last, column: None })
}

fn verdict(hits: &[&Hit]) -> String {
    let found = hits.iter().filter(|hit| hit.result.is_ok()).count();
    match found {
        0 => "not reported".to_owned(),
        1 => "reported".to_owned(),
        count => format!("reported {count} times"),
    }
}

fn describe(scanner: &Scanner, column: u64, hit: &Hit, out: &mut String) {
    let rule = scanner.set.rule(hit.rule);
    let length = hit.span.end - hit.span.start;
    match &hit.result {
        Ok(finding) => {
            let _ = writeln!(out, "  {} at column {column}, {length} bytes: {}", rule.id, finding.confidence.name());
            for reason in &finding.reasons {
                let _ = writeln!(out, "    because {}", super::clean(reason));
            }
            for (name, value) in &finding.facts {
                let _ = writeln!(out, "    {name}: {}", super::clean(value));
            }
            if let Some(allowed) = &finding.allowed {
                // The comment's own words may repeat the value: they are not printed here.
                let _ = writeln!(out, "    allowed by a comment ({})", allowed.tool);
            }
        }
        Err(drop) => {
            let _ = writeln!(
                out,
                "  {} at column {column}, {length} bytes: dropped by {}",
                rule.id,
                super::clean(&drop.to_string())
            );
        }
    }
}
