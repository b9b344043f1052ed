/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations that clients really hold (apdu.md 5.1, 5.2), byte by byte as far as this issue goes, and two cards at
 * work in two threads of one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "tests/unit/card/keys_common.h"

/* One command and its answer: the data are exactly these, or begin with them (`prefix`), or are not looked at
 * (NULL). */
struct turn {
    const char *hex;
    uint16_t sw;
    const char *data;
    bool prefix;
    const char *why;
};

static void hold(struct rig *r, const struct turn *turns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct answer a = rig_send(r, turns[i].hex);
        if (turns[i].prefix) a.data = bytes_first(a.data, exact(turns[i].data).n);
        EXPECT_ROW(a, turns[i].sw, turns[i].data, text_of("%zu: %s: %s", i + 1, turns[i].why, turns[i].hex));
    }
}

#define P256_TEMPLATE                                                                                                  \
    "5F290100 4209555443413030303031 7F4981DA060A04007F00070202020203"                                                 \
    "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"                                             \
    "8220FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC"                                             \
    "83205AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"                                             \
    "8441046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C2964FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B" \
    "31"                                                                                                               \
    "5ECECBB6406837BF51F5"                                                                                             \
    "8520FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551870101"
#define FCI(options) "62 22 81020000 820101 83020000 840B E82B0601040181C31F0201 8A0105 8505" options "FF0606"

/* ---- 5.1: pypicohsm ---- */

/* clang-format off */
static const struct turn py[] = {
    {"00A4040408A0583FC19B7E4F2100",       0x9000, "00010606", true, "1: rescue, platform 00, product 1"},
    {"00A404000BE82B0601040181C31F020100", 0x9000, FCI("0000"), false, "2"},
    {"00B12F02000004540200000000",         0x9000, "7F218201B77F4E", true, "3: device id, not 6A82"},
    {"00200081000006363438323139 0000",    0x6A88, "", false, "4: errors ignored"},
    {"00200081000006363438323139 0000",    0x6A88, "", false, "5: start of initialize()"},
    {"00200088000008 3537363231383830 0000", 0x6A88, "", false, "5"},
    {"80500000 00001C 80020001 8106363438323139 82083537363231383830 910103 920102 0000", 0x9000, "", false, "6"},
    {"00B1CE00000004540200000000",         0x9000, "678201ED7F218201937F4E82014B5F290100", true, "7: CE00"},
    {"00A400000000022F020000",             0x9000, "620E 810201BC 820101 83022F02 8A0105", false, "8: SELECT 2F02"},
    {"00D70000 00000B 54020000 53820003 7F2100 0000", 0x9000, "", false, "8: the chain (here: a stub)"},
    {"00B12F02000004540200000000",         0x9000, "7F2100", false, "8: written"},
    {"80520000 000020 A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5 0000", 0x9000, "0201 0000000000000000", false,
     "9: a DKEK share; DP-45"},
    {"00580000000000",                     0x9000, "CC00", false, "10: free id = 1"},
    {"00460100 0000FD" P256_TEMPLATE "5F200D55544344554D4D593030303031 0000", 0x9000,
     "678201E37F218201897F4E8201415F290100420955544341303030303 17F4982011D", true, "11"},
    {"80680173000003616263 0000",          0x9000, "30", true, "12"},
    {"00B1CE01000004540200000000",         0x9000, "678201E3", true, "13"},
    {"00A40000000002CC010000",             0x9000, "620E 81020000 820108 8302CC01 8A0105", false, "metadata"},
    {"00580000000000",                     0x9000, "CC00CC01C401", false, "list"},
    {"00E40000000002CC01 0000",            0x9000, "", false, "14"},
    {"00E40000000002C401 0000",            0x9000, "", false, "14"},
    {"00E40000000002CE01 0000",            0x9000, "", false, "14"},
    {"00580000000000",                     0x9000, "CC00", false, "gone"},
    {"00D7CF0100000D 54020000 53820005 68656C6C6F 0000", 0x9000, "", false, "put_contents"},
    {"00B1CF01000004540200000000",         0x9000, "68656C6C6F", false, "get_contents"},
    {"00D7CF02000000",                     0x9000, "", false, "3.4: create empty"},
    {"80500000000000",                     0x9000, NULL, false, "version"},
    {"00840000000008",                     0x9000, NULL, false, "challenge"},
};

