/* SPDX-License-Identifier: Apache-2.0 */
/* PHY, clock, memory and restart. */
#include "card/machine.h"

#include "card/hsm.h"
#include "card/objects.h"

/* ---- the human ---- */

bool machine_confirm(struct hsm *h, const char *what)
{
    const struct presence *presence = h->board->presence;
    const struct led *led = h->board->led;
    bool told = phy_has(&h->phy, PHY_PRESENCE_TIMEOUT);
    uint32_t timeout_ms = told ? 1000u * h->phy.presence_s : h->board->profile.presence_ms;
    if (timeout_ms == 0) return true;
    led->show(led->ctx, LED_WAITING_FOR_BUTTON);
    bool confirmed = presence->confirm(presence->ctx, what, timeout_ms);
    led->show(led->ctx, LED_PROCESSING);
    return confirmed;
}

/* ---- hardware description ---- */

status machine_phy_load(struct hsm *h, struct phy *phy)
{
    uint8_t records[PHY_SIZE_MAX];
    size_t size;
    phy_read(NO_BYTES, phy);
    if (h->rescue_only) return ST_OK;
    status st = vault_get(&h->vault, OBJECT_PHY, VAULT_DEVICE, NO_BYTES, SPAN(records), &size);
    if (st == ST_NOT_FOUND) return ST_OK;
    TRY(st);
    phy_read((bytes){records, size}, phy);
    return ST_OK;
}

status machine_phy_store(struct hsm *h, const struct phy *phy)
{
    uint8_t records[PHY_SIZE_MAX];
    buf b = BUF(records);
    phy_put(phy, &b);
    TRY(vault_begin(&h->vault));
    TRY(vault_put(&h->vault, OBJECT_PHY, VAULT_DEVICE, NO_BYTES, written(&b), 0));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

status machine_phy_put(struct hsm *h, buf *reply)
{
    struct phy phy;
    TRY(machine_phy_load(h, &phy));
    phy.present |= 1u << PHY_OPTIONS;
    phy_put(&phy, reply);
    return ST_OK;
}

bool machine_offers_curve(const struct hsm *h, enum crypto_curve curve)
{
    static const uint16_t bits[CRYPTO_CURVE_COUNT] = {
        [CRYPTO_SECP256R1] = PHY_CURVE_P256,      [CRYPTO_SECP384R1] = PHY_CURVE_P384,
        [CRYPTO_SECP521R1] = PHY_CURVE_P521,      [CRYPTO_BP256R1] = PHY_CURVE_BP256,
        [CRYPTO_BP384R1] = PHY_CURVE_BP384,       [CRYPTO_BP512R1] = PHY_CURVE_BP512,
        [CRYPTO_SECP256K1] = PHY_CURVE_SECP256K1,
    };
    return bits[curve] == 0 || (h->phy.curves & bits[curve]);
}

bool machine_offers_okp(const struct hsm *h, enum crypto_okp okp)
{
    static const uint16_t bits[CRYPTO_OKP_COUNT] = {
        [CRYPTO_X25519] = PHY_CURVE_X25519,
        [CRYPTO_X448] = PHY_CURVE_X448,
        [CRYPTO_ED25519] = PHY_CURVE_ED25519,
        [CRYPTO_ED448] = PHY_CURVE_ED448,
    };
    return h->phy.curves & bits[okp];
}

/* ---- clock and memory ---- */

status machine_date(struct hsm *h, uint32_t *unix_seconds)
{
    const struct clock *clock = h->board->clock;
    uint64_t now;
    if (!clock->date) return ST_CONDITIONS;
    TRY(clock->date(clock->ctx, &now));
    if (now > UINT32_MAX) return ST_CONDITIONS;
    *unix_seconds = (uint32_t)now;
    return ST_OK;
}

bool machine_has_settable_date(const struct hsm *h)
{
    return h->board->clock->set_date != NULL;
}

status machine_date_set(struct hsm *h, uint32_t unix_seconds)
{
    const struct clock *clock = h->board->clock;
    if (!clock->set_date) return ST_EXECUTION;
    return clock->set_date(clock->ctx, unix_seconds);
}

void machine_put_memory(struct hsm *h, buf *reply)
{
    const struct nor *nor = h->board->nor;
    const struct platform *platform = h->board->platform;
    uint32_t region = nor->sector_size * nor->sector_count;
    struct store_space space = {.total_bytes = region};
    if (!h->rescue_only) space = store_space(&h->store);
    put_u32(reply, space.free_bytes);
    put_u32(reply, space.used_bytes);
    put_u32(reply, space.total_bytes);
    put_u32(reply, space.values);
    put_u32(reply, platform && platform->flash_size ? platform->flash_size : region);
}

/* ---- restart ---- */

bool machine_can_restart(const struct hsm *h)
{
    return h->board->platform && h->board->platform->restart;
}

void machine_restart(struct hsm *h, enum platform_restart how)
{
    const struct platform *platform = h->board->platform;
    platform->restart(platform->ctx, how);
}
