/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an RSA key from its primes, for keys made here and for keys that come from elsewhere. */
#include "crypto/internal.h"

/* ---- arithmetic modulo e ---- */

/* a^-1 mod m for gcd(a, m) = 1. */
static uint32_t inverse(uint32_t a, uint32_t m)
{
    int64_t r0 = m, r1 = a % m, t0 = 0, t1 = 1;
    while (r1) {
        int64_t quotient = r0 / r1, r = r0 - quotient * r1, t = t0 - quotient * t1;
        r0 = r1;
        r1 = r;
        t0 = t1;
        t1 = t;
    }
    return (uint32_t)(t0 < 0 ? t0 + m : t0);
}

/* x = e^-1 mod m = (1 + m * t) / e with t = -m^-1 mod e: no long inversion of a secret. */
status rsa_inverse_of_e(const mp_int *m, uint32_t e, mp_int *x)
{
    mp_digit rest = 0;
    TRY(wolf(mp_mod_d(m, e, &rest)));
    if (number_gcd((uint32_t)rest, e) != 1) return ST_EXECUTION;
    TRY(wolf(mp_mul_d(m, e - inverse((uint32_t)rest, e), x)));
    TRY(wolf(mp_add_d(x, 1, x)));
    return wolf(mp_div_d(x, e, x, NULL));
}

/* ---- the parts ---- */

static status put_number(buf *out, mp_int *a, size_t size)
{
    span place = put_space(out, size);
    return place.n == size ? wolf(mp_to_unsigned_bin_len(a, place.p, (int)size)) : ST_BAD_LENGTH;
}

/* e^-1 mod (p - 1), written with `size` bytes. */
static status put_exponent(const mp_int *p, uint32_t e, mp_int *minus_1, mp_int *x, buf *out, size_t size)
{
    TRY(wolf(mp_sub_d(p, 1, minus_1)));
    TRY(rsa_inverse_of_e(minus_1, e, x));
    return put_number(out, x, size);
}

/* qinv = q^(p-2) mod p, as constant-time as the library's exponentiation; it is one only when p is a prime. */
static status put_qinv(const mp_int *p, const mp_int *q, mp_int *exponent, mp_int *x, buf *out, size_t size)
{
    TRY(wolf(mp_sub_d(p, 2, exponent)));
    TRY(wolf(mp_mod(q, p, x)));
    TRY(wolf(mp_exptmod(x, exponent, p, x)));
    return put_number(out, x, size);
}

status rsa_put_parts(struct crypto *c, mp_int *p, mp_int *q, uint32_t e, uint32_t bits, buf *out)
{
    size_t half = (bits / 2 + 7) / 8;
    mp_int *x = pool_number(c), *y = pool_number(c);
    if (!x || !y) return ST_NO_SPACE;
    TRY(wolf(mp_mul(p, q, x)));
    if (mp_count_bits(x) != (int)bits) return ST_EXECUTION;
    TRY(put_number(out, x, bits / 8));
    TRY(put_number(out, p, half));
    TRY(put_number(out, q, half));
    TRY(put_exponent(p, e, y, x, out, half));
    TRY(put_exponent(q, e, y, x, out, half));
    TRY(put_qinv(p, q, y, x, out, half));
    pool_give(c, x);
    pool_give(c, y);
    return ST_OK;
}
