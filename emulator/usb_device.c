/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The USB controller of both chips in device mode, a token at a time: each is refused, answered or accepted as the buffer
 * controls in its memory say at that moment. There is no bus: a token takes no time, and no bit is ever lost. */
#include "internal.h"

#include <string.h>

enum { MAIN_CTRL = 0x40, SOF_RD = 0x48, SIE_CTRL = 0x4c, SIE_STATUS = 0x50, BUFF_STATUS = 0x58, ABORT = 0x60 };
enum { ABORT_DONE = 0x64, STALL_ARM = 0x68, USB_INTR = 0x8c, USB_INTE = 0x90, USB_INTF = 0x94, USB_INTS = 0x98 };
enum { FULL = 1 << 15, PID = 1 << 13, SELECT = 1 << 12, STALL = 1 << 11, AVAILABLE = 1 << 10, LENGTH = 0x3ff };
#define SETUP_RECEIVED (1u << 17)
#define BUS_RESET (1u << 19)
#define SOF_INTERRUPT (1u << 17)

static uint32_t interrupts(struct board *b)
{
    uint32_t status = *reg(b, USB, SIE_STATUS);
    return (*reg(b, USB, BUFF_STATUS) ? 1u << 4 : 0) | (status & BUS_RESET ? 1u << 12 : 0) |
           (status & SETUP_RECEIVED ? 1u << 16 : 0) | (b->sof_pending ? SOF_INTERRUPT : 0);
}

static uint32_t enabled_interrupts(struct board *b)
{
    return (interrupts(b) & *reg(b, USB, USB_INTE)) | *reg(b, USB, USB_INTF);
}

static void line(struct board *b)
{
    nvic_line(b, b->chip == RP2040 ? 5 : 14, enabled_interrupts(b) != 0);
}

void usb_reset(struct board *b)
{
    memset(b->regs[USB], 0, sizeof b->regs[USB]);
    *reg(b, USB, SIE_CTRL) = 0x8000; /* its value after reset: pull-downs */
    b->sof_pending = false;
    b->look |= LOOK_USB;
    line(b);
}

bool usb_pulled_up(const struct board *b)
{
    return b->regs[USB][SIE_CTRL / 4] >> 16 & 1 && b->regs[USB][MAIN_CTRL / 4] & 1;
}

void usb_bus_reset(struct board *b)
{
    memset(b->host.half, 0, sizeof b->host.half);
    *reg(b, USB, SIE_STATUS) |= BUS_RESET;
    line(b);
}

/* A frame every millisecond while the firmware asks for it. */
uint64_t sof_due(struct board *b)
{
    return *reg(b, USB, USB_INTE) & SOF_INTERRUPT && !b->sof_pending ? (b->sof_us / 1000 + 1) * 1000 : NEVER;
}

void sof_fire(struct board *b)
{
    if (board_now_us(b) < sof_due(b)) return;
    b->sof_us = board_now_us(b);
    b->sof_pending = true;
    line(b);
}

/* --- Tokens. --- */

void usb_setup(struct board *b, const uint8_t setup[8])
{
    memcpy(b->regs[DPRAM], setup, 8);
    *reg(b, USB, STALL_ARM) = 0;
    *reg(b, USB, SIE_STATUS) |= SETUP_RECEIVED;
    line(b);
}

struct endpoint {
    uint32_t *buffer; /* control word of the buffers */
    uint32_t at;      /* of the data of the half in turn */
    unsigned shift;   /* of that half in *buffer */
    bool enabled, stalled, twice, each;
};

static struct endpoint look_up(struct board *b, unsigned ep, bool in)
{
    struct endpoint e = {
        .buffer = reg(b, DPRAM, 0x80 + ep * 8 + (in ? 0 : 4)), .at = 0x100, .enabled = true, .each = true};
    bool armed = *reg(b, USB, STALL_ARM) & (in ? 1 : 2);
    e.stalled = *e.buffer & STALL && (ep || armed);
    if (!ep) return e;
    uint32_t control = *reg(b, DPRAM, 8 + (ep - 1) * 8 + (in ? 0 : 4));
    e.enabled = control >> 31;
    e.twice = control >> 30 & 1;
    e.each = control >> 29 & 1;
    e.shift = e.twice && b->host.half[in][ep] ? 16 : 0;
    e.at = (control & 0xffc0) + (e.shift ? 64 : 0);
    return e;
}

