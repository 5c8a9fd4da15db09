//! Secrets that lie in the repository encrypted: SOPS, `SealedSecrets`, ansible-vault, git-crypt, age, Pulumi.
//!
//! One file is one identity, or one key of it where keys are encrypted one by one. SOPS' own data:
//! <https://github.com/getsops/sops#sops-file-format>; git-crypt's header: <https://github.com/AGWA/git-crypt>.

use super::spot::{Spot, Told, maps, name_of, texts};
use super::{File, Out};
use crate::format::tree::{Node, Value};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, StorageState};

/// Any file may be encrypted; what it begins with tells.
pub(super) fn wants(_path: &str) -> bool {
    true
}

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    let whole = |what: &'static str, out: &mut Out| {
        let spot = Spot::new(file, 0).means(what);
        let told =
            spot.named(out, fingerprint(file, None), StorageState::EncryptedFile, file.name(), Some(Kind::CiSecret));
        told.says(Field::Vault, what).says(Field::Encrypted, "yes");
    };
    if file.bytes.starts_with(b"\0GITCRYPT\0") {
        return whole("git-crypt", out);
    }
    if file.bytes.starts_with(b"$ANSIBLE_VAULT;") {
        return whole("ansible-vault", out);
    }
    if file.bytes.starts_with(b"age-encryption.org/v1\n")
        || file.bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
    {
        return whole("age", out);
    }
    let extension = file.name().rsplit_once('.').map_or("", |(_, extension)| extension);
    if matches!(extension, "env" | "ini") || file.name().starts_with(".env") {
        lines(file, out);
    }
    // Trees are read where a word of theirs stands in the text.
    let has = |word: &[u8]| memchr::memmem::find(file.bytes, word).is_some();
    let (sops, vault) = (has(b"ENC[AES256_GCM,"), has(b"$ANSIBLE_VAULT;"));
    let (sealed, secure) = (has(b"encryptedData"), has(b"secure:"));
    if !(sops || vault || sealed || secure) {
        return;
    }
    let Some((_, documents)) = file.trees() else { return };
    for document in documents {
        if let Some(own) = document.get("sops").filter(|_| sops) {
            self::sops(file, document, own, out);
        } else if name_of(document.get("kind"), file.bytes).as_deref() == Some("SealedSecret") {
            self::sealed(file, document, out);
        } else if vault {
            inline(file, document, out);
        }
        if secure && file.name().starts_with("Pulumi.") {
            pulumi(file, document, out);
        }
    }
}

/// A file, or a key in it.
fn fingerprint(file: &File<'_>, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("encrypted:{}:{}#{key}", file.repository, file.path),
        None => format!("encrypted:{}:{}", file.repository, file.path),
    }
}

