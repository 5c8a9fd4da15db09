//! Findings and gaps as JSON: one document, or one object a line. For programs; the keys are a contract
//! (`schema_version`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::judge::{Finding, Part};
use crate::policy::{By, Notice, NoticeKind, Outcome, Policy, Verdict};
use crate::rule::{Confidence, Role, Severity};
use crate::source::git::{Commit, Scope, State};
use crate::source::image::ImagePlace;
use crate::source::{Gap, GapReason};

use super::fingerprint::fingerprint;
use super::redact::Redactor;
use super::{Report, Stats, text};

/// Raised when a key changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

/// Writes one document.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let redactor = Redactor::new(report.verdicts, report.show_secrets);
    let document = Document {
        summary: Summary::new(report),
        findings: report.verdicts.iter().map(|verdict| Entry::new(report, &redactor, verdict)).collect(),
        gaps: report.gaps.iter().map(|gap| GapEntry::new(gap, report.policy)).collect(),
        notices: report.notices.iter().map(NoticeEntry::new).collect(),
    };
    text::write_pretty(&document, out)
}

/// Writes one object a line: findings, gaps, and the summary last, so that a cut file can be told from a whole one.
///
/// # Errors
/// What the writer says.
pub fn write_lines(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let redactor = Redactor::new(report.verdicts, report.show_secrets);
    for verdict in report.verdicts {
        text::write_compact(&Typed { kind: "finding", entry: Entry::new(report, &redactor, verdict) }, out)?;
    }
    for gap in report.gaps {
        text::write_compact(&Typed { kind: "gap", entry: GapEntry::new(gap, report.policy) }, out)?;
    }
    for notice in report.notices {
        text::write_compact(&Typed { kind: "notice", entry: NoticeEntry::new(notice) }, out)?;
    }
    text::write_compact(&Typed { kind: "summary", entry: Summary::new(report) }, out)
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    findings: Vec<Entry<'a>>,
    gaps: Vec<GapEntry<'a>>,
    notices: Vec<NoticeEntry<'a>>,
}

/// A line of the other form.
#[derive(Serialize)]
struct Typed<T: Serialize> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    entry: T,
}

#[derive(Serialize)]
struct Summary<'a> {
    schema_version: u32,
    tool: Tool<'a>,
    verdict: &'static str,
    exit_code: u8,
    counts: Counts,
    stats: Stats,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a Scope>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'static str,
    rules: usize,
    rules_version: &'a str,
}

#[derive(Serialize)]
struct Counts {
    blocks: usize,
    reported: usize,
    baselined: usize,
    suppressed: usize,
    gaps: usize,
}

impl<'a> Summary<'a> {
    fn new(report: &Report<'a>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool: Tool {
                name: "credlint",
                version: env!("CARGO_PKG_VERSION"),
                rules: report.rules_loaded,
                rules_version: report.rules_version,
            },
            verdict: report.exit.name(),
            exit_code: report.exit.code(),
            counts: Counts {
                blocks: report.count(Outcome::Blocks),
                reported: report.count(Outcome::Reported),
                baselined: report.count(Outcome::Baselined),
                suppressed: report.count(Outcome::Suppressed),
                gaps: report.gaps.len(),
            },
            stats: report.stats,
            scope: report.scope,
        }
    }
}

/// A finding. Everything but the place and the excerpt is left out when there is none.
#[derive(Serialize)]
struct Entry<'a> {
    rule: &'static str,
    title: &'static str,
    provider: &'static str,
    severity: Severity,
    confidence: Confidence,
    outcome: Outcome,
    group: usize,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Layered>,
    #[serde(flatten)]
    git: GitEntry<'a>,
    line: u64,
    column: u64,
    column_utf16: u64,
    end_line: u64,
    end_column: u64,
    end_column_utf16: u64,
    offset: u64,
    end_offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    reasons: Vec<String>,
    facts: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartEntry>,
    decoded: &'a [Cow<'static, str>],
    /// What the file's format says of the place.
    meaning: Option<String>,
    evidence: &'static str,
    fix: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    docs: &'static str,
    excerpt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<Suppression<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Cow<'a, str>>,
}

/// What git knows of a finding. Empty for files.
#[derive(Serialize, Default)]
struct GitEntry<'a> {
    /// The object it was found in.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    committer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Commit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    branches: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    versions: Option<u64>,
}

impl<'a> GitEntry<'a> {
    /// Names of people and refs are as free as any text: `shown` redacts them.
    fn new(finding: &'a Finding, shown: impl Fn(&str) -> String) -> Self {
        let Some(object) = finding.origin.object() else { return Self::default() };
        let own = Self { object: Some(&object.id), ..Self::default() };
        let Some(history) = object.history.as_deref() else { return own };
        let commit = history.commit.as_ref();
        Self {
            state: Some(history.state),
            commit: commit.map(|commit| commit.id.as_str()),
            author: commit.map(|commit| shown(&commit.author)),
            committer: commit.map(|commit| shown(&commit.committer)),
            date: commit.map(|commit| commit.date.as_str()),
            removed: history.removed.as_ref().map(|commit| Commit {
                author: shown(&commit.author),
                committer: shown(&commit.committer),
                ..commit.clone()
            }),
            paths: Some(&history.paths),
            branches: history.branches.iter().map(|name| shown(name)).collect(),
            tags: history.tags.iter().map(|name| shown(name)).collect(),
            versions: Some(history.versions),
            ..own
        }
    }
}

