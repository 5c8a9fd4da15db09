//! `HashiCorp` Vault: its command line, its HTTP interface, and the notations of tools that read it.
//!
//! Paths of the KV engine's second version are written with `data/` in the interface and without on the command line
//! (<https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2>): both give the fingerprint without.

use super::literal::{Literal, arguments, command_line, flag};
use super::spot::{Spot, Told, begins, is_name, word};
use super::{File, Out};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

/// How the register calls the store.
pub(super) const VAULT: &str = "HashiCorp Vault";

/// Commands and notations that begin a reference.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "vault kv get", read: kv_get },
    Literal { word: "vault read", read: vault_read },
    Literal { word: "VAULT_ADDR/v1/", read: interface },
    Literal { word: "VAULT_ADDR}/v1/", read: interface },
    Literal { word: "vault:", read: bank_vaults },
    Literal { word: "secret \"", read: template },
    Literal { word: "ref+vault://", read: vals },
];

/// Engines that make a credential for each reader, by the part of the path that says so.
fn is_dynamic(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts.iter().skip(1).any(|part| matches!(*part, "creds" | "issue" | "sign" | "sts"))
        || parts.get(1) == Some(&"token")
}

/// The path of a secret as the command line writes it, from what is written: without `/v1/`, a slash at the ends, `data/`.
fn path_of(written: &str) -> String {
    let path = written.trim_matches('/');
    let path = path.strip_prefix("v1/").unwrap_or(path);
    match path.split_once('/') {
        Some((mount, rest)) => {
            let rest = rest.strip_prefix("data/").or_else(|| rest.strip_prefix("metadata/")).unwrap_or(rest);
            format!("{mount}/{rest}")
        }
        None => path.to_owned(),
    }
}

/// Notes a secret of Vault. Several fields of one path are several secrets where they are named.
pub(super) fn secret<'o>(spot: &Spot<'_>, out: &'o mut Out, path: &str, field: Option<&str>) -> Option<Told<'o>> {
    if !is_name(path) || path.ends_with('-') {
        return None;
    }
    let path = path_of(path);
    let field = field.filter(|field| is_name(field));
    let name = field.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(&path));
    let fingerprint = match field {
        Some(field) => format!("vault:{path}#{field}"),
        None => format!("vault:{path}"),
    };
    let dynamic = is_dynamic(&path);
    let kind = if dynamic && path.starts_with("pki") { Some(Kind::Certificate) } else { None };
    let told = spot.named(out, fingerprint, StorageState::Vault, name, kind).kept(VAULT, &path);
    Some(told.mode(if dynamic { Mode::Dynamic } else { Mode::Static }))
}

/// Notes a role of Vault that a workload logs in to without a stored secret. Its path in Vault is its method and name.
pub(super) fn role<'o>(spot: &Spot<'_>, out: &'o mut Out, method: &str, role: &str) -> Option<Told<'o>> {
    if !is_name(role) || !is_name(method) {
        return None;
    }
    let path = format!("auth/{method}/role/{role}");
    let told = spot.note(out, FingerprintKind::Reference, format!("vault:{path}"), StorageState::Federated);
    let told = told.says(Field::Kind, Kind::WorkloadIdentity.name()).says(Field::Name, role);
    Some(told.says(Field::Provider, "vault").says(Field::Principal, role).kept(VAULT, &path).mode(Mode::Federated))
}

/// `vault kv get [-mount=m] [-field=f] path`.
fn kv_get(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    let (mount, field) = (flag(&words, "-mount"), flag(&words, "-field"));
    if let Some(path) = path_argument(words.get(3..).unwrap_or_default()) {
        let path = mount.map_or_else(|| path.to_owned(), |mount| format!("{}/{path}", mount.trim_matches('/')));
        command(file, at, out, &path, field);
    }
}

/// `vault read [-field=f] path`: any engine.
fn vault_read(file: &File<'_>, at: usize, out: &mut Out) {
    let line = command_line(file, at);
    let words = arguments(&line);
    let path = path_argument(words.get(2..).unwrap_or_default());
    // What belongs to Vault itself is no secret.
    if let Some(path) =
        path.filter(|path| !path.starts_with("sys/") && !path.starts_with("auth/") && path.contains('/'))
    {
        command(file, at, out, path, flag(&words, "-field"));
    }
}

/// The word behind the flags. Flags of `vault` are given with `=`, but for `-field f` and `-mount m`.
fn path_argument<'w>(words: &[&'w str]) -> Option<&'w str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-field" | "-mount" | "-format" | "-version" | "-namespace" => {
                words.next();
            }
            flag if flag.starts_with('-') => {}
            path => return Some(path),
        }
    }
    None
}

