//! Values of names: is it a credential, and how sure?
//!
//! What a name means, how the value is written and how random it looks are weighed in bits; each factor is a reason that
//! `explain` shows. The thresholds are in [`Kind::thresholds`].

use super::elsewhere::{elsewhere, is_member_name, other_text};
use super::randomness::{Shape, random};
use super::surroundings::{
    another_kind, colon, holds_drawn, in_connection_string, is_header, is_uuid, joined_on, other_shape, sealed,
    sentence,
};
use super::{Confidence, Drop, Judged, Rule, Stage, Text, drop_for, placeholder, reference};
use crate::detect::{Assignment, Candidate, Operator, Quote, Words};
use crate::format::FileKind;

/// What kind of value a name asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Chosen by people or generated: anything goes that is no word.
    Password,
    /// Generated: long and random.
    Token,
    /// A name that much else has too (`key`, `auth`): only what is plainly random.
    Weak,
}

/// What a value must show to be `likely`.
struct Thresholds {
    length: usize,
    random: f32,
}

impl Kind {
    fn of(rule: &Rule) -> Self {
        if rule.evidence == "password" {
            Self::Password
        } else if rule.confidence == Confidence::Possible {
            Self::Weak
        } else {
            Self::Token
        }
    }

    fn thresholds(self) -> Thresholds {
        match self {
            Self::Password => Thresholds { length: 4, random: 4.0 },
            Self::Token => Thresholds { length: 8, random: 8.0 },
            Self::Weak => Thresholds { length: 16, random: 14.0 },
        }
    }
}

/// Values of more bytes are looked at by their beginning first.
const LONG: usize = 256;

/// Judges an assignment rule's candidate.
///
/// # Errors
/// The [`Drop`] when it does not stand.
pub(super) fn judge(rule: &Rule, candidate: &Candidate, text: Text<'_>) -> Result<Judged, Drop> {
    let bytes = text.bytes();
    let value = &bytes[candidate.secret.clone()];
    let Some(assignment) = &candidate.assignment else {
        return Err(drop_for(Stage::Context, "no name stands before it"));
    };
    // Long text is told from a long key by its beginning: what follows looks at every byte.
    if value.len() > LONG && random(&value[..LONG]) < 20.0 {
        return Err(drop_for(Stage::Entropy, "a long text that reads like words"));
    }
    let shape = Shape::of(value);
    let drawn =
        shape.random >= 20.0 && shape.digits >= 3 && shape.letters() >= 3 && shape.length >= 16 && shape.symbols == 0;
    // Text in code: comments, and settings in strings (`{user: x, password: y}`), whose values no name would be like.
    let text_in_code =
        shape.random >= 10.0 && shape.symbols == 0 && colon(bytes, assignment, candidate) && !is_member_name(value);
    let random_enough = drawn || text_in_code || in_connection_string(bytes, assignment);
    let code = text.kind == FileKind::Code && matches!(assignment.operator, Operator::Assign | Operator::Compare);
    if assignment.quote == Quote::None && code && !random_enough {
        return Err(drop_for(Stage::Reference, format!("the value {}", reference::EXPRESSION)));
    }
    let kind = Kind::of(rule);
    if assignment.operator == Operator::Given {
        return given(kind, value, &shape, assignment, text);
    }
    let name = Words::of(&bytes[assignment.name.clone()]);
    let words: Vec<&str> = name.iter().collect();
    elsewhere(kind, &words, candidate, assignment, text, &shape)?;
    if let Some(reason) = reference::reference(value, Some(assignment), text.kind) {
        let literal = assignment.quote == Quote::None && reason == reference::EXPRESSION && random_enough;
        if !literal {
            return Err(drop_for(Stage::Reference, format!("the value {reason}")));
        }
    }
    if text.kind != FileKind::Code && sealed(bytes, candidate.whole.start) {
        return Err(drop_for(Stage::Reference, "the value is sealed: ciphertext of a SealedSecret"));
    }
    if value.starts_with(b"Basic ") || value.starts_with(b"Bearer ") {
        return Err(drop_for(Stage::Context, "an authorization header: what follows its first word is judged"));
    }
    if kind == Kind::Token && holds_drawn(value) {
        let reasons = vec!["a text in JSON under the name of a token, and a value drawn at random in it".to_owned()];
        let confidence = Confidence::Likely;
        return Ok(Judged { confidence, reasons, facts: Vec::new(), parts: Vec::new(), length: None });
    }
    // 123456 in a sample is fill; in a file that is used as it is, it is a password.
    let weak = kind == Kind::Password && text.deployed && placeholder::is_sequence(value);
    if !weak {
        not_a_value(value, &words, assignment, text.kind)?;
    }
    let printed = text.kind == FileKind::Shell && !is_header(bytes, assignment.name.start);
    if printed && colon(bytes, assignment, candidate) && assignment.quote == Quote::None {
        return Err(drop_for(Stage::Context, "a shell gives nothing a value by a colon: text that is printed"));
    }
    if assignment.quote == Quote::None && sentence(bytes, candidate.secret.end) {
        return Err(drop_for(Stage::Context, "the first word of a sentence"));
    }
    other_text(bytes, value, assignment, text.kind)?;
    // A value that is put together with more text is a part of one at best.
    if assignment.quote != Quote::None && joined_on(bytes, candidate.secret.end + 1) && !random_enough {
        return Err(drop_for(Stage::Reference, "the value is put together from pieces"));
    }
    weigh(kind, value, &shape, assignment, text)
}

