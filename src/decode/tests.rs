//! Every byte of a decoded text maps back to what it was written as.

use std::ops::Range;

use proptest::prelude::*;

use super::{Builder, Coding, Derived, ESCAPES, Ending, Escape, Packing, base64, extent, hex};

fn escape() -> impl Strategy<Value = Escape> {
    let all: [Escape; ESCAPES] = [Escape::Percent, Escape::Backslash, Escape::Entity, Escape::Quoted];
    prop::sample::select(all.to_vec())
}

/// One byte in an escape's spelling.
fn spelled(escape: Escape, byte: u8, form: u8) -> String {
    match (escape, form % 4) {
        (Escape::Percent, 0 | 1) => format!("%{byte:02x}"),
        (Escape::Percent, _) => format!("%{byte:02X}"),
        (Escape::Backslash, 0) => format!("\\u{byte:04x}"),
        (Escape::Backslash, 1) => format!("\\x{byte:02X}"),
        (Escape::Backslash, 2) => format!("\\{byte:03o}"),
        (Escape::Backslash, _) => format!("\\u{{{byte:x}}}"),
        (Escape::Entity, 0) => format!("&#{byte};"),
        (Escape::Entity, _) => format!("&#x{byte:x};"),
        (Escape::Quoted, 0) => format!("=\r\n={byte:02X}"),
        (Escape::Quoted, _) => format!("={byte:02X}"),
    }
}

fn at(derived: &Derived, index: usize) -> Range<usize> {
    derived.below(&(index..index + 1))
}

proptest! {
    #[test]
    fn escapes_map_each_byte_to_its_spelling(
        escape in escape(),
        pieces in prop::collection::vec(("[a-zA-Z0-9_ ]{0,5}", 0x20u8..0x7f, 0u8..4), 1..20),
        before in "[a-z ]{0,9}",
    ) {
        let (mut text, mut plain, mut places) = (before.clone(), Vec::new(), Vec::new());
        for (copied, byte, form) in &pieces {
            for letter in copied.bytes() {
                places.push(text.len()..text.len() + 1);
                plain.push(letter);
                text.push(char::from(letter));
            }
            let written = spelled(escape, *byte, *form);
            let start = text.len() + if written.starts_with("=\r\n") { 3 } else { 0 };
            text.push_str(&written);
            places.push(start..text.len());
            plain.push(*byte);
        }
        let mut builder = Builder::default();
        prop_assert!(escape.decode(text.as_bytes(), before.len()..text.len(), &mut builder));
        let derived = Derived::new(builder, Coding::Escapes(escape).name());
        prop_assert_eq!(&derived.bytes, &plain);
        for (index, place) in places.iter().enumerate() {
            prop_assert_eq!(&at(&derived, index), place, "{}", index);
        }
        let whole = derived.below(&(0..plain.len()));
        prop_assert_eq!(whole, places[0].start..text.len());
    }

    #[test]
    fn base64_maps_each_byte_to_the_characters_that_hold_it(
        plain in prop::collection::vec(any::<u8>(), 1..300),
        width in 1usize..90,
        style in 0usize..4,
        between in prop::sample::select(vec!["\n", "\r\n", "\n    ", "\\n", "\\\n"]),
        before in "[:]{0,9}",
    ) {
        let encoded = match style {
            0 => data_encoding::BASE64.encode(&plain),
            1 => data_encoding::BASE64_NOPAD.encode(&plain),
            2 => data_encoding::BASE64URL.encode(&plain),
            _ => data_encoding::BASE64URL_NOPAD.encode(&plain),
        };
        let characters = encoded.trim_end_matches('=').len();
        // Where each character stands in the wrapped text.
        let (mut text, mut stands) = (before.clone(), Vec::new());
        for (index, c) in encoded.chars().enumerate() {
            if index > 0 && index % width == 0 {
                text.push_str(between);
            }
            stands.push(text.len());
            text.push(c);
        }
        let mut builder = Builder::default();
        prop_assert!(base64(text.as_bytes(), before.len()..text.len(), &mut builder));
        let derived = Derived::new(builder, "base64");
        prop_assert_eq!(&derived.bytes, &plain);
        for index in 0..plain.len() {
            let (first, last) = (index * 8 / 6, ((index * 8 + 8).div_ceil(6) - 1).min(characters - 1));
            let (got, exact) = (at(&derived, index), stands[first]..stands[last] + 1);
            // A group that a line's end cuts in two is one place.
            let group = index / 3 * 4;
            let cut = (group + 1..(group + 4).min(characters)).any(|at| at % width == 0);
            if cut {
                prop_assert!(got.start <= exact.start && exact.end <= got.end, "{:?} {:?}", got, exact);
                let last = (group + 3).min(characters - 1);
                prop_assert!(got.start >= stands[group] && got.end <= stands[last] + 1);
            } else {
                prop_assert_eq!(got, exact, "{}", index);
            }
        }
    }

    #[test]
    fn hex_maps_each_byte_to_its_two_digits(plain in prop::collection::vec(any::<u8>(), 1..80), before in "[ ]{0,9}") {
        let text = format!("{before}{}", data_encoding::HEXUPPER.encode(&plain));
        let mut builder = Builder::default();
        prop_assert!(hex(text.as_bytes(), before.len()..text.len(), &mut builder));
        let derived = Derived::new(builder, "hex");
        prop_assert_eq!(&derived.bytes, &plain);
        for index in 0..plain.len() {
            prop_assert_eq!(at(&derived, index), before.len() + 2 * index..before.len() + 2 * index + 2);
        }
    }

    #[test]
    fn any_bytes_decode_to_something_inside_their_range(
        text in prop::collection::vec(any::<u8>(), 0..200), from in 0usize..200, length in 0usize..200, escape in escape(),
    ) {
        let range = from.min(text.len())..(from + length).min(text.len());
        for kind in 0..3 {
            let mut builder = Builder::default();
            match kind {
                0 => base64(&text, range.clone(), &mut builder),
                1 => hex(&text, range.clone(), &mut builder),
                _ => escape.decode(&text, range.clone(), &mut builder),
            };
            let derived = Derived::new(builder, "any");
            for index in 0..derived.bytes.len() {
                let place = at(&derived, index);
                prop_assert!(range.start <= place.start && place.start < place.end && place.end <= range.end);
            }
        }
        if range.start < text.len() {
            prop_assert!((range.start..=text.len()).contains(&extent(&text, range.start)));
        }
    }
}

#[test]
fn wrapped_text_ends_where_something_else_begins() {
    let line = "QUJD".repeat(16);
    for (text, length) in [
        (format!("{line}\n{line}\nQUI=\nnext: 1"), 64 + 1 + 64 + 1 + 3),
        (format!("{line}\n    {line}\n  QUI=\n"), 64 + 5 + 64 + 3 + 3),
        (format!("{line}\nThis is prose"), 64),
        (format!("{line}\nkey: value"), 64),
        (format!("{line}\n-----END X-----"), 64),
        (format!("{line}=\n{line}"), 64),
        ("QUJD\nQUJD".to_owned(), 4),
    ] {
        assert_eq!(extent(text.as_bytes(), 0), length, "{text}");
    }
}

#[test]
fn a_stream_that_grows_without_measure_is_stopped() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    let (bytes, ending) = Packing::Gzip.unpack(&bomb, 1 << 30);
    assert_eq!(ending, Ending::Bomb);
    assert!(bytes.len() < 16 << 20, "{}", bytes.len());
    let (bytes, ending) = Packing::Gzip.unpack(&bomb, 4096);
    assert_eq!((bytes.len(), ending), (4096, Ending::Limit));
}
