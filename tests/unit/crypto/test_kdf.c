/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF, PBKDF2 and X9.63 with every hash: published answers, OpenSSL's, ranges. What the card itself derives with
 * SHA-256 is in test_hash.c, too, and so is PBKDF2's progress. */
#include "oracle.h"
#include "rig.h"
#include "stride.h"
#include "vectors/crypto/cipher.h"

static status derive(struct crypto *c, enum kdf kdf, enum crypto_hash h, uint32_t rounds, bytes secret, bytes salt,
                     bytes info, span out)
{
    switch (kdf) {
    case KDF_HKDF: return crypto_hkdf(c, h, secret, salt, info, out);
    case KDF_PBKDF2: return crypto_pbkdf2(c, h, secret, salt, rounds, NULL, out);
    case KDF_X963: return crypto_x963(c, h, secret, info, out);
    }
    return ST_INTERNAL;
}

static void published_answers(void **state)
{
    struct rig r;
    unsigned seen[3] = {0};
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(kdf_vectors); i++) {
        span out = exact_space(strlen(kdf_vectors[i].out) / 2);
        assert_ok(derive(&r.c, kdf_vectors[i].kdf, kdf_vectors[i].hash, kdf_vectors[i].rounds,
                         exact(kdf_vectors[i].secret), exact(kdf_vectors[i].salt), exact(kdf_vectors[i].info), out));
        assert_hex(view(out), kdf_vectors[i].out);
        seen[kdf_vectors[i].kdf]++;
        hex_release();
    }
    for (size_t k = 0; k < COUNT(seen); k++) assert_true(seen[k] >= 10);
    rig_close(&r);
}

/* Sizes on both sides of a digest and of a hash's block, in every place. */
static void agrees_with_openssl(void **state)
{
    static const uint16_t sizes[] = {0, 1, 19, 20, 31, 63, 64, 65, 111, 112, 127, 128, 129, 143, 144, 145, 300};
    static uint8_t memory[300];
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < sizeof memory; i++) memory[i] = (uint8_t)(i * 151 + 7);
    for (unsigned h = 0; h < CRYPTO_HASH_COUNT; h++) {
        for (unsigned kdf = KDF_HKDF; kdf <= KDF_X963; kdf++) {
            for (size_t i = 0; i<COUNT(sizes); i += test_stride()> 1 ? 5 : 1) {
                bytes secret = exact_copy((bytes){memory, sizes[i] ? sizes[i] : 1});
                bytes salt = exact_copy((bytes){memory + 1, sizes[(i * 5 + h) % COUNT(sizes)] % 299u});
                bytes info = exact_copy((bytes){memory + 2, sizes[(i * 7 + kdf) % COUNT(sizes)] % 298u});
                span ours = exact_space(1 + sizes[(i * 3 + 1) % COUNT(sizes)]), theirs = exact_space(ours.n);
                assert_ok(derive(&r.c, (enum kdf)kdf, (enum crypto_hash)h, 3, secret, salt, info, ours));
                openssl_kdf((enum kdf)kdf, (enum crypto_hash)h, 3, secret, salt, info, theirs);
                assert_true(bytes_equal(view(ours), view(theirs)));
                hex_release();
            }
        }
    }
    rig_close(&r);
}

/* What the longest answer of a card needs: some blocks count with two bytes. */
static void long_results(void **state)
{
    static const enum crypto_hash hashes[] = {CRYPTO_SHA1, CRYPTO_SHA256, CRYPTO_SHA512};
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(hashes); i++) {
        for (unsigned kdf = KDF_HKDF; kdf <= KDF_X963; kdf++) {
            span ours = exact_space(kdf == KDF_HKDF ? 4096 : 9000), theirs = exact_space(ours.n);
            assert_ok(derive(&r.c, (enum kdf)kdf, hashes[i], 1, TEXT("key"), TEXT("salt"), TEXT("info"), ours));
            openssl_kdf((enum kdf)kdf, hashes[i], 1, TEXT("key"), TEXT("salt"), TEXT("info"), theirs);
            assert_true(bytes_equal(view(ours), view(theirs)));
        }
    }
    hex_release();
    rig_close(&r);
}

