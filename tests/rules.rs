//! Every rule file proves itself, and the table of rules holds together.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use credlint::rule::load::{self, LoadedFile};
use credlint::rule::raw::{RawKind, RawRule};
use credlint::rule::{self, Matcher, Proof, Rule, RuleSet, Sensitivity, derive, page, sample};
use credlint::scan::{Scanner, canary, examples};
use credlint::source::Origin;
use regex_syntax::hir::{Hir, HirKind};

/// The files of `rules/`, read once.
fn files() -> &'static [LoadedFile] {
    static FILES: OnceLock<Vec<LoadedFile>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        load::load(&folder).unwrap_or_else(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            unreachable!("{} problems in rules/\n{}", lines.len(), lines.join("\n"))
        })
    })
}

fn raw_rules() -> impl Iterator<Item = (&'static LoadedFile, &'static RawRule)> {
    files().iter().flat_map(|file| file.raw.rules.iter().map(move |rule| (file, rule)))
}

fn place(file: &LoadedFile, rule: &RawRule) -> String {
    format!("{}:{}: rule {}", file.path.display(), file.line_of(&rule.id), rule.id)
}

/// Fails with one line a problem.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_example_gives_what_its_rule_says_under_the_full_set() {
    let set = RuleSet::new(files().iter().flat_map(|file| file.rules.iter().copied()).collect(), "check".to_owned());
    let scanner = Scanner::new(set);
    let (mut tried, mut problems) = (0, Vec::new());
    for file in files() {
        let (count, errors) = examples::check(&scanner, file);
        tried += count;
        problems.extend(errors.iter().map(ToString::to_string));
    }
    assert!(tried >= 2 * scanner.set.len(), "{tried} examples of {} rules", scanner.set.len());
    none(&problems);
}

#[test]
fn ids_are_unique_and_sorted_in_the_packed_table() {
    let table = rule::builtin();
    assert!(table.len() > 1000, "{} rules are packed", table.len());
    let problems: Vec<String> = table
        .windows(2)
        .filter(|pair| pair[0].id >= pair[1].id)
        .map(|pair| format!("{} before {}", pair[0].id, pair[1].id))
        .collect();
    none(&problems);
}

#[test]
fn providers_are_called_like_their_files_and_ids_begin_with_them() {
    let mut problems = Vec::new();
    for file in files() {
        let stem = file.path.file_stem().unwrap().to_str().unwrap();
        if file.raw.provider != stem {
            problems.push(format!("{}:1: provider {}", file.path.display(), file.raw.provider));
        }
        let ids: Vec<&str> = file.raw.rules.iter().map(|rule| rule.id.as_str()).collect();
        if !ids.is_sorted() {
            problems.push(format!("{}:1: rules are not sorted by id", file.path.display()));
        }
        for rule in file.raw.rules.iter().filter(|rule| !rule.id.starts_with(&format!("{stem}-"))) {
            problems.push(place(file, rule));
        }
    }
    none(&problems);
}

/// All of a rule that a finding depends on, as text. Patterns are ours and no secrets.
fn signature(rule: &Rule) -> String {
    let matcher = match &rule.matcher {
        Matcher::Pattern { pattern, probes } => {
            let probes: Vec<String> = probes
                .iter()
                .map(|probe| format!("{} -{} {:?}", probe.literal.escape_ascii(), probe.back, probe.via))
                .collect();
            format!("pattern {pattern} probes {probes:?}")
        }
        Matcher::Context { pattern, words, distance } => {
            format!("context {pattern} words {words:?} distance {distance}")
        }
        Matcher::Assignment { names } => format!("assignment {names:?}"),
        Matcher::Named { words } => format!("named {words:?}"),
    };
    let proof = rule.proof.map(|proof| Proof::NAMES.iter().find(|(_, known)| *known == proof).map(|(name, _)| *name));
    let texts = [
        &rule.id,
        &rule.provider,
        &rule.provider_name,
        &rule.title,
        &rule.description,
        &rule.fix,
        &rule.docs,
        &rule.evidence,
    ];
    let sensitivity = match rule.sensitivity {
        Sensitivity::Secret => "secret",
        Sensitivity::Identifier => "identifier",
        Sensitivity::Publishable => "publishable",
    };
    format!("{texts:?} {:?} {:?} {sensitivity} {} {proof:?} {matcher}", rule.severity, rule.confidence, rule.entropy)
}

#[test]
fn the_packed_table_is_what_the_files_say() {
    let loaded: BTreeSet<String> = files().iter().flat_map(|file| &file.rules).map(|rule| signature(rule)).collect();
    let packed: BTreeSet<String> = rule::builtin().iter().map(signature).collect();
    let problems: Vec<String> = loaded.symmetric_difference(&packed).cloned().collect();
    none(&problems);
}

#[test]
fn the_canary_reaches_every_rule_a_sample_can_be_made_for() {
    let scanner = Scanner::new(RuleSet::builtin());
    let wanted = rule::builtin()
        .iter()
        .filter(|rule| rule.proof.is_none() && rule.sensitivity != Sensitivity::Publishable)
        .count();
    assert_eq!(canary::full(&scanner).map_err(|id| format!("the canary of {id} was missed")), Ok(wanted));
}

