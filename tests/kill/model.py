# SPDX-License-Identifier: Apache-2.0
"""What a card must hold after each command, as plain Python, and the commands of a random script.

A command is a function of the model: its APDU, the status word it must answer, and the model it leaves. What the card may
charge before it is done, tries and uses, is compared apart (compare)."""
import copy

from vpcd_card import apdu, tlv

SO_TRIES = 15
USER_TRIES = 5
KEYS = range(1, 5)
PUBLIC = [0xCF01, 0xCF02, 0xCF03, 0xC901]
PRIVATE = [0xCD01, 0xCD02, 0xCD03]
G = bytes.fromhex("046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                  "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5")
PRIME = bytes.fromhex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF")
SELECT = bytes.fromhex("00A404000BE82B0601040181C31F0201")
NEW = "new"  # content that only the card knows yet


class Model:
    def __init__(self):
        self.user_pin, self.so_pin = b"648219", b"57621880"
        self.user_tries, self.so_tries = USER_TRIES, SO_TRIES
        self.files = {}       # fid: content
        self.keys = {}        # id: x-coordinate of the public point
        self.uses = {}        # id: uses left, of counted keys
        self.generation = 2   # the first start, the first INITIALIZE
        self.logged_in = False

    def copy(self):
        return copy.deepcopy(self)


class Command:
    """apdu: what is sent; sw: what must come; after: the model then; charges: "user", "so" or a key id."""

    def __init__(self, name, raw, sw, after, charges=None):
        self.name, self.raw, self.sw, self.after, self.charges = name, raw, sw, after, charges


# ---- commands that change something ----

def initialise(m, user_pin, so_pin):
    after = Model()
    after.user_pin, after.so_pin, after.generation, after.logged_in = user_pin, so_pin, m.generation + 1, True
    data = tlv(0x80, b"\x00\x21") + tlv(0x81, user_pin) + tlv(0x82, so_pin) + tlv(0x91, bytes([USER_TRIES]))
    return Command("INITIALIZE", apdu(0x80, 0x50, 0, 0, data), 0x9000, after)


def update(m, fid, at, content):
    after = m.copy()
    old = m.files.get(fid, b"")
    after.files[fid] = content if at == 0 else old[:at] + content + old[at + len(content):]
    after.generation += 1
    data = tlv(0x54, at.to_bytes(2, "big")) + tlv(0x53, content)
    return Command("UPDATE %04X" % fid, apdu(0, 0xD7, fid >> 8, fid & 0xFF, data), 0x9000, after)


def delete(m, fid):
    after = m.copy()
    if fid >> 8 == 0xCC:
        del after.keys[fid & 0xFF]
        after.uses.pop(fid & 0xFF, None)
    else:
        del after.files[fid]
    after.generation += 1
    return Command("DELETE %04X" % fid, apdu(0, 0xE4, 0, 0, fid.to_bytes(2, "big")), 0x9000, after)


def generate(m, key, uses):
    after = m.copy()
    after.keys[key] = after.files[0xC400 | key] = after.files[0xCE00 | key] = NEW
    after.uses.pop(key, None)
    curve = tlv(0x06, bytes.fromhex("04007F00070202020203")) + tlv(0x81, PRIME)
    data = tlv(0x5F29, b"\x00") + tlv(0x7F49, curve) + tlv(0x5F20, b"UTCDUMMY00001")
    if uses is not None:
        after.uses[key] = uses
        data += tlv(0x90, uses.to_bytes(4, "big"))
    after.generation += 1
    return Command("GENERATE %d" % key, apdu(0, 0x46, key, 0, data, 65536), 0x9000, after)


def sign(m, key):
    after = m.copy()
    if m.uses.get(key) == 0:
        return Command("SIGN %d" % key, apdu(0x80, 0x68, key, 0x70, b"\x55" * 32, 65536), 0x6A84, after)
    if key in m.uses:
        after.uses[key] -= 1
    return Command("SIGN %d" % key, apdu(0x80, 0x68, key, 0x70, b"\x55" * 32, 65536), 0x9000, after, key)


# ---- PINs ----

def verify(m, pin, so=False):
    after = m.copy()
    after.logged_in = False
    who = "so" if so else "user"
    left = m.so_tries if so else m.user_tries
    right = pin == (m.so_pin if so else m.user_pin)
    sw = 0x6983
    if left and right:
        left, sw = SO_TRIES if so else USER_TRIES, 0x9000
        after.logged_in = not so
    elif left:
        left -= 1
        sw = 0x63C0 | left if left else 0x6983
    setattr(after, who + "_tries", left)
    return Command("VERIFY " + who, apdu(0, 0x20, 0, 0x88 if so else 0x81, pin), sw, after, who)


def change(m, new_pin, so=False):
    """By somebody who knows the old one; the counter is above zero."""
    after = m.copy()
    who = "so" if so else "user"
    old = getattr(m, who + "_pin")
    setattr(after, who + "_pin", new_pin)
    setattr(after, who + "_tries", SO_TRIES if so else USER_TRIES)
    after.logged_in = not so
    return Command("CHANGE " + who, apdu(0, 0x24, 0, 0x88 if so else 0x81, old + new_pin), 0x9000, after, who)


def unblock(m, new_pin):
    after = m.copy()
    after.user_pin, after.user_tries, after.so_tries, after.logged_in = new_pin, USER_TRIES, SO_TRIES, False
    return Command("RESET RETRY COUNTER", apdu(0, 0x2C, 0, 0x81, m.so_pin + new_pin), 0x9000, after, "so")


# ---- a random script ----

def random_pin(random, size):
    return bytes(random.choices(b"0123456789", k=size))


def random_update(m, random):
    fid = random.choice(PUBLIC + PRIVATE + [0xC400 | k for k in m.keys if 0xC400 | k in m.files])
    old = m.files.get(fid, b"")
    at = random.randrange(1, len(old) + 1) if old and fid >> 8 != 0xC4 and random.random() < 0.4 else 0
    return update(m, fid, at, random.randbytes(random.choice([1, 30, 200, 1264, 2600])))


def random_command(m, random):
    """One that makes sense for this model."""
    if not m.user_tries:
        return unblock(m, random_pin(random, 6))
    if not m.logged_in:
        return verify(m, m.user_pin)
    kind = random.choices(["update", "delete", "generate", "sign", "verify", "wrong", "wrong so", "change", "change so",
                           "unblock", "initialise"], [34, 8, 8, 22, 6, 8, 2, 5, 3, 3, 1])[0]
    if kind == "delete" and (m.files or m.keys):
        return delete(m, random.choice(sorted(f for f in m.files) + [0xCC00 | k for k in m.keys]))
    if kind == "generate":
        return generate(m, random.choice(KEYS), random.choice([None, None, 3, 40]))
    if kind == "sign" and m.keys:
        return sign(m, random.choice(sorted(m.keys)))
    if kind == "verify":
        return verify(m, m.user_pin)
    if kind == "wrong":
        return verify(m, random_pin(random, 7))
    if kind == "wrong so" and m.so_tries > 3:
        return verify(m, random_pin(random, 9), so=True)
    if kind == "change":
        return change(m, random_pin(random, random.randrange(6, 17)))
    if kind == "change so" and m.so_tries > 3:
        return change(m, random_pin(random, 8), so=True)
    if kind == "unblock" and m.so_tries > 3:
        return unblock(m, random_pin(random, 6))
    if kind == "initialise":
        return initialise(m, random_pin(random, 6), random_pin(random, 8))
    return random_update(m, random)
