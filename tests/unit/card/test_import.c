/* SPDX-License-Identifier: Apache-2.0 */
/* Plain key import (decisions.md, 5E): who may, on which line, each type against what the key then computes, and
 * components that lie. The components are those of a blob, whose own tests are in test_wrap.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/keys.h"
#include "tests/unit/card/import_common.h"
#include "tests/vectors/derive.h"
#include "wire/secure_messaging.h"

#define AES_16 "81120010000102030405060708090A0B0C0D0E0F"

static struct answer import_hex(struct rig *r, uint8_t id, uint8_t type, const char *data)
{
    enum hsm_link before = r->link;
    r->link = HSM_LINK_IN_PROCESS;
    struct answer a = rig_command_hex(r, 0x80, 0x5E, id, type, data, 0);
    r->link = before;
    return a;
}

/* decisions.md: `80 5E 21 0F 18 81 12 0010 ... 91 02 10 11` */
static void the_example(void **state)
{
    struct rig *r = rig_ready(660, "9A020004");
    r->link = HSM_LINK_IN_PROCESS;
    SEND_DATA(r, "805E210F18 81120010 000102030405060708090A0B0C0D0E0F 91021011", 0x9000, "");
    EXPECT_DATA(rig_select_file(r, 0xCC21), 0x9000, "6215 81020000 820108 8302CC21 8A0105 A58104 91021011");
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC21 C421");
    EXPECT_SW(rig_select_file(r, 0xCE21), 0x6A82); /* a secret key has no certificate */
    rig_stop(r);
}

static void ec_keys_sign(void **state)
{
    struct rig *r = rig_ready(661, "9A020004");
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        const struct crypto_curve_params *p = crypto_curve_params((enum crypto_curve)c);
        bytes d = exact(counting(p->field_size - 1, 7 + c));
        span padded = exact_space(p->field_size), point = exact_space(1 + 2 * p->field_size);
        assert_true(span_copy_number(padded, d));
        assert_true(oracle_ec_public((enum crypto_curve)c, view(padded), point));
        EXPECT_EMPTY(import_ec(r, (uint8_t)(1 + c), (enum crypto_curve)c, d, "910170"), 0x9000);
        expect_point(r, (uint8_t)(1 + c), hex_of(view(point)));
        struct answer s = rig_command_hex(r, 0x80, 0x68, (uint8_t)(1 + c), 0x70, hex_of(sha256(TEXT("abc"))), 256);
        EXPECT_SW(s, 0x9000);
        assert_true(oracle_ecdsa_der((enum crypto_curve)c, view(point), sha256(TEXT("abc")), s.data));
        EXPECT_SW(rig_command_hex(r, 0x80, 0x68, (uint8_t)(1 + c), 0x73, "616263", 256), 0x6985); /* its list */
        hex_release();
    }
    rig_stop(r);
}

/* An RSA key goes out of one card as a blob's components and into another, in both forms. */
static void rsa_keys_sign(void **state)
{
    struct rig *from = rig_ready(662, ""), *to = rig_ready(663, "9A020004");
    uint8_t parts[CRYPTO_RSA_PARTS_MAX];
    struct key_info info;
    EXPECT_SW(rig_generate_rsa(from, 1, 1024, 65537, ""), 0x9000);
    assert_int_equal(key_info_load(from->hsm, 1, &info), ST_OK);
    span secret = {parts, key_secret_size(&info)};
    assert_int_equal(key_open(from->hsm, &info, secret), ST_OK);
    struct crypto_rsa key = crypto_rsa_view(view(secret), info.rsa_e);
    struct key_blob_parts crt = {.size = 1024};
    bytes all[] = {key.dp, key.dq, key.p, key.qinv, key.q, key.n, exact("010001")};
    memcpy(crt.part, all, sizeof all);
    EXPECT_EMPTY(import_inside(to, 5, KEY_BLOB_RSA_CRT, import_data(KEY_BLOB_RSA_CRT, &crt, "900400000009")), 0x9000);
    span d = exact_space(128);
    assert_int_equal(crypto_rsa_exponent(&from->hsm->crypto, &key, d), ST_OK);
    struct key_blob_parts plain = {.size = 1024, .part = {view(d), key.n, exact("010001")}};
    EXPECT_EMPTY(import_inside(to, 6, KEY_BLOB_RSA, import_data(KEY_BLOB_RSA, &plain, "")), 0x9000);
    for (uint8_t id = 5; id <= 6; id++) {
        struct cvc request = unattested_request(to, id);
        struct oracle_rsa public = rsa_of(&request);
        assert_hex(public.n, hex_of(key.n));
        struct answer s = rig_command_hex(to, 0x80, 0x68, id, 0x33, "616263", 256);
        EXPECT_SW(s, 0x9000);
        assert_true(oracle_v15(&public, CRYPTO_SHA256, sha256(TEXT("abc")), s.data));
    }
    /* numbers that do not belong together, of the right sizes */
    span wrong = exact_space(128);
    (void)span_copy(wrong, view(d));
    wrong.p[100] ^= 2;
    plain.part[RSA_D] = view(wrong);
    EXPECT_EMPTY(import_inside(to, 7, KEY_BLOB_RSA, import_data(KEY_BLOB_RSA, &plain, "")), 0x6400);
    EXPECT_SW(rig_select_file(to, 0xCC07), 0x6A82);
    rig_stop(from);
    rig_stop(to);
}

