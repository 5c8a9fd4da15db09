//! Credentials with an address: `user@host/database`, and what the address says of the environment.

use super::Seen;
use crate::inventory::kind::{Field, Source};
use crate::inventory::reference::environment;

/// User and password that products are shipped with, by the product's own documentation.
const DEFAULTS: &[(&str, &str)] = &[
    ("postgres", "postgres"),
    ("guest", "guest"),
    ("admin", "admin"),
    ("root", "root"),
    ("minioadmin", "minioadmin"),
    ("elastic", "changeme"),
    ("neo4j", "neo4j"),
    ("sonar", "sonar"),
    ("grafana", "admin"),
    ("admin", "password"),
];

/// Schemes of databases in which a user can open a session.
const SESSIONS: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "mssql",
    "sqlserver",
    "oracle",
    "clickhouse",
    "cockroachdb",
];

/// Claims principal and environment of a credential that names its host.
pub(super) fn claim(seen: &mut Seen<'_>) {
    let (host, user) = (seen.told("host"), seen.told("user"));
    let place = format!("{}:{}", seen.finding.origin.shown(), seen.finding.start.line);
    let azure = matches!(seen.finding.rule.provider.as_ref(), "azure" | "aws");
    if let Some(principal) =
        principal(host, user.filter(|user| is_name(user)), seen.told("database")).filter(|_| !azure)
    {
        seen.facts.claim(Field::Principal, Source::File, principal, place.as_str());
    }
    let scheme = seen.told("scheme").and_then(|scheme| scheme.split('+').next()).unwrap_or_default();
    if SESSIONS.contains(&scheme) || seen.told("database").is_some() {
        seen.says(Field::Interactive, "yes", "a user of a database can log in");
    }
    if let Some(user) = user.filter(|user| DEFAULTS.contains(&(*user, seen.value()))) {
        seen.says(Field::State, "default-credential", &format!("user and password that products ship with ({user})"));
    }
    let name = seen.finding.name.as_deref();
    for (text, words) in [host, seen.told("endpoint")]
        .into_iter()
        .flatten()
        .map(|host| (host, labels(host)))
        .chain(name.map(|name| (name, name)))
    {
        if let Some(environment) = environment(words) {
            seen.facts.claim(Field::Environment, Source::File, environment, format!("{place}: {text}"));
        }
    }
}

/// `user@host/database`, of what there is; nothing by a host alone.
fn principal(host: Option<&str>, user: Option<&str>, database: Option<&str>) -> Option<String> {
    let user = user?;
    let host = host.map(|host| format!("@{}", host.trim_start_matches("tcp:"))).unwrap_or_default();
    let database = database.map(|database| format!("/{database}")).unwrap_or_default();
    Some(format!("{user}{host}{database}"))
}

/// A user's name, and no token in its place (`https://TOKEN:x-oauth-basic@…`).
fn is_name(user: &str) -> bool {
    let token = user.len() >= 20
        && user.bytes().any(|byte| byte.is_ascii_digit())
        && user.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !user.contains(['@', '.', '-']);
    !user.is_empty() && user.len() <= 64 && !token && !user.contains(['$', '{', '<', '%'])
}

/// A host without its last label: `.dev` and `.test` are domains.
fn labels(host: &str) -> &str {
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    host.rsplit_once('.')
        .filter(|(_, last)| last.bytes().any(|byte| byte.is_ascii_alphabetic()))
        .map_or(host, |(head, _)| head)
}

/// The environment that a word of a name stands for; `None` where none does, or several do.
fn environment(name: &str) -> Option<&'static str> {
    if matches!(name, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0") {
        return Some("development");
    }
    environment::of_name(name)
}