/// The rule, alone and without its proof, finds a sample of its pattern.
fn reaches(rule: &'static Rule) -> bool {
    let unproven: &'static Rule = Box::leak(Box::new(Rule { proof: None, ..rule.clone() }));
    let scanner = Scanner::new(RuleSet::new(vec![unproven], "alone".to_owned()));
    let origin = Origin::Synthetic(Arc::from("sample"));
    (1..=8u64).any(|seed| {
        let text = sample::sample(unproven, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        text.is_some_and(|text| !scanner.hits(&origin, text.as_bytes()).is_empty())
    })
}

#[test]
fn every_rule_is_reached_by_its_own_prefilter() {
    let problems: Vec<String> = rule::builtin()
        .iter()
        .filter(|rule| !rule.is_named() && !reaches(rule))
        .map(|rule| rule.id.to_string())
        .collect();
    none(&problems);
}

#[test]
fn no_text_for_people_is_found_by_a_rule() {
    let scanner = Scanner::new(RuleSet::builtin());
    let origin = Origin::Synthetic(Arc::from("text"));
    let mut problems = Vec::new();
    for rule in rule::builtin() {
        for text in [&rule.id, &rule.title, &rule.provider_name, &rule.description, &rule.fix, &rule.docs] {
            let hits = scanner.hits(&origin, text.as_bytes());
            problems.extend(
                hits.iter()
                    .filter_map(|hit| hit.result.as_ref().ok())
                    .map(|finding| format!("{}: {}", rule.id, finding.rule.id)),
            );
        }
    }
    none(&problems);
}

#[test]
fn no_text_for_people_holds_a_token_shape() {
    let is_token = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        word.len() >= 20 && digits >= 3 && word.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let mut problems = Vec::new();
    for rule in rule::builtin() {
        for text in [&rule.title, &rule.provider_name, &rule.description, &rule.fix] {
            // The addresses of documentation hold article numbers.
            let pieces = text.split_whitespace().filter(|piece| !piece.trim_start_matches('(').starts_with("https://"));
            let mut words =
                pieces.flat_map(|piece| piece.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))));
            if words.any(is_token) {
                problems.push(rule.id.to_string());
            }
        }
    }
    none(&problems);
}

#[test]
fn texts_for_people_are_sentences_and_titles() {
    let mut problems = Vec::new();
    for (file, rule) in raw_rules() {
        let mut wrong = |what: &str| problems.push(format!("{}: {what}", place(file, rule)));
        if rule.title.ends_with('.')
            || !rule
                .title
                .starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || rule.title.starts_with(&file.raw.name))
        {
            wrong("a title begins with a capital and has no full stop");
        }
        for (key, text) in [("description", &rule.description), ("fix", &rule.fix)] {
            if !text.trim_end().ends_with(['.', ')', '!']) {
                wrong(&format!("{key} is a sentence and ends like one"));
            }
            if text.contains("<~>") {
                wrong(&format!("{key} holds a splice mark"));
            }
        }
    }
    none(&problems);
}

#[test]
fn rules_hold_only_the_keys_of_their_kind() {
    let mut problems = Vec::new();
    for (file, rule) in raw_rules() {
        let right = match rule.kind {
            RawKind::Pattern => rule.words.is_empty() && rule.names.is_empty() && rule.distance.is_none(),
            RawKind::Context => rule.names.is_empty(),
            RawKind::Named => rule.names.is_empty() && rule.pattern.is_empty() && rule.distance.is_none(),
            RawKind::Assignment => rule.pattern.is_empty() && rule.words.is_empty() && rule.distance.is_none(),
        };
        if !right {
            problems.push(place(file, rule));
        }
    }
    none(&problems);
}

/// How often the group `secret` takes part in a match: never, in some, in each.
fn group<'h>(hir: &'h Hir, found: &mut Vec<(&'h Hir, bool)>, always: bool) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            if capture.name.as_deref() == Some("secret") {
                found.push((&capture.sub, always));
            }
            group(&capture.sub, found, always);
        }
        HirKind::Repetition(repetition) => group(&repetition.sub, found, always && repetition.min > 0),
        HirKind::Concat(subs) => subs.iter().for_each(|sub| group(sub, found, always)),
        HirKind::Alternation(subs) => subs.iter().for_each(|sub| group(sub, found, false)),
        _ => {}
    }
}

#[test]
fn the_group_secret_takes_part_in_every_match_and_is_never_empty() {
    let mut problems = Vec::new();
    for (file, rule) in raw_rules().filter(|(_, rule)| !rule.pattern.is_empty()) {
        let hir = derive::parse(&rule.pattern).unwrap();
        let mut groups = Vec::new();
        group(&hir, &mut groups, true);
        let empty = |hir: &Hir| hir.properties().minimum_len().is_none_or(|least| least == 0);
        if groups.iter().any(|&(hir, always)| !always || empty(hir)) {
            problems.push(place(file, rule));
        }
    }
    none(&problems);
}

#[test]
fn every_context_word_is_long_enough_for_the_word_table() {
    let mut problems = Vec::new();
    for rule in rule::builtin() {
        let (Matcher::Context { words, .. } | Matcher::Named { words }) = &rule.matcher else { continue };
        let right =
            |word: &str| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        problems.extend(words.iter().filter(|word| !right(word)).map(|word| format!("{}: `{word}`", rule.id)));
    }
    none(&problems);
}

#[test]
fn the_pages_of_the_providers_are_what_the_rules_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let wanted = page::pages(rule::builtin());
    let mut problems = Vec::new();
    for (name, text) in &wanted {
        let written = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        if written != *text {
            problems.push(format!("docs/rules/{name}: not what the rules say; run `credlint rules docs`"));
        }
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !wanted.contains_key(&name) {
            problems.push(format!("docs/rules/{name}: no provider is called so; delete it"));
        }
    }
    none(&problems);
}
