//! `credlint explain FILE:LINE`: every candidate that touches a line, and what became of it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use super::args::ExplainArgs;
use super::load::load;
use crate::judge::{Finding, Position};
use crate::policy::{By, Exit, Outcome, Policy};
use crate::rule::Matcher;
use crate::scan::Scanner;
use crate::scan::examine::Hit;
use crate::scan::parts::joined;
use crate::source::walk::shown;
use crate::source::{FilePath, Origin};

/// Rules that nearly match which are named.
const NEAREST: usize = 3;
/// Bytes of a line that are looked at for them.
const LONGEST: usize = 4096;

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let PlaceIn { path, line, .. } = place(&args.place)?;
    let loaded = load(&args.files, std::slice::from_ref(&path))?;
    let base = loaded.base.clone();
    let policy = loaded.policy();
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
    let parts = hits.iter().filter_map(|hit| hit.result.as_ref().ok()).flat_map(|finding| &finding.parts);
    let spans = hits.iter().map(|hit| hit.span).chain(parts.map(|part| part.span));
    let mut offsets: Vec<u64> = spans.flat_map(|span| [span.start, span.end - 1]).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let positions = scanner.positions(&bytes, &offsets);
    let at = |offset: u64| offsets.binary_search(&offset).map_or(Position::default(), |index| positions[index]);
    let touches = |hit: &&Hit| (at(hit.span.start).line..=at(hit.span.end - 1).line).contains(&line);
    let own: Vec<&Hit> = hits.iter().filter(touches).collect();
    let mut out = String::new();
    let _ = writeln!(out, "{}:{line}: {}", super::clean(&name), verdict(&own));
    scope(&policy, &name, &mut out);
    let placed = |finding: &Finding| {
        let mut finding = finding.clone();
        (finding.start, finding.end) = (at(finding.span.start), at(finding.span.end - 1));
        for part in &mut finding.parts {
            (part.start, part.end) = (at(part.span.start), at(part.span.end - 1));
        }
        if let Some(allowed) = &mut finding.allowed {
            // Counted from the finding's own line, or the one above.
            allowed.line = finding.start.line - u64::from(allowed.line == 1 && finding.start.line > 1);
        }
        finding
    };
    let findings = joined(hits.iter().filter_map(|hit| hit.result.as_ref().ok()).map(placed).collect());
    for hit in &own {
        let is = |finding: &&Finding| finding.span == hit.span && finding.rule.id == scanner.set.rule(hit.rule).id;
        let finding = findings.iter().find(is).filter(|_| hit.result.is_ok());
        describe(&scanner, at(hit.span.start).column, hit, finding, &mut out);
        match finding {
            Some(finding) => decided(&policy, finding.clone(), &mut out),
            None if hit.result.is_ok() => part_of(&findings, hit, &mut out),
            None => {}
        }
    }
    if own.is_empty() {
        let _ =
            writeln!(out, "  no rule's pattern, name or word matches there ({} rules were loaded)", scanner.set.len());
        nearest(&scanner, &bytes, line, &mut out);
    }
    io::stdout().write_all(out.as_bytes())?;
    Ok(Exit::Clean)
}

/// The finding that a part of a credential is reported with.
fn part_of(findings: &[Finding], hit: &Hit, out: &mut String) {
    for whole in findings {
        let part = whole.parts.iter().find(|part| part.rule.is_some() && part.span == hit.span);
        if let Some(part) = part {
            let (role, id, place) = (part.role.name(), &whole.rule.id, whole.start);
            let _ = writeln!(out, "    reported as the {role} of {id} at {}:{}", place.line, place.column);
        }
    }
}

/// Whether the file is scanned at all.
fn scope(policy: &Policy, name: &str, out: &mut String) {
    let Some(config) = &policy.config else { return };
    if let Some(pattern) = config.excluded(&policy.tree.of_shown(name)) {
        let (text, file) = (super::clean(&pattern.text), super::clean(&config.file));
        let _ = writeln!(out, "  a scan leaves the file out: paths.exclude `{text}` ({file}:{})", pattern.place.0);
    }
}

