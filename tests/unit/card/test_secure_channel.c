/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging on a whole card: what makes a channel, what runs inside, and what ends it (apdu.md 3.21, 3.22, 4.6;
 * decisions.md, policy bit 0002). The host here agrees on keys with OpenSSL; that the objects are right is shown by
 * unit/wire and by compat/test_secure_channel.sh, which has nothing but the openssl program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/rig/expect.h"
#include "tests/unit/card/oracle.h"
#include "wire/cvc.h"
#include "wire/secure_messaging.h"
#include "wire/tlv.h"

#define MSE "002241A40C800A04007F00070202030202"
#define SELECT "00A404000B" RIG_AID "00"
#define LONGEST 4096u

static struct rig *card;
static struct sm_channel host;
static uint16_t outer_sw; /* of the last command inside; 9000 also around an error */
static size_t outer_size; /* bytes of its protected response, all parts together */

/* ---- the host's end ---- */

static bytes device_point(void)
{
    struct cvc first;
    struct answer file = rig_read(card, FID_DEVICE_CERTIFICATE, 0, 4096);
    reader r = read_from(file.data);
    EXPECT_SW(file, 0x9000);
    assert_true(cvc_next(&r, &first));
    return exact_copy(cvc_key_field(&first.key, 0x86));
}

static void authenticate_with(struct answer got, bytes point, bytes x)
{
    uint8_t token[SM_TOKEN_SIZE];
    bytes inner, nonce, theirs;
    EXPECT_SW(got, 0x9000);
    assert_int_equal(got.data.n, 22);
    assert_true(tlv_find(got.data, 0x7C, &inner));
    assert_true(tlv_find(inner, 0x81, &nonce));
    assert_true(tlv_find(inner, 0x82, &theirs));
    assert_int_equal(sm_agree(&card->hsm->crypto, x, nonce, point, &host, SPAN(token)), ST_OK);
    assert_hex(theirs, hex_of(BYTES(token)));
}

static const char *authenticate_hex(bytes point)
{
    return text_of("00860000457C438041%s00", hex_of(point));
}

static void agree_on_keys(void)
{
    uint8_t point[SM_POINT_SIZE], x[SM_SHARED_SIZE];
    assert_true(oracle_ecdh(CRYPTO_SECP256R1, device_point(), SPAN(point), SPAN(x)));
    authenticate_with(rig_send(card, authenticate_hex(BYTES(point))), BYTES(point), BYTES(x));
}

static void open_channel(void)
{
    SEND(card, MSE, 0x9000);
    agree_on_keys();
}

/* The protected form of a plain APDU; the counter goes on. */
static struct apdu seal(const char *hex)
{
    struct apdu plain, sealed;
    bytes raw = exact(hex);
    assert_int_equal(apdu_parse(raw, &plain), ST_OK);
    buf body = buf_over(exact_space(raw.n + SM_COMMAND_OVERHEAD));
    assert_int_equal(sm_seal_command(&card->hsm->crypto, &host, &plain, &body, &sealed), ST_OK);
    return sealed;
}

static bytes apdu_bytes(const struct apdu *a)
{
    buf b = buf_over(exact_space(a->data.n + APDU_OVERHEAD));
    assert_int_equal(apdu_write(a, &b), ST_OK);
    return written(&b);
}

/* Sends, and fetches what 61xx announces with a plain GET RESPONSE. */
static struct answer send_all(bytes raw)
{
    struct answer part = rig_send_bytes(card, raw);
    buf all = buf_over(exact_space(5000));
    put_bytes(&all, part.data);
    while (part.sw >> 8 == 0x61) {
        part = rig_send(card, "00C0000000");
        put_bytes(&all, part.data);
    }
    return (struct answer){written(&all), part.sw};
}

