//! JSON, with comments, trailing commas, bare keys and single quotes where they occur; several values one after the other
//! (JSON lines). What cannot be read is passed over, so a template or a broken text keeps what is around the break.

use std::ops::Range;

use super::escape::{Escapes, quoted};
use super::tree::{MAX_DEPTH, Node, Pair, Scalar, Value};

/// Every value of the text.
pub(super) fn parse(text: &[u8]) -> Vec<Node> {
    let mut reader = Reader { text, at: 0 };
    let mut nodes = Vec::new();
    loop {
        reader.blanks();
        match reader.peek() {
            None => return nodes,
            Some(b'{' | b'[') => nodes.push(reader.value(0)),
            Some(b'"') => reader.at = quoted(text, reader.at, Escapes::Json).1.end,
            Some(_) => reader.at += 1,
        }
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Passes white space and comments.
    fn blanks(&mut self) {
        while let Some(byte) = self.peek() {
            let rest = &self.text[self.at..];
            if byte.is_ascii_whitespace() {
                self.at += 1;
            } else if rest.starts_with(b"//") {
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            } else if rest.starts_with(b"/*") {
                self.at += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
            } else {
                return;
            }
        }
    }

    /// The value that begins here. At least one byte is passed.
    fn value(&mut self, depth: usize) -> Node {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                self.at += 1;
                Value::Empty
            }
            Some(b'{') => Value::Map(self.map(depth)),
            Some(b'[') => Value::List(self.list(depth)),
            Some(b'"' | b'\'') => Value::Scalar(self.string()),
            _ => self.bare(),
        };
        Node { place: start..self.at.max(start + 1).min(self.text.len()), tag: 0..0, value }
    }

    fn map(&mut self, depth: usize) -> Vec<Pair> {
        let mut pairs = Vec::new();
        self.at += 1;
        loop {
            self.blanks();
            let Some(byte) = self.peek() else { return pairs };
            match byte {
                b'}' => {
                    self.at += 1;
                    return pairs;
                }
                // A bracket that closes what lies around: this map was never closed.
                b']' => return pairs,
                b',' | b':' => self.at += 1,
                b'{' | b'[' => {
                    // No key: a template or a break. What is inside is kept.
                    let value = self.value(depth + 1);
                    pairs.push(Pair { key: String::new(), value });
                }
                _ => {
                    let key = self.key();
                    self.blanks();
                    if self.peek() != Some(b':') {
                        continue;
                    }
                    self.at += 1;
                    self.blanks();
                    if !matches!(self.peek(), None | Some(b'}' | b']' | b',')) {
                        let value = self.value(depth + 1);
                        pairs.push(Pair { key, value });
                    }
                }
            }
        }
    }

    fn list(&mut self, depth: usize) -> Vec<Node> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'}') => return items,
                Some(b']') => {
                    self.at += 1;
                    return items;
                }
                Some(b',' | b':') => self.at += 1,
                Some(_) => items.push(self.value(depth + 1)),
            }
        }
    }

    fn key(&mut self) -> String {
        if matches!(self.peek(), Some(b'"' | b'\'')) {
            let scalar = self.string();
            return String::from_utf8_lossy(&scalar.text(self.text)).into_owned();
        }
        let word = self.word();
        String::from_utf8_lossy(&self.text[word]).into_owned()
    }

    fn string(&mut self) -> Scalar {
        let (pieces, place) = quoted(self.text, self.at, Escapes::Json);
        self.at = place.end;
        Scalar { pieces, quoted: true }
    }

    /// Up to what ends a bare word; at least one byte.
    fn word(&mut self) -> Range<usize> {
        let start = self.at;
        let ends =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"');
        let length = self.text[start..].iter().position(|&byte| ends(byte)).unwrap_or(self.text.len() - start);
        self.at = (start + length.max(1)).min(self.text.len());
        start..self.at
    }

    /// `true`, `12`, and whatever else stands without quotes.
    fn bare(&mut self) -> Value {
        let word = self.word();
        match &self.text[word.clone()] {
            b"null" | b"true" | b"false" | b"undefined" => Value::Empty,
            _ => Value::Scalar(Scalar::plain(word, false)),
        }
    }
}

/// Text that is a JSON object or list from end to end.
pub(super) fn looks_like(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    match (text.first(), text.last()) {
        (Some(b'{'), Some(b'}')) => !text.starts_with(b"{{") && memchr::memchr(b'"', text).is_some(),
        (Some(b'['), Some(b']')) => memchr::memchr(b'{', text).is_some() && memchr::memchr(b'"', text).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::shown;
    use super::*;

    #[test]
    fn comments_breaks_and_escapes() {
        for (text, tree) in [
            (r#"{"a": "x\u0041\n\ud83d\ude00", "b": [1, true, {"c": null}]}"#, r#"{a="xA\n😀" b=["1" - {c=-}]}"#),
            ("// head\n{a: 'q', /* no */ \"b\": 2,}\n", r#"{a="q" b="2"}"#),
            ("{\"a\": {\"b\": \"1\"", r#"{a={b="1"}}"#),
            ("{\"a\": [\"1\", \"2\"}", r#"{a=["1" "2"]}"#),
            ("{\"a\" \"b\": 1, {{ x }}: 2}", r#"{b="1" ={={}}}"#),
        ] {
            let nodes = parse(text.as_bytes());
            let first = nodes.first().map(|node| shown(node, text.as_bytes()));
            assert_eq!(first.as_deref(), Some(tree), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(100_000);
        assert_eq!(parse(deep.as_bytes()).len(), 1);
        let deep = "{\"a\":".repeat(100_000);
        assert_eq!(parse(deep.as_bytes()).len(), 1);
    }

    #[test]
    fn every_prefix_is_read_without_harm() {
        let text = br#"{"a": "x\u0041\ud83d\ude00", /* c */ "b": [1, {"c": 'd'}], "e": "f"} {"g": "h"}"#;
        for end in 0..text.len() {
            for node in parse(&text[..end]) {
                assert!(node.place.end <= end);
            }
        }
    }
}
