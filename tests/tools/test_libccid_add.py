#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/libccid-add on copies of the installed libccid's list: added, taken out, the same bytes again; what it does not
understand it leaves alone. The installed driver itself reads what it wrote in tests/board."""
import os
import plistlib
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
INSTALLED = "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist"


class LibccidAdd(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "Info.plist")
        with open(INSTALLED, "rb") as f:
            self.original = f.read()
        self.write(self.original)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, content):
        with open(self.path, "wb") as f:
            f.write(content)

    def read(self):
        with open(self.path, "rb") as f:
            return f.read()

    def run_tool(self, *args, file=None):
        done = subprocess.run([sys.executable, os.path.join(ROOT, "tools/libccid-add"), "--file", file or self.path, *args],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def expect(self, code, words, *args, **kwargs):
        got, said = self.run_tool(*args, **kwargs)
        self.assertEqual((got, words in said), (code, True), said)

    def readers(self):
        p = plistlib.loads(self.read())
        return list(zip(p["ifdVendorID"], p["ifdProductID"], p["ifdFriendlyName"]))

    def test_add_and_undo(self):
        before = self.readers()
        self.expect(0, "restart pcscd")
        self.assertEqual(self.readers(), before + [("0x2E8A", "0x10FD", "Pico HSM")])
        self.expect(0, "taken out", "--undo")
        self.assertEqual(self.read(), self.original)

    def test_both_may_be_repeated(self):
        self.expect(0, "was not added", "--undo")
        self.assertEqual(self.read(), self.original)
        self.expect(0, "added to")
        once = self.read()
        self.expect(0, "already")
        self.expect(0, "already", "2e8a:10fd")
        self.assertEqual(self.read(), once)
        self.expect(0, "taken out", "--undo")
        self.expect(0, "was not added", "--undo")
        self.assertEqual(self.read(), self.original)

    def test_a_given_reader_and_name(self):
        before = self.readers()
        self.expect(0, "added", "--name", "My HSM", "fefF:00cd")
        self.assertEqual(self.readers(), before + [("0xFEFF", "0x00CD", "My HSM")])
        self.expect(0, "was not added", "--undo")  # the default one was not
        self.expect(0, "taken out", "--undo", "FEFF:00CD")
        self.assertEqual(self.read(), self.original)

    def test_two_in_either_order(self):
        for first, second in (("1111:2222", "3333:4444"), ("3333:4444", "1111:2222")):
            self.expect(0, "added", "1111:2222")
            self.expect(0, "added", "3333:4444")
            self.expect(0, "taken out", "--undo", first)
            self.expect(0, "taken out", "--undo", second)
            self.assertEqual(self.read(), self.original)

    def test_what_others_listed_stays(self):
        vendor, product, _ = self.readers()[0]
        label = f"{int(vendor, 16):04X}:{int(product, 16):04X}"
        self.expect(0, "already", label)
        self.expect(0, "was not added", "--undo", label)
        self.assertEqual(self.read(), self.original)

    def test_a_newer_libccid_lists_more_behind_ours(self):
        self.expect(0, "added")
        rows = self.read()
        for key in (b"0x10FD", b"0x2E8A", b"Pico HSM"):
            row = b"<string>" + key + b"</string>\n"
            rows = rows.replace(row, row + b"\t\t<string>" + key[:2] + b"99</string>\n")
        self.write(rows)
        more = self.readers()
        self.expect(0, "taken out", "--undo")
        self.assertEqual(self.readers(), more[:-2] + more[-1:])

    def test_dry_run_changes_nothing(self):
        self.expect(0, "would be added", "--dry-run")
        self.assertEqual(self.read(), self.original)
        self.expect(0, "added")
        once = self.read()
        self.expect(0, "would be taken out", "--dry-run", "--undo")
        self.assertEqual(self.read(), once)

    def test_a_symbolic_link_stays_one(self):
        link = os.path.join(self.folder.name, "link")
        os.symlink("Info.plist", link)
        os.chmod(self.path, 0o640)
        self.expect(0, "added", file=link)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o640)
        self.assertEqual(len(self.readers()[-1]), 3)
        self.expect(0, "taken out", "--undo", file=link)
        self.assertEqual(self.read(), self.original)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["Info.plist", "link"])

    def test_ends_of_line_and_indentation_are_the_files(self):
        dos = self.original.replace(b"\n", b"\r\n").replace(b"\t\t<string>", b"    <string>")
        self.write(dos)
        self.expect(0, "added")
        self.assertEqual(self.read().count(b"\n"), self.read().count(b"\r\n"))
        self.assertIn(b"\r\n    <string>0x2E8A</string>\r\n", self.read())
        self.expect(0, "taken out", "--undo")
        self.assertEqual(self.read(), dos)

    def test_what_is_not_understood_is_left_alone(self):
        o = self.original
        rows = {
            "empty": b"",
            "no plist": b"hello\n",
            "cut off": o[:len(o) // 2],
            "lists differ in length": o.replace(b"\t\t<string>0x072F</string>\n", b"", 1),
            "a list is missing": o.replace(b"ifdProductID", b"ifdProduct"),
            "a list is there twice": o.replace(b"</dict>", b"<key>ifdVendorID</key>\n<array>\n</array>\n</dict>"),
            "two entries a line": o.replace(b"</string>\n\t\t<string>0x09C3", b"</string><string>0x09C3", 1),
            "another comment in a list": o.replace(b"<string>0x09C3", b"<!-- x -->\n<string>0x09C3", 1),
            "no number": o.replace(b"0x09C3", b"many", 1),
            "not XML in another place": o.replace(b"</plist>", b""),
        }
        for what, content in rows.items():
            for undo in ([], ["--undo"]):
                with self.subTest(what, undo=undo):
                    self.write(content)
                    code, said = self.run_tool(*undo)
                    if not (undo and what == "not XML in another place"):  # nothing of ours, so nothing to do
                        self.assertEqual(code, 1, said)
                        self.assertIn("nothing has changed", said)
                    self.assertEqual(self.read(), content)

    def test_wrong_usage(self):
        for args in (["2E8A"], ["2E8A:10FG"], ["2E8A:10FD", "more"], ["--name", "<b>"], ["--name", ""]):
            with self.subTest(args):
                self.assertEqual(self.run_tool(*args)[0], 2)
                self.assertEqual(self.read(), self.original)
        self.expect(1, "nothing has changed", file="/no/such/file")


if __name__ == "__main__":
    unittest.main()
