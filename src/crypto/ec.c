/* SPDX-License-Identifier: Apache-2.0 */
/* Elliptic curves: keys, ECDSA and ECDH on nine short Weierstrass curves, all of cofactor 1: a point that satisfies
 * the equation is a member of the group, so no multiplication by the order is needed to check one. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/random.h>

/* The library's view of one side of a key pair; lies in the pool. */
struct ec {
    const struct crypto_curve_params *curve;
    ecc_key key;
    WC_RNG rng;
};

static size_t point_size(const struct crypto_curve_params *curve)
{
    return 1 + 2 * curve->field_size;
}

/* An empty key on the curve, with random numbers to blind with. */
static status ec_take(struct crypto *c, enum crypto_curve curve, struct ec **out)
{
    struct ec *ec = pool_take(c, sizeof *ec);
    *out = ec;
    if (!ec) return ST_NO_SPACE;
    ec->curve = crypto_curve_params(curve);
    TRY(wolf(wc_ecc_init(&ec->key)));
    TRY(wolf(wc_ecc_set_curve(&ec->key, (int)ec->curve->field_size, crypto_wolf_curve(curve))));
    TRY(wolf(wc_InitRng(&ec->rng)));
    return wolf(wc_ecc_set_rng(&ec->key, &ec->rng));
}

static void ec_give(struct crypto *c, struct ec *ec)
{
    (void)wc_ecc_free(&ec->key);
    pool_give(c, ec);
}

static bool in_1_to_n(const struct crypto_curve_params *curve, bytes v)
{
    return ct_told(number_less(v, curve->n)) && !ct_is_zero(v);
}

/* y^2 == x^3 + ax + b (mod p)? All public. */
static status on_curve(struct crypto *c, const struct crypto_curve_params *curve, bytes x_bytes, bytes y_bytes)
{
    mp_int *x = pool_number_from(c, x_bytes), *y = pool_number_from(c, y_bytes), *p = pool_number_from(c, curve->p);
    mp_int *t = pool_number(c), *k = pool_number_from(c, curve->a);
    if (!x || !y || !p || !t || !k) return ST_NO_SPACE;
    TRY(wolf(mp_sqrmod(x, p, t)));
    TRY(wolf(mp_addmod(t, k, p, t)));
    TRY(wolf(mp_mulmod(t, x, p, t))); /* x^3 + ax */
    TRY(wolf(mp_read_unsigned_bin(k, curve->b.p, (word32)curve->b.n)));
    TRY(wolf(mp_addmod(t, k, p, t)));
    TRY(wolf(mp_sqrmod(y, p, y)));
    bool equal = mp_cmp(t, y) == MP_EQ;
    mp_int *all[] = {x, y, p, t, k};
    for (size_t i = 0; i < COUNT(all); i++) pool_give(c, all[i]);
    return equal ? ST_OK : ST_DATA_NOT_USABLE;
}

static status check_point(struct crypto *c, const struct crypto_curve_params *curve, bytes point)
{
    if (point.n != point_size(curve) || point.p[0] != 4) return ST_DATA_NOT_USABLE;
    bytes x = {point.p + 1, curve->field_size}, y = {x.p + x.n, x.n};
    if (!number_less(x, curve->p) || !number_less(y, curve->p)) return ST_DATA_NOT_USABLE;
    return on_curve(c, curve, x, y);
}

static void tell_number(const mp_int *a)
{
    ct_tell((bytes){(const uint8_t *)a, MP_INT_SIZEOF(a->size)});
}

/* Its d stays secret, its point is none. */
static void tell_point(const struct ec *ec)
{
    tell_number(ec->key.pubkey.x);
    tell_number(ec->key.pubkey.y);
    tell_number(ec->key.pubkey.z);
}

