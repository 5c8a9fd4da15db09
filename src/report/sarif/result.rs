//! One finding as a SARIF result.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_sarif::sarif::{
    CodeFlow, Location, Message, PropertyBag, Result as SarifResult, ResultKind, ResultLevel, Suppression, ThreadFlow,
    ThreadFlowLocation,
};

use crate::judge::{Finding, Part};
use crate::policy::{By, Outcome, Verdict};
use crate::report::fingerprint::fingerprint;
use crate::report::redact::Redactor;
use crate::report::{Report, sarif::Profile};
use crate::rule::{Confidence, Rule};
use crate::source::git::State;

use super::rules::taxon;
use super::typed::{BaselineState, Importance, Level, SuppressionKind, SuppressionStatus};
use super::{place, unlinked};

/// The name under which the keyed hash of a value is given.
const FINGERPRINT: &str = "credlint/secret-hmac/v1";
/// The name GitHub reads.
const LINE_HASH: &str = "primaryLocationLineHash";

/// Makes results of one report.
pub(super) struct Results<'a> {
    pub(super) report: &'a Report<'a>,
    pub(super) profile: Profile,
    pub(super) redactor: Redactor<'a>,
    /// Sorted by id.
    pub(super) rules: &'a [&'static Rule],
}

impl Results<'_> {
    pub(super) fn result(&self, verdict: &Verdict) -> SarifResult {
        let finding = &verdict.finding;
        let location = place::location(finding, &self.report.prefix);
        let mut result = SarifResult::builder()
            .rule_id(finding.rule.id.as_ref())
            .kind(ResultKind::Fail)
            .level(level(finding))
            .message(Message::from(self.message(finding).as_str()))
            .locations(vec![location])
            .properties(self.properties(verdict))
            .taxa(vec![taxon()])
            .build();
        let index = self.rules.binary_search_by(|rule| rule.id.cmp(&finding.rule.id));
        result.rule_index = index.ok().and_then(|index| i64::try_from(index).ok());
        if !finding.parts.is_empty() {
            result.related_locations = Some(self.parts(finding));
        }
        if !finding.chain.is_empty() {
            result.code_flows = Some(vec![self.decoding(finding)]);
        }
        if self.profile == Profile::Full {
            // All results or none: the standard wants an empty list where nothing is suppressed.
            result.suppressions = Some(self.suppression(verdict).into_iter().collect());
            let known = verdict.outcome == Outcome::Baselined;
            let state = if known { BaselineState::Unchanged } else { BaselineState::New };
            result.baseline_state = self.report.policy.baseline.is_some().then(|| state.into());
        }
        if let Some(hash) = finding.line_hash.as_ref().filter(|_| self.profile == Profile::Github) {
            // Members with the same line are different places of the same file.
            let member = finding.origin.member().map(|member| format!("{:08x}", crc32fast::hash(member.as_bytes())));
            let hash = member.unwrap_or_default() + hash;
            result.partial_fingerprints = Some(BTreeMap::from([(LINE_HASH.to_owned(), hash)]));
        }
        if let Some(value) = self.report.key.and_then(|key| fingerprint(key, &finding.secret)) {
            result.fingerprints = Some(BTreeMap::from([(FINGERPRINT.to_owned(), value)]));
        }
        result
    }

    /// A first sentence that stands alone, then what else is known. Never the value, not even when asked for: viewers
    /// store these texts.
    fn message(&self, finding: &Finding) -> String {
        let shown = |text: &str| self.shown(finding, text);
        let mut out = format!("{} ({})", finding.rule.title, finding.confidence.name());
        let mut reasons = finding.reasons.iter().map(|reason| shown(reason));
        if let Some(first) = reasons.next() {
            out.push_str(": ");
            out.push_str(&first);
        }
        end_sentence(&mut out);
        let further: Vec<_> = reasons.collect();
        let facts: Vec<_> = finding.facts.iter().map(|(key, value)| format!("{key}: {}", shown(value))).collect();
        for (heading, words) in [("Also: ", further.join("; ")), ("Known: ", facts.join(", "))] {
            if !words.is_empty() {
                out.push(' ');
                out.push_str(heading);
                out.push_str(&words);
                end_sentence(&mut out);
            }
        }
        out.push_str(match finding.origin.history().map(|history| history.state) {
            Some(State::HistoryOnly) => " Only earlier commits hold it: rotate it, then squash or rewrite them.",
            Some(State::Inherited) => " The base holds it already: it is not new.",
            Some(State::Unreachable) => " No branch or tag leads to it any more; it is still in the repository.",
            Some(State::InHead) | None => "",
        });
        if !finding.chain.is_empty() {
            out.push_str(" Decoded from ");
            out.push_str(&unlinked(&self.redactor.way(finding)));
            end_sentence(&mut out);
        }
        if let Some(meaning) = &finding.meaning {
            out.push(' ');
            out.push_str(&self.shown(finding, meaning));
            end_sentence(&mut out);
        }
        if !finding.rule.fix.trim().is_empty() {
            out.push(' ');
            out.push_str(finding.rule.fix.trim());
            end_sentence(&mut out);
        }
        out
    }

    /// The places of what else belongs to the credential. Redacted like the message, whatever was asked for.
    fn parts(&self, finding: &Finding) -> Vec<Location> {
        let told = |(index, part): (i64, &Part)| {
            let value = unlinked(&self.redactor.part(&finding.origin, part));
            let rule = part.rule.map_or_else(String::new, |rule| format!(" ({})", rule.id));
            let text = format!("The credential's {}: {value}{rule}.", part.role.name());
            Location { id: Some(index), ..place::said(place::part(finding, part, &self.report.prefix), &text) }
        };
        (1..).zip(&finding.parts).map(told).collect()
    }

    /// Untrusted words of a message, redacted.
    fn shown(&self, finding: &Finding, text: &str) -> String {
        unlinked(&self.redactor.text(&finding.origin, text))
    }

    fn properties(&self, verdict: &Verdict) -> PropertyBag {
        let finding = &verdict.finding;
        let facts: BTreeMap<_, _> =
            finding.facts.iter().map(|(key, value)| (*key, self.redactor.text(&finding.origin, value))).collect();
        let mut bag: BTreeMap<String, Value> = BTreeMap::from([
            ("confidence".to_owned(), finding.confidence.name().into()),
            ("severity".to_owned(), finding.rule.severity.name().into()),
            ("group".to_owned(), verdict.group.into()),
        ]);
        let mut put = |key: &str, value: Value| bag.insert(key.to_owned(), value);
        if let Some(member) = finding.origin.member() {
            put("member", member.into());
        }
        if let Some(place) = finding.origin.image() {
            put("visible", place.visible.into());
            if let Some(layer) = &place.layer {
                put("layer", layer.digest.as_str().into());
                put("instruction", self.redactor.text(&finding.origin, &layer.instruction).into());
            }
        }
        if !finding.rule.evidence.is_empty() {
            put("evidence", finding.rule.evidence.as_ref().into());
        }
        for (key, text) in [("note", &verdict.note), ("owner", &verdict.owner)] {
            if let Some(text) = text {
                put(key, self.redactor.text(&finding.origin, text).into());
            }
        }
        if let Some(name) = &finding.name {
            put("name", self.redactor.text(&finding.origin, name).into());
        }
        if !finding.chain.is_empty() {
            put("decoded", finding.chain.iter().map(|step| Value::from(step.as_ref())).collect());
        }
        if let Some(meaning) = &finding.meaning {
            put("meaning", self.redactor.text(&finding.origin, meaning).into());
        }
        for (key, value) in self.lineage(finding) {
            put(key, value);
        }
        if !finding.parts.is_empty() {
            let entry = |part: &Part| {
                let mut entry = serde_json::Map::from_iter([
                    ("role".to_owned(), part.role.name().into()),
                    ("value".to_owned(), self.redactor.part(&finding.origin, part).into()),
                ]);
                entry.extend(part.rule.map(|rule| ("rule".to_owned(), rule.id.as_ref().into())));
                entry.extend(part.name.as_ref().map(|name| ("name".to_owned(), self.shown(finding, name).into())));
                Value::Object(entry)
            };
            put("parts", finding.parts.iter().map(entry).collect());
        }
        if !facts.is_empty() {
            put("facts", facts.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect());
        }
        if self.profile == Profile::Full {
            put("excerpt", self.redactor.line(finding).text.into());
        }
        PropertyBag::builder().additional_properties(bag).build()
    }

    /// What git knows of a finding.
    fn lineage(&self, finding: &Finding) -> Vec<(&'static str, Value)> {
        let Some(object) = finding.origin.object() else { return Vec::new() };
        let mut out = vec![("object", object.id.as_str().into())];
        let Some(history) = object.history.as_deref() else { return out };
        out.push(("state", history.state.name().into()));
        if let Some(commit) = &history.commit {
            out.push(("commit", commit.id.as_str().into()));
            out.push(("author", self.shown(finding, &commit.author).into()));
            out.push(("date", commit.date.as_str().into()));
        }
        if let Some(commit) = &history.removed {
            out.push(("removed", commit.id.as_str().into()));
        }
        for (key, list) in [("paths", &history.paths), ("branches", &history.branches), ("tags", &history.tags)] {
            if !list.is_empty() {
                out.push((key, list.iter().map(|name| self.shown(finding, name)).collect::<Vec<_>>().into()));
            }
        }
        out
    }

    /// The decoding steps, each at the place of the encoded text.
    fn decoding(&self, finding: &Finding) -> CodeFlow {
        let last = finding.chain.len();
        let step = |(index, text): (usize, String), importance: Importance, kind: &str| {
            ThreadFlowLocation::builder()
                .location(place::said(place::location(finding, &self.report.prefix), &text))
                .kinds(vec![kind.to_owned()])
                .nesting_level(i64::try_from(index).unwrap_or(0))
                .importance(importance)
                .build()
        };
        let mut locations: Vec<_> = (0..)
            .zip(&finding.chain)
            .map(|(index, name)| step((index, format!("Decoded from {name}.")), Importance::Important, name))
            .collect();
        locations.push(step((last, format!("{}.", finding.rule.title)), Importance::Essential, "value"));
        CodeFlow::builder().thread_flows(vec![ThreadFlow::builder().locations(locations).build()]).build()
    }

    fn suppression(&self, verdict: &Verdict) -> Option<Suppression> {
        let (finding, found) = (&verdict.finding, verdict.suppression.as_ref()?);
        let (kind, mut words) = match found.by {
            By::Comment(tool) => (SuppressionKind::InSource, vec![format!("comment for {tool}")]),
            by => (SuppressionKind::External, vec![by.name().to_owned()]),
        };
        words.extend(found.owner.as_ref().map(|owner| format!("owner {owner}")));
        words.extend(found.ticket.as_ref().map(|ticket| format!("ticket {ticket}")));
        words.extend(found.until.map(|day| format!("until {day}")));
        let reason =
            found.reason.as_ref().map_or_else(|| "No reason given".to_owned(), |text| self.shown(finding, text));
        let location = match &found.file {
            None => place::line(finding, found.line, &self.report.prefix),
            Some(file) => place::line_of_file(file, found.line, &self.report.prefix),
        };
        Some(
            Suppression::builder()
                .kind(kind)
                .status(SuppressionStatus::Accepted)
                .justification(format!("{reason} ({})", unlinked(&words.join(", "))))
                .location(location)
                .build(),
        )
    }
}

/// A guess is no more than a note, whatever the holder of the real thing could do.
fn level(finding: &Finding) -> ResultLevel {
    match finding.confidence {
        Confidence::Possible => ResultLevel::Note,
        Confidence::Likely | Confidence::Certain => Level::from(finding.rule.severity).into(),
    }
}

fn end_sentence(text: &mut String) {
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
}
