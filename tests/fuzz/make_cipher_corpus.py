#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of fuzz_cipher, one file each, into the folder given; the framing and the numbers are those of
fuzz_cipher.c: instruction (80 more: the rest is wrapped in an object 81), P1, P2, beginning, size, rest."""
import os
import sys

CIPHER, STREAM, _, STORE, GENERATE, WALLET, SIGN, DECIPHER = range(8)
WRAP = 0x80
P2 = {p2: i for i, p2 in enumerate([0x10, 0x11, 0x18, 0x99, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x80, 0xA0, 0xA1, 0xB0, 0xB3, 0xB4,
                                    0x00, 0x01, 7, 8])}
KEY_256, KEY_COUNTED, KEY_64, KEY_192, KEY_EC, KEY_HMAC, KEY_NEW = range(1, 8)
(NOTHING, ECB, CBC, OFB, CFB, GCM, CCM, CTR, CHACHA, HMAC, CMAC, GCM_192, CBC_192, CBC_128, XTS, XTS_64, HKDF, PBKDF2, PBKDF2_OPEN, X963,
 HD, MASTER_0, MASTER_1, PATH, LABEL, OFFSET, PEER) = range(27)
BLOCK = "202122232425262728292A2B2C2D2E2F"
SEED = "000102030405060708090A0B0C0D0E0F"


def stream(key, begin, pieces, more="", start=0x51):
    steps = [(STREAM, key, start, begin, more)]
    return steps + [(STREAM, key, 0x54, 0, p) for p in pieces[:-1]] + [(STREAM, key, 0x55, 0, pieces[-1])]


INPUTS = {
    "modes": [(CIPHER | WRAP, KEY_256, 0x51, b, BLOCK) for b in (ECB, CBC, OFB, CFB, GCM, CCM, CTR, CHACHA, HMAC, XTS)]
             + [(CIPHER | WRAP, KEY_64, 0x51, XTS_64, BLOCK + "3031"), (CIPHER | WRAP, KEY_192, 0x51, GCM_192, "616263"),
                (CIPHER | WRAP, KEY_192, 0x51, CBC_192, BLOCK)],
    "tags": [(CIPHER, KEY_256, 0x51, GCM, "8103616263 8303414243 85010C"), (CIPHER, KEY_256, 0x51, CCM, "8103616263 8303414243 850104"),
             (CIPHER, KEY_256, 0x52, GCM, "8113" + "00" * 19), (CIPHER, KEY_256, 0x52, CHACHA, "8113" + "00" * 19)],
    "simple": [(CIPHER, KEY_256, 0x10, NOTHING, BLOCK), (CIPHER, KEY_256, 0x11, NOTHING, BLOCK), (CIPHER, KEY_256, 0x18, NOTHING, "616263"),
               (CIPHER, KEY_256, 0x99, NOTHING, "616263"), (CIPHER, KEY_64, 0x10, NOTHING, BLOCK)],
    "counted": [(CIPHER, KEY_COUNTED, 0x10, NOTHING, BLOCK), (CIPHER, KEY_COUNTED, 0x10, NOTHING, "00"), (CIPHER, KEY_COUNTED, 0x99, 0, "00")]
               + stream(KEY_COUNTED, CBC_128, [BLOCK, BLOCK]) + stream(KEY_COUNTED, CMAC, ["61", "62"]),
    "streams": stream(KEY_256, CBC, [BLOCK[:12], BLOCK, BLOCK[12:]]) + stream(KEY_256, CTR, ["61", "62", ""]) + stream(KEY_256, GCM, ["61", "6263"])
               + stream(KEY_256, CMAC, ["61", "6263"]) + stream(KEY_64, HMAC, ["61", "6263"]) + stream(KEY_256, CHACHA, ["", "61"]),
    "stream_tag": stream(KEY_256, GCM, ["616263", "00" * 16], start=0x52) + stream(KEY_256, CHACHA, ["00" * 19], start=0x52)
                  + stream(KEY_256, GCM, ["616263", "00" * 12], more="85010C", start=0x52),
    "stream_order": [(STREAM, KEY_256, 0x51, GCM, ""), (STREAM, KEY_256, 0x53, 0, "4142"), (STREAM, KEY_256, 0x54, 0, "61"),
                     (STREAM, KEY_256, 0x53, 0, "43"), (STREAM, KEY_256, 0x54, 0, "61"), (STREAM, KEY_256, 0x51, CCM, "840400000003"),
                     (STREAM, KEY_256, 0x54, 0, "6162"), (STREAM, KEY_256, 0x55, 0, "63"), (STREAM, KEY_256, 0x51, CTR, ""),
                     (STREAM, KEY_64, 0x54, 0, "61"), (STREAM, KEY_256, 0x51, CTR, ""), (STREAM, KEY_256, 0x56, 0, "")],
    "stream_key_replaced": [(STREAM, KEY_256, 0x51, CTR, ""), (GENERATE, KEY_256, 0xB0, 0, ""), (STREAM, KEY_256, 0x54, 0, "61")],
    "kdfs": [(CIPHER | WRAP, KEY_256, 0x51, HKDF, "696E666F"), (CIPHER, KEY_256, 0x51, PBKDF2, ""), (CIPHER, KEY_256, 0x51, X963, "8304696E666F"),
             (CIPHER, KEY_256, 0x51, PBKDF2_OPEN, "0904015302030F4240"), (CIPHER, KEY_256, 0x51, PBKDF2_OPEN, "060401530 20100")],
    "store": [(STORE, KEY_256, KEY_NEW, HKDF, "8104696E666F 840120"), (STORE, KEY_192, 8, HKDF, "840110"), (STORE, KEY_192, 8, HKDF, "840110 910192"),
              (STORE, KEY_192, 8, HKDF, "840110 920100"), (CIPHER, KEY_NEW, 0x18, 0, "616263")],
    "store_agreed": [(STORE, KEY_EC, KEY_NEW, PEER, "060B2A864886F70D010910031D 840120 910110"),
                     (STORE, KEY_EC, 8, PEER, "060B2A864886F70D010910031D 840120"), (DECIPHER, KEY_EC, 0x80, 0, "04" + "11" * 64)],
    "generate": [(GENERATE, KEY_NEW, p2, 0, more) for p2, more in ((0xB0, ""), (0xB3, "910151"), (0xB4, "840107"), (0xB4, "840180 940103"),
                                                                   (0xB0, "8401"), (0xB3, "940102"))],
    "wallet": [(WALLET, 3, 0x00, PATH, ""), (WALLET, 3, 0x00, MASTER_0, ""), (WALLET, 4, 0x00, MASTER_0, ""), (SIGN, 0, 0xA0, 0, SEED * 2),
               (SIGN, 0, 0xA0, 0, SEED * 2), (WALLET, 4, 0x00, LABEL, ""), (CIPHER | WRAP, 0, 0x51, HD, BLOCK), (WALLET, 0, 0x01, 0, SEED),
               (WALLET, 3, 0x00, LABEL, ""), (WALLET, 4, 0x00, MASTER_1, ""), (CIPHER | WRAP, 0, 0x52, HD, BLOCK)],
    "other_keys": [(CIPHER, KEY_EC, 0x10, 0, BLOCK), (CIPHER | WRAP, KEY_HMAC, 0x51, HMAC, "61"), (CIPHER | WRAP, KEY_HMAC, 0x51, ECB, BLOCK),
                   (STREAM, KEY_HMAC, 0x51, CTR, ""), (STREAM, KEY_EC, 0x51, CTR, ""), (SIGN, KEY_EC, 0x51, 0, "61")],
}


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for name, steps in INPUTS.items():
        out = b""
        for what, p1, p2, beginning, text in steps:
            rest = bytes.fromhex(text.replace(" ", ""))
            out += bytes([what, p1, P2[p2], beginning, len(rest)]) + rest
        with open(os.path.join(folder, name), "wb") as f:
            f.write(out)


if __name__ == "__main__":
    main(sys.argv[1])
