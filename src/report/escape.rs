//! Untrusted text made safe to print: no control character, no hidden or direction-changing one, and nothing that a
//! build log would take for a command of its own (`##vso[…]`).

use std::borrow::Cow;
use std::fmt::Write as _;

/// True for characters that a terminal or a reader's eye could be misled by.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line of printable text: a newline becomes `\n`, a tab one blank, anything else unsafe `\u{…}`.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut command = Command::None;
    for c in text.chars() {
        let opens = c == '[' && command == Command::Name;
        command = command.next(c);
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push(' '),
            _ if opens || is_unsafe(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// How much of `##name[` has been seen. Build services obey it anywhere in a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    None,
    Hash,
    Name,
}

impl Command {
    fn next(self, c: char) -> Self {
        match (self, c) {
            (Self::None, '#') => Self::Hash,
            (Self::Hash | Self::Name, '#') => Self::Name,
            (Self::Name, c) if c.is_ascii_alphanumeric() || c == '-' || c == '_' => Self::Name,
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_untouched() {
        for text in ["", "src/main.rs", "größe = 1; 😀", "a\\b", "# heading", "## heading [link]"] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(escaped("a\x1b[31mb\x07\x7f\u{9b}c"), "a\\u{1b}[31mb\\u{7}\\u{7f}\\u{9b}c");
        assert_eq!(escaped("a\nb\r\nc\td"), "a\\nb\\r\\nc d");
    }

    #[test]
    fn direction_and_hidden_characters_are_spelled_out() {
        assert_eq!(
            escaped("\u{202e}x\u{2069}\u{200b}\u{feff}\u{2028}"),
            "\\u{202e}x\\u{2069}\\u{200b}\\u{feff}\\u{2028}"
        );
    }

    #[test]
    fn commands_of_build_services_are_broken() {
        assert_eq!(escaped("x ##vso[task.setvariable]y"), "x ##vso\\u{5b}task.setvariable]y");
        assert_eq!(escaped("##[add-mask]y"), "##\\u{5b}add-mask]y");
        assert_eq!(escaped("###[x]"), "###\\u{5b}x]");
        assert_eq!(escaped("#[x] ##a [y]"), "#[x] ##a [y]");
    }
}
