//! The repository's own files scan clean, without an ignore file or an allow comment.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::path::{Path, PathBuf};
use std::process::Command;

use credlint::policy::{Outcome, Policy, Verdict};
use credlint::rule::RuleSet;
use credlint::scan::{Progress, Scanner};
use credlint::source::walk::WalkPlan;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What git tracks or would add; without git or a work tree, the folder itself (ignore rules need no repository then).
fn own_files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()
        .filter(|output| output.status.success() && !output.stdout.is_empty());
    let Some(output) = listed else {
        let parts =
            ["src", "rules", "tests", "testdata", "docs", "build.rs", "README.md", "CHANGELOG.md", "Cargo.toml"];
        return parts.iter().map(|part| root().join(part)).filter(|path| path.exists()).collect();
    };
    let names = String::from_utf8(output.stdout).unwrap();
    names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(|name| root().join(name))
        .filter(|path| path.is_file())
        .collect()
}

fn verdicts() -> (u64, Vec<Verdict>) {
    let scanner = Scanner::new(RuleSet::builtin());
    let plan = WalkPlan { roots: own_files(), include_ignored: false, jobs: 2, base: root().to_owned() };
    let outcome = scanner.scan(&plan, &Progress::default());
    let gaps: Vec<String> = outcome.gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.detail)).collect();
    assert!(gaps.is_empty(), "not scanned: {gaps:?}");
    (outcome.files, Policy::default().verdicts(outcome.findings))
}

fn place(verdict: &Verdict) -> String {
    let finding = &verdict.finding;
    format!("{}:{}:{}: {}", finding.origin.shown(), finding.start.line, finding.start.column, finding.rule.id)
}

#[test]
fn the_repository_holds_nothing_that_blocks() {
    let (files, verdicts) = verdicts();
    assert!(files > 900, "only {files} files were scanned");
    let blocking: Vec<String> =
        verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Blocks).map(place).collect();
    let advice = "splice the text (`credlint rules splice`) and join it where it is used";
    assert!(blocking.is_empty(), "{advice}\n{}", blocking.join("\n"));
}

#[test]
fn no_finding_of_the_repository_is_allowed_by_a_comment() {
    let (_, verdicts) = verdicts();
    let allowed: Vec<String> =
        verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Suppressed).map(place).collect();
    assert!(allowed.is_empty(), "an allow comment hides what should be spliced\n{}", allowed.join("\n"));
}
