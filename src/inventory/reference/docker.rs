//! Docker: secrets of Compose and Swarm, secrets that a build mounts, and names of secrets given as build arguments.
//!
//! Forms: <https://docs.docker.com/reference/compose-file/secrets/>, <https://docs.docker.com/build/building/secrets/>.

use super::spot::{Spot, Told, begins, finds, is_name, is_true, name_of, word};
use super::{File, Out, names};
use crate::format::Data;
use crate::format::tree::Node;
use crate::inventory::kind::{Field, Kind, Mode, StorageState};

pub(super) fn wants(path: &str) -> bool {
    is_dockerfile(path) || crate::format::data_format(path) == Some(Data::Yaml)
}

fn is_dockerfile(path: &str) -> bool {
    let lower = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or(&lower);
    matches!(stem, "dockerfile" | "containerfile") || lower.ends_with(".dockerfile")
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    if is_dockerfile(file.path) {
        return build(file, out);
    }
    for document in file.trees().map(|(_, documents)| documents).unwrap_or_default() {
        if document.has("services") && document.has("secrets") {
            compose(file, document, out);
        }
    }
}

fn secret<'o>(spot: &Spot<'_>, out: &'o mut Out, name: &str, storage: StorageState) -> Told<'o> {
    let fingerprint = format!("docker-secret:{}:{name}", spot.file.repository);
    spot.named(out, fingerprint, storage, name, Some(Kind::CiSecret)).mode(Mode::Static)
}

/// `secrets: x: {file | environment | external}` and the services that mount them.
fn compose(file: &File<'_>, document: &Node, out: &mut Out) {
    let bytes = file.bytes;
    let mut kept = std::collections::BTreeMap::new();
    for pair in document.get("secrets").map(Node::pairs).unwrap_or_default().iter().filter(|pair| is_name(&pair.key)) {
        let external = pair.value.get("external");
        let external = is_true(external, bytes) || external.is_some_and(|node| node.has("name"));
        // A file or a variable of the machine it runs on: nothing tells how that is kept.
        let storage = if external { StorageState::Vault } else { StorageState::Unknown };
        let spot = Spot::new(file, pair.value.place.start);
        let told = secret(&spot.means("secret of Compose"), out, &pair.key, storage);
        if external {
            told.says(Field::Vault, "Docker Swarm secrets");
        } else if let Some(source) = name_of(pair.value.get("file").or_else(|| pair.value.get("environment")), bytes) {
            told.says(Field::VaultPath, source);
        }
        kept.insert(pair.key.as_str(), storage);
    }
    for service in document.get("services").map(Node::pairs).unwrap_or_default() {
        let lists = [service.value.get("secrets"), service.value.at(&["build", "secrets"])];
        for item in lists.into_iter().flatten().flat_map(Node::items) {
            let name = name_of(Some(item), bytes).or_else(|| name_of(item.get("source"), bytes));
            if let Some(name) = name {
                let spot = Spot::new(file, item.place.start).means(format!("service {}: secrets", service.key));
                let storage = kept.get(name.as_ref()).copied().unwrap_or(StorageState::Unknown);
                secret(&spot.used_by(format!("service {}", service.key)), out, &name, storage);
            }
        }
    }
}

/// `RUN --mount=type=secret,id=x[,env=X]`, and `ARG X_TOKEN`, whose value stays in the image's history.
fn build(file: &File<'_>, out: &mut Out) {
    let bytes = file.bytes;
    for at in finds(bytes, &(0..bytes.len()), b"--mount=") {
        let text = word(bytes, at + "--mount=".len(), |byte| byte.is_ascii_graphic());
        let of = |key: &str| text.split(',').find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
        let kind = match of("type") {
            Some("secret") => None,
            Some("ssh") => Some(Kind::PrivateKey),
            _ => continue,
        };
        let target = || of("target").and_then(|path| path.rsplit('/').next());
        let id = of("id").or_else(target).unwrap_or(if kind.is_some() { "default" } else { "" });
        let spot =
            Spot::new(file, at).used_by(format!("build of {}", file.path)).means("mounted while the image is built");
        if is_name(id) {
            let fingerprint = format!("docker-build-secret:{}:{id}", file.repository);
            let told = spot.named(
                out,
                fingerprint,
                StorageState::Unknown,
                of("env").unwrap_or(id),
                kind.or(Some(Kind::CiSecret)),
            );
            told.mode(Mode::Static);
        }
    }
    for at in finds(bytes, &(0..bytes.len()), b"ARG ").filter(|&at| begins(bytes, at)) {
        let line = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
        let name = word(bytes, at + 4, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let value = bytes.get(at + 4 + name.len()) == Some(&b'=');
        if bytes[line..at].trim_ascii().is_empty() && !value && names::kind(name).is_some() {
            let fingerprint = format!("docker-build-argument:{}:{name}", file.repository);
            let spot = Spot::new(file, at).used_by(format!("build of {}", file.path)).means("build argument");
            let told = spot.named(out, fingerprint, StorageState::Unknown, name, None).mode(Mode::Static);
            told.because(Field::State, "weak-auth-scheme", "a build argument stays in the image's history");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, consumers, seen};

    #[test]
    fn compose() {
        let text = "services:\n  web:\n    secrets:\n      - db_password\n      - source: cert\n        target: x\nsecrets:\n  db_password:\n    file: ./db.txt\n  cert:\n    external: true\n";
        assert_eq!(
            seen("docker-compose.yml", text),
            ["reference docker-secret:o/r:cert vault", "reference docker-secret:o/r:db_password unknown"]
        );
        assert!(consumers("docker-compose.yml", text).contains(&"docker-secret:o/r:cert: service web".to_owned()));
        assert!(claims("docker-compose.yml", text).contains(&"vault_path=./db.txt @docker-compose.yml:9".to_owned()));
    }

    #[test]
    fn builds() {
        let text = "FROM a\nARG NPM_TOKEN\nARG VERSION=1\nRUN --mount=type=secret,id=pip,env=PIP_TOKEN --mount=type=cache,id=c --mount=type=ssh x\n";
        assert_eq!(
            seen("Dockerfile", text),
            [
                "reference docker-build-argument:o/r:NPM_TOKEN unknown",
                "reference docker-build-secret:o/r:default unknown",
                "reference docker-build-secret:o/r:pip unknown",
            ]
        );
        let told = claims("Dockerfile", text);
        assert!(told.contains(&"name=PIP_TOKEN @Dockerfile:4".to_owned()), "{told:?}");
    }
}
