#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds tests/chips.md against the card: every command has a test that it succeeds and one that it is refused, on each
emulated chip.

    tests/board/check_chips.py [ROOT]

What commands there are is read from the tables of src/card, what algorithms from those of src/wire; of each algorithm an
answer is known and one thing is refused. A row names tests as `script: TEXT`; with `commands` the line `good` or `bad` of
tests/compat/test_commands.sh must be there with the row's code and this TEXT, of other scripts TEXT must be a line's part,
there or in the host program (*_host.py) that the script plays. tests/board/CMakeLists.txt must run the script on the chips
that the row names."""
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


NO_ALGORITHM = {"ALG_ECDH_AUTPUK"} # a number of upstream's that nothing serves


def algorithms():
    """P2 of every algorithm, and how src/wire calls each mode, MAC and derivation that an OID names."""
    header = read("src", "wire", "schsm.h")
    ids = {"%02X" % value for name, value in
           ((name, int(value, 16)) for name, value in re.findall(r"\b(ALG_\w+) = 0x([0-9A-F]{2})\b", header))
           if name not in NO_ALGORITHM}
    table = read("src", "wire", "cipher_request.c")
    modes = set(re.findall(r"^ +AES\(CRYPTO_(\w+),", table, re.M)) | set(re.findall(r"CIPHER_TEXT, CRYPTO_(\w+)", table))
    modes |= {"%s-%s" % pair for pair in re.findall(r"CRYPTO_(HMAC), CRYPTO_(\w+)", table)}
    modes |= {"HKDF-" + name for name in re.findall(r"CIPHER_HKDF, 0, CRYPTO_(\w+)", table)}
    modes |= set(re.findall(r"CIPHER_(PBKDF2|X963|HD), ", table))
    if len(ids) < 40 or len(modes) < 15:
        raise SystemExit("check_chips: the tables of algorithms read otherwise than this script thinks")
    return ids | modes


# ---- what the tables say ----

def table():
    """Code, and the cells with the tests, of each row."""
    for line in read("tests", "chips.md").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and re.fullmatch(r"[0-9A-F]{2}(/[0-9A-F]{2})?|rescue/[0-9A-F]{2}", cells[2]):
            yield cells[2], cells[3], cells[4]


def algorithm_table():
    """The names, and the cells with the tests, of each row of the second table."""
    page = read("tests", "chips.md")
    for line in page[page.index("\n## Algorithms"):].splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] not in ("Id", "---"):
            yield cells[0].split(", "), cells[2], cells[3]


def scripts_of_chip(chip):
    """The names of the tests that tests/board/CMakeLists.txt runs on a chip, as chips.md writes them."""
    text = read("tests", "board", "CMakeLists.txt")
    names = set(re.findall(r"\badd_board_test\(\$\{chip\} (\w+)", text))
    names |= set(re.search(r"foreach\(test ([a-z0-9_ ]+)\)", text).group(1).split())
    return names - ({"secure_boot"} if chip == "rp2040" else set())


def with_host(script):
    hosts = re.findall(r"tests/compat/(\w+_host\.py)", script)
    return "\n".join([script] + [read("tests", "compat", host) for host in hosts])


def script_text(name):
    for folder in ("board", "compat"):
        path = os.path.join("tests", folder, "test_%s.sh" % name)
        if os.path.exists(os.path.join(ROOT, path)) and not (folder == "board" and name == "commands"):
            return with_host(read(path))
    return None


def is_there(name, code, text, done):
    script = script_text(name)
    if script is None:
        return False
    if name != "commands":
        return text in script
    verbs = r"(good|good-inside|lock|authenticate)" if done else r"(bad|bad-inside|lock)"
    code = r"\S+" if code is None else re.escape(code)
    return re.search(r"^%s %s .*# %s$" % (verbs, code, re.escape(text)), script, re.M) is not None


def faults_of(row, code, cell, done):
    """Of one cell; `code`: what a line of test_commands.sh has to be of, None: anything."""
    kind = "success" if done else "refusal"
    tests = re.findall(r"`(\w+): ([^`]+)`(?: \((rp\d+)\))?", cell)
    for name, text, chip in tests:
        if not is_there(name, code, text, done):
            yield "%s: no test of %s says \"%s\"" % (row, name, text)
    for chip in CHIPS:
        if not any(only in ("", chip) and name in scripts_of_chip(chip) for name, _, only in tests):
            if "no %s" % chip not in cell:
                yield "%s: no test of a %s runs on %s" % (row, kind, chip)


def compare(rows, there, by_code):
    """Faults, and how many names there are."""
    faults, seen = [], set()
    for names, done, refused in rows:
        faults += ["%s: two rows" % name for name in names if name in seen]
        seen |= set(names)
        code = names[0] if by_code else None
        faults += list(faults_of(names[0], code, done, True)) + list(faults_of(names[0], code, refused, False))
    faults += ["%s: the card has it, chips.md has not" % name for name in sorted(there - seen)]
    faults += ["%s: chips.md has it, the card has not" % name for name in sorted(seen - there)]
    return faults, len(seen)


def main():
    faults, count = compare((([code], done, refused) for code, done, refused in table()), codes(), True)
    more, kinds = compare(algorithm_table(), algorithms(), False)
    for fault in faults + more:
        print("check_chips: " + fault)
    faults += more
    if not faults:
        print("check_chips: %d commands and %d algorithms, each done and refused on %s" % (count, kinds, " and ".join(CHIPS)))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    main()
