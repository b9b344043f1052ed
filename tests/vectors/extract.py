#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/vectors/kat/*.txt: published test vectors in a format of our own, for tests/kat.

    tests/vectors/extract.py FOLDER

FOLDER holds two archives, which Debian's apt brings there:

    apt-get source --tar-only --download-only android-platform-external-boringssl=13.0.0+r24-2 openssl=3.0.20-1~deb12u2

and the package python3-cryptography-vectors has to be installed. Archives are checked against pinned sha256 sums.
Project Wycheproof's files (Apache-2.0) come from the first; tests/vectors/README.md names all sources.

The format, line by line; `#` begins a comment:

    kind KIND               what tests/kat does with the cases
    with NAME=VALUE ...     values of all cases up to the next `with`
    valid ID NAME=VALUE ... a case with its own values; bytes are hex, nothing behind `=` is no bytes
    invalid ID ...          a case that has to be refused
    either ID ...           a case that Wycheproof calls acceptable: done right or refused
    left N WHY              N cases of the source that are not here, mostly because they ask for what the card has not
    cases N of M            how many lines of cases there are, and how many the source has, `left` ones not counted

Which cases are taken is a fixed rule. A group is the cases of one key, or of one set of parameters. Plain cases are
those that the source calls valid without a flag; flags of ECDSA, of small RSA keys and of points on a twist do not
count, and a private key that it calls an edge case is not plain. Of each group, evenly from the first to the last:

    plain cases     at most `most`; no number: all
    all others      (flagged, invalid, acceptable) at most `most_bad`; no number: all
    whole groups    where a file says so, one in so many

`most_bad` is set for CMAC and HMAC (12), HKDF (6), ECDSA (16; secp256r1 with SHA-256: 60), RSA signatures (60), and
lower for files that say again with another hash or key size what one that is taken says: ECDSA (10, one group in 8),
OAEP (3), PKCS #1 decryption (8, one group in 11), RSA signatures (4). Each file that is written names its numbers in
its head.

wycheproof.left, in the same folder, names the files of Wycheproof that are not used, and why, and adds up all cases: one
that is neither taken, nor counted as not chosen, nor left with a reason ends this script with a message."""
import hashlib
import json
import math
import os
import re
import sys
import tarfile

PINNED = {
    "android-platform-external-boringssl_13.0.0+r24.orig.tar.xz":
        "583b7aeee1fca68b8244d086cea6fca23bd19d517bd63f0b9de714e048f92a7d",
    "openssl_3.0.20.orig.tar.gz": "c80a01dfc70ece4dc21168932c37739042d404d46ccc81a5986dd75314ecda6f",
}
NIST = "/usr/lib/python3/dist-packages/cryptography_vectors/"
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kat")


def members(folder, archive, part):
    path = os.path.join(folder, archive)
    with open(path, "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != PINNED[archive]:
            sys.exit(f"extract: {archive} is another one than was pinned")
    found = {}
    with tarfile.open(path) as tar:
        for m in tar:
            if part in m.name and m.isfile():
                found[os.path.basename(m.name)] = tar.extractfile(m).read()
    return found


# ---- writing ----

class Group:
    """The cases of one `with`; `caps`: most and most_bad when they are not the file's; `taken`: or only counted."""

    def __init__(self, **fixed):
        self.fixed, self.cases, self.caps, self.taken = fixed, [], None, True

    def add(self, result, ident, flagged, **values):
        self.cases.append((result, ident, flagged, values))


def pairs(values):
    return " ".join(f"{k}={v}" for k, v in values.items())


