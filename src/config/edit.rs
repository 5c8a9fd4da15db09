//! Adds to `credlint.yaml` as a person would: comments, order and form of what stands there are kept.

/// One suppression to be written.
pub struct NewEntry<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// The value's keyed hash.
    pub value: String,
    /// The file it was seen in, as a comment.
    pub seen: &'a str,
    /// Why it is accepted.
    pub reason: &'a str,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// Where the work on it is followed.
    pub ticket: Option<&'a str>,
    /// Last day it holds.
    pub until: String,
}

/// Why a file cannot be added to; `Display` is for the person who wrote it.
pub type Refused = &'static str;

/// The text with the salt set, where it has none.
pub fn with_salt(text: &str, salt: &str) -> String {
    let comment = "# Key of the hashes below; not secret, and not to be changed.";
    format!("{comment}\nsalt: {salt}\n{}{text}", if text.is_empty() { "" } else { "\n" })
}

/// The text with a suppression more.
///
/// # Errors
/// `suppressions` is written in one line.
pub fn with_suppression(text: &str, entry: &NewEntry<'_>) -> Result<String, Refused> {
    with_item(text, "suppressions", &lines(entry))
}

/// The text with an item more in a list at the top of the file. `item` are its lines, without indentation.
///
/// # Errors
/// The list is written in one line.
pub fn with_item(text: &str, key: &str, item: &[String]) -> Result<String, Refused> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
    let head = |line: &String| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let at = if let Some(at) = all.iter().position(head) {
        let value = all[at].split_once(':').map_or("", |(_, value)| value).split(" #").next().unwrap_or("").trim();
        match value {
            "" => {}
            "[]" | "~" | "null" => all[at] = format!("{key}:"),
            _ => return Err("the list is written in one line; write it as one entry a line"),
        }
        at
    } else {
        if all.last().is_some_and(|last| !last.trim().is_empty()) {
            all.push(String::new());
        }
        all.push(format!("{key}:"));
        all.len() - 1
    };
    let inside = |line: &&String| {
        line.is_empty() || line.starts_with([' ', '\t', '#']) || line.starts_with("- ") || line.as_str() == "-"
    };
    let length = all[at + 1..].iter().take_while(inside).count();
    let body = &all[at + 1..=at + length];
    // Blank lines and comments before the next key belong to that one.
    let used =
        body.iter().rposition(|line| !line.trim().is_empty() && !line.starts_with('#')).map_or(0, |last| last + 1);
    let first = body.iter().find(|line| line.trim_start().starts_with('-'));
    let indent = first.map_or(2, |line| line.len() - line.trim_start().len());
    let new = item.iter().enumerate().map(|(index, line)| {
        let mark = if index == 0 { "- " } else { "  " };
        format!("{}{mark}{line}", " ".repeat(indent))
    });
    let place = at + 1 + used;
    all.splice(place..place, new);
    Ok(all.join(newline) + newline)
}

/// The text with an item more in a list below a section (`allow.patterns`).
///
/// # Errors
/// The section or the list is written in one line.
pub fn with_nested(text: &str, section: &str, key: &str, item: &[String]) -> Result<String, Refused> {
    let is_head = |line: &str| line.strip_prefix(section).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let Some(at) = text.lines().position(is_head) else {
        let inner = with_item("", key, item)?;
        let inner: String = inner.lines().flat_map(|line| ["  ", line, "\n"]).collect();
        let between = if text.is_empty() { "" } else { "\n" };
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Ok(format!("{text}{end}{between}{section}:\n{inner}"));
    };
    let lines: Vec<&str> = text.lines().collect();
    let value = lines[at].split_once(':').map_or("", |(_, value)| value).split(" #").next().unwrap_or("").trim();
    if !value.is_empty() {
        return Err("a section is written in one line; write it as one key a line");
    }
    let inside = |line: &&&str| line.trim().is_empty() || line.starts_with([' ', '\t', '#']);
    let length = lines[at + 1..].iter().take_while(inside).count();
    let body = &lines[at + 1..=at + length];
    let used =
        body.iter().rposition(|line| !line.trim().is_empty() && !line.starts_with('#')).map_or(0, |last| last + 1);
    let indent = body.iter().find(|line| !line.trim().is_empty() && line.starts_with(' '));
    let indent = indent.map_or(2, |line| line.len() - line.trim_start().len());
    let outdented: String = body[..used].iter().flat_map(|line| [line.get(indent..).unwrap_or(""), "\n"]).collect();
    let inner = with_item(&outdented, key, item)?;
    let inner =
        inner.lines().map(|line| if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(indent)) });
    let mut all: Vec<String> = lines[..=at].iter().map(|line| (*line).to_owned()).collect();
    all.extend(inner.filter(|line| !line.is_empty()));
    all.extend(lines[at + 1 + used..].iter().map(|line| (*line).to_owned()));
    Ok(all.join("\n") + "\n")
}

fn lines(entry: &NewEntry<'_>) -> Vec<String> {
    let mut out = vec![
        format!("rule: {}", entry.rule),
        format!("value: {} # seen in {}", entry.value, entry.seen.escape_default()),
        format!("reason: {}", quoted(entry.reason)),
    ];
    for (key, value) in [("owner", entry.owner), ("ticket", entry.ticket)] {
        out.extend(value.map(|value| format!("{key}: {}", quoted(value))));
    }
    out.push(format!("until: {}", entry.until));
    out
}

/// Text as YAML takes it in any case; JSON's form is YAML's.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> String {
        with_item(text, "suppressions", &["a: 1".to_owned(), "b: 2".to_owned()]).unwrap()
    }

    #[test]
    fn items_go_behind_the_last_one_in_its_form() {
        assert_eq!(added(""), "suppressions:\n  - a: 1\n    b: 2\n");
        assert_eq!(added("x: 1\n"), "x: 1\n\nsuppressions:\n  - a: 1\n    b: 2\n");
        assert_eq!(
            added("suppressions:\n- c: 3\n  d: 4 # why\n\n# next\ny: 1\n"),
            "suppressions:\n- c: 3\n  d: 4 # why\n- a: 1\n  b: 2\n\n# next\ny: 1\n"
        );
        assert_eq!(added("suppressions: []\ny: 1\n"), "suppressions:\n  - a: 1\n    b: 2\ny: 1\n");
        assert!(with_item("suppressions: [{a: 1}]\n", "suppressions", &[]).is_err());
    }

    #[test]
    fn items_go_into_lists_below_a_section() {
        let added = |text| with_nested(text, "allow", "patterns", &["a: 1".to_owned()]).unwrap();
        assert_eq!(added(""), "allow:\n  patterns:\n    - a: 1\n");
        assert_eq!(added("x: 1\n"), "x: 1\n\nallow:\n  patterns:\n    - a: 1\n");
        assert_eq!(
            added("allow:\n    values:\n      - b\n    patterns:\n      - c: 2\n\ny: 1\n"),
            "allow:\n    values:\n      - b\n    patterns:\n      - c: 2\n      - a: 1\n\ny: 1\n"
        );
        assert!(with_nested("allow: {}\n", "allow", "patterns", &[]).is_err());
    }
}
