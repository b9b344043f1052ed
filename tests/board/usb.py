#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host on the emulator's socket (emulator/protocol.h), for what pcscd does not do.

    usb.py SOCKET state [NAME]          what the emulator counts, or one of it
    usb.py SOCKET id                    VID:PID
    usb.py SOCKET string N              string descriptor N
    usb.py SOCKET descriptor TYPE [N]   a descriptor in hex
    usb.py SOCKET control HEX [DATA]    a control transfer: 8 bytes of setup, data to the device; prints what comes back
    usb.py SOCKET power-cycle           off and on again
    usb.py SOCKET until NAME VALUE      waits, at most 20 s, until a number of `state` is VALUE or more
Ends with 0, or with 1 and STALL, TIMEOUT, GONE or FAULT.
"""
import socket
import struct
import sys
import time

CONTROL, DATA, STATE, POWER_CYCLE = 1, 2, 3, 4
REQUEST, RESPONSE = struct.Struct("<BB8s2xII"), struct.Struct("<iI")
NUMBERS = struct.Struct("<4I3Q")
NAMES = ("attached", "configured", "starts", "flash_operations", "instructions", "cycles", "emulated_us")
OUTCOMES = {-1: "STALL", -2: "TIMEOUT", -3: "GONE", -4: "FAULT"}


def receive(connection, n):
    data = b""
    while len(data) < n:
        more = connection.recv(n - len(data))
        if not more:
            sys.exit("the emulator hung up")
        data += more
    return data


def transfer(path, op, endpoint=0, setup=bytes(8), length=0, data=b"", timeout_ms=10000):
    """(outcome, bytes that came back)"""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(REQUEST.pack(op, endpoint, setup, timeout_ms, length) + data)
        status, size = RESPONSE.unpack(receive(connection, RESPONSE.size))
        from_device = op > DATA or (setup[0] if op == CONTROL else endpoint) & 0x80
        return status, receive(connection, size) if from_device else b""


def must(result):
    if result[0] != 0:
        sys.exit(OUTCOMES.get(result[0], f"outcome {result[0]}"))
    return result[1]


def control(path, setup, data=b""):
    return must(transfer(path, CONTROL, setup=setup, length=int.from_bytes(setup[6:8], "little"), data=data))


def descriptor(path, kind, index=0, language=0):
    return control(path, struct.pack("<BBBBHH", 0x80, 6, index, kind, language, 4096))


def state(path):
    return dict(zip(NAMES, NUMBERS.unpack(must(transfer(path, STATE, length=NUMBERS.size)))))


def until(path, name, value):
    for _ in range(400):
        if state(path)[name] >= value:
            return
        time.sleep(0.05)
    sys.exit(f"{name} stayed at {state(path)[name]}")


def main(path, what, *args):
    if what == "state":
        now = state(path)
        print(now[args[0]] if args else "\n".join(f"{name} {value}" for name, value in now.items()))
    elif what == "id":
        print("%04X:%04X" % struct.unpack_from("<HH", descriptor(path, 1), 8))
    elif what == "string":
        print(descriptor(path, 3, int(args[0]), 0x0409)[2:].decode("utf-16-le"))
    elif what == "descriptor":
        print(descriptor(path, *map(int, args)).hex())
    elif what == "control":
        print(control(path, *map(bytes.fromhex, args)).hex())
    elif what == "power-cycle":
        must(transfer(path, POWER_CYCLE))
    elif what == "until":
        until(path, args[0], int(args[1]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
