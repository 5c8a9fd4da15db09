//! Where each key and value of a YAML file stands, by its path (`overrides[1].paths[0]`): errors name line and column.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

/// Line and column, 1-based, in characters.
pub type Place = (usize, usize);

/// The places of one file.
#[derive(Default)]
pub(super) struct Places {
    keys: BTreeMap<String, Place>,
    values: BTreeMap<String, Place>,
}

/// A collection that is being read.
enum Level {
    List { path: String, index: usize },
    Map { path: String, key: Option<String> },
}

impl Places {
    /// Reads as far as the text is YAML: serde says what is wrong behind that.
    pub(super) fn of(text: &str) -> Self {
        let mut places = Self::default();
        let mut levels: Vec<Level> = Vec::new();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { break };
            let at = (span.start.line(), span.start.col() + 1);
            match event {
                Event::Scalar(text, ..) => places.scalar(&mut levels, &text, at),
                Event::Alias(_) => {
                    places.value(&mut levels, at);
                }
                Event::SequenceStart(..) => {
                    let path = places.value(&mut levels, at);
                    levels.push(Level::List { path, index: 0 });
                }
                Event::MappingStart(..) => {
                    let path = places.value(&mut levels, at);
                    levels.push(Level::Map { path, key: None });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    levels.pop();
                }
                _ => {}
            }
        }
        places
    }

    fn scalar(&mut self, levels: &mut [Level], text: &str, at: Place) {
        if let Some(Level::Map { path, key }) = levels.last_mut()
            && key.is_none()
        {
            let full = if path.is_empty() { text.to_owned() } else { format!("{path}.{text}") };
            self.keys.entry(full).or_insert(at);
            *key = Some(text.to_owned());
        } else {
            self.value(levels, at);
        }
    }

    /// Notes a value where the innermost collection stands, and returns its path.
    fn value(&mut self, levels: &mut [Level], at: Place) -> String {
        let path = match levels.last_mut() {
            None => String::new(),
            Some(Level::List { path, index }) => {
                *index += 1;
                format!("{path}[{}]", *index - 1)
            }
            Some(Level::Map { path, key }) => match key.take() {
                Some(key) if path.is_empty() => key,
                Some(key) => format!("{path}.{key}"),
                // A collection as a key: no setting has one.
                None => path.clone(),
            },
        };
        self.values.entry(path.clone()).or_insert(at);
        path
    }

    /// Where the value of a path stands; its key, or what holds it, where it has none.
    pub(super) fn value_at(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.values.get(path).or_else(|| self.keys.get(path)) {
                return *place;
            }
            let Some(end) = path.rfind(['.', '[']) else { return (1, 1) };
            path = &path[..end];
        }
    }

    /// Where a key stands.
    pub(super) fn key_at(&self, path: &str) -> Option<Place> {
        self.keys.get(path).copied()
    }

    /// The place of the first key of this name, whatever holds it, at or behind a line.
    pub(super) fn key_named(&self, name: &str, from: usize) -> Option<Place> {
        let named = |path: &str| path == name || path.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
        self.keys.iter().filter(|(path, place)| named(path) && place.0 >= from).map(|(_, place)| *place).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_places() {
        let places = Places::of("a: 1\nb:\n  - c: x\n    d: [y, z]\n  - e\n");
        assert_eq!(places.key_at("b"), Some((2, 1)));
        assert_eq!(places.value_at("a"), (1, 4));
        assert_eq!(places.value_at("b[0].d[1]"), (4, 12));
        assert_eq!(places.value_at("b[1]"), (5, 5));
        assert_eq!(places.key_named("d", 1), Some((4, 5)));
        assert_eq!(places.value_at("b[0].missing"), (3, 5));
    }
}