/// What the policy makes of a finding, and the line that says so.
fn decided(policy: &Policy, finding: Finding, out: &mut String) {
    let verdicts = policy.verdicts(vec![finding]);
    let Some(verdict) = verdicts.first() else { return };
    let outcome = match verdict.outcome {
        Outcome::Blocks => "blocks",
        Outcome::Reported => "is reported and does not block",
        Outcome::Baselined => "is in the baseline",
        Outcome::Suppressed => "is suppressed",
    };
    let _ = write!(out, "    {outcome}");
    if let Some(by) = &verdict.suppression {
        let file = by.file.as_ref().map(|file| format!("{}:{}", super::clean(file), by.line));
        let _ = write!(out, " ({}, {}", by.by.name(), file.as_deref().unwrap_or("the code"));
        // A comment's own words may repeat the value: they are not printed here.
        let reason = by.reason.as_ref().filter(|_| !matches!(by.by, By::Comment(_)));
        if let Some(reason) = reason {
            let _ = write!(out, ": {}", super::clean(reason));
        }
        out.push_str(")\n");
    } else {
        let block = policy.block.map_or("none", crate::rule::Confidence::name);
        let _ = writeln!(out, " (block: {block}, min-severity: {})", policy.min_severity.name());
    }
    if let Some(note) = &verdict.note {
        let _ = writeln!(out, "    {}", super::clean(note));
    }
}

/// Rules whose literal or word stands on the line, and where their pattern stops.
fn nearest(scanner: &Scanner, bytes: &[u8], line: u64, out: &mut String) {
    let index = usize::try_from(line - 1).unwrap_or(usize::MAX);
    let Some(text) = bytes.split(|byte| *byte == b'\n').nth(index) else { return };
    let text = &text[..text.len().min(LONGEST)];
    let mut found = Vec::new();
    for (id, rule) in scanner.set.iter() {
        match &rule.matcher {
            Matcher::Pattern { probes, .. } => {
                let probe = probes.iter().filter(|probe| probe.literal.len() >= 3);
                let here = probe
                    .filter_map(|probe| Some((memchr::memmem::find(text, &probe.literal)?, probe)))
                    .max_by_key(|(_, probe)| probe.literal.len());
                let Some((at, probe)) = here else { continue };
                let why = stops(scanner, id, text, at, probe.literal.len());
                let literal = String::from_utf8_lossy(&probe.literal).into_owned();
                found.push((
                    probe.literal.len(),
                    format!("{}: `{}` stands at column {}, {why}", rule.id, super::clean(&literal), at + 1),
                ));
            }
            Matcher::Context { words, .. } => {
                let squeezed = crate::rule::raw::squeezed(&String::from_utf8_lossy(text));
                let word = words.iter().filter(|word| squeezed.contains(word.as_ref())).max_by_key(|word| word.len());
                if let Some(word) = word {
                    found.push((
                        word.len(),
                        format!("{}: its word `{word}` is there, but no value of its shape behind it", rule.id),
                    ));
                }
            }
            Matcher::Assignment { .. } | Matcher::Named { .. } => {}
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    for (_, text) in found.iter().take(NEAREST) {
        let _ = writeln!(out, "  near: {text}");
    }
}

/// How far the text behind a literal goes along the characters a token has.
fn stops(scanner: &Scanner, id: crate::rule::RuleId, text: &[u8], at: usize, literal: usize) -> String {
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+=:".contains(byte);
    let rest = &text[at + literal..];
    let length = rest.iter().take_while(|byte| token(byte)).count();
    if scanner.set.compiled(id).find(text, 0..text.len(), false).is_some() {
        return "and the pattern matches, but not at a token's border".to_owned();
    }
    format!(
        "and the {length} characters behind it are not what the pattern asks for (`credlint rules show {}`)",
        scanner.set.rule(id).id
    )
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

/// `joined`: the finding with its parts, where it stands for itself.
fn describe(scanner: &Scanner, column: u64, hit: &Hit, joined: Option<&Finding>, out: &mut String) {
    let rule = scanner.set.rule(hit.rule);
    let length = hit.span.end - hit.span.start;
    match &hit.result {
        Ok(finding) => {
            let finding = joined.unwrap_or(finding);
            let _ = writeln!(out, "  {} at column {column}, {length} bytes: {}", rule.id, finding.confidence.name());
            for reason in &finding.reasons {
                let _ = writeln!(out, "    because {}", super::clean(reason));
            }
            for (name, value) in &finding.facts {
                let _ = writeln!(out, "    {name}: {}", super::clean(value));
            }
            for part in &finding.parts {
                let by = part.rule.map(|rule| rule.id.as_ref()).or(part.name.as_deref()).unwrap_or("its own text");
                let (what, start) = (part.role.name(), part.start);
                let _ =
                    writeln!(out, "    its {what} stands at {}:{} ({})", start.line, start.column, super::clean(by));
            }
            if let Some(allowed) = &finding.allowed {
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
