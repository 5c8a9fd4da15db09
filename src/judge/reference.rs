//! Values that name the place of a credential instead of being one.

use crate::detect::{Assignment, Operator, Quote};
use crate::format::FileKind;

/// Prefixes of references to secret stores and variables, in lower case.
const PREFIXES: &[&str] = &[
    "${",
    "$(",
    "$[",
    "{{",
    "<%",
    "%{",
    "#{",
    "%(",
    "@{",
    "&{",
    "env:",
    "env.",
    "env(",
    "env[",
    "vault:",
    "vault(",
    "vault.",
    "enc[",
    "enc(",
    "op://",
    "secret://",
    "secrets://",
    "ssm:",
    "awssm:",
    "sm://",
    "gcpsm",
    "azurekeyvault",
    "@microsoft.keyvault",
    "arn:aws:",
    "arn:aws-",
    "projects/",
    "file:",
    "file(",
    "/run/secrets",
    "/var/run/secrets",
    "/etc/",
    "/var/",
    "/home/",
    "/opt/",
    "/usr/",
    "/tmp/",
    "/mnt/",
    "/root/",
    "/app/",
    "/secrets/",
    "~/",
    "./",
    "../",
    "c:\\",
    "process.env",
    "os.environ",
    "os.getenv",
    "getenv",
    "system.getenv",
    "import.meta",
    "builtins.",
    "secretkeyref",
    "valuefrom",
    "!vault",
    "!ref",
    "!sub",
    "!getatt",
    "!importvalue",
    "fn::",
    "{resolve:",
    "var.",
    "local.",
    "data.",
    "module.",
    "self.",
    "this.",
    "config.",
    "settings.",
    "secrets.",
    "options.",
    "opts.",
    "params.",
    "request.",
    "req.",
    "credentials(",
    "lookup(",
    "ansible-vault",
    "$ansible_vault",
    "ref:",
    "cipher:",
    "ref+",
    "keychain:",
    "keyring:",
    "pass:",
    "bitwarden:",
    "doppler:",
    "sops:",
    "encrypted:",
    "kms:",
    "random_password.",
    "http://",
    "https://",
];

/// Said of unquoted text that is code.
pub(crate) const EXPRESSION: &str = "is an expression, not a literal";

/// Why a value is a reference, if it is.
pub(super) fn reference(value: &[u8], assignment: Option<&Assignment>, kind: FileKind) -> Option<&'static str> {
    let text = value.trim_ascii();
    let lower = text.to_ascii_lowercase();
    if PREFIXES.iter().any(|prefix| lower.starts_with(prefix.as_bytes())) {
        return Some("refers to a variable, a file or a secret store");
    }
    if is_variable(text) {
        return Some("names a variable");
    }
    if interpolated(text) {
        return Some("is put together from variables");
    }
    let assignment = assignment?;
    // The second half of `{{resolve:…}}` that a template joins.
    if assignment.quote != Quote::None
        && text.ends_with(b"}}")
        && memchr::memmem::find(text, b"{{").is_none()
        && text[0] != b'{'
    {
        return Some("is a piece of a template");
    }
    if assignment.quote == Quote::None && is_expression(text, kind, assignment.operator) {
        return Some(EXPRESSION);
    }
    None
}

/// `$NAME`, `%NAME%`, `$$NAME`, `@NAME@`, `:name` as a bound parameter, `?`.
fn is_variable(text: &[u8]) -> bool {
    let name = |rest: &[u8]| {
        !rest.is_empty()
            && !rest[0].is_ascii_digit()
            && rest.iter().all(|byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'.' | b'-' | b':' | b'>' | b'[' | b']' | b'\'' | b'"' | b'@' | b'*')
            })
    };
    match text {
        // `$1y$…` is a hash, `$Uper7!` may be a password: a variable is one name and nothing else.
        [b'$', rest @ ..] => name(rest.strip_prefix(b"$").unwrap_or(rest)),
        [b'%', rest @ .., b'%'] => name(rest),
        [b'%', b's' | b'd' | b'v' | b'q' | b'@'] | [b'?'] => true,
        // An argument by its number, as Go and printf write it: `%[2]s`, `%2$s`.
        [b'%', rest @ .., b's' | b'd' | b'v' | b'q'] => {
            rest.len() <= 4 && rest.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'[' | b']' | b'$'))
        }
        [b'@', rest @ ..] => rest.len() > 2 && rest.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_'),
        [b':', rest @ ..] => rest.len() > 2 && rest.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_'),
        _ => false,
    }
}

