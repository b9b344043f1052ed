/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, closing and resetting a card. */
#include "card/hsm.h"

#include "card/chain.h"
#include "card/device.h"

static status no_program(void *ctx, uint32_t at, bytes from)
{
    return ST_FLASH;
}

static status no_erase(void *ctx, uint32_t sector)
{
    return ST_FLASH;
}

static status open_store(struct hsm *h, const struct nor *nor)
{
    return store_open(&h->store, nor, h->board->slots, h->board->slot_cap);
}

static status open_vault(struct hsm *h)
{
    const struct hsm_board *b = h->board;
    return vault_open(&h->vault, &h->crypto, &h->store, b->device_secret, b->progress);
}

/* A first look that cannot write: opening a store settles what a power cut may have left, and an image that will be
 * refused must stay as it is. ST_NOT_FOUND: nothing is there yet. */
static status look(struct hsm *h)
{
    struct nor reading = *h->board->nor;
    reading.program = no_program;
    reading.erase = no_erase;
    TRY(open_store(h, &reading));
    TRY(open_vault(h));
    TRY(settings_load(&h->vault, &h->settings));
    return pin_cost_check(h, h->board->profile.pin_rounds_max);
}

/* A blank flash becomes a store; anything else that is no store is left alone. */
static status give_birth(struct hsm *h)
{
    const struct nor *nor = h->board->nor;
    status st = open_store(h, nor);
    if (st == ST_NOT_FOUND) {
        TRY(store_format(nor));
        st = open_store(h, nor);
    }
    TRY(st);
    st = open_vault(h);
    return st == ST_NOT_FOUND ? device_birth(h) : st;
}

/* The vault stays as `look` left it: settling changes where values lie, not what they are. */
static status open_card(struct hsm *h)
{
    TRY(crypto_open(&h->crypto, h->board->crypto_pool, h->board->entropy));
    status st = look(h);
    if (st == ST_NOT_FOUND) return give_birth(h);
    TRY(st);
    TRY(open_store(h, h->board->nor));
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
