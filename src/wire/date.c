/* SPDX-License-Identifier: Apache-2.0 */
/* Dates: whole years, then whole months, then days; a hundred steps at most and nothing to prove. */
#include "wire/date.h"

#define YEAR_FIRST 1970u
#define YEAR_LAST 2105u
#define DAY_SECONDS 86400u

static unsigned first_month(enum date_form form)
{
    return form == DATE_EXTRAS ? 1 : 0;
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned year_days(unsigned year)
{
    return is_leap(year) ? 366 : 365;
}

/* month 0..11 */
static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month] + (month == 1 && is_leap(year) ? 1u : 0u);
}

static uint32_t days_before(unsigned year, unsigned month)
{
    uint32_t days = 0;
    for (unsigned y = YEAR_FIRST; y < year; y++) days += year_days(y);
    for (unsigned m = 0; m < month; m++) days += month_days(year, m);
    return days;
}

status date_parse(bytes in, enum date_form form, uint32_t *unix_seconds)
{
    if (in.n != DATE_SIZE) return ST_BAD_LENGTH;
    reader r = read_from(in);
    unsigned year = rd_u16(&r), month = rd_u8(&r) - first_month(form), day = rd_u8(&r);
    (void)rd_u8(&r); /* weekday */
    unsigned hour = rd_u8(&r), minute = rd_u8(&r), second = rd_u8(&r);
    if (year < YEAR_FIRST || year > YEAR_LAST || month > 11) return ST_BAD_DATA;
    if (day == 0 || day > month_days(year, month)) return ST_BAD_DATA;
    if (hour > 23 || minute > 59 || second > 59) return ST_BAD_DATA;
    uint32_t days = days_before(year, month) + day - 1;
    *unix_seconds = days * DAY_SECONDS + hour * 3600u + minute * 60u + second;
    return ST_OK;
}

void date_put(uint32_t unix_seconds, enum date_form form, buf *out)
{
    uint32_t days = unix_seconds / DAY_SECONDS, rest = unix_seconds % DAY_SECONDS;
    uint32_t weekday = (days + (form == DATE_EXTRAS ? 3u : 4u)) % 7; /* 1970 began on a Thursday */
    unsigned year = YEAR_FIRST, month = 0;
    for (; days >= year_days(year); year++) days -= year_days(year);
    for (; days >= month_days(year, month); month++) days -= month_days(year, month);
    put_u16(out, (uint16_t)year);
    put_u8(out, (uint8_t)(month + first_month(form)));
    put_u8(out, (uint8_t)(days + 1));
    put_u8(out, (uint8_t)weekday);
    put_u8(out, (uint8_t)(rest / 3600));
    put_u8(out, (uint8_t)(rest / 60 % 60));
    put_u8(out, (uint8_t)(rest % 60));
}
