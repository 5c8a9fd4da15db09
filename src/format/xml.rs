//! XML: elements, attributes, and the pairs that are made of both.
//!
//! A tolerant lexer with places of its own, since half of the XML in repositories is a template or a fragment. Key paths are
//! the two innermost elements and the attribute, or the name that a pair gives: `<add key="K" value="V"/>`,
//! `<string name="K">V</string>`, `<key>K</key><string>V</string>`, `<name>K</name><value>V</value>`.

use std::borrow::Cow;
use std::ops::Range;

use super::{Piece, Structure, kind};

/// Elements within elements that are kept apart.
const MAX_DEPTH: usize = 256;
/// Names in pairs are no longer.
const MAX_NAME: usize = 128;

/// True for XML, by a name in lower case and its first bytes.
pub(super) fn is_xml(name: &str, head: &[u8]) -> bool {
    let extension = kind::extension(name);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    // Texts of user interfaces and drawings hold no credentials by name.
    if matches!(
        extension,
        "resx" | "xaml" | "axaml" | "svg" | "html" | "htm" | "xhtml" | "xlf" | "xliff" | "xsd" | "xsl"
    ) {
        return false;
    }
    head.starts_with(b"<?xml")
        || head.starts_with(b"<")
            && matches!(
                extension,
                "xml"
                    | "config"
                    | "plist"
                    | "props"
                    | "targets"
                    | "csproj"
                    | "vbproj"
                    | "fsproj"
                    | "pubxml"
                    | "pom"
                    | "publishsettings"
                    | "jelly"
                    | "nuspec"
                    | "user"
                    | "dtsx"
                    | "jmx"
                    | "iml"
                    | "xcconfig"
                    | "wsdd"
            )
}

/// An element that is open.
struct Element<'t> {
    name: &'t [u8],
    /// `name="…"`, `key="…"`.
    label: Option<Cow<'t, str>>,
    /// What encodes its text: `encoding="base64"`.
    base64: bool,
    /// Its text so far.
    value: Vec<Piece<'t>>,
    /// It has elements in it.
    parent: bool,
    /// The text of the child that names the next one.
    key: Option<String>,
}

/// Reads a document or a piece of one.
pub(super) fn read(text: &[u8], structure: &mut Structure) {
    let mut open: Vec<Element<'_>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let next = memchr::memchr(b'<', &text[at..]).map_or(text.len(), |length| at + length);
        if let Some(element) = open.last_mut() {
            characters(text, at..next, &mut element.value);
        }
        let rest = &text[next..];
        let to = |end: &[u8]| memchr::memmem::find(rest, end).map_or(text.len(), |length| next + length + end.len());
        at = if rest.starts_with(b"<!--") {
            to(b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            let end = to(b"]]>");
            if let Some(element) = open.last_mut().filter(|_| end >= next + 12) {
                element.value.push(Piece::Plain(next + 9..end - 3));
            }
            end
        } else if rest.starts_with(b"<?") {
            to(b"?>")
        } else if rest.starts_with(b"<!") {
            to(b">")
        } else if rest.starts_with(b"</") {
            let end = to(b">");
            close(text, name(text, next + 2), &mut open, structure);
            end
        } else if rest.len() > 1 && is_name(rest[1]) {
            tag(text, next + 1, &mut open, structure)
        } else {
            // A sign that nobody escaped.
            if let Some(element) = open.last_mut().filter(|_| next < text.len()) {
                element.value.push(Piece::Plain(next..next + 1));
            }
            next + 1
        };
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte >= 0x80
}

fn name(text: &[u8], at: usize) -> &[u8] {
    let rest = &text[at.min(text.len())..];
    &rest[..rest.iter().take_while(|&&byte| is_name(byte)).count()]
}

/// A name without its namespace.
fn local(name: &[u8]) -> Cow<'_, str> {
    let start = memchr::memrchr(b':', name).map_or(0, |at| at + 1);
    String::from_utf8_lossy(&name[start..name.len().min(start + MAX_NAME)])
}

/// The pieces of a text, character references decoded.
fn characters<'t>(text: &'t [u8], place: Range<usize>, out: &mut Vec<Piece<'t>>) {
    let mut at = place.start;
    while at < place.end {
        let next = memchr::memchr(b'&', &text[at..place.end]).map_or(place.end, |length| at + length);
        if at < next {
            out.push(Piece::Plain(at..next));
        }
        if next >= place.end {
            return;
        }
        let window = &text[next + 1..place.end.min(next + 12)];
        let reference = memchr::memchr(b';', window).and_then(|length| Some((reference(&window[..length])?, length)));
        at = if let Some((sign, length)) = reference {
            out.push(Piece::Decoded(Cow::Owned(sign.to_string().into_bytes()), next..next + length + 2));
            next + length + 2
        } else {
            out.push(Piece::Plain(next..next + 1));
            next + 1
        };
    }
}

