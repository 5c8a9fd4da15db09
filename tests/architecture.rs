//! The source tree keeps its shape: imports point to the left, files stay short, every module says what it is for.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

/// Modules from left to right; each may use itself and those before it.
const ORDER: &[&str] = &[
    "rule",
    "source",
    "decode",
    "format",
    "detect",
    "judge",
    "scan",
    "config",
    "policy",
    "report",
    "inventory",
    "fix",
    "migrate",
    "cli",
];
/// `(file, module)`: the one place that may look to the right. A line's hash is made while its file is at hand.
const EXCEPTIONS: &[(&str, &str)] = &[("src/scan/place.rs", "report::line_hash")];
/// The longest a file may be, tests included.
const MAX_LINES: usize = 500;

/// Every Rust file under `src/`: its path from the root of the repository and its text.
fn sources() -> Vec<(String, String)> {
    fn below(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    below(&root.join("src"), &mut paths);
    paths.sort();
    assert!(paths.len() > 50, "only {} files were found under src/", paths.len());
    let shown = |path: &Path| path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (shown(path), fs::read_to_string(path).unwrap())).collect()
}

/// The top-level module of a file; `None` for `lib.rs` and `main.rs`, which see everything.
fn module(file: &str) -> Option<&str> {
    let (module, _) = file.strip_prefix("src/")?.split_once('/')?;
    Some(module)
}

/// What stands behind each `crate::` of a line of code: `report::line_hash::LineHasher`.
fn imports(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or(line);
    code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))).unwrap_or(rest.len());
        &rest[..end]
    })
}

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == module)
}

#[test]
fn imports_point_to_the_left_only() {
    let (mut wrong, mut seen, mut used) = (Vec::new(), 0, Vec::new());
    for (file, text) in sources() {
        let Some(own) = module(&file) else { continue };
        let Some(own_rank) = rank(own) else {
            wrong.push(format!("{file}: module `{own}` has no place in the order"));
            continue;
        };
        for (number, line) in (1..).zip(text.lines()) {
            for path in imports(line) {
                let target = path.split("::").next().unwrap_or(path);
                let Some(target_rank) = rank(target) else {
                    wrong.push(format!(
                        "{file}:{number}: name the module in `crate::{path}`: groups and root items hide it"
                    ));
                    continue;
                };
                seen += 1;
                let exception = EXCEPTIONS.iter().find(|(place, to)| *place == file && path.starts_with(to));
                if target_rank > own_rank {
                    used.extend(exception);
                    if exception.is_none() {
                        wrong.push(format!("{file}:{number}: `{own}` uses `{target}`, which stands to its right"));
                    }
                }
            }
        }
    }
    assert!(seen > 50, "only {seen} imports were seen");
    for exception in EXCEPTIONS {
        assert!(used.contains(exception), "{}: the exception for {} is needed no more", exception.0, exception.1);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_library_has_a_place_in_the_order() {
    let library = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut declared: Vec<&str> = library
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    declared.sort_unstable();
    let mut known = ORDER.to_vec();
    known.sort_unstable();
    assert_eq!(declared, known);
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let count = |text: &str| text.lines().count();
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| count(text) > MAX_LINES)
        .map(|(file, text)| format!("{file}: {} lines", count(text)))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let silent: Vec<String> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(file, _)| file).collect();
    assert!(silent.is_empty(), "without `//!` in the first line: {silent:?}");
}

#[test]
fn only_the_command_line_reads_the_environment_and_prints() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        if module(&file) == Some("cli") {
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            let code = line.split("//").next().unwrap_or(line);
            for call in
                ["println!(", "print!(", "std::env::", "io::stdout()", "io::stderr()", "io::stdin()", "process::exit("]
            {
                if code.contains(call) {
                    wrong.push(format!("{file}:{number}: `{call}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
