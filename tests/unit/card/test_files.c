/* SPDX-License-Identifier: Apache-2.0 */
/* Elementary files: LIST, READ, UPDATE and DELETE (apdu.md 3.1, 3.3 to 3.5, 2.3; formats.md 1). Which file is what, in
 * a table; content against plain arrays, large ones included; the current EF; a full card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"

#define CHUNK 1264u /* what card/files.h keeps in one value; the first holds 4 bytes less */

/* ---- what each file id is ---- */

/* clang-format off */
/* On an initialised card with key 01 (P-256) and nothing else. The words of: reading by nobody and by the user, before
 * anybody wrote the file; writing "A" by the user; reading again by nobody and by the user; deleting by the user. */
static const struct {
    uint16_t fid;
    uint16_t read_nobody, read_user, write, again_nobody, again_user, remove;
    const char *section;
} classes[] = {
    {0x2F00, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x6986, "formats 1.2 EF.DIR"},
    {0x2F01, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.2 EF.ATR"},
    {0x2F02, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x6986, "formats 1.2 device certificates"},
    {0x2F03, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x6986, "formats 1.2 TokenInfo"},
    {0x2F10, 0x6982, 0x6982, 0x9000, 0x6982, 0x6982, 0x9000, "formats 1.1 staging of wrapped keys"},
    {0x2F1E, 0x9000, 0x9000, 0x6982, 0x9000, 0x9000, 0x6982, "decisions: policy word"},
    {0x2F1F, 0x9000, 0x9000, 0x6982, 0x9000, 0x9000, 0x6982, "decisions: object generation"},
    {0x5031, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x6986, "formats 1.2 ODF"},
    {0x5032, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.2"},
    {0x5033, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.2"},
    {0x6040, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.2 PrKDF"},
    {0x6045, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.2 SKDF"},
    {0x604F, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "3.3 604F"},
    {0xC400, 0x9000, 0x9000, 0x6982, 0x9000, 0x9000, 0x6982, "3.4, 3.5 description of the device key"},
    {0xC401, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, "description of key 01"},
    {0xC405, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "description without a key"},
    {0xC801, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 C8"},
    {0xC901, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 C9"},
    {0xCA00, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 CA"},
    {0xCAFF, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 CA"},
    {0xCB01, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 CB: an ordinary file"},
    {0xCC00, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, "device key"},
    {0xCC01, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x9000, "key 01 (the last row that needs it)"},
    {0xCC05, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6A82, "no such key"},
    {0xCD00, 0x6982, 0x6A82, 0x9000, 0x6982, 0x9000, 0x9000, "formats 1.1 private"},
    {0xCD01, 0x6982, 0x6A82, 0x9000, 0x6982, 0x9000, 0x9000, "formats 1.1 private"},
    {0xCE00, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x6982, "request of the device key"},
    {0xCE01, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, "request of key 01"},
    {0xCF00, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 public data"},
    {0xCFFF, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 public data"},
    {0x0100, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 every other FID"},
    {0x4242, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 every other FID"},
    {0xFFFE, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 every other FID"},
    {0xE000, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "formats 1.1 every other FID"},
    {0xD041, 0x6A82, 0x6A82, 0x9000, 0x9000, 0x9000, 0x9000, "3.3 D0kk while no key 41 exists"},
    /* internal: 6982 for reading, writing, deleting, also when logged in (3.3, 3.4, 3.5) */
#define NEVER 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982
    {0x1081, NEVER, "user PIN"},       {0x1082, NEVER, "tries"},         {0x1083, NEVER, "tries"},
    {0x1088, NEVER, "SO-PIN"},         {0x1089, NEVER, "tries"},         {0x108A, NEVER, "tries"},
    {0x100A, NEVER, "master key"},     {0x100B, NEVER, "master key"},    {0x100E, NEVER, "options"},
    {0x10A0, NEVER, "key domains"},    {0x10C0, NEVER, "PKA"},           {0xE010, NEVER, "metadata"},
    {0x1070, NEVER, "XKEK"},           {0x107F, NEVER, "XKEK"},          {0x1090, NEVER, "DKEK"},
    {0x109F, NEVER, "DKEK"},           {0x10D0, NEVER, "PUK"},           {0x10D7, NEVER, "PUK"},
    {0x1110, NEVER, "HD seed"},        {0x1119, NEVER, "HD seed"},       {0x1001, NEVER, "ours: birth"},
    {0x1002, NEVER, "ours: state"},    {0xE020, NEVER, "PHY"},           {0xE0C1, NEVER, "rescue key"},
    /* upstream's containers */
    {0xC701, 0x6A82, 0x6A82, 0x6982, 0x6A82, 0x6A82, 0x6A82, "C7kk, the key has gone above"},
    {0xC777, 0x6A82, 0x6A82, 0x6982, 0x6A82, 0x6A82, 0x6A82, "C7kk without a key"},
};
/* clang-format on */

static uint16_t read_as(struct rig *r, bool user, uint16_t fid)
{
    EXPECT_SW(rig_select(r), 0x9000);
    if (user) EXPECT_SW(rig_login(r), 0x9000);
    return rig_read(r, fid, 0, 65536).sw;
}

static void every_file_has_its_rights(void **state)
{
    struct rig *r = rig_ready(200, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    for (size_t i = 0; i < COUNT(classes); i++) {
        uint16_t fid = classes[i].fid;
        const char *want = text_of("%04X %s: %04X %04X, %04X, %04X %04X, %04X", fid, classes[i].section,
                                   classes[i].read_nobody, classes[i].read_user, classes[i].write,
                                   classes[i].again_nobody, classes[i].again_user, classes[i].remove);
        unsigned nobody = read_as(r, false, fid), user = read_as(r, true, fid);
        unsigned write = rig_update(r, fid, 0, TEXT("A")).sw;
        unsigned again_nobody = read_as(r, false, fid), again_user = read_as(r, true, fid);
        unsigned removed = rig_delete(r, fid).sw;
        const char *got = text_of("%04X %s: %04X %04X, %04X, %04X %04X, %04X", fid, classes[i].section, nobody, user,
                                  write, again_nobody, again_user, removed);
        assert_string_equal(got, want);
        rig_forget(r);
    }
    rig_stop(r);
}

/* Nobody but the user writes or deletes anything, whatever it is: 6982 before all else (3.4, 3.5). */
static void only_the_user_writes(void **state)
{
    struct rig *r = rig_ready(201, "");
    for (unsigned so = 0; so < 2; so++) {
        EXPECT_SW(rig_select(r), 0x9000);
        if (so) EXPECT_SW(rig_login_so(r), 0x9000);
        bytes image = rig_image(r);
        for (unsigned fid = 0; fid <= 0xFFFF; fid += fid < 0x2000 || fid >= 0xC000 ? 37 : 511) {
            EXPECT_ROW(rig_update(r, (uint16_t)fid, 0, TEXT("A")), 0x6982, "", text_of("%04X", fid));
            EXPECT_ROW(rig_delete(r, (uint16_t)fid), 0x6982, "", text_of("%04X", fid));
            hex_release();
        }
        assert_true(bytes_equal(image, rig_image(r)));
    }
    rig_stop(r);
}

/* 3.3 [T test_013]: names of upstream's containers are closed while a key stands behind them; D041 written before stays
 * readable. */
static void containers_of_keys(void **state)
{
    struct rig *r = rig_ready(202, "");
    EXPECT_SW(rig_update(r, 0xD041, 0, TEXT("mine")), 0x9000);
    EXPECT_SW(rig_update(r, 0xD2F0, 0, TEXT("too")), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0x41, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_DATA(rig_read(r, 0xD041, 0, 9), 0x9000, "6D696E65");
    EXPECT_DATA(rig_read(r, 0xD2F0, 0, 9), 0x9000, "746F6F");
    EXPECT_SW(rig_update(r, 0xD041, 0, TEXT("A")), 0x6982);
    EXPECT_SW(rig_update(r, 0xD042, 0, TEXT("A")), 0x9000);
    EXPECT_SW(rig_read(r, 0xD141, 0, 9), 0x6982);
    EXPECT_SW(rig_read(r, 0xC741, 0, 9), 0x6982);
    EXPECT_SW(rig_read(r, 0xD2EF, 0, 9), 0x6982);
    EXPECT_SW(rig_read(r, 0xE001, 0, 9), 0x6982);
    EXPECT_SW(rig_update(r, 0xC741, 0, TEXT("A")), 0x6982);
    EXPECT_SW(rig_delete(r, 0xD041), 0x6A82);
    EXPECT_SW(rig_delete(r, 0xC741), 0x6A82);
    EXPECT_SW(rig_select_file(r, 0xC741), 0x6A82);
    EXPECT_SW(rig_delete(r, 0xCC41), 0x9000);
    EXPECT_SW(rig_read(r, 0xC741, 0, 9), 0x6A82);
    EXPECT_SW(rig_read(r, 0xD141, 0, 9), 0x6A82);
    EXPECT_DATA(rig_read(r, 0xD041, 0, 9), 0x9000, "6D696E65");
    EXPECT_SW(rig_delete(r, 0xD041), 0x9000);
    EXPECT_SW(rig_read(r, 0xD041, 0, 9), 0x6A82);
    rig_stop(r);
}

/* formats.md 1.2, 2.2: what stands in a fixed file that nobody has written */
static void fixed_files_have_their_content(void **state)
{
    static const uint16_t empty[] = {0x2F01, 0x5031, 0x5032, 0x5033, 0x6040, 0x6041, 0x6042, 0x6043, 0x6044, 0x6045};
    struct rig *r = rig_start(203);
    EXPECT_SW(rig_select(r), 0x9000);
    for (size_t i = 0; i < COUNT(empty); i++) EXPECT_DATA(rig_read(r, empty[i], 0, 256), 0x9000, "");
    EXPECT_DATA(rig_read(r, 0x2F00, 0, 256), 0x9000, "611C 4F0B" RIG_AID "500D 536D617274436172642D48534D");
    EXPECT_DATA(rig_read(r, 0x2F03, 0, 256), 0x9000,
                "3032 020101 0408 0102030405060708 0C10 5069636F2048534D2070726F6A656374 800D "
                "536D617274436172642D48534D 03020430");
    EXPECT_DATA(rig_read(r, 0x2F1F, 0, 256), 0x9000, "00000001");
    EXPECT_SW(rig_read(r, 0x5034, 0, 256), 0x6A82);
    rig_stop(r);
}

/* formats.md 2.2, apdu.md 3.2: sc-hsm-tool writes a label; DP-20: upstream crashes on it */
static void token_info_is_writable(void **state)
{
    struct rig *r = rig_ready(204, "");
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    bytes info = exact("301D 020102 0408 0102030405060708 800D 536D617274436172642D414243 0302 0430");
    EXPECT_SW(rig_update(r, 0x2F03, 0, info), 0x9000);
    EXPECT_SW(rig_delete(r, 0x2F03), 0x6986);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_DATA(rig_read(r, 0x2F03, 0, 256), 0x9000, hex_of(info));
    rig_stop(r);
}

/* ---- reading ---- */

/* CF01 holds ten bytes 00..09. */
/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } reads[] = {
    {"00B1CF0102 5400 00",             0x9000, "00010203040506070809", "LL 0: offset 0"},
    {"00B1CF0103 540100 00",           0x9000, "00010203040506070809", "LL 1"},
    {"00B1CF0103 540104 00",           0x9000, "040506070809", "LL 1"},
    {"00B1CF0104 54020004 00",         0x9000, "040506070809", "LL 2"},
    {"00B1CF0105 5403000004 00",       0x9000, "040506070809", "LL 3"},
    {"00B1CF0106 540400000004 00",     0x9000, "040506070809", "LL 4"},
    {"00B1CF0104 54020009 00",         0x9000, "09", "the last byte"},
    {"00B1CF0104 5402000A 00",         0x9000, "", "offset = size: no data [T test_012]"},
    {"00B1CF0104 5402000B 00",         0x6282, "", "offset > size"},
    {"00B1CF0104 5402FFFF 00",         0x6282, "", "offset > size"},
    {"00B1CF0106 54040000000B 00",     0x6282, "", "offset > size"},
    {"00B1CF0106 540400010000 00",     0x6282, "", "offset > size, 17 bits"},
    {"00B1CF0106 5404FFFFFFFF 00",     0x6282, "", "6: offset + Ne over 32 bits"},
    {"00B1CF0106 5404FFFFFFF6 0A",     0x6282, "", "6: offset + Ne over 32 bits"},
    {"00B1CF010000065404FFFFFFFF0000", 0x6282, "", "6: offset + Ne over 32 bits"},
    {"00B1CF0104 54020000 01",         0x9000, "00", "Ne 1"},
    {"00B1CF0104 54020008 02",         0x9000, "0809", "Ne = rest"},
    {"00B1CF0104 54020008 03",         0x9000, "0809", "Ne > rest: 9000, no 6282"},
    {"00B1CF0104 54020008",            0x9000, "", "no Le: no data"},
    {"00B1CF0104 5402000B",            0x6282, "", "no Le, offset > size"},
    {"00B1CF0100000454020000 0003",    0x9000, "000102", "extended Le"},
    {"00B1CF01000004540200000000",     0x9000, "00010203040506070809", "PY: extended, Ne 65536"},
    {"00B1CF0105 5481020004 00",       0x9000, "040506070809", "1.9: non-minimal length"},
    {"80B1CF0104 54020004 00",         0x9000, "040506070809", "class 80"},
    {"00B1CF0204 54020000 00",         0x9000, "", "an empty file"},
    {"00B1CF0204 54020001 00",         0x6282, "", "an empty file, offset > size"},
};
/* clang-format on */

static void reads_by_file_id(void **state)
{
    struct rig *r = rig_ready(205, "");
    EXPECT_SW(rig_update(r, 0xCF01, 0, exact(counting(10, 0))), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF02, 0, NO_BYTES), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    for (size_t i = 0; i < COUNT(reads); i++)
        EXPECT_ROW(rig_send(r, reads[i].hex), reads[i].sw, reads[i].data, reads[i].why);
    rig_stop(r);
}

/* 3.3 "Even INS B0": offset = 15-bit P1P2 on the current EF */
static void even_read_uses_the_current_file(void **state)
{
    struct rig *r = rig_ready(206, "");
    span content = exact_space(400);
    for (size_t i = 0; i < content.n; i++) content.p[i] = (uint8_t)(i / 2);
    EXPECT_SW(rig_update(r, 0xCF01, 0, view(content)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCD01, 0, TEXT("private")), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "00B0000001", 0x6A82);
    SEND(r, "00A4000C02CF01", 0x9000);
    SEND_DATA(r, "00B0000004", 0x9000, "00000101");
    SEND_DATA(r, "00B0010002", 0x9000, "8080");
    SEND_DATA(r, "00B0018F02", 0x9000, "C7");
    SEND_DATA(r, "00B0019002", 0x9000, "");
    SEND_DATA(r, "00B0019102", 0x6282, "");
    SEND_DATA(r, "00B07FFF02", 0x6282, "");
    SEND_DATA(r, "00B0800002", 0x6A82, "");
    SEND_DATA(r, "00B0000001", 0x9000, "00"); /* still current */
    SEND(r, "00A4000C02CD01", 0x9000);
    SEND_DATA(r, "00B0000001", 0x6982, "");
    SEND(r, "00A4000C021081", 0x9000);
    SEND_DATA(r, "00B0000001", 0x6982, "");
    SEND(r, "00A4000C02CC00", 0x9000);
    SEND_DATA(r, "00B0000001", 0x6982, "");
    rig_stop(r);
}

/* ---- SELECT of files (2.3) ---- */

/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } selects[] = {
    {"00A40000022F0200",         0x9000, NULL, "by FID"},
    {"00A40000022F1E00",         0x9000, "620E 81020002 820101 83022F1E 8A0105", "P2 00"},
    {"00A40004022F1E00",         0x9000, "620E 81020002 820101 83022F1E 8A0105", "P2 04"},
    {"00A4000C022F1E00",         0x9000, "", "P2 0C: no data (DP-13)"},
    {"00A40000022F1E",           0x9000, "", "no Le"},
    {"00A40200022F1E00",         0x9000, "620E 81020002 820101 83022F1E 8A0105", "P1 02"},
    {"00A40100022F1E00",         0x9000, "620E 81020002 820101 83022F1E 8A0105", "P1 01"},
    {"00A40800022F1E00",         0x9000, "620E 81020002 820101 83022F1E 8A0105", "path of one element (OSC)"},
    {"00A40800043F002F1E00",     0x9000, "620E 81020002 820101 83022F1E 8A0105", "path with 3F00"},
    {"00A4080004 5015 2F1E 00",  0x9000, "620E 81020002 820101 83022F1E 8A0105", "path through 5015"},
    {"00A4090006 3F00 5015 2F1E 00", 0x9000, "620E 81020002 820101 83022F1E 8A0105", "path of three"},
    {"00A40000000000022F1E0000", 0x6700, "", "no APDU at all"},
    {"00A40000000002 2F1E 0000", 0x9000, "620E 81020002 820101 83022F1E 8A0105", "PY: extended"},
    {"00A4000000",               0x9000, "620E 81020000 820138 83023F00 8A0105", "MF, no data"},
    {"00A40000023F0000",         0x9000, "620E 81020000 820138 83023F00 8A0105", "MF"},
    {"00A40000",                 0x9000, "", "MF, case 1"},
    {"00A4030000",               0x9000, "620E 81020000 820138 83023F00 8A0105", "P1 03: the parent is the MF (DP-15)"},
    {"00A4000002CC0000",         0x9000, "620E 81020000 820108 8302CC00 8A0105", "key: size 0, type 08"},
    {"00A4000002CC0100",         0x9000, "620E 81020000 820108 8302CC01 8A0105", "key without metadata"},
    {"00A4000002CC0200",         0x9000, "621E 81020000 820108 8302CC02 8A0105 A5810D 900400000002 91021011 920100",
     "key with metadata"},
    {"00A4000002CD0100",         0x9000, "620E 81020007 820101 8302CD01 8A0105", "private file: size without PIN"},
    {"00A4000002CE0000",         0x9000, NULL, "CE00"},
    {"00A4000002108100",         0x9000, NULL, "2.3: 1081 can be selected"},
    {"00A4000002CF0100",         0x9000, "620E 8102FFFF 820101 8302CF01 8A0105", "size capped at FFFF"},
    {"00A4000002CF0200",         0x9000, "620E 81020000 820101 8302CF02 8A0105", "empty file"},
    {"00A4000002CF7700",         0x6A82, "", "unknown"},
};
/* clang-format on */

static void selects_of_files(void **state)
{
    struct rig *r = rig_ready(207, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, "92010091021011900400000002"), 0x9000);
    EXPECT_SW(rig_update(r, 0xCD01, 0, TEXT("private")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF02, 0, NO_BYTES), 0x9000);
    span piece = exact_space(4000);
    for (uint32_t at = 0; at < 68000; at += 4000) EXPECT_SW(rig_update(r, 0xCF01, at, view(piece)), 0x9000);
    for (unsigned login = 0; login < 2; login++) {
        EXPECT_SW(rig_select(r), 0x9000);
        if (login) EXPECT_SW(rig_login(r), 0x9000);
        for (size_t i = 0; i < COUNT(selects); i++) {
            EXPECT_ROW(rig_send(r, selects[i].hex), selects[i].sw, selects[i].data, selects[i].why);
        }
    }
    rig_stop(r);
}

/* 4.1 "current EF": set by SELECT and UPDATE, not by READ; cleared by DELETE and by SELECT of the AID */
/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } currents[] = {
    {"00B100000454020000 00", 0x6A82, "", "none at first"},
    {"00B1CF010454020000 00", 0x9000, "01", "READ by FID"},
    {"00B100000454020000 00", 0x6A82, "", "... does not make it current"},
    {"00A4000C02CF01", 0x9000, "", "SELECT"},
    {"00B100000454020000 00", 0x9000, "01", "... does"},
    {"00B1CF020454020000 00", 0x9000, "02", "READ of another"},
    {"00B100000454020000 00", 0x9000, "01", "... leaves it"},
    {"00A4000C02CF77", 0x6A82, "", "a failed SELECT"},
    {"00B100000454020000 00", 0x9000, "01", "... leaves it"},
    {"00D7CF0207 54020000 530122", 0x9000, "", "UPDATE by FID"},
    {"00B100000454020000 00", 0x9000, "22", "... makes it current"},
    {"00D7000007 54020000 530133", 0x9000, "", "UPDATE of the current one"},
    {"00B1CF020454020000 00", 0x9000, "33", "... wrote it"},
    {"00D7CF0307 54020000 5301", 0x6700, "", "no APDU"},
    {"00D7CF0306 54020000 5301", 0x6A80, "", "a refused UPDATE"},
    {"00B100000454020000 00", 0x9000, "33", "... leaves it"},
    {"00D7CF03", 0x9000, "", "creating an empty file"},
    {"00D7000009 54020000 5303414243", 0x9000, "", "... makes it current (OSC)"},
    {"00B1CF030454020000 00", 0x9000, "414243", "... and this wrote it"},
    {"00D7CF01", 0x9000, "", "'creating' an existing one"},
    {"00B100000454020000 00", 0x9000, "01", "... makes it current and leaves its content"},
    {"00D7CF02065402000053 00", 0x9000, "", "the same as OSC writes it"},
    {"00B100000454020000 00", 0x9000, "33", "... likewise"},
    {"00E40000", 0x9000, "", "DELETE of the current one"},
    {"00B100000454020000 00", 0x6A82, "", "... leaves none"},
    {"00B1CF020454020000 00", 0x6A82, "", "... and it has gone"},
    {"00A4000C02CF01", 0x9000, "", "SELECT"},
    {"00E4000002CF03", 0x9000, "", "DELETE of another"},
    {"00B100000454020000 00", 0x6A82, "", "3.5: after deleting, no EF is current"},
    {"00A4000C02CC01", 0x9000, "", "SELECT of a key"},
    {"00D7000007 54020000 530133", 0x6982, "", "OD-11: CCkk as current EF"},
    {"00B100000454020000 00", 0x6982, "", "... nor readable"},
    {"00E40000", 0x9000, "", "... but it can be deleted"},
    {"00A4000C02CC01", 0x6A82, "", "... and has gone"},
    {"00A4000C02CF01", 0x9000, "", "SELECT"},
    {"00A4040C0BE82B0601040181C31F0201", 0x9000, "", "SELECT of the AID"},
    {"00B100000454020000 00", 0x6A82, "", "DP-57: ... forgets it"},
};
/* clang-format on */

static void current_file(void **state)
{
    struct rig *r = rig_ready(208, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, exact("01")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF02, 0, exact("02")), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    for (size_t i = 0; i < COUNT(currents); i++)
        EXPECT_ROW(rig_send(r, currents[i].hex), currents[i].sw, currents[i].data, currents[i].why);
    rig_stop(r);
}

/* ---- writing: a plain array is the model ---- */

struct model {
    uint8_t content[8192];
    size_t size;
};

static void expect_content(struct rig *r, uint16_t fid, const struct model *m, const char *why)
{
    for (size_t at = 0; at <= m->size; at += 4096) {
        bytes want = bytes_first((bytes){m->content + at, m->size - at}, 4096);
        struct answer got = rig_read(r, fid, (uint32_t)at, 65536);
        if (got.sw != 0x9000 || !bytes_equal(got.data, want)) {
            print_error("%s: %04X differs from %zu on (%04X, %zu of %zu bytes)\n", why, fid, at, got.sw, got.data.n,
                        want.n);
            fail();
        }
    }
}

/* UPDATE on both; refused by the card exactly when the model says so (3.4). */
static void update_both(struct rig *r, uint16_t fid, struct model *m, size_t at, bytes piece)
{
    bool allowed = at == 0 || (m->size > 0 && at <= m->size);
    EXPECT_ROW(rig_update(r, fid, (uint32_t)at, piece), allowed ? 0x9000 : 0x6984, "",
               text_of("%zu bytes at %zu of %zu", piece.n, at, m->size));
    if (!allowed || piece.n == 0) return;
    memcpy(m->content + at, piece.p, piece.n);
    if (at == 0 || at + piece.n > m->size) m->size = at + piece.n;
}

static bytes noise(size_t n, uint64_t *seed)
{
    span s = exact_space(n);
    for (size_t i = 0; i < n; i++) s.p[i] = (uint8_t)sim_random(seed);
    return view(s);
}

/* 1.7: sizes, offsets and lengths around every border of the chunks that a file is kept in */
static void updates_at_every_chunk_border(void **state)
{
    static const size_t near[] = {
        1, 2, CHUNK - 5, CHUNK - 4, CHUNK - 3, CHUNK, 2 * CHUNK - 5, 2 * CHUNK - 4, 2 * CHUNK - 3, 3 * CHUNK - 4};
    struct rig *r = rig_ready(209, "");
    uint64_t seed = 5;
    struct model m;
    for (size_t s = 0; s < COUNT(near); s++) {
        for (size_t a = 0; a < COUNT(near); a++) {
            for (size_t n = 0; n < COUNT(near); n += 1 + (s + a) % 2) {
                m.size = 0;
                update_both(r, 0xCF01, &m, 0, noise(near[s], &seed));
                update_both(r, 0xCF01, &m, near[a], noise(near[n] > 4000 ? 4000 : near[n], &seed));
                expect_content(r, 0xCF01, &m, "borders");
                rig_forget(r);
                hex_release();
            }
        }
    }
    rig_stop(r);
}

static size_t choose(uint64_t *seed, size_t below)
{
    return sim_random(seed) % below;
}

/* Three files, random pieces, deletions and power cycles. */
static void random_updates_agree_with_arrays(void **state)
{
    static const uint16_t fids[] = {0xCF01, 0xCD02, 0x2F02};
    struct rig *r = rig_ready(210, "");
    uint64_t seed = 9;
    struct model m[3] = {{.size = 0}};
    update_both(r, 0x2F02, &m[2], 0, TEXT("x"));
    for (unsigned turn = 0; turn < 400; turn++) {
        size_t f = choose(&seed, 3), at = choose(&seed, 4) ? choose(&seed, m[f].size + 2) : 0;
        size_t n = choose(&seed, 3) ? choose(&seed, 60) : choose(&seed, 3000);
        if (at + n > sizeof m[f].content) continue;
        update_both(r, fids[f], &m[f], at, noise(n, &seed));
        if (f < 2 && m[f].size && choose(&seed, 20) == 0) {
            EXPECT_SW(rig_delete(r, fids[f]), 0x9000);
            EXPECT_SW(rig_read(r, fids[f], 0, 1), 0x6A82);
            m[f].size = 0;
        }
        if (choose(&seed, 25) == 0) {
            assert_int_equal(rig_power_cycle(r), ST_OK);
            EXPECT_SW(rig_select(r), 0x9000);
            EXPECT_SW(rig_login(r), 0x9000);
        }
        if (m[f].size) expect_content(r, fids[f], &m[f], "random");
        rig_forget(r);
        hex_release();
    }
    rig_stop(r);
}

/* 3.4: "files up to at least 128 KiB"; test_012 writes and reads such files with offsets of 4 bytes. */
#define LARGE 135000u

static uint8_t large_byte(size_t at)
{
    return (uint8_t)(at * 31 + at / 251);
}

static bytes large_piece(size_t at, size_t n)
{
    span s = exact_space(n);
    for (size_t i = 0; i < n; i++) s.p[i] = large_byte(at + i);
    return view(s);
}

static void expect_large(struct rig *r, uint16_t fid, size_t piece)
{
    for (size_t at = 0; at < LARGE; at += piece) {
        bytes want = large_piece(at, LARGE - at < piece ? LARGE - at : piece);
        struct answer got = rig_read(r, fid, (uint32_t)at, piece > 4000 ? 65536 : (uint32_t)piece);
        EXPECT_SW(got, 0x9000);
        assert_true(bytes_equal(got.data, want));
        rig_forget(r);
        hex_release();
    }
}

static void large_files(void **state)
{
    static const uint16_t fids[] = {0xCFF0, 0xCD01};
    for (size_t f = 0; f < COUNT(fids); f++) {
        struct rig *r = rig_ready(211 + f, "");
        for (size_t at = 0; at < LARGE; at += 4000) {
            EXPECT_SW(rig_update(r, fids[f], (uint32_t)at, large_piece(at, LARGE - at < 4000 ? LARGE - at : 4000)),
                      0x9000);
        }
        expect_large(r, fids[f], 4096);
        EXPECT_SW(rig_update(r, fids[f], 100000, exact("0000000000")), 0x9000);
        assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_SW(rig_login(r), 0x9000);
        EXPECT_DATA(rig_read(r, fids[f], 100000, 5), 0x9000, "0000000000");
        EXPECT_DATA(rig_read(r, fids[f], 99999, 1), 0x9000, hex_of(large_piece(99999, 1)));
        EXPECT_DATA(rig_read(r, fids[f], 100005, 1), 0x9000, hex_of(large_piece(100005, 1)));
        EXPECT_SW(rig_update(r, fids[f], 100000, large_piece(100000, 5)), 0x9000);
        expect_large(r, fids[f], 601);
        EXPECT_SW(rig_update(r, fids[f], LARGE + 1, TEXT("gap")), 0x6984);
        EXPECT_SW(rig_update(r, fids[f], 0, TEXT("short")), 0x9000); /* "old tail is cut off" */
        EXPECT_DATA(rig_read(r, fids[f], 0, 4096), 0x9000, "73686F7274");
        EXPECT_SW(rig_read(r, fids[f], 6, 4096), 0x6282);
        rig_stop(r);
    }
}

/* 3.4: 0x9000, 0x6A80 or 0x6984, never another content than the old or the new one */
/* clang-format off */
static const struct { const char *data; uint16_t sw; const char *then, *why; } updates[] = {
    {"54020000 53820005 68656C6C6F", 0x9000, "68656C6C6F", "PY writes tag 53 with 82"},
    {"54020000 5381024142",          0x9000, "4142", "81-form"},
    {"54020000 530158",              0x9000, "58", "the old tail is cut off"},
    {"5400 530159",                  0x9000, "59", "LL 0"},
    {"54040000000 0 53025A5A",       0x9000, "5A5A", "LL 4"},
    {"54020001 53024142",            0x9000, "5A4142", "overwrite and extend"},
    {"54020003 530143",              0x9000, "5A414243", "append at the end"},
    {"54020001 530161",              0x9000, "5A614243", "the bytes behind keep their value"},
    {"54020001 5300",                0x9000, "5A614243", "nothing at an offset"},
    {"54020002",                     0x9000, "5A614243", "offset without data"},
    {"54020000 5300",                0x9000, "5A614243", "creating leaves what is there"},
    {"54020000",                     0x9000, "5A614243", "creating leaves what is there"},
    {"54020005 530143",              0x6984, "5A614243", "gap"},
    {"54020000 5303",                0x6A80, "5A614243", "truncated"},
    {"54020000 530141 530142",       0x9000, "41", "1.9: the first of a tag wins"},
    {"54020000 54020001 530142",     0x9000, "42", "1.9: the first of a tag wins"},
    {"9901AA 54020000 530143 9900",  0x9000, "43", "1.9: unknown tags are skipped"},
};
/* clang-format on */

static void updates_one_by_one(void **state)
{
    static const uint16_t fids[] = {0xCF01, 0xCD01, 0x2F03, 0x4242};
    for (size_t f = 0; f < COUNT(fids); f++) {
        struct rig *r = rig_ready(213 + f, "");
        for (size_t i = 0; i < COUNT(updates); i++) {
            EXPECT_ROW(rig_command_hex(r, 0x00, 0xD7, (uint8_t)(fids[f] >> 8), (uint8_t)fids[f], updates[i].data, 0),
                       updates[i].sw, "", updates[i].why);
            EXPECT_ROW(rig_read(r, fids[f], 0, 256), 0x9000, updates[i].then, updates[i].why);
        }
        rig_stop(r);
    }
}

/* A partial update of a file that has a built-in content until somebody writes it: what stands there is its content. */
static void partial_update_of_a_built_in_file(void **state)
{
    struct rig *r = rig_ready(218, "");
    struct answer before = rig_read(r, 0x2F03, 0, 256);
    EXPECT_SW(before, 0x9000);
    uint8_t want[64];
    assert_true(before.data.n < sizeof want);
    memcpy(want, before.data.p, before.data.n);
    want[4] = 0x07;
    EXPECT_SW(rig_update(r, 0x2F03, 4, exact("07")), 0x9000);
    EXPECT_DATA(rig_read(r, 0x2F03, 0, 256), 0x9000, hex_of((bytes){want, before.data.n}));
    rig_stop(r);
}

/* ---- LIST ---- */

/* 3.1: CC00 first, keys ascending, then CA, C9, C8, C4; never C400, CD, CE, CF or other files */
static void list_order(void **state)
{
    static const uint16_t written[] = {0xCF01, 0xC8FF, 0xCA02, 0xCD01, 0xC901, 0xCA00, 0xC800,
                                       0x4242, 0xC9FE, 0xCE77, 0xC433, 0xCAFF, 0x2F03, 0xC900};
    struct rig *r = rig_start(219);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00"); /* also before the first initialisation */
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00");
    for (size_t i = 0; i < COUNT(written); i++) EXPECT_SW(rig_update(r, written[i], 0, TEXT("x")), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0xFF, CRYPTO_SECP192R1, ""), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0x02, CRYPTO_SECP192R1, ""), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0x10, CRYPTO_SECP192R1, ""), 0x9000);
    EXPECT_SW(rig_update(r, 0xC9AA, 0, NO_BYTES), 0x9000); /* an empty file exists too */
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000,
                "CC00 CC02 CC10 CCFF CA00 CA02 CAFF C900 C901 C9AA C9FE C800 C8FF C402 C410 C433 C4FF");
    SEND_DATA(r, "0058000000", 0x9000, "CC00CC02CC10CCFFCA00CA02CAFFC900C901C9AAC9FEC800C8FFC402C410C433C4FF");
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_SW(rig_delete(r, 0xCC10), 0x9000);
    EXPECT_SW(rig_delete(r, 0xCA02), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC02 CCFF CA00 CAFF C900 C901 C9AA C9FE C800 C8FF C402 C410 C433 C4FF");
    rig_stop(r);
}

/* ---- at rest ---- */

static void private_files_are_sealed(void **state)
{
    struct rig *r = rig_ready(220, "");
    bytes secret = exact(counting(48, 0x61));
    EXPECT_SW(rig_update(r, 0xCD01, 0, secret), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, secret), 0x9000);
    assert_false(sim_nor_holds(r->sim, bytes_first(secret, 16)));
    rig_stop(r);
}

/* ---- a full card ---- */

static unsigned fill(struct rig *r, size_t piece)
{
    span content = exact_space(piece);
    for (unsigned i = 0; i < 0xFFF; i++) {
        uint16_t sw = rig_update(r, (uint16_t)(0x4000 + i), 0, view(content)).sw;
        if (sw == 0x6A84) return i;
        assert_int_equal(sw, 0x9000);
        rig_forget(r);
    }
    fail_msg("the card never was full");
    return 0;
}

/* 3.4: "storage full 6A84"; what is there stays, the card can be used, emptied and initialised. */
static void full_card_still_serves(void **state)
{
    static const size_t pieces[] = {4000, 1, 1260};
    for (size_t p = 0; p < COUNT(pieces); p++) {
        struct rig *r = rig_new(&(struct rig_options){.seed = 222 + p, .sector_count = 32, .slot_cap = 400});
        assert_int_equal(rig_open(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_SW(rig_initialise(r, ""), 0x9000);
        EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000064"), 0x9000);
        unsigned count = fill(r, pieces[p]);
        assert_true(count > 5);
        uint32_t generation = rig_generation(r);
        EXPECT_SW(rig_update(r, (uint16_t)(0x4000 + count), 0, view(exact_space(pieces[p]))), 0x6A84);
        EXPECT_SW(rig_read(r, (uint16_t)(0x4000 + count), 0, 1), 0x6A82);
        EXPECT_SW(rig_generate_rsa(r, 2, 1024, 0, ""), 0x6A84);
        assert_int_equal(rig_generation(r), generation);
        EXPECT_SW(rig_read(r, 0x4000, 0, 1), 0x9000);
        for (unsigned i = 0; i < 20; i++) {
            EXPECT_SW(rig_select(r), 0x9000);
            EXPECT_SW(rig_login(r), 0x9000);
            SEND(r, "8068017303616263", 0x9000);
        }
        assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_SW(rig_login(r), 0x9000);
        for (unsigned i = 0; i < count; i++) EXPECT_SW(rig_delete(r, (uint16_t)(0x4000 + i)), 0x9000);
        EXPECT_SW(rig_update(r, 0x4000, 0, view(exact_space(4000))), 0x9000);
        assert_true(fill(r, pieces[p]) + 4 >= count);
        EXPECT_SW(rig_initialise(r, ""), 0x9000);
        EXPECT_DATA(rig_list(r), 0x9000, "CC00");
        rig_stop(r);
    }
}

/* A file that is being rewritten when the card is nearly full is old or new, never half. */
static void a_file_that_does_not_fit_changes_nothing(void **state)
{
    struct rig *r = rig_new(&(struct rig_options){.seed = 230, .sector_count = 24});
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, TEXT("small")), 0x9000);
    fill(r, 1000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, view(exact_space(4000))), 0x6A84);
    EXPECT_DATA(rig_read(r, 0xCF01, 0, 256), 0x9000, "736D616C6C");
    EXPECT_SW(rig_update(r, 0xCF01, 5, view(exact_space(4000))), 0x6A84);
    EXPECT_DATA(rig_read(r, 0xCF01, 0, 256), 0x9000, "736D616C6C");
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_file_has_its_rights),
        CASE(only_the_user_writes),
        CASE(containers_of_keys),
        CASE(fixed_files_have_their_content),
        CASE(token_info_is_writable),
        CASE(reads_by_file_id),
        CASE(even_read_uses_the_current_file),
        CASE(selects_of_files),
        CASE(current_file),
        CASE(updates_at_every_chunk_border),
        CASE(random_updates_agree_with_arrays),
        CASE(large_files),
        CASE(updates_one_by_one),
        CASE(partial_update_of_a_built_in_file),
        CASE(list_order),
        CASE(private_files_are_sealed),
        CASE(full_card_still_serves),
        CASE(a_file_that_does_not_fit_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
