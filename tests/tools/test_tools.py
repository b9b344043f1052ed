#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants one fault at a time in a small tree and expects the tool that is there for it to fail and to name it."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))

CLEAN = {
    "src/base/bytes.h": """/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H
#include <stddef.h>
/* Counts. */
size_t count(const char *text);
size_t count_more(const char *text);
struct port { int (*read)(void *ctx); };
/* A line. */
static inline int one(void) { return 1; }
#endif
""",
    "src/base/bytes.c": """/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
size_t count(const char *text) /* "}" in a comment, '{' */
{
    static const char brace[] = "{{{";
    return text[0] == '}' ? sizeof brace : 0;
}
""",
    "src/store/store.h": '/* SPDX-License-Identifier: Apache-2.0 */\n#include "base/bytes.h"\n',
    "src/card/pins.c": '/* SPDX-License-Identifier: Apache-2.0 */\n#include "store/store.h"\n#include "card/pins.h"\n',
    "src/crypto/rsa.c": "/* SPDX-License-Identifier: Apache-2.0 */\n#include <wolfssl/wolfcrypt/rsa.h>\n",
    "boards/linux/image.c": '/* SPDX-License-Identifier: Apache-2.0 */\n#include <stdio.h>\n#include "base/bytes.h"\n',
    "apps/vhsm.c": '/* SPDX-License-Identifier: Apache-2.0 */\n#include "card/hsm.h"\n#include "boards/linux/image.h"\n',
    "tools/packages.txt": "demo make make\ntest nm binutils\n",
    "tools/demo": "#!/bin/sh\nset -e\nmake all | tee log\ntimeout 3 nm a.out\ngreet() { echo hello; }\ngreet you\n",
}


