//! Values in a wrapping that is no part of them: behind an authorization scheme, in Jenkins' braces.

use std::ops::Range;

/// What follows an authorization scheme is at least so long.
const MIN_CREDENTIAL: usize = 16;
/// And not longer than this.
const MAX_HEADER: usize = 2048;

/// `Authorization: Token x`: the value is what follows the scheme. `Basic` and `Bearer` have rules of their own. `open`: no quote ends
/// the value.
pub(super) fn behind_scheme(bytes: &[u8], name: &Range<usize>, value: Range<usize>, open: bool) -> Range<usize> {
    let header = name.len() >= 13 && bytes[name.end - 13..name.end].eq_ignore_ascii_case(b"authorization");
    if !header {
        return value;
    }
    let most = if open { bytes.len().min(value.start + MAX_HEADER) } else { value.end };
    let text = &bytes[value.start..most];
    let scheme = text.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let known = text[..scheme].eq_ignore_ascii_case(b"basic") || text[..scheme].eq_ignore_ascii_case(b"bearer");
    if known || !(2..=16).contains(&scheme) || text.get(scheme) != Some(&b' ') {
        return value;
    }
    let start = value.start + scheme + 1;
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`') || *byte == b'\\';
    let length = bytes[start..most].iter().position(ends).unwrap_or(most - start);
    if length < MIN_CREDENTIAL { value } else { start..start + length }
}

/// Jenkins puts braces around a secret in its files: what is inside, behind the last blank.
pub(super) fn unbraced(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    let [b'{', inner @ .., b'}'] = &bytes[value.clone()] else { return value };
    if inner.starts_with(b"{") {
        return value;
    }
    let skip = memchr::memrchr(b' ', inner).map_or(0, |blank| blank + 1);
    value.start + 1 + skip..value.end - 1
}

/// Calls that only convert their literal; any other call's argument names something else.
pub(super) fn is_wrapper(callee: &[u8]) -> bool {
    const WRAPPERS: &[&[u8]] = &[
        b"Some",
        b"String",
        b"string",
        b"str",
        b"bytes",
        b"[]byte",
        b"from",
        b"valueOf",
        b"to_string",
        b"toCharArray",
        b"StringPtr",
        b"Ptr",
        b"ptr",
        b"pointer",
        b"Secret",
        b"SecretString",
        b"SecretStr",
        b"Buffer",
        b"encode",
        b"fromString",
        b"text",
        b"b64decode",
        b"decode",
        b"decodeString",
        b"decodeBase64",
        b"unhexlify",
        b"fromhex",
        b"fromHex",
        b"Just",
        b"r",
        b"quote",
        b"literal",
        b"format",
        b"asUnicode",
        b"stringPtr",
        b"strPtr",
        b"Text",
        b"unescape",
        b"new",
        b"of",
        b"ToPtr",
    ];
    let last = callee.rsplit(|&byte| byte == b'.' || byte == b':').next().unwrap_or(callee);
    WRAPPERS.contains(&last)
}
