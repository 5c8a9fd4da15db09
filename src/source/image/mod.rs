//! Container images: what `docker save` writes and OCI layouts, as folder, tar or compressed tar.
//!
//! An image is a configuration and layers. What the manifests name is looked up in a [`Store`]; a blob whose name is its
//! digest must have it.

use std::sync::Arc;

use super::Origin;
use super::member::INSIDE;

pub mod config;
pub mod digest;
pub mod manifest;
pub mod store;
pub mod visible;

pub use store::Store;

/// Digits of a digest that are enough to tell blobs apart in a report.
const SHORT: usize = 12;

/// A layer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer {
    /// As the manifest gives it, or of the uncompressed tar where the manifest gives none.
    pub digest: String,
    /// What made it, as the image's history tells; empty where it does not.
    pub instruction: String,
}

/// A place in an image.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImagePlace {
    /// The image's file or folder.
    pub outer: Origin,
    /// The layer that holds it; `None` for the configuration.
    pub layer: Option<Arc<Layer>>,
    /// A container of the image sees it: the configuration's fields, and files that no later layer deletes or replaces.
    pub visible: bool,
    shown: String,
    path: usize,
    name: usize,
    /// The name by which text of the configuration is understood.
    means: &'static str,
}

impl ImagePlace {
    /// A file of a layer at `path`, with its own path from `name` on.
    pub fn file(outer: &Origin, layer: &Arc<Layer>, path: &str, name: usize, visible: bool) -> Self {
        let before = format!("{}{INSIDE}{}{INSIDE}", outer.shown(), short(&layer.digest));
        let start = before.len();
        Self {
            outer: outer.clone(),
            layer: Some(Arc::clone(layer)),
            visible,
            shown: before + path,
            path: start,
            name: start + name,
            means: "",
        }
    }

    /// A part of the configuration with a digest; `means` is the name of a file that would hold such text.
    pub fn config(outer: &Origin, digest: &str, part: &str, means: &'static str) -> Self {
        let before = format!("{}{INSIDE}{}{INSIDE}", outer.shown(), short(digest));
        let start = before.len();
        Self { outer: outer.clone(), layer: None, visible: true, shown: before + part, path: start, name: start, means }
    }

    /// The whole way from the file on.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The path in the layer, and on into archives in it; or the part of the configuration.
    pub fn path(&self) -> &str {
        self.shown.get(self.path..).unwrap_or_default()
    }

    /// What says how the bytes are to be understood.
    pub fn name(&self) -> &str {
        if self.means.is_empty() { self.shown.get(self.name..).unwrap_or_default() } else { self.means }
    }

    /// The same place, known to be visible or not.
    #[must_use]
    pub fn with_visible(&self, visible: bool) -> Self {
        Self { visible, ..self.clone() }
    }
}

/// `sha256:` and the first digits.
fn short(digest: &str) -> &str {
    let digits = digest.find(':').map_or(0, |at| at + 1);
    digest.get(..digits + SHORT).unwrap_or(digest)
}
