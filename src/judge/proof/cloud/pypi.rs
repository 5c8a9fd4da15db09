//! `PyPI` upload tokens: macaroons.

use serde_json::Value;

use super::super::jwt::{decode64, time};
use super::{Proved, Told};

const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const SIGNATURE: u8 = 6;

/// What a token says.
#[derive(Default)]
struct Macaroon {
    host: String,
    id: String,
    /// The restrictions, as JSON texts.
    caveats: Vec<Vec<u8>>,
}

/// `pypi-` and the base64url of a macaroon, version 2 (`doc/format.txt` of rescrv/libmacaroons): version, location,
/// identifier, caveats, a signature of 32 bytes.
pub(in crate::judge::proof) fn pypi(value: &[u8]) -> Proved {
    let Some(bytes) = value.strip_prefix(b"pypi-").and_then(decode64) else {
        return Proved::Refuted("it is no base64 behind `pypi-`".into());
    };
    let Some(macaroon) =
        parse(&bytes).filter(|macaroon| matches!(macaroon.host.as_str(), "pypi.org" | "test.pypi.org"))
    else {
        return Proved::Refuted("its structure is not that of a token of the Python Package Index".into());
    };
    let mut told =
        Told::reason("its structure is right to the last byte of the signature").fact("host", macaroon.host.as_str());
    if plain(&macaroon.id) {
        told = told.fact("token id", macaroon.id.as_str());
    }
    Proved::Certain(scope(told, &macaroon.caveats))
}

/// Reads a macaroon; `None` unless it ends exactly behind its signature.
fn parse(bytes: &[u8]) -> Option<Macaroon> {
    let mut macaroon = Macaroon::default();
    let (version, mut rest) = bytes.split_first()?;
    if *version != 2 {
        return None;
    }
    (macaroon.host, rest) = text_field(LOCATION, rest)?;
    (macaroon.id, rest) = text_field(IDENTIFIER, rest)?;
    rest = rest.strip_prefix(&[0])?;
    loop {
        if let Some(end) = rest.strip_prefix(&[0]) {
            let (signature, end) = field(SIGNATURE, end)?;
            return (signature.len() == 32 && end.is_empty()).then_some(macaroon);
        }
        let (caveat, after) = field(IDENTIFIER, rest)?;
        macaroon.caveats.push(caveat.to_vec());
        rest = after.strip_prefix(&[0])?;
    }
}

fn text_field(tag: u8, bytes: &[u8]) -> Option<(String, &[u8])> {
    let (content, rest) = field(tag, bytes)?;
    Some((String::from_utf8_lossy(content).into_owned(), rest))
}

/// A field: its tag, its length in 7-bit groups (lowest first), its content.
fn field(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, mut rest) = bytes.split_first()?;
    let mut length = 0_usize;
    for shift in [0, 7] {
        let (&group, after) = rest.split_first()?;
        rest = after;
        length |= usize::from(group & 0x7f) << shift;
        if group & 0x80 == 0 {
            return if found == tag { rest.split_at_checked(length) } else { None };
        }
    }
    None
}

/// What the restrictions leave, as warehouse writes them (`warehouse/macaroons/caveats` of pypi/warehouse): arrays of a
/// number and its arguments, or objects in older tokens.
fn scope(mut told: Told, caveats: &[Vec<u8>]) -> Told {
    let mut projects = Vec::new();
    for caveat in caveats {
        let Ok(caveat) = serde_json::from_slice::<Value>(caveat) else { continue };
        let number = caveat.get(0).and_then(Value::as_u64);
        let argument = caveat.get(1);
        match number {
            Some(0) => {
                if let Some(moment) = argument.and_then(Value::as_i64).and_then(time) {
                    told = told.fact("expires", moment);
                }
            }
            Some(1) => projects.extend(names(argument)),
            Some(2) => projects.extend(names(argument).into_iter().map(|id| format!("id {id}"))),
            Some(3) => {
                if let Some(user) = argument.and_then(Value::as_str).filter(|user| plain(user)) {
                    told = told.fact("user", user);
                }
            }
            _ => {
                projects.extend(names(caveat.pointer("/permissions/projects")));
                if let Some(moment) = caveat.get("exp").and_then(Value::as_i64).and_then(time) {
                    told = told.fact("expires", moment);
                }
            }
        }
    }
    match projects.as_slice() {
        [] => told.fact("scope", "all projects of the account"),
        projects => told.fact("scope", format!("projects {}", projects.join(", "))),
    }
}

