//! What the prefilter needs to know of a pattern, derived from the pattern itself.
//!
//! For every pattern rule this finds literals of which one must occur in each match, how far before the literal a match
//! can begin, and how the engine can reach the literal: inside or just before a long run of word characters (found by
//! the run pass), behind `://` (found by the URL probe) or by the literal pass over the whole text.
//!
//! `build.rs` compiles this module too (by path), so it may use `regex-syntax` and `std` only.

use regex_syntax::hir::{Hir, HirKind, literal::Extractor};

use super::follow::{ByteSet, follow};

/// The shortest run of word characters the run pass reports. A pattern that promises a run of this length is found by it.
pub const MIN_RUN: usize = 16;
/// A run is extended to the left over lead characters by at most this many bytes before it is probed.
pub const MAX_LEAD: usize = 24;
/// A random-looking run is extended to both sides over wide characters by at most this many bytes for inner literals.
pub const MAX_WIDE: usize = 128;
/// An anchor is searched for by its first bytes, at most so many: few and short literals keep the literal pass fast.
pub const ANCHOR_BYTES: usize = 8;
/// A literal may stand at most this many bytes after the start of the match.
pub const MAX_BACK: usize = 128;
/// The shortest literal that is worth probing for.
pub const MIN_LITERAL: usize = 3;

/// How the engine reaches a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// At a boundary inside a run of word characters, or at most [`MAX_LEAD`] bytes before it.
    Run,
    /// Anywhere in a random-looking run and the base64 text around it.
    Inner,
    /// Behind `://`, at a boundary of the host or path.
    Url,
    /// By the literal pass over the whole text.
    Anchor,
}

/// One literal that introduces a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The literal's bytes, as they stand in the text.
    pub literal: Vec<u8>,
    /// A match begins at most this many bytes before the literal; 0 means exactly at it.
    pub back: u16,
    /// How the engine reaches the literal.
    pub via: Via,
    /// The bytes that may stand behind the literal in a match.
    pub next: ByteSet,
}

/// Pieces of names that the literal pass always looks for: the built-in assignment rules need them.
const COMMON: &[&[u8]] = &[b"key", b"Key", b"KEY", b"oken", b"OKEN", b"pass", b"Pass", b"PASS", b"ecret", b"ECRET"];

/// Parses a pattern the way the engine does: bytes, ASCII classes.
pub fn parse(pattern: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .map_err(|error| error.to_string())
}

/// The probes of a pattern.
///
/// # Errors
/// A sentence for the rule's author when no literal of [`MIN_LITERAL`] bytes is required near the start.
pub fn probes(pattern: &str) -> Result<Vec<Probe>, String> {
    let hir = parse(pattern)?;
    let mut parts = Vec::new();
    flatten(&hir, &mut parts);
    if let Some(found) = prefix_probes(&hir, &parts) {
        return Ok(found);
    }
    inner_probes(&hir, &parts).ok_or_else(|| {
        format!(
            "no literal of {MIN_LITERAL} or more bytes is required within {MAX_BACK} bytes of the start, so the pattern \
             would have to be tried everywhere; begin it with a literal or make the rule `kind: context` with words"
        )
    })
}

/// Concatenations and captures unrolled, so that what follows a literal can be read off.
fn flatten<'a>(hir: &'a Hir, out: &mut Vec<&'a Hir>) {
    match hir.kind() {
        HirKind::Concat(subs) => subs.iter().for_each(|sub| flatten(sub, out)),
        HirKind::Capture(capture) => flatten(&capture.sub, out),
        _ => out.push(hir),
    }
}

fn extractor() -> Extractor {
    let mut extractor = Extractor::new();
    extractor.limit_class(16).limit_repeat(8).limit_literal_len(24).limit_total(128);
    extractor
}

fn usable(literals: &[Vec<u8>]) -> bool {
    !literals.is_empty() && literals.iter().all(|literal| literal.len() >= MIN_LITERAL)
}

fn prefix_probes(hir: &Hir, parts: &[&Hir]) -> Option<Vec<Probe>> {
    let literals = literals(hir)?;
    let hosts: Option<Vec<Vec<u8>>> = literals.iter().map(|literal| behind_scheme(literal)).collect();
    if let Some(hosts) = hosts {
        // `https://` alone says little: a literal of the host or path does.
        let found = || literals.iter().zip(hosts.iter()).map(|(literal, host)| probe(host, 8, Via::Url, hir, literal));
        return usable(&hosts).then(|| found().collect());
    }
    if !usable(&literals) {
        return None;
    }
    let run = promised_run(parts) && literals.iter().all(|literal| leads(literal, 0))
        || literals.iter().all(|literal| is_run(literal));
    let via = if run { Via::Run } else { wide_via(&literals, parts) };
    Some(literals.iter().map(|literal| probe(literal, 0, via, hir, literal)).collect())
}