/* A key that holds `d`, not yet the point. */
static status private_take(struct crypto *c, enum crypto_curve curve, bytes d, struct ec **ec)
{
    if (!in_1_to_n(crypto_curve_params(curve), d)) return ST_EXECUTION;
    TRY(ec_take(c, curve, ec));
    return wolf(wc_ecc_import_private_key_ex(d.p, (word32)d.n, NULL, 0, &(*ec)->key, crypto_wolf_curve(curve)));
}

/* A key that holds the checked point. */
static status public_take(struct crypto *c, enum crypto_curve curve, bytes point, struct ec **ec)
{
    TRY(check_point(c, crypto_curve_params(curve), point));
    TRY(ec_take(c, curve, ec));
    return wolf(wc_ecc_import_x963_ex(point.p, (word32)point.n, &(*ec)->key, crypto_wolf_curve(curve)));
}

/* A key that holds `d` and its point. */
static status pair_take(struct crypto *c, enum crypto_curve curve, bytes d, struct ec **ec)
{
    TRY(private_take(c, curve, d, ec));
    TRY(wolf(wc_ecc_make_pub_ex(&(*ec)->key, NULL, &(*ec)->rng)));
    cpu_settle();
    tell_point(*ec);
    return ST_OK;
}

static status make_public(struct crypto *c, enum crypto_curve curve, bytes d, span point)
{
    struct ec *ec;
    TRY(pair_take(c, curve, d, &ec));
    word32 size = (word32)point.n;
    TRY(wolf(wc_ecc_export_x963(&ec->key, point.p, &size)));
    ec_give(c, ec);
    return check_point(c, crypto_curve_params(curve), view(point)) == ST_OK ? ST_OK : ST_EXECUTION; /* a fault? */
}

status crypto_ec_public(struct crypto *c, enum crypto_curve curve, bytes d, span point)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (!params || d.n != params->field_size || point.n != point_size(params)) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, make_public(c, curve, d, point));
    if (st != ST_OK) wipe(point);
    return st;
}

/* FIPS 186-5 A.2.2: draw until 1 <= d < n; P-521 draws 521 bits. */
static status draw_private(struct crypto *c, const struct crypto_curve_params *curve, span d)
{
    for (unsigned tries = 0; tries < 128; tries++) { /* each fits with a chance of 1/2 or more */
        TRY(random_fill(c, d));
        if (d.n == CRYPTO_EC_FIELD_MAX) d.p[0] &= 1;
        if (in_1_to_n(curve, view(d))) return ST_OK;
    }
    return ST_EXECUTION;
}

static status generate(struct crypto *c, enum crypto_curve curve, span d, span point)
{
    TRY(draw_private(c, crypto_curve_params(curve), d));
    return make_public(c, curve, view(d), point);
}

status crypto_ec_generate(struct crypto *c, enum crypto_curve curve, span d, span point)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (!params || d.n != params->field_size || point.n != point_size(params)) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, generate(c, curve, d, point));
    if (st == ST_OK) return ST_OK;
    wipe(d);
    wipe(point);
    return st;
}

/* `a` as a number below n; it is public, so the library may take its time by its value. */
static status reduce_public(struct crypto *c, const struct crypto_curve_params *curve, bytes a, span reduced)
{
    mp_int *number = pool_number_from(c, a), *n = pool_number_from(c, curve->n), *rest = pool_number(c);
    if (!number || !n || !rest) return ST_NO_SPACE;
    TRY(wolf(mp_mod(number, n, rest)));
    return wolf(mp_to_unsigned_bin_len(rest, reduced.p, (int)reduced.n));
}

static status add_private(struct crypto *c, const struct crypto_curve_params *curve, bytes d, bytes a, span sum)
{
    uint8_t room[CRYPTO_EC_FIELD_MAX];
    span reduced = {room, curve->field_size};
    if (!in_1_to_n(curve, d)) return ST_EXECUTION;
    TRY(reduce_public(c, curve, a, reduced));
    (void)span_copy(sum, d);
    number_add_mod(sum, view(reduced), curve->n);
    return ct_is_zero(view(sum)) ? ST_EXECUTION : ST_OK;
}

