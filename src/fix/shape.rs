//! References to a secret, by language and format.

use super::{Edit, Place};

/// How a file refers to a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// Code: a quoted text becomes an expression. The two parts stand before and behind the name.
    Code(&'static str, &'static str),
    /// Shell: `${NAME:?}`.
    Shell,
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Azure Pipelines.
    Azure,
    /// Compose files.
    Compose,
    /// Kubernetes manifests.
    Kubernetes,
    /// Dockerfiles.
    Dockerfile,
    /// Terraform.
    Terraform,
    /// Spring's properties.
    Properties,
    /// Environment files.
    Dotenv,
    /// Formats that refer to nothing.
    Other,
}

impl Shape {
    pub(super) fn of(path: &str) -> Self {
        let lower = path.to_ascii_lowercase();
        let name = lower.rsplit('/').next().unwrap_or(&lower);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let yaml = matches!(extension, "yml" | "yaml");
        let folder = |part: &str| lower.split('/').any(|own| own == part);
        match extension {
            "py" | "pyi" => return Self::Code("os.environ[\"", "\"]"),
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "tsx" | "vue" | "svelte" => {
                return Self::Code("process.env.", "");
            }
            "rb" | "rake" => return Self::Code("ENV.fetch(\"", "\")"),
            "go" => return Self::Code("os.Getenv(\"", "\")"),
            "java" | "kt" | "kts" | "scala" | "groovy" | "gradle" => return Self::Code("System.getenv(\"", "\")"),
            "php" => return Self::Code("getenv('", "')"),
            "cs" => return Self::Code("Environment.GetEnvironmentVariable(\"", "\")"),
            "rs" => return Self::Code(concat!("std::", "env::var(\""), "\").unwrap_or_default()"),
            "ex" | "exs" => return Self::Code("System.fetch_env!(\"", "\")"),
            "swift" => return Self::Code("(ProcessInfo.processInfo.environment[\"", "\"] ?? \"\")"),
            "pl" | "pm" => return Self::Code("$ENV{", "}"),
            "r" => return Self::Code("Sys.getenv(\"", "\")"),
            "ps1" | "psm1" => return Self::Code("$env:", ""),
            "dart" => return Self::Code("const String.fromEnvironment('", "')"),
            "c" | "cc" | "cpp" | "h" | "hpp" => return Self::Code("getenv(\"", "\")"),
            "lua" => return Self::Code("os.getenv(\"", "\")"),
            "sh" | "bash" | "zsh" | "ksh" | "bats" => return Self::Shell,
            "tf" | "tfvars" | "hcl" => return Self::Terraform,
            "properties" => return Self::Properties,
            _ => {}
        }
        if name.starts_with("dockerfile") || name.starts_with("containerfile") || extension == "dockerfile" {
            Self::Dockerfile
        } else if name == ".env" || name.starts_with(".env.") || extension == "env" {
            Self::Dotenv
        } else if yaml && lower.contains(".github/") {
            Self::Github
        } else if yaml && name.starts_with(".gitlab-ci") {
            Self::Gitlab
        } else if yaml && name.starts_with("azure-pipelines") {
            Self::Azure
        } else if yaml && (name.starts_with("docker-compose") || name.starts_with("compose.")) {
            Self::Compose
        } else if yaml
            && ["k8s", "kubernetes", "manifests", "kustomize", "base", "overlays"].iter().any(|part| folder(part))
        {
            Self::Kubernetes
        } else {
            Self::Other
        }
    }

