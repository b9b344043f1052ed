/* SPDX-License-Identifier: Apache-2.0 */
/* What must be rejected: the table of apdu.md 6 and those of the single commands, for the commands that exist. Each row
 * names its section. After each, nothing may have changed: flash image, object generation, LIST, PIN counters,
 * session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"
#include "wire/tlv.h"

#define Z4 "00000000"
#define Z16 Z4 Z4 Z4 Z4
#define Z32 Z16 Z16
#define Z128 Z32 Z32 Z32 Z32
#define PINS "8106" RIG_USER_PIN "8208" RIG_SO_PIN
#define OID_EC "060A04007F00070202020203"
#define OID_RSA "060A04007F00070202020102"
#define P256_P "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"
#define P256_G                                                                                                         \
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C2964FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315E" \
    "CE"                                                                                                               \
    "CBB6406837BF51F5"
#define P25519 "81207FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED"
#define DI_SHA256 "3031300D060960864801650304020105000420" Z32

enum as { AS_NOBODY, AS_USER };

struct row {
    enum as as;
    uint8_t ins, p1, p2;
    const char *data;
    uint32_t ne;
    uint16_t sw, or_sw; /* a second word where apdu.md leaves the choice */
    const char *section;
};

/* Key 1 is a P-256 key, key 2 an RSA-1024 key; CF01 and CD01 exist; CC05 may be generated. No EF is current. */
/* clang-format off */
static const struct row rows[] = {
    /* 2, SELECT */
    {AS_NOBODY, 0xA4, 0x04, 0x00, "", 256, 0x6700, 0x6A82, "2.2: data 1..16 bytes"},
    {AS_NOBODY, 0xA4, 0x04, 0x00, "E82B0601040181C31F0201 0000000000 00", 256, 0x6700, 0x6A82, "2.2: data 1..16 bytes"},
    {AS_NOBODY, 0xA4, 0x04, 0x00, "E82B0601040181C31F02", 256, 0x6A82, 0, "2.2: shorter than the AID"},
    {AS_NOBODY, 0xA4, 0x04, 0x00, "E82B0601040181C31F0202", 256, 0x6A82, 0, "2.2: another AID"},
    {AS_NOBODY, 0xA4, 0x04, 0x00, "A000000063504B43532D3135", 256, 0x6A82, 0, "2.1: PKCS#15 AID"},
    {AS_NOBODY, 0xA4, 0x04, 0x01, "E82B0601040181C31F0201", 256, 0x6A86, 0, "2.2: last occurrence"},
    {AS_NOBODY, 0xA4, 0x04, 0x02, "E82B0601040181C31F0201", 256, 0x6A86, 0, "2.2: next occurrence"},
    {AS_NOBODY, 0xA4, 0x04, 0x03, "E82B0601040181C31F0201", 256, 0x6A86, 0, "2.2: previous occurrence"},
    {AS_NOBODY, 0xA4, 0x04, 0xFF, "E82B0601040181C31F0201", 256, 0x6A86, 0, "2.2: P2"},
    {AS_NOBODY, 0xA4, 0x00, 0x00, "2F", 256, 0x6700, 0, "2.3: one byte"},
    {AS_NOBODY, 0xA4, 0x00, 0x00, "2F0200", 256, 0x6700, 0, "2.3: three bytes"},
    {AS_NOBODY, 0xA4, 0x01, 0x00, "", 256, 0x6700, 0, "2.3: none"},
    {AS_NOBODY, 0xA4, 0x02, 0x00, "2F", 256, 0x6700, 0, "2.3: one byte"},
    {AS_NOBODY, 0xA4, 0x08, 0x00, "", 256, 0x6700, 0, "2.3: path of no element"},
    {AS_NOBODY, 0xA4, 0x08, 0x00, "3F002F", 256, 0x6700, 0, "2.3: odd path"},
    {AS_NOBODY, 0xA4, 0x09, 0x00, "2F", 256, 0x6700, 0, "2.3: odd path"},
    {AS_NOBODY, 0xA4, 0x03, 0x00, "2F02", 256, 0x6700, 0x6A86, "2.3: P1 03 takes no data"},
    {AS_NOBODY, 0xA4, 0x05, 0x00, "2F02", 256, 0x6A86, 0, "2.3: P1 other"},
    {AS_NOBODY, 0xA4, 0x06, 0x00, "2F02", 256, 0x6A86, 0, "2.3: P1 other"},
    {AS_NOBODY, 0xA4, 0x07, 0x00, "2F02", 256, 0x6A86, 0, "6: P1 07"},
    {AS_NOBODY, 0xA4, 0x0A, 0x00, "2F02", 256, 0x6A86, 0, "2.3: P1 other"},
    {AS_NOBODY, 0xA4, 0xFF, 0x00, "2F02", 256, 0x6A86, 0, "2.3: P1 other"},
    {AS_NOBODY, 0xA4, 0x00, 0x01, "2F02", 256, 0x6A86, 0, "2.3: P2 other"},
    {AS_NOBODY, 0xA4, 0x00, 0x08, "2F02", 256, 0x6A86, 0, "2.3: P2 08 is for AIDs"},
    {AS_NOBODY, 0xA4, 0x00, 0x80, "2F02", 256, 0x6A86, 0, "2.3: P2 other"},
    {AS_USER,   0xA4, 0x00, 0x00, "0000", 256, 0x6A82, 0, "6: FID 0000"},
    {AS_USER,   0xA4, 0x00, 0x00, "FFFF", 256, 0x6A82, 0, "6: FID FFFF"},
    {AS_USER,   0xA4, 0x00, 0x00, "C701", 256, 0x6A82, 0, "2.3: C7xx"},
    {AS_USER,   0xA4, 0x00, 0x00, "C777", 256, 0x6A82, 0, "2.3: C7xx"},
    {AS_USER,   0xA4, 0x00, 0x00, "D001", 256, 0x6A82, 0, "6: internal names"},
    {AS_USER,   0xA4, 0x00, 0x00, "D2EF", 256, 0x6A82, 0, "6: internal names"},
    {AS_USER,   0xA4, 0x00, 0x00, "1001", 256, 0x6A82, 0, "6: internal names (ours)"},
    {AS_USER,   0xA4, 0x00, 0x00, "1002", 256, 0x6A82, 0, "6: internal names (ours)"},
    {AS_USER,   0xA4, 0x00, 0x00, "1090", 256, 0x6A82, 0, "6: internal names"},
    {AS_USER,   0xA4, 0x00, 0x00, "E010", 256, 0x6A82, 0, "6: internal names"},
    {AS_USER,   0xA4, 0x00, 0x00, "CC77", 256, 0x6A82, 0, "2.3: unknown key"},
    {AS_USER,   0xA4, 0x00, 0x00, "CF77", 256, 0x6A82, 0, "2.3: unknown file"},
    {AS_USER,   0xA4, 0x08, 0x00, "3F00CF77", 256, 0x6A82, 0, "2.3: unknown file by path"},
    /* 3.1, LIST */
    {AS_NOBODY, 0x58, 0x00, 0x01, "", 256, 0x6A86, 0, "3.1: P1 P2"},
    {AS_NOBODY, 0x58, 0x01, 0x00, "", 256, 0x6A86, 0, "3.1: P1 P2"},
    /* 3.2, INITIALIZE: "everything is checked before anything is changed" */
    {AS_USER, 0x50, 0x01, 0x00, PINS, 0, 0x6A86, 0, "3.2: P1"},
    {AS_USER, 0x50, 0x00, 0x01, PINS, 0, 0x6A86, 0, "3.2: P2"},
    {AS_USER, 0x50, 0x00, 0x01, "", 256, 0x6A86, 0, "3.2: P2 of the query"},
    {AS_USER, 0x50, 0x00, 0x00, "80020001 8106" RIG_USER_PIN "8208 35373632313838", 0, 0x6A80, 0,
     "1.9: TLV past the end (DP-12)"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "91", 0, 0x6A80, 0, "6: tag without length"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9102 03", 0, 0x6A80, 0, "1.9: TLV past the end"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9A83000002 0001", 0, 0x6A80, 0, "1.9: length 83"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9A8400000002 0001", 0, 0x6A80, 0, "1.9: length 84"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9180 03 0000", 0, 0x6A80, 0, "1.9: indefinite length"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "8001 01", 0, 0x6A80, 0, "3.2: 80 not 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "8003 000001", 0, 0x6A80, 0, "3.2: 80 not 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "8000", 0, 0x6A80, 0, "3.2: 80 not 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9100", 0, 0x6A80, 0, "3.2: 91 not 1 byte"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9102 0003", 0, 0x6A80, 0, "3.2: 91 not 1 byte"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9101 00", 0, 0x6A80, 0, "3.2: retry counter 0"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9101 0B", 0, 0x6A80, 0, "3.2: retry counter over 10"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9101 0F", 0, 0x6A80, 0, "3.2: upstream accepts 15"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9200", 0, 0x6A80, 0, "3.2: 92 not 1 byte"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9202 0001", 0, 0x6A80, 0, "3.2: 92 not 1 byte"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9300", 0, 0x6A80, 0, "3.2: 93 not 1 or 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9301 01", 0, 0x6A80, 0, "6: 93 with 1 byte"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9303 020101", 0, 0x6A80, 0, "3.2: 93 not 1 or 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9302 0102", 0, 0x6A80, 0, "6: m > n"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9302 0100", 0, 0x6A80, 0, "6: m = 0"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9302 0000", 0, 0x6A80, 0, "6: n = m = 0"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9302 0901", 0, 0x6A80, 0, "3.2: n > 8"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9700", 0, 0x6A80, 0, "3.2: 97 not 1 byte"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9702 0001", 0, 0x6A80, 0, "3.2: 97 not 1 byte"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9701 00", 0, 0x6A80, 0, "6: 97 = 0"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9701 11", 0, 0x6A80, 0, "6: 97 > 16"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9A01 00", 0, 0x6A80, 0, "6: 9A not 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9A03 000000", 0, 0x6A80, 0, "6: 9A not 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9A00", 0, 0x6A80, 0, "6: 9A not 2 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9A02 0010", 0, 0x6A80, 0, "6: 9A unknown bit"},
    {AS_USER, 0x50, 0x00, 0x00, PINS "9A02 8000", 0, 0x6A80, 0, "6: 9A unknown bit"},
    {AS_USER, 0x50, 0x00, 0x00, "8106" RIG_USER_PIN, 0, 0x6A80, 0, "3.2: 82 missing (DP-17)"},
    {AS_USER, 0x50, 0x00, 0x00, "8208" RIG_SO_PIN, 0, 0x6A80, 0, "3.2: 81 missing while 93 is absent"},
    {AS_USER, 0x50, 0x00, 0x00, "80020001", 0, 0x6A80, 0, "3.2: both missing"},
    {AS_USER, 0x50, 0x00, 0x00, "8106" RIG_USER_PIN "8200", 0, 0x6A80, 0, "3.2: 82 empty"},
    {AS_USER, 0x50, 0x00, 0x00, "8100 8208" RIG_SO_PIN, 0, 0x6A80, 0, "3.2: 81 empty while 93 is absent"},
    {AS_USER, 0x50, 0x00, 0x00, "8106" RIG_USER_PIN "8200 9302 0101", 0, 0x6A80, 0, "3.2: 82 empty, with 93"},
    {AS_USER, 0x50, 0x00, 0x00, "8105 3132333435 8208" RIG_SO_PIN, 0, 0x6A80, 0, "3.2: PIN of 5 bytes (DP-18)"},
    {AS_USER, 0x50, 0x00, 0x00, "8111" Z16 "00 8208" RIG_SO_PIN, 0, 0x6A80, 0, "3.2: PIN of 17 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, "8105 3132333435 8208" RIG_SO_PIN "9302 0101", 0, 0x6A80, 0,
     "3.2: PIN of 5 bytes, with 93"},
    {AS_USER, 0x50, 0x00, 0x00, "8106" RIG_USER_PIN "8205 3132333435", 0, 0x6A80, 0, "3.2: SO-PIN of 5 bytes"},
    {AS_USER, 0x50, 0x00, 0x00, "8106" RIG_USER_PIN "8211" Z16 "00", 0, 0x6A80, 0, "3.2: SO-PIN of 17 bytes"},
    /* 3.3, READ BINARY */
    {AS_NOBODY, 0xB1, 0x2F, 0x02, "", 256, 0x6700, 0, "3.3: missing data [T test_011]"},
    {AS_NOBODY, 0xB1, 0x2F, 0x02, "53020000", 256, 0x6700, 0, "3.3: tag other than 54"},
    {AS_NOBODY, 0xB1, 0x2F, 0x02, "54050000000000", 256, 0x6700, 0, "3.3: LL > 4"},
    {AS_NOBODY, 0xB1, 0x2F, 0x02, "54030000", 256, 0x6700, 0, "3.3: truncated"},
    {AS_NOBODY, 0xB1, 0x2F, 0x02, "54FF0000", 256, 0x6700, 0, "3.3: truncated"},
    {AS_NOBODY, 0xB1, 0x2F, 0x02, "54", 256, 0x6700, 0, "3.3: tag without length"},
    {AS_NOBODY, 0xB1, 0x2F, 0x02, "548300000200 00", 256, 0x6700, 0x6A80, "3.3, 1.9: length 83"},
    {AS_NOBODY, 0xB1, 0x00, 0x01, "54020000", 256, 0x6A82, 0, "3.3: short file id"},
    {AS_NOBODY, 0xB1, 0x00, 0x1E, "54020000", 256, 0x6A82, 0, "3.3: short file id"},
    {AS_NOBODY, 0xB1, 0x00, 0x00, "54020000", 256, 0x6A82, 0, "6: no current EF"},
    {AS_NOBODY, 0xB0, 0x00, 0x00, "", 256, 0x6A82, 0, "3.3: no current EF"},
    {AS_NOBODY, 0xB0, 0x82, 0x00, "", 256, 0x6A82, 0, "3.3: SFID in P1"},
    {AS_NOBODY, 0xB0, 0x9E, 0x00, "", 256, 0x6A82, 0, "3.3: SFID in P1"},
    {AS_USER, 0xB1, 0xCF, 0x77, "54020000", 256, 0x6A82, 0, "3.3: does not exist"},
    {AS_USER, 0xB1, 0x3F, 0x00, "54020000", 256, 0x6A82, 0, "3.3: the MF is no EF"},
    {AS_USER, 0xB1, 0xFF, 0xFF, "54020000", 256, 0x6A82, 0, "3.3: no such file"},
    {AS_USER, 0xB1, 0xCC, 0x00, "54020000", 256, 0x6982, 0, "3.3: CC00 never"},
    {AS_USER, 0xB1, 0xCC, 0x01, "54020000", 256, 0x6982, 0, "3.3: CCkk never"},
    {AS_USER, 0xB1, 0xCC, 0x77, "54020000", 256, 0x6982, 0, "3.3: CCkk, no such key"},
    {AS_USER, 0xB1, 0xC7, 0x01, "54020000", 256, 0x6982, 0, "3.3: C7kk, key exists [T]"},
    {AS_USER, 0xB1, 0xC7, 0x77, "54020000", 256, 0x6A82, 0, "3.3: C7kk, no such key [T]"},
    {AS_USER, 0xB1, 0xD0, 0x01, "54020000", 256, 0x6982, 0, "3.3: D0kk, key exists [T]"},
    {AS_USER, 0xB1, 0xD1, 0x01, "54020000", 256, 0x6982, 0, "3.3: D1kk, key exists [T]"},
    {AS_USER, 0xB1, 0xD2, 0xEF, "54020000", 256, 0x6982, 0, "3.3: D2EF, a key exists [T]"},
    {AS_USER, 0xB1, 0xD2, 0xF3, "54020000", 256, 0x6982, 0, "3.3: D2F3, a key exists [T]"},
    {AS_USER, 0xB1, 0xE0, 0x01, "54020000", 256, 0x6982, 0, "3.3: E001, a key exists [T]"},
    {AS_USER, 0xB1, 0xD0, 0x77, "54020000", 256, 0x6A82, 0, "3.3: D0kk, no such key or file"},
    /* 3.4, UPDATE BINARY */
    {AS_USER, 0xD7, 0x00, 0x00, "54020000 5301AA", 0, 0x6A82, 0, "3.4: no current EF"},
    {AS_USER, 0xD7, 0x00, 0x1E, "54020000 5301AA", 0, 0x6A82, 0x6A86, "3.3: short file id"},
    {AS_USER, 0xD7, 0xFF, 0xFF, "54020000 5301AA", 0, 0x6A82, 0x6A86, "6: FID FFFF"},
    {AS_USER, 0xD7, 0x3F, 0x00, "54020000 5301AA", 0, 0x6A82, 0x6A86, "6: FID 3F00"},
    {AS_USER, 0xD7, 0x50, 0x15, "54020000 5301AA", 0, 0x6A82, 0x6A86, "6: FID 5015"},
    {AS_USER, 0xD7, 0xCF, 0x05, "54020000 5302AA", 0, 0x6A80, 0, "6: 53 longer than the rest, new file"},
    {AS_USER, 0xD7, 0xCF, 0x01, "54020000 5302AA", 0, 0x6A80, 0, "6: 53 longer than the rest"},
    {AS_USER, 0xD7, 0xCF, 0x01, "54020000 538200 02AA", 0, 0x6A80, 0, "3.4: 53 truncated"},
    {AS_USER, 0xD7, 0xCF, 0x01, "54020000 53", 0, 0x6A80, 0, "1.9: tag without length"},
    {AS_USER, 0xD7, 0xCF, 0x01, "540200", 0, 0x6A80, 0x6700, "3.4: 54 truncated"},
    {AS_USER, 0xD7, 0xCF, 0x01, "54020000 5383000001AA", 0, 0x6A80, 0, "1.9: length 83"},
    {AS_USER, 0xD7, 0xCF, 0x01, "54050000000000 5301AA", 0, 0x6700, 0, "3.4: LL > 4 [T test_011]"},
    {AS_USER, 0xD7, 0xCF, 0x01, "5402FFFF 5301AA", 0, 0x6984, 0, "3.4: gap (DP-22)"},
    {AS_USER, 0xD7, 0xCF, 0x01, "54020007 5301AA", 0, 0x6984, 0, "3.4: gap of one byte"},
    {AS_USER, 0xD7, 0xCF, 0x77, "54020001 5301AA", 0, 0x6984, 0, "3.4: offset, file missing"},
    {AS_USER, 0xD7, 0xCF, 0x02, "54020001 5301AA", 0, 0x6984, 0, "3.4: offset, file empty"},
    {AS_USER, 0xD7, 0xCF, 0x01, "5404FFFFFFFF 5301AA", 0, 0x6984, 0x6700, "3.4: offset + length over 32 bits"},
    {AS_USER, 0xD7, 0xCF, 0x01, "5404FFFFFFFE 5303AABBCC", 0, 0x6984, 0x6700, "3.4: offset + length over 32 bits"},
    {AS_USER, 0xD7, 0xCC, 0x00, "54020000 5301AA", 0, 0x6982, 0, "3.4: CC00"},
    {AS_USER, 0xD7, 0xCC, 0x01, "54020000 5301AA", 0, 0x6982, 0, "OD-11: CCkk"},
    {AS_USER, 0xD7, 0xCC, 0x77, "54020000 5301AA", 0, 0x6982, 0, "OD-11: CCkk, no such key"},
    {AS_USER, 0xD7, 0xCC, 0x77, "", 0, 0x6982, 0, "OD-11: CCkk, create"},
    {AS_USER, 0xD7, 0xC4, 0x00, "54020000 5301AA", 0, 0x6982, 0, "3.4: C400"},
    {AS_USER, 0xD7, 0x2F, 0x1E, "54020000 5301AA", 0, 0x6982, 0, "3.4: 2F1E"},
    {AS_USER, 0xD7, 0x2F, 0x1F, "54020000 5301AA", 0, 0x6982, 0, "3.4: 2F1F"},
    {AS_USER, 0xD7, 0xC7, 0x01, "54020000 5301AA", 0, 0x6982, 0, "3.4: C7kk [T]"},
    {AS_USER, 0xD7, 0xD0, 0x01, "54020000 5301AA", 0, 0x6982, 0, "3.4: D0kk of an existing key [T]"},
    {AS_USER, 0xD7, 0xD1, 0x01, "54020000 5301AA", 0, 0x6982, 0, "3.4: D1kk of an existing key [T]"},
    {AS_USER, 0xD7, 0xD2, 0xF0, "54020000 5301AA", 0, 0x6982, 0, "3.4: D2F0 while a key exists [T]"},
    {AS_USER, 0xD7, 0xE0, 0x01, "54020000 5301AA", 0, 0x6982, 0, "3.4: E001 while a key exists [T]"},
    /* 3.5, DELETE */
    {AS_USER, 0xE4, 0x00, 0x00, "CF", 0, 0x6700, 0, "6: Lc 1 (DP-23)"},
    {AS_USER, 0xE4, 0x00, 0x00, "CF0100", 0, 0x6700, 0, "6: Lc 3"},
    {AS_USER, 0xE4, 0x00, 0x00, "CF01CF02", 0, 0x6700, 0, "6: Lc 4"},
    {AS_USER, 0xE4, 0x00, 0x00, "", 0, 0x6A82, 0, "3.5: no current EF"},
    {AS_USER, 0xE4, 0x01, 0x00, "CF01", 0, 0x6A86, 0, "3.5: P1"},
    {AS_USER, 0xE4, 0x03, 0x00, "CF01", 0, 0x6A86, 0, "3.5: P1"},
    {AS_USER, 0xE4, 0x00, 0x02, "CF01", 0, 0x6A86, 0, "3.5: P2"},
    {AS_USER, 0xE4, 0x00, 0x00, "CF77", 0, 0x6A82, 0, "3.5: not existing"},
    {AS_USER, 0xE4, 0x00, 0x00, "CC77", 0, 0x6A82, 0, "3.5: not existing"},
    {AS_USER, 0xE4, 0x00, 0x00, "0000", 0, 0x6A82, 0, "3.5: not existing"},
    {AS_USER, 0xE4, 0x00, 0x00, "C701", 0, 0x6A82, 0, "3.5: C7kk [T]"},
    {AS_USER, 0xE4, 0x00, 0x00, "D001", 0, 0x6A82, 0, "3.5: D0kk [T]"},
    {AS_USER, 0xE4, 0x00, 0x00, "D101", 0, 0x6A82, 0, "3.5: D1kk [T]"},
    {AS_USER, 0xE4, 0x00, 0x00, "D2EF", 0, 0x6A82, 0, "3.5: D2EF [T]"},
    {AS_USER, 0xE4, 0x00, 0x00, "E001", 0, 0x6A82, 0, "3.5: E001 [T]"},
    {AS_USER, 0xE4, 0x02, 0x00, "2F00", 0, 0x6986, 0, "3.5: 2F00"},
    {AS_USER, 0xE4, 0x02, 0x00, "2F02", 0, 0x6986, 0, "3.5: 2F02 (DP-24)"},
    {AS_USER, 0xE4, 0x02, 0x00, "2F03", 0, 0x6986, 0, "3.5: 2F03"},
    {AS_USER, 0xE4, 0x02, 0x00, "5031", 0, 0x6986, 0, "3.5: 5031 (DP-24)"},
    {AS_USER, 0xE4, 0x02, 0x00, "CC00", 0, 0x6982, 0, "3.5: CC00 [T]"},
    {AS_USER, 0xE4, 0x02, 0x00, "C400", 0, 0x6982, 0, "3.5: C400"},
    {AS_USER, 0xE4, 0x02, 0x00, "CE00", 0, 0x6982, 0, "3.5: CE00"},
    {AS_USER, 0xE4, 0x02, 0x00, "2F1E", 0, 0x6982, 0, "3.5: 2F1E"},
    {AS_USER, 0xE4, 0x02, 0x00, "2F1F", 0, 0x6982, 0, "3.5: 2F1F"},
    {AS_USER, 0xE4, 0x02, 0x00, "1081", 0, 0x6982, 0, "3.5: 1081"},
    {AS_USER, 0xE4, 0x02, 0x00, "1001", 0, 0x6982, 0, "3.5: internal (ours)"},
    {AS_USER, 0xE4, 0x02, 0x00, "100E", 0, 0x6982, 0, "3.5: internal"},
    {AS_USER, 0xE4, 0x02, 0x00, "E010", 0, 0x6982, 0, "3.5: internal"},
    /* 3.6, GET CHALLENGE */
    {AS_NOBODY, 0x84, 0x00, 0x00, "", 0, 0x6700, 0, "3.6: no Le"},
    {AS_NOBODY, 0x84, 0x00, 0x00, "", 1025, 0x6700, 0, "3.6: Ne > 1024"},
    {AS_NOBODY, 0x84, 0x00, 0x00, "", 65536, 0x6700, 0, "3.6: Ne > 1024"},
    {AS_NOBODY, 0x84, 0x00, 0x01, "", 0, 0x6700, 0, "random bytes: no Le"},
    {AS_NOBODY, 0x84, 0x00, 0x01, "", 4097, 0x6700, 0, "random bytes: Ne > 4096"},
    {AS_NOBODY, 0x84, 0x00, 0x01, "", 65536, 0x6700, 0, "random bytes: Ne > 4096"},
    {AS_NOBODY, 0x84, 0x00, 0x01, "00", 8, 0x6700, 0, "random bytes: data"},
    {AS_NOBODY, 0x84, 0x00, 0x02, "", 8, 0x6A86, 0, "random bytes: P2"},
    {AS_NOBODY, 0x84, 0x01, 0x01, "", 8, 0x6A86, 0, "random bytes: P1"},
    /* 3.8, VERIFY; as user: the session goes on, since no PIN was presented */
    {AS_USER, 0x20, 0x01, 0x81, RIG_USER_PIN, 0, 0x6B00, 0, "3.8: P1"},
    {AS_USER, 0x20, 0xFF, 0x81, "", 0, 0x6B00, 0, "3.8: P1"},
    {AS_USER, 0x20, 0x00, 0x80, RIG_USER_PIN, 0, 0x6A88, 0, "3.8: P2 other"},
    {AS_USER, 0x20, 0x00, 0x82, RIG_USER_PIN, 0, 0x6A88, 0, "3.8: P2 other"},
    {AS_USER, 0x20, 0x00, 0x85, RIG_USER_PIN, 0, 0x6A88, 0, "3.8: 85"},
    {AS_USER, 0x20, 0x00, 0x86, "", 0, 0x6A88, 0, "3.8: 86"},
    {AS_USER, 0x20, 0x00, 0x01, "", 0, 0x6A88, 0, "3.8: P2 other"},
    {AS_USER, 0x20, 0x00, 0xA1, RIG_USER_PIN, 0, 0x6B00, 0, "3.8: P2 with bits 60"},
    {AS_USER, 0x20, 0x00, 0xC1, RIG_USER_PIN, 0, 0x6B00, 0, "3.8: P2 with bits 60"},
    {AS_USER, 0x20, 0x00, 0xE8, RIG_USER_PIN, 0, 0x6B00, 0, "3.8: P2 with bits 60"},
    {AS_USER, 0x20, 0x00, 0x81, Z16 "00", 0, 0x6700, 0, "3.8: > 16 bytes, no try consumed (DP-18)"},
    {AS_USER, 0x20, 0x00, 0x81, Z128, 0, 0x6700, 0, "3.8: > 16 bytes"},
    {AS_USER, 0x20, 0x00, 0x88, Z16 "00", 0, 0x6700, 0, "3.8: > 16 bytes"},
    /* 3.9, CHANGE REFERENCE DATA */
    {AS_USER, 0x24, 0x00, 0x81, "", 0, 0x6700, 0, "3.9: no data"},
    {AS_USER, 0x24, 0x00, 0x81, RIG_USER_PIN "3132333435", 0, 0x6700, 0, "3.9: Nc 11"},
    {AS_USER, 0x24, 0x00, 0x81, RIG_USER_PIN Z16 Z4 Z4 "000000", 0, 0x6700, 0, "3.9: Nc 33"},
    {AS_USER, 0x24, 0x00, 0x88, RIG_SO_PIN "313233", 0, 0x6700, 0, "3.9: Nc 11"},
    {AS_USER, 0x24, 0x00, 0x82, RIG_USER_PIN "313233343536", 0, 0x6B00, 0, "3.9: P2"},
    {AS_USER, 0x24, 0x00, 0x85, RIG_USER_PIN "313233343536", 0, 0x6B00, 0, "3.9: P2"},
    {AS_USER, 0x24, 0x01, 0x81, RIG_USER_PIN "313233343536", 0, 0x6B00, 0, "3.9: P1"},
    /* 3.10, RESET RETRY COUNTER */
    {AS_USER, 0x2C, 0x04, 0x81, "", 0, 0x6A86, 0, "3.10: P1 > 03"},
    {AS_USER, 0x2C, 0xFF, 0x81, RIG_SO_PIN, 0, 0x6A86, 0, "3.10: P1 > 03"},
    {AS_USER, 0x2C, 0x00, 0x88, RIG_SO_PIN RIG_USER_PIN, 0, 0x6A88, 0, "3.10: P2"},
    {AS_USER, 0x2C, 0x01, 0x85, RIG_SO_PIN, 0, 0x6A88, 0, "3.10: P2"},
    {AS_USER, 0x2C, 0x00, 0x81, RIG_SO_PIN "313233", 0, 0x6700, 0, "3.10: P1 00, Nc 11"},
    {AS_USER, 0x2C, 0x00, 0x81, "", 0, 0x6700, 0, "3.10: P1 00, Nc 0"},
    {AS_USER, 0x2C, 0x00, 0x81, Z32 "00", 0, 0x6700, 0, "3.10: P1 00, Nc 33"},
    {AS_USER, 0x2C, 0x01, 0x81, "3132333435", 0, 0x6700, 0, "3.10: P1 01, Nc 5"},
    {AS_USER, 0x2C, 0x01, 0x81, Z16 "00", 0, 0x6700, 0, "3.10: P1 01, Nc 17"},
    {AS_USER, 0x2C, 0x02, 0x81, "3132333435", 0, 0x6700, 0x6985, "3.10: P1 02, Nc 5"},
    {AS_USER, 0x2C, 0x02, 0x81, Z16 "00", 0, 0x6700, 0x6985, "3.10: P1 02, Nc 17"},
    {AS_USER, 0x2C, 0x03, 0x81, "00", 0, 0x6700, 0x6985, "3.10: P1 03, Nc 1"},
    {AS_USER, 0x2C, 0x02, 0x81, "313233343536", 0, 0x6985, 0, "3.10: no SO session"},
    {AS_USER, 0x2C, 0x03, 0x81, "", 0, 0x6985, 0, "3.10: no SO session"},
    /* 3.11, SESSION PIN, option 0004 is on */
    {AS_USER, 0x5A, 0x00, 0x81, "", 256, 0x6A86, 0, "3.11: other P1"},
    {AS_USER, 0x5A, 0x03, 0x81, "", 256, 0x6A86, 0, "3.11: other P1"},
    {AS_USER, 0x5A, 0x01, 0x88, "", 256, 0x6A88, 0, "3.11: other P2"},
    {AS_USER, 0x5A, 0x02, 0x00, "", 256, 0x6A88, 0, "3.11: other P2"},
    {AS_USER, 0x5A, 0x01, 0x81, "00", 256, 0x6700, 0, "3.11: data"},
    {AS_USER, 0x5A, 0x02, 0x81, "00", 256, 0x6700, 0, "3.11: data"},
    /* 3.12, GENERATE ASYMMETRIC KEY PAIR */
    {AS_USER, 0x46, 0x00, 0x00, "7F4910" OID_RSA "02020400", 256, 0x6A86, 0, "3.12: P1 00 (DP-31)"},
    {AS_USER, 0x46, 0x05, 0x00, "", 256, 0x6700, 0, "3.12: no 7F49"},
    {AS_USER, 0x46, 0x05, 0x00, "5F290100 4209555443413030303031", 256, 0x6700, 0, "3.12: no 7F49"},
    {AS_USER, 0x46, 0x05, 0x00, "7F490C" OID_EC, 256, 0x6700, 0, "3.12: EC without 81"},
    {AS_USER, 0x46, 0x05, 0x00, "7F490E" OID_EC "8100", 256, 0x6700, 0x6A81, "3.12: EC with an empty 81"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P25519, 256, 0x6700, 0, "3.12: Edwards or Montgomery without 83"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC
     "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFD", 256, 0x6A81, 0, "3.12: unknown prime"},
    {AS_USER, 0x46, 0x05, 0x00, "7F490F" OID_EC "810117", 256, 0x6A81, 0, "3.12: unknown prime"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492F" OID_EC
     "812100FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF", 256, 0x6A81, 0,
     "8.3: prime with a leading zero"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4950" OID_EC P256_P "8220" Z32, 256, 0x6A80, 0, "3.12: a of another curve"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4950" OID_EC P256_P "8320" Z32, 256, 0x6A80, 0, "3.12: b of another curve"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4950" OID_EC P256_P "8520" Z32, 256, 0x6A80, 0, "3.12: order of another curve"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4930" OID_EC P256_P "8400", 256, 0x6A80, 0, "3.12: empty base point"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4931" OID_EC P256_P "870102", 256, 0x6A80, 0, "3.12: cofactor 2"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4914" OID_RSA "02020400" "82020000", 256, 0x6A80, 0, "3.12: e = 0"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4913" OID_RSA "02020400" "820101", 256, 0x6A80, 0, "3.12: e = 1"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4913" OID_RSA "02020400" "820102", 256, 0x6A80, 0, "3.12: e = 2"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4915" OID_RSA "02020400" "8203010000", 256, 0x6A80, 0, "3.12: even e"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4917" OID_RSA "02020400" "82050100000001", 256, 0x6A80, 0, "3.12: e of 5 bytes"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4912" OID_RSA "02020400" "8200", 256, 0x6A80, 0, "3.12: empty e"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "020203F8", 256, 0x6A80, 0, "6: 1016 bits"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "02020200", 256, 0x6A80, 0, "6: 512 bits"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "02021008", 256, 0x6A80, 0, "6: 4104 bits"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "0202FFF8", 256, 0x6A80, 0, "6: 65528 bits"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "02020401", 256, 0x6A80, 0, "6: 1025 bits"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "02020804", 256, 0x6A80, 0, "6: 2052 bits"},
    {AS_USER, 0x46, 0x05, 0x00, "7F490F" OID_RSA "020108", 256, 0x6A80, 0, "3.12: size of 1 byte"},
    {AS_USER, 0x46, 0x05, 0x00, "7F490E" OID_RSA "0200", 256, 0x6A80, 0, "3.12: size of 0 bytes"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4911" OID_RSA "0203000800", 256, 0x6A80, 0, "3.12: size of 3 bytes"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910 060A04007F00070202020101 02020400", 256, 0x6A80, 0,
     "3.12: unknown OID (DP-32)"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E 060A04007F00070202020201" P256_P, 256, 0x6A80, 0, "3.12: unknown OID"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4922" P256_P, 256, 0x6A80, 0, "3.12: no OID"},
    {AS_USER, 0x46, 0x05, 0x00, "7F490F 060904007F000702020201 02020400", 256, 0x6A80, 0, "3.12: OID cut"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4900", 256, 0x6A80, 0, "3.12: empty 7F49"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4911" OID_RSA "02020400", 256, 0x6A80, 0, "1.9: 7F49 past the end"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "02030400", 256, 0x6A80, 0, "1.9: inner TLV past its parent"},
    {AS_USER, 0x46, 0x05, 0x00, "7F49", 256, 0x6A80, 0, "1.9: tag without length"},
    {AS_USER, 0x46, 0x05, 0x00, "7F", 256, 0x6A80, 0, "1.9: half a tag"},
    {AS_USER, 0x46, 0x05, 0x00, "4211" Z16 "00 7F4910" OID_RSA "02020400", 256, 0x6A80, 0, "6: CAR longer than 16"},
    {AS_USER, 0x46, 0x05, 0x00, "7F4910" OID_RSA "02020400 5F2011" Z16 "00", 256, 0x6A80, 0, "6: CHR longer than 16"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "9003000002", 256, 0x6A80, 0, "6: 90 not 4 bytes"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "90050000000002", 256, 0x6A80, 0, "6: 90 not 4 bytes"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "9121" Z32 "00", 256, 0x6A80, 0, "6: 91 longer than 32"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "9200", 256, 0x6A80, 0, "6: 92 not 1 byte"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "92020000", 256, 0x6A80, 0, "6: 92 not 1 byte"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "920110", 256, 0x6A80, 0, "6: 92 > 15"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "910184", 256, 0x6700, 0, "3.12: 84 without 92"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "910184 920100", 256, 0x6700, 0, "3.12: 84, domain without UID"},
    {AS_USER, 0x46, 0x05, 0x00, "7F492E" OID_EC P256_P "9101", 256, 0x6A80, 0, "1.9: metadata past the end"},
    {AS_NOBODY, 0x46, 0x05, 0x00, "", 256, 0x6982, 0, "1.10: authorisation before data"},
    {AS_NOBODY, 0x46, 0x00, 0x00, "", 256, 0x6A86, 0, "1.10: P1 before authorisation"},
    /* 3.14, SIGN: order of checks */
    {AS_NOBODY, 0x68, 0x77, 0xFF, "", 256, 0x6982, 0, "3.14: login first"},
    {AS_USER, 0x68, 0x77, 0xFF, "", 256, 0x6A82, 0, "3.14: then the key"},
    {AS_USER, 0x68, 0x01, 0xFF, "", 256, 0x6A86, 0, "3.14: then P2"},
    {AS_USER, 0x68, 0x01, 0x3F, "00", 256, 0x6A86, 0, "3.14: unknown P2"},
    {AS_USER, 0x68, 0x01, 0x00, "00", 256, 0x6A86, 0, "3.14: unknown P2"},
    {AS_USER, 0x68, 0x02, 0x6F, "00", 256, 0x6A86, 0, "3.14: unknown P2"},
    {AS_USER, 0x68, 0x01, 0x33, "616263", 256, 0x6400, 0, "3.14: RSA algorithm on an EC key"},
    {AS_USER, 0x68, 0x01, 0x20, Z128, 256, 0x6400, 0, "3.14: RSA algorithm on an EC key"},
    {AS_USER, 0x68, 0x01, 0x40, Z32, 256, 0x6400, 0, "3.14: RSA algorithm on an EC key"},
    {AS_USER, 0x68, 0x02, 0x70, Z32, 256, 0x6400, 0, "3.14: EC algorithm on an RSA key"},
    {AS_USER, 0x68, 0x02, 0x75, "616263", 256, 0x6400, 0, "3.14: EC algorithm on an RSA key"},
    {AS_USER, 0x68, 0x01, 0x33, "", 256, 0x6400, 0, "3.14: type before data"},
    {AS_USER, 0x68, 0x01, 0x70, "", 256, 0x6700, 0, "3.14: no data (DP-35)"},
    {AS_USER, 0x68, 0x01, 0x73, "", 256, 0x6700, 0, "3.14: no data"},
    {AS_USER, 0x68, 0x02, 0x20, "", 256, 0x6700, 0, "3.14: no data"},
    {AS_USER, 0x68, 0x02, 0x30, "", 256, 0x6700, 0, "3.14: no data"},
    {AS_USER, 0x68, 0x02, 0x33, "", 256, 0x6700, 0, "3.14: no data"},
    {AS_USER, 0x68, 0x02, 0x40, "", 256, 0x6700, 0, "3.14: no data"},
    {AS_USER, 0x68, 0x02, 0x43, "", 256, 0x6700, 0, "3.14: no data"},
    {AS_USER, 0x68, 0x02, 0x20, Z32 Z32 Z32 Z16 Z4 Z4 Z4 "000000", 256, 0x6700, 0, "3.14: raw, 127 bytes (DP-36)"},
    {AS_USER, 0x68, 0x02, 0x20, Z128 "00", 256, 0x6700, 0, "3.14: raw, 129 bytes"},
    {AS_USER, 0x68, 0x02, 0x20, "01", 256, 0x6700, 0, "3.14: raw, 1 byte"},
    {AS_USER, 0x68, 0x02, 0x20, DI_SHA256, 256, 0x6700, 0, "14.1: raw, a DigestInfo is not padded"},
    {AS_USER, 0x68, 0x02, 0x30, Z32, 256, 0x6A80, 0, "3.14: no DigestInfo"},
    {AS_USER, 0x68, 0x02, 0x30, DI_SHA256 "00", 256, 0x6A80, 0, "6: trailing byte"},
    {AS_USER, 0x68, 0x02, 0x30, "3031300D0609608648016503040201050004 1F" Z16 Z4 Z4 Z4 "000000", 256, 0x6A80, 0,
     "6: wrong lengths"},
    {AS_USER, 0x68, 0x02, 0x30, "3030300D060960864801650304020105000 41F" Z16 Z4 Z4 Z4 "000000", 256, 0x6A80, 0,
     "6: digest of 31 bytes"},
    {AS_USER, 0x68, 0x02, 0x30, "3031300D060960864801650304020405000420" Z32, 256, 0x6A80, 0,
     "6: SHA-224 with 32 bytes"},
    {AS_USER, 0x68, 0x02, 0x30, "3020300C06082A864886F70D020505000410" Z16, 256, 0x6A80, 0, "3.14: MD5"},
    {AS_USER, 0x68, 0x02, 0x30, "3021300906052B240302010500 0414" Z16 Z4, 256, 0x6A80, 0, "3.14: RIPEMD-160"},
    {AS_USER, 0x68, 0x02, 0x30, "3031300D060960864801650304020905000420" Z32, 256, 0x6A80, 0, "6: unknown OID"},
    {AS_USER, 0x68, 0x02, 0x40, "00", 256, 0x6700, 0, "3.14: PSS, 1 byte (DP-36)"},
    {AS_USER, 0x68, 0x02, 0x40, Z16 Z4 "00", 256, 0x6700, 0, "3.14: PSS, 21 bytes"},
    {AS_USER, 0x68, 0x02, 0x40, Z32 "00", 256, 0x6700, 0, "3.14: PSS, 33 bytes"},
    {AS_USER, 0x68, 0x02, 0x40, Z128, 256, 0x6700, 0, "3.14: PSS, modulus length: no raw operation"},
    {AS_USER, 0x68, 0x02, 0x40, DI_SHA256 "00", 256, 0x6700, 0, "3.14: PSS, DigestInfo with a trailing byte"},
    /* 3.15, DECIPHER */
    {AS_NOBODY, 0x62, 0x77, 0xFF, "", 256, 0x6982, 0, "3.15: login first"},
    {AS_USER, 0x62, 0x77, 0xFF, "", 256, 0x6A82, 0, "3.15: then the key"},
    {AS_USER, 0x62, 0x02, 0xFF, Z128, 256, 0x6B00, 0, "3.15: unknown P2"},
    {AS_USER, 0x62, 0x02, 0x20, Z128, 256, 0x6B00, 0, "3.15: unknown P2"},
    {AS_USER, 0x62, 0x01, 0x83, Z32, 256, 0x6B00, 0, "3.15: 83 not implemented"},
    {AS_USER, 0x62, 0x01, 0x21, Z128, 256, 0x6400, 0, "3.15: RSA algorithm on an EC key"},
    {AS_USER, 0x62, 0x01, 0x23, Z32, 256, 0x6400, 0, "3.15: type before data"},
    {AS_USER, 0x62, 0x02, 0x80, "04" Z32 Z32, 256, 0x6400, 0, "3.15: EC algorithm on an RSA key"},
    {AS_USER, 0x62, 0x02, 0x21, "", 256, 0x6700, 0, "3.15: no data"},
    {AS_USER, 0x62, 0x02, 0x21, Z32, 256, 0x6700, 0, "3.15: not modulus length"},
    {AS_USER, 0x62, 0x02, 0x21, Z128 "00", 256, 0x6700, 0, "3.15: not modulus length"},
    {AS_USER, 0x62, 0x02, 0x22, Z32, 256, 0x6700, 0, "3.15: not modulus length"},
    {AS_USER, 0x62, 0x02, 0x23, Z128 "00", 256, 0x6700, 0, "3.15: not modulus length"},
    {AS_USER, 0x62, 0x01, 0x80, "", 256, 0x6984, 0x6700, "3.15: no point"},
    {AS_USER, 0x62, 0x01, 0x80, "04", 256, 0x6984, 0, "3.15: half a point"},
    {AS_USER, 0x62, 0x01, 0x80, "00", 256, 0x6984, 0, "3.15: infinity"},
    {AS_USER, 0x62, 0x01, 0x80, "04" Z32 Z32, 256, 0x6984, 0, "3.15: not on the curve"},
    {AS_USER, 0x62, 0x01, 0x80, P256_G "00", 256, 0x6984, 0, "3.15: point and a byte"},
    {AS_USER, 0x62, 0x01, 0x80, "036B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296", 256, 0x6984, 0,
     "3.15: compressed"},
    {AS_USER, 0x62, 0x01, 0x80,
     "066B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C2964FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B31"
     "5ECECBB6406837BF51F5", 256, 0x6984, 0, "3.15: hybrid form"},
    {AS_USER, 0x62, 0x01, 0x80,
     "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C2964FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B31"
     "5ECECBB6406837BF51F4", 256, 0x6984, 0, "3.15: one bit off the curve"},
    {AS_USER, 0x62, 0x01, 0x80,
     "04FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF66485C780E2F83D72433BD5D84A06BB6541C2AF31DAE"
     "871728BF856A174F93F4", 256, 0x6984, 0, "3.15: x = p, not in range (x = 0 is on the curve)"},
    /* 6, DP-61: the device key serves no host */
    {AS_USER, 0x68, 0x00, 0x73, "616263", 256, 0x6985, 0, "6: SIGN with the device key"},
    {AS_USER, 0x68, 0x00, 0x70, Z32, 256, 0x6985, 0, "6: SIGN with the device key"},
    {AS_USER, 0x68, 0x00, 0xA0, Z32, 256, 0x6985, 0, "6: SIGN with the device key"},
    {AS_USER, 0x62, 0x00, 0x80, P256_G, 256, 0x6985, 0, "6: ECDH with the device key"},
    {AS_NOBODY, 0x68, 0x00, 0x73, "616263", 256, 0x6982, 0, "3.14: login first"},
};
/* clang-format on */

/* ---- what must stay as it is ---- */

static struct rig *card;

static int make_card(void **state)
{
    card = rig_ready(21, "80020025 910103");
    EXPECT_SW(rig_generate_ec(card, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_generate_rsa(card, 2, 1024, 0, ""), 0x9000);
    EXPECT_SW(rig_update(card, 0xCF01, 0, TEXT("public")), 0x9000);
    EXPECT_SW(rig_update(card, 0xCD01, 0, TEXT("private")), 0x9000);
    EXPECT_SW(rig_update(card, 0xCF02, 0, NO_BYTES), 0x9000);
    return 0;
}

static int free_card(void **state)
{
    rig_stop(card);
    hex_release();
    return 0;
}

/* Selecting ends whatever was current; VERIFY 81 of the user. */
static void enter(enum as as)
{
    rig_forget(card);
    hex_release();
    EXPECT_SW(rig_select(card), 0x9000);
    if (as == AS_USER) EXPECT_SW(rig_login(card), 0x9000);
}

static const char *all_words(void)
{
    return text_of("%04X %04X %s %u", rig_send(card, "00200081").sw, rig_send(card, "00200088").sw,
                   hex_of(rig_list(card).data), rig_generation(card));
}

static struct answer send_row(const struct row *row)
{
    return rig_command_hex(card, 0x80, row->ins, row->p1, row->p2, row->data, row->ne);
}

static void each_row_is_refused_and_changes_nothing(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        enter(rows[i].as);
        const char *name =
            text_of("row %zu: INS %02X %02X %02X %s", i, rows[i].ins, rows[i].p1, rows[i].p2, rows[i].section);
        const char *before = all_words();
        bytes image = rig_image(card);
        struct answer a = send_row(&rows[i]);
        if (a.sw != rows[i].or_sw) EXPECT_ROW(a, rows[i].sw, "", name);
        bool same = bytes_equal(image, rig_image(card));
        if (!same) print_error("%s: the flash changed\n", name);
        assert_true(same);
        assert_string_equal(all_words(), before);
    }
}

/* 1.9: cut each of these good commands at every byte: refused, nothing done (DP-12). */
static void no_truncated_template_takes_effect(void **state)
{
    static const struct {
        uint8_t ins, p1, p2;
        const char *data;
    } good[] = {
        {0x50, 0x00, 0x00, "800200258106" RIG_USER_PIN "8208" RIG_SO_PIN "91010392010297010193020201"},
        {0x46, 0x05, 0x00,
         "5F290100420955544341303030303 17F492E" OID_EC P256_P "5F2003414243900400000002910210119 20100"},
        {0xD7, 0xCF, 0x05, "540200005382000568656C6C6F"},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        size_t size = rig_hex(card, good[i].data).n;
        for (size_t n = 1; n < size; n++) {
            enter(AS_USER);
            bytes cut = rig_copy(card, bytes_first(rig_hex(card, good[i].data), n));
            if (tlv_well_formed(cut)) continue; /* cut between two objects: another good command */
            bytes image = rig_image(card);
            struct answer a = rig_command(card, 0x00, good[i].ins, good[i].p1, good[i].p2, cut, 256);
            if (a.sw != 0x6700) EXPECT_ROW(a, 0x6A80, "", text_of("cut %zu at %zu", i, n));
            assert_true(bytes_equal(image, rig_image(card)));
        }
    }
}

/* The same on a virgin card: CHANGE crashes upstream (DP-28); a virgin card has no PIN at all. */
static void virgin_card_has_no_pins(void **state)
{
    static const struct {
        const char *hex;
        uint16_t sw;
    } virgin_rows[] = {
        {"00200081", 0x6A88},
        {"0020008106" RIG_USER_PIN, 0x6A88},
        {"00200088", 0x6A88},
        {"0020008808" RIG_SO_PIN, 0x6A88},
        {"002400810C" RIG_USER_PIN RIG_USER_PIN, 0x6A88},
        {"0024008810" RIG_SO_PIN RIG_SO_PIN, 0x6A88},
        {"002C00810E" RIG_SO_PIN RIG_USER_PIN, 0x6A88},
        {"002C018108" RIG_SO_PIN, 0x6A88},
        {"002C028106" RIG_USER_PIN, 0x6A88},
        {"002C0381", 0x6A88},
    };
    struct rig *r = rig_start(22);
    EXPECT_SW(rig_select(r), 0x9000);
    bytes image = rig_image(r);
    for (size_t i = 0; i < COUNT(virgin_rows); i++) {
        SEND(r, virgin_rows[i].hex, virgin_rows[i].sw);
        assert_true(bytes_equal(image, rig_image(r)));
    }
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_refused_and_changes_nothing),
        cmocka_unit_test(no_truncated_template_takes_effect),
        CASE(virgin_card_has_no_pins),
    };
    return cmocka_run_group_tests(tests, make_card, free_card);
}
