#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A board that is played, with the command line and the socket of pico-hsm-emu: enough of CCID for Debian's libccid, and
a card that answers APDUs by a few rules. It shows that the host side alone works (test_host.sh): the shim, libccid and
pcscd, tools/with-board, tools/libccid-add. It proves nothing about the firmware.

    fake_board.py IMAGE --usb SOCKET [--exit-code N] [--die-after N] [other options of pico-hsm-emu, ignored]
"""
import os
import signal
import socket
import struct
import sys
import threading
import time

ATR = bytes.fromhex("3BFE1800008131FE458031815448534D31738021408107FA")
AID = bytes.fromhex("E82B0601040181C31F0201")
VID_PID = struct.pack("<HH", 0x2E8A, 0x10FD)
REQUEST, RESPONSE = struct.Struct("<BB8s2xII"), struct.Struct("<iI")
OK, STALL, TIMEOUT, GONE = 0, -1, -2, -3
CCID = struct.pack("<BBHBBIIIBIIBIIIIIBBHBB", 54, 0x21, 0x110, 0, 1, 3, 3580, 3580, 0, 9600, 9600, 0, 254, 0, 0, 0x40840,
                   4158, 0xFF, 0xFF, 0, 0, 1)
INTERFACE = (bytes([9, 4, 0, 0, 3, 0x0B, 0, 0, 4]) + CCID + bytes([7, 5, 1, 2, 64, 0, 0]) + bytes([7, 5, 0x82, 2, 64, 0, 0])
             + bytes([7, 5, 0x83, 3, 64, 0, 10]))
CONFIG = struct.pack("<BBHBBBBB", 9, 2, 9 + len(INTERFACE), 1, 1, 0, 0xA0, 2) + INTERFACE
DEVICE = struct.pack("<BBHBBBB4sHBBBB", 18, 1, 0x210, 0, 0, 0, 64, VID_PID, 0x900, 1, 2, 3, 1)


def text(s):
    return bytes([2 + 2 * len(s), 3]) + s.encode("utf-16-le")


STRINGS = {0: bytes([4, 3, 9, 4]), 1: text("Nobody"), 2: text("Fake board"), 3: text("0123456789ABCDEF"),
           4: text("Fake board CCID Interface")}


def card(apdu):
    """GET CHALLENGE n: n bytes. INS 02: how many bytes came in. INS 05: takes its time. SELECT: one applet."""
    ins = apdu[1]
    if ins == 0x84:
        n = int.from_bytes(apdu[4:] or b"\0", "big") or 256
        return bytes(i & 0xFF for i in range(n)) + b"\x90\0"
    if ins == 0x02:
        return len(apdu).to_bytes(2, "big") + b"\x90\0"
    if ins == 0x05:
        time.sleep(5)
        return b"\x90\0"
    if ins == 0xA4:
        return b"\x90\0" if AID in apdu else b"\x6A\x82"
    return b"\x6D\0"


class Slot:
    """Messages in, messages out; a slow command is accompanied by time extensions."""

    def __init__(self):
        self.message, self.out, self.ready = b"", [], threading.Condition()

    def put(self, *messages):
        with self.ready:
            self.out += messages
            self.ready.notify_all()

    def take(self, seconds):
        with self.ready:
            self.ready.wait_for(lambda: self.out, seconds)
            return self.out.pop(0) if self.out else None

    def packet(self, data):
        self.message += data
        if len(self.message) >= 10 and len(self.message) >= 10 + int.from_bytes(self.message[1:5], "little"):
            whole, self.message = self.message, b""
            threading.Thread(target=self.run, args=(whole,), daemon=True).start()

    def run(self, m):
        kind, seq = m[0], m[6]

        def reply(t, data=b"", status=0, last=0):
            return struct.pack("<BIBBBBB", t, len(data), 0, seq, status, 0, last) + data
        if kind == 0x62:
            self.put(reply(0x80, ATR))
        elif kind in (0x63, 0x65):
            self.put(reply(0x81, status=kind == 0x63))
        elif kind in (0x6C, 0x6D, 0x61):
            self.put(reply(0x82, bytes.fromhex("1110FE5503FE00"), last=1))
        elif kind == 0x6F:
            done = threading.Event()
            threading.Thread(target=self.extend, args=(done, reply(0x80, status=0x80)), daemon=True).start()
            answer = card(m[10:])
            done.set()
            self.put(reply(0x80, answer))
        else:
            self.put(reply(0x81, status=0x40))

    def extend(self, done, message):
        while not done.wait(0.2):
            self.put(message)


def control(setup, slot):
    if setup[:2] == b"\x80\x06":
        index, kind, room = setup[2], setup[3], int.from_bytes(setup[6:8], "little")
        found = {1: DEVICE, 2: CONFIG, 3: STRINGS.get(index)}.get(kind)
        return (OK, found[:room]) if found else (STALL, b"")
    return STALL, b""


def read(connection, n):
    data = b""
    while len(data) < n:
        more = connection.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def serve(connection, slot, count):
    with connection:
        op, endpoint, setup, wait_ms, length = REQUEST.unpack(read(connection, REQUEST.size))
        to_host = (setup[0] if op == 1 else endpoint) & 0x80
        data = b"" if to_host or op > 2 else read(connection, length)
        status, back, n = OK, b"", len(data)
        if op == 1:
            status, back = control(setup, slot)
        elif op == 3:
            back = struct.pack("<4I3Q", 1, 1, 1, 0, 0, 0, 0)
        elif endpoint == 0x01:
            slot.packet(data)
        elif endpoint == 0x82:
            message = slot.take(wait_ms / 1000 if wait_ms else None)
            status, back = (TIMEOUT, b"") if message is None else (OK, message)
        elif endpoint == 0x83:  # nothing ever happens
            connection.settimeout(wait_ms / 1000 if wait_ms else None)
            try:
                connection.recv(1)
                return  # the client has left
            except TimeoutError:
                status = TIMEOUT
        connection.sendall(RESPONSE.pack(status, len(back) or n) + back)
        count()


def main(argv):
    path, code, die_after = argv[argv.index("--usb") + 1], 0, None
    if "--exit-code" in argv:
        code = int(argv[argv.index("--exit-code") + 1])
    if "--die-after" in argv:
        die_after = int(argv[argv.index("--die-after") + 1])
    signal.signal(signal.SIGTERM, lambda *_: os._exit(code))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    slot, served = Slot(), []

    def count():
        served.append(1)
        if len(served) == die_after:
            os._exit(9)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, slot, count), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv)
