#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes okp.h, the known answers for Curve25519 and Curve448, from published files.

usage: make_okp.py VECTORS > okp.h
  VECTORS  the folder cryptography_vectors of Debian's package python3-cryptography-vectors

Published answers are taken from the package or printed below as RFC 8032 prints them; every one is computed again here
with Python's integers, straight from the RFCs, so that a slip of the pen ends the run. The edges (numbers that are not
reduced, agreements on points of small order, results close to zero) have no published answers: those are Python's alone.
"""
import hashlib
import pathlib
import re
import sys

P255, P448 = 2**255 - 19, 2**448 - 2**224 - 1
L255 = 2**252 + 27742317777372353535851937790883648493
L448 = 2**446 - 13818066809895115352007386748515426880336692474882178609894547503885


def number(b):
    return int.from_bytes(b, "little")


# ---- RFC 7748 section 5 ----

def clamp(name, k):
    k = bytearray(k)
    if name == "X25519":
        k[0] &= 248
        k[31] = k[31] & 127 | 64
    else:
        k[0] &= 252
        k[55] |= 128
    return number(k)


def ladder(name, k, u):
    p, bits, a24 = (P255, 255, 121665) if name == "X25519" else (P448, 448, 39081)
    x2, z2, x3, z3, swap = 1, 0, u % p, 1, 0
    x1 = u % p
    for t in reversed(range(bits)):
        kt = k >> t & 1
        if swap ^ kt:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = kt
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % p, b * b % p, d * a % p, c * b % p
        e = aa - bb
        x3, z3 = (da + cb)**2 % p, x1 * (da - cb)**2 % p
        x2, z2 = aa * bb % p, e * (aa + a24 * e) % p
    if swap:
        x2, z2 = x3, z3
    return x2 * pow(z2, p - 2, p) % p


def x_function(name, k, u):
    size = 32 if name == "X25519" else 56
    value = number(u)
    if name == "X25519":
        value &= 2**255 - 1
    return ladder(name, clamp(name, k), value).to_bytes(size, "little")


# ---- RFC 8032 section 5 ----

class Edwards:
    def __init__(self, name):
        self.name = name
        is25519 = name == "ED25519"
        self.p, self.order = (P255, L255) if is25519 else (P448, L448)
        self.a = -1 if is25519 else 1
        self.d = -121665 * pow(121666, -1, P255) % P255 if is25519 else -39081 % P448
        self.size = 32 if is25519 else 57
        y = 4 * pow(5, -1, P255) % P255 if is25519 else int(
            "298819210078481492676017930443930673437544040154080242095928241372331506189835876003536878655418784733982303233503"
            "462500531545062832660")
        self.base = (self.recover(y, 0), y) if is25519 else (int(
            "224580040295924300187604334099896036246789641632564134246125461686950415467406032909029192869357953282578032075146"
            "446173674602635247710"), y)

    def recover(self, y, sign):
        p = self.p
        x2 = (y * y - 1) * pow(self.d * y * y - self.a, -1, p) % p
        if self.name == "ED25519":
            x = pow(x2, (p + 3) // 8, p)
            if (x * x - x2) % p:
                x = x * pow(2, (p - 1) // 4, p) % p
        else:
            x = pow(x2, (p + 1) // 4, p)
        if (x * x - x2) % p:
            return None
        return (p - x) % p if x & 1 != sign else x

    def add(self, s, t):
        p = self.p
        (x1, y1), (x2, y2) = s, t
        m = self.d * x1 * x2 * y1 * y2
        return ((x1 * y2 + x2 * y1) * pow(1 + m, -1, p) % p, (y1 * y2 - self.a * x1 * x2) * pow(1 - m, -1, p) % p)

    def multiply(self, k, point):
        result = (0, 1)
        while k:
            if k & 1:
                result = self.add(result, point)
            point = self.add(point, point)
            k >>= 1
        return result

    def encode(self, point):
        out = bytearray(point[1].to_bytes(self.size, "little"))
        out[-1] |= (point[0] & 1) << 7
        return bytes(out)

    def hash(self, *parts):
        data = b"".join(parts)
        return hashlib.sha512(data).digest() if self.name == "ED25519" else hashlib.shake_256(data).digest(114)

    def dom(self, prehashed, context):
        if self.name == "ED448":
            return b"SigEd448" + bytes([prehashed, len(context)]) + context
        if not prehashed and not context:
            return b""
        return b"SigEd25519 no Ed25519 collisions" + bytes([prehashed, len(context)]) + context

    def secret(self, seed):
        h = bytearray(self.hash(seed))
        if self.name == "ED25519":
            h[0] &= 248
            h[31] = h[31] & 127 | 64
        else:
            h[0] &= 252
            h[55] |= 128
            h[56] = 0
        return number(h[:self.size]), bytes(h[self.size:])

    def public(self, seed):
        return self.encode(self.multiply(self.secret(seed)[0], self.base))

    def prehash(self, message):
        return hashlib.sha512(message).digest() if self.name == "ED25519" else hashlib.shake_256(message).digest(64)

    def sign(self, seed, message, context=b"", prehashed=False):
        s, prefix = self.secret(seed)
        message = self.prehash(message) if prehashed else message
        dom = self.dom(prehashed, context)
        r = number(self.hash(dom, prefix, message)) % self.order
        big_r = self.encode(self.multiply(r, self.base))
        k = number(self.hash(dom, big_r, self.public(seed), message)) % self.order
        return big_r + ((r + k * s) % self.order).to_bytes(self.size, "little")


CURVES = {name: Edwards(name) for name in ("ED25519", "ED448")}

# RFC 8032 sections 7.2 to 7.5, what the package does not have: seed, message, context, prehashed, signature.
PRINTED = [
    ("ED25519", "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6", "f726936d19c800494e3fdaff20b276a8",
     "666f6f", False, "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a"
     "8b36950b95130022907a7fb7c4e9b2d5f6cca685a587b4b21f4b888e4e7edb0d"),
    ("ED25519", "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6", "f726936d19c800494e3fdaff20b276a8",
     "626172", False, "fc60d5872fc46b3aa69f8b5b4351d5808f92bcc044606db097abab6dbcb1aee3"
     "216c48e8b3b66431b5b186d1d28f8ee15a5ca2df6668346291c2043d4eb3e90d"),
    ("ED25519", "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6", "508e9e6882b979fea900f62adceaca35",
     "666f6f", False, "8b70c1cc8310e1de20ac53ce28ae6e7207f33c3295e03bb5c0732a1d20dc6490"
     "8922a8b052cf99b7c4fe107a5abb5b2c4085ae75890d02df26269d8945f84b0b"),
    ("ED25519", "ab9c2853ce297ddab85c993b3ae14bcad39b2c682beabc27d6d4eb20711d6560", "f726936d19c800494e3fdaff20b276a8",
     "666f6f", False, "21655b5f1aa965996b3f97b3c849eafba922a0a62992f73b3d1b73106a84ad85"
     "e9b86a7b6005ea868337ff2d20a7f5fbd4cd10b0be49a68da2b2e0dc0ad8960f"),
    ("ED25519", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "616263", "", True,
     "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
     "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"),
    ("ED448", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42ef7822e0d5104127dc05d6dbefde69e3ab2cec7c867c6e2c49",
     "616263", "", True,
     "822f6901f7480f3d5f562c592994d9693602875614483256505600bbc281ae381f54d6bce2ea911574932f52a4e6cadd78769375ec3ffd1b80"
     "1a0d9b3f4030cd433964b6457ea39476511214f97469b57dd32dbc560a9a94d00bff07620464a3ad203df7dc7ce360c3cd3696d9d9fab90f00"),
    ("ED448", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42ef7822e0d5104127dc05d6dbefde69e3ab2cec7c867c6e2c49",
     "616263", "666f6f", True,
     "c32299d46ec8ff02b54540982814dce9a05812f81962b649d528095916a2aa481065b1580423ef927ecf0af5888f90da0f6a9a85ad5dc3f280"
     "d91224ba9911a3653d00e484e2ce232521481c8658df304bb7745a73514cdb9bf3e15784ab71284f8d0704a608c54a6b62d97beb511d132100"),
]


def records(path):
    """Blocks of 'KEY = hex' lines."""
    for block in re.split(r"\n\s*\n", path.read_text()):
        pairs = dict(re.findall(r"^(\w+) *= *([0-9A-Fa-f]*) *$", block, re.M))
        if len(pairs) > 1:
            yield pairs


def signatures(vectors):
    """curve, prehashed, seed, message, context, signature: RFC 8032's, then a few longer messages."""
    lines = (vectors / "Ed25519" / "sign.input").read_text().splitlines()
    for i in (0, 1, 2, 63, 64, 255, 1023):
        secret, _, message, signed = lines[i].split(":")[:4]
        yield "ED25519", False, secret[:64], message, "", signed[:128]
    for r in records(vectors / "Ed448" / "rfc8032.txt"):
        yield "ED448", False, r["SECRET"], r["MESSAGE"], r.get("CONTEXT", ""), r["SIGNATURE"]
    for name, seed, message, context, prehashed, signature in PRINTED:
        yield name, prehashed, seed, message, context, signature