/* clang-format off */
static const struct { uint8_t id, type; const char *data; uint16_t sw; const char *why; } refused[] = {
    {0x00, 0x0F, AES_16,                     0x6A86, "P1 00"},
    {0x21, 0x00, AES_16,                     0x6A86, "P2 00"},
    {0x21, 0x07, AES_16,                     0x6A86, "P2 07"},
    {0x21, 0x0D, AES_16,                     0x6A86, "P2 0D"},
    {0x11, 0x0F, AES_16,                     0x6A89, "key exists"},
    {0x11, 0x0F, "",                         0x6A89, "key exists: before the data"},
    {0x21, 0x0F, "",                         0x6700, "no 81"},
    {0x21, 0x0F, "91021011",                 0x6700, "no 81"},
    {0x21, 0x0F, "8113 0010",                0x6A80, "1.9: past the end"},
    {0x21, 0x0F, AES_16 "9103",              0x6A80, "1.9: past the end"},
    {0x21, 0x0F, AES_16 "90020001",          0x6A80, "3.12: 90 of 2 bytes"},
    {0x21, 0x0F, AES_16 "920110",            0x6A80, "3.12: domain 16"},
    {0x21, 0x0F, "8100",                     0x6984, "no size"},
    {0x21, 0x0F, "811100" "10000102030405060708090A0B0C0D0E", 0x6984, "key shorter than said"},
    {0x21, 0x0F, "81130010" "000102030405060708090A0B0C0D0E0F80", 0x6984, "a byte behind the key"},
    {0x21, 0x0F, "81110009" "000102030405060708090A0B0C0D0E", 0x6984, "9 bytes of key"},
    {0x21, 0x0F, "81020000",                 0x6984, "no bytes of key"},
    {0x21, 0x0C, "81020100",                 0x6984, "EC without components"},
    {0x21, 0x05, "81020400",                 0x6984, "RSA without components"},
    {0x21, 0x06, "81020400",                 0x6984, "RSA without components"},
    {0x21, 0x0C, AES_16,                     0x6984, "AES components as EC"},
    {0x21, 0x0C, "81120100 0000 0000 0001FD 0000 0000 000101 0000", 0x6984, "unknown prime"},
};
/* clang-format on */

static void every_refusal_leaves_nothing(void **state)
{
    struct rig *r = rig_ready(664, "9A020004");
    EXPECT_SW(rig_generate_ec(r, 0x11, CRYPTO_SECP256R1, ""), 0x9000);
    uint32_t generation = rig_generation(r);
    for (size_t i = 0; i < COUNT(refused); i++) {
        EXPECT_ROW(import_hex(r, refused[i].id, refused[i].type, refused[i].data), refused[i].sw, "", refused[i].why);
    }
    assert_int_equal(rig_generation(r), generation);
    EXPECT_SW(rig_select_file(r, 0xCC21), 0x6A82);
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x9000);
    EXPECT_SW(import_hex(r, 0x22, 0x0F, AES_16 "91025184 920100"), 0x9000); /* as 48: only key pairs are for exchange */
    rig_stop(r);
}

/* Impossible values behind a good form. */
static void impossible_ec_values(void **state)
{
    struct rig *r = rig_ready(665, "9A020004");
    const struct crypto_curve_params *p = crypto_curve_params(CRYPTO_SECP256R1);
    static const char *const bad[] = {"00", "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
                                      "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                                      "01FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        EXPECT_ROW(import_ec(r, 1, CRYPTO_SECP256R1, exact(bad[i]), ""), 0x6400, "", bad[i]);
    }
    struct key_blob_parts parts = ec_parts(CRYPTO_SECP256R1, exact("02"));
    parts.part[EC_Q] = p->g; /* that is 1·G */
    EXPECT_EMPTY(import_inside(r, 1, KEY_BLOB_EC, import_data(KEY_BLOB_EC, &parts, "")), 0x6400);
    parts.part[EC_Q] = NO_BYTES;
    parts.size = 255;
    EXPECT_EMPTY(import_inside(r, 1, KEY_BLOB_EC, import_data(KEY_BLOB_EC, &parts, "")), 0x6984);
    parts.size = 256;
    EXPECT_EMPTY(import_inside(r, 1, KEY_BLOB_EC, import_data(KEY_BLOB_EC, &parts, "")), 0x9000);
    rig_stop(r);
}

