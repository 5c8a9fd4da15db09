//! YAML read by its lines: every document of a file, with exact places, whatever else the file holds.
//!
//! Libraries stop at the first thing they cannot read, and what lies in repositories is half templates. Here a line that is
//! no YAML (`{{- if … }}`, a broken quote) costs itself: reading goes on with the next one by its indentation. What a
//! library reads, it reads to the same tree (`tests`).

mod flow;
mod scalar;

use std::collections::HashMap;
use std::ops::Range;

use super::tree::{MAX_DEPTH, Node, Pair, Scalar, Value};

/// YAML allows keys no longer than this.
const MAX_KEY: usize = 1024;
/// A template action that stands alone on its lines is looked at this far.
const MAX_ACTION: usize = 2048;
/// Bytes that all aliases of a file together may repeat.
const ALIASED: usize = 64 << 10;

/// Every document of a text.
pub(super) fn parse(text: &[u8]) -> Vec<Node> {
    let start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut reader =
        Reader { text, at: start, line: start, anchors: HashMap::new(), aliased: ALIASED, unclosed: [usize::MAX; 2] };
    let mut documents = Vec::new();
    while reader.at < text.len() {
        if reader.at == reader.line && reader.marker() {
            let ends = text[reader.at] == b'.';
            reader.at += 3;
            if ends {
                reader.next_line();
            }
        }
        reader.document(&mut documents);
    }
    documents
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// Where the line of `at` begins.
    line: usize,
    anchors: HashMap<&'t [u8], Scalar>,
    /// Bytes that aliases may still repeat.
    aliased: usize,
    /// From here on no `'`, no `"` closes what is opened.
    unclosed: [usize; 2],
}