/// A value that its format says is a credential: only what plainly stands for another one is none.
fn given(kind: Kind, value: &[u8], shape: &Shape, assignment: &Assignment, text: Text<'_>) -> Result<Judged, Drop> {
    if shape.random < 30.0
        && let Some(reason) = reference::reference(value, Some(assignment), text.kind)
    {
        return Err(drop_for(Stage::Reference, format!("the value {reason}")));
    }
    let filled = if text.deployed {
        placeholder::to_be_filled_in(value)
    } else {
        placeholder::written_fill(value).filter(|_| !placeholder::is_sequence(value))
    };
    if let Some(reason) = filled {
        return Err(drop_for(Stage::Placeholder, reason));
    }
    weigh(kind, value, shape, assignment, text)
}

/// Values that are plainly something else: placeholders, the name again, sentences, paths, numbers.
fn not_a_value(value: &[u8], words: &[&str], assignment: &Assignment, file: FileKind) -> Result<(), Drop> {
    if value.len() < 3 {
        return Err(drop_for(Stage::Entropy, "too short to be a credential"));
    }
    if let Some(reason) = placeholder::written_fill(value) {
        return Err(drop_for(Stage::Placeholder, reason));
    }
    let own = Words::of(value);
    let (own, squeezed): (usize, String) = (own.len(), own.iter().collect());
    let name: String = words.concat();
    if squeezed == name || own > 1 && (name.ends_with(&squeezed) || name.starts_with(&squeezed)) {
        return Err(drop_for(Stage::Placeholder, "the value is the name again"));
    }
    let blanks = value.iter().filter(|byte| byte.is_ascii_whitespace()).count();
    if let Some(reason) = another_kind(value) {
        return Err(drop_for(Stage::Context, reason));
    }
    let noise = assignment.quote != Quote::None
        && value.len() >= 32
        && Shape::of(value).symbols >= 8
        && Shape::of(value).random >= 30.0;
    if noise {
        return Ok(());
    }
    if blanks >= 2 || blanks == 1 && (assignment.quote == Quote::None || file == FileKind::Prose) {
        return Err(drop_for(Stage::Entropy, "words with blanks between them"));
    }
    if let Some(reason) = other_shape(value) {
        return Err(drop_for(Stage::Context, reason));
    }
    Ok(())
}

fn weigh(kind: Kind, value: &[u8], shape: &Shape, assignment: &Assignment, text: Text<'_>) -> Result<Judged, Drop> {
    let thresholds = kind.thresholds();
    let what = match kind {
        Kind::Password => "a password",
        Kind::Token => "a token or key",
        Kind::Weak => "perhaps a key",
    };
    let mut judged = Judged {
        confidence: Confidence::Possible,
        reasons: vec![format!("its name says it is {what}")],
        facts: Vec::new(),
        parts: Vec::new(),
        length: None,
    };
    if kind == Kind::Password {
        if value.len() > 128 && shape.random < 30.0 {
            return Err(drop_for(Stage::Entropy, "longer than any password, and it reads like words"));
        }
        let written = weigh_password(value, None, text.deployed && assignment.operator != Operator::Prose)?;
        judged.confidence = written.confidence;
        judged.reasons.extend(written.reasons);
    } else {
        keylike(kind, value, shape, text.deployed, &mut judged)?;
    }
    // Prose and comparisons, lists of arguments: the value has to speak for itself.
    let loose = matches!(assignment.operator, Operator::Comma | Operator::Prose | Operator::Flag)
        || text.kind == FileKind::Prose && assignment.quote == Quote::None;
    if loose && judged.confidence == Confidence::Likely && shape.random < thresholds.random + 4.0 {
        judged.confidence = Confidence::Possible;
        judged.reasons.push("name and value hang together loosely".to_owned());
    }
    Ok(judged)
}