def evenly(items, most):
    return items[::max(1, -(-len(items) // most))] if most else items


def chosen(cases, most, most_bad):
    """Of the plain ones `most`, of the flagged and not valid `most_bad`, evenly; 0: all."""
    plain = [i for i, c in enumerate(cases) if c[0] == "valid" and not c[2]]
    odd = sorted(set(range(len(cases))) - set(plain))
    return [cases[i] for i in sorted(evenly(plain, most) + evenly(odd, most_bad))]


def rule(caps, skipped):
    said = "Of each group, plain cases + others: " + ", ".join(f"{a or 'all'} + {b or 'all'}" for a, b in sorted(caps))
    return said + (f"; groups not taken: {skipped}." if skipped else ".")


ADDED = []  # cases and `left` ones of each file that is made of Wycheproof's


def write(name, kind, source, groups, most=0, left=None, most_bad=0):
    """`most`: plain cases of each group; `most_bad`: all others of each group. 0: all."""
    groups = [g for g in groups if g.cases]
    taken = [(g, g.caps or (most, most_bad)) for g in groups if g.taken]
    head = source + [rule({caps for _, caps in taken}, len(groups) - len(taken))]
    lines, kept = ["# " + line for line in head] + [f"kind {kind}"], 0
    for g, caps in taken:
        cases = chosen(g.cases, *caps)
        kept += len(cases)
        lines.append("with " + pairs(g.fixed))
        lines += [f"{result} {ident} {pairs(values)}" for result, ident, _, values in cases]
    for why, number in (left or {}).items():
        lines.append(f"left {number} {why}")
    total = sum(len(g.cases) for g in groups)
    lines.append(f"cases {kept} of {total}")
    if source[0].startswith(WYCHEPROOF):
        ADDED.append((kept, total, sum((left or {}).values())))
    with open(os.path.join(OUT, name), "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")


def count(left, why):
    left[why] = left.get(why, 0) + 1


# ---- Wycheproof ----

WYCHEPROOF = "Project Wycheproof (Apache-2.0)"
RESULT = {"valid": "valid", "invalid": "invalid", "acceptable": "either"}


def from_wycheproof(*files):
    names = ", ".join(files)
    return [f"{WYCHEPROOF}, version 0.8r12: {names}.",
            "Written by tests/vectors/extract.py; do not edit."]


def cases_of(group):
    for t in group["tests"]:
        yield RESULT[t["result"]], t["tcId"], bool(t["flags"]), t


def hash_name(text):
    return text.lower().replace("sha3-", "sha3_").replace("-", "").replace("/", "_")


def thinned(groups, every):
    """Marks all groups but the first and each `every`-th behind it as counted only."""
    for i, g in enumerate(groups):
        g.taken = i % every == 0
    return groups


def aead(wp):
    for name, alg, most in (("aes_gcm", "aes-gcm", 3), ("aes_ccm", "aes-ccm", 2),
                            ("chacha20_poly1305", "chacha20-poly1305", 40)):
        groups = []
        for g in wp(name):
            out = Group(alg=alg)
            for result, ident, flagged, t in cases_of(g):
                out.add(result, ident, flagged, key=t["key"], iv=t["iv"], aad=t["aad"], msg=t["msg"], ct=t["ct"],
                        tag=t["tag"])
            groups.append(out)
        write(f"{name}.txt", "aead", from_wycheproof(f"{name}_test.json"), groups, most)


def macs(wp):
    for names, file, most in ((["aes_cmac"], "aes_cmac.txt", 12),
                              ([f"hmac_{h}" for h in HMACS], "hmac.txt", 8)):
        groups = []
        for name in names:
            for g in wp(name):
                out = Group(alg="aes-cmac" if name == "aes_cmac" else "hmac-" + name[5:])
                for result, ident, flagged, t in cases_of(g):
                    out.add(result, ident, flagged, key=t["key"], msg=t["msg"], tag=t["tag"])
                groups.append(out)
        write(file, "mac", from_wycheproof(*[n + "_test.json" for n in names]), groups, most, most_bad=12)


HMACS = ("sha1", "sha224", "sha256", "sha384", "sha512")


def hkdf(wp):
    groups, names = [], []
    for h in ("sha1", "sha256", "sha384", "sha512"):
        names.append(f"hkdf_{h}_test.json")
        for g in wp(f"hkdf_{h}"):
            out = Group(alg="hkdf-" + h)
            for result, ident, flagged, t in cases_of(g):
                out.add(result, ident, flagged, key=t["ikm"], salt=t["salt"], info=t["info"], size=t["size"],
                        out=t["okm"])
            groups.append(out)
    write("hkdf.txt", "kdf", from_wycheproof(*names), groups, 6, most_bad=6)


# ---- points out of SubjectPublicKeyInfo ----

OIDS = {"secp256r1": "2A8648CE3D030107", "secp384r1": "2B81040022", "secp521r1": "2B81040023",
        "secp256k1": "2B8104000A", "brainpoolP256r1": "2B2403030208010107", "brainpoolP384r1": "2B240303020801010B",
        "brainpoolP512r1": "2B240303020801010D"}
FIELD = {"secp192r1": 24, "secp256r1": 32, "secp384r1": 48, "secp521r1": 66, "secp256k1": 32,
         "brainpoolP256r1": 32, "brainpoolP384r1": 48, "brainpoolP512r1": 64}


def der(data, at=0):
    tag, n, at = data[at], data[at + 1], at + 2
    if n & 0x80:
        k = n & 0x7F
        n, at = int.from_bytes(data[at:at + k], "big"), at + k
    if at + n > len(data):
        raise ValueError
    return tag, data[at:at + n], at + n


def point_of(hex_text):
    """The point of a well-formed SubjectPublicKeyInfo with a named curve, else None."""
    data = bytes.fromhex(hex_text)
    try:
        tag, body, end = der(data)
        tag2, algorithm, at = der(body)
        tag3, bits, last = der(body, at)
        tag4, oid, at = der(algorithm)
        tag5, curve, end2 = der(algorithm, at)
        whole = (end, last, end2) == (len(data), len(body), len(algorithm))
        tags = (tag, tag2, tag3, tag4, tag5) == (0x30, 0x30, 0x03, 0x06, 0x06)
        if whole and tags and oid.hex() == "2a8648ce3d0201" and curve.hex().upper() in set(OIDS.values()) and bits[0] == 0:
            return bits[1:].hex()
    except (ValueError, IndexError):
        pass
    return None


def ecdh(wp, nist):
    why = "another SubjectPublicKeyInfo than the plain one with a named curve; the card takes points"
    for curve in OIDS:
        for source in (f"ecdh_{curve}", f"ecdh_{curve}_ecpoint"):
            raw = source.endswith("ecpoint")
            if raw != (curve in ("secp256r1", "secp384r1", "secp521r1")):
                continue # the same cases as points, where there are such files
            left, groups = {}, []
            for g in wp(source):
                out = Group(curve=curve)
                for result, ident, flagged, t in cases_of(g):
                    point = t["public"] if raw else point_of(t["public"])
                    if point is None:
                        count(left, why)
                        continue
                    d = int(t["private"], 16)
                    if result == "either" or t["comment"] == "edge case private key":
                        flagged = True # next to 0 and n, and others that are easy to get wrong: all of them
                    out.add(result, ident, flagged, key=f"{d:0{2 * FIELD[curve]}x}", peer=point, out=t["shared"])
                groups.append(out)
            write(f"ecdh_{curve}.txt", "ecdh", from_wycheproof(source + "_test.json"), groups, 24, left)
    out, left = Group(curve="secp192r1"), {}
    text = nist("asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax")
    part = text[text.index("[EA - SHA1]"):text.index("[EB - SHA224]")]
    for r in records(part):
        if "Z" not in r:
            continue
        bad = r.get("Result", "P")
        wrong_point = re.match(r"F \([12] ", bad)
        if bad.startswith("F") and not wrong_point:
            count(left, "NIST's other faults: of its own key, or of the expected result")
            continue
        out.add("invalid" if wrong_point else "valid", r["COUNT"], False, key=r["dsIUT"],
                peer="04" + r["QsCAVSx"] + r["QsCAVSy"], out=r["Z"])
    write("ecdh_secp192r1.txt", "ecdh",
          ["NIST CAVP, KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init, EA (public domain).",
           "Written by tests/vectors/extract.py; do not edit."], [out], 0, left)


def montgomery(wp):
    for name in ("x25519", "x448"):
        groups = []
        for g in wp(name):
            out = Group(curve=name)
            for result, ident, flagged, t in cases_of(g):
                twist_only = t["flags"] == ["Twist"]
                out.add("valid" if twist_only else result, ident, flagged and not twist_only, key=t["private"],
                        peer=t["public"], out=t["shared"])
            groups.append(out)
        write(f"{name}.txt", "ecdh", from_wycheproof(f"{name}_test.json") +
              ["Points on the twist, which it calls acceptable, are valid here: RFC 7748 defines the result."], groups, 40)


def eddsa(wp):
    for name, curve in (("eddsa", "ed25519"), ("ed448", "ed448")):
        groups = []
        for g in wp(name):
            out = Group(curve=curve, key=g["key"]["sk"], public=g["key"]["pk"])
            for result, ident, flagged, t in cases_of(g):
                out.add(result, ident, flagged, msg=t["msg"], sig=t["sig"])
            groups.append(out)
        write(f"{curve}.txt", "eddsa", from_wycheproof(f"{name}_test.json"), groups, 8)


ECDSA = ("secp256r1_sha256", "secp256r1_sha512", "secp384r1_sha384", "secp521r1_sha512", "secp256k1_sha256",
         "brainpoolP256r1_sha256", "brainpoolP384r1_sha384", "brainpoolP512r1_sha512")
ECDSA_AGAIN = ("secp256r1_sha3_256", "secp256r1_sha3_512", "secp384r1_sha512", "secp384r1_sha3_384",
               "secp384r1_sha3_512", "secp521r1_sha3_512", "secp256k1_sha512", "secp256k1_sha3_256", "secp256k1_sha3_512")


def ecdsa(wp, nist):
    for curve in ECDSA + ECDSA_AGAIN:
        groups = []
        for g in wp(f"ecdsa_{curve}"):
            out = Group(curve=curve.split("_")[0], hash=hash_name(g["sha"]), public=g["key"]["uncompressed"])
            for result, ident, flagged, t in cases_of(g):
                out.add(result, ident, False, msg=t["msg"], sig=t["sig"])
            groups.append(out)
        bad = 60 if curve == "secp256r1_sha256" else 16
        if curve in ECDSA_AGAIN:
            groups, bad = thinned(groups, 8), 10
        write(f"ecdsa_{curve}.txt", "ecdsa-verify", from_wycheproof(f"ecdsa_{curve}_test.json"), groups, 2, most_bad=bad)
    groups = []
    for curve, section in (("secp192r1", "P-192"), ("secp256r1", "P-256"), ("secp384r1", "P-384"),
                           ("secp521r1", "P-521"), ("secp256k1", "K-256")):
        file = "SECP256K1/SigGen.txt" if section == "K-256" else "FIPS_186-3/SigGen.txt"
        for h in HMACS:
            out = Group(curve=curve, hash=h)
            for i, r in enumerate(records(section_of(nist("asymmetric/ECDSA/" + file), f"{section},SHA-{h[3:]}"))):
                point = "04" + "".join(f"{int(r[n], 16):0{2 * FIELD[curve]}x}" for n in ("Qx", "Qy"))
                out.add("valid", i + 1, False, key=f"{int(r['d'], 16):0{2 * FIELD[curve]}x}", public=point, msg=r["Msg"])
            groups.append(out)
    write("ecdsa_sign.txt", "ecdsa-sign",
          ["NIST CAVP, FIPS 186-3 SigGen (public domain); secp256k1: made by the authors of python3-cryptography-vectors.",
           "The card signs with a nonce of its own: what it signs is verified with the public key that is given here.",
           "Written by tests/vectors/extract.py; do not edit."], groups, 2)


# ---- RSA ----

def rsa_key(g):
    n, e = g["n"], g["e"]
    return {"n": re.sub("^00", "", n), "e": re.sub("^0+", "", e).zfill(6), "d": g["d"]}


def balanced(key):
    """Is n the product of two numbers of half its length? Found from e * d - 1, a multiple of lambda."""
    n, rest = int(key["n"], 16), int(key["e"], 16) * int(key["d"], 16) - 1
    while rest % 2 == 0:
        rest //= 2
    for base in range(2, 100):
        x = pow(base, rest, n)
        while x not in (1, n - 1):
            x, last = x * x % n, x
            if x == 1:
                p = math.gcd(last - 1, n)
                return p.bit_length() == (n // p).bit_length() == n.bit_length() // 2
    sys.exit("extract: no factor found")


OAEP = ("2048_sha1_mgf1sha1", "2048_sha224_mgf1sha1", "2048_sha224_mgf1sha224", "2048_sha256_mgf1sha1",
        "2048_sha256_mgf1sha256", "2048_sha384_mgf1sha384", "2048_sha512_mgf1sha512", "3072_sha256_mgf1sha256")
OAEP_AGAIN = ("2048_sha384_mgf1sha1", "2048_sha512_mgf1sha1", "3072_sha256_mgf1sha1", "3072_sha512_mgf1sha1",
              "3072_sha512_mgf1sha512", "4096_sha256_mgf1sha1", "4096_sha256_mgf1sha256", "4096_sha512_mgf1sha1",
              "4096_sha512_mgf1sha512")
SIGNATURES = ("2048_sha256", "2048_sha512", "3072_sha256")
SIGNATURES_AGAIN = ("2048_sha224", "2048_sha384", "2048_sha3_224", "2048_sha3_256", "2048_sha3_384", "2048_sha3_512",
                    "3072_sha384", "3072_sha512", "3072_sha3_256", "3072_sha3_384", "3072_sha3_512", "4096_sha384",
                    "4096_sha512")


def is_pair_again(g):
    """Groups of rsa_oaep_misc that say a pair of hashes again that a shorter key says."""
    if g["keysize"] == 1536:
        return g["sha"] not in ("SHA-512", g["mgfSha"])
    return g["keysize"] in (2048, 3072, 4096)


def oaep(wp):
    groups, left = [], {}
    names = [f"rsa_oaep_{r}" for r in OAEP + OAEP_AGAIN] + ["rsa_oaep_misc"]
    for name in names:
        for g in wp(name):
            if name == "rsa_oaep_misc" and is_pair_again(g):
                for _ in g["tests"]:
                    count(left, "pairs of hashes again, with other key sizes: the size of this file")
                continue
            out = Group(hash=hash_name(g["sha"]), mgf=hash_name(g["mgfSha"]), **rsa_key(g))
            if name[9:] in OAEP_AGAIN or g["keysize"] in (3104, 4032):
                out.caps = (1, 3)
            for result, ident, flagged, t in cases_of(g):
                small = t["flags"] == ["SmallModulus"]
                out.add("valid" if small else result, ident, flagged and not small, ct=t["ct"], label=t["label"],
                        msg=t["msg"])
            groups.append(out)
    write("rsa_oaep.txt", "rsa-oaep", from_wycheproof(*[n + "_test.json" for n in names]), groups, 3, left)


def pkcs1_decrypt(wp):
    names, groups = ("rsa_pkcs1_2048", "rsa_pkcs1_3072", "rsa_pkcs1_4096"), []
    for name in names:
        of_file = []
        for g in wp(name):
            out = Group(**rsa_key(g))
            for result, ident, flagged, t in cases_of(g):
                out.add(result, ident, flagged, ct=t["ct"], msg=t["msg"])
            of_file.append(out)
        if name != "rsa_pkcs1_2048":
            of_file[0].caps = (1, 8)
            of_file = thinned(of_file, 11)
        groups += of_file
    write("rsa_pkcs1_decrypt.txt", "rsa-decrypt", from_wycheproof(*[n + "_test.json" for n in names]), groups, 10)


def pkcs1_sign(wp):
    groups, left = [], {}
    for g in wp("rsa_sig_gen_misc"):
        if not balanced(rsa_key(g)):
            for _ in g["tests"]:
                count(left, "RSA keys of other than two primes of half the length each; the card takes no others")
            continue
        out = Group(hash=hash_name(g["sha"]), **rsa_key(g))
        for result, ident, flagged, t in cases_of(g):
            out.add("valid", ident, False, msg=t["msg"], sig=t["sig"])
        groups.append(out)
    write("rsa_pkcs1_sign.txt", "rsa-sign", from_wycheproof("rsa_sig_gen_misc_test.json") +
          ["What it calls acceptable (small moduli, weak hashes) is valid here: the card serves them."], groups, 3, left)


def pkcs1_verify(wp):
    names, groups = [f"rsa_signature_{r}" for r in SIGNATURES + SIGNATURES_AGAIN], []
    for name in names:
        for g in wp(name):
            out = Group(hash=hash_name(g["sha"]), n=re.sub("^00", "", g["n"]), e=g["e"])
            if name[14:] in SIGNATURES_AGAIN:
                out.caps = (1, 4)
            for result, ident, flagged, t in cases_of(g):
                out.add(result, ident, flagged, msg=t["msg"], sig=t["sig"])
            groups.append(out)
    write("rsa_pkcs1_verify.txt", "rsa-verify", from_wycheproof(*[n + "_test.json" for n in names]), groups, 6,
          most_bad=60)


def rsa(wp, nist):
    oaep(wp)
    pkcs1_decrypt(wp)
    pkcs1_sign(wp)
    pkcs1_verify(wp)
    pss(nist)


def pss(nist):
    """Deterministic once the salt is known: RSA Laboratories' examples say it."""
    text = nist("asymmetric/RSA/pkcs-1v2-1d2-vec/pss-vect.txt")
    groups, left, number, seen = [], {}, 0, {}
    for name, value in re.findall(r"# ([A-Z][a-z ]+): *\n((?:[0-9a-f]{2}[ \n]+)+)", text):
        value = re.sub(r"\s", "", value)
        if name == "Exponent" and "Public exponent" in seen:
            groups.append(Group(hash="sha1", n=seen["Modulus"], e=seen["Public exponent"], d=value))
            seen = {"Modulus": seen["Modulus"]}
        seen[name] = value
        if name != "Signature":
            continue
        number += 1
        if int(seen["Modulus"], 16).bit_length() % 8:
            count(left, "RSA keys of 1025 to 1031 bits; the card's are multiples of 8")
        else:
            groups[-1].add("valid", number, False, msg=seen["Message to be signed"], salt=seen["Salt"], sig=value)
    write("rsa_pss.txt", "rsa-pss", ["RSA Laboratories, PKCS #1 v2.1 test vectors, pss-vect.txt (free to use).",
                                     "Written by tests/vectors/extract.py; do not edit."], groups, 0, left)


# ---- NIST ----

def records(text):
    """Blocks of `NAME = VALUE`: up to a blank line, or to another COUNT."""
    now = {}
    for line in text.splitlines() + [""]:
        m = re.match(r"\s*([A-Za-z_]+) *= ?(.*)$", line.rstrip())
        if now and (not line.strip() or (m and m.group(1) == "COUNT" and "COUNT" in now)):
            yield now
            now = {}
        if m:
            now[m.group(1)] = m.group(2).strip()


def section_of(text, name):
    begin = text.index(f"[{name}]") + len(name) + 2
    end = text.find("\n[", begin)
    return text[begin:end if end > 0 else len(text)]


def modes(wp, nist):
    groups = []
    for mode, family in (("ecb", "ECB"), ("cbc", "CBC"), ("cfb", "CFB128"), ("ofb", "OFB")):
        folder = "CFB" if mode == "cfb" else family
        for kind, most in (("MMT", 10), ("GFSbox", 2), ("KeySbox", 2), ("VarKey", 4), ("VarTxt", 4)):
            for bits in (128, 192, 256):
                out = Group(alg="aes-" + mode)
                text = nist(f"ciphers/AES/{folder}/{family}{kind}{bits}.rsp")
                out.caps = (most, 0)
                for r in records(section_of(text, "ENCRYPT")):
                    out.add("valid", f"{kind}{bits}-{r['COUNT']}", False, key=r["KEY"], iv=r.get("IV", ""),
                            msg=r["PLAINTEXT"], ct=r["CIPHERTEXT"])
                groups.append(out)
    for bits in (128, 192, 256):
        out = Group(alg="aes-ctr")
        for r in records(section_of(nist(f"ciphers/AES/CTR/aes-{bits}-ctr.txt"), "ENCRYPT")):
            out.add("valid", f"CTR{bits}-{r['COUNT']}", False, key=r["KEY"], iv=r["IV"], msg=r["PLAINTEXT"],
                    ct=r["CIPHERTEXT"])
        groups.append(out)
    write("aes_modes.txt", "cipher", ["NIST CAVP AESVS: MMT, GFSbox, KeySbox, VarKey, VarTxt (public domain); CTR: RFC 3686.",
                                      "Written by tests/vectors/extract.py; do not edit."], groups)
    groups, left = [], {}
    for g in wp("aes_cbc_pkcs5"):
        out = Group(alg="aes-cbc")
        for result, ident, flagged, t in cases_of(g):
            if result != "valid":
                count(left, "wrong PKCS #5 padding; the card's CBC has none")
                continue
            pad = 16 - len(t["msg"]) // 2 % 16
            out.add(result, ident, flagged, key=t["key"], iv=t["iv"], msg=t["msg"] + f"{pad:02x}" * pad, ct=t["ct"])
        groups.append(out)
    write("aes_cbc.txt", "cipher", from_wycheproof("aes_cbc_pkcs5_test.json") + ["The padding is written out in msg."],
          groups, 12, left)
    groups, left = [], {}
    for bits in (128, 256):
        out = Group(alg="aes-xts")
        for r in records(section_of(nist(f"ciphers/AES/XTS/tweak-128hexstr/XTSGenAES{bits}.rsp"), "ENCRYPT")):
            if int(r["DataUnitLen"]) % 8:
                count(left, "XTS of a text that is no whole number of bytes")
                continue
            out.add("valid", f"XTS{bits}-{r['COUNT']}", False, key=r["Key"], iv=r["i"], msg=r["PT"], ct=r["CT"])
        groups.append(out)
    write("aes_xts.txt", "cipher", ["NIST CAVP XTSGen, tweak as 128-bit string (public domain).",
                                    "Written by tests/vectors/extract.py; do not edit."], groups, 25, left)


def kdfs(nist, evp):
    groups = []
    text = nist("KDF/ansx963_2001.txt")
    for h in HMACS:
        out = Group(alg="x963-" + h)
        for part in re.split(r"\n(?=\[SHA-)", text):
            if part.startswith(f"[SHA-{h[3:]}]"):
                for r in records(part):
                    if "key_data" in r:
                        out.add("valid", len(out.cases) + 1, False, key=r["Z"], info=r["SharedInfo"],
                                size=len(r["key_data"]) // 2, out=r["key_data"])
        groups.append(out)
    write("x963.txt", "kdf", ["NIST CAVP, ANS X9.63-2001 (public domain).",
                              "Written by tests/vectors/extract.py; do not edit."], groups, 10)
    groups, left, numbers = {}, {}, 0
    for block in evp("evpkdf_pbkdf2.txt").split("\n\n"):
        c = dict(re.findall(r"^Ctrl\.\w+ = (\w+):(.*)$", block, re.M))
        result = re.search(r"^Output = ([0-9a-fA-F]+)$", block, re.M)
        if not result or "KDF = PBKDF2" not in block:
            continue
        numbers += 1
        if int(c["iter"]) > 5000:
            count(left, "more than 5,000 rounds: the time of a test")
            continue
        password = bytes.fromhex(c["hexpass"]) if "hexpass" in c else c["pass"].encode()
        salt = bytes.fromhex(c["hexsalt"]) if "hexsalt" in c else c["salt"].encode()
        alg = "pbkdf2-" + c["digest"].lower().replace("-", "")
        groups.setdefault(alg, Group(alg=alg)).add(
            "valid", numbers, False, key=password.hex(), salt=salt.hex(), rounds=c["iter"],
            size=len(result.group(1)) // 2, out=result.group(1).lower())
    write("pbkdf2.txt", "kdf", ["RFC 6070 and RFC 7914, and the same inputs with other hashes, from OpenSSL's test data",
                                "evpkdf_pbkdf2.txt (Apache-2.0). Written by tests/vectors/extract.py; do not edit."],
          list(groups.values()), 0, left)
    groups = []
    for h in ("SHA1", "SHA256"):
        out = Group(alg="hkdf-" + h.lower())
        for r in records(nist(f"KDF/rfc-5869-HKDF-{h}.txt").replace("\n\n", "\n")):
            if "OKM" in r:
                out.add("valid", r["COUNT"], False, key=r["IKM"], salt=r["salt"], info=r["info"], size=r["L"], out=r["OKM"])
        groups.append(out)
    write("hkdf_rfc5869.txt", "kdf", ["RFC 5869, appendix A.",
                                      "Written by tests/vectors/extract.py; do not edit."], groups)


# ---- what is not used ----

UNUSED = (
    ("aead_aes_siv_cmac|aes_siv_cmac|aes_gcm_siv|aes_eax|aegis.*|xchacha20_poly1305|gmac|vmac_.*|kwp?|dsa(_.*)?",
     "algorithms that the card has not"),
    ("hmac_sha3_.*", "HMAC with SHA-3, which the card has not"),
    ("primality", "no command tests a number"),
    ("(ecdh|ecdsa)_(secp224r1|brainpoolP224r1|brainpoolP320r1)(_.*)?", "curves that the card has not"),
    ("ecdh_secp(256|384|521)r1", "as SubjectPublicKeyInfo what ..._ecpoint says with points, and faults of that form"),
    ("ecdh", "16 curves in one file; those that the card has come from files of their own"),
    ("ecdsa", "14 curves in one file; those that the card has come from files of their own"),
    ("ecdh_webcrypto|x(25519|448)_(jwk|asn|pem)", "keys in formats of hosts; points as they are come from other files"),
    ("ecdsa_webcrypto|ecdsa_.*_p1363", "signatures as r || s; those in DER come from other files"),
    ("rsa_pss_.*", "PSS verification; the card verifies none"),
    ("rsa_signature_.*_sha512_(224|256)", "SHA-512/224 and SHA-512/256, which the card has not"),
    ("rsa_signature", "26 keys in one file, SHA-256 nearly always: the size of the files"),
)


def account(archive, used):
    """Writes wycheproof.left; ends the script when the cases of the archive do not add up."""
    sizes = {name[:-10]: sum(len(g["tests"]) for g in json.loads(text)["testGroups"])
             for name, text in archive.items() if name.endswith("_test.json")}
    lines, unused = [], 0
    for pattern, why in UNUSED:
        names = sorted(n for n in sizes if re.fullmatch(pattern, n))
        if not names or used & set(names):
            sys.exit(f"extract: {why}: no such file, or one that is used")
        number = sum(sizes.pop(n) for n in names)
        lines += [f"left {number} {why}:"] + [f"    {n}" for n in names]
        unused += number
    if set(sizes) != used:
        sys.exit(f"extract: neither used nor left: {sorted(set(sizes) - used)}")
    kept, total, left = (sum(column) for column in zip(*ADDED))
    if total + left != sum(sizes.values()):
        sys.exit(f"extract: {sum(sizes.values())} cases in the files that are used, but {total + left} written")
    lines.append(f"cases {total + left + unused}: {kept} in *.txt, {total - kept} of the same kinds not chosen, "
                 f"{left} left in *.txt with a reason, {unused} left here")
    with open(os.path.join(OUT, "wycheproof.left"), "w", encoding="ascii") as f:
        f.write(f"# {WYCHEPROOF}, version 0.8r12: files that are not used.\n"
                "# Written by tests/vectors/extract.py; do not edit.\n" + "\n".join(lines) + "\n")
    print(lines[-1])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    boring, ssl = list(PINNED)
    wycheproof = members(folder, boring, "wycheproof_testvectors/")
    openssl = members(folder, ssl, "30-test_evp_data/")

    used = set()

    def wp(name):
        used.add(name) # account() wants each of its cases
        return json.loads(wycheproof[name + "_test.json"])["testGroups"]

    def nist(name):
        with open(NIST + name, encoding="ascii", errors="replace") as f:
            return f.read().replace("\r", "")

    def evp(name):
        return openssl[name].decode()

    os.makedirs(OUT, exist_ok=True)
    aead(wp)
    macs(wp)
    hkdf(wp)
    ecdh(wp, nist)
    montgomery(wp)
    eddsa(wp)
    ecdsa(wp, nist)
    rsa(wp, nist)
    modes(wp, nist)
    kdfs(nist, evp)
    account(wycheproof, used)


if __name__ == "__main__":
    main()
