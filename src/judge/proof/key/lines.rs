//! Lines of a text that may stand in a string of a program, in JSON, a URL or XML.

/// Characters of a line, each with its offset in the value.
pub(super) type Run = Vec<(u8, usize)>;

/// A part of a line.
pub(super) type Line<'l> = &'l [(u8, usize)];

/// Splits into lines, with escapes as strings have them undone; each character with its offset in the value.
pub(super) fn lines_of(text: &[u8], start: usize) -> Vec<Run> {
    let mut lines = vec![Run::new()];
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let (found, length) = character(text.get(at..).unwrap_or_default());
        match found.unwrap_or(byte) {
            b'\n' | b'\r' => lines.push(Run::new()),
            byte => {
                if let Some(line) = lines.last_mut() {
                    line.push((byte, start + at + length - 1));
                }
            }
        }
        at += length;
    }
    lines
}

/// The first character of a text and how many bytes write it: itself, or an escape of JSON, C, URLs or XML.
fn character(text: &[u8]) -> (Option<u8>, usize) {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    let rest = text.get(slashes..).unwrap_or_default();
    let hex = |digits: Option<&[u8]>| u8::from_str_radix(std::str::from_utf8(digits?).ok()?, 16).ok();
    match (slashes, rest) {
        (1.., [b'n' | b'r', ..]) => (Some(b'\n'), slashes + 1),
        (1.., [b't', ..]) => (Some(b' '), slashes + 1),
        (1.., [b'u', b'0', b'0', ..]) => (hex(rest.get(3..5)), slashes + if rest.len() >= 5 { 5 } else { 1 }),
        (1.., [b'x', ..]) => (hex(rest.get(1..3)), slashes + if rest.len() >= 3 { 3 } else { 1 }),
        (1.., [b'/' | b'+' | b'=' | b'\n', ..]) => (rest.first().copied(), slashes + 1),
        (1.., _) => (Some(b' '), slashes),
        (0, [b'%', ..]) => match hex(rest.get(1..3)) {
            Some(byte) => (Some(byte), 3),
            None => (None, 1),
        },
        (0, [b'&', b'#', ..]) => match rest.iter().take(8).position(|&byte| byte == b';') {
            Some(end) => (Some(b'\n'), end + 1),
            None => (None, 1),
        },
        (0, [b'<', ..]) => match rest.iter().take(8).position(|&byte| byte == b'>') {
            Some(end) => (Some(b'\n'), end + 1),
            None => (None, 1),
        },
        _ => (None, 1),
    }
}
