//! Bytes to the raw form, with a place for whatever is wrong.

use super::error::{ConfigError, suggestion};
use super::places::{Place, Places};
use super::raw::RawConfig;
use super::{Config, validate};
use crate::rule::RuleSet;

/// A file that is well-formed and not yet checked.
pub struct Parsed {
    pub(super) file: String,
    pub(super) raw: RawConfig,
    pub(super) places: Places,
}

/// Reads a file's bytes; `name` is what the user calls it.
///
/// # Errors
/// What is wrong with its form.
pub fn read(bytes: &[u8], name: &str) -> Result<Parsed, Vec<ConfigError>> {
    let wrong = |place: Place, message: String| {
        vec![ConfigError { file: name.to_owned(), line: place.0, column: place.1, message }]
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count();
        wrong((line, 0), "is no UTF-8 text".to_owned())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = Places::of(text);
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Parsed { file: name.to_owned(), raw: RawConfig::default(), places });
    }
    let raw = serde_yaml::from_str(text).map_err(|error| {
        let (place, message) = said(&error, &places);
        wrong(place, message)
    })?;
    Ok(Parsed { file: name.to_owned(), raw, places })
}

/// Reads and checks in one: for files without rules of their own.
///
/// # Errors
/// Every problem of the file.
pub fn load_from(bytes: &[u8], name: &str, set: &RuleSet) -> Result<Config, Vec<ConfigError>> {
    read(bytes, name)?.check(set)
}

impl Parsed {
    /// The rule files it names, from its folder, each with its place.
    pub fn rule_files(&self) -> Vec<(&str, Place)> {
        let files = self.raw.rules.files.iter().enumerate();
        files.map(|(index, file)| (file.as_str(), self.places.value_at(&format!("rules.files[{index}]")))).collect()
    }

    /// An error of this file.
    pub fn error(&self, place: Place, message: impl Into<String>) -> ConfigError {
        ConfigError { file: self.file.clone(), line: place.0, column: place.1, message: message.into() }
    }

    /// Checks everything against the rules of the run.
    ///
    /// # Errors
    /// Every problem of the file.
    pub fn check(self, set: &RuleSet) -> Result<Config, Vec<ConfigError>> {
        validate::validate(&self, set)
    }
}

/// What serde says, with the place of the key it is about and the nearest key there is.
fn said(error: &serde_yaml::Error, places: &Places) -> (Place, String) {
    let place = error.location().map_or((0, 0), |location| (location.line(), location.column()));
    let full = error.to_string();
    let text = full.split(" at line ").next().unwrap_or(&full);
    let words: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    if let (Some(path), Some(field)) = (text.find("unknown field"), words.first()) {
        let parent = text[..path].trim_end_matches(": ");
        let full = if parent.is_empty() { (*field).to_owned() } else { format!("{parent}.{field}") };
        let at = places.key_at(&full).or_else(|| places.key_named(field, place.0));
        let known = words[1..].join(", ");
        let near = suggestion(field, words[1..].iter().copied());
        return (at.unwrap_or(place), format!("there is no key `{field}` here{near} (there are: {known})"));
    }
    if let (Some(path), Some(given)) = (text.find("unknown variant"), words.first()) {
        let at = places.value_at(text[..path].trim_end_matches(": "));
        let near = suggestion(given, words[1..].iter().copied());
        return (at, format!("`{given}` is no value of this key{near} (there are: {})", words[1..].join(", ")));
    }
    // serde names the path of the value before what is wrong with it.
    let at = text.split_once(": ").map(|(path, _)| places.value_at(path)).filter(|at| *at != (1, 1));
    let words: Vec<&str> = text.split(' ').collect();
    let kind = words.iter().position(|word| *word == "struct").filter(|_| text.contains("expected struct Raw"));
    let text = kind.map_or_else(|| text.to_owned(), |at| format!("{} keys and their values", words[..at].join(" ")));
    (at.unwrap_or(place), text)
}
