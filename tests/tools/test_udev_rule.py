#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The udev rule as text: it opens the device that the firmware says it is, and no other; so does libccid-add. (There is
no udev where this runs.)"""
import os
import re
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
RULES = "packaging/udev/70-pico-hsm.rules"
# What a rule of ours may look at, and what it may do.
KEYS = {"ACTION", "SUBSYSTEM", "ENV{DEVTYPE}", "ATTR{idVendor}", "ATTR{idProduct}", "MODE", "GROUP", "TAG", "GOTO", "LABEL"}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def firmware_ids():
    """The default of the build and the firmware's own default; they must be one."""
    build = re.search(r'set\(vidpid ([0-9A-F]{4}:[0-9A-F]{4})\)', read("boards/rp2/CMakeLists.txt")).group(1)
    profile = [re.search(rf"#define PICO_HSM_{what} 0x([0-9A-F]{{4}})", read("boards/rp2/profile.h")).group(1)
               for what in ("VID", "PID")]
    return {build, ":".join(profile)}


def rules():
    """One list of (key, operator, value) a rule."""
    found = []
    for line in read(RULES).split("\n"):
        if line and not line.startswith("#"):
            parts = re.findall(r'([A-Z]+(?:\{\w+\})?)(==|!=|\+=|=)"([^"]*)"', line)
            assert ", ".join(f'{k}{o}"{v}"' for k, o, v in parts) == line, line
            found.append(parts)
    return found


class UdevRule(unittest.TestCase):
    def test_the_device_is_the_firmwares(self):
        self.assertEqual(len(firmware_ids()), 1)
        matched = {f"{dict_of['ATTR{idVendor}']}:{dict_of['ATTR{idProduct}']}".upper()
                   for dict_of in ({k: v for k, _, v in rule} for rule in rules()) if "ATTR{idVendor}" in dict_of}
        self.assertEqual(matched, firmware_ids())
        self.assertIn(f'default="{firmware_ids().pop()}"', read("tools/libccid-add"))

    def test_sysfs_writes_ids_in_small_letters(self):
        for rule in rules():
            for key, operator, value in rule:
                if key.startswith("ATTR{id"):
                    self.assertRegex(value, "^[0-9a-f]{4}$")
                    self.assertEqual(operator, "==")

    def test_only_keys_that_we_mean(self):
        for rule in rules():
            self.assertLessEqual({key for key, _, _ in rule}, KEYS)

    def test_access_is_given_with_the_device_and_only_then(self):
        giving = [rule for rule in rules() if any(key in ("MODE", "GROUP", "TAG") for key, _, _ in rule)]
        self.assertEqual(len(giving), 1)
        self.assertEqual(giving[0][:2], [("ATTR{idVendor}", "==", "2e8a"), ("ATTR{idProduct}", "==", "10fd")])
        self.assertEqual(giving[0][2:], [("MODE", "=", "0660"), ("GROUP", "=", "plugdev"), ("TAG", "+=", "uaccess")])

    def test_it_runs_before_access_is_applied(self):
        self.assertLess(int(re.match(r"(\d\d)-", os.path.basename(RULES)).group(1)), 73)  # 73-seat-late.rules

    def test_every_jump_lands(self):
        text = [pair for rule in rules() for pair in rule]
        self.assertEqual({v for k, _, v in text if k == "GOTO"}, {v for k, _, v in text if k == "LABEL"})
        self.assertEqual(rules()[-1][0][0], "LABEL")


if __name__ == "__main__":
    unittest.main()
