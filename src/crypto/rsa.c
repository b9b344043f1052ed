/* SPDX-License-Identifier: Apache-2.0 */
/* RSA: the public and the private operation on whole blocks.
 *
 * The private one is ours down to modular exponentiation: blind, Chinese remainders, unblind, check with the public
 * exponent. So every key size takes the same path, and the blinding does not depend on the library's build. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/rsa.h>

#define BLIND 32u /* bytes of a blinding factor */

struct crypto_rsa crypto_rsa_view(bytes parts, uint32_t e)
{
    /* n is bits/8 bytes, the five others (bits/2 + 7)/8: half of n, rounded up. */
    size_t n = parts.n * 2 / 7, half;
    while (n + 5 * ((n + 1) / 2) > parts.n) n--;
    half = (n + 1) / 2;
    const uint8_t *p = parts.p;
    return (struct crypto_rsa){
        .n = {p, n},
        .p = {p + n, half},
        .q = {p + n + half, half},
        .dp = {p + n + 2 * half, half},
        .dq = {p + n + 3 * half, half},
        .qinv = {p + n + 4 * half, half},
        .e = e,
    };
}

/* A public key object of the library, in the pool. */
static status public_take(struct crypto *c, bytes n, uint32_t e, RsaKey **out)
{
    RsaKey *key = pool_take(c, sizeof *key);
    *out = key;
    if (!key) return ST_NO_SPACE;
    TRY(wolf(wc_InitRsaKey(key, NULL)));
    key->type = RSA_PUBLIC;
    TRY(wolf(mp_read_unsigned_bin(&key->n, n.p, (word32)n.n)));
    return wolf(mp_set_int(&key->e, e));
}

/* out = in^e mod n */
static status public_apply(RsaKey *key, bytes in, span out)
{
    word32 size = (word32)out.n;
    TRY(wolf(wc_RsaFunction(in.p, (word32)in.n, out.p, &size, RSA_PUBLIC_ENCRYPT, key, NULL)));
    cpu_settle();
    return size == out.n ? ST_OK : ST_EXECUTION;
}

static status rsa_public(struct crypto *c, bytes n, uint32_t e, bytes in, span out)
{
    RsaKey *key;
    TRY(public_take(c, n, e, &key));
    return public_apply(key, in, out);
}

static bool modulus_fits(bytes n)
{
    return n.n >= 128 && n.n <= CRYPTO_RSA_MAX && (n.p[0] & 0x80) && (n.p[n.n - 1] & 1);
}

status crypto_rsa_public(struct crypto *c, bytes n, uint32_t e, bytes in, span out)
{
    if (!modulus_fits(n) || in.n != n.n || out.n != n.n || e == 0 || !number_less(in, n)) {
        wipe(out);
        return ST_EXECUTION;
    }
    crypto_enter(c);
    status st = crypto_leave(c, rsa_public(c, n, e, in, out));
    if (st != ST_OK) wipe(out);
    return st;
}

/* A random odd number of BLIND bytes, right-aligned in `out`. */
static status draw_factor(struct crypto *c, span out)
{
    memset(out.p, 0, out.n);
    out.p[out.n - 1] = 1;
    span low = span_part(out, out.n - BLIND, BLIND);
    TRY(random_fill(c, low));
    low.p[BLIND - 1] |= 1;
    return ST_OK;
}

/* x = x^d mod p for one prime. `p` stays for the caller. */
static status half(struct crypto *c, mp_int *x, bytes d_bytes, const mp_int *p)
{
    mp_int *d = pool_number_from(c, d_bytes);
    if (!d) return ST_NO_SPACE;
    TRY(wolf(mp_mod(x, p, x)));
    TRY(wolf(mp_exptmod(x, d, p, x)));
    pool_give(c, d);
    return ST_OK;
}

/* x = x^d mod n by Garner: m2 + q * (qinv * (m1 - m2) mod p). x is blinded, so the time of the reductions tells
 * nothing about a chosen input. */
static status chinese_remainders(struct crypto *c, const struct crypto_rsa *key, mp_int *x)
{
    mp_int *p = pool_number_from(c, key->p), *q = pool_number_from(c, key->q), *m1 = pool_number(c);
    if (!p || !q || !m1) return ST_NO_SPACE;
    TRY(wolf(mp_copy(x, m1)));
    TRY(half(c, m1, key->dp, p));
    TRY(half(c, x, key->dq, q)); /* m2 */
    mp_int *h = pool_number(c), *qinv = pool_number_from(c, key->qinv);
    if (!h || !qinv) return ST_NO_SPACE;
    TRY(wolf(mp_mod(x, p, h)));
    TRY(wolf(mp_submod(m1, h, p, h)));
    TRY(wolf(mp_mulmod(h, qinv, p, h)));
    TRY(wolf(mp_mul(h, q, h)));
    TRY(wolf(mp_add(x, h, x)));
    mp_int *all[] = {p, q, m1, h, qinv};
    for (size_t i = 0; i < COUNT(all); i++) pool_give(c, all[i]);
    return ST_OK;
}

