/* SPDX-License-Identifier: Apache-2.0 */
/* The BOOTSEL button as the presence button.
 *
 * It pulls at the select line of the flash chip. To look at it, nothing may use the flash for a few microseconds: the code
 * that looks is in RAM, and interrupts are off. Waiting is in thread mode; USB goes on from the timer interrupt. */
#ifndef BOARDS_RP2_PRESENCE_BOOTSEL_H
#define BOARDS_RP2_PRESENCE_BOOTSEL_H

#include "port/clock.h"
#include "port/presence.h"
#include "port/progress.h"

struct presence_bootsel {
    struct presence port; /* for the card; bound to this struct, which must not move */
    const struct clock *clock;
    const struct progress *progress;
};

/* Fills in `p->port`. Only a press that begins after the question counts (boards/shared/press.h). No press in time is a
 * no, and so is a host that gives up, as `progress` tells. Both must outlive `p`. */
void presence_bootsel_open(struct presence_bootsel *p, const struct clock *clock, const struct progress *progress);

/* Is the button down at this moment? Never while flash is being written. */
bool presence_bootsel_down(void);

#endif
