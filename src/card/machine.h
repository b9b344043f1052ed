/* SPDX-License-Identifier: Apache-2.0 */
/* The machine beneath the card: what the rescue applet (apdu.md 3.29) and EXTRAS (3.26) both tell and change.
 *
 * The hardware description (PHY) is a value of its own, sealed at device level: it survives INITIALIZE and is no object
 * in the sense of EF 2F1F. What is written is in force from the next start on. */
#ifndef CARD_MACHINE_H
#define CARD_MACHINE_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/phy.h"

struct hsm;

/* The stored description; defaults when none was ever written. ST_OK, or what vault_get says. */
MUST_CHECK status machine_phy_load(struct hsm *h, struct phy *phy);
/* Replaces the stored description. */
MUST_CHECK status machine_phy_store(struct hsm *h, const struct phy *phy);

#endif
