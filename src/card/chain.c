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

static bytes answer(struct hsm *h, status st, uint32_t ne)
{
    struct chain *c = &h->chain;
    if (st == ST_OK && c->reply.full) st = ST_BAD_LENGTH;
    if ((st != ST_OK && st != ST_PUK_AUTHENTICATED) || ne == 0) { /* DP-8: no Le, no data, still done */
        drop_reply(c);
        return bare(c, word_of(h, st));
    }
    return send_part(c, ne, word_of(h, st));
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

static status class_status(uint8_t cla)
{
    uint8_t rest = cla & (uint8_t) ~(CLA_PROPRIETARY | CLA_CHAINING);
    if (rest == CLA_SECURED) return ST_DATA_NOT_USABLE; /* no session keys: apdu.md 4.6 */
    return rest == 0 ? ST_OK : ST_NO_CLASS;
}

static bool same_header(const struct chain *c, const struct apdu *a)
{
    return c->cla == (a->cla & ~CLA_CHAINING) && c->ins == a->ins && c->p1 == a->p1 && c->p2 == a->p2;
}

static void start_chain(struct chain *c, const struct apdu *a)
{
    c->open = true;
    c->size = 0;
    c->cla = (uint8_t)(a->cla & ~CLA_CHAINING);
    c->ins = a->ins;
    c->p1 = a->p1;
    c->p2 = a->p2;
}

static status join(struct chain *c, const struct apdu *a)
{
    if (!c->open) start_chain(c, a);
    if (!same_header(c, a)) return ST_CHAIN_BROKEN;
    if (a->data.n > sizeof c->data - c->size) return ST_BAD_LENGTH;
    if (a->data.n) memcpy(c->data + c->size, a->data.p, a->data.n);
    c->size += a->data.n;
    return ST_OK;
}

static bytes run(struct hsm *h, const struct apdu *a)
{
    const char *name;
    const struct hsm_board *board = h->board;
    board->led->show(board->led->ctx, LED_PROCESSING);
    h->led_after = LED_IDLE;
    status st = dispatch(h, a, &h->chain.reply, &name);
    board->led->show(board->led->ctx, h->led_after);
    size_t size = h->chain.reply.n;
    bytes out = answer(h, st, a->ne);
    if (board->trace)
        board->trace(board->trace_ctx, name, a->data.n, size, (uint16_t)be_get(bytes_after(out, out.n - 2)));
    return out;
}

static bytes refuse(struct hsm *h, status st)
{
    chain_reset(h);
    return bare(&h->chain, status_word(st));
}

/* One link of a chain, the last one included. */
static bytes run_link(struct hsm *h, struct apdu *a)
{
    struct chain *c = &h->chain;
    status st = join(c, a);
    if (st != ST_OK) return refuse(h, st);
    if (a->cla & CLA_CHAINING) return bare(c, status_word(ST_OK));
    a->data = (bytes){c->data, c->size};
    bytes out = run(h, a);
    drop_chain(c);
    return out;
}

bytes chain_run(struct hsm *h, bytes raw)
{
    struct apdu a;
    struct chain *c = &h->chain;
    status st = apdu_parse(raw, &a);
    if (st == ST_OK) st = class_status(a.cla);
    if (st == ST_OK && a.data.n > HSM_DATA_MAX) st = ST_BAD_LENGTH;
    if (st != ST_OK) return refuse(h, st);
    if (a.ins == INS_GET_RESPONSE && !c->open && !(a.cla & CLA_CHAINING)) return get_response(h, &a);
    drop_reply(c);
    if (a.ins == INS_SELECT && a.p1 == SELECT_P1_AID && !(a.cla & CLA_CHAINING)) drop_chain(c);
    if (c->open || (a.cla & CLA_CHAINING)) return run_link(h, &a);
    return run(h, &a);
}

void chain_reset(struct hsm *h)
{
    drop_chain(&h->chain);
    drop_reply(&h->chain);
}
