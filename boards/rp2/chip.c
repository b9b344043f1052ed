/* SPDX-License-Identifier: Apache-2.0 */
/* The SDK's timer and unique id; and what the SDK calls when it is lost. */
#include "boards/rp2/chip.h"

#include "base/bytes.h"

#include <hardware/sync.h>
#include <hardware/timer.h>
#include <pico/unique_id.h>

_Static_assert(PICO_UNIQUE_BOARD_ID_SIZE_BYTES == CHIP_SERIAL_SIZE, "the SDK's unique id is our serial number");

static uint32_t uptime_ms(void *ctx)
{
    return (uint32_t)(time_us_64() / 1000u);
}

void chip_open(struct chip *c)
{
    static const char digits[] = "0123456789ABCDEF";
    pico_unique_board_id_t id;
    pico_get_unique_board_id(&id);
    memcpy(c->serial, id.id, sizeof c->serial);
    for (size_t i = 0; i < sizeof c->serial; i++) {
        c->serial_text[2 * i] = digits[c->serial[i] >> 4];
        c->serial_text[2 * i + 1] = digits[c->serial[i] & 15];
    }
    c->clock = (struct clock){.uptime_ms = uptime_ms};
}

static bool tick(struct repeating_timer *timer)
{
    const struct chip *c = timer->user_data;
    c->on_timer(c->timer_ctx);
    return true;
}

void chip_every(struct chip *c, uint32_t ms, void (*on_timer)(void *ctx), void *ctx)
{
    c->on_timer = on_timer;
    c->timer_ctx = ctx;
    add_repeating_timer_ms(-(int32_t)ms, tick, c, &c->timer); /* negative: counted from the start of the last call */
}

void chip_sleep(void)
{
    __wfe(); /* an interrupt's end is an event, remembered if nobody sleeps */
}

/* The SDK's panic (CMakeLists.txt names it): no text, a fault, whose handler decides. */
void chip_panic(const char *format, ...) __attribute__((noreturn));
void chip_panic(const char *format, ...)
{
    __asm volatile("udf #0");
    __builtin_unreachable();
}
