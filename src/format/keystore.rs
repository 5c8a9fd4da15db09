//! Files that are key stores: PKCS #12 (RFC 7292), Java's JKS and JCEKS, Kerberos keytabs.
//!
//! Their bytes are no text, so the whole file is one entry in base64, the form in which stores stand in text as well: one
//! rule finds both.

use std::borrow::Cow;

use super::{Piece, Structure};

/// Bytes of a store that are looked at; real ones take a few thousand.
const MOST: usize = 32 << 10;

/// The first bytes are those of a key store.
pub(super) fn begins(head: &[u8]) -> bool {
    matches!(
        head,
        // PKCS #12: SEQUENCE, its length, INTEGER 3, SEQUENCE.
        [0x30, 0x82, _, _, 2, 1, 3, 0x30, 0x81..=0x83, ..]
            | [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 1 | 2, ..]
            | [0xce, 0xce, 0xce, 0xce, 0, 0, 0, 1 | 2, ..]
            // A keytab: version 2, the length of the first entry, and how many parts its name has.
            | [5, 2, 0, 0, _, _, 0, 1..=8, 0, ..]
    )
}

pub(super) fn read(text: &[u8], structure: &mut Structure) {
    if begins(text) {
        let packed = data_encoding::BASE64.encode(&text[..text.len().min(MOST)]);
        structure.entry(text, &["file"], &[Piece::Decoded(Cow::Owned(packed.into_bytes()), 0..text.len())]);
    }
}
