//! Words of shell text with their quotes taken off, each byte with its place.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::SmallVec;

use crate::format::{Piece, Pieces};

/// What ends the words read so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::format) enum Mark {
    /// A word: it was added.
    Word,
    /// `|`.
    Pipe,
    /// `;`, `&`, `(`, `)`.
    Separator,
    /// The line's end.
    Line,
    /// `<<`; the delimiter is the next word.
    Heredoc {
        /// `<<-`.
        strip: bool,
    },
    /// `<<<`.
    HereString,
    /// The text's end.
    End,
}

/// A word without its quotes.
#[derive(Default, Debug)]
pub(in crate::format) struct Word {
    /// What the shell makes of it; expansions are left out.
    pub(in crate::format) text: Vec<u8>,
    /// From where in `text` on which place is meant.
    parts: SmallVec<[Part; 1]>,
    /// It holds an expansion.
    pub(in crate::format) dynamic: bool,
}

#[derive(Debug)]
struct Part {
    at: usize,
    place: Range<usize>,
    plain: bool,
}

impl Word {
    /// The pieces of a range of the word's text.
    pub(in crate::format) fn pieces(&self, range: Range<usize>) -> Pieces {
        let mut pieces = Pieces::new();
        let first = self.parts.partition_point(|part| part.at <= range.start).saturating_sub(1);
        for (index, part) in self.parts.iter().enumerate().skip(first).take_while(|(_, part)| part.at < range.end) {
            let end = self.parts.get(index + 1).map_or(self.text.len(), |next| next.at);
            let (from, to) = (part.at.max(range.start), end.min(range.end));
            if from >= to {
                continue;
            }
            pieces.push(if part.plain {
                Piece::Plain(part.place.start + (from - part.at)..part.place.start + (to - part.at))
            } else {
                Piece::Decoded(Cow::Owned(self.text[from..to].to_vec()), part.place.clone())
            });
        }
        pieces
    }

    /// From the word's first byte to its last one, quotes at its ends left out.
    pub(in crate::format) fn place(&self) -> Option<Range<usize>> {
        Some(self.parts.first()?.place.start..self.parts.last()?.place.end)
    }

    /// The pieces from an offset on.
    pub(in crate::format) fn from(&self, at: usize) -> Pieces {
        self.pieces(at..self.text.len())
    }

    fn plain(&mut self, text: &[u8], place: Range<usize>) {
        if place.is_empty() {
            return;
        }
        let goes_on = self.parts.last().is_some_and(|part| part.plain && part.place.end == place.start);
        let at = self.text.len();
        self.text.extend_from_slice(&text[place.clone()]);
        match self.parts.last_mut().filter(|_| goes_on) {
            Some(part) => part.place.end = place.end,
            None => self.parts.push(Part { at, place, plain: true }),
        }
    }

    fn decoded(&mut self, bytes: &[u8], place: Range<usize>) {
        self.parts.push(Part { at: self.text.len(), place, plain: false });
        self.text.extend_from_slice(bytes);
    }
}

/// Goes over shell text.
pub(in crate::format) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    end: usize,
    escape: u8,
    /// Substitutions met, to be read by themselves.
    pub(in crate::format) inner: Vec<Range<usize>>,
    /// No `'`, no `"` follows any more, so that none is looked for twice.
    open: [bool; 2],
    /// Bytes that may yet be searched in vain for the end of a substitution or here-document.
    pub(in crate::format) patience: usize,
}

const BLANKS: &[u8] = b" \t\r";

/// A byte that ends a word or is more than itself in one.
fn is_sign(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b'\'' | b'"' | b'$' | b'`'
    )
}

impl<'t> Lexer<'t> {
    pub(in crate::format) fn new(text: &'t [u8], range: Range<usize>, escape: u8) -> Self {
        let end = range.end.min(text.len());
        Self {
            text,
            at: range.start.min(end),
            end,
            escape,
            inner: Vec::new(),
            open: [false; 2],
            patience: end - range.start.min(end),
        }
    }

    /// Where it stands.
    pub(in crate::format) fn at(&self) -> usize {
        self.at
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text[..self.end].get(self.at + ahead).copied()
    }

    /// The length of an escaped line end at `at`, or 0.
    fn continued(&self, at: usize) -> usize {
        let rest = &self.text[at.min(self.end)..self.end];
        if rest.first() != Some(&self.escape) {
            return 0;
        }
        let blanks = rest[1..].iter().take_while(|byte| BLANKS.contains(byte)).count();
        // Blanks behind the sign are an oversight that Docker forgives.
        if rest.get(1 + blanks) == Some(&b'\n') { blanks + 2 } else { 0 }
    }