/// What `amp`, `#65`, `#x41` stand for.
fn reference(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => {
            char::from_u32(u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?)?
        }
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    })
}

/// Pieces put together, for names.
fn plain(text: &[u8], pieces: &[Piece<'_>]) -> String {
    let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes(text)).copied().take(MAX_NAME).collect();
    String::from_utf8_lossy(bytes.trim_ascii()).into_owned()
}

/// An attribute's value.
type Attribute<'t> = (&'t [u8], Vec<Piece<'t>>);

/// A start tag whose name begins at `start`; where the text goes on.
fn tag<'t>(text: &'t [u8], start: usize, open: &mut Vec<Element<'t>>, structure: &mut Structure) -> usize {
    let element = name(text, start);
    let mut attributes: Vec<Attribute<'t>> = Vec::new();
    let mut at = start + element.len();
    let mut closed = false;
    loop {
        at += text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match text.get(at) {
            Some(b'>') => {
                at += 1;
                break;
            }
            // A tag that never ends.
            None | Some(b'<') => break,
            Some(&byte) if is_name(byte) => at = attribute(text, at, &mut attributes),
            Some(&byte) => {
                closed = byte == b'/' && text.get(at + 1) == Some(&b'>');
                at += 1;
            }
        }
    }
    let label = attributes.iter().find(|(name, _)| matches!(*name, b"name" | b"key" | b"Name" | b"Key" | b"property"));
    let label = label.map(|(_, value)| plain(text, value)).filter(|label| !label.is_empty());
    for (attribute, value) in &attributes {
        if let (b"value" | b"Value", Some(label)) = (*attribute, &label) {
            structure.entry(text, &[&local(element), label], value);
        } else if *attribute != b"xmlns" {
            structure.entry(text, &[&local(element), &local(attribute)], value);
        }
    }
    let base64 = attributes.iter().any(|(name, value)| *name == b"encoding" && plain(text, value) == "base64");
    if let Some(above) = open.last_mut() {
        above.parent = true;
    }
    if !closed && open.len() < MAX_DEPTH {
        let label = label.map(Cow::Owned);
        open.push(Element { name: element, label, base64, value: Vec::new(), parent: false, key: None });
    }
    at
}

/// An attribute that begins at `start`; where the tag goes on.
fn attribute<'t>(text: &'t [u8], start: usize, out: &mut Vec<Attribute<'t>>) -> usize {
    let key = name(text, start);
    let mut at = start + key.len();
    let blank = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let equals = at + blank(at);
    if text.get(equals) != Some(&b'=') {
        return at;
    }
    at = equals + 1 + blank(equals + 1);
    let Some(&quote @ (b'"' | b'\'')) = text.get(at) else { return at };
    let Some(length) = memchr::memchr2(quote, b'<', &text[at + 1..]) else { return text.len() };
    let mut value = Vec::new();
    characters(text, at + 1..at + 1 + length, &mut value);
    out.push((key, value));
    // At `<` the quote was never closed: the tag ends here.
    at + 1 + length + usize::from(text[at + 1 + length] == quote)
}

/// An end tag: the element's text is a value.
fn close(text: &[u8], name: &[u8], open: &mut Vec<Element<'_>>, structure: &mut Structure) {
    // What was left open inside of it ends with it.
    let Some(index) = open.iter().rposition(|element| element.name == name) else { return };
    open.truncate(index + 1);
    let Some(element) = open.pop() else { return };
    if element.parent {
        return;
    }
    let value = trimmed(text, element.value);
    let root = open.first().map_or(&b""[..], |root| root.name);
    let Some(above) = open.last_mut() else { return };
    let own = local(element.name);
    let content = plain(text, &value);
    if content.is_empty() {
        return;
    }
    if element.base64 {
        decoded(text, &above_name(above), &value, structure);
        return;
    }
    if content.starts_with('{') && content.ends_with('}') && &*own == "password" {
        if let (Some(first), Some(last)) = (value.first(), value.last()) {
            let place = first.place().start..last.place().end;
            structure.no_secret(place, "encrypted with the master password in settings-security.xml");
        }
        return;
    }
    if root == b"settingsSecurity" && &*own == "master" {
        structure.given(text, &["maven", "master password"], &value);
        return;
    }
    if let Some(label) = element.label.as_deref() {
        // Android's texts: the word for it in some language, not the thing.
        let word = !content.bytes().any(|byte| byte.is_ascii_digit()) || content.contains(' ');
        if &*own != "string" || !word {
            structure.entry(text, &[&own, label], &value);
        }
        return;
    }
    let inner = matches!(&*own, "value" | "Value" | "string" | "stringValue" | "data" | "defaultValue" | "val");
    if let Some(key) = above.key.take().filter(|_| inner) {
        structure.entry(text, &[&above_name(above), &key], &value);
        return;
    }
    let names = matches!(&*own, "key" | "name" | "Name" | "Key" | "property")
        || &*own == "string" && matches!(above.name, b"entry" | b"java.util.Map.Entry");
    if names {
        above.key = Some(content);
        return;
    }
    // `<property name="password"><value>V</value></property>` of Spring.
    let path = match above.label.as_deref().filter(|_| above.name == b"property" && inner) {
        Some(label) => label.to_owned(),
        None => above_name(above),
    };
    structure.entry(text, &[&path, &own], &value);
}

