/* SPDX-License-Identifier: Apache-2.0 */
/* Dates as hosts write them (apdu.md 3.26, 3.29): year(2) month day weekday hour minute second, UTC, against seconds
 * since 1970. Years 1970..2105; the seconds fit in 4 bytes. */
#ifndef WIRE_DATE_H
#define WIRE_DATE_H

#include "base/bytes.h"
#include "base/status.h"

#define DATE_SIZE 8u

enum date_form {
    DATE_RESCUE, /* as C's struct tm: January and Sunday are 0 */
    DATE_EXTRAS  /* as Python's datetime: January is 1, Monday is 0 */
};

/* Reads a date. Its weekday may be anything: hosts get it wrong, and nobody needs it.
 * ST_OK; ST_BAD_LENGTH: not 8 bytes; ST_BAD_DATA: no such day, or no such time of day. */
MUST_CHECK status date_parse(bytes in, enum date_form form, uint32_t *unix_seconds);

/* Appends the date of any `unix_seconds` (until 2106-02-07), with its true weekday. */
void date_put(uint32_t unix_seconds, enum date_form form, buf *out);

#endif
