/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for symmetric operations: OIDs are whole or nothing, objects stay inside their parents, sizes are judged before
 * a key is touched; and the kinds of secret keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/cipher_request.h"

#define AES "6086480165030401"
#define IV_16 "000102030405060708090A0B0C0D0E0F"

/* clang-format off */
static const struct { const char *oid; enum cipher_family family; int mode; uint8_t key_size; } oids[] = {
    {AES "01", CIPHER_TEXT, CRYPTO_AES_ECB, 16}, {AES "15", CIPHER_TEXT, CRYPTO_AES_ECB, 24}, {AES "29", CIPHER_TEXT, CRYPTO_AES_ECB, 32},
    {AES "02", CIPHER_TEXT, CRYPTO_AES_CBC, 16}, {AES "16", CIPHER_TEXT, CRYPTO_AES_CBC, 24}, {AES "2A", CIPHER_TEXT, CRYPTO_AES_CBC, 32},
    {AES "03", CIPHER_TEXT, CRYPTO_AES_OFB, 16}, {AES "17", CIPHER_TEXT, CRYPTO_AES_OFB, 24}, {AES "2B", CIPHER_TEXT, CRYPTO_AES_OFB, 32},
    {AES "04", CIPHER_TEXT, CRYPTO_AES_CFB, 16}, {AES "18", CIPHER_TEXT, CRYPTO_AES_CFB, 24}, {AES "2C", CIPHER_TEXT, CRYPTO_AES_CFB, 32},
    {AES "06", CIPHER_TEXT, CRYPTO_AES_GCM, 16}, {AES "1A", CIPHER_TEXT, CRYPTO_AES_GCM, 24}, {AES "2E", CIPHER_TEXT, CRYPTO_AES_GCM, 32},
    {AES "07", CIPHER_TEXT, CRYPTO_AES_CCM, 16}, {AES "1B", CIPHER_TEXT, CRYPTO_AES_CCM, 24}, {AES "2F", CIPHER_TEXT, CRYPTO_AES_CCM, 32},
    {AES "09", CIPHER_TEXT, CRYPTO_AES_CTR, 16}, {AES "1D", CIPHER_TEXT, CRYPTO_AES_CTR, 24}, {AES "31", CIPHER_TEXT, CRYPTO_AES_CTR, 32},
    {"2B6F028C5300000101", CIPHER_TEXT, CRYPTO_AES_XTS, 32}, {"2B6F028C5300000102", CIPHER_TEXT, CRYPTO_AES_XTS, 64},
    {"2A864886F70D0109100312", CIPHER_TEXT, CRYPTO_CHACHA20_POLY1305, 32},
    {"2A864886F70D0207", CIPHER_MAC, CRYPTO_HMAC, 0}, {"2A864886F70D0208", CIPHER_MAC, CRYPTO_HMAC, 0},
    {"2A864886F70D0209", CIPHER_MAC, CRYPTO_HMAC, 0}, {"2A864886F70D020A", CIPHER_MAC, CRYPTO_HMAC, 0},
    {"2A864886F70D020B", CIPHER_MAC, CRYPTO_HMAC, 0},
    {"2A864886F70D010910031D", CIPHER_HKDF, -1, 0}, {"2A864886F70D010910031E", CIPHER_HKDF, -1, 0},
    {"2A864886F70D010910031F", CIPHER_HKDF, -1, 0}, {"2A864886F70D01050C", CIPHER_PBKDF2, -1, 0},
    {"2B81051086483F", CIPHER_X963, -1, 0}, {"2B0601040183A878058D6B", CIPHER_HD, -1, 0},
};
/* clang-format on */

static void each_oid_is_known_whole(void **state)
{
    size_t known = 0;
    for (size_t i = 0; i < COUNT(oids); i++) {
        const struct cipher_algorithm *a = cipher_algorithm_by_oid(exact(oids[i].oid));
        assert_non_null(a);
        assert_int_equal(a->family, oids[i].family);
        if (oids[i].mode >= 0) assert_int_equal((int)a->mode, oids[i].mode);
        assert_int_equal(a->key_size, oids[i].key_size);
        bytes oid = exact(oids[i].oid);
        for (size_t n = 0; n < oid.n; n++) assert_null(cipher_algorithm_by_oid(exact_copy(bytes_first(oid, n))));
        span longer = exact_space(oid.n + 1);
        memcpy(longer.p, oid.p, oid.n);
        assert_null(cipher_algorithm_by_oid(view(longer)));
    }
    for (unsigned last = 0; last < 256; last++) { /* the arc of AES: 21 numbers and no more */
        span oid = exact_space(9);
        memcpy(oid.p, exact(AES).p, 8);
        oid.p[8] = (uint8_t)last;
        known += cipher_algorithm_by_oid(view(oid)) != NULL;
    }
    assert_int_equal(known, 21);
    for (unsigned id = 0; id < 256; id++)
        assert_int_equal(cipher_algorithm_by_id((uint8_t)id) != NULL,
                         id == 0x10 || id == 0x11 || id == 0x18 || id == 0x99);
}

