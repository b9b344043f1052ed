/* SPDX-License-Identifier: Apache-2.0 */
/* How slow work (RSA key generation, erasing, waiting) tells the outside that it is alive, and hears that it
 * should stop. link/ccid turns it into time extensions. */
#ifndef PORT_PROGRESS_H
#define PORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    void *ctx;
    /* Called every few milliseconds to seconds of work. False: give up, nothing has changed. */
    bool (*tick)(void *ctx);
};

/* Ticks `p` if there is one; true = go on. */
static inline bool progress_tick(const struct progress *p)
{
    return p == NULL || p->tick == NULL || p->tick(p->ctx);
}

#endif
