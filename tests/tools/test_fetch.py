#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tools that fetch from Debian's archive, with an apt-get that is not one: what is not pinned is refused, half a tree is
never left, what is complete is left alone. (The real archive answers in CI's stage "fetch".)"""
import os
import subprocess
import tempfile
import unittest

TOOLS = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))

# Gives, for whatever it is asked, the files in $GIVES; says and logs what it was asked for.
APT_GET = """#!/bin/sh
echo "$*" >>"$ASKED"
case "$*" in
*indextargets*) echo file:/nowhere ;;
*download*|*source*) [ "$GIVES" ] || { echo 'E: not found' >&2; exit 100; }; cp "$GIVES"/* . ;;
esac
"""
FETCHED = {  # tool: what it asks apt for, and a file that the archive might give for that
    "fetch_pico_sdk": ("download pico-sdk-source=2.1.1-1", "pico-sdk-source_2.1.1-1_all.deb"),
    "fetch_unicorn": ("download libunicorn2t64=2.1.1-*", "libunicorn2t64_2.1.1-2_any.deb"),
    "fetch_picotool": ("--tar-only picotool/trixie", "picotool_2.1.1+dfsg.orig.tar.xz"),
    "fetch_wolfcrypt": ("wolfssl/sid", "wolfssl_5.9.2.orig.tar.gz"),
}


class Fetch(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        self.write("bin/apt-get", APT_GET)
        os.chmod(self.path("bin/apt-get"), 0o755)
        self.write("asked", "")

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def left(self):
        return [name for _, folders, names in os.walk(self.path("new")) for name in names + folders if name != "dest"]

    def asked(self):
        with open(self.path("asked"), encoding="utf-8") as f:
            return f.read()

    def fetch(self, tool, gives="", dest="new/dest", **more):
        version = ["5.9.2"] if tool == "fetch_wolfcrypt" else []
        env = {**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"], "ASKED": self.path("asked"), "GIVES": gives, **more}
        done = subprocess.run([os.path.join(TOOLS, tool), *version, *([self.path(dest)] if dest else [])],
                              capture_output=True, text=True, env=env)
        return done.returncode, done.stdout + done.stderr

    def test_the_suite_has_moved(self):
        for tool, (asks, _) in FETCHED.items():
            code, said = self.fetch(tool)
            self.assertEqual(code, 1, said)
            self.assertIn(asks, self.asked())
            self.assertIn("E: not found", said)
            self.assertRegex(said.strip().split("\n")[-1], f"^{tool}: (sid|trixie) no longer has ")
            self.assertEqual(self.left(), [])

    def test_another_file_of_that_name(self):
        for tool, (_, name) in FETCHED.items():
            self.write(f"{tool}/{name}", "not what it should be")
            code, said = self.fetch(tool, gives=self.path(tool))
            self.assertNotEqual(code, 0, said)
            self.assertEqual(self.left(), [])
            if tool == "fetch_unicorn":  # any build of that version, and that is said; but it must be a package
                self.assertIn("is not a build that is pinned here", said)
            else:
                self.assertIn("refused", said)

    def test_what_is_there_is_left_alone(self):
        marks = {"fetch_unicorn": "2.1.1", "fetch_wolfcrypt": "2f4ef3d4fd387a9b3191d36a6316d69116c46ff69bb9583b6c82b36d7b8ca114"}
        for tool, mark in marks.items():
            self.write(f"{tool}/.fetched", mark + "\n")
            code, said = self.fetch(tool, dest=tool)
            self.assertEqual((code, self.asked()), (0, ""), said)
            self.write(f"{tool}/.fetched", "something else\n")
            self.assertEqual(self.fetch(tool, dest=tool)[0], 1)
            self.write("asked", "")

    def test_an_sdk_of_the_users_own(self):
        self.write("sdk/pico_sdk_init.cmake", "")
        code, said = self.fetch("fetch_pico_sdk", dest=None, PICO_SDK_PATH=self.path("sdk"))
        self.assertEqual((code, self.asked()), (0, ""), said)
        code, said = self.fetch("fetch_pico_sdk", dest=None, PICO_SDK_PATH=self.path("nowhere"))
        self.assertEqual((code, self.asked()), (1, ""), said)
        self.assertIn("holds no pico-sdk", said)


if __name__ == "__main__":
    unittest.main()
