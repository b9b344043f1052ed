/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC_DRBG with SHA-256 as SP 800-90A 10.1.2 describes it, its reseeding, and the library's hook into it. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/error-crypt.h>

#define REQUEST_MAX 65536u /* bytes: 2^19 bits, SP 800-90A table 2 */

int crypto_wolf_random(unsigned char *out, unsigned int size);

/* V = HMAC(K, V) */
static status step(struct crypto_drbg *d)
{
    bytes v = BYTES(d->v);
    return hmac_parts(CRYPTO_SHA256, BYTES(d->key), &v, 1, SPAN(d->v));
}

/* K = HMAC(K, V || round || a || b || c), V = HMAC(K, V) */
static status mix(struct crypto_drbg *d, uint8_t round, const bytes data[3])
{
    bytes parts[] = {BYTES(d->v), {&round, 1}, data[0], data[1], data[2]};
    TRY(hmac_parts(CRYPTO_SHA256, BYTES(d->key), parts, COUNT(parts), SPAN(d->key)));
    return step(d);
}

/* HMAC_DRBG_Update with data in three parts. */
static status update(struct crypto_drbg *d, bytes a, bytes b, bytes c)
{
    bytes data[3] = {a, b, c};
    TRY(mix(d, 0, data));
    return a.n + b.n + c.n ? mix(d, 1, data) : ST_OK;
}

status drbg_start(struct crypto_drbg *d, bytes entropy, bytes nonce, bytes personalization)
{
    memset(d->key, 0x00, sizeof d->key);
    memset(d->v, 0x01, sizeof d->v);
    TRY(update(d, entropy, nonce, personalization));
    d->requests_since_seed = 0;
    d->seeded = true;
    return ST_OK;
}

status drbg_reseed(struct crypto_drbg *d, bytes entropy, bytes additional)
{
    TRY(update(d, entropy, additional, NO_BYTES));
    d->requests_since_seed = 0;
    return ST_OK;
}

status drbg_generate(struct crypto_drbg *d, bytes additional, span out)
{
    if (!d->seeded || out.n > REQUEST_MAX) return ST_EXECUTION;
    if (additional.n) TRY(update(d, additional, NO_BYTES, NO_BYTES));
    for (size_t at = 0; at < out.n; at += sizeof d->v) {
        TRY(step(d));
        span part = span_part(out, at, sizeof d->v);
        memcpy(part.p, d->v, part.n);
    }
    d->requests_since_seed++;
    return update(d, additional, NO_BYTES, NO_BYTES);
}

static status reseed_when_due(struct crypto *c)
{
    if (c->drbg.requests_since_seed < DRBG_RESEED_INTERVAL) return ST_OK;
    SECRET(seed, 64);
    TRY(entropy_seed(c, 0, seed));
    return drbg_reseed(&c->drbg, view(seed), NO_BYTES);
}

status random_fill(struct crypto *c, span out)
{
    if (!crypto_healthy(c)) return ST_EXECUTION;
    for (size_t at = 0; at < out.n; at += REQUEST_MAX) {
        TRY(reseed_when_due(c));
        TRY(drbg_generate(&c->drbg, NO_BYTES, span_part(out, at, REQUEST_MAX)));
    }
    return ST_OK;
}

/* CUSTOM_RAND_GENERATE_BLOCK of user_settings.h. */
int crypto_wolf_random(unsigned char *out, unsigned int size)
{
    cpu_settle(); /* the hash comes right after public-key code */
    if (!crypto_current) return RNG_FAILURE_E;
    return random_fill(crypto_current, (span){out, size}) == ST_OK ? 0 : RNG_FAILURE_E;
}
