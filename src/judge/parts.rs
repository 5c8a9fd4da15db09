//! What stands under names near a secret and belongs to the same credential: user, host, database, the client's id.

use std::ops::Range;

use super::randomness::Shape;
use super::{Secret, Text, reference};
use crate::detect::assign::{name_around, value_of};
use crate::detect::{Assignment, Candidate, Operator, Quote};
use crate::format::FileKind;
use crate::rule::{Matcher, Partner, Role, Rule};

/// Bytes of the longest part.
const LONGEST: usize = 128;
/// Bits of randomness from which a user's name is a token in its place.
const DRAWN: f32 = 20.0;

/// A part, in the text that is judged.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it is to the credential.
    pub role: Role,
    /// The name it is given, where there is one.
    pub name: Option<String>,
    /// Where it stands, or what it is decoded from.
    pub place: Range<usize>,
    /// The value.
    pub value: Secret,
    /// It gives no access, so it may be shown.
    pub shown: bool,
}

impl Piece {
    /// A part of a URL or of an authorization header; `None` when it is empty.
    pub(super) fn of(role: Role, place: Range<usize>, value: &[u8]) -> Option<Self> {
        let shown = role != Role::User || Shape::of(value).random < DRAWN;
        let piece = Self { role, name: None, place, value: Secret::new(value), shown };
        (!value.is_empty() && value.len() <= LONGEST).then_some(piece)
    }
}

/// Lines between a part and its secret; the part stands behind; bytes between them.
type Distance = (usize, bool, usize);

/// The parts that a rule's names find, the nearest of each role.
pub(super) fn named(rule: &Rule, candidate: &Candidate, text: Text<'_>) -> Vec<Piece> {
    let partners = || rule.partners.iter().filter(|partner| !partner.names.is_empty());
    let Some(reach) = partners().map(|partner| usize::from(partner.distance)).max() else { return Vec::new() };
    let (bytes, secret) = (text.bytes(), &candidate.secret);
    let own = candidate.assignment.as_ref().map(|assignment| squeezed(&bytes[assignment.name.clone()]));
    let frames = frames(rule, own.as_deref());
    let mut nearest: Vec<Option<(Distance, Piece)>> = vec![None; partners().count()];
    for name in runs(bytes, secret.start.saturating_sub(reach)..bytes.len().min(secret.end + reach)) {
        let spelled = squeezed(&bytes[name.clone()]);
        for (partner, best) in
            partners().zip(&mut nearest).filter(|(partner, _)| fits(partner, frames.as_deref(), &spelled))
        {
            let found = piece(partner.role, &name, candidate, text);
            let near = |(distance, _): &(Distance, Piece)| {
                distance.2 <= usize::from(partner.distance) && best.as_ref().is_none_or(|(least, _)| distance < least)
            };
            if let Some(found) = found.filter(near) {
                *best = Some(found);
            }
        }
    }
    nearest.into_iter().flatten().map(|(_, piece)| piece).collect()
}

/// The words of a region, and pairs of them with a blank between: `User Id`.
fn runs(bytes: &[u8], region: Range<usize>) -> Vec<Range<usize>> {
    let (mut out, mut at): (Vec<Range<usize>>, usize) = (Vec::new(), region.start);
    let mut before: Option<Range<usize>> = None;
    while let Some(found) = bytes[at..region.end].iter().position(u8::is_ascii_alphabetic) {
        let start = at + found;
        let escape = start > 0 && bytes[start - 1] == b'\\' && matches!(bytes[start], b'n' | b't' | b'r');
        let name = name_around(bytes, start + usize::from(escape));
        at = name.end.max(start + 1).min(region.end);
        if let Some(before) = before.filter(|before| bytes.get(before.end..name.start) == Some(b" ")) {
            out.push(before.start..name.end);
        }
        out.push(name.clone());
        before = Some(name);
    }
    out
}

/// A name as it is compared: letters and digits, lower case.
fn squeezed(name: &[u8]) -> String {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// What stands before and behind the telling word of the secret's name; `None` where it was given no name.
fn frames<'o>(rule: &Rule, own: Option<&'o str>) -> Option<Vec<(&'o str, &'o str)>> {
    let (Matcher::Assignment { names }, Some(own)) = (&rule.matcher, own) else { return None };
    let mut out = Vec::new();
    for word in names.iter().map(|name| squeezed(name.as_bytes())) {
        for (at, _) in own.match_indices(word.as_str()) {
            let (before, behind) = (&own[..at], &own[at + word.len()..]);
            out.push((before, behind));
            // `DB_NAME` belongs to `DB_PASSWORD`: its own word is `db name`.
            out.extend(before.strip_suffix("db").map(|before| (before, behind)));
        }
    }
    Some(out)
}

