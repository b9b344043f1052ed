/* SPDX-License-Identifier: Apache-2.0 */
/* Chaining and long replies. Nothing is executed before the last link; nothing is answered twice. */
#include "card/chain.h"

#include "card/commands.h"
#include "card/hsm.h"

/* ---- replies ---- */

/* The status word overwrites the reply's own bytes in the buffer; they come back before the next part goes out. */
static bytes frame(struct chain *c, size_t from, size_t n, uint16_t sw)
{
    uint8_t *end = c->reply_bytes + from + n;
    memcpy(c->under_status, end, sizeof c->under_status);
    end[0] = (uint8_t)(sw >> 8);
    end[1] = (uint8_t)sw;
    return (bytes){c->reply_bytes + from, n + 2};
}

static bytes bare(struct chain *c, uint16_t sw)
{
    return frame(c, 0, 0, sw);
}

static void drop_reply(struct chain *c)
{
    wipe(SPAN(c->reply_bytes));
    wipe(SPAN(c->under_status));
    c->reply = (buf){c->reply_bytes, 0, HSM_DATA_MAX, false};
    c->sent = 0;
    c->pending = false;
}

static void drop_chain(struct chain *c)
{
    wipe((span){c->data, c->size});
    c->size = 0;
    c->open = false;
}

/* At most `ne` of what is left, and 61xx while more remains. */
static bytes send_part(struct chain *c, size_t ne, uint16_t sw)
{
    size_t left = c->reply.n - c->sent, n = left < ne ? left : ne, from = c->sent;
    c->sent += n;
    left -= n;
    c->pending = left > 0;
    if (left) sw = (uint16_t)(0x6100 | (left > 0xFF ? 0 : left));
    return frame(c, from, n, sw);
}

/* The one place where a status becomes a status word. */
static uint16_t word_of(const struct hsm *h, status st)
{
    if (st != ST_PIN_WRONG) return status_word(st);
    return (uint16_t)(0x63C0 | (h->tries_left > 15 ? 15 : h->tries_left));
}

/* The word for what a command came to. A reply is kept when there is one to be had. */
static uint16_t settle(struct hsm *h, status st, uint32_t ne)
{
    struct chain *c = &h->chain;
    if (st == ST_OK && c->reply.full) st = ST_BAD_LENGTH;
    if ((st != ST_OK && st != ST_PUK_AUTHENTICATED) || ne == 0) drop_reply(c); /* DP-8: no Le, no data, still done */
    return word_of(h, st);
}

/* What lies in the reply, as far as the host has room for it. */
static bytes answer(struct chain *c, uint32_t ne, uint16_t sw)
{
    if (ne == 0) drop_reply(c);
    return send_part(c, ne, sw);
}

static bytes get_response(struct hsm *h, const struct apdu *a)
{
    struct chain *c = &h->chain;
    status st = a->p1 || a->p2 ? ST_BAD_P1P2 : a->data.n || a->ne == 0 ? ST_BAD_LENGTH : ST_OK;
    if (st == ST_OK && !c->pending) st = h->applet == APPLET_NONE ? ST_NOT_FOUND : ST_CONDITIONS;
    if (st != ST_OK) {
        drop_reply(c);
        return bare(c, status_word(st));
    }
    memcpy(c->reply_bytes + c->sent, c->under_status, sizeof c->under_status);
    return send_part(c, a->ne, status_word(ST_OK));
}

/* ---- commands ---- */

static bool is_secured(const struct apdu *a)
{
    return (a->cla & CLA_SECURED) == CLA_SECURED;
}

static status class_status(const struct hsm *h, const struct apdu *a)
{
    uint8_t rest = a->cla & (uint8_t) ~(CLA_PROPRIETARY | CLA_CHAINING);
    if (rest == CLA_SECURED) return h->channel.open ? ST_OK : ST_DATA_NOT_USABLE; /* no keys: apdu.md 4.6 */
    return rest == 0 ? ST_OK : ST_NO_CLASS;
}

static bool same_header(const struct hsm *h, const struct apdu *a)
{
    const struct chain *c = &h->chain;
    return c->secured == h->secured && c->cla == (a->cla & ~CLA_CHAINING) && c->ins == a->ins && c->p1 == a->p1 &&
           c->p2 == a->p2;
}

static void start_chain(struct hsm *h, const struct apdu *a)
{
    struct chain *c = &h->chain;
    c->open = true;
    c->secured = h->secured;
    c->size = 0;
    c->cla = (uint8_t)(a->cla & ~CLA_CHAINING);
    c->ins = a->ins;
    c->p1 = a->p1;
    c->p2 = a->p2;
}

static status join(struct hsm *h, const struct apdu *a)
{
    struct chain *c = &h->chain;
    if (!c->open) start_chain(h, a);
    if (!same_header(h, a)) return ST_CHAIN_BROKEN;
    if (a->data.n > HSM_DATA_MAX - c->size) return ST_BAD_LENGTH;
    if (a->data.n) memmove(c->data + c->size, a->data.p, a->data.n); /* a secured link lies there already */
    c->size += a->data.n;
    return ST_OK;
}

