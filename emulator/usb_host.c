/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The other end of the cable: a hub that notices the device, resets and configures it, and an engine that carries
 * transfers as tokens. What the device refuses for now is tried again when it has touched its buffers, never by polling. */
#include "internal.h"

#include <string.h>

// clang-format off
enum stage {
    UNPLUGGED, SETTLING, RESETTING, RECOVERING, ASK_FIRST, SET_ADDRESS, ADDRESSED, ASK_DEVICE, ASK_HEADER, ASK_CONFIGURATION,
    CONFIGURE, CONFIGURED
};

/* What is asked in each stage, and how long the next one waits. */
static const struct { uint8_t setup[8]; uint32_t wait_us; } steps[] = {
    [ASK_FIRST] = {{0x80, 6, 0, 1, 0, 0, 64, 0}, 0},
    [SET_ADDRESS] = {{0x00, 5, 1, 0, 0, 0, 0, 0}, 2000},
    [ASK_DEVICE] = {{0x80, 6, 0, 1, 0, 0, 18, 0}, 0},
    [ASK_HEADER] = {{0x80, 6, 0, 2, 0, 0, 9, 0}, 0},
    [ASK_CONFIGURATION] = {{0x80, 6, 0, 2, 0, 0, 0, 0}, 0},
    [CONFIGURE] = {{0x00, 9, 0, 0, 0, 0, 0, 0}, 0},
};
// clang-format on

enum { SETTLE_US = 1000, RESET_US = 10000, RECOVER_US = 10000, PATIENCE_US = 5000000 };

bool usb_attached(const struct board *b)
{
    return b->host.stage != UNPLUGGED;
}
bool usb_configured(const struct board *b)
{
    return b->host.stage == CONFIGURED;
}

bool usb_waiting(const struct board *b)
{
    for (const struct transfer *t = b->host.first; t; t = t->next)
        if (t->control || !(b->host.interrupt >> (t->endpoint & 15) & 1)) return true;
    return false;
}

/* --- The list of transfers. --- */

void usb_submit(struct board *b, struct transfer *t)
{
    struct transfer **end = &b->host.first;
    while (*end) end = &(*end)->next;
    t->next = NULL;
    t->finished = false;
    t->done = 0;
    t->stage = 0;
    *end = t;
    b->look |= LOOK_USB;
}

static void unlink_transfer(struct board *b, struct transfer *t)
{
    struct transfer **at = &b->host.first;
    while (*at && *at != t) at = &(*at)->next;
    if (*at) *at = t->next;
}

static void next_stage(struct board *b, bool ok);

static void finish(struct board *b, struct transfer *t, int32_t status)
{
    unlink_transfer(b, t);
    t->status = status;
    t->finished = true;
    b->look |= LOOK_STOP;
    if (t == &b->host.own) next_stage(b, status == EMU_OK);
}

void usb_cancel(struct board *b, struct transfer *t)
{
    if (!t->finished) unlink_transfer(b, t);
    b->look |= LOOK_USB; /* somebody may have waited behind it */
}

/* The device has gone, and what was under way with it; who waits for a device goes on waiting. */
void usb_detach(struct board *b, bool for_good)
{
    bool end = for_good || usb_attached(b);
    b->host.stage = UNPLUGGED;
    b->host.due_us = NEVER;
    unlink_transfer(b, &b->host.own);
    while (end && b->host.first) finish(b, b->host.first, EMU_GONE);
}

/* --- One packet of a transfer. --- */

static int32_t status_of(enum handshake h)
{
    return h == USB_STALL_SENT ? EMU_STALL : EMU_FAULT;
}

/* True when something moved. */
static bool data_in(struct board *b, struct transfer *t, unsigned ep)
{
    uint8_t packet[64];
    uint32_t n = 0, size = b->host.packet[1][ep], left = t->length - t->done;
    enum handshake h = usb_in(b, ep, b->host.toggle[1][ep], packet, size, &n);
    if (h == USB_NAK) return false;
    if (h == USB_ACK && n > left) {
        fprintf(stderr, "pico-hsm-emu: USB endpoint %02x: %u bytes where %u were asked for\n", ep | 0x80, n, left);
        h = USB_BROKEN;
    }
    if (h != USB_ACK) {
        finish(b, t, status_of(h));
        return true;
    }
    b->host.toggle[1][ep] = !b->host.toggle[1][ep];
    if (n) memcpy(t->data + t->done, packet, n);
    t->done += n;
    if (n == size && t->done < t->length) return true;
    if (t->control) t->stage = 2;
    else finish(b, t, EMU_OK);
    return true;
}

static bool data_out(struct board *b, struct transfer *t, unsigned ep)
{
    uint32_t size = b->host.packet[0][ep], left = t->length - t->done, n = left < size ? left : size;
    enum handshake h = usb_out(b, ep, b->host.toggle[0][ep], n ? t->data + t->done : NULL, n);
    if (h == USB_NAK) return false;
    if (h != USB_ACK) {
        finish(b, t, status_of(h));
        return true;
    }
    b->host.toggle[0][ep] = !b->host.toggle[0][ep];
    t->done += n;
    if (t->done < t->length) return true;
    if (!t->control) b->host.last_out_us = board_now_us(b);
    if (t->control) t->stage = 2;
    else finish(b, t, EMU_OK);
    return true;
}

/* Requests after which the data toggles start over. */
static void toggles(struct board *b, const uint8_t *setup)
{
    if ((setup[0] == 0 && setup[1] == 9) || (setup[0] == 1 && setup[1] == 11))
        memset(b->host.toggle, 0, sizeof b->host.toggle); /* SET_CONFIGURATION, SET_INTERFACE */
    if (setup[0] == 2 && setup[1] == 1) b->host.toggle[setup[4] >> 7][setup[4] & 15] = false; /* CLEAR_FEATURE(HALT) */
}

