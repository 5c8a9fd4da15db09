//! Notations of templates that fetch secrets: Helm's `lookup`, Ansible's lookups, placeholders of Argo CD's Vault plugin.
//!
//! Forms: <https://helm.sh/docs/chart_template_guide/functions_and_pipelines/>,
//! <https://docs.ansible.com/ansible/latest/collections/community/hashi_vault/>,
//! <https://argocd-vault-plugin.readthedocs.io/en/stable/howitworks/>.

use super::literal::{Call, Literal, call};
use super::spot::{Spot, is_name, word};
use super::{File, Out, aws, azure, consumers, gcp, kubernetes, managers, vaults};
use crate::inventory::kind::{Mode, StorageState};

/// Words that begin a notation.
pub(super) const LITERALS: &[Literal] = &[
    Literal { word: "lookup \"v1\" \"Secret\" ", read: helm },
    Literal { word: "lookup(", read: ansible },
    Literal { word: "query(", read: ansible },
    Literal { word: "<path:", read: placeholder },
];

/// `lookup "v1" "Secret" NAMESPACE NAME`, where the name is a literal; the release's namespace is not known.
fn helm(file: &File<'_>, at: usize, out: &mut Out) {
    let start = at + "lookup \"v1\" \"Secret\" ".len();
    let rest = file.bytes.get(start..).unwrap_or_default();
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let Ok(line) = std::str::from_utf8(line) else { return };
    let literal =
        |word: &str| word.strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(text, _)| text.to_owned());
    let mut words = line.split_whitespace();
    let (Some(namespace), Some(name)) = (words.next(), words.next()) else { return };
    if let Some(name) = literal(name) {
        let spot = Spot::new(file, at).means("looked up by the chart");
        kubernetes::secret(&spot, out, literal(namespace).as_deref(), &name, None);
    }
}

/// `lookup('PLUGIN', 'term', option='x')` of Ansible, with or without the name of its collection.
fn ansible(file: &File<'_>, at: usize, out: &mut Out) {
    let Some(open) = memchr::memchr(b'(', file.bytes.get(at..).unwrap_or_default()) else { return };
    let call = call(file.bytes, at + open);
    let (Some(plugin), Some(term)) = (call.text(0), call.text(1)) else { return };
    let plugin = plugin.rsplit('.').next().unwrap_or(plugin);
    let spot = Spot::new(file, at).means(format!("Ansible's lookup {plugin}"));
    match plugin {
        "env" => consumers::note(file, at, term, "looked up by Ansible", out),
        "hashi_vault" | "vault_read" | "vault_kv2_get" | "vault_kv1_get" => vault(&spot, plugin, term, &call, out),
        "aws_secret" | "secretsmanager_secret" => drop(aws::secret(&spot, out, term, None)),
        "aws_ssm" | "ssm_parameter" => drop(aws::parameter(&spot, out, term)),
        "azure_keyvault_secret" => {
            let host = call.named_text("vault_url").and_then(|url| url.strip_prefix("https://"));
            match host.and_then(|host| host.split('.').next()) {
                Some(vault) => azure::secret(&spot, out, vault, term),
                None => azure::secret_somewhere(&spot, out, term),
            };
        }
        "gcp_secret_manager" => drop(gcp::secret(&spot, out, call.named_text("project"), term)),
        "onepassword" | "onepassword_raw" | "onepassword_doc" => {
            let vault = call.named_text("vault").map_or(String::new(), |vault| format!("{vault}/"));
            let field = call.named_text("field").map_or(String::new(), |field| format!("/{field}"));
            managers::one_password(&spot, out, &format!("{vault}{term}{field}"));
        }
        "bitwarden" | "bitwarden_secrets_manager" | "passwordstore" | "lastpass" | "keyring" => {
            let fingerprint = format!("{plugin}:{}:{}", file.repository, term);
            if !term.contains("{{") {
                let told = spot.named(out, fingerprint, StorageState::Vault, term, None);
                told.kept(plugin, term).mode(Mode::Static);
            }
        }
        _ => {}
    }
}

/// `secret=PATH:FIELD url=…` or `PATH:FIELD` of `hashi_vault`; a path, or a name below a mount, of the others.
fn vault(spot: &Spot<'_>, plugin: &str, term: &str, call: &Call<'_>, out: &mut Out) {
    let mount =
        |otherwise| call.named("engine_mount_point").map_or(Some(otherwise), |_| call.named_text("engine_mount_point"));
    let told = match plugin {
        "hashi_vault" => {
            let first = term.split_whitespace().next().unwrap_or(term);
            let first = first.strip_prefix("secret=").unwrap_or(first);
            let (path, field) = first.split_once(':').map_or((first, None), |(path, field)| (path, Some(field)));
            vaults::secret(spot, out, path, field.filter(|field| !field.is_empty()))
        }
        "vault_kv2_get" => {
            mount("secret").and_then(|mount| vaults::secret(spot, out, &format!("{mount}/{term}"), None))
        }
        "vault_kv1_get" => mount("kv").and_then(|mount| vaults::secret(spot, out, &format!("{mount}/{term}"), None)),
        _ => vaults::secret(spot, out, term, None),
    };
    drop(told);
}

