//! Which environment a name or a path speaks of.

/// Folders below which a folder's or file's name is that of an environment.
const PARENTS: &[&str] = &[
    "apps",
    "cluster",
    "clusters",
    "config",
    "configs",
    "deploy",
    "deployment",
    "deployments",
    "env",
    "environment",
    "environments",
    "envs",
    "helm",
    "inventories",
    "k8s",
    "kubernetes",
    "kustomize",
    "manifests",
    "overlays",
    "stages",
    "tenants",
    "terraform",
    "values",
];

/// One of the four words of the register, from a word as people write it.
fn known(word: &str) -> Option<&'static str> {
    Some(match word {
        "production" | "prod" | "prd" | "live" => "production",
        "staging" | "stage" | "stg" | "uat" | "preprod" | "preproduction" | "pre-production" => "staging",
        "test" | "testing" | "qa" => "test",
        "development" | "develop" | "dev" => "development",
        _ => return None,
    })
}

/// An environment's name in the register's words; one of its own stays as it is.
pub(super) fn canonical(name: &str) -> String {
    known(&name.to_ascii_lowercase()).map_or_else(|| name.to_owned(), str::to_owned)
}

/// The environment that a namespace, a role or another name speaks of: one of its words says so.
pub(in crate::inventory) fn of_name(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let mut found = lower.split(['-', '_', '.', '/']).filter_map(known);
    let first = found.next()?;
    // `test-prod-copy` says nothing.
    found.all(|other| other == first).then_some(first)
}

/// The environment whose folder or file it is: `overlays/prod/`, `values-staging.yaml`, `prod/main.tf`.
pub(in crate::inventory) fn of_path(path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let stem = name.trim_start_matches('.').split_once('.').map_or(name, |(stem, _)| stem);
    let mut parent = "";
    let mut found = None;
    for folder in folders.split('/') {
        if let Some(environment) = known(folder)
            && (PARENTS.contains(&parent) || matches!(folder, "production" | "prod" | "staging"))
        {
            found = Some(environment);
        }
        parent = folder;
    }
    // `values-prod.yaml`, `docker-compose.prod.yml`, `overlays/prod.yaml`.
    let settings = ["values", "config", "settings", "application", "appsettings", "docker-compose", "compose", "env"];
    let parts: Vec<&str> = name.trim_start_matches('.').split(['.', '-', '_']).collect();
    if PARENTS.contains(&parent)
        && let Some(environment) = known(stem)
    {
        return Some(environment);
    }
    if settings.iter().any(|word| stem.starts_with(word)) {
        return parts.iter().skip(1).find_map(|part| known(part)).or(found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_names_tell_environments() {
        for (path, wanted) in [
            ("deploy/overlays/prod/kustomization.yaml", Some("production")),
            ("charts/web/values-staging.yaml", Some("staging")),
            ("docker-compose.prod.yml", Some("production")),
            ("envs/qa.yaml", Some("test")),
            ("production/main.tf", Some("production")),
            (".env.development", Some("development")),
            ("test/data/x.yaml", None),
            ("dev/run.sh", None),
            ("src/live/view.ex", None),
            ("values.yaml", None),
        ] {
            assert_eq!(of_path(path), wanted, "{path}");
        }
        assert_eq!(of_name("shop-prod"), Some("production"));
        assert_eq!(of_name("shop-prod-test"), None);
        assert_eq!(of_name("reproduction"), None);
        assert_eq!(
            (canonical("Prod"), canonical("github-pages")),
            ("production".to_owned(), "github-pages".to_owned())
        );
    }
}
