//! Verdicts made by hand. Values are stored spliced: nothing token-shaped stands in the tree.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::judge::{Allowed, Excerpt, Finding, Position, Secret};
use crate::policy::{By, Exit, Outcome, Policy, Suppression, Verdict};
use crate::report::{Format, Report, Stats, write};
use crate::rule::raw::joined;
use crate::rule::{Confidence, Matcher, Proof, Rule, Sensitivity, Severity};
use crate::source::{FilePath, Gap, GapReason, Origin, Span};

/// A rule with the texts every format shows.
pub(super) fn rule(id: &str, severity: Severity, confidence: Confidence, proof: Option<Proof>) -> &'static Rule {
    let text = |text: &str| Cow::Owned(text.to_owned());
    let provider = id.split('-').next().unwrap();
    Box::leak(Box::new(Rule {
        id: text(id),
        provider: text(provider),
        provider_name: text(&provider.to_uppercase()),
        title: text(&format!("Title of {id}")),
        severity,
        confidence,
        sensitivity: Sensitivity::Secret,
        description: text("Full access to one account"),
        fix: text("Revoke it, then rotate"),
        docs: text("https://docs.example.com/tokens"),
        evidence: text("api-key"),
        matcher: Matcher::Assignment { names: Cow::Borrowed(&[]) },
        entropy: 0.0,
        proof,
        partners: Cow::Borrowed(&[]),
    }))
}

/// A file of the tree.
pub(super) fn file(shown: &str) -> Origin {
    Origin::File(Arc::new(FilePath { path: PathBuf::from("/src").join(shown), shown: shown.to_owned() }))
}

/// A finding of `value` where it first stands in `line`, the third line of the file, which begins at byte 100.
pub(super) fn finding(rule: &'static Rule, origin: &Origin, line: &[u8], value: &[u8]) -> Finding {
    let at = line.windows(value.len()).position(|window| window == value).unwrap();
    let columns = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        Position { line: 3, column: text.chars().count() as u64 + 1, utf16: text.encode_utf16().count() as u64 + 1 }
    };
    Finding {
        rule,
        origin: origin.clone(),
        span: Span { start: 100 + at as u64, end: 100 + (at + value.len()) as u64 },
        secret: Secret::new(value),
        confidence: rule.confidence,
        reasons: vec!["the checksum fits".to_owned(), "the name says token".to_owned()],
        facts: Vec::new(),
        parts: Vec::new(),
        written: None,
        chain: Vec::new(),
        meaning: None,
        name: None,
        start: columns(&line[..at]),
        end: columns(&line[..at + value.len()]),
        excerpt: Excerpt {
            text: line.to_vec(),
            secret: at..at + value.len(),
            cut_before: false,
            cut_after: false,
            plain: true,
        },
        allowed: None,
        line_hash: None,
    }
}

/// What the verdicts below must not show.
pub(super) struct Sample {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) values: Vec<String>,
    pub(super) gaps: Vec<Gap>,
    pub(super) policy: Policy,
}

pub(super) const HOSTILE: &str = "a\u{1b}[2J\n::error::x\u{202e}/\u{9b}##vso[b]";

