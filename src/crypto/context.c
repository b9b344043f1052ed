/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, entering, leaving and closing a context. */
#include "crypto/internal.h"

CRYPTO_PER_THREAD struct crypto *crypto_current;

void crypto_enter(struct crypto *c)
{
    c->outer = crypto_current;
    crypto_current = c;
}

status crypto_leave(struct crypto *c, status st)
{
    if (c->pool_refused) st = ST_NO_SPACE; /* whatever st: wolfCrypt's P-384 on Cortex-M goes on, with a wrong point */
    pool_clear(c);
    cpu_settle();
    crypto_current = c->outer;
    c->outer = NULL;
    return st;
}

/* The first seed: every start-up sample goes into it. */
static status seed_first(struct crypto *c)
{
    SECRET(seed, 64);
    TRY(entropy_seed(c, HEALTH_STARTUP_SAMPLES, seed));
    return drbg_start(&c->drbg, view(seed), NO_BYTES, TEXT("pico-hsm"));
}

status crypto_open(struct crypto *c, span pool, const struct entropy *entropy)
{
    size_t skip = (16u - (uintptr_t)pool.p % 16u) % 16u;
    pool = span_part(pool, skip, pool.n);
    pool.n -= pool.n % 16u;
    wipe((span){(uint8_t *)c, sizeof *c});
    c->pool = pool;
    c->entropy = entropy;
    health_start(&c->health, entropy->millibits_per_sample);
    crypto_enter(c);
    wipe_fast(pool.p, pool.n);
    return crypto_leave(c, seed_first(c));
}

void crypto_close(struct crypto *c)
{
    wipe_fast(c->pool.p, c->pool.n);
    wipe((span){(uint8_t *)c, sizeof *c});
}

bool crypto_healthy(const struct crypto *c)
{
    return c->drbg.seeded && !c->health.failed;
}

status crypto_random(struct crypto *c, span out)
{
    crypto_enter(c);
    status st = random_fill(c, out);
    if (st != ST_OK) wipe(out);
    return crypto_leave(c, st);
}

status crypto_stir(struct crypto *c, bytes data)
{
    if (!crypto_healthy(c)) return ST_EXECUTION;
    crypto_enter(c);
    SECRET(unused, 1);
    return crypto_leave(c, drbg_generate(&c->drbg, data, unused));
}
