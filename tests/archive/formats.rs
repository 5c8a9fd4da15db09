//! Archives made byte by byte, as their formats prescribe.

use std::io::Write as _;

use flate2::Compression;

/// A tar of regular files.
pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in members {
        out.extend(tar_entry(name, b'0', content.len() as u64, b""));
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// One ustar header. The name goes in as it is, `..` and `/` included.
pub(crate) fn tar_entry(name: &str, kind: u8, size: u64, link: &[u8]) -> [u8; 512] {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].copy_from_slice(b"        ");
    header[156] = kind;
    header[157..157 + link.len()].copy_from_slice(link);
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

/// xz with content that is stored: LZMA2's uncompressed chunks, no check.
pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    let sum = |bytes: &[u8]| crc32fast::hash(bytes).to_le_bytes();
    let mut out = b"\xfd7zXZ\0\0\0".to_vec();
    out.extend(sum(&[0, 0]));
    // A header of 12 bytes, one filter, LZMA2 with a dictionary of 64 KiB.
    let block = [2, 0, 0x21, 1, 8, 0, 0, 0];
    let start = out.len();
    out.extend(block);
    out.extend(sum(&block));
    for (index, chunk) in content.chunks(1 << 16).enumerate() {
        out.push(if index == 0 { 1 } else { 2 });
        out.extend(u16::try_from(chunk.len() - 1).unwrap().to_be_bytes());
        out.extend_from_slice(chunk);
    }
    out.push(0);
    let unpadded = (out.len() - start) as u64;
    out.resize(out.len().next_multiple_of(4), 0);
    let mut index = vec![0, 1];
    index.extend(variable(unpadded));
    index.extend(variable(content.len() as u64));
    index.resize(index.len().next_multiple_of(4), 0);
    let backward = u32::try_from(index.len() / 4).unwrap();
    out.extend_from_slice(&index);
    out.extend(sum(&index));
    let footer = [&backward.to_le_bytes()[..], &[0, 0]].concat();
    out.extend(sum(&footer));
    out.extend(footer);
    out.extend(b"YZ");
    out
}

/// Seven bits a byte, the lowest first.
fn variable(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push(0x80 | u8::try_from(number & 0x7f).unwrap());
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap());
    out
}

/// A member of a zip.
#[derive(Clone)]
pub(crate) struct Zipped {
    pub(crate) name: String,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) crc: u32,
    pub(crate) size: u32,
    pub(crate) data: Vec<u8>,
}

impl Zipped {
    pub(crate) fn stored(name: &str, content: &[u8]) -> Self {
        Self::new(name, 0, content, content.to_vec())
    }

    pub(crate) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        Self::new(name, 8, content, encoder.finish().unwrap())
    }

    pub(crate) fn new(name: &str, method: u16, content: &[u8], data: Vec<u8>) -> Self {
        let (crc, size) = (crc32fast::hash(content), u32::try_from(content.len()).unwrap());
        Self { name: name.to_owned(), method, flags: 0, crc, size, data }
    }

    /// What local header and directory have in common.
    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for number in [20, self.flags, self.method, 0, 0] {
            out.extend(number.to_le_bytes());
        }
        for number in [self.crc, u32::try_from(self.data.len()).unwrap(), self.size] {
            out.extend(number.to_le_bytes());
        }
        out.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        out.extend([0, 0]);
        out
    }
}

pub(crate) fn zip(members: &[Zipped]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let offset = u32::try_from(out.len()).unwrap();
        out.extend(b"PK\x03\x04");
        out.extend(member.fields());
        out.extend(member.name.as_bytes());
        out.extend_from_slice(&member.data);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(member.fields());
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(member.name.as_bytes());
    }
    let start = u32::try_from(out.len()).unwrap();
    out.extend_from_slice(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    out.extend([count, count].concat());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A jar with one deflated member.
pub(crate) fn jar(name: &str, content: &[u8]) -> Vec<u8> {
    zip(&[Zipped::deflated(name, content)])
}

/// cpio in the new ASCII form.
pub(crate) fn cpio(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let end: (&str, &[u8]) = ("TRAILER!!!", b"");
    for (name, content) in members.iter().chain([&end]) {
        let mode = if content.is_empty() { 0 } else { 0o100_644 };
        let fields = [1, mode, 0, 0, 1, 0, content.len(), 0, 0, 0, 0, name.len() + 1, 0];
        out.extend(b"070701");
        for field in fields {
            out.extend(format!("{field:08x}").as_bytes());
        }
        out.extend(name.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

/// A Debian package with these members.
pub(crate) fn deb(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    let first: (&str, &[u8]) = ("debian-binary", b"2.0\n");
    for (name, content) in [&first].into_iter().chain(members) {
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, content.len()).as_bytes());
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(2), b'\n');
    }
    out
}

/// An RPM package with a header that holds `script`.
pub(crate) fn rpm(script: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = b"\xed\xab\xee\xdb\x03\0\0\0".to_vec();
    out.resize(96, 0);
    for content in [&b"signed"[..], script] {
        out.extend(b"\x8e\xad\xe8\x01\0\0\0\0");
        out.extend(1_u32.to_be_bytes());
        out.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        out.extend([0; 16]);
        out.extend_from_slice(content);
        if content == b"signed" {
            out.resize(out.len().next_multiple_of(8), 0);
        }
    }
    out.extend_from_slice(payload);
    out
}
