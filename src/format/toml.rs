//! TOML read line by line: tables, keys and values with exact places. A line that is no TOML costs itself.

use std::ops::Range;

use super::escape::{Escapes, escape, plain, quoted};
use super::tree::{MAX_DEPTH, Node, Pair, Scalar, Value};
use super::{Piece, Pieces};

/// Every table of the file as one document: keys of tables are joined by dots.
pub(super) fn parse(text: &[u8]) -> Vec<Node> {
    let mut reader = Reader { text, at: if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } };
    let mut pairs = Vec::new();
    let mut table: Option<(String, usize, Vec<Pair>)> = None;
    let close = |table: Option<(String, usize, Vec<Pair>)>, end: usize, pairs: &mut Vec<Pair>| {
        if let Some((key, start, own)) = table {
            let value = Node { place: start..end, tag: 0..0, value: Value::Map(own) };
            pairs.push(Pair { key, value });
        }
    };
    loop {
        reader.blanks(true);
        let start = reader.at;
        match reader.peek() {
            None => break,
            Some(b'[') => {
                close(table.take(), start, &mut pairs);
                let brackets = if reader.rest().starts_with(b"[[") { 2 } else { 1 };
                reader.at += brackets;
                let key = reader.key();
                reader.line();
                table = Some((key, start, Vec::new()));
            }
            Some(_) => {
                let pair = reader.pair(0);
                match &mut table {
                    Some((_, _, own)) => own.extend(pair),
                    None => pairs.extend(pair),
                }
                reader.line();
            }
        }
    }
    close(table, text.len(), &mut pairs);
    vec![Node { place: 0..text.len(), tag: 0..0, value: Value::Map(pairs) }]
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self, lines: bool) {
        while let Some(byte) = self.peek() {
            if byte == b'#' {
                self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.text.len() - self.at);
            } else if byte.is_ascii_whitespace() && (lines || byte != b'\n') {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Goes behind the line.
    fn line(&mut self) {
        let rest = self.rest();
        self.at += memchr::memchr(b'\n', rest).map_or(rest.len(), |found| found + 1);
    }

    /// `a."b c".d`.
    fn key(&mut self) -> String {
        let mut key = String::new();
        loop {
            self.blanks(false);
            match self.peek() {
                Some(b'"' | b'\'') => {
                    let scalar = self.string();
                    key.push_str(&String::from_utf8_lossy(&scalar.text(self.text)));
                }
                Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') => {
                    key.push(char::from(byte));
                    self.at += 1;
                }
                _ => return key,
            }
        }
    }

    fn pair(&mut self, depth: usize) -> Option<Pair> {
        let start = self.at;
        let key = self.key();
        self.blanks(false);
        if key.is_empty() || self.peek() != Some(b'=') {
            self.at = self.at.max(start + 1);
            return None;
        }
        self.at += 1;
        self.blanks(false);
        let value = self.value(depth + 1);
        Some(Pair { key, value })
    }

    fn value(&mut self, depth: usize) -> Node {
        let start = self.at;
        let value = match self.peek() {
            Some(b'"' | b'\'') => Value::Scalar(self.string()),
            Some(b'[' | b'{') if depth >= MAX_DEPTH => {
                self.at += 1;
                Value::Empty
            }
            Some(b'[') => Value::List(self.list(depth)),
            Some(b'{') => Value::Map(self.map(depth)),
            _ => {
                let rest = self.rest();
                let ends = |byte: &u8| matches!(byte, b'\n' | b'\r' | b',' | b']' | b'}' | b'#');
                let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
                let place = start..start + word.trim_ascii_end().len();
                let boolean = matches!(&self.text[place.clone()], b"true" | b"false");
                self.at = start + word.len();
                if boolean { Value::Empty } else { Value::Scalar(Scalar::plain(place, false)) }
            }
        };
        Node { place: start..self.at, tag: 0..0, value }
    }

    fn list(&mut self, depth: usize) -> Vec<Node> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.blanks(true);
            match self.peek() {
                None => return items,
                Some(b']') => {
                    self.at += 1;
                    return items;
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    items.push(self.value(depth + 1));
                    if self.at == before {
                        self.at += 1;
                    }
                }
            }
        }
    }

    fn map(&mut self, depth: usize) -> Vec<Pair> {
        let mut pairs = Vec::new();
        self.at += 1;
        loop {
            self.blanks(true);
            match self.peek() {
                None => return pairs,
                Some(b'}') => {
                    self.at += 1;
                    return pairs;
                }
                Some(b',') => self.at += 1,
                Some(_) => pairs.extend(self.pair(depth)),
            }
        }
    }

    /// Any of the four kinds of strings.
    fn string(&mut self) -> Scalar {
        let quote = self.text[self.at];
        let three = [quote; 3];
        if self.rest().starts_with(&three) {
            return self.lines(quote, &three);
        }
        let (pieces, place): (Pieces, Range<usize>) = if quote == b'"' {
            quoted(self.text, self.at, Escapes::Toml)
        } else {
            let inside = &self.text[self.at + 1..];
            let length = memchr::memchr2(b'\'', b'\n', inside).unwrap_or(inside.len());
            let end = self.at + 1 + length;
            let mut pieces = Pieces::new();
            plain(&mut pieces, self.at + 1..end);
            (pieces, self.at..end + usize::from(self.text.get(end) == Some(&b'\'')))
        };
        self.at = place.end;
        Scalar { pieces, quoted: true }
    }

    /// `"""` and `'''`: a line break right behind the quotes is no part of the text.
    fn lines(&mut self, quote: u8, three: &[u8]) -> Scalar {
        let mut from = self.at + 3;
        from += self.text[from..].iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let Some(end) = memchr::memmem::find(&self.text[from..], three).map(|found| from + found) else {
            // Never closed: what follows is read as lines again.
            self.at += 3;
            return Scalar::default();
        };
        let mut pieces = Pieces::new();
        let mut here = from;
        while quote == b'"'
            && let Some(found) = memchr::memchr(b'\\', &self.text[here..end]).map(|found| here + found)
        {
            plain(&mut pieces, from..found);
            let blank = self.text[found + 1..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blank > 0 {
                (here, from) = (found + 1 + blank, found + 1 + blank);
                continue;
            }
            let (bytes, after) = escape(self.text, found, Escapes::Toml);
            let after = after.min(end);
            pieces.push(Piece::Decoded(bytes, found..after));
            (here, from) = (after, after);
        }
        plain(&mut pieces, from..end);
        self.at = end + 3;
        Scalar { pieces, quoted: true }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::shown;
    use super::*;

    fn read(text: &str) -> String {
        shown(&parse(text.as_bytes())[0], text.as_bytes())
    }

    #[test]
    fn tables_keys_and_strings() {
        for (text, tree) in [
            ("a = \"b\\u0041\" # c\nd.'e f' = 'g\\'\n", r#"{a="bA" d.e f="g\\"}"#),
            ("[a.b]\nc = 1\n[[d]]\ne = [\"f\", { g = \"h\" }]\n", r#"{a.b={c="1"} d={e=["f" {g="h"}]}}"#),
            ("a = \"\"\"\nx\\\n  y\"\"\"\nb = '''z'''\n", r#"{a="xy" b="z"}"#),
            ("a = \"open\nno toml\nb = \"c\"\n", r#"{a="open" b="c"}"#),
            ("a = [\n  \"b\", # c\n  \"d\"\n]\ne = true\r\n", r#"{a=["b" "d"] e=-}"#),
        ] {
            assert_eq!(read(text), tree, "{text}");
        }
    }

    #[test]
    fn every_prefix_is_read_without_harm() {
        let text = "a = \"b\\u0041\"\n[c.\"d\"]\ne = [1, {f = 'g'}]\nh = \"\"\"\ni\\\n j\"\"\"\n";
        for end in 0..text.len() {
            assert!(parse(&text.as_bytes()[..end]).iter().all(|node| node.place.end <= end));
        }
    }

    #[test]
    fn hostile_texts_take_no_time() {
        for text in ["[", "a = [", "a = {", "\"\"\"\n", "a = '''\n", "a.", "a = [1,\n"] {
            let text = text.repeat(60_000);
            let start = std::time::Instant::now();
            let _ = parse(text.as_bytes());
            assert!(start.elapsed().as_secs() < 3, "{:?} {:?}", &text[..4], start.elapsed());
        }
    }
}
