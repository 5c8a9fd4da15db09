//! Spring's settings: what Spring Cloud Vault reads and how it logs in, imports of Vault and Key Vault
//! (<https://docs.spring.io/spring-cloud-vault/reference/>, <https://learn.microsoft.com/azure/developer/java/spring-framework/>).

use std::collections::BTreeMap;

use super::spot::Spot;
use super::{File, Out, vaults};
use crate::format::Data;
use crate::format::tree::{Node, Value};

/// True for `application.yml`, `bootstrap-prod.properties` and the like.
pub(super) fn wants(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let settings = name.starts_with("application") || name.starts_with("bootstrap");
    settings && [".yml", ".yaml", ".properties"].iter().any(|end| name.ends_with(end))
}

/// A setting by its key with dots, and where its value stands.
type Setting = (String, String, usize);

pub(super) fn read(file: &File<'_>, out: &mut Out) {
    if memchr::memmem::find(file.bytes, b"vault").is_none() {
        return;
    }
    let mut settings = Vec::new();
    match file.trees() {
        Some((Data::Yaml, documents)) => documents.iter().for_each(|document| flat(file, document, "", &mut settings)),
        _ => lines(file, &mut settings),
    }
    let mut own = None;
    for (key, value, at) in &settings {
        if key == "spring.config.import" || key.starts_with("spring.config.import.") {
            for part in value.split([',', ';']) {
                let part = part.trim().trim_start_matches("optional:");
                if let Some(path) = part.strip_prefix("vault://") {
                    let path = path.split('?').next().unwrap_or(path);
                    // Nothing behind it: the application's own context.
                    own = own.or(path.is_empty().then_some(*at));
                    vaults::secret(&Spot::new(file, *at).means("imported by Spring"), out, path, None);
                }
            }
        }
    }
    vault(file, &settings, own, out);
}

/// Engines that make logins, each with settings of its own; the mount has the engine's name where they do not say.
const ENGINES: &[&str] = &[
    "aws",
    "cassandra",
    "consul",
    "couchbase",
    "database",
    "elasticsearch",
    "mongodb",
    "mysql",
    "postgresql",
    "rabbitmq",
];

/// `spring.cloud.vault`: the context of the application in the key-value engine, the role it logs in with, and those of logins
/// that are made for it. `own` is where the application's own context is imported.
fn vault(file: &File<'_>, settings: &[Setting], own: Option<usize>, out: &mut Out) {
    let mut index = BTreeMap::new();
    for setting in settings {
        if let Some(key) = setting.0.strip_prefix("spring.cloud.vault.") {
            index.entry(key).or_insert(setting);
        }
    }
    let of = |key: &str| index.get(key).copied();
    if let Some((_, role, at)) = of("kubernetes.role").or_else(|| of("aws-iam.role")).or_else(|| of("gcp-iam.role")) {
        let method = of("kubernetes.kubernetes-path").map_or("kubernetes", |(_, path, _)| path.as_str());
        vaults::role(&Spot::new(file, *at).means("login of Spring Cloud Vault"), out, method, role);
    }
    let named = settings.iter().find(|(key, ..)| key == "spring.application.name");
    let named = named.zip(own).map(|((_, name, _), at)| (name, at));
    let context = of("kv.application-name").or_else(|| of("generic.application-name"));
    if let Some((context, at)) = context.map(|(_, context, at)| (context, *at)).or(named) {
        let backend = of("kv.backend").or_else(|| of("generic.backend")).map_or("secret", |(_, name, _)| name.as_str());
        let spot = Spot::new(file, at).means("context of Spring Cloud Vault");
        for context in context.split(',') {
            vaults::secret(&spot, out, &format!("{backend}/{}", context.trim()), None);
        }
    }
    for (key, role, at) in settings {
        let Some(engine) = key.strip_prefix("spring.cloud.vault.").and_then(|key| key.strip_suffix(".role")) else {
            continue;
        };
        // One of several databases.
        let several = engine.starts_with("databases.");
        if several || ENGINES.contains(&engine) {
            let backend = of(&format!("{engine}.backend")).map(|(_, name, _)| name.as_str());
            let backend = backend.unwrap_or(if several { "database" } else { engine });
            let spot = Spot::new(file, *at).means("role of Spring Cloud Vault");
            vaults::secret(&spot, out, &format!("{backend}/creds/{role}"), None);
        }
    }
}

/// The scalars below a node by their keys with dots; items of a list by their index.
fn flat(file: &File<'_>, node: &Node, key: &str, out: &mut Vec<Setting>) {
    let under = |part: &str| if key.is_empty() { part.to_owned() } else { format!("{key}.{part}") };
    match &node.value {
        Value::Scalar(_) => {
            out.extend(node.text(file.bytes).map(|text| (key.to_owned(), text.into_owned(), node.place.start)));
        }
        Value::Map(pairs) => pairs.iter().for_each(|pair| flat(file, &pair.value, &under(&pair.key), out)),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| flat(file, item, &under(&index.to_string()), out));
        }
        Value::Empty => {}
    }
}

/// `key=value` and `key: value` line by line.
fn lines(file: &File<'_>, out: &mut Vec<Setting>) {
    let mut at = 0;
    for line in file.bytes.split(|&byte| byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        if let Some((key, value)) = text.split_once(['=', ':']).filter(|(key, _)| !key.trim_start().starts_with('#')) {
            out.push((key.trim().replace(['[', ']'], "."), value.trim().to_owned(), at));
        }
        at += line.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;

    #[test]
    fn what_spring_cloud_vault_reads() {
        let yaml = "spring:\n  config:\n    import: optional:vault://kv/shop\n  cloud:\n    vault:\n      kubernetes:\n        role: shop\n      \
                    kv:\n        backend: kv\n        application-name: shop,mail\n";
        let wanted = [
            "reference vault:auth/kubernetes/role/shop federated",
            "reference vault:kv/mail vault",
            "reference vault:kv/shop vault",
        ];
        assert_eq!(seen("src/main/resources/application.yml", yaml), wanted);
        let properties = "# spring.cloud.vault.kubernetes.role=no\nspring.config.import=vault://kv/shop\n\
                          spring.cloud.vault.kubernetes.role=shop\nspring.cloud.vault.kv.backend=kv\n\
                          spring.cloud.vault.kv.application-name=shop,mail\n";
        assert_eq!(seen("bootstrap.properties", properties), wanted);
        let properties = "spring.application.name=shop\nspring.config.import=optional:vault://\n\
                          spring.cloud.vault.databases.mysql.role=ro\nspring.cloud.vault.rabbitmq.role=bus\n";
        assert_eq!(
            seen("application.properties", properties),
            [
                "reference vault:database/creds/ro vault",
                "reference vault:rabbitmq/creds/bus vault",
                "reference vault:secret/shop vault"
            ]
        );
        let computed = "spring:\n  config:\n    import: vault://\n  cloud:\n    vault:\n      kubernetes:\n        role: ${ROLE}\n";
        assert_eq!(seen("application.yml", computed), [""; 0]);
    }
}