static struct answer unseal(struct answer got)
{
    struct answer inside = {NO_BYTES, 0};
    outer_sw = got.sw;
    outer_size = got.data.n;
    assert_int_equal(got.sw, 0x9000);
    span into = exact_space(LONGEST + SM_PADDING_MAX);
    assert_int_equal(sm_open_response(&card->hsm->crypto, &host, got.data, into, &inside.data, &inside.sw), ST_OK);
    return inside;
}

/* A command through the channel: the answer inside. */
static struct answer inside(const char *hex)
{
    struct apdu sealed = seal(hex);
    return unseal(send_all(apdu_bytes(&sealed)));
}

#define INSIDE(hex, want) expect_answer(inside(hex), want, EXPECT_ANY, hex, __FILE__, __LINE__)
#define INSIDE_DATA(hex, want, data) expect_answer(inside(hex), want, data, hex, __FILE__, __LINE__)

/* There are no keys any more: whatever comes inside is answered in plain. */
#define CHANNEL_IS_OVER()                                                                                              \
    do {                                                                                                               \
        struct apdu sealed_ = seal("0084000008");                                                                      \
        EXPECT_EMPTY(rig_send_bytes(card, apdu_bytes(&sealed_)), 0x6984);                                              \
    } while (0)

/* An initialised card, selected, nobody logged in; then a channel. */
static void begin(const char *more)
{
    card = rig_ready(7, more);
    EXPECT_SW(rig_select(card), 0x9000);
}

static void begin_channel(const char *more)
{
    begin(more);
    open_channel();
}

static void end(void)
{
    rig_stop(card);
}

/* ---- making a channel ---- */

/* OD-7: what it is for is the PIN. A virgin card has a device key, too. */
static void works_before_and_after_login(void **state)
{
    card = rig_start(3);
    EXPECT_SW(rig_select(card), 0x9000);
    open_channel();
    INSIDE_DATA("0058000000", 0x9000, "CC00");
    end();
    begin_channel("80020001");
    INSIDE("0020008106" RIG_USER_PIN, 0x9000);
    INSIDE("00200081", 0x9000);
    SEND(card, "00200081", 0x9000); /* one session, whoever asks */
    open_channel();
    INSIDE("00200081", 0x9000);
    assert_int_equal(inside("0084000020").data.n, 32);
    end();
}

static void authenticate_is_refused(void **state)
{
    /* clang-format off */
#define X "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
#define Y "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
#define ZEROS_32 "0000000000000000000000000000000000000000000000000000000000000000"
    static const struct { const char *hex; uint16_t sw; const char *why; } rows[] = {
        {"0086000000", 0x6700, "no data"},
        {"008600000130", 0x6700, "one byte"},
        {"00860000017C", 0x6700, "test_011: 7C alone"},
        {"00860000027C00", 0x6700, "80 missing"},
        {"00860000027C01", 0x6700, "7C longer than the data"},
        {"00860000037C0000", 0x6700, "7C shorter than the data"},
        {"00860000047C028000", 0x6700, "80 empty"},
        {"00860000047C028010", 0x6700, "80 past its parent"},
        {"00860000057C03810141", 0x6700, "80 missing, another there"},
        {"0086000003300141", 0x6A80, "other tag"},
        {"008600000200 00", 0x6A80, "other tag"},
        {"00860000067C0480024142", 0x6984, "point too short"},
        {"00860000447C42 8040" X Y, 0x6984, "no format byte"},
        {"00860000457C43 8041 02" X Y, 0x6984, "compressed"},
        {"00860000457C43 8041 06" X Y, 0x6984, "hybrid"},
        {"00860000467C44 8042 04" X Y "00", 0x6984, "point too long"},
        {"00860000247C22 8020" X, 0x6984, "X alone"},
        {"00860000037C0180", 0x6700, "80 without length"},
        {"00860000057C03 800100", 0x6984, "infinity as one byte"},
        {"00860000457C43 8041 04" X X, 0x6400, "not on the curve"},
        {"00860000457C43 8041 04" ZEROS_32 ZEROS_32, 0x6400, "(0, 0)"},
        {"00860000457C43 8041 04 FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF" Y, 0x6400, "x = p"},
        {"00860100457C43 8041 04" X Y, 0x6A86, "P1"},
        {"00860001457C43 8041 04" X Y, 0x6A86, "P2"},
    };
    /* clang-format on */
    begin("80020001");
    for (unsigned with_mse = 0; with_mse < 2; with_mse++) {
        if (with_mse) SEND(card, MSE, 0x9000);
        for (size_t i = 0; i < COUNT(rows); i++) {
            bool about_data = rows[i].sw == 0x6700 || rows[i].sw == 0x6A80 || rows[i].sw == 0x6A86;
            EXPECT_ROW(rig_send(card, rows[i].hex), with_mse || about_data ? rows[i].sw : 0x6985, "", rows[i].why);
            SEND(card, "0C8400000D9701088E08000000000000000000", 0x6984);
            if (with_mse) SEND(card, MSE, 0x9000); /* whatever came inside without keys has ended that */
        }
    }
    SEND(card, "00860000457C438041 04" X Y "00", 0x9000);
    end();
}

