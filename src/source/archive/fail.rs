//! Why a reader of archives stopped, carried through `io::Error`.

use std::error::Error;
use std::fmt;
use std::io;

use crate::source::{Gap, GapReason};

/// A reason with words for a person.
#[derive(Debug)]
pub struct Failure {
    reason: GapReason,
    detail: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl Error for Failure {}

fn failure(reason: GapReason, detail: impl Into<String>) -> io::Error {
    io::Error::other(Failure { reason, detail: detail.into() })
}

/// Not what its format prescribes.
pub(super) fn corrupt(detail: impl Into<String>) -> io::Error {
    failure(GapReason::Undecodable, detail)
}

/// It ends too early.
pub(super) fn truncated(detail: impl Into<String>) -> io::Error {
    failure(GapReason::Truncated, detail)
}

/// A bound was met.
pub(super) fn limit(detail: impl Into<String>) -> io::Error {
    failure(GapReason::Limit, detail)
}

/// Encrypted.
pub(super) fn encrypted(detail: impl Into<String>) -> io::Error {
    failure(GapReason::Encrypted, detail)
}

/// An error of a decoder: what it says is wrong with the bytes, unless reading them failed.
pub(super) fn decoding(method: &str, error: io::Error) -> io::Error {
    let inner = error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<Failure>);
    if inner || error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted {
        error
    } else if error.kind() == io::ErrorKind::OutOfMemory {
        limit(format!("the {method} data asks for too much memory"))
    } else if error.kind() == io::ErrorKind::UnexpectedEof {
        truncated(format!("the {method} data ends too early"))
    } else {
        corrupt(format!("the {method} data is corrupt: {error}"))
    }
}

/// The gap that an error leaves at `what`.
pub fn gap_of(what: String, error: &io::Error) -> Gap {
    if let Some(Failure { reason, detail }) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return Gap { what, reason: *reason, detail: detail.clone() };
    }
    let reason =
        if error.kind() == io::ErrorKind::UnexpectedEof { GapReason::Truncated } else { GapReason::Unreadable };
    Gap { what, reason, detail: error.to_string() }
}
