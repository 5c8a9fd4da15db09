//! Gives findings their lines and columns, and scans streams that can be read once.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::Ordering;

use super::archive::Room;
use super::examine::Blob;
use super::locate::Locator;
use super::{Outcome, Part, Progress, Scanner, guarded};
use crate::decode::Encoding;
use crate::detect::Scratch;
use crate::judge::{Finding, Position};
use crate::report::line_hash::LineHasher;
use crate::source::Origin;
use crate::source::archive::Content;
use crate::source::read::{Window, fill, fill_at};

/// Bytes read at a time when a file is read again for its lines.
const CHUNK: usize = 1 << 20;
/// GitHub's line hashes are made for files up to this length: they need a count of every line's hash.
const MAX_HASHED: u64 = 64 << 20;

/// Hands a file's bytes to `push` until it says stop.
pub(super) fn stream(file: &File, push: &mut dyn FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    loop {
        let filled = fill_at(file, &mut buffer, offset)?;
        if filled == 0 || !push(&buffer[..filled]) {
            return Ok(());
        }
        offset += filled as u64;
    }
}

/// Starts and ends of findings and their parts, ascending.
fn marks<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<u64> {
    let spans =
        findings.flat_map(|finding| std::iter::once(finding.span).chain(finding.parts.iter().map(|part| part.span)));
    let mut marks: Vec<u64> = spans.flat_map(|span| [span.start, span.end]).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

fn assign(findings: &mut [Finding], marks: &[u64], positions: &[Position]) {
    let at = |offset: u64| {
        marks.binary_search(&offset).ok().and_then(|index| positions.get(index)).copied().unwrap_or_default()
    };
    for finding in findings {
        finding.start = at(finding.span.start);
        finding.end = at(finding.span.end);
        for part in &mut finding.parts {
            (part.start, part.end) = (at(part.span.start), at(part.span.end));
        }
        if let Some(allowed) = &mut finding.allowed {
            // The judge's line 2 is the finding's own, 1 the one above (`examine::allowed`); a first line is its own.
            let above = allowed.line == 1 && finding.start.line > 1;
            allowed.line = finding.start.line - u64::from(above);
        }
    }
}

/// Sets positions, and line hashes where they are wanted. `bytes` hands out the blob from its start each time it is called.
pub(super) fn place(
    findings: &mut [Finding],
    encoding: Encoding,
    hashes: bool,
    bytes: impl Fn(&mut dyn FnMut(&[u8]) -> bool) -> io::Result<()>,
) -> io::Result<()> {
    let marks = marks(findings.iter());
    let mut locator: Option<Locator<'_>> = None;
    bytes(&mut |chunk| {
        let locator = locator.get_or_insert_with(|| Locator::new(encoding, chunk, &marks));
        locator.push(chunk);
        !locator.done()
    })?;
    let positions = locator.map(Locator::finish).unwrap_or_default();
    assign(findings, &marks, &positions);
    if hashes && matches!(encoding, Encoding::Bytes | Encoding::Utf8Bom) {
        hash_lines(findings, bytes)?;
    }
    Ok(())
}

fn hash_lines(
    findings: &mut [Finding],
    bytes: impl Fn(&mut dyn FnMut(&[u8]) -> bool) -> io::Result<()>,
) -> io::Result<()> {
    let lines: Vec<u64> = findings.iter().map(|finding| finding.start.line).collect();
    let mut hasher = LineHasher::new(&lines);
    let mut length = 0;
    bytes(&mut |chunk| {
        length += chunk.len() as u64;
        hasher.push(chunk);
        length <= MAX_HASHED
    })?;
    if length > MAX_HASHED {
        return Ok(());
    }
    let found = hasher.finish();
    for finding in findings {
        let line = finding.start.line;
        finding.line_hash = found.iter().find(|(number, _)| *number == line).map(|(_, hash)| hash.clone());
    }
    Ok(())
}

/// Scans a stream window by window, counting lines on the way: it cannot be read again.
pub(super) fn scan_stream(
    scanner: &Scanner,
    origin: &Origin,
    reader: &mut dyn Read,
    progress: &Progress,
) -> io::Result<Outcome> {
    let sizes = scanner.sizes;
    let mut buffer = vec![0; sizes.whole() + 1];
    let filled = fill(&mut &mut *reader, &mut buffer)?;
    if let Some(kind) = scanner.archive_kind(&buffer[..filled]) {
        let (mut outcome, whole) = (Outcome::default(), filled < buffer.len());
        let content = if whole { Content::Bytes(&buffer[..filled]) } else { Content::Stream(&buffer, reader) };
        let read = scanner.archive(origin, (kind, content), &mut Room::default(), &mut outcome, progress);
        if !read {
            let head = &buffer[..filled];
            outcome.add(scanner.in_memory(&Blob::new(origin, head), head, &mut Scratch::default()));
        }
        return Ok(outcome);
    }
    let mut scratch = Scratch::default();
    if filled < buffer.len() {
        progress.bytes.fetch_add(filled as u64, Ordering::Relaxed);
        return Ok(scanner.in_memory(&Blob::new(origin, &buffer[..filled]), &buffer[..filled], &mut scratch));
    }
    go_on(scanner, origin, buffer, reader, progress, &mut scratch)
}

/// Scans a member of an archive by its first bytes and, where there are more, the rest.
pub(super) fn scan_member(
    scanner: &Scanner,
    origin: &Origin,
    head: &[u8],
    rest: Option<&mut dyn Read>,
    progress: &Progress,
    scratch: &mut Scratch,
) -> Outcome {
    let outcome = guarded(origin.shown(), || match rest {
        None => {
            progress.bytes.fetch_add(head.len() as u64, Ordering::Relaxed);
            scanner.in_memory(&Blob::new(origin, head), head, scratch)
        }
        // The archive's reader keeps its errors to itself.
        Some(rest) => go_on(scanner, origin, head.to_vec(), rest, progress, scratch).unwrap_or_default(),
    });
    progress.files.fetch_add(1, Ordering::Relaxed);
    outcome
}

/// The windows of a stream that begins with `buffer`.
fn go_on(
    scanner: &Scanner,
    origin: &Origin,
    mut buffer: Vec<u8>,
    reader: &mut dyn Read,
    progress: &Progress,
    scratch: &mut Scratch,
) -> io::Result<Outcome> {
    let sizes = scanner.sizes;
    let mut filled = buffer.len();
    let mut blob = Blob::new(origin, &buffer);
    let (mut all, mut total) = (Part::default(), 0u64);
    let (core, back) = (sizes.core & !1, sizes.back & !1);
    buffer.resize(sizes.stream().max(filled), 0);
    // `buffer[..filled]` begins at `offset` of the stream; its core begins at `core_start`.
    let (mut offset, mut core_start, mut ended) = (0u64, 0usize, false);
    let mut before = Position { line: 1, column: 1, utf16: 1 };
    while !progress.stop.load(Ordering::Relaxed) {
        if !ended {
            let more = fill(&mut &mut *reader, &mut buffer[filled..])?;
            ended = filled + more < buffer.len();
            filled += more;
        }
        let last = ended && filled <= core_start + core;
        let core_end = if last { filled } else { whole_character(&buffer[..filled], core_start + core, blob.encoding) };
        let window = Window { bytes: &buffer[..filled], offset, core_start, core_end };
        let mut part: Part = scanner.window(&blob, &window, scratch);
        before = place_window(&mut part, blob.encoding, &window, before);
        all.add(part);
        progress.bytes.fetch_add((core_end - core_start) as u64, Ordering::Relaxed);
        total += (core_end - core_start) as u64;
        if last {
            break;
        }
        let keep = core_end.saturating_sub(back) & !1;
        buffer.copy_within(keep..filled, 0);
        filled -= keep;
        offset += keep as u64;
        core_start = core_end - keep;
        // The byte-order mark is behind.
        if blob.encoding == Encoding::Utf8Bom {
            blob.encoding = Encoding::Bytes;
        }
    }
    let mut outcome = scanner.settled(all, &blob);
    (outcome.files, outcome.bytes) = (1, total);
    Ok(outcome)
}

/// The end of the last whole character before `at`: columns are counted window by window.
fn whole_character(bytes: &[u8], at: usize, encoding: Encoding) -> usize {
    if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
        return at;
    }
    let continues = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|&at| !continues(at)).unwrap_or(at)
}

