//! Bicep: resources with their properties as trees of values (Microsoft Learn, "Bicep file structure and syntax").

use std::collections::BTreeMap;
use std::ops::Range;

use crate::format::Piece;
use crate::format::tree::{Node, Pair, Scalar, Value};

/// Objects and lists are followed this deep.
const MAX_DEPTH: usize = 64;

/// Longer texts of variables are no role's id.
const MAX_ROLE: usize = 200;

/// What a file declares.
#[derive(Default)]
pub(super) struct Parsed {
    /// `targetScope`; empty where it is the resource group.
    pub(super) target: String,
    /// In the order of the file; resources within resources too.
    pub(super) resources: Vec<Resource>,
    /// Symbolic names of role definitions and variables, with the text they stand for.
    pub(super) roles: BTreeMap<String, String>,
}

/// `resource NAME 'TYPE@VERSION' = { … }`.
pub(super) struct Resource {
    /// Symbolic name.
    pub(super) name: String,
    /// Type without its version.
    pub(super) kind: String,
    /// Its object.
    pub(super) body: Node,
    /// Where it begins.
    pub(super) at: usize,
}

/// Reads a file's text.
pub(super) fn parse(text: &[u8]) -> Parsed {
    let mut reader = Reader { text, at: 0, out: Parsed::default() };
    while reader.at < text.len() {
        reader.statement("", 0);
    }
    reader.out
}

