/* SPDX-License-Identifier: Apache-2.0 */
/* RP2040: one bit at a time of the free-running ring oscillator, which clocks nothing else here.
 *
 * The maker says that this is no source of random numbers by itself, and gives no entropy. What is claimed is 1/8 bit a
 * bit, with a pause in which phase noise piles up; the health tests and SHA-512 behind it do the rest. Nobody has
 * characterised it for this firmware: docs/boards.md. */
#include "boards/rp2/noise.h"

#include <hardware/structs/rosc.h>
#include <hardware/timer.h>

#define PAUSE_US 10 /* some 60 turns of the oscillator */
#define MILLIBITS_PER_SAMPLE 1000

static uint8_t sample(void)
{
    uint8_t bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        busy_wait_us_32(PAUSE_US);
        bits = (uint8_t)(bits << 1 | (rosc_hw->randombit & 1));
    }
    return bits;
}

static status read(void *ctx, span samples)
{
    if (!(rosc_hw->status & ROSC_STATUS_ENABLED_BITS)) return ST_EXECUTION;
    for (size_t i = 0; i < samples.n; i++) samples.p[i] = sample();
    return ST_OK;
}

struct entropy noise_port(void)
{
    return (struct entropy){.millibits_per_sample = MILLIBITS_PER_SAMPLE, .read = read};
}
