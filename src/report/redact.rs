//! Text shown without the secrets in it: the finding's own, its neighbours' on the same line, and the same value
//! wherever else it stands. All formats get their excerpts here.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::judge::{Finding, Part, REDACTED};
use crate::policy::Verdict;
use crate::source::{Origin, Span};

use super::escape::escaped;

/// Shorter values are redacted at their own place only: as a search word they would hit everything.
const SHORTEST_WORD: usize = 4;
/// Values from here on are redacted in the excerpts of every origin, shorter ones in those of their own.
const SHORTEST_EVERYWHERE: usize = 16;
/// That many bytes of a word.
type Piece = [u8; SHORTEST_WORD];
/// Stands where a line was cut.
const CUT: &str = "…";

/// The values that must not be shown. Made once a report.
pub struct Redactor<'a> {
    everywhere: Words<'a>,
    here: HashMap<&'a Origin, Here<'a>>,
    show: bool,
}

/// What is known of one origin.
#[derive(Default)]
struct Here<'a> {
    words: Words<'a>,
    /// Disjoint and sorted; the findings' places in the blob.
    places: Vec<Span>,
}

/// A source line as it may be shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line {
    /// Redacted and escaped, one line.
    pub text: String,
    /// Where the finding's own redaction (or value) stands in `text`, in bytes. Empty only for an empty excerpt.
    pub mark: Range<usize>,
}

impl<'a> Redactor<'a> {
    /// Takes the values of all findings, suppressed ones too. With `show` nothing is redacted, only escaped.
    pub fn new(verdicts: &'a [Verdict], show: bool) -> Self {
        let mut everywhere = Vec::new();
        let mut here: HashMap<&Origin, (Vec<&[u8]>, Vec<Span>)> = HashMap::new();
        for finding in verdicts.iter().map(|verdict| &verdict.finding) {
            let (words, places) = here.entry(&finding.origin).or_default();
            places.push(finding.span);
            let hidden = || finding.parts.iter().filter(|part| !part.shown);
            places.extend(hidden().map(|part| part.span));
            let parts = hidden().flat_map(|part| [Some(&part.value), part.written.as_ref()]);
            let values = [Some(&finding.secret), finding.written.as_ref()].into_iter().chain(parts);
            for word in values.flatten().flat_map(|value| words_of(value.expose())) {
                if word.len() < SHORTEST_EVERYWHERE { words.push(word) } else { everywhere.push(word) }
            }
        }
        let here = here
            .into_iter()
            .map(|(origin, (words, places))| (origin, Here { words: Words::new(words), places: joined(places) }))
            .collect();
        Self { everywhere: Words::new(everywhere), here, show }
    }

    /// The finding's line.
    pub fn line(&self, finding: &Finding) -> Line {
        let excerpt = &finding.excerpt;
        let ends = |c: &u8| *c == b'\n' || *c == b'\r';
        let length = excerpt.text.len() - excerpt.text.iter().rev().take_while(|c| ends(c)).count();
        let text = &excerpt.text[..length];
        let own = excerpt.secret.start.min(length)..excerpt.secret.end.min(length);
        let mut ranges = vec![own.clone()];
        if !self.show {
            self.add_words(text, &finding.origin, &mut ranges);
            self.add_cut_words(finding, text, &mut ranges);
            self.add_places(finding, length, &mut ranges);
        }
        let mut line = Line::default();
        if excerpt.cut_before {
            line.text.push_str(CUT);
        }
        let mut at = 0;
        for range in merged(ranges) {
            line.text.push_str(&escaped(&String::from_utf8_lossy(&text[at..range.start])));
            let start = line.text.len();
            if self.show {
                line.text.push_str(&escaped(&String::from_utf8_lossy(&text[range.clone()])));
            } else {
                line.text.push_str(REDACTED);
            }
            if range.start <= own.start && own.end <= range.end {
                line.mark = start..line.text.len();
            }
            at = range.end;
        }
        line.text.push_str(&escaped(&String::from_utf8_lossy(&text[at..])));
        if excerpt.cut_after {
            line.text.push_str(CUT);
        }
        line
    }

    /// The value of a part, where it may be shown. Not escaped.
    pub fn part(&self, origin: &Origin, part: &Part) -> String {
        if self.show || part.shown {
            return self.text(origin, &String::from_utf8_lossy(part.value.expose()));
        }
        REDACTED.to_owned()
    }

