//! YAML's lists and maps in brackets.

use super::super::tree::{MAX_DEPTH, Node, Pair, Scalar, Value};
use super::Reader;
use super::scalar::scalar_or_empty;

impl Reader<'_> {
    /// Brackets as a block's value: what follows them on their last line is no YAML.
    pub(super) fn flow_line(&mut self, least: usize, depth: usize) -> Node {
        let node = self.flow(least, depth);
        // Brackets that a line of less depth has ended leave that line to what lies around them.
        if self.at > self.line && !self.text[self.line..self.at].iter().all(u8::is_ascii_whitespace) {
            self.at = self.line_end();
        }
        node
    }

    fn flow(&mut self, least: usize, depth: usize) -> Node {
        let start = self.at;
        let map = self.text[start] == b'{';
        let (mut items, mut pairs) = (Vec::new(), Vec::new());
        self.at += 1;
        let mut end = self.at;
        while self.flow_blanks(least) {
            match self.byte() {
                None => break,
                Some(b']' | b'}') => {
                    self.at += 1;
                    end = self.at;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    let key = self.flow_value(least, depth + 1);
                    end = self.at;
                    let named = self.flow_colon(least, &key);
                    if named || map {
                        let value = if named { self.flow_after_colon(least, depth + 1) } else { Node::default() };
                        end = end.max(value.place.end);
                        let name = key.text(self.text).unwrap_or_default().into_owned();
                        let pair = Pair { key: name, value };
                        if map {
                            pairs.push(pair);
                        } else {
                            let place = key.place.start..end;
                            items.push(Node { place, tag: 0..0, value: Value::Map(vec![pair]) });
                        }
                    } else {
                        items.push(key);
                    }
                }
            }
        }
        let value = if map { Value::Map(pairs) } else { Value::List(items) };
        Node { place: start..end, tag: 0..0, value }
    }

    /// Passes blanks, lines and comments. False where the brackets cannot go on: the text or the document ends, or a line
    /// is indented by less than what they belong to.
    fn flow_blanks(&mut self, least: usize) -> bool {
        loop {
            self.skip_blanks();
            match self.byte() {
                None => return false,
                Some(b'\n') => self.next_line(),
                _ if self.comment() => self.next_line(),
                Some(byte) => {
                    let first = self.text[self.line..self.at].iter().all(u8::is_ascii_whitespace);
                    let outside = self.at - self.line < least && !matches!(byte, b']' | b'}');
                    let ends = outside || self.at == self.line && self.marker();
                    return !first || !ends;
                }
            }
        }
    }

    /// Passes the colon behind a key.
    fn flow_colon(&mut self, least: usize, key: &Node) -> bool {
        let (at, line) = (self.at, self.line);
        if self.flow_blanks(least) && self.byte() == Some(b':') {
            let tight = key.scalar().is_none_or(|scalar| scalar.quoted);
            let next = self.text.get(self.at + 1);
            if tight
                || next
                    .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'{' | b'}'))
            {
                self.at += 1;
                return true;
            }
        }
        (self.at, self.line) = (at, line);
        false
    }

    fn flow_after_colon(&mut self, least: usize, depth: usize) -> Node {
        if !self.flow_blanks(least) || matches!(self.byte(), Some(b',' | b']' | b'}')) {
            return Node::default();
        }
        self.flow_value(least, depth)
    }

    /// At least one byte is passed.
    fn flow_value(&mut self, least: usize, depth: usize) -> Node {
        let (tag, anchor) = self.properties();
        let start = self.at;
        let mut node = match self.byte() {
            Some(b'[' | b'{') if depth >= MAX_DEPTH => {
                self.at += 1;
                Node { place: start..self.at, ..Node::default() }
            }
            Some(b'[' | b'{') => self.flow(least, depth),
            Some(b'*') => self.alias(),
            Some(b'"' | b'\'') => match self.quoted(least) {
                Some(scalar) => Node { place: start..self.at, tag: 0..0, value: Value::Scalar(scalar) },
                None => self.flow_plain(),
            },
            Some(b',' | b']' | b'}') if !tag.is_empty() => Node { place: tag.clone(), ..Node::default() },
            _ => self.flow_plain(),
        };
        if let (Some(anchor), Value::Scalar(scalar)) = (anchor, &node.value) {
            self.anchors.insert(anchor, scalar.clone());
        }
        node.tag = tag;
        node
    }

    /// Text without quotes, on one line.
    fn flow_plain(&mut self) -> Node {
        let start = self.at;
        let rest = &self.text[start..];
        let ends = |at: usize, byte: u8| match byte {
            b'\n' | b',' | b'[' | b']' | b'{' | b'}' => true,
            b':' => rest
                .get(at + 1)
                .is_none_or(|next| next.is_ascii_whitespace() || matches!(next, b',' | b'[' | b']' | b'{' | b'}')),
            b'#' => at > 0 && rest[at - 1].is_ascii_whitespace(),
            _ => false,
        };
        let length = (1..rest.len()).find(|&at| ends(at, rest[at])).unwrap_or(rest.len());
        self.at = start + length;
        let text = rest[..length].trim_ascii_end().len();
        let scalar = Scalar::plain(start..start + text, false);
        Node { place: start..self.at.max(start), tag: 0..0, value: scalar_or_empty(self.text, scalar.pieces) }
    }
}
