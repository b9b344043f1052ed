#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes vectors.h, the known answers of tests/unit/crypto, from published files.

usage: make_vectors.py VECTORS SIGNATURES > vectors.h
  VECTORS     the folder cryptography_vectors of Debian's package python3-cryptography-vectors
  SIGNATURES  signatures.json of the interface specification
Takes a few cases of each kind, always the same; README says where they come from.
"""
import hashlib
import json
import pathlib
import re
import sys

WIDTH = 88
SIZES = {"P-192": 24, "P-256": 32, "P-384": 48, "P-521": 66, "K-256": 32,
         "brainpoolP256r1": 32, "brainpoolP384r1": 48, "brainpoolP512r1": 64}
CURVES = {"P-192": "SECP192R1", "P-256": "SECP256R1", "P-384": "SECP384R1", "P-521": "SECP521R1",
          "K-256": "SECP256K1", "brainpoolP256r1": "BP256R1", "brainpoolP384r1": "BP384R1",
          "brainpoolP512r1": "BP512R1", "secp192r1": "SECP192R1", "secp256r1": "SECP256R1",
          "secp521r1": "SECP521R1"}


def sections(path):
    """Yields (headers, records): records are dicts; a repeated key starts the next one."""
    headers, records, record = [], [], {}
    for line in path.read_text(errors="replace").splitlines():
        line = line.strip()
        head = re.fullmatch(r"\[(.*)\]", line)
        pair = re.fullmatch(r"([\w ]+?)\s*=\s*(.*)", line)
        if head:
            if record:
                records.append(record)
            if records:
                yield headers, records
                headers = []
            records, record = [], {}
            headers = headers + [head.group(1)]
        elif line == "FAIL":
            record["FAIL"] = ""
        elif pair:
            key, value = pair.groups()
            if key in record:
                records.append(record)
                record = {}
            record[key] = value
    if record:
        records.append(record)
    yield headers, records


def numbers(path):
    """The blocks '# Title:' + hex lines of the RSA Laboratories files, in order."""
    title, out = None, []
    for line in path.read_text(errors="replace").splitlines():
        head = re.fullmatch(r"#\s*(.*?):?\s*", line)
        if head:
            title = head.group(1)
        elif re.fullmatch(r"([0-9a-f]{2} ?)+\s*", line) and title:
            if out and out[-1][0] == title and out[-1][2]:
                out[-1][1].append(line.replace(" ", "").strip())
            else:
                out.append([title, [line.replace(" ", "").strip()], True])
            continue
        if out:
            out[-1][2] = False
    return [(t, "".join(v)) for t, v, _ in out]


def literal(text):
    parts = [text[i:i + WIDTH] for i in range(0, len(text), WIDTH)] or [""]
    return "\n     ".join(f'"{p}"' for p in parts)


def table(name, fields, rows):
    print(f"static const struct {{ {fields} }} {name}[] = {{")
    for row in rows:
        cells = [c if isinstance(c, str) and c.startswith("CRYPTO_") else str(c).lower() if isinstance(c, bool)
                 else literal(c) if isinstance(c, str) else str(c) for c in row]
        print("    {" + ", ".join(cells) + "},")
    print("};\n")


def hash_id(name):
    return "CRYPTO_" + (name if name.startswith("SHA3_") else name.replace("-", "").upper())


def number(text, size):
    value = int(text, 16)
    return value.to_bytes(size, "big").hex() if value.bit_length() <= 8 * size else None


def hashes(root):
    rows = []
    for name in ("SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3_224", "SHA3_256", "SHA3_384", "SHA3_512"):
        folder = root / "hashes" / ("SHA2" if name in ("SHA224", "SHA256", "SHA384", "SHA512") else name[:4])
        short = [r for _, rs in sections(folder / f"{name}ShortMsg.rsp") for r in rs if "MD" in r]
        for r in short[:3] + short[20:22] + short[-2:]:
            rows.append((hash_id(name), "" if r["Len"] == "0" else r["Msg"], r["MD"]))
    table("hash_vectors", "enum crypto_hash hash; const char *message, *digest;", rows)


def hmacs(root):
    rows = []
    for name, file in (("SHA1", "rfc-2202-sha1"), ("SHA224", "rfc-4231-sha224"), ("SHA256", "rfc-4231-sha256"),
                       ("SHA384", "rfc-4231-sha384"), ("SHA512", "rfc-4231-sha512")):
        for _, rs in sections(root / "HMAC" / f"{file}.txt"):
            rows += [(hash_id(name), r["Key"], r["Msg"], r["MD"]) for r in rs]
    table("hmac_vectors", "enum crypto_hash hash; const char *key, *message, *mac;", rows)


def hkdfs(root):
    rows = []
    for _, rs in sections(root / "KDF/rfc-5869-HKDF-SHA256.txt"):
        rows += [(r["IKM"], r["salt"], r["info"], r["OKM"]) for r in rs]
    table("hkdf_vectors", "const char *ikm, *salt, *info, *okm;", rows)


def pbkdf2s():
    """RFC 7914 section 11, and others from Python's hashlib (OpenSSL)."""
    cases = [(b"passwd", b"salt", 1, 64), (b"Password", b"NaCl", 80000, 64), (b"", b"", 1, 32), (b"648219", b"\0" * 16, 2, 33),
             (b"p" * 64, b"s" * 64, 3, 32), (b"p" * 65, b"s" * 65, 1001, 20), (b"p" * 200, b"s" * 300, 5, 1)]
    table("pbkdf2_vectors", "const char *password, *salt; uint32_t rounds; const char *key;",
          [(p.hex(), s.hex(), c, hashlib.pbkdf2_hmac("sha256", p, s, c, n).hex()) for p, s, c, n in cases])


