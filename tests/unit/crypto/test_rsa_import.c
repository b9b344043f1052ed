/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys made elsewhere: what finds their factors, and what refuses numbers that do not belong together. */
#include "rig.h"
#include "vectors/crypto/rsa_import.h"
#include "vectors/crypto/vectors.h"

static void expect_works(struct rig *r, bytes parts, uint32_t e)
{
    struct crypto_rsa k = crypto_rsa_view(parts, e);
    span in = exact_space(k.n.n), out = exact_space(k.n.n), back = exact_space(k.n.n);
    in.p[0] = 0;
    assert_ok(crypto_rsa_private(&r->c, &k, view(in), out));
    assert_ok(crypto_rsa_public(&r->c, k.n, e, view(out), back));
    assert_memory_equal(in.p, back.p, in.n);
}

static void factors_are_found(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(rsa_import_keys); i++) {
        bytes n = exact(rsa_import_keys[i].n), d = exact(rsa_import_keys[i].d);
        span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(8 * n.n));
        if (crypto_rsa_from_exponent(&r.c, n, rsa_import_keys[i].e, d, parts) != ST_OK)
            fail_msg("%s", rsa_import_keys[i].name);
        struct crypto_rsa k = crypto_rsa_view(view(parts), rsa_import_keys[i].e);
        assert_hex(k.n, rsa_import_keys[i].n);
        assert_hex(k.p, rsa_import_keys[i].p);
        expect_works(&r, view(parts), rsa_import_keys[i].e);
        assert_true(rig_pool_clean(&r));
    }
    rig_close(&r);
}

static void every_size_goes_there_and_back(void **state)
{
    struct rig r;
    rig_open(&r, 2);
    for (size_t i = 0; i < COUNT(rsa_keys); i++) {
        bytes given = exact(rsa_keys[i].parts);
        struct crypto_rsa k = crypto_rsa_view(given, rsa_keys[i].e);
        span d = exact_space(k.n.n), parts = exact_space(given.n), again = exact_space(given.n);
        assert_ok(crypto_rsa_exponent(&r.c, &k, d));
        assert_ok(crypto_rsa_from_exponent(&r.c, k.n, k.e, view(d), parts));
        struct crypto_rsa found = crypto_rsa_view(view(parts), k.e);
        bool same_order = bytes_equal(found.p, k.p);
        assert_true(bytes_equal(same_order ? found.q : found.p, k.q));
        assert_ok(crypto_rsa_from_primes(&r.c, k.n, k.e, k.p, k.q, again));
        assert_hex(view(again), hex_of(given));
    }
    rig_close(&r);
}

/* A number with the bits of `mask` changed in its last byte. */
static bytes twisted(bytes number, uint8_t mask)
{
    span s = exact_space(number.n);
    memcpy(s.p, number.p, number.n);
    s.p[s.n - 1] ^= mask;
    return view(s);
}

static void numbers_that_do_not_belong_together(void **state)
{
    struct rig r;
    rig_open(&r, 3);
    bytes n = exact(rsa_import_keys[0].n), d = exact(rsa_import_keys[0].d), p = exact(rsa_import_keys[0].p);
    uint32_t e = rsa_import_keys[0].e;
    span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(8 * n.n));
    assert_ok(crypto_rsa_from_exponent(&r.c, n, e, d, parts));
    struct crypto_rsa k = crypto_rsa_view(view(parts), e);
    bytes q = exact_copy(k.q);
    assert_hex(p, hex_of(k.p));
    struct {
        bytes n, d;
        uint32_t e;
    } by_exponent[] = {
        {n, twisted(d, 2), e},
        {n, exact("00"), e},
        {n, exact("01"), e},
        {n, NO_BYTES, e},
        {twisted(n, 2), d, e},
        {twisted(n, 1), d, e},
        {n, d, 65539},
        {n, d, 2},
        {n, d, 1},
        {n, d, 0},
        {n, d, e + 1},
        {bytes_after(n, 1), d, e},
        {n, exact(rsa_import_keys[1].d), rsa_import_keys[1].e},
        {bytes_first(n, 127), d, e},
    };
    for (size_t i = 0; i < COUNT(by_exponent); i++) {
        status st = crypto_rsa_from_exponent(&r.c, by_exponent[i].n, by_exponent[i].e, by_exponent[i].d, parts);
        if (st != ST_EXECUTION) fail_msg("row %zu: %d", i, st);
        assert_true(ct_is_zero(view(parts)));
    }
    struct {
        bytes p, q;
        uint32_t e;
    } by_primes[] = {
        {p, twisted(q, 2), e}, {p, p, e}, {p, NO_BYTES, e}, {NO_BYTES, q, e}, {n, exact("01"), e}, {p, q, 2}, {p, q, 1},
    };
    for (size_t i = 0; i < COUNT(by_primes); i++) {
        status st = crypto_rsa_from_primes(&r.c, n, by_primes[i].e, by_primes[i].p, by_primes[i].q, parts);
        if (st != ST_EXECUTION) fail_msg("row %zu: %d", i, st);
        assert_true(ct_is_zero(view(parts)));
    }
    assert_int_equal(crypto_rsa_from_exponent(&r.c, n, e, d, span_part(parts, 1, parts.n)), ST_BAD_LENGTH);
    rig_close(&r);
}

/* What is not tried on import the private operation sees before it gives anything away. */
static void parts_that_lie_are_found_out(void **state)
{
    struct rig r;
    rig_open(&r, 4);
    bytes n = exact(rsa_import_keys[6].n);
    span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(8 * n.n)), out = exact_space(n.n), in = exact_space(n.n);
    assert_ok(crypto_rsa_from_exponent(&r.c, n, rsa_import_keys[6].e, exact(rsa_import_keys[6].d), parts));
    struct crypto_rsa k = crypto_rsa_view(view(parts), rsa_import_keys[6].e);
    parts.p[parts.n - 1] ^= 2; /* qinv */
    in.p[0] = 0;
    assert_int_equal(crypto_rsa_private(&r.c, &k, view(in), out), ST_EXECUTION);
    rig_close(&r);
}

static void chips_have_room(void **state)
{
    struct rig r;
    rig_source(&r, 5);
    assert_ok(rig_open_with(&r, CRYPTO_POOL_SIZE));
    for (size_t i = 0; i < COUNT(rsa_import_keys); i++) {
        bytes n = exact(rsa_import_keys[i].n);
        span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(8 * n.n)), d = exact_space(n.n);
        assert_ok(crypto_rsa_from_exponent(&r.c, n, rsa_import_keys[i].e, exact(rsa_import_keys[i].d), parts));
        struct crypto_rsa k = crypto_rsa_view(view(parts), rsa_import_keys[i].e);
        assert_ok(crypto_rsa_exponent(&r.c, &k, d));
    }
    print_message("pool peak %zu bytes\n", r.c.pool_peak);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_are_found),
        cmocka_unit_test(every_size_goes_there_and_back),
        cmocka_unit_test(numbers_that_do_not_belong_together),
        cmocka_unit_test(parts_that_lie_are_found_out),
        cmocka_unit_test(chips_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
