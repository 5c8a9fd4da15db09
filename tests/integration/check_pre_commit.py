"""The pre-commit hook, with the real pre-commit in a real repository."""

import os
import shutil

import credentials
from harness import BINARY, ROOT, TOOLS, VENV, check, expect, git, program, write

HOOKS = ROOT / ".pre-commit-hooks.yaml"
CACHE = {"PRE_COMMIT_HOME": str(TOOLS / "pre-commit")}
PATH = f"{BINARY.parent}{os.pathsep}{VENV}{os.pathsep}{os.environ['PATH']}"


def pre_commit(folder, *arguments):
    return program(VENV / "pre-commit", *arguments, cwd=folder, PATH=PATH, **CACHE)


def source(tmp):
    """The repository that offers the hook, and the revision: this one, or a copy of its manifest while that has changes."""
    head = program("git", "rev-parse", "HEAD", cwd=ROOT)
    committed = program("git", "show", "HEAD:.pre-commit-hooks.yaml", cwd=ROOT)
    if head.code == 0 and committed.code == 0 and committed.out == HOOKS.read_bytes():
        return ROOT, head.out.decode().strip()
    copy = tmp / "hooks"
    copy.mkdir()
    shutil.copy(HOOKS, copy)
    git(copy, "init", "--quiet")
    git(copy, "add", ".")
    git(copy, "commit", "--quiet", "--message", "hooks")
    return copy, git(copy, "rev-parse", "HEAD")


def repository(tmp):
    """A repository with the hook installed."""
    folder, (url, revision) = tmp / "shop", source(tmp)
    write(folder / ".pre-commit-config.yaml", f"repos:\n  - repo: {url}\n    rev: {revision}\n    hooks:\n      - id: credlint-system\n")
    git(folder, "init", "--quiet")
    run = pre_commit(folder, "install")
    expect(run.code == 0, f"pre-commit install: {run.text}")
    return folder


def commit(folder):
    git(folder, "add", ".")
    return program("git", "commit", "--message", "change", cwd=folder, PATH=PATH, **CACHE)


@check("pre-commit: the manifest is valid and offers both hooks")
def manifest(tmp):
    run = program(VENV / "pre-commit", "validate-manifest", HOOKS, cwd=tmp)
    expect(run.code == 0, run.text)
    text = HOOKS.read_text("utf-8")
    for wanted in ("id: credlint\n", "language: rust", "id: credlint-system\n", "language: system"):
        expect(wanted in text, f"{wanted!r} is missing")


@check("pre-commit: a clean commit passes, one with a credential is blocked")
def commits(tmp):
    folder = repository(tmp)
    write(folder / "main.c", "int main(void) { return 0; }\n")
    run = commit(folder)
    expect(run.code == 0, f"clean commit: exit {run.code}: {run.text}")
    token = credentials.github()
    write(folder / "with blank" / "run.sh", f"curl -H 'X-Token: {token}' https://shop.internal\n")
    run = commit(folder)
    expect(run.code == 1, f"commit with a token: exit {run.code}: {run.text}")
    for part in ("github-", "run.sh:1:"):
        expect(part in run.text, f"{part!r} is not in the hook's output: {run.text}")
    expect(token not in run.text, "the hook shows the token")
    git(folder, "rm", "--quiet", "-r", "--cached", "with blank")
    shutil.rmtree(folder / "with blank")
    write(folder / "wide.txt", "\ufeff".encode("utf-16-le") + f"token {token}\r\n".encode("utf-16-le"))
    run = commit(folder)
    expect(run.code == 1, f"commit with a token in UTF-16: exit {run.code}: {run.text}")
    write(folder / "wide.txt", f"token {token} # credlint:allow for the suite\n")
    run = commit(folder)
    expect(run.code == 0, f"commit with an allowed token: exit {run.code}: {run.text}")
    git(folder, "rm", "--quiet", "wide.txt")
    run = commit(folder)
    expect(run.code == 0, f"commit that only removes: exit {run.code}: {run.text}")


@check("pre-commit: try-repo on all files")
def try_repo(tmp):
    folder = tmp / "shop"
    write(folder / "main.c", "int main(void) { return 0; }\n")
    write(folder / "run.sh", f"curl -H 'X-Token: {credentials.github()}' https://shop.internal\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    url, revision = source(tmp)
    run = pre_commit(folder, "try-repo", url, "credlint-system", "--ref", revision, "--all-files")
    expect(run.code == 1 and "run.sh:1:" in run.text, f"exit {run.code}: {run.text}")
