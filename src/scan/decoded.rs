//! What is decoded inside a text, searched like any other text, and what is decoded inside that, within bounds.

use std::collections::BTreeSet;

use memchr::memmem;

use super::Scanner;
use super::derived;
use super::examine::{Blob, Hit, Packed, Place, hit};
use crate::decode::{self, Builder, Coding, Content, Derived, Encoded, Ending, Packing};
use crate::detect::{Counts, Names, Scratch};
use crate::format::{FileKind, Reader};
use crate::judge::{Drop, Stage, Text};
use crate::source::{Gap, GapReason};

/// Texts inside texts are followed so deep. Helm's releases need three, the templates inside them four.
const MAX_DEPTH: usize = 4;
/// Bytes unpacked for one window of a blob.
const MAX_UNPACKED: usize = 16 << 20;
/// Encoded stretches up to this length are decoded into one text: to search many tiny ones would cost more than they do.
const SMALL: usize = 512;
/// Keeps texts that were decoded one by one apart: no name reaches over it.
const BETWEEN: &[u8] = b"\n\n\n\n";
/// Characters from whose decoded form the content is told.
const HEAD: usize = 344;

/// Decodes for one window of a blob.
pub(super) struct Decoding<'s> {
    pub(super) scanner: &'s Scanner,
    pub(super) blob: &'s Blob<'s>,
    pub(super) scratch: &'s mut Scratch,
    pub(super) counts: &'s mut Counts,
    pub(super) hits: &'s mut Vec<Hit>,
    pub(super) gaps: &'s mut Vec<Gap>,
    /// Bytes unpacked so far.
    pub(super) unpacked: usize,
    /// Compressed streams so far.
    pub(super) streams: u32,
}

