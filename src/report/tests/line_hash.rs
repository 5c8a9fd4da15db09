//! The rolling hash against a straightforward one.

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

use crate::report::line_hash::LineHasher;

/// All lines' hashes, by the definition: every line's own hundred characters, hashed from the start.
fn naive(bytes: &[u8]) -> Vec<(u64, String)> {
    let mut units: Vec<u16> = Vec::new();
    let mut starts = vec![0];
    let mut after_cr = false;
    for unit in String::from_utf8_lossy(bytes).encode_utf16() {
        let skipped = matches!(unit, 9 | 32) || (unit == 10 && after_cr);
        after_cr = unit == 13;
        if skipped {
            continue;
        }
        units.push(if unit == 13 { 10 } else { unit });
        if matches!(unit, 10 | 13) {
            starts.push(units.len());
        }
    }
    units.push(0xffff);
    let mut counts = std::collections::BTreeMap::new();
    let hashes = starts.into_iter().map(|start| {
        let window = units[start..].iter().copied().chain(std::iter::repeat(0)).take(100);
        let hash = window.fold(0_u64, |hash, unit| hash.wrapping_mul(37).wrapping_add(u64::from(unit)));
        let count = counts.entry(hash).or_insert(0);
        *count += 1;
        format!("{hash:x}:{count}")
    });
    (1..).zip(hashes).collect()
}

fn hashed(chunks: &[&[u8]], lines: &[u64]) -> Vec<(u64, String)> {
    let mut hasher = LineHasher::new(lines);
    for chunk in chunks {
        hasher.push(chunk);
    }
    hasher.finish()
}

const ALL: [u64; 200] = {
    let mut lines = [0; 200];
    let mut at = 0;
    while at < 200 {
        lines[at] = at as u64 + 1;
        at += 1;
    }
    lines
};

#[test]
fn the_empty_file_has_the_documented_value() {
    assert_eq!(hashed(&[], &[1]), [(1, "c129715d7a2bc9a3:1".to_owned())]);
    assert_eq!(hashed(&[b" \t"], &[1]), [(1, "c129715d7a2bc9a3:1".to_owned())]);
}

#[test]
fn only_wanted_lines_are_given_in_order() {
    let text = b"a\nb\na\nb\n";
    let lines: Vec<u64> = hashed(&[text], &[3, 1, 3, 99]).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [1, 3]);
    assert_eq!(hashed(&[text], &[]), []);
}

#[test]
fn equal_lines_are_numbered_over_the_whole_file() {
    let text = "x".repeat(99) + "\n";
    let text = text.repeat(3);
    let hashes = hashed(&[text.as_bytes()], &[3]);
    assert_eq!(hashes, naive(text.as_bytes())[2..3]);
    assert!(hashes[0].1.ends_with(":3"));
}

#[test]
fn line_ends_and_blanks_do_not_matter() {
    let unix = hashed(&[b"a b\nc\n\nd"], &ALL);
    assert_eq!(hashed(&[b"ab\r\nc\r\n\r\n\td "], &ALL), unix);
    assert_eq!(hashed(&[b"ab\rc\r\rd"], &ALL), unix);
    assert_eq!(unix.len(), 4);
}

#[test]
fn characters_cut_by_a_chunk_are_whole() {
    let text = "ä\u{20ac}😀\u{fffd}x".as_bytes();
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(hashed(&bytes, &ALL), hashed(&[text], &ALL));
    assert_eq!(hashed(&[text], &ALL), naive(text));
}

#[test]
fn bytes_that_are_no_text_count_as_in_a_lossy_decode() {
    for text in [&b"\xff"[..], b"a\xc3", b"\xf0\x9f\x98", b"\xf0\x9f\nb", b"\xe2\x82\xe2\x82\xac", b"\xed\xa0\x80"] {
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(hashed(&bytes, &ALL), naive(text));
        assert_eq!(hashed(&[text], &ALL), naive(text));
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b" \t".to_vec()),
        Just("😀ü".as_bytes().to_vec()),
        "[a-c]{1,60}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 1..5),
    ]
}

proptest! {
    #[test]
    fn equals_the_straightforward_hash(pieces in prop::collection::vec(piece(), 0..40), size in 1_usize..20) {
        let text = pieces.concat();
        let chunks: Vec<&[u8]> = text.chunks(size).collect();
        assert_eq!(hashed(&chunks, &ALL), naive(&text));
    }
}
