/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog, and who feeds it.
 *
 * The main loop and the card's progress say guard_alive; the timer interrupt feeds the watchdog as long as that was heard
 * within GUARD_SILENT_MS. One RSA-4096 signature on an RP2040 says nothing for some ten seconds, more than its watchdog
 * can count (8.3 s), hence the two steps: a main loop that hangs is found by the interrupt, which counts a fault, wipes
 * RAM and starts anew (faults.h); dead interrupts are found by the watchdog itself, within GUARD_BITE_MS. The longest that
 * interrupts are off on purpose is the erase of a sector, 400 ms on a worn chip. */
#ifndef BOARDS_RP2_GUARD_H
#define BOARDS_RP2_GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum { GUARD_BITE_MS = 8000, GUARD_SILENT_MS = 60000, GUARD_WELL_MS = 10000 };

struct guard {
    volatile uint32_t alive_at_ms;
    uint32_t opened_at_ms;
    bool well; /* has lived for GUARD_WELL_MS: earlier faults are forgotten */
};

/* Starts the watchdog. Then guard_tick must follow, every second at the latest. */
void guard_open(struct guard *g, uint32_t now_ms);
/* The main loop went round, or long work went on. */
void guard_alive(struct guard *g, uint32_t now_ms);
/* From the timer interrupt. Does not return when the main loop has been silent for too long. */
void guard_tick(struct guard *g, uint32_t now_ms);

#endif
