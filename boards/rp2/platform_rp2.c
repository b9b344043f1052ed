/* SPDX-License-Identifier: Apache-2.0 */
/* Restarting, which waits until the main loop has time for it. */
#include "boards/rp2/platform_rp2.h"

static void restart(void *ctx, enum platform_restart how)
{
    struct platform_rp2 *p = ctx;
    p->how = how;
    p->due = true;
}

void platform_rp2_open(struct platform_rp2 *p, uint32_t flash_size, uint32_t firmware_size)
{
    *p = (struct platform_rp2){
        .port = {.ctx = p, .flash_size = flash_size, .firmware_size = firmware_size, .restart = restart}};
    platform_add_secure_boot(&p->port);
}

bool platform_rp2_restart_due(const struct platform_rp2 *p)
{
    return p->due;
}

void platform_rp2_restart(const struct platform_rp2 *p)
{
    if (p->how != PLATFORM_RESTART_BOOT) wipe_ram_and_restart();
    struct wipe_ram_call loader = platform_usb_loader();
    wipe_ram_and_call(&loader);
}