static void mse_accepts_and_refuses(void **state)
{
    /* clang-format off */
    static const struct { const char *hex; uint16_t sw; bool ends; const char *why; } rows[] = {
        {"002241A4", 0x9000, false, "no data"},
        {"002241A40C800A04007F00070202030202", 0x9000, true, "the protocol"},
        {"0022C1A40C800A04007F00070202030202", 0x9000, true, "other odd P1"},
        {"802241A40C800A04007F0007020203020200", 0x9000, true, "class 80, with Le"},
        {"002241A40F830141800A04007F00070202030202", 0x9000, true, "a key id beside it"},
        {"002241A40E9500800A04007F00070202030202", 0x9000, true, "unknown object before it"},
        {"002241A40C800A04007F00070202030203", 0x6A88, false, "another protocol"},
        {"002241A40B800904007F000702020302", 0x6A88, false, "a prefix of it"},
        {"002241A40D800B04007F0007020203020200", 0x6A88, false, "longer"},
        {"002241A4028000", 0x6A88, false, "empty"},
        {"002241A40C800B04007F00070202030202", 0x6A80, false, "past the end"},
        {"002241A40D800A04007F0007020203020295", 0x6A80, false, "then half an object: nothing happens"},
        {"002241B60C800A04007F00070202030202", 0x9000, false, "80 means nothing there"},
        {"002242A40C800A04007F00070202030202", 0x6A86, false, "even P1"},
        {"002241A50C800A04007F00070202030202", 0x6A86, false, "P2"},
        {"002241A403830101", 0x9000, false, "key id"},
        {"002241A604830241 42", 0x6A88, false, "a name that nobody has"},
    };
    /* clang-format on */
    begin_channel("80020001");
    for (size_t i = 0; i < COUNT(rows); i++) {
        EXPECT_ROW(rig_send(card, rows[i].hex), rows[i].sw, "", rows[i].why);
        if (rows[i].ends) CHANNEL_IS_OVER();
        if (rows[i].ends) open_channel();
        INSIDE("0084000008", 0x9000);
    }
    end();
}

/* A second agreement in the same session needs no MSE; made inside, its answer still leaves under the old keys. */
static void keys_are_renewed(void **state)
{
    uint8_t point[SM_POINT_SIZE], x[SM_SHARED_SIZE];
    begin_channel("80020001");
    struct sm_channel old = host;
    agree_on_keys();
    assert_memory_not_equal(&old, &host, sizeof host);
    INSIDE("0084000008", 0x9000);
    assert_true(oracle_ecdh(CRYPTO_SECP256R1, device_point(), SPAN(point), SPAN(x)));
    authenticate_with(inside(authenticate_hex(BYTES(point))), BYTES(point), BYTES(x));
    INSIDE("0084000008", 0x9000);
    end();
}

/* ---- inside ---- */

