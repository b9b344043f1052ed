#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pico-hsm against a vpcd that misbehaves: frames cut anywhere, empty, unknown, too short and too long, hang-ups in
the middle of a frame. Each command is answered once, and the session ends with the connection."""
import os
import pty
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.environ.get("PICO_HSM", "build/release/apps/pico-hsm")
ATR = bytes.fromhex("3BFE18000081" "31FE458031815448534D31738021408107FA")
SELECT = bytes.fromhex("00A404000BE82B0601040181C31F020100")
CHALLENGE = bytes.fromhex("0084000008")


def frame(payload):
    return len(payload).to_bytes(2, "big") + payload


class Forked:
    """What of subprocess.Popen is used here, for a process on a terminal of its own."""

    def __init__(self, pid):
        self.pid = pid

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def wait(self, _seconds):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Peer(unittest.TestCase):
    options = []
    own_session = False  # without a controlling terminal

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        port = self.listener.getsockname()[1]
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        self.hsm = self.start([PROGRAM, "--image", os.path.join(self.folder.name, "card.img"),
                               "--vpcd", f"127.0.0.1:{port}", *self.options])
        self.accept()

    def start(self, command):
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=self.log, start_new_session=self.own_session)

    def tearDown(self):
        self.hsm.terminate()
        code = self.hsm.wait(20)
        self.cable.close()
        self.listener.close()
        self.log.seek(0)
        log = self.log.read()
        self.log.close()
        self.folder.cleanup()
        self.assertEqual(code, 0, log)

    def accept(self):
        self.cable, _ = self.listener.accept()
        self.cable.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cable.settimeout(20)

    def receive(self):
        size = int.from_bytes(self.take(2), "big")
        return self.take(size)

    def take(self, n):
        data = b""
        while len(data) < n:
            part = self.cable.recv(n - len(data))
            self.assertTrue(part, "the card hung up")
            data += part
        return data

    def transact(self, apdu):
        self.cable.sendall(frame(apdu))
        return self.receive()

    def assert_silent(self):
        """Nothing came in unasked: the next answer is the one to the next question."""
        self.assertEqual(self.transact(b"\4"), ATR)


class Framing(Peer):
    def test_atr_and_session(self):
        self.assertEqual(self.transact(b"\4"), ATR)
        self.assertEqual(self.transact(CHALLENGE), b"\x6A\x82")
        self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")
        self.assertEqual(self.transact(b"\4"), ATR)
        self.assertEqual(len(self.transact(CHALLENGE)), 10)

    def test_power_ends_the_session(self):
        for control in b"\0", b"\1", b"\2":
            self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")
            self.cable.sendall(frame(control))
            self.assertEqual(self.transact(CHALLENGE), b"\x6A\x82")

    def test_fragments(self):
        stream = frame(b"\1") + frame(b"\4") + frame(SELECT) + frame(CHALLENGE)
        for size in 1, 2, 3, 7:
            for at in range(0, len(stream), size):
                self.cable.sendall(stream[at:at + size])
                time.sleep(0.001)
            self.assertEqual(self.receive(), ATR)
            self.assertEqual(self.receive()[-2:], b"\x90\0")
            self.assertEqual(len(self.receive()), 10)

    def test_joined(self):
        self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")
        self.cable.sendall(frame(CHALLENGE) * 100)
        answers = {self.receive() for _ in range(100)}
        self.assertEqual(len(answers), 100)

    def test_silence(self):
        for payload in [b""] * 3 + [b"\3", b"\5", b"\x7F", b"\xFF"]:
            self.cable.sendall(frame(payload))
        self.assert_silent()

    def test_malformed(self):
        for size in 2, 3, 4149, 4150, 8192, 65535:
            self.assertEqual(self.transact(b"\0" * size), b"\x67\0", size)
        self.assert_silent()
        self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")

    def test_longest_command(self):
        self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")
        body = bytes.fromhex("00D7010000") + (4096).to_bytes(2, "big") + b"\x55" * 4096 + b"\0\0"
        self.assertNotIn(self.transact(body), (b"", b"\x67\0"))

    def test_hang_up(self):
        for half in b"", b"\0", b"\0\5", b"\0\5\0\x84\0":
            self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")
            self.cable.sendall(half)
            self.cable.close()
            self.accept()
            self.assertEqual(self.transact(CHALLENGE), b"\x6A\x82")

    def test_an_answer_nobody_reads(self):
        self.cable.sendall(frame(SELECT) + frame(bytes.fromhex("00840000000400")) * 2000)
        self.hsm.terminate()
        self.assertEqual(self.hsm.wait(20), 0)

    def test_sigterm_in_the_middle_of_a_frame(self):
        self.cable.sendall(b"\0\5\0\x84")
        time.sleep(0.05)
        self.hsm.terminate()
        self.assertEqual(self.hsm.wait(5), 0)


def tlv(tag, value):
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    return bytes.fromhex(tag) + length + value


def initialize_and_generate(options):
    """INITIALIZE with these options, then a P-256 key pair request in OpenSC's form."""
    prime = "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"
    a = "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC"
    b = "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"
    g = ("046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
         "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5")
    n = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
    key = b"".join(tlv(t, bytes.fromhex(v)) for t, v in (
        ("06", "04007F00070202020203"), ("81", prime), ("82", a), ("83", b), ("84", g), ("85", n), ("87", "01")))
    body = (tlv("5F29", b"\0") + tlv("42", b"UTCA00001") + tlv("7F49", key) + tlv("5F20", b"UTTM00001"))
    initialize = (tlv("80", bytes.fromhex(options)) + tlv("81", b"648219") + tlv("82", b"57621880"))
    return (b"\x80\x50\0\0" + bytes([len(initialize)]) + initialize,
            b"\0\x46\1\0\0" + len(body).to_bytes(2, "big") + body + b"\0\0")