def forgeries():
    """curve, public key, message, signature: none of them is one, though a careless verifier takes it."""
    for name, c in CURVES.items():
        seed = bytes(range(c.size))
        good, q, top = c.sign(seed, b"abc"), c.public(seed), len(c.encode((0, 1))) - 1
        s = number(good[c.size:])
        yield name, q, b"abd", good
        yield name, q, b"abc", good[:c.size] + (s + c.order).to_bytes(c.size, "little")     # s is not reduced
        yield name, q, b"abc", good[:c.size] + c.order.to_bytes(c.size, "little")
        yield name, q, b"abc", good[:top] + bytes([good[top] ^ 0x80]) + good[top + 1:]      # -R
        yield name, q[:top] + bytes([q[top] ^ 0x80]), b"abc", good                          # -A
        for y in (c.p, c.p + 1):                                                            # A is not reduced
            yield name, y.to_bytes(c.size, "little"), b"abc", c.encode(c.multiply(5, c.base)) + bytes([5]) + bytes(c.size - 1)
        y = next(y for y in range(2, 99) if c.recover(y, 0) is None)
        yield name, y.to_bytes(c.size, "little"), b"abc", good                              # on no curve
    c = CURVES["ED448"]
    q = bytearray(c.public(bytes(57)))
    q[56] |= 1                                                                              # bits that must be zero
    yield "ED448", bytes(q), b"abc", c.sign(bytes(57), b"abc")


