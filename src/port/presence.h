/* SPDX-License-Identifier: Apache-2.0 */
/* The presence button, or what stands for it. */
#ifndef PORT_PRESENCE_H
#define PORT_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

struct presence {
    void *ctx;
    /* Waits until a human confirms, at most `timeout_ms`. `what` names the operation for a board that can show
     * it ("sign with key 11"); ASCII, never a secret. True only when confirmed: every doubt, a missing button
     * included, is false. */
    bool (*confirm)(void *ctx, const char *what, uint32_t timeout_ms);
};

#endif
