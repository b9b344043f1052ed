# SPDX-License-Identifier: Apache-2.0
"""Hierarchical keys by the book (BIP32, SLIP-10, SLIP-21), on Python's integers and hashlib: what tests hold the card's
answers against. Slow and not constant-time; shares nothing with the card."""
import hashlib
import hmac

HARDENED = 1 << 31
XPUB = bytes.fromhex("0488B21E")


class Curve:
    def __init__(self, p, a, n, x, y):
        self.p, self.a, self.n, self.g = p, a, n, (x, y)

    def add(self, one, two):
        if one is None or two is None:
            return one or two
        if one[0] == two[0] and (one[1] + two[1]) % self.p == 0:
            return None
        if one == two:
            slope = (3 * one[0] ** 2 + self.a) * pow(2 * one[1], -1, self.p)
        else:
            slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, self.p)
        x = (slope * slope - one[0] - two[0]) % self.p
        return x, (slope * (one[0] - x) - one[1]) % self.p

    def times(self, scalar):
        total, power = None, self.g
        while scalar:
            if scalar & 1:
                total = self.add(total, power)
            power, scalar = self.add(power, power), scalar >> 1
        return total

    def compressed(self, private):
        x, y = self.times(private)
        return bytes([2 + y % 2]) + x.to_bytes(32, "big")


SECP256K1 = Curve(2 ** 256 - 2 ** 32 - 977, 0, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
                  0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
                  0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)
SECP256R1 = Curve(2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1, -3,
                  0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
                  0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
                  0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
KINDS = {1: (b"Bitcoin seed", SECP256K1), 2: (b"Nist256p1 seed", SECP256R1), 3: (b"Symmetric key seed", None)}


def sha512(key, message):
    return hmac.new(key, message, hashlib.sha512).digest()


def hash160(data):
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def twice(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


class Node:
    """A node and where it hangs; `key` and `chain` are 32 bytes each."""

    def __init__(self, kind, key, chain, depth=0, fingerprint=bytes(4), number=0):
        self.kind, self.key, self.chain = kind, key, chain
        self.depth, self.fingerprint, self.number = depth, fingerprint, number
        self.curve = KINDS[kind][1]

    def identity(self):
        return self.curve.compressed(int.from_bytes(self.key, "big")) if self.curve else self.key

    def child(self, step):
        fingerprint = hash160(self.identity())[:4]
        if not self.curve:
            whole = sha512(self.chain, b"\0" + step)
            return Node(self.kind, whole[32:], whole[:32], self.depth + 1, fingerprint)
        private, index = int.from_bytes(self.key, "big"), step.to_bytes(4, "big")
        whole = sha512(self.chain, (b"\0" + self.key if step & HARDENED else self.identity()) + index)
        while True:
            addend = int.from_bytes(whole[:32], "big")
            total = (addend + private) % self.curve.n
            if addend < self.curve.n and total:
                break
            whole = sha512(self.chain, b"\1" + whole[32:] + index)
        return Node(self.kind, total.to_bytes(32, "big"), whole[32:], self.depth + 1, fingerprint, step)

    def extended(self):
        """What 80 4A 0A 00 answers."""
        head = XPUB + bytes([self.depth]) + self.fingerprint + self.number.to_bytes(4, "big")
        if self.curve:
            return head + self.chain + self.identity()
        return head + twice(self.chain) + twice(self.key)


def master(kind, seed):
    name, curve = KINDS[kind]
    whole = sha512(name, seed)
    while curve and not 0 < int.from_bytes(whole[:32], "big") < curve.n:
        whole = sha512(name, whole)
    return Node(kind, whole[:32], whole[32:]) if curve else Node(kind, whole[32:], whole[:32])


def derive(kind, seed, steps):
    node = master(kind, seed)
    for step in steps:
        node = node.child(step)
    return node


def path_data(slot, steps):
    """The path as the command carries it."""
    out = bytes([2, 1, slot])
    for step in steps:
        out += bytes([4, len(step)]) + step if isinstance(step, bytes) else b"\2\4" + step.to_bytes(4, "big")
    return out


def base58check(data):
    digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    data += twice(data)[:4]
    number, out = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        out = digits[rest] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out