/// The list all formats are fed.
pub(super) fn sample() -> Sample {
    let token = joined("tok<~>live_a8Kx2L<~>m9Qz7Rt4<~>Vw1Yb6");
    let neighbour = joined("nei<~>ghbour<~>9sXq3Lp8");
    let encoded = joined("dG9<~>rX2RlY29<~>kZWRfM3<~>hGcTk=");
    let decoded = joined("tok<~>decode<~>d_3xFq9");
    let pem = joined("-----BEG<~>IN PRI<~>VATE KEY-----\nMII<~>Evgbcd1<~>23456\n-----E<~>ND PRI<~>VATE KEY-----");
    let allowed = joined("all<~>owed_value<~>_77Zx");
    let hidden = joined("hid<~>den_4Pq8<~>Wm2Tz");
    let acme = rule("acme-api-token", Severity::Critical, Confidence::Certain, Some(Proof::Jwt));
    let generic = rule("generic-password", Severity::Medium, Confidence::Likely, None);
    let weak = rule("weak-hint", Severity::High, Confidence::Possible, None);
    let line = format!("\tkey = \"😀\", \"{token}\", pw = \"{neighbour}\"; ü");
    let config = file("app/config one.env");
    let mut findings = Vec::new();
    let mut add = |group: usize, outcome, finding| findings.push(Verdict::plain(finding, outcome, group));

    let mut first = finding(acme, &config, line.as_bytes(), token.as_bytes());
    first.facts = vec![("account", "123456789012".to_owned()), ("user", format!("like {neighbour}"))];
    first.line_hash = Some("c129715d7a2bc9a3:1".to_owned());
    add(1, Outcome::Blocks, first.clone());
    let mut second = finding(generic, &config, line.as_bytes(), neighbour.as_bytes());
    second.name = Some(format!("pw_{token}"));
    add(2, Outcome::Blocks, second);
    for index in 0..12 {
        let mut again = first.clone();
        again.origin = file(&format!("copy/{index:02}.env"));
        add(1, Outcome::Blocks, again);
    }
    let mut base64 = finding(generic, &file("k8s/secret.yml"), decoded.as_bytes(), decoded.as_bytes());
    base64.chain = vec!["base64".into(), "gzip".into()];
    base64.span = Span { start: 7, end: 7 + encoded.len() as u64 };
    add(3, Outcome::Reported, base64);
    let first_line = pem.lines().next().unwrap();
    let mut key = finding(acme, &file("id.pem"), first_line.as_bytes(), first_line.as_bytes());
    key.secret = Secret::new(pem.as_bytes());
    key.span.end = key.span.start + pem.len() as u64;
    key.end = Position { line: 5, column: 26, utf16: 26 };
    add(4, Outcome::Blocks, key);
    let mut kept = finding(weak, &file("docs/readme.md"), format!("x {allowed} y").as_bytes(), allowed.as_bytes());
    kept.allowed = Some(Allowed { tool: "gitleaks", reason: Some(format!("sample {allowed}")), line: 3 });
    add(5, Outcome::Suppressed, kept);
    let hostile = [b"\x1b[31m\xff\xe2\x80\xae ##vso[x] ", hidden.as_bytes(), b"\x07\r\n"].concat();
    add(6, Outcome::Reported, finding(weak, &file(HOSTILE), &hostile, hidden.as_bytes()));
    add(7, Outcome::Blocks, finding(generic, &Origin::Stdin("<stdin>".into()), b"p=ab1;ab12", b"ab1"));

    let body = joined("MII<~>Evgbcd1<~>23456");
    let values = vec![token, neighbour, encoded, decoded, pem, allowed, hidden, body];
    let gap = |what: &str, reason, detail: &str| Gap { what: what.to_owned(), reason, detail: detail.to_owned() };
    let gaps = vec![
        gap("locked/file", GapReason::Unreadable, "Permission denied (os error 13)"),
        gap(HOSTILE, GapReason::Truncated, "it ended early"),
        gap("", GapReason::Interrupted, "stopped by Ctrl-C"),
    ];
    allow_by_comment(&mut findings);
    Sample { verdicts: findings, values, gaps, policy: Policy::default() }
}

/// What the policy makes of the comment in the sample.
fn allow_by_comment(findings: &mut [Verdict]) {
    let suppressed = findings.iter_mut().find(|verdict| verdict.outcome == Outcome::Suppressed).unwrap();
    suppressed.suppression = Some(Suppression {
        by: By::Comment("gitleaks"),
        reason: suppressed.finding.allowed.as_ref().unwrap().reason.clone(),
        owner: None,
        ticket: None,
        until: None,
        file: None,
        line: 3,
    });
}

impl Sample {
    /// A report of the sample, which tests change as they need.
    pub(super) fn report(&self) -> Report<'_> {
        Report {
            verdicts: &self.verdicts,
            gaps: &self.gaps,
            notices: &[],
            policy: &self.policy,
            exit: Exit::Blocked,
            stats: Stats { files: 120, bytes: 4_560_000, dropped: 7, excluded: 0 },
            rules_version: "0123456789abcdef",
            rules_loaded: 345,
            show_secrets: false,
            key: None,
            prefix: String::new(),
            scope: None,
            checkout: None,
        }
    }
}

/// What a format writes.
pub(super) fn written(report: &Report<'_>, format: Format) -> String {
    let mut out = Vec::new();
    write(format, report, false, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