    /// The next word, which is added to `words`, or what stands between words.
    pub(in crate::format) fn next(&mut self, words: &mut Vec<Word>) -> Mark {
        loop {
            match self.peek(0) {
                None => return Mark::End,
                Some(byte) if BLANKS.contains(&byte) => self.at += 1,
                Some(byte) if byte == self.escape && self.continued(self.at) > 0 => self.at += self.continued(self.at),
                Some(b'#') => {
                    self.at += memchr::memchr(b'\n', &self.text[self.at..self.end]).unwrap_or(self.end - self.at);
                }
                _ => break,
            }
        }
        let rest = &self.text[self.at..self.end];
        let (mark, length) = match rest {
            [b'\n', ..] => (Mark::Line, 1),
            [b'|', b'|', ..] => (Mark::Separator, 2),
            [b'|', b'&', ..] => (Mark::Pipe, 2),
            [b'|', ..] => (Mark::Pipe, 1),
            [b'<', b'<', b'<', ..] => (Mark::HereString, 3),
            [b'<', b'<', b'-', ..] => (Mark::Heredoc { strip: true }, 3),
            [b'<', b'<', ..] => (Mark::Heredoc { strip: false }, 2),
            [b';' | b'&' | b'(' | b')', ..] => (Mark::Separator, 1),
            // A redirection's target is a word like others; nothing that looks at words takes it for a value.
            [b'<' | b'>', ..] => {
                self.at += 1;
                words.push(Word { text: b">".to_vec(), ..Word::default() });
                return Mark::Word;
            }
            _ => {
                let word = self.word();
                words.push(word);
                return Mark::Word;
            }
        };
        self.at += length;
        mark
    }

