//! Judges one candidate against its own text: reference, placeholder, entropy, proof, name and value.
//!
//! Every candidate becomes a [`Judged`] with a confidence and its reasons, or a [`Drop`] with its own. Nothing here looks at
//! other candidates (overlaps are settled by `scan`) or at the user's wishes (`policy`).

use std::fmt;

use crate::decode::View;
use crate::detect::Candidate;
use crate::format::FileKind;
use crate::rule::raw::RawStage;
use crate::rule::{Confidence, Matcher, Probe, Proof, Rule, Sensitivity, Via};

pub mod allow;
mod around;
mod assignment;
mod elsewhere;
mod finding;
mod http;
pub mod identity;
mod known;
mod parts;
mod placeholder;
pub mod proof;
mod randomness;
mod reference;
pub mod service;
mod surroundings;

pub use finding::{Allowed, Excerpt, Finding, Part, Position, REDACTED, Secret};
pub use parts::Piece;

pub(crate) use assignment::names_credential;
pub(crate) use reference::EXPRESSION;

use proof::{Proved, Told, prove};

/// The text a candidate stands in.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The view it was found in.
    pub view: &'a View<'a>,
    /// What its file is.
    pub kind: FileKind,
    /// A machine uses the file as it is ([`crate::format::is_deployed`]).
    pub deployed: bool,
}

impl Text<'_> {
    fn bytes(&self) -> &[u8] {
        &self.view.bytes
    }
}

/// A candidate that stands.
#[derive(Clone, Debug)]
pub struct Judged {
    /// How sure.
    pub confidence: Confidence,
    /// Why, the strongest reason first.
    pub reasons: Vec<String>,
    /// What the credential says itself.
    pub facts: Vec<(&'static str, String)>,
    /// What stands with it and belongs to the same credential.
    pub parts: Vec<Piece>,
    /// Length of the secret where the pattern took in more.
    pub length: Option<usize>,
}

/// A candidate that does not stand, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drop {
    /// The stage that rejected it.
    pub stage: Stage,
    /// Why, in words for people. Never holds the value.
    pub reason: String,
}

/// Stages that reject candidates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Fill, a sample word, a sequence.
    Placeholder,
    /// Too little randomness for what it would be.
    Entropy,
    /// Checksum or structure is wrong.
    Proof,
    /// The value names another place that holds the secret.
    Reference,
    /// Name or surroundings say that it is something else.
    Context,
    /// Meant to be public.
    Publishable,
    /// Another rule's finding covers it.
    Overlap,
}

impl Stage {
    /// The word used by `explain` and in rule files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Entropy => "entropy",
            Self::Proof => "proof",
            Self::Reference => "reference",
            Self::Context => "context",
            Self::Publishable => "publishable",
            Self::Overlap => "overlap",
        }
    }

    /// True when a rule example's `by` means this stage.
    pub fn is(self, raw: RawStage) -> bool {
        match raw {
            RawStage::Placeholder | RawStage::Example => self == Self::Placeholder,
            RawStage::Entropy => self == Self::Entropy,
            RawStage::Proof => self == Self::Proof,
            RawStage::Reference => self == Self::Reference,
            RawStage::Context => self == Self::Context,
            RawStage::Publishable => self == Self::Publishable,
            RawStage::Pattern => false,
        }
    }
}

impl fmt::Display for Drop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage.name(), self.reason)
    }
}

fn drop_for(stage: Stage, reason: impl Into<String>) -> Drop {
    Drop { stage, reason: reason.into() }
}

/// Judges a candidate.
///
/// # Errors
/// The [`Drop`] when it does not stand.
pub fn judge(rule: &Rule, candidate: &Candidate, text: Text<'_>) -> Result<Judged, Drop> {
    if rule.sensitivity == Sensitivity::Publishable {
        return Err(drop_for(Stage::Publishable, "this kind of key is meant to be public"));
    }
    let value = &text.bytes()[candidate.secret.clone()];
    let judged = match &rule.matcher {
        Matcher::Assignment { .. } => assignment::judge(rule, candidate, text)?,
        _ => match rule.proof {
            Some(Proof::Url) => http::url(rule, candidate, text)?,
            Some(Proof::BasicAuth) => http::basic(rule, candidate, text)?,
            _ => token(rule, candidate, text, value)?,
        },
    };
    let mut judged = lowered(rule, value, judged);
    judged.facts.extend(around::facts(rule, candidate, text));
    judged.parts.extend(parts::named(rule, candidate, text));
    Ok(judged)
}

