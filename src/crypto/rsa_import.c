/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys that were made elsewhere: from (n, e, d) or (p, q, e) to the parts that the private operation wants, and
 * back to d.
 *
 * The factors are found without an exponentiation modulo n, which would take a minute on a chip: for some small k and g,
 * (e*d - 1) * g = k * phi(n), and phi(n) is so near to n that k/g is a convergent of the continued fraction of
 * (e*d - 1)/n. Each convergent is tried exactly, so that what is found is right. The work takes a time that depends on
 * the key; it is done once, on import. */
#include "crypto/internal.h"

#define STEPS_MAX 200u        /* of Euclid's algorithm */
#define FRACTION_BITS_MAX 256 /* of k and g */
#define ROOT_STEPS_MAX 64u    /* of Newton's; a 4096-bit number needs 13 */

/* ---- numbers from the pool, all or nothing ---- */

static status take(struct crypto *c, mp_int ***numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        *numbers[i] = pool_number(c);
        if (!*numbers[i]) return ST_NO_SPACE;
    }
    return ST_OK;
}

static status read_number(mp_int *a, bytes value)
{
    return wolf(mp_read_unsigned_bin(a, not_null(value), (word32)value.n));
}

/* ---- splitting n ---- */

struct split {
    mp_int *n, *a;            /* the modulus; e * d - 1                        */
    mp_int *x, *y, *quotient; /* Euclid on a and n                             */
    mp_int *k[2], *g[2];      /* numerators, denominators: last one, one before */
    mp_int *phi, *sum, *root; /* sum = p + q                                   */
    mp_int *p, *q;
    int half_bits;
};

static status split_take(struct crypto *c, struct split *s)
{
    mp_int **all[] = {&s->n,    &s->a,    &s->x,   &s->y,   &s->quotient, &s->k[0], &s->k[1],
                      &s->g[0], &s->g[1], &s->phi, &s->sum, &s->root,     &s->p,    &s->q};
    return take(c, all, COUNT(all));
}

/* root = the integer part of the square root of a > 0, by Newton from above. Uses q and quotient. */
static status square_root(struct split *s, const mp_int *a, mp_int *root)
{
    TRY(wolf(mp_2expt(root, (mp_count_bits(a) + 1) / 2)));
    for (unsigned i = 0; i < ROOT_STEPS_MAX; i++) {
        TRY(wolf(mp_div((mp_int *)a, root, s->quotient, NULL)));
        TRY(wolf(mp_add(s->quotient, root, s->quotient)));
        TRY(wolf(mp_div_2(s->quotient, s->quotient)));
        if (mp_cmp(s->quotient, root) != MP_LT) return ST_OK;
        TRY(wolf(mp_copy(s->quotient, root)));
    }
    return ST_EXECUTION;
}

/* p and q from their sum: (sum +- root(sum^2 - 4n)) / 2. */
static status solve(struct split *s, bool *found)
{
    mp_int *square = s->p, *n4 = s->q;
    TRY(wolf(mp_sqr(s->sum, square)));
    TRY(wolf(mp_add(s->n, s->n, n4)));
    TRY(wolf(mp_add(n4, n4, n4)));
    if (mp_cmp(square, n4) != MP_GT) return ST_OK;
    TRY(wolf(mp_sub(square, n4, square)));
    TRY(square_root(s, square, s->root));
    TRY(wolf(mp_add(s->sum, s->root, s->p)));
    TRY(wolf(mp_sub(s->sum, s->root, s->q)));
    TRY(wolf(mp_div_2(s->p, s->p)));
    TRY(wolf(mp_div_2(s->q, s->q)));
    TRY(wolf(mp_mul(s->p, s->q, s->quotient)));
    *found = mp_cmp(s->quotient, s->n) == MP_EQ;
    return ST_OK;
}

/* Is k[0]/g[0] the fraction? Then phi = a * g / k, exactly, and the sum is n + 1 - phi. */
static status try_fraction(struct split *s, bool *found)
{
    if (mp_iszero(s->k[0])) return ST_OK;
    TRY(wolf(mp_mul(s->a, s->g[0], s->root)));
    TRY(wolf(mp_div(s->root, s->k[0], s->phi, s->sum)));
    if (!mp_iszero(s->sum) || mp_cmp(s->phi, s->n) != MP_LT) return ST_OK;
    TRY(wolf(mp_sub(s->n, s->phi, s->sum)));
    TRY(wolf(mp_add_d(s->sum, 1, s->sum)));
    if (mp_count_bits(s->sum) > s->half_bits + 2) return ST_OK;
    return solve(s, found);
}

/* The next convergent: v[0], v[1] = quotient * v[0] + v[1], v[0]. */
static status advance(struct split *s, mp_int *v[2])
{
    TRY(wolf(mp_mul(s->quotient, v[0], s->root)));
    TRY(wolf(mp_add(s->root, v[1], v[1])));
    mp_int *last = v[0];
    v[0] = v[1];
    v[1] = last;
    return ST_OK;
}

static status step(struct split *s)
{
    TRY(wolf(mp_div(s->x, s->y, s->quotient, s->x)));
    mp_int *remainder = s->x;
    s->x = s->y;
    s->y = remainder;
    TRY(advance(s, s->k));
    return advance(s, s->g);
}

