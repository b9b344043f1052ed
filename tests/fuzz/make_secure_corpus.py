#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of fuzz_secure, one file each, into the folder given; the framing is that of fuzz_secure.c."""
import os
import sys

SEALED, OBJECTS, BLOCKS, PLAIN, ANSWER = range(5)
USER, POLICY = 1, 2
SELECT = "00A404000BE82B0601040181C31F020100"
VERIFY = "0020008106363438323139"
MSE = "002241A40C800A04007F00070202030202"
G = ("046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
     "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5")

INPUTS = {
    "sealed": (USER, [(SEALED, "0084000008"), (SEALED, "0058000000"), (SEALED, "00B1CF0104540200000000"),
                      (SEALED, "80680173036162630000"), (SEALED, "00D7CF02075402000053 0141"), (PLAIN, "00C0000000")]),
    "pins": (POLICY, [(PLAIN, VERIFY), (SEALED, VERIFY), (SEALED, "002400810C363438323139313233343536"),
                      (SEALED, "002C00810E3537363231383830363438323139"), (SEALED, "0020008806313131313131"), (PLAIN, "00200081")]),
    "chain": (0, [(SEALED, "1020008103363438"), (SEALED, "0020008103323139"), (SEALED, "1020008103363438"), (PLAIN, "0020008103323139"),
                  (PLAIN, "1020008103363438"), (SEALED, "0020008103323139")]),
    "ends": (USER, [(SEALED, SELECT), (PLAIN, SELECT), (SEALED, MSE), (PLAIN, MSE), (SEALED, "00860000457C438041" + G + "00"),
                    (PLAIN, "00860000457C438041" + G + "00"), (PLAIN, "0C8400000A8E080000000000000000"), (SEALED, "0084000008")]),
    "objects": (0, [(OBJECTS, "00840000" "970108"), (OBJECTS, "00840000" "97020000"), (OBJECTS, "00840000"), (OBJECTS, "00840000" "9700"),
                    (OBJECTS, "00200081" "8711010000000000000000000000000000000 0"), (OBJECTS, "00B12F1E" "8510" + "00" * 16),
                    (OBJECTS, "00840000" "8781820108"), (OBJECTS, "00840000" "99029000"), (OBJECTS, "00840000" "8E00")]),
    "blocks": (USER, [(BLOCKS, "00200081" "36343832313980" + "00" * 9), (BLOCKS, "00B1CF01" "5402000080" + "00" * 11),
                      (BLOCKS, "00D7CF02" "54020000530141" "80" + "00" * 24), (BLOCKS, "00840000" + "00" * 16), (BLOCKS, "00840000" + "41" * 16),
                      (BLOCKS, "10200081" "36343880" + "00" * 12), (BLOCKS, "00200081" "32313980" + "00" * 12)]),
    "answers": (0, [(ANSWER, "99029000"), (ANSWER, "871101" + "00" * 16 + "99029000"), (ANSWER, "990190"), (ANSWER, "970108")]),
    "long": (USER, [(SEALED, "00D7CF02000FFF540200005382 0FF7".replace(" ", "") + "41" * 4087), (SEALED, "00B1CF0200000454020000 0000"),
                    (BLOCKS, "00D7CF03" "5402000053820FF8" + "42" * 4088 + "80" + "00" * 15), (SEALED, "10D7CF0308540200005382000A"),
                    (SEALED, "00D7CF030A41424344454647484 94A".replace(" ", ""))]),
}


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for name, (choice, steps) in INPUTS.items():
        out = bytes([choice])
        for kind, text in steps:
            data = bytes.fromhex(text.replace(" ", ""))
            size = bytes([len(data)]) if len(data) < 0xFF else b"\xff" + len(data).to_bytes(2, "big")
            out += bytes([kind]) + size + data
        with open(os.path.join(folder, name), "wb") as f:
            f.write(out)


if __name__ == "__main__":
    main(sys.argv[1])
