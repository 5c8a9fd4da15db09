//! What the kind of a credential says by itself: one line for each rule whose format or documentation tells.

use super::Seen;
use crate::inventory::kind::Field;
use crate::inventory::kind::Field::{Kind, Mode, Scope, ScopeLevel, Stage, State};

/// A rule, what it says, and who says so.
type Word = (&'static str, Field, &'static str, &'static str);

const PERSON: &str = "a personal token acts for the person who made it";
const AWS_TEMPORARY: &str = "AWS: temporary credentials end after 36 hours at most";
const STRIPE_PREFIX: &str = "prefix (docs.stripe.com/keys)";

/// Every rule that says something, sorted.
const WORDS: &[Word] = &[
    ("anthropic-admin-key", ScopeLevel, "admin", "prefix sk-ant-admin: the Admin API"),
    ("anthropic-oauth-access-token", State, "human-use", "OAuth token of a person's subscription"),
    ("anthropic-oauth-refresh-token", State, "human-use", "OAuth token of a person's subscription"),
    ("atlassian-api-token", State, "human-use", "an API token acts for the account of the person who made it"),
    ("aws-bedrock-short-term-api-key", Mode, "short-lived", "AWS: short-term Bedrock keys end after 12 hours at most"),
    ("aws-session-token", Mode, "short-lived", AWS_TEMPORARY),
    ("aws-temporary-access-key-id", Mode, "short-lived", AWS_TEMPORARY),
    ("azuredevops-personal-access-token", State, "human-use", PERSON),
    ("azuredevops-personal-access-token-legacy", State, "human-use", PERSON),
    ("docker-personal-access-token", State, "human-use", PERSON),
    ("github-app-installation-token", Mode, "short-lived", "GitHub: installation tokens end after one hour"),
    ("github-app-installation-token-stateless", Mode, "short-lived", "GitHub: installation tokens end after one hour"),
    ("github-fine-grained-pat", State, "human-use", PERSON),
    ("github-personal-access-token", State, "human-use", PERSON),
    ("gitlab-ci-job-token", Mode, "short-lived", "GitLab: a job token ends with its job"),
    ("gitlab-deploy-token", Kind, "service-account", "prefix gldt-: a deploy token is no person's"),
    (
        "google-oauth-access-token",
        Mode,
        "short-lived",
        "Google: access tokens end after one hour unless extended to 12",
    ),
    ("openai-admin-key", ScopeLevel, "admin", "prefix sk-admin-: administers the organisation"),
    ("openai-service-account-key", Kind, "service-account", "prefix sk-svcacct-"),
    ("openai-user-key", State, "human-use", "a user key acts for the person who made it"),
    ("slack-session-cookie", State, "human-use", "the session of a person's browser"),
    ("slack-session-token", State, "human-use", "the session of a person's browser"),
    ("slack-user-token", State, "human-use", "prefix xoxp: acts for a person"),
    ("stripe-organization-key", Stage, "live", STRIPE_PREFIX),
    ("stripe-restricted-key", Scope, "restricted", STRIPE_PREFIX),
    ("stripe-restricted-key", Stage, "live", STRIPE_PREFIX),
    ("stripe-secret-key", ScopeLevel, "admin", "Stripe: a secret key may do every API request"),
    ("stripe-secret-key", Stage, "live", STRIPE_PREFIX),
    ("stripe-test-key", Stage, "test", STRIPE_PREFIX),
    ("vault-recovery-token", ScopeLevel, "admin", "prefix hvr.: a recovery token acts as root"),
];

/// Claims what the rule says.
pub(super) fn claim(seen: &mut Seen<'_>) {
    let rule = seen.finding.rule.id.as_ref();
    for (_, field, value, basis) in WORDS.iter().filter(|(known, ..)| *known == rule) {
        seen.says(*field, *value, basis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn every_line_names_a_rule_and_a_known_word() {
        let set = RuleSet::builtin();
        for (index, word) in WORDS.iter().enumerate() {
            let (rule, field, value, _) = word;
            assert!(set.by_name(rule).is_some(), "{rule}");
            assert!(index == 0 || WORDS[index - 1].0 <= *rule, "{rule} is out of order");
            let known = match field {
                Kind => crate::inventory::kind::Kind::from_name(value).is_some(),
                Mode => crate::inventory::kind::Mode::from_name(value).is_some(),
                ScopeLevel => crate::inventory::kind::ScopeLevel::from_name(value).is_some(),
                Stage => matches!(*value, "live" | "test"),
                _ => matches!(field, State | Scope),
            };
            assert!(known, "{rule}: {value}");
        }
    }
}
