#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A group signer and another member of its group, both made by the openssl program: the card joins the group, makes an
exchange key and agrees with the other member. Both know the same DKEK then: the card shows its check value and wraps a
key under it, and this script knows them from openssl's agreement. opensc-explorer carries the commands.

Writes keys into this folder. Ends with 1 at the first answer that is not as expected."""
import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from public_key_host import (ECDSA_SHA256, body_of, expect, find, new_key, parameters, point_of, public_key,  # noqa: E402
                             request_of, sign, signed_object, wide, with_data, write_public)
from secure_channel_host import Explorer, Unexpected, openssl, tlv  # noqa: E402

CURVE = "brainpoolP256r1"
DOMAIN_UID = bytes.fromhex("2B0601040181C31F030202")
EXCHANGE_KEY, WRAPPED_KEY = 1, 2
NO_KEY = "00" * 8


class Card:
    def __init__(self):
        self.explorer = Explorer()

    def send(self, head, data=b"", wanted="[0-9A-F]*9000"):
        raw = with_data(head, data) if data else bytes.fromhex(head) + b"\0"
        answer = self.explorer.apdu(raw + b"\0\0")
        expect(answer, wanted, head)
        return answer[0]

    def prepare(self):
        """Two key domains, and the user logged in. X of the device, to which a membership is bound."""
        self.send("00A40400", bytes.fromhex("E82B0601040181C31F0201"))
        self.send("80500000", bytes.fromhex("80020001810636343832313982083537363231383830970102"))
        self.send("00200081", b"648219")
        chain = self.send("00B12F02", bytes.fromhex("54020000"))
        return find(chain, 0x7F21, 0x7F4E, 0x7F49, 0x86)[1:33]


def bent(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def join(card, device):
    """The group takes the card in, by its signature over X of the device; another device's is none. The group's UID."""
    request = request_of("group", b"TESTGROUP00001", "token", b"TESTTOKEN00001")
    uid = point_of("group")[1:]
    membership = tlv(0x54, sign("group", b"\x54" + device))
    card.send("80520200", request + tlv(0x54, sign("group", b"\x54" + bent(device))), "6985")
    joined = "FF00" + NO_KEY + uid.hex().upper() + "9000"
    card.send("80520200", bent(request) + membership, joined)  # who attests the group is not known here
    card.send("80520300", wanted="6A88")
    card.send("80520200", request + membership, joined)
    return uid


def exchange_key(card, uid):
    """A key of the card that names the group. Its point."""
    prime = parameters(CURVE)[0]
    key = wide(0x7F49, tlv(0x06, ECDSA_SHA256) + tlv(0x81, prime))
    made = card.send("0046%02X00" % EXCHANGE_KEY, key + bytes.fromhex("910184920100"))
    body = find(made, 0x67, 0x7F21, 0x7F4E)
    if find(body, 0x65, 0x73, 0x80) != uid:
        raise Unexpected("the request of the exchange key does not name the group")
    return find(body, 0x7F49, 0x86)


def member(uid):
    """The exchange certificate of the other member."""
    extension = tlv(0x73, tlv(0x06, DOMAIN_UID) + tlv(0x80, uid))
    key = public_key(point_of("peer"), CURVE)
    return signed_object(body_of(b"TESTPEER00001", b"TESTPEER00001", key, extensions=extension), "peer")


def refusals(card, uid):
    agree = "8062%02X84" % EXCHANGE_KEY
    card.send(agree, bent(member(uid)), "6985")      # its signature
    card.send(agree, member(bent(uid)), "6A88")      # another group
    card.send("8062%02X80" % EXCHANGE_KEY, point_of("peer"), "6985")  # in plain it would tell the DKEK
    card.send("80520000", wanted="FF00" + NO_KEY + uid.hex().upper() + "9000")


def agreement(card, uid, point):
    """The DKEK, as openssl knows it; the card shows the same check value."""
    card.send("8062%02X84" % EXCHANGE_KEY, member(uid), "9000")
    write_public("card.pem", CURVE, point)
    dkek = openssl("pkeyutl", "-derive", "-inkey", "peer.pem", "-peerkey", "card.pem")
    check_value = hashlib.sha256(dkek).digest()[:8]
    card.send("80520000", wanted="FF00" + (check_value + uid).hex().upper() + "9000")
    return dkek


def wrapped(card, dkek):
    """A key that leaves under the DKEK: check value and MAC of the blob."""
    card.send("8048%02XB2" % WRAPPED_KEY, bytes.fromhex("920100"), "9000")
    blob = card.send("8072%02X92" % WRAPPED_KEY)
    mac_key = hashlib.sha256(dkek + bytes([0, 0, 0, 2])).hexdigest()
    mac = openssl("mac", "-cipher", "AES-256-CBC", "-macopt", "hexkey:" + mac_key, "-binary", "CMAC", data=blob[:-16])
    if blob[:8] != hashlib.sha256(dkek).digest()[:8] or blob[-16:] != mac:
        raise Unexpected("the wrapped key is not under the DKEK that was agreed on")


def main():
    for name, curve in (("group", CURVE), ("peer", CURVE), ("token", "P-256")):
        new_key(name, curve)
    card = Card()
    try:
        uid = join(card, card.prepare())
        point = exchange_key(card, uid)
        refusals(card, uid)
        wrapped(card, agreement(card, uid, point))
    except Unexpected as disappointed:
        sys.exit(str(disappointed))
    card.explorer.quit()
    print("the card and openssl agree on a DKEK")
    return 0


if __name__ == "__main__":
    sys.exit(main())
