/* SPDX-License-Identifier: Apache-2.0 */
/* The chip behind port/platform.h. */
#ifndef BOARDS_RP2_PLATFORM_RP2_H
#define BOARDS_RP2_PLATFORM_RP2_H

#include "base/bytes.h"
#include "boards/rp2/wipe_ram.h"
#include "port/platform.h"

struct platform_rp2 {
    struct platform port; /* for the card; bound to this struct, which must not move */
    /* SHA-256 of `in` (out.n is 32), for the one who may know how: enabling secure boot compares a key with what its slot
     * holds. NULL, as platform_rp2_open leaves it: secure boot cannot be enabled. */
    status (*sha256)(void *ctx, bytes in, span out);
    void *sha256_ctx;
    volatile bool due;
    volatile enum platform_restart how;
};

/* `flash_size`: bytes of the whole flash chip; `firmware_size`: bytes of it that the image takes. */
void platform_rp2_open(struct platform_rp2 *p, uint32_t flash_size, uint32_t firmware_size);
/* Has the card asked for a restart? The main loop asks, and restarts once the answer has left. */
bool platform_rp2_restart_due(const struct platform_rp2 *p);
/* Wipes RAM and starts the firmware or the boot ROM's USB loader, whatever was asked for. */
void platform_rp2_restart(const struct platform_rp2 *p) __attribute__((noreturn));

/* What differs between the chips; platform_rp2040.c, platform_rp2350.c. */

/* The call of the boot ROM that shows it as a USB drive. */
struct wipe_ram_call platform_usb_loader(void);
/* Fills in secure_boot and enable_secure_boot, if the chip knows such a thing. */
void platform_add_secure_boot(struct platform *port);

#endif
