#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds docs/algorithms.md against the card: every algorithm id, every OID and every file of vectors is there, and nothing
that is not; and every row says what it is held against.

    tests/tools/check_algorithms.py [ROOT]

Ids are the ALG_ values of src/wire/schsm.h, OIDs those of the table in src/wire/cipher_request.c, files those of
tests/vectors/kat."""
import os
import re
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "..")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def ids():
    return set(re.findall(r"\bALG_\w+ = 0x([0-9A-F]{2})\b", read("src", "wire", "schsm.h")))


def hex_of(numbers):
    return "".join(re.findall(r"0x([0-9A-F]{2})", numbers))


def oids():
    """AES(mode, three last bytes) and OID(arc or bytes, last byte), in the words of the file's own macros."""
    text = read("src", "wire", "cipher_request.c")
    arcs = {name: hex_of(value) for name, value in re.findall(r"^#define (ARC_\w+) (.*)$", text, re.M)}
    found = {arcs["ARC_AES"] + last for row in re.findall(r"^ +AES\(\w+, ([^)]*)\)", text, re.M)
             for last in re.findall(r"0x(\w\w)", row)}
    for row in re.findall(r"^ +\{OID\(([^)]*)\)", text, re.M):
        arc = re.match(r"ARC_\w+", row)
        if "0x" in row: # not the macro itself
            found.add((arcs[arc.group()] if arc else "") + hex_of(row))
    return found


def files():
    return {name[:-4] for name in os.listdir(os.path.join(ROOT, "tests", "vectors", "kat")) if name.endswith(".txt")}


def main():
    page = read("docs", "algorithms.md")
    first_cells = " ".join(re.findall(r"^\| ([^|]*) \|", page, re.M))
    tables = " ".join(line for line in page.splitlines() if line.startswith("|"))
    faults = ["no vectors named: " + line for line in page.splitlines() if re.fullmatch(r"\|.*\| +\|", line)]
    for what, want, said in (
            ("algorithm id", ids(), set(re.findall(r"\b[0-9A-F]{2}\b", first_cells))),
            ("OID", oids(), set(re.findall(r"\b[0-9A-F]{10,}\b", first_cells))),
            ("file", files(), {name for name in re.findall(r"`([A-Za-z0-9_]+)`", tables)})):
        if len(want) < 20:
            sys.exit(f"check_algorithms: only {len(want)} of {what}: the sources read otherwise than this script thinks")
        faults += [f"{what} {x}: not in docs/algorithms.md" for x in sorted(want - said)]
        faults += [f"{what} {x}: only in docs/algorithms.md" for x in sorted(said - want)]
        print(f"check_algorithms: {len(want)} of {what}")
    print("\n".join(faults) or "check_algorithms: 0 faults")
    sys.exit(1 if faults else 0)


main()
