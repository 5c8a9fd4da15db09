//! For people: one block a credential in rustc's form, then what was not scanned, then the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet, Title};

use crate::judge::Finding;
use crate::policy::{Exit, Notice, Outcome, Verdict};
use crate::source::git::{Commit, History, State};
use crate::source::image::ImagePlace;

use super::Report;
use super::escape::escaped;
use super::redact::Redactor;

/// Further places of one value that are named; more are counted.
const PLACES: usize = 10;

/// Writes the report; `colour` decides over escape sequences.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report<'_>, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let redactor = Redactor::new(report.verdicts, report.show_secrets);
    for credential in credentials(report.verdicts) {
        writeln!(out, "{}\n", without_second_place(&renderer.render(&[credential.block(&redactor)])))?;
    }
    for notice in report.notices {
        writeln!(out, "{}", renderer.render(&[Group::with_title(about(notice))]))?;
    }
    for gap in report.gaps {
        let text = [&gap.what, &gap.detail].map(|part| escaped(part)).into_iter().filter(|part| !part.is_empty());
        let text = text.collect::<Vec<_>>().join(": ");
        let level = if report.policy.forgives(gap) { Level::WARNING } else { Level::ERROR };
        let title = level.with_name("gap").primary_title(text).id(gap.reason.name());
        writeln!(out, "{}", renderer.render(&[Group::with_title(title)]))?;
    }
    if !report.gaps.is_empty() || !report.notices.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "{}", counted(report))?;
    let (level, text) = verdict(report);
    writeln!(out, "{}", renderer.render(&[Group::with_title(level.primary_title(text))]))
}

/// The renderer puts an empty `:::` over a snippet that has no path of its own; the place stands above already.
fn without_second_place(block: &str) -> String {
    let is_empty_place = |index: usize, line: &str| index == 3 && line.contains(":::") && !line.contains('|');
    let lines = block.lines().enumerate().filter(|(index, line)| !is_empty_place(*index, line));
    lines.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

/// One value and everywhere it stands.
struct Credential<'a> {
    lead: &'a Verdict,
    others: Vec<&'a Finding>,
}

/// The values in order of first appearance; suppressed and baselined findings are only counted. A blocking place leads.
fn credentials(verdicts: &[Verdict]) -> Vec<Credential<'_>> {
    let mut index = BTreeMap::new();
    let mut out: Vec<Credential<'_>> = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| !verdict.outcome.is_hidden()) {
        let at = *index.entry(verdict.group).or_insert(out.len());
        match out.get_mut(at) {
            None => out.push(Credential { lead: verdict, others: Vec::new() }),
            Some(known) if known.lead.outcome == Outcome::Reported && verdict.outcome == Outcome::Blocks => {
                let old = std::mem::replace(&mut known.lead, verdict);
                known.others.insert(0, &old.finding);
            }
            Some(known) => known.others.push(&verdict.finding),
        }
    }
    out
}