status crypto_ec_add_private(struct crypto *c, enum crypto_curve curve, bytes d, bytes a, span sum)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (!params || d.n != params->field_size || sum.n != d.n || a.n == 0 || a.n > d.n) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, add_private(c, params, d, a, sum));
    if (st != ST_OK) wipe(sum);
    return st;
}

status crypto_ec_check_point(struct crypto *c, enum crypto_curve curve, bytes point)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (!params) return ST_DATA_NOT_USABLE;
    crypto_enter(c);
    return crypto_leave(c, check_point(c, params, point));
}

#define SHORT_MAX (CRYPTO_EC_FIELD_MAX - 1)

/* The digest as the library takes it: leftmost bytes when as long as the order, else zeros before it. Of 66 bytes on
 * P-521 it drops the last 7 bits, so what is shorter gets one byte less there. `room`: SHORT_MAX bytes. */
static bytes digest_fitted(const struct crypto_curve_params *curve, bytes digest, span room)
{
    if (digest.n >= curve->field_size) return bytes_first(digest, curve->field_size);
    span fitted = span_part(room, 0, curve->field_size);
    (void)span_copy_number(fitted, digest);
    return view(fitted);
}

static status sign_raw(struct ec *ec, bytes e, mp_int *r, mp_int *s)
{
    TRY(wolf(wc_ecc_sign_hash_ex(e.p, (word32)e.n, &ec->rng, &ec->key, r, s)));
    cpu_settle();
    tell_number(r);
    tell_number(s);
    return ST_OK;
}

static status verify_raw(struct ec *ec, bytes e, mp_int *r, mp_int *s)
{
    int valid = 0;
    TRY(wolf(wc_ecc_verify_hash_ex(r, s, e.p, (word32)e.n, &valid, &ec->key)));
    return valid == 1 ? ST_OK : ST_CONDITIONS;
}

/* t = (e - r t) mod n, all public */
static status move_digest(struct crypto *c, bytes order, bytes e, const mp_int *r, span t)
{
    mp_int *n = pool_number_from(c, order), *a = pool_number_from(c, e), *b = pool_number_from(c, view(t));
    if (!n || !a || !b) return ST_NO_SPACE;
    TRY(wolf(mp_mulmod(b, r, n, b)));
    TRY(wolf(mp_submod(a, b, n, a)));
    TRY(wolf(mp_to_unsigned_bin_len(a, t.p, (int)t.n)));
    mp_int *all[] = {n, a, b};
    for (size_t i = 0; i < COUNT(all); i++) pool_give(c, all[i]);
    return ST_OK;
}

/* The check again, elsewhere: (r, s) signs e under d exactly when it signs e - r t under d + t, as e + r d = (e - r t)
 * + r (d + t). The library's own adds multiples of G and Q (Shamir's trick) and errs where two of them meet, as with
 * d = 2; for a random t none do. P-521, whose e has no whole bytes, is checked without the trick. */
static status verify_moved(struct crypto *c, enum crypto_curve curve, bytes d, bytes e, mp_int *r, mp_int *s)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (d.n > SHORT_MAX) return ST_EXECUTION;
    span t = {pool_take(c, d.n), d.n}, moved = {pool_take(c, d.n), d.n}; /* on the stack every signature would pay */
    if (!t.p || !moved.p) return ST_NO_SPACE;
    TRY(random_fill(c, t));
    ct_tell(view(t)); /* nobody must choose it, anybody may know it */
    TRY(add_private(c, params, d, view(t), moved));
    TRY(move_digest(c, params->n, e, r, t));
    struct ec *ec;
    TRY(pair_take(c, curve, view(moved), &ec));
    return verify_raw(ec, view(t), r, s) == ST_OK ? ST_OK : ST_EXECUTION;
}

