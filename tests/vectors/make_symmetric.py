#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes symmetric.h next to this file from symmetric.json and derive.json of the specification of this project.

usage: make_symmetric.py FOLDER-OF-THE-JSON-FILES
"""
import json
import pathlib
import sys

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made by make_symmetric.py; see README.md. Do not edit. Symmetric operations, known answers: the keys are test keys. */
#ifndef TESTS_VECTORS_SYMMETRIC_H
#define TESTS_VECTORS_SYMMETRIC_H

#include <stdint.h>

/* clang-format off */
static const struct symmetric_vector {
    const char *name, *key;
    uint8_t p2;
    const char *data;
    uint32_t ne;
    uint16_t sw;
    const char *answer;
} symmetric_vectors[] = {
"""
TAIL = """};
/* clang-format on */

#endif
"""


def text(value):
    value = value.upper()
    parts = [value[i:i + 96] for i in range(0, len(value), 96)] or [""]
    return "\n     ".join(f'"{part}"' for part in parts)


def row(name, vector, sw=0x9000, p2=None):
    le = vector.get("le")
    ne = 65536 if le in (None, "None") else int(le)
    answer = vector.get("response", "")
    return (f'    {{"{name}",\n     {text(vector["key"])}, 0x{p2 or vector["p2"]},\n     {text(vector["command_data"])},\n'
            f'     {ne}, 0x{sw:04X},\n     {text(answer)}}},\n')


def main():
    folder = pathlib.Path(sys.argv[1])
    symmetric = json.loads((folder / "symmetric.json").read_text())
    derive = json.loads((folder / "derive.json").read_text())
    rows = [row(v["name"], v) for v in symmetric["basic"] + symmetric["extended"] if v["command_data"]]
    rows += [row(v["name"], v, p2="99") for v in derive["symmetric"]]
    rows += [row(v["name"], v, sw=int(v["sw"], 16)) for v in symmetric["errors"]]
    (pathlib.Path(__file__).parent / "symmetric.h").write_text(HEAD + "".join(rows) + TAIL)


main()
