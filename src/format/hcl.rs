//! HCL, as Terraform, Packer and Nomad write it: blocks and attributes as one tree, `resource.aws_db.main.password`.
//!
//! Expressions are passed over by their brackets; literals, lists, objects and the arguments of calls are kept. A line that
//! is no HCL costs itself.

use std::collections::HashMap;
use std::ops::Range;

use super::escape::{Escapes, escape, plain};
use super::tree::{MAX_DEPTH, Node, Pair, Scalar, Value};
use super::{Piece, Pieces};

/// The body of a file.
pub(super) fn parse(text: &[u8]) -> Vec<Node> {
    let mut reader = Reader { text, at: 0, lines: None };
    let mut pairs = Vec::new();
    while reader.at < text.len() {
        pairs.append(&mut reader.body(0));
        // A bracket that closes nothing.
        reader.at += 1;
    }
    vec![Node { place: 0..text.len(), tag: 0..0, value: Value::Map(pairs) }]
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// Lines that hold one word, by the word: where here-documents may end. Made when the first one begins.
    lines: Option<HashMap<&'t [u8], Vec<usize>>>,
}

fn words_alone(text: &[u8]) -> HashMap<&[u8], Vec<usize>> {
    let mut lines: HashMap<&[u8], Vec<usize>> = HashMap::new();
    let mut at = 0;
    for line in text.split(|&byte| byte == b'\n') {
        let word = line.trim_ascii();
        if !word.is_empty() && word.iter().all(|&byte| is_word(byte)) {
            lines.entry(word).or_default().push(at);
        }
        at += line.len() + 1;
    }
    lines
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes white space and comments; line ends too where `lines` is true.
    fn blanks(&mut self, lines: bool) {
        while let Some(byte) = self.peek() {
            let rest = self.rest();
            if byte == b'\n' && !lines {
                return;
            } else if byte.is_ascii_whitespace() {
                self.at += 1;
            } else if byte == b'#' || rest.starts_with(b"//") {
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            } else if rest.starts_with(b"/*") {
                self.at += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
            } else {
                return;
            }
        }
    }

    fn word(&mut self) -> Range<usize> {
        let start = self.at;
        let length = self.text[start..].iter().take_while(|byte| is_word(**byte)).count();
        self.at += length;
        start..self.at
    }

    fn shown(&self, place: &Range<usize>) -> String {
        String::from_utf8_lossy(&self.text[place.clone()]).into_owned()
    }

    /// Attributes and blocks up to a `}` that is not passed.
    fn body(&mut self, depth: usize) -> Vec<Pair> {
        let mut pairs = Vec::new();
        loop {
            self.blanks(true);
            match self.peek() {
                None | Some(b'}') => return pairs,
                Some(byte) if is_word(byte) || byte == b'"' => pairs.extend(self.statement(depth)),
                Some(_) => self.at += 1,
            }
        }
    }

    /// `name = value` or `name "label" { … }`.
    fn statement(&mut self, depth: usize) -> Option<Pair> {
        let key = self.label()?;
        let mut labels = Vec::new();
        loop {
            self.blanks(false);
            match self.peek() {
                Some(b'=' | b':') => {
                    self.at += 1;
                    let value = self.expression(depth + 1);
                    return Some(Pair { key, value });
                }
                Some(b'{') => {
                    let body = self.block(depth + 1);
                    let wrap = |inner: Node, label: String| {
                        let place = inner.place.clone();
                        Node { place, tag: 0..0, value: Value::Map(vec![Pair { key: label, value: inner }]) }
                    };
                    return Some(Pair { key, value: labels.into_iter().rev().fold(body, wrap) });
                }
                Some(byte) if (is_word(byte) || byte == b'"') && labels.len() < 4 => labels.push(self.label()?),
                // No statement: the rest of the line is passed.
                _ => {
                    let rest = self.rest();
                    self.at += memchr::memchr2(b'\n', b'}', rest).unwrap_or(rest.len());
                    return None;
                }
            }
        }
    }

    fn label(&mut self) -> Option<String> {
        if self.peek() == Some(b'"') {
            let (scalar, _) = self.string();
            return Some(String::from_utf8_lossy(&scalar.text(self.text)).into_owned());
        }
        let word = self.word();
        (!word.is_empty()).then(|| self.shown(&word))
    }

    fn block(&mut self, depth: usize) -> Node {
        let start = self.at;
        self.at += 1;
        let pairs = if depth < MAX_DEPTH { self.body(depth) } else { Vec::new() };
        if self.peek() == Some(b'}') {
            self.at += 1;
        }
        Node { place: start..self.at, tag: 0..0, value: Value::Map(pairs) }
    }

    /// A value up to the end of its line, a comma or a closing bracket.
    fn expression(&mut self, depth: usize) -> Node {
        self.blanks(false);
        let start = self.at;
        let first = self.operand(depth);
        let mut end = self.at;
        let mut more = Vec::new();
        let mut operators = false;
        loop {
            self.blanks(false);
            match self.peek() {
                None | Some(b'\n' | b',' | b'}' | b']' | b')') => break,
                Some(b'"' | b'[' | b'{' | b'(') if operators => more.push(self.operand(depth)),
                Some(byte) if is_word(byte) && operators => more.push(self.operand(depth)),
                Some(_) => {
                    operators = true;
                    // Something else than a value: an operator, whose other side may stand on the next line.
                    self.at += 1;
                    if matches!(self.text[self.at - 1], b'?' | b':' | b'&' | b'|' | b'>') {
                        self.blanks(true);
                    }
                }
            }
            end = self.at;
        }
        if !operators {
            return first;
        }
        // Of a computed value only what it picks from is kept: `x ? { … } : { … }`.
        more.insert(0, first);
        more.retain(|node| matches!(node.value, Value::Map(_) | Value::List(_)));
        let value = if more.is_empty() { Value::Empty } else { Value::List(more) };
        Node { place: start..end.max(start), tag: 0..0, value }
    }

    /// A literal, a list, an object, a call or a name. At least one byte is passed unless a value cannot begin here.
    fn operand(&mut self, depth: usize) -> Node {
        let start = self.at;
        if depth >= MAX_DEPTH {
            let word = self.word();
            self.at = (word.end + usize::from(word.is_empty())).min(self.text.len());
            return Node { place: start..self.at, ..Node::default() };
        }
        let value = match self.peek() {
            Some(b'"') => {
                let (scalar, end) = self.string();
                self.at = end;
                Value::Scalar(scalar)
            }
            Some(b'<') if self.rest().starts_with(b"<<") => self.heredoc(),
            Some(b'[' | b'(') => Value::List(self.list(depth)),
            Some(b'{') => return self.block(depth),
            Some(byte) if is_word(byte) => {
                let word = self.word();
                if self.peek() == Some(b'(') {
                    let mut arguments = self.list(depth);
                    match arguments.len() {
                        1 if is_passed_on(&self.text[word.clone()]) => arguments.remove(0).value,
                        _ => {
                            arguments.retain(|node| matches!(node.value, Value::Map(_) | Value::List(_)));
                            Value::List(arguments)
                        }
                    }
                } else if self.text[word.start].is_ascii_digit() {
                    Value::Scalar(Scalar::plain(word, false))
                } else {
                    Value::Empty
                }
            }
            _ => Value::Empty,
        };
        Node { place: start..self.at, tag: 0..0, value }
    }

    fn list(&mut self, depth: usize) -> Vec<Node> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.blanks(true);
            match self.peek() {
                None | Some(b'}') => return items,
                Some(b']' | b')') => {
                    self.at += 1;
                    return items;
                }
                Some(b',') => self.at += 1,
                Some(b'[' | b'{' | b'(') if depth >= MAX_DEPTH => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    items.push(self.expression(depth + 1));
                    if self.at == before {
                        self.at += 1;
                    }
                }
            }
        }
    }

    /// A string in quotes; `${ … }` inside it is text, whatever quotes it holds. Not passed: its end is told.
    fn string(&mut self) -> (Scalar, usize) {
        let text = self.text;
        let (mut pieces, mut from) = (Pieces::new(), self.at + 1);
        let mut here = from;
        let end = loop {
            let Some(&byte) = text.get(here) else { break here };
            match byte {
                b'"' | b'\n' => break here,
                b'\\' if here + 1 < text.len() => {
                    plain(&mut pieces, from..here);
                    let (bytes, after) = escape(text, here, Escapes::Toml);
                    let after = after.min(text.len());
                    pieces.push(Piece::Decoded(bytes, here..after));
                    (here, from) = (after, after);
                }
                b'$' | b'%' if text.get(here + 1) == Some(&b'{') => here = interpolation(text, here),
                _ => here += 1,
            }
        };
        plain(&mut pieces, from..end);
        let after = if text.get(end) == Some(&b'"') { end + 1 } else { end };
        self.at = after;
        (Scalar { pieces, quoted: true }, after)
    }

    /// `<<EOT`, `<<-EOT`: lines up to the one that holds the word alone.
    fn heredoc(&mut self) -> Value {
        self.at += 2;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let word = self.word();
        let word = &self.text[word];
        let rest = self.rest();
        let start = self.at + memchr::memchr(b'\n', rest).map_or(rest.len(), |found| found + 1);
        let lines = self.lines.get_or_insert_with(|| words_alone(self.text)).get(word).map_or(&[][..], Vec::as_slice);
        let Some(&line) = lines.get(lines.partition_point(|&line| line < start)) else {
            // Never closed: its line is all there is.
            self.at = start.min(self.text.len());
            return Value::Empty;
        };
        self.at = memchr::memchr(b'\n', &self.text[line..]).map_or(self.text.len(), |found| line + found);
        Value::Scalar(Scalar::plain(start..line.saturating_sub(1).max(start), true))
    }
}

