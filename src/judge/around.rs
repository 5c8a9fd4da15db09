//! What stands beside a credential tells of it: the fields of its connection string, the parameters of its URL, the host of
//! its line.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::{Rule, Text};
use crate::detect::Candidate;

type Facts = Vec<(&'static str, String)>;

/// Bytes to either side of a value that are looked at.
const REACH: usize = 1024;

/// Fields of connection strings, in lower case without spaces, and the facts they are. Azure's (learn.microsoft.com,
/// "Configure Azure Storage connection strings", "Service Bus connection strings", "Control access to `IoT` Hub") and those of
/// ADO.NET and ODBC (`SqlConnection.ConnectionString`).
const FIELDS: &[(&str, &str)] = &[
    ("accountname", "account"),
    ("endpointsuffix", "endpoint suffix"),
    ("endpoint", "endpoint"),
    ("accountendpoint", "endpoint"),
    ("sharedaccesskeyname", "policy"),
    ("entitypath", "entity"),
    ("hostname", "host"),
    ("deviceid", "device"),
    ("moduleid", "module"),
    ("id", "key id"),
    ("server", "host"),
    ("datasource", "host"),
    ("host", "host"),
    ("addr", "host"),
    ("address", "host"),
    ("networkaddress", "host"),
    ("database", "database"),
    ("initialcatalog", "database"),
    ("userid", "user"),
    ("uid", "user"),
    ("username", "user"),
    ("user", "user"),
];

/// Parameters of signed URLs and the facts they are: shared access signatures (learn.microsoft.com, "Create a service SAS",
/// "Create a user delegation SAS", "Service Bus access control with SAS") and AWS presigned ones (AWS, "Authenticating
/// requests: using query parameters").
const PARAMETERS: &[(&str, &str)] = &[
    ("sp", "permissions"),
    ("st", "starts"),
    ("se", "expires"),
    ("ss", "services"),
    ("srt", "resource types"),
    ("sr", "resource"),
    ("sip", "addresses"),
    ("spr", "protocol"),
    ("si", "policy"),
    ("skn", "policy"),
    ("skoid", "object"),
    ("sktid", "tenant"),
    ("X-Amz-Credential", "credential scope"),
    ("X-Amz-Date", "signed"),
    ("X-Amz-Expires", "seconds"),
];

/// What the text around a candidate tells of the credential. Never holds its value.
pub(super) fn facts(rule: &Rule, candidate: &Candidate, text: Text<'_>) -> Facts {
    let bytes = text.bytes();
    let (start, end) = (candidate.secret.start, candidate.secret.end);
    let before = back(bytes, start);
    let after = ahead(bytes, end);
    let string = (&bytes[before..start], &bytes[end..after]);
    match rule.provider.as_ref() {
        "azure" if rule.id.contains("-sas-") || rule.id.contains("signature") => signed(string),
        "azure" => connection(string),
        "aws" if memchr::memmem::find(string.0, b"X-Amz-Credential=").is_some() => signed(string),
        "docker" if rule.id.ends_with("auth") => registry(&bytes[start.saturating_sub(REACH)..start]),
        "npm" => npm(string.0),
        _ if rule.id.ends_with("password") && !string.0.is_empty() => connection(string),
        _ => Facts::new(),
    }
}

/// Where the string that holds `at` begins: behind a quote, a bracket or the line's start.
fn back(bytes: &[u8], at: usize) -> usize {
    let least = at.saturating_sub(REACH);
    bytes[least..at].iter().rposition(|&byte| ends_string(byte)).map_or(least, |found| least + found + 1)
}

fn ahead(bytes: &[u8], at: usize) -> usize {
    let most = bytes.len().min(at + REACH);
    bytes[at..most].iter().position(|&byte| ends_string(byte)).map_or(most, |found| at + found)
}

fn ends_string(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\n' | b'\r')
}

/// `Name=value;Name=value`, of a string cut where the secret stands.
fn connection((before, after): (&[u8], &[u8])) -> Facts {
    let mut facts = Facts::new();
    // The last piece before the secret is its own name.
    let (before, _own) = before.split_at(memchr::memrchr(b';', before).unwrap_or(0));
    for piece in before.split(|&byte| byte == b';').chain(after.split(|&byte| byte == b';').skip(1)) {
        let Some((key, value)) = std::str::from_utf8(piece).ok().and_then(|piece| piece.split_once('=')) else {
            continue;
        };
        // A string without quotes stands behind the name it is given: `CONNECTION=Endpoint=sb://…`.
        let (key, value) = value.rsplit_once('=').filter(|(key, _)| is_word(key)).unwrap_or((key, value));
        let key: String = key.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let known = FIELDS.iter().find(|(name, _)| *name == key).map(|(_, fact)| *fact);
        if let Some(fact) = known
            && is_plain(value.trim())
        {
            facts.push((fact, value.trim().to_owned()));
        }
    }
    facts
}

fn is_word(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b' ')
}

