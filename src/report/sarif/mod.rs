//! SARIF 2.1.0 for code scanning, archives and dashboards.
//!
//! The types are those of `serde-sarif`; `typed` closes its open fields. What each consumer takes and what breaks an
//! upload is the reason for most choices here: GitHub opens an alert for a suppressed result, reads
//! `security-severity` only as a string, and takes everything up to the last `/` of `automationDetails.id` as the
//! category.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::Value;
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Message, Notification, PropertyBag, ReportingDescriptorReference, Run,
    RunAutomationDetails, Sarif, Tool, VersionControlDetails,
};

use crate::judge::REDACTED;
use crate::policy::{Exit, Notice, Outcome, Verdict};
use crate::rule::Rule;
use crate::source::member::INSIDE;
use crate::source::{Gap, GapReason};

use super::escape::escaped;
use super::redact::Redactor;
use super::{Report, text};

mod place;
mod result;
mod rules;
mod typed;

use result::Results;
use typed::{ColumnKind, Level, Version};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Who the file is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// GitHub code scanning: suppressed findings left out, line hashes given.
    Github,
    /// Archives and audits: everything, suppressions and redacted lines included.
    Full,
}

/// Writes the log file.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report<'_>, profile: Profile, out: &mut dyn Write) -> io::Result<()> {
    let log = Sarif::builder().schema(SCHEMA).version(Version).runs(vec![run(report, profile)]).build();
    text::write_pretty(&log, out)
}

fn run(report: &Report<'_>, profile: Profile) -> Run {
    let kept = |verdict: &&Verdict| profile == Profile::Full || !verdict.outcome.is_hidden();
    let verdicts: Vec<&Verdict> = report.verdicts.iter().filter(kept).collect();
    let rules: BTreeMap<&str, &'static Rule> =
        verdicts.iter().map(|verdict| (verdict.finding.rule.id.as_ref(), verdict.finding.rule)).collect();
    let rules: Vec<&'static Rule> = rules.into_values().collect();
    // Values are never shown here, whatever was asked for: these files are uploaded and kept.
    let results = Results { report, profile, redactor: Redactor::new(report.verdicts, false), rules: &rules };
    let description = "The root of the work tree.";
    let root = ArtifactLocation::builder().description(Message::from(description)).build();
    let mut run = Run::builder()
        .tool(Tool::from(rules::driver(&rules, report.gaps)))
        .results(verdicts.into_iter().map(|verdict| results.result(verdict)).collect::<Vec<_>>())
        .taxonomies(vec![rules::taxonomy()])
        .invocations(vec![invocation(report)])
        .original_uri_base_ids(BTreeMap::from([(place::ROOT.to_owned(), root)]))
        .automation_details(RunAutomationDetails::builder().id("credlint/").build())
        .column_kind(ColumnKind::Utf16)
        .redaction_tokens(vec![REDACTED.to_owned()])
        .properties(properties(report))
        .build();
    run.version_control_provenance = provenance(report).map(|details| vec![details]);
    run
}

/// The repository, its revision and branch. A name that holds a value that was found is not told.
fn provenance(report: &Report<'_>) -> Option<VersionControlDetails> {
    let checkout = report.checkout?;
    let values = || report.verdicts.iter().map(|verdict| verdict.finding.secret.expose());
    let safe = |text: &&String| values().all(|value| memchr::memmem::find(text.as_bytes(), value).is_none());
    let address = Some(&checkout.address).filter(safe)?;
    let head = report.scope.and_then(|scope| scope.head.as_ref());
    let root = ArtifactLocation::builder().uri_base_id(place::ROOT).build();
    let mut details = VersionControlDetails::builder().repository_uri(address.as_str()).mapped_to(root).build();
    details.revision_id = head.or(checkout.revision.as_ref()).cloned();
    // Another commit than HEAD's need not be on its branch.
    let own = head.is_none() || head == checkout.revision.as_ref();
    details.branch = checkout.branch.as_ref().filter(|_| own).filter(safe).cloned();
    Some(details)
}

