/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of a button become one confirmation. Only a press that begins after the question counts: a button that is held
 * when asked (or stuck, or shorted) must first be seen released. Contacts bounce: both must last for PRESS_STABLE_MS. */
#ifndef SHARED_PRESS_H
#define SHARED_PRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { PRESS_STABLE_MS = 30 };

enum press_phase {
    PRESS_NOT_SEEN_UP, /* down, or nothing known yet   */
    PRESS_GOING_UP,    /* up, but for how long?        */
    PRESS_UP,          /* now a press counts           */
    PRESS_GOING_DOWN,  /* down, but for how long?      */
    PRESS_CONFIRMED    /* stays                        */
};

struct press {
    enum press_phase phase;
    uint32_t since_ms;
};

/* Asks the question. */
void press_open(struct press *p);
/* Takes a sample; call every few milliseconds. True once the press has happened, and then always. */
bool press_sample(struct press *p, bool down, uint32_t now_ms);

#endif
