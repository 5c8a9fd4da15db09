//! What the name that a value is given says, and the file it stands in.

use super::Seen;
use crate::inventory::kind::{Field, Source};
use crate::inventory::reference::{environment, names};
use crate::rule::Matcher;

/// Last parts of names that say little without the part before them (`datasource.password`).
const COMMON: &[&str] = &["auth", "credentials", "key", "pass", "passwd", "password", "secret", "token", "value"];

/// Parts of names that say where a value stands in its format, not what it is.
const PLACES: &[&str] =
    &["args", "body", "command", "content", "data", "env", "environment", "spec", "string", "stringData", "vars"];

/// Claims name, kind and environment.
pub(super) fn claim(seen: &mut Seen<'_>) {
    let rule = seen.finding.rule;
    let place = format!("{}:{}", seen.finding.origin.shown(), seen.finding.start.line);
    let host = seen.told("host").unwrap_or_default();
    if let Some(name) = seen.finding.name.as_deref().map(|name| short(name, host)) {
        seen.facts.claim(Field::Name, Source::File, name, place.as_str());
        // A pattern knows what it found; these rules know no more than the name.
        let by_name = matches!(rule.matcher, Matcher::Assignment { .. } | Matcher::Named { .. });
        if let Some(kind) = names::kind(name).filter(|_| by_name) {
            seen.facts.claim(Field::Kind, Source::File, kind.name(), format!("{place} (by its name)"));
        }
    }
    if let Some(environment) = environment::of_path(seen.finding.origin.shown()) {
        let basis = format!("{place} (by its folder or file name)");
        seen.facts.claim(Field::Environment, Source::File, environment, basis);
    }
    let namespace = seen.finding.meaning.as_deref().and_then(namespace);
    if let Some((namespace, environment)) = namespace.and_then(|name| Some((name, environment::of_name(name)?))) {
        seen.facts.claim(Field::Environment, Source::File, environment, format!("{place}: namespace {namespace}"));
    }
}

/// The name as people call it, of a path of keys: its last part, with the one before it where the last says little. A key
/// may be a host with dots of its own (`auths.ghcr.io.password`).
fn short<'n>(name: &'n str, host: &str) -> &'n str {
    let mut parts = name.rsplitn(3, '.');
    let last = parts.next().unwrap_or(name);
    let before = parts.next().unwrap_or_default();
    let place = before.is_empty() || PLACES.contains(&before) || before.bytes().all(|byte| byte.is_ascii_digit());
    if place || !COMMON.contains(&last) || host.rsplit('.').next() == Some(before) {
        return last;
    }
    &name[name.len() - last.len() - before.len() - 1..]
}

/// The namespace of `Kubernetes Secret NAMESPACE/NAME: KEY`.
fn namespace(meaning: &str) -> Option<&str> {
    let object = meaning.strip_prefix("Kubernetes ")?.split_once(' ')?.1;
    Some(object.split_once(':').map_or(object, |(object, _)| object).split_once('/')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_path_of_their_file() {
        for (name, wanted) in [
            ("DB_PASSWORD", "DB_PASSWORD"),
            ("data.MYSQL_PASSWORD", "MYSQL_PASSWORD"),
            ("data.password", "password"),
            ("0.tasks.2.vars.ansible_become_pass", "ansible_become_pass"),
            ("tasks.2.password", "password"),
            ("spring.datasource.password", "datasource.password"),
            ("interactions.0.response.body.string.access_token", "access_token"),
            ("auths.ghcr.io.password", "password"),
            ("a.", ""),
            ("", ""),
        ] {
            assert_eq!(short(name, "ghcr.io"), wanted, "{name}");
        }
    }

    #[test]
    fn a_manifest_tells_its_namespace() {
        assert_eq!(namespace("Kubernetes Secret staging/products: data.X, base64 only"), Some("staging"));
        assert_eq!(namespace("Kubernetes Secret products: data.a/b"), None);
        assert_eq!(namespace("Compose: environment of service \"a/b\""), None);
    }
}
