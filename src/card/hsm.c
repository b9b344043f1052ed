/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, closing and resetting a card. */
#include "card/hsm.h"

#include "card/chain.h"
#include "card/device.h"

/* A blank flash becomes a store; anything else that is no store is left alone. */
static status inspect(struct hsm *h)
{
    const struct hsm_board *b = h->board;
    status st = store_inspect(&h->store, b->nor, b->slots, b->slot_cap);
    if (st != ST_NOT_FOUND) return st;
    TRY(store_format(b->nor));
    return store_inspect(&h->store, b->nor, b->slots, b->slot_cap);
}

/* Judges what the flash holds without writing to it. ST_NOT_FOUND: nothing yet. */
static status judge(struct hsm *h)
{
    const struct hsm_board *b = h->board;
    TRY(vault_open(&h->vault, &h->crypto, &h->store, b->device_secret, b->progress));
    TRY(settings_load(&h->vault, &h->settings));
    return pin_cost_check(h, b->profile.pin_rounds_max);
}

static status open_card(struct hsm *h)
{
    TRY(crypto_open(&h->crypto, h->board->crypto_pool, h->board->entropy));
    TRY(inspect(h));
    status st = judge(h);
    if (st != ST_OK && st != ST_NOT_FOUND) return st; /* refused, and untouched */
    store_settle(&h->store);
    return st == ST_OK ? device_wipe_finish(h) : device_birth(h);
}

status hsm_open(struct hsm *h, const struct hsm_board *board)
{
    memset(h, 0, sizeof *h);
    h->board = board;
    chain_reset(h);
    status st = open_card(h);
    if (st != ST_OK) hsm_close(h);
    else hsm_reset(h);
    return st;
}

void hsm_close(struct hsm *h)
{
    hsm_reset(h);
    vault_close(&h->vault);
    crypto_close(&h->crypto);
}

void hsm_reset(struct hsm *h)
{
    session_end(h);
    session_pin_wipe(h);
    chain_reset(h);
    h->applet = APPLET_NONE;
}

bytes hsm_command(struct hsm *h, enum hsm_link link, bytes raw)
{
    h->link = link;
    return chain_run(h, raw);
}

bytes hsm_atr(void)
{
    return schsm_atr();
}
