/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Microsecond timers with four alarms each, and the watchdog with its scratch registers. */
#include "internal.h"

enum { TIMEHR = 0x08, TIMELR = 0x0c, ALARM = 0x10, ARMED = 0x20, RAWH = 0x24, RAWL = 0x28 };

static uint32_t intr_at(const struct board *b)
{
    return b->chip == RP2040 ? 0x34 : 0x3c;
}
static uint64_t count(const struct board *b, unsigned t)
{
    return board_now_us(b) - b->timer[t].start_us;
}

static void lines(struct board *b, unsigned t)
{
    const uint32_t *r = reg(b, TIMER0 + t, intr_at(b)); /* INTR, INTE, INTF */
    uint32_t active = (r[0] & r[1]) | r[2];
    for (unsigned i = 0; i < 4; i++) nvic_line(b, t * 4 + i, active >> i & 1);
}

void timer_reset(struct board *b, unsigned t)
{
    b->timer[t].start_us = board_now_us(b);
    for (unsigned i = 0; i < 4; i++) b->timer[t].target_us[i] = NEVER;
    lines(b, t);
}

uint64_t timer_due(struct board *b)
{
    uint64_t due = NEVER;
    for (unsigned i = 0; i < 8; i++)
        if (b->timer[i / 4].target_us[i % 4] < due) due = b->timer[i / 4].target_us[i % 4];
    return due;
}

void timer_fire(struct board *b)
{
    for (unsigned i = 0; i < 8; i++) {
        if (b->timer[i / 4].target_us[i % 4] > board_now_us(b)) continue;
        b->timer[i / 4].target_us[i % 4] = NEVER;
        *reg(b, TIMER0 + i / 4, intr_at(b)) |= 1u << i % 4;
        lines(b, i / 4);
    }
}

static uint32_t timer_read(struct board *b, unsigned t, uint32_t at, uint32_t stored)
{
    uint64_t now = count(b, t);
    const uint32_t *r = reg(b, TIMER0 + t, intr_at(b));
    if (at == TIMEHR) return b->timer[t].latch;
    if (at == TIMELR) b->timer[t].latch = (uint32_t)(now >> 32);
    if (at == TIMELR || at == RAWL) return (uint32_t)now;
    if (at == RAWH) return (uint32_t)(now >> 32);
    if (at == intr_at(b) + 12) return (r[0] & r[1]) | r[2];
    if (at != ARMED) return stored;
    uint32_t armed = 0;
    for (unsigned i = 0; i < 4; i++) armed |= (b->timer[t].target_us[i] != NEVER ? 1u : 0) << i;
    return armed;
}

static void timer_write(struct board *b, unsigned t, uint32_t at, uint32_t data, uint32_t before)
{
    if (at >= ALARM && at < ARMED) /* fires when the low 32 bits are equal */
        b->timer[t].target_us[(at - ALARM) / 4] =
            board_now_us(b) + (uint32_t)(*reg(b, TIMER0 + t, at) - (uint32_t)count(b, t));
    for (unsigned i = 0; i < 4; i++)
        if (at == ARMED && data >> i & 1) b->timer[t].target_us[i] = NEVER;
    if (at == intr_at(b)) *reg(b, TIMER0 + t, at) = before & ~data;
    lines(b, t);
    b->look |= LOOK_TIME;
}

uint32_t timer0_read(struct board *b, uint32_t at, uint32_t stored)
{
    return timer_read(b, 0, at, stored);
}
uint32_t timer1_read(struct board *b, uint32_t at, uint32_t stored)
{
    return timer_read(b, 1, at, stored);
}
void timer0_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    timer_write(b, 0, at, data, before);
}
void timer1_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    timer_write(b, 1, at, data, before);
}

/* --- Watchdog. --- */

enum { CTRL = 0, LOAD = 4, REASON = 8, TICK = 0x2c, ENABLE = 1 << 30 };
#define TRIGGER (1u << 31)

static unsigned per_us(const struct board *b)
{
    return b->chip == RP2040 ? 2 : 1;
} /* RP2040-E1: counts twice */

uint64_t watchdog_due(struct board *b)
{
    return *reg(b, WATCHDOG, CTRL) & ENABLE ? b->watchdog_us : NEVER;
}
void watchdog_fire(struct board *b)
{
    if (board_now_us(b) >= watchdog_due(b)) board_reset_later(b, 1);
}

uint32_t watchdog_read(struct board *b, uint32_t at, uint32_t stored)
{
    if (at == LOAD) return 0; /* write only */
    if (at == TICK && b->chip == RP2040) return stored | (stored & 1 << 9) << 1;
    uint64_t left = at == CTRL && b->watchdog_us > board_now_us(b) ? (b->watchdog_us - board_now_us(b)) * per_us(b) : 0;
    return at == CTRL ? (stored & 0xff000000) | (left & 0xffffff) : stored;
}

void watchdog_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at == LOAD) b->watchdog_us = board_now_us(b) + (data & 0xffffff) / per_us(b);
    if (at == REASON) *reg(b, WATCHDOG, at) = before;
    if (at == CTRL && *reg(b, WATCHDOG, CTRL) & TRIGGER) {
        *reg(b, WATCHDOG, CTRL) &= ~TRIGGER;
        board_reset_later(b, 2);
    }
    b->look |= LOOK_TIME;
}
