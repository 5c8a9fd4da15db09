"""action.yml: valid, without injections, and run step by step on real trees."""

import json

import credentials
import yaml
from action_runner import Action
from harness import BINARY, BLOCKED, CLEAN, ERROR, INCOMPLETE, ROOT, VENV, check, expect, expect_equal, git, program, write

ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def act(tmp, **inputs):
    """Runs the action in tmp/work."""
    return Action(ACTION).run({"binary": str(BINARY), **inputs}, tmp / "work", tmp / "runner")


def dirty(tmp):
    write(tmp / "work" / "run.sh", f"curl -H 'X-Token: {credentials.github()}' https://shop.internal\n")
    write(tmp / "work" / "more" / "b.txt", f"{credentials.stripe()}\n{credentials.github()} # credlint:allow for the suite\n")
    git(tmp / "work", "init", "--quiet")


@check("action: action.yml and the workflows are valid by GitHub's schemas")
def by_schema(tmp):
    for kind, files in (("vendor.github-actions", [ACTION]), ("vendor.github-workflows", WORKFLOWS)):
        expect(files, f"{kind}: no file")
        run = program(VENV / "check-jsonschema", "--builtin-schema", kind, *files)
        expect(run.code == 0, run.text)
    broken = yaml.safe_load(ACTION.read_text("utf-8"))
    del broken["runs"]["using"]
    run = program(VENV / "check-jsonschema", "--builtin-schema", "vendor.github-actions", write(tmp / "action.yml", json.dumps(broken)))
    expect(run.code != 0, "the schema takes an action without `using`")


@check("action: zizmor finds nothing in action.yml and the workflows")
def by_zizmor(tmp):
    run = program(VENV / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", ACTION, *WORKFLOWS)
    expect(run.code == 0, run.text)
    broken = ACTION.read_text("utf-8").replace('"$BINARY" "$@"', '"$BINARY" "$@" ${{ inputs.path }}')
    run = program(VENV / "zizmor", "--offline", "--no-progress", write(tmp / "action.yml", broken))
    expect(run.code != 0, "zizmor takes an input inside a script")


@check("action: its scripts and ours pass shellcheck")
def by_shellcheck(tmp):
    scripts = [ROOT / ".ci" / "run", ROOT / "tests" / "integration" / "run"]
    for number, step in enumerate(yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]):
        scripts.append(write(tmp / f"{number}.sh", "#!/usr/bin/env bash\n# shellcheck disable=SC2154\n" + step["run"]))
    run = program(VENV / "shellcheck", *scripts)
    expect(run.code == 0, run.text)


@check("action: a dirty tree fails the step and sets the outputs")
def on_dirty(tmp):
    dirty(tmp)
    code, outputs, log = act(tmp)
    expect_equal(code, BLOCKED, f"exit ({log[:300]})")
    expect_equal((outputs["verdict"], outputs["findings"]), ("blocked", "2"), "outputs")
    results = json.loads(open(outputs["sarif"], "rb").read())["runs"][0]["results"]
    expect_equal(len(results), 2, "results in the SARIF report")
    expect("run.sh" in log, "the log does not name the file")


@check("action: fail: false leaves the verdict to the outputs")
def no_fail(tmp):
    dirty(tmp)
    code, outputs, _ = act(tmp, fail="false", report="out.sarif")
    expect_equal((code, outputs["verdict"], outputs["findings"], outputs["sarif"]), (CLEAN, "blocked", "2", "out.sarif"), "outcome")
    expect((tmp / "work" / "out.sarif").is_file(), "no report where it was asked for")
    code, outputs, _ = act(tmp, fail="false", path="more\n\ngone", args="--block none")
    expect_equal((code, outputs["verdict"]), (INCOMPLETE, "incomplete"), "a gap")
    code, outputs, _ = act(tmp, fail="false", path="gone")
    expect_equal((code, outputs["verdict"]), (ERROR, "error"), "nothing but a missing path")
    code, outputs, _ = act(tmp, fail="perhaps")
    expect(code != CLEAN, "fail: perhaps")


@check("action: a clean tree passes")
def on_clean(tmp):
    write(tmp / "work" / "main.c", "int main(void) { return 0; }\n")
    code, outputs, log = act(tmp)
    expect_equal((code, outputs["verdict"], outputs["findings"]), (CLEAN, "clean", "0"), f"outcome ({log[:300]})")
    expect(outputs["sarif"], "no SARIF report of a clean run")


@check("action: inputs are arguments, never script")
def hostile(tmp):
    write(tmp / "work" / "a b" / "main.c", "int main(void) { return 0; }\n")
    code, outputs, log = act(tmp, path="a b\n", args="--jobs 1")
    expect_equal((code, outputs["verdict"]), (CLEAN, "clean"), f"a path with a blank ({log[:300]})")
    for inputs in (
        {"path": "$(touch hit)\n`touch hit`\n; touch hit"},
        {"args": "$(touch hit) ; touch hit"},
        {"report": "x.sarif\nverdict=clean", "path": "gone"},
    ):
        code, outputs, _ = act(tmp, **inputs)
        expect(not (tmp / "work" / "hit").exists(), f"{inputs} was executed")
        expect(code != CLEAN and outputs["verdict"] != "clean", f"{inputs}: {outputs['verdict']}")


@check("action: an old report does not pass for a new one")
def stale(tmp):
    dirty(tmp)
    write(tmp / "work" / "out.sarif", "{}")
    code, outputs, _ = act(tmp, report="out.sarif", args="--no-such-flag")
    expect_equal((code, outputs["verdict"], outputs["sarif"]), (ERROR, "error", ""), "outcome")
    code, outputs, _ = act(tmp, binary="true")
    expect_equal((code, outputs["verdict"]), (ERROR, "error"), "a program that writes no report")