fn above_name(element: &Element<'_>) -> String {
    local(element.name).into_owned()
}

/// A text without the blanks at its ends, which lay it out.
fn trimmed<'t>(text: &'t [u8], mut pieces: Vec<Piece<'t>>) -> Vec<Piece<'t>> {
    let blank = |piece: &Piece<'_>| matches!(piece, Piece::Plain(place) if text[place.clone()].trim_ascii().is_empty());
    let skipped = pieces.iter().take_while(|piece| blank(piece)).count();
    pieces.drain(..skipped);
    if let Some(Piece::Plain(place)) = pieces.first_mut() {
        place.start = place.end - text[place.clone()].trim_ascii_start().len();
    }
    while let Some(Piece::Plain(place)) = pieces.last_mut() {
        place.end = place.start + text[place.clone()].trim_ascii_end().len();
        if place.start < place.end {
            break;
        }
        pieces.pop();
    }
    pieces
}

/// `<Pass encoding="base64">`.
fn decoded(text: &[u8], above: &str, value: &[Piece<'_>], structure: &mut Structure) {
    let [Piece::Plain(place)] = value else { return };
    if let Ok(bytes) = data_encoding::BASE64.decode(&text[place.clone()]) {
        structure.given(text, &[above, "password"], &[Piece::Decoded(Cow::Owned(bytes), place.clone())]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entries, said};
    use super::*;

    fn has(text: &str, name: &str, value: &str) {
        let all = entries(text.as_bytes(), read);
        assert!(all.contains(&(name.to_owned(), value.to_owned())), "{text}: {all:?}");
    }

    #[test]
    fn names_and_values_in_their_many_pairs() {
        has("<server><password>a&amp;b</password></server>", "server.password", "a&b");
        has("<c><add key=\"Label\" value=\"a&#x41;\"/></c>", "add.Label", "aA");
        has("<resources><string name=\"api_key\">k3y</string></resources>", "string.api_key", "k3y");
        has("<dict>\n<key>Token</key>\n<string>t</string></dict>", "dict.Token", "t");
        has("<p><name>x.password</name><value>v</value></p>", "p.x.password", "v");
        has("<entry><string>PASS</string><string>v</string></entry>", "entry.PASS", "v");
        has("<user username='u' password='<p'/>", "user.username", "u");
        has("<a><b><![CDATA[x<y]]></b></a>", "a.b", "x<y");
        has("<property name=\"password\"><value>v</value></property>", "password.value", "v");
        has("<a><b>x<~y</b></a>", "a.b", "x<~y");
        has("<s:a><ns:b>v</ns:b></s:a>", "a.b", "v");
        has("<Server><Pass encoding=\"base64\">aHVudGVy</Pass></Server>", "Server.password", "hunter");
        has("<settingsSecurity><master>{x=}</master></settingsSecurity>", "maven.master password", "{x=}");
    }

    #[test]
    fn what_maven_encrypts_is_said_to_be() {
        let text = "<settings><server><password>{COQLCE6DU6GtcS5P=}</password></server></settings>";
        let told = said(text.as_bytes(), read);
        assert_eq!(&text[told[0].0.clone()], "{COQLCE6DU6GtcS5P=}");
        assert_eq!(entries(text.as_bytes(), read), []);
    }

    #[test]
    fn comments_words_and_texts_of_languages_are_no_entries() {
        for text in ["<a><!-- <b>v</b> --></a>", "<r><string name=\"password\">Passwort</string></r>"] {
            assert!(
                !entries(text.as_bytes(), read).iter().any(|(_, value)| value == "v" || value == "Passwort"),
                "{text}"
            );
        }
    }

    #[test]
    fn every_beginning_of_a_document_ends() {
        let text = "<?xml?><!DOCTYPE a><a b='c' d=\"e&#65;&bad;\"><!--x--><f g><![CDATA[h]]></f>i</wrong></a><k><key>l</key>{{ m }}<n";
        for end in 0..=text.len() {
            let _ = entries(&text.as_bytes()[..end], read);
        }
    }
}
