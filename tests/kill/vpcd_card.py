# SPDX-License-Identifier: Apache-2.0
"""The other end of the virtual HSM's cable: plays vpcd for a real pico-hsm process that can be killed.

Speaks frames and APDUs only; what the answers mean is left to the caller."""
import os
import signal
import socket
import struct
import subprocess
import time


class Died(Exception):
    """The process is gone, or its answer did not come whole."""


class VpcdCard:
    def __init__(self, program, image, log, extra=()):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.arguments = [program, "--image", image, "--size", "262144", "--vpcd", address, "--pin-cost", "chip"]
        self.arguments += extra
        self.log = log
        self.process = self.cable = None

    def start(self):
        """Runs the program until it has opened the image and connected; Died if it ends before."""
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 20
        self.listener.settimeout(0.5)
        while True:
            try:
                self.cable, _ = self.listener.accept()
                break
            except socket.timeout:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Died("exit code %s" % self.process.poll()) from None
        self.cable.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cable.settimeout(60)
        self.send(b"\x01")

    def send(self, frame):
        self.cable.sendall(struct.pack(">H", len(frame)) + frame)

    def _read(self, n):
        got = b""
        while len(got) < n:
            try:
                more = self.cable.recv(n - len(got))
            except ConnectionError:
                more = b""
            if not more:
                raise Died("the cable went silent")
            got += more
        return got

    def receive(self):
        """The answer to one command: data and status word."""
        answer = self._read(struct.unpack(">H", self._read(2))[0])
        return answer[:-2], struct.unpack(">H", answer[-2:])[0]

    def command(self, apdu):
        self.send(apdu)
        return self.receive()

    def kill(self):
        """No warning, no clean-up. What the process had sent before can still be received."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def unplug(self):
        if self.cable:
            self.cable.close()
        self.cable = None

    def stop(self):
        """Asks nicely; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        self.unplug()
        return code


def apdu(cla, ins, p1, p2, data=b"", ne=0):
    """Extended form throughout; ne 0: no Le, 65536: Le 0000."""
    out = bytes([cla, ins, p1, p2])
    if data:
        out += b"\x00" + struct.pack(">H", len(data)) + data
    if ne:
        out += (b"" if data else b"\x00") + struct.pack(">H", ne & 0xFFFF)
    return out


def tlv(tag, value):
    head = bytes([tag]) if tag < 0x100 else struct.pack(">H", tag)
    if len(value) < 0x80:
        return head + bytes([len(value)]) + value
    return head + b"\x82" + struct.pack(">H", len(value)) + value