def agreements(vectors):
    """curve, scalar, u, result; an empty result: zero, to be refused."""
    for name in ("X25519", "X448"):
        p, order, size = (P255, L255, 32) if name == "X25519" else (P448, L448, 56)
        for r in records(vectors / name / "rfc7748.txt"):
            yield name, r["INPUT_SCALAR"], r["INPUT_U"], r["OUTPUT_U"]
        k = bytes(range(1, size + 1))
        small = [0, 1, p - 1, p, p + 1]
        if name == "X25519":
            small += [number(bytes.fromhex(h)) for h in (
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
            small += [u + 2**255 for u in small]
        for u in small:
            yield name, k.hex(), u.to_bytes(size, "little").hex(), ""
        odd = [p + 2, p + 3, p + 9, 2**(8 * size) - 1] + ([p + 18, 2**255 + 9] if name == "X25519" else [2**447])
        if name == "X25519":  # wolfCrypt's assembler for x86-64 (5.7.2, 5.9.2) errs at these, with nearly every scalar
            odd += [2, 2**108, 2**109, 2**254 - 8]
        for u in odd:
            u = u.to_bytes(size, "little")
            yield name, k.hex(), u.hex(), x_function(name, k, u).hex()
        # Results next to zero, which a product that is not reduced would show as p + result.
        for want in range(2, 19):
            inverse = pow(clamp(name, k), -1, order)
            u = ladder(name, inverse, want)
            if ladder(name, clamp(name, k), u) == want:
                yield name, k.hex(), u.to_bytes(size, "little").hex(), want.to_bytes(size, "little").hex()


def check(condition, what):
    if not condition:
        sys.exit(f"make_okp.py: {what} is not what the RFC's arithmetic gives")


def table(name, fields, rows):
    def cell(c):
        if isinstance(c, bool):
            return str(c).lower()
        if c.startswith("CRYPTO_"):
            return c
        parts = [c[i:i + 88] for i in range(0, len(c), 88)] or [""]
        return "\n     ".join(f'"{p}"' for p in parts)
    print(f"static const struct {{ {fields} }} {name}[] = {{")
    for row in rows:
        print("    {" + ", ".join(cell(c) for c in row) + "},")
    print("};\n")


def main():
    vectors = pathlib.Path(sys.argv[1]) / "asymmetric"
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Written by make_okp.py; tests/vectors/README.md says where the numbers come from. */")
    print("#ifndef TESTS_VECTORS_CRYPTO_OKP_H\n#define TESTS_VECTORS_CRYPTO_OKP_H\n\n#include \"crypto/crypto.h\"\n")
    print("/* clang-format off */")
    rows = []
    for name, prehashed, seed, message, context, signature in signatures(vectors):
        c, key = CURVES[name], bytes.fromhex(seed)
        made = c.sign(key, bytes.fromhex(message), bytes.fromhex(context), prehashed)
        check(made.hex() == signature.lower(), f"a signature of {name}")
        rows.append((f"CRYPTO_{name}", prehashed, seed, c.public(key).hex(), message, context, signature))
    table("eddsa_vectors", "enum crypto_okp okp; bool prehashed; const char *d, *q, *message, *context, *signature;", rows)
    table("eddsa_forgeries", "enum crypto_okp okp; const char *q, *message, *signature;",
          [(f"CRYPTO_{n}", q.hex(), m.hex(), s.hex()) for n, q, m, s in forgeries()])
    rows = []
    for name, k, u, out in agreements(vectors):
        made = x_function(name, bytes.fromhex(k), bytes.fromhex(u)).hex()
        check(made == out if out else not int(made, 16), f"a result of {name}")
        rows.append((f"CRYPTO_{name}", k, u, out))
    table("okp_agreements", "enum crypto_okp okp; const char *d, *u, *shared; /* empty: zero, refused */", rows)
    print("/* clang-format on */\n\n#endif")


main()
