//! Packs `rules/*.yml` into constant tables, so that the binary parses nothing at start-up.
//! Examples are left out: nothing token-shaped is in the binary.

#![expect(clippy::use_debug, reason = "Rust literals are written by their Debug form")]
#![expect(clippy::disallowed_methods, reason = "a build script reads its environment")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/rule/derive.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the library, linted there")]
mod derive;
#[path = "src/rule/follow.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the library, linted there")]
mod follow;
#[path = "src/rule/raw.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the library, linted there")]
mod raw;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rule/derive.rs");
    println!("cargo::rerun-if-changed=src/rule/follow.rs");
    println!("cargo::rerun-if-changed=src/rule/raw.rs");
    println!("cargo::rerun-if-changed={CONTROLS}");
    if let Err(error) = pack().and_then(|()| controls()) {
        println!("cargo::error={error}");
    }
}

/// The map from finding states to controls.
const CONTROLS: &str = "src/inventory/resolve/controls.yaml";

#[derive(serde::Deserialize)]
struct Map {
    finding_states: BTreeMap<String, String>,
    positive_evidence: BTreeMap<String, String>,
    controls: Vec<Control>,
}

#[derive(serde::Deserialize)]
struct Control {
    framework: String,
    version: serde_yaml::Value,
    id: serde_yaml::Value,
    title: String,
    statement: String,
    applies_to: Vec<String>,
    supports: Vec<String>,
    verified: serde_yaml::Value,
}

fn controls() -> Result<(), String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{CONTROLS}: {error}");
    let yaml = fs::read_to_string(CONTROLS).map_err(|error| wrong(&error))?;
    let map: Map = serde_yaml::from_str(&yaml).map_err(|error| wrong(&error))?;
    let word = |value: &serde_yaml::Value| match value {
        serde_yaml::Value::String(text) => text.clone(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim().to_owned(),
    };
    let mut out = String::from("/// Every control of the map.\npub static CONTROLS: &[Control] = &[\n");
    for one in &map.controls {
        let state = one.applies_to.iter().find(|state| !map.finding_states.contains_key(*state));
        let evidence = one.supports.iter().find(|evidence| !map.positive_evidence.contains_key(*evidence));
        if let Some(word) = state.or(evidence) {
            return Err(wrong(&format!("{word} is no finding state or evidence")));
        }
        let _ = writeln!(
            out,
            "Control {{ framework: {:?}, version: {:?}, id: {:?}, title: {:?}, statement: {:?}, against: &{:?}, \
             supports: &{:?}, verified: {} }},",
            one.framework,
            word(&one.version),
            word(&one.id),
            one.title,
            one.statement,
            one.applies_to,
            one.supports,
            word(&one.verified) == "true",
        );
    }
    out.push_str("];\n");
    for (name, what, list) in [
        ("STATES", "Finding states, with what each means.", &map.finding_states),
        ("EVIDENCE", "What speaks for a control, with what it means.", &map.positive_evidence),
    ] {
        let pairs: Vec<_> = list.iter().collect();
        let _ = writeln!(out, "/// {what}\npub static {name}: &[(&str, &str)] = &{pairs:?};");
    }
    let target = Path::new(&env::var("OUT_DIR").map_err(|error| error.to_string())?).join("controls.rs");
    fs::write(&target, out).map_err(|error| format!("{}: {error}", target.display()))
}

fn pack() -> Result<(), String> {
    let mut files: Vec<PathBuf> = fs::read_dir("rules")
        .map_err(|error| format!("rules: {error}"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    let mut rules = Vec::new();
    let mut hash = Fnv::new();
    for path in &files {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        hash.add(text.as_bytes());
        let file: raw::RawFile = serde_yaml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for rule in &file.rules {
            rules.push((rule.id.clone(), emit(path, &file, rule)?));
        }
    }
    rules.sort();
    if let Some(pair) = rules.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("rule id {} is used twice", pair[0].0));
    }
    let mut out = String::from("pub(super) static RULES: &[Rule] = &[\n");
    for (_, text) in &rules {
        out.push_str(text);
    }
    let _ = writeln!(out, "];\npub(super) const VERSION: &str = \"{:016x}\";", hash.0);
    let target = Path::new(&env::var("OUT_DIR").map_err(|error| error.to_string())?).join("builtin.rs");
    fs::write(&target, out).map_err(|error| format!("{}: {error}", target.display()))
}

