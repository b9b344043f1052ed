/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes and HMAC over parts. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/sha256.h>

#define BLOCK_MAX 144u /* SHA3-224 */

static const struct {
    uint8_t size, block;
    uint16_t state; /* bytes of a wc_HashAlg that this hash uses */
    enum wc_HashType wolf;
} hashes[CRYPTO_HASH_COUNT] = {
    [CRYPTO_SHA1] = {20, 64, sizeof(wc_Sha), WC_HASH_TYPE_SHA},
    [CRYPTO_SHA224] = {28, 64, sizeof(wc_Sha224), WC_HASH_TYPE_SHA224},
    [CRYPTO_SHA256] = {32, 64, sizeof(wc_Sha256), WC_HASH_TYPE_SHA256},
    [CRYPTO_SHA384] = {48, 128, sizeof(wc_Sha384), WC_HASH_TYPE_SHA384},
    [CRYPTO_SHA512] = {64, 128, sizeof(wc_Sha512), WC_HASH_TYPE_SHA512},
    [CRYPTO_SHA3_224] = {28, 144, sizeof(wc_Sha3), WC_HASH_TYPE_SHA3_224},
    [CRYPTO_SHA3_256] = {32, 136, sizeof(wc_Sha3), WC_HASH_TYPE_SHA3_256},
    [CRYPTO_SHA3_384] = {48, 104, sizeof(wc_Sha3), WC_HASH_TYPE_SHA3_384},
    [CRYPTO_SHA3_512] = {64, 72, sizeof(wc_Sha3), WC_HASH_TYPE_SHA3_512},
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

/* ---- HMAC (FIPS 198-1), in pieces: the states of both hashes behind their first block ---- */

/* The key as one block; a long one is hashed first (section 4). */
static status key_block(enum crypto_hash h, bytes key, span pad)
{
    memset(pad.p, 0, pad.n);
    if (key.n > pad.n) return digest(h, key, NULL, 0, pad.p);
    if (key.n) memcpy(pad.p, key.p, key.n);
    return ST_OK;
}

static status start_with(wc_HashAlg *alg, enum crypto_hash h, span pad, uint8_t with)
{
    for (size_t i = 0; i < pad.n; i++) pad.p[i] ^= with;
    TRY(wolf(wc_HashInit(alg, hashes[h].wolf)));
    return wolf(wc_HashUpdate(alg, hashes[h].wolf, pad.p, (word32)pad.n));
}

status hmac_begin(struct hmac *m, enum crypto_hash h, bytes key)
{
    SECRET(pad_max, BLOCK_MAX);
    span pad = span_part(pad_max, 0, hashes[h].block);
    m->hash = h;
    TRY(key_block(h, key, pad));
    TRY(start_with(&m->inner, h, pad, 0x36));
    return start_with(&m->outer, h, pad, 0x36 ^ 0x5C);
}

status hmac_add(struct hmac *m, bytes piece)
{
    return piece.n ? wolf(wc_HashUpdate(&m->inner, hashes[m->hash].wolf, piece.p, (word32)piece.n)) : ST_OK;
}

status hmac_end(struct hmac *m, uint8_t *mac)
{
    enum wc_HashType type = hashes[m->hash].wolf;
    TRY(wolf(wc_HashFinal(&m->inner, type, mac)));
    TRY(wolf(wc_HashUpdate(&m->outer, type, mac, hashes[m->hash].size)));
    return wolf(wc_HashFinal(&m->outer, type, mac));
}

void hmac_copy(struct hmac *to, const struct hmac *from)
{
    size_t n = hashes[from->hash].state;
    to->hash = from->hash;
    memcpy(&to->inner, &from->inner, n);
    memcpy(&to->outer, &from->outer, n);
}

static void wipe_hmac(struct hmac *m)
{
    wipe_fast(m, sizeof *m);
}

status hmac_parts(enum crypto_hash h, bytes key, const bytes *parts, size_t count, span out)
{
    __attribute__((cleanup(wipe_hmac))) struct hmac m;
    TRY(hmac_begin(&m, h, key));
    for (size_t i = 0; i < count; i++) TRY(hmac_add(&m, parts[i]));
    return hmac_end(&m, out.p);
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
