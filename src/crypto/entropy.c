/* SPDX-License-Identifier: Apache-2.0 */
/* From raw samples to a seed: the two health tests of SP 800-90B 4.4 over every sample, and SHA-512, a vetted
 * conditioning function, over enough of them. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/hash.h>

/* Assessed entropy behind a seed of 512 bits: 256 of strength, 128 of nonce, and room for the conditioner's loss. */
#define SEED_MILLIBITS 576000u
#define CHUNK 64u

/* Adaptive proportion cut-offs, 1 + critbinom(512, 2^-H, 1 - 2^-40), for the largest H in the table that is not above
 * the claim: for claims between rows the test is a little less strict, never wrong about a good source. */
static const struct {
    uint16_t millibits, cutoff;
} proportions[] = {
    {50, 513},   {100, 510}, {200, 493},  {300, 473},  {400, 452},  {500, 432},  {600, 411},  {700, 391},
    {800, 372},  {900, 354}, {1000, 336}, {1250, 296}, {1500, 260}, {1750, 229}, {2000, 201}, {2500, 157},
    {3000, 123}, {3500, 97}, {4000, 78},  {5000, 51},  {6000, 35},  {7000, 26},  {8000, 19},
};

void health_start(struct crypto_health *h, uint32_t millibits)
{
    bool usable = millibits > 0 && millibits <= 8000;
    *h = (struct crypto_health){.failed = !usable};
    if (!usable) return;
    h->repetition_cutoff = 1 + (40000 + millibits - 1) / millibits; /* 1 + ceil(40 / H) */
    h->proportion_cutoff = HEALTH_WINDOW + 1;
    for (size_t i = 0; i < COUNT(proportions) && proportions[i].millibits <= millibits; i++)
        h->proportion_cutoff = proportions[i].cutoff;
}

/* SP 800-90B 4.4.1: the same value over and over. */
static void feed_repetition(struct crypto_health *h, uint8_t sample)
{
    h->repeated = h->started && sample == h->last ? h->repeated + 1 : 1;
    h->last = sample;
    h->started = true;
    if (h->repeated >= h->repetition_cutoff) h->failed = true;
}

/* SP 800-90B 4.4.2: the first value of a window too often in it. */
static void feed_proportion(struct crypto_health *h, uint8_t sample)
{
    if (h->window_at == 0) {
        h->window_first = sample;
        h->window_hits = 0;
    }
    if (sample == h->window_first) h->window_hits++;
    if (h->window_hits >= h->proportion_cutoff) h->failed = true;
    if (++h->window_at == HEALTH_WINDOW) h->window_at = 0;
}

void health_feed(struct crypto_health *h, bytes samples)
{
    for (size_t i = 0; i < samples.n; i++) {
        feed_repetition(h, samples.p[i]);
        feed_proportion(h, samples.p[i]);
    }
}

/* One chunk of samples: read, tested, hashed. */
static status take_samples(struct crypto *c, wc_HashAlg *alg)
{
    SECRET(samples, CHUNK);
    status st = c->entropy->read(c->entropy->ctx, samples);
    if (st != ST_OK) {
        c->health.failed = true; /* a silent source is a dead one */
        return ST_EXECUTION;
    }
    health_feed(&c->health, view(samples));
    if (c->health.failed) return ST_EXECUTION;
    return wolf(wc_HashUpdate(alg, WC_HASH_TYPE_SHA512, samples.p, CHUNK));
}

status entropy_seed(struct crypto *c, size_t samples_min, span seed)
{
    if (c->health.failed) return ST_EXECUTION;
    uint32_t millibits = c->entropy->millibits_per_sample;
    size_t needed = (SEED_MILLIBITS + millibits - 1) / millibits;
    if (needed < samples_min) needed = samples_min;
    wc_HashAlg *alg = pool_take(c, sizeof *alg);
    if (!alg) return ST_NO_SPACE;
    TRY(wolf(wc_HashInit(alg, WC_HASH_TYPE_SHA512)));
    for (size_t taken = 0; taken < needed; taken += CHUNK) TRY(take_samples(c, alg));
    status st = wolf(wc_HashFinal(alg, WC_HASH_TYPE_SHA512, seed.p));
    pool_give(c, alg);
    return st;
}