static status find_factors(struct split *s)
{
    bool found = false;
    TRY(wolf(mp_copy(s->a, s->x)));
    TRY(wolf(mp_copy(s->n, s->y)));
    TRY(wolf(mp_set_int(s->k[0], 1)));
    TRY(wolf(mp_set_int(s->g[1], 1)));
    for (unsigned i = 0; i < STEPS_MAX && !mp_iszero(s->y); i++) {
        TRY(step(s));
        if (mp_count_bits(s->k[0]) > FRACTION_BITS_MAX || mp_count_bits(s->g[0]) > FRACTION_BITS_MAX) break;
        TRY(try_fraction(s, &found));
        if (found) return ST_OK;
    }
    return ST_EXECUTION;
}

/* a = e * d - 1 */
static status set_multiple(struct split *s, uint32_t e, bytes d)
{
    TRY(read_number(s->a, d));
    TRY(wolf(mp_set_int(s->x, e)));
    TRY(wolf(mp_mul(s->a, s->x, s->a)));
    if (mp_iszero(s->a)) return ST_EXECUTION;
    return wolf(mp_sub_d(s->a, 1, s->a));
}

static bool is_odd(bytes number)
{
    return number.n && (number.p[number.n - 1] & 1);
}

static bool full_length(bytes n)
{
    return n.n >= 128 && n.n <= CRYPTO_RSA_MAX && (n.p[0] & 0x80) && is_odd(n);
}

static status from_exponent(struct crypto *c, bytes n, uint32_t e, bytes d, buf *out)
{
    struct split s = {.half_bits = (int)(n.n * 4)};
    TRY(split_take(c, &s));
    TRY(read_number(s.n, n));
    TRY(set_multiple(&s, e, d));
    TRY(find_factors(&s));
    mp_int *used[] = {s.a, s.x, s.y, s.quotient, s.k[0], s.k[1], s.g[0], s.g[1], s.phi, s.sum, s.root, s.n};
    for (size_t i = 0; i < COUNT(used); i++) pool_give(c, used[i]);
    return rsa_put_parts(c, s.p, s.q, e, (uint32_t)n.n * 8, out);
}

static bool size_ok(bytes n, span parts)
{
    return parts.n == CRYPTO_RSA_PARTS_SIZE(n.n * 8);
}

status crypto_rsa_from_exponent(struct crypto *c, bytes n, uint32_t e, bytes d, span parts)
{
    wipe(parts);
    d = bytes_trimmed(d);
    if (!full_length(n) || d.n > n.n || e < 3 || e % 2 == 0) return ST_EXECUTION;
    if (!size_ok(n, parts)) return ST_BAD_LENGTH;
    buf out = buf_over(parts);
    crypto_enter(c);
    status st = crypto_leave(c, from_exponent(c, n, e, d, &out));
    if (st != ST_OK) wipe(parts);
    return st;
}

static status from_primes(struct crypto *c, bytes p, bytes q, uint32_t e, size_t n_size, buf *out)
{
    mp_int *a = pool_number_from(c, p), *b = pool_number_from(c, q);
    if (!a || !b) return ST_NO_SPACE;
    return rsa_put_parts(c, a, b, e, (uint32_t)n_size * 8, out);
}

status crypto_rsa_from_primes(struct crypto *c, bytes n, uint32_t e, bytes p, bytes q, span parts)
{
    wipe(parts);
    p = bytes_trimmed(p);
    q = bytes_trimmed(q);
    if (!full_length(n) || e < 3 || e % 2 == 0 || !is_odd(p) || !is_odd(q) || bytes_equal(p, q)) return ST_EXECUTION;
    if (p.n > (n.n + 1) / 2 || q.n > (n.n + 1) / 2) return ST_EXECUTION;
    if (!size_ok(n, parts)) return ST_BAD_LENGTH;
    buf out = buf_over(parts);
    crypto_enter(c);
    status st = crypto_leave(c, from_primes(c, p, q, e, n.n, &out));
    if (st == ST_OK && !bytes_equal(crypto_rsa_view(view(parts), e).n, n)) st = ST_EXECUTION;
    if (st != ST_OK) wipe(parts);
    return st;
}

/* ---- back to d ---- */

static status exponent(struct crypto *c, const struct crypto_rsa *key, span d)
{
    mp_int *p = pool_number_from(c, key->p), *q = pool_number_from(c, key->q), *phi = pool_number(c);
    if (!p || !q || !phi) return ST_NO_SPACE;
    TRY(wolf(mp_sub_d(p, 1, p)));
    TRY(wolf(mp_sub_d(q, 1, q)));
    TRY(wolf(mp_mul(p, q, phi)));
    TRY(rsa_inverse_of_e(phi, key->e, p));
    return wolf(mp_to_unsigned_bin_len(p, d.p, (int)d.n));
}

status crypto_rsa_exponent(struct crypto *c, const struct crypto_rsa *key, span d)
{
    if (d.n != key->n.n) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, exponent(c, key, d));
    if (st != ST_OK) wipe(d);
    return st;
}