static void errors_are_inside(void **state)
{
    static const struct {
        const char *hex;
        uint16_t sw;
    } rows[] = {
        {"0046050000", 0x6982}, {"00200081", 0x63C3},         {"0020008106313131313131", 0x63C2},
        {"00FF0000", 0x6D00},   {"00A40000022F7700", 0x6A82}, {"0058010000", 0x6A86},
        {"00C0000000", 0x6D00}, {"00840000000401", 0x6700},
    };
    begin_channel("80020001");
    for (size_t i = 0; i < COUNT(rows); i++) { INSIDE_DATA(rows[i].hex, rows[i].sw, ""); }
    INSIDE("0020008106" RIG_USER_PIN, 0x9000);
    INSIDE("0020008106" RIG_USER_PIN, 0x9000);
    end();
}

static void le_inside_and_outside(void **state)
{
    begin_channel("80020001");
    INSIDE_DATA("00B12F1E0454020000 00", 0x9000, "0000");
    INSIDE_DATA("00B12F1E0454020000 01", 0x9000, "00"); /* the command's own cut */
    INSIDE_DATA("00580000", 0x9000, "");                /* no 97: no data */
    INSIDE_DATA("0058000001", 0x9000, "CC00");          /* one response, whatever Ne: the Ne outside cuts it */
    struct apdu sealed = seal("0020008106" RIG_USER_PIN);
    sealed.ne = 0; /* somebody took the Le off: no data, still done (DP-8) */
    EXPECT_EMPTY(rig_send_bytes(card, apdu_bytes(&sealed)), 0x9000);
    host.counter[15]++;
    INSIDE("00200081", 0x9000);
    sealed = seal("0058000000");
    sealed.ne = 1;
    struct answer got = rig_send_bytes(card, apdu_bytes(&sealed));
    assert_int_equal(got.data.n, 1);
    assert_int_equal(got.sw >> 8, 0x61);
    struct answer rest = rig_send(card, "00C0000000"); /* in plain: what is protected needs no more of it */
    EXPECT_DATA(unseal((struct answer){exact(text_of("%s%s", hex_of(got.data), hex_of(rest.data))), rest.sw}), 0x9000,
                "CC00");
    INSIDE("0058000000", 0x9000);
    end();
}

/* A plain command neither counts nor ends anything; a protected one drops what a plain one has left to fetch. */
static void plain_commands_in_between(void **state)
{
    begin_channel("80020001");
    INSIDE("0020008106" RIG_USER_PIN, 0x9000);
    SEND(card, "0058000001", 0x6101);
    INSIDE_DATA("0058000000", 0x9000, "CC00");
    SEND(card, "00C0000000", 0x6985);
    SEND(card, "0046050000", 0x6700);
    SEND(card, "00A4040C01AA", 0x6A82);
    SEND(card, "0C8400", 0x6700); /* no APDU at all */
    SEND(card, "0484000008", 0x6E00);
    SEND(card, "0884000008", 0x6E00);
    INSIDE("00200081", 0x9000);
    end();
}

static void sizes_up_to_the_limit(void **state)
{
    static const size_t sizes[] = {1, 15, 16, 17, 200, 255, 256, 1000, 4079, 4080, 4081};
    begin_channel("80020001");
    INSIDE("0020008106" RIG_USER_PIN, 0x9000);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const char *content = counting(sizes[i], (unsigned)i);
        INSIDE(text_of("00D7CF0100%04zX 54020000 5382%04zX %s", sizes[i] + 8, sizes[i], content), 0x9000);
        INSIDE_DATA("00B1CF01000004540200000000", 0x9000, content);
        EXPECT_DATA(rig_read(card, 0xCF01, 0, 65536), 0x9000, content);
    }
    /* the longest command there is: 4088 bytes of file make 4096 bytes of data; the longest response */
    INSIDE(text_of("00D7CF01001000 54020000 53820FF8 %s", counting(4088, 1)), 0x9000);
    INSIDE("00D7CF01 10 54020FF8 530A 4142434445464748494A", 0x9000);
    assert_int_equal(inside("00B1CF01000004540200001000").data.n, 4096);
    assert_int_equal(outer_size + 2, 4133);
    INSIDE(text_of("00D7CF01001001 54020000 53820FF9 %s", counting(4089, 1)), 0x6700);
    INSIDE(text_of("00D7CF01001010 54020000 53821008 %s", counting(4104, 1)), 0x6700);
    INSIDE(text_of("00D7CF01001100 54020000 538210F8 %s", counting(4344, 1)), 0x6700);
    INSIDE("00200081", 0x9000);
    end();
}