static bool control(struct board *b, struct transfer *t)
{
    uint32_t n = 0;
    bool in = t->setup[0] & 0x80;
    switch (t->stage) {
    case 0:
        usb_setup(b, t->setup);
        b->host.toggle[0][0] = b->host.toggle[1][0] = true;
        t->stage = t->length ? 1 : 2;
        return true;
    case 1: return in ? data_in(b, t, 0) : data_out(b, t, 0);
    default: break;
    }
    bool status_in = !in || !t->length;
    enum handshake h = status_in ? usb_in(b, 0, true, NULL, 0, &n) : usb_out(b, 0, true, NULL, 0);
    if (h == USB_NAK) return false;
    if (h == USB_ACK) toggles(b, t->setup);
    finish(b, t, h == USB_ACK ? EMU_OK : status_of(h));
    return true;
}

static bool same_pipe(const struct transfer *a, const struct transfer *t)
{
    return a->control == t->control && (a->control || a->endpoint == t->endpoint);
}

/* Of each pipe only the oldest transfer moves; of clients' only when the device is configured. */
static bool may_move(struct board *b, const struct transfer *t)
{
    if (t != &b->host.own && b->host.stage != CONFIGURED) return false;
    for (const struct transfer *a = b->host.first; a != t; a = a->next)
        if (same_pipe(a, t) && (b->host.stage == CONFIGURED || a == &b->host.own)) return false;
    return true;
}

static bool move_one(struct board *b)
{
    for (struct transfer *t = b->host.first; t; t = t->next) {
        if (!may_move(b, t)) continue;
        if (t->control           ? control(b, t)
            : t->endpoint & 0x80 ? data_in(b, t, t->endpoint & 15)
                                 : data_out(b, t, t->endpoint & 15))
            return true;
    }
    return false;
}

void usb_progress(struct board *b)
{
    b->look &= ~(unsigned)LOOK_USB;
    if (usb_pulled_up(b) != usb_attached(b)) {
        usb_detach(b, false);
        if (usb_pulled_up(b)) b->host.stage = SETTLING, b->host.due_us = board_now_us(b) + SETTLE_US;
        b->look |= LOOK_TIME;
    }
    while (move_one(b)) {}
}

/* --- Enumeration. --- */

static void ask(struct board *b)
{
    struct host *h = &b->host;
    h->own = (struct transfer){.control = true, .data = h->buffer};
    memcpy(h->own.setup, steps[h->stage].setup, 8);
    if (h->stage == ASK_CONFIGURATION) memcpy(h->own.setup + 6, h->buffer + 2, 2);
    if (h->stage == CONFIGURE) h->own.setup[2] = h->buffer[5];
    h->own.length = h->own.setup[6] | (uint32_t)h->own.setup[7] << 8;
    h->due_us = board_now_us(b) + PATIENCE_US;
    if (h->own.length > sizeof h->buffer) h->own.length = sizeof h->buffer;
    usb_submit(b, &h->own);
}

static void read_endpoints(struct host *h)
{
    for (uint32_t at = 0; at + 2 <= h->own.done && h->buffer[at] >= 2; at += h->buffer[at]) {
        const uint8_t *d = h->buffer + at;
        if (d[1] != 5 || d[0] < 7 || at + 7 > h->own.done || d[4] > 64) continue;
        h->packet[d[2] >> 7][d[2] & 15] = d[4];
        if ((d[3] & 3) == 3) h->interrupt |= (uint16_t)(1u << (d[2] & 15));
    }
}

static void start_over(struct board *b, const char *why)
{
    struct host *h = &b->host;
    if (h->failures++ < 3)
        fprintf(stderr, "pico-hsm-emu: the device does not answer the hub (%s, step %d)\n", why, h->stage);
    unlink_transfer(b, &h->own);
    h->stage = SETTLING;
    h->due_us = board_now_us(b) + 100000;
}

static void next_stage(struct board *b, bool ok)
{
    struct host *h = &b->host;
    if (h->stage < ASK_FIRST || h->stage == CONFIGURED) return;
    b->look |= LOOK_TIME | LOOK_USB;
    if (!ok) {
        start_over(b, "stall or fault");
        return;
    }
    if (h->stage == ASK_CONFIGURATION) read_endpoints(h);
    uint32_t wait_us = steps[h->stage].wait_us;
    h->stage++;
    h->due_us = wait_us ? board_now_us(b) + wait_us : NEVER;
    if (h->stage == CONFIGURED) h->failures = 0;
    else if (h->stage != ADDRESSED) ask(b);
}

static void hub(struct board *b)
{
    struct host *h = &b->host;
    uint64_t now = board_now_us(b);
    switch ((enum stage)h->stage) {
    case SETTLING:
        memset(h->toggle, 0, sizeof h->toggle);
        for (unsigned i = 0; i < 32; i++) h->packet[i / 16][i % 16] = 64;
        h->interrupt = 0;
        usb_bus_reset(b);
        h->stage = RESETTING, h->due_us = now + RESET_US;
        break;
    case RESETTING: h->stage = RECOVERING, h->due_us = now + RECOVER_US; break;
    case RECOVERING: h->stage = ASK_FIRST, ask(b); break;
    case ADDRESSED: h->stage = ASK_DEVICE, ask(b); break;
    case UNPLUGGED:
    case CONFIGURED: h->due_us = NEVER; break;
    default: start_over(b, "time"); break;
    }
}

uint64_t usb_due(struct board *b)
{
    uint64_t sof = sof_due(b);
    return sof < b->host.due_us ? sof : b->host.due_us;
}

void usb_fire(struct board *b)
{
    sof_fire(b);
    if (board_now_us(b) >= b->host.due_us) hub(b);
}
