//! Names of credentials that code reads from its environment: who consumes them, wherever they are kept.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{File, Out, names};
use crate::format::FileKind;
use crate::inventory::kind::{Field, FingerprintKind, Kind, Source, StorageState};

/// Longer names are none.
const MAX_NAME: usize = 80;

/// What stands between the words of a call and the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The name in quotes: `getenv("X")`, `ENV['X']`; `getenv().get("X")` too.
    Quoted,
    /// The same, with a word that stands for much else: the name has to be in capitals.
    Capitals,
    /// An index or a look-up follows: `os.environ["X"]`, `os.environ.get("X")`.
    Lookup,
    /// The name itself: `process.env.X`.
    Bare,
}

/// How languages and their libraries read the environment.
const READS: &[(&str, Form)] = &[
    ("os.environ", Form::Lookup),
    ("getenv(", Form::Quoted),
    ("Getenv(", Form::Quoted),
    ("LookupEnv(", Form::Quoted),
    ("GetEnvironmentVariable(", Form::Quoted),
    ("process.env.", Form::Bare),
    ("process.env[", Form::Quoted),
    ("import.meta.env.", Form::Bare),
    ("Deno.env.get(", Form::Quoted),
    ("Bun.env.", Form::Bare),
    ("ENV[", Form::Quoted),
    ("ENV.fetch(", Form::Quoted),
    ("$ENV{", Form::Bare),
    ("$ENV{'", Form::Bare),
    ("$_ENV[", Form::Quoted),
    ("$env:", Form::Bare),
    ("env::var(", Form::Quoted),
    ("env::var_os(", Form::Quoted),
    ("env!(", Form::Quoted),
    ("System.get_env(", Form::Quoted),
    ("System.fetch_env!(", Form::Quoted),
    ("Platform.environment[", Form::Quoted),
    (".environment[", Form::Capitals),
    ("env(", Form::Capitals),
    ("env.str(", Form::Capitals),
    ("viper.GetString(", Form::Quoted),
    ("@Value(\"${", Form::Bare),
];

/// True for code, for settings that take values from the environment, and for models of environment files.
pub(super) fn wants(path: &str) -> bool {
    let own = !THIRD_PARTY.iter().any(|part| path.contains(part));
    own && (FileKind::of(path) == FileKind::Code || is_shell(path) || is_filled(path) || is_model(path))
}

/// Parts of the paths of other people's code, which is no consumer of this repository's.
const THIRD_PARTY: &[&str] = &["node_modules/", "vendor/", ".yarn/", "site-packages/", ".min.js", ".bundle.js"];

/// PowerShell reads its environment by a notation of its own.
fn is_shell(path: &str) -> bool {
    [".ps1", ".psm1"].iter().any(|end| path.to_ascii_lowercase().ends_with(end))
}

/// Compose files, and the settings of Spring: `${X}` is the environment's.
fn is_filled(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let spring = stem.starts_with("application") || stem.starts_with("bootstrap");
    match extension {
        "yml" | "yaml" => spring || stem.contains("compose"),
        "properties" | "conf" => spring,
        _ => false,
    }
}

/// `.env.example` and the like.
fn is_model(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let parts = || name.split(['.', '-', '_']);
    parts().any(|part| part == "env" || part == "dotenv")
        && parts().any(|part| matches!(part, "example" | "sample" | "template" | "dist" | "tpl" | "defaults"))
}

/// Reads a file by what it is.
pub(super) fn read(file: &File<'_>, out: &mut Out) {
    if is_model(file.path) {
        keys(file, out);
    } else if is_filled(file.path) {
        for at in memchr::memmem::find_iter(file.bytes, b"${") {
            let start = at + 2 + usize::from(file.bytes.get(at + 2) == Some(&b'?'));
            // A reference to another setting is in lower case.
            if let Some(name) = word(file.bytes, start).filter(|name| in_capitals(name)) {
                note(file, at, name, "taken from the environment", out);
            }
        }
    } else {
        calls(file, out);
    }
}

