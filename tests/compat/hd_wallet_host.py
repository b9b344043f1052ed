#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host of the HD wallet (apdu.md 3.25) with nothing of this project in it: opensc-explorer carries the APDUs,
hd_wallet_reference.py derives the same nodes by itself, the openssl program verifies and ciphers.

    hd_wallet_host.py nodes       extended public keys of seeds that nobody has seen before
    hd_wallet_host.py signatures  by a selected node and with the path beside the hash, verified with the xpub's point
    hd_wallet_host.py cipher      symmetric nodes, their own IV and the host's
    hd_wallet_host.py refusals    what a node is not good for, and how long it lasts
    hd_wallet_host.py deep        255 levels

Ends with 1 when anything was not as expected, after all of it."""
import hashlib
import hmac
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hd_wallet_reference as reference  # noqa: E402
from secure_channel_host import Explorer, openssl, tlv  # noqa: E402

SELECT = "00A404000BE82B0601040181C31F020100"
VERIFY = "0020008106363438323139"
HD_OID = bytes.fromhex("2B0601040183A878058D6B")
HARDENED = reference.HARDENED
# SubjectPublicKeyInfo of a compressed point.
POINT_AS_DER = {1: bytes.fromhex("3036301006072A8648CE3D020106052B8104000A032200"),
                2: bytes.fromhex("3039301306072A8648CE3D020106082A8648CE3D030107032200")}
PATHS = [[], [HARDENED], [0], [44 + HARDENED, HARDENED, HARDENED, 0, 5], [2 ** 31 - 1, 2 ** 32 - 1], [1, 2, 3]]
LABELS = [[], [b""], [b"SLIP-0021", b"Master encryption key"], [bytes(range(127))]]


class Wallet:
    def __init__(self):
        self.card, self.done, self.failed = Explorer(), 0, 0
        self.send(SELECT)
        self.expect(self.send(VERIFY), "9000", "login")

    def send(self, raw):
        data, word = self.card.apdu(bytes.fromhex(raw) if isinstance(raw, str) else raw)
        return data + bytes.fromhex(word)

    def command(self, ins, p1, p2, data=b"", answers=True):
        size = bytes([len(data)]) if len(data) < 256 else b"\0" + len(data).to_bytes(2, "big")
        le = b"" if not answers else b"\0" if len(size) == 1 else b"\0\0"
        return self.send(bytes([0x80, ins, p1, p2]) + (size + data if data else b"") + le)

    def expect(self, got, wanted, what):
        self.judge(got.hex().upper() == wanted.upper(), "%s\n  got  %s\n  want %s" % (what, got.hex().upper(), wanted))

    def judge(self, good, what):
        self.done += 1
        if not good:
            self.failed += 1
            print("NOT AS EXPECTED: " + what)

    def master(self, kind, slot, seed):
        self.expect(self.command(0x4A, kind, slot, seed, answers=False), "9000", "master %d of %s" % (kind, seed.hex()))

    def choose(self, slot, path, wanted="9000"):
        self.expect(self.command(0x4A, 0x10, 0, reference.path_data(slot, path), answers=False), wanted,
                    "choose %s" % path)

    def sign(self, digest):
        return self.command(0x68, 0, 0xA0, digest)

    def sign_at(self, slot, path, digest):
        return self.command(0x68, 0, 0xA1, tlv(0xA0, reference.path_data(slot, path)) + tlv(0x81, digest))

    def extended(self, slot, path):
        return self.command(0x4A, 0x0A, 0, reference.path_data(slot, path))


def verifies(kind, point, digest, signature):
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("key", "digest", "signature")]
        for name, content in zip(names, (POINT_AS_DER[kind] + point, digest, signature)):
            with open(name, "wb") as file:
                file.write(content)
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0], "-in",
                               names[1], "-sigfile", names[2]], stdout=subprocess.DEVNULL, check=False).returncode == 0


# ---- what is played ----

def nodes(wallet):
    for kind in (1, 2, 3):
        for size in (1, 16, 64):
            seed = os.urandom(size)
            wallet.master(kind, kind, seed)
            for path in LABELS if kind == 3 else PATHS:
                wanted = reference.derive(kind, seed, path).extended().hex() + "9000"
                what = "kind %d, seed %s, path %s" % (kind, seed.hex(), path)
                wallet.expect(wallet.extended(kind, path), wanted, what)


def signatures(wallet):
    for kind in (1, 2):
        seed, digest = os.urandom(32), os.urandom(32)
        wallet.master(kind, kind, seed)
        for path in PATHS[:4]:
            point = wallet.extended(kind, path)[45:78]
            wallet.choose(kind, path)
            made = ("selected", wallet.sign(digest)), ("with its path", wallet.sign_at(kind, path, digest))
            for how, signature in made:
                what = "%s, kind %d, seed %s, path %s" % (how, kind, seed.hex(), path)
                wallet.judge(signature[-2:] == b"\x90\0" and verifies(kind, point, digest, signature[:-2]), what)
                wallet.judge(not verifies(kind, point, os.urandom(32), signature[:-2]), "of another hash, " + what)


def cipher(wallet):
    seed, path = os.urandom(64), [b"passwords", b"\x07"]
    wallet.master(3, 7, seed)
    secret_of = reference.derive(3, seed, path).key
    for aad, iv, text in ((b"testE1D1", b"", bytes(16)), (b"", os.urandom(16), os.urandom(64)),
                          (bytes(100), b"", os.urandom(96))):
        secret = hmac.new(secret_of, aad, hashlib.sha512).digest()
        wanted = openssl("enc", "-aes-256-cbc", "-nopad", "-K", secret[:32].hex(), "-iv", (iv or secret[32:48]).hex(),
                         data=text)
        more = tlv(0x82, iv) + tlv(0x83, aad)
        at = tlv(0xA0, reference.path_data(7, path))
        wallet.choose(7, path)
        what = "seed %s, aad %s, iv %s" % (seed.hex(), aad.hex(), iv.hex())
        sealing, opening = tlv(6, HD_OID) + tlv(0x81, text) + more, tlv(6, HD_OID) + tlv(0x81, wanted) + more
        wallet.expect(wallet.command(0x78, 0, 0x51, sealing), wanted.hex() + "9000", what)
        wallet.expect(wallet.command(0x78, 0, 0x52, opening), "6985", "used up, " + what)
        wallet.expect(wallet.command(0x78, 0, 0x52, opening + at), text.hex() + "9000", "in one command, " + what)
    wallet.master(1, 1, seed)
    wallet.choose(1, [])
    wallet.expect(wallet.command(0x78, 0, 0x51, tlv(6, HD_OID) + tlv(0x81, bytes(16))), "6A80", "a node on a curve")
    wallet.expect(wallet.sign(bytes(32)), "6985", "used up by CIPHER")


def refusals(wallet):
    digest = os.urandom(32)
    wallet.expect(wallet.sign(digest), "6985", "no node")
    wallet.master(1, 0, os.urandom(16))
    wallet.master(3, 7, os.urandom(16))
    wallet.choose(0, [1])
    wallet.judge(wallet.sign(digest)[-2:] == b"\x90\0", "once")
    wallet.expect(wallet.sign(digest), "6985", "not twice")
    for end, what in ((SELECT, "SELECT"), (VERIFY, "a login"), ("804A0109", "a new master")):
        wallet.choose(0, [1])
        wallet.send(end)
        wallet.send(VERIFY)
        wallet.expect(wallet.sign(digest), "6985", what + " ends it")
    wallet.choose(0, [1])
    wallet.choose(7, [5], "6400")
    wallet.expect(wallet.sign(digest), "6985", "a choice that fails ends it")
    wallet.choose(7, [b"label"])
    wallet.expect(wallet.sign(digest), "6985", "symmetric")
    wallet.expect(wallet.sign_at(7, [b"label"], digest), "6985", "symmetric, in one command")
    for data, word in ((b"", "6700"), (bytes.fromhex("02010A"), "6400"), (bytes.fromhex("0201000401AA"), "6400"),
                       (bytes.fromhex("02010002048000"), "6400"), (bytes.fromhex("020105"), "6400")):
        wallet.expect(wallet.command(0x4A, 0x0A, 0, data), word, "path " + data.hex())
    wallet.expect(wallet.command(0x4A, 1, 10, bytes(16), answers=False), "6A86", "master 10")
    wallet.expect(wallet.command(0x4A, 1, 0, bytes(65), answers=False), "6700", "a seed of 65 bytes")
    wallet.send(SELECT)
    wallet.expect(wallet.extended(0, []), "6982", "nobody logged in")


def deep(wallet):
    seed = os.urandom(32)
    for kind, level in ((1, HARDENED), (3, b"deeper")):
        wallet.master(kind, kind, seed)
        for path in ([level] * 255, [level] * 256):
            wanted = reference.derive(kind, seed, path).extended().hex() + "9000" if len(path) < 256 else "6400"
            what = "%d levels, kind %d, seed %s" % (len(path), kind, seed.hex())
            wallet.expect(wallet.extended(kind, path), wanted, what)


def main():
    plays = {"nodes": nodes, "signatures": signatures, "cipher": cipher, "refusals": refusals, "deep": deep}
    wallet = Wallet()
    plays[sys.argv[1]](wallet)
    wallet.card.quit()
    print("%d steps, %d not as expected" % (wallet.done, wallet.failed))
    sys.exit(1 if wallet.failed else 0)


if __name__ == "__main__":
    main()