def aes(root):
    rows = []
    for headers, rs in sections(root / "ciphers/AES/GCM/gcmEncryptExtIV256.rsp"):
        if not {"IVlen = 96", "Taglen = 128"} <= set(headers) and "IVlen = 96" not in headers:
            continue
        rows += [(r["Key"], r["IV"], r["AAD"], r["PT"], r["CT"] + r["Tag"], True)
                 for r in rs if len(r.get("Tag", "")) == 32 and len(r["IV"]) == 24][:2]
    for headers, rs in sections(root / "ciphers/AES/GCM/gcmDecrypt256.rsp"):
        fails = [r for r in rs if "FAIL" in r and len(r["Tag"]) == 32 and len(r["IV"]) == 24]
        rows += [(r["Key"], r["IV"], r["AAD"], "", r["CT"] + r["Tag"], False) for r in fails[:1]]
    table("gcm_vectors", "const char *key, *nonce, *aad, *plain, *sealed; bool authentic;", rows)

    rows = []
    for bits in (128, 192, 256):
        for _, rs in sections(root / f"ciphers/AES/CBC/CBCMMT{bits}.rsp"):
            rows += [(r["KEY"], r["IV"], r["PLAINTEXT"], r["CIPHERTEXT"]) for r in rs[:4]]
    table("cbc_vectors", "const char *key, *iv, *plain, *cipher;", rows)
    rows = []
    for bits in (128, 192, 256):
        for _, rs in sections(root / f"ciphers/AES/ECB/ECBMMT{bits}.rsp"):
            rows += [(r["KEY"], r["PLAINTEXT"], r["CIPHERTEXT"]) for r in rs if r["CIPHERTEXT"]][:4]
    table("ecb_vectors", "const char *key, *plain, *cipher;", rows)
    rows = []
    for bits in (128, 192, 256):
        for _, rs in sections(root / f"CMAC/nist-800-38b-aes{bits}.txt"):
            rows += [(r["KEY"], r["MESSAGE"], r["OUTPUT"]) for r in rs]
    table("cmac_vectors", "const char *key, *message, *mac;", rows)