/// Identifiers of an expression: the first word of each name with dots, outside of text; in text, those in `${…}`.
pub(super) fn names(text: &str, out: &mut Vec<String>) {
    let (mut quoted, mut depth, mut after_dot) = (false, 0_usize, false);
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let reads = !quoted || depth > 0;
        if reads && (c.is_alphanumeric() || c == '_') {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let word = std::mem::take(&mut word);
            if !after_dot && !word.starts_with(|c: char| c.is_ascii_digit()) {
                out.push(word);
            }
        }
        after_dot = c == '.';
        match c {
            '\'' if depth == 0 => quoted = !quoted,
            '$' if quoted && chars.peek() == Some(&'{') => {
                chars.next();
                depth += 1;
            }
            '}' if depth > 0 => depth -= 1,
            _ => {}
        }
    }
    if !word.is_empty() && !after_dot {
        out.push(word);
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    out: Parsed,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn word(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        start..self.at
    }

    fn shown(&self, place: &Range<usize>) -> String {
        String::from_utf8_lossy(self.text.get(place.clone()).unwrap_or_default()).into_owned()
    }

    /// Passes blanks and comments; line ends too where `lines` is true.
    fn blanks(&mut self, lines: bool) {
        while let Some(byte) = self.peek() {
            if byte == b'\n' && !lines {
                return;
            } else if byte.is_ascii_whitespace() {
                self.at += 1;
            } else if self.rest().starts_with(b"//") {
                self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
            } else if self.rest().starts_with(b"/*") {
                self.at += memchr::memmem::find(self.rest(), b"*/").map_or(self.rest().len(), |end| end + 2);
            } else {
                return;
            }
        }
    }

    /// One statement at the top or in an object; at least one byte is passed. `within` is the type of the resource around it.
    fn statement(&mut self, within: &str, depth: usize) -> Option<Pair> {
        self.blanks(true);
        let start = self.at;
        let word = self.word();
        match self.shown(&word).as_str() {
            "resource" if !self.rest().trim_ascii_start().starts_with(b":") => {
                self.resource(start, within, depth);
                None
            }
            "var" if depth == 0 => {
                self.blanks(false);
                let name = self.word();
                self.blanks(false);
                if self.peek() == Some(b'=') {
                    self.at += 1;
                    self.blanks(false);
                    let value = self.expression(depth);
                    let text = self.text.get(value.place).unwrap_or_default();
                    // A role's id is short.
                    if text.len() <= MAX_ROLE {
                        let name = self.shown(&name);
                        self.out.roles.insert(name, String::from_utf8_lossy(text).into_owned());
                    }
                }
                None
            }
            "targetScope" if depth == 0 => {
                self.blanks(false);
                self.at += usize::from(self.peek() == Some(b'='));
                self.blanks(false);
                let value = self.expression(depth);
                self.out.target = value.text(self.text).unwrap_or_default().into_owned();
                None
            }
            _ => {
                let key = match self.peek() {
                    Some(b'\'') if word.is_empty() => self.string().text(self.text).map(String::from),
                    _ => (!word.is_empty()).then(|| self.shown(&word)),
                };
                self.blanks(false);
                if depth > 0 && self.peek() == Some(b':') && key.is_some() {
                    self.at += 1;
                    self.blanks(false);
                    let value = self.expression(depth);
                    return key.map(|key| Pair { key, value });
                }
                if self.at == start {
                    self.at += 1;
                } else if depth == 0 {
                    self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
                }
                None
            }
        }
    }

    /// Behind the word `resource`.
    fn resource(&mut self, at: usize, within: &str, depth: usize) {
        self.blanks(false);
        let name = self.word();
        self.blanks(false);
        if name.is_empty() || self.peek() != Some(b'\'') {
            return;
        }
        let kind = self.string().text(self.text).unwrap_or_default().into_owned();
        let kind = kind.split('@').next().unwrap_or_default();
        let kind = if within.is_empty() || kind.contains('.') { kind.to_owned() } else { format!("{within}/{kind}") };
        // What is `existing` is declared elsewhere.
        let line = memchr::memchr2(b'=', b'\n', self.rest()).unwrap_or(self.rest().len());
        let existing = memchr::memmem::find(self.rest().get(..line).unwrap_or_default(), b"existing").is_some();
        self.at += line;
        if self.peek() != Some(b'=') {
            return;
        }
        self.at += 1;
        // `if (…)` and `[for x in y: {…}]` stand before the object.
        let ahead = memchr::memchr2(b'{', b'\n', self.rest()).unwrap_or(self.rest().len());
        self.at += ahead;
        if self.peek() != Some(b'{') || depth >= MAX_DEPTH {
            return;
        }
        let body = self.object(&kind, depth + 1);
        let name = self.shown(&name);
        if existing && kind.ends_with("/roleDefinitions") {
            let role = body.get("name").and_then(|node| node.text(self.text)).unwrap_or_default().into_owned();
            self.out.roles.insert(name, role);
        } else if !existing {
            self.out.resources.push(Resource { name, kind, body, at });
        }
    }

    fn object(&mut self, within: &str, depth: usize) -> Node {
        let start = self.at;
        self.at += 1;
        let mut pairs = Vec::new();
        loop {
            self.blanks(true);
            match self.peek() {
                None => break,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(_) => pairs.extend(self.statement(within, depth)),
            }
        }
        Node { place: start..self.at, tag: 0..0, value: Value::Map(pairs) }
    }

    /// A value up to the end of its line, a comma or a closing bracket that it does not open.
    fn expression(&mut self, depth: usize) -> Node {
        let start = self.at;
        match self.peek() {
            Some(b'{') if depth < MAX_DEPTH => return self.object("", depth + 1),
            Some(b'[') if depth < MAX_DEPTH && !self.rest().starts_with(b"[for ") => return self.list(depth + 1),
            Some(b'\'') => {
                let node = self.string();
                self.blanks(false);
                if matches!(self.peek(), None | Some(b'\n' | b',' | b'}' | b']')) {
                    return node;
                }
            }
            _ => {}
        }
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' | b',' | b'}' | b']' | b')' if open == 0 => break,
                b'(' | b'[' | b'{' => open += 1,
                b')' | b']' | b'}' => open -= 1,
                b'\'' => {
                    self.string();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        let end = start + self.text.get(start..self.at).unwrap_or_default().trim_ascii_end().len();
        let place = start..end;
        let plain = self.text.get(place.clone()).unwrap_or_default().iter().all(u8::is_ascii_digit);
        let value = if plain && !place.is_empty() { scalar(place.clone(), false) } else { Value::Empty };
        Node { place, tag: 0..0, value }
    }

    fn list(&mut self, depth: usize) -> Node {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blanks(true);
            let before = self.at;
            match self.peek() {
                None => break,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(_) => items.push(self.expression(depth)),
            }
            if self.at == before {
                self.at += 1;
                items.pop();
            }
        }
        Node { place: start..self.at, tag: 0..0, value: Value::List(items) }
    }

    /// `'…'` with `${…}` in it, or `'''…'''`.
    fn string(&mut self) -> Node {
        let start = self.at;
        if self.rest().starts_with(b"'''") {
            let end = memchr::memmem::find(self.text.get(start + 3..).unwrap_or_default(), b"'''");
            let end = end.map_or(self.text.len(), |end| start + 3 + end);
            self.at = (end + 3).min(self.text.len());
            return Node { place: start..self.at, tag: 0..0, value: scalar(start + 3..end, true) };
        }
        self.at += 1;
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => break,
                b'\\' => self.at += 1,
                b'\'' if open == 0 => break,
                b'$' if self.rest().starts_with(b"${") => {
                    open += 1;
                    self.at += 1;
                }
                b'}' if open > 0 => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
        let end = self.at.min(self.text.len());
        self.at = (end + usize::from(self.peek() == Some(b'\''))).min(self.text.len());
        Node { place: start..self.at, tag: 0..0, value: scalar((start + 1).min(end)..end, true) }
    }
}

fn scalar(place: Range<usize>, quoted: bool) -> Value {
    Value::Scalar(Scalar { pieces: [Piece::Plain(place)].into(), quoted })
}
