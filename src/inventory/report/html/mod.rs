//! The register as one HTML file that needs nothing else: inventory, graph, timeline, what is missing.
//!
//! The register is data of the page, never markup: it stands in a JSON block and is shown as text alone. The page's content
//! policy allows its own script and style, by their hashes, and nothing from anywhere else.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

use crate::inventory::register::Register;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page.
pub(super) fn write(register: &Register, out: &mut dyn Write) -> io::Result<()> {
    let data = serde_json::to_string(register)?;
    // `</script>` and `<!--` would end or open something; JSON may escape any character.
    let data = data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let mut rest = PAGE;
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        out.write_all(before.as_bytes())?;
        match name {
            "style" => out.write_all(STYLE.as_bytes())?,
            "style-hash" => out.write_all(hash(STYLE).as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "script-hash" => out.write_all(hash(SCRIPT).as_bytes())?,
            "data" => out.write_all(data.as_bytes())?,
            _ => write!(out, "{{{{{name}}}}}")?,
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// As a content security policy names an inline script or style.
fn hash(text: &str) -> String {
    format!("sha256-{}", data_encoding::BASE64.encode(&Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::kind::{Field, FingerprintKind, Source};
    use crate::inventory::record::Facts;
    use crate::inventory::register::Subject;

    #[test]
    fn names_cannot_leave_the_data_block() {
        let mut register = Register::new("2026-11-22", "rules", "key");
        let mut facts = Facts::default();
        facts.claim(Field::Name, Source::File, "</script><script>alert(1)</script><!--", "a:1");
        register.add(Subject { kind: FingerprintKind::Reference, fingerprint: "x".to_owned() }, facts);
        let mut page = Vec::new();
        write(&register, &mut page).unwrap_or_default();
        let page = String::from_utf8_lossy(&page);
        assert_eq!(page.matches("</script>").count(), 2, "the data block and the script end once each");
        assert!(!page.contains("alert(1)</") && !page.contains("{{"));
        assert!(page.contains("\\u003c/script>\\u003cscript>alert(1)"));
    }
}
