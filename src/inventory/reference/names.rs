//! What the name of a secret tells: its kind, who issued it, whether it is one at all.

use crate::detect::Words;
use crate::inventory::kind::Kind;
use crate::judge::is_setting;

/// Words that stand for a password anywhere in a name; what two sides share to know each other is one, too.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "pass",
    "pgpassword",
    "pw",
    "psk",
    "pre shared key",
    "preshared key",
];

/// Words at the end of a name that make it another thing than the password it speaks of (`PASSWORD_RESET_TOKEN`).
const NO_PASSWORD: &[&str] = &["token", "key", "cert", "certificate"];

/// Runs of words that tell a kind, the most telling first.
const PHRASES: &[(&str, Kind)] = &[
    ("webhook secret", Kind::SigningKey),
    ("webhook url", Kind::Webhook),
    ("webhook", Kind::Webhook),
    ("webhooks", Kind::Webhook),
    ("jwt secret", Kind::SigningKey),
    ("jwt key", Kind::SigningKey),
    ("hmac key", Kind::SigningKey),
    ("hmac secret", Kind::SigningKey),
    ("cookie secret", Kind::SigningKey),
    ("cookie key", Kind::SigningKey),
    ("session secret", Kind::SigningKey),
    ("session key", Kind::SigningKey),
    ("secret key base", Kind::SigningKey),
    ("encryption key", Kind::SigningKey),
    ("decryption key", Kind::SigningKey),
    ("aes key", Kind::SigningKey),
    ("master key", Kind::SigningKey),
    ("signing key", Kind::SigningKey),
    ("signing secret", Kind::SigningKey),
    ("gpg", Kind::SigningKey),
    ("pgp", Kind::SigningKey),
    ("cosign key", Kind::SigningKey),
    ("cosign private key", Kind::SigningKey),
    ("keystore", Kind::SigningKey),
    ("private key", Kind::PrivateKey),
    ("privatekey", Kind::PrivateKey),
    ("ssh key", Kind::PrivateKey),
    ("deploy key", Kind::PrivateKey),
    ("tls key", Kind::PrivateKey),
    ("ssl key", Kind::PrivateKey),
    ("id rsa", Kind::PrivateKey),
    ("pem", Kind::PrivateKey),
    ("service account token", Kind::ServiceAccount),
    ("service account key", Kind::ServiceAccount),
    ("service account json", Kind::ServiceAccount),
    ("service account", Kind::ServiceAccount),
    ("sa key", Kind::ServiceAccount),
    ("azure credentials", Kind::ServiceAccount),
    ("gcp credentials", Kind::ServiceAccount),
    ("google credentials", Kind::ServiceAccount),
    ("google application credentials", Kind::ServiceAccount),
    ("kubeconfig", Kind::ServiceAccount),
    ("kube config", Kind::ServiceAccount),
    ("client secret", Kind::OauthClient),
    ("consumer secret", Kind::OauthClient),
    ("oauth secret", Kind::OauthClient),
    ("connection string", Kind::ConnectionString),
    ("database url", Kind::ConnectionString),
    ("db url", Kind::ConnectionString),
    ("redis url", Kind::ConnectionString),
    ("mongo uri", Kind::ConnectionString),
    ("mongodb uri", Kind::ConnectionString),
    ("dsn", Kind::ConnectionString),
    ("access key id", Kind::ApiKey),
    ("access key", Kind::ApiKey),
    ("api key", Kind::ApiKey),
    ("app key", Kind::ApiKey),
    ("auth key", Kind::ApiKey),
    ("secret key", Kind::ApiKey),
    ("master key", Kind::ApiKey),
];

/// Last words of names that hold no credential.
const OPEN: &[&str] = &[
    "account",
    "address",
    "arn",
    "audience",
    "bucket",
    "disabled",
    "domain",
    "email",
    "enabled",
    "endpoint",
    "expiry",
    "fingerprint",
    "host",
    "hostname",
    "id",
    "ids",
    "issuer",
    "length",
    "login",
    "name",
    "ocid",
    "namespace",
    "org",
    "owner",
    "path",
    "policy",
    "port",
    "project",
    "provider",
    "region",
    "registry",
    "repo",
    "role",
    "server",
    "tenancy",
    "tenant",
    "ttl",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
];

