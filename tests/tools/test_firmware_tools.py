#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bin2uf2, firmware_hot and firmware_size against small programs: what they make, and what they must refuse."""
import os
import struct
import subprocess
import tempfile
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
CPU = ["-mcpu=cortex-m0plus", "-mthumb", "-O2", "-ffunction-sections", "-fdata-sections"]
SOURCE = """
__attribute__((noinline)) int hot_loop(int a) { return a * 7 + 1; }
__attribute__((noinline)) int cold(int a) { return a ^ 5; }
const int Table[4] = {1, 2, 3, 4};
volatile int input = 3;
ROOM
int main(void) { return hot_loop(input) + cold(input) + Table[input & 3]; }
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data):
        with open(self.path(name), "wb" if isinstance(data, bytes) else "w") as f:
            f.write(data)
        return self.path(name)

    def tool(self, name, *args):
        return subprocess.run([os.path.join(TOOLS, name), *args], capture_output=True, text=True)


class Bin2Uf2(Folder):
    def blocks(self, chip, image):
        self.assertEqual(self.tool("bin2uf2", chip, self.write("x.bin", image), self.path("x.uf2")).returncode, 0)
        with open(self.path("x.uf2"), "rb") as f:
            data = f.read()
        self.assertEqual(len(data) % 512, 0)
        return [data[at:at + 512] for at in range(0, len(data), 512)]

    def test_rp2040(self):
        image = bytes(i * 7 & 0xFF for i in range(600))
        blocks = self.blocks("rp2040", image)
        self.assertEqual(len(blocks), 3)
        for i, b in enumerate(blocks):
            head = struct.unpack("<8I", b[:32])
            self.assertEqual(head, (0x0A324655, 0x9E5D5157, 0x2000, 0x10000000 + 256 * i, 256, i, 3, 0xE48BFF56))
            self.assertEqual(b[32:288], image[256 * i:256 * i + 256].ljust(256, b"\0"))
            self.assertEqual(b[288:508], bytes(220))
            self.assertEqual(b[508:], struct.pack("<I", 0x0AB16F30))

    def test_rp2350_begins_with_the_workaround(self):
        blocks = self.blocks("rp2350", bytes(256))
        self.assertEqual(len(blocks), 2)
        first = struct.unpack("<8I", blocks[0][:32])
        self.assertEqual(first[2:], (0xA000, 0x10FFFF00, 256, 0, 2, 0xE48BFF57))
        self.assertEqual(blocks[0][32:288], b"\xEF" * 256)
        self.assertEqual(struct.unpack("<8I", blocks[1][:32])[2:], (0x2000, 0x10000000, 256, 0, 1, 0xE48BFF59))

    def test_refuses(self):
        self.assertNotEqual(self.tool("bin2uf2", "rp2345", self.write("x.bin", b"x"), self.path("x.uf2")).returncode, 0)
        self.assertNotEqual(self.tool("bin2uf2", "rp2040", self.path("missing"), self.path("x.uf2")).returncode, 0)


class Placement(Folder):
    def build(self, chip="rp2040", room="", hot="hot_*\nTable\n"):
        """A program whose wanted sections firmware_hot renamed, linked as the SDK does: they lie in RAM."""
        self.write("x.c", SOURCE.replace("ROOM", room))
        self.write("hot.txt", "# what is hot\n" + hot)
        self.write("x.ld", """SECTIONS {
            .text 0x10000000 : { *(.text*) *(.rodata*) }
            .data 0x20000000 : { *(.time_critical*) *(.data*) }
            .bss : { *(.bss*) *(COMMON) } }""")
        run = lambda *command: subprocess.run(command, check=True, cwd=self.dir, capture_output=True)
        run("arm-none-eabi-gcc", *CPU, "-c", "x.c")
        run("arm-none-eabi-ar", "rc", "x.a", "x.o")
        if hot:
            done = self.tool("firmware_hot", self.path("x.a"), self.path("hot.txt"))
            self.assertEqual(done.returncode, 0, done.stderr)
        elf = f"x-{chip}.elf"
        run("arm-none-eabi-gcc", *CPU, "-nostdlib", "-T", "x.ld", "-Wl,--whole-archive", "x.a", "-Wl,--no-whole-archive",
            "-Wl,-e,main", "-o", elf, "-lgcc")
        run("arm-none-eabi-objcopy", "-Obinary", "-j", ".text", elf, f"x-{chip}.bin")
        return self.path(elf)

    def size(self, elf, hot="hot_*\nTable\n"):
        return self.tool("firmware_size", elf, self.write("wanted.txt", hot))

    def test_named_functions_and_tables_move(self):
        done = self.size(self.build())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_stayed_is_named(self):
        done = self.size(self.build(hot="Table\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("hot_loop: not in SRAM", done.stdout)
        self.assertNotIn("cold", done.stdout)

    def test_what_is_nowhere_is_named(self):
        done = self.size(self.build(), hot="hot_*\nTable\nwarm_*\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("warm_*: not in SRAM", done.stdout)

    def test_too_much_ram(self):
        for size, code in ((170 * 1024 - 1000, 0), (170 * 1024, 1)): # 14 KiB of stack come on top
            done = self.size(self.build(room=f"char room[{size}];"))
            self.assertEqual(done.returncode, code, done.stdout)
        self.assertIn("RAM: together: over the limit", done.stdout)
        self.assertEqual(self.size(self.build(chip="rp2350", room=f"char room[{170 * 1024}];")).returncode, 0)

    def test_too_much_flash(self):
        elf = self.build()
        with open(self.path("x-rp2040.bin"), "ab") as f:
            f.truncate(1024 * 1024 + 1)
        done = self.size(elf)
        self.assertEqual(done.returncode, 1)
        self.assertIn("flash: the image: over the limit", done.stdout)

    def test_a_name_that_says_no_chip(self):
        self.assertNotEqual(self.size(self.build(chip="esp32")).returncode, 0)


if __name__ == "__main__":
    unittest.main()
