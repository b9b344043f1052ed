#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Streams 100,000 bytes through a card, algorithm by algorithm, and compares with what the openssl program makes of them.

opensc-explorer carries the commands (secure_channel_host.py). GCM, which that program does not offer, is put together here
of its counter mode and one ECB block. Argument: the largest piece. Ends with 1 when anything differs.
"""
import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from secure_channel_host import Explorer, openssl, tlv  # noqa: E402

KEY = bytes(range(32))
KEY_ID = 0x11
# The key under a DKEK of zeros, and the shares that make one (apdu.md 5.3).
BLOB = bytes.fromhex("66687AADF862BD770F00086086480165030401000610111899515200000000202C9D5116B61E99398EF4763C169C1A87A798888BB02403F25C5F187B"
                     "017B5499E44213B00C00BD9A2C309E1B085CD853A3C67BD8188C50CBD1B4D737E525B7")
SHARE = bytes([0xA5] * 32)
IV, NONCE, AAD = bytes(range(0xA0, 0xB0)), bytes(range(0xC0, 0xCC)), b"associated " * 100
AES = "6086480165030401"
TEXT = b"".join(hashlib.sha256(bytes([i >> 8, i & 0xFF])).digest() for i in range(3126))[:100000]


# ---- what openssl says ----

def enc(mode, data, iv=None):
    return openssl("enc", "-aes-256-" + mode, "-nopad", "-K", KEY.hex(), *(["-iv", iv.hex()] if iv else []), data=data)


def ghash(h, data):
    """SP 800-38D 6.4, blocks as numbers, the first bit the highest."""
    h, y = int.from_bytes(h, "big"), 0
    for at in range(0, len(data), 16):
        x, z, v = y ^ int.from_bytes(data[at:at + 16], "big"), 0, h
        for bit in range(127, -1, -1):
            if x >> bit & 1:
                z ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
        y = z
    return y


def gcm(text, aad):
    start = NONCE + b"\0\0\0\1"
    sealed = enc("ctr", text, NONCE + b"\0\0\0\2")
    blocks = aad + bytes(-len(aad) % 16) + sealed + bytes(-len(sealed) % 16)
    blocks += (8 * len(aad)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    tag = ghash(enc("ecb", bytes(16)), blocks) ^ int.from_bytes(enc("ecb", start), "big")
    return sealed + tag.to_bytes(16, "big")


def hmac(digest):
    return openssl("dgst", "-" + digest, "-mac", "HMAC", "-macopt", "hexkey:" + KEY.hex(), "-binary", data=TEXT)


def cmac(data):
    return openssl("mac", "-cipher", "AES-256-CBC", "-macopt", "hexkey:" + KEY.hex(), "-binary", "CMAC", data=data)


# ---- the card ----

class Card:
    def __init__(self, largest):
        self.explorer, self.largest = Explorer(), largest

    def send(self, header, data=b"", wanted="9000"):
        length = len(data).to_bytes(2, "big") if data else b""
        got, word = self.explorer.apdu(bytes.fromhex(header) + b"\0" + length + data + b"\0\0")
        if word != wanted:
            sys.exit("%s with %d bytes: %s instead of %s" % (header, len(data), word, wanted))
        return got

    def prepare(self):
        self.send("00A40400", bytes.fromhex("E82B0601040181C31F0201"))
        self.send("80500000", bytes.fromhex("80020001810636343832313982083537363231383830920102"))
        for _ in range(2):
            self.send("80520000", SHARE)
        self.send("00200081", b"648219")
        self.send("8074%02X93" % KEY_ID, BLOB)

    def stream(self, p2, data, wanted="9000"):
        return self.send("807A%02X%02X" % (KEY_ID, p2), data, wanted)

    def run(self, begin, text, p2=0x51, aad=b"", tail=b""):
        """Pieces of changing sizes; the rest, with what must come with it, goes last."""
        self.stream(p2, begin)
        for at in range(0, len(aad), 700):
            self.stream(0x53, aad[at:at + 700])
        out, at = b"", 0
        while len(text) - at > self.largest - 16:
            n = self.largest - at % 23
            out += self.stream(0x54, text[at:at + n])
            at += n
        return out + self.stream(0x55, text[at:] + tail)


def main(argv):
    card, failures = Card(int(argv[1])), 0
    card.prepare()
    oid = lambda last: tlv(0x06, bytes.fromhex(AES + last))  # noqa: E731
    hmac_oid = lambda last: tlv(0x06, bytes.fromhex("2A864886F70D02" + last))  # noqa: E731
    iv, nonce = tlv(0x82, IV), tlv(0x82, NONCE)
    sealed = gcm(TEXT, AAD)
    for name, got, want in (
            ("AES-256-CBC", lambda: card.run(oid("2A") + iv, TEXT), lambda: enc("cbc", TEXT, IV)),
            ("AES-256-CBC back", lambda: card.run(oid("2A") + iv, enc("cbc", TEXT, IV), 0x52), lambda: TEXT),
            ("AES-256-CTR", lambda: card.run(oid("31") + iv, TEXT), lambda: enc("ctr", TEXT, IV)),
            ("AES-256-GCM", lambda: card.run(oid("2E") + nonce, TEXT, 0x51, AAD), lambda: sealed),
            ("AES-256-GCM back", lambda: card.run(oid("2E") + nonce, sealed[:-16], 0x52, AAD, sealed[-16:]), lambda: TEXT),
            ("AES-256-CMAC", lambda: card.run(bytes.fromhex("060118"), TEXT), lambda: cmac(TEXT)),
            ("HMAC-SHA-256", lambda: card.run(hmac_oid("09"), TEXT), lambda: hmac("sha256")),
            ("HMAC-SHA-512", lambda: card.run(hmac_oid("0B"), TEXT), lambda: hmac("sha512"))):
        same = got() == want()
        failures += not same
        print("%-18s %d bytes: %s" % (name, len(TEXT), "as openssl says" if same else "DIFFERS"), flush=True)
    card.stream(0x52, oid("2E") + nonce)  # a tag with one bit wrong, and no stream behind it
    card.stream(0x55, sealed[:100] + sealed[-16:-1] + bytes([sealed[-1] ^ 1]), "6400")
    card.stream(0x54, b"", "6985")
    card.explorer.quit()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
