/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the board knows it. */
#ifndef PORT_CLOCK_H
#define PORT_CLOCK_H

#include "base/status.h"

#include <stdint.h>

struct clock {
    void *ctx;
    uint32_t (*uptime_ms)(void *ctx); /* milliseconds since start, wraps */
    /* The date: seconds since 1970-01-01 00:00:00 UTC. ST_OK; ST_CONDITIONS: never set since power came. */
    status (*date)(void *ctx, uint64_t *unix_seconds);
    /* Sets it. ST_OK, ST_EXECUTION. NULL: nobody may set the date of this board (a host's). */
    status (*set_date)(void *ctx, uint64_t unix_seconds);
};

#endif
