#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes key_blobs.h from wrapped_keys.json and dkek.json of the interface specification.

usage: make_key_blobs.py FOLDER_WITH_JSON > key_blobs.h
"""
import json
import pathlib
import sys

WIDTH = 96


def literal(value, indent="     "):
    value = value.upper()
    lines = [value[i:i + WIDTH] for i in range(0, len(value), WIDTH)] or [""]
    return ("\n" + indent).join(f'"{line}"' for line in lines)


def rows(items, fields):
    for item in items:
        cells = [f'"{item["name"]}"']
        for field, default in fields:
            value = item.get(field, default)
            cells.append(value if field == "expect" else f"0x{value:02X}" if isinstance(value, int) else literal(value))
        print("    {" + ",\n     ".join(cells) + "},")


def main(folder):
    wrapped = json.loads((folder / "wrapped_keys.json").read_text())
    dkek = json.loads((folder / "dkek.json").read_text())
    for item in wrapped["must_fail"]:
        item["expect"] = "0x" + item["expect"]
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made by make_key_blobs.py; see README. Do not edit. Test keys: never use one. */")
    print("#ifndef TESTS_VECTORS_WIRE_KEY_BLOBS_H\n#define TESTS_VECTORS_WIRE_KEY_BLOBS_H\n")
    print("#include <stdint.h>\n\n/* clang-format off */")
    print(f'#define BLOB_DKEK "{wrapped["dkek"].upper()}"\n')
    print("static const struct { const char *name, *shares, *dkek, *kcv, *kenc, *kmac; } combinations[] = {")
    for item in dkek["combinations"]:
        item["shares"] = "".join(item["shares"])
    rows(dkek["combinations"], [(f, "") for f in ("shares", "dkek", "kcv", "kenc", "kmac")])
    print("};\n\n/* Sealed under BLOB_DKEK, or under `dkek` where that is not empty. `public`: point, other public key, or n. */")
    print("static const struct { const char *name; unsigned type; const char *dkek, *algorithms, *plain, *blob, *public; } "
          "blobs[] = {")
    for item in wrapped["vectors"]:
        item["public"] = item.get("public_point") or item.get("public_key") or item.get("n") or ""
    rows(wrapped["vectors"], [("type", 0), ("dkek", ""), ("allowed_algorithms", ""), ("plaintext", ""), ("blob", ""),
                              ("public", "")])
    print("};\n\nstatic const struct { const char *name, *blob; uint16_t sw; } bad_blobs[] = {")
    rows(wrapped["must_fail"], [("blob", ""), ("expect", "")])
    print("};\n/* clang-format on */\n\n#endif")


main(pathlib.Path(sys.argv[1]))
