#!/usr/bin/env python3
"""Runs the checks: one line each, `ok NAME` or `FAIL NAME: why`, and `N passed, N failed` at the end.

Started by tests/integration/run, which brings the validators. Arguments choose the checks whose name holds one of them.
"""

import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

import harness

# Order of the output.
PARTS = ["contract", "planted", "allow", "redaction", "determinism", "sarif", "action", "pre_commit", "inventory", "documents"]


def run(name, function):
    """Runs one check; the reason when it fails."""
    folder = Path(tempfile.mkdtemp(prefix="credlint-check-"))
    try:
        function(folder)
        return None
    except harness.Failed as complaint:
        return str(complaint)
    except Exception as error:
        # A missing key or a hung program is a failure of the check like any other.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    harness.require_binary()
    for part in PARTS:
        __import__(f"check_{part}")
    words = sys.argv[1:]
    chosen = [(name, function) for name, function in harness.CHECKS if not words or any(word in name for word in words)]
    passed = failed = 0
    try:
        for name, function in chosen:
            start = time.monotonic()
            why = run(name, function)
            seconds = time.monotonic() - start
            if why is None:
                passed += 1
                print(f"ok {name}" + (f" ({seconds:.0f} s)" if seconds >= 2 else ""), flush=True)
            else:
                failed += 1
                print(f"FAIL {name}: {' '.join(why.split())}", flush=True)
    finally:
        shutil.rmtree(harness.HOME, ignore_errors=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    # A suite that ran nothing is no success either.
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