impl<'t> Reader<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blank_or_end(&self, at: usize) -> bool {
        self.text.get(at).is_none_or(u8::is_ascii_whitespace)
    }

    /// The line of `at` ends here.
    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.text[self.at..]).map_or(self.text.len(), |found| self.at + found)
    }

    fn next_line(&mut self) {
        self.at = (self.line_end() + 1).min(self.text.len());
        self.line = self.at;
    }

    fn skip_blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// `---` or `...` at the beginning of a line.
    fn marker(&self) -> bool {
        let rest = &self.text[self.at..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.blank_or_end(self.at + 3)
    }

    fn comment(&self) -> bool {
        self.byte() == Some(b'#') && (self.at == self.line || self.blank_or_end(self.at - 1))
    }

    /// `- ` begins an item here.
    fn dash(&self) -> bool {
        self.byte() == Some(b'-') && self.blank_or_end(self.at + 1)
    }

    /// Goes to the next content and tells its column; `None` where the document ends.
    fn peek(&mut self) -> Option<usize> {
        loop {
            self.skip_blanks();
            let byte = self.byte()?;
            if byte == b'\n' || self.comment() || self.directive() {
                self.next_line();
            } else if self.at == self.line && self.marker() {
                return None;
            } else if !self.action() {
                return Some(self.at - self.line);
            }
        }
    }

    /// `%YAML 1.2`.
    fn directive(&self) -> bool {
        self.at == self.line && self.byte() == Some(b'%')
    }

    /// Passes lines that hold a template's actions and nothing else: `{{- if .Values.x }}`, `{% endfor %}`.
    fn action(&mut self) -> bool {
        let rest = &self.text[self.at..self.text.len().min(self.at + MAX_ACTION)];
        let close: &[u8] = match rest {
            [b'{', b'{', ..] => b"}}",
            [b'{', b'%', ..] => b"%}",
            [b'{', b'#', ..] => b"#}",
            _ => return false,
        };
        if !self.text[self.line..self.at].iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return false;
        }
        let Some(end) = memchr::memmem::find(rest, close).map(|found| found + 2) else { return false };
        let line = memchr::memchr(b'\n', &rest[end..]).map_or(rest.len(), |found| end + found);
        let behind = rest[end..line].trim_ascii();
        let actions =
            behind.is_empty() || behind.ends_with(b"}}") || behind.ends_with(b"%}") || behind.starts_with(b"#");
        if !actions || behind.starts_with(b":") || memchr::memmem::find(behind, b": ").is_some() {
            return false;
        }
        self.at += line;
        self.next_line();
        true
    }

    fn document(&mut self, documents: &mut Vec<Node>) {
        let mut own: Option<Node> = None;
        while self.peek().is_some() {
            let before = self.at;
            let node = self.block(0, 0);
            if self.at == before {
                self.next_line();
            }
            match (&mut own, node) {
                // What follows a break belongs to the same document.
                (
                    Some(Node { value: Value::Map(pairs), place, .. }),
                    Node { value: Value::Map(more), place: end, .. },
                ) => {
                    pairs.extend(more);
                    place.end = end.end;
                }
                (_, node) => documents.extend(own.replace(node)),
            }
        }
        documents.extend(own);
    }

    /// What stands here or on the following lines, indented by at least `least`.
    fn block(&mut self, least: usize, depth: usize) -> Node {
        let Some(column) = self.peek().filter(|&column| column >= least) else { return Node::default() };
        if depth >= MAX_DEPTH {
            while self.peek().is_some_and(|column| column >= least) {
                self.next_line();
            }
            return Node::default();
        }
        if self.dash() {
            return self.sequence(column, depth);
        }
        if self.key().is_some() {
            return self.mapping(column, depth);
        }
        self.inline(least, None, depth)
    }

    fn sequence(&mut self, indent: usize, depth: usize) -> Node {
        let start = self.at;
        let (mut items, mut end) = (Vec::new(), start + 1);
        while let Some(column) = self.peek().filter(|&column| column >= indent) {
            if !self.dash() {
                if column == indent {
                    break;
                }
                // Text that belongs to nothing.
                self.next_line();
                continue;
            }
            end = self.at + 1;
            self.at += 1;
            let item = self.block(column + 1, depth + 1);
            end = end.max(item.place.end);
            items.push(item);
        }
        Node { place: start..end, tag: 0..0, value: Value::List(items) }
    }

    fn mapping(&mut self, indent: usize, depth: usize) -> Node {
        let start = self.at;
        let (mut pairs, mut end) = (Vec::new(), start + 1);
        while let Some(column) = self.peek().filter(|&column| column >= indent) {
            if self.dash() {
                // A list that no key announces: what a template has put in its place is not seen.
                let value = self.sequence(column, depth + 1);
                end = end.max(value.place.end);
                pairs.push(Pair { key: String::new(), value });
                continue;
            }
            let Some((key, behind)) = self.key() else {
                self.next_line();
                continue;
            };
            self.at = behind;
            end = end.max(behind);
            let value = self.inline(column + 1, Some(column), depth + 1);
            end = end.max(value.place.end);
            pairs.push(Pair { key: String::from_utf8_lossy(key).into_owned(), value });
        }
        Node { place: start..end, tag: 0..0, value: Value::Map(pairs) }
    }

    /// The key that stands here and the place behind its colon.
    fn key(&self) -> Option<(&'t [u8], usize)> {
        let mut at = self.at;
        if self.byte() == Some(b'?') && self.blank_or_end(at + 1) {
            at += 1;
        }
        loop {
            at += self.text[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if !matches!(self.text.get(at), Some(b'&' | b'!')) {
                break;
            }
            at += self.text[at..].iter().take(MAX_KEY).take_while(|byte| !byte.is_ascii_whitespace()).count();
        }
        let line = &self.text[at..self.text.len().min(at + MAX_KEY)];
        let (text, colon) = match line {
            [quote @ (b'"' | b'\''), rest @ ..] => {
                let end = closing(rest, *quote)?;
                let blanks = rest[end + 1..].iter().take_while(|byte| **byte == b' ').count();
                (&rest[..end], end + 2 + blanks)
            }
            [b'{', b'{', ..] => plain_key(line)?,
            [] | [b'[' | b'{' | b'|' | b'>' | b'#' | b'%' | b'@' | b'`' | b',' | b'\n', ..] => return None,
            _ => plain_key(line)?,
        };
        (line.get(colon) == Some(&b':') && self.blank_or_end(at + colon + 1)).then_some((text, at + colon + 1))
    }

    /// What stands on the rest of the line, goes on below it, or stands below as a block. `list`: the column at which a list
    /// may stand although it is not indented.
    fn inline(&mut self, least: usize, list: Option<usize>, depth: usize) -> Node {
        let (tag, anchor) = self.properties();
        let mut node = match self.byte() {
            Some(b'|' | b'>') if self.block_header() => self.block_scalar(least),
            Some(b'"' | b'\'') => self.quoted_line(least),
            Some(b'[') => self.flow_line(least, depth),
            Some(b'{') if !matches!(self.text.get(self.at + 1), Some(b'{' | b'%')) => self.flow_line(least, depth),
            Some(b'*') => self.alias(),
            None | Some(b'\n') => self.below(least, list, depth),
            _ if self.comment() => self.below(least, list, depth),
            _ => self.plain(least),
        };
        if let (Some(anchor), Value::Scalar(scalar)) = (anchor, &node.value) {
            self.anchors.insert(anchor, scalar.clone());
        }
        node.tag = tag;
        node
    }

    fn below(&mut self, least: usize, list: Option<usize>, depth: usize) -> Node {
        match self.peek() {
            Some(column) if column >= least => self.block(least, depth),
            Some(column) if Some(column) == list && self.dash() && depth < MAX_DEPTH => self.sequence(column, depth),
            _ => Node::default(),
        }
    }

    /// Tag and anchor before a value.
    fn properties(&mut self) -> (Range<usize>, Option<&'t [u8]>) {
        let (mut tag, mut anchor) = (0..0, None);
        loop {
            self.skip_blanks();
            let byte = self.byte().filter(|byte| matches!(byte, b'!' | b'&'));
            let Some(byte) = byte else { return (tag, anchor) };
            let word = self.word();
            self.at = word.end;
            if byte == b'&' {
                anchor = Some(&self.text[word.start + 1..word.end]);
            } else {
                tag = word;
            }
        }
    }

    /// Up to the next blank or flow punctuation; at least one byte unless the text ends.
    fn word(&self) -> Range<usize> {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
        let rest = self.text[self.at..].iter().skip(1).position(ends).map(|found| self.at + 1 + found);
        self.at..rest.unwrap_or(self.text.len())
    }

    fn alias(&mut self) -> Node {
        let place = self.word();
        self.at = place.end;
        let scalar = self.anchors.get(&self.text[place.start + 1..place.end]);
        let length = scalar.map_or(0, |scalar| scalar.text(self.text).len() + 16);
        let scalar = scalar.filter(|_| length <= self.aliased).cloned();
        if scalar.is_some() {
            self.aliased -= length;
        }
        Node { place, tag: 0..0, value: scalar.map_or(Value::Empty, Value::Scalar) }
    }
}

/// Where a key in quotes ends.
fn closing(rest: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + memchr::memchr3(quote, b'\\', b'\n', &rest[at..])?;
        match rest[found] {
            b'\n' => return None,
            b'\\' if quote == b'"' => at = (found + 2).min(rest.len()),
            b'\\' => at = found + 1,
            _ => return Some(found),
        }
    }
}

/// A key without quotes, and its colon.
fn plain_key(line: &[u8]) -> Option<(&[u8], usize)> {
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'\n' => return None,
            b'#' if at > 0 && line[at - 1].is_ascii_whitespace() => return None,
            b'{' if line.get(at + 1) == Some(&b'{') => {
                at += memchr::memmem::find(&line[at..], b"}}")? + 2;
                continue;
            }
            b':' if line.get(at + 1).is_none_or(u8::is_ascii_whitespace) => return Some((line[..at].trim_ascii(), at)),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests;
