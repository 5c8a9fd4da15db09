#!/usr/bin/env python3
"""Judges what the SARIF multitool's `validate` wrote: its own exit code is 0 even with errors.

    multitool_gate.py VALIDATION.sarif     prints the errors; 1 when there is one
"""

import json
import sys


def errors(log):
    """The error-level results of a validation log, one line each. A log of nothing is an error too."""
    found = []
    for run in log["runs"]:
        rules = {rule["id"]: rule for rule in run["tool"]["driver"].get("rules", [])}
        for result in run.get("results", []):
            # A result without a level has its rule's, which is `warning` when that says nothing either.
            rule = rules.get(result.get("ruleId"), {})
            level = result.get("level") or rule.get("defaultConfiguration", {}).get("level", "warning")
            if level == "error":
                message = result["message"]
                found.append(f"{result.get('ruleId')}: {message.get('text') or message.get('arguments')}")
        for invocation in run.get("invocations", []):
            if not invocation.get("executionSuccessful", False):
                found.append("the validation itself did not succeed")
    return found or ([] if log["runs"] else ["no run"])


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__.strip())
    with open(sys.argv[1], encoding="utf-8-sig") as file:
        found = errors(json.load(file))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
