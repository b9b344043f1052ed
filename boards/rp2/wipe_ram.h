/* SPDX-License-Identifier: Apache-2.0 */
/* The last thing a program does: RAM survives a reset, and whoever then holds BOOTSEL down may read it over USB. */
#ifndef BOARDS_RP2_WIPE_RAM_H
#define BOARDS_RP2_WIPE_RAM_H

#include <stdint.h>

struct wipe_ram_call {
    uint32_t function; /* in ROM or flash; must not return, and must not need anything that is in RAM */
    uint32_t args[4];
};

/* Disables interrupts, overwrites all RAM and the memory of the USB controller with zeros, the stack that we stand on
 * included, and calls the function on a new stack. From thread or fault handler, with flash readable. */
void wipe_ram_and_call(const struct wipe_ram_call *call) __attribute__((noreturn));
/* The same, and then the chip starts anew. */
void wipe_ram_and_restart(void) __attribute__((noreturn));

#endif