/// One encrypted value.
fn entry<'o>(spot: &Spot<'_>, out: &'o mut Out, key: &str, by: &str) -> Told<'o> {
    // Items of a list have no names of their own.
    let name = key.rsplit('.').find(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or(key);
    let fingerprint = fingerprint(spot.file, Some(key));
    let told = spot.named(out, fingerprint, StorageState::EncryptedFile, name, Some(Kind::CiSecret));
    told.says(Field::Vault, by).says(Field::VaultPath, spot.file.path).says(Field::Encrypted, "yes").mode(Mode::Static)
}

/// Values `ENC[…]` and who can open them; the last change is a hint at a rotation. Values in clear are noted where their
/// names are those of credentials and the rest of the file is encrypted.
fn sops(file: &File<'_>, document: &Node, own: &Node, out: &mut Out) {
    let bytes = file.bytes;
    let modified = name_of(own.get("lastmodified"), bytes);
    let mut recipients = Vec::new();
    for (group, key) in [
        ("kms", "arn"),
        ("gcp_kms", "resource_id"),
        ("azure_kv", "vault_url"),
        ("age", "recipient"),
        ("pgp", "fp"),
        ("hc_vault", "vault_address"),
    ] {
        maps(own, &mut |map| {
            for item in map.get(group).map(Node::items).unwrap_or_default() {
                recipients.extend(name_of(item.get(key), bytes).map(|value| format!("{group}={value}")));
            }
        });
    }
    let mut path = Vec::new();
    values(document, &mut path, &mut |path, node| {
        let text = node.text(bytes).unwrap_or_default();
        if path.first().is_some_and(|first| first == "sops") {
            return;
        }
        let key = path.join(".");
        let last = path.last().map_or("", String::as_str);
        if text.starts_with("ENC[AES256_GCM,") {
            let spot = Spot::new(file, node.place.start).means("encrypted by SOPS");
            let mut told = entry(&spot, out, &key, "SOPS");
            for recipient in &recipients {
                told = told.says(Field::Tag, recipient.as_str());
            }
            if let Some(modified) = &modified {
                told.because(Field::LastRotatedAt, modified.as_ref(), "sops.lastmodified: a rotation at the latest");
            }
        } else if super::names::kind(last).is_some() && text.len() > 1 && !text.starts_with("ENC[") {
            let spot = Spot::new(file, node.place.start).means("in clear beside values that SOPS encrypted");
            let told =
                spot.named(out, fingerprint(file, Some(&key)), StorageState::Embedded, last, Some(Kind::CiSecret));
            told.says(Field::Encrypted, "no");
        }
    });
}

/// Every scalar with the keys that lead to it; items of lists go by their index.
fn values(node: &Node, path: &mut Vec<String>, see: &mut dyn FnMut(&[String], &Node)) {
    match &node.value {
        Value::Scalar(_) => see(path, node),
        Value::Map(pairs) => {
            for pair in pairs {
                path.push(pair.key.clone());
                values(&pair.value, path, see);
                path.pop();
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                values(item, path, see);
                path.pop();
            }
        }
        Value::Empty => {}
    }
}

/// `NAME=ENC[AES256_GCM,…]` of environment and INI files.
fn lines(file: &File<'_>, out: &mut Out) {
    for at in super::spot::finds(file.bytes, &(0..file.bytes.len()), b"ENC[AES256_GCM,") {
        let before = file.bytes.get(..at).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let name = String::from_utf8_lossy(&before[start..]);
        let name = name.trim().trim_end_matches(['=', ' ']);
        let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if begins && super::spot::is_name(name) && !name.starts_with("sops_") && name != "mac" {
            entry(&Spot::new(file, at).means("encrypted by SOPS"), out, name, "SOPS");
        }
    }
}

/// `spec.encryptedData`: the controller of one cluster opens it, for one name in one namespace unless its scope is wider.
fn sealed(file: &File<'_>, document: &Node, out: &mut Out) {
    let bytes = file.bytes;
    let of = |key: &str| name_of(document.at(&["metadata", key]), bytes);
    let name = of("name").unwrap_or_default();
    let title = of("namespace").map_or_else(|| name.to_string(), |namespace| format!("{namespace}/{name}"));
    for pair in document.at(&["spec", "encryptedData"]).map(Node::pairs).unwrap_or_default() {
        let spot = Spot::new(file, pair.value.place.start).means(format!("SealedSecret {title}"));
        let spot = spot.used_by(format!("Secret {title}"));
        let key = format!("{title}.{}", pair.key);
        let told = spot.named(
            out,
            fingerprint(file, Some(&key)),
            StorageState::EncryptedFile,
            &pair.key,
            Some(Kind::CiSecret),
        );
        let told = told.says(Field::Vault, "Sealed Secrets").says(Field::VaultPath, title.as_str());
        told.says(Field::Encrypted, "yes").mode(Mode::Static);
    }
}

/// `!vault |` with ciphertext: one variable each.
fn inline(file: &File<'_>, document: &Node, out: &mut Out) {
    let mut path = Vec::new();
    values(document, &mut path, &mut |path, node| {
        if node.text(file.bytes).is_some_and(|text| text.trim_start().starts_with("$ANSIBLE_VAULT;")) {
            let spot = Spot::new(file, node.place.start).means("encrypted by ansible-vault");
            entry(&spot, out, &path.join("."), "ansible-vault");
        }
    });
}

/// `config: NAME: secure: …` of a stack, and what opens it.
fn pulumi(file: &File<'_>, document: &Node, out: &mut Out) {
    let provider = texts(document.get("secretsprovider"), file.bytes);
    for pair in document.get("config").map(Node::pairs).unwrap_or_default() {
        let mut sealed = Vec::new();
        maps(&pair.value, &mut |map| sealed.extend(map.get("secure").map(|node| node.place.start)));
        if let Some(at) = sealed.first() {
            let stack = file.name().split('.').nth(1).unwrap_or_default();
            let spot = Spot::new(file, *at).means("encrypted by Pulumi");
            let spot = spot.for_environment(super::environment::of_name(stack));
            let name = pair.key.rsplit(':').next().unwrap_or(&pair.key);
            let told = spot.named(
                out,
                fingerprint(file, Some(&pair.key)),
                StorageState::EncryptedFile,
                name,
                Some(Kind::CiSecret),
            );
            let mut told = told.says(Field::Vault, "Pulumi").says(Field::Encrypted, "yes").mode(Mode::Static);
            for (provider, _) in &provider {
                told = told.says(Field::Tag, format!("secretsprovider={provider}"));
            }
        }
    }
}

/// Rules of `.sops.yaml`: keys that files are encrypted for. They are identities of a KMS.
pub(super) fn wants_rules(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some(".sops.yaml" | ".sops.yml"))
}

