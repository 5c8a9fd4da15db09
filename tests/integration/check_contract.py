"""The command line keeps its promises: exit codes above all. docs/exit-codes.md says the same in words."""

import os
import signal
import subprocess
import time

import credentials
from harness import (
    BINARY,
    BLOCKED,
    CLEAN,
    ERROR,
    INCOMPLETE,
    check,
    credlint,
    environment,
    expect,
    expect_equal,
    expect_exit,
    findings,
    git,
    write,
)
from materialise import joined

RULE = """provider: acme
name: Acme
homepage: https://acme.example/docs
rules:
  - id: acme-api-key
    title: Acme API key
    severity: high
    description: Full access to one Acme account.
    fix: Revoke it under Settings.
    pattern: 'acme_[0-9a-z]{32}'
    match: ['{example}']
    no_match:
      - text: 'acm<~>e_0123'
        by: pattern
"""


def clean_tree(folder):
    return write(folder / "main.c", "int main(void) { return 0; }\n").parent


def dirty_tree(folder):
    return write(folder / "run.sh", f"curl -H 'X-Token: {credentials.github()}' https://shop.internal\n").parent


@check("exit: a clean tree ends with 0")
def clean(tmp):
    run = credlint("scan", clean_tree(tmp))
    expect_exit(run, CLEAN, "clean tree")
    expect(run.out.strip() or run.err.strip(), "a clean run says nothing at all")


@check("exit: a credential ends with 1 and names rule, file and line")
def blocked(tmp):
    run = credlint("scan", dirty_tree(tmp))
    expect_exit(run, BLOCKED, "tree with a token")
    for part in ("github-", "run.sh", ":1:"):
        expect(part in run.out.decode(), f"{part!r} is not in the report: {run.text[:300]}")


@check("exit: the working folder is scanned when no path is given")
def default_path(tmp):
    run = credlint("scan", cwd=dirty_tree(tmp))
    expect_exit(run, BLOCKED, "scan without a path")
    expect("--> run.sh:1:" in run.out.decode(), f"the path is not relative to the working folder: {run.text[:300]}")


@check("exit: a missing path ends with 3, nothing but missing paths with 2, and each is named")
def missing(tmp):
    clean_tree(tmp)
    for paths, code in (([tmp, tmp / "gone"], INCOMPLETE), ([tmp / "gone"], ERROR), ([tmp / "gone", tmp / "lost"], ERROR)):
        run = credlint("scan", *paths)
        expect_exit(run, code, f"{len(paths)} paths")
        for path in paths[-1:]:
            expect(path.name in run.text, f"the path is not named: {run.text}")


@check("exit: an empty folder ends with 3")
def empty(tmp):
    expect_exit(credlint("scan", tmp), INCOMPLETE, "empty folder")


@check("exit: a finding outranks a gap, and both are in the report")
def finding_and_gap(tmp):
    run = credlint("scan", "--report", "json", dirty_tree(tmp), tmp / "gone")
    expect_exit(run, BLOCKED, "finding and gap")
    report = run.json()
    expect_equal(len(findings(report)), 1, "findings")
    expect(any("gone" in gap["what"] and gap["reason"] == "missing" for gap in report["gaps"]), f"gaps: {report['gaps']}")


@check("exit: an unreadable file ends with 3")
def unreadable(tmp):
    # Permissions do not stop root; a link that leads nowhere stops everyone.
    clean_tree(tmp)
    os.symlink("nowhere", tmp / "link.txt")
    expect_exit(credlint("scan", tmp / "main.c", tmp / "link.txt"), INCOMPLETE, "dangling link named on the command line")