    /// The word that begins here.
    fn word(&mut self) -> Word {
        let mut word = Word::default();
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\'' => self.single(&mut word),
                b'"' => self.double(&mut word),
                b'$' => self.dollar(&mut word),
                b'`' if self.escape != b'`' => self.backtick(&mut word),
                _ if byte == self.escape => self.escaped(&mut word),
                _ => {
                    let rest = &self.text[self.at + 1..self.end];
                    let length = rest.iter().take_while(|&&byte| byte != self.escape && !is_sign(byte)).count() + 1;
                    word.plain(self.text, self.at..self.at + length);
                    self.at += length;
                }
            }
        }
        word
    }

    fn escaped(&mut self, word: &mut Word) {
        let skipped = self.continued(self.at);
        if skipped > 0 {
            self.at += skipped;
        } else if self.at + 1 < self.end {
            // `C:\dir` stays readable where the escape is of no use: a letter keeps its sign.
            let keeps = self.text[self.at + 1].is_ascii_alphanumeric();
            if keeps {
                word.plain(self.text, self.at..self.at + 2);
            } else {
                word.decoded(&self.text[self.at + 1..self.at + 2], self.at..self.at + 2);
            }
            self.at += 2;
        } else {
            self.at += 1;
        }
    }

    fn single(&mut self, word: &mut Word) {
        let start = self.at + 1;
        let close = if self.open[0] { None } else { memchr::memchr(b'\'', &self.text[start..self.end]) };
        if let Some(length) = close {
            word.plain(self.text, start..start + length);
            self.at = start + length + 1;
        } else {
            self.open[0] = true;
            self.at = start;
        }
    }

    /// True when a quote or bracket of the kind closes later on; at `from` the search begins.
    fn closes(&mut self, kind: usize, sign: u8, from: usize) -> bool {
        if !self.open[kind] {
            self.open[kind] = memchr::memchr(sign, &self.text[from.min(self.end)..self.end]).is_none();
        }
        !self.open[kind]
    }

    fn double(&mut self, word: &mut Word) {
        let start = self.at + 1;
        if !self.closes(1, b'"', start) {
            self.at = start;
            return;
        }
        self.at = start;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'$' => self.dollar(word),
                b'`' if self.escape != b'`' => self.backtick(word),
                _ if byte == self.escape => {
                    let skipped = self.continued(self.at);
                    let next = self.peek(1);
                    if skipped > 0 {
                        self.at += skipped;
                    } else if matches!(next, Some(b'"' | b'\\' | b'$' | b'`')) {
                        word.decoded(&self.text[self.at + 1..self.at + 2], self.at..self.at + 2);
                        self.at += 2;
                    } else {
                        word.plain(self.text, self.at..self.at + 1);
                        self.at += 1;
                    }
                }
                _ => {
                    let rest = &self.text[self.at..self.end];
                    let length = rest
                        .iter()
                        .take_while(|&&byte| !matches!(byte, b'"' | b'$' | b'`' | b'\\') && byte != self.escape)
                        .count()
                        .max(1);
                    word.plain(self.text, self.at..self.at + length);
                    self.at += length;
                }
            }
        }
    }

    fn dollar(&mut self, word: &mut Word) {
        match self.peek(1) {
            Some(b'\'') => self.ansi(word),
            Some(b'{') => {
                word.dynamic = true;
                self.skip_pair(1, b'{', b'}');
            }
            Some(b'(') => {
                word.dynamic = true;
                let start = self.at + 2;
                self.skip_pair(1, b'(', b')');
                self.inner.push(start..self.at.saturating_sub(1).max(start));
            }
            Some(next) if next.is_ascii_alphabetic() || matches!(next, b'_' | b'@' | b'*' | b'#' | b'?') => {
                word.dynamic = true;
                self.at += 2;
                while self.peek(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    self.at += 1;
                }
            }
            Some(next) if next.is_ascii_digit() => {
                word.dynamic = true;
                self.at += 2;
            }
            _ => {
                word.plain(self.text, self.at..self.at + 1);
                self.at += 1;
            }
        }
    }

    /// Goes past the pair that opens `ahead` bytes on; what does not close ends at the line.
    fn skip_pair(&mut self, ahead: usize, open: u8, close: u8) {
        let start = self.at + ahead;
        let mut depth = 0usize;
        let mut at = start;
        let most = self.end.min(start + self.patience);
        while let Some(found) = memchr::memchr2(open, close, &self.text[at..most]) {
            at += found + 1;
            depth = if self.text[at - 1] == open { depth + 1 } else { depth - 1 };
            if depth == 0 {
                self.at = at;
                return;
            }
        }
        self.patience -= most - start;
        self.at = memchr::memchr(b'\n', &self.text[start..self.end]).map_or(self.end, |length| start + length);
    }

    fn backtick(&mut self, word: &mut Word) {
        word.dynamic = true;
        let start = self.at + 1;
        let line = memchr::memchr2(b'`', b'\n', &self.text[start..self.end]).map_or(self.end, |length| start + length);
        self.inner.push(start..line);
        self.at = if self.text[..self.end].get(line) == Some(&b'`') { line + 1 } else { line };
    }

    /// `$'…'`.
    fn ansi(&mut self, word: &mut Word) {
        self.at += 2;
        while let Some(byte) = self.peek(0) {
            let start = self.at;
            match byte {
                b'\'' => {
                    self.at += 1;
                    return;
                }
                b'\n' => return,
                b'\\' => {
                    let hex = |at: usize| self.peek(at).and_then(|digit| char::from(digit).to_digit(16));
                    let (value, length) = match (self.peek(1), hex(2), hex(3)) {
                        (Some(b'x'), Some(high), Some(low)) => (u8::try_from(high * 16 + low).unwrap_or(b'?'), 4),
                        (Some(b'n'), ..) => (b'\n', 2),
                        (Some(b't'), ..) => (b'\t', 2),
                        (Some(next), ..) => (next, 2),
                        (None, ..) => (b'\\', 1),
                    };
                    self.at += length;
                    word.decoded(&[value], start..self.at);
                }
                _ => {
                    self.at += 1;
                    word.plain(self.text, start..self.at);
                }
            }
        }
    }

    /// The text of a here-document that begins at this line; afterwards the lexer stands behind its delimiter.
    pub(in crate::format) fn body(&mut self, delimiter: &[u8], strip: bool) -> Range<usize> {
        let start = self.at;
        let mut line = start;
        while line < self.end && line - start < self.patience {
            let end = memchr::memchr(b'\n', &self.text[line..self.end]).map_or(self.end, |length| line + length);
            let mut content = &self.text[line..end];
            if strip {
                let tabs = content.iter().take_while(|&&byte| byte == b'\t').count();
                content = &content[tabs..];
            }
            // A script in a pipeline's file is indented as a whole.
            if content.trim_ascii() == delimiter {
                self.at = (end + 1).min(self.end);
                return start..line;
            }
            line = end + 1;
        }
        self.patience -= (line.min(self.end) - start).min(self.patience);
        // It never ends: the rest is read as commands, as if it had not begun.
        start..start
    }
}
