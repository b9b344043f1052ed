/* SPDX-License-Identifier: Apache-2.0 */
/* hardware_watchdog, fed on behalf of the main loop. */
#include "boards/rp2/guard.h"

#include "boards/rp2/faults.h"

#include <hardware/watchdog.h>

void guard_open(struct guard *g, uint32_t now_ms)
{
    *g = (struct guard){now_ms, now_ms, false};
    watchdog_enable(GUARD_BITE_MS, true);
}

void guard_alive(struct guard *g, uint32_t now_ms)
{
    g->alive_at_ms = now_ms;
}

void guard_tick(struct guard *g, uint32_t now_ms)
{
    int32_t silent_ms = (int32_t)(now_ms - g->alive_at_ms); /* below zero: heard between reading the clock and here */
    if (silent_ms >= GUARD_SILENT_MS) faults_take();
    watchdog_update();
    if (g->well || now_ms - g->opened_at_ms < GUARD_WELL_MS) return;
    g->well = true;
    faults_forget();
}
