/* SPDX-License-Identifier: Apache-2.0 */
/* RP2350: the always-on timer of the power manager counts milliseconds. It stands still until somebody sets it, and
 * resets do not stop it. */
#include "boards/rp2/date.h"

#include <hardware/powman.h>

#define SECONDS_MAX (UINT64_MAX / 1000u)

static status date(void *ctx, uint64_t *unix_seconds)
{
    if (!powman_timer_is_running()) return ST_CONDITIONS;
    *unix_seconds = powman_timer_get_ms() / 1000u;
    return ST_OK;
}

static status set_date(void *ctx, uint64_t unix_seconds)
{
    if (unix_seconds > SECONDS_MAX) return ST_EXECUTION;
    powman_timer_stop();
    powman_timer_set_1khz_tick_source_xosc();
    powman_timer_set_ms(unix_seconds * 1000u);
    powman_timer_start();
    return ST_OK;
}

void date_open(struct clock *clock)
{
    clock->date = date;
    clock->set_date = set_date;
}
