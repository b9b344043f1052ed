#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes vectors.h from the JSON vector files of the interface specification.

usage: make_vectors.py FOLDER_WITH_JSON > vectors.h
"""
import json
import pathlib
import sys

FILES = ("cvc", "pkcs15", "pki_chain")
WIDTH = 88
SHORTER = (
    ("key generation data field as ", ""),
    (" key (response and EF CExx)", ""),
    (" (EF 2F02), self-signed P-256", ""),
    (" (EF CE00)", ""),
    (" sends it", ""),
    (" (device, DV, root) with test roots", ""),
    (" written by", " by"),
    (" for a generated", ""),
)


def is_hex(value):
    return isinstance(value, str) and len(value) >= 4 and not set(value.lower()) - set("0123456789abcdef")


def entries(file, item):
    name = item.get("name") or item["chr"]
    for long, short in SHORTER:
        name = name.replace(long, short)
    for key, value in item.items():
        if key not in ("name", "private_key", "ca_private", "dv_private") and is_hex(value):
            yield f"{file}: {name}: {key}", value.upper()


def main(folder):
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made by make_vectors.py; see README. Do not edit. */")
    print("#ifndef TESTS_VECTORS_WIRE_H\n#define TESTS_VECTORS_WIRE_H\n")
    print("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n")
    print("/* clang-format off */")
    print("static const struct { const char *name, *hex; } vectors[] = {")
    for file in FILES:
        text = json.loads((pathlib.Path(folder) / f"{file}.json").read_text())
        for item in text.get("vectors") or text["certificates"]:
            for name, value in entries(file, item):
                print("    {" + json.dumps(name) + ",")
                rows = [value[i:i + WIDTH] for i in range(0, len(value), WIDTH)]
                print("\n".join(f'     "{row}"' for row in rows) + "},")
    print("};\n/* clang-format on */\n")
    print("""/* The hex of the vector with this name; ends the program when there is none. */
static inline const char *vector(const char *name)
{
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        if (strcmp(vectors[i].name, name) == 0) return vectors[i].hex;
    }
    fprintf(stderr, "no vector: %s\\n", name);
    abort();
}

#endif""")


if __name__ == "__main__":
    main(sys.argv[1])
