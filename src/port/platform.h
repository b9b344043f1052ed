/* SPDX-License-Identifier: Apache-2.0 */
/* The chip as a whole, for the rescue applet (apdu.md 3.29): starting it anew, and who may boot on it. */
#ifndef PORT_PLATFORM_H
#define PORT_PLATFORM_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum platform_restart {
    PLATFORM_RESTART,     /* the firmware again             */
    PLATFORM_RESTART_BOOT /* into the boot ROM's USB loader */
};

struct platform_secure_boot {
    bool enabled, locked;
    uint8_t key; /* boot key slot in use, FF: unknown */
};

/* A function pointer that is NULL is something this board does not have (6D00). */
struct platform {
    void *ctx;
    uint32_t flash_size;    /* bytes of the whole flash chip; 0: what the store has */
    uint32_t firmware_size; /* bytes of the image that runs; 0: nothing to tell     */
    /* Asks for a restart once the answer of the running command has left. Returns at once. */
    void (*restart)(void *ctx, enum platform_restart how);
    /* How this chip decides what it boots. ST_OK, ST_EXECUTION. */
    status (*secure_boot)(void *ctx, struct platform_secure_boot *now);
    /* From now on only images signed with boot key `key` (0..5) boot; `lock`: and no further key can be added.
     * Cannot be undone. ST_OK; ST_EXECUTION; ST_CONDITIONS: no such key in the chip, or the firmware that runs is not
     * signed with it and would never run again. */
    status (*enable_secure_boot)(void *ctx, uint8_t key, bool lock);
};

#endif