    /// What to do besides the edit.
    pub(super) fn advice(self, name: &str) -> String {
        let dashed = name.to_lowercase().replace('_', "-");
        match self {
            Self::Code(..) | Self::Shell => format!("give the process {name} in its environment, from the vault"),
            Self::Github => format!("add {name} under Settings, Secrets and variables, Actions"),
            Self::Gitlab => format!("add {name} under Settings, CI/CD, Variables: masked, protected"),
            Self::Azure => format!("add {name} as a secret variable of the pipeline or of a variable group"),
            Self::Compose => format!("give {name} to compose in the environment, or use its `secrets:`"),
            Self::Kubernetes => format!("put the value into a Secret `{dashed}`, key `{name}`, made by an operator or sealed"),
            Self::Dockerfile => format!(
                "build with `docker build --secret id={dashed},env={name}`; a value in ENV or ARG stays in the image"
            ),
            Self::Terraform => format!("declare `variable \"{}\" {{ type = string, sensitive = true }}`, or read it from the vault by a data source", name.to_lowercase()),
            Self::Properties => format!("give the process {name} in its environment"),
            Self::Dotenv => "take the file out of git (`git rm --cached`), put it into .gitignore, and keep an example without values".to_owned(),
            Self::Other => format!("keep the value in the vault, and have what reads this file take it from there ({name})"),
        }
    }

    pub(super) fn edit(self, place: &Place<'_>, name: &str) -> Option<Edit> {
        let dashed = name.to_lowercase().replace('_', "-");
        let new = match self {
            Self::Code(before, behind) => vec![place.unquoted(&format!("{before}{name}{behind}"))?],
            Self::Shell => vec![place.with(&format!("${{{name}:?}}"), "'")?],
            Self::Github => vec![place.with(&format!("${{{{ secrets.{name} }}}}"), "")?],
            Self::Gitlab => vec![place.with(&format!("${name}"), "")?],
            Self::Azure => vec![place.with(&format!("$({name})"), "")?],
            Self::Compose => vec![place.with(&format!("${{{name}:?}}"), "")?],
            Self::Properties => vec![place.with(&format!("${{{name}}}"), "")?],
            Self::Dotenv => vec![place.with("", "")?],
            Self::Kubernetes => place.secret_key_ref(&dashed, name)?,
            Self::Dockerfile => place.dockerfile(&dashed, name)?,
            Self::Terraform => vec![place.unquoted(&format!("var.{}", name.to_lowercase()))?],
            Self::Other => return None,
        };
        Some(Edit { line: place.number, new })
    }
}

