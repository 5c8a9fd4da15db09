//! What a document is for, told by its path and content: which values are secrets, references or ciphertext there, and what
//! a place means.

mod ansible;
mod applications;
mod cloud;
mod compose;
mod kubernetes;
mod pipeline;
mod terraform;

use super::data::Data;
use super::keys::KeyPath;
use super::tree::{Node, Text};
use super::walk::Out;

pub use pipeline::system as pipeline_system;

/// Entries and notes of a file's documents.
pub(super) fn documents(data: Data, path: &str, text: &Text<'_>, documents: &[Node], out: &mut Out<'_>) {
    let path = path.to_ascii_lowercase();
    for document in documents {
        means(data, &path, text, document, out);
        out.walk(text, document, &mut KeyPath::default());
    }
}

/// What the document means: the first meaning that fits is its own, applications' files come last.
fn means(data: Data, path: &str, text: &Text<'_>, document: &Node, out: &mut Out<'_>) {
    if data == Data::Hcl {
        return terraform::read(path, text, document, out);
    }
    if terraform::is_state(document) {
        return terraform::state(text, document, out);
    }
    if kubernetes::is(document) {
        out.structure.deployed = true;
        return kubernetes::read(text, document, out);
    }
    if cloud::read(text, document, out) {
        return;
    }
    if let Some(system) = pipeline::of(path, document) {
        return pipeline::read(system, text, document, out);
    }
    if compose::is(path, document) {
        return compose::read(text, document, out);
    }
    if ansible::is(path, document) {
        return ansible::read(path, text, document, out);
    }
    applications::read(path, text, document, out);
}
