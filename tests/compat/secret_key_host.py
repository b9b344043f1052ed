#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host of secret keys (apdu.md 3.13, 3.17; decisions.md, 7C) with nothing of this project in it: opensc-explorer carries
the APDUs; the openssl program and OpenSSL's library compute the same with the same keys.

    secret_key_host.py fill      keys of every kind go in as wrapped keys that openssl has made
    secret_key_host.py ciphers   every mode and key size, there and back, and a flipped bit refused
    secret_key_host.py macs      CMAC and HMAC
    secret_key_host.py kdfs      99, HKDF, PBKDF2, X9.63
    secret_key_host.py kinds     a kind does what it is for, and nothing else
    secret_key_host.py store     results that stay: of a secret key, and of an agreement with a key of openssl's
    secret_key_host.py made      48: sizes, lengths, refusals
    secret_key_host.py same A B  two keys (hex) compute the same

Ends with 1 when anything was not as expected, after all of it."""
import ctypes
import hashlib
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from secure_channel_host import POINT_AS_DER, Explorer, openssl, tlv  # noqa: E402

SELECT = "00A404000BE82B0601040181C31F020100"
VERIFY = "0020008106363438323139"
DKEK = bytes(range(32))
AES_ARC = "6086480165030401"
MODES = {"ecb": (1, 0x15, 0x29), "cbc": (2, 0x16, 0x2A), "ofb": (3, 0x17, 0x2B), "cfb": (4, 0x18, 0x2C),
         "gcm": (6, 0x1A, 0x2E), "ccm": (7, 0x1B, 0x2F), "ctr": (9, 0x1D, 0x31)}
XTS = {32: "2B6F028C5300000101", 64: "2B6F028C5300000102"}
CHACHA = "2A864886F70D0109100312"
HMACS = {"SHA1": "2A864886F70D0207", "SHA224": "2A864886F70D0208", "SHA256": "2A864886F70D0209",
         "SHA384": "2A864886F70D020A", "SHA512": "2A864886F70D020B"}
HKDFS = {"SHA256": "2A864886F70D010910031D", "SHA384": "2A864886F70D010910031E", "SHA512": "2A864886F70D010910031F"}
PBKDF2, X963 = "2A864886F70D01050C", "2B81051086483F"
# id: bytes, OID in the header of the blob ("" = the one that all hosts write), kind
KEYS = {0x21: (16, "", 0), 0x22: (24, "", 0), 0x23: (32, "", 0), 0x24: (64, "", 0), 0x25: (32, AES_ARC + "29", 1),
        0x26: (64, XTS[64], 2), 0x27: (20, HMACS["SHA256"], 3), 0x28: (32, CHACHA, 4), 0x29: (48, HKDFS["SHA256"], 5),
        0x2A: (11, "2A864886F70D010701", 6)}


def key_of(number):
    """What the key is: anything that this script finds again when it is started once more."""
    return hashlib.sha512(b"key %d" % number).digest()[:KEYS[number][0]]


# ---- OpenSSL's library, for what its program does not offer ----

class Library:
    SET_IV_SIZE, GET_TAG, SET_TAG = 9, 16, 17

    def __init__(self):
        self.c = ctypes.CDLL("libcrypto.so.3")
        self.c.EVP_CIPHER_CTX_new.restype = self.c.EVP_CIPHER_fetch.restype = ctypes.c_void_p

    def must(self, result):
        if result <= 0:
            raise RuntimeError("OpenSSL refused")

    def encrypt(self, name, key, iv, text, aad=b"", tag_size=0):
        c, size = self.c, ctypes.c_int(0)
        context = ctypes.c_void_p(c.EVP_CIPHER_CTX_new())
        cipher = ctypes.c_void_p(c.EVP_CIPHER_fetch(None, name.encode(), None))
        out, tag = ctypes.create_string_buffer(len(text) + 32), ctypes.create_string_buffer(16)
        self.must(c.EVP_CipherInit_ex(context, cipher, None, None, None, 1))
        if tag_size:
            self.must(c.EVP_CIPHER_CTX_ctrl(context, self.SET_IV_SIZE, len(iv), None))
        if name.endswith("CCM"):
            self.must(c.EVP_CIPHER_CTX_ctrl(context, self.SET_TAG, tag_size, None))
        self.must(c.EVP_CipherInit_ex(context, None, None, key, iv, 1))
        if name.endswith("CCM"):
            self.must(c.EVP_CipherUpdate(context, None, ctypes.byref(size), None, len(text)))
        if aad:
            self.must(c.EVP_CipherUpdate(context, None, ctypes.byref(size), aad, len(aad)))
        self.must(c.EVP_CipherUpdate(context, out, ctypes.byref(size), text, len(text)))
        self.must(c.EVP_CipherFinal_ex(context, tag, ctypes.byref(size)))
        if tag_size:
            self.must(c.EVP_CIPHER_CTX_ctrl(context, self.GET_TAG, tag_size, tag))
        c.EVP_CIPHER_free(cipher)
        c.EVP_CIPHER_CTX_free(context)
        return out.raw[:len(text)] + tag.raw[:tag_size]


# ---- the openssl program ----

def enc(mode, key, iv, text):
    bits = 8 * len(key)
    more = ["-iv", iv.hex()] if mode != "ecb" else []
    return openssl("enc", "-aes-%d-%s" % (bits, mode), "-nopad", "-K", key.hex(), *more, data=text)


def cmac(key, data):
    return openssl("mac", "-cipher", "AES-%d-CBC" % (8 * len(key)), "-macopt", "hexkey:" + key.hex(), "-binary", "CMAC", data=data)


def hmac(name, key, data):
    return openssl("mac", "-digest", name, "-macopt", "hexkey:" + key.hex(), "-binary", "HMAC", data=data)


def kdf(kind, size, **options):
    more = [word for option, value in options.items() for word in ("-kdfopt", "%s:%s" % (option, value))]
    return openssl("kdf", "-keylen", str(size), *more, "-binary", kind)


def blob(key, oid):
    """A wrapped key (formats.md 5.1)."""
    default = bytes.fromhex(oid or AES_ARC)
    head = hashlib.sha256(DKEK).digest()[:8] + b"\x0F" + len(default).to_bytes(2, "big") + default + bytes(6)
    plain = os.urandom(8) + len(key).to_bytes(2, "big") + key
    if len(plain) % 16:
        plain += b"\x80" + bytes(-(len(plain) + 1) % 16)
    whole = head + enc("cbc", hashlib.sha256(DKEK + b"\0\0\0\x01").digest(), bytes(16), plain)
    return whole + cmac(hashlib.sha256(DKEK + b"\0\0\0\x02").digest(), whole)


# ---- the card ----

class Card:
    def __init__(self):
        self.explorer, self.done, self.failed = Explorer(), 0, 0
        self.send(bytes.fromhex(SELECT))
        self.expect(self.send(bytes.fromhex(VERIFY)), "9000", "login")

    def send(self, raw):
        data, word = self.explorer.apdu(raw)
        return data.hex().upper() + word.upper()

    def command(self, ins, p1, p2, data=b"", ne=None):
        """Ne None: all there is, in extended form."""
        size = b"\0" + len(data).to_bytes(2, "big") if data else b"\0"
        return self.send(bytes([0x80, ins, p1, p2]) + size + data + ((ne or 0) % 65536).to_bytes(2, "big"))

    def cipher(self, key, p2, oid="", data=None, iv=None, aad=None, ne=None, tag=None):
        objects = tlv(6, bytes.fromhex(oid)) if oid else b""
        for number, value in ((0x81, data), (0x82, iv), (0x83, aad), (0x85, bytes([tag]) if tag else None)):
            objects += tlv(number, value) if value is not None else b""
        return self.command(0x78, key, p2, objects, ne)

    def expect(self, got, wanted, what):
        wanted = wanted if isinstance(wanted, str) else wanted.hex().upper() + "9000"
        self.done += 1
        if got != wanted:
            self.failed += 1
            print("NOT AS EXPECTED: %s\n  got  %s\n  want %s" % (what, got[:200], wanted[:200]))
        return got


# ---- what is played ----

def fill(card):
    for number, (size, oid, kind) in KEYS.items():
        good = blob(key_of(number), oid)
        card.expect(card.command(0x74, number, 0x93, good[:-1] + bytes([good[-1] ^ 1])), "6400", "blob %02X, flipped" % number)
        card.expect(card.command(0x74, number, 0x93, good), "9000", "blob %02X" % number)
        shown = card.send(bytes([0, 0xA4, 0, 0, 2, 0xCC, number, 0]))
        kind_shown = "9401%02X" % kind if kind else ""
        card.expect(shown[-14:], ("A58103920100" + kind_shown + "9000")[-14:], "metadata of %02X: %s" % (number, shown))
    card.expect(card.command(0x74, 0x2F, 0x93, blob(bytes(20), "")), "6984", "20 bytes, no kind")
    card.expect(card.command(0x74, 0x2F, 0x93, blob(bytes(16), XTS[64])), "6984", "XTS of 16 bytes")


def there_and_back(card, key, oid, text, wanted, what, **more):
    card.expect(card.cipher(key, 0x51, oid, text, **more), wanted, what)
    card.expect(card.cipher(key, 0x52, oid, wanted, **more), text, what + ", back")


def ciphers(card):
    library = Library()
    for number in (0x21, 0x22, 0x23):
        key, place = key_of(number), (number - 0x21)
        for mode, numbers in MODES.items():
            oid = AES_ARC + "%02X" % numbers[place]
            aead = mode in ("gcm", "ccm")
            text = os.urandom(48 if mode in ("ecb", "cbc") else 45)
            if not aead:
                iv = os.urandom(16)
                more = {} if mode == "ecb" else {"iv": iv}
                there_and_back(card, number, oid, text, enc(mode, key, iv, text), mode + " of %02X" % number, **more)
                continue
            for iv_size, tag in ((12, 16), (7 if mode == "ccm" else 33, 12)):
                iv, aad = os.urandom(iv_size), os.urandom(21)
                sealed = library.encrypt("AES-%d-%s" % (8 * len(key), mode.upper()), key, iv, text, aad, tag)
                there_and_back(card, number, oid, text, sealed, mode, iv=iv, aad=aad, tag=tag)
                changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
                card.expect(card.cipher(number, 0x52, oid, changed, iv, aad, tag=tag), "6400", mode + ", another tag")
    for number in (0x23, 0x24, 0x26):
        key, iv, text = key_of(number), os.urandom(16), os.urandom(57)
        sealed = library.encrypt("AES-%d-XTS" % (4 * len(key)), key, iv, text)
        there_and_back(card, number, XTS[len(key)], text, sealed, "XTS of %02X" % number, iv=iv)
    for number in (0x23, 0x28):
        iv, aad, text = os.urandom(12), os.urandom(5), os.urandom(130)
        sealed = library.encrypt("ChaCha20-Poly1305", key_of(number), iv, text, aad, 16)
        there_and_back(card, number, CHACHA, text, sealed, "ChaCha20-Poly1305 of %02X" % number, iv=iv, aad=aad)
        card.expect(card.cipher(number, 0x52, CHACHA, sealed, iv, aad + b"x"), "6700", "ChaCha20-Poly1305, other aad")
    text = os.urandom(1216)
    card.expect(card.command(0x78, 0x23, 0x10, text), enc("cbc", key_of(0x23), bytes(16), text), "10")
    card.expect(card.command(0x78, 0x23, 0x11, enc("cbc", key_of(0x23), bytes(16), text)), text, "11")
    card.expect(card.command(0x78, 0x23, 0x10, text[:-1]), "6700", "10, part of a block")


def macs(card):
    for number in (0x21, 0x22, 0x23, 0x25):
        text = os.urandom(number)
        card.expect(card.command(0x78, number, 0x18, text), cmac(key_of(number), text), "CMAC of %02X" % number)
    for number in (0x21, 0x24, 0x27, 0x2A):
        for name, oid in HMACS.items():
            text = os.urandom(200)
            card.expect(card.cipher(number, 0x51, oid, text), hmac(name, key_of(number), text), "HMAC-%s of %02X" % (name, number))
    card.expect(card.command(0x78, 0x24, 0x18, b"abc"), "6700", "CMAC, key of 64")


def pbkdf2_parameters(salt, rounds, name):
    prf = tlv(0x30, tlv(6, bytes.fromhex(HMACS[name])) + b"\x05\x00")
    return tlv(4, salt) + tlv(2, rounds.to_bytes(3, "big")) + prf


def kdfs(card):
    info, salt = os.urandom(40), os.urandom(24)
    for number in (0x21, 0x24, 0x29, 0x2A):
        hexkey = key_of(number).hex()
        card.expect(card.command(0x78, number, 0x99, info), kdf("HKDF", 40, digest="SHA256", hexkey=hexkey, hexinfo=info.hex()),
                    "99 of %02X" % number)
        for name, oid in HKDFS.items():
            wanted = kdf("HKDF", 100, digest=name, hexkey=hexkey, hexsalt=salt.hex(), hexinfo=info.hex())
            card.expect(card.cipher(number, 0x51, oid, info, salt, ne=100), wanted, "HKDF-%s of %02X" % (name, number))
    for name, oid in HMACS.items():
        wanted = kdf("PBKDF2", 70, digest=name, hexpass=key_of(0x2A).hex(), hexsalt=salt.hex(), iter=1000)
        card.expect(card.cipher(0x2A, 0x51, PBKDF2, pbkdf2_parameters(salt, 1000, name), ne=70), wanted, "PBKDF2-" + name)
        wanted = kdf("X963KDF", 70, digest=name, hexkey=key_of(0x2A).hex(), hexinfo=info.hex())
        card.expect(card.cipher(0x2A, 0x51, X963, bytes.fromhex(oid), aad=info, ne=70), wanted, "X9.63-" + name)
    card.expect(card.cipher(0x2A, 0x51, PBKDF2, pbkdf2_parameters(salt, 1000001, "SHA1"), ne=20), "6A80", "PBKDF2, too many rounds")


def kinds(card):
    text, iv = bytes(16), bytes(12)
    tries = {1: ("AES", AES_ARC + "29", {}), 2: ("XTS", XTS[64], {}), 3: ("HMAC", HMACS["SHA1"], {}),
             4: ("ChaCha20-Poly1305", CHACHA, {"iv": iv}), 5: ("HKDF", HKDFS["SHA256"], {}),
             6: ("X9.63", X963, {})}
    for number, (size, _, own) in KEYS.items():
        for kind, (name, oid, more) in tries.items():
            good = own == kind or (own == 6 and kind in (3, 5))
            data = bytes.fromhex(HMACS["SHA1"]) if kind == 6 else text
            got = card.cipher(number, 0x51, oid, data, **more)
            if own:
                card.expect(got[-4:], "9000" if good else "6400", "%s with key %02X" % (name, number))
        if own:
            card.expect(card.command(0x78, number, 0x10, text)[-4:], "9000" if own == 1 else "6400", "10 with %02X" % number)


def store(card):
    for number in (0x31, 0x32, 0x33):
        card.command(0xE4, 2, 0, bytes([0xCC, number]))
    info = os.urandom(9)
    data = tlv(6, bytes.fromhex(HKDFS["SHA512"])) + tlv(0x81, info) + tlv(0x84, b"\x20")
    card.expect(card.command(0x7C, 0x29, 0x31, data), "9000", "HKDF that stays")
    made = kdf("HKDF", 32, digest="SHA512", hexkey=key_of(0x29).hex(), hexinfo=info.hex())
    card.expect(card.command(0x78, 0x31, 0x18, info), cmac(made, info), "CMAC with it")
    card.expect(card.command(0x7C, 0x29, 0x31, data), "6A89", "over a key that is there")
    card.expect(card.command(0x7C, 0x27, 0x32, data), "6400", "of a HMAC key")
    request = card.command(0x46, 0x32, 0, bytes.fromhex(
        "7F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"))
    at = request.index("864104") + 4
    point = bytes.fromhex(request[at:at + 130])
    with tempfile.TemporaryDirectory() as folder:
        own, peer = os.path.join(folder, "own"), os.path.join(folder, "peer")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", own)
        openssl("pkey", "-pubin", "-inform", "DER", "-out", peer, data=POINT_AS_DER + point)
        ours = openssl("pkey", "-in", own, "-pubout", "-outform", "DER")[-65:]
        shared = openssl("pkeyutl", "-derive", "-inkey", own, "-peerkey", peer)
    data = tlv(6, bytes.fromhex(X963)) + tlv(0x81, bytes.fromhex(HMACS["SHA256"])) + tlv(0x83, info) + tlv(0x84, b"\x10")
    card.expect(card.command(0x7C, 0x32, 0x33, data), "6700", "an agreement with nobody")
    card.expect(card.command(0x7C, 0x32, 0x33, data + tlv(0x86, ours)), "9000", "an agreement that stays")
    made = kdf("X963KDF", 16, digest="SHA256", hexkey=shared.hex(), hexinfo=info.hex())
    card.expect(card.command(0x78, 0x33, 0x18, info), cmac(made, info), "CMAC with it")


def made(card):
    for p2, size in ((0xB0, 16), (0xB1, 24), (0xB2, 32), (0xB3, 64)):
        card.expect(card.command(0x48, 0x34, p2), "9000", "key of %d" % size)
        shown = card.send(bytes.fromhex("00B1C434045402000000"))
        card.expect(shown[:2] + shown[shown.index("0202"):][4:8], "A8%04X" % (8 * size), "its description")
        block = card.cipher(0x34, 0x51, HKDFS["SHA256"], b"x")
        card.expect(card.cipher(0x34, 0x51, HKDFS["SHA256"], b"x"), block, "the same key twice")
    card.expect(card.command(0x48, 0x34, 0xB4, bytes.fromhex("840114940103")), "9000", "HMAC key of 20 bytes")
    card.expect(card.cipher(0x34, 0x51, HMACS["SHA1"], b"x")[-4:], "9000", "HMAC with it")
    card.expect(card.cipher(0x34, 0x51, HKDFS["SHA256"], b"x"), "6400", "HKDF with it")
    card.expect(card.command(0x48, 0x34, 0xB5), "6A86", "another size")
    card.expect(card.command(0x48, 0x34, 0xB0, b"\x90\x01\x00"), "6A80", "a counter of one byte")


def same(card, one, two):
    text = os.urandom(33)
    wanted = card.cipher(int(one, 16), 0x51, HMACS["SHA256"], text)
    card.expect(wanted[-4:], "9000", "HMAC of " + one)
    card.expect(card.cipher(int(two, 16), 0x51, HMACS["SHA256"], text), wanted, "HMAC of " + two)
    card.expect(card.cipher(int(two, 16), 0x51, HKDFS["SHA256"], text), "6400", "HKDF of " + two)


def main():
    card = Card()
    {"fill": fill, "ciphers": ciphers, "macs": macs, "kdfs": kdfs, "kinds": kinds, "store": store, "made": made,
     "same": same}[sys.argv[1]](card, *sys.argv[2:])
    card.explorer.quit()
    print("%d answers, %d not as expected" % (card.done, card.failed))
    sys.exit(1 if card.failed or not card.done else 0)


if __name__ == "__main__":
    main()
