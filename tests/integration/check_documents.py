"""The documents: links lead somewhere, and what they say of the command line is true."""

import re

from harness import BINARY, CLEAN, ROOT, VENV, check, credlint, expect, expect_equal, expect_exit, program, write

# Commands whose flags docs/inventory.md names.
REGISTER = ("inventory", "inventory merge", "inventory diff", "inventory offboard")
# Commands besides scan whose flags docs/command-line.md may name.
OTHERS = ("explain", "suppress", "baseline write", "baseline prune", "baseline diff", "import", "adopt", "fix", "config check")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@check("documents: local links and fragments lead somewhere")
def links(tmp):
    expect(len(DOCUMENTS) > 5, "hardly a document")
    run = program(VENV / "lychee", "--offline", "--include-fragments", "--no-progress", *DOCUMENTS, cwd=ROOT)
    expect(run.code == 0, run.text)
    broken = write(tmp / "a.md", "[gone](gone.md)\n")
    expect(program(VENV / "lychee", "--offline", "--no-progress", broken).code != 0, "lychee takes a dead link")


def named(text):
    """The flags that a text names. Those of cargo and of BuildKit are none of credlint."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - {"--help", "--version", "--locked", "--release", "--mount"}


def told(command):
    """The flags that a command's help names."""
    shown = credlint(*command.split(), "--help")
    expect_exit(shown, CLEAN, f"{command} --help")
    return named(shown.out.decode())


@check("documents: the command line's own help and docs/command-line.md name the same flags")
def flags(tmp):
    there = told("scan")
    others = set().union(*map(told, OTHERS))
    written = named((ROOT / "docs" / "command-line.md").read_text("utf-8"))
    expect(there, "no flag in scan --help")
    expect(not there - written, f"not in docs/command-line.md: {sorted(there - written)}")
    gone = written - there - others
    expect(not gone, f"in docs/command-line.md and in no command's --help: {sorted(gone)}")


@check("documents: the help of inventory and its commands and docs/inventory.md name the same flags")
def register_flags(tmp):
    there = set().union(*map(told, REGISTER))
    written = named((ROOT / "docs" / "inventory.md").read_text("utf-8"))
    expect_equal(sorted(written), sorted(there), "flags in docs/inventory.md")


@check("documents: the version is the same everywhere")
def version(tmp):
    cargo = re.search(r'^version = "([^"]+)"', (ROOT / "Cargo.toml").read_text("utf-8"), re.MULTILINE).group(1)
    shown = program(BINARY, "--version")
    expect(cargo in shown.out.decode(), f"--version says {shown.text!r}, Cargo.toml {cargo}")
    for path in DOCUMENTS:
        for found in re.findall(r"rev: v(\d+\.\d+\.\d+)", path.read_text("utf-8")):
            expect(found == cargo, f"{path.name} names version {found}")


@check("documents: the examples for GitHub and pre-commit are valid")
def examples(tmp):
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text("utf-8"), re.DOTALL)
    workflows = [block for block in blocks if "jobs:" in block]
    configs = [block for block in blocks if "hooks:" in block]
    expect(workflows and configs, "no example of a workflow or of a pre-commit configuration")
    for block in workflows:
        file = write(tmp / ".github" / "workflows" / "example.yml", block.replace("@COMMIT", "@" + "1" * 40))
        for command in (
            [VENV / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", file],
            [VENV / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", file],
        ):
            run = program(*command)
            expect(run.code == 0, run.text)
        names = set(re.findall(r"steps\.credlint\.outputs\.(\w+)", block))
        expect(names <= set(re.findall(r"^  (\w+):$", (ROOT / "action.yml").read_text("utf-8").split("outputs:")[1], re.MULTILINE)), f"outputs {names}")
    for block in configs:
        run = program(VENV / "pre-commit", "validate-config", write(tmp / "config.yaml", block))
        expect(run.code == 0, run.text)
        for name in re.findall(r"- id: (\S+)", block):
            expect(f"- id: {name}\n" in (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"), f"no hook {name}")
