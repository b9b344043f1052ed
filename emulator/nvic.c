/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The private peripherals of the core: interrupt controller, SysTick, system control block. */
#include "internal.h"

enum {
    ISER = 0x100,
    ICER = 0x180,
    ISPR = 0x200,
    ICPR = 0x280,
    IPR = 0x400,
    ICSR = 0xd04,
    AIRCR = 0xd0c,
    SHPR1 = 0xd18
};
enum { SYST_CSR = 0x10, SYST_RVR = 0x14, SYST_CVR = 0x18 };

static uint64_t waiting(const struct board *b)
{
    return (b->nvic.lines | b->nvic.pending) & b->nvic.enabled;
}

bool nvic_any(const struct board *b)
{
    return waiting(b) || b->nvic.system;
}

void nvic_line(struct board *b, unsigned irq, bool level)
{
    uint64_t bit = (uint64_t)1 << irq;
    b->nvic.lines = level ? b->nvic.lines | bit : b->nvic.lines & ~bit;
    if (level) b->look |= LOOK_IRQ;
}

int nvic_priority(struct board *b, unsigned exception)
{
    if (exception < 4) return (int)exception - 4; /* NMI -2, HardFault -1 */
    uint32_t word =
        exception < 16 ? *reg(b, PPB, SHPR1 - 4 + (exception & ~3u)) : *reg(b, PPB, IPR + ((exception - 16) & ~3u));
    return (int)(word >> (exception & 3) * 8 & (b->chip == RP2040 ? 0xc0 : 0xf0));
}

/* What runs now keeps everything of its own or less urgency out. */
static int running_priority(struct board *b, bool ignore_masks)
{
    int now = 256;
    for (int i = 0; i < b->cpu.depth; i++)
        if (b->cpu.active[i].priority < now) now = b->cpu.active[i].priority;
    if (ignore_masks) return now;
    if (now > 0 && cpu_get(b, UC_ARM_REG_PRIMASK) & 1) now = 0;
    if (b->chip == RP2040) return now;
    int base = (int)cpu_get(b, UC_ARM_REG_BASEPRI) & 0xf0;
    if (base && base < now) now = base;
    return now > -1 && cpu_get(b, UC_ARM_REG_FAULTMASK) & 1 ? -1 : now;
}

unsigned nvic_next(struct board *b, bool ignore_masks)
{
    if (!nvic_any(b)) return 0;
    int limit = running_priority(b, ignore_masks);
    unsigned best = 0;
    uint64_t irqs = waiting(b);
    for (unsigned i = 2; i < 16 + 52; i++) {
        if (!(i < 16 ? b->nvic.system >> i & 1 : irqs >> (i - 16) & 1)) continue;
        int priority = nvic_priority(b, i);
        if (priority < limit) limit = priority, best = i;
    }
    return best;
}

void nvic_acknowledge(struct board *b, unsigned exception)
{
    if (exception < 16) b->nvic.system &= ~(1u << exception);
    else b->nvic.pending &= ~((uint64_t)1 << (exception - 16));
}

/* --- SysTick: counts core cycles, or microseconds. --- */

static uint64_t systick_count(const struct board *b, uint32_t csr)
{
    return csr & 4 ? b->cycles : board_now_us(b);
}

uint64_t nvic_due(struct board *b)
{
    uint32_t csr = *reg(b, PPB, SYST_CSR), period = (*reg(b, PPB, SYST_RVR) & 0xffffff) + 1;
    if ((csr & 3) != 3 || period < 2) return NEVER;
    uint64_t left = b->nvic.systick_from + period - systick_count(b, csr);
    if (left > period) left = 0; /* late already */
    return board_now_us(b) + (csr & 4 ? left * 1000 / b->khz : left);
}

void nvic_fire(struct board *b)
{
    uint32_t csr = *reg(b, PPB, SYST_CSR), period = (*reg(b, PPB, SYST_RVR) & 0xffffff) + 1;
    uint64_t now = systick_count(b, csr);
    if (now < b->nvic.systick_from + period) return;
    b->nvic.systick_from = now - (now - b->nvic.systick_from) % period;
    *reg(b, PPB, SYST_CSR) |= 1u << 16;
    b->nvic.system |= 1u << 15;
    b->look |= LOOK_IRQ;
}

static uint32_t systick_value(struct board *b)
{
    uint32_t csr = *reg(b, PPB, SYST_CSR), period = (*reg(b, PPB, SYST_RVR) & 0xffffff) + 1;
    return csr & 1 ? period - 1 - (uint32_t)((systick_count(b, csr) - b->nvic.systick_from) % period) : 0;
}

/* --- Registers. --- */

static uint32_t half(uint64_t v, uint32_t at)
{
    return at & 4 ? (uint32_t)(v >> 32) : (uint32_t)v;
}

uint32_t ppb_read(struct board *b, uint32_t at, uint32_t stored)
{
    switch (at & ~7u) {
    case ISER:
    case ICER: return half(b->nvic.enabled, at);
    case ISPR:
    case ICPR: return half(b->nvic.pending | b->nvic.lines, at);
    default: break;
    }
    switch (at) {
    case SYST_CSR: *reg(b, PPB, at) &= ~(1u << 16); return stored;
    case SYST_CVR: return systick_value(b);
    case 0xd00: return b->chip == RP2040 ? 0x410cc601 : 0x411fd210; /* CPUID */
    case ICSR:
        return (cpu_get(b, UC_ARM_REG_XPSR) & 0x1ff) | (b->nvic.system >> 14 & 1) << 28 |
               (b->nvic.system >> 15 & 1) << 26;
    case AIRCR: return 0xfa050000 | (stored & 0x4000);
    default: return stored;
    }
}

static void icsr(struct board *b, uint32_t data)
{
    if (data & 1u << 31) b->nvic.system |= 1u << 2;
    if (data & 1u << 28) b->nvic.system |= 1u << 14;
    if (data & 1u << 27) b->nvic.system &= ~(1u << 14);
    if (data & 1u << 26) b->nvic.system |= 1u << 15;
    if (data & 1u << 25) b->nvic.system &= ~(1u << 15);
}

void ppb_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    uint64_t bits = at & 4 ? (uint64_t)data << 32 : data;
    switch (at & ~7u) {
    case ISER: b->nvic.enabled |= bits; break;
    case ICER: b->nvic.enabled &= ~bits; break;
    case ISPR: b->nvic.pending |= bits; break;
    case ICPR: b->nvic.pending &= ~bits; break;
    default: break;
    }
    if (at == SYST_CSR || at == SYST_CVR || at == SYST_RVR) {
        if (at == SYST_CVR || (at == SYST_CSR && data & ~before & 1))
            b->nvic.systick_from = systick_count(b, *reg(b, PPB, SYST_CSR));
        b->look |= LOOK_TIME;
    }
    if (at == ICSR) icsr(b, data);
    if (at == AIRCR) {
        *reg(b, PPB, AIRCR) = data & 0x4000;
        if (data >> 16 == 0x05fa && data & 4) board_reset_later(b, 0);
    }
    if (at == 0xd28 || at == 0xd2c) *reg(b, PPB, at) = before & ~data; /* CFSR, HFSR */
    b->look |= LOOK_IRQ;
}
