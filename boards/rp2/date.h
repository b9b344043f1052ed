/* SPDX-License-Identifier: Apache-2.0 */
/* The date behind port/clock.h: RP2040's real-time clock, which every reset stops, and RP2350's always-on timer, which
 * goes on until power is lost. Neither has a battery. One file for each chip. */
#ifndef BOARDS_RP2_DATE_H
#define BOARDS_RP2_DATE_H

#include "port/clock.h"

/* Adds the date to a clock of uptime. Once, after the SDK has set up its clocks. */
void date_open(struct clock *clock);

#endif
