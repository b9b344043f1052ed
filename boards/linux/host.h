/* SPDX-License-Identifier: Apache-2.0 */
/* What a Linux process has without asking: random numbers, a clock, and memory that stays out of core dumps. */
#ifndef BOARDS_LINUX_HOST_H
#define BOARDS_LINUX_HOST_H

#include "port/clock.h"
#include "port/entropy.h"
#include "port/led.h"

/* The kernel's random numbers, 8 bits of entropy a byte. */
struct entropy host_entropy(void);
/* Milliseconds of CLOCK_MONOTONIC, the date of CLOCK_REALTIME; a card never sets the clock of a computer. */
struct clock host_clock(void);
/* Nobody looks at it. */
struct led host_led(void);
/* No core dumps, no debugger of the same user, and `secrets` not swapped out if the limits allow it. */
void host_protect(span secrets);

#endif
