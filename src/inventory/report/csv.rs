//! The register as CSV: one line an identity, the columns of the review's worksheet.

use std::borrow::Cow;
use std::io::{self, Write};

use super::row::COLUMNS;
use crate::inventory::register::Register;
use crate::report::escape::escaped;

/// Writes heading and rows.
pub(super) fn write(register: &Register, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS.iter().map(|(name, _)| *name))?;
    for row in register.identities.values() {
        let cells = COLUMNS.iter().map(|(_, text)| cell(&text(row)).into_owned());
        table.write_record(cells)?;
    }
    table.flush()
}

/// Printable, and no formula: a spreadsheet would run what begins with one of its signs.
fn cell(text: &str) -> Cow<'_, str> {
    let text = escaped(text);
    if text.starts_with(['=', '+', '-', '@']) { Cow::Owned(format!("'{text}")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula() {
        for (text, expected) in [("=1+1", "'=1+1"), ("@x", "'@x"), ("-3", "'-3"), ("a=1", "a=1"), ("a\nb", "a\\nb")] {
            assert_eq!(cell(text), expected);
        }
    }
}