/// Holds `${…}`, `{{…}}`, `#{…}`, `<%…%>`, `%s`, `{name}` anywhere.
fn interpolated(text: &[u8]) -> bool {
    // Most values hold none of these.
    if !text.iter().any(|byte| matches!(byte, b'$' | b'{' | b'#' | b'<' | b'%' | b'\\')) {
        return false;
    }
    let has = |open: &[u8], close: &[u8]| {
        memchr::memmem::find(text, open).is_some_and(|at| memchr::memmem::find(&text[at..], close).is_some())
    };
    if has(b"${", b"}")
        || has(b"{{", b"}}")
        || has(b"#{", b"}")
        || has(b"<%", b"%>")
        || has(b"$(", b")")
        || has(b"$[", b"]")
        || has(b"\\(", b")")
    {
        return true;
    }
    if text.len() <= 24 && (text.ends_with(b"%s") || text.ends_with(b"%v") || text.ends_with(b"%d")) {
        return true;
    }
    match (memchr::memchr(b'{', text), memchr::memchr(b'}', text)) {
        (Some(open), Some(close)) if open < close => {
            text[open + 1..close].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'))
        }
        _ => false,
    }
}

/// Unquoted text that is code: calls, member access, indexing; in source files any name at all.
fn is_expression(text: &[u8], kind: FileKind, operator: Operator) -> bool {
    let first = text.first().copied().unwrap_or(b' ');
    if matches!(first, b'&' | b'*' | b'(' | b'[' | b'{' | b'!' | b'@' | b'<') && text.len() < 3 {
        return true;
    }
    let ends_call = text.ends_with(b"(")
        || text.ends_with(b"()")
        || memchr::memchr(b'(', text).is_some_and(|at| at > 0 && text[..at].iter().all(|byte| is_member(*byte)));
    let indexed = memchr::memchr(b'[', text).is_some_and(|at| at > 0 && text[..at].iter().all(|byte| is_member(*byte)));
    if matches!(operator, Operator::Assign | Operator::Compare) && (ends_call || indexed) && kind != FileKind::Config {
        return true;
    }
    let member = text.contains(&b'.')
        && text.iter().all(|byte| is_member(*byte))
        && first.is_ascii_alphabetic()
        && !text.iter().any(u8::is_ascii_digit);
    let path = text.windows(2).any(|pair| matches!(pair, b"->" | b"::"));
    match kind {
        FileKind::Code => true,
        FileKind::Config | FileKind::Shell | FileKind::Prose => {
            path && text.iter().all(|byte| is_member(*byte) || matches!(byte, b'-' | b'>' | b':'))
        }
        _ => member || path,
    }
}

const fn is_member(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_values() {
        for text in [
            "${VAR}",
            "{{ .Values.x }}",
            "$(cmd)",
            "process.env.X",
            "$DB_PASSWORD",
            "%PASSWORD%",
            "op://vault/item",
            "/run/secrets/x",
            "arn:aws:secretsmanager:eu",
            "pre-${x}",
        ] {
            assert!(reference(text.as_bytes(), None, FileKind::Config).is_some(), "{text}");
        }
        for text in ["hunter", "$1y$64$ayk", "p@ss,w;rd", "a:b", "x{y"] {
            assert_eq!(reference(text.as_bytes(), None, FileKind::Config), None, "{text}");
        }
    }
}
