//! Which reader a file gets, by its name and first bytes.

use super::{Reader, code, dockerfile, dotfile, groovy, keystore, kind, settings, shell, xml};

/// From the shown path of a file in lower case, `/` between its parts, and its first bytes.
pub(super) fn reader(lower: &str, head: &[u8]) -> Option<Reader> {
    let name = kind::last_part(lower);
    if keystore::begins(head) {
        return Some(Reader::KeyStore);
    }
    if dockerfile::is_named(name) {
        return Some(Reader::Dockerfile);
    }
    if groovy::is_pipeline(name) {
        return Some(Reader::Jenkinsfile);
    }
    if let Some(file) = dotfile::of(lower) {
        return Some(Reader::Dotfile(file));
    }
    if shell::is_script(name, head) {
        return Some(Reader::Shell);
    }
    if xml::is_xml(name, head) {
        return Some(Reader::Xml);
    }
    settings::flavor(name).map(Reader::Settings).or_else(|| code::joiner(name).map(Reader::Code))
}
