/* SPDX-License-Identifier: Apache-2.0 */
/* Seconds since 1970 and dates of the Gregorian calendar, UTC, without leap seconds: for clocks that count in days. */
#ifndef SHARED_CALENDAR_H
#define SHARED_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_LAST UINT64_C(253402300799) /* the last second of 9999 */

struct calendar {
    uint32_t year;      /* 1970..9999 */
    uint8_t month, day; /* 1..12, 1..31 */
    uint8_t weekday;    /* 0 = Sunday */
    uint8_t hour, minute, second;
};

/* The date of `unix_seconds`, at most CALENDAR_LAST (more counts as that). */
struct calendar calendar_from_unix(uint64_t unix_seconds);
/* The opposite; `weekday` is not looked at. False: no such date, or before 1970. */
bool calendar_to_unix(const struct calendar *c, uint64_t *unix_seconds);

#endif