/// Places one window's findings relative to the position its core begins at; returns the position of the core's end.
fn place_window(part: &mut Part, encoding: Encoding, window: &Window<'_>, start: Position) -> Position {
    let shift = window.offset + window.core_start as u64;
    let core_end = window.offset + window.core_end as u64;
    for finding in part.hits.iter_mut().filter_map(|hit| hit.result.as_mut().ok()) {
        // The lines before the core are counted and gone.
        finding.parts.retain(|part| part.span.start >= shift);
    }
    let mut marks = marks(part.hits.iter().filter_map(|hit| hit.result.as_ref().ok()));
    marks.push(core_end);
    marks.sort_unstable();
    marks.dedup();
    let relative: Vec<u64> = marks.iter().map(|mark| mark - shift).collect();
    let text = &window.bytes[window.core_start..];
    let head = if shift == 0 { text } else { &[] };
    let mut locator = Locator::new(encoding, head, &relative);
    locator.push(text);
    let positions: Vec<Position> = locator.finish().into_iter().map(|position| after(start, position)).collect();
    for finding in part.hits.iter_mut().filter_map(|hit| hit.result.as_mut().ok()) {
        assign(std::slice::from_mut(finding), &marks, &positions);
    }
    marks.binary_search(&core_end).ok().and_then(|index| positions.get(index)).copied().unwrap_or(start)
}

/// A position counted from `start` instead of from line 1, column 1.
fn after(start: Position, relative: Position) -> Position {
    if relative.line == 1 {
        Position {
            line: start.line,
            column: start.column + relative.column - 1,
            utf16: start.utf16 + relative.utf16 - 1,
        }
    } else {
        Position { line: start.line + relative.line - 1, ..relative }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::rule::RuleSet;
    use crate::source::GapReason;
    use crate::source::archive::gap_of;

    #[test]
    fn a_file_that_became_shorter_is_truncated() {
        let scanner = Scanner::new(RuleSet::builtin());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"what is left").unwrap();
        let origin = Origin::Stdin("large.txt".into());
        let (blob, progress) = (Blob::new(&origin, b""), Progress::default());
        let window = |length| {
            scanner.window_at(&file, &blob, 0, length, &mut Vec::new(), &mut Scratch::default(), &progress).map(drop)
        };
        assert!(window(12).is_ok());
        let gap = gap_of("large.txt".to_owned(), &window(5 << 20).unwrap_err());
        assert_eq!(
            (gap.reason, gap.detail.as_str()),
            (GapReason::Truncated, "the file became shorter while it was read")
        );
    }
}