static void objects_are_read(void **state)
{
    struct cipher_request q;
    bytes in = exact("8603AABBCC 850110 840120 8301AD 8202BEEF 8100 0609" AES "29 8101FF C000");
    assert_int_equal(cipher_request_read(in, &q), ST_OK);
    assert_true(q.has_data && q.has_iv && q.has_size && q.has_tag && q.has_peer);
    assert_int_equal(q.data.n, 0); /* the first one */
    assert_hex(q.iv, "BEEF");
    assert_hex(q.more, "AD");
    assert_hex(q.size, "20");
    assert_hex(q.tag, "10");
    assert_hex(q.peer, "AABBCC");
    assert_int_equal(cipher_request_read(exact("0609" AES "29"), &q), ST_OK);
    assert_false(q.has_data || q.has_iv || q.has_size || q.has_tag || q.has_peer);
    assert_int_equal(cipher_request_read(exact("060118"), &q), ST_BAD_LENGTH);
    assert_int_equal(cipher_request_read_stream(exact("060118"), &q), ST_OK);
    assert_int_equal(q.algorithm->mode, CRYPTO_AES_CMAC);
    assert_int_equal(cipher_request_read_stream(exact("06021800"), &q), ST_BAD_LENGTH);
    assert_int_equal(cipher_request_read(NO_BYTES, &q), ST_BAD_LENGTH);
}

static void truncated_requests_are_refused(void **state)
{
    bytes whole = exact("0609" AES "29 8103FFFFFF 8210" IV_16);
    for (size_t n = 0; n < whole.n; n++) {
        struct cipher_request q = {.tag = whole};
        status st = cipher_request_read(exact_copy(bytes_first(whole, n)), &q);
        bool between = n == 11 || n == 16;
        assert_int_equal(st, n == 0 ? ST_BAD_LENGTH : between ? ST_OK : ST_BAD_DATA);
        if (!between) assert_ptr_equal(q.tag.p, whole.p); /* untouched */
    }
}

/* What is judged of a cipher before the key. `tag`: the size chosen. */
/* clang-format off */
static const struct { const char *in; size_t key_size; status st; uint8_t tag; size_t iv; } params[] = {
    {"0609" AES "01", 16, ST_OK, 0, 0},
    {"0609" AES "01 8201AA", 16, ST_OK, 0, 0},
    {"0609" AES "01", 24, ST_BAD_LENGTH, 0, 0},
    {"0609" AES "02", 16, ST_OK, 0, 16},
    {"0609" AES "02 8200", 16, ST_BAD_LENGTH, 0, 0},
    {"0609" AES "02 8210" IV_16, 16, ST_OK, 0, 16},
    {"0609" AES "02 850110", 16, ST_BAD_LENGTH, 0, 0},
    {"0609" AES "06", 16, ST_BAD_LENGTH, 0, 0},
    {"0609" AES "06 8210" IV_16, 16, ST_OK, 16, 16},
    {"0609" AES "06 8210" IV_16 "85010C", 16, ST_OK, 12, 16},
    {"0609" AES "06 8210" IV_16 "85010B", 16, ST_BAD_LENGTH, 0, 0},
    {"0609" AES "06 8210" IV_16 "850100", 16, ST_BAD_LENGTH, 0, 0},
    {"0609" AES "06 8210" IV_16 "8500", 16, ST_BAD_LENGTH, 0, 0},
    {"0609" AES "07 820700000000000000 850104", 16, ST_OK, 4, 7},
    {"0609" AES "07 820700000000000000 850105", 16, ST_BAD_LENGTH, 0, 0},
    {"06092B6F028C5300000102", 64, ST_OK, 0, 16},
    {"06092B6F028C5300000102", 32, ST_BAD_LENGTH, 0, 0},
    {"06082A864886F70D0209 8201AA 8301BB", 1, ST_OK, 0, 0},
    {"060B2A864886F70D010910031D", 32, ST_BAD_LENGTH, 0, 0},
    {"06092A864886F70D01050C", 32, ST_BAD_LENGTH, 0, 0},
    {"060B2B0601040183A878058D6B", 32, ST_BAD_LENGTH, 0, 0},
};
/* clang-format on */

static void parameters_are_judged(void **state)
{
    for (size_t i = 0; i < COUNT(params); i++) {
        struct cipher_request q;
        struct crypto_cipher_params p;
        assert_int_equal(cipher_request_read(exact(params[i].in), &q), ST_OK);
        status st = cipher_request_params(&q, true, params[i].key_size, &p);
        if (st != params[i].st) fail_msg("row %zu: %d", i, st);
        if (st != ST_OK) continue;
        assert_int_equal(p.tag_size, params[i].tag);
        assert_int_equal(p.iv.n, params[i].iv);
    }
}

