#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What public key authentication and attestation need outside of the card, with nothing of this project in it: the openssl
program makes keys and signatures and judges them, opensc-explorer carries APDUs, this script puts bytes together.

    public_key_host.py make REQUEST        REQUEST: EF CE00 of the card. Makes a CA, a DV and a token, certifies the card, lets
                                           the token attest a user's key, and writes into this folder: chain (for EF 2F02),
                                           dv.cvc, token.cvc, user.cvc (content of a 67), user.pka (for sc-hsm-tool),
                                           and the private keys of all of them as NAME.pem
    public_key_host.py check FILE [CVC]    the signatures of a request (67): the inner one with its own key, the outer one with
                                           the key of the first certificate in CVC
    public_key_host.py talk                a conversation on standard input, a line a step; ends with 1 at the first answer that is
                                           not as expected
        plain HEX WANTED                   a command; WANTED is a regular expression for data and status word in hex
        send HEAD FILE WANTED              a command with the file as its data
        authenticate NAME DEVICE WANTED    GET CHALLENGE, MSE SET AT, EXTERNAL AUTHENTICATE with NAME.pem as DEVICE wants it
"""
import re
import subprocess
import sys

from secure_channel_host import Explorer, Unexpected, objects, openssl, tlv

ECDSA_SHA256 = bytes.fromhex("04007F00070202020203")
ROLE = bytes.fromhex("04007F000703010202")
PKA_FILE = bytes.fromhex("2B0601040181C31F040301")
CURVES = {"P-256": "06082A8648CE3D030107", "brainpoolP256r1": "06092B2403030208010107"}
FIELD = 32


# ---- TLV with tags of two bytes ----

def wide(tag, value):
    return bytes([tag >> 8]) + tlv(tag & 0xFF, value) if tag > 0xFF else tlv(tag, value)


def find(data, *path):
    """The value of the first object with each tag, level by level."""
    for tag in path:
        data = next(value for found, value, _ in objects(data) if found == tag)
    return data


# ---- keys and signatures ----

def new_key(name, curve):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve, "-out", name + ".pem")


def point_of(name):
    return openssl("pkey", "-in", name + ".pem", "-pubout", "-outform", "DER")[-65:]


def der_integer(number):
    number = number.lstrip(b"\0") or b"\0"
    return tlv(0x02, (b"\0" if number[0] & 0x80 else b"") + number)


def sign(name, data):
    """r and s, each as long as the field."""
    der = openssl("dgst", "-sha256", "-sign", name + ".pem", data=data)
    return b"".join(value.lstrip(b"\0").rjust(FIELD, b"\0") for _, value, _ in objects(find(der, 0x30)))


def write_public(name, curve, point):
    algorithm = tlv(0x30, bytes.fromhex("06072A8648CE3D0201") + bytes.fromhex(CURVES[curve]))
    openssl("pkey", "-pubin", "-inform", "DER", "-out", name, data=tlv(0x30, algorithm + tlv(0x03, b"\0" + point)))


def is_signed(curve, point, data, signature):
    write_public("public.pem", curve, point)
    with open("signature.der", "wb") as out:
        out.write(tlv(0x30, der_integer(signature[:FIELD]) + der_integer(signature[FIELD:])))
    said = subprocess.run(["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature.der"], input=data,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return said.returncode == 0


def parameters(curve):
    """81 to 85 and 87 of a curve, as openssl knows it."""
    der = openssl("ecparam", "-name", curve, "-param_enc", "explicit", "-outform", "DER")
    _, field, coefficients, base, order, _ = [value for _, value, _ in objects(find(der, 0x30))][:6]
    p = [value for _, value, _ in objects(field)][1]
    a, b = [value for _, value, _ in objects(coefficients)][:2]
    numbers = [number.lstrip(b"\0").rjust(FIELD, b"\0") for number in (p, a, b)]
    return numbers + [base, order.lstrip(b"\0").rjust(FIELD, b"\0")]


def public_key(point, curve=None):
    """7F49; without a curve the issuer says which."""
    fields = b""
    if curve:
        fields = b"".join(tlv(0x81 + i, value) for i, value in enumerate(parameters(curve)))
    return wide(0x7F49, tlv(0x06, ECDSA_SHA256) + fields + tlv(0x86, point) + (tlv(0x87, b"\1") if curve else b""))


# ---- certificates ----

def signed_object(body, signer):
    return wide(0x7F21, body + wide(0x5F37, sign(signer, body)))


def body_of(car, chr_, key, role=None, extensions=b""):
    content = wide(0x5F29, b"\0") + tlv(0x42, car) + key + wide(0x5F20, chr_)
    if role is not None:
        content += wide(0x7F4C, tlv(0x06, ROLE) + tlv(0x53, bytes([role, 0, 0, 0, 0])))
        content += wide(0x5F25, bytes([2, 6, 0, 1, 0, 1])) + wide(0x5F24, bytes([3, 6, 0, 1, 0, 1]))
    return wide(0x7F4E, content + (tlv(0x65, extensions) if extensions else b""))


def request_of(name, chr_, token, token_name):
    """The content of a 67: a brainpoolP256r1 key's request, attested by a token."""
    attested = signed_object(body_of(chr_, chr_, public_key(point_of(name), "brainpoolP256r1")), name) + tlv(0x42, token_name)
    return attested + wide(0x5F37, sign(token, attested))


