"""What the checks of the suite share: how a check is declared, how credlint is run, where the validators are."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import materialise

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "target" / "integration"
VENV = TOOLS / "venv" / "bin"
BINARY = Path(os.environ["CREDLINT_BINARY"]).resolve()
# Longest a single program may take, in seconds.
PATIENCE = 180

CLEAN, BLOCKED, ERROR, INCOMPLETE = 0, 1, 2, 3

CHECKS = []


class Failed(Exception):
    """A check's complaint."""


def check(name):
    """Declares a check. The function gets an empty folder of its own."""

    def declare(function):
        CHECKS.append((name, function))
        return function

    return declare


def expect(condition, why):
    """Fails the check unless the condition holds."""
    if not condition:
        raise Failed(why)


def expect_equal(actual, wanted, what):
    """Fails the check unless both are equal, and says what they are."""
    expect(actual == wanted, f"{what}: {actual!r}, wanted {wanted!r}")


@dataclass
class Run:
    """A finished program."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self):
        """Both outputs, for looking into and for complaints."""
        return (self.out + self.err).decode("utf-8", "replace")

    def json(self):
        """Standard output as JSON."""
        return json.loads(self.out)


HOME = Path(tempfile.mkdtemp(prefix="credlint-home-"))
(HOME / ".gitconfig").write_text(
    "[user]\n\tname = suite\n\temail = suite@localhost\n[init]\n\tdefaultBranch = main\n[safe]\n\tdirectory = *\n"
)


def environment(**more):
    """An environment that knows nothing of the caller's git, CI service or credlint settings."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SSL_CERT_FILE") if name in os.environ}
    return kept | {"HOME": str(HOME), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1"} | more


def program(*command, cwd=None, stdin=b"", **env):
    """Runs a program to its end."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, input=stdin, env=environment(**env), capture_output=True, timeout=PATIENCE
    )
    return Run(done.returncode, done.stdout, done.stderr)


def credlint(*arguments, cwd=None, stdin=b"", **env):
    """Runs credlint. It must not panic, whatever it is asked."""
    run = program(BINARY, *arguments, cwd=cwd, stdin=stdin, **env)
    expect("panicked at" not in run.text and "internal error" not in run.text, f"credlint panicked: {run.text[:400]}")
    return run


def expect_exit(run, code, what):
    """Fails the check unless credlint ended so."""
    expect(run.code == code, f"{what}: exit {run.code}, wanted {code}: {run.text.strip()[:400]}")


def git(folder, *arguments):
    """Runs git, which must succeed."""
    run = program("git", *arguments, cwd=folder)
    expect(run.code == 0, f"git {' '.join(arguments)}: {run.text}")
    return run.out.decode().strip()


def write(path, content):
    """Writes a file and the folders above it."""
    materialise.write(Path(path), content if isinstance(content, bytes) else content.encode("utf-8"))
    return Path(path)


def findings(report):
    """The findings of a JSON report that are not suppressed."""
    return [entry for entry in report["findings"] if entry["outcome"] != "suppressed"]


def require_binary():
    """Ends the suite when there is nothing to check."""
    if not BINARY.is_file():
        sys.exit(f"{BINARY}: no such binary; run `cargo build --release --locked` first")