/* ---- chains ---- */

static void chains_are_joined(void **state)
{
    begin_channel("80020001");
    INSIDE_DATA("1020008103363438", 0x9000, "");
    INSIDE_DATA("10200081", 0x9000, ""); /* adds nothing */
    INSIDE_DATA("0020008103323139", 0x9000, "");
    INSIDE("00200081", 0x9000);
    end();
}

static const char *piece(const char *header, size_t from, size_t n)
{
    span all = exact_space(4096);
    const uint8_t head[] = {0x54, 0x02, 0x00, 0x00, 0x53, 0x82, 0x0F, 0xF8};
    memcpy(all.p, head, sizeof head);
    for (size_t i = sizeof head; i < all.n; i++) all.p[i] = (uint8_t)(i * 5);
    return text_of("%s00%04zX%s", header, n, hex_of((bytes){all.p + from, n}));
}

/* 4096 bytes in links of every kind of size. */
static void long_chains_are_joined(void **state)
{
    static const size_t steps[] = {4095, 2048, 1000, 255, 333};
    begin_channel("80020001");
    INSIDE("0020008106" RIG_USER_PIN, 0x9000);
    for (size_t i = 0; i < COUNT(steps); i++) {
        size_t at = 0;
        for (; 4096 - at > steps[i]; at += steps[i]) INSIDE_DATA(piece("10D7CF01", at, steps[i]), 0x9000, "");
        INSIDE(piece("00D7CF01", at, 4096 - at), 0x9000);
        struct answer got = inside("00B1CF01000004540200000000");
        assert_int_equal(got.data.n, 4088);
        assert_int_equal(got.data.p[4087], (uint8_t)(4095 * 5));
        EXPECT_SW(rig_delete(card, 0xCF01), 0x9000);
    }
    INSIDE(piece("10D7CF01", 0, 4090), 0x9000);
    INSIDE(piece("00D7CF01", 0, 7), 0x6700); /* 4097 */
    INSIDE("00B1CF01000004540200000000", 0x6A82);
    end();
}

static void chains_are_broken(void **state)
{
    begin_channel("80020001");
    INSIDE("10200081 03 363438", 0x9000);
    INSIDE("00200088 03 323139", 0x6883); /* another header, said inside */
    INSIDE("00200081", 0x63C3);
    INSIDE("10200081 03 363438", 0x9000);
    SEND(card, "00200081 03 323139", 0x6883); /* the last link in plain: no mixture */
    INSIDE("00200081", 0x63C3);
    SEND(card, "10200081 03 363438", 0x9000);
    INSIDE("00200081 03 323139", 0x6883); /* and the other way round */
    INSIDE("00200081", 0x63C3);
    INSIDE("10200081 03 363438", 0x9000);
    SEND(card, "00C0000000", 0x6883);
    INSIDE("10200081 03 363438", 0x9000);
    struct apdu forged = seal("00200081 03 323139");
    ((uint8_t *)(uintptr_t)forged.data.p)[3] ^= 1;
    EXPECT_EMPTY(rig_send_bytes(card, apdu_bytes(&forged)), 0x6988);
    CHANNEL_IS_OVER();
    SEND(card, "00200081 03 323139", 0x63C2); /* a PIN of its own, not the end of that chain */
    end();
}

/* ---- the end of a channel ---- */

