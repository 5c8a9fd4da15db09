//! Templates of chezmoi: functions that ask a password manager
//! (<https://www.chezmoi.io/reference/templates/functions/> and the pages of each manager).

use super::spot::{Spot, finds, is_name};
use super::{File, Out, aws, azure, managers, vaults};
use crate::inventory::kind::{Mode, StorageState};

/// Functions whose first argument is an entry's name, with the manager they ask.
const ENTRIES: &[(&str, &str)] = &[
    ("bitwarden", "Bitwarden"),
    ("bitwardenAttachment", "Bitwarden"),
    ("bitwardenAttachmentByRef", "Bitwarden"),
    ("bitwardenFields", "Bitwarden"),
    ("dashlaneNote", "Dashlane"),
    ("dashlanePassword", "Dashlane"),
    ("gopass", "gopass"),
    ("gopassCat", "gopass"),
    ("gopassRaw", "gopass"),
    ("keepassxc", "KeePassXC"),
    ("keepassxcAttachment", "KeePassXC"),
    ("keepassxcAttribute", "KeePassXC"),
    ("keeper", "Keeper"),
    ("keeperDataFields", "Keeper"),
    ("keeperFindPassword", "Keeper"),
    ("keyring", "keyring"),
    ("lastpass", "LastPass"),
    ("lastpassRaw", "LastPass"),
    ("onepassword", "1Password"),
    ("onepasswordDetailsFields", "1Password"),
    ("onepasswordDocument", "1Password"),
    ("onepasswordItemFields", "1Password"),
    ("pass", "pass"),
    ("passFields", "pass"),
    ("passhole", "passhole"),
    ("passRaw", "pass"),
    ("rbw", "Bitwarden"),
    ("rbwFields", "Bitwarden"),
];

/// True for templates; other tools' files of the ending have none of the functions.
pub(super) fn wants(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "tmpl")
}

/// Longer actions are none.
const LONGEST: usize = 1024;

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    for at in finds(file.bytes, &(0..file.bytes.len()), b"{{") {
        let rest = file.bytes.get(at + 2..).unwrap_or_default();
        let rest = &rest[..rest.len().min(LONGEST)];
        let Some(end) = memchr::memmem::find(rest, b"}}") else { continue };
        let Ok(action) = std::str::from_utf8(&rest[..end]) else { continue };
        let words = words(action);
        for (index, word) in words.iter().enumerate() {
            let arguments: Vec<&str> = words[index + 1..].iter().map_while(|word| quoted(word)).collect();
            if let Some(first) = arguments.first() {
                let spot = Spot::new(file, at).means(format!("{word} of chezmoi"));
                one(&spot, word, first, &arguments, out);
            }
        }
    }
}

fn one(spot: &Spot<'_>, function: &str, first: &str, arguments: &[&str], out: &mut Out) {
    match (function, arguments) {
        ("vault", _) => drop(vaults::secret(spot, out, first, None)),
        ("awsSecretsManager" | "awsSecretsManagerRaw", _) => drop(aws::secret(spot, out, first, None)),
        ("azureKeyVault", [name, vault, ..]) => drop(azure::secret(spot, out, vault, name)),
        ("azureKeyVault", [name]) => drop(azure::secret_somewhere(spot, out, name)),
        ("doppler", [_, project, config, ..]) | ("dopplerProjectJson", [project, config, ..]) => {
            managers::doppler(spot, out, project, config);
        }
        ("bitwardenSecrets", _) if is_name(first) => {
            let told = spot.named(out, format!("bitwarden:{first}"), StorageState::Vault, first, None);
            told.kept("Bitwarden Secrets Manager", first).mode(Mode::Static);
        }
        _ => {
            let Some((_, manager)) = ENTRIES.iter().find(|(name, _)| *name == function) else { return };
            // Bitwarden's first argument is the type where a second one follows.
            let entry = if function.starts_with("bitwarden") { arguments.get(1).unwrap_or(&first) } else { first };
            let repository = spot.file.repository;
            let told = spot.named(
                out,
                format!("{manager}:{repository}:{entry}").to_ascii_lowercase(),
                StorageState::Vault,
                entry,
                None,
            );
            told.kept(manager, entry).mode(Mode::Static);
        }
    }
}

/// The words of an action: brackets and pipes part them, quotes hold them together.
fn words(action: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), 0, None);
    for (at, c) in action.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '`') => quote = Some(c),
            None if c.is_whitespace() || matches!(c, '(' | ')' | '|') => {
                words.push(&action[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    words.push(&action[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// The text of a literal.
fn quoted(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.or_else(|| word.strip_prefix('`').and_then(|text| text.strip_suffix('`'))).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;

    #[test]
    fn functions_of_templates() {
        for (text, wanted) in [
            ("t = {{ (bitwarden \"item\" \"GitHub token\").login.password }}", "bitwarden:o/r:github token"),
            ("t = {{ pass \"misc/token\" | quote }}", "pass:o/r:misc/token"),
            ("{{- with vault \"secret/data/app\" -}}x{{ end }}", "vault:secret/app"),
            ("{{ (awsSecretsManager \"prod/db\").password }}", "aws-secretsmanager:o/r:prod/db"),
            ("{{ azureKeyVault \"db\" \"shop-kv\" }}", "azure-keyvault:shop-kv/db"),
            ("{{ doppler \"TOKEN\" \"shop\" \"prd\" }}", "doppler:shop/prd"),
            ("{{ keyring \"github\" .user }}", "keyring:o/r:github"),
            ("{{ onepasswordRead \"op://Private/GitHub/token\" }}", "1password:Private/GitHub/token"),
        ] {
            assert_eq!(seen("dot_netrc.tmpl", text), [format!("reference {wanted} vault")], "{text}");
        }
        for text in ["{{ .chezmoi.hostname }}", "{{ pass .name }}", "{{ printf \"%s\" \"x\" }}", "{{ pass \"x\""] {
            assert_eq!(seen("dot_netrc.tmpl", text), [""; 0], "{text}");
        }
    }
}
