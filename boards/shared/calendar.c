/* SPDX-License-Identifier: Apache-2.0 */
/* Dates by counting years from the first of March, so that the leap day is a year's last. */
#include "boards/shared/calendar.h"

enum { DAY_S = 86400, ERA_DAYS = 146097, ERA_YEARS = 400, YEAR_DAYS = 365 };
enum { DAYS_TO_1970 = 719468 }; /* from 0000-03-01 to 1970-01-01 */

/* Whole days before the n-th of the months March, April...: 31 30 31 30 31 repeats itself. */
static uint32_t month_start(uint32_t n)
{
    return (153 * n + 2) / 5;
}

/* Whole days before the year `y` (0..399) of an era of 400. */
static uint32_t year_start(uint32_t y)
{
    return y * YEAR_DAYS + y / 4 - y / 100;
}

struct calendar calendar_from_unix(uint64_t unix_seconds)
{
    if (unix_seconds > CALENDAR_LAST) unix_seconds = CALENDAR_LAST;
    uint32_t second = (uint32_t)(unix_seconds % DAY_S);
    uint64_t days = unix_seconds / DAY_S + DAYS_TO_1970;
    uint32_t era_day = (uint32_t)(days % ERA_DAYS);
    uint32_t y = (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / YEAR_DAYS;
    uint32_t year_day = era_day - year_start(y);
    uint32_t n = (5 * year_day + 2) / 153;
    bool next_year = n >= 10;
    return (struct calendar){
        .year = (uint32_t)(days / ERA_DAYS) * ERA_YEARS + y + next_year,
        .month = (uint8_t)(next_year ? n - 9 : n + 3),
        .day = (uint8_t)(year_day - month_start(n) + 1),
        .weekday = (uint8_t)((unix_seconds / DAY_S + 4) % 7), /* 1970 began on a Thursday */
        .hour = (uint8_t)(second / 3600),
        .minute = (uint8_t)(second / 60 % 60),
        .second = (uint8_t)(second % 60),
    };
}

static bool same_day(const struct calendar *a, const struct calendar *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day;
}

bool calendar_to_unix(const struct calendar *c, uint64_t *unix_seconds)
{
    bool sane = c->year >= 1970 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1;
    if (!sane || c->hour > 23 || c->minute > 59 || c->second > 59) return false;
    uint32_t year = c->month < 3 ? c->year - 1 : c->year;
    uint32_t n = c->month < 3 ? c->month + 9u : c->month - 3u;
    uint64_t days =
        (uint64_t)(year / ERA_YEARS) * ERA_DAYS + year_start(year % ERA_YEARS) + month_start(n) + c->day - 1;
    *unix_seconds = (days - DAYS_TO_1970) * DAY_S + c->hour * 3600u + c->minute * 60u + c->second;
    struct calendar back = calendar_from_unix(*unix_seconds); /* finds the 31st of a month that has none */
    return same_day(&back, c);
}