def ec_keys(root):
    folder = root / "asymmetric/ECDSA/FIPS_186-3"
    rows, curve = [], None
    for headers, rs in sections(folder / "KeyPair.rsp"):
        curve = next((h for h in headers if h in SIZES), curve if headers and headers[0].startswith("B.4") else None)
        if curve is None or not any(h.startswith("B.4.2") for h in headers):
            continue
        n = SIZES[curve]
        rows += [("CRYPTO_" + CURVES[curve], number(r["d"], n), "04" + number(r["Qx"], n) + number(r["Qy"], n))
                 for r in rs if "d" in r][:3]
    for r in [r for _, rs in sections(root / "asymmetric/ECDSA/SECP256K1/SigGen.txt") for r in rs][:3]:
        rows.append(("CRYPTO_SECP256K1", number(r["d"], 32), "04" + number(r["Qx"], 32) + number(r["Qy"], 32)))
    table("ec_key_vectors", "enum crypto_curve curve; const char *d, *point;", rows)

    rows = []
    for headers, rs in sections(folder / "PKV.rsp"):
        if not headers or headers[0] not in SIZES:
            continue
        n = SIZES[headers[0]]
        for r in rs:
            x, y = number(r["Qx"], n), number(r["Qy"], n)
            if x and y:
                rows.append(("CRYPTO_" + CURVES[headers[0]], "04" + x + y, r["Result"].startswith("P")))
            else:  # out of range: longer than the field, so the encoding is longer too
                rows.append(("CRYPTO_" + CURVES[headers[0]], "04" + r["Qx"].zfill(2 * n + 2) + r["Qy"].zfill(2 * n + 2), False))
    table("ec_point_vectors", "enum crypto_curve curve; const char *point; bool valid;", rows)


