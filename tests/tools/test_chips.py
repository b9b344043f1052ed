#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/board/check_chips.py sees what is missing: a row, a test, a chip, a command that nobody listed."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FILES = ["src/wire/schsm.h", "src/card/commands.c", "src/card/cmd_extras.c", "src/wire/cipher_request.c",
         "tests/chips.md", "tests/board/CMakeLists.txt"]
SCRIPTS = ["tests/board", "tests/compat"]

# What is changed in which file, and what the tool must say then.
FAULTS = [
    ("tests/chips.md", "| 3.16 | DERIVE", "| 3.16 | derive | 99 |\n3.16 | DERIVE", "76: the card has it"),
    ("tests/chips.md", "| ours | plain key import | 5E |", "| ours | plain key import | 5F |", "5F: chips.md has it"),
    ("tests/chips.md", "`commands: SIGN`", "", "68: no test of a success runs on rp2040"),
    ("tests/chips.md", "`commands: WRAP without a key`", "none", "72: no test of a refusal runs on rp2350"),
    ("tests/chips.md", " (rp2350); no rp2040: the chip has none", " (rp2350)", "rescue/1D: no test of a success runs on rp2040"),
    ("tests/compat/test_commands.sh", "# DERIVE\n", "# another thing\n", "76: no test of commands says \"DERIVE\""),
    ("tests/compat/test_commands.sh", "bad 5C 805C03", "good 5C 805C03", "5C: no test of commands says"),
    ("tests/compat/test_commands.sh", "good 62 ", "good 63 ", "62: no test of commands says"),
    ("tests/board/CMakeLists.txt", "add_board_test(${chip} commands", "add_board_test(rp2350 commands", "runs on rp2040"),
    ("src/card/commands.c", "{INS_SIGN, ", "{INS_CIPHER, ", "68: chips.md has it"),
    ("src/wire/cipher_request.c", "AES(CRYPTO_AES_OFB, ", "AES(CRYPTO_AES_EAX, ", "AES_EAX: the card has it"),
    ("tests/chips.md", "| 20, 21 |", "| 21 |", "20: the card has it"),
    ("tests/compat/secret_key_host.py", "def kdfs", "def derivations", "99: no test of secret_keys says"),
    ("src/card/cmd_extras.c", "{0x3A, 1u << ", "{0x4C, 1u << ", "64/4C: the card has it"),
]


class CheckChips(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        for name in FILES:
            os.makedirs(os.path.dirname(os.path.join(self.root, name)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, name), os.path.join(self.root, name))
        for folder in SCRIPTS:
            os.makedirs(os.path.join(self.root, folder), exist_ok=True)
            for name in os.listdir(os.path.join(ROOT, folder)):
                if name.endswith((".sh", "_host.py")):
                    shutil.copy(os.path.join(ROOT, folder, name), os.path.join(self.root, folder, name))

    def run_tool(self):
        tool = os.path.join(ROOT, "tests", "board", "check_chips.py")
        return subprocess.run([sys.executable, tool, self.root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_sources_as_they_are(self):
        got = self.run_tool()
        self.assertEqual(got.returncode, 0, got.stdout)

    def test_every_planted_fault_is_seen(self):
        for name, old, new, said in FAULTS:
            with self.subTest(said):
                path = os.path.join(self.root, name)
                with open(path, encoding="utf-8") as f:
                    text = f.read()
                self.assertIn(old, text)
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text.replace(old, new))
                got = self.run_tool()
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
                self.assertEqual(got.returncode, 1)
                self.assertIn(said, got.stdout)


if __name__ == "__main__":
    unittest.main()