/// What was scanned. Suppressed findings are counted even where they are left out.
fn properties(report: &Report<'_>) -> PropertyBag {
    let entries: [(&str, Value); 10] = [
        ("rulesVersion", report.rules_version.into()),
        ("rulesLoaded", report.rules_loaded.into()),
        ("files", report.stats.files.into()),
        ("bytes", report.stats.bytes.into()),
        ("dropped", report.stats.dropped.into()),
        ("blocking", report.count(Outcome::Blocks).into()),
        ("reported", report.count(Outcome::Reported).into()),
        ("suppressed", report.count(Outcome::Suppressed).into()),
        ("baselined", report.count(Outcome::Baselined).into()),
        ("excluded", report.stats.excluded.into()),
    ];
    let mut entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<BTreeMap<_, _>>();
    if let Some(scope) = report.scope.and_then(|scope| serde_json::to_value(scope).ok()) {
        entries.insert("scope".to_owned(), scope);
    }
    PropertyBag::builder().additional_properties(entries).build()
}

fn invocation(report: &Report<'_>) -> Invocation {
    let description = match report.exit {
        Exit::Clean => "clean: nothing blocks",
        Exit::Blocked => "blocked: there are findings to act on",
        Exit::Error => "error: the run could not start",
        Exit::Incomplete => "incomplete: something in scope was not scanned",
    };
    let mut invocation = Invocation::builder()
        .execution_successful(!matches!(report.exit, Exit::Error | Exit::Incomplete))
        .exit_code(i64::from(report.exit.code()))
        .exit_code_description(description)
        .build();
    if !report.gaps.is_empty() {
        let reasons = rules::gap_reasons(report.gaps);
        let notifications = report.gaps.iter().map(|gap| notification(gap, &reasons, &report.prefix));
        invocation.tool_execution_notifications = Some(notifications.collect());
    }
    if !report.notices.is_empty() {
        invocation.tool_configuration_notifications = Some(report.notices.iter().map(about).collect());
    }
    invocation
}

/// A word about an entry of the policy.
fn about(notice: &Notice) -> Notification {
    let line = if notice.line == 0 { String::new() } else { format!(":{}", notice.line) };
    let text = format!("{}{line}: {}", unlinked(&notice.file), unlinked(&notice.message));
    Notification::builder()
        .level(if notice.blocks { Level::Error } else { Level::Warning })
        .message(Message::from(text.as_str()))
        .build()
}

fn notification(gap: &Gap, reasons: &[&str], prefix: &str) -> Notification {
    let mut descriptor = ReportingDescriptorReference::builder().id(gap.reason.name()).build();
    let index = reasons.iter().position(|reason| *reason == gap.reason.name());
    descriptor.index = index.and_then(|index| i64::try_from(index).ok());
    let parts = [gap.what.as_str(), gap.detail.as_str()].map(unlinked);
    let parts: Vec<_> = parts.iter().map(|part| part.trim_end_matches('.')).filter(|part| !part.is_empty()).collect();
    let text = format!("Not scanned: {}.", parts.join(": "));
    let mut notification = Notification::builder()
        .descriptor(descriptor)
        .level(Level::Error)
        .message(Message::from(text.as_str()))
        .build();
    if names_a_file(gap) {
        // Of what is in an archive, the archive is the file.
        let file = gap.what.split(INSIDE).next().unwrap_or_default();
        notification.locations = Some(vec![place::file(file, prefix)]);
    }
    notification
}

/// Untrusted words of a message: printable, and no link (`[text](target)` is one in SARIF).
fn unlinked(text: &str) -> String {
    escaped(text).replace("](", "] (")
}

fn names_a_file(gap: &Gap) -> bool {
    let by_reason = match gap.reason {
        GapReason::Unreadable
        | GapReason::Truncated
        | GapReason::Missing
        | GapReason::Limit
        | GapReason::Undecodable
        | GapReason::Encrypted => true,
        GapReason::Empty
        | GapReason::Interrupted
        | GapReason::Internal
        | GapReason::Index
        | GapReason::Shallow
        | GapReason::MissingObject
        | GapReason::Corrupt
        | GapReason::Range => false,
    };
    by_reason && !gap.what.is_empty()
}
