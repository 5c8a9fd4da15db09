"""The register in every format, read by the programs that read it."""

import csv
import json
import sqlite3

import credentials
from check_redaction import leaks
from harness import CLEAN, ERROR, ROOT, VENV, check, credlint, expect, expect_equal, expect_exit, git, program, write

KEY = {"CREDLINT_KEY": "the key of the integration suite"}
FORMATS = {"table": "txt", "json": "json", "csv": "csv", "cyclonedx": "cdx.json", "html": "html", "markdown": "md"}
CYCLONEDX = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding="utf-8").read())
sys.exit(None if wrong is None else f"no CycloneDX 1.6: {str(wrong)[:400]}")
"""


def repository(folder):
    """A repository with embedded, removed, referenced and declared identities; the values are returned."""
    kept, gone, word = credentials.github(), credentials.stripe(), credentials.phrase()
    write(folder / "deploy.sh", f"curl -H 'X-Token: {kept}' https://shop.internal\n")
    write(folder / "old.env", f"STRIPE_KEY={gone}\n")
    write(folder / "settings.py", f"URL = '{credentials.database_url(word)}'\n")
    write(
        folder / ".github" / "workflows" / "release.yml",
        "on: push\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: make\n        env:\n          REGISTRY_TOKEN: ${{ secrets.REGISTRY_TOKEN }}\n",
    )
    write(folder / "k8s" / "web.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  namespace: shop\n")
    write(folder / "main.tf", 'resource "aws_iam_user" "deploy" {\n  name = "deploy"\n  tags = { Owner = "team-shop" }\n}\n')
    # What a spreadsheet, a page and a table would take for their own.
    write(folder / "=1+1|<b>.py", f"import os\nkey = os.environ['API_TOKEN']\ntoken = '{kept}'\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "Begin (#1)")
    git(folder, "rm", "--quiet", "old.env")
    git(folder, "commit", "--quiet", "-m", "Without the old key")
    return [kept, gone, word]


def reports(folder):
    """The arguments that write all formats into a folder."""
    return [argument for form, end in FORMATS.items() for argument in ("--report", f"{form}={folder}/register.{end}")]


def register(tmp):
    """The register of such a repository in all formats, and the values that none of them may hold."""
    secrets = repository(tmp / "shop")
    run = credlint("inventory", tmp / "shop", *reports(tmp), "--db", tmp / "register.db", **KEY)
    expect_exit(run, CLEAN, "inventory")
    expect(not leaks(run.out + run.err, secrets), "a secret is on standard output or error")
    return json.loads((tmp / "register.json").read_text("utf-8")), secrets


@check("inventory: JSON is valid by its schema, and the schema is the one that the command prints")
def schema(tmp):
    found, _ = register(tmp)
    stored = ROOT / "docs" / "schema" / "inventory.schema.json"
    run = program(VENV / "check-jsonschema", "--schemafile", stored, tmp / "register.json")
    expect(run.code == 0, run.text)
    printed = credlint("inventory", "schema")
    expect_equal(json.loads(printed.out), json.loads(stored.read_text("utf-8")), "schema")
    kept = {row["resolved"]["storage"] for row in found["identities"]}
    expect({"embedded", "history-only", "ci-store"} <= kept, f"ways of keeping: {sorted(kept)}")
    del found["identities"][0]["id"]
    broken = write(tmp / "broken.json", json.dumps(found))
    expect(program(VENV / "check-jsonschema", "--schemafile", stored, broken).code != 0, "a row without an id is valid")


@check("inventory: CycloneDX is valid by the strict schema of 1.6, one component a row, and `value` is never there")
def cyclonedx(tmp):
    found, _ = register(tmp)
    file = tmp / "register.cdx.json"
    run = program(VENV / "python", "-c", CYCLONEDX, file)
    expect(run.code == 0, run.text)
    bom = json.loads(file.read_text("utf-8"))
    expect_equal(sorted(one["bom-ref"] for one in bom["components"]), sorted(row["id"] for row in found["identities"]), "components")
    material = [one["cryptoProperties"].get("relatedCryptoMaterialProperties", {}) for one in bom["components"]]
    expect(not any("value" in one for one in material), "a value is filled")
    bom["components"][0]["cryptoProperties"]["assetType"] = "no such type"
    expect(program(VENV / "python", "-c", CYCLONEDX, write(tmp / "broken.json", json.dumps(bom))).code != 0, "the validator takes anything")


@check("inventory: CSV has one line a row and no formula")
def worksheet(tmp):
    found, _ = register(tmp)
    with open(tmp / "register.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, strict=True))
    expect_equal([line["id"] for line in lines], [row["id"] for row in found["identities"]], "ids")
    for line in lines:
        expect(None not in line and None not in line.values(), f"a line of another length: {line['id']}")
        expect(not any(cell.startswith(("=", "+", "-", "@")) for cell in line.values()), f"a formula: {line}")


@check("inventory: SQLite's own reader finds a whole database with the same rows and places")
def database(tmp):
    found, _ = register(tmp)
    base = sqlite3.connect(f"file:{tmp}/register.db?mode=ro", uri=True)
    try:
        expect_equal(base.execute("PRAGMA integrity_check").fetchone()[0], "ok", "integrity")
        expect_equal(base.execute("PRAGMA foreign_key_check").fetchall(), [], "ids without a row")
        ids = [row[0] for row in base.execute("SELECT id FROM identities ORDER BY id")]
        expect_equal(ids, sorted(row["id"] for row in found["identities"]), "ids")
        places = sum(len(row["facts"]["locations"]) for row in found["identities"])
        expect_equal(base.execute("SELECT count(*) FROM locations").fetchone()[0], places, "places")
    finally:
        base.close()


@check("inventory: no format holds a secret or its half, and a second run writes the same bytes")
def secrets_and_bytes(tmp):
    _, secrets = register(tmp)
    files = sorted(tmp.glob("register.*"))
    expect_equal(len(files), len(FORMATS) + 1, "files")
    for file in files:
        content = file.read_bytes()
        expect(content, f"{file.name} is empty")
        expect(not leaks(content, secrets), f"{file.name} holds secret {leaks(content, secrets)}")
    (tmp / "again").mkdir()
    expect_exit(credlint("inventory", tmp / "shop", "--jobs", "1", *reports(tmp / "again"), **KEY), CLEAN, "second run")
    for file in (tmp / "again").iterdir():
        expect(file.read_bytes() == (tmp / file.name).read_bytes(), f"{file.name} of a second run with one thread is another")


@check("inventory: the page allows its own script and style by their hashes and nothing else")
def page(tmp):
    register(tmp)
    script = """
