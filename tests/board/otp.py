#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the fuses of an emulated RP2350, with a device secret in them as boards/rp2/otp_secret.h lays it out.

    otp.py OTP-FILE SECRET-FILE     the secret: 32 bytes, made if it is not there (chmod 600)
"""
import os
import struct
import sys

ROWS, FIRST, MARK = 4096, 0xD00, 0x5348
COVERS = (0xAD5B, 0x366D, 0xC78E, 0x07F0, 0xF800)  # RP2350 datasheet 13.6.1


def with_ecc(data):
    row = data
    for i, mask in enumerate(COVERS):
        row |= bin(data & mask).count("1") % 2 << 16 + i
    return row | bin(row).count("1") % 2 << 21


def secret_of(path):
    if not os.path.exists(path):
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as f:
            f.write(os.urandom(32))
    with open(path, "rb") as f:
        return f.read()


def main(otp, secret_file):
    half = struct.unpack("<16H", secret_of(secret_file))
    rows = [0] * ROWS
    rows[:12] = map(with_ecc, struct.unpack("<12H", os.urandom(24)))  # who the chip is
    rows[FIRST:FIRST + 33] = map(with_ecc, half + tuple(v ^ 0xFFFF for v in half) + (MARK,))
    with open(otp, "wb") as f:
        f.write(struct.pack(f"<{ROWS}I", *rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
