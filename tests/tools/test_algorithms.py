#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does tests/tools/check_algorithms.py see an id, an OID or a file that is missing or too much?"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CHECK = os.path.join(ROOT, "tests", "tools", "check_algorithms.py")
PAGE = os.path.join("docs", "algorithms.md")
READ = [PAGE] + [os.path.join("src", "wire", name) for name in ("schsm.h", "cipher_request.c")]


class Algorithms(unittest.TestCase):
    def faults(self, change):
        with tempfile.TemporaryDirectory() as root:
            for name in READ:
                os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
                shutil.copy(os.path.join(ROOT, name), os.path.join(root, name))
            shutil.copytree(os.path.join(ROOT, "tests", "vectors", "kat"), os.path.join(root, "tests", "vectors", "kat"))
            with open(os.path.join(root, PAGE), encoding="utf-8") as f:
                page = change(f.read())
            with open(os.path.join(root, PAGE), "w", encoding="utf-8") as f:
                f.write(page)
            done = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)
            return done.returncode, done.stdout

    def test_as_it_is(self):
        self.assertEqual(self.faults(lambda page: page)[0], 0)

    def test_faults(self):
        for old, new, said in (("| 22 |", "| |", "algorithm id 22"), ("| 83 |", "| 83, 85 |", "algorithm id 85"),
                               ("2B81051086483F", "2B81051086483E", "OID 2B81051086483F"),
                               ("`x963`", "", "file x963"), ("`x963`", "`x963`, `x964`", "file x964")):
            code, output = self.faults(lambda page: page.replace(old, new))
            self.assertEqual(code, 1, old)
            self.assertIn(said, output)


unittest.main()
