//! What a blob's bytes are: found from its first bytes.

/// The encoding of a blob's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// UTF-8, Latin-1, any binary: scanned as bytes.
    Bytes,
    /// UTF-8 behind a byte-order mark, which is no column.
    Utf8Bom,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
}

impl Encoding {
    /// From the first bytes of a blob (4 KiB are enough). Without a byte-order mark, text is taken for UTF-16 when nearly
    /// every second byte is NUL on one side and hardly any on the other: ASCII in UTF-16 is so, and nothing else readable.
    pub fn detect(head: &[u8]) -> Self {
        match head {
            [0xef, 0xbb, 0xbf, ..] => return Self::Utf8Bom,
            [0xff, 0xfe, 0, 0, ..] => {}
            [0xff, 0xfe, ..] => return Self::Utf16Le,
            [0xfe, 0xff, ..] => return Self::Utf16Be,
            _ => {}
        }
        let head = &head[..head.len().min(4096) & !1];
        if head.len() < 8 || memchr::memchr(0, head).is_none() {
            return Self::Bytes;
        }
        let (mut even, mut odd, mut text) = ([0usize; 2], [0usize; 2], 0usize);
        for pair in head.chunks_exact(2) {
            even[usize::from(pair[0] == 0)] += 1;
            odd[usize::from(pair[1] == 0)] += 1;
            let readable = |byte: u8| (0x20..0x7f).contains(&byte) || matches!(byte, b'\t' | b'\n' | b'\r');
            text += usize::from(pair[0] == 0 && readable(pair[1]) || pair[1] == 0 && readable(pair[0]));
        }
        let pairs = head.len() / 2;
        let mostly = |count: usize| count * 10 >= pairs * 8;
        let hardly = |count: usize| count * 50 <= pairs;
        if !mostly(text) {
            return Self::Bytes;
        }
        if mostly(odd[1]) && hardly(even[1]) {
            Self::Utf16Le
        } else if mostly(even[1]) && hardly(odd[1]) {
            Self::Utf16Be
        } else {
            Self::Bytes
        }
    }

    /// Length of the byte-order mark that `head` begins with, in bytes.
    pub fn mark_length(self, head: &[u8]) -> usize {
        match (self, head) {
            (Self::Utf8Bom, _) => 3,
            (Self::Utf16Le, [0xff, 0xfe, ..]) | (Self::Utf16Be, [0xfe, 0xff, ..]) => 2,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn utf16_is_known_by_its_mark_or_by_its_zeros() {
        assert_eq!(Encoding::detect(b"\xff\xfea\0b\0"), Encoding::Utf16Le);
        assert_eq!(Encoding::detect(b"\xfe\xff\0a\0b"), Encoding::Utf16Be);
        assert_eq!(Encoding::detect(&wide("name: value\n", false)), Encoding::Utf16Le);
        assert_eq!(Encoding::detect(&wide("name: value\n", true)), Encoding::Utf16Be);
    }

    #[test]
    fn binaries_and_plain_text_are_bytes() {
        assert_eq!(Encoding::detect(b"plain text"), Encoding::Bytes);
        assert_eq!(Encoding::detect(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"), Encoding::Bytes);
        assert_eq!(Encoding::detect(&[0; 64]), Encoding::Bytes);
    }
}
