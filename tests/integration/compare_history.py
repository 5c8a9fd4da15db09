#!/usr/bin/env python3
"""Compares `credlint scan --history` with a scan of every version of every file.

usage: compare_history.py CREDLINT REPOSITORY

`git log --raw` names every (path, blob) that a commit brings and `git cat-file --batch` gives the bytes. They are written
below a temporary folder in layers: the first version of each path in one, the second in the next, so that each file has its
own path there, which decides how it is read. Both must find the same (path, rule, fingerprint). Exit 1 where they differ.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

OPTIONS = ["--no-config", "--no-baseline", "--exit-zero", "--allow-incomplete", "--quiet"]


def pairs(repository):
    """Every (path, blob) that a commit of any ref brings, in git's order."""
    command = ["git", "-C", repository, "log", "--all", "--root", "-m", "--raw", "-z", "--no-abbrev", "--no-renames", "--format="]
    fields = subprocess.run(command, check=True, capture_output=True).stdout.split(b"\0")
    seen = {}
    at = 0
    while at < len(fields):
        entry = fields[at].lstrip(b"\n")
        if not entry.startswith(b":"):
            at += 1
            continue
        _, mode, _, blob, _ = entry.split(b" ")[:5]
        if mode not in (b"000000", b"160000"):
            seen[(fields[at + 1], blob.decode())] = None
        at += 2
    return list(seen)


def write(repository, all_pairs, root):
    """Writes the layers; returns how many bytes were written."""
    layers, used, total = [], {}, 0
    batch = subprocess.Popen(["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for path, blob in all_pairs:
        batch.stdin.write(blob.encode() + b"\n")
        batch.stdin.flush()
        header = batch.stdout.readline().split()
        if header[-1] == b"missing":
            continue
        size = int(header[2])
        content = batch.stdout.read(size + 1)[:-1]
        number = used.get(path, 0)
        while True:
            if number == len(layers):
                layers.append(root / str(number))
            target = Path(os.fsdecode(os.path.join(os.fsencode(layers[number]), path)))
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with open(target, "xb") as file:
                    file.write(content)
                break
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                number += 1
            except OSError as error:
                print(f"left out: {path!r}: {error.strerror}")
                break
        used[path] = number + 1
        total += size
    batch.stdin.close()
    batch.wait()
    return layers, total


def found(credlint, arguments, folder, report):
    """The set of (path, member, rule, fingerprint), and the reasons of gaps."""
    environment = {**os.environ, "CREDLINT_KEY": "compare-history-compare-history"}
    command = [credlint, "scan", *arguments, *OPTIONS, "--report", f"json={report}"]
    subprocess.run(command, check=True, cwd=folder, env=environment)
    text = json.loads(Path(report).read_text())
    findings = [finding for finding in text["findings"] if finding.get("state") != "unreachable"]
    key = lambda one: (one["path"], one.get("member", ""), one["rule"], one["fingerprint"])
    named = {key(one) for one in findings if not one["path"].startswith(("commit ", "tag "))}
    return named, {(gap["what"], gap["reason"]) for gap in text["gaps"]}


def main():
    credlint, repository = (os.path.realpath(argument) for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        all_pairs = pairs(repository)
        layers, total = write(repository, all_pairs, root)
        expected, gaps = set(), set()
        for layer in layers:
            one, lost = found(credlint, [".", "--include-ignored"], layer, root / "report.json")
            expected |= one
            gaps |= lost
        actual, lost = found(credlint, ["--history", repository], root, root / "report.json")
    print(f"{len(all_pairs)} pairs of path and blob, {total} bytes, {len(layers)} layers")
    print(f"files: {len(expected)} findings, {len(gaps)} gaps; --history: {len(actual)} findings, {len(lost)} gaps")
    for sign, only in (("-", expected - actual), ("+", actual - expected)):
        for path, member, rule, fingerprint in sorted(only):
            print(f"{sign} {path} {member} {rule} {fingerprint}")
    for sign, only in (("- gap", gaps - lost), ("+ gap", lost - gaps)):
        for what, reason in sorted(only):
            print(f"{sign} {what} {reason}")
    return int(expected != actual)


if __name__ == "__main__":
    sys.exit(main())
