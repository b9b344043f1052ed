/* SPDX-License-Identifier: Apache-2.0 */
/* Health tests, seeding, HMAC_DRBG; OpenSSL's HMAC-DRBG over its TEST-RAND is the oracle for what no vector covers. */
#include "crypto/internal.h"

#include "oracle.h"
#include "rig.h"

/* NIST CAVS 14.3, HMAC_DRBG, SHA-256, no prediction resistance, no reseed, count 0: the second request is the answer. */
static void drbg_matches_cavp(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    crypto_enter(&r.c);
    struct crypto_drbg d = {.seeded = false};
    span out = exact_space(128);
    assert_int_equal(drbg_generate(&d, NO_BYTES, out), ST_EXECUTION); /* not before a seed */
    assert_ok(drbg_start(&d, exact("ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488"),
                         exact("659ba96c601dc69fc902940805ec0ca8"), NO_BYTES));
    assert_ok(drbg_generate(&d, NO_BYTES, out));
    assert_ok(drbg_generate(&d, NO_BYTES, out));
    assert_hex(view(out), "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89"
                          "d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1"
                          "07694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668"
                          "961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8");
    assert_int_equal(drbg_generate(&d, NO_BYTES, (span){r.pool, 65537}), ST_EXECUTION);
    assert_ok(crypto_leave(&r.c, ST_OK));
    rig_close(&r);
}

static void drbg_matches_openssl(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t entropy[64], nonce[16], entropy2[48], ours[200], theirs[200];
    assert_ok(crypto_random(&r.c, SPAN(entropy)));
    assert_ok(crypto_random(&r.c, SPAN(nonce)));
    assert_ok(crypto_random(&r.c, SPAN(entropy2)));
    bytes person = TEXT("personal"), more = TEXT("additional"), more2 = TEXT("at reseed");
    openssl_drbg_open(BYTES(entropy), BYTES(nonce), person);
    struct crypto_drbg d;
    crypto_enter(&r.c);
    assert_ok(drbg_start(&d, BYTES(entropy), BYTES(nonce), person));
    for (size_t n = 1; n <= sizeof ours; n += 33) {
        bytes extra = n % 2 ? more : NO_BYTES;
        assert_ok(drbg_generate(&d, extra, (span){ours, n}));
        openssl_drbg_generate(extra, (span){theirs, n});
        assert_memory_equal(ours, theirs, n);
    }
    openssl_drbg_reseed(BYTES(entropy2), BYTES(nonce), more2);
    assert_ok(drbg_reseed(&d, BYTES(entropy2), more2));
    assert_ok(drbg_generate(&d, NO_BYTES, SPAN(ours)));
    openssl_drbg_generate(NO_BYTES, SPAN(theirs));
    assert_memory_equal(ours, theirs, sizeof ours);
    assert_ok(crypto_leave(&r.c, ST_OK));
    openssl_drbg_close();
    rig_close(&r);
}

/* Cut-offs computed apart from the code (Python, exact binomial sums). */
static void health_cutoffs_are_right(void **state)
{
    static const struct {
        uint32_t millibits, repetition, proportion;
    } rows[] = {
        {8000, 6, 19},   {7999, 7, 26},  {4000, 11, 78}, {1000, 41, 336},
        {1100, 38, 336}, {500, 81, 432}, {50, 801, 513}, {1, 40001, 513},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct crypto_health h;
        health_start(&h, rows[i].millibits);
        assert_false(h.failed);
        assert_int_equal(h.repetition_cutoff, rows[i].repetition);
        assert_int_equal(h.proportion_cutoff, rows[i].proportion);
    }
    struct crypto_health h;
    health_start(&h, 0);
    assert_true(h.failed);
    health_start(&h, 8001);
    assert_true(h.failed);
}

static void repetition_fails_at_its_cutoff(void **state)
{
    struct crypto_health h;
    uint8_t same[11] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3};
    health_start(&h, 4000);
    health_feed(&h, (bytes){same, 10});
    health_feed(&h, LITERAL(4));
    health_feed(&h, (bytes){same, 10});
    assert_false(h.failed);
    health_feed(&h, (bytes){same, 1});
    assert_true(h.failed);
    health_feed(&h, LITERAL(1, 2, 3, 4)); /* for good */
    assert_true(h.failed);
}

/* 77 times the first value in a window is fine at 4 bits a sample, 78 is not; hits in two windows do not add up. */
static void proportion_fails_at_its_cutoff(void **state)
{
    struct crypto_health h;
    for (unsigned hits = 77; hits <= 78; hits++) {
        health_start(&h, 4000);
        for (unsigned i = 0; i < HEALTH_WINDOW; i++) {
            uint8_t sample = i % 6 == 0 && i / 6 < hits ? 0x77 : (uint8_t)(i % 100);
            health_feed(&h, (bytes){&sample, 1});
        }
        assert_int_equal(h.failed, hits == 78);
        assert_int_equal(h.window_at, 0);
    }
}

