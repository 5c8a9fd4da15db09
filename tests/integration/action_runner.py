"""Runs a composite action's steps as the Actions runner does, as far as our own action needs it.

Only steps with `shell: bash` and only the expressions below are known; anything else fails, so that the action cannot
outgrow what is tested here.
"""

import re
from pathlib import Path

import yaml
from harness import expect, program

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


class Action:
    """An action's file, and the folder it stands in."""

    def __init__(self, path):
        self.folder = Path(path).parent
        self.parsed = yaml.safe_load(Path(path).read_text("utf-8"))

    def run(self, inputs, workspace, temporary):
        """Runs it in a workspace: the last exit code, the outputs and the log."""
        temporary.mkdir(exist_ok=True)
        unknown = set(inputs) - set(self.parsed["inputs"])
        expect(not unknown, f"no such input: {sorted(unknown)}")
        values = {f"inputs.{name}": inputs.get(name, str(entry.get("default", ""))) for name, entry in self.parsed["inputs"].items()}
        values |= {"github.action_path": str(self.folder), "runner.temp": str(temporary)}
        log, code = "", 0
        for number, step in enumerate(self.parsed["runs"]["steps"]):
            run = self.step(step, number, values, workspace, temporary)
            log += run.text
            code = run.code
            if code:
                break
        outputs = {name: substituted(entry["value"], values) for name, entry in self.parsed["outputs"].items()}
        return code, outputs, log

    @staticmethod
    def step(step, number, values, workspace, temporary):
        """Runs one step and files its outputs."""
        expect(set(step) <= {"name", "id", "shell", "env", "run"} and step["shell"] == "bash", f"step {step.get('name')}: not known here")
        expect("${{" not in step["run"], f"step {step['name']}: an expression inside its script")
        script, output = temporary / f"step-{number}.sh", temporary / f"output-{number}"
        script.write_text(step["run"], "utf-8")
        output.touch()
        env = {name: substituted(str(value), values) for name, value in step.get("env", {}).items()}
        run = program(
            "bash", "--noprofile", "--norc", "-eo", "pipefail", script, cwd=workspace,
            GITHUB_OUTPUT=str(output), GITHUB_ACTIONS="true", CI="true", **env,
        )
        for line in output.read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            values[f"steps.{step.get('id')}.outputs.{name}"] = value
        return run


def substituted(text, values):
    """A text with its expressions replaced. Outputs of steps that did not run are empty, as on the runner."""

    def value(match):
        name = match.group(1)
        expect(name in values or name.startswith("steps."), f"expression not known here: {name}")
        return values.get(name, "")

    return EXPRESSION.sub(value, text)