/// `<path:PATH#KEY[#VERSION]>`. Which store is read is set where Argo CD runs; the path's form tells some of them.
fn placeholder(file: &File<'_>, at: usize, out: &mut Out) {
    let text =
        word(file.bytes, at + "<path:".len(), |byte| byte.is_ascii_graphic() && !matches!(byte, b'>' | b'<' | b'"'));
    let mut parts = text.split('#');
    let (path, key) = (parts.next().unwrap_or_default(), parts.next().map(str::trim));
    let closed = file.bytes.get(at + "<path:".len() + text.len()).is_some_and(|byte| matches!(byte, b'>' | b' '));
    let Some(key) = key.filter(|key| closed && is_name(key) && is_name(path)) else { return };
    let spot = Spot::new(file, at).means("placeholder of Argo CD's Vault plugin");
    if path.starts_with("arn:") {
        aws::secret(&spot, out, path, Some(key));
    } else if let Some((project, name)) = gcp::parts(path) {
        gcp::secret(&spot, out, Some(project), name);
    } else if let Some((vault, item)) = path.strip_prefix("vaults/").and_then(|rest| rest.split_once("/items/")) {
        managers::one_password(&spot, out, &format!("{vault}/{item}/{key}"));
    } else if path.split('/').nth(1) == Some("data") {
        vaults::secret(&spot, out, path, Some(key));
    } else {
        let fingerprint = format!("argocd-vault-plugin:{}:{path}#{key}", file.repository);
        let told = spot.named(out, fingerprint, StorageState::Vault, key, None);
        told.kept("argocd-vault-plugin", path).mode(Mode::Static);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;

    #[test]
    fn charts_look_up_secrets() {
        let text = "{{- $old := lookup \"v1\" \"Secret\" .Release.Namespace \"db\" }}";
        assert_eq!(seen("templates/_x.tpl", text), ["reference kubernetes-secret:o/r:db vault"]);
        let text = "{{ (lookup \"v1\" \"Secret\" \"shop\" \"db\").data }}";
        assert_eq!(seen("templates/_x.tpl", text), ["reference kubernetes-secret:o/r:shop/db vault"]);
        let text = "{{ lookup \"v1\" \"Secret\" .Release.Namespace (include \"x\" .) }}";
        assert_eq!(seen("templates/_x.tpl", text), [""; 0]);
    }

    #[test]
    fn lookups_of_ansible() {
        for (term, wanted) in [
            ("'community.hashi_vault.hashi_vault', 'secret=secret/data/db:password url=x'", "vault:secret/db#password"),
            ("'hashi_vault', 'secret/data/db:password'", "vault:secret/db#password"),
            ("'community.hashi_vault.vault_kv2_get', 'db', engine_mount_point='kv'", "vault:kv/db"),
            ("\"community.hashi_vault.vault_read\", \"database/creds/ro\"", "vault:database/creds/ro"),
            ("'amazon.aws.secretsmanager_secret', 'prod/db', region='eu-west-1'", "aws-secretsmanager:o/r:prod/db"),
            ("'amazon.aws.ssm_parameter', '/p/db'", "aws-ssm:o/r:/p/db"),
            (
                "'azure.azcollection.azure_keyvault_secret', 'db', vault_url='https://kv.vault.azure.net'",
                "azure-keyvault:kv/db",
            ),
            ("'community.general.onepassword', 'db', field='password', vault='infra'", "1password:infra/db/password"),
            ("'community.general.passwordstore', 'infra/db'", "passwordstore:o/r:infra/db"),
        ] {
            let text = format!("x: \"{{{{ lookup({term}) }}}}\"\n").replace("\\\"", "\"");
            assert_eq!(seen("group_vars/all.yml", &text), [format!("reference {wanted} vault")], "{text}");
        }
        let text = "x: \"{{ lookup('env', 'DB_PASSWORD') }} {{ lookup('env', 'HOME') }} {{ lookup('file', 'a') }}\"\n";
        assert_eq!(seen("play.yml", text), ["reference env:o/r:DB_PASSWORD unknown"]);
    }

    #[test]
    fn placeholders_of_argo_cd() {
        for (text, wanted) in [
            ("p: <path:secret/data/shop#password>", "vault:secret/shop#password"),
            ("p: <path:projects/shop/secrets/db#db#2>", "gcp-secretmanager:shop/db"),
            ("p: <path:vaults/v/items/i#password>", "1password:v/i/password"),
            ("p: <path:shop-kv#password | base64encode>", "argocd-vault-plugin:o/r:shop-kv#password"),
        ] {
            assert_eq!(seen("a.yaml", text), [format!("reference {wanted} vault")], "{text}");
        }
        for text in ["<path:x>", "<path:a/<app>#k>", "<path: x#y>"] {
            assert_eq!(seen("a.yaml", text), [""; 0], "{text}");
        }
    }
}