/// Words that are credentials, telling how they authenticate.
const ENDINGS: &[(&str, Kind)] = &[
    ("token", Kind::Token),
    ("tokens", Kind::Token),
    ("pat", Kind::Token),
    ("jwt", Kind::Token),
    ("apikey", Kind::ApiKey),
    ("cert", Kind::Certificate),
    ("certs", Kind::Certificate),
    ("crt", Kind::Certificate),
    ("tls", Kind::Certificate),
    ("certificate", Kind::Certificate),
    ("p12", Kind::Certificate),
    ("pfx", Kind::Certificate),
];

/// Words of names and the provider they stand for, by the ids of the rules.
const PROVIDERS: &[(&str, &str)] = &[
    ("1password", "1password"),
    ("algolia", "algolia"),
    ("anthropic", "anthropic"),
    ("artifactory", "jfrog"),
    ("auth0", "auth0"),
    ("aws", "aws"),
    ("azure", "azure"),
    ("bitbucket", "bitbucket"),
    ("buildkite", "buildkite"),
    ("cargo", "crates"),
    ("circleci", "circleci"),
    ("claude", "anthropic"),
    ("cloudflare", "cloudflare"),
    ("codacy", "codacy"),
    ("codecov", "codecov"),
    ("cohere", "cohere"),
    ("coveralls", "coveralls"),
    ("datadog", "datadog"),
    ("digitalocean", "digitalocean"),
    ("discord", "discord"),
    ("docker", "docker"),
    ("dockerhub", "docker"),
    ("doppler", "doppler"),
    ("fastly", "fastly"),
    ("firebase", "firebase"),
    ("gcp", "google"),
    ("gh", "github"),
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("gke", "google"),
    ("google", "google"),
    ("grafana", "grafana"),
    ("groq", "groq"),
    ("heroku", "heroku"),
    ("hf", "huggingface"),
    ("huggingface", "huggingface"),
    ("jfrog", "jfrog"),
    ("mistral", "mistral"),
    ("mongodb", "mongodb"),
    ("mysql", "mysql"),
    ("netlify", "netlify"),
    ("newrelic", "newrelic"),
    ("npm", "npm"),
    ("nuget", "nuget"),
    ("okta", "okta"),
    ("openai", "openai"),
    ("openrouter", "openrouter"),
    ("pagerduty", "pagerduty"),
    ("postgres", "postgres"),
    ("pulumi", "pulumi"),
    ("pypi", "pypi"),
    ("redis", "redis"),
    ("rubygems", "rubygems"),
    ("sendgrid", "sendgrid"),
    ("sentry", "sentry"),
    ("slack", "slack"),
    ("snyk", "snyk"),
    ("sonar", "sonar"),
    ("stripe", "stripe"),
    ("telegram", "telegram"),
    ("terraform", "terraform"),
    ("twilio", "twilio"),
    ("vault", "vault"),
    ("vercel", "vercel"),
];

/// Providers whose keys are those of models and agents.
const MODELS: &[&str] = &["anthropic", "cohere", "groq", "huggingface", "mistral", "openai", "openrouter"];

/// The words of a name, in lower case, between blanks.
fn spaced(name: &str) -> String {
    let words: Vec<String> = Words::of(name.as_bytes()).iter().map(str::to_owned).collect();
    format!(" {} ", words.join(" "))
}

/// The kind that a name tells; `None` where it tells none, or says that no credential is behind it.
pub(in crate::inventory) fn kind(name: &str) -> Option<Kind> {
    let words = spaced(name);
    let has = |phrase: &str| memchr::memmem::find(words.as_bytes(), format!(" {phrase} ").as_bytes()).is_some();
    let last = words.split_whitespace().next_back()?;
    let ends = |phrase: &str| words.trim_end().ends_with(&format!(" {phrase}"));
    if PASSWORDS.iter().any(|word| ends(word) || has(word) && !NO_PASSWORD.contains(&last)) {
        // `RESET_PASSWORD_URL` and `SHOW_PASSWORD` are none.
        let setting = OPEN.contains(&last) || is_setting(&words.split_whitespace().collect::<Vec<_>>());
        return (!setting).then_some(Kind::Password);
    }
    if has("role arn") || has("public key") || has("key name") || has("ca cert") {
        return None;
    }
    // Django and Flask sign sessions with the setting of this name.
    if name == "SECRET_KEY" {
        return Some(Kind::SigningKey);
    }
    // `webhook-server-cert` is a certificate of a webhook's server.
    if matches!(last, "cert" | "certs" | "certificate" | "crt" | "tls") {
        return Some(Kind::Certificate);
    }
    let provider = provider(name);
    let model = provider.is_some_and(|provider| MODELS.contains(&provider));
    // `SERVICE_ACCOUNT_EMAIL` is no service account's key; `DATABASE_URL` is a connection.
    let open = OPEN.contains(&last);
    let told = PHRASES.iter().find(|(phrase, _)| if open { ends(phrase) } else { has(phrase) });
    let told = told.or_else(|| ENDINGS.iter().find(|(ending, _)| !open && has(ending)));
    match told {
        Some((_, Kind::ApiKey | Kind::Token)) if model => Some(Kind::AiAgentCredential),
        Some((_, kind)) => Some(*kind),
        // `STRIPE_KEY`; a key of nobody's may be one of a cache.
        None => (last == "key" && provider.is_some()).then_some(Kind::ApiKey),
    }
}