impl Place<'_> {
    fn before(&self) -> &str {
        &self.line[..self.start]
    }

    fn behind(&self) -> &str {
        &self.line[self.end..]
    }

    /// The reference where the value stood, quotes kept; `None` behind a quote that would keep it from being one.
    fn with(&self, reference: &str, deaf: &str) -> Option<String> {
        let (mut before, mut behind) = (self.before().to_owned(), self.behind().to_owned());
        if !deaf.is_empty() && before.ends_with(deaf) && behind.starts_with(deaf) {
            before = format!("{}\"", &before[..before.len() - deaf.len()]);
            behind = format!("\"{}", &behind[deaf.len()..]);
        }
        // Text in the same single quotes further off would stay deaf.
        let open = !deaf.is_empty() && before.matches(deaf).count() % 2 == 1;
        if open { None } else { Some(format!("{before}{reference}{behind}")) }
    }

    /// The expression where the whole quoted text stood.
    fn unquoted(&self, expression: &str) -> Option<String> {
        let quote = self.before().chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let behind = self.behind().strip_prefix(quote)?;
        let before = &self.before()[..self.start - quote.len_utf8()];
        // A prefix (`b"`, `f"`, `@"`) or a longer quote makes another kind of text.
        let plain = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != quote && c != '@');
        (plain && !behind.starts_with(quote)).then(|| format!("{before}{expression}{behind}"))
    }

    /// `value: x` of a container's environment as a reference to a Secret.
    fn secret_key_ref(&self, secret: &str, key: &str) -> Option<Vec<String>> {
        let before = self.before().trim_end_matches(['"', '\'']);
        let indent = before.strip_suffix("value: ")?;
        let rest = self.behind().trim_start_matches(['"', '\'']).trim();
        if !indent.trim().is_empty() || !(rest.is_empty() || rest.starts_with('#')) {
            return None;
        }
        Some(vec![
            format!("{indent}valueFrom:"),
            format!("{indent}  secretKeyRef:"),
            format!("{indent}    name: {secret}"),
            format!("{indent}    key: {key}"),
        ])
    }

    /// A RUN that needs the value mounts it; ENV and ARG lines of it go.
    fn dockerfile(&self, id: &str, name: &str) -> Option<Vec<String>> {
        let trimmed = self.line.trim_start();
        let indent = &self.line[..self.line.len() - trimmed.len()];
        let word = trimmed.split_whitespace().next()?.to_ascii_uppercase();
        match word.as_str() {
            "RUN" if !trimmed.contains("--mount=type=secret") => {
                let replaced = self.with(&format!("${{{name}}}"), "'")?;
                let rest = replaced.trim_start().get(4..)?.trim_start().to_owned();
                Some(vec![format!("{indent}RUN --mount=type=secret,id={id},env={name} {rest}")])
            }
            // One assignment on the line, so nothing else is lost with it.
            "ENV" | "ARG" if trimmed.matches('=').count() <= 1 && !trimmed.ends_with('\\') => {
                Some(vec![format!("{indent}# {name}: RUN --mount=type=secret,id={id},env={name} where it is needed")])
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that replace the one in which `@` stands for the value.
    fn edited(path: &str, line: &str) -> Option<Vec<String>> {
        let start = line.find('@').unwrap();
        let place = Place { number: 0, line, start, end: start + 1 };
        Shape::of(path).edit(&place, "DB_PASSWORD").map(|edit| edit.new)
    }

    fn one(path: &str, line: &str) -> String {
        edited(path, line).map_or_else(String::new, |lines| lines.join("|"))
    }

    #[test]
    fn every_shape_is_that_of_its_file() {
        for (path, line, new) in [
            ("a.py", "x = '@'  # why", "x = os.environ[\"DB_PASSWORD\"]  # why"),
            ("a.ts", "f(`@`, 1)", "f(process.env.DB_PASSWORD, 1)"),
            ("a.go", "x := \"@\"", "x := os.Getenv(\"DB_PASSWORD\")"),
            ("a.sh", "curl -u 'x:@'", ""),
            ("a.sh", "P='@'", "P=\"${DB_PASSWORD:?}\""),
            ("a.sh", "P=@", "P=${DB_PASSWORD:?}"),
            (".github/workflows/ci.yml", "  p: \"@\"", "  p: \"${{ secrets.DB_PASSWORD }}\""),
            (".gitlab-ci.yml", "  P: @", "  P: $DB_PASSWORD"),
            ("compose.yaml", "  - P=@", "  - P=${DB_PASSWORD:?}"),
            ("main.tf", "  password = \"@\"", "  password = var.db_password"),
            (
                "k8s/a.yaml",
                "          value: \"@\"",
                "          valueFrom:|            secretKeyRef:|              name: db-password|              key: DB_PASSWORD",
            ),
            (
                "Dockerfile",
                "RUN curl -u a:@ b",
                "RUN --mount=type=secret,id=db-password,env=DB_PASSWORD curl -u a:${DB_PASSWORD} b",
            ),
            (
                "Dockerfile",
                "ENV P=@",
                "# DB_PASSWORD: RUN --mount=type=secret,id=db-password,env=DB_PASSWORD where it is needed",
            ),
            (".env", "P=@", "P="),
            ("a.properties", "p=@", "p=${DB_PASSWORD}"),
        ] {
            assert_eq!(one(path, line), new, "{path}: {line}");
        }
    }

    #[test]
    fn what_is_not_sure_is_left_alone() {
        for (path, line) in [
            ("a.py", "x = f'@'"),
            ("a.py", "x = 'user:@'"),
            ("a.py", "x = '''@'''"),
            ("a.json", "\"p\": \"@\""),
            ("k8s/a.yaml", "password: @"),
            ("Dockerfile", "ENV A=1 P=@"),
        ] {
            assert_eq!(edited(path, line), None, "{path}: {line}");
        }
    }
}
