"""No output holds a secret, nor half of one, unless it was asked for and goes to a terminal or a named file."""

import os
import pty
import select
import subprocess
import time

import credentials
from harness import BINARY, BLOCKED, CLEAN, ERROR, check, credlint, environment, expect, expect_equal, expect_exit, write

FORMATS = ["human", "json", "jsonl", "sarif", "sarif-full"]
# Fingerprints appear when there is a key; they must not give the value away either.
KEY = {"CREDLINT_KEY": "the key of the integration suite"}


def tree(folder):
    """A tree of secrets of many kinds; the values themselves are returned."""
    token, neighbour, hook, shop, mail = (
        credentials.github(), credentials.stripe(), credentials.slack_webhook(), credentials.phrase(), credentials.phrase()
    )
    name = "pass" + "word"
    write(folder / "one.txt", f"first {token} second {neighbour} third\n")
    write(folder / "two.py", f"HOOK = '{hook}'\nURL = '{credentials.database_url(shop)}'\nmail_{name} = '{mail}'\n")
    write(folder / "three.js", "x" * 5000 + f';var a="{token}";' + "y" * 5000 + f';b="{neighbour}"\n')
    # The reason of an allow comment is free text, and may hold a credential itself.
    allowed, reason = credentials.github(), credentials.stripe()
    write(folder / "four.txt", f"token {allowed} # credlint:allow {reason}\n")
    return [token, neighbour, hook.rsplit("/", 1)[1], shop, mail, allowed, reason]


def pieces(secret):
    """The secret and its halves, without what every token of its kind has."""
    body = secret.split("_")[-1]
    middle = len(body) // 2
    return [secret, body[:middle], body[middle:]]


def leaks(output, secrets):
    """Which secret of the list, by number, stands in the output as a whole or in part."""
    return [number for number, secret in enumerate(secrets) if any(piece.encode() in output for piece in pieces(secret))]


@check("redaction: no report, message or explanation holds a secret or its half")
def everywhere(tmp):
    secrets = tree(tmp / "tree")
    commands = [["scan", "--report", form, *more] for form in FORMATS for more in ([], ["--verbose"], ["--diagnostics"], ["--quiet"])]
    commands += [["explain", f"{file}:{line}"] for file, line in (("one.txt", 1), ("two.py", 1), ("two.py", 2), ("two.py", 3), ("three.js", 1), ("four.txt", 1))]
    for command in commands:
        for env in ({}, KEY):
            run = credlint(*command, cwd=tmp / "tree", **env)
            wanted = CLEAN if command[0] == "explain" else BLOCKED
            expect_exit(run, wanted, " ".join(command))
            expect(b"github-" in run.out or b"two.py" in run.out, f"{' '.join(command)} says nothing of the findings: {run.text[:300]}")
            number = leaks(run.out + run.err, secrets)
            expect(not number, f"{' '.join(command)} shows secret {number}")


@check("redaction: report files hold no secret")
def files(tmp):
    secrets = tree(tmp / "tree")
    reports = [argument for form in FORMATS for argument in ("--report", f"{form}={tmp}/{form}")]
    expect_exit(credlint("scan", *reports, tmp / "tree", **KEY), BLOCKED, "five reports")
    for form in FORMATS:
        content = (tmp / form).read_bytes()
        expect(content, f"{form} is empty")
        expect(not leaks(content, secrets), f"{form} holds secret {leaks(content, secrets)}")


@check("redaction: --show-secrets is refused when the output is neither terminal nor named file")
def show_refused(tmp):
    secrets = tree(tmp / "tree")
    for form in FORMATS:
        run = credlint("scan", "--show-secrets", "--report", form, tmp / "tree")
        expect_exit(run, ERROR, f"--show-secrets --report {form} into a pipe")
        expect_equal(run.out, b"", "standard output of a refusal")
        expect(b"--show-secrets" in run.err, f"the reason is not given: {run.text}")
        expect(not leaks(run.err, secrets), "the refusal shows a secret")


@check("redaction: --show-secrets writes them into named files, and never into SARIF")
def show_file(tmp):
    secrets = tree(tmp / "tree")
    reports = [argument for form in FORMATS for argument in ("--report", f"{form}={tmp}/{form}")]
    run = credlint("scan", "--show-secrets", *reports, tmp / "tree")
    expect_exit(run, BLOCKED, "--show-secrets into named files")
    expect(not leaks(run.out + run.err, secrets), "a secret went to the pipe as well")
    for form in FORMATS:
        shown = secrets[0].encode() in (tmp / form).read_bytes()
        expect_equal(shown, not form.startswith("sarif"), f"{form} shows the secret")


@check("redaction: a terminal shows secrets with --show-secrets and not without")
def terminal(tmp):
    secrets = tree(tmp / "tree")
    for flags, shown in (([], False), (["--show-secrets"], True)):
        output, code = on_terminal([BINARY, "scan", *flags, tmp / "tree"])
        expect(code == BLOCKED, f"scan {flags} on a terminal: exit {code}: {output[:300]!r}")
        found = 0 in leaks(output, secrets)
        expect(found == shown, f"scan {flags} on a terminal: secret {'shown' if found else 'not shown'}")


def on_terminal(command):
    """Runs a command on a pseudo terminal: what it wrote, and its exit code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([str(part) for part in command], stdin=theirs, stdout=theirs, stderr=theirs, env=environment(TERM="xterm"))
    os.close(theirs)
    output, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            output += part
        elif process.poll() is not None:
            break
    os.close(ours)
    return output, process.wait(timeout=10)
