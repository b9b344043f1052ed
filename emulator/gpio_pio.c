/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Pins and what drives them, as far as a board with a button and a few LEDs needs it. What becomes visible is written to
 * the LED file, a line an event:
 *
 *     MICROSECONDS gpio PIN 0|1
 *     MICROSECONDS pio0.1 00ff0000       a word for state machine 1 of PIO 0: a colour for a WS2812
 *     MICROSECONDS pwm SLICE A B TOP     the two duty cycles and their whole
 *
 * PIO programs do not run: their FIFOs swallow at once whatever is written. */
#include "internal.h"

static void show(struct board *b)
{
    uint64_t level = b->gpio_out & b->gpio_oe, changed = level ^ b->gpio_seen;
    b->gpio_seen = level;
    for (unsigned pin = 0; changed; pin++, changed >>= 1)
        if (changed & 1 && b->config.led)
            fprintf(b->config.led, "%llu gpio %u %u\n", (unsigned long long)board_now_us(b), pin,
                    (unsigned)(level >> pin & 1));
}

/* put, set, clear, toggle or put, toggle, set, clear: the register map and the coprocessor differ. */
enum change { PUT, SET, CLEAR, TOGGLE };

static void drive(struct board *b, uint64_t *v, enum change change, uint64_t mask, uint64_t bits)
{
    if (change == PUT) *v = (*v & ~mask) | bits;
    if (change == SET) *v |= bits;
    if (change == CLEAR) *v &= ~bits;
    if (change == TOGGLE) *v ^= bits;
    show(b);
}

/* --- The button: BOOTSEL pulls the flash chip's select line down while nobody drives it. --- */

bool button_down(struct board *b)
{
    const struct board_config *c = &b->config;
    uint64_t from = b->host.last_out_us + c->press_after_ms * (uint64_t)1000, now = board_now_us(b);
    if (c->button != BUTTON_PRESS) return c->button == BUTTON_HOLD;
    return b->host.last_out_us && now >= from && now < from + c->press_for_ms * (uint64_t)1000;
}

static uint32_t select_line(struct board *b)
{
    return button_down(b) ? 0 : b->chip == RP2040 ? 1u << 1 : 1u << 27;
}

uint32_t io_qspi_read(struct board *b, uint32_t at, uint32_t stored)
{
    return stored;
}

void io_qspi_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (b->chip == RP2040 && at == 0x0c) flash_select(b, (*reg(b, IO_QSPI, at) >> 8 & 3) == 2); /* OUTOVER low */
    (void)flash_readable(b);
}

/* --- SIO. --- */

enum {
    CPUID = 0,
    GPIO_IN = 4,
    GPIO_HI_IN = 8,
    GPIO = 0x10,
    FIFO_ST = 0x50,
    DIV = 0x60,
    DIV_CSR = 0x78,
    SPINLOCK = 0x100
};
enum { UDIVIDEND, UDIVISOR, SDIVIDEND, SDIVISOR, QUOTIENT, REMAINDER };

static void gpio_write(struct board *b, uint32_t at, uint32_t data)
{
    static const enum change order[4] = {PUT, SET, CLEAR, TOGGLE};
    uint32_t i = (at - GPIO) / 4, shift = b->chip == RP2040 ? 0 : (i & 1) * 32;
    bool enable = b->chip == RP2040 ? i >> 2 & 1 : i >> 3 & 1;
    if (b->chip == RP2040 && at >= 0x30) return; /* pins of the flash chip */
    enum change change = order[b->chip == RP2040 ? i & 3 : i >> 1 & 3];
    drive(b, enable ? &b->gpio_oe : &b->gpio_out, change, (uint64_t)0xffffffff << shift, (uint64_t)data << shift);
}

static void divide(struct board *b, uint32_t at)
{
    uint32_t *d = reg(b, SIO, DIV), i = (at - DIV) / 4;
    d[i ^ 2] = d[i]; /* signed and unsigned operands are the same registers */
    uint32_t n = d[UDIVIDEND], by = d[UDIVISOR];
    int64_t sn = (int32_t)n, sby = (int32_t)by;
    bool is_signed = i == SDIVIDEND || i == SDIVISOR;
    if (!by) d[QUOTIENT] = is_signed && sn < 0 ? 1 : 0xffffffff, d[REMAINDER] = n;
    else if (is_signed) d[QUOTIENT] = (uint32_t)(sn / sby), d[REMAINDER] = (uint32_t)(sn % sby);
    else d[QUOTIENT] = n / by, d[REMAINDER] = n % by;
}