impl Decoding<'_> {
    /// Decodes the stretches of a text. `depth` texts lie above it.
    pub(super) fn decode(&mut self, place: Place<'_>, encoded: Vec<Encoded>, depth: usize) {
        if encoded.is_empty() {
            return;
        }
        if depth >= MAX_DEPTH {
            let deep = encoded.iter().any(|one| !matches!(one.coding, Coding::Escapes(_)));
            if deep {
                self.gap(format!("text encoded more than {MAX_DEPTH} times over is not looked at"));
            }
            return;
        }
        let mut together: Vec<(Coding, Builder)> = Vec::new();
        for one in encoded {
            let batched = match one.coding {
                Coding::Escapes(_) => true,
                _ if one.range.len() > SMALL => false,
                coding => match content(&place, coding, &one) {
                    Some(Content::Text) => true,
                    Some(_) => false,
                    None => continue,
                },
            };
            if batched {
                let index = together.iter().position(|(coding, _)| *coding == one.coding).unwrap_or_else(|| {
                    together.push((one.coding, Builder::default()));
                    together.len() - 1
                });
                let builder = &mut together[index].1;
                if run(&place, &one, builder) {
                    builder.made(BETWEEN, one.range.end);
                }
            } else {
                self.alone(place, &one, depth);
            }
        }
        for (coding, builder) in together {
            let escapes = matches!(coding, Coding::Escapes(_));
            let kind = if escapes { place.text.kind } else { FileKind::Config };
            let derived = Derived::new(builder, coding.name());
            if escapes {
                self.unescaped(place, &derived, kind, depth);
            } else {
                self.search(place, &derived, kind, depth);
            }
        }
    }

    /// A longer stretch: a text of its own, or something that holds one.
    fn alone(&mut self, place: Place<'_>, one: &Encoded, depth: usize) {
        if content(&place, one.coding, one).is_none() {
            return;
        }
        let mut builder = Builder::default();
        run(&place, one, &mut builder);
        if builder.is_empty() {
            return;
        }
        let derived = Derived::new(builder, one.coding.name());
        self.opened(place, &derived, depth);
    }

    /// Decoded bytes: searched, read as UTF-16 or unpacked, as they are.
    fn opened(&mut self, place: Place<'_>, derived: &Derived, depth: usize) {
        match Content::of(&derived.bytes) {
            Some(Content::Text) => self.search(place, derived, kind_of(&derived.bytes).0, depth),
            Some(Content::Wide) => {
                let wide = Derived::wide(&derived.bytes);
                self.below(place, derived, |decoding, place| decoding.search(place, &wide, FileKind::Shell, depth));
            }
            Some(Content::Packed(packing)) if depth + 1 < MAX_DEPTH => {
                self.below(place, derived, |decoding, place| decoding.unpack(place, packing, depth));
            }
            Some(Content::Packed(_)) => {
                self.gap(format!("text encoded more than {MAX_DEPTH} times over is not looked at"));
            }
            // An archive's first member has its name before it, and that alone is little text.
            None if derived.bytes.get(257..262) == Some(b"ustar") => {
                self.search(place, derived, FileKind::Other, depth);
            }
            None => {}
        }
    }

    /// Goes on in a derived text.
    fn below(&mut self, place: Place<'_>, derived: &Derived, then: impl FnOnce(&mut Self, Place<'_>)) {
        let view = derived.view(place.text.view);
        let layers = [place.layers, &[derived]].concat();
        then(self, Place { text: Text { view: &view, ..place.text }, layers: &layers, flat: false, ..place });
    }

    /// A compressed stream: the whole text of `place`.
    fn unpack(&mut self, place: Place<'_>, packing: Packing, depth: usize) {
        let packed = &place.text.view.bytes;
        let stream = place.below(&(0..packed.len()));
        let owned = place.base.core.contains(&stream.start);
        if !owned {
            return;
        }
        let room = MAX_UNPACKED.saturating_sub(self.unpacked);
        let (bytes, ending) = packing.unpack(packed, room);
        self.unpacked += bytes.len();
        match ending {
            Ending::Complete => {}
            Ending::Bomb => {
                let name = packing.name();
                self.gap(format!(
                    "a {name} stream grows without measure ({} bytes of {} so far); the rest is not looked at",
                    bytes.len(),
                    packed.len()
                ));
            }
            Ending::Limit => {
                self.gap(format!(
                    "more than {} MiB unpack from {} streams here; the rest is not looked at",
                    MAX_UNPACKED >> 20,
                    packing.name()
                ));
            }
            Ending::Broken => {
                let base = place.base;
                if stream.end == base.bytes.len() && base.core.end < base.bytes.len() {
                    self.gap("a compressed text longer than a window of the scan was unpacked in part".to_owned());
                }
            }
        }
        if bytes.is_empty() {
            return;
        }
        self.streams += 1;
        let id = (place.base.to_blob(&stream).start, self.streams);
        let derived = Derived::whole(bytes, packed.len(), packing.name());
        let place = Place { packed: Some(Packed { id, layer: place.layers.len() }), ..place };
        self.opened(place, &derived, depth + 1);
    }

    /// Searches a derived text and what is encoded in it.
    fn search(&mut self, place: Place<'_>, derived: &Derived, kind: FileKind, depth: usize) {
        let scanner = self.scanner;
        self.below(place, derived, |decoding, place| {
            let place = Place { text: Text { kind, ..place.text }, ..place };
            let Decoding { blob, scratch, counts, hits, .. } = decoding;
            let (announcing, before) = (counts.announcing, hits.len());
            scanner.engine.candidates(
                &scanner.set,
                place.text.view,
                kind,
                Names::InText,
                scratch,
                counts,
                &mut |candidate| {
                    let owned = place.base.core.contains(&place.below(&candidate.whole).start);
                    // Bytes written as escapes are a key's or a test vector's, no password.
                    let value = &place.text.view.bytes[candidate.secret.clone()];
                    if owned && (candidate.assignment.is_none() || is_readable(value)) {
                        hits.push(hit(&scanner.set, blob, place, &candidate));
                    }
                },
            );
            let encoded = scratch.take_encoded();
            let bytes = &place.text.view.bytes;
            let name = kind_of(bytes).1;
            let reader = name.and_then(|name| Reader::of(name, bytes));
            let owned = || place.base.core.contains(&place.below(&(0..1)).start);
            if let Some(reader) = reader.filter(|_| counts.announcing > announcing && owned()) {
                let named = hits[before..].iter().any(|hit| hit.named);
                let read = reader.read(name.unwrap_or_default(), bytes, named);
                derived::structure(scanner, blob, place, (reader.name(), read), scratch, counts, hits);
            }
            decoding.decode(place, encoded, depth + 1);
        });
    }

    /// Searches text whose escapes were read. Most of it stands in the text above as it is, and was judged there.
    fn unescaped(&mut self, place: Place<'_>, derived: &Derived, kind: FileKind, depth: usize) {
        let before = self.hits.len();
        self.search(place, derived, kind, depth);
        let known: BTreeSet<_> = self.hits[..before].iter().map(|hit| (hit.rule, hit.span)).collect();
        let mut index = 0;
        let mut refuted = BTreeSet::new();
        self.hits.retain(|hit| {
            let new = index >= before;
            index += 1;
            if !new {
                return true;
            }
            if hit.changed
                && hit.named
                && matches!(&hit.result, Err(drop) if matches!(drop.stage, Stage::Placeholder | Stage::Reference))
            {
                refuted.insert((hit.rule, hit.span));
            }
            hit.respelled || !known.contains(&(hit.rule, hit.span))
        });
        // What a value says once it is read counts, not its spelling.
        for hit in self.hits[..before].iter_mut().filter(|hit| hit.named && hit.result.is_ok()) {
            if refuted.contains(&(hit.rule, hit.span)) {
                hit.result = Err(Drop { stage: Stage::Placeholder, reason: "no value once it is decoded".to_owned() });
            }
        }
    }

    fn gap(&mut self, detail: String) {
        self.gaps.push(Gap { what: self.blob.origin.shown().to_owned(), reason: GapReason::Limit, detail });
    }
}

