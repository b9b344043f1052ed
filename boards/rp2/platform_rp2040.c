/* SPDX-License-Identifier: Apache-2.0 */
/* RP2040: boots whatever its flash holds. */
#include "boards/rp2/platform_rp2.h"

#include <pico/bootrom.h>

struct wipe_ram_call platform_usb_loader(void)
{
    /* no activity LED; both of its interfaces */
    return (struct wipe_ram_call){(uint32_t)(uintptr_t)rom_func_lookup(ROM_FUNC_RESET_USB_BOOT), {0, 0}};
}

void platform_add_secure_boot(struct platform *port) {}