fn emit(path: &Path, file: &raw::RawFile, rule: &raw::RawRule) -> Result<String, String> {
    let place = |message: String| format!("{}: rule {}: {message}", path.display(), rule.id);
    let matcher = match rule.kind {
        raw::RawKind::Pattern => {
            let probes = derive::probes(&rule.pattern).map_err(place)?;
            let mut list = String::new();
            for probe in probes {
                let _ = write!(
                    list,
                    "Probe {{ literal: Cow::Borrowed(&{:?}), back: {}, via: Via::{:?}, next: {:?} }},",
                    probe.literal, probe.back, probe.via, probe.next
                );
            }
            format!("Matcher::Pattern {{ pattern: {}, probes: Cow::Borrowed(&[{list}]) }}", text(&rule.pattern))
        }
        raw::RawKind::Context => {
            derive::parse(&rule.pattern).map_err(place)?;
            format!(
                "Matcher::Context {{ pattern: {}, words: Cow::Borrowed(&[{}]), distance: {} }}",
                text(&rule.pattern),
                texts(rule.words.iter().map(|word| raw::squeezed(word))),
                rule.distance.unwrap_or(raw::DEFAULT_DISTANCE)
            )
        }
        raw::RawKind::Named => format!(
            "Matcher::Named {{ words: Cow::Borrowed(&[{}]) }}",
            texts(rule.words.iter().map(|word| raw::squeezed(word)))
        ),
        raw::RawKind::Assignment => {
            format!("Matcher::Assignment {{ names: Cow::Borrowed(&[{}]) }}", texts(rule.names.iter().cloned()))
        }
    };
    let docs = if rule.docs.is_empty() { &file.homepage } else { &rule.docs };
    let proof = rule.proof.as_deref().map_or("None".to_owned(), |name| format!("Some(Proof::{})", pascal(name)));
    Ok(format!(
        "Rule {{ id: {}, provider: {}, provider_name: {}, title: {}, severity: Severity::{:?}, confidence: Confidence::{:?}, \
         sensitivity: Sensitivity::{:?}, description: {}, fix: {}, docs: {}, evidence: {}, matcher: {matcher}, \
         entropy: {:?}, proof: {proof}, partners: Cow::Borrowed(&[{}]) }},\n",
        text(&rule.id),
        text(&file.provider),
        text(&file.name),
        text(&rule.title),
        rule.severity,
        rule.confidence,
        rule.sensitivity,
        text(&rule.description),
        text(&rule.fix),
        text(docs),
        text(rule.evidence.name()),
        rule.entropy.unwrap_or(0.0),
        rule.parts.iter().map(partner).collect::<String>(),
    ))
}

fn partner(part: &raw::RawPart) -> String {
    format!(
        "Partner {{ role: Role::{:?}, rules: Cow::Borrowed(&[{}]), names: Cow::Borrowed(&[{}]), distance: {} }},",
        part.role,
        texts(part.rules.iter().cloned()),
        texts(part.names.iter().map(|name| raw::squeezed(name))),
        part.distance.unwrap_or(raw::PART_DISTANCE)
    )
}

fn text(value: &str) -> String {
    format!("Cow::Borrowed({value:?})")
}

fn texts(values: impl Iterator<Item = String>) -> String {
    values.map(|value| text(&value) + ",").collect()
}

fn pascal(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// FNV-1a, 64 bits: names the rule set, guards nothing.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
