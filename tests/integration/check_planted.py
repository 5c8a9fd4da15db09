"""What is planted is found, at its very column, by its rule, and nothing else is."""

from harness import BLOCKED, CLEAN, check, credlint, expect, expect_equal, expect_exit, findings
from materialise import TESTDATA, materialise


def place(entry):
    return (entry["path"], entry["line"], entry["column"], entry["rule"])


def compare(theme, tmp):
    """Scans a theme's tree from inside and compares the places."""
    wanted = materialise(theme, tmp / "tree")["findings"]
    run = credlint("scan", "--report", "json", cwd=tmp / "tree")
    expect_exit(run, BLOCKED, theme)
    places = {(entry["file"], entry["line"], entry["column"], entry["rule"]) for entry in wanted}
    found = findings(run.json())
    actual = [place(entry) for entry in found]
    expect(not places - set(actual), f"missed: {sorted(places - set(actual))}; instead: {sorted(set(actual) - places)}")
    expect(not set(actual) - places, f"not planted: {sorted(set(actual) - places)}")
    expect_equal(len(actual), len(set(actual)), "findings without doubles")
    parts = {(entry["file"], entry["line"], entry["column"]): entry["parts"] for entry in wanted if "parts" in entry}
    ends = {(entry["file"], entry["line"], entry["column"]): entry["length"] for entry in wanted if "length" in entry}
    for entry in found:
        length = ends.get((entry["path"], entry["line"], entry["column"]))
        if length is not None:
            expect_equal((entry["end_line"], entry["end_column"]), (entry["line"], entry["column"] + length), f"end of {place(entry)}")
        for part in parts.get((entry["path"], entry["line"], entry["column"]), []):
            expect(any(part.items() <= there.items() for there in entry["parts"]), f"parts of {place(entry)}: no {part}")


@check("planted: every credential at its place, nothing else")
def planted(tmp):
    compare("planted", tmp)


@check("planted: UTF-8 with BOM, UTF-16, Latin-1, bare CR")
def encodings(tmp):
    compare("encodings", tmp)


@check("planted: placeholders, references and hashes block nothing")
def clean(tmp):
    # Weak and default passwords may be reported as possible.
    materialise("clean", tmp / "tree")
    run = credlint("scan", "--report", "json", cwd=tmp / "tree")
    blocking = [place(entry) for entry in findings(run.json()) if entry["outcome"] == "blocks"]
    expect_equal(blocking, [], "blocking")
    expect_exit(run, CLEAN, "clean")


@check("planted: the stored, spliced files scan clean")
def stored(tmp):
    expect_exit(credlint("scan", "--include-ignored", TESTDATA), CLEAN, "testdata as it is stored")
