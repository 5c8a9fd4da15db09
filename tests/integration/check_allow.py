"""Allow comments: docs/allow-comments.md lists the spellings."""

import json

import credentials
from harness import BLOCKED, CLEAN, check, credlint, expect, expect_equal, expect_exit, write

# The comment, and whether it stands on the line above.
SPELLINGS = {
    "credlint": ("# credlint:allow made for the suite", False),
    "credlint-above": ("// credlint:allow made for the suite", True),
    "gitleaks": ("# gitleaks:allow", False),
    "betterleaks": ("# betterleaks:allow", False),
    "detect-secrets": ("# pragma: allowlist secret", False),
    "detect-secrets-above": ("# pragma: allowlist nextline secret", True),
    "trufflehog": ("# trufflehog:ignore", False),
    "kingfisher": ("# kingfisher:ignore", False),
    "ggshield": ("# ggignore", False),
    "secretlint": ("// secretlint-disable-line", False),
    "secretlint-above": ("// secretlint-disable-next-line", True),
}


@check("allow: each spelling allows its line")
def spellings(tmp):
    for name, (comment, above) in SPELLINGS.items():
        line = f"token {credentials.github()}"
        write(tmp / f"{name}.txt", f"{comment}\n{line}\n" if above else f"{line} {comment}\n")
    run = credlint("scan", "--report", "json", tmp)
    entries = run.json()["findings"]
    open_ones = sorted(entry["path"] for entry in entries if entry["outcome"] != "suppressed")
    expect_equal(open_ones, [], "not allowed")
    expect_equal(len(entries), len(SPELLINGS), "findings kept in the report")
    expect_exit(run, CLEAN, "all allowed")


@check("allow: allowed findings are counted, and stay in sarif-full only")
def counted(tmp):
    write(tmp / "tree" / "a.txt", f"token {credentials.github()} # credlint:allow public by contract\n")
    run = credlint("scan", "--report", "human", "--report", f"sarif={tmp}/a", "--report", f"sarif-full={tmp}/b", tmp / "tree")
    expect_exit(run, CLEAN, "allowed")
    expect("1 suppressed" in run.out.decode(), f"the allowed finding is not counted: {run.text}")
    short, full = (json.loads((tmp / name).read_bytes())["runs"][0]["results"] for name in "ab")
    expect_equal(len(short), 0, "results in sarif")
    expect_equal(len(full), 1, "results in sarif-full")
    suppression = full[0]["suppressions"][0]
    expect_equal(suppression["kind"], "inSource", "kind of suppression")
    expect("public by contract" in suppression["justification"], f"the reason is lost: {suppression['justification']}")


@check("allow: a comment reaches no other line")
def reach(tmp):
    token = credentials.github
    write(tmp / "a.txt", f"one {token()} # credlint:allow here only\ntwo {token()}\n\n# credlint:allow below\n\nthree {token()}\n")
    run = credlint("scan", "--report", "json", tmp)
    expect_exit(run, BLOCKED, "two lines are not allowed")
    lines = [entry["line"] for entry in run.json()["findings"] if entry["outcome"] == "blocks"]
    expect(2 in lines and 6 in lines and 1 not in lines, f"lines that block: {lines}")
