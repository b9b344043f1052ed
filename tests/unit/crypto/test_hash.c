/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"
#include "vectors/crypto/vectors.h"

/* Every message whole, and in three uneven parts with an empty one between. */
static void hashes_match(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(hash_vectors); i++) {
        bytes m = exact(hash_vectors[i].message);
        span out = exact_space(crypto_hash_size(hash_vectors[i].hash));
        assert_ok(crypto_hash(&r.c, hash_vectors[i].hash, &m, 1, out));
        assert_hex(view(out), hash_vectors[i].digest);
        bytes parts[] = {bytes_first(m, m.n / 3), NO_BYTES, bytes_after(m, m.n / 3)};
        assert_ok(crypto_hash(&r.c, hash_vectors[i].hash, parts, COUNT(parts), out));
        assert_hex(view(out), hash_vectors[i].digest);
    }
    rig_close(&r);
}

static void hash_sizes_are_checked(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t out[65];
    for (unsigned h = 0; h < CRYPTO_HASH_COUNT; h++) {
        size_t size = crypto_hash_size((enum crypto_hash)h);
        for (size_t n = 0; n < sizeof out; n++) {
            status want = n == size ? ST_OK : ST_BAD_LENGTH;
            assert_int_equal(crypto_hash(&r.c, (enum crypto_hash)h, NULL, 0, (span){out, n}), want);
            assert_int_equal(crypto_hmac(&r.c, (enum crypto_hash)h, TEXT("k"), NULL, 0, (span){out, n}), want);
        }
    }
    assert_int_equal(crypto_hash(&r.c, CRYPTO_HASH_COUNT, NULL, 0, (span){out, 32}), ST_BAD_LENGTH);
    assert_int_equal(crypto_hash_size(CRYPTO_HASH_COUNT), 0);
    rig_close(&r);
}

/* RFC 4231 case 5 prints a shortened MAC: compare what is printed. */
static void hmacs_match(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(hmac_vectors); i++) {
        bytes m = exact(hmac_vectors[i].message), want = exact(hmac_vectors[i].mac);
        span out = exact_space(crypto_hash_size(hmac_vectors[i].hash));
        bytes parts[] = {bytes_first(m, 1), bytes_after(m, 1)};
        assert_ok(crypto_hmac(&r.c, hmac_vectors[i].hash, exact(hmac_vectors[i].key), parts, 2, out));
        assert_true(bytes_equal(bytes_first(view(out), want.n), want));
    }
    rig_close(&r);
}

static void hkdf_matches(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(hkdf_vectors); i++) {
        span out = exact_space(strlen(hkdf_vectors[i].okm) / 2);
        assert_ok(crypto_hkdf(&r.c, CRYPTO_SHA256, exact(hkdf_vectors[i].ikm), exact(hkdf_vectors[i].salt),
                              exact(hkdf_vectors[i].info), out));
        assert_hex(view(out), hkdf_vectors[i].okm);
    }
    span most = exact_space(8160), more = exact_space(8161);
    assert_ok(crypto_hkdf(&r.c, CRYPTO_SHA256, TEXT("ikm"), NO_BYTES, NO_BYTES, most));
    assert_int_equal(crypto_hkdf(&r.c, CRYPTO_SHA256, TEXT("ikm"), NO_BYTES, NO_BYTES, more), ST_BAD_LENGTH);
    assert_int_equal(crypto_hkdf(&r.c, CRYPTO_SHA256, TEXT("ikm"), NO_BYTES, NO_BYTES, (span){most.p, 0}),
                     ST_BAD_LENGTH);
    rig_close(&r);
}

static void pbkdf2_matches(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(pbkdf2_vectors); i++) {
        span out = exact_space(strlen(pbkdf2_vectors[i].key) / 2);
        assert_ok(crypto_pbkdf2(&r.c, CRYPTO_SHA256, exact(pbkdf2_vectors[i].password), exact(pbkdf2_vectors[i].salt),
                                pbkdf2_vectors[i].rounds, NULL, out));
        assert_hex(view(out), pbkdf2_vectors[i].key);
    }
    uint8_t out[65];
    assert_int_equal(crypto_pbkdf2(&r.c, CRYPTO_SHA256, TEXT("p"), TEXT("s"), 0, NULL, (span){out, 32}), ST_BAD_LENGTH);
    assert_int_equal(crypto_pbkdf2(&r.c, CRYPTO_SHA256, TEXT("p"), TEXT("s"), 1, NULL, (span){out, 0}), ST_BAD_LENGTH);
    assert_int_equal(crypto_pbkdf2(&r.c, CRYPTO_SHA256, TEXT("p"), TEXT("s"), 1, NULL, (span){out, CRYPTO_KDF_MAX + 1}),
                     ST_BAD_LENGTH);
    rig_close(&r);
}

struct countdown {
    int ticks, stop_at;
};

static bool count_tick(void *ctx)
{
    struct countdown *d = ctx;
    return ++d->ticks != d->stop_at;
}

static void pbkdf2_ticks_and_cancels(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    struct countdown d = {0, 0};
    struct progress p = {&d, count_tick};
    uint8_t out[32];
    assert_ok(crypto_pbkdf2(&r.c, CRYPTO_SHA256, TEXT("p"), TEXT("s"), 10000, &p, SPAN(out)));
    assert_in_range(d.ticks, 9, 10);
    d = (struct countdown){0, 3};
    memset(out, 0xA5, sizeof out);
    assert_int_equal(crypto_pbkdf2(&r.c, CRYPTO_SHA256, TEXT("p"), TEXT("s"), 10000, &p, SPAN(out)), ST_EXECUTION);
    assert_int_equal(d.ticks, 3);
    assert_true(ct_is_zero(BYTES(out)));
    rig_close(&r);
}

/* Whatever the pieces, the digest is that of the whole; other work in between does no harm. */
static void pieces_give_the_same_digest(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    static uint8_t data[1500];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 31 + i / 256);
    for (size_t piece = 1; piece <= sizeof data; piece = piece < 130 ? piece + 1 : 2 * piece) {
        uint8_t want[32], got[32], other[32];
        struct crypto_sha256 s;
        bytes whole = {data, sizeof data - piece % 7};
        assert_ok(crypto_hash(&r.c, CRYPTO_SHA256, &whole, 1, SPAN(want)));
        assert_ok(crypto_sha256_begin(&r.c, &s));
        for (bytes left = whole; left.n; left = bytes_after(left, piece)) {
            assert_ok(crypto_sha256_add(&r.c, &s, bytes_first(left, piece)));
            assert_ok(crypto_hmac(&r.c, CRYPTO_SHA256, TEXT("k"), &whole, 1, SPAN(other)));
        }
        assert_ok(crypto_sha256_add(&r.c, &s, NO_BYTES));
        assert_int_equal(crypto_sha256_end(&r.c, &s, (span){got, 31}), ST_BAD_LENGTH);
        assert_ok(crypto_sha256_end(&r.c, &s, SPAN(got)));
        assert_memory_equal(got, want, sizeof want);
        assert_true(ct_is_zero((bytes){(const uint8_t *)&s, sizeof s}));
    }
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_match),
        cmocka_unit_test(hash_sizes_are_checked),
        cmocka_unit_test(hmacs_match),
        cmocka_unit_test(hkdf_matches),
        cmocka_unit_test(pbkdf2_matches),
        cmocka_unit_test(pbkdf2_ticks_and_cancels),
        cmocka_unit_test(pieces_give_the_same_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