@check("exit: a work tree whose git data is broken ends with 3, for its tracked files are unknown")
def broken_git(tmp):
    for number, name in enumerate(("index", "config")):
        tree = tmp / str(number)
        write(tree / ".gitignore", "*.log\n")
        write(tree / "debug.log", f"token {credentials.github()}\n")
        git(clean_tree(tree), "init", "--quiet")
        git(tree, "add", "--force", ".")
        write(tree / ".git" / name, "[broken")
        run = credlint("scan", cwd=tree)
        expect(run.out.strip() and run.code in (BLOCKED, INCOMPLETE), f"broken .git/{name}: exit {run.code}: {run.text[:300]}")


@check("exit: --exit-zero forgives findings and no gap")
def exit_zero(tmp):
    dirty_tree(tmp)
    run = credlint("scan", "--exit-zero", tmp)
    expect_exit(run, CLEAN, "--exit-zero")
    expect("run.sh" in run.out.decode(), "the finding is forgiven and should still be reported")
    expect_exit(credlint("scan", "--exit-zero", tmp, tmp / "gone"), INCOMPLETE, "--exit-zero with a gap")


@check("exit: --allow-incomplete forgives gaps and no finding")
def allow_incomplete(tmp):
    run = credlint("scan", "--allow-incomplete", clean_tree(tmp / "a"), tmp / "gone")
    expect_exit(run, CLEAN, "--allow-incomplete")
    expect("gone" in run.text, "the gap is forgiven and should still be named")
    expect_exit(credlint("scan", "--allow-incomplete", dirty_tree(tmp / "b"), tmp / "gone"), BLOCKED, "--allow-incomplete with a finding")


@check("exit: wrong usage ends with 2")
def usage(tmp):
    clean_tree(tmp)
    for arguments in (
        ["scan", "--no-such-flag"],
        ["scan", "--report", "no-such-format"],
        ["scan", "--block", "perhaps"],
        ["scan", "--only", "no-such-rule"],
        ["scan", "--skip", "no-such-rule"],
        ["scan", "--rules", "no-such-folder"],
        ["scan", "--report", "json=no-such-folder/report.json"],
        ["scan", "--report", "json", "--report", "sarif"],
        ["scan", "--key-file", "no-such-file"],
        ["explain", "main.c"],
        ["no-such-command"],
        [],
    ):
        run = credlint(*arguments, cwd=tmp)
        expect_exit(run, ERROR, " ".join(arguments) or "no command")
        expect(run.err.strip(), f"{arguments}: no message on standard error")


@check("exit: a broken rule file ends with 2 and is named with its line")
def broken_rules(tmp):
    clean_tree(tmp / "tree")
    for what, wrong in (
        ("unknown key", RULE.replace("    severity", "    colour: red\n    severity")),
        ("pattern that does not compile", RULE.replace("{32}'", "{32}('")),
        ("no YAML", RULE + "\t- {\n"),
    ):
        write(tmp / "rules" / "acme.yml", wrong.replace("{example}", "acm<~>e_0a1b2c"))
        run = credlint("scan", "--rules", tmp / "rules", tmp / "tree")
        expect_exit(run, ERROR, what)
        message = run.err.decode()
        expect(any(f"acme.yml:{line}" in message for line in range(1, 20)), f"{what}: no file:line in: {message.strip()[:300]}")


@check("rules: a rule of one's own finds and is proved by `rules check`")
def own_rules(tmp):
    token = "acme" + "_" + credentials.letters(32, "0123456789abcdefghijklmnopqrstuvwxyz")
    write(tmp / "rules" / "acme.yml", RULE.replace("{example}", token))
    write(tmp / "tree" / "a.txt", f"key {token}\n")
    run = credlint("scan", "--rules", tmp / "rules", "--report", "json", tmp / "tree")
    expect_exit(run, BLOCKED, "own rule")
    expect_equal([entry["rule"] for entry in findings(run.json())], ["acme-api-key"], "rules found")
    expect_exit(credlint("rules", "check", tmp / "rules" / "acme.yml"), CLEAN, "rules check")
    write(tmp / "rules" / "acme.yml", RULE.replace("{example}", "nothing of that kind"))
    run = credlint("rules", "check", tmp / "rules" / "acme.yml")
    expect(run.code not in (CLEAN, INCOMPLETE), f"rules check with a wrong example: exit {run.code}")