/* get_login_retries, then the automatic VERIFY after 6982 (4.2, 3.8) */
static const struct turn py_login[] = {
    {"00A404000BE82B0601040181C31F020100", 0x9000, FCI("0001"), false, "SELECT logs out"},
    {"00200081000000",                     0x63C3, "", false, "retries"},
    {"00460200 000032 5F290100 4209555443413030303031 7F4910060A04007F0007020202010202020400 "
     "5F200D55544344554D4D593030303031 0000", 0x6982, "", false, "not logged in"},
    {"0020008106363438323139 00",          0x9000, "", false, "VERIFY, short with Le"},
    {"00460200 000032 5F290100 4209555443413030303031 7F4910060A04007F0007020202010202020400 "
     "5F200D55544344554D4D593030303031 0000", 0x9000, "678201997F2182", true, "repeated"},
    {"80680233000003616263 0000",          0x9000, NULL, false, "RSA"},
};
/* clang-format on */

static void pypicohsm(void **state)
{
    struct rig *r = rig_start(600);
    hold(r, py, COUNT(py));
    hold(r, py_login, COUNT(py_login));
    rig_stop(r);
}

/* ---- 5.2: OpenSC ---- */

#define OSC_SELECT "00A404000BE82B0601040181C31F020100"

/* clang-format off */
/* sc-hsm-tool --initialize --so-pin 3537363231383830 --pin 648219 --label L */
static const struct turn osc_initialise[] = {
    {OSC_SELECT,                           0x9000, FCI("0000"), false, "match"},
    {"8050000019 80020001 8106363438323139 82083537363231383830 910103", 0x9000, "", false, "initialize"},
    {"002000810 6363438323139",            0x9000, "", false, "for the label"},
    {"00D72F0317 54020000 5311 300F020101 0401AA 80034C4142 03020430", 0x9000, "", false, "label"},
};

static const struct turn osc_bind[] = {
    {OSC_SELECT,                           0x9000, FCI("0001"), false, "select"},
    {"00A40000022F0300",                   0x9000, "620E 81020011 820101 83022F03 8A0105", false, "token info"},
    {"00B10000045402000000",               0x9000, "300F0201010401AA80034C414203020430", false, "read"},
    {"00B10000045402001100",               0x9000, "", false, "end"},
    {"00A40800022F0200",                   0x9000, "620E 810201BC 820101 83022F02 8A0105", false,
     "3.3: path of one element"},
    {"00B1000000000454020000 0400",        0x9000, "7F218201B7", true, "extended read of 1024"},
    {"00200085",                           0x6A88, "", false, "PIN-pad probe"},
    {"00200086",                           0x6A88, "", false, "PIN-pad probe"},
    {"80580000000000",                     0x9000, "CC00", false, "objects"},
    {"00200081",                           0x63C3, "", false, "user PIN"},
    {"00200088",                           0x63CF, "", false, "SO-PIN"},
};

