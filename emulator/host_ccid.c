/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
#include "host_ccid.h"

#include <string.h>

enum {
    ICC_POWER_ON = 0x62,
    XFR_BLOCK = 0x6f,
    ABORT = 0x72,
    DATA_BLOCK = 0x80,
    SLOT_STATUS = 0x81,
    HEADER = 10,
    SLICE = 10000000
};
enum { TIME_EXTENSION = 0x80 };

/* --- Time, and transfers. --- */

/* False when the board has ended. */
static bool pass_time(struct host_ccid *h, uint64_t until_us)
{
    h->state = board_step(h->b, SLICE);
    if (h->state == BOARD_ASLEEP) board_skip_to(h->b, until_us);
    return h->state <= BOARD_ASLEEP;
}

enum host_result host_wait(struct host_ccid *h, struct transfer *t)
{
    uint64_t until_us = board_now_us(h->b) + h->patience_us;
    while (!t->finished) {
        if (board_now_us(h->b) >= until_us) {
            usb_cancel(h->b, t);
            return HOST_SILENT;
        }
        if (!pass_time(h, until_us)) return HOST_ENDED;
    }
    return t->status == EMU_OK ? HOST_OK : t->status == EMU_GONE ? HOST_LOST : HOST_BROKEN;
}

static enum host_result carry(struct host_ccid *h, struct transfer *t)
{
    usb_submit(h->b, t);
    return host_wait(h, t);
}

static enum host_result bulk(struct host_ccid *h, uint8_t endpoint, uint8_t *data, size_t *n)
{
    struct transfer t = {.endpoint = endpoint, .data = data, .length = (uint32_t)*n};
    enum host_result r = carry(h, &t);
    *n = t.done;
    return r;
}

static enum host_result control(struct host_ccid *h, const uint8_t setup[8], uint8_t *data, size_t *n)
{
    struct transfer t = {.control = true, .data = data, .length = setup[6] | (uint32_t)setup[7] << 8};
    memcpy(t.setup, setup, 8);
    enum host_result r = carry(h, &t);
    *n = t.done;
    return r;
}

/* --- Opening. --- */

/* The endpoints of the first interface of class 0B. */
static bool find_reader(struct host_ccid *h, const uint8_t *d, size_t n)
{
    bool ours = false;
    for (size_t at = 0; at + 7 <= n && d[at] >= 2; at += d[at]) {
        if (d[at + 1] == 4) {
            if (ours) return true;
            ours = d[at + 5] == 0x0b;
            h->interface = d[at + 2];
        }
        if (ours && d[at + 1] == 5 && (d[at + 3] & 3) == 2) *(d[at + 2] & 0x80 ? &h->in : &h->out) = d[at + 2];
    }
    return ours;
}

enum host_result host_open(struct host_ccid *h, struct board *b)
{
    static const uint8_t ask[8] = {0x80, 6, 0, 2, 0, 0, 0, 2};
    uint8_t descriptor[512];
    size_t n;
    *h = (struct host_ccid){.b = b, .patience_us = 60000000};
    enum host_result r = control(h, ask, descriptor, &n);
    if (r != HOST_OK) return r;
    return find_reader(h, descriptor, n) && h->in && h->out ? HOST_OK : HOST_BROKEN;
}

/* --- Messages. --- */

enum host_result host_message(struct host_ccid *h, const uint8_t *message, size_t n, uint8_t *answer,
                              size_t *answer_size)
{
    uint8_t out[HEADER + 65536];
    if (n > sizeof out) return HOST_BROKEN;
    memcpy(out, message, n);
    enum host_result r = bulk(h, h->out, out, &n);
    return r == HOST_OK ? bulk(h, h->in, answer, answer_size) : r;
}

/* CCID 5.3.1: the abort comes twice, over the control pipe and over the bulk pipe, with one sequence number. */
static enum host_result abort_command(struct host_ccid *h, uint8_t sequence)
{
    const uint8_t setup[8] = {0x21, 1, 0, sequence, h->interface, 0, 0, 0};
    uint8_t message[HEADER] = {ABORT, 0, 0, 0, 0, 0, sequence};
    size_t n = 0;
    enum host_result r = control(h, setup, NULL, &n);
    n = sizeof message;
    return r == HOST_OK ? bulk(h, h->out, message, &n) : r;
}

static uint32_t length_of(const uint8_t *m)
{
    return m[1] | (uint32_t)m[2] << 8 | (uint32_t)m[3] << 16 | (uint32_t)m[4] << 24;
}

/* Takes messages until the answer to `sequence` is there, or, if it was aborted, the answer to that. */
static enum host_result await(struct host_ccid *h, uint8_t sequence, uint8_t *m, size_t room, size_t *n)
{
    for (bool aborted = false;;) {
        *n = room;
        enum host_result r = bulk(h, h->in, m, n);
        if (r != HOST_OK) return r;
        if (*n < HEADER || length_of(m) != *n - HEADER || m[6] != sequence) return HOST_BROKEN;
        h->status = m[7];
        h->error = m[8];
        if (aborted && m[0] == SLOT_STATUS) return m[7] >> 6 == 1 ? HOST_FAILED : HOST_ABORTED;
        if (aborted) continue; /* the command has ended, one way or the other */
        if (m[7] >> 6 == 1) return HOST_FAILED;
        if (m[0] != DATA_BLOCK) return HOST_BROKEN;
        if (!(m[7] & TIME_EXTENSION)) return HOST_OK;
        if (++h->extensions != h->abort_after) continue;
        r = abort_command(h, sequence);
        if (r != HOST_OK) return r;
        aborted = true;
    }
}

static enum host_result command(struct host_ccid *h, uint8_t type, const uint8_t *data, size_t n, uint8_t *reply,
                                size_t *reply_size)
{
    static const size_t room = HEADER + 65536 - 64;
    uint8_t message[HEADER + 65536] = {type, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), 0, 0, h->sequence};
    if (n > room - HEADER) return HOST_BROKEN;
    if (n) memcpy(message + HEADER, data, n);
    uint8_t sequence = h->sequence++;
    h->extensions = 0;
    n += HEADER;
    enum host_result r = bulk(h, h->out, message, &n);
    if (r == HOST_OK) r = await(h, sequence, message, room, &n);
    if (r != HOST_OK) return r;
    if (n - HEADER > *reply_size) return HOST_BROKEN;
    *reply_size = n - HEADER;
    memcpy(reply, message + HEADER, n - HEADER);
    return HOST_OK;
}

enum host_result host_power_on(struct host_ccid *h, uint8_t *atr, size_t *atr_size)
{
    return command(h, ICC_POWER_ON, NULL, 0, atr, atr_size);
}

enum host_result host_transmit(struct host_ccid *h, const uint8_t *apdu, size_t n, uint8_t *reply, size_t *reply_size)
{
    return command(h, XFR_BLOCK, apdu, n, reply, reply_size);
}
