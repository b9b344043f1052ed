/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, closing and resetting a card. */
#include "card/hsm.h"

#include "card/chain.h"
#include "card/device.h"

/* A blank flash becomes a store; anything else that is no store is left alone. */
static status open_store(struct hsm *h)
{
    const struct hsm_board *b = h->board;
    status st = store_open(&h->store, b->nor, b->slots, b->slot_cap);
    if (st != ST_NOT_FOUND) return st;
    TRY(store_format(b->nor));
    return store_open(&h->store, b->nor, b->slots, b->slot_cap);
}

static status open_vault(struct hsm *h)
{
    const struct hsm_board *b = h->board;
    status st = vault_open(&h->vault, &h->crypto, &h->store, b->device_secret, b->progress);
    return st == ST_NOT_FOUND ? device_birth(h) : st;
}

static status open_card(struct hsm *h)
{
    TRY(crypto_open(&h->crypto, h->board->crypto_pool, h->board->entropy));
    TRY(open_store(h));
    TRY(open_vault(h));
    TRY(settings_load(&h->vault, &h->settings));
    TRY(pin_cost_check(h, h->board->profile.pin_rounds_max));
    return device_wipe_finish(h);
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
