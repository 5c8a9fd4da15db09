//! A provider's page for people: what its rules find, what the holder can do, where to revoke and how to rotate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Confidence, Matcher, Partner, Proof, Rule, Sensitivity, derive};

/// Pages by file name, `README.md` with the list of providers among them.
pub fn pages(rules: &[Rule]) -> BTreeMap<String, String> {
    let mut providers: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        providers.entry(rule.provider.as_ref()).or_default().push(rule);
    }
    let mut index = format!(
        "# Rules\n\n{} rules of {} providers, made from `rules/` by `credlint rules docs`. Do not edit these pages.\n\n\
         | provider | rules |\n|---|--:|\n",
        rules.len(),
        providers.len()
    );
    let mut out = BTreeMap::new();
    for (provider, rules) in providers {
        let name = rules.first().map_or(provider, |rule| rule.provider_name.as_ref());
        let _ = writeln!(index, "| [{name}]({provider}.md) | {} |", rules.len());
        out.insert(format!("{provider}.md"), page(name, &rules));
    }
    out.insert("README.md".to_owned(), index);
    out
}

fn page(name: &str, rules: &[&Rule]) -> String {
    let mut out = format!("# {name}\n");
    for rule in rules {
        let _ = write!(out, "\n## {}\n`{}`, severity {}", rule.title, rule.id, rule.severity.name());
        out.push_str(match rule.sensitivity {
            Sensitivity::Secret => ".\n\n",
            Sensitivity::Identifier => ". An identifier: no access by itself, reported as possible at most.\n\n",
            Sensitivity::Publishable => ". Meant to be public: recognised and not reported.\n\n",
        });
        let _ = writeln!(out, "- **Holder:** {}", rule.description.trim());
        let _ = writeln!(out, "- **Recognised:** {}", recognised(rule));
        let _ = writeln!(out, "- **Sure:** {}", sure(rule));
        if !rule.partners.is_empty() {
            let _ = writeln!(out, "- **Parts:** {}", parts(rule));
        }
        let _ = writeln!(out, "- **Revoke and rotate:** {}", rule.fix.trim());
        if !rule.docs.is_empty() {
            let _ = writeln!(out, "- **Documentation:** <{}>", rule.docs);
        }
    }
    out
}

fn sure(rule: &Rule) -> String {
    let name = rule.proof.and_then(|proof| Proof::NAMES.iter().find(|(_, known)| *known == proof));
    let unproven = if rule.confidence == Confidence::Possible { "possible" } else { "likely" };
    match name {
        Some((name, _)) => format!("certain when the proof `{name}` holds, {unproven} where it cannot be tried."),
        None if rule.is_named() => "as sure as the general rule that finds it.".to_owned(),
        None => format!("{unproven}; nothing in the format proves it."),
    }
}

/// What else belongs to the credential.
fn parts(rule: &Rule) -> String {
    let part = |partner: &Partner| {
        let told = if partner.rules.is_empty() { &partner.names } else { &partner.rules };
        let told: Vec<String> = told.iter().take(MOST).map(|word| format!("`{word}`")).collect();
        format!("{} ({})", partner.role.name(), told.join(", "))
    };
    rule.partners.iter().map(part).collect::<Vec<_>>().join(", ") + "; reported with it where they stand near."
}

/// How a rule finds its credential, in words.
fn recognised(rule: &Rule) -> String {
    let list = |words: &[super::Text]| {
        let shown: Vec<String> = words.iter().take(MOST).map(|word| format!("`{word}`")).collect();
        let more = if words.len() > MOST { " or others" } else { "" };
        shown.join(" or ") + more
    };
    match &rule.matcher {
        Matcher::Pattern { pattern, probes } => {
            let mut literals: Vec<String> =
                probes.iter().map(|probe| format!("`{}`", probe.literal.escape_ascii())).collect();
            literals.dedup();
            let more = if literals.len() > MOST { " or others" } else { "" };
            literals.truncate(MOST);
            let place = if probes.iter().all(|probe| probe.back == 0) { "beginning with" } else { "that hold" };
            format!("{}, {place} {}{more}.", length(pattern), literals.join(" or "))
        }
        Matcher::Context { pattern, words, .. } => {
            format!("{} behind one of the words {}.", length(pattern), list(words))
        }
        Matcher::Named { words } => {
            format!("what a general rule finds, where its name, line or host says {}.", list(words))
        }
        Matcher::Assignment { names } => format!("the value of a name such as {}.", list(names)),
    }
}

/// Words and literals shown.
const MOST: usize = 6;

fn length(pattern: &str) -> String {
    let properties = derive::parse(pattern).ok();
    let bounds = properties.as_ref().map(|hir| (hir.properties().minimum_len(), hir.properties().maximum_len()));
    match bounds {
        Some((Some(least), Some(most))) if least == most => format!("{least} characters"),
        Some((Some(least), Some(most))) => format!("{least} to {most} characters"),
        Some((Some(least), None)) => format!("{least} or more characters"),
        _ => "characters".to_owned(),
    }
}