def write(name, data):
    with open(name, "wb") as out:
        out.write(data)


def make(request):
    with open(request, "rb") as file:
        card = find(file.read(), 0x67, 0x7F21, 0x7F4E)
    name, point = find(card, 0x5F20), find(card, 0x7F49, 0x86)
    for key, curve in (("ca", "P-256"), ("dv", "P-256"), ("token", "P-256"), ("user", "brainpoolP256r1")):
        new_key(key, curve)
    ca = signed_object(body_of(b"TESTCA00001", b"TESTCA00001", public_key(point_of("ca"), "prime256v1"), 0xC0), "ca")
    dv = signed_object(body_of(b"TESTCA00001", b"TESTDV00001", public_key(point_of("dv")), 0x80), "ca")
    device = signed_object(body_of(b"TESTDV00001", name, public_key(point), 0), "dv")
    token = signed_object(body_of(b"TESTDV00001", b"TESTTOKEN00001", public_key(point_of("token")), 0), "dv")
    content = request_of("user", b"TESTUSER00001", "token", b"TESTTOKEN00001")
    write("chain", device + dv + ca)
    write("dv.cvc", dv)
    write("token.cvc", token)
    write("user.cvc", content)
    write("user.pka", tlv(0x30, tlv(0x06, PKA_FILE) + tlv(0x61, dv) + tlv(0x62, token) + tlv(0x63, tlv(0x67, content))))
    print(name.decode())


def check(file, issuer=None):
    with open(file, "rb") as opened:
        request = find(opened.read(), 0x67)
    (_, inner, signed), (_, _, outer_car), (_, outer, _) = list(objects(request))[:3]
    (_, body, whole_body), (_, signature, _) = list(objects(inner))[:2]
    good = is_signed("P-256", find(body, 0x7F49, 0x86), whole_body, signature)
    print("made by the key itself:", "yes" if good else "no")
    if issuer:
        with open(issuer, "rb") as opened:
            certificate = find(opened.read(), 0x7F21, 0x7F4E)
        good = is_signed("P-256", find(certificate, 0x7F49, 0x86), signed + outer_car, outer)
        print("attested by %s:" % find(certificate, 0x5F20).decode(), "yes" if good else "no")


# ---- conversations ----

def expect(answer, wanted, step):
    data, word = answer
    got = data.hex().upper() + word
    if not re.fullmatch(wanted, got):
        raise Unexpected("%s\n  answered %s, should be %s" % (step, got, wanted))


def with_data(head, data):
    return bytes.fromhex(head) + b"\0" + len(data).to_bytes(2, "big") + data


def authenticate(explorer, name, device):
    challenge, _ = explorer.apdu(bytes.fromhex("0084000008"))
    holder = b"TESTUSER00001"
    explorer.apdu(bytes.fromhex("002281A4") + bytes([len(holder) + 2]) + tlv(0x83, holder))
    return explorer.apdu(bytes.fromhex("0082000040") + sign(name, device.encode() + challenge))


def talk():
    explorer = Explorer()
    for line in sys.stdin:
        words = line.split()
        if words[0] == "plain":
            answer = explorer.apdu(bytes.fromhex("".join(words[1:-1])))
        elif words[0] == "send":
            with open(words[2], "rb") as file:
                answer = explorer.apdu(with_data(words[1], file.read()))
        else:
            answer = authenticate(explorer, words[1], words[2])
        expect(answer, words[-1], line.strip())
    explorer.quit()


def main(verb, *arguments):
    try:
        {"make": make, "check": check, "talk": talk}[verb](*arguments)
    except Unexpected as disappointed:
        sys.exit(str(disappointed))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