/// What keeps a finding from blocking. `tool` is that of a comment; `file` is missing where it is the finding's own.
#[derive(Serialize)]
struct Suppression<'a> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'static str>,
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    line: u64,
}

impl<'a> Entry<'a> {
    fn new(report: &Report<'_>, redactor: &Redactor<'_>, verdict: &'a Verdict) -> Self {
        let finding = &verdict.finding;
        let rule = finding.rule;
        let shown = |text: &str| redactor.text(&finding.origin, text);
        Self {
            rule: &rule.id,
            title: &rule.title,
            provider: &rule.provider,
            severity: rule.severity,
            confidence: finding.confidence,
            outcome: verdict.outcome,
            group: verdict.group,
            path: finding.origin.outermost().shown(),
            member: finding.origin.member(),
            image: finding.origin.image().map(|place| Layered::new(place, shown)),
            git: GitEntry::new(finding, shown),
            line: finding.start.line,
            column: finding.start.column,
            column_utf16: finding.start.utf16,
            end_line: finding.end.line,
            end_column: finding.end.column,
            end_column_utf16: finding.end.utf16,
            offset: finding.span.start,
            end_offset: finding.span.end,
            name: finding.name.as_deref().map(shown),
            reasons: finding.reasons.iter().map(|reason| shown(reason)).collect(),
            facts: finding.facts.iter().map(|(key, value)| (*key, shown(value))).collect(),
            parts: finding.parts.iter().map(|part| PartEntry::new(redactor, finding, part)).collect(),
            decoded: &finding.chain,
            meaning: finding.meaning.as_deref().map(shown),
            evidence: &rule.evidence,
            fix: &rule.fix,
            docs: &rule.docs,
            excerpt: redactor.line(finding).text,
            fingerprint: report.key.and_then(|key| fingerprint(key, &finding.secret)),
            suppression: Suppression::new(verdict, shown),
            note: verdict.note.as_deref(),
            owner: verdict.owner.as_deref(),
            secret: report.show_secrets.then(|| String::from_utf8_lossy(finding.secret.expose())),
        }
    }
}

/// What else belongs to the credential. The value is redacted unless it gives no access.
#[derive(Serialize)]
struct PartEntry {
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    value: String,
    line: u64,
    column: u64,
    column_utf16: u64,
    end_line: u64,
    end_column: u64,
    end_column_utf16: u64,
    offset: u64,
    end_offset: u64,
}

impl PartEntry {
    fn new(redactor: &Redactor<'_>, finding: &Finding, part: &Part) -> Self {
        Self {
            role: part.role,
            rule: part.rule.map(|rule| rule.id.as_ref()),
            name: part.name.as_deref().map(|name| redactor.text(&finding.origin, name)),
            value: redactor.part(&finding.origin, part),
            line: part.start.line,
            column: part.start.column,
            column_utf16: part.start.utf16,
            end_line: part.end.line,
            end_column: part.end.column,
            end_column_utf16: part.end.utf16,
            offset: part.span.start,
            end_offset: part.span.end,
        }
    }
}

/// Where in an image a finding stands.
#[derive(Serialize)]
struct Layered {
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<String>,
    visible: bool,
}

impl Layered {
    fn new(place: &ImagePlace, shown: impl Fn(&str) -> String) -> Self {
        let layer = place.layer.as_ref();
        Self {
            layer: layer.map(|layer| layer.digest.clone()),
            instruction: layer.map(|layer| shown(&layer.instruction)).filter(|text| !text.is_empty()),
            visible: place.visible,
        }
    }
}

impl<'a> Suppression<'a> {
    fn new(verdict: &'a Verdict, shown: impl Fn(&str) -> String) -> Option<Self> {
        let suppression = verdict.suppression.as_ref()?;
        Some(Self {
            by: suppression.by.name(),
            tool: if let By::Comment(tool) = suppression.by { Some(tool) } else { None },
            reason: suppression.reason.as_deref().map(shown),
            owner: suppression.owner.as_deref(),
            ticket: suppression.ticket.as_deref(),
            until: suppression.until.map(|day| day.to_string()),
            file: suppression.file.as_deref(),
            line: suppression.line,
        })
    }
}

#[derive(Serialize)]
struct GapEntry<'a> {
    what: &'a str,
    reason: GapReason,
    detail: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    forgiven: bool,
}

impl<'a> GapEntry<'a> {
    fn new(gap: &'a Gap, policy: &Policy) -> Self {
        Self { what: &gap.what, reason: gap.reason, detail: &gap.detail, forgiven: policy.forgives(gap) }
    }
}

/// Something about the policy's own entries.
#[derive(Serialize)]
struct NoticeEntry<'a> {
    kind: NoticeKind,
    file: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    line: u64,
    message: &'a str,
    blocks: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'a> NoticeEntry<'a> {
    fn new(notice: &'a Notice) -> Self {
        Self {
            kind: notice.kind,
            file: &notice.file,
            line: notice.line,
            message: &notice.message,
            blocks: notice.blocks,
        }
    }
}