/* Key 1 is generated, its description and a certificate are written, then logout. */
static const struct turn osc_keygen[] = {
    {"002000810 6363438323139",            0x9000, "", false, "login"},
    {"80580000000000",                     0x9000, "CC00", false, "lowest free id: 1"},
    {"00460100 000100" P256_TEMPLATE "5F201045535049434F48534D54523030303031 0000", 0x9000, "678201E6", true,
     "generate (CHR of 16)"},
    {"00D7C40136 54020000 5330 A02E 300F 0C0665636B657931 030206C0 040101 300F 040101 0303072080 030203B8 020101 "
     "A10A30083002040002020100", 0x9000, "", false, "PrKD"},
    {"00A4000002CE0100",                   0x9000, "620E 810201EA 820101 8302CE01 8A0105", false, "SELECT the request"},
    {"00E4020002CE01",                     0x9000, "", false, "DELETE it"},
    {"00D7CE0106 54020000 5300",           0x9000, "", false, "create"},
    {"00D7000009 54020000 5303 3001AA",    0x9000, "", false, "the certificate, first block"},
    {"00D7000009 54020003 5303 BBCCDD",    0x9000, "", false, "second block"},
    {"00A4000002C40100",                   0x9000, "620E 81020030 820101 8302C401 8A0105", false, "read back"},
    {"00B10000045402000000",               0x9000, "A02E300F0C06", true, "read back"},
    {"00A4000002CE0100",                   0x9000, "620E 81020006 820101 8302CE01 8A0105", false, "read back"},
    {"00B10000045402000000",               0x9000, "3001AABBCCDD", false, "read back"},
    {"00B10000045402000600",               0x9000, "", false, "end"},
    {"80680170 000020 0102030405060708091011121314151617181920212223242526272829303132 0200", 0x9000, "30", true,
     "sign, Ne 512"},
    {"00D7C90130 54020000 532A 3028300A0C04646174610302 06C0 300A0C086F70656E7373682D A10E300C300A0408 "
     "CD010000000000 00", 0x9000, "", false, "a data object"},
    {OSC_SELECT,                           0x9000, FCI("0001"), false, "logout"},
    {"00200081",                           0x63C3, "", false, "logged out"},
};

static const struct turn osc_pins[] = {
    {"002C00810E 3537363231383830 313233343536", 0x9000, "", false, "pkcs15-tool --unblock-pin"},
    {"002400810C 313233343536 363438323139",     0x9000, "", false, "--change-pin"},
    {"0024008810 3537363231383830 3132333435363738", 0x9000, "", false, "SO-PIN"},
    {"0024008810 3132333435363738 3537363231383830", 0x9000, "", false, "and back"},
    {"0084000008",                               0x9000, NULL, false, "C_GenerateRandom"},
    {"805200000000",                             0x9000, "0000 0000000000000000", false, "DKEK status: there is none"},
    {"8054000004",                               0x6A86, "", false, "--public-key-auth-status: not configured"},
};
/* clang-format on */

static void opensc(void **state)
{
    struct rig *r = rig_start(601);
    hold(r, osc_initialise, COUNT(osc_initialise));
    hold(r, osc_bind, COUNT(osc_bind));
    hold(r, osc_keygen, COUNT(osc_keygen));
    hold(r, osc_pins, COUNT(osc_pins));
    rig_stop(r);
}

/* "A READ is a loop of 00 B1 00 00 … until 0 bytes or 6282 come back", with readers of every size. */
static void opensc_reads_files_in_loops(void **state)
{
    static const uint32_t sizes[] = {1, 100, 231, 256, 1000, 4096};
    struct rig *r = rig_ready(602, "");
    bytes file = exact(counting(1500, 3));
    EXPECT_SW(rig_update(r, 0xCF01, 0, file), 0x9000);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        SEND(r, "00A4000002CF0100", 0x9000);
        size_t at = 0;
        for (;;) {
            struct answer a = rig_command_hex(r, 0x00, 0xB1, 0, 0, text_of("5402%04zX", at), sizes[i]);
            EXPECT_SW(a, 0x9000);
            if (a.data.n == 0) break;
            assert_true(bytes_equal(a.data, bytes_first(bytes_after(file, at), sizes[i])));
            at += a.data.n;
        }
        assert_int_equal(at, file.n);
    }
    rig_stop(r);
}

/* ---- 5.2: sc-hsm-embedded ---- */