static void opening_reads_enough_samples(void **state)
{
    static const struct {
        uint32_t millibits, samples_min;
    } rows[] = {{8000, 1024}, {4000, 1024}, {100, 5760}, {10, 57600}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        rig_source(&r, 3);
        r.entropy.millibits_per_sample = rows[i].millibits;
        assert_ok(rig_open_with(&r, RIG_POOL_MAX));
        assert_in_range(r.source.samples, rows[i].samples_min, rows[i].samples_min + 64);
        rig_close(&r);
    }
}

/* Broken from the start or from any later read on: the context never opens, and says so in every function that
 * needs random numbers; hashing goes on. */
static void a_bad_source_does_not_open(void **state)
{
    uint8_t d[32], q[65], rs[64], digest[32];
    for (int how = BREAK_SILENT; how <= BREAK_REPEATING; how++) {
        for (uint32_t after = 0; after < 8; after++) {
            struct rig r;
            rig_source(&r, 4);
            r.source.how = (enum breakage)how;
            r.source.reads_until_break = after;
            assert_int_equal(rig_open_with(&r, RIG_POOL_MAX), ST_EXECUTION);
            assert_false(crypto_healthy(&r.c));
            memset(d, 1, sizeof d);
            assert_int_equal(crypto_random(&r.c, SPAN(d)), ST_EXECUTION);
            assert_true(ct_is_zero(BYTES(d)));
            assert_int_equal(crypto_ec_generate(&r.c, CRYPTO_SECP256R1, SPAN(d), SPAN(q)), ST_EXECUTION);
            memset(d, 1, sizeof d);
            assert_int_equal(crypto_ecdsa_sign(&r.c, CRYPTO_SECP256R1, BYTES(d), BYTES(d), SPAN(rs)), ST_EXECUTION);
            assert_true(ct_is_zero(BYTES(rs)));
            assert_int_equal(crypto_stir(&r.c, TEXT("x")), ST_EXECUTION);
            assert_ok(crypto_hash(&r.c, CRYPTO_SHA256, NULL, 0, SPAN(digest)));
            r.source.reads_until_break = UINT32_MAX; /* repaired */
            assert_int_equal(crypto_random(&r.c, SPAN(d)), ST_EXECUTION);
            assert_ok(rig_open_with(&r, RIG_POOL_MAX));
            assert_true(crypto_healthy(&r.c));
            assert_ok(crypto_random(&r.c, SPAN(d)));
            rig_close(&r);
        }
    }
}

/* The source breaks while the context is in use: at the next reseed at the latest all stops. */
static void a_source_that_breaks_later_stops_the_drbg(void **state)
{
    for (int how = BREAK_SILENT; how <= BREAK_REPEATING; how++) {
        struct rig r;
        rig_open(&r, 5);
        r.source.how = (enum breakage)how;
        r.source.reads_until_break = 0;
        uint8_t out[16];
        unsigned served = 0;
        while (served <= 10 * DRBG_RESEED_INTERVAL && crypto_random(&r.c, SPAN(out)) == ST_OK) served++;
        assert_in_range(served, 1, 4 * DRBG_RESEED_INTERVAL); /* a reseed reads 144 samples, bias may need a few */
        assert_false(crypto_healthy(&r.c));
        assert_true(ct_is_zero(BYTES(out)));
        rig_close(&r);
    }
}

static void random_is_reseeded_stirred_and_long(void **state)
{
    struct rig a, b;
    rig_open(&a, 6);
    rig_open(&b, 6);
    uint8_t x[32], y[32];
    assert_ok(crypto_random(&a.c, SPAN(x)));
    assert_ok(crypto_random(&b.c, SPAN(y)));
    assert_memory_equal(x, y, 32); /* the same seed, the same numbers: tests are repeatable */
    assert_ok(crypto_stir(&a.c, TEXT("serial number")));
    assert_ok(crypto_stir(&b.c, TEXT("other number")));
    assert_ok(crypto_random(&a.c, SPAN(x)));
    assert_ok(crypto_random(&b.c, SPAN(y)));
    assert_memory_not_equal(x, y, 32);
    uint32_t before = a.source.samples;
    for (unsigned i = 0; i <= DRBG_RESEED_INTERVAL; i++) assert_ok(crypto_random(&a.c, SPAN(x)));
    assert_true(a.source.samples > before);
    span large = exact_space(200001);
    memset(large.p, 0, large.n);
    assert_ok(crypto_random(&a.c, large));
    size_t count[256] = {0};
    for (size_t i = 0; i < large.n; i++) count[large.p[i]]++;
    for (size_t i = 0; i < 256; i++) assert_in_range(count[i], 600, 970); /* 781 expected, 28 the deviation */
    rig_close(&b);
    rig_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drbg_matches_cavp),
        cmocka_unit_test(drbg_matches_openssl),
        cmocka_unit_test(health_cutoffs_are_right),
        cmocka_unit_test(repetition_fails_at_its_cutoff),
        cmocka_unit_test(proportion_fails_at_its_cutoff),
        cmocka_unit_test(opening_reads_enough_samples),
        cmocka_unit_test(a_bad_source_does_not_open),
        cmocka_unit_test(a_source_that_breaks_later_stops_the_drbg),
        cmocka_unit_test(random_is_reseeded_stirred_and_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
