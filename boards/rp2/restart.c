/* SPDX-License-Identifier: Apache-2.0 */
/* Resets the chip without anything in RAM. */
#include "boards/rp2/wipe_ram.h"

#include <hardware/structs/psm.h>
#include <hardware/structs/watchdog.h>

/* As the SDK's watchdog_reboot(0, 0, 0), which keeps a variable and may be placed anywhere. */
static void __attribute__((noreturn)) reset_chip(void)
{
    watchdog_hw->scratch[4] = 0; /* boot as after power on; and not taken for a bite of the watchdog */
    psm_hw->wdsel = PSM_WDSEL_BITS & ~(PSM_WDSEL_ROSC_BITS | PSM_WDSEL_XOSC_BITS);
    for (;;) watchdog_hw->ctrl = WATCHDOG_CTRL_TRIGGER_BITS;
}

void wipe_ram_and_restart(void)
{
    const struct wipe_ram_call call = {(uint32_t)(uintptr_t)reset_chip, {0}};
    wipe_ram_and_call(&call);
}