const text = require("fs").readFileSync(process.argv[1], "utf8");
const policy = text.match(/Content-Security-Policy" content="([^"]*)"/)[1];
const hash = (part) => "'sha256-" + require("crypto").createHash("sha256").update(part).digest("base64") + "'";
const style = text.match(/<style>([^]*?)<\\/style>/)[1];
const code = text.match(/<script>([^]*?)<\\/script>/)[1];
JSON.parse(text.match(/<script type="application\\/json" id="data">([^]*?)<\\/script>/)[1]);
new (require("vm").Script)(code);
const wanted = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(code)}; base-uri 'none'; form-action 'none'`;
if (policy !== wanted) throw new Error(`policy ${policy}, wanted ${wanted}`);
if (/(?:src|href)=|\\son\\w+=|style=|url\\(/.test(text.slice(0, text.indexOf('id="data"')))) throw new Error("the page names something else");
"""
    run = program("node", "-e", script, tmp / "register.html")
    expect(run.code == 0, run.text)


@check("inventory: merge of a register gives it back; a broken one ends with 2")
def merge(tmp):
    register(tmp)
    run = credlint("inventory", "merge", tmp / "register.json", "--report", "json", cwd=tmp / "shop", **KEY)
    expect_exit(run, CLEAN, "merge")
    expect(run.out == (tmp / "register.json").read_bytes(), "another register")
    expect_exit(credlint("inventory", "merge", write(tmp / "broken.json", "{}"), **KEY), ERROR, "no register")
