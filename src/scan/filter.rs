//! What of the files that are found is scanned: the policy's word on paths and sizes.

use crate::source::{Gap, GapReason};

/// Says of a path, as reports show it, whether it is left out.
pub type Excluded = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// What of the files that are found is scanned.
#[derive(Default)]
pub struct Filter {
    /// Files that are left out; counted, and no gap.
    pub excluded: Option<Excluded>,
    /// Larger files are a gap.
    pub max_file_bytes: Option<u64>,
}

impl Filter {
    /// True for a file that is left out.
    pub fn excludes(&self, shown: &str) -> bool {
        self.excluded.as_ref().is_some_and(|excluded| excluded(shown))
    }

    /// The gap of a file that is too large.
    pub fn too_large(&self, shown: &str, bytes: impl FnOnce() -> Option<u64>) -> Option<Gap> {
        let most = self.max_file_bytes?;
        let bytes = bytes().filter(|bytes| *bytes > most)?;
        let detail = format!("{bytes} bytes; `limits.max-file-bytes` is {most}");
        Some(Gap { what: shown.to_owned(), reason: GapReason::Limit, detail })
    }
}