static void texts_are_judged(void **state)
{
    static const struct {
        enum crypto_mode mode;
        bool encrypt;
        uint8_t tag;
        size_t n;
        status st;
    } texts[] = {
        {CRYPTO_AES_ECB, true, 0, 0, ST_BAD_LENGTH},    {CRYPTO_AES_ECB, true, 0, 32, ST_OK},
        {CRYPTO_AES_CBC, false, 0, 17, ST_BAD_LENGTH},  {CRYPTO_AES_CTR, false, 0, 0, ST_OK},
        {CRYPTO_AES_XTS, true, 0, 15, ST_BAD_LENGTH},   {CRYPTO_AES_XTS, true, 0, 17, ST_OK},
        {CRYPTO_AES_GCM, false, 12, 11, ST_BAD_LENGTH}, {CRYPTO_AES_GCM, false, 12, 12, ST_OK},
        {CRYPTO_AES_GCM, true, 12, 0, ST_OK},           {CRYPTO_MODE_COUNT, true, 0, 16, ST_BAD_LENGTH},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct crypto_cipher_params p = {
            .mode = texts[i].mode, .encrypt = texts[i].encrypt, .tag_size = texts[i].tag};
        if (cipher_text_check(&p, texts[i].n) != texts[i].st) fail_msg("row %zu", i);
    }
}

/* Parameters of PBKDF2: every cut is refused, the whole says what it says. */
static void derivations_are_read(void **state)
{
    struct cipher_request q;
    struct kdf k;
    bytes whole = exact("0402AABB 02030F4240 020200FF 300C 0608 2A864886F70D020B 0500");
    for (size_t n = 0; n <= whole.n; n++) {
        buf in = buf_over(exact_space(13 + n));
        put_bytes(&in, exact("06092A864886F70D01050C 81"));
        put_u8(&in, (uint8_t)n);
        put_bytes(&in, bytes_first(whole, n));
        assert_int_equal(cipher_request_read(written(&in), &q), ST_OK);
        bool complete = n == 9 || n == 13 || n == whole.n; /* the optional ones are missing */
        assert_int_equal(cipher_request_kdf(&q, &k), complete ? ST_OK : ST_BAD_DATA);
        if (n == 9) assert_true(k.hash == CRYPTO_SHA1 && k.size == 0);
    }
    assert_true(k.hash == CRYPTO_SHA512 && k.rounds == 1000000 && k.size == 255);
    assert_hex(k.salt, "AABB");
    assert_int_equal(k.natural_size, 32);
    assert_int_equal(cipher_request_read(exact("060B2A864886F70D010910031F 8101AA 8201BB 8301CC"), &q), ST_OK);
    assert_int_equal(cipher_request_kdf(&q, &k), ST_OK);
    assert_true(k.hash == CRYPTO_SHA512 && k.natural_size == 64);
    assert_hex(k.info, "AA");
    assert_hex(k.salt, "BB");
    assert_int_equal(cipher_request_read(exact("06072B81051086483F 81082A864886F70D020A 8301CC"), &q), ST_OK);
    assert_int_equal(cipher_request_kdf(&q, &k), ST_OK);
    assert_true(k.hash == CRYPTO_SHA384);
    assert_hex(k.info, "CC");
    assert_int_equal(cipher_request_read(exact("0609" AES "29"), &q), ST_OK);
    assert_int_equal(cipher_request_kdf(&q, &k), ST_BAD_LENGTH);
}

/* ---- kinds ---- */

static void kinds_have_sizes_and_names(void **state)
{
    static const size_t counts[SECRET_KIND_COUNT] = {4, 3, 2, 128, 1, 128, 128};
    for (int kind = 0; kind < SECRET_KIND_COUNT; kind++) {
        size_t count = 0;
        for (size_t n = 0; n < 600; n++) {
            bytes oid = secret_kind_oid((enum secret_kind)kind, n);
            bool has = secret_kind_has_size((enum secret_kind)kind, n);
            count += has;
            assert_int_equal(oid.n != 0, has && kind != SECRET_ANY);
            if (oid.n) assert_int_equal(secret_kind_by_oid(exact_copy(oid)), kind);
        }
        assert_int_equal(count, counts[kind]);
    }
    assert_false(secret_kind_has_size(SECRET_KIND_COUNT, 16));
    assert_int_equal(secret_kind_by_oid(exact(AES)), SECRET_ANY);
    assert_int_equal(secret_kind_by_oid(NO_BYTES), SECRET_ANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_oid_is_known_whole),
        cmocka_unit_test(objects_are_read),
        cmocka_unit_test(truncated_requests_are_refused),
        cmocka_unit_test(parameters_are_judged),
        cmocka_unit_test(texts_are_judged),
        cmocka_unit_test(derivations_are_read),
        cmocka_unit_test(kinds_have_sizes_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
