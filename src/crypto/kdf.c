/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from keys (HKDF) and from passwords (PBKDF2), both with HMAC-SHA-256. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/sha256.h>

#define DIGEST 32u
#define BLOCK 64u
#define ROUNDS_PER_TICK 1000u

/* RFC 5869 2.3: T(i) = HMAC(PRK, T(i-1) || info || i). */
static status hkdf_expand(bytes prk, bytes info, span out)
{
    SECRET(t, DIGEST);
    bytes before = NO_BYTES;
    uint8_t i = 1;
    for (size_t at = 0; at < out.n; at += DIGEST, i++) {
        bytes parts[] = {before, info, {&i, 1}};
        TRY(hmac_parts(CRYPTO_SHA256, prk, parts, COUNT(parts), t));
        span part = span_part(out, at, DIGEST);
        memcpy(part.p, t.p, part.n);
        before = view(t);
    }
    return ST_OK;
}

static status hkdf(bytes ikm, bytes salt, bytes info, span out)
{
    SECRET(prk, DIGEST);
    TRY(hmac_parts(CRYPTO_SHA256, salt, &ikm, 1, prk));
    return hkdf_expand(view(prk), info, out);
}

status crypto_hkdf_sha256(struct crypto *c, bytes ikm, bytes salt, bytes info, span out)
{
    if (out.n == 0 || out.n > 255u * DIGEST) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, hkdf(ikm, salt, info, out));
    if (st != ST_OK) wipe(out);
    return st;
}

/* HMAC with a fixed key, prepared: the states after the blocks of ipad and opad, so that a short message costs two
 * compressions instead of four. Lies in the pool. */
struct prf {
    wc_Sha256 inner, outer, work;
    uint8_t pad[BLOCK];
};

static status prf_state(struct prf *f, wc_Sha256 *state, bytes key, uint8_t with)
{
    memset(f->pad, with, BLOCK);
    for (size_t i = 0; i < key.n; i++) f->pad[i] ^= key.p[i];
    TRY(wolf(wc_InitSha256(state)));
    return wolf(wc_Sha256Update(state, f->pad, BLOCK));
}

/* key.n <= BLOCK */
static status prf_start(struct prf *f, bytes key)
{
    TRY(prf_state(f, &f->inner, key, 0x36));
    return prf_state(f, &f->outer, key, 0x5C);
}

/* out = HMAC(key, a || b). A copied state owns no memory, so none is freed. */
static status prf(struct prf *f, bytes a, bytes b, uint8_t out[DIGEST])
{
    f->work = f->inner;
    TRY(wolf(wc_Sha256Update(&f->work, not_null(a), (word32)a.n)));
    if (b.n) TRY(wolf(wc_Sha256Update(&f->work, b.p, (word32)b.n)));
    TRY(wolf(wc_Sha256Final(&f->work, out)));
    f->work = f->outer;
    TRY(wolf(wc_Sha256Update(&f->work, out, DIGEST)));
    return wolf(wc_Sha256Final(&f->work, out));
}

/* RFC 8018 5.2: the function F for one block of output. */
static status pbkdf2_block(struct prf *f, bytes salt, uint8_t index, uint32_t rounds, const struct progress *p, span t)
{
    SECRET(u, DIGEST);
    TRY(prf(f, salt, LITERAL(0, 0, 0, index), u.p));
    memcpy(t.p, u.p, DIGEST);
    for (uint32_t done = 1; done < rounds; done++) {
        if (done % ROUNDS_PER_TICK == 0 && !progress_tick(p)) return ST_EXECUTION;
        TRY(prf(f, view(u), NO_BYTES, u.p));
        for (size_t i = 0; i < DIGEST; i++) t.p[i] ^= u.p[i];
    }
    return ST_OK;
}

static status pbkdf2(struct crypto *c, bytes password, bytes salt, uint32_t rounds, const struct progress *p, span out)
{
    struct prf *f = pool_take(c, sizeof *f);
    if (!f) return ST_NO_SPACE;
    SECRET(short_key, DIGEST);
    if (password.n > BLOCK) {
        TRY(hash_parts(CRYPTO_SHA256, &password, 1, short_key));
        password = view(short_key);
    }
    TRY(prf_start(f, password));
    SECRET(t, DIGEST);
    uint8_t index = 1;
    for (size_t at = 0; at < out.n; at += DIGEST, index++) {
        TRY(pbkdf2_block(f, salt, index, rounds, p, t));
        span part = span_part(out, at, DIGEST);
        memcpy(part.p, t.p, part.n);
    }
    return ST_OK;
}

status crypto_pbkdf2_sha256(struct crypto *c, bytes password, bytes salt, uint32_t rounds, const struct progress *p,
                            span out)
{
    if (rounds == 0 || out.n == 0 || out.n > 2 * DIGEST) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, pbkdf2(c, password, salt, rounds, p, out));
    if (st != ST_OK) wipe(out);
    return st;
}
