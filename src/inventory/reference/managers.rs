//! Managers of secrets with a notation or a file of their own: 1Password, Akeyless, Doppler, Infisical, Keeper, Proton Pass,
//! Spinnaker's, Summon, Teller.

use super::literal::{Literal, arguments, command_line, flag};
use super::spot::{Spot, Told, is_name, name_of, texts, word};
use super::{File, Out};
use crate::inventory::kind::{Field, Kind, Mode, StorageState};

const ONE_PASSWORD: &str = "1Password";
const DOPPLER: &str = "Doppler";

/// Notations and commands that begin a reference.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "op://", read: op },
    Literal { word: "keeper://", read: keeper },
    Literal { word: "pass://", read: proton },
    Literal { word: "doppler run", read: doppler_run },
    Literal { word: "bws secret get", read: bitwarden },
    Literal { word: "infisical run", read: infisical_command },
    Literal { word: "infisical export", read: infisical_command },
    Literal { word: "infisical secrets get", read: infisical_command },
    Literal { word: "akeyless get-secret-value", read: akeyless_command },
    Literal { word: "akeyless get-dynamic-secret-value", read: akeyless_command },
    Literal { word: "akeyless:/", read: akeyless_address },
    Literal { word: "encrypted:", read: spinnaker },
    Literal { word: "encryptedFile:", read: spinnaker },
];

/// Notes a field of an item of 1Password: `vault/item[/section]/field`, as `op://` writes it
/// (<https://developer.1password.com/docs/cli/secret-reference-syntax/>).
pub(super) fn one_password<'o>(spot: &Spot<'_>, out: &'o mut Out, path: &str) -> Told<'o> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let told = spot.named(out, format!("1password:{path}"), StorageState::Vault, name, None);
    told.kept(ONE_PASSWORD, path).mode(Mode::Static)
}

/// An item whose fields are not named: `vaults/V/items/I` of the Kubernetes operator.
pub(super) fn one_password_item(spot: &Spot<'_>, out: &mut Out, path: &str) {
    let mut parts = path.split('/');
    if let (Some("vaults"), Some(vault), Some("items"), Some(item)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
        && is_name(item)
    {
        one_password(spot, out, &format!("{vault}/{item}"));
    }
}

/// `op://vault/item[/section]/field[?attribute=otp]`. Names may hold blanks where quotes stand around the whole.
fn op(file: &File<'_>, at: usize, out: &mut Out) {
    let start = at + "op://".len();
    let before = at.checked_sub(1).and_then(|at| file.bytes.get(at)).copied().unwrap_or(b' ');
    if before.is_ascii_alphanumeric() {
        return;
    }
    let quoted = matches!(before, b'"' | b'\'');
    let path = word(file.bytes, start, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') || quoted && byte == b' '
    });
    let next = file.bytes.get(start + path.len()).copied().unwrap_or(b' ');
    let path = path.trim_end_matches(['.', '/']);
    let parts = path.split('/').count();
    let whole = path.split('/').all(|part| !part.trim().is_empty());
    if !matches!(next, b'$' | b'{' | b'<') && whole && (3..=4).contains(&parts) {
        one_password(&Spot::new(file, at).means("secret reference of 1Password"), out, path);
    }
}

/// `keeper://UID/field/password`.
fn keeper(file: &File<'_>, at: usize, out: &mut Out) {
    address(file, at, "keeper://", "Keeper", out);
}

/// `pass://vault/item/field` of Proton Pass.
fn proton(file: &File<'_>, at: usize, out: &mut Out) {
    address(file, at, "pass://", "Proton Pass", out);
}

fn address(file: &File<'_>, at: usize, scheme: &str, vault: &str, out: &mut Out) {
    let before = at.checked_sub(1).and_then(|at| file.bytes.get(at)).copied().unwrap_or(b' ');
    let path = word(file.bytes, at + scheme.len(), |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/')
    });
    if !before.is_ascii_alphanumeric() && path.split('/').filter(|part| !part.is_empty()).count() >= 2 {
        let name = path.rsplit('/').next().unwrap_or(path);
        let fingerprint = format!("{}{path}", scheme.replace("//", ""));
        let spot = Spot::new(file, at).means(format!("reference of {vault}"));
        spot.named(out, fingerprint, StorageState::Vault, name, None).kept(vault, path).mode(Mode::Static);
    }
}