/* The half is the firmware's again. */
static void hand_back(struct board *b, unsigned ep, bool in, struct endpoint e, uint32_t half)
{
    *e.buffer = (*e.buffer & ~(0xffffu << e.shift)) | half << e.shift;
    if (e.twice) b->host.half[in][ep] = !b->host.half[in][ep];
    if (!e.twice || e.each || e.shift) *reg(b, USB, BUFF_STATUS) |= 1u << (ep * 2 + (in ? 0 : 1));
    line(b);
}

static enum handshake broken(unsigned ep, const char *what)
{
    fprintf(stderr, "pico-hsm-emu: USB endpoint %02x: %s\n", ep, what);
    return USB_BROKEN;
}

enum handshake usb_in(struct board *b, unsigned ep, bool toggle, uint8_t *data, uint32_t room, uint32_t *n)
{
    struct endpoint e = look_up(b, ep, true);
    uint32_t half = *e.buffer >> e.shift & 0xffff;
    if (e.stalled) return USB_STALL_SENT;
    if (!e.enabled || !(half & AVAILABLE) || !(half & FULL)) return USB_NAK;
    *n = half & LENGTH;
    if (e.at + *n > 4096) return broken(ep | 0x80, "buffer beyond the controller's memory");
    if (*n > room) return broken(ep | 0x80, "more data than asked for");
    if (((half & PID) != 0) != toggle) return broken(ep | 0x80, "wrong data toggle");
    if (*n) memcpy(data, (uint8_t *)b->regs[DPRAM] + e.at, *n);
    hand_back(b, ep, true, e, half & ~(uint32_t)(AVAILABLE | FULL));
    return USB_ACK;
}

enum handshake usb_out(struct board *b, unsigned ep, bool toggle, const uint8_t *data, uint32_t n)
{
    struct endpoint e = look_up(b, ep, false);
    uint32_t half = *e.buffer >> e.shift & 0xffff;
    if (e.stalled) return USB_STALL_SENT;
    if (!e.enabled || !(half & AVAILABLE) || half & FULL) return USB_NAK;
    if (((half & PID) != 0) != toggle) return broken(ep, "wrong data toggle");
    if (n > (half & LENGTH)) return broken(ep, "packet longer than its buffer");
    if (e.at + n > 4096) return broken(ep, "buffer beyond the controller's memory");
    if (n) memcpy((uint8_t *)b->regs[DPRAM] + e.at, data, n);
    hand_back(b, ep, false, e, (half & ~(uint32_t)(AVAILABLE | LENGTH)) | FULL | n);
    return USB_ACK;
}

/* --- Registers. --- */

uint32_t dpram_read(struct board *b, uint32_t at, uint32_t stored)
{
    return stored;
}

void dpram_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at < 8 || at >= 0x100) return;
    uint32_t *word = reg(b, DPRAM, at);
    if (at >= 0x80 && *word & SELECT) { /* back to the first half */
        b->host.half[!(at & 4)][(at - 0x80) / 8] = false;
        *word &= ~(uint32_t)SELECT;
    }
    b->look |= LOOK_USB;
}

uint32_t usb_read(struct board *b, uint32_t at, uint32_t stored)
{
    switch (at) {
    case SOF_RD:
        b->sof_pending = false;
        line(b);
        return (uint32_t)(board_now_us(b) / 1000 & 0x7ff);
    case SIE_STATUS: return stored | 1u | (usb_configured(b) ? 1u << 16 : 0); /* power on the cable; connected */
    case ABORT_DONE: return *reg(b, USB, ABORT);
    case USB_INTR: return interrupts(b);
    case USB_INTS: return enabled_interrupts(b);
    default: return stored;
    }
}

void usb_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at == SIE_STATUS || at == BUFF_STATUS) *reg(b, USB, at) = before & ~data;
    if (at == USB_INTE) b->look |= LOOK_TIME;
    b->look |= LOOK_USB;
    line(b);
}
