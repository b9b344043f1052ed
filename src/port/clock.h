/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the board knows it. */
#ifndef PORT_CLOCK_H
#define PORT_CLOCK_H

#include <stdint.h>

struct clock {
    void *ctx;
    uint32_t (*uptime_ms)(void *ctx); /* milliseconds since start, wraps */
};

#endif
