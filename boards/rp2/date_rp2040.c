/* SPDX-License-Identifier: Apache-2.0 */
/* RP2040: the real-time clock counts in days, up to the year 4095. */
#include "boards/rp2/date.h"

#include "boards/shared/calendar.h"

#include <hardware/rtc.h>
#include <hardware/timer.h>

#define YEAR_MAX 4095
#define SETTLE_US 64 /* three ticks of its 46,875 Hz until what was set can be read */

static status date(void *ctx, uint64_t *unix_seconds)
{
    datetime_t t;
    if (!rtc_get_datetime(&t)) return ST_CONDITIONS; /* stands still until it is set */
    struct calendar c = {.year = (uint32_t)t.year,
                         .month = (uint8_t)t.month,
                         .day = (uint8_t)t.day,
                         .hour = (uint8_t)t.hour,
                         .minute = (uint8_t)t.min,
                         .second = (uint8_t)t.sec};
    return calendar_to_unix(&c, unix_seconds) ? ST_OK : ST_CONDITIONS;
}

static status set_date(void *ctx, uint64_t unix_seconds)
{
    struct calendar c = calendar_from_unix(unix_seconds);
    if (c.year > YEAR_MAX) return ST_EXECUTION;
    datetime_t t = {(int16_t)c.year, (int8_t)c.month,  (int8_t)c.day,   (int8_t)c.weekday,
                    (int8_t)c.hour,  (int8_t)c.minute, (int8_t)c.second};
    if (!rtc_set_datetime(&t)) return ST_EXECUTION;
    busy_wait_us_32(SETTLE_US);
    return ST_OK;
}

void date_open(struct clock *clock)
{
    rtc_init();
    clock->date = date;
    clock->set_date = set_date;
}
