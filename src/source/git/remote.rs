//! Where a repository came from, as a report may say it.

use super::Repository;
use crate::source::lossless;

/// A repository and what is checked out of it.
pub struct Checkout {
    /// The address of its remote `origin`: a URI without user, password, query and fragment.
    pub address: String,
    /// HEAD's commit.
    pub revision: Option<String>,
    /// HEAD's branch; `None` where it names a commit.
    pub branch: Option<String>,
}

impl Repository {
    /// What is checked out; `None` where the repository names no remote `origin` that others could reach.
    pub fn checkout(&self) -> Option<Checkout> {
        let url = self.inner.config_snapshot().string("remote.origin.url")?;
        let branch = self.inner.head_name().ok().flatten().map(|name| lossless(name.shorten()));
        let revision = self.head().map(|id| id.to_string());
        Some(Checkout { address: address(std::str::from_utf8(&url).ok()?)?, revision, branch })
    }
}

/// The URI of a remote, without what could be a credential. `user@host:path` is what ssh takes.
fn address(url: &str) -> Option<String> {
    let (scheme, rest) = if let Some((scheme, rest)) = url.split_once("://") {
        (scheme.to_ascii_lowercase(), rest.to_owned())
    } else {
        let (host, path) = url.split_once(':').filter(|(host, _)| !host.contains('/') && host.len() > 1)?;
        ("ssh".to_owned(), format!("{host}/{}", path.trim_start_matches('/')))
    };
    if !matches!(scheme.as_str(), "https" | "http" | "ssh" | "git") {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit('@').next().unwrap_or_default();
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    let usable = !host.is_empty() && !path.contains('@') && plain(host) && plain(path);
    usable.then(|| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_no_credential() {
        for (url, expected) in [
            ("https://host.example/a/b.git", Some("https://host.example/a/b.git")),
            ("https://user:word@host.example:8443/a/b?x=y#z", Some("https://host.example:8443/a/b")),
            ("HTTPS://a@b@host.example/c", Some("https://host.example/c")),
            ("git@host.example:a/b.git", Some("ssh://host.example/a/b.git")),
            ("ssh://git@host.example/a", Some("ssh://host.example/a")),
            ("https://user:wo/rd@host.example/a", None),
            ("/srv/git/a.git", None),
            ("../a", None),
            ("file:///srv/a", None),
            ("C:\\a", None),
            ("ext::sh -c whoami", None),
            ("https://host.example/a b", None),
        ] {
            assert_eq!(address(url).as_deref(), expected, "{url}");
        }
    }
}
