"""SARIF as its consumers read it: the schema, Microsoft's multitool with GitHub's rules, GitHub's own limits and hashes."""

import copy
import json
import platform
import re
import subprocess
from pathlib import Path

import multitool_gate
from harness import BLOCKED, PATIENCE, ROOT, TOOLS, VENV, check, credlint, expect, expect_equal, expect_exit, git, program, write
from materialise import expected, materialise

PROFILES = ("sarif", "sarif-full")
MULTITOOL = TOOLS / "node" / "node_modules" / "@microsoft" / f"sarif-multitool-{platform.system().lower()}" / "Sarif.Multitool"


def scan(tmp):
    """A planted git repository, and its report in both profiles."""
    materialise("planted", tmp / "tree")
    write(tmp / "tree" / "allowed.txt", (tmp / "tree" / "service" / "notes.md").read_text("utf-8").splitlines()[3] + " # credlint:allow for the suite\n")
    git(tmp / "tree", "init", "--quiet")
    reports = [argument for profile in PROFILES for argument in ("--report", f"{profile}={tmp}/{profile}.sarif")]
    expect_exit(credlint("scan", *reports, cwd=tmp / "tree"), BLOCKED, "planted tree")
    logs = {profile: json.loads((tmp / f"{profile}.sarif").read_bytes()) for profile in PROFILES}
    expect(len(logs["sarif"]["runs"][0]["results"]) > 20, "hardly a result")
    return logs


def schema_errors(path):
    """What the SARIF schema says of a file; empty when it is valid."""
    run = program(VENV / "check-jsonschema", "--regex-variant", "python", "--schemafile", schema(), path)
    return "" if run.code == 0 else run.text


def schema():
    """The schema in the source of the crate that writes our SARIF."""
    # With the caller's environment: cargo's home is there. Without the filter it would want every platform's crates.
    host = re.search(r"^host: (\S+)$", subprocess.run(["rustc", "-vV"], capture_output=True, check=True, text=True).stdout, re.MULTILINE)
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host.group(1)]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=PATIENCE)
    package = next(package for package in json.loads(listed.stdout)["packages"] if package["name"] == "serde-sarif")
    return Path(package["manifest_path"]).parent / "src" / "schema.json"


def multitool_errors(path, tmp):
    """What the multitool says of a file under the rules of SARIF and of GitHub."""
    log = tmp / "validation.sarif"
    run = program(MULTITOOL, "validate", path, "--rule-kind", "Sarif;Ghas", "-o", log, "--log", "ForceOverwrite")
    expect(run.code == 0 and log.is_file(), f"multitool validate: exit {run.code}: {run.text[-300:]}")
    return multitool_gate.errors(json.loads(log.read_text("utf-8-sig")))


@check("sarif: both profiles are valid by the SARIF schema")
def by_schema(tmp):
    scan(tmp)
    for profile in PROFILES:
        found = schema_errors(tmp / f"{profile}.sarif")
        expect(not found, f"{profile}: {found}")


@check("sarif: both profiles pass the multitool's rules for SARIF and GitHub")
def by_multitool(tmp):
    scan(tmp)
    for profile in PROFILES:
        found = multitool_errors(tmp / f"{profile}.sarif", tmp)
        expect(not found, f"{profile}: {found}")


@check("sarif: the two validators do refuse a broken file")
def controls(tmp):
    log = scan(tmp)["sarif"]
    broken = copy.deepcopy(log)
    broken["runs"][0]["columnKind"] = "bytes"
    expect(schema_errors(write(tmp / "enum.sarif", json.dumps(broken))), "the schema takes an unknown columnKind")
    broken = copy.deepcopy(log)
    del broken["runs"][0]["results"][0]["locations"]
    expect(multitool_errors(write(tmp / "place.sarif", json.dumps(broken)), tmp), "the multitool takes a result without a place")


