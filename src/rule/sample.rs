//! Makes texts that a pattern matches: the canary scans them on every run, and a missed one fails the run.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::{Matcher, Rule, derive};

/// A text that holds a credential of the rule's shape, made from `seed`. `None` for rules whose proof a random text would
/// fail, and for assignment rules without names.
pub fn sample(rule: &Rule, seed: u64) -> Option<String> {
    if rule.proof.is_some() {
        return None;
    }
    let mut random = Random(seed | 1);
    let mut value = |pattern: &str| {
        let hir = derive::parse(pattern).ok()?;
        let mut out = Vec::new();
        emit(&hir, &mut random, &mut out)?;
        String::from_utf8(out).ok()
    };
    match &rule.matcher {
        Matcher::Pattern { pattern, .. } => Some(format!("canary {}\n", value(pattern)?)),
        Matcher::Context { pattern, words, .. } => Some(format!("{}_key = \"{}\"\n", words.first()?, value(pattern)?)),
        // What a general rule finds, under the service's name.
        Matcher::Named { words } => Some(format!(
            "{}_secret = \"{}\"\n",
            words.first()?,
            value("[a-z]{3}[0-9]{2}[A-Z]{3}[0-9][a-z]{2}[0-9][A-Z]{2}")?
        )),
        Matcher::Assignment { names } => Some(format!(
            "{} = \"{}\"\n",
            names.first()?.replace(' ', "_"),
            value("[a-z]{3}[0-9]{2}[A-Z]{3}[0-9][a-z]{4}[0-9][A-Z]{4}[0-9]{2}")?
        )),
    }
}

fn emit(hir: &Hir, random: &mut Random, out: &mut Vec<u8>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(class) => out.push(pick(class, random)?),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min.saturating_add(8));
            let count = if repetition.min == 0 { most.min(1) } else { repetition.min };
            for _ in 0..count {
                emit(&repetition.sub, random, out)?;
            }
        }
        HirKind::Capture(capture) => emit(&capture.sub, random, out)?,
        HirKind::Concat(subs) => subs.iter().try_for_each(|sub| emit(sub, random, out))?,
        HirKind::Alternation(subs) => emit(subs.first()?, random, out)?,
    }
    Some(())
}

/// A member of the class: letters and digits where it has any, so that the text looks like a token.
fn pick(class: &Class, random: &mut Random) -> Option<u8> {
    let ranges: Vec<(u8, u8)> = match class {
        Class::Bytes(bytes) => bytes.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Unicode(unicode) => unicode
            .ranges()
            .iter()
            .filter_map(|range| Some((u8::try_from(range.start()).ok()?, u8::try_from(range.end()).unwrap_or(0x7e))))
            .collect(),
    };
    let mut members: Vec<u8> = ranges.iter().flat_map(|&(start, end)| start..=end).collect();
    if members.iter().any(u8::is_ascii_alphanumeric) {
        members.retain(u8::is_ascii_alphanumeric);
    } else if members.iter().any(u8::is_ascii_graphic) {
        members.retain(u8::is_ascii_graphic);
    }
    let index = usize::try_from(random.next() % members.len().max(1) as u64).ok()?;
    members.get(index).copied()
}

/// Xorshift: repeatable, nothing more is asked of it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }
}
