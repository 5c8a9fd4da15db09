//! A member of an archive: where it stands, for reports.

use super::Origin;

/// Stands between an archive and what is in it.
pub const INSIDE: char = '!';

/// A member of an archive, possibly of one that is a member itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The outermost archive.
    pub outer: Origin,
    /// `outer!inner.jar!conf/app.properties`.
    shown: String,
    /// Where the path behind the outermost archive begins in `shown`.
    path: usize,
    /// Where the member's own path begins in `shown`.
    name: usize,
}

impl Member {
    /// The member at `path` (with [`INSIDE`] between archives) of `outer`; its own path begins at `name` of `path`.
    pub fn new(outer: &Origin, path: &str, name: usize) -> Self {
        let before = outer.shown();
        let mut shown = String::with_capacity(before.len() + path.len() + 1);
        shown.push_str(before);
        shown.push(INSIDE);
        let start = shown.len();
        shown.push_str(path);
        Self { outer: outer.clone(), shown, path: start, name: start + name }
    }

    /// The same member of an archive that more is known of.
    #[must_use]
    pub fn of(&self, outer: Origin) -> Self {
        Self { outer, ..self.clone() }
    }

    /// The whole way from the file on.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The way behind the outermost archive.
    pub fn path(&self) -> &str {
        self.shown.get(self.path..).unwrap_or_default()
    }

    /// Its path in the innermost archive.
    pub fn name(&self) -> &str {
        self.shown.get(self.name..).unwrap_or_default()
    }
}