static void forged_commands_end_it(void **state)
{
    static const struct {
        const char *hex;
        uint16_t sw;
        const char *why;
    } rows[] = {
        {"0C840000", 0x6987, "no objects"},
        {"0C8400000397010800", 0x6987, "no 8E"},
        {"0C8400000D9701088E0800000000000000000 0", 0x6988, "wrong MAC"},
        {"0C840000159701088E1000000000000000000000000000000000 00", 0x6988, "wrong MAC, long"},
        {"0C840000028E0000", 0x6988, "empty MAC"},
        {"0C840000018E", 0x6988, "half an object"},
        {"0C8400000A8E0900000000000000 0000", 0x6988, "past the end"},
        {"1C8400000A8E080000000000000000", 0x6988, "a link"},
        {"8C8400000A8E080000000000000000", 0x6988, "class 8C"},
        {"9CA404000A8E080000000000000000", 0x6988, "SELECT"},
        {"0CC000000A8E080000000000000000", 0x6988, "GET RESPONSE"},
    };
    begin("80020001");
    for (size_t i = 0; i < COUNT(rows); i++) {
        EXPECT_ROW(rig_send(card, rows[i].hex), 0x6984, "", rows[i].why); /* without a channel */
        open_channel();
        INSIDE("0084000008", 0x9000);
        EXPECT_ROW(rig_send(card, rows[i].hex), rows[i].sw, "", rows[i].why);
        CHANNEL_IS_OVER();
        SEND(card, "00860000047C028000", 0x6700);
        SEND(card, "00860000057C03800141", 0x6985); /* the protocol is forgotten as well */
    }
    end();
}

/* The same bytes twice, a command left out, an answer turned into a command, an old channel's command. */
static void replays_end_it(void **state)
{
    begin_channel("80020001");
    struct apdu sealed = seal("0020008106" RIG_USER_PIN);
    bytes verify = apdu_bytes(&sealed);
    EXPECT_SW(unseal(rig_send_bytes(card, verify)), 0x9000);
    EXPECT_EMPTY(rig_send_bytes(card, verify), 0x6988);
    CHANNEL_IS_OVER();

    open_channel();
    EXPECT_EMPTY(rig_send_bytes(card, verify), 0x6988);
    open_channel();
    seal("0084000008"); /* lost on the way */
    sealed = seal("0084000008");
    EXPECT_EMPTY(rig_send_bytes(card, apdu_bytes(&sealed)), 0x6988);
    CHANNEL_IS_OVER();
    end();
}

static void select_ends_it(void **state)
{
    static const char *const ends[] = {SELECT, "00A4040C0B" RIG_AID, "00A4040008" RIG_RESCUE_AID "00"};
    begin("80020001");
    for (size_t i = 0; i < COUNT(ends); i++) {
        SEND(card, SELECT, 0x9000);
        open_channel();
        SEND(card, ends[i], 0x9000);
        CHANNEL_IS_OVER();
        SEND(card, SELECT, 0x9000);
        SEND(card, "00860000057C03800141", 0x6985); /* neither protocol nor keys */
        open_channel();
        INSIDE("0020008106" RIG_USER_PIN, 0x9000);
        INSIDE(ends[i], 0x9000); /* answered under the keys it came with */
        CHANNEL_IS_OVER();
    }
    SEND(card, SELECT, 0x9000);
    SEND(card, "00200081", 0x63C3); /* and logged out */
    open_channel();
    INSIDE("00A4040C01AA", 0x6A82); /* a SELECT that fails changes nothing */
    INSIDE("00A40000022F0200", 0x9000);
    end();
}

static void mse_power_and_reset_end_it(void **state)
{
    begin_channel("80020001");
    INSIDE_DATA(MSE, 0x9000, "");
    CHANNEL_IS_OVER();
    open_channel();
    rig_reset(card);
    EXPECT_SW(rig_select(card), 0x9000);
    CHANNEL_IS_OVER();
    open_channel();
    assert_int_equal(rig_power_cycle(card), ST_OK);
    EXPECT_SW(rig_select(card), 0x9000);
    CHANNEL_IS_OVER();
    end();
}

