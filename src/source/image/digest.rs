//! Digests of blobs: `sha256:…`, checked while the bytes go by.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256, Sha512};

/// An algorithm and hexadecimal digits, both checked for their form.
pub fn is_digest(text: &str) -> bool {
    let Some((algorithm, digits)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    digits.len() == length && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The name of the blob with a digest: `blobs/sha256/…`.
pub fn blob_name(digest: &str) -> Option<String> {
    is_digest(digest).then(|| format!("blobs/{}", digest.replacen(':', "/", 1)))
}

/// The digest that a blob's name tells.
pub fn of_blob_name(name: &str) -> Option<String> {
    let digest = name.strip_prefix("blobs/")?.replacen('/', ":", 1);
    is_digest(&digest).then_some(digest)
}

/// The digest of bytes, by the algorithm of another.
pub fn of_bytes(like: &str, bytes: &[u8]) -> String {
    let mut hashing = Hashing::new(like, bytes);
    let _ = io::copy(&mut hashing, &mut io::sink());
    hashing.finish()
}

enum Hash {
    Short(Box<Sha256>),
    Long(Box<Sha512>),
}

/// Computes a digest of all that is read through it.
pub struct Hashing<R> {
    inner: R,
    hash: Hash,
}

impl<R: Read> Hashing<R> {
    /// By the algorithm of `like`.
    pub fn new(like: &str, inner: R) -> Self {
        let long = like.starts_with("sha512:");
        let hash = if long { Hash::Long(Box::default()) } else { Hash::Short(Box::default()) };
        Self { inner, hash }
    }

    /// The digest of what was read.
    pub fn finish(self) -> String {
        let (name, bytes) = match self.hash {
            Hash::Short(hash) => ("sha256:", hash.finalize().to_vec()),
            Hash::Long(hash) => ("sha512:", hash.finalize().to_vec()),
        };
        format!("{name}{}", data_encoding::HEXLOWER.encode(&bytes))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        match &mut self.hash {
            Hash::Short(hash) => hash.update(&buffer[..length]),
            Hash::Long(hash) => hash.update(&buffer[..length]),
        }
        Ok(length)
    }
}