class Tree(unittest.TestCase):
    """A folder with CLEAN in it; `plant` changes a file, `run` a tool."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        for path, text in CLEAN.items():
            self.plant(path, text)

    def tearDown(self):
        self.folder.cleanup()

    def afresh(self):
        self.tearDown()
        self.setUp()

    def plant(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)

    def append(self, path, text):
        self.plant(path, CLEAN.get(path, "") + text)

    def run_tool(self, tool, *args):
        done = subprocess.run([os.path.join(ROOT, "tools", tool), *args], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def passes(self, tool, *args):
        code, said = self.run_tool(tool, *args)
        self.assertEqual(code, 0, said)

    def fails(self, naming, tool, *args):
        code, said = self.run_tool(tool, *args)
        self.assertNotEqual(code, 0, said)
        self.assertIn(naming, said)
        self.assertNotIn("Traceback", said)

    def compile(self, code, room="card", flags=()):
        """libROOM.a from `code`, in a build folder of its own; no other room brings anything along."""
        build = os.path.join(self.root, "build")
        self.plant("build/CMakeCache.txt", "")
        self.plant("probe.c", code)
        folder = os.path.join(build, "src", room)
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["gcc", "-w", "-O1", *flags, "-c", os.path.join(self.root, "probe.c"), "-o", os.path.join(folder, "probe.o")],
                       check=True)
        subprocess.run(["ar", "rcs", os.path.join(folder, f"lib{room}.a"), os.path.join(folder, "probe.o")], check=True)
        return build


class Rooms(Tree):
    def test_clean(self):
        self.passes("check_rooms", self.root)

    def test_arrow_against_the_table(self):
        for path, line, naming in (
                ("src/store/store.h", '#include "crypto/crypto.h"', "src/store/store.h:3"),
                ("src/base/bytes.c", '#include "port/nor.h"', "may include no other room"),
                ("src/card/pins.c", '#include "link/vpcd.h"', "link/vpcd.h"),
                ("src/card/pins.c", '  #  include "boards/linux/image.h"', "boards/linux/image.h"),
                ("boards/linux/image.c", '#include "card/hsm.h"', "card/hsm.h"),
                ("src/card/pins.c", '#include "crypto/internal.h"', "private"),
                ("src/card/pins.c", '#include "pins.h"', "names no room"),
                ("src/card/pins.c", '#include "../link/vpcd.h"', "leaves the room"),
                ("src/card/pins.c", "#include <stdio.h>", "stdio.h"),
                ("src/card/pins.c", "#include <wolfssl/wolfcrypt/rsa.h>", "wolfssl"),
                ("src/card/pins.c", "#include WHICH", "WHICH"),
                ("src/attic/old.c", '#include "base/bytes.h"', "no room")):
            with self.subTest(line=line):
                self.append(path, line + "\n")
                self.fails(naming, "check_rooms", self.root)
                self.afresh()

    def test_comment_is_no_include(self):
        self.append("src/store/store.h", '/*\n#include "card/hsm.h"\n*/\n// #include "card/hsm.h"\n')
        self.passes("check_rooms", self.root)

    def test_empty_tree(self):
        self.fails("0 files", "check_rooms", os.path.join(self.root, "tools"))


class Measure(Tree):
    def test_clean(self):
        self.passes("measure", "--root", self.root)

    def test_faults(self):
        long = "int f(int a)\n{\n" + "    a++;\n" * 120 + "    return a;\n}\n"
        for path, text, naming in (
                ("src/base/bytes.c", long, "function length"),
                ("src/base/bytes.c", "#ifdef ESP32\n#endif\n", "#ifdef ESP32"),
                ("src/base/bytes.c", "#if 0\n#endif\n", "#if 0"),
                ("src/base/bytes.c", "/* TO" "DO: later */\n", "TO" "DO"),
                ("src/store/store.h", "\nint store_put(int id);\n", "store_put has no comment"),
                ("src/store/store.h", "\nextern int\nstore_put(int id,\n    int n);\n", "store_put has no comment"),
                ("src/store/store.h", "\n/* far away */\n\nint store_put(int id);\n", "store_put has no comment")):
            with self.subTest(text=text[:40]):
                self.append(path, text)
                self.fails(naming, "measure", "--root", self.root)
                self.afresh()

    def test_ninety_lines_is_a_limit_of_the_longest_percent(self):
        self.append("src/base/bytes.c", "".join(f"int f{i}(void)\n{{\n    return {i};\n}}\n" for i in range(200)))
        self.passes("measure", "--root", self.root)

    def test_globals(self):
        for code, naming in (("int count = 3;", "count"), ("static int hits; int hit(void) { return ++hits; }", "hits"),
                             ("int f(void) { static int n; return n++; }", "n."), ("_Thread_local int seen;", "seen"),
                             ("int common_one;", "common_one")):
            with self.subTest(code=code):
                build = self.compile(code, flags=["-fcommon"])
                self.fails(naming, "measure", "--root", self.root, "--build", build)

    def test_constants_and_the_named_pointer_are_no_fault(self):
        build = self.compile("int f(void); static int (*const table[])(void) = {f}; int g(int i) { return table[i](); }\n"
                             "_Thread_local void *crypto_current;", flags=["-fPIE"])
        self.passes("measure", "--root", self.root, "--build", build)

    def test_nothing_built(self):
        self.fails("nothing is built", "measure", "--root", self.root, "--build", self.root)

    def test_missing_licence(self):
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.plant("src/base/bare.c", "int f(void);\n")
        subprocess.run(["git", "-C", self.root, "add", "src"], check=True)
        self.fails("src/base/bare.c: no SPDX line", "measure", "--root", self.root)


class Symbols(Tree):
    def test_clean(self):
        self.passes("check_symbols", self.compile("#include <string.h>\nvoid f(void *a, void *b, int n) { memcpy(a, b, n); }"))

    def test_faults(self):
        for code, naming in (
                ("void *malloc(unsigned long); void *f(void) { return malloc(9); }", "malloc: the heap"),
                ("void free(void *); void f(void *p) { free(p); }", "free: the heap"),
                ("int printf(const char *, ...); void f(int i) { printf(\"%d\", i); }", "printf: stdio"),
                ("int puts(const char *); void f(void) { puts(\"x\"); }", "puts: stdio"),
                ("void __assert_fail(void); void f(void) { __assert_fail(); }", "NDEBUG"),
                ("float __aeabi_fmul(float, float); float f(float a) { return __aeabi_fmul(a, a); }", "floating point"),
                ("double __muldf3(double, double); double f(double a) { return __muldf3(a, a); }", "floating point"),
                ("int getpid(void); int f(void) { return getpid(); }", "not among what a card may call")):
            with self.subTest(code=code):
                self.fails(naming, "check_symbols", self.compile(code, flags=["-fno-builtin"]))

    def test_nothing_built(self):
        self.plant("CMakeCache.txt", "")
        self.fails("no room", "check_symbols", self.root)


class Packages(Tree):
    def test_clean(self):
        self.passes("check_packages", self.root)

    def test_faults(self):
        for line, naming in (("frobnicate --all", "calls frobnicate"), ("true && frobnicate", "calls frobnicate"),
                             ("x=$(frobnicate x)", "calls frobnicate"), ('echo "it is $(frobnicate)"', "calls frobnicate"),
                             ("timeout 5 frobnicate", "calls frobnicate"), ("if ! frobnicate; then :; fi", "calls frobnicate"),
                             ("X=1 frobnicate", "calls frobnicate"), ("greet gcc", "calls gcc"),
                             ("# it's\nfrobnicate\n# isn't it", "calls frobnicate")):
            with self.subTest(line=line):
                self.append("tools/demo", line + "\n")
                self.fails(naming, "check_packages", self.root)
                self.afresh()

    def test_python_calls(self):
        name = "frobnicate"  # spelled so that this file does not call it
        self.plant("tools/look", f'#!/usr/bin/env python3\nimport subprocess\nsubprocess.run(["{name}", "x"])\n')
        self.fails("calls frobnicate", "check_packages", self.root)

    def test_words_that_are_no_calls(self):
        self.append("tools/demo", "# frobnicate\necho frobnicate 'frobnicate'\ncat <<END\nfrobnicate\nEND\n"
                                  "case $x in\nfrobnicate | other) echo ;;\nesac\n")
        self.passes("check_packages", self.root)

    def test_unknown_package(self):
        self.append("tools/packages.txt", "demo frob no-such-package-at-all\n")
        self.fails("apt knows no package", "check_packages", self.root)

    def test_groups(self):
        self.plant("tools/packages.txt", "demo,firmware,board make make\ntest nm binutils\n")
        self.passes("check_packages", self.root)
        self.append("tools/packages.txt", "demo,frob make make\n")
        self.fails("not understood", "check_packages", self.root)

    def test_wrong_package(self):
        self.plant("tools/packages.txt", "demo make make\ntest nm coreutils\n")
        self.fails("nm is from binutils", "check_packages", self.root)


class SetUp(Tree):
    def setup_in_tree(self, *args):
        tool = os.path.join(self.root, "tools/setup")
        with open(os.path.join(ROOT, "tools/setup"), encoding="utf-8") as f:
            self.plant("tools/setup", f.read())
        done = subprocess.run(["sh", tool, *args], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_complete_machine_is_left_alone(self):
        self.assertEqual(self.setup_in_tree("test", "--no-install"), (0, ""))

    def test_each_group_asks_for_its_own(self):
        self.append("tools/packages.txt", "demo,board frob1 a\nfirmware frob2 b\nboard frob3 c\ntest frob4 d\n"
                                            "bench frob5 e\ndemo,bench frob6 f\n")
        for group, wanted in (("demo", "a f"), ("firmware", "b"), ("board", "a c"), ("test", "a b c d f"), ("bench", "e f")):
            code, said = self.setup_in_tree(group, "--no-install")
            self.assertEqual((code, said.split("install: ")[1].strip()), (1, wanted), group)

    def test_no_install_names_what_is_missing(self):
        self.append("tools/packages.txt", "demo frob frob-tools\ntest /no/such/*.h frob-dev\n")
        code, said = self.setup_in_tree("demo", "--no-install")
        self.assertEqual(code, 1)
        self.assertIn("frob-tools", said)
        self.assertNotIn("frob-dev", said)
        code, said = self.setup_in_tree("test", "--no-install")
        self.assertEqual(code, 1)
        self.assertIn("frob-dev", said)

    def test_usage(self):
        self.assertEqual(self.setup_in_tree("everything")[0], 1)


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.exit(unittest.main(verbosity=1))