@check("sarif: what GitHub's code scanning requires")
def by_github(tmp):
    run = scan(tmp)["sarif"]["runs"][0]
    expect_equal(run.get("columnKind"), "utf16CodeUnits", "columnKind")
    driver = run["tool"]["driver"]
    expect(driver.get("semanticVersion") or driver.get("version"), "no version")
    rules = driver["rules"]
    for rule in rules:
        where = f"rule {rule['id']}"
        for key, most in (("shortDescription", 1024), ("fullDescription", 1024), ("help", 100_000)):
            text = rule[key]["text"]
            expect(0 < len(text) <= most, f"{where}: {key} has {len(text)} characters")
        severity = rule["properties"]["security-severity"]
        expect(isinstance(severity, str) and 0.0 < float(severity) <= 10.0, f"{where}: security-severity {severity!r}")
        expect(len(rule["properties"].get("tags", [])) <= 10, f"{where}: more than 10 tags")
        expect(rule["properties"].get("precision") in ("very-high", "high", "medium", "low"), f"{where}: precision")
    for result in run["results"]:
        where = f"result of {result['ruleId']}"
        expect_equal(rules[result["ruleIndex"]]["id"], result["ruleId"], f"{where}: rule by index")
        expect(result["message"]["text"].strip(), f"{where}: no message")
        expect(result["properties"]["confidence"] in ("certain", "likely", "possible"), f"{where}: confidence")
        expect("suppressions" not in result, f"{where}: GitHub opens an alert for suppressed results")
        expect_equal(len(result["locations"]), 1, f"{where}: locations")
        physical = result["locations"][0]["physicalLocation"]
        uri = physical["artifactLocation"]["uri"]
        expect(not uri.startswith(("/", "./")) and ":" not in uri and "\\" not in uri, f"{where}: uri {uri!r}")
        expect((tmp / "tree" / uri).is_file(), f"{where}: {uri} is not relative to the root of the repository")
        for key in ("startLine", "startColumn", "endLine", "endColumn"):
            expect(physical["region"].get(key, 0) >= 1, f"{where}: {key}")


@check("sarif: regions cut the credential out of its file, in UTF-16 units")
def regions(tmp):
    run = scan(tmp)["sarif"]["runs"][0]
    wanted = {}
    for entry in expected("planted")["findings"]:
        if "length" in entry:
            line = (tmp / "tree" / entry["file"]).read_bytes().decode("utf-8").split("\n")[entry["line"] - 1]
            start = entry["column"] - 1
            wanted[entry["file"], entry["line"], entry["rule"], line[start : start + entry["length"]]] = True
    for result in run["results"]:
        physical = result["locations"][0]["physicalLocation"]
        uri, region = physical["artifactLocation"]["uri"], physical["region"]
        if region["startLine"] != region["endLine"]:
            continue
        line = (tmp / "tree" / uri).read_bytes().decode("utf-8").split("\n")[region["startLine"] - 1].encode("utf-16-le")
        text = line[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)].decode("utf-16-le")
        wanted.pop((uri, region["startLine"], result["ruleId"], text), None)
    expect(not wanted, f"not cut out by any region: {sorted(key[:3] for key in wanted)}")


@check("sarif: primaryLocationLineHash equals the multitool's own")
def line_hashes(tmp):
    log = scan(tmp)["sarif"]
    ours = [result["partialFingerprints"]["primaryLocationLineHash"] for result in log["runs"][0]["results"]]
    places = []
    # The multitool reads the files itself, by absolute address.
    log["runs"][0].pop("originalUriBaseIds", None)
    for result in log["runs"][0]["results"]:
        del result["partialFingerprints"]
        physical = result["locations"][0]["physicalLocation"]
        places.append((physical["artifactLocation"]["uri"], physical["region"]["startLine"]))
        physical["artifactLocation"] = {"uri": (tmp / "tree" / physical["artifactLocation"]["uri"]).as_uri()}
    bare = write(tmp / "bare.sarif", json.dumps(log))
    run = program(MULTITOOL, "rewrite", bare, "-o", tmp / "hashed.sarif", "--insert", "RollingHashPartialFingerprints", "--log", "ForceOverwrite")
    expect((tmp / "hashed.sarif").is_file(), f"multitool rewrite: exit {run.code}: {run.text[-300:]}")
    theirs = [
        result.get("partialFingerprints", {}).get("primaryLocationLineHash")
        for result in json.loads((tmp / "hashed.sarif").read_text("utf-8-sig"))["runs"][0]["results"]
    ]
    expect_equal(len(theirs), len(ours), "results")
    different = [f"{path}:{line}: {a} and not {b}" for (path, line), a, b in zip(places, ours, theirs) if a != b]
    expect(not different, "; ".join(different))
    # Lines that repeat are told apart by the number behind the colon.
    expect(any(value.endswith(":3") for value in ours), "no repeated line among the results")


@check("sarif: a scan from a subfolder names paths from the repository's root")
def subfolder(tmp):
    scan(tmp)
    expect_exit(credlint("scan", "--report", f"sarif={tmp}/sub.sarif", ".", cwd=tmp / "tree" / "web"), BLOCKED, "scan of web/")
    results = json.loads((tmp / "sub.sarif").read_bytes())["runs"][0]["results"]
    paths = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results}
    expect(paths and all(path.startswith("web/") for path in paths), f"paths: {sorted(paths)}")
