/* SPDX-License-Identifier: Apache-2.0 */
/* RP2350: the true random number generator, 192 bits of its ring oscillator at a time. Its von Neumann corrector and its
 * own tests are bypassed: they hide what the health tests of crypto/ must see. What is claimed is 1/8 bit a bit. */
#include "boards/rp2/noise.h"

#include <hardware/structs/trng.h>
#include <hardware/timer.h>

#define CLOCKS_PER_BIT 200
#define PATIENCE_US 10000 /* 192 bits take 256 us at 150 MHz */
#define MILLIBITS_PER_SAMPLE 1000
#define WORDS 6u

static void start(void)
{
    trng_hw->rnd_source_enable = 0;
    trng_hw->trng_debug_control = TRNG_TRNG_DEBUG_CONTROL_VNC_BYPASS_BITS |
                                  TRNG_TRNG_DEBUG_CONTROL_TRNG_CRNGT_BYPASS_BITS |
                                  TRNG_TRNG_DEBUG_CONTROL_AUTO_CORRELATE_BYPASS_BITS;
    trng_hw->sample_cnt1 = CLOCKS_PER_BIT;
    trng_hw->rng_icr = ~0u;
    trng_hw->rnd_source_enable = 1;
}

static status wait(void)
{
    uint32_t since = time_us_32();
    while (!(trng_hw->rng_isr & TRNG_RNG_ISR_EHR_VALID_BITS))
        if (time_us_32() - since > PATIENCE_US) return ST_EXECUTION;
    return ST_OK;
}

static status take(span into)
{
    uint32_t words[WORDS]; /* samples are secret, but not for long: they are hashed with many more */
    TRY(wait());
    for (size_t i = 0; i < WORDS; i++) words[i] = trng_hw->ehr_data[i]; /* reading the last one starts anew */
    trng_hw->rng_icr = ~0u;
    memcpy(into.p, words, into.n);
    wipe(SPAN(words));
    return ST_OK;
}

static status read(void *ctx, span samples)
{
    start();
    status st = ST_OK;
    for (size_t at = 0; at < samples.n && st == ST_OK; at += sizeof(uint32_t) * WORDS)
        st = take(span_part(samples, at, sizeof(uint32_t) * WORDS));
    trng_hw->rnd_source_enable = 0;
    return st;
}

struct entropy noise_port(void)
{
    return (struct entropy){.millibits_per_sample = MILLIBITS_PER_SAMPLE, .read = read};
}
