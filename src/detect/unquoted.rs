//! Values without quotes: where they end.

use std::ops::Range;

use super::assign::{MAX_VALUE, Operator, Quote};
use crate::format::FileKind;

/// What a sign does to an unquoted value: ends it anywhere, ends it but in settings, opens or closes a piece.
const ENDS: u8 = 1;
const ENDS_CODE: u8 = 2;
const BRACKET: u8 = 4;

static SIGNS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | 0 => ENDS,
            b'{' | b'(' => BRACKET,
            b'}' | b')' => BRACKET | ENDS_CODE,
            b',' | b';' | b']' | b'<' | b'>' | b'&' | b'|' | b'\\' => ENDS_CODE,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// An unquoted value. In code it ends at punctuation; in settings at a blank.
pub(super) fn unquoted(bytes: &[u8], at: usize, operator: Operator, kind: FileKind) -> Option<(Quote, Range<usize>)> {
    let most = bytes.len().min(at + MAX_VALUE);
    let settings = matches!(kind, FileKind::Config | FileKind::Shell) && operator != Operator::Prose;
    let ending = if settings { ENDS } else { ENDS | ENDS_CODE };
    let ends = |byte: u8| SIGNS[usize::from(byte)] & ending != 0;
    let mut end = at;
    let mut depth = 0usize;
    loop {
        // Nearly every byte is part of the value.
        let rest = &bytes[end.min(most)..most];
        let plain = |signs: u8| signs & (ending | BRACKET) == 0;
        let signs = |bytes: &[u8]| bytes.iter().fold(0, |all, &byte| all | SIGNS[usize::from(byte)]);
        let whole = 8 * rest.chunks_exact(8).take_while(|eight| plain(signs(eight))).count();
        end += whole + rest[whole..].iter().take_while(|&&byte| plain(SIGNS[usize::from(byte)])).count();
        let Some(&byte) = bytes[..most].get(end) else { break };
        // `${…}`, `{{ … }}` and `$(…)` are one piece, blanks and all.
        if matches!(byte, b'{' | b'(') && end > at && matches!(bytes[end - 1], b'$' | b'{' | b'#')
            || depth > 0 && matches!(byte, b'{' | b'(')
        {
            depth += 1;
        } else if depth > 0 && matches!(byte, b'}' | b')') {
            depth -= 1;
        } else if byte == b'\n' || depth == 0 && ends(byte) {
            break;
        }
        end += 1;
    }
    while end > at
        && (matches!(bytes[end - 1], b',' | b';')
            || operator == Operator::Prose && matches!(bytes[end - 1], b'.' | b'!'))
    {
        end -= 1;
    }
    (end > at).then_some((Quote::None, at..end))
}
