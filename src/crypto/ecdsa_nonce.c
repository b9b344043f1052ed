/* SPDX-License-Identifier: Apache-2.0 */
/* The secret number of an ECDSA signature: RFC 6979, hedged with random additional data (3.6). A dead random source
 * then costs nothing, and a fault that makes two signatures of one digest gives no two with one nonce. */
#include "crypto/internal.h"

/* 2.3.2: 66 bytes are 528 bits, of which the order of P-521 takes the first 521. All others have whole bytes. */
static void drop_surplus(span number)
{
    if (number.n != CRYPTO_EC_FIELD_MAX) return;
    for (size_t i = number.n - 1; i > 0; i--) number.p[i] = (uint8_t)(number.p[i] >> 7 | number.p[i - 1] << 1);
    number.p[0] >>= 7;
}

/* bits2octets(digest): its leftmost bits as a number, reduced once. */
static void digest_number(const struct crypto_curve_params *curve, bytes digest, span out)
{
    (void)span_copy_number(out, bytes_first(digest, out.n));
    if (digest.n >= out.n) drop_surplus(out);
    number_reduce_once(out, curve->n);
}

/* K = HMAC(K, V || round || x || h1 || extra), V = HMAC(K, V). */
static status mix(enum crypto_hash h, span k, span v, uint8_t round, const bytes data[3])
{
    bytes parts[] = {view(v), {&round, 1}, data[0], data[1], data[2]}, v_only = view(v);
    TRY(hmac_parts(h, view(k), parts, COUNT(parts), k));
    return hmac_parts(h, view(k), &v_only, 1, v);
}

/* 3.2 h: one candidate, from as many blocks as it needs. */
static status candidate(enum crypto_hash h, span k, span v, span out)
{
    bytes v_only = view(v);
    for (size_t at = 0; at < out.n; at += v.n) {
        TRY(hmac_parts(h, view(k), &v_only, 1, v));
        span part = span_part(out, at, v.n);
        memcpy(part.p, v.p, part.n);
    }
    drop_surplus(out);
    return ST_OK;
}

status ecdsa_nonce(enum crypto_hash h, const struct crypto_curve_params *curve, bytes d, bytes digest, bytes extra,
                   span k)
{
    SECRET(key_max, CRYPTO_HASH_MAX);
    SECRET(v_max, CRYPTO_HASH_MAX);
    SECRET(h1_max, CRYPTO_EC_FIELD_MAX);
    span key = span_part(key_max, 0, crypto_hash_size(h)), v = span_part(v_max, 0, crypto_hash_size(h));
    span h1 = span_part(h1_max, 0, curve->field_size);
    memset(key.p, 0x00, key.n);
    memset(v.p, 0x01, v.n);
    digest_number(curve, digest, h1);
    TRY(mix(h, key, v, 0, (bytes[3]){d, view(h1), extra}));
    TRY(mix(h, key, v, 1, (bytes[3]){d, view(h1), extra}));
    for (unsigned tries = 0; tries < 128; tries++) { /* each fits with a chance of 1/2 or more */
        TRY(candidate(h, key, v, k));
        if (ct_told(number_less(view(k), curve->n)) && !ct_is_zero(view(k))) return ST_OK;
        TRY(mix(h, key, v, 0, (bytes[3]){NO_BYTES, NO_BYTES, NO_BYTES}));
    }
    return ST_EXECUTION;
}
