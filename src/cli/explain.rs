//! `credlint explain FILE:LINE`: every candidate that touches a line, and what became of it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ExplainArgs;
use super::scan::with_own;
use super::{Failure, here};
use crate::policy::Exit;
use crate::scan::Scanner;
use crate::scan::examine::Hit;
use crate::source::walk::shown;
use crate::source::{FilePath, Origin};

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let (path, line) = place(&args.place)?;
    let scanner = Scanner::new(with_own(&args.rules)?);
    let bytes =
        std::fs::read(&path).map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    let lines = memchr::memchr_iter(b'\n', &bytes).count() as u64 + 1;
    if line == 0 || line > lines {
        return Err(
            Failure::new(format!("{} has no line {line}", path.display())).help(format!("it has {lines} lines"))
        );
    }
    let name = shown(&here()?, &path);
    let origin = Origin::File(Arc::new(FilePath { path: path.clone(), shown: name.clone() }));
    let hits = scanner.hits(&origin, &bytes);
    let own: Vec<&Hit> = hits.iter().filter(|hit| touches(&bytes, hit, line)).collect();
    let mut out = String::new();
    let _ = writeln!(out, "{}:{line}: {}", super::clean(&name), verdict(&own));
    for hit in &own {
        describe(&scanner, &bytes, hit, &mut out);
    }
    if own.is_empty() {
        let _ =
            writeln!(out, "  no rule's pattern, name or word matches there ({} rules were loaded)", scanner.set.len());
    }
    io::stdout().write_all(out.as_bytes())?;
    Ok(Exit::Clean)
}

/// `FILE:LINE` or `FILE:LINE:COLUMN`.
fn place(text: &str) -> Result<(PathBuf, u64), Failure> {
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
        return Ok((PathBuf::from(path), line));
    }
    Ok((PathBuf::from(head), last))
}

fn touches(bytes: &[u8], hit: &Hit, line: u64) -> bool {
    let line_of = |offset: u64| {
        memchr::memchr_iter(b'\n', &bytes[..usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len())]).count()
            as u64
            + 1
    };
    (line_of(hit.span.start)..=line_of(hit.span.end.saturating_sub(1))).contains(&line)
}

fn verdict(hits: &[&Hit]) -> String {
    let found = hits.iter().filter(|hit| hit.result.is_ok()).count();
    match found {
        0 => "not reported".to_owned(),
        1 => "reported".to_owned(),
        count => format!("reported {count} times"),
    }
}

fn describe(scanner: &Scanner, bytes: &[u8], hit: &Hit, out: &mut String) {
    let rule = scanner.set.rule(hit.rule);
    let start = usize::try_from(hit.span.start).unwrap_or(0).min(bytes.len());
    let line_start = memchr::memrchr(b'\n', &bytes[..start]).map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&bytes[line_start..start]).chars().count() + 1;
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