impl<'a> Credential<'a> {
    fn block(&self, redactor: &Redactor<'_>) -> Group<'a> {
        let finding = &self.lead.finding;
        let level = if self.lead.outcome == Outcome::Blocks { Level::ERROR } else { Level::WARNING };
        let title = level.primary_title(escaped(&finding.rule.title)).id(escaped(&finding.rule.id));
        // The snippet holds a cut and redacted line, so its own column would be wrong: the place is given apart.
        let place = Origin::path(escaped(finding.origin.shown()))
            .line(line_number(finding.start.line))
            .char_column(line_number(finding.start.column));
        let mut group = title.element(place);
        let line = redactor.line(finding);
        if !line.mark.is_empty() {
            let mark = AnnotationKind::Primary.span(line.mark).label(finding.confidence.name());
            let start = line_number(finding.start.line);
            group = group.element(Snippet::source(line.text).line_start(start).annotation(mark));
        }
        let own = self.own_notes(redactor);
        group.elements(own).elements(notes(finding, redactor)).elements(self.further_places())
    }

    /// What the policy has to say.
    fn own_notes(&self, redactor: &Redactor<'_>) -> Vec<Message<'a>> {
        let origin = &self.lead.finding.origin;
        let note = self.lead.note.as_ref().map(|note| escaped(&redactor.text(origin, note)).into_owned());
        let owner =
            self.lead.owner.as_ref().map(|owner| Level::NOTE.with_name("owner").message(escaped(owner).into_owned()));
        note.map(|note| Level::NOTE.message(note)).into_iter().chain(owner).collect()
    }

    fn further_places(&self) -> Vec<Message<'a>> {
        let also = |text: String| Level::NOTE.no_name().message(text);
        let mut out: Vec<_> =
            self.others.iter().take(PLACES).map(|other| also(format!("also in {}", place(other)))).collect();
        if self.others.len() > PLACES {
            out.push(also(format!("and {} more", self.others.len() - PLACES)));
        }
        out
    }
}

/// What else is known of a finding.
fn notes<'a>(finding: &'a Finding, redactor: &Redactor<'_>) -> Vec<Message<'a>> {
    let shown = |text: &str| escaped(&redactor.text(&finding.origin, text)).into_owned();
    let mut out = Vec::new();
    if !finding.reasons.is_empty() {
        out.push(Level::NOTE.message(shown(&finding.reasons.join("; "))));
    }
    // A part is told with its place.
    let is_part = |key: &str| finding.parts.iter().any(|part| part.role.name() == key);
    for (key, value) in finding.facts.iter().filter(|(key, _)| !is_part(key)) {
        out.push(Level::NOTE.with_name(*key).message(shown(value)));
    }
    for part in &finding.parts {
        let rule = part.rule.map_or_else(String::new, |rule| format!(" ({})", rule.id));
        let value = redactor.part(&finding.origin, part);
        let text = format!("{value}{rule} at {}:{}", part.start.line, part.start.column);
        out.push(Level::NOTE.with_name(part.role.name()).message(escaped(&text).into_owned()));
    }
    if let Some(history) = finding.origin.history() {
        out.extend(lineage(history).into_iter().map(|(name, text)| Level::NOTE.with_name(name).message(shown(&text))));
    }
    if !finding.chain.is_empty() {
        out.push(Level::NOTE.with_name("decoded").message(escaped(&redactor.way(finding)).into_owned()));
    }
    if let Some(place) = finding.origin.image() {
        out.extend(layered(place, shown));
    }
    if let Some(meaning) = &finding.meaning {
        out.push(Level::NOTE.message(shown(meaning)));
    }
    if !finding.rule.fix.is_empty() {
        out.push(Level::HELP.message(escaped(finding.rule.fix.trim())));
    }
    out
}

/// Where it stands in the history, and what that means.
fn lineage(history: &History) -> Vec<(&'static str, String)> {
    let told = |commit: &Commit| {
        let (id, day) = (commit.id.get(..12).unwrap_or(&commit.id), commit.date.get(..10).unwrap_or(&commit.date));
        format!("{id} of {day} by {}", commit.author)
    };
    let mut out = Vec::new();
    out.extend(history.commit.as_ref().map(|commit| ("commit", told(commit))));
    out.extend(history.removed.as_ref().map(|commit| ("removed", told(commit))));
    if history.paths.len() > 1 {
        out.push(("paths", named(&history.paths)));
    }
    for (name, refs) in [("branches", &history.branches), ("tags", &history.tags)] {
        if !refs.is_empty() {
            out.push((name, named(refs)));
        }
    }
    out.extend(match history.state {
        State::InHead => None,
        State::HistoryOnly => {
            Some(("state", "only earlier commits hold it: rotate it, then squash or rewrite them".to_owned()))
        }
        State::Inherited => Some(("state", "the base holds it already: not new".to_owned())),
        State::Unreachable => Some((
            "state",
            "unreachable: no branch or tag leads to it, yet whoever has the repository has it".to_owned(),
        )),
    });
    out
}

/// A list, cut where it gets long.
fn named(names: &[String]) -> String {
    let mut text = names.iter().take(PLACES).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > PLACES {
        let _ = write!(text, " and {} more", names.len() - PLACES);
    }
    text
}

/// Where in an image it stands.
fn layered<'a>(place: &ImagePlace, shown: impl Fn(&str) -> String) -> Vec<Message<'a>> {
    let Some(layer) = &place.layer else {
        return vec![Level::NOTE.with_name("image").message("in the configuration that every container is given")];
    };
    let mut out = vec![Level::NOTE.with_name("layer").message(shown(&layer.digest))];
    if !layer.instruction.is_empty() {
        out.push(Level::NOTE.with_name("made by").message(shown(&layer.instruction)));
    }
    if !place.visible {
        let text = "deleted or replaced by a later layer; whoever has the image still has it";
        out.push(Level::NOTE.message(text));
    }
    out
}

fn place(finding: &Finding) -> String {
    format!("{}:{}:{}", escaped(finding.origin.shown()), finding.start.line, finding.start.column)
}

fn line_number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What was found and what was looked at.
fn counted(report: &Report<'_>) -> String {
    let baselined = match report.count(Outcome::Baselined) {
        0 => String::new(),
        count => format!(", {count} in the baseline"),
    };
    let excluded = match report.stats.excluded {
        0 => String::new(),
        count => format!(", {count} left out by policy"),
    };
    format!(
        "{} blocking, {} reported, {} suppressed{baselined}; {} ({}) scanned with {}{excluded}",
        report.count(Outcome::Blocks),
        report.count(Outcome::Reported),
        report.count(Outcome::Suppressed),
        plural(report.stats.files, "file"),
        size(report.stats.bytes),
        plural(report.rules_loaded as u64, "rule"),
    )
}

/// How the run ends, and why.
fn verdict(report: &Report<'_>) -> (Level<'static>, String) {
    let blocking = blocking(report);
    let forgiven = forgiven(report);
    let gaps = report.gaps.len() as u64;
    let (level, text) = match report.exit {
        Exit::Blocked if gaps > 0 => {
            (Level::ERROR, format!("{blocking} to act on, and {} in the scan", plural(gaps, "gap")))
        }
        Exit::Blocked => (Level::ERROR, format!("{blocking} to act on")),
        Exit::Error => (Level::ERROR, "the run could not start".to_owned()),
        Exit::Incomplete => (Level::ERROR, format!("{} in the scan; see above", plural(gaps, "gap"))),
        Exit::Clean if report.count(Outcome::Blocks) > 0 || report.notices.iter().any(|notice| notice.blocks) => {
            (Level::WARNING, format!("{blocking} to act on; the exit code was asked to stay 0"))
        }
        Exit::Clean if gaps > 0 => {
            (Level::WARNING, format!("nothing blocks; {} allowed ({forgiven})", plural(gaps, "gap")))
        }
        Exit::Clean => (Level::HELP, "nothing blocks".to_owned()),
    };
    (level.with_name(report.exit.name()), format!("{text} (exit {})", report.exit.code()))
}

/// The findings that block, and of how many values they are.
fn blocking(report: &Report<'_>) -> String {
    let blocks = report.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Blocks);
    let values: BTreeSet<_> = blocks.map(|verdict| verdict.group).collect();
    let count = report.count(Outcome::Blocks);
    let findings = plural(count as u64, "finding");
    let entries = report.notices.iter().filter(|notice| notice.blocks).count() as u64;
    let findings = if values.len() == count {
        findings
    } else {
        format!("{findings} of {}", plural(values.len() as u64, "value"))
    };
    match (count, entries) {
        (_, 0) => findings,
        (0, entries) => plural_entries(entries),
        (_, entries) => format!("{findings} and {}", plural_entries(entries)),
    }
}

fn plural_entries(count: u64) -> String {
    if count == 1 { "1 entry of the policy".to_owned() } else { format!("{count} entries of the policy") }
}

/// The reasons of the gaps that are forgiven.
fn forgiven(report: &Report<'_>) -> String {
    let gaps = report.gaps.iter().filter(|gap| report.policy.forgives(gap));
    let reasons: BTreeSet<&str> = gaps.map(|gap| gap.reason.name()).collect();
    reasons.into_iter().collect::<Vec<_>>().join(", ")
}

/// A line about an entry of the policy.
fn about(notice: &Notice) -> Title<'static> {
    let level = if notice.blocks { Level::ERROR } else { Level::WARNING };
    let line = if notice.line == 0 { String::new() } else { format!(":{}", notice.line) };
    let text = format!("{}{line}: {}", escaped(&notice.file), escaped(&notice.message));
    level.with_name("policy").primary_title(text).id(notice.kind.name())
}

fn plural(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = "B";
    for next in UNITS {
        if tenths < 10_000 {
            break;
        }
        tenths /= 1000;
        unit = next;
    }
    if unit == "B" || tenths >= 100 {
        format!("{} {unit}", tenths / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}