static uint16_t run(struct hsm *h, const struct apdu *a)
{
    const char *name;
    const struct hsm_board *board = h->board;
    board->led->show(board->led->ctx, LED_PROCESSING);
    h->led_after = LED_IDLE;
    status st = dispatch(h, a, &h->chain.reply, &name);
    session_settle(h);
    board->led->show(board->led->ctx, h->led_after);
    size_t size = h->chain.reply.n;
    uint16_t sw = settle(h, st, a->ne);
    if (board->trace) board->trace(board->trace_ctx, name, a->data.n, size, sw);
    return sw;
}

static uint16_t refuse_link(struct hsm *h, status st)
{
    drop_chain(&h->chain);
    return status_word(st);
}

/* One link of a chain, the last one included. */
static uint16_t run_link(struct hsm *h, struct apdu *a)
{
    struct chain *c = &h->chain;
    status st = join(h, a);
    if (st != ST_OK) return refuse_link(h, st);
    if (a->cla & CLA_CHAINING) return status_word(ST_OK);
    a->data = (bytes){c->data, c->size};
    uint16_t sw = run(h, a);
    drop_chain(c);
    return sw;
}

/* A command or a link without protection, or without it by now. Its reply waits in the chain. */
static uint16_t run_or_join(struct hsm *h, struct apdu *a)
{
    struct chain *c = &h->chain;
    if (a->data.n > HSM_DATA_MAX) return refuse_link(h, ST_BAD_LENGTH);
    if (a->ins == INS_SELECT && a->p1 == SELECT_P1_AID && !(a->cla & CLA_CHAINING)) drop_chain(c);
    return c->open || (a->cla & CLA_CHAINING) ? run_link(h, a) : run(h, a);
}

static bytes refuse(struct hsm *h, status st)
{
    chain_reset(h);
    return bare(&h->chain, status_word(st));
}

/* ---- secure messaging (apdu.md 4.6) ---- */

/* Whoever is on the line gets one try: no keys, a plain answer. */
static bytes end_channel(struct hsm *h, status st)
{
    secure_channel_end(h);
    return refuse(h, st);
}

/* The whole reply becomes one protected response, whatever Ne was inside; the Ne outside cuts that. */
static status protect_reply(struct hsm *h, struct sm_channel *keys, uint16_t sw)
{
    struct chain *c = &h->chain;
    c->reply.cap = HSM_REPLY_MAX - sizeof c->under_status;
    return sm_seal_response(&h->crypto, keys, &c->reply, sw);
}

/* `keys`: those the command came in under. The response leaves under the same, even when the command ended them. */
static bytes run_protected(struct hsm *h, const struct apdu *outer, struct sm_channel *keys)
{
    struct chain *c = &h->chain;
    struct apdu a;
    span room = {c->data + c->size, sizeof c->data - c->size};
    status st = sm_open_command(&h->crypto, keys, outer, room, &a);
    if (st != ST_OK && st != ST_BAD_LENGTH) return end_channel(h, st);
    uint16_t sw = st == ST_OK ? run_or_join(h, &a) : refuse_link(h, st);
    wipe((span){c->data + c->size, sizeof c->data - c->size}); /* of a chain that goes on, only what is no part of it */
    st = protect_reply(h, keys, sw);
    if (st != ST_OK) {
        session_revoke(h); /* nobody stays logged in by a command that ends with an error */
        session_settle(h);
        return end_channel(h, st);
    }
    if (!h->channel.changed) h->channel.keys = *keys;
    return answer(c, outer->ne, status_word(ST_OK));
}

static bytes run_secured(struct hsm *h, const struct apdu *outer)
{
    struct sm_channel keys = h->channel.keys;
    h->secured = true;
    h->channel.changed = false;
    bytes out = run_protected(h, outer, &keys);
    h->secured = false;
    wipe((span){(uint8_t *)&keys, sizeof keys});
    return out;
}

bytes chain_run(struct hsm *h, bytes raw)
{
    struct apdu a;
    struct chain *c = &h->chain;
    status st = apdu_parse(raw, &a);
    if (st == ST_OK) st = class_status(h, &a);
    if (st != ST_OK) return refuse(h, st);
    if (a.ins == INS_GET_RESPONSE && !c->open && !(a.cla & (CLA_CHAINING | CLA_SECURED))) return get_response(h, &a);
    drop_reply(c);
    if (is_secured(&a)) return run_secured(h, &a);
    uint16_t sw = run_or_join(h, &a);
    return answer(c, a.ne, sw);
}

void chain_reset(struct hsm *h)
{
    drop_chain(&h->chain);
    drop_reply(&h->chain);
}