/// True where a name says that it is an identifier: no credential, though somebody keeps it beside credentials.
pub(super) fn is_identifier(name: &str) -> bool {
    let words = spaced(name);
    let last = words.split_whitespace().next_back().unwrap_or_default();
    // What stands behind an address may have a credential in it.
    OPEN.contains(&last) && !matches!(last, "url" | "uri" | "endpoint") && kind(name).is_none()
}

/// True where a name is that of a credential.
pub(super) fn is_credential(name: &str) -> bool {
    let words = spaced(name);
    let last = words.split_whitespace().next_back().unwrap_or_default();
    kind(name).is_some() || matches!(last, "secret" | "secrets" | "credential" | "credentials" | "creds" | "auth")
}

/// Who issued it, where a word of the name says so; the first counts.
pub(in crate::inventory) fn provider(name: &str) -> Option<&'static str> {
    let words = spaced(name);
    words.split_whitespace().find_map(|word| {
        let at = PROVIDERS.binary_search_by(|(known, _)| (*known).cmp(word)).ok()?;
        PROVIDERS.get(at).map(|(_, provider)| *provider)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kind_and_provider() {
        for (name, wanted, by) in [
            ("AWS_SECRET_ACCESS_KEY", Some(Kind::ApiKey), Some("aws")),
            ("DOCKERHUB_PASSWORD", Some(Kind::Password), Some("docker")),
            ("SSH_PRIVATE_KEY", Some(Kind::PrivateKey), None),
            ("GPG_PRIVATE_KEY", Some(Kind::SigningKey), None),
            ("SLACK_WEBHOOK_URL", Some(Kind::Webhook), Some("slack")),
            ("OPENAI_API_KEY", Some(Kind::AiAgentCredential), Some("openai")),
            ("AZURE_CREDENTIALS", Some(Kind::ServiceAccount), Some("azure")),
            ("AZURE_CLIENT_ID", None, Some("azure")),
            ("DATABASE_URL", Some(Kind::ConnectionString), None),
            ("npmToken", Some(Kind::Token), Some("npm")),
            ("AWS_ROLE_ARN", None, Some("aws")),
            ("SERVICE_ACCOUNT_EMAIL", None, None),
            ("CACHE_KEY", None, None),
            ("STRIPE_KEY", Some(Kind::ApiKey), Some("stripe")),
            ("GITHUB_APP_SECRET", None, Some("github")),
            ("DEPLOY_HOST", None, None),
            ("pre_shared_key", Some(Kind::Password), None),
            ("PASSWORD_RESET_TOKEN", Some(Kind::Token), None),
            ("private_key_password", Some(Kind::Password), None),
            ("webhook-server-cert", Some(Kind::Certificate), None),
            ("github-app-pem", Some(Kind::PrivateKey), Some("github")),
            ("tls.key", Some(Kind::PrivateKey), None),
            ("SECRET_KEY", Some(Kind::SigningKey), None),
            ("SECRET_KEY_BASE", Some(Kind::SigningKey), None),
            ("RESET_PASSWORD_URL", None, None),
            ("SHOW_PASSWORD", None, None),
            ("ARGOCD_GPG_ENABLED", None, None),
            ("CLUSTER_CA_CERT", None, None),
            ("THING", None, None),
        ] {
            assert_eq!((kind(name), provider(name)), (wanted, by), "{name}");
        }
        assert!(is_credential("APP_SECRET") && is_credential("REGISTRY_AUTH"));
        assert!(is_identifier("GCP_FED_PROJECT_ID") && is_identifier("AWS_ROLE_ARN") && is_identifier("AWS_REGION"));
        assert!(!is_identifier("AWS_ACCESS_KEY_ID") && !is_identifier("GRAFANA_URL") && !is_identifier("THING"));
        assert!(!is_credential("HOME") && !is_credential("KEYBOARD") && !is_credential("PUBLIC_KEY"));
    }

    #[test]
    fn providers_are_sorted() {
        assert!(PROVIDERS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
