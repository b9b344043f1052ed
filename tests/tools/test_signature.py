#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/sign_image signs, tools/check_signature judges: what the one makes the other takes, and nothing else;
tools/otp_rehearse burns what can be burnt.

Each bit of a small signed image is flipped in turn, as .bin and as .uf2; each must be refused.
"""
import importlib.machinery
import importlib.util
import json
import os
import struct
import subprocess
import tempfile
import unittest

TOOLS = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
IMAGE_DEF_AT, END_AT = 0x110, 0x200


def load(name):
    loader = importlib.machinery.SourceFileLoader(name, os.path.join(TOOLS, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


sign_image, check_signature, bin2uf2 = load("sign_image"), load("check_signature"), load("bin2uf2")


def words(*values):
    return struct.pack(f"<{len(values)}I", *(value & 0xFFFFFFFF for value in values))


def plain_image(type_word=0x10210142, first=0xFFFFDED3, back=IMAGE_DEF_AT - END_AT):
    """What the SDK links: a vector table, an image definition behind it, code, a closing block."""
    table = words(0x20082000, 0x10000201) + bytes(range(8)) * 33
    image_def = words(first, type_word, 0x1FF, END_AT - IMAGE_DEF_AT, 0xAB123579)
    code = bytes(i * 7 % 256 for i in range(END_AT - IMAGE_DEF_AT - len(image_def)))
    return table + image_def + code + words(0xFFFFDED3, 0x1FE, 0x1FF, back, 0xAB123579)


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


class Signature(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        for name, curve in (("key", "secp256k1"), ("other", "secp256k1"), ("p256", "prime256v1")):
            subprocess.run(["openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", cls.path(name)], check=True)
            subprocess.run(["openssl", "pkey", "-in", cls.path(name), "-pubout", "-out", cls.path(name + ".pub")], check=True)
        cls.signed = sign_image.signed(plain_image(), cls.path("key"), (1, 2), 3)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    def put(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def content(self, path):
        with open(path, "rb") as f:
            return f.read()

    def judge(self, data, name="image.bin", **how):
        return check_signature.judge(self.put(name, data), **how)

    def refused(self, naming, data, **how):
        with self.assertRaisesRegex(check_signature.Refused, naming):
            self.judge(data, **how)

    def not_signed(self, naming, image, key="key", rollback=None):
        with self.assertRaisesRegex(sign_image.Refused, naming):
            sign_image.signed(image, self.path(key), (0, 0), rollback)

    def test_what_we_sign_we_take(self):
        for rollback in (None, 0, 3, 47):
            signed = sign_image.signed(plain_image(), self.path("key"), (1, 2), rollback)
            verdict = self.judge(signed, key=self.path("key.pub"), same_as=self.put("plain", plain_image()))
            self.assertEqual((verdict.major, verdict.minor, verdict.rollback), (1, 2, rollback))
            verdict = self.judge(bin2uf2.pack("rp2350", signed), key=self.path("key.pub"))
            self.assertEqual(verdict.content[:IMAGE_DEF_AT], plain_image()[:IMAGE_DEF_AT])

    def test_each_bit_of_the_image(self):
        begin = len(self.signed) - 12 - 36 - 128  # the key and the signature: only openssl can tell
        asked = 0
        for bit in range(8 * len(self.signed)):
            changed = flipped(self.signed, bit)
            try:
                verdict = check_signature.Verdict(changed)
            except check_signature.Refused:
                continue
            self.assertIn(bit // 8, range(begin, begin + 128), f"bit {bit % 8} of byte {bit // 8:#x} is not looked at")
            with self.assertRaises(check_signature.Refused, msg=f"bit {bit}"):
                check_signature.verify(verdict.public, verdict.signature, verdict.digest)
            asked += 1
        self.assertEqual(asked, 1024)

    def test_each_bit_of_the_uf2_file(self):
        packed = bin2uf2.pack("rp2350", self.signed)
        whole = check_signature.Verdict(check_signature.from_uf2(packed), True)
        for bit in range(8 * len(packed)):
            try:
                verdict = check_signature.Verdict(check_signature.from_uf2(flipped(packed, bit)), True)
            except check_signature.Refused:
                continue
            # What is left are the bits of key and signature, which the test of the image shows to be refused.
            self.assertTrue(verdict.public != whole.public or verdict.signature != whole.signature, f"bit {bit}")

    def test_other_keys(self):
        self.refused("another key", self.signed, key=self.path("other.pub"))
        self.refused("secp256k1", self.signed, key=self.path("p256.pub"))
        self.refused("no public key", self.signed, key=self.path("nowhere"))
        self.not_signed("secp256k1", plain_image(), key="p256")
        self.not_signed("openssl", plain_image(), key="nowhere")

    def test_key_of_another(self):
        """Whoever puts his own key and signature in makes an image that is signed, but not with our key."""
        forged = sign_image.signed(plain_image(), self.path("other"), (1, 2), 3)
        self.judge(forged)
        self.refused("another key", forged, key=self.path("key.pub"))

    def test_other_source(self):
        other = self.put("changed", flipped(plain_image(), 8 * 0x150))
        self.refused("is not .*changed", self.signed, same_as=other)
        self.refused("is not .*longer", self.signed, same_as=self.put("longer", plain_image() + bytes(4)))

    def test_cut_and_longer_files(self):
        for size in range(0, len(self.signed), 4):
            self.refused("", self.signed[:size])
        self.refused("behind", self.signed + bytes(4))
        packed = bin2uf2.pack("rp2350", self.signed)
        self.refused("", packed[:-512], name="cut.uf2")
        self.refused("cut", packed[:-1], name="cut.uf2")
        self.refused("", bin2uf2.pack("rp2040", self.signed), name="chip.uf2")

    def test_not_signed_at_all(self):
        self.refused("items", plain_image())
        self.refused("no block", bytes(4096))
        self.refused("no block", b"")

    def test_what_is_not_signed(self):
        self.not_signed("signed or hashed already", self.signed)
        self.not_signed("no block", bytes(8192))
        self.not_signed("whole number", plain_image() + b"\0")
        self.not_signed("secure state", plain_image(type_word=0x11210142))  # RISC-V
        self.not_signed("secure state", plain_image(type_word=0x00210142))  # RP2040
        self.not_signed("does not close", plain_image(first=0xFFFFDED2))
        self.not_signed("does not close", plain_image(back=8))
        self.not_signed("does not close", plain_image(back=0))
        self.not_signed("outside", plain_image(back=0x100000))

    def test_numbers_with_leading_zeros(self):
        """About every 128th signature has a short r or s; DER drops the zeros, the image must have them."""
        for _ in range(4000):
            signature = sign_image.sign(self.path("key"), bytes(32))
            if 0 in (signature[0], signature[32]):
                break
        self.assertEqual(len(signature), 64)
        self.assertIn(0, (signature[0], signature[32]))
        check_signature.verify(sign_image.public_key(self.path("key")), signature, bytes(32))

    def run_tool(self, *args):
        return subprocess.run([os.path.join(TOOLS, args[0]), *args[1:]], capture_output=True, text=True)

    def test_the_programs(self):
        plain, signed, otp = self.put("p.bin", plain_image()), self.path("s.bin"), self.path("otp")
        done = self.run_tool("sign_image", self.path("key"), plain, signed, "--version", "7.8", "--rollback", "9")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_tool("check_signature", signed, self.path("key.pub"), "--same-as", plain, "--otp", otp, "--slot", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("version 7.8, rollback version 9", done.stdout)
        fingerprint = check_signature.judge(signed).fingerprint
        steps = []
        for name in sorted(os.listdir(otp)):
            with open(os.path.join(otp, name), encoding="ascii") as f:
                steps.append(json.load(f))
        self.assertEqual(steps[0], {"bootkey2": list(fingerprint)})
        self.assertEqual(steps[1], {"boot_flags1": {"key_valid": 4}})
        self.assertEqual(steps[2], {"crit1": {"secure_boot_enable": 1}})
        self.assertEqual(steps[3]["boot_flags1"], {"key_invalid": 11})
        for row in ("0x0a0", "0x0a8"):
            self.assertIn(row, done.stdout)

    def test_the_programs_refuse(self):
        signed = self.put("s.bin", flipped(self.signed, 99))
        plain, out = self.put("p.bin", plain_image()), self.path("none.bin")
        for args, naming in (
                (("check_signature", signed), "check_signature: "),
                (("check_signature", self.path("nowhere")), "nowhere"),
                (("sign_image", self.path("key"), plain, out, "--rollback", "48"), "--rollback"),
                (("sign_image", self.path("key"), plain, out, "--version", "1"), "--version"),
                (("sign_image", self.path("key"), plain, out, "--limit", str(END_AT + 20)), "free"),
                (("sign_image", self.path("p256"), plain, out), "secp256k1")):
            done = self.run_tool(*args)
            self.assertNotEqual(done.returncode, 0, args)
            self.assertIn(naming, done.stderr)
            self.assertNotIn("Traceback", done.stderr)
            self.assertFalse(os.path.exists(out))

    def test_the_rehearsal(self):
        fuses, rehearsed = self.path("fuses"), 0
        for content, naming in (
                ({"bootkey1": list(range(32))}, "0x090"),
                ({"boot_flags1": {"key_valid": 2}}, "0x04d  000000 -> 000002"),
                ({"boot_flags1": {"key_invalid": 13}}, "0x04b  000002 -> 000d02"),
                ({"crit1": {"secure_boot_enable": 1}}, "0x047  000000 -> 000001"),
                ({"crit1": {"secure_boot_enable": 1}}, "nothing to burn"),
                ({"bootkey1": [255] * 32}, None),   # bits would have to go back
                ({"bootkey0": [1] * 31}, None), ({"bootkey0": [256] * 32}, None), ({"bootkey4": [1] * 32}, None),
                ({"boot_flags1": {"key_valid": 16}}, None), ({"crit1": {"arm_disable": 1}}, None), ({"chipid0": 1}, None)):
            step = self.put("step.json", json.dumps(content).encode())
            before = self.content(fuses) if rehearsed else b""
            done = self.run_tool("otp_rehearse", fuses, step)
            rehearsed += 1
            if naming:
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(naming, done.stdout)
            else:
                self.assertNotEqual(done.returncode, 0, content)
                self.assertNotIn("Traceback", done.stderr)
                self.assertEqual(self.content(fuses), before)
        self.assertNotEqual(self.run_tool("otp_rehearse", step, step).returncode, 0)


if __name__ == "__main__":
    unittest.main()