/// Reads `NAME=` line by line.
fn keys(file: &File<'_>, out: &mut Out) {
    let mut at = 0;
    for line in file.bytes.split(|&byte| byte == b'\n') {
        let text = line.trim_ascii_start();
        let text = text.strip_prefix(b"export ").unwrap_or(text);
        let start = at + (line.len() - text.len());
        if let Some(name) = word(file.bytes, start)
            && file.bytes.get(start + name.len()..).unwrap_or_default().trim_ascii_start().starts_with(b"=")
        {
            note(file, start, name, "asked for by a model of an environment file", out);
        }
        at += line.len() + 1;
    }
}

/// Reads calls that ask the environment.
fn calls(file: &File<'_>, out: &mut Out) {
    static FINDER: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let finder = FINDER.get_or_init(|| {
        let words = READS.iter().map(|(word, _)| word);
        AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words).ok()
    });
    let Some(finder) = finder else { return };
    for found in finder.find_iter(file.bytes) {
        let Some((text, form)) = READS.get(found.pattern().as_usize()) else { continue };
        let before = found.start().checked_sub(1).and_then(|at| file.bytes.get(at));
        let own = text.starts_with(['.', '$', '@']) || !before.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if !own && !matches!(*text, "getenv(" | "Getenv(") {
            continue;
        }
        let name = match form {
            Form::Bare => word(file.bytes, found.end()),
            Form::Quoted => quoted(file.bytes, found.end()),
            Form::Capitals => quoted(file.bytes, found.end()).filter(|name| in_capitals(name)),
            Form::Lookup => lookup(file.bytes, found.end()),
        };
        if let Some(name) = name {
            note(file, found.start(), name, "read from the environment", out);
        }
    }
}

fn in_capitals(name: &str) -> bool {
    name.bytes().any(|byte| byte.is_ascii_uppercase()) && !name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// The name that begins at an offset; `None` where there is none, or where it goes on as something else.
fn word(bytes: &[u8], at: usize) -> Option<&str> {
    let rest = bytes.get(at..)?;
    let length = rest.iter().take(MAX_NAME + 1).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let whole = (2..=MAX_NAME).contains(&length) && !rest.first()?.is_ascii_digit();
    std::str::from_utf8(rest.get(..length)?).ok().filter(|_| whole)
}

/// The name in the quotes that follow; an empty pair of brackets and a look-up may stand before (`getenv().get("X")`).
fn quoted(bytes: &[u8], at: usize) -> Option<&str> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(b")") {
        return lookup(bytes, at + 1);
    }
    let blanks = rest.iter().take(32).take_while(|byte| byte.is_ascii_whitespace()).count();
    let quote = *rest.get(blanks)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let start = at + blanks + 1;
    let length = bytes.get(start..)?.iter().take(MAX_NAME + 1).take_while(|byte| **byte != quote).count();
    let name = bytes.get(start..start + length)?;
    let whole = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    std::str::from_utf8(name).ok().filter(|name| whole && (2..=MAX_NAME).contains(&name.len()))
}

/// `["X"]`, `.get("X")`, `.pop("X")`, `.getOrDefault("X")`.
fn lookup(bytes: &[u8], at: usize) -> Option<&str> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(b"[") {
        return quoted(bytes, at + 1);
    }
    [&b".get("[..], b".pop(", b".setdefault(", b".getOrDefault(", b"?.get("]
        .iter()
        .find(|call| rest.starts_with(call))
        .and_then(|call| quoted(bytes, at + call.len()))
}

/// The kind of credential that a variable's name announces. The path of a kubeconfig is none.
fn kind(name: &str) -> Option<Kind> {
    let told = names::kind(name).or_else(|| names::is_credential(name).then_some(Kind::Token));
    told.filter(|_| name != "KUBECONFIG")
}