static void many_rounds(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (unsigned h = 0; h < CRYPTO_HASH_COUNT; h += 1) {
        uint8_t ours[100], theirs[100];
        uint32_t rounds = 5000 / test_stride();
        assert_ok(crypto_pbkdf2(&r.c, (enum crypto_hash)h, TEXT("648219"), TEXT("salt"), rounds, NULL, SPAN(ours)));
        openssl_kdf(KDF_PBKDF2, (enum crypto_hash)h, rounds, TEXT("648219"), TEXT("salt"), NO_BYTES, SPAN(theirs));
        assert_memory_equal(ours, theirs, sizeof ours);
    }
    rig_close(&r);
}

static void ranges_are_checked(void **state)
{
    struct rig r;
    static uint8_t room[CRYPTO_KDF_MAX + 1];
    rig_open(&r, 1);
    for (unsigned h = 0; h <= CRYPTO_HASH_COUNT; h++) {
        size_t digest = crypto_hash_size((enum crypto_hash)h);
        const struct {
            enum kdf kdf;
            uint32_t rounds;
            size_t n;
        } wrong[] = {{KDF_HKDF, 0, 0},
                     {KDF_HKDF, 0, 255 * digest + 1},
                     {KDF_PBKDF2, 0, 16},
                     {KDF_PBKDF2, 1, 0},
                     {KDF_PBKDF2, 1, CRYPTO_KDF_MAX + 1},
                     {KDF_X963, 0, 0},
                     {KDF_X963, 0, CRYPTO_KDF_MAX + 1}};
        for (size_t i = 0; i < COUNT(wrong); i++)
            assert_int_equal(derive(&r.c, wrong[i].kdf, (enum crypto_hash)h, wrong[i].rounds, TEXT("s"), TEXT("s"),
                                    TEXT("i"), (span){room, wrong[i].n}),
                             ST_BAD_LENGTH);
        for (unsigned kdf = KDF_HKDF; kdf <= KDF_X963; kdf++)
            assert_int_equal(
                derive(&r.c, (enum kdf)kdf, (enum crypto_hash)h, 1, TEXT("s"), TEXT("s"), TEXT("i"), (span){room, 1}),
                digest ? ST_OK : ST_BAD_LENGTH);
        if (digest)
            assert_ok(
                crypto_hkdf(&r.c, (enum crypto_hash)h, TEXT("k"), NO_BYTES, NO_BYTES, (span){room, 255 * digest}));
    }
    rig_close(&r);
}

/* A tick each 1000 rounds over all blocks of the result; refusing one ends the work and wipes the result. */
struct ticks {
    unsigned seen, let;
};

static bool tick(void *ctx)
{
    struct ticks *t = ctx;
    return ++t->seen <= t->let;
}

static void ticks_count_rounds_of_all_blocks(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t out[200]; /* seven blocks of SHA-256 */
    struct ticks t = {0, 1000};
    struct progress p = {&t, tick};
    assert_ok(crypto_pbkdf2(&r.c, CRYPTO_SHA256, TEXT("p"), TEXT("s"), 500, &p, SPAN(out)));
    assert_int_equal(t.seen, 3);
    t = (struct ticks){0, 2};
    memset(out, 0xA5, sizeof out);
    assert_int_equal(crypto_pbkdf2(&r.c, CRYPTO_SHA256, TEXT("p"), TEXT("s"), 500, &p, SPAN(out)), ST_EXECUTION);
    assert_int_equal(t.seen, 3);
    assert_true(ct_is_zero(BYTES(out)));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_answers),  cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(long_results),       cmocka_unit_test(many_rounds),
        cmocka_unit_test(ranges_are_checked), cmocka_unit_test(ticks_count_rounds_of_all_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
