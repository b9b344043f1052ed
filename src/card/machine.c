/* SPDX-License-Identifier: Apache-2.0 */
/* PHY, clock, memory and restart. */
#include "card/machine.h"

#include "card/hsm.h"
#include "card/objects.h"

/* ---- hardware description ---- */

status machine_phy_load(struct hsm *h, struct phy *phy)
{
    uint8_t records[PHY_SIZE_MAX];
    size_t size;
    phy_read(NO_BYTES, phy);
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