/// The name is that of the secret with the telling word replaced (`DB_PASSWORD`, `DB_USER`), or ends in the part's word
/// where the secret was given no name.
fn fits(partner: &Partner, frames: Option<&[(&str, &str)]>, name: &str) -> bool {
    let Some(frames) = frames else { return partner.names.iter().any(|known| name.ends_with(known.as_ref())) };
    frames.iter().any(|(before, behind)| {
        let middle = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
        middle.is_some_and(|middle| partner.names.iter().any(|known| known == middle))
    })
}

/// The value of a name, where it is a literal of the same block as the secret; with what is between the two.
fn piece(role: Role, name: &Range<usize>, candidate: &Candidate, text: Text<'_>) -> Option<(Distance, Piece)> {
    let (bytes, secret) = (text.bytes(), &candidate.secret);
    let assignment = value_of(bytes, name, text.kind)?;
    if matches!(assignment.operator, Operator::Compare | Operator::Comma | Operator::Prose) {
        return None;
    }
    // Where the secret stands without quotes, so do its parts: no code.
    let bare = candidate.assignment.as_ref().is_some_and(|own| own.quote == Quote::None);
    let place = literal(bytes, &assignment, (!bare).then_some(&assignment), text.kind)?;
    let between = if place.end <= secret.start {
        place.end..secret.start
    } else if secret.end <= name.start {
        secret.end..name.start
    } else {
        return None;
    };
    if apart(bytes, &between, place.end <= secret.start) {
        return None;
    }
    let name = String::from_utf8_lossy(&bytes[name.clone()]).into_owned();
    let piece = Piece::of(role, place.clone(), &bytes[place])?;
    let lines = memchr::memchr_iter(b'\n', &bytes[between.clone()]).count();
    Some(((lines, between.start >= secret.end, between.len()), Piece { name: Some(name), ..piece }))
}

/// The value up to what ends it in any notation; nothing that stands for another value, is the name again, or could hold a
/// secret.
fn literal(bytes: &[u8], assignment: &Assignment, code: Option<&Assignment>, kind: FileKind) -> Option<Range<usize>> {
    let mut place = assignment.value.clone();
    if let Some(scheme) = memchr::memmem::find(&bytes[place.clone()], b"://") {
        place.start += scheme + 3;
    }
    if reference::reference(&bytes[place.clone()], code, kind).is_some() {
        return None;
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-@+:/\\%".contains(byte);
    let length = bytes[place.clone()].iter().take_while(|byte| plain(byte)).count();
    let value = &bytes[place.start..place.start + length];
    let holds = memchr::memchr(b'@', value).is_some() && memchr::memchr(b':', value).is_some();
    let again = squeezed(value) == squeezed(&bytes[assignment.name.clone()]);
    (length > 0 && !holds && !again).then(|| place.start..place.start + length)
}

/// The text between a part and its secret leaves the block that holds the first of them.
fn apart(bytes: &[u8], between: &Range<usize>, part_first: bool) -> bool {
    let text = &bytes[between.clone()];
    let (mut depth, mut lowest) = (0i32, 0i32);
    for byte in text {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth -= 1,
            _ => {}
        }
        lowest = lowest.min(depth);
    }
    if lowest < 0 || depth > 0 && !part_first {
        return true;
    }
    let start = memchr::memrchr(b'\n', &bytes[..between.start]).map_or(0, |found| found + 1);
    let first = indent(&bytes[start..]);
    let mut lines = text.split(|byte| *byte == b'\n').skip(1).peekable();
    let mut least = usize::MAX;
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        let begins = line.trim_ascii_start();
        if begins.starts_with(b"- ") || begins.starts_with(b"[") || begins.starts_with(b"---") {
            return true;
        }
        if is_last {
            let own = indent(line);
            return least < first.min(own) || if part_first { first > own } else { own > first };
        }
        least = if begins.is_empty() { least } else { least.min(indent(line)) };
    }
    false
}

/// Bytes before a line's first key; the dash of a list item is among them.
fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'-')).count()
}