/// Decodes a stretch.
fn run(place: &Place<'_>, one: &Encoded, builder: &mut Builder) -> bool {
    let (bytes, range) = (&place.text.view.bytes, one.range.clone());
    match one.coding {
        Coding::Base64 => decode::base64(bytes, range, builder),
        Coding::Hex => decode::hex(bytes, range, builder),
        Coding::Escapes(escape) => escape.decode(bytes, range, builder),
    }
}

/// What a stretch holds, told from its head.
fn content(place: &Place<'_>, coding: Coding, one: &Encoded) -> Option<Content> {
    let mut builder = Builder::default();
    let range = one.range.start..one.range.end.min(one.range.start + HEAD);
    run(place, &Encoded { coding, range }, &mut builder);
    Content::of(builder.bytes())
}

/// Signs of source code. Three of them in its first 64 KiB, and an unquoted value is an expression.
const CODE: [&[u8]; 12] = [
    b"function",
    b"return ",
    b"const ",
    b"=> ",
    b"){",
    b") {",
    b"();",
    b"};",
    b"===",
    b"var ",
    b"import ",
    b"#include",
];

fn is_code(text: &[u8]) -> bool {
    let head = &text[..text.len().min(64 << 10)];
    CODE.iter().filter(|sign| memmem::find(head, sign).is_some()).take(3).count() == 3
}

/// True for values that someone could type.
fn is_readable(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()))
}

/// What kind of file a decoded text would be, and a name that would announce it.
fn kind_of(text: &[u8]) -> (FileKind, Option<&'static str>) {
    let head = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    match head {
        [b'{' | b'[', ..] => (FileKind::Data, Some("decoded.json")),
        [b'<', ..] => (FileKind::Markup, Some("decoded.xml")),
        [b'#', b'!', ..] => (FileKind::Shell, None),
        _ if head.starts_with(b"#cloud-config") || head.starts_with(b"---") || head.starts_with(b"apiVersion:") => {
            (FileKind::Config, Some("decoded.yaml"))
        }
        _ if is_code(head) => (FileKind::Code, None),
        _ => (FileKind::Config, None),
    }
}
