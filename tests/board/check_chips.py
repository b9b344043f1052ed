#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds tests/chips.md against the card: every command has a test that it succeeds and one that it is refused, on each
emulated chip.

    tests/board/check_chips.py [ROOT]

What commands there are is read from the tables of src/card. A row names tests as `script: TEXT`; with `commands` the line
`good` or `bad` of tests/compat/test_commands.sh must be there with the row's code and this TEXT, of other scripts TEXT
must be a line's part. tests/board/CMakeLists.txt must run the script on the chips that the row names."""
import os
import re
import sys

CHIPS = ("rp2040", "rp2350")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


# ---- what there is ----

def enum_values(header, prefix):
    return {name: int(value, 16) for name, value in re.findall(r"\b(%s\w+) = 0x([0-9A-F]{2})\b" % prefix, header)}


def codes():
    """The code of every command that the card has, as chips.md writes it."""
    header = read("src", "wire", "schsm.h")
    ins, rescue = enum_values(header, "INS_"), enum_values(header, "RESCUE_INS_")
    rows = set(re.findall(r"^\s*\{(INS_\w+),", read("src", "card", "commands.c"), re.M)) - {"INS_EXTRAS"}
    found = {"%02X" % ins[name] for name in rows} | {"%02X" % ins["INS_GET_RESPONSE"]}
    found |= {"64/" + p1 for p1 in re.findall(r"^\s*\{0x([0-9A-F]{2}), 1u << ", read("src", "card", "cmd_extras.c"), re.M)}
    found |= {"rescue/%02X" % value for value in rescue.values()}
    if len(rows) < 20 or len(found) - len(rows) < 10:
        raise SystemExit("check_chips: the card's tables read otherwise than this script thinks")
    return found


# ---- what the table says ----

def table():
    """Code, and the cells with the tests, of each row."""
    for line in read("tests", "chips.md").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and re.fullmatch(r"[0-9A-F]{2}(/[0-9A-F]{2})?|rescue/[0-9A-F]{2}", cells[2]):
            yield cells[2], cells[3], cells[4]


def scripts_of_chip(chip):
    """The names of the tests that tests/board/CMakeLists.txt runs on a chip, as chips.md writes them."""
    text = read("tests", "board", "CMakeLists.txt")
    names = set(re.findall(r"\badd_board_test\(\$\{chip\} (\w+)", text))
    names |= set(re.search(r"foreach\(test ([a-z0-9_ ]+)\)", text).group(1).split())
    return names - ({"secure_boot"} if chip == "rp2040" else set())


def script_text(name):
    for folder in ("board", "compat"):
        path = os.path.join("tests", folder, "test_%s.sh" % name)
        if os.path.exists(os.path.join(ROOT, path)) and not (folder == "board" and name == "commands"):
            return read(path)
    return None


def is_there(name, code, text, done):
    script = script_text(name)
    if script is None:
        return False
    if name != "commands":
        return text in script
    verbs = r"(good|good-inside|lock|authenticate)" if done else r"(bad|bad-inside|lock)"
    return re.search(r"^%s %s .*# %s$" % (verbs, re.escape(code), re.escape(text)), script, re.M) is not None


def faults_of(code, cell, done):
    kind = "success" if done else "refusal"
    tests = re.findall(r"`(\w+): ([^`]+)`(?: \((rp\d+)\))?", cell)
    for name, text, chip in tests:
        if not is_there(name, code, text, done):
            yield "%s: no test of %s says \"%s\"" % (code, name, text)
    for chip in CHIPS:
        if not any(only in ("", chip) and name in scripts_of_chip(chip) for name, _, only in tests):
            if "no %s" % chip not in cell:
                yield "%s: no test of a %s runs on %s" % (code, kind, chip)


def main():
    faults, seen = [], set()
    for code, done, refused in table():
        if code in seen:
            faults.append("%s: two rows" % code)
        seen.add(code)
        faults += list(faults_of(code, done, True)) + list(faults_of(code, refused, False))
    there = codes()
    faults += ["%s: the card has it, chips.md has not" % code for code in sorted(there - seen)]
    faults += ["%s: chips.md has it, the card has not" % code for code in sorted(seen - there)]
    for fault in faults:
        print("check_chips: " + fault)
    if not faults:
        print("check_chips: %d commands, each done and refused on %s" % (len(seen), " and ".join(CHIPS)))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    main()