/// Calls whose argument is the value, in another notation.
fn is_passed_on(name: &[u8]) -> bool {
    matches!(
        name,
        b"sensitive"
            | b"nonsensitive"
            | b"tostring"
            | b"trimspace"
            | b"jsonencode"
            | b"yamlencode"
            | b"tomap"
            | b"chomp"
    )
}

/// Where `${ … }` ends; at the end of its line where it does not.
fn interpolation(text: &[u8], at: usize) -> usize {
    let (mut depth, mut here, mut quoted) = (0usize, at + 1, false);
    while let Some(&byte) = text.get(here) {
        match byte {
            b'\n' => return here,
            b'\\' => here += 1,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return here + 1;
                }
            }
            _ => {}
        }
        here += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::shown;
    use super::*;

    fn read(text: &str) -> String {
        shown(&parse(text.as_bytes())[0], text.as_bytes())
    }

    #[test]
    fn blocks_attributes_and_expressions() {
        for (text, tree) in [
            ("variable \"x\" {\n  default = \"a\\\"b\" # c\n}\n", r#"{variable={x={default="a\"b"}}}"#),
            ("a = [\"b\", 1, { c = \"d\", e: \"f\" }]\ng = h.i\n", r#"{a=["b" "1" {c="d" e="f"}] g=-}"#),
            ("a = \"${var.x[\"y\"]}-z\"\nb = c ? \"d\" : \"e\"\n", r#"{a="${var.x[\"y\"]}-z" b=-}"#),
            ("a = <<-EOT\n  one\n  two\n  EOT\nb = \"c\"\n", r#"{a="  one\n  two" b="c"}"#),
            ("a = jsonencode({ b = \"c\" })\nd = merge(x, { e = \"f\" })\n", r#"{a={b="c"} d=[{e="f"}]}"#),
            ("resource \"a\" \"b\" {\n  c {\n    d = \"e\"\n  }\n}\n", r#"{resource={a={b={c={d="e"}}}}}"#),
            ("a = x ? { b = \"c\" } : {}\n", r#"{a=[{b="c"} {}]}"#),
            ("a = \"open\nb = \"c\"\n} ) d = \"e\"\n", r#"{a="open" b="c" d="e"}"#),
        ] {
            assert_eq!(read(text), tree, "{text}");
        }
    }

    #[test]
    fn hostile_texts_take_no_time() {
        for text in ["[", "{", "a {", "a = [", "a = \"${", "a = <<E\n", "f(", "a = b ?\n", "\"", "/*", "a = -"] {
            let text = text.repeat(100_000);
            let start = std::time::Instant::now();
            let _ = parse(text.as_bytes());
            assert!(start.elapsed().as_secs() < 3, "{:?} {:?}", &text[..6], start.elapsed());
        }
    }

    #[test]
    fn every_prefix_is_read_without_harm() {
        let text =
            "a \"b\" {\n c = [\"d\\u0041\", f(1, {g = \"${h[\"i\"]}\"})]\n j = <<E\nk\nE\n}\nl = m ? \"n\" : o\n";
        for end in 0..text.len() {
            assert!(parse(&text.as_bytes()[..end]).iter().all(|node| node.place.end <= end));
        }
    }
}