/// A URL's host and parameters.
fn signed((before, after): (&[u8], &[u8])) -> Facts {
    let mut facts = Facts::new();
    let word = |byte: &u8| byte.is_ascii_whitespace();
    let before = before.iter().rposition(word).map_or(before, |at| &before[at + 1..]);
    let after = after.iter().position(word).map_or(after, |at| &after[..at]);
    if let Some(at) = memchr::memmem::rfind(before, b"://") {
        let host = before[at + 3..].split(|&byte| matches!(byte, b'/' | b'?' | b':')).next().unwrap_or_default();
        facts.extend(plain("host", host));
    }
    let query = memchr::memchr(b'?', before).map_or(before, |at| &before[at + 1..]);
    // `&amp;` in XML, `\u0026` in JSON. An AWS id stands in the middle of its parameter.
    let joined = String::from_utf8_lossy(&[query, b"*", after].concat()).replace("&amp;", "&").replace("\\u0026", "&");
    for piece in joined.split('&') {
        let Some((key, value)) = piece.split_once('=') else { continue };
        let known = PARAMETERS.iter().find(|(name, _)| *name == key.trim()).map(|(_, fact)| *fact);
        let value = percent_decode(value.as_bytes()).decode_utf8_lossy();
        let value = value.trim_start_matches("*/");
        if let Some(fact) = known {
            facts.extend(plain(fact, value.as_bytes()));
        }
    }
    facts
}

/// The key that a docker `auth` stands under: `"registry.example": { "auth": …`.
fn registry(before: &[u8]) -> Facts {
    let Some(open) = memchr::memrchr(b'{', before) else { return Facts::new() };
    let key = before[..open].trim_ascii_end().strip_suffix(b":").unwrap_or_default().trim_ascii_end();
    let key: &[u8] = key.strip_suffix(b"\"").unwrap_or_default();
    let key = key.strip_suffix(b"\\").unwrap_or(key);
    let start = memchr::memrchr(b'"', key).map_or(key.len(), |quote| quote + 1);
    plain("host", &key[start..]).into_iter().collect()
}

/// The registry of an `.npmrc` line: `//registry.example/path/:_authToken=…`.
fn npm(before: &[u8]) -> Facts {
    let host = memchr::memmem::find(before, b"//").and_then(|at| {
        let rest = &before[at + 2..];
        Some(&rest[..memchr::memmem::find(rest, b"/:_")?])
    });
    host.and_then(|host| plain("host", host)).into_iter().collect()
}

fn plain(name: &'static str, value: &[u8]) -> Option<(&'static str, String)> {
    let value: Cow<'_, str> = String::from_utf8_lossy(value);
    is_plain(&value).then(|| (name, value.into_owned()))
}

/// A name, an address or a time: short, and no long run that could itself be a credential.
fn is_plain(value: &str) -> bool {
    let run = |run: &str| {
        run.len() >= 24
            && run.bytes().any(|byte| byte.is_ascii_digit())
            && run.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    !value.is_empty()
        && value.len() <= 200
        && !value.contains(|c: char| c.is_control() || matches!(c, '$' | '{' | '}' | '*'))
        && !value.split(|c: char| !c.is_ascii_alphanumeric()).any(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings_name_account_and_rights() {
        let before = b"CS=DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=";
        assert_eq!(
            connection((before, b";EndpointSuffix=core.windows.net")),
            [("account", "acme".to_owned()), ("endpoint suffix", "core.windows.net".to_owned())]
        );
        let bus = b"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=";
        assert_eq!(
            connection((bus, b";EntityPath=orders")),
            [
                ("endpoint", "sb://acme.servicebus.windows.net/".to_owned()),
                ("policy", "RootManageSharedAccessKey".to_owned()),
                ("entity", "orders".to_owned())
            ]
        );
        let sql = b"DB=Server=tcp:db.acme.test,1433;Initial Catalog=shop;User ID=svc;Password=";
        assert_eq!(
            connection((sql, b";Encrypt=True")),
            [("host", "tcp:db.acme.test,1433".to_owned()), ("database", "shop".to_owned()), ("user", "svc".to_owned())]
        );
        assert_eq!(connection((b"password=", b"")), []);
        assert_eq!(connection((b"User ID=${USER};Password=", b"")), []);
    }

    #[test]
    fn signed_addresses_say_what_they_allow() {
        let before = b"curl https://acme.blob.core.windows.net/c?sv=2022-11-02&ss=b&srt=sco&sp=rwdl&se=2030-01-01T00%3A00%3A00Z&spr=https&sig=";
        assert_eq!(
            signed((before, b" -o x")),
            [
                ("host", "acme.blob.core.windows.net".to_owned()),
                ("services", "b".to_owned()),
                ("resource types", "sco".to_owned()),
                ("permissions", "rwdl".to_owned()),
                ("expires", "2030-01-01T00:00:00Z".to_owned()),
                ("protocol", "https".to_owned())
            ]
        );
        let aws = b"https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=";
        assert_eq!(
            signed((
                aws,
                b"%2F20240102%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20240102T030405Z&X-Amz-Expires=3600"
            )),
            [
                ("host", "b.s3.amazonaws.com".to_owned()),
                ("credential scope", "20240102/eu-west-1/s3/aws4_request".to_owned()),
                ("signed", "20240102T030405Z".to_owned()),
                ("seconds", "3600".to_owned())
            ]
        );
    }

    #[test]
    fn registries_are_named_by_the_key_above() {
        assert_eq!(registry(b"{\"auths\": {\"ghcr.io\": {\n  \"auth\": \""), [("host", "ghcr.io".to_owned())]);
        assert_eq!(
            registry(b"{\\\"https://index.docker.io/v1/\\\":{\\\"auth\\\":\\\""),
            [("host", "https://index.docker.io/v1/".to_owned())]
        );
        assert_eq!(registry(b"\"auth\": \""), []);
        assert_eq!(npm(b"//npm.acme.test/team/:_authToken="), [("host", "npm.acme.test/team".to_owned())]);
    }
}
