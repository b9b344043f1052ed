/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, closing and resetting a card. */
#include "card/hsm.h"

#include "card/chain.h"
#include "card/device.h"
#include "card/machine.h"

#define LOOKS 8u /* at a flash that seems damaged */

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
    TRY(machine_phy_load(h, &h->phy));
    return pin_cost_check(h, b->profile.pin_rounds_max);
}

/* A record that a power cut has left marginal may read otherwise the next time: a flash is refused when several looks
 * find nothing good. */
static status look(struct hsm *h)
{
    status st = ST_FLASH;
    for (unsigned i = 0; i < LOOKS && (st == ST_FLASH || st == ST_BAD_DATA); i++) {
        TRY(inspect(h));
        st = judge(h);
    }
    return st;
}

static status open_card(struct hsm *h)
{
    TRY(crypto_open(&h->crypto, h->board->crypto_pool, h->board->entropy));
    status st = look(h);
    if (st != ST_OK && st != ST_NOT_FOUND) return st; /* refused, and untouched */
    store_settle(&h->store);
    st = judge(h); /* settling decides about marginal records, not always as the look did */
    if (st == ST_NOT_FOUND) return device_birth(h);
    TRY(st);
    return device_wipe_finish(h);
}

static void begin(struct hsm *h, const struct hsm_board *board)
{
    memset(h, 0, sizeof *h);
    h->board = board;
    chain_reset(h);
    phy_read(NO_BYTES, &h->phy);
}

status hsm_open(struct hsm *h, const struct hsm_board *board)
{
    begin(h, board);
    status st = open_card(h);
    if (st != ST_OK) {
        hsm_close(h);
        phy_read(NO_BYTES, &h->phy);
    } else {
        hsm_reset(h);
    }
    return st;
}

void hsm_open_rescue(struct hsm *h, const struct hsm_board *board)
{
    begin(h, board);
    h->rescue_only = true;
    hsm_reset(h);
}

const struct phy *hsm_phy(const struct hsm *h)
{
    return &h->phy;
}

void hsm_close(struct hsm *h)
{
    hsm_reset(h);
    vault_close(&h->vault);
    if (!h->rescue_only) crypto_close(&h->crypto);
}

void hsm_reset(struct hsm *h)
{
    session_end(h);
    session_pin_wipe(h);
    secure_channel_end(h);
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
