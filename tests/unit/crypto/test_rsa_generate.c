/* SPDX-License-Identifier: Apache-2.0 */
/* Generated keys keep the bounds of FIPS 186-5 A.1.3; OpenSSL does the arithmetic and tests primality. */
#include "rig.h"

#include "oracle.h"
#include "stride.h"

static void assert_key_in_bounds(const struct crypto_rsa *k, uint32_t bits)
{
    const char *fault = openssl_rsa_fault(k, bits);
    if (fault) fail_msg("%u bits: %s", (unsigned)bits, fault);
}

struct ticks {
    unsigned count, stop_at;
};

static bool count_tick(void *ctx)
{
    struct ticks *t = ctx;
    return ++t->count != t->stop_at;
}

static const struct {
    uint32_t bits, e;
} sizes[] = {
    {1024, 65537},      {1024, 3},          {1024, 17},
    {1024, 0xFFFFFFFF}, {1024, 0xFFFFFFFB}, {1024, 3u * 5 * 7 * 11 * 13 * 17 * 19},
    {1032, 65537},      {1096, 5},          {1520, 65537},
    {1536, 65537},      {2048, 65537},      {2048, 65539},
    {2056, 65537},      {3072, 65537},
};

static void generated_keys_keep_the_bounds(void **state)
{
    struct rig r;
    rig_open(&r, 11);
    for (size_t i = 2 % test_stride(); i < COUNT(sizes); i += test_stride()) {
        struct ticks t = {0, 0};
        struct progress p = {&t, count_tick};
        span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(sizes[i].bits));
        assert_ok(crypto_rsa_generate(&r.c, sizes[i].bits, sizes[i].e, &p, parts));
        assert_in_range(t.count, 2, 5000);
        struct crypto_rsa k = crypto_rsa_view(view(parts), sizes[i].e);
        assert_key_in_bounds(&k, sizes[i].bits);
        span in = exact_space(k.n.n), out = exact_space(k.n.n), back = exact_space(k.n.n);
        in.p[0] = 0;
        assert_ok(crypto_rsa_private(&r.c, &k, view(in), out));
        assert_ok(crypto_rsa_public(&r.c, k.n, k.e, view(out), back));
        assert_memory_equal(in.p, back.p, in.n);
        assert_true(rig_pool_clean(&r));
    }
    rig_close(&r);
}

static void many_small_keys_keep_the_bounds(void **state)
{
    struct rig r;
    rig_open(&r, 12);
    uint8_t parts[CRYPTO_RSA_PARTS_SIZE(1024)], first[128];
    for (uint32_t i = 0; i < 20; i += test_stride()) {
        assert_ok(crypto_rsa_generate(&r.c, 1024, 65537, NULL, SPAN(parts)));
        struct crypto_rsa k = crypto_rsa_view(BYTES(parts), 65537);
        assert_key_in_bounds(&k, 1024);
        if (i == 0) memcpy(first, k.n.p, 128);
        if (i > 0) assert_memory_not_equal(first, k.n.p, 128);
    }
    rig_close(&r);
}

static void cancelling_leaves_nothing(void **state)
{
    struct rig r;
    rig_open(&r, 13);
    span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(2048));
    for (unsigned stop = 1; stop <= 10; stop++) {
        struct ticks t = {0, stop};
        struct progress p = {&t, count_tick};
        memset(parts.p, 0xA5, parts.n);
        assert_int_equal(crypto_rsa_generate(&r.c, 2048, 65537, &p, parts), ST_EXECUTION);
        assert_int_equal(t.count, stop);
        assert_true(ct_is_zero(view(parts)));
        assert_true(rig_pool_clean(&r));
    }
    rig_close(&r);
}

static void wrong_requests_are_refused(void **state)
{
    struct rig r;
    rig_open(&r, 14);
    static const struct {
        uint32_t bits, e;
    } wrong[] = {
        {1016, 65537},       {4104, 65537}, {1025, 65537}, {2047, 65537}, {0, 65537},
        {0xFFFFFFF8, 65537}, {2048, 0},     {2048, 1},     {2048, 2},     {2048, 65536},
    };
    static uint8_t parts[CRYPTO_RSA_PARTS_MAX];
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(crypto_rsa_generate(&r.c, wrong[i].bits, wrong[i].e, NULL, SPAN(parts)), ST_BAD_DATA);
    assert_int_equal(crypto_rsa_generate(&r.c, 2048, 65537, NULL, (span){parts, CRYPTO_RSA_PARTS_SIZE(2048) - 1}),
                     ST_BAD_LENGTH);
    r.source.reads_until_break = 0;
    r.source.how = BREAK_STUCK;
    status st = ST_OK;
    for (int i = 0; i < 20 && st == ST_OK; i++)
        st = crypto_rsa_generate(&r.c, 1024, 3, NULL, (span){parts, CRYPTO_RSA_PARTS_SIZE(1024)});
    assert_int_equal(st, ST_EXECUTION); /* the source died while it worked */
    assert_true(ct_is_zero((bytes){parts, CRYPTO_RSA_PARTS_SIZE(1024)}));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated_keys_keep_the_bounds),
        cmocka_unit_test(many_small_keys_keep_the_bounds),
        cmocka_unit_test(cancelling_leaves_nothing),
        cmocka_unit_test(wrong_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
