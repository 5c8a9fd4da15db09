//! The register for people and for other tools.
//!
//! One file a format, each a function from register to bytes. No format holds a credential's value: none is in the register.

use std::io::{self, Write};

use super::register::Register;

mod change;
mod csv;
mod cyclonedx;
mod html;
mod markdown;
mod row;
pub mod sqlite;
mod table;

pub use change::{DiffFormat, changes, offboard};

/// A form of the register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Lines for a terminal.
    Table,
    /// The register itself: what `merge` and `diff` read.
    Json,
    /// One line a row, for spreadsheets.
    Csv,
    /// `CycloneDX` 1.6.
    CycloneDx,
    /// One page for a browser.
    Html,
    /// For a wiki.
    Markdown,
}

impl Format {
    /// Their names.
    pub const NAMES: &[(&str, Self)] = &[
        ("table", Self::Table),
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("cyclonedx", Self::CycloneDx),
        ("html", Self::Html),
        ("markdown", Self::Markdown),
    ];
}

/// Writes the register.
///
/// # Errors
/// `out` cannot be written.
pub fn write(format: Format, register: &Register, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(register, out),
        Format::Json => out.write_all(register.text().map_err(io::Error::other)?.as_bytes()),
        Format::Csv => csv::write(register, out),
        Format::CycloneDx => cyclonedx::write(register, out),
        Format::Html => html::write(register, out),
        Format::Markdown => markdown::write(register, out),
    }
}