/* clang-format off */
static const struct turn she[] = {
    {"00200081",                           0x6A82, "", false, "before SELECT: anything but 9000"},
    {"00A404040BE82B0601040181C31F020100", 0x9000, FCI("0000"), false, "P2 04"},
    {"80500000 1C 80020002 8106363438323139 82083537363231383830 910103 970101", 0x9000, "", false,
     "key-generator: transport PIN, one domain"},
    {"00A404040BE82B0601040181C31F020100", 0x9000, FCI("0002"), false, "select"},
    {"00B12F020000045402000000 00",        0x9000, "7F21", true, "by FID, all"},
    {"00B12F030000045402000000 00",        0x9000, "3032020101", true, "label begins with SmartCard-HSM"},
    {"80580000000000",                     0x9000, "CC00", false, "objects"},
    {"00200081",                           0x6984, "", false, "PIN to be changed"},
    {"002400810C 363438323139 313233343536", 0x9000, "", false, "change"},
    {"0020008106 313233343536",            0x9000, "", false, "login"},
    {"00460100 31 7F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFF"
     "FF", 0x9000, "", false, "3.12: case 3, 9000 without data"},
    {"00460200 34 7F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFF"
     "FF 920101", 0x9000, "", false, "domain 1 on a one-domain card"},
    {"00B1C401000004540200000000",         0x9000, "A01A30020C0030080401310303072080A10A30083002040002020100", false,
     "description"},
    {"00B1CE01000004540200000000",         0x9000, "67", true, "request"},
    {"8068017303616263 00",                0x9000, "30", true, "sign, short form"},
    {"00D7C40110 54020000 530A A00830020C00 3002 0400", 0x9000, "", false, "description"},
    {"00E4020002CC01",                     0x9000, "", false, "delete"},
    {"00E4020002C401",                     0x9000, "", false, "delete"},
    {"00E4020002CE01",                     0x9000, "", false, "delete"},
    {"002C01810 83537363231383830",        0x6986, "", false, "unblock: option off"},
    {"0084000000 0400",                    0x9000, NULL, false, "1024 random bytes"},
    {"00A4040C0BE82B0601040181C31F0201",   0x9000, "", false, "ram-client"},
};
/* clang-format on */

static void sc_hsm_embedded(void **state)
{
    struct rig *r = rig_start(603);
    hold(r, she, COUNT(she));
    rig_stop(r);
}

/* ---- two cards, two threads ---- */

struct work {
    pthread_t thread;
    uint64_t seed;
    bool started;
    unsigned good, wanted; /* commands that answered 9000, and all */
    uint8_t point[65], signature[8][80];
    size_t signature_size[8];
};

static bool count(struct work *w, uint16_t sw)
{
    w->wanted++;
    if (sw == 0x9000) w->good++;
    return sw == 0x9000;
}

/* No assertions here: cmocka's jump out of a thread is undefined. */
static void *be_a_card(void *ctx)
{
    struct work *w = ctx;
    struct rig *r = rig_ready(w->seed, "80020001");
    struct cvc request;
    struct answer a = rig_generate_ec(r, 1, CRYPTO_SECP256R1, "9004000003E8");
    if (count(w, a.sw) && cvc_parse(a.data, &request)) span_copy(SPAN(w->point), cvc_key_field(&request.key, 0x86));
    for (unsigned i = 0; i < 8; i++) {
        count(w, rig_generate_rsa(r, 2, 1024, 65537, "").sw);
        count(w, rig_send(r, "8068023303616263 00").sw);
        count(w, rig_generate_ec(r, 3, (enum crypto_curve)(i % CRYPTO_CURVE_COUNT), "").sw);
        count(w, rig_command(r, 0x80, 0x68, 3, 0x75, TEXT("abc"), 256).sw);
        count(w, rig_update(r, 0xCF01, 0, TEXT("data")).sw);
        a = rig_send(r, "8068017303616263 00");
        count(w, a.sw);
        if (a.data.n <= sizeof w->signature[i]) span_copy(SPAN(w->signature[i]), a.data);
        w->signature_size[i] = a.data.n;
        count(w, rig_power_cycle(r) == ST_OK ? 0x9000 : 0);
        count(w, rig_select(r).sw);
        count(w, rig_login(r).sw);
        rig_forget(r);
    }
    rig_stop(r);
    return NULL;
}