class PresenceAuto(Peer):
    wanted = b"\x90\0"

    def press(self):
        initialize, generate = initialize_and_generate("0101")
        self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")
        self.assertEqual(self.transact(initialize), b"\x90\0")
        start = time.monotonic()
        self.assertEqual(self.transact(generate)[-2:], self.wanted)
        return time.monotonic() - start

    def test_press(self):
        self.press()


class PresenceDeny(PresenceAuto):
    options = ["--presence", "deny"]
    wanted = b"\x66\0"


class PresenceAskWithoutTerminal(PresenceAuto):
    options = ["--presence", "ask"]
    wanted = b"\x66\0"
    own_session = True


class PresenceAsk(PresenceAuto):
    """Somebody sits at the terminal and types `answer` once the question is there."""
    options = ["--presence", "ask"]
    answer, wanted = b"y\n", b"\x90\0"

    def start(self, command):
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.dup2(self.log.fileno(), 2)
            os.execv(command[0], command)
        return Forked(pid)

    def press(self):
        initialize, generate = initialize_and_generate("0101")
        self.assertEqual(self.transact(SELECT)[-2:], b"\x90\0")
        self.assertEqual(self.transact(initialize), b"\x90\0")
        os.write(self.terminal, b"y\n")  # typed ahead: no answer to a question that was not asked yet
        self.cable.sendall(frame(generate))
        asked = b""
        while b"[y/N]" not in asked:
            asked += os.read(self.terminal, 1000)
        os.write(self.terminal, self.answer)
        self.assertEqual(self.receive()[-2:], self.wanted)

    def tearDown(self):
        super().tearDown()
        os.close(self.terminal)


class PresenceAskNo(PresenceAsk):
    answer, wanted = b"n\n", b"\x66\0"


class PresenceAskReturn(PresenceAsk):
    answer, wanted = b"\n", b"\x66\0"


class PresenceAfterOneSecond(PresenceAuto):
    options = ["--presence", "1"]

    def test_press(self):
        self.assertGreater(self.press(), 0.95)


class PresenceTooLate(PresenceAuto):
    options = ["--presence", "86400"]

    def test_press(self):
        # The wait for the button is cut short by SIGTERM.
        initialize, generate = initialize_and_generate("0101")
        self.transact(SELECT)
        self.assertEqual(self.transact(initialize), b"\x90\0")
        self.cable.sendall(frame(generate))
        time.sleep(0.2)
        self.hsm.terminate()
        self.assertEqual(self.hsm.wait(5), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=[sys.argv[0]])