    /// Text of a finding that is not its excerpt (a name, a fact, the reason of an allow comment). Not escaped.
    pub fn text(&self, origin: &Origin, text: &str) -> String {
        let mut ranges = Vec::new();
        if !self.show {
            self.add_words(text.as_bytes(), origin, &mut ranges);
        }
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        for range in merged(ranges) {
            out.extend_from_slice(&text.as_bytes()[at..range.start]);
            out.extend_from_slice(REDACTED.as_bytes());
            at = range.end;
        }
        out.extend_from_slice(&text.as_bytes()[at..]);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// How a finding was decoded and what it was called there (`base64 → gzip → json: .data.password`). Not escaped.
    pub fn way(&self, finding: &Finding) -> String {
        let mut out = finding.chain.join(" → ");
        if let Some(name) = &finding.name {
            // A key path in the usual notation.
            let path = matches!(finding.chain.last().map(AsRef::as_ref), Some("json" | "yaml" | "toml"));
            out.push_str(if path { ": ." } else { ": " });
            out.push_str(&self.text(&finding.origin, name));
        }
        out
    }

    fn add_words(&self, text: &[u8], origin: &Origin, ranges: &mut Vec<Range<usize>>) {
        self.everywhere.find(text, ranges);
        if let Some(here) = self.here.get(origin) {
            here.words.find(text, ranges);
        }
    }

    /// Values of which the cut left a part.
    fn add_cut_words(&self, finding: &Finding, text: &[u8], ranges: &mut Vec<Range<usize>>) {
        let here = self.here.get(&finding.origin).map(|here| &here.words);
        for words in here.into_iter().chain([&self.everywhere]) {
            if finding.excerpt.cut_before {
                ranges.extend(words.tail_at_start(text).map(|length| 0..length));
            }
            if finding.excerpt.cut_after {
                ranges.extend(words.head_at_end(text).map(|length| text.len() - length..text.len()));
            }
        }
    }

    /// Findings that stand on the same line of the blob. Only lines of undecoded text have the blob's offsets.
    fn add_places(&self, finding: &Finding, length: usize, ranges: &mut Vec<Range<usize>>) {
        let Some(here) = self.here.get(&finding.origin).filter(|_| finding.excerpt.plain) else { return };
        let Some(begin) = finding.span.start.checked_sub(finding.excerpt.secret.start as u64) else { return };
        let end = begin.saturating_add(length as u64);
        let first = here.places.partition_point(|place| place.end <= begin);
        for place in here.places[first..].iter().take_while(|place| place.start < end) {
            let offset = |at: u64| usize::try_from(at.clamp(begin, end) - begin).unwrap_or(length);
            ranges.push(offset(place.start)..offset(place.end));
        }
    }
}

/// The value, and its lines when it has several.
fn words_of(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = value.split(|c| *c == b'\n').map(<[u8]>::trim_ascii);
    let several = value.contains(&b'\n');
    std::iter::once(value).chain(lines.filter(move |_| several)).filter(|word| word.len() >= SHORTEST_WORD)
}

/// Spans without overlaps, sorted.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}

/// Ranges without overlaps, sorted; empty ones are left out.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// Words to look for. Sorted tables instead of an automaton: an excerpt has a few hundred bytes, the words may be many
/// and begin alike.
#[derive(Default)]
struct Words<'a> {
    /// The first bytes of each word: most places of a text are passed over by these.
    heads: HashSet<Piece>,
    /// And the last bytes.
    tails: HashSet<Piece>,
    /// Sorted.
    forward: Vec<&'a [u8]>,
    /// For each word the longest other word that it begins with.
    shorter: Vec<Option<usize>>,
    /// Sorted by their bytes from the end.
    backward: Vec<&'a [u8]>,
}

impl<'a> Words<'a> {
    fn new(mut words: Vec<&'a [u8]>) -> Self {
        words.sort_unstable();
        words.dedup();
        let mut shorter: Vec<Option<usize>> = Vec::with_capacity(words.len());
        for (index, word) in words.iter().enumerate() {
            let mut candidate = index.checked_sub(1);
            while let Some(at) = candidate.filter(|at| !word.starts_with(words[*at])) {
                candidate = shorter[at];
            }
            shorter.push(candidate);
        }
        let heads = words.iter().filter_map(|word| word.first_chunk().copied()).collect();
        let tails = words.iter().filter_map(|word| word.last_chunk().copied()).collect();
        let mut backward = words.clone();
        backward.sort_unstable_by(|a, b| a.iter().rev().cmp(b.iter().rev()));
        Self { heads, tails, forward: words, shorter, backward }
    }

    /// Adds the longest word at every place.
    fn find(&self, text: &[u8], ranges: &mut Vec<Range<usize>>) {
        if self.forward.is_empty() {
            return;
        }
        for (at, piece) in text.windows(SHORTEST_WORD).enumerate() {
            if !self.heads.contains(piece) {
                continue;
            }
            let rest = &text[at..];
            let mut candidate = self.forward.partition_point(|word| *word <= rest).checked_sub(1);
            while let Some(index) = candidate.filter(|index| !rest.starts_with(self.forward[*index])) {
                candidate = self.shorter[index];
            }
            ranges.extend(candidate.map(|index| at..at + self.forward[index].len()));
        }
    }

    /// Length of the longest end of `text` that some word begins with.
    fn head_at_end(&self, text: &[u8]) -> Option<usize> {
        let starts = (0..text.len()).map(|at| &text[at..]);
        let known = |end: &&[u8]| end.first_chunk::<SHORTEST_WORD>().is_some_and(|head| self.heads.contains(head));
        let longest = starts.filter(known).find(|end| {
            let index = self.forward.partition_point(|word| word < end);
            self.forward.get(index).is_some_and(|word| word.starts_with(end))
        });
        longest.map(<[u8]>::len)
    }

    /// Length of the longest start of `text` that some word ends with.
    fn tail_at_start(&self, text: &[u8]) -> Option<usize> {
        let ends = (1..=text.len()).rev().map(|length| &text[..length]);
        let known = |start: &&[u8]| start.last_chunk::<SHORTEST_WORD>().is_some_and(|tail| self.tails.contains(tail));
        let longest = ends.filter(known).find(|start| {
            let index = self.backward.partition_point(|word| word.iter().rev().lt(start.iter().rev()));
            self.backward.get(index).is_some_and(|word| word.ends_with(start))
        });
        longest.map(<[u8]>::len)
    }
}