/// `doppler run [--project p] [--config c] -- command`: the whole configuration is handed over.
fn doppler_run(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    let option = |long: &str, short: &str| flag(&words, long).or_else(|| flag(&words, short));
    if let (Some(project), Some(config)) = (option("--project", "-p"), option("--config", "-c")) {
        doppler(&Spot::new(file, at).means("doppler run"), out, project, config);
    }
}

/// Notes a configuration of Doppler: all secrets of one environment.
pub(super) fn doppler(spot: &Spot<'_>, out: &mut Out, project: &str, config: &str) {
    if is_name(project) && is_name(config) {
        let spot = spot.for_environment(super::environment::of_name(config));
        let fingerprint = format!("doppler:{project}/{config}");
        let told = spot.named(out, fingerprint, StorageState::Vault, project, Some(Kind::CiSecret));
        told.kept(DOPPLER, &format!("{project}/{config}")).mode(Mode::Static);
    }
}

/// `bws secret get ID` of Bitwarden Secrets Manager.
fn bitwarden(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    if let Some(id) = arguments(&line).get(3).filter(|id| is_name(id) && id.len() == 36) {
        let spot = Spot::new(file, at).means("read with the bws command");
        let told = spot.named(out, format!("bitwarden:{id}"), StorageState::Vault, id, None);
        told.kept("Bitwarden Secrets Manager", id).mode(Mode::Static);
    }
}

/// Notes a project's environment of Infisical, or one secret of it. Without an environment it is the whole project.
pub(super) fn infisical(spot: &Spot<'_>, out: &mut Out, project: &str, environment: Option<&str>, name: Option<&str>) {
    if !is_name(project) {
        return;
    }
    let environment = environment.filter(|environment| is_name(environment));
    let path = environment.map_or_else(|| project.to_owned(), |environment| format!("{project}/{environment}"));
    let name = name.filter(|name| is_name(name));
    let fingerprint = name.map_or_else(|| format!("infisical:{path}"), |name| format!("infisical:{path}#{name}"));
    let spot = spot.for_environment(environment);
    let told = spot.named(out, fingerprint, StorageState::Vault, name.unwrap_or(project), Some(Kind::CiSecret));
    told.kept("Infisical", &path).mode(Mode::Static);
}

/// `infisical run --projectId=p --env=e -- command`, `infisical secrets get NAME --projectId=p`
/// (<https://infisical.com/docs/cli/commands/run>). Without a project `.infisical.json` tells it.
fn infisical_command(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    if let Some(project) = flag(&words, "--projectId") {
        let name = words.get(3).filter(|name| words.get(1) == Some(&"secrets") && !name.starts_with('-'));
        let spot = Spot::new(file, at).means("read with the infisical command");
        infisical(&spot, out, project, flag(&words, "--env"), name.copied());
    }
}

/// Notes an item of Akeyless by its full name; names begin with a slash, which may be left out.
pub(super) fn akeyless(spot: &Spot<'_>, out: &mut Out, name: &str, mode: Mode) {
    let path = format!("/{}", name.trim_start_matches('/'));
    if is_name(&path) && path.len() > 1 {
        let last = path.rsplit('/').next().unwrap_or(&path);
        let told = spot.named(out, format!("akeyless:{path}"), StorageState::Vault, last, None);
        told.kept("Akeyless", &path).mode(mode);
    }
}

/// `akeyless get-secret-value --name /p/x`, `-n /p/x` (<https://docs.akeyless.io/docs/cli-ref-secrets>).
fn akeyless_command(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    let dynamic = words.get(1) == Some(&"get-dynamic-secret-value");
    if let Some(name) = flag(&words, "--name").or_else(|| flag(&words, "-n")) {
        let spot = Spot::new(file, at).means("read with the akeyless command");
        akeyless(&spot, out, name, if dynamic { Mode::Dynamic } else { Mode::Static });
    }
}

/// `akeyless:/p/x` of the Kubernetes injector.
fn akeyless_address(file: &File<'_>, at: usize, out: &mut Out) {
    let path = word(file.bytes, at + "akeyless:".len(), |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/')
    });
    let before = at.checked_sub(1).and_then(|at| file.bytes.get(at)).copied().unwrap_or(b' ');
    if !before.is_ascii_alphanumeric() && path.len() > 1 {
        akeyless(&Spot::new(file, at).means("reference of Akeyless"), out, path, Mode::Static);
    }
}

