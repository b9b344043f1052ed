#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host of Ed25519, Ed448, X25519 and X448 with nothing of this project in it: opensc-explorer carries the APDUs, the
openssl program verifies, agrees, makes keys to bring along, and wraps them.

    edwards_host.py signatures   by keys that the card made, verified with the public key of CE; the inner signature of CE
    edwards_host.py agreements   with keys that openssl makes: both ends get the same secret
    edwards_host.py imported     wrapped keys of openssl's: the same public key, signatures, secrets
    edwards_host.py printed      SIGN 7A, which openssl does not know: context and prehash as RFC 8032 prints them
    edwards_host.py refusals     what such a key is not good for

Ends with 1 when anything was not as expected, after all of it."""
import hashlib
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from secure_channel_host import Explorer, openssl, tlv  # noqa: E402

SELECT = "00A404000BE82B0601040181C31F020100"
VERIFY = "0020008106363438323139"
SIGN, DECIPHER, UNWRAP = 0x68, 0x62, 0x74
OID_EC = bytes.fromhex("04007F00070202020203")
OID_RI = bytes.fromhex("04007F00070202050203")
P25519, P448 = (2**255 - 19).to_bytes(32, "big"), (2**448 - 2**224 - 1).to_bytes(56, "big")
ED448_BASE = bytes.fromhex("14FA30F25B790898ADC8D74E2C13BDFDC4397CE61CFFD33AD7C2A0051E9C78874098A36C7373EA4B62C7C956"
                           "3720768824BCB66E71463F6900")
# name: prime, base point, OID of its SubjectPublicKeyInfo (RFC 8410), does it sign?
CURVES = {"X25519": (P25519, b"\x09" + bytes(31), 110, False), "X448": (P448, b"\x05" + bytes(55), 111, False),
          "ED25519": (P25519, b"\x58" + b"\x66" * 31, 112, True), "ED448": (P448, ED448_BASE, 113, True)}

# RFC 8032 7.2, 7.3, 7.5: curve, private and public string, objects of SIGN 7A, signature
PRINTED = (
    ("ED25519", "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6",
     "dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292", "8110f726936d19c800494e3fdaff20b276a88303666f6f",
     "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a8b36950b95130022907a7fb7c4e9b2d5f6cca685a587b4b21f4b888e4e7edb0d"),
    ("ED25519", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "8403616263",
     "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"),
    ("ED448", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42ef7822e0d5104127dc05d6dbefde69e3ab2cec7c867c6e2c49",
     "259b71c19f83ef77a7abd26524cbdb3161b590a48f7d17de3ee0ba9c52beb743c09428a131d6b1b57303d90d8132c276d5ed3d5d01c0f53880", "8403616263",
     "822f6901f7480f3d5f562c592994d9693602875614483256505600bbc281ae381f54d6bce2ea911574932f52a4e6cadd78769375ec3ffd1b801a0d9b3f4030cd"
     "433964b6457ea39476511214f97469b57dd32dbc560a9a94d00bff07620464a3ad203df7dc7ce360c3cd3696d9d9fab90f00"),
)


def der_of(name, public):
    oid = tlv(0x30, tlv(0x06, bytes([0x2B, 0x65, CURVES[name][2]])))
    return tlv(0x30, oid + tlv(0x03, b"\0" + public))


def objects(data):
    """Tag, value and whole of each TLV in `data`."""
    at = 0
    while at < len(data):
        start = at
        tag = data[at]
        at += 1
        if tag & 0x1F == 0x1F:
            tag, at = tag << 8 | data[at], at + 1
        size, at = data[at], at + 1
        if size > 0x80:
            more = size & 0x7F
            size, at = int.from_bytes(data[at:at + more], "big"), at + more
        yield tag, data[at:at + size], data[start:at + size]
        at += size


def find(data, *path):
    """Value and whole of the object at the end of the path."""
    whole = data
    for wanted in path:
        data, whole = next((value, raw) for tag, value, raw in objects(data) if tag == wanted)
    return data, whole


class Keys:
    def __init__(self):
        self.card, self.done, self.failed = Explorer(), 0, 0
        self.folder = tempfile.TemporaryDirectory()
        self.expect(self.send(bytes.fromhex(SELECT))[-2:], "9000", "SELECT")
        self.expect(self.send(bytes.fromhex(VERIFY)), "9000", "login")

    # ---- the card ----

    def send(self, raw):
        data, word = self.card.apdu(raw)
        return data + bytes.fromhex(word)

    def command(self, ins, p1, p2, data=b"", cla=0x80):
        return self.send(bytes([cla, ins, p1, p2, 0]) + len(data).to_bytes(2, "big") + data + b"\0\0")

    def good(self, what, *command):
        answer = self.command(*command)
        self.judge(answer[-2:] == b"\x90\x00", "%s: %s" % (what, answer[-2:].hex()))
        return answer[:-2]

    def judge(self, good, what):
        self.done += 1
        if not good:
            self.failed += 1
            print("NOT AS EXPECTED: " + what)

    def expect(self, got, wanted, what):
        self.judge(got.hex().upper() == wanted, "%s: got %s, want %s" % (what, got.hex().upper(), wanted))

    def generate(self, key, name):
        prime, base, _, _ = CURVES[name]
        template = tlv(0x06, OID_EC) + tlv(0x81, prime) + tlv(0x83, base)
        name_of_key = b"\x5F\x20" + tlv(0, b"UTCDUMMY00001")[1:]
        return self.good("GENERATE " + name, 0x46, key, 0, b"\x7F" + tlv(0x49, template) + name_of_key, 0)

    def request(self, key):
        return self.good("READ CE%02X" % key, 0xB1, 0xCE, key, bytes.fromhex("54020000"), 0)

    def public(self, key, name):
        request = self.request(key)
        oid, _ = find(request, 0x67, 0x7F21, 0x7F4E, 0x7F49, 0x06)
        self.judge(oid == OID_RI, "OID of " + name)
        return find(request, 0x67, 0x7F21, 0x7F4E, 0x7F49, 0x84)[0]

    # ---- openssl ----

    def file(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def verifies(self, name, public, message, signature):
        key = self.file("public.der", der_of(name, public))
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", key,
                               "-in", self.file("message", message), "-sigfile", self.file("signature", signature)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def check_signature(self, name, public, message, signature, what):
        self.judge(self.verifies(name, public, message, signature), "openssl verifies %s of %s" % (what, name))
        flipped = bytes([signature[0] ^ 1]) + signature[1:]
        self.judge(not self.verifies(name, public, message, flipped), "openssl refuses another %s of %s" % (what, name))

    def derive(self, name, own, public):
        peer = self.file("peer.der", der_of(name, public))
        return openssl("pkeyutl", "-derive", "-inkey", own, "-peerform", "DER", "-peerkey", peer)

    def new_key(self, name):
        """A key of openssl's: its file, private and public string."""
        own = os.path.join(self.folder.name, "own.pem")
        openssl("genpkey", "-algorithm", name, "-out", own)
        private = find(openssl("pkey", "-in", own, "-outform", "DER"), 0x30, 0x04, 0x04)[0]
        public = find(openssl("pkey", "-in", own, "-pubout", "-outform", "DER"), 0x30, 0x03)[0][1:]
        return own, private, public

    # ---- what is to be seen ----

    def use(self, key, name):
        """The key signs or agrees as openssl does with its public key."""
        public = self.public(key, name)
        if CURVES[name][3]:
            for message in (b"a", b"abc", bytes(range(256)) * 15):
                self.check_signature(name, public, message, self.good("SIGN", SIGN, key, 0x70, message), "a signature")
            return public
        for _ in range(3):
            own, _, own_public = self.new_key(name)
            answer = self.good("DECIPHER 80", DECIPHER, key, 0x80, own_public)
            self.judge(answer == b"\x04" + self.derive(name, own, public), "both ends of %s agree" % name)
        return public

    def signatures(self):
        for key, name in ((0x31, "ED25519"), (0x32, "ED448")):
            self.generate(key, name)
            public = self.use(key, name)
            request = self.request(key)
            _, body = find(request, 0x67, 0x7F21, 0x7F4E)
            inner, _ = find(request, 0x67, 0x7F21, 0x5F37)
            self.check_signature(name, public, body, inner, "the inner signature of CE")

    def agreements(self):
        for key, name in ((0x33, "X25519"), (0x34, "X448")):
            self.generate(key, name)
            self.use(key, name)

    def blob(self, name, private, public, dkek):
        """A wrapped key of formats.md 5, as a client makes it that says nothing of the curve's equation."""
        prime, base, _, _ = CURVES[name]
        components = (b"", b"", prime, b"", base, private, public)
        plain = bytes(8) + (8 * len(prime)).to_bytes(2, "big")
        plain += b"".join(len(c).to_bytes(2, "big") + c for c in components)
        plain += b"\x80" + bytes(-(len(plain) + 1) % 16) if len(plain) % 16 else b""
        encrypt, mac = (hashlib.sha256(dkek + bytes([0, 0, 0, i])).hexdigest() for i in (1, 2))
        head = hashlib.sha256(dkek).digest()[:8] + b"\x0C\0\x0A" + OID_EC + bytes(6)
        body = head + openssl("enc", "-aes-256-cbc", "-nopad", "-K", encrypt, "-iv", "0" * 32, data=plain)
        return body + openssl("mac", "-cipher", "AES-256-CBC", "-macopt", "hexkey:" + mac, "-binary", "CMAC", data=body)

    def share(self):
        share = bytes(range(32))
        if self.send(bytes.fromhex("8052000000"))[1:2] == b"\x01":
            self.judge(self.command(0x52, 0, 0, share)[-2:] == b"\x90\x00", "the only share of the DKEK")
        return share

    def printed(self):
        for key, (name, private, public, objects_of_7a, signature) in enumerate(PRINTED, 0x61):
            blob = self.blob(name, bytes.fromhex(private), bytes.fromhex(public), self.share())
            self.good("UNWRAP " + name, UNWRAP, key, 0x93, blob)
            data = bytes.fromhex(objects_of_7a)
            self.expect(self.command(SIGN, key, 0x7A, data), signature.upper() + "9000", "SIGN 7A with " + name)
            self.expect(self.command(SIGN, key, 0x7A, bytes.fromhex("8403616263" "8300")), "6700", "SIGN 7A, an empty context")

    def imported(self):
        share = self.share()
        for key, name in enumerate(CURVES, 0x41):
            _, private, public = self.new_key(name)
            self.good("UNWRAP " + name, UNWRAP, key, 0x93, self.blob(name, private, public, share))
            self.judge(self.use(key, name) == public, "the public key of " + name)
            _, _, other = self.new_key(name)
            answer = self.command(UNWRAP, 0x4F, 0x93, self.blob(name, private, other, share))
            self.expect(answer, "6400", "another public key of " + name)

    def refusals(self):
        for key, name in enumerate(CURVES, 0x51):
            signs, size = CURVES[name][3], len(CURVES[name][1])
            self.generate(key, name)
            for algorithm in (0x20, 0x33, 0x73) if signs else (0x70, 0x73, 0x33):
                self.expect(self.command(SIGN, key, algorithm, b"abc"), "6400", "SIGN %02X with %s" % (algorithm, name))
            self.expect(self.command(0x76, key, 0x5F, b"\x98\x01"), "6400", "DERIVE with " + name)
            if signs:
                self.expect(self.command(DECIPHER, key, 0x80, bytes(size)), "6400", "agreement of " + name)
                continue
            self.expect(self.command(DECIPHER, key, 0x80, bytes(size)), "6400", "zero as a peer of " + name)
            self.expect(self.command(DECIPHER, key, 0x80, bytes(size - 1)), "6984", "half a peer of " + name)


keys = Keys()
getattr(keys, sys.argv[1])()
keys.card.quit()
print("%d checks, %d not as expected" % (keys.done, keys.failed))
sys.exit(keys.failed != 0)
