"""Same input, same bytes."""

from harness import BLOCKED, check, credlint, expect, expect_exit
from materialise import materialise


@check("determinism: 1 and 8 jobs give the same bytes, twice")
def jobs(tmp):
    for copy in range(12):
        materialise("planted", tmp / "tree" / f"{copy:02}")
    for form in ("sarif", "sarif-full", "json", "jsonl", "human"):
        runs = [credlint("scan", "--jobs", jobs, "--report", form, cwd=tmp / "tree") for jobs in (1, 8, 8)]
        for run in runs:
            expect_exit(run, BLOCKED, f"--report {form}")
        expect(len(runs[0].out) > 1000, f"{form}: hardly a report")
        expect(len({run.out for run in runs}) == 1, f"{form}: 1 and 8 jobs differ")
