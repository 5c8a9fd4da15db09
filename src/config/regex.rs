//! Regular expressions of the policy, run in linear time over bytes.

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

/// Values that no useful pattern matches all of.
const VALUES: [&str; 4] = ["Zk3vQ9tLx0Wb7RmYc5Hd", "8f14e45fceea167a", "HUNTER_2", "p@ss w0rd!"];
/// Paths, likewise.
const PATHS: [&str; 5] = ["Makefile", "src/main.rs", ".github/workflows/ci.yml", "a/b/c/d.json", ".env"];

/// What a pattern is matched with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A value or the line around it.
    Value,
    /// A file's path.
    Path,
}

/// Compiles a pattern; the error is for the person who wrote it.
///
/// # Errors
/// It is no regular expression of linear time, or it matches everything.
pub fn compile(pattern: &str, target: Target) -> Result<Regex, String> {
    if let Some(named) = look_around(pattern) {
        return Err(format!("the pattern `{pattern}` has {named}, which cannot be run in linear time"));
    }
    let regex = Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(Config::new().utf8_empty(false).nfa_size_limit(Some(1 << 20)).hybrid_cache_capacity(256 << 10))
        .build(pattern)
        .map_err(|error| {
            let text = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
            format!("the pattern `{pattern}` cannot be read: {}", text.lines().last().unwrap_or(&text))
        })?;
    let probes: &[&str] = if target == Target::Path { &PATHS } else { &VALUES };
    if probes.iter().all(|probe| regex.is_match(probe)) {
        return Err(format!("the pattern `{pattern}` matches everything; write what it is meant for"));
    }
    Ok(regex)
}

/// The construct of a pattern that only a backtracking engine can run.
pub fn look_around(pattern: &str) -> Option<&'static str> {
    const FORMS: [(&str, &str); 6] = [
        ("(?=", "look-ahead `(?=`"),
        ("(?!", "negative look-ahead `(?!`"),
        ("(?<=", "look-behind `(?<=`"),
        ("(?<!", "negative look-behind `(?<!`"),
        ("(?>", "an atomic group `(?>`"),
        ("(?(", "a condition `(?(`"),
    ];
    let bytes = pattern.as_bytes();
    let (mut at, mut in_class) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                if !in_class && bytes.get(at + 1).is_some_and(|next| (b'1'..=b'9').contains(next)) {
                    return Some("a back-reference");
                }
                at += 1;
            }
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => {
                let found = FORMS.iter().find(|(form, _)| bytes[at..].starts_with(form.as_bytes()));
                if let Some((_, name)) = found {
                    return Some(name);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_around_is_named() {
        for (pattern, part) in [("a(?=b)", "(?="), ("(?<!x)y", "(?<!"), (r"(a)\1", "back-reference")] {
            let error = compile(pattern, Target::Value).err().unwrap_or_default();
            assert!(error.contains(part), "{pattern}: {error}");
        }
        assert!(look_around(r"\(?=").is_none() && look_around("[(?=]").is_none() && look_around("(?P<a>b)").is_none());
    }

    #[test]
    fn what_matches_everything_is_refused() {
        for pattern in ["", ".*", ".", "[a-zA-Z0-9]", "x*"] {
            assert!(compile(pattern, Target::Value).is_err() && compile(pattern, Target::Path).is_err(), "{pattern}");
        }
        assert!(compile("(?i)example", Target::Value).is_ok_and(|regex| regex.is_match("anEXAMPLE")));
    }
}