/// `encrypted:secrets-manager!r:REGION!s:NAME!k:KEY` and its like of Spinnaker
/// (<https://spinnaker.io/docs/reference/halyard/secrets/>).
fn spinnaker(file: &File<'_>, at: usize, out: &mut Out) {
    let text = word(file.bytes, at, |byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b',' | b'<'));
    let mut parts = text.split('!');
    let engine = parts.next().and_then(|head| head.split_once(':')).map_or("", |(_, engine)| engine);
    let given: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once(':')).collect();
    let of = |key: &str| given.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let spot = Spot::new(file, at).means("secret of Spinnaker");
    match engine {
        "secrets-manager" => {
            if let Some(name) = of("s") {
                super::aws::secret(&spot, out, name, of("k"));
            }
        }
        "google-secrets-manager" => {
            if let Some(name) = of("s") {
                super::gcp::secret(&spot, out, of("p"), name);
            }
        }
        "vault" => {
            if let (Some(mount), Some(path)) = (of("e"), of("n").or_else(|| of("p"))) {
                super::vaults::secret(&spot, out, &format!("{mount}/{path}"), of("k"));
            }
        }
        "k8s" => {
            if let Some(name) = of("n") {
                super::kubernetes::secret(&spot, out, None, name, of("k"));
            }
        }
        // A bucket of its own, with a file whose key it names.
        "s3" | "gcs" => {
            if let (Some(bucket), Some(path)) = (of("b"), of("f")) {
                let name = of("k").unwrap_or(path);
                let fingerprint = format!("{engine}:{bucket}/{path}#{name}");
                let told = spot.named(out, fingerprint, StorageState::Vault, name, None);
                told.kept(engine, &format!("{bucket}/{path}")).mode(Mode::Static);
            }
        }
        _ => {}
    }
}

/// Files of their own: `doppler.yaml`, `.infisical.json`, `secrets.yml` of Summon, `.teller.yml`.
pub(super) fn wants(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name,
        "doppler.yaml"
            | ".doppler.yaml"
            | "doppler.yml"
            | ".infisical.json"
            | "secrets.yml"
            | ".teller.yml"
            | "teller.yml"
    )
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let Some((_, documents)) = file.trees() else { return };
    for document in documents {
        match file.name() {
            "secrets.yml" => summon(file, document, out),
            ".infisical.json" => {
                if let Some(id) = name_of(document.get("workspaceId"), file.bytes) {
                    infisical(
                        &Spot::new(file, document.place.start).means("project of Infisical"),
                        out,
                        &id,
                        None,
                        None,
                    );
                }
            }
            ".teller.yml" | "teller.yml" => teller(file, document, out),
            _ => {
                // `setup:` is a map, or a list of them for several folders.
                let setup = document.get("setup");
                let listed = setup.map(|setup| setup.items().iter().collect::<Vec<_>>()).unwrap_or_default();
                for node in listed.into_iter().chain(setup) {
                    let text = |key: &str| name_of(node.get(key), file.bytes);
                    if let (Some(project), Some(config)) = (text("project"), text("config")) {
                        let spot = Spot::new(file, node.place.start).means("doppler.yaml");
                        doppler(&spot, out, &project, &config);
                    }
                }
            }
        }
    }
}

/// `NAME: !var path/of/variable` of Summon (<https://cyberark.github.io/summon/>): the provider is mostly Conjur.
fn summon(file: &File<'_>, document: &crate::format::tree::Node, out: &mut Out) {
    let mut lists = vec![(document, None)];
    while let Some((node, environment)) = lists.pop() {
        for pair in node.pairs() {
            let tag = file.text(&pair.value.tag);
            if tag == "!var" || tag == "!var:file" {
                for (path, at) in texts(Some(&pair.value), file.bytes).into_iter().filter(|(path, _)| is_name(path)) {
                    let spot = Spot::new(file, at).means(format!("variable {} of Summon", pair.key));
                    let spot = spot.for_environment(environment);
                    let told = spot.named(out, format!("summon:{path}"), StorageState::Vault, &pair.key, None);
                    told.says(Field::VaultPath, path).mode(Mode::Static);
                }
            } else if environment.is_none() {
                lists.push((&pair.value, Some(pair.key.as_str())));
            }
        }
    }
}

