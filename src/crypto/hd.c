/* SPDX-License-Identifier: Apache-2.0 */
/* Hierarchical keys: from a seed to a master, from a node to its child, by the published rules and no others. The
 * private key takes part in comparisons and sums of constant time only; that a second try was needed (one in 2^127, or
 * 2^32 on P-256) may show. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/ripemd.h>

#define HALF 32u
#define TRIES 16u /* each fails once in 2^32 at worst */

static bytes key_of(const struct crypto_hd_node *node)
{
    return BYTES(node->key);
}

static bool is_symmetric(const struct crypto_hd_node *node)
{
    return node->kind == CRYPTO_HD_SYMMETRIC;
}

enum crypto_curve crypto_hd_curve(const struct crypto_hd_node *node)
{
    return node->kind == CRYPTO_HD_SECP256K1 ? CRYPTO_SECP256K1 : CRYPTO_SECP256R1;
}

static bytes order_of(enum crypto_hd_kind kind)
{
    return crypto_curve_params(kind == CRYPTO_HD_SECP256K1 ? CRYPTO_SECP256K1 : CRYPTO_SECP256R1)->n;
}

void crypto_hd_wipe(struct crypto_hd_node *node)
{
    wipe((span){(uint8_t *)node, sizeof *node});
}

/* ---- masters ---- */

static bytes seed_key(enum crypto_hd_kind kind)
{
    switch (kind) {
    case CRYPTO_HD_SECP256K1: return TEXT("Bitcoin seed");
    case CRYPTO_HD_SECP256R1: return TEXT("Nist256p1 seed");
    case CRYPTO_HD_SYMMETRIC: return TEXT("Symmetric key seed");
    case CRYPTO_HD_NONE: break;
    }
    return NO_BYTES;
}

static bool is_private_key(enum crypto_hd_kind kind, bytes key)
{
    return kind == CRYPTO_HD_SYMMETRIC || (number_less(key, order_of(kind)) && !ct_is_zero(key));
}

/* SLIP-10 "Master key generation": what is no private key is the seed of the next try. */
static status make_master(struct crypto *c, enum crypto_hd_kind kind, bytes seed, span master)
{
    SECRET(last, CRYPTO_HD_MASTER_SIZE);
    for (unsigned tries = 0; tries < TRIES; tries++) {
        TRY(crypto_hmac(c, CRYPTO_SHA512, seed_key(kind), &seed, 1, master));
        if (is_private_key(kind, bytes_first(view(master), HALF))) return ST_OK;
        (void)span_copy(last, view(master));
        seed = view(last);
    }
    return ST_EXECUTION;
}

status crypto_hd_master(struct crypto *c, enum crypto_hd_kind kind, bytes seed, span master)
{
    if (master.n != CRYPTO_HD_MASTER_SIZE || seed.n == 0 || seed_key(kind).n == 0) return ST_BAD_LENGTH;
    status st = make_master(c, kind, seed, master);
    if (st != ST_OK) wipe(master);
    return st;
}

status crypto_hd_node(enum crypto_hd_kind kind, bytes master, struct crypto_hd_node *node)
{
    bool symmetric = kind == CRYPTO_HD_SYMMETRIC;
    bytes left = bytes_first(master, HALF), right = bytes_after(master, HALF);
    crypto_hd_wipe(node);
    if (master.n != CRYPTO_HD_MASTER_SIZE || seed_key(kind).n == 0) return ST_BAD_LENGTH;
    node->kind = (uint8_t)kind;
    (void)span_copy(SPAN(node->key), symmetric ? right : left);
    (void)span_copy(SPAN(node->chain), symmetric ? left : right);
    return ST_OK;
}

/* ---- public side ---- */

/* SEC 1 2.3.3: X behind the parity of Y. */
static void compress(bytes point, uint8_t compressed[CRYPTO_HD_POINT_SIZE])
{
    compressed[0] = (uint8_t)(2 | (point.p[point.n - 1] & 1));
    memcpy(compressed + 1, point.p + 1, HALF);
}

status crypto_hd_point(struct crypto *c, struct crypto_hd_node *node, span point)
{
    uint8_t whole[1 + 2 * HALF];
    if (node->kind == CRYPTO_HD_NONE || is_symmetric(node) || point.n != CRYPTO_HD_POINT_SIZE) return ST_BAD_LENGTH;
    if (!node->point_known) {
        TRY(crypto_ec_public(c, crypto_hd_curve(node), key_of(node), SPAN(whole)));
        compress(BYTES(whole), node->point);
        node->point_known = true;
    }
    (void)span_copy(point, BYTES(node->point));
    return ST_OK;
}