/// Notes a name that is taken from the environment, where it is that of a credential.
pub(super) fn note(file: &File<'_>, at: usize, name: &str, what: &str, out: &mut Out) {
    let Some(kind) = kind(name) else { return };
    let fingerprint = format!("env:{}:{name}", file.repository);
    let meaning = Some(what.to_owned());
    let facts = out.note(file, FingerprintKind::Reference, fingerprint, StorageState::Unknown, at, meaning);
    let basis = format!("the name {name}");
    facts.claim(Field::Kind, Source::Reference, kind.name(), &basis);
    facts.claim(Field::Provider, Source::Reference, names::provider(name).unwrap_or_default(), &basis);
    facts.claim(Field::Name, Source::Reference, name, basis);
    facts.consumed(file, at, file.path);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, text: &str) -> Vec<String> {
        assert!(wants(path), "{path}");
        let file = File::new("o/r", path, text.as_bytes());
        let mut out = Out::default();
        read(&file, &mut out);
        out.into_found().into_keys().map(|subject| subject.fingerprint.replace("env:o/r:", "")).collect()
    }

    #[test]
    fn every_language_reads_its_environment() {
        for (path, text) in [
            ("a.py", "x = os.environ[\"DB_PASSWORD\"]"),
            ("a.py", "x = os.environ.get('DB_PASSWORD', '')"),
            ("a.py", "x = os.getenv(\n    \"DB_PASSWORD\")"),
            ("a.ts", "const x = process.env.DB_PASSWORD!;"),
            ("a.js", "x = process.env['DB_PASSWORD']"),
            ("a.java", "System.getenv(\"DB_PASSWORD\")"),
            ("a.kt", "System.getenv()[\"DB_PASSWORD\"]"),
            ("a.rb", "ENV['DB_PASSWORD'] || ENV.fetch('DB_PASSWORD')"),
            ("a.rs", "env::var(\"DB_PASSWORD\")?"),
            ("a.cs", "Environment.GetEnvironmentVariable(\"DB_PASSWORD\")"),
            ("a.go", "os.Getenv(\"DB_PASSWORD\")"),
            ("a.go", "v, ok := os.LookupEnv(`DB_PASSWORD`)"),
            ("a.php", "$x = env('DB_PASSWORD', null);"),
            ("a.ps1", "$x = $env:DB_PASSWORD"),
            ("a.pl", "my $x = $ENV{DB_PASSWORD};"),
            ("docker-compose.yml", "services:\n  a:\n    environment:\n      X: ${DB_PASSWORD:-x}\n"),
            ("src/main/resources/application.yml", "spring.datasource.password: ${DB_PASSWORD}"),
            (".env.example", "# a\nexport DB_PASSWORD=\nPORT=1\n"),
        ] {
            assert_eq!(names(path, text), ["DB_PASSWORD"], "{path}: {text}");
        }
    }

    #[test]
    fn only_names_of_credentials_count() {
        let text = "os.environ['PATH'] os.environ['PORT'] getenv('CACHE_KEY') getenv('PUBLIC_KEY') os.getenv(name) \
                    env('password') os.getenv('HOME') process.env.NODE_ENV process.env.RESET_PASSWORD_URL os.environ['X'";
        assert_eq!(names("a.py", text), Vec::<String>::new());
        assert_eq!(names("application.properties", "a=${b.password}\nb=${spring.token}"), Vec::<String>::new());
    }

    #[test]
    fn kinds_by_name() {
        for (name, wanted) in [
            ("STRIPE_API_KEY", Some(Kind::ApiKey)),
            ("DATABASE_URL", Some(Kind::ConnectionString)),
            ("DB_PASSWORD", Some(Kind::Password)),
            ("GITHUB_TOKEN", Some(Kind::Token)),
            ("SLACK_WEBHOOK_URL", Some(Kind::Webhook)),
            ("AWS_ACCESS_KEY_ID", Some(Kind::ApiKey)),
            ("SLACK_SIGNING_SECRET", Some(Kind::SigningKey)),
            ("SESSION_SECRET", Some(Kind::SigningKey)),
            ("PGPASSWORD", Some(Kind::Password)),
            ("HOMEPAGE_URL", None),
            ("KUBECONFIG", None),
            ("WEBHOOK_CACHE_DISABLED", None),
        ] {
            assert_eq!(kind(name), wanted, "{name}");
        }
    }
}
