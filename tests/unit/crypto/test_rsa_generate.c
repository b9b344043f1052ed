/* SPDX-License-Identifier: Apache-2.0 */
/* Generated keys keep the bounds of FIPS 186-5 A.1.3; OpenSSL does the arithmetic and tests primality. */
#include "rig.h"

#include <openssl/bn.h>

struct numbers {
    BN_CTX *ctx;
    BIGNUM *n, *p, *q, *dp, *dq, *qinv, *e, *d, *t, *u, *lcm, *p1, *q1;
};

static BIGNUM *number(bytes b)
{
    return BN_bin2bn(b.p, (int)b.n, NULL);
}

static struct numbers numbers_of(const struct crypto_rsa *k)
{
    struct numbers v = {.ctx = BN_CTX_new(),
                        .n = number(k->n),
                        .p = number(k->p),
                        .q = number(k->q),
                        .dp = number(k->dp),
                        .dq = number(k->dq),
                        .qinv = number(k->qinv)};
    BIGNUM **rest[] = {&v.e, &v.d, &v.t, &v.u, &v.lcm, &v.p1, &v.q1};
    for (size_t i = 0; i < COUNT(rest); i++) *rest[i] = BN_new();
    BN_set_word(v.e, k->e);
    BN_sub(v.p1, v.p, BN_value_one());
    BN_sub(v.q1, v.q, BN_value_one());
    return v;
}

static void numbers_free(struct numbers *v)
{
    BIGNUM *all[] = {v->n, v->p, v->q, v->dp, v->dq, v->qinv, v->e, v->d, v->t, v->u, v->lcm, v->p1, v->q1};
    for (size_t i = 0; i < COUNT(all); i++) BN_free(all[i]);
    BN_CTX_free(v->ctx);
}

/* p^2 >= 2^(bits-1), that is p >= sqrt(2) 2^(bits/2-1), and half as long as n. */
static void assert_prime_in_bounds(struct numbers *v, const BIGNUM *p, uint32_t bits)
{
    assert_int_equal(BN_check_prime(p, v->ctx, NULL), 1);
    assert_int_equal(BN_num_bits(p), bits / 2);
    BN_sqr(v->t, p, v->ctx);
    assert_int_equal(BN_num_bits(v->t), bits);
}

static void assert_exponent(struct numbers *v, const BIGNUM *dp, const BIGNUM *p1)
{
    assert_true(BN_cmp(dp, p1) < 0);
    BN_mod_mul(v->t, dp, v->e, p1, v->ctx);
    assert_true(BN_is_one(v->t));
}

static void assert_key_in_bounds(const struct crypto_rsa *k, uint32_t bits)
{
    struct numbers v = numbers_of(k);
    assert_int_equal(BN_num_bits(v.n), bits);
    assert_prime_in_bounds(&v, v.p, bits);
    assert_prime_in_bounds(&v, v.q, bits);
    BN_mul(v.t, v.p, v.q, v.ctx);
    assert_int_equal(BN_cmp(v.t, v.n), 0);
    assert_true(BN_cmp(v.p, v.q) > 0);
    BN_sub(v.t, v.p, v.q);
    assert_true(BN_num_bits(v.t) > (int)bits / 2 - 100);
    assert_exponent(&v, v.dp, v.p1);
    assert_exponent(&v, v.dq, v.q1);
    BN_mod_mul(v.t, v.qinv, v.q, v.p, v.ctx);
    assert_true(BN_is_one(v.t));
    BN_gcd(v.t, v.p1, v.q1, v.ctx);
    BN_mul(v.lcm, v.p1, v.q1, v.ctx);
    BN_div(v.lcm, NULL, v.lcm, v.t, v.ctx);
    assert_non_null(BN_mod_inverse(v.d, v.e, v.lcm, v.ctx));
    assert_true(BN_num_bits(v.d) > (int)bits / 2);
    numbers_free(&v);
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
    for (size_t i = 0; i < COUNT(sizes); i++) {
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
    for (int i = 0; i < 20; i++) {
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
