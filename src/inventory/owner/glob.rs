//! Path patterns of owner files: one segment at a time, `*` and `?` never across `/`, `**` for any number of folders.

/// How many segments of `path` the whole pattern can take: `reach[n]` is true where it matches the first `n` of them, and
/// the last one where it matches the path. A segment `**` stands for any number of segments, none included.
///
/// Takes time in the product of both lengths, whatever the pattern.
pub(super) fn reach<P: AsRef<[u8]>>(pattern: &[P], path: &[&[u8]]) -> Vec<bool> {
    let mut reach = vec![false; path.len() + 1];
    reach[0] = true;
    for part in pattern.iter().map(AsRef::as_ref) {
        let Some(first) = reach.iter().position(|reached| *reached) else { break };
        if part == b"**" {
            reach.iter_mut().skip(first).for_each(|reached| *reached = true);
            continue;
        }
        for at in (first..path.len()).rev() {
            reach[at + 1] = reach[at] && segment(part, path[at]);
        }
        reach[first] = false;
    }
    reach
}

/// True where the pattern matches the whole path.
pub(super) fn is_match<P: AsRef<[u8]>>(pattern: &[P], path: &[&[u8]]) -> bool {
    reach(pattern, path).last() == Some(&true)
}

/// One segment: `*` any text, `?` one character, `[a-z]` and `[!a-z]` or `[^a-z]` one of a set, `\` takes the next as it is.
pub(super) fn segment(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` stood and how far it has taken the text.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, seen));
            at += 1;
        } else if let Some((pattern_end, text_end)) = one(&pattern[at..], &text[seen..]) {
            at += pattern_end;
            seen += text_end;
        } else if let Some((back, taken)) = star {
            star = Some((back, taken + 1));
            at = back + 1;
            seen = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// How much of pattern and text the first element of the pattern takes.
fn one(pattern: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    let next = *text.first()?;
    match pattern.first()? {
        b'?' => Some((1, character(text))),
        b'[' => set(pattern, text),
        b'\\' => pattern.get(1).filter(|byte| **byte == next).map(|_| (2, 1)),
        byte => (*byte == next).then_some((1, 1)),
    }
}

/// The length of the first character.
fn character(text: &[u8]) -> usize {
    text.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).map_or(1, char::len_utf8)
}

/// A set in brackets; one that is not closed matches nothing.
fn set(pattern: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    let length = character(text);
    let wanted = std::str::from_utf8(text.get(..length)?).ok()?.chars().next()?;
    let close = 2 + pattern.get(2..)?.iter().position(|byte| *byte == b']')?;
    let inner = std::str::from_utf8(pattern.get(1..close)?).ok()?;
    let (negated, inner) = inner.strip_prefix(['!', '^']).map_or((false, inner), |rest| (true, rest));
    let mut chars = inner.chars().peekable();
    let mut found = false;
    while let Some(first) = chars.next() {
        let first = if first == '\\' { chars.next().unwrap_or(first) } else { first };
        let mut last = first;
        if chars.peek() == Some(&'-') {
            let mut ahead = chars.clone();
            ahead.next();
            if let Some(end) = ahead.next() {
                last = end;
                chars = ahead;
            }
        }
        found |= (first..=last).contains(&wanted);
    }
    (found != negated).then_some((close + 1, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_path(pattern: &str, text: &str) -> bool {
        let split = |text: &'static str| text.split('/').map(str::as_bytes).collect::<Vec<_>>();
        is_match(&split(Box::leak(pattern.into())), &split(Box::leak(text.into())))
    }

    #[test]
    fn segments() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*.rs", ".rs", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("?", "ä", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[^a]", "b", true),
            ("[a", "a", false),
            (r"\*", "*", true),
            (r"\*", "a", false),
            (r"a\ b", "a b", true),
            ("{a,b}", "a", false),
        ] {
            assert_eq!(segment(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn paths() {
        for (pattern, text, expected) in [
            ("a/*/c", "a/b/c", true),
            ("a/*", "a/b/c", false),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/x/y/c", true),
            ("**/c", "c", true),
            ("**/c", "a/b", false),
            ("a/**", "a", true),
            ("**", "a/b", true),
        ] {
            assert_eq!(is_path(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_made_to_take_long_does_not() {
        let pattern = "*a".repeat(2_000) + "b";
        let text = "a".repeat(4_000);
        assert!(!segment(pattern.as_bytes(), text.as_bytes()));
        assert!(!is_path(&("**/a/".repeat(300) + "b"), &("a/".repeat(300) + "a")));
    }
}