/// `.teller.yml`: `providers: X: kind: K, maps: [{path, keys}]` (<https://github.com/tellerops/teller>).
fn teller(file: &File<'_>, document: &crate::format::tree::Node, out: &mut Out) {
    for provider in document.get("providers").map(crate::format::tree::Node::pairs).unwrap_or_default() {
        let kind = name_of(provider.value.get("kind"), file.bytes);
        let kind = kind.as_deref().unwrap_or(&provider.key);
        for map in provider.value.get("maps").map(crate::format::tree::Node::items).unwrap_or_default() {
            let Some(path) = name_of(map.get("path"), file.bytes) else { continue };
            let spot = Spot::new(file, map.place.start).means(format!("{kind} by Teller"));
            match kind {
                "hashicorp_vault" | "hashicorp" => drop(super::vaults::secret(&spot, out, &path, None)),
                "aws_secretsmanager" => drop(super::aws::secret(&spot, out, &path, None)),
                "aws_ssm" | "ssm" => drop(super::aws::parameter(&spot, out, &path)),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, seen};

    #[test]
    fn notations_of_managers() {
        for (path, text, wanted) in [
            ("a.env", "T=op://prod/stripe/api-key", "1password:prod/stripe/api-key"),
            ("a.yaml", "t: \"op://My Vault/Stripe/live/key?attribute=x\"", "1password:My Vault/Stripe/live/key"),
            ("a.sh", "doppler run -p shop -c prd -- ./x", "doppler:shop/prd"),
            ("doppler.yaml", "setup:\n  project: shop\n  config: prd\n", "doppler:shop/prd"),
            ("doppler.yaml", "setup:\n  - project: shop\n    config: prd\n", "doppler:shop/prd"),
            (".infisical.json", "{\"workspaceId\": \"63ee5410a45f\"}", "infisical:63ee5410a45f"),
            ("secrets.yml", "DB_PASSWORD: !var prod/db/password\nURL: http://x\n", "summon:prod/db/password"),
            ("a.conf", "x = keeper://UID123/field/password", "keeper:UID123/field/password"),
            ("a.sh", "infisical run --projectId=42b1 --env=prod -- npm start", "infisical:42b1/prod"),
            (
                "a.sh",
                "infisical secrets get DB_PASSWORD --projectId 42b1 --env prod",
                "infisical:42b1/prod#DB_PASSWORD",
            ),
            ("a.sh", "X=$(akeyless get-secret-value -n /app/db)", "akeyless:/app/db"),
            ("a.yaml", "value: akeyless:/app/db", "akeyless:/app/db"),
            (
                "s.yml",
                "k: encrypted:secrets-manager!r:us-west-2!s:prod/db!k:password",
                "aws-secretsmanager:o/r:prod/db#password",
            ),
            ("s.yml", "k: encrypted:google-secrets-manager!p:shop!s:db", "gcp-secretmanager:shop/db"),
            ("s.yml", "k: encrypted:vault!e:secret!n:spin/db!k:password", "vault:secret/spin/db#password"),
            ("s.yml", "k: encryptedFile:s3!r:us-west-2!b:conf!f:kube.yml", "s3:conf/kube.yml#kube.yml"),
            (
                ".teller.yml",
                "providers:\n  v:\n    kind: hashicorp_vault\n    maps:\n      - id: a\n        path: secret/data/db\n",
                "vault:secret/db",
            ),
        ] {
            assert_eq!(seen(path, text), [format!("reference {wanted} vault")], "{text}");
        }
        for text in [
            "op://$V/item/field",
            "shop://a/b/c",
            "op://vault/item",
            "doppler run -- x",
            "infisical run -- x",
            "akeyless get-secret-value --name $N",
            "encrypted: yes",
        ] {
            assert_eq!(seen("a.sh", text), [""; 0], "{text}");
        }
        let told = claims("doppler.yaml", "setup:\n  project: shop\n  config: prd\n");
        assert!(told.contains(&"environment=production @doppler.yaml:2".to_owned()), "{told:?}");
    }
}