static status ripemd160(bytes in, uint8_t *out)
{
    RipeMd hash;
    TRY(wolf(wc_InitRipeMd(&hash)));
    status st = wolf(wc_RipeMdUpdate(&hash, not_null(in), (word32)in.n));
    if (st == ST_OK) st = wolf(wc_RipeMdFinal(&hash, out));
    wipe_fast(&hash, sizeof hash);
    return st;
}

status crypto_ripemd160(struct crypto *c, bytes in, span out)
{
    if (out.n != CRYPTO_RIPEMD160_SIZE) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, ripemd160(in, out.p));
    if (st != ST_OK) wipe(out);
    return st;
}

/* The start of HASH160: of the compressed point, or of the key where there is no point. */
status crypto_hd_fingerprint(struct crypto *c, struct crypto_hd_node *node, span fingerprint)
{
    SECRET(digest, 32);
    uint8_t point[CRYPTO_HD_POINT_SIZE], hashed[CRYPTO_RIPEMD160_SIZE];
    bytes named = key_of(node);
    if (fingerprint.n != CRYPTO_HD_FINGERPRINT_SIZE || node->kind == CRYPTO_HD_NONE) return ST_BAD_LENGTH;
    if (!is_symmetric(node)) {
        TRY(crypto_hd_point(c, node, SPAN(point)));
        named = BYTES(point);
    }
    TRY(crypto_hash(c, CRYPTO_SHA256, &named, 1, digest));
    TRY(crypto_ripemd160(c, view(digest), SPAN(hashed)));
    return span_copy(fingerprint, bytes_first(BYTES(hashed), fingerprint.n)) ? ST_OK : ST_INTERNAL;
}

/* ---- children ---- */

/* What goes before the index: a hardened child hangs on the private key, another one on the public key. */
static status first_head(struct crypto *c, struct crypto_hd_node *node, uint32_t index, span head)
{
    if (!(index & CRYPTO_HD_HARDENED)) return crypto_hd_point(c, node, head);
    head.p[0] = 0;
    return span_copy(span_part(head, 1, HALF), key_of(node)) ? ST_OK : ST_INTERNAL;
}

/* The next private key, unless the addend is out of range or the sum is zero. */
static bool add_to_key(const struct crypto_hd_node *node, bytes addend, span sum)
{
    bytes n = order_of((enum crypto_hd_kind)node->kind);
    if (!number_less(addend, n)) return false;
    (void)span_copy(sum, key_of(node));
    number_add_mod(sum, addend, n);
    return !ct_is_zero(view(sum));
}

static void become(struct crypto_hd_node *node, bytes key, bytes chain)
{
    (void)span_copy(SPAN(node->key), key);
    (void)span_copy(SPAN(node->chain), chain);
    wipe(SPAN(node->point));
    node->point_known = false;
}

/* SLIP-10 "Private parent key -> private child key"; BIP32 is its first try. */
status crypto_hd_child(struct crypto *c, struct crypto_hd_node *node, uint32_t index)
{
    SECRET(head, 1 + HALF);
    SECRET(halves, 2 * HALF);
    SECRET(key, HALF);
    uint8_t number[4];
    be_put(SPAN(number), index);
    const bytes data[] = {view(head), BYTES(number)}, left = {halves.p, HALF}, right = {halves.p + HALF, HALF};
    if (node->kind == CRYPTO_HD_NONE || is_symmetric(node)) return ST_BAD_LENGTH;
    TRY(first_head(c, node, index, head));
    for (unsigned tries = 0; tries < TRIES; tries++) {
        TRY(crypto_hmac(c, CRYPTO_SHA512, BYTES(node->chain), data, COUNT(data), halves));
        if (add_to_key(node, left, key)) {
            become(node, view(key), right);
            return ST_OK;
        }
        head.p[0] = 1;
        (void)span_copy(span_part(head, 1, HALF), right);
    }
    return ST_EXECUTION;
}

status crypto_hd_labelled_child(struct crypto *c, struct crypto_hd_node *node, bytes label)
{
    SECRET(halves, 2 * HALF);
    const bytes data[] = {LITERAL(0), label};
    if (!is_symmetric(node)) return ST_BAD_LENGTH;
    TRY(crypto_hmac(c, CRYPTO_SHA512, BYTES(node->chain), data, COUNT(data), halves));
    become(node, bytes_after(view(halves), HALF), bytes_first(view(halves), HALF));
    return ST_OK;
}