/* Sets the nonce of the next signature. The hash is as strong as the curve. */
static status set_nonce(struct crypto *c, struct ec *ec, bytes d, bytes digest)
{
    SECRET(hedge, 32);
    SECRET(k_max, CRYPTO_EC_FIELD_MAX);
    span k = span_part(k_max, 0, ec->curve->field_size);
    TRY(random_fill(c, hedge));
    enum crypto_hash h = k.n <= 32 ? CRYPTO_SHA256 : CRYPTO_SHA512;
    TRY(ecdsa_nonce(h, ec->curve, d, digest, view(hedge), k));
    return wolf(wc_ecc_sign_set_k(k.p, (word32)k.n, &ec->key));
}

/* Nothing leaves that is no signature: a fault in it would give the key away. */
static status sign(struct crypto *c, enum crypto_curve curve, bytes d, bytes digest, span rs)
{
    uint8_t room[SHORT_MAX];
    struct ec *ec;
    TRY(pair_take(c, curve, d, &ec));
    TRY(set_nonce(c, ec, d, digest));
    mp_int *r = pool_number(c), *s = pool_number(c);
    if (!r || !s) return ST_NO_SPACE;
    bytes e = digest_fitted(ec->curve, digest, SPAN(room));
    TRY(sign_raw(ec, e, r, s));
    bool valid = verify_raw(ec, e, r, s) == ST_OK;
    ec_give(c, ec);
    if (!valid) TRY(verify_moved(c, curve, d, e, r, s));
    TRY(wolf(mp_to_unsigned_bin_len(r, rs.p, (int)d.n)));
    return wolf(mp_to_unsigned_bin_len(s, rs.p + d.n, (int)d.n));
}

status crypto_ecdsa_sign(struct crypto *c, enum crypto_curve curve, bytes d, bytes digest, span rs)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (!params || d.n != params->field_size || rs.n != 2 * d.n) return ST_BAD_LENGTH;
    if (digest.n == 0) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, sign(c, curve, d, digest, rs));
    if (st != ST_OK) wipe(rs);
    return st;
}

static status verify(struct crypto *c, enum crypto_curve curve, bytes point, bytes digest, bytes rs)
{
    struct ec *ec;
    TRY(public_take(c, curve, point, &ec));
    bytes r_bytes = {rs.p, ec->curve->field_size}, s_bytes = {rs.p + r_bytes.n, r_bytes.n};
    if (!in_1_to_n(ec->curve, r_bytes) || !in_1_to_n(ec->curve, s_bytes)) return ST_CONDITIONS;
    mp_int *r = pool_number_from(c, r_bytes), *s = pool_number_from(c, s_bytes);
    if (!r || !s) return ST_NO_SPACE;
    uint8_t room[SHORT_MAX];
    return verify_raw(ec, digest_fitted(ec->curve, digest, SPAN(room)), r, s);
}

status crypto_ecdsa_verify(struct crypto *c, enum crypto_curve curve, bytes point, bytes digest, bytes rs)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (!params || rs.n != 2 * params->field_size) return ST_CONDITIONS;
    if (digest.n == 0) return ST_BAD_LENGTH;
    crypto_enter(c);
    return crypto_leave(c, verify(c, curve, point, digest, rs));
}

static status ecdh(struct crypto *c, enum crypto_curve curve, bytes d, bytes peer, span x)
{
    struct ec *ours, *theirs;
    TRY(public_take(c, curve, peer, &theirs));
    TRY(private_take(c, curve, d, &ours));
    word32 size = (word32)x.n;
    TRY(wolf(wc_ecc_shared_secret(&ours->key, &theirs->key, x.p, &size)));
    return size == x.n ? ST_OK : ST_EXECUTION;
}

status crypto_ecdh(struct crypto *c, enum crypto_curve curve, bytes d, bytes peer, span x)
{
    const struct crypto_curve_params *params = crypto_curve_params(curve);
    if (!params || d.n != params->field_size || x.n != d.n) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, ecdh(c, curve, d, peer, x));
    if (st != ST_OK) wipe(x);
    return st;
}