pub(super) fn read_rules(file: &File<'_>, out: &mut Out) {
    let Some((_, documents)) = file.trees() else { return };
    for rule in documents.iter().filter_map(|document| document.get("creation_rules")).flat_map(Node::items) {
        let regex = rule.get("path_regex").and_then(|regex| regex.text(file.bytes)).unwrap_or_default();
        maps(rule, &mut |map| {
            for (key, provider) in
                [("kms", "aws"), ("gcp_kms", "google"), ("azure_keyvault", "azure"), ("age", "age"), ("pgp", "pgp")]
            {
                for (text, at) in texts(map.get(key), file.bytes) {
                    for one in text.split(',').map(str::trim).filter(|one| super::spot::is_name(one)) {
                        let spot = Spot::new(file, at).means(format!("SOPS rule for {regex}"));
                        let storage =
                            if matches!(key, "age" | "pgp") { StorageState::Unknown } else { StorageState::Vault };
                        let told = spot.note(out, FingerprintKind::ProviderId, format!("{key}:{one}"), storage);
                        let told = told.says(Field::Kind, Kind::PrivateKey.name()).says(Field::Provider, provider);
                        told.says(Field::KeyId, one).says(Field::Purpose, "opens files encrypted by SOPS");
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claims, seen};

    #[test]
    fn files_that_are_encrypted_as_a_whole() {
        for (text, by) in [
            ("\0GITCRYPT\0abc", "git-crypt"),
            ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "ansible-vault"),
            ("age-encryption.org/v1\n-> X25519 a\n", "age"),
        ] {
            assert_eq!(seen("conf/prod.yml", text), ["reference encrypted:o/r:conf/prod.yml encrypted-file"], "{by}");
            assert!(claims("conf/prod.yml", text).contains(&format!("vault={by} @conf/prod.yml:1")));
        }
    }

    #[test]
    fn sops_tells_keys_recipients_and_the_last_change() {
        let text = "db:\n  password: ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\n  user_unencrypted: me\napi_token: here\nsops:\n  \
            age:\n    - recipient: age1x\n  lastmodified: \"2026-01-02T03:04:05Z\"\n  mac: ENC[AES256_GCM,data:x]\n";
        assert_eq!(
            seen("s.yaml", text),
            [
                "reference encrypted:o/r:s.yaml#api_token embedded",
                "reference encrypted:o/r:s.yaml#db.password encrypted-file"
            ]
        );
        let told = claims("s.yaml", text);
        for wanted in [
            "kind=password @s.yaml:2 (by its name)",
            "tag=age=age1x @s.yaml:2",
            "last_rotated_at=2026-01-02T03:04:05Z @s.yaml:2 (sops.lastmodified: a rotation at the latest)",
        ] {
            assert!(told.contains(&wanted.to_owned()), "{wanted}: {told:#?}");
        }
        let text = "DB_PASSWORD=ENC[AES256_GCM,data:a]\nsops_mac=ENC[AES256_GCM,data:b]\n";
        assert_eq!(seen("prod.env", text), ["reference encrypted:o/r:prod.env#DB_PASSWORD encrypted-file"]);
    }

    #[test]
    fn sealed_secrets_variables_and_stacks() {
        let text = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: n\nspec:\n  encryptedData:\n    password: AgB\n";
        assert_eq!(seen("k.yaml", text), ["reference encrypted:o/r:k.yaml#n/db.password encrypted-file"]);
        let text = "a: b\ndb_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n";
        assert_eq!(
            seen("group_vars/x.yml", text),
            ["reference encrypted:o/r:group_vars/x.yml#db_password encrypted-file"]
        );
        let text = "secretsprovider: awskms://alias/x\nconfig:\n  app:dbPassword:\n    secure: v1:abc\n  app:x: y\n";
        assert_eq!(
            seen("Pulumi.prod.yaml", text),
            ["reference encrypted:o/r:Pulumi.prod.yaml#app:dbPassword encrypted-file"]
        );
        let rules = "creation_rules:\n  - path_regex: x\n    kms: arn:aws:kms:eu-west-1:123456789012:key/a\n    age: age1a,age1b\n";
        assert_eq!(
            seen(".sops.yaml", rules),
            [
                "provider-id age:age1a unknown",
                "provider-id age:age1b unknown",
                "provider-id kms:arn:aws:kms:eu-west-1:123456789012:key/a vault"
            ]
        );
    }
}