fn names(list: Option<&Value>) -> Vec<String> {
    let names = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    names.filter(|name| plain(name)).take(8).map(str::to_owned).collect()
}

fn plain(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64URL_NOPAD;

    fn macaroon(host: &str, caveats: &[&str]) -> Vec<u8> {
        let field =
            |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).expect("it is short")], content].concat();
        let mut bytes =
            [vec![2], field(1, host.as_bytes()), field(2, b"1b9e6a52-0b5e-4a3c-9f0e-3f2d1c0b9a87"), vec![0]].concat();
        for caveat in caveats {
            bytes.extend(field(2, caveat.as_bytes()));
            bytes.push(0);
        }
        bytes.push(0);
        bytes.extend(field(6, &[0x77; 32]));
        bytes
    }

    fn token(bytes: &[u8]) -> Vec<u8> {
        format!("pypi-{}", BASE64URL_NOPAD.encode(bytes)).into_bytes()
    }

    fn fact(proved: &Proved, name: &str) -> Option<String> {
        let Proved::Certain(told) = proved else { panic!("{proved:?}") };
        told.facts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone())
    }

    #[test]
    fn caveats_tell_the_scope() {
        let all = pypi(&token(&macaroon("pypi.org", &["[3, \"5f0c7a0e-91d4-4b77-8a53-0c1e2d3f4a5b\"]"])));
        assert_eq!(fact(&all, "scope").as_deref(), Some("all projects of the account"));
        assert_eq!(fact(&all, "host").as_deref(), Some("pypi.org"));
        assert_eq!(fact(&all, "user").as_deref(), Some("5f0c7a0e-91d4-4b77-8a53-0c1e2d3f4a5b"));
        let some =
            pypi(&token(&macaroon("test.pypi.org", &["[1, [\"left\", \"right\"]]", "[0, 1900000000, 1700000000]"])));
        assert_eq!(fact(&some, "scope").as_deref(), Some("projects left, right"));
        assert_eq!(fact(&some, "expires").as_deref(), Some("2030-03-17T17:46:40Z"));
        let old =
            pypi(&token(&macaroon("pypi.org", &["{\"version\": 1, \"permissions\": {\"projects\": [\"left\"]}}"])));
        assert_eq!(fact(&old, "scope").as_deref(), Some("projects left"));
        let old = pypi(&token(&macaroon("pypi.org", &["{\"version\": 1, \"permissions\": \"user\"}"])));
        assert_eq!(fact(&old, "scope").as_deref(), Some("all projects of the account"));
    }

    #[test]
    fn malformed_tokens_are_refuted() {
        let right = macaroon("pypi.org", &["[1, [\"left\"]]"]);
        for end in 0..right.len() {
            assert!(matches!(pypi(&token(&right[..end])), Proved::Refuted(_)), "{end}");
        }
        assert!(matches!(pypi(&token(&[right.as_slice(), &[0]].concat())), Proved::Refuted(_)));
        assert!(matches!(pypi(&token(&macaroon("pypi.net", &[]))), Proved::Refuted(_)));
        for odd in [b"".as_slice(), b"pypi-", b"pypi-\xff\xff", &vec![b'A'; 100_000]] {
            assert!(matches!(pypi(odd), Proved::Refuted(_)));
        }
    }
}
