#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays commands on a card, one session of opensc-explorer, and what only a host can make: an agreement on a lock key, a
signature over a challenge. Nothing of this project is in it but the numbers of its interface.

Reads steps from standard input, a line each; ends with 1 when an answer was not as expected, after all steps.

    good CODE HEX WANTED # TEXT     a command that does what it is for; CODE names it for tests/chips.md
    bad CODE HEX WANTED # TEXT      one that is refused
    good-inside, bad-inside         the same through a secure channel, opened by the first of them
    do HEX WANTED                   one that is neither: it prepares
    lock CODE FUNCTION KEY WANTED # TEXT        64/3A: agrees, then sends the lock key (64 hex digits) with P2 FUNCTION
    authenticate CODE NAME PRIVATE WANTED # TEXT    challenge and EXTERNAL AUTHENTICATE with a brainpoolP256r1 key

WANTED is a regular expression for data and status word in hex; {NAME} in HEX is what `keep NAME REGEX` caught of the
answer before it.
"""
import hashlib
import hmac
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from secure_channel_host import POINT_AS_DER, Host, openssl, tlv  # noqa: E402

P256_POINT_SIZE = 65


# ---- ChaCha20-Poly1305 (RFC 8439), which the openssl program does not offer ----

def rotated(value, bits):
    return (value << bits & 0xFFFFFFFF) | value >> 32 - bits


def quarter(s, a, b, c, d):
    for x, y, z, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = s[x] + s[y] & 0xFFFFFFFF
        s[z] = rotated(s[z] ^ s[x], bits)


def chacha_block(key, counter, nonce):
    words = [int.from_bytes(part[i:i + 4], "little") for part in (b"expand 32-byte k", key) for i in range(0, len(part), 4)]
    words += [counter] + [int.from_bytes(nonce[i:i + 4], "little") for i in range(0, 12, 4)]
    s = list(words)
    for _ in range(10):
        for column in range(4):
            quarter(s, column, 4 + column, 8 + column, 12 + column)
        for i in range(4):
            quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return b"".join((a + b & 0xFFFFFFFF).to_bytes(4, "little") for a, b in zip(s, words))


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i:i + 16] + b"\x01", "little")) * r % ((1 << 130) - 5)
    return (total + int.from_bytes(key[16:32], "little") & (1 << 128) - 1).to_bytes(16, "little")


def seal(key, nonce, aad, plain):
    stream = b"".join(chacha_block(key, 1 + i, nonce) for i in range(len(plain) // 64 + 1))
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    authenticated = aad + bytes(-len(aad) % 16) + sealed + bytes(-len(sealed) % 16)
    authenticated += len(aad).to_bytes(8, "little") + len(sealed).to_bytes(8, "little")
    return sealed + poly1305(chacha_block(key, 0, nonce)[:32], authenticated)


def hkdf(secret, info, size):
    prk, out, last = hmac.new(bytes(32), secret, hashlib.sha256).digest(), b"", b""
    while len(out) < size:
        last = hmac.new(prk, last + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
        out += last
    return out[:size]


# ---- what a host computes ----

class Agreement:
    """A key pair whose point can be sent before the card's is known."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.own = os.path.join(self.folder.name, "own.pem")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.own)
        self.point = openssl("pkey", "-in", self.own, "-pubout", "-outform", "DER")[-P256_POINT_SIZE:]

    def secret(self, card_point):
        card = os.path.join(self.folder.name, "card.pem")
        openssl("pkey", "-pubin", "-inform", "DER", "-out", card, data=POINT_AS_DER + card_point)
        return openssl("pkeyutl", "-derive", "-inkey", self.own, "-peerkey", card)


def raw_signature(der):
    """r and s of 32 bytes each, from SEQUENCE { INTEGER, INTEGER }."""
    numbers, at = [], 2
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


def sign_brainpool(private, message):
    curve = bytes.fromhex("A00B06092B2403030208010107")
    key = tlv(0x30, bytes.fromhex("020101") + tlv(0x04, private) + curve)
    with tempfile.TemporaryDirectory() as folder:
        der, pem = os.path.join(folder, "key.der"), os.path.join(folder, "key.pem")
        with open(der, "wb") as f:
            f.write(key)
        openssl("ec", "-inform", "DER", "-in", der, "-out", pem)
        return raw_signature(openssl("dgst", "-sha256", "-sign", pem, data=message))


# ---- the conversation ----

class Play:
    def __init__(self):
        self.host = Host()
        self.card, self.open, self.kept, self.last, self.failed, self.played = self.host.card, False, {}, "", 0, 0

    def send(self, raw):
        data, word = self.card.apdu(raw)
        self.last = (data.hex() + word).upper()
        return data

    def expect(self, wanted, what):
        self.played += 1
        if re.fullmatch(wanted, self.last):
            return
        self.failed += 1
        print("%s\n  wanted %s\n  got    %s" % (what, wanted, self.last[:300]))

    def plain(self, hex_bytes, wanted, what):
        self.send(bytes.fromhex(hex_bytes.format(**self.kept)))
        self.expect(wanted, what)

    def inside(self, hex_bytes, wanted, what):
        if not self.open:
            self.host.open()
            self.open = True
        self.last = self.host.inside(bytes.fromhex(hex_bytes))
        self.expect(wanted, what)

    def lock(self, function, key, wanted, what):
        host = Agreement()
        point = self.send(bytes.fromhex("80643A0141") + host.point + b"\0")
        if len(point) == P256_POINT_SIZE:
            both = hkdf(host.secret(point), host.point, 44)
            sealed = seal(both[12:], both[:12], host.point, bytes.fromhex(key))
            self.send(bytes.fromhex("80643A%s30" % function) + sealed)
        self.expect(wanted, what)

    def authenticate(self, name, private, wanted, what):
        challenge = self.send(bytes.fromhex("0084000008"))
        signature = sign_brainpool(bytes.fromhex(private), bytes.fromhex(name) + challenge)
        self.send(bytes.fromhex("0082000040") + signature)
        self.expect(wanted, what)

    def step(self, line):
        line, _, text = line.partition(" # ")
        word, *rest = line.split()
        what = "%s: %s" % (line[:100], text)
        if word in ("good", "bad"):
            self.plain(rest[1], rest[2], what)
        elif word in ("good-inside", "bad-inside"):
            self.inside(rest[1], rest[2], what)
        elif word == "do":
            self.plain(rest[0], rest[1], what)
        elif word == "lock":
            self.lock(rest[1], rest[2], rest[3], what)
        elif word == "authenticate":
            self.authenticate(rest[1], rest[2], rest[3], what)
        elif word == "keep":
            self.kept[rest[0]] = re.search(rest[1], self.last).group(1)
        else:
            raise ValueError("no such step: " + line)


def main():
    play = Play()
    for line in sys.stdin:
        if line.strip():
            play.step(line.strip())
    play.card.quit()
    print("%d steps, %d not as expected" % (play.played, play.failed))
    sys.exit(1 if play.failed or not play.played else 0)


if __name__ == "__main__":
    main()
