//! What the tool and its rules are: the driver, the rules that occur, and CWE-798 as their taxonomy.

use std::collections::BTreeMap;

use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference,
    ReportingDescriptorRelationship, ToolComponent, ToolComponentReference,
};

use crate::rule::{Confidence, Proof, Rule, Severity};
use crate::source::Gap;

use super::typed::{Contents, Level};

/// Texts of a rule beyond this many characters are refused by GitHub.
const LONGEST_TEXT: usize = 1024;
/// And names beyond this many.
const LONGEST_NAME: usize = 255;
/// Our names for the taxonomy and its one entry; made once, never changed.
const CWE_GUID: &str = "3c7f0f6e-2a53-4b7e-9d0b-6a4f1f6b8a51";
const CWE_798_GUID: &str = "b1d94a0c-55c1-4e0e-8f3d-0d2e7c9a4f67";
const CWE_798: &str = "CWE-798";

/// The driver with the rules given, sorted by id, and the kinds of gap that occur.
pub(super) fn driver(rules: &[&'static Rule], gaps: &[Gap]) -> ToolComponent {
    let mut driver = ToolComponent::builder()
        .name("credlint")
        .full_name(concat!("credlint ", env!("CARGO_PKG_VERSION")))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .organization("credlint")
        .rules(rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>())
        .supported_taxonomies(vec![taxonomy_reference()])
        .build();
    let reasons = gap_reasons(gaps);
    if !reasons.is_empty() {
        driver.notifications = Some(reasons.into_iter().map(gap_descriptor).collect());
    }
    driver
}

/// The reasons that occur, sorted; a notification names one by its place here.
pub(super) fn gap_reasons(gaps: &[Gap]) -> Vec<&'static str> {
    let mut reasons: Vec<_> = gaps.iter().map(|gap| gap.reason.name()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

fn gap_descriptor(reason: &str) -> ReportingDescriptor {
    let what = format!("Something in scope was not scanned ({reason}).");
    let meaning = "The run is incomplete: what was not scanned may hold credentials.";
    ReportingDescriptor::builder()
        .id(reason)
        .name(pascal_case(&format!("not-scanned-{reason}")))
        .short_description(text(&what))
        .full_description(text(&format!("{what} {meaning}")))
        .help(text(
            "The notification says what it was and why. Make it readable or leave it out by name, then scan again.",
        ))
        .default_configuration(ReportingConfiguration::builder().level(Level::Error).build())
        .build()
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let mut properties = BTreeMap::new();
    properties.insert("precision".to_owned(), precision(rule).into());
    properties.insert("security-severity".to_owned(), security_severity(rule.severity).into());
    let properties = PropertyBag::builder().tags(tags(rule)).additional_properties(properties).build();
    let mut descriptor = ReportingDescriptor::builder()
        .id(rule.id.as_ref())
        .name(shortened(&pascal_case(&rule.id), LONGEST_NAME))
        .short_description(text(&rule.title))
        .full_description(text(if rule.description.is_empty() { &rule.title } else { &rule.description }))
        .help(help(rule))
        .default_configuration(ReportingConfiguration::builder().level(Level::from(rule.severity)).build())
        .properties(properties)
        .relationships(vec![relationship()])
        .build();
    if is_url(&rule.docs) {
        descriptor.help_uri = Some(rule.docs.to_string());
    }
    descriptor
}

/// What the holder can do, what to do about it, where to read on. No word of a single finding: GitHub shares these texts
/// between repositories.
fn help(rule: &Rule) -> MultiformatMessageString {
    let mut plain = Vec::new();
    let mut markdown = vec![format!("# {}", rule.title)];
    let sections = [("What the holder can do", &rule.description), ("What to do", &rule.fix)];
    for (heading, body) in sections.into_iter().filter(|(_, body)| !body.trim().is_empty()) {
        plain.push(format!("{heading}: {}", body.trim()));
        markdown.push(format!("## {heading}\n\n{}", body.trim()));
    }
    plain.push("Taking the value out of the file is not enough: it stays in the history.".to_owned());
    markdown.push("Taking the value out of the file is not enough: it stays in the history.".to_owned());
    if is_url(&rule.docs) {
        plain.push(format!("Documentation: {}", rule.docs));
        markdown.push(format!("[Documentation of {}]({})", rule.provider_name, rule.docs));
    }
    MultiformatMessageString::builder().text(plain.join("\n")).markdown(markdown.join("\n\n")).build()
}

fn tags(rule: &Rule) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in ["security", "external/cwe/cwe-798", rule.provider.as_ref(), rule.evidence.as_ref()] {
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// How often a hit of the rule is real.
fn precision(rule: &Rule) -> &'static str {
    // These tell a real place from a sample; none makes a finding certain.
    let weak = [Proof::Url, Proof::BasicAuth, Proof::PasswordHash];
    if rule.proof.is_some_and(|proof| !weak.contains(&proof)) {
        "very-high"
    } else if rule.confidence == Confidence::Possible {
        "low"
    } else if rule.is_generic() {
        "medium"
    } else {
        "high"
    }
}

/// GitHub reads a number from a string.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// The taxonomy all rules belong to.
pub(super) fn taxonomy() -> ToolComponent {
    let weakness = ReportingDescriptor::builder()
        .id(CWE_798)
        .guid(CWE_798_GUID)
        .name("UseOfHardCodedCredentials")
        .short_description(text("Use of hard-coded credentials."))
        .help_uri("https://cwe.mitre.org/data/definitions/798.html")
        .default_configuration(ReportingConfiguration::builder().level(Level::Error).build())
        .build();
    ToolComponent::builder()
        .name("CWE")
        .guid(CWE_GUID)
        .organization("MITRE")
        .short_description(text("Common Weakness Enumeration."))
        .information_uri("https://cwe.mitre.org/")
        .is_comprehensive(false)
        .contents(vec![Contents::Localized.into(), Contents::NonLocalized.into()])
        .taxa(vec![weakness])
        .build()
}

fn relationship() -> ReportingDescriptorRelationship {
    ReportingDescriptorRelationship::builder().target(taxon()).kinds(vec!["superset".to_owned()]).build()
}

/// CWE-798, for rules and results. `DefectDojo` reads the number out of the id, so that must hold it whole.
pub(super) fn taxon() -> ReportingDescriptorReference {
    ReportingDescriptorReference::builder()
        .id(CWE_798)
        .guid(CWE_798_GUID)
        .index(0)
        .tool_component(taxonomy_reference())
        .build()
}

fn taxonomy_reference() -> ToolComponentReference {
    ToolComponentReference::builder().name("CWE").index(0).guid(CWE_GUID).build()
}

fn text(text: &str) -> MultiformatMessageString {
    let mut text = shortened(text.trim(), LONGEST_TEXT - 1);
    if !text.ends_with(['.', '…']) {
        text.push('.');
    }
    MultiformatMessageString::builder().text(text).build()
}

/// At most so many characters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// `aws-access-key` as `AwsAccessKey`.
fn pascal_case(id: &str) -> String {
    let capital = |word: &str| {
        let mut rest = word.chars();
        rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect::<String>()
    };
    id.split(|c: char| !c.is_alphanumeric()).map(capital).collect()
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}
