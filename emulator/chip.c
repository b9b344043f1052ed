/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Registers that only have to be believable: clocks, resets, identification, the serial port, entropy sources.
 *
 * Clocks run at once and PLLs lock at once; the frequency of the core follows from what the firmware writes. */
#include "internal.h"

/* Bits that always read as one: "stable", "locked", "done". */
static const struct {
    enum block block;
    uint32_t at, bits;
} status[] = {
    {PSM, 0xc, 0x01ffffff}, {XOSC, 0x4, 0x80001000}, {PLL_SYS, 0, 0x80000000}, {PLL_USB, 0, 0x80000000},
    {VREG, 0, 0x00001000},  {TBMAN, 0, 1},           {XIP_CTRL, 0x8, 3},
};

uint32_t status_read(struct board *b, uint32_t at, uint32_t stored)
{
    enum block block = b->last_block;
    for (unsigned i = 0; i < sizeof status / sizeof status[0]; i++)
        if (status[i].block == block && status[i].at == at) return stored | status[i].bits;
    return stored;
}

uint32_t sysinfo_read(struct board *b, uint32_t at, uint32_t stored)
{
    if (at == 0) return b->chip == RP2040 ? 0x20002927 : 0x20004927; /* CHIP_ID: revision 2 */
    return at == (b->chip == RP2040 ? 4u : 8u) ? 2 : 0;              /* PLATFORM: ASIC */
}

/* --- Clocks. --- */

static uint32_t pll_khz(struct board *b)
{
    uint32_t reference = *reg(b, PLL_SYS, 0) & 63, prim = *reg(b, PLL_SYS, 0xc);
    uint32_t post = (prim >> 16 & 7) * (prim >> 12 & 7);
    uint32_t khz = reference && post ? 12000 / reference * (*reg(b, PLL_SYS, 8) & 0xfff) / post : 0;
    return khz ? khz : 6000;
}

static uint32_t core_khz(struct board *b)
{
    uint32_t ctrl = *reg(b, CLOCKS, 0x3c), xosc = 12000, rosc = 6000;
    const uint32_t aux[4] = {pll_khz(b), 48000, rosc, xosc};
    uint32_t khz = ctrl & 1 ? aux[ctrl >> 5 & 3] : (*reg(b, CLOCKS, 0x30) & 3) == 2 ? xosc : rosc;
    uint32_t divider = *reg(b, CLOCKS, 0x40) >> (b->chip == RP2040 ? 8 : 16);
    return divider > 1 ? khz / divider : khz;
}

uint32_t clocks_read(struct board *b, uint32_t at, uint32_t stored)
{
    uint32_t fc0 = b->chip == RP2040 ? 0x98 : 0xa4; /* the frequency counter */
    if (at == 0x38) return 1u << (*reg(b, CLOCKS, 0x30) & 3);
    if (at == 0x44) return 1u << (*reg(b, CLOCKS, 0x3c) & 1);
    if (at == fc0) return stored | 0x10;
    if (at == fc0 + 4) return b->khz << 5;
    return stored;
}

void clocks_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    uint32_t khz = core_khz(b);
    if (khz != b->khz) set_khz(b, khz);
}

uint32_t ticks_read(struct board *b, uint32_t at, uint32_t stored)
{
    return at % 12 == 0 ? stored | (stored & 1) << 1 : stored;
}

uint32_t rosc_read(struct board *b, uint32_t at, uint32_t stored)
{
    uint32_t shift = b->chip == RP2040 ? 0 : 4;
    if (at == 0x18 + shift) return stored | 0x80001000;
    return at == 0x1c + shift ? entropy_bits(b, 1) : stored;
}

/* --- Resets. --- */

static const struct {
    enum block block;
    uint8_t bit[2];
} resettable[] = {
    {USB, {24, 28}}, {TIMER0, {21, 23}}, {TIMER1, {31, 24}}, {PWM, {14, 16}}, {TRNG, {31, 25}}, {PIO0, {10, 11}},
};

uint32_t resets_read(struct board *b, uint32_t at, uint32_t stored)
{
    return at == 8 ? ~*reg(b, RESETS, 0) : stored;
}

void resets_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    uint32_t now = *reg(b, RESETS, 0) & ~before;
    if (at != 0) return;
    for (unsigned i = 0; i < sizeof resettable / sizeof resettable[0]; i++) {
        if (!(now >> resettable[i].bit[b->chip] & 1)) continue;
        enum block block = resettable[i].block;
        for (uint32_t r = 0; r < 4096; r += 4) *reg(b, block, r) = 0;
        if (block == USB) usb_reset(b);
        if (block == TIMER0 || block == TIMER1) timer_reset(b, block == TIMER1);
    }
}

/* --- The serial port, output only. --- */

uint32_t uart_read(struct board *b, uint32_t at, uint32_t stored)
{
    return at == 0x18 ? 0x90 : stored;
}

void uart_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at == 0 && b->config.uart) fputc((int)(data & 0xff), b->config.uart);
}

/* --- The noise source of an RP2350: 192 bits at a time, each some cycles of sampling. --- */

enum {
    RNG_ISR = 0x104,
    RNG_ICR = 0x108,
    TRNG_VALID = 0x110,
    EHR = 0x114,
    SOURCE = 0x12c,
    SAMPLES = 0x130,
    SW_RESET = 0x140,
    BUSY = 0x1b8
};

static void trng_start(struct board *b)
{
    uint64_t cycles = 192 * ((uint64_t)*reg(b, TRNG, SAMPLES) + 1);
    b->trng_us = *reg(b, TRNG, SOURCE) & 1 ? board_now_us(b) + cycles * 1000 / b->khz : NEVER;
}

uint32_t trng_read(struct board *b, uint32_t at, uint32_t stored)
{
    bool valid = b->trng_us != NEVER && board_now_us(b) >= b->trng_us;
    if (at == TRNG_VALID || at == RNG_ISR) return valid;
    if (at == BUSY) return *reg(b, TRNG, SOURCE) & 1 && !valid;
    if (at < EHR || at > EHR + 20) return stored;
    uint32_t word = valid ? entropy_bits(b, 32) : 0;
    if (at == EHR + 20) trng_start(b); /* the last word was read: it samples again */
    return word;
}

void trng_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at == SW_RESET && data & 1) *reg(b, TRNG, SOURCE) = 0;
    if (at == SOURCE || at == SAMPLES || at == SW_RESET) trng_start(b);
}