/* a = a * b mod n, `b` as bytes. */
static status times(struct crypto *c, mp_int *a, bytes b_bytes, const mp_int *n)
{
    mp_int *b = pool_number_from(c, b_bytes);
    if (!b) return ST_NO_SPACE;
    TRY(wolf(mp_mulmod(a, b, n, a)));
    pool_give(c, b);
    return ST_OK;
}

/* inverse = u^-1 mod n for a short odd u: (1 + n * k) / u with k = -n^-1 mod u. A full inversion modulo n would cost
 * a third of the whole operation. */
static status inverse_of_short(struct crypto *c, const mp_int *u, const mp_int *n, mp_int *inverse)
{
    mp_int *k = pool_number(c);
    if (!k) return ST_NO_SPACE;
    TRY(wolf(mp_mod(n, u, k)));
    TRY(wolf(mp_invmod(k, u, k)));
    TRY(wolf(mp_sub(u, k, k)));
    TRY(wolf(mp_mul(n, k, inverse)));
    TRY(wolf(mp_add_d(inverse, 1, inverse)));
    TRY(wolf(mp_div(inverse, u, inverse, NULL)));
    pool_give(c, k);
    return ST_OK;
}

/* x = x * r^-1 mod n. Inversion takes a time that depends on what it inverts: that is r * t, t random, never r. */
static status unblind(struct crypto *c, mp_int *x, bytes r, const mp_int *n, span t)
{
    TRY(draw_factor(c, t));
    mp_int *u = pool_number_from(c, view(t)), *inverse = pool_number_from(c, r);
    if (!u || !inverse) return ST_NO_SPACE;
    TRY(wolf(mp_mul(u, inverse, u)));
    TRY(inverse_of_short(c, u, n, inverse));
    TRY(times(c, inverse, view(t), n));
    TRY(wolf(mp_mulmod(x, inverse, n, x)));
    pool_give(c, u);
    pool_give(c, inverse);
    return ST_OK;
}

/* out = in^d mod n. `scratch` and `r` have the size of n. */
static status blinded(struct crypto *c, const struct crypto_rsa *key, RsaKey *public, bytes in, span out, span r,
                      span scratch)
{
    TRY(draw_factor(c, r));
    TRY(public_apply(public, view(r), scratch));
    mp_int *x = pool_number_from(c, in);
    if (!x) return ST_NO_SPACE;
    TRY(times(c, x, view(scratch), &public->n));
    TRY(chinese_remainders(c, key, x));
    cpu_settle();
    TRY(unblind(c, x, view(r), &public->n, scratch));
    TRY(wolf(mp_to_unsigned_bin_len(x, out.p, (int)out.n)));
    pool_give(c, x);
    TRY(public_apply(public, view(out), scratch));
    return ct_equal(view(scratch), in) ? ST_OK : ST_EXECUTION; /* a fault would give the factors away */
}

status rsa_private(struct crypto *c, const struct crypto_rsa *key, bytes in, span out)
{
    RsaKey *public;
    TRY(public_take(c, key->n, key->e, &public));
    span r = {pool_take(c, key->n.n), key->n.n}, scratch = {pool_take(c, key->n.n), key->n.n};
    if (!r.p || !scratch.p) return ST_NO_SPACE;
    TRY(blinded(c, key, public, in, out, r, scratch));
    pool_give(c, scratch.p);
    pool_give(c, r.p);
    pool_give(c, public);
    return ST_OK;
}

static bool parts_fit(const struct crypto_rsa *key)
{
    size_t half_size = (key->n.n + 1) / 2;
    return modulus_fits(key->n) && key->p.n == half_size && key->q.n == half_size && key->dp.n == half_size &&
           key->dq.n == half_size && key->qinv.n == half_size && (key->p.p[half_size - 1] & 1) &&
           (key->q.p[half_size - 1] & 1) && key->e >= 3;
}

status crypto_rsa_private(struct crypto *c, const struct crypto_rsa *key, bytes in, span out)
{
    if (!parts_fit(key) || in.n != key->n.n || out.n != key->n.n || !number_less(in, key->n)) {
        wipe(out);
        return ST_EXECUTION;
    }
    crypto_enter(c);
    status st = crypto_leave(c, rsa_private(c, key, in, out));
    if (st != ST_OK) wipe(out);
    return st;
}