/* Who may, and on which line: login, then the policy, then the line, then the button. */
static void who_may(void **state)
{
    struct rig *r = rig_ready(666, "");
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x6985); /* no bit */
    EXPECT_SW(rig_initialise(r, "9A02000B"), 0x9000);
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x6985); /* all other bits */
    EXPECT_SW(rig_initialise(r, "9A020004 80020100"), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x6982);
    EXPECT_SW(rig_login_so(r), 0x9000);
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x6982); /* DP-27 */
    EXPECT_SW(rig_login(r), 0x9000);
    unsigned calls = r->presence.calls;
    EXPECT_SW(rig_command_hex(r, 0x80, 0x5E, 0x21, 0x0F, AES_16, 0), 0x6987); /* in plain, on a cable */
    assert_int_equal(r->presence.calls, calls);
    r->presence.answer = false;
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x6600);
    EXPECT_SW(rig_select_file(r, 0xCC21), 0x6A82);
    r->presence.answer = true;
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x9000);
    EXPECT_SW(rig_initialise(r, ""), 0x9000); /* the bit goes with the next INITIALIZE */
    EXPECT_SW(import_hex(r, 0x21, 0x0F, AES_16), 0x6985);
    rig_stop(r);
}

/* The same over a cable, inside a secure channel. */
static void inside_a_secure_channel(void **state)
{
    struct rig *r = rig_ready(667, "9A020004");
    uint8_t point[SM_POINT_SIZE], x[SM_SHARED_SIZE], token[SM_TOKEN_SIZE];
    struct sm_channel host;
    struct apdu plain, sealed;
    bytes inner = NO_BYTES, nonce = NO_BYTES;
    SEND(r, "002241A40C800A04007F00070202030202", 0x9000);
    assert_true(oracle_ecdh(CRYPTO_SECP256R1, exact_copy(device_point(r)), SPAN(point), SPAN(x)));
    struct answer a = rig_send(r, text_of("00860000457C438041%s00", hex_of(BYTES(point))));
    EXPECT_SW(a, 0x9000);
    assert_true(tlv_find(a.data, 0x7C, &inner) && tlv_find(inner, 0x81, &nonce));
    assert_int_equal(sm_agree(&r->hsm->crypto, BYTES(x), nonce, BYTES(point), &host, SPAN(token)), ST_OK);
    assert_int_equal(apdu_parse(exact("805E210F14" AES_16), &plain), ST_OK);
    buf body = buf_over(exact_space(200)), whole = buf_over(exact_space(300));
    assert_int_equal(sm_seal_command(&r->hsm->crypto, &host, &plain, &body, &sealed), ST_OK);
    assert_int_equal(apdu_write(&sealed, &whole), ST_OK);
    a = rig_send_bytes(r, exact_copy(written(&whole)));
    EXPECT_SW(a, 0x9000);
    struct answer opened = {NO_BYTES, 0};
    span into = exact_space(64);
    assert_int_equal(sm_open_response(&r->hsm->crypto, &host, a.data, into, &opened.data, &opened.sw), ST_OK);
    assert_int_equal(opened.sw, 0x9000);
    EXPECT_SW(rig_select_file(r, 0xCC21), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x5E, 0x22, 0x0F, AES_16, 0), 0x6987); /* a plain one is as plain as before */
    rig_stop(r);
}

/* Policy bit 0008 (decisions.md): no key decrypts PKCS#1 v1.5; raw and OAEP are not covered. */
static void pkcs1_decryption_can_be_forbidden(void **state)
{
    for (unsigned forbidden = 0; forbidden < 2; forbidden++) {
        struct rig *r = rig_ready(668, forbidden ? "9A020008" : "9A020007");
        span cipher = exact_space(128);
        struct answer made = rig_generate_rsa(r, 1, 1024, 65537, "");
        struct cvc request = request_in(made.data);
        struct oracle_rsa public = rsa_of(&request);
        r->link = HSM_LINK_IN_PROCESS;
        assert_true(oracle_encrypt_v15(&public, TEXT("hello"), cipher));
        EXPECT_SW(rig_command(r, 0x80, 0x62, 1, 0x22, view(cipher), 256), forbidden ? 0x6985 : 0x9000);
        EXPECT_SW(rig_command(r, 0x80, 0x62, 1, 0x21, view(cipher), 256), 0x9000);
        assert_true(oracle_encrypt_oaep(&public, TEXT("hello"), cipher));
        EXPECT_DATA(rig_command(r, 0x80, 0x62, 1, 0x23, view(cipher), 256), 0x9000, "68656C6C6F");
        rig_stop(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_example),
        CASE(ec_keys_sign),
        CASE(rsa_keys_sign),
        CASE(every_refusal_leaves_nothing),
        CASE(impossible_ec_values),
        CASE(who_may),
        CASE(inside_a_secure_channel),
        CASE(pkcs1_decryption_can_be_forbidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