/// A literal in the middle, with bounded parts before it.
fn inner_probes(hir: &Hir, parts: &[&Hir]) -> Option<Vec<Probe>> {
    let url = literals(hir).is_some_and(|found| found.iter().all(|literal| behind_scheme(literal).is_some()));
    let mut before = 0usize;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && before <= MAX_BACK {
            let tail = Hir::concat(parts[index..].iter().map(|part| (*part).clone()).collect());
            if let Some(found) = literals(&tail).filter(|found| usable(found)) {
                let back = u16::try_from(before.max(1)).unwrap_or(u16::MAX);
                let via = inner_via(&found, parts, index, url);
                return Some(found.iter().map(|literal| probe(literal, back, via, &tail, literal)).collect());
            }
        }
        before = before.saturating_add(part.properties().maximum_len().unwrap_or(usize::MAX));
        if before > MAX_BACK {
            return None;
        }
    }
    None
}

fn inner_via(found: &[Vec<u8>], parts: &[&Hir], index: usize, url: bool) -> Via {
    if url {
        return Via::Url;
    }
    let joint = found.iter().all(|literal| leads(literal, 1));
    // A run behind the literal, or one that the literal follows at once.
    let reached = promised_run(&parts[index..]) || run_before(&parts[..index]) >= MIN_RUN;
    if joint && reached {
        return Via::Run;
    }
    wide_via(found, parts)
}

/// Long tokens of base64 and the like hold a random-looking run somewhere: their literals are probed all around it.
fn wide_via(found: &[Vec<u8>], parts: &[&Hir]) -> Via {
    // The literal pass looks for these anyway.
    let free =
        |literal: &Vec<u8>| COMMON.iter().any(|common| literal.windows(common.len()).any(|window| window == *common));
    if found.iter().all(free) {
        return Via::Anchor;
    }
    let least: usize = parts.iter().map(|part| part.properties().minimum_len().unwrap_or(0)).sum();
    let wide = found.iter().all(|literal| literal.iter().all(|&byte| is_wide(byte)))
        && parts.iter().all(|part| is_wide_hir(part));
    if wide && least >= 2 * MIN_RUN { Via::Inner } else { Via::Anchor }
}

/// Word characters promised right before a place.
fn run_before(parts: &[&Hir]) -> usize {
    let mut run = 0;
    for part in parts.iter().rev() {
        let Some(step) = step(part) else { break };
        run += step.tail;
        if !step.whole {
            break;
        }
    }
    run
}

fn is_wide_hir(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.iter().all(|&byte| is_wide(byte)),
        HirKind::Class(_) => class_is(hir, is_wide),
        HirKind::Repetition(repetition) => is_wide_hir(&repetition.sub),
        HirKind::Capture(capture) => is_wide_hir(&capture.sub),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().all(is_wide_hir),
    }
}

/// The literals of which each match begins with one, sorted; `None` without such.
fn literals(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let sequence = extractor().extract(hir);
    let mut found: Vec<Vec<u8>> = sequence.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    found.sort();
    found.dedup();
    // A class behind a long enough literal multiplies it for nothing: `Basic` + blank is `Basic` six times.
    let mut cut: Vec<Vec<u8>> = Vec::new();
    for literal in &found {
        match cut.last_mut() {
            Some(last) if same_but_tail(last, literal) => last.truncate(common(last, literal)),
            _ => cut.push(literal.clone()),
        }
    }
    Some(cut)
}

fn same_but_tail(a: &[u8], b: &[u8]) -> bool {
    let same = common(a, b);
    same >= 4 && b.len() - same <= 3
}

fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn behind_scheme(literal: &[u8]) -> Option<Vec<u8>> {
    let found = [&b"https://"[..], b"http://"].into_iter().find_map(|scheme| literal.strip_prefix(scheme))?;
    Some(found.to_vec())
}

/// The run pass probes where a letter or digit follows something else, and at the signs before and behind a run.
fn leads(literal: &[u8], back: u16) -> bool {
    let first = literal.first().copied().unwrap_or(b' ');
    let at_sign = is_lead(first) && !is_word(first);
    let begins = if back == 0 { at_sign || first.is_ascii_alphanumeric() } else { at_sign };
    // A literal that is a run itself needs nothing behind it.
    let own = literal.iter().take_while(|&&byte| is_word(byte)).count();
    begins && (own >= MIN_RUN || literal.iter().all(|&byte| is_lead(byte)))
}

fn is_run(literal: &[u8]) -> bool {
    literal.first().is_some_and(u8::is_ascii_alphanumeric)
        && literal.iter().take_while(|&&byte| is_word(byte)).count() >= MIN_RUN
}

/// A probe for `literal`; `part` is what begins with `whole`, the literal and what may be left out before it.
fn probe(literal: &[u8], back: u16, via: Via, part: &Hir, whole: &[u8]) -> Probe {
    Probe { literal: literal.to_vec(), back, via, next: follow(part, whole) }
}

/// True when every text the parts match holds a run of [`MIN_RUN`] word characters that begins at most [`MAX_LEAD`]
/// bytes after the start, with only lead characters before it.
fn promised_run(parts: &[&Hir]) -> bool {
    let (mut lead, mut run) = (0usize, 0usize);
    for part in parts {
        let Some(step) = step(part) else { return false };
        run += step.head;
        if run >= MIN_RUN {
            return true;
        }
        if !step.whole {
            if step.inner >= MIN_RUN {
                return lead + run + step.head <= MAX_LEAD;
            }
            lead += run + step.length;
            run = step.tail;
            if run >= MIN_RUN {
                return lead <= MAX_LEAD;
            }
        }
        if lead > MAX_LEAD {
            return false;
        }
    }
    false
}