static void two_cards_in_two_threads(void **state)
{
    static struct work works[2] = {{.seed = 604}, {.seed = 605}};
    for (size_t i = 0; i < COUNT(works); i++)
        assert_int_equal(pthread_create(&works[i].thread, NULL, be_a_card, &works[i]), 0);
    for (size_t i = 0; i < COUNT(works); i++) assert_int_equal(pthread_join(works[i].thread, NULL), 0);
    bytes digest = sha256(TEXT("abc"));
    for (size_t i = 0; i < COUNT(works); i++) {
        assert_int_equal(works[i].good, works[i].wanted);
        assert_int_equal(works[i].wanted, 1 + 8 * 9);
        for (unsigned n = 0; n < 8; n++) {
            bytes signature = {works[i].signature[n], works[i].signature_size[n]};
            assert_true(oracle_ecdsa_der(CRYPTO_SECP256R1, BYTES(works[i].point), digest, signature));
            assert_false(oracle_ecdsa_der(CRYPTO_SECP256R1, BYTES(works[1 - i].point), digest, signature));
        }
    }
}

/* The same seed and the same commands: the same card to the last byte, whatever runs beside it. */
static void threads_do_not_disturb_each_other(void **state)
{
    static struct work alone = {.seed = 606}, beside[2] = {{.seed = 606}, {.seed = 607}};
    be_a_card(&alone);
    for (size_t i = 0; i < COUNT(beside); i++)
        assert_int_equal(pthread_create(&beside[i].thread, NULL, be_a_card, &beside[i]), 0);
    for (size_t i = 0; i < COUNT(beside); i++) assert_int_equal(pthread_join(beside[i].thread, NULL), 0);
    assert_memory_equal(alone.point, beside[0].point, sizeof alone.point);
    assert_memory_equal(alone.signature, beside[0].signature, sizeof alone.signature);
}

/* Two cards taking turns in one thread. */
static void two_cards_take_turns(void **state)
{
    struct rig *a = rig_ready(608, ""), *b = rig_ready(609, "");
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_SW(rig_generate_ec(a, 1, CRYPTO_SECP256R1, ""), 0x9000);
        EXPECT_SW(rig_select(b), 0x9000);
        SEND(b, "8068017303616263 00", 0x6982);
        SEND(a, "8068017303616263 00", 0x9000);
        EXPECT_SW(rig_login(b), 0x9000);
        SEND(b, "8068017303616263 00", i ? 0x9000 : 0x6A82);
        EXPECT_SW(rig_generate_ec(b, 1, CRYPTO_BP256R1, ""), 0x9000);
    }
    rig_stop(a);
    rig_stop(b);
}

/* The trace names what ran and never data; the LED ends idle. */
static void trace_and_led(void **state)
{
    struct rig *r = rig_ready(610, "");
    SEND(r, "8058000000", 0x9000);
    assert_string_equal(r->traced, "LIST OBJECTS");
    SEND(r, "00FF000000", 0x6D00);
    assert_string_equal(r->traced, "unknown");
    EXPECT_SW(rig_select(r), 0x9000);
    assert_string_equal(r->traced, "SELECT applet");
    SEND(r, "00200081", 0x63C3);
    assert_string_equal(r->traced, "VERIFY");
    assert_int_equal(r->led, LED_IDLE);
    assert_true(r->led_shown[LED_PROCESSING] >= 4);
    assert_int_equal(r->led_shown[LED_WAITING_FOR_BUTTON], 0);
    r->board.trace = NULL; /* may be absent */
    SEND(r, "8058000000", 0x9000);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pypicohsm),
        CASE(opensc),
        CASE(opensc_reads_files_in_loops),
        CASE(sc_hsm_embedded),
        CASE(two_cards_in_two_threads),
        CASE(threads_do_not_disturb_each_other),
        CASE(two_cards_take_turns),
        CASE(trace_and_led),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
