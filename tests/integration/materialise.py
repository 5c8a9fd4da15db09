#!/usr/bin/env python3
"""Makes a scannable tree of a theme of testdata/.

The files of testdata/THEME/tree hold spliced text: a mark in every longer word, so that nothing token-shaped stands in
the repository. This copies the tree with the marks removed and adds the files that are generated (private keys).
Needs nothing but Python.

    materialise.py THEME TARGET     TARGET must not exist, or be an empty folder
"""

import base64
import json
import os
import sys
from pathlib import Path

TESTDATA = Path(__file__).resolve().parents[2] / "testdata"
MARK = "<~>"
# A file with one of these marks at its start is in that encoding, its splice marks too.
ENCODINGS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def joined(data):
    """The bytes of a stored file without its splice marks."""
    encoding = next((name for bom, name in ENCODINGS if data.startswith(bom)), "ascii")
    mark = MARK.encode(encoding)
    if len(mark) == len(MARK):
        return data.replace(mark, b"")
    # Two bytes a unit: a mark begins at an even offset.
    return data.decode(encoding, "surrogatepass").replace(MARK, "").encode(encoding, "surrogatepass")


def pem(label, der):
    """PEM armour around DER."""
    text = base64.b64encode(der).decode("ascii")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    dashes = "-" * 5
    return "\n".join([f"{dashes}BEGIN {label}{dashes}", *lines, f"{dashes}END {label}{dashes}", ""]).encode("ascii")


def ed25519_pkcs8():
    """A fresh Ed25519 key: every 32 bytes are one."""
    return pem("PRIVATE" + " KEY", bytes.fromhex("30 2e 02 01 00 30 05 06 03 2b 65 70 04 22 04 20") + os.urandom(32))


def p256_sec1():
    """A fresh P-256 key without its public half. The first byte is below that of the group's order."""
    scalar = bytes([os.urandom(1)[0] & 0x7F]) + os.urandom(31)
    curve = bytes.fromhex("a0 0a 06 08 2a 86 48 ce 3d 03 01 07")
    return pem("EC PRIVATE" + " KEY", bytes.fromhex("30 31 02 01 01 04 20") + scalar + curve)


GENERATORS = {"ed25519-pkcs8": ed25519_pkcs8, "p256-sec1": p256_sec1}


def expected(theme):
    """What testdata/THEME/expected.json says."""
    return json.loads((TESTDATA / theme / "expected.json").read_text("utf-8"))


def materialise(theme, target):
    """Writes the tree of a theme into `target` and returns what is expected of it."""
    tree, target = TESTDATA / theme / "tree", Path(target)
    wanted = expected(theme)
    if not tree.is_dir():
        raise SystemExit(f"{theme}: no such theme under {TESTDATA}")
    if target.exists() and any(target.iterdir()):
        raise SystemExit(f"{target}: not empty")
    for source in sorted(tree.rglob("*")):
        if source.is_file():
            write(target / source.relative_to(tree), joined(source.read_bytes()))
    for entry in wanted["generated"]:
        write(target / entry["file"], GENERATORS[entry["kind"]]())
    return wanted


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__.strip())
    wanted = materialise(sys.argv[1], sys.argv[2])
    print(f"{sys.argv[2]}: {len(wanted['findings'])} credentials planted")


if __name__ == "__main__":
    main()
