//! Example tokens are stored spliced, so that no scanner and no push protection takes them for real ones.

use super::raw::SPLICE_MARK;

/// Puts the mark into every word of five or more characters, after three characters and then after every six.
///
/// `joined` undoes it. Tested form: DESIGN.md section 6.
pub fn splice(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(length);
        splice_word(word, &mut out);
        let gap = tail.find(is_word).unwrap_or(tail.len());
        out.push_str(&tail[..gap]);
        rest = &tail[gap..];
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn splice_word(word: &str, out: &mut String) {
    if word.len() < 5 {
        out.push_str(word);
        return;
    }
    out.push_str(&word[..3]);
    for start in (3..word.len()).step_by(6) {
        out.push_str(SPLICE_MARK);
        out.push_str(&word[start..word.len().min(start + 6)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::raw::joined;

    #[test]
    fn marks_come_after_three_and_then_every_six_characters() {
        assert_eq!(splice("abcde"), "abc<~>de");
        assert_eq!(splice("a=abcdefghijk;four"), "a=abc<~>defghi<~>jk;four");
    }

    #[test]
    fn joining_undoes_splicing() {
        let text = "{\"tök\": \"0123456789abcdef-ghijk_lmnop\"}\n";
        assert_eq!(joined(&splice(text)), text);
    }
}