@check("rules: list and show know every rule")
def rules_list(tmp):
    listed = credlint("rules", "list")
    expect_exit(listed, CLEAN, "rules list")
    expect("github-" in listed.out.decode(), "rules list names no rule of GitHub")
    name = next(word for word in listed.out.decode().split() if word.startswith("github-"))
    shown = credlint("rules", "show", name)
    expect_exit(shown, CLEAN, f"rules show {name}")
    expect(name in shown.out.decode(), "rules show does not name its rule")
    expect_exit(credlint("rules", "show", "no-such-rule"), ERROR, "rules show of an unknown rule")


@check("rules: splice places marks that take the token apart, and removing them gives the text back")
def rules_splice(tmp):
    text = f"TOKEN={credentials.github()}\n{{\"schlüssel\": \"{credentials.stripe()}\"}}\n"
    run = credlint("rules", "splice", stdin=text.encode())
    expect_exit(run, CLEAN, "rules splice")
    expect_equal(joined(run.out).decode(), text, "spliced and joined")
    expect_exit(credlint("scan", "-", stdin=text.encode()), BLOCKED, "whole text")
    expect_exit(credlint("scan", "-", stdin=run.out), CLEAN, "spliced text")


@check("scan: --only and --skip choose rules")
def only_and_skip(tmp):
    write(tmp / "a.txt", f"one {credentials.github()}\ntwo {credentials.stripe()}\n")
    report = credlint("scan", "--report", "json", tmp).json()
    both = sorted(entry["rule"] for entry in findings(report))
    expect_equal(len(both), 2, "findings without a choice")
    for flag, wanted in (("--only", both[:1]), ("--skip", both[1:])):
        run = credlint("scan", flag, both[0], "--report", "json", tmp)
        expect_equal([entry["rule"] for entry in findings(run.json())], wanted, f"{flag} {both[0]}")


@check("scan: --block sets the confidence that blocks")
def block(tmp):
    dirty_tree(tmp)
    for level, code in (("certain", BLOCKED), ("likely", BLOCKED), ("possible", BLOCKED), ("none", CLEAN)):
        run = credlint("scan", "--block", level, "--report", "json", tmp)
        expect_exit(run, code, f"--block {level}")
        expect_equal(len(findings(run.json())), 1, f"findings with --block {level}")


@check("scan: standard input")
def standard_input(tmp):
    text = f"token {credentials.github()}\n".encode()
    run = credlint("scan", "-", "--stdin-name", "patch.diff", "--report", "json", stdin=text)
    expect_exit(run, BLOCKED, "token on standard input")
    entry = findings(run.json())[0]
    expect_equal((entry["path"], entry["line"], entry["column"]), ("patch.diff", 1, 7), "place")
    expect_exit(credlint("scan", "-", stdin=b"nothing\n"), CLEAN, "clean standard input")


@check("scan: reports go where they are told")
def report_files(tmp):
    dirty_tree(tmp / "tree")
    run = credlint("scan", "--report", f"json={tmp}/a.json", "--report", f"sarif={tmp}/a.sarif", "--report", "human", tmp / "tree")
    expect_exit(run, BLOCKED, "three reports")
    expect((tmp / "a.json").stat().st_size and (tmp / "a.sarif").stat().st_size, "a report file is empty")
    expect(b"run.sh" in run.out and not run.out.startswith(b"{"), "the human report is not on standard output")
    quiet = credlint("scan", "--report", f"json={tmp}/b.json", tmp / "tree")
    expect_equal(quiet.out, b"", "standard output when the only report has a file")


