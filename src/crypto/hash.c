/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes and HMAC over parts. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/sha256.h>

#define BLOCK_MAX 144u /* SHA3-224 */

static const struct {
    uint8_t size, block;
    enum wc_HashType wolf;
} hashes[CRYPTO_HASH_COUNT] = {
    [CRYPTO_SHA1] = {20, 64, WC_HASH_TYPE_SHA},           [CRYPTO_SHA224] = {28, 64, WC_HASH_TYPE_SHA224},
    [CRYPTO_SHA256] = {32, 64, WC_HASH_TYPE_SHA256},      [CRYPTO_SHA384] = {48, 128, WC_HASH_TYPE_SHA384},
    [CRYPTO_SHA512] = {64, 128, WC_HASH_TYPE_SHA512},     [CRYPTO_SHA3_224] = {28, 144, WC_HASH_TYPE_SHA3_224},
    [CRYPTO_SHA3_256] = {32, 136, WC_HASH_TYPE_SHA3_256}, [CRYPTO_SHA3_384] = {48, 104, WC_HASH_TYPE_SHA3_384},
    [CRYPTO_SHA3_512] = {64, 72, WC_HASH_TYPE_SHA3_512},
};

size_t crypto_hash_size(enum crypto_hash h)
{
    return (unsigned)h < CRYPTO_HASH_COUNT ? hashes[h].size : 0;
}

int hash_wolf_type(enum crypto_hash h)
{
    return (int)hashes[h].wolf;
}

static void wipe_alg(wc_HashAlg *alg)
{
    wipe_fast(alg, sizeof *alg);
}

/* Digest of `head`, then the parts. */
static status digest(enum crypto_hash h, bytes head, const bytes *parts, size_t count, uint8_t *out)
{
    enum wc_HashType type = hashes[h].wolf;
    __attribute__((cleanup(wipe_alg))) wc_HashAlg alg;
    TRY(wolf(wc_HashInit(&alg, type)));
    status st = ST_OK;
    if (head.n) st = wolf(wc_HashUpdate(&alg, type, head.p, (word32)head.n));
    for (size_t i = 0; i < count && st == ST_OK; i++)
        if (parts[i].n) st = wolf(wc_HashUpdate(&alg, type, parts[i].p, (word32)parts[i].n));
    if (st == ST_OK) st = wolf(wc_HashFinal(&alg, type, out));
    (void)wc_HashFree(&alg, type);
    return st;
}

status hash_parts(enum crypto_hash h, const bytes *parts, size_t count, span out)
{
    return digest(h, NO_BYTES, parts, count, out.p);
}

/* ---- SHA-256 in pieces: the library's state, which owns no memory, lies where the caller keeps it ---- */

_Static_assert(sizeof(wc_Sha256) <= sizeof(struct crypto_sha256), "the state of SHA-256 fits");

static wc_Sha256 *sha256_of(struct crypto_sha256 *s)
{
    return (wc_Sha256 *)s->state;
}

status crypto_sha256_begin(struct crypto *c, struct crypto_sha256 *s)
{
    memset(s, 0, sizeof *s);
    crypto_enter(c);
    return crypto_leave(c, wolf(wc_InitSha256_ex(sha256_of(s), NULL, INVALID_DEVID)));
}

status crypto_sha256_add(struct crypto *c, struct crypto_sha256 *s, bytes piece)
{
    if (piece.n == 0) return ST_OK;
    crypto_enter(c);
    return crypto_leave(c, wolf(wc_Sha256Update(sha256_of(s), piece.p, (word32)piece.n)));
}

status crypto_sha256_end(struct crypto *c, struct crypto_sha256 *s, span digest)
{
    if (digest.n != 32) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, wolf(wc_Sha256Final(sha256_of(s), digest.p)));
    wipe_fast(s, sizeof *s);
    return st;
}

/* ---- HMAC ---- */

/* The key as one block, XORed with `with`; a long key is hashed first (FIPS 198-1 section 4). */
static status key_block(enum crypto_hash h, bytes key, uint8_t with, span pad)
{
    memset(pad.p, 0, pad.n);
    if (key.n > pad.n) {
        TRY(digest(h, key, NULL, 0, pad.p));
    } else if (key.n) {
        memcpy(pad.p, key.p, key.n);
    }
    for (size_t i = 0; i < pad.n; i++) pad.p[i] ^= with;
    return ST_OK;
}

status hmac_parts(enum crypto_hash h, bytes key, const bytes *parts, size_t count, span out)
{
    SECRET(pad_mem_max, BLOCK_MAX);
    SECRET(inner_max, CRYPTO_HASH_MAX);
    span pad = span_part(pad_mem_max, 0, hashes[h].block);
    bytes inner = {inner_max.p, hashes[h].size};
    TRY(key_block(h, key, 0x36, pad));
    TRY(digest(h, view(pad), parts, count, inner_max.p));
    for (size_t i = 0; i < pad.n; i++) pad.p[i] ^= 0x36 ^ 0x5C;
    return digest(h, view(pad), &inner, 1, out.p);
}

status crypto_hash(struct crypto *c, enum crypto_hash h, const bytes *parts, size_t count, span out)
{
    if ((unsigned)h >= CRYPTO_HASH_COUNT || out.n != hashes[h].size) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, hash_parts(h, parts, count, out));
    if (st != ST_OK) wipe(out);
    return st;
}

status crypto_hmac(struct crypto *c, enum crypto_hash h, bytes key, const bytes *parts, size_t count, span out)
{
    if ((unsigned)h >= CRYPTO_HASH_COUNT || out.n != hashes[h].size) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, hmac_parts(h, key, parts, count, out));
    if (st != ST_OK) wipe(out);
    return st;
}