fn command(file: &File<'_>, at: usize, out: &mut Out, path: &str, field: Option<&str>) {
    if begins(file.bytes, at) {
        secret(&Spot::new(file, at).means("read with the vault command"), out, path, field);
    }
}

/// `$VAULT_ADDR/v1/secret/data/x`.
fn interface(file: &File<'_>, at: usize, out: &mut Out) {
    let rest = file.bytes.get(at..).unwrap_or_default();
    let Some(start) = memchr::memmem::find(rest, b"/v1/").map(|offset| at + offset + 4) else { return };
    let path = word(file.bytes, start, is_path);
    let goes_on = matches!(file.bytes.get(start + path.len()), Some(b'$' | b'{' | b'<'));
    if !goes_on && path.contains('/') && !path.starts_with("auth/") && !path.starts_with("sys/") {
        secret(&Spot::new(file, at).means("read by Vault's HTTP interface"), out, path, None);
    }
}

const fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'@')
}

/// `vault:secret/data/x#key` of Bank-Vaults (<https://bank-vaults.dev/docs/mutating-webhook/>); a version may follow.
fn bank_vaults(file: &File<'_>, at: usize, out: &mut Out) {
    let start = at + "vault:".len();
    let path = word(file.bytes, start, is_path);
    if begins(file.bytes, at) && path.contains('/') && file.bytes.get(start + path.len()) == Some(&b'#') {
        let field = word(file.bytes, start + path.len() + 1, |byte| is_path(byte) && byte != b'/');
        if !field.is_empty() {
            secret(&Spot::new(file, at).means("Bank-Vaults reference"), out, path, Some(field));
        }
    }
}

/// `{{ with secret "path" }}` of consul-template, Vault Agent and Nomad.
fn template(file: &File<'_>, at: usize, out: &mut Out) {
    let Some(open) = memchr::memchr(b'"', file.bytes.get(at..).unwrap_or_default()) else { return };
    let start = at + open + 1;
    let path = word(file.bytes, start, is_path);
    let before = file.bytes.get(at.saturating_sub(16)..at).unwrap_or_default();
    let action = memchr::memmem::find(before, b"{{").is_some();
    if action && path.contains('/') && file.bytes.get(start + path.len()) == Some(&b'"') {
        secret(&Spot::new(file, at).means("template of Vault Agent"), out, path, None);
    }
}

/// `ref+vault://path#/field` of vals and helmfile (<https://github.com/helmfile/vals>).
fn vals(file: &File<'_>, at: usize, out: &mut Out) {
    let start = at + "ref+vault://".len();
    let path = word(file.bytes, start, is_path);
    let mut rest = start + path.len();
    if file.bytes.get(rest) == Some(&b'?') {
        rest += word(file.bytes, rest, |byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'\'')).len();
    }
    let field = match file.bytes.get(rest..rest + 2) {
        Some(b"#/") => Some(word(file.bytes, rest + 2, |byte| is_path(byte) && byte != b'/')),
        _ => None,
    };
    if path.contains('/') {
        secret(&Spot::new(file, at).means("reference of vals"), out, path, field);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, seen};

    #[test]
    fn one_secret_in_every_notation() {
        let wanted = ["reference vault:secret/app/db#password vault"];
        for text in [
            "X=$(vault kv get -field=password secret/app/db)",
            "vault kv get -mount=secret -field password app/db | jq .",
            "value: vault:secret/data/app/db#password",
            "x: ref+vault://secret/app/db#/password",
        ] {
            assert_eq!(seen("run.sh", text), wanted, "{text}");
        }
        for text in ["curl $VAULT_ADDR/v1/secret/data/app/db", "{{ with secret \"secret/data/app/db\" }}"] {
            assert_eq!(seen("run.sh", text), ["reference vault:secret/app/db vault"], "{text}");
        }
    }

    #[test]
    fn credentials_made_on_demand_are_dynamic() {
        let told = claims("run.sh", "vault read -format=json database/creds/readonly");
        assert!(told.contains(&"credential_mode=dynamic @run.sh:1".to_owned()), "{told:?}");
        assert!(told.contains(&"vault_path=database/creds/readonly @run.sh:1".to_owned()));
    }

    #[test]
    fn what_is_no_path_is_left() {
        for text in [
            "vault kv get $P",
            "vault read sys/health",
            "vault read",
            "my-vault: /x#y",
            "curl $VAULT_ADDR/v1/secret/$NAME",
            "secret \"a/b\"",
        ] {
            assert_eq!(seen("run.sh", text), [""; 0], "{text}");
        }
    }
}
