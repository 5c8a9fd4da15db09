//! Other tools' names of rules in terms of credlint's.

use crate::rule::{Rule, RuleSet};

/// `(their id or its beginning, our ids)` where the words differ.
const NAMES: &[(&str, &str)] = &[
    ("generic-api-key", "generic-*"),
    ("generic-credential", "generic-*"),
    ("curl-auth", "generic-*"),
    ("hashicorp-tf", "terraform-*"),
    ("private-key", "privatekey-*"),
    ("pkcs12-file", "privatekey-*"),
    ("jwt-base64", "jwt-*"),
    ("gcp-", "google-*"),
    ("google-", "google-*"),
    ("npm-", "npm-*"),
    ("facebook-", "facebook-*"),
    ("kubernetes-", "kubernetes-*"),
    ("square-", "square-*"),
    ("sidekiq-", "generic-*"),
    ("age-secret", "age-*"),
    ("openai-", "openai-*"),
    ("slack-", "slack-*"),
];

/// What our rules for one of theirs are called: an id, or a pattern with `*`. `None` when there is none.
pub(super) fn ours(id: &str, set: &RuleSet) -> Option<String> {
    let id = id.to_lowercase().replace(['_', ' ', '.'], "-");
    if set.by_name(&id).is_some() {
        return Some(id);
    }
    let known = NAMES.iter().find(|(theirs, _)| id.starts_with(theirs)).map(|(_, ours)| (*ours).to_owned());
    if let Some(pattern) = known {
        let prefix = pattern.trim_end_matches('*').to_owned();
        if set.iter().any(|(_, rule)| rule.id.starts_with(&prefix)) {
            return Some(pattern);
        }
    }
    // The provider's name, written with or without dashes.
    let of = |rule: &Rule| {
        let provider = rule.provider.as_ref();
        id.strip_prefix(provider).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            || id.replace('-', "").strip_prefix(provider).is_some_and(|_| provider.len() > 4)
    };
    let provider = set
        .iter()
        .map(|(_, rule)| rule)
        .filter(|rule| of(rule))
        .map(|rule| rule.provider.as_ref())
        .max_by_key(|name| name.len());
    provider.map(|provider| format!("{provider}-*"))
}