/// Samples from documentation and identifiers are `possible` at most.
fn lowered(rule: &Rule, value: &[u8], mut judged: Judged) -> Judged {
    if rule.sensitivity == Sensitivity::Identifier && judged.confidence > Confidence::Possible {
        judged.confidence = Confidence::Possible;
        judged.reasons.push("an identifier: no access by itself".to_owned());
    }
    let value = judged.length.map_or(value, |length| &value[..length.min(value.len())]);
    if let Some(place) = known::documented_at(value) {
        judged.confidence = Confidence::Possible;
        judged.facts.push(("published in", place.to_owned()));
        judged
            .reasons
            .insert(0, format!("a published sample ({place}): harmless in a text, a hole where it is in use"));
    }
    judged
}

/// Rules with a pattern: token shapes, with or without a word before them.
fn token(rule: &Rule, candidate: &Candidate, text: Text<'_>, value: &[u8]) -> Result<Judged, Drop> {
    let random = random_part(rule, candidate, value);
    let free_text = candidate.whole != candidate.secret;
    let armoured = matches!(rule.proof, Some(Proof::Pem | Proof::PasswordHash | Proof::GcpServiceAccount));
    if free_text && let Some(reason) = reference::reference(value, None, text.kind) {
        return Err(drop_for(Stage::Reference, format!("the value {reason}")));
    }
    if free_text && surroundings::is_pattern(value) {
        return Err(drop_for(Stage::Context, "a regular expression"));
    }
    let proved = rule.proof.and_then(|proof| prove(proof, value));
    // Words in a token are an accident where the checksum is right; fill is fill, checksum or not.
    let certain = matches!(proved, Some(Proved::Certain(_)));
    let filled = if certain { placeholder::fill(random) } else { placeholder::token_fill(random) };
    if !armoured && let Some(reason) = filled {
        return Err(drop_for(Stage::Placeholder, reason));
    }
    if free_text
        && !armoured
        && let Some(reason) = placeholder::written_fill(value)
    {
        return Err(drop_for(Stage::Placeholder, reason));
    }
    let entropy = randomness::entropy(value);
    if entropy < rule.entropy {
        return Err(drop_for(
            Stage::Entropy,
            format!("{entropy:.1} bits a character, the rule asks for {:.1}", rule.entropy),
        ));
    }
    // Names of things have the right prefix and length too; a drawn value reads like nothing.
    if !free_text && !is_url(rule) && rule.proof.is_none() && random.len() >= 10 && shape_of_words(random) {
        return Err(drop_for(Stage::Entropy, "reads like words"));
    }
    if let Some(Proved::Refuted(reason)) = proved {
        return Err(drop_for(Stage::Proof, reason));
    }
    let mut judged = proved.map_or_else(|| shaped(rule), |proved| proven(rule, proved));
    if let Some(word) = &candidate.word {
        context(rule, candidate, text, value, word.clone(), &mut judged)?;
    } else if free_text && !armoured && judged.confidence == Confidence::Likely {
        judged = assignment::weigh_free_text(value, rule.evidence == "token", judged)?;
    }
    Ok(judged)
}

fn is_url(rule: &Rule) -> bool {
    matches!(&rule.matcher, Matcher::Pattern { probes, .. } if probes.iter().any(|probe| probe.via == Via::Url))
}

/// A name of words: hardly any digit, and letters that follow one another as in words.
fn shape_of_words(random: &[u8]) -> bool {
    let shape = randomness::Shape::of(random);
    shape.random < 4.0 && !(shape.hex && shape.digits > 0) && shape.digits * 5 <= shape.length
}

