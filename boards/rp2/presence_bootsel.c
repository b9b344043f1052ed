/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at BOOTSEL again and again, and lets boards/shared/press judge. */
#include "boards/rp2/presence_bootsel.h"

#include "boards/rp2/bootsel_line.h"
#include "boards/shared/press.h"

#include <hardware/structs/ioqspi.h>
#include <hardware/structs/sio.h>
#include <hardware/sync.h>
#include <pico/time.h>

#define SAMPLE_MS 10
#define SETTLE_CYCLES 1000 /* 5 us at 200 MHz: a pull-up of 10 kohm lifts the line long before */
#define SELECT_LINE 1      /* of the pins of the flash chip */

/* How the select line is driven: by the flash controller, or by nobody. */
static inline void drive_select_line(uint32_t oeover)
{
    hw_write_masked(&ioqspi_hw->io[SELECT_LINE].ctrl, oeover << IO_QSPI_GPIO_QSPI_SS_CTRL_OEOVER_LSB,
                    IO_QSPI_GPIO_QSPI_SS_CTRL_OEOVER_BITS);
}

bool __no_inline_not_in_flash_func(presence_bootsel_down)(void)
{
    uint32_t state = save_and_disable_interrupts();
    drive_select_line(IO_QSPI_GPIO_QSPI_SS_CTRL_OEOVER_VALUE_DISABLE);
    busy_wait_at_least_cycles(SETTLE_CYCLES);
    bool down = !(sio_hw->gpio_hi_in & BOOTSEL_LINE_BIT);
    drive_select_line(IO_QSPI_GPIO_QSPI_SS_CTRL_OEOVER_VALUE_NORMAL);
    restore_interrupts(state);
    return down;
}

static bool confirm(void *ctx, const char *what, uint32_t timeout_ms)
{
    const struct presence_bootsel *p = ctx;
    uint32_t start_ms = p->clock->uptime_ms(p->clock->ctx), now_ms = start_ms;
    struct press press;
    press_open(&press);
    while (now_ms - start_ms < timeout_ms) {
        if (!progress_tick(p->progress)) return false;
        if (press_sample(&press, presence_bootsel_down(), now_ms)) return true;
        sleep_ms(SAMPLE_MS);
        now_ms = p->clock->uptime_ms(p->clock->ctx);
    }
    return false;
}

void presence_bootsel_open(struct presence_bootsel *p, const struct clock *clock, const struct progress *progress)
{
    *p = (struct presence_bootsel){{p, confirm}, clock, progress};
}
