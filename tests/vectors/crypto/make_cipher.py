#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes cipher.h, known answers of ciphers, MACs and KDFs for tests/unit/crypto, from published files.

usage: make_cipher.py VECTORS SYMMETRIC > cipher.h
  VECTORS    the folder cryptography_vectors of Debian's package python3-cryptography-vectors
  SYMMETRIC  symmetric.json of the interface specification
Takes a few cases of each kind, always the same; README says where they come from.
"""
import json
import pathlib
import re
import sys

WIDTH = 100
HASHES = {"SHA-1": "SHA1", "SHA-224": "SHA224", "SHA-256": "SHA256", "SHA-384": "SHA384", "SHA-512": "SHA512"}
HMAC_OIDS = {f"2a864886f70d02{7 + i:02x}": h for i, h in enumerate(HASHES.values())}


def records(path):
    """Yields dicts of what 'NAME = VALUE' lines say; what brackets and lines before the first record say stays."""
    context, record = {}, {}
    for line in path.read_text(errors="replace").splitlines():
        line = line.strip().strip("[]")
        pair = re.fullmatch(r"([\w ]+?)\s*=\s*(.*)", line)
        if line == "FAIL":
            record["FAIL"] = ""
        elif pair and pair.group(1).lower() in ("alen", "plen", "nlen", "tlen", "keylen", "ivlen", "ptlen", "aadlen",
                                                "taglen", "dataunitlen", "key data length", "sharedinfo length"):
            if len(record) > 1:
                yield {**context, **record}
                record = {}
            context[pair.group(1).lower()] = int(pair.group(2))
        elif pair and pair.group(1).lower() == "count" or line in HASHES or line in ("ENCRYPT", "DECRYPT"):
            if len(record) > 1:
                yield {**context, **record}
            record = {}
            if line in HASHES:
                context["hash"] = HASHES[line]
            elif not pair:
                context["direction"] = line
        elif pair and not line.startswith(("Counter", "Hash input", "K1", "K2", "K3", "K4")):
            name = pair.group(1).lower()
            if name in ("key", "nonce") and not record:
                context[name] = pair.group(2)
            else:
                record[name] = pair.group(2)
    if record:
        yield {**context, **record}


def spread(cases, n):
    """n of them, from the first to the last."""
    cases = list(cases)
    return cases if len(cases) <= n else [cases[i * (len(cases) - 1) // (n - 1)] for i in range(n)]


def text(value):
    value = value.lower()
    if not re.fullmatch(r"([0-9a-f]{2})*", value):
        sys.exit(f"not hex: {value[:40]}")
    pieces = [value[i:i + WIDTH] for i in range(0, len(value), WIDTH)] or [""]
    return "\n     ".join(f'"{p}"' for p in pieces)


def row(*fields):
    print("    {" + ", ".join(fields) + "},")


def cipher(mode, key, iv, aad, plain, out, tag=0, hash_name="SHA1", fails=False):
    row(f"CRYPTO_{mode}", f"CRYPTO_{hash_name}", str(tag), *map(text, (key, iv, aad, plain, out)),
        "true" if fails else "false")


# ---- ciphers ----

def modes(folder):
    for size in (128, 192, 256):
        for mode, name in (("OFB", f"OFB/OFBMMT{size}.rsp"), ("CFB", f"CFB/CFB128MMT{size}.rsp"),
                           ("CTR", f"CTR/aes-{size}-ctr.txt")):
            for r in spread([r for r in records(folder / name) if r["direction"] == "ENCRYPT"], 3):
                cipher(f"AES_{mode}", r["key"], r["iv"], "", r["plaintext"], r["ciphertext"])


def gcm(folder):
    for size in (128, 192, 256):
        cases = [r for r in records(folder / f"GCM/gcmEncryptExtIV{size}.rsp")
                 if r["taglen"] >= 96 and r["ivlen"] <= 512 and "ct" in r]
        for iv in (8, 96):
            for r in spread([r for r in cases if r["ivlen"] == iv], 6):
                cipher("AES_GCM", r["key"], r["iv"], r["aad"], r["pt"], r["ct"] + r["tag"], r["taglen"] // 8)


def ccm(folder):
    for size in (128, 192, 256):
        for kind, n in (("VADT", 5), ("VNT", 7), ("VPT", 5), ("VTT", 7)):
            for r in spread(records(folder / f"CCM/{kind}{size}.rsp"), n):
                aad, plain = r["adata"][:2 * r["alen"]], r["payload"][:2 * r["plen"]]
                cipher("AES_CCM", r["key"], r["nonce"], aad, plain, r["ct"], r["tlen"])


def xts(folder):
    # IEEE 1619-2007, vector 1: both halves of the key are equal.
    cipher("AES_XTS", "00" * 32, "00" * 16, "", "00" * 32,
           "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e")
    # Vector 15: a last part of a block.
    cipher("AES_XTS", "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0", "9a78563412" + "00" * 11, "",
           "000102030405060708090a0b0c0d0e0f10", "6c1625db4671522d3d7599601de7ca09ed")
    for size in (128, 256):
        cases = [r for r in records(folder / f"XTS/tweak-128hexstr/XTSGenAES{size}.rsp")
                 if r["direction"] == "ENCRYPT" and r["dataunitlen"] % 8 == 0]
        for n in sorted({r["dataunitlen"] for r in cases}):
            for r in spread([r for r in cases if r["dataunitlen"] == n], 3):
                cipher("AES_XTS", r["key"], r["i"], "", r["pt"], r["ct"])


def chachapoly(folder):
    for r in records(folder / "openssl.txt"):
        cipher("CHACHA20_POLY1305", r["key"], r["iv"], r.get("aad", ""), r["plaintext"], r["ciphertext"] + r["tag"],
               16, fails="result" in r)


# ---- what the specification has ----

def tlvs(data):
    data, out = bytes.fromhex(data), {}
    while data:
        n, head = data[1], 2
        if n == 0x81:
            n, head = data[2], 3
        elif n == 0x82:
            n, head = int.from_bytes(data[2:4], "big"), 4
        out[data[0]], data = data[head:head + n].hex(), data[head + n:]
    return out


def from_specification(cases):
    for c in cases:
        t, mode = tlvs(c["command_data"]), c["oid"].split("-")
        sealed, first = c["response"], t.get(0x81, "")
        if mode[0].startswith("AES") and mode[1] != "HD":
            name, iv = "AES_" + mode[1], t.get(0x82, "" if mode[1] == "ECB" else "00" * 16)
        elif mode[0] == "CHACHA20":
            name, iv = "CHACHA20_POLY1305", t[0x82]
        elif mode[0] == "HMAC":
            cipher("HMAC", c["key"], "", "", first, sealed, hash_name=mode[1])
            continue
        else:
            continue
        plain, out = (first, sealed) if c["p2"] == "51" else (sealed, first)
        cipher(name, c["key"], iv, t.get(0x83, ""), plain, out)


def kdfs_from_specification(cases):
    for c in cases:
        t, mode = tlvs(c["command_data"]), c["oid"].split("-")
        if mode[0] == "HKDF":
            row("KDF_HKDF", f"CRYPTO_{mode[1]}", "0", *map(text, (c["key"], t.get(0x82, ""), t[0x81], c["response"])))
        elif mode[0] == "X963KDF":
            row("KDF_X963", f"CRYPTO_{HMAC_OIDS[t[0x81]]}", "0",
                *map(text, (c["key"], "", t.get(0x83, ""), c["response"])))
        elif mode[0] == "PBKDF2":
            p = tlvs(t[0x81])
            prf = tlvs(p[0x30])[0x06] if 0x30 in p else "2a864886f70d0207"
            # Two tags 02: rounds, then perhaps a length. The rounds are the first.
            data = bytes.fromhex(t[0x81])
            at = 2 + data[1]
            rounds = int.from_bytes(data[at + 2:at + 2 + data[at + 1]], "big")
            row("KDF_PBKDF2", f"CRYPTO_{HMAC_OIDS[prf]}", str(rounds),
                *map(text, (c["key"], p[0x04], "", c["response"])))


# ---- KDFs ----

def x963(folder):
    cases = list(records(folder / "ansx963_2001.txt"))
    for name in HASHES.values():
        for r in spread([r for r in cases if r["hash"] == name], 6):
            row("KDF_X963", f"CRYPTO_{name}", "0", *map(text, (r["z"], "", r["sharedinfo"], r["key_data"])))


def hkdf(folder):
    for name in ("SHA1", "SHA256"):
        for r in records(folder / f"rfc-5869-HKDF-{name}.txt"):
            row("KDF_HKDF", f"CRYPTO_{name}", "0",
                *map(text, (r["ikm"], r.get("salt", ""), r.get("info", ""), r["okm"])))


def pbkdf2(folder):
    for r in records(folder / "rfc-6070-PBKDF2-SHA1.txt"):
        if int(r["iterations"]) > 100000:
            continue
        password, salt = (r[k].replace("\\0", "\0").encode().hex() for k in ("password", "salt"))
        row("KDF_PBKDF2", "CRYPTO_SHA1", r["iterations"], *map(text, (password, salt, "", r["derived_key"])))


def main():
    folder, spec = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    aes = folder / "ciphers/AES"
    print("/* SPDX-License-Identifier: Apache-2.0 */\n/* Known answers of ciphers, MACs and KDFs, written by "
          "make_cipher.py; tests/vectors/README.md\n * says where they come from. */\n#ifndef TESTS_VECTORS_CIPHER_H\n"
          "#define TESTS_VECTORS_CIPHER_H\n\n#include \"oracle.h\"\n\n/* clang-format off */\n"
          "/* `out` is ciphertext, ciphertext and tag, or MAC. `fails`: it is not authentic. tag 0: 16 bytes, or none. */\n"
          "static const struct { enum crypto_mode mode; enum crypto_hash hash; uint8_t tag; const char *key, *iv, *aad, "
          "*in, *out; bool fails; } cipher_vectors[] = {")
    modes(aes)
    gcm(aes)
    ccm(aes)
    xts(aes)
    chachapoly(folder / "ciphers/ChaCha20Poly1305")
    from_specification(spec["extended"])
    print("};\n\nstatic const struct { enum kdf kdf; enum crypto_hash hash; "
          "uint32_t rounds; const char *secret, *salt, *info, *out; } kdf_vectors[] = {")
    hkdf(folder / "KDF")
    pbkdf2(folder / "KDF")
    x963(folder / "KDF")
    kdfs_from_specification(spec["extended"])
    print("};\n/* clang-format on */\n\n#endif")


main()