/// The part of a token that is drawn at random: behind the literal the rule begins with.
fn random_part<'v>(rule: &Rule, candidate: &Candidate, value: &'v [u8]) -> &'v [u8] {
    let Matcher::Pattern { probes, .. } = &rule.matcher else { return value };
    if candidate.whole.start != candidate.secret.start {
        return value;
    }
    let begins = |probe: &&Probe| probe.back == 0 && value.starts_with(&probe.literal);
    let literal = probes.iter().filter(begins).map(|probe| probe.literal.len()).max().unwrap_or(0);
    // Many literals are one with a class behind it (`AC[0-9a-f]`): what they share is the prefix.
    let shared =
        (0..literal).take_while(|&at| probes.iter().all(|probe| probe.literal.get(at) == value.get(at))).count();
    let length = if probes.len() > 8 { shared } else { literal };
    &value[length.min(value.len())..]
}

fn shaped(rule: &Rule) -> Judged {
    let reason = match rule.matcher {
        Matcher::Context { .. } => format!("{} is named near a value of the right shape", rule.provider_name),
        _ => format!("the shape is that of {}", with_article(&rule.title)),
    };
    Judged { confidence: rule.confidence, reasons: vec![reason], facts: Vec::new(), parts: Vec::new(), length: None }
}

fn with_article(title: &str) -> String {
    let vowel = title.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
    format!("{} {title}", if vowel { "an" } else { "a" })
}

fn proven(rule: &Rule, proved: Proved) -> Judged {
    let (confidence, told) = match proved {
        Proved::Certain(told) => (Confidence::Certain, told),
        Proved::Open(told) => (rule.confidence, told),
        Proved::Weak(told) => (Confidence::Possible, told),
        Proved::Refuted(reason) => (Confidence::Possible, Told::reason(reason)),
    };
    let mut reasons = Vec::new();
    if !told.reason.is_empty() {
        reasons.push(told.reason);
    }
    if confidence != Confidence::Certain {
        reasons.extend(shaped(rule).reasons);
    }
    Judged { confidence, reasons, facts: told.facts, parts: Vec::new(), length: told.length }
}

/// A service's word near a value: how the two hang together decides.
fn context(
    rule: &Rule,
    candidate: &Candidate,
    text: Text<'_>,
    value: &[u8],
    word: std::ops::Range<usize>,
    judged: &mut Judged,
) -> Result<(), Drop> {
    let bytes = text.bytes();
    let shape = randomness::Shape::of(value);
    if shape.digits == 0 && shape.random < 20.0 || shape_of_words(value) {
        return Err(drop_for(Stage::Entropy, "no digit in it, and it reads like words"));
    }
    if matches!(text.kind, FileKind::Digest) {
        return Err(drop_for(Stage::Context, "lock files and checksum lists hold digests"));
    }
    let between = &bytes[word.end.min(candidate.secret.start)..candidate.secret.start];
    if let Some(reason) = surroundings::names_other_thing(bytes, candidate.secret.clone(), &word) {
        return Err(drop_for(Stage::Context, reason));
    }
    // A value that nothing introduces (`word … value` in prose, a path, a list) is worth a look, no more.
    let enclosed = surroundings::in_secret_element(bytes, candidate.secret.start);
    let named = enclosed || surroundings::names_a_credential(between);
    let close = enclosed || between.len() <= 32;
    let introduced = enclosed || surroundings::introduced(bytes, candidate.secret.clone());
    let given = match memchr::memchr(b'\n', between) {
        None => introduced || named && close,
        // `variable "okta_token" {` and its value below, a heading and the value alone on its line.
        Some(line) => {
            named
                && (enclosed || close && !surroundings::has_value(&between[..line]))
                && (introduced || surroundings::is_alone(bytes, candidate.secret.clone()))
        }
    };
    if !given {
        judged.confidence = judged.confidence.min(Confidence::Possible);
        judged.reasons.push("nothing says that the value is given to it".to_owned());
    } else if named && close && rule.sensitivity == Sensitivity::Secret {
        judged.confidence = judged.confidence.max(Confidence::Likely);
        judged.reasons.push("its name says whose credential it is".to_owned());
    }
    Ok(())
}
