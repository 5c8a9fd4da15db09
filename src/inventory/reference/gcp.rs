//! Google Secret Manager, and service accounts that workloads take on.
//!
//! Names: <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions>.

use super::literal::{Literal, arguments, command_line, flag};
use super::spot::{Spot, Told, is_name, word};
use super::{File, Out};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

const SECRET_MANAGER: &str = "Google Secret Manager";

/// Notations and commands that begin a reference.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "projects/", read: resource },
    Literal { word: "gcloud secrets versions access", read: access },
    Literal { word: "--set-secrets", read: set_secrets },
    Literal { word: "--update-secrets", read: set_secrets },
    Literal { word: "sm://", read: address },
];

/// Notes a secret; without its project it belongs to the repository.
pub(super) fn secret<'o>(spot: &Spot<'_>, out: &'o mut Out, project: Option<&str>, name: &str) -> Option<Told<'o>> {
    let project = project.filter(|project| is_name(project));
    if !is_name(name) || name.contains('/') {
        return None;
    }
    let fingerprint = match project {
        Some(project) => format!("gcp-secretmanager:{project}/{name}"),
        None => format!("gcp-secretmanager:{}:{name}", spot.file.repository),
    };
    let told = spot.named(out, fingerprint, StorageState::Vault, name, None).mode(Mode::Static);
    Some(match project {
        Some(project) => told
            .says(Field::ProviderAccount, project)
            .kept(SECRET_MANAGER, &format!("projects/{project}/secrets/{name}")),
        None => told.kept(SECRET_MANAGER, name),
    })
}

/// Project and secret of `projects/p/secrets/s[/versions/v]`.
pub(super) fn parts(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.split('/');
    let (projects, project, secrets, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (projects == "projects" && secrets == "secrets" && !project.is_empty() && !name.is_empty())
        .then_some((project, name))
}

/// Notes a service account, of the kind that its declaration has, that a workload takes on by its own token; `None` where the text is no account's address.
pub(super) fn account<'o>(spot: &Spot<'_>, out: &'o mut Out, mail: &str) -> Option<Told<'o>> {
    let (name, host) = mail.split_once('@')?;
    let project = host.strip_suffix(".iam.gserviceaccount.com");
    if !is_name(mail) || project.is_none() && !host.ends_with(".gserviceaccount.com") {
        return None;
    }
    let told = spot.note(out, FingerprintKind::ProviderId, mail, StorageState::Federated);
    let told = told.says(Field::Kind, Kind::ServiceAccount.name()).says(Field::Provider, "google");
    let told = told.says(Field::Principal, mail).says(Field::Name, name).mode(Mode::Federated);
    Some(match project {
        Some(project) => told.says(Field::ProviderAccount, project),
        None => told,
    })
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn resource(file: &File<'_>, at: usize, out: &mut Out) {
    let text = word(file.bytes, at, |byte| is_part(byte) || matches!(byte, b'/' | b':' | b'.'));
    let goes_on = matches!(file.bytes.get(at + text.len()), Some(b'$' | b'{' | b'<' | b'*'));
    if let Some((project, name)) = parts(text)
        && !(goes_on && text.ends_with(name))
    {
        secret(
            &Spot::new(file, at).means("name of the secret"),
            out,
            Some(project),
            name.split([':', '.']).next().unwrap_or(name),
        );
    }
}

/// `gcloud secrets versions access latest --secret=s [--project=p]`.
fn access(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    let Some(id) = flag(&words, "--secret") else { return };
    let spot = Spot::new(file, at).means("read with the gcloud command");
    match parts(id) {
        Some((project, name)) => secret(&spot, out, Some(project), name),
        None => secret(&spot, out, flag(&words, "--project"), id),
    };
}

/// `--set-secrets=ENV=secret:version,/path=secret:version` of Cloud Run and Functions.
fn set_secrets(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let text = line.trim_start_matches("--set-secrets").trim_start_matches("--update-secrets");
    let text = text.trim_start_matches(['=', ' ', '"', '\'']);
    let text = text.split([' ', '"', '\'']).next().unwrap_or_default();
    for item in text.split(',') {
        let Some((_, reference)) = item.split_once('=') else { continue };
        let spot = Spot::new(file, at).means("secret of Cloud Run");
        match parts(reference.rsplit_once(':').map_or(reference, |(name, _)| name)) {
            Some((project, name)) => secret(&spot, out, Some(project), name),
            None => secret(&spot, out, None, reference.split(':').next().unwrap_or(reference)),
        };
    }
}

/// `sm://project/secret` of Berglas, `sm://secret` of Spring Cloud GCP.
fn address(file: &File<'_>, at: usize, out: &mut Out) {
    let text = word(file.bytes, at + "sm://".len(), |byte| is_part(byte) || matches!(byte, b'/' | b'#' | b':'));
    let text =
        text.strip_prefix("projects/").map_or_else(|| text.to_owned(), |rest| rest.replacen("/secrets/", "/", 1));
    let text = text.split('#').next().unwrap_or_default();
    let spot = Spot::new(file, at).means("reference of Spring or Berglas");
    let before = at.checked_sub(1).and_then(|at| file.bytes.get(at)).copied().unwrap_or(b' ');
    match text.split_once('/') {
        _ if before.is_ascii_alphanumeric() || before == b'-' || text.is_empty() => {}
        Some((project, rest)) => drop(secret(&spot, out, Some(project), rest.split('/').next().unwrap_or(rest))),
        None => drop(secret(&spot, out, None, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;

    #[test]
    fn one_secret_in_every_notation() {
        for text in [
            "versionName: projects/shop/secrets/db/versions/latest",
            "gcloud secrets versions access latest --secret=db --project=shop",
            "gcloud secrets versions access latest --secret=\"projects/shop/secrets/db\"",
            "gcloud run deploy --set-secrets=DB=projects/shop/secrets/db:latest",
            "x=sm://shop/db",
            "x=${sm://projects/shop/secrets/db}",
        ] {
            assert_eq!(seen("a.sh", text), ["reference gcp-secretmanager:shop/db vault"], "{text}");
        }
        assert_eq!(
            seen("a.sh", "gcloud run deploy --update-secrets A=a:1,B=b:latest"),
            ["reference gcp-secretmanager:o/r:a vault", "reference gcp-secretmanager:o/r:b vault"]
        );
        for text in ["projects/$P/secrets/db", "projects/p/secrets/${S}", "projects/p/topics/t", "asm://x"] {
            assert_eq!(seen("a.sh", text), [""; 0], "{text}");
        }
    }
}
