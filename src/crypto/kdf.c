/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from keys (HKDF, X9.63) and from passwords (PBKDF2), with every hash. */
#include "crypto/internal.h"

#define ROUNDS_PER_TICK 1000u

/* Copies the next block of output, as much of it as `out` still wants, to `at`. */
static void put_block(span out, size_t at, bytes block)
{
    span part = span_part(out, at, block.n);
    memcpy(part.p, block.p, part.n);
}

/* The index of a block as KDFs hash it: 4 bytes, big-endian. */
struct index {
    uint8_t be[4];
};

static struct index index_of(uint32_t i)
{
    struct index index;
    be_put(SPAN(index.be), i);
    return index;
}

/* ---- HKDF ---- */

/* RFC 5869 2.3: T(i) = HMAC(PRK, T(i-1) || info || i). */
static status hkdf_expand(enum crypto_hash h, bytes prk, bytes info, span out)
{
    SECRET(t, CRYPTO_HASH_MAX);
    bytes before = NO_BYTES;
    uint8_t i = 1;
    for (size_t at = 0; at < out.n; at += prk.n, i++) {
        bytes parts[] = {before, info, {&i, 1}};
        TRY(hmac_parts(h, prk, parts, COUNT(parts), t));
        before = bytes_first(view(t), prk.n);
        put_block(out, at, before);
    }
    return ST_OK;
}

static status hkdf(enum crypto_hash h, bytes ikm, bytes salt, bytes info, span out)
{
    SECRET(prk, CRYPTO_HASH_MAX);
    TRY(hmac_parts(h, salt, &ikm, 1, prk));
    return hkdf_expand(h, bytes_first(view(prk), crypto_hash_size(h)), info, out);
}

status crypto_hkdf(struct crypto *c, enum crypto_hash h, bytes ikm, bytes salt, bytes info, span out)
{
    if (out.n == 0 || out.n > 255 * crypto_hash_size(h)) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, hkdf(h, ikm, salt, info, out));
    if (st != ST_OK) wipe(out);
    return st;
}

/* ---- X9.63 ---- */

static status x963(enum crypto_hash h, bytes secret, bytes info, span out)
{
    SECRET(k, CRYPTO_HASH_MAX);
    uint32_t i = 1;
    for (size_t at = 0; at < out.n; at += crypto_hash_size(h), i++) {
        struct index index = index_of(i);
        bytes parts[] = {secret, BYTES(index.be), info};
        TRY(hash_parts(h, parts, COUNT(parts), k));
        put_block(out, at, bytes_first(view(k), crypto_hash_size(h)));
    }
    return ST_OK;
}

static bool kdf_fits(enum crypto_hash h, size_t n)
{
    return crypto_hash_size(h) && n && n <= CRYPTO_KDF_MAX;
}

status crypto_x963(struct crypto *c, enum crypto_hash h, bytes secret, bytes info, span out)
{
    if (!kdf_fits(h, out.n)) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, x963(h, secret, info, out));
    if (st != ST_OK) wipe(out);
    return st;
}

/* ---- PBKDF2 ---- */

/* HMAC with the password as key, prepared: the states behind the first blocks, so that a short message costs two
 * compressions instead of four. Lies in the pool. */
struct prf {
    struct hmac ready, work;
    uint32_t ticks_in; /* rounds until the next tick */
    const struct progress *progress;
};

/* mac = HMAC(password, a || b) */
static status prf(struct prf *f, bytes a, bytes b, uint8_t *mac)
{
    hmac_copy(&f->work, &f->ready);
    TRY(hmac_add(&f->work, a));
    TRY(hmac_add(&f->work, b));
    return hmac_end(&f->work, mac);
}

static status tick(struct prf *f)
{
    if (--f->ticks_in) return ST_OK;
    f->ticks_in = ROUNDS_PER_TICK;
    return progress_tick(f->progress) ? ST_OK : ST_EXECUTION;
}

/* RFC 8018 5.2: the function F for one block of output. */
static status pbkdf2_block(struct prf *f, bytes salt, uint32_t i, uint32_t rounds, span t)
{
    SECRET(u_max, CRYPTO_HASH_MAX);
    span u = span_part(u_max, 0, t.n);
    struct index index = index_of(i);
    TRY(prf(f, salt, BYTES(index.be), u.p));
    memcpy(t.p, u.p, t.n);
    for (uint32_t done = 1; done < rounds; done++) {
        TRY(tick(f));
        TRY(prf(f, view(u), NO_BYTES, u.p));
        for (size_t k = 0; k < t.n; k++) t.p[k] ^= u.p[k];
    }
    return tick(f);
}

static status pbkdf2(struct prf *f, enum crypto_hash h, bytes password, bytes salt, uint32_t rounds, span out)
{
    SECRET(t_max, CRYPTO_HASH_MAX);
    span t = span_part(t_max, 0, crypto_hash_size(h));
    TRY(hmac_begin(&f->ready, h, password));
    f->work = f->ready; /* whole, once: from now on only what changes is copied */
    f->ticks_in = ROUNDS_PER_TICK;
    uint32_t i = 1;
    for (size_t at = 0; at < out.n; at += t.n, i++) {
        TRY(pbkdf2_block(f, salt, i, rounds, t));
        put_block(out, at, view(t));
    }
    return ST_OK;
}

status crypto_pbkdf2(struct crypto *c, enum crypto_hash h, bytes password, bytes salt, uint32_t rounds,
                     const struct progress *p, span out)
{
    if (rounds == 0 || !kdf_fits(h, out.n)) return ST_BAD_LENGTH;
    crypto_enter(c);
    struct prf *f = pool_take(c, sizeof *f);
    if (f) f->progress = p;
    status st = crypto_leave(c, f ? pbkdf2(f, h, password, salt, rounds, out) : ST_NO_SPACE);
    if (st != ST_OK) wipe(out);
    return st;
}
