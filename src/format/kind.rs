//! What kind of file a name announces.

/// How text of a file is to be read where no parser is at work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// Source code: an unquoted value is an expression, not a literal.
    Code,
    /// Settings: an unquoted value is the value.
    Config,
    /// Shell and its relatives: unquoted values are values, `$` begins a reference.
    Shell,
    /// XML, HTML and templates.
    Markup,
    /// JSON, notebooks, state files: values are quoted.
    Data,
    /// Prose: documentation, change logs.
    Prose,
    /// Translations of a user interface: the value of `password` is a word for it.
    Translation,
    /// Stylesheets, checksums, lock files, lists of hashes: values that look random are no credentials.
    Digest,
    /// Nothing known.
    Other,
}

impl FileKind {
    /// From the shown path of a file, `/` between its parts.
    pub fn of(path: &str) -> Self {
        Self::of_lower(&path.to_ascii_lowercase())
    }

    /// The same from the path in lower case.
    pub(super) fn of_lower(lower: &str) -> Self {
        let name = last_part(lower);
        if let Some(kind) = by_name(name) {
            return kind;
        }
        let kind = by_extension(extension(name));
        if matches!(kind, Self::Data | Self::Config | Self::Other) && is_translation(lower, name) {
            return Self::Translation;
        }
        kind
    }
}

/// The last part of a path.
pub(super) fn last_part(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).and_then(|at| path.get(at + 1..)).unwrap_or(path)
}

/// True for a path that goes through a folder, of which the name is given with a `/` behind it.
pub(super) fn has_folder(path: &str, folder: &str) -> bool {
    let (path, folder) = (path.as_bytes(), folder.as_bytes());
    path.starts_with(folder) || memchr::memchr_iter(b'/', path).any(|at| path[at + 1..].starts_with(folder))
}

/// What follows the last dot of a name; nothing where there is none.
pub(super) fn extension(name: &str) -> &str {
    memchr::memrchr(b'.', name.as_bytes()).and_then(|at| name.get(at + 1..)).unwrap_or("")
}

/// True for files that a machine uses as they are: environment files, compose files, pipelines, infrastructure code, dot
/// files, an application's own configuration. A weak password in one of them is a password, not a sample.
pub fn is_deployed(path: &str) -> bool {
    is_deployed_lower(&path.to_ascii_lowercase())
}

/// The same from the path in lower case.
pub(super) fn is_deployed_lower(lower: &str) -> bool {
    let name = last_part(lower);
    let stem = name.split('.').next().unwrap_or(name);
    let folder = lower.strip_suffix(name).unwrap_or("");
    let extension = extension(name);
    name.starts_with('.')
        || matches!(extension, "env" | "tf" | "tfvars" | "tfstate" | "ini" | "ovpn" | "rdp")
        || matches!(
            stem,
            "dockerfile"
                | "containerfile"
                | "docker-compose"
                | "compose"
                | "jenkinsfile"
                | "wp-config"
                | "sftp-config"
                | "credentials"
        )
        || matches!(stem, "application" | "appsettings" | "bootstrap")
            && matches!(extension, "properties" | "yml" | "yaml" | "json")
        || matches!(
            stem,
            "settings"
                | "config"
                | "configuration"
                | "database"
                | "mongoid"
                | "secrets"
                | "values"
                | "local_settings"
                | "deployment-config"
                | "parameters"
        ) && matches!(
            extension,
            "py" | "php" | "rb" | "yml" | "yaml" | "json" | "properties" | "toml" | "cfg" | "conf" | "inc"
        )
        || stem.contains("compose") && matches!(extension, "yml" | "yaml")
        || memchr::memmem::find(folder.as_bytes(), b".github/workflows/").is_some()
        || folder.ends_with("/k8s/")
        || folder.starts_with("k8s/")
}