def ecdsas(root, signatures):
    rows = []
    for headers, rs in sections(root / "asymmetric/ECDSA/FIPS_186-3/SigVer.rsp"):
        curve, _, sha = headers[0].partition(",") if headers else ("", "", "")
        if curve not in SIZES:
            continue
        n = SIZES[curve]
        good, bad = [r for r in rs if r["Result"].startswith("P")], [r for r in rs if r["Result"].startswith("F")]
        for r in good[:1] + bad[:2]:
            q, rs_hex = number(r["Qx"], n) + number(r["Qy"], n), number(r["R"], n) + number(r["S"], n)
            digest = hashlib.new(sha.replace("-", ""), bytes.fromhex(r["Msg"])).hexdigest()
            rows.append(("CRYPTO_" + CURVES[curve], "04" + q, digest, rs_hex, r["Result"].startswith("P")))
    for headers, rs in sections(root / "asymmetric/ECDSA/SECP256K1/SigGen.txt"):
        sha = headers[0].split(",")[1].replace("-", "")
        for r in rs[:2]:
            rows.append(("CRYPTO_SECP256K1", "04" + number(r["Qx"], 32) + number(r["Qy"], 32),
                         hashlib.new(sha, bytes.fromhex(r["Msg"])).hexdigest(), number(r["R"], 32) + number(r["S"], 32), True))
    for v in signatures["ecdsa"]:
        n = len(v["private_key"]) // 2
        rows.append(("CRYPTO_" + CURVES[v["curve"]], v["public_point"], v["digest"], number(v["r"], n) + number(v["s"], n), True))
    table("ecdsa_vectors", "enum crypto_curve curve; const char *point, *digest, *rs; bool valid;", rows)

    by_size = {20: "SHA1", 28: "SHA224", 32: "SHA256", 48: "SHA384", 64: "SHA512"}
    rows = []
    for v in signatures["ecdsa"]:
        n = len(v["private_key"]) // 2
        rows.append(("CRYPTO_" + CURVES[v["curve"]], hash_id(by_size[len(v["digest"]) // 2]), v["private_key"], v["digest"],
                     number(v["r"], n)))
    table("rfc6979_vectors", "enum crypto_curve curve; enum crypto_hash hash; const char *d, *digest, *r;", rows)


def ecdhs(root, signatures):
    rows = []
    for _, rs in sections(root / "asymmetric/ECDH/brainpool.txt"):
        for r in rs:
            n = SIZES[r["curve"]]
            for mine, their in (("A", "B"), ("B", "A")):
                rows.append(("CRYPTO_" + CURVES[r["curve"]], number(r["d" + mine], n),
                             "04" + number(r["x_q" + their], n) + number(r["y_q" + their], n), number(r["x_Z"], n)))
    for v in signatures["ecdh"]:
        curve = v["name"].split()[-1]
        if curve in CURVES:
            rows.append(("CRYPTO_" + CURVES[curve], v["private_key"], v["command_data"], v["shared_secret"]))
    table("ecdh_vectors", "enum crypto_curve curve; const char *d, *peer, *x;", rows)


def half_key(n, e, p, q):
    """p q dp dq qinv, each half as long as n."""
    half = (len(n) // 2 + 1) // 2
    p, q, e = int(p, 16), int(q, 16), int(e, 16)
    return "".join(v.to_bytes(half, "big").hex() for v in (p, q, pow(e, -1, p - 1), pow(e, -1, q - 1), pow(q, -1, p)))


def rsas(root, signatures):
    key = signatures["rsa2048"]
    rows = [("signatures.json", key["n"] + half_key(key["n"], key["e"], key["p"], key["q"]), int(key["e"], 16))]
    blocks = []
    for file in ("pkcs-1v2-1d2-vec/oaep-vect.txt", "pkcs1v15sign-vectors.txt"):
        found = numbers(root / "asymmetric/RSA" / file)
        starts = [i for i, (t, _) in enumerate(found) if t.startswith("Modulus")]
        # Public key, then private key: every second modulus begins a key.
        blocks.append([found[s:e] for s, e in zip(starts[::2], starts[2::2] + [len(found)])])
    oaep, v15 = [], []
    for which, out in ((0, oaep), (1, v15)):
        for block in blocks[which]:
            d = dict(reversed(block))
            n, e = d["Modulus"], d["Exponent"] if "Public exponent" not in d else d["Public exponent"]
            if len(n) % 4 or int(n[0], 16) < 8:
                continue
            rows.append(("RSA Laboratories", n + half_key(n, e, d["Prime 1"], d["Prime 2"]), int(e, 16)))
            items = [(t, v) for t, v in block]
            for i, (t, v) in enumerate(items):
                if which == 0 and t == "Message" and i + 2 < len(items):
                    out.append((len(rows) - 1, v, items[i + 2][1]))
                if which == 1 and t.startswith("Message") and i + 1 < len(items):
                    out.append((len(rows) - 1, hashlib.sha1(bytes.fromhex(v)).hexdigest(), items[i + 1][1]))
            if sum(1 for r in rows if r[0] != "signatures.json") >= (2 if which == 0 else 4):
                break
    table("rsa_keys", "const char *source, *parts; uint32_t e;", rows)
    table("rsa_oaep_sha1_vectors", "size_t key; const char *message, *cipher;", oaep[:12])
    table("rsa_v15_sha1_vectors", "size_t key; const char *digest, *signature;", v15[:12])

    prefixes, raw = signatures["digest_info_prefixes"], []
    for v in signatures["rsa"]:
        if v["p2"] == "20":
            raw.append((v["name"], v["command_data"], v["response"]))
        elif v["p2"] == "30" and any(v["command_data"].startswith(p) for p in prefixes.values()):
            raw.append((v["name"], v["command_data"], v["response"]))
    table("rsa_sign_vectors", "const char *name, *data, *signature;", raw)
    table("rsa_pss_vectors", "enum crypto_hash hash; const char *digest, *salt, *signature;",
          [(hash_id(re.search(r"sha\d+", v["name"]).group(0)), v["command_data"], v["salt"], v["response"])
           for v in signatures["rsa"] if v["p2"] == "40"])
    table("rsa_decrypt_vectors", "const char *name, *cipher, *plain;",
          [(v["name"], v["command_data"], v["response"]) for v in signatures["rsa_decrypt"]])


def main():
    root, signatures = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Known answers for tests/unit/crypto; written by make_vectors.py beside it. Sources: tests/vectors/README.md. */")
    print("/* clang-format off */\n#include \"crypto/crypto.h\"\n")
    hashes(root)
    hmacs(root)
    hkdfs(root)
    pbkdf2s()
    aes(root)
    ec_keys(root)
    ecdsas(root, signatures)
    ecdhs(root, signatures)
    rsas(root, signatures)
    print("/* clang-format on */")


main()
