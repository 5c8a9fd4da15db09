//! What kind of archive bytes are, by their beginning.

use super::tar;

/// A kind of archive or compressed file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// tar, any dialect.
    Tar,
    /// zip and all that is one: jar, war, ear, whl, nupkg, Android's apk, docx.
    Zip,
    /// 7z.
    SevenZip,
    /// A Debian package.
    Deb,
    /// An RPM package.
    Rpm,
    /// cpio in the new ASCII form.
    Cpio,
    /// gzip.
    Gzip,
    /// xz.
    Xz,
    /// Zstandard.
    Zstd,
    /// bzip2.
    Bzip2,
}

impl Kind {
    /// From the first bytes of a file; 512 are enough. Costs an ordinary file a few compares.
    pub fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Self::Zip,
            [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Self::Gzip,
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Self::SevenZip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Self::Bzip2,
            [b'0', b'7', b'0', b'7', b'0', b'1' | b'2', digits @ ..]
                if digits.get(..8).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) =>
            {
                Self::Cpio
            }
            [0xed, 0xab, 0xee, 0xdb, 3, ..] => Self::Rpm,
            _ if head.starts_with(b"!<arch>\ndebian-binary") => Self::Deb,
            _ if tar::begins(head) => Self::Tar,
            _ => return None,
        })
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tar => "tar",
            Self::Zip => "zip",
            Self::SevenZip => "7z",
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Cpio => "cpio",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }
}
