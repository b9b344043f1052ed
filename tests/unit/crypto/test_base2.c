/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of two against squaring and adding with the library's generic arithmetic, for sizes of primes with code of
 * their own and without. */
#include "rig.h"

#include "crypto/base2.h"
#include "crypto/internal.h"

/* An odd random number that begins with these two bytes: moduli from 8000.. to FFFF.., which doubling exceeds most and
 * least. (Not 2^1535 + 1 and its like: with nearly all words zero wolfCrypt's own code for M33 and 1536 bits errs.) */
static mp_int *draw(struct rig *r, size_t size, uint8_t first, uint8_t second)
{
    uint8_t raw[256];
    assert_ok(random_fill(&r->c, (span){raw, size}));
    raw[0] = first;
    raw[1] = second;
    raw[size - 1] |= 1;
    mp_int *a = pool_number_from(&r->c, (bytes){raw, size});
    assert_non_null(a);
    return a;
}

static void assert_power(struct rig *r, mp_int *e, mp_int *m)
{
    mp_int *x = pool_number(&r->c), *expected = pool_number(&r->c);
    assert_int_equal(mp_set(expected, 1), 0);
    for (int bit = mp_count_bits(e) - 1; bit >= 0; bit--) {
        assert_int_equal(mp_sqrmod(expected, m, expected), 0);
        if (mp_is_bit_set(e, (unsigned)bit)) assert_int_equal(mp_addmod(expected, expected, m, expected), 0);
    }
    assert_int_equal(base2_power(e, m, x), 0);
    assert_int_equal(mp_cmp(x, expected), MP_EQ);
    pool_give(&r->c, expected);
    pool_give(&r->c, x);
}

static void powers_are_what_they_should_be(void **state)
{
    static const size_t sizes[] = {64, 65, 96, 128, 160, 192, 224, 256}; /* bytes; fast ones are 128, 192 and 256 */
    static const uint8_t begins[][2] = {{0x80, 0x00}, {0xB5, 0x04}, {0xD3, 0x91}, {0xFF, 0xFF}};
    struct rig r;
    rig_open(&r, 77);
    crypto_enter(&r.c);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t k = 0; k < COUNT(begins); k++) {
            mp_int *m = draw(&r, sizes[i], begins[k][0], begins[k][1]);
            mp_int *e = draw(&r, sizes[i], 0xA5, 0x5A);
            assert_power(&r, e, m);
            pool_give(&r.c, e);
            pool_give(&r.c, m);
        }
    }
    assert_ok(crypto_leave(&r.c, ST_OK));
    rig_close(&r);
}

static void small_exponents_and_results(void **state)
{
    struct rig r;
    rig_open(&r, 78);
    crypto_enter(&r.c);
    mp_int *m = draw(&r, 128, 0xC0, 0), *e = pool_number(&r.c), *x = pool_number(&r.c);
    mp_int *expected = pool_number(&r.c);
    for (mp_digit n = 1; n < 40; n++) {
        assert_int_equal(mp_set(e, n), 0);
        assert_int_equal(base2_power(e, m, x), 0);
        assert_int_equal(mp_set_bit(expected, (int)n), 0); /* 2^n, far below m */
        assert_int_equal(mp_cmp(x, expected), MP_EQ);
        mp_zero(expected);
    }
    assert_ok(crypto_leave(&r.c, ST_OK));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_are_what_they_should_be),
        cmocka_unit_test(small_exponents_and_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
