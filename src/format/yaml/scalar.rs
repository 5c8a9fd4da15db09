//! YAML's scalars: plain, quoted and block text, over several lines.

use std::borrow::Cow;

use super::super::escape::{Escapes, escape, plain};
use super::super::tree::{Node, Scalar, Value};
use super::super::{Piece, Pieces};
use super::Reader;

impl Reader<'_> {
    /// `|`, `>-`, `|2` and nothing else on the line.
    pub(super) fn block_header(&self) -> bool {
        let line = self.text[self.at + 1..self.line_end()].trim_ascii_end();
        let indicators = line.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9')).count();
        let rest = &line[indicators..];
        rest.is_empty() || rest[0].is_ascii_whitespace() && rest.trim_ascii_start().starts_with(b"#")
    }

    /// A block of lines. Its lines' ends are part of the text, the last one's is not.
    pub(super) fn block_scalar(&mut self, least: usize) -> Node {
        let start = self.at;
        let folded = self.byte() == Some(b'>');
        let header = &self.text[self.at + 1..self.line_end()];
        let digit = header.iter().take(2).find(|byte| byte.is_ascii_digit()).map(|byte| usize::from(byte - b'0'));
        let mut indent = digit.map(|digit| least.saturating_sub(1) + digit);
        let mut end = self.line_end();
        self.next_line();
        let (mut pieces, mut kept) = (Pieces::new(), 0);
        while self.at < self.text.len() {
            let line_end = self.line_end();
            let line = &self.text[self.at..line_end];
            let spaces = line.iter().take_while(|byte| **byte == b' ').count();
            let text = line[spaces..].trim_ascii_end();
            let newline = line_end..(line_end + 1).min(self.text.len());
            if text.is_empty() {
                plain(&mut pieces, newline);
                self.next_line();
                continue;
            }
            if spaces == 0 && self.marker() {
                break;
            }
            let template = text.starts_with(b"{{") || text.starts_with(b"{%");
            if spaces < indent.unwrap_or(least) {
                if template {
                    // An action of the template around the text.
                    self.next_line();
                    continue;
                }
                break;
            }
            let indent = *indent.get_or_insert(spaces);
            let content = self.at + indent.min(spaces)..self.at + spaces + text.len();
            end = content.end;
            plain(&mut pieces, content);
            kept = pieces.len();
            if folded {
                pieces.push(Piece::Decoded(Cow::Borrowed(b" "), newline));
            } else {
                plain(&mut pieces, newline);
            }
            self.next_line();
        }
        pieces.truncate(kept);
        Node { place: start..end, tag: 0..0, value: Value::Scalar(Scalar { pieces, quoted: true }) }
    }

    /// Quoted text as a block's value: what follows it on its line is no YAML.
    pub(super) fn quoted_line(&mut self, least: usize) -> Node {
        let start = self.at;
        let Some(scalar) = self.quoted(least) else {
            // Never closed: the rest of the line is the text.
            let end = self.line_end();
            let text = self.text[start + 1..end].trim_ascii_end().len();
            self.at = end;
            let place = start + 1..start + 1 + text;
            return Node { place: start..end, tag: 0..0, value: Value::Scalar(Scalar::plain(place, true)) };
        };
        let end = self.at;
        self.at = self.line_end();
        Node { place: start..end, tag: 0..0, value: Value::Scalar(scalar) }
    }

    /// Quoted text. `None`, and nothing passed, where it is never closed or its lines are indented by less than `least`.
    pub(super) fn quoted(&mut self, least: usize) -> Option<Scalar> {
        let (start, quote) = (self.at, self.text[self.at]);
        let which = usize::from(quote == b'"');
        if self.unclosed[which] <= start {
            return None;
        }
        let mut pieces = Pieces::new();
        let (mut from, mut here, mut line) = (start + 1, start + 1, self.line);
        loop {
            let Some(found) = memchr::memchr3(quote, b'\\', b'\n', &self.text[here..]).map(|found| here + found) else {
                self.unclosed[which] = start;
                return None;
            };
            let next = self.text.get(found + 1).copied();
            match self.text[found] {
                b'\\' if quote == b'\'' => here = found + 1,
                b'\\' if matches!(next, Some(b'\n' | b'\r')) => {
                    plain(&mut pieces, from..found);
                    let (after, begins) = self.fold(found + 1, least)?;
                    (from, here, line) = (after, after, begins);
                }
                b'\\' => {
                    plain(&mut pieces, from..found);
                    let (bytes, end) = escape(self.text, found, Escapes::Json);
                    let end = end.min(self.text.len());
                    pieces.push(Piece::Decoded(bytes, found..end));
                    (from, here) = (end, end);
                }
                b'\n' => {
                    let text = self.text[from..found].trim_ascii_end().len();
                    plain(&mut pieces, from..from + text);
                    let (after, begins) = self.fold(found, least)?;
                    let breaks = memchr::memchr_iter(b'\n', &self.text[found..after]).count();
                    let folded = if breaks > 1 { vec![b'\n'; breaks - 1] } else { vec![b' '] };
                    pieces.push(Piece::Decoded(Cow::Owned(folded), from + text..after));
                    (from, here, line) = (after, after, begins);
                }
                _ if quote == b'\'' && next == Some(b'\'') => {
                    plain(&mut pieces, from..found);
                    pieces.push(Piece::Decoded(Cow::Borrowed(b"'"), found..found + 2));
                    (from, here) = (found + 2, found + 2);
                }
                _ => {
                    plain(&mut pieces, from..found);
                    (self.at, self.line) = (found + 1, line);
                    return Some(Scalar { pieces, quoted: true });
                }
            }
        }
    }

    /// From a line's end to the next text, and the beginning of that text's line. `None`: that line does not belong here.
    fn fold(&self, at: usize, least: usize) -> Option<(usize, usize)> {
        let blanks = self.text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let after = at + blanks;
        let line = memchr::memrchr(b'\n', &self.text[at..after]).map_or(at, |found| at + found + 1);
        (after - line >= least).then_some((after, line))
    }

    /// Text without quotes, with the lines below that belong to it.
    pub(super) fn plain(&mut self, least: usize) -> Node {
        let start = self.at;
        let mut pieces = Pieces::new();
        let mut end = self.plain_line(&mut pieces);
        while self.byte() == Some(b'\n') {
            let (at, line) = (self.at, self.line);
            let breaks = self.text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.at = at + breaks;
            self.line = memchr::memrchr(b'\n', &self.text[at..self.at]).map_or(line, |found| at + found + 1);
            let column = self.at - self.line;
            let template = self.text[self.at..].starts_with(b"{{") || self.text[self.at..].starts_with(b"{%");
            let ends = self.byte().is_none() || column < least || column == 0 && self.marker();
            if ends || self.comment() || template || self.key().is_some() {
                (self.at, self.line) = (at, line);
                break;
            }
            let lines = memchr::memchr_iter(b'\n', &self.text[at..self.at]).count();
            let folded = if lines > 1 { vec![b'\n'; lines - 1] } else { vec![b' '] };
            pieces.push(Piece::Decoded(Cow::Owned(folded), end..self.at));
            end = self.plain_line(&mut pieces);
        }
        Node { place: start..end, tag: 0..0, value: scalar_or_empty(self.text, pieces) }
    }

    /// One line of plain text: up to its end or a comment. Tells where the text ends.
    fn plain_line(&mut self, pieces: &mut Pieces) -> usize {
        let line = &self.text[self.at..self.line_end()];
        let comment = memchr::memchr_iter(b'#', line).find(|&at| at > 0 && line[at - 1].is_ascii_whitespace());
        let text = line[..comment.unwrap_or(line.len())].trim_ascii_end().len();
        let end = self.at + text;
        plain(pieces, self.at..end);
        self.at += comment.unwrap_or(line.len());
        if comment.is_some() {
            // Nothing goes on behind a comment: only its line is passed.
            self.at = self.line_end();
            self.next_line();
        }
        end
    }
}

/// `null`, `true` and their like are no text.
pub(super) fn scalar_or_empty(text: &[u8], pieces: Pieces) -> Value {
    let scalar = Scalar { pieces, quoted: false };
    let word = scalar.text(text);
    if matches!(word.as_ref(), b"" | b"~" | b"null" | b"Null" | b"true" | b"True" | b"false" | b"False") {
        return Value::Empty;
    }
    Value::Scalar(Scalar { pieces: scalar.pieces, quoted: false })
}