uint32_t sio_read(struct board *b, uint32_t at, uint32_t stored)
{
    uint64_t in = b->gpio_out & b->gpio_oe;
    if (at == CPUID) return 0;
    if (at == GPIO_IN) return (uint32_t)in;
    if (at == GPIO_HI_IN) return (uint32_t)(in >> 32) | select_line(b);
    if (at >= GPIO && at < FIFO_ST) {
        bool enable = at >= (b->chip == RP2040 ? 0x20u : 0x30u), high = b->chip == RP2350 && at & 4;
        return (uint32_t)((enable ? b->gpio_oe : b->gpio_out) >> (high ? 32 : 0));
    }
    if (at == FIFO_ST) return 2; /* room to write, nothing to read: there is no other core */
    if (b->chip == RP2040 && at == DIV + 4 * QUOTIENT) *reg(b, SIO, DIV_CSR) = 0; /* whoever divided has the result */
    if (b->chip == RP2040 && at == DIV_CSR)
        return stored | 1; /* ready; and bit 1, dirty: an interrupt must save it all */
    if (at < SPINLOCK || at >= SPINLOCK + 0x80) return stored;
    *reg(b, SIO, at) = 1; /* reading takes the lock, and tells whether it was free */
    return stored ? 0 : 1u << (at - SPINLOCK) / 4;
}

void sio_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at >= GPIO && at < FIFO_ST) gpio_write(b, at, data);
    if (at >= SPINLOCK && at < SPINLOCK + 0x80) *reg(b, SIO, at) = 0;
    if (b->chip == RP2040 && at >= DIV && at < DIV + 0x10) divide(b, at);
    if (b->chip == RP2040 && at >= DIV && at < DIV_CSR) *reg(b, SIO, DIV_CSR) = 2;
    if (at >= 0x80 && at < SPINLOCK) complain(b, "interpolator", 0xd0000000 + at);
}

/* The RP2350's GPIO as coprocessor 0: MCR and MRC move 32 bits, MCRR and MRRC 64, or a pin and its level. */
void gpio_coprocessor(struct board *b, uint32_t op)
{
    static const enum change order[4] = {PUT, TOGGLE, SET, CLEAR};
    bool two = (op & 0x0f000000) == 0x0c000000, load = op >> 20 & 1;
    unsigned opc = two ? op >> 4 & 15 : op >> 21 & 7, crm = op & 15, rt = op >> 12 & 15, rt2 = op >> 16 & 15;
    uint64_t *v = crm & 4 ? &b->gpio_oe : &b->gpio_out, in = (b->gpio_out & b->gpio_oe) | (uint64_t)select_line(b)
                                                                                              << 32;
    uint64_t value = crm & 8 ? in : *v;
    unsigned shift = crm & 1 ? 32 : 0;
    if (load) {
        cpu_set(b, UC_ARM_REG_R0 + (int)rt, (uint32_t)(value >> shift));
        if (two) cpu_set(b, UC_ARM_REG_R0 + (int)rt2, (uint32_t)(value >> 32));
        return;
    }
    uint32_t a = cpu_get(b, UC_ARM_REG_R0 + (int)rt), c = two ? cpu_get(b, UC_ARM_REG_R0 + (int)rt2) : 1;
    enum change change = order[opc & 3];
    if (opc < 4 && two) drive(b, v, change, UINT64_MAX, (uint64_t)c << 32 | a);
    else if (opc < 4) drive(b, v, change, (uint64_t)0xffffffff << shift, (uint64_t)a << shift);
    else if (opc < 8) drive(b, v, change, (uint64_t)1 << (a & 63), (uint64_t)(c & 1) << (a & 63));
    else drive(b, v, change, (uint64_t)0xffffffff << (c & 1) * 32, (uint64_t)a << (c & 1) * 32);
}

/* --- PIO and PWM. --- */

enum { FSTAT = 0x04, FDEBUG = 0x08, TXF0 = 0x10, TXF3 = 0x1c };

static void pio_write(struct board *b, unsigned pio, uint32_t at, uint32_t data)
{
    if (at < TXF0 || at > TXF3 || !b->config.led) return;
    fprintf(b->config.led, "%llu pio%u.%u %08x\n", (unsigned long long)board_now_us(b), pio, (at - TXF0) / 4, data);
}

uint32_t pio_read(struct board *b, uint32_t at, uint32_t stored)
{
    if (at == FSTAT) return 0x0f000f00;  /* all FIFOs are empty */
    if (at == FDEBUG) return 0x0f000000; /* and everybody waits */
    return stored;
}

void pio0_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    pio_write(b, 0, at, data);
}
void pio1_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    pio_write(b, 1, at, data);
}
void pio2_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    pio_write(b, 2, at, data);
}

void pwm_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    uint32_t slice = at / 0x14, value = *reg(b, PWM, at);
    if (at % 0x14 != 0x0c || slice > 11 || value == before || !b->config.led) return;
    fprintf(b->config.led, "%llu pwm %u %u %u %u\n", (unsigned long long)board_now_us(b), slice, value & 0xffff,
            value >> 16, *reg(b, PWM, slice * 0x14 + 0x10));
}
