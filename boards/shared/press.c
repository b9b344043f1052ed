/* SPDX-License-Identifier: Apache-2.0 */
/* The phases of a press, moved by one function. */
#include "boards/shared/press.h"

void press_open(struct press *p)
{
    *p = (struct press){PRESS_NOT_SEEN_UP, 0};
}

static enum press_phase next(const struct press *p, bool down, bool stable)
{
    switch (p->phase) {
    case PRESS_NOT_SEEN_UP: return down ? PRESS_NOT_SEEN_UP : PRESS_GOING_UP;
    case PRESS_GOING_UP: return down ? PRESS_NOT_SEEN_UP : stable ? PRESS_UP : PRESS_GOING_UP;
    case PRESS_UP: return down ? PRESS_GOING_DOWN : PRESS_UP;
    case PRESS_GOING_DOWN: return !down ? PRESS_UP : stable ? PRESS_CONFIRMED : PRESS_GOING_DOWN;
    case PRESS_CONFIRMED: return PRESS_CONFIRMED;
    }
    return PRESS_NOT_SEEN_UP;
}

bool press_sample(struct press *p, bool down, uint32_t now_ms)
{
    enum press_phase phase = next(p, down, now_ms - p->since_ms >= PRESS_STABLE_MS);
    if (phase != p->phase) *p = (struct press){phase, now_ms};
    return p->phase == PRESS_CONFIRMED;
}