/// What a part adds to a run: word characters at its head and tail, whether it is nothing but word characters.
struct Step {
    head: usize,
    inner: usize,
    tail: usize,
    whole: bool,
    length: usize,
}

/// `None` when the part can hold a character that is no lead character.
fn step(hir: &Hir) -> Option<Step> {
    let plain = |count: usize| Step { head: count, inner: count, tail: count, whole: true, length: count };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(plain(0)),
        HirKind::Literal(literal) => {
            let bytes = &literal.0;
            if !bytes.iter().all(|&byte| is_lead(byte)) {
                return None;
            }
            let head = bytes.iter().take_while(|&&byte| is_word(byte)).count();
            let tail = bytes.iter().rev().take_while(|&&byte| is_word(byte)).count();
            Some(Step { head, inner: 0, tail, whole: head == bytes.len(), length: bytes.len() })
        }
        HirKind::Class(_) => class_step(hir, 1, 1),
        HirKind::Repetition(repetition) => {
            let least = repetition.min as usize;
            class_step(&repetition.sub, least, repetition.max.map_or(usize::MAX, |max| max as usize)).or_else(|| {
                optional_step(&repetition.sub, least, repetition.max.map_or(usize::MAX, |max| max as usize))
            })
        }
        HirKind::Capture(capture) => step(&capture.sub),
        HirKind::Concat(subs) => concat_step(subs),
        HirKind::Alternation(subs) => alternation_step(subs),
    }
}

fn class_step(hir: &Hir, least: usize, most: usize) -> Option<Step> {
    let HirKind::Class(_) = hir.kind() else { return None };
    if class_is(hir, is_word) {
        return Some(Step { head: least, inner: least, tail: least, whole: true, length: least });
    }
    (class_is(hir, is_lead) && most <= MAX_LEAD).then_some(Step {
        head: 0,
        inner: 0,
        tail: 0,
        whole: false,
        length: most,
    })
}

/// `(x)?` and `(x){n}` of word parts promise at least n times the least of x; of other lead parts nothing, but that what
/// they hold can be passed over.
fn optional_step(sub: &Hir, least: usize, most: usize) -> Option<Step> {
    let once = step(sub)?;
    if once.whole {
        let count = once.head * least;
        return Some(Step { head: count, inner: count, tail: count, whole: true, length: count });
    }
    let length = once.length.checked_mul(most).filter(|&length| length <= MAX_LEAD)?;
    Some(Step { head: 0, inner: 0, tail: 0, whole: false, length })
}

fn concat_step(subs: &[Hir]) -> Option<Step> {
    let mut total = Step { head: 0, inner: 0, tail: 0, whole: true, length: 0 };
    for sub in subs {
        let next = step(sub)?;
        if total.whole {
            total.head += next.head;
        }
        total.inner = total.inner.max(next.inner).max(total.tail + next.head);
        total.tail = if next.whole { total.tail + next.tail } else { next.tail };
        total.whole &= next.whole;
        total.length += next.length;
    }
    Some(total)
}

fn alternation_step(subs: &[Hir]) -> Option<Step> {
    let mut steps = subs.iter().map(step);
    let mut least = steps.next()??;
    for next in steps {
        let next = next?;
        least = Step {
            head: least.head.min(next.head),
            inner: least.inner.min(next.inner),
            tail: least.tail.min(next.tail),
            whole: least.whole && next.whole,
            length: least.length.max(next.length),
        };
    }
    Some(least)
}

fn class_is(hir: &Hir, member: fn(u8) -> bool) -> bool {
    let HirKind::Class(class) = hir.kind() else { return false };
    match class {
        regex_syntax::hir::Class::Bytes(bytes) => {
            bytes.ranges().iter().all(|range| (range.start()..=range.end()).all(member))
        }
        regex_syntax::hir::Class::Unicode(unicode) => unicode
            .ranges()
            .iter()
            .all(|range| range.end().is_ascii() && (range.start() as u8..=range.end() as u8).all(member)),
    }
}

/// Characters of a run: letters, digits, `_`, `-`.
pub const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Characters over which a run is extended to the left: word characters and signs that tokens have in their first part.
pub const fn is_lead(byte: u8) -> bool {
    is_word(byte)
        || matches!(byte, b'.' | b':' | b'!' | b'$' | b'&' | b'~' | b'+' | b'|' | b'@' | b'/' | b'%' | b'#' | b'^')
}

/// Characters of base64 in both alphabets and of tokens put together from parts.
#[inline]
pub fn is_wide(byte: u8) -> bool {
    WIDE[usize::from(byte)]
}

static WIDE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] =
            is_word(byte) || matches!(byte, b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b'!' | b':' | b'&' | b'@' | b'$');
        byte += 1;
    }
    table
};
