/* SPDX-License-Identifier: Apache-2.0 */
/* Framing of vpcd as a state machine without memory of its own: header, payload, event, reply. Whatever a peer
 * sends, a command gets one answer, and nothing longer than a command can be is ever kept. */
#include "link/vpcd.h"

enum control { CONTROL_POWER_OFF = 0, CONTROL_POWER_ON = 1, CONTROL_RESET = 2, CONTROL_ATR = 4 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A command may carry a PIN and an answer a plaintext: neither stays here until the next one. */
static void next_frame(struct vpcd *v)
{
    wipe((span){v->frame, smaller(v->frame_got, VPCD_APDU_MAX)});
    v->header_got = 0;
    v->frame_size = 0;
    v->frame_got = 0;
}

static void forget_reply(struct vpcd *v)
{
    wipe((span){v->reply, v->reply_size});
    v->reply_size = 0;
}

void vpcd_open(struct vpcd *v, const struct vpcd_card *card)
{
    *v = (struct vpcd){.card = card};
}

void vpcd_lost(struct vpcd *v)
{
    forget_reply(v);
    next_frame(v);
    v->card->reset(v->card->ctx);
}

static const uint8_t internal_error[] = {0x6F, 0x00};

/* An answer the card must not give (too short, too long) becomes 6F00: the host waits for a frame. */
static bytes reply(struct vpcd *v, bytes answer, size_t shortest)
{
    if (answer.n < shortest || answer.n > VPCD_ANSWER_MAX) answer = BYTES(internal_error);
    buf out = BUF(v->reply);
    put_u16(&out, (uint16_t)answer.n);
    put_bytes(&out, answer);
    v->reply_size = out.n;
    return written(&out);
}

static bytes control(struct vpcd *v, uint8_t code)
{
    switch (code) {
    case CONTROL_POWER_OFF:
    case CONTROL_POWER_ON:
    case CONTROL_RESET: v->card->reset(v->card->ctx); return NO_BYTES;
    case CONTROL_ATR: return reply(v, v->card->atr(v->card->ctx), 1);
    default: return NO_BYTES; /* not ours to understand; a control byte is never owed an answer */
    }
}

/* A command cut to what fits could be a valid command with another meaning; none at all cannot. */
static bytes command(struct vpcd *v)
{
    bytes apdu = v->frame_size > VPCD_APDU_MAX ? NO_BYTES : (bytes){v->frame, v->frame_size};
    return reply(v, v->card->command(v->card->ctx, apdu), 2);
}

static bytes event(struct vpcd *v)
{
    bytes out = v->frame_size == 1 ? control(v, v->frame[0]) : command(v);
    next_frame(v);
    return out;
}

/* Is the header whole now? */
static bool take_header(struct vpcd *v, reader *in)
{
    while (v->header_got < sizeof v->header && in->left.n > 0) v->header[v->header_got++] = rd_u8(in);
    v->frame_size = be_get((bytes){v->header, v->header_got});
    return v->header_got == sizeof v->header;
}

/* Is the payload whole now? */
static bool take_payload(struct vpcd *v, reader *in)
{
    bytes part = rd_take(in, smaller(in->left.n, v->frame_size - v->frame_got));
    size_t room = VPCD_APDU_MAX - smaller(v->frame_got, VPCD_APDU_MAX);
    size_t kept = smaller(part.n, room);
    if (kept > 0) memcpy(v->frame + v->frame_got, part.p, kept);
    v->frame_got += part.n;
    return v->frame_got == v->frame_size;
}

bytes vpcd_feed(struct vpcd *v, reader *in)
{
    forget_reply(v);
    while (in->left.n > 0) { /* every round takes a byte */
        if (!take_header(v, in)) break;
        if (v->frame_size == 0) {
            next_frame(v);
            continue;
        }
        if (!take_payload(v, in)) break;
        bytes out = event(v);
        if (out.n > 0) return out;
    }
    return NO_BYTES;
}