/// Tokens and keys: long and random, or nothing.
fn keylike(kind: Kind, value: &[u8], shape: &Shape, deployed: bool, judged: &mut Judged) -> Result<(), Drop> {
    let thresholds = kind.thresholds();
    if memchr::memmem::find(value, b"...").is_some() && shape.length <= 40 {
        return Err(drop_for(Stage::Placeholder, "cut short"));
    }
    if shape.length < 6 {
        return Err(drop_for(Stage::Entropy, "too short for a generated key"));
    }
    if shape.letters() == 0 {
        return Err(drop_for(Stage::Entropy, "digits only"));
    }
    let uuid = is_uuid(value);
    if uuid && kind == Kind::Weak {
        return Err(drop_for(Stage::Context, "a UUID under a name that many things have"));
    }
    let made_up = kind == Kind::Token && deployed && mixed(value, shape);
    if !made_up && shape.random < thresholds.random / 2.0 && !(shape.hex && shape.length >= 16 && shape.digits > 0) {
        return Err(drop_for(
            Stage::Entropy,
            format!("reads like words ({:.0} bits of randomness)", shape.random.max(0.0)),
        ));
    }
    let strong = shape.length >= thresholds.length
        && shape.random >= thresholds.random
        && (kind == Kind::Token
            || shape.digits > 0
            || shape.classes() >= 3
            || shape.symbols == 0 && shape.random >= 40.0);
    // Version 1: a time and a machine's address, nothing drawn.
    if uuid && value[14] == b'1' && matches!(value[19], b'8' | b'9' | b'a' | b'b') {
        judged.reasons.push("a UUID made of time and place, not drawn at random".to_owned());
    } else if made_up && !strong {
        judged.confidence = Confidence::Likely;
        judged.reasons.push("letters, digits and symbols mixed, in a file that is used as it is".to_owned());
    } else if strong {
        judged.confidence = Confidence::Likely;
        judged
            .reasons
            .push(format!("{} characters that look drawn at random ({:.0} bits)", shape.length, shape.random));
    } else {
        judged.reasons.push(format!(
            "{} characters, {:.0} bits of randomness: short of sure",
            shape.length,
            shape.random.max(0.0)
        ));
    }
    Ok(())
}

/// What password rules ask for.
fn mixed(value: &[u8], shape: &Shape) -> bool {
    shape.classes() >= 3 && shape.length >= 8 && shape.digits > 0 && shape.symbols > 0 && !value.contains(&b' ')
}

/// A password by itself: weak words are `possible`, everything that no word list has is `likely`.
///
/// `deployed`: the file is used as it is, so a weak password in it is one.
///
/// # Errors
/// Empty ones and those that are one character.
pub(super) fn weigh_password(value: &[u8], user: Option<&[u8]>, deployed: bool) -> Result<Judged, Drop> {
    if value.is_empty() {
        return Err(drop_for(Stage::Placeholder, "the password is empty"));
    }
    let shape = Shape::of(value);
    let told = |confidence, reason: String| {
        Ok(Judged { confidence, reasons: vec![reason], facts: Vec::new(), parts: Vec::new(), length: None })
    };
    let weak = |what: &str| {
        if deployed && value.len() >= 4 {
            return told(Confidence::Likely, format!("a weak password ({what}), in a file that is used as it is"));
        }
        told(Confidence::Possible, format!("a weak or default password ({what})"))
    };
    if user.is_some_and(|user| user.eq_ignore_ascii_case(value)) {
        return weak("the user's name");
    }
    if shape.letters() == 0 && shape.symbols == 0 {
        return weak("digits only");
    }
    let thresholds = Kind::Password.thresholds();
    let mixed = mixed(value, &shape);
    if shape.random >= thresholds.random && shape.length >= thresholds.length {
        return told(Confidence::Likely, format!("no word or name ({:.0} bits of randomness)", shape.random));
    }
    if mixed && shape.random > -8.0 {
        return told(Confidence::Likely, "letters, digits and symbols mixed, as password rules ask for".to_owned());
    }
    weak("made of words")
}

/// Free text that a provider's pattern took in as a secret: words lower it. A token (`drawn`) has a digit beside them.
///
/// # Errors
/// Values that are fill.
pub(super) fn weigh_free_text(value: &[u8], drawn: bool, mut judged: Judged) -> Result<Judged, Drop> {
    let shape = Shape::of(value);
    if shape.length < 3 {
        return Err(drop_for(Stage::Entropy, "too short to be a credential"));
    }
    let mixed = shape.classes() >= 3 && shape.length >= 8 && (shape.digits > 0 || !drawn);
    if shape.random < 2.0 && !mixed {
        judged.confidence = Confidence::Possible;
        judged.reasons.push("the value is made of words".to_owned());
    }
    Ok(judged)
}