@check("scan: ignored files are left out unless tracked, named or asked for")
def ignored(tmp):
    git(tmp, "init", "--quiet")
    clean_tree(tmp)
    write(tmp / ".gitignore", "*.log\nbuild/\n")
    dirty = write(tmp / "debug.log", f"token {credentials.github()}\n")
    expect_exit(credlint("scan", cwd=tmp), CLEAN, "ignored file")
    expect_exit(credlint("scan", "--include-ignored", cwd=tmp), BLOCKED, "--include-ignored")
    expect_exit(credlint("scan", dirty, cwd=tmp), BLOCKED, "ignored file that is named")
    git(tmp, "add", "--force", "debug.log")
    expect_exit(credlint("scan", cwd=tmp), BLOCKED, "ignored file that is tracked")
    dirty_tree(tmp / "build" / "out")
    run = credlint("scan", "build/out", cwd=tmp)
    expect(run.code != CLEAN, "a named folder inside an ignored one is clean without having been scanned")


@check("scan: a file whose name begins with a dash, after --")
def dashes(tmp):
    write(tmp / "-rf", f"token {credentials.github()}\n")
    run = credlint("scan", "--", "-rf", cwd=tmp)
    expect_exit(run, BLOCKED, "-rf")
    expect("-rf:1:7" in run.out.decode(), f"the file is not named: {run.text}")


@check("scan: a reader that goes away is no crash and no success")
def broken_pipe(tmp):
    for number in range(300):
        write(tmp / f"{number}.txt", f"token {credentials.github()}\n")
    whole = credlint("scan", tmp)
    expect_exit(whole, BLOCKED, "300 tokens")
    expect(len(whole.out) > 1 << 16, "the report fits into a pipe: nothing is tried here")
    process = subprocess.Popen(
        [BINARY, "scan", tmp], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment()
    )
    process.stdout.close()
    message = process.stderr.read().decode()
    process.wait(timeout=60)
    expect("panicked" not in message, f"panic: {message[:300]}")
    expect(process.returncode != CLEAN, "exit 0 though the report could not be written")


@check("scan: Ctrl-C while input is awaited ends the run soon, with 3")
def interrupted(tmp):
    process = subprocess.Popen(
        [BINARY, "scan", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    process.stdin.write(b"int main(void) { return 0; }\n" * 40)
    process.stdin.flush()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
    out, err = process.communicate()
    expect(process.returncode == INCOMPLETE, f"exit {process.returncode} (negative: killed after 10 s): {(out + err).decode()[:300]}")


@check("scan: hostile names and lines cannot steer the terminal")
def hostile(tmp):
    name = "a\x1b[2Jb\nc\u202e.txt"
    write(tmp / name, f"\x1b]0;title\x07 \x9b31m token {credentials.github()} \x1b[8m\u202e\r::error::x\n")
    run = credlint("scan", tmp)
    expect_exit(run, BLOCKED, "hostile file")
    expect("github-" in run.out.decode(), f"the finding is not shown: {run.text[:300]}")
    for what, output in (("standard output", run.out), ("standard error", run.err)):
        text = output.decode("utf-8")
        bad = sorted({character for character in text if character != "\n" and (ord(character) < 32 or 127 <= ord(character) < 160 or character == "\u202e")})
        expect(not bad, f"{what} holds the control characters {bad!r}")
        # `:::` alone is a frame of the human report, and no command.
        commands = [line for line in text.splitlines() if line.strip().startswith("::") and line.strip() != ":::"]
        expect(not commands, f"{what} holds a workflow command: {commands}")


@check("explain: says why a line was reported and why another was not")
def explain(tmp):
    write(tmp / "a.txt", f"token {credentials.github()}\ntoken ghp_{'x' * 36}\n\n")
    for line, wanted in ((1, "github-"), (2, "placeholder")):
        run = credlint("explain", f"{tmp}/a.txt:{line}")
        expect_exit(run, CLEAN, f"explain line {line}")
        expect(wanted in run.out.decode(), f"explain line {line} does not say {wanted!r}: {run.text[:400]}")
    expect_exit(credlint("explain", f"{tmp}/gone.txt:1"), ERROR, "explain of a missing file")
