#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host that talks through the secure channel with nothing of this project in it: opensc-explorer carries the APDUs, the
openssl program agrees on keys, ciphers and makes the MACs (apdu.md 3.21, 3.22, 4.6), this script puts bytes together.

Reads a conversation from standard input, a line a step; ends with 1 at the first answer that is not as expected.

    open                 MSE SET AT and GENERAL AUTHENTICATE with the key of the first certificate in EF 2F02
    plain HEX WANTED     a command as it is
    inside HEX WANTED    a command through the channel; WANTED is the answer inside
    pypicokey HEX WANTED the same as that client makes it: a MAC of 16 bytes, an encrypted block even without data
    forge HEX WANTED     through the channel, with one bit of the MAC changed; the answer is plain
    replay WANTED        the last protected command again

WANTED is a regular expression for data and status word in hex. A line that starts with # is shown.
"""
import hashlib
import os
import pty
import re
import subprocess
import sys
import tempfile

PROTOCOL = bytes.fromhex("04007F00070202030202")
POINT_AS_DER = bytes.fromhex("3059301306072A8648CE3D020106082A8648CE3D030107034200")


class Unexpected(Exception):
    """An answer that is not as it should be."""


# ---- the openssl program ----

def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, check=True).stdout


def aes(mode, key, data, iv=None, decrypt=False):
    more = (["-iv", iv.hex()] if iv else []) + (["-d"] if decrypt else [])
    return openssl("enc", "-aes-128-" + mode, "-nopad", "-K", key.hex(), *more, data=data)


def cmac(key, data):
    return openssl("mac", "-cipher", "AES-128-CBC", "-macopt", "hexkey:" + key.hex(), "-binary", "CMAC", data=data)


def agree(device_point):
    """A fresh point of the host, and what both ends then know."""
    with tempfile.TemporaryDirectory() as folder:
        own, device = os.path.join(folder, "own.pem"), os.path.join(folder, "device.pem")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", own)
        openssl("pkey", "-pubin", "-inform", "DER", "-out", device, data=POINT_AS_DER + device_point)
        point = openssl("pkey", "-in", own, "-pubout", "-outform", "DER")[-65:]
        return point, openssl("pkeyutl", "-derive", "-inkey", own, "-peerkey", device)


# ---- opensc-explorer ----

class Explorer:
    """The reader and the card behind it. A terminal makes the program answer line by line."""

    def __init__(self):
        master, slave = pty.openpty()
        wide = dict(os.environ, COLUMNS="20000")  # a line broken at the edge would bring the prompt twice
        self.program = subprocess.Popen(["opensc-explorer"], stdin=subprocess.PIPE, stdout=slave,
                                        stderr=subprocess.STDOUT, close_fds=True, env=wide)
        os.close(slave)
        self.output = os.fdopen(master, "rb", buffering=0)
        self.text = b""
        self.until(rb"OpenSC \[[0-9A-F]*\]> ")

    def until(self, end):
        while True:
            found = re.search(end, self.text)
            if found:
                before, self.text = self.text[:found.start()], self.text[found.end():]
                return before.decode("ascii", "replace")
            try:
                more = self.output.read(65536)
            except OSError:
                more = b""
            if not more:
                raise Unexpected("opensc-explorer ended: " + self.text.decode("ascii", "replace"))
            self.text += more

    def apdu(self, raw):
        """The data and status word of the answer, GET RESPONSE included."""
        self.program.stdin.write(b"apdu " + raw.hex().encode() + b"\n")
        self.program.stdin.flush()
        said = self.until(rb"OpenSC \[[0-9A-F]*\]> ")
        word = re.search(r"SW1=0x(..), SW2=0x(..)", said)
        if not word:
            raise Unexpected("opensc-explorer said: " + said)
        lines = said[word.end():].splitlines()[1:]
        data = "".join(re.match(r"((?:[0-9A-F]{2} )*)", line[:48]).group(1) for line in lines)
        return bytes.fromhex(data), word.group(1) + word.group(2)

    def quit(self):
        self.program.stdin.write(b"quit\n")
        self.program.stdin.close()
        self.program.wait(20)


# ---- TLV ----

def tlv(tag, value):
    n = len(value)
    length = bytes([n]) if n < 0x80 else bytes([0x81, n]) if n < 0x100 else b"\x82" + n.to_bytes(2, "big")
    return bytes([tag]) + length + value


def objects(data):
    """The objects of one level: their tag, value and all of their bytes."""
    at = 0
    while at < len(data):
        start = at
        tag, at = data[at], at + 1
        if tag & 0x1F == 0x1F:
            tag, at = tag << 8 | data[at], at + 1
        n, at = data[at], at + 1
        if n > 0x80:
            at, n = at + n - 0x80, int.from_bytes(data[at:at + n - 0x80], "big")
        yield tag, data[at:at + n], data[start:at + n]
        at += n


def find(data, *path):
    for tag in path:
        data = next(value for t, value, _ in objects(data) if t == tag)
    return data


def padded(data):
    return data + b"\x80" + bytes(-(len(data) + 1) % 16)


def take_apart(raw):
    """Header, data and Le (as its field has it) of a short or extended APDU."""
    header, body = raw[:4], raw[4:]
    if len(body) <= 1:
        return header, b"", body
    if body[0]:
        return header, body[1:1 + body[0]], body[1 + body[0]:]
    n = int.from_bytes(body[1:3], "big")
    return (header, body[3:3 + n], body[3 + n:]) if len(body) > 3 else (header, b"", body[1:3])


# ---- the channel ----

class Host:
    def __init__(self):
        self.card = Explorer()
        self.counter = 0
        self.enc = self.mac = self.last = b""

    def device_point(self):
        """From the first certificate: this test's line is its own. Elsewhere, verify the chain first."""
        file, _ = self.card.apdu(bytes.fromhex("00B12F02000004540200000000"))
        return find(file, 0x7F21, 0x7F4E, 0x7F49, 0x86)

    def open(self):
        point, shared = agree(self.device_point())
        self.card.apdu(bytes.fromhex("002241A4") + b"\x0c" + tlv(0x80, PROTOCOL))
        data = tlv(0x7C, tlv(0x80, point))
        answer, word = self.card.apdu(bytes.fromhex("00860000") + bytes([len(data)]) + data + b"\x00")
        if word != "9000":
            raise Unexpected("GENERAL AUTHENTICATE: " + word)
        nonce, token = find(answer, 0x7C, 0x81), find(answer, 0x7C, 0x82)
        self.enc, self.mac = (hashlib.sha1(shared + nonce + bytes([0, 0, 0, use])).digest()[:16] for use in (1, 2))
        public_key = tlv(0x06, PROTOCOL) + tlv(0x86, point)
        if cmac(self.mac, b"\x7f\x49" + bytes([len(public_key)]) + public_key)[:8] != token:
            raise Unexpected("the card's token is not that of its certificate")
        self.counter = 0

    def count(self):
        self.counter += 1
        return self.counter.to_bytes(16, "big")

    def protect(self, raw, as_pypicokey):
        """The protected form of a command; always extended, so that any answer comes in one piece."""
        header, data, le = take_apart(raw)
        ssc = self.count()
        header = bytes([header[0] | 0x0C]) + header[1:]
        dos = b""
        if data or as_pypicokey:
            quirk = bytes(16) if as_pypicokey and len(data) % 16 == 15 else b""
            cipher = aes("cbc", self.enc, padded(data) + quirk, aes("ecb", self.enc, ssc))
            dos += tlv(0x85, cipher) if header[1] % 2 else tlv(0x87, b"\x01" + cipher)
        if le or as_pypicokey:
            dos += tlv(0x97, bytes(2) if as_pypicokey else le)
        mac = cmac(self.mac, ssc + padded(header) + (padded(dos) if dos else b""))
        dos += tlv(0x8E, mac if as_pypicokey else mac[:8])
        return header + b"\x00" + len(dos).to_bytes(2, "big") + dos + b"\x00\x00"

    def open_answer(self, answer, word):
        if word != "9000":
            raise Unexpected("the answer is plain: " + answer.hex() + word)
        ssc = self.count()
        covered, plain, inner = b"", b"", b""
        for tag, value, whole in objects(answer):
            if tag == 0x8E and cmac(self.mac, ssc + padded(covered))[:8] != value:
                raise Unexpected("the MAC of the answer is wrong")
            if tag == 0x87:
                plain = aes("cbc", self.enc, value[1:], aes("ecb", self.enc, ssc), decrypt=True)
                plain = plain.rstrip(b"\x00")[:-1]
            if tag == 0x99:
                inner = value
            covered += whole
        if not covered.endswith(tlv(0x8E, covered[-8:])):
            raise Unexpected("an answer without MAC")
        return plain.hex().upper() + inner.hex().upper()

    def send(self, raw):
        self.last = raw
        return self.card.apdu(raw)

    def inside(self, command, as_pypicokey=False):
        return self.open_answer(*self.send(self.protect(command, as_pypicokey)))

    def forge(self, command):
        raw = bytearray(self.protect(command, False))
        raw[-3] ^= 1
        return "".join(part if isinstance(part, str) else part.hex().upper() for part in self.send(bytes(raw)))

    def plain(self, command):
        data, word = self.card.apdu(command)
        return data.hex().upper() + word


# ---- the conversation ----

def step(host, verb, command):
    if verb == "open":
        return host.open()
    if verb == "plain":
        return host.plain(command)
    if verb == "inside":
        return host.inside(command)
    if verb == "pypicokey":
        return host.inside(command, as_pypicokey=True)
    if verb == "forge":
        return host.forge(command)
    if verb == "replay":
        data, word = host.card.apdu(host.last)
        return data.hex().upper() + word
    raise Unexpected("what is " + verb + "?")


def play(host, line):
    verb, *rest = line.split()
    wanted = rest[-1] if rest else None
    got = step(host, verb, bytes.fromhex("".join(rest[:-1])))
    print(line, "" if got is None else "-> " + got, flush=True)
    if wanted and not re.fullmatch(wanted, got):
        raise Unexpected("wanted " + wanted)


def main():
    host = Host()
    try:
        for line in map(str.strip, sys.stdin):
            if line.startswith("#"):
                print(line)
            elif line:
                play(host, line)
    except Unexpected as e:
        print("UNEXPECTED:", e)
        return 1
    host.card.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
