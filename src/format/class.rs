//! What of a path changes how a file is read.

use super::{FileKind, data, dotfile, is_deployed, kind};

/// The class of a path: files of one content whose paths have one class have the same findings.
///
/// A name, in lower case, with what its folders say; the whole path where the folders are looked at once more when the
/// content is known (trees of values, files without an ending) or decide who reads it (dot files).
pub fn class(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let name = kind::last_part(&lower);
    let plain = !name.contains('.') || name.starts_with('.');
    if plain || data::format(&lower).is_some() || dotfile::of(&lower).is_some() {
        return lower;
    }
    format!("{}/{}/{name}", FileKind::of(&lower) as u8, u8::from(is_deployed(&lower)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_count_only_where_they_say_something() {
        assert_eq!(class("a/b/Main.rs"), class("c/main.rs"));
        assert_ne!(class("main.rs"), class("main.py"));
        assert_ne!(class("app/strings.properties"), class("app/locale/strings.properties"));
        assert_ne!(class("k8s/run.sh"), class("bin/run.sh"));
        assert_ne!(class("a/values.yaml"), class("charts/values.yaml"));
        assert_ne!(class("a/passwd"), class("b/passwd"));
    }
}
