/* SPDX-License-Identifier: Apache-2.0 */
/* The chip: its number, its time, its timer interrupt. */
#ifndef BOARDS_RP2_CHIP_H
#define BOARDS_RP2_CHIP_H

#include "port/clock.h"

#include <pico/time.h>

#define CHIP_SERIAL_SIZE 8u

struct chip {
    struct clock clock; /* uptime; no date */
    uint8_t serial[CHIP_SERIAL_SIZE];
    char serial_text[2u * CHIP_SERIAL_SIZE + 1u]; /* the same in hex digits */
    struct repeating_timer timer;
    void (*on_timer)(void *ctx);
    void *timer_ctx;
};

/* Reads the unique number: of the flash chip on RP2040, of the chip itself on RP2350. `c` must stay where it is. */
void chip_open(struct chip *c);
/* From now on calls `on_timer` from an interrupt. */
void chip_every(struct chip *c, uint32_t ms, void (*on_timer)(void *ctx), void *ctx);
/* Sleeps until some interrupt has happened, one since the last call included. */
void chip_sleep(void);

#endif