static void initialize_leaves_it(void **state)
{
    begin_channel("80020001");
    INSIDE("805000001C 80020001 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910103 920100", 0x9000);
    INSIDE("00200081", 0x9000);
    INSIDE_DATA("0058000000", 0x9000, "CC00");
    end();
}

/* The rescue applet knows no channel; without an applet there is none either. */
static void other_applets_have_none(void **state)
{
    card = rig_start(4);
    SEND(card, "0C8400000D9701088E08000000000000000000", 0x6984);
    SEND(card, MSE, 0x6A82);
    SEND(card, "00A4040008" RIG_RESCUE_AID "00", 0x9000);
    SEND(card, "8C1E02000D9701088E08000000000000000000", 0x6984);
    SEND(card, MSE, 0x6E00);
    end();
}

/* ---- the policy bit 0002 ---- */

/* clang-format off */
#define NO_PLAIN_PIN "80020025 9A020002"
#define WRONG_PIN "313131313131"
#define WRONG_SO "3131313131313131"
/* Who brings a PIN, after SELECT; what it is answered where it may come. */
static const struct { const char *hex; uint16_t allowed; const char *name; } presentations[] = {
    {"0020008106" RIG_USER_PIN, 0x9000, "VERIFY 81"},
    {"8020008106" RIG_USER_PIN, 0x9000, "VERIFY 81, class 80"},
    {"0020008106" WRONG_PIN, 0x63C2, "VERIFY 81, wrong"},
    {"0020008808" RIG_SO_PIN, 0x9000, "VERIFY 88"},
    {"0020008808" WRONG_SO, 0x63CE, "VERIFY 88, wrong"},
    {"002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000, "CHANGE 81"},
    {"002400810C" WRONG_PIN RIG_USER_PIN, 0x63C2, "CHANGE 81, wrong"},
    {"0024008810" RIG_SO_PIN RIG_SO_PIN, 0x9000, "CHANGE 88"},
    {"0024008810" WRONG_SO RIG_SO_PIN, 0x63CE, "CHANGE 88, wrong"},
    {"002C00810E" RIG_SO_PIN RIG_USER_PIN, 0x9000, "RESET RETRY COUNTER 00"},
    {"002C00810E" WRONG_SO RIG_USER_PIN, 0x63CE, "RESET RETRY COUNTER 00, wrong"},
    {"002C018108" RIG_SO_PIN, 0x9000, "RESET RETRY COUNTER 01"},
    {"002C018108" WRONG_SO, 0x63CE, "RESET RETRY COUNTER 01, wrong"},
    {"002C028106" RIG_USER_PIN, 0x6985, "RESET RETRY COUNTER 02, nobody verified"},
    {"005A018100", 0x6982, "SESSION PIN, not logged in"},
};
/* clang-format on */

static struct answer in_process(const char *hex)
{
    card->link = HSM_LINK_IN_PROCESS;
    struct answer a = rig_send(card, hex);
    card->link = HSM_LINK_REMOTE;
    return a;
}

static void no_try_is_gone(void)
{
    SEND(card, "00200081", 0x63C3);
    SEND(card, "00200088", 0x63CF);
}

/* `through` inside the channel or in the process: as ever. In plain: nothing, with a channel or without. */
static void presents_pins(struct answer (*through)(const char *hex))
{
    for (size_t i = 0; i < COUNT(presentations); i++) {
        SEND(card, SELECT, 0x9000);
        EXPECT_ROW(rig_send(card, presentations[i].hex), 0x6987, "", presentations[i].name);
        open_channel();
        EXPECT_ROW(rig_send(card, presentations[i].hex), 0x6987, "", presentations[i].name); /* open, not used */
        no_try_is_gone();
        EXPECT_ROW(through(presentations[i].hex), presentations[i].allowed, EXPECT_ANY, presentations[i].name);
        EXPECT_SW(through("0020008808" RIG_SO_PIN), 0x9000);
        EXPECT_SW(through("0020008106" RIG_USER_PIN), 0x9000);
        EXPECT_ROW(rig_send(card, presentations[i].hex), 0x6987, "", presentations[i].name);
        SEND(card, "00200081", 0x9000); /* session unchanged */
    }
}

static void policy_wants_pins_inside(void **state)
{
    begin(NO_PLAIN_PIN);
    presents_pins(inside);
    presents_pins(in_process);
    end();
}

/* Where somebody must be verified before: the SO, or the user. */
static void policy_in_a_session(void **state)
{
    static struct answer (*const ways[])(const char *hex) = {inside, in_process};
    begin(NO_PLAIN_PIN);
    for (size_t i = 0; i < COUNT(ways); i++) {
        SEND(card, SELECT, 0x9000);
        open_channel();
        EXPECT_SW(ways[i]("0020008808" RIG_SO_PIN), 0x9000);
        SEND(card, "002C028106" RIG_USER_PIN, 0x6987);
        EXPECT_EMPTY(ways[i]("002C028106" RIG_USER_PIN), 0x9000);
        EXPECT_SW(ways[i]("0020008808" RIG_SO_PIN), 0x9000);
        SEND(card, "002C0381", 0x9000); /* brings none */
        EXPECT_SW(ways[i]("0020008106" RIG_USER_PIN), 0x9000);
        SEND(card, "005A018100", 0x6987);
        struct answer pin = ways[i]("005A018100");
        EXPECT_SW(pin, 0x9000);
        const char *verify = text_of("0020008108%s", hex_of(pin.data));
        SEND(card, verify, 0x6987);
        EXPECT_EMPTY(ways[i](verify), 0x9000);
        SEND(card, "005A0281", 0x9000);
    }
    end();
}

static void policy_leaves_the_rest_alone(void **state)
{
    begin(NO_PLAIN_PIN);
    SEND(card, "1020008103363438", 0x9000); /* chained, and in plain all the same */
    SEND(card, "0020008103323139", 0x6987);
    SEND(card, "00200081", 0x63C3);
    card->link = HSM_LINK_IN_PROCESS;
    SEND(card, "0020008106" RIG_USER_PIN, 0x9000);
    card->link = HSM_LINK_REMOTE;
    SEND(card, "00200081", 0x9000);
    SEND_DATA(card, "00B12F1E0454020000 00", 0x9000, "0002");
    EXPECT_SW(rig_initialise(card, "80020001"), 0x9000); /* free, and takes the policy away */
    SEND(card, "0020008106" RIG_USER_PIN, 0x9000);
    end();
}

/* No key, counter or plain text of the channel stays when it is over. */
static void nothing_is_left_behind(void **state)
{
    begin_channel("80020001");
    INSIDE("0020008106" RIG_USER_PIN, 0x9000);
    assert_true(ct_is_zero(BYTES(card->hsm->chain.data)));
    SEND(card, SELECT, 0x9000);
    assert_true(ct_is_zero(BYTES(card->hsm->channel.keys.enc)));
    assert_true(ct_is_zero(BYTES(card->hsm->channel.keys.mac)));
    assert_false(card->hsm->channel.open || card->hsm->channel.selected || card->hsm->secured);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(works_before_and_after_login),
        CASE(authenticate_is_refused),
        CASE(mse_accepts_and_refuses),
        CASE(keys_are_renewed),
        CASE(errors_are_inside),
        CASE(le_inside_and_outside),
        CASE(plain_commands_in_between),
        CASE(sizes_up_to_the_limit),
        CASE(chains_are_joined),
        CASE(long_chains_are_joined),
        CASE(chains_are_broken),
        CASE(forged_commands_end_it),
        CASE(replays_end_it),
        CASE(select_ends_it),
        CASE(mse_power_and_reset_end_it),
        CASE(initialize_leaves_it),
        CASE(other_applets_have_none),
        CASE(policy_wants_pins_inside),
        CASE(policy_in_a_session),
        CASE(policy_leaves_the_rest_alone),
        CASE(nothing_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