fn by_name(name: &str) -> Option<FileKind> {
    let stem = name.split('.').next().unwrap_or(name);
    Some(match name {
        "package-lock.json" | "yarn.lock" | "pnpm-lock.yaml" | "cargo.lock" | "poetry.lock" | "composer.lock"
        | "gemfile.lock" | "go.sum" | "flake.lock" | "packages.lock.json" | "pipfile.lock" | "bun.lock"
        | "mix.lock" | "uv.lock" | "package.resolved" | "podfile.lock" | ".secrets.baseline" | ".cache_ggshield" => {
            FileKind::Digest
        }
        "makefile" | "gnumakefile" | "justfile" | ".bashrc" | ".bash_profile" | ".profile" | ".zshrc"
        | ".bash_history" | ".zsh_history" | ".envrc" => FileKind::Shell,
        "jenkinsfile" | "vagrantfile" | "rakefile" | "gemfile" | "podfile" | "fastfile" => FileKind::Code,
        "changelog" | "readme" | "license" | "copying" | "authors" | "news" => FileKind::Prose,
        ".npmrc" | ".netrc" | "_netrc" | ".pgpass" | ".pypirc" | "credentials" | ".htpasswd" | ".my.cnf" | ".s3cfg"
        | ".esmtprc" | ".env" | "shadow" | "passwd" | ".git-credentials" | ".boto" => FileKind::Config,
        _ if stem == "dockerfile" || stem == "containerfile" || name.ends_with(".dockerfile") => FileKind::Shell,
        _ if name.starts_with(".env") || extension(name) == "env" => FileKind::Config,
        _ => return None,
    })
}

fn by_extension(extension: &str) -> FileKind {
    match extension {
        "rs" | "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "m" | "mm" | "go" | "py" | "pyi" | "pyx"
        | "rb" | "erb" | "php" | "java" | "kt" | "kts" | "scala" | "sbt" | "groovy" | "gradle" | "js" | "jsx"
        | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "vue" | "svelte" | "cs" | "fs" | "vb" | "swift" | "dart" | "ex"
        | "exs" | "erl" | "hs" | "lua" | "pl" | "pm" | "r" | "jl" | "clj" | "ml" | "sol" | "nim" | "zig" | "d"
        | "pas" | "f90" | "s" | "asm" | "proto" | "graphql" | "libsonnet" | "jsonnet" | "coffee" | "cls"
        | "trigger" | "cmake" | "sv" | "v" | "dts" | "dtsi" | "cshtml" | "razor" | "jsp" | "sql" | "ipynb"
        | "bicep" | "rego" | "tf" | "hcl" | "nix" => FileKind::Code,
        "env" | "properties" | "ini" | "cfg" | "conf" | "config" | "cnf" | "toml" | "yml" | "yaml" | "tfvars"
        | "prefs" | "reg" | "rsp" | "j2" | "template" | "tpl" | "tmpl" | "example" | "sample" | "dist" | "default"
        | "service" | "inf" | "editorconfig" | "npmrc" | "key" | "pem" | "eyaml" | "sls" | "pp" | "ovpn" | "rdp" => {
            FileKind::Config
        }
        "sh" | "bash" | "zsh" | "fish" | "ksh" | "ps1" | "psm1" | "psd1" | "bat" | "cmd" | "mk" | "mak" => {
            FileKind::Shell
        }
        "xml" | "html" | "htm" | "xhtml" | "svg" | "xaml" | "axaml" | "plist" | "csproj" | "vbproj" | "props"
        | "targets" | "resx" | "wsdl" | "xsd" | "storyboard" | "xib" | "pom" | "jelly" | "dbk" => FileKind::Markup,
        "json" | "json5" | "jsonc" | "tfstate" | "har" | "ndjson" | "jsonl" | "geojson" | "avsc" | "webmanifest"
        | "map" => FileKind::Data,
        "md" | "markdown" | "rst" | "txt" | "adoc" | "asciidoc" | "tex" | "org" | "textile" | "wiki" | "pod"
        | "log" | "csv" | "tsv" | "mdx" => FileKind::Prose,
        "po" | "pot" | "xlf" | "xliff" | "strings" | "arb" | "lang" | "ftl" => FileKind::Translation,
        "css" | "scss" | "sass" | "less" | "lock" | "sum" | "md5" | "sha1" | "sha256" | "sha512" | "asc" | "sig"
        | "snap" => FileKind::Digest,
        _ => FileKind::Other,
    }
}

/// Folders and names in which a user interface's texts are kept.
fn is_translation(lower: &str, name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let folder = lower.split('/').rev().skip(1);
    folder.take(3).any(|part| {
        matches!(part, "locale" | "locales" | "i18n" | "l10n" | "lang" | "langs" | "translations" | "_locales")
    }) || (stem.len() == 5 && stem.as_bytes().get(2).is_some_and(|byte| matches!(byte, b'-' | b'_')))
        || stem == "messages"
        || stem.starts_with("messages_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_files_are() {
        for (path, kind) in [
            ("src/main.rs", FileKind::Code),
            ("deploy/.env.production", FileKind::Config),
            ("Dockerfile.web", FileKind::Shell),
            ("locale/de/messages.json", FileKind::Translation),
            ("app/values.yaml", FileKind::Config),
            ("go.sum", FileKind::Digest),
            ("notes", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(path), kind, "{path}");
        }
    }
}
