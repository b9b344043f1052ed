/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Clocks that outlive the timers: the RTC of an RP2040 and the always-on timer of an RP2350. Both start unset. */
#include "internal.h"

/* --- RTC: a date in bit fields. --- */

enum { SETUP_0 = 0x04, SETUP_1 = 0x08, RTC_CTRL = 0x0c, RTC_1 = 0x18, RTC_0 = 0x1c };

/* Days since 1970-01-01, Gregorian; years count from March so that the leap day ends one. */
static uint32_t days_of(uint32_t year, uint32_t month, uint32_t day)
{
    uint32_t y = year - (month <= 2), m = (month + 9) % 12;
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static uint64_t setup_seconds(struct board *b)
{
    uint32_t date = *reg(b, RTC, SETUP_0), time = *reg(b, RTC, SETUP_1);
    uint32_t days = days_of(date >> 12 & 0xfff, date >> 8 & 15, date & 31);
    return days * (uint64_t)86400 + (time >> 16 & 31) * 3600 + (time >> 8 & 63) * 60 + (time & 63);
}

static uint64_t rtc_seconds(struct board *b)
{
    if (!(*reg(b, RTC, RTC_CTRL) & 1)) return setup_seconds(b);
    return b->calendar_seconds + (board_now_us(b) - b->calendar_us) / 1000000;
}

static uint32_t rtc_date(uint64_t seconds)
{
    uint32_t days = (uint32_t)(seconds / 86400), year = 1970, month = 1;
    while (days_of(year + 1, 1, 1) <= days) year++;
    while (month < 12 && days_of(year, month + 1, 1) <= days) month++;
    return year << 12 | month << 8 | (days - days_of(year, month, 1) + 1);
}

static uint32_t rtc_time(uint64_t seconds)
{
    uint32_t s = (uint32_t)(seconds % 86400), weekday = (uint32_t)(seconds / 86400 + 4) % 7;
    return weekday << 24 | s / 3600 << 16 | s / 60 % 60 << 8 | s % 60;
}

uint32_t calendar_read(struct board *b, uint32_t at, uint32_t stored)
{
    if (at == RTC_CTRL) return stored | (stored & 1) << 1;
    if (at == RTC_0) b->calendar_latch = rtc_seconds(b); /* holds the date for RTC_1 */
    if (at == RTC_0) return rtc_time(b->calendar_latch);
    return at == RTC_1 ? rtc_date(b->calendar_latch) : stored;
}

void calendar_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at != RTC_CTRL) return;
    uint32_t *ctrl = reg(b, RTC, RTC_CTRL);
    if (*ctrl & 0x10 || !(before & 1)) {
        b->calendar_seconds = setup_seconds(b);
        b->calendar_us = board_now_us(b);
    }
    *ctrl &= ~0x10u; /* LOAD clears itself */
}

/* --- POWMAN: milliseconds in a domain that resets do not reach. Writes carry a password. --- */

enum { SET_TIME = 0x60, READ_UPPER = 0x70, READ_LOWER = 0x74, TIMER = 0x88, SCRATCH = 0xb0, POWMAN_INTR = 0xe0 };

static uint64_t powman_now(struct board *b)
{
    return b->powman_ms + (*reg(b, POWMAN, TIMER) & 2 ? (board_now_us(b) - b->powman_us) / 1000 : 0);
}

uint32_t powman_read(struct board *b, uint32_t at, uint32_t stored)
{
    if (at == READ_UPPER) return (uint32_t)(powman_now(b) >> 32);
    if (at == READ_LOWER) return (uint32_t)powman_now(b);
    if (at == TIMER && stored & 2)
        return stored | (stored & 0x200 ? 1u << 16 : 1u << 17); /* crystal, low-power oscillator */
    return stored;
}

void powman_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    uint32_t *stored = reg(b, POWMAN, at);
    if (at >= SCRATCH) return;
    if (data >> 16 != 0x5afe) {
        *stored = before;
        *reg(b, POWMAN, 0) = 1; /* BADPASSWD */
        complain(b, "POWMAN write without password", at);
        return;
    }
    *stored &= 0xffff;
    if (at >= SET_TIME && at < READ_UPPER) {
        unsigned shift = 48 - (at - SET_TIME) / 4 * 16;
        b->powman_ms = (b->powman_ms & ~((uint64_t)0xffff << shift)) | (uint64_t)(data & 0xffff) << shift;
        b->powman_us = board_now_us(b);
    }
    if (at != TIMER) return;
    if (before & 2) b->powman_ms += (board_now_us(b) - b->powman_us) / 1000;
    b->powman_us = board_now_us(b);
    if (*stored & 4) b->powman_ms = 0;
    *stored &= ~4u;
}
