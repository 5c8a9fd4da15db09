//! Key paths: where an entry stands in a tree of values.

use std::fmt::{Display, Write as _};

/// The keys from the root to a value, in one text that grows and shrinks as a tree is walked.
#[derive(Clone, Default)]
pub(super) struct KeyPath {
    /// The keys that are not empty, joined by dots.
    text: String,
    /// How long `text` was before each key.
    lengths: Vec<usize>,
}

impl<'k> FromIterator<&'k str> for KeyPath {
    fn from_iter<I: IntoIterator<Item = &'k str>>(keys: I) -> Self {
        let mut path = Self::default();
        for key in keys {
            path.push(key);
        }
        path
    }
}

impl KeyPath {
    /// Goes down by a key.
    pub(super) fn push(&mut self, key: &str) {
        self.lengths.push(self.text.len());
        if !key.is_empty() {
            self.dot();
            self.text.push_str(key);
        }
    }

    /// Goes down to an item of a list.
    pub(super) fn push_index(&mut self, index: impl Display) {
        self.lengths.push(self.text.len());
        self.dot();
        // Writing into a string does not fail.
        let _ = write!(self.text, "{index}");
    }

    fn dot(&mut self) {
        if !self.text.is_empty() {
            self.text.push('.');
        }
    }

    /// Goes up.
    pub(super) fn pop(&mut self) {
        self.text.truncate(self.lengths.pop().unwrap_or(0));
    }

    /// How many keys there are.
    pub(super) fn depth(&self) -> usize {
        self.lengths.len()
    }

    /// The last key; empty at the root.
    pub(super) fn last(&self) -> &str {
        let from = self.lengths.last().map_or(self.text.len(), |&length| self.start(length));
        &self.text[from..]
    }

    /// Where a key begins before which the text was `length` bytes long.
    fn start(&self, length: usize) -> usize {
        if length == 0 { 0 } else { (length + 1).min(self.text.len()) }
    }

    /// The last keys that take fewer than `most` bytes together, the last one in any case: of one that is longer, its end.
    pub(super) fn shown(&self, most: usize) -> &str {
        if self.text.len() < most {
            return &self.text;
        }
        let (mut from, mut end) = (None, self.text.len());
        for &length in self.lengths.iter().rev() {
            // An empty key takes no room.
            if length == end {
                continue;
            }
            end = length;
            let start = self.start(length);
            if self.text.len() - start >= most && from.is_some() {
                break;
            }
            from = Some(start);
        }
        let key = &self.text[from.unwrap_or(0)..];
        if key.len() <= most {
            return key;
        }
        let cut = (key.len() - most..key.len()).find(|&at| key.is_char_boundary(at)).unwrap_or(key.len());
        &key[cut..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(keys: &[&str]) -> KeyPath {
        keys.iter().copied().collect()
    }

    #[test]
    fn empty_keys_leave_no_dots() {
        let mut path = path(&["", "a", "", "b"]);
        path.push_index(10);
        assert_eq!((path.shown(200), path.last(), path.depth()), ("a.b.10", "10", 5));
        path.pop();
        path.push("");
        assert_eq!((path.shown(200), path.last()), ("a.b", ""));
        for _ in 0..5 {
            path.pop();
        }
        assert_eq!((path.shown(200), path.last(), path.depth()), ("", "", 0));
    }

    #[test]
    fn a_long_path_is_shown_by_its_last_keys() {
        for (keys, most, shown) in [
            (&["one", "two", "three"][..], 14, "one.two.three"),
            (&["one", "two", "three"], 13, "two.three"),
            (&["one", "two", "", "three", ""], 10, "two.three"),
            (&["one", "two", "three"], 9, "three"),
            (&["one", "two", "three"], 6, "three"),
            (&["one", "two", "three"], 5, "three"),
            (&["one", "two", "three"], 4, "hree"),
            (&["one", "äöü"], 3, "ü"),
        ] {
            assert_eq!(path(keys).shown(most), shown, "{keys:?} {most}");
        }
    }
}
